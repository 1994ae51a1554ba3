"""Health goals of an invented town: progress, traffic light in words, and where there are none."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.advice import goals
from pipeline.advice.goals import progress
from pipeline.errors import MethodInputError, NoDataError
from pipeline.tables.workspace import Workspace, open_workspace
from tests.advice import findings as invented

TODAY = dt.date(2025, 12, 31)


def goal(**changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        "ref_area": "05999001", "goal_id": "z1", "goal": "Mehr Hausärztinnen und Hausärzte",
        "goal_indicator": "besetzte Sitze", "indicator_unit": "seats", "baseline": 40.0,
        "baseline_date": "2020-12-31", "target": 50.0, "target_date": "2030-12-31",
        "actual": 46.0, "time_period": "2025-12-31", "owner": "Rat",
    }  # fmt: skip
    return {**row, **changes}


def states(*rows: dict[str, object]) -> list[goals.GoalProgress]:
    return progress(pd.DataFrame(list(rows)), TODAY, {})


@pytest.mark.parametrize(
    ("changes", "share", "light", "words"),
    [
        # half of the time is gone: 5 of 10 seats would be on course
        ({"actual": 46.0}, 60, "grün", "auf Kurs"),
        ({"actual": 43.0}, 30, "gelb", "leicht in Verzug"),
        ({"actual": 41.0}, 10, "rot", "in Verzug"),
        ({"actual": 38.0}, -20, "rot", "rückläufig"),
        ({"actual": 50.0}, 100, "grün", "erreicht"),
        ({"actual": 45.0, "target_date": "2025-06-30"}, 50, "rot", "Frist verpasst"),
        # less is better: from 30 down to 20 minutes
        ({"baseline": 30.0, "target": 20.0, "actual": 24.0}, 60, "grün", "auf Kurs"),
    ],
)
def test_the_light_follows_way_and_time(
    changes: dict[str, object], share: float, light: str, words: str
) -> None:
    (state,) = states(goal(**changes))
    assert state.share == pytest.approx(share)
    assert (state.light, state.words) == (light, words)


def test_without_baseline_or_actual_nothing_is_judged() -> None:
    (state,) = states(goal(actual=float("nan")))
    assert (state.share, state.light) == (None, "grau")


def test_of_several_states_the_latest_counts() -> None:
    rows = (goal(time_period="2024-12-31", actual=41.0), goal(actual=46.0))
    (state,) = states(*rows)
    assert state.actual == 46.0


def test_a_newer_value_of_the_tables_goes_before_the_entry_and_an_undated_one_never() -> None:
    rows = pd.DataFrame([goal(goal_indicator="hospital-staff", time_period="2021-12-31")])
    found = invented.known("hospital-staff", 48.0)  # of 2023
    (newer,) = progress(rows, TODAY, {found.id: found})
    (undated,) = progress(rows, TODAY, {found.id: replace(found, time_period="undatiert")})
    assert (newer.actual, undated.actual) == (48.0, 46.0)


def test_a_goal_without_target_is_told_what_is_missing() -> None:
    with pytest.raises(MethodInputError, match="no target"):
        states(goal(target=float("nan")))


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 1000), st.floats(0, 1000), st.floats(0, 1000))
def test_swapping_better_and_worse_leaves_the_share(b: float, t: float, a: float) -> None:
    (up,) = states(goal(baseline=b, target=t, actual=a))
    (down,) = states(goal(baseline=-b, target=-t, actual=-a))
    assert up.share == down.share


def test_a_region_without_goals_says_so_and_invents_none(
    processed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERSORGUNGSLABOR_PROCESSED", str(processed))
    lab: Workspace = open_workspace("wolfsburg", "2025-12-31")
    with pytest.raises(NoDataError, match="keine beschlossenen Gesundheitsziele"):
        goals.goals_of(lab, {})
