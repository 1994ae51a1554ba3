"""The workspace's own templates, as CSV and as workbook: read, and written empty.

A template is recognised by its mark `versorgungslabor-template: <kind> <version>`: the first line
of a CSV file, cell A1 of the worksheet `Vorlage` in a workbook. `template_kinds` describes the
columns. Every territory states for each sector whether its list is complete; what is not stated
is unknown, and unknown is never zero.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.errors import RawDataError
from pipeline.keys import level_of_key
from pipeline.sources.base import KEY_COLUMNS, VALUE_COLUMNS, Head, LongTable, read_head
from pipeline.sources.csvfile import ROW
from pipeline.sources.rowcheck import refuse_rows
from pipeline.sources.template_cells import Place, parse_number, parse_text
from pipeline.sources.template_completeness import parse_completeness
from pipeline.sources.template_kinds import NUMERIC, TEMPLATES, Column, Template
from pipeline.sources.template_rows import check_rows, row_warnings
from pipeline.sources.template_sheets import MARK, TemplateCells, read_cells
from pipeline.sources.workbook import Cell, cell_text, preview

UNKNOWN = "confidential_or_unknown"


@dataclass(frozen=True)
class TemplateContent:
    """What a filled-in template says.

    Attributes
    ----------
    template : its description.
    rows : one row a record; columns of the template (missing optional ones are empty), numbers as
        float with the official sign in `<column>_status`, plus `ROW`.
    completeness : one row for each territory and sector of the vocabulary: `ref_area`, `sector`,
        `completeness` (`complete`, `partial`, `unknown`), `n_listed` (of the newest reference
        day), `known_total` (NaN where nobody knows).
    encoding : encoding of the bytes.
    warnings : what is no error and should be looked at, one sentence a row.
    """

    template: Template
    rows: pd.DataFrame
    completeness: pd.DataFrame
    encoding: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class TemplateReader:
    """Reader of one kind of template; an instance is a `Reader`."""

    template: Template

    @property
    def FORMAT(self) -> str:  # noqa: N802 (the contract of the readers names it so)
        """Word for the format."""
        return self.template.kind

    @property
    def LOOKS_LIKE(self) -> str:  # noqa: N802
        """What a file of this kind looks like."""
        return f"our template with the mark '{MARK} {self.template.kind}' (CSV or XLSX)"

    def matches(self, head: Head) -> bool:
        """Whether the file carries the mark of this kind."""
        text = preview(head) if head.is_zip else head.text[:400]
        found = re.search(rf"{re.escape(MARK)}\s+([a-z-]+)\s+\d+", text)
        return found is not None and found[1] == self.template.kind

    def read_content(self, path: Path) -> TemplateContent:
        """Records and completeness; `RawDataError` where the file breaks the template."""
        cells = read_cells(path)
        if cells.version != f"{self.template.kind} {self.template.version}":
            raise RawDataError(
                "the template is of another kind or version",
                file=path,
                row=1,
                found=cells.version,
                expected=f"{self.template.kind} {self.template.version}",
                remedy="write a new empty template and copy the rows over",
            )
        rows = _parse_rows(path, self.template, cells)
        completeness = parse_completeness(path, self.template, cells, rows)
        if rows.empty and completeness.empty:
            raise RawDataError(
                "a header without data",
                file=path,
                expected="at least one row, or a statement of completeness",
                remedy="fill in the template, or leave the file out",
            )
        check_rows(path, self.template, rows)
        warnings = row_warnings(self.template, rows)
        return TemplateContent(self.template, rows, completeness, cells.encoding, warnings)

    def read(self, path: Path) -> LongTable:
        """One row a number that stands in the file; dimension `completeness` on each.

        A sector without any row appears too, where its kind counts something: as `nil` if its list
        is complete, as `confidential_or_unknown` if not.
        """
        content = self.read_content(path)
        template = self.template
        dimensions = (
            *(name for name in template.identity if name not in {template.area, template.date}),
            "completeness",
        )
        if template.sector not in dimensions:
            dimensions = (template.sector, *dimensions)
        columns = [*KEY_COLUMNS, *dimensions, *VALUE_COLUMNS]
        parts = [*_observations(content), _silent_sectors(content)]
        filled = [part.reindex(columns=columns) for part in parts if not part.empty]
        # rows may hold decisions and no number at all: then there is no observation
        frame = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)
        frame = frame.assign(**{name: _as_text(frame[name]) for name in dimensions})
        return LongTable(
            format=template.kind,
            table=None,
            title=template.title,
            encoding=content.encoding,
            level=_level(template, frame),
            frame=frame.astype({"obs_value": np.float64}),
            dimensions=dimensions,
            notes=content.warnings,
            path=path,
        )


def is_template(path: Path) -> bool:
    """Whether a file carries the mark of one of our templates, and with it its own provenance."""
    head = read_head(path)
    return any(reader.matches(head) for reader in READERS)


READERS: tuple[TemplateReader, ...] = tuple(TemplateReader(template) for template in TEMPLATES)


def _as_text(values: pd.Series) -> pd.Series:
    """Members of a dimension as text: whole numbers without decimals, nothing as empty."""
    if pd.api.types.is_numeric_dtype(values):
        return values.map(lambda number: "" if pd.isna(number) else f"{number:g}").astype("str")
    return values.fillna("").astype("str")


def _level(template: Template, frame: pd.DataFrame) -> str | None:
    if template.column(template.area).kind != "key":
        return None
    levels = {level_of_key(key) for key in frame["ref_area"].unique()}
    return levels.pop() if len(levels) == 1 else None


def _parse_rows(path: Path, template: Template, cells: TemplateCells) -> pd.DataFrame:
    _check_header(path, template, cells.header)
    records = [
        _parse_row(path, template, cells, number, row)
        for number, row in cells.rows
        if any(cell_text(cell) for cell in row)
    ]
    names = [name for column in template.columns for name in _frame_columns(column)]
    rows = pd.DataFrame.from_records(records, columns=[*names, ROW])
    refuse_rows(
        path,
        rows,
        rows.duplicated(list(template.identity)),
        template.identity[0],
        "a record stands twice",
        expected="each combination of " + ", ".join(template.identity) + " once",
        remedy="delete the second row, or tell the two apart",
    )
    return rows


def _frame_columns(column: Column) -> tuple[str, ...]:
    return (column.name, f"{column.name}_status") if column.kind in NUMERIC else (column.name,)


def _check_header(path: Path, template: Template, header: list[str]) -> None:
    known = [column.name for column in template.columns]
    missing = [c.name for c in template.columns if c.is_required and c.name not in header]
    unknown = [name for name in header if name not in known]
    doubled = [name for name in known if header.count(name) > 1]
    for problem, names in (
        ("a missing column", missing),
        ("an unknown column", unknown),
        ("a column that stands twice", doubled),
    ):
        if names:
            raise RawDataError(
                problem,
                file=path,
                column=names[0],
                found=", ".join(header),
                expected=", ".join(known),
                remedy="restore the header of the template; the names must be these to the letter",
            )


def _parse_row(
    path: Path, template: Template, cells: TemplateCells, number: int, row: list[Cell]
) -> dict[str, object]:
    if any(cell_text(cell) for cell in row[len(cells.header) :]):
        raise RawDataError(
            "a row with more cells than the header",
            file=path,
            row=number,
            found=f"{len(row)} cells",
            expected=f"{len(cells.header)} cells",
            remedy="put cells that contain the separator into quotes",
        )
    if len(row) < len(cells.header):
        raise RawDataError(
            "a row with fewer cells than the header: the file may be cut off",
            file=path,
            row=number,
            found=f"{len(row)} cells",
            expected=f"{len(cells.header)} cells",
            remedy="complete the row; empty cells keep their separators",
        )
    given = dict(zip(cells.header, row, strict=False))
    record: dict[str, object] = {ROW: number}
    for column in template.columns:
        cell = given.get(column.name, "")
        place = Place(path, number, column.name, cells.decimal)
        if column.kind in NUMERIC:
            value, status = parse_number(cell, column, place)
            record[column.name], record[f"{column.name}_status"] = value, status
        else:
            record[column.name] = parse_text(cell, column, place)
    return record


def _observations(content: TemplateContent) -> list[pd.DataFrame]:
    template, rows = content.template, content.rows
    flags = content.completeness.rename(
        columns={"ref_area": template.area, "sector": template.sector}
    )[[template.area, template.sector, "completeness"]]
    merged = rows.merge(
        flags, on=[template.area, template.sector], how="left", validate="many_to_one"
    )
    base = merged.assign(time_period=merged[template.date])
    if template.area != "ref_area":
        base = base.assign(ref_area=base[template.area])
    if template.row_measure is not None:
        return [_measured(base, template.row_measure, "count", 1.0, "")]
    parts = []
    for column in template.measures:
        unit = base.get(column.unit, column.unit)  # a unit of its own for each row, or one
        day = base[column.dated_by] if column.dated_by else base["time_period"]
        part = _measured(
            base.assign(time_period=day.where(day.ne(""), base["time_period"])),
            column.name,
            unit,
            base[column.name],
            base[f"{column.name}_status"],
        )
        parts.append(part[part["obs_value"].notna() | part["obs_status"].ne("")])
    return parts


def _measured(
    base: pd.DataFrame,
    measure: str,
    unit: str | pd.Series,
    value: float | pd.Series,
    status: str | pd.Series,
) -> pd.DataFrame:
    return base.assign(measure=measure, unit_measure=unit, obs_value=value, obs_status=status)


def _silent_sectors(content: TemplateContent) -> pd.DataFrame:
    """Sectors without rows: a true zero where the list is complete, else unknown."""
    template = content.template
    measure = template.row_measure or template.counted
    if not template.has_zero or measure is None:
        return pd.DataFrame()
    rows = content.rows
    present = set(zip(rows[template.area], rows[template.sector], strict=True))
    silent = content.completeness[
        [
            (area, sector) not in present
            for area, sector in zip(
                content.completeness["ref_area"], content.completeness["sector"], strict=True
            )
        ]
    ]
    newest = rows.groupby(template.area)[template.date].max().to_dict()
    is_zero = silent["completeness"].eq("complete")
    return silent.assign(
        time_period=[newest.get(area, "") for area in silent["ref_area"]],
        measure=measure,
        unit_measure="count" if template.row_measure else template.column(measure).unit,
        obs_value=np.where(is_zero, 0.0, np.nan),
        obs_status=np.where(is_zero, "nil", UNKNOWN),
        **{template.sector: silent["sector"]},
    )
