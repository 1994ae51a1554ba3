"""What a region's action concept is made from: key findings, advice and records of projects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from pipeline.advice.catalogue import catalogue
from pipeline.advice.engine import Recommendation, recommend, shortlist
from pipeline.advice.situation import situation
from pipeline.advice.words import cost_words
from pipeline.errors import NoDataError
from pipeline.figures import summary
from pipeline.figures.prose import Prose
from pipeline.methods.key_findings import KeyFinding, collect
from pipeline.projects.concept import Concept, Proposal, build_concept
from pipeline.projects.record import Record
from pipeline.projects.storage import find_folder, list_projects, read_record
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
        proposals=[_proposal(item) for item in picked],
        records=records_of(lab, raw),
        sources=_attributions(lab, found),
    )


def records_of(lab: Workspace, raw: Path) -> list[Record]:
    """Projects that a region takes part in, by its slug or one of its municipalities."""
    own = {lab.region.slug, *lab.region.members}
    records = [read_record(find_folder(slug, raw)) for slug in list_projects(raw)]
    return [record for record in records if own & set(record.project.regions)]


def _sentences(
    make: Callable[[Workspace, list[KeyFinding]], Prose], lab: Workspace, found: list[KeyFinding]
) -> list[str]:
    try:
        prose = make(lab, found)
    except NoDataError:
        return []
    return [] if prose.tone == "no-data" else list(prose.sentences)


def _proposal(item: Recommendation) -> Proposal:
    measure = item.measure
    return Proposal(
        title=measure.title,
        sector=measure.sector,
        goal=measure.goal,
        steps=measure.steps,
        owner=measure.owner,
        cost=cost_words(measure.cost),
        indicator=measure.indicator,
        first_step=measure.first_step,
        because=measure.situation,
        caution=" ".join(measure.cautions),
    )


def _attributions(lab: Workspace, found: list[KeyFinding]) -> list[str]:
    ids = [row.source_id for item in found for row in item.finding.evidence]
    return lab.attributions(dict.fromkeys(ids))
