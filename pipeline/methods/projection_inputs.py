"""From what is published for one year to the inputs of a projection.

`Known` holds the figures as published, in arrays; the functions turn them into single ages, rates
and levels of migration. Nothing here knows where the figures come from, so that the stage `model`
and the back-test use one and the same code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.errors import MethodInputError
from pipeline.methods import fertility, migration_level, migration_profile, mortality
from pipeline.methods.age_splitting import check_total, split_by_reference, split_monotone
from pipeline.methods.projection import FEMALE, Rates

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]


@dataclass(frozen=True)
class AgeGroups:
    """Counts by sex (men first) and age group, shape (regions, 2, groups); the last is open."""

    counts: Array
    starts: tuple[int, ...]


@dataclass(frozen=True)
class Known:
    """What is known about a Land (or part of it) at the end of a base year.

    Attributes
    ----------
    base_year : population at its 31 December; births, deaths and moves within it.
    areas, kreise : keys of municipalities and Kreise. A kreisfreie Stadt is both.
    kreis_of : position in `kreise` of each municipality.
    years : calendar years of `totals`, ascending, the last one `base_year`.
    totals, kreis_totals : population at year ends, shape (regions, years), NaN where unknown.
    land_totals : the same for all Länder, shape (Länder, years), for the level and its error.
    land_of : position in `land_totals` of the Land of each Kreis.
    ages, kreis_ages, country_ages : population of the base year by sex and age.
    births : live births by age of the mother, shape (Kreise, groups), and first ages.
    deaths, country_deaths : deaths by sex and age.
    land_natural : births less deaths per inhabitant in the base year, shape (Länder,).
    arrivals, departures : moves over municipal borders by sex and age, of municipalities.
    """

    base_year: int
    areas: tuple[str, ...]
    kreise: tuple[str, ...]
    kreis_of: Index
    years: tuple[int, ...]
    totals: Array
    kreis_totals: Array
    land_totals: Array
    land_of: Index
    ages: AgeGroups
    kreis_ages: AgeGroups
    country_ages: AgeGroups
    births: Array
    births_starts: tuple[int, ...]
    deaths: AgeGroups
    country_deaths: AgeGroups
    land_natural: Array
    arrivals: AgeGroups
    departures: AgeGroups

    def __post_init__(self) -> None:
        shapes = {
            "totals": (len(self.areas), len(self.years)),
            "kreis_totals": (len(self.kreise), len(self.years)),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise MethodInputError(
                    f"'{name}' does not fit", found=getattr(self, name).shape, expected=str(shape)
                )
        if self.years[-1] != self.base_year:
            raise MethodInputError(
                "the series of totals does not end in the base year",
                found=self.years[-1],
                expected=str(self.base_year),
            )
        check_total(self.totals[:, -1], self.ages.counts.sum(axis=1))
        check_total(self.kreis_totals[:, -1], self.kreis_ages.counts.sum(axis=1))


class Base(NamedTuple):
    """The base population by single age and the death rates of the country, (2, ages)."""

    municipal: Array
    kreise: Array
    country_rates: Array


def base_population(known: Known) -> Base:
    """Single ages of municipalities and Kreise in the base year, shapes (regions, 2, ages).

    Kreise: monotone curve, the open group by the survivors of the country's life table.
    Municipalities: each group like that of the Kreis, so that they add up to it.
    """
    country_rates = _country_rates(known)
    weights = mortality.stationary_weights(country_rates)
    kreise = _split_open(known.kreis_ages, weights)
    municipal = split_by_reference(known.ages.counts, known.ages.starts, kreise[known.kreis_of])
    return Base(municipal, kreise, country_rates)


def _country_rates(known: Known) -> Array:
    """Death rates of the country by sex; the split of its oldest group is refined once."""
    deaths = known.country_deaths
    weights: Array | None = None
    for _ in range(2):
        persons = _split_open(known.country_ages, weights)[0]
        weights = np.stack(
            [
                mortality.death_rates(deaths.counts[0, sex], deaths.starts, persons[sex])
                for sex in (0, 1)
            ]
        )
        rates, weights = weights, mortality.stationary_weights(weights)
    return rates


def _split_open(ages: AgeGroups, weights: Array | None) -> Array:
    sexes = [
        split_monotone(
            ages.counts[:, sex],
            ages.starts,
            old_age_weights=None if weights is None else weights[sex],
        )
        for sex in (0, 1)
    ]
    return np.stack(sexes, axis=1)


def death_rates_of_kreise(known: Known, base: Base) -> Array:
    """Death rates by Kreis, sex and age: the country's, times the Kreis's ratio for the sex.

    The ratio of small Kreise is drawn to the mean (`mortality.mortality_ratios`).
    """
    observed = known.deaths.counts.sum(axis=2)
    expected = (base.kreise * base.country_rates).sum(axis=2)
    ratios = np.stack(
        [mortality.mortality_ratios(observed[:, sex], expected[:, sex]) for sex in (0, 1)], axis=1
    )
    return ratios[:, :, None] * base.country_rates


def natural_rates(known: Known, base: Base, death_rates: Array, fertility_rates: Array) -> Array:
    """Births less deaths per inhabitant of each municipality, at the rates of its Kreis."""
    kreis = known.kreis_of
    births = (base.municipal[:, FEMALE] * fertility_rates[kreis]).sum(axis=1)
    deaths = (base.municipal * death_rates[kreis]).sum(axis=(1, 2))
    natural: Array = (births - deaths) / base.municipal.sum(axis=(1, 2))
    return natural


class Residuals(NamedTuple):
    """Residual migration rates: Länder, Kreise less Land, municipalities less Kreis."""

    years: tuple[int, ...]
    land: Array
    kreis: Array
    municipal: Array


def residuals(known: Known, natural: Array) -> Residuals:
    """Take the series of totals apart into rates of Land, Kreis and municipality.

    Years of growth are named by their second year end.
    """
    last = known.totals[:, -1]
    kreis_natural = _by_kreis(known, natural * last) / _by_kreis(known, last)
    rates = migration_level.residual_rates(known.totals, natural)
    kreis_rates = migration_level.residual_rates(known.kreis_totals, kreis_natural)
    land_rates = migration_level.residual_rates(known.land_totals, known.land_natural)
    return Residuals(
        known.years[1:],
        land_rates,
        kreis_rates - land_rates[known.land_of],
        rates - kreis_rates[known.kreis_of],
    )


def fertility_of_kreise(known: Known, base: Base) -> Array:
    """Birth rates by Kreis and single age of the mother."""
    return fertility.fertility_rates(known.births, known.births_starts, base.kreise[:, FEMALE])


def rates_of_kreise(
    known: Known, base: Base, death_rates: Array, level: npt.ArrayLike, decline: npt.ArrayLike
) -> Rates:
    """The rates that all municipalities of a Kreis share.

    Parameters
    ----------
    death_rates : as returned by `death_rates_of_kreise`.
    level : ordinary net migration per inhabitant and year of each Kreis: the moves of the base
        year are freed from what lay above it, by the sex and age of those who came in addition.
    decline : yearly decline of death rates by sex, shape (2,).
    """
    persons = base.kreise.sum(axis=0)
    arrivals, departures = (
        migration_profile.split_flows(_by_kreis(known, moves.counts), moves.starts, persons)
        for moves in (known.arrivals, known.departures)
    )
    net = (known.arrivals.counts - known.departures.counts).sum(axis=(1, 2))
    excess = _by_kreis(known, net) - np.asarray(level, float) * known.kreis_totals[:, -1]
    return Rates(
        hazard=mortality.cohort_hazard(death_rates),
        newborn_hazard=mortality.newborn_hazard(death_rates),
        fertility=fertility_of_kreise(known, base),
        departure=migration_profile.departure_rates(departures, base.kreise),
        arrival=migration_profile.arrival_shares(arrivals, excess, _excess_shares(known, persons)),
        decline=np.asarray(decline, dtype=float),
    )


def _excess_shares(known: Known, persons: Array) -> Array:
    """Sex and age of those who came in addition in the base year, shape (2, ages)."""
    regions, _, groups = known.arrivals.counts.shape
    shares = migration_level.inflow_response(
        known.arrivals.counts.reshape(regions, -1),
        known.departures.counts.reshape(regions, -1),
        known.totals[:, -1],
    )
    by_age: Array = migration_profile.split_flows(
        shares.reshape(1, 2, groups), known.arrivals.starts, persons
    )[0]
    return by_age


def _by_kreis(known: Known, values: Array) -> Array:
    sums = np.zeros((len(known.kreise), *values.shape[1:]))
    np.add.at(sums, known.kreis_of, values)
    return sums


def has_reception_centre(known: Known) -> npt.NDArray[np.bool_]:
    """Municipalities whose moves of the base year show a reception centre ("Sondereffekt")."""
    turnover = (known.arrivals.counts + known.departures.counts).sum(axis=(1, 2))
    return migration_level.has_reception_centre(turnover, known.totals[:, -1])
