"""Care dependants: published rates give back published counts, missing rates are no numbers."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.errors import MethodInputError, NoDataError
from pipeline.methods.demand_care import (
    CARE_RATES_2021,
    AgeRates,
    calibrate,
    expected_count,
    rising_factor,
)

# GBE-Bund 2021: dependants by age group, men and women; the population is count / rate
MEN = np.array([868_018, 566_764, 287_867, 167_658])
WOMEN = np.array([847_671, 1_025_614, 674_290, 523_264])
STARTS = [0, 75, 85, 90]


def test_published_rates_give_back_the_published_total() -> None:
    population = np.zeros((2, 101))
    population[0, STARTS] = MEN / np.array([0.023, 0.196, 0.432, 0.696])
    population[1, STARTS] = WOMEN / np.array([0.023, 0.271, 0.606, 0.864])
    assert expected_count(population, CARE_RATES_2021) == pytest.approx(4_961_146)


def test_the_rate_changes_at_the_first_age_of_a_group() -> None:
    rates = CARE_RATES_2021.single()
    assert rates[1, [74, 75, 84, 85, 89, 90, 100]].tolist() == [
        0.023, 0.271, 0.271, 0.606, 0.606, 0.864, 0.864,
    ]  # fmt: skip


def test_rising_rates_reach_the_rise_of_destatis_and_stay() -> None:
    factor = rising_factor([2021, 2024, 2027, 2050], since=2021)
    assert factor[0] == 1.0
    assert factor[2] == factor[3] == pytest.approx(6.3 / 5.6)
    assert (
        factor[1] - 1 > (factor[2] - 1) / 2
    )  # damped: more than half of the rise in half the time


def test_a_missing_rate_is_no_data_and_not_zero() -> None:
    rates = AgeRates("hospital_cases", 2023, (0, 75), None, None, "")
    with pytest.raises(NoDataError, match="hospital_cases"):
        expected_count(np.ones((2, 101)), rates)


def test_calibration_prints_its_misfit() -> None:
    fit = calibrate(770.0, 1000.0)
    assert fit.factor == pytest.approx(1.2987012987)
    assert fit.misfit_percent == pytest.approx(-23.0)
    with pytest.raises(MethodInputError):
        calibrate(0.0, 1000.0)


def test_negative_persons_are_refused() -> None:
    with pytest.raises(MethodInputError):
        expected_count(np.full((2, 101), -1.0), CARE_RATES_2021)
