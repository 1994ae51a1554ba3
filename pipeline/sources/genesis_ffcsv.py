"""Flat-file CSV (ffcsv) of the GENESIS databases: one observation a row, codes beside labels.

Every generation has the same five columns first (statistic code and label, time code, label and
value), then four columns a variable (its code and label, the member's code and label), then the
values. The generations differ in

* names of the columns: English, German (``Statistik_Code``), or English with names repeated;
* values: one column ``value`` beside its unit and measure, or one column a measure, named
  ``CODE__Label__Unit``;
* quality marks: none, or ``value_q`` / ``CODE__Label__Unit_q``;
* language of the labels and with it the decimal mark.

So variables are found by their place, values by their names.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import RawDataError
from pipeline.sources._cells import Cells, Place, apply_quality, parse_cells
from pipeline.sources._genesis import (
    area_names,
    build_frame,
    categorical,
    constant,
    deepest_level,
    dictionary_of,
    first_duplicate,
    is_region_column,
    parse_period,
    read_block,
)
from pipeline.sources._headings import unique_name
from pipeline.sources._text import read_text
from pipeline.sources.base import Head, LongTable

FORMAT = "genesis-ffcsv"
LOOKS_LIKE = "a header that begins with 'statistics_code;statistics_label;time_code'"

_FIRST_COLUMN = re.compile(r"\ufeff?\"?(?:statistics|statistik)_code\"?\W", re.IGNORECASE)
_VARIABLE_COLUMN = re.compile(r"\d+_(?:variable|merkmal|auspr)", re.IGNORECASE)
_LEADING_COLUMNS = 5
_VARIABLE_COLUMNS = 4
#: Variables that are territories, whatever their codes look like.
_REGION_VARIABLES = re.compile(r"DINSG|DLAND|REGBEZ|KREISE|GEMEIN|GEO(DL|BL|RB|LK|VB|GM)\d")
_GERMAN_WORDS = frozenset({"Jahr", "Stichtag", "Monat", "Quartal", "Anzahl", "Prozent", "Tage"})
_ENGLISH_WORDS = frozenset(
    {"Year", "Reference date", "Month", "Quarter", "number", "percent", "days", "Number", "Percent"}
)
_RESERVED = (
    "ref_area", "ref_area_name", "time_period", "measure", "measure_code", "unit_measure",
    "obs_value", "obs_status",
)  # fmt: skip

Column = tuple[npt.NDArray[np.int32], list[str]]


@dataclass(frozen=True)
class _Layout:
    """Places of the columns: each variable's first, and value, unit, code, label, mark a measure.

    With one column a measure, unit and label come from its name (`named`), and there are several
    values; else there is one and `unit`, `code`, `label` are columns.
    """

    names: tuple[str, ...]
    variables: tuple[int, ...]
    values: tuple[int, ...]
    marks: tuple[int | None, ...]
    is_named: bool


def matches(head: Head) -> bool:
    """Whether the header begins with the code of the statistic."""
    return _FIRST_COLUMN.match(head.text) is not None


def read(path: Path) -> LongTable:
    """Read a flat-file CSV.

    `frame` has, beyond the columns of `LongTable`, the codes of members and measures
    (`<dimension>_code`, `measure_code`). An empty code of a total stays empty.

    Raises
    ------
    RawDataError : a row of another length, an unknown sign or mark, a row that stands twice.
    """
    source = read_text(path)
    layout, body_start = _read_header(source.utf8, path)
    table = _read_rows(source.utf8, body_start, layout, path)
    texts = {
        place: dictionary_of(table.column(place))
        for place in range(len(layout.names))
        if place not in layout.values
    }
    _refuse_duplicates(texts, layout, path)
    columns, dimensions, areas, notes = _read_variables(texts, layout, path)
    parts = [
        _read_measure(table, texts, layout, index, path) for index in range(len(layout.values))
    ]
    frame = _assemble(columns, parts, table.num_rows)
    if frame.empty:
        raise _no_rows(path)
    empty = len(parts) * table.num_rows - len(frame)
    blanks = (f"{empty} empty cells are no observations",) if empty else ()
    return LongTable(
        format=FORMAT,
        table=None,
        title=texts[1][1][0],
        encoding=source.encoding,
        level=deepest_level(areas),
        frame=frame,
        dimensions=dimensions,
        notes=(*source.notes, *notes, *blanks),
        path=path,
        areas=areas,
    )


def _read_header(utf8: bytes, path: Path) -> tuple[_Layout, int]:
    end = utf8.find(b"\n")
    line = utf8[: end if end >= 0 else len(utf8)].decode(errors="replace")
    names = tuple(next(csv.reader([line], delimiter=";"), []))
    if len(names) <= _LEADING_COLUMNS:
        raise RawDataError(
            "the header is not parted by ';'",
            file=path,
            row=1,
            found=line[:120],
            expected="statistics_code;statistics_label;time_code;time_label;time;…",
            remedy="download the file again; a spreadsheet may have saved it with other delimiters",
        )
    if end < 0 or utf8[end:].isspace():
        raise _no_rows(path)
    return _find_columns(names, line, path), end + 1


def _find_columns(names: tuple[str, ...], line: str, path: Path) -> _Layout:
    place = _LEADING_COLUMNS
    variables: list[int] = []
    while place < len(names) and _VARIABLE_COLUMN.match(names[place]):
        variables.append(place)
        place += _VARIABLE_COLUMNS
    rest = range(place, len(names))
    is_named = "value" not in names
    values = [
        at
        for at in rest
        if (names[at].count("__") >= 2 and not names[at].endswith("_q") if is_named
            else names[at] == "value")
    ]  # fmt: skip
    if not values or (not is_named and not {"value_unit", "value_variable_label"} <= set(names)):
        raise RawDataError(
            "the header names no value",
            file=path,
            row=1,
            found=line[-160:],
            expected="value;value_unit;value_variable_code;value_variable_label, or a column "
            "CODE__Label__Unit",
            remedy="the header is cut off or of an unknown generation: download the file again",
        )
    marks = tuple(
        names.index(f"{names[at]}_q") if f"{names[at]}_q" in names else None for at in values
    )
    return _Layout(names, tuple(variables), tuple(values), marks, is_named)


def _no_rows(path: Path) -> RawDataError:
    return RawDataError(
        "a header without data",
        file=path,
        expected="at least one row with a value",
        remedy="check the selection (years, regions) of the download",
    )


def _read_rows(utf8: bytes, start: int, layout: _Layout, path: Path) -> pa.Table:
    if not utf8.endswith(b"\n") and utf8.count(b";", utf8.rfind(b"\n") + 1) < len(layout.names) - 1:
        raise RawDataError(
            "the last row is cut off",
            file=path,
            row=utf8.count(b"\n") + 1,
            found=utf8[utf8.rfind(b"\n") + 1 :][:120].decode(errors="replace"),
            expected=f"{len(layout.names)} cells",
            remedy="download the file again",
        )
    return read_block(memoryview(utf8)[start:], len(layout.names), 0, path, 2)


def _refuse_duplicates(texts: dict[int, Column], layout: _Layout, path: Path) -> None:
    marks = {mark for mark in layout.marks if mark is not None}
    columns = [codes for place, (codes, _) in texts.items() if place not in marks]
    row = first_duplicate(columns)
    if row is not None:
        members = [
            texts[at + 2][1][texts[at + 2][0][row]] or texts[at + 3][1][texts[at + 3][0][row]]
            for at in layout.variables
        ]
        raise RawDataError(
            "a row stands in the file twice",
            file=path,
            row=row + 2,
            found=";".join([texts[4][1][texts[4][0][row]], *members]),
            expected="each combination of time, members and measure once",
            remedy="download the file again; rows may have been pasted in",
        )


def _read_variables(
    texts: dict[int, Column], layout: _Layout, path: Path
) -> tuple[dict[str, pd.Categorical], tuple[str, ...], dict[str, str], tuple[str, ...]]:
    """Territory, time and classifications of the rows; names of the areas; notes."""
    rows = len(texts[4][0])
    columns: dict[str, pd.Categorical] = {}
    dimensions: list[str] = []
    areas: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    time_codes, times = texts[4]
    periods = [parse_period(time) or time for time in times]
    region = next((at for at in layout.variables if _is_region(texts, at, layout, path)), None)
    if region is None:
        columns["ref_area"] = constant("", rows)
        notes = ("the table has no regional variable: ref_area is empty",)
    else:
        codes, keys = texts[region + 2]
        columns["ref_area"] = categorical(codes, keys)
        areas = area_names(codes, keys, *texts[region + 3])
    columns["time_period"] = categorical(time_codes, periods)
    for at in layout.variables:
        if at == region:
            continue
        label = " / ".join(dict.fromkeys(texts[at + 1][1])) or layout.names[at]
        name = unique_name(label, [*_RESERVED, *columns])
        columns[name] = categorical(*texts[at + 3])
        columns[f"{name}_code"] = categorical(*texts[at + 2])
        dimensions.append(name)
    return columns, tuple(dimensions), areas, notes


def _is_region(texts: dict[int, Column], at: int, layout: _Layout, path: Path) -> bool:
    variables, members = texts[at][1], texts[at + 2][1]
    has_keys = is_region_column(members, path, layout.names[at + 2])
    return has_keys or all(_REGION_VARIABLES.fullmatch(code) for code in variables)


@dataclass(frozen=True)
class _Measure:
    """One value column, read."""

    cells: Cells
    code: pd.Categorical
    label: pd.Categorical
    unit: pd.Categorical


def _read_measure(
    table: pa.Table, texts: dict[int, Column], layout: _Layout, index: int, path: Path
) -> _Measure:
    place = layout.values[index]
    rows = table.num_rows
    if layout.is_named:
        code_text, label_text, unit_text = layout.names[place].split("__", 2)
        code, label, unit = (
            constant(text.replace("_", " "), rows) for text in (code_text, label_text, unit_text)
        )
        units = [unit_text]
    else:
        named = {name: texts[at] for at, name in enumerate(layout.names) if at in texts}
        code = categorical(*named.get("value_variable_code", (np.zeros(rows, np.int32), [""])))
        label = categorical(*named["value_variable_label"])
        unit = categorical(*named["value_unit"])
        units = named["value_unit"][1]
    cells = _plain_texts(table.column(place))
    decimal = _decimal_mark(cells, [*units, *texts[3][1]])
    name = layout.names[place]
    parsed = parse_cells(cells, decimal, path, lambda row: Place(row + 2, name))
    mark = layout.marks[index]
    if mark is not None:
        parsed = apply_quality(parsed, categorical(*texts[mark]), path, first_row=2)
    return _Measure(parsed, code, label, unit)


def _plain_texts(column: pa.ChunkedArray) -> pa.Array:
    """A dictionary column as an array of its texts."""
    plain = column.cast(pa.string()).combine_chunks()
    return pa.concat_arrays(plain.chunks) if isinstance(plain, pa.ChunkedArray) else plain


def _decimal_mark(cells: pa.Array, words: Sequence[str]) -> str:
    """Decimal mark by the language of unit and time; where that is mixed, by the numbers."""
    is_german, is_english = bool(_GERMAN_WORDS & set(words)), bool(_ENGLISH_WORDS & set(words))
    if is_german != is_english:
        return "," if is_german else "."
    return "," if pc.any(pc.match_substring(cells, ",")).as_py() else "."


def _assemble(
    columns: dict[str, pd.Categorical], measures: Sequence[_Measure], rows: int
) -> pd.DataFrame:
    """The long frame; with one column a measure, the measures follow one another."""
    frames = [
        build_frame(
            {
                **columns,
                "measure": measure.label,
                "measure_code": measure.code,
                "unit_measure": measure.unit,
            },
            measure.cells,
        )
        for measure in measures
    ]
    if len(frames) == 1:
        return frames[0]
    stacked = pd.concat(frames, ignore_index=True)
    for name in ("measure", "measure_code", "unit_measure"):
        stacked[name] = stacked[name].astype("category")
    return stacked
