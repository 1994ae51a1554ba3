"""Disclosure control: hiding small counts so that they stay hidden, and rounding.

Sources
-------
- Primary and secondary (complementary) suppression: Hundepool et al., Statistical Disclosure
  Control (2012), chapter 4.
- Base-5 rounding: DZHW, ICEland, "Datenschutz" (0–2 → 0, 3–7 → 5, 8–12 → 10; deviation at most 2).
- Duty of confidentiality: § 16 BStatG. The law names no smallest count: `MINIMUM_COUNT` (counts of
  1 and 2 are hidden), `MINIMUM_PERSONS` and `PROTECTION` are the project's own, labelled choice.

A hidden cell keeps the status `confidential_or_unknown` and no number; it is never made a zero.
Whether hidden cells can be worked out again is the matter of `pipeline.methods.differencing`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from pipeline.errors import MethodInputError
from pipeline.methods.cells import (
    EPSILON,
    HIDDEN_STATUS,
    PRECISION,
    STATUS,
    VALUE,
    Relation,
    check_cells,
    hidden_ranges,
    table_relations,
    to_cells,
)

#: Smallest count above zero that is shown.
MINIMUM_COUNT: Final = 3
#: Smallest group whose age, sex or employment structure is shown.
MINIMUM_PERSONS: Final = 10
#: Narrowest range that a reader may work out for a hidden cell.
PROTECTION: Final = 3.0


def suppress_small_counts(table: pd.DataFrame, minimum: int = MINIMUM_COUNT) -> pd.DataFrame:
    """Hide counts from 1 to below `minimum`; a true zero stays (primary suppression).

    Parameters
    ----------
    table : counts in `obs_value`, official signs in `obs_status`.

    Returns
    -------
    A copy in which hidden cells have no number and the status `confidential_or_unknown`. Totals
    can still give them away: go on with `suppress_secondary`.
    """
    _check_counts(table)
    _check_level(minimum, "minimum")
    return _hide(table, ((table[VALUE] > 0) & (table[VALUE] < minimum)).to_numpy())


def suppress_attributes_of_few(
    table: pd.DataFrame,
    persons: str,
    attributes: Sequence[str],
    minimum: int = MINIMUM_PERSONS,
) -> pd.DataFrame:
    """Hide what describes a group of fewer than `minimum` persons (shares by age or sex, means).

    Parameters
    ----------
    table : one row a group; `persons` holds its size, `attributes` what describes it.

    Returns
    -------
    A copy with NaN in the attributes of small groups, and of groups whose size is itself hidden,
    and for each attribute a column ``<attribute>_status``.
    """
    missing = [name for name in (persons, *attributes) if name not in table.columns]
    if missing:
        raise MethodInputError(
            "the table lacks columns", found=list(table.columns), expected=", ".join(missing)
        )
    _check_level(minimum, "minimum")
    if (table[persons] < 0).any():
        raise MethodInputError("a group of fewer than nobody", column=persons)
    is_small = ~(table[persons] >= minimum)
    result = table.copy()
    for name in attributes:
        status = f"{name}_status"
        known = table[status] if status in table.columns else pd.Series("", index=table.index)
        result[name] = table[name].mask(is_small)
        result[status] = known.mask(is_small, HIDDEN_STATUS)
    return result


def suppress_secondary(
    table: pd.DataFrame,
    hierarchies: Mapping[str, Mapping[str, Sequence[str]]],
    *,
    protection: float = PROTECTION,
) -> pd.DataFrame:
    """Hide further cells until no hidden one can be worked out from the margins.

    Parameters
    ----------
    table : one row a cell, with the columns of `hierarchies`, `obs_value` and `obs_status`;
        cells to protect have the status `confidential_or_unknown` (see `suppress_small_counts`).
    hierarchies : column → total → parts, as in `cells.table_relations`.
    protection : a reader may place no hidden cell in a range narrower than this.

    Returns
    -------
    A copy with more cells hidden. The search is greedy, so it may hide more than the least
    possible; what it returns has been checked by linear programming.
    """
    _check_counts(table)
    _check_level(protection, "protection")
    relations = table_relations(table, hierarchies)
    cells = to_cells(table, list(hierarchies))
    keys = list(cells.index)
    search = _Search(cells, relations)
    while (exposed := _first_exposed(cells, relations, search, protection)) is not None:
        partner = search.partner(exposed)
        if partner is None:
            raise MethodInputError(
                "a hidden cell cannot be protected: nothing is left to hide",
                found=exposed,
                remedy="leave the table out, or pool areas or years",
            )
        cells = _hide(cells, np.array([key == partner for key in keys]))
        search = _Search(cells, relations)
    return _hide(table, (cells[STATUS] == HIDDEN_STATUS).to_numpy())


def exposed_cells(
    cells: pd.DataFrame, relations: Sequence[Relation], *, protection: float = PROTECTION
) -> pd.DataFrame:
    """Hidden cells that a reader can place in a range narrower than `protection`.

    Parameters and columns as in `cells.hidden_ranges`; an empty frame says that all are safe.
    """
    ranges = hidden_ranges(cells, relations)
    rows = set(cells.index)
    is_row = np.array([key in rows for key in ranges.index], dtype=bool)
    is_narrow = (ranges["high"] - ranges["low"] < protection - EPSILON).to_numpy()
    return ranges[is_row & is_narrow]


def _first_exposed(
    cells: pd.DataFrame, relations: Sequence[Relation], search: _Search, protection: float
) -> Hashable | None:
    lone = search.first_lone()
    if lone is not None:  # saves the linear programmes as long as a subtraction does
        return lone
    exposed = exposed_cells(cells, relations, protection=protection)
    return None if exposed.empty else exposed.index[0]


class _Search:
    """Where in a table the next cell is best hidden."""

    def __init__(self, cells: pd.DataFrame, relations: Sequence[Relation]) -> None:
        self._values = dict(zip(cells.index, cells[VALUE], strict=True))
        self._hidden = set(cells.index[cells[STATUS] == HIDDEN_STATUS])
        self._unknown = [
            [key for key in relation.cells if np.isnan(self._values[key])] for relation in relations
        ]
        self._relations = list(relations)
        self._of_cell: dict[Hashable, list[int]] = {}
        for number, relation in enumerate(relations):
            for key in relation.cells:
                self._of_cell.setdefault(key, []).append(number)

    def first_lone(self) -> Hashable | None:
        """A hidden cell that is the only unknown of a relation: one subtraction finds it."""
        for unknown in self._unknown:
            if len(unknown) == 1 and unknown[0] in self._hidden:
                return unknown[0]
        return None

    def partner(self, exposed: Hashable) -> Hashable | None:
        """The visible cell to hide next, to protect `exposed`; None if all around it are hidden."""
        candidates = [number for number in self._linked(exposed) if self._visible(number)]
        if not candidates:
            return None
        weakest = min(
            candidates, key=lambda n: (len(self._unknown[n]), len(self._relations[n].cells), n)
        )
        return min(self._visible(weakest), key=lambda key: self._cost(key, weakest))

    def _visible(self, number: int) -> list[Hashable]:
        return [key for key in self._relations[number].cells if not np.isnan(self._values[key])]

    def _cost(self, key: Hashable, number: int) -> tuple[int, bool, float]:
        """Least first: closes gaps in other relations too, is no zero, is small."""
        closed = sum(
            len(self._unknown[other]) == 1 for other in self._of_cell[key] if other != number
        )
        # a zero is often known from elsewhere, so hiding it protects less
        return -closed, self._values[key] == 0, self._values[key]

    def _linked(self, start: Hashable) -> set[int]:
        """Relations that reach `start` through unknown cells."""
        linked: set[int] = set()
        frontier = [start]
        while frontier:
            new = set(self._of_cell.get(frontier.pop(), ())) - linked
            linked |= new
            frontier += [key for number in new for key in self._unknown[number]]
        return linked


def round_base5(x: ArrayLike) -> Any:
    """Round counts to multiples of 5 (0–2 → 0, 3–7 → 5, 8–12 → 10); scalar in, scalar out.

    The deviation is at most 2. Each number is rounded on its own, so rounded totals are not the
    sums of rounded parts. NaN stays NaN. `MethodInputError` for negative or broken counts.
    """
    try:
        counts = np.asarray(x, dtype="float64")
    except (TypeError, ValueError) as error:
        raise MethodInputError("only numbers can be rounded", found=x) from error
    if (counts < 0).any() or np.isinf(counts).any() or (counts % 1 > 0).any():
        raise MethodInputError(
            "only counts can be rounded to base 5", found=x, expected="whole numbers, 0 or more"
        )
    rounded = 5 * np.floor((counts + 2) / 5)
    if rounded.ndim == 0:
        return float(rounded) if np.isnan(rounded) else int(rounded)
    return rounded


def round_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Round `obs_value` to base 5 and add the `precision` that an audit needs.

    A rounded 0 may be 1 or 2, so the sign of a true zero (`nil`) is dropped with it: kept, it
    would tell the true zeros from the small counts.
    """
    _check_counts(table)
    rounded = table.copy()
    rounded[VALUE] = round_base5(table[VALUE])
    rounded[STATUS] = table[STATUS].mask(table[STATUS] == "nil", "")
    rounded[PRECISION] = np.where(table[VALUE].notna(), 2.0, np.nan)
    return rounded


def _hide(table: pd.DataFrame, where: np.ndarray) -> pd.DataFrame:
    """A copy without the numbers of the rows `where`."""
    hidden = table.copy()
    hidden[VALUE] = table[VALUE].astype("float64").mask(where)
    hidden[STATUS] = table[STATUS].mask(where, HIDDEN_STATUS)
    return hidden


def _check_level(level: float, name: str) -> None:
    if not level > 0:
        raise MethodInputError(f"'{name}' protects nothing", found=level, expected="above 0")


def _check_counts(table: pd.DataFrame) -> None:
    check_cells(table.reset_index(drop=True))
    if (table[VALUE] < 0).any() or (table[VALUE] % 1 > 0).any():
        raise MethodInputError(
            "not every number is a count", column=VALUE, expected="whole numbers, 0 or more"
        )
