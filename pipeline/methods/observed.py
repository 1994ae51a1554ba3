"""Observations as findings: the latest value of a measure for a place, as published."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.methods.evidence import evidence_of
from pipeline.methods.findings import Finding
from pipeline.regions import Place

#: Printed instead of a period where there is no value.
NO_PERIOD = "–"
#: Printed where there is a value and its source gives no date.
UNDATED = "undatiert"


def about(place: Place) -> dict[str, Any]:
    """The parts of a finding that say whose value it is."""
    return {"ref_area": place.ref_area, "ref_area_name": place.name, "level": place.level}


def no_data(reason: str, **parts: Any) -> Finding:
    """A finding without a value, and why there is none."""
    given = {"time_period": NO_PERIOD, **parts}
    return Finding(**given, value=None, kind="keine Daten", reason=reason)


def latest_finding(rows: pd.DataFrame, table: str, place: Place, **parts: Any) -> Finding:
    """The latest published value for a place, or "keine Daten".

    Parameters
    ----------
    rows : observations of one measure (and group); those of `place.ref_area` itself are used, never
        those of another level.
    table : name of the processed table.
    parts : `id`, `topic`, `label`, `unit` of the finding.
    """
    own = rows.loc[rows["ref_area"].eq(place.ref_area) & rows["obs_value"].notna()]
    if own.empty:
        reason = "Die Quelle nennt für dieses Gebiet keinen Wert."
        return no_data(reason, **parts, **about(place))
    latest = own.loc[[own["time_period"].idxmax()]]
    return Finding(
        **parts,
        **about(place),
        value=float(latest["obs_value"].iloc[0]),
        time_period=str(latest["time_period"].iloc[0]),
        kind="veröffentlichter Wert",
        evidence=evidence_of(latest, table),
    )
