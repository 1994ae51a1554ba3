"""What the toolbox prints: facts from findings, each with the number of its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.advice.situation import INDICATORS
from pipeline.advice.words import band_words, number_words, place_words, sources_words
from pipeline.figures import german
from pipeline.methods.findings import Finding
from pipeline.tables.workspace import Workspace


@dataclass(frozen=True)
class Fact:
    """A printed number.

    Attributes
    ----------
    label, value, where, when : texts; `where` names the territory, also if it is the Kreis.
    band : range of an estimate; else empty.
    note : number of its source in the small print.
    """

    label: str
    value: str
    band: str
    where: str
    when: str
    note: int


@dataclass
class SourceList:
    """The sources of a sheet, numbered in the order in which they are first used."""

    lab: Workspace
    texts: list[str] = field(default_factory=list)

    def number(self, finding: Finding) -> int:
        """The number of a finding's source, 1 for the first."""
        text = sources_words(self.lab, finding)
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text) + 1

    def fact(self, indicator: str, finding: Finding) -> Fact:
        """A known finding as a fact; its source joins the list."""
        return Fact(
            label=INDICATORS[indicator].label,
            value=number_words(finding),
            band=band_words(finding),
            where=place_words(self.lab, finding),
            when=german.period(finding.time_period, is_short=True),
            note=self.number(finding),
        )

    def facts(self, findings: Mapping[str, Finding], wanted: Sequence[str]) -> list[Fact]:
        """The facts of these indicators, without those that have no number."""
        return [self.fact(key, findings[key]) for key in wanted if findings[key].is_known]


def missing_labels(findings: Mapping[str, Finding], wanted: Sequence[str]) -> list[str]:
    """German labels of the indicators that have no number."""
    return [INDICATORS[key].label for key in wanted if not findings[key].is_known]


def render(template: str, **parts: Any) -> str:
    """A self-contained page; everything is escaped unless the template says otherwise."""
    jinja = Environment(
        loader=PackageLoader("pipeline.advice.profile"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    return jinja.get_template(template).render(**parts)
