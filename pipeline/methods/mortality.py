"""Death rates by single age out of published deaths by age group, and what they imply.

Sources: Preston, Heuveline, Guillot, Demography (2001), chapters 2 and 3 (rates, life table,
person-years); Gompertz (1825) for the rise of death rates at the oldest ages, where one open
group is published; Marshall, Biometrics 47 (1991), for the shrinkage of small territories' ratios.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq

from pipeline.errors import MethodInputError
from pipeline.methods.age_splitting import AGES, OPEN_AGE, group_index, sum_groups

Array = npt.NDArray[np.float64]

#: From this age on the logarithm of the death rate is taken as linear in age (assumption: no
#: deceleration; the level is fitted to the deaths of the open group).
_GOMPERTZ_FROM = 60
#: Share of the deaths of the first year of life that fall into the calendar year of birth
#: (assumption; most infant deaths happen in the first weeks).
INFANT_DEATHS_IN_YEAR_OF_BIRTH = 0.85


def death_rates(deaths: npt.ArrayLike, starts: Sequence[int], population: npt.ArrayLike) -> Array:
    """Death rates by single age that give back the deaths of every age group.

    Parameters
    ----------
    deaths : shape (groups,); the last group is open.
    starts : first age of each group.
    population : persons at risk by single age 0 … 100+, shape (ages,).

    Returns
    -------
    Deaths per person and year, shape (ages,): a monotone curve through the logarithms of the
    group rates, a straight line at the oldest ages, scaled within each group to its deaths.

    Raises
    ------
    MethodInputError : a group with deaths and nobody at risk, or with negative counts.
    """
    count = np.asarray(deaths, dtype=float)
    persons = np.asarray(population, dtype=float)
    exposed = sum_groups(persons, starts)
    if not ((count >= 0).all() and (exposed > 0).all()):
        raise MethodInputError(
            "death rates need persons at risk in every age group",
            found=exposed.tolist(),
            expected="deaths >= 0 and population > 0 in every group",
        )
    # half a death stands in for none, so that the logarithm exists; the scaling below undoes it
    rates = np.maximum(count, 0.5) / exposed
    index = group_index(starts)
    weights = np.where(persons > 0, persons, 1e-9)
    middle = sum_groups(weights * (AGES + 0.5), starts) / sum_groups(weights, starts)
    closed = slice(0, len(rates) - 1)
    curve = PchipInterpolator(middle[closed], np.log(rates[closed]), extrapolate=True)
    old = np.asarray(starts)[closed] >= _GOMPERTZ_FROM
    slope, intercept = np.polyfit(middle[closed][old], np.log(rates[closed][old]), 1)
    line = intercept + slope * (AGES + 0.5)
    last_known = middle[closed][-1]
    middle_of_age = AGES + 0.5
    log_rate = np.where(
        middle_of_age <= last_known,
        curve(np.clip(AGES + 0.5, middle[0], last_known)),
        line - (intercept + slope * last_known) + np.log(rates[closed][-1]),
    )
    single = np.exp(log_rate)
    scale = count / sum_groups(single * persons, starts)
    return single * scale[index]


def mortality_ratios(observed: npt.ArrayLike, expected: npt.ArrayLike) -> Array:
    """Standardised mortality ratios of many territories, small ones drawn to the mean.

    Parameters
    ----------
    observed, expected : deaths of each territory, and those at the rates of the whole.

    Returns
    -------
    Ratios, same shape: `mean + w · (ratio − mean)` with
    `w = variance / (variance + mean / expected)`, the variance between territories by the method
    of moments (Marshall's global empirical Bayes estimator).
    """
    deaths, model = np.asarray(observed, dtype=float), np.asarray(expected, dtype=float)
    if not (model > 0).all():
        raise MethodInputError(
            "a territory without expected deaths", found=float(model.min()), expected="> 0"
        )
    mean = deaths.sum() / model.sum()
    ratio = deaths / model
    spread = float((model * (ratio - mean) ** 2).sum() / model.sum())
    between = max(spread - mean / model.mean(), 0.0)
    weight = between / (between + mean / model)
    shrunk: Array = mean + weight * (ratio - mean)
    return shrunk


def cohort_hazard(rates: npt.ArrayLike) -> Array:
    """Hazard from one 31 December to the next for persons of completed age x at the first.

    They are aged x for half of the year and x + 1 for the other half; ages on the last axis.
    """
    rate = np.asarray(rates, dtype=float)
    older = np.concatenate([rate[..., 1:], rate[..., -1:]], axis=-1)
    hazard: Array = (rate + older) / 2.0
    return hazard


def newborn_hazard(rates: npt.ArrayLike) -> Array:
    """Hazard of a newborn until 31 December of the year of birth."""
    return np.asarray(rates, dtype=float)[..., 0] * INFANT_DEATHS_IN_YEAR_OF_BIRTH


def life_expectancy(rates: npt.ArrayLike, age: int = 0) -> Array:
    """Remaining life expectancy in years; rates by single age 0 … 100+ on the last axis.

    Constant rates within each year of age; the open group lives 1 / rate.
    """
    rate = np.asarray(rates, dtype=float)[..., age:]
    alive = np.exp(-np.concatenate([np.zeros((*rate.shape[:-1], 1)), rate[..., :-1]], axis=-1))
    survivors = alive.cumprod(axis=-1)
    lived = survivors * -np.expm1(-rate) / rate
    lived[..., -1] = survivors[..., -1] / rate[..., -1]
    remaining: Array = lived.sum(axis=-1)
    return remaining


def yearly_decline(rates: npt.ArrayLike, target: float, years: float) -> float:
    """Yearly relative decline of all death rates that leads to a life expectancy in `years` years.

    Parameters
    ----------
    rates : death rates by single age today, shape (ages,).
    target : life expectancy at birth of the target year.

    Raises
    ------
    MethodInputError : a target that no decline between −5 and 10 percent a year reaches.
    """
    today = np.asarray(rates, dtype=float)

    def gap(decline: float) -> float:
        return float(life_expectancy(today * (1.0 - decline) ** years)) - target

    if years <= 0 or gap(-0.05) > 0 or gap(0.10) < 0:
        raise MethodInputError(
            "no steady decline of mortality leads to this life expectancy",
            found=(target, years),
            expected="a target near today's life expectancy and years > 0",
        )
    return float(brentq(gap, -0.05, 0.10, xtol=1e-10))


def stationary_weights(rates: npt.ArrayLike) -> Array:
    """Relative numbers by age 0 … 100+ if births had always been constant (last axis ages)."""
    rate = np.asarray(rates, dtype=float)
    survivors = np.exp(-(rate.cumsum(axis=-1) - rate / 2.0))
    survivors[..., OPEN_AGE] /= rate[..., OPEN_AGE]
    return survivors
