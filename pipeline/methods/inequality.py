"""Inequality of a value between areas, weighted by the people who live there.

Sources
-------
- Gini: Lorenz-curve form for grouped data, for example Cowell, Measuring Inequality (2011), ch. 2.
- Theil T and its decomposition: Theil, Economics and Information Theory (1967).
- Concentration index with fractional ranks: Kakwani, Wagstaff, van Doorslaer, Journal of
  Econometrics 77 (1997) 87; its correction for bounded values: Erreygers, Journal of Health
  Economics 28 (2009) 504.

All measures compare areas, not persons: inequality within an area stays unseen, so they are lower
bounds of the inequality between persons. They are undefined where nobody lives or nobody has
anything; that raises `MethodInputError`, as do missing and negative numbers. Areas without
inhabitants count for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import MethodInputError
from pipeline.methods.arrays import as_numbers


class TheilDecomposition(NamedTuple):
    """Theil T and its two parts, which sum to it."""

    total: float
    between: float
    within: float


def gini(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Gini coefficient: half the mean difference between two persons, relative to the mean.

    Parameters
    ----------
    values : one number an area (access, physicians per head …), 0 or more.
    weights : inhabitants; default is the same weight for every area.

    Returns
    -------
    0 (all the same) to below 1 (all in one place).
    """
    value, weight = _inputs(values, weights)
    order = np.argsort(value, kind="stable")
    people = np.cumsum(weight[order]) / weight.sum()
    amount = np.cumsum((weight * value)[order]) / np.sum(weight * value)
    width = np.diff(people, prepend=0.0)
    lorenz_area = np.sum(width * (amount + np.concatenate(([0.0], amount[:-1])))) / 2
    return float(np.clip(1 - 2 * lorenz_area, 0.0, 1.0))


def theil(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Theil's T: mean of (x/μ)·ln(x/μ) over persons; 0 (all the same) to ln(persons/least area).

    A value of 0 contributes 0, the limit of x·ln x. Inputs as in `gini`.
    """
    value, weight = _inputs(values, weights)
    relative = value / np.average(value, weights=weight)
    logs = np.log(relative, out=np.zeros_like(relative), where=relative > 0)
    return max(float(np.average(relative * logs, weights=weight)), 0.0)


def theil_decomposition(
    values: ArrayLike, groups: Sequence[object] | pd.Series, weights: ArrayLike | None = None
) -> TheilDecomposition:
    """Theil's T split into inequality between groups of areas and within them.

    Parameters
    ----------
    values, weights : as in `gini`.
    groups : one label an area (the Kreis of a municipality, say).
    """
    value, weight, labels = _inputs_with(values, weights, pd.Series(list(groups), dtype="object"))
    frame = pd.DataFrame({"group": labels, "people": weight, "amount": value * weight})
    sums = frame.groupby("group", sort=True)[["people", "amount"]].sum()
    between = theil(sums["amount"] / sums["people"], sums["people"])
    total = theil(value, weight)
    return TheilDecomposition(total, between, max(total - between, 0.0))


def concentration_index(
    values: ArrayLike, rank_by: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Concentration index: whether a value gathers at the upper or lower end of another order.

    Parameters
    ----------
    values, weights : as in `gini`.
    rank_by : what orders the areas from worst to best off (income, reversed deprivation). Areas
        that are level share the middle of their ranks.

    Returns
    -------
    −1 to 1: negative where the worse off have more, 0 where the order does not matter.
    """
    value, weight, order = _inputs_with(values, weights, pd.Series(_numbers(rank_by, "rank_by")))
    share = weight / weight.sum()
    people = pd.Series(share).groupby(order).sum()
    # rank of a person: the share of people below, and half of those level
    middle = people.cumsum() - people / 2
    rank = order.map(middle).to_numpy()
    mean = np.sum(share * value)
    return float(2 * np.sum(share * (value - mean) * (rank - 0.5)) / mean)


def erreygers_index(
    values: ArrayLike,
    rank_by: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    lower: float,
    upper: float,
) -> float:
    """Concentration index corrected for a value that is bounded (a share, a score).

    ``4·μ/(upper − lower)`` times the concentration index, −1 to 1; `lower` and `upper` are the
    bounds that the value can reach by definition (for a percentage 0 and 100).
    """
    value, weight = _inputs(values, weights)
    if not lower < upper or value.min() < lower or value.max() > upper:
        raise MethodInputError(
            "values outside their own bounds",
            found=(float(value.min()), float(value.max())),
            expected=f"between {lower} and {upper}",
        )
    mean = float(np.average(value, weights=weight))
    return 4 * mean / (upper - lower) * concentration_index(values, rank_by, weights)


def inequality_table(
    frame: pd.DataFrame, by: Sequence[str], *, value: str = "obs_value", weight: str = "population"
) -> pd.DataFrame:
    """Gini and Theil of many sets of areas at once.

    Parameters
    ----------
    frame : one row an area, with the columns `by`, `value` and `weight`.
    by : columns that name a set (measure and year, say).

    Returns
    -------
    One row a set: `by`, `areas` (inhabited), `gini`, `theil`.
    """
    missing = [name for name in (*by, value, weight) if name not in frame.columns]
    if missing or not by:
        raise MethodInputError(
            "the table lacks columns",
            found=list(frame.columns),
            expected=", ".join(missing) or "one column or more in `by`",
        )
    rows = []
    for key, group in frame.groupby(list(by), sort=True, dropna=False):
        values, weights = group[value], group[weight]
        measures = {"gini": gini(values, weights), "theil": theil(values, weights)}
        inhabited = int((weights > 0).sum())
        rows.append({**dict(zip(by, key, strict=True)), "areas": inhabited, **measures})
    return pd.DataFrame(rows, columns=[*by, "areas", "gini", "theil"])


def _inputs(
    values: ArrayLike, weights: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Checked values and weights of the inhabited areas."""
    value = _numbers(values, "values")
    weight = np.ones_like(value) if weights is None else _numbers(weights, "weights")
    if value.shape != weight.shape:
        raise MethodInputError(
            "values and weights differ in length", found=(value.size, weight.size)
        )
    if (value < 0).any() or (weight < 0).any():
        raise MethodInputError("inequality is not defined for negative values or weights")
    if value.size == 0 or weight.sum() <= 0:
        raise MethodInputError("the weights sum to zero: nobody to compare")
    inhabited = weight > 0
    value, weight = value[inhabited], weight[inhabited]
    if np.sum(value * weight) <= 0:
        raise MethodInputError("all values are zero: nothing that could be unequal")
    return value, weight


def _inputs_with(
    values: ArrayLike, weights: ArrayLike | None, others: pd.Series
) -> tuple[NDArray[np.float64], NDArray[np.float64], pd.Series]:
    """`_inputs`, with a further column cut to the inhabited areas."""
    all_values = _numbers(values, "values")
    all_weights = np.ones_like(all_values) if weights is None else _numbers(weights, "weights")
    value, weight = _inputs(all_values, all_weights)
    if len(others) != all_values.size or others.isna().any():
        raise MethodInputError(
            "every area needs its group or rank",
            found=f"{int(others.notna().sum())} for {all_values.size} areas",
        )
    return value, weight, others[all_weights > 0].reset_index(drop=True)


def _numbers(values: ArrayLike, name: str) -> NDArray[np.float64]:
    array = as_numbers(values, name)
    if array.ndim != 1 or not np.isfinite(array).all():
        raise MethodInputError(
            f"'{name}' holds missing or infinite numbers",
            expected="one finite number an area",
            remedy="leave areas without a value out, and say how many",
        )
    return array
