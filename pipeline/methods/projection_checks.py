"""How far a projection can be trusted: what came after an earlier one, and what others project."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from pipeline.methods.findings import Evidence, Finding
from pipeline.methods.observed import about, no_data
from pipeline.methods.projected import EVERYBODY, at, paths, start_year
from pipeline.regions import Place

#: Indicators of `published_facts` that are projections, with the label that a reader sees.
PUBLISHED: Final[Mapping[str, str]] = {
    "population_projection_change": "Veränderung der Einwohnerzahl",
    "population_projection": "Einwohnerzahl",
    "mean_age_projection": "Durchschnittsalter",
}
_YEAR: Final = re.compile(r"\d{4}")
_QUOTED: Final = re.compile(r"'([^']+)'")
_NO_BACKTEST: Final = (
    "Für dieses Gebiet lässt sich nicht nachrechnen, wie gut die Methode gewesen wäre: Zahlen von "
    "damals oder von heute fehlen."
)


def backtest_of(table: pd.DataFrame, place: Place) -> pd.DataFrame:
    """Forecast from 2015 and what came, summed over the members of a place.

    Parameters
    ----------
    table : table `projection_backtest`.

    Returns
    -------
    One row a day that every member has: `time_period`, `census_basis`, `base_period`, `obs_value`
    (what came), `forecast`, `constant` (persons), `error_percent`, `constant_error_percent`.
    """
    rows = table.loc[table["ref_area"].isin(place.areas)]
    keys = ["time_period", "census_basis", "base_period"]
    sums = rows.groupby(keys, as_index=False).agg(
        obs_value=("obs_value", "sum"),
        forecast=("forecast", "sum"),
        constant=("constant", "sum"),
        n=("ref_area", "nunique"),
    )
    whole = sums.loc[sums["n"].eq(len(set(place.areas)))].drop(columns="n")
    return whole.assign(
        error_percent=100.0 * (whole["forecast"] / whole["obs_value"] - 1.0),
        constant_error_percent=100.0 * (whole["constant"] / whole["obs_value"] - 1.0),
    ).reset_index(drop=True)


def backtest_finding(
    table: pd.DataFrame, place: Place, sources: Mapping[str, str], *, is_constant: bool = False
) -> Finding:
    """Error of the total on the latest day that can be looked back from, in percent.

    Positive: the forecast was too high. `is_constant`: the error of "as many as at the start".
    """
    name = "constant" if is_constant else "forecast"
    what = "unveränderte Zahl" if is_constant else "Vorausberechnung"
    parts: dict[str, Any] = {
        "id": f"projection-backtest-{name}", "topic": "population", "unit": "percent",
        "label": f"Rückrechnung: Fehler der Einwohnerzahl ({what})", **about(place),
    }  # fmt: skip
    results = backtest_of(table, place)
    if results.empty:
        return no_data(_NO_BACKTEST, **parts)
    last = results.sort_values("time_period").iloc[-1]
    rows = table.loc[
        table["ref_area"].isin(place.areas) & table["time_period"].eq(last["time_period"])
    ]
    return Finding(
        **parts,
        value=float(last["constant_error_percent" if is_constant else "error_percent"]),
        time_period=str(last["time_period"]),
        kind="eigene Berechnung",
        evidence=tuple(
            Evidence(
                source_id=sources[str(row["ref_area"])],
                table="projection_backtest",
                key={"ref_area": str(row["ref_area"]), "time_period": str(row["time_period"])},
                value=float(row[name]),
            )
            for row in rows.to_dict("records")
        ),
    )


def mean_errors(table: pd.DataFrame, time_period: str) -> dict[str, float]:
    """Mean absolute error of the municipalities at hand on one day, in percent, and their number.

    Returns
    -------
    `forecast`, `constant`, `n`; empty where no municipality was compared on that day.
    """
    rows = table.loc[table["time_period"].eq(time_period) & table["ref_area"].str.len().eq(8)]
    if rows.empty:
        return {}
    return {
        "forecast": float(rows["error_percent"].abs().mean()),
        "constant": float(rows["constant_error_percent"].abs().mean()),
        "n": float(len(rows)),
    }


def published_projections(
    facts: pd.DataFrame, projection: pd.DataFrame, places: Sequence[Place]
) -> pd.DataFrame:
    """Projections of others for some places, beside ours for the same end year.

    Parameters
    ----------
    facts : table `published_facts`.
    places : whose projections are wanted; a fact belongs to a place by its key (AGS or Kreis).

    Returns
    -------
    One row a published projection: `name`, `label`, `year_or_date`, `value` (as published),
    `unit_text`, `wording` (quoted words of the source), `source_title`, `source_url`, `source_id`,
    and ours: `own`, `own_low`, `own_high` (80 % band; same unit), `own_start`, `own_end`; missing
    where ours begins later than the published one ends, or knows no such measure.
    """
    rows = []
    for place in places:
        keys = {place.ref_area, *(f"{key}000" for key in place.areas if len(key) == 5)}
        mine = facts.loc[facts["fact_key"].isin(keys) & facts["indicator"].isin(list(PUBLISHED))]
        path = paths(projection, place.areas, EVERYBODY)
        for fact in mine.to_dict("records"):
            quoted = _QUOTED.search(str(fact["note"] or ""))
            rows.append(
                {
                    "name": place.name,
                    "label": PUBLISHED[str(fact["indicator"])],
                    "value": float(fact["value_text"]),
                    "wording": quoted.group(1) if quoted else "",
                    **{
                        column: fact[column]
                        for column in (
                            "indicator", "year_or_date", "unit_text", "source_title",
                            "source_url", "source_id",
                        )
                    },
                    **_ours(path, str(fact["indicator"]), str(fact["year_or_date"])),
                }
            )  # fmt: skip
    columns = [
        "name", "label", "value", "wording", "indicator", "year_or_date", "unit_text",
        "source_title", "source_url", "source_id",
        "own", "own_low", "own_high", "own_start", "own_end",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _ours(path: pd.DataFrame, indicator: str, period: str) -> dict[str, float]:
    """Our value for the end year of a published one; nothing for other starts or measures.

    A published change that starts more than two years before ours speaks of other years.
    """
    years = [int(year) for year in _YEAR.findall(period)]
    if path.empty or not years or indicator == "mean_age_projection":
        return {}
    start, end = start_year(path), years[-1]
    row, first = at(path, end), at(path, start)
    if row is None or first is None or end <= start or start - years[0] > 2:
        return {}
    values = {f"own{suffix}": float(row[name]) for suffix, name in _OWN.items()}
    if indicator == "population_projection_change":
        begin = float(first["obs_value"])
        values = {name: 100.0 * (value / begin - 1.0) for name, value in values.items()}
    return {**values, "own_start": start, "own_end": end}


_OWN: Final = {"": "obs_value", "_low": "lower_80", "_high": "upper_80"}
