"""Reading and writing data/processed: Parquet, sorted by key, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import TableError
from pipeline.settings import Paths
from pipeline.tables.registry import DERIVED
from pipeline.tables.registry import table as find_table

#: Tables that `hold_all` has read for this process and those it forks, by file and its time.
_held: dict[tuple[Path, int], pd.DataFrame] = {}

#: Small enough that one region's rows are read without touching the rest of the table.
ROWS_PER_GROUP = 16_384


def read(
    name: str,
    *,
    ref_area: str | Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    processed: Path | None = None,
) -> pd.DataFrame:
    """A processed table, whole or for some territories only.

    Parameters
    ----------
    name : table of `pipeline.tables.registry`.
    ref_area : key or keys that `ref_area` must equal; only these row groups are read.
    columns : columns to read; all by default.
    processed : folder; data/processed (or VERSORGUNGSLABOR_PROCESSED) by default.

    Raises
    ------
    TableError : unknown table, one that has not been made yet, or a damaged file.
    """
    find_table(name)
    return _read((processed or Paths().processed) / f"{name}.parquet", "ingest", ref_area, columns)


def read_derived(
    name: str, *, ref_area: str | Sequence[str] | None = None, derived: Path | None = None
) -> pd.DataFrame:
    """A table that the stage `model` made (data/derived), whole or for some territories only.

    Raises
    ------
    TableError : unknown table, one that has not been made yet, or a damaged file.
    """
    if name not in DERIVED:
        raise TableError("unknown derived table", found=name, expected=", ".join(DERIVED))
    return _read((derived or Paths().derived) / f"{name}.parquet", "model", ref_area, None)


def _read(
    path: Path, command: str, ref_area: str | Sequence[str] | None, columns: Sequence[str] | None
) -> pd.DataFrame:
    if not path.is_file():
        raise TableError(
            f"the table '{path.stem}' has not been made yet",
            file=path,
            remedy=f"run `versorgungslabor {command}` (or `make reports`)",
        )
    wanted = [ref_area] if isinstance(ref_area, str) else ref_area
    held = _held.get((path, path.stat().st_mtime_ns))
    if held is not None:
        rows = held if wanted is None else held.loc[held["ref_area"].isin(list(wanted))]
        picked = rows if columns is None else rows[list(columns)]
        return picked.reset_index(drop=True)
    filters = None if wanted is None else [("ref_area", "in", list(wanted))]
    return _from_file(path, None if columns is None else list(columns), filters)


def _from_file(
    path: Path,
    columns: list[str] | None = None,
    filters: list[tuple[str, str, list[str]]] | None = None,
) -> pd.DataFrame:
    """The rows of a Parquet file; `TableError` where its bytes are damaged."""
    try:
        # threads are off because a process that has started Arrow's pool must not be forked
        frame: pd.DataFrame = pq.read_table(
            path, columns=columns, filters=filters, use_threads=False
        ).to_pandas()
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        if isinstance(error, OSError) and error.errno:  # the disk's or the user's rights
            raise
        command = "model" if path.stem in DERIVED else "ingest"
        raise TableError(
            f"the table '{path.stem}' cannot be read: its file is damaged",
            file=path,
            found=str(error).splitlines()[0] if str(error) else type(error).__name__,
            expected="a whole Parquet file",
            remedy=f"run `versorgungslabor {command}`, which writes it anew from the raw files",
        ) from error
    return frame


def hold_all(*folders: Path) -> None:
    """Read every table once, for a process that forks notebooks: they share its memory.

    Parameters
    ----------
    folders : data/processed and data/derived by default.

    A table that is written anew afterwards is read from its file again.
    """
    paths = Paths()
    for path in sorted(
        file
        for folder in folders or (paths.processed, paths.derived)
        for file in folder.glob("*.parquet")
    ):
        _held[path, path.stat().st_mtime_ns] = _from_file(path)


def write(frame: pd.DataFrame, name: str, folder: Path) -> Path:
    """Write a table into `folder`, sorted by its key; same rows, same bytes."""
    ordered = frame.sort_values(list(find_table(name).key), ignore_index=True, kind="stable")
    path = folder / f"{name}.parquet"
    pq.write_table(
        pa.Table.from_pandas(ordered, preserve_index=False, nthreads=1),
        path,
        compression="zstd",
        row_group_size=ROWS_PER_GROUP,
    )
    return path
