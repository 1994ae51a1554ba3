"""From a reader's long frame to rows of the processed tables: one key form, one unit a measure."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from pipeline.errors import SidecarError
from pipeline.keys import area_key, normalise_key
from pipeline.provenance import Sidecar, SourceRecord, sidecar_path
from pipeline.sources.base import LongTable
from pipeline.sources.csvfile import ROW
from pipeline.sources.rowcheck import refuse_rows
from pipeline.tables.fields import FIELDS
from pipeline.tables.measures import MEASURES

_TEXT_DEFAULTS = {"sex": "total", "doctor_group": ""}
#: What identifies an observation across all long tables.
KEY = [
    "ref_area", "time_period", "measure", "census_basis", "sex", "age_from", "age_to",
    "doctor_group",
]  # fmt: skip


def observations(source: LongTable, sidecar: Sidecar, path: Path) -> pd.DataFrame:
    """Harmonised observations of a raw file, ready to be split by measure into the tables.

    Returns
    -------
    One row an observation: all fields of the long tables, plus `ref_area_name`, `file` and the
    row number `ROW`.

    Raises
    ------
    RawDataError : a key that lost its zero, an unknown measure, unit or sex, a value out of
        bounds, a date in another form, two rows with one key.
    SidecarError : a publisher's table that the sidecar does not describe.
    """
    frame = source.frame.assign(file=str(path))
    for name, default in _TEXT_DEFAULTS.items():
        frame[name] = frame[name].replace("", default) if name in frame else default
    frame["ref_area"] = _keys(frame, path)
    _check_periods(frame, path)
    _check_measures(frame, path)
    for name in ("age_from", "age_to"):
        frame[name] = _ages(frame, name, path)
    records = _records(frame, sidecar, path)
    frame["source_id"] = frame["source_table"].map({t: r.id for t, r in records.items()})
    frame["census_basis"] = _census_basis(frame, records, path)
    _check_duplicates(frame, path)
    return frame.drop(columns="source_table")


def _keys(frame: pd.DataFrame, path: Path) -> pd.Series:
    first = frame.drop_duplicates("ref_area")
    forms = {
        key: area_key(normalise_key(key, file=path, row=int(row), column="region"))
        for key, row in zip(first["ref_area"], first[ROW], strict=True)
    }
    return frame["ref_area"].map(forms).astype("str")


def _check_periods(frame: pd.DataFrame, path: Path) -> None:
    pattern = FIELDS["time_period"].pattern or ""
    good = {text: bool(re.fullmatch(pattern, text)) for text in frame["time_period"].unique()}
    refuse_rows(
        path, frame, ~frame["time_period"].map(good).astype(bool), "time_period",
        "the period has another form",
        expected="a day 2024-12-31, a month 2023-08 or a year 2015",
        remedy="write dates as ISO 8601",
    )  # fmt: skip


def _check_measures(frame: pd.DataFrame, path: Path) -> None:
    refuse_rows(
        path, frame, ~frame["measure"].isin(list(MEASURES)), "measure", "an unknown measure",
        expected="a word of the registry, e.g. " + ", ".join(list(MEASURES)[:6]),
        remedy="correct the word, or add the measure in pipeline/tables/measures.py",
    )  # fmt: skip
    measures = frame["measure"].map(MEASURES)
    refuse_rows(
        path, frame, frame["unit_measure"].ne(measures.map(lambda m: m.unit)), "unit_measure",
        "the measure has another unit in the registry",
        expected="the unit in pipeline/tables/measures.py",
        remedy="convert the values to that unit, or correct the word",
    )  # fmt: skip
    low = measures.map(lambda m: m.minimum).astype("float64")
    high = measures.map(lambda m: m.maximum).astype("float64")
    refuse_rows(
        path, frame, frame["obs_value"].lt(low) | frame["obs_value"].gt(high), "obs_value",
        "a value outside the bounds of its measure",
        expected="a count is not negative, a share lies between 0 and 100",
        remedy="compare the row with the publisher's file",
    )  # fmt: skip
    refuse_rows(
        path, frame, ~frame["sex"].isin(list(FIELDS["sex"].allowed or ())), "sex",
        "an unknown sex",
        expected="total, male or female; empty means total",
        remedy="use the word of the vocabulary",
    )  # fmt: skip


def _ages(frame: pd.DataFrame, name: str, path: Path) -> pd.Series:
    if name not in frame:
        return pd.Series(pd.NA, index=frame.index, dtype="Int16")
    cells = frame[name]
    ages = pd.to_numeric(cells.where(cells.ne("")), errors="coerce")
    is_age = ages.between(0, 120) & ages.mod(1).eq(0)
    refuse_rows(
        path, frame, cells.ne("") & ~is_age, name, "not an age in completed years",
        expected="a whole number from 0 to 120, or empty",
        remedy="compare the row with the publisher's file",
    )  # fmt: skip
    return ages.astype("Int16")


def _records(frame: pd.DataFrame, sidecar: Sidecar, path: Path) -> dict[str, SourceRecord]:
    records = {}
    for table in frame["source_table"].unique():
        record = sidecar.source_of(table)
        if record is None:
            raise SidecarError(
                "the sidecar does not describe this table of the file",
                file=sidecar_path(path),
                found=table,
                expected=", ".join(str(source.table) for source in sidecar.sources),
                remedy="add the table under sources:, with producer, period and licence",
            )
        records[table] = record
    return records


def _census_basis(frame: pd.DataFrame, records: dict[str, SourceRecord], path: Path) -> pd.Series:
    is_population = frame["measure"].map(lambda name: MEASURES[name].table).eq("population")
    pairs = frame.loc[is_population, ["source_table", "time_period"]].drop_duplicates()
    bases = {}
    for table, period in pairs.itertuples(index=False):
        basis = records[table].basis_at(period)
        if basis is None:
            raise SidecarError(
                "the sidecar does not say which census a population figure rests on",
                file=sidecar_path(path),
                found=f"table {table}, {period}",
                expected="census_basis: {'2022': first day/last day}",
                remedy="read it in the publisher's notes; different bases are never joined",
            )
        bases[table, period] = basis
    keys = zip(frame["source_table"], frame["time_period"], strict=True)
    found = pd.Series([bases.get(key, "") for key in keys], index=frame.index, dtype="str")
    # a table may hold inhabitants and areas of one day; an area rests on no census
    return found.where(is_population, "")


def _check_duplicates(frame: pd.DataFrame, path: Path) -> None:
    key = [*KEY, "source_id"]
    doubled = frame.duplicated(key, keep="first")
    if not doubled.any():
        return
    groups = frame.groupby(key, dropna=False, sort=False).ngroup()
    group = groups[doubled].iloc[0]
    first = int(frame.loc[groups.eq(group), ROW].iloc[0])
    refuse_rows(
        path, frame, doubled, "ref_area", "a second row for the same key",
        expected=f"one row a key ({', '.join(KEY)}); the first stands in row {first}",
        remedy="delete the row that the publisher's file does not have",
    )  # fmt: skip
