"""Records on disk and in a workbook: what goes out comes back, what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from pipeline.projects.records import TABLES
from pipeline.projects.spreadsheet import export_record, import_record
from pipeline.projects.storage import (
    ProjectRecordError,
    find_folder,
    list_projects,
    new_record,
    read_record,
    write_record,
)
from pipeline.projects.values import Quantity, parse_period, parse_quantity
from tests.projects.invented import invented_record


def test_every_real_record_survives_folder_and_workbook(root: Path, tmp_path: Path) -> None:
    raw = root / "data" / "raw"
    for slug in list_projects(raw):
        record = read_record(find_folder(slug, raw))
        write_record(record, tmp_path / slug)
        assert read_record(tmp_path / slug) == record
        assert import_record(export_record(record, tmp_path / f"{slug}.xlsx")) == record


def test_a_new_record_has_a_file_for_every_table_and_can_be_read(tmp_path: Path) -> None:
    write_record(new_record("neu", "Neues Vorhaben", ["05566076"]), tmp_path / "neu",
                 has_empty_tables=True)  # fmt: skip
    assert {p.stem for p in (tmp_path / "neu").glob("*.csv")} == set(TABLES)
    assert read_record(tmp_path / "neu").project.title == "Neues Vorhaben"


def test_numbers_typed_into_a_spreadsheet_are_read_as_meant(tmp_path: Path) -> None:
    path = export_record(invented_record(), tmp_path / "x.xlsx")
    book = load_workbook(path)
    sheet = book["budget"]
    names = [cell.value for cell in sheet[2]]
    sheet.cell(3, names.index("position") + 1).value = 1
    sheet.cell(3, names.index("year") + 1).value = 2022
    sheet.cell(3, names.index("planned") + 1).value = 15000.07
    book.save(path)
    row = import_record(path).budget[0]
    assert (row.position, row.year, row.planned) == ("1", "2022", 1_500_007)


def edited(tmp_path: Path, name: str, text: str | bytes) -> Path:
    folder = tmp_path / "erfunden"
    write_record(invented_record(), folder)
    content = text.encode() if isinstance(text, str) else text
    (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize(
    ("name", "text", "parts"),
    [
        ("receipts.csv", "number,position,amount\n1,1,13.000\n", ("row 2", "amount", "two ways")),
        ("goals.csv", "id,text,ziel\na,bcdef,x\n", ("row 1", "unknown column 'ziel'")),
        ("goals.csv", "id\na\n", ("column 'text' is missing",)),
        ("goals.csv", "id,text\na,eins,zwei\n", ("row 2", "more or fewer cells")),
        ("measurements.csv", "indicator,date,value\na,32.13.2022,1\n", ("row 2", "date")),
        ("measurements.csv", "indicator,date,value\na,2022,viele\n", (">=35", "value")),
        ("grants.csv", "id,kind,state\na,Geschenk,erwartet\n", ("kind", "Geschenk")),
        ("goals.csv", "id;text\na;Größe\n".encode("latin-1"), ("not UTF-8",)),
        ("fremd.csv", "a\n1\n", ("not part of a record",)),
        ("project.yaml", "slug: [", ("not valid YAML",)),
        ("project.yaml", "- a\n", ("no fields",)),
        ("project.yaml", "slug: erfunden\ntitle: abc\n", ("short_title",)),
    ],
)
def test_a_fault_is_named_with_its_place(
    tmp_path: Path, name: str, text: str | bytes, parts: tuple[str, ...]
) -> None:
    with pytest.raises(ProjectRecordError) as caught:
        read_record(edited(tmp_path, name, text))
    for part in (name, *parts):
        assert part in str(caught.value)


def test_semicolons_and_a_byte_order_mark_are_no_fault(tmp_path: Path) -> None:
    text = "\ufeffid;text;source\nnetz;Ein Ziel;bescheid\n"
    (goal,) = read_record(edited(tmp_path, "goals.csv", text)).goals
    assert goal.text == "Ein Ziel"


def test_files_kept_beside_the_tables_stay_when_a_record_is_written(tmp_path: Path) -> None:
    folder = edited(tmp_path, "brief.pdf", b"%PDF")
    write_record(invented_record(), folder)
    assert (folder / "brief.pdf").read_bytes() == b"%PDF"


def test_an_unknown_project_names_the_known_ones(root: Path) -> None:
    with pytest.raises(ProjectRecordError, match="kommkom"):
        find_folder("komkom", root / "data" / "raw")


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04 no workbook")
    with pytest.raises(ProjectRecordError, match="no workbook"):
        import_record(path)


def test_dates_and_bounds_keep_their_precision() -> None:
    period = parse_period("2021-02")
    assert period is not None
    assert (period.first.isoformat(), period.last.isoformat()) == ("2021-02-01", "2021-02-28")
    assert str(parse_period("6.10.2021")) == "2021-10-06"
    assert parse_quantity(">=35") == Quantity(35.0, ">=")
    assert str(parse_quantity("~2500")) == "~2500"
    with pytest.raises(ValueError):
        parse_period("2021-02-30")
