"""Records on disk: `data/raw/projects/<slug>/` with `project.yaml` and one CSV file a table.

A file that is missing is an empty table. Errors name file, row and column. A folder is written
beside and put in place whole.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pipeline.errors import RawDataError, WorkspaceError, known_words
from pipeline.projects.record import Record
from pipeline.projects.records import TABLES, Project, Row
from pipeline.projects.values import EXPECTED
from pipeline.regions import Region
from pipeline.writing import replaced_folder

PROJECT_FILE = "project.yaml"


class ProjectRecordError(RawDataError):
    """A record of a project that cannot be read."""


def list_projects(raw: Path) -> list[str]:
    """Slugs of all records below `raw`."""
    return sorted(path.parent.name for path in (raw / "projects").glob(f"*/{PROJECT_FILE}"))


def find_folder(project: str, raw: Path) -> Path:
    """The folder of a project, given by its slug or by its path."""
    for folder in (raw / "projects" / project, Path(project)):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise ProjectRecordError(
        f"there is no record of the project '{project}'",
        file=raw / "projects" / project / PROJECT_FILE,
        expected=known_words(project, list_projects(raw)) or "a folder with project.yaml",
        remedy=f"make one with `versorgungslabor project new {project}`",
    )


def read_record(folder: Path) -> Record:
    """The record in a folder, checked field by field; unknown files are refused."""
    project = _read_project(folder / PROJECT_FILE)
    known = {f"{name}.csv" for name in TABLES}
    for path in sorted(folder.glob("*.csv")):
        if path.name not in known:
            raise ProjectRecordError(
                "this table is not part of a record",
                file=path,
                expected=", ".join(sorted(known)),
                remedy="rename it; docs/reference/project-records.md lists all tables",
            )
    tables = {name: _read_table(folder / f"{name}.csv", model) for name, model in TABLES.items()}
    if project.slug != folder.resolve().name:
        raise ProjectRecordError(
            "the slug is not the name of the folder",
            file=folder / PROJECT_FILE,
            column="slug",
            found=project.slug,
            expected=folder.resolve().name,
        )
    return Record.model_validate({"project": project, **tables})


def read_records(raw: Path) -> list[Record]:
    """The records of all projects."""
    return [read_record(find_folder(slug, raw)) for slug in list_projects(raw)]


def records_of_region(records: Sequence[Record], region: Region) -> list[Record]:
    """The projects that name a region or one of its municipalities."""
    names = {region.slug, *region.members}
    return [record for record in records if names & set(record.project.regions)]


def read_text(path: Path) -> str:
    """UTF-8 text with or without BOM; anything else is named as such."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProjectRecordError(
            "the file is not UTF-8",
            file=path,
            found=error.object[error.start : error.start + 4],
            remedy="save it as “CSV UTF-8” in the spreadsheet program",
        ) from error


def _read_project(path: Path) -> Project:
    try:
        content = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ProjectRecordError(
            f"not valid YAML: {getattr(error, 'problem', None) or error}",
            file=path,
            row=mark.line + 1 if mark else None,
            remedy="put a text with a colon into quotation marks; keep the space after `name:`",
        ) from error
    if not isinstance(content, dict):
        raise ProjectRecordError(
            "no fields found", file=path, found=content, expected="slug: …, title: …"
        )
    return parse_row(Project, content, path, None)


def _read_table(path: Path, model: type[Row]) -> tuple[Row, ...]:
    if not path.is_file():
        return ()
    text = read_text(path)
    first = text.partition("\n")[0]
    # spreadsheet programs in Germany write semicolons
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ","
    )
    check_columns(reader.fieldnames or (), model, path)
    rows = []
    for cells in reader:
        if None in cells or None in cells.values():
            raise ProjectRecordError(
                "the row has more or fewer cells than the header",
                file=path,
                row=reader.line_num,
                remedy="put a text that contains the separator into quotation marks",
            )
        if any(str(cell).strip() for cell in cells.values()):
            rows.append(parse_row(model, cells, path, reader.line_num))
    return tuple(rows)


def check_columns(names: Sequence[str], model: type[Row], path: Path, row: int = 1) -> None:
    """`ProjectRecordError` for a column that the table does not have, lacks, or has twice.

    Parameters
    ----------
    row : where the names stand.
    """
    needed = [name for name, field in model.model_fields.items() if field.is_required()]
    faults = [f"unknown column '{name}'" for name in names if name not in model.model_fields]
    faults += [f"column '{name}' is missing" for name in needed if name not in names]
    faults += [f"column '{name}' stands twice" for name in names if names.count(name) > 1]
    if faults:
        raise ProjectRecordError(
            faults[0],
            file=path,
            row=row,
            found=list(names),
            expected=", ".join(model.model_fields),
            remedy="put the names of the fields back as they were written for you",
        )


