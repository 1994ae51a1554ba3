"""Column headings of a classic GENESIS table → what each value column means.

The headings of a table are rows of cells above the numbers. GENESIS builds them from a few parts
that may stand in any order: the measure (and the statistic above it), a unit row at the foot, a
row of dates or years, and classifications, each a row of members, often with its name in a row of
its own above it. Nothing here knows a table code: the parts are told apart by their content.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.sources._genesis import parse_period

Row = list[str]

_UNITS = re.compile(
    r"""
      (?:Anzahl|number|Prozent|percent|%|v\.H\.|Promille|Personen|Fälle|Index|Punkte|Verhältnis
        |(?:Tsd\.|Mill\.|Mrd\.|Mio\.|1\s?000|100)?\s?
         (?:EUR|Euro|DM|US-?\$|Stück|Personen|t|kg|cbm|m3|m³|ha|qm|m2|m²|qkm|km2|km²|km|m|l|hl
           |kWh|MWh|GWh|TJ|GJ|MJ|Jahre?|Monate|Tage|Stunden|Minuten|years|days|hours|Grad)
        |TEUR|T€|€|1\s?000|1000|1\.000|10\s?000|100\s?000|Tausend|Mill\.|Mio\.|Mrd\.
        |\d{4}\s?=\s?100
      )
      (?:\s?(?:/|je|pro|per)\s?.+)?
    | (?:EW|Einwohner|Personen|Fälle|Betten|Plätze|number)\s?(?:/|je|pro|per)\s?.+
    | je\s.+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MEASURE_LINE = re.compile(r"(?P<label>.+?)\s*\((?P<unit>[^()]+)\)")
_TIME_WORDS = re.compile(
    r"(?:Berichts)?(?:Jahre?|Stichtag|Quartale?|Monate?|Semester|Schuljahr|Zeit|Zeitraum)"
    r"|Year|Reference date|Quarter|Month|Time",
    re.IGNORECASE,
)
_TOTALS = frozenset({"Insgesamt", "insgesamt", "Total", "Zusammen", "zusammen"})
_KNOWN_MEMBERS = (
    ("Geschlecht", re.compile(r"männlich|weiblich|divers")),
    ("Sex", re.compile(r"male|female")),
    ("Nationalität", re.compile(r"Deutsche|Ausländer(/?-?innen)?|Nichtdeutsche")),
    ("Altersgruppe", re.compile(r"(?:unter |\d+ bis ).*Jahren?|\d+ Jahre(?: und (?:mehr|älter))?")),
)
#: A classification shows by its first members what it is.
_LOOKED_AT = 100


@dataclass
class Headings:
    """Meaning of each value column.

    Attributes
    ----------
    measures, units : one label a column.
    periods : one time a column, or None where the time is not in the headings.
    dimensions : name → one member a column; empty where a column is not broken down.
    measure_line : the title line that names the one measure of the table, if one does.
    notes : what had to be assumed.
    """

    measures: list[str]
    units: list[str]
    periods: list[str] | None = None
    dimensions: dict[str, list[str]] = field(default_factory=dict)
    measure_line: str | None = None
    notes: tuple[str, ...] = ()


def name_of_members(members: Sequence[str], taken: Sequence[str]) -> str:
    """Name for a classification that the file does not name: by its members, else numbered."""
    known = next(
        (
            name
            for name, pattern in _KNOWN_MEMBERS
            if any(pattern.fullmatch(member) for member in members[:_LOOKED_AT])
        ),
        None,
    )
    return unique_name(known, taken) if known else _numbered(taken)


def unique_name(name: str, taken: Sequence[str]) -> str:
    """`name`, or `name_2`, `name_3` … where it is taken; `dimension_1` becomes `dimension_2`."""
    if re.fullmatch(r"dimension_\d+", name):
        return _numbered(taken)
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


def _numbered(taken: Sequence[str]) -> str:
    number = 1
    while f"dimension_{number}" in taken:
        number += 1
    return f"dimension_{number}"


def interpret_headings(rows: Sequence[Row], titles: Sequence[str]) -> Headings:
    """Meaning of the value columns.

    Parameters
    ----------
    rows : the heading rows above the value columns, from the top, all of one length, at least one.
    titles : the lines of text above them, from the top.
    """
    remaining = [[cell.strip() for cell in row] for row in rows]
    width = len(remaining[0])
    notes: tuple[str, ...] = ()
    units: list[str] | None = None
    unit_rows = [place for place, row in enumerate(remaining) if _is_unit_row(row)]
    if unit_rows and len(remaining) > 1:
        units = remaining.pop(unit_rows[-1])
    measure_line = None if units else _measure_line(titles)
    if units is None and measure_line is None:
        units, notes = _assumed_units(remaining, width)
    periods = _take_periods(remaining)
    parts = _pair_labels(remaining)
    if measure_line is not None:
        label, unit = _split_measure(measure_line)
        measures, units = [label] * width, [unit] * width
    else:
        assert units is not None
        found = _take_measures(parts, units)
        measures = found or [titles[-1] if titles else ""] * width
        if found is None:
            notes += ("the headings name no measure; the last title line stands for it",)
    return Headings(measures, units, periods, _name_dimensions(parts), measure_line, notes)


