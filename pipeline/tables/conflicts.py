"""Where two sources give different values for the same thing: both are kept, one fills the table.

`data/processed/conflicts.csv` lists every such pair, with the sentence of the rule that chose.
Values of the press and of project pages never fill a table of official figures; they stay in
`published_facts` and are compared here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pandas as pd

from pipeline.errors import RawDataError
from pipeline.keys import area_key
from pipeline.provenance import SourceRecord
from pipeline.sources.csvfile import ROW
from pipeline.tables.corrections import Applied
from pipeline.tables.harmonise import KEY
from pipeline.tables.records import status_date

RULE_ORIGINAL = "The publisher's own file goes before a figure copied from it."
RULE_NEWER = "Of two official sources the one with the newer figures is used."
RULE_BORDERS = (
    "Of two official sources for the same day the one with the newer territorial status is used; "
    "a municipality may have grown by a merger in between."
)
RULE_NAME = "Of two official sources of equal standing the one whose id comes first is used."
RULE_OFFICIAL = (
    "The official series fills the table; a value of the press or a project page stays in "
    "published_facts."
)
RULE_BASIS = (
    "The two values rest on different censuses and are never joined; the official series of that "
    "day fills the table."
)
RULE_UNDECIDED = (
    "No official value of that day is at hand: none of the two fills a table, both stay in "
    "published_facts."
)
RULE_CORRECTED = "A known error of the source, corrected by corrections.yaml: "

#: Columns of conflicts.csv.
COLUMNS = (
    *KEY, "used_value", "used_status", "used_source", "other_value", "other_status", "other_source",
    "difference", "rule",
)  # fmt: skip

#: Indicators of published_facts that count inhabitants → (measure, sex).
_FACTS: Mapping[str, tuple[str, str]] = {
    "population_total": ("population", "total"),
    "population_total_register": ("population", "total"),
    "population_total_registers": ("population", "total"),
    "population_total_register_or_unknown": ("population", "total"),
    "population_total_census2022_base": ("population", "total"),
    "population_male": ("population", "male"),
    "population_female": ("population", "female"),
    "population_census": ("population_census", "total"),
    "population_census_as_printed_INCONSISTENT": ("population_census", "total"),
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_KEY_OF_FACT = re.compile(r"\d{2}|\d{5}|\d{8}")
_BASIS_IN_TEXT = re.compile(r"Zensus[ -](2011|2022)|census(2011|2022)")
#: A second value that stands in the note of a fact: "the same page's table prints 124,856".
_VALUE_IN_NOTE = re.compile(r"\d{1,3}(?:,\d{3})+")


def precedence(records: Iterable[SourceRecord], originals: Iterable[str]) -> list[str]:
    """source_ids by precedence: originals, newer figures, newer borders, name.

    Parameters
    ----------
    records : all sources.
    originals : ids of those that were read from the publisher's own file.
    """
    own = set(originals)
    ordered = sorted(records, key=lambda record: record.id)
    ordered.sort(key=lambda record: (_last(record), status_date(record)), reverse=True)
    ordered.sort(key=lambda record: record.id not in own)
    return [record.id for record in ordered]


def _last(record: SourceRecord) -> str:
    return record.period.rpartition("/")[2]


def rule_between(used: SourceRecord, other: SourceRecord, originals: Iterable[str]) -> str:
    """The sentence that says why `used` goes before `other`."""
    own = set(originals)
    if (used.id in own) != (other.id in own):
        return RULE_ORIGINAL
    if _last(used) != _last(other):
        return RULE_NEWER
    return RULE_BORDERS if status_date(used) != status_date(other) else RULE_NAME


def merge_sources(frame: pd.DataFrame, rank: dict[str, int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row a key: the source of the lowest rank wins, and what differs is listed.

    Parameters
    ----------
    frame : harmonised observations of all files.
    rank : source_id → precedence.

    Returns
    -------
    The rows that the tables keep, and the conflicts: every row of a key with two different values
    or signs, with `is_used`.
    """
    ordered = frame.assign(_rank=frame["source_id"].astype("str").map(rank)).sort_values(
        "_rank", kind="stable"
    )
    used = ~ordered.duplicated(KEY)
    # only keys with several rows can differ, and they are few beside whole-Germany tables
    several = ordered.loc[ordered.duplicated(KEY, keep=False)]
    groups = several.groupby(KEY, dropna=False, sort=False, observed=True).ngroup()
    contents = several[["obs_value", "obs_status"]].astype({"obs_status": "str"})
    differs = contents.groupby(groups, sort=False).transform("nunique", dropna=False).gt(1)
    rows = several.loc[differs.any(axis=1)]
    conflicts = (
        _plain(rows.assign(is_used=used.loc[rows.index]))
        .loc[:, [*KEY, "obs_value", "obs_status", "source_id", "is_used", "file", ROW]]
        .sort_values([*KEY, "is_used"], ignore_index=True)
    )
    return ordered.loc[used].sort_index().drop(columns="_rank"), conflicts


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    categories = [n for n in frame if isinstance(frame[n].dtype, pd.CategoricalDtype)]
    return frame.astype(dict.fromkeys(categories, "str"))


