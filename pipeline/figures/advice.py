"""Figures of the chapter "Empfehlungen": tables of recommendations, goal progress, grants.

The rows come ready from the room above; here they get title, caption, level and sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures import charts, german
from pipeline.figures.contract import DataTable, Figure
from pipeline.methods.findings import Finding
from pipeline.tables.workspace import Workspace

#: Printed as source where a table holds what people wrote and no publisher's number.
CATALOGUE = "Maßnahmenkatalog des Versorgungslabors (eigene Texte, CC BY 4.0)"
#: Printed as source of entries that the municipality made itself.
OWN_ENTRIES = "Angaben der Kommune (eingespielte Vorlage)"


def recommendations_table(
    lab: Workspace, frame: pd.DataFrame, findings: Iterable[Finding], *, is_rest: bool = False
) -> DataTable:
    """Recommendations side by side.

    Parameters
    ----------
    frame : one row a recommendation, in order.
    findings : what they rest on.
    is_rest : whether these are the ones after the leading list.

    Raises
    ------
    NoDataError : no rule holds.
    """
    if frame.empty:
        raise NoDataError("keine (weitere) Regel des Katalogs trifft zu")
    title = "Weitere Empfehlungen, deren Bedingung erfüllt ist"
    return DataTable(
        id="recommendations-rest" if is_rest else "recommendations",
        title=title if is_rest else "Die wichtigsten Empfehlungen im Überblick",
        caption="Jede Zeile nennt die Zahl, die sie ausgelöst hat, mit ihrem Gebiet und Datum. "
        "Eine Empfehlung ist ein Anlass zum Prüfen, kein Beschluss.",
        data=frame,
        level="steht in jeder Zeile",
        as_of=lab.as_of,
        attributions=[*_attributions(lab, findings), CATALOGUE],
        is_computed=True,
    )


def measure_sheet(
    lab: Workspace, key: str, title: str, frame: pd.DataFrame, findings: Sequence[Finding]
) -> DataTable:
    """One recommendation as a sheet of the toolbox.

    Parameters
    ----------
    key, title : of the measure.
    frame : one row a field.
    findings : what it rests on.
    """
    places = list(dict.fromkeys(german.place_name(f.ref_area_name, f.level) for f in findings))
    return DataTable(
        id=f"sheet-{key}",
        title=title,
        caption="Blatt aus dem Werkzeugkasten: Felder wie in der Marketingtoolbox der Projekte.",
        data=frame,
        level=german.enumeration(places) or lab.region.name,
        as_of=lab.as_of,
        attributions=[*_attributions(lab, findings), CATALOGUE],
        is_computed=True,
    )


def under_way_table(lab: Workspace, frame: pd.DataFrame) -> DataTable:
    """Measures of the catalogue that the region is already known to carry out.

    Parameters
    ----------
    frame : one row a measure.

    Raises
    ------
    NoDataError : no source names one.
    """
    if frame.empty:
        raise NoDataError(
            f"Für {lab.region.name} ist im Katalog keine Maßnahme als begonnen belegt. Was schon "
            "geschieht, weiß die Verwaltung"
        )
    return DataTable(
        id="under-way",
        title="Was hier nach den Quellen schon begonnen hat",
        caption="Diese Maßnahmen passen zu den Zahlen und sind hier schon begonnen. Anstehen "
        "Fortführung und Auswertung, nicht ein neuer Beschluss. Wie weit sie heute sind, weiß die "
        "Verwaltung.",
        data=frame,
        level=lab.region.name,
        as_of=lab.as_of,
        attributions=[CATALOGUE],
    )


def transfer_table(
    lab: Workspace, frame: pd.DataFrame, source_ids: Iterable[str], cautions: Sequence[str]
) -> DataTable:
    """Similar municipalities that stand better in a municipal indicator."""
    return DataTable(
        id="transfer",
        title="Ähnliche Gemeinden mit mehr Zuwachs oder niedrigerer Mindestsicherungsquote",
        caption="Verglichen werden nur Zahlen, die es für Gemeinden selbst gibt. Ob mehr Menschen "
        "gut für einen Ort sind, entscheidet der Rat. Dass eine Maßnahme gewirkt hat, zeigt die "
        "Tabelle nicht: Die Maßnahmen sind jünger als die Einwohnerzahlen.",
        data=frame,
        level="Gemeinden",
        as_of=lab.as_of,
        attributions=lab.attributions(sorted(set(source_ids))),
        is_computed=True,
        notes=cautions,
    )


def goals_table(lab: Workspace, frame: pd.DataFrame, rule: str) -> DataTable:
    """The goals with their state in words."""
    return DataTable(
        id="goals",
        title="Gesundheitsziele und ihr Stand",
        caption="Weg zurückgelegt: Anteil der Strecke vom Ausgangswert zum Zielwert.",
        data=frame,
        level=lab.region.name,
        as_of=lab.as_of,
        attributions=[OWN_ENTRIES],
        is_computed=True,
        notes=[rule],
    )


def goals_figure(lab: Workspace, frame: pd.DataFrame, shares: Sequence[float | None]) -> Figure:
    """How far each goal is, in percent of the way, with the state in words.

    Parameters
    ----------
    frame : as for `goals_table`.
    shares : percent of the way, a goal each; below 0 and above 100 are drawn at the edge.
    """
    bars = [
        charts.Bar(str(goal), min(max(share or 0.0, 0.0), 100.0), f"{way} · {light}")
        for goal, light, way, share in zip(
            frame["Ziel"], frame["Ampel"], frame["Weg zurückgelegt"], shares, strict=True
        )
    ]
    return Figure(
        id="goal-progress",
        title="Wie weit die Gesundheitsziele sind",
        caption="Anteil des Wegs vom Ausgangswert zum Zielwert in Prozent. Das Urteil steht in "
        "Worten daneben.",
        alt=" ".join(f"{bar.label}: {bar.printed}." for bar in bars),
        data=frame[["Ziel", "Weg zurückgelegt", "Ampel"]],
        level=lab.region.name,
        as_of=lab.as_of,
        attributions=[OWN_ENTRIES],
        is_computed=True,
        draw=partial(charts.bars, bars),
    )


def grants_table(lab: Workspace, frame: pd.DataFrame) -> DataTable:
    """Funding lines and instruments of the region."""
    return DataTable(
        id="grants",
        title="Förderlinien und Instrumente",
        caption="Beträge sind Obergrenzen; entscheidend ist der Bescheid. Zuwendung, Darlehen und "
        "Bürgschaft werden nie zusammengezählt. Was noch zu klären ist, steht dabei.",
        data=frame,
        level=f"{lab.region.land_name}, {lab.region.name}",
        as_of=lab.as_of,
        attributions=[CATALOGUE],
    )


def _attributions(lab: Workspace, findings: Iterable[Finding]) -> list[str]:
    ids = sorted({row.source_id for finding in findings for row in finding.evidence})
    return lab.attributions(ids)
