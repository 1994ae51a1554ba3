"""The proof of use, or the fact sheet where there is no grant, as PDF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.methods.money import euro_text
from pipeline.projects import finance, shown
from pipeline.projects.proof import (
    CONFIRMATIONS,
    INCOMPLETE,
    RECEIPT_COLUMNS,
    REVIEW,
    SETTLEMENT_COLUMNS,
    SETTLEMENT_NOTE,
    TO_WRITE,
    PlanLine,
    Proof,
    ProofKind,
    Settlement,
    grant_facts,
)
from pipeline.projects.record import Record
from pipeline.projects.records import Grant, Receipt
from pipeline.projects.report_text import report_sections
from pipeline.projects.vocabulary import FinanceKind


def proof_html(proof: Proof) -> str:
    """The form as HTML for print."""
    record = proof.record
    sides = [("Einnahmen", proof.income), ("Ausgaben", proof.costs)]
    blocks = [(title, [_line(li, record) for li in lines], _sums(lines)) for title, lines in sides]
    if proof.other_kinds:
        lines = [_line(line, record) for line in proof.other_kinds]
        blocks.append(("Nachrichtlich: andere Arten von Mitteln", lines, []))
    return _render(
        record,
        kind=proof.kind.value,
        mark=proof.mark,
        has_form=True,
        recipient=proof.recipient.name if proof.recipient else record.project.lead,
        conditions=[(c.title, [f"{r.rule} ({r.evidence})" for r in c.rules])
                    for c in proof.conditions],
        sides=blocks,
        rest=_rest(proof),
        settlement_columns=SETTLEMENT_COLUMNS,
        settlement=[_settled(item) for item in proof.settlement],
        settlement_note=SETTLEMENT_NOTE,
        receipt_columns=RECEIPT_COLUMNS,
        receipts=[(group.title, [_receipt(r) for r in group.receipts])
                  for group in proof.receipt_groups],
        no_receipts=record.absent("receipts").capitalize() + ".",
        problems=[problem.message for problem in proof.problems],
    )  # fmt: skip


def fact_sheet_html(record: Record) -> str:
    """What is known of a project without a grant of known sum and period."""
    return _render(
        record, kind=ProofKind.FACT_SHEET.value, mark="", has_form=False,
        recipient=record.project.lead, conditions=[],
    )  # fmt: skip


def _render(record: Record, *, recipient: str, **parts: Any) -> str:
    project = record.project
    jinja = Environment(
        loader=PackageLoader("pipeline.projects"), autoescape=True, undefined=StrictUndefined
    )
    absent = record.absent("project", project.slug, "period_start")
    known = {source.id for source in record.sources}
    facts = [
        ("Zuwendungsempfänger" if parts["has_form"] else "Träger", recipient or TO_WRITE),
        ("Gebiet", project.level),
        ("Laufzeit", shown.span(project.period_start, project.period_end, absent)),
        ("Stand der Angaben", shown.day(project.record_date, "ohne Datum")),
    ]
    sections = [(h, [t for t in texts if t]) for h, texts in report_sections(record)]
    if not parts["has_form"]:  # a fact sheet has nothing to fill in
        sections = [(h, texts) for h, texts in sections if texts]
    return jinja.get_template("proof.html.j2").render(
        project=project,
        facts=facts,
        grants=[_grant(record, grant) for grant in record.grants],
        claims=[c.text for c in record.claims if c.source not in known],
        sections=sections,
        to_write=TO_WRITE,
        confirmations=CONFIRMATIONS,
        review=REVIEW,
        sources=[
            f"{record.source_title(source.id)}{'. ' + source.address if source.address else ''}"
            for source in record.sources
        ],
        **parts,
    )


def _grant(record: Record, grant: Grant) -> dict[str, Any]:
    rows = grant_facts(record, grant)
    if grant.kind is not FinanceKind.GRANT:  # no notice, no form of finance
        rows = [row for row in rows if row[0] in ("Stand", "Betrag", "Anmerkung")]
    return {"title": f"{grant.kind.value}: {grant.giver}", "rows": rows}


def _line(line: PlanLine, record: Record) -> tuple[str, ...]:
    row = line.row
    amounts = [
        shown.money(getattr(row, field), record.absent("budget", row.position, field))
        for field in finance.COLUMNS
    ]
    difference = "–" if line.difference is None else euro_text(line.difference)
    kind = row.kind.value if row.kind else "–"
    return (row.position, row.label, kind, row.year or "–", *amounts, difference)


def _sums(lines: Sequence[PlanLine]) -> list[str]:
    return [_sum_text(total) for total in _totals(lines)]


def _rest(proof: Proof) -> list[str]:
    """Income less costs of each column."""
    rest = []
    for income, costs in zip(_totals(proof.income), _totals(proof.costs), strict=True):
        is_known = income.is_known and costs.is_known
        rest.append(euro_text(income.cents - costs.cents) if is_known else INCOMPLETE)
    return rest


def _totals(lines: Sequence[PlanLine]) -> list[finance.Total]:
    return [finance.total([line.row for line in lines], column) for column in finance.COLUMNS]


def _sum_text(total: finance.Total) -> str:
    """A sum, or a word: a sum over a missing amount would pass for a total."""
    return euro_text(total.cents) if total.is_known else INCOMPLETE


def _settled(item: Settlement) -> tuple[str, ...]:
    form = item.grant.form.value if item.grant.form else "–"
    amounts = (item.approved, item.paid, item.due, item.to_repay, item.to_receive)
    return (item.grant.giver, form, *map(euro_text, amounts))


def _receipt(receipt: Receipt) -> tuple[str, ...]:
    return (
        receipt.number, shown.day(receipt.date), receipt.position, receipt.payee,
        receipt.purpose, shown.money(receipt.amount),
    )  # fmt: skip
