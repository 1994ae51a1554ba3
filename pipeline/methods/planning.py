"""Needs planning: how many seats an area needs, how well it is supplied, how many are open.

Source: G-BA Bedarfsplanungs-Richtlinie (BPL-RL), § 17 (grade and admissions), § 24 with § 103
SGB V (closing above 110 %), § 29 (under-supply). ``grade = 100 * A * R / E`` with A the weighted
doctors (see `counting`), R the ratio (residents per full seat, see `ratios`), E the residents of
the planning area (women or minors for some groups, see `groups`).

Whether an area is closed or under-supplied is a *decision* of the Landesausschuss. What is
computed here stands beside it and never replaces it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple

import pandas as pd

from pipeline.errors import MethodInputError
from pipeline.methods.exact import Number, exact, exact_not_negative, exact_positive, is_blank
from pipeline.methods.groups import doctor_group as group_of

#: § 24 BPL-RL with § 103 SGB V: over-supply is a grade *above* 110 %.
CLOSING_GRADE = 110
#: § 17(3): where a whole seat would exceed, a half one is admitted.
SEAT_STEP = Fraction(1, 2)
#: Grades are printed to a tenth of a percent.
GRADE_STEP = Fraction(1, 10)


class AtLimit(StrEnum):
    """What is still admitted where the doctors reach the limit exactly.

    `EXCEED` reads § 17(3) by its words: admissions go on until over-supply *has occurred*, and
    exactly 110 % is no over-supply, so one more half seat is open. `REACH` stops at the limit.
    The two differ only at exact equality; the published KVN rows fit both.
    """

    EXCEED = "exceed"
    REACH = "reach"


class ComputedStatus(StrEnum):
    """What the grade alone says."""

    OVER_SUPPLY = "over_supply"
    OPEN = "open"
    PARTIALLY_OPEN = "partially_open"
    UNDER_SUPPLY_PRESUMED = "under_supply_presumed"


class DecidedStatus(StrEnum):
    """What the Landesausschuss decided; empty where no decision was published."""

    CLOSED = "closed"
    OPEN = "open"
    IMMINENT_UNDER_SUPPLY = "imminent_under_supply"
    UNDER_SUPPLY = "under_supply"
    NOT_PUBLISHED = ""


#: What a grade rests on, by the kind of its ratio: printed wherever the grade is.
GRADE_BASIS: dict[str, str] = {
    "regional": "mit der regionalen Verhältniszahl des Planungsbereichs gerechnet",
    "general": "Näherung mit der allgemeinen Verhältniszahl; die regionale kann abweichen",
    "implied": "Verhältniszahl aus dem veröffentlichten Versorgungsgrad zurückgerechnet",
    "unstated": "ob die Verhältniszahl die regionale ist, sagt die Quelle nicht",
}


@dataclass(frozen=True)
class SeatNeed:
    """Seats of a planning area, in full seats.

    `gap` is what is missing to the closing limit before rounding (negative above it);
    `to_full_supply` and `to_closing_limit` are multiples of half a seat, never negative.
    """

    required: float
    gap: float
    to_full_supply: float
    to_closing_limit: float


@dataclass(frozen=True)
class AreaAssessment:
    """A planning area, computed. Two status fields: decided and computed."""

    doctor_group: str
    grade_percent: float
    required_seats: float
    seats_to_100: float
    seats_to_110: float
    ratio: float
    ratio_kind: str
    basis: str
    computed_status: ComputedStatus
    decided_status: DecidedStatus


def required_seats(inhabitants: Number, ratio: Number) -> float:
    """Full seats that an area needs at 100 % (Soll), residents divided by the ratio (§ 17)."""
    return float(_required(inhabitants, ratio))


def planning_grade(doctors: Number, inhabitants: Number, ratio: Number) -> float:
    """Versorgungsgrad in percent, unrounded (§ 17); `doctors` in full seats, not heads."""
    seats = exact_not_negative(doctors, "doctors")
    return float(100 * seats / _required(inhabitants, ratio))


def implied_ratio(doctors: Number, inhabitants: Number, grade: Number) -> float:
    """Residents per full seat that a published grade was computed with."""
    seats = exact_positive(doctors, "doctors")
    people = exact_positive(inhabitants, "inhabitants")
    return float(exact_positive(grade, "grade") * people / (100 * seats))


def implied_ratio_bounds(
    doctors: Number, inhabitants: Number, grade: Number, *, grade_step: Number = GRADE_STEP
) -> tuple[float, float]:
    """Lowest and highest ratio that round to the published grade."""
    half = exact_positive(grade_step, "grade step") / 2
    printed = exact_positive(grade, "grade")
    low, high = max(printed - half, half / 2), printed + half
    return implied_ratio(doctors, inhabitants, low), implied_ratio(doctors, inhabitants, high)


def demography_factor(general_ratio: Number, regional_ratio: Number) -> float:
    """Factor from the general to the regional ratio, as published with both (rules of 2013-2019).

    This only compares the two published numbers; the factor's own formula (shares of the aged
    and their need) is not computed here, because its constants could not be read.
    """
    regional = exact_positive(regional_ratio, "regional ratio")
    return float(regional / exact_positive(general_ratio, "general ratio"))


def seats(
    doctors: Number,
    inhabitants: Number,
    ratio: Number,
    *,
    closing_grade: Number = CLOSING_GRADE,
    step: Number = SEAT_STEP,
    at_limit: AtLimit = AtLimit.EXCEED,
) -> SeatNeed:
    """Seats needed and open, from doctors (full seats), residents and ratio (§ 17(3)).

    Open to the closing limit is the smallest multiple of `step` with which the grade exceeds the
    limit: ``floor((1.1 * required - doctors) * 2) / 2 + 0.5``; zero where it is exceeded already.
    To full supply is the smallest multiple that reaches 100 %. Exact arithmetic throughout.
    """
    counted = exact_not_negative(doctors, "doctors")
    return _seat_need(counted, _required(inhabitants, ratio), closing_grade, step, at_limit)


def seats_from_grade(
    doctors: Number,
    grade: Number,
    *,
    closing_grade: Number = CLOSING_GRADE,
    step: Number = SEAT_STEP,
    at_limit: AtLimit = AtLimit.EXCEED,
) -> SeatNeed:
    """As `seats`, where the ratio is unknown but the grade was published.

    The need is solved back from the grade, whose rounding can move the result by a step: see
    `open_seats_bounds`. A grade of zero says nothing about the need and is an error.
    """
    counted = exact_positive(doctors, "doctors")
    required = 100 * counted / exact_positive(grade, "grade")
    return _seat_need(counted, required, closing_grade, step, at_limit)


def open_seats_bounds(
    doctors: Number,
    grade: Number,
    *,
    grade_step: Number = GRADE_STEP,
    at_limit: AtLimit = AtLimit.EXCEED,
) -> tuple[float, float]:
    """Fewest and most open seats to 110 % that the rounding of the published grade allows."""
    half = exact_positive(grade_step, "grade step") / 2
    printed = exact_positive(grade, "grade")
    fewest = seats_from_grade(doctors, printed + half, at_limit=at_limit)
    most = seats_from_grade(doctors, max(printed - half, half / 2), at_limit=at_limit)
    return fewest.to_closing_limit, most.to_closing_limit


def computed_status(grade: Number, doctor_group: str) -> ComputedStatus:
    """What the grade alone says: strictly above 110, strictly below 75 (GPs) or 50, or open."""
    group = group_of(doctor_group)
    percent = exact_not_negative(grade, "grade")
    if percent > CLOSING_GRADE:
        return ComputedStatus.OVER_SUPPLY
    if percent < group.under_supply_limit:
        return ComputedStatus.UNDER_SUPPLY_PRESUMED
    return ComputedStatus.OPEN


def assess_area(
    *,
    doctor_group: str,
    doctors: Number,
    inhabitants: Number,
    ratio: Number,
    ratio_kind: str,
    decided_status: DecidedStatus | str = DecidedStatus.NOT_PUBLISHED,
    at_limit: AtLimit = AtLimit.EXCEED,
) -> AreaAssessment:
    """Grade, need, open seats and status of one area; `basis` says which ratio was used.

    `ratio_kind` (a key of `GRADE_BASIS`) is required: a grade from the general ratio is an
    approximation and must say so.
    """
    if ratio_kind not in GRADE_BASIS:
        raise MethodInputError(
            "unknown kind of ratio", found=ratio_kind, expected="one of " + ", ".join(GRADE_BASIS)
        )
    need = seats(doctors, inhabitants, ratio, at_limit=at_limit)
    # from the exact grade, so that 110 % computed is 110 % and not a hair more
    exact_grade = 100 * exact(doctors, "doctors") / _required(inhabitants, ratio)
    return AreaAssessment(
        doctor_group=group_of(doctor_group).name,
        grade_percent=float(exact_grade),
        required_seats=need.required,
        seats_to_100=need.to_full_supply,
        seats_to_110=need.to_closing_limit,
        ratio=float(ratio),
        ratio_kind=ratio_kind,
        basis=GRADE_BASIS[ratio_kind],
        computed_status=computed_status(exact_grade, doctor_group),
        decided_status=_decided(decided_status),
    )


def assess_areas(rows: pd.DataFrame, *, at_limit: AtLimit = AtLimit.EXCEED) -> pd.DataFrame:
    """`assess_area` for a frame of published rows, one row a planning area, group and date.

    Parameters
    ----------
    rows : columns `doctor_group`, `doctors_counted` (full seats), `inhabitants`, `ratio`,
        `ratio_kind`, and, if there, `grade_percent` and `status_published`. Where the ratio is
        missing and the grade is there, the ratio is solved back and `used_ratio_kind` is
        `implied`: the grade is then the published one and no check of it. A number with a text in
        `<column>_qualifier` ("rund", ">=110") is not computed with.

    Returns
    -------
    The keys and values of `rows`, with the fields of `AreaAssessment` in columns of their own
    (`computed_grade_percent`, `used_ratio` …), `is_computable`, and `reason`
    ("nicht berechenbar: …") where a row cannot be computed; its values are then missing, not
    zero. Unknown words (group, kind, status) are errors, not flags.
    """
    records = [_assess_record(_keys_as_text(row), at_limit) for row in rows.to_dict("records")]
    computed = pd.DataFrame(records, index=rows.index, columns=list(_RESULT_COLUMNS))
    return rows.join(computed)


_RESULT_COLUMNS = (
    "computed_grade_percent",
    "required_seats",
    "seats_to_100",
    "seats_to_110",
    "used_ratio",
    "used_ratio_kind",
    "basis",
    "computed_status",
    "decided_status",
    "is_computable",
    "reason",
)
_GERMAN = {
    "doctors_counted": "Zahl der gezählten Ärztinnen und Ärzte",
    "inhabitants": "Einwohnerzahl",
    "ratio": "Verhältniszahl",
    "grade_percent": "Versorgungsgrad",
}


def _assess_record(row: dict[str, object], at_limit: AtLimit) -> dict[str, object]:
    # words first: a typing error in a group must not hide behind a missing number
    group = group_of(str(row.get("doctor_group"))).name
    status = _decided(_blank_as(row.get("status_published"), ""))
    try:
        numbers = _inputs(row)
    except _NotComputableError as missing:
        return {
            "decided_status": status.value,
            "is_computable": False,
            "reason": f"nicht berechenbar: {missing}",
        }
    area = assess_area(
        doctor_group=group,
        doctors=numbers.doctors,
        inhabitants=numbers.inhabitants,
        ratio=numbers.ratio,
        ratio_kind=numbers.ratio_kind,
        decided_status=status,
        at_limit=at_limit,
    )
    values = asdict(area)
    return {
        **{name: values[name] for name in _RESULT_COLUMNS if name in values},
        "computed_grade_percent": area.grade_percent,
        "used_ratio": area.ratio,
        "used_ratio_kind": area.ratio_kind,
        "computed_status": area.computed_status.value,
        "decided_status": status.value,
        "is_computable": True,
        "reason": "",
    }


class _NotComputableError(Exception):
    """A row that lacks a number: flagged in the frame, not raised to the user."""


class _Inputs(NamedTuple):
    doctors: Fraction
    inhabitants: Fraction
    ratio: Fraction
    ratio_kind: str


def _inputs(row: Mapping[str, object]) -> _Inputs:
    doctors, people = _printed(row, "doctors_counted"), _printed(row, "inhabitants")
    if doctors is None:
        raise _NotComputableError(f"{_GERMAN['doctors_counted']} fehlt")
    if people is None:
        raise _NotComputableError(f"{_GERMAN['inhabitants']} fehlt")
    if people == 0:
        raise _NotComputableError("Einwohnerzahl ist null")
    ratio = _printed(row, "ratio")
    if ratio is not None:
        kind = _blank_as(row.get("ratio_kind"), "unstated")
        return _Inputs(doctors, people, exact_positive(ratio, "ratio"), str(kind))
    grade = _printed(row, "grade_percent")
    if grade is None:
        raise _NotComputableError("weder Verhältniszahl noch Versorgungsgrad veröffentlicht")
    if doctors == 0 or grade == 0:
        raise _NotComputableError("ein Versorgungsgrad von null verrät keine Verhältniszahl")
    return _Inputs(doctors, people, grade * people / (100 * doctors), "implied")


def _printed(row: Mapping[str, object], column: str) -> Fraction | None:
    """The number in a column, None where there is none; a qualified one is not computed with."""
    value = _blank_as(row.get(column), None)
    if value is None:
        return None
    qualifier = _blank_as(row.get(f"{column}_qualifier"), "")
    if qualifier:
        raise _NotComputableError(f"{_GERMAN[column]} nur ungefähr veröffentlicht ({qualifier})")
    return exact_not_negative(value, column)


def _blank_as(value: object, default: object) -> object:
    return default if is_blank(value) else value


def _keys_as_text(row: Mapping[Any, object]) -> dict[str, object]:
    return {str(key): value for key, value in row.items()}


def _decided(status: object) -> DecidedStatus:
    try:
        return DecidedStatus(str(status))
    except ValueError as error:
        raise MethodInputError(
            "unknown decided status",
            found=status,
            expected=", ".join(repr(word.value) for word in DecidedStatus),
        ) from error


def _required(inhabitants: Number, ratio: Number) -> Fraction:
    return exact_positive(inhabitants, "inhabitants") / exact_positive(ratio, "ratio")


def _seat_need(
    doctors: Fraction, required: Fraction, closing_grade: Number, step: Number, at_limit: AtLimit
) -> SeatNeed:
    unit = exact_positive(step, "seat step")
    gap = required * exact_positive(closing_grade, "closing grade") / 100 - doctors
    return SeatNeed(
        required=float(required),
        gap=float(gap),
        to_full_supply=float(_steps_to_reach(required - doctors, unit)),
        to_closing_limit=float(
            _steps_to_exceed(gap, unit)
            if at_limit is AtLimit.EXCEED
            else _steps_to_reach(gap, unit)
        ),
    )


def _steps_to_reach(gap: Fraction, step: Fraction) -> Fraction:
    return max(math.ceil(gap / step), 0) * step


def _steps_to_exceed(gap: Fraction, step: Fraction) -> Fraction:
    return max(math.floor(gap / step) + 1, 0) * step
