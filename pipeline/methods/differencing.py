"""Differencing: finding hidden values by subtraction, within a page and between two reports.

What a reader could do with pencil and paper (region A minus its parts, this year's edition beside
last year's, a region of three beside a region of two) is done here by linear algebra, for every
hidden cell at once, with the way to it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.methods.cells import (
    EPSILON,
    HIDDEN_STATUS,
    PRECISION,
    STATUS,
    VALUE,
    Relation,
    check_cells,
    hidden_ranges,
    solve_linear_programme,
)
from pipeline.methods.disclosure import MINIMUM_COUNT, PROTECTION

_COLUMNS = ["cell", "low", "high", "how"]


def find_disclosures(
    cells: pd.DataFrame,
    relations: Sequence[Relation],
    *,
    protection: float = PROTECTION,
    minimum: int = MINIMUM_COUNT,
    whole_numbers: bool = True,
    nonnegative: bool = True,
) -> pd.DataFrame:
    """Hidden cells that a reader of one page can work out, and how.

    Parameters
    ----------
    cells, relations, whole_numbers, nonnegative : as in `cells.hidden_ranges`.
    protection : a range narrower than this counts as disclosed.
    minimum : a cell that is not published at all is a disclosure only if it may turn out a small
        count (above 0 and below `minimum`): the third municipality, say, when a region of three
        and a region of two are shown.

    Returns
    -------
    One row a disclosed cell: `cell`, `low`, `high`, `how` (the relations that lead to it).
    """
    ranges = hidden_ranges(cells, relations, whole_numbers=whole_numbers, nonnegative=nonnegative)
    printed = set(cells.index)
    rows = []
    for key, low, high in zip(ranges.index, ranges["low"], ranges["high"], strict=True):
        is_narrow = high - low < protection - EPSILON
        may_be_small = high > 0 and low < minimum
        if is_narrow and (key in printed or may_be_small):
            how = _explain(cells, relations, key)
            rows.append({"cell": key, "low": low, "high": high, "how": how})
    return pd.DataFrame(rows, columns=_COLUMNS)


def find_disclosures_between(
    reports: Mapping[str, pd.DataFrame],
    relations: Sequence[Relation] = (),
    *,
    protection: float = PROTECTION,
    minimum: int = MINIMUM_COUNT,
) -> pd.DataFrame:
    """Hidden cells that a reader of several reports (or editions of one) can work out.

    Parameters
    ----------
    reports : name of the report → its cells, as in `cells.hidden_ranges`. Equal keys mean the
        same quantity: area, period and whatever else tells two numbers apart belong in them.
    relations : all that hold between the cells, within a report or across them.

    Returns
    -------
    As `find_disclosures`, after the column `report`: where the cell is hidden (empty for a cell
    that none of them has). A cell that is printed with two different values (revised) joins the
    reports with neither, because it is not known which of them the relations hold for.
    """
    found: dict[tuple[str, Hashable], dict[Hashable, Any]] = {}

    def add(report: str, row: dict[Hashable, Any]) -> None:
        found.setdefault((report, row["cell"]), {"report": report, **row})

    for name, cells in reports.items():
        check_cells(cells)
        for other_name, other in reports.items():
            for key, value in _printed_elsewhere(cells, other):
                how = f"printed in report '{other_name}'"
                add(name, {"cell": key, "low": value, "high": value, "how": how})
    # each report alone too: a revised cell is lost to the join, not to its own report
    for cells in (*reports.values(), _join(reports)):
        rows = find_disclosures(cells, relations, protection=protection, minimum=minimum)
        for row in rows.to_dict("records"):
            homes = [name for name, home in reports.items() if row["cell"] in set(home.index)]
            for name in homes or [""]:
                add(name, row)
    return pd.DataFrame(list(found.values()), columns=["report", *_COLUMNS])


def _printed_elsewhere(cells: pd.DataFrame, other: pd.DataFrame) -> list[tuple[Hashable, float]]:
    """Cells hidden in one report that another prints, with the printed number."""
    hidden = set(cells.index[cells[STATUS] == HIDDEN_STATUS])
    return [
        (key, value)
        for key, value in zip(other.index, other[VALUE], strict=True)
        if key in hidden and not np.isnan(value)
    ]


def _join(reports: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """All that the reports print together, one row a cell."""
    joined: dict[Hashable, dict[Any, Any]] = {}
    revised: set[Hashable] = set()
    for cells in reports.values():
        for key, row in zip(cells.index, cells.to_dict("records"), strict=True):
            known = joined.setdefault(key, row)
            is_number = not np.isnan(row[VALUE])
            if np.isnan(known[VALUE]):
                # a number tells more than a sign; hidden is said louder than any other sign
                if is_number or row[STATUS] == HIDDEN_STATUS:
                    joined[key] = row
            elif is_number and known[VALUE] != row[VALUE]:
                revised.add(key)
    for key in revised:
        joined[key] = {VALUE: np.nan, STATUS: "not_meaningful"}
    columns = [VALUE, STATUS, PRECISION]
    index = pd.Index(list(joined), tupleize_cols=False, dtype="object")
    return pd.DataFrame(list(joined.values()), columns=columns).set_axis(index, axis="index")


def _explain(cells: pd.DataFrame, relations: Sequence[Relation], key: Hashable) -> str:
    """The relations that lead to a cell: those to combine, else those that bound it."""
    combined = _combination(cells, relations, key)
    if combined:
        return "; ".join(relation.name for relation in combined)
    around = [relation.name for relation in relations if key in relation.cells]
    return "bounded by " + "; ".join(around)


def _combination(
    cells: pd.DataFrame, relations: Sequence[Relation], key: Hashable
) -> list[Relation]:
    """Relations that, added and subtracted, leave `key` as the only unknown; else none."""
    known = {k for k, value in zip(cells.index, cells[VALUE], strict=True) if not np.isnan(value)}
    involved = dict.fromkeys(cell for relation in relations for cell in relation.cells)
    place = {cell: row for row, cell in enumerate(c for c in involved if c not in known)}
    matrix = np.zeros((len(place), len(relations)))
    for column, relation in enumerate(relations):
        for cell, factor in relation.terms:
            if cell in place:
                matrix[place[cell], column] += factor
    target = np.zeros(len(place))
    target[place[key]] = 1.0
    # the combination with the least factors is the shortest explanation; a factor may be negative
    count = len(relations)
    solution = solve_linear_programme(
        np.ones(2 * count), np.hstack([matrix, -matrix]), target, [(0.0, np.inf)] * (2 * count)
    )
    if isinstance(solution, str):
        return []
    factors = solution[:count] - solution[count:]
    return [r for r, factor in zip(relations, factors, strict=True) if abs(factor) > EPSILON]
