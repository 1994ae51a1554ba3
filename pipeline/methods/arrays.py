"""Arrays of numbers from what a caller hands over."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import MethodInputError


def as_numbers(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """`values` as floats, missing ones as NaN; `MethodInputError` names `name` if one is none."""
    try:
        return np.asarray(values, dtype="float64")
    except (TypeError, ValueError) as error:
        raise MethodInputError(
            f"'{name}' holds something that is no number", found=values, expected="numbers"
        ) from error
