"""Single ages out of age groups: sums stay, nothing is negative, bad groups are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MethodInputError
from pipeline.methods.age_splitting import (
    AGES,
    check_groups,
    check_total,
    split_by_reference,
    split_monotone,
    sum_groups,
)

STARTS = (0, 3, 6, 10, 15, 18, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 75)
COUNTS = st.lists(st.floats(0, 1e5), min_size=len(STARTS), max_size=len(STARTS))


@settings(max_examples=40, deadline=None)
@given(COUNTS)
def test_a_monotone_split_keeps_group_sums_and_is_never_negative(counts: list[float]) -> None:
    single = split_monotone(counts, STARTS)
    assert single.shape == (101,)
    assert (single >= 0).all()
    np.testing.assert_allclose(sum_groups(single, STARTS), counts, rtol=1e-9, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(COUNTS, st.integers(0, 2**31))
def test_a_split_by_reference_keeps_group_sums(counts: list[float], seed: int) -> None:
    reference = np.random.default_rng(seed).integers(0, 3, 101)
    single = split_by_reference(counts, STARTS, reference)
    np.testing.assert_allclose(sum_groups(single, STARTS), counts, rtol=1e-9, atol=1e-6)


def test_equal_counts_a_year_are_split_evenly() -> None:
    counts = np.diff([*STARTS, 101]) * 7.0
    single = split_monotone(counts, STARTS, old_age_weights=np.ones(101))
    np.testing.assert_allclose(single, 7.0)


def test_a_group_is_split_like_the_reference() -> None:
    reference = np.where(AGES == 70, 0.0, 1.0)  # a birth year that hardly exists
    single = split_by_reference(np.full(len(STARTS), 9.0), STARTS, reference)
    assert single[70] == 0
    assert single[69] == pytest.approx(1.0)


def test_a_group_that_the_reference_lacks_is_split_evenly() -> None:
    single = split_by_reference(np.full(len(STARTS), 9.0), STARTS, np.zeros(101))
    assert single[0] == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("starts", "ends", "message"),
    [
        ((0, 3), (2, 9), "not open"),  # 1: no open end
        ((0, 5), (2, None), "missing"),  # 2: 3 and 4 lie in no group
        ((0, 2), (2, None), "overlap"),  # 3: 2 lies in two groups
        ((3, 6), (5, None), "age 0"),  # 4: the youngest are not there
        ((), (), "age 0"),  # 5: nothing at all
    ],
)
def test_groups_that_are_no_partition_are_refused(
    starts: tuple[int, ...], ends: tuple[int | None, ...], message: str
) -> None:
    with pytest.raises(MethodInputError, match=message):
        check_groups(starts, ends)


def test_a_total_that_contradicts_its_ages_is_refused() -> None:
    check_total([10.0], [[4.0, 6.0]])
    with pytest.raises(MethodInputError, match="contradicts"):
        check_total([10.0, 10.0], [[4.0, 6.0], [4.0, 7.0]])


@pytest.mark.parametrize("bad", [-1.0, float("nan")])
def test_a_negative_or_missing_group_is_refused(bad: float) -> None:
    counts = [1.0] * (len(STARTS) - 1) + [bad]
    with pytest.raises(MethodInputError):
        split_monotone(counts, STARTS)
