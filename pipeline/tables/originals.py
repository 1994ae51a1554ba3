"""From a publisher's own file to observations of the workspace, for all territories it holds.

Works on whole columns: a file of 780,000 observations has some thousand distinct keys and labels,
and only these are looked at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.errors import RawDataError
from pipeline.keys import area_key, is_below_municipality, normalise_regionaldatenbank_key
from pipeline.provenance import SourceRecord
from pipeline.sources.base import LongTable
from pipeline.sources.csvfile import ROW
from pipeline.tables.harmonise import KEY
from pipeline.tables.mappings import (
    SEX_DIMENSION,
    SEXES,
    TOTALS,
    UNITS,
    Filling,
    fold,
    is_age_dimension,
)
from pipeline.tables.measures import MEASURES
from pipeline.tables.records import population_day

#: Column that marks rows of a territory for which the file holds nothing but the sign for zero.
IS_EMPTY = "_is_empty"
#: What became of rows that fill no table.
OTHER_ROWS = "other measures, members or periods"
BERLIN_DISTRICTS = "districts of Berlin"
AGE_SELECTION = "a selection of ages"
SAME_GROUND = "a second key for the same territory"
OUT_OF_FORCE = "keys out of force, or nobody lives there"

_AGES = (
    (re.compile(r"unter (\d+) Jahre?"), lambda low, m: (low, int(m[1]) - 1)),
    (re.compile(r"(\d+) bis unter (\d+) Jahre?"), lambda _, m: (int(m[1]), int(m[2]) - 1)),
    (re.compile(r"(\d+) Jahre und (?:mehr|älter)"), lambda _, m: (int(m[1]), None)),
)  # fmt: skip
Ages = tuple[int | None, int | None]


@dataclass(frozen=True)
class Harmonised:
    """Rows of a publisher's file in the words of the workspace.

    Attributes
    ----------
    frame : all columns of the long tables but `source_id` and `census_basis`, `IS_EMPTY` beside
        them; text as categories.
    names : key → name of the territory, as the file writes it.
    left_out : why rows fill no table → how many.
    districts : keys of the districts of Berlin among them.
    """

    frame: pd.DataFrame
    names: Mapping[str, str]
    left_out: Mapping[str, int]
    districts: frozenset[str] = frozenset()


def harmonise(table: LongTable, filling: Filling, path: Path) -> Harmonised:
    """The rows of a publisher's file that fill our tables.

    Raises
    ------
    RawDataError : a label, unit or age that the mapping does not know, a value out of bounds, a
        key that is none, two different values for one key.
    """
    left_out: dict[str, int] = {}
    source = table.frame
    kept = _wanted(source, filling)
    is_district = _per_member(source["ref_area"], is_below_municipality)
    left_out[OTHER_ROWS] = int((~kept).sum())
    left_out[BERLIN_DISTRICTS] = int((kept & is_district).sum())
    rows = source.loc[kept & ~is_district]
    frame = pd.DataFrame(
        {
            "ref_area": _words(rows["ref_area"], lambda key: _key(key, path)),
            "time_period": _periods(rows, population_day(table)),
            **_measures(rows, filling, path),
            **_ages(rows, filling, path),
            "obs_value": rows["obs_value"].to_numpy(dtype="float64", na_value=np.nan),
            "obs_status": rows["obs_status"].astype("category"),
            "doctor_group": _constant("", rows),
            IS_EMPTY: _is_empty(rows),
        },
        index=rows.index,
    )
    frame = _without_age_selection(frame, left_out)
    frame = _one_key_an_area(frame, path, left_out)
    _check_values(frame, path)
    names = {_key(key, path): name for key, name in _names(table).items()}
    districts = source.loc[is_district, "ref_area"].unique()
    return Harmonised(
        frame.reset_index(drop=True),
        names,
        {why: n for why, n in left_out.items() if n},
        frozenset(str(key)[:5] for key in districts),
    )


def with_source(frame: pd.DataFrame, record: SourceRecord, path: Path) -> pd.DataFrame:
    """`frame` with source, file and, for population figures, the census that they rest on."""
    is_population = _measure_tables(frame).eq("population")
    periods = frame.loc[is_population, "time_period"].unique()
    bases = {period: record.basis_at(period) for period in periods}
    unknown = [period for period, basis in bases.items() if basis is None]
    if unknown:
        raise RawDataError(
            "nothing says which census a population figure rests on",
            file=path,
            found=f"{record.id}, {unknown[0]}",
            expected="census_basis: {'2022': first day/last day} in the sidecar",
            remedy="read it in the publisher's notes; different bases are never joined",
        )
    basis = _words(frame["time_period"], lambda period: bases.get(period) or "")
    return frame.assign(
        census_basis=_blanked(basis, ~is_population),
        source_id=_constant(record.id, frame),
        file=_constant(str(path), frame),
        **{ROW: pd.array([pd.NA] * len(frame), dtype="Int64")},
    )


def in_force(frame: pd.DataFrame, inhabited: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """`frame` without territories whose only sign is zero and where nobody is known to live.

    The Regionaldatenbank lists every key it ever had and prints "-" where a key is not in force:
    the Kreis of Göttingen (03159) has "-" inhabitants in 2015, since it was founded in 2016. Taken
    as a number, it would say that nobody lived there. Such rows stay only where population figures
    of the same year say that the territory existed (a Kreis without a hospital, a small place
    without a birth).

    Parameters
    ----------
    frame : rows of originals, with `IS_EMPTY` and `source_id`.
    inhabited : `ref_area` and `time_period` of population figures above zero.

    Returns
    -------
    The rows that stay, without `IS_EMPTY`, and source_id → number of rows left out.
    """
    living = set(
        inhabited["ref_area"].astype("str") + " " + inhabited["time_period"].astype("str").str[:4]
    )
    doubtful = frame.loc[frame[IS_EMPTY]]
    place = doubtful["ref_area"].astype("str") + " " + doubtful["time_period"].astype("str").str[:4]
    dead = doubtful.index[~place.isin(living)]
    counts = frame.loc[dead, "source_id"].astype("str").value_counts()
    return frame.drop(index=dead).drop(columns=IS_EMPTY), counts


# --- columns --------------------------------------------------------------------------------


def _words(column: pd.Series, rename: Callable[[str], str]) -> pd.Series:
    """A text column, each distinct text renamed; the result is a category column."""
    given = column.astype("category").cat.remove_unused_categories()
    members = [rename(str(member)) for member in given.cat.categories]
    words = sorted(set(members))
    place = {word: number for number, word in enumerate(words)}
    codes = np.array([place[word] for word in members], dtype="int64")
    return pd.Series(
        pd.Categorical.from_codes(codes[given.cat.codes.to_numpy()], pd.Index(words)),
        index=column.index,
    )


def _per_member(column: pd.Series, test: Callable[[str], bool]) -> pd.Series:
    """A truth value a row, asked once for each distinct text."""
    given = column.astype("category")
    answers = np.array([test(str(member)) for member in given.cat.categories], dtype=bool)
    return pd.Series(answers[given.cat.codes.to_numpy()], index=column.index)


def _constant(word: str, frame: pd.DataFrame) -> pd.Series:
    one = pd.Categorical.from_codes(np.zeros(len(frame), dtype="int8"), pd.Index([word]))
    return pd.Series(one, index=frame.index)


def _blanked(words: pd.Series, blank: pd.Series) -> pd.Series:
    if "" not in words.cat.categories:
        words = words.cat.add_categories([""])
    return words.mask(blank, "")


def _measure_tables(frame: pd.DataFrame) -> pd.Series:
    return _words(frame["measure"], lambda name: MEASURES[name].table)


# --- selection ------------------------------------------------------------------------------


def _wanted(source: pd.DataFrame, filling: Filling) -> pd.Series:
    """Rows whose label, members and period are taken."""
    kept = _per_member(source["measure"], lambda label: fold(label) in filling.measures)
    for dimension, member in filling.members.items():
        if dimension in source:
            wanted = TOTALS if member in TOTALS else {member}
            kept &= _per_member(source[dimension], lambda label, w=wanted: label in w)  # type: ignore[misc]
    if filling.split is not None:
        dimension, measures = filling.split
        kept &= _per_member(
            source[dimension], lambda label: label in TOTALS or fold(label) in measures
        )
    if filling.is_latest_only:
        kept &= source["time_period"].eq(source["time_period"].astype("str").max())
    return kept


def _key(key: str, path: Path) -> str:
    return area_key(normalise_regionaldatenbank_key(key, file=path, column="ref_area"))


def _names(table: LongTable) -> dict[str, str]:
    if table.areas:
        return dict(table.areas)
    if "ref_area_name" not in table.frame:
        return {}
    named = table.frame.drop_duplicates("ref_area")
    return dict(
        zip(named["ref_area"].astype("str"), named["ref_area_name"].astype("str"), strict=True)
    )


def _periods(rows: pd.DataFrame, population: str | None) -> pd.Series:
    return _words(rows["time_period"], lambda period: population or period)


def _measures(rows: pd.DataFrame, filling: Filling, path: Path) -> dict[str, pd.Series]:
    """Columns `measure`, `unit_measure` and `sex`."""
    label = rows["measure"]
    measure = _words(label, lambda text: filling.measures[fold(text)][0])
    if filling.split is not None:
        dimension, measures = filling.split
        parts = _words(rows[dimension], lambda text: measures.get(fold(text), ""))
        words = pd.Index(measure.cat.categories).union(parts.cat.categories)
        is_whole = parts.eq("")
        measure = measure.cat.set_categories(words).where(is_whole, parts.cat.set_categories(words))
        measure = measure.cat.remove_unused_categories()
    _check_units(rows, measure, filling, path)
    if SEX_DIMENSION in rows and SEX_DIMENSION not in filling.members:
        sex = _words(rows[SEX_DIMENSION], lambda text: _sex(text, path))
    else:
        sex = _words(label, lambda text: filling.measures[fold(text)][1] or "total")
    return {
        "measure": measure,
        "unit_measure": _words(measure, lambda name: MEASURES[name].unit),
        "sex": sex,
    }


def _sex(label: str, path: Path) -> str:
    sex = SEXES.get(label.casefold())
    if sex is None:
        raise RawDataError(
            "an unknown sex",
            file=path,
            column=SEX_DIMENSION,
            found=label,
            expected=", ".join(word for word in SEXES if word),
            remedy="add the word in pipeline/tables/mappings.py",
        )
    return sex


def _check_units(rows: pd.DataFrame, measure: pd.Series, filling: Filling, path: Path) -> None:
    pairs = pd.DataFrame({"measure": measure, "unit": rows["unit_measure"]}).drop_duplicates()
    known = {**UNITS, **filling.units}
    for name, unit in pairs.itertuples(index=False):
        if MEASURES[name].unit not in known.get(unit, frozenset()):
            raise RawDataError(
                "the publisher's unit is another than that of the measure",
                file=path,
                column="unit_measure",
                found=f"{name} in {unit}",
                expected=MEASURES[name].unit,
                remedy="add the unit in pipeline/tables/mappings.py if it means the same; a value "
                "in thousands does not",
            )


def _ages(rows: pd.DataFrame, filling: Filling, path: Path) -> dict[str, pd.Series]:
    """Columns `age_from` and `age_to` (Int16), from the one dimension of ages."""
    dimensions = [name for name in rows.columns if is_age_dimension(str(name))]
    if not dimensions:
        nothing = pd.Series(
            pd.array([pd.NA], dtype="Int16")[np.zeros(len(rows), "int8")], rows.index
        )
        return {"age_from": nothing, "age_to": nothing.copy()}
    given = rows[dimensions[0]].astype("category")
    groups = [parse_ages(str(label), filling.youngest, path) for label in given.cat.categories]
    codes = given.cat.codes.to_numpy()
    return {
        name: pd.Series(
            pd.array([group[end] for group in groups], dtype="Int16")[codes], rows.index
        )
        for end, name in enumerate(("age_from", "age_to"))
    }


def parse_ages(label: str, youngest: int | None, path: Path | None = None) -> Ages:
    """Youngest and oldest age in completed years: "18 bis unter 25 Jahre" → (18, 24).

    `youngest` is the lower bound of "unter 18 Jahre"; (None, None) is all ages.
    """
    if label in TOTALS:
        return (None, None)
    for form, bounds in _AGES:
        found = form.fullmatch(label)
        if found:
            ages: Ages = bounds(youngest, found)
            return ages
    raise RawDataError(
        "an unknown group of ages",
        file=path,
        found=label,
        expected="unter 18 Jahre, 18 bis unter 25 Jahre, 75 Jahre und mehr, Insgesamt",
        remedy="add the form in pipeline/tables/originals.py",
    )


# --- territories ----------------------------------------------------------------------------


def _is_empty(rows: pd.DataFrame) -> np.ndarray:
    """Whether the file holds nothing but the sign for zero for a row's key and period."""
    key = rows["ref_area"].astype("category").cat.codes.to_numpy().astype("int64")
    period = rows["time_period"].astype("category").cat
    group = key * len(period.categories) + period.codes.to_numpy()
    is_value = rows["obs_status"].ne("nil").to_numpy()
    has_value = np.bincount(group, weights=is_value, minlength=group.max() + 1 if len(group) else 0)
    return np.asarray(has_value[group] == 0)