def _is_unit_row(row: Row) -> bool:
    return all(cell and _UNITS.fullmatch(cell) for cell in row)


def _measure_line(titles: Sequence[str]) -> str | None:
    """The title line of the form "measure (unit)", if the table has one measure for all."""
    for line in reversed(titles[1:]):
        if parse_period(line) is None:
            match = _MEASURE_LINE.fullmatch(line)
            if match and _UNITS.fullmatch(match["unit"].strip()):
                return line
    return None


def _split_measure(line: str) -> tuple[str, str]:
    match = _MEASURE_LINE.fullmatch(line)
    assert match is not None
    return match["label"], match["unit"].strip()


def _assumed_units(rows: list[Row], width: int) -> tuple[list[str], tuple[str, ...]]:
    """Units of a table where none is recognised: GENESIS prints them in the last heading row."""
    if len(rows) > 1 and all(rows[-1]) and not all(parse_period(cell) for cell in rows[-1]):
        return rows.pop(), ("the last row of the headings is taken for the units",)
    return [""] * width, ("the file names no unit",)


def _take_periods(rows: list[Row]) -> list[str] | None:
    """Remove the row of dates (and its name above it) and return the dates."""
    for place, row in enumerate(rows):
        periods = [parse_period(cell) for cell in row]
        if all(periods):
            del rows[place]
            if place and _is_label(rows[place - 1]) and _TIME_WORDS.fullmatch(rows[place - 1][0]):
                del rows[place - 1]
            return [period for period in periods if period]
    return None


def _is_label(row: Row) -> bool:
    """Whether a row repeats one text over all columns."""
    return bool(row[0]) and len(set(row)) == 1


@dataclass
class _Parts:
    """Heading rows by role, each with its place from the top.

    `named` : rows with the name that stands above them; `loose` : all others.
    """

    named: list[tuple[int, str, Row]] = field(default_factory=list)
    loose: list[tuple[int, Row]] = field(default_factory=list)


def _pair_labels(rows: list[Row]) -> _Parts:
    """Rows that name the row below them, with that row; and the rest."""
    parts = _Parts()
    place = 0
    while place < len(rows):
        row = rows[place]
        names_next = (
            _is_label(row)
            and row[0] not in _TOTALS
            and place + 1 < len(rows)
            and not _is_label(rows[place + 1])
        )
        if names_next:
            parts.named.append((place, row[0], rows[place + 1]))
            place += 2
        else:
            parts.loose.append((place, row))
            place += 1
    return parts


def _take_measures(parts: _Parts, units: list[str]) -> list[str] | None:
    """Take the row of measures out of the parts; None if there is none."""
    place = _measure_row(parts.loose, units)
    if place is None and parts.named:
        # every row found a name above it: the topmost name was the measure after all
        at, label, row = parts.named.pop(0)
        parts.loose = sorted([*parts.loose, (at, [label] * len(row)), (at + 1, row)])
        place = _measure_row(parts.loose, units)
    if place is None:
        place = _measure_row(parts.loose, units, strict=False)
    if place is None:
        return None
    top, measures = parts.loose.pop(place)
    for at, row in list(parts.loose):
        # GENESIS prints the statistic above its measures where a table has several
        if at < top and all(row) and not _are_members(row):
            parts.loose.remove((at, row))
            parts.named.append((at, "Statistik", row))
    return measures


def _measure_row(
    loose: list[tuple[int, Row]], units: list[str], *, strict: bool = True
) -> int | None:
    """Place in `loose` of the row of measures: the topmost whose label settles the unit.

    A statistic above the measures does not settle it; totals and known members are no measures
    (unless nothing else is there: `strict` = False).
    """
    for place, (_, row) in enumerate(loose):
        settles = len(set(zip(row, units, strict=True))) == len(set(row))
        if settles and all(row) and not (strict and _are_members(row)):
            return place
    return None


def _are_members(row: Row) -> bool:
    return bool(_TOTALS & set(row)) or not name_of_members(row, ()).startswith("dimension")


def _name_dimensions(parts: _Parts) -> dict[str, list[str]]:
    """Classifications in their order from the top; unnamed ones are named by their members."""
    entries: list[tuple[int, str | None, Row]] = [
        *parts.named,
        *((place, None, row) for place, row in parts.loose),
    ]
    dimensions: dict[str, list[str]] = {}
    for _, label, row in sorted(entries, key=lambda entry: entry[0]):
        taken = [*dimensions]
        name = unique_name(label, taken) if label else name_of_members(row, taken)
        dimensions[name] = row
    return dimensions
