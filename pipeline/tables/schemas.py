"""Table schemas (pandera), generated from the field registry; never written by hand."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from pipeline.errors import TableError
from pipeline.sources.csvfile import ROW
from pipeline.sources.rowcheck import plain
from pipeline.tables.fields import Field
from pipeline.tables.registry import Table

DTYPES = {"text": "str", "number": "float64", "integer": "Int16", "truth": "bool"}


def schema(table: Table) -> pa.DataFrameSchema:
    """The pandera schema of a table: types, patterns, vocabularies, bounds, unique key."""
    return pa.DataFrameSchema(
        {field.name: _column(field) for field in table.columns},
        strict=True,
        ordered=True,
        unique=list(table.key),
        name=table.name,
    )


def _column(field: Field) -> pa.Column:
    checks: list[pa.Check] = []
    if field.pattern is not None:
        checks.append(pa.Check.str_matches(field.pattern))
    if field.allowed is not None:
        checks.append(pa.Check.isin(list(field.allowed)))
    if field.minimum is not None:
        checks.append(pa.Check.ge(field.minimum))
    if field.maximum is not None:
        checks.append(pa.Check.le(field.maximum))
    return pa.Column(DTYPES[field.type], checks, nullable=field.is_nullable, title=field.label)


def typed(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """`frame` with the table's columns, order and types (no check; see `validate`)."""
    return frame.loc[:, list(table.fields)].astype(
        {field.name: DTYPES[field.type] for field in table.columns}
    )


def validate(frame: pd.DataFrame, table: Table, origin: pd.DataFrame | None = None) -> pd.DataFrame:
    """`frame`, if it fulfils the schema.

    Parameters
    ----------
    frame : columns of the table, typed.
    origin : same index; columns `file` and `ROW` say where each row was read.

    Raises
    ------
    TableError : names the first row that breaks the schema, the column, what stands there and
        what should; the file and row of the raw data where `origin` is given.
    """
    try:
        return schema(table).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        failure = error.failure_cases.iloc[0]
        index = failure["index"]
        place = origin.loc[index] if origin is not None and index in origin.index else None
        if failure["check"] == "multiple_fields_uniqueness":
            raise _doubled(frame, table, origin) from error
        raise TableError(
            f"table '{table.name}' breaks its schema: {failure['check']} "
            f"({len(error.failure_cases)} finding(s))",
            file=None if place is None else str(place["file"]),
            row=None if place is None else int(place[ROW]),
            column=str(failure["column"]) if failure["column"] else None,
            found=plain(failure["failure_case"]),
            expected=_expectation(table, failure["column"]),
            remedy="mend the raw file, or, if the value is right, the field in "
            "pipeline/tables/fields.py",
        ) from error


def _doubled(frame: pd.DataFrame, table: Table, origin: pd.DataFrame | None) -> TableError:
    """The error for the first two rows of one key; it names the files of both, if known."""
    key = list(table.key)
    first = frame.loc[frame.duplicated(key, keep=False)].iloc[0]
    same = frame[key].eq(first[key]) | (frame[key].isna() & first[key].isna())
    twins = frame.index[same.all(axis=1)]
    places = [] if origin is None else [origin.loc[i] for i in twins if i in origin.index]
    other = f"also in {places[1]['file']}, row {places[1][ROW]}" if len(places) > 1 else ""
    values = ", ".join(f"{name} {first[name]}" for name in key)
    return TableError(
        f"two rows of the table '{table.name}' have one key",
        file=str(places[0]["file"]) if places else None,
        row=int(places[0][ROW]) if places else None,
        found="; ".join(filter(None, (values, other))),
        expected=f"one row a key ({', '.join(table.key)})",
        remedy="delete one of the two rows, or tell them apart",
    )


def _expectation(table: Table, column: object) -> str | None:
    field = next((field for field in table.columns if field.name == column), None)
    if field is None:
        return f"one row a key ({', '.join(table.key)})"
    if field.allowed is not None:
        words = ", ".join(repr(word) for word in field.allowed[:12])
        return words + (" …" if len(field.allowed) > 12 else "")
    if field.pattern is not None:
        return f"text that matches {field.pattern}"
    bounds = [
        f"{sign} {value:g}"
        for sign, value in (("≥", field.minimum), ("≤", field.maximum))
        if value is not None
    ]
    return " and ".join([f"a {field.type}", *bounds])
