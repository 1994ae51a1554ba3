"""The full supply forecast where somebody gives the ages of the doctors.

A list by age groups (template `physicians-by-age`) becomes a stock by age, the stock leaves by the
age weights of KVNO and KVWL (`exit_rules.NRW_2019`: 0, 20 and 50 %), and the grade is held against
the limit of § 29 BPL-RL. Bands come from `supply_simulation`. Nobody follows in either: what is
computed is how much has to be filled, not how much will be.

Assumptions, printed with the result: within an age group the doctors are spread evenly, each holds
the group's mean seat, and residents and ratio stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.errors import NoDataError
from pipeline.keys import area_key
from pipeline.methods.exit_rules import NRW_2019, OLDEST, YOUNGEST
from pipeline.methods.findings import Evidence, Finding, Threshold, Uncertainty
from pipeline.methods.groups import GP
from pipeline.methods.groups import doctor_group as group_of
from pipeline.methods.observed import NO_PERIOD, about
from pipeline.methods.published_planning import Membership
from pipeline.methods.supply import (
    Crossing,
    NotComputable,
    crossing_year,
    forecast_supply,
    stock_by_age,
)
from pipeline.methods.supply_simulation import Assumptions, Span, simulate_supply
from pipeline.regions import Place, Region

#: Below this many doctors ages would be those of persons: no forecast is shown.
FEWEST_DOCTORS = 10
HORIZON_YEARS = 15
#: Nobody follows. Retirement ages and their spread are assumptions (see `Assumptions`).
WITHOUT_SUCCESSORS = Assumptions(entries_a_year=Span(0, 0))

NO_AGES = (
    "Für Gebiete unterhalb der Kassenärztlichen Vereinigung ist keine Altersverteilung der "
    "Ärztinnen und Ärzte veröffentlicht"
)


@dataclass(frozen=True)
class Ages:
    """A list of doctors by age group that covers a place.

    Attributes
    ----------
    place : the territory that the list covers whole.
    day : reference day of the list, ISO.
    doctors : one row a doctor: `age`, `weight` (full seats; 1 where the list has no seats).
    has_seats : whether the list names seats.
    rows : the rows of `doctor_ages` behind it.
    """

    place: Place
    day: str
    doctors: pd.DataFrame
    has_seats: bool
    rows: pd.DataFrame

    @property
    def year(self) -> int:
        """Base year: ages count as those of its end."""
        return int(self.day[:4])


@dataclass(frozen=True)
class Outlook:
    """Path and bands of full seats (or heads), nobody following.

    Attributes
    ----------
    ages : the list it rests on.
    measure : `seats`, or `heads` where the list names no seats.
    path : `year`, `value`, `low95`, `low80`, `high80`, `high95`.
    required : full seats needed at 100 %, held constant; None where not known.
    crossing : first year below the limit; None where the need is not known.
    """

    ages: Ages
    measure: str
    path: pd.DataFrame
    required: float | None
    crossing: Crossing | None


def find_ages(
    doctor_ages: pd.DataFrame,
    completeness: pd.DataFrame,
    places: Sequence[Place],
    doctor_group: str = GP,
) -> Ages:
    """The list of the first place that is covered whole.

    Parameters
    ----------
    doctor_ages : table `doctor_ages`.
    completeness : table `completeness`.
    places : in the order of preference: planning area, region, Kreis; `areas` of each are the
        territories that must all be in the list, with one and the same newest day.

    Raises
    ------
    NoDataError : no list, an incomplete one, an age group of unknown size, or fewer than
        `FEWEST_DOCTORS` doctors (German reason).
    """
    reason = NO_AGES
    heads = doctor_ages.loc[
        doctor_ages["measure"].eq("doctors_by_age") & doctor_ages["doctor_group"].eq(doctor_group)
    ]
    for place in places:
        own = heads.loc[heads["ref_area"].isin(place.areas)]
        newest = own.groupby("ref_area")["time_period"].max()
        if newest.empty:
            continue
        if len(newest) < len(set(place.areas)):
            n_missing = len(set(place.areas)) - len(newest)
            reason = f"in der Altersliste fehlen {n_missing} von {len(set(place.areas))} Gemeinden"
            continue
        if newest.nunique() > 1:
            reason = "die Altersliste nennt für die Gemeinden verschiedene Stichtage"
            continue
        day = str(newest.iloc[0])
        rows = doctor_ages.loc[
            doctor_ages["ref_area"].isin(place.areas)
            & doctor_ages["doctor_group"].eq(doctor_group)
            & doctor_ages["time_period"].eq(day)
        ]
        reason = _objection(rows, completeness, place, doctor_group)
        if not reason:
            doctors, has_seats = spread(rows)
            return Ages(place, day, doctors, has_seats, rows)
    raise NoDataError(reason)


def _objection(
    rows: pd.DataFrame, completeness: pd.DataFrame, place: Place, doctor_group: str
) -> str:
    heads = rows.loc[rows["measure"].eq("doctors_by_age"), "obs_value"]
    partial = completeness.loc[
        completeness["list_kind"].eq("physicians-by-age")
        & completeness["ref_area"].isin(place.areas)
        & completeness["sector"].eq(doctor_group)
        & completeness["completeness"].eq("partial")
    ]
    if len(partial):
        return "die Altersliste ist nach eigener Angabe unvollständig"
    if heads.isna().any():
        return "in der Altersliste ist die Größe einer Altersgruppe unbekannt"
    if heads.sum() < FEWEST_DOCTORS:
        return (
            "die Altersliste umfasst weniger als zehn Personen; Einzelne wären erkennbar, deshalb "
            "wird nichts gezeigt"
        )
    return ""


def spread(rows: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """One row a doctor, spread evenly over the ages of each group.

    Parameters
    ----------
    rows : `doctors_by_age` and `doctor_seats_by_age` of the table `doctor_ages`, one day.

    Returns
    -------
    `age`, `weight` (mean full seats of the group), and whether every group names its seats.
    """
    key = ["ref_area", "age_from", "age_to"]
    wide = rows.pivot(index=key, columns="measure", values="obs_value").reset_index()
    seats = wide.get("doctor_seats_by_age", pd.Series(np.nan, index=wide.index))
    is_seated = bool((seats.notna() | wide["doctors_by_age"].eq(0)).all())
    parts = []
    for first, last, heads, weight in zip(
        wide["age_from"], wide["age_to"], wide["doctors_by_age"], seats, strict=True
    ):
        n = int(heads)
        if n == 0:
            continue
        width = int(last) - int(first) + 1
        ages = int(first) + np.floor((np.arange(n) + 0.5) * width / n).astype(int)
        mean = weight / n if is_seated else 1.0
        parts.append(pd.DataFrame({"age": ages.clip(YOUNGEST, OLDEST), "weight": mean}))
    doctors = (
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["age", "weight"])
    )
    return doctors, is_seated


def places_of(region: Region, area: Membership, kreis: Place) -> tuple[Place, ...]:
    """Whose list may be used, in the order of preference: planning area, region, Kreis."""
    places = [region.place, kreis]
    if area.is_sure and area.members:
        keys = tuple(area_key(member) for member in area.members)
        places.insert(0, Place(area.planning_area, area.planning_area, "planning_area", keys))
    return tuple(places)


def find_outlook(
    doctor_ages: pd.DataFrame,
    completeness: pd.DataFrame,
    places: Sequence[Place],
    required: float | None,
) -> Outlook | NotComputable:
    """The forecast for GPs from the best list at hand, or why there is none.

    Parameters
    ----------
    required : full seats that the planning area needs at 100 %; used only where the list covers
        the planning area, since the need of a larger area says nothing about a part of it.
    """
    try:
        ages = find_ages(doctor_ages, completeness, places)
    except NoDataError as error:
        return NotComputable(error.message)
    return outlook(ages, required if ages.place.level == "planning_area" else None)


def outlook(ages: Ages, required: float | None, doctor_group: str = GP) -> Outlook:
    """Path by the KV's age weights, with bands, and the year of crossing the limit of § 29.

    Parameters
    ----------
    required : full seats needed at 100 % in the place of the list; None where it is not known or
        the list has heads only.
    """
    measure = "seats" if ages.has_seats else "heads"
    target = ages.year + HORIZON_YEARS
    path = forecast_supply(
        stock_by_age(ages.doctors), base_year=ages.year, target_year=target, exit_rule=NRW_2019
    )
    bands = simulate_supply(
        ages.doctors, base_year=ages.year, target_year=target, assumptions=WITHOUT_SUCCESSORS
    )
    bands = bands.loc[bands["measure"].eq(measure)].drop(columns=["measure", "median"])
    joined = path[["year", measure]].rename(columns={measure: "value"})
    joined = joined.astype({"year": int}).merge(bands, on="year", validate="one_to_one")
    need = required if ages.has_seats else None
    crossing = None if need is None else crossing_year(path, need, doctor_group)
    return Outlook(ages, measure, joined, need, crossing)


def grade_then_finding(found: Outlook, doctor_group: str = GP) -> Finding:
    """The grade in the year of crossing, or, where it is not crossed, in the last year.

    The bounds hold the 80 % band of the simulation and the path of the age weights.
    """
    place = found.ages.place
    parts: dict[str, Any] = {
        "id": "outlook-grade",
        "topic": "supply",
        "label": "Versorgungsgrad ohne Nachfolge",
        "unit": "percent",
        **about(place),
    }
    if found.required is None or found.crossing is None:
        return Finding(
            **parts,
            value=None,
            time_period=NO_PERIOD,
            kind="nicht berechenbar",
            reason="Das Jahr, in dem die Grenze unterschritten wird, braucht das Soll des "
            "Planungsbereichs und Arztsitze je Altersgruppe.",
        )
    last = int(found.path["year"].iloc[-1])
    year = found.crossing.year or last
    row = found.path.loc[found.path["year"].eq(year)].iloc[0]
    value, low, high = (100 * row[name] / found.required for name in ("value", "low80", "high80"))
    return Finding(
        **parts,
        value=value,
        time_period=str(year),
        kind="Schätzung",
        threshold=Threshold(
            float(group_of(doctor_group).under_supply_limit),
            "Unterversorgung wird vermutet",
            "Bedarfsplanungs-Richtlinie § 29",
        ),
        uncertainty=Uncertainty(
            min(low, value), max(high, value), None,
            "80-%-Band der Simulation und Pfad nach den Altersgewichten der KVen",
        ),
        evidence=list_evidence(found.ages),
        limits=("Ohne jede Nachfolge gerechnet: was zu besetzen ist, nicht was kommen wird.",),
    )  # fmt: skip


def leaving_finding(found: Outlook) -> Finding:
    """Full seats (or heads) that leave up to the last year."""
    first, last = found.path.iloc[0], found.path.iloc[-1]
    value = first["value"] - last["value"]
    low, high = (first["value"] - last[name] for name in ("high80", "low80"))
    unit = "seats" if found.measure == "seats" else "persons"
    return Finding(
        id=f"outlook-leaving-{found.measure}",
        topic="supply",
        label="Arztsitze, die frei werden" if unit == "seats" else "Köpfe, die ausscheiden",
        value=value,
        unit=unit,
        **about(found.ages.place),
        time_period=str(int(last["year"])),
        kind="Schätzung",
        uncertainty=Uncertainty(
            min(low, value), max(high, value), None,
            "80-%-Band der Simulation und Pfad nach den Altersgewichten der KVen",
        ),
        evidence=list_evidence(found.ages),
    )  # fmt: skip


def stock_finding(found: Outlook) -> Finding:
    """Full seats (or heads) of the list on its day."""
    evidence = list_evidence(found.ages)
    return Finding(
        id=f"outlook-stock-{found.measure}",
        topic="supply",
        label="Arztsitze laut Altersliste"
        if found.measure == "seats"
        else "Köpfe laut Altersliste",
        value=evidence[0].value,
        unit="seats" if found.measure == "seats" else "persons",
        **about(found.ages.place),
        time_period=found.ages.day,
        kind="eigene Berechnung",
        evidence=evidence,
    )


def list_evidence(ages: Ages) -> tuple[Evidence, ...]:
    """The list as one sum: its age groups may be single persons and stay out of findings."""
    column = "doctor_seats_by_age" if ages.has_seats else "doctors_by_age"
    rows = ages.rows.loc[ages.rows["measure"].eq(column)]
    key = {
        "ref_area": " ".join(sorted(set(rows["ref_area"]))),
        "time_period": ages.day,
        "measure": column,
        "doctor_group": str(rows["doctor_group"].iloc[0]),
    }
    return (
        Evidence(
            source_id=str(rows["source_id"].iloc[0]),
            table="doctor_ages",
            key=key,
            value=float(rows["obs_value"].sum()),
        ),
    )
