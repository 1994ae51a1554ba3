"""The catalogue of measures: hand-written YAML, checked when it is read.

The fields are those of the real toolbox (Sektor, Modellkommune, Ideengeber, Ausgangslage, Ziel,
Umsetzung) and what a council asks besides: who decides, what it costs, what it is known to do.
docs/how-to/edit-the-catalogue.md explains every field.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from pipeline.advice.funding import read_lines
from pipeline.advice.records import (
    Record,
    Slug,
    SourceRef,
    Text,
    read_records,
    require_unique_ids,
)
from pipeline.advice.rules import Rule
from pipeline.errors import RawDataError

FOLDER = Path(__file__).parent / "catalogue"

MeasureField = Literal[
    "Personal gewinnen und halten",
    "Nachwuchs und Weiterbildung",
    "Versorgungsmodelle",
    "Entlastung und Delegation",
    "Digitales und Telemedizin",
    "Pflege",
    "Therapie",
    "Prävention",
    "Mobilität",
    "Kooperation und Netzwerk",
    "Quartier",
    "Pflegende Angehörige und Beratung",
    "Betriebliches Gesundheitsmanagement",
    "Standortmarketing",
]
#: What is known about the effect, best first.
Grade = Literal["Umsetzung belegt, Wirkung nicht", "keine belegte Wirkung gefunden"]


class Credit(Record):
    """A municipality or person that a source names with the measure."""

    name: Text
    source: SourceRef
    regions: tuple[Slug, ...] = Field(
        default=(), description="slugs of the model regions meant, for the transfer"
    )


class Cost(Record):
    """A cost range in euro cents; without a source it is an assumption and says so."""

    low_cents: int = Field(ge=0, strict=True, description="euro cents, a whole number")
    high_cents: int = Field(ge=0, strict=True, description="euro cents, a whole number")
    per: Literal["einmalig", "im Jahr", "je Fall", "je Monat und Person"]
    basis: Text = Field(description="'Annahme', or what the source says")
    source: SourceRef | None = None

    @model_validator(mode="after")
    def _is_range(self) -> Cost:
        if self.low_cents > self.high_cents:
            raise ValueError("low_cents lies above high_cents")
        if (self.source is None) != self.basis.startswith("Annahme"):
            raise ValueError("a cost without a source is 'Annahme', one with a source is not")
        return self


class Effect(Record):
    """What the measure is expected to do, and how well that is known."""

    text: Text
    grade: Grade
    source: SourceRef | None = None

    @model_validator(mode="after")
    def _has_source(self) -> Effect:
        if (self.source is None) != (self.grade == "keine belegte Wirkung gefunden"):
            raise ValueError("a documented implementation names its source, and only that")
        return self


class Measure(Record):
    """One entry of the catalogue; German texts are printed as they stand."""

    id: Slug
    field: MeasureField
    title: Text = Field(description="what is done, at most 12 words", max_length=100)
    sector: Literal["Medizin", "Pflege", "Therapie", "Prävention", "übergreifend"]
    model_municipality: Credit | None = Field(
        default=None, description="only where a source names the municipality"
    )
    idea_from: Credit | None = Field(default=None, description="only where a source names it")
    situation: Text = Field(description="Ausgangslage: the problem in general, never a finding")
    goal: Text
    steps: tuple[Text, ...] = Field(min_length=3, description="Umsetzung, three steps or more")
    rule: Rule
    owner: Text = Field(description="who may decide on it")
    cost: Cost
    effect: Effect
    indicator: Text = Field(description="by what one would see that it works")
    first_step: Text
    cautions: tuple[Text, ...] = Field(default=(), description="what must be said with it")
    instruments: tuple[Slug, ...] = Field(default=(), description="ids of funding lines")

    def is_done_in(self, slugs: Collection[str]) -> bool:
        """Whether a source says that one of these regions does it, and not only proposed it."""
        model = self.model_municipality
        is_carried_out = self.effect.source is not None
        return is_carried_out and model is not None and not set(slugs).isdisjoint(model.regions)


def read_catalogue(folder: Path = FOLDER) -> list[Measure]:
    """All measures, in the order of files and entries.

    Raises
    ------
    RawDataError : naming file, entry and field: a field that is missing, unknown or of the wrong
        kind, an unknown indicator, an id that stands twice, an unknown funding line.
    """
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise RawDataError(
            "the catalogue has no file", file=folder, expected="*.yaml", remedy="restore it"
        )
    entries = [(path, measure) for path in files for measure in read_records(path, Measure)]
    require_unique_ids((path, measure.id) for path, measure in entries)
    _require_known_lines(entries)
    return [measure for _, measure in entries]


@cache
def catalogue() -> tuple[Measure, ...]:
    """The packaged catalogue, read once a process."""
    return tuple(read_catalogue())


def _require_known_lines(entries: Sequence[tuple[Path, Measure]]) -> None:
    known = {line.id for line in read_lines()}
    for path, measure in entries:
        for name in measure.instruments:
            if name not in known:
                raise RawDataError(
                    f"entry '{measure.id}' names an unknown funding line",
                    file=path,
                    column="instruments",
                    found=name,
                    expected=", ".join(sorted(known)),
                )
