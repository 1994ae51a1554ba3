"""Standortprofil: one A4 page for doctors and nurses who look for a place."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.advice.funding import FundingLine, read_lines
from pipeline.advice.grants import lines_for
from pipeline.advice.profile.facts import SourceList, missing_labels, render
from pipeline.methods.findings import Finding
from pipeline.tables.workspace import Workspace

_PLACE = (
    "population-total", "population-density", "population-2040", "pharmacies", "hospital-staff",
    "out-commuters",
)  # fmt: skip
_NEED = (
    "published-grade", "gp-open-seats", "gp-share-over-60", "gp-density", "gp-share-over-65",
    "aged-75-2040", "care-dependants-2040",
)  # fmt: skip
_DOCTORS = frozenset({"Ärztin oder Arzt", "Praxis"})
#: Lines on the page; more do not fit on A4.
_MOST_LINES = 4


def standortprofil(lab: Workspace, findings: Mapping[str, Finding]) -> str:
    """The profile as HTML, self-contained and made for one printed page."""
    sources = SourceList(lab)
    return render(
        "standortprofil.html.j2",
        name=lab.region.name,
        kreis=lab.name_of(lab.region.kreis),
        land=lab.region.land_name,
        as_of=lab.as_of,
        place=sources.facts(findings, _PLACE),
        need=sources.facts(findings, _NEED),
        missing=missing_labels(findings, (*_PLACE, *_NEED)),
        support=_support(lab),
        sources=sources.texts,
    )


def _support(lab: Workspace) -> list[FundingLine]:
    lines = lines_for(lab.region, lab.reference_date, read_lines())
    paid = [line for line in lines if line.finance_kind == "Zuwendung"]
    return [line for line in paid if _DOCTORS & set(line.recipients)][:_MOST_LINES]
