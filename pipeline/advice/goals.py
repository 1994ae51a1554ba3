"""Health goals of a municipality: where they stand, computed from the tables.

A goal is municipal policy: it is entered by the municipality (template `health-goals`), never
invented. Its progress is arithmetic; the traffic light is a rule of ours and says so in words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from pipeline.errors import MethodInputError, NoDataError, TableError
from pipeline.methods.findings import Finding
from pipeline.methods.observed import UNDATED
from pipeline.tables.workspace import Workspace

Light = Literal["grün", "gelb", "rot", "grau"]

#: The rule of the traffic light as it is printed.
RULE = (
    "Grün – erreicht oder auf Kurs: Der Weg zum Ziel ist mindestens so weit zurückgelegt wie die "
    "Zeit. Gelb – leicht in Verzug: mindestens die Hälfte davon. Rot – in Verzug, rückläufig oder "
    "Frist verpasst. Grau – nicht zu beurteilen. Die Grenzen sind unsere Festlegung."
)
#: Share of the time gone by that must at least be covered for yellow.
_YELLOW = 0.5


@dataclass(frozen=True)
class GoalProgress:
    """A goal with its state.

    Attributes
    ----------
    goal, indicator, unit, owner : as the municipality entered them.
    baseline, target, actual : values; None where one is missing.
    baseline_date, target_date, actual_date : ISO days; empty where one is missing.
    share : share of the way from baseline to target, in percent; None where it is not computable.
    time_share : share of the time gone by on `actual_date`, in percent.
    light, words : the state.
    origin : where the actual value comes from.
    """

    goal: str
    indicator: str
    unit: str
    owner: str
    baseline: float | None
    baseline_date: str
    target: float
    target_date: str
    actual: float | None
    actual_date: str
    share: float | None
    time_share: float | None
    light: Light
    words: str
    origin: str


def goals_of(lab: Workspace, findings: Mapping[str, Finding]) -> list[GoalProgress]:
    """The goals of a region with their progress.

    Parameters
    ----------
    findings : by indicator; a goal whose indicator is one of these ids takes the newer value.

    Raises
    ------
    NoDataError : no goal is entered for the region.
    """
    try:
        goals = lab.table("goals", lab.region.areas)
    except TableError:  # the tables were made before goals existed
        goals = pd.DataFrame(columns=["ref_area"])
    if goals.empty:
        raise NoDataError(
            f"Für {lab.region.name} sind keine beschlossenen Gesundheitsziele eingetragen. Die "
            "Vorlage für Gesundheitsziele füllt diesen Abschnitt; das Werkzeug erfindet keine Ziele"
        )
    return progress(goals, lab.reference_date, findings)


def progress(
    goals: pd.DataFrame, reference_date: dt.date, findings: Mapping[str, Finding]
) -> list[GoalProgress]:
    """Progress of every goal; of several states of one goal the latest counts.

    Parameters
    ----------
    goals : table `goals`: `goal_id`, `goal`, `goal_indicator`, `indicator_unit`, `baseline`,
        `baseline_date`, `target`, `target_date`, `actual`, `time_period` (day of `actual`),
        `owner`.

    Raises
    ------
    MethodInputError : a goal without a target or a deadline.
    """
    latest = goals.sort_values("time_period").drop_duplicates(["ref_area", "goal_id"], keep="last")
    rows = latest.sort_values(["target_date", "goal_id"]).to_dict("records")
    return [
        _progress({str(k): v for k, v in row.items()}, reference_date, findings) for row in rows
    ]


def _progress(
    row: Mapping[str, Any], reference_date: dt.date, findings: Mapping[str, Finding]
) -> GoalProgress:
    target, deadline = _number(row["target"]), _day(row["target_date"])
    if target is None or not deadline:
        raise MethodInputError(
            f"goal '{row['goal_id']}' has no target or no deadline",
            found=(row["target"], row["target_date"]),
            expected="a number and a day",
            remedy="complete the row in the template health-goals",
        )
    baseline, baseline_date = _number(row["baseline"]), _day(row["baseline_date"])
    actual, actual_date, origin = _actual(row, findings)
    share = _share(baseline, target, actual)
    time_share = _time_share(baseline_date, deadline, actual_date)
    is_over = deadline < reference_date.isoformat()
    light, words = _light(share, time_share, is_over=is_over)
    return GoalProgress(
        goal=str(row["goal"]),
        indicator=_label(str(row["goal_indicator"]), findings),
        unit=str(row["indicator_unit"]),
        owner=str(row["owner"] or "nicht benannt"),
        baseline=baseline,
        baseline_date=baseline_date,
        target=target,
        target_date=deadline,
        actual=actual,
        actual_date=actual_date,
        share=share,
        time_share=time_share,
        light=light,
        words=words,
        origin=origin,
    )


def _actual(
    row: Mapping[str, Any], findings: Mapping[str, Finding]
) -> tuple[float | None, str, str]:
    """The entered value, or a newer one of the tables for the same indicator."""
    entered, day = _number(row["actual"]), _day(row["time_period"])
    found = findings.get(str(row["goal_indicator"]))
    # a value without a date says nothing about the way since the baseline
    if found is None or found.value is None or found.time_period == UNDATED:
        return entered, day, "eingetragen"
    if entered is None or found.time_period > day:
        return found.value, found.time_period, f"aus den Tabellen: {found.ref_area_name}"
    return entered, day, "eingetragen"


def _label(indicator: str, findings: Mapping[str, Finding]) -> str:
    return findings[indicator].label if indicator in findings else indicator


def _share(baseline: float | None, target: float, actual: float | None) -> float | None:
    """Share of the way, in percent; also right where less is better, as the sign cancels out."""
    if baseline is None or actual is None or target == baseline:
        return None
    return 100 * (actual - baseline) / (target - baseline)


def _time_share(baseline_date: str, deadline: str, actual_date: str) -> float | None:
    if not (baseline_date and actual_date) or len(actual_date) < 10 or deadline <= baseline_date:
        return None
    start, end, now = (dt.date.fromisoformat(day) for day in (baseline_date, deadline, actual_date))
    return min(max(100 * (now - start).days / (end - start).days, 0.0), 100.0)


def _light(share: float | None, time_share: float | None, *, is_over: bool) -> tuple[Light, str]:
    if share is None:
        return "grau", "nicht zu beurteilen: Ausgangswert oder Stand fehlt"
    if share >= 100:
        return "grün", "erreicht"
    if is_over:
        return "rot", "Frist verpasst"
    if share < 0:
        return "rot", "rückläufig"
    if time_share is None:
        return "grau", "nicht zu beurteilen: Datum fehlt"
    if share >= time_share:
        return "grün", "auf Kurs"
    if share >= _YELLOW * time_share:
        return "gelb", "leicht in Verzug"
    return "rot", "in Verzug"


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(str(value))


def _day(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)[:10]
