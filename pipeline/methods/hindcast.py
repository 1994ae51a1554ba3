"""A forecast from the base year's knowledge alone, to hold against what came.

`versorgungslabor backtest` judges the method with it over a whole Land, from the publishers' files;
the reports judge it for the municipalities and Kreise at hand, so that a reader sees how well it
would have done *here*. What it learns from is then the study region, not the Land, so its errors
differ a little from those of the command.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.methods import migration_model, mortality
from pipeline.methods import projection_inputs as inputs
from pipeline.methods.migration_model import Levels, MigrationModel
from pipeline.methods.projection import Projection, Rates, project, rake_to_groups
from pipeline.methods.projection_inputs import Base, Known, Residuals

Array = npt.NDArray[np.float64]

#: 13. koordinierte Bevölkerungsvorausberechnung (Destatis, April 2015): life expectancy at birth in
#: 2060, men and women, basic assumption L1; what was known at the end of 2015.
LIFE_EXPECTANCY_2060 = (84.8, 88.8)


class Forecast(NamedTuple):
    """A forecast and all that it rests on; nothing of it was published after the base year.

    `municipal` are persons, shape (years, municipalities, sexes, ages); year 0 is the base year.
    """

    known: Known
    base: Base
    parts: Residuals
    model: MigrationModel
    levels: Levels
    rates: Rates
    kreise: Projection
    municipal: Array
    reception: npt.NDArray[np.bool_]


class Hindcast(NamedTuple):
    """Forecast totals, shape (years, regions); year 0 is the base year."""

    municipal: Array
    kreise: Array


def forecast_from(known: Known, horizon: int, level_rule: str | None = None) -> Forecast:
    """The forecast, `horizon` years on from `known.base_year`; nothing later can enter.

    Level and persistence of migration are learned from the years up to the base year, mortality
    declines as was assumed then.

    Parameters
    ----------
    known : all that had been published for the end of the base year.
    horizon : years ahead.
    level_rule : rule for the level of migration; None picks the one that did best before.
    """
    base = inputs.base_population(known)
    death_rates = inputs.death_rates_of_kreise(known, base)
    fertility = inputs.fertility_of_kreise(known, base)
    natural = inputs.natural_rates(known, base, death_rates, fertility)
    parts = inputs.residuals(known, natural)
    reception = inputs.has_reception_centre(known)
    model = migration_model.fit_migration(known, parts, reception, level_rule=level_rule)
    future = range(known.base_year + 1, known.base_year + horizon + 1)
    levels = migration_model.expected_levels(known, parts, model, future, reception)
    decline = _decline(base, known.base_year)
    rates = inputs.rates_of_kreise(known, base, death_rates, levels.kreis.mean(axis=1), decline)
    kreise = project(base.kreise, rates, levels.kreis, base_year=known.base_year)
    own = project(
        base.municipal, rates.take(known.kreis_of), levels.municipal, base_year=known.base_year
    )
    return Forecast(
        known=known,
        base=base,
        parts=parts,
        model=model,
        levels=levels,
        rates=rates,
        kreise=kreise,
        municipal=rake_to_groups(own.population, kreise.population, known.kreis_of),
        reception=reception,
    )


def hindcast(known: Known, horizon: int) -> Hindcast:
    """Totals of municipalities and Kreise; parameters as `forecast_from`."""
    forecast = forecast_from(known, horizon)
    return Hindcast(
        forecast.municipal.sum(axis=(2, 3)), forecast.kreise.population.sum(axis=(2, 3))
    )


def _decline(base: Base, base_year: int) -> Array:
    """Yearly decline of death rates by sex that leads to the life expectancy assumed for 2060."""
    return np.array(
        [
            mortality.yearly_decline(base.country_rates[sex], target, 2060 - base_year)
            for sex, target in enumerate(LIFE_EXPECTANCY_2060)
        ]
    )


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
