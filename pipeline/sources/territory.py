"""One territorial status: counts carried to today's borders, and alarms for region lists.

Counts can be split and added; ratios cannot. A former Kreis that was divided is carried by a
factor (area, population or employees of the BBSR key), so what arrives is partly an estimate, and
how much of it is reported beside every value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.errors import MethodInputError
from pipeline.provenance import VALUELESS_STATUS

#: Units in which a value is a count or a quantity, so that parts may be added. Any other unit
#: (percent, per 1,000, index, minutes, persons per km²) is refused.
COUNT_UNITS = frozenset(
    {"Anzahl", "Personen", "count", "persons", "number", "1000", "km²", "ha", "cases", "days"}
    | {"beds", "places", "seats", "fte", "km2"}
)
#: Of several statuses the strongest stays; a sign instead of a number goes before all others.
_PRECEDENCE = (
    "confidential_or_unknown",
    "not_yet_available",
    "unreliable",
    "not_meaningful",
    "estimated",
    "limited_reliability",
    "provisional",
    "revised",
    "nil",
    "",
)
_SHARES = ("share_moved", "share_estimated")
_TOLERANCE = 1e-9


def carry_to_borders(
    counts: pd.DataFrame, conversion: pd.DataFrame, *, factor: str = "factor_population"
) -> pd.DataFrame:
    """Counts of former Kreise, carried to the Kreise of the key's target day.

    Parameters
    ----------
    counts : long frame of Kreise at the borders of the key's year: `ref_area`, `obs_value`,
        `obs_status`, `unit_measure` and any dimensions; each combination once. Census basis and
        time period are dimensions like others and never mixed. `ref_area_name` is dropped, the
        names changed.
    conversion : `from_area`, `to_area` and the column `factor`, as `area_changes.read_conversion`
        gives them for that year.
    factor : which share to carry by: that of the population, the area or the employees.

    Returns
    -------
    The same columns with `ref_area` of the target day, and
    `share_moved` : part of the value that came from a Kreis with another key (0 … 1);
    `share_estimated` : part of the value that came by a factor below one (0 … 1). A row with
        such a part has the status `estimated`.
    Both are NaN where the value is missing or zero. A missing part makes the whole missing, with
    the part's sign: a sum without it would look like a count.

    Raises
    ------
    MethodInputError : a ratio instead of a count, a territory that the key does not know, a
        combination that stands twice, an unknown factor.
    """
    _check_counts(counts, conversion, factor)
    counts = counts.astype({"obs_value": "float64"})  # shares of whole numbers are none
    dimensions = [
        name
        for name in counts.columns
        if name not in {"ref_area", "ref_area_name", "obs_value", "obs_status"}
    ]
    # an uninhabited strip carries nothing, so a missing value must not spread along it
    pairs = conversion.loc[conversion[factor].gt(0), ["from_area", "to_area", factor]]
    parts = counts.drop(columns="ref_area_name", errors="ignore").merge(
        pairs, left_on="ref_area", right_on="from_area", how="left", validate="many_to_many"
    )
    value = parts["obs_value"] * parts[factor]
    is_split = parts[factor].lt(1 - _TOLERANCE)
    parts = parts.assign(
        part=value,
        moved=value.where(parts["from_area"].ne(parts["to_area"]), 0.0),
        estimated=value.where(is_split, 0.0),
        rank=_rank(parts["obs_status"], is_split & value.ne(0)),
    )
    sums = parts.groupby(["to_area", *dimensions], sort=True, dropna=False, observed=True).agg(
        obs_value=("part", lambda values: values.sum(skipna=False)),
        moved=("moved", "sum"),
        estimated=("estimated", "sum"),
        rank=("rank", "min"),
    )
    return _finish(sums.reset_index(), list(counts.columns))


def _finish(sums: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    status = sums["rank"].map(dict(enumerate(_PRECEDENCE))).astype("str")
    # nil stays only where every part was nil; a sum with a real part has rank "nil" too
    status = status.mask(status.eq("nil") & sums["obs_value"].ne(0), "")
    value = sums["obs_value"].mask(status.isin(list(VALUELESS_STATUS)))
    whole = value.where(value.ne(0))
    result = sums.rename(columns={"to_area": "ref_area"}).assign(
        obs_value=value,
        obs_status=status,
        share_moved=sums["moved"] / whole,
        share_estimated=sums["estimated"] / whole,
    )
    kept = [name for name in columns if name != "ref_area_name"]
    return result[[*kept, *_SHARES]]


def _rank(status: pd.Series, is_estimated: pd.Series) -> pd.Series:
    ranks = status.map({word: rank for rank, word in enumerate(_PRECEDENCE)})
    return ranks.where(~is_estimated, np.minimum(ranks, _PRECEDENCE.index("estimated")))


def _check_counts(counts: pd.DataFrame, conversion: pd.DataFrame, factor: str) -> None:
    needed = {"ref_area", "obs_value", "obs_status", "unit_measure"} - set(counts.columns)
    if needed:
        raise MethodInputError(
            "the frame of counts lacks a column",
            column=sorted(needed)[0],
            expected="ref_area, obs_value, obs_status, unit_measure and the dimensions",
        )
    if not factor.startswith("factor_") or factor not in conversion.columns:
        raise MethodInputError(
            "the key has no such factor",
            found=factor,
            expected=", ".join(name for name in conversion.columns if name.startswith("factor_")),
        )
    ratios = sorted(set(counts["unit_measure"]) - COUNT_UNITS)
    if ratios:
        raise MethodInputError(
            "a ratio cannot be carried to other borders",
            column="unit_measure",
            found=ratios[0],
            expected="a count: " + ", ".join(sorted(COUNT_UNITS)),
            remedy="carry numerator and denominator, then divide",
        )
    unknown_words = sorted(set(counts["obs_status"]) - set(_PRECEDENCE))
    if unknown_words:
        raise MethodInputError(
            "an unknown status", column="obs_status", found=unknown_words[0],
            expected=", ".join(word for word in _PRECEDENCE if word),
        )  # fmt: skip
    unknown = sorted(set(counts["ref_area"].astype(str)) - set(conversion["from_area"]))
    if unknown:
        raise MethodInputError(
            f"{len(unknown)} territories are not in the key",
            column="ref_area",
            found=", ".join(unknown[:5]),
            expected="Kreise at the borders of the key's year",
            remedy="take the key of the right year, and rows of Kreise only",
        )
    if conversion[factor].isna().any():
        raise MethodInputError(
            "the key has no such factor for this year",
            column=factor,
            expected="a factor in every row (employees from 1997 on)",
        )
    dimensions = [name for name in counts.columns if name not in {"obs_value", "obs_status"}]
    if counts.duplicated(dimensions).any():
        raise MethodInputError(
            "a territory stands twice with the same dimensions",
            found=counts.loc[counts.duplicated(dimensions), "ref_area"].iloc[0],
            expected="each combination of territory and dimensions once",
        )


@dataclass(frozen=True)
class RegionAlarm:
    """Something that does not fit between the regions of a table and a list of regions.

    `kind` is `not_in_map` (in the data, but the list does not know it), `not_in_data` (in the
    list, but the data has nothing) or `excluded_absent` (left out on purpose, yet not there: the
    exclusion is out of date).
    """

    kind: str
    region: str
    message: str


def region_alarms(
    in_data: Iterable[str], in_map: Iterable[str], excluded: Iterable[str] = ()
) -> tuple[RegionAlarm, ...]:
    """Compare the regions of a table with the list that it is mapped by.

    Parameters
    ----------
    in_data : keys or names that the table holds.
    in_map : keys or names that the list knows.
    excluded : keys or names of the table that are left out on purpose.

    Returns
    -------
    All alarms, by kind and then by region; empty where everything fits.
    """
    data, known, left_out = set(in_data), set(in_map), set(excluded)
    texts = {
        "not_in_map": (data - known - left_out, "stands in the data, but not in the map"),
        "not_in_data": (known - data - left_out, "stands in the map, but not in the data"),
        "excluded_absent": (left_out - data, "is excluded, but the data do not hold it"),
    }
    return tuple(
        RegionAlarm(kind, region, f"{region} {text}")
        for kind, (regions, text) in texts.items()
        for region in sorted(regions)
    )
