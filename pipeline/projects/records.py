"""What a record of a funded project consists of: `project.yaml` and one table a topic.

A table is a list of flat rows, so that it is a CSV file, a sheet of a workbook and a list of models
alike. A field holds what a source proves; what is not known stays empty, and the table `unknown`
says why. Field titles are German, since users see them in their spreadsheets.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from pipeline.methods.grants import GrantForm
from pipeline.projects import vocabulary as v
from pipeline.projects.values import (
    Amount,
    Cents,
    Day,
    Number,
    Text,
    parse_number,
    parse_optional,
)

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")]
Whole = Annotated[int | None, BeforeValidator(parse_optional)]
Percent = Annotated[float | None, BeforeValidator(parse_number)]


def _text(title: str, default: Any = "", **more: Any) -> Any:
    return Field(default=default, title=title, **more)


def _needed(title: str, **more: Any) -> Any:
    return Field(title=title, **more)


class Row(BaseModel):
    """One row of a table.

    `EXPECTED` names the fields whose emptiness a reader asks about: each needs a reason.
    """

    # a spreadsheet keeps position 1 and year 2021 as numbers
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)
    EXPECTED: ClassVar[tuple[str, ...]] = ()


class Project(Row):
    """`project.yaml`: what the project is, who leads it, when and under which line it ran."""

    EXPECTED: ClassVar = ("period_start", "period_end", "funding_line")

    slug: Slug = _needed("Kürzel (Ordnername)")
    title: str = _needed("Titel", min_length=3)
    short_title: str = _needed("Kurztitel", min_length=2)
    state: v.State = _text("Stand", v.State.DRAFT)
    regions: tuple[str, ...] = _needed("Regionen (Kürzel oder AGS)", min_length=1)
    level: str = _needed("Gebiet in Worten")
    lead: Text = _text("Träger")
    period_start: Day = _text("Beginn", None)
    period_end: Day = _text("Ende", None)
    duration_months: Whole = _text("Laufzeit in Monaten", None)
    funding_line: Text = _text("Förderlinie (Kürzel)")
    record_date: Day = _text("Stand der Angaben", None)
    summary: Text = _text("Worum es geht")
    funding_note: Text = _text("Hinweis auf die Förderung")


class Source(Row):
    """Something that can be looked up."""

    id: Slug = _needed("Kürzel")
    title: str = _needed("Titel", min_length=3)
    publisher: Text = _text("Herausgeber")
    date: Text = _text("Datum")
    address: Text = _text("Adresse")
    trust: v.Trust = _needed("Art")
    note: Text = _text("Anmerkung")


class Unknown(Row):
    """Why a field is empty; `*` stands for all rows or all fields."""

    table: str = _needed("Tabelle")
    key: str = _text("Zeile", "*")
    field: str = _text("Feld", "*")
    gap: v.Gap = _needed("Grund")
    reason: str = _needed("Erläuterung", min_length=5)


class Goal(Row):
    """What the project set itself."""

    id: Slug = _needed("Kürzel")
    text: str = _needed("Ziel", min_length=5)
    source: Text = _text("Quelle")


class Version(Row):
    """A version of the plan: what was applied for, granted, changed."""

    id: Slug = _needed("Kürzel")
    kind: v.VersionKind = _needed("Art")
    date: Day = _text("Datum", None)
    reference: Text = _text("Aktenzeichen")
    text: Text = _text("Inhalt")
    source: Text = _text("Quelle")


class Recipient(Row):
    """Who received money; a last recipient has it through (`via`) a first one."""

    id: Slug = _needed("Kürzel")
    name: str = _needed("Name")
    role: v.Role = _needed("Rolle")
    type: Text = _text("Art (Kommune, Verein …)")
    via: Text = _text("Weiterleitung durch")
    contract_date: Day = _text("Weiterleitung vom", None)
    source: Text = _text("Quelle")


class Grant(Row):
    """Money or security that somebody gives; a row a giver, kind and recipient."""

    EXPECTED: ClassVar = ("amount", "form", "notice_date", "period_start", "period_end")

    id: Slug = _needed("Kürzel")
    kind: v.FinanceKind = _needed("Art der Mittel")
    state: v.GrantState = _needed("Stand")
    giver: Text = _text("Geber")
    recipient: Text = _text("Empfänger")
    line: Text = _text("Förderlinie")
    form: Annotated[GrantForm | None, BeforeValidator(parse_optional)] = _text(
        "Finanzierungsart", None
    )
    amount: Cents = _text("Betrag in Euro", None)
    rate_percent: Percent = _text("Fördersatz in Prozent", None)
    period_start: Day = _text("Bewilligt ab", None)
    period_end: Day = _text("Bewilligt bis", None)
    duration_months: Whole = _text("Bewilligte Monate", None)
    notice_date: Day = _text("Bescheid vom", None)
    notice_reference: Text = _text("Aktenzeichen")
    proof_due: Day = _text("Nachweis fällig", None)
    conditions: Text = _text("Nebenbestimmungen")
    source: Text = _text("Quelle")
    note: Text = _text("Anmerkung")


class BudgetRow(Row):
    """A position of the finance plan in a funding year, planned, approved and as it came."""

    EXPECTED: ClassVar = ("planned", "approved", "actual")

    position: str = _needed("Position")
    recipient: Text = _text("Empfänger")
    year: Text = _text("Förderjahr")
    side: v.Side = _needed("Seite")
    label: str = _needed("Bezeichnung")
    kind: Annotated[v.FinanceKind | None, BeforeValidator(parse_optional)] = _text(
        "Art der Mittel", None
    )
    grant: Text = _text("Zuwendung (Kürzel)")
    planned: Cents = _text("Plan in Euro", None)
    approved: Cents = _text("Bewilligt in Euro", None)
    actual: Cents = _text("Ist in Euro", None)
    output: Text = _text("Leistung (Kennzahl)")
    source: Text = _text("Quelle")
    note: Text = _text("Anmerkung")


class Receipt(Row):
    """A line of the receipt list."""

    number: str = _needed("Belegnummer")
    date: Day = _text("Zahlungstag", None)
    position: str = _needed("Position")
    recipient: Text = _text("Empfänger")
    payee: Text = _text("Zahlung an oder von")
    purpose: Text = _text("Grund der Zahlung")
    amount: Cents = _text("Betrag in Euro", None)
    also_charged_to: Text = _text("Auch abgerechnet bei")


class Activity(Row):
    """Something that the project does."""

    EXPECTED: ClassVar = ("planned_start", "actual_start")

    id: Slug = _needed("Kürzel")
    label: str = _needed("Aktivität")
    kind: Text = _text("Art")
    goal: Text = _text("Ziel (Kürzel)")
    planned_start: Day = _text("Geplant ab", None)
    planned_end: Day = _text("Geplant bis", None)
    planned_count: Whole = _text("Geplante Zahl", None)
    actual_start: Day = _text("Tatsächlich ab", None)
    actual_end: Day = _text("Tatsächlich bis", None)
    actual_count: Amount = _text("Tatsächliche Zahl", None)
    state: v.ActivityState = _needed("Stand")
    responsible: Text = _text("Verantwortlich")
    deviation: Text = _text("Abweichung")
    deviation_reason: Text = _text("Grund der Abweichung")
    source: Text = _text("Quelle")


class Indicator(Row):
    """What is measured; a definition id of a fund is valid in that fund's period only."""

    EXPECTED: ClassVar = ("baseline",)

    id: Slug = _needed("Kürzel")
    label: str = _needed("Kennzahl")
    stage: v.Level = _needed("Stufe")
    goal: Text = _text("Ziel (Kürzel)")
    unit: str = _needed("Einheit")
    definition_id: Text = _text("Nummer der Definition")
    fund_period: Text = _text("Förderperiode")
    definition: Text = _text("Definition")
    polarity: v.Polarity = _text("Richtung", v.Polarity.MORE)
    baseline: Amount = _text("Ausgangswert", None)
    baseline_date: Day = _text("Ausgangswert am", None)
    measured_by: Text = _text("Erhebung")
    source: Text = _text("Quelle")


