"""Minutes to the nearest places of care from cells of about a kilometre, for a map.

A cell stands where junctions of residential streets lie: there people live (assumption), how many
is not known. So cells can be drawn and counted, and no share of the population follows from them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.methods import access
from pipeline.methods.reach import NO_SITE, NO_WAY, TARGETS, Network, covers, known_minutes

#: Edges of a cell in degrees: about a kilometre each way in the latitudes of Germany.
CELL = (0.015, 0.009)
#: Upper bounds of the classes in minutes, the last class is open (own choice, the same for all
#: kinds; 20 minutes is the NRW hospital plan's standard, see docs/methods/access.md).
CLASSES = (5.0, 10.0, 20.0, 30.0)


def reach_of_cells(minutes: pd.DataFrame, network: Network) -> pd.DataFrame:
    """Minutes from every cell with residential streets to the nearest site of each kind.

    Parameters
    ----------
    minutes : as returned by `methods.reach.node_minutes`.
    network : roads; its `homes` say which junctions count and where they lie.

    Returns
    -------
    One row a cell and kind: `ags` (of most of its junctions), `kind`, `longitude`, `latitude` (its
    middle), `minutes` (median of its junctions; missing where most have no way), `n_points`,
    `flag` (empty; "Randeffekt" where a nearer site may lie beyond what is known; why there is no
    way). Empty where no junction has a municipality.
    """
    homes = network.homes.loc[network.homes["ags"].ne("")]
    homes = homes.join(network.nodes).join(minutes)
    homes = homes.assign(
        column=np.floor(homes["longitude"] / CELL[0]).astype("int64"),
        row=np.floor(homes["latitude"] / CELL[1]).astype("int64"),
    )
    cells = homes.groupby(["column", "row"])
    middle = cells.size().rename("n_points").reset_index()
    middle = middle.assign(
        ags=_most_common(homes).to_numpy(),
        longitude=((middle["column"] + 0.5) * CELL[0]).round(6),
        latitude=((middle["row"] + 0.5) * CELL[1]).round(6),
    )
    known = known_minutes(middle, network.nodes) if len(middle) else pd.Series(dtype="float64")
    parts = [
        _to_kind(middle, cells[kind].median().to_numpy(), known).assign(kind=kind)
        for kind in TARGETS
    ]
    columns = ["ags", "kind", "longitude", "latitude", "minutes", "n_points", "flag"]
    return pd.concat(parts)[columns].sort_values(
        ["ags", "kind", "latitude", "longitude"], ignore_index=True
    )


def _most_common(homes: pd.DataFrame) -> pd.Series:
    """The municipality of most junctions of each cell; of equals the lower key."""
    counts = homes.groupby(["column", "row", "ags"]).size().rename("n").reset_index()
    counts = counts.sort_values(["column", "row", "n", "ags"], ascending=[True, True, False, True])
    return counts.drop_duplicates(["column", "row"])["ags"]


def _to_kind(middle: pd.DataFrame, minutes: np.ndarray, known: pd.Series) -> pd.DataFrame:
    found = pd.Series(minutes, index=middle.index)
    flag = pd.Series("", index=middle.index)
    flag = flag.mask(~covers(known, found), access.EDGE_EFFECT)
    flag = flag.mask(np.isinf(found), NO_WAY).mask(found.isna(), NO_SITE)
    return middle.assign(minutes=found.replace(np.inf, np.nan), flag=flag)


def class_of(minutes: float) -> int | None:
    """Number of the class of `CLASSES` (0: the nearest), upper bounds included; None: unknown."""
    return None if pd.isna(minutes) else bisect_left(CLASSES, minutes)


def cells_by_class(cells: pd.DataFrame, areas: Sequence[str]) -> pd.DataFrame:
    """How many cells of each municipality fall into each class.

    Parameters
    ----------
    cells : columns `ref_area, kind, minutes`, as the derived table `reach_cells` holds them.
    areas : municipalities that appear even without a cell.

    Returns
    -------
    One row a municipality and kind of `TARGETS`, in this order: `ref_area`, `kind`, `0` … `4`
    (cells of each class), `unknown`, `n` (all cells).
    """
    numbers = [*range(len(CLASSES) + 1)]
    rows = []
    for area in areas:
        for kind in TARGETS:
            own = cells.loc[cells["ref_area"].eq(area) & cells["kind"].eq(kind), "minutes"]
            classes = [class_of(value) for value in own]
            counts = {number: classes.count(number) for number in numbers}
            rows.append(
                {"ref_area": area, "kind": kind, **counts, "unknown": classes.count(None),
                 "n": len(classes)}
            )  # fmt: skip
    return pd.DataFrame(rows)
