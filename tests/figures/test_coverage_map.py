"""Map of what is known of the regions: every indicator in one part of a ring, nothing invented."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline.figures.coverage_map import coverage_map
from pipeline.figures.region_map import places_of
from pipeline.methods import coverage
from pipeline.regions import MODEL_REGIONS
from pipeline.tables.workspace import open_workspace


def test_every_indicator_stands_in_one_part_and_no_data_is_counted(
    processed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERSORGUNGSLABOR_PROCESSED", str(processed))
    lab = open_workspace("kalletal", "2025-12-31")
    regions = [MODEL_REGIONS["kalletal"], MODEL_REGIONS["wolfsburg"]]
    levels = [
        {"Einwohner": coverage.OWN, "Pflege": coverage.KREIS, "Therapie": coverage.NONE},
        dict.fromkeys(("Einwohner", "Pflege", "Therapie"), coverage.OWN),
    ]
    figure = coverage_map(lab, regions, levels)
    rows = figure.data.set_index("Region")
    assert rows.loc["Kalletal"].to_dict() == {
        "Nr.": 1, coverage.OWN: 1, coverage.ESTIMATE: 0, coverage.PLANNING_AREA: 0,
        coverage.KREIS: 1, coverage.NONE: 1,
    }  # fmt: skip
    assert figure.alt.endswith("Kalletal 1 von 3; Wolfsburg 3 von 3.")
    assert "1  Kalletal: 1 von 3" in figure.picture.svg


def test_region_stands_between_its_municipalities_and_one_without_coordinates_nowhere() -> None:
    municipalities = pd.DataFrame(
        {
            "ags": ["05566076", "05566060", "05766036"],
            "longitude": [7.4, 7.2, None],
            "latitude": [52.2, 52.4, None],
        }
    )
    regions = [MODEL_REGIONS["rheine-neuenkirchen"], MODEL_REGIONS["kalletal"]]
    places = places_of(regions, municipalities)
    assert places["name"].tolist() == ["Rheine und Neuenkirchen", "Kalletal"]
    assert places[["longitude", "latitude"]].iloc[0].tolist() == pytest.approx([7.3, 52.3])
    assert places[["longitude", "latitude"]].iloc[1].isna().all()
