"""The projection of a place: sums, bands, measured errors, and what others projected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.methods.hindcast import errors
from pipeline.methods.moves import moves_by_age, net_finding
from pipeline.methods.projected import (
    EVERYBODY,
    OLD,
    WORKING,
    change_finding,
    changes_by_age,
    flagged_areas,
    is_in_samtgemeinde,
    paths,
    total_finding,
    variants_table,
)
from pipeline.methods.projected_ages import (
    group_finding,
    old_age_ratio_finding,
    pyramid_groups,
    ratio_error,
    structure_today,
)
from pipeline.methods.projection_checks import (
    backtest_finding,
    backtest_of,
    published_projections,
)
from pipeline.regions import Place
from pipeline.tables import storage

SOURCES = {"A": "source-a", "B": "source-b"}
ALONE = Place("A", "Adorf", "municipality", ("A",))
GROUP = Place("a-b", "Adorf und Bedorf", "region", ("A", "B"))
TODAY, LATER = "2024-12-31", "2040-12-31"


def row(area: str, day: str, value: float, group: tuple[int, int | None] = EVERYBODY, **more: Any):
    low, high = more.get("band", (value, value))
    return {
        "ref_area": area, "variant": more.get("variant", "middle"), "time_period": day,
        "age_from": group[0], "age_to": group[1], "obs_value": value,
        "lower_80": low, "upper_80": high, "lower_95": low, "upper_95": high,
        "obs_status": "estimated", "has_reception_centre": more.get("flag", False),
    }  # fmt: skip


def table(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(rows).astype({"age_from": "Int16", "age_to": "Int16"})


def test_age_groups_change_from_their_own_start_and_a_missing_group_empties_the_table() -> None:
    young, old = (0, 17), (75, None)
    known = table(
        row("A", TODAY, 200.0, young), row("A", LATER, 150.0, young, band=(140.0, 170.0)),
        row("A", TODAY, 100.0, old), row("A", LATER, 130.0, old, band=(120.0, 145.0)),
        row("B", TODAY, 50.0, young), row("B", LATER, 50.0, young, band=(45.0, 55.0)),
    )  # fmt: skip
    changes = changes_by_age(known, ["A"], 2040, [young, old])
    assert changes["start"].tolist() == [200.0, 100.0]
    assert changes["change"].round(6).tolist() == [-25.0, 30.0]
    assert changes["low"].round(6).tolist() == [-30.0, 20.0]
    assert changes["high"].round(6).tolist() == [-15.0, 45.0]
    assert changes_by_age(known, ["A", "B"], 2040, [young])["change"].round(6).tolist() == [-20.0]
    assert changes_by_age(known, ["A", "B"], 2040, [young, old]).empty


# Adorf shrinks from 1,000 to 900, Bedorf grows from 500 to 550 (synthetic)
PROJECTION = table(
    row("A", TODAY, 1000), row("A", LATER, 900, band=(800, 1000)),
    row("B", TODAY, 500, flag=True), row("B", LATER, 550, band=(500, 620), flag=True),
    row("A", TODAY, 200, OLD), row("A", LATER, 300, OLD, band=(270, 330)),
    row("A", TODAY, 500, WORKING), row("A", LATER, 400, WORKING, band=(360, 440)),
)  # fmt: skip


def error_rows(*rows: tuple[str, int, int | None, float, float]) -> pd.DataFrame:
    columns = ["ref_area", "age_from", "age_to", "estimate", "obs_value"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"age_from": "Int16", "age_to": "Int16"})


# two Kreise: the estimated ratio is 10 % too high, then 5 % too low
ERRORS = error_rows(
    ("K1", 65, None, 110, 100), ("K1", 20, 64, 300, 300),
    ("K2", 65, None, 95, 100), ("K2", 20, 64, 400, 400),
)  # fmt: skip


def test_a_group_is_summed_and_its_band_is_the_sum_of_the_limits() -> None:
    later = paths(PROJECTION, GROUP.areas, EVERYBODY).set_index("time_period").loc[LATER]
    assert (later["obs_value"], later["lower_80"], later["upper_80"]) == (1450, 1300, 1620)


def test_a_missing_member_leaves_no_path_and_says_so() -> None:
    place = Place("a-c", "Adorf und Cedorf", "region", ("A", "C"))
    assert paths(PROJECTION, place.areas, EVERYBODY).empty
    finding = total_finding(PROJECTION, place, 2040, SOURCES)
    assert finding.kind == "keine Daten"
    assert "Cedorf" in finding.reason


def test_a_change_has_the_band_of_its_end_and_both_rows_as_evidence() -> None:
    finding = change_finding(PROJECTION, ALONE, 2040, SOURCES)
    assert finding.value == pytest.approx(-10.0)
    assert finding.uncertainty is not None
    assert (finding.uncertainty.low, finding.uncertainty.high) == pytest.approx((-20.0, 0.0))
    assert [e.key["time_period"] for e in finding.evidence] == [TODAY, LATER]
    assert {e.source_id for e in finding.evidence} == {"source-a"}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(*[st.floats(min_value=1, max_value=1e6) for _ in range(3)]),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_the_value_lies_in_its_band_whatever_the_members(members: list[tuple]) -> None:
    ordered = [sorted(values) for values in members]
    rows = [
        row(f"M{i}", LATER, middle, band=(low, high))
        for i, (low, middle, high) in enumerate(ordered)
    ]
    keys = tuple(f"M{i}" for i in range(len(rows)))
    place = Place("m", "M", "region", keys)
    finding = total_finding(table(*rows), place, 2040, dict.fromkeys(keys, "s"))
    assert finding.uncertainty is not None  # building it checks low ≤ value ≤ high
    assert finding.uncertainty.high <= sum(high for _, _, high in ordered) * (1 + 1e-9)


def test_a_variant_that_was_not_projected_stays_missing_in_the_table() -> None:
    both = variants_table(PROJECTION, ALONE)
    assert both["year"].tolist() == [2024, 2040]
    assert both["middle_percent"].tolist() == pytest.approx([0.0, -10.0])
    assert both["high"].isna().all()


def test_reception_centres_are_named_by_their_key() -> None:
    assert flagged_areas(PROJECTION, GROUP.areas) == ["B"]


def test_the_ratio_error_is_that_of_the_ratio_not_of_its_parts() -> None:
    error = ratio_error(ERRORS)
    assert error is not None
    assert (error.mean, error.largest, error.n) == pytest.approx((7.5, 10.0, 2))


def test_the_ratio_of_today_has_the_largest_measured_error_as_limits() -> None:
    finding = old_age_ratio_finding(PROJECTION, ERRORS, ALONE, SOURCES)
    assert finding.value == pytest.approx(40.0)
    assert finding.uncertainty is not None
    assert finding.uncertainty.conf is None  # measured on Kreise: no confidence level
    assert finding.uncertainty.high == pytest.approx(44.0)


def test_the_ratio_of_later_is_wider_by_both_bands() -> None:
    finding = old_age_ratio_finding(PROJECTION, ERRORS, ALONE, SOURCES, 2040)
    assert finding.value == pytest.approx(75.0)
    assert finding.uncertainty is not None
    assert finding.uncertainty.low == pytest.approx(100 * 270 / 440 / 1.1)
    assert finding.uncertainty.high == pytest.approx(100 * 330 / 360 * 1.1)


def test_where_ages_are_published_today_is_no_estimate() -> None:
    known = error_rows(("A", 65, None, 190, 200), ("A", 20, 64, 500, 500))
    assert old_age_ratio_finding(PROJECTION, known, ALONE, SOURCES).kind == "eigene Berechnung"
    assert group_finding(PROJECTION, known, ALONE, OLD, SOURCES).uncertainty is None


def test_without_a_measured_error_the_ratio_is_not_computable() -> None:
    nothing = ERRORS.iloc[:0]
    finding = old_age_ratio_finding(PROJECTION, nothing, ALONE, SOURCES)
    assert finding.kind == "nicht berechenbar"


def test_a_structure_without_projection_is_empty() -> None:
    assert structure_today(PROJECTION, ERRORS, ["C"]).empty


def test_pyramid_groups_keep_the_sum_and_leave_the_last_one_open() -> None:
    ages = pd.DataFrame(
        [("A", TODAY, "male", age, 1.0) for age in range(101)],
        columns=["ref_area", "time_period", "sex", "age_from", "obs_value"],
    )
    groups = pyramid_groups(ages, ["A"], 2024)
    assert groups["obs_value"].sum() == 101
    last = groups.iloc[-1]
    assert (last["age_from"], pd.isna(last["age_to"]), last["obs_value"]) == (90, True, 11)


# --- back-test and published projections -----------------------------------------------------


def test_errors_are_in_percent_of_what_came() -> None:
    forecast, constant = pd.Series({"A": 110.0, "B": 1.0}), pd.Series({"A": 90.0, "B": 1.0})
    result = errors(forecast, constant, pd.Series({"A": 100.0, "B": float("nan")}))
    assert result["ref_area"].tolist() == ["A"]
    assert result[["error_percent", "constant_error_percent"]].to_numpy().tolist() == [
        [pytest.approx(10.0), pytest.approx(-10.0)]
    ]


BACKTEST = pd.DataFrame(
    [
        ("A", "2024-12-31", "2022", "2015-12-31", 100.0, 110.0, 90.0),
        ("B", "2024-12-31", "2022", "2015-12-31", 100.0, 90.0, 90.0),
        ("A", "2022-12-31", "2011", "2015-12-31", 100.0, 105.0, 90.0),
    ],
    columns=[
        "ref_area", "time_period", "census_basis", "base_period", "obs_value", "forecast",
        "constant",
    ],
)  # fmt: skip


def test_the_backtest_of_a_group_is_that_of_its_sum() -> None:
    result = backtest_of(BACKTEST, GROUP)
    assert result["time_period"].tolist() == ["2024-12-31"]  # Bedorf has no figure of 2022
    assert result["error_percent"].tolist() == pytest.approx([0.0])
    finding = backtest_finding(BACKTEST, GROUP, SOURCES, is_constant=True)
    assert finding.value == pytest.approx(-10.0)
    assert len(finding.evidence) == 2


def test_both_projections_of_kreis_steinfurt_stand_beside_ours(processed: Path) -> None:
    # Kreis Steinfurt: -1.9 % to 2043; IT.NRW: +0.5 % to 2050
    facts = storage.read("published_facts", processed=processed)
    key = "05566"
    path = table(
        row(key, TODAY, 1000), row(key, "2043-12-31", 990, band=(900, 1100)),
        row(key, "2050-12-31", 980, band=(900, 1100)),
    )  # fmt: skip
    place = Place(key, "Kreis Steinfurt", "kreis", (key,))
    both = published_projections(facts, path, [place]).set_index("year_or_date")
    assert both["value"].to_dict() == {"2023-2043": -1.9, "2023-2050": 0.5}
    assert both["own"].to_dict() == pytest.approx({"2023-2043": -1.0, "2023-2050": -2.0})


def test_an_old_published_projection_has_no_comparable_one_of_ours(processed: Path) -> None:
    facts = storage.read("published_facts", processed=processed)
    place = Place("05570", "Kreis Warendorf", "kreis", ("05570",))
    path = table(row("05570", TODAY, 1000), row("05570", "2030-12-31", 990))
    old = published_projections(facts, path, [place]).set_index("year_or_date").loc["2011-2030"]
    assert old["value"] == -4.6
    assert pd.isna(old["own"])


# --- arrivals and departures of 2015 ----------------------------------------------------------


def test_moves_of_rheine_are_those_of_the_table(processed: Path) -> None:
    # 12711-01-03-5, Rheine 2015: 4,293 arrivals, 3,271 departures; under 18: 843 and 495
    migration = storage.read("migration", processed=processed)
    moves = moves_by_age(migration, ["05566076"])
    assert (moves["arrivals"].sum(), moves["departures"].sum()) == (4293, 3271)
    assert moves.iloc[0][["arrivals", "departures"]].tolist() == [843, 495]
    assert pd.isna(moves.iloc[-1]["age_to"])
    place = Place("05566076", "Rheine", "municipality", ("05566076",))
    net = net_finding(migration, place)
    assert net.value == 1022
    assert any("Ausnahmejahr" in text for text in net.limits)


def test_no_moves_are_no_data() -> None:
    columns = [
        "ref_area", "time_period", "measure", "sex", "age_from", "age_to", "obs_value", "source_id",
    ]  # fmt: skip
    nothing = pd.DataFrame(columns=columns)
    assert moves_by_age(nothing, ["A"]).empty
    assert net_finding(nothing, ALONE).kind == "keine Daten"


def test_members_of_a_samtgemeinde_are_told_by_their_regionalschluessel() -> None:
    # Gemeindeverzeichnis: Gifhorn and Oelde stand alone, Adenbüttel is in the Samtgemeinde 5406
    towns = pd.DataFrame(
        {"ags": ["03151009", "03151001", "05570028"],
         "ars": ["031510009009", "031515406001", "055700028028"]}
    )  # fmt: skip
    assert not is_in_samtgemeinde(towns, ["03151009"])
    assert is_in_samtgemeinde(towns, ["03151001", "03151009"])
    assert not is_in_samtgemeinde(towns, ["05570028"])
