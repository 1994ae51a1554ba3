"""Cases that only a small fault in a formula would get wrong (found by benchmarks/mutation.py)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipeline.methods import current_ages, planning, reach, supply_outlook
from pipeline.methods.travel import road_graph
from pipeline.regions import Place


def test_one_doctor_and_one_percent_still_imply_a_ratio_and_zero_does_not() -> None:
    """ratio = grade · inhabitants / (100 · doctors), Bedarfsplanungs-Richtlinie § 8."""
    rows = pd.DataFrame(
        {
            "planning_area": list("ABCD"),
            "doctor_group": ["Hausärzte"] * 4,
            "doctors_counted": [1, 1, 0, 1],
            "inhabitants": [3_220, 161_000, 3_220, 3_220],
            "ratio": [None] * 4,
            "grade_percent": [50, 1, 50, 0],
        }
    )
    result = planning.assess_areas(rows)
    assert result["used_ratio"].tolist()[:2] == [1610, 1610]
    assert result["is_computable"].tolist() == [True, True, False, False]


def test_ages_without_published_single_ages_are_scaled_to_the_sexes_alone() -> None:
    fitted = current_ages.kreis_ages([[1.0, 3.0], [2.0, 2.0]], [8.0, 2.0])
    np.testing.assert_allclose(fitted, [[2.0, 6.0], [1.0, 1.0]])


def test_municipality_without_residential_streets_has_no_point() -> None:
    nodes = pd.DataFrame({"longitude": [8.0, 8.01, 8.02], "latitude": [52.0] * 3})
    edges = pd.DataFrame(
        {"from_node": [0, 1], "to_node": [1, 2], "length_m": 700.0, "speed_kmh": 50.0}
    ).assign(is_oneway=False)
    homes = pd.DataFrame({"ags": []}, index=pd.Index([], dtype="int64"))
    network = reach.Network(road_graph(edges), nodes, homes, "Annahme")
    places = pd.DataFrame({"ags": ["05766036"], "longitude": [8.0], "latitude": [52.0]})
    sites = nodes.iloc[[2]].assign(kind="pharmacy")
    found = reach.reach_of_municipalities(places, reach.node_minutes(sites, network), network)
    assert found["n_points"].tolist() == [0, 0, 0]
    assert found["minutes_median"].isna().all()


@pytest.mark.parametrize(
    ("measure", "label", "unit", "value"),
    [
        ("seats", "Arztsitze laut Altersliste", "seats", 4.5),
        ("heads", "Köpfe laut Altersliste", "persons", 6.0),
    ],
)
def test_stock_of_a_list_names_seats_only_where_it_has_them(
    measure: str, label: str, unit: str, value: float
) -> None:
    rows = pd.DataFrame(
        {
            "ref_area": "05766036",
            "doctor_group": "Hausärzte",
            "source_id": "liste",
            "measure": ["doctors_by_age", "doctors_by_age", "doctor_seats_by_age"],
            "obs_value": [2.0, 4.0, 4.5],
        }
    )
    place = Place("05766036", "Kalletal", "municipality", ("05766036",))
    ages = supply_outlook.Ages(place, "2024-12-31", pd.DataFrame(), measure == "seats", rows)
    found = supply_outlook.stock_finding(
        supply_outlook.Outlook(ages, measure, pd.DataFrame(), None, None)
    )
    assert (found.label, found.unit, found.value) == (label, unit, value)
    assert found.ref_area_name == "Kalletal"
