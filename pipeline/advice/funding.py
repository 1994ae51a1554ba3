"""Funding lines as data, and what a project could at most get from one.

A line is a rule with dates: outside its validity it refuses. Money is in integer cents; every
amount is a ceiling, because the grant notice alone decides. Kinds of finance are never summed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from pipeline.advice.records import (
    Evidence,
    Record,
    Slug,
    SourceRef,
    Text,
    read_records,
    require_unique_ids,
)
from pipeline.errors import MethodInputError
from pipeline.keys import COUNTRY
from pipeline.methods.grants import Terms, grant_ceiling
from pipeline.regions import Region

LINES_FILE = Path(__file__).parent / "funding_lines.yaml"

FinanceKind = Literal[
    "Zuwendung", "Darlehen", "Bürgschaft", "Eigenmittel", "Sachleistung", "keine Finanzierung"
]
FinancingType = Literal[
    "Festbetrag",
    "Anteil",
    "Fehlbedarf",
    "Voll",
    "laut Bescheid",
    "entfällt",
]
Recipient = Literal[
    "Gemeinde", "Kreis", "Praxis", "Ärztin oder Arzt", "Studierende", "Netzwerk", "Hochschule",
    "Unternehmen", "Krankenhaus",
]  # fmt: skip


class Cap(Record):
    """The most that a line pays for one thing."""

    id: Slug
    applies_to: Text = Field(description="what the cap is for, in German")
    cents: int = Field(gt=0, strict=True, description="euro cents, a whole number")
    per: Literal["calendar_year", "measure", "month"]
    max_years: int | None = Field(default=None, gt=0, description="calendar years at most")


class ReducedShare(Record):
    """A lower own share, and when it holds."""

    percent: int = Field(ge=0, le=100)
    condition: Text


class FundingLine(Record):
    """One programme, guideline or legal instrument."""

    id: Slug
    name: Text
    giver: Text = Field(description="who decides on the application")
    valid_from: dt.date | None = Field(default=None, description="first day; empty: not known")
    valid_to: dt.date | None = Field(default=None, description="last day; empty: not known or open")
    scope: tuple[str, ...] = Field(
        min_length=1, description="keys: DG, a Land (05), a Kreis (03103) or a KV (KV:…)"
    )
    recipients: tuple[Recipient, ...] = Field(min_length=1)
    finance_kind: FinanceKind
    financing: FinancingType
    caps: tuple[Cap, ...] = ()
    own_share_percent: int | None = Field(
        default=None, ge=0, le=100, description="least share of the costs that the recipient bears"
    )
    reduced_own_share: ReducedShare | None = None
    deadlines: tuple[Text, ...] = ()
    conditions: tuple[Text, ...] = Field(min_length=1)
    ancillary_provisions: tuple[Text, ...] = Field(
        default=(), description="Nebenbestimmungen and what they ask for"
    )
    purpose: Text = Field(description="what it is for, one German sentence")
    evidence: Evidence
    unverified: tuple[Text, ...] = Field(default=(), description="what was not confirmed, German")
    sources: tuple[SourceRef, ...] = ()
    successor: Slug | None = None

    @model_validator(mode="after")
    def _parts_agree(self) -> FundingLine:
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            raise ValueError("valid_from lies after valid_to")
        if self.evidence != "Annahme" and not self.sources:
            raise ValueError("a line that is not 'Annahme' names at least one source")
        if self.evidence == "Annahme" and not self.unverified:
            raise ValueError("a line that is 'Annahme' says in 'unverified' what is open")
        if len({cap.id for cap in self.caps}) < len(self.caps):
            raise ValueError("two caps have one id")
        return self

    def is_valid_on(self, day: dt.date) -> bool:
        """Whether the line was in force; an unknown bound excludes nothing."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)

    def covers(self, region: Region) -> bool:
        """Whether the region lies in the territory of the line."""
        own = {COUNTRY, region.land, region.kreis, region.kv, *region.areas, *region.members}
        return bool(own & set(self.scope))


@dataclass(frozen=True)
class Ceiling:
    """The most that a project could get from one cap of a line.

    Attributes
    ----------
    line, cap : the rule.
    cents : euro cents.
    own_cents : least own share in cents; 0 where none is known.
    bound_by : "Obergrenze" or "Eigenanteil", whichever is lower.
    notes : what is unverified or must be asked (German).
    """

    line: FundingLine
    cap: Cap
    cents: int
    own_cents: int
    bound_by: str
    notes: tuple[str, ...]


