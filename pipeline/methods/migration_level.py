"""How high net migration will be: learned from years that are not exceptional.

A year's net migration rate of a municipality is taken apart into the rate of the Land, the
deviation of its Kreis from the Land, and its own deviation from the Kreis. The deviations last,
but not for ever, and a small place's single year says little. Both are measured from the series
of totals and used for the best linear prediction, whose error is known too.

The rates are residuals (growth less natural change), so they also hold corrections of the
register. 2015, the year of refuge, never sets a level; a change of the census basis never counts
as growth.

Sources: Azose, Raftery, Bayesian Probabilistic Projection of International Migration, Demography
52 (2015) (net migration rates as AR(1) processes that return to a mean); Henderson, Biometrics 31
(1975) (best linear unbiased prediction); Box, Jenkins, Time Series Analysis (autocovariance of an
AR(1) process observed with noise).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

from pipeline.errors import MethodInputError

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Gross turnover (arrivals plus departures) per inhabitant above which a place is taken to hold a
#: reception centre.
RECEPTION_TURNOVER = 0.15
#: A residual rate beyond this in one year is a change of borders, not migration.
IMPLAUSIBLE_RATE = 0.15
_PERSISTENCE_GRID = np.linspace(0.50, 1.00, 101)
#: Variance of a year that is not known: so far above any squared rate that the year has no say.
_UNKNOWN_VARIANCE = 1e6
#: Keeps the system of equations solvable where the fit has found no noise at all.
_LEAST_VARIANCE = 1e-18


class Persistence(NamedTuple):
    """How far deviations last, and how noisy a single year is.

    Attributes
    ----------
    variance : variance of the lasting deviation (rate a year, squared).
    persistence : share of a lasting deviation that is left a year later (0 … 1).
    noise : variance of a single year that does not depend on size.
    noise_per_person : variance of a single year times inhabitants.
    """

    variance: float
    persistence: float
    noise: float
    noise_per_person: float

    def noise_of(self, population: npt.ArrayLike) -> Array:
        """Variance of a single year's noise for places of this size."""
        return self.noise + self.noise_per_person / np.asarray(population, dtype=float)


class Prediction(NamedTuple):
    """Predicted deviations (regions, years) and the variance of their running sum."""

    mean: Array
    variance_of_sum: Array


def residual_rates(totals: npt.ArrayLike, natural: npt.ArrayLike) -> Array:
    """Net migration a year as a residual: growth of the logarithm less natural change.

    Parameters
    ----------
    totals : population at consecutive year ends, shape (regions, years); NaN where unknown.
    natural : births less deaths per inhabitant and year, shape (regions,) or (regions, years − 1).

    Returns
    -------
    Rates, shape (regions, years − 1); NaN beside an unknown total and where a change of borders
    shows (`IMPLAUSIBLE_RATE`).
    """
    persons = np.asarray(totals, dtype=float)
    change = np.asarray(natural, dtype=float)
    change = change[:, None] if change.ndim == 1 else change
    known = np.where(persons > 0, persons, np.nan)
    rates = np.diff(np.log(known), axis=1) - change
    return np.where(np.abs(rates) > IMPLAUSIBLE_RATE, np.nan, rates)


def has_reception_centre(turnover: npt.ArrayLike, population: npt.ArrayLike) -> Flags:
    """Whether arrivals plus departures exceed 15 % of the inhabitants ("Sondereffekt")."""
    return np.asarray(turnover, dtype=float) > RECEPTION_TURNOVER * np.asarray(population, float)


def deviations(
    rates: Array, weights: npt.ArrayLike, group_of: npt.ArrayLike
) -> tuple[Array, Array]:
    """Rates of groups (weighted means) and the members' deviations from them.

    Parameters
    ----------
    rates : shape (regions, years), NaN where unknown.
    weights : inhabitants of each region.
    group_of : group (0 … G − 1) of each region.

    Returns
    -------
    Rates of the groups, shape (G, years), and deviations, shape of `rates`.
    """
    group = np.asarray(group_of, dtype=int)
    weight = np.where(np.isnan(rates), 0.0, np.asarray(weights, dtype=float)[:, None])
    n = int(group.max()) + 1
    total, sums = np.zeros((n, rates.shape[1])), np.zeros((n, rates.shape[1]))
    np.add.at(total, group, weight)
    np.add.at(sums, group, weight * np.nan_to_num(rates))
    with np.errstate(invalid="ignore"):
        means = np.where(total > 0, sums / total, np.nan)
    return means, rates - means[group]


