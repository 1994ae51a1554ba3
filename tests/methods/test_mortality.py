"""Death rates and what they imply; each number is computed by hand from the definition."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.errors import MethodInputError
from pipeline.methods import mortality
from pipeline.methods.age_splitting import AGES, OPEN_AGE

N = len(AGES)


def test_the_last_closed_group_shapes_the_curve_and_the_open_one_does_not() -> None:
    """1, 2 and 8 % at 60, 70 and 80: within the eighties mortality more than doubles."""
    starts = (0, 60, 70, 80, 90)
    deaths = [300.0, 100.0, 200.0, 800.0, 2000.0]
    persons = np.full(N, 1000.0)
    rates = mortality.death_rates(deaths, starts, persons)
    assert rates[89] / rates[80] > 2.5
    tame = mortality.death_rates([*deaths[:-1], 900.0], starts, persons)
    np.testing.assert_array_equal(rates[:90], tame[:90])


def test_no_death_in_a_group_is_a_rate_of_zero() -> None:
    rates = mortality.death_rates([0.0, 10.0, 30.0, 90.0], (0, 60, 75, 90), np.full(N, 100.0))
    assert rates[:60].tolist() == [0.0] * 60
    assert (rates[60:] > 0).all()


@pytest.mark.parametrize(("deaths", "persons"), [([-1.0, 5, 5, 5], 100.0), ([1.0, 5, 5, 5], 0.0)])
def test_deaths_below_none_and_groups_without_persons_are_refused(
    deaths: list[float], persons: float
) -> None:
    with pytest.raises(MethodInputError, match="persons at risk"):
        mortality.death_rates(deaths, (0, 60, 75, 90), np.full(N, persons))


def test_small_territories_are_drawn_to_the_mean() -> None:
    """Ratios of 2 and 2/3 at 10 and 30 expected deaths; 1/3 between them, 1/20 of it is luck."""
    found = mortality.mortality_ratios([20.0, 20.0], [10.0, 30.0])
    # weights 0.28333 / (0.28333 + 1/10) and 0.28333 / (0.28333 + 1/30)
    np.testing.assert_allclose(found, [1.739130, 0.701754], atol=1e-6)


def test_differences_that_luck_explains_are_none() -> None:
    np.testing.assert_allclose(mortality.mortality_ratios([2.0, 6.0], [4.0, 4.0]), [1.0, 1.0])


def test_territory_without_expected_deaths_is_refused() -> None:
    with pytest.raises(MethodInputError, match="without expected deaths"):
        mortality.mortality_ratios([1.0, 1.0], [4.0, 0.0])


def test_cohort_lives_half_a_year_at_each_of_two_ages() -> None:
    rates = [[0.1, 0.3, 0.5], [0.2, 0.2, 0.4]]
    np.testing.assert_allclose(
        mortality.cohort_hazard(rates), [[0.2, 0.4, 0.5], [0.2, 0.3, 0.4]]
    )  # the open age goes on at its own rate


def test_most_infants_who_die_do_so_in_the_year_of_birth() -> None:
    np.testing.assert_allclose(mortality.newborn_hazard([[0.004, 9.0], [0.002, 9.0]]),
                               [0.0034, 0.0017])  # fmt: skip


def test_remaining_life_expectancy_starts_at_the_age_asked_for() -> None:
    """One in ten a year before 50, one in five from then on."""
    rates = np.where(AGES < 50, 0.1, 0.2)
    assert mortality.life_expectancy(rates, 50) == pytest.approx(5.0)
    # (1 − e^−1) / 0.1 + e^−1 / 0.2 = 6.3212 + 1.8394
    assert mortality.life_expectancy(rates, 40) == pytest.approx(8.1606, abs=1e-4)


@pytest.mark.parametrize(("years", "target"), [(1, 80 / 0.98), (2, 80 / 0.98**2)])
def test_decline_of_two_percent_a_year_is_found_again(years: int, target: float) -> None:
    """At a constant rate life expectancy is its inverse: 80 years today."""
    assert mortality.yearly_decline(np.full(N, 1 / 80), target, years) == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("target", "years"), [(80.0, 0), (81.0, -1), (80 / 0.89, 1), (80 / 1.06, 1)]
)
def test_decline_beyond_reason_is_refused(target: float, years: float) -> None:
    with pytest.raises(MethodInputError, match="no steady decline"):
        mortality.yearly_decline(np.full(N, 1 / 80), target, years)


def test_stationary_population_of_a_constant_rate() -> None:
    weights = mortality.stationary_weights(np.full((2, N), 0.01))
    # survivors to the middle of an age; who is 100 or more lives 100 years
    assert weights[0, 0] == pytest.approx(np.exp(-0.005))
    assert weights[1, 50] == pytest.approx(np.exp(-0.505))
    assert weights[1, OPEN_AGE] == pytest.approx(100 * np.exp(-1.005))
