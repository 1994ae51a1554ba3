"""Gemeindeverzeichnis GV100AD: every German territory in records of 220 characters.

Layout: Statistisches Bundesamt, Gemeindeverzeichnis-Informationssystem, Datensatzbeschreibung
GV100AD (fields EF1 to EF16). Positions count characters, not bytes: the file comes in UTF-8 or in
ISO-8859-1, and an umlaut must not shift what follows it.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pandas as pd

from pipeline.errors import RawDataError
from pipeline.keys import LAENDER
from pipeline.sources.base import Head, LongTable
from pipeline.sources.csvfile import ROW
from pipeline.sources.limits import MAX_TEXT_BYTES, check_size
from pipeline.sources.rowcheck import refuse_rows

FORMAT = "gv100ad"
LOOKS_LIKE = (
    "records of 220 characters that begin with a record type (10 to 60), a date and a key "
    "(Gemeindeverzeichnis GV100AD)"
)

RECORD_LENGTH = 220
HECTARES_PER_KM2 = 100
#: Record type → word for it and length of the key in front of the Gemeindeverband.
RECORD_TYPES: dict[str, tuple[str, int]] = {
    "10": ("land", 2),
    "20": ("regierungsbezirk", 3),
    "30": ("bw_region", 4),
    "40": ("kreis", 5),
    "50": ("association", 5),
    "60": ("municipality", 8),
}
_LEVELS = {code: level for code, (level, _) in RECORD_TYPES.items()}
_KEY_DIGITS = {code: digits for code, (_, digits) in RECORD_TYPES.items()}
#: Fields as half-open ranges of characters.
_FIELDS: dict[str, tuple[int, int]] = {
    "record_type": (0, 2),
    "territorial_date": (2, 10),
    "key": (10, 18),
    "association": (18, 22),
    "name": (22, 72),
    "seat": (72, 122),
    "type_code": (122, 124),
    "area_ha": (128, 139),
    "population": (139, 150),
    "population_male": (150, 161),
    "postcode": (165, 170),
}
_MEASURES = (
    ("area_km2", "Fläche", "km²"),
    ("population", "Bevölkerung insgesamt", "Anzahl"),
    ("population_male", "Bevölkerung männlich", "Anzahl"),
)
_NOTES = (
    "Die Datei nennt den Gebietsstand, nicht den Stand der Bevölkerung: es ist der zuletzt "
    "veröffentlichte Jahresendstand.",
    "Fläche aus Hektar in km² umgerechnet.",
    "Unbewohnte gemeindefreie Gebiete (Textkennzeichen 66) sind eigene Sätze mit 0 Einwohnern.",
)
_FIRST_RECORD = re.compile(r"[1-6]0(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-6])")


def matches(head: Head) -> bool:
    """Whether the first line begins like a record; its length is left to `read` to judge."""
    first = head.lines[0] if head.lines else ""
    return _FIRST_RECORD.match(first) is not None and ";" not in first


def read(path: Path) -> LongTable:
    """Area and population of all municipalities; `read_units` has the other records."""
    units, encoding = _read_units(path)
    municipalities = units[units["level"].eq("municipality")]
    base = municipalities[["ref_area", "ref_area_name", "territorial_date"]]
    long = [
        base.assign(measure=label, unit_measure=unit, obs_value=municipalities[column])
        for column, label, unit in _MEASURES
    ]
    frame = (
        pd.concat(long, ignore_index=True)
        .rename(columns={"territorial_date": "time_period"})
        .assign(obs_status="")
    )
    laender = units["ref_area"].str[:2].nunique()
    return LongTable(
        format=FORMAT,
        table=None,
        title=f"Gemeindeverzeichnis GV100AD, Gebietsstand {units['territorial_date'].iloc[0]}",
        encoding=encoding,
        level="municipality",
        frame=frame,
        notes=(*_NOTES, f"{laender} von {len(LAENDER)} Ländern in der Datei"),
        path=path,
    )


def read_units(path: Path) -> pd.DataFrame:
    """All records, one row a territory.

    Returns
    -------
    `ref_area` (2, 3, 4, 5, 9 or 8 digits by level), `ref_area_name`, `level`, `ars` (12 digits for
    municipalities, else empty), `seat` (of the administration), `type_code` (Textkennzeichen:
    61 kreisfreie Stadt, 63 Stadt, 64 kreisangehörige Gemeinde, 66 gemeindefrei, unbewohnt …),
    `territorial_date` (ISO), `postcode` (of the administration), `area_km2`, `population`,
    `population_male` (NaN above the municipalities: the file leaves them blank), `ROW`.

    Raises
    ------
    RawDataError : a record of another length or type, digits where none stand, a key twice, a
        municipality without its Kreis.
    """
    return _read_units(path)[0]


def _read_units(path: Path) -> tuple[pd.DataFrame, str]:
    lines, encoding = _read_lines(path)
    _check_lines(path, lines)
    text = pd.Series(lines, dtype="str")
    cells = pd.DataFrame(
        {name: text.str.slice(*span).str.strip() for name, span in _FIELDS.items()}
    ).assign(**{ROW: range(1, len(lines) + 1)})
    _check_dates(path, cells)
    units = pd.DataFrame(
        {
            "ref_area": _keys(path, cells),
            "ref_area_name": cells["name"],
            "level": cells["record_type"].map(_LEVELS),
            "ars": _ars(cells),
            "seat": cells["seat"],
            "type_code": cells["type_code"],
            "territorial_date": cells["territorial_date"].str.replace(
                r"(\d{4})(\d\d)(\d\d)", r"\1-\2-\3", regex=True
            ),
            "postcode": cells["postcode"],
            "area_km2": _numbers(path, cells, "area_ha") / HECTARES_PER_KM2,
            "population": _numbers(path, cells, "population"),
            "population_male": _numbers(path, cells, "population_male"),
            ROW: cells[ROW],
        }
    )
    _check_units(path, units)
    return units, encoding


def _read_lines(path: Path) -> tuple[list[str], str]:
    check_size(path, MAX_TEXT_BYTES)
    raw = path.read_bytes()
    try:
        text, encoding = raw.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        text, encoding = raw.decode("latin-1"), "iso-8859-1"
    # not splitlines(): in ISO-8859-1 it would cut at bytes that are no line ends
    lines = [line.rstrip("\r") for line in text.rstrip("\x1a\r\n").split("\n")]
    return lines, encoding


def _check_lines(path: Path, lines: list[str]) -> None:
    for row, line in enumerate(lines, start=1):
        if line[:2] not in RECORD_TYPES:
            raise RawDataError(
                "an unknown record type",
                file=path,
                row=row,
                found=line[:22],
                expected="one of " + ", ".join(RECORD_TYPES),
                remedy="check that it is the publisher's GV100AD file and whole",
            )
        if len(line) != RECORD_LENGTH:
            raise RawDataError(
                "a record of another length: the file is cut off, or was saved by an editor that "
                "removed blanks or changed the encoding",
                file=path,
                row=row,
                found=f"{len(line)} characters",
                expected=f"{RECORD_LENGTH} characters",
                remedy="take the publisher's file out of its archive again",
            )


def _check_dates(path: Path, cells: pd.DataFrame) -> None:
    first = str(cells["territorial_date"].iloc[0])
    try:
        dt.datetime.strptime(first, "%Y%m%d")
        wrong = cells["territorial_date"].ne(first)
    except ValueError:
        wrong = cells["territorial_date"].eq(first)
    _refuse(
        path,
        cells,
        wrong,
        "territorial_date",
        "the date of the territorial status is no date, or not the same throughout",
        "one date (YYYYMMDD) for the whole file",
    )


def _keys(path: Path, cells: pd.DataFrame) -> pd.Series:
    keys = cells["key"].copy()
    associations = cells["record_type"].eq("50")
    expected = cells["record_type"].map(_KEY_DIGITS)
    in_association = cells["record_type"].isin(["50", "60"])
    wrong = (
        ~keys.str.fullmatch(r"[0-9]+")
        | keys.str.len().ne(expected)
        | ~keys.str[:2].isin(sorted(LAENDER))
        | (in_association & ~cells["association"].str.fullmatch(r"[0-9]{4}"))
    )
    _refuse(
        path,
        cells,
        wrong,
        "key",
        "the key does not fit the record type",
        "as many digits as the level has, beginning with a Land from 01 to 16",
    )
    return keys.mask(associations, keys + cells["association"])


def _ars(cells: pd.DataFrame) -> pd.Series:
    ars = cells["key"].str[:5] + cells["association"] + cells["key"].str[5:]
    return ars.where(cells["record_type"].eq("60"), "")


def _numbers(path: Path, cells: pd.DataFrame, field: str) -> pd.Series:
    is_municipality = cells["record_type"].eq("60")
    width = _FIELDS[field][1] - _FIELDS[field][0]
    wrong = is_municipality & ~cells[field].str.fullmatch(rf"[0-9]{{{width}}}")
    _refuse(path, cells, wrong, field, "no number in a numeric field", f"{width} digits")
    return cells[field].where(is_municipality).astype("float64")


def _check_units(path: Path, units: pd.DataFrame) -> None:
    _refuse(
        path,
        units,
        units.duplicated(["level", "ref_area"]),
        "ref_area",
        "a territory stands twice",
        "each key once a record type",
    )
    municipalities = units["level"].eq("municipality")
    kreise = units.loc[units["level"].eq("kreis"), "ref_area"]
    # 07 000 999 (with Luxembourg) and 13 000 999 (coastal waters) belong to a Land, to no Kreis
    of_kreis = municipalities & ~units["ref_area"].str.endswith("000999")
    _refuse(
        path,
        units,
        of_kreis & ~units["ref_area"].str[:5].isin(kreise),
        "ref_area",
        "a municipality without the record of its Kreis: the file is incomplete",
        "a record of type 40 for every Kreis",
    )
    _refuse(
        path,
        units,
        units["population_male"].gt(units["population"]),
        "population_male",
        "more men than inhabitants: the fields are shifted",
        "at most the total population",
    )
    if not municipalities.any():
        raise RawDataError(
            "records of higher levels, but no municipality",
            file=path,
            expected="records of type 60",
            remedy="the file is cut off: download it again",
        )


def _refuse(
    path: Path, frame: pd.DataFrame, wrong: pd.Series, column: str, message: str, expected: str
) -> None:
    remedy = "take the publisher's file out of its archive again"
    refuse_rows(path, frame, wrong, column, message, expected=expected, remedy=remedy)
