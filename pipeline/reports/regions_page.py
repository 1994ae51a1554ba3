"""The page of all regions: map, what is listed where, networks, and what others have tried."""

from __future__ import annotations

from collections.abc import Sequence, Set
from pathlib import Path
from typing import Any, Final

import pandas as pd
from jinja2 import Environment

from pipeline.advice.catalogue import read_catalogue
from pipeline.figures import german
from pipeline.figures.charts import rows_of
from pipeline.figures.offers import KINDS
from pipeline.figures.region_map import (
    WIDTH,
    MapMarker,
    Projection,
    dots,
    markers_of,
    places_of,
    projection,
)
from pipeline.methods.offers import Sector
from pipeline.projects.record import Record
from pipeline.projects.storage import records_of_region
from pipeline.regions import Region, short_name
from pipeline.reports import directory_page, network_page
from pipeline.reports.directory import Directory
from pipeline.reports.map_sheet import blank_sheet, frame_of, map_file, sheet_of
from pipeline.reports.persons import public_text
from pipeline.reports.scripts import script

PAGE = "karte.html"
MAP = "karte.svg"
TITLE = "Angebote und Netzwerke der Regionen"
LEGEND = (
    ("nummer bekannt", "Region: Zu mindestens einem Bereich liegt eine Zahl vor"),
    ("nummer ohne-daten", "Region: keine Daten"),
    ("umgebung", "andere Gemeinde, zur Orientierung"),
)
#: With more regions than this, their names would cover each other on the map.
_MOST_NAMES: Final = 15
#: Last three digits of the AGS of a kreisfreie Stadt: large towns that readers know.
_LARGE_TOWN: Final = "000"
#: Units to the left, right, above and below a marker in which no other name has room.
_COVERED: Final = (-75, 75, -15, 35)


def regions_page(
    jinja: Environment,
    found: Sequence[Directory],
    records: Sequence[Record],
    municipalities: pd.DataFrame,
    shared: dict[str, Any],
    reports: Path,
) -> tuple[str, str]:
    """The page as HTML, and its map as an SVG file.

    Parameters
    ----------
    found : directories of the regions of the edition.
    shared : style, edition, checksum and script_hashes of all pages.
    reports : folder of the pages; a report that lies there is linked.
    """
    drawing = _drawing(found, municipalities)
    names = [f"{n} {directory.lab.region.name}" for n, directory in enumerate(found, start=1)]
    notes = [" · ".join(names), "Lage: Mittelpunkte der Gemeinden"]
    sheet = sheet_of(TITLE, float(drawing["height"]), LEGEND, notes)
    text, digest = script("karte.js")
    html = jinja.get_template("karte.html.j2").render(
        map=drawing,
        map_file=MAP,
        legend=LEGEND,
        sheet=blank_sheet(jinja, sheet),
        rows=[_row(directory, records, reports) for directory in found],
        coverage=_coverage(found),
        projects=[_project_row(record) for record in records],
        measures=tried_measures({directory.lab.region.slug for directory in found}),
        ideas=ideas_of(records),
        script=text,
        **{**shared, "script_hashes": [digest]},
    )
    return html, map_file(jinja, sheet, "regions", drawing)


# ------------------------------------------------------------------------------- the map


def _drawing(found: Sequence[Directory], municipalities: pd.DataFrame) -> dict[str, Any]:
    regions = [directory.lab.region for directory in found]
    places = places_of(regions, municipalities)
    view = projection(places["longitude"], places["latitude"])
    members = {ags for region in regions for ags in region.members}
    around = municipalities.loc[~municipalities["ags"].isin(members)]
    markers = markers_of(places.assign(state=[_state(directory) for directory in found]), view)
    towns = _seen(around.loc[around["ags"].str.endswith(_LARGE_TOWN)], view)
    return {
        **frame_of(view),
        "markers": markers,
        "pages": [directory_page.page_of(region.slug) for region in regions],
        "names": [_short(region) for region in regions] if len(regions) <= _MOST_NAMES else [],
        "around": dots((x, y) for _, x, y in _seen(around, view)),
        "towns": [town for town in towns if not any(_covers(marker, town) for marker in markers)],
    }


