"""Birth rates by single age of the mother, out of births by age group.

Source: Preston, Heuveline, Guillot, Demography (2001), chapter 5 (age-specific fertility rates,
total fertility rate). Ages below 15 and above 49 count as 15 and 49, as in the official tables.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator

from pipeline.errors import MethodInputError
from pipeline.methods.age_splitting import AGES

Array = npt.NDArray[np.float64]

FIRST_AGE, LAST_AGE = 15, 49
#: Boys a girl at birth (Germany, long-term; Preston, Heuveline, Guillot 2001 use 1.05).
SEX_RATIO_AT_BIRTH = 1.05


def fertility_rates(births: npt.ArrayLike, starts: Sequence[int], women: npt.ArrayLike) -> Array:
    """Live births per woman and year by single age that give back all births.

    Parameters
    ----------
    births : live births by age group of the mother, groups on the last axis; the first group is
        open below (ages from 15 on), the last above (ages to 49).
    starts : first age of each group; the first is read as 15.
    women : women by single age 0 … 100+ on the last axis.

    Returns
    -------
    Rates, ages 0 … 100+ on the last axis, zero outside 15 … 49.

    Raises
    ------
    MethodInputError : births where no women are; negative or missing births.
    """
    count, persons = np.asarray(births, dtype=float), np.asarray(women, dtype=float)
    if not (np.isfinite(count).all() and (count >= 0).all()):
        raise MethodInputError("births are negative or missing", expected="counts >= 0")
    edges = np.append(np.maximum(np.asarray(starts, dtype=float), FIRST_AGE), LAST_AGE + 1)
    if (np.diff(edges) <= 0).any():
        raise MethodInputError(
            "the age groups of mothers do not rise", found=list(starts), expected="0, 20, 25 … 40"
        )
    cumulated = np.concatenate([np.zeros((*count.shape[:-1], 1)), count.cumsum(axis=-1)], axis=-1)
    ages = np.arange(FIRST_AGE, LAST_AGE + 1)
    single = np.diff(
        PchipInterpolator(edges, cumulated, axis=-1)(np.append(ages, LAST_AGE + 1)), axis=-1
    )
    mothers = persons[..., FIRST_AGE : LAST_AGE + 1]
    if ((mothers <= 0) & (single > 0)).any():
        raise MethodInputError("births, but no women of that age", expected="women > 0")
    rates = np.zeros((*single.shape[:-1], len(AGES)))
    with np.errstate(invalid="ignore"):
        rates[..., FIRST_AGE : LAST_AGE + 1] = np.where(single > 0, single / mothers, 0.0)
    return rates
