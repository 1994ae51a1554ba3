"""Worksheets of XLSX and XLS files as plain rows, with bounded memory.

Recognition looks only at the beginning of the text in a workbook (`preview`); reading
(`read_sheets`) goes through `limits`, so that a hostile file is refused instead of unpacked.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path
from typing import TypeAlias

import python_calamine

from pipeline.errors import RawDataError
from pipeline.sources.base import Head
from pipeline.sources.limits import (
    MAX_WORKBOOK_BYTES,
    MEBIBYTE,
    check_size,
    rewritten_archive,
)

#: A cell as the library gives it: text, number, date, bool; an empty cell is the empty text.
Cell: TypeAlias = object
Rows: TypeAlias = list[list[Cell]]

#: Rows × columns of one worksheet; the official municipality list has 0.3 million.
MAX_CELLS = 20_000_000

_OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_CELL_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")
_PREVIEW_BYTES = 2 * MEBIBYTE
_PREVIEW_SHEET_BYTES = 64 * 1024
_PREVIEW_MEMBERS = 40


def preview(head: Head) -> str:
    """Text of a workbook's beginning, for recognition only: sheet names and first strings.

    Empty for a file that is no readable workbook.
    """
    if head.is_zip:
        return _preview_xlsx(head.path)
    if head.is_ole:
        try:
            check_size(head.path, MAX_WORKBOOK_BYTES)
            book = _open(head.path, head.path.read_bytes())
            first = _rows(head.path, book, 0)[:2] if book.sheet_names else []
        except RawDataError:
            return ""
        cells = [str(cell) for row in first for cell in row]
        return "\n".join([*book.sheet_names, *cells])
    return ""


def _preview_xlsx(path: Path) -> str:
    parts: list[bytes] = []
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist()[:_PREVIEW_MEMBERS]:
                if name in {"xl/workbook.xml", "xl/sharedStrings.xml"}:
                    with archive.open(name) as stream:
                        parts.append(stream.read(_PREVIEW_BYTES))
                elif name.startswith("xl/worksheets/"):
                    with archive.open(name) as stream:
                        parts.append(stream.read(_PREVIEW_SHEET_BYTES))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError):
        return ""
    return b"\n".join(parts).decode("utf-8", errors="replace")


def read_sheets(path: Path) -> dict[str, Rows]:
    """All worksheets of a workbook: name → rows of cells, each row as wide as the sheet.

    Raises
    ------
    RawDataError : no workbook, a damaged one, or one beyond the limits.
    """
    check_size(path, MAX_WORKBOOK_BYTES)
    with path.open("rb") as stream:
        magic = stream.read(8)
    if magic.startswith(b"PK\x03\x04"):
        content = rewritten_archive(path)
        _check_dimensions(path, content)
        book = _open(path, content.getvalue())
    elif magic == _OLE_MAGIC:
        # the old format is bounded by itself: 65,536 rows × 256 columns a sheet, no compression
        book = _open(path, path.read_bytes())
    else:
        raise RawDataError(
            "this is no Excel workbook",
            file=path,
            found=magic,
            expected="an XLSX or XLS file",
            remedy="download it again; a web page saved under this name is a common cause",
        )
    return {name: _rows(path, book, index) for index, name in enumerate(book.sheet_names)}


def _check_dimensions(path: Path, content: io.BytesIO) -> None:
    # the library allocates the whole rectangle up to the last cell, even if two cells are filled
    with zipfile.ZipFile(content) as archive:
        for name in archive.namelist():
            if not name.startswith("xl/worksheets/"):
                continue
            last_row, last_column = 0, 0
            for match in _CELL_REFERENCE.finditer(archive.read(name)):
                last_row = max(last_row, int(match[2]))
                last_column = max(last_column, _column_number(match[1]))
            if last_row * last_column > MAX_CELLS:
                raise RawDataError(
                    "the worksheet is larger than any official table",
                    file=path,
                    found=f"{name}: {last_row:,} rows × {last_column:,} columns",
                    expected=f"at most {MAX_CELLS:,} cells",
                    remedy="delete stray cells far below or right of the table",
                )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _open(path: Path, content: bytes) -> python_calamine.CalamineWorkbook:
    try:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except BaseException as error:
        raise _damaged(path, error) from error


def _rows(path: Path, book: python_calamine.CalamineWorkbook, index: int) -> Rows:
    try:
        rows = book.get_sheet_by_index(index).to_python(skip_empty_area=False)
    except BaseException as error:
        raise _damaged(path, error) from error
    return [list(row) for row in rows]


def _damaged(path: Path, error: BaseException) -> BaseException:
    """Our own error for what the library says of damaged bytes.

    Its panics (`PanicException`) do not derive from `Exception`; a user's Ctrl-C must pass.
    """
    if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
        return error
    return RawDataError(
        f"the workbook is damaged or cut off ({error})", file=path, remedy="download it again"
    )


def cell_text(cell: Cell) -> str:
    """A cell as text, blanks stripped; a whole number without its decimal point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()
