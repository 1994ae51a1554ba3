"""Cells to numbers, with the official signs kept beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.errors import RawDataError
from pipeline.provenance import OFFICIAL_SIGNS, STATUS_LABELS, VALUELESS_STATUS


def parse_values(
    cells: pd.Series, status: pd.Series, rows: pd.Series, path: Path
) -> tuple[pd.Series, pd.Series]:
    """Numbers and statuses of a column whose sign stands in the cell or in a status column.

    Parameters
    ----------
    cells : text; a number with decimal point, an official sign, or empty beside a status.
    status : text; a word of `STATUS_LABELS` or empty.
    rows : row numbers in the file.

    Returns
    -------
    obs_value : float; 0.0 for `nil`, NaN where a sign stands instead of a number.
    obs_status : word, empty for a plain value.

    Raises
    ------
    RawDataError : an unknown sign or word, an empty cell without a sign, a number beside a sign
        that stands instead of one.
    """
    signs = cells.map(OFFICIAL_SIGNS)
    words = status.where(signs.isna(), signs.fillna("")).astype("str")
    numbers = pd.to_numeric(cells.where(signs.isna()), errors="coerce").astype("float64")
    is_blank = cells.eq("")

    def refuse(mask: pd.Series, message: str, expected: str, remedy: str, shown: pd.Series) -> None:
        if mask.any():
            at = mask.idxmax()
            raise RawDataError(
                message,
                file=path,
                row=int(rows[at]),
                column="value",
                found=shown[at],
                expected=expected,
                remedy=remedy,
            )

    known = ", ".join(f"'{sign}' ({STATUS_LABELS[word]})" for sign, word in OFFICIAL_SIGNS.items())
    refuse(
        ~words.isin(list(STATUS_LABELS)),
        "an unknown status",
        "one of " + ", ".join(word for word in STATUS_LABELS if word),
        "use the word for the publisher's sign",
        words,
    )
    refuse(
        numbers.isna() & signs.isna() & ~is_blank,
        "neither a number nor an official sign",
        f"a number with decimal point, or one of {known}",
        "copy the publisher's sign as it stands; a new sign is added in pipeline/provenance.py",
        cells,
    )
    refuse(
        is_blank & ~words.isin([*VALUELESS_STATUS, "nil"]),
        "an empty cell without an official sign",
        f"a number or one of {known}",
        "say why the number is missing: a gap is not a value",
        cells,
    )
    refuse(
        numbers.notna() & words.isin(list(VALUELESS_STATUS)),
        "a number beside a sign that stands instead of a number",
        "either the number or the sign",
        "follow the publisher's file",
        cells,
    )
    values = numbers.mask(words.eq("nil") & numbers.isna(), 0.0)
    refuse(
        words.eq("nil") & values.ne(0.0),
        "'nil' means exactly zero",
        "0",
        "follow the publisher's file",
        cells,
    )
    return values.replace(-0.0, 0.0).astype(np.float64), words
