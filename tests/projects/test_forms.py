"""The forms of the invented project, recomputed by LibreOffice; forms of the real projects."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from pipeline.advice.funding import Funding, read_funding
from pipeline.errors import NoDataError
from pipeline.projects.forms import write_forms
from pipeline.projects.proof import (
    SAMPLE_MARK,
    ProofKind,
    make_proof,
    proof_kind,
    recipients_with_proof,
)
from pipeline.projects.proof_workbook import write_workbook
from pipeline.projects.record import Record
from pipeline.projects.spreadsheet import export_record, import_record
from pipeline.projects.storage import find_folder, read_record
from tests.programs import program
from tests.projects.invented import invented_record

#: All sheets, UTF-8, numbers as they are and not as they are shown.
_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
NUMBERS, RECEIPTS, SETTLED = "Zahlenmäßiger Nachweis", "Belegliste", "Abrechnung"
#: Sheet of a workbook → its rows of cells.
Sheets = dict[str, list[list[str]]]
Convert = Callable[[str, list[Path]], Path]


@pytest.fixture(scope="module")
def funding(root: Path) -> Funding:
    return read_funding(root / "data" / "raw")


def real(root: Path, slug: str) -> Record:
    return read_record(find_folder(slug, root / "data" / "raw"))


# --- recomputed by another program -----------------------------------------------------------


def texts(record: Record, table: str) -> list[dict[str, Any]]:
    """Rows as they are typed, without the empty cells."""
    rows = [row.model_dump(mode="json") for row in record.rows(table)]
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def two_recipients() -> Record:
    """The invented project whose money goes on to a second recipient with a plan of its own."""
    record = invented_record()
    passed_on = [row | {"recipient": "verein"} for row in texts(record, "budget")]
    last = {"id": "verein", "name": "Erfundener Verein", "role": "Letztempfänger", "via": "stadt",
            "source": "bescheid"}  # fmt: skip
    return invented_record(
        budget=texts(record, "budget") + passed_on,
        recipients=[*texts(record, "recipients"), last],
    )


def overpaid() -> Record:
    """The invented project: all of the grant was paid, positions with numbers like 1.1 and 1.10."""
    record = invented_record()
    budget, receipts = texts(record, "budget"), texts(record, "receipts")
    budget[2]["actual"], receipts[2]["amount"] = "18000.00", "18000.00"
    for rows in (budget, receipts):
        for row, position in zip(rows, ("1.1", "1.10", "3", "4"), strict=False):
            row["position"] = position
    return invented_record(budget=budget, receipts=receipts)


@pytest.fixture(scope="module")
def convert(tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """Lets LibreOffice open files and write them in another format; the folder of the results."""
    soffice = program("soffice")
    profile = tmp_path_factory.mktemp("libreoffice").as_uri()

    def run(target: str, files: list[Path]) -> Path:
        out = tmp_path_factory.mktemp("converted")
        subprocess.run(
            [soffice, "--headless", f"-env:UserInstallation={profile}", "--convert-to", target,
             "--outdir", str(out), *map(str, files)], check=True, capture_output=True, timeout=300,
        )  # fmt: skip
        return out

    return run


@pytest.fixture(scope="module")
def recomputed(
    root: Path, funding: Funding, convert: Convert, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Sheets]:
    """Workbook → its sheets as LibreOffice computes them.

    A form holds formulas without results, so that whatever comes back was computed there.
    """
    folder = tmp_path_factory.mktemp("recomputed")
    records = {
        "one": invented_record(),
        "two": two_recipients(),
        "over": overpaid(),
        "real": real(root, "gesundheitsregion-wolfsburg"),
    }
    files = []
    for name, record in records.items():
        for who in recipients_with_proof(record):
            proof = make_proof(record, funding, who)
            file = folder / f"{name}-{who.id if who else ''}.xlsx"
            files.append(write_workbook(proof, file))
    out = convert(_CSV, files)
    found: dict[str, Sheets] = {path.stem: {} for path in files}
    for path in out.glob("*.csv"):
        stem = next(name for name in found if path.stem.startswith(name + "-"))
        with path.open(encoding="utf-8", newline="") as stream:
            found[stem][path.stem.removeprefix(stem + "-")] = list(csv.reader(stream))
    return found


ONE, OVER, REAL = "one-stadt", "over-stadt", "real-stadt"


def line(sheets: Sheets, sheet: str, text: str, column: int = 1) -> list[int | str]:
    """The only row with `text` in a column: amounts in cents, else the text of the cell."""
    (row,) = [row for row in sheets[sheet] if row[column] == text]
    return [cents(cell) for cell in row]


def cents(cell: str) -> int | str:
    try:
        amount = Decimal(cell) * 100
    except ArithmeticError:
        return cell
    # a spreadsheet computes in binary fractions
    assert abs(amount - round(amount)) < Decimal("1e-6"), cell
    return round(amount)


def test_sums_of_the_finance_plan_recomputed_to_the_cent(recomputed: dict[str, Sheets]) -> None:
    one = recomputed[ONE]
    # plan, approved, actual; the rooms in kind (700 euros) are in no sum
    assert line(one, NUMBERS, "Summe Einnahmen")[4:7] == [20_000_00, 20_000_00, 18_000_00]
    assert line(one, NUMBERS, "Summe Ausgaben")[4:7] == [20_000_00, 20_000_00, 18_000_00]
    assert line(one, NUMBERS, "Einnahmen weniger Ausgaben")[4:7] == [0, 0, 0]
    assert line(one, NUMBERS, "Personal")[4:8] == [15_000_00, 15_000_00, 14_000_10, -999_90]
    assert line(one, NUMBERS, "Räume")[4:8] == [700_00, 700_00, 700_00, 0]
    titles = [row[1] for row in one[NUMBERS]]
    assert titles.index("Räume") > titles.index("Einnahmen weniger Ausgaben")


def sums_of_receipts(sheets: Sheets) -> dict[str, int | str]:
    rows = sheets[RECEIPTS]
    first = [row[3] for row in rows].index("Summe der Belege") + 1
    return {row[2]: cents(row[5]) for row in rows[first:]}


def test_receipts_add_up_to_their_positions_and_no_text_is_a_formula(
    recomputed: dict[str, Sheets],
) -> None:
    one = recomputed[ONE]
    assert sums_of_receipts(one) == {"3": 16_200_00, "4": 1_800_00, "1": 14_000_10, "2": 3_999_90}
    assert "=1+1" in [row[4] for row in one[RECEIPTS]]
    # a spreadsheet that reads 1.10 as a number takes it for 1.1
    sums = sums_of_receipts(recomputed[OVER])
    assert (sums["1.1"], sums["1.10"]) == (14_000_10, 3_999_90)


def test_receipts_stand_apart_by_side_in_the_order_of_the_plan(
    recomputed: dict[str, Sheets],
) -> None:
    column = [row[0] for row in recomputed[ONE][RECEIPTS][4:]]
    assert column[:6] == ["Einnahmen", "3", "4", "Ausgaben", "1", "2"]


def test_only_money_that_was_paid_is_paid_back(recomputed: dict[str, Sheets]) -> None:
    """18,000 approved for costs of 20,000; costs of 18,000 leave nine tenths, 16,200."""
    approved, due = 18_000_00, 16_200_00
    paid_as_due = line(recomputed[ONE], SETTLED, "Erfundenes Land", 0)
    assert paid_as_due[2:7] == [approved, 16_200_00, due, 0, 0]
    paid_in_full = line(recomputed[OVER], SETTLED, "Erfundenes Land", 0)
    assert paid_in_full[2:7] == [approved, 18_000_00, due, 1_800_00, 0]
    rest = line(recomputed[OVER], NUMBERS, "Einnahmen weniger Ausgaben")
    assert rest[4:7] == [0, 0, 1_800_00]


def test_each_recipient_has_one_plan_and_one_proof(recomputed: dict[str, Sheets]) -> None:
    for name in ("two-stadt", "two-verein"):
        assert line(recomputed[name], NUMBERS, "Summe Ausgaben")[4:7] == [
            20_000_00, 20_000_00, 18_000_00,
        ]  # fmt: skip


def test_a_missing_amount_makes_no_sum(recomputed: dict[str, Sheets]) -> None:
    sheets = recomputed[REAL]
    costs = line(sheets, NUMBERS, "Summe Ausgaben")
    assert costs[4:7] == [165_000_00, "unvollständig", "unvollständig"]
    rest = line(sheets, NUMBERS, "Einnahmen weniger Ausgaben")
    assert rest[4:7] == [-139_000_00, "unvollständig", "unvollständig"]


def test_a_record_saved_by_libreoffice_is_the_same_record(convert: Convert, tmp_path: Path) -> None:
    """Somebody fills the workbook in with another program than the one that made it."""
    given = export_record(invented_record(), tmp_path / "given.xlsx")
    out = convert("xlsx:Calc MS Excel 2007 XML", [given])
    assert import_record(out / "given.xlsx") == invented_record()


def test_a_form_holds_formulas_and_no_results(tmp_path: Path, funding: Funding) -> None:
    """Else the sums above would be ours, and not those of the other program."""
    record = invented_record()
    path = write_workbook(make_proof(record, funding, record.recipients[0]), tmp_path / "x.xlsx")
    formulas, results = load_workbook(path), load_workbook(path, data_only=True)
    places = [(sheet.title, cell.coordinate) for sheet in formulas for row in sheet for cell in row
              if cell.data_type == "f"]  # fmt: skip
    # nine sums and differences, five lines, four sums of receipts, two of the settlement
    assert len(places) == 20
    assert [results[sheet][cell].value for sheet, cell in places] == [None] * 20


# --- which form ------------------------------------------------------------------------------


def test_each_project_gets_the_form_that_its_grant_allows(root: Path) -> None:
    assert proof_kind(invented_record()) is ProofKind.FORM
    assert proof_kind(real(root, "gesundheitsregion-wolfsburg")) is ProofKind.SAMPLE
    for slug in ("kommkom", "lokale-daseinsvorsorge", "mvz-kalletal", "klinikum-lippstadt"):
        assert proof_kind(real(root, slug)) is ProofKind.FACT_SHEET, slug


def test_a_guarantee_is_no_grant_so_lippstadt_has_no_proof(root: Path, funding: Funding) -> None:
    with pytest.raises(NoDataError):
        make_proof(real(root, "klinikum-lippstadt"), funding)


def test_every_page_of_a_sample_says_that_it_is_one(
    root: Path, tmp_path: Path, funding: Funding
) -> None:
    pdftotext = program("pdftotext")
    written = write_forms(real(root, "gesundheitsregion-wolfsburg"), funding, tmp_path / "forms")
    assert [path.name for path in written] == [
        "muster-verwendungsnachweis.xlsx", "muster-verwendungsnachweis.pdf",
    ]  # fmt: skip
    text = subprocess.run(
        [pdftotext, str(written[1]), "-"], check=True, capture_output=True, text=True
    ).stdout
    pages = text.split("\f")[:-1]
    assert len(pages) >= 4 and all(SAMPLE_MARK in page for page in pages)
    assert "139.000,00" in text.replace("\u00a0", " ")
    book = load_workbook(written[0])
    assert {sheet["A1"].value for sheet in book} == {SAMPLE_MARK}
    assert {sheet.oddHeader.center.text for sheet in book} == {SAMPLE_MARK}


def test_each_recipient_has_forms_and_the_same_record_gives_the_same_bytes(
    tmp_path: Path, funding: Funding
) -> None:
    record = two_recipients()
    one, two = (write_forms(record, funding, tmp_path / name) for name in ("one", "two"))
    assert [path.name for path in one] == [
        "verwendungsnachweis--stadt.xlsx", "verwendungsnachweis--stadt.pdf",
        "verwendungsnachweis--verein.xlsx", "verwendungsnachweis--verein.pdf",
    ]  # fmt: skip
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
