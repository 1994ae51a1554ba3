"""Single ages out of age groups, with every group's sum kept.

Two ways: by the single ages of a larger territory (the Kreis knows its birth cohorts, the wars in
them too), and where there is none by a monotone curve through the cumulated counts.

Source of the second: Fritsch and Carlson, Monotone Piecewise Cubic Interpolation, SIAM J. Numer.
Anal. 17 (1980), as `scipy.interpolate.PchipInterpolator`; its use on cumulated population counts
is common practice (Smith, Tayman, Swanson, A Practitioner's Guide to State and Local Population
Projections, 2013, on interpolation).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator

from pipeline.errors import MethodInputError

Array = npt.NDArray[np.float64]

#: Single ages 0 … 99 and an open group from 100: what all projections work with.
OPEN_AGE = 100
AGES = np.arange(OPEN_AGE + 1)
#: Up to this relative difference a total and the sum of its ages are one figure.
SUM_TOLERANCE = 1e-9


def check_groups(starts: Sequence[int], ends: Sequence[int | None]) -> None:
    """Groups that cover all ages once, from 0 to an open end.

    Parameters
    ----------
    starts, ends : first and last completed age of each group; None: open.

    Raises
    ------
    MethodInputError : a gap, an overlap, no group from 0, no open last group.
    """
    pairs = sorted(zip(starts, ends, strict=True), key=lambda pair: pair[0])
    found = ", ".join(f"{a}–{'' if b is None else b}" for a, b in pairs)
    expected = "groups from age 0 to an open last one, without gap or overlap"
    if not pairs or pairs[0][0] != 0:
        raise MethodInputError("no group begins at age 0", found=found, expected=expected)
    for (_, end), (start, _) in pairwise(pairs):
        if end is None or start <= end:
            raise MethodInputError("age groups overlap", found=found, expected=expected)
        if start > end + 1:
            raise MethodInputError(
                "ages are missing between groups", found=found, expected=expected
            )
    if pairs[-1][1] is not None:
        raise MethodInputError("the last group is not open", found=found, expected=expected)


def check_total(total: npt.ArrayLike, groups: npt.ArrayLike) -> None:
    """`MethodInputError` where a total contradicts the sum of its age groups (last axis)."""
    printed = np.asarray(total, dtype=float)
    summed = np.asarray(groups, dtype=float).sum(axis=-1)
    differs = ~np.isclose(printed, summed, rtol=SUM_TOLERANCE, atol=0.5)
    if differs.any():
        first = np.argwhere(np.atleast_1d(differs))[0]
        raise MethodInputError(
            "a total contradicts the sum of its ages",
            found=(float(np.atleast_1d(printed)[tuple(first)]), tuple(int(i) for i in first)),
            expected=f"{float(np.atleast_1d(summed)[tuple(first)]):g}",
            remedy="compare total and groups in the publisher's file",
        )


def group_index(starts: Sequence[int]) -> npt.NDArray[np.intp]:
    """Position of the group that each single age 0 … 100+ lies in; `starts` sorted from 0."""
    ordered = np.asarray(starts)
    if len(ordered) == 0 or ordered[0] != 0 or (np.diff(ordered) <= 0).any():
        raise MethodInputError(
            "the starts of the groups do not rise from 0", found=list(starts), expected="0, 3, 6 …"
        )
    if ordered[-1] > OPEN_AGE:
        raise MethodInputError(
            "a group begins beyond the open age", found=int(ordered[-1]), expected=f"<= {OPEN_AGE}"
        )
    return np.searchsorted(ordered, AGES, side="right") - 1


def sum_groups(single: npt.ArrayLike, starts: Sequence[int]) -> Array:
    """Sums of single ages (last axis, 0 … 100+) over the groups that begin at `starts`."""
    values = np.asarray(single, dtype=float)
    group_index(starts)
    return np.add.reduceat(values, list(starts), axis=-1)


def split_monotone(
    groups: npt.ArrayLike, starts: Sequence[int], *, old_age_weights: npt.ArrayLike | None = None
) -> Array:
    """Single ages from groups by a monotone curve through the cumulated counts.

    Parameters
    ----------
    groups : counts, groups on the last axis, no negative ones.
    starts : first age of each group; the last group is open.
    old_age_weights : relative numbers at the ages 0 … 100+, by which the open group is divided
        (the survivors of a life table, say); a curve has no end to aim at there. Without them the
        open group falls linearly to nobody at 101.

    Returns
    -------
    Counts by single age 0 … 100+ on the last axis; never negative; each group keeps its sum.

    Raises
    ------
    MethodInputError : negative or missing counts, groups that do not fit `starts`.
    """
    counts = _counts(groups, len(starts))
    index = group_index(starts)
    edges = np.append(np.asarray(starts, dtype=float), OPEN_AGE + 1)
    cumulated = np.concatenate([np.zeros((*counts.shape[:-1], 1)), counts.cumsum(axis=-1)], axis=-1)
    curve = PchipInterpolator(edges, cumulated, axis=-1)
    single = np.diff(curve(np.append(AGES, OPEN_AGE + 1)), axis=-1)
    is_open = index == len(starts) - 1
    tail = (
        np.arange(is_open.sum(), 0, -1, dtype=float)
        if old_age_weights is None
        else np.asarray(old_age_weights, dtype=float)[is_open]
    )
    single[..., is_open] = counts[..., -1:] * (tail / tail.sum())
    return _with_group_sums(np.clip(single, 0.0, None), counts, starts)


def split_by_reference(
    groups: npt.ArrayLike, starts: Sequence[int], reference: npt.ArrayLike
) -> Array:
    """Single ages from groups, each group divided like that of a larger territory.

    Parameters
    ----------
    groups : counts, groups on the last axis.
    starts : first age of each group; the last group is open.
    reference : counts by single age 0 … 100+ of the larger territory; its leading axes broadcast
        against those of `groups`.

    Returns
    -------
    Counts by single age on the last axis; each group keeps its sum. A group in which the
    reference has nobody is divided evenly.
    """
    counts = _counts(groups, len(starts))
    pattern = np.asarray(reference, dtype=float)
    if pattern.shape[-1] != len(AGES) or not (pattern >= 0).all():
        raise MethodInputError(
            "the reference does not hold the single ages 0 … 100+",
            found=pattern.shape,
            expected=f"(…, {len(AGES)}), no negative count",
        )
    pattern = np.broadcast_to(pattern, (*counts.shape[:-1], len(AGES)))
    return _with_group_sums(pattern, counts, starts)


def _counts(groups: npt.ArrayLike, n: int) -> Array:
    counts = np.asarray(groups, dtype=float)
    if counts.shape[-1:] != (n,):
        raise MethodInputError(
            "counts and age groups do not pair", found=counts.shape, expected=f"(…, {n})"
        )
    if not np.isfinite(counts).all():
        raise MethodInputError(
            "an age group has no count",
            found=float(counts[~np.isfinite(counts)][0]),
            expected="a number in every group",
            remedy="leave the territory out or complete its ages",
        )
    if (counts < 0).any():
        raise MethodInputError(
            "a negative count in an age group", found=float(counts.min()), expected=">= 0"
        )
    return counts


def _with_group_sums(single: Array, groups: Array, starts: Sequence[int]) -> Array:
    """`single`, scaled within each group to the group's count; even where nobody is."""
    index = group_index(starts)
    sums = sum_groups(single, starts)
    width = np.bincount(index).astype(float)
    even = groups / width
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(sums > 0, groups / sums, 0.0)
    scaled = single * factor[..., index]
    return np.where((sums > 0)[..., index], scaled, even[..., index])
