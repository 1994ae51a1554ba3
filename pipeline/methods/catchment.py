"""Floating catchments: supply per head, where people choose among facilities within reach.

All measures work on pairs (people's place, facility, travel cost) and never on a full matrix, so
that 100,000 places and 20,000 facilities fit. The largest cost is applied *first*: a pair beyond it
does not exist, neither for demand nor for the choice between facilities. (PySAL `access` 1.1.10
forms the choice of the three-step method over all pairs and cuts afterwards, which lets people
choose facilities that they cannot reach; `choice_over_all_pairs` repeats that for comparison.)

Sources
-------
- 2SFCA: Luo and Wang, Environment and Planning B 30 (2003) 865. E2SFCA: Luo and Qi, Health & Place
  15 (2009) 1100. 3SFCA: Wan, Zou and Sternberg, International Journal of Geographical Information
  Science 26 (2012) 1073.
- BFCA: Páez, Higgins and Vivona, PLoS ONE 14 (2019) e0218773. Spatial availability: Soukhov et al.,
  PLoS ONE 18 (2023) e0278468.
- M2SFCA: Delamater, Health & Place 24 (2013) 30. The formula is taken from secondary knowledge, not
  read in the paper: an assumption, labelled so wherever it is shown.

Conservation: inhabitants × access sums to the supply of all facilities that somebody reaches, for
the two-step and the three-step measure. M2SFCA discounts distance twice and gives less; gravity
ignores rivals; BFCA conserves something else, the sum of the ratios of the facilities.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import MethodInputError
from pipeline.methods.decay import Decay, Floats, checked_costs


class Measure(StrEnum):
    """A measure of access to supply."""

    TWO_STEP = "2sfca"  # with a stepped or smooth decay: the enhanced one
    THREE_STEP = "3sfca"
    MODIFIED_TWO_STEP = "m2sfca"
    BALANCED = "bfca"
    GRAVITY = "gravity"


#: Measures under which inhabitants × access sums to the supply that is reached.
CONSERVING = frozenset({Measure.TWO_STEP, Measure.THREE_STEP})


class Flag(StrEnum):
    """Why a value is not what it seems, in the words of the report."""

    NONE = ""
    NOTHING_IN_REACH = "kein Standort in Reichweite"
    NOBODY_IN_REACH = "niemand in Reichweite"


@dataclass(frozen=True)
class TravelCosts:
    """Travel costs between places and facilities, one entry a pair in reach.

    Attributes
    ----------
    place, facility : positions (0 …) in `places` and `facilities`.
    cost : minutes or kilometres, same length.
    places, facilities : keys; also those without any pair.
    """

    place: NDArray[np.intp]
    facility: NDArray[np.intp]
    cost: Floats
    places: pd.Index
    facilities: pd.Index

    def up_to(self, largest: float | None) -> TravelCosts:
        """The pairs whose cost is at most `largest` (all finite ones for None)."""
        keep = np.isfinite(self.cost) if largest is None else self.cost <= largest
        if keep.all():
            return self
        return TravelCosts(
            self.place[keep], self.facility[keep], self.cost[keep], self.places, self.facilities
        )


def costs_from_frame(
    pairs: pd.DataFrame,
    places: pd.Index,
    facilities: pd.Index,
    *,
    place: str = "origin",
    facility: str = "dest",
    cost: str = "cost",
) -> TravelCosts:
    """Travel costs from a table with one row a pair.

    Parameters
    ----------
    pairs : columns `place`, `facility`, `cost`; a pair that is missing cannot be travelled.
    places, facilities : all keys, in the order of the result; unique.

    Raises
    ------
    MethodInputError : keys that are unknown or twice, pairs that are twice, costs below zero.
    """
    missing = [name for name in (place, facility, cost) if name not in pairs.columns]
    if missing:
        raise MethodInputError("columns missing", found=missing, expected="place, facility, cost")
    rows, columns = _positions(pairs[place], places), _positions(pairs[facility], facilities)
    _refuse_repeated_pairs(rows, columns, len(facilities))
    return TravelCosts(rows, columns, checked_costs(pairs[cost]), places, facilities)


def costs_from_matrix(
    matrix: ArrayLike, places: pd.Index | None = None, facilities: pd.Index | None = None
) -> TravelCosts:
    """Travel costs from a matrix, one row a place and one column a facility; infinity: no way."""
    costs = checked_costs(matrix)
    if costs.ndim != 2:
        raise MethodInputError("a matrix has two dimensions", found=f"{costs.ndim} dimensions")
    rows, columns = np.nonzero(np.isfinite(costs))
    place_keys = pd.RangeIndex(costs.shape[0]) if places is None else places
    facility_keys = pd.RangeIndex(costs.shape[1]) if facilities is None else facilities
    if costs.shape != (len(place_keys), len(facility_keys)):
        raise MethodInputError(
            "the matrix does not fit the keys",
            found=costs.shape,
            expected=f"{len(place_keys)} places × {len(facility_keys)} facilities",
        )
    return TravelCosts(rows, columns, costs[rows, columns], place_keys, facility_keys)


def catchment_access(
    costs: TravelCosts,
    population: ArrayLike,
    supply: ArrayLike,
    decay: Decay,
    *,
    measure: Measure = Measure.TWO_STEP,
    largest_cost: float | None = None,
    choice_over_all_pairs: bool = False,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Supply per head of every place, and the load of every facility.

    Parameters
    ----------
    population : people (or demand) a place, in the order of `costs.places`.
    supply : capacity a facility, in the order of `costs.facilities`.
    decay : weight of a pair by its cost.
    largest_cost : pairs beyond it do not exist (the bound itself counts as within).
    choice_over_all_pairs : three-step only; form the choice before the cut, as PySAL does.

    Returns
    -------
    places : index `costs.places`; `access` (units of supply per head; for `GRAVITY` supply, not per
        head), `flag` (a `Flag`).
    facilities : index `costs.facilities`; `demand` (people who weigh on it), `ratio` (supply per
        head of them; 0 where nobody is in reach, by convention), `flag`.

    Raises
    ------
    MethodInputError : lengths that do not fit, missing or negative people or supply.
    """
    people = _amounts(population, len(costs.places), "population")
    capacity = _amounts(supply, len(costs.facilities), "supply")
    reach = costs.up_to(largest_cost)
    weight = decay(reach.cost)
    if measure is Measure.THREE_STEP:
        base = costs.up_to(None) if choice_over_all_pairs else reach
        weight = weight * _choice(base, decay, reach)
    to_facility = to_place = weight
    if measure is Measure.BALANCED:
        to_facility, to_place = _normalised(weight, reach)
    elif measure is Measure.MODIFIED_TWO_STEP:
        to_place = weight**2
    demand = _sum_by(reach.facility, people[reach.place] * to_facility, len(capacity))
    ratio = np.divide(capacity, demand, out=np.zeros_like(capacity), where=demand > 0)
    offered = capacity if measure is Measure.GRAVITY else ratio
    access = _sum_by(reach.place, offered[reach.facility] * to_place, len(people))
    reaches = _sum_by(reach.place, weight > 0, len(people)) > 0
    return (
        pd.DataFrame(
            {"access": access, "flag": np.where(reaches, Flag.NONE, Flag.NOTHING_IN_REACH)},
            index=costs.places,
        ),
        pd.DataFrame(
            {
                "demand": demand,
                "ratio": ratio,
                "flag": np.where(demand > 0, Flag.NONE, Flag.NOBODY_IN_REACH),
            },
            index=costs.facilities,
        ),
    )


