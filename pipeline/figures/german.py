"""Numbers, dates and lists as German readers write them (Babel, locale de_DE)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from babel import dates, lists, numbers

from pipeline.provenance import STATUS_LABELS, STATUS_SIGNS

LOCALE = "de_DE"
#: Printed where a number is missing without an official sign.
NO_DATA = "keine Daten"


def number(value: float, decimals: int = 0) -> str:
    """A number with German separators: ``77209`` → "77.209", ``68.74`` → "68,7"."""
    if not math.isfinite(value):
        return NO_DATA
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    # a rounded minus zero is a zero
    rounded = round(value, decimals) + 0.0
    return numbers.format_decimal(rounded, format=pattern, locale=LOCALE)


def signed(value: float, decimals: int = 0) -> str:
    """A change, always with its sign and a real minus: "+1,2", "−4,7", "±0,0"."""
    rounded = round(value, decimals)
    sign = "±" if rounded == 0 else "+" if rounded > 0 else "−"
    return sign + number(abs(rounded), decimals)


def cell(value: float, status: str = "", decimals: int = 0) -> str:
    """A table cell: the number, or the official sign that stands instead of it."""
    if status in STATUS_SIGNS:
        return STATUS_SIGNS[status]
    if value is None or not math.isfinite(value):
        return NO_DATA
    text = number(value, decimals)
    return f"({text})" if status == "limited_reliability" else text


def period(time_period: str, *, is_short: bool = False) -> str:
    """A period in words: "31. Dezember 2024" (short: "31.12.2024"), "August 2023", "2015"."""
    match time_period.count("-"):
        case 2:
            day, style = time_period, "dd.MM.yyyy" if is_short else "d. MMMM yyyy"
        case 1:
            day, style = f"{time_period}-01", "MM/yyyy" if is_short else "MMMM yyyy"
        case _:
            return time_period
    return dates.format_date(dt.date.fromisoformat(day), format=style, locale=LOCALE)


def interval(first_to_last: str) -> str:
    """A period of a source: "2008-12-31/2015-12-31" → "31.12.2008 bis 31.12.2015"."""
    days = [period(day, is_short=True) for day in first_to_last.split("/")]
    return " bis ".join(dict.fromkeys(days))


def enumeration(words: Sequence[str]) -> str:
    """ "Rheine und Neuenkirchen", "A, B und C"."""
    return lists.format_list(list(words), locale=LOCALE)


def signs_legend() -> list[tuple[str, str]]:
    """The official signs and what they say, for the legend of a page."""
    return [(sign, STATUS_LABELS[word]) for word, sign in STATUS_SIGNS.items()]
