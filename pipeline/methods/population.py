"""Population: observed totals by census basis, age structure, age ratios.

Counts of several municipalities are summed; ratios are computed from the summed counts, never
averaged. Figures of different census bases are kept apart: a change is only computed within one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipeline.errors import MethodInputError
from pipeline.methods.evidence import evidence_of
from pipeline.methods.findings import Finding
from pipeline.methods.observed import about, no_data
from pipeline.regions import Place

#: Age limits of the ratios (Statistische Ämter des Bundes und der Länder, Regionalatlas AI-N-04:
#: youth under 20, old age 65 and over, both per 100 aged 20 to 64).
YOUTH_END = 20
RETIREMENT_AGE = 65

_AGE = ["age_from", "age_to"]


def observed_totals(population: pd.DataFrame, areas: Sequence[str]) -> pd.DataFrame:
    """Observed population of a territory or group of territories, both sexes, all ages.

    Parameters
    ----------
    population : columns `ref_area, time_period, measure, census_basis, sex, age_from, age_to,
        obs_value` (persons).
    areas : keys of the territories that are summed.

    Returns
    -------
    One row a day and census basis for which *every* territory has a value: `time_period`,
    `census_basis`, `measure`, `obs_value` (persons), `source_id` (all sources of the sum, joined
    by a blank), sorted by day and basis.
    """
    rows = population.loc[
        population["ref_area"].isin(list(areas))
        & population["sex"].eq("total")
        & population[_AGE].isna().all(axis=1)
        & population["obs_value"].notna()
    ]
    sums = rows.groupby(["time_period", "census_basis", "measure"], as_index=False).agg(
        obs_value=("obs_value", "sum"),
        n=("ref_area", "nunique"),
        source_id=("source_id", _joined),
    )
    whole = sums.loc[sums["n"].eq(len(set(areas)))].drop(columns="n")
    return whole.sort_values(["time_period", "census_basis"], ignore_index=True)


def _joined(values: pd.Series) -> str:
    return " ".join(sorted(set(values)))


def segments(totals: pd.DataFrame) -> pd.DataFrame:
    """Number the unbroken runs of years within one census basis.

    Parameters
    ----------
    totals : as returned by `observed_totals`.

    Returns
    -------
    Updated figures (no census counts) with the column `segment` (0, 1 …). Between two segments
    lies a change of the census basis or a missing year, so nothing may be joined or compared.
    """
    updated = totals.loc[totals["measure"].eq("population")].sort_values(
        ["census_basis", "time_period"], ignore_index=True
    )
    years = updated["time_period"].str[:4].astype("int64")
    is_new = updated["census_basis"].ne(updated["census_basis"].shift()) | years.diff().ne(1)
    return updated.assign(segment=is_new.cumsum() - 1)


def change_within_segments(totals: pd.DataFrame) -> pd.DataFrame:
    """Change from the first to the last day of each unbroken run of years.

    Returns
    -------
    One row a segment of at least two years: `census_basis`, `first_period`, `last_period`,
    `first_value`, `last_value` (persons), `change_percent`.
    """
    spans = (
        segments(totals)
        .groupby(["segment", "census_basis"], as_index=False)
        .agg(
            first_period=("time_period", "first"),
            last_period=("time_period", "last"),
            first_value=("obs_value", "first"),
            last_value=("obs_value", "last"),
        )
    )
    spans = spans.loc[spans["first_period"].ne(spans["last_period"])]
    change = (spans["last_value"] / spans["first_value"] - 1.0) * 100.0
    return spans.assign(change_percent=change).drop(columns="segment").reset_index(drop=True)


def age_structure(population: pd.DataFrame, areas: Sequence[str], time_period: str) -> pd.DataFrame:
    """Population by sex and age group on one day, summed over territories.

    Returns
    -------
    One row a sex and age group: `sex`, `age_from`, `age_to` (missing: open), `obs_value`
    (persons), `source_id`; empty where a territory has no age groups on that day. Where several
    partitions of the ages are known (single ages and groups), the finest one that holds for *all*
    territories.

    Raises
    ------
    MethodInputError : age groups that overlap or leave a gap.
    """
    rows = population.loc[
        population["ref_area"].isin(list(areas))
        & population["time_period"].eq(time_period)
        & population["measure"].eq("population")
        & ~population[_AGE].isna().all(axis=1)
    ]
    sums = rows.groupby(["sex", *_AGE], dropna=False, as_index=False).agg(
        obs_value=("obs_value", "sum"),
        n=("ref_area", "nunique"),
        source_id=("source_id", _joined),
    )
    common = sums.loc[sums["n"].eq(len(set(areas)))].drop(columns="n")
    parts = [_finest_partition(group) for _, group in common.groupby("sex", sort=True)]
    return pd.concat(parts, ignore_index=True) if parts else common.reset_index(drop=True)


def _finest_partition(groups: pd.DataFrame) -> pd.DataFrame:
    """The partition of all ages with the most groups, out of groups that may overlap."""
    ordered = groups.assign(start=groups["age_from"].fillna(0)).sort_values(["start", "age_to"])
    # age → the longest chain of adjoining groups that covers all younger ages
    chains: dict[int, list[object]] = {0: []}
    finished: list[object] = []
    for index, start, end in ordered[["start", "age_to"]].itertuples(name=None):
        if int(start) not in chains:
            continue
        longer = [*chains[int(start)], index]
        if pd.isna(end):
            finished = max(finished, longer, key=len)
        elif len(longer) > len(chains.get(int(end) + 1, [])):
            chains[int(end) + 1] = longer
    if not finished:
        raise MethodInputError(
            "the age groups are no partition of all ages",
            found=", ".join(f"{a}–{b}" for a, b in ordered[_AGE].itertuples(index=False)),
            expected="groups from age 0 to an open last one, without gap or overlap",
            remedy="compare the groups with the publisher's table",
        )
    return groups.loc[finished, ["sex", *_AGE, "obs_value", "source_id"]].reset_index(drop=True)


def latest_age_structure(population: pd.DataFrame, place: Place, sex: str = "total") -> str:
    """The latest day with age groups (of `sex`) for every territory of a place; the latest day of
    all where there is none, so that what depends on it says "keine Daten"."""
    ages = population.loc[
        population["ref_area"].isin(place.areas)
        & population["measure"].eq("population")
        & population["sex"].eq(sex)
        & ~population[_AGE].isna().all(axis=1)
    ]
    covered = ages.groupby("time_period")["ref_area"].nunique().eq(len(place.areas))
    days = list(covered.index[covered]) or list(population["time_period"])
    return max(str(day) for day in days)


def regroup(structure: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """The finer of two age structures in the groups of the coarser one.

    Parameters
    ----------
    structure : as returned by `age_structure`.
    like : an age structure with groups that `structure` can be summed to.

    Raises
    ------
    MethodInputError : groups of `structure` that do not fit into those of `like`.
    """
    if like.empty or structure.empty:
        return structure.iloc[:0]
    groups = like[_AGE].drop_duplicates().sort_values("age_from", ignore_index=True)
    starts = groups["age_from"].fillna(0).astype("int64")
    position = (
        starts.searchsorted(structure["age_from"].fillna(0).astype("int64"), side="right") - 1
    )
    inside = groups.iloc[position].reset_index(drop=True)
    ends = structure["age_to"].reset_index(drop=True)
    fits = ends.le(inside["age_to"]) | inside["age_to"].isna()
    if not fits.fillna(False).all():
        raise MethodInputError(
            "an age group lies in two groups of the other structure",
            found=str(ends.loc[~fits.fillna(False)].iloc[0]),
            expected="groups that can be summed",
            remedy="choose a day for which both have the same groups",
        )
    parts = structure.reset_index(drop=True).assign(**{name: inside[name] for name in _AGE})
    return parts.groupby(["sex", *_AGE], dropna=False, as_index=False).agg(
        obs_value=("obs_value", "sum"), source_id=("source_id", _joined)
    )


def persons_between(structure: pd.DataFrame, start: int, end: int | None) -> float:
    """Persons aged `start` to under `end` (None: no upper limit), both sexes.

    Parameters
    ----------
    structure : `sex`, `age_from`, `age_to`, `obs_value`, as returned by `age_structure`.

    Raises
    ------
    MethodInputError : a limit that cuts through an age group.
    """
    both = structure.loc[structure["sex"].eq("total")]
    if both.empty:
        both = structure.loc[structure["sex"].isin(["male", "female"])]
    low = both["age_from"].fillna(0)
    # an open group ends nowhere: 999 stands for "no upper limit" in the comparisons below
    high = both["age_to"].fillna(998) + 1
    limit = 999 if end is None else end
    inside = low.ge(start) & high.le(limit)
    cut = ~inside & low.lt(limit) & high.gt(start)
    if cut.any():
        first = both.loc[cut].iloc[0]
        raise MethodInputError(
            "an age limit cuts through a published age group",
            found=f"{first['age_from']}–{first['age_to']}",
            expected=f"groups that end at {start} and {end}",
            remedy="choose limits that the publisher's groups allow",
        )
    return float(both.loc[inside, "obs_value"].sum())


def age_ratios(structure: pd.DataFrame) -> dict[str, float]:
    """Youth ratio, old-age ratio and share of the very old.

    Definitions as in Regionalatlas AI-N-04: `youth_ratio` = under 20 per 100 aged 20 to 64,
    `old_age_ratio` = 65 and over per 100 aged 20 to 64; `share_75_plus` = 75 and over in percent
    of all.

    Raises
    ------
    MethodInputError : nobody aged 20 to 64.
    """
    working = persons_between(structure, YOUTH_END, RETIREMENT_AGE)
    everybody = persons_between(structure, 0, None)
    if working <= 0:
        raise MethodInputError(
            "nobody is aged 20 to 64, so no ratio exists", found=working, expected="at least one"
        )
    return {
        "youth_ratio": persons_between(structure, 0, YOUTH_END) / working * 100.0,
        "old_age_ratio": persons_between(structure, RETIREMENT_AGE, None) / working * 100.0,
        "share_75_plus": persons_between(structure, 75, None) / everybody * 100.0,
    }


def share_per_year_of_age(structure: pd.DataFrame, open_group_years: int) -> pd.DataFrame:
    """Age structure as a density, so that groups of different width can be drawn together.

    Parameters
    ----------
    structure : `sex` (male, female), `age_from`, `age_to`, `obs_value`.
    open_group_years : years over which the open last group is spread.

    Returns
    -------
    `structure` with `years` (width of the group) and `percent_per_year` (share of the whole
    population per year of age).
    """
    by_sex = structure.loc[structure["sex"].isin(["male", "female"])].copy()
    start = by_sex["age_from"].fillna(0).astype("float64")
    end = by_sex["age_to"].astype("float64").fillna(start + open_group_years - 1)
    by_sex["years"] = end - start + 1
    everybody = by_sex["obs_value"].sum()
    by_sex["percent_per_year"] = by_sex["obs_value"] / everybody / by_sex["years"] * 100.0
    return by_sex.reset_index(drop=True)


#: German labels and units of the ratios, in the order in which they are shown.
RATIO_LABELS = {
    "youth_ratio": ("Jugendquotient: unter 20 Jahre je 100 im Alter 20 bis 64", "per_100"),
    "old_age_ratio": ("Altenquotient: ab 65 Jahre je 100 im Alter 20 bis 64", "per_100"),
    "share_75_plus": ("Anteil ab 75 Jahre in Prozent", "percent"),
}


def total_finding(population: pd.DataFrame, place: Place) -> Finding:
    """The latest observed population of a place, as a finding.

    A single municipality's figure is published as it is; a group's is the sum of its members.
    """
    totals = observed_totals(population, place.areas)
    updated = totals.loc[totals["measure"].eq("population")]
    shared: dict[str, Any] = {
        "id": "population-total",
        "topic": "population",
        "label": "Einwohnerzahl",
        "unit": "persons",
        **about(place),
    }
    if updated.empty:
        return no_data("Für dieses Gebiet liegt keine Einwohnerzahl vor.", **shared)
    latest = updated.sort_values("time_period").iloc[-1]
    rows = population.loc[
        population["ref_area"].isin(place.areas)
        & population["time_period"].eq(latest["time_period"])
        & population["census_basis"].eq(latest["census_basis"])
        & population["measure"].eq("population")
        & population["sex"].eq("total")
        & population[_AGE].isna().all(axis=1)
    ]
    return Finding(
        **shared,
        value=float(latest["obs_value"]),
        time_period=str(latest["time_period"]),
        kind="eigene Berechnung" if len(place.areas) > 1 else "veröffentlichter Wert",
        evidence=evidence_of(rows, "population"),
    )


def ratio_findings(population: pd.DataFrame, place: Place, time_period: str) -> dict[str, Finding]:
    """All age ratios of a place on one day, as findings; keys as in `RATIO_LABELS`."""
    structure = age_structure(population, place.areas, time_period)
    parts = {
        ratio: {
            "id": ratio.replace("_", "-"), "topic": "population", "label": label, "unit": unit,
            "time_period": time_period, **about(place),
        }
        for ratio, (label, unit) in RATIO_LABELS.items()
    }  # fmt: skip
    if structure.empty:
        reason = "Der Altersaufbau liegt für diesen Tag hier nicht vor."
        return {ratio: no_data(reason, **given) for ratio, given in parts.items()}
    rows = population.loc[
        population["ref_area"].isin(place.areas)
        & population["time_period"].eq(time_period)
        & population["measure"].eq("population")
        & population["sex"].eq("total")
    ].merge(structure[_AGE].drop_duplicates(), on=_AGE, how="inner", validate="many_to_one")
    evidence = evidence_of(rows, "population")
    values = age_ratios(structure)
    return {
        ratio: Finding(**given, value=values[ratio], kind="eigene Berechnung", evidence=evidence)
        for ratio, given in parts.items()
    }


def ratio_finding(population: pd.DataFrame, place: Place, ratio: str, time_period: str) -> Finding:
    """One age ratio of a place on one day (`RATIO_LABELS`), as a finding."""
    return ratio_findings(population, place, time_period)[ratio]


def newer_ratio_finding(population: pd.DataFrame, place: Place, ratio: str, after: str) -> Finding:
    """An age ratio on the latest day with age groups, if that day is later than `after`."""
    latest = latest_age_structure(population, place)
    if latest > after:
        return ratio_finding(population, place, ratio, latest)
    label, unit = RATIO_LABELS[ratio]
    reason = f"Für {place.name} ist kein jüngerer Altersaufbau veröffentlicht."
    return no_data(
        reason, id=ratio.replace("_", "-"), topic="population", label=label, unit=unit,
        **about(place),
    )  # fmt: skip


def ratio_table(
    population: pd.DataFrame, places: Sequence[Place], time_period: str
) -> pd.DataFrame:
    """All age ratios of several places on one day.

    Returns
    -------
    One row a place and ratio that can be computed: `ref_area`, `name`, `level`, `ratio`,
    `obs_value`, `source_id`.
    """
    rows = [
        (
            place.ref_area, place.name, place.level, ratio, finding.value,
            " ".join(sorted({row.source_id for row in finding.evidence})),
        )
        for place in places
        for ratio, finding in ratio_findings(population, place, time_period).items()
        if finding.is_known
    ]  # fmt: skip
    columns = ["ref_area", "name", "level", "ratio", "obs_value", "source_id"]
    return pd.DataFrame(rows, columns=columns)
