"""Where the parts of a classic GENESIS CSV lie: titles, headings, rows, footer.

::

    GENESIS-Tabelle: 12411-02-03-4          code
    Bevölkerung nach Geschlecht ...;;;;     titles: one text, then empty cells
    Bevölkerungsstand (Anzahl);;;;          (measure, date or section may be among them)
    ;;;männlich;weiblich                    headings: empty above the key columns
    31.12.2015;DG;Deutschland;1;2           rows: keys and labels, then values
    __________                              footer: notes, licence, date of the download
    "Berlin: ..."

Everything is derived from this content, nothing from the table code.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import RawDataError

#: First line; some downloads have stray letters before the word ("BevTabelle: …").
FIRST_LINE = re.compile(
    r"[^;:<]{0,12}?(?P<genesis>GENESIS-)?(?P<word>Tabelle|[Tt]able):\s*\"?(?P<code>[^\s;\"]+)\"?;*\s*"
)
_FOOTER = b"\n____"
#: More lines than this above the first row are no head of a table.
_MAX_HEAD_LINES = 200


@dataclass(frozen=True)
class Layout:
    """Where the parts of a file lie.

    Attributes
    ----------
    code, decimal : table code; decimal mark of the file's language.
    titles : lines of text above the headings.
    headings : the heading rows, each with all cells.
    keys : number of columns left of the values.
    body : (start, end) of the rows in the bytes.
    first_row : line of the first row, as an editor counts.
    footer : text below the rows.
    """

    code: str
    decimal: str
    titles: tuple[str, ...]
    headings: tuple[list[str], ...]
    keys: int
    body: tuple[int, int]
    first_row: int
    footer: str

    @property
    def values(self) -> int:
        """Number of value columns."""
        return len(self.headings[0]) - self.keys


def find_layout(utf8: bytes, path: Path) -> Layout:
    """Find the parts of a file by their form.

    Raises
    ------
    RawDataError : no table code, wrong delimiter, no footer (cut off), no headings, no rows.
    """
    footer = utf8.find(_FOOTER)
    if footer < 0:
        raise RawDataError(
            "the file ends before its footer: it is cut off",
            file=path,
            row=utf8.count(b"\n") + 1,
            found=utf8[-80:].decode(errors="replace"),
            expected="a line of underscores below the rows, then notes and licence",
            remedy="download the file again",
        )
    head, body_start = _split_head(utf8, footer, path)
    match = FIRST_LINE.fullmatch(head[0][0]) if head else None
    if match is None:
        raise RawDataError(
            "the first line names no table",
            file=path,
            row=1,
            found=utf8[:80].decode(errors="replace"),
            expected="'GENESIS-Tabelle: <code>' or 'Tabelle: <code>'",
            remedy="download the file again; something was written above its first line",
        )
    headings = _heading_rows(head)
    return Layout(
        code=match["code"],
        decimal="," if match["word"] == "Tabelle" else ".",
        titles=tuple(row[0] for row in head[1:] if row[0]),
        headings=tuple(headings),
        keys=min(_leading_blanks(row) for row in headings),
        body=(body_start, footer + 1),
        first_row=utf8.count(b"\n", 0, body_start) + 1,
        footer=utf8[utf8.find(b"\n", footer + 1) :].decode(errors="replace"),
    )


def _split_head(utf8: bytes, stop: int, path: Path) -> tuple[list[list[str]], int]:
    """The rows above the first data row, as cells, and where that row begins (before `stop`)."""
    head: list[list[str]] = []
    start = 0
    while start < stop and len(head) < _MAX_HEAD_LINES:
        end = utf8.find(b"\n", start)
        row = _cut(utf8[start:end].decode(errors="replace"))
        if _is_data_row(row, head):
            return head, start
        if any(row):
            head.append(row)
        start = end + 1
    raise _no_headings_or_rows(head, path)


def _cut(line: str) -> list[str]:
    """The cells of one line."""
    try:
        row = next(csv.reader([line], delimiter=";"), [""])
    except csv.Error:  # a cell beyond the size limit of the csv module
        row = line.split(";")
    return [cell.strip() for cell in row] or [""]


def _heading_rows(head: Sequence[list[str]]) -> list[list[str]]:
    """The rows that are empty above the first key column, filled up to one length."""
    rows = [row for row in head[1:] if not row[0]]
    width = max((len(row) for row in rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


def _is_data_row(row: Sequence[str], head: Sequence[list[str]]) -> bool:
    """Whether the headings are over: a row with keys on the left and cells to their right."""
    headings = _heading_rows(head)
    if not headings or len(row) < 2:
        return False
    if row[0]:
        return any(row[1:])
    # a row whose first key is blank ("Insgesamt" without code) still has a key to the right
    keys = min(_leading_blanks(above) for above in headings)
    return 0 < _leading_blanks(row) < keys


def _leading_blanks(row: Sequence[str]) -> int:
    return next((place for place, cell in enumerate(row) if cell), len(row))


def _no_headings_or_rows(head: list[list[str]], path: Path) -> RawDataError:
    if not any(len(row) > 1 for row in head[1:]):
        return RawDataError(
            "the rows are not parted by ';'",
            file=path,
            found=";".join(head[-1])[:120] if head else "",
            expected="cells parted by ';'",
            remedy="download the CSV again; a spreadsheet may have saved it with other delimiters",
        )
    if not any(not row[0] for row in head[1:]):
        return RawDataError(
            "the table has no column headings",
            file=path,
            expected="rows that are empty above the key columns and name the value columns",
            remedy="download the file again",
        )
    return no_data(path)


def no_data(path: Path) -> RawDataError:
    return RawDataError(
        "headings without data",
        file=path,
        expected="at least one row with a value",
        remedy="check the selection (years, regions) of the download",
    )
