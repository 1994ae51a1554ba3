"""The municipal action concept (Handlungskonzept): findings, proposals and records in one document.

Nine parts: Ausgangslage, Bedarf, Beteiligung, Ziele, Maßnahmen, Verantwortliche, Kosten, Zeitplan,
Evaluation. What the data or a record show is printed; what only a council can decide is an open
field. Nothing fills a field that nobody decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.advice.words import SITUATION_LABEL
from pipeline.projects import shown
from pipeline.projects.record import Record
from pipeline.projects.vocabulary import Section as NoteSection

#: Stands where a decision is missing.
OPEN = "offen – zu entscheiden"


@dataclass(frozen=True)
class Proposal:
    """A measure that may be taken; all texts German. Empty texts become open fields.

    Attributes
    ----------
    needs : the findings about the region that speak for it, each with the limit that it lies
        beyond ("" for none).
    elsewhere : what the catalogue tells of other places; never printed as a need of this one.
    """

    title: str
    sector: str
    goal: str
    steps: tuple[str, ...]
    owner: str
    cost: str
    indicator: str
    first_step: str
    needs: tuple[tuple[str, str], ...] = ()
    elsewhere: str = ""
    caution: str = ""


@dataclass(frozen=True)
class ConceptTable:
    """A table of the concept."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Part:
    """A part of the concept.

    Attributes
    ----------
    heading : its title.
    paragraphs : what is known.
    table : rows, where the part has some.
    open_fields : what is to be decided, one line each.
    """

    heading: str
    paragraphs: tuple[str, ...] = ()
    table: ConceptTable | None = None
    open_fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Concept:
    """The whole document."""

    region: str
    as_of: str
    parts: tuple[Part, ...]
    sources: tuple[str, ...] = field(default=())


def build_concept(
    region: str,
    as_of: str,
    *,
    situation: Sequence[str],
    shared: Sequence[str],
    proposals: Sequence[Proposal],
    records: Sequence[Record],
    funding: Sequence[str] = (),
    sources: Sequence[str] = (),
) -> Concept:
    """Put the concept together.

    Parameters
    ----------
    region, as_of : name of the region, day of the data in words.
    situation : sentences on the region's own findings; `shared` on those of larger areas.
    proposals : measures that the findings suggest.
    records : projects that the region takes part in.
    funding : lines and instruments that may pay for something here, one sentence each.
    """
    parts = (
        _situation(region, situation, shared, records),
        _need(proposals, records),
        _participation(records),
        _goals(records),
        _measures(proposals),
        _owners(proposals),
        _costs(proposals, funding),
        _schedule(proposals),
        _evaluation(proposals),
    )
    cited = [record.source_title(source.id) for record in records for source in record.sources]
    return Concept(region, as_of, parts, tuple(dict.fromkeys([*sources, *cited])))


def _situation(
    region: str, own: Sequence[str], shared: Sequence[str], records: Sequence[Record]
) -> Part:
    larger = [f"Für das größere Gebiet, nicht für {region} allein: {text}" for text in shared]
    known = (*own, *larger, *map(_running, records))
    return Part("Ausgangslage", known, open_fields=() if known else ("Zahlen zur Lage einspielen",))


def _running(record: Record) -> str:
    project = record.project
    absent = record.absent("project", project.slug, "period_start")
    when = shown.span(project.period_start, project.period_end, absent)
    return f"Vorhaben „{project.short_title}“ (Laufzeit: {when}). {project.summary}".strip()


def _need(proposals: Sequence[Proposal], records: Sequence[Record]) -> Part:
    """The findings behind the proposals, each once with what it speaks for, and records' notes."""
    notes = [n.text for r in records for n in r.notes if n.section is NoteSection.NEED]
    speaks_for: dict[str, list[str]] = {}
    for proposal in proposals:
        for finding, limit in proposal.needs:
            asked = f" (Grenze: {limit})" if limit else ""
            speaks_for.setdefault(finding, []).append(f"„{proposal.title}“{asked}")
    findings = [
        f"{finding}. Anlass für: {'; '.join(titles)}." for finding, titles in speaks_for.items()
    ]
    return Part(
        "Bedarf",
        tuple(dict.fromkeys([*findings, *notes])),
        open_fields=("Welcher Bedarf geht vor?", "Was sagen Praxen, Pflege und Bevölkerung dazu?"),
    )


