"""Filled-in templates as rows of the processed tables: what a municipality knows itself.

A template carries its own provenance: each row names its `source` and its reference day, so it
needs no sidecar. Where one lies beside it, the sidecar's record goes first (it can name a licence).

=====================  ==========================================================
template               fills
=====================  ==========================================================
`planning-sheet`       `needs_planning`, and `planning_areas` where members are named
`physicians-by-age`    `doctor_ages`
`facilities`           `facilities`
`care-places`          `care` (places of a municipality)
`health-goals`         `goals`
the last four but one  `completeness`, one row a territory and sector
=====================  ==========================================================

Names of persons are no column of any template and reach no table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from pipeline.errors import RawDataError
from pipeline.keys import area_key
from pipeline.provenance import Sidecar, SourceRecord
from pipeline.sources.csvfile import ROW
from pipeline.sources.template_kinds import (
    CARE_PLACES,
    FACILITIES,
    HEALTH_GOALS,
    PHYSICIANS_BY_AGE,
    PLANNING_SHEET,
)
from pipeline.sources.templates import UNKNOWN, TemplateContent, TemplateReader
from pipeline.tables.harmonise import KEY
from pipeline.tables.measures import MEASURES

#: Prefix of the source ids that come from templates.
OWN = "eigene-"
#: Sign of a sum over a list that is not known to be complete.
INCOMPLETE = "limited_reliability"
_LICENCE = "LicenseRef-Zitat"
_NOTE = (
    "Eigene Angabe der Kommune, eingespielt mit einer Vorlage. Eine offene Lizenz ist nicht "
    "erklärt; ein Begleitzettel (.meta.yaml) neben der Datei kann eine nennen."
)
#: Decisions of the Landesausschuss, word of the template → word of the tables.
_DECISIONS: Mapping[str, str] = {
    "": "",
    "open": "open",
    "partially_open": "partially_open",
    "closed": "closed",
    "impending_undersupply": "imminent_under_supply",
    "undersupply": "under_supply",
}
#: Kind of care → measure of the table `care`; `_occupied` is added for the places in use.
_CARE_MEASURES: Mapping[str, str] = {
    "residential_permanent": "care_home_places_permanent",
    "residential_short_term": "care_home_places_short_term",
    "day_care": "care_places_day",
    "night_care": "care_places_night",
    "assisted_living": "care_places_assisted_living",
}
#: "Mittelbereich Lemgo" and "Lemgo" are one area; the level has a column of its own.
_LEVEL_WORD = re.compile(r"^(Mittelbereich|Planungsbereich)\s+")


@dataclass(frozen=True)
class UserRows:
    """What a template fills.

    Attributes
    ----------
    sources : one record for each text in the column `source`.
    long : observations with the columns of the long tables; empty where there are none.
    wide : table → its rows.
    keys : every key in the list: `column`, `key`, `file`, `ROW`.
    warnings : what is no error and should be looked at.
    """

    sources: list[SourceRecord]
    long: pd.DataFrame = field(default_factory=pd.DataFrame)
    wide: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    keys: pd.DataFrame = field(default_factory=pd.DataFrame)
    warnings: tuple[str, ...] = ()


def read_user_list(
    reader: TemplateReader, path: Path, name: str, sidecar: Sidecar | None
) -> UserRows:
    """Rows of a filled-in template for the tables.

    Parameters
    ----------
    name : path of the file below the raw folder; source ids are made from it.
    sidecar : the record beside the file, where there is one.

    Raises
    ------
    RawDataError : with file and row, for what the reader refuses, and statements of completeness
        without a single row (they have no day).
    """
    content = reader.read_content(path)
    if content.rows.empty:
        raise RawDataError(
            "statements of completeness without a row: nothing gives them a day",
            file=path,
            expected="at least one row with as_of and source",
            remedy="add a row of any sector, or leave the file out",
        )
    sources = _records(content, name, sidecar)
    ids = dict(zip(content.rows["source"].unique(), sources, strict=False))
    rows = content.rows.assign(
        file=str(path),
        source_id=[
            ids[text].id if text in ids else sources[0].id for text in content.rows["source"]
        ],
    )
    maker = _MAKERS[reader.template.kind]
    long, wide = maker(rows, content, path)
    if reader.template.has_zero:
        wide["completeness"] = _completeness(content, rows, path)
    return UserRows(sources, long, wide, _keys(content, path), content.warnings)


def _keys(content: TemplateContent, path: Path) -> pd.DataFrame:
    columns = [c.name for c in content.template.columns if c.kind in {"key", "keys"}]
    found = [
        (name, key, str(path), row)
        for name in columns
        for text, row in zip(content.rows[name], content.rows[ROW], strict=True)
        for key in text.split()
    ]
    return pd.DataFrame(found, columns=["column", "key", "file", ROW])


def _records(content: TemplateContent, name: str, sidecar: Sidecar | None) -> list[SourceRecord]:
    if sidecar is not None:
        return list(sidecar.sources)
    template, rows = content.template, content.rows
    slug = re.sub(r"[^a-z0-9]+", "-", _ascii(name).lower()).strip("-")
    records = []
    for number, (source, part) in enumerate(rows.groupby("source", sort=False), start=1):
        days = part[template.date]
        records.append(
            SourceRecord(
                id=f"{OWN}{slug}" + (f"-{number}" if number > 1 else ""),
                producer=str(source),
                title=template.title,
                period=f"{days.min()}/{days.max()}",
                territorial_status="wie in der eigenen Liste angegeben",
                licence=_LICENCE,
                attribution=f"{source} ({template.title}, eigene Angabe)",
                note=_NOTE,
            )
        )
    return records


def _ascii(text: str) -> str:
    folded = text
    for letter, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        folded = folded.replace(letter, plain).replace(letter.upper(), plain)
    return folded


# ------------------------------------------------------------------------ needs planning

_Made = tuple[pd.DataFrame, dict[str, pd.DataFrame]]


def _planning(rows: pd.DataFrame, content: TemplateContent, path: Path) -> _Made:
    levels = content.template.column("level").choices
    numbers = ("inhabitants", "doctors_counted", "ratio", "grade_percent", "open_seats")
    area = rows["planning_area"].str.replace(_LEVEL_WORD, "", regex=True)
    known = rows[["inhabitants", "doctors_counted", "grade_percent"]].notna().all(axis=1)
    planning = rows.assign(
        planning_area=area,
        planning_level=rows["level"].map(levels),
        date_from=rows["as_of"],
        date_to=rows["as_of"],
        date_text=rows["as_of"],
        status_published=rows["status_decided"].map(_DECISIONS),
        source_title=rows["source"],
        is_complete=known,
        **{f"{number}_qualifier": "" for number in numbers},
    )
    has_members = rows["municipalities"].ne("") & rows["doctor_group"].eq("Hausärzte")
    stated = rows.assign(planning_area=area).loc[has_members]
    return pd.DataFrame(), {"needs_planning": planning, "planning_areas": _stated(stated)}


def _stated(rows: pd.DataFrame) -> pd.DataFrame:
    """Members of planning areas as the sheet names them; `user_areas` gives them to regions."""
    return pd.DataFrame(
        {
            "gp_planning_area": rows["planning_area"],
            "municipalities": [
                " ".join(sorted(set(text.split()))) for text in rows["municipalities"]
            ],
            "as_of": rows["as_of"],
            "note": "laut eingespieltem Planungsblatt: " + rows["source"],
            "source_id": rows["source_id"],
            "file": rows["file"],
            ROW: rows[ROW],
        }
    )


# ------------------------------------------------------------------------ doctors and care


def _ages(rows: pd.DataFrame, content: TemplateContent, path: Path) -> _Made:
    parts = [
        _observed(rows, measure, rows[column], rows[f"{column}_status"])
        for measure, column in (("doctors_by_age", "physicians"), ("doctor_seats_by_age", "weight"))
    ]
    return pd.concat(parts, ignore_index=True), {}


def _care(rows: pd.DataFrame, content: TemplateContent, path: Path) -> _Made:
    """Places of a territory: the sum of its facilities, flagged where the list is not complete."""
    place = ["ref_area", "care_kind", "as_of"]
    is_total = rows["facility"].eq("")
    flags = content.completeness.set_index(["ref_area", "sector"])["completeness"]
    listed = [flags[key] for key in zip(rows["ref_area"], rows["care_kind"], strict=True)]
    rows = rows.assign(is_whole=is_total | pd.Series(listed, rows.index).eq("complete"))
    parts = [
        _places(rows, place, "places", ""),
        _places(rows, place, "places_occupied", "_occupied"),
    ]
    return pd.concat(parts, ignore_index=True), {}


def _places(rows: pd.DataFrame, place: list[str], column: str, suffix: str) -> pd.DataFrame:
    summed = (
        rows.assign(value=rows[column], is_known=rows[column].notna())
        .groupby(place, sort=False, as_index=False)
        .agg(
            value=("value", lambda values: values.sum(min_count=1)),
            is_any=("is_known", "any"),
            is_each=("is_known", "all"),
            is_whole=("is_whole", "all"),
            source_id=("source_id", "first"),
            file=("file", "first"),
            **{ROW: (ROW, "first")},
        )
    )
    if suffix:  # nobody has to say how many places are in use
        summed = summed.loc[summed["is_any"]]
    status = (summed["is_each"] & summed["is_whole"]).map({True: "", False: INCOMPLETE})
    measures = summed["care_kind"].map(_CARE_MEASURES) + suffix
    return _observed(summed, measures, summed["value"], status.where(summed["is_any"], UNKNOWN))


def _observed(
    rows: pd.DataFrame, measure: str | pd.Series, value: pd.Series, status: pd.Series
) -> pd.DataFrame:
    """Observations in the columns of the long tables; cells without number and sign are none."""
    missing = pd.Series(pd.NA, index=rows.index, dtype="Int16")
    names = pd.Series(measure, index=rows.index)
    frame = pd.DataFrame(
        {
            "ref_area": rows["ref_area"].map(area_key),
            "time_period": rows["as_of"],
            "measure": names,
            "census_basis": "",
            "sex": "total",
            "age_from": rows["age_from"].astype("Int16") if "age_from" in rows else missing,
            "age_to": rows["age_to"].astype("Int16") if "age_to" in rows else missing,
            "doctor_group": rows.get("doctor_group", ""),
            "unit_measure": names.map({name: found.unit for name, found in MEASURES.items()}),
            "obs_value": value.astype("float64"),
            "obs_status": status,
            "source_id": rows["source_id"],
            "file": rows["file"],
            ROW: rows[ROW],
        }
    )
    assert list(frame.columns[: len(KEY)]) == KEY
    return frame.loc[frame["obs_value"].notna() | frame["obs_status"].ne("")]


# ------------------------------------------------------------------------ offers and goals


def _facilities(rows: pd.DataFrame, content: TemplateContent, path: Path) -> _Made:
    is_municipality = rows["ref_area"].str.len().eq(8)
    offers = rows.assign(
        kind=rows["sector"],
        site_ags=rows["ref_area"].where(is_municipality, ""),
        house_number="",
        site_postcode=rows["postcode"],
        wheelchair=rows["accessible"],
        website=rows["url"],
        is_in_study_region=True,
        time_period=rows["as_of"],
    )
    return pd.DataFrame(), {"facilities": offers}


def _goals(rows: pd.DataFrame, content: TemplateContent, path: Path) -> _Made:
    goals = rows.assign(
        ref_area=rows["ref_area"].map(area_key),
        time_period=rows["as_of"],
        goal_indicator=rows["indicator"],
        source_title=rows["source"],
    )
    return pd.DataFrame(), {"goals": goals}


def _completeness(content: TemplateContent, rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """What a list says of its own completeness; sectors of which it says nothing are left out."""
    template, stated = content.template, content.completeness
    is_said = stated["completeness"].ne("unknown") | stated["n_listed"].ne(0.0)
    said = stated.loc[is_said]
    first = rows.drop_duplicates(template.area).set_index(template.area)
    newest = rows.groupby(template.area)[template.date].max()
    areas = said["ref_area"]
    return said.assign(
        ref_area=areas.map(area_key),
        time_period=areas.map(newest).fillna(rows[template.date].max()),
        list_kind=template.kind,
        source_id=areas.map(first["source_id"]).fillna(rows["source_id"].iloc[0]),
        file=str(path),
        **{ROW: pd.array([pd.NA] * len(said), dtype="Int64")},
    )


_MAKERS: Mapping[str, Callable[[pd.DataFrame, TemplateContent, Path], _Made]] = {
    template.kind: maker
    for template, maker in (
        (PLANNING_SHEET, _planning),
        (PHYSICIANS_BY_AGE, _ages),
        (FACILITIES, _facilities),
        (CARE_PLACES, _care),
        (HEALTH_GOALS, _goals),
    )
}
