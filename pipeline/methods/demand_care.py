"""Persons in need of care: rates by sex and age times the population.

Rates times ages is expected *utilisation* at the behaviour of the year that the rates are from,
not need. Published rates are of four age groups; they hide that the rate rises steeply between 75
and 85.

Sources: GBE-Bund, Pflegebedürftige 2021, Anzahl und Quote (rates); Destatis,
Pflegevorausberechnung 2023 (constant rates; rates that go on rising, damped, until 2027).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.errors import MethodInputError, NoDataError
from pipeline.methods.age_splitting import group_index

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class AgeRates:
    """Rates by sex and age group.

    Attributes
    ----------
    name : what is counted.
    year : year that the rates are from.
    starts : first age of each group, the last one open.
    men, women : persons (or cases) per person; None: not published.
    source : title of the publication.
    """

    name: str
    year: int
    starts: tuple[int, ...]
    men: tuple[float, ...] | None
    women: tuple[float, ...] | None
    source: str

    def single(self) -> Array:
        """Rates by sex and single age 0 … 100+, shape (2, ages).

        Raises
        ------
        NoDataError : no rates by age and sex are known ("keine Daten").
        MethodInputError : rates that do not pair with the age groups, or negative ones.
        """
        if self.men is None or self.women is None:
            raise NoDataError(
                f"no rates by age and sex for '{self.name}'",
                expected="a published table of rates by sex and age group",
                remedy="the report says 'keine Daten'",
            )
        rates = np.array([self.men, self.women], dtype=float)
        if rates.shape[1] != len(self.starts) or not (rates >= 0).all():
            raise MethodInputError(
                "rates and age groups do not pair",
                found=rates.shape,
                expected=f"two times {len(self.starts)}",
            )
        return rates[:, group_index(self.starts)]


#: GBE-Bund 2021, in percent: under 75, 75–84, 85–89, 90 and over.
CARE_RATES_2021 = AgeRates(
    name="care_dependants",
    year=2021,
    starts=(0, 75, 85, 90),
    men=(0.023, 0.196, 0.432, 0.696),
    women=(0.023, 0.271, 0.606, 0.864),
    source="GBE-Bund, Pflegebedürftige (Anzahl und Quote) 2021",
)
#: Until then the rising variant of Destatis lets rates go up.
RISE_UNTIL = 2027
#: How far rates have risen by then: 6.3 against 5.6 million in 2035 (Destatis 2023), both rounded.
RISE = 6.3 / 5.6 - 1.0


def expected_count(population: npt.ArrayLike, rates: AgeRates) -> Array:
    """Expected persons (or cases): sum of rate times persons over sex and age.

    Parameters
    ----------
    population : persons, shape (…, 2, ages 0 … 100+), men first.
    """
    persons = np.asarray(population, dtype=float)
    if not (np.isfinite(persons).all() and (persons >= 0).all()):
        raise MethodInputError("a negative or missing number of persons", expected=">= 0")
    expected: Array = np.einsum("...sa,sa->...", persons, rates.single())
    return expected


def rising_factor(years: Sequence[int], *, since: int, until: int = RISE_UNTIL) -> Array:
    """Factor on rates that go on rising, damped, until `until` and then stay.

    Assumption: the yearly rise falls evenly to nothing; Destatis says "damped" and prints no path.

    Parameters
    ----------
    since : year of the rates (factor 1).
    """
    if until <= since:
        raise MethodInputError("the rise ends before it begins", found=until, expected=f"> {since}")
    share = np.clip((np.asarray(years, dtype=float) - since) / (until - since), 0.0, 1.0)
    return 1.0 + RISE * (1.0 - (1.0 - share) ** 2)


class Calibration(NamedTuple):
    """Fit of expected to published totals.

    Attributes
    ----------
    factor : published / expected; expected values are multiplied by it.
    misfit_percent : expected less published in percent of the published total, before.
    """

    factor: float
    misfit_percent: float


def calibrate(expected: float, published: float) -> Calibration:
    """Factor that lifts an expected total to a published one, and how far off it was.

    Raises `MethodInputError` for totals that are not positive.
    """
    if not (expected > 0 and published > 0):
        raise MethodInputError(
            "a calibration needs two positive totals", found=(expected, published), expected="> 0"
        )
    return Calibration(published / expected, 100.0 * (expected / published - 1.0))
