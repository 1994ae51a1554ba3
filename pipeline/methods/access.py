"""How far it is to the nearest provider, and what share of the people reaches it in time.

Two traps are built into the results. At the edge of what is known the nearest provider may be
missing (beyond the border, beyond the extract): such a value carries "Randeffekt", and no share is
formed from it. And one point a municipality says nothing about the share of its people.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from pipeline.errors import MethodInputError
from pipeline.methods.travel import (
    RoadGraph,
    StraightLineModel,
    nearest_on_graph,
    nearest_point,
    pairs_within,
)

EDGE_EFFECT = "Randeffekt"
TOO_FAR_FROM_ROAD = "zu weit vom Straßennetz"
ONE_POINT = "ein Punkt je Gemeinde: kein Anteil der Bevölkerung"
#: A buffer around the study region must reach at least this far.
LEAST_BUFFER_MINUTES = 40.0


@dataclass(frozen=True)
class AccessStandard:
    """A planning target: so many minutes for such a share of the people.

    Attributes
    ----------
    name, subject : what it is called and what it is for (German, for readers).
    land : key of the Land it is for; `DG` for the federal one.
    minutes : car minutes to the nearest provider, the bound included.
    share : share of the people that shall reach it; None where the rule names none.
    source, evidence : where it stands, and how it was checked.
    """

    name: str
    subject: str
    land: str
    minutes: float
    share: float | None
    source: str
    evidence: str


#: Targets for planning a Land, not rights of a municipality. Niedersachsen: none read.
STANDARDS: tuple[AccessStandard, ...] = (
    AccessStandard(
        "Krankenhausplan NRW",
        "Innere Medizin und Chirurgie",
        "05",
        20.0,
        0.9,
        "Krankenhausplan Nordrhein-Westfalen 2022",
        "read in press reports, not in the plan",
    ),
    AccessStandard(
        "KHVVG, allgemeine Leistungsgruppen",
        "Allgemeine Innere Medizin, Allgemeine Chirurgie",
        "DG",
        30.0,
        None,
        "Krankenhausversorgungsverbesserungsgesetz",
        "read in a law firm's summary, not in the law",
    ),
    AccessStandard(
        "KHVVG, übrige Leistungsgruppen",
        "übrige Leistungsgruppen",
        "DG",
        40.0,
        None,
        "Krankenhausversorgungsverbesserungsgesetz",
        "read in a law firm's summary, not in the law",
    ),
)


def standards_for(land: str) -> tuple[AccessStandard, ...]:
    """Standards of a Land (key of two digits) and the federal ones; perhaps none of the Land."""
    return tuple(standard for standard in STANDARDS if standard.land in {land, "DG"})


class Grain(StrEnum):
    """What a point stands for."""

    MUNICIPAL_CENTROID = "municipal_centroid"
    SMALL_AREA = "small_area"  # grid cells, blocks, addresses


@dataclass(frozen=True)
class Buffer:
    """How far around the study region, and across which borders, providers are known.

    Attributes
    ----------
    minutes : travel minutes that the buffer reaches outwards.
    across_laender, across_state_border : whether it goes on behind those borders (True also where
        there is none within reach).
    """

    minutes: float
    across_laender: bool
    across_state_border: bool

    def covers(self, minutes: float) -> bool:
        """Whether a search of so many minutes stays within what is known."""
        wide = self.minutes >= max(minutes, LEAST_BUFFER_MINUTES)
        return wide and self.across_laender and self.across_state_border


def nearest_provider(
    places: pd.DataFrame,
    sites: pd.DataFrame,
    model: StraightLineModel,
    *,
    known_km: float,
    border: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Distance and approximate minutes from every place to its nearest site.

    Parameters
    ----------
    places : index key; `longitude`, `latitude` (a municipality's point, say) and, where the point
        stands for an area, `area_km2`.
    sites : index key; `longitude`, `latitude`.
    model : how minutes follow from the distance.
    known_km : how far around the places sites are known (the width of the buffer). A farther
        nearest site may hide a nearer one beyond the buffer.
    border : points along a border behind which no sites are known (`longitude`, `latitude`); None
        where it is not at hand, and then nothing is checked against it.

    Returns
    -------
    Index of `places`: `nearest` (key in `sites`), `distance_km`, `minutes`, `minutes_low`,
    `minutes_high`, `is_core_only` (the site lies nearer than the radius of a circle of the place's
    area: the value speaks of the town centre, not of its outlying parts; False without an area),
    `flag` ("Randeffekt" where an unknown site could be nearer), `note` (the label of the model).
    """
    if not known_km > 0:
        raise MethodInputError("'known_km' must be above zero", found=known_km)
    found = nearest_point(places, sites)
    distance = found["distance_km"]
    low, high = model.bounds(distance)
    is_edge = distance.gt(known_km)
    if border is not None:
        is_edge |= nearest_point(places, border)["distance_km"].lt(distance)
    area = places.get("area_km2", pd.Series(0.0, index=places.index))
    return found.assign(
        minutes=model.minutes(distance),
        minutes_low=low,
        minutes_high=high,
        is_core_only=distance < np.sqrt(area / np.pi),
        flag=np.where(is_edge, EDGE_EFFECT, ""),
        note=model.label,
    )


