"""Care as it is published for Kreise: dependants of two definitions, kinds, places, staff.

Up to 2015 the statistic counts Pflegestufen, from 2017 on Pflegegrade. The two are never joined or
compared. Nothing here is known for a single municipality; places that a municipality or a Kreis
lists itself stand in the same table and are the matter of `care_places`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from pipeline.methods.evidence import evidence_of
from pipeline.methods.findings import Comparison, Finding
from pipeline.methods.observed import about, latest_finding, no_data
from pipeline.methods.population import age_structure, persons_between
from pipeline.regions import Place

#: First day on which the law counts Pflegegrade (Zweites Pflegestärkungsgesetz, 1 January 2017).
REFORM: Final = "2017-01-01"
BEFORE, SINCE = "nach Pflegestufen (bis 2015)", "nach Pflegegraden (ab 2017)"
DEPENDANTS: Final = "care_dependants"
PLACES: Final = "care_home_places_permanent"
#: Counted by the statistic on each of its days and by no list: tells the two apart.
HOMES: Final = "care_homes"
#: Age from which places are related to persons.
VERY_OLD: Final = 80
_KREIS: Final = 5  # digits of the key of a Kreis; larger areas have shorter ones

#: Kinds of benefit that add up to all dependants, with the label of a reader.
KINDS: Final[Mapping[str, str]] = {
    "care_residential": "vollstationär im Heim",
    "care_home_based_service": "zu Hause mit Pflegedienst",
    "care_allowance": "zu Hause, nur Pflegegeld",
}
#: Contained in the kinds above, never added to them.
DAY_CARE: Final = "care_day"
#: What else is published of the Kreis, on one day.
SUPPLY: Final[Mapping[str, str]] = {
    "care_homes": "Pflegeheime",
    "care_home_places": "Plätze in Pflegeheimen",
    "care_home_places_permanent": "darunter Plätze für Dauerpflege",
    "care_home_staff": "Beschäftigte in Pflegeheimen",
    "home_care_services": "ambulante Pflegedienste",
    "home_care_staff": "Beschäftigte in Pflegediensten",
}


def history(care: pd.DataFrame, key: str) -> pd.DataFrame:
    """Dependants of a Kreis on every published day, each with its definition.

    Returns
    -------
    `time_period`, `obs_value` (persons), `definition`, `source_id`, sorted by day.
    """
    rows = _total(care, key, [DEPENDANTS])
    definition = rows["time_period"].ge(REFORM).map({False: BEFORE, True: SINCE})
    return (
        rows.assign(definition=definition)[["time_period", "obs_value", "definition", "source_id"]]
        .sort_values("time_period")
        .reset_index(drop=True)
    )


def _total(care: pd.DataFrame, key: str, measures: Sequence[str]) -> pd.DataFrame:
    return care.loc[
        care["ref_area"].eq(key)
        & care["measure"].isin(list(measures))
        & care["sex"].eq("total")
        & care["obs_value"].notna()
    ]


def _statistic_days(care: pd.DataFrame, key: str) -> set[str]:
    """Days of the published statistic of homes; a list of places has days of its own."""
    return set(_total(care, key, [HOMES])["time_period"])


def _published_places(care: pd.DataFrame, key: str) -> pd.DataFrame:
    rows = _total(care, key, [PLACES])
    return rows.loc[rows["time_period"].isin(_statistic_days(care, key))]


def dependants_finding(care: pd.DataFrame, place: Place) -> Finding:
    """The latest published number of dependants, on the definition of its day."""
    rows = care.loc[care["measure"].eq(DEPENDANTS) & care["sex"].eq("total")]
    return latest_finding(
        rows, "care", place,
        id="care-dependants-published", topic="care", label="Pflegebedürftige", unit="persons",
    )  # fmt: skip


def kinds(care: pd.DataFrame, key: str) -> pd.DataFrame:
    """Kinds of benefit on the last day of the old definition and the latest of the new one.

    Returns
    -------
    One row a kind and day: `time_period`, `definition`, `measure`, `obs_value` (persons),
    `percent` of all dependants, `source_id`. Day care is contained in the other kinds.
    """
    rows = _total(care, key, [DEPENDANTS, *KINDS, DAY_CARE])
    is_new = rows["time_period"].ge(REFORM)
    days = {rows.loc[part, "time_period"].max() for part in (is_new, ~is_new)}
    rows = rows.loc[rows["time_period"].isin(days)]
    totals = rows.loc[rows["measure"].eq(DEPENDANTS)].set_index("time_period")["obs_value"]
    definition = rows["time_period"].ge(REFORM).map({False: BEFORE, True: SINCE})
    percent = 100.0 * rows["obs_value"] / rows["time_period"].map(totals)
    columns = ["time_period", "definition", "measure", "obs_value", "percent", "source_id"]
    return (
        rows.assign(definition=definition, percent=percent)[columns]
        .sort_values(["time_period", "measure"])
        .reset_index(drop=True)
    )


def outside_kinds(kinds: pd.DataFrame) -> pd.DataFrame:
    """Days on which the published kinds of benefit do not add up to all dependants.

    Parameters
    ----------
    kinds : as returned by `kinds`.

    Returns
    -------
    `time_period`, `total`, `parts` (their sum, without day care), `gap` (total less parts,
    persons), days with every kind only.
    """
    wide = kinds.pivot(index="time_period", columns="measure", values="obs_value")
    wide = wide.reindex(columns=[DEPENDANTS, *KINDS]).dropna()
    parts = wide[list(KINDS)].sum(axis=1)
    table = pd.DataFrame({"total": wide[DEPENDANTS], "parts": parts})
    table["gap"] = table["total"] - table["parts"]
    return table.loc[table["gap"].ne(0)].reset_index()


def supply(care: pd.DataFrame, key: str) -> pd.DataFrame:
    """Homes, places, services and staff of a Kreis on the latest day that has them.

    Returns
    -------
    `time_period`, `measure`, `obs_value`, `source_id`, in the order of `SUPPLY`.
    """
    rows = _total(care, key, list(SUPPLY))
    rows = rows.loc[rows["time_period"].isin(_statistic_days(care, key))]
    latest = rows.loc[rows["time_period"].eq(rows["time_period"].max())]
    order = {name: position for position, name in enumerate(SUPPLY)}
    return (
        latest.assign(position=latest["measure"].map(order))
        .sort_values("position")[["time_period", "measure", "obs_value", "source_id"]]
        .reset_index(drop=True)
    )


def places_day(care: pd.DataFrame, population: pd.DataFrame, key: str) -> str | None:
    """The latest day with both places and ages of a territory; None where there is none."""
    aged = population.loc[population["ref_area"].eq(key) & population["age_from"].ge(VERY_OLD)]
    days = set(_published_places(care, key)["time_period"]) & set(aged["time_period"])
    return max((str(day) for day in days), default=None)


def places_finding(
    care: pd.DataFrame, population: pd.DataFrame, place: Place, other: Place | None = None
) -> Finding:
    """Permanent places in care homes per 100 persons aged 80 and over, both of one day.

    Parameters
    ----------
    other : the Land, say; compared on the same day.
    """
    parts: dict[str, Any] = {
        "id": "care-places-per-100", "topic": "care", "unit": "per_100",
        "label": "Dauerpflegeplätze je 100 Menschen ab 80 Jahren", **about(place),
    }  # fmt: skip
    day = places_day(care, population, place.ref_area)
    if day is None:
        return no_data(
            "Plätze und Altersaufbau liegen für keinen gemeinsamen Stichtag vor.", **parts
        )
    value = _places_per_100(care, population, place.ref_area, day)
    beside = None if other is None else _places_per_100(care, population, other.ref_area, day)
    assert value is not None  # both are there on this day
    places = _published_places(care, place.ref_area)
    old = _very_old(population, place.ref_area, day)
    return Finding(
        **parts,
        value=value,
        time_period=day,
        kind="eigene Berechnung",
        comparison=None
        if other is None or beside is None
        else Comparison(beside, other.name, other.level, day, across_levels=True),
        evidence=(
            *evidence_of(places.loc[places["time_period"].eq(day)], "care"),
            *evidence_of(old, "population"),
        ),
    )


def places_table(
    care: pd.DataFrame, population: pd.DataFrame, keys: Sequence[str], day: str
) -> pd.DataFrame:
    """Permanent places per 100 persons aged 80 and over of several territories on one day.

    Parameters
    ----------
    keys : Kreise and larger areas; the statistic knows no municipality, so keys of one are left
        out (`care` may hold its own list of places).

    Returns
    -------
    `ref_area`, `places`, `persons`, `obs_value` (per 100), `source_id` (joined by a blank);
    territories without one of the two are left out.
    """
    rows = []
    for key in (key for key in keys if len(key) <= _KREIS):
        places, persons = _places_and_persons(care, population, key, day)
        if places is not None and persons:
            sources = [
                *_published_places(care, key)["source_id"],
                *_very_old(population, key, day)["source_id"],
            ]
            joined = " ".join(sorted(set(sources)))
            rows.append((key, places, persons, 100.0 * places / persons, joined))
    return pd.DataFrame(rows, columns=["ref_area", "places", "persons", "obs_value", "source_id"])


def _very_old(population: pd.DataFrame, key: str, day: str) -> pd.DataFrame:
    return population.loc[
        population["ref_area"].eq(key)
        & population["time_period"].eq(day)
        & population["sex"].eq("total")
        & population["age_from"].ge(VERY_OLD)
    ]


def _places_per_100(
    care: pd.DataFrame, population: pd.DataFrame, key: str, day: str
) -> float | None:
    places, persons = _places_and_persons(care, population, key, day)
    return None if places is None or not persons else 100.0 * places / persons


def _places_and_persons(
    care: pd.DataFrame, population: pd.DataFrame, key: str, day: str
) -> tuple[float | None, float]:
    rows = _published_places(care, key)
    rows = rows.loc[rows["time_period"].eq(day)]
    structure = age_structure(population, [key], day)
    persons = 0.0 if structure.empty else persons_between(structure, VERY_OLD, None)
    return (None if rows.empty else float(rows["obs_value"].iloc[0])), persons
