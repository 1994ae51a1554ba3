"""What-if bounds from one share, and the forecast from an own list of ages."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import MethodInputError, NoDataError
from pipeline.methods import supply_outlook, supply_whatif
from pipeline.methods.physicians import GP_GROUP
from pipeline.regions import Place

LIPPE = Place("05766", "Kreis Lippe", "kreis", ("05766",))
EMPTY = pd.DataFrame(columns=["list_kind", "ref_area", "sector", "completeness"])


def physicians(share: float | None = 19.8) -> pd.DataFrame:
    measures = [("density", 53.6)] + ([] if share is None else [("share_over_65", share)])
    rows = pd.DataFrame(measures, columns=["measure", "obs_value"])
    return rows.assign(
        ref_area="05766", time_period="2023", doctor_group=GP_GROUP, obs_status="", source_id="kbv"
    )


POPULATION = pd.DataFrame(
    [("05766", "2022-12-31", 350_000.0), ("05766", "2023-12-31", 347_613.0)],
    columns=["ref_area", "time_period", "obs_value"],
).assign(
    measure="population", census_basis="2022", sex="total", age_from=pd.NA, age_to=pd.NA,
    obs_status="", source_id="rdb",
)  # fmt: skip


def test_without_the_older_a_fifth_of_lippes_density_is_gone() -> None:
    # 53.6 less 19.8 % = 42.99; edges 53.55 less 19.85 %, 53.65 less 19.75 %
    finding = supply_whatif.without_older_finding(physicians(), LIPPE)
    assert finding.value == pytest.approx(42.9872)
    assert finding.uncertainty is not None
    assert finding.uncertainty.low == pytest.approx(42.920325)
    assert finding.uncertainty.high == pytest.approx(43.054125)
    assert (finding.kind, finding.level) == ("Schätzung", "kreis")
    assert finding.id == "whatif-density-without-over-65-hausaerzte"


def test_heads_over_the_limit_take_the_inhabitants_of_the_same_year() -> None:
    # 53.6 × 3.47613 × 0.198 = 36.89
    finding = supply_whatif.heads_over_limit_finding(physicians(), POPULATION, LIPPE)
    assert finding.value == pytest.approx(36.8914, abs=1e-3)


def test_without_a_share_there_is_no_number() -> None:
    finding = supply_whatif.without_older_finding(physicians(None), LIPPE)
    assert (finding.value, finding.kind) == (None, "nicht berechenbar")
    assert "weniger als zehn" in finding.reason


@given(density=st.floats(0.1, 200, allow_nan=False), share=st.floats(0, 100, allow_nan=False))
def test_bounds_hold_the_value_and_never_exceed_today(density: float, share: float) -> None:
    density, share = round(density, 1), round(share, 1)
    low, high = supply_whatif.density_without_older(density, share)
    assert 0 <= low <= density * (1 - share / 100) + 1e-9 <= high + 2e-9
    assert high <= density + supply_whatif.STEP / 2


def test_a_share_above_a_hundred_is_refused() -> None:
    with pytest.raises(MethodInputError):
        supply_whatif.density_without_older(50, 101)


# --- the forecast from a list (invented) -------------------------------------------------------


def ages(*groups: tuple[int, int, float, float | None], area: str = "05999001") -> pd.DataFrame:
    rows = []
    for first, last, heads, seats in groups:
        base = {"ref_area": area, "time_period": "2024-12-31", "doctor_group": "Hausärzte",
                "age_from": first, "age_to": last, "obs_status": "",
                "source_id": "eigene-a"}  # fmt: skip
        rows.append({**base, "measure": "doctors_by_age", "obs_value": heads})
        if seats is not None:
            rows.append({**base, "measure": "doctor_seats_by_age", "obs_value": seats})
    return pd.DataFrame(rows)


PLACE = Place("Erfunden", "Erfunden", "planning_area", ("05999001",))


def test_doctors_of_a_group_are_spread_evenly_over_its_ages() -> None:
    doctors, has_seats = supply_outlook.spread(ages((40, 49, 5, 4.0)))
    assert doctors["age"].tolist() == [41, 43, 45, 47, 49]
    assert doctors["weight"].tolist() == [0.8] * 5
    assert has_seats


def test_path_follows_the_age_weights_and_crosses_in_the_year_it_falls_below() -> None:
    # ten of 40 stay; four of 64 keep all, half, half, half, a fifth … of their seats
    found = supply_outlook.find_outlook(
        ages((40, 40, 10, 10.0), (64, 64, 4, 4.0)), EMPTY, (PLACE,), required=16.0
    )
    assert isinstance(found, supply_outlook.Outlook)
    path = found.path.set_index("year")["value"]
    expected = {2024: 14.0, 2025: 12.0, 2027: 12.0, 2028: 10.8, 2030: 10.8, 2031: 10.0}
    assert {year: path[year] for year in expected} == pytest.approx(expected)
    assert found.crossing is not None and found.crossing.year == 2028  # 75 % of 16 are 12 seats
    grade = supply_outlook.grade_then_finding(found)
    assert (grade.value, grade.relation_to_threshold) == (pytest.approx(67.5), "unter")
    assert supply_outlook.leaving_finding(found).value == pytest.approx(4.0)


def test_heads_without_seats_give_a_path_and_no_crossing() -> None:
    found = supply_outlook.find_outlook(ages((40, 60, 12, None)), EMPTY, (PLACE,), required=16.0)
    assert isinstance(found, supply_outlook.Outlook)
    assert (found.measure, found.crossing) == ("heads", None)
    assert supply_outlook.grade_then_finding(found).kind == "nicht berechenbar"


def test_need_of_the_planning_area_says_nothing_about_a_part_of_it() -> None:
    region = Place("05999001", "Erfundhausen", "municipality", ("05999001",))
    found = supply_outlook.find_outlook(ages((40, 60, 12, 12.0)), EMPTY, (region,), required=16.0)
    assert isinstance(found, supply_outlook.Outlook)
    assert found.required is None and found.crossing is None


def test_a_list_that_misses_a_municipality_is_named_with_its_gap() -> None:
    area = Place("Erfunden", "Erfunden", "planning_area", ("05999001", "05999002"))
    with pytest.raises(NoDataError, match="fehlen 1 von 2"):
        supply_outlook.find_ages(ages((40, 60, 12, 12.0)), EMPTY, (area,))


def test_fewer_than_ten_doctors_are_not_shown() -> None:
    with pytest.raises(NoDataError, match="weniger als zehn"):
        supply_outlook.find_ages(ages((40, 60, 9, 9.0)), EMPTY, (PLACE,))