class Target(Row):
    """A target of an indicator, as a version of the plan set it."""

    EXPECTED: ClassVar = ("value",)

    indicator: str = _needed("Kennzahl (Kürzel)")
    version: Text = _text("Fassung (Kürzel)")
    value: Amount = _text("Zielwert", None)
    set_on: Day = _text("Festgelegt am", None)
    due: Day = _text("Zu erreichen bis", None)
    reason: Text = _text("Begründung")
    source: Text = _text("Quelle")


class Measurement(Row):
    """A dated value of an indicator."""

    indicator: str = _needed("Kennzahl (Kürzel)")
    date: Day = _needed("Stichtag")
    value: Amount = _text("Wert", None)
    wording: Text = _text("Wortlaut")
    source: Text = _text("Quelle")


class Actor(Row):
    """Who takes part."""

    id: Slug = _needed("Kürzel")
    name: str = _needed("Name")
    role: Text = _text("Rolle")
    sector: Text = _text("Bereich")
    source: Text = _text("Quelle")


class Meeting(Row):
    """A workshop, conference, session; planned ones too."""

    EXPECTED: ClassVar = ("date", "participants")

    id: Slug = _needed("Kürzel")
    label: str = _needed("Veranstaltung")
    activity: Text = _text("Aktivität (Kürzel)")
    place: Text = _text("Ort oder Kommune")
    date: Day = _text("Datum", None)
    invited: Whole = _text("Eingeladen", None)
    participants: Amount = _text("Teilnehmende", None)
    wording: Text = _text("Wortlaut")
    groups: Text = _text("Gruppen")
    result: Text = _text("Ergebnis")
    source: Text = _text("Quelle")


