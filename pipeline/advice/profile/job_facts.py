"""True sentences for a job advertisement, with their sources in small print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.advice.profile.facts import SourceList, render
from pipeline.advice.words import place_words, value_words
from pipeline.figures.prose import tell
from pipeline.methods.findings import Finding
from pipeline.tables.workspace import Workspace

#: Indicator → sentence. `{f…}` is the finding, `{where}` its territory as it must be named,
#: `{value}` the number with its range.
_DOCTORS: Mapping[str, str] = {
    "population-total": "{where}: {f.number} Menschen (Stand {f.date}).",
    "gp-open-seats": "{where}: {f.number} Hausarztsitze waren bis zur Sperrung frei (Stand "
    "{f.date}).",
    "published-grade": "{where}: Der Versorgungsgrad der Hausärzte betrug {f.number} Prozent "
    "(Stand {f.date}).",
    "gp-share-over-60": "{where}: {f.whole} Prozent der Hausärztinnen und Hausärzte waren über "
    "sechzig (Angabe von {f.date}, gerundet).",
    "gp-share-employed": "{where}: {f.number} Prozent der Hausärztinnen und Hausärzte sind "
    "angestellt ({f.date}).",
    "minutes-to-gp": "{where}: Bis zur nächsten Hausarztpraxis sind es im Mittel {f.number} "
    "Autominuten ({f.date}).",
    "pharmacies": "{where}: {f.number} Apotheken (OpenStreetMap, {f.date}).",
    "hospital-cases": "{where}: Ein Krankenhaus am Ort, {f.number} stationär Behandelte im Jahr "
    "({f.date}).",
}
_NURSES: Mapping[str, str] = {
    "population-total": "{where}: {f.number} Menschen (Stand {f.date}).",
    "care-dependants-2040": "{where}: Erwartete Veränderung der Zahl der Pflegebedürftigen bis "
    "{f.date}: {value}. Das ist eine Vorausberechnung.",
    "aged-75-2040": "{where}: Erwartete Veränderung der Zahl der Menschen ab fünfundsiebzig "
    "Jahren bis {f.date}: {value}. Das ist eine Vorausberechnung.",
    "hospital-staff": "{where}: Ein Krankenhaus am Ort, {f.number} Beschäftigte ({f.date}).",
}


@dataclass(frozen=True)
class Sentence:
    """A sentence with the number of its source."""

    text: str
    note: int


def job_facts(lab: Workspace, findings: Mapping[str, Finding]) -> str:
    """Facts for advertisements for doctors and for nurses as one self-contained page."""
    sources = SourceList(lab)
    return render(
        "job_facts.html.j2",
        name=lab.region.name,
        as_of=lab.as_of,
        doctors=_sentences(lab, findings, _DOCTORS, sources),
        nurses=_sentences(lab, findings, _NURSES, sources),
        sources=sources.texts,
    )


def _sentences(
    lab: Workspace,
    findings: Mapping[str, Finding],
    templates: Mapping[str, str],
    sources: SourceList,
) -> list[Sentence]:
    """The sentences whose number is known."""
    return [
        Sentence(_told(lab, template, findings[key]), sources.number(findings[key]))
        for key, template in templates.items()
        if findings[key].is_known
    ]


def _told(lab: Workspace, template: str, finding: Finding) -> str:
    parts: dict[str, Finding | str] = {"f": finding, "where": place_words(lab, finding)}
    if "{value}" in template:
        parts["value"] = value_words(finding)
    return tell(template, **parts).sentences[0]
