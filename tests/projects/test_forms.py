"""The proof of use of the invented project, opened again and recomputed; forms of the real ones."""

from __future__ import annotations

import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from pipeline.advice.funding import Funding, read_funding
from pipeline.errors import NoDataError
from pipeline.projects.forms import write_forms
from pipeline.projects.proof import SAMPLE_MARK, ProofKind, make_proof, proof_kind
from pipeline.projects.proof_workbook import write_workbook
from pipeline.projects.record import Record
from pipeline.projects.storage import find_folder, read_record
from tests.projects.invented import invented_record


@pytest.fixture(scope="module")
def funding(root: Path) -> Funding:
    return read_funding(root / "data" / "raw")


def real(root: Path, slug: str) -> Record:
    return read_record(find_folder(slug, root / "data" / "raw"))


class Recomputed:
    """Evaluates the few formulas that the form uses, so that nothing is taken on trust."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet

    def value(self, address: str) -> Decimal | str:
        content = self._sheet[address].value
        if not (isinstance(content, str) and content.startswith("=")):
            return Decimal(str(content)) if isinstance(content, int | float) else str(content)
        if match := re.fullmatch(r'=IF\(COUNT\((.+)\)=ROWS\(\1\),SUM\(\1\),"(.+)"\)', content):
            return self._sum(self._numbers(match[1]), match[2])
        if match := re.fullmatch(r'=IF\(COUNT\((\w+),(\w+)\)=2,\1-\2,"(.+)"\)', content):
            one, other = self.value(match[1]), self.value(match[2])
            return match[3] if isinstance(one, str) or isinstance(other, str) else one - other
        if match := re.fullmatch(r"=SUMIF\((.+),(\w+),(.+)\)", content):
            keys = [cell.value for (cell,) in self._sheet[match[1]]]
            wanted = self._sheet[match[2]].value
            pairs = zip(keys, self._numbers(match[3]), strict=True)
            return self._sum([amount for key, amount in pairs if key == wanted], "")
        match = re.fullmatch(r"=(\w+)-(\w+)", content)
        assert match, content
        one, other = self.value(match[1]), self.value(match[2])
        assert isinstance(one, Decimal) and isinstance(other, Decimal)
        return one - other

    def _numbers(self, cells: str) -> list[Decimal | str]:
        return [self.value(cell.coordinate) for (cell,) in self._sheet[cells]]

    @staticmethod
    def _sum(values: list[Decimal | str], word: str) -> Decimal | str:
        numbers = [value for value in values if isinstance(value, Decimal)]
        return sum(numbers, Decimal(0)) if len(numbers) == len(values) else word


def row_of(sheet: Any, text: str, column: int = 2) -> int:
    (row,) = [c[0].row for c in sheet.iter_rows(min_col=column, max_col=column)
              if c[0].value == text]  # fmt: skip
    return int(row)


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory, funding: Funding) -> Any:
    record = invented_record()
    path = tmp_path_factory.mktemp("forms") / "proof.xlsx"
    proof = make_proof(record, funding, record.recipients[0])
    return load_workbook(write_workbook(proof, path))


def test_the_workbook_opened_again_closes_to_the_cent(workbook: Any) -> None:
    sheet = workbook["Zahlenmäßiger Nachweis"]
    again = Recomputed(sheet)
    income, costs = row_of(sheet, "Summe Einnahmen"), row_of(sheet, "Summe Ausgaben")
    rest = row_of(sheet, "Einnahmen weniger Ausgaben")
    assert again.value(f"E{costs}") == 20_000
    assert again.value(f"G{costs}") == Decimal("18000.00")
    assert again.value(f"G{income}") == Decimal("18000.00")  # without rooms in kind
    assert again.value(f"G{rest}") == 0
    assert row_of(sheet, "Räume") > rest  # beside the sums, never in them


def test_receipts_add_up_to_their_positions_and_no_text_is_a_formula(workbook: Any) -> None:
    sheet = workbook["Belegliste"]
    again = Recomputed(sheet)
    first = row_of(sheet, "Summe der Belege", 4) + 1
    sums = {sheet[f"C{r}"].value: again.value(f"F{r}") for r in range(first, sheet.max_row + 1)}
    assert sums == {"1": Decimal("14000.1"), "2": Decimal("3999.9"), "3": 16200, "4": 1800}
    (purpose,) = [c for row in sheet.iter_rows() for c in row if c.value == "=1+1"]
    assert purpose.data_type == "s"


def test_the_settlement_pays_back_what_a_share_leaves(workbook: Any) -> None:
    sheet = workbook["Abrechnung"]
    row = row_of(sheet, "Erfundenes Land", 1)
    assert sheet[f"D{row}"].value == 16200
    assert Recomputed(sheet).value(f"E{row}") == 1800


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_recomputes_the_same_sums(
    tmp_path: Path, funding: Funding
) -> None:  # pragma: no cover
    record = invented_record()
    path = write_workbook(make_proof(record, funding, record.recipients[0]), tmp_path / "a.xlsx")
    subprocess.run(
        ["soffice", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir",
         str(tmp_path / "out"), str(path)], check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    sheet = load_workbook(tmp_path / "out" / "a.xlsx", data_only=True)["Zahlenmäßiger Nachweis"]
    assert sheet[f"G{row_of(sheet, 'Einnahmen weniger Ausgaben')}"].value == 0


def test_each_project_gets_the_form_that_its_grant_allows(root: Path) -> None:
    assert proof_kind(invented_record()) is ProofKind.FORM
    assert proof_kind(real(root, "gesundheitsregion-wolfsburg")) is ProofKind.SAMPLE
    for slug in ("kommkom", "lokale-daseinsvorsorge", "mvz-kalletal", "klinikum-lippstadt"):
        assert proof_kind(real(root, slug)) is ProofKind.FACT_SHEET, slug


def test_a_guarantee_is_no_grant_so_lippstadt_has_no_proof(root: Path, funding: Funding) -> None:
    with pytest.raises(NoDataError):
        make_proof(real(root, "klinikum-lippstadt"), funding)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_every_page_of_a_sample_says_that_it_is_one(
    root: Path, tmp_path: Path, funding: Funding
) -> None:
    written = write_forms(real(root, "gesundheitsregion-wolfsburg"), funding, tmp_path / "forms")
    assert [path.name for path in written] == [
        "muster-verwendungsnachweis.xlsx", "muster-verwendungsnachweis.pdf",
    ]  # fmt: skip
    text = subprocess.run(
        ["pdftotext", str(written[1]), "-"], check=True, capture_output=True, text=True
    ).stdout
    pages = text.split("\f")[:-1]
    assert len(pages) >= 4 and all(SAMPLE_MARK in page for page in pages)
    assert "139.000,00" in text.replace("\u00a0", " ")
    book = load_workbook(written[0])
    assert {sheet["A1"].value for sheet in book} == {SAMPLE_MARK}
    assert {sheet.oddHeader.center.text for sheet in book} == {SAMPLE_MARK}
    numbers = book["Zahlenmäßiger Nachweis"]
    again, row = Recomputed(numbers), row_of(numbers, "Summe Ausgaben")
    assert again.value(f"E{row}") == 165_000
    assert again.value(f"G{row}") == "unvollständig"  # never a zero that nobody paid


def test_each_recipient_has_one_plan_and_one_proof(tmp_path: Path, funding: Funding) -> None:
    rows = [r.model_dump(mode="json") for r in invented_record().budget]
    budget = [{k: v for k, v in row.items() if v is not None} for row in rows]
    extra = [{**row, "recipient": "verein"} for row in budget]
    recipients = [r.model_dump(mode="json") for r in invented_record().recipients]
    recipients = [{k: v for k, v in row.items() if v is not None} for row in recipients]
    last = {"id": "verein", "name": "Erfundener Verein", "role": "Letztempfänger", "via": "stadt",
            "source": "bescheid"}  # fmt: skip
    record = invented_record(budget=budget + extra, recipients=[*recipients, last])
    names = [path.name for path in write_forms(record, funding, tmp_path)]
    assert names == [
        "verwendungsnachweis--stadt.xlsx", "verwendungsnachweis--stadt.pdf",
        "verwendungsnachweis--verein.xlsx", "verwendungsnachweis--verein.pdf",
    ]  # fmt: skip
    sheet = load_workbook(tmp_path / names[2])["Zahlenmäßiger Nachweis"]
    assert Recomputed(sheet).value(f"G{row_of(sheet, 'Summe Ausgaben')}") == 18000


def test_the_same_record_gives_the_same_bytes(root: Path, tmp_path: Path, funding: Funding) -> None:
    record = real(root, "gesundheitsregion-wolfsburg")
    one = [path.read_bytes() for path in write_forms(record, funding, tmp_path / "one")]
    two = [path.read_bytes() for path in write_forms(record, funding, tmp_path / "two")]
    assert one == two
