"""Cells, the equations between them, and what a reader can conclude from both.

A *cell* is one published number under a key. A *relation* is an equation between cells that a
reader knows to hold (parts add up to a total; a share times its base is a count). Suppression and
audit ask the same question: between which bounds must a hidden cell lie, given everything that is
published and all relations? Linear programming answers it.

Source: Hundepool et al., Statistical Disclosure Control (2012), chapter 4 (audit of tables).
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

from pipeline.errors import MethodInputError
from pipeline.provenance import STATUS_LABELS, VALUELESS_STATUS

VALUE: Final = "obs_value"
STATUS: Final = "obs_status"
#: How far a true number may lie from the printed one; a table without the column is exact.
PRECISION: Final = "precision"
HIDDEN_STATUS: Final = "confidential_or_unknown"

#: Differences below this are those of the solver.
EPSILON: Final = 1e-6


@dataclass(frozen=True)
class Relation:
    """A linear equation between cells: the terms, each a cell and its factor, sum to zero."""

    name: str
    terms: tuple[tuple[Hashable, float], ...]

    @property
    def cells(self) -> tuple[Hashable, ...]:
        """The cells that the relation ties together."""
        return tuple(cell for cell, _ in self.terms)


def sum_relation(total: Hashable, parts: Sequence[Hashable]) -> Relation:
    """The parts add up to the total."""
    if not parts or total in parts or len(set(parts)) != len(parts):
        raise MethodInputError(
            "a sum needs parts that differ from each other and from the total", found=(total, parts)
        )
    name = f"{_label(total)} = {' + '.join(_label(part) for part in parts)}"
    return Relation(name, ((total, 1.0), *((part, -1.0) for part in parts)))


def share_relation(count: Hashable, share: Hashable, base: float, per: float = 100) -> Relation:
    """A published share of a published base is a count: count = base · share / per."""
    if not (base > 0 and per > 0):
        raise MethodInputError("a share needs a base above zero", found=(base, per))
    name = f"{_label(count)} = {base:g} · {_label(share)} / {per:g}"
    return Relation(name, ((count, 1.0), (share, -base / per)))


def to_cells(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The numbers and signs of a table, indexed by tuples of `columns` (the cell keys)."""
    missing = [name for name in (*columns, VALUE, STATUS) if name not in table.columns]
    if missing or not columns:
        raise MethodInputError(
            "the table lacks columns",
            found=list(table.columns),
            expected=", ".join(missing) or "one key column or more",
        )
    keys = table[list(columns)].itertuples(index=False, name=None)
    kept = [name for name in (VALUE, STATUS, PRECISION) if name in table.columns]
    cells = table[kept].set_axis(_flat_index(keys), axis="index")
    check_cells(cells)
    return cells


def table_relations(
    table: pd.DataFrame, hierarchies: Mapping[str, Mapping[str, Sequence[str]]]
) -> list[Relation]:
    """All sums that hold in a table with margins.

    Parameters
    ----------
    table : one row a cell; the columns named in `hierarchies` are its key.
    hierarchies : column → total → its parts. Totals of totals are allowed (Land → Kreise →
        municipalities). A column without totals stands with an empty mapping.

    Returns
    -------
    Relations over the keys of `to_cells`. A sum enters where its total and all its parts are
    rows of the table, hidden or not.
    """
    keys = set(to_cells(table, list(hierarchies)).index)
    relations = []
    for position, column in enumerate(hierarchies):
        others = sorted({key[:position] + key[position + 1 :] for key in keys}, key=repr)
        for rest, (total, parts) in itertools.product(others, hierarchies[column].items()):
            members = [(*rest[:position], name, *rest[position:]) for name in (total, *parts)]
            if keys.issuperset(members):
                relations.append(sum_relation(members[0], members[1:]))
    return relations


def hidden_ranges(
    cells: pd.DataFrame,
    relations: Sequence[Relation],
    *,
    whole_numbers: bool = True,
    nonnegative: bool = True,
) -> pd.DataFrame:
    """Between which bounds a reader can place each hidden cell.

    Parameters
    ----------
    cells : indexed by cell key, with `obs_value` and `obs_status`; an optional column `precision`
        says how far the true number may lie from the printed one (2 for base-5 rounding, 0.05
        for a share printed with one digit). Cells of the relations that are no rows here are
        unpublished: unknown to the reader, and ranged as well.
    whole_numbers : whether hidden cells are counts, which tightens the bounds to whole numbers.
    nonnegative : whether the reader knows that no cell is negative.

    Returns
    -------
    One row a hidden or unpublished cell of a relation: `low`, `high` (may be infinite). Cells
    with another official sign than `confidential_or_unknown` are unknown too, but not listed:
    nobody meant to hide them.

    Raises
    ------
    MethodInputError : when the published cells contradict the relations.
    """
    check_cells(cells)
    system = _System(cells, relations, floor=0.0 if nonnegative else -np.inf)
    status = dict(zip(cells.index, cells[STATUS], strict=True))
    listed = [key for key in system.keys if status.get(key, HIDDEN_STATUS) == HIDDEN_STATUS]
    bounds = [system.bounds(key) for key in listed]
    ranges = pd.DataFrame(bounds, columns=["low", "high"], dtype="float64")
    if whole_numbers:
        ranges["low"] = np.ceil(ranges["low"] - EPSILON)
        ranges["high"] = np.floor(ranges["high"] + EPSILON)
    return ranges.set_axis(_flat_index(listed), axis="index")


