"""INKAR exports of the BBSR: one worksheet of values, one of definitions, one of the source.

BBSR, "Indikatoren und Karten zur Raum- und Stadtentwicklung" (INKAR online, export as Excel).
The worksheet with the values has two header rows: indicator, and below it the year. Several
indicators stand side by side.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.errors import RawDataError
from pipeline.keys import COUNTRY, level_of_key, normalise_key
from pipeline.provenance import OFFICIAL_SIGNS
from pipeline.sources.base import Head, LongTable
from pipeline.sources.workbook import Rows, cell_text, preview, read_sheets

FORMAT = "inkar"
LOOKS_LIKE = (
    "a workbook with the columns Kennziffer, Raumeinheit and Aggregat (INKAR export of the BBSR)"
)

_KEY_COLUMNS = ("Kennziffer", "Raumeinheit", "Aggregat")
_YEAR = re.compile(r"(19|20)\d{2}")
_DEFINITIONS_SHEET = "Metadaten"
_SOURCE_SHEET = "Quellangabe"
#: End or beginning of an indicator's long name → unit. A long name that says nothing leaves the
#: unit empty: it is not guessed.
_UNIT_AT_END = re.compile(r"\bin (Euro|%|km²|km|m²|ha|Minuten|Jahren|1\.000)\s*$")
_RATE_AT_END = re.compile(r"\b(je [\d.]+ .+)$")
_COUNT_AT_START = re.compile(r"(Zahl|Anzahl) ")


@dataclass(frozen=True)
class _Series:
    """One column of values."""

    column: int
    indicator: str
    year: str


def matches(head: Head) -> bool:
    """Whether a workbook holds the three key columns."""
    text = preview(head)
    return all(name in text for name in _KEY_COLUMNS)


def read(path: Path) -> LongTable:
    """All indicators, years and territories of the export.

    A blank cell is no observation (INKAR has no value for this year); the notes count them.

    Raises
    ------
    RawDataError : no worksheet with the key columns, no years below the indicators, a cell that
        is neither a number nor an official sign, a lost zero, a territory twice.
    """
    sheets = read_sheets(path)
    sheet_name, rows = _find_values(path, sheets)
    series = _find_series(path, rows)
    definitions = _definitions(sheets.get(_DEFINITIONS_SHEET, []))
    records: list[tuple[object, ...]] = []
    blanks = 0
    rows_of_key: dict[str, int] = {}
    for number, row in enumerate(rows[2:], start=3):
        if not any(cell_text(cell) for cell in row):
            continue
        key = _key(path, number, row)
        if key in rows_of_key:
            raise RawDataError(
                "a territory stands twice",
                file=path,
                row=number,
                column="Kennziffer",
                found=key,
                expected=f"one row for each territory (the first is row {rows_of_key[key]})",
                remedy="export the indicators again",
            )
        rows_of_key[key] = number
        for one in series:
            value, status = _value(path, number, one, row[one.column])
            if math.isnan(value) and not status:
                blanks += 1
                continue
            records.append((key, cell_text(row[1]), one.year, one.indicator, value, status))
    if not records:
        raise RawDataError(
            "a header without data",
            file=path,
            row=3,
            expected="one row for each territory",
            remedy="export the indicators again",
        )
    frame = pd.DataFrame.from_records(
        records,
        columns=["ref_area", "ref_area_name", "time_period", "measure", "obs_value", "obs_status"],
    )
    units = {one.indicator: _unit(definitions.get(one.indicator, "")) for one in series}
    frame.insert(4, "unit_measure", frame["measure"].map(units))
    return LongTable(
        format=FORMAT,
        table=None,
        title="; ".join(definitions.get(name) or name for name in units),
        encoding="xls" if _is_old(path) else "xlsx",
        level=_common_level(rows_of_key),
        frame=frame.astype({"obs_value": "float64"}),
        notes=_notes(sheets, sheet_name, blanks),
        path=path,
    )


def _is_old(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) != b"PK"


def _find_values(path: Path, sheets: dict[str, Rows]) -> tuple[str, Rows]:
    for name, rows in sheets.items():
        header = [cell_text(cell) for cell in rows[0][:3]] if rows else []
        if header == list(_KEY_COLUMNS) and len(rows) > 1:
            return name, rows
    raise RawDataError(
        "no worksheet holds the values",
        file=path,
        found="worksheets " + ", ".join(sheets),
        expected="a worksheet that begins with " + ", ".join(_KEY_COLUMNS),
        remedy="export the indicators as Excel again, with all worksheets",
    )


def _find_series(path: Path, rows: Rows) -> list[_Series]:
    series: list[_Series] = []
    seen: set[tuple[str, str]] = set()
    for column in range(len(_KEY_COLUMNS), len(rows[0])):
        indicator, year = cell_text(rows[0][column]), cell_text(rows[1][column])
        if not indicator and not year:
            continue
        if not indicator or not _YEAR.fullmatch(year) or (indicator, year) in seen:
            raise RawDataError(
                "a column of values without indicator or year, or one that stands twice",
                file=path,
                row=2,
                column=indicator or f"column {column + 1}",
                found=year,
                expected="the indicator in row 1 and its year in row 2, each pair once",
                remedy="export the indicators again, as time series in columns",
            )
        seen.add((indicator, year))
        series.append(_Series(column, indicator, year))
    if not series:
        raise RawDataError(
            "no column of values",
            file=path,
            row=1,
            expected="indicators from the fourth column on",
            remedy="export the indicators again",
        )
    return series


def _key(path: Path, row: int, cells: list[object]) -> str:
    # Assumption: names and keys of the federal row and of planning regions are as in the BBSR's
    # lists; the exports at hand hold Kreise only
    key, aggregate = cells[0], cell_text(cells[2])
    if aggregate.startswith("Raumordnungsregion"):
        return normalise_key(f"ROR:{cell_text(key).lstrip('0')}", file=path, row=row)
    if aggregate in {"Bund", "Deutschland"}:
        return COUNTRY
    return normalise_key(key, file=path, row=row, column="Kennziffer")


def _value(path: Path, row: int, series: _Series, cell: object) -> tuple[float, str]:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell), ""
    text = cell_text(cell)
    if text in OFFICIAL_SIGNS:
        status = OFFICIAL_SIGNS[text]
        return (0.0 if status == "nil" else math.nan), status
    if text:
        raise RawDataError(
            "neither a number nor an official sign",
            file=path,
            row=row,
            column=f"{series.indicator} {series.year}",
            found=cell,
            expected="a numeric cell",
            remedy="export the indicators again; do not edit the numbers",
        )
    return math.nan, ""


def _definitions(rows: Rows) -> dict[str, str]:
    """Indicator → long name."""
    for number, row in enumerate(rows):
        labels = [cell_text(cell) for cell in row]
        if labels[:2] == ["Indikator", "Langname"]:
            return {
                cell_text(below[0]): cell_text(below[1])
                for below in rows[number + 1 :]
                if cell_text(below[0])
            }
    return {}


def _unit(long_name: str) -> str:
    at_end = _UNIT_AT_END.search(long_name) or _RATE_AT_END.search(long_name)
    if at_end:
        return at_end[1].strip()
    return "Anzahl" if _COUNT_AT_START.match(long_name) else ""


def _common_level(keys: dict[str, int]) -> str | None:
    levels = {level_of_key(key) for key in keys}
    return levels.pop() if len(levels) == 1 else None


def _notes(sheets: dict[str, Rows], values: str, blanks: int) -> tuple[str, ...]:
    source = [cell_text(cell) for row in sheets.get(_SOURCE_SHEET, []) for cell in row]
    definitions = [
        ": ".join(text for text in map(cell_text, row) if text)
        for row in sheets.get(_DEFINITIONS_SHEET, [])[2:]
    ]
    counted = [f"{blanks} leere Zellen im Blatt {values} ohne Wert"] if blanks else []
    return tuple(" ".join(note.split()) for note in [*source, *definitions, *counted] if note)
