"""Places of health care out of an OpenStreetMap extract (`.osm.pbf`), without persons' names.

OpenStreetMap is mapped by volunteers: what is missing is unknown, not absent. Objects are taken as
nodes, closed ways and multipolygons; an area stands at a point inside it. Names of persons are
dropped (`osm_names`), and of the tags beside name and address only wheelchair, spoken languages and
a website that shows no person are kept, so that operators, telephones and opening hours never come
in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pandas as pd
import shapely
from osmium.filter import KeyFilter
from osmium.osm import AREA, NODE

from pipeline.errors import RawDataError
from pipeline.sources.base import Head, LongTable
from pipeline.sources.osm_names import NAMED_KINDS, is_centre, public_name, public_website
from pipeline.sources.site_details import language_codes

FORMAT = "osm-pbf"
LOOKS_LIKE = "an OpenStreetMap extract (.osm.pbf), whose first block is called OSMHeader"

#: A practice of which nobody has mapped the speciality: it may be one of general practice.
UNKNOWN_PRACTICE = "medical_practice"
#: Kind of facility → tags that make it one, the first that fits counts. Practices of doctors are
#: told apart by their speciality afterwards.
KINDS: Mapping[str, tuple[tuple[str, frozenset[str]], ...]] = {
    "pharmacy": (("amenity", frozenset({"pharmacy"})), ("healthcare", frozenset({"pharmacy"}))),
    "hospital": (("amenity", frozenset({"hospital"})), ("healthcare", frozenset({"hospital"}))),
    "dentistry": (("amenity", frozenset({"dentist"})), ("healthcare", frozenset({"dentist"}))),
    "midwifery": (("healthcare", frozenset({"midwife", "birthing_centre", "birthing_center"})),),
    "psychotherapy": (("healthcare", frozenset({"psychotherapist"})),),
    "therapy": (
        ("healthcare", frozenset({"physiotherapist", "occupational_therapist", "speech_therapist",
                                  "podiatrist"})),
    ),
    "counselling": (("healthcare", frozenset({"counselling"})),),
    "home_care": (
        ("social_facility", frozenset({"ambulatory_care"})), ("healthcare", frozenset({"nurse"})),
    ),
    "day_care": (("social_facility", frozenset({"day_care"})),),
    "residential_care": (
        ("amenity", frozenset({"nursing_home"})),
        ("social_facility", frozenset({"nursing_home", "hospice"})),
        ("healthcare", frozenset({"hospice"})),
    ),
    UNKNOWN_PRACTICE: (
        ("amenity", frozenset({"doctors", "clinic"})),
        ("healthcare", frozenset({"doctor", "clinic", "centre"})),
    ),
}  # fmt: skip
#: Specialities of `healthcare:speciality` that make a practice one of general practice.
GENERAL = frozenset({"general", "general_practice", "family_medicine", "allgemeinmedizin"})
_OF_SOCIAL_FACILITIES = frozenset({"home_care", "day_care", "residential_care"})
#: Who is cared for in a social facility that counts here; homes for others are none of ours.
_CARED_FOR = frozenset({"senior", "disabled", "diseased", "mental_health", ""})

#: Two objects of a kind and name nearer than this are one, mapped as point and as building.
SAME_SITE_METRES = 250.0
_METRES_PER_DEGREE = 111_195.0
#: Midwives often work from their own homes: street and number are dropped, the place is rounded.
_PRIVATE_KINDS = frozenset({"midwifery"})
_PRIVATE_DECIMALS = 2

COLUMNS = (
    "kind", "name", "longitude", "latitude", "street", "house_number", "site_postcode", "city",
    "wheelchair", "website", "languages",
)  # fmt: skip
#: Tags of a website, the first that is set counts.
_WEBSITE = ("website", "contact:website", "url")
_LANGUAGE = "language:"
_SPOKEN = frozenset({"yes", "main", "only"})
_POSTCODE = re.compile(r"\d{4,5}")
_MAGIC = b"OSMHeader"
_FILTER = ("amenity", "healthcare", "social_facility")


def matches(head: Head) -> bool:
    """Whether the first block is the header of an extract."""
    return _MAGIC in head.raw[:32]


def read(path: Path) -> LongTable:
    """How many places of each kind the extract holds; `read_facilities` gives the places."""
    found = read_facilities(path)
    counts = found["kind"].value_counts().sort_index()
    frame = pd.DataFrame(
        {
            "ref_area": "",
            "time_period": extract_date(path),
            "kind": counts.index.astype("str"),
            "measure": "Standorte",
            "unit_measure": "Anzahl",
            "obs_value": counts.to_numpy(dtype="float64"),
            "obs_status": "",
        }
    )
    return LongTable(
        format=FORMAT,
        table=None,
        title="OpenStreetMap: Standorte von Gesundheitsangeboten",
        encoding="utf-8",
        level=None,
        frame=frame,
        dimensions=("kind",),
        notes=("Gezählt ist, was Freiwillige eingetragen haben; was fehlt, ist unbekannt.",),
        licence="ODbL-1.0",
        path=path,
    )


def extract_date(path: Path) -> str:
    """The day of the extract, from its header; else the newest change in it.

    Raises
    ------
    RawDataError : no readable extract, or nothing in it that has a date.
    """
    try:
        stamp = _processor(path).header.get("osmosis_replication_timestamp", "")
    except (RuntimeError, OSError) as error:
        raise _unreadable(path, error) from error
    if re.match(r"\d{4}-\d{2}-\d{2}", stamp):
        return stamp[:10]
    newest = max((_day(item) for item in _objects(path)), default="")
    if not newest:
        raise RawDataError(
            "the extract does not say of which day it is",
            file=path,
            expected="osmosis_replication_timestamp in its header, or objects with a date",
            remedy="take an extract as the download server offers it",
        )
    return newest


def read_facilities(path: Path) -> pd.DataFrame:
    """Places of health care, one row each, sorted by kind and place.

    Returns
    -------
    `COLUMNS`: `kind` (a key of `KINDS`, or `general_practice`, `specialist_practice`, `mvz`),
    `name` (never that of a person),
    coordinates in degrees (WGS 84), address and `wheelchair` as mapped, `website` where it shows no
    person, `languages` as codes joined by semicolons; empty where unknown.

    Raises
    ------
    RawDataError : the file is cut off or no extract.
    """
    rows = []
    try:
        for tags, longitude, latitude in _places(path):
            kind = kind_of(tags)
            if kind is not None:
                rows.append(_row(kind, tags, longitude, latitude))
    except (RuntimeError, OSError) as error:
        raise _unreadable(path, error) from error
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame = frame.sort_values(["kind", "longitude", "latitude", "name"], ignore_index=True)
    return _without_doubles(frame)


def kind_of(tags: Mapping[str, str]) -> str | None:
    """The kind of facility that the tags describe; None for anything else."""
    if any(tags.get(key) in {"yes", "true"} for key in ("disused", "abandoned", "closed")):
        return None
    for kind, rules in KINDS.items():
        if any(not words.isdisjoint(_words(tags.get(key, ""))) for key, words in rules):
            cared_for = _words(tags.get("social_facility:for", ""))
            if kind in _OF_SOCIAL_FACILITIES and _CARED_FOR.isdisjoint(cared_for):
                return None
            return _practice(tags) if kind == UNKNOWN_PRACTICE else kind
    return None


def _practice(tags: Mapping[str, str]) -> str:
    """The kind of a doctors' practice: a centre by its name, else by the mapped speciality."""
    if is_centre(tags.get("name", "")):
        return "mvz"
    specialities = _words(tags.get("healthcare:speciality", "")) - {""}
    if specialities & GENERAL:
        return "general_practice"
    return "specialist_practice" if specialities else UNKNOWN_PRACTICE


