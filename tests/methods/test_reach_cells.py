"""Minutes of cells over the invented grid of roads: which cells there are, and what each says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipeline.methods.access import EDGE_EFFECT
from pipeline.methods.reach import NO_SITE, NO_WAY, Network, node_minutes
from pipeline.methods.reach_cells import CELL, cells_by_class, class_of, reach_of_cells
from pipeline.methods.travel import road_graph

#: A straight street of five junctions, two minutes apart, 0.005 degrees of longitude each: three
#: in one cell (11.100 … 11.115), two in the next. The third lies in another municipality.
NODES = pd.DataFrame(
    {"longitude": 11.1001 + 0.005 * np.arange(5), "latitude": 52.0}, index=[1, 2, 3, 4, 5]
)
EDGES = pd.DataFrame(
    {"from_node": [1, 2, 3, 4], "to_node": [2, 3, 4, 5], "length_m": 1000.0, "speed_kmh": 30.0,
     "is_oneway": False}
)  # fmt: skip
HOMES = pd.DataFrame(
    {"ags": ["05000001", "05000001", "05000002", "05000002", "05000002"]}, index=NODES.index
)
SITES = pd.DataFrame({"kind": ["general_practice"], "longitude": [11.1001], "latitude": [52.0]})


def network(homes: pd.DataFrame = HOMES, edges: pd.DataFrame = EDGES) -> Network:
    return Network(road_graph(edges), NODES, homes, "Annahme: erfunden")


def cells(net: Network) -> pd.DataFrame:
    found = reach_of_cells(node_minutes(SITES, net), net)
    return found.loc[found["kind"].eq("gp")].reset_index(drop=True)


def test_cell_has_the_median_of_its_junctions_and_the_municipality_of_most() -> None:
    found = cells(network())
    assert found["ags"].tolist() == ["05000001", "05000002"]
    assert found["minutes"].tolist() == pytest.approx([2.0, 7.0])  # of 0, 2, 4 and of 6, 8
    assert found["n_points"].tolist() == [3, 2]
    assert found["longitude"].tolist() == pytest.approx([11.1075, 11.1225])
    assert found["flag"].eq(EDGE_EFFECT).all()  # the street ends at the edge of what is known


def test_cell_without_a_way_or_a_site_says_so() -> None:
    cut = EDGES.loc[EDGES["from_node"].ne(3)]
    found = reach_of_cells(node_minutes(SITES, network(edges=cut)), network(edges=cut))
    gp = found.loc[found["kind"].eq("gp")].set_index("ags")
    assert gp.loc["05000002", "flag"] == NO_WAY and np.isnan(gp.loc["05000002", "minutes"])
    assert found.loc[found["kind"].eq("hospital"), "flag"].eq(NO_SITE).all()


def test_streets_of_no_municipality_make_no_cell() -> None:
    assert cells(network(HOMES.assign(ags=""))).empty
    assert cells(network(HOMES.iloc[:0])).empty


def test_bounds_belong_to_the_nearer_class() -> None:
    minutes = [0.0, 5.0, 5.01, 10.0, 20.0, 30.0, 30.01, np.nan]
    assert [class_of(value) for value in minutes] == [0, 0, 1, 1, 2, 3, 4, None]


def test_every_cell_is_counted_once_and_a_place_without_cells_appears() -> None:
    rows = cells(network()).rename(columns={"ags": "ref_area"})
    counted = cells_by_class(rows, ["05000001", "05000003"]).set_index(["ref_area", "kind"])
    assert counted.loc[("05000001", "gp")].to_dict() == {
        0: 1, 1: 0, 2: 0, 3: 0, 4: 0, "unknown": 0, "n": 1,
    }  # fmt: skip
    assert counted.loc["05000003", "n"].tolist() == [0, 0, 0]
    assert CELL == (0.015, 0.009)  # the map draws squares of this size