def parse_row(model: type[Any], cells: Mapping[str, Any], path: Path, row: int | None) -> Any:
    """One checked row; the error names the cell."""
    stripped = {n: v.strip() if isinstance(v, str) else v for n, v in cells.items()}
    # an empty cell takes the default of its field, if it has one
    given = {
        name: value
        for name, value in stripped.items()
        if name not in model.model_fields
        or model.model_fields[name].is_required()
        or value not in (None, "")
    }
    try:
        return model.model_validate(given)
    except ValidationError as error:
        problem = error.errors()[0]
        message, expected = _fault(problem, model)
        raise ProjectRecordError(
            message,
            file=path,
            row=row,
            column=".".join(str(part) for part in problem["loc"]),
            found=None if problem["type"] == "missing" else problem.get("input"),
            expected=expected,
            remedy="docs/reference/project-records.md explains each field",
        ) from error


def _fault(problem: ErrorDetails, model: type[BaseModel]) -> tuple[str, str | None]:
    """What is wrong with a cell, and what should stand there, in words of this house."""
    fields = ", ".join(model.model_fields)
    known: dict[str, tuple[str, str | None]] = {
        "extra_forbidden": ("there is no such field", fields),
        "missing": ("this field must be filled", None),
        "string_pattern_mismatch": (
            "this is no key",
            "lower-case letters without umlauts, digits and hyphens: erste-konferenz",
        ),
        "string_type": ("this is no text", "text (in a spreadsheet: a cell formatted as text)"),
        "tuple_type": ("this is no list", "one entry a line, each after a hyphen"),
        "enum": ("not one of the known words", problem.get("ctx", {}).get("expected")),
    }
    if problem["type"] in known:
        return known[problem["type"]]
    message, _, expected = problem["msg"].removeprefix("Value error, ").partition(EXPECTED)
    return message, expected or None


def to_cells(row: BaseModel) -> dict[str, str]:
    """A row as texts, in the order of its fields."""
    return {name: _cell(value) for name, value in row.model_dump(mode="json").items()}


def write_record(record: Record, folder: Path, *, has_empty_tables: bool = False) -> None:
    """Write a record as a folder.

    Parameters
    ----------
    has_empty_tables : write a file with nothing but its header for every empty table, so that a
        new user sees what can be filled in.
    """
    with replaced_folder(folder) as beside:
        (beside / PROJECT_FILE).write_text(project_yaml(record.project), encoding="utf-8")
        for name, model in TABLES.items():
            rows = record.rows(name)
            # a table that was there stays there when its last row is gone
            if rows or has_empty_tables or (folder / f"{name}.csv").is_file():
                (beside / f"{name}.csv").write_text(table_csv(model, rows), encoding="utf-8")
        if folder.exists():
            _take_over_others(folder, beside)


def _take_over_others(folder: Path, beside: Path) -> None:
    """Files that a user keeps beside the tables (letters, pictures) stay."""
    for path in folder.iterdir():
        if path.suffix == ".csv" or path.name == PROJECT_FILE:
            continue
        copy = shutil.copytree if path.is_dir() else shutil.copy2
        copy(path, beside / path.name)


class _Dumper(yaml.SafeDumper):
    """Puts texts of digits into quotation marks: other programs read 05566028 as a number."""


def _quoted_digits(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "'" if text.isdecimal() else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _quoted_digits)


def project_yaml(project: Project) -> str:
    """`project.yaml` with the German title of each field as a comment."""
    lines = []
    for name, field in Project.model_fields.items():
        value = project.model_dump(mode="json")[name]
        plain = None if value in ("", None) else value
        text = yaml.dump(
            {name: plain}, Dumper=_Dumper, allow_unicode=True, width=96, sort_keys=False
        )
        lines.append(f"# {field.title}\n{text}")
    return "".join(lines)


def table_csv(model: type[Row], rows: Sequence[Row]) -> str:
    """A table as CSV text."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(model.model_fields), lineterminator="\n")
    writer.writeheader()
    writer.writerows(to_cells(row) for row in rows)
    return stream.getvalue()


def new_record(slug: str, title: str, regions: Sequence[str], level: str) -> Record:
    """An empty record to fill in.

    Parameters
    ----------
    regions : slugs or AGS.
    level : the territory in words.
    """
    try:
        project = Project(
            slug=slug, title=title, short_title=title, regions=tuple(regions), level=level
        )
    except ValidationError as error:
        problem = error.errors()[0]
        field = str(problem["loc"][0])
        message, expected = _fault(problem, Project)
        if field == "slug":
            message = "this is no name for a record"
            expected = "lower-case letters without umlauts, digits, hyphens, e.g. gesundes-dorf"
        elif problem["type"] == "string_too_short":
            message, expected = "this text is too short", "a title of three letters or more"
        raise WorkspaceError(
            f"{field}: {message}", found=problem.get("input"), expected=expected
        ) from error
    return Record(project=project)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(str(item) for item in value)
    return str(value)
