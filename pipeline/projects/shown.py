"""Rows of a record as cells for readers: German dates and money, words where a value lacks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

import pandas as pd

from pipeline.figures import german
from pipeline.methods.money import euro_text
from pipeline.projects.record import Record, key_of
from pipeline.projects.records import Row
from pipeline.projects.values import Period, Quantity

_PERIOD = re.compile(r"\d{4}-\d{2}(-\d{2})?")
#: Fields that hold cents.
_MONEY = frozenset({"amount", "planned", "approved", "actual"})
#: Results of fewer answers are not shown, counts below are not shown (own rule, printed).
LEAST_ANSWERS = 10
LEAST_COUNT = 3
HIDDEN = "."


def quantity(value: Quantity | None, absent: str = "–") -> str:
    """A number with its bound in words."""
    if value is None:
        return absent
    decimals = 0 if value.value == int(value.value) else 1
    return value.words + german.number(value.value, decimals)


def money(cents: int | None, absent: str = "–") -> str:
    """An amount, or the word that stands for it."""
    return absent if cents is None else euro_text(cents)


def day(period: Period | None, absent: str = "–") -> str:
    """A day, month or year."""
    return absent if period is None else german.period(period.text, is_short=True)


def span(first: Period | None, last: Period | None, absent: str = "–") -> str:
    """ "03/2024 bis 04/2024"; one end alone is said as such."""
    if first is None and last is None:
        return absent
    if first is None:
        return f"bis {day(last)}"
    if last is None or last == first:
        return day(first) if last == first else f"ab {day(first)}"
    return f"{day(first)} bis {day(last)}"


def cell(record: Record, table: str, row: Row, field: str) -> str:
    """A field as text; the reason word of the record where it is empty."""
    value = getattr(row, field)
    absent = record.absent(table, key_of(row), field) if field in row.EXPECTED else "–"
    if value is None or value == "":
        return absent
    if field == "source":
        return record.source_title(str(value))
    if isinstance(value, Quantity):
        return quantity(value)
    if isinstance(value, Period):
        return day(value)
    if field == "date" and _PERIOD.fullmatch(str(value)):
        return german.period(str(value), is_short=True)
    if field in _MONEY:
        return money(value)
    return str(value)


def frame(
    record: Record, table: str, fields: Sequence[str], rows: Iterable[Row] | None = None
) -> pd.DataFrame:
    """Fields of a table's rows as printable cells."""
    chosen = record.rows(table) if rows is None else rows
    return pd.DataFrame(
        [{field: cell(record, table, row, field) for field in fields} for row in chosen],
        columns=list(fields),
    )


def survey_frame(record: Record) -> pd.DataFrame:
    """Answers with response rate; small groups and small counts are hidden."""
    rows = []
    for answer in record.surveys:
        is_small = answer.answered is None or answer.answered < LEAST_ANSWERS
        is_few = answer.count is None or 0 < answer.count < LEAST_COUNT
        rate = "nicht bekannt"
        if answer.invited and answer.answered is not None:
            share = german.number(100 * answer.answered / answer.invited)
            rate = f"{answer.answered} von {answer.invited} ({share} %)"
        rows.append(
            {
                "label": answer.label,
                "response": rate,
                "question": answer.question,
                "answer": answer.answer,
                "count": HIDDEN if is_small or is_few else german.number(answer.count or 0),
            }
        )
    return pd.DataFrame(rows, columns=["label", "response", "question", "answer", "count"])


def decimal_year(when: dt.date) -> float:
    """A day on a scale of years."""
    length = 366 if when.year % 4 == 0 and (when.year % 100 or when.year % 400 == 0) else 365
    return when.year + (when.timetuple().tm_yday - 1) / length
