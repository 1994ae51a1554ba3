"""Minutes by car to the nearest places of care over a road network, municipality by municipality.

Two points of view, both without the number of people at each point, so that no share of the
population follows from either: the official point of the municipality (its centre), and the
junctions of residential streets in it, which stand for where people live (assumption). The second
says how far it is from the outlying parts.

At the edge of what is known a nearer place may be missing: every value says so ("Randeffekt").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.errors import MethodInputError
from pipeline.methods import access, catchment, decay
from pipeline.methods.travel import (
    CAR,
    RoadGraph,
    graph_minutes,
    nearest_on_graph,
    nearest_point,
)

#: Kind in the result → kinds of facilities that count.
TARGETS: Mapping[str, frozenset[str]] = {
    "gp": frozenset({"general_practice"}),
    "pharmacy": frozenset({"pharmacy"}),
    "hospital": frozenset({"hospital"}),
}
#: How far a floating catchment reaches, in car minutes (own choice, no rule sets it).
CATCHMENT_MINUTES = 20.0
#: A place or site farther from its nearest node is not joined to the network.
FARTHEST_KM = 1.0
#: Minutes of the outlying parts: of a tenth of the points it is farther.
OUTLYING_SHARE = 0.9
#: With fewer points in a municipality neither median nor outlying minutes are given.
FEW_POINTS = 10
#: Cells in which the network is looked for, in degrees (about 5.5 km each way). Nowhere in the
#: region is a cell of this size without any road, so an empty one lies outside what is known.
CELL = (0.08, 0.05)

NO_SITE = "kein Standort im Auszug"
NO_WAY = "kein Weg im Straßennetz"
_SOURCES_AT_ONCE = 16


@dataclass(frozen=True)
class Network:
    """A road network and where its nodes lie.

    Attributes
    ----------
    graph : minutes between nodes.
    nodes : index node key; `longitude`, `latitude`; nodes of the graph only.
    homes : index node key of junctions of residential streets; `ags`. May be empty.
    label : the assumption behind the minutes, in the words of the report.
    """

    graph: RoadGraph
    nodes: pd.DataFrame
    homes: pd.DataFrame
    label: str


def node_minutes(facilities: pd.DataFrame, network: Network) -> pd.DataFrame:
    """Minutes from every junction to the nearest site of each kind.

    Parameters
    ----------
    facilities : columns `kind, longitude, latitude`; a municipality's own list may name a site
        without saying where on the map it lies: it is left out.
    network : roads.

    Returns
    -------
    Index of `network.nodes`, one column a kind of `TARGETS`: infinity where no way leads to a
    site, missing throughout where there is none.
    """
    mapped = facilities.dropna(subset=["longitude", "latitude"])
    sites = {kind: mapped.loc[mapped["kind"].isin(words)] for kind, words in TARGETS.items()}
    return pd.DataFrame({kind: _to_sites(found, network) for kind, found in sites.items()})


def reach_of_municipalities(
    municipalities: pd.DataFrame, minutes: pd.DataFrame, network: Network
) -> pd.DataFrame:
    """Minutes from every municipality to the nearest place of each kind.

    Parameters
    ----------
    municipalities : columns `ags, longitude, latitude`; those without coordinates are left out.
    minutes : as returned by `node_minutes`.
    network : roads.

    Returns
    -------
    One row a municipality and kind of `TARGETS`: `ags`, `kind`, `minutes_centre` (from the official
    point), `minutes_median` and `minutes_outlying` (over the junctions of residential streets;
    missing below `FEW_POINTS` of them), `n_points`, `flag` (empty; "Randeffekt" where a nearer
    place may lie beyond what is known; why there is no way), `note` (the assumption).

    Raises
    ------
    MethodInputError : no municipality with coordinates.
    """
    places = _with_coordinates(municipalities)
    known = known_minutes(places, network.nodes)
    parts = [_to_kind(places, minutes[kind], network, known).assign(kind=kind) for kind in TARGETS]
    columns = ["ags", "kind", "minutes_centre", "minutes_median", "minutes_outlying", "n_points",
               "flag"]  # fmt: skip
    result = pd.concat(parts).rename_axis("ags").reset_index()[columns]
    return result.assign(note=network.label).sort_values(["ags", "kind"], ignore_index=True)


def known_minutes(places: pd.DataFrame, nodes: pd.DataFrame) -> pd.Series:
    """How many car minutes around each place roads are known, at least.

    Measured to the nearest cell (`CELL`) without any road, as the crow flies, with the straightest
    road and the highest speed of `travel.CAR`: fast roads reach the edge no sooner.

    Parameters
    ----------
    places, nodes : `longitude`, `latitude` in degrees.
    """
    column = np.floor(nodes["longitude"].to_numpy() / CELL[0]).astype("int64")
    row = np.floor(nodes["latitude"].to_numpy() / CELL[1]).astype("int64")
    left, low = column.min() - 1, row.min() - 1
    is_known = np.zeros((row.max() - low + 2, column.max() - left + 2), dtype=bool)
    is_known[row - low, column - left] = True
    rows, columns = np.nonzero(~is_known)
    empty = pd.DataFrame(
        {
            "longitude": (columns + left + 0.5) * CELL[0],
            "latitude": (rows + low + 0.5) * CELL[1],
        }
    )
    distance = nearest_point(places, empty)["distance_km"]
    return pd.Series(CAR.bounds(distance)[0], index=places.index)


def sites_per_inhabitants(
    municipalities: pd.DataFrame, population: pd.Series, sites: pd.DataFrame, network: Network
) -> pd.DataFrame:
    """Sites in reach per 10,000 inhabitants who share them (two-step floating catchment).

    People stand at the official point of their municipality and each site counts once: how many
    doctors work there is not mapped.

    Parameters
    ----------
    municipalities : columns `ags, longitude, latitude`.
    population : inhabitants by AGS; municipalities without a number are left out.
    sites : `longitude`, `latitude`.

    Returns
    -------
    Index AGS; `access` (sites per 10,000 inhabitants), `flag` ("Randeffekt" where less than two
    catchments around are known: people beyond share the sites as well).

    Raises
    ------
    MethodInputError : nobody lives there, or no site.
    """
    places = _with_coordinates(municipalities)
    people = population.reindex(places.index)
    places, people = places.loc[people.gt(0)], people.loc[people.gt(0)]
    sites = sites.dropna(subset=["longitude", "latitude"])
    if places.empty or sites.empty:
        raise MethodInputError("no inhabitants or no site", found=(len(places), len(sites)))
    home = nearest_point(places, network.nodes)["nearest"]
    target = nearest_point(sites, network.nodes)["nearest"]
    minutes = pd.concat(_minutes(network.graph, pd.Index(home.unique()), pd.Index(target.unique())))
    matrix = minutes.reindex(index=home, columns=target).to_numpy()
    found, _ = catchment.catchment_access(
        catchment.costs_from_matrix(matrix, places.index, sites.index),
        people,
        np.ones(len(sites)),
        decay.within(CATCHMENT_MINUTES),
        largest_cost=CATCHMENT_MINUTES,
    )
    is_edge = ~covers(known_minutes(places, network.nodes), 2 * CATCHMENT_MINUTES)
    return pd.DataFrame(
        {
            "access": found["access"] * 10_000,
            "flag": found["flag"].astype("str").mask(is_edge, access.EDGE_EFFECT),
        }
    )


def _with_coordinates(municipalities: pd.DataFrame) -> pd.DataFrame:
    places = municipalities.dropna(subset=["longitude", "latitude"]).set_index("ags")
    if places.empty:
        raise MethodInputError("no municipality with coordinates", found=len(municipalities))
    return places


def covers(known: pd.Series, minutes: pd.Series | float) -> pd.Series:
    """Whether a search of so many minutes stays within what is known, and the least buffer too."""
    wanted = pd.Series(minutes, index=known.index).clip(lower=access.LEAST_BUFFER_MINUTES)
    return known.ge(wanted)


def _minutes(graph: RoadGraph, homes: pd.Index, targets: pd.Index) -> Iterator[pd.DataFrame]:
    """Minutes from homes to targets within a catchment, some homes at a time (memory)."""
    for start in range(0, len(homes), _SOURCES_AT_ONCE):
        some = homes[start : start + _SOURCES_AT_ONCE]
        yield graph_minutes(graph, some, largest=CATCHMENT_MINUTES)[targets]


def _to_kind(
    places: pd.DataFrame, of_node: pd.Series, network: Network, known: pd.Series
) -> pd.DataFrame:
    """Columns of `reach_of_municipalities` for the sites of one kind."""
    near = nearest_point(places, network.nodes)
    is_far = near["distance_km"].gt(FARTHEST_KM)
    centre = pd.Series(of_node.reindex(near["nearest"]).to_numpy(), index=places.index)
    homes = of_node.reindex(network.homes.index).groupby(network.homes["ags"])
    points = homes.size().reindex(places.index).fillna(0).astype("int64")
    enough = points.ge(FEW_POINTS)
    flag = pd.Series("", index=places.index)
    flag = flag.mask(~covers(known, centre), access.EDGE_EFFECT)
    flag = flag.mask(np.isinf(centre), NO_WAY).mask(is_far, access.TOO_FAR_FROM_ROAD)
    if of_node.isna().all():
        flag = pd.Series(NO_SITE, index=places.index)
    values = {
        "minutes_centre": centre.mask(is_far),
        "minutes_median": homes.median().reindex(places.index).where(enough),
        "minutes_outlying": homes.quantile(OUTLYING_SHARE).reindex(places.index).where(enough),
    }
    frame = pd.DataFrame(values).replace(np.inf, np.nan)
    return frame.assign(n_points=points, flag=flag)


def _to_sites(sites: pd.DataFrame, network: Network) -> pd.Series:
    """Minutes from every node to its nearest site; infinity without a way, missing without site."""
    if sites.empty:
        return pd.Series(np.nan, index=network.nodes.index)
    near = nearest_point(sites, network.nodes)
    joined = near.loc[near["distance_km"].le(FARTHEST_KM), "nearest"]
    if joined.empty:
        return pd.Series(np.inf, index=network.nodes.index)
    return nearest_on_graph(network.graph, pd.Index(joined.unique()))["minutes"]
