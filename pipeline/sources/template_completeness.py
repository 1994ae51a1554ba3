"""How complete a list is, for each territory and sector: "n von m", or unknown."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from pipeline.errors import RawDataError
from pipeline.sources.template_cells import Place, parse_choice, parse_number, parse_text
from pipeline.sources.template_kinds import COMPLETENESS, Column, Template
from pipeline.sources.template_sheets import COMPLETENESS_COLUMNS, TemplateCells
from pipeline.sources.workbook import Cell, cell_text


def parse_completeness(
    path: Path, template: Template, cells: TemplateCells, rows: pd.DataFrame
) -> pd.DataFrame:
    """Statements and counts: one row for each territory and sector of the vocabulary.

    Parameters
    ----------
    cells : the template as read; its statements name territory, sector, word and total.
    rows : the parsed records, to be counted.

    Returns
    -------
    `ref_area`, `sector`, `completeness`, `n_listed`, `known_total` (NaN where nobody knows).
    """
    stated: dict[tuple[str, str], tuple[str, float, int]] = {}
    for number, statement in cells.statements:
        if any(cell_text(cell) for cell in statement):
            key, flag, total = _parse_statement(path, template, cells, number, statement)
            if key in stated:
                raise RawDataError(
                    "completeness is stated twice",
                    file=path,
                    row=number,
                    found=" / ".join(key),
                    expected=f"one statement (the first is in row {stated[key][2]})",
                    remedy="delete one",
                )
            stated[key] = (flag, total, number)
    listed = _listed(template, rows)
    areas = list(dict.fromkeys([*rows[template.area], *(area for area, _ in stated)]))
    records = []
    for area in areas:
        for sector in template.column(template.sector).choices:
            flag, total, number = stated.get((area, sector), ("unknown", math.nan, 0))
            n_listed = listed.get((area, sector), 0.0)
            _check_total(path, number, flag, n_listed, total)
            known = n_listed if flag == "complete" else total
            records.append((area, sector, flag, n_listed, known))
    columns = ["ref_area", "sector", "completeness", "n_listed", "known_total"]
    return pd.DataFrame.from_records(records, columns=columns)


def _parse_statement(
    path: Path, template: Template, cells: TemplateCells, number: int, statement: list[Cell]
) -> tuple[tuple[str, str], str, float]:
    given = [*statement, "", "", "", ""][: len(COMPLETENESS_COLUMNS)]
    area, sector, flag, total = given
    total_column = Column("known_total", "integer", "Gesamtzahl, soweit bekannt", minimum=0)

    def at(column: str) -> Place:
        return Place(path, number, column, cells.decimal)

    key = (
        parse_text(area, template.column(template.area), at("ref_area")),
        parse_choice(cell_text(sector), template.column(template.sector).choices, at("sector")),
    )
    word = parse_choice(cell_text(flag), COMPLETENESS, at("completeness"))
    number_known, _ = parse_number(total, total_column, at("known_total"))
    return key, word, number_known


def _listed(template: Template, rows: pd.DataFrame) -> dict[tuple[str, str], float]:
    """How much each territory lists of a sector; NaN where a row says "unknown".

    Counts are those of the newest reference day; single entries each have a day of their own.
    """
    groups = [template.area, template.sector]
    if template.counted is None:
        sizes = rows.assign(n=1.0)
    else:
        newest = rows.groupby(groups)[template.date].transform("max")
        sizes = rows[rows[template.date].eq(newest)].assign(n=lambda frame: frame[template.counted])
    listed: dict[tuple[str, str], float] = {}
    for area, sector, n in zip(*(sizes[name] for name in (*groups, "n")), strict=True):
        listed[area, sector] = listed.get((area, sector), 0.0) + float(n)
    return listed


def _check_total(path: Path, row: int, flag: str, n_listed: float, total: float) -> None:
    fits = {
        "complete": math.isnan(total) or total == n_listed,
        "partial": math.isnan(total) or total > n_listed,
        "unknown": math.isnan(total),
    }[flag]
    if not fits and not math.isnan(n_listed):
        raise RawDataError(
            "the statement of completeness contradicts the rows",
            file=path,
            row=row,
            column="known_total",
            found=f"{COMPLETENESS[flag]}, {n_listed:g} von {total:g}",
            expected="complete: as many as listed; partial: more than listed; unknown: empty",
            remedy="correct the number or the word",
        )
