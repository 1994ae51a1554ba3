"""Classic CSV of the GENESIS databases (Regionaldatenbank Deutschland, GENESIS-Online)."""

from __future__ import annotations

from pathlib import Path

from pipeline.sources import landesdatenbank
from pipeline.sources._classic import read_classic
from pipeline.sources._classic_layout import FIRST_LINE
from pipeline.sources.base import Head, LongTable

FORMAT = "genesis-classic"
LOOKS_LIKE = "a first line 'GENESIS-Tabelle: <code>' or 'Tabelle: <code>'"


def matches(head: Head) -> bool:
    """Whether the first line names a table and the file is not one of the Landesdatenbank NRW."""
    is_classic = bool(head.lines) and FIRST_LINE.fullmatch(head.lines[0]) is not None
    return is_classic and not landesdatenbank.matches(head)


def read(path: Path) -> LongTable:
    """Read a classic CSV; `RawDataError` where it breaks the format."""
    return read_classic(path, FORMAT)
