"""The platform: a directory of offers for every region, a network for every project, a map of all.

Everything is a file: no server, no account, no messages between actors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from jinja2 import Environment

from pipeline.figures import german
from pipeline.figures.offers import KINDS
from pipeline.figures.region_map import WIDTH, markers_of, projection
from pipeline.projects.record import Record
from pipeline.projects.storage import find_folder, list_projects, read_record
from pipeline.provenance import read_sidecar
from pipeline.regions import Region, find_region
from pipeline.reports import directory_page, network_page
from pipeline.reports.archive import write_zip
from pipeline.reports.chapter import csv_text, environment
from pipeline.reports.connections import connections, public_text
from pipeline.reports.directory import Directory, directory_of
from pipeline.reports.directory_files import COLUMNS, csv_rows, schema_org
from pipeline.reports.project_pages import page_of as project_page_of
from pipeline.reports.scripts import TEMPLATES, script
from pipeline.settings import ROOT, Params, Paths
from pipeline.tables import storage
from pipeline.tables.fetched import ORIGINALS
from pipeline.tables.osm_facilities import read_borders
from pipeline.tables.workspace import Workspace
from pipeline.writing import write_text

MAP_PAGE = "karte.html"
#: Files that this module writes, so that those of a former edition can be removed.
_OWN_FILES = ("angebote-*.html", "angebote-*.json", "angebote-*.csv", "netzwerk-*.html",
              "netzwerk-*.ics")  # fmt: skip
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
        style = (TEMPLATES / "plattform.css").read_text(encoding="utf-8")
        self._shared = {**shared, "style": f"{shared['style']}\n{style}"}
        self._jinja: Environment = environment()
        self._borders = borders_of(paths)
        self._municipalities = storage.read("municipalities", processed=paths.processed)

    def write_all(self, regions: Sequence[str]) -> list[Path]:
        """Directories, networks, the map of all regions, the ODbL bundle."""
        found = [self._directory(name) for name in regions]
        records = {name: self._record(name) for name in list_projects(self._paths.raw)}
        written = [path for directory in found for path in self._write_directory(directory)]
        written += [path for record in records.values() for path in self._write_network(record)]
        written.append(self._write_map(found, list(records.values())))
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

    def _record(self, name: str) -> Record:
        return read_record(find_folder(name, self._paths.raw))

    def _write_directory(self, directory: Directory) -> list[Path]:
        slug = directory.lab.region.slug
        reports = self._paths.reports
        html = directory_page.directory_page(self._jinja, directory, self._shared, self._borders)
        items = json.dumps(schema_org(directory), ensure_ascii=False, indent=1) + "\n"
        return [
            write_text(reports / directory_page.page_of(slug), html),
            write_text(reports / f"angebote-{slug}.json", items),
            write_text(reports / f"angebote-{slug}.csv", csv_text(COLUMNS, csv_rows(directory))),
        ]

    def _write_network(self, record: Record) -> list[Path]:
        slug, reports = record.project.slug, self._paths.reports
        has_page = (reports / project_page_of(slug)).is_file()
        html = network_page.network_page(self._jinja, connections(record), self._shared, has_page)
        written = [write_text(reports / network_page.page_of(slug), html)]
        if network_page.events(record):
            path = reports / network_page.calendar_of(slug)
            written.append(write_text(path, network_page.calendar_text(record)))
        return written

    def _write_map(self, found: Sequence[Directory], records: Sequence[Record]) -> Path:
        places = places_of([d.lab.region for d in found], self._municipalities)
        states = [_overall(directory) for directory in found]
        view = projection(places["longitude"], places["latitude"])
        text, digest = script("karte.js")
        html = self._jinja.get_template("karte.html.j2").render(
            markers=markers_of(places.assign(state=states), view),
            width=f"{WIDTH:g}",
            height=f"{view.height:g}",
            scale=view.scale_bar,
            rows=[self._map_row(directory, records) for directory in found],
            n_sectors=len(KINDS),
            projects=[_project_row(record) for record in records],
            ideas=ideas_of(records),
            script=text,
            **{**self._shared, "script_hashes": [digest]},
        )
        return write_text(self._paths.reports / MAP_PAGE, html)

    def _map_row(self, directory: Directory, records: Sequence[Record]) -> dict[str, Any]:
        region = directory.lab.region
        known = [KINDS[s.kind] for s in directory.sectors if s.has_data]
        return {
            "name": region.name,
            "page": directory_page.page_of(region.slug),
            "report": f"{region.slug}.html"
            if (self._paths.reports / f"{region.slug}.html").is_file()
            else "",
            "n_known": len(known),
            "known": german.enumeration(known) if known else "keine Daten",
            "offers": german.number(len(directory.offers)) if directory.offers else "–",
            "projects": [_project_row(record) for record in records if _takes_part(record, region)],
        }


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


def places_of(regions: Sequence[Region], municipalities: pd.DataFrame) -> pd.DataFrame:
    """Where each region is shown: the mean of its municipalities' centres."""
    centres = municipalities.set_index("ags")[["longitude", "latitude"]]
    rows = [(region.name, *centres.loc[list(region.members)].mean()) for region in regions]
    return pd.DataFrame(rows, columns=["name", "longitude", "latitude"])


def ideas_of(records: Sequence[Record]) -> list[dict[str, str]]:
    """What was proposed elsewhere, by sector: regions learn from each other's workshops."""
    rows = [
        {
            "sector": idea.sector or "ohne Bereich",
            "idea": public_text(idea.idea),
            "place": public_text(idea.place),
            "project": record.project.short_title,
            "page": network_page.page_of(record.project.slug),
        }
        for record in records
        for idea in record.ideas
    ]
    return sorted(rows, key=lambda row: (row["sector"], row["place"], row["idea"]))


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


def _overall(directory: Directory) -> str:
    return "bekannt" if any(s.has_data for s in directory.sectors) else "ohne-daten"


def _project_row(record: Record) -> dict[str, str]:
    project = record.project
    return {
        "title": project.short_title,
        "level": project.level,
        "page": network_page.page_of(project.slug),
    }


def _takes_part(record: Record, region: Region) -> bool:
    """Whether a project names the region or one of its municipalities."""
    return bool({region.slug, *region.members} & set(record.project.regions))


def records_of_region(records: Sequence[Record], region: Region) -> list[Record]:
    """The projects that a region takes part in."""
    return [record for record in records if _takes_part(record, region)]
