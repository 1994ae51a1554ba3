"""A record as a workbook and back, for people who live in spreadsheets.

One sheet a table. Row 1 has the German titles, row 2 the field names that the import goes by, data
begin in row 3; closed word lists are offered as drop-downs. What goes out and comes back unchanged
is the same record.
"""

from __future__ import annotations

import io
import types
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.numbers import FORMAT_TEXT
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from pipeline.projects.record import Record
from pipeline.projects.records import TABLES, Project, Row
from pipeline.projects.storage import ProjectRecordError, check_columns, parse_row, to_cells
from pipeline.sources.office_files import write_office_file

PROJECT_SHEET = "project"
#: Row of the field names; data follow.
NAME_ROW = 2
_ROWS_WITH_LISTS = 500
#: Types whose cells a spreadsheet may compute with.
_NUMBERS = (int | None, float | None, float)


def export_record(record: Record, path: Path) -> Path:
    """Write a record as a workbook, with a sheet for every table, empty ones too."""
    book = Workbook()
    book.remove(book.active)
    sheet = book.create_sheet(PROJECT_SHEET)
    sheet.append(["Feld", "Angabe"])
    sheet.append(["field", "value"])
    cells = to_cells(record.project)
    for name, field in Project.model_fields.items():
        append_texts(sheet, [name, cells[name], field.title])
    _style(sheet, (22, 70, 36))
    for name, model in TABLES.items():
        sheet = book.create_sheet(name)
        sheet.append([field.title for field in model.model_fields.values()])
        sheet.append(list(model.model_fields))
        for row in record.rows(name):
            append_texts(sheet, list(to_cells(row).values()))
        _style(sheet, [max(14, min(40, len(n) + 10)) for n in model.model_fields])
        _keep_texts(sheet, model)
        _offer_words(sheet, model)
    content = io.BytesIO()
    book.save(content)
    return write_office_file(content.getvalue(), path)


def import_record(path: Path) -> Record:
    """Read a workbook back; errors name sheet (as file), row and column."""
    book = _open(path, has_results=True)
    sheets = (PROJECT_SHEET, *TABLES)
    faults = [f"unknown sheet '{name}'" for name in book.sheetnames if name not in sheets]
    faults += [f"the sheet '{name}' is missing" for name in sheets if name not in book.sheetnames]
    if faults:
        raise ProjectRecordError(
            faults[0],
            file=path,
            found=book.sheetnames,
            expected=", ".join(sheets),
            remedy="keep all sheets and their names, empty ones too; delete sheets of your own",
        )
    _refuse_formulas_without_result(book, _open(path, has_results=False), path)
    tables = {name: _read_sheet(book[name], model, path) for name, model in TABLES.items()}
    project = _read_project(book[PROJECT_SHEET], path)
    return Record.model_validate({"project": project, **tables})


def _open(path: Path, *, has_results: bool) -> Workbook:
    """A workbook with the results of its formulas, or with the formulas."""
    try:
        return load_workbook(path, data_only=has_results)
    except (FileNotFoundError, InvalidFileException, BadZipFile, KeyError, OSError) as error:
        raise ProjectRecordError(
            "this is no workbook that can be read",
            file=path,
            expected="an .xlsx file made by `versorgungslabor project export`",
        ) from error


def _refuse_formulas_without_result(book: Workbook, formulas: Workbook, path: Path) -> None:
    """A formula that no program has computed yet would pass for an empty cell."""
    for sheet in formulas:
        for cells in sheet.iter_rows(min_row=NAME_ROW + 1):
            for cell in cells:
                if cell.data_type == "f" and book[sheet.title][cell.coordinate].value is None:
                    raise ProjectRecordError(
                        f"the formula in cell {cell.coordinate} has no result",
                        file=_place(path, sheet.title),
                        row=cell.row,
                        found=cell.value,
                        expected="a value",
                        remedy="open the workbook in a spreadsheet program and save it, or type "
                        "the value in",
                    )


