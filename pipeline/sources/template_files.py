"""Empty templates, ready to be filled in, and the page that documents them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.errors import ParameterError
from pipeline.sources.office_files import write_office_file
from pipeline.sources.template_kinds import COMPLETENESS, TEMPLATES, Column, Template
from pipeline.sources.template_sheets import (
    COMPLETENESS_COLUMNS,
    COMPLETENESS_LINE,
    COMPLETENESS_SHEET,
    DATA_SHEET,
    MARK,
    MARK_SHEET,
)

#: Rows of an empty worksheet that carry lists to pick from.
PREPARED_ROWS = 1_000
_LISTS_SHEET = "Listen"
_COLUMNS_SHEET = "Spalten"
_TEXT_FORMAT = "@"
_KIND_WORDS = {
    "text": "Text",
    "key": "Schlüssel (Text)",
    "keys": "mehrere Schlüssel (Text)",
    "integer": "ganze Zahl",
    "decimal": "Zahl",
    "date": "Datum",
    "choice": "Wort aus der Liste",
    "web": "Internetadresse",
    "languages": "Sprachen",
}


def write_template(kind: str, path: Path) -> None:
    """Write an empty, described template.

    Parameters
    ----------
    kind : `planning-sheet`, `facilities`, `physicians-by-age`, `care-places` or `health-goals`.
    path : ends in `.csv` or `.xlsx`; an existing file is not overwritten.

    Raises
    ------
    ParameterError : unknown kind, other suffix, or the file exists.
    """
    known = {template.kind: template for template in TEMPLATES}
    if kind not in known:
        raise ParameterError("there is no such template", found=kind, expected=", ".join(known))
    if path.exists():
        raise ParameterError(
            "the file exists and may be filled in",
            file=path,
            remedy="choose another name, or move the file away",
        )
    if path.suffix.lower() == ".csv":
        path.write_text(_csv_text(known[kind]), encoding="utf-8-sig")
    elif path.suffix.lower() == ".xlsx":
        content = io.BytesIO()
        _workbook(known[kind]).save(content)
        write_office_file(content.getvalue(), path)
    else:
        raise ParameterError(
            "a template is CSV or XLSX", file=path, found=path.suffix, expected=".csv or .xlsx"
        )


def write_all_templates(folder: Path) -> list[Path]:
    """Every template empty as a workbook `<kind>.xlsx` in `folder`; files there are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for template in TEMPLATES:
        path = folder / f"{template.kind}.xlsx"
        path.unlink(missing_ok=True)
        write_template(template.kind, path)
        paths.append(path)
    return paths


def _describe(column: Column) -> str:
    parts = [column.description, _KIND_WORDS[column.kind]]
    if column.choices:
        parts.append("Wörter: " + " | ".join(column.choices.values()))
    parts.append("Pflicht" if column.is_required else "freiwillig")
    return ". ".join(parts)


def _csv_text(template: Template) -> str:
    sector = template.column(template.sector)
    lines = [
        f"# {MARK} {template.kind} {template.version}",
        f"# {template.title}. {template.purpose}",
        *(f"# {column.name}: {_describe(column)}" for column in template.columns),
        f"# Vollständigkeit je Gebiet und Bereich ({sector.name}), eine Zeile wie diese, ohne das "
        f"Wort Beispiel: Beispiel {COMPLETENESS_LINE};Gebiet;Bereich;"
        f"{'|'.join(COMPLETENESS.values())};Gesamtzahl",
        "# Unbekannte Zahl: Punkt (.). Genau null: Strich (-). Dezimalzeichen: Komma.",
    ]
    header = io.StringIO()
    names = [column.name for column in template.columns]
    csv.writer(header, delimiter=";", lineterminator="\n").writerow(names)
    return "\n".join(lines) + "\n" + header.getvalue()


def _workbook(template: Template) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    mark = book.active
    mark.title = MARK_SHEET
    mark["A1"] = f"{MARK} {template.kind} {template.version}"
    for row, text in enumerate(_instructions(template), start=2):
        mark.cell(row, 1, text).alignment = Alignment(wrap_text=True, vertical="top")
    mark.column_dimensions["A"].width = 100
    data, completeness = book.create_sheet(DATA_SHEET), book.create_sheet(COMPLETENESS_SHEET)
    columns, lists = book.create_sheet(_COLUMNS_SHEET), book.create_sheet(_LISTS_SHEET)

    _fill_header(data, [column.name for column in template.columns])
    _fill_header(completeness, list(COMPLETENESS_COLUMNS))
    _fill_header(columns, ["Spalte", "Beschreibung"])
    for row, column in enumerate(template.columns, start=2):
        columns.cell(row, 1, column.name)
        columns.cell(row, 2, _describe(column)).alignment = Alignment(wrap_text=True)
    columns.column_dimensions["B"].width = 100

    for index, column in enumerate(template.columns, start=1):
        if column.kind in {"key", "keys", "text", "web", "languages"}:
            _as_text(data, index)  # a spreadsheet would take the leading zero off a key
        if column.choices:
            _offer(data, index, lists, column.name, list(column.choices.values()))
    _as_text(completeness, 1)
    sector = template.column(template.sector)
    _offer(completeness, 2, lists, f"{sector.name} ", list(sector.choices.values()))
    _offer(completeness, 3, lists, "completeness", list(COMPLETENESS.values()))
    lists.sheet_state = "hidden"
    return book


