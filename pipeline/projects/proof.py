"""The proof of use (Verwendungsnachweis) of one recipient, as data for workbook and PDF.

Sachbericht and zahlenmäßiger Nachweis in the order of the finance plan, receipt list, confirmations
and preliminary check: ANBest-P no. 6.2. What the notice asks for beyond that is unknown here and
said so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.advice.funding import Conditions, Funding
from pipeline.errors import NoDataError
from pipeline.methods.grants import final_grant
from pipeline.projects import finance, shown
from pipeline.projects.integrity import Problem, check_record
from pipeline.projects.record import Record
from pipeline.projects.records import BudgetRow, Grant, Publicity, Receipt, Recipient
from pipeline.projects.vocabulary import CASH_KINDS, GrantState, Section

#: Stands on every page of a form without a notice.
SAMPLE_MARK = "Muster – keine Bewilligungsdaten veröffentlicht"


class ProofKind(StrEnum):
    """What a record can be made into."""

    FORM = "Verwendungsnachweis"
    SAMPLE = "Muster eines Verwendungsnachweises"
    FACT_SHEET = "Datenblatt"


KIND_SENTENCES = {
    ProofKind.FORM: "Eine Zuwendung mit Summe, Zeitraum und Bescheid ist eingetragen: Der "
    "Verwendungsnachweis liegt als Tabelle und als PDF bei.",
    ProofKind.SAMPLE: "Summe und Dauer einer Zuwendung sind bekannt, ein Bescheid nicht. Das "
    f"Formular trägt deshalb auf jeder Seite den Vermerk „{SAMPLE_MARK}“.",
    ProofKind.FACT_SHEET: "Eine Zuwendung mit Summe und Zeitraum ist nicht bekannt. Statt eines "
    "Verwendungsnachweises gibt es ein Datenblatt.",
}

#: Statements that the recipient signs; the wording of the notice goes first.
CONFIRMATIONS = (
    "Die Ausgaben waren notwendig, und es wurde wirtschaftlich und sparsam verfahren.",
    "Die Angaben stimmen mit den Büchern und Belegen überein.",
    "Vergabevorschriften wurden beachtet, soweit sie galten.",
    "Dieselben Ausgaben wurden bei keiner anderen Stelle abgerechnet.",
    "Ist ein Abzug der Vorsteuer möglich, sind nur Beträge ohne Umsatzsteuer angesetzt.",
    "Die Belege werden so lange aufbewahrt, wie es der Bescheid verlangt.",
)


@dataclass(frozen=True)
class PlanLine:
    """A position of the finance plan, in cents; `note` says why an amount is missing."""

    row: BudgetRow

    @property
    def difference(self) -> int | None:
        """Actual less approved (or planned, where nothing was approved)."""
        base = self.row.approved if self.row.approved is not None else self.row.planned
        if base is None or self.row.actual is None:
            return None
        return self.row.actual - base


@dataclass(frozen=True)
class Proof:
    """Everything that stands in the form of one recipient."""

    kind: ProofKind
    record: Record
    recipient: Recipient | None
    grants: tuple[Grant, ...]
    costs: tuple[PlanLine, ...]
    income: tuple[PlanLine, ...]
    other_kinds: tuple[PlanLine, ...]
    receipts: tuple[Receipt, ...]
    conditions: tuple[Conditions, ...]
    problems: tuple[Problem, ...]

    @property
    def mark(self) -> str:
        """What stands on every page."""
        return SAMPLE_MARK if self.kind is ProofKind.SAMPLE else ""

    @property
    def settlement(self) -> list[tuple[Grant, int]]:
        """What remains of each grant by the costs as they came (assumption: ANBest-P no. 2).

        Empty where an amount is missing.
        """
        rows = [line.row for line in self.costs]
        planned = finance.total(rows, "approved")
        if not planned.is_known:
            planned = finance.total(rows, "planned")
        actual = finance.total(rows, "actual")
        income = finance.total([line.row for line in self.income], "actual")
        if not (planned.is_known and actual.is_known and income.is_known and planned.cents):
            return []
        found = []
        for grant in self.grants:
            own = finance.total(
                [li.row for li in self.income if li.row.grant == grant.id], "actual"
            )
            if grant.amount is None or grant.form is None:
                continue
            rest = income.cents - own.cents
            found.append(
                (grant, final_grant(grant.form, grant.amount, planned.cents, actual.cents, rest))
            )
        return found


def proof_kind(record: Record) -> ProofKind:
    """Whether there is a form, a sample or a fact sheet."""
    fitting = [grant for grant in record.grants_proper if _has_sum_and_period(grant)]
    if not fitting:
        return ProofKind.FACT_SHEET
    granted = (GrantState.APPROVED, GrantState.PAID)
    if all(grant.notice_date is not None and grant.state in granted for grant in fitting):
        return ProofKind.FORM
    return ProofKind.SAMPLE


def _has_sum_and_period(grant: Grant) -> bool:
    has_period = grant.period_start is not None and grant.period_end is not None
    return grant.amount is not None and (has_period or grant.duration_months is not None)


def recipients_with_proof(record: Record) -> list[Recipient | None]:
    """One proof each: all recipients with a finance plan, or the only one."""
    named = [r for r in record.recipients if any(b.recipient == r.id for b in record.budget)]
    if named:
        return list(named)
    return [record.recipients[0] if record.recipients else None]


def make_proof(record: Record, funding: Funding, recipient: Recipient | None = None) -> Proof:
    """The form of one recipient.

    Raises
    ------
    NoDataError : no grant with sum and period is recorded.
    """
    kind = proof_kind(record)
    if kind is ProofKind.FACT_SHEET:
        raise NoDataError("eine Zuwendung mit Summe und Zeitraum ist nicht eingetragen")
    who = recipient.id if recipient else None
    only = len(recipients_with_proof(record)) == 1
    rows = finance.budget_of(record, None if only else who)
    receipts = tuple(r for r in record.receipts if only or r.recipient == who)
    grants = tuple(g for g in record.grants_proper if only or g.recipient == who)
    income = [row for row in rows if row.kind in CASH_KINDS]
    others = [row for row in rows if row.kind is not None and row.kind not in CASH_KINDS]
    lines = {name: tuple(map(PlanLine, part)) for name, part in
             (("costs", finance.costs(rows)), ("income", income), ("others", others))}  # fmt: skip
    return Proof(
        kind, record, recipient, grants or record.grants_proper, lines["costs"], lines["income"],
        lines["others"], receipts, _conditions(record, funding, recipient),
        tuple(problem for problem in check_record(record, funding) if problem.is_blocking),
    )  # fmt: skip


def _conditions(
    record: Record, funding: Funding, recipient: Recipient | None
) -> tuple[Conditions, ...]:
    line = record.project.funding_line
    if line not in funding.lines:
        return ()
    return tuple(funding.profile(line, recipient.type if recipient else "")[1])


def report_sections(record: Record) -> list[tuple[str, list[str]]]:
    """The Sachbericht: headings and paragraphs from the record; an empty section is to be written.

    Order after ANBest-P no. 6.2: purpose, course, result against the goals, deviations, effect,
    economy, publicity, outlook.
    """

    def notes(section: Section) -> list[str]:
        return [note.text for note in record.notes if note.section is section]

    activities = [
        f"{a.label}: {a.state.value} ({shown.span(a.actual_start, a.actual_end, 'ohne Termin')})."
        for a in record.activities
    ]
    values = [
        f"{i.label}: {shown.quantity(m.value)} ({i.unit}; {shown.day(m.date)})."
        for i in record.indicators
        for m in record.measurements
        if m.indicator == i.id and m.value is not None
    ]
    deviations = [
        f"{a.label}: {a.deviation} Grund: {a.deviation_reason or 'fehlt'}."
        for a in record.activities
        if a.deviation
    ]
    publicity = [_told(record, item) for item in record.publicity]
    return [
        ("Zweck und Ziele", [record.project.summary, *(goal.text for goal in record.goals)]),
        ("Ausgangslage", notes(Section.BACKGROUND)),
        ("Verlauf", activities),
        ("Ergebnisse im Vergleich mit den Zielen", values),
        ("Abweichungen vom Plan und ihre Gründe", deviations + notes(Section.DEVIATION)),
        ("Wirtschaftlichkeit und Alternativen", notes(Section.ALTERNATIVE)),
        ("Öffentlichkeitsarbeit", publicity),
        ("Querschnittsziele", notes(Section.EQUALITY)),
        ("Nachhaltigkeit und Ausblick", notes(Section.SUSTAINABILITY)),
        ("Lehren", notes(Section.LESSON)),
    ]


def _told(record: Record, item: Publicity) -> str:
    text = f"{item.text} ({shown.day(item.date, 'ohne Datum')})."
    if not record.grants_proper:
        return text
    named = item.names_funding.value if item.names_funding else "nicht belegt"
    return f"{text} Förderung genannt: {named}."
