"""Cells to numbers, with the official signs kept beside them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.provenance import OFFICIAL_SIGNS, STATUS_LABELS, VALUELESS_STATUS
from pipeline.sources.rowcheck import refuse_rows

_KNOWN_SIGNS = ", ".join(f"'{sign}' ({STATUS_LABELS[w]})" for sign, w in OFFICIAL_SIGNS.items())


def parse_values(frame: pd.DataFrame, path: Path) -> tuple[pd.Series, pd.Series]:
    """Numbers and statuses of a file whose sign stands in the cell or in a status column.

    Parameters
    ----------
    frame : text columns `value` (a number with decimal point, an official sign, or empty beside a
        status) and `status` (a word of `STATUS_LABELS` or empty), and the row number `ROW`.

    Returns
    -------
    obs_value : float; 0.0 for `nil`, NaN where a sign stands instead of a number.
    obs_status : word, empty for a plain value.

    Raises
    ------
    RawDataError : an unknown sign or word, an empty cell without a sign, a number beside a sign
        that stands instead of one.
    """
    cells = frame["value"]
    signs = cells.map(OFFICIAL_SIGNS)
    words = frame["status"].where(signs.isna(), signs.fillna("")).astype("str")
    numbers = pd.to_numeric(cells.where(signs.isna()), errors="coerce").astype("float64")
    is_blank, is_nil = cells.eq(""), words.eq("nil")
    stands_instead = words.isin(list(VALUELESS_STATUS))
    refuse_rows(
        path, frame, ~words.isin(list(STATUS_LABELS)), "status", "an unknown status",
        expected="one of " + ", ".join(word for word in STATUS_LABELS if word),
        remedy="use the word for the publisher's sign",
    )  # fmt: skip
    refuse_rows(
        path, frame, numbers.isna() & signs.isna() & ~is_blank, "value",
        "neither a number nor an official sign",
        expected=f"a number with decimal point, or one of {_KNOWN_SIGNS}",
        remedy="copy the publisher's sign; a new sign is added in pipeline/provenance.py",
    )  # fmt: skip
    refuse_rows(
        path, frame, is_blank & ~stands_instead & ~is_nil, "value",
        "an empty cell without an official sign",
        expected=f"a number or one of {_KNOWN_SIGNS}",
        remedy="say why the number is missing: a gap is not a value",
    )  # fmt: skip
    refuse_rows(
        path, frame, numbers.notna() & stands_instead, "value",
        "a number beside a sign that stands instead of a number",
        expected="either the number or the sign",
        remedy="follow the publisher's file",
    )  # fmt: skip
    values = numbers.mask(is_nil & numbers.isna(), 0.0)
    refuse_rows(
        path, frame, is_nil & values.ne(0.0), "value", "'nil' means exactly zero",
        expected="0", remedy="follow the publisher's file",
    )  # fmt: skip
    return values.replace(-0.0, 0.0), words
