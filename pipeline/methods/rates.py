"""Rates, ratios and their uncertainty.

Sources
-------
- Byar, Wilson, Dobson limits and the rules for small counts: OHID (formerly Public Health
  England), "Technical Guide: Confidence intervals" and its companion package PHEindicatormethods;
  Breslow and Day, Statistical Methods in Cancer Research II (1987), p. 69 (Byar); Wilson, JASA 22
  (1927) 209; Dobson et al., Statistics in Medicine 10 (1991) 457.
- Standardisation: Preston, Heuveline, Guillot, Demography (2001), chapter 2.
- Funnel limits: Spiegelhalter, Statistics in Medicine 24 (2005) 1185.
- Test for trend: Armitage, Biometrics 11 (1955) 375, in the form for Poisson counts.

Numbers go in as scalars, arrays or columns and come out in the same shape. A missing number
(NaN: a hidden count, say) gives a missing result; whatever the definition rules out (negative
counts, nobody at risk, a proportion above 1) raises `MethodInputError`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from pipeline.errors import MethodInputError
from pipeline.methods.arrays import as_numbers
from pipeline.methods.standard_population import esp2013

#: Below this number of events a rate is not standardised, and ratios get exact limits (OHID).
SMALL_COUNT: Final = 10
#: Status of a rate that is left out because it rests on fewer events than that.
TOO_FEW_STATUS: Final = "unreliable"
HIDDEN_STATUS: Final = "confidential_or_unknown"

#: Fewest points in time that a trend tag is given for (own choice).
TREND_MINIMUM_POINTS: Final = 5
#: Level of significance of the trend tag.
TREND_SIGNIFICANCE: Final = 0.05
#: The rule of the trend tag, as printed beside it.
TREND_RULE: Final = (
    "Steigend oder fallend heißt: Der Chi-Quadrat-Test auf linearen Trend der Raten (Poisson) ist "
    f"auf dem {TREND_SIGNIFICANCE * 100:.0f}-Prozent-Niveau signifikant. Verlangt sind mindestens "
    f"{TREND_MINIMUM_POINTS} Zeitpunkte auf derselben Bevölkerungsbasis und zusammen mindestens "
    f"{SMALL_COUNT} Fälle. „Kein Trend erkennbar“ heißt nicht, dass sich nichts geändert hat."
)

Number = float | NDArray[np.float64]


class Interval(NamedTuple):
    """Lower and upper limit."""

    low: Number
    high: Number


class Estimate(NamedTuple):
    """A value with its limits; named as the columns of an observation.

    ``frame.assign(**crude_rate(frame["count"], frame["population"])._asdict())`` adds all three.
    """

    obs_value: Number
    ci_low: Number
    ci_high: Number


class StandardisedRate(NamedTuple):
    """A standardised rate; NaN with a status where it rests on too few events."""

    obs_value: float
    ci_low: float
    ci_high: float
    obs_status: str
    total_count: float


# ------------------------------------------------------------------------------- intervals


def byar_interval(x: ArrayLike, conf: float = 0.95) -> Interval:
    """Byar's limits of a Poisson count: ``x`` events → limits in events.

    A count has no negative limit: where the approximation gives one (no or hardly any event),
    the lower limit is 0.
    """
    count, z = _counts(x, "x"), _z(conf)
    above = count + 1
    with np.errstate(divide="ignore", invalid="ignore"):
        low = count * (1 - 1 / (9 * count) - z / (3 * np.sqrt(count))) ** 3
    low = np.where(count == 0, 0.0, np.maximum(low, 0.0))
    high = above * (1 - 1 / (9 * above) + z / (3 * np.sqrt(above))) ** 3
    return Interval(_unwrap(low), _unwrap(high))


def exact_poisson_interval(x: ArrayLike, conf: float = 0.95) -> Interval:
    """Exact (chi-squared) limits of a Poisson count: ``x`` events → limits in events."""
    count = _counts(x, "x")
    tail = _tail(conf)
    # chi2.ppf(p, 2a) / 2 is the inverse of the incomplete gamma function
    low = np.where(count == 0, 0.0, special.gammaincinv(np.maximum(count, 1e-300), tail))
    high = special.gammaincinv(count + 1, 1 - tail)
    return Interval(_unwrap(low), _unwrap(high))


def count_interval(x: ArrayLike, conf: float = 0.95) -> Interval:
    """Limits of a count by the OHID rule: exact below `SMALL_COUNT` events, Byar from there on."""
    count = _counts(x, "x")
    exact, byar = exact_poisson_interval(count, conf), byar_interval(count, conf)
    small = count < SMALL_COUNT
    return Interval(
        _unwrap(np.where(small, exact.low, byar.low)),
        _unwrap(np.where(small, exact.high, byar.high)),
    )


def wilson_interval(x: ArrayLike, n: ArrayLike, conf: float = 0.95) -> Interval:
    """Wilson score limits of a proportion: ``x`` of ``n`` persons → limits within [0, 1].

    ``x`` need not be whole (OHID uses it for modelled counts). `MethodInputError` for ``n`` of
    zero and for ``x`` above ``n``.
    """
    (count, total), z = _pair(x, n, "x", "n"), _z(conf)
    _check_proportion(count, total)
    share = count / total
    centre = 2 * count + z**2
    reach = z * np.sqrt(z**2 + 4 * count * (1 - share))
    scale = 2 * (total + z**2)
    # at 0 of n and n of n the formula meets the estimate but for the last bit
    low = np.clip((centre - reach) / scale, 0.0, share)
    high = np.clip((centre + reach) / scale, share, 1.0)
    return Interval(_unwrap(low), _unwrap(high))


# ------------------------------------------------------------------------------ crude rates


def proportion(
    x: ArrayLike, n: ArrayLike, *, multiplier: float = 100, conf: float = 0.95
) -> Estimate:
    """Share of persons with a trait and its Wilson limits, per ``multiplier`` (100: percent)."""
    low, high = wilson_interval(x, n, conf)
    count, total = _pair(x, n, "x", "n")
    share = count / total
    return Estimate(*(_unwrap(np.multiply(v, multiplier)) for v in (share, low, high)))


def crude_rate(
    count: ArrayLike,
    population: ArrayLike,
    *,
    multiplier: float = 100_000,
    conf: float = 0.95,
    events_may_repeat: bool = False,
) -> Estimate:
    """Events per ``multiplier`` persons (or person-years) with limits by `count_interval`.

    `MethodInputError` for a population of zero, and for more events than persons unless
    `events_may_repeat` says that one person can have several (hospital cases, say).
    """
    events, persons = _pair(count, population, "count", "population")
    if not events_may_repeat:
        _check_proportion(
            events, persons, remedy="set events_may_repeat=True if a person counts twice"
        )
    low, high = count_interval(events, conf)
    return Estimate(*(_unwrap(np.multiply(v, multiplier) / persons) for v in (events, low, high)))


def pool_years(
    frame: pd.DataFrame,
    by: Sequence[str],
    *,
    years: int = 3,
    time: str = "time_period",
    sums: Sequence[str] = ("count", "population"),
    basis: str | None = None,
) -> pd.DataFrame:
    """Sums over windows of `years` consecutive years, so that small counts can be shown.

    Parameters
    ----------
    frame : one row a year and a group; whole years in `time`.
    by : columns that name a group.
    sums : columns to add up (events and person-years).
    basis : column with the census basis of the population; no window crosses a break.

    Returns
    -------
    One row a group and a complete window: `by`, `time` ("2022–2024"), `sums` and `obs_status`.
    A window with a missing (hidden) number has no sum: it would be too small unsaid. Windows with
    gaps are left out. Consecutive windows overlap: print one of them, or every `years`-th,
    because the difference of two overlapping windows gives away single years.
    """
    if years < 1:
        raise MethodInputError("years to pool", found=years, expected="1 or more")
    groups = [*by, basis] if basis else list(by)
    _require_columns(frame, groups, [time, *sums])
    if frame.duplicated([*groups, time]).any():
        raise MethodInputError("a year stands twice in one group", column=time)
    table = frame.reset_index(drop=True)
    table[time] = _whole_years(table[time], time)
    table = table.sort_values([*groups, time])
    grouped = table.groupby(groups, sort=False, dropna=False)
    is_complete = table[time] - grouped[time].shift(years - 1) == years - 1
    for name in sums:
        table[name] = grouped[name].transform(lambda column: column.rolling(years).sum())
    pooled = table[is_complete].copy()
    first_year = (pooled[time] - (years - 1)).astype("str")
    pooled[time] = first_year if years == 1 else first_year + "–" + pooled[time].astype("str")
    is_hidden = pooled[list(sums)].isna().any(axis="columns")
    pooled["obs_status"] = np.where(is_hidden, HIDDEN_STATUS, "")
    return pooled[[*groups, time, *sums, "obs_status"]].reset_index(drop=True)


# -------------------------------------------------------------------------- standardisation


def is_too_few_to_standardise(total_count: float) -> bool:
    """Whether a directly standardised rate of so many events is left out (fewer than 10)."""
    return not bool(_counts(total_count, "total_count") >= SMALL_COUNT)


def directly_standardised_rate(
    counts: ArrayLike,
    populations: ArrayLike,
    standard: ArrayLike | None = None,
    *,
    multiplier: float = 100_000,
    conf: float = 0.95,
) -> StandardisedRate:
    """Directly standardised rate of one population, with Dobson limits on Byar's.

    Parameters
    ----------
    counts, populations : events and persons by age group, in the order of `standard`.
    standard : persons or shares of the standard by age group; default is the European Standard
        Population 2013 (19 groups to 90 and over).
    multiplier : the rate is per so many persons.

    Returns
    -------
    Value and limits; NaN and status `unreliable` where fewer than 10 events are observed.

    Raises
    ------
    MethodInputError : when age groups are missing, hold nobody or the standard sums to zero.
    """
    weights = _weights(esp2013() if standard is None else standard)
    events, persons = _pair(counts, populations, "counts", "populations")
    if events.ndim != 1 or not events.shape == persons.shape == weights.shape:
        raise MethodInputError(
            "age groups are missing",
            found=f"{events.size} counts, {persons.size} populations, {weights.size} weights",
            expected="one number an age group of the standard",
            remedy="give an age group without events a 0, and pool age groups of nobody",
        )
    if np.isnan(events).any() or np.isnan(persons).any():
        raise MethodInputError(
            "an age group has no number",
            remedy="a hidden count is no zero: standardise over wider age groups or more years",
        )
    total = float(events.sum())
    if is_too_few_to_standardise(total):
        return StandardisedRate(np.nan, np.nan, np.nan, TOO_FEW_STATUS, total)
    share = weights / weights.sum()
    value = float(np.sum(share * events / persons))
    variance = float(np.sum((share / persons) ** 2 * events))
    low, high = (
        value + math.sqrt(variance / total) * (float(limit) - total)
        for limit in byar_interval(total, conf)
    )
    return StandardisedRate(value * multiplier, low * multiplier, high * multiplier, "", total)


def directly_standardised_rates(
    frame: pd.DataFrame,
    by: Sequence[str],
    standard: pd.Series | None = None,
    *,
    age: str = "age_from",
    count: str = "count",
    population: str = "population",
    multiplier: float = 100_000,
    conf: float = 0.95,
) -> pd.DataFrame:
    """Directly standardised rates of many populations.

    Parameters
    ----------
    frame : one row an age group and population.
    by : columns that name a population (`ref_area`, `time_period` …).
    standard : persons by age group, indexed by the values of `age`; default as in
        `directly_standardised_rate`.

    Returns
    -------
    One row a population: `by`, `obs_value`, `ci_low`, `ci_high`, `obs_status`, `total_count`.

    Raises
    ------
    MethodInputError : names the first population whose age groups are not those of the standard.
    """
    weights = esp2013() if standard is None else standard
    _require_columns(frame, by, [age, count, population])
    rows = []
    for key, group in frame.groupby(list(by), sort=True, dropna=False):
        indexed = group.set_index(age)
        if indexed.index.has_duplicates or set(indexed.index) != set(weights.index):
            missing = [str(a) for a in weights.index if a not in indexed.index]
            surplus = [str(a) for a in indexed.index if a not in weights.index]
            raise MethodInputError(
                f"the age groups of {key} are not those of the standard",
                column=age,
                found=f"missing {missing}, unknown {surplus}, {len(indexed)} rows",
                expected=f"each of {list(weights.index)} once",
            )
        ordered = indexed.loc[weights.index]
        rate = directly_standardised_rate(
            ordered[count], ordered[population], weights, multiplier=multiplier, conf=conf
        )
        rows.append({**dict(zip(by, key, strict=True)), **rate._asdict()})
    return pd.DataFrame(rows, columns=[*by, *StandardisedRate._fields])


def expected_events(populations: ArrayLike, reference_rates: ArrayLike) -> float:
    """Events that a population would have at the age-specific rates (per person) of a reference."""
    persons = _counts(populations, "populations")
    rates = _counts(reference_rates, "reference_rates")
    if persons.shape != rates.shape or np.isnan(persons).any() or np.isnan(rates).any():
        raise MethodInputError(
            "age groups are missing",
            found=f"{persons.size} populations, {rates.size} rates",
            expected="a number for every age group on both sides",
        )
    return float(np.sum(persons * rates))


def indirectly_standardised_ratio(
    observed: ArrayLike,
    expected: ArrayLike,
    *,
    reference_value: float = 1.0,
    conf: float = 0.95,
) -> Estimate:
    """Observed over expected events (SMR, ISR) with limits by `count_interval`.

    `reference_value` scales the ratio: 100, or the reference's crude rate for an indirectly
    standardised rate. `MethodInputError` where nothing is expected.
    """
    events, base = _pair(observed, expected, "observed", "expected")
    low, high = count_interval(events, conf)
    return Estimate(*(_unwrap(np.multiply(v, reference_value) / base) for v in (events, low, high)))


# ------------------------------------------------------------------------------------ funnel


def funnel_limits_of_proportion(n: ArrayLike, benchmark: float, *, conf: float = 0.95) -> Interval:
    """Control limits of a proportion around `benchmark`, for units of ``n`` persons.

    A unit lies outside exactly when its Wilson interval leaves the benchmark out. Only chance is
    modelled: real units also differ in what no data show, so see `overdispersion` first.
    """
    total = _at_risk(n, "n")
    if not 0 <= benchmark <= 1:
        raise MethodInputError("the benchmark is no proportion", found=benchmark, expected="0 … 1")
    reach = _z(conf) * np.sqrt(benchmark * (1 - benchmark) / total)
    return Interval(
        _unwrap(np.clip(benchmark - reach, 0.0, 1.0)), _unwrap(np.clip(benchmark + reach, 0.0, 1.0))
    )


def funnel_limits_of_ratio(expected: ArrayLike, *, conf: float = 0.95) -> Interval:
    """Control limits of observed over expected around 1, for units with so many expected events.

    The limits are the ratios whose exact Poisson interval just touches 1. Only chance is
    modelled; see `overdispersion`.
    """
    base, tail = _at_risk(expected, "expected"), _tail(conf)
    # pdtrik inverts the Poisson distribution in its count; below exp(-expected) it has no answer
    low = np.where(np.exp(-base) >= tail, 0.0, special.pdtrik(tail, base))
    high = np.where(np.exp(-base) >= 1 - tail, 1.0, special.pdtrik(1 - tail, base) + 1)
    return Interval(_unwrap(np.clip(low, 0, base) / base), _unwrap(np.maximum(high, base) / base))


def overdispersion(observed: ArrayLike, expected: ArrayLike) -> float:
    """How much more units vary than by chance alone: Pearson's chi-squared over units minus one.

    About 1 where chance explains the spread. Well above 1, funnel limits flag too many units;
    they are not widened here, because which units are out of the ordinary is then a judgement.
    """
    events, base = _pair(observed, expected, "observed", "expected")
    if events.shape != base.shape or events.size < 2 or np.isnan(events + base).any():
        raise MethodInputError("overdispersion needs two or more units without missing numbers")
    return float(np.sum((events - base) ** 2 / base) / (events.size - 1))


# ------------------------------------------------------------------------------------- trend


class Trend(NamedTuple):
    """A trend tag; `reason` says (in German) why it is "nicht bestimmbar"."""

    trend: str
    p_value: float
    points: int
    reason: str


def trend_tag(
    years: ArrayLike,
    counts: ArrayLike,
    populations: ArrayLike,
    basis: Sequence[str] | None = None,
) -> Trend:
    """Tag of a series of yearly rates by `TREND_RULE`.

    Parameters
    ----------
    years, counts, populations : one number a point in time.
    basis : census basis of each population; a series over a break gets no tag, because the break
        alone moves rates.

    Returns
    -------
    "steigend", "fallend", "kein Trend erkennbar" or "nicht bestimmbar" with the reason. Minimum
    of points and level of significance are the project's own choice.
    """
    time = _finite(years, "years")
    events, persons = _pair(counts, populations, "counts", "populations")
    if not time.shape == events.shape == persons.shape or np.unique(time).size != time.size:
        raise MethodInputError("a trend needs one count and one population for each year, once")
    if np.isnan(events).any() or np.isnan(persons).any():
        return Trend("nicht bestimmbar", np.nan, time.size, "Werte der Reihe fehlen.")
    if time.size < TREND_MINIMUM_POINTS:
        reason = f"Es liegen nur {time.size} Zeitpunkte vor."
        return Trend("nicht bestimmbar", np.nan, time.size, reason)
    if basis is not None and len(set(basis)) > 1:
        reason = "Die Reihe wechselt die Bevölkerungsbasis."
        return Trend("nicht bestimmbar", np.nan, time.size, reason)
    if events.sum() < SMALL_COUNT:
        reason = f"Die Reihe hat zusammen weniger als {SMALL_COUNT} Fälle."
        return Trend("nicht bestimmbar", np.nan, time.size, reason)
    slope, p_value = _poisson_trend(time, events, persons)
    if p_value >= TREND_SIGNIFICANCE:
        return Trend("kein Trend erkennbar", p_value, time.size, "")
    return Trend("steigend" if slope > 0 else "fallend", p_value, time.size, "")


def _poisson_trend(
    time: NDArray[np.float64], events: NDArray[np.float64], persons: NDArray[np.float64]
) -> tuple[float, float]:
    """Score statistic of a linear trend (its sign is the direction) and two-sided p-value."""
    centred = time - np.average(time, weights=persons)
    rate = events.sum() / persons.sum()
    score = float(np.sum(centred * events))
    variance = float(rate * np.sum(persons * centred**2))
    return score, float(special.chdtrc(1, score**2 / variance))


# ------------------------------------------------------------------------------------ checks


def _unwrap(values: NDArray[Any]) -> Number:
    """A scalar for a scalar, an array for an array."""
    return float(values) if np.ndim(values) == 0 else np.asarray(values, dtype="float64")


def _finite(values: ArrayLike, name: str) -> NDArray[np.float64]:
    array = as_numbers(values, name)
    if np.isinf(array).any():
        raise MethodInputError(f"'{name}' is infinite", found=values)
    return array


def _counts(values: ArrayLike, name: str) -> NDArray[np.float64]:
    array = _finite(values, name)
    if (array < 0).any():
        raise MethodInputError(
            f"'{name}' is negative", found=float(np.nanmin(array)), expected="0 or more"
        )
    return array


def _at_risk(values: ArrayLike, name: str) -> NDArray[np.float64]:
    array = _counts(values, name)
    if (array == 0).any():
        raise MethodInputError(
            f"'{name}' is zero: no rate can be formed",
            expected="more than 0",
            remedy="leave the area out, or pool it with others",
        )
    return array


def _pair(
    numerator: ArrayLike, denominator: ArrayLike, name: str, base: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Checked numerator and denominator that belong together row by row."""
    count, total = _counts(numerator, name), _at_risk(denominator, base)
    if count.ndim and total.ndim and count.shape != total.shape:
        raise MethodInputError(
            f"'{name}' and '{base}' differ in length", found=(count.shape, total.shape)
        )
    both = isinstance(numerator, pd.Series) and isinstance(denominator, pd.Series)
    if both and not numerator.index.equals(denominator.index):  # type: ignore[union-attr]
        raise MethodInputError(
            f"'{name}' and '{base}' are columns of different rows",
            remedy="merge them into one table first",
        )
    return count, total


