"""Does a published needs-planning row fit itself, and if not, which number is wrong?

Grade, doctors, residents, ratio and open seats of a row hang together by two formulas
(`planning`). A number is *suspect* if exchanging it alone for the value that the others imply
makes the whole row fit. One suspect is a verdict; several are a choice that the row cannot make
by itself; none means that more than one number is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

import pandas as pd

from pipeline.methods.exact import Number, exact, exact_not_negative, exact_positive, is_blank
from pipeline.methods.planning import (
    CLOSING_GRADE,
    GRADE_STEP,
    SEAT_STEP,
    AtLimit,
    planning_grade,
    seats_from_grade,
)

#: Weights come in quarters, ratios and residents are whole numbers.
DOCTORS_STEP = Fraction(1, 4)
RATIO_STEP = Fraction(1)
INHABITANTS_STEP = Fraction(1)
#: Assumption: how far a regional ratio may lie from the general one and still be believed. The
#: complete published rows stay within 7 %.
PLAUSIBLE_RATIO_DEVIATION = Fraction(1, 4)


class RowVerdict(StrEnum):
    """What the check of a row found."""

    FITS = "fits"
    SUSPECT = "suspect"
    AMBIGUOUS = "ambiguous"
    CONTRADICTORY = "contradictory"
    NOT_CHECKABLE = "not_checkable"


@dataclass(frozen=True)
class PublishedRow:
    """A row as printed; None where it prints nothing.

    Units: doctors in full seats, ratio in residents per full seat, grade in percent, open seats
    to 110 %. `inhabitants_step` is the unit that residents were rounded to (1,000 for "rund
    173.000").
    """

    doctors: Number | None = None
    inhabitants: Number | None = None
    ratio: Number | None = None
    grade: Number | None = None
    open_seats: Number | None = None
    inhabitants_step: Number = INHABITANTS_STEP


@dataclass(frozen=True)
class RowCheck:
    """Result of `check_row`.

    `suspects` maps the name of each number that may be wrong to the value that would fit.
    `fits_earlier_row` names a suspect whose printed value fits an earlier row of the same area:
    the usual way a wrong number gets into print.
    """

    verdict: RowVerdict
    recomputed_grade: float | None = None
    recomputed_open_seats: tuple[float, float] | None = None
    suspects: tuple[tuple[str, float], ...] = ()
    fits_earlier_row: str | None = None


def check_row(
    row: PublishedRow,
    *,
    earlier: PublishedRow | None = None,
    at_limit: AtLimit = AtLimit.EXCEED,
) -> RowCheck:
    """Check a published row against its own formulas, within the rounding of what it prints.

    Parameters
    ----------
    row : the published numbers; at least doctors, grade and one of (residents and ratio) or open
        seats, else the verdict is `not_checkable`.
    earlier : another row of the same area, in which a suspect's value may belong.
    """
    values = _values(row)
    if not _is_checkable(values):
        return RowCheck(RowVerdict.NOT_CHECKABLE)
    found = RowCheck(
        RowVerdict.FITS,
        recomputed_grade=_recomputed_grade(values),
        recomputed_open_seats=_seat_range(values, at_limit),
    )
    if _fits(values, row, at_limit):
        return found
    suspects = _suspects(values, row, at_limit)
    verdict = {0: RowVerdict.CONTRADICTORY, 1: RowVerdict.SUSPECT}.get(
        len(suspects), RowVerdict.AMBIGUOUS
    )
    belongs = _fits_elsewhere(row, suspects, earlier, at_limit)
    return replace(
        found,
        verdict=RowVerdict.SUSPECT if belongs else verdict,
        suspects=tuple(suspects.items()),
        fits_earlier_row=belongs,
    )


def check_rows(rows: pd.DataFrame, *, at_limit: AtLimit = AtLimit.EXCEED) -> pd.DataFrame:
    """`check_row` for a frame of published rows.

    Parameters
    ----------
    rows : columns `doctors_counted`, `inhabitants`, `ratio`, `grade_percent`, `open_seats`
        (missing where not printed). A number with a text in `<column>_qualifier` is left out.
        Residents in whole thousands count as rounded to thousands. With `planning_area`,
        `doctor_group` and `date_from`, the row of the same area before it is its earlier row.

    Returns
    -------
    Index of `rows`; columns `verdict`, `suspects` (names, separated by spaces),
    `fits_earlier_row` (a name, or empty) and `recomputed_grade`.
    """
    published = [_published(row) for row in rows.to_dict("records")]
    checks = [
        check_row(row, earlier=None if before is None else published[before], at_limit=at_limit)
        for row, before in zip(published, _positions_before(rows), strict=True)
    ]
    return pd.DataFrame(
        {
            "verdict": [check.verdict.value for check in checks],
            "suspects": [" ".join(name for name, _ in check.suspects) for check in checks],
            "fits_earlier_row": [check.fits_earlier_row or "" for check in checks],
            "recomputed_grade": [check.recomputed_grade for check in checks],
        },
        index=rows.index,
    )


_COLUMNS = {
    "doctors": "doctors_counted",
    "inhabitants": "inhabitants",
    "ratio": "ratio",
    "grade": "grade_percent",
    "open_seats": "open_seats",
}


def _published(row: Mapping[Hashable, object]) -> PublishedRow:
    values = {name: _plain(row, column) for name, column in _COLUMNS.items()}
    people = values["inhabitants"]
    is_round = people is not None and exact(people, "inhabitants") % 1000 == 0
    return PublishedRow(**values, inhabitants_step=1000 if is_round else INHABITANTS_STEP)


def _plain(row: Mapping[Hashable, object], column: str) -> Number | None:
    value, qualifier = row.get(column), row.get(f"{column}_qualifier")
    if is_blank(value) or not is_blank(qualifier):
        return None
    return exact_not_negative(value, column)


def _positions_before(rows: pd.DataFrame) -> list[int | None]:
    """For each row the position of the same area's row before it in time."""
    before: list[int | None] = [None] * len(rows)
    keys = ["planning_area", "doctor_group", "date_from"]
    if not set(keys) <= set(rows.columns):
        return before
    latest: dict[tuple[object, object], int] = {}
    order = rows.reset_index(drop=True).sort_values("date_from", kind="stable")
    for position, area, group in zip(
        order.index, order["planning_area"], order["doctor_group"], strict=True
    ):
        before[position] = latest.get((area, group))
        latest[(area, group)] = position
    return before


_NAMES = ("ratio", "grade", "doctors", "inhabitants")


def _values(row: PublishedRow) -> dict[str, Fraction]:
    """The numbers that the row prints, by name; a zero cannot be divided by and is left out."""
    printed = {name: getattr(row, name) for name in _NAMES}
    named = {name: exact_not_negative(v, name) for name, v in printed.items() if v is not None}
    values = {name: value for name, value in named.items() if value > 0}
    if row.open_seats is not None:
        values["open_seats"] = exact_not_negative(row.open_seats, "open seats")
    return values


def _is_checkable(values: dict[str, Fraction]) -> bool:
    return {"doctors", "grade"} <= values.keys() and (
        "open_seats" in values or {"inhabitants", "ratio"} <= values.keys()
    )


def _grade_range(
    values: dict[str, Fraction], row: PublishedRow
) -> tuple[Fraction, Fraction] | None:
    """Lowest and highest grade that doctors, residents and ratio allow as printed."""
    if not {"inhabitants", "ratio"} <= values.keys():
        return None
    people, ratio = values["inhabitants"], values["ratio"]
    people_half = exact_positive(row.inhabitants_step, "unit of inhabitants") / 2
    low = (ratio - RATIO_STEP / 2) / (people + people_half)
    high = (ratio + RATIO_STEP / 2) / max(people - people_half, Fraction(1))
    return 100 * values["doctors"] * low, 100 * values["doctors"] * high


def _seat_range(values: dict[str, Fraction], at_limit: AtLimit) -> tuple[float, float]:
    """Fewest and most open seats that doctors and the printed grade allow."""
    half = GRADE_STEP / 2
    grade = values["grade"]
    return (
        seats_from_grade(values["doctors"], grade + half, at_limit=at_limit).to_closing_limit,
        seats_from_grade(
            values["doctors"], max(grade - half, half / 2), at_limit=at_limit
        ).to_closing_limit,
    )


def _fits(values: dict[str, Fraction], row: PublishedRow, at_limit: AtLimit) -> bool:
    grades = _grade_range(values, row)
    if grades is not None:
        low, high = grades
        half = GRADE_STEP / 2
        if high < values["grade"] - half or low > values["grade"] + half:
            return False
    if "open_seats" not in values:
        return True
    fewest, most = _seat_range(values, at_limit)
    return fewest <= values["open_seats"] <= most


def _suspects(
    values: dict[str, Fraction], row: PublishedRow, at_limit: AtLimit
) -> dict[str, float]:
    """Each number that, exchanged alone, makes the row fit, with a value that does."""
    found: dict[str, float] = {}
    for name, candidates in _candidates(values, at_limit).items():
        fitting = (c for c in candidates if _fits({**values, name: c}, row, at_limit))
        first = next(fitting, None)
        if first is not None:
            found[name] = float(first)
    return found


def _candidates(values: dict[str, Fraction], at_limit: AtLimit) -> dict[str, list[Fraction]]:
    """For each printed number, what the others imply, in the steps it is printed in."""
    doctors, grade = values["doctors"], values["grade"]
    found: dict[str, list[Fraction]] = {}
    if {"inhabitants", "ratio"} <= values.keys():
        people, ratio = values["inhabitants"], values["ratio"]
        found["ratio"] = _near(grade * people / (100 * doctors), RATIO_STEP)
        found["grade"] = _near(100 * doctors * ratio / people, GRADE_STEP)
        found["doctors"] = _near(grade * people / (100 * ratio), DOCTORS_STEP)
        found["inhabitants"] = _near(100 * doctors * ratio / grade, INHABITANTS_STEP)
    elif values["open_seats"] > 0 and grade < CLOSING_GRADE:
        # the middle of the half seat that the rounding swallowed
        gap = values["open_seats"] - SEAT_STEP / 2
        found["grade"] = _near(CLOSING_GRADE * doctors / (doctors + gap), GRADE_STEP)
        found["doctors"] = _near(gap * grade / (CLOSING_GRADE - grade), DOCTORS_STEP)
    if "open_seats" in values:
        fewest, most = _seat_range(values, at_limit)
        found["open_seats"] = [Fraction(fewest), Fraction(most)]
    return found


def _near(value: Fraction, step: Fraction) -> list[Fraction]:
    below = value // step * step
    steps = (candidate for candidate in (below, below + step) if candidate > 0)
    return sorted(steps, key=lambda candidate: abs(candidate - value))


def _fits_elsewhere(
    row: PublishedRow,
    suspects: dict[str, float],
    earlier: PublishedRow | None,
    at_limit: AtLimit,
) -> str | None:
    """The one suspect whose printed value completes an earlier row of the area."""
    if earlier is None:
        return None
    fitting = []
    for name in suspects:
        other = _values(replace(earlier, **{name: getattr(row, name)}))
        whole = _is_checkable(other) and _grade_range(other, earlier) is not None
        if whole and _fits(other, earlier, at_limit):
            fitting.append(name)
    return fitting[0] if len(fitting) == 1 else None


def _recomputed_grade(values: dict[str, Fraction]) -> float | None:
    if not {"inhabitants", "ratio"} <= values.keys():
        return None
    return planning_grade(values["doctors"], values["inhabitants"], values["ratio"])


# ------------------------------------------------------------------- seats "to reach x percent"


@dataclass(frozen=True)
class SeatTarget:
    """Ratios that a published number of missing seats implies, for one target grade.

    NaN where the grade lies above the target, infinite where the seats set no upper bound.
    """

    target_percent: int
    lowest_ratio: float
    highest_ratio: float
    is_plausible: bool


def seat_targets(
    *,
    grade: Number,
    open_seats: Number,
    inhabitants: Number,
    general_ratio: Number,
    targets: tuple[int, ...] = (100, 110),
) -> tuple[SeatTarget, ...]:
    """To which grade do so many missing seats lead?

    The press often prints the seats to 110 % as seats "needed for 100 %". Grade and missing seats
    imply a need in full seats, and with the residents a ratio; only the true target implies one
    near the general ratio (within `PLAUSIBLE_RATIO_DEVIATION`, an assumption). `MethodInputError`
    for a grade, residents or seats of zero.
    """
    printed = exact_positive(grade, "grade")
    missing = exact_positive(open_seats, "open seats")
    people = exact_positive(inhabitants, "inhabitants")
    general = exact_positive(general_ratio, "general ratio")
    nearest = general * (1 - PLAUSIBLE_RATIO_DEVIATION), general * (1 + PLAUSIBLE_RATIO_DEVIATION)
    found = []
    for target in targets:
        low, high = _implied_ratios(printed, missing, people, target)
        # NaN compares false: a grade above the target leaves no seats missing to it
        is_plausible = low <= nearest[1] and high >= nearest[0]
        found.append(SeatTarget(target, low, high, is_plausible))
    return tuple(found)


def _implied_ratios(
    grade: Fraction, missing: Fraction, people: Fraction, target: int
) -> tuple[float, float]:
    """Lowest and highest ratio for which the rounded-up gap to the target is `missing` seats.

    The unrounded gap lies between a half seat less and `missing`; the need is the gap over the
    distance of the grade from its target, and the ratio the residents over the need.
    """
    half_grade = GRADE_STEP / 2
    nearest, farthest = target - grade - half_grade, target - grade + half_grade
    if farthest <= 0:
        return math.nan, math.nan
    least_gap = missing - SEAT_STEP
    low = float(people * nearest / (100 * missing)) if nearest > 0 else 0.0
    high = float(people * farthest / (100 * least_gap)) if least_gap > 0 else math.inf
    return low, high