def _instructions(template: Template) -> list[str]:
    return [
        template.title,
        template.purpose,
        f"Angaben kommen in das Blatt {DATA_SHEET}, Erklärungen stehen im Blatt {_COLUMNS_SHEET}.",
        f"Im Blatt {COMPLETENESS_SHEET} steht je Gebiet und Bereich, ob die Liste vollständig ist, "
        "und die Gesamtzahl, soweit sie bekannt ist. Ohne Angabe gilt ein Bereich als unbekannt.",
        "Unbekannte Zahl: Punkt (.). Genau null: Strich (-). Keine Namen von Personen.",
    ]


def _fill_header(sheet: Worksheet, names: list[str]) -> None:
    for index, name in enumerate(names, start=1):
        sheet.cell(1, index, name).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(index)].width = max(14, len(name) + 2)
    sheet.freeze_panes = "A2"


def _as_text(sheet: Worksheet, column: int) -> None:
    for row in range(2, PREPARED_ROWS + 2):
        sheet.cell(row, column).number_format = _TEXT_FORMAT


def _offer(sheet: Worksheet, column: int, lists: Worksheet, name: str, words: list[str]) -> None:
    """A list to pick from. It stands in a worksheet: a list in the cell ends at 255 characters."""
    place = 1 if lists.cell(1, 1).value is None else lists.max_column + 1
    lists.cell(1, place, name)
    for row, word in enumerate(words, start=2):
        lists.cell(row, place, word)
    letter = get_column_letter(place)
    validation = DataValidation(
        type="list",
        formula1=f"{_LISTS_SHEET}!${letter}$2:${letter}${len(words) + 1}",
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="Unbekanntes Wort",
        error="Bitte ein Wort aus der Liste wählen.",
    )
    target = get_column_letter(column)
    validation.add(f"{target}2:{target}{PREPARED_ROWS + 1}")
    sheet.add_data_validation(validation)


def documentation() -> str:
    """The page `docs/reference/templates.md`, built from the descriptions."""
    parts = [_INTRODUCTION]
    for template in TEMPLATES:
        parts += [
            f"\n## `{template.kind}`: {template.title}\n",
            f"{template.purpose}\n",
            f"Version {template.version}. Sector column: `{template.sector}`. Rows are told apart "
            f"by {', '.join(f'`{name}`' for name in template.identity)}.\n",
            "| column | content | required | unit or words |",
            "|---|---|---|---|",
            *(_documented(column) for column in template.columns),
        ]
    return "\n".join(parts) + "\n"


def _documented(column: Column) -> str:
    words = ", ".join(f"`{code}` ({word})" if code != word else word
                      for code, word in column.choices.items())  # fmt: skip
    bounds = [
        f"{sign} {bound:g}"
        for sign, bound in (("≥", column.minimum), ("≤", column.maximum))
        if bound is not None
    ]
    detail = "; ".join(part for part in (column.unit, " ".join(bounds), words) if part)
    required = "yes" if column.is_required else ""
    kind = _KIND_WORDS[column.kind]
    return f"| `{column.name}` | {column.description} ({kind}) | {required} | {detail} |"


_INTRODUCTION = f"""# Templates

Own data come in through these templates: the needs-planning sheet of an Association of Statutory
Health Insurance Physicians, doctors with their ages, the offers of a municipality, care places and
health goals. `versorgungslabor template NAME [--xlsx] [-o FILE]` writes an empty one;
[how-to/add-my-figures.md](../how-to/add-my-figures.md) says where it goes and what it fills. This
page is built from `pipeline/sources/template_kinds.py`; a test holds the two in step.

**Recognition.** By the mark `{MARK} <kind> <version>`: the first line of a CSV file (behind `# `),
cell A1 of the worksheet `{MARK_SHEET}` in a workbook. The name of the file does not matter.

**CSV.** UTF-8 (Windows-1252, as spreadsheets save it, is read too). Lines that begin with `#` are
comments. With `;` between the cells the decimal sign is a comma, with `,` it is a point; a number
in the other style is refused, since 1.234 may be either. No thousands separator.

**XLSX.** Worksheet `{DATA_SHEET}` with the header in row 1; keys are formatted as text, words are
picked from lists. A key that was turned into a number has lost its zero and is refused.

**Words.** Columns with a closed vocabulary take the German word or the code in front of it.

**Numbers.** An empty cell is no number and never zero. The official signs are read: `-` is exactly
zero, `.` unknown, `/` unreliable, `x` not meaningful, `...` not yet available.

**Dates.** `31.12.2024` or `2024-12-31`; what was counted or decided lies in the past.

**Rows.** A row that cannot be true is refused with its number, by `inspect` as by `ingest`:
[what is refused](../how-to/add-my-figures.md#what-is-refused-and-what-is-warned-of).

**Completeness.** For each territory and sector, say whether the list is `complete`
(vollständig), `partial` (unvollständig) or `unknown` (unbekannt), and how many there are
altogether if that is known ("n von m"). In a workbook this is the worksheet
`{COMPLETENESS_SHEET}` (`{"`, `".join(COMPLETENESS_COLUMNS)}`); in CSV it is a comment line:
`{COMPLETENESS_LINE};05566076;Apotheke;unvollständig;15`. A sector without a statement is
`unknown`. A sector without rows becomes a true zero only if its list is complete; else its number
is unknown. A total that contradicts the rows is refused.

**Provenance.** A filled-in template below `data/raw` needs no sidecar: the columns `source` and
`as_of` are its record. A sidecar beside it goes first.

**Persons.** No template asks for a person's name. Age lists can still identify someone where
numbers are small: they are read from where they lie and belong in no repository.
"""
