"""The text part of a proof of use (Sachbericht), as far as the record can write it.

Headings in the order that ANBest-P no. 6.2 asks for: purpose, course, result against the goals,
deviations, effect, economy, publicity, outlook. A section without a text is the recipient's to
write.
"""

from __future__ import annotations

import datetime as dt

from pipeline.projects import shown
from pipeline.projects.monitoring import Standing, standings
from pipeline.projects.record import Record
from pipeline.projects.records import Activity, Publicity
from pipeline.projects.vocabulary import Section


def report_sections(record: Record) -> list[tuple[str, list[str]]]:
    """Headings and paragraphs; an empty list is a section that is still to be written."""

    def notes(section: Section) -> list[str]:
        return [note.text for note in record.notes if note.section is section]

    deviations = [
        f"{a.label}: {a.deviation} Grund: {a.deviation_reason or 'fehlt'}."
        for a in record.activities
        if a.deviation
    ]
    # a proof is made when all is over: every value on record counts
    results = [_result(record, found) for found in standings(record, dt.date.max)]
    return [
        ("Zweck und Ziele", [record.project.summary, *(goal.text for goal in record.goals)]),
        ("Ausgangslage", notes(Section.BACKGROUND)),
        ("Verlauf", [_course(record, activity) for activity in record.activities]),
        ("Ergebnisse im Vergleich mit den Zielen", results),
        ("Abweichungen vom Plan und ihre Gründe", deviations + notes(Section.DEVIATION)),
        ("Wirtschaftlichkeit und Alternativen", notes(Section.ALTERNATIVE)),
        ("Öffentlichkeitsarbeit", [_told(record, item) for item in record.publicity]),
        ("Querschnittsziele", notes(Section.EQUALITY)),
        ("Nachhaltigkeit und Ausblick", notes(Section.SUSTAINABILITY)),
        ("Lehren", notes(Section.LESSON)),
    ]


def _course(record: Record, activity: Activity) -> str:
    """An activity as planned and as it came."""

    def absent(field: str) -> str:
        return record.absent("activities", activity.id, field)

    planned = shown.span(activity.planned_start, activity.planned_end, absent("planned_start"))
    actual = shown.span(activity.actual_start, activity.actual_end, absent("actual_start"))
    counts = ""
    if activity.planned_count is not None or activity.actual_count is not None:
        plan = "nicht festgelegt" if activity.planned_count is None else activity.planned_count
        counts = f" Anzahl: geplant {plan}, tatsächlich "
        counts += f"{shown.quantity(activity.actual_count, 'keine Angabe')}."
    return (
        f"{activity.label}: {activity.state.value}. "
        f"Zeitraum: geplant {planned}, tatsächlich {actual}.{counts}"
    )


def _result(record: Record, found: Standing) -> str:
    """An indicator against its target, and where it began."""
    indicator, target, latest = found.indicator, found.target, found.latest
    value = shown.quantity(
        latest.value if latest else None, record.absent("measurements", indicator.id, "value")
    )
    as_of = f" ({shown.day(latest.date)})" if latest else ""
    aim = record.absent("targets", indicator.id, "value")
    if target is not None and target.value is not None:
        due = f" bis {shown.day(target.due)}" if target.due else ""
        aim = f"{shown.quantity(target.value)}{due}, {found.reached.value}"
    start = shown.quantity(
        indicator.baseline, record.absent("indicators", indicator.id, "baseline")
    )
    return (
        f"{indicator.label} ({indicator.unit}): Ist {value}{as_of}; Ziel {aim}; "
        f"Ausgangswert {start}."
    )


def _told(record: Record, item: Publicity) -> str:
    text = f"{item.text} ({shown.day(item.date, 'ohne Datum')})."
    if not record.grants_proper:
        return text
    named = item.names_funding.value if item.names_funding else "nicht belegt"
    return f"{text} Förderung genannt: {named}."
