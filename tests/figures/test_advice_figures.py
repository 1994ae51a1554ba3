"""Figures of the advice on an invented town: traffic light in words, empty tables refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from pipeline.advice import words
from pipeline.advice.goals import RULE, progress
from pipeline.errors import NoDataError
from pipeline.figures import advice as figures
from pipeline.tables.workspace import Workspace, open_workspace


@pytest.fixture
def lab(processed: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("VERSORGUNGSLABOR_PROCESSED", str(processed))
    return open_workspace("wolfsburg", "2025-12-31")


@pytest.fixture
def goals() -> pd.DataFrame:
    """Goals of an invented town; nobody decided them."""
    rows = [
        ("z1", "Mehr Sitze (erfunden)", 40.0, 50.0, 46.0),
        ("z2", "Kürzere Wege (erfunden)", 30.0, 20.0, 31.0),
        ("z3", "Ohne Stand (erfunden)", 10.0, 20.0, float("nan")),
    ]
    frame = pd.DataFrame(rows, columns=["goal_id", "goal", "baseline", "target", "actual"])
    return frame.assign(
        ref_area="03103", goal_indicator="erfunden", indicator_unit="count",
        baseline_date="2020-12-31", target_date="2030-12-31", time_period="2025-12-31", owner="Rat",
    )  # fmt: skip


def test_the_light_is_a_word_in_table_and_picture(lab: Workspace, goals: pd.DataFrame) -> None:
    states = progress(goals, dt.date(2025, 12, 31), {})
    frame = words.goals(states)
    table = figures.goals_table(lab, frame, RULE)
    assert list(table.data["Ampel"]) == [
        "grün – auf Kurs",
        "rot – rückläufig",
        "grau – nicht zu beurteilen: Ausgangswert oder Stand fehlt",
    ]
    assert list(table.data["Weg zurückgelegt"]) == ["60 %", "-10 %", "keine Daten"]
    figure = figures.goals_figure(lab, frame, [state.share for state in states])
    for word in ("auf Kurs", "rückläufig", "nicht zu beurteilen"):
        assert word in figure.picture.svg
        assert word in figure.alt


def test_no_recommendation_is_no_data_and_not_an_empty_table(lab: Workspace) -> None:
    with pytest.raises(NoDataError, match="Regel des Katalogs"):
        figures.recommendations_table(lab, words.overview(lab, []), [])
