"""Tables of the evaluation of a funded project: frames with printable cells in, tables out.

Each table is one entry of `TABLES`: its title, caption and German column names. What the cells say
is decided by the caller; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures.contract import DataTable


@dataclass(frozen=True)
class Context:
    """What all figures of a project share."""

    project: str
    level: str
    attributions: Sequence[str]
    as_of: str


@dataclass(frozen=True)
class Layout:
    """A table: how it is headed, and column → German name."""

    title: str
    caption: str
    columns: Mapping[str, str]
    is_computed: bool = False
    notes: Sequence[str] = field(default=())


TABLES: dict[str, Layout] = {
    "facts": Layout(
        "Steckbrief des Vorhabens",
        "Angaben zum Vorhaben, wie sie belegt sind.",
        {"term": "Merkmal", "text": "Angabe"},
    ),
    "goals": Layout("Ziele", "Ziele, wie sie die Quelle nennt.",
                    {"text": "Ziel", "source": "Quelle"}),
    "steps": Layout(
        "Wie gut jeder Schritt belegt ist",
        "Jede Zeile ist ein Schritt der Wirkungslogik. Belegt heißt: Eine Quelle stützt ihn, und "
        "keine andere Erklärung ist offen.",
        {"before": "Von", "after": "Zu", "because": "Annahme", "proofs": "Belege",
         "rivals_open": "Offene andere Erklärungen", "standing": "Stand"},
    ),
    "proofs": Layout("Belege", "Was die Schritte stützt oder ihnen widerspricht.",
                     {"before": "Von", "after": "Zu", "text": "Beleg", "bearing": "Aussage",
                      "source": "Quelle"}),
    "rivals": Layout("Andere Erklärungen", "Was dieselbe Veränderung auch bewirken könnte.",
                     {"before": "Von", "after": "Zu", "text": "Andere Erklärung",
                      "answer": "Was geprüft wurde"}),
    "activities": Layout(
        "Aktivitäten: Plan und Ist",
        "Geplante und tatsächliche Zeit und Zahl jeder Aktivität.",
        {"label": "Aktivität", "planned": "Geplant", "planned_count": "Zahl geplant",
         "actual": "Tatsächlich", "actual_count": "Zahl belegt", "state": "Stand"},
    ),
    "indicators": Layout(
        "Kennzahlen: Ausgangswert, Ziel, Ist",
        "„Mindestens“ und „höchstens“ geben wieder, was die Quelle sagt.",
        {"label": "Kennzahl", "unit": "Einheit", "baseline": "Ausgangswert",
         "target": "Ziel", "latest": "Letzter Wert", "date": "Stand vom",
         "reached": "Ziel erreicht?"},
        is_computed=True,
    ),
    "definitions": Layout(
        "Definitionen der Kennzahlen", "Was gezählt wird, und woher der Wert kommt.",
        {"label": "Kennzahl", "stage": "Stufe", "definition_id": "Nummer",
         "definition": "Definition", "measured_by": "Erhebung", "source": "Quelle"},
    ),
    "progress": Layout(
        "Fortschritt seit dem letzten Stand", "Nur wo zwei genaue Werte vorliegen.",
        {"label": "Kennzahl", "previous": "Vorher", "latest": "Jetzt", "change": "Veränderung",
         "share": "Anteil des Weges zum Ziel"}, is_computed=True,
    ),
    "grants": Layout(
        "Zuwendungen und andere Mittel",
        "Verschiedene Arten von Mitteln werden nicht zusammengezählt.",
        {"kind": "Art", "state": "Stand", "giver": "Geber", "amount": "Betrag",
         "form": "Finanzierungsart", "notice_date": "Bescheid vom", "note": "Anmerkung"},
    ),
    "budget": Layout(
        "Kosten- und Finanzierungsplan: Plan und Ist",
        "In der Ordnung des Finanzierungsplans, in Euro und Cent.",
        {"position": "Position", "label": "Bezeichnung", "kind": "Art der Mittel",
         "year": "Förderjahr", "planned": "Plan", "approved": "Bewilligt", "actual": "Ist"},
    ),
    "cofinancing": Layout(
        "Wer die geplanten Kosten trägt",
        "Offen ist, was keine eingetragene Einnahme deckt.",
        {"label": "", "amount": "Betrag", "share": "Anteil an den Kosten"}, is_computed=True,
    ),
    "years": Layout(
        "Ausgaben je Förderjahr",
        "Belege zählen im Jahr der Zahlung.",
        {"year": "Förderjahr", "planned": "Plan", "approved": "Bewilligt", "actual": "Ist",
         "receipts": "Summe der Belege"}, is_computed=True,
    ),
    "rules": Layout(
        "Regeln der Förderlinie",
        "„Laut Bescheid“ heißt: Diese Regel wurde nicht gelesen; es gilt der Bescheid.",
        {"rule": "Regel", "value": "Wert", "evidence": "Beleg", "source": "Fundstelle"},
    ),
    "unit_costs": Layout(
        "Kosten je Leistung",
        "Nur wo Kosten einer Leistung zugeordnet sind.",
        {"label": "Leistung", "planned": "Plan", "actual": "Ist"}, is_computed=True,
    ),
    "achievement": Layout(
        "Zielerreichung je Ziel",
        "Ein Ziel ohne Kennzahl mit Zielwert lässt sich nicht beurteilen.",
        {"goal": "Ziel", "indicators": "Kennzahlen mit Ziel", "reached": "davon erreicht",
         "open": "nicht zu beurteilen"}, is_computed=True,
    ),
    "power": Layout(
        "Was ein Vergleich überhaupt finden könnte",
        "Kleinster Effekt, den ein Vergleich mit vier von fünf Versuchen erkennt, gemessen in "
        "Standardabweichungen der Veränderung zwischen den Einheiten.",
        {"comparison": "Vergleichseinheiten", "least_effect": "Kleinster erkennbarer Effekt",
         "least_p": "Kleinster möglicher p-Wert"}, is_computed=True,
        notes=("Der p-Wert sagt, wie leicht ein solcher Unterschied auch durch Zufall entsteht. "
               "Über 0,05 gilt er nicht als Nachweis. Mit weniger als 19 Vergleichseinheiten und "
               "einer geförderten ist keiner möglich.",),
    ),
    "comparison": Layout(
        "Vergleich mit nicht geförderten Einheiten",
        "Differenz der Differenzen und synthetischer Vergleich aus den eingetragenen Werten.",
        {"indicator": "Kennzahl", "units": "Einheiten", "effect": "Effekt",
         "p_value": "p-Wert", "pre_trend": "Größte Abweichung vor Beginn",
         "synthetic": "Effekt synthetisch", "placebo": "Placebo-p"}, is_computed=True,
    ),
    "collection": Layout(
        "Plan der Datenerhebung",
        "Was zu erheben wäre, damit sich eine Wirkung beurteilen lässt.",
        {"what": "Was", "stage": "Stufe", "whom": "Bei wem", "when": "Wann", "how": "Wie"},
    ),
    "deviations": Layout(
        "Abweichungen vom Plan", "Abweichung und Grund, soweit bekannt.",
        {"label": "Aktivität", "deviation": "Abweichung", "deviation_reason": "Grund"},
    ),
    "meetings": Layout(
        "Veranstaltungen und Teilnehmende",
        "Angaben der Quellen; „über“ ist als „mindestens“, „knapp“ als „höchstens“ "
        "wiedergegeben.",
        {"label": "Veranstaltung", "place": "Ort oder Kommune", "date": "Datum",
         "participants": "Teilnehmende", "result": "Ergebnis", "source": "Quelle"},
    ),
    "ideas": Layout("Ideen aus den Veranstaltungen", "Ideen, wie sie veröffentlicht sind.",
                    {"place": "Kommune", "sector": "Bereich", "idea": "Idee",
                     "owner": "Verantwortlich", "source": "Quelle"}),
    "surveys": Layout(
        "Befragungen", "Antworten mit Rücklauf; kleine Gruppen werden nicht gezeigt.",
        {"label": "Befragung", "response": "Rücklauf", "question": "Frage", "answer": "Antwort",
         "count": "Anzahl"}, is_computed=True,
        notes=("Ergebnisse von weniger als zehn Antwortenden und Anzahlen unter drei stehen als "
               "Punkt.",),
    ),
    "actors": Layout("Beteiligte", "Wer mitwirkt, und in welcher Rolle.",
                     {"name": "Name", "role": "Rolle", "sector": "Bereich"}),
    "recipients": Layout("Empfänger der Mittel", "Erst- und Letztempfänger; jeder hat einen "
                         "eigenen Plan und einen eigenen Nachweis.",
                         {"name": "Name", "role": "Rolle", "type": "Art", "via": "Über"}),
    "versions": Layout("Fassungen des Plans", "Antrag, Bescheid und Änderungen.",
                       {"kind": "Art", "date": "Datum", "reference": "Aktenzeichen",
                        "text": "Inhalt"}),
    "risks": Layout("Risiken", "Risiken und der Umgang damit.",
                    {"text": "Risiko", "likelihood": "Wahrscheinlichkeit", "impact": "Folge",
                     "response": "Umgang", "owner": "Verantwortlich"}),
    "publicity": Layout("Öffentlichkeitsarbeit", "Maßnahmen, und ob die Förderung genannt ist.",
                        {"kind": "Art", "date": "Datum", "text": "Maßnahme",
                         "names_funding": "Förderung genannt", "source": "Quelle"}),
    "notes": Layout("Erläuterungen", "Angaben der Quellen.",
                    {"text": "Text", "source": "Quelle"}),
    "claims": Layout("Aussagen ohne Beleg", "Diese Aussagen stehen in keinem Text als Tatsache.",
                     {"text": "Aussage", "origin": "Woher sie stammt", "remark": "Anmerkung"}),
    "problems": Layout(
        "Prüfung der Akte",
        "Sperrend heißt: So kann nichts eingereicht werden.",
        {"weight": "Gewicht", "table": "Tabelle", "row": "Zeile", "message": "Was zu tun ist"},
        is_computed=True,
    ),
    "sources": Layout("Quellen", "Jede Angabe dieses Berichts beruht auf einer dieser Quellen.",
                      {"title": "Titel", "publisher": "Herausgeber", "date": "Datum",
                       "trust": "Art", "address": "Adresse"}),
    "unknown": Layout("Was nicht bekannt ist", "Leere Felder und der Grund dafür.",
                      {"table": "Tabelle", "field": "Feld", "gap": "Stand", "reason": "Grund"}),
}  # fmt: skip


def table(
    context: Context,
    name: str,
    frame: pd.DataFrame,
    why_empty: str = "dazu ist nichts eingetragen",
    *,
    id: str = "",
    title: str = "",
) -> DataTable:
    """A table of `TABLES`.

    Parameters
    ----------
    frame : columns of the layout, cells printable; further columns are not shown.
    why_empty : the reason, where the frame has no row.
    id, title : where one layout is shown several times.

    Raises
    ------
    NoDataError : the frame has no row.
    """
    layout = TABLES[name]
    if frame.empty:
        raise NoDataError(f"{title or layout.title} – {why_empty}")
    return DataTable(
        id=id or name.replace("_", "-"),
        title=title or layout.title,
        caption=layout.caption,
        data=frame.loc[:, list(layout.columns)].rename(columns=dict(layout.columns)),
        level=context.level,
        attributions=context.attributions,
        as_of=context.as_of,
        is_computed=layout.is_computed,
        notes=layout.notes,
    )
