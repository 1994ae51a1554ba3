"""What a region's action concept is made from: key findings, advice and records of projects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.advice.catalogue import catalogue
from pipeline.advice.engine import Recommendation, recommend, shortlist
from pipeline.advice.grants import Option, options
from pipeline.advice.situation import situation
from pipeline.advice.words import cap_words, cost_words, need_words
from pipeline.errors import NoDataError
from pipeline.figures import summary
from pipeline.figures.prose import Prose
from pipeline.methods.findings import Finding
from pipeline.methods.key_findings import KeyFinding, collect
from pipeline.projects.concept import Concept, Proposal, build_concept
from pipeline.projects.storage import read_records, records_of_region
from pipeline.tables.workspace import Workspace, open_workspace


def concept_of(region: str, reference_date: dt.date, raw: Path) -> Concept:
    """The action concept of a region from everything that the workspace knows.

    Raises `UnknownRegionError` with the nearest names.
    """
    lab = open_workspace(region, reference_date)
    found = collect(lab)
    picked = shortlist(recommend(lab.region, situation(lab), catalogue()))
    return build_concept(
        lab.region.name,
        lab.as_of,
        situation=_sentences(summary.own_text, lab, found),
        shared=_sentences(summary.shared_text, lab, found),
        proposals=[_proposal(lab, item) for item in picked],
        records=records_of_region(read_records(raw), lab.region),
        funding=[
            _funding(option)
            for option in options(lab.region, lab.reference_date, picked)
            if option.measures
        ],
        sources=_attributions(
            lab,
            [
                *(item.finding for item in found),
                *(finding for item in picked for finding in item.findings),
            ],
        ),
    )


def _sentences(
    make: Callable[[Workspace, list[KeyFinding]], Prose], lab: Workspace, found: list[KeyFinding]
) -> list[str]:
    try:
        prose = make(lab, found)
    except NoDataError:
        return []
    return [] if prose.tone == "no-data" else list(prose.sentences)


def _proposal(lab: Workspace, item: Recommendation) -> Proposal:
    measure = item.measure
    under_way = "Eine Quelle sagt, dass es das hier schon gibt: anknüpfen statt neu anfangen."
    cautions = [under_way] * item.is_under_way + list(measure.cautions)
    return Proposal(
        title=measure.title,
        sector=measure.sector,
        goal=measure.goal,
        steps=measure.steps,
        owner=measure.owner,
        cost=cost_words(measure.cost),
        indicator=measure.indicator,
        first_step=measure.first_step,
        needs=tuple(need_words(lab, item)),
        elsewhere=measure.situation,
        caution=" ".join(cautions),
    )


def _funding(option: Option) -> str:
    """A funding line that names one of the measures, and the most that it pays."""
    line = option.line
    return (
        f"Zu prüfen: {line.title} ({option.state}) – {', '.join(option.measures)}. Höchstens: "
        f"{cap_words(line)}. Der Bescheid entscheidet."
    )


def _attributions(lab: Workspace, findings: Sequence[Finding]) -> list[str]:
    ids = [row.source_id for finding in findings for row in finding.evidence]
    return lab.attributions(dict.fromkeys(ids))