def fit_persistence(
    deviation: Array,
    years: Sequence[int],
    population: npt.ArrayLike,
    noise_years: Sequence[int] | None = None,
) -> Persistence:
    """Lasting variance, its decay and the noise of a year, from autocovariances.

    Parameters
    ----------
    deviation : shape (regions, years), NaN where unknown.
    years : calendar year of each column; gaps are allowed.
    population : inhabitants, shape (regions,).
    noise_years : years from which the noise of a year is learned (ordinary ones); all by default.

    Returns
    -------
    The fit of `variance · persistence^|lag|` to the covariances of all pairs of years, and of
    `noise + noise_per_person / inhabitants` to what is left of the squares.

    Raises
    ------
    MethodInputError : fewer than five regions or three years.
    """
    size = np.asarray(population, dtype=float)
    there = np.maximum((~np.isnan(deviation)).sum(axis=0), 1)  # a year may be unknown for all
    values = deviation - np.nansum(deviation, axis=0) / there
    if values.shape[0] < 5 or values.shape[1] < 3:
        raise MethodInputError(
            "too little to learn the persistence of migration from",
            found=values.shape,
            expected="at least 5 regions and 3 years",
            remedy="use the parameters of a larger territory",
        )
    quiet = np.isin(years, years if noise_years is None else noise_years)
    fit = _fit_once(values, years, size, np.ones_like(size), quiet)
    # noise falls with size, so large places say more about what lasts: weight by precision
    return _fit_once(values, years, size, 1.0 / (fit.variance + fit.noise_of(size)) ** 2, quiet)


def _fit_once(
    values: Array, years: Sequence[int], size: Array, weight: Array, quiet: Flags
) -> Persistence:
    """One weighted fit of `fit_persistence`; `quiet` flags the years that show noise."""
    known = ~np.isnan(values)
    filled, mass = np.nan_to_num(values), known * weight[:, None]
    # two years that no region knows both of have no mass, and no covariance either: 0, not 0 / 0
    together = np.maximum(known.T.astype(float) @ mass, np.finfo(float).tiny)
    covariance = (filled.T @ (filled * mass)) / together
    lag = np.abs(np.subtract.outer(np.asarray(years), np.asarray(years))).astype(float)
    upper = np.triu_indices(len(years), k=1)
    variance, persistence = _decay(covariance[upper], lag[upper])
    # what the lasting part does not explain is noise: regress it on 1 and 1 / size
    squares = (filled[:, quiet] ** 2 - variance)[known[:, quiet]]
    inverse = np.broadcast_to(1.0 / size[:, None], values[:, quiet].shape)[known[:, quiet]]
    share = np.broadcast_to(weight[:, None], values[:, quiet].shape)[known[:, quiet]] ** 0.5
    scale = np.array([1.0, np.median(size)])
    design = np.column_stack([np.ones_like(inverse), inverse]) * scale * share[:, None]
    noise, per_person = nnls(design, squares * share)[0] * scale
    return Persistence(variance, persistence, float(noise), float(per_person))


def _decay(covariances: Array, lags: Array) -> tuple[float, float]:
    """Least squares of `variance · persistence^lag`, variance not negative."""
    shape = _PERSISTENCE_GRID[:, None] ** lags
    variance = np.clip((shape @ covariances) / (shape**2).sum(axis=1), 0.0, None)
    loss = ((covariances - variance[:, None] * shape) ** 2).sum(axis=1)
    best = int(loss.argmin())
    return float(variance[best]), float(_PERSISTENCE_GRID[best])


def predict_deviations(
    deviation: Array,
    years: Sequence[int],
    future: Sequence[int],
    fit: Persistence,
    population: npt.ArrayLike,
) -> Prediction:
    """Best linear prediction of later years' deviations.

    Parameters
    ----------
    deviation : observed deviations, shape (regions, years), NaN where unknown.
    years, future : calendar years of the columns and of the prediction.
    fit : as returned by `fit_persistence`.
    population : inhabitants, shape (regions,).

    Returns
    -------
    Means, shape (regions, future years), and the variance of the sum of the true deviations
    (noise of the future years included) up to each year, about the predicted sum.
    """
    past, ahead = np.asarray(years, dtype=float), np.asarray(future, dtype=float)
    noise = fit.noise_of(population)
    unknown = np.isnan(deviation)

    def covariance(a: Array, b: Array) -> Array:
        return fit.variance * fit.persistence ** np.abs(np.subtract.outer(a, b))

    observed = covariance(past, past) + np.zeros((len(noise), 1, 1))
    diagonal = np.arange(len(past))
    single_year = np.where(unknown, _UNKNOWN_VARIANCE, noise[:, None] + _LEAST_VARIANCE)
    observed[:, diagonal, diagonal] += single_year
    across = covariance(past, ahead)
    weights = np.linalg.solve(observed, np.broadcast_to(across, (len(noise), *across.shape)))
    mean = np.einsum("rp,rpf->rf", np.nan_to_num(deviation), weights)
    error = covariance(ahead, ahead) - np.einsum("pf,rpg->rfg", across, weights)
    step = np.arange(len(ahead))
    error[:, step, step] += noise[:, None]
    running = error.cumsum(axis=1).cumsum(axis=2)[:, step, step]
    return Prediction(mean, np.clip(running, 0.0, None))


