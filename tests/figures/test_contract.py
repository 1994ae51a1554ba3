"""The figure contract: a part that is missing fails where the figure is made."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

from pipeline.errors import FigureError
from pipeline.figures import charts
from pipeline.figures.contract import FIGURE_MIME, Figure
from pipeline.figures.german import cell, enumeration, interval, number, period, signed
from pipeline.figures.theme import Picture

GOOD: dict[str, Any] = {
    "id": "density",
    "title": "Hausärzte im Kreis",
    "caption": "Je 100.000 Einwohner.",
    "alt": "Ein Balken.",
    "data": pd.DataFrame({"Gebiet": ["Kreis Lippe"], "Wert": ["53,6"]}),
    "level": "Kreis Lippe",
    "attributions": ["KBV"],
    "draw": lambda attribution: Picture(f"<svg>{attribution}</svg>", "iVBOR"),
}


def test_a_whole_figure_carries_all_its_parts() -> None:
    bundle = Figure(**GOOD)._repr_mimebundle_()
    assert bundle["image/svg+xml"] == "<svg>KBV</svg>"
    assert bundle["image/png"] == "iVBOR"
    assert bundle[FIGURE_MIME] == {
        "id": "density",
        "title": "Hausärzte im Kreis",
        "caption": "Je 100.000 Einwohner.",
        "level": "Kreis Lippe",
        "attribution": "KBV",
        "sources": ["KBV"],
        "notes": [],
        "columns": ["Gebiet", "Wert"],
        "rows": [["Kreis Lippe", "53,6"]],
        "alt": "Ein Balken.",
    }


def test_tables_of_one_publisher_share_one_mention_in_the_attribution() -> None:
    given = [
        "Amt A, Datenbank, Tabelle 1-2, dl-de/by-2-0",
        "Amt B, Verzeichnis",
        "Amt A, Datenbank, Tabelle 1-3, dl-de/by-2-0",
        "Amt A, Datenbank, Tabelle 1-4, CC BY 4.0",
    ]
    table = Figure(**{**GOOD, "attributions": given, "is_computed": True})
    assert table.attribution == (
        "Amt A, Datenbank, Tabellen 1-2 und 1-3, dl-de/by-2-0; Amt B, Verzeichnis; "
        "Amt A, Datenbank, Tabelle 1-4, CC BY 4.0; eigene Berechnung"
    )


@pytest.mark.parametrize(
    ("part", "value", "says"),
    [
        ("id", "Dichte 1", "an id"),
        ("title", " ", "a title"),
        ("title", " ".join(["Wort"] * 13), "at most 12 words"),
        ("caption", "", "a caption"),
        ("alt", "", "an alt text"),
        ("data", pd.DataFrame(), "data"),
        ("level", "", "the level"),
        ("attributions", [""], "at least one source"),
        ("draw", lambda attribution: Picture("", ""), "a picture"),
    ],
)
def test_a_missing_part_fails_and_is_named(part: str, value: Any, says: str) -> None:
    with pytest.raises(FigureError, match=says):
        Figure(**{**GOOD, part: value})


def test_computed_value_is_said_in_the_attribution() -> None:
    figure = Figure(
        **{
            **GOOD,
            "is_computed": True,
            "as_of": "31.12.2025",
            "attributions": ["KBV", "IT.NRW", "KBV"],
        }
    )
    assert figure.attribution == "KBV; IT.NRW; eigene Berechnung; Datenstand 31.12.2025"


def test_same_drawing_has_the_same_bytes_and_its_source_inside() -> None:
    rows = [charts.Bar("Kreis Lippe", 53.6, "53,6", is_subject=True)]
    first, second = charts.bars(rows, "KBV 2023"), charts.bars(rows, "KBV 2023")
    assert first == second
    assert "Quelle: KBV 2023" in first.svg and "53,6" in first.svg


def test_numbers_and_dates_are_german() -> None:
    assert number(77209) == "77.209"
    assert number(68.74, 1) == "68,7"
    assert (signed(-4.66, 1), signed(0.04, 1), signed(1.25, 1)) == ("−4,7", "±0,0", "+1,3")
    assert period("2024-12-31") == "31. Dezember 2024"
    assert period("2023-08", is_short=True) == "08/2023"
    assert interval("2008-12-31/2015-12-31") == "31.12.2008 bis 31.12.2015"
    assert enumeration(["Ladbergen", "Lengerich", "Lienen"]) == "Ladbergen, Lengerich und Lienen"


def test_official_sign_stands_instead_of_a_number_and_zero_is_not_secret() -> None:
    assert cell(0.0, "nil") == "-"
    assert cell(float("nan"), "confidential_or_unknown") == "."
    assert cell(0.0) == "0"
    assert cell(12.0, "limited_reliability") == "(12)"
    assert cell(float("nan")) == "keine Daten"


def test_hostile_and_endless_names_neither_break_nor_leave_the_picture() -> None:
    names = ['<script>alert("x")</script>', "=cmd", "&amp; $\\alpha$", "ä" * 10_000]
    picture = charts.bars([charts.Bar(name, 1.0, name[:20]) for name in names], names[0])
    root = ElementTree.fromstring(picture.svg)
    assert not [element for element in root.iter() if element.tag.endswith("script")]
    assert "ä" * 49 not in picture.svg
