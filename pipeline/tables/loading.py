"""Everything that `ingest` reads: our own files, published figures, publishers' originals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from pipeline.errors import RawDataError, SidecarError, UnknownFormatError
from pipeline.provenance import (
    Sidecar,
    SourceRecord,
    check_hash,
    raw_files,
    read_sidecar,
    sha256_of,
    sidecar_path,
)
from pipeline.sources import area_changes, figures, geometry, gv100ad, gv_auszug, osm
from pipeline.sources.base import LongTable, Reader, read_head
from pipeline.sources.csvfile import ROW
from pipeline.sources.embedded import EmbeddedFormat
from pipeline.sources.registry import recognise
from pipeline.sources.strangers import refuse_stranger
from pipeline.sources.templates import TemplateReader, is_template
from pipeline.tables import wide
from pipeline.tables.borders import conversion_of
from pipeline.tables.corrections import Applied, Correction, correct, read_corrections
from pipeline.tables.harmonise import KEY, observations
from pipeline.tables.mappings import find_filling
from pipeline.tables.municipality_lists import merge_lists, read_list
from pipeline.tables.originals import (
    IS_EMPTY,
    OUT_OF_FORCE,
    harmonise,
    in_force,
    with_source,
)
from pipeline.tables.osm_facilities import facility_rows, merged_facilities, read_borders
from pipeline.tables.records import record_of, status_date
from pipeline.tables.registry import TABLES
from pipeline.tables.user_checks import check_keys, check_places, merged_statements
from pipeline.tables.user_lists import read_user_list
from pipeline.tables.user_merge import areas_with_statements, is_own, sites_with_own_lists

Progress = Callable[[str], None]

NO_TABLE = "recognised, fills no table"
_LISTS = (gv_auszug.FORMAT, gv100ad.FORMAT)
_TEXTS = (
    "ref_area", "time_period", "measure", "census_basis", "sex", "doctor_group", "unit_measure",
    "obs_status", "source_id", "file",
)  # fmt: skip
_COLUMNS = [*KEY, "unit_measure", "obs_value", "obs_status", "source_id", "file", ROW]


@dataclass
class FileReport:
    """What became of one raw file; `rejected` rows fill no table, and `reason` says why."""

    file: str
    format: str
    read: int
    kept: int = 0
    flagged: int = 0
    merged: int = 0
    rejected: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Source:
    """A source record with the file it was read from."""

    record: SourceRecord
    file: str
    sha256: str
    is_original: bool


@dataclass
class Loaded:
    """What was read.

    Attributes
    ----------
    long : harmonised observations of all files, text as categories, one row an observation.
    names : `ref_area`, `ref_area_name` in the order of the files, with repetitions.
    wide : table → rows of our own wide files.
    municipalities : one row a municipality.
    sources : source_id → source.
    files : path → report.
    applied : corrections that were made.
    conversion : BBSR key for Kreise, empty where there is none.
    districts : keys of the districts of Berlin that were left out.
    """

    long: pd.DataFrame = field(default_factory=pd.DataFrame)
    names: pd.DataFrame = field(default_factory=pd.DataFrame)
    wide: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    municipalities: pd.DataFrame = field(default_factory=pd.DataFrame)
    sources: dict[str, Source] = field(default_factory=dict)
    files: dict[str, FileReport] = field(default_factory=dict)
    applied: list[Applied] = field(default_factory=list)
    conversion: pd.DataFrame = field(default_factory=pd.DataFrame)
    districts: set[str] = field(default_factory=set)

    @property
    def originals(self) -> list[str]:
        """Ids of the sources that were read from the publisher's own file."""
        return [name for name, source in self.sources.items() if source.is_original]

    @property
    def records(self) -> dict[str, SourceRecord]:
        """source_id → record."""
        return {name: source.record for name, source in self.sources.items()}


