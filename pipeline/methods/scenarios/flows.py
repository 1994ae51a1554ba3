"""Patients across borders and commuters: they change who uses the practices, never the grade.

The needs planning counts inhabitants of the planning area alone (BPL-RL § 17); neither commuters
nor patients from over the border enter it. So this step touches `outside_users` and nothing else.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from pipeline.methods.scenarios.base import Assumption, Course, Values

FLOWS = (
    Assumption("going_elsewhere", "Anteil der Einwohner mit Hausarzt anderswo", 10, 0, 40,
               "percent", step=5, neutral=0),
    Assumption("coming_in", "Patienten von außerhalb auf hundert Einwohner", 10, 0, 40, "percent",
               step=5, neutral=0),
    Assumption("commuters", "Einpendler auf hundert Einwohner", 10, 0, 80, "percent", step=5,
               neutral=0),
    Assumption("commuters_share", "Anteil der Einpendler, die hier zum Hausarzt gehen", 5, 0, 20,
               "percent", step=1),
)  # fmt: skip


def flows(course: Course, values: Values) -> Course:
    """Users = inhabitants - those who go elsewhere + patients from outside + commuters."""
    per_inhabitant = (
        values["coming_in"]
        + values["commuters"] * values["commuters_share"] / 100.0
        - values["going_elsewhere"]
    ) / 100.0
    return replace(
        course,
        outside_users=tuple(
            users + people * per_inhabitant
            for users, people in zip(course.outside_users, course.people, strict=True)
        ),
    )


def commuter_facts(facts: pd.DataFrame, areas: tuple[str, ...]) -> pd.DataFrame:
    """Rows with the commuters into a place; none unless every municipality has one.

    Parameters
    ----------
    facts : table `published_facts`.
    areas : keys of the place's municipalities.
    """
    keys = [key if len(key) == 8 else f"{key}000" for key in areas]
    rows = facts.loc[facts["indicator"].eq("commuters_in") & facts["fact_key"].isin(keys)]
    return rows if len(rows) == len(keys) else rows.iloc[:0]


def per_100_inhabitants(rows: pd.DataFrame, inhabitants: float) -> float | None:
    """Commuters on 100 inhabitants from `commuter_facts`; None without rows."""
    if rows.empty:
        return None
    return 100.0 * float(pd.to_numeric(rows["value_text"]).sum()) / inhabitants
