"""The proof of use (Verwendungsnachweis) of one recipient, as data for workbook and PDF.

Sachbericht and zahlenmäßiger Nachweis in the order of the finance plan, receipt list, confirmations
and preliminary check: ANBest-P no. 6.2. What the notice asks for beyond that is unknown here and
said so.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from pipeline.advice.funding import Conditions, Funding
from pipeline.errors import NoDataError
from pipeline.methods.grants import final_grant
from pipeline.projects import finance, shown
from pipeline.projects.integrity import check_record
from pipeline.projects.problems import Problem
from pipeline.projects.record import Record, key_of
from pipeline.projects.records import BudgetRow, Grant, Receipt, Recipient
from pipeline.projects.vocabulary import CASH_KINDS, GrantState

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

#: What stands where the recipient must write.
TO_WRITE = "(vom Zuwendungsempfänger zu ergänzen)"
#: What stands for a sum with a missing amount.
INCOMPLETE = "unvollständig"
RECEIPT_COLUMNS = ("Beleg", "Zahlungstag", "Position", "Zahlung an oder von", "Grund", "Betrag")
SETTLEMENT_COLUMNS = (
    "Zuwendung", "Finanzierungsart", "Bewilligt", "Ausgezahlt", "Steht zu", "Zu erstatten",
    "Noch auszuzahlen",
)  # fmt: skip
SETTLEMENT_NOTE = (
    "Annahme: Es gelten die üblichen Regeln der Nebenbestimmungen (ANBest-P Nr. 2), die hier nicht "
    "im Volltext vorlagen. Zu erstatten ist, was über den Anspruch hinaus ausgezahlt wurde. "
    "Zinsen sind nicht gerechnet. Maßgeblich ist der Bescheid."
)
#: What the examining office fills in.
REVIEW = (
    "Nachweis vollständig", "Summen nachgerechnet", "Belege stichprobenweise geprüft",
    "Zweck erreicht", "Rückforderung: ____________ Euro",
)  # fmt: skip

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
    """A position of the finance plan, in cents."""

    row: BudgetRow

    @property
    def difference(self) -> int | None:
        """Actual less approved (or planned, where nothing was approved)."""
        base = self.row.approved if self.row.approved is not None else self.row.planned
        if base is None or self.row.actual is None:
            return None
        return self.row.actual - base


@dataclass(frozen=True)
class Settlement:
    """What a grant comes to in the end, in cents.

    Attributes
    ----------
    approved, paid : as granted to this recipient, and as it came.
    due : what the recipient may keep by the costs as they came (`methods.grants.final_grant`).
    """

    grant: Grant
    approved: int
    paid: int
    due: int

    @property
    def to_repay(self) -> int:
        """What was paid beyond what is due: only money that came can be asked back."""
        return max(0, self.paid - self.due)

    @property
    def to_receive(self) -> int:
        """What is due and was not paid yet."""
        return max(0, self.due - self.paid)


@dataclass(frozen=True)
class ReceiptGroup:
    """Receipts of one side of the finance plan, by position, then by day of payment."""

    title: str
    receipts: tuple[Receipt, ...]


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
    def receipt_groups(self) -> list[ReceiptGroup]:
        """The receipt list: income and costs apart, in the order of the finance plan."""
        sides = [
            ("Einnahmen", self.income),
            ("Ausgaben", self.costs),
            ("Andere Arten von Mitteln", self.other_kinds),
        ]
        planned = {line.row.position for _, lines in sides for line in lines}
        groups = [(title, [line.row.position for line in lines]) for title, lines in sides]
        others = [r.position for r in self.receipts if r.position not in planned]
        groups.append(("Ohne Position im Finanzplan", others))
        found = [ReceiptGroup(title, self._receipts_of(positions)) for title, positions in groups]
        return [group for group in found if group.receipts]

    def _receipts_of(self, positions: list[str]) -> tuple[Receipt, ...]:
        own = [receipt for receipt in self.receipts if receipt.position in positions]

        def order(receipt: Receipt) -> tuple[int, dt.date]:
            day = receipt.date.first if receipt.date else dt.date.max
            return positions.index(receipt.position), day

        return tuple(sorted(own, key=order))

    @property
    def settlement(self) -> list[Settlement]:
        """What each grant comes to (assumption: ANBest-P no. 2); empty where an amount is missing.

        A last recipient is measured by what its own finance plan has of the grant.
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
            own = [line.row for line in self.income if line.row.grant == grant.id]
            paid, booked = finance.total(own, "actual"), finance.total(own, "approved")
            approved = booked.cents if booked.is_known else grant.amount
            if grant.form is None or approved is None or not paid.is_known:
                continue
            others = income.cents - paid.cents
            due = final_grant(grant.form, approved, planned.cents, actual.cents, others)
            found.append(Settlement(grant, approved, paid.cents, due))
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
    """What the funding line asks for; without one, what the grants name and the recipient is."""
    line, type_ = record.project.funding_line, recipient.type if recipient else ""
    if line in funding.lines:
        return tuple(funding.profile(line, type_)[1])
    named = {grant.conditions for grant in record.grants_proper}
    return tuple(
        conditions
        for name, conditions in funding.conditions.items()
        if name in named or type_ in conditions.recipients
    )


def grant_facts(record: Record, grant: Grant) -> list[tuple[str, str]]:
    """A grant as label and text, with the reason where something is not known."""
    key = key_of(grant)

    def absent(field: str) -> str:
        return record.absent("grants", key, field)

    months = f"{grant.duration_months} Monate; " if grant.duration_months else ""
    period = shown.span(grant.period_start, grant.period_end, absent("period_start"))
    return [
        ("Stand", grant.state.value),
        ("Betrag", shown.money(grant.amount, absent("amount"))),
        ("Finanzierungsart", grant.form.value if grant.form else absent("form")),
        ("Bescheid vom", shown.day(grant.notice_date, absent("notice_date"))),
        ("Aktenzeichen", grant.notice_reference or absent("notice_date")),
        ("Bewilligungszeitraum", months + period),
        ("Nachweis fällig", shown.day(grant.proof_due, "laut Bescheid")),
        ("Anmerkung", grant.note or "–"),
    ]
