"""The platform: a directory of offers for every region, a network for every project, a map of all.

Everything is a file: no server, no account, no messages between actors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
from jinja2 import Environment

from pipeline.projects.record import Record
from pipeline.projects.storage import read_records
from pipeline.provenance import read_sidecar
from pipeline.regions import find_region
from pipeline.reports import directory_page, network_page, regions_page
from pipeline.reports.archive import write_zip
from pipeline.reports.chapter import csv_text, environment
from pipeline.reports.connections import connections
from pipeline.reports.directory import Directory, directory_of
from pipeline.reports.directory_files import COLUMNS, csv_rows, schema_org
from pipeline.reports.project_pages import page_of as project_page_of
from pipeline.reports.scripts import TEMPLATES
from pipeline.settings import ROOT, Params, Paths
from pipeline.tables import storage
from pipeline.tables.fetched import ORIGINALS
from pipeline.tables.osm_facilities import read_borders
from pipeline.tables.workspace import Workspace
from pipeline.writing import write_text

_STYLES = ("plattform.css", "karte.css")
#: Files that this module writes, so that those of a former edition can be removed.
_OWN_FILES = ("angebote-*.html", "angebote-*.json", "angebote-*.csv", "angebote-*.svg",
              "netzwerk-*.html", "netzwerk-*.ics")  # fmt: skip
ODBL = "ODbL-1.0"
ODBL_BUNDLE = Path("daten") / "odbl" / "standorte-openstreetmap.zip"
_ODBL_NOTE = (
    "Standorte aus OpenStreetMap, wie sie die Tabelle facilities dieser Ausgabe enthält.\n"
    "© OpenStreetMap-Mitwirkende, https://www.openstreetmap.org/copyright\n"
    "Lizenz: Open Database License 1.0; der Text liegt bei (LIZENZ.txt).\n"
    "Wer die Datenbank verändert weitergibt, tut das unter derselben Lizenz.\n"
)


def write_platform(
    paths: Paths, params: Params, regions: Sequence[str], shared: Mapping[str, Any]
) -> list[Path]:
    """All pages and files of the platform.

    Parameters
    ----------
    regions : slugs or AGS of the regions of the edition.
    shared : what all pages have in common (`style`, `edition`, `checksum` …).
    """
    return PlatformWriter(paths, params, shared).write_all(regions)


class PlatformWriter:
    """Writes the pages; make it once, since borders are slow to read."""

    def __init__(self, paths: Paths, params: Params, shared: Mapping[str, Any]) -> None:
        self._paths, self._params = paths, params
        styles = [(TEMPLATES / name).read_text(encoding="utf-8") for name in _STYLES]
        self._shared = {**shared, "style": "\n".join([shared["style"], *styles])}
        self._jinja: Environment = environment()
        self._borders = borders_of(paths)
        self._municipalities = storage.read("municipalities", processed=paths.processed)

    def write_all(self, regions: Sequence[str]) -> list[Path]:
        """Directories, networks, the map of all regions, the ODbL bundle."""
        found = [self._directory(name) for name in regions]
        raw = self._paths.raw
        records = read_records(raw)
        written = [path for directory in found for path in self._write_directory(directory)]
        written += [path for record in records for path in self._write_network(record)]
        written += self._write_map(found, records)
        written.append(write_odbl_bundle(self._paths))
        self._remove_stale(written)
        return written

    def _remove_stale(self, written: Sequence[Path]) -> None:
        """Files of regions and projects that are no longer there must not pass for current."""
        current = set(written)
        for pattern in _OWN_FILES:
            for path in set(self._paths.reports.glob(pattern)) - current:
                path.unlink()

    def _directory(self, name: str) -> Directory:
        region = find_region(name, self._municipalities)
        lab = Workspace(region, self._params.reference_date)
        return directory_of(lab, self._paths.raw, self._borders)

    def _write_directory(self, directory: Directory) -> list[Path]:
        slug = directory.lab.region.slug
        reports = self._paths.reports
        html, drawing = directory_page.directory_page(
            self._jinja, directory, self._shared, self._borders
        )
        items = json.dumps(schema_org(directory), ensure_ascii=False, indent=1) + "\n"
        return [
            write_text(reports / directory_page.page_of(slug), html),
            write_text(reports / directory_page.map_of(slug), drawing),
            write_text(reports / directory_page.linked_data_of(slug), items),
            write_text(
                reports / directory_page.table_of(slug), csv_text(COLUMNS, csv_rows(directory))
            ),
        ]

    def _write_network(self, record: Record) -> list[Path]:
        slug, reports = record.project.slug, self._paths.reports
        evaluation = project_page_of(slug)
        html = network_page.network_page(
            self._jinja,
            connections(record),
            self._shared,
            evaluation if (reports / evaluation).is_file() else "",
        )
        written = [write_text(reports / network_page.page_of(slug), html)]
        if network_page.events(record):
            path = reports / network_page.calendar_of(slug)
            written.append(write_text(path, network_page.calendar_text(record)))
        return written

    def _write_map(self, found: Sequence[Directory], records: Sequence[Record]) -> list[Path]:
        html, drawing = regions_page.regions_page(
            self._jinja, found, records, self._municipalities, self._shared, self._paths.reports
        )
        return [
            write_text(self._paths.reports / regions_page.PAGE, html),
            write_text(self._paths.reports / regions_page.MAP, drawing),
        ]


def borders_of(paths: Paths) -> gpd.GeoDataFrame | None:
    """The municipal areas that were fetched (VG250), in degrees; None where there are none.

    `attrs["attribution"]` is what their licence asks for, from the sidecar beside the archive.
    """
    archive = next((paths.raw / ORIGINALS).glob("bkg-vg250/*.zip"), None)
    if archive is None:
        return None
    borders = read_borders(archive)
    borders.attrs["attribution"] = "; ".join(s.attribution for s in read_sidecar(archive).sources)
    return borders


def write_odbl_bundle(paths: Paths) -> Path:
    """All rows from OpenStreetMap as an archive of their own, with the text of their licence."""
    sources = storage.read("sources", processed=paths.processed)
    names = set(sources.loc[sources["licence"].eq(ODBL), "source_id"])
    table = storage.read("facilities", processed=paths.processed)
    rows = table.loc[table["source_id"].isin(names)].astype("object")
    cells = rows.where(rows.notna(), "").to_numpy().tolist()
    entries = {
        "standorte-openstreetmap.csv": csv_text(list(table.columns), cells).encode("utf-8"),
        "LIESMICH.txt": _ODBL_NOTE.encode("utf-8"),
        "LIZENZ.txt": (ROOT / "LICENSES" / f"{ODBL}.txt").read_bytes(),
    }
    return write_zip(entries, paths.reports / ODBL_BUNDLE)
