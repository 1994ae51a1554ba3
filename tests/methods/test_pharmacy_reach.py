"""Pharmacies in reach: counted sites, and what a straight line of known length gives."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline.errors import MethodInputError
from pipeline.methods.pharmacy_reach import pharmacies_of_kreis

# 1: two invented municipalities on one meridian, 0.1 degrees (11.12 km) apart
PLACES = pd.DataFrame(
    {
        "ags": ["05566001", "05566002", "05554001"],
        "name": ["Nordort", "Südort", "Anderswo"],
        "kreis": ["05566", "05566", "05554"],
        "longitude": [7.5, 7.5, 7.0],
        "latitude": [52.3, 52.2, 52.0],
        "area_km2": [50.0, 50.0, 50.0],
        "source_id": "places",
    }
)
# 2: two sites in the north, one half way
SITES = pd.DataFrame(
    {
        "kind": "pharmacy",
        "longitude": [7.5, 7.5, 7.5],
        "latitude": [52.3, 52.301, 52.25],
        "site_ags": ["05566001", "05566001", "05566002"],
        "source_id": "sites",
    }
)


def test_sites_are_counted_where_they_lie_and_within_ten_minutes() -> None:
    places = pharmacies_of_kreis(PLACES, SITES, "05566", ["05566002"])
    assert places["name"].tolist() == ["Nordort", "Südort"]
    assert places["n_here"].tolist() == [2, 1]
    # 10 minutes at 50 km/h and a detour of 1.3 are 6.41 km as the crow flies
    assert places["n_within"].tolist() == [3, 1]
    assert places["is_member"].tolist() == [False, True]


def test_nearest_site_is_measured_as_the_crow_flies() -> None:
    south = pharmacies_of_kreis(PLACES, SITES, "05566", []).set_index("name").loc["Südort"]
    assert south["distance_km"] == pytest.approx(5.56, abs=0.01)
    assert "Näherung" in south["note"]


def test_kreis_without_municipalities_is_refused() -> None:
    with pytest.raises(MethodInputError):
        pharmacies_of_kreis(PLACES, SITES, "09999", [])
