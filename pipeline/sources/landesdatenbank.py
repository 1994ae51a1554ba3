"""CSV of the Landesdatenbank NRW (IT.NRW): the classic layout, known by publisher and territory."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.sources._classic import read_classic
from pipeline.sources._classic_layout import FIRST_LINE
from pipeline.sources.base import Head, LongTable

FORMAT = "landesdatenbank-nrw"
LOOKS_LIKE = "a first line 'Tabelle: <code>', and IT.NRW in its footer or only keys of the Land 05"

_TAIL_BYTES = 4096
_LEADING_KEY = re.compile(r"(?:^|;)(DG|\d{2,3}|\d{5}|\d{8,9});(?=[^;]*[^\W\d_]{2})")


def matches(head: Head) -> bool:
    """Whether the first line names a table and the footer or all regional keys are NRW's.

    The same download service also serves tables of the Regionaldatenbank cut to NRW; their footer
    names all statistical offices, so the keys decide there.
    """
    first = FIRST_LINE.fullmatch(head.lines[0]) if head.lines else None
    if first is None or first["genesis"] or first["word"] != "Tabelle":
        return False
    return _is_published_by_it_nrw(head.path) or _has_only_nrw_keys(head)


def _is_published_by_it_nrw(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(max(path.stat().st_size - _TAIL_BYTES, 0))
        return b"IT.NRW" in stream.read()


def _has_only_nrw_keys(head: Head) -> bool:
    keys = {match[1] for line in head.lines[1:] if (match := _LEADING_KEY.search(line))}
    return bool(keys) and all(key.startswith("05") for key in keys)


def read(path: Path) -> LongTable:
    """Read a CSV of the Landesdatenbank; `RawDataError` where it breaks the format."""
    return read_classic(path, FORMAT)
