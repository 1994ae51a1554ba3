"""The ledger of known errors in sources: `data/raw/corrections.yaml`.

A raw file is never edited. Where a publisher's file is known to be wrong, the ledger says which
value, what stands there, what should, why and since when. An entry that no longer meets its wrong
value stops the run: the publisher has mended the file, and the entry has had its day.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.errors import RawDataError

FILE = "corrections.yaml"


class Correction(BaseModel):
    """One wrong value of one publisher's table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str = Field(description="format of the file, as `inspect` prints it")
    table: str | None = Field(default=None, description="table code; none where the file has none")
    territorial_status: str | None = Field(
        default=None, description="ISO day: only the edition with these borders is meant"
    )
    ref_area: str
    time_period: str
    measure: str
    sex: str = "total"
    age_from: int | None = None
    age_to: int | None = None
    wrong: float = Field(description="the value that stands in the file")
    right: float = Field(description="the value that should stand there")
    reason: str
    provider: str = Field(description="who published the wrong value")
    evidence: str = Field(description="where the right value stands")
    date: Annotated[dt.date, Field(description="day on which the error was found")]

    @model_validator(mode="after")
    def _differs(self) -> Correction:
        if self.wrong == self.right:
            raise ValueError("wrong and right are the same value")
        return self

    def is_for(self, format_: str, table: str | None, territorial_status: str) -> bool:
        """Whether the entry speaks of a file: its format, table and, if named, its edition."""
        return (
            self.format == format_
            and (self.table or None) == (table or None)
            and self.territorial_status in (None, territorial_status)
        )

    @property
    def key(self) -> str:
        """What is corrected, for people."""
        parts = (self.ref_area, self.time_period, self.measure, self.sex)
        return ", ".join(part for part in parts if part)


class _Ledger(BaseModel):
    model_config = ConfigDict(extra="forbid")

    corrections: list[Correction]


@dataclass(frozen=True)
class Applied:
    """A correction that was made in a file."""

    correction: Correction
    source_id: str
    census_basis: str


def read_corrections(raw: Path) -> tuple[Correction, ...]:
    """The ledger of a raw folder; empty where it has none.

    Raises
    ------
    RawDataError : no YAML, or an entry that lacks a field.
    """
    path = raw / FILE
    if not path.is_file():
        return ()
    try:
        ledger = _Ledger.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise RawDataError(
            f"the ledger of corrections is not valid: {_first_problem(error)}",
            file=path,
            expected="corrections: a list with " + ", ".join(Correction.model_fields),
            remedy="see docs/explanation/sources-and-conflicts.md",
        ) from error
    return tuple(ledger.corrections)


def _first_problem(error: Exception) -> str:
    if isinstance(error, ValidationError):
        problem = error.errors()[0]
        return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
    return str(error).splitlines()[0]


def correct(
    frame: pd.DataFrame, corrections: tuple[Correction, ...], path: Path
) -> tuple[pd.DataFrame, list[Applied]]:
    """`frame` with the right values, and what was corrected.

    Parameters
    ----------
    frame : harmonised observations of one file.
    corrections : the entries that are for this file (`Correction.is_for`).
    path : the file, for errors.

    Raises
    ------
    RawDataError : the wrong value no longer stands there. The guard: an entry never corrects what
        the publisher has mended in the meantime.
    """
    applied: list[Applied] = []
    for entry in corrections:
        found = frame.index[_rows_of(frame, entry)]
        values = frame.loc[found, "obs_value"]
        if len(found) != 1 or values.iloc[0] != entry.wrong:
            raise RawDataError(
                "a correction no longer meets the error that it was made for",
                file=path,
                found=f"{entry.key}: " + (", ".join(f"{v:g}" for v in values) or "no such row"),
                expected=f"the wrong value {entry.wrong:g} ({entry.reason})",
                remedy=f"if the publisher has mended the file, delete the entry of {entry.date} "
                f"from {FILE}; a new edition with the same error needs its own",
            )
        frame = frame.copy(deep=False)
        frame["obs_value"] = frame["obs_value"].mask(frame.index == found[0], entry.right)
        row = frame.loc[found[0]]
        applied.append(Applied(entry, str(row["source_id"]), str(row["census_basis"])))
    return frame, applied


def _rows_of(frame: pd.DataFrame, entry: Correction) -> pd.Series:
    rows = pd.Series(True, index=frame.index)
    for name in ("ref_area", "time_period", "measure", "sex"):
        rows &= frame[name].eq(getattr(entry, name))
    for name in ("age_from", "age_to"):
        age = getattr(entry, name)
        rows &= frame[name].isna() if age is None else frame[name].eq(age).fillna(False)
    return rows
