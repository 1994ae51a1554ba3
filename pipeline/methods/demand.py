"""Rates and counts of utilisation: from one to the other, and rates of groups put together.

These are identities, not models: they hold for any rate. Rates times a future population is
expected utilisation at today's behaviour, not need.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pandas as pd

from pipeline.errors import MethodInputError
from pipeline.methods.exact import Number, exact_not_negative, exact_positive


def cases_from_rate(population: Number, rate: Number, *, per: Number = 1) -> float:
    """Expected cases: population times rate, the rate per `per` persons."""
    people = exact_not_negative(population, "population")
    return float(people * exact_not_negative(rate, "rate") / exact_positive(per, "per"))


def units_per_case(units_per_1000: Number, cases_per_1000: Number) -> float:
    """Units (treatments) a case (prescription), from two rates on the same population."""
    units = exact_not_negative(units_per_1000, "units")
    return float(units / exact_positive(cases_per_1000, "cases"))


def pooled_rate(counts: Sequence[Number], rates_percent: Sequence[Number]) -> float:
    """Rate of several groups together, in percent, where only counts and rates are printed.

    The population of each group is solved back as count / rate, so the rounding of printed rates
    carries over; groups must be disjoint. `MethodInputError` for a rate of zero or above 100.
    """
    if len(counts) != len(rates_percent) or not counts:
        raise MethodInputError(
            "counts and rates do not pair",
            found=(len(counts), len(rates_percent)),
            expected="one rate a count, at least one",
        )
    cases = [exact_not_negative(count, "count") for count in counts]
    rates = [_percent(rate) for rate in rates_percent]
    population = sum(
        (100 * case / rate for case, rate in zip(cases, rates, strict=True)), Fraction()
    )
    if population == 0:
        raise MethodInputError("no cases in any group", found=list(counts), expected="a count > 0")
    return float(100 * sum(cases, Fraction()) / population)


def group_share_from_rates(rate_group: Number, rate_rest: Number, rate_all: Number) -> float:
    """Share of a group in the population, in percent, that three printed rates imply."""
    group, rest, together = _percent(rate_group), _percent(rate_rest), _percent(rate_all)
    if group == rest:
        raise MethodInputError(
            "equal rates say nothing about the share", found=float(group), expected="two rates"
        )
    share = (together - rest) / (group - rest)
    if not 0 <= share <= 1:
        raise MethodInputError(
            "the overall rate does not lie between the rates of the groups",
            found=float(together),
            expected=f"between {float(min(group, rest))} and {float(max(group, rest))}",
        )
    return float(100 * share)


def group_share_of_cases(rate_group: Number, rate_rest: Number, rate_all: Number) -> float:
    """Share of a group among the cases, in percent, that three printed rates imply.

    Women are 62.7 % of the patients if 21.4 % of women, 13.4 % of men and 17.5 % of all are.
    """
    share = Fraction(repr(group_share_from_rates(rate_group, rate_rest, rate_all)))
    return float(share * _percent(rate_group) / _percent(rate_all))


def share_from_age(counts: pd.Series, age: int) -> float:
    """Share of persons of `age` and older, in percent.

    `counts` holds persons, indexed by the first year of each age group; `age` must begin one,
    because a group cannot be cut.
    """
    if age not in counts.index:
        raise MethodInputError(
            "no age group begins at this age", found=age, expected=f"one of {list(counts.index)}"
        )
    persons = [exact_not_negative(count, "count") for count in counts]
    total = exact_positive(sum(persons, Fraction()), "sum of counts")
    old = (n for first, n in zip(counts.index, persons, strict=True) if first >= age)
    return float(100 * sum(old, Fraction()) / total)


def _percent(rate: Number) -> Fraction:
    percent = exact_positive(rate, "rate in percent")
    if percent > 100:
        raise MethodInputError(
            "a rate above 100 %", found=float(percent), expected="at most 100 percent"
        )
    return percent