class Idea(Row):
    """An idea from a meeting."""

    id: Slug = _needed("Kürzel")
    meeting: Text = _text("Veranstaltung (Kürzel)")
    place: Text = _text("Ort oder Kommune")
    sector: Text = _text("Bereich")
    idea: str = _needed("Idee")
    owner: Text = _text("Verantwortlich")
    state: Text = _text("Stand")
    source: Text = _text("Quelle")


class SurveyAnswer(Row):
    """How often an answer was given."""

    survey: Slug = _needed("Befragung (Kürzel)")
    label: str = _needed("Befragung")
    date: Day = _text("Datum", None)
    invited: Whole = _text("Eingeladen", None)
    answered: Whole = _text("Geantwortet", None)
    question: str = _needed("Frage")
    answer: str = _needed("Antwort")
    count: Whole = _text("Anzahl", None)
    source: Text = _text("Quelle")


class Risk(Row):
    """Something that may go wrong, and what is done about it."""

    id: Slug = _needed("Kürzel")
    text: str = _needed("Risiko")
    likelihood: Text = _text("Wahrscheinlichkeit")
    impact: Text = _text("Folge")
    response: Text = _text("Umgang")
    owner: Text = _text("Verantwortlich")
    source: Text = _text("Quelle")


class Publicity(Row):
    """How the public was told, and whether the funding was named."""

    id: Slug = _needed("Kürzel")
    date: Day = _text("Datum", None)
    kind: Text = _text("Art")
    text: str = _needed("Maßnahme")
    names_funding: Annotated[v.YesNo | None, BeforeValidator(parse_optional)] = _text(
        "Förderung genannt", None
    )
    source: Text = _text("Quelle")


class Element(Row):
    """A part of the intervention logic."""

    key: Slug = _needed("Kürzel")
    stage: v.Level = _needed("Stufe")
    text: str = _needed("Text")
    is_reached: Annotated[v.YesNo | None, BeforeValidator(parse_optional)] = _text("Belegt", None)
    source: Text = _text("Quelle")


class Link(Row):
    """Why one element should lead to the next."""

    before: str = _needed("Von")
    after: str = _needed("Zu")
    because: str = _needed("Annahme", min_length=5)


class Proof(Row):
    """Evidence for or against a link."""

    before: str = _needed("Von")
    after: str = _needed("Zu")
    text: str = _needed("Beleg", min_length=5)
    bearing: v.Bearing = _text("Aussage", v.Bearing.SUPPORTS)
    source: str = _needed("Quelle", min_length=1)


class Rival(Row):
    """Another explanation of the same change; the answer is empty while nobody looked."""

    before: str = _needed("Von")
    after: str = _needed("Zu")
    text: str = _needed("Andere Erklärung", min_length=5)
    answer: Text = _text("Was geprüft wurde")


class Note(Row):
    """A paragraph of the report."""

    section: v.Section = _needed("Abschnitt")
    text: str = _needed("Text", min_length=5)
    source: Text = _text("Quelle")


class Claim(Row):
    """A sentence that is said about the project; without a source it is listed, not printed."""

    id: Slug = _needed("Kürzel")
    text: str = _needed("Aussage")
    origin: Text = _text("Woher sie stammt")
    source: Text = _text("Beleg (Quelle)")
    remark: Text = _text("Anmerkung")


class Outcome(Row):
    """A value of an outcome for a unit and period: what a comparison with and without needs."""

    indicator: str = _needed("Kennzahl (Kürzel)")
    unit: str = _needed("Einheit (AGS, Name)")
    treated_from: Text = _text("Gefördert ab")
    time_period: str = _needed("Zeitraum")
    value: Number = _needed("Wert")
    source: Text = _text("Quelle")


#: Table → model of its rows; the order is that of sheets in a workbook.
TABLES: dict[str, type[Row]] = {
    "goals": Goal,
    "versions": Version,
    "recipients": Recipient,
    "grants": Grant,
    "budget": BudgetRow,
    "receipts": Receipt,
    "activities": Activity,
    "indicators": Indicator,
    "targets": Target,
    "measurements": Measurement,
    "actors": Actor,
    "meetings": Meeting,
    "ideas": Idea,
    "surveys": SurveyAnswer,
    "risks": Risk,
    "publicity": Publicity,
    "elements": Element,
    "links": Link,
    "proofs": Proof,
    "rivals": Rival,
    "notes": Note,
    "claims": Claim,
    "outcomes": Outcome,
    "sources": Source,
    "unknown": Unknown,
}
