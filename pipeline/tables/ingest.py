"""data/raw → data/processed: read every file, harmonise, check, write all tables or none.

The steps look alike: load inputs, process, save outputs. Whatever is wrong in a raw file stops
the run with file and row, and the processed tables stay as they were.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from pipeline import regions
from pipeline.keys import COUNTRY, area_key, kreis_of, level_of_key
from pipeline.settings import Paths
from pipeline.sources.csvfile import ROW
from pipeline.sources.territory import RegionAlarm, region_alarms
from pipeline.tables.borders import COLUMNS as CARRIED_COLUMNS
from pipeline.tables.borders import carried_counts, carried_record
from pipeline.tables.checksums import write_sums
from pipeline.tables.conflicts import (
    corrected_values,
    fact_conflicts,
    merge_sources,
    precedence,
    source_conflicts,
)
from pipeline.tables.corrections import Applied
from pipeline.tables.dictionary import write_dictionary
from pipeline.tables.loading import FileReport, Loaded, Progress, Source, load, stack
from pipeline.tables.measures import MEASURES
from pipeline.tables.registry import TABLES, Table
from pipeline.tables.schemas import typed, validate
from pipeline.tables.storage import write
from pipeline.tables.sums import check_sums
from pipeline.writing import replaced_folder

#: The districts of Berlin, which statistics list as if they were Kreise; left out on purpose.
EXCLUDED_AREAS = tuple(f"11{number:03}" for number in range(1, 13))


@dataclass
class IngestReport:
    """What `ingest` did: one line a file, one a table, and what a reader of the tables must know.

    `conflicts` has the columns of conflicts.csv, `carried` those of carried_counts.csv.
    """

    files: list[FileReport] = field(default_factory=list)
    tables: dict[str, int] = field(default_factory=dict)
    sums_compared: int = 0
    sums_broken: pd.DataFrame = field(default_factory=pd.DataFrame)
    conflicts: pd.DataFrame = field(default_factory=pd.DataFrame)
    corrections: list[Applied] = field(default_factory=list)
    carried: pd.DataFrame = field(default_factory=pd.DataFrame)
    alarms: tuple[RegionAlarm, ...] = ()


def ingest(
    paths: Paths, progress: Progress = lambda step: None, originals: Path | None = None
) -> IngestReport:
    """Fill `paths.processed` from `paths.raw` and, if given, from publishers' own files.

    Parameters
    ----------
    paths : folders.
    progress : called with the name of each step and file.
    originals : folder with publishers' own files; they need no sidecar. It is an argument of its
        own, not `paths.originals`, so that a setting for tests never changes the tables.

    Raises
    ------
    WorkspaceError : with file, row, what was expected and what to do; `paths.processed` keeps its
        last good state.
    """
    # --- load inputs ---------------------------------------------------------------------
    loaded = load(paths.raw, originals, progress)
    # --- process -------------------------------------------------------------------------
    progress("checking sums")
    compared, broken = check_sums(loaded.long, _members(loaded.municipalities))
    progress("merging sources")
    merged, conflicts = _merge(loaded)
    progress("carrying counts to today's borders")
    merged, carried = _carry(loaded, merged)
    alarms = _alarms(loaded, merged)
    progress("checking tables")
    frames = _typed_tables(loaded, merged)
    # --- save outputs --------------------------------------------------------------------
    with replaced_folder(paths.processed) as folder:
        for name, frame in frames.items():
            progress(f"writing {name}")
            write(frame, name, folder)
        broken.to_csv(folder / "sum_checks.csv", index=False)
        conflicts.to_csv(folder / "conflicts.csv", index=False)
        _alarm_list(alarms).to_csv(folder / "region_alarms.csv", index=False)
        if len(carried):
            carried.to_csv(folder / "carried_counts.csv", index=False)
        write_dictionary(folder, {name: len(frame) for name, frame in frames.items()})
        write_sums(folder, folder.iterdir())
    _count(loaded, merged)
    return IngestReport(
        files=list(loaded.files.values()),
        tables={name: len(frame) for name, frame in frames.items()},
        sums_compared=compared,
        sums_broken=broken,
        conflicts=conflicts,
        corrections=loaded.applied,
        carried=carried,
        alarms=alarms,
    )


def _members(municipalities: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ref_area": municipalities["ags"].map(area_key),
            "kreis": municipalities["ags"].map(kreis_of),
        }
    )


def _merge(loaded: Loaded) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row a key, and the list of conflicts."""
    records, originals = loaded.records, loaded.originals
    order = precedence(records.values(), originals)
    rank = {name: number for number, name in enumerate(order)}
    merged, differing = merge_sources(loaded.long, rank)
    lists = [
        source_conflicts(differing, records, originals),
        corrected_values(loaded.applied),
    ]
    if loaded.wide["published_facts"]:
        facts = pd.concat(loaded.wide["published_facts"], ignore_index=True)
        lists.append(fact_conflicts(facts, merged))
    found = [frame for frame in lists if len(frame)]
    conflicts = pd.concat(found, ignore_index=True) if found else lists[0]
    return merged, conflicts


