"""What the projection would have been worth here: forecast from the base year against what came."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.execution.model_inputs import Tables
from pipeline.methods.hindcast import errors, hindcast
from pipeline.methods.projection_inputs import Known


def backtest_frame(tables: Tables, known: Known, compared: Mapping[int, str]) -> pd.DataFrame:
    """The totals that were forecast from the base year alone, and those that came.

    Parameters
    ----------
    known : all that had been published for the end of the base year.
    compared : years that are looked back from, with the census that their figures rest on.

    Returns
    -------
    One row a region and year: the columns of `hindcast.errors`, `time_period`, `census_basis`,
    `base_period`, `unit_measure`.
    """
    forecast = hindcast(known, max(compared) - known.base_year)
    totals, areas = tables.totals(), list(known.areas)
    is_divided = np.bincount(known.kreis_of, minlength=len(known.kreise)) > 1
    kreise = [key for key, divided in zip(known.kreise, is_divided, strict=True) if divided]
    keys = [*areas, *kreise]
    constant = pd.Series([*known.totals[:, -1], *known.kreis_totals[is_divided, -1]], keys)
    frames = []
    for year, basis in compared.items():
        step, actual = year - known.base_year, totals[f"{year}-12-31"].reindex(keys)
        # where a Kreis has no figure of its own for the day, its municipalities add up to it
        own = actual.loc[areas]
        summed = own.groupby(np.array(known.kreise)[known.kreis_of]).sum(skipna=False)
        predicted = pd.Series([*forecast.municipal[step], *forecast.kreise[step, is_divided]], keys)
        table = errors(predicted, constant, actual.fillna(summed))
        frames.append(table.assign(time_period=f"{year}-12-31", census_basis=basis))
    return pd.concat(frames, ignore_index=True).assign(
        base_period=f"{known.base_year}-12-31", unit_measure="persons"
    )
