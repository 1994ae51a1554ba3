"""Figures of the chapter "Zusammenfassung": sentences from key findings, and what stays open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from pipeline.errors import FigureError, NoDataError
from pipeline.figures import german
from pipeline.figures.contract import DataTable
from pipeline.figures.prose import Prose, notice, tell, together
from pipeline.figures.words import DECIMALS
from pipeline.methods.findings import LEVELS, Finding
from pipeline.methods.key_findings import leading, missing
from pipeline.methods.noteworthy import NOT_OWN, RULE, KeyFinding
from pipeline.methods.open_questions import OpenQuestion
from pipeline.sources.template_kinds import TEMPLATES
from pipeline.tables.workspace import Workspace

#: Sentences of the summary at most, and of the larger areas at least where there are any.
MOST, LEAST_SHARED = 6, 2


@dataclass(frozen=True)
class Sentence:
    """A sentence in parts.

    Attributes
    ----------
    text : what is always said.
    beside : added where the finding has a comparison.
    end : what closes the sentence.
    open_end : closes it instead where the uncertainty lies on both sides of the threshold.
    """

    text: str
    beside: str = ""
    end: str = ""
    open_end: str = ""

    def template(self, finding: Finding) -> str:
        """The template for `tell`."""
        is_open = self.open_end and finding.is_relation_certain is False
        beside = self.beside if finding.comparison else ""
        return f"{self.text}{beside}{self.open_end if is_open else self.end}."


#: Indicator → its sentence. No number is typed here; each comes from the finding.
SENTENCES: Final[Mapping[str, Sentence]] = {
    "population-total": Sentence("{f.place} lebten {f.number} Menschen", end=" ({f.date})"),
    "population-2040": Sentence(
        "Die Einwohnerzahl {f.of_place} dürfte bis {f.date} um {f.size} Prozent "
        "{f.way:steigen|sinken|schwanken}",
        end=" (Schätzung, Spanne {f.change_range} Prozent)",
        open_end=" (Schätzung; die Spanne {f.change_range} Prozent lässt auch das Gegenteil zu)",
    ),
    "aged-80-2040": Sentence(
        "Die Zahl der Menschen ab achtzig Jahren {f.place} dürfte bis {f.date} um {f.size} Prozent "
        "{f.way:steigen|sinken|schwanken}",
        end=" (Schätzung, Spanne {f.change_range} Prozent)",
        open_end=" (Schätzung; die Spanne {f.change_range} Prozent lässt auch das Gegenteil zu)",
    ),
    "old-age-ratio": Sentence(
        "Auf hundert Menschen im Alter von zwanzig bis vierundsechzig Jahren kamen {f.place} "
        "{f.number} ältere",
        beside=", {f.other_place} {f.other}",
        end=" ({f.date}, {f.kind})",
    ),
    "care-dependants-2040": Sentence(
        "Die Zahl der Pflegebedürftigen {f.place} dürfte bis {f.date} um {f.size} Prozent "
        "{f.way:steigen|sinken|schwanken}, wenn die Pflegequoten bleiben, wie sie sind",
        end=" (Schätzung; je nach Quoten {f.change_range} Prozent, jede Rechnung verglichen mit "
        "ihrem eigenen Wert von heute)",
    ),
    "care-places-per-100": Sentence(
        "Auf hundert Menschen ab achtzig Jahren kamen {f.place} {f.number} Plätze der Dauerpflege",
        beside=", {f.other_place} {f.other}",
        end=" ({f.date})",
    ),
    "published-grade": Sentence(
        "Der Versorgungsgrad der Hausärzte im Planungsbereich {f.area} lag bei {f.number} Prozent",
        end=" ({f.date}); unter {f.threshold} Prozent wird Unterversorgung vermutet",
    ),
    "gp-density": Sentence(
        "Auf hunderttausend Menschen kamen {f.place} {f.number} Hausärztinnen und Hausärzte",
        beside=", {f.other_place} {f.other}",
        end=" ({f.date})",
    ),
    "gp-share-over-65": Sentence(
        "Von den Hausärztinnen und Hausärzten {f.place} waren {f.number} Prozent über "
        "fünfundsechzig Jahre alt",
        beside=", {f.other_place} {f.other} Prozent",
        end=" ({f.date})",
    ),
    "minutes-to-gp": Sentence(
        "Mit dem Auto dauerte die Fahrt zur nächsten Hausarztpraxis {f.place} im Mittel {f.number} "
        "Minuten",
        end=" ({f.date})",
    ),
    "minimum-income-quota": Sentence(
        "Die {f.label} lag {f.place} bei {f.number} Prozent",
        beside=", {f.other_place} bei {f.other} Prozent",
        end=" ({f.date})",
    ),
    "gisd-fifth": Sentence(
        "Nach der sozialen Lage liegt {f.area} im {f.ordinal} Fünftel der Kreise",
        end=" ({f.date}; das erste ist am wenigsten benachteiligt)",
    ),
    "hospital-beds-per-1000": Sentence(
        "Auf tausend Menschen kamen {f.place} {f.number} Krankenhausbetten",
        beside=", {f.other_place} {f.other}",
        end=" ({f.date})",
    ),
}


def sentence(item: KeyFinding) -> Prose:
    """The sentence of a key finding.

    Raises
    ------
    FigureError : an indicator of the register without a sentence.
    """
    if item.indicator not in SENTENCES:
        raise FigureError(
            "a key indicator has no sentence",
            found=item.indicator,
            expected=", ".join(SENTENCES),
            remedy="add its sentence to SENTENCES in pipeline/figures/summary.py",
        )
    return tell(SENTENCES[item.indicator].template(item.finding), f=item.finding)


def _chosen(found: Sequence[KeyFinding]) -> list[KeyFinding]:
    """What the summary tells: up to six, with room for two of larger areas."""
    own = leading(found, MOST - LEAST_SHARED, 0)
    return leading(found, len(own), MOST - max(len(own), LEAST_SHARED))


def own_text(lab: Workspace, found: Sequence[KeyFinding]) -> Prose:
    """The sentences on the region itself, the weightiest first.

    Raises
    ------
    NoDataError : nothing is known of the region itself.
    """
    items = [item for item in _chosen(found) if item.is_own]
    if not items:
        raise NoDataError(f"keine eigenen Zahlen für {lab.region.name}")
    return together(*map(sentence, items))


def shared_text(lab: Workspace, found: Sequence[KeyFinding]) -> Prose:
    """The sentences on larger areas, said to be theirs.

    Raises
    ------
    NoDataError : nothing is known of larger areas, or all of it is the region's own.
    """
    items = [item for item in _chosen(found) if not item.is_own]
    if not items:
        raise NoDataError(
            "keine weiteren Zahlen: Was der Kreis hat, ist hier schon die eigene Zahl"
            if lab.region.is_kreis
            else f"keine Zahlen größerer Gebiete für {lab.region.name}"
        )
    return together(*map(sentence, items))


def shared_notice(lab: Workspace) -> Prose:
    """Whose the shared findings are."""
    region = lab.region
    if region.is_kreis:
        text = f"{region.name} ist kreisfrei: Zahlen des Kreises sind die der Stadt."
    else:
        kreis = german.place_name(lab.name_of(region.kreis))
        text = (
            f"{kreis} – für {region.name} liegen hierzu keine eigenen Zahlen vor. Was für den "
            "Kreis oder einen Planungsbereich gilt, ist für alle seine Gemeinden dieselbe Zahl und "
            "unterscheidet sie nicht."
        )
    return notice([text], "note")


def glance_table(lab: Workspace, found: Sequence[KeyFinding]) -> DataTable:
    """All key findings with a value: whose, how sure, held against what.

    Raises
    ------
    NoDataError : no indicator has a value.
    """
    known = [item for item in found if item.finding.is_known]
    if not known:
        raise NoDataError(f"keine Befunde für {lab.region.name}")
    findings = [item.finding for item in known]
    return DataTable(
        id="at-a-glance",
        title="Das Wichtigste auf einen Blick",
        caption=f"Befunde für {lab.region.name}, nach Gewicht geordnet. „Gebiet“ sagt, für wen die "
        "Zahl gilt. Ein Urteil steht nur, wo feststeht, welche Richtung günstig ist. "
        "Altenquotient: Menschen ab 65 Jahren je 100 von 20 bis 64 Jahren. Deprivation: "
        "Benachteiligung bei Arbeit, Bildung und Einkommen.",
        data=pd.DataFrame(
            {
                "Befund": [item.label for item in known],
                "Wert": [value_text(finding) for finding in findings],
                "Gebiet und Stand": [_whose(item) for item in known],
                "Vergleich": [_held_against(finding) for finding in findings],
                "Urteil": [item.direction for item in known],
                "Art und Vorbehalte": [_how_sure(item) for item in known],
                "Gewicht": [german.number(item.weight, 2) for item in known],
            }
        ),
        level=german.enumeration(list(dict.fromkeys(LEVELS[f.level] for f in findings))),
        as_of=lab.as_of,
        attributions=lab.attributions(
            sorted({row.source_id for finding in findings for row in finding.evidence})
        ),
        is_computed=True,
    )


def value_text(finding: Finding) -> str:
    """A value as a table prints it, with its limits: "+10,7 % (+5,8 bis +15,8)"."""
    is_change = finding.threshold is not None and finding.threshold.value == 0.0
    write = german.signed if is_change else german.number
    # with limits behind it a number may wrap, but never before its own unit
    blank = " " if finding.uncertainty is None else "\u00a0"
    unit = f"{blank}%" if finding.unit == "percent" else ""
    text = write(finding.value or 0.0, _decimals(finding)) + unit
    if finding.uncertainty is None:
        return text
    limits = (finding.uncertainty.low, finding.uncertainty.high)
    return f"{text} ({' bis '.join(write(limit, _decimals(finding)) for limit in limits)})"


def _decimals(finding: Finding) -> int:
    return 0 if finding.unit == "quintile_of_400_kreise" else DECIMALS.get(finding.unit, 1)


def _whose(item: KeyFinding) -> str:
    finding = item.finding
    date = german.period(finding.time_period, is_short=True)
    if item.is_own:
        return f"{finding.ref_area_name} (eigene Zahl), {date}"
    return f"{german.place_name(finding.ref_area_name, finding.level)}, {date}"


def _held_against(finding: Finding) -> str:
    if finding.comparison is not None:
        other = german.number(finding.comparison.value, _decimals(finding))
        return f"{finding.comparison.ref_area_name}: {other}"
    if finding.threshold is None:
        return "–"
    if finding.threshold.value == 0.0:
        return finding.threshold.label
    return f"{finding.threshold.label} unter {german.number(finding.threshold.value)}"


def _how_sure(item: KeyFinding) -> str:
    """How the number came about, and what to bear in mind; whose it is stands beside it."""
    return "; ".join([item.finding.kind, *(r for r in item.reservations if r != NOT_OWN)])


def limits_notice(found: Sequence[KeyFinding]) -> Prose:
    """What the findings of the summary do not say, and how they are ordered."""
    limits = dict.fromkeys(text for item in _chosen(found) for text in item.finding.limits)
    return notice([*limits, *RULE], "limits")


def missing_notice(found: Sequence[KeyFinding]) -> Prose:
    """The indicators without a number, and why."""
    gaps = [f"{item.label}: {item.finding.reason}" for item in missing(found)]
    if not gaps:
        return notice(["Zu jedem Merkmal der Tabelle liegt eine Zahl vor."], "note")
    return notice([f"Keine Daten – {gap}" for gap in gaps], "no-data")


def questions_table(lab: Workspace, questions: Sequence[OpenQuestion]) -> DataTable:
    """What the data cannot answer, who could, and the template that takes the answer."""
    return DataTable(
        id="open-questions",
        title="Was die Daten nicht beantworten, und wen man fragt",
        caption="Vorlagen sind leere Tabellen, die sich ausgefüllt einspielen lassen; das Kapitel "
        "dazu füllt sich dann. Ob eine Stelle Auskunft gibt, entscheidet sie selbst.",
        data=pd.DataFrame(
            {
                "Frage": [question.text for question in questions],
                "Was fehlt": [question.missing for question in questions],
                "Wer es wissen kann": [question.holder for question in questions],
                "Vorlage": [_template(question.template) for question in questions],
            }
        ),
        level=f"{LEVELS[lab.region.place.level]} {lab.region.name}",
        as_of=lab.as_of,
        attributions=["eigene Zusammenstellung"],
    )


def _template(kind: str) -> str:
    """The title of a template and the word that names it; "keine" for none."""
    title = next((template.title for template in TEMPLATES if template.kind == kind), "")
    return f"{title} ({kind})" if title else "keine"
