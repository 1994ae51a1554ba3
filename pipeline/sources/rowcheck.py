"""One way to refuse a row: the first that breaks a rule, with its number in the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.errors import RawDataError
from pipeline.sources.csvfile import ROW


def refuse_rows(
    path: Path,
    frame: pd.DataFrame,
    wrong: pd.Series,
    column: str,
    message: str,
    *,
    expected: str,
    remedy: str,
) -> None:
    """`RawDataError` for the first row where `wrong` holds; nothing where none does.

    Parameters
    ----------
    frame : with the column `ROW`, the row's number in the file.
    wrong : one truth value a row of `frame`.
    column : the column at fault; its value in that row is shown.
    """
    if not wrong.any():
        return
    position = int(wrong.to_numpy(dtype=bool).argmax())
    raise RawDataError(
        message,
        file=path,
        row=int(frame[ROW].to_numpy()[position]),
        column=column,
        found=plain(frame[column].to_numpy()[position]),
        expected=expected,
        remedy=remedy,
    )


def plain(value: object) -> object:
    """A value as a person writes it: Python's own type, a whole number without decimals."""
    value = value.item() if isinstance(value, np.generic) else value
    return int(value) if isinstance(value, float) and value.is_integer() else value