def _state(directory: Directory) -> str:
    return "bekannt" if _known(directory) else "ohne-daten"


def _short(region: Region) -> str:
    """A name for the map: of a group the first municipality."""
    return f"{region.member_names[0]} u. a." if region.is_group else region.name


def _covers(marker: MapMarker, town: tuple[str, float, float]) -> bool:
    """Whether a marker, or the name below it, would cover the name of a town."""
    _, x, y = town
    left, right, above, below = _COVERED
    return left < x - marker.x < right and above < y - marker.y < below


def _seen(municipalities: pd.DataFrame, view: Projection) -> list[tuple[str, float, float]]:
    """Name and place of the municipalities that lie inside the drawing."""
    points = [
        (short_name(str(row.name)), *view.point(row.longitude, row.latitude))
        for row in rows_of(municipalities)
    ]
    return [(name, x, y) for name, x, y in points if 0 < x < WIDTH and 0 < y < view.height]


# ------------------------------------------------------------------------------- the tables


def _known(directory: Directory) -> list[Sector]:
    return [sector for sector in directory.sectors if sector.has_data]


def _row(directory: Directory, records: Sequence[Record], reports: Path) -> dict[str, Any]:
    region = directory.lab.region
    report = f"{region.slug}.html"
    return {
        "name": region.name,
        "page": directory_page.page_of(region.slug),
        "report": report if (reports / report).is_file() else "",
        "n_known": len(_known(directory)),
        "offers": german.number(len(directory.offers)) if directory.offers else "–",
        "projects": [_project_row(record) for record in records_of_region(records, region)],
    }


def _coverage(found: Sequence[Directory]) -> dict[str, Any]:
    """Regions by kind of offer: how many are listed. Kinds that nobody lists stand in a sentence.

    A number is a count of a list, and lists differ; so the table carries no rate and no rank.
    """
    known = {sector.kind for directory in found for sector in _known(directory)}
    kinds = [kind for kind in KINDS if kind in known]
    absent = [name for kind, name in KINDS.items() if kind not in known]
    return {
        "kinds": [KINDS[kind] for kind in kinds],
        "rows": [(d.lab.region.name, [_cell(d, kind) for kind in kinds]) for d in found],
        "absent": german.enumeration(absent) if absent else "",
        "n_kinds": len(KINDS),
    }


def _cell(directory: Directory, kind: str) -> str:
    sector = next(sector for sector in directory.sectors if sector.kind == kind)
    if sector.n_sites is None:
        return german.NO_DATA
    count = german.number(sector.n_sites)
    if not sector.n_sites or sector.known_total is None:
        return count
    return f"{count} von {german.number(sector.known_total)}"


def _project_row(record: Record) -> dict[str, str]:
    project = record.project
    return {
        "title": project.short_title,
        "level": project.level,
        "page": network_page.page_of(project.slug),
    }


# ------------------------------------------------------------------------------- what others tried


def tried_measures(slugs: Set[str]) -> list[dict[str, str]]:
    """Measures of the catalogue that a source names for one of the regions, by sector."""
    rows = [
        {
            "title": measure.title,
            "sector": measure.sector,
            "place": place.name,
            "state": "umgesetzt" if measure.is_done_in(place.regions) else "vorgeschlagen",
            "effect": measure.effect.grade,
            "source": place.source.title,
        }
        for measure in read_catalogue()
        if (place := measure.model_municipality) is not None and slugs & set(place.regions)
    ]
    return sorted(rows, key=lambda row: (row["sector"], row["place"], row["title"]))


def ideas_of(records: Sequence[Record]) -> list[dict[str, str]]:
    """What was proposed elsewhere, by sector: regions learn from each other's workshops."""
    rows = [
        {
            "sector": idea.sector or "ohne Bereich",
            "idea": public_text(idea.idea, record),
            "place": public_text(idea.place, record),
            "project": record.project.short_title,
            "page": network_page.page_of(record.project.slug),
        }
        for record in records
        for idea in record.ideas
    ]
    return sorted(rows, key=lambda row: (row["sector"], row["place"], row["idea"]))
