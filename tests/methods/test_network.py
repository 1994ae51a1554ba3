"""Networks: published values, completeness, gaps, robustness, bad input."""

from __future__ import annotations

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MethodInputError
from pipeline.methods import network
from pipeline.methods.network import Survey

# Padgett's Florentine families (Wasserman and Faust 1994): marriages, without Pucci.
FLORENCE = network.actor_network(nx.florentine_families_graph().edges)
# Krackhardt's kite (1990)
KITE = network.actor_network(nx.krackhardt_kite_graph().edges)
BARBELL = [(0, 1), (0, 2), (1, 2), (2, 3), (3, 4), (3, 5), (4, 5)]
STAR = network.actor_network([("hub", leaf) for leaf in "abcd"])
DOCUMENTS = Survey("Mitglieder laut Protokollen")


def test_florence_reproduces_published_values() -> None:
    measures = network.actor_measures(FLORENCE)
    assert measures.loc["Medici", "betweenness"] == pytest.approx(0.522, abs=1e-3)
    assert measures.loc["Guadagni", "betweenness"] == pytest.approx(0.255, abs=1e-3)
    assert measures.loc["Ridolfi", "betweenness"] == pytest.approx(0.114, abs=1e-3)
    assert measures.loc["Medici", "closeness"] == pytest.approx(0.560, abs=1e-3)
    assert measures.loc["Albizzi", "closeness"] == pytest.approx(0.483, abs=1e-3)
    assert measures.loc["Pazzi", "closeness"] == pytest.approx(0.286, abs=1e-3)
    assert network.summarise(FLORENCE, DOCUMENTS).density == pytest.approx(20 / 105)


def test_kite_reproduces_published_closeness() -> None:
    closeness = network.actor_measures(KITE)["closeness"].reindex(range(10))
    assert closeness.tolist() == pytest.approx(
        [0.529, 0.529, 0.5, 0.6, 0.5, 0.643, 0.643, 0.6, 0.429, 0.31], abs=1e-3
    )


def test_modularity_reproduces_published_values() -> None:
    barbell = network.actor_network(BARBELL)
    good = network.modularity(barbell, [[0, 1, 2], [3, 4, 5]])
    bad = network.modularity(barbell, [[0, 1, 4], [2, 3, 5]])
    assert good == pytest.approx(0.35714285714285715)
    assert bad == pytest.approx(-0.08163265306122448)


def test_density_reproduces_the_family_networks() -> None:
    # printed in whole percent: 52 and 42
    assert network.density(14, 47) == pytest.approx(0.52, abs=0.006)
    assert network.density(12, 28) == pytest.approx(0.42, abs=0.006)
    assert network.density(3, 3, is_directed=True) == 0.5


def test_a_star_is_wholly_centralised_and_a_ring_not_at_all() -> None:
    star = network.summarise(STAR, DOCUMENTS)
    ring = network.summarise(network.actor_network(nx.cycle_graph(5).edges), DOCUMENTS)
    assert star.degree_centralisation == star.betweenness_centralisation == pytest.approx(1)
    assert ring.degree_centralisation == ring.betweenness_centralisation == 0


def test_communities_find_the_two_ends_of_the_barbell_and_repeat_with_the_seed() -> None:
    barbell = network.actor_network(BARBELL)
    assert network.communities(barbell) == [{0, 1, 2}, {3, 4, 5}]
    assert network.community_stability(barbell, runs=10) == 1
    assert network.communities(FLORENCE, seed=4) == network.communities(FLORENCE, seed=4)


def test_a_network_in_parts_is_flagged_and_closeness_scaled() -> None:
    graph = network.actor_network([("a", "b"), ("b", "c")], actors=["a", "b", "c", "d"])
    summary = network.summarise(graph, DOCUMENTS)
    assert (summary.parts, summary.isolated) == (2, 1)
    assert "Netz zerfällt in mehrere Teile" in summary.flags
    measures = network.actor_measures(graph)
    assert measures.loc["d", ["closeness", "flag"]].tolist() == [0, "isoliert"]
    # b reaches 2 of 3 others at distance 1: (2/2) · (2/3)
    assert measures.loc["b", "closeness"] == pytest.approx(2 / 3)


