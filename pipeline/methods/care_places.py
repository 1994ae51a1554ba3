"""Places in care as a municipality or a Kreis lists them itself: in all, in use, free.

The statistic counts places for Kreise only. A list that was handed in (template `care-places`)
stands in the table `care` too, with measures and days of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from pipeline.methods.care import HOMES
from pipeline.methods.disclosure import MINIMUM_PERSONS

#: Measure of the table `care` → sector of the table `completeness`.
LISTED: Final[Mapping[str, str]] = {
    "care_home_places_permanent": "residential_permanent",
    "care_home_places_short_term": "residential_short_term",
    "care_places_day": "day_care",
    "care_places_night": "night_care",
    "care_places_assisted_living": "assisted_living",
}
#: Added to a measure for the places in use.
OCCUPIED: Final = "_occupied"
_COLUMNS: Final = (
    "ref_area", "measure", "time_period", "places", "places_status", "occupied",
    "occupied_status", "free", "percent", "is_exact", "completeness", "n_listed", "known_total",
    "source_id",
)  # fmt: skip


def own_places(care: pd.DataFrame, completeness: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """What lists of places say of some territories, one row a territory and kind of care.

    Parameters
    ----------
    care, completeness : the tables.
    keys : territories, in the order of the result.

    Returns
    -------
    `ref_area`, `measure` (of `LISTED`), `time_period` (the newest of the list), `places`,
    `occupied` (NaN where not said) and their official signs (`places_status`, `occupied_status`),
    `free`, `percent` (of the places in use), `is_exact`, `completeness` ("complete", "partial", ""
    for not said), `n_listed`, `known_total` (places), `source_id`. Where a list is not complete, or
    not each facility says what is in use, `is_exact` is False: `free` is then the most and
    `percent` the least that it can be among the places listed. `percent` is NaN below
    `MINIMUM_PERSONS` places.
    """
    said = completeness.loc[completeness["list_kind"].eq("care-places")]
    by_sector = {(row["ref_area"], row["sector"]): row for row in said.to_dict("records")}
    rows = []
    for key in keys:
        listed = _of_lists(care, key)
        for measure, sector in LISTED.items():
            places = _newest(listed, measure)
            if places is None:
                continue
            day = str(places["time_period"])
            occupied = _newest(listed.loc[listed["time_period"].eq(day)], measure + OCCUPIED)
            stated = by_sector.get((key, sector))
            rows.append(
                {
                    "ref_area": key,
                    "measure": measure,
                    "time_period": day,
                    **_counts(places, occupied),
                    "completeness": "" if stated is None else str(stated["completeness"]),
                    "n_listed": math.nan if stated is None else float(stated["n_listed"]),
                    "known_total": math.nan if stated is None else float(stated["known_total"]),
                    "source_id": str(places["source_id"]),
                }
            )
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _of_lists(care: pd.DataFrame, key: str) -> pd.DataFrame:
    """Rows of a territory that are no part of the published statistic, told by its days."""
    own = care.loc[care["ref_area"].eq(key) & care["sex"].eq("total")]
    return own.loc[~own["time_period"].isin(own.loc[own["measure"].eq(HOMES), "time_period"])]


def _newest(rows: pd.DataFrame, measure: str) -> pd.Series | None:
    found = rows.loc[rows["measure"].eq(measure)].sort_values("time_period")
    return None if found.empty else found.iloc[-1]


def _counts(places: pd.Series, occupied: pd.Series | None) -> dict[str, object]:
    total = float(places["obs_value"])
    used = math.nan if occupied is None else float(occupied["obs_value"])
    return {
        "places": total,
        "places_status": str(places["obs_status"]),
        "occupied": used,
        "occupied_status": "" if occupied is None else str(occupied["obs_status"]),
        "free": math.nan if math.isnan(used) else max(total - used, 0.0),
        "percent": 100.0 * used / total if total >= MINIMUM_PERSONS else math.nan,
        "is_exact": occupied is not None and not occupied["obs_status"],
    }
