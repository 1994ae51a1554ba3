"""How high net migration will be: each number is computed by hand from the definition."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.errors import MethodInputError
from pipeline.methods import migration_level as level
from pipeline.methods.migration_level import Persistence

NAN = float("nan")


def test_residual_is_growth_of_the_logarithm_less_natural_change() -> None:
    # ln(1010 / 1000) = 0.00995033; the fall of 30 % is a change of borders
    totals = [[1000.0, 1010.0, NAN], [1000.0, 700.0, 700.0]]
    rates = level.residual_rates(totals, [0.002, -0.001])
    np.testing.assert_allclose(rates, [[0.00795033, NAN], [NAN, 0.001]], atol=1e-8)


def test_natural_change_may_differ_from_year_to_year() -> None:
    rates = level.residual_rates([[1000.0, 1000.0, 1000.0]], [[0.003, -0.004]])
    np.testing.assert_allclose(rates, [[-0.003, 0.004]])


def test_reception_centre_is_a_turnover_above_fifteen_percent() -> None:
    assert level.has_reception_centre([149, 150, 151], [1000, 1000, 1000]).tolist() == [
        False, False, True,
    ]  # fmt: skip


def test_group_rate_is_weighted_by_inhabitants_and_skips_the_unknown() -> None:
    rates = np.array([[0.01, NAN], [0.02, 0.02], [0.05, 0.04]])
    # (1000 · 1 % + 3000 · 2 %) / 4000 = 1.75 %; in the second year one place alone is known
    means, rest = level.deviations(rates, [1000, 3000, 500], [0, 0, 1])
    np.testing.assert_allclose(means, [[0.0175, 0.02], [0.05, 0.04]])
    np.testing.assert_allclose(rest, [[-0.0075, NAN], [0.0025, 0.0], [0.0, 0.0]], atol=1e-15)


def test_group_of_which_nothing_is_known_has_no_rate() -> None:
    means, _ = level.deviations(np.array([[0.01], [NAN]]), [1000, 1000], [0, 1])
    np.testing.assert_array_equal(means, [[0.01], [NAN]])


def test_persistence_of_a_simulated_process_is_found_again() -> None:
    """Lasting deviations with variance 1e-4 that keep 80 % a year; noise of 0.1 per person."""
    chance = np.random.default_rng(7)
    years = [2009, 2010, 2011, 2013, 2014]
    size = np.where(np.arange(6000) % 2, 500.0, 4000.0)
    lasting = chance.normal(0, 0.01, 6000)
    columns = []
    for year in range(2009, 2015):
        columns.append(lasting + chance.normal(0, np.sqrt(0.1 / size)))
        lasting = 0.8 * lasting + chance.normal(0, 0.006, 6000)  # 0.64 + 0.36 = 1
        if year == 2012:
            columns.pop()
    found = level.fit_persistence(np.stack(columns, axis=1), years, size)
    assert found.persistence == pytest.approx(0.80, abs=0.03)
    assert found.variance == pytest.approx(1e-4, rel=0.06)
    assert found.noise_per_person == pytest.approx(0.1, rel=0.1)
    assert found.noise == pytest.approx(0.0, abs=6e-6)


def test_noise_is_learned_from_ordinary_years_only() -> None:
    chance = np.random.default_rng(8)
    calm = chance.normal(0, 0.001, (4000, 4))
    wild = np.column_stack([calm, chance.normal(0, 0.1, 4000)])
    years = [2010, 2011, 2012, 2013, 2015]
    found = level.fit_persistence(wild, years, np.full(4000, 1e9), years[:4])
    assert found.noise == pytest.approx(1e-6, rel=0.1)


@pytest.mark.parametrize("shape", [(4, 3), (5, 2)])
def test_too_few_regions_or_years_teach_nothing(shape: tuple[int, int]) -> None:
    with pytest.raises(MethodInputError, match="too little"):
        level.fit_persistence(np.zeros(shape), range(shape[1]), np.ones(shape[0]))


def test_five_regions_and_three_years_are_enough() -> None:
    steady = np.repeat([[-0.02], [-0.01], [0.0], [0.01], [0.02]], 3, axis=1)
    found = level.fit_persistence(steady, [2010, 2011, 2012], np.full(5, 1000.0))
    # nothing changes from year to year: variance (4 + 1 + 0 + 1 + 4) / 5, all of it lasting
    assert found.persistence == 1.0
    assert found.variance == pytest.approx(2e-4)


@pytest.mark.parametrize(
    ("deviation", "years"), [([[0.02]], [2010]), ([[NAN, 0.02]], [2009, 2010])]
)
def test_best_linear_prediction_of_one_known_year(
    deviation: list[list[float]], years: list[int]
) -> None:
    """Signal and noise are equal, so half of the deviation is believed, and half of that lasts."""
    fit = Persistence(variance=4e-4, persistence=0.5, noise=3e-4, noise_per_person=0.1)
    found = level.predict_deviations(np.array(deviation), years, [2011, 2012], fit, [1000])
    # 0.5 · 4 / 8 · 2 % and 0.25 · 4 / 8 · 2 %
    np.testing.assert_allclose(found.mean, [[0.005, 0.0025]], rtol=2e-3)
    # errors: 4 − (0.5 · 4)² / 8 = 3.5 and 4 − 1² / 8 = 3.875, common 2 − 2 · 1 / 8 = 1.75, each
    # with noise of 4: 7.5, then 7.5 + 7.875 + 2 · 1.75 = 18.875 (in 1e-4)
    np.testing.assert_allclose(found.variance_of_sum, [[7.5e-4, 18.875e-4]], rtol=2e-3)


def test_rules_for_the_level_of_a_land() -> None:
    rates, years = np.array([[0.02, 0.04, 0.06]]), [2010, 2011, 2013]
    found = {
        rule: level.land_levels(rates, years, [2014, 2016], 0.5, rule)[0].tolist()
        for rule in level.LEVEL_RULES
    }
    assert found["mean"] == pytest.approx([0.04, 0.04])
    assert found["decaying"] == pytest.approx([0.05, 0.0425])  # 4 % + 2 % · 0.5 and · 0.125
    assert found["last"] == pytest.approx([0.06, 0.06])
    with pytest.raises(MethodInputError, match="no such rule"):
        level.land_levels(rates, years, [2014], 0.5, "first")


def test_errors_of_the_rules_are_those_after_the_origin() -> None:
    rates = np.array([[0.01, 0.03, 0.05], [0.02, 0.02, 0.00]])
    errors = level.rolling_errors(rates, [2010, 2011, 2012], 2011, 0.5)
    # forecasts (2 %, 2 %), (2.5 %, 2 %), (3 %, 2 %) against 5 % and 0 %
    assert errors["mean"] == pytest.approx(np.sqrt(0.00065))
    assert errors["decaying"] == pytest.approx(np.sqrt(0.0005125))
    assert errors["last"] == pytest.approx(0.02)


def test_new_in_a_level_is_its_squared_change_a_year() -> None:
    rates = np.array([[0.01, 0.03, 0.02]])
    assert level.level_step(rates, [2010, 2012, 2013]) == pytest.approx((2e-4 + 1e-4) / 2)


def test_running_sum_of_a_level_grows_wider_every_year() -> None:
    found = level.level_sum_variance(2.0, 0.5, 2014, [2015, 2016, 2017])
    assert found.tolist() == [2.0, 6.5, 12.625]  # 1; 1.5² + 1; 1.75² + 1.5² + 1
    # last seen two years before: what was new in between counts, too
    assert level.level_sum_variance(1.0, 0.5, 2013, [2015]).tolist() == [1.25]


def test_additional_migration_comes_where_the_slopes_are() -> None:
    inflow = np.array([[0.0, 0.0, 10.0], [20.0, 10.0, 5.0], [40.0, 20.0, 0.0]])
    outflow = np.full((3, 3), 7.0)
    shares = level.inflow_response(inflow + outflow, outflow, [1000, 1000, 1000])
    np.testing.assert_allclose(shares, [2 / 3, 1 / 3, 0.0], atol=1e-12)


def test_large_places_count_more_for_who_comes() -> None:
    # rates (0, 1 %, 0) and (0, 0, 1 %) in places of 1,000, 3,000 and 1,000: slopes 6 to 2
    inflow = np.array([[0.0, 0.0], [30.0, 0.0], [0.0, 10.0]])
    shares = level.inflow_response(inflow, np.zeros((3, 2)), [1000, 3000, 1000])
    np.testing.assert_allclose(shares, [0.75, 0.25])


def test_equal_migration_everywhere_says_nothing_about_who_comes() -> None:
    with pytest.raises(MethodInputError, match="the same net migration"):
        level.inflow_response(np.full((2, 1), 5.0), np.zeros((2, 1)), [1000, 1000])
