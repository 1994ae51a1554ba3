"""Speed of the spatial access methods: beside PySAL `access` on the same table, and on a big graph.

Both sides get the same table of pairs (key of place, key of facility, minutes) and are timed from
there to the access of every place; results must be equal. The points are made up (evenly spread, no
real places); only their number and density matter here.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from pipeline.methods import catchment, decay, travel

PLACES, FACILITIES = 100_000, 20_000
#: Side of the square in degrees of latitude; gives some 25 facilities within reach of a place.
SIDE_DEGREES = 4.5
STEPS = {10: 1.0, 20: 0.68, 30: 0.22}
REACH_MINUTES = 12.0
ROUNDS = 3
GRID = 300  # 300 × 300 = 90,000 nodes
SOURCES = 50

_Result = TypeVar("_Result")


def run() -> dict[str, float]:
    """Measure; returns `vs_pysal` (their time ÷ ours, median of rounds) and seconds of the graph.

    Raises `AssertionError` where the two sides differ.
    """
    places, facilities, people, supply, pairs = _synthetic_task()
    print(f"{len(pairs):,} pairs of {PLACES:,} places and {FACILITIES:,} facilities")
    ratios = []
    for _ in range(ROUNDS):
        theirs, their_seconds = _timed(lambda: _pysal(people, supply, pairs))
        ours, our_seconds = _timed(lambda: _ours(places, facilities, people, supply, pairs))
        np.testing.assert_allclose(
            ours.to_numpy(), theirs.reindex(places).fillna(0).to_numpy(), rtol=1e-9, atol=1e-15
        )
        print(f"E2SFCA: PySAL {their_seconds:.2f} s, ours {our_seconds:.3f} s")
        ratios.append(their_seconds / our_seconds)
    graph = travel.road_graph(_grid_edges())
    sources = pd.Index(np.linspace(0, GRID * GRID - 1, SOURCES).astype(int))
    _, all_seconds = _timed(lambda: travel.graph_minutes(graph, sources))
    _, nearest_seconds = _timed(lambda: travel.nearest_on_graph(graph, sources))
    print(
        f"graph of {len(graph.nodes):,} nodes, {SOURCES} sources: all minutes {all_seconds:.2f} s, "
        f"nearest {nearest_seconds:.2f} s"
    )
    return {
        "vs_pysal": round(statistics.median(ratios), 1),
        "graph_all_seconds": round(all_seconds, 3),
        "graph_nearest_seconds": round(nearest_seconds, 3),
    }


def _ours(
    places: pd.Index,
    facilities: pd.Index,
    people: pd.Series,
    supply: pd.Series,
    pairs: pd.DataFrame,
) -> pd.Series:
    costs = catchment.costs_from_frame(pairs, places, facilities)
    access, _ = catchment.catchment_access(
        costs, people, supply, decay.steps(STEPS), largest_cost=max(STEPS)
    )
    return access["access"]


def _pysal(people: pd.Series, supply: pd.Series, pairs: pd.DataFrame) -> pd.Series:
    # run as a script, this file would be found under the library's name
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != Path(__file__).parent]
    from access import fca, weights

    return fca.two_stage_fca(
        people.to_frame("demand"),
        supply.to_frame("supply"),
        pairs,
        max(STEPS),
        demand_index=True,
        supply_index=True,
        weight_fn=weights.step_fn(STEPS),
    )


def _synthetic_task() -> tuple[pd.Index, pd.Index, pd.Series, pd.Series, pd.DataFrame]:
    generator = np.random.default_rng(1)
    places, facilities = (_synthetic_points(generator, size) for size in (PLACES, FACILITIES))
    costs = travel.pairs_within(places, facilities, travel.CAR, REACH_MINUTES)
    pairs = pd.DataFrame(
        {
            "origin": places.index.take(costs.place),
            "dest": facilities.index.take(costs.facility),
            # stretched to the range of the steps: density and zones are then of the usual size
            "cost": costs.cost * max(STEPS) / REACH_MINUTES,
        }
    )
    people = pd.Series(generator.integers(1, 500, PLACES), index=places.index, dtype="float64")
    supply = pd.Series(
        generator.integers(1, 5, FACILITIES), index=facilities.index, dtype="float64"
    )
    return places.index, facilities.index, people, supply, pairs


def _synthetic_points(generator: np.random.Generator, size: int) -> pd.DataFrame:
    latitude = 49 + generator.uniform(0, SIDE_DEGREES, size)
    longitude = 7 + generator.uniform(0, SIDE_DEGREES, size) / np.cos(np.radians(51))
    return pd.DataFrame({"longitude": longitude, "latitude": latitude})


def _grid_edges() -> pd.DataFrame:
    """Streets of a made-up grid town, 100 m a block, speeds at random."""
    node = np.arange(GRID * GRID).reshape(GRID, GRID)
    start = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    end = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    speed = np.random.default_rng(2).choice([30.0, 50.0, 70.0], len(start))
    return pd.DataFrame(
        {
            "from_node": start,
            "to_node": end,
            "length_m": 100.0,
            "speed_kmh": speed,
            "is_oneway": False,
        }
    )


def _timed(call: Callable[[], _Result]) -> tuple[_Result, float]:
    start = time.perf_counter()
    result = call()
    return result, time.perf_counter() - start


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