def nearest_by_road(
    places: pd.DataFrame,
    sites: pd.DataFrame,
    graph: RoadGraph,
    nodes: pd.DataFrame,
    *,
    farthest_km: float = 1.0,
) -> pd.DataFrame:
    """Minutes over a road graph from every place to its nearest site.

    Parameters
    ----------
    places, sites : index key; `longitude`, `latitude`.
    nodes : index node key of `graph`, every node; `longitude`, `latitude`.
    farthest_km : a place or site farther from its nearest node is not joined to the graph. The way
        from the point to its node is not counted.

    Returns
    -------
    Index of `places`; `nearest` (key in `sites`), `minutes` (infinity where there is no way),
    `flag` ("zu weit vom Straßennetz", "kein Weg im Straßennetz").
    """
    known = nodes.loc[nodes.index.isin(graph.nodes)]
    of_place, of_site = nearest_point(places, known), nearest_point(sites, known)
    joined = of_site.loc[of_site["distance_km"] <= farthest_km, "nearest"]
    if joined.empty:
        raise MethodInputError(
            "no site lies near the road graph",
            found=f"nearest {of_site['distance_km'].min():.1f} km",
            expected=f"{farthest_km:g} km or less",
            remedy="check that the extract covers the sites",
        )
    found = nearest_on_graph(graph, pd.Index(joined.unique())).reindex(of_place["nearest"])
    site_at = pd.Series(joined.index, index=joined.to_numpy())
    site_at = site_at[~site_at.index.duplicated()]
    is_far = (of_place["distance_km"] > farthest_km).to_numpy()
    return pd.DataFrame(
        {
            "nearest": site_at.reindex(found["nearest"]).where(~is_far).to_numpy(),
            "minutes": np.where(is_far, np.inf, found["minutes"]),
            "flag": np.where(is_far, TOO_FAR_FROM_ROAD, found["flag"]),
        },
        index=places.index,
    )


def providers_within(
    places: pd.DataFrame,
    sites: pd.DataFrame,
    model: StraightLineModel,
    minutes: float,
    *,
    known_km: float,
) -> pd.DataFrame:
    """How many sites lie within some minutes of every place (approximation, as the model says).

    Parameters as in `nearest_provider`.

    Returns
    -------
    Index of `places`; `count`, `flag` ("Randeffekt" where the search reaches beyond `known_km`: the
    count is then a lower bound), `note`.
    """
    if not minutes > 0:
        raise MethodInputError("'minutes' must be above zero", found=minutes)
    pairs = pairs_within(places, sites, model, minutes)
    is_edge = model.largest_distance(minutes) > known_km
    return pd.DataFrame(
        {
            "count": np.bincount(pairs.place, minlength=len(places)),
            "flag": EDGE_EFFECT if is_edge else "",
            "note": model.label,
        },
        index=places.index,
    )


@dataclass(frozen=True)
class ShareWithin:
    """Share of the people within a standard's minutes, or why there is none.

    Attributes
    ----------
    share : 0 to 1; None with a `flag`.
    is_met : whether the standard's share is reached; None without a share or a demanded share.
    flag : reason why there is no share; empty otherwise.
    unreachable : people without any way to a provider (they count as not within).
    """

    standard: AccessStandard
    share: float | None
    is_met: bool | None
    flag: str
    unreachable: float


def share_within(
    minutes: ArrayLike,
    population: ArrayLike,
    standard: AccessStandard,
    *,
    buffer: Buffer,
    grain: Grain,
) -> ShareWithin:
    """Share of the people who reach a provider within a standard's minutes (bound included).

    Parameters
    ----------
    minutes : minutes to the nearest provider, one a point; infinity where there is no way.
    population : people at the point.
    buffer : what is known around the region; too narrow a buffer gives no share, but "Randeffekt".
    grain : what a point stands for; municipal centroids give no share.
    """
    time = np.asarray(minutes, dtype="float64")
    people = np.asarray(population, dtype="float64")
    if time.shape != people.shape or np.isnan(time).any() or not np.isfinite(people).all():
        raise MethodInputError(
            "every point needs minutes (infinity: no way) and people",
            found=f"{time.size} times, {people.size} counts, {int(np.isnan(time).sum())} missing",
        )
    if (time < 0).any() or (people < 0).any() or people.sum() <= 0:
        raise MethodInputError("minutes and people must be 0 or more, and somebody must live there")
    unreachable = float(people[np.isinf(time)].sum())
    flag = ONE_POINT if grain is Grain.MUNICIPAL_CENTROID else ""
    flag = flag if buffer.covers(standard.minutes) else EDGE_EFFECT
    if flag:
        return ShareWithin(standard, None, None, flag, unreachable)
    share = float(people[time <= standard.minutes].sum() / people.sum())
    is_met = None if standard.share is None else share >= standard.share
    return ShareWithin(standard, share, is_met, "", unreachable)
