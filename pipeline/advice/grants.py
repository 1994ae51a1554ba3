"""What a region could apply for, and the most that a project could get from a funding line.

Money is in integer cents; every amount is a ceiling, because the grant notice alone decides. Kinds
of finance are never summed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.advice.engine import Recommendation
from pipeline.advice.funding import FundingLine, read_lines
from pipeline.errors import MethodInputError
from pipeline.methods.grants import Terms, grant_ceiling
from pipeline.regions import Region

#: Days ahead in which a line that is not yet in force is already named.
AHEAD = dt.timedelta(days=366)


@dataclass(frozen=True)
class Option:
    """A funding line for a region.

    Attributes
    ----------
    line : the line.
    state : "in Kraft bis …", "gilt ab …" (German).
    measures : titles of the recommended measures that name it.
    """

    line: FundingLine
    state: str
    measures: tuple[str, ...]


@dataclass(frozen=True)
class Ceiling:
    """The most that a project could get from a line.

    Attributes
    ----------
    line : the line.
    cents : euro cents.
    own_cents : least own share in cents; 0 where none is known.
    bound_by : "Obergrenze" or "Eigenanteil", whichever is lower.
    notes : what is unverified or must be asked (German).
    """

    line: FundingLine
    cents: int
    own_cents: int
    bound_by: str
    notes: tuple[str, ...]


def lines_for(region: Region, day: dt.date, lines: Sequence[FundingLine]) -> list[FundingLine]:
    """The lines whose territory holds the region and under which a project may begin on a day."""
    return [line for line in lines if line.covers(region) and line.is_open_on(day)]


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
        if not line.covers(region) or not (line.is_open_on(day) or is_coming):
            continue
        titles = [r.measure.title for r in recommendations if line.id in r.measure.instruments]
        found.append(Option(line, _state(line, day), tuple(titles)))
    return sorted(found, key=lambda option: not option.measures)


def could_get(
    line: FundingLine, *, cost_cents: int, start: dt.date, years: int = 1
) -> Ceiling | str | None:
    """The ceiling of a line, or the reason why the line refuses (English).

    None for a line without a published cap: nothing can be computed.
    """
    if line.terms() is None:
        return None
    try:
        return ceiling(line, cost_cents=cost_cents, start=start, years=years)
    except MethodInputError as error:
        return error.message


def ceiling(
    line: FundingLine,
    *,
    cost_cents: int,
    start: dt.date,
    years: int = 1,
    is_reduced: bool = False,
) -> Ceiling:
    """The most that a project could get: the lower of cap and costs less own share.

    Parameters
    ----------
    cost_cents : eligible costs of the whole project, euro cents.
    start : day on which the project begins.
    years : calendar years that it touches.
    is_reduced : whether the condition of the lower own share holds.

    Raises
    ------
    MethodInputError : a line without a published cap or without a lower own share, a start outside
        its validity, more years than it allows, costs that are no positive whole number.
    """
    _require_open(line, start)
    if is_reduced and line.own_share_percent_reduced is None:
        raise MethodInputError(
            f"'{line.title}' knows no lower own share", found="is_reduced", expected="False"
        )
    if isinstance(cost_cents, bool) or not isinstance(cost_cents, int) or cost_cents <= 0:
        raise MethodInputError(
            "costs are whole euro cents above zero", found=cost_cents, expected="for 12.50: 1250"
        )
    terms = _require_terms(line, is_reduced)
    without_cap = replace(terms, cap_cents=cost_cents, is_cap_per_year=False)
    most = grant_ceiling(cost_cents, terms, years)
    by_share = grant_ceiling(cost_cents, without_cap, years)
    return Ceiling(
        line=line,
        cents=most,
        own_cents=cost_cents - by_share,
        bound_by="Eigenanteil" if most == by_share else "Obergrenze",
        notes=_notes(line, start, years),
    )


def _require_terms(line: FundingLine, is_reduced: bool) -> Terms:
    terms = line.terms(is_reduced=is_reduced)
    if terms is None:
        raise MethodInputError(
            f"no cap is published for '{line.title}', so no amount can be computed",
            found=line.id,
            expected="a line with cap_per_year or cap_total",
            remedy="ask the giver for the sum, and add the cap with its source",
        )
    return terms


def _require_open(line: FundingLine, start: dt.date) -> None:
    if line.is_open_on(start):
        return
    first = line.valid_from.isoformat() if line.valid_from else "unknown"
    last = line.last_start.isoformat() if line.last_start else "open"
    raise MethodInputError(
        f"'{line.title}' was not in force when the project began",
        found=start.isoformat(),
        expected=f"a start from {first} to {last}",
        remedy="choose the line that was in force then"
        + (f"; its successor is '{line.successor}'" if line.successor else ""),
    )


def _notes(line: FundingLine, start: dt.date, years: int) -> tuple[str, ...]:
    notes = list(line.unverified)
    if line.own_share_percent.value is None:
        notes.append("Ein Eigenanteil ist nicht veröffentlicht; gerechnet ist ohne ihn.")
    if line.valid_from is None or line.valid_to is None:
        notes.append("Die Geltungsdauer ist nur zum Teil bekannt; vor einem Antrag nachfragen.")
    if line.valid_to is not None and start.year + years - 1 > line.valid_to.year:
        notes.append(
            "Das Vorhaben reicht über die Geltung der Linie hinaus; was gilt, sagt der Bescheid."
        )
    return tuple(notes)


def _state(line: FundingLine, day: dt.date) -> str:
    if line.valid_from is not None and day < line.valid_from:
        return f"gilt ab {line.valid_from:%d.%m.%Y}"
    if line.last_start is None:
        return "in Kraft, Ende nicht bekannt" if line.valid_from else "Geltung zu bestätigen"
    return f"in Kraft bis {line.last_start:%d.%m.%Y}"
