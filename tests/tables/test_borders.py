"""Counts of former Kreise at today's borders: whole sums only, own figures first.

Population of 31 December 2015: Göttingen (03152) 255,653, Osterode am Harz (03156) 73,885; both
are the Kreis of Göttingen (03159) since 1 November 2016.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.tables.borders import carried_counts

Pair = tuple[str, str, float]
REFORM: list[Pair] = [("03152", "03159", 1.0), ("03156", "03159", 1.0), ("05566", "05566", 1.0)]


def key(pairs: Sequence[Pair]) -> pd.DataFrame:
    frame = pd.DataFrame(pairs, columns=["from_area", "to_area", "factor_population"])
    return frame.assign(year="2015", to_date="2020-12-31")


def counts(values: dict[str, float], **change: object) -> pd.DataFrame:
    frame = pd.DataFrame({"ref_area": list(values), "obs_value": list(values.values())}).assign(
        time_period="2015-12-31", measure="population", census_basis="2011", sex="total",
        doctor_group="", unit_measure="persons", obs_status="", source_id="synthetic",
        age_from=pd.array([None] * len(values), dtype="Int16"),
        age_to=pd.array([None] * len(values), dtype="Int16"),
    )  # fmt: skip
    return frame.assign(**change)


def test_two_former_kreise_make_the_kreis_of_today() -> None:
    carried = carried_counts(counts({"03152": 255653.0, "03156": 73885.0}), key(REFORM))
    row = carried.iloc[0]
    assert (len(carried), row["ref_area"], row["obs_value"]) == (1, "03159", 329538.0)
    assert (row["share_moved"], row["share_estimated"], row["obs_status"]) == (1.0, 0.0, "")


def test_sum_without_one_part_is_not_made() -> None:
    assert carried_counts(counts({"03152": 255653.0}), key(REFORM)).empty


def test_kreis_with_a_figure_of_its_own_keeps_it() -> None:
    given_ = counts({"03152": 255653.0, "03156": 73885.0, "03159": 5.0})
    assert carried_counts(given_, key(REFORM)).empty


def test_kreis_that_did_not_change_is_not_carried() -> None:
    assert carried_counts(counts({"05566": 433659.0}), key(REFORM)).empty


def test_rates_and_other_years_are_not_carried() -> None:
    parts = {"03152": 10.0, "03156": 20.0}
    for change in (
        {"measure": "gisd_score", "unit_measure": "index_0_1_federal_scale"},
        {"measure": "area", "unit_measure": "km2"},
        {"time_period": "2014-12-31"},
    ):
        assert carried_counts(counts(parts, **change), key(REFORM)).empty


def test_part_that_came_by_a_factor_is_an_estimate() -> None:
    split = [("13052", "13071", 0.25), ("13052", "13075", 0.75), ("13055", "13071", 1.0)]
    carried = carried_counts(counts({"13052": 80.0, "13055": 60.0}), key(split))
    row = carried.set_index("ref_area").loc["13071"]
    assert (row["obs_value"], row["obs_status"], row["share_estimated"]) == (
        80.0,
        "estimated",
        0.25,
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_carrying_loses_nobody(first: int, second: int) -> None:
    carried = carried_counts(counts({"03152": float(first), "03156": float(second)}), key(REFORM))
    assert carried["obs_value"].sum() == first + second
