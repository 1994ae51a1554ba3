"""Raking: fit a table to known sums along its axes (iterative proportional fitting).

Source: Deming and Stephan, On a Least Squares Adjustment of a Sampled Frequency Table When the
Expected Marginal Totals are Known, Ann. Math. Statist. 11 (1940).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.errors import MethodInputError

Array = npt.NDArray[np.float64]


class Margin(NamedTuple):
    """Known sums of a table.

    Attributes
    ----------
    axes : axes of the table that the sums keep, ascending.
    sums : the sums, shaped like those axes.
    groups : for each kept axis the group of each position, or None where every position has a sum
        of its own (municipalities whose Kreis is known are a group each Kreis).
    """

    axes: tuple[int, ...]
    sums: npt.ArrayLike
    groups: Sequence[npt.ArrayLike | None] | None = None


class Raked(NamedTuple):
    """A fitted table, the largest relative misfit that is left, and the rounds it took."""

    table: Array
    misfit: float
    rounds: int


def rake(
    table: npt.ArrayLike,
    margins: Sequence[Margin],
    *,
    tolerance: float = 1e-9,
    max_rounds: int = 200,
) -> Raked:
    """The table nearest to `table` (in the sense of relative entropy) with the sums of `margins`.

    Parameters
    ----------
    table : counts, none negative; zeros stay zero.
    margins : known sums; their totals must agree.

    Raises
    ------
    MethodInputError : negative cells, margins whose totals differ, a positive sum over cells that
        are all zero.
    """
    cells = np.asarray(table, dtype=float).copy()
    if not (np.isfinite(cells).all() and (cells >= 0).all()):
        raise MethodInputError("a cell is negative or missing", expected="counts >= 0")
    _check_totals(margins)
    misfit = np.inf
    for round_ in range(1, max_rounds + 1):
        misfit = 0.0
        for margin in margins:
            factor, off = _factor(cells, margin)
            cells *= factor
            misfit = max(misfit, off)
        if misfit <= tolerance:
            return Raked(cells, misfit, round_)
    return Raked(cells, misfit, max_rounds)


def _check_totals(margins: Sequence[Margin]) -> None:
    totals = [float(np.sum(margin.sums)) for margin in margins]
    if totals and not np.allclose(totals, totals[0], rtol=1e-9, atol=1e-6):
        raise MethodInputError(
            "the known sums contradict each other",
            found=totals,
            expected="one total",
            remedy="rescale one set of sums to the total of the other, and say which",
        )


def _factor(cells: Array, margin: Margin) -> tuple[Array, float]:
    """Factors that lift the table to one margin, and the largest relative misfit before."""
    wanted = np.asarray(margin.sums, dtype=float)
    away = tuple(axis for axis in range(cells.ndim) if axis not in margin.axes)
    sums = cells.sum(axis=away)
    groups = margin.groups or [None] * len(margin.axes)
    labels = [None if group is None else np.asarray(group, dtype=int) for group in groups]
    for position, label in enumerate(labels):
        if label is not None:
            sums = _grouped(sums, label, position, wanted.shape[position])
    if sums.shape != wanted.shape:
        raise MethodInputError(
            "a margin does not fit the table", found=wanted.shape, expected=str(sums.shape)
        )
    if ((sums == 0) & (wanted > 0)).any():
        raise MethodInputError(
            "a positive sum over cells that are all zero",
            found=[int(i) for i in np.argwhere((sums == 0) & (wanted > 0))[0]],
            expected="a starting table with a positive cell there",
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(sums > 0, wanted / sums, 1.0)
    off = float(np.abs(ratio - 1.0).max(initial=0.0))
    for position, label in enumerate(labels):
        if label is not None:
            ratio = np.take(ratio, label, axis=position)
    return np.expand_dims(ratio, away), off


def _grouped(sums: Array, label: npt.NDArray[np.int_], axis: int, n: int) -> Array:
    shape = (*sums.shape[:axis], n, *sums.shape[axis + 1 :])
    grouped = np.zeros(shape)
    np.add.at(np.moveaxis(grouped, axis, 0), label, np.moveaxis(sums, axis, 0))
    return grouped
