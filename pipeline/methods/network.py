"""Who works with whom: measures of an actor network, and how far they can be trusted.

A network of a health region is small, was asked for in a survey, and is never complete. So each
result carries who was asked (boundary rule), who answered (response rate) and how much it changes
when actors are missing. No tests of significance: the actors are no sample. Names of actors are for
the network itself; a published page shows roles or groups.

Sources: Wasserman and Faust, Social Network Analysis (1994), ch. 4-5 (density, degree, closeness,
betweenness, centralisation after Freeman, Social Networks 1 (1979) 215); Newman and Girvan,
Physical Review E 69 (2004) 026113 (modularity); Blondel et al., Journal of Statistical Mechanics
(2008) P10008 (Louvain). Computed by networkx.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import networkx as nx
import numpy as np
import pandas as pd

from pipeline.errors import MethodInputError

Actor = Hashable
#: Below it the picture of the network has holes that no measure shows; our convention.
LEAST_RESPONSE = 0.8
DEFAULT_SEED = 20_251_231


@dataclass(frozen=True)
class Survey:
    """How the network was asked for.

    Attributes
    ----------
    boundary_rule : who counts as an actor, in a sentence (German, printed).
    asked, answered : the actors; None for a network read from documents (minutes, member lists).
    """

    boundary_rule: str
    asked: frozenset[Actor] | None = None
    answered: frozenset[Actor] | None = None

    def __post_init__(self) -> None:
        if not self.boundary_rule.strip():
            raise MethodInputError(
                "a network needs its boundary rule",
                expected="a sentence: who counts as an actor",
                remedy="say who was asked or which documents were read",
            )
        if (self.asked is None) != (self.answered is None):
            raise MethodInputError("give both who was asked and who answered, or neither")
        strangers = (self.answered or frozenset()) - (self.asked or frozenset())
        if strangers or self.asked == frozenset():
            raise MethodInputError(
                "answers from actors who were not asked",
                found=sorted(map(str, strangers)) or "nobody asked",
            )

    @property
    def response_rate(self) -> float | None:
        """Share of those asked who answered; None for documents."""
        if self.asked is None or self.answered is None:
            return None
        return len(self.answered) / len(self.asked)

    @property
    def flag(self) -> str:
        """What a reader must know about completeness (German); empty where all is well."""
        rate = self.response_rate
        if rate is None:
            return "aus Unterlagen erhoben, keine Befragung"
        if rate < LEAST_RESPONSE:
            return f"Rücklauf {rate:.0%}: Lücken im Netz sind wahrscheinlich".replace("%", " %")
        return ""


def actor_network(
    ties: Iterable[tuple[Actor, Actor]], actors: Collection[Actor] = ()
) -> nx.Graph[Actor]:
    """Undirected network from ties; `actors` adds those without a tie.

    A tie that both sides name counts once. With `actors` given, a tie to anybody else lies beyond
    the boundary and is an error, as is a tie of an actor to itself.
    """
    graph: nx.Graph[Actor] = nx.Graph()
    graph.add_nodes_from(actors)
    for one, other in ties:
        if one == other:
            raise MethodInputError("a tie of an actor to itself", found=one)
        outside = [actor for actor in (one, other) if actors and actor not in graph]
        if outside:
            raise MethodInputError(
                "a tie leads beyond the boundary of the network",
                found=outside[0],
                remedy="list the actor, or leave the tie out and say so in the boundary rule",
            )
        graph.add_edge(one, other)
    return graph


def density(actors: int, ties: int, *, is_directed: bool = False) -> float:
    """Share of the possible ties that exist: 2m/(n(n−1)), or m/(n(n−1)) with directions."""
    possible = actors * (actors - 1) / (1 if is_directed else 2)
    if actors < 2 or not 0 <= ties <= possible:
        raise MethodInputError(
            "a density needs two actors or more and no more ties than possible",
            found=f"{actors} actors, {ties} ties",
            expected=f"at most {possible:g} ties",
        )
    return ties / possible


def actor_measures(graph: nx.Graph[Actor]) -> pd.DataFrame:
    """Degree, betweenness and closeness of every actor.

    Returns
    -------
    Index: actors; `degree` (ties), `degree_centrality` (÷ n−1), `betweenness` (normalised by
    (n−1)(n−2)/2), `closeness` ((n−1)/Σd; in a network of several parts scaled by the share of
    actors within reach), `part` (connected part, 0 = the largest), `flag` ("isoliert").
    """
    _refuse_small(graph, 3)
    parts = sorted(nx.connected_components(graph), key=len, reverse=True)
    part_of = {actor: number for number, part in enumerate(parts) for actor in part}
    degree = dict(graph.degree())
    return pd.DataFrame(
        {
            "degree": degree,
            "degree_centrality": nx.degree_centrality(graph),
            "betweenness": nx.betweenness_centrality(graph),
            "closeness": nx.closeness_centrality(graph),
            "part": part_of,
            "flag": {actor: "" if ties else "isoliert" for actor, ties in degree.items()},
        }
    ).reindex(list(graph))


def measures_by_group(
    measures: pd.DataFrame, group: Mapping[Actor, str], *, least: int = 3
) -> pd.DataFrame:
    """Means of `actor_measures` for a published page, which names no actor.

    Returns
    -------
    Index: groups (professions, sectors); `actors`, means of `degree`, `betweenness`, `closeness`,
    `flag`. A group of fewer than `least` actors would name them: its means are missing.
    """
    unknown = [actor for actor in measures.index if actor not in group]
    if unknown:
        raise MethodInputError("actors without a group", found=sorted(map(str, unknown))[:5])
    columns = ["degree", "betweenness", "closeness"]
    by = measures[columns].groupby(measures.index.map(group))
    table = by.mean()
    table.insert(0, "actors", by.size())
    is_small = table["actors"] < least
    table.loc[is_small, columns] = np.nan
    table["flag"] = np.where(is_small, "zu wenige Akteure: nicht gezeigt", "")
    return table.rename_axis("group")


@dataclass(frozen=True)
class NetworkSummary:
    """A network in numbers; shares from 0 to 1."""

    actors: int
    ties: int
    density: float
    degree_centralisation: float
    betweenness_centralisation: float
    parts: int
    isolated: int
    response_rate: float | None
    boundary_rule: str
    flags: tuple[str, ...]


def summarise(graph: nx.Graph[Actor], survey: Survey) -> NetworkSummary:
    """The network as a whole, with what limits it."""
    measures = actor_measures(graph)
    parts = nx.number_connected_components(graph)
    flags = [survey.flag, "Netz zerfällt in mehrere Teile" if parts > 1 else ""]
    return NetworkSummary(
        actors=graph.number_of_nodes(),
        ties=graph.number_of_edges(),
        density=density(graph.number_of_nodes(), graph.number_of_edges()),
        degree_centralisation=degree_centralisation(graph),
        betweenness_centralisation=_centralisation(measures["betweenness"], len(measures) - 1),
        parts=parts,
        isolated=int((measures["degree"] == 0).sum()),
        response_rate=survey.response_rate,
        boundary_rule=survey.boundary_rule,
        flags=tuple(flag for flag in flags if flag),
    )


def degree_centralisation(graph: nx.Graph[Actor]) -> float:
    """Freeman: 1 for a star (everything hangs on one actor), 0 where all have the same degree."""
    _refuse_small(graph, 3)
    degree = pd.Series(dict(graph.degree()))
    return _centralisation(degree, (len(degree) - 1) * (len(degree) - 2))


def modularity(graph: nx.Graph[Actor], communities: Sequence[Collection[Actor]]) -> float:
    """Share of ties within communities beyond chance; −0.5 to below 1.

    `MethodInputError` for a network without ties, or communities that do not hold every actor once.
    """
    if graph.number_of_edges() == 0:
        raise MethodInputError("a network without ties has no modularity")
    sets = [set(community) for community in communities]
    if sum(map(len, sets)) != len(graph) or set().union(*sets) != set(graph):
        raise MethodInputError(
            "communities must hold every actor once",
            found=f"{sum(map(len, sets))} places for {len(graph)} actors",
        )
    return float(nx.community.modularity(graph, sets))


def communities(graph: nx.Graph[Actor], *, seed: int = DEFAULT_SEED) -> list[set[Actor]]:
    """Groups of actors that hang together closely (Louvain), the largest first.

    The method tries orders at random; the same seed gives the same groups. Other seeds may give
    others: `community_stability` says how often.
    """
    _refuse_small(graph, 3)
    found = nx.community.louvain_communities(graph, seed=seed)
    return sorted(
        (set(group) for group in found), key=lambda g: (-len(g), str(sorted(map(str, g))))
    )


def community_stability(
    graph: nx.Graph[Actor], *, runs: int = 50, seed: int = DEFAULT_SEED
) -> float:
    """Mean share of pairs of actors that two runs agree on (together or apart); 1: always the same.

    Rand index between the groups of `seed` and those of other seeds.
    """
    base = _together(communities(graph, seed=seed), graph)
    others = [_together(communities(graph, seed=seed + run), graph) for run in range(1, runs + 1)]
    return float(np.mean([np.mean(base == other) for other in others]))


def gaps(graph: nx.Graph[Actor], group: Mapping[Actor, str]) -> pd.DataFrame:
    """Where ties are missing between groups of actors (professions, sectors, municipalities).

    Returns
    -------
    One row a pair of groups (also a group with itself): `group`, `other_group`, `ties`, `possible`,
    `density`, `flag` ("keine Verbindung" where none of several possible ties exists). Pairs without
    a possible tie are left out.
    """
    unknown = [actor for actor in graph if actor not in group]
    if unknown:
        raise MethodInputError("actors without a group", found=sorted(map(str, unknown))[:5])
    counts: dict[tuple[str, str], list[int]] = {}
    for one, other in combinations(graph, 2):
        first, second = sorted((group[one], group[other]))
        count = counts.setdefault((first, second), [0, 0])
        count[0] += graph.has_edge(one, other)
        count[1] += 1
    rows = [
        {
            "group": first,
            "other_group": second,
            "ties": ties,
            "possible": possible,
            "density": ties / possible,
            "flag": "" if ties else "keine Verbindung",
        }
        for (first, second), (ties, possible) in sorted(counts.items())
    ]
    return pd.DataFrame(rows)


def bridges_and_brokers(graph: nx.Graph[Actor]) -> tuple[list[Actor], list[tuple[Actor, Actor]]]:
    """Actors, and ties, without whom the network falls into more parts than it has."""
    brokers = sorted(nx.articulation_points(graph), key=str)
    return brokers, sorted(nx.bridges(graph), key=str)


def robustness(
    graph: nx.Graph[Actor],
    *,
    shares: Sequence[float] = (0.1, 0.2, 0.3),
    runs: int = 200,
    seed: int = DEFAULT_SEED,
) -> pd.DataFrame:
    """What is left of the results when actors are missing at random.

    Parameters
    ----------
    shares : share of the actors that is taken away (at least one, and at least three stay).

    Returns
    -------
    One row a share: `share_missing`, `actors_missing`, `largest_part` (mean share of the remaining
    actors in the largest connected part), `density_low`, `density_high` (2.5 and 97.5 % of runs),
    `top_stays` (share of runs in which the actor of highest betweenness keeps that place, where it
    is not itself missing; ties of rank count as kept).
    """
    _refuse_small(graph, 4)
    actors = list(graph)
    scores = nx.betweenness_centrality(graph)
    top = max(actors, key=lambda actor: scores[actor])
    generator = np.random.default_rng(seed)
    rows = []
    for share in shares:
        if not 0 < share < 1:
            raise MethodInputError("a share of missing actors", found=share, expected="0 to 1")
        missing = min(max(round(share * len(actors)), 1), len(actors) - 3)
        rest = [
            _without(graph, actors, generator.choice(len(actors), missing, replace=False))
            for _ in range(runs)
        ]
        densities = [nx.density(part) for part in rest]
        low, high = np.quantile(densities, [0.025, 0.975])
        rows.append(
            {
                "share_missing": share,
                "actors_missing": missing,
                "largest_part": float(np.mean([_largest_part(part) for part in rest])),
                "density_low": float(low),
                "density_high": float(high),
                "top_stays": _share_top(rest, top),
            }
        )
    return pd.DataFrame(rows)


def _share_top(rest: Sequence[nx.Graph[Actor]], top: Actor) -> float:
    kept = [
        scores[top] >= max(scores.values())
        for scores in (nx.betweenness_centrality(part) for part in rest if top in part)
    ]
    return float(np.mean(kept)) if kept else float("nan")


def _without(graph: nx.Graph[Actor], actors: list[Actor], gone: np.ndarray) -> nx.Graph[Actor]:
    out = {actors[position] for position in gone}
    return graph.subgraph([actor for actor in actors if actor not in out])


def _largest_part(graph: nx.Graph[Actor]) -> float:
    return max(map(len, nx.connected_components(graph))) / len(graph)


def _together(groups: Sequence[set[Actor]], graph: nx.Graph[Actor]) -> np.ndarray:
    number = {actor: position for position, group in enumerate(groups) for actor in group}
    return np.array([number[one] == number[other] for one, other in combinations(graph, 2)])


def _centralisation(scores: pd.Series, greatest: float) -> float:
    return float((scores.max() - scores).sum() / greatest)


def _refuse_small(graph: nx.Graph[Actor], least: int) -> None:
    if len(graph) < least:
        raise MethodInputError(
            "too few actors for a network measure", found=len(graph), expected=f"{least} or more"
        )
