"""What a municipality, or a practice in it, could apply for: the funding lines of a region."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.advice.engine import Recommendation
from pipeline.advice.funding import Cap, Ceiling, FundingLine, ceiling, read_lines
from pipeline.errors import MethodInputError
from pipeline.regions import Region

#: Days ahead in which a line that is not yet in force is already named.
AHEAD = dt.timedelta(days=366)


@dataclass(frozen=True)
class Option:
    """A funding line for a region.

    Attributes
    ----------
    line : the line.
    state : "in Kraft", "gilt ab …", "abgelaufen am …" (German).
    measures : titles of the recommended measures that name it.
    """

    line: FundingLine
    state: str
    measures: tuple[str, ...]


def options(
    region: Region,
    day: dt.date,
    recommendations: Sequence[Recommendation],
    lines: Sequence[FundingLine] | None = None,
) -> list[Option]:
    """The lines of a region on a day: those in force, those that begin within a year.

    An expired line is not offered.
    """
    found = []
    for line in read_lines() if lines is None else lines:
        is_coming = line.valid_from is not None and day < line.valid_from <= day + AHEAD
        if not line.covers(region) or not (line.is_valid_on(day) or is_coming):
            continue
        titles = [r.measure.title for r in recommendations if line.id in r.measure.instruments]
        found.append(Option(line, _state(line, day), tuple(titles)))
    return sorted(found, key=lambda option: not option.measures)


def could_get(
    line: FundingLine, *, cost_cents: int, start: dt.date, years: int = 1
) -> list[tuple[Cap, Ceiling | str]]:
    """Each cap of a line with its ceiling, or with the reason why the line refuses (English).

    A line without a published cap gives an empty list: nothing can be computed.
    """
    answers: list[tuple[Cap, Ceiling | str]] = []
    for cap in line.caps:
        try:
            most = ceiling(line, cap.id, cost_cents=cost_cents, start=start, years=years)
            answers.append((cap, most))
        except MethodInputError as error:
            answers.append((cap, error.message))
    return answers


def _state(line: FundingLine, day: dt.date) -> str:
    if line.valid_from is not None and day < line.valid_from:
        return f"gilt ab {line.valid_from:%d.%m.%Y}"
    if line.valid_to is None:
        return "in Kraft, Ende nicht bekannt" if line.valid_from else "Geltung zu bestätigen"
    return f"in Kraft bis {line.valid_to:%d.%m.%Y}"
