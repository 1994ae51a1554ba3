"""Hospitals of a Kreis: counts, beds by department, beds a thousand inhabitants.

Source: Regionaldatenbank Deutschland, table 23111-01-04-4 (Grunddaten der Krankenhäuser), which
counts by the place of the house. It says where beds stand, not who lies in them, and it knows no
municipality.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from pipeline.methods.evidence import evidence_of
from pipeline.methods.findings import Finding
from pipeline.methods.observed import about, latest_finding, no_data
from pipeline.methods.population import observed_totals
from pipeline.regions import Place

TABLE: Final = "hospitals"
TOPIC: Final = "hospital"
#: Prefix of the measures that count the beds of one department.
DEPARTMENT: Final = "beds_"


def _rows(hospitals: pd.DataFrame, measure: str) -> pd.DataFrame:
    return hospitals.loc[hospitals["measure"].eq(measure)]


def beds_finding(hospitals: pd.DataFrame, place: Place) -> Finding:
    """Beds set up in the hospitals of a place, as published (id ``hospital-beds``)."""
    return latest_finding(
        _rows(hospitals, "hospital_beds"), TABLE, place,
        id="hospital-beds", topic=TOPIC, label="Aufgestellte Krankenhausbetten", unit="count",
    )  # fmt: skip


def hospitals_finding(hospitals: pd.DataFrame, place: Place) -> Finding:
    """Number of hospitals of a place, as published (id ``hospitals``)."""
    return latest_finding(
        _rows(hospitals, "hospitals"), TABLE, place,
        id="hospitals", topic=TOPIC, label="Krankenhäuser", unit="count",
    )  # fmt: skip


def published_density_finding(hospitals: pd.DataFrame, place: Place) -> Finding:
    """Beds per 1,000 inhabitants as INKAR prints it (id ``hospital-beds-density-published``)."""
    return latest_finding(
        _rows(hospitals, "hospital_beds_density"), TABLE, place,
        id="hospital-beds-density-published", topic=TOPIC,
        label="Krankenhausbetten je 1.000 Einwohner (INKAR)", unit="per_1000",
    )  # fmt: skip


def beds_per_1000_finding(
    hospitals: pd.DataFrame, population: pd.DataFrame, place: Place
) -> Finding:
    """Beds per 1,000 inhabitants, both of one day and one place (id ``hospital-beds-per-1000``).

    Parameters
    ----------
    hospitals, population : tables of these names.

    Where no population of the same day is known there is no ratio: a ratio of two days would move
    with the population, not with the beds.
    """
    shared: dict[str, Any] = {
        "id": "hospital-beds-per-1000",
        "topic": TOPIC,
        "label": "Krankenhausbetten je 1.000 Einwohner",
        "unit": "per_1000",
    }
    beds = beds_finding(hospitals, place)
    if beds.value is None:
        return no_data(beds.reason, **shared, **about(place))
    people = _population_rows(population, place, beds.time_period)
    if people.empty:
        reason = "Zum Tag der Bettenzählung liegt für dieses Gebiet keine Einwohnerzahl vor."
        return no_data(reason, **shared, **about(place))
    return Finding(
        **shared,
        **about(place),
        value=1000.0 * beds.value / float(people["obs_value"].iloc[0]),
        time_period=beds.time_period,
        kind="eigene Berechnung",
        evidence=(*beds.evidence, *evidence_of(people, "population")),
    )


def _population_rows(population: pd.DataFrame, place: Place, day: str) -> pd.DataFrame:
    """The one population of a place on a day: updated figures, all ages, both sexes."""
    totals = observed_totals(population, [place.ref_area])
    wanted = totals.loc[totals["measure"].eq("population") & totals["time_period"].eq(day)]
    return wanted.assign(ref_area=place.ref_area).head(1)


def department_beds(hospitals: pd.DataFrame, place: Place) -> pd.DataFrame:
    """Beds by department on the latest day on which they were counted.

    Returns
    -------
    One row a department, most beds first: `measure`, `time_period`, `obs_value` (beds),
    `obs_status` (`nil` is a true zero), `percent` (of all beds of these departments), `source_id`.
    Empty where the place has none.
    """
    rows = hospitals.loc[
        hospitals["ref_area"].eq(place.ref_area)
        & hospitals["measure"].str.startswith(DEPARTMENT)
        & hospitals["obs_value"].notna()
    ]
    latest = rows.loc[rows["time_period"].eq(rows["time_period"].max())]
    percent = 100.0 * latest["obs_value"] / latest["obs_value"].sum()
    return (
        latest.assign(percent=percent)
        .sort_values(["obs_value", "measure"], ascending=[False, True], ignore_index=True)
        .loc[:, ["measure", "time_period", "obs_value", "obs_status", "percent", "source_id"]]
    )
