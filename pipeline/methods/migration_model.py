"""Levels of net migration for municipalities: what is learned, and what is expected.

Everything is learned from years up to the base year: the rule for the Land in a rolling origin,
how lasting the differences between Kreise and municipalities are, how large the jump at a census
was. `pipeline.methods.migration_level` holds the statistics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.methods import migration_level
from pipeline.methods.migration_level import Persistence, Prediction
from pipeline.methods.projection_inputs import Known, Residuals

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Calendar:
    """Which years say what; a year of growth is named by its second year end.

    Attributes
    ----------
    breaks : years whose growth crosses a change of the census basis.
    exceptional : years that never set a level; they still say how lasting differences are.
    origin : last year known in the rolling origin.
    census_before : census before the last break: errors had built up since.
    """

    breaks: tuple[int, ...]
    exceptional: tuple[int, ...]
    origin: int
    census_before: int


#: 2008–2010 rest on the census of 1987, 2011–2015 on that of 2011; 2015 is the year of refuge.
CALENDAR_2015 = Calendar(breaks=(2011,), exceptional=(2015,), origin=2011, census_before=1987)


@dataclass(frozen=True)
class MigrationModel:
    """What was learned.

    Attributes
    ----------
    ordinary_years : years whose rates count for levels.
    level_rule : rule for the level of the Land (`migration_level.LEVEL_RULES`): the one with the
        smallest error in the rolling origin, unless one was asked for.
    rolling_errors : error of every rule in the rolling origin (rate a year).
    level_step : variance a year of what is new in a Land's level.
    kreis, municipal : how lasting deviations are, and the noise of a year.
    census_shock : root mean square of the municipalities' jump at the last break, less growth.
    census_years : years in which it had built up.
    """

    ordinary_years: tuple[int, ...]
    level_rule: str
    rolling_errors: dict[str, float]
    level_step: float
    kreis: Persistence
    municipal: Persistence
    census_shock: float
    census_years: int


def fit_migration(
    known: Known,
    parts: Residuals,
    excluded: Flags,
    calendar: Calendar = CALENDAR_2015,
    level_rule: str | None = None,
) -> MigrationModel:
    """Learn from the rates in `parts` all that the level of migration needs.

    Parameters
    ----------
    excluded : municipalities left out where persistence is learned (reception centres).
    level_rule : a rule of `migration_level.LEVEL_RULES` to take whatever the rolling origin says.
    """
    years = np.array(parts.years)
    steady = ~np.isin(years, calendar.breaks)
    ordinary = steady & ~np.isin(years, calendar.exceptional)
    quiet = years[ordinary].tolist()
    used = ~excluded & ~is_own_kreis(known)
    size = known.totals[:, -1]
    kreis = migration_level.fit_persistence(
        parts.kreis[:, steady], years[steady].tolist(), known.kreis_totals[:, -1], quiet
    )
    own = migration_level.fit_persistence(
        parts.municipal[used][:, steady], years[steady].tolist(), size[used], quiet
    )
    land = parts.land[:, ordinary]
    errors = migration_level.rolling_errors(land, quiet, calendar.origin, kreis.persistence)
    return MigrationModel(
        ordinary_years=tuple(quiet),
        level_rule=level_rule or migration_level.best_rule(errors),
        rolling_errors=errors,
        level_step=migration_level.level_step(land, quiet),
        kreis=kreis,
        municipal=own,
        census_shock=_census_shock(known, parts, calendar, ordinary),
        census_years=max(calendar.breaks) - calendar.census_before,
    )


def is_own_kreis(known: Known) -> Flags:
    """Kreisfreie Städte: the municipality is all of its Kreis."""
    municipalities = np.bincount(known.kreis_of, minlength=len(known.kreise))
    alone: Flags = municipalities[known.kreis_of] == 1
    return alone


def _census_shock(known: Known, parts: Residuals, calendar: Calendar, ordinary: Flags) -> float:
    land = parts.land[known.land_of[known.kreis_of]]
    whole = land + parts.kreis[known.kreis_of] + parts.municipal
    at_break = parts.years.index(max(calendar.breaks))
    growth = np.nan_to_num(whole[:, ordinary]).sum(axis=1) / np.maximum(
        np.isfinite(whole[:, ordinary]).sum(axis=1), 1
    )
    jump = whole[:, at_break] - growth
    return float(np.sqrt(np.nanmean(jump**2)))


class Levels(NamedTuple):
    """Expected net migration per inhabitant and year, and its error.

    Attributes
    ----------
    municipal, kreis : expected rates, shape (regions, years) and (Kreise, years).
    own_variance : variance of the running sum of what is a municipality's and its Kreis's own,
        shape (regions, years); the Land's error is not in it.
    kreis_variance : the same for the Kreise, shape (Kreise, years).
    """

    municipal: Array
    kreis: Array
    own_variance: Array
    kreis_variance: Array


def expected_levels(
    known: Known,
    parts: Residuals,
    model: MigrationModel,
    future: Sequence[int],
    kreis_profile: Flags,
) -> Levels:
    """Levels of later years by the rule for the Land and the best linear prediction below it.

    Parameters
    ----------
    future : calendar years of growth.
    kreis_profile : municipalities that take the level of their Kreis (reception centres).
    """
    columns = [parts.years.index(year) for year in model.ordinary_years]
    kreis_size, size = known.kreis_totals[:, -1], known.totals[:, -1]
    of_kreis = migration_level.predict_deviations(
        parts.kreis[:, columns], model.ordinary_years, future, model.kreis, kreis_size
    )
    own = migration_level.predict_deviations(
        parts.municipal[:, columns], model.ordinary_years, future, model.municipal, size
    )
    own_mean, own_variance = _own(known, own, kreis_profile)
    land = migration_level.land_levels(
        parts.land[:, columns],
        model.ordinary_years,
        future,
        model.kreis.persistence,
        model.level_rule,
    )
    kreis = land[known.land_of] + of_kreis.mean
    return Levels(
        municipal=kreis[known.kreis_of] + own_mean,
        kreis=kreis,
        own_variance=of_kreis.variance_of_sum[known.kreis_of] + own_variance,
        kreis_variance=of_kreis.variance_of_sum,
    )


def _own(known: Known, own: Prediction, kreis_profile: Flags) -> tuple[Array, Array]:
    """Deviations of municipalities that add up to none in each Kreis, and their variance."""
    alone = is_own_kreis(known)
    mean = np.where((kreis_profile | alone)[:, None], 0.0, own.mean)
    size = known.totals[:, -1]
    sums = np.zeros((len(known.kreise), mean.shape[1]))
    np.add.at(sums, known.kreis_of, mean * size[:, None])
    share = sums / np.bincount(known.kreis_of, weights=size)[:, None]
    return mean - share[known.kreis_of], np.where(alone[:, None], 0.0, own.variance_of_sum)


def census_variance(model: MigrationModel, years: float) -> float:
    """Variance of a municipality's jump at a census after `years` years.

    Assumption: errors of the register add up like a random walk, so the squared jump at the last
    census is proportional to the years before it.
    """
    return model.census_shock**2 * years / model.census_years


class RollingOrigin(NamedTuple):
    """Standardised errors of the forecast from an earlier origin.

    Attributes
    ----------
    errors : actual less predicted sum of migration rates, municipality by municipality.
    deviations : what the model takes for their standard deviation.
    """

    errors: Array
    deviations: Array

    def multiplier(self, coverage: float) -> float:
        """How many standard deviations hold this share of the errors (1.28 for 80 % if normal)."""
        return float(np.quantile(np.abs(self.errors) / self.deviations, coverage))


def rolling_origin(
    known: Known,
    parts: Residuals,
    model: MigrationModel,
    level: str = "municipality",
    calendar: Calendar = CALENDAR_2015,
) -> RollingOrigin:
    """Forecast the ordinary years after the origin from those up to it, and compare.

    Parameters
    ----------
    level : ``municipality`` or ``kreis``.

    Regions with an unknown year are left out.
    """
    years = list(model.ordinary_years)
    early = [year for year in years if year <= calendar.origin]
    late = [year for year in years if year > calendar.origin]
    past, ahead = ([parts.years.index(year) for year in some] for some in (early, late))
    phi = model.kreis.persistence
    land = migration_level.land_levels(parts.land[:, past], early, late, phi, model.level_rule)
    of_kreis = migration_level.predict_deviations(
        parts.kreis[:, past], early, late, model.kreis, known.kreis_totals[:, -1]
    )
    whole = parts.land[known.land_of] + parts.kreis
    forecast = land[known.land_of] + of_kreis.mean
    variance = of_kreis.variance_of_sum[:, -1]
    if level == "municipality":
        own = migration_level.predict_deviations(
            parts.municipal[:, past], early, late, model.municipal, known.totals[:, -1]
        )
        own_mean, own_variance = _own(known, own, np.zeros(len(known.areas), dtype=bool))
        whole = whole[known.kreis_of] + parts.municipal
        forecast = forecast[known.kreis_of] + own_mean
        variance = variance[known.kreis_of] + own_variance[:, -1]
    news = migration_level.level_sum_variance(model.level_step, phi, early[-1], late)[-1]
    error = (whole[:, ahead] - forecast).sum(axis=1)
    seen = np.isfinite(whole[:, [*past, *ahead]]).all(axis=1)
    return RollingOrigin(error[seen], np.sqrt(variance[seen] + news))