def _participation(records: Sequence[Record]) -> Part:
    rows = tuple(
        (
            record.project.short_title,
            f"{meeting.label}{f', {meeting.place}' if meeting.place else ''}",
            shown.day(meeting.date, record.absent("meetings", meeting.id, "date")),
            shown.quantity(
                meeting.participants, record.absent("meetings", meeting.id, "participants")
            ),
        )
        for record in records
        for meeting in record.meetings
        if meeting.date is not None or meeting.participants is not None
    )
    table = ConceptTable(("Vorhaben", "Veranstaltung", "Datum", "Teilnehmende"), rows)
    ideas = [f"Idee: {idea.idea} ({idea.place or idea.sector})." for r in records
             for idea in r.ideas]  # fmt: skip
    return Part(
        "Beteiligung",
        tuple(ideas),
        table if rows else None,
        ("Wer wird noch beteiligt, wann und wie?",),
    )


def _goals(records: Sequence[Record]) -> Part:
    known = [f"{r.project.short_title}: {goal.text}." for r in records for goal in r.goals]
    return Part(
        "Ziele",
        tuple(known),
        open_fields=("Ziel, Ausgangswert, Zielwert und Frist beschließt der Rat.",),
    )


def _measures(proposals: Sequence[Proposal]) -> Part:
    rows = tuple(
        (
            p.title,
            p.sector,
            p.elsewhere or "–",
            p.goal or OPEN,
            "; ".join(p.steps) or OPEN,
            p.caution or "–",
        )
        for p in proposals
    )
    columns = (
        "Maßnahme (Vorschlag)", "Bereich", SITUATION_LABEL, "Ziel", "Umsetzung", "Zu beachten",
    )  # fmt: skip
    return Part(
        "Maßnahmen",
        ("Vorschläge aus den Befunden. Welche umgesetzt wird, entscheidet die Kommune.",)
        if rows
        else (),
        ConceptTable(columns, rows) if rows else None,
        ("Welche Maßnahmen werden beschlossen?",),
    )


def _owners(proposals: Sequence[Proposal]) -> Part:
    rows = tuple((p.title, p.owner or OPEN, OPEN) for p in proposals)
    columns = ("Maßnahme", "Wer es entscheiden kann", "Verantwortlich (Name, Stelle)")
    return Part(
        "Verantwortliche",
        (),
        ConceptTable(columns, rows) if rows else None,
        ("Wer koordiniert das Ganze?",),
    )


def _costs(proposals: Sequence[Proposal], funding: Sequence[str]) -> Part:
    rows = tuple((p.title, p.cost or OPEN, OPEN, OPEN) for p in proposals)
    columns = ("Maßnahme", "Kostenrahmen", "Kosten hier", "Finanzierung")
    return Part(
        "Kosten",
        (*(("Kostenrahmen sind grob und ersetzen keine Kalkulation.",) if rows else ()), *funding),
        ConceptTable(columns, rows) if rows else None,
        ("Haushaltsmittel, Förderlinie und Eigenanteil",),
    )


def _schedule(proposals: Sequence[Proposal]) -> Part:
    rows = tuple((p.title, p.first_step or OPEN, OPEN, OPEN) for p in proposals)
    columns = ("Maßnahme", "Erster Schritt", "Beginn", "Ende")
    return Part(
        "Zeitplan",
        (),
        ConceptTable(columns, rows) if rows else None,
        ("Beschluss des Rates am", "Zwischenbericht am"),
    )


def _evaluation(proposals: Sequence[Proposal]) -> Part:
    rows = tuple((p.title, p.indicator or OPEN, OPEN, OPEN) for p in proposals)
    columns = ("Maßnahme", "Woran man den Erfolg sieht", "Ausgangswert", "Ziel und Frist")
    return Part(
        "Evaluation",
        (
            "Eine Wirkung lässt sich nur beurteilen, wenn vor dem Beginn und auch bei "
            "vergleichbaren Kommunen erhoben wird.",
        ),
        ConceptTable(columns, rows) if rows else None,
        ("Wer erhebt die Kennzahlen, und wann?",),
    )