def _without_age_selection(frame: pd.DataFrame, left_out: dict[str, int]) -> pd.DataFrame:
    """Only the totals, where the groups of ages do not make up all ages.

    Groups from 6 to under 20 alone are no age structure, but would be taken for the newest one.
    """
    groups = frame[["age_from", "age_to"]].drop_duplicates().dropna(how="all")
    start: int | None = 0
    for low, high in groups.sort_values("age_from", na_position="first").itertuples(index=False):
        if start is None or (not pd.isna(low) and low != start):
            break
        start = None if pd.isna(high) else int(high) + 1
    else:
        if groups.empty or start is None:
            return frame
    is_total = frame["age_from"].isna() & frame["age_to"].isna()
    left_out[AGE_SELECTION] = int((~is_total).sum())
    return frame.loc[is_total]


def _one_key_an_area(frame: pd.DataFrame, path: Path, left_out: dict[str, int]) -> pd.DataFrame:
    """One row a key, where several keys of the file mean one territory.

    A municipality that changed its Verbandsgemeinde has two keys of ten digits, of which one is
    out of force; Hamburg stands as Land, as Regierungsbezirk and as Kreis.
    """
    key = [name for name in KEY if name in frame]
    doubled = frame.loc[frame.duplicated(key, keep=False)]
    if doubled.empty:
        return frame
    ordered = doubled.sort_values(IS_EMPTY, kind="stable")
    first = ~ordered.duplicated(key)
    rest = ordered.loc[~first]
    contents = rest.merge(ordered.loc[first], on=key, suffixes=("", "_first"), how="left")
    differs = ~contents[IS_EMPTY] & (
        contents["obs_value"].ne(contents["obs_value_first"])
        & ~(contents["obs_value"].isna() & contents["obs_value_first"].isna())
    )
    if differs.any():
        wrong = contents.loc[differs].iloc[0]
        raise RawDataError(
            "two keys of the file mean one territory, with different values",
            file=path,
            column="ref_area",
            found=f"{wrong['ref_area']}, {wrong['time_period']}, {wrong['measure']}: "
            f"{wrong['obs_value_first']:g} and {wrong['obs_value']:g}",
            expected="one value",
            remedy="compare the rows with the publisher's table",
        )
    left_out[SAME_GROUND] = len(rest)
    return frame.drop(index=rest.index)


def _check_values(frame: pd.DataFrame, path: Path) -> None:
    low = {name: measure.minimum for name, measure in MEASURES.items()}
    high = {name: measure.maximum for name, measure in MEASURES.items()}
    for name, values in frame.groupby("measure", observed=True)["obs_value"]:
        bounds = low[str(name)], high[str(name)]
        wrong = values[
            values.lt(-np.inf if bounds[0] is None else bounds[0])
            | values.gt(np.inf if bounds[1] is None else bounds[1])
        ]
        if len(wrong):
            row = frame.loc[wrong.index[0]]
            raise RawDataError(
                "a value outside the bounds of its measure",
                file=path,
                column="obs_value",
                found=f"{row['ref_area']}, {row['time_period']}, {name}: {row['obs_value']:g}",
                expected="a count is not negative, a share lies between 0 and 100",
                remedy="compare it with the publisher's table",
            )
