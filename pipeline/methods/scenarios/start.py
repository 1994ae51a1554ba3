"""Where an area stands today, and how well that is known.

Three ways, the best one that the data allow:

1. `PUBLISHED`: a complete row of the needs planning (inhabitants, seats, grade).
2. `SOLVED_BACK`: a row with grade and open seats. ``open seats = gap to 110 %`` gives need and
   seats within narrow bounds (BPL-RL § 17(3); `planning.AtLimit.EXCEED`).
3. `AS_KREIS`: nothing of that. Seats are *assumed* as if the place were supplied like its Kreis,
   need is taken from the general ratio, and no official grade can be given.

Ways 1 and 2 need a planning area that is the region, neither larger nor unsure. Where somebody
gives the ages of the doctors, their seats and exits go before all three (`OWN_LIST`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from pipeline.errors import MethodInputError, NoDataError
from pipeline.methods.evidence import evidence_of
from pipeline.methods.exit_rules import ExitRule, retire_at
from pipeline.methods.findings import Evidence
from pipeline.methods.physicians import GP_GROUP
from pipeline.methods.planning import CLOSING_GRADE, GRADE_STEP, SEAT_STEP
from pipeline.methods.published_planning import CURRENT, Membership
from pipeline.methods.scenarios.base import ASSUMPTION, HORIZON, Assumption, Start
from pipeline.methods.supply import forecast_supply, stock_by_age
from pipeline.methods.supply_outlook import find_ages, list_evidence
from pipeline.regions import Place

PUBLISHED, SOLVED_BACK, AS_KREIS = "published", "solved_back", "as_kreis"
OWN_LIST = "own_list"
#: How seats and need are known, in words for readers.
BASES = {
    PUBLISHED: "Arztsitze, Einwohner und Versorgungsgrad sind veröffentlicht. Annahme: Seit ihrem "
    "Stichtag hat sich nichts geändert.",
    SOLVED_BACK: "Arztsitze und Soll sind aus dem veröffentlichten Versorgungsgrad und den freien "
    "Sitzen zurückgerechnet. Annahme: Seit ihrem Stichtag hat sich nichts geändert.",
    AS_KREIS: "Annahme: Der Ort ist so versorgt wie sein Kreis. Gerechnet wird mit der allgemeinen "
    "Verhältniszahl. Wer die besetzten Sitze am Ort kennt, setzt sie ein.",
    OWN_LIST: "Die besetzten Arztsitze und die Jahre, in denen sie frei werden, folgen aus der "
    "eigenen Altersliste. Woher das Übrige kommt, steht in der Tabelle der Annahmen.",
}
#: Source of what follows from a list of one's own.
_LISTED = "eigene Altersliste"
#: Range around seats that are only assumed.
_WIDE = 0.3


@dataclass(frozen=True)
class Sources:
    """The rows that a start is made from.

    Attributes
    ----------
    projection : derived table `projection`, rows of the place's areas.
    physicians : table `physicians`.
    planning_rows : published rows of the planning area; empty where membership is not sure.
    ratios : rows of `published_planning.ratios_of_group` for GPs.
    """

    projection: pd.DataFrame
    physicians: pd.DataFrame
    planning_rows: pd.DataFrame
    ratios: pd.DataFrame


@dataclass(frozen=True)
class _Known:
    """Seats (value, low, high), free seats, ratio, and how they are known."""

    seats: tuple[float, float, float]
    free_seats: float
    ratio: float
    basis: str
    source: str
    evidence: tuple[Evidence, ...]


def start_of(
    place: Place, kreis: Place, area: Membership, sources: Sources, first_year: int
) -> Start:
    """The start of a region's scenarios.

    Raises
    ------
    NoDataError : no projection, or neither a planning row nor the density of the Kreis.
    """
    years = tuple(range(first_year, HORIZON + 1))
    inhabitants = _inhabitants(sources.projection, place, years)
    known = (
        _complete(sources.planning_rows, area)
        or _solved_back(sources.planning_rows, area, inhabitants[0])
        or _as_kreis(sources, kreis, inhabitants[0])
    )
    profile = (0.0, *([1.0 / (len(years) - 1)] * (len(years) - 1)))
    return Start(
        ref_area=place.ref_area,
        name=place.name,
        level=place.level,
        years=years,
        inhabitants=inhabitants,
        ratio=known.ratio,
        basis=known.basis,
        assumptions=_assumptions(known, sources.physicians, kreis),
        exit_profile=profile,
        grade_reason=_grade_reason(known, area, place),
        evidence=known.evidence,
    )


def with_own_ages(
    start: Start, place: Place, doctor_ages: pd.DataFrame, completeness: pd.DataFrame
) -> Start:
    """The start with the seats and exits of an own list of ages; unchanged where none serves.

    A list serves if it covers the place whole, names seats, is not of a later year than the start,
    and somebody on it stops before the horizon.

    Parameters
    ----------
    doctor_ages, completeness : the tables of these names.
    """
    try:
        ages = find_ages(doctor_ages, completeness, (place,))
        if not ages.has_seats or ages.year > start.years[0]:
            return start
        listed = with_ages(start, ages.doctors, base_year=ages.year)
    except NoDataError:
        return start
    return replace(listed, basis=OWN_LIST, evidence=(*start.evidence, *list_evidence(ages)))


def with_ages(
    start: Start,
    doctors: pd.DataFrame,
    *,
    base_year: int,
    rule: ExitRule | None = None,
) -> Start:
    """The start with exits from a list of the doctors' ages instead of an assumed share.

    Parameters
    ----------
    doctors : one row a doctor: `age` (at the end of `base_year`), `weight` (full seats).
    rule : who stops at which age; 67 by default (base case of bifg/Bertelsmann 2025).
    """
    rows = forecast_supply(
        stock_by_age(doctors),
        base_year=base_year,
        target_year=start.years[-1],
        exit_rule=rule or retire_at(67),
    ).set_index("year")
    seats = float(rows["seats"].loc[base_year])
    exits = rows["seats_exits"].reindex(start.years[1:]).to_numpy(dtype=float, copy=True)
    # who left between the list and today's year leaves at the first step
    exits[0] += float(rows["seats_exits"].loc[base_year + 1 : start.years[0]].sum())
    if not exits.sum() > 0:
        raise NoDataError("nach der Altersliste hört bis zum Ende des Zeitraums niemand auf")
    changed = {
        "seats_today": seats,
        "leaving_share": min(100.0 * float(exits.sum()) / seats, 100.0),
    }
    if start.basis == AS_KREIS:  # the free seats were assumed from the same density as the seats
        most = start.inhabitants[0] / start.ratio * CLOSING_GRADE / 100.0
        changed["free_seats"] = round(max(most - seats, 0.0) * 2) / 2
    return replace(
        start,
        assumptions=tuple(
            replace(item, value=changed[item.name], low=changed[item.name],
                    high=changed[item.name], source=_LISTED)
            if item.name in changed
            else item
            for item in start.assumptions
        ),
        exit_profile=(0.0, *(float(value) for value in exits / exits.sum())),
    )  # fmt: skip


def solve_back(grade: float, open_seats: float) -> tuple[float, float]:
    """Lowest and highest need (full seats at 100 %) that fit a grade and its open seats to 110 %.

    The gap lies between half a seat less than the open seats and the open seats; the grade was
    rounded to a tenth of a percent.
    """
    half, limit = float(GRADE_STEP) / 2, float(CLOSING_GRADE)
    if not (0 < grade < limit - half and open_seats > 0):
        raise MethodInputError(
            "grade and open seats", found=(grade, open_seats), expected="below 110, above 0"
        )
    low = (open_seats - float(SEAT_STEP)) / (limit - (grade - half)) * 100.0
    return low, open_seats / (limit - (grade + half)) * 100.0


def _inhabitants(
    projection: pd.DataFrame, place: Place, years: tuple[int, ...]
) -> tuple[float, ...]:
    rows = projection.loc[
        projection["ref_area"].isin(place.areas)
        & projection["variant"].eq("middle")
        & projection["age_from"].eq(0)
        & projection["age_to"].isna()
    ]
    if set(rows["ref_area"]) != set(place.areas):
        raise NoDataError(f"keine Vorausberechnung der Bevölkerung für {place.name}")
    by_year = rows.groupby(rows["time_period"].str[:4].astype(int))["obs_value"].sum()
    if not set(years) <= set(by_year.index):
        raise NoDataError(f"die Vorausberechnung für {place.name} deckt den Zeitraum nicht ab")
    return tuple(float(by_year.loc[year]) for year in years)


def _complete(rows: pd.DataFrame, area: Membership) -> _Known | None:
    if area.is_larger or rows.empty:
        return None
    whole = rows.loc[rows["is_complete"] & rows["doctors_counted"].gt(0)]
    if whole.empty:
        return None
    row = whole.iloc[[-1]]
    seats, people, grade = (
        float(row[name].iloc[0]) for name in ("doctors_counted", "inhabitants", "grade_percent")
    )
    need = 100.0 * seats / grade
    return _Known(
        seats=(seats, seats, seats),
        free_seats=max(need * CLOSING_GRADE / 100.0 - seats, 0.0),
        ratio=people / need,
        basis=PUBLISHED,
        source=_cited(row),
        evidence=evidence_of(row, "needs_planning", "grade_percent"),
    )


def _solved_back(rows: pd.DataFrame, area: Membership, inhabitants: float) -> _Known | None:
    if area.is_larger or rows.empty:
        return None
    exact = rows["grade_percent_qualifier"].eq("") & rows["open_seats_qualifier"].eq("")
    recent = rows["standing"].eq(CURRENT)
    below = rows["grade_percent"].lt(CLOSING_GRADE) & rows["open_seats"].gt(0)
    usable = rows.loc[exact & recent & below]
    if usable.empty:
        return None
    row = usable.iloc[[-1]]
    grade, free = float(row["grade_percent"].iloc[0]), float(row["open_seats"].iloc[0])
    low, high = solve_back(grade, free)
    middle = (low + high) / 2
    return _Known(
        seats=(grade / 100 * middle, grade / 100 * low, grade / 100 * high),
        free_seats=free,
        ratio=inhabitants / middle,
        basis=SOLVED_BACK,
        source=_cited(row),
        evidence=evidence_of(row, "needs_planning", "grade_percent"),
    )


def _cited(row: pd.DataFrame) -> str:
    title, date = row["source_title"].iloc[0], row["date_text"].iloc[0]
    parts = str(date).split("-")
    is_plain = len(parts) > 1 and all(part.isdigit() for part in parts)
    day = ("." if len(parts) == 3 else "/").join(reversed(parts)) if is_plain else date
    return f"{ASSUMPTION}: unverändert seit {day} ({title})"


def _as_kreis(sources: Sources, kreis: Place, inhabitants: float) -> _Known:
    gps = sources.physicians.loc[
        sources.physicians["doctor_group"].eq(GP_GROUP)
        & sources.physicians["ref_area"].eq(kreis.ref_area)
    ]
    rows = gps.loc[
        gps["measure"].isin(["density", "participation_per_head"]) & gps["obs_value"].notna()
    ]
    found = dict(zip(rows["measure"], rows["obs_value"], strict=True))
    if len(found) < 2:
        raise NoDataError(f"keine Hausarztzahlen für {kreis.name}")
    in_force = sources.ratios.loc[
        sources.ratios["is_in_force"] & ~sources.ratios["scope"].eq("Regionalverband Ruhr")
    ]
    if in_force.empty:
        raise NoDataError("am Stichtag ist keine Verhältniszahl belegt")
    ratio = float(in_force["ratio_value"].iloc[0])
    seats = found["density"] / 100_000 * inhabitants * found["participation_per_head"]
    return _Known(
        seats=(seats, seats * (1 - _WIDE), seats * (1 + _WIDE)),
        free_seats=max(inhabitants / ratio * CLOSING_GRADE / 100.0 - seats, 0.0),
        ratio=ratio,
        basis=AS_KREIS,
        source=f"{ASSUMPTION}: wie im Durchschnitt, {kreis.name} (KBV)",
        evidence=(
            *evidence_of(rows, "physicians"),
            *evidence_of(in_force.iloc[[0]], "planning_ratios", "ratio_value"),
        ),
    )


def _assumptions(known: _Known, physicians: pd.DataFrame, kreis: Place) -> tuple[Assumption, ...]:
    value, low, high = (round(number, 2) for number in known.seats)
    over_65 = physicians.loc[
        physicians["doctor_group"].eq(GP_GROUP)
        & physicians["ref_area"].eq(kreis.ref_area)
        & physicians["measure"].eq("share_over_65"),
        "obs_value",
    ].dropna()
    oldest = float(over_65.iloc[0]) if len(over_65) else 20.0
    bound = f"; untere Grenze: Anteil über 65 ({kreis.name}, KBV)" if len(over_65) else ""
    free = round(known.free_seats * 2) / 2
    return (
        Assumption("seats_today", "besetzte Arztsitze heute", value, low, high, "seats",
                   known.source, 0.25),
        Assumption("leaving_share", f"Anteil dieser Sitze, die bis {HORIZON} abgegeben werden",
                   max(50.0, float(round(oldest))), float(round(oldest)), 80.0, "percent",
                   ASSUMPTION + bound, 5),
        Assumption("succession_share", "Anteil davon, der ohne Zutun nachbesetzt wird",
                   50, 20, 80, "percent", step=5),
        Assumption("free_seats", "freie Arztsitze heute", free, 0, max(2 * free, 2.0), "seats",
                   known.source, 0.5),
    )  # fmt: skip


def _grade_reason(known: _Known, area: Membership, place: Place) -> str:
    if known.basis == PUBLISHED:
        return ""
    if known.basis == SOLVED_BACK:
        return (
            "Ein amtlicher Versorgungsgrad für künftige Jahre ist nicht berechenbar. Die "
            "Modellrechnung schreibt den veröffentlichten Wert unter Annahmen fort."
        )
    if area.is_sure and not area.is_larger:
        return (
            f"Für den Planungsbereich {area.planning_area} liegen Arztsitze, Einwohner und "
            "regionale Verhältniszahl nicht zusammen vor."
        )
    if not area.planning_area:
        return f"Der Planungsbereich von {place.name} ist nicht hinterlegt."
    if not area.is_sure:
        return (
            f"Welche Gemeinden zum Planungsbereich {area.planning_area} gehören, ist nicht belegt."
        )
    return (
        f"Der Versorgungsgrad gilt für den Mittelbereich {area.planning_area}. Für ihn liegen "
        "Arztsitze, Einwohner und regionale Verhältniszahl nicht zusammen vor, für "
        f"{place.name} allein gibt es keinen."
    )