def _words(value: str) -> set[str]:
    """The values of a tag; several are parted by semicolons."""
    return {word.strip().casefold() for word in value.split(";")}


def _row(
    kind: str, tags: Mapping[str, str], longitude: float, latitude: float
) -> tuple[str, str, float, float, str, str, str, str, str, str, str]:
    is_private = kind in _PRIVATE_KINDS
    city = tags.get("addr:city", "")
    postcode = tags.get("addr:postcode", "")
    decimals = _PRIVATE_DECIMALS if is_private else 7
    return (
        kind,
        public_name(kind, tags.get("name", ""), city),
        round(longitude, decimals),
        round(latitude, decimals),
        "" if is_private else tags.get("addr:street", ""),
        "" if is_private else tags.get("addr:housenumber", ""),
        postcode if _POSTCODE.fullmatch(postcode) else "",
        city,
        tags.get("wheelchair", ""),
        "" if is_private else _website(kind, tags, city),
        _languages(tags),
    )


def _website(kind: str, tags: Mapping[str, str], city: str) -> str:
    address = next((tags[key] for key in _WEBSITE if tags.get(key)), "")
    return public_website(kind, address, tags.get("name", ""), city)


def _languages(tags: Mapping[str, str]) -> str:
    """Codes of `language:<code>` that are spoken; what is no known code is left out."""
    spoken = (
        key.removeprefix(_LANGUAGE)
        for key, value in tags.items()
        if key.startswith(_LANGUAGE) and value.casefold() in _SPOKEN
    )
    return language_codes(spoken)[0]


