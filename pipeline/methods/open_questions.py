"""What the data cannot answer for a region, who could, and the template that takes the answer.

A question stands in the summary as long as its answer is not in the data. The holders are public
bodies by their task, not persons; whether they hand out a figure is theirs to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.methods.noteworthy import KeyFinding
from pipeline.regions import Region

#: Statistical office of the Land; the general name elsewhere.
_OFFICES: Final = {"03": "Landesamt für Statistik Niedersachsen", "05": "IT.NRW"}


@dataclass(frozen=True)
class Question:
    """A question that a report leaves open.

    Attributes
    ----------
    id : slug.
    text : the question, as a council member would ask it.
    missing : the datum that would answer it.
    holder : who holds that datum (German; `{kreis}`, `{association}` and `{office}` are filled in).
    template : id of the template that takes it; empty where none does.
    is_open : whether published data leave it open, given the region's key findings by indicator.
    """

    id: str
    text: str
    missing: str
    holder: str
    template: str
    is_open: Callable[[dict[str, KeyFinding]], bool]


@dataclass(frozen=True)
class OpenQuestion:
    """A question of one region, with the holder by name."""

    id: str
    text: str
    missing: str
    holder: str
    template: str


def _always(found: dict[str, KeyFinding]) -> bool:
    return True


def _without(indicator: str) -> Callable[[dict[str, KeyFinding]], bool]:
    """Open where an indicator has no value."""

    def is_open(found: dict[str, KeyFinding]) -> bool:
        return indicator not in found or not found[indicator].finding.is_known

    return is_open


def _not_own(indicator: str) -> Callable[[dict[str, KeyFinding]], bool]:
    """Open where an indicator has no value of the region's own."""

    def is_open(found: dict[str, KeyFinding]) -> bool:
        return _without(indicator)(found) or not found[indicator].is_own

    return is_open


#: The register, in the order in which a council would ask.
QUESTIONS: Final[tuple[Question, ...]] = (
    Question(
        "gp-ages", "Wann hören die Hausärztinnen und Hausärzte in der Gemeinde auf?",
        "Alter und Sitz jeder Praxis", "{association}; die Praxen selbst", "physicians-by-age",
        _always,
    ),
    Question(
        "grade", "Wie hoch ist der Versorgungsgrad, und sind Sitze frei?",
        "Planungsblatt des Planungsbereichs", "{association}", "planning-sheet",
        _without("published-grade"),
    ),
    Question(
        "gp-in-municipality", "Wie viele Arztsitze gibt es in der Gemeinde selbst?",
        "Sitze je Gemeinde", "{association}", "facilities", _not_own("gp-density"),
    ),
    Question(
        "offers", "Wer bietet Therapie, Hebammenhilfe und Beratung an?",
        "Liste der Angebote, mit der Angabe, ob sie vollständig ist",
        "Gesundheitsamt ({kreis}); Verzeichnisse der Krankenkassen; die Gemeinde", "facilities",
        _always,
    ),
    Question(
        "care-places", "Wie viele Pflegeplätze gibt es in der Gemeinde, und wie viele sind frei?",
        "Plätze, Belegung und Personal je Einrichtung", "Pflegeplanung und Heimaufsicht ({kreis})",
        "care-places", _always,
    ),
    Question(
        "care-dependants", "Wie viele Menschen in der Gemeinde sind pflegebedürftig?",
        "gezählte Pflegebedürftige je Gemeinde", "Pflegekassen; {office}", "", _always,
    ),
    Question(
        "ages-today", "Wie alt sind die Menschen in der Gemeinde und ihren Ortsteilen heute?",
        "Einwohner nach Alter und Ortsteil", "Meldebehörde der Gemeinde; {office}", "", _always,
    ),
    Question(
        "minimum-income", "Wie viele Menschen leben von Mindestsicherung?",
        "Quote der Gemeinde", "{office}; Jobcenter ({kreis})", "",
        _without("minimum-income-quota"),
    ),
    Question(
        "ways", "Wie weit ist es aus den Ortsteilen zur Praxis, auch mit dem Bus?",
        "Standorte aller Praxen, Straßennetz, Fahrplan",
        "die Gemeinde; OpenStreetMap; der Verkehrsverbund", "facilities", _always,
    ),
    Question(
        "patient-flows", "Wohin fahren die Menschen zum Arzt und ins Krankenhaus?",
        "Behandlungen nach Wohnort und Ort der Praxis", "{association}; Krankenkassen", "",
        _always,
    ),
    Question(
        "goals", "Welche Ziele hat die Gemeinde, und woran misst sie sie?",
        "beschlossene Ziele mit Kennzahl und Zeitpunkt", "der Rat", "health-goals", _always,
    ),
)  # fmt: skip


def open_questions(
    found: Sequence[KeyFinding],
    region: Region,
    kreis_name: str,
    kv_name: str,
    answered: Collection[str] = (),
) -> list[OpenQuestion]:
    """The questions that the data leave open for a region.

    Parameters
    ----------
    found : as returned by `key_findings.collect`.
    kreis_name, kv_name : names of the Kreis and of the association of physicians.
    answered : ids of questions that the region's own lists answer (`own_lists.answered`).
    """
    by_indicator = {item.indicator: item for item in found}
    names = {
        "kreis": region.name if region.is_kreis else kreis_name,
        "association": f"Kassenärztliche Vereinigung {kv_name}",
        "office": _OFFICES.get(region.land, f"Statistisches Landesamt ({region.land_name})"),
    }
    return [
        OpenQuestion(
            question.id, question.text, question.missing, question.holder.format(**names),
            question.template,
        )
        for question in QUESTIONS
        if question.id not in answered and question.is_open(by_indicator)
    ]  # fmt: skip
