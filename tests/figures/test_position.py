"""The position chart holds municipal values only, in the notebook and when it is verified."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from pipeline.checks.verify import notebook_problems
from pipeline.errors import FigureError
from pipeline.figures import position
from pipeline.figures.contract import FIGURE_MIME
from pipeline.figures.position import PositionFigure, PositionValue, foreign_values
from pipeline.figures.theme import Picture
from pipeline.methods.comparison import INDICATORS, Position
from pipeline.methods.findings import Evidence, Finding
from pipeline.regions import Place
from pipeline.settings import Paths

KALLETAL = Place("05766036", "Kalletal", "municipality", ("05766036",))
LIPPE = Place("05766", "Kreis Lippe", "kreis", ("05766",))
RHEINE = Place("rheine-neuenkirchen", "Rheine und Neuenkirchen", "region", ("05566076", "05566060"))
WOLFSBURG = Place("03103", "Wolfsburg", "municipality", ("03103",))


def finding(place: Place, value: float, rows_of: tuple[str, ...] = ()) -> Finding:
    return Finding(
        id="minimum-income-quota", topic="social", label="Mindestsicherungsquote", value=value,
        unit="percent", ref_area=place.ref_area, ref_area_name=place.name, level=place.level,
        time_period="2023", kind="eigene Berechnung",
        evidence=tuple(
            Evidence("source", "social", {"ref_area": area}, value)
            for area in rows_of or place.areas
        ),
    )  # fmt: skip


def figure(*values: PositionValue) -> PositionFigure:
    return PositionFigure(
        id="position", title="Lage", caption="Streifen.", alt="Ein Streifen.",
        data=pd.DataFrame({"Merkmal": ["Quote"]}), level="Gemeinde", attributions=["IT.NRW"],
        draw=lambda attribution: Picture("<svg/>", "iVBOR"), values=values,
    )  # fmt: skip


@pytest.mark.parametrize("place", [KALLETAL, RHEINE, WOLFSBURG])
def test_values_of_municipalities_groups_and_kreisfreie_staedte_are_let_in(place: Place) -> None:
    value = position.position_value("quota", finding(place, 6.6), place)
    (shown,) = figure(value).payload()["positions"]  # type: ignore[misc]
    assert (shown["ref_area"], shown["level"]) == (place.ref_area, place.level)
    assert set(shown["evidence"]) == set(place.areas)


def test_a_value_of_the_kreis_is_refused_and_named() -> None:
    with pytest.raises(FigureError, match="gp-density: Kreis Lippe"):
        position.position_value("gp-density", finding(LIPPE, 53.6), LIPPE)


def test_a_kreis_value_under_a_municipal_name_is_refused_by_its_rows() -> None:
    with pytest.raises(FigureError, match="rests on rows of 05766"):
        position.position_value("gp-density", finding(KALLETAL, 53.6, ("05766",)), KALLETAL)


@pytest.mark.parametrize("level", ["planning_area", "kreis_region", "kv_region", "land", ""])
def test_every_other_level_is_refused(level: str) -> None:
    good = position.position_value("quota", finding(KALLETAL, 6.6), KALLETAL)
    with pytest.raises(FigureError, match="not municipal"):
        replace(good, level=level)


def test_a_position_chart_without_its_values_is_refused() -> None:
    with pytest.raises(FigureError, match="values with territory and level"):
        figure()


def test_a_key_of_a_kreis_is_no_municipality_of_the_data() -> None:
    """Five digits pass for a kreisfreie Stadt; the list of municipalities knows better."""
    lie = PositionValue(
        indicator="quota", ref_area="05766", name="Lippe", level="municipality",
        members=("05766",), evidence=("05766",), value=8.8, time_period="2023",
    )  # fmt: skip
    payload = {"id": "position", "positions": [asdict(lie)]}
    assert foreign_values(payload) == []
    assert foreign_values(payload, ["05766036", "03103000"]) == [
        "quota: Lippe (05766 is no municipality)"
    ]


# --- verify --------------------------------------------------------------------------------


def executed(folder: Path, payload: dict[str, Any]) -> Paths:
    """A build folder with one executed notebook that shows a figure."""
    data = {FIGURE_MIME: payload, "image/svg+xml": "<svg/>", "image/png": "iVBOR"}
    output = nbformat.v4.new_output("display_data", data=data)
    cell = nbformat.v4.new_code_cell("figure", outputs=[output])
    path = folder / "build" / "notebooks" / "kalletal" / "vergleich.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return Paths(build=folder / "build", processed=folder / "none")


def good_payload() -> dict[str, Any]:
    value = position.position_value("quota", finding(KALLETAL, 6.6), KALLETAL)
    return json.loads(json.dumps(figure(value).payload()))


def test_verify_passes_municipal_values(tmp_path: Path) -> None:
    assert list(notebook_problems(executed(tmp_path, good_payload()))) == []


@pytest.mark.parametrize(
    ("planted", "says"),
    [
        ({"level": "kreis", "name": "Kreis Lippe", "ref_area": "05766"}, "Kreis Lippe"),
        ({"level": "planning_area", "name": "Lemgo"}, "Lemgo (Planungsbereich)"),
        ({"evidence": ["05766"]}, "rests on rows of 05766"),
        ({"evidence": []}, "rests on rows of no territory"),
        ({"members": []}, "names no municipality"),
    ],
)
def test_verify_finds_a_planted_value_of_another_level(
    tmp_path: Path, planted: dict[str, Any], says: str
) -> None:
    payload = good_payload()
    payload["positions"].append({**payload["positions"][0], **planted})
    (problem,) = notebook_problems(executed(tmp_path, payload))
    assert says in str(problem)
    assert "kalletal/vergleich.ipynb" in str(problem)


def test_verify_finds_a_position_chart_that_names_no_territories(tmp_path: Path) -> None:
    payload = good_payload()
    del payload["positions"]
    (problem,) = notebook_problems(executed(tmp_path, payload))
    assert "names its territory" in str(problem)


# --- drawing -------------------------------------------------------------------------------


def test_picture_says_quarter_and_direction_in_words() -> None:
    quota = next(i for i in INDICATORS if i.id == "minimum-income-quota")
    others = tuple(
        finding(Place(f"0576602{n}", f"Ort {n}", "municipality", (f"0576602{n}",)), value)
        for n, value in enumerate((5.1, 6.0, 6.2, 7.0, 7.1, 8.9, 9.4, 10.6))
    )
    strip = Position(quota, finding(KALLETAL, 6.6), others, 2, (6.1, 7.95))
    picture = position.strips([strip], "IT.NRW")
    for text in (
        "zweites Viertel",
        "weniger ist günstiger",
        "6,6",
        "5,1",
        "10,6",
        "Quelle: IT.NRW",
    ):
        assert text in picture.svg
    assert picture == position.strips([strip], "IT.NRW")
