"""German Index of Socioeconomic Deprivation (GISD) of the Robert Koch-Institut.

RKI, "German Index of Socioeconomic Deprivation (GISD)", CSV files by territorial level, CC BY 4.0.
The score is scaled to 0 … 1 *within the territories of one file and one year*: 0 is the least, 1
the most deprived of them. The federal file scales over Germany; a file of a Land scales over that
Land, and its scores must never stand beside federal ones. So the scale is a dimension here.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.errors import RawDataError
from pipeline.keys import LAENDER, normalise_key
from pipeline.sources.base import Head, LongTable
from pipeline.sources.csvfile import ROW, read_csv
from pipeline.sources.limits import MAX_TEXT_BYTES, check_size
from pipeline.sources.rowcheck import refuse_rows

FORMAT = "gisd"
LOOKS_LIKE = "a CSV file whose header is '<level>_id,<level>_name,year,gisd_score…' (RKI GISD)"

#: The tables do not name it; the RKI publishes them with this licence beside them (file LIZENZ).
LICENCE = "CC-BY-4.0"
FEDERAL = "federal"
#: A single Land whose scores do not span 0 … 1: an excerpt, and its scale cannot be told.
UNKNOWN_SCALE = "unknown"

#: Word in front of `_id` → (level, digits of the key).
_LEVELS: dict[str, tuple[str, int]] = {
    "land": ("land", 2),
    "bundesland": ("land", 2),
    "kreis": ("kreis", 5),
    "gvb": ("association", 9),
    "gemeindeverband": ("association", 9),
    "gem": ("municipality", 8),
    "gemeinde": ("municipality", 8),
}
_HEADER = re.compile(r"(" + "|".join(_LEVELS) + r")_id,\1_name,year,gisd_score(,gisd_\w+)*")
#: Column → (measure, unit, largest class).
_CLASSES = {
    "gisd_5": ("GISD Quintil", "Klasse 1 bis 5", 5),
    "gisd_10": ("GISD Dezil", "Klasse 1 bis 10", 10),
    "gisd_k": ("GISD Gruppe", "Klasse 1 bis 3", 3),
}
_SCORE = ("GISD Score", "0 bis 1")


def matches(head: Head) -> bool:
    """Whether the header is that of a GISD file."""
    return bool(head.lines) and bool(_HEADER.fullmatch(head.lines[0].replace('"', "")))


def read(path: Path) -> LongTable:
    """Scores and classes of all territories and years; dimension `scale`.

    `scale` is `federal`, `land:05` (scaled within that Land) or `unknown`: see `scale_of`.

    Raises
    ------
    RawDataError : no header of the GISD, a key with lost zeros, a score outside 0 … 1, a class
        that does not exist, a territory twice in a year.
    """
    check_size(path, MAX_TEXT_BYTES)
    prefix = _prefix(path)
    level, digits = _LEVELS[prefix]
    required = [f"{prefix}_id", f"{prefix}_name", "year", "gisd_score"]
    cells = read_csv(path, required, tuple(_CLASSES)).rename(
        columns={f"{prefix}_id": "ref_area", f"{prefix}_name": "ref_area_name"}
    )
    _check_keys(path, cells, digits)
    no_year = ~cells["year"].str.fullmatch(r"(19|20)[0-9]{2}")
    _refuse(path, cells, no_year, "year", "no year", "four digits")
    score = _numbers(path, cells, "gisd_score", 0.0, 1.0)
    doubled = cells.duplicated(["ref_area", "year"])
    _refuse(path, cells, doubled, "ref_area", "a territory stands twice in a year", "once a year")

    scale = scale_of(cells["ref_area"], cells["year"], score)
    base = cells[["ref_area", "ref_area_name"]].assign(time_period=cells["year"], scale=scale)
    parts = [base.assign(measure=_SCORE[0], unit_measure=_SCORE[1], obs_value=score)]
    for column, (measure, unit, largest) in _CLASSES.items():
        if column in cells:
            classes = _numbers(path, cells, column, 1, largest, whole=True)
            parts.append(base.assign(measure=measure, unit_measure=unit, obs_value=classes))
    return LongTable(
        format=FORMAT,
        table=None,
        title=f"GISD, {level}, Skala {scale}",
        encoding="utf-8",
        level=level,
        frame=pd.concat(parts, ignore_index=True).assign(obs_status=""),
        dimensions=("scale",),
        notes=(_scale_note(scale),),
        licence=LICENCE,
        path=path,
    )


def scale_of(keys: pd.Series, years: pd.Series, score: pd.Series) -> str:
    """Over which territories the scores are scaled.

    Several Länder in one file mean the federal scale. A single Land whose scores reach both 0 and
    1 in every year is scaled within itself (`land:05`). A single Land that does not is an excerpt
    of something else: `unknown`.
    """
    laender = sorted(set(keys.str[:2]))
    if len(laender) > 1:
        return FEDERAL
    span = score.groupby(years).agg(["min", "max"])
    is_whole = bool(span["min"].eq(0.0).all() and span["max"].eq(1.0).all())
    return f"land:{laender[0]}" if is_whole else UNKNOWN_SCALE


def _scale_note(scale: str) -> str:
    if scale == FEDERAL:
        return "Skala: 0 bis 1 über alle Gebiete Deutschlands, je Jahr; kein zeitlicher Vergleich."
    if scale == UNKNOWN_SCALE:
        return (
            "Skala nicht erkennbar (Auszug eines Landes): die Werte sind mit keiner anderen Datei "
            "vergleichbar."
        )
    return (
        f"Skala: 0 bis 1 nur innerhalb des Landes {scale.removeprefix('land:')}, je Jahr; mit der "
        "Bundesskala und mit anderen Ländern nicht vergleichbar."
    )


def _prefix(path: Path) -> str:
    with path.open("rb") as stream:
        first = stream.readline(1_000).decode("latin-1").removeprefix("ï»¿").strip()
    found = _HEADER.fullmatch(first.replace('"', ""))
    if not found:
        raise RawDataError(
            "this is not the header of a GISD file",
            file=path,
            row=1,
            found=first,
            expected="kreis_id,kreis_name,year,gisd_score and, in federal files, "
            "gisd_5,gisd_10,gisd_k",
            remedy="download the file again; lines before the header must go",
        )
    return found[1]


def _check_keys(path: Path, cells: pd.DataFrame, digits: int) -> None:
    distinct = cells.drop_duplicates("ref_area")
    for key, row in zip(distinct["ref_area"], distinct[ROW], strict=True):
        normalise_key(key, file=path, row=int(row), column="ref_area")
    expected = f"{digits} digits, beginning with one of the {len(LAENDER)} Länder"
    wrong = cells["ref_area"].str.len().ne(digits)
    _refuse(path, cells, wrong, "ref_area", "a key of another level, or a lost zero", expected)


def _numbers(
    path: Path, cells: pd.DataFrame, column: str, low: float, high: float, *, whole: bool = False
) -> pd.Series:
    # the pattern keeps out what pandas would also take for a number (1e5, inf, hex, blanks)
    plain = cells[column].str.fullmatch(r"[0-9]+" if whole else r"[0-9]+(\.[0-9]+)?")
    numbers = pd.to_numeric(cells[column].where(plain), errors="coerce").astype(np.float64)
    wrong = ~numbers.between(low, high)
    kind = "a whole number" if whole else "a number with decimal point"
    _refuse(path, cells, wrong, column, "no value of the index", f"{kind} from {low} to {high}")
    return numbers


def _refuse(
    path: Path, cells: pd.DataFrame, wrong: pd.Series, column: str, message: str, expected: str
) -> None:
    remedy = "compare the row with the file of the Robert Koch-Institut"
    refuse_rows(path, cells, wrong, column, message, expected=expected, remedy=remedy)
