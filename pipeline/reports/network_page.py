"""The page of a project's network: who takes part, what is tied, what is missing, what happened.

All from the project's record. A static page carries no messages between the actors, and says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment

from pipeline.figures import german
from pipeline.figures.contract import Figure
from pipeline.figures.network import network_figure
from pipeline.projects import shown
from pipeline.projects.record import Record
from pipeline.projects.records import Actor, Meeting
from pipeline.projects.values import Period
from pipeline.reports.connections import BOUNDARY, Connections
from pipeline.reports.figure_item import figure_item
from pipeline.reports.ics import Event, calendar
from pipeline.reports.persons import public_text

#: Kinds of activities that are bodies of a network rather than single tasks.
_GROUP_KINDS = frozenset({"gremium", "netzwerk", "konferenz", "arbeitsgruppe"})


@dataclass(frozen=True)
class Happening:
    """An entry of the timeline; without a date (`when`) it stands in a list of its own.

    `day` is the date in words.
    """

    when: Period | None
    day: str
    label: str
    place: str
    detail: str
    kind: str
    source: str


def page_of(slug: str) -> str:
    """Name of a project's network page."""
    return f"netzwerk-{slug}.html"


def calendar_of(slug: str) -> str:
    """Name of a project's calendar file."""
    return f"netzwerk-{slug}.ics"


def network_page(
    jinja: Environment,
    found: Connections,
    shared: Mapping[str, Any],
    project_page: str = "",
) -> str:
    """The page as HTML.

    Parameters
    ----------
    shared : style, edition, checksum and script_hashes of all pages.
    project_page : name of the page with the project's evaluation; empty where there is none.
    """
    record = found.record
    happenings = timeline(record)
    return jinja.get_template("netzwerk.html.j2").render(
        project=record.project,
        facts=_facts(found),
        boundary=BOUNDARY,
        lead=next((a.name for a in found.actors if a.id == found.lead), ""),
        figure=figure_item(figure_of(found)) if found.actors else None,
        actors=_actor_rows(found),
        hidden=_hidden_sentence(found.n_hidden),
        sentences=sentences(found),
        missing=found.missing_sectors,
        groups=_groups(record),
        dated=[entry for entry in happenings if entry.when is not None],
        undated=[entry for entry in happenings if entry.when is None],
        n_events=len(events(record)),
        calendar=calendar_of(record.project.slug),
        project_page=project_page,
        sources=[public_text(record.source_title(source.id), record) for source in record.sources],
        **shared,
    )


def _facts(found: Connections) -> list[tuple[str, str]]:
    project = found.record.project
    absent = found.record.absent("project", project.slug, "period_start")
    return [
        ("Gebiet", project.level),
        ("Laufzeit", shown.span(project.period_start, project.period_end, absent)),
        ("Beteiligte Stellen", german.number(len(found.actors))),
        ("Stand der Angaben", shown.day(project.record_date, "ohne Datum")),
    ]


def figure_of(found: Connections) -> Figure:
    """The picture of the network; `NoDataError` where the record names nobody."""
    nodes, ties = found.frames()
    record = found.record
    return network_figure(
        nodes,
        ties,
        title=f"Wer im Vorhaben {record.project.short_title[:60]} mitwirkt",
        level=record.project.level,
        attributions=record.publishers("actors"),
    )


def _actor_rows(found: Connections) -> list[tuple[str, ...]]:
    degree = found.degree
    return [
        (
            actor.name,
            actor.sector or "–",
            actor.role or "–",
            german.number(degree[actor.id]),
            _meeting_count(found, actor),
        )
        for actor in found.actors
    ]


def _meeting_count(found: Connections, actor: Actor) -> str:
    count = len(found.meetings_of(actor))
    return german.number(count) if count else "–"


def _hidden_sentence(count: int) -> str:
    if not count:
        return ""
    return (
        f"{german.counted(count, 'eine Zeile|Zeilen')} der Akte "
        f"{'spricht' if count == 1 else 'sprechen'} von Personen und "
        f"{'wird' if count == 1 else 'werden'} nicht gezeigt."
    )


