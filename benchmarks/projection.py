"""Projection of all municipalities of Germany with simulations: time and memory.

10,800 synthetic municipalities in 400 Kreise to 2050 under 200 draws, and ten regions. Synthetic,
because the size counts here and nothing else; the limits are those of a laptop with two cores.
"""

from __future__ import annotations

import json
import resource
import time

import numpy as np

from pipeline.methods.age_splitting import AGES
from pipeline.methods.projection import Rates, project
from pipeline.methods.projection_bands import Spread, draw, simulate

LIMIT_SECONDS, LIMIT_BYTES, LIMIT_TEN_SECONDS = 45.0, 2e9, 2.0
YEARS, SIMULATIONS = 26, 200
AGE_GROUPS = ((0, 100), (0, 17), (18, 64), (65, 74), (75, 100), (80, 100))
KEEP = (6, 11, 16, 21, 26)


def synthetic_rates(kreise: int, seed: int = 1) -> Rates:
    """Plausible rates for `kreise` territories; no real place has them."""
    random = np.random.default_rng(seed)
    hazard = np.minimum(np.exp(-10.0 + 0.095 * AGES), 0.6) * random.uniform(
        0.9, 1.1, (kreise, 2, 1)
    )
    fertility = 0.1 * np.exp(-(((AGES - 31) / 6.0) ** 2)) * ((AGES >= 15) & (AGES <= 49))
    moves = 0.03 + 0.1 * np.exp(-(((AGES - 24) / 8.0) ** 2))
    arrival = np.broadcast_to(moves / (2 * moves.sum()), (kreise, 2, len(AGES)))
    return Rates(
        hazard=hazard,
        newborn_hazard=np.full((kreise, 2), 0.003),
        fertility=np.broadcast_to(fertility, (kreise, len(AGES))).copy(),
        departure=np.broadcast_to(moves * 0.6, (kreise, 2, len(AGES))).copy(),
        arrival=arrival.copy(),
        decline=np.array([0.013, 0.013]),
    )


def _measure(municipalities: int, kreise: int) -> float:
    random = np.random.default_rng(2)
    size = random.lognormal(8.0, 1.2, municipalities)
    shape = np.exp(-(((AGES - 45) / 35.0) ** 2))
    population = size[:, None, None] * np.broadcast_to(shape / (2 * shape.sum()), (2, len(AGES)))
    group_of = np.sort(random.integers(0, kreise, municipalities))
    group_of[:kreise] = np.arange(kreise)
    rates = synthetic_rates(kreise)
    level = np.full((municipalities, YEARS), 0.004)
    start = time.perf_counter()
    project(population, rates.take(group_of), level, base_year=2024, keep=[2050])
    spread = Spread(5e-6, 0.86, 0.02, 0.003)
    draws = draw(spread, rates.decline, years=YEARS, simulations=SIMULATIONS)
    simulate(population, rates, group_of, level, draws, AGE_GROUPS, KEEP)
    return time.perf_counter() - start


def run() -> dict[str, float]:
    """Measure; ratios to the limits (below 1 is within).

    Returns
    -------
    `vs_limit` (seconds for Germany / 45), `memory_vs_limit` (peak resident memory / 2 GB),
    `ten_vs_limit` (seconds for ten regions / 2).
    """
    ten = _measure(10, 10)
    germany = _measure(10_800, 400)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(
        f"10,800 municipalities × {SIMULATIONS} draws × {YEARS} years: {germany:.1f} s, "
        f"peak {peak / 1e9:.2f} GB; ten regions: {ten:.2f} s"
    )
    return {
        "vs_limit": round(germany / LIMIT_SECONDS, 3),
        "memory_vs_limit": round(peak / LIMIT_BYTES, 3),
        "ten_vs_limit": round(ten / LIMIT_TEN_SECONDS, 3),
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