def test_response_rate_and_boundary_are_reported() -> None:
    survey = Survey("alle Praxen der Stadt", frozenset("abcde"), frozenset("abc"))
    assert survey.response_rate == pytest.approx(0.6)
    assert network.summarise(STAR, survey).flags == (
        "Rücklauf 60 %: Lücken im Netz sind wahrscheinlich",
    )
    full = Survey("alle Praxen der Stadt", frozenset("abcde"), frozenset("abcde"))
    assert full.flag == ""
    assert DOCUMENTS.response_rate is None
    assert DOCUMENTS.flag == "aus Unterlagen erhoben, keine Befragung"


def test_gaps_between_groups_by_hand() -> None:
    graph = network.actor_network(
        [("gp1", "gp2"), ("gp1", "care")], actors=["gp1", "gp2", "care", "town"]
    )
    group = {"gp1": "Praxis", "gp2": "Praxis", "care": "Pflege", "town": "Kommune"}
    table = network.gaps(graph, group).set_index(["group", "other_group"])
    assert table.loc[("Praxis", "Praxis"), "density"] == 1
    assert table.loc[("Pflege", "Praxis"), ["ties", "possible"]].tolist() == [1, 2]
    assert table.loc[("Kommune", "Praxis"), "flag"] == "keine Verbindung"
    # one actor alone has no possible tie with its own group
    assert ("Kommune", "Kommune") not in table.index


def test_small_groups_of_actors_are_not_shown() -> None:
    group = {"hub": "Kommune", "a": "Praxis", "b": "Praxis", "c": "Praxis", "d": "Pflege"}
    table = network.measures_by_group(network.actor_measures(STAR), group)
    assert table.loc["Praxis", ["actors", "degree", "flag"]].tolist() == [3, 1, ""]
    assert table.loc[["Kommune", "Pflege"], ["degree", "betweenness"]].isna().all(axis=None)
    with pytest.raises(MethodInputError, match="without a group"):
        network.measures_by_group(network.actor_measures(STAR), {"hub": "Kommune"})


def test_brokers_and_bridges() -> None:
    brokers, bridges = network.bridges_and_brokers(network.actor_network(BARBELL))
    assert brokers == [2, 3]
    assert bridges == [(2, 3)]


def test_robustness_of_a_star_hangs_on_its_hub() -> None:
    table = network.robustness(STAR, shares=[0.2], runs=100)
    assert table.loc[0, "actors_missing"] == 1
    # the hub is missing in a fifth of the runs: then four actors are alone
    assert table.loc[0, "largest_part"] == pytest.approx(0.8 * 1 + 0.2 * 0.25, abs=0.1)
    assert table.loc[0, "top_stays"] == 1
    again = network.robustness(STAR, shares=[0.2], runs=100)
    pd.testing.assert_frame_equal(table, again)


@settings(max_examples=40, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda t: t[0] < t[1])))
def test_measures_stay_within_their_bounds(ties: set[tuple[int, int]]) -> None:
    graph = network.actor_network(ties, actors=range(8))
    measures = network.actor_measures(graph)
    summary = network.summarise(graph, DOCUMENTS)
    shares = measures[["degree_centrality", "betweenness", "closeness"]]
    assert ((shares >= 0) & (shares <= 1 + 1e-12)).all(axis=None)
    assert measures["degree"].sum() == 2 * summary.ties
    assert 0 <= summary.degree_centralisation <= 1
    assert 0 <= summary.betweenness_centralisation <= 1 + 1e-12


def test_bad_networks_are_refused() -> None:
    for call in (
        lambda: network.actor_network([("a", "a")]),
        lambda: network.actor_network([("a", "x")], actors=["a", "b"]),
        lambda: network.actor_measures(network.actor_network([("a", "b")])),
        lambda: network.density(1, 0),
        lambda: network.density(3, 4),
        lambda: network.modularity(STAR, [["hub"]]),
        lambda: network.modularity(network.actor_network([], actors="abc"), ["a", "b", "c"]),
        lambda: network.gaps(STAR, {"hub": "Kommune"}),
        lambda: network.robustness(STAR, shares=[1.0]),
        lambda: Survey("  "),
        lambda: Survey("alle", frozenset("ab"), frozenset("abc")),
        lambda: Survey("alle", frozenset("ab"), None),
        lambda: Survey("alle", frozenset(), frozenset()),
    ):
        with pytest.raises(MethodInputError):
            call()