def source_conflicts(
    conflicts: pd.DataFrame, records: Mapping[str, SourceRecord], originals: Iterable[str]
) -> pd.DataFrame:
    """Pairs of values of official sources, from the rows that `merge_sources` lists."""
    own = set(originals)
    used = conflicts.loc[conflicts["is_used"], [*KEY, "obs_value", "obs_status", "source_id"]]
    other = conflicts.loc[~conflicts["is_used"], [*KEY, "obs_value", "obs_status", "source_id"]]
    pairs = other.merge(used, on=KEY, suffixes=("_other", "_used"), validate="many_to_one")
    # of three sources two may agree
    differs = ~(
        pairs["obs_value_other"].eq(pairs["obs_value_used"])
        & pairs["obs_status_other"].eq(pairs["obs_status_used"])
    )
    pairs = pairs.loc[differs]
    rules = [
        rule_between(records[used_id], records[other_id], own)
        for used_id, other_id in zip(pairs["source_id_used"], pairs["source_id_other"], strict=True)
    ]
    return _listed(
        pairs.rename(
            columns={
                "obs_value_used": "used_value",
                "obs_status_used": "used_status",
                "source_id_used": "used_source",
                "obs_value_other": "other_value",
                "obs_status_other": "other_status",
                "source_id_other": "other_source",
            }
        ).assign(rule=rules)
    )


def corrected_values(applied: Iterable[Applied]) -> pd.DataFrame:
    """Corrections as pairs: the right value that is used, the wrong one that the file has."""
    return _listed(
        pd.DataFrame(
            {
                "ref_area": made.correction.ref_area,
                "time_period": made.correction.time_period,
                "measure": made.correction.measure,
                "census_basis": made.census_basis,
                "sex": made.correction.sex,
                "age_from": made.correction.age_from,
                "age_to": made.correction.age_to,
                "used_value": made.correction.right,
                "used_source": made.correction.evidence,
                "other_value": made.correction.wrong,
                "other_source": made.source_id,
                "rule": RULE_CORRECTED + made.correction.reason,
            }
            for made in applied
        )
    )


def fact_conflicts(facts: pd.DataFrame, observed: pd.DataFrame) -> pd.DataFrame:
    """Published facts that differ from the official table, from each other, or rest on another
    census.

    Parameters
    ----------
    facts : table `published_facts`, values as printed.
    observed : merged observations; only totals over all ages are compared.
    """
    counted = _countable(facts)
    official = _plain(
        observed.loc[
            observed["measure"].isin(["population", "population_census"])
            & observed["age_from"].isna()
            & observed["age_to"].isna()
            & observed["ref_area"].isin(counted["ref_area"].unique())
        ]
    )[["ref_area", "time_period", "measure", "census_basis", "sex", "obs_value", "obs_status",
       "source_id"]]  # fmt: skip
    return pd.concat(
        [
            _same_day(counted, official),
            _census_year(counted, official),
            _among_facts(facts),
            _in_notes(counted, official),
        ],
        ignore_index=True,
    )


def _countable(facts: pd.DataFrame) -> pd.DataFrame:
    """Facts that count the inhabitants of one territory on one day."""
    rows = facts.loc[
        facts["indicator"].isin(list(_FACTS))
        & facts["fact_key"].str.fullmatch(_KEY_OF_FACT.pattern)
        & facts["year_or_date"].str.fullmatch(_DAY.pattern)
    ]
    text = rows["indicator"] + " " + rows["note"] + " " + rows["source_title"]
    basis = text.str.extract(_BASIS_IN_TEXT.pattern)
    return pd.DataFrame(
        {
            "ref_area": rows["fact_key"].map(area_key),
            "time_period": rows["year_or_date"],
            "measure": rows["indicator"].map(lambda name: _FACTS[name][0]),
            "sex": rows["indicator"].map(lambda name: _FACTS[name][1]),
            "fact_basis": basis[0].fillna(basis[1]).fillna(""),
            "other_value": [_number(value) for value in rows["value_text"]],
            "other_source": rows["source_title"],
            "note": rows["note"],
        }
    ).reset_index(drop=True)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise RawDataError(
            "a count of inhabitants in published_facts is no number",
            column="value",
            found=text,
            expected="digits without thousands separator",
            remedy="write the number, and words of the source into the note",
        ) from error