def read_lines(path: Path = LINES_FILE) -> list[FundingLine]:
    """All funding lines; `RawDataError` names file, entry and field of a bad one."""
    lines = read_records(path, FundingLine)
    require_unique_ids((path, line.id) for line in lines)
    return lines


def line_of(lines: Sequence[FundingLine], line_id: str) -> FundingLine:
    """The line with this id; `MethodInputError` with the known ones."""
    for line in lines:
        if line.id == line_id:
            return line
    raise MethodInputError(
        "unknown funding line", found=line_id, expected=", ".join(line.id for line in lines)
    )


def lines_for(region: Region, day: dt.date, lines: Sequence[FundingLine]) -> list[FundingLine]:
    """The lines whose territory holds the region and that are in force on a day."""
    return [line for line in lines if line.covers(region) and line.is_valid_on(day)]


def ceiling(
    line: FundingLine,
    cap_id: str,
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
    MethodInputError : a start outside the validity of the line, more years than the line allows,
        costs that are no positive whole number, an unknown cap.

    """
    cap = _cap_of(line, cap_id)
    _require_valid(line, start)
    if isinstance(cost_cents, bool) or not isinstance(cost_cents, int) or cost_cents <= 0:
        raise MethodInputError(
            "costs are whole euro cents above zero", found=cost_cents, expected="for 12.50: 1250"
        )
    terms = _terms(cap, _own_share(line, is_reduced))
    without_cap = replace(terms, cap_cents=cost_cents, is_cap_per_year=False)
    most = grant_ceiling(cost_cents, terms, years)
    by_share = grant_ceiling(cost_cents, without_cap, years)
    return Ceiling(
        line=line,
        cap=cap,
        cents=most,
        own_cents=cost_cents - by_share,
        bound_by="Eigenanteil" if most == by_share else "Obergrenze",
        notes=_notes(line, start, years),
    )


def _terms(cap: Cap, own_share_percent: int) -> Terms:
    is_yearly = cap.per != "measure"
    return Terms(
        cap_cents=cap.cents * (12 if cap.per == "month" else 1),
        own_share_permille=10 * own_share_percent,
        is_cap_per_year=is_yearly,
        max_years=cap.max_years,
    )


def _cap_of(line: FundingLine, cap_id: str) -> Cap:
    for cap in line.caps:
        if cap.id == cap_id:
            return cap
    raise MethodInputError(
        f"the funding line '{line.id}' has no such cap, so no amount can be computed",
        found=cap_id,
        expected=", ".join(cap.id for cap in line.caps) or "no cap is published for this line",
        remedy="ask the giver for the sum, and add the cap with its source",
    )


def _require_valid(line: FundingLine, start: dt.date) -> None:
    if line.is_valid_on(start):
        return
    first = line.valid_from.isoformat() if line.valid_from else "unknown"
    last = line.valid_to.isoformat() if line.valid_to else "open"
    raise MethodInputError(
        f"'{line.name}' was not in force when the project began",
        found=start.isoformat(),
        expected=f"a start from {first} to {last}",
        remedy="choose the line that was in force then"
        + (f"; its successor is '{line.successor}'" if line.successor else ""),
    )


def _own_share(line: FundingLine, is_reduced: bool) -> int:
    if not is_reduced:
        return line.own_share_percent or 0
    if line.reduced_own_share is None:
        raise MethodInputError(
            f"'{line.name}' knows no lower own share", found="is_reduced", expected="False"
        )
    return line.reduced_own_share.percent


def _notes(line: FundingLine, start: dt.date, years: int) -> tuple[str, ...]:
    notes = list(line.unverified)
    if line.own_share_percent is None:
        notes.append("Ein Eigenanteil ist nicht veröffentlicht; gerechnet ist ohne ihn.")
    if line.valid_from is None or line.valid_to is None:
        notes.append("Die Geltungsdauer ist nur zum Teil bekannt; vor einem Antrag nachfragen.")
    if line.valid_to is not None and start.year + years - 1 > line.valid_to.year:
        notes.append(
            "Das Vorhaben reicht über die Geltung der Linie hinaus; was gilt, sagt der Bescheid."
        )
    return tuple(notes)