def _carry(loaded: Loaded, merged: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`merged` with counts of former Kreise at today's borders, and the list of these counts."""
    if loaded.conversion.empty:
        return merged, pd.DataFrame(columns=list(CARRIED_COLUMNS))
    carried = carried_counts(merged, loaded.conversion)
    if carried.empty:
        return merged, carried
    to_date = str(loaded.conversion["to_date"].iloc[0])
    names = {}
    for former in carried["source_id"].unique():
        source = loaded.sources[former]
        record = carried_record(source.record, to_date)
        loaded.sources[record.id] = Source(record, source.file, source.sha256, source.is_original)
        names[former] = record.id
    carried = carried.assign(source_id=carried["source_id"].map(names))
    rows = carried.assign(file="", **{ROW: pd.array([pd.NA] * len(carried), dtype="Int64")})
    merged = stack([merged, rows[list(merged.columns)]])
    return merged, carried[list(CARRIED_COLUMNS)]


def _alarms(loaded: Loaded, merged: pd.DataFrame) -> tuple[RegionAlarm, ...]:
    """Municipalities of the data against the list of municipalities.

    Territories without any value above zero are none of the data's: nobody lives there.
    """
    listed = set(loaded.municipalities["ags"].map(area_key))
    keys = [str(key) for key in merged.loc[merged["obs_value"].gt(0), "ref_area"].unique()]
    in_data = {key for key in keys if level_of_key(key) == "municipality"}
    # a kreisfreie Stadt stands in the data under its Kreis key
    in_data |= listed & set(keys)
    excluded = EXCLUDED_AREAS if loaded.districts else ()
    return region_alarms(in_data | loaded.districts, listed, excluded)


def _alarm_list(alarms: tuple[RegionAlarm, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        [(alarm.kind, alarm.region, alarm.message) for alarm in alarms],
        columns=["kind", "region", "message"],
    )


def _typed_tables(loaded: Loaded, observed: pd.DataFrame) -> dict[str, pd.DataFrame]:
    frames: dict[str, pd.DataFrame] = {}
    for name, table in TABLES.items():
        if name == "areas":
            rows = _areas(loaded, observed)
        elif name == "sources":
            rows = _sources(loaded)
        elif name == "municipalities":
            rows = loaded.municipalities
        elif table.is_observations:
            measures = [measure.name for measure in MEASURES.values() if measure.table == name]
            rows = observed.loc[observed["measure"].isin(measures)]
        elif loaded.wide[name]:
            rows = pd.concat(loaded.wide[name], ignore_index=True)
        else:
            rows = pd.DataFrame(columns=[*table.fields, "file", ROW])
        frames[name] = _checked(rows, table)
    return frames


def _checked(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    rows = rows.reset_index(drop=True)
    origin = None
    if {"file", ROW} <= set(rows.columns):
        # rows of originals have no number; their own checks name file and territory
        origin = rows.loc[rows[ROW].notna(), ["file", ROW]]
    return validate(typed(rows, table), table, origin)


def _areas(loaded: Loaded, observed: pd.DataFrame) -> pd.DataFrame:
    """Every territory that a figure names, with one name, its level and the next larger one."""
    municipalities = loaded.municipalities
    listed = pd.DataFrame(
        {"ref_area": municipalities["ags"].map(area_key), "ref_area_name": municipalities["name"]}
    )
    is_named = loaded.names["ref_area_name"].ne("")
    is_used = loaded.names["ref_area"].isin(observed["ref_area"].unique().astype("str"))
    named = loaded.names.loc[is_named & is_used]
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


def _sources(loaded: Loaded) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source_id": source.record.id,
            "producer": source.record.producer,
            "title": source.record.title,
            "source_table": source.record.table or "",
            "period": source.record.period,
            "territorial_status": source.record.territorial_status,
            "licence": source.record.licence,
            "attribution": source.record.attribution,
            "source_url": source.record.address or "",
            "note": source.record.note or "",
            "file": source.file,
            "sha256": source.sha256,
        }
        for source in loaded.sources.values()
    )


def _count(loaded: Loaded, merged: pd.DataFrame) -> None:
    """Fill in what the tables kept of each file of observations."""
    kept = merged["file"].astype("str").value_counts()
    flagged = merged.loc[merged["obs_status"].ne(""), "file"].astype("str").value_counts()
    for name in loaded.long["file"].unique():
        report = loaded.files[name]
        report.kept = int(kept.get(name, 0))
        report.flagged = int(flagged.get(name, 0))
        report.merged = report.read - report.rejected - report.kept
        if report.merged and not report.rejected:
            report.reason = "same value in another file"
