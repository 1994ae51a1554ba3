"""A whole record: the project and its tables, with the questions that all reports ask of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

from pipeline.figures import german
from pipeline.projects import records as r
from pipeline.projects.values import Period
from pipeline.projects.vocabulary import FinanceKind

_DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?")
#: Fields that tell a row of a table from the others, in the order in which they are looked for.
_KEYS = ("id", "key", "number", "indicator", "survey", "position", "before", "table", "section")


class Record(BaseModel):
    """Everything that is recorded of one project; one attribute a table of `records.TABLES`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    project: r.Project
    goals: tuple[r.Goal, ...] = ()
    versions: tuple[r.Version, ...] = ()
    recipients: tuple[r.Recipient, ...] = ()
    grants: tuple[r.Grant, ...] = ()
    budget: tuple[r.BudgetRow, ...] = ()
    receipts: tuple[r.Receipt, ...] = ()
    activities: tuple[r.Activity, ...] = ()
    indicators: tuple[r.Indicator, ...] = ()
    targets: tuple[r.Target, ...] = ()
    measurements: tuple[r.Measurement, ...] = ()
    actors: tuple[r.Actor, ...] = ()
    meetings: tuple[r.Meeting, ...] = ()
    ideas: tuple[r.Idea, ...] = ()
    surveys: tuple[r.SurveyAnswer, ...] = ()
    risks: tuple[r.Risk, ...] = ()
    publicity: tuple[r.Publicity, ...] = ()
    elements: tuple[r.Element, ...] = ()
    links: tuple[r.Link, ...] = ()
    proofs: tuple[r.Proof, ...] = ()
    rivals: tuple[r.Rival, ...] = ()
    notes: tuple[r.Note, ...] = ()
    claims: tuple[r.Claim, ...] = ()
    outcomes: tuple[r.Outcome, ...] = ()
    sources: tuple[r.Source, ...] = ()
    unknown: tuple[r.Unknown, ...] = ()

    def rows(self, table: str) -> tuple[Any, ...]:
        """The rows of a table."""
        return tuple(getattr(self, table))

    def gap(self, table: str, key: str, field: str) -> r.Unknown | None:
        """Why a field is empty; None where nobody said."""
        fitting = [
            row for row in self.unknown
            if row.table == table and row.key in (key, "*") and row.field in (field, "*")
        ]  # fmt: skip
        return min(fitting, key=lambda row: (row.key == "*") + (row.field == "*"), default=None)

    def absent(self, table: str, key: str = "*", field: str = "*") -> str:
        """What a reader sees where a field is empty."""
        found = self.gap(table, key, field)
        return str(found.gap) if found else "keine Angabe"

    def why_empty(self, table: str) -> str:
        """The reason why a whole table is empty, as a part of a sentence."""
        found = self.gap(table, "*", "*")
        return found.reason.rstrip(".") if found else "dazu ist nichts eingetragen"

    def empty_fields(self) -> Iterator[tuple[str, str, str]]:
        """Table, row and field of everything that a reader would ask about and that is empty."""
        for table in ("project", *r.TABLES):
            rows = (self.project,) if table == "project" else self.rows(table)
            for row in rows:
                for field in row.EXPECTED:
                    if getattr(row, field) in (None, ""):
                        yield table, key_of(row), field

    @property
    def grants_proper(self) -> tuple[r.Grant, ...]:
        """Zuwendungen alone: no loan, no guarantee, no own money."""
        return tuple(grant for grant in self.grants if grant.kind is FinanceKind.GRANT)

    @property
    def start(self) -> Period | None:
        """When the project began."""
        return self.project.period_start

    @property
    def end(self) -> Period | None:
        """When the project ended."""
        return self.project.period_end

    def source_title(self, key: str) -> str:
        """How a source is cited: "Titel (Herausgeber, Datum)"."""
        found = next((source for source in self.sources if source.id == key), None)
        if found is None:
            return key
        when = (
            german.period(found.date, is_short=True) if _DAY.fullmatch(found.date) else found.date
        )
        detail = ", ".join(part for part in (found.publisher, when) if part)
        return f"{found.title} ({detail})" if detail else found.title

    @property
    def attributions(self) -> list[str]:
        """What figures name that draw on the whole record; the annex lists each source."""
        return [f"Projektakte {self.project.short_title}"]

    def publishers(self, table: str) -> list[str]:
        """Who published what stands in a table."""
        named = {source.id: source.publisher or source.title for source in self.sources}
        ids = [getattr(row, "source", "") for row in self.rows(table)] if table in r.TABLES else []
        found = [named[name] for name in dict.fromkeys(ids) if name in named]
        return list(dict.fromkeys(found)) or self.attributions


def key_of(row: r.Row) -> str:
    """What tells a row from the others of its table."""
    return next((str(getattr(row, name)) for name in _KEYS if hasattr(row, name)), "")
