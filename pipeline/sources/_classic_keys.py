"""The columns left of the values of a classic GENESIS CSV, each in its role.

Time, regional key and name, classifications with or without codes: told apart by content.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from pipeline.errors import RawDataError
from pipeline.sources._cells import NO_OBSERVATION, Cells
from pipeline.sources._classic_layout import Layout
from pipeline.sources._genesis import (
    area_names,
    categorical,
    constant,
    dictionary_of,
    first_duplicate,
    is_region_column,
    parse_period,
)
from pipeline.sources._headings import Headings, name_of_members

_CODE_LIKE = re.compile(r"(?=.*\d)[A-ZÄÖÜ0-9][A-ZÄÖÜ0-9_./+-]*")
#: Names that no classification may take.
RESERVED = (
    "ref_area", "ref_area_name", "time_period", "measure", "unit_measure", "obs_value",
    "obs_status",
)  # fmt: skip


Column = tuple[npt.NDArray[np.int32], list[str]]


@dataclass
class KeyColumns:
    """The key columns of the rows: codes per row and distinct labels, by role."""

    columns: dict[str, pd.Categorical]
    dimensions: list[str]
    areas: dict[str, str]  # key → name, empty where the file has no names
    notes: tuple[str, ...]


def read_keys(
    table: pa.Table, layout: Layout, headings: Headings, cells: Cells, path: Path
) -> tuple[KeyColumns, Cells]:
    """The columns left of the values by role: time, region with its name, classifications."""
    keys = [dictionary_of(table.column(index)) for index in range(layout.keys)]
    sections, keys, cells = _take_sections(keys, layout, cells)
    _refuse_duplicates(keys, sections, layout, path)
    rows = len(keys[0][0]) if keys else 0
    result = KeyColumns({}, [], {}, ())
    if headings.periods is None:
        sections = _take_time(result, keys, sections, rows)
    place = 0
    while place < len(keys):
        place += _take_column(result, keys, place, path)
    if sections is not None and len(sections[1]) > 1:
        _add_dimension(result, *sections)
    if "ref_area" not in result.columns:
        result.columns["ref_area"] = constant("", rows)
        result.notes += ("the table has no regional key: ref_area is empty",)
    return result, cells


def _take_sections(
    keys: list[Column], layout: Layout, cells: Cells
) -> tuple[Column | None, list[Column], Cells]:
    """Rows that hold a title for the rows below them ("2014;;;") as a column of its own.

    The first section may stand among the titles above the headings.
    """
    first = next((line for line in reversed(layout.titles) if parse_period(line)), "")
    rows = len(keys[0][0])
    is_empty = (cells.status.reshape(rows, -1) == NO_OBSERVATION).all(axis=1)
    for codes, labels in keys[1:]:
        is_empty &= np.array([not label for label in labels], dtype=bool)[codes]
    if not is_empty.any():
        return (np.zeros(rows, np.int32), [first]) if first else None, keys, cells
    codes, labels = keys[0]
    number = np.maximum.accumulate(np.where(is_empty, np.arange(1, rows + 1), 0))
    titles = [first, *(labels[code] for code in codes)]
    keep = ~is_empty
    section: Column = (np.arange(rows + 1)[number][keep].astype(np.int32), titles)
    kept = Cells(
        cells.values.reshape(rows, -1)[keep].ravel(), cells.status.reshape(rows, -1)[keep].ravel()
    )
    return section, [_select(column, keep) for column in keys], kept


def _select(column: Column, keep: npt.NDArray[np.bool_]) -> Column:
    """Some rows of a column, with the labels that they use."""
    codes, labels = column
    used, places = np.unique(codes[keep], return_inverse=True)
    return places.astype(np.int32), [labels[code] for code in used]


def _refuse_duplicates(
    keys: list[Column], sections: Column | None, layout: Layout, path: Path
) -> None:
    columns = [codes for codes, _ in keys]
    if sections is not None:
        columns = [np.asarray(categorical(*sections).codes), *columns]
    row = first_duplicate(columns)
    if row is not None:
        raise RawDataError(
            "a row stands in the file twice",
            file=path,
            row=layout.first_row + row,
            found=";".join(labels[codes[row]] for codes, labels in keys),
            expected="each combination of keys once",
            remedy="download the file again; rows may have been pasted in",
        )


def _take_time(
    result: KeyColumns, keys: list[Column], sections: Column | None, rows: int
) -> Column | None:
    """The time of each row: from the first key column of periods, else from the sections.

    Takes that column out of `keys`; returns the sections unless they were the time.
    """
    for place, (codes, labels) in enumerate(keys):
        if labels and all(parse_period(label) for label in labels):
            periods = [parse_period(label) or "" for label in labels]
            result.columns["time_period"] = categorical(codes, periods)
            del keys[place]
            return sections
    if sections is not None and all(
        parse_period(sections[1][code]) for code in np.unique(sections[0])
    ):
        labels = [parse_period(label) or "" for label in sections[1]]
        column = categorical(sections[0], labels)
        result.columns["time_period"] = column.remove_unused_categories()
        return None
    result.columns["time_period"] = constant("", rows)
    result.notes += ("the table names no time: time_period is empty",)
    return sections


def _take_column(result: KeyColumns, keys: list[Column], place: int, path: Path) -> int:
    """Give the key column at `place` its role; returns how many columns that took."""
    codes, labels = keys[place]
    following = keys[place + 1] if place + 1 < len(keys) else None
    is_free = "ref_area" not in result.columns
    if is_free and is_region_column(labels, path, f"column {place + 1}"):
        result.columns["ref_area"] = categorical(codes, labels)
        if following is None or not _are_names(following[1]):
            result.areas = dict.fromkeys(labels, "")
            return 1
        result.areas = area_names(codes, labels, *following)
        return 2
    if following is not None and _is_code_of(keys[place], following):
        name = _add_dimension(result, *following)
        result.columns[f"{name}_code"] = categorical(codes, labels)
        return 2
    _add_dimension(result, codes, labels)
    return 1


def _are_names(labels: Sequence[str]) -> bool:
    """Whether texts are names, not codes or numbers."""
    return any(re.search(r"[^\W\d_]{2,}", label) for label in labels)


def _is_code_of(column: Column, following: Column) -> bool:
    """Whether a column holds the codes of the labels right of it."""
    codes, labels = column
    if not all(_CODE_LIKE.fullmatch(label) for label in labels if label):
        return False
    if not any(labels) or not _are_names(following[1]):
        return False
    pairs = np.unique(codes.astype(np.int64) * (len(following[1]) + 1) + following[0])
    return len(pairs) == len(np.unique(codes))


def _add_dimension(result: KeyColumns, codes: npt.NDArray[np.int32], labels: list[str]) -> str:
    name = name_of_members(labels, [*RESERVED, *result.columns])
    result.columns[name] = categorical(codes, labels)
    result.dimensions.append(name)
    return name
