"""The shape of migration by sex and age: who comes and who goes, out of published age groups.

Source: Rogers, Castro, Model Migration Schedules (1981), for the idea that shapes are stable where
levels are not; the shapes themselves are the published arrivals and departures.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.errors import MethodInputError
from pipeline.methods.age_splitting import AGES, split_monotone

Array = npt.NDArray[np.float64]


def split_flows(flows: npt.ArrayLike, starts: Sequence[int], population: npt.ArrayLike) -> Array:
    """Moves by single age: a monotone curve, the open group like the population of its ages.

    Parameters
    ----------
    flows : persons who moved, shape (regions, 2, groups).
    starts : first age of each group.
    population : persons by single age of a large territory, shape (2, ages).

    Returns
    -------
    Moves by completed age at the move, shape (regions, 2, ages); each group keeps its sum.
    """
    moves, persons = np.asarray(flows, dtype=float), np.asarray(population, dtype=float)
    sexes = [
        split_monotone(moves[:, sex], starts, old_age_weights=persons[sex])
        for sex in range(moves.shape[1])
    ]
    return np.stack(sexes, axis=1)


def departure_rates(
    departures: npt.ArrayLike, population: npt.ArrayLike, *, highest: float = 0.5
) -> Array:
    """Departures per person from one year end to the next, by age at the first.

    Parameters
    ----------
    departures : moves by completed age at the move, shape (regions, 2, ages).
    population : persons at the year end, same shape.
    highest : bound on a rate, for cells of few persons.
    """
    moves, persons = np.asarray(departures, dtype=float), np.asarray(population, dtype=float)
    # a cohort is aged x in one half of the year and x + 1 in the other
    older = np.concatenate([moves[..., 1:], np.zeros_like(moves[..., :1])], axis=-1)
    cohort = (moves + older) / 2.0
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.minimum(np.where(persons > 0, cohort / persons, 0.0), highest)


def arrival_shares(
    arrivals: npt.ArrayLike, excess: npt.ArrayLike, excess_shares: npt.ArrayLike
) -> Array:
    """Who arrives in an ordinary year, by sex and age reached at the year end.

    Parameters
    ----------
    arrivals : moves by completed age at the move, shape (regions, 2, ages), of a year that was
        not ordinary.
    excess : persons by which that year's net migration lay above an ordinary one, (regions,).
    excess_shares : sex and age of these (`migration_level.inflow_response`), shape (2, ages).

    Returns
    -------
    Shares that sum to 1 for each region. The excess is taken out where it came in; a cell that
    would fall below nothing is nothing.
    """
    moves = np.asarray(arrivals, dtype=float)
    surplus = np.asarray(excess, dtype=float)[:, None, None] * np.asarray(excess_shares, float)
    ordinary = np.clip(moves - surplus, 0.0, None)
    # half of those who arrive at age x have turned x + 1 by the year end
    shifted = ordinary / 2.0
    shifted[..., 1:] += ordinary[..., :-1] / 2.0
    shifted[..., len(AGES) - 1] += ordinary[..., -1] / 2.0
    total = shifted.sum(axis=(1, 2), keepdims=True)
    if not (total > 0).all():
        raise MethodInputError(
            "nobody arrives in an ordinary year, so arrivals have no shape",
            found=int(np.argmin(total)),
            expected="arrivals above the excess of the exceptional year",
        )
    profile: Array = shifted / total
    return profile