def load(raw: Path, originals: Path | None, progress: Progress) -> Loaded:
    """Read all files below `raw` (each with its sidecar) and `originals` (sidecar optional).

    Raises
    ------
    RawDataError, SidecarError : with file and row. A file among the originals that no reader knows
        is reported, not refused: folders of downloads hold licences and notes as well.
    """
    loader = _Loader(read_corrections(raw))
    for path in raw_files(raw):
        name = path.relative_to(raw).as_posix()
        progress(f"reading {name}")
        sidecar = _sidecar_of(path)
        loader.add(recognise(path), path, name, sidecar)
    if originals is not None:
        for path in raw_files(originals):
            name = path.relative_to(originals).as_posix()
            progress(f"reading {name}")
            loader.try_to_add(path, name)
    return loader.finish(raw)


def _sidecar_of(path: Path) -> Sidecar | None:
    """The record beside a raw file; None for a template, which carries its own provenance."""
    if not sidecar_path(path).is_file():
        if is_template(path):
            return None
        refuse_stranger(read_head(path))
        raise SidecarError(
            "the raw file has no sidecar",
            file=path,
            expected=f"{sidecar_path(path).name} beside it, or the mark of a template in the file",
            remedy="keep the first line of a template (a workbook: the worksheet Vorlage) as it "
            "was written; any other file is described as in docs/how-to/add-a-source.md",
        )
    sidecar = read_sidecar(path)
    check_hash(path, sidecar)
    return sidecar


