"""A forecast of totals from the base year's knowledge alone, to hold against what came.

`versorgungslabor backtest` judges the method over a whole Land from the publishers' files. This is
the same forecast for the municipalities and Kreise at hand, so that a report can say how well the
method would have done *here*. What it learns from is the study region, not the Land, so its errors
differ a little from those of the command.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.methods import migration_model, mortality
from pipeline.methods import projection_inputs as inputs
from pipeline.methods.projection import project, rake_to_groups
from pipeline.methods.projection_inputs import Known

Array = npt.NDArray[np.float64]

#: 13. koordinierte Bevölkerungsvorausberechnung (Destatis, April 2015): life expectancy at birth in
#: 2060, men and women, basic assumption L1; what was known at the end of 2015.
LIFE_EXPECTANCY_2060 = (84.8, 88.8)


class Hindcast(NamedTuple):
    """Forecast totals, shape (years, regions); year 0 is the base year."""

    municipal: Array
    kreise: Array


def hindcast(known: Known, horizon: int) -> Hindcast:
    """Totals of municipalities and Kreise, `horizon` years on from `known.base_year`.

    Nothing later than the base year enters: level and persistence of migration are learned from
    the years up to it, mortality declines as was assumed then.

    Parameters
    ----------
    known : all that had been published for the end of the base year.
    horizon : years ahead.
    """
    base = inputs.base_population(known)
    death_rates = inputs.death_rates_of_kreise(known, base)
    natural = inputs.natural_rates(
        known, base, death_rates, inputs.fertility_of_kreise(known, base)
    )
    parts = inputs.residuals(known, natural)
    reception = inputs.has_reception_centre(known)
    fitted = migration_model.fit_migration(known, parts, reception)
    first = known.base_year + 1
    levels = migration_model.expected_levels(
        known, parts, fitted, range(first, first + horizon), reception
    )
    decline = np.array(
        [
            mortality.yearly_decline(base.country_rates[sex], target, 2060 - known.base_year)
            for sex, target in enumerate(LIFE_EXPECTANCY_2060)
        ]
    )
    rates = inputs.rates_of_kreise(known, base, death_rates, levels.kreis.mean(axis=1), decline)
    kreise = project(base.kreise, rates, levels.kreis, base_year=known.base_year)
    own = project(
        base.municipal, rates.take(known.kreis_of), levels.municipal, base_year=known.base_year
    )
    raked = rake_to_groups(own.population, kreise.population, known.kreis_of)
    return Hindcast(raked.sum(axis=(2, 3)), kreise.population.sum(axis=(2, 3)))


def errors(forecast: pd.Series, constant: pd.Series, actual: pd.Series) -> pd.DataFrame:
    """Forecast and "as many as in the base year" against what came, one row a region.

    Parameters
    ----------
    forecast, constant, actual : persons, indexed by `ref_area`; regions without an actual figure
        are left out.

    Returns
    -------
    `ref_area`, `obs_value` (what came), `forecast`, `constant` (persons), `error_percent`,
    `constant_error_percent` (in percent of what came; positive: forecast too high).
    """
    table = pd.DataFrame({"obs_value": actual, "forecast": forecast, "constant": constant})
    table = table.loc[table["obs_value"].gt(0) & table["forecast"].notna()]
    table.index.name = "ref_area"
    return table.assign(
        error_percent=100.0 * (table["forecast"] / table["obs_value"] - 1.0),
        constant_error_percent=100.0 * (table["constant"] / table["obs_value"] - 1.0),
    ).reset_index()
