"""What the rows of a filled-in template must fulfil beside their single cells.

The same for `inspect` and `ingest`. What needs other tables (does the key exist, does the place lie
in its municipality) is `pipeline.tables.user_checks`.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from pipeline.sources.csvfile import ROW
from pipeline.sources.osm_names import shows_person
from pipeline.sources.rowcheck import refuse_rows
from pipeline.sources.template_kinds import Template

#: No planning area in Germany is supplied with 2 % of its need; a share (0,85) is.
_HIGHEST_SHARE = 2.0
#: Days that must lie behind us: what was counted, measured or decided.
_PAST_DAYS = ("as_of", "baseline_date", "decided_on")


def check_rows(path: Path, template: Template, rows: pd.DataFrame) -> None:
    """`RawDataError` with file and row for the first row that contradicts itself or the calendar.

    Parameters
    ----------
    rows : as parsed, with `ROW`; days in ISO form, numbers as float.
    """
    if rows.empty:
        return
    _check_days(path, rows)
    if {"age_from", "age_to"} <= set(rows):
        _check_ages(path, rows)
    if "grade_percent" in rows:
        grade = rows["grade_percent"]
        refuse_rows(
            path, rows, grade.gt(0) & grade.le(_HIGHEST_SHARE), "grade_percent",
            "a share instead of a percentage",
            expected="per cent: 85 instead of 0,85", remedy="multiply the grade by 100",
        )  # fmt: skip
    if "weight" in rows:
        refuse_rows(
            path, rows, rows["weight"].gt(rows["physicians"]), "weight",
            "more full seats than heads", expected="at most one full seat a head",
            remedy="weight is the sum of the group's seats; check it against the heads",
        )  # fmt: skip
    if "care_kind" in rows:
        _check_care(path, rows)
    if {"baseline_date", "target_date"} <= set(rows):
        is_early = rows["baseline_date"].ne("") & rows["target_date"].lt(rows["baseline_date"])
        refuse_rows(
            path, rows, is_early, "target_date", "the target is due before the baseline",
            expected="target_date after baseline_date", remedy="check both days",
        )  # fmt: skip


def row_warnings(template: Template, rows: pd.DataFrame) -> tuple[str, ...]:
    """Rows whose name seems to be a person's; the name itself is not repeated."""
    column = {"facilities": "name", "care-places": "facility", "health-goals": "owner"}.get(
        template.kind
    )
    if column is None:
        return ()
    named = rows.loc[[shows_person(name) for name in rows[column]], ROW]
    return tuple(
        f"row {number}: '{column}' seems to name a person; write what the place is called "
        "('Hausarztpraxis am Markt')"
        for number in named
    )


def _check_days(path: Path, rows: pd.DataFrame) -> None:
    today = dt.date.today().isoformat()
    for column in _PAST_DAYS:
        if column in rows:
            refuse_rows(
                path, rows, rows[column].gt(today), column, "a day in the future",
                expected=f"a day up to today ({today})",
                remedy="write the day that the figures are of; a deadline is a target_date",
            )  # fmt: skip


def _check_care(path: Path, rows: pd.DataFrame) -> None:
    refuse_rows(
        path, rows, rows["places_occupied"].gt(rows["places"]), "places_occupied",
        "more places in use than there are", expected="at most as many as in 'places'",
        remedy="check both numbers; they may have changed columns",
    )  # fmt: skip
    is_total = rows["facility"].eq("")
    place = ["ref_area", "care_kind", "as_of"]
    has_total = is_total.groupby([rows[name] for name in place]).transform("any")
    refuse_rows(
        path, rows, has_total & ~is_total, "facility",
        "a total of the territory beside its facilities would be counted twice",
        expected="either one row without a facility, or one row a facility",
        remedy="delete the total or the facilities of this kind and day",
    )  # fmt: skip


def _check_ages(path: Path, rows: pd.DataFrame) -> None:
    """Age groups must be closed, in order and without overlap, or heads would count twice."""
    inverted = rows["age_from"].isna() | rows["age_to"].isna() | rows["age_from"].gt(rows["age_to"])
    remedy = "correct the bounds; both belong to the group"
    refuse_rows(
        path, rows, inverted, "age_from", "an age group without order",
        expected="age_from at most age_to", remedy=remedy,
    )  # fmt: skip
    groups = ["ref_area", "doctor_group", "as_of"]
    ordered = rows.sort_values([*groups, "age_from"], kind="stable")
    # inverted groups are out, so the group before is the only one that can reach into the next
    before = ordered.groupby(groups)["age_to"].shift()
    refuse_rows(
        path, ordered, ordered["age_from"].le(before), "age_from", "age groups overlap",
        expected="each age in one group only", remedy=remedy,
    )  # fmt: skip
