"""Travel times: over a road graph, or, without one, from the distance as the crow flies.

The second is an approximation and says so: distance × detour ÷ speed, with bounds. It knows no
river without a bridge and no motorway, so a single value may be off by half; it serves to compare
places, not to promise minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from pipeline.errors import MethodInputError
from pipeline.methods.catchment import TravelCosts
from pipeline.methods.decay import Floats

#: Mean radius of the earth in km (IUGG, R1).
EARTH_RADIUS_KM = 6371.0088


@dataclass(frozen=True)
class StraightLineModel:
    """Minutes by car from the great-circle distance: an approximation, in every report named so.

    Attributes
    ----------
    detour : road kilometres per kilometre as the crow flies; low, middle, high.
    speed_kmh : door-to-door speed; low, middle, high.
    label : the words that stand beside every minute computed with it.
    """

    detour: tuple[float, float, float]
    speed_kmh: tuple[float, float, float]
    label: str

    def __post_init__(self) -> None:
        ordered = all(np.diff(values).min() >= 0 for values in (self.detour, self.speed_kmh))
        if not ordered or self.detour[0] < 1 or self.speed_kmh[0] <= 0:
            raise MethodInputError(
                "a straight-line model needs bounds in order, a detour of 1 or more and a speed",
                found=(self.detour, self.speed_kmh),
            )

    def minutes(self, distance_km: ArrayLike) -> Floats:
        """Middle estimate of the minutes."""
        return self._minutes(distance_km, 1, 1)

    def bounds(self, distance_km: ArrayLike) -> tuple[Floats, Floats]:
        """Least minutes (straight road, fast) and most minutes (long detour, slow)."""
        return self._minutes(distance_km, 0, 2), self._minutes(distance_km, 2, 0)

    def largest_distance(self, minutes: float) -> float:
        """Kilometres as the crow flies that the middle estimate covers in `minutes`."""
        return minutes / 60 * self.speed_kmh[1] / self.detour[1]

    def _minutes(self, distance_km: ArrayLike, detour: int, speed: int) -> Floats:
        distance = np.asarray(distance_km, dtype="float64")
        return distance * self.detour[detour] / self.speed_kmh[speed] * 60


#: Assumption, read in no source: what rural roads in Germany are commonly taken to be. The bounds
#: are part of it and are shown with every value.
CAR = StraightLineModel(
    detour=(1.2, 1.3, 1.5),
    speed_kmh=(40.0, 50.0, 60.0),
    label="Näherung: Luftlinie × 1,3 Umweg bei 50 km/h (Spanne: 1,2–1,5 und 40–60 km/h)",
)


def great_circle_km(
    longitude: ArrayLike, latitude: ArrayLike, to_longitude: ArrayLike, to_latitude: ArrayLike
) -> Floats:
    """Distance on the sphere in km (haversine); degrees, shapes broadcast."""
    lon, lat, to_lon, to_lat = (
        np.radians(np.asarray(angle, dtype="float64"))
        for angle in (longitude, latitude, to_longitude, to_latitude)
    )
    half = (
        np.sin((to_lat - lat) / 2) ** 2
        + np.cos(lat) * np.cos(to_lat) * np.sin((to_lon - lon) / 2) ** 2
    )
    distance: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return distance


def nearest_point(points: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """The nearest target of every point, as the crow flies.

    Parameters
    ----------
    points, targets : `longitude`, `latitude` in degrees.

    Returns
    -------
    Index of `points`; `nearest` (label in `targets`), `distance_km`.
    """
    if targets.empty:
        raise MethodInputError("there is no target to be near to", found="an empty table")
    chord, position = cKDTree(_on_sphere(targets)).query(_on_sphere(points))
    nearest = targets.index.take(np.asarray(position, dtype=np.intp))
    return pd.DataFrame({"nearest": nearest, "distance_km": _arc_km(chord)}, index=points.index)


def pairs_within(
    points: pd.DataFrame, targets: pd.DataFrame, model: StraightLineModel, minutes: float
) -> TravelCosts:
    """Every pair of point and target within `minutes` by the model; cost in minutes."""
    chord = 2 * np.sin(min(model.largest_distance(minutes) / EARTH_RADIUS_KM, np.pi) / 2)
    tree, other = cKDTree(_on_sphere(points)), cKDTree(_on_sphere(targets))
    # a hair wider, so that rounding does not lose a pair exactly at the bound
    found = tree.sparse_distance_matrix(other, chord * (1 + 1e-12), output_type="ndarray")
    cost = model.minutes(_arc_km(found["v"]))
    return TravelCosts(
        found["i"].astype(np.intp), found["j"].astype(np.intp), cost, points.index, targets.index
    )


@dataclass(frozen=True)
class RoadGraph:
    """A directed road graph; `minutes` of an edge stand in row (from) and column (to)."""

    nodes: pd.Index
    minutes: sparse.csr_array

    def positions(self, nodes: pd.Index) -> NDArray[np.intp]:
        """Positions of node keys; `MethodInputError` for one that the graph does not have."""
        positions = self.nodes.get_indexer(nodes)
        if (positions < 0).any():
            raise MethodInputError(
                "the graph has no such node", found=nodes[positions < 0][0], expected="node keys"
            )
        return positions


def road_graph(edges: pd.DataFrame) -> RoadGraph:
    """A graph from road segments, as an OpenStreetMap extract gives them.

    Parameters
    ----------
    edges : one row a segment: `from_node`, `to_node`, `length_m`, `speed_kmh`, `is_oneway`.

    Of several segments between the same nodes the fastest counts.
    """
    needed = ["from_node", "to_node", "length_m", "speed_kmh", "is_oneway"]
    missing = [name for name in needed if name not in edges.columns]
    if missing or edges.empty:
        raise MethodInputError("no road segments", found=missing or "an empty table")
    length = edges["length_m"].to_numpy(dtype="float64")
    speed = edges["speed_kmh"].to_numpy(dtype="float64")
    if not (np.isfinite(length) & np.isfinite(speed) & (length >= 0) & (speed > 0)).all():
        raise MethodInputError("segments need a length of 0 or more and a speed above 0")
    minutes = length / 1000 / speed * 60
    ends, nodes = pd.factorize(pd.concat([edges["from_node"], edges["to_node"]]), sort=True)
    start, end = np.split(ends, 2)
    back = ~edges["is_oneway"].to_numpy(dtype=bool)
    segments = pd.DataFrame(
        {
            "start": np.concatenate([start, end[back]]),
            "end": np.concatenate([end, start[back]]),
            "minutes": np.concatenate([minutes, minutes[back]]),
        }
    )
    # a sparse matrix would add up parallel segments
    fastest = segments.groupby(["start", "end"], as_index=False, sort=True)["minutes"].min()
    size = len(nodes)
    matrix = sparse.csr_array(
        (fastest["minutes"], (fastest["start"], fastest["end"])), shape=(size, size)
    )
    return RoadGraph(pd.Index(nodes), matrix)


def graph_minutes(
    graph: RoadGraph, sources: pd.Index, *, largest: float = np.inf, towards: bool = False
) -> pd.DataFrame:
    """Minutes from every source to every node (or, `towards`, from every node to the source).

    Returns
    -------
    One row a source, one column a node; infinity where there is no way, or none within `largest`.
    """
    matrix = graph.minutes.T.tocsr() if towards else graph.minutes
    found = csgraph.dijkstra(matrix, indices=graph.positions(sources), limit=largest)
    return pd.DataFrame(found, index=sources, columns=graph.nodes)


def nearest_on_graph(graph: RoadGraph, targets: pd.Index) -> pd.DataFrame:
    """Minutes from every node to its nearest target, in one search from all targets at once.

    Returns
    -------
    One row a node: `minutes` (infinity where no target can be reached), `nearest` (key of the
    target, missing there), `flag`.
    """
    if targets.empty:
        raise MethodInputError("there is no target to be near to", found="no targets")
    # against the direction of travel: people drive to the target, not from it
    minutes, _, source = csgraph.dijkstra(
        graph.minutes.T.tocsr(),
        indices=np.unique(graph.positions(targets)),
        min_only=True,
        return_predecessors=True,
    )
    reached = np.isfinite(minutes)
    nearest = pd.Series(graph.nodes.take(np.where(reached, source, 0)), index=graph.nodes)
    return pd.DataFrame(
        {
            "minutes": minutes,
            "nearest": nearest.where(reached),
            "flag": np.where(reached, "", "kein Weg im Straßennetz"),
        },
        index=graph.nodes,
    )


def _on_sphere(points: pd.DataFrame) -> Floats:
    """Unit vectors of the points: chords between them order like distances on the sphere."""
    missing = [name for name in ("longitude", "latitude") if name not in points.columns]
    if missing:
        raise MethodInputError("points without coordinates", found=missing)
    degrees = points[["longitude", "latitude"]].to_numpy(dtype="float64")
    if not np.isfinite(degrees).all() or (np.abs(degrees) > (180.0, 90.0)).any():
        raise MethodInputError(
            "coordinates must be degrees",
            found=f"{int((~np.isfinite(degrees)).any(axis=1).sum())} points without, or metres",
            expected="longitude −180 … 180, latitude −90 … 90 (WGS 84)",
        )
    longitude, latitude = np.radians(degrees).T
    return np.column_stack(
        [
            np.cos(latitude) * np.cos(longitude),
            np.cos(latitude) * np.sin(longitude),
            np.sin(latitude),
        ]
    )


def _arc_km(chord: ArrayLike) -> Floats:
    half = np.clip(np.asarray(chord, dtype="float64") / 2, 0, 1)
    arc: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(half)
    return arc
