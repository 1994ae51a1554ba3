"""What a projection starts from, in a country of two Kreise (synthetic), computed by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.errors import MethodInputError
from pipeline.methods import migration_model, migration_profile, projection_inputs
from pipeline.methods.age_splitting import AGES, OPEN_AGE
from pipeline.methods.migration_level import Persistence, Prediction
from pipeline.methods.migration_model import MigrationModel, RollingOrigin
from pipeline.methods.projection_inputs import AgeGroups, Base, Known

N = len(AGES)
GROUPS = (0, 50)


def _ages(*persons: float) -> AgeGroups:
    """Half of the persons of each region are men, half are 50 or older."""
    return AgeGroups(np.stack([np.full((2, 2), total / 4.0) for total in persons]), GROUPS)


def _moves(*persons: float) -> AgeGroups:
    counts = np.zeros((len(persons), 2, 2))
    counts[:, 1, 0] = persons
    return AgeGroups(counts, GROUPS)


#: A Kreis of two municipalities, and a town that is its own Kreis.
KNOWN = Known(
    base_year=2015,
    areas=("a", "b", "town"),
    kreise=("ab", "town"),
    kreis_of=np.array([0, 0, 1]),
    years=(2014, 2015),
    totals=np.array([[1000.0, 1000.0], [2900.0, 3000.0], [5000.0, 5000.0]]),
    kreis_totals=np.array([[3900.0, 4000.0], [5000.0, 5000.0]]),
    land_totals=np.array([[8900.0, 9000.0]]),
    land_of=np.array([0, 0]),
    ages=_ages(1000, 3000, 5000),
    kreis_ages=_ages(4000, 5000),
    country_ages=_ages(9000),
    births=np.ones((2, 1)),
    births_starts=(15,),
    deaths=_ages(8, 8),
    country_deaths=_ages(16),
    land_natural=np.array([0.001]),
    arrivals=_moves(100, 100, 900),
    departures=_moves(50, 10, 100),
)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"totals": KNOWN.totals[:2]}, "'totals' does not fit"),
        ({"kreis_totals": KNOWN.kreis_totals[:, :1]}, "'kreis_totals' does not fit"),
        ({"base_year": 2014}, "does not end in the base year"),
        ({"ages": _ages(1000, 3000, 5100)}, "contradicts the sum of its ages"),
        ({"kreis_ages": _ages(4100, 5000)}, "contradicts the sum of its ages"),
    ],
)
def test_figures_that_do_not_belong_together_are_refused(
    changed: dict[str, object], message: str
) -> None:
    with pytest.raises(MethodInputError, match=message):
        replace(KNOWN, **changed)


def _base() -> Base:
    municipal = np.zeros((3, 2, N))
    municipal[:, :, 30] = [[200, 300], [1500, 1500], [2000, 3000]]
    municipal[0, 0, 80] = 500
    return Base(municipal, np.zeros((2, 2, N)), np.zeros((2, N)))


def test_natural_change_is_births_of_women_less_deaths_at_the_rates_of_the_kreis() -> None:
    fertility = np.zeros((2, N))
    fertility[:, 30] = [0.1, 0.05]
    deaths = np.zeros((2, 2, N))
    deaths[0, :, 30], deaths[1, :, 30], deaths[0, 0, 80] = 0.01, 0.02, 0.1
    # (30 − 5 − 50) / 1000; (150 − 30) / 3000; (150 − 100) / 5000
    found = projection_inputs.natural_rates(KNOWN, _base(), deaths, fertility)
    np.testing.assert_allclose(found, [-0.025, 0.04, 0.01])


def test_ratio_of_each_kreis_scales_the_death_rates_of_the_country() -> None:
    """10 and 30 deaths would be expected, 20 and 20 are counted (men; women as expected)."""
    rates, kreise = np.zeros((2, N)), np.zeros((2, 2, N))
    rates[:, 60] = 0.01
    kreise[:, :, 60] = [[1000, 1000], [3000, 3000]]
    counted = AgeGroups(np.array([[[20.0], [10.0]], [[20.0], [30.0]]]), (0,))
    found = projection_inputs.death_rates_of_kreise(
        replace(KNOWN, deaths=counted), Base(np.zeros((3, 2, N)), kreise, rates)
    )
    np.testing.assert_allclose(found[:, 0, 60], [0.01739130, 0.00701754], atol=1e-8)
    np.testing.assert_allclose(found[:, 1, 60], [0.01, 0.01])


def test_rates_are_taken_apart_into_land_kreis_and_municipality() -> None:
    found = projection_inputs.residuals(KNOWN, np.array([0.0, 0.004, 0.0]))
    land = np.log(9000 / 8900) - 0.001
    kreis = np.log(4000 / 3900) - 0.003  # natural change of 0 and 4 ‰, weighted 1 to 3
    assert found.years == (2015,)
    np.testing.assert_allclose(found.land, [[land]])
    np.testing.assert_allclose(found.kreis, [[kreis - land], [-land]])
    own = np.log(3000 / 2900) - 0.004
    np.testing.assert_allclose(found.municipal, [[-kreis], [own - kreis], [0.0]], atol=1e-15)


def test_reception_centre_shows_in_the_turnover() -> None:
    # 150 of 1000, 110 of 3000, 1000 of 5000
    assert projection_inputs.has_reception_centre(KNOWN).tolist() == [False, False, True]


def test_town_that_is_its_kreis_is_known() -> None:
    assert migration_model.is_own_kreis(KNOWN).tolist() == [False, False, True]


def test_deviations_of_municipalities_add_up_to_none_in_their_kreis() -> None:
    own = Prediction(np.array([[0.02], [0.00], [0.05]]), np.array([[4.0], [5.0], [6.0]]))
    mean, variance = migration_model._own(KNOWN, own, np.array([False, False, False]))
    # 2 % of 1000 are 20 persons, spread over 4000: 0.5 %
    np.testing.assert_allclose(mean, [[0.015], [-0.005], [0.0]])
    assert variance.tolist() == [[4.0], [5.0], [0.0]]
    alike, _ = migration_model._own(KNOWN, own, np.array([True, True, False]))
    assert alike.tolist() == [[0.0], [0.0], [0.0]]


def test_jump_at_a_census_grows_with_the_root_of_the_years() -> None:
    fit = Persistence(0.0, 0.5, 0.0, 0.0)
    model = MigrationModel((2012,), "mean", {}, 0.0, fit, fit, census_shock=0.03, census_years=24)
    assert migration_model.census_variance(model, 8.0) == pytest.approx(0.0003)


def test_multiplier_holds_the_share_of_errors_that_is_asked_for() -> None:
    found = RollingOrigin(np.array([-1.0, 2.0, 3.0, -8.0, 5.0]), np.array([1.0, 1, 1, 2, 1]))
    assert found.multiplier(0.5) == 3.0  # 1, 2, 3, 4, 5 deviations
    assert found.multiplier(1.0) == 5.0


# --- who moves ----------------------------------------------------------------------------------


def test_cohort_departs_in_two_halves_of_the_year() -> None:
    moves = [[[10.0, 20.0, 6.0, 4.0]]]
    persons = [[[100.0, 50.0, 0.0, 3.0]]]
    # (10 + 20) / 2 / 100, (20 + 6) / 2 / 50; nobody there; 4 / 2 / 3 is bounded
    found = migration_profile.departure_rates(moves, persons)
    np.testing.assert_allclose(found, [[[0.15, 0.26, 0.0, 0.5]]])


def test_arrivals_of_an_ordinary_year_are_freed_of_the_excess_and_half_a_year_older() -> None:
    arrivals, excess = np.zeros((1, 2, N)), np.zeros((2, N))
    arrivals[0, 0, 20], arrivals[0, 1, 30], arrivals[0, 1, OPEN_AGE] = 100.0, 50.0, 10.0
    excess[1, 30], excess[1, 40] = 0.75, 0.25  # nobody arrived at 40: nothing below nothing
    found = migration_profile.arrival_shares(arrivals, [40.0], excess)
    expected = np.zeros((1, 2, N))
    expected[0, 0, 20:22] = 50 / 130
    expected[0, 1, 30:32] = 10 / 130
    expected[0, 1, OPEN_AGE] = 10 / 130
    np.testing.assert_allclose(found, expected)


def test_year_in_which_nobody_arrives_has_no_profile() -> None:
    arrivals, excess = np.zeros((2, 2, N)), np.zeros((2, N))
    arrivals[0, 0, 20] = 1.0
    with pytest.raises(MethodInputError, match="nobody arrives") as error:
        migration_profile.arrival_shares(arrivals, [0.0, 0.0], excess)
    assert error.value.found == 1  # the second region


def test_moves_of_the_oldest_follow_the_population_of_each_sex() -> None:
    persons = np.zeros((2, N))
    persons[0, 65:75], persons[1, 65:70] = 10.0, 10.0
    flows = np.array([[[18.0, 25.0, 20.0], [9.0, 50.0, 30.0]]])
    found = migration_profile.split_flows(flows, (0, 18, 65), persons)
    sums = np.add.reduceat(found, [0, 18, 65], axis=-1)
    np.testing.assert_allclose(sums, flows)
    np.testing.assert_allclose(found[0, 0, 65:76], [2.0] * 10 + [0.0])
    np.testing.assert_allclose(found[0, 1, 65:71], [6.0] * 5 + [0.0])
