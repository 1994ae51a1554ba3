"""The workspace's own wide files as processed tables: rename, type, keep every row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from pipeline.errors import RawDataError
from pipeline.keys import ars_to_ags, kreis_of, level_of_key, normalise_key
from pipeline.provenance import Sidecar
from pipeline.sources import embedded
from pipeline.sources.csvfile import ROW
from pipeline.sources.rowcheck import refuse_rows

Maker = Callable[[pd.DataFrame, Path], pd.DataFrame]


def municipalities(rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Table `municipalities`; the key in AGS and ARS must be the same municipality."""
    for ags, ars, row in zip(rows["ags"], rows["ars"], rows[ROW], strict=True):
        key = normalise_key(ags, file=path, row=int(row), column="ags")
        if level_of_key(key) not in {"municipality", "association"} or ars_to_ags(ars) != key:
            raise RawDataError(
                "AGS and ARS name different municipalities",
                file=path,
                row=int(row),
                column="ars",
                found=f"{ags} / {ars}",
                expected="ARS = Kreis + four digits of the Gemeindeverband + municipality",
                remedy="compare the row with the official list",
            )
    return rows.assign(kreis=rows["ags"].map(kreis_of), land=rows["ags"].str[:2])


def facilities(rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Table `facilities` from the file of pharmacy sites; it has no websites and languages."""
    return rows.rename(
        columns={"ags": "site_ags", "period": "time_period", "postcode": "site_postcode"}
    ).assign(
        kind="pharmacy",
        website="",
        languages="",
        is_in_study_region=_truth(rows, "in_study_region", path),
    )


def needs_planning(rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Table `needs_planning`; a row said to be complete prints inhabitants, doctors and grade."""
    is_complete = _truth(rows, "complete", path)
    inputs = rows[["inhabitants", "doctors_counted", "grade_percent"]]
    refuse_rows(
        path, rows, is_complete & inputs.isna().any(axis=1), "complete",
        "a row called complete lacks a number",
        expected="inhabitants, doctors_counted and grade_percent",
        remedy="add the number, or write 'no'",
    )  # fmt: skip
    return rows.rename(columns={"level": "planning_level"}).assign(
        is_complete=is_complete, decided_on=""
    )


def planning_ratios(rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Table `planning_ratios`."""
    return rows.rename(columns={"value": "ratio_value"})


def planning_areas(rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Table `planning_areas`; every member is a municipality key."""
    for members, row in zip(rows["municipalities"], rows[ROW], strict=True):
        for key in members.split():
            normalise_key(key, file=path, row=int(row), column="municipalities")
    return rows


def published_facts(rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Table `published_facts`: values stay as printed, since many are words or ranges."""
    return rows.rename(
        columns={
            "region": "fact_region",
            "ags": "fact_key",
            "value": "value_text",
            "unit": "unit_text",
        }
    )


def _truth(rows: pd.DataFrame, column: str, path: Path) -> pd.Series:
    refuse_rows(
        path, rows, ~rows[column].isin(["yes", "no"]), column, "neither yes nor no",
        expected="yes or no", remedy="write one of the two words",
    )  # fmt: skip
    return rows[column].eq("yes")


#: format → table that it fills and how; None: kept as a reference for the tests of the methods.
MAKERS: dict[str, tuple[str, Maker] | None] = {
    embedded.MUNICIPALITIES.FORMAT: ("municipalities", municipalities),
    embedded.FACILITY_SITES.FORMAT: ("facilities", facilities),
    embedded.NEEDS_PLANNING.FORMAT: ("needs_planning", needs_planning),
    embedded.PLANNING_RATIOS.FORMAT: ("planning_ratios", planning_ratios),
    embedded.PLANNING_AREAS.FORMAT: ("planning_areas", planning_areas),
    embedded.PUBLISHED_FACTS.FORMAT: ("published_facts", published_facts),
    embedded.PLANNING_CHECKS.FORMAT: None,
}


def make(reader: embedded.EmbeddedFormat, path: Path, sidecar: Sidecar) -> pd.DataFrame | None:
    """Rows for the table that `MAKERS` names, with `file`, `row` and `source_id`; or None."""
    maker = MAKERS[reader.FORMAT]
    if maker is None:
        return None
    rows = reader.read_rows(path)
    frame = maker[1](rows, path)
    return frame.assign(source_id=sidecar.sources[0].id, file=str(path))
