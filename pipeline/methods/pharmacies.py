"""Pharmacies of a municipality: two counts of one map, and a rate that says how unsure it is.

OpenStreetMap counts municipalities above 5,000 inhabitants only, and volunteers may have missed a
pharmacy. What is missing is unknown, never zero, and municipalities are not ranked by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from pipeline.methods.evidence import evidence_of
from pipeline.methods.findings import Evidence, Finding, Uncertainty
from pipeline.methods.observed import NO_PERIOD, about, latest_finding, no_data
from pipeline.methods.offers import TOPIC, Sector
from pipeline.methods.population import observed_totals
from pipeline.regions import Place

PHARMACY: Final = "pharmacy"
#: What is published of pharmacies for a Kreis → label and unit.
OF_KREIS: Final = {
    "pharmacies_density": ("Apotheken je 100.000 Einwohner (INKAR)", "per_100000"),
    "distance_to_pharmacy": ("Entfernung zur nächsten Apotheke", "metres"),
}


def listed_finding(sectors: Sequence[Sector], place: Place) -> Finding:
    """Pharmacies that are listed as sites (id ``pharmacies-listed``)."""
    shared: dict[str, Any] = {
        "id": "pharmacies-listed",
        "topic": TOPIC,
        "label": "Apotheken, als Standorte verzeichnet",
        "unit": "count",
        **about(place),
    }
    sector = next((one for one in sectors if one.kind == PHARMACY), None)
    if sector is None or sector.n_sites is None:
        return no_data("Für dieses Gebiet ist keine Apotheke als Standort verzeichnet.", **shared)
    return Finding(
        **shared,
        value=float(sector.n_sites),
        # a list is as old as its oldest row
        time_period=sector.first_day or NO_PERIOD,
        kind="eigene Berechnung",
        evidence=sector.evidence,
    )


def counted_finding(access: pd.DataFrame, place: Place) -> Finding:
    """Pharmacies counted in a place (id ``pharmacies-counted``); a group's only if all members'.

    The count knows municipalities above 5,000 inhabitants; a missing one is unknown, not zero.

    Parameters
    ----------
    access : table `access`.
    """
    rows = access.loc[access["measure"].eq("pharmacies") & access["obs_value"].notna()]
    shared: dict[str, Any] = {
        "id": "pharmacies-counted",
        "topic": TOPIC,
        "label": "Apotheken (Zählung in OpenStreetMap)",
        "unit": "count",
    }
    own = rows.loc[rows["ref_area"].isin(place.areas)]
    latest = own.loc[own["time_period"].eq(own["time_period"].max())]
    if set(latest["ref_area"]) != set(place.areas):
        reason = (
            "Die Zählung nennt nicht jede Gemeinde dieses Gebiets. Das heißt nicht, dass es dort "
            "keine Apotheke gibt."
        )
        return no_data(reason, **shared, **about(place))
    return Finding(
        **shared,
        **about(place),
        value=float(latest["obs_value"].sum()),
        time_period=str(latest["time_period"].iloc[0]),
        kind="eigene Berechnung" if len(place.areas) > 1 else "veröffentlichter Wert",
        evidence=evidence_of(latest, "access"),
    )


def kreis_finding(access: pd.DataFrame, kreis: Place, measure: str) -> Finding:
    """A measure of `OF_KREIS`, as published (ids ``pharmacies-density``, ``distance-to-pharmacy``).

    Parameters
    ----------
    access : table `access`.
    """
    label, unit = OF_KREIS[measure]
    return latest_finding(
        access.loc[access["measure"].eq(measure)], "access", kreis,
        id=measure.replace("_", "-"), topic=TOPIC, label=label, unit=unit,
    )  # fmt: skip


def per_10000_finding(
    counted: Finding, listed: Finding, population: pd.DataFrame, place: Place
) -> Finding:
    """Pharmacies per 10,000 inhabitants (id ``pharmacies-per-10000``), an estimate.

    The value is the count over the population of the nearest day, since none of the day of the
    count is published. The limits span both counts of the map and the populations of the last day
    before and the first after.

    Parameters
    ----------
    counted : as returned by `counted_finding`.
    listed : as returned by `listed_finding`.
    population : table `population`.
    """
    shared: dict[str, Any] = {
        "id": "pharmacies-per-10000",
        "topic": TOPIC,
        "label": "Apotheken je 10.000 Einwohner",
        "unit": "per_10000",
        **about(place),
    }
    if counted.value is None:
        return no_data(counted.reason, **shared)
    around = _population_around(population, place, counted.time_period)
    if around.empty:
        reason = "Zur Zeit der Zählung liegt für dieses Gebiet keine Einwohnerzahl vor."
        return no_data(reason, **shared)
    people = around["obs_value"]
    counts = [one.value for one in (counted, listed) if one.value is not None]
    return Finding(
        **shared,
        value=10_000.0 * counted.value / float(people.iloc[0]),
        time_period=counted.time_period,
        kind="Schätzung",
        uncertainty=Uncertainty(
            low=10_000.0 * min(counts) / float(people.max()),
            high=10_000.0 * max(counts) / float(people.min()),
            conf=None,
            method="beide Zählungen, Einwohner am letzten Tag davor und am ersten danach",
        ),
        evidence=(
            *counted.evidence,
            *listed.evidence,
            *_population_evidence(population, place, around),
        ),
        limits=(
            "Eine Apotheke, die in der Karte fehlt, senkt den Wert, ohne dass eine geschlossen "
            "hat. Für eine Rangfolge von Gemeinden taugt er nicht.",
        ),
    )


def _population_around(population: pd.DataFrame, place: Place, period: str) -> pd.DataFrame:
    """Updated population on the days around a month or day, the nearest first."""
    totals = observed_totals(population, place.areas)
    totals = totals.loc[totals["measure"].eq("population")]
    before = totals.loc[totals["time_period"].lt(period)].tail(1)
    after = totals.loc[totals["time_period"].ge(period)].head(1)
    around = pd.concat([before, after])
    distance = (pd.to_datetime(around["time_period"]) - pd.to_datetime(period)).abs()
    return around.assign(distance=distance).sort_values("distance", ignore_index=True)


def _population_evidence(
    population: pd.DataFrame, place: Place, around: pd.DataFrame
) -> tuple[Evidence, ...]:
    rows = population.loc[
        population["ref_area"].isin(place.areas)
        & population["time_period"].isin(around["time_period"])
        & population["measure"].eq("population")
        & population["sex"].eq("total")
        & population[["age_from", "age_to"]].isna().all(axis=1)
    ]
    return evidence_of(rows, "population")
