"""What the figures of the scenarios share: sources, whose numbers they are, how numbers look."""

from __future__ import annotations

import pandas as pd

from pipeline.figures import german
from pipeline.methods.scenarios import outcome
from pipeline.methods.scenarios.base import Start
from pipeline.tables.workspace import Workspace

#: Years that tables show; the CSV files hold every year of a figure.
MILESTONES = (2025, 2030, 2035, 2040)


def attributions(lab: Workspace, start: Start) -> list[str]:
    """Sources of the start, and of the projection that all courses rest on."""
    ids = sorted({row.source_id for row in start.evidence})
    population = lab.table("population", lab.region.areas)
    latest = population.loc[population["time_period"].eq(population["time_period"].max())]
    return lab.attributions([*ids, *sorted(set(latest["source_id"]))])


def kreis_name(lab: Workspace) -> str:
    """The Kreis as readers know it."""
    return lab.name_of(lab.region.kreis)


def level_of(lab: Workspace, start: Start) -> str:
    """Whose numbers a figure shows; an assumed start is named."""
    if not outcome.is_assumed(start) or lab.region.is_kreis:
        return start.name
    return f"{start.name} (Annahme: versorgt wie {kreis_name(lab)})"


def notes_of(start: Start) -> tuple[str, ...]:
    """That no number here is an official grade, and why."""
    return (f"Kein amtlicher Versorgungsgrad. {start.grade_reason}".strip(),)


def column(values: pd.Series, decimals: int) -> list[str]:
    """A column of numbers as it is printed."""
    return [german.number(float(value), decimals) for value in values]


def plain(value: float) -> str:
    """A number with as many decimals as it needs, at most two."""
    decimals = next(d for d in (0, 1, 2) if d == 2 or abs(value - round(value, d)) < 1e-9)
    return german.number(value, decimals).replace("-", "−")


def rounded(value: float, decimals: int) -> str:
    """A number with its decimals; a negative count of decimals rounds to thousands, say."""
    return german.number(round(value, decimals), max(decimals, 0))
