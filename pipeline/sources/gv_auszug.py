"""The official list of municipalities as a workbook (Auszug aus dem Gemeindeverzeichnis).

Statistisches Bundesamt, GV-ISys, "Alle politisch selbständigen Gemeinden". The header stands in
several rows and the columns are found by their labels. Record types as in GV100AD; only
municipalities carry numbers.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.errors import RawDataError
from pipeline.keys import normalise_key
from pipeline.provenance import OFFICIAL_SIGNS
from pipeline.sources.base import Head, LongTable
from pipeline.sources.csvfile import ROW
from pipeline.sources.rowcheck import refuse_rows
from pipeline.sources.workbook import Rows, cell_text, preview, read_sheets

FORMAT = "gv-auszug"
LOOKS_LIKE = (
    "a workbook with the columns Satzart, Amtlicher Regionalschlüssel and Gemeindename "
    "(Auszug aus dem Gemeindeverzeichnis)"
)

LICENCE = "LicenseRef-Destatis-Quellenangabe"
_LEVELS = {
    "10": "land",
    "20": "regierungsbezirk",
    "30": "bw_region",
    "40": "kreis",
    "50": "association",
    "60": "municipality",
}
_HEADER_DEPTH = 4
#: Textkennzeichen of an uninhabited area outside all municipalities.
_UNINHABITED = "66"
#: Field → (label of the group of columns, label of the column below it, both squeezed).
_LABELS: dict[str, tuple[str, str]] = {
    "record_type": ("satzart", ""),
    "type_code": ("textkennzeichen", ""),
    "key_land": ("amtlicherregionalschlüssel", "land"),
    "key_rb": ("amtlicherregionalschlüssel", "rb"),
    "key_kreis": ("amtlicherregionalschlüssel", "kreis"),
    "key_vb": ("amtlicherregionalschlüssel", "vb"),
    "key_gem": ("amtlicherregionalschlüssel", "gem"),
    "ref_area_name": ("gemeindename", ""),
    "area_km2": ("fläche", ""),
    "population": ("bevölkerung", "insgesamt"),
    "population_male": ("bevölkerung", "männlich"),
    "population_female": ("bevölkerung", "weiblich"),
    "density": ("bevölkerung", "jekm"),
    "postcode": ("postleitzahl", ""),
    "longitude": ("geografischemittelpunktkoordinaten", "längengrad"),
    "latitude": ("geografischemittelpunktkoordinaten", "breitengrad"),
    "travel_region_code": ("reisegebiete", "schlüssel"),
    "travel_region": ("reisegebiete", "bezeichnung"),
    "urbanisation_code": ("gradderverstädterung", "schlüssel"),
    "urbanisation": ("gradderverstädterung", "bezeichnung"),
}
#: Columns that some editions of the list do not have.
_OPTIONAL = {"travel_region_code", "travel_region", "urbanisation_code", "urbanisation"}
_MEASURES = (
    ("area_km2", "Fläche", "km²"),
    ("population", "Bevölkerung insgesamt", "Anzahl"),
    ("population_male", "Bevölkerung männlich", "Anzahl"),
    ("population_female", "Bevölkerung weiblich", "Anzahl"),
    ("density", "Bevölkerung je km²", "Anzahl je km²"),
)
_DATE = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})")
_LONGITUDES = (5.0, 16.0)
_LATITUDES = (47.0, 56.0)


@dataclass(frozen=True)
class _Sheet:
    """The worksheet with the list: where it begins and what its header says."""

    path: Path
    rows: Rows
    header_row: int
    columns: dict[str, int]
    area_date: str
    population_date: str
    territorial_date: str


def matches(head: Head) -> bool:
    """Whether a workbook holds the labels of the list's header."""
    if not head.is_zip:
        return False
    text = preview(head)
    return "Amtlicher Regionalschl" in text and "Gemeindename" in text


def read(path: Path) -> LongTable:
    """Area, population and density of all municipalities, as a long frame.

    A blank numeric cell is no observation; an official sign is one. `read_units` has postcode,
    coordinates and degree of urbanisation.
    """
    sheet = _find_sheet(path)
    units = _units(sheet)
    municipalities = units[units["level"].eq("municipality")]
    base = municipalities[["ref_area", "ref_area_name"]]
    parts = [
        base.assign(
            time_period=sheet.area_date if column == "area_km2" else sheet.population_date,
            measure=label,
            unit_measure=unit,
            obs_value=municipalities[column],
            obs_status=municipalities[f"{column}_status"],
        )
        for column, label, unit in _MEASURES
    ]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[frame["obs_value"].notna() | frame["obs_status"].ne("")]
    notes = (*_notes(sheet), *_empty_municipalities(municipalities))
    return LongTable(
        format=FORMAT,
        table=None,
        title=cell_text(sheet.rows[0][0]) if sheet.rows[0] else path.stem,
        encoding="xlsx",
        level="municipality",
        frame=frame.reset_index(drop=True),
        notes=(f"Gebietsstand {sheet.territorial_date}", *notes),
        licence=LICENCE if any("Quellenangabe gestattet" in note for note in notes) else None,
        path=path,
    )


