"""The picture of a network, and the plain map: nothing covers anything, nothing is lost."""

from __future__ import annotations

import math
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import NoDataError
from pipeline.figures.network import label_lines, layout, network_figure
from pipeline.figures.region_map import WIDTH, areas_of, markers_of, projection


def nodes(*names: str, lead: str = "") -> pd.DataFrame:
    return pd.DataFrame(
        [(f"n{i}", name, "Kommune", "beteiligt", name == lead) for i, name in enumerate(names)],
        columns=["id", "name", "sector", "role", "is_lead"],
    )


def ties(*pairs: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [(*pair, "Umsetzung", False) for pair in pairs],
        columns=["one", "other", "kind", "is_planned"],
    )


def picture(frame: pd.DataFrame, lines: pd.DataFrame) -> object:
    return network_figure(frame, lines, title="Wer mitwirkt", level="Test", attributions=["Quelle"])


# --- network ----------------------------------------------------------------------------------


@given(st.lists(st.text("abc äß-", min_size=1, max_size=120), min_size=1, max_size=40))
@settings(max_examples=30, deadline=None)
def test_labels_of_a_column_never_overlap(names: list[str]) -> None:
    placed, height = layout(nodes(*names, lead=names[0]))
    line = 8.6 * 1.2 / 72  # inches that a line of this size takes
    for side in ("left", "right"):
        column = sorted((n for n in placed if n.side == side), key=lambda n: -n.y)
        for upper, lower in pairwise(column):
            assert upper.y - lower.y >= (len(upper.lines) + len(lower.lines)) / 2 * line
    assert all(0 < node.y < height for node in placed)


def test_long_name_is_cut_in_the_picture_and_whole_in_the_table() -> None:
    name = "Arbeitsgemeinschaft " * 500
    figure = picture(nodes(name, "Rheine"), ties(("n0", "n1")))
    assert len(figure.picture.svg) < 60_000
    assert label_lines(name, "")[-1].endswith("…")
    assert figure.data["Stelle"].tolist() == [name]


def test_markup_in_a_name_stays_text() -> None:
    figure = picture(nodes("<script>alert(1)</script>", "Rheine"), ties(("n0", "n1")))
    assert "<script" not in figure.picture.svg
    assert "&lt;script&gt;" in figure.picture.svg


def test_actors_without_ties_are_drawn_and_said_to_have_none() -> None:
    figure = picture(nodes("Rheine", "Oelde"), ties())
    assert figure.data["als"].tolist() == ["keine Verbindung genannt"] * 2
    assert "keiner Verbindung" in figure.alt


def test_network_of_nobody_is_no_data() -> None:
    with pytest.raises(NoDataError):
        picture(nodes(), ties())


# --- map --------------------------------------------------------------------------------------


def test_map_is_true_to_scale_in_both_directions() -> None:
    # one degree of latitude is 111.195 km; at 52° one of longitude is 68.46 km
    view = projection([8.0, 9.0], [51.5, 52.5])
    west, north = view.point(8.0, 52.0), view.point(8.5, 52.5)
    across, up = north[0] - west[0], west[1] - north[1]
    assert up / across == pytest.approx(111.195 / 68.46, rel=0.001)


def test_every_point_lies_inside_the_drawing() -> None:
    view = projection([6.6, 10.8], [51.2, 52.5])
    corners = [view.point(x, y) for x in (6.6, 10.8) for y in (51.2, 52.5)]
    assert all(0 < x < WIDTH and 0 < y < view.height for x, y in corners)


def test_single_site_makes_no_map_of_a_street() -> None:
    view = projection([8.3], [51.7])
    km, length = view.scale_bar
    assert WIDTH * km / length >= 5.0


def test_municipality_without_outline_is_a_symbol() -> None:
    frame = pd.DataFrame(
        {"ags": ["05974028"], "name": ["Lippstadt"], "longitude": [8.3], "latitude": [51.7]}
    )
    (area,) = areas_of(frame, projection([8.3], [51.7]))
    assert (area.path, area.name) == ("", "Lippstadt")


def test_outline_keeps_its_hole() -> None:
    from shapely.geometry import Polygon, box

    frame = pd.DataFrame(
        {"ags": ["05974028"], "name": ["Lippstadt"], "longitude": [8.5], "latitude": [51.5]}
    )
    ring = Polygon(box(8, 51, 9, 52).exterior.coords, [box(8.4, 51.4, 8.6, 51.6).exterior.coords])
    (area,) = areas_of(frame, projection([8, 9], [51, 52]), {"05974028": ring})
    assert area.path.count("M") == area.path.count("Z") == 2


def test_markers_that_would_cover_each_other_are_moved_apart_and_point_home() -> None:
    places = pd.DataFrame(
        {
            "name": ["Dörentrup", "Kalletal", "Wolfsburg"],
            "longitude": [9.00, 9.00, 10.78],
            "latitude": [52.03, 52.03, 52.42],
            "state": ["bekannt", "bekannt", "ohne-daten"],
        }
    )
    one, other, far = markers_of(places, projection(places["longitude"], places["latitude"]))
    assert math.hypot(one.x - other.x, one.y - other.y) >= 41
    assert (one.home_x, one.home_y) == (other.home_x, other.home_y)
    assert (far.x, far.y) == (far.home_x, far.home_y)
    assert [m.number for m in (one, other, far)] == [1, 2, 3]
