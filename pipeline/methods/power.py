"""What an evaluation with few treated units could find at all.

Printed before any result: with one treated region even a large effect may be out of reach, and then
"no effect found" says nothing.

Sources: power of the two-sample t test, Cohen, Statistical Power Analysis (1988), ch. 2; Conley and
Taber, Review of Economics and Statistics 93 (2011) 113 (few treated groups: the comparison units
carry the information on chance).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, sqrt

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import brentq

from pipeline.errors import MethodInputError


@dataclass(frozen=True)
class PowerStatement:
    """What can be found with so many treated and comparison units.

    Attributes
    ----------
    least_effect : smallest true effect found with probability `power`, in units of the outcome.
    least_p : smallest p-value that a permutation of the treatment can give.
    can_be_significant : whether that lies at or below `alpha`.
    text : the statement as it is printed (German).
    """

    treated: int
    comparison: int
    alpha: float
    power: float
    least_effect: float
    least_p: float
    can_be_significant: bool
    text: str


def spread_of_change(outcome: pd.DataFrame, periods_before: int, periods_after: int) -> float:
    """Standard deviation between units of the change that happens without any measure.

    Parameters
    ----------
    outcome : periods (sorted) × comparison units, or all units before the start; complete. Every
        stretch of `periods_before` + `periods_after` periods in it is one look at the change
        between two means; the spread between units is pooled over the stretches.
    """
    length = periods_before + periods_after
    if periods_before < 1 or periods_after < 1 or len(outcome) < length or outcome.shape[1] < 2:
        raise MethodInputError(
            "too little history for the spread of changes",
            found=f"{len(outcome)} periods, {outcome.shape[1]} units",
            expected=f"{length} periods or more, two units or more",
        )
    values = outcome.to_numpy(dtype="float64")
    if not np.isfinite(values).all():
        raise MethodInputError("outcomes are missing", remedy="leave out the unit or the period")
    variances = [
        np.var(
            values[first + periods_before : first + length].mean(axis=0)
            - values[first : first + periods_before].mean(axis=0),
            ddof=1,
        )
        for first in range(len(outcome) - length + 1)
    ]
    return float(np.sqrt(np.mean(variances)))


def power_of(
    effect: float, spread: float, treated: int, comparison: int, *, alpha: float = 0.05
) -> float:
    """Probability to find a true effect: two-sided t test of changes, one spread for both arms."""
    _check(spread, treated, comparison, alpha)
    freedom = treated + comparison - 2
    shift = abs(effect) / (spread * sqrt(1 / treated + 1 / comparison))
    limit = stats.t.ppf(1 - alpha / 2, freedom)
    # the lower tail, mirrored: scipy's own is not a number for large shifts
    return float(stats.nct.sf(limit, freedom, shift) + stats.nct.sf(limit, freedom, -shift))


def least_detectable_effect(
    spread: float, treated: int, comparison: int, *, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Smallest true effect that is found with probability `power`."""
    _check(spread, treated, comparison, alpha)
    if not alpha < power < 1:
        raise MethodInputError("power", found=power, expected=f"between {alpha} and 1")
    unit = spread * sqrt(1 / treated + 1 / comparison)
    highest = 1.0
    while power_of(highest * unit, spread, treated, comparison, alpha=alpha) < power:
        highest *= 2
    return float(
        brentq(
            lambda size: power_of(size * unit, spread, treated, comparison, alpha=alpha) - power,
            0,
            highest,
        )
        * unit
    )


def power_statement(
    spread: float,
    treated: int,
    comparison: int,
    *,
    unit: str,
    alpha: float = 0.05,
    power: float = 0.8,
) -> PowerStatement:
    """The statement on what the design can find; `unit` is the printed unit of the outcome."""
    effect = least_detectable_effect(spread, treated, comparison, alpha=alpha, power=power)
    least_p = 1 / comb(treated + comparison, treated)
    can = least_p <= alpha
    sentence = (
        f"Mit {treated} geförderten und {comparison} Vergleichseinheiten wird ein Effekt erst ab "
        f"{_german(effect)} {unit} mit {power:.0%} Wahrscheinlichkeit erkannt. "
        f"Der kleinste mögliche p-Wert der Permutation ist {_german(least_p)}"
    ).replace("%", " %")
    sentence += (
        "." if can else f": auf dem Niveau {_german(alpha)} kann kein Effekt nachgewiesen werden."
    )
    return PowerStatement(treated, comparison, alpha, power, effect, least_p, can, sentence)


def power_table(
    spread: float, treated: int, comparisons: list[int], *, alpha: float = 0.05, power: float = 0.8
) -> pd.DataFrame:
    """What more comparison units would bring: one row a number of them.

    Columns `comparison`, `least_effect`, `least_p`.
    """
    return pd.DataFrame(
        {
            "comparison": comparisons,
            "least_effect": [
                least_detectable_effect(spread, treated, number, alpha=alpha, power=power)
                for number in comparisons
            ],
            "least_p": [1 / comb(treated + number, treated) for number in comparisons],
        }
    )


def _check(spread: float, treated: int, comparison: int, alpha: float) -> None:
    if not (np.isfinite(spread) and spread > 0) or not 0 < alpha < 1:
        raise MethodInputError("spread and alpha must be above zero", found=(spread, alpha))
    if treated < 1 or comparison < 1 or treated + comparison < 3:
        raise MethodInputError(
            "there are too few comparison units for any statement",
            found=f"{treated} treated, {comparison} comparison units",
            expected="one treated and two comparison units at least",
        )


def _german(number: float) -> str:
    return f"{number:.3g}".replace(".", ",")