def solve_linear_programme(
    objective: NDArray[np.float64],
    matrix: NDArray[np.float64],
    target: NDArray[np.float64],
    bounds: Sequence[tuple[float, float]],
) -> NDArray[np.float64] | Literal["infeasible", "unbounded"]:
    """The least point of `objective` where ``matrix @ x = target`` within `bounds`."""
    result = linprog(objective, A_eq=matrix, b_eq=target, bounds=bounds, method="highs")
    if result.status == 2:
        return "infeasible"
    if result.status == 3:
        return "unbounded"
    if result.status != 0 or result.x is None:
        raise MethodInputError(f"the bounds could not be solved: {result.message}")
    return np.asarray(result.x)


class _System:
    """The relations as equations in the cells that are not known exactly.

    Exact cells move to the right-hand side, and the rest falls into components that have nothing
    to do with each other: the programmes stay small however large the table.
    """

    def __init__(self, cells: pd.DataFrame, relations: Sequence[Relation], floor: float) -> None:
        exact, limits = _knowledge(cells, floor)
        involved = dict.fromkeys(key for relation in relations for key in relation.cells)
        self.keys = [key for key in involved if key not in exact]
        self._place = {key: position for position, key in enumerate(self.keys)}
        self._limits = [limits.get(key, (floor, np.inf)) for key in self.keys]
        self._matrix = np.zeros((len(relations), len(self.keys)))
        self._target = np.zeros(len(relations))
        for row, relation in enumerate(relations):
            for key, factor in relation.terms:
                if key in exact:
                    self._target[row] -= factor * exact[key]
                else:
                    self._matrix[row, self._place[key]] += factor
        self._check_rows_without_unknowns(relations)
        self._component = _components(self._matrix)

    def bounds(self, key: Hashable) -> tuple[float, float]:
        """Least and greatest value that the cell can take."""
        members = np.flatnonzero(self._component == self._component[self._place[key]])
        rows = np.flatnonzero(self._matrix[:, members].any(axis=1))
        objective = np.where(members == self._place[key], 1.0, 0.0)
        least, greatest = (self._extreme(sign * objective, rows, members) for sign in (1.0, -1.0))
        return least, -greatest

    def _extreme(
        self, objective: NDArray[np.float64], rows: NDArray[np.intp], members: NDArray[np.intp]
    ) -> float:
        solution = solve_linear_programme(
            objective,
            self._matrix[np.ix_(rows, members)],
            self._target[rows],
            [self._limits[member] for member in members],
        )
        if isinstance(solution, str):
            if solution == "unbounded":
                return -np.inf
            raise _contradiction()
        return float(objective @ solution)

    def _check_rows_without_unknowns(self, relations: Sequence[Relation]) -> None:
        is_settled = ~self._matrix.any(axis=1)
        is_wrong = is_settled & (np.abs(self._target) > EPSILON)
        if is_wrong.any():
            raise _contradiction(relations[int(np.flatnonzero(is_wrong)[0])].name)


def _components(matrix: NDArray[np.float64]) -> NDArray[np.intp]:
    """For each column the number of its component: columns that rows tie together share one."""
    if not matrix.shape[1]:
        return np.zeros(0, dtype=np.intp)
    links = sparse.csr_matrix(np.abs(matrix).T @ np.abs(matrix))
    _, component = connected_components(links, directed=False)
    return np.asarray(component, dtype=np.intp)


def _knowledge(
    cells: pd.DataFrame, floor: float
) -> tuple[dict[Hashable, float], dict[Hashable, tuple[float, float]]]:
    """Cells known exactly, and bounds of those known within their precision."""
    exact: dict[Hashable, float] = {}
    limits: dict[Hashable, tuple[float, float]] = {}
    printed = cells[cells[VALUE].notna()]
    slack = printed[PRECISION].fillna(0.0) if PRECISION in cells.columns else 0 * printed[VALUE]
    for key, value, reach in zip(printed.index, printed[VALUE], slack, strict=True):
        if reach > 0:
            limits[key] = max(value - reach, floor), value + reach
        else:
            exact[key] = float(value)
    return exact, limits


def check_cells(cells: pd.DataFrame) -> None:
    """`MethodInputError` unless every cell is a number or a sign that stands instead of one."""
    missing = [name for name in (VALUE, STATUS) if name not in cells.columns]
    if missing:
        raise MethodInputError(
            "the table lacks columns", found=list(cells.columns), expected=", ".join(missing)
        )
    unknown = set(cells[STATUS]) - set(STATUS_LABELS)
    if unknown:
        raise MethodInputError(
            "unknown status", column=STATUS, found=unknown, expected=", ".join(STATUS_LABELS)
        )
    is_contradiction = cells[VALUE].notna() == cells[STATUS].isin(VALUELESS_STATUS)
    if is_contradiction.any():
        raise MethodInputError(
            "number and status contradict each other",
            found=cells[is_contradiction].iloc[0].to_dict(),
            expected="a number, or none beside a status that stands instead of one",
        )
    if cells.index.has_duplicates:
        raise MethodInputError(
            "two rows share one key", found=cells.index[cells.index.duplicated()][0]
        )


def _contradiction(relation: str | None = None) -> MethodInputError:
    return MethodInputError(
        "the published cells contradict their relations",
        found=relation,
        expected="totals that are the sum of their parts",
        remedy="tables that are rounded or perturbed do not add up: give their `precision`, or "
        "leave the relation out",
    )


def _flat_index(keys: Iterable[Hashable]) -> pd.Index:
    """An index that keeps tuples whole (pandas would make a MultiIndex of them)."""
    return pd.Index(list(keys), tupleize_cols=False, dtype="object")


def _label(key: Hashable) -> str:
    return " × ".join(str(part) for part in key) if isinstance(key, tuple) else str(key)
