"""The two shapes of a template, CSV and workbook, as one: header, rows, statements."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import RawDataError
from pipeline.sources.limits import MAX_TEXT_BYTES, check_size
from pipeline.sources.workbook import Cell, Rows, cell_text, read_sheets

MARK = "versorgungslabor-template:"
MARK_SHEET = "Vorlage"
DATA_SHEET = "Daten"
COMPLETENESS_SHEET = "Vollständigkeit"
COMPLETENESS_COLUMNS = ("ref_area", "sector", "completeness", "known_total")
#: Beginning of a comment line of a CSV template that states completeness.
COMPLETENESS_LINE = "# completeness"


@dataclass(frozen=True)
class TemplateCells:
    """A template as cells: header, numbered rows, numbered statements, decimal sign."""

    version: str
    header: list[str]
    rows: list[tuple[int, list[Cell]]]
    statements: list[tuple[int, list[Cell]]]
    decimal: str
    encoding: str


def read_cells(path: Path) -> TemplateCells:
    """Cells of a template; `RawDataError` where mark, header or a worksheet is missing."""
    check_size(path, MAX_TEXT_BYTES)
    with path.open("rb") as stream:
        is_workbook = stream.read(4) == b"PK\x03\x04"
    return _workbook_cells(path) if is_workbook else _csv_cells(path)


def _workbook_cells(path: Path) -> TemplateCells:
    sheets = read_sheets(path)
    mark = sheets.get(MARK_SHEET, [])
    first = cell_text(mark[0][0]) if mark and mark[0] else ""
    data = sheets.get(DATA_SHEET, [])
    if not first.startswith(MARK) or not data:
        raise RawDataError(
            "a worksheet of the template is missing",
            file=path,
            found=", ".join(sheets),
            expected=f"worksheets {MARK_SHEET} (with the mark in A1) and {DATA_SHEET}",
            remedy="write a new empty template and copy the rows over",
        )
    statements = _numbered(sheets.get(COMPLETENESS_SHEET, []))[1:]
    return TemplateCells(
        version=" ".join(first.removeprefix(MARK).split()),
        header=_trim([cell_text(cell) for cell in data[0]]),
        rows=_numbered(data)[1:],
        statements=statements,
        decimal=",",
        encoding="xlsx",
    )


def _numbered(rows: Rows) -> list[tuple[int, list[Cell]]]:
    return list(enumerate(rows, start=1))


def _trim(header: list[str]) -> list[str]:
    while header and not header[-1]:
        header = header[:-1]
    return header


def _csv_cells(path: Path) -> TemplateCells:
    text, encoding = _decode(path)
    plain = [line for line in text.splitlines() if line.strip('" ;,') and "#" not in line[:2]]
    if plain and plain[0].count("\t") > max(plain[0].count(";"), plain[0].count(",")):
        raise RawDataError(
            "tabs between the cells instead of ;",
            file=path,
            row=text.splitlines().index(plain[0]) + 1,
            found=plain[0],
            expected="cells parted by ; (decimals 7,5) or by , (decimals 7.5)",
            remedy="save the list as CSV with the separator ;",
        )
    delimiter = ";" if plain and plain[0].count(";") >= plain[0].count(",") else ","
    records: list[tuple[int, list[str]]] = []
    comments: list[tuple[int, str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    row = 1
    try:
        for record in reader:
            if record and record[0].lstrip().startswith("#"):
                comments.append((row, delimiter.join(record).rstrip(delimiter + " ")))
            elif any(cell.strip() for cell in record):
                records.append((row, record))
            row = reader.line_num + 1
    except csv.Error as error:
        raise RawDataError(
            f"a row that cannot be taken apart ({error})",
            file=path,
            row=row,
            expected="cells in quotes closed, no control characters",
            remedy="look for an opening quote without its end, or a cut-off file",
        ) from error
    mark = comments[0][1].lstrip("# ") if comments else ""
    if not mark.startswith(MARK) or not records:
        raise RawDataError(
            "the mark or the header of the template is missing",
            file=path,
            row=1,
            found=mark,
            expected=f"'# {MARK} <kind> <version>' in the first line, then the header",
            remedy="write a new empty template and copy the rows over",
        )
    statements: list[tuple[int, list[Cell]]] = [
        (number, [*re.split(r"[;,]", comment)[1:]])
        for number, comment in comments
        if comment.startswith(COMPLETENESS_LINE)
    ]
    header = _trim([cell.strip() for cell in records[0][1]])
    return TemplateCells(
        version=" ".join(mark.removeprefix(MARK).split()),
        header=header,
        rows=[(number, list(record)) for number, record in records[1:]],
        statements=statements,
        decimal="," if delimiter == ";" else ".",
        encoding=encoding,
    )


def _decode(path: Path) -> tuple[str, str]:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        pass
    # spreadsheets save CSV in the Windows encoding; both encodings in one file are a broken file
    text = raw.decode("cp1252", errors="replace")
    utf8_umlaut = re.search(rb"\xc3[\x80-\xbf]", raw)
    if utf8_umlaut or "\ufffd" in text:
        at = utf8_umlaut.start() if utf8_umlaut else text.index("\ufffd")
        raise RawDataError(
            "the file mixes encodings, or is no text",
            file=path,
            row=text.count("\n", 0, at) + 1,
            found=text[max(0, at - 20) : at + 12],
            expected="UTF-8 throughout (or Windows-1252 throughout)",
            remedy="save it as 'CSV UTF-8'",
        )
    return text, "cp1252"