def _check_proportion(
    count: NDArray[np.float64], total: NDArray[np.float64], remedy: str | None = None
) -> None:
    if (count > total).any():
        raise MethodInputError(
            "more events than persons: the rate is above 1",
            expected="count ≤ population",
            remedy=remedy or "check that numerator and denominator are of one area and one year",
        )


def _weights(standard: ArrayLike) -> NDArray[np.float64]:
    weights = _counts(standard, "standard")
    if np.isnan(weights).any() or weights.sum() <= 0:
        raise MethodInputError(
            "the weights of the standard are missing or sum to zero", found=float(weights.sum())
        )
    return weights


def _require_columns(frame: pd.DataFrame, groups: Sequence[str], others: Sequence[str]) -> None:
    missing = [name for name in (*groups, *others) if name not in frame.columns]
    if missing or not groups:
        raise MethodInputError(
            "the table lacks columns" if missing else "no column names the groups",
            found=list(frame.columns),
            expected=", ".join(missing) or "one column or more in `by`",
        )


def _whole_years(values: pd.Series, name: str) -> pd.Series:
    years = pd.to_numeric(values, errors="coerce")
    if years.isna().any() or (years % 1 != 0).any():
        raise MethodInputError(
            "not every time is a whole year",
            column=name,
            found=values[years.isna() | (years % 1 != 0)].iloc[0],
            expected="a year, 2024 say",
        )
    return years.astype("int64")


def _tail(conf: float) -> float:
    """Probability of one tail."""
    if isinstance(conf, bool) or not isinstance(conf, int | float) or not 0 < conf < 1:
        raise MethodInputError(
            "the confidence level is no share",
            found=conf,
            expected="between 0 and 1",
            remedy="write 95 % as 0.95",
        )
    return (1 - conf) / 2


def _z(conf: float) -> float:
    """Normal quantile of a two-sided confidence level."""
    return float(-special.ndtri(_tail(conf)))
