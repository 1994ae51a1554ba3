"""What a region lacks, and which official file fills it; which fetched files are out of date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import ParameterError, TableError, UnknownRegionError
from pipeline.keys import area_key, kreis_of, level_of_key
from pipeline.provenance import raw_files, read_sidecar
from pipeline.regions import MODEL_REGIONS, Region, find_region
from pipeline.sources.catalogue import Catalogue, DownloadEntry, Fill, ServiceTable
from pipeline.tables import storage
from pipeline.tables.fetched import ORIGINALS

Entry = ServiceTable | DownloadEntry

#: From what must be fetched to what need not be.
STATES = ("missing", "partly", "old", "present")
#: How long after its reference day a figure is published (assumption).
PUBLICATION_LAG_DAYS = 365
#: Kinds of facilities that travel times are computed to.
REACHED_KINDS = ("general_practice", "hospital", "pharmacy")

#: Länder whose extracts a region needs beside its own, so that the buffer of travel times goes on
#: behind the border.
NEIGHBOURS: dict[str, tuple[str, ...]] = {
    "01": ("02", "03", "13"),
    "02": ("01", "03"),
    "03": ("01", "02", "04", "05", "06", "12", "13", "15", "16"),
    "04": ("03",),
    "05": ("03", "06", "07"),
    "06": ("03", "05", "07", "08", "09", "16"),
    "07": ("05", "06", "08", "10"),
    "08": ("06", "07", "09"),
    "09": ("06", "08", "14", "16"),
    "10": ("07",),
    "11": ("12",),
    "12": ("03", "11", "13", "14", "15"),
    "13": ("01", "03", "12"),
    "14": ("09", "12", "15", "16"),
    "15": ("03", "12", "14", "16"),
    "16": ("03", "06", "09", "14", "15"),
}


@dataclass(frozen=True)
class PlanRow:
    """One file of the catalogue, for one region.

    Attributes
    ----------
    key, service : what to type (`fetch SERVICE KEY`); service is empty for a download.
    state : `missing` (nothing at all), `partly` (some members or measures), `old` (a newer period
        should be out), `present`.
    newest : newest period at hand; empty where there is none.
    needed_for : what the file fills, or what it serves.
    """

    key: str
    service: str
    title: str
    publisher: str
    level: str
    needed_for: str
    state: str
    newest: str
    size_mb: float
    size_basis: str
    verified: bool

    @property
    def command(self) -> str:
        """The command that fetches the file."""
        return f"versorgungslabor fetch {' '.join(filter(None, (self.service, self.key)))}"


@dataclass(frozen=True)
class Age:
    """A fetched file and its age."""

    file: str
    key: str
    fetched: dt.date
    days: int
    limit: int | None

    @property
    def is_outdated(self) -> bool:
        """Whether the publisher has probably renewed the file since."""
        return self.limit is not None and self.days > self.limit


def region_for_plan(key: str, processed: Path) -> Region:
    """The region, even one of which the tables know nothing: then the AGS is all there is.

    Raises
    ------
    UnknownRegionError : neither in the tables nor an AGS of eight digits.
    """
    if key in MODEL_REGIONS:
        return MODEL_REGIONS[key]
    try:
        municipalities = storage.read("municipalities", processed=processed)
    except TableError:
        municipalities = pd.DataFrame({"ags": [], "name": []}, dtype="str")
    try:
        return find_region(key, municipalities)
    except UnknownRegionError:
        ags = f"{key}000" if len(key) == 5 and key.isdigit() else key
        if len(ags) == 8 and ags.isdigit() and "01" <= ags[:2] <= "16":
            if level_of_key(ags) != "municipality":
                raise
            return Region(ags, ags, (ags,), (ags,))
        raise


def plan(catalogue: Catalogue, region: Region, processed: Path, today: dt.date) -> list[PlanRow]:
    """Every file of the catalogue that has to do with the region, missing ones first."""
    entries: list[Entry] = [*catalogue.tables, *catalogue.downloads]
    rows = [
        _row(catalogue, entry, region, processed, today)
        for entry in entries
        if entry.fills and entry.covers(region.land)
    ]
    rows += _for_maps_and_ways(catalogue, region)
    return sorted(rows, key=lambda row: (STATES.index(row.state), row.service, row.key))


def ages(catalogue: Catalogue, raw: Path, today: dt.date) -> list[Age]:
    """Age of every file below `raw/originals`, oldest first; an uncatalogued one has no limit."""
    folder = raw / ORIGINALS
    if not folder.is_dir():
        return []
    entries: dict[str, Entry] = {table.code: table for table in catalogue.tables}
    entries |= {entry.id: entry for entry in catalogue.downloads}
    found = []
    for path in raw_files(folder):
        sidecar = read_sidecar(path)
        key = path.stem if path.stem in entries else path.parent.name
        entry = entries.get(key)
        found.append(
            Age(
                path.relative_to(raw).as_posix(),
                key if entry else "",
                sidecar.added,
                (today - sidecar.added).days,
                entry.renewal_days if entry else None,
            )
        )
    return sorted(found, key=lambda age: (-age.days, age.file))


def _row(
    catalogue: Catalogue, entry: Entry, region: Region, processed: Path, today: dt.date
) -> PlanRow:
    found = [_presence(fill, region, processed) for fill in entry.fills]
    state = min((state for state, _ in found), key=STATES.index)
    # one period for a file that fills several measures: the oldest of their newest
    newest = min((period for _, period in found if period), default="")
    if state == "present" and _is_old(newest, entry.renewal_days, today):
        state = "old"
    service = entry.service if isinstance(entry, ServiceTable) else ""
    known = catalogue.service(service)
    return PlanRow(
        key=entry.key,
        service=service,
        title=entry.title,
        publisher=known.title if known else _publisher(entry),
        level=" ".join(dict.fromkeys(fill.level for fill in entry.fills)),
        needed_for="; ".join(_what(fill) for fill in entry.fills),
        state=state,
        newest=newest,
        size_mb=entry.size_mb,
        size_basis=entry.size_basis,
        verified=known.verified if known else isinstance(entry, DownloadEntry) and entry.verified,
    )


def _what(fill: Fill) -> str:
    measures = ", ".join(fill.measures) or fill.table
    return f"{measures} by age" if fill.by_age else measures


def _is_old(newest: str, renewal_days: int | None, today: dt.date) -> bool:
    """Whether the publisher should have a newer period by now, a year of work allowed for."""
    if not newest or renewal_days is None:
        return False
    end = dt.date.fromisoformat(newest) if len(newest) == 10 else dt.date(int(newest[:4]), 12, 31)
    return (today - end).days > renewal_days + PUBLICATION_LAG_DAYS


def _publisher(entry: Entry) -> str:
    return entry.publisher if isinstance(entry, DownloadEntry) else ""


def _presence(fill: Fill, region: Region, processed: Path) -> tuple[str, str]:
    """Whether the tables hold what the file would fill, for all members and measures."""
    try:
        frame = storage.read(fill.table, processed=processed)
    except TableError:
        return "missing", ""
    wanted = _keys(fill, region)
    if fill.table == "municipalities":
        return _state(set(frame["ags"]), region.members), ""
    if fill.table == "facilities":
        return _sites(frame, region)
    rows = frame.loc[frame["ref_area"].isin(wanted) & frame["measure"].isin(fill.measures)]
    if fill.by_age:
        rows = rows.loc[rows["age_from"].notna() | rows["age_to"].notna()]
    if rows.empty:
        return "missing", ""
    pairs = set(zip(rows["ref_area"], rows["measure"], strict=True))
    all_pairs = {(key, measure) for key in wanted for measure in fill.measures}
    # a town of which nothing is published by age in the newest year still has older years
    return _state(pairs, all_pairs), str(rows["time_period"].max())


def _sites(facilities: pd.DataFrame, region: Region) -> tuple[str, str]:
    """Whether the sites of the region are mapped, and their newest day.

    Sites of another region say nothing of this one: a Kreis without any site is not covered. A
    small place may have no hospital: in a covered Kreis it counts which kinds are known at all.
    """
    kreise = {kreis_of(ags) for ags in region.members}
    near = facilities.loc[facilities["site_ags"].str[:5].isin(kreise)]
    if near.empty:
        return "missing", ""
    return _state(set(facilities["kind"]), REACHED_KINDS), str(near["time_period"].max())


def _keys(fill: Fill, region: Region) -> list[str]:
    if fill.level == "kreis":
        return sorted({kreis_of(key) for key in region.members})
    return [area_key(key) for key in region.members]


def _state(found: Set[Any], wanted: Iterable[Any]) -> str:
    missing = set(wanted) - found
    return "present" if not missing else "partly" if found & set(wanted) else "missing"


def _for_maps_and_ways(catalogue: Catalogue, region: Region) -> list[PlanRow]:
    """Borders for maps, and the extracts of the neighbours for travel times across borders.

    They fill no table of their own, so nothing says whether they are at hand.
    """
    near = NEIGHBOURS[region.land]
    extra: list[tuple[DownloadEntry, str]] = []
    for entry in catalogue.downloads:
        if entry.format == "geometry":
            extra.append((entry, "borders on maps, municipality of each site"))
        elif entry.format == "osm-pbf" and entry.laender and set(entry.laender) & set(near):
            if not entry.covers(region.land):
                extra.append((entry, "travel times across the border (buffer)"))
        elif entry.format == "osm-pbf" and entry.laender == () and region.land in {"03", "05"}:
            extra.append((entry, "travel times across the border (buffer)"))
    return [
        PlanRow(
            entry.key, "", entry.title, entry.publisher, "", why, "missing", "",
            entry.size_mb, entry.size_basis, entry.verified,
        )
        for entry, why in extra
    ]  # fmt: skip


def check_keys(catalogue: Catalogue, source: str, tables: Sequence[str]) -> None:
    """`ParameterError` for a source that the catalogue does not have, or tables of a download."""
    if catalogue.service(source) is None and catalogue.download(source) is None:
        raise ParameterError(
            "the catalogue has no such source",
            found=source,
            expected=", ".join(
                [*(s.id for s in catalogue.services), *(d.id for d in catalogue.downloads)]
            ),
            remedy="`versorgungslabor fetch` without a source lists what there is",
        )
    if catalogue.download(source) is not None and tables:
        raise ParameterError(
            "this source is one file and has no tables", found=" ".join(tables),
            remedy=f"versorgungslabor fetch {source}",
        )  # fmt: skip
