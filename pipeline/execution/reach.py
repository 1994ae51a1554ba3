"""Travel times of all municipalities from fetched OpenStreetMap extracts, for the stage `model`.

Without an extract below data/raw/originals there is no table, and the chapter on ways shows the
published minutes alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from pipeline.keys import area_key
from pipeline.methods.reach import (
    TARGETS,
    Network,
    node_minutes,
    reach_of_municipalities,
    sites_per_inhabitants,
)
from pipeline.methods.reach_cells import reach_of_cells
from pipeline.methods.travel import road_graph
from pipeline.settings import Paths
from pipeline.sources import osm_roads
from pipeline.sources.osm_roads import Roads
from pipeline.tables import storage
from pipeline.tables.fetched import ORIGINALS
from pipeline.tables.osm_facilities import municipality_of, read_borders

#: Degrees around the municipalities in which roads are read: about 65 km each way, more than the
#: fastest way of 40 minutes by the bounds of `travel.CAR`.
MARGIN = (0.95, 0.6)

Progress = Callable[[str], None]


def reach_tables(
    paths: Paths, progress: Progress = lambda step: None
) -> Mapping[str, pd.DataFrame]:
    """Minutes to the nearest GP, pharmacy and hospital, and sites in the catchment.

    Returns
    -------
    The derived tables by name, none where no extract has been fetched. `reach`: one row a
    municipality and kind, the columns of `reach_of_municipalities` with `ref_area` for `ags`, and
    `sites_per_10000` with `catchment_flag` (GPs only, else missing and empty). `reach_cells`: one
    row a cell and kind, the columns of `reach_of_cells` with `ref_area` for `ags`.
    """
    originals = paths.raw / ORIGINALS
    extracts = sorted(originals.glob("osm-*/*.osm.pbf"))
    if not extracts:
        return {}
    municipalities = storage.read("municipalities", processed=paths.processed)
    facilities = storage.read("facilities", processed=paths.processed)
    progress("reading roads")
    network = network_of(extracts, municipalities, next(originals.glob("bkg-vg250/*.zip"), None))
    progress("travel times")
    minutes = node_minutes(facilities, network)
    cells = reach_of_cells(minutes, network)
    cells = cells.loc[cells["ags"].isin(municipalities["ags"])]
    table = _with_catchments(
        reach_of_municipalities(municipalities, minutes, network),
        municipalities, facilities, network, _population(municipalities, paths.processed),
    )  # fmt: skip
    return {"reach": _keyed(table), "reach_cells": _keyed(cells.reset_index(drop=True))}


def _with_catchments(
    table: pd.DataFrame,
    municipalities: pd.DataFrame,
    facilities: pd.DataFrame,
    network: Network,
    people: pd.Series,
) -> pd.DataFrame:
    """The table with `sites_per_10000` and `catchment_flag`, for GPs only."""
    gps = facilities.loc[facilities["kind"].isin(TARGETS["gp"]) & facilities["longitude"].notna()]
    if len(gps) and people.gt(0).any():
        found = sites_per_inhabitants(municipalities, people, gps, network)
        found = found.rename(columns={"access": "sites_per_10000", "flag": "catchment_flag"})
        table = table.merge(
            found.rename_axis("ags").reset_index().assign(kind="gp"),
            on=["ags", "kind"], how="left", validate="one_to_one",
        )  # fmt: skip
    else:
        table = table.assign(sites_per_10000=float("nan"), catchment_flag="")
    return table.assign(catchment_flag=table["catchment_flag"].fillna(""))


def _keyed(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the regional key instead of the AGS."""
    keys = table["ags"].map(area_key).astype("str")
    return table.drop(columns="ags").assign(ref_area=keys)[
        ["ref_area", *(name for name in table if name != "ags")]
    ]


def network_of(
    extracts: Sequence[Path], municipalities: pd.DataFrame, borders: Path | None
) -> Network:
    """The roads of all extracts around the municipalities as one network.

    Parameters
    ----------
    extracts : `.osm.pbf` of the Land and its neighbours; a road across the border stands in both.
    municipalities : columns `longitude`, `latitude`.
    borders : VG250, so that residential streets have a municipality; None: then only the centres
        of municipalities have minutes.
    """
    box = (
        municipalities["longitude"].min() - MARGIN[0],
        municipalities["latitude"].min() - MARGIN[1],
        municipalities["longitude"].max() + MARGIN[0],
        municipalities["latitude"].max() + MARGIN[1],
    )
    parts = [osm_roads.read_roads(path, box) for path in extracts]
    edges = pd.concat([part.edges for part in parts], ignore_index=True)
    nodes = pd.concat([part.nodes for part in parts])
    roads = Roads(edges, nodes.loc[~nodes.index.duplicated()].sort_index())
    return Network(
        graph=road_graph(roads.edges),
        nodes=roads.nodes,
        homes=_homes(roads, borders),
        label=osm_roads.LABEL,
    )


def _homes(roads: Roads, borders: Path | None) -> pd.DataFrame:
    """Junctions of residential streets with their municipality."""
    streets = roads.edges.loc[roads.edges["is_residential"]]
    ends = pd.Index(pd.concat([streets["from_node"], streets["to_node"]]).unique())
    if borders is None or ends.empty:
        return pd.DataFrame({"ags": pd.Series(dtype="str")})
    places = roads.nodes.loc[ends]
    return pd.DataFrame({"ags": municipality_of(places, read_borders(borders))})


def _population(municipalities: pd.DataFrame, processed: Path) -> pd.Series:
    """Inhabitants by AGS at the newest day that is known of each."""
    rows = storage.read("population", processed=processed)
    rows = rows.loc[
        rows["measure"].eq("population")
        & rows["sex"].eq("total")
        & rows["age_from"].isna()
        & rows["age_to"].isna()
    ]
    newest = rows.sort_values("time_period").groupby("ref_area")["obs_value"].last()
    keys = municipalities["ags"].map(area_key)
    return pd.Series(newest.reindex(keys).to_numpy(), index=municipalities["ags"].to_numpy())
