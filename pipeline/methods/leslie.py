"""One-sex projection in age groups of any width: the Leslie matrix.

The textbook form of the cohort-component method. It serves abridged life tables and checks the
projection by single ages in `pipeline.methods.projection`.

Source: Preston, Heuveline, Guillot, Demography (2001), chapter 6, Box 6.1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.errors import MethodInputError

Array = npt.NDArray[np.float64]


class Growth(NamedTuple):
    """Growth of the stable population: factor a step, and rate a year."""

    factor: float
    rate: float


def leslie_matrix(
    person_years: npt.ArrayLike,
    fertility: npt.ArrayLike,
    *,
    radix: float,
    sex_ratio_at_birth: float,
    step: float,
) -> Array:
    """Matrix that carries a female population one step ahead.

    Parameters
    ----------
    person_years : nLx of the life table, one an age group; the last group is open.
    fertility : births (both sexes) a woman and year, same groups.
    radix : l0 of the life table.
    sex_ratio_at_birth : boys a girl.
    step : width of the age groups in years, and length of a step.

    Returns
    -------
    Square matrix, shape (groups, groups). The last two groups are pooled: both survive with
    `T(last) / (L(last - 1) + T(last))`.

    Raises
    ------
    MethodInputError : shapes that differ, person-years that are not positive, negative fertility.
    """
    lived = np.asarray(person_years, dtype=float)
    births = np.asarray(fertility, dtype=float)
    _check(lived, births)
    groups = len(lived)
    survival = np.append(lived[1:] / lived[:-1], 0.0)
    survival[-2:] = lived[-1] / (lived[-2] + lived[-1])
    if survival.max() > 1 + 1e-9:
        raise MethodInputError(
            "more person-years in an older group than in the one before",
            found=lived.tolist(),
            expected="nLx that never rise with age, the open last group apart",
        )
    girls = births / (1.0 + sex_ratio_at_birth)
    matrix = np.zeros((groups, groups))
    matrix[np.arange(1, groups), np.arange(groups - 1)] = survival[:-1]
    matrix[-1, -1] = survival[-1]
    # births by women at the start and at the end of the step, half each; newborns live on
    # average L0 / (l0 * step) of the step
    next_girls = np.append(girls[1:], girls[-1])
    matrix[0] = lived[0] / (2.0 * radix) * (girls + survival * next_girls)
    return matrix


def _check(lived: Array, births: Array) -> None:
    if lived.ndim != 1 or lived.shape != births.shape or len(lived) < 3:
        raise MethodInputError(
            "person-years and fertility do not pair",
            found=(lived.shape, births.shape),
            expected="two lists of the same length, at least three age groups",
        )
    if not (np.isfinite(lived).all() and (lived > 0).all()):
        raise MethodInputError(
            "person-years that are not positive", found=lived.tolist(), expected="nLx > 0"
        )
    if not (np.isfinite(births).all() and (births >= 0).all()):
        raise MethodInputError(
            "negative or missing fertility", found=births.tolist(), expected="rates >= 0"
        )


def project_steps(matrix: Array, population: npt.ArrayLike, steps: int) -> Array:
    """Population after 0, 1 … `steps` steps, shape (steps + 1, groups).

    Raises `MethodInputError` for a population of another length or with negative groups.
    """
    start = np.asarray(population, dtype=float)
    if start.shape != (len(matrix),) or not (start >= 0).all():
        raise MethodInputError(
            "the population does not fit the matrix",
            found=start.tolist(),
            expected=f"{len(matrix)} counts >= 0",
        )
    path = [start]
    for _ in range(steps):
        path.append(matrix @ path[-1])
    return np.array(path)


def stable_growth(matrix: Array, *, step: float) -> Growth:
    """Growth of the population that the matrix tends to (its dominant eigenvalue)."""
    factor = float(np.abs(np.linalg.eigvals(matrix)).max())
    return Growth(factor, float(np.log(factor) / step))
