"""The proof of use, or the fact sheet where there is no grant, as PDF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.methods.money import euro_text
from pipeline.projects import finance, shown
from pipeline.projects.proof import (
    CONFIRMATIONS,
    PlanLine,
    Proof,
    ProofKind,
    report_sections,
)
from pipeline.projects.proof_workbook import TO_WRITE
from pipeline.projects.record import Record, key_of
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
        settlement=[_settled(grant.giver, grant.form, grant.amount or 0, cents)
                    for grant, cents in proof.settlement],
        receipts=[
            (r.number, shown.day(r.date), r.position, r.payee, r.purpose, shown.money(r.amount))
            for r in proof.receipts
        ],
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
        sources=[
            f"{record.source_title(source.id)}{'. ' + source.address if source.address else ''}"
            for source in record.sources
        ],
        **parts,
    )


def _grant(record: Record, grant: Any) -> dict[str, Any]:
    key = key_of(grant)

    def absent(field: str) -> str:
        return record.absent("grants", key, field)

    months = f"{grant.duration_months} Monate; " if grant.duration_months else ""
    rows = [
        ("Stand", grant.state.value),
        ("Betrag", shown.money(grant.amount, absent("amount"))),
        ("Finanzierungsart", grant.form.value if grant.form else absent("form")),
        ("Bescheid vom", shown.day(grant.notice_date, absent("notice_date"))),
        ("Bewilligt", months + shown.span(grant.period_start, grant.period_end,
                                          absent("period_start"))),
        ("Anmerkung", grant.note or "–"),
    ]  # fmt: skip
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
    sums = []
    for column in finance.COLUMNS:
        total = finance.total([line.row for line in lines], column)
        if total.missing == total.positions:
            sums.append("–")
        else:
            sums.append(euro_text(total.cents) + (" (unvollständig)" if total.missing else ""))
    return sums


def _settled(giver: str, form: Any, approved: int, kept: int) -> tuple[str, ...]:
    return (
        giver, form.value if form else "–", euro_text(approved), euro_text(kept),
        euro_text(approved - kept),
    )  # fmt: skip
