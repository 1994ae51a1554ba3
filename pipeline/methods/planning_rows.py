"""What a published row of the needs planning yields beyond what it prints.

Seats to 100 % and to 110 %, the ratio that was in force, the computed status beside the decided
one, and whether the row fits itself. All of it follows from the numbers of the row; where they do
not suffice, the reason is said. Definitions and sources: `planning`, `ratios`, `plausibility`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.errors import NoDataError
from pipeline.keys import area_key
from pipeline.methods import planning, plausibility
from pipeline.methods.evidence import evidence_of
from pipeline.methods.exact import is_blank
from pipeline.methods.findings import Finding, Uncertainty
from pipeline.methods.groups import doctor_group as group_of
from pipeline.methods.inhabitants import total_near
from pipeline.methods.observed import NO_PERIOD, no_data
from pipeline.methods.planning import CLOSING_GRADE, ComputedStatus
from pipeline.methods.plausibility import RowVerdict
from pipeline.methods.published_planning import Membership, about_area, date_of
from pipeline.methods.ratios import GERMANY, OUTSIDE_RUHR, ratio_in_force

FROM_INPUTS = "aus Einwohnern, Arztsitzen und Verhältniszahl gerechnet"
FROM_GRADE = "aus Arztsitzen und Versorgungsgrad zurückgerechnet"
FROM_OPEN_SEATS = "aus Versorgungsgrad und freien Sitzen zurückgerechnet"
PRINTED_ONLY = "wie veröffentlicht"
NOT_COMPUTABLE = "nicht berechenbar: Neben dem Grad fehlen Arztsitze oder freie Sitze"

#: Decision of the Landesausschuss in words; the empty word is "none published".
DECISIONS: Mapping[str, str] = {
    "": "keiner veröffentlicht",
    "open": "offen",
    "partially_open": "partiell geöffnet",
    "closed": "gesperrt",
    "imminent_under_supply": "drohende Unterversorgung",
    "under_supply": "Unterversorgung",
}
_NUMBERS = ("doctors_counted", "inhabitants", "ratio", "grade_percent", "open_seats")
_NAMES: Mapping[str, str] = {
    "ratio": "Verhältniszahl",
    "grade": "Versorgungsgrad",
    "doctors": "Arztsitze",
    "inhabitants": "Einwohnerzahl",
    "open_seats": "freie Sitze",
}


@dataclass(frozen=True)
class Seats:
    """Seats to 100 % and to 110 % of a row, each as lowest and highest (equal where exact).

    NaN where the row does not say; `basis` (German) tells how, or why not. `inputs` are the
    columns of the row that were used.
    """

    to_100: tuple[float, float]
    to_110: tuple[float, float]
    basis: str
    inputs: tuple[str, ...] = ()


_UNKNOWN = (math.nan, math.nan)


def seats_of_row(row: Mapping[str, Any]) -> Seats:
    """Seats to 100 % and to 110 % from whatever a published row prints.

    Parameters
    ----------
    row : columns of the table `needs_planning`. A number with a word beside it ("rund", "gut") is
        not computed with. Open seats count to 110 %.

    Returns
    -------
    From doctors, residents and ratio exactly; from doctors and grade, or from grade and open
    seats, within the rounding of the grade; else only what is printed.
    """
    doctors, people, ratio, grade, opened = (_plain(row, name) for name in _NUMBERS)
    if doctors is not None and people and ratio:
        need = planning.seats(doctors, people, ratio)
        return Seats(
            (need.to_full_supply,) * 2, (need.to_closing_limit,) * 2, FROM_INPUTS, _NUMBERS[:3]
        )
    if doctors and grade:
        most = planning.seats_from_grade(doctors, grade - 0.05)
        least = planning.seats_from_grade(doctors, grade + 0.05)
        return Seats(
            (least.to_full_supply, most.to_full_supply),
            (least.to_closing_limit, most.to_closing_limit),
            FROM_GRADE,
            ("doctors_counted", "grade_percent"),
        )
    printed = _UNKNOWN if opened is None else (opened, opened)
    if grade is not None and grade >= 100:
        return Seats((0.0, 0.0), printed, PRINTED_ONLY, ("grade_percent",))
    if grade and opened:
        inputs = ("grade_percent", "open_seats")
        return Seats(_from_open_seats(grade, opened), printed, FROM_OPEN_SEATS, inputs)
    return Seats(_UNKNOWN, printed, NOT_COMPUTABLE if opened is None else PRINTED_ONLY, ())


def _from_open_seats(grade: float, opened: float) -> tuple[float, float]:
    """Seats to 100 % where grade and seats to 110 % are printed.

    The unrounded gap to 110 % lies from half a seat below `opened` up to `opened`, and is the need
    times the distance of the grade from 110 %; the need is the same for 100 %.
    """
    low, high = grade - 0.05, grade + 0.05
    least = (opened - 0.5) / (CLOSING_GRADE - low) * (100 - high)
    most = opened / (CLOSING_GRADE - high) * (100 - low)
    return tuple(math.ceil(round(gap * 2, 6)) / 2 for gap in (least, most))  # type: ignore[return-value]


def _plain(row: Mapping[str, Any], column: str) -> float | None:
    """The number in a column; None where there is none or a word stands beside it."""
    value = row.get(column)
    if is_blank(value) or not is_blank(row.get(f"{column}_qualifier")):
        return None
    return float(value)  # type: ignore[arg-type]


def assessed(rows: pd.DataFrame, planning_ratios: pd.DataFrame) -> pd.DataFrame:
    """Published rows with what follows from them.

    Parameters
    ----------
    rows : as returned by `published_planning.published_rows`, one doctor group.
    planning_ratios : table `planning_ratios`.

    Returns
    -------
    `rows` with `to_100_low`, `to_100_high`, `to_110_low`, `to_110_high`, `seats_basis`,
    `general_ratio` (in force on the row's day outside the Ruhr, NaN where none is known to be),
    `required_seats` (at 100 %, from residents and ratio, else from doctors and grade),
    `computed_grade` (from doctors, residents and ratio, NaN where one is missing),
    `decided_words`, `computed_words`, `verdict_words`.
    """
    records: list[dict[str, Any]] = [
        {str(k): v for k, v in r.items()} for r in rows.to_dict("records")
    ]
    seats = [seats_of_row(row) for row in records]
    checks = plausibility.check_rows(rows)
    grades = [_grade(row) for row in records]
    return rows.assign(
        to_100_low=[found.to_100[0] for found in seats],
        to_100_high=[found.to_100[1] for found in seats],
        to_110_low=[found.to_110[0] for found in seats],
        to_110_high=[found.to_110[1] for found in seats],
        seats_basis=[found.basis for found in seats],
        general_ratio=[_general_ratio(planning_ratios, row) for row in records],
        required_seats=[_required(row) for row in records],
        computed_grade=[grade for grade, _ in grades],
        decided_words=rows["status_published"].map(DECISIONS),
        computed_words=[words for _, words in grades],
        verdict_words=[
            _verdict_words(verdict, suspects.split(), earlier, grade)
            for verdict, suspects, earlier, (grade, _) in zip(
                checks["verdict"],
                checks["suspects"],
                checks["fits_earlier_row"],
                grades,
                strict=True,
            )
        ],
    )


def _required(row: Mapping[str, Any]) -> float:
    doctors, people, ratio, grade, _ = (_plain(row, name) for name in _NUMBERS)
    if people and ratio:
        return planning.required_seats(people, ratio)
    if doctors and grade:
        return planning.seats_from_grade(doctors, grade).required
    return math.nan


def newest_need(rows: pd.DataFrame) -> float | None:
    """Full seats needed at 100 % by the newest row that says so; None where none does.

    Parameters
    ----------
    rows : as returned by `assessed`, oldest first.
    """
    known = rows["required_seats"].dropna()
    return None if known.empty else float(known.iloc[-1])


def _grade(row: Mapping[str, Any]) -> tuple[float, str]:
    """Recomputed grade and computed status; the status falls back on the printed grade."""
    doctors, people, ratio, grade, _ = (_plain(row, name) for name in _NUMBERS)
    computed = np.nan
    if doctors is not None and people and ratio:
        computed = planning.planning_grade(doctors, people, ratio)
    used = grade if math.isnan(computed) else computed
    if used is None:
        return computed, "kein Grad veröffentlicht"
    return computed, computed_words(used, str(row["doctor_group"]))


def computed_words(grade: float, doctor_group: str) -> str:
    """What the grade alone says, against the limits of § 24 and § 29 BPL-RL."""
    limit = group_of(doctor_group).under_supply_limit
    match planning.computed_status(grade, doctor_group):
        case ComputedStatus.OVER_SUPPLY:
            return f"über {CLOSING_GRADE} %"
        case ComputedStatus.UNDER_SUPPLY_PRESUMED:
            return f"unter {limit} %"
        case _:
            return f"zwischen {limit} und {CLOSING_GRADE} %"


def _general_ratio(planning_ratios: pd.DataFrame, row: Mapping[str, Any]) -> float:
    if not row.get("is_dated", True):
        return math.nan
    ratios = planning_ratios.rename(columns={"ratio_value": "value"})
    try:
        return ratio_in_force(ratios, str(row["doctor_group"]), str(row["date_to"])).value
    except NoDataError:
        return math.nan


def _verdict_words(verdict: str, suspects: list[str], earlier: str, grade: float) -> str:
    """The verdict; where the row does not fit itself, also the grade that its own numbers give."""
    names = " oder ".join(_NAMES[name] for name in suspects)
    misfit = "passt nicht zusammen"
    if not math.isnan(grade):
        computed = f"{grade:.1f}".replace(".", ",")
        misfit += f": Aus Arztsitzen, Einwohnern und Verhältniszahl ergeben sich {computed} Prozent"
    match RowVerdict(verdict):
        case RowVerdict.FITS:
            return "stimmt in sich"
        case RowVerdict.SUSPECT:
            wrong = _NAMES[earlier] if earlier else names
            origin = " (sie passt zur älteren Zeile)" if earlier else ""
            return f"{misfit}; vermutlich falsch: {wrong}{origin}"
        case RowVerdict.AMBIGUOUS:
            return f"{misfit}; falsch ist {names}"
        case RowVerdict.CONTRADICTORY:
            return f"{misfit}; mehr als eine Zahl ist falsch"
        case _:
            return "nicht prüfbar: zu wenige Zahlen veröffentlicht"


def target_words(
    rows: pd.DataFrame, area: Membership, population: pd.DataFrame, planning_ratios: pd.DataFrame
) -> list[str]:
    """For each row, to which grade its open seats lead, where the press may have mixed them up.

    Parameters
    ----------
    rows : published rows of the planning area.
    area : its members must be known, else nothing can be said.
    population, planning_ratios : the tables; inhabitants are those of the year's end nearest to
        the row, the general ratio is the newest with a date (the rule allows for a quarter).

    Returns
    -------
    German words; empty where nothing can be said. Rule and its assumption: `seat_targets`.
    """
    areas = [area_key(key) for key in area.members]
    words = []
    for raw in rows.to_dict("records"):
        row = {str(key): value for key, value in raw.items()}
        grade, opened = _plain(row, "grade_percent"), _plain(row, "open_seats")
        general = _newest_ratio(planning_ratios, str(row["doctor_group"]))
        people = total_near(population, areas, str(row["date_from"])) if grade and opened else None
        if not (grade and opened and people and general):
            words.append("")
            continue
        fits = [
            str(found.target_percent)
            for found in plausibility.seat_targets(
                grade=grade, open_seats=opened, inhabitants=people, general_ratio=general
            )
            if found.is_plausible
        ]
        words.append(f"die freien Sitze passen nur zu {fits[0]} %" if len(fits) == 1 else "")
    return words


def _newest_ratio(planning_ratios: pd.DataFrame, doctor_group: str) -> float | None:
    rows = planning_ratios.loc[
        planning_ratios["doctor_group"].eq(doctor_group)
        & planning_ratios["ratio_kind"].eq("general")
        & planning_ratios["scope"].isin([GERMANY, OUTSIDE_RUHR])
        & planning_ratios["valid_from"].ne("")
    ].sort_values("valid_from")
    return None if rows.empty else float(rows["ratio_value"].iloc[-1])


def seats_finding(rows: pd.DataFrame, area: Membership, target: int) -> Finding:
    """Seats to `target` (100 or 110) percent of the latest row that says so.

    Parameters
    ----------
    rows : as returned by `published_planning.published_rows`, oldest first.
    """
    label = f"Arztsitze, die bis zu einem Versorgungsgrad von {target} % fehlen"
    parts: dict[str, Any] = {
        "id": f"seats-to-{target}",
        "topic": "supply",
        "label": label,
        "unit": "seats",
        **about_area(area),
    }
    for position in range(len(rows) - 1, -1, -1):
        row = rows.iloc[[position]]
        record = {str(key): value for key, value in row.iloc[0].items()}
        found = seats_of_row(record)
        low, high = found.to_100 if target == 100 else found.to_110
        if not math.isnan(low):
            return _seats_finding(row, found, (low, high), parts)
    if rows.empty:
        return no_data("Für den Planungsbereich ist nichts veröffentlicht.", **parts)
    reason = (
        f"Wie viele Sitze bis {target} % fehlen, steht nicht fest. Neben dem Grad müssten "
        "Arztsitze oder freie Sitze veröffentlicht sein."
    )
    return Finding(
        **parts, value=None, time_period=NO_PERIOD, kind="nicht berechenbar", reason=reason
    )


def _seats_finding(
    row: pd.DataFrame, found: Seats, bounds: tuple[float, float], parts: dict[str, Any]
) -> Finding:
    low, high = bounds
    printed = _plain({str(k): v for k, v in row.iloc[0].items()}, "open_seats")
    is_printed = parts["id"] == "seats-to-110" and printed is not None
    columns = ("open_seats",) if is_printed else found.inputs
    evidence = [item for name in columns for item in evidence_of(row, "needs_planning", name)]
    return Finding(
        **parts,
        value=printed if is_printed else (low + high) / 2,
        time_period=date_of(row.iloc[0]),
        kind="veröffentlichter Wert"
        if is_printed
        else "eigene Berechnung"
        if low == high
        else "Schätzung",
        uncertainty=None
        if is_printed or low == high
        else Uncertainty(low, high, None, "Rundung des veröffentlichten Versorgungsgrads"),
        evidence=tuple(evidence),
    )
