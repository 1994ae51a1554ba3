"""The workspace's own wide files: municipalities, facility sites, planning rows, single facts.

Each format is known by its header and described here in one place: required columns, which of
them are numbers, and what identifies a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.sources.base import Head, LongTable
from pipeline.sources.csvfile import ROW, has_header, read_csv
from pipeline.sources.rowcheck import refuse_rows


@dataclass(frozen=True)
class EmbeddedFormat:
    """One of the workspace's own wide formats; an instance is a `Reader`."""

    FORMAT: str
    LOOKS_LIKE: str
    columns: tuple[str, ...]
    numbers: tuple[str, ...]
    area: str

    def matches(self, head: Head) -> bool:
        """Whether the header is that of this format."""
        return has_header(head, self.columns)

    def read_rows(self, path: Path) -> pd.DataFrame:
        """One row a record; numbers as float (NaN where the cell is empty), the rest as text."""
        frame = read_csv(path, self.columns)
        for name in self.numbers:
            numbers = pd.to_numeric(frame[name].where(frame[name].ne("")), errors="coerce")
            wrong = numbers.isna() & frame[name].ne("")
            refuse_rows(
                path, frame, wrong, name, "not a number",
                expected="a number with decimal point, or an empty cell",
                remedy="move words such as 'rund' into the qualifier or the note",
            )  # fmt: skip
            frame[name] = numbers.astype("float64")
        return frame

    def read(self, path: Path) -> LongTable:
        """The same as a long frame, one row a number that stands in the file."""
        rows = self.read_rows(path)
        dimensions = tuple(
            name for name in self.columns if name not in self.numbers and name != self.area
        )
        long = rows.melt(
            id_vars=[self.area, *dimensions, ROW],
            value_vars=list(self.numbers),
            var_name="measure",
            value_name="obs_value",
        ).dropna(subset="obs_value")
        frame = long.rename(columns={self.area: "ref_area"}).assign(
            time_period="", unit_measure="", obs_status=""
        )
        return LongTable(
            format=self.FORMAT,
            table=None,
            title=path.stem,
            encoding="utf-8",
            level=None,
            frame=frame.reset_index(drop=True),
            dimensions=dimensions,
            path=path,
        )


MUNICIPALITIES = EmbeddedFormat(
    FORMAT="municipalities",
    LOOKS_LIKE="a CSV file with the columns ags, ars, name …",
    columns=(
        "ags", "ars", "name", "area_km2", "population_2022_12_31", "postcode", "longitude",
        "latitude", "travel_region", "urbanisation_code", "urbanisation", "source", "licence",
    ),
    numbers=("area_km2", "population_2022_12_31", "longitude", "latitude"),
    area="ags",
)  # fmt: skip
FACILITY_SITES = EmbeddedFormat(
    FORMAT="facility-sites",
    LOOKS_LIKE="a CSV file with the columns ags, name, street …",
    columns=(
        "ags", "name", "street", "house_number", "postcode", "city", "wheelchair", "longitude",
        "latitude", "in_study_region", "period", "source", "licence",
    ),
    numbers=("longitude", "latitude"),
    area="ags",
)  # fmt: skip
NEEDS_PLANNING = EmbeddedFormat(
    FORMAT="needs-planning",
    LOOKS_LIKE="a CSV file with the columns planning_area, level, doctor_group …",
    columns=(
        "planning_area", "level", "doctor_group", "date_text", "date_from", "date_to",
        "inhabitants", "inhabitants_qualifier", "doctors_counted", "doctors_counted_qualifier",
        "ratio", "ratio_qualifier", "grade_percent", "grade_percent_qualifier", "open_seats",
        "open_seats_qualifier", "ratio_kind", "status_published", "complete", "source_title",
        "source_url", "note",
    ),
    numbers=("inhabitants", "doctors_counted", "ratio", "grade_percent", "open_seats"),
    area="planning_area",
)  # fmt: skip
PLANNING_CHECKS = EmbeddedFormat(
    FORMAT="needs-planning-checks",
    LOOKS_LIKE="a CSV file with the columns planning_area, doctor_group, date …",
    columns=(
        "planning_area", "doctor_group", "date", "inhabitants", "doctors", "published_vz",
        "published_grade", "published_open_seats", "implied_regional_vz",
        "recomputed_grade_from_published_vz", "gap_to_110_raw", "open_seats_ceil_half", "match",
    ),
    numbers=(
        "inhabitants", "doctors", "published_vz", "published_grade", "published_open_seats",
        "implied_regional_vz", "recomputed_grade_from_published_vz", "gap_to_110_raw",
        "open_seats_ceil_half",
    ),
    area="planning_area",
)  # fmt: skip
PLANNING_AREAS = EmbeddedFormat(
    FORMAT="planning-areas",
    LOOKS_LIKE="a CSV file with the columns region, municipalities, gp_planning_area …",
    columns=("region", "municipalities", "gp_planning_area", "extent", "evidence", "note"),
    numbers=(),
    area="region",
)
PLANNING_RATIOS = EmbeddedFormat(
    FORMAT="planning-ratios",
    LOOKS_LIKE="a CSV file with the columns doctor_group, planning_type, scope …",
    columns=(
        "doctor_group", "planning_type", "scope", "ratio_kind", "value", "unit", "valid_from",
        "valid_to", "legal_basis", "note", "source_url",
    ),
    numbers=("value",),
    area="scope",
)  # fmt: skip
PUBLISHED_FACTS = EmbeddedFormat(
    FORMAT="published-facts",
    LOOKS_LIKE="a CSV file with the columns region, ags, indicator …",
    columns=(
        "region", "ags", "indicator", "year_or_date", "value", "unit", "source_title",
        "source_url", "note",
    ),
    numbers=(),
    area="ags",
)  # fmt: skip

FORMATS: tuple[EmbeddedFormat, ...] = (
    MUNICIPALITIES,
    FACILITY_SITES,
    NEEDS_PLANNING,
    PLANNING_CHECKS,
    PLANNING_AREAS,
    PLANNING_RATIOS,
    PUBLISHED_FACTS,
)