def append_texts(sheet: Any, values: Sequence[object]) -> None:
    """A row of values none of which is run as a formula, whatever it begins with."""
    sheet.append(list(values))
    if not values:  # an empty row makes no cells: the last row is still an earlier one
        return
    for cell in sheet[sheet.max_row]:
        if cell.data_type == "f":
            cell.data_type, cell.quotePrefix = "s", True


def _read_project(sheet: Any, path: Path) -> Project:
    place = _place(path, PROJECT_SHEET)
    given: dict[str, Any] = {}
    for field, value, *_ in sheet.iter_rows(min_row=NAME_ROW + 1, max_col=3, values_only=True):
        if field is not None:
            given[str(field)] = value
    if "regions" in given:
        text = str(given["regions"] or "")
        given["regions"] = [part.strip() for part in text.split(";") if part.strip()]
    return parse_row(Project, given, place, None)


def _read_sheet(sheet: Any, model: type[Row], path: Path) -> tuple[Row, ...]:
    place = _place(path, sheet.title)
    names = ["" if cell.value is None else str(cell.value) for cell in sheet[NAME_ROW]]
    check_columns([name for name in names if name], model, place, NAME_ROW)
    rows = []
    for number, cells in enumerate(
        sheet.iter_rows(min_row=NAME_ROW + 1, values_only=True), NAME_ROW + 1
    ):
        if all(value in (None, "") for value in cells):
            continue
        # by place: a name that was deleted must not move its neighbours
        given = {name: _plain(value) for name, value in zip(names, cells, strict=True) if name}
        lost = [v for n, v in zip(names, cells, strict=True) if not n and v not in (None, "")]
        if lost:
            raise ProjectRecordError(
                "a cell stands in a column without a name",
                file=place,
                row=number,
                found=lost[0],
                expected=f"nothing beside the columns {', '.join(filter(None, names))}",
                remedy=f"delete the cell, or put the name of the field back into row {NAME_ROW}",
            )
        rows.append(parse_row(model, given, place, number))
    return tuple(rows)


def _plain(value: object) -> object:
    """A number as it was meant: 2021 for 2021.0, and without the noise of binary fractions."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, 9)
    return value


def _place(path: Path, sheet: str) -> Path:
    return path.with_name(f"{path.name}, sheet '{sheet}'")


def _style(sheet: Any, widths: Sequence[int]) -> None:
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E4E9EE")
    for cell in sheet[NAME_ROW]:
        cell.font = Font(color="52606D", italic=True)
    sheet.freeze_panes = f"A{NAME_ROW + 1}"
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width


def _keep_texts(sheet: Any, model: type[Row]) -> None:
    """Format all columns but those of amounts as text.

    Else a spreadsheet program makes a day of the month 2023-05 and of the position 1.1, and 1.1 of
    the position 1.10.
    """
    for number, field in enumerate(model.model_fields.values(), start=1):
        if field.annotation in _NUMBERS:
            continue
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].number_format = FORMAT_TEXT
        for (cell,) in sheet.iter_rows(NAME_ROW + 1, sheet.max_row, number, number):
            cell.number_format = FORMAT_TEXT


def _offer_words(sheet: Any, model: type[Row]) -> None:
    for number, field in enumerate(model.model_fields.values(), start=1):
        words = _words(field.annotation)
        if not words:
            continue
        choice = DataValidation("list", formula1='"' + ",".join(words) + '"', allow_blank=True)
        letter = get_column_letter(number)
        choice.add(f"{letter}{NAME_ROW + 1}:{letter}{_ROWS_WITH_LISTS}")
        sheet.add_data_validation(choice)


def _words(annotation: Any) -> list[str]:
    """The words of a closed list, also where the field may be empty."""
    if get_origin(annotation) in (Union, types.UnionType):
        return next((w for part in get_args(annotation) if (w := _words(part))), [])
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(member.value) for member in annotation]
    return []
