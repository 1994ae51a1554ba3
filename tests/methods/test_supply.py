"""Physician supply: exit rules, stock and flow, crossing, bounds, simulation, balances.

Published values: KVNO/KVWL 2019 (weights by age), IGES/Robert Bosch Stiftung 2021, bifg/
Bertelsmann Stiftung 2025, Zi 2/2024. Lists of doctors are synthetic.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MethodInputError
from pipeline.methods import supply, supply_balance
from pipeline.methods.exit_rules import EXIT_RULES, NRW_2019, ExitRule, age_weight, retire_at
from pipeline.methods.supply import Entries, NotComputable, SupplyBounds
from pipeline.methods.supply_simulation import Assumptions, Span, simulate_supply

# 1: 40, full; 2: 58, full; 3: 63, half; 4: 66, full; 5: 72, three quarters
SYNTHETIC_DOCTORS = pd.DataFrame(
    {
        "age": [40, 58, 63, 66, 72],
        "weight": [1, 1, 0.5, 1, 0.75],
        "weekly_hours": [40, 45, 20, 50, 30],
    }
)

# ------------------------------------------------------------------------------- exit rules


@pytest.mark.parametrize(
    ("age", "weight"),
    [(30, 1), (64, 1), (65, 0.5), (67, 0.5), (68, 0.2), (69, 0.2), (70, 0.2), (71, 0), (85, 0),
     (70.5, 0), (64.9, 1)],
)  # fmt: skip
def test_nrw_weights_by_age_in_the_target_year(age: float, weight: float) -> None:
    assert age_weight(age) == weight


def test_exit_probabilities_follow_from_the_retention() -> None:
    leaving = NRW_2019.exit_probabilities()
    by_age = {age: leaving[age - 25] for age in (60, 64, 65, 66, 67, 69, 70, 71, 80)}
    assert by_age == pytest.approx(
        {60: 0, 64: 0.5, 65: 0, 66: 0, 67: 0.6, 69: 0, 70: 1, 71: 1, 80: 1}
    )


def test_a_delayed_rule_keeps_everybody_so_much_longer() -> None:
    later = retire_at(67).delayed(3)
    assert [later.share_at(age) for age in (66, 67, 69, 70)] == [1, 1, 1, 0]
    assert later.label == "Ausscheiden mit 67 Jahren, 3 Jahre später"
    assert EXIT_RULES["retire_at_70"].retention == ((70, 0.0),)


@pytest.mark.parametrize(
    "retention",
    [
        (),
        ((65, 0.5),),  # the rest stays for ever
        ((65, 0.2), (60, 0.0)),  # ages out of order
        ((60, 0.2), (65, 0.5), (70, 0.0)),  # doctors come back
        ((60, 1.2), (65, 0.0)),  # more than there are
    ],
)
def test_a_rule_that_brings_doctors_back_or_keeps_them_for_ever_is_refused(
    retention: tuple[tuple[int, float], ...],
) -> None:
    with pytest.raises(MethodInputError):
        ExitRule("x", "x", "x", retention)


# ---------------------------------------------------------------------------- stock and flow


def test_the_stock_keeps_heads_seats_and_hours_apart() -> None:
    stock = supply.stock_by_age(SYNTHETIC_DOCTORS)
    assert stock.sum().to_dict() == {"heads": 5, "seats": 4.25, "hours": 185}
    assert stock.loc[63].to_dict() == {"heads": 1, "seats": 0.5, "hours": 20}


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("age", [40, 58, 63, 66, 17]),
        ("age", [40, 58, 63, 66, math.nan]),
        ("age", [40, 58, 63, 66, "alt"]),
        ("age", [40, 58, 63, 66, 64.5]),
        ("weight", [1, 1, 0.5, 1, -0.5]),
        ("weight", [1, 1, 0.5, 1, 1.5]),
        ("weekly_hours", [40, 45, 20, 50, 200]),
        ("weekly_hours", [40, 45, 20, 50, "viel"]),
    ],
)
def test_impossible_doctors_are_refused_by_position(column: str, values: list[object]) -> None:
    with pytest.raises(MethodInputError, match="doctor 5"):
        supply.stock_by_age(SYNTHETIC_DOCTORS.assign(**{column: values}))


def test_unknown_hours_are_missing_and_not_zero() -> None:
    unknown = SYNTHETIC_DOCTORS.assign(weekly_hours=[40, 45, None, 50, 30])
    assert supply.stock_by_age(unknown)["hours"].isna().all()
    path = supply.forecast_supply(
        supply.stock_by_age(unknown), base_year=2025, target_year=2026, exit_rule=NRW_2019
    )
    assert path["hours"].isna().all()
    assert path["seats"].notna().all()


def test_nobody_brings_no_hours() -> None:
    assert Entries().by_measure() == {"heads": 0, "seats": 0, "hours": 0}
    assert math.isnan(Entries(heads=1).by_measure()["hours"])


def test_retirement_at_67_empties_the_stock_year_by_year() -> None:
    path = supply.forecast_supply(
        supply.stock_by_age(SYNTHETIC_DOCTORS),
        base_year=2025,
        target_year=2035,
        exit_rule=retire_at(67),
    ).set_index("year")
    # in 2026 the doctors of 66 and 72 go, in 2029 the one of 63, in 2034 the one of 58
    assert path["heads"].loc[[2025, 2026, 2028, 2029, 2033, 2034, 2035]].tolist() == [
        5, 3, 3, 2, 2, 1, 1,
    ]  # fmt: skip
    assert path["seats"].loc[[2025, 2026, 2029, 2034]].tolist() == [4.25, 2.5, 2, 1]
    assert path.loc[2026, ["heads_exits", "seats_exits", "hours_exits"]].tolist() == [2, 1.75, 80]


def test_successors_bring_heads_but_fewer_seats() -> None:
    path = supply.forecast_supply(
        supply.stock_by_age(SYNTHETIC_DOCTORS),
        base_year=2025,
        target_year=2027,
        exit_rule=retire_at(67),
        entries=Entries(heads=1, seats_per_head=0.5, hours_per_head=22),
    ).set_index("year")
    assert path.loc[2027, ["heads", "seats", "hours"]].tolist() == [5, 3.5, 149]
    assert path.loc[2026, "seats_entries"] == 0.5


def test_entries_may_differ_by_year_and_age_out_themselves() -> None:
    path = supply.forecast_supply(
        supply.stock_by_age(SYNTHETIC_DOCTORS.iloc[:1]),
        base_year=2025,
        target_year=2028,
        exit_rule=retire_at(67),
        entries={2026: Entries(heads=2, age=65)},
    ).set_index("year")
    assert path["heads"].tolist() == [1, 3, 3, 1]


def test_the_published_nrw_step_weighs_by_age_in_the_target_year() -> None:
    # ages in 2030: 45, 63, 68, 71, 77 -> 1 + 1 + 0.2 * 0.5 + 0 + 0
    seats = supply.target_year_supply(SYNTHETIC_DOCTORS, base_year=2025, target_year=2030)
    assert seats == pytest.approx(2.1)


@pytest.mark.parametrize(
    "stock",
    [
        pd.DataFrame({"heads": [1], "seats": [1]}),
        supply.stock_by_age(SYNTHETIC_DOCTORS).iloc[:10],
        -supply.stock_by_age(SYNTHETIC_DOCTORS),
    ],
)
def test_a_stock_that_is_none_is_refused(stock: pd.DataFrame) -> None:
    with pytest.raises(MethodInputError):
        supply.forecast_supply(stock, base_year=2025, target_year=2030, exit_rule=NRW_2019)


@pytest.mark.parametrize(
    "entries",
    [{"heads": -1}, {"heads": 1, "seats_per_head": 0}, {"heads": 1, "seats_per_head": 1.5},
     {"heads": 1, "age": 12}, {"heads": math.nan}],
)  # fmt: skip
def test_impossible_entries_are_refused(entries: dict[str, float]) -> None:
    with pytest.raises(MethodInputError):
        Entries(**entries)  # type: ignore[arg-type]


AGES = st.lists(st.integers(25, 100), min_size=1, max_size=12)


@settings(max_examples=40)
@given(AGES, st.sampled_from(list(EXIT_RULES.values())), st.floats(0, 5), st.integers(1, 20))
def test_stock_never_negative_and_accounts_balance(
    ages: list[int], rule: ExitRule, heads: float, years: int
) -> None:
    doctors = pd.DataFrame({"age": ages, "weight": 0.75})
    path = supply.forecast_supply(
        supply.stock_by_age(doctors),
        base_year=2025,
        target_year=2025 + years,
        exit_rule=rule,
        entries=Entries(heads=heads, seats_per_head=0.8),
    )
    for name in ("heads", "seats"):
        assert (path[name] >= -1e-12).all()
        change = path[name].diff().iloc[1:]
        flows = (path[f"{name}_entries"] - path[f"{name}_exits"]).iloc[1:]
        assert np.allclose(change, flows)


@settings(max_examples=40)
@given(AGES, st.integers(0, 5), st.integers(1, 20))
def test_a_later_retirement_never_leaves_fewer(ages: list[int], delay: int, years: int) -> None:
    stock = supply.stock_by_age(pd.DataFrame({"age": ages, "weight": 1}))
    paths = [
        supply.forecast_supply(stock, base_year=0, target_year=years, exit_rule=rule)
        for rule in (retire_at(65), retire_at(65).delayed(delay))
    ]
    assert (paths[1]["heads"] >= paths[0]["heads"]).all()


# ------------------------------------------------------------------------------- crossing


def _path(*seats: float) -> pd.DataFrame:
    return pd.DataFrame({"year": range(2025, 2025 + len(seats)), "seats": seats})


def test_the_year_of_crossing_depends_on_the_group() -> None:
    path = _path(10, 7.5, 7.4, 4.9)
    assert supply.crossing_year(path, 10, "Hausärzte").year == 2027
    assert supply.crossing_year(path, 10, "Hautärzte").year == 2028
    growing = {2025: 10, 2026: 11, 2027: 11, 2028: 11}
    assert supply.crossing_year(path, growing, "Hausärzte").year == 2026


def test_a_year_without_a_need_is_an_error() -> None:
    with pytest.raises(MethodInputError, match="2026"):
        supply.crossing_year(_path(10, 9), {2025: 10}, "Hausärzte")


def test_no_crossing_has_a_reason() -> None:
    found = supply.crossing_year(_path(10, 9), 10, "Hausärzte")
    assert (found.year, found.reason) == (None, "bis 2026 nicht unter 75 %")


# --------------------------------------------------------------------------------- bounds


def test_a_share_over_60_gives_bounds_and_the_condition() -> None:
    # 50 seats, 36 % over 60 (rounded): worst case 36.5 % leave without successors
    bounds = supply.bounds_from_share_over(50, 36, age_limit=60, target_year=2035)
    assert bounds.lowest_seats == pytest.approx(31.75)
    assert bounds.highest_seats == 50
    assert bounds.condition == (
        "wenn alle über 60-Jährigen bis 2035 ausscheiden und 0 bis 100 % von ihnen vollständig "
        "ersetzt werden"
    )
    half = supply.bounds_from_share_over(
        50, 36, age_limit=60, target_year=2035, replaced_percent=(50, 50)
    )
    assert 40 < half.lowest_seats < half.highest_seats < 42


@pytest.mark.parametrize(
    ("share", "replaced"), [(-1, (0, 100)), (101, (0, 100)), (30, (50, 20)), (30, (0, 120))]
)
def test_impossible_shares_are_refused(share: float, replaced: tuple[float, float]) -> None:
    with pytest.raises(MethodInputError):
        supply.bounds_from_share_over(
            50, share, age_limit=60, target_year=2035, replaced_percent=replaced
        )


def test_the_outlook_gives_what_the_data_allow() -> None:
    years = {"base_year": 2025, "target_year": 2035}
    assert isinstance(supply.outlook(doctors=SYNTHETIC_DOCTORS, **years), pd.DataFrame)
    known_share = supply.outlook(seats=50, share_over_percent=36, age_limit=60, **years)
    assert isinstance(known_share, SupplyBounds)
    nothing = supply.outlook(seats=50, **years)
    assert isinstance(nothing, NotComputable)
    assert nothing.reason.startswith("nicht berechenbar: ")


# ----------------------------------------------------------------------------- simulation

ASSUMPTIONS = Assumptions(entries_a_year=Span(0.1, 0.5))


def _simulate(seed: int = 7, **changes: object) -> pd.DataFrame:
    return simulate_supply(
        SYNTHETIC_DOCTORS,
        base_year=2025,
        target_year=2040,
        assumptions=Assumptions(**{**vars(ASSUMPTIONS), **changes}),  # type: ignore[arg-type]
        runs=400,
        seed=seed,
    )


def test_the_same_seed_gives_the_same_bands() -> None:
    pd.testing.assert_frame_equal(_simulate(), _simulate())
    assert not _simulate().equals(_simulate(seed=8))


def test_bands_begin_at_the_known_stock_and_are_ordered() -> None:
    bands = _simulate()
    start = bands[bands["year"] == 2025].set_index("measure")
    for name, known in (("heads", 5), ("seats", 4.25), ("hours", 185)):
        assert start.loc[name, ["low95", "low80", "median", "high80", "high95"]].tolist() == (
            [known] * 5
        )
    ordered = bands[["low95", "low80", "median", "high80", "high95"]].to_numpy()
    assert (np.diff(ordered, axis=1) >= 0).all()
    assert (ordered >= 0).all()


def test_without_uncertainty_the_bands_meet_the_forecast() -> None:
    certain = _simulate(
        retirement_age=Span(67, 67), retirement_spread=0.0, entries_a_year=Span(0, 0)
    )
    heads = certain[certain["measure"] == "heads"].set_index("year")
    path = supply.forecast_supply(
        supply.stock_by_age(SYNTHETIC_DOCTORS),
        base_year=2025,
        target_year=2040,
        exit_rule=retire_at(67),
    ).set_index("year")
    assert heads["low95"].tolist() == heads["high95"].tolist() == path["heads"].tolist()


def test_hours_are_left_out_of_the_bands_where_unknown() -> None:
    bands = simulate_supply(
        SYNTHETIC_DOCTORS.drop(columns="weekly_hours"),
        base_year=2025,
        target_year=2030,
        assumptions=ASSUMPTIONS,
        runs=100,
    )
    assert set(bands["measure"]) == {"heads", "seats"}


@pytest.mark.parametrize(("horizon", "runs"), [(0, 400), (26, 400), (10, 10)])
def test_horizon_and_runs_have_limits(horizon: int, runs: int) -> None:
    with pytest.raises(MethodInputError):
        simulate_supply(
            SYNTHETIC_DOCTORS,
            base_year=2025,
            target_year=2025 + horizon,
            assumptions=ASSUMPTIONS,
            runs=runs,
        )


def test_bounds_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(MethodInputError):
        Span(2, 1)
    with pytest.raises(MethodInputError):
        Assumptions(seats_per_head=Span(0.5, 1.2))


# ------------------------------------------------------------------------------- balances


def test_iges_balance_of_2035_from_rounded_inputs() -> None:
    balance = supply_balance.stock_flow_balance(52_000, 30_000, 25_000, 58_000)
    assert balance == supply_balance.Balance(47_000, 11_000)
    assert balance.unfilled == pytest.approx(10_900, abs=300)  # printed from unrounded inputs
    with pytest.raises(MethodInputError):
        supply_balance.stock_flow_balance(10, 11, 0, 10)


def test_hours_and_gap_as_published() -> None:
    assert supply_balance.hours_factor(35.5, 3.3) == pytest.approx(0.90704, abs=5e-6)
    assert supply_balance.cumulated_gap(2500, 2022, 2040) == 47_500  # printed: about 50,000
    assert supply_balance.supply_relation(87, 100) == 87
    assert supply_balance.replacement_heads(3, 0.75) == 4
    with pytest.raises(MethodInputError):
        supply_balance.hours_factor(30, 31)
    with pytest.raises(MethodInputError):
        supply_balance.supply_relation(1, 0)
