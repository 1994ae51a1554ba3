"""The proof of use as a workbook: amounts are numbers, sums are formulas that anyone can follow.

The mark of a sample stands in the first row of every sheet and in the page header, so it is on
every printed page.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from pipeline.projects import shown
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
    grant_facts,
)
from pipeline.projects.records import BudgetRow
from pipeline.projects.report_text import report_sections
from pipeline.projects.spreadsheet import append_texts
from pipeline.sources.office_files import write_office_file

EURO = '#,##0.00 "€"'
_BOLD = Font(bold=True)
_HEAD = PatternFill("solid", fgColor="E4E9EE")
_LINE = Border(top=Side(style="thin"))
_COLUMNS = ("Position", "Bezeichnung", "Art der Mittel", "Förderjahr", "Plan", "Bewilligt", "Ist",
            "Abweichung")  # fmt: skip


def write_workbook(proof: Proof, path: Path) -> Path:
    """Write the form; the file is put in place whole."""
    book = Workbook()
    book.remove(book.active)
    for title, fill in (
        ("Deckblatt", _cover),
        ("Sachbericht", _report),
        ("Zahlenmäßiger Nachweis", _numbers),
        ("Belegliste", _receipts),
        ("Abrechnung", _settlement),
        ("Bestätigungen", _confirmations),
        ("Vorprüfung", _review),
    ):
        sheet = book.create_sheet(title)
        _start(sheet, title, proof)
        fill(sheet, proof)
    content = io.BytesIO()
    book.save(content)
    return write_office_file(content.getvalue(), path)


def euros(cents: int) -> Decimal:
    """Cents as the number that stands in a cell."""
    return Decimal(cents) / 100


def _start(sheet: Any, title: str, proof: Proof) -> None:
    project = proof.record.project
    append_texts(sheet, [proof.mark or proof.kind.value])
    append_texts(sheet, [f"{title}: {project.title}"])
    append_texts(sheet, [])
    sheet["A1"].font = Font(bold=True, color="B3261E" if proof.mark else "1F2933")
    sheet["A2"].font = Font(bold=True, size=13)
    if proof.mark:
        sheet.oddHeader.center.text = proof.mark
    sheet.oddFooter.left.text = project.short_title
    sheet.oddFooter.right.text = "Seite &P von &N"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _cover(sheet: Any, proof: Proof) -> None:
    record, project = proof.record, proof.record.project
    recipient = proof.recipient.name if proof.recipient else project.lead
    absent = record.absent("project", project.slug, "period_start")
    _rows(
        sheet,
        [
            ("Zuwendungsempfänger", recipient or TO_WRITE),
            ("Laufzeit", shown.span(project.period_start, project.period_end, absent)),
            ("Gebiet", project.level),
        ],
    )
    for grant in proof.grants:
        append_texts(sheet, [])
        _rows(sheet, [("Zuwendungsgeber", grant.giver), *grant_facts(record, grant)])
    for conditions in proof.conditions:
        append_texts(sheet, [])
        append_texts(sheet, ["Nebenbestimmungen", conditions.title])
        for rule in conditions.rules:
            append_texts(sheet, ["", f"{rule.rule} ({rule.evidence})"])
    _widths(sheet, (26, 90))


def _report(sheet: Any, proof: Proof) -> None:
    for number, (heading, texts) in enumerate(report_sections(proof.record), start=1):
        append_texts(sheet, [f"{number}. {heading}"])
        sheet.cell(sheet.max_row, 1).font = _BOLD
        for text in [text for text in texts if text] or [TO_WRITE]:
            append_texts(sheet, [text])
            sheet.cell(sheet.max_row, 1).alignment = Alignment(wrap_text=True, vertical="top")
    _widths(sheet, (120,))


def _numbers(sheet: Any, proof: Proof) -> None:
    income = _block(sheet, "Einnahmen", proof.income, proof)
    append_texts(sheet, [])
    costs = _block(sheet, "Ausgaben", proof.costs, proof)
    append_texts(sheet, [])
    append_texts(sheet, ["", "Einnahmen weniger Ausgaben"])
    row = sheet.max_row
    for column in "EFG":
        sheet[f"{column}{row}"] = _difference(f"{column}{income}", f"{column}{costs}")
        sheet[f"{column}{row}"].number_format = EURO
    sheet.cell(row, 2).font = _BOLD
    if proof.other_kinds:
        append_texts(sheet, [])
        append_texts(sheet, ["", "Nachrichtlich, nicht in den Summen (andere Arten von Mitteln)"])
        for line in proof.other_kinds:
            _plan_line(sheet, line, proof)
    append_texts(sheet, [])
    note = "Wo ein Betrag fehlt, gibt es keine Summe: Sie wäre zu klein."
    append_texts(sheet, ["", note])
    _widths(sheet, (10, 52, 16, 12, 18, 18, 18, 18))


def _block(sheet: Any, title: str, lines: Sequence[PlanLine], proof: Proof) -> int:
    """A side of the finance plan; the number of its row of sums."""
    append_texts(sheet, [title])
    sheet.cell(sheet.max_row, 1).font = _BOLD
    _head(sheet, _COLUMNS)
    first = sheet.max_row + 1
    for line in lines:
        _plan_line(sheet, line, proof)
    if not lines:
        append_texts(sheet, ["", "nichts eingetragen"])
    last = sheet.max_row
    append_texts(sheet, ["", f"Summe {title}"])
    row = sheet.max_row
    sheet.cell(row, 2).font = _BOLD
    for column in "EFG":
        cell = sheet[f"{column}{row}"]
        cell.value = _sum_of(f"{column}{first}:{column}{last}")
        cell.number_format, cell.font, cell.border = EURO, _BOLD, _LINE
    return row


def _sum_of(cells: str) -> str:
    """A sum, or a word: a sum over a missing amount would pass for a total."""
    return f'=IF(COUNT({cells})=ROWS({cells}),SUM({cells}),"{INCOMPLETE}")'


def _difference(one: str, other: str) -> str:
    return f'=IF(COUNT({one},{other})=2,{one}-{other},"{INCOMPLETE}")'


def _plan_line(sheet: Any, line: PlanLine, proof: Proof) -> None:
    row: BudgetRow = line.row
    amounts = [_amount(proof, row, field) for field in ("planned", "approved", "actual")]
    kind = row.kind.value if row.kind else ""
    append_texts(sheet, [row.position, row.label, kind, row.year, *amounts])
    number = sheet.max_row
    if line.difference is not None:
        base = "F" if row.approved is not None else "E"
        sheet.cell(number, 8, f"=G{number}-{base}{number}")
    for column in range(5, 9):
        sheet.cell(number, column).number_format = EURO
        sheet.cell(number, column).alignment = Alignment(horizontal="right")


def _amount(proof: Proof, row: BudgetRow, field: str) -> Decimal | str:
    cents = getattr(row, field)
    return proof.record.absent("budget", row.position, field) if cents is None else euros(cents)


def _receipts(sheet: Any, proof: Proof) -> None:
    _head(sheet, RECEIPT_COLUMNS)
    first = sheet.max_row + 1
    for group in proof.receipt_groups:
        append_texts(sheet, [group.title])
        sheet.cell(sheet.max_row, 1).font = _BOLD
        for receipt in group.receipts:
            amount = "" if receipt.amount is None else euros(receipt.amount)
            append_texts(sheet,
                [receipt.number, shown.day(receipt.date), receipt.position, receipt.payee,
                 receipt.purpose, amount]
            )  # fmt: skip
            sheet.cell(sheet.max_row, 6).number_format = EURO
    last = sheet.max_row
    if last < first:
        append_texts(sheet, [proof.record.absent("receipts")])
    else:
        append_texts(sheet, [])
        append_texts(sheet, ["", "", "Position", "Summe der Belege"])
        ordered = [receipt for group in proof.receipt_groups for receipt in group.receipts]
        for position in dict.fromkeys(receipt.position for receipt in ordered):
            row = sheet.max_row + 1
            append_texts(sheet, ["", "", position])
            # SUMIF would read texts as numbers and take position 1.1 for 1.10
            formula = f"=SUMPRODUCT((C{first}:C{last}=C{row})*1,F{first}:F{last})"
            sheet.cell(row, 6, formula).number_format = EURO
    _widths(sheet, (14, 14, 12, 36, 40, 18))


def _settlement(sheet: Any, proof: Proof) -> None:
    _head(sheet, SETTLEMENT_COLUMNS)
    for item in proof.settlement:
        form = item.grant.form.value if item.grant.form else ""
        amounts = [euros(cents) for cents in (item.approved, item.paid, item.due)]
        append_texts(sheet, [item.grant.giver, form, *amounts])
        row = sheet.max_row
        sheet.cell(row, 6, f"=MAX(0,D{row}-E{row})")
        sheet.cell(row, 7, f"=MAX(0,E{row}-D{row})")
        for column in range(3, 8):
            sheet.cell(row, column).number_format = EURO
    if not proof.settlement:
        append_texts(sheet, ["Nicht berechenbar: Beträge oder Finanzierungsart fehlen."])
    append_texts(sheet, [])
    append_texts(sheet, [SETTLEMENT_NOTE])
    _widths(sheet, (50, 18, 18, 18, 18, 18, 18))


def _confirmations(sheet: Any, proof: Proof) -> None:
    for text in CONFIRMATIONS:
        append_texts(sheet, ["☐", text])
    for line in ("Ort, Datum", "Unterschrift", "Name und Funktion in Druckschrift"):
        append_texts(sheet, [])
        append_texts(sheet, ["", "_" * 48])
        append_texts(sheet, ["", line])
    _widths(sheet, (4, 100))


def _review(sheet: Any, proof: Proof) -> None:
    append_texts(sheet, ["Sperrende Befunde der eigenen Prüfung"])
    sheet.cell(sheet.max_row, 1).font = _BOLD
    _head(sheet, ("Tabelle", "Zeile", "Befund"))
    for problem in proof.problems:
        append_texts(sheet, [problem.table, problem.row, problem.message])
    if not proof.problems:
        append_texts(sheet, ["", "", "keine"])
    append_texts(sheet, [])
    append_texts(sheet, ["Von der prüfenden Stelle auszufüllen"])
    sheet.cell(sheet.max_row, 1).font = _BOLD
    for text in REVIEW:
        append_texts(sheet, ["☐", "", text])
    append_texts(sheet, [])
    append_texts(sheet, ["", "", "_" * 48])
    append_texts(sheet, ["", "", "Ort, Datum, Unterschrift der prüfenden Stelle"])
    _widths(sheet, (16, 22, 100))


def _rows(sheet: Any, rows: Iterable[tuple[str, object]]) -> None:
    for label, value in rows:
        append_texts(sheet, [label, value])
        cell = sheet.cell(sheet.max_row, 2)
        cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
        if isinstance(value, Decimal):
            cell.number_format = EURO


def _head(sheet: Any, names: Sequence[str]) -> None:
    append_texts(sheet, list(names))
    for cell in sheet[sheet.max_row]:
        cell.font, cell.fill = _BOLD, _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _widths(sheet: Any, widths: Sequence[int]) -> None:
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
