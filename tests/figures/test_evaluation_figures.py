"""Figures of the evaluation hold the figure contract, with any text in their boxes."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import NoDataError
from pipeline.figures.evaluation import TABLES, Context, table
from pipeline.figures.evaluation_drawings import logic_model, timeline

CONTEXT = Context("Erfunden", "Erfundenstadt", ["Erfundene Quelle"], "31.12.2025")


def steps(standing: str, before: str = "Geld", after: str = "Netz") -> pd.DataFrame:
    return pd.DataFrame(
        [{"before": before, "after": after, "because": "weil", "standing": standing}]
    )


def elements(first: str = "Geld", second: str = "Netz") -> pd.DataFrame:
    rows = [("a", "Mittel", first), ("b", "Ergebnis", second)]
    return pd.DataFrame(rows, columns=["key", "stage", "text"])


def test_the_logic_says_in_words_how_many_steps_are_proved() -> None:
    figure = logic_model(CONTEXT, elements(), steps("belegt"))
    assert "1 von 1 Schritten hat einen Beleg" in figure.alt
    assert list(figure.data["Stand"]) == ["belegt"]
    assert figure.picture.svg.startswith("<svg")


@pytest.mark.filterwarnings("ignore:Glyph")  # no font has every sign
@settings(max_examples=5, deadline=None)
@given(st.text(min_size=1, max_size=60).filter(lambda t: t.strip() and t != "Netz"))
def test_any_text_can_be_drawn(text: str) -> None:
    text = "".join(c for c in text if c.isprintable()) or "x"
    assert logic_model(CONTEXT, elements(text), steps("ohne Beleg", text)).picture.png


def test_a_span_of_one_day_is_still_seen() -> None:
    row = {"label": "Treffen", "what": "tatsächlich", "start": 2022.2, "end": 2022.2,
           "shown": "10.03.2022"}  # fmt: skip
    figure = timeline(CONTEXT, pd.DataFrame([row]), (2022.0, 2023.0), 2025.9)
    assert list(figure.data["Zeit"]) == ["10.03.2022"]
    assert "einer Zeile, 2022. Belegt: ein Termin." in figure.alt


def test_nothing_recorded_is_no_data_with_its_reason() -> None:
    with pytest.raises(NoDataError, match="Ziele – nicht gefunden"):
        table(CONTEXT, "goals", pd.DataFrame(), "nicht gefunden")
    with pytest.raises(NoDataError):
        timeline(CONTEXT, pd.DataFrame(), None, 2025.0)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_layout_makes_a_table(name: str) -> None:
    columns = TABLES[name].columns
    frame = pd.DataFrame([dict.fromkeys(columns, "x") | {"further": "y"}])
    shown = table(CONTEXT, name, frame)
    assert list(shown.data.columns) == list(columns.values())
