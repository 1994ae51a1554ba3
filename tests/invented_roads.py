"""An extract of invented roads and places around a true point, for tests and their pictures.

Nothing in it is real but the point that it lies around: main roads in a grid that reaches 75 km to
each side, a town of residential streets in the middle, a village beside it.
"""

from __future__ import annotations

from itertools import count, pairwise
from pathlib import Path

import osmium
from osmium.osm.mutable import Node, Way

#: Junctions of main roads to each side of the middle, and the degrees between two of them.
REACH, STEP = 34, (0.032, 0.02)
#: Streets to each side of the middle of the town and of the village, and the degrees between two.
TOWN, VILLAGE, STREET = 10, 4, (0.004, 0.0025)
#: Degrees from the middle of the town to that of the village: 8 km east, 6 km north.
AWAY = (0.12, 0.055)
#: Tags of the invented places → degrees from the middle of the town.
PLACES = (
    ({"amenity": "doctors", "healthcare:speciality": "general", "language:tr": "yes"}, (0.0, 0.0)),
    ({"amenity": "pharmacy", "name": "Erfundene Apotheke"}, (0.004, 0.0025)),
    ({"amenity": "hospital", "name": "Erfundenes Krankenhaus"}, (-0.096, -0.06)),
)


def write_extract(path: Path, middle: tuple[float, float]) -> Path:
    """Write the extract (`.osm.pbf`) around `middle` (longitude, latitude)."""
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2026-03-01T20:20:00Z")
    path.parent.mkdir(parents=True, exist_ok=True)
    numbers = count(1)
    with osmium.SimpleWriter(str(path), header=header) as writer:
        ways: list[list[int]] = []
        centres: list[int] = []
        for centre, reach, step in (
            (middle, REACH, STEP),
            (middle, TOWN, STREET),
            ((middle[0] + AWAY[0], middle[1] + AWAY[1]), VILLAGE, STREET),
        ):
            grid = [
                [
                    _node(writer, next(numbers), centre, (column * step[0], row * step[1]))
                    for column in range(-reach, reach + 1)
                ]
                for row in range(-reach, reach + 1)
            ]
            ways += [*grid, *(list(line) for line in zip(*grid, strict=True))]
            centres.append(grid[reach][reach])
        for tags, offset in PLACES:
            _node(writer, next(numbers), middle, offset, tags)
        n_main = 2 * (2 * REACH + 1)
        for number, nodes in enumerate(ways):
            highway = "secondary" if number < n_main else "residential"
            writer.add_way(Way(id=next(numbers), nodes=nodes, tags={"highway": highway}))
        for one, other in pairwise(centres):  # the streets meet the main roads and each other
            writer.add_way(Way(id=next(numbers), nodes=[one, other], tags={"highway": "tertiary"}))
    return path


def _node(
    writer: osmium.SimpleWriter,
    number: int,
    middle: tuple[float, float],
    offset: tuple[float, float],
    tags: dict[str, str] | None = None,
) -> int:
    place = (middle[0] + offset[0], middle[1] + offset[1])
    writer.add_node(Node(id=number, location=place, tags=tags or {}))
    return number
