"""The age structure of a later year: an earlier one aged forward, raked to what is published.

The result is an estimate. Totals and the published ages are kept exactly; between them the
structure of the earlier year speaks.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.errors import MethodInputError
from pipeline.methods.age_splitting import split_by_reference
from pipeline.methods.raking import Margin, rake

Array = npt.NDArray[np.float64]


def kreis_ages(
    aged: npt.ArrayLike, by_sex: npt.ArrayLike, by_age: npt.ArrayLike | None = None
) -> Array:
    """A Kreis's population by sex and single age, fitted to what is published of it.

    Parameters
    ----------
    aged : persons aged forward, shape (2, ages 0 … 100+).
    by_sex : published persons by sex, shape (2,).
    by_age : published persons by single age, both sexes, the last one open (0 … 90+, say); None
        where ages are not published: then only the sexes are fitted.

    Raises
    ------
    MethodInputError : sexes and ages that add up to different totals.
    """
    persons = np.asarray(aged, dtype=float)
    sexes = np.asarray(by_sex, dtype=float)
    if by_age is None:
        fitted: Array = persons * (sexes / persons.sum(axis=1))[:, None]
        return fitted
    ages = np.asarray(by_age, dtype=float)
    if abs(ages.sum() - sexes.sum()) > 0.5:
        raise MethodInputError(
            "ages and sexes add up to different totals",
            found=(float(ages.sum()), float(sexes.sum())),
            expected="one total",
        )
    whole = split_by_reference(ages, tuple(range(len(ages))), persons.sum(axis=0))
    return rake(persons, [Margin((1,), whole), Margin((0,), sexes)]).table


def municipal_ages(aged: npt.ArrayLike, totals: npt.ArrayLike, kreis: npt.ArrayLike) -> Array:
    """The municipalities of one Kreis, fitted to their totals and to the ages of the Kreis.

    Parameters
    ----------
    aged : persons aged forward, shape (municipalities, 2, ages).
    totals : published totals, shape (municipalities,); they add up to the Kreis.
    kreis : persons of the Kreis by sex and age, shape (2, ages).
    """
    persons = np.asarray(aged, dtype=float)
    whole = np.asarray(kreis, dtype=float)
    # a cell that nobody was aged into may still have to take somebody of the Kreis
    start = np.where(whole > 0, np.maximum(persons, 1e-9), 0.0)
    return rake(start, [Margin((1, 2), whole), Margin((0,), np.asarray(totals, float))]).table