def spatial_availability(
    costs: TravelCosts,
    population: ArrayLike,
    supply: ArrayLike,
    decay: Decay,
    *,
    largest_cost: float | None = None,
) -> pd.Series:
    """Supply that falls to each place when facilities are shared out by people and nearness.

    A facility divides its supply in proportion to P_i/ΣP · f_ij/Σ_i f_ij; index `costs.places`, in
    units of supply. Facilities that nobody reaches fall to no place.
    """
    people = _amounts(population, len(costs.places), "population")
    capacity = _amounts(supply, len(costs.facilities), "supply")
    reach = costs.up_to(largest_cost)
    # the sums that normalise people and nearness are the same for all places of a facility
    claim = people[reach.place] * decay(reach.cost)
    claims = _sum_by(reach.facility, claim, len(capacity))[reach.facility]
    part = np.divide(claim, claims, out=np.zeros_like(claim), where=claims > 0)
    share = _sum_by(reach.place, part * capacity[reach.facility], len(people))
    return pd.Series(share, index=costs.places, name="availability")


def _choice(base: TravelCosts, decay: Decay, reach: TravelCosts) -> Floats:
    """For each pair of `reach` the probability that its people choose the facility."""
    rival = _sum_by(base.place, decay(base.cost), len(base.places))
    mine = decay(reach.cost)
    rivals = rival[reach.place]
    return np.divide(mine, rivals, out=np.zeros_like(mine), where=rivals > 0)


def _normalised(weight: Floats, reach: TravelCosts) -> tuple[Floats, Floats]:
    """Weights that sum to 1 over a place's facilities, and over a facility's places."""
    by_place = _sum_by(reach.place, weight, len(reach.places))[reach.place]
    by_facility = _sum_by(reach.facility, weight, len(reach.facilities))[reach.facility]
    return (
        np.divide(weight, by_place, out=np.zeros_like(weight), where=by_place > 0),
        np.divide(weight, by_facility, out=np.zeros_like(weight), where=by_facility > 0),
    )


def _sum_by(position: NDArray[np.intp], values: ArrayLike, size: int) -> Floats:
    weights = np.asarray(values, dtype="float64")
    return np.bincount(position, weights=weights, minlength=size).astype("float64", copy=False)


def _amounts(values: ArrayLike, size: int, name: str) -> Floats:
    amounts = np.asarray(values, dtype="float64")
    if amounts.shape != (size,):
        raise MethodInputError(
            f"'{name}' has the wrong length", found=amounts.shape, expected=f"{size} numbers"
        )
    if not np.isfinite(amounts).all() or (amounts < 0).any():
        raise MethodInputError(f"'{name}' holds missing or negative numbers")
    return amounts


def _positions(keys: pd.Series, index: pd.Index) -> NDArray[np.intp]:
    if not index.is_unique:
        raise MethodInputError(
            "keys must be unique", found=list(index[index.duplicated()][:3]), expected="each once"
        )
    positions = index.get_indexer(pd.Index(keys))
    if (positions < 0).any():
        raise MethodInputError(
            "a pair names a key that is not listed",
            found=keys[positions < 0].iloc[0],
            expected="keys of the places and facilities",
        )
    return positions


def _refuse_repeated_pairs(rows: NDArray[np.intp], columns: NDArray[np.intp], width: int) -> None:
    pairs = rows.astype("int64") * width + columns
    if len(pd.unique(pairs)) != len(pairs):
        raise MethodInputError(
            "a pair of place and facility stands twice",
            remedy="keep the lower cost of each pair",
        )
