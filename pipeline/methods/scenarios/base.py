"""What all scenarios share: assumptions with a range, the area at the start, its course.

Conventions: amounts of doctors in full seats (Bedarfsplanungsgewicht), money in euros of today,
shares in percent, values at the end of each year. The first year is the state of today; whatever
a scenario changes begins in the year after.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from pipeline.errors import MethodInputError, known_words
from pipeline.methods.findings import Evidence
from pipeline.methods.planning import CLOSING_GRADE
from pipeline.methods.scenarios.tracing import Real, between, larger, smaller, total

#: Source of a number that nobody published for this place.
ASSUMPTION = "Annahme"
#: Last year of every scenario.
HORIZON = 2040

#: Unit word → word for readers.
UNITS: Mapping[str, str] = {
    "percent": "%",
    "years": "Jahre",
    "months": "Monate",
    "seats": "Arztsitze",
    "heads": "Personen",
    "per_year": "im Jahr",
    "eur": "€",
    "hours": "Stunden je Woche",
    "homes": "Wohnungen",
    "persons": "Menschen",
    "days": "Tage",
    "minutes": "Minuten",
    "cases": "Fälle im Jahr",
    "beds": "Betten",
    "residents_per_full_seat": "Menschen je Arztsitz",
}

#: How many times beyond its range a value may lie; further off it is taken for a slip of the keys.
BEYOND = 10
#: Units that models divide by.
_DIVISORS = frozenset({"years", "months", "hours", "days", "persons"})

Values = Mapping[str, Real]


@dataclass(frozen=True)
class Assumption:
    """A number that a scenario rests on.

    Attributes
    ----------
    name : key of `Values`.
    label : what it is, for readers.
    value, low, high : the value taken and the range that is thought possible.
    unit : word of `UNITS`; percent from 0 to 100.
    source : who published it; `ASSUMPTION` where nobody did.
    step : step of the reader's slider.
    neutral : the value at which the scenario changes nothing; None where there is none.
    """

    name: str
    label: str
    value: float
    low: float
    high: float
    unit: str
    source: str = ASSUMPTION
    step: float = 1.0
    neutral: float | None = None

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise MethodInputError("unknown unit", found=self.unit, expected=", ".join(UNITS))
        if not self.low <= self.value <= self.high:
            raise MethodInputError(
                f"range of assumption '{self.name}'",
                found=(self.low, self.value, self.high),
                expected="low <= value <= high",
            )
        for number in (self.low, self.high):
            self.check(number)

    @property
    def is_assumed(self) -> bool:
        """Whether no source stands behind the value."""
        return self.source.startswith(ASSUMPTION)

    def check(self, value: float) -> float:
        """`value`, if it can be a value of this assumption at all; else `MethodInputError`."""
        is_share = self.unit == "percent" and self.low >= 0
        top = 100.0 if is_share else BEYOND * max(self.high, 1.0)
        bottom = 0.0 if self.low >= 0 else -99.0
        is_divisor = self.unit in _DIVISORS and self.low > 0
        if not (math.isfinite(value) and bottom <= value <= top) or (is_divisor and value == 0):
            raise MethodInputError(
                f"assumption '{self.name}' ({self.label})",
                found=value,
                expected=f"{'above' if is_divisor else 'from'} {bottom:g} to {top:.15g}",
            )
        return value


def values_of(*groups: tuple[Assumption, ...]) -> dict[str, float]:
    """Name → value of all assumptions."""
    return {item.name: item.value for group in groups for item in group}


def with_values(
    assumptions: tuple[Assumption, ...], given: Mapping[str, float]
) -> dict[str, float]:
    """The assumptions' values, some of them replaced.

    Raises
    ------
    MethodInputError : an unknown name (the known ones are listed) or an impossible value.
    """
    known = {item.name: item for item in assumptions}
    unknown = [name for name in given if name not in known]
    if unknown:
        raise MethodInputError(
            "unknown assumption", found=unknown[0], expected=known_words(unknown[0], sorted(known))
        )
    return values_of(assumptions) | {name: known[name].check(v) for name, v in given.items()}


@dataclass(frozen=True)
class Start:
    """An area today, and what happens to it if nothing is done.

    Attributes
    ----------
    ref_area, name, level : whose numbers these are.
    years : from today to the horizon, without a gap.
    inhabitants : persons at the end of each year (projection).
    ratio : residents per full seat that the need is computed with.
    basis : in which way seats and ratio are known (a key of `start.BASES`).
    assumptions : `seats_today`, `leaving_share`, `succession_share` and `free_seats`.
    exit_profile : share of all exits that falls into each year (the first year: 0), sum 1.
    grade_reason : why no official grade can be given, for readers.
    evidence : the rows that the start rests on.
    """

    ref_area: str
    name: str
    level: str
    years: tuple[int, ...]
    inhabitants: tuple[float, ...]
    ratio: float
    basis: str
    assumptions: tuple[Assumption, ...]
    exit_profile: tuple[float, ...]
    grade_reason: str = ""
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.years)
        if n < 2 or list(self.years) != list(range(self.years[0], self.years[0] + n)):
            raise MethodInputError("years", found=self.years, expected="two or more, no gap")
        if len(self.inhabitants) != n or len(self.exit_profile) != n:
            raise MethodInputError(
                "inhabitants and exits do not pair with the years",
                found=(len(self.inhabitants), len(self.exit_profile)),
                expected=str(n),
            )
        if not (min(self.inhabitants) > 0 and self.ratio > 0):
            raise MethodInputError("inhabitants and ratio", expected="above zero")
        profile = self.exit_profile
        if profile[0] != 0 or min(profile) < 0 or not math.isclose(sum(profile), 1.0):
            raise MethodInputError(
                "profile of the exits", found=profile, expected="0 first, sum 1, none negative"
            )


@dataclass(frozen=True)
class Course:
    """An area year by year. Every field holds one number a year of `start.years`.

    Attributes
    ----------
    exits : full seats of today's doctors given up since the start.
    succession : of these, seats that successors took over.
    won : seats that measures filled.
    neighbour_seats : change at the neighbours; a doctor won from there is lost there.
    relief : doctor time set free, in full seats; it never counts towards a grade.
    people : inhabitants.
    outside_users : persons from elsewhere who use the practices, less own who go elsewhere.
    ratio : residents per full seat.
    cost : money that the municipality spends in the year and does not see again, in euros.
    loan : loan of the municipality that is still outstanding, in euros.
    """

    start: Start
    exits: tuple[Real, ...]
    succession: tuple[Real, ...]
    won: tuple[Real, ...]
    neighbour_seats: tuple[Real, ...]
    relief: tuple[Real, ...]
    people: tuple[Real, ...]
    outside_users: tuple[Real, ...]
    ratio: tuple[Real, ...]
    cost: tuple[Real, ...]
    loan: tuple[Real, ...]
    seats_today: Real = field(default=0.0)

    @property
    def seats(self) -> tuple[Real, ...]:
        """Full seats that are filled."""
        rows = zip(self.exits, self.succession, self.won, strict=True)
        return tuple(self.seats_today - out + back + won for out, back, won in rows)

    @property
    def required(self) -> tuple[Real, ...]:
        """Full seats that the inhabitants need by the ratio (Soll)."""
        return tuple(p / r for p, r in zip(self.people, self.ratio, strict=True))

    @property
    def coverage(self) -> tuple[Real, ...]:
        """Filled in percent of needed seats."""
        rows = zip(self.seats, self.required, strict=True)
        return tuple(100.0 * seats / need for seats, need in rows)

    @property
    def cumulated_cost(self) -> tuple[Real, ...]:
        """Money spent since the start, in euros."""
        return tuple(total(self.cost[: i + 1]) for i in range(len(self.cost)))


def baseline(start: Start, values: Values) -> Course:
    """What happens if nothing is done: some leave, some of them find a successor."""
    zero = (0.0,) * len(start.years)
    exits = cumulated_exits(start, values, 0.0)
    return Course(
        start=start,
        exits=exits,
        succession=tuple(out * values["succession_share"] / 100.0 for out in exits),
        won=zero,
        neighbour_seats=zero,
        relief=zero,
        people=start.inhabitants,
        outside_users=zero,
        ratio=(start.ratio,) * len(start.years),
        cost=zero,
        loan=zero,
        seats_today=values["seats_today"],
    )


def cumulated_exits(start: Start, values: Values, delay: Real) -> tuple[Real, ...]:
    """Seats given up by each year, everybody `delay` years later; evenly within a year."""
    leaving = values["seats_today"] * values["leaving_share"] / 100.0
    shares = start.exit_profile
    return tuple(
        leaving
        * total(
            [share * between(year - delay - (j - 1), 0.0, 1.0) for j, share in enumerate(shares)]
        )
        for year in range(len(shares))
    )


def pool(course: Course, values: Values) -> tuple[Real, ...]:
    """Seats that can still be filled in each year.

    Free today, or given up without a successor, less those won; and never more than lead to the
    closing limit of 110 percent of the need.
    """
    given_up = zip(course.exits, course.succession, course.won, strict=True)
    vacant = [values["free_seats"] + out - back - won for out, back, won in given_up]
    limit = CLOSING_GRADE / 100.0
    rows = zip(vacant, course.required, course.seats, strict=True)
    return tuple(larger(smaller(free, limit * need - seats), 0.0) for free, need, seats in rows)


#: Column of the result → field of `Course`.
DIMENSIONS: Mapping[str, str] = {
    "inhabitants": "people",
    "required_seats": "required",
    "seats": "seats",
    "coverage_percent": "coverage",
    "relief_seats": "relief",
    "neighbour_seats": "neighbour_seats",
    "cost_eur": "cost",
    "cumulated_cost_eur": "cumulated_cost",
    "loan_eur": "loan",
}


def to_frame(course: Course) -> pd.DataFrame:
    """A course as a table: `year`, the columns of `DIMENSIONS` and `users_per_seat`."""
    columns = {name: list(getattr(course, part)) for name, part in DIMENSIONS.items()}
    frame = pd.DataFrame({"year": course.start.years, **columns})
    users = frame["inhabitants"] + pd.Series(list(course.outside_users))
    return frame.assign(users_per_seat=users / frame["seats"].where(frame["seats"] > 0))
