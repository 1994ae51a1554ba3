"""Strict reading of our own CSV files: UTF-8, comma, header, every row whole.

pandas alone would forgive what must not be forgiven here (a short row, a Latin-1 byte), or fail
without naming the row; so bytes and shape are checked first.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from pipeline.errors import RawDataError
from pipeline.sources.base import Head

#: Name of the column that keeps each row's number in the file, for error messages.
ROW = "_row"
#: Share of a format's columns by which its header is recognised.
SHARE_OF_HEADER = 0.7


def read_text(path: Path) -> str:
    """The whole file as text; `RawDataError` names the row of the first byte that is not UTF-8."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line_start = raw.rfind(b"\n", 0, error.start) + 1
        raise RawDataError(
            "a byte that is not UTF-8",
            file=path,
            row=raw.count(b"\n", 0, error.start) + 1,
            found=raw[line_start : error.start + 12].decode("latin-1"),
            expected="UTF-8 throughout",
            remedy="the file is probably ISO-8859-1: save it as UTF-8 "
            f"(iconv -f ISO-8859-1 -t UTF-8 {path.name}) and renew the hash in its sidecar",
        ) from error


def has_header(head: Head, columns: Sequence[str]) -> bool:
    """Whether the first line holds most of `columns`.

    Most, not all: a file that lacks a column is still recognised, so that the error can name the
    column instead of saying that the file is unknown.
    """
    found = set(head.lines[0].split(",")) if head.lines else set()
    return len(found & set(columns)) >= SHARE_OF_HEADER * len(columns)


def read_csv(path: Path, required: Sequence[str], optional: Sequence[str] = ()) -> pd.DataFrame:
    """Read a CSV file, every cell as text.

    Returns
    -------
    One row a record, columns as in the file plus `ROW` (1 = header, as a text editor counts).

    Raises
    ------
    RawDataError : not UTF-8, a missing or unknown column, a row with too few or too many cells,
        or no record at all.
    """
    reader = csv.reader(io.StringIO(read_text(path), newline=""))
    header = next(reader, [])
    _check_header(path, header, required, optional)
    records: list[list[str]] = []
    rows: list[int] = []
    first_line = reader.line_num + 1
    for record in reader:
        if record:  # a blank line is no record
            if len(record) != len(header):
                raise RawDataError(
                    "a row with the wrong number of cells",
                    file=path,
                    row=first_line,
                    found=f"{len(record)} cells",
                    expected=f"{len(header)} cells, as in the header",
                    remedy="look for a missing or unquoted comma, or a cut-off end",
                )
            records.append(record)
            rows.append(first_line)
        first_line = reader.line_num + 1
    if not records:
        raise RawDataError(
            "a header without data", file=path, remedy="restore the file; a table has rows"
        )
    frame = pd.DataFrame(records, columns=header, dtype="str")
    return frame.assign(**{ROW: rows})


def _check_header(
    path: Path, header: list[str], required: Sequence[str], optional: Sequence[str]
) -> None:
    missing = [name for name in required if name not in header]
    unknown = [name for name in header if name not in required and name not in optional]
    doubled = sorted({name for name in header if header.count(name) > 1})
    problem = (
        f"a missing column: '{missing[0]}'"
        if missing
        else f"an unknown column: '{unknown[0]}'"
        if unknown
        else f"a column that stands twice: '{doubled[0]}'"
        if doubled
        else None
    )
    if problem:
        raise RawDataError(
            problem,
            file=path,
            row=1,
            found=", ".join(header),
            expected=", ".join(required) + (f" (and {', '.join(optional)})" if optional else ""),
            remedy="restore the header; the names must be these to the letter",
        )