class _Loader:
    """Reads files one after the other and puts their rows together at the end."""

    def __init__(self, corrections: tuple[Correction, ...]) -> None:
        self.corrections = corrections
        self.loaded = Loaded(wide={name: [] for name in TABLES})
        self.figures: list[pd.DataFrame] = []
        self.originals: list[pd.DataFrame] = []
        self.names: list[pd.DataFrame] = []
        # format → (territorial status, municipalities)
        self.lists: dict[str, list[tuple[str, pd.DataFrame]]] = {name: [] for name in _LISTS}
        self.hashes: dict[str, str] = {}
        # OpenStreetMap extracts: path, id of the source, report
        self.extracts: list[tuple[Path, str, FileReport]] = []
        # every key in own lists, to be looked up when the municipalities are known
        self.own_keys: list[pd.DataFrame] = []
        self.borders: Path | None = None

    def try_to_add(self, path: Path, name: str) -> None:
        """Read a file among the originals; one that no reader knows is only reported."""
        try:
            reader = recognise(path)
        except RawDataError as error:
            why = "no reader knows it" if isinstance(error, UnknownFormatError) else error.message
            self.loaded.files[str(path)] = FileReport(name, "", 0, reason=why)
            return
        sidecar = None
        if sidecar_path(path).is_file():
            sidecar = read_sidecar(path)
            check_hash(path, sidecar)
        self.add(reader, path, name, sidecar)

    def add(self, reader: Reader, path: Path, name: str, sidecar: Sidecar | None) -> None:
        """Read a file of any kind and keep its report."""
        if isinstance(reader, TemplateReader):
            report = self._user_list(reader, path, name, sidecar)
        elif isinstance(reader, EmbeddedFormat) or reader.FORMAT == figures.FORMAT:
            report = self._own(reader, path, name, sidecar)
        elif reader.FORMAT == osm.FORMAT:
            report = self._extract(path, name, sidecar)
        else:
            digest = sha256_of(path)
            if digest in self.hashes:
                why = f"the same bytes as {self.hashes[digest]}"
                report = FileReport(name, reader.FORMAT, 0, reason=why)
            else:
                self.hashes[digest] = name
                report = self._original(reader.read(path), path, name, sidecar, digest)
        self.loaded.files[str(path)] = report

    def _own(self, reader: Reader, path: Path, name: str, sidecar: Sidecar | None) -> FileReport:
        """One of the workspace's own files: figures, or rows of a wide table."""
        if sidecar is None:
            why = "one of our own files: it belongs below data/raw"
            return FileReport(name, reader.FORMAT, 0, reason=why)
        for record in sidecar.sources:
            self._keep(Source(record, name, sidecar.sha256, is_original=False))
        if isinstance(reader, EmbeddedFormat):
            return self._wide(reader, path, name, sidecar)
        table = reader.read(path)
        frame = observations(table, sidecar, path)
        entries = tuple(c for c in self.corrections if c.is_for(table.format, table.table, ""))
        frame, applied = correct(frame, entries, path)
        self.loaded.applied += applied
        self.names.append(frame[["ref_area", "ref_area_name"]])
        self.figures.append(frame)
        return FileReport(name, table.format, len(frame))

    def _wide(self, reader: EmbeddedFormat, path: Path, name: str, sidecar: Sidecar) -> FileReport:
        rows = len(reader.read_rows(path))
        frame = wide.make(reader, path, sidecar)
        if frame is None:
            why = "reference for tests, fills no table"
            return FileReport(name, reader.FORMAT, rows, rejected=rows, reason=why)
        target = wide.MAKERS[reader.FORMAT]
        assert target is not None  # make() returned rows
        self.loaded.wide[target[0]].append(frame)
        return FileReport(name, reader.FORMAT, rows, kept=rows)

    def _user_list(
        self, reader: TemplateReader, path: Path, name: str, sidecar: Sidecar | None
    ) -> FileReport:
        """A filled-in template of a municipality."""
        rows = read_user_list(reader, path, name, sidecar)
        digest = sha256_of(path)
        for record in rows.sources:
            self._keep(Source(record, name, digest, is_original=False))
        for table, frame in rows.wide.items():
            self.loaded.wide[table].append(frame)
        if len(rows.long):
            self.figures.append(rows.long)
        self.own_keys.append(rows.keys)
        n_rows = len(rows.long) or max(map(len, rows.wide.values()))
        reason = "; ".join(("own list", *rows.warnings))
        return FileReport(name, reader.FORMAT, n_rows, kept=n_rows, reason=reason)

    def _extract(self, path: Path, name: str, sidecar: Sidecar | None) -> FileReport:
        """An OpenStreetMap extract; read at the end, when the borders are known."""
        if sidecar is None:
            return FileReport(name, osm.FORMAT, 0, reason="without a sidecar: `fetch` writes it")
        record = sidecar.sources[0]
        self._keep(Source(record, name, sidecar.sha256, is_original=True))
        report = FileReport(name, osm.FORMAT, 0)
        self.extracts.append((path, record.id, report))
        return report

    def _facilities(self, embedded: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
        """Sites of the map: those of extracts before the embedded ones, then own lists."""
        if not self.extracts:
            return list(embedded)
        borders = None if self.borders is None else read_borders(self.borders)
        known = [str(key) for frame in self.loaded.wide["municipalities"] for key in frame["ags"]]
        fresh = []
        for path, source_id, report in self.extracts:
            rows = facility_rows(path, source_id, borders, known)
            report.read = report.kept = len(rows)
            fresh.append(rows.assign(file=str(path)))
        sites = [frame for frame in embedded if not is_own(frame)] or [fresh[0].iloc[:0]]
        own = [frame for frame in embedded if is_own(frame)]
        return [merged_facilities(pd.concat(sites, ignore_index=True), fresh), *own]

    def _original(
        self, table: LongTable, path: Path, name: str, sidecar: Sidecar | None, digest: str
    ) -> FileReport:
        """A publisher's own file."""
        report = FileReport(name, table.format, len(table.frame))
        filling = find_filling(table)
        rows = None if filling is None else harmonise(table, filling, path)
        if filling is None or rows is None or rows.frame.empty:
            report.rejected, report.reason = report.read, NO_TABLE
            if table.format == geometry.FORMAT and table.level == "municipality":
                self.borders = path
                report.reason = "borders of municipalities"
            if table.format == area_changes.FORMAT:
                self.loaded.conversion = conversion_of(table)
                report.reason = "carries counts of former Kreise to today's borders"
            return report
        periods = [str(period) for period in rows.frame["time_period"].unique()]
        record = record_of(table, filling, periods, sidecar, self.loaded.sources)
        self._keep(Source(record, name, digest, is_original=True))
        entries = tuple(
            entry
            for entry in self.corrections
            if entry.is_for(table.format, table.table, status_date(record))
        )
        frame, applied = correct(with_source(rows.frame, record, path), entries, path)
        self.loaded.applied += applied
        self.loaded.districts |= rows.districts
        self.originals.append(frame)
        self.names.append(
            pd.DataFrame(rows.names.items(), columns=["ref_area", "ref_area_name"], dtype="str")
        )
        if table.format in _LISTS:
            listed = read_list(path, table.format, record.id)
            self.lists[table.format].append((status_date(record), listed))
        report.rejected = sum(rows.left_out.values())
        report.reason = "; ".join(f"{count:,} {why}" for why, count in rows.left_out.items())
        return report

    def _keep(self, source: Source) -> None:
        other = self.loaded.sources.get(source.record.id)
        if other is not None:
            raise SidecarError(
                "two files have a source of the same id",
                file=source.file,
                found=source.record.id,
                expected=f"an id of its own; {other.file} has this one",
                remedy="rename the id in one of the sidecars",
            )
        self.loaded.sources[source.record.id] = source

    def finish(self, raw: Path) -> Loaded:
        """Everything together; refused where there are no figures or no municipalities."""
        newest = {
            name: [frame for _, frame in sorted(lists, key=lambda pair: pair[0], reverse=True)]
            for name, lists in self.lists.items()
        }
        wide = self.loaded.wide
        wide["planning_areas"] = areas_with_statements(wide["planning_areas"])
        wide["facilities"] = self._facilities(wide["facilities"])
        wide["completeness"] = merged_statements(wide["completeness"])
        wide["facilities"] = sites_with_own_lists(wide["facilities"], wide["completeness"])
        embedded = wide["municipalities"]
        if not (self.figures or self.originals) or not (embedded or any(newest.values())):
            raise RawDataError(
                "neither figures nor a list of municipalities",
                file=raw,
                expected="files of published figures and a file with the columns ags, ars, name …",
                remedy="name the right folder with --raw, or restore data/raw from git",
            )
        self.loaded.municipalities = merge_lists(
            embedded, newest[gv_auszug.FORMAT], newest[gv100ad.FORMAT]
        )
        for keys in self.own_keys:
            check_keys(keys, self.loaded.municipalities)
        for sites in filter(is_own, wide["facilities"]):
            check_places(sites, self.loaded.municipalities)
        self.loaded.names = pd.concat(self.names, ignore_index=True)
        self.loaded.long = self._stacked()
        return self.loaded

    def _stacked(self) -> pd.DataFrame:
        """All observations, without those of territories that are not in force."""
        own = [frame[_COLUMNS] for frame in self.figures]
        if not self.originals:
            return stack(own)
        theirs = stack([frame[[*_COLUMNS, IS_EMPTY]] for frame in self.originals])
        inhabited = [
            frame.loc[
                frame["measure"].eq("population") & frame["obs_value"].gt(0),
                ["ref_area", "time_period"],
            ].drop_duplicates()
            for frame in (*own, theirs)
        ]
        theirs, out_of_force = in_force(theirs, pd.concat(inhabited, ignore_index=True))
        for source_id, count in out_of_force.items():
            file = self.loaded.sources[str(source_id)].file
            report = next(r for r in self.loaded.files.values() if r.file == file)
            report.rejected += int(count)
            report.reason = "; ".join(filter(None, (report.reason, f"{count:,} {OUT_OF_FORCE}")))
        return stack([*own, theirs])


def stack(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Frames below each other; text columns become categories, in the order of the alphabet."""
    if not frames:
        return pd.DataFrame(columns=_COLUMNS)
    columns: dict[str, object] = {}
    for name in frames[0].columns:
        parts = [frame[name] for frame in frames]
        columns[name] = _joined(parts) if name in _TEXTS else _concatenated(parts)
    return pd.DataFrame(columns)


def _joined(parts: Iterable[pd.Series]) -> pd.Categorical:
    joined = union_categoricals(
        [part.astype("category") for part in parts], sort_categories=True
    ).remove_unused_categories()
    return pd.Categorical(joined)


def _concatenated(parts: Sequence[pd.Series]) -> pd.Series:
    if parts[0].name == ROW:
        parts = [part.astype("Int64") for part in parts]
    if parts[0].dtype == np.dtype(bool):
        parts = [part.astype(bool) for part in parts]
    return pd.concat(parts, ignore_index=True)
