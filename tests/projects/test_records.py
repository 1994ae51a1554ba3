"""Records on disk and in a workbook: what goes out comes back, what is wrong is named."""

from __future__ import annotations

import datetime as dt
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
    write_record(new_record("neu", "Neues Vorhaben", ["05566076"], "Rheine"), tmp_path / "neu",
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


def test_a_spreadsheet_may_add_noise_and_blanks_and_commas(tmp_path: Path) -> None:
    path = export_record(invented_record(), tmp_path / "x.xlsx")
    row = import_record(with_cell(path, "budget", "planned", 68123.450000000004)).budget[0]
    assert row.planned == 6_812_345
    assert import_record(with_cell(path, "budget", "side", " Ausgabe ")).budget[0] == row
    assert import_record(with_cell(path, "grants", "rate_percent", "80,5")).grants[
        0
    ].rate_percent == pytest.approx(80.5)


def with_cell(path: Path, sheet: str, name: str, value: object) -> Path:
    """Type something into the first row of a workbook's sheet."""
    book = load_workbook(path)
    names = [cell.value for cell in book[sheet][2]]
    book[sheet].cell(3, names.index(name) + 1).value = value
    book.save(path)
    return path


def test_cells_that_a_spreadsheet_would_change_are_formatted_as_text(tmp_path: Path) -> None:
    """Else it makes 1.10 of a position a number, and a day of the month 2023-05."""
    book = load_workbook(export_record(invented_record(), tmp_path / "x.xlsx"))
    for sheet, name, is_text in (
        ("budget", "position", True), ("budget", "planned", False), ("receipts", "date", True),
    ):  # fmt: skip
        (cell,) = [cell for cell in book[sheet][2] if cell.value == name]
        formats = {book[sheet][f"{cell.column_letter}3"].number_format,
                   book[sheet].column_dimensions[cell.column_letter].number_format}  # fmt: skip
        assert formats == ({"@"} if is_text else {"General"})


def spoil(path: Path, kind: str) -> None:
    book = load_workbook(path)
    sheet = book["budget"]
    match kind:
        case "renamed":
            sheet["A2"].value = "Pos."
        case "no name":
            sheet["B2"].value = None
        case "shifted":
            sheet.delete_rows(1)
        case "no sheet":
            book.remove(sheet)
        case "formula":
            sheet["H3"].value = "=7000+8000"
        case "date":
            sheet["A3"].value = dt.datetime(2023, 1, 1)
    book.save(path)


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        (
            "renamed",
            ("sheet 'budget', row 2", "unknown column 'Pos.'", "position", "put the names"),
        ),
        ("no name", ("sheet 'budget', row 3", "without a name", "'stadt'", "row 2")),
        ("shifted", ("sheet 'budget', row 2", "unknown column '1'")),
        ("no sheet", ("the sheet 'budget' is missing", "keep all sheets")),
        ("formula", ("sheet 'budget', row 3", "H3", "no result", "save it")),
        ("date", ("sheet 'budget', row 3, column 'position'", "formatted as text")),
    ],
)
def test_a_spoiled_workbook_is_refused_with_the_place_and_the_remedy(
    tmp_path: Path, kind: str, parts: tuple[str, ...]
) -> None:
    path = export_record(invented_record(), tmp_path / "x.xlsx")
    spoil(path, kind)
    with pytest.raises(ProjectRecordError) as caught:
        import_record(path)
    for part in parts:
        assert part in str(caught.value)


def test_a_table_that_loses_its_last_row_keeps_its_file(tmp_path: Path) -> None:
    write_record(invented_record(), tmp_path / "erfunden")
    write_record(invented_record(goals=[]), tmp_path / "erfunden")
    text = (tmp_path / "erfunden" / "goals.csv").read_text("utf-8")
    assert text == "id,text,source\n"


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
        ("goals.csv", "id,text,text\na,eins,zwei\n", ("row 1", "'text' stands twice")),
        ("goals.csv", "id,text\nÜber uns,ein Ziel\n", ("row 2", "id", "without umlauts")),
        (
            "measurements.csv",
            "indicator,date,value\na,32.13.2022,1\n",
            ("row 2", "date", "no such day", "06.10.2021"),
        ),
        ("measurements.csv", "indicator,date,value\na,13/05/2022,1\n", ("date", "06.10.2021")),
        ("measurements.csv", "indicator,date,value\na,2022,viele\n", (">=35", "value")),
        ("grants.csv", "id,kind,state\na,Geschenk,erwartet\n", ("kind", "Geschenk", "Zuwendung")),
        ("goals.csv", "id;text\na;Größe\n".encode("latin-1"), ("not UTF-8",)),
        ("fremd.csv", "a\n1\n", ("not part of a record",)),
        ("project.yaml", "slug: [", ("not valid YAML",)),
        ("project.yaml", "slug: a\ntitle: Eins: zwei\n", ("row 2", "quotation marks")),
        (
            "project.yaml",
            "slug: erfunden\nleiter: x\ntitle: abc\nshort_title: ab\nlevel: x\nregions: [oelde]\n",
            ("leiter", "there is no such field", "lead"),
        ),
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
