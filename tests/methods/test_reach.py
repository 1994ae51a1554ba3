"""Minutes over a road network: an invented grid of roads of which every minute can be told."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MethodInputError
from pipeline.methods.access import EDGE_EFFECT, TOO_FAR_FROM_ROAD
from pipeline.methods.reach import (
    NO_SITE,
    NO_WAY,
    Network,
    known_minutes,
    node_minutes,
    reach_of_municipalities,
    sites_per_inhabitants,
)
from pipeline.methods.travel import road_graph

#: A grid of 41 × 41 junctions, 0.025 degrees apart, centred on 8° east, 52° north: about 35 km to
#: each side in longitude and 56 km in latitude. Every segment takes 2 minutes.
SIZE, STEP = 41, 0.025
MINUTES = 2.0


@cache
def grid(cut_column: int | None = None) -> Network:
    """The network; with `cut_column` no road crosses behind that column of junctions."""
    number = np.arange(SIZE * SIZE).reshape(SIZE, SIZE)  # row (south to north), column
    across = np.stack([number[:, :-1], number[:, 1:]], axis=-1)
    if cut_column is not None:
        across = np.delete(across, cut_column, axis=1)
    along = np.stack([number[:-1], number[1:]], axis=-1)
    ends = np.concatenate([across.reshape(-1, 2), along.reshape(-1, 2)])
    edges = pd.DataFrame(ends, columns=["from_node", "to_node"]).assign(
        length_m=1000.0, speed_kmh=1000.0 / 1000 / MINUTES * 60, is_oneway=False
    )
    row, column = np.divmod(number.ravel(), SIZE)
    nodes = pd.DataFrame(
        {"longitude": 8 + (column - SIZE // 2) * STEP, "latitude": 52 + (row - SIZE // 2) * STEP},
        index=number.ravel(),
    )
    homes = pd.DataFrame({"ags": "05766036"}, index=number[18:23, 20].ravel())
    return Network(road_graph(edges), nodes, homes, "Annahme: zwei Minuten je Abschnitt")


PLACES = pd.DataFrame({"ags": ["05766036"], "longitude": [8.0], "latitude": [52.0]})
#: A practice three junctions to the east, a pharmacy on the spot, no hospital.
SITES = pd.DataFrame(
    {
        "kind": ["general_practice", "pharmacy"],
        "longitude": [8.0 + 3 * STEP, 8.0],
        "latitude": [52.0, 52.0],
    }
)


def by_kind(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index("kind")


def municipal(places: pd.DataFrame, sites: pd.DataFrame, network: Network) -> pd.DataFrame:
    return reach_of_municipalities(places, node_minutes(sites, network), network)


def test_minutes_from_the_centre_add_up_along_the_roads() -> None:
    found = by_kind(municipal(PLACES, SITES, grid()))
    assert found.loc["gp", "minutes_centre"] == pytest.approx(6.0)
    assert found.loc["pharmacy", "minutes_centre"] == pytest.approx(0.0)
    assert np.isnan(found.loc["hospital", "minutes_centre"])
    assert found.loc["hospital", "flag"] == NO_SITE
    assert found["note"].eq("Annahme: zwei Minuten je Abschnitt").all()


def test_site_without_a_place_on_the_map_is_left_out() -> None:
    unplaced = SITES.iloc[:1].assign(longitude=np.nan, latitude=np.nan)
    found = by_kind(municipal(PLACES, pd.concat([SITES, unplaced]), grid()))
    assert found.loc["gp", "minutes_centre"] == pytest.approx(6.0)


def test_outlying_parts_are_told_from_residential_streets() -> None:
    network = grid()
    # ten junctions north of the centre: 1 … 10 segments away from the pharmacy
    homes = pd.DataFrame({"ags": "05766036"}, index=[(20 + n) * SIZE + 20 for n in range(1, 11)])
    network = Network(network.graph, network.nodes, homes, network.label)
    found = by_kind(municipal(PLACES, SITES, network)).loc["pharmacy"]
    assert found["n_points"] == 10
    assert found["minutes_median"] == pytest.approx(11.0)  # of 2, 4 … 20 minutes
    assert found["minutes_outlying"] == pytest.approx(18.2)  # a tenth is farther


def test_few_points_give_no_outlying_minutes() -> None:
    found = by_kind(municipal(PLACES, SITES, grid())).loc["gp"]
    assert found["n_points"] == 5
    assert np.isnan(found["minutes_median"])
    assert np.isnan(found["minutes_outlying"])


def test_edge_of_what_is_known_is_said() -> None:
    # the centre of the grid knows 36 km to each side: 43 minutes even on the fastest road
    edge = PLACES.assign(longitude=8.0 + 12 * STEP)
    assert municipal(PLACES, SITES, grid())["flag"].tolist() == ["", NO_SITE, ""]
    found = by_kind(municipal(edge, SITES, grid()))
    assert found.loc["gp", "flag"] == EDGE_EFFECT


def test_hole_in_the_network_is_an_edge_too() -> None:
    network = grid()
    near = network.nodes["longitude"].sub(8.2).abs().lt(0.16) & network.nodes["latitude"].gt(52.1)
    known = known_minutes(PLACES, network.nodes.loc[~near])
    assert known.iloc[0] < known_minutes(PLACES, network.nodes).iloc[0]


def test_place_off_the_network_or_cut_off_from_it_is_flagged() -> None:
    far = PLACES.assign(latitude=52.0 + STEP / 2, longitude=8.0 + STEP / 2)  # 1.6 km off
    found = by_kind(municipal(far, SITES, grid()))
    assert found.loc["gp", "flag"] == TOO_FAR_FROM_ROAD
    assert np.isnan(found.loc["gp", "minutes_centre"])
    found = by_kind(municipal(PLACES, SITES, grid(cut_column=21)))
    assert found.loc["gp", "flag"] == NO_WAY


def test_floating_catchment_shares_sites_among_all_in_reach() -> None:
    # two municipalities three segments (6 minutes) apart share two practices at the first
    places = pd.DataFrame(
        {"ags": ["1", "2"], "longitude": [8.0, 8.0 + 3 * STEP], "latitude": [52.0, 52.0]}
    )
    sites = pd.DataFrame({"longitude": [8.0, 8.0], "latitude": [52.0, 52.0]})
    people = pd.Series({"1": 3000.0, "2": 1000.0})
    found = sites_per_inhabitants(places, people, sites, grid())
    assert found["access"].tolist() == pytest.approx([5.0, 5.0])  # 2 sites for 4,000 people
    assert found["flag"].tolist() == ["", ""]
    at_edge = places.assign(longitude=places["longitude"] + 14 * STEP)
    found = sites_per_inhabitants(at_edge, people, sites, grid())
    assert found["flag"].tolist() == [EDGE_EFFECT, EDGE_EFFECT]


def test_sites_beyond_the_catchment_do_not_count() -> None:
    sites = pd.DataFrame({"longitude": [8.0 + 11 * STEP], "latitude": [52.0]})  # 22 minutes
    found = sites_per_inhabitants(PLACES, pd.Series({"05766036": 100.0}), sites, grid())
    assert found["access"].tolist() == [0.0]


def test_nobody_or_nothing_is_refused() -> None:
    empty = PLACES.assign(longitude=np.nan)
    with pytest.raises(MethodInputError, match="no municipality with coordinates"):
        municipal(empty, SITES, grid())
    with pytest.raises(MethodInputError, match="no inhabitants or no site"):
        sites_per_inhabitants(PLACES, pd.Series({"05766036": 0.0}), SITES, grid())


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.integers(5, 35), st.integers(5, 35)), min_size=1, max_size=4))
def test_one_more_site_never_makes_the_way_longer(cells: list[tuple[int, int]]) -> None:
    network = grid()
    more = pd.DataFrame(
        {
            "kind": "general_practice",
            "longitude": [8 + (column - SIZE // 2) * STEP for column, _ in cells],
            "latitude": [52 + (row - SIZE // 2) * STEP for _, row in cells],
        }
    )
    few = by_kind(municipal(PLACES, SITES, network))
    many = by_kind(municipal(PLACES, pd.concat([SITES, more]), network))
    assert many.loc["gp", "minutes_centre"] <= few.loc["gp", "minutes_centre"]
