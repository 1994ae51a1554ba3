"""What a publisher's file holds, in a few stable keys (`inspect --json`)."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from pipeline.sources import registry
from pipeline.sources.base import LongTable


def inspect_file(path: Path) -> dict[str, object]:
    """Recognise, read and count a file.

    Returns
    -------
    A dictionary that JSON can hold; the keys are described in docs/reference/formats.md:
    `format`, `table`, `title`, `encoding`, `level`, `periods`, `dimensions`, `rows`, `status`,
    `measures`, `licence`, `notes`.

    Raises
    ------
    UnknownFormatError : no reader recognises the content.
    RawDataError : the file breaks its format.
    """
    return describe(registry.read(path))


def describe(table: LongTable) -> dict[str, object]:
    """The keys of `inspect_file` for a table that has been read."""
    frame = table.frame
    return {
        "format": table.format,
        "table": table.table,
        "title": table.title,
        "encoding": table.encoding,
        "level": table.level,
        "periods": sorted(period for period in _members(frame, "time_period") if period),
        "dimensions": {name: _members(frame, name) for name in table.dimensions},
        "rows": len(frame),
        "status": _status_counts(frame),
        "measures": _measures(frame),
        "licence": table.licence,
        "notes": list(table.notes),
    }


def _members(frame: pd.DataFrame, column: str) -> list[str]:
    """Distinct texts of a column, in the order in which the file has them."""
    if column not in frame:
        return []
    return [str(member) for member in frame[column].dropna().unique()]


def _status_counts(frame: pd.DataFrame) -> dict[str, int]:
    """Count of each status; plain values are not counted."""
    if "obs_status" not in frame:
        return {}
    counts = frame["obs_status"].value_counts()
    return {str(word): int(count) for word, count in counts.items() if word and count}


def _measures(frame: pd.DataFrame) -> dict[str, dict[str, float | int]]:
    """Numbers of each measure and unit: how many (nil is one, zero) and their exact sum."""
    if not {"measure", "unit_measure", "obs_value"} <= set(frame.columns):
        return {}
    groups = frame.groupby(["measure", "unit_measure"], observed=True, sort=False)["obs_value"]
    return {
        f"{measure} [{unit}]": {"count": int(values.count()), "sum": math.fsum(values.dropna())}
        for (measure, unit), values in groups
    }
