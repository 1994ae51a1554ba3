"""Editions as they are compared: tables read from a folder, a bundle or an archive.

Whatever way an edition was kept, a number becomes a float and everything else a text, so that a
folder of Parquet files compares with a bundle of CSV files.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import BadZipFile, ZipFile

import nbformat
import pandas as pd

from pipeline.errors import TableError
from pipeline.figures.contract import PROSE_MIME

_DESCRIPTOR = "datapackage.json"
_NUMBERS = frozenset({"number", "integer"})
#: The table that executed notebooks give: every number that their sentences print.
FINDINGS = "findings"
_FINDING_KEY = ("region", "chapter", "id", "ref_area", "time_period")
_FINDING_PARTS = ("kind",)


@dataclass(frozen=True)
class EditionTable:
    """A table of an edition: its rows, the type of each column, the columns of its key."""

    frame: pd.DataFrame
    types: dict[str, str]
    key: tuple[str, ...]


@dataclass(frozen=True)
class Edition:
    """An edition: what it is called, and its tables by name."""

    name: str
    tables: dict[str, EditionTable]


def read_edition(path: Path) -> Edition:
    """The tables of an edition.

    Parameters
    ----------
    path : a folder or ZIP archive that holds one or more data packages (data/processed, a bundle,
        a released edition), or a folder with executed notebooks (build).

    Raises
    ------
    TableError : nothing of that kind, or a table that cannot be read.
    """
    files = _files(path)
    parts: dict[str, list[EditionTable]] = {}
    for name in sorted(n for n in files if PurePosixPath(n).name == _DESCRIPTOR):
        for table, content in _package(path, name, files):
            parts.setdefault(table, []).append(content)
    findings = _findings(files)
    if findings is not None:
        parts[FINDINGS] = [findings]
    if not parts:
        raise TableError(
            "this is no edition",
            file=path,
            expected="a folder or ZIP archive with a datapackage.json, or executed notebooks",
            remedy="name data/processed, a bundle, a released archive or build",
        )
    return Edition(path.name, {name: _joined(tables) for name, tables in parts.items()})


def _files(path: Path) -> dict[str, Callable[[], bytes]]:
    """Name of every file below `path` → what reads it."""
    if path.is_dir():
        found = [file for file in path.rglob("*") if file.is_file()]
        return {file.relative_to(path).as_posix(): file.read_bytes for file in found}
    try:
        archive = ZipFile(path)
    except (OSError, BadZipFile) as error:
        raise TableError(
            "the edition cannot be opened",
            file=path,
            found=str(error),
            expected="a folder or a ZIP archive",
        ) from error

    def reader(name: str) -> Callable[[], bytes]:
        return lambda: archive.read(name)

    return {name: reader(name) for name in archive.namelist() if not name.endswith("/")}


def _package(
    path: Path, name: str, files: dict[str, Callable[[], bytes]]
) -> Iterator[tuple[str, EditionTable]]:
    """The tables that a datapackage.json describes."""
    where = f"{path}/{name}"
    try:
        resources = json.loads(files[name]())["resources"]
        described = [(r["name"], r["path"], r["schema"]) for r in resources]
    except (ValueError, KeyError, TypeError) as error:
        raise TableError(
            "this is no data package", file=where, found=error, remedy="make the edition again"
        ) from error
    folder = PurePosixPath(name).parent
    for resource, place, schema in described:
        # a path that leaves the package is no name in it
        target = (folder / str(place)).as_posix()
        if target not in files:
            raise TableError(
                "the data package names a file that it does not hold", file=where, found=place
            )
        types = {str(f["name"]): str(f.get("type", "string")) for f in schema["fields"]}
        frame = _frame(f"{path}/{target}", files[target](), types)
        yield str(resource).replace("-", "_"), EditionTable(frame, types, _key(schema))


def _key(schema: dict[str, Any]) -> tuple[str, ...]:
    key = schema.get("primaryKey", [])
    return (key,) if isinstance(key, str) else tuple(key)


def _frame(where: str, content: bytes, types: dict[str, str]) -> pd.DataFrame:
    try:
        if where.endswith(".parquet"):
            frame = pd.read_parquet(io.BytesIO(content))
        else:
            frame = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    except (ValueError, OSError) as error:  # pandas' and Arrow's errors are both
        raise TableError("the table cannot be read", file=where, found=str(error)) from error
    absent = [name for name in types if name not in frame]
    if absent:
        raise TableError("the table lacks a column of its schema", file=where, column=absent[0])
    return pd.DataFrame(
        {name: _plain(where, frame[name], kind in _NUMBERS) for name, kind in types.items()}
    )


def _plain(where: str, column: pd.Series, is_number: bool) -> pd.Series:
    """A column as floats or as texts; what is missing is NaN or the empty text."""
    if not is_number:
        return column.astype("object").where(column.notna(), "").map(str)
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    is_wrong = numbers.isna() & column.notna() & column.astype(str).ne("")
    if is_wrong.any():
        row = int(is_wrong.to_numpy().argmax())
        raise TableError(
            "a number cannot be read",
            file=where,
            row=row + 2,
            column=str(column.name),
            found=column.iloc[row],
        )
    return numbers


def _joined(parts: list[EditionTable]) -> EditionTable:
    """One table whose rows were kept in several packages, by their licence."""
    first = parts[0]
    if len(parts) == 1:
        return first
    frame = pd.concat([part.frame for part in parts], ignore_index=True)
    return EditionTable(frame.drop_duplicates(ignore_index=True), first.types, first.key)


def _findings(files: dict[str, Callable[[], bytes]]) -> EditionTable | None:
    """The findings behind the sentences of executed notebooks; None where there is none."""
    rows = []
    for name in sorted(n for n in files if n.endswith(".ipynb") and "/." not in f"/{n}"):
        place = PurePosixPath(name)
        for cell in nbformat.reads(files[name]().decode("utf-8"), as_version=4).cells:
            for output in cell.get("outputs", []):
                for item in output.get("data", {}).get(PROSE_MIME, {}).get("findings", []):
                    rows.append({"region": place.parent.name, "chapter": place.stem, **item})
    if not rows:
        return None
    texts = [*_FINDING_KEY, *_FINDING_PARTS]
    frame = pd.DataFrame(
        [{t: str(row.get(t, "")) for t in texts} | {"value": row.get("value")} for row in rows]
    )
    frame["value"] = frame["value"].astype("float64")
    types = {**dict.fromkeys(texts, "string"), "value": "number"}
    frame = frame.drop_duplicates(list(_FINDING_KEY), ignore_index=True)
    return EditionTable(frame[list(types)], types, _FINDING_KEY)