#: Rules for the level of a Land after an origin.
LEVEL_RULES: Mapping[str, str] = {
    "mean": "mean of all ordinary years known",
    "decaying": "from the last ordinary year back to that mean, at the persistence of the Kreise",
    "last": "the last ordinary year goes on",
}
#: A level that rests on one single year is no candidate, however well it did over three years; it
#: is forecast all the same and printed beside the others, as a naive rule.
SINGLE_YEAR_RULES: Final = frozenset({"last"})


def best_rule(errors: Mapping[str, float]) -> str:
    """The rule with the smallest error in the rolling origin that rests on more than one year."""
    return min((rule for rule in errors if rule not in SINGLE_YEAR_RULES), key=errors.__getitem__)


def land_levels(
    rates: Array, years: Sequence[int], future: Sequence[int], persistence: float, rule: str
) -> Array:
    """Expected rates of each Land by a rule of `LEVEL_RULES`, shape (Länder, future years).

    Parameters
    ----------
    rates : rates of ordinary years, shape (Länder, years), the last one known for all.
    persistence : share of a deviation that is left a year later.

    Raises
    ------
    MethodInputError : no such rule.
    """
    if rule not in LEVEL_RULES:
        raise MethodInputError("no such rule", found=rule, expected=", ".join(LEVEL_RULES))
    mean = np.nanmean(rates, axis=1)[:, None]
    left = {"mean": 0.0, "decaying": persistence, "last": 1.0}[rule]
    ahead = np.asarray(future, dtype=float) - years[-1]
    level: Array = mean + (rates[:, -1:] - mean) * left**ahead
    return level


def rolling_errors(
    rates: Array, years: Sequence[int], origin: int, persistence: float
) -> dict[str, float]:
    """Root mean square error of each rule's mean level after `origin`, over all Länder.

    Parameters
    ----------
    rates : rates of ordinary years, shape (Länder, years); those up to `origin` are known, the
        later ones are forecast.
    """
    known = np.asarray(years) <= origin
    early = [year for year in years if year <= origin]
    late = [year for year in years if year > origin]
    truth = np.nanmean(rates[:, ~known], axis=1)
    errors = {}
    for rule in LEVEL_RULES:
        forecast = land_levels(rates[:, known], early, late, persistence, rule).mean(axis=1)
        errors[rule] = float(np.sqrt(np.nanmean((forecast - truth) ** 2)))
    return errors


def level_step(rates: Array, years: Sequence[int]) -> float:
    """Variance a year of what is new in a Land's level.

    The mean squared change between neighbouring known years of all Länder (`rates`, shape
    (Länder, years)), divided by the years between them.
    """
    gaps = np.diff(np.asarray(years, dtype=float))
    return float(np.nanmean(np.diff(rates, axis=1) ** 2 / gaps))


def level_sum_variance(
    step: float, persistence: float, last_known: int, future: Sequence[int]
) -> Array:
    """Variance of the running sum of a level over `future` years, shape (future years,).

    An AR(1) process that gets `step` a year and was last seen in `last_known`: what is new in
    year s enters every later year f with `persistence^(f − s)`.
    """
    ahead = np.asarray(future, dtype=float)
    news = np.arange(last_known + 1, max(future) + 1, dtype=float)
    lag = ahead[None, :] - news[:, None]
    effect = np.where(lag >= 0, persistence ** np.maximum(lag, 0.0), 0.0)
    variance: Array = step * (effect.cumsum(axis=1) ** 2).sum(axis=0)
    return variance


def inflow_response(inflow: Array, outflow: Array, population: npt.ArrayLike) -> Array:
    """Who comes where more come: share of each sex and age in additional net migration.

    Parameters
    ----------
    inflow, outflow : persons, shape (regions, cells).
    population : inhabitants, shape (regions,).

    Returns
    -------
    Shares that sum to 1, none negative, shape (cells,): slopes of the cells' net rate on the
    overall net rate across regions, weighted by inhabitants. In a year of refuge they are the
    ages and sexes of the refugees, whom some places had to take in and others not.

    Raises
    ------
    MethodInputError : the overall rate is the same everywhere, so nothing follows from it.
    """
    size = np.asarray(population, dtype=float)
    net = (inflow - outflow) / size[:, None]
    overall = net.sum(axis=1)
    centred = overall - np.average(overall, weights=size)
    if not (centred**2 > 0).any():
        raise MethodInputError("all regions have the same net migration", found=float(overall[0]))
    slope = (size * centred) @ (net - np.average(net, axis=0, weights=size))
    positive: Array = np.clip(slope, 0.0, None)
    share: Array = positive / positive.sum()
    return share
