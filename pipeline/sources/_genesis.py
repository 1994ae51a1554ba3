"""What the formats of the GENESIS family share: periods, regions, categories, licences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from pipeline.errors import RawDataError
from pipeline.keys import COUNTRY, LEVEL_OF_LENGTH, LEVELS
from pipeline.sources._cells import NO_OBSERVATION, STATUSES, Cells

_LAND = r"(?:0[1-9]|1[0-6])"
#: A key as the databases print it. Beside the official lengths (2 Land, 3 Regierungsbezirk,
#: 5 Kreis, 8 municipality, 9 Gemeindeverband, 12 ARS) the Regionaldatenbank has its own for the
#: members of associations: 7 and 10 digits in Rheinland-Pfalz (Kreis, Verbandsgemeinde 2,
#: municipality 3), 11 in Niedersachsen (Samtgemeinde 8, municipality 3).
_KEY = rf"DG|{_LAND}(?:\d|\d{{3}}|\d{{6,7}}|\d{{10}})?|08\d{{2}}|07\d{{5}}|07\d{{8}}|03\d{{9}}"
_REGION_KEY = re.compile(_KEY)
_REGION_KEYS = re.compile(rf"(?:(?:{_KEY})\n)+")
_LEVEL_OF_LENGTH = {**LEVEL_OF_LENGTH, 7: "association", 10: "municipality", 11: "municipality"}
_YEAR = r"(?:18|19|20|21)\d{2}"
_PLAIN_PERIOD = re.compile(rf"{_YEAR}|{_YEAR}-\d{{2}}(-\d{{2}})?|{_YEAR}/(\d{{2}}|{_YEAR})")
_GERMAN_DAY = re.compile(rf"(?P<day>\d{{2}})\.(?P<month>\d{{2}})\.(?P<year>{_YEAR})")
_MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
    "November", "Dezember",
)  # fmt: skip
_NAMED_MONTH = re.compile(rf"(?P<month>{'|'.join(_MONTHS)}) (?P<year>{_YEAR})")
_QUARTER = re.compile(rf"(?P<quarter>[1-4])\. ?(?:Quartal|Vierteljahr) (?P<year>{_YEAR})")
_TERM = re.compile(rf"(?:WS|SS|WiSe|SoSe) {_YEAR}(?:/\d{{2,4}})?")
#: Arrow cuts and converts so many bytes at a time.
_BLOCK_BYTES = 1 << 21
_LICENCES = {
    r"Datenlizenz Deutschland\s*[-–]?\s*Namensnennung": "DL-DE-BY-2.0",
    r"dl-de/by-2-0": "DL-DE-BY-2.0",
    r"CC[- ]BY[- ]4\.0|Namensnennung 4\.0 International": "CC-BY-4.0",
    r"mit Quellenangabe gestattet": "LicenseRef-Destatis-Quellenangabe",
}


def parse_period(text: str) -> str | None:
    """A point or span of time in its one form, or None for what is none.

    ``31.12.2015`` → ``2015-12-31``; ``2015`` stays; ``März 2015`` → ``2015-03``;
    ``2. Quartal 2015`` → ``2015-Q2``; ``2015/16`` and ``WS 2015/16`` stay.
    """
    text = text.strip()
    if _PLAIN_PERIOD.fullmatch(text):
        parts = text.split("-")
        return text if len(parts) < 2 or _is_day(parts) else None
    if day := _GERMAN_DAY.fullmatch(text):
        parts = [day["year"], day["month"], day["day"]]
        return "-".join(parts) if _is_day(parts) else None
    if month := _NAMED_MONTH.fullmatch(text):
        return f"{month['year']}-{_MONTHS.index(month['month']) + 1:02}"
    if quarter := _QUARTER.fullmatch(text):
        return f"{quarter['year']}-Q{quarter['quarter']}"
    return text if _TERM.fullmatch(text) else None


def _is_day(parts: Sequence[str]) -> bool:
    """Whether year, month and perhaps day name a date."""
    return 1 <= int(parts[1]) <= 12 and (len(parts) < 3 or 1 <= int(parts[2]) <= 31)


def is_region_column(codes: Sequence[str], path: Path, column: str) -> bool:
    """Whether a column's distinct texts are regional keys; a tenth may be keys of other kinds.

    Raises
    ------
    RawDataError : a spreadsheet has eaten the leading zeros of the keys.
    """
    if _REGION_KEYS.fullmatch("\n".join([*codes, ""])):  # by far the most frequent case
        return True
    if not codes or all(parse_period(code) for code in codes):
        return False
    others = [code for code in codes if not _REGION_KEY.fullmatch(code)]
    shortened = [code for code in others if _REGION_KEY.fullmatch("0" + code)]
    # single digits may be anything (persons in a household); keys of Kreise and below are longer
    has_long_keys = COUNTRY in codes or any(len(code) >= 4 for code in codes)
    if len(others) - len(shortened) > 0.1 * len(codes) or (shortened and not has_long_keys):
        return False
    if shortened:
        raise RawDataError(
            "a regional key has lost its leading zero",
            file=path,
            column=column,
            found=shortened[0],
            expected=f"0{shortened[0]}",
            remedy="download the file again and do not save it from a spreadsheet",
        )
    return True


def deepest_level(keys: Collection[str]) -> str | None:
    """The deepest territorial level that at least a tenth of the keys have; None without keys.

    Tables mix Germany, Länder and Regierungsbezirke with the level they are about, and Kreis
    tables hold a few cities (Hannover, Aachen, Saarbrücken) and the districts of Berlin with
    eight digits: neither is the level of the table.
    """
    counts: Counter[str] = Counter()
    for length, count in Counter(map(len, keys)).items():
        counts[_LEVEL_OF_LENGTH.get(length, "")] += count
    if COUNTRY in keys:
        counts["land"] -= 1
        counts["country"] += 1
    frequent = [level for level, count in counts.items() if level and 0 < count >= 0.1 * len(keys)]
    return max(frequent, key=LEVELS.index) if frequent else None


def licence_in(text: str) -> str | None:
    """Id of the licence that a footer names, or None."""
    flat = " ".join(text.split())
    return next((id_ for pattern, id_ in _LICENCES.items() if re.search(pattern, flat)), None)


def categorical(codes: npt.NDArray[np.integer], labels: Sequence[str]) -> pd.Categorical:
    """Codes and labels as a categorical; labels that are equal become one category."""
    place = {label: index for index, label in enumerate(dict.fromkeys(labels))}
    small = np.min_scalar_type(-max(len(place), 1))
    if len(place) == len(labels):
        places = codes.astype(small)
    else:
        places = np.array([place[label] for label in labels], dtype=small)[codes]
    # the codes are right by construction; checking them would cost a pass over all rows
    return pd.Categorical.from_codes(places, dtype=_dtype_of(list(place)), validate=False)


def _dtype_of(labels: list[str]) -> pd.CategoricalDtype:
    """Type of a categorical of labels that are known to be distinct.

    The public constructor proves that they are, with a hash table that stays in memory and is,
    for the municipalities of Germany, as large as a column of the frame.
    """
    index = pd.Index(labels, dtype="str")
    dtype: pd.CategoricalDtype = pd.CategoricalDtype._from_fastpath(index, ordered=False)  # type: ignore[attr-defined]
    return dtype


def constant(label: str, rows: int) -> pd.Categorical:
    """One label for all rows."""
    return categorical(np.zeros(rows, dtype=np.int8), [label])


def build_frame(columns: dict[str, pd.Categorical], cells: Cells) -> pd.DataFrame:
    """The long frame: `columns`, then value and status; empty cells are no observations."""
    status = pd.Categorical.from_codes(
        np.where(cells.status == NO_OBSERVATION, np.int8(0), cells.status),
        dtype=pd.CategoricalDtype(pd.Index(STATUSES, dtype="str")),
        validate=False,
    )
    values = whole_numbers(cells.values)
    frame = pd.DataFrame({**columns, "obs_value": values, "obs_status": status}, copy=False)
    is_observed = cells.status != NO_OBSERVATION
    return frame if is_observed.all() else frame.loc[is_observed].reset_index(drop=True)


def whole_numbers(
    values: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64] | pd.arrays.IntegerArray:
    """Counts as what they are, `Int32`; anything else (a ratio, a huge sum) stays as it is.

    Most tables count heads. A third of the frame is saved, and sums of them are exact.
    """
    is_missing = np.isnan(values)
    with np.errstate(invalid="ignore"):
        whole = values.astype(np.int32)  # what does not fit differs from its float below
    if not ((whole == values) | is_missing).all():
        return values
    whole[is_missing] = 0
    return pd.arrays.IntegerArray(whole, is_missing)


def area_names(
    codes: npt.NDArray[np.integer],
    keys: Sequence[str],
    name_codes: npt.NDArray[np.integer],
    names: Sequence[str],
) -> dict[str, str]:
    """Name of each key, in the order of the file; the first name where a key has several."""
    first = np.zeros(len(keys), dtype=np.int64)
    first[codes[::-1]] = name_codes[::-1]  # written from the end, so that the first row stays
    return dict(zip(keys, np.array(names, dtype=object)[first].tolist(), strict=True))


def first_duplicate(columns: Sequence[npt.NDArray[np.integer]]) -> int | None:
    """Place of the first row whose codes all stood in an earlier row; None if there is none."""
    combined = np.zeros(len(columns[0]) if columns else 0, dtype=np.int64)
    largest = 1
    for codes in columns:
        size = int(codes.max(initial=0)) + 1
        if size == 1:
            continue
        if largest * size > np.iinfo(np.int64).max:
            combined = np.unique(combined, return_inverse=True)[1].astype(np.int64)
            largest = len(combined)
        combined = combined * size + codes
        largest *= size
    if len(pd.unique(combined)) == len(combined):
        return None
    _, first = np.unique(combined, return_index=True)
    return int(np.setdiff1d(np.arange(len(combined)), first)[0])


def read_block(block: memoryview, keys: int, values: int, path: Path, first_row: int) -> pa.Table:
    """A block of equally long rows as a table: `keys` dictionary columns, then text columns.

    Columns are named by their place ("0", "1" …).

    Raises
    ------
    RawDataError : a row with too few or too many cells (a cut-off file has one).
    """
    names = [str(column) for column in range(keys + values)]
    encoded, plain = pa.dictionary(pa.int32(), pa.string()), pa.string()
    types = {name: encoded if int(name) < keys else plain for name in names}
    wrong: list[pa_csv.InvalidRow] = []

    def keep(row: pa_csv.InvalidRow) -> str:
        wrong.append(row)
        return "error"

    def cut(use_threads: bool) -> pa.Table:
        return pa_csv.read_csv(
            pa.BufferReader(block),
            read_options=pa_csv.ReadOptions(
                column_names=names, use_threads=use_threads, block_size=_BLOCK_BYTES
            ),
            parse_options=pa_csv.ParseOptions(delimiter=";", invalid_row_handler=keep),
            convert_options=pa_csv.ConvertOptions(column_types=types, strings_can_be_null=False),
        )

    try:
        return cut(use_threads=True)
    except pa.ArrowInvalid:
        wrong.clear()
    try:
        return cut(use_threads=False)  # only one thread counts the rows for the error
    except pa.ArrowInvalid as error:
        raise _row_error(error, wrong, keys + values, path, first_row) from error


def _row_error(
    error: pa.ArrowInvalid,
    wrong: list[pa_csv.InvalidRow],
    columns: int,
    path: Path,
    first_row: int,
) -> RawDataError:
    if not wrong:
        return RawDataError(
            "the table cannot be taken apart into cells",
            file=path,
            found=str(error)[:200],
            expected="rows of cells parted by ';'",
            remedy="look for an unclosed quotation mark, or download the file again",
        )
    row = wrong[0]
    return RawDataError(
        "a row with the wrong number of cells",
        file=path,
        row=first_row + row.number - 1 if row.number else None,
        found=f"{row.actual_columns} cells: {row.text[:80]}",
        expected=f"{columns} cells parted by ';', as in the rows above",
        remedy="the file is cut off or was pasted into: download it again",
    )


def dictionary_of(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Codes and distinct texts (blanks around them stripped) of a dictionary column."""
    encoded = column.unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):  # no chunk at all: an empty column
        return np.zeros(0, np.int32), []
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    trimmed = pc.utf8_trim_whitespace(encoded.dictionary)
    # by way of numpy: ten times as fast as to_pylist
    return codes, trimmed.to_numpy(zero_copy_only=False).tolist()
