"""Adapters of cases on spatial access, networks and effects; see `case_methods`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Iterable

import networkx as nx

from pipeline.checks.case_inputs import Inputs, NotApplicableError, number, numbers
from pipeline.methods import catchment, decay, did, network, synthetic_control
from pipeline.methods.catchment import Measure, TravelCosts

Adapter = Callable[[Inputs, object], object]

# ------------------------------------------------------------------------------------ access


def _catchment(measure: Measure) -> Adapter:
    """Adapter for a floating catchment: access of each place."""

    def access(inputs: Inputs, data: object) -> object:
        limit = _limit(inputs)
        places, _ = catchment.catchment_access(
            _costs(inputs),
            *_people_and_supply(inputs),
            _decay(inputs, limit),
            measure=measure,
            largest_cost=limit,
            # a choice "over j" without a bound is formed before the cut, as PySAL does
            choice_over_all_pairs="sum_j w" in str(inputs.get("G", "")),
        )
        return places["access"].tolist()

    return access


def _spatial_availability(inputs: Inputs, data: object) -> object:
    limit = _limit(inputs)
    return catchment.spatial_availability(
        _costs(inputs),
        *_people_and_supply(inputs),
        _decay(inputs, limit),
        largest_cost=limit,
    ).tolist()


def _weights(inputs: Inputs, data: object) -> object:
    if "sigma" in inputs:
        chosen = decay.gaussian(number(inputs["sigma"]))
    elif "steps" in inputs:
        zones = inputs["steps"]
        if not isinstance(zones, dict):
            raise NotApplicableError(f"zones were expected in the input, found {zones!r}")
        chosen = decay.steps({float(bound): number(weight) for bound, weight in zones.items()})
    else:
        chosen = decay.power(
            -number(inputs["alpha"]),
            scale=number(inputs["scale"]),
            minimum=number(inputs.get("min", 0)),
        )
    return chosen(numbers(inputs["x"])).tolist()


def _costs(inputs: Inputs) -> TravelCosts:
    """One row a place; null where there is no way."""
    rows = inputs.first_of("cost_rows_origin", "travel_time_min", "travel_time", "distance")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise NotApplicableError(f"a matrix of costs was expected in the input, found {rows!r}")
    return catchment.costs_from_matrix(
        [[math.inf if cost is None else number(cost) for cost in row] for row in rows]
    )


def _people_and_supply(inputs: Inputs) -> tuple[list[float], list[float]]:
    people = inputs.first_of("pop", "population", "demand")
    return numbers(people), numbers(inputs.first_of("supply", "jobs"))


def _limit(inputs: Inputs) -> float | None:
    key = next((key for key in ("max_cost", "cutoff", "radius") if key in inputs), None)
    return None if key is None else number(inputs[key])


def _decay(inputs: Inputs, limit: float | None) -> decay.Decay:
    key = next((key for key in ("weight", "decay") if key in inputs), None)
    if key is not None:
        return _decay_of(str(inputs[key]))
    if limit is None:
        raise NotApplicableError("the input names neither a weight nor a largest cost")
    return decay.within(limit)


_NUMBER = r"(\d*\.?\d+)"


def _decay_of(text: str) -> decay.Decay:
    """A decay as cases write it: `1/t`, `step 20:1,40:.68`, `exp(-0.1*t)`, `uniform<=6` …"""
    plain = text.replace(" ", "").lower()
    if plain.startswith("step"):
        zones = re.findall(rf"{_NUMBER}:{_NUMBER}", plain)
        return decay.steps({float(bound): float(weight) for bound, weight in zones})
    if found := re.fullmatch(rf"1/t(?:(?:\^|\*\*){_NUMBER})?", plain):
        return decay.power(float(found[1] or 1))
    if found := re.fullmatch(rf"exp\(-{_NUMBER}\*?t\)", plain):
        return decay.exponential(float(found[1]))
    if found := re.fullmatch(rf"(?:uniform|binary)<={_NUMBER}", plain):
        return decay.within(float(found[1]))
    if found := re.fullmatch(rf"gauss(?:ian)?\(?(?:sigma=)?{_NUMBER}\)?", plain):
        return decay.gaussian(float(found[1]))
    raise NotApplicableError(f"no decay is known that is written '{text}'")


# ---------------------------------------------------------------------------------- networks


def _betweenness(inputs: Inputs, data: object) -> object:
    graph = _graph(inputs)
    scores = network.actor_measures(graph)["betweenness"]
    if not inputs.get("normalized", True):
        actors = len(graph)
        scores = scores * (actors - 1) * (actors - 2) / 2
    return _of_actor(scores.to_dict(), inputs)


def _closeness(inputs: Inputs, data: object) -> object:
    return _of_actor(network.actor_measures(_graph(inputs))["closeness"].to_dict(), inputs)


def _density(inputs: Inputs, data: object) -> object:
    if "edges" in inputs:
        graph = _graph(inputs)
        return network.density(graph.number_of_nodes(), graph.number_of_edges())
    # numbers of actors and ties go with a printed percentage
    return 100 * network.density(
        int(number(inputs["knoten"])),
        int(number(inputs["kanten"])),
        is_directed=bool(inputs.get("gerichtet", False)),
    )


def _modularity(inputs: Inputs, data: object) -> object:
    communities = inputs["partition"]
    if not isinstance(communities, list):
        raise NotApplicableError(f"a list of groups was expected, found {communities!r}")
    return network.modularity(_graph(inputs), communities)


def _graph(inputs: Inputs) -> nx.Graph[Hashable]:
    edges = inputs["edges"]
    if not isinstance(edges, list) or not all(
        isinstance(tie, list) and len(tie) == 2 for tie in edges
    ):
        raise NotApplicableError(f"pairs of actors were expected in the input, found {edges!r}")
    return network.actor_network([(one, other) for one, other in edges])


def _of_actor(scores: dict[Hashable, float], inputs: Inputs) -> object:
    """The score of the actor asked for, or of all in the order of their names."""
    if "node" not in inputs:
        return [scores[actor] for actor in _in_order(scores)]
    actor = inputs["node"]
    if actor not in scores:
        raise NotApplicableError(f"the network has no actor {actor!r}")
    return scores[actor]


def _in_order(actors: Iterable[Hashable]) -> list[Hashable]:
    """Numbers by size, names by alphabet."""
    return sorted(actors, key=lambda actor: actor if isinstance(actor, int) else str(actor))


# ----------------------------------------------------------------------------------- effects


def _did(inputs: Inputs, data: object) -> object:
    """Two groups with [before, after]; the treated one comes first."""
    if "datei" in inputs:
        raise NotApplicableError(
            f"the data set '{inputs['datei']}' is not packaged; the method is "
            "pipeline.methods.did.two_way_effect"
        )
    groups = [numbers(means) for means in inputs.values() if isinstance(means, list)]
    if len(groups) != 2 or any(len(means) != 2 for means in groups):
        raise NotApplicableError("two groups with their means before and after were expected")
    return did.two_by_two(*groups[0], *groups[1])


def _placebo_p(inputs: Inputs, data: object) -> object:
    return synthetic_control.placebo_p(
        int(number(inputs["rang"])), int(number(inputs["einheiten"]))
    )


REACH_METHODS: dict[str, Adapter] = {
    "M6_2sfca": _catchment(Measure.TWO_STEP),
    "M6_2sfca_gravity": _catchment(Measure.TWO_STEP),
    "M6_3sfca": _catchment(Measure.THREE_STEP),
    "M6_3sfca_huff": _catchment(Measure.THREE_STEP),
    "M6_bfca": _catchment(Measure.BALANCED),
    "M6_decay": _weights,
    "M6_e2sfca": _catchment(Measure.TWO_STEP),
    "M6_gravity": _catchment(Measure.GRAVITY),
    "M6_m2sfca": _catchment(Measure.MODIFIED_TWO_STEP),
    "M6_spatial_availability": _spatial_availability,
    "M7_did": _did,
    "M7_sc_placebo": _placebo_p,
    "M9_betweenness": _betweenness,
    "M9_closeness": _closeness,
    "M9_dichte": _density,
    "M9_modularity": _modularity,
}
