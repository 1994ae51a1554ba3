"""Funding lines as data: when a line applies, to whom, what it pays, and how that is known.

A rule that nobody read has no value and reads "laut Bescheid"; it is never filled with a guess.
What a project could get from a line is computed in `pipeline.advice.grants`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from pipeline.advice.records import (
    Record,
    Slug,
    SourceRef,
    Text,
    read_records,
    require_unique_ids,
)
from pipeline.errors import RawDataError
from pipeline.keys import COUNTRY
from pipeline.methods.grants import GrantForm, Terms, grant_ceiling
from pipeline.methods.money import euro_text, parse_euro
from pipeline.regions import Region
from pipeline.settings import Paths

FinanceKind = Literal["Zuwendung", "Darlehen", "Bürgschaft", "keine Finanzierung"]
Recipient = Literal[
    "Gemeinde", "Kreis", "Praxis", "Ärztin oder Arzt", "Studierende", "Netzwerk", "Hochschule",
    "Unternehmen", "Krankenhaus",
]  # fmt: skip


class Evidence(StrEnum):
    """How a rule of a funding line, or the line itself, is known."""

    READ = "gelesen"
    PRESS = "Presse"
    DERIVED = "abgeleitet"
    ASSUMED = "Annahme"
    NOT_READ = "laut Bescheid"


class Rule(Record):
    """A rule of a line, with its value if it was read."""

    value: str | int | float | None
    evidence: Evidence
    source: str = ""

    @model_validator(mode="after")
    def _is_honest(self) -> Rule:
        if (self.value is None) != (self.evidence is Evidence.NOT_READ):
            raise ValueError("a rule without a value is 'laut Bescheid', and only such a rule")
        if self.value is not None and not self.source:
            raise ValueError("a rule with a value names where it stands")
        return self

    @property
    def shown(self) -> str:
        """The value, or "laut Bescheid"."""
        if self.value is None:
            return Evidence.NOT_READ.value
        # a date is a text and keeps its dots
        return (
            str(self.value) if isinstance(self.value, str) else f"{self.value:g}".replace(".", ",")
        )

    @property
    def cents(self) -> int | None:
        """An amount in euros as whole cents; None where it was not read."""
        return None if self.value is None else parse_euro(str(self.value))

    @property
    def euros(self) -> str:
        """An amount for readers, or "laut Bescheid"."""
        return self.shown if self.cents is None else euro_text(self.cents)


#: A rule that a file does not name was not read.
NOT_READ = Rule(value=None, evidence=Evidence.NOT_READ)


class FundingLine(Record):
    """A programme, guideline or legal instrument in its period."""

    id: Slug
    title: Text
    giver: Text = Field(description="who decides on the application")
    scope: tuple[str, ...] = Field(
        min_length=1, description="keys: DG, a Land (05), a Kreis (03103) or a KV (KV:…)"
    )
    valid_from: dt.date | None = Field(default=None, description="first day; empty: not known")
    valid_to: dt.date | None = Field(default=None, description="last day; empty: not known or open")
    application_until: dt.date | None = Field(
        default=None, description="last day for new projects, where it lies before valid_to"
    )
    period_name: str = ""
    recipients: tuple[Recipient, ...] = Field(min_length=1)
    finance_kind: FinanceKind
    purpose: Text = Field(description="what it is for, one German sentence")
    pays_for: str = Field(default="", description="what the cap is for, in German")
    form: Rule = NOT_READ
    cap_per_year: Rule = Field(default=NOT_READ, description="euros, as text with two decimals")
    cap_total: Rule = Field(default=NOT_READ, description="euros, as text with two decimals")
    max_years: Rule = NOT_READ
    own_share_percent: Rule = NOT_READ
    own_share_percent_reduced: Rule | None = None
    eu_share_percent: Rule | None = None
    application_deadline: Rule = NOT_READ
    staff_up_to: Rule | None = None
    requirements: tuple[Text, ...] = Field(default=(), description="what a project must have")
    conditions: tuple[Slug, ...] = Field(default=(), description="ids of conditions.yaml")
    indicator_ids: tuple[str, ...] = Field(
        default=(), description="prefixes of the definition numbers that it uses"
    )
    evidence: Literal[Evidence.READ, Evidence.PRESS, Evidence.ASSUMED] = Field(
        description="how it is known that the line is as described"
    )
    unverified: tuple[Text, ...] = Field(default=(), description="what was not confirmed, German")
    sources: tuple[SourceRef, ...] = ()
    successor: Slug | None = None

    @model_validator(mode="after")
    def _parts_agree(self) -> FundingLine:
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            raise ValueError("valid_from lies after valid_to")
        if self.form.value is not None and self.form.value not in set(GrantForm):
            raise ValueError("form is one of " + ", ".join(GrantForm))
        if self.cap_per_year.value is not None and self.cap_total.value is not None:
            raise ValueError("a line has one cap; make a line of each")
        if self.cap.value is not None and not self.pays_for:
            raise ValueError("a line with a cap says in 'pays_for' what the cap is for")
        if self.evidence is not Evidence.ASSUMED and not self.sources:
            raise ValueError("a line that is not 'Annahme' names at least one source")
        if self.evidence is Evidence.ASSUMED and not self.unverified:
            raise ValueError("a line that is 'Annahme' says in 'unverified' what is open")
        return self

    @property
    def cap(self) -> Rule:
        """The cap, be it a year's or the whole; without a value where none was read."""
        return self.cap_per_year if self.is_cap_per_year else self.cap_total

    @property
    def is_cap_per_year(self) -> bool:
        """Whether the cap holds for a calendar year."""
        return self.cap_per_year.value is not None

    @property
    def last_start(self) -> dt.date | None:
        """Last day on which a project may begin; None where it is open or not known."""
        return self.application_until or self.valid_to

    def is_open_on(self, day: dt.date) -> bool:
        """Whether a project could begin on a day; an unknown bound excludes nothing."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.last_start is None or day <= self.last_start)

    def covers(self, region: Region) -> bool:
        """Whether the region lies in the territory of the line."""
        own = {COUNTRY, region.land, region.kreis, region.kv, *region.areas, *region.members}
        return bool(own & set(self.scope))

    def refusal(self, first: dt.date | None, last: dt.date | None) -> str:
        """Why a project of this period cannot be funded from the line; empty if it can.

        A project whose period is not known is not refused: nothing can be said.
        """
        if first and self.valid_from and first < self.valid_from:
            return (
                f"Das Vorhaben begann vor dem {self.valid_from:%d.%m.%Y}; „{self.title}“ "
                "gilt erst von da an."
            )
        if first and self.last_start and first > self.last_start:
            return (
                f"Das Vorhaben begann nach dem {self.last_start:%d.%m.%Y}; „{self.title}“ nimmt "
                "danach keines mehr auf."
            )
        if last and self.valid_to and last > self.valid_to:
            return (
                f"Das Vorhaben endet nach dem {self.valid_to:%d.%m.%Y}; so lange gilt "
                f"„{self.title}“ nicht."
            )
        return ""

    def own_share(self, *, is_reduced: bool = False) -> Rule:
        """The own share in percent, or the lower one where the line knows one."""
        if is_reduced and self.own_share_percent_reduced:
            return self.own_share_percent_reduced
        return self.own_share_percent

    def terms(self, *, is_reduced: bool = False) -> Terms | None:
        """Cap and own share for the arithmetic; None where no cap was read.

        An own share that was not read counts as none: the result is then an upper bound.
        """
        if self.cap.cents is None:
            return None
        share = self.own_share(is_reduced=is_reduced).value
        return Terms(
            cap_cents=self.cap.cents,
            own_share_permille=0 if share is None else round(float(share) * 10),
            is_cap_per_year=self.is_cap_per_year,
            max_years=None if self.max_years.value is None else int(self.max_years.value),
        )

    def ceiling(
        self, eligible_cents: int, years: int = 1, *, is_reduced: bool = False
    ) -> int | None:
        """Most that the line pays, in cents; None where cap or own share were not read."""
        terms = self.terms(is_reduced=is_reduced)
        if terms is None or self.own_share(is_reduced=is_reduced).value is None:
            return None
        return grant_ceiling(eligible_cents, terms, years)

    def rules(self) -> list[tuple[str, str, str, str]]:
        """Rule, value, evidence, where it stands: for readers."""
        named = [
            ("Finanzierungsart", self.form, self.form.shown),
            ("Höchstbetrag je Jahr", self.cap_per_year, self.cap_per_year.euros),
            ("Höchstbetrag insgesamt", self.cap_total, self.cap_total.euros),
            ("Längste Dauer in Jahren", self.max_years, self.max_years.shown),
            ("Eigenanteil in Prozent", self.own_share_percent, self.own_share_percent.shown),
            ("Antragsfrist", self.application_deadline, self.application_deadline.shown),
        ]
        for label, rule in (
            ("Anteil der EU in Prozent", self.eu_share_percent),
            ("Personal bis Entgeltgruppe", self.staff_up_to),
        ):
            if rule is not None:
                named.append((label, rule, rule.shown))
        return [
            (label, value, rule.evidence.value, rule.source or "–") for label, rule, value in named
        ]


class ConditionRule(Record):
    """A sentence of the general conditions."""

    rule: Text
    evidence: Evidence


class Conditions(Record):
    """General conditions (Nebenbestimmungen) for a type of recipient."""

    id: Slug
    title: Text
    recipients: tuple[str, ...]
    rules: tuple[ConditionRule, ...]
    proof_months: int | None = Field(description="usual months until the proof is due")
    receipts_years: int | None


@dataclass(frozen=True)
class Funding:
    """All lines and conditions, by id."""

    lines: dict[str, FundingLine]
    conditions: dict[str, Conditions]

    def line(self, name: str) -> FundingLine:
        """A line by its id; `RawDataError` with the known ones."""
        if name not in self.lines:
            raise RawDataError(
                f"the funding line '{name}' is not known",
                file="data/raw/funding/lines.yaml",
                expected=", ".join(self.lines),
                remedy="correct funding_line in project.yaml, or add the line to lines.yaml",
            )
        return self.lines[name]

    def profile(self, line: str, recipient_type: str) -> tuple[FundingLine, list[Conditions]]:
        """A line and the conditions that apply to a type of recipient under it.

        Conditions that name the recipient's type win over those that a line names in general: a
        Verein under a line made for municipalities is bound by the ANBest-P.
        """
        found = self.line(line)
        named = [self.conditions[name] for name in found.conditions]
        typed = [c for c in self.conditions.values() if recipient_type in c.recipients]
        general = [c for c in named if not c.recipients]
        return found, general + (typed or [c for c in named if c.recipients])


def read_lines(raw: Path | None = None) -> list[FundingLine]:
    """All funding lines, in the order of the file; as `read_funding`."""
    return list(read_funding(raw).lines.values())


def read_funding(raw: Path | None = None) -> Funding:
    """Lines and conditions below `raw`/funding; `raw` is the packaged folder by default.

    Raises
    ------
    RawDataError : naming file, entry and field of a bad one, an id that stands twice, unknown
        conditions or an unknown successor.
    """
    folder = (raw or Paths().raw) / "funding"
    path = folder / "lines.yaml"
    lines = read_records(path, FundingLine)
    conditions = read_records(folder / "conditions.yaml", Conditions)
    require_unique_ids((path, line.id) for line in lines)
    ids, known = {line.id for line in lines}, {item.id for item in conditions}
    for line in lines:
        _require_known(path, line, "conditions", line.conditions, known)
        _require_known(path, line, "successor", (line.successor,) if line.successor else (), ids)
    return Funding({line.id: line for line in lines}, {item.id: item for item in conditions})


def _require_known(
    path: Path, line: FundingLine, field: str, names: tuple[str, ...], known: set[str]
) -> None:
    for name in names:
        if name not in known:
            raise RawDataError(
                f"entry '{line.id}' names an unknown id",
                file=path,
                column=field,
                found=name,
                expected=", ".join(sorted(known)),
            )
