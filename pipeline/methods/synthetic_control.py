"""A comparison region put together from several, and what chance alone would have shown.

Weights are solved exactly (see `simplex_weights`), so they do not depend on a starting point. The
weights of *predictors* do: their search has many almost equal optima, and published results differ
by program (Proposition 99: Utah 0.334 or 0.36, Colorado 0.16 or 0.62). `synthetic_control` searches
from several starts, keeps the best, and reports the range of each weight over all starts that fit
as well.

Sources: Abadie, Diamond and Hainmueller, Journal of the American Statistical Association 105 (2010)
493; Arkhangelsky et al., American Economic Review 111 (2021) 4088 (synthetic difference in
differences, algorithm 1).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize, nnls

from pipeline.errors import MethodInputError

Floats = NDArray[np.float64]
DEFAULT_SEED = 20_251_231
#: Starts whose fit lies within this factor of the best count as fitting as well.
AS_GOOD = 1.01
#: A gap before the start above this share of the outcome's own spread is no fit; our convention.
WORST_FIT = 0.5
#: A range of a weight over equally good starts above this is reported; our convention.
WIDE_RANGE = 0.05


@dataclass(frozen=True)
class SyntheticControl:
    """A treated unit beside its synthetic comparison.

    Attributes
    ----------
    effect : mean gap from the start on (observed − synthetic).
    weights : weight of each comparison unit; sums to 1.
    gap : observed − synthetic, one a period.
    fit : root mean squared gap before the start.
    mspe_ratio : mean squared gap from the start on ÷ before it; infinite for a perfect fit.
    weight_range : `low` and `high` of each weight over the starts that fit as well as the best;
        None without predictors (then the weights are the one optimum).
    flags : what a reader must know (German, printed).
    """

    effect: float
    weights: pd.Series
    gap: pd.Series
    fit: float
    mspe_ratio: float
    weight_range: pd.DataFrame | None
    flags: tuple[str, ...]


@dataclass(frozen=True)
class SyntheticDid:
    """Synthetic difference in differences: effect, weights of units and of earlier periods."""

    effect: float
    unit_weights: pd.Series
    period_weights: pd.Series


def simplex_weights(
    columns: Floats, target: Floats, *, ridge: float = 0.0, intercept: bool = False
) -> Floats:
    """Weights (≥ 0, sum 1) of the columns that come nearest to the target, in squared distance.

    With weights that sum to 1 the distance is ‖(columns − target)·w‖, without a constant. The point
    of a cone with the same direction, min ‖C·y‖² + (Σy − 1)² over y ≥ 0, is an ordinary
    non-negative least squares problem; y ÷ Σy solves the original one exactly.

    Parameters
    ----------
    columns : rows (periods, predictors) × units. target : one number a row.
    ridge : adds `ridge`·‖w‖². intercept : allow a constant difference.
    """
    difference = columns - target[:, None]
    if intercept:
        difference = difference - difference.mean(axis=0)
    if ridge:
        difference = np.vstack([difference, np.sqrt(ridge) * np.eye(columns.shape[1])])
    scale = np.sqrt((difference**2).mean()) * np.sqrt(len(difference)) or 1.0
    stacked = np.vstack([difference / scale, np.ones(columns.shape[1])])
    aim = np.append(np.zeros(len(difference)), 1.0)
    solution, _ = nnls(stacked, aim, maxiter=30 * stacked.shape[1])
    weights: Floats = solution / solution.sum()
    return weights


def synthetic_control(
    outcome: pd.DataFrame,
    treated: Hashable,
    start: object,
    *,
    predictors: pd.DataFrame | None = None,
    starts: int = 8,
    seed: int = DEFAULT_SEED,
) -> SyntheticControl:
    """The synthetic comparison of one treated unit.

    Parameters
    ----------
    outcome : periods (sorted index) × units; complete.
    treated : column of the treated unit. start : first treated period.
    predictors : units × predictors (index: the units); None fits all earlier outcomes equally.
    starts : how many starting points the search for the predictors' weights takes.
    """
    before, after, own, others = _parts(outcome, [treated], start)
    target, pool = own.mean(axis=1).to_numpy(), others.to_numpy()
    weight_range = None
    flags: list[str] = []
    if predictors is None:
        weights = simplex_weights(pool[before], target[before])
    else:
        weights, weight_range = _predictor_weights(
            _scaled_predictors(predictors, treated, others.columns),
            pool[before],
            target[before],
            starts,
            seed,
        )
        weight_range.index = others.columns
        if (weight_range["high"] - weight_range["low"]).max() > WIDE_RANGE:
            flags.append("Gewichte hängen vom Startpunkt der Suche ab (siehe Spannen)")
    gap = target - pool @ weights
    fit = float(np.sqrt(np.mean(gap[before] ** 2)))
    if fit > WORST_FIT * np.std(target[before]) and len(target[before]) > 2:
        flags.append("schlechte Anpassung vor Beginn: die Lücke danach ist nicht deutbar")
    later = float(np.mean(gap[after] ** 2))
    return SyntheticControl(
        effect=float(np.mean(gap[after])),
        weights=pd.Series(weights, index=others.columns, name="weight"),
        gap=pd.Series(gap, index=outcome.index, name="gap"),
        fit=fit,
        mspe_ratio=later / fit**2 if fit > 0 else float("inf"),
        weight_range=weight_range,
        flags=tuple(flags),
    )


def synthetic_did(
    outcome: pd.DataFrame, treated: Sequence[Hashable], start: object
) -> SyntheticDid:
    """Synthetic difference in differences for units that start together.

    `outcome` as in `synthetic_control`. Unit weights carry the ridge of the paper,
    ζ² = √(treated units × treated periods) · variance of first differences of the comparison units
    before the start; both kinds of weights allow a constant. Period weights carry the paper's
    tiny ridge (1e-6 of that standard deviation), which only makes them unique.
    """
    before, after, own, others = _parts(outcome, treated, start)
    pool, target = others.to_numpy(), own.mean(axis=1).to_numpy()
    if before.sum() < 2:
        raise MethodInputError("two periods before the start are needed", found=int(before.sum()))
    noise = float(np.std(np.diff(pool[before], axis=0), ddof=1))
    zeta = (own.shape[1] * int(after.sum())) ** 0.25 * noise
    units = simplex_weights(
        pool[before], target[before], ridge=zeta**2 * int(before.sum()), intercept=True
    )
    periods = simplex_weights(
        pool[before].T,
        pool[after].mean(axis=0),
        ridge=(1e-6 * noise) ** 2 * pool.shape[1],
        intercept=True,
    )
    gap = target - pool @ units
    return SyntheticDid(
        effect=float(gap[after].mean() - periods @ gap[before]),
        unit_weights=pd.Series(units, index=others.columns, name="weight"),
        period_weights=pd.Series(periods, index=outcome.index[before], name="weight"),
    )


def placebo_test(outcome: pd.DataFrame, treated: Hashable, start: object) -> pd.DataFrame:
    """Every comparison unit treated as if it had been the one (the true one left out).

    Returns
    -------
    One row a unit, largest `mspe_ratio` first: `unit`, `effect`, `fit`, `mspe_ratio`, `rank`,
    `is_treated`, `fits_five_times_worse` (than the treated one: such a gap proves little). The
    p-value is `placebo_p(rank of the treated, rows)`.
    """
    _, _, _, others = _parts(outcome, [treated], start)
    if others.shape[1] < 2:
        raise MethodInputError("a placebo needs two comparison units", found=others.shape[1])
    fits = {treated: synthetic_control(outcome, treated, start)}
    fits |= {unit: synthetic_control(others, unit, start) for unit in others.columns}
    table = pd.DataFrame(
        {
            "unit": list(fits),
            "effect": [fit.effect for fit in fits.values()],
            "fit": [fit.fit for fit in fits.values()],
            "mspe_ratio": [fit.mspe_ratio for fit in fits.values()],
        }
    )
    table["rank"] = table["mspe_ratio"].rank(ascending=False, method="max").astype(int)
    table["is_treated"] = table["unit"] == treated
    table["fits_five_times_worse"] = table["fit"] > 5 * fits[treated].fit
    return table.sort_values(["rank", "unit"], ignore_index=True)


def placebo_p(rank: int, units: int) -> float:
    """Rank of the treated unit among all (1 = most extreme) ÷ their number."""
    if not 1 <= rank <= units:
        raise MethodInputError("a rank lies between 1 and the number of units", found=(rank, units))
    return rank / units


def _parts(
    outcome: pd.DataFrame, treated: Sequence[Hashable], start: object
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], pd.DataFrame, pd.DataFrame]:
    """Masks of the periods before and from the start on; treated and comparison columns."""
    unknown = [unit for unit in treated if unit not in outcome.columns]
    if unknown or not treated:
        raise MethodInputError("the treated unit has no outcome", found=unknown or "no unit")
    others = outcome.drop(columns=list(treated))
    if others.empty or others.shape[1] == 0:
        raise MethodInputError(
            "there are no comparison units",
            found=list(outcome.columns),
            remedy="add regions without the measure",
        )
    if not outcome.index.is_monotonic_increasing or not outcome.index.is_unique:
        raise MethodInputError("periods must rise and stand once")
    if not np.isfinite(outcome.to_numpy(dtype="float64")).all():
        gaps = outcome.columns[~np.isfinite(outcome.to_numpy(dtype="float64")).all(axis=0)]
        raise MethodInputError(
            "outcomes are missing",
            found=list(gaps[:5]),
            expected="a value for every unit and period",
            remedy="leave out the unit or the period; do not fill in",
        )
    before = np.asarray(outcome.index < start)
    if not before.any() or before.all():
        raise MethodInputError("periods before and from the start on are needed", found=start)
    return before, ~before, outcome[list(treated)], others


def _scaled_predictors(
    predictors: pd.DataFrame, treated: Hashable, pool: pd.Index
) -> tuple[Floats, Floats]:
    """Predictors of the pool (predictors × units) and of the treated unit, at unit variance."""
    missing = [unit for unit in [treated, *pool] if unit not in predictors.index]
    if missing:
        raise MethodInputError("units without predictors", found=missing[:5])
    rows = predictors.loc[[treated, *pool]].astype("float64")
    spread = rows.std(ddof=1)
    if rows.isna().any(axis=None) or not (spread > 0).all():
        raise MethodInputError(
            "predictors must be complete and differ between units",
            found=list(rows.columns[rows.isna().any() | ~(spread > 0)]),
        )
    scaled = (rows / spread).to_numpy()
    return scaled[1:].T, scaled[0]


def _predictor_weights(
    predictors: tuple[Floats, Floats], pool: Floats, target: Floats, starts: int, seed: int
) -> tuple[Floats, pd.DataFrame]:
    """Unit weights under the predictor weights that fit the earlier outcomes best."""
    columns, own = predictors
    count = len(own)

    def units(logs: Floats) -> Floats:
        importance = np.exp(logs - logs.max())
        root = np.sqrt(importance / importance.sum())
        return simplex_weights(columns * root[:, None], own * root)

    def loss(logs: Floats) -> float:
        return float(np.mean((target - pool @ units(logs)) ** 2))

    generator = np.random.default_rng(seed)
    firsts = [np.zeros(count), _regression_start(columns, own, pool, target)]
    firsts += [generator.normal(0, 2, count) for _ in range(max(starts - 2, 0))]
    found = [
        minimize(loss, first, method="Nelder-Mead", options={"maxiter": 200 * count})
        for first in firsts[: max(starts, 1)]
    ]
    best = min(result.fun for result in found)
    good = np.array([units(r.x) for r in found if r.fun <= best * AS_GOOD + 1e-12])
    weight_range = pd.DataFrame({"low": good.min(axis=0), "high": good.max(axis=0)})
    return units(min(found, key=lambda result: float(result.fun)).x), weight_range


def _regression_start(columns: Floats, own: Floats, pool: Floats, target: Floats) -> Floats:
    """Log predictor weights from a regression of earlier outcomes on the predictors."""
    units = np.column_stack([own, columns]).T
    design = np.column_stack([np.ones(len(units)), units])
    outcomes = np.column_stack([target, pool]).T
    coefficients = np.linalg.lstsq(design, outcomes, rcond=None)[0][1:]
    importance = (coefficients**2).sum(axis=1)
    logs: Floats = np.log(importance / importance.sum() + 1e-9)
    return logs
