"""The page of a directory: search, filters, map, list, and how an error is reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
from jinja2 import Environment

from pipeline.figures import german
from pipeline.figures.charts import rows_of
from pipeline.figures.offers import KINDS, coverage_table, limits_notice
from pipeline.figures.region_map import WIDTH, MapArea, Projection, areas_of, dots, projection
from pipeline.methods.offer_checks import BOTH, MAP_ONLY, OWN_ONLY
from pipeline.regions import short_name
from pipeline.reports.directory import UNNAMED, Directory, Offer, in_german_order, language_name
from pipeline.reports.map_sheet import blank_sheet, frame_of, map_file, sheet_of
from pipeline.reports.scripts import inline_json, script
from pipeline.tables import storage

#: Offers that stand in the page itself, for readers without a script.
PRINTED = 200
SCRIPTS = ("spelling.js", "karte.js", "angebote.js")
_STATE_WORDS = {
    "sites": "Standorte verzeichnet",
    "none": "kein Standort (Liste vollständig)",
    "unknown": "keine Daten",
}
#: State of a municipality → its class on the map.
_STATE_CLASSES = {"sites": "bekannt", "none": "leer", "unknown": "ohne-daten"}
LEGEND = (
    ("punkte", "ein Standort"),
    ("gebiet bekannt", "Gemeinde mit Standorten"),
    ("gebiet leer", "kein Standort, Liste vollständig"),
    ("gebiet ohne-daten", "keine Daten"),
)
_NO_BORDERS = "Ein Quadrat steht im Mittelpunkt der Gemeinde, weil Umrisse nicht vorliegen"
_REPORT = (
    "Fehler im Verzeichnis der Gesundheitsangebote\n"
    "Angebot: {name}\nBereich: {kind}\nAnschrift: {address}\nStand: {day}\nQuelle: {source}\n"
    "Was stimmt nicht: \nRichtig ist: \nWoher ich das weiß: \n"
)


def page_of(slug: str) -> str:
    """Name of a region's directory page."""
    return f"angebote-{slug}.html"


def map_of(slug: str) -> str:
    """Name of a region's map as a file."""
    return f"angebote-{slug}.svg"


def table_of(slug: str) -> str:
    """Name of a region's list as a CSV file."""
    return f"angebote-{slug}.csv"


def linked_data_of(slug: str) -> str:
    """Name of a region's list as a JSON-LD file."""
    return f"angebote-{slug}.json"


def directory_page(
    jinja: Environment,
    directory: Directory,
    shared: Mapping[str, Any],
    borders: gpd.GeoDataFrame | None = None,
) -> tuple[str, str]:
    """The page as HTML, and its map as an SVG file.

    Parameters
    ----------
    shared : style, edition, checksum and script_hashes of all pages.
    borders : municipal areas in degrees, where at hand.
    """
    lab = directory.lab
    view, areas = _view_and_areas(directory, borders)
    drawing = _map(directory, view, areas)
    notes = _map_notes(directory, borders)
    sheet = sheet_of(f"Gesundheitsangebote: {lab.region.name}", view.height, LEGEND, notes)
    scripts = [script(name) for name in SCRIPTS]
    table = coverage_table(lab, directory.sectors)
    html = jinja.get_template("angebote.html.j2").render(
        region=lab.region,
        offers=directory.offers[:PRINTED],
        n_offers=len(directory.offers),
        facts=_facts(directory),
        limits=limits_notice(lab).sentences,
        table=table.payload(),
        kinds=_filled_kinds(directory),
        places=list(enumerate(lab.region.member_names)),
        languages=[(i, language_name(code)) for i, code in enumerate(_spoken(directory))],
        map=drawing,
        map_file=map_of(lab.region.slug),
        map_notes=notes,
        legend=LEGEND,
        sheet=blank_sheet(jinja, sheet),
        differences=_differences(directory),
        sources=list(directory.sources.values()),
        files=_files(lab.region.slug),
        report=_REPORT.format(name="", kind="", address="", day="", source=""),
        page_data=inline_json(_data(directory, view)),
        scripts=[text for text, _ in scripts],
        **{**shared, "script_hashes": [digest for _, digest in scripts]},
    )
    return html, map_file(jinja, sheet, "sites", drawing)


def _view_and_areas(
    directory: Directory, borders: gpd.GeoDataFrame | None
) -> tuple[Projection, list[MapArea]]:
    """Projection and municipalities of the map; a misplaced offer does not stretch it."""
    region = directory.lab.region
    rows = storage.read("municipalities")
    rows = rows.loc[rows["ags"].isin(region.members)]
    rows = rows.assign(name=rows["name"].map(short_name))
    outlines: dict[str, Any] = {}
    if borders is not None:
        keys = dict(zip(region.areas, region.members, strict=True))
        own = borders.loc[borders["ref_area"].isin([*keys, *region.members])]
        outlines = {keys.get(r.ref_area, r.ref_area): r.geometry for r in rows_of(own)}
    points = [
        *zip(rows["longitude"], rows["latitude"], strict=True),
        *(
            (offer.longitude, offer.latitude)
            for offer in directory.offers
            if offer.longitude is not None and offer.latitude is not None and not offer.is_misplaced
        ),
    ]
    for west, south, east, north in (shape.bounds for shape in outlines.values()):
        points += [(west, south), (east, north)]
    view = projection(*zip(*points, strict=True))
    return view, areas_of(rows, view, outlines)


