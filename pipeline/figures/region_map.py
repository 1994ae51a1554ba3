"""A plain map of municipalities and sites, as shapes that a page draws as SVG.

It needs no tiles and no network, prints as it stands, and a script may move it. Where borders are
at hand, municipalities are their outlines, else symbols at their centres. The class "keine Daten"
is drawn, not left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd

from pipeline.figures import charts
from pipeline.regions import Region

#: Width of the drawing in its own units; the page scales it.
WIDTH = 600.0
#: Kilometres of a degree of latitude.
_KM = 111.195
#: Kilometres that a map shows at least, so that a single site is not a map of a street.
_LEAST_KM = 5.0
_SHAPES = (0.62, 1.05)  # flattest and tallest map, height by width
_BARS = (1, 2, 5, 10, 20, 50, 100)
#: Markers of an overview keep this distance, in units of the drawing.
_APART = 42.0
#: Rounds of pushing markers apart; what still touches then is left as it is.
_MOST_ROUNDS = 60


@dataclass(frozen=True)
class MapArea:
    """A municipality on the map: an outline, or a symbol at (x, y) where `path` is empty."""

    key: str
    name: str
    x: float
    y: float
    path: str = ""


@dataclass(frozen=True)
class MapMarker:
    """A numbered place of an overview; (x, y) may be moved aside from the true (home_x, home_y)."""

    number: int
    name: str
    x: float
    y: float
    home_x: float
    home_y: float
    state: str


@dataclass(frozen=True)
class Projection:
    """Degrees to units of the drawing: plate carrée, true to scale at the middle latitude."""

    west: float
    north: float
    units_per_degree: float
    stretch: float
    height: float

    def point(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Units to the right and down, rounded to a tenth."""
        x = (longitude - self.west) * self.stretch * self.units_per_degree
        return round(x, 1), round((self.north - latitude) * self.units_per_degree, 1)

    @property
    def scale_bar(self) -> tuple[int, float]:
        """Kilometres of the scale bar, and its length in units: about a fifth of the width."""
        unit = self.units_per_degree / _KM
        fitting = [km for km in _BARS if km * unit <= WIDTH / 4]
        km = fitting[-1] if fitting else _BARS[0]
        return km, round(km * unit, 1)


def projection(longitudes: Iterable[float], latitudes: Iterable[float]) -> Projection:
    """The projection that shows all given points with a margin."""
    east_west, south_north = list(longitudes), list(latitudes)
    middle = (min(south_north) + max(south_north)) / 2
    stretch = math.cos(math.radians(middle))
    least = _LEAST_KM / _KM
    width = max((max(east_west) - min(east_west)) * stretch, least) * 1.16
    height = max(max(south_north) - min(south_north), least) * 1.16
    width = max(width, height / _SHAPES[1])
    height = max(height, width * _SHAPES[0])
    centre = (min(east_west) + max(east_west)) / 2
    return Projection(
        west=centre - width / stretch / 2,
        north=middle + height / 2,
        units_per_degree=WIDTH / width,
        stretch=stretch,
        height=round(WIDTH * height / width, 1),
    )


def areas_of(
    municipalities: pd.DataFrame, view: Projection, outlines: Mapping[str, Any] | None = None
) -> list[MapArea]:
    """Municipalities as shapes.

    Parameters
    ----------
    municipalities : `ags`, `name` (for readers), `longitude`, `latitude`.
    outlines : AGS → polygon in degrees (shapely); those without one are drawn as symbols.
    """
    known = outlines or {}
    return [
        MapArea(
            str(row.ags),
            str(row.name),
            *view.point(row.longitude, row.latitude),
            path=_path(known[row.ags], view) if row.ags in known else "",
        )
        for row in charts.rows_of(municipalities)
    ]


def _path(polygon: Any, view: Projection) -> str:
    """An outline with its holes as SVG path data."""
    parts = getattr(polygon, "geoms", [polygon])
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return "".join(_ring(ring.coords, view) for ring in rings)


def _ring(coordinates: Iterable[tuple[float, ...]], view: Projection) -> str:
    points = [view.point(longitude, latitude) for longitude, latitude, *_ in coordinates]
    # neighbouring corners that fall on the same tenth say nothing
    kept = [point for point, last in zip(points, [None, *points], strict=False) if point != last]
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in kept) + "Z"


def dots(points: Iterable[tuple[float, float]]) -> str:
    """Path data of a dot at each point: strokes of almost no length, drawn with round ends."""
    return "".join(f"M{x:g},{y:g}h.01" for x, y in points)


def places_of(regions: Sequence[Region], municipalities: pd.DataFrame) -> pd.DataFrame:
    """Where each region is shown: the mean of its municipalities' centres.

    Parameters
    ----------
    municipalities : columns `ags, longitude, latitude`.

    Returns
    -------
    `name`, `longitude`, `latitude` (degrees; missing where the list has no coordinates), in the
    order of the regions.
    """
    centres = municipalities.set_index("ags")[["longitude", "latitude"]]
    rows = [(region.name, *centres.reindex(list(region.members)).mean()) for region in regions]
    return pd.DataFrame(rows, columns=["name", "longitude", "latitude"])


def markers_of(places: pd.DataFrame, view: Projection) -> list[MapMarker]:
    """Numbered markers, moved aside where they would cover each other.

    Parameters
    ----------
    places : `name`, `longitude`, `latitude`, `state`; numbered in their order.
    """
    homes = [view.point(row.longitude, row.latitude) for row in charts.rows_of(places)]
    moved = _apart(homes)
    return [
        MapMarker(number, str(row.name), x, y, *home, str(row.state))
        for number, (row, home, (x, y)) in enumerate(
            zip(charts.rows_of(places), homes, moved, strict=True), start=1
        )
    ]


def _apart(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points, pushed apart in pairs until each two keep `_APART`."""
    moved = [list(point) for point in points]
    for _ in range(_MOST_ROUNDS):
        is_quiet = True
        for one, other in combinations(range(len(moved)), 2):
            dx, dy = (moved[other][axis] - moved[one][axis] for axis in (0, 1))
            distance = math.hypot(dx, dy)
            if distance >= _APART - 0.5:
                continue
            is_quiet = False
            # two at one spot part to the left and right
            ux, uy = (dx / distance, dy / distance) if distance > 0.01 else (1.0, 0.0)
            push = (_APART - distance) / 2
            for index, sign in ((one, -1), (other, 1)):
                moved[index][0] += sign * push * ux
                moved[index][1] += sign * push * uy
        if is_quiet:
            break
    return [(round(x, 1), round(y, 1)) for x, y in moved]