def read_units(path: Path) -> pd.DataFrame:
    """All rows of the list, one a territory.

    Returns
    -------
    `ref_area` (AGS for municipalities), `ref_area_name`, `level`, `ars` (12 digits, municipalities
    only), `type_code`, `postcode` (of the administration), `area_km2`, `population`,
    `population_male`, `population_female`, `density` (persons per km²), each with its
    `…_status`, `longitude`, `latitude` (degrees, WGS 84), `travel_region_code`, `travel_region`,
    `urbanisation_code` (01 dense, 02 intermediate, 03 thin), `urbanisation`, `ROW`.
    """
    return _units(_find_sheet(path))


def _squeeze(cell: object) -> str:
    """A label without the hyphens, blanks and digits of its line breaks and footnotes."""
    return re.sub(r"[^a-zäöüß]", "", cell_text(cell).lower())


def _find_sheet(path: Path) -> _Sheet:
    sheets = read_sheets(path)
    for rows in sheets.values():
        for number, row in enumerate(rows[:30]):
            if row and _squeeze(row[0]) == "satzart":
                return _describe_sheet(path, rows, number)
    raise RawDataError(
        "no worksheet holds the list of municipalities",
        file=path,
        found="worksheets " + ", ".join(sheets),
        expected="a worksheet whose header begins with 'Satzart'",
        remedy="download the workbook 'Alle politisch selbständigen Gemeinden' again",
    )


def _describe_sheet(path: Path, rows: Rows, header_row: int) -> _Sheet:
    header = rows[header_row : header_row + _HEADER_DEPTH]
    columns: dict[str, int] = {}
    group = ""
    for index, top in enumerate(header[0]):
        group = _squeeze(top) or group
        below = {_squeeze(row[index]) for row in header[1:] if index < len(row)}
        for field, (wanted_group, wanted_label) in _LABELS.items():
            fits = any(label.startswith(wanted_label) and label for label in below)
            is_match = group.startswith(wanted_group) and (fits if wanted_label else bool(top))
            if is_match and field not in columns:
                columns[field] = index
    missing = [field for field in _LABELS if field not in columns and field not in _OPTIONAL]
    if missing:
        raise RawDataError(
            "a column of the list is missing",
            file=path,
            row=header_row + 1,
            column=missing[0],
            found=[cell_text(cell) for cell in header[0] if cell_text(cell)],
            expected=" / ".join(part for part in _LABELS[missing[0]] if part),
            remedy="restore the header of the publisher's workbook",
        )
    return _Sheet(
        path,
        rows,
        header_row,
        columns,
        area_date=_date_in(path, header, columns["area_km2"], header_row),
        population_date=_date_in(path, header, columns["population"], header_row),
        territorial_date=_date_in(path, header, columns["key_land"], header_row),
    )


def _date_in(path: Path, header: Rows, column: int, header_row: int) -> str:
    for row in header:
        found = _DATE.search(cell_text(row[column])) if column < len(row) else None
        if found:
            try:
                return dt.date(int(found[3]), int(found[2]), int(found[1])).isoformat()
            except ValueError:
                break
    raise RawDataError(
        "the header does not name the date of its numbers",
        file=path,
        row=header_row + 1,
        expected="a date such as 31.12.2022 in the rows below the labels",
        remedy="restore the header of the publisher's workbook",
    )


def _units(sheet: _Sheet) -> pd.DataFrame:
    records: list[dict[str, object]] = []
    for index in range(sheet.header_row + 1, len(sheet.rows)):
        row = sheet.rows[index]
        cells = {
            field: row[column] if column < len(row) else ""
            for field, column in sheet.columns.items()
        }
        if cell_text(cells["record_type"]) in _LEVELS:
            records.append(_unit(sheet.path, index + 1, cells))
    units = pd.DataFrame.from_records(records)
    if units.empty or not units["level"].eq("municipality").any():
        raise RawDataError(
            "a header without municipalities",
            file=sheet.path,
            row=sheet.header_row + 1,
            expected="rows of record type 60",
            remedy="the file is cut off: download it again",
        )
    refuse_rows(
        sheet.path,
        units,
        units.duplicated(["level", "ref_area"]),
        "ref_area",
        "a territory stands twice",
        expected="each key once a record type",
        remedy="delete the second row",
    )
    return units