def _map(directory: Directory, view: Projection, areas: list[MapArea]) -> dict[str, Any]:
    points = [_point(offer, view) for offer in directory.offers]
    shown = [point for point in points if point is not None]
    return {
        **frame_of(view),
        "areas": [(area, _STATE_CLASSES[_state(directory, area.key)]) for area in areas],
        "dots": dots(shown),
        "n_shown": len(shown),
        "hidden": _hidden(len(points) - len(shown)),
        "rows": [
            (area.name, _STATE_WORDS[_state(directory, area.key)], _count(directory, area.key))
            for area in areas
        ],
    }


def _map_notes(directory: Directory, borders: gpd.GeoDataFrame | None) -> list[str]:
    """Where points and outlines of the map come from."""
    sources = dict.fromkeys(record["attribution"] for record in directory.sources.values())
    points = f"Punkte: {'; '.join(sources) or 'keine'}"
    if borders is None:
        return [points, _NO_BORDERS]
    return [points, f"Umrisse: {borders.attrs.get('attribution', 'ohne Angabe')}"]


def _spoken(directory: Directory) -> list[str]:
    """Codes of all languages of the list, in the order of their German names."""
    return sorted({c for o in directory.offers for c in o.languages}, key=in_german_order)


def _hidden(count: int) -> str:
    return german.counted(count, "ein Angebot|Angebote") if count else ""


def _point(offer: Offer, view: Projection) -> tuple[float, float] | None:
    """Where an offer is drawn; None without coordinates or outside the drawing."""
    if offer.longitude is None or offer.latitude is None:
        return None
    x, y = view.point(offer.longitude, offer.latitude)
    return (x, y) if 0 <= x <= WIDTH and 0 <= y <= view.height else None


def _state(directory: Directory, ags: str) -> str:
    words = set(directory.states[ags].values())
    return next(word for word in ("sites", "none", "unknown") if word in words)


def _count(directory: Directory, ags: str) -> str:
    count = sum(offer.ags == ags for offer in directory.offers)
    return german.number(count) if count else "–"


def _facts(directory: Directory) -> list[tuple[str, str]]:
    lab = directory.lab
    days = [f for s in directory.sectors for f in (s.first_day, s.last_day) if f]
    known = sum(sector.has_data for sector in directory.sectors)
    return [
        ("Gemeinden", german.enumeration(lab.region.member_names)),
        ("Verzeichnete Angebote", german.number(len(directory.offers))),
        ("Bereiche mit einer Zahl", f"{known} von {len(directory.sectors)}"),
        ("Stand der Angaben", german.interval(f"{min(days)}/{max(days)}") if days else "–"),
    ]


def _filled_kinds(directory: Directory) -> list[tuple[int, str]]:
    filled = {offer.kind for offer in directory.offers}
    return [(i, name) for i, (kind, name) in enumerate(KINDS.items()) if kind in filled]


def _differences(directory: Directory) -> dict[str, Any] | None:
    """The own list beside the map; None where there is nothing to compare."""
    rows = directory.differences
    if rows.empty:
        return None
    return {
        "own_only": _names(rows, OWN_ONLY, directory),
        "map_only": _names(rows, MAP_ONLY, directory),
        "n_both": german.number(int(rows["side"].eq(BOTH).sum())),
    }


def _names(rows: pd.DataFrame, side: str, directory: Directory) -> list[str]:
    region = directory.lab.region
    towns = dict(zip(region.members, region.member_names, strict=True))
    chosen = rows.loc[rows["side"].eq(side)]
    return [f"{row.name or UNNAMED} ({towns[row.site_ags]})" for row in rows_of(chosen)]


def _files(slug: str) -> list[tuple[str, str]]:
    return [
        (table_of(slug), "Liste (CSV)"),
        (linked_data_of(slug), "Liste (JSON-LD, schema.org)"),
        (map_of(slug), "Karte (SVG)"),
    ]


def _data(directory: Directory, view: Projection) -> dict[str, Any]:
    """What the script of the page needs."""
    kinds = list(KINDS)
    members = directory.lab.region.members
    sources = list(directory.sources)
    spoken = _spoken(directory)
    offers = []
    for offer in directory.offers:
        x, y = _point(offer, view) or (None, None)
        offers.append(
            {
                "name": offer.name,
                "kind": kinds.index(offer.kind),
                "address": offer.address,
                "place": members.index(offer.ags),
                "access": offer.access,
                "languages": [spoken.index(code) for code in offer.languages],
                "website": offer.website,
                "day": offer.day,
                "source": sources.index(offer.source_id),
                "remark": offer.remark,
                "x": x,
                "y": y,
            }
        )
    return {
        "kinds": list(KINDS.values()),
        "places": list(directory.lab.region.member_names),
        "languages": [language_name(code) for code in spoken],
        "sources": [record["producer"] for record in directory.sources.values()],
        "offers": offers,
        "areas": [
            {
                "key": ags,
                "any": _STATE_CLASSES[_state(directory, ags)],
                "kinds": [_STATE_CLASSES[directory.states[ags][kind]] for kind in kinds],
            }
            for ags in members
        ],
        "report": _REPORT,
    }
