"""Cohort-component projection by sex and single age, for many regions at once.

One step goes from one 31 December to the next:

- survivors: persons of completed age x become x + 1; deaths by the hazard of the year,
- departures: a rate of the persons who might leave, so no cohort can become negative,
- arrivals: a profile by sex and age, scaled so that the net migration of the region is the
  assumed one; who arrives in a year neither dies nor leaves in it,
- births: rates times the mean of the women at both ends of the year, girls by the sex ratio.

Small regions use the rates of the territory above them (the Kreis); afterwards they are raked to
its own projection.

Source: Preston, Heuveline, Guillot, Demography (2001), chapter 6; IT.NRW,
Gemeindemodellrechnung (rates of the Kreis applied to the single ages of the municipality).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipeline.errors import MethodInputError
from pipeline.methods.age_splitting import AGES
from pipeline.methods.fertility import SEX_RATIO_AT_BIRTH

Array = npt.NDArray[np.float64]
MALE, FEMALE = 0, 1
SEXES = ("male", "female")


@dataclass(frozen=True)
class Rates:
    """Assumptions of one or more territories whose rates others use.

    Attributes
    ----------
    hazard : deaths per person from one year end to the next, shape (groups, 2, ages).
    newborn_hazard : deaths per newborn until the year end, shape (groups, 2).
    fertility : live births per woman and year, shape (groups, ages).
    departure : departures per person from one year end to the next, shape (groups, 2, ages).
    arrival : arrivals by age reached at the year end, shares that sum to 1, (groups, 2, ages).
    decline : yearly relative decline of all hazards by sex, shape (2,).
    """

    hazard: Array
    newborn_hazard: Array
    fertility: Array
    departure: Array
    arrival: Array
    decline: Array

    def __post_init__(self) -> None:
        groups = len(self.hazard)
        shapes = {
            "hazard": (groups, 2, len(AGES)),
            "newborn_hazard": (groups, 2),
            "fertility": (groups, len(AGES)),
            "departure": (groups, 2, len(AGES)),
            "arrival": (groups, 2, len(AGES)),
            "decline": (2,),
        }
        for name, shape in shapes.items():
            values = getattr(self, name)
            if values.shape != shape or not np.isfinite(values).all():
                raise MethodInputError(
                    f"the rates '{name}' are incomplete", found=values.shape, expected=str(shape)
                )
            if name != "decline" and (values < 0).any():
                raise MethodInputError(f"a negative rate in '{name}'", found=float(values.min()))
        if (np.exp(-self.hazard) < self.departure).any():
            raise MethodInputError(
                "more persons leave than are alive",
                found=float(self.departure.max()),
                expected="a departure rate below the survival of the year",
            )

    def take(self, groups: npt.ArrayLike) -> Rates:
        """The rates of some groups, in this order."""
        index = np.asarray(groups, dtype=int)
        names = ("hazard", "newborn_hazard", "fertility", "departure", "arrival")
        return replace(self, **{name: getattr(self, name)[index] for name in names})


@dataclass(frozen=True)
class Flows:
    """Persons in the years of a projection, shape (years, regions) each.

    `migration_repair` is net migration above the assumed one: where more would have to leave
    than departure rates allow, nobody arrives and the rest is not invented. Zero is the rule.
    """

    births: Array
    deaths: Array
    arrivals: Array
    departures: Array
    migration_repair: Array


@dataclass(frozen=True)
class Projection:
    """A projected path.

    Attributes
    ----------
    years : years (31 December) that are kept, the base year first.
    population : shape (kept years, regions, 2, ages).
    flows : of every year of the projection, before raking.
    """

    years: tuple[int, ...]
    population: Array
    flows: Flows

    def at(self, year: int) -> Array:
        """Population of one year, shape (regions, 2, ages)."""
        if year not in self.years:
            raise MethodInputError("the year was not kept", found=year, expected=str(self.years))
        population: Array = self.population[self.years.index(year)]
        return population


def project(
    population: npt.ArrayLike,
    rates: Rates,
    net_migration: npt.ArrayLike,
    *,
    base_year: int,
    fertility_factor: npt.ArrayLike | None = None,
    keep: Sequence[int] | None = None,
) -> Projection:
    """Carry populations forward, a year a column of `net_migration`.

    Parameters
    ----------
    population : persons on 31 December of `base_year`, shape (regions, 2, ages 0 … 100+); men
        first.
    rates : of each region (`Rates.take` repeats those of a Kreis).
    net_migration : net migrants per inhabitant and year, shape (regions, years).
    fertility_factor : factor on all birth rates of each year, shape (years,); 1 by default.
    keep : years to keep besides the base year; all by default.

    Raises
    ------
    MethodInputError : negative or missing persons, shapes that differ.
    """
    persons = _checked(population, rates)
    level = np.asarray(net_migration, dtype=float)
    if level.ndim != 2 or len(level) != len(persons) or not np.isfinite(level).all():
        raise MethodInputError(
            "net migration does not fit the regions", found=level.shape, expected="(regions, years)"
        )
    steps = level.shape[1]
    factor = np.ones(steps) if fertility_factor is None else np.asarray(fertility_factor, float)
    wanted = set(range(base_year + 1, base_year + steps + 1) if keep is None else keep)
    kept, years, flows = [persons], [base_year], []
    for step in range(steps):
        persons, flow = _step(persons, rates, level[:, step], factor[step], step)
        flows.append(flow)
        if base_year + step + 1 in wanted:
            kept.append(persons)
            years.append(base_year + step + 1)
    return Projection(tuple(years), np.array(kept), _flows(flows, len(persons)))


def _flows(flows: list[tuple[Array, ...]], regions: int) -> Flows:
    empty = np.zeros((0, regions))
    columns = [np.array(column) for column in zip(*flows, strict=True)] or [empty] * 5
    return Flows(*columns)


def _checked(population: npt.ArrayLike, rates: Rates) -> Array:
    persons = np.asarray(population, dtype=float)
    if persons.shape != rates.hazard.shape:
        raise MethodInputError(
            "population and rates do not pair",
            found=persons.shape,
            expected=f"{rates.hazard.shape} (regions, sex, ages)",
        )
    if not np.isfinite(persons).all():
        raise MethodInputError("an age without a number of persons", expected="all ages 0 … 100+")
    if (persons < 0).any():
        raise MethodInputError(
            "a negative number of persons", found=float(persons.min()), expected=">= 0"
        )
    return persons


def _step(
    persons: Array, rates: Rates, level: Array, fertility_factor: float, step: int
) -> tuple[Array, tuple[Array, ...]]:
    """One year; the new population and births, deaths, arrivals, departures, repair."""
    decline = (1.0 - rates.decline) ** (step + 1)
    alive = np.exp(-rates.hazard * decline[:, None])
    left = persons * rates.departure
    stayed = persons * alive - left
    aged = np.zeros_like(persons)
    aged[..., 1:] = stayed[..., :-1]
    aged[..., -1] += stayed[..., -1]
    departures = left.sum(axis=(1, 2))
    balance = level * persons.sum(axis=(1, 2)) + departures
    arrivals = np.maximum(balance, 0.0)
    aged += arrivals[:, None, None] * rates.arrival
    women = (persons[:, FEMALE] + aged[:, FEMALE]) / 2.0
    births = (women * rates.fertility).sum(axis=1) * fertility_factor
    share = np.array([SEX_RATIO_AT_BIRTH, 1.0]) / (1.0 + SEX_RATIO_AT_BIRTH)
    newborn = births[:, None] * share
    survivors = newborn * np.exp(-rates.newborn_hazard * decline)
    aged[..., 0] += survivors
    deaths = (persons * (1.0 - alive)).sum(axis=(1, 2)) + (newborn - survivors).sum(axis=1)
    return aged, (births, deaths, arrivals, departures, arrivals - balance)


def rake_to_groups(members: npt.ArrayLike, groups: npt.ArrayLike, group_of: npt.ArrayLike) -> Array:
    """Members scaled so that they add up to their group, cell by cell.

    Parameters
    ----------
    members : shape (…, regions, 2, ages).
    groups : what the members must add up to, shape (…, groups, 2, ages).
    group_of : group of each region.

    Returns
    -------
    Scaled members. A cell in which a group has persons and no member has any is divided by the
    members' totals.
    """
    part, whole = np.asarray(members, dtype=float), np.asarray(groups, dtype=float)
    index = np.asarray(group_of, dtype=int)
    sums = np.zeros_like(whole)
    np.add.at(np.moveaxis(sums, -3, 0), index, np.moveaxis(part, -3, 0))
    totals = part.sum(axis=(-1, -2), keepdims=True)
    group_totals = np.zeros((*whole.shape[:-2], 1, 1))
    np.add.at(np.moveaxis(group_totals, -3, 0), index, np.moveaxis(totals, -3, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(sums > 0, whole / sums, 0.0)
        share = np.where(group_totals > 0, 1.0 / group_totals, 0.0)
    lonely = np.where(sums > 0, 0.0, whole)
    scaled: Array = part * np.take(factor, index, axis=-3)
    spread: Array = totals * np.take(lonely * share, index, axis=-3)
    return scaled + spread
