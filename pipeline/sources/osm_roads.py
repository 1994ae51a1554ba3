"""Roads for cars out of an OpenStreetMap extract, as segments between junctions.

Minutes follow from a speed for each class of road. These speeds are an **assumption**: no source
gives mean speeds on rural roads in Germany by the classes of OpenStreetMap. They lie below the
permitted ones, for bends, crossings and villages; a mapped speed limit only ever lowers them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pandas as pd
from osmium.filter import KeyFilter
from osmium.osm import WAY

from pipeline.errors import RawDataError

#: Assumption: mean speed by class of road in km/h, by day and without congestion.
SPEED_KMH: Mapping[str, float] = {
    "motorway": 110.0,
    "motorway_link": 60.0,
    "trunk": 85.0,
    "trunk_link": 50.0,
    "primary": 65.0,
    "primary_link": 45.0,
    "secondary": 60.0,
    "secondary_link": 45.0,
    "tertiary": 50.0,
    "tertiary_link": 40.0,
    "unclassified": 40.0,
    "residential": 25.0,
    "living_street": 10.0,
    "service": 15.0,
    "road": 30.0,
}
#: Classes along which people live.
RESIDENTIAL = frozenset({"residential", "living_street"})
#: Share of a mapped speed limit that is driven on average (assumption).
LIMIT_SHARE = 0.85
#: The words that stand beside every minute computed with these speeds.
LABEL = (
    "Annahme: Pkw-Tempo je Straßenklasse (Autobahn 110, Bundesstraße 65 bis 85, Landes- und "
    "Kreisstraße 50 bis 60, innerorts 25 bis 40 km/h), ohne Stau"
)
_NO_ENTRY = frozenset({"no", "private", "delivery", "agricultural", "forestry", "customers"})
_MILES = 1.609344
EARTH_RADIUS_METRES = 6_371_008.8


@dataclass(frozen=True)
class Roads:
    """A road network.

    Attributes
    ----------
    edges : one row a segment between two junctions: `from_node`, `to_node`, `length_m`,
        `speed_kmh`, `is_oneway`, `is_residential`.
    nodes : index node id; `longitude`, `latitude` of every end of a segment.
    """

    edges: pd.DataFrame
    nodes: pd.DataFrame


def read_roads(path: Path, box: tuple[float, float, float, float] | None = None) -> Roads:
    """The roads for cars of an extract, for `methods.travel.road_graph`.

    Parameters
    ----------
    path : `.osm.pbf`.
    box : west, south, east, north in degrees; roads with no node inside are left out.

    Raises
    ------
    RawDataError : no readable extract, or no road in it.
    """
    try:
        ways = [way for way in _ways(path) if box is None or _touches(way, box)]
    except (RuntimeError, OSError) as error:
        raise RawDataError(
            f"the extract is cut off or damaged ({str(error)[:120]})",
            file=path,
            remedy="download it again",
        ) from error
    if not ways:
        raise RawDataError(
            "the extract holds no road for cars" + ("" if box is None else " in this area"),
            file=path,
            expected="ways with highway=primary, secondary, residential …",
            remedy="take an extract of the Land that the region lies in",
        )
    uses = Counter(node for way in ways for node in way.nodes)
    edges = [segment for way in ways for segment in _segments(way, uses)]
    frame = pd.DataFrame(
        edges,
        columns=["from_node", "to_node", "length_m", "speed_kmh", "is_oneway", "is_residential"],
    )
    return Roads(frame, _ends(ways, set(frame["from_node"]) | set(frame["to_node"])))


@dataclass(frozen=True)
class _Way:
    """A road as mapped, its nodes in the direction of travel."""

    nodes: list[int]
    longitude: list[float]
    latitude: list[float]
    speed_kmh: float
    is_oneway: bool
    is_residential: bool


def _ways(path: Path) -> Iterator[_Way]:
    processor = osmium.FileProcessor(osmium.io.File(str(path), "pbf")).with_locations()
    processor = processor.with_filter(osmium.filter.EntityFilter(WAY))
    for item in processor.with_filter(KeyFilter("highway")):
        way = _way(item)
        if way is not None:
            yield way


def _way(item: Any) -> _Way | None:
    """The road of a way; None where cars may not drive, or its nodes lie outside the extract."""
    tags = dict(item.tags)
    speed = speed_of(tags)
    known = [node for node in item.nodes if node.location.valid()]
    if speed is None or len(known) < 2:
        return None
    direction = oneway_of(tags)
    ordered = known[::-1] if direction < 0 else known
    return _Way(
        [node.ref for node in ordered],
        [node.lon for node in ordered],
        [node.lat for node in ordered],
        speed,
        direction != 0,
        tags["highway"] in RESIDENTIAL,
    )


def speed_of(tags: Mapping[str, str]) -> float | None:
    """Mean speed in km/h on a road; None where no car may drive."""
    speed = SPEED_KMH.get(tags.get("highway", ""))
    if speed is None or tags.get("area") == "yes":
        return None
    entry = next(
        (tags[key] for key in ("motorcar", "motor_vehicle", "vehicle", "access") if key in tags), ""
    )
    if entry in _NO_ENTRY:
        return None
    limit = _limit(tags.get("maxspeed", ""))
    return speed if limit is None else min(speed, limit * LIMIT_SHARE)


def _limit(text: str) -> float | None:
    """A mapped speed limit in km/h; None for words (`none`, `DE:rural`, `walk`)."""
    number, _, unit = text.partition(" ")
    if not number.isdigit() or int(number) == 0:
        return None
    return int(number) * (_MILES if unit == "mph" else 1.0)


def oneway_of(tags: Mapping[str, str]) -> int:
    """1 in the direction of the way only, -1 against it only, 0 both."""
    value = tags.get("oneway", "")
    if value == "-1":
        return -1
    if value in {"yes", "true", "1"}:
        return 1
    if value in {"no", "false", "0"}:
        return 0
    is_implied = tags.get("junction") in {"roundabout", "circular"} or tags.get("highway", "") in {
        "motorway", "motorway_link",
    }  # fmt: skip
    return int(is_implied)


def _segments(way: _Way, uses: Counter[int]) -> Iterator[tuple[int, int, float, float, bool, bool]]:
    """Parts of a road from junction to junction; nodes that only shape it add their length."""
    steps = _lengths(np.array(way.longitude), np.array(way.latitude))
    start, length = 0, 0.0
    last = len(way.nodes) - 1
    for at in range(1, len(way.nodes)):
        length += float(steps[at - 1])
        if at == last or uses[way.nodes[at]] > 1:
            ends = way.nodes[start], way.nodes[at]
            yield *ends, length, way.speed_kmh, way.is_oneway, way.is_residential
            start, length = at, 0.0


def _lengths(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Metres between consecutive points: on segments this short the plane is exact enough."""
    x, y = np.radians(longitude), np.radians(latitude)
    across = np.diff(x) * np.cos((y[1:] + y[:-1]) / 2)
    return np.hypot(across, np.diff(y)) * EARTH_RADIUS_METRES


def _ends(ways: list[_Way], wanted: set[int]) -> pd.DataFrame:
    places = {
        node: (x, y)
        for way in ways
        for node, x, y in zip(way.nodes, way.longitude, way.latitude, strict=True)
        if node in wanted
    }
    frame = pd.DataFrame.from_dict(places, orient="index", columns=["longitude", "latitude"])
    return frame.sort_index()


def _touches(way: _Way, box: tuple[float, float, float, float]) -> bool:
    west, south, east, north = box
    return any(
        west <= x <= east and south <= y <= north
        for x, y in zip(way.longitude, way.latitude, strict=True)
    )
