"""Access: published catchment values, conservation of supply, travel times, edges, shares."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MethodInputError
from pipeline.methods import access, catchment, decay, travel
from pipeline.methods.catchment import Flag, Measure

# Test suite of aceso: three places (rows), two facilities, one person and one unit each.
ACESO = [[5, 5], [10, 0], [15, 15]]
# Test of PySAL access, "hospital example", scenarios 0 and 2: rows are places.
HOSPITAL = [[1.0, 80.0, 40.0], [80.0, 1.0, 40.0], [40.0, 40.0, 1.0]]
HOSPITAL_2 = [[1.0, 80.0, 40.0], [80.0, 1.0, 40.0], [20.0, 20.0, 1.0]]
PEOPLE, BEDS = [100, 50, 10], [15, 20, 100]
# Test suite of the R package accessibility (IPEA), five cells of Belo Horizonte.
MINUTES = [
    [5.8, 47.0, 48.0, 47.0, 64.0],
    [45.0, 5.8, 13.0, 41.0, 70.0],
    [44.0, 13.0, 5.8, 42.0, 67.0],
    [43.0, 43.0, 49.0, 5.8, 58.0],
    [60.0, 70.0, 68.0, 64.0, 5.8],
]
RESIDENTS, JOBS = [852.0, 394.0, 1969.0, 2189.0, 0.0], [82.0, 308.0, 100.0, 109.0, 0.0]
STEPS = {20: 1, 40: 0.68, 60: 0.22}


def _access(matrix: object, people: object, supply: object, weight: decay.Decay, **options: object):
    return catchment.catchment_access(
        catchment.costs_from_matrix(matrix), people, supply, weight, **options
    )


# ------------------------------------------------------------------------ published values


def test_two_step_reproduces_aceso_and_ipea() -> None:
    places, _ = _access(ACESO, [1, 1, 1], [1, 1], decay.within(6))
    assert places["access"].tolist() == pytest.approx([1.5, 0.5, 0.0])
    places, _ = _access(MINUTES, RESIDENTS, JOBS, decay.within(45))
    assert places["access"].tolist() == pytest.approx([0.0152, 0.1491, 0.1491, 0.1068, 0], abs=5e-5)


def test_two_step_with_gravity_weights_reproduces_pysal() -> None:
    places, _ = _access(HOSPITAL, PEOPLE, BEDS, decay.power(1), largest_cost=61)
    assert places["access"].tolist() == pytest.approx([0.331444, 0.579828, 7.286418], abs=1e-6)


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (HOSPITAL, [0.747592, 0.959256, 1.227799]),
        ([[1, 80, 20], [80, 1, 20], [40, 40, 1]], [0.765449, 0.977113, 0.959942]),
        (HOSPITAL_2, [0.743506, 0.940476, 1.362554]),
        ([[1, 40, 20], [40, 1, 20], [20, 20, 1]], [0.835417, 0.852083, 0.885417]),
    ],
)
def test_enhanced_two_step_reproduces_pysal(matrix: object, expected: list[float]) -> None:
    places, _ = _access(matrix, PEOPLE, BEDS, decay.steps(STEPS), largest_cost=61)
    assert places["access"].tolist() == pytest.approx(expected, abs=1e-6)


def test_three_step_reproduces_aceso_and_with_choice_over_all_pairs_pysal() -> None:
    places, _ = _access(ACESO, [1] * 3, [1] * 2, decay.within(6), measure=Measure.THREE_STEP)
    assert places["access"].tolist() == pytest.approx([4 / 3, 2 / 3, 0])
    options = {"largest_cost": 61, "measure": Measure.THREE_STEP}
    as_pysal, _ = _access(
        HOSPITAL_2, PEOPLE, BEDS, decay.power(1), choice_over_all_pairs=True, **options
    )
    assert as_pysal["access"].tolist() == pytest.approx([0.156526, 0.406373, 9.902877], abs=1e-6)


def test_three_step_cuts_before_people_choose() -> None:
    """A facility beyond the largest cost takes nobody away, however strong it pulls."""
    # one place; facility 0 at 10 minutes, facility 1 at 70 minutes, beyond 60
    far, _ = _access(
        [[10, 70]], [10], [1, 1], decay.power(1), largest_cost=60, measure=Measure.THREE_STEP
    )
    alone, _ = _access(
        [[10]], [10], [1], decay.power(1), largest_cost=60, measure=Measure.THREE_STEP
    )
    assert far["access"].tolist() == alone["access"].tolist()
    # in a catchment of two places the order matters: all of place 0 choose facility 0
    matrix = [[10, 70], [10, 10]]
    options = {"largest_cost": 60, "measure": Measure.THREE_STEP}
    cut_first, load = _access(matrix, [10, 10], [1, 1], decay.within(100), **options)
    assert load["demand"].tolist() == [15, 5]
    assert cut_first["access"].tolist() == pytest.approx([1 / 15, 0.5 / 15 + 0.5 / 5])
    _, pysal_load = _access(
        matrix, [10, 10], [1, 1], decay.within(100), choice_over_all_pairs=True, **options
    )
    assert pysal_load["demand"].tolist() == [10, 5]  # half of place 0 is lost to a far facility


def test_balanced_catchment_reproduces_ipea_and_keeps_the_sum_of_ratios() -> None:
    places, facilities = _access(
        MINUTES, RESIDENTS, JOBS, decay.within(45), measure=Measure.BALANCED
    )
    assert places["access"].tolist() == pytest.approx([0.0094, 0.1993, 0.1993, 0.1147, 0], abs=5e-5)
    assert places["access"].sum() == pytest.approx(facilities["ratio"].sum())
    # not supply: 730 jobs' worth of access for 599 jobs
    assert (places["access"] * RESIDENTS).sum() == pytest.approx(730, abs=1)


def test_spatial_availability_reproduces_soukhov_and_shares_out_all_supply() -> None:
    costs = catchment.costs_from_matrix([[15, 30, 100], [30, 15, 100], [100, 100, 15]])
    shares = catchment.spatial_availability(
        costs, [50_000, 150_000, 10_000], [100_000, 100_000, 10_000], decay.exponential(0.1)
    )
    assert shares.tolist() == pytest.approx([66833, 133203, 9963], abs=1)
    assert shares.sum() == pytest.approx(210_000)


def test_modified_two_step_is_below_supply_and_equals_two_step_at_the_door() -> None:
    places, _ = _access(
        HOSPITAL, PEOPLE, BEDS, decay.steps(STEPS), measure=Measure.MODIFIED_TWO_STEP
    )
    assert (places["access"] * PEOPLE).sum() < 135
    door, _ = _access([[0]], [4], [2], decay.gaussian(10), measure=Measure.MODIFIED_TWO_STEP)
    assert door["access"].tolist() == [0.5]


def test_gravity_sums_supply_without_rivals() -> None:
    places, _ = _access([[10, 20]], [7], [3, 5], decay.power(1), measure=Measure.GRAVITY)
    assert places["access"].tolist() == pytest.approx([3 / 10 + 5 / 20])


# ----------------------------------------------------------------------------- invariants

_minutes = st.lists(st.lists(st.integers(0, 90), min_size=4, max_size=4), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(_minutes, st.sampled_from(sorted(catchment.CONSERVING)), st.data())
def test_supply_that_is_reached_is_conserved(
    matrix: list[list[int]], measure: Measure, data: st.DataObject
) -> None:
    people = data.draw(st.lists(st.integers(0, 900), min_size=len(matrix), max_size=len(matrix)))
    supply = data.draw(st.lists(st.integers(0, 50), min_size=4, max_size=4))
    places, facilities = _access(
        matrix, people, supply, decay.gaussian(20), measure=measure, largest_cost=45
    )
    reached = facilities["demand"] > 0
    given_out = (places["access"] * people).sum()
    assert given_out == pytest.approx(np.asarray(supply)[reached].sum(), rel=1e-9, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(_minutes)
def test_twice_the_people_halve_access(matrix: list[list[int]]) -> None:
    people = np.arange(1, len(matrix) + 1)
    once, _ = _access(matrix, people, [1, 2, 3, 4], decay.steps(STEPS))
    twice, _ = _access(matrix, 2 * people, [1, 2, 3, 4], decay.steps(STEPS))
    assert (once["access"] / 2).tolist() == pytest.approx(twice["access"].tolist())


def test_table_of_pairs_gives_the_same_as_the_matrix() -> None:
    places, facilities = pd.Index(["a", "b", "c"]), pd.Index(["x", "y"])
    pairs = pd.DataFrame(
        [("c", "y", 15), ("a", "x", 5), ("a", "y", 5), ("b", "x", 10), ("b", "y", 0)],
        columns=["origin", "dest", "cost"],
    )
    costs = catchment.costs_from_frame(pairs, places, facilities)
    found, _ = catchment.catchment_access(costs, [1, 1, 1], [1, 1], decay.within(6))
    assert found["access"].to_dict() == {"a": 1.5, "b": 0.5, "c": 0.0}


# ------------------------------------------------------------------------------ bad input


def test_a_provider_without_people_in_reach_is_flagged_and_not_divided_by_zero() -> None:
    places, facilities = _access([[5, 99]], [10], [1, 1], decay.within(30))
    assert facilities["flag"].tolist() == [Flag.NONE, Flag.NOBODY_IN_REACH]
    assert facilities["ratio"].tolist() == [0.1, 0]
    assert places["access"].tolist() == [0.1]


def test_a_place_without_provider_in_reach_is_flagged() -> None:
    places, _ = _access([[5], [math.inf]], [10, 10], [1], decay.within(30))
    assert places["flag"].tolist() == [Flag.NONE, Flag.NOTHING_IN_REACH]


def test_zero_minutes_need_a_minimum_under_power_decay() -> None:
    with pytest.raises(MethodInputError, match="infinite at a cost of zero"):
        _access([[0, 5]], [1], [1, 1], decay.power(2))
    places, _ = _access([[0, 5]], [1], [1, 1], decay.power(2, minimum=1))
    assert places["access"].tolist() == pytest.approx([2.0])


@pytest.mark.parametrize(
    ("people", "supply", "matrix"),
    [
        ([1], [1, 1], ACESO),
        ([1, -1, 1], [1, 1], ACESO),
        ([1, math.nan, 1], [1, 1], ACESO),
        ([1, 1, 1], [1, 1], [[1, 2], [3, -4], [5, 6]]),
        ([1, 1, 1], [1, 1], [[1, 2], [3, math.nan], [5, 6]]),
        ([1], [1], [1, 2]),
    ],
)
def test_amounts_and_costs_that_cannot_be_are_refused(
    people: list[float], supply: list[float], matrix: object
) -> None:
    with pytest.raises(MethodInputError):
        _access(matrix, people, supply, decay.within(6))


@pytest.mark.parametrize("pair", [("a", "x", 1.0), ("a", "unknown", 1.0), ("b", "x", -1.0)])
def test_pairs_that_are_double_unknown_or_negative_are_refused(pair: tuple[object, ...]) -> None:
    pairs = pd.DataFrame([("a", "x", 5.0), pair], columns=["origin", "dest", "cost"])
    with pytest.raises(MethodInputError):
        catchment.costs_from_frame(pairs, pd.Index(["a", "b"]), pd.Index(["x"]))


# ---------------------------------------------------------------------------------- decay


def test_decays_reproduce_pysal_and_aceso() -> None:
    assert decay.steps(STEPS)([0, 10, 20, 30, 40, 50, 60, 70]).tolist() == [
        1, 1, 1, 0.68, 0.68, 0.22, 0.22, 0,
    ]  # fmt: skip
    assert decay.gaussian(20)([0, 20, 40, 60]).tolist() == pytest.approx(
        [1.0, 0.6065306597126334, 0.1353352832366127, 0.011108996538242306], abs=1e-12
    )
    assert decay.gaussian(2)([0, 1]).tolist() == pytest.approx([1.0, 0.8824969025845955])
    gravity = decay.power(2, scale=20, minimum=1)
    assert gravity([0, 1, 2, 20, 40, 60]).tolist() == pytest.approx(
        [400, 400, 100, 1, 0.25, 0.11], abs=0.005
    )


def test_decays_that_make_no_sense_are_refused() -> None:
    for call in (
        lambda: decay.gaussian(0),
        lambda: decay.power(-1),
        lambda: decay.within(-5),
        lambda: decay.steps({}),
        lambda: decay.steps({10: 0.2, 20: 1}),
        lambda: decay.exponential(math.nan),
    ):
        with pytest.raises(MethodInputError):
            call()


# --------------------------------------------------------------------------------- travel


def test_great_circle_of_one_degree_and_of_a_known_pair() -> None:
    # one degree of a great circle: 6371.0088 · π / 180
    assert float(travel.great_circle_km(0, 0, 0, 1)) == pytest.approx(111.195, abs=1e-3)
    assert float(travel.great_circle_km(7, 52, 7, 52)) == 0
    # Nashville to Los Angeles, Rosetta Code "Haversine formula", radius 6372.8: 2887.2599
    nashville = travel.great_circle_km(-86.67, 36.12, -118.40, 33.94)
    assert float(nashville) == pytest.approx(2887.2599 * 6371.0088 / 6372.8, abs=1e-3)


def test_minutes_from_distance_are_an_approximation_with_bounds() -> None:
    # 10 km × 1.3 ÷ 50 km/h = 15.6 minutes
    assert float(travel.CAR.minutes(10)) == pytest.approx(15.6)
    low, high = travel.CAR.bounds(10)
    assert (float(low), float(high)) == pytest.approx((12.0, 22.5))
    assert travel.CAR.label.startswith("Näherung")
    assert travel.CAR.largest_distance(15.6) == pytest.approx(10)
    with pytest.raises(MethodInputError):
        travel.StraightLineModel((0.9, 1.0, 1.1), (40, 50, 60), "shorter than straight")


def test_pairs_within_holds_what_a_full_matrix_holds() -> None:
    points = pd.DataFrame({"longitude": [7.0, 7.2, 8.5], "latitude": [52.0, 52.1, 51.0]})
    sites = pd.DataFrame({"longitude": [7.1, 7.9], "latitude": [52.0, 52.0]}, index=["x", "y"])
    found = travel.pairs_within(points, sites, travel.CAR, 30)
    full = travel.CAR.minutes(
        travel.great_circle_km(
            points[["longitude"]], points[["latitude"]],
            sites["longitude"].to_numpy(), sites["latitude"].to_numpy(),
        )
    )  # fmt: skip
    expected = {(i, j): full[i, j] for i, j in np.argwhere(full <= 30)}
    assert dict(zip(zip(found.place, found.facility, strict=True), found.cost, strict=True)) == (
        pytest.approx(expected)
    )


def _edges(*rows: tuple[str, str, float, float, bool]) -> pd.DataFrame:
    names = ["from_node", "to_node", "length_m", "speed_kmh", "is_oneway"]
    return pd.DataFrame(rows, columns=names)


# a –1 min– b –2 min– c (one way b → c); d –1 min– e apart from them
TOWN = _edges(
    ("a", "b", 500, 30, False),
    ("b", "c", 2000, 60, True),
    ("a", "b", 500, 10, False),  # a slow second street between the same corners
    ("d", "e", 500, 30, False),
)


def test_minutes_on_the_graph_take_the_fastest_street_and_obey_one_way() -> None:
    graph = travel.road_graph(TOWN)
    minutes = travel.graph_minutes(graph, pd.Index(["a", "c"]))
    assert minutes.loc["a", ["a", "b", "c"]].tolist() == pytest.approx([0, 1, 3])
    assert minutes.loc["c", "a"] == math.inf
    towards = travel.graph_minutes(graph, pd.Index(["c"]), towards=True)
    assert towards.loc["c", ["a", "b"]].tolist() == pytest.approx([3, 2])


def test_nearest_on_an_unconnected_graph_is_flagged_not_invented() -> None:
    found = travel.nearest_on_graph(travel.road_graph(TOWN), pd.Index(["c", "b"]))
    assert found.loc["a", "minutes"] == pytest.approx(1)
    assert found.loc["a", "nearest"] == "b"
    assert found.loc["d", "minutes"] == math.inf
    assert pd.isna(found.loc["d", "nearest"])
    assert found.loc["d", "flag"] == "kein Weg im Straßennetz"


def test_nearest_by_road_joins_points_to_the_graph_and_flags_what_cannot_be_joined() -> None:
    nodes = pd.DataFrame(
        {"longitude": [7.00, 7.01, 7.02, 7.50, 7.51], "latitude": 52.0}, index=list("abcde")
    )
    places = pd.DataFrame(
        {"longitude": [7.001, 7.499, 8.0], "latitude": 52.0}, index=["town", "island", "far"]
    )
    sites = pd.DataFrame({"longitude": [7.021, 7.0101, 9.0], "latitude": 52.0}, index=[10, 11, 12])
    found = access.nearest_by_road(places, sites, travel.road_graph(TOWN), nodes)
    # a → b is one minute; site 11 lies at b
    assert found.loc["town", ["nearest", "minutes", "flag"]].tolist() == [11, 1.0, ""]
    assert found.loc["island", "flag"] == "kein Weg im Straßennetz"
    assert found.loc["far", "flag"] == "zu weit vom Straßennetz"
    assert found.loc[["island", "far"], "minutes"].tolist() == [math.inf, math.inf]
    assert found.loc[["island", "far"], "nearest"].isna().all()
    with pytest.raises(MethodInputError, match="no site lies near"):
        access.nearest_by_road(places, sites.loc[[12]], travel.road_graph(TOWN), nodes)


def test_nearest_equals_the_least_of_all_single_searches() -> None:
    generator = np.random.default_rng(3)
    ends = generator.integers(0, 40, (120, 2))
    edges = pd.DataFrame(ends, columns=["from_node", "to_node"]).assign(
        length_m=generator.integers(100, 900, 120), speed_kmh=50.0, is_oneway=True
    )
    graph = travel.road_graph(edges)
    targets = graph.nodes[[1, 5, 9]]
    least = travel.graph_minutes(graph, targets, towards=True).min()
    assert travel.nearest_on_graph(graph, targets)["minutes"].tolist() == pytest.approx(
        least.tolist()
    )


def test_graphs_and_points_that_cannot_be_are_refused() -> None:
    graph = travel.road_graph(TOWN)
    metres = pd.DataFrame({"longitude": [3_400_000.0], "latitude": [5_700_000.0]})
    here = pd.DataFrame({"longitude": [7.0], "latitude": [52.0]})
    for call in (
        lambda: travel.graph_minutes(graph, pd.Index(["nowhere"])),
        lambda: travel.nearest_on_graph(graph, pd.Index([])),
        lambda: travel.road_graph(TOWN.assign(speed_kmh=0)),
        lambda: travel.road_graph(TOWN.drop(columns="length_m")),
        lambda: travel.nearest_point(metres, here),
        lambda: travel.nearest_point(here, here.iloc[:0]),
    ):
        with pytest.raises(MethodInputError):
            call()


# --------------------------------------------------------------- nearest provider, shares


def _point(longitude: float, latitude: float, **columns: float) -> pd.DataFrame:
    return pd.DataFrame({"longitude": [longitude], "latitude": [latitude], **columns})


def test_a_nearest_site_beyond_the_known_area_is_an_edge_effect() -> None:
    # 1 degree of latitude is 111.2 km
    place, site = _point(7, 52), _point(7, 52.3)
    near = access.nearest_provider(place, site, travel.CAR, known_km=40)
    assert near["distance_km"].tolist() == pytest.approx([33.36], abs=0.01)
    assert near["flag"].tolist() == [""]
    assert access.nearest_provider(place, site, travel.CAR, known_km=30)["flag"].tolist() == [
        access.EDGE_EFFECT
    ]


def test_a_border_nearer_than_the_nearest_site_is_an_edge_effect() -> None:
    place, site, border = _point(7, 52), _point(7, 52.3), _point(6.9, 52)
    found = access.nearest_provider(place, site, travel.CAR, known_km=40, border=border)
    assert found["flag"].tolist() == [access.EDGE_EFFECT]


def test_a_site_beside_the_town_hall_says_nothing_about_outlying_parts() -> None:
    site = _point(7, 52.02)  # 2.2 km away; a circle of 100 km² has a radius of 5.6 km
    found = access.nearest_provider(_point(7, 52, area_km2=100), site, travel.CAR, known_km=40)
    assert found["is_core_only"].tolist() == [True]
    found = access.nearest_provider(_point(7, 52, area_km2=10), site, travel.CAR, known_km=40)
    assert found["is_core_only"].tolist() == [False]


def test_providers_within_minutes_are_counted_with_their_edge() -> None:
    # 0, 5.56 and 33.4 km away: 0, 8.7 and 52 minutes by the model
    sites = pd.DataFrame({"longitude": [7.0, 7.0, 7.0], "latitude": [52.0, 52.05, 52.3]})
    counts = access.providers_within(_point(7, 52), sites, travel.CAR, 10, known_km=40)
    assert counts[["count", "flag"]].iloc[0].tolist() == [2, ""]
    # 60 minutes are 38.5 km
    wide = access.providers_within(_point(7, 52), sites, travel.CAR, 60, known_km=30)
    assert wide[["count", "flag"]].iloc[0].tolist() == [3, access.EDGE_EFFECT]
    with pytest.raises(MethodInputError):
        access.providers_within(_point(7, 52), sites, travel.CAR, 0, known_km=40)


WIDE = access.Buffer(45, across_laender=True, across_state_border=True)
NRW_TARGET = access.standards_for("05")[0]


def test_share_within_a_standard_counts_the_bound_and_the_unreachable() -> None:
    found = access.share_within(
        [10, 20, 20.1, math.inf], [60, 30, 5, 5], NRW_TARGET, buffer=WIDE,
        grain=access.Grain.SMALL_AREA,
    )  # fmt: skip
    assert (found.share, found.is_met, found.flag) == (0.9, True, "")
    assert found.unreachable == 5


@pytest.mark.parametrize(
    "buffer",
    [
        access.Buffer(39, across_laender=True, across_state_border=True),
        access.Buffer(60, across_laender=False, across_state_border=True),
        access.Buffer(60, across_laender=True, across_state_border=False),
    ],
)
def test_no_share_without_a_buffer_across_borders(buffer: access.Buffer) -> None:
    found = access.share_within(
        [10], [60], NRW_TARGET, buffer=buffer, grain=access.Grain.SMALL_AREA
    )
    assert (found.share, found.is_met, found.flag) == (None, None, "Randeffekt")


def test_no_share_from_one_point_a_municipality() -> None:
    found = access.share_within(
        [10], [60], NRW_TARGET, buffer=WIDE, grain=access.Grain.MUNICIPAL_CENTROID
    )
    assert found.share is None
    assert found.flag == access.ONE_POINT


def test_shares_of_nobody_or_of_missing_minutes_are_refused() -> None:
    for minutes, people in (([10], [0]), ([math.nan], [5]), ([10, 20], [5]), ([-1], [5])):
        with pytest.raises(MethodInputError):
            access.share_within(
                minutes, people, NRW_TARGET, buffer=WIDE, grain=access.Grain.SMALL_AREA
            )


def test_standards_belong_to_a_land_and_name_their_source() -> None:
    assert [(s.minutes, s.share) for s in access.standards_for("05")] == [
        (20.0, 0.9), (30.0, None), (40.0, None),
    ]  # fmt: skip
    # Niedersachsen has none of its own
    assert {s.land for s in access.standards_for("03")} == {"DG"}
    assert all(s.source and s.evidence for s in access.STANDARDS)


# ---------------------------------------------------------------------- the real pharmacies


@pytest.fixture(scope="module")
def pharmacies(root: Path) -> pd.DataFrame:
    """Nearest pharmacy of every municipality of the study region, from the raw files."""
    figures = root / "data" / "raw" / "figures"
    sites = pd.read_csv(figures / "pharmacy_sites_osm.csv", dtype={"ags": str})
    places = pd.read_csv(figures / "municipalities.csv", dtype=str).set_index("ags")
    places = places[["longitude", "latitude", "area_km2"]].astype("float64")
    found = access.nearest_provider(places, sites, travel.CAR, known_km=40)
    return found.assign(name=sites["name"].reindex(found["nearest"]).to_numpy())


def test_nearest_pharmacy_of_three_municipalities_by_hand(pharmacies: pd.DataFrame) -> None:
    # by hand on a plane: 111.195 km a degree of latitude, times cos(latitude) for longitude
    # Recke 7.718617/52.370571 – St.-Marien-Apotheke 7.695146/52.349949:
    #   Δ 0.020622° · 111.195 = 2.2931 km, Δ 0.023471° · 111.195 · cos 52.36° = 1.5938 km → 2.7926
    assert pharmacies.loc["05566072", "distance_km"] == pytest.approx(2.7926, abs=1e-3)
    assert pharmacies.loc["05566072", "name"] == "St.-Marien-Apotheke"
    # 2.7926 km × 1.3 ÷ 50 km/h
    assert pharmacies.loc["05566072", "minutes"] == pytest.approx(4.356, abs=2e-3)
    # Roklum 10.739548/52.065366 – Eulen Apotheke in Schöppenstedt 10.770500/52.141662:
    #   8.4837 km and 2.1138 km → 8.7431
    assert pharmacies.loc["03158025", "distance_km"] == pytest.approx(8.743, abs=2e-3)
    # Metelen 7.211686/52.144232 – Malteser-Apotheke 7.219141/52.145137: 0.1006 and 0.5087 → 0.5186
    assert pharmacies.loc["05566052", "distance_km"] == pytest.approx(0.5186, abs=1e-3)
    assert pharmacies.loc["05566052", "name"] == "Malteser-Apotheke"


def test_the_buffer_of_the_pharmacies_suffices_and_most_values_speak_of_the_core(
    pharmacies: pd.DataFrame,
) -> None:
    assert len(pharmacies) == 215
    assert (pharmacies["flag"] == "").all()
    assert pharmacies["distance_km"].max() < 9
    # the official points lie in the town centres, as pharmacies do: hence no ranking of minutes
    assert pharmacies["is_core_only"].mean() > 0.6
