"""Standard populations, as data.

Source: European Standard Population 2013 (Eurostat, Revision of the European Standard Population,
report of the task force, 2013), upper group 90 and over, 19 groups of 100,000 persons in all.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from pipeline.errors import MethodInputError

_WIDTH: Final = 5
_PERSONS: Final = (
    *(5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000),
    *(7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000),
)


def esp2013() -> pd.Series:
    """European Standard Population 2013: 19 rows, persons by `age_from` (0, 5, … 90), sum 100,000.

    The last group is open: 90 and over.
    """
    ages = pd.Index(range(0, _WIDTH * len(_PERSONS), _WIDTH), name="age_from")
    return pd.Series(_PERSONS, index=ages, name="standard_population", dtype="float64")


def mean_age_distribution(populations: pd.DataFrame) -> pd.Series:
    """The mean of several age distributions, as a standard for comparing just these populations.

    Parameters
    ----------
    populations : one column a population, one row an age group, in persons.

    Returns
    -------
    Shares that sum to 1, one an age group.

    Raises
    ------
    MethodInputError : for missing or negative numbers and for a population of nobody.

    Source: Preston, Heuveline, Guillot, Demography (2001), section 2.3 (average composition of
    the populations compared as standard).
    """
    totals = populations.sum()
    if populations.isna().to_numpy().any() or (populations < 0).to_numpy().any():
        raise MethodInputError(
            "a population has missing or negative age groups", expected="persons of every age group"
        )
    if populations.empty or (totals <= 0).any():
        raise MethodInputError("a population of nobody has no age distribution")
    return (populations / totals).mean(axis="columns").rename("standard_population")
