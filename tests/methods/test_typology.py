"""Typology: groups by hand, printed rule, stability, quartiles, the real municipalities."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MethodInputError
from pipeline.methods import typology
from pipeline.methods.typology import Indicator, SimilarityRule

RULE = SimilarityRule((Indicator("size", "Größe"), Indicator("age", "Alter", weight=3)), size=2)
# mean 0 in both columns
CROSS = pd.DataFrame(
    {"size": [2.0, -2.0, 0.0, 0.0, 0.0, 0.0], "age": [0.0, 0.0, 2.0, -2.0, 1.0, -1.0]},
    index=["east", "west", "north", "south", "up", "down"],
)


def test_group_is_the_nearest_by_weighted_standardised_distance() -> None:
    groups = typology.comparison_groups(CROSS, RULE)
    north = groups[groups["ref_area"] == "north"]
    assert north["similar"].tolist() == ["up", "east"]
    # variances: size 8/6, age 10/6; weights 1/4 and 3/4. up: 1 apart in age; east: 2 in both
    assert north["distance"].tolist() == pytest.approx(
        [math.sqrt(0.75 * 1 * 6 / 10), math.sqrt(0.25 * 4 * 6 / 8 + 0.75 * 4 * 6 / 10)]
    )
    # east: up and down are equally far, and come in the order of their keys
    east = groups[groups["ref_area"] == "east"]
    assert east["similar"].tolist() == ["down", "up"]
    assert east["rank"].tolist() == [1, 2]


def test_missing_data_mean_no_group_and_no_membership() -> None:
    profile = CROSS.copy()
    profile.loc["up", "age"] = math.nan
    groups = typology.comparison_groups(profile, RULE)
    row = groups[groups["ref_area"] == "up"]
    assert row["flag"].tolist() == ["keine Vergleichsgruppe"]
    assert row["similar"].isna().all()
    assert "up" not in set(groups["similar"].dropna())
    assert len(groups) == 5 * 2 + 1


def test_the_rule_is_printed_with_weights_and_number_of_candidates() -> None:
    text = RULE.text(105)
    assert "die 2 ähnlichsten von 105 Gemeinden" in text
    assert "Größe; Alter (Gewicht 3)" in text


@settings(max_examples=25, deadline=None)
@given(st.floats(0.01, 100), st.floats(-50, 50), st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_units_or_order_of_rows(
    factor: float, shift: float, random: object
) -> None:
    generator = np.random.default_rng(7)
    profile = pd.DataFrame(
        generator.normal(size=(12, 2)), columns=["size", "age"], index=list("abcdefghijkl")
    )
    order = list(profile.index)
    random.shuffle(order)  # type: ignore[attr-defined]
    other = profile.loc[order].assign(size=lambda frame: frame["size"] * factor + shift)
    one, two = (typology.comparison_groups(frame, RULE) for frame in (profile, other))
    assert one["similar"].tolist() == two["similar"].tolist()
    assert one["distance"].tolist() == pytest.approx(two["distance"].tolist(), rel=1e-6)


def test_stability_is_one_without_change_and_falls_with_it() -> None:
    generator = np.random.default_rng(5)
    profile = pd.DataFrame(generator.normal(size=(30, 2)), columns=["size", "age"])
    still = typology.group_stability(profile, RULE, noise=0, runs=3)
    little = typology.group_stability(profile, RULE, noise=0.05, runs=50)
    much = typology.group_stability(profile, RULE, noise=3, runs=50)
    assert still.eq(1).all()
    assert 1 > little.mean() > much.mean()
    # 2 of 29 by chance alone
    assert much.mean() < 0.4
    assert little.equals(typology.group_stability(profile, RULE, noise=0.05, runs=50))


def test_leaving_out_an_indicator_shows_what_hangs_on_it() -> None:
    shares = typology.leave_one_out(CROSS, RULE)
    assert list(shares.columns) == ["size", "age"]
    # east has down and up; without size west is exactly as old, and down the next
    assert shares.loc["east", "size"] == 0.5


@pytest.mark.parametrize(
    ("profile", "rule"),
    [
        (CROSS.drop(columns="age"), RULE),
        (CROSS.iloc[:2], RULE),
        (CROSS.assign(age=5.0), RULE),
        (pd.concat([CROSS, CROSS]), RULE),
    ],
)
def test_profiles_that_make_no_groups_are_refused(
    profile: pd.DataFrame, rule: SimilarityRule
) -> None:
    with pytest.raises(MethodInputError):
        typology.comparison_groups(profile, rule)


def test_rules_without_indicators_or_members_are_refused() -> None:
    for make in (
        lambda: SimilarityRule(()),
        lambda: SimilarityRule((Indicator("a", "A", weight=0),)),
        lambda: SimilarityRule((Indicator("a", "A"),), size=0),
    ):
        with pytest.raises(MethodInputError):
            make()


# ---------------------------------------------------------------------------- quartiles


def test_quartiles_of_eight_values_hold_two_each() -> None:
    values = pd.Series([80, 10, 30, 20, 50, 40, 70, 60], index=list("abcdefgh"))
    found = typology.quartile_positions(values)
    assert found["quartile"].tolist() == [4, 1, 2, 1, 3, 2, 4, 3]
    assert found["rank"].tolist() == [8, 1, 3, 2, 5, 4, 7, 6]
    assert found["n"].tolist() == [8] * 8


def test_equal_values_share_rank_and_quartile_and_missing_ones_have_none() -> None:
    values = pd.Series([1, 1, 1, 2, 3, 4, 5, 6, math.nan], index=list("abcdefghi"))
    found = typology.quartile_positions(values)
    assert found.loc[["a", "b", "c"], "rank"].tolist() == [1, 1, 1]
    assert found.loc[["a", "b", "c"], "quartile"].nunique() == 1
    assert found.loc["i", "flag"] == "keine Daten"
    assert pd.isna(found.loc["i", "quartile"])
    assert found["n"].eq(8).all()


def test_fewer_than_eight_values_have_no_quartile() -> None:
    found = typology.quartile_positions(pd.Series([1.0, 2, 3], index=list("abc")))
    assert found["quartile"].isna().all()
    assert found["rank"].tolist() == [1, 2, 3]
    assert found["flag"].str.contains("keine Quartile").all()


# ------------------------------------------------------------------------------- profile


def _ages(*rows: tuple[str, int, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["ref_area", "age_from", "age_to", "obs_value"])


FOUR = [(0, 17, 20.0), (18, 64, 50.0), (65, 74, 10.0), (75, math.nan, 20.0)]


def test_profile_by_hand() -> None:
    ages = _ages(*(("05566076", *row) for row in FOUR), *(("05566008", *row) for row in FOUR[:3]))
    profile = typology.demographic_profile(
        ages,
        pd.Series({"05566076": 1000.0, "05566008": 100.0}),
        pd.Series({"05566076": 10.0, "05566008": 1.0}),
    )
    assert profile.loc["05566076"].tolist() == pytest.approx([3, 2, 20, 10, 20])
    # an age group is missing: shares are, too
    assert profile.loc["05566008", ["log_population", "log_density"]].tolist() == [2, 2]
    assert profile.loc["05566008", ["share_under_18", "share_75_plus"]].isna().all()


@pytest.mark.parametrize(
    "extra", [("a", 0, 5.0, 3.0), ("a", 70, 79.0, 3.0), ("a", 10, 20.0, 3.0), ("a", 0, 17.0, 2.0)]
)
def test_age_groups_that_overlap_or_span_a_bound_are_refused(extra: tuple[object, ...]) -> None:
    ages = _ages(*(("a", *row) for row in FOUR), extra)  # type: ignore[arg-type]
    with pytest.raises(MethodInputError, match="age group"):
        typology.demographic_profile(ages, pd.Series({"a": 100.0}), pd.Series({"a": 1.0}))


# ----------------------------------------------------------------- the real municipalities


@pytest.fixture(scope="module")
def profile(root: Path) -> pd.DataFrame:
    """Municipalities of the study region with ages (2015), area and inhabitants."""
    figures = root / "data" / "raw" / "figures"
    raw = pd.read_csv(figures / "population_age_sex.csv", dtype={"region": str})
    raw = raw[(raw["sex"] == "total") & raw["age_from"].notna() & (raw["region"].str.len() == 8)]
    ages = raw.rename(columns={"region": "ref_area", "value": "obs_value"})
    places = pd.read_csv(figures / "municipalities.csv", dtype=str).set_index("ags")
    numbers = places[["population_2022_12_31", "area_km2"]].astype("float64")
    return typology.demographic_profile(ages, numbers["population_2022_12_31"], numbers["area_km2"])


def test_the_105_municipalities_with_ages_have_groups_and_the_others_none(
    profile: pd.DataFrame,
) -> None:
    groups = typology.comparison_groups(profile, typology.DEMOGRAPHIC_RULE)
    flagged = groups["flag"].eq("keine Vergleichsgruppe")
    assert groups.loc[~flagged, "ref_area"].nunique() == 105
    assert "03103000" in set(groups.loc[flagged, "ref_area"])  # Wolfsburg: no ages at hand
    # Rheine and Bocholt, middle towns of the Münsterland, are each other's kind
    rheine = groups[groups["ref_area"] == "05566076"]
    assert "05554008" in set(rheine["similar"])


def test_the_real_groups_survive_small_changes(profile: pd.DataFrame) -> None:
    stability = typology.group_stability(profile, typology.DEMOGRAPHIC_RULE, noise=0.05, runs=50)
    assert stability.mean() > 0.88
    assert stability.min() > 0.7
