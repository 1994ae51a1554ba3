"""A complete invented project, for tests only: no place, sum or person of it exists."""

from __future__ import annotations

from typing import Any

from pipeline.projects.record import Record
from pipeline.projects.records import TABLES, Project


def invented_record(**changes: list[dict[str, Any]]) -> Record:
    """The invented project "Erfundene Gesundheitsregion"; `changes` replace whole tables."""
    tables: dict[str, list[dict[str, Any]]] = {
        "goals": [{"id": "netz", "text": "Ein erfundenes Netz aufbauen", "source": "bescheid"}],
        "versions": [
            {"id": "b1", "kind": "Bescheid", "date": "2022-01-10", "source": "bescheid"},
            {"id": "b2", "kind": "Änderungsbescheid", "date": "2022-11-01", "source": "bescheid"},
        ],
        "recipients": [
            {"id": "stadt", "name": "Erfundenstadt", "role": "Erstempfänger",
             "type": "kreisfreie Stadt", "source": "bescheid"},
        ],
        "grants": [
            {"id": "land", "kind": "Zuwendung", "state": "bewilligt", "giver": "Erfundenes Land",
             "recipient": "stadt", "line": "efre-nrw-2021", "form": "Anteil",
             "amount": "18.000,00", "period_start": "2022-02-01", "period_end": "2023-01-31",
             "notice_date": "2022-01-10", "notice_reference": "E-1", "source": "bescheid"},
        ],
        "budget": [
            {"position": "1", "recipient": "stadt", "side": "Ausgabe", "label": "Personal",
             "planned": "15000.00", "approved": "15000.00", "actual": "14000.10",
             "output": "treffen", "source": "bescheid"},
            {"position": "2", "recipient": "stadt", "side": "Ausgabe", "label": "Sachkosten",
             "planned": "5000.00", "approved": "5000.00", "actual": "3999.90",
             "source": "bescheid"},
            {"position": "3", "recipient": "stadt", "side": "Einnahme", "label": "Land",
             "kind": "Zuwendung", "grant": "land", "planned": "18000.00", "approved": "18000.00",
             "actual": "16200.00", "source": "bescheid"},
            {"position": "4", "recipient": "stadt", "side": "Einnahme", "label": "Stadt",
             "kind": "Eigenmittel", "planned": "2000.00", "approved": "2000.00",
             "actual": "1800.00", "source": "bescheid"},
            {"position": "5", "recipient": "stadt", "side": "Einnahme", "label": "Räume",
             "kind": "Sachleistung", "planned": "700.00", "approved": "700.00",
             "actual": "700.00", "source": "bescheid"},
        ],
        "receipts": [
            {"number": "1", "date": "2022-03-01", "position": "1", "recipient": "stadt",
             "payee": "Erfunden A", "purpose": "Gehalt", "amount": "14000.10"},
            {"number": "2", "date": "2022-06-01", "position": "2", "recipient": "stadt",
             "payee": "Erfunden B", "purpose": "=1+1", "amount": "3999.90"},
            {"number": "3", "date": "2022-03-01", "position": "3", "recipient": "stadt",
             "payee": "Erfundenes Land", "purpose": "Abruf", "amount": "16200.00"},
            {"number": "4", "date": "2022-03-01", "position": "4", "recipient": "stadt",
             "payee": "Erfundenstadt", "purpose": "Umbuchung", "amount": "1800.00"},
        ],
        "activities": [
            {"id": "treffen", "label": "Erfundene Treffen", "goal": "netz",
             "planned_start": "2022-02", "planned_end": "2022-12", "planned_count": 4,
             "actual_start": "2022-03", "actual_end": "2022-12", "actual_count": "4",
             "state": "durchgeführt", "source": "bericht"},
        ],
        "indicators": [
            {"id": "treffen", "label": "Treffen", "stage": "Leistung", "goal": "netz",
             "unit": "Treffen", "baseline": "0", "source": "bescheid"},
        ],
        "targets": [{"indicator": "treffen", "version": "b1", "value": "4",
                     "due": "2022-12", "source": "bescheid"}],
        "measurements": [
            {"indicator": "treffen", "date": "2022-06-30", "value": "1", "source": "bericht"},
            {"indicator": "treffen", "date": "2022-12-31", "value": "4", "source": "bericht"},
        ],
        "meetings": [{"id": "t1", "label": "Erfundenes Treffen", "activity": "treffen",
                      "date": "2022-03-10", "participants": ">=35", "source": "bericht"}],
        "elements": [
            {"key": "geld", "stage": "Mittel", "text": "Geld", "source": "bescheid"},
            {"key": "treffen", "stage": "Aktivität", "text": "Treffen", "source": "bericht"},
            {"key": "netz", "stage": "Ergebnis", "text": "Netz", "source": "bericht"},
        ],
        "links": [
            {"before": "geld", "after": "treffen", "because": "Geld bezahlt Treffen"},
            {"before": "treffen", "after": "netz", "because": "Treffen verbinden"},
        ],
        "sources": [
            {"id": "bescheid", "title": "Erfundener Bescheid", "trust": "Bescheid"},
            {"id": "bericht", "title": "Erfundener Bericht", "trust": "Akte"},
        ],
    }  # fmt: skip
    tables.update(changes)
    project = Project.model_validate(
        {
            "slug": "erfunden",
            "title": "Erfundene Gesundheitsregion (nur für Tests)",
            "short_title": "Erfunden",
            "regions": ("wolfsburg",),
            "level": "Erfundenstadt",
            "state": "einreichungsreif",
            "lead": "Erfundenstadt",
            "period_start": "2022-02-01",
            "period_end": "2023-01-31",
            "funding_line": "efre-nrw-2021",
        }
    )
    rows = {
        name: tuple(TABLES[name].model_validate(row) for row in given)
        for name, given in tables.items()
    }
    return Record(project=project, **rows)
