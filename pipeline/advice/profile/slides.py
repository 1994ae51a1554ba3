"""Five slides for a council committee: question, people, supply, recommendations, next steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.advice.engine import Recommendation, shortlist
from pipeline.advice.profile.facts import SourceList, missing_labels, render
from pipeline.advice.words import overview
from pipeline.methods.findings import Finding
from pipeline.tables.workspace import Workspace

_PEOPLE = ("population-total", "population-2040", "aged-75-2040", "working-age-2040",
           "care-dependants-2040")  # fmt: skip
_SUPPLY = ("published-grade", "gp-open-seats", "gp-share-over-60", "gp-density",
           "gp-share-over-65", "minutes-to-gp")  # fmt: skip
_UNKNOWN = ("published-grade", "gp-share-over-60", "therapists", "midwives", "home-care")
#: Recommendations on one slide.
_MOST = 5


def slides(
    lab: Workspace, findings: Mapping[str, Finding], picked: Sequence[Recommendation]
) -> str:
    """The slides as one self-contained page that prints to five sheets A4 landscape."""
    sources = SourceList(lab)
    leading = shortlist(picked, total=_MOST)
    rows = overview(lab, leading)
    for item in leading:
        finding = item.leading_cause.finding
        if finding is not None and finding.is_known:
            sources.number(finding)
    return render(
        "slides.html.j2",
        name=lab.region.name,
        as_of=lab.as_of,
        people=sources.facts(findings, _PEOPLE),
        supply=sources.facts(findings, _SUPPLY),
        recommendations=rows.to_dict("records"),
        missing=missing_labels(findings, _UNKNOWN),
        sources=sources.texts,
    )
