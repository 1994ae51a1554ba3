"""Published rows of the needs planning for a region: what may be shown, and as what.

Nothing is computed here. A grade is shown only where it is known that the region belongs to the
planning area, and always with date, source and level.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.methods.evidence import evidence_of
from pipeline.methods.findings import Finding, Threshold
from pipeline.methods.observed import UNDATED, no_data
from pipeline.regions import MODEL_REGIONS

#: A published row older than this many years, or without a date, is "historisch".
HISTORIC_YEARS = 5

CURRENT = "veröffentlichter Wert"
HISTORIC = "historisch"


@dataclass(frozen=True)
class Membership:
    """The planning area for GPs that a region belongs to.

    Attributes
    ----------
    planning_area : name; empty where it is not known.
    is_sure : whether the membership is published or follows from published facts.
    is_larger : whether the planning area reaches beyond the region.
    note : how the membership is known.
    members : keys of all its municipalities; empty where not all are known.
    """

    planning_area: str
    is_sure: bool
    is_larger: bool
    note: str
    members: tuple[str, ...] = ()


def membership(planning_areas: pd.DataFrame, slug: str) -> Membership:
    """The planning area of a region, as published or as an own planning sheet states it.

    Parameters
    ----------
    planning_areas : table `planning_areas`.
    slug : `Region.slug`, which is the AGS for everything but a model region.
    """
    rows = planning_areas.loc[planning_areas["region"].eq(slug)]
    if rows.empty:
        return Membership("", False, True, "")
    row = rows.iloc[0]
    named = tuple(str(row["municipalities"]).split())
    is_larger = row["extent"] == "larger"
    # a packaged row names the region's own members only; a planning sheet names them all
    own = len(MODEL_REGIONS[slug].members) if slug in MODEL_REGIONS else 1
    return Membership(
        planning_area=str(row["gp_planning_area"]),
        is_sure=row["evidence"] != "open",
        is_larger=is_larger,
        note=str(row["note"]),
        members=named if not is_larger or len(named) > own else (),
    )


def published_rows(
    needs_planning: pd.DataFrame,
    planning_area: str,
    reference_date: dt.date,
    doctor_group: str = "Hausärzte",
) -> pd.DataFrame:
    """Published rows of a planning area, oldest first.

    Parameters
    ----------
    needs_planning : table `needs_planning`.
    reference_date : rows of a later date are left out.

    Returns
    -------
    The rows, with `standing` (`CURRENT` or `HISTORIC`) and `is_dated` (whether the source gives a
    month or day).
    """
    rows = needs_planning.loc[
        needs_planning["planning_area"].eq(planning_area)
        & needs_planning["doctor_group"].eq(doctor_group)
        & needs_planning["date_from"].le(reference_date.isoformat())
    ].sort_values(["date_from", "date_to"], ignore_index=True)
    is_dated = rows["date_text"].str.match(r"\d{4}(-\d{2}){0,2}$")
    limit = reference_date.replace(
        year=reference_date.year - HISTORIC_YEARS, day=min(reference_date.day, 28)
    )
    is_recent = is_dated & rows["date_to"].ge(limit.isoformat())
    standing = is_recent.map({True: CURRENT, False: HISTORIC}).astype("str")
    return rows.assign(standing=standing, is_dated=is_dated)


def area_rows(
    needs_planning: pd.DataFrame, area: Membership, reference_date: dt.date
) -> pd.DataFrame:
    """`published_rows` of the region's planning area; none where the membership is not sure."""
    name = area.planning_area if area.is_sure else ""
    return published_rows(needs_planning, name, reference_date)


def about_area(area: Membership) -> dict[str, str]:
    """The parts of a finding that say which planning area it speaks of."""
    return {
        "ref_area": area.planning_area or "unbekannt",
        "ref_area_name": area.planning_area or "nicht belegt",
        "level": "planning_area",
    }


def date_of(row: pd.Series) -> str:
    """The date of a published row for a finding, as printed; `UNDATED` where it has none.

    The days that an undated row may mean place it on an axis; they are no date of the value.
    """
    return str(row["date_text"]) if row["is_dated"] else UNDATED


def grade_finding(rows: pd.DataFrame, area: Membership) -> Finding:
    """The latest dated grade that is published, else the latest undated one, else none.

    Parameters
    ----------
    rows : as returned by `published_rows`.
    """
    shared: dict[str, Any] = {
        "id": "published-grade",
        "topic": "supply",
        "label": "Versorgungsgrad der Hausärzte",
        "unit": "percent",
        **about_area(area),
    }
    grades = rows.loc[rows["grade_percent"].notna()]
    if grades.empty:
        reason = "Für den Planungsbereich liegt kein veröffentlichter Versorgungsgrad vor."
        return no_data(reason, **shared)
    dated = grades.loc[grades["is_dated"]]
    latest = (grades if dated.empty else dated).iloc[[-1]]
    return Finding(
        **shared,
        value=float(latest["grade_percent"].iloc[0]),
        time_period=date_of(latest.iloc[0]),
        kind="veröffentlichter Wert",
        threshold=Threshold(
            75.0,
            "Unterversorgung wird vermutet",
            "Bedarfsplanungs-Richtlinie § 29",
        ),
        evidence=evidence_of(latest, "needs_planning", "grade_percent"),
    )


def ratios_of_group(
    planning_ratios: pd.DataFrame, doctor_group: str, reference_date: dt.date
) -> pd.DataFrame:
    """All known ratios (Verhältniszahlen) of a group, with whether each is in force.

    Returns
    -------
    Rows of the table `planning_ratios`, with `is_in_force`: its validity begins on a known day
    and includes the reference date. A ratio that is only quoted, without a date of validity, is
    never in force.
    """
    rows = planning_ratios.loc[planning_ratios["doctor_group"].eq(doctor_group)]
    today = reference_date.isoformat()
    is_begun = rows["valid_from"].ne("") & rows["valid_from"].le(today)
    is_ended = rows["valid_to"].ne("") & rows["valid_to"].lt(today)
    dated = rows.assign(is_in_force=is_begun & ~is_ended)
    order = ["scope", "is_in_force", "valid_to", "ratio_value"]
    return dated.sort_values(order, ascending=[True, False, False, False], ignore_index=True)
