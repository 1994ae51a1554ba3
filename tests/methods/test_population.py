"""Population methods against published figures and tiny literal frames."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import MethodInputError
from pipeline.methods.population import (
    age_ratios,
    age_structure,
    change_within_segments,
    newer_ratio_finding,
    observed_totals,
    persons_between,
    regroup,
    segments,
    share_per_year_of_age,
    total_finding,
)
from pipeline.regions import Place

COLUMNS = [
    "ref_area", "time_period", "measure", "census_basis", "sex", "age_from", "age_to",
    "obs_value", "obs_status", "source_id",
]  # fmt: skip


def frame(*rows: tuple[Any, ...]) -> pd.DataFrame:
    data = pd.DataFrame([(*row, "", "source") for row in rows], columns=COLUMNS)
    return data.astype({"age_from": "Int16", "age_to": "Int16", "obs_value": "float64"})


def total(area: str, day: str, basis: str, value: float, measure: str = "population") -> tuple:
    return (area, day, measure, basis, "total", None, None, value)


def structure(*groups: tuple[int | None, int | None, float], sex: str = "total") -> pd.DataFrame:
    data = pd.DataFrame(groups, columns=["age_from", "age_to", "obs_value"])
    return data.astype({"age_from": "Int16", "age_to": "Int16"}).assign(sex=sex, source_id="source")


# 12411-01-01-5 and 12411-15i: Rheine and Neuenkirchen
RHEINE = frame(
    total("05566076", "2010-12-31", "1987", 76530),
    total("05566060", "2010-12-31", "1987", 13774),
    total("05566076", "2011-12-31", "2011", 72942),
    total("05566060", "2011-12-31", "2011", 13674),
    total("05566076", "2012-12-31", "2011", 73285),
    total("05566060", "2012-12-31", "2011", 13578),
    total("05566076", "2024-12-31", "2022", 77209),
)
BOTH = ("05566076", "05566060")


def test_a_day_on_which_a_member_is_missing_has_no_sum() -> None:
    assert observed_totals(RHEINE, BOTH)["time_period"].tolist() == [
        "2010-12-31",
        "2011-12-31",
        "2012-12-31",
    ]


def test_group_is_the_sum_of_its_members() -> None:
    assert observed_totals(RHEINE, BOTH)["obs_value"].tolist() == [90304, 86616, 86863]


def test_census_break_and_missing_years_divide_the_series() -> None:
    runs = segments(observed_totals(RHEINE, ["05566076"]))
    assert runs[["time_period", "segment"]].to_numpy().tolist() == [
        ["2010-12-31", 0],
        ["2011-12-31", 1],
        ["2012-12-31", 1],
        ["2024-12-31", 2],
    ]


def test_no_change_is_computed_across_a_census() -> None:
    (change,) = change_within_segments(observed_totals(RHEINE, ["05566076"])).to_dict("records")
    assert (change["first_period"], change["last_period"]) == ("2011-12-31", "2012-12-31")
    assert change["change_percent"] == pytest.approx((73285 / 72942 - 1) * 100)


def test_gap_within_one_basis_divides_the_series_too() -> None:
    data = frame(
        total("05566076", "2015-12-31", "2011", 74852),
        total("05566076", "2022-12-31", "2011", 77893),
    )
    assert change_within_segments(observed_totals(data, ["05566076"])).empty


def test_single_municipality_is_published_and_a_group_is_computed() -> None:
    one = total_finding(RHEINE, Place("05566076", "Rheine", "municipality", ("05566076",)))
    assert (one.value, one.time_period, one.kind) == (77209, "2024-12-31", "veröffentlichter Wert")
    both = total_finding(RHEINE, Place("r", "Rheine und Neuenkirchen", "region", BOTH))
    assert (both.value, both.time_period, both.kind) == (86863, "2012-12-31", "eigene Berechnung")
    assert [row.value for row in both.evidence] == [73285, 13578]


def test_unknown_place_has_a_finding_without_a_number() -> None:
    none = total_finding(RHEINE, Place("01001", "Flensburg", "municipality", ("01001",)))
    assert (none.value, none.kind) == (None, "keine Daten")


@pytest.mark.parametrize(
    ("area", "youth", "old"),
    [  # Regionalatlas AI-N-04, 2015: Jugendquotient, Altenquotient
        ("DG", 30.3, 34.7),
        ("05566", 35.1, 32.1),
        ("05554", 35.5, 29.9),
        ("05766", 35.0, 37.8),
        ("03103", 29.1, 36.8),
    ],
)
def test_age_ratios_equal_the_published_ones(
    population: pd.DataFrame, area: str, youth: float, old: float
) -> None:
    ratios = age_ratios(age_structure(population, [area], "2015-12-31"))
    assert round(ratios["youth_ratio"], 1) == youth
    assert round(ratios["old_age_ratio"], 1) == old


def test_kreis_without_newer_ages_says_so_instead_of_showing_old_ones_as_today(
    population: pd.DataFrame,
) -> None:
    wolfsburg = Place("03103", "Wolfsburg", "kreis", ("03103",))
    old = newer_ratio_finding(population, wolfsburg, "old_age_ratio", "2015-12-31")
    assert (old.value, old.kind) == (None, "keine Daten")
    steinfurt = Place("05566", "Kreis Steinfurt", "kreis", ("05566",))
    new = newer_ratio_finding(population, steinfurt, "old_age_ratio", "2015-12-31")
    assert (new.time_period, new.is_known) == ("2024-12-31", True)


def test_finest_partition_is_chosen_for_a_kreis_and_groups_for_a_municipality(
    population: pd.DataFrame,
) -> None:
    kreis = age_structure(population, ["05566"], "2015-12-31")
    town = age_structure(population, ["05566076"], "2015-12-31")
    assert len(kreis.loc[kreis["sex"].eq("total")]) == 79
    assert len(town.loc[town["sex"].eq("total")]) == 17
    assert kreis.loc[kreis["sex"].eq("total"), "obs_value"].sum() == 443374
    assert town.loc[town["sex"].eq("total"), "obs_value"].sum() == 74852


def test_regrouping_keeps_every_person(population: pd.DataFrame) -> None:
    kreis = age_structure(population, ["05566"], "2015-12-31")
    town = age_structure(population, ["05566076"], "2015-12-31")
    coarse = regroup(kreis, town)
    assert len(coarse) == len(town)
    assert coarse["obs_value"].sum() == kreis["obs_value"].sum()


def test_age_limit_that_cuts_a_group_is_refused() -> None:
    groups = structure((0, 17, 10), (18, 64, 50), (65, None, 20))
    with pytest.raises(MethodInputError, match="cuts through"):
        persons_between(groups, 0, 20)


def test_gap_between_age_groups_is_refused() -> None:
    data = frame(
        ("05566", "2015-12-31", "population", "2011", "total", 0, 17, 10),
        ("05566", "2015-12-31", "population", "2011", "total", 20, None, 50),
    )
    with pytest.raises(MethodInputError, match="no partition"):
        age_structure(data, ["05566"], "2015-12-31")


def test_nobody_of_working_age_is_refused() -> None:
    groups = structure((0, 19, 10), (20, 64, 0), (65, 74, 2), (75, None, 3))
    with pytest.raises(MethodInputError, match="nobody"):
        age_ratios(groups)


@given(st.lists(st.integers(1, 5000), min_size=4, max_size=4))
def test_densities_add_up_to_everybody(values: list[int]) -> None:
    groups = pd.concat(
        [
            structure((0, 19, values[0]), (20, None, values[1]), sex="male"),
            structure((0, 19, values[2]), (20, None, values[3]), sex="female"),
        ]
    )
    shares = share_per_year_of_age(groups, 15)
    assert (shares["percent_per_year"] * shares["years"]).sum() == pytest.approx(100)
