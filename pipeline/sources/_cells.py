"""Cells of a publisher's table → numbers and statuses, vectorised, true to the official signs.

The bulk of a table is plain numbers; they are told apart by looking at bytes, not strings. What
is left (signs, brackets, quality letters, thousands separators) repeats a few texts a thousand
times, so each distinct text is read once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import RawDataError
from pipeline.provenance import OFFICIAL_SIGNS, STATUS_LABELS

#: Words of `obs_status` in a fixed order; a status is kept as its place in this tuple.
STATUSES: tuple[str, ...] = tuple(STATUS_LABELS)
STATUS_CODE: dict[str, int] = {word: code for code, word in enumerate(STATUSES)}
#: Code of a cell that holds nothing at all: no observation.
NO_OBSERVATION = -1

#: The signs as printed; the publications also set them with typographic characters.
SIGNS: dict[str, str] = OFFICIAL_SIGNS | {
    "–": "nil",
    "…": "not_yet_available",
    "·": "confidential_or_unknown",
    "X": "not_meaningful",
}
#: Quality letters behind a number or in a quality column. `s`, `p`, `r` and brackets stand in the
#: Zeichenerklärung of the statistical offices. `e` is "endgültig" (final), so the value is a plain
#: one: the GENESIS cubes set it beside every ordinary number, of full counts too.
QUALITY: dict[str, str] = {
    "e": "",
    "s": "estimated",
    "p": "provisional",
    "r": "revised",
    "()": "limited_reliability",
}

_BRACKETED = re.compile(r"\(\s*(?P<number>[^()]+?)\s*\)")
_LETTERED = re.compile(r"(?P<number>.*\d\)?)\s*(?P<letter>[espr])")
_DIGIT_0, _DIGIT_9, _MINUS = ord("0"), ord("9"), ord("-")


@dataclass(frozen=True)
class Place:
    """Where a cell stands in its file, for the error."""

    row: int
    column: str


@dataclass(frozen=True)
class Cells:
    """Numbers and status codes of a column of cells, in its order.

    Attributes
    ----------
    values : float64; 0.0 for `nil`, NaN where a sign stands instead of a number.
    status : int8; place in `STATUSES`, or `NO_OBSERVATION`.
    """

    values: npt.NDArray[np.float64]
    status: npt.NDArray[np.int8]


def parse_cells(cells: pa.Array, decimal: str, path: Path, place: Callable[[int], Place]) -> Cells:
    """Read cells of text.

    Parameters
    ----------
    cells : string array without nulls.
    decimal : the file's decimal mark, ``,`` or ``.``.
    place : where the cell of an index stands in the file.

    Raises
    ------
    RawDataError : a text that is neither number nor sign, with its row and column.
    """
    count = len(cells)
    offsets, data = _buffers(cells)
    is_plain, marks = _plain_numbers(offsets, data, decimal)
    status = np.zeros(count, dtype=np.int8)
    values = _cast(offsets, data, is_plain, marks if decimal != "." else None)
    special = np.flatnonzero(~is_plain)
    if special.size:
        values[special], status[special] = _parse_special(cells, special, decimal, path, place)
    return Cells(values, status)


def _buffers(cells: pa.Array) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Offsets (one more than cells) and bytes of a string array."""
    if cells.offset or not len(cells):
        cells = pa.array(cells.to_pylist(), pa.string())
    if not len(cells):
        return np.zeros(1, np.int32), np.zeros(0, np.uint8)
    _, offsets, data = cells.buffers()
    return (
        np.frombuffer(offsets, np.int32, len(cells) + 1),
        np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8),
    )


def _plain_numbers(
    offsets: npt.NDArray[np.int32], data: npt.NDArray[np.uint8], decimal: str
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.intp]]:
    """Which cells are ``-?digits[decimal digits]``, and where their decimal marks lie in `data`."""
    starts, ends = offsets[:-1], offsets[1:]
    is_plain = ends > starts
    used = data[: offsets[-1]]
    others = np.flatnonzero((used < _DIGIT_0) | (used > _DIGIT_9))
    if not others.size:
        return is_plain, others
    owner = np.searchsorted(ends, others, side="right")
    character = used[others]
    is_minus = (character == _MINUS) & (others == starts[owner]) & (others + 1 < ends[owner])
    is_mark = (character == ord(decimal)) & (others > starts[owner]) & (others + 1 < ends[owner])
    is_plain[owner[~(is_minus | is_mark)]] = False
    # a second mark, or a mark straight behind the minus, is no number
    mark_owner = owner[is_mark]
    is_plain[mark_owner[1:][mark_owner[1:] == mark_owner[:-1]]] = False
    after_minus = is_mark & np.append(False, is_minus[:-1] & (np.diff(others) == 1))
    is_plain[owner[after_minus]] = False
    return is_plain, others[is_mark]


