"""Cohort-component projection: published results, conservation of persons, refused input."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MethodInputError
from pipeline.methods import leslie, migration_level, mortality
from pipeline.methods import projection_bands as uncertainty
from pipeline.methods.age_splitting import AGES
from pipeline.methods.projection import FEMALE, MALE, Rates, project, rake_to_groups

N = len(AGES)

# Preston, Heuveline, Guillot (2001), Box 6.1: Sweden, women, 1993 → 1998 → 2003
POPULATION_1993 = [
    293395, 248369, 240012, 261346, 285209, 314388, 281290, 286923, 304108,
    324946, 247613, 211351, 215140, 221764, 223506, 183654, 141990, 112424,
]  # fmt: skip
PERSON_YEARS = [
    497487, 497138, 496901, 496531, 495902, 495168, 494213, 492760, 490447,
    486613, 480665, 471786, 457852, 436153, 402775, 350358, 271512, 291707,
]  # fmt: skip
FERTILITY = [0, 0, 0, 0.0120, 0.0908, 0.1499, 0.1125, 0.0441, 0.0074, 0.0003] + [0] * 8
POPULATION_1998 = [
    293574, 293189, 248251, 239833, 261015, 284787, 313782, 280463, 285576,
    301731, 320974, 243039, 205109, 204944, 204793, 194419, 142324, 131768,
]  # fmt: skip


def _sweden() -> np.ndarray:
    return leslie.leslie_matrix(
        PERSON_YEARS, FERTILITY, radix=100_000, sex_ratio_at_birth=1.05, step=5
    )


def test_box_6_1_is_reproduced_to_the_person() -> None:
    path = leslie.project_steps(_sweden(), POPULATION_1993, 2)
    assert np.rint(path[1]).astype(int).tolist() == POPULATION_1998
    assert path[1].sum() == pytest.approx(4_449_569.7, abs=0.1)
    assert path[2].sum() == pytest.approx(4_478_712.3, abs=0.1)


def test_stable_growth_of_box_6_1() -> None:
    growth = leslie.stable_growth(_sweden(), step=5)
    assert growth.factor == pytest.approx(1.00111253, abs=1e-8)
    assert growth.rate == pytest.approx(0.000222383, abs=1e-9)


@pytest.mark.parametrize(
    ("person_years", "fertility"),
    [
        ([5.0, 4.0], [0.0, 0.1]),  # 1: fewer than three groups
        ([5.0, 4.0, 3.0], [0.0, 0.1]),  # 2: lengths differ
        ([5.0, 0.0, 3.0], [0.0, 0.1, 0.0]),  # 3: nobody lives in a group
        ([5.0, 4.0, 3.0], [0.0, -0.1, 0.0]),  # 4: negative fertility
        ([4.0, 5.0, 3.0], [0.0, 0.1, 0.0]),  # 5: more alive when older
    ],
)
def test_a_life_table_that_is_none_is_refused(
    person_years: list[float], fertility: list[float]
) -> None:
    with pytest.raises(MethodInputError):
        leslie.leslie_matrix(person_years, fertility, radix=1.0, sex_ratio_at_birth=1.05, step=5)


def _rates(
    groups: int = 1, *, hazard: float = 0.01, fertility: float = 0.05, departure: float = 0.02
) -> Rates:
    mothers = np.where((AGES >= 15) & (AGES <= 49), fertility, 0.0)
    return Rates(
        hazard=np.full((groups, 2, N), hazard),
        newborn_hazard=np.full((groups, 2), hazard),
        fertility=np.broadcast_to(mothers, (groups, N)).copy(),
        departure=np.full((groups, 2, N), departure),
        arrival=np.full((groups, 2, N), 1 / (2 * N)),
        decline=np.zeros(2),
    )


def _people(regions: int = 1, persons: float = 10.0) -> np.ndarray:
    return np.full((regions, 2, N), persons)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**31),
    st.floats(-0.03, 0.05),
    st.floats(0.0, 0.2),
    st.floats(0.0, 0.1),
)
def test_persons_are_conserved(seed: int, level: float, departure: float, hazard: float) -> None:
    random = np.random.default_rng(seed)
    population = random.uniform(0, 100, (3, 2, N))
    path = project(
        population,
        _rates(3, hazard=hazard, departure=departure),
        np.full((3, 4), level),
        base_year=2020,
    )
    flows = path.flows
    totals = path.population.sum(axis=(2, 3))
    change = flows.births - flows.deaths + flows.arrivals - flows.departures
    np.testing.assert_allclose(np.diff(totals, axis=0), change, atol=1e-8)
    assert (path.population >= 0).all()


@settings(max_examples=25, deadline=None)
@given(st.floats(-0.01, 0.05))
def test_net_migration_is_the_assumed_one(level: float) -> None:
    path = project(_people(), _rates(), np.full((1, 3), level), base_year=2020)
    net = path.flows.arrivals - path.flows.departures
    start = path.population[:-1].sum(axis=(2, 3))
    np.testing.assert_allclose(net, level * start, atol=1e-9)


def test_more_departures_than_rates_allow_are_flagged_and_never_negative() -> None:
    path = project(_people(), _rates(departure=0.01), np.full((1, 1), -0.5), base_year=2020)
    assert path.flows.migration_repair[0, 0] == pytest.approx(0.49 * 2 * N * 10)
    assert path.flows.arrivals[0, 0] == 0
    assert (path.population >= 0).all()


def test_a_closed_population_without_deaths_only_ages() -> None:
    population = _people()
    population[0, MALE, 40] = 77
    rates = _rates(hazard=0.0, fertility=0.0, departure=0.0)
    path = project(population, rates, np.zeros((1, 5)), base_year=2020)
    assert path.at(2025)[0, MALE, 45] == 77
    assert path.at(2025)[0, :, :5].sum() == 0
    assert path.at(2025).sum() == pytest.approx(population.sum())


def test_girls_are_born_by_the_sex_ratio() -> None:
    rates = _rates(hazard=0.0, departure=0.0)
    path = project(_people(), rates, np.zeros((1, 1)), base_year=2020)
    boys, girls = path.at(2021)[0, MALE, 0], path.at(2021)[0, FEMALE, 0]
    assert boys / girls == pytest.approx(1.05)
    assert boys + girls == pytest.approx(0.05 * 35 * 10)  # 35 ages, ten women each


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31))
def test_single_ages_agree_with_the_leslie_matrix(seed: int) -> None:
    # women alone, no migration: the same process in both forms, deaths at the cohort's hazard
    random = np.random.default_rng(seed)
    hazard = 0.001 + 0.0005 * AGES
    rates = _rates(hazard=0.0, departure=0.0)
    rates.hazard[:] = hazard
    population = random.uniform(1, 100, (1, 2, N))
    path = project(population, rates, np.zeros((1, 1)), base_year=2020)
    survived = population[0, FEMALE] * np.exp(-hazard)
    expected = np.append(0.0, survived[:-1])
    expected[-1] += survived[-1]
    np.testing.assert_allclose(path.at(2021)[0, FEMALE, 1:], expected[1:])


@pytest.mark.parametrize(
    "population",
    [
        np.full((1, 2, N), -1.0),  # 1: negative persons
        np.full((1, 2, N), np.nan),  # 2: an age without a number
        np.full((1, 2, 90), 1.0),  # 3: missing ages
    ],
)
def test_a_population_that_is_none_is_refused(population: np.ndarray) -> None:
    with pytest.raises(MethodInputError):
        project(population, _rates(), np.zeros((1, 1)), base_year=2020)


def test_rates_refuse_more_departures_than_survivors() -> None:
    with pytest.raises(MethodInputError, match="more persons leave than are alive"):
        _rates(hazard=2.0, departure=0.5)


def test_municipalities_add_up_to_their_kreis_after_raking() -> None:
    random = np.random.default_rng(1)
    members = random.uniform(0, 5, (4, 2, N))
    members[:2, 0, 100] = 0.0  # nobody in the first Kreis is 100, but the Kreis has one
    groups = random.uniform(1, 20, (2, 2, N))
    raked = rake_to_groups(members, groups, [0, 0, 1, 1])
    np.testing.assert_allclose(raked[:2].sum(axis=0), groups[0])
    np.testing.assert_allclose(raked[2:].sum(axis=0), groups[1])


def test_life_expectancy_of_a_constant_rate_is_its_inverse() -> None:
    assert mortality.life_expectancy(np.full(N, 0.02)) == pytest.approx(50.0)


def test_death_rates_give_back_the_deaths_of_each_group() -> None:
    starts = (0, 1, 5, 20, 40, 60, 65, 70, 75, 80, 85)
    deaths = np.array([30, 5, 10, 40, 200, 150, 220, 330, 500, 700, 1500.0])
    population = np.linspace(1200, 50, N)
    rates = mortality.death_rates(deaths, starts, population)
    edges = [*starts, N]
    back = [(rates * population)[a:b].sum() for a, b in pairwise(edges)]
    np.testing.assert_allclose(back, deaths)


def test_a_decline_leads_to_the_life_expectancy_asked_for() -> None:
    rates = np.minimum(np.exp(-10 + 0.095 * AGES), 0.7)
    decline = mortality.yearly_decline(rates, 84.8, 45)
    assert mortality.life_expectancy(rates * (1 - decline) ** 45) == pytest.approx(84.8)
    with pytest.raises(MethodInputError):
        mortality.yearly_decline(rates, 300.0, 45)


def test_simulation_without_spread_is_the_projection() -> None:
    rates = _rates(2)
    population = np.random.default_rng(3).uniform(0, 200, (5, 2, N))
    group_of = np.array([0, 0, 1, 1, 1])
    level = np.full((5, 10), 0.004)
    draws = uncertainty.draw(uncertainty.Spread(0, 0.9, 0, 0), [0, 0], years=10, simulations=2)
    moments = uncertainty.simulate(
        population, rates, group_of, level, draws, [(0, 100), (80, 100)], [5, 10]
    )
    path = project(population, rates.take(group_of), level, base_year=2020)
    for column, year in enumerate((2025, 2030)):
        both = path.at(year).sum(axis=1)
        np.testing.assert_allclose(moments.mean[:, 0, column], both.sum(axis=1), rtol=1e-5)
        np.testing.assert_allclose(moments.mean[:, 1, column], both[:, 80:].sum(axis=1), rtol=1e-5)
    assert moments.relative_variance.max() < 1e-9


def test_simulated_spread_of_the_level_agrees_with_the_closed_form() -> None:
    spread = uncertainty.Spread(4e-6, 0.8, 0.0, 0.0)
    draws = uncertainty.draw(spread, [0, 0], years=6, simulations=4000)
    expected = 4e-6 * sum(((1 - 0.8**k) / (1 - 0.8)) ** 2 for k in range(1, 7))
    assert draws.level.sum(axis=1).var() == pytest.approx(expected, rel=0.08)
    assert draws.level.mean() == pytest.approx(0.0, abs=1e-12)


def test_a_band_is_symmetric_on_the_logarithm() -> None:
    lower, upper = uncertainty.bands(100.0, 0.01, uncertainty.normal_multiplier(0.8))
    assert lower * upper == pytest.approx(100.0**2)
    assert upper == pytest.approx(100 * np.exp(1.2815515655 * 0.1))


def test_a_rule_resting_on_one_year_is_no_candidate_even_where_it_errs_least() -> None:
    errors = {"mean": 0.0052, "decaying": 0.0047, "last": 0.0044}
    assert migration_level.best_rule(errors) == "decaying"
    assert migration_level.best_rule({**errors, "mean": 0.0041}) == "mean"
