"""The classic CSV of the GENESIS databases, read to the long frame."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from pipeline.errors import RawDataError
from pipeline.sources._cells import NO_OBSERVATION, Cells, Place, parse_cells
from pipeline.sources._classic_keys import RESERVED, KeyColumns, read_keys
from pipeline.sources._classic_layout import Layout, find_layout, no_data
from pipeline.sources._genesis import (
    build_frame,
    categorical,
    deepest_level,
    licence_in,
    parse_period,
    read_block,
)
from pipeline.sources._headings import Headings, interpret_headings, unique_name
from pipeline.sources._text import SourceText, read_text
from pipeline.sources.base import LongTable


def read_classic(path: Path, format_: str) -> LongTable:
    """Read a classic CSV; `RawDataError` names file, row and column of what breaks the format."""
    source = read_text(path)
    layout = find_layout(source.utf8, path)
    headings = interpret_headings([row[layout.keys :] for row in layout.headings], layout.titles)
    start, end = layout.body
    table = read_block(
        memoryview(source.utf8)[start:end], layout.keys, layout.values, path, layout.first_row
    )
    cells = _read_values(table, layout, headings, path)
    rows, cells = read_keys(table, layout, headings, cells, path)
    columns, dimensions = _lay_out(rows, headings)
    frame = build_frame(columns, cells)
    if frame.empty:
        raise no_data(path)
    return LongTable(
        format=format_,
        table=layout.code,
        title=_title(layout, headings),
        encoding=source.encoding,
        level=deepest_level(rows.areas),
        frame=frame,
        dimensions=dimensions,
        notes=_notes(layout, headings, rows, cells, source, path),
        licence=licence_in(layout.footer),
        path=path,
        areas={key: name for key, name in rows.areas.items() if name},
    )


def _read_values(table: pa.Table, layout: Layout, headings: Headings, path: Path) -> Cells:
    """All value cells, row by row, as one column."""
    rows, width = table.num_rows, layout.values
    columns = [table.column(layout.keys + index).combine_chunks() for index in range(width)]
    cells = pa.concat_arrays(columns) if width > 1 else columns[0]

    def place(index: int) -> Place:
        column, row = divmod(index, rows)
        return Place(layout.first_row + row, _column_name(layout, headings, column))

    parsed = parse_cells(cells, layout.decimal, path, place)
    return Cells(
        parsed.values.reshape(width, rows).T.ravel(), parsed.status.reshape(width, rows).T.ravel()
    )


def _column_name(layout: Layout, headings: Headings, column: int) -> str:
    parts = [row[layout.keys + column] for row in layout.headings]
    return " / ".join(part for part in parts if part) or headings.measures[column]


def _lay_out(
    rows: KeyColumns, headings: Headings
) -> tuple[dict[str, pd.Categorical], tuple[str, ...]]:
    """Columns of the long frame: row keys repeated over columns, headings over rows."""
    width = len(headings.measures)
    count = len(rows.columns["ref_area"])

    def over_columns(column: pd.Categorical) -> pd.Categorical:
        return pd.Categorical.from_codes(
            np.repeat(column.codes, width), dtype=column.dtype, validate=False
        )

    def over_rows(labels: list[str]) -> pd.Categorical:
        place = {label: code for code, label in enumerate(dict.fromkeys(labels))}
        codes = np.array([place[label] for label in labels], dtype=np.int32)
        small = categorical(codes, list(place))
        return pd.Categorical.from_codes(
            np.tile(small.codes, count), dtype=small.dtype, validate=False
        )

    by_row = {name: over_columns(column) for name, column in rows.columns.items()}
    if headings.periods is not None:
        by_row["time_period"] = over_rows(headings.periods)
    columns = {"ref_area": by_row.pop("ref_area"), "time_period": by_row.pop("time_period")}
    columns |= by_row
    dimensions = list(rows.dimensions)
    for label, members in headings.dimensions.items():
        name = unique_name(label, [*RESERVED, *columns])
        columns[name] = over_rows(members)
        dimensions.append(name)
    columns["measure"] = over_rows(headings.measures)
    columns["unit_measure"] = over_rows(headings.units)
    return columns, tuple(dimensions)


def _title(layout: Layout, headings: Headings) -> str:
    """The title lines as one, without the line of the measure and that of the time."""
    lines = [
        line
        for line in layout.titles
        if line != headings.measure_line and parse_period(line) is None
    ]
    return " ".join(lines)


def _notes(
    layout: Layout,
    headings: Headings,
    rows: KeyColumns,
    cells: Cells,
    source: SourceText,
    path: Path,
) -> tuple[str, ...]:
    """Footnotes of the file, then what the reader repaired or assumed."""
    try:
        records = list(csv.reader(io.StringIO(layout.footer), delimiter=";", strict=True))
    except csv.Error as error:
        raise RawDataError(
            "the notes below the rows are cut off",
            file=path,
            found=layout.footer[-80:],
            expected="a closing quotation mark, the licence and the date of the download",
            remedy="download the file again",
        ) from error
    footnotes = [cell.strip() for record in records for cell in record if cell.strip()]
    empty = int((cells.status == NO_OBSERVATION).sum())
    blanks = (f"{empty} empty cells are no observations",) if empty else ()
    twice = _twice(headings)
    return (*footnotes, *source.notes, *headings.notes, *rows.notes, *blanks, *twice)


def _twice(headings: Headings) -> tuple[str, ...]:
    """A note where the publisher prints two columns under the same headings."""
    columns = list(
        zip(
            headings.measures,
            headings.units,
            headings.periods or headings.measures,
            *headings.dimensions.values(),
            strict=True,
        )
    )
    count = len(columns) - len(set(columns))
    return (f"{count} columns repeat the headings of another; all are kept",) if count else ()