def _same_day(counted: pd.DataFrame, official: pd.DataFrame) -> pd.DataFrame:
    key = ["ref_area", "time_period", "measure", "sex"]
    both = counted.merge(official, on=key, how="inner", validate="many_to_many")
    both = both.loc[both["obs_value"].ne(both["other_value"])]
    is_other_basis = both["fact_basis"].ne("") & both["fact_basis"].ne(both["census_basis"])
    rules = is_other_basis.map({True: RULE_BASIS, False: RULE_OFFICIAL})
    return _listed(_against_official(both).assign(rule=rules))


def _census_year(counted: pd.DataFrame, official: pd.DataFrame) -> pd.DataFrame:
    """A census count beside the official series of the same year's end on the older basis."""
    census = counted.loc[counted["measure"].eq("population_census")]
    census = census.assign(time_period=census["time_period"].str[:4] + "-12-31")
    series = official.loc[official["measure"].eq("population")]
    both = census.drop(columns="measure").merge(
        series, on=["ref_area", "time_period", "sex"], how="inner", validate="many_to_many"
    )
    year = both["time_period"].str[:4]
    both = both.loc[both["census_basis"].lt(year) & both["obs_value"].ne(both["other_value"])]
    return _listed(_against_official(both).assign(rule=RULE_BASIS))


def _against_official(both: pd.DataFrame) -> pd.DataFrame:
    return both.rename(
        columns={"obs_value": "used_value", "obs_status": "used_status", "source_id": "used_source"}
    )


def _among_facts(facts: pd.DataFrame) -> pd.DataFrame:
    """Facts of one territory, indicator and date with different values."""
    key = ["fact_key", "fact_region", "indicator", "year_or_date", "unit_text"]
    first = facts.drop_duplicates(key)
    rest = facts.drop(index=first.index)
    pairs = rest.merge(first, on=key, suffixes=("", "_first"), validate="many_to_one")
    pairs = pairs.loc[pairs["value_text"].ne(pairs["value_text_first"])]
    return _listed(
        pd.DataFrame(
            {
                "ref_area": pairs["fact_key"],
                "time_period": pairs["year_or_date"],
                "measure": pairs["indicator"],
                "used_value": pd.to_numeric(pairs["value_text_first"], errors="coerce"),
                "used_source": pairs["source_title_first"],
                "other_value": pd.to_numeric(pairs["value_text"], errors="coerce"),
                "other_source": pairs["source_title"],
                "rule": RULE_UNDECIDED,
            }
        )
    )


def _in_notes(counted: pd.DataFrame, official: pd.DataFrame) -> pd.DataFrame:
    """A second value that the note of a fact calls a conflict, where no official one is at hand."""
    noted = counted.loc[counted["note"].str.contains("conflict", case=False)]
    noted = noted.assign(
        noted_value=noted["note"]
        .str.extract(f"({_VALUE_IN_NOTE.pattern})")[0]
        .str.replace(",", "")
        .astype("float64")
    )
    known = official.set_index(["ref_area", "time_period", "measure"]).index
    at_hand = noted.set_index(["ref_area", "time_period", "measure"]).index.isin(known)
    noted = noted.loc[~at_hand & noted["noted_value"].notna()]
    return _listed(
        noted.rename(columns={"other_value": "used_value", "other_source": "used_source"}).assign(
            other_value=noted["noted_value"],
            other_source=noted["other_source"] + " (note)",
            rule=RULE_UNDECIDED,
        )
    )


def _listed(pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs with the columns of conflicts.csv, empty where one does not apply."""
    numbers = {"age_from", "age_to", "used_value", "other_value", "difference"}
    listed = pairs.reindex(columns=list(COLUMNS))
    texts = {
        name: listed[name].astype("object").fillna("") for name in COLUMNS if name not in numbers
    }
    return listed.assign(
        **texts,
        age_from=listed["age_from"].astype("Int16"),
        age_to=listed["age_to"].astype("Int16"),
        used_value=listed["used_value"].astype("float64"),
        other_value=listed["other_value"].astype("float64"),
        difference=listed["other_value"].astype("float64") - listed["used_value"].astype("float64"),
    ).reset_index(drop=True)
