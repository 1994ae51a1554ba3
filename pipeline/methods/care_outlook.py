"""Expected care dependants of a place, and how far the model is off where the truth is known.

National rates by sex and age times the people of a place give the *expected utilisation* at
today's behaviour, not need. Two errors are told apart: the level (rates differ from region to
region; measured in the last year for which ages and dependants of Kreise are both published) and
the path (the band of the number of very old people). The change of a place over time is free of
the first one, so it is the surer statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from pipeline.methods.care import DEPENDANTS
from pipeline.methods.demand_care import CARE_RATES_2021, AgeRates
from pipeline.methods.evidence import evidence_of
from pipeline.methods.findings import Evidence, Finding, Uncertainty
from pipeline.methods.observed import about, no_data
from pipeline.methods.population import age_structure
from pipeline.methods.projected import (
    VERY_OLD,
    at,
    change_since_start,
    evidence_at,
    missing_reason,
    paths,
    start_year,
)
from pipeline.methods.projected_ages import group_error, is_published
from pipeline.regions import Place

#: Variants of the table `care_demand`, in the order in which they are printed.
VARIANTS: Final[Mapping[str, str]] = {
    "status_quo": "gleichbleibende Raten",
    "rising_rates": "steigende Raten",
}
UTILISATION: Final = (
    "Es ist die erwartete Inanspruchnahme bei heutigem Verhalten, nicht der Bedarf."
)
_LAND: Final = 2  # digits of a Land key


def expected_of(structure: pd.DataFrame, rates: AgeRates = CARE_RATES_2021) -> float | None:
    """Rates times a published age structure; None where its groups cut through those of the rates.

    Parameters
    ----------
    structure : `sex` (male, female), `age_from`, `age_to`, `obs_value` (persons).
    """
    by_sex = {"male": rates.men, "female": rates.women}
    starts = np.asarray(rates.starts)
    total = 0.0
    for sex, values in by_sex.items():
        rows = structure.loc[structure["sex"].eq(sex)]
        first = rows["age_from"].fillna(0).astype("int64").to_numpy()
        last = rows["age_to"].astype("float64").fillna(np.inf).to_numpy()
        group = np.searchsorted(starts, first, side="right") - 1
        if (
            values is None
            or not len(rows)
            or (np.searchsorted(starts, last, "right") - 1 != group).any()
        ):
            return None
        total += float((rows["obs_value"].to_numpy(dtype=float) * np.asarray(values)[group]).sum())
    return total


def regional_misfit(
    care: pd.DataFrame, population: pd.DataFrame, land: str, reform: str
) -> pd.DataFrame:
    """The model against the published dependants of Kreise, on the last day before the reform.

    As today, the rates are first lifted to the published number of the Land; what is left is how
    much a Kreis differs from its Land for other reasons than age and sex.

    Parameters
    ----------
    care, population : tables `care` and `population`.
    land : key of the Land.
    reform : first day of the definition of today; days before it are looked at.

    Returns
    -------
    One row a Kreis: `ref_area`, `expected`, `obs_value` (persons), `misfit_percent` (positive: the
    model gives too many), `time_period`; empty where ages and dependants share no day.
    """
    known = care.loc[
        care["measure"].eq(DEPENDANTS)
        & care["sex"].eq("total")
        & care["time_period"].lt(reform)
        & care["obs_value"].notna()
        & care["ref_area"].str.startswith(land)
    ]
    aged = population.loc[population["age_from"].ge(80) & population["ref_area"].eq(land)]
    days = sorted(set(known["time_period"]) & set(aged["time_period"]))
    columns = ["ref_area", "expected", "obs_value", "misfit_percent", "time_period"]
    if not days:
        return pd.DataFrame(columns=columns)
    day = str(days[-1])
    truth = known.loc[known["time_period"].eq(day)].set_index("ref_area")["obs_value"]
    keys = [str(key) for key in truth.index if len(str(key)) in {_LAND, 5}]
    expected = {key: expected_of(age_structure(population, [key], day)) for key in keys}
    table = pd.DataFrame(
        [(key, value, float(truth[key])) for key, value in expected.items() if value],
        columns=columns[:3],
    ).set_index("ref_area")
    if land not in table.index:
        return pd.DataFrame(columns=columns)
    share = table["expected"] / table["obs_value"]
    table["misfit_percent"] = 100.0 * (share / share[land] - 1.0)
    return table.drop(index=land).assign(time_period=day).reset_index()[columns]


def misfit_finding(misfits: pd.DataFrame, care: pd.DataFrame, place: Place) -> Finding:
    """How far the model would have been off for a Kreis, in percent of the published number."""
    parts: dict[str, Any] = {
        "id": "care-model-misfit", "topic": "care", "unit": "percent",
        "label": "Abweichung des Modells von der veröffentlichten Zahl", **about(place),
    }  # fmt: skip
    rows = misfits.loc[misfits["ref_area"].eq(place.ref_area)]
    if rows.empty:
        return no_data(
            "Für dieses Gebiet lassen sich Modell und veröffentlichte Zahl nicht vergleichen.",
            **parts,
        )
    row = rows.iloc[0]
    published = care.loc[
        care["ref_area"].eq(place.ref_area)
        & care["measure"].eq(DEPENDANTS)
        & care["sex"].eq("total")
        & care["time_period"].eq(row["time_period"])
    ]
    return Finding(
        **parts,
        value=float(row["misfit_percent"]),
        time_period=str(row["time_period"]),
        kind="eigene Berechnung",
        evidence=evidence_of(published, "care"),
    )


def demand_finding(
    demand: pd.DataFrame,
    misfits: pd.DataFrame,
    errors: pd.DataFrame,
    place: Place,
    sources: Mapping[str, str],
    *,
    year: int | None = None,
    variant: str = "status_quo",
) -> Finding:
    """Expected dependants of a place at the end of a year (None: today), with limits.

    The limits hold the 80 % band of the number of the very old, the largest measured error of that
    number today, and the spread of the levels of Kreise (`regional_misfit`); where the rates are
    not lifted to a published number, also how much too low they were where they could be.

    Parameters
    ----------
    demand : table `care_demand`.
    misfits : as returned by `regional_misfit` for the Land of the place.
    errors : table `age_structure_error`.
    sources : as returned by `projected.sources_of_start`.
    """
    path = paths(demand, place.areas)
    parts = _parts(f"care-dependants-{variant.replace('_', '-')}-{year or 'today'}", place)
    parts |= {"label": f"Pflegebedürftige ({VARIANTS[variant]})", "unit": "persons"}
    if path.empty:
        return no_data(missing_reason(place), **parts)
    when = year or start_year(path)
    row = at(path, when, variant)
    error = group_error(errors, VERY_OLD)
    if row is None or misfits.empty or error is None:
        return Finding(
            **parts, time_period=str(when), value=None, kind="nicht berechenbar",
            reason="Für dieses Land lässt sich nicht messen, wie sicher die Zahl ist.",
        )  # fmt: skip
    low, high = level_limits(misfits)
    lift = lift_of_others(demand, place)
    off = 1.0 if is_published(errors, place.areas) else 1.0 + error.largest / 100.0
    return Finding(
        **parts,
        time_period=str(when),
        value=float(row["obs_value"]),
        kind="Schätzung",
        uncertainty=Uncertainty(
            float(row["lower_80"]) * low / off, float(row["upper_80"]) * high * lift * off, None,
            _method(misfits, lift),
        ),
        evidence=evidence_at(
            demand, "care_demand", place, [when], sources, variant=variant
        ),
        limits=(UTILISATION,),
    )  # fmt: skip


def change_finding(
    demand: pd.DataFrame,
    place: Place,
    sources: Mapping[str, str],
    year: int,
    variant: str = "status_quo",
) -> Finding:
    """Change of the expected dependants from today to the end of a year, in percent.

    Both ends are of one variant; the level of the place cancels out. Band: the 80 % band of the
    number of the very old.
    """
    path = paths(demand, place.areas)
    parts = _parts(f"care-change-{variant.replace('_', '-')}-{year}", place)
    parts |= {
        "label": f"Veränderung der Zahl der Pflegebedürftigen bis {year} ({VARIANTS[variant]})",
        "unit": "percent", "time_period": str(year),
    }  # fmt: skip
    row = at(path, year, variant)
    if row is None:
        return no_data(missing_reason(place), **parts)
    value, low, high = change_since_start(path, row, variant)
    return Finding(
        **parts,
        value=value,
        kind="Schätzung",
        uncertainty=Uncertainty(low, high, 0.80, "80-%-Band der Zahl der Menschen ab 80 Jahren"),
        evidence=evidence_at(
            demand, "care_demand", place, [start_year(path), year], sources, variant=variant
        ),
        limits=(UTILISATION,),
    )  # fmt: skip


def calibration_finding(demand: pd.DataFrame, facts: pd.DataFrame, land: Place) -> Finding:
    """How much too low the rates were for the Land, in percent, before they were lifted.

    Parameters
    ----------
    demand : rows of `care_demand` of the Land's territories.
    facts : table `published_facts`.
    """
    parts: dict[str, Any] = {
        "id": "care-calibration-misfit", "topic": "care", "unit": "percent",
        "label": "Abweichung der Raten von der veröffentlichten Zahl des Landes", **about(land),
    }  # fmt: skip
    rows = demand.loc[demand["misfit_percent"].notna()]
    published = facts.loc[
        facts["fact_key"].eq(land.ref_area) & facts["indicator"].eq(DEPENDANTS)
    ].sort_values("year_or_date")
    if rows.empty or published.empty:
        return no_data(
            f"Für {land.name} liegt keine Gesamtzahl nach heutiger Definition vor. Die Raten sind "
            "dort nicht angepasst; die Zahlen sind wahrscheinlich zu niedrig.",
            **parts,
        )
    fact = published.iloc[-1]
    return Finding(
        **parts,
        value=float(rows["misfit_percent"].iloc[0]),
        time_period=str(fact["year_or_date"]),
        kind="eigene Berechnung",
        evidence=(
            Evidence(
                source_id=str(fact["source_id"]), table="published_facts",
                key={
                    name: str(fact[name])
                    for name in ("fact_region", "indicator", "year_or_date", "source_title")
                },
                value=float(fact["value_text"]),
            ),
        ),
    )  # fmt: skip


def level_limits(misfits: pd.DataFrame) -> tuple[float, float]:
    """Factors on an estimate that hold the truth of every Kreis that was compared."""
    truth = 1.0 / (1.0 + misfits["misfit_percent"] / 100.0)
    return min(1.0, float(truth.min())), max(1.0, float(truth.max()))


def lift_of_others(demand: pd.DataFrame, place: Place) -> float:
    """1 where the rates are lifted to a published number; elsewhere the largest lift known."""
    own = demand.loc[demand["ref_area"].isin(place.areas)]
    if own["misfit_percent"].notna().all():
        return 1.0
    return max(1.0, float(demand["calibration_factor"].max()))


def _method(misfits: pd.DataFrame, lift: float) -> str:
    year = str(misfits["time_period"].iloc[0])[:4]
    text = (
        f"Spanne, in der {len(misfits)} Kreise {year} vom Modell abwichen, Fehler des "
        "Altersaufbaus und 80-%-Band der Zahl der Menschen ab 80 Jahren"
    )
    return text if lift == 1.0 else f"{text}; nach oben auch: Raten nicht angepasst"


def _parts(slug: str, place: Place) -> dict[str, Any]:
    return {"id": slug, "topic": "care", **about(place)}


def outlook_table(demand: pd.DataFrame, areas: Sequence[str], years: Sequence[int]) -> pd.DataFrame:
    """Expected dependants in the printed years: `year`, and for each variant value and band."""
    path = paths(demand, areas)
    rows = []
    for year in (start_year(path), *years) if len(path) else ():
        entry: dict[str, float] = {"year": year}
        for name in VARIANTS:
            row = at(path, year, name)
            if row is not None:
                entry[name] = float(row["obs_value"])
                entry[f"{name}_low"] = float(row["lower_80"])
                entry[f"{name}_high"] = float(row["upper_80"])
        rows.append(entry)
    return pd.DataFrame(rows)
