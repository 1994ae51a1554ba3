"""data/raw → data/processed: read every file, harmonise, check, write all tables or none.

The steps look alike: load inputs, process, save outputs. Whatever is wrong in a raw file stops
the run with file and row, and the processed tables stay as they were.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from pipeline import regions
from pipeline.errors import RawDataError
from pipeline.keys import COUNTRY, area_key, kreis_of, level_of_key
from pipeline.provenance import Sidecar, check_hash, raw_files, read_sidecar
from pipeline.settings import Paths
from pipeline.sources.base import LongTable
from pipeline.sources.csvfile import ROW
from pipeline.sources.embedded import EmbeddedFormat
from pipeline.sources.registry import recognise
from pipeline.tables import wide
from pipeline.tables.dictionary import write_dictionary
from pipeline.tables.harmonise import KEY, observations
from pipeline.tables.measures import MEASURES
from pipeline.tables.registry import TABLES, Table
from pipeline.tables.schemas import typed, validate
from pipeline.tables.storage import replaced_folder, write
from pipeline.tables.sums import check_sums

Progress = Callable[[str], None]


@dataclass
class FileReport:
    """What became of one raw file."""

    file: str
    format: str
    read: int
    kept: int = 0
    flagged: int = 0
    merged: int = 0
    rejected: int = 0
    reason: str = ""


@dataclass
class IngestReport:
    """What `ingest` did: one line a file, one a table, and the sums that do not add up."""

    files: list[FileReport] = field(default_factory=list)
    tables: dict[str, int] = field(default_factory=dict)
    sums_compared: int = 0
    sums_broken: pd.DataFrame = field(default_factory=pd.DataFrame)
    conflicts: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass
class _Loaded:
    """Everything that was read: long observations, wide rows a table, sidecars."""

    long: pd.DataFrame
    wide: dict[str, list[pd.DataFrame]]
    sidecars: dict[str, Sidecar]
    files: dict[str, FileReport]


def ingest(paths: Paths, progress: Progress = lambda step: None) -> IngestReport:
    """Fill `paths.processed` from `paths.raw`.

    Parameters
    ----------
    paths : folders.
    progress : called with the name of each step and file.

    Raises
    ------
    WorkspaceError : with file, row, what was expected and what to do; `paths.processed` keeps its
        last good state.
    """
    # --- load inputs ---------------------------------------------------------------------
    loaded = _load(paths.raw, progress)
    # --- process -------------------------------------------------------------------------
    progress("checking sums")
    municipalities = _one(loaded.wide["municipalities"])
    members = pd.DataFrame(
        {
            "ref_area": municipalities["ags"].map(area_key),
            "kreis": municipalities["ags"].map(kreis_of),
        }
    )
    compared, broken = check_sums(loaded.long, members)
    progress("merging sources")
    merged, conflicts = merge_sources(loaded.long, _precedence(loaded.sidecars))
    frames = _typed_tables(loaded, merged, municipalities)
    # --- save outputs --------------------------------------------------------------------
    with replaced_folder(paths.processed) as folder:
        for name, frame in frames.items():
            progress(f"writing {name}")
            write(frame, name, folder)
        broken.to_csv(folder / "sum_checks.csv", index=False)
        conflicts.to_csv(folder / "conflicts.csv", index=False)
        write_dictionary(folder, {name: len(frame) for name, frame in frames.items()})
    _count(loaded.files, merged)
    return IngestReport(
        files=list(loaded.files.values()),
        tables={name: len(frame) for name, frame in frames.items()},
        sums_compared=compared,
        sums_broken=broken,
        conflicts=conflicts,
    )


def _load(raw: Path, progress: Progress) -> _Loaded:
    loaded = _Loaded(pd.DataFrame(), {name: [] for name in TABLES}, {}, {})
    long: list[pd.DataFrame] = []
    for path in raw_files(raw):
        name = path.relative_to(raw).as_posix()
        progress(f"reading {name}")
        sidecar = read_sidecar(path)
        check_hash(path, sidecar)
        reader = recognise(path)
        loaded.sidecars[name] = sidecar
        if isinstance(reader, EmbeddedFormat):
            loaded.files[str(path)] = _load_wide(reader, path, name, sidecar, loaded.wide)
        else:
            table = reader.read(path)
            _check_measured(table, path)
            long.append(observations(table, sidecar, path))
            loaded.files[str(path)] = FileReport(name, table.format, len(table.frame))
    if not long or not loaded.wide["municipalities"]:
        raise RawDataError(
            "neither figures nor a list of municipalities",
            file=raw,
            expected="files of published figures and a file with the columns ags, ars, name …",
            remedy="name the right folder with --raw, or restore data/raw from git",
        )
    loaded.long = pd.concat(long, ignore_index=True)
    return loaded


def _load_wide(
    reader: EmbeddedFormat,
    path: Path,
    name: str,
    sidecar: Sidecar,
    into: dict[str, list[pd.DataFrame]],
) -> FileReport:
    rows = len(reader.read_rows(path))
    frame = wide.make(reader, path, sidecar)
    if frame is None:
        return FileReport(
            name, reader.FORMAT, rows, rejected=rows, reason="reference for tests, fills no table"
        )
    target = wide.MAKERS[reader.FORMAT]
    assert target is not None  # make() returned rows
    into[target[0]].append(frame)
    return FileReport(name, reader.FORMAT, rows, kept=rows)


def _check_measured(table: LongTable, path: Path) -> None:
    if "source_table" not in table.frame:
        raise RawDataError(
            "the format is recognised, but no table is filled from it yet",
            file=path,
            found=table.format,
            expected="a file of published figures",
            remedy="move the file out of data/raw; `versorgungslabor inspect` shows its content",
        )


def _precedence(sidecars: dict[str, Sidecar]) -> dict[str, int]:
    """source_id → rank: the source with the newer figures first, then by name."""
    records = [record for sidecar in sidecars.values() for record in sidecar.sources]
    by_name = sorted(records, key=lambda record: record.id)
    newest_first = sorted(
        by_name, key=lambda record: record.period.rpartition("/")[2], reverse=True
    )
    return {record.id: rank for rank, record in enumerate(newest_first)}


def merge_sources(frame: pd.DataFrame, rank: dict[str, int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row a key: the source of the lowest rank wins, and what differs is listed.

    Parameters
    ----------
    frame : harmonised observations of all files.
    rank : source_id → precedence.

    Returns
    -------
    The rows that the tables keep, and the conflicts: every row of a key with two different values
    or signs, with `is_used`.
    """
    ordered = frame.assign(_rank=frame["source_id"].map(rank)).sort_values("_rank", kind="stable")
    used = ~ordered.duplicated(KEY)
    groups = ordered.groupby(KEY, dropna=False, sort=False).ngroup()
    contents = ordered[["obs_value", "obs_status"]].groupby(groups, sort=False)
    differs = contents.transform("nunique", dropna=False).gt(1).any(axis=1)
    conflicts = (
        ordered.loc[differs]
        .assign(is_used=used.loc[differs])
        .loc[:, [*KEY, "obs_value", "obs_status", "source_id", "is_used", "file", ROW]]
        .sort_values([*KEY, "is_used"], ignore_index=True)
    )
    return ordered.loc[used].sort_index().drop(columns="_rank"), conflicts


