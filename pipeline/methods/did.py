"""Difference in differences: before and after, with and without.

The panel of all functions: one row a unit and period, `unit`, `time_period` (sortable),
`obs_value`; and `treated_from`, a Series unit → first treated period (missing: never treated).

What the estimate rests on (parallel trends, no effect before the start, no spill-over to the
comparison units) cannot be proved; periods before the start can only fail to refute it.

Sources: Card and Krueger, American Economic Review 84 (1994) 772 (two by two); Callaway and
Sant'Anna, Journal of Econometrics 225 (2021) 200 (group-time effects); Goodman-Bacon, Journal of
Econometrics 225 (2021) 254 (why one coefficient fails for different starts).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any, Literal

import numpy as np
import pandas as pd

from pipeline.errors import MethodInputError

#: With fewer treated units errors clustered by unit are far too small; permutation instead.
LEAST_CLUSTERS = 5
MOST_PERMUTATIONS = 10_000
DEFAULT_SEED = 20_251_231


@dataclass(frozen=True)
class Effect:
    """An estimated effect.

    Attributes
    ----------
    estimate : in units of the outcome.
    standard_error : clustered by unit; None where there are too few treated units for it.
    p_value : two-sided; None where nothing can be said.
    least_p : smallest p that the permutation could have given; None for clustered errors.
    inference : how the p-value came about (German, printed).
    treated, comparison : number of units.
    """

    estimate: float
    standard_error: float | None
    p_value: float | None
    least_p: float | None
    inference: str
    treated: int
    comparison: int


def two_by_two(
    treated_before: float, treated_after: float, comparison_before: float, comparison_after: float
) -> float:
    """(treated after − before) − (comparison after − before), from four means."""
    values = (treated_before, treated_after, comparison_before, comparison_after)
    if not np.isfinite(values).all():
        raise MethodInputError("four means are needed", found=values)
    return (treated_after - treated_before) - (comparison_after - comparison_before)


def common_start(treated_from: pd.Series) -> tuple[list[object], object]:
    """The treated units and their one start; `MethodInputError` for none, or different starts."""
    starts = treated_from.dropna()
    if starts.empty:
        raise MethodInputError("no unit is treated", found=f"{len(treated_from)} units")
    if len(starts) == len(treated_from):
        raise MethodInputError(
            "there are no comparison units",
            found="all units are treated",
            expected="units that are never treated",
            remedy="add regions without the measure, or ask for the contribution instead",
        )
    if starts.nunique() > 1:
        raise MethodInputError(
            "the treated units start at different times",
            found=sorted(starts.unique()),
            expected="one start for all",
            remedy="use group_time_effects, which compares each start with untreated units only",
        )
    return list(starts.index), starts.iloc[0]


def two_way_effect(
    panel: pd.DataFrame, treated_from: pd.Series, *, seed: int = DEFAULT_SEED
) -> Effect:
    """Effect from a regression with fixed effects of units and periods, for one common start.

    In a balanced panel it equals the difference of differences of the means. With fewer than five
    treated units no standard error is given; the p-value then comes from handing the treatment to
    other units (all ways, or 10,000 drawn with `seed`).
    """
    wide = _checked_panel(panel, treated_from)
    treated, start = common_start(treated_from)
    if not ((wide.index < start).any() and (wide.index >= start).any()):
        raise MethodInputError("the panel needs periods before and after the start", found=start)
    comparison = len(treated_from) - len(treated)
    on = panel["unit"].isin(treated).to_numpy() & (panel["time_period"] >= start).to_numpy()
    long = panel.assign(on=on.astype("float64")).dropna(subset=["obs_value"])
    # takes a second to import, for which commands without regressions need not wait
    import statsmodels.formula.api as smf

    fit = smf.ols("obs_value ~ on + C(unit) + C(time_period)", data=long).fit()
    estimate = float(fit.params["on"])
    if min(len(treated), comparison) >= LEAST_CLUSTERS:
        codes = pd.factorize(long["unit"])[0]
        robust = fit.get_robustcov_results("cluster", groups=codes)
        place = list(fit.params.index).index("on")
        return Effect(
            estimate,
            float(robust.bse[place]),
            float(robust.pvalues[place]),
            None,
            "Standardfehler nach Einheiten geclustert",
            len(treated),
            comparison,
        )
    p_value, least = _permutation(wide, treated, start, seed)
    return Effect(
        estimate,
        None,
        p_value,
        least,
        "Permutation der behandelten Einheiten (zu wenige für Standardfehler)",
        len(treated),
        comparison,
    )


def group_time_effects(
    panel: pd.DataFrame,
    treated_from: pd.Series,
    *,
    comparison: Literal["never", "not_yet"] = "never",
    base: Literal["varying", "universal"] = "varying",
) -> pd.DataFrame:
    """Effect of each group of starters in each period, ATT(g, t), without covariates.

    Parameters
    ----------
    comparison : units never treated, or all that are not treated yet in either period.
    base : period compared with. Always the last before the start from the start on; before the
        start the period before (`varying`, for a look at trends) or the same one (`universal`).

    Returns
    -------
    One row a group and period: `group` (first treated period), `time_period`, `estimate`,
    `standard_error` (from the spread of the changes in both arms; missing with one unit in an arm),
    `treated`, `comparison` (units), `is_before`, `flag`. A group that is treated from the first
    period on has nothing to be compared with and no row.
    """
    wide = _checked_panel(panel, treated_from)
    periods = list(wide.index)
    rows: list[dict[str, object]] = []
    for group in sorted(treated_from.dropna().unique()):
        members = treated_from.index[treated_from == group]
        for period in periods:
            against = _compared_with(period, group, periods, base)
            if against is None:
                continue
            others = _untreated(treated_from, max(period, against), comparison)
            rows.append(
                {
                    "group": group,
                    "time_period": period,
                    **_arm_difference(
                        wide.loc[period] - wide.loc[against], members, others.difference(members)
                    ),
                    "is_before": period < group,
                }
            )
    if not rows:
        raise MethodInputError(
            "no group has a period before its start", remedy="add earlier periods"
        )
    return pd.DataFrame(rows)


def average_effect(effects: pd.DataFrame) -> float:
    """Mean of the effects from the start on, weighted by the treated units of each group."""
    after = effects[~effects["is_before"] & effects["estimate"].notna()]
    if after.empty:
        raise MethodInputError("there is no effect from the start on")
    return float(np.average(after["estimate"], weights=after["treated"]))


def _compared_with(period: Any, group: Any, periods: list[Any], base: str) -> Any | None:
    """The period that `period` is compared with; None where there is none, or it is the same."""
    before = [earlier for earlier in periods if earlier < group]
    if base == "varying" and period < group:
        before = [earlier for earlier in before if earlier < period]
    if not before or before[-1] == period:
        return None
    return before[-1]


def _untreated(treated_from: pd.Series, until: object, comparison: str) -> pd.Index:
    never = treated_from.isna()
    if comparison == "never":
        return treated_from.index[never]
    return treated_from.index[never | (treated_from > until)]


def _arm_difference(change: pd.Series, members: pd.Index, others: pd.Index) -> dict[str, object]:
    one, other = change[members].dropna(), change[others].dropna()
    if one.empty or other.empty:
        estimate = error = np.nan
    else:
        estimate = one.mean() - other.mean()
        error = np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
    return {
        "estimate": estimate,
        "standard_error": error,
        "treated": len(one),
        "comparison": len(other),
        "flag": "" if len(other) else "keine Vergleichseinheiten",
    }


def _permutation(
    wide: pd.DataFrame, treated: list[object], start: object, seed: int
) -> tuple[float | None, float | None]:
    """Two-sided p of the change of the treated among all ways to choose as many units."""
    change = wide[wide.index >= start].mean() - wide[wide.index < start].mean()
    change = change.dropna()
    size = len(treated)
    if not set(treated) <= set(change.index) or len(change) <= size:
        return None, None
    values = change.to_numpy()
    total = values.sum()

    def contrast(part: np.ndarray) -> np.ndarray:
        inside = values[part].sum(axis=-1)
        outside = (total - inside) / (len(values) - size)
        return np.asarray(inside / size - outside)

    ways = comb(len(values), size)
    if ways <= MOST_PERMUTATIONS:
        draws = np.array(list(combinations(range(len(values)), size)))
    else:
        generator = np.random.default_rng(seed)
        ways = MOST_PERMUTATIONS
        own = change.index.get_indexer(pd.Index(treated))[None, :]
        shuffled = generator.permuted(
            np.tile(np.arange(len(values)), (MOST_PERMUTATIONS - 1, 1)), axis=1
        )
        draws = np.concatenate([own, shuffled[:, :size]])
    observed = abs(contrast(change.index.get_indexer(pd.Index(treated))))
    as_large = np.abs(contrast(draws)) >= observed - 1e-12
    return float(as_large.mean()), 1 / ways


def _checked_panel(panel: pd.DataFrame, treated_from: pd.Series) -> pd.DataFrame:
    """The panel as periods × units."""
    missing = [name for name in ("unit", "time_period", "obs_value") if name not in panel.columns]
    if missing:
        raise MethodInputError("columns missing in the panel", found=missing)
    if panel.duplicated(["unit", "time_period"]).any():
        raise MethodInputError("a unit has two values in a period")
    if set(panel["unit"]) != set(treated_from.index) or not treated_from.index.is_unique:
        odd = sorted(map(str, set(panel["unit"]) ^ set(treated_from.index)))
        raise MethodInputError(
            "the panel and the list of starts name different units", found=odd[:5]
        )
    if treated_from.isna().all():
        raise MethodInputError("no unit is treated", found=f"{len(treated_from)} units")
    if not treated_from.isna().any() and treated_from.nunique() == 1:
        raise MethodInputError("there are no comparison units", found="all units are treated")
    return panel.pivot(index="time_period", columns="unit", values="obs_value").sort_index()
