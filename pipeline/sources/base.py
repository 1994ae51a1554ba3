"""What every reader returns: the same long frame, one row an observation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pandas as pd

#: Columns that stand in every long frame, before and after the dimensions of the table.
KEY_COLUMNS = ("ref_area", "time_period")
VALUE_COLUMNS = ("measure", "unit_measure", "obs_value", "obs_status")


@dataclass(frozen=True)
class LongTable:
    """A publisher's table, read.

    Attributes
    ----------
    format : word for the format, as `inspect` prints it (`genesis-classic`, `figures` …).
    table : table code of the publisher; None where the file does not name it.
    title : title in the file.
    encoding : encoding that the bytes were read in.
    level : territorial level of the rows (`kreis`, `municipality` …); None where mixed or unknown.
    frame : one row an observation: `ref_area` (string key, leading zeros kept), `time_period`
        (ISO date or year), the table's own dimensions, `measure`, `unit_measure`, `obs_value`
        (float64, or Int32 where a table holds nothing but whole numbers; missing only beside a
        status that stands instead of a number) and `obs_status`
        (a word of `provenance.STATUS_LABELS`; empty for a plain value).
    dimensions : names of the table's own dimension columns in `frame`.
    notes : footnotes and territorial notes of the file, in order.
    licence : SPDX id or LicenseRef where the file states its licence.
    areas : name of each `ref_area`, without indentation, where the file names them. Kept beside
        the frame, as a code list, because a name repeated on every row costs as much as a value.
    """

    format: str
    table: str | None
    title: str
    encoding: str
    level: str | None
    frame: pd.DataFrame
    dimensions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    licence: str | None = None
    path: Path | None = field(default=None, compare=False)
    areas: Mapping[str, str] = field(default_factory=dict, compare=False)

    def named_frame(self) -> pd.DataFrame:
        """`frame` with a column `ref_area_name` behind `ref_area` (empty for an unnamed area)."""
        if "ref_area_name" in self.frame:
            return self.frame
        names = self.frame["ref_area"].astype("str").map(dict(self.areas)).fillna("")
        named = self.frame.copy(deep=False)
        place = list(named.columns).index("ref_area") + 1
        named.insert(place, "ref_area_name", names.astype("category"))
        return named


#: How much of a file a reader may look at to recognise it.
HEAD_BYTES = 64 * 1024


@dataclass(frozen=True)
class Head:
    """The beginning of a file: all that recognition may look at, never the name alone.

    Attributes
    ----------
    path : the file (a reader of several files, a shapefile say, may look for its companions).
    raw : the first `HEAD_BYTES` bytes.
    text : the same bytes as text; undecodable bytes are kept as Latin-1, so that recognition
        never fails on an umlaut cut in half.
    """

    path: Path
    raw: bytes
    text: str

    @property
    def lines(self) -> list[str]:
        """The whole lines of the beginning, without line ends."""
        return self.text.splitlines()

    @property
    def is_zip(self) -> bool:
        """Whether the bytes are those of a ZIP (XLSX files are ZIPs too)."""
        return self.raw.startswith(b"PK\x03\x04")

    @property
    def is_ole(self) -> bool:
        """Whether the bytes are those of an old Office file (XLS)."""
        return self.raw.startswith(bytes.fromhex("d0cf11e0a1b11ae1"))


def read_head(path: Path) -> Head:
    """Read the beginning of `path`."""
    with path.open("rb") as stream:
        raw = stream.read(HEAD_BYTES)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # a character cut at the end of the head is no reason to doubt the encoding
        cut_off = error.start >= len(raw) - 4 and len(raw) == HEAD_BYTES
        text = raw[: error.start].decode("utf-8-sig") if cut_off else raw.decode("latin-1")
    return Head(path, raw, text)


class Reader(Protocol):
    """A module of this room: it knows one format."""

    @property
    def FORMAT(self) -> str:  # noqa: N802 (a constant of the modules)
        """Word for the format, as `inspect` prints it."""

    @property
    def LOOKS_LIKE(self) -> str:  # noqa: N802
        """What a file of this format looks like, in one phrase, for the error of `recognise`."""

    def matches(self, head: Head) -> bool:
        """Whether the content is of this format."""

    def read(self, path: Path) -> LongTable:
        """Read the whole file; `RawDataError` where it breaks the format."""
