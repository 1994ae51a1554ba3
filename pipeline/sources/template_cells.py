"""Cells of the workspace's own templates: text, keys, numbers, dates and words of a vocabulary."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import RawDataError
from pipeline.keys import normalise_key
from pipeline.provenance import OFFICIAL_SIGNS
from pipeline.sources.site_details import language_codes, web_address
from pipeline.sources.template_kinds import Column
from pipeline.sources.workbook import Cell, cell_text

_EARLIEST, _LATEST = 1900, 2100
_GERMAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


@dataclass(frozen=True)
class Place:
    """Where a cell stands, for errors, and how its file writes decimals."""

    path: Path
    row: int
    column: str
    decimal: str

    def refuse(self, message: str, found: object, expected: str, remedy: str) -> RawDataError:
        """The error for this cell."""
        return RawDataError(
            message,
            file=self.path,
            row=self.row,
            column=self.column,
            found=found,
            expected=expected,
            remedy=remedy,
        )


def parse_text(cell: Cell, column: Column, place: Place) -> str:
    """Text of a cell in the one form that the workspace keeps; empty where it is empty.

    A key is normalised, a date becomes ISO, a word of a vocabulary becomes its code, a web address
    gets its scheme, languages become their codes.
    """
    text = cell_text(cell)
    if not text:
        if column.is_required:
            raise place.refuse(
                "an empty cell in a required column",
                "",
                column.description,
                "fill it in, or delete the row",
            )
        return ""
    if text.startswith("="):
        raise place.refuse(
            "a formula instead of its result",
            text,
            "the text or number itself",
            "replace the formula by its value (copy, then 'paste values only')",
        )
    if column.kind in {"key", "keys"} and not isinstance(cell, str):
        raise place.refuse(
            "the key is a number, not text: a leading zero may be lost",
            cell,
            "text with all digits: 05566076 for a municipality, 05566 for a Kreis",
            "format the column as text in your list and type the key again",
        )
    if column.kind == "key":
        return normalise_key(cell, file=place.path, row=place.row, column=place.column)
    if column.kind == "keys":
        parts = re.split(r"[\s,;]+", text)
        return " ".join(
            normalise_key(part, file=place.path, row=place.row, column=place.column)
            for part in parts
        )
    if column.kind == "date":
        return _iso_date(cell, text, place)
    if column.kind == "choice":
        return parse_choice(text, column.choices, place)
    if column.kind == "web":
        return _web_address(text, place)
    if column.kind == "languages":
        return _languages(text, place)
    return " ".join(text.split())


def _web_address(text: str, place: Place) -> str:
    address = web_address(text)
    if not address:
        raise place.refuse(
            "no web address",
            text,
            "https://www.beispiel.de or www.beispiel.de",
            "correct it, or leave the cell empty",
        )
    return address


def _languages(text: str, place: Place) -> str:
    codes, unknown = language_codes(re.split(r"[,;/\n]+", text))
    if unknown:
        raise place.refuse(
            "an unknown language",
            unknown[0],
            "German names (Türkisch) or codes of ISO 639 (tr), parted by commas",
            "what is no language belongs in the column 'note'",
        )
    return codes


def parse_choice(text: str, choices: Mapping[str, str], place: Place) -> str:
    """Code of a word of a closed vocabulary, given as code or as German word."""
    wanted = text.casefold()
    for code, word in choices.items():
        if wanted in {code.casefold(), word.casefold()}:
            return code
    raise place.refuse(
        "an unknown word",
        text,
        ", ".join(choices.values()),
        "pick a word from the list; what fits nowhere belongs in the column 'note'",
    )


def _iso_date(cell: Cell, text: str, place: Place) -> str:
    german = _GERMAN_DATE.fullmatch(text)
    try:
        if isinstance(cell, dt.datetime):
            date = cell.date()
        elif isinstance(cell, dt.date):
            date = cell
        elif german:
            date = dt.date(int(german[3]), int(german[2]), int(german[1]))
        else:
            date = dt.date.fromisoformat(text)
        if not _EARLIEST <= date.year <= _LATEST:
            raise ValueError(text)
    except ValueError as error:
        raise place.refuse(
            "no date",
            cell,
            f"31.12.2024 or 2024-12-31, from {_EARLIEST} to {_LATEST}",
            "write day, month and year",
        ) from error
    return date.isoformat()


def parse_number(cell: Cell, column: Column, place: Place) -> tuple[float, str]:
    """Number and status of a cell; (NaN, "") where it is empty and need not be filled.

    An official sign is read as in the publishers' tables: `-` is a true zero, the others stand
    instead of a number.
    """
    text = cell_text(cell)
    if text in OFFICIAL_SIGNS:
        status = OFFICIAL_SIGNS[text]
        return (0.0 if status == "nil" else math.nan), status
    if not text:
        if column.is_required:
            raise place.refuse(
                "an empty cell in a required column",
                "",
                "a number, or '.' where it is unknown",
                "an empty cell is not a zero",
            )
        return math.nan, ""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        number = float(cell)
    else:
        number = _written_number(text, place)
    low = -math.inf if column.minimum is None else column.minimum
    high = math.inf if column.maximum is None else column.maximum
    is_whole = column.kind != "integer" or number.is_integer()
    if not (math.isfinite(number) and low <= number <= high and is_whole):
        raise place.refuse(
            "a number out of range, or not whole",
            cell if math.isfinite(number) else text,
            _in_words(column),
            "check the digits and the decimal sign",
        )
    return number, ""


def _in_words(column: Column) -> str:
    kind = "a whole number" if column.kind == "integer" else "a number"
    match column.minimum, column.maximum:
        case None, None:
            return kind
        case low, None:
            return f"{kind} of at least {low:g}"
        case None, high:
            return f"{kind} of at most {high:g}"
        case low, high:
            return f"{kind} from {low:g} to {high:g}"


def _written_number(text: str, place: Place) -> float:
    if not re.fullmatch(rf"-?[0-9]+({re.escape(place.decimal)}[0-9]+)?", text):
        other = "point" if place.decimal == "," else "comma"
        raise place.refuse(
            f"no number (a {other} is not the decimal sign of this file)",
            text,
            f"digits, decimals after '{place.decimal}', no thousands separator, or an official "
            f"sign ({' '.join(OFFICIAL_SIGNS)})",
            "files with ';' between the cells write 7,5 and files with ',' write 7.5",
        )
    return float(text.replace(place.decimal, "."))
