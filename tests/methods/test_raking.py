"""Raking: sums are met, zeros stay, contradictions are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MethodInputError
from pipeline.methods.current_ages import kreis_ages, municipal_ages
from pipeline.methods.raking import Margin, rake


def test_a_table_by_hand() -> None:
    # independent start: the fit is row sum · column sum / total
    result = rake([[1, 1], [1, 1]], [Margin((0,), [30, 70]), Margin((1,), [40, 60])])
    np.testing.assert_allclose(result.table, [[12, 18], [28, 42]])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31))
def test_margins_are_met_and_zeros_stay(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.uniform(1, 9, (4, 3, 5))
    start = random.uniform(1, 9, truth.shape)
    truth[0, 0, 0] = start[0, 0, 0] = 0.0
    margins = [Margin((0,), truth.sum(axis=(1, 2))), Margin((1, 2), truth.sum(axis=0))]
    result = rake(start, margins)
    np.testing.assert_allclose(result.table.sum(axis=(1, 2)), margins[0].sums, rtol=1e-6)
    np.testing.assert_allclose(result.table.sum(axis=0), margins[1].sums, rtol=1e-6)
    assert result.table[0, 0, 0] == 0


def test_rows_can_be_raked_to_sums_of_groups() -> None:
    result = rake([[1.0, 1.0], [3.0, 1.0], [2.0, 2.0]], [
        Margin((0, 1), [[8.0, 4.0], [1.0, 1.0]], ([0, 0, 1], None))
    ])  # fmt: skip
    np.testing.assert_allclose(result.table, [[2, 2], [6, 2], [1, 1]])


@pytest.mark.parametrize(
    ("table", "margins"),
    [
        ([[1.0, -1.0]], [Margin((0,), [1.0])]),  # 1: a negative cell
        ([[1.0, 1.0]], [Margin((0,), [2.0]), Margin((1,), [2.0, 2.0])]),  # 2: totals differ
        ([[0.0, 0.0]], [Margin((0,), [2.0])]),  # 3: nothing to scale up
        ([[1.0, 1.0]], [Margin((0,), [1.0, 1.0])]),  # 4: a margin of another shape
    ],
)
def test_what_cannot_be_met_is_refused(table: list[list[float]], margins: list[Margin]) -> None:
    with pytest.raises(MethodInputError):
        rake(table, margins)


def test_ages_of_today_keep_every_published_sum() -> None:
    random = np.random.default_rng(5)
    aged = random.uniform(0, 50, (3, 2, 101))
    by_age = np.append(np.full(90, 40.0), 55.0)
    by_sex = np.array([1800.0, 1855.0])
    kreis = kreis_ages(aged.sum(axis=0), by_sex, by_age)
    np.testing.assert_allclose(kreis.sum(axis=1), by_sex, rtol=1e-6)
    np.testing.assert_allclose(kreis.sum(axis=0)[:90], 40.0, rtol=1e-6)
    totals = np.array([600.0, 1055.0, 2000.0])
    municipal = municipal_ages(aged, totals, kreis)
    np.testing.assert_allclose(municipal.sum(axis=(1, 2)), totals, rtol=1e-6)
    np.testing.assert_allclose(municipal.sum(axis=0), kreis, rtol=1e-6)


def test_sexes_and_ages_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(MethodInputError, match="different totals"):
        kreis_ages(np.ones((2, 101)), [50.0, 50.0], np.ones(91))
