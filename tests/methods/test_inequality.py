"""Inequality: published values, edge cases, invariants."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MethodInputError
from pipeline.methods import inequality

# Test data of the R package accessibility (IPEA): jobs within 30 minutes and inhabitants of five
# cells; the first has no inhabitants.
ACCESS = [26774.0, 22239.0, 36567.0, 42372.0, 55571.0]
PEOPLE = [0.0, 852.0, 394.0, 1969.0, 2189.0]
# Income deciles and the order by income are not printed there. They follow from its Palma ratios
# (0.5249 = 22239 / 42372; 1.0911 with the last cell among the rich); of the two orders left for
# the rich cells, this one gives the published concentration index.
DECILE = ["", "10", "6", "1", "10"]
INCOME_ORDER = [0, 4, 2, 1, 3]


def test_gini_reproduces_published_values() -> None:
    assert inequality.gini(ACCESS, PEOPLE) == pytest.approx(0.1386, abs=6e-5)
    # without the last cell
    assert inequality.gini(ACCESS[:4], PEOPLE[:4]) == pytest.approx(0.1148, abs=6e-5)


def test_theil_and_its_parts_reproduce_published_values() -> None:
    parts = inequality.theil_decomposition(ACCESS[1:], DECILE[1:], PEOPLE[1:])
    assert parts.total == pytest.approx(0.0378, abs=6e-5)
    assert parts.between == pytest.approx(0.0021, abs=6e-5)
    assert parts.within == pytest.approx(0.0357, abs=6e-5)
    assert inequality.theil(ACCESS, PEOPLE) == pytest.approx(parts.total)


def test_concentration_index_reproduces_published_values() -> None:
    index = inequality.concentration_index(ACCESS, INCOME_ORDER, PEOPLE)
    assert index == pytest.approx(-0.0248, abs=6e-5)
    without_last = inequality.concentration_index(ACCESS[:4], INCOME_ORDER[:4], PEOPLE[:4])
    assert without_last == pytest.approx(-0.1148, abs=6e-5)


def test_erreygers_index_reproduces_published_value() -> None:
    # the package takes the observed extremes for bounds
    index = inequality.erreygers_index(ACCESS, INCOME_ORDER, PEOPLE, lower=22239, upper=55571)
    assert index == pytest.approx(-0.1314, abs=6e-5)


def test_gini_by_hand() -> None:
    # two persons with 1 and 3: mean difference 1 (of the four pairs: 0, 2, 2, 0), mean 2
    assert inequality.gini([1, 3]) == pytest.approx(0.25)
    # one of four has everything: (n − 1) / n
    assert inequality.gini([0, 0, 0, 5]) == pytest.approx(0.75)


def test_theil_by_hand() -> None:
    # one of four has everything: ln 4; the zeros contribute nothing
    assert inequality.theil([0, 0, 0, 5]) == pytest.approx(math.log(4))


def test_equal_areas_and_a_single_area_are_not_unequal() -> None:
    assert inequality.gini([7, 7, 7]) == pytest.approx(0)
    assert inequality.theil([7, 7, 7]) == pytest.approx(0)
    assert inequality.concentration_index([7, 7, 7], [1, 2, 3]) == pytest.approx(0)
    assert inequality.gini([7]) == 0


def test_concentration_index_is_the_gini_when_both_orders_agree() -> None:
    values, people = [1.0, 2.0, 5.0], [10, 20, 5]
    expected = inequality.gini(values, people)
    assert inequality.concentration_index(values, values, people) == pytest.approx(expected)
    against = inequality.concentration_index(values, [3, 2, 1], people)
    assert against == pytest.approx(-expected)


def test_areas_level_in_rank_count_alike_whatever_their_order() -> None:
    one = inequality.concentration_index([1, 5, 3], [1, 1, 2])
    other = inequality.concentration_index([5, 1, 3], [1, 1, 2])
    assert one == pytest.approx(other)


def test_table_gives_one_row_a_set() -> None:
    frame = pd.DataFrame(
        {
            "time_period": ["2023"] * 2 + ["2024"] * 5,
            "obs_value": [1.0, 3.0, *ACCESS],
            "population": [1.0, 1.0, *PEOPLE],
        }
    )
    table = inequality.inequality_table(frame, ["time_period"])
    assert table["time_period"].tolist() == ["2023", "2024"]
    assert table["areas"].tolist() == [2, 4]
    assert table["gini"].tolist() == pytest.approx([0.25, 0.1386], abs=6e-5)


@pytest.mark.parametrize(
    "call",
    [
        lambda: inequality.gini([1, -1]),
        lambda: inequality.gini([1, 2], [1, -1]),
        lambda: inequality.gini([1, 2], [0, 0]),
        lambda: inequality.gini([0, 0]),
        lambda: inequality.gini([]),
        lambda: inequality.gini([1, float("nan")]),
        lambda: inequality.gini([1, 2], [1]),
        lambda: inequality.gini(["viel", "wenig"]),
        lambda: inequality.theil([0.0]),
        lambda: inequality.theil_decomposition([1, 2], ["a"]),
        lambda: inequality.theil_decomposition([1, 2], ["a", None]),
        lambda: inequality.concentration_index([1, 2], [1]),
        lambda: inequality.concentration_index([1, 2], [1, float("nan")]),
        lambda: inequality.erreygers_index([1, 2], [1, 2], lower=0, upper=1),
        lambda: inequality.erreygers_index([1, 1], [1, 2], lower=1, upper=1),
        lambda: inequality.inequality_table(pd.DataFrame({"obs_value": [1]}), ["time_period"]),
    ],
)
def test_what_the_definition_rules_out_is_refused(call: object) -> None:
    with pytest.raises(MethodInputError):
        call()  # type: ignore[operator]


areas = st.lists(st.tuples(st.floats(0.01, 1e6), st.integers(1, 100_000)), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(areas=areas, factor=st.floats(0.01, 100))
def test_indices_are_in_range_and_do_not_depend_on_the_unit(
    areas: list[tuple[float, int]], factor: float
) -> None:
    values, people = [list(column) for column in zip(*areas, strict=True)]
    scaled = [factor * value for value in values]
    gini, theil = inequality.gini(values, people), inequality.theil(values, people)
    assert 0 <= gini < 1
    assert theil >= 0
    assert inequality.gini(scaled, people) == pytest.approx(gini, abs=1e-9)
    assert inequality.theil(scaled, people) == pytest.approx(theil, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(areas=areas, data=st.data())
def test_concentration_index_never_exceeds_the_gini(
    areas: list[tuple[float, int]], data: st.DataObject
) -> None:
    values, people = [list(column) for column in zip(*areas, strict=True)]
    order = data.draw(st.permutations(range(len(values))))
    index = inequality.concentration_index(values, order, people)
    assert abs(index) <= inequality.gini(values, people) + 1e-9


@settings(max_examples=60, deadline=None)
@given(areas=areas, data=st.data())
def test_theil_parts_sum_to_the_whole_and_are_not_negative(
    areas: list[tuple[float, int]], data: st.DataObject
) -> None:
    values, people = [list(column) for column in zip(*areas, strict=True)]
    group = st.lists(st.sampled_from("abc"), min_size=len(values), max_size=len(values))
    parts = inequality.theil_decomposition(values, data.draw(group), people)
    assert parts.between >= 0
    assert parts.within >= 0
    assert parts.between + parts.within == pytest.approx(parts.total, abs=1e-9)
