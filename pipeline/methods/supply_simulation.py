"""Uncertainty of a supply forecast: many runs, bands, one seed.

Two kinds of chance are kept together in a band: what nobody knows about the whole region (when
doctors retire on average, how many come, how much they work: drawn once a run) and the luck of
the few (this doctor, this year: drawn for each). In an area with a dozen doctors the second is as
large as the first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.errors import MethodInputError
from pipeline.methods.exit_rules import OLDEST
from pipeline.methods.supply import MEASURES, stock_by_age

DEFAULT_SEED = 20_251_231
#: Quantiles of the bands: 80 % and 95 %, and the median.
QUANTILES: dict[str, float] = {
    "low95": 0.025,
    "low80": 0.10,
    "median": 0.50,
    "high80": 0.90,
    "high95": 0.975,
}


@dataclass(frozen=True)
class Span:
    """A number known only within bounds; drawn evenly between them."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.low) and np.isfinite(self.high) and 0 <= self.low <= self.high):
            raise MethodInputError(
                "bounds", found=(self.low, self.high), expected="0 <= low <= high"
            )

    def draw(self, generator: np.random.Generator, size: int) -> np.ndarray:
        """`size` draws."""
        return generator.uniform(self.low, self.high, size)


@dataclass(frozen=True)
class Assumptions:
    """What the simulation draws from. All are assumptions of whoever runs it.

    Attributes
    ----------
    retirement_age : mean retirement age of the region, drawn once a run.
    retirement_spread : standard deviation of single doctors around that mean, in years.
    entries_a_year : expected heads a year, drawn once a run; the count of a year is Poisson.
    seats_per_head : part-time factor of successors, drawn once a run.
    hours_per_head : weekly hours of successors, drawn once a run.
    """

    retirement_age: Span = Span(65, 68)
    retirement_spread: float = 2.5
    entries_a_year: Span = Span(0, 0)
    seats_per_head: Span = Span(0.6, 1.0)
    hours_per_head: Span = Span(25, 36)

    def __post_init__(self) -> None:
        if not self.retirement_spread >= 0:
            raise MethodInputError(
                "spread of retirement", found=self.retirement_spread, expected="0 or more"
            )
        if self.seats_per_head.high > 1:
            raise MethodInputError(
                "full seats a head", found=self.seats_per_head.high, expected="at most 1"
            )


def simulate_supply(
    doctors: pd.DataFrame,
    *,
    base_year: int,
    target_year: int,
    assumptions: Assumptions,
    runs: int = 2000,
    seed: int = DEFAULT_SEED,
) -> pd.DataFrame:
    """Bands of heads, full seats and hours each year.

    Parameters
    ----------
    doctors : one row a doctor: `age`, `weight` (full seats), `weekly_hours` if known; ages at the
        end of `base_year`.
    runs, seed : the same seed gives the same bands.

    Returns
    -------
    One row a year and measure: `year`, `measure`, `low95`, `low80`, `median`, `high80`, `high95`.
    Hours are left out where one doctor's are missing. Entrants stay to the horizon, which is
    why it must not exceed 25 years.
    """
    horizon = target_year - base_year
    if not 1 <= horizon <= 25:
        raise MethodInputError("horizon in years", found=horizon, expected="1 to 25")
    if runs < 100:
        raise MethodInputError("too few runs for a 95 % band", found=runs, expected="100 or more")
    stock = stock_by_age(doctors)  # checks every age, weight and hour
    measures = [name for name in MEASURES if not stock[name].isna().any()]
    generator = np.random.default_rng(seed)
    leaving = _years_to_exit(doctors["age"].to_numpy(float), assumptions, runs, generator)
    per_doctor = _per_doctor(doctors)
    entered = _entered(assumptions, runs, horizon, generator)
    rows = []
    for offset in range(horizon + 1):
        here = leaving > offset
        for name in measures:
            total = here @ per_doctor[name] + entered[name][:, offset]
            rows.append({"year": base_year + offset, "measure": name, **_band(total)})
    return pd.DataFrame(rows)


def _years_to_exit(
    ages: np.ndarray, assumptions: Assumptions, runs: int, generator: np.random.Generator
) -> np.ndarray:
    """Whole years until each doctor has left, runs x doctors; who is overdue leaves next year."""
    mean = assumptions.retirement_age.draw(generator, runs)[:, np.newaxis]
    spread = generator.normal(0.0, 1.0, (runs, len(ages))) * assumptions.retirement_spread
    retirement = np.minimum(mean + spread, OLDEST)
    years: np.ndarray = np.maximum(np.ceil(retirement - ages[np.newaxis, :]), 1)
    return years


def _per_doctor(doctors: pd.DataFrame) -> dict[str, np.ndarray]:
    seats = pd.to_numeric(doctors["weight"]).to_numpy(float)
    hours = doctors.get("weekly_hours", pd.Series(np.nan, index=doctors.index))
    return {
        "heads": np.ones(len(doctors)),
        "seats": seats,
        "hours": pd.to_numeric(hours, errors="coerce").to_numpy(float),
    }


def _entered(
    assumptions: Assumptions, runs: int, horizon: int, generator: np.random.Generator
) -> dict[str, np.ndarray]:
    """Heads, seats and hours that have come by each year, runs x (horizon + 1)."""
    rate = assumptions.entries_a_year.draw(generator, runs)
    coming = generator.poisson(rate[:, np.newaxis], (runs, horizon))
    heads = np.concatenate([np.zeros((runs, 1)), coming.cumsum(axis=1)], axis=1)
    seats = assumptions.seats_per_head.draw(generator, runs)[:, np.newaxis]
    hours = assumptions.hours_per_head.draw(generator, runs)[:, np.newaxis]
    return {"heads": heads, "seats": heads * seats, "hours": heads * hours}


def _band(totals: np.ndarray) -> dict[str, float]:
    values = np.quantile(totals, list(QUANTILES.values()))
    return dict(zip(QUANTILES, (float(value) for value in values), strict=True))
