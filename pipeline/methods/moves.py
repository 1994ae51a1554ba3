"""Arrivals and departures of 2015, the year of the refugees: a shape by age, never a level."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pipeline.methods.evidence import evidence_of
from pipeline.methods.findings import Finding
from pipeline.methods.observed import about, no_data
from pipeline.regions import Place

ARRIVALS, DEPARTURES = "in_migration", "out_migration"
_EXCEPTIONAL = (
    "2015 war wegen der Fluchtzuwanderung ein Ausnahmejahr; die Zahl darf nicht fortgeschrieben "
    "werden."
)


def moves_by_age(migration: pd.DataFrame, areas: Sequence[str]) -> pd.DataFrame:
    """Arrivals and departures by age group, both sexes, summed over territories.

    Parameters
    ----------
    migration : `ref_area, time_period, measure, sex, age_from, age_to, obs_value, source_id`.

    Returns
    -------
    One row an age group: `time_period`, `age_from`, `age_to` (missing: open), `arrivals`,
    `departures`, `net` (persons), `source_id`; empty where a territory lacks a number. Moves
    between the territories are in both sums and fall out of `net` only.
    """
    rows = migration.loc[
        migration["ref_area"].isin(list(areas))
        & migration["sex"].eq("total")
        & ~migration[["age_from", "age_to"]].isna().all(axis=1)
        & migration["obs_value"].notna()
    ]
    keys = ["time_period", "age_from", "age_to"]
    sums = rows.groupby([*keys, "measure"], dropna=False, as_index=False).agg(
        obs_value=("obs_value", "sum"), n=("ref_area", "nunique"), source_id=("source_id", "first")
    )
    sums = sums.loc[sums["n"].eq(len(set(areas)))].assign(
        # a pivot would drop the open group, whose last age is missing
        age_to=lambda frame: frame["age_to"].fillna(-1)
    )
    wide = sums.pivot(index=[*keys, "source_id"], columns="measure", values="obs_value")
    if wide.empty:
        return pd.DataFrame(columns=[*keys, "source_id", "arrivals", "departures", "net"])
    table = wide.rename(columns={ARRIVALS: "arrivals", DEPARTURES: "departures"}).reset_index()
    table["age_to"] = table["age_to"].where(table["age_to"].ge(0))
    table["net"] = table["arrivals"] - table["departures"]
    table.columns.name = None
    return table.sort_values("age_from", ignore_index=True)


def net_finding(migration: pd.DataFrame, place: Place) -> Finding:
    """Arrivals less departures of 2015 of a place, with its warning."""
    shared = {
        "id": "net-migration-2015", "topic": "population", "unit": "persons",
        "label": "Zuzüge minus Fortzüge 2015", **about(place),
    }  # fmt: skip
    rows = migration.loc[
        migration["ref_area"].isin(place.areas)
        & migration["sex"].eq("total")
        & migration[["age_from", "age_to"]].isna().all(axis=1)
        & migration["obs_value"].notna()
    ]
    if len(rows) < 2 * len(set(place.areas)):
        return no_data("Zu- und Fortzüge liegen für dieses Gebiet hier nicht vor.", **shared)
    sign = rows["measure"].map({ARRIVALS: 1.0, DEPARTURES: -1.0})
    return Finding(
        **shared,
        value=float((rows["obs_value"] * sign).sum()),
        time_period=str(rows["time_period"].max()),
        kind="eigene Berechnung",
        evidence=evidence_of(rows, "migration"),
        limits=(_EXCEPTIONAL,),
    )