def _unit(path: Path, row: int, cells: dict[str, object]) -> dict[str, object]:
    level = _LEVELS[cell_text(cells["record_type"])]
    parts = [
        _key_part(path, row, cells, field)
        for field in ("key_land", "key_rb", "key_kreis", "key_vb", "key_gem")
    ]
    land, district, kreis, association, municipality = parts
    ars = "".join(parts) if level == "municipality" else ""
    key = land + district + kreis + (municipality if ars else association)
    unit: dict[str, object] = {
        "ref_area": normalise_key(key, file=path, row=row),
        "ref_area_name": cell_text(cells["ref_area_name"]),
        "level": level,
        "ars": ars,
        "type_code": cell_text(cells["type_code"]),
        # five digits by definition, so a spreadsheet's lost zero can be put back without a guess
        "postcode": cell_text(cells["postcode"]).zfill(5) if cell_text(cells["postcode"]) else "",
    }
    for field, _, _ in _MEASURES:
        unit[field], unit[f"{field}_status"] = _number(path, row, field, cells[field])
    unit["longitude"] = _degrees(path, row, "longitude", cells["longitude"], _LONGITUDES)
    unit["latitude"] = _degrees(path, row, "latitude", cells["latitude"], _LATITUDES)
    for field in sorted(_OPTIONAL):
        unit[field] = cell_text(cells.get(field, ""))
    return unit | {ROW: row}


#: Digits of each part of the key; a part that is shorter has lost its zeros.
_KEY_WIDTHS = {"key_land": 2, "key_rb": 1, "key_kreis": 2, "key_vb": 4, "key_gem": 3}


def _key_part(path: Path, row: int, cells: dict[str, object], field: str) -> str:
    text = cell_text(cells[field])
    width = _KEY_WIDTHS[field]
    is_region = field == "key_kreis" and cell_text(cells["record_type"]) == "30"
    if text and (not text.isdigit() or len(text) != (1 if is_region else width)):
        raise RawDataError(
            "a part of the key has lost its leading zeros, or is no number",
            file=path,
            row=row,
            column=field,
            found=cells[field],
            expected=f"{width} digits as text",
            remedy="load the publisher's workbook again and do not save it from a spreadsheet",
        )
    return text


def _number(path: Path, row: int, field: str, cell: object) -> tuple[float, str]:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell), ""
    text = cell_text(cell)
    if not text:
        return float("nan"), ""
    if text in OFFICIAL_SIGNS:
        status = OFFICIAL_SIGNS[text]
        return (0.0 if status == "nil" else float("nan")), status
    return _german_decimal(path, row, field, text), ""


def _degrees(path: Path, row: int, field: str, cell: object, bounds: tuple[float, float]) -> float:
    degrees, _ = _number(path, row, field, cell)
    if degrees == 0:  # the list writes 0 for areas without a centre
        return float("nan")
    if degrees == degrees and not bounds[0] <= degrees <= bounds[1]:
        raise RawDataError(
            "the coordinate lies outside Germany",
            file=path,
            row=row,
            column=field,
            found=cell,
            expected=f"{bounds[0]} to {bounds[1]} degrees",
            remedy="longitude and latitude may be swapped, or the decimal comma is lost",
        )
    return degrees


def _german_decimal(path: Path, row: int, field: str, text: str) -> float:
    if not re.fullmatch(r"-?\d+(,\d+)?", text):
        raise RawDataError(
            "neither a number with decimal comma nor an official sign",
            file=path,
            row=row,
            column=field,
            found=text,
            expected="digits with a decimal comma (9,43751), as the publisher writes them",
            remedy="a decimal point here comes from another program: load the file again",
        )
    return float(text.replace(",", "."))


def _empty_municipalities(municipalities: pd.DataFrame) -> tuple[str, ...]:
    """A warning for inhabited municipalities with no inhabitants: an error of the list.

    The edition of 30 June 2024 gives Fehrbellin (12068117) zero inhabitants; the list of half a
    year before has 9,094 for the same day. The value stays as published.
    """
    is_empty = municipalities["population"].eq(0) & ~municipalities["type_code"].eq(_UNINHABITED)
    names = municipalities.loc[is_empty, "ref_area"] + " " + municipalities["ref_area_name"]
    return tuple(
        f"0 Einwohner, obwohl nicht als unbewohnt gekennzeichnet: {name}" for name in names.dropna()
    )


def _notes(sheet: _Sheet) -> tuple[str, ...]:
    """The lines of text under the list."""
    last = max(
        index for index, row in enumerate(sheet.rows) if row and cell_text(row[0]) in _LEVELS
    )
    lines = (cell_text(row[0]) for row in sheet.rows[last + 1 :] if row)
    return tuple(line for line in lines if line)
