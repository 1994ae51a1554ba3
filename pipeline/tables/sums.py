"""Do the parts add up? Ages to the total, men and women to all, municipalities to the Kreis."""

from __future__ import annotations

import pandas as pd

from pipeline.keys import level_of_key
from pipeline.tables.measures import MEASURES

#: Columns of the list of sums that do not add up.
COLUMNS = (
    "check", "table", "ref_area", "time_period", "measure", "sex", "age_from", "age_to",
    "published_total", "sum_of_parts", "difference", "source_id",
)  # fmt: skip
_ROW = ["ref_area", "time_period", "measure", "census_basis", "source_id"]
_AGE = ["age_from", "age_to"]
#: Counts; areas are measured to two decimals each, so that their sums differ by rounding.
_SUMMED = [name for name, m in MEASURES.items() if m.is_additive and name != "area"]


def check_sums(frame: pd.DataFrame, municipalities: pd.DataFrame) -> tuple[int, pd.DataFrame]:
    """Compare published totals with the sums of their parts.

    Parameters
    ----------
    frame : harmonised observations of all files.
    municipalities : columns `ref_area` (key in its shortest form) and `kreis`: all municipalities
        of each Kreis.

    Returns
    -------
    Number of sums compared, and those that do not add up (`COLUMNS`), with both numbers. A sum is
    compared only where every part is a plain value or a true zero.
    """
    counts = frame.loc[frame["measure"].isin(_SUMMED) & frame["obs_value"].notna()]
    results = [
        _sexes(counts),
        _ages(counts),
        _municipalities(counts, municipalities),
        _departments(counts),
    ]
    compared = pd.concat(results, ignore_index=True)
    compared["difference"] = compared["sum_of_parts"] - compared["published_total"]
    compared["table"] = compared["measure"].map(lambda name: MEASURES[name].table)
    broken = compared.loc[compared["difference"].ne(0), list(COLUMNS)]
    return len(compared), broken.sort_values(list(COLUMNS[:8]), ignore_index=True)


def _compare(check: str, totals: pd.DataFrame, parts: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Totals beside the sums of their parts, one row a key that both have."""
    sums = parts.groupby(key, dropna=False, observed=True)["obs_value"].sum().rename("sum_of_parts")
    both = totals.rename(columns={"obs_value": "published_total"}).merge(
        sums.reset_index(), on=key, how="inner", validate="one_to_one"
    )
    return both.assign(check=check)


def _sexes(counts: pd.DataFrame) -> pd.DataFrame:
    key = [*_ROW, *_AGE]
    parts = counts.loc[counts["sex"].isin(["male", "female"])]
    # a total has both parts or it is not compared
    whole = parts.groupby(key, dropna=False)["sex"].transform("nunique").eq(2)
    return _compare(
        "male + female = total", counts.loc[counts["sex"].eq("total")], parts.loc[whole], key
    )


def _ages(counts: pd.DataFrame) -> pd.DataFrame:
    key = [*_ROW, "sex"]
    is_total = counts["age_from"].isna() & counts["age_to"].isna()
    parts = counts.loc[~is_total]
    whole = parts.groupby(key, dropna=False)[["age_from", "age_to"]].transform("count")
    sizes = parts.groupby(key, dropna=False)["sex"].transform("size")
    # a partition of all ages has one group without upper bound and begins at 0 or has one
    # group without lower bound; anything else is a selection
    begins = parts["age_from"].fillna(0).groupby([parts[name] for name in key]).transform("min")
    is_partition = sizes.sub(whole["age_to"]).eq(1) & begins.eq(0)
    return _compare("ages = total", counts.loc[is_total], parts.loc[is_partition], key)


def _municipalities(counts: pd.DataFrame, municipalities: pd.DataFrame) -> pd.DataFrame:
    key = [*_ROW, "sex", *_AGE]
    members = municipalities.loc[municipalities["ref_area"].ne(municipalities["kreis"])]
    keys = pd.Series(counts["ref_area"].unique()).astype("str")
    parts = counts.loc[counts["ref_area"].isin(keys[keys.map(_is_municipality)])]
    is_member = parts["ref_area"].isin(members["ref_area"])
    kreis = parts["ref_area"].astype("str").str[:5]
    parts = parts.assign(ref_area=kreis, is_member=is_member)
    groups = parts.groupby(key, dropna=False, observed=True)
    expected = kreis.map(members["kreis"].value_counts())
    # at other borders a Kreis may have as many municipalities, but not the same: all are listed,
    # and all that are listed are there
    is_whole = groups["is_member"].transform("sum").eq(expected)
    is_whole &= groups["obs_value"].transform("size").eq(expected)
    return _compare(
        "municipalities = Kreis",
        counts.loc[counts["ref_area"].isin(members["kreis"])].astype({"ref_area": "str"}),
        parts.loc[is_whole],
        key,
    )


def _is_municipality(key: str) -> bool:
    return level_of_key(key) == "municipality"


def _departments(counts: pd.DataFrame) -> pd.DataFrame:
    key = [name for name in _ROW if name != "measure"]
    parts = counts.loc[counts["measure"].str.startswith("beds_")]
    totals = counts.loc[counts["measure"].eq("hospital_beds")]
    return _compare("departments = beds", totals, parts, key)
