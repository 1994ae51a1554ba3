"""The estimated age structure of today and of later years, and how far off it may be.

How good the estimate is has been measured where the truth is published: Kreise of
Nordrhein-Westfalen, aged from 2015 to 2024 without a look at the ages of 2024
(`age_structure_error`). Municipalities have no published truth; what is printed for them is the
largest error of those Kreise, as a limit and not as a confidence interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import pandas as pd

from pipeline.methods.findings import Finding, Uncertainty
from pipeline.methods.observed import about, no_data
from pipeline.methods.population import RATIO_LABELS
from pipeline.methods.projected import (
    EVERYBODY,
    OLD,
    WORKING,
    Group,
    at,
    evidence_at,
    missing_reason,
    paths,
    rows_of_group,
    start_year,
)
from pipeline.regions import Place

#: Groups of the table of the age structure, in the order in which they are printed.
GROUPS: Final[tuple[Group, ...]] = ((0, 17), (18, 64), (65, 74), (75, None), (80, None))
#: Width of the groups of a pyramid: single ages of a municipality would feign a precision.
PYRAMID_STEP: Final = 5
PYRAMID_OPEN: Final = 90

_OPPOSED: Final = "80-%-Bänder beider Altersgruppen, gegenläufig addiert"
_UNMEASURED: Final = (
    "Für keinen Kreis in den Daten ist der heutige Altersaufbau veröffentlicht; die Unsicherheit "
    "der Schätzung lässt sich deshalb nicht angeben."
)


class MeasuredError(NamedTuple):
    """Error of an estimate where the truth is known, in percent without sign."""

    mean: float
    largest: float
    n: int


def group_error(errors: pd.DataFrame, group: Group) -> MeasuredError | None:
    """Error of the estimated number of an age group over the Kreise at hand.

    Parameters
    ----------
    errors : table `age_structure_error`: `ref_area, age_from, age_to, estimate, obs_value`.
    """
    rows = rows_of_group(errors, group)
    return _measured(rows["estimate"] / rows["obs_value"])


def ratio_error(errors: pd.DataFrame) -> MeasuredError | None:
    """Error of the estimated old-age ratio over the Kreise at hand."""
    old, working = (rows_of_group(errors, group).set_index("ref_area") for group in (OLD, WORKING))
    share = (old["estimate"] / working["estimate"]) / (old["obs_value"] / working["obs_value"])
    return _measured(share)


def _measured(estimate_over_truth: pd.Series) -> MeasuredError | None:
    size = 100.0 * (estimate_over_truth.dropna() - 1.0).abs()
    return None if size.empty else MeasuredError(float(size.mean()), float(size.max()), len(size))


def is_published(errors: pd.DataFrame, areas: Sequence[str]) -> bool:
    """Whether the ages of today are published for all these territories, so that their estimate
    is fitted to them and not off."""
    return set(areas) <= set(errors["ref_area"])


def structure_today(
    projection: pd.DataFrame, errors: pd.DataFrame, areas: Sequence[str]
) -> pd.DataFrame:
    """Estimated age groups at the start of the projection, with the measured error.

    Returns
    -------
    One row an age group: `age_from`, `age_to` (missing: open), `obs_value` (persons), `percent` of
    all, `mean_error`, `largest_error` (percent; missing where nothing was measured, 0 where the
    ages are published), `time_period`; empty without a projection.
    """
    everybody = paths(projection, areas, EVERYBODY)
    rows: list[dict[str, Any]] = []
    for group in GROUPS if len(everybody) else ():
        first = start_year(everybody)
        persons, whole = at(paths(projection, areas, group), first), at(everybody, first)
        error = group_error(errors, group)
        if is_published(errors, areas):
            error = MeasuredError(0.0, 0.0, 0)
        if persons is not None and whole is not None:
            rows.append(
                {
                    "age_from": group[0],
                    "age_to": group[1],
                    "obs_value": float(persons["obs_value"]),
                    "percent": 100.0 * float(persons["obs_value"]) / float(whole["obs_value"]),
                    "mean_error": error.mean if error else float("nan"),
                    "largest_error": error.largest if error else float("nan"),
                    "time_period": str(persons["time_period"]),
                }
            )
    columns = [
        "age_from", "age_to", "obs_value", "percent", "mean_error", "largest_error", "time_period",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).astype({"age_from": "Int16", "age_to": "Int16"})


def group_finding(
    projection: pd.DataFrame,
    errors: pd.DataFrame,
    place: Place,
    group: Group,
    sources: Mapping[str, str],
) -> Finding:
    """Persons of an age group today: an estimate with limits from the largest measured error.

    Where the ages are published (Kreise of Nordrhein-Westfalen) it is their sum, without limits.
    """
    path = paths(projection, place.areas, group)
    who = f"{group[0]}-{group[1] or 'plus'}"
    parts: dict[str, Any] = {
        "id": f"population-{who}-today", "topic": "population",
        "label": f"Menschen im Alter {who.replace('-plus', ' und mehr').replace('-', ' bis ')}",
        "unit": "persons", **about(place),
    }  # fmt: skip
    if path.empty:
        return no_data(missing_reason(place), **parts)
    year, error = start_year(path), group_error(errors, group)
    row = at(path, year)
    if row is None or error is None:
        return _not_computable(parts)
    value, off = float(row["obs_value"]), error.largest / 100.0
    limits = Uncertainty(value * (1 - off), value * (1 + off), None, error_method(error))
    is_known = is_published(errors, place.areas)
    return Finding(
        **parts,
        time_period=str(row["time_period"]),
        value=value,
        kind="eigene Berechnung" if is_known else "Schätzung",
        uncertainty=None if is_known else limits,
        evidence=evidence_at(projection, "projection", place, [year], sources, group),
    )


def old_age_ratio_finding(
    projection: pd.DataFrame,
    errors: pd.DataFrame,
    place: Place,
    sources: Mapping[str, str],
    year: int | None = None,
) -> Finding:
    """Old-age ratio (65 and over per 100 aged 20 to 64) at the end of a year, with limits.

    The limits of today follow from the largest measured error of the ratio; where the ages are
    published there are none. Those of a later year take the 80 % bands of both groups on top, added
    as if their errors were opposed (on the logarithm): whatever their correlation, the true band is
    not wider.

    Parameters
    ----------
    year : None: the start of the projection ("today").
    """
    label, unit = RATIO_LABELS["old_age_ratio"]
    old, working = (paths(projection, place.areas, group) for group in (OLD, WORKING))
    parts: dict[str, Any] = {
        "id": f"old-age-ratio-{year or 'today'}", "topic": "population", "label": label,
        "unit": unit, **about(place),
    }  # fmt: skip
    if old.empty or working.empty:
        return no_data(missing_reason(place), **parts)
    when = year or start_year(old)
    above, below = at(old, when), at(working, when)
    error = ratio_error(errors)
    if above is None or below is None or error is None:
        return _not_computable(parts)
    is_known = is_published(errors, place.areas)
    off = 1.0 if is_known else 1.0 + error.largest / 100.0
    reasons = [] if year is None else [_OPPOSED]
    limits = Uncertainty(
        _ratio(above["lower_80"], below["upper_80"]) / off,
        _ratio(above["upper_80"], below["lower_80"]) * off,
        None,
        "; ".join(reasons if is_known and reasons else [*reasons, error_method(error)]),
    )
    is_count = is_known and year is None
    return Finding(
        **parts,
        time_period=str(above["time_period"]),
        value=_ratio(above["obs_value"], below["obs_value"]),
        kind="eigene Berechnung" if is_count else "Schätzung",
        uncertainty=None if is_count else limits,
        evidence=(
            *evidence_at(projection, "projection", place, [when], sources, OLD),
            *evidence_at(projection, "projection", place, [when], sources, WORKING),
        ),
    )


def _ratio(old: float, working: float) -> float:
    return 100.0 * float(old) / float(working)


def _not_computable(parts: Mapping[str, Any]) -> Finding:
    return Finding(
        **parts, time_period="–", value=None, kind="nicht berechenbar", reason=_UNMEASURED
    )


def error_method(error: MeasuredError) -> str:
    """What limits that rest on a measured error are, for readers."""
    return (
        f"größter gemessener Fehler der Fortschreibung von 2015 auf 2024 bei {error.n} Kreisen "
        "in Nordrhein-Westfalen; für Gemeinden nicht messbar"
    )


def pyramid_groups(ages: pd.DataFrame, areas: Sequence[str], year: int) -> pd.DataFrame:
    """Estimated persons by sex in groups of five years, the last one open from 90 on.

    Parameters
    ----------
    ages : table `projection_ages`: `ref_area, time_period, sex, age_from, obs_value`.

    Returns
    -------
    `sex`, `age_from`, `age_to` (missing: open), `obs_value` (persons); empty where a territory is
    missing.
    """
    rows = ages.loc[
        ages["ref_area"].isin(list(areas)) & ages["time_period"].str.startswith(f"{year}")
    ]
    if rows["ref_area"].nunique() < len(set(areas)):
        rows = rows.iloc[:0]
    first = (rows["age_from"] // PYRAMID_STEP * PYRAMID_STEP).clip(upper=PYRAMID_OPEN)
    grouped = rows.assign(age_from=first.astype("Int16")).groupby(["sex", "age_from"])
    sums = grouped["obs_value"].sum().reset_index()
    last = sums["age_from"] + (PYRAMID_STEP - 1)
    return sums.assign(age_to=last.where(sums["age_from"].lt(PYRAMID_OPEN)))