def _cast(
    offsets: npt.NDArray[np.int32],
    data: npt.NDArray[np.uint8],
    is_plain: npt.NDArray[np.bool_],
    marks: npt.NDArray[np.intp] | None,
) -> npt.NDArray[np.float64]:
    """The plain cells as float64, NaN elsewhere; `marks` are turned into decimal points."""
    if marks is not None and marks.size:
        data = data.copy()
        data[marks] = ord(".")
    buffers = [pa.array(is_plain).buffers()[1], pa.py_buffer(offsets), pa.py_buffer(data)]
    numbers = pa.Array.from_buffers(pa.string(), len(is_plain), buffers).cast(pa.float64())
    # writable and without the validity buffer: nulls become NaN
    return np.array(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)


def _parse_special(
    cells: pa.Array,
    special: npt.NDArray[np.intp],
    decimal: str,
    path: Path,
    place: Callable[[int], Place],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int8]]:
    """Values and status codes of the cells that are no plain number; each text is read once."""
    encoded = pc.dictionary_encode(cells.take(pa.array(special)))
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    values = np.empty(len(encoded.dictionary))
    status = np.empty(len(encoded.dictionary), dtype=np.int8)
    for index, text in enumerate(encoded.dictionary.to_pylist()):
        try:
            values[index], word = parse_cell(text, decimal)
        except ValueError as error:
            where = place(int(special[np.argmax(codes == index)]))
            raise RawDataError(
                str(error),
                file=path,
                row=where.row,
                column=where.column,
                found=text,
                expected=f"a number with decimal '{decimal}', or one of the signs "
                + " ".join(OFFICIAL_SIGNS),
                remedy="download the publisher's file again; a spreadsheet may have changed it",
            ) from None
        status[index] = NO_OBSERVATION if word is None else STATUS_CODE[word]
    return values[codes], status[codes]


def parse_cell(text: str, decimal: str) -> tuple[float, str | None]:
    """Value and status of one cell; the status is None for an empty cell (no observation).

    ``-`` → (0.0, nil); ``/`` → (NaN, unreliable); ``(12)`` → (12.0, limited_reliability);
    ``12s`` → (12.0, estimated).

    Raises
    ------
    ValueError : with the reason, for a text that is neither number nor sign.
    """
    text = text.strip()
    if not text:
        return float("nan"), None
    if text in SIGNS:
        word = SIGNS[text]
        return (0.0 if word == "nil" else float("nan")), word
    word = ""
    if lettered := _LETTERED.fullmatch(text):
        text, word = lettered["number"], QUALITY[lettered["letter"]]
    if bracketed := _BRACKETED.fullmatch(text):
        text, word = bracketed["number"], QUALITY["()"]
    return parse_number(text, decimal), word


def parse_number(text: str, decimal: str) -> float:
    """A number; thousands separators only where no other reading is possible.

    With decimal comma ``1.234.567`` and ``1.234,5`` are numbers, ``1.234`` is refused (it may be
    1234 or 1,234), ``12.5`` is refused as a decimal point. With decimal point the same holds with
    the marks exchanged.
    """
    group = "." if decimal == "," else ","
    plain = rf"-?\d+(\{decimal}\d+)?"
    grouped = rf"-?\d{{1,3}}((\{group}\d{{3}}){{2,}}(\{decimal}\d+)?|\{group}\d{{3}}\{decimal}\d+)"
    if re.fullmatch(plain, text) or re.fullmatch(grouped, text):
        return float(text.replace(group, "").replace(decimal, "."))
    if re.fullmatch(rf"-?\d{{1,3}}\{group}\d{{3}}", text):
        raise ValueError(f"'{group}' may be a thousands separator or a decimal mark here")
    if re.fullmatch(rf"-?\d+\{group}\d+", text):
        raise ValueError(f"decimal '{group}' in a file with decimal '{decimal}'")
    raise ValueError("neither a number nor an official sign")


def apply_quality(parsed: Cells, marks: pd.Categorical, path: Path, first_row: int) -> Cells:
    """The statuses of a quality column (`value_q`) laid over those of the value column.

    A mark that qualifies a number changes plain numbers only; an official sign stands for the
    value where the value cell is empty.

    Raises
    ------
    RawDataError : an unknown mark.
    """
    values, status = parsed.values.copy(), parsed.status.copy()
    for code, mark in enumerate(marks.categories):
        rows = np.flatnonzero(np.asarray(marks.codes) == code)
        if not mark.strip() or not rows.size:
            continue
        word = QUALITY.get(mark.strip(), SIGNS.get(mark.strip()))
        if word is None:
            raise RawDataError(
                "an unknown quality mark",
                file=path,
                row=first_row + int(rows[0]),
                column="value_q",
                found=mark,
                expected="one of " + " ".join([*QUALITY, *SIGNS]),
                remedy="look it up in the publisher's Zeichenerklärung and add it to "
                "pipeline/sources/_cells.py",
            )
        target = rows[status[rows] == (0 if mark.strip() in QUALITY else NO_OBSERVATION)]
        status[target] = STATUS_CODE[word]
        if word == "nil":
            values[target] = 0.0
    return Cells(values, status)
