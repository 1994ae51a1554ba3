"""The BBSR key that carries Kreis figures of former years to the borders of one day.

BBSR, "Umsteigeschlüssel für konsistente Zeitreihen" (Kreise). One worksheet for each year, named
`<year>-<target year>`; a row says which share of a former Kreis belongs to which Kreis of today,
by area, by population and, from 1997 on, by employees. The factors of a former Kreis sum to one.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from pipeline.errors import RawDataError
from pipeline.keys import LAENDER
from pipeline.sources.base import Head, LongTable
from pipeline.sources.csvfile import ROW
from pipeline.sources.rowcheck import refuse_rows
from pipeline.sources.workbook import Cell, Rows, cell_text, preview, read_sheets

FORMAT = "area-changes"
LOOKS_LIKE = (
    "a workbook with worksheets named like 2015-2020 and columns 'Umsteigeschlüssel' (BBSR key "
    "for Kreise)"
)

FACTOR_TOLERANCE = 1e-9
_SHEET = re.compile(r"((?:19|20)\d{2})-((?:19|20)\d{2})")
#: Beginning of a column's label, without blanks and hyphens → (column, label, unit).
_NUMBERS: dict[str, tuple[str, str, str]] = {
    "flächenproportionaler": ("factor_area", "Umsteigeschlüssel Fläche", "Anteil"),
    "bevölkerungsproportionaler": ("factor_population", "Umsteigeschlüssel Bevölkerung", "Anteil"),
    "beschäftigtenproportionaler": ("factor_employees", "Umsteigeschlüssel Beschäftigte", "Anteil"),
    "flächeam": ("area_km2", "Fläche", "km²"),
    "bevölkerungam": ("population_1000", "Bevölkerung", "1000"),
    "sozialverspflichtig": ("employees_1000", "Beschäftigte am Arbeitsort", "1000"),
}
FACTORS = ("factor_area", "factor_population", "factor_employees")
_NOTES = (
    "Jede Zeile ist der Teil eines früheren Kreises, der zu einem heutigen Kreis gehört.",
    "Die Mengen neben den Faktoren sind in einigen Jahren (2016 bis 2018) nicht geteilt, sondern "
    "je Zeile wiederholt: zum Umrechnen gelten nur die Faktoren.",
)


def matches(head: Head) -> bool:
    """Whether a workbook names conversion keys and Kreise."""
    text = preview(head)
    return "Umsteige" in text and "Kreisname" in text


def read(path: Path) -> LongTable:
    """Factors and quantities of all years; dimension `target_area`."""
    key = _read_all(path)
    frames = [
        key[["from_area", "from_name", "from_date", "to_area", "to_date"]].assign(
            measure=label, unit_measure=unit, obs_value=key[column]
        )
        for column, label, unit in _NUMBERS.values()
    ]
    frame = (
        pd.concat(frames, ignore_index=True)
        .dropna(subset="obs_value")
        .rename(
            columns={
                "from_area": "ref_area",
                "from_name": "ref_area_name",
                "from_date": "time_period",
                "to_area": "target_area",
                "to_date": "target_date",
            }
        )
        .assign(obs_status="")
        .reset_index(drop=True)
    )
    years = sorted(key["from_date"].str[:4].unique())
    return LongTable(
        format=FORMAT,
        table=None,
        title=f"Umsteigeschlüssel Kreise {years[0]} bis {years[-1]} auf den "
        f"Gebietsstand {key['to_date'].iloc[0]}",
        encoding="xlsx",
        level="kreis",
        frame=frame,
        dimensions=("target_area", "target_date"),
        notes=_NOTES,
        path=path,
    )


def read_conversion(path: Path, year: int) -> pd.DataFrame:
    """The key for figures of one year.

    Returns
    -------
    One row a pair of Kreise: `from_area`, `from_name`, `to_area`, `to_name` (keys of five
    digits), `from_date`, `to_date` (ISO), `factor_area`, `factor_population`,
    `factor_employees` (shares of the former Kreis, summing to one; the last is missing before
    1997), `area_km2`, `population_1000`, `employees_1000`, `ROW`.

    Raises
    ------
    RawDataError : the file does not hold that year, or breaks its form.
    """
    key = _read_all(path)
    chosen = key[key["from_date"].eq(f"{year}-12-31")]
    if chosen.empty:
        years = sorted(key["from_date"].str[:4].unique())
        raise RawDataError(
            "the key does not reach this year",
            file=path,
            found=year,
            expected=f"{years[0]} to {years[-1]}",
            remedy="figures at the borders of the target year need no key",
        )
    return chosen.reset_index(drop=True)


def _read_all(path: Path) -> pd.DataFrame:
    sheets = read_sheets(path)
    frames = []
    for name, rows in sheets.items():
        years = _SHEET.fullmatch(name.strip())
        if years:
            frames.append(_read_sheet(path, name, rows, int(years[1]), int(years[2])))
    if not frames:
        raise RawDataError(
            "no worksheet holds a conversion key",
            file=path,
            found="worksheets " + ", ".join(sheets),
            expected="worksheets named like 2015-2020",
            remedy="download the key of the BBSR for Kreise again",
        )
    key = pd.concat(frames, ignore_index=True)
    if key["to_date"].nunique() > 1:
        raise RawDataError(
            "the worksheets lead to borders of different years",
            file=path,
            found=", ".join(sorted(key["to_date"].unique())),
            expected="one target year",
            remedy="do not join keys of different editions",
        )
    return key


def _read_sheet(path: Path, name: str, rows: Rows, year: int, target: int) -> pd.DataFrame:
    columns = _find_columns(path, name, rows)
    records = [
        {field: _cell(path, name, number, field, row[column]) for field, column in columns.items()}
        | {ROW: number}
        for number, row in enumerate(rows[1:], start=2)
        if any(cell_text(cell) for cell in row)
    ]
    if not records:
        raise RawDataError(
            f"worksheet {name} has a header without data",
            file=path,
            row=2,
            expected="one row for each pair of Kreise",
            remedy="download the key again",
        )
    empty = pd.DataFrame({field: pd.Series(dtype="float64") for field, _, _ in _NUMBERS.values()})
    frame = pd.concat([empty, pd.DataFrame.from_records(records)], ignore_index=True)
    frame["from_date"], frame["to_date"] = f"{year}-12-31", f"{target}-12-31"
    _check_pairs(path, name, frame)
    return frame


def _find_columns(path: Path, name: str, rows: Rows) -> dict[str, int]:
    labels = [re.sub(r"[\s.\-]", "", cell_text(cell)).lower() for cell in rows[0]] if rows else []
    columns: dict[str, int] = {}
    for index, label in enumerate(labels):
        for beginning, (field, _, _) in _NUMBERS.items():
            if label.startswith(beginning):
                columns[field] = index
        if label.startswith("kreisname"):
            columns["from_name" if "from_name" not in columns else "to_name"] = index
        elif label.startswith("kreise"):
            columns["from_area" if "from_area" not in columns else "to_area"] = index
    needed = ("from_area", "from_name", "to_area", "to_name", "factor_area", "factor_population")
    missing = [field for field in needed if field not in columns]
    if missing:
        raise RawDataError(
            f"worksheet {name} lacks a column",
            file=path,
            row=1,
            column=missing[0],
            found=labels,
            expected="former Kreis, its name, factors by area and population, Kreis of today, name",
            remedy="restore the header of the BBSR's workbook",
        )
    return columns


def _cell(path: Path, sheet: str, row: int, field: str, cell: Cell) -> str | float:
    if field.endswith("_name"):
        return cell_text(cell)
    if field.endswith("_area") and not field.startswith("factor"):
        return _kreis_key(path, sheet, row, field, cell)
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
    if not is_number or (field in FACTORS and not 0 <= float(str(cell)) <= 1 + FACTOR_TOLERANCE):
        raise RawDataError(
            f"no number, or a factor outside 0 to 1 (worksheet {sheet})",
            file=path,
            row=row,
            column=field,
            found=cell,
            expected="a number; factors from 0 to 1",
            remedy="download the key again",
        )
    return float(str(cell))


def _kreis_key(path: Path, sheet: str, row: int, field: str, cell: Cell) -> str:
    # the BBSR writes the Kreis as a number of eight digits that end in 000 (3152000): the zero in
    # front is lost by design there, and the fixed width puts it back without a guess
    text = cell_text(cell).zfill(8)
    if not (len(text) == 8 and text.isascii() and text.isdigit() and text.endswith("000")) or (
        text[:2] not in LAENDER
    ):
        raise RawDataError(
            f"this is no key of a Kreis (worksheet {sheet})",
            file=path,
            row=row,
            column=field,
            found=cell,
            expected="seven or eight digits that end in 000, such as 3152000",
            remedy="download the key again",
        )
    return text[:5]


def _check_pairs(path: Path, sheet: str, frame: pd.DataFrame) -> None:
    refuse_rows(
        path,
        frame,
        frame.duplicated(["from_area", "to_area"]),
        "from_area",
        f"a pair of Kreise stands twice (worksheet {sheet})",
        expected="each pair once",
        remedy="delete the second row",
    )
    for factor in FACTORS:
        if frame[factor].notna().any():
            sums = frame.groupby("from_area")[factor].transform("sum")
            refuse_rows(
                path,
                frame.assign(**{factor: sums}),
                (sums - 1).abs().gt(FACTOR_TOLERANCE),
                factor,
                f"the factors of a Kreis do not sum to one (worksheet {sheet})",
                expected="1",
                remedy="a row is missing or changed: download the key again",
            )
