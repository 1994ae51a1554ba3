"""Care: two definitions kept apart, ratios of one day, and the model's measured misfit."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.methods.care import (
    BEFORE,
    DAY_CARE,
    DEPENDANTS,
    KINDS,
    REFORM,
    SINCE,
    dependants_finding,
    history,
    kinds,
    outside_kinds,
    places_day,
    places_finding,
    places_table,
    supply,
)
from pipeline.methods.care_outlook import (
    calibration_finding,
    change_finding,
    demand_finding,
    expected_of,
    level_limits,
    regional_misfit,
)
from pipeline.methods.care_places import own_places
from pipeline.regions import Place
from pipeline.tables import storage

STEINFURT = Place("05566", "Kreis Steinfurt", "kreis", ("05566",))
NRW = Place("05", "Nordrhein-Westfalen", "land", ("05",))
HOME = Place("05566076", "Rheine", "municipality", ("05566076",))
SOURCES = {"05566076": "source"}
NO_ERROR = pd.DataFrame(
    {"ref_area": ["05999"], "age_from": [80], "age_to": [None], "estimate": [1.0],
     "obs_value": [1.0]}
).astype({"age_from": "Int16", "age_to": "Int16"})  # fmt: skip


@pytest.fixture(scope="module")
def care(processed: Path) -> pd.DataFrame:
    return storage.read("care", processed=processed)


def test_each_day_has_the_definition_of_its_law(care: pd.DataFrame) -> None:
    days = history(care, "05566").set_index("time_period")
    assert days.loc["2015-12-31", ["obs_value", "definition"]].tolist() == [13739, BEFORE]
    assert days.loc["2017-12-31", ["obs_value", "definition"]].tolist() == [17573, SINCE]


def test_kinds_of_2015_add_up_and_day_care_is_contained(care: pd.DataFrame) -> None:
    # 22411-02-02-4, Kreis Steinfurt 2015: 3,529 + 3,513 + 6,697 = 13,739; day care 517 beside
    old = kinds(care, "05566")
    old = old.loc[old["definition"].eq(BEFORE)].set_index("measure")["obs_value"]
    assert old[list(KINDS)].sum() == old[DEPENDANTS] == 13739
    assert old[DAY_CARE] == 517


def test_places_are_related_to_the_very_old_of_the_same_day(
    care: pd.DataFrame, population: pd.DataFrame
) -> None:
    # 3,787 permanent places (22411-01-01-4) on 23,879 persons aged 80+ (12411-04-02-4), both 2015
    finding = places_finding(care, population, STEINFURT, NRW)
    assert finding.value == pytest.approx(100 * 3787 / 23879)
    assert finding.time_period == "2015-12-31"
    assert finding.comparison is not None
    assert finding.comparison.time_period == "2015-12-31"


def test_a_municipality_has_no_published_care(care: pd.DataFrame, population: pd.DataFrame) -> None:
    assert dependants_finding(care, HOME).kind == "keine Daten"
    assert places_finding(care, population, HOME).kind == "keine Daten"
    assert supply(care, HOME.ref_area).empty


def test_rates_times_ages_of_a_published_structure() -> None:
    # GBE-Bund 2021: men 75-84 19.6 %, women 90+ 86.4 %
    structure = pd.DataFrame(
        [("male", 75, 84, 1000.0), ("female", 90, None, 100.0)],
        columns=["sex", "age_from", "age_to", "obs_value"],
    )
    assert expected_of(structure) == pytest.approx(196.0 + 86.4)


def test_groups_that_cut_through_those_of_the_rates_give_nothing() -> None:
    structure = pd.DataFrame(
        [("male", 70, 79, 10.0), ("female", 70, 79, 10.0)],
        columns=["sex", "age_from", "age_to", "obs_value"],
    )
    assert expected_of(structure) is None


def test_the_misfit_of_2015_is_relative_to_the_land(
    care: pd.DataFrame, population: pd.DataFrame
) -> None:
    # expected by hand from the rates: Steinfurt 24,292.955, Land 1,021,974.182;
    # published: 13,739 and 638,103
    misfits = regional_misfit(care, population, "05", REFORM).set_index("ref_area")
    by_hand = 100 * ((24_292.955 / 13_739) / (1_021_974.182 / 638_103) - 1)
    assert misfits.loc["05566", "misfit_percent"] == pytest.approx(by_hand, abs=1e-4)
    assert (misfits["time_period"] == "2015-12-31").all()
    assert "05" not in misfits.index


@given(st.lists(st.floats(min_value=-60, max_value=150), min_size=1, max_size=8))
def test_the_level_limits_hold_the_truth_of_every_kreis(percent: list[float]) -> None:
    misfits = pd.DataFrame({"misfit_percent": percent})
    low, high = level_limits(misfits)
    assert low <= 1.0 <= high
    # an estimate that is p percent too high stands for 1 / (1 + p) of itself
    assert all(low <= 1 / (1 + p / 100) <= high for p in percent)


def demand(*, area: str = "05566076", factor: float = 1.3, misfit: float = -23.0) -> pd.DataFrame:
    rows = [
        (area, variant, f"{year}-12-31", value, value * width, value / width, factor, misfit)
        for variant, path in (("status_quo", (100, 120)), ("rising_rates", (105, 140)))
        for year, value, width in zip((2024, 2040), path, (1.0, 0.9), strict=True)
    ]
    columns = [
        "ref_area", "variant", "time_period", "obs_value", "lower_80", "upper_80",
        "calibration_factor", "misfit_percent",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).assign(rates_year=2021, obs_status="estimated")


MISFITS = pd.DataFrame({"misfit_percent": [25.0, -20.0], "time_period": "2015-12-31"})


def test_a_count_has_the_spread_of_the_levels_in_its_limits() -> None:
    finding = demand_finding(demand(), MISFITS, NO_ERROR, HOME, SOURCES)
    assert finding.value == 100
    assert finding.uncertainty is not None
    assert (finding.uncertainty.low, finding.uncertainty.high) == pytest.approx((80.0, 125.0))
    assert any("nicht der Bedarf" in text for text in finding.limits)


def test_a_change_is_free_of_the_level_and_stays_within_its_variant() -> None:
    assert change_finding(demand(), HOME, SOURCES, 2040).value == pytest.approx(20.0)
    rising = change_finding(demand(), HOME, SOURCES, 2040, "rising_rates")
    assert rising.value == pytest.approx(100 * (140 / 105 - 1))
    assert rising.id == "care-change-rising-rates-2040"


def test_rates_that_were_not_lifted_widen_the_upper_limit_only() -> None:
    plain = demand(area="03103", factor=1.0, misfit=float("nan"))
    both = pd.concat([plain, demand()], ignore_index=True)
    town = Place("03103", "Wolfsburg", "municipality", ("03103",))
    finding = demand_finding(both, MISFITS, NO_ERROR, town, {"03103": "source"})
    assert finding.uncertainty is not None
    assert (finding.uncertainty.low, finding.uncertainty.high) == pytest.approx((80.0, 125.0 * 1.3))


def test_a_place_without_projection_says_keine_daten() -> None:
    finding = demand_finding(demand(), MISFITS, NO_ERROR, STEINFURT, SOURCES)
    assert finding.kind == "keine Daten"
    assert change_finding(demand(), STEINFURT, SOURCES, 2040).kind == "keine Daten"


def test_the_calibration_rests_on_the_published_total(processed: Path) -> None:
    facts = storage.read("published_facts", processed=processed)
    finding = calibration_finding(demand(misfit=-22.9), facts, NRW)
    assert finding.value == -22.9
    assert finding.evidence[0].value == 1_390_000
    town = demand(area="03103", factor=1.0, misfit=float("nan"))
    missing = calibration_finding(town, facts, Place("03", "Niedersachsen", "land", ("03",)))
    assert missing.kind == "keine Daten"
    assert "zu niedrig" in missing.reason


def listed(key: str, day: str = "2024-12-31", **values: tuple[float, str]) -> pd.DataFrame:
    """Rows of the table `care` that an own list of places fills: measure → value and sign."""
    return pd.DataFrame(
        [
            {"ref_area": key, "time_period": day, "measure": measure, "sex": "total",
             "unit_measure": "count", "obs_value": value, "obs_status": status,
             "source_id": "eigene-liste"}
            for measure, (value, status) in values.items()
        ]
    )  # fmt: skip


NO_WORD = pd.DataFrame(
    columns=["list_kind", "ref_area", "sector", "completeness", "n_listed", "known_total"]
)
PARTIAL = "limited_reliability"


def test_a_list_of_a_municipality_is_no_kreis_of_the_comparison(
    care: pd.DataFrame, population: pd.DataFrame
) -> None:
    own = listed("05566076", "2015-12-31", care_home_places_permanent=(80.0, ""))
    with_list = pd.concat([care, own], ignore_index=True)
    keys = ["05", "05566", "05566076"]
    table = places_table(with_list, population, keys, "2015-12-31")
    assert table["ref_area"].tolist() == ["05", "05566"]


def test_a_list_of_the_kreis_changes_no_published_figure(
    care: pd.DataFrame, population: pd.DataFrame
) -> None:
    own = listed("05566", care_home_places_permanent=(99.0, PARTIAL))
    with_list = pd.concat([care, own], ignore_index=True)
    pd.testing.assert_frame_equal(supply(with_list, "05566"), supply(care, "05566"))
    assert places_day(with_list, population, "05566") == "2015-12-31"
    assert own_places(with_list, NO_WORD, ["05566"])["places"].tolist() == [99.0]


def test_places_that_a_municipality_lists_are_counted_free_and_in_percent() -> None:
    own = listed(
        "05566028",
        care_home_places_permanent=(80.0, ""), care_home_places_permanent_occupied=(70.0, ""),
        care_places_day=(8.0, ""), care_places_day_occupied=(6.0, ""),
    )  # fmt: skip
    rows = own_places(own, NO_WORD, ["05566028"]).set_index("measure")
    home, day = rows.loc["care_home_places_permanent"], rows.loc["care_places_day"]
    assert (home["free"], home["percent"], home["is_exact"]) == (10.0, 87.5, True)
    # a share of fewer than ten is not shown
    assert day["free"] == 2.0 and pd.isna(day["percent"])


def test_what_follows_from_an_incomplete_list_is_a_bound_and_nothing_said_is_not_zero() -> None:
    own = listed(
        "05566028",
        care_home_places_permanent=(120.0, ""),  # 70 of the first house, the second says nothing
        care_home_places_permanent_occupied=(70.0, PARTIAL),
        care_places_day=(12.0, PARTIAL),
    )
    said = pd.DataFrame(
        [("care-places", "05566028", "day_care", "partial", 12.0, 40.0)], columns=NO_WORD.columns
    )
    rows = own_places(own, said, ["05566028"]).set_index("measure")
    home, day = rows.loc["care_home_places_permanent"], rows.loc["care_places_day"]
    assert (home["free"], home["is_exact"], home["completeness"]) == (50.0, False, "")
    assert pd.isna(day["occupied"]) and pd.isna(day["free"]) and not day["is_exact"]
    assert (day["completeness"], day["known_total"]) == ("partial", 40.0)


def test_kinds_that_do_not_add_up_are_named_with_the_gap(care: pd.DataFrame) -> None:
    # Pflegestatistik 2017, Kreis Steinfurt: 3,807 + 4,903 + 8,858 = 17,568 of 17,573; 2015 adds up
    gaps = outside_kinds(kinds(care, "05566"))
    assert gaps[["time_period", "parts", "gap"]].to_numpy().tolist() == [["2017-12-31", 17568, 5]]
