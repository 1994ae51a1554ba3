"""How much a facility counts when it takes time to get there: weights by travel cost.

A decay takes travel costs (minutes or kilometres, any shape) and returns weights of the same
shape. The unit of the cost and the unit of the decay's own parameters must be the same; no code
can tell.

Sources: step and Gaussian weights Luo and Qi, Health & Place 15 (2009) 1100; power weights Hansen,
Journal of the American Institute of Planners 25 (1959) 73. All are assumptions about behaviour: a
report names the decay and shows how much the result depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import MethodInputError

Floats = NDArray[np.float64]
Decay = Callable[[ArrayLike], Floats]

#: Weights of the zones 0–10, 10–20 and 20–30 minutes in Luo and Qi (2009); an assumption anywhere
#: but in northern Illinois.
LUO_QI_STEPS: Mapping[float, float] = {10: 1.0, 20: 0.68, 30: 0.22}


def within(limit: float) -> Decay:
    """1 up to and including `limit`, 0 beyond: the plain two-step catchment."""
    return steps({_positive(limit, "limit"): 1.0})


def steps(zones: Mapping[float, float]) -> Decay:
    """One weight a zone: upper bound (inclusive) → weight; 0 beyond the last zone.

    Weights must not rise with the cost: a farther facility never counts more.
    """
    ordered = sorted(zones.items())
    weights = [weight for _, weight in ordered]
    if not ordered or not np.isfinite([*zones.keys(), *weights]).all() or min(weights) < 0:
        raise MethodInputError(
            "zones need upper bounds and weights of 0 or more",
            found=dict(zones),
            expected="for example {10: 1, 20: 0.68, 30: 0.22}",
        )
    if any(near < far for near, far in pairwise(weights)):
        raise MethodInputError("a farther zone weighs more than a nearer one", found=dict(zones))
    bounds = np.array([bound for bound, _ in ordered], dtype="float64")
    table = np.array([*weights, 0.0])

    def decay(cost: ArrayLike) -> Floats:
        weight: Floats = table[np.searchsorted(bounds, checked_costs(cost), side="left")]
        return weight

    return decay


def gaussian(sigma: float) -> Decay:
    """exp(−t²/2σ²): 1 at the door, 0.61 at σ. Reaches 0 nowhere: give a largest cost as well."""
    width = _positive(sigma, "sigma")
    return lambda cost: np.exp(-(checked_costs(cost) ** 2) / (2 * width**2))


def exponential(rate: float) -> Decay:
    """exp(−rate·t). Reaches 0 nowhere: give a largest cost as well."""
    speed = _positive(rate, "rate")
    return lambda cost: np.exp(-speed * checked_costs(cost))


def power(exponent: float, *, scale: float = 1.0, minimum: float = 0.0) -> Decay:
    """(max(t, minimum)/scale)^−exponent.

    Parameters
    ----------
    exponent : above 0.
    scale : cost at which the weight is 1.
    minimum : smallest cost that counts as such; a facility next door would weigh infinitely much.

    The returned decay raises `MethodInputError` for a cost of zero when `minimum` is zero.
    """
    steepness, unit = _positive(exponent, "exponent"), _positive(scale, "scale")

    def decay(cost: ArrayLike) -> Floats:
        time = np.maximum(checked_costs(cost), minimum)
        if (time <= 0).any():
            raise MethodInputError(
                "a power decay is infinite at a cost of zero",
                found=f"{int((time <= 0).sum())} pairs at zero",
                expected="costs above zero",
                remedy="state the smallest cost that counts, e.g. minimum=1 (minute)",
            )
        weight: Floats = (time / unit) ** -steepness
        return weight

    return decay


def checked_costs(cost: ArrayLike) -> Floats:
    """Costs as floats; `MethodInputError` for missing or negative ones (infinite is allowed)."""
    costs = np.asarray(cost, dtype="float64")
    if np.isnan(costs).any() or (costs < 0).any():
        raise MethodInputError(
            "travel costs must be numbers of 0 or more",
            found=f"{int(np.isnan(costs).sum())} missing, {int((costs < 0).sum())} negative",
            remedy="leave out the pair, or write infinity where there is no way",
        )
    return costs


def _positive(value: float, name: str) -> float:
    if not (np.isfinite(value) and value > 0):
        raise MethodInputError(f"'{name}' must be above zero", found=value)
    return value
