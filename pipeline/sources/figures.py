"""The workspace's own file of published figures: one figure a row, long and tidy.

Columns: `region, name, period, measure, value, status, unit, table, source, licence`, and, where
the figure has them, `sex, age_from, age_to` or `group`.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.provenance import LICENCES
from pipeline.sources.base import Head, LongTable
from pipeline.sources.csvfile import ROW, has_header, read_csv
from pipeline.sources.values import parse_values

FORMAT = "figures"
LOOKS_LIKE = "a CSV file with the columns region, name, period, measure, value, status, unit …"

_REQUIRED = (
    "region", "name", "period", "measure", "value", "status", "unit", "table", "source", "licence",
)  # fmt: skip
_OPTIONAL = ("sex", "age_from", "age_to", "group")
_DIMENSIONS = ("sex", "age_from", "age_to", "doctor_group")
_RENAMED = {
    "region": "ref_area",
    "name": "ref_area_name",
    "period": "time_period",
    "unit": "unit_measure",
    "group": "doctor_group",
    "table": "source_table",
}


def matches(head: Head) -> bool:
    """Whether the header is that of a file of published figures."""
    return has_header(head, _REQUIRED)


def read(path: Path) -> LongTable:
    """Read a file of published figures.

    `frame` has, beyond the columns of `LongTable`: `ref_area_name`, `source_table` (the
    publisher's table code), the dimensions as text (empty where the figure is a total) and the
    row number `ROW`.
    """
    cells = read_csv(path, _REQUIRED, _OPTIONAL).rename(columns=_RENAMED)
    values, words = parse_values(cells, path)
    dimensions = tuple(name for name in _DIMENSIONS if name in cells)
    columns = [
        "ref_area", "ref_area_name", "time_period", *dimensions, "measure", "unit_measure",
        "obs_value", "obs_status", "source_table", ROW,
    ]  # fmt: skip
    frame = cells.assign(obs_value=values, obs_status=words)[columns]
    tables = frame["source_table"].unique()
    licences = cells["licence"].unique()
    return LongTable(
        format=FORMAT,
        table=str(tables[0]) if len(tables) == 1 else None,
        title=path.stem,
        encoding="utf-8",
        level=None,
        frame=frame,
        dimensions=dimensions,
        licence=str(licences[0]) if len(licences) == 1 and licences[0] in LICENCES else None,
        path=path,
    )
