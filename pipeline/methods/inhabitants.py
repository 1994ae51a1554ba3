"""Inhabitants of a territory near a day, on the newer census basis where a day has two."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd


def inhabitants_near(population: pd.DataFrame, ref_area: str, day: str) -> pd.DataFrame:
    """The one row with the inhabitants of a territory at the year's end nearest to `day`.

    Parameters
    ----------
    population : table `population`.
    day : begins with the year ("2023", "2022-09-30").

    Returns
    -------
    One row; empty where there is none.
    """
    totals = population.loc[
        population["ref_area"].eq(ref_area)
        & population["measure"].eq("population")
        & population["sex"].eq("total")
        & population["age_from"].isna()
        & population["age_to"].isna()
        & population["obs_value"].notna()
    ]
    distance = (totals["time_period"].str[:4].astype(int) - int(day[:4])).abs()
    nearest = totals.loc[distance.eq(distance.min())]
    return nearest.sort_values(["time_period", "census_basis"]).tail(1)


def total_near(population: pd.DataFrame, areas: Sequence[str], day: str) -> float | None:
    """Inhabitants of several territories together; None where one is unknown or none named."""
    rows = [inhabitants_near(population, area, day) for area in areas]
    if not rows or any(row.empty for row in rows):
        return None
    return float(sum(row["obs_value"].iloc[0] for row in rows))
