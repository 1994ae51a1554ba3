"""The kinds of values in a record: dates as precise as known, bounded quantities, money in cents.

Each is read from the text that a person types into a table, and written back the same.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from pipeline.errors import MethodInputError
from pipeline.methods.money import parse_euro, plain_text

_PERIOD = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_QUANTITY = re.compile(r"(>=|<=|~)?\s*(-?\d+(?:[.,]\d+)?)")
#: Divides what is wrong from what should stand there, in the errors of this module.
EXPECTED = "; expected "
_DATES = "2021, 2021-10, 2021-10-06 or 06.10.2021 (in a spreadsheet: a date or text, no number)"
_BOUND_WORDS = {"": "", ">=": "mindestens ", "<=": "höchstens ", "~": "etwa "}


@dataclass(frozen=True)
class Period:
    """A day, month or year, as precise as the source is."""

    text: str

    @property
    def first(self) -> dt.date:
        """The first day that it may mean."""
        year, month, day = self._parts()
        return dt.date(year, month or 1, day or 1)

    @property
    def last(self) -> dt.date:
        """The last day that it may mean."""
        year, month, day = self._parts()
        month = month or 12
        return dt.date(year, month, day or calendar.monthrange(year, month)[1])

    def _parts(self) -> tuple[int, int, int]:
        year, month, day = (*self.text.split("-"), "0", "0")[:3]
        return int(year), int(month), int(day)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Quantity:
    """A number, or a bound where the source gives no more ("über 35" is ``>=35``)."""

    value: float
    bound: str = ""

    def __str__(self) -> str:
        number = int(self.value) if self.value == int(self.value) else self.value
        return f"{self.bound}{number}"

    @property
    def words(self) -> str:
        """The bound in German, with its blank: "mindestens "."""
        return _BOUND_WORDS[self.bound]


def parse_period(value: object) -> Period | None:
    """``2021``, ``2021-10``, ``2021-10-06``, ``06.10.2021`` or a date cell; empty is None."""
    if isinstance(value, Period) or _is_empty(value):
        return value if isinstance(value, Period) else None
    if isinstance(value, dt.datetime | dt.date):
        return Period(value.strftime("%Y-%m-%d"))
    text = str(value).strip()
    german = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text)
    if german:
        text = f"{german[3]}-{int(german[2]):02d}-{int(german[1]):02d}"
    if not _PERIOD.fullmatch(text):
        raise ValueError(f"this is no date{EXPECTED}{_DATES}")
    period = Period(text)
    try:
        _ = (period.first, period.last)
    except ValueError as error:  # a 31 February
        raise ValueError(f"there is no such day{EXPECTED}{_DATES}") from error
    return period


def parse_quantity(value: object) -> Quantity | None:
    """``35``, ``>=35`` (mindestens), ``<=40`` (höchstens), ``~20`` (etwa); empty is None."""
    if isinstance(value, Quantity) or _is_empty(value):
        return value if isinstance(value, Quantity) else None
    match = _QUANTITY.fullmatch(str(value).strip())
    if not match:
        raise ValueError(f"this is no number{EXPECTED}35, >=35, <=40 or ~20")
    return Quantity(float(match[2].replace(",", ".")), match[1] or "")


def parse_number(value: object) -> object:
    """A decimal comma is read as a point; an empty cell is None."""
    if _is_empty(value):
        return None
    return value.strip().replace(",", ".") if isinstance(value, str) else value


def parse_cents(value: object) -> int | None:
    """Euros as text or number cell, in cents; empty is None."""
    if _is_empty(value):
        return None
    try:
        return parse_euro(value)
    except MethodInputError as error:
        expected = f"{EXPECTED}{error.expected}" if error.expected else ""
        raise ValueError(f"{error.message}{expected}") from error


def parse_optional(value: object) -> object:
    """An empty cell is None."""
    return None if _is_empty(value) else value


def parse_text(value: object) -> str:
    """A cell as text; an empty one is ""."""
    return "" if value is None else str(value).strip()


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)


Day = Annotated[
    Period | None, BeforeValidator(parse_period), PlainSerializer(_as_text, return_type=str)
]
Amount = Annotated[
    Quantity | None, BeforeValidator(parse_quantity), PlainSerializer(_as_text, return_type=str)
]
#: Held in cents, written and read in euros.
Cents = Annotated[
    int | None,
    BeforeValidator(parse_cents),
    PlainSerializer(lambda c: "" if c is None else plain_text(c), return_type=str),
]
Number = Annotated[float, BeforeValidator(parse_number)]
Text = Annotated[str, BeforeValidator(parse_text)]
