"""Hospitals: merger, closure, shift of departments. Cases, beds, staff and the way there.

Only what is published about a site is used; what is missing stays missing ("keine Daten"). How
many cases move, how long patients stay and how full beds may be are assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pipeline.errors import MethodInputError, NoDataError
from pipeline.methods.scenarios.base import ASSUMPTION, Assumption

HOSPITAL = (
    Assumption("moved_share", "Anteil der Fälle, der den Standort wechselt", 50, 0, 100, "percent",
               step=10, neutral=0),
    Assumption("years_to_move", "Jahre, bis alles umgezogen ist", 3, 1, 8, "years"),
    Assumption("stay", "Verweildauer", 7, 5, 9, "days", step=0.5),
    Assumption("occupancy", "Auslastung der Betten", 80, 75, 90, "percent", step=5),
    Assumption("minutes_more", "zusätzliche Fahrzeit zum anderen Standort", 10, 0, 30, "minutes",
               step=5),
    Assumption("staff_lost", "Anteil des Personals, der den Umzug nicht mitmacht", 20, 0, 40,
               "percent", step=5),
)  # fmt: skip

DAYS = 365.0


@dataclass(frozen=True)
class Site:
    """A hospital site: inpatient cases a year, beds, staff; None where nothing is published."""

    name: str
    cases: float | None
    beds: float | None = None
    staff: float | None = None


@dataclass(frozen=True)
class Move:
    """Cases that move from one site to another.

    Attributes
    ----------
    key : name on the command line.
    region : slug of the model region that it touches.
    giving, taking : names in the table `published_facts` (`fact_region`).
    kind : what is planned, for readers.
    moved_share : percent of the cases; a closure moves all.
    occupied_beds : beds filled on average, where cases are not published; else None.
    minutes_more : published way between the sites in minutes; else None.
    near_share : percent of patients who live on the side of the taking site; else None.
    years_to_move : years until all has moved, where a date is published; else None.
    source : who published what is special about this move.
    """

    key: str
    region: str
    giving: str
    taking: str
    kind: str
    moved_share: float
    occupied_beds: float | None = None
    minutes_more: float | None = None
    near_share: float | None = None
    years_to_move: float | None = None
    source: str = ASSUMPTION


#: The two cases of the model regions. Their numbers are published (see `source`).
MOVES: dict[str, Move] = {
    "lippstadt": Move(
        key="lippstadt",
        region="lippstadt",
        giving="Dreifaltigkeits-Hospital Lippstadt",
        taking="Evangelisches Krankenhaus Lippstadt",
        kind="Zusammenschluss zum Klinikum Lippstadt: Abteilungen tauschen den Standort",
        moved_share=30,
    ),
    "bad-bentheim": Move(
        key="bad-bentheim",
        region="rheine-neuenkirchen",
        giving="Paulinenkrankenhaus Bad Bentheim",
        taking="Klinikum Rheine / Stiftung Mathias-Spital",
        kind="Schließung in Bad Bentheim: Die Leistungen gehen nach Rheine",
        moved_share=100,
        occupied_beds=13,
        minutes_more=25,
        near_share=50,
        years_to_move=1,
        source="Bibliomed 2025: Schließung Ende 2025, im Mittel 13 Betten belegt, die Hälfte der "
        "Patienten aus Nordrhein-Westfalen, 25 Minuten nach Rheine",
    ),
}


def move_of(region: str) -> Move:
    """The move of a model region; `NoDataError` where none is published."""
    for move in MOVES.values():
        if move.region == region:
            return move
    raise NoDataError("für diese Region ist kein Umbau von Krankenhäusern veröffentlicht")


def assumptions_of(move: Move) -> tuple[Assumption, ...]:
    """`HOSPITAL` with what is published about this move; a published way has no range."""
    special: dict[str, tuple[float, str]] = {"moved_share": (move.moved_share, ASSUMPTION)}
    for name in ("minutes_more", "years_to_move"):
        published = getattr(move, name)
        if published is not None:
            special[name] = (published, move.source)
    return tuple(_adapted(item, special.get(item.name)) for item in HOSPITAL)


def _adapted(item: Assumption, special: tuple[float, str] | None) -> Assumption:
    if special is None:
        return item
    value, source = special
    is_published = not source.startswith(ASSUMPTION)
    return Assumption(
        item.name, item.label, value, value if is_published else item.low,
        value if is_published else item.high, item.unit, source, item.step, item.neutral,
    )  # fmt: skip


def site(facts: pd.DataFrame, name: str) -> Site:
    """A site as the table `published_facts` knows it."""
    rows = facts.loc[facts["fact_region"].eq(name)]
    numbers = {
        part: _number(rows, indicator)
        for part, indicator in (
            ("cases", "hospital_inpatients"),
            ("beds", "hospital_beds"),
            ("staff", "hospital_employees"),
        )
    }
    return Site(name, **numbers)


def _number(rows: pd.DataFrame, indicator: str) -> float | None:
    found = rows.loc[rows["indicator"].eq(indicator), "value_text"]
    return float(found.iloc[0]) if len(found) else None


def giving_cases(move: Move, giving: Site, stay: float) -> float:
    """Cases a year at the giving site: published, or solved back from occupied beds and stay.

    Raises
    ------
    NoDataError : neither is published.
    """
    if giving.cases is not None:
        return giving.cases
    if move.occupied_beds is None:
        raise NoDataError(f"keine Fallzahl für {giving.name}")
    return move.occupied_beds * DAYS / stay


def hospital_course(
    move: Move, giving: Site, taking: Site, values: dict[str, float], years: tuple[int, ...]
) -> pd.DataFrame:
    """The move year by year.

    Returns
    -------
    One row a year: `year`, `cases_giving`, `cases_moved`, `cases_taking` (NaN where the taking
    site's are not published), `beds_needed` (for the moved cases), `minutes` (all patients
    together, one way, more than today), `staff_moved` and `staff_lost` (NaN without staff).
    """
    if not values["stay"] > 0 or not values["occupancy"] > 0:
        raise MethodInputError("stay and occupancy", expected="above zero")
    cases = giving_cases(move, giving, values["stay"])
    far = 1.0 - (move.near_share or 0.0) / 100.0
    rows = []
    for i, year in enumerate(years):
        done = min(i / values["years_to_move"], 1.0)
        share = values["moved_share"] / 100.0 * done
        moved = cases * share
        staff = None if giving.staff is None else giving.staff * share
        rows.append(
            {
                "year": year,
                "cases_giving": cases - moved,
                "cases_moved": moved,
                "cases_taking": None if taking.cases is None else taking.cases + moved,
                "beds_needed": moved * values["stay"] / DAYS / (values["occupancy"] / 100.0),
                "minutes": moved * far * values["minutes_more"],
                "staff_moved": staff,
                "staff_lost": None if staff is None else staff * values["staff_lost"] / 100.0,
            }
        )
    return pd.DataFrame(rows).astype({"year": "int64"})
