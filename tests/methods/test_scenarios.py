"""Scenarios: arithmetic by hand, identities, and the record that the page repeats."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MethodInputError, NoDataError
from pipeline.methods import published_planning as planning
from pipeline.methods.scenarios import combine, flows, hospital, mvz, outcome, quarter, rules
from pipeline.methods.scenarios.base import (
    ASSUMPTION,
    HORIZON,
    Assumption,
    Course,
    Start,
    pool,
    to_frame,
    values_of,
)
from pipeline.methods.scenarios.sensitivity import tornado
from pipeline.methods.scenarios.start import (
    AS_KREIS,
    SOLVED_BACK,
    Sources,
    solve_back,
    start_of,
    with_ages,
)
from pipeline.methods.scenarios.tracing import plain, replay
from pipeline.regions import MODEL_REGIONS, Place
from pipeline.tables import storage

YEARS = tuple(range(2025, HORIZON + 1))
# 20,000 people, 2,000 on a seat: 10 seats are needed. 8 are filled, half of them are given up by
# 2040, every second one finds a successor.
START = Start(
    ref_area="05766036",
    name="Musterort",
    level="municipality",
    years=YEARS,
    inhabitants=(20_000.0,) * 16,
    ratio=2_000.0,
    basis=AS_KREIS,
    assumptions=(
        Assumption("seats_today", "Sitze", 8, 4, 12, "seats"),
        Assumption("leaving_share", "gehen", 50, 20, 80, "percent"),
        Assumption("succession_share", "Nachfolge", 50, 20, 80, "percent"),
        Assumption("free_seats", "frei", 3, 0, 6, "seats"),
    ),
    exit_profile=(0.0, *([1 / 15] * 15)),
)


def at(course: Course, part: str, year: int) -> float:
    return outcome.value_in(course, part, year)


def run(*names: str, **given_values: float) -> Course:
    return combine.run(START, names, given_values)


# --- doctors who stay, leave or come -------------------------------------------------------


def test_nothing_is_done() -> None:
    course = run()
    assert at(course, "coverage", 2025) == 80
    assert at(course, "seats", 2030) == pytest.approx(8 - 4 / 3 + 2 / 3)
    assert at(course, "seats", 2040) == pytest.approx(6)
    assert at(course, "coverage", 2040) == pytest.approx(60)


def test_later_retirement_moves_exits_by_its_years() -> None:
    course = run("delayed-retirement", delay_years=3)
    assert at(course, "seats", 2028) == 8
    assert at(course, "seats", 2040) == pytest.approx(8 - 3.2 + 1.6)


def test_without_successors_the_exits_are_lost() -> None:
    assert at(run("no-successor"), "seats", 2040) == pytest.approx(4)


def test_grants_cost_their_sum_and_take_half_from_the_neighbours() -> None:
    course = run("settlement-grants")
    # half a grant a year, every second one effective, 0.6 seats a head, 15 years
    assert at(course, "won", 2040) == pytest.approx(0.5 * 0.5 * 0.6 * 15)
    assert at(course, "cumulated_cost", 2040) == pytest.approx(15 * 25_000)
    assert at(course, "neighbour_seats", 2040) == pytest.approx(-2.25 / 2)


def test_doctors_from_the_neighbours_are_a_zero_sum() -> None:
    course = run("settlement-grants", from_neighbours=100)
    for won, lost in zip(course.won, course.neighbour_seats, strict=True):
        assert won + lost == pytest.approx(0)


def test_scholarships_pay_now_and_work_after_training() -> None:
    course = run("scholarships")
    assert at(course, "won", 2034) == 0
    assert at(course, "won", 2040) == pytest.approx(6 * 0.5 * 0.5 * 0.6)
    # 3,000 € for half a scholarship in the first year, 12,000 € from the fourth year on
    assert at(course, "cumulated_cost", 2040) == pytest.approx(3_000 + 6_000 + 9_000 + 12 * 12_000)


def test_own_list_of_ages_replaces_the_assumed_share() -> None:
    doctors = pd.DataFrame({"age": [66, 50], "weight": [1.0, 1.0]})
    start = with_ages(START, doctors, base_year=2025)
    course = combine.run(start, ())
    assert at(course, "exits", 2025) == 0
    assert at(course, "exits", 2026) == pytest.approx(1)  # 67 in 2026; the other one in 2042
    assert at(course, "exits", 2040) == pytest.approx(1)
    with pytest.raises(NoDataError):
        with_ages(START, doctors.assign(age=35), base_year=2025)


# --- MVZ: the example of Kalletal by hand ---------------------------------------------------

MVZ = values_of(mvz.MVZ)


def months_of(seats: float, **changed: float) -> list[mvz.Month]:
    return mvz.cash_flow(MVZ | changed, (0.0, *([seats] * 15)))


def test_start_money_is_what_neither_grant_nor_loan_covers() -> None:
    assert mvz.own_start_money(MVZ) == 600_000 - 280_000 - 200_000
    # with the published upper sum of 515,000 € as a loan nothing is left, and nothing is owed back
    assert mvz.own_start_money(MVZ | {"municipal_loan": 515_000.0}) == 0


def test_first_month_full_month_and_break_even() -> None:
    months = months_of(1.5)
    running = 150_000 + 1.8 * 48_000 + 50_000
    interest = 200_000 * 0.03 / 12
    assert months[0].result == pytest.approx(1.5 * (300_000 / 18 - running) / 12 - interest)
    assert months[17].result == pytest.approx(1.5 * 13_600 / 12 - interest)  # 1,200 €
    assert mvz.break_even_month(months) == 18
    assert mvz.payback_month(months, 120_000) is None


def test_loan_is_paid_back_out_of_a_surplus_alone() -> None:
    months = months_of(1.5)
    assert months[16].loan == 200_000
    assert months[17].loan == pytest.approx(200_000 - 1_200)
    assert months_of(0.0)[-1].loan == 200_000


def test_grant_loan_and_cost_are_never_summed() -> None:
    course = run("mvz")
    losses = -sum(plain(m.result) for m in months_of(1.5)[:12])
    assert at(course, "cost", 2026) == pytest.approx(120_000 + losses)
    assert at(course, "loan", 2026) == 200_000
    without_grant = run("mvz", equipment_grant=0)
    assert at(without_grant, "cost", 2026) - at(course, "cost", 2026) == pytest.approx(280_000)


@pytest.mark.parametrize("changed", [{"seats_assigned": 0.0}, {"seats_bought": 2.0}])
def test_mvz_without_a_free_seat_changes_no_seat(changed: dict[str, float]) -> None:
    course, nothing = run("mvz", **changed), run()
    assert course.seats == nothing.seats
    assert course.coverage == nothing.coverage
    assert at(course, "cost", 2026) > 0


def test_what_is_at_stake_when_the_mvz_closes() -> None:
    at_stake = mvz.risk(MVZ, months_of(1.5), 1.5, 12)
    assert at_stake.loan == 200_000
    assert at_stake.guarantee == 1.5 * 300_000 / 2
    assert at_stake.exit_cost == pytest.approx(1.5 * 286_400 / 2 - 0.2 * 600_000)


# --- quarter: the example of Warburg by hand -------------------------------------------------


def test_three_hundred_homes_bring_630_people_and_0_4_doctors() -> None:
    table = quarter.quarter_table(values_of(quarter.QUARTER), YEARS, 1633).set_index("year")
    assert table.loc[2025, "people"] == 0
    assert table.loc[2026, "people"] == pytest.approx(42)  # 20 homes with 2.1 people
    assert table.loc[2026, "age_0_17"] == pytest.approx(10.5)
    assert table.loc[2026, "paediatric_seats"] == pytest.approx(10.5 / 2862)
    assert table.loc[2040, "people"] == pytest.approx(630)
    assert table.loc[2040, "gp_seats"] == pytest.approx(630 / 1633)
    # of 42: under 75, 75 to 84, 85 to 89, 90, times the mean rates of men and women in 2021
    shares = (0.8 + 0.2 * 10 / 26, 0.2 * 10 / 26, 0.2 * 5 / 26, 0.2 / 26)
    rates = (0.023, 0.2335, 0.519, 0.78)
    care = 42 * sum(share * rate for share, rate in zip(shares, rates, strict=True))
    assert table.loc[2026, "care_dependants"] == pytest.approx(care)


def test_only_those_from_outside_add_to_the_inhabitants_and_to_the_need() -> None:
    course = run("quarter")
    assert at(course, "people", 2040) == pytest.approx(20_000 + 0.6 * 630)
    assert at(course, "required", 2040) == pytest.approx((20_000 + 378) / 2_000)


@settings(max_examples=25, deadline=None)
@given(turnover=st.integers(0, 20), size=st.floats(1.5, 3), years=st.integers(5, 20))
def test_quarter_never_holds_more_people_than_its_homes(
    turnover: int, size: float, years: int
) -> None:
    values = values_of(quarter.QUARTER) | {
        "turnover": float(turnover), "household_size": size, "building_years": float(years)
    }  # fmt: skip
    people = quarter.people_per_home(values, 40).sum(axis=1)
    assert people[1] == pytest.approx(size / years)
    assert (people <= size + 1e-9).all()
    assert people[-1] == pytest.approx(size)


# --- time, flows, rules, hospitals -----------------------------------------------------------


def test_saved_time_is_no_seat() -> None:
    course, nothing = run("delegation"), run()
    # in the third year half of 7.6 seats save 3 + 0.5 + 1 - 0.5 of 45 hours
    assert at(course, "relief", 2028) == pytest.approx(7.6 * 0.5 * 4 / 45)
    assert course.coverage == nothing.coverage


def test_patients_from_outside_change_use_and_no_grade() -> None:
    course, nothing = run("flows", going_elsewhere=0, coming_in=20, commuters=0), run()
    assert course.coverage == nothing.coverage
    used = to_frame(course)["users_per_seat"] / to_frame(nothing)["users_per_seat"]
    assert used.to_list() == pytest.approx([1.2] * 16)


def test_published_commuters_of_wolfsburg(processed: Path) -> None:
    facts = storage.read("published_facts", processed=processed)
    rows = flows.commuter_facts(facts, ("03103",))
    assert flows.per_100_inhabitants(rows, 125_408) == pytest.approx(62.46, abs=0.01)
    nowhere = flows.commuter_facts(facts, ("05766036",))
    assert flows.per_100_inhabitants(nowhere, 13_000) is None


def test_new_ratio_scales_the_grade_by_new_over_old() -> None:
    # Lemgo, September 2024: 75.8 % under 1,616; 1,633 from April 2025 on
    assert rules.grade_with_ratio(75.8, 1616, 1633) == pytest.approx(76.597, abs=0.001)
    course = run("new-ratio", ratio_change=5)
    assert at(course, "coverage", 2025) == 80
    assert at(course, "coverage", 2040) == pytest.approx(60 * 1.05)
    assert course.seats == run().seats


GIFHORN = rules.Area("Gifhorn", 63, 104_770, 1625)
WITTINGEN = rules.Area("Wittingen", 13.5, 19_956, 1540)


def test_merged_areas_have_the_sum_of_the_needs_and_the_mean_grade() -> None:
    union = rules.merge([GIFHORN, WITTINGEN], "Landkreis")
    assert union.required == pytest.approx(104_770 / 1625 + 19_956 / 1540)
    weighted = (
        GIFHORN.grade * GIFHORN.required + WITTINGEN.grade * WITTINGEN.required
    ) / union.required
    assert union.grade == pytest.approx(weighted)
    same = rules.merge([GIFHORN, replace(WITTINGEN, ratio=1625)], "gleich")
    assert same.ratio == pytest.approx(1625)
    assert same.required == pytest.approx((104_770 + 19_956) / 1625)


def test_split_and_merged_again_is_the_same_area() -> None:
    parts = rules.split(GIFHORN, {"Nord": (20, 40_000), "Süd": (43, 64_770)})
    again = rules.merge(parts, "Gifhorn")
    assert (again.seats, again.inhabitants) == (63, 104_770)
    assert again.grade == pytest.approx(GIFHORN.grade)
    with pytest.raises(MethodInputError):
        rules.split(GIFHORN, {"Nord": (20, 40_000)})


def test_grade_of_lemgo_is_recomputed_and_an_older_one_is_not(processed: Path) -> None:
    ratios = planning.ratios_of_group(
        storage.read("planning_ratios", processed=processed), "Hausärzte", dt.date(2025, 12, 31)
    )
    rows = storage.read("needs_planning", processed=processed)
    for area, day, value in (("Lemgo", dt.date(2025, 12, 31), 76.597), ("Bocholt", None, None)):
        found = planning.published_rows(rows, area, day or dt.date(2025, 12, 31))
        published = planning.grade_finding(found, planning.Membership(area, True, True, ""))
        new = rules.grade_finding(published, ratios)
        assert new.kind == ("eigene Berechnung" if value else "nicht berechenbar")
        assert new.value == (pytest.approx(value, abs=0.001) if value else None)


def test_need_under_every_planning_type(processed: Path) -> None:
    ratios = storage.read("planning_ratios", processed=processed)
    table = rules.needs_by_type(ratios, "Augenärzte", 191_790)
    assert table["ratio"].to_list() == [12703, 19179, 23446, 21001, 19591, 19379]
    assert table["required_seats"].iloc[1] == pytest.approx(10.0)


def test_bad_bentheim_moves_to_rheine(processed: Path) -> None:
    facts = storage.read("published_facts", processed=processed)
    move = hospital.move_of("rheine-neuenkirchen")
    values = values_of(hospital.assumptions_of(move))
    rows = hospital.hospital_course(
        move, hospital.site(facts, move.giving), hospital.site(facts, move.taking), values, YEARS
    ).set_index("year")
    cases = 13 * 365 / 7  # 13 beds filled, seven days each
    assert rows.loc[2026, "cases_moved"] == pytest.approx(cases)
    assert rows.loc[2026, "cases_giving"] == pytest.approx(0)
    assert rows.loc[2026, "cases_taking"] == pytest.approx(28_000 + cases)
    assert rows.loc[2026, "beds_needed"] == pytest.approx(13 / 0.8)
    assert rows.loc[2026, "minutes"] == pytest.approx(cases / 2 * 25)
    assert rows["staff_moved"].isna().all()  # nothing is published


def test_lippstadt_moves_three_tenths(processed: Path) -> None:
    facts = storage.read("published_facts", processed=processed)
    move = hospital.move_of("lippstadt")
    values = values_of(hospital.assumptions_of(move))
    rows = hospital.hospital_course(
        move, hospital.site(facts, move.giving), hospital.site(facts, move.taking), values, YEARS
    ).set_index("year")
    assert rows.loc[2030, "cases_moved"] == pytest.approx(0.3 * 13_800)
    assert rows.loc[2030, "cases_taking"] == pytest.approx(17_000 + 4_140)
    assert rows.loc[2030, "staff_lost"] == pytest.approx(0.2 * 0.3 * 830)
    with pytest.raises(NoDataError):
        hospital.move_of("oelde")


# --- the start ------------------------------------------------------------------------------


def test_need_of_bocholt_follows_from_grade_and_open_seats() -> None:
    low, high = solve_back(83.6, 16)
    assert low == pytest.approx(15.5 / 0.2645)  # 58.6
    assert high == pytest.approx(16 / 0.2635)  # 60.7; the press counts "gut 50" doctors
    assert 0.836 * low == pytest.approx(48.99, abs=0.01)
    with pytest.raises(MethodInputError):
        solve_back(112.0, 1)


def start_in(processed: Path, slug: str) -> Start:
    region = MODEL_REGIONS[slug]
    projection = pd.DataFrame(
        [
            (f"{year}-12-31", area, 13_000.0, "middle", 0, pd.NA)
            for area in region.areas
            for year in YEARS
        ],
        columns=["time_period", "ref_area", "obs_value", "variant", "age_from", "age_to"],
    )
    area = planning.membership(storage.read("planning_areas", processed=processed), slug)
    rows = storage.read("needs_planning", processed=processed)
    day = dt.date(2025, 12, 31)
    sources = Sources(
        projection=projection,
        physicians=storage.read("physicians", processed=processed),
        planning_rows=planning.area_rows(rows, area, day),
        ratios=planning.ratios_of_group(
            storage.read("planning_ratios", processed=processed), "Hausärzte", day
        ),
    )
    kreis = Place(region.kreis, "Kreis", "kreis", (region.kreis,))
    return start_of(region.place, kreis, area, sources, 2025)


def test_kalletal_starts_as_its_kreis_and_has_no_grade(processed: Path) -> None:
    start = start_in(processed, "kalletal")
    seats = start.assumptions[0]
    assert start.basis == AS_KREIS
    assert start.ratio == 1633
    assert seats.value == pytest.approx(53.6 / 100_000 * 13_000 * 0.9, abs=0.01)
    assert seats.source.startswith(ASSUMPTION)
    assert outcome.grade_finding(start).kind == "nicht berechenbar"
    assert "Mittelbereich Lemgo" in start.grade_reason


def test_bocholt_starts_at_its_published_grade(processed: Path) -> None:
    start = start_in(processed, "bocholt-rhede-isselburg")
    assert start.basis == SOLVED_BACK
    assert at(combine.run(start, ()), "coverage", 2025) == pytest.approx(83.6, abs=0.05)
    assert start.evidence[0].value == 83.6


def test_place_without_projection_has_no_scenarios(processed: Path) -> None:
    with pytest.raises(NoDataError):
        start_of(
            Place("05766036", "Kalletal", "municipality", ("05766036",)),
            Place("05766", "Kreis Lippe", "kreis", ("05766",)),
            planning.Membership("", False, True, ""),
            Sources(
                pd.DataFrame(columns=["ref_area", "variant", "age_from", "age_to"]),
                *[pd.DataFrame()] * 3,
            ),
            2025,
        )


# --- together --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(combine.SCENARIOS))
def test_neutral_assumptions_change_nothing(name: str) -> None:
    neutral = combine.SCENARIOS[name].neutral_values
    assert neutral
    course = combine.run(START, [name], neutral)
    pd.testing.assert_frame_equal(to_frame(course), to_frame(run()))


MAIN = combine.assumptions_of(START, combine.MAIN_SCENARIOS)
anywhere = st.fixed_dictionaries(
    {item.name: st.floats(item.low, item.high) for item in MAIN if item.name in
     combine.MAIN_ASSUMPTIONS}
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(values=anywhere)
def test_record_gives_the_same_numbers_as_the_model(values: dict[str, float]) -> None:
    record = combine.program(START)
    done = replay(record.entries, values)
    course = combine.run(START, combine.MAIN_SCENARIOS, values)
    for part, positions in record.outputs.items():
        assert [done[i] for i in positions] == list(getattr(course, part))


@settings(max_examples=40, deadline=None)
@given(values=anywhere)
def test_no_seat_is_filled_twice_and_none_beyond_the_closing_limit(
    values: dict[str, float],
) -> None:
    names = ["mvz", "settlement-grants", "scholarships"]
    known = {item.name for item in combine.assumptions_of(START, names)}
    given_values = {name: value for name, value in values.items() if name in known}
    course = combine.run(START, names, given_values)
    nothing = combine.run(
        START, (), {k: v for k, v in given_values.items() if k in values_of(START.assumptions)}
    )
    merged = values_of(combine.assumptions_of(START, names)) | given_values
    for won, free in zip(course.won, pool(nothing, merged), strict=True):
        assert 0 <= won <= free + 1e-9
    assert all(-won <= lost <= 0 for won, lost in zip(course.won, course.neighbour_seats,
                                                      strict=True))  # fmt: skip


def test_order_of_the_names_does_not_matter() -> None:
    assert run("mvz", "delegation", "quarter") == run("quarter", "mvz", "delegation")


def test_unknown_names_and_impossible_values_are_named() -> None:
    with pytest.raises(MethodInputError, match="unknown scenario"):
        run("mwz")
    with pytest.raises(MethodInputError, match="unknown assumption"):
        run("mvz", grant=1)
    with pytest.raises(MethodInputError, match="Arztsitz-Anteil"):
        run("mvz", mvz_seats_per_doctor=130)


def test_tornado_puts_the_widest_first_and_moves_one_at_a_time() -> None:
    items = (
        Assumption("a", "a", 1, 0, 2, "seats"),
        Assumption("b", "b", 1, 0, 5, "seats"),
        Assumption("c", "c", 1, 1, 1, "seats"),
    )
    rows = tornado(items, lambda values: values["a"] * 10 - values["b"])
    assert rows["name"].to_list() == ["a", "b", "c"]
    assert rows["result"].to_list() == [9, 9, 9]
    assert (rows["result_low"].to_list(), rows["result_high"].to_list()) == (
        [-1, 10, 9],
        [19, 5, 9],
    )


def test_finding_of_an_outcome_lies_within_its_range(processed: Path) -> None:
    start = start_in(processed, "kalletal")
    finding = outcome.outcome_finding(start, ["mvz"], outcome.COVERAGE, 2040)
    low, high = outcome.ends_of(finding)
    assert finding.kind == "Schätzung"
    assert low.value is not None and finding.value is not None and high.value is not None
    assert low.value < finding.value <= high.value
    assert {row.table for row in finding.evidence} == {"physicians", "planning_ratios"}
