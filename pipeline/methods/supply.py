"""How many doctors will be there: stock and flow by age.

``stock(t+1) = sum over ages of stock(t) * (1 - exit(age)) + entries(t)``, for heads, full seats
(Bedarfsplanungsgewicht) and weekly hours apart, because a leaver's full seat is often followed by
a half one. Who leaves when says `exit_rules`; uncertainty by simulation is in
`supply_simulation`.

Where no ages are known, only bounds can be given (`bounds_from_share_over`), and without even a
share of the older doctors nothing: there is no public age distribution of GPs below the region
of a Kassenärztliche Vereinigung.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from pipeline.errors import MethodInputError
from pipeline.methods.exact import Number, exact_not_negative, exact_positive
from pipeline.methods.exit_rules import NRW_2019, OLDEST, YOUNGEST, ExitRule
from pipeline.methods.groups import doctor_group as group_of

MEASURES = ("heads", "seats", "hours")

# ------------------------------------------------------------------------------- stock by age


def stock_by_age(doctors: pd.DataFrame) -> pd.DataFrame:
    """Heads, full seats and hours by age from a list of doctors.

    Parameters
    ----------
    doctors : one row a doctor: `age` (completed years), `weight` (full seats) and, if known,
        `weekly_hours`.

    Returns
    -------
    Frame indexed by age `YOUNGEST` … `OLDEST`; columns `heads`, `seats`, `hours` (missing where
    one doctor's hours are missing). `MethodInputError` for an age outside or a weight outside 0-1.
    """
    for column in ("age", "weight"):
        if column not in doctors.columns:
            raise MethodInputError(
                "column missing in the list of doctors",
                found=list(doctors.columns),
                expected=column,
            )
    age = pd.to_numeric(doctors["age"], errors="coerce")
    weight = pd.to_numeric(doctors["weight"], errors="coerce")
    _check_each(doctors["age"], age.between(YOUNGEST, OLDEST) & (age % 1 == 0), "age", "25 to 100")
    _check_each(doctors["weight"], weight.between(0, 1), "weight", "0 to 1 full seat")
    given = doctors.get("weekly_hours", pd.Series(np.nan, index=doctors.index))
    hours = pd.to_numeric(given, errors="coerce")
    _check_each(given, given.isna() | hours.between(0, 168), "weekly_hours", "0 to 168 or empty")
    frame = pd.DataFrame({"age": age.astype(int), "heads": 1.0, "seats": weight, "hours": hours})
    stock = frame.groupby("age")[list(MEASURES)].sum().reindex(_ages(), fill_value=0.0)
    if hours.isna().any():
        stock["hours"] = np.nan
    return stock


def _ages() -> pd.Index:
    return pd.Index(range(YOUNGEST, OLDEST + 1), name="age")


def _check_each(values: pd.Series, good: pd.Series, name: str, expected: str) -> None:
    if not good.all():
        position = int(np.argmax(~good.to_numpy())) + 1
        raise MethodInputError(
            f"doctor {position}: {name}", found=values.iloc[position - 1], expected=expected
        )


# ------------------------------------------------------------------------------- forecast


@dataclass(frozen=True)
class Entries:
    """Doctors who come in each year.

    Attributes
    ----------
    heads : a year.
    seats_per_head : part-time factor of successors, full seats a head.
    hours_per_head : weekly hours a head; None where hours are not forecast.
    age : at entry; only matters where the horizon reaches their own retirement.
    """

    heads: float = 0.0
    seats_per_head: float = 1.0
    hours_per_head: float | None = None
    age: int = 40

    def __post_init__(self) -> None:
        exact_not_negative(self.heads, "entries a year")
        share = exact_positive(self.seats_per_head, "full seats a head")
        if share > 1:
            raise MethodInputError(
                "full seats a head", found=self.seats_per_head, expected="above 0, at most 1"
            )
        if self.hours_per_head is not None:
            exact_not_negative(self.hours_per_head, "hours a head")
        if not YOUNGEST <= self.age <= OLDEST:
            raise MethodInputError("age at entry", found=self.age, expected="25 to 100")

    def by_measure(self) -> dict[str, float]:
        """Heads, seats and hours that come in each year."""
        hours_per_head = np.nan if self.hours_per_head is None else self.hours_per_head
        return {
            "heads": self.heads,
            "seats": self.heads * self.seats_per_head,
            "hours": self.heads * hours_per_head if self.heads else 0.0,
        }


def forecast_supply(
    stock: pd.DataFrame,
    *,
    base_year: int,
    target_year: int,
    exit_rule: ExitRule,
    entries: Entries | Mapping[int, Entries] | None = None,
) -> pd.DataFrame:
    """Heads, full seats and hours each year to the target, with exits and entries.

    Parameters
    ----------
    stock : by age, as `stock_by_age` gives it, at the end of `base_year`.
    exit_rule : a preset of `EXIT_RULES` or one of your own.
    entries : the same each year, or one by year (a year not named has none).

    Returns
    -------
    One row a year from `base_year`: `year` and, for each of heads, seats and hours, the stock at
    the year's end, `<measure>_exits` and `<measure>_entries` within the year. Entrants age and
    leave by the same rule, from the year after they came.
    """
    if target_year <= base_year:
        raise MethodInputError(
            "the target year must follow the base year",
            found=target_year,
            expected=f"> {base_year}",
        )
    current = _checked_stock(stock)
    leaving = exit_rule.exit_probabilities()[:, np.newaxis]
    rows = [_year_row(base_year, current, np.zeros(3), np.zeros(3))]
    for year in range(base_year + 1, target_year + 1):
        exits = current * leaving
        current = _a_year_older(current - exits)
        coming = _entries_of(entries, year)
        arrivals = np.array(list(coming.by_measure().values())) if coming else np.zeros(3)
        if coming:
            current[coming.age - YOUNGEST] += arrivals
        rows.append(_year_row(year, current, exits.sum(axis=0), arrivals))
    return pd.DataFrame(rows)


def target_year_supply(
    doctors: pd.DataFrame, *, base_year: int, target_year: int, rule: ExitRule = NRW_2019
) -> float:
    """Full seats left of today's doctors in the target year, weighed by their age there.

    The published NRW calculation: a single step without flows. A doctor who is 66 today already
    counts by age in the target year alone, so this lies below `forecast_supply`, which counts
    today's active doctors as active today.
    """
    if target_year < base_year:
        raise MethodInputError(
            "target before base year", found=target_year, expected=f">= {base_year}"
        )
    stock = stock_by_age(doctors)["seats"]
    weights = [rule.share_at(age + target_year - base_year) for age in stock.index]
    return float((stock * weights).sum())


def _checked_stock(stock: pd.DataFrame) -> np.ndarray:
    missing = [name for name in MEASURES if name not in stock.columns]
    if missing or not stock.index.equals(_ages()):
        raise MethodInputError(
            "not a stock by age",
            found=list(stock.columns),
            expected=f"columns {', '.join(MEASURES)}, one row an age from {YOUNGEST} to {OLDEST}",
            remedy="build it with stock_by_age",
        )
    values = stock[list(MEASURES)].to_numpy(dtype=float)
    if (values < 0).any() or np.isnan(values[:, :2]).any():
        raise MethodInputError(
            "a negative or missing stock", expected="heads and seats of 0 or more"
        )
    return values


def _a_year_older(staying: np.ndarray) -> np.ndarray:
    older = np.zeros_like(staying)
    older[1:] = staying[:-1]
    older[-1] += staying[-1]
    return older


def _entries_of(entries: Entries | Mapping[int, Entries] | None, year: int) -> Entries | None:
    return entries.get(year) if isinstance(entries, Mapping) else entries


def _year_row(
    year: int, stock: np.ndarray, exits: np.ndarray, arrivals: np.ndarray
) -> dict[str, float]:
    row: dict[str, float] = {"year": year}
    for position, name in enumerate(MEASURES):
        row[name] = stock[:, position].sum()
        row[f"{name}_exits"] = exits[position]
        row[f"{name}_entries"] = arrivals[position]
    return row


# ------------------------------------------------------------------------------- crossing


@dataclass(frozen=True)
class Crossing:
    """The first year in which the grade falls below the limit; `year` None with the reason."""

    limit_percent: int
    year: int | None
    reason: str


def crossing_year(
    path: pd.DataFrame, required_seats: Number | Mapping[int, Number], doctor_group: str
) -> Crossing:
    """First year with a computed grade below 75 % (GPs) or 50 % (specialists), § 29 BPL-RL.

    Parameters
    ----------
    path : result of `forecast_supply` (`year`, `seats`).
    required_seats : need at 100 %, constant or for every year of the path.
    """
    limit = group_of(doctor_group).under_supply_limit
    by_year = required_seats if isinstance(required_seats, Mapping) else None
    missing = [] if by_year is None else sorted(set(path["year"]) - set(by_year))
    if missing:
        raise MethodInputError(
            "no required seats for a year of the path", found=missing, expected="a need every year"
        )
    for year, seats in zip(path["year"], path["seats"], strict=True):
        need = required_seats if by_year is None else by_year[int(year)]
        # a hair of tolerance: the path is a sum of floats, and 75 % exactly is not below 75 %
        if 100 * seats / float(exact_positive(need, "required seats")) < limit - 1e-9:
            return Crossing(limit, int(year), "")
    return Crossing(limit, None, f"bis {int(path['year'].iloc[-1])} nicht unter {limit} %")


# ------------------------------------------------------------------------------- bounds


@dataclass(frozen=True)
class SupplyBounds:
    """Seats in the target year if only the share of the older doctors is known.

    `lowest`: all doctors above the age limit leave without a successor; `highest`: every leaver
    is replaced in full. Not a forecast: `condition` (German, printed with it) says what if.
    """

    lowest_seats: float
    highest_seats: float
    condition: str


@dataclass(frozen=True)
class NotComputable:
    """No number, and why (German, printed in its place)."""

    reason: str


NO_AGES = (
    "nicht berechenbar: Für diesen Raum liegt weder eine Altersverteilung noch ein Anteil "
    "älterer Ärztinnen und Ärzte vor."
)


def bounds_from_share_over(
    seats: Number,
    share_over_percent: Number,
    *,
    age_limit: int,
    target_year: int,
    share_step: Number = 1,
    replaced_percent: tuple[Number, Number] = (0, 100),
) -> SupplyBounds:
    """What-if bounds from the published share of doctors above an age.

    Published shares count heads. Taken of full seats, as here, they assume that the older doctors
    hold as many seats a head as the younger.

    Parameters
    ----------
    seats : full seats (or heads) today.
    share_over_percent : share above `age_limit`, as printed, rounded to `share_step`.
    age_limit : 60 or 65 as the source says; the two are never mixed.
    replaced_percent : least and most of the leavers that find a successor.
    """
    stock = exact_not_negative(seats, "seats")
    share = exact_not_negative(share_over_percent, "share")
    least, most = (exact_not_negative(part, "replaced share") for part in replaced_percent)
    if share > 100 or not least <= most <= 100:
        raise MethodInputError(
            "shares in percent",
            found=(share_over_percent, replaced_percent),
            expected="0 to 100, the lower replacement first",
        )
    share_high = min(share + exact_positive(share_step, "unit of the share") / 2, Fraction(100))
    share_low = max(share - exact_positive(share_step, "unit of the share") / 2, Fraction(0))
    return SupplyBounds(
        lowest_seats=float(stock * (1 - share_high / 100 * (1 - least / 100))),
        highest_seats=float(stock * (1 - share_low / 100 * (1 - most / 100))),
        condition=f"wenn alle über {age_limit}-Jährigen bis {target_year} ausscheiden und "
        f"{float(least):g} bis {float(most):g} % von ihnen vollständig ersetzt werden",
    )


def outlook(
    *,
    doctors: pd.DataFrame | None = None,
    seats: Number | None = None,
    share_over_percent: Number | None = None,
    age_limit: int | None = None,
    base_year: int,
    target_year: int,
    exit_rule: ExitRule = NRW_2019,
    entries: Entries | None = None,
) -> pd.DataFrame | SupplyBounds | NotComputable:
    """The best that the data allow: a forecast by age, bounds from a share, or the reason why not.

    Ages (`doctors`, as for `stock_by_age`) give the path of `forecast_supply`; seats with a share
    over `age_limit` give `SupplyBounds`; anything less gives `NotComputable`.
    """
    if doctors is not None and not doctors.empty:
        return forecast_supply(
            stock_by_age(doctors),
            base_year=base_year,
            target_year=target_year,
            exit_rule=exit_rule,
            entries=entries,
        )
    if seats is None or share_over_percent is None or age_limit is None:
        return NotComputable(NO_AGES)
    return bounds_from_share_over(
        seats, share_over_percent, age_limit=age_limit, target_year=target_year
    )
