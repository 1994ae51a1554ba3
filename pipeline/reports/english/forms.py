"""Numbers and days found in German text, as English readers write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from babel import dates

from pipeline.figures.german import LOCALE as GERMAN_LOCALE
from pipeline.figures.german import NUMBER_WORDS

LOCALE = "en_GB"

#: German name of a month → English name.
MONTHS = dict(
    zip(
        dates.get_month_names("wide", locale=GERMAN_LOCALE).values(),
        dates.get_month_names("wide", locale=LOCALE).values(),
        strict=True,
    )
)
_ENGLISH_WORDS = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
#: Number words that count; "eins" and "null" are more than numbers in German prose.
_COUNTS = {
    spelling: english if spelling == german else english.capitalize()
    for german, english in zip(NUMBER_WORDS[2:], _ENGLISH_WORDS, strict=True)
    for spelling in (german, german.capitalize())
}
_MONTH = "|".join(MONTHS)
_FORM = re.compile(
    rf"""
      (?P<tag></?\d+/?>)                                   # stands for an inline element
    | (?P<address>https?://[^\s<>„“]+[^\s<>„“.,;)] | \b[\w.-]+@[\w-]+\.[\w.]+\b)
    | (?P<code>\b\d{{4,5}}[A-Z]?(?:-\d+)+[a-z]?\b(?<!\d{{4}}-\d{{2}}-\d{{2}})  # of a table
        | \b[\w-]+/(?:by-\d-\d|[\w/.-]+\.\w+)\b                                # licence, file
        | \b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{{12,}}\b                          # checksum
        | (?<![\w.])\d+\.(?:\d{{1,2}}|\d\.\d)(?![\d.]*\d))                     # version
    | (?P<iso>\b\d{{4}}-\d{{2}}-\d{{2}}\b)
    | (?P<short>\b\d{{1,2}}\.\d{{1,2}}\.\d{{4}}\b)
    | (?P<day>\b(?P<number_of_day>\d{{1,2}})\.\ (?P<month>{_MONTH})(?P<year>\ \d{{4}})?\b)
    | (?P<month_of_year>\b(?P<named>{_MONTH})(?P<of_year>\ \d{{4}})\b)
    | (?P<number>(?:(?<!\w)[−+±-])?(?<![\w.])\d{{1,3}}(?:\.\d{{3}})+(?:,\d+)?(?!\d)
        | (?:(?<!\w)[−+±-])?\d+(?:,\d+)?)
    | (?P<word>\b(?:{"|".join(_COUNTS)})\b)
    """,
    re.VERBOSE,
)
_SWAPPED = str.maketrans(".,", ",.")


@dataclass(frozen=True)
class Found:
    """Something that varies in a text: where it stands, its kind of slot, its English form."""

    start: int
    end: int
    kind: str
    english: str


def forms(text: str) -> Iterator[Found]:
    """Numbers (``n``), days (``t``), addresses and codes (``x``) of a text, from left to right."""
    for match in _FORM.finditer(text):
        if match["tag"] is None:
            yield Found(match.start(), match.end(), *_english(match))


def _english(match: re.Match[str]) -> tuple[str, str]:
    text = match[0]
    match match.lastgroup:
        case "address" | "code":
            return "x", text
        case "iso":
            return "t", text
        case "short":
            return "t", text.replace(".", "/")
        case "word":
            return "n", _COUNTS[text]
        case "number":
            return "n", text.translate(_SWAPPED)
    if match["day"]:
        return "t", f"{match['number_of_day']} {MONTHS[match['month']]}{match['year'] or ''}"
    return "t", f"{MONTHS[match['named']]}{match['of_year']}"