def _without_doubles(frame: pd.DataFrame) -> pd.DataFrame:
    """One row for a place that is mapped as point and as area, or by several of its buildings.

    Practices have no name of their own here, so only rows at the same address or, for kinds with
    proper names, with the same name count as one.
    """
    if frame.empty:
        return frame
    street = frame["street"] + " " + frame["house_number"]
    label = frame["name"].where(frame["kind"].isin(NAMED_KINDS), street)
    kept: list[int] = []
    for _, group in frame.assign(_label=label).groupby(["kind", "_label"], sort=False):
        is_nameless = not str(group["_label"].iloc[0]).strip()
        chosen: list[int] = []
        for number, x, y in zip(group.index, group["longitude"], group["latitude"], strict=True):
            near = not is_nameless and any(
                _metres(x, y, frame.at[other, "longitude"], frame.at[other, "latitude"])
                < SAME_SITE_METRES
                for other in chosen
            )
            if not near:
                chosen.append(number)
        kept += chosen
    return frame.loc[sorted(kept)].reset_index(drop=True)


def _metres(x: float, y: float, other_x: Any, other_y: Any) -> float:
    across = (x - float(other_x)) * np.cos(np.radians(y))
    return float(np.hypot(across, y - float(other_y)) * _METRES_PER_DEGREE)


def _places(path: Path) -> Iterator[tuple[dict[str, str], float, float]]:
    """Tags and point of every node and area with one of the keys."""
    factory = osmium.geom.WKBFactory()
    for item in _objects(path):
        if item.is_node():
            if item.location.valid():
                yield dict(item.tags), item.location.lon, item.location.lat
        elif item.is_area():
            try:
                outline = shapely.from_wkb(factory.create_multipolygon(item))
            except RuntimeError:  # an outline that is broken in the map
                continue
            point = outline.representative_point()
            yield dict(item.tags), point.x, point.y


def _objects(path: Path) -> Iterator[Any]:
    yield from _processor(path, areas=True)


def _processor(path: Path, *, areas: bool = False) -> Any:
    try:
        # named, because a file in the making has another ending
        processor = osmium.FileProcessor(osmium.io.File(str(path), "pbf"))
        if not areas:
            return processor
        return processor.with_areas(KeyFilter(*_FILTER)).with_filter(
            osmium.filter.EntityFilter(NODE | AREA)
        ).with_filter(KeyFilter(*_FILTER))  # fmt: skip
    except (RuntimeError, OSError) as error:
        raise _unreadable(path, error) from error


def _day(item: Any) -> str:
    stamp = item.timestamp
    return f"{stamp:%Y-%m-%d}" if stamp.year > 1970 else ""


def _unreadable(path: Path, error: Exception) -> RawDataError:
    return RawDataError(
        f"the extract is cut off or damaged ({str(error)[:120]})",
        file=path,
        remedy="download it again",
    )
