"""Supply on the back of an envelope: balances of published totals.

Sources: IGES for Robert Bosch Stiftung 2021 (stock and flow of full seats); bifg / Bertelsmann
Stiftung 2025 (supply relation, hours); Zi 2/2024 (yearly gap).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pipeline.errors import MethodInputError
from pipeline.methods.exact import Number, exact_not_negative, exact_positive


@dataclass(frozen=True)
class Balance:
    """Full seats at the end of a period, and how many of those planned stay unfilled."""

    stock_end: float
    unfilled: float


def stock_flow_balance(stock: Number, exits: Number, entries: Number, required: Number) -> Balance:
    """Stock less exits plus entries against the seats to be filled (IGES 2021).

    `MethodInputError` where more leave than are there.
    """
    start, out = exact_not_negative(stock, "stock"), exact_not_negative(exits, "exits")
    if out > start:
        raise MethodInputError(
            "more exits than stock", found=float(out), expected=f"at most {float(start)}"
        )
    end = start - out + exact_not_negative(entries, "entries")
    need = exact_not_negative(required, "required seats")
    return Balance(float(end), float(max(need - end, Fraction(0))))


def replacement_heads(exits_seats: Number, seats_per_head: Number) -> float:
    """Entrants needed for the seats that leave, at the part-time factor of successors."""
    return float(
        exact_not_negative(exits_seats, "exits") / exact_positive(seats_per_head, "seats a head")
    )


def supply_relation(supply: Number, need: Number) -> float:
    """Versorgungsrelation in percent: supply over need, both in full-time equivalents (bifg)."""
    return float(100 * exact_not_negative(supply, "supply") / exact_positive(need, "need"))


def hours_factor(weekly_hours: Number, reduction: Number) -> float:
    """What is left of supply when every head works `reduction` hours a week less (bifg)."""
    hours = exact_positive(weekly_hours, "weekly hours")
    less = exact_not_negative(reduction, "reduction")
    if less > hours:
        raise MethodInputError(
            "more hours less than there are", found=float(less), expected="<= hours"
        )
    return float((hours - less) / hours)


def cumulated_gap(gap_a_year: Number, first_year: int, last_year: int) -> float:
    """Sum of a constant yearly gap, first and last year included (Zi 2024: 2022 to 2040)."""
    if last_year < first_year:
        raise MethodInputError(
            "last year before first", found=last_year, expected=f">= {first_year}"
        )
    return float(exact_not_negative(gap_a_year, "gap a year") * (last_year - first_year + 1))