def sentences(found: Connections) -> list[str]:
    """The network in plain words, and what the words are worth."""
    summary = found.summary
    if summary is None:
        return ["Für Aussagen über das Netz sind zu wenige Stellen bekannt."]
    actors = german.counted(summary.actors, "eine Stelle|Stellen")
    ties = german.counted(summary.ties, "eine Verbindung|Verbindungen")
    possible = summary.actors * (summary.actors - 1) // 2
    lines = [f"Die Akte nennt {actors} und {ties}; möglich wären {german.words(possible)}."]
    planned = sum(tie.is_planned for tie in found.ties)
    if planned:
        lines.append(f"Davon nur geplant oder erwartet: {german.words(planned)}.")
    brokers = [actor.name for actor in found.brokers]
    if brokers:
        lines.append(
            f"Das Netz hängt an {german.counted(len(brokers), 'einer Stelle|Stellen')}: "
            f"{german.enumeration(brokers)}"
        )
        lines.append("Ohne sie wären andere nach diesen Quellen nicht mehr verbunden.")
    loose = found.loosely_tied
    if loose:
        hanging = german.counted(len(loose), "eine Stelle hat|Stellen haben")
        lines.append(f"{hanging} jeweils nur eine Verbindung.")
    if found.untied:
        names = german.enumeration([actor.name for actor in found.untied])
        lines.append(f"Ohne Verbindung in der Akte: {names}")
    if len(found.ties) == len(found.actors) - 1 and brokers:
        lines.append(
            "Dass alles über die Leitung läuft, liegt auch an den Quellen: Sie nennen die Rollen "
            "im Vorhaben, nicht wer sonst mit wem arbeitet. Ein Urteil über die Zusammenarbeit "
            "erlaubt das Bild nicht."
        )
    return [_sentence(line) for line in lines]


def _sentence(text: str) -> str:
    """With a capital and one full stop, also behind a name that ends with its own ("e. V.")."""
    return f"{text[0].upper()}{text[1:].removesuffix('.')}."


# ------------------------------------------------------------------------------- groups and time


def _groups(record: Record) -> list[tuple[str, str, str, str]]:
    """Bodies and circles of the network: label, kind, state, who is in charge."""
    return [
        (
            public_text(activity.label, record), activity.kind, str(activity.state.value),
            public_text(activity.responsible, record) or "–",
        )
        for activity in record.activities
        if activity.kind.casefold() in _GROUP_KINDS
    ]  # fmt: skip


def timeline(record: Record) -> list[Happening]:
    """Meetings, decisions and beginnings, the earliest first; those without a date at the end."""
    entries = [
        *(_meeting(record, meeting) for meeting in record.meetings),
        *(
            Happening(
                when=version.date,
                day=_day(version.date),
                label=version.kind.value,
                place="",
                detail=public_text(version.text, record),
                kind="Entscheidung",
                source=public_text(record.source_title(version.source), record),
            )
            for version in record.versions
        ),
        *_activity_entries(record),
    ]
    far = dt.date.max
    return sorted(entries, key=lambda e: (e.when.first if e.when else far, e.label, e.place))


def _meeting(record: Record, meeting: Meeting) -> Happening:
    people = shown.quantity(meeting.participants, "")
    parts = [
        public_text(meeting.result, record),
        f"Gruppen: {public_text(meeting.groups, record)}" if meeting.groups else "",
        f"Teilnehmende: {people}" if people else "",
    ]
    return Happening(
        when=meeting.date,
        day=_day(meeting.date),
        label=public_text(meeting.label, record),
        place=public_text(meeting.place, record),
        detail="; ".join(part for part in parts if part),
        kind="Treffen",
        source=public_text(record.source_title(meeting.source), record),
    )


def _activity_entries(record: Record) -> list[Happening]:
    """Activities that began and that no meeting of the record stands for."""
    told = {meeting.activity for meeting in record.meetings}
    return [
        Happening(
            when=activity.actual_start,
            day=shown.span(activity.actual_start, activity.actual_end),
            label=public_text(activity.label, record),
            place="",
            detail=public_text(activity.deviation, record),
            kind=activity.kind or "Aktivität",
            source=public_text(record.source_title(activity.source), record),
        )
        for activity in record.activities
        if activity.actual_start is not None and activity.id not in told
    ]


def _day(period: Period | None) -> str:
    return shown.day(period, "ohne Datum")


def events(record: Record) -> list[Event]:
    """Meetings whose day is known; a month or a year is no day in a calendar."""
    slug = record.project.slug
    return [
        Event(
            uid=f"{slug}-{meeting.id}@versorgungslabor",
            first=meeting.date.first,
            last=meeting.date.last,
            summary=f"{record.project.short_title}: {public_text(meeting.label, record)}",
            location=public_text(meeting.place, record),
            description=_meeting(record, meeting).detail,
        )
        for meeting in record.meetings
        if meeting.date is not None and meeting.date.first == meeting.date.last
    ]


def calendar_text(record: Record) -> str:
    """The project's meetings as a calendar file; the stamp is the day of the record."""
    project = record.project
    found = events(record)
    known = [event.last for event in found]
    stamp = project.record_date.last if project.record_date else max(known, default=dt.date.min)
    return calendar(f"Netzwerk {project.short_title}", found, stamp)