def _typed_tables(
    loaded: _Loaded, observed: pd.DataFrame, municipalities: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    by_table = observed["measure"].map(lambda name: MEASURES[name].table)
    frames: dict[str, pd.DataFrame] = {}
    for name, table in TABLES.items():
        if name == "areas":
            rows = _areas(loaded.long, municipalities)
        elif name == "sources":
            rows = _sources(loaded.sidecars)
        elif table.is_observations:
            rows = observed.loc[by_table.eq(name)]
        elif loaded.wide[name]:
            rows = _one(loaded.wide[name])
        else:
            rows = pd.DataFrame(columns=[*table.fields, "file", ROW])
        frames[name] = _checked(rows, table)
    return frames


def _checked(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    rows = rows.reset_index(drop=True)
    origin = rows[["file", ROW]] if {"file", ROW} <= set(rows.columns) else None
    return validate(typed(rows, table), table, origin)


def _one(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True)


def _areas(long: pd.DataFrame, municipalities: pd.DataFrame) -> pd.DataFrame:
    """Every territory that a figure names, with one name, its level and the next larger one."""
    listed = pd.DataFrame(
        {"ref_area": municipalities["ags"].map(area_key), "ref_area_name": municipalities["name"]}
    )
    named = long.loc[long["ref_area_name"].ne(""), ["ref_area", "ref_area_name"]]
    laender = pd.DataFrame(regions.LAND_NAMES.items(), columns=listed.columns)
    # the first name wins: the official list, then the files in their order
    names = pd.concat([listed, named, laender], ignore_index=True).drop_duplicates("ref_area")
    return names.assign(
        level=names["ref_area"].map(level_of_key), parent=names["ref_area"].map(_parent)
    )


def _parent(key: str) -> str:
    match level_of_key(key):
        case "municipality" | "association":
            return kreis_of(key)
        case "kreis" | "regierungsbezirk" | "bw_region":
            return key[:2]
        case "country":
            return ""
        case _:
            return COUNTRY


def _sources(sidecars: dict[str, Sidecar]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source_id": record.id,
            "producer": record.producer,
            "title": record.title,
            "source_table": record.table or "",
            "period": record.period,
            "territorial_status": record.territorial_status,
            "licence": record.licence,
            "attribution": record.attribution,
            "source_url": record.address or "",
            "note": record.note or "",
            "file": name,
            "sha256": sidecar.sha256,
        }
        for name, sidecar in sidecars.items()
        for record in sidecar.sources
    )


def _count(files: dict[str, FileReport], merged: pd.DataFrame) -> None:
    """Fill in what the tables kept of each file of figures."""
    kept = merged.groupby("file").size()
    flagged = merged.loc[merged["obs_status"].ne("")].groupby("file").size()
    for name, report in files.items():
        if name in kept.index:
            report.kept = int(kept[name])
            report.flagged = int(flagged.get(name, 0))
            report.merged = report.read - report.kept
            if report.merged:
                report.reason = "same value in another file"
