"""Uncertainty of a projection: simulated where regions share it, analytic where each has its own.

Simulated draws change what all regions of a Land share: the level of migration, fertility, the
decline of mortality. What is a municipality's own (its deviation from the Land's level, the luck
of single persons) is added analytically, through the measured effect of one more migrant.

Source: Lee, Tuljapurkar, Stochastic Population Forecasts for the United States, JASA 89 (1994)
(parameters as random processes); Alho, Spencer, Statistical Demography and Forecasting (2005)
(propagation of error).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from pipeline.errors import MethodInputError
from pipeline.methods.age_splitting import AGES
from pipeline.methods.fertility import FIRST_AGE, LAST_AGE, SEX_RATIO_AT_BIRTH
from pipeline.methods.projection import Rates

Array = npt.NDArray[np.float64]
Single = npt.NDArray[np.float32]

#: Numbers that one block of the simulation holds: small enough to stay in a processor's cache.
_BLOCK = 120_000
_CELLS = 2 * len(AGES)
_FEMALE_ZERO = len(AGES)


@dataclass(frozen=True)
class Draws:
    """Random paths that all regions of a Land share, one row a simulation.

    Attributes
    ----------
    level : added to the net migration rate, shape (simulations, years).
    fertility : factor on birth rates, shape (simulations, years).
    decline : yearly decline of hazards by sex, shape (simulations, 2).
    """

    level: Array
    fertility: Array
    decline: Array


class Spread(NamedTuple):
    """How uncertain the shared assumptions are.

    Attributes
    ----------
    level_step, level_persistence : variance a year of what is new in the level, and its memory.
    fertility_step : standard deviation a year of the logarithm of fertility (random walk).
    decline : standard deviation of the yearly decline of mortality, both sexes alike.
    """

    level_step: float
    level_persistence: float
    fertility_step: float
    decline: float


def draw(
    spread: Spread,
    decline: npt.ArrayLike,
    *,
    years: int,
    lead: int = 0,
    simulations: int = 200,
    seed: int = 20151231,
) -> Draws:
    """Paths of the shared assumptions; the same seed gives the same paths.

    Parameters
    ----------
    decline : expected yearly decline by sex, shape (2,).
    years : length of the projection.
    lead : years between the last year whose level is known and the base year.

    Draws come in pairs of opposite sign, so that their mean is the expected path.
    """
    if simulations < 2 or simulations % 2:
        raise MethodInputError(
            "simulations come in pairs", found=simulations, expected="an even number from 2 on"
        )
    random = np.random.default_rng(seed)
    half = simulations // 2

    def pairs(*shape: int) -> Array:
        normal = random.standard_normal((half, *shape))
        return np.concatenate([normal, -normal])

    news = pairs(years + lead) * np.sqrt(spread.level_step)
    level = np.zeros_like(news)
    for year in range(years + lead):
        before = level[:, year - 1] if year else 0.0
        level[:, year] = spread.level_persistence * before + news[:, year]
    fertility = np.exp(spread.fertility_step * pairs(years).cumsum(axis=1))
    return Draws(
        level=level[:, lead:],
        fertility=fertility,
        decline=np.asarray(decline, dtype=float) + spread.decline * pairs(1),
    )


class Moments(NamedTuple):
    """What the simulations say of sums over age groups.

    Attributes
    ----------
    mean : shape (regions, age groups, kept years).
    relative_variance : variance / mean², same shape: shared uncertainty only.
    response : relative change of the sum for one more migrant per inhabitant over the years so
        far, same shape.
    """

    mean: Array
    relative_variance: Array
    response: Array


def simulate(
    population: npt.ArrayLike,
    rates: Rates,
    group_of: npt.ArrayLike,
    net_migration: npt.ArrayLike,
    draws: Draws,
    age_groups: Sequence[tuple[int, int]],
    keep: Sequence[int],
    *,
    workers: int = 2,
) -> Moments:
    """Project many regions under many draws, group by group, in blocks.

    Parameters
    ----------
    population : shape (regions, 2, ages).
    rates : of the groups; `group_of` says which a region uses, shape (regions,).
    net_migration : expected rate, shape (regions, years).
    draws : shared paths.
    age_groups : first and last age of each sum (last = 100: open).
    keep : steps (1 … years) at which sums are taken.
    workers : threads; the result does not depend on them.

    Numbers are single precision inside a block (relative error about 1e-6) and double in the
    moments.
    """
    persons = np.asarray(population, dtype=np.float32).reshape(-1, _CELLS)
    groups = np.asarray(group_of, dtype=int)
    level = np.asarray(net_migration, dtype=float)
    shape = (len(persons), len(age_groups), len(keep))
    out = [np.zeros(shape) for _ in range(3)]
    indicator = _indicator(age_groups)
    cumulated = draws.level.cumsum(axis=1)[:, [step - 1 for step in keep]]

    def one(group: int) -> None:
        members = np.flatnonzero(groups == group)
        parts = _group_moments(
            persons[members], rates.take([group]), level[members], draws, indicator, keep, cumulated
        )
        for target, part in zip(out, parts, strict=True):
            target[members] = part

    with ThreadPoolExecutor(max_workers=workers) as pool:
        list(pool.map(one, np.unique(groups)))
    first, second, cross = out
    return _moments(first, second, cross, cumulated)


def _indicator(age_groups: Sequence[tuple[int, int]]) -> Single:
    inside = np.array([np.isin(AGES, range(first, last + 1)) for first, last in age_groups])
    return np.concatenate([inside, inside], axis=1).astype(np.float32)


def _group_moments(
    persons: Single,
    rates: Rates,
    level: Array,
    draws: Draws,
    indicator: Single,
    keep: Sequence[int],
    cumulated: Array,
) -> tuple[Array, Array, Array]:
    """Sums over simulations of x, x² and x · cumulated level, for the regions of one group."""
    simulations = len(draws.level)
    regions = len(persons)
    shape = (regions, len(indicator), len(keep))
    first, second, cross = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    regions_a_block = max(1, min(regions, _BLOCK // _CELLS))
    draws_a_block = max(1, _BLOCK // (_CELLS * regions_a_block))
    for start in range(0, regions, regions_a_block):
        block = slice(start, start + regions_a_block)
        for begin in range(0, simulations, draws_a_block):
            some = slice(begin, begin + draws_a_block)
            sums = _project_block(persons[block], rates, level[block], draws, some, indicator, keep)
            first[block] += sums.sum(axis=0)
            second[block] += (sums**2).sum(axis=0)
            cross[block] += np.einsum("srgk,sk->rgk", sums, cumulated[some])
    return first / simulations, second / simulations, cross / simulations


def _project_block(
    persons: Single,
    rates: Rates,
    level: Array,
    draws: Draws,
    some: slice,
    indicator: Single,
    keep: Sequence[int],
) -> Array:
    """Sums (simulations, regions, age groups, kept steps) for a few draws and regions."""
    hazard = rates.hazard[0].astype(np.float32)
    departure = rates.departure[0].astype(np.float32)
    arrival = rates.arrival[0].astype(np.float32).reshape(_CELLS)
    measure = _measure(rates)
    decline, extra = draws.decline[some], draws.level[some]
    n_draws, n_regions = len(decline), len(persons)
    now = np.repeat(persons[None], n_draws, axis=0)
    following, inflow = np.empty_like(now), np.empty_like(now)
    sums = np.empty((n_draws, n_regions, len(indicator), len(keep)))
    fertility = draws.fertility[some].astype(np.float32)
    infants = _surviving_infants(rates, decline, level.shape[1])
    total, leaving, births = measure(now)
    for step in range(level.shape[1]):
        factor = (1.0 - decline) ** (step + 1)
        stay = np.exp(-hazard * factor[:, :, None].astype(np.float32)) - departure
        _age(now, stay, following)
        rate = (level[None, :, step] + extra[:, step, None]).astype(np.float32)
        np.multiply(np.maximum(rate * total + leaving, 0.0)[..., None], arrival, out=inflow)
        following += inflow
        total, leaving, later_births = measure(following)
        newborn = (births + later_births) / 2 * fertility[:, step, None]
        births = later_births
        for sex, cell in enumerate((0, _FEMALE_ZERO)):
            survivors = newborn * infants[:, step, None, sex]
            following[..., cell] += survivors
            total += survivors
            leaving += survivors * departure[sex, 0]
        now, following = following, now
        if step + 1 in keep:
            sums[..., list(keep).index(step + 1)] = np.einsum("drc,gc->drg", now, indicator)
    return sums


def _measure(rates: Rates) -> Callable[[Single], tuple[Single, Single, Single]]:
    """Function that gives persons, departures and births of a year for blocks of populations.

    einsum and not `@`: the threads of a BLAS library and those of `simulate` would fight for the
    same cores.
    """
    everyone = np.ones(_CELLS, dtype=np.float32)
    departure = rates.departure[0].reshape(_CELLS).astype(np.float32)
    mothers = slice(_FEMALE_ZERO + FIRST_AGE, _FEMALE_ZERO + LAST_AGE + 1)
    fertility = rates.fertility[0, FIRST_AGE : LAST_AGE + 1].astype(np.float32)

    def measure(block: Single) -> tuple[Single, Single, Single]:
        cells = ((block, everyone), (block, departure), (block[..., mothers], fertility))
        total, leaving, births = (np.einsum("drc,c->dr", part, weight) for part, weight in cells)
        return total, leaving, births

    return measure


def _surviving_infants(rates: Rates, decline: Array, years: int) -> Single:
    """Boys and girls alive at the year end a birth, shape (draws, years, 2)."""
    share = np.array([SEX_RATIO_AT_BIRTH, 1.0]) / (1.0 + SEX_RATIO_AT_BIRTH)
    factor = (1.0 - decline[:, None]) ** np.arange(1, years + 1)[None, :, None]
    alive: Array = share * np.exp(-rates.newborn_hazard[0] * factor)
    return alive.astype(np.float32)


def _age(now: Single, stay: Single, following: Single) -> None:
    """`following` = who stays, one year older; the open group keeps its own.

    Both sexes in one contiguous stroke: men of the open group would land on newborn girls, so
    they are taken out of it and added where they belong.
    """
    flat = stay.reshape(len(stay), 1, _CELLS)
    open_men, open_women = _FEMALE_ZERO - 1, _CELLS - 1
    inner = flat.copy()
    inner[..., open_men] = 0.0
    np.multiply(now[..., :-1], inner[..., :-1], out=following[..., 1:])
    following[..., 0] = 0.0
    for last in (open_men, open_women):
        following[..., last] += now[..., last] * flat[..., last]


def _moments(first: Array, second: Array, cross: Array, cumulated: Array) -> Moments:
    variance = np.clip(second - first**2, 0.0, None)
    spread = cumulated.var(axis=0)
    covariance = cross - first * cumulated.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(first > 0, variance / first**2, 0.0)
        response = np.where((first > 0) & (spread > 0), covariance / (first * spread), 0.0)
    return Moments(first, relative, response)


class Bands(NamedTuple):
    """Lower and upper bounds, shape of the central values."""

    lower: Array
    upper: Array


def log_variance(moments: Moments, own_variance: npt.ArrayLike) -> Array:
    """Variance of the logarithm of each sum: shared, own, and the luck of single persons.

    Parameters
    ----------
    own_variance : variance of the running sum of a region's own deviation of migration,
        shape (regions, kept years).

    Persons of an age group come and go one by one: Poisson, 1 / persons (the whole population's
    luck is part of `own_variance`, which was learned from its totals; counting it again for age
    groups errs on the wide side).
    """
    own = np.asarray(own_variance, dtype=float)[:, None]
    total = moments.mean[:, :1]
    with np.errstate(divide="ignore"):
        persons = np.where(moments.mean > 0, 1.0 / moments.mean - 1.0 / total, 0.0)
    variance: Array = np.log1p(moments.relative_variance) + moments.response**2 * own + persons
    return variance


def bands(central: npt.ArrayLike, variance: npt.ArrayLike, multiplier: float) -> Bands:
    """Log-normal band: `central · exp(± multiplier · sd)`."""
    middle = np.asarray(central, dtype=float)
    width = multiplier * np.sqrt(np.asarray(variance, dtype=float))
    return Bands(middle * np.exp(-width), middle * np.exp(width))


def normal_multiplier(coverage: float) -> float:
    """Standard deviations that hold `coverage` of a normal distribution (1.28 for 0.8)."""
    if not 0 < coverage < 1:
        raise MethodInputError("a coverage is a share", found=coverage, expected="0 < share < 1")
    return float(norm.ppf((1 + coverage) / 2))
