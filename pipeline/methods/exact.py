"""Numbers as they are printed: exact arithmetic for rules that turn on a threshold.

Whether a half seat is opened or an area is closed can hang on the last digit, and
``1.1 * 30 - 33`` is not zero in binary floating point. The planning rules therefore compute with
fractions of the decimal number that was printed (0.1 is one tenth) and round nowhere.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real

import pandas as pd

from pipeline.errors import MethodInputError

#: What the public functions accept; numpy scalars count as `float` and `int`.
Number = int | float | Decimal | Fraction


def is_blank(value: object) -> bool:
    """Whether a cell holds nothing: None, an empty text, NaN or NA."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return value == "" or (isinstance(value, float) and math.isnan(value))


def exact(value: object, name: str) -> Fraction:
    """The decimal number that `value` prints as; `MethodInputError` if it is no finite number."""
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        raise MethodInputError(f"{name} is not a number", found=value, expected="a number")
    if isinstance(value, Fraction):
        return value
    if isinstance(value, Integral):
        return Fraction(int(value))
    if isinstance(value, Decimal):
        if value.is_finite():
            return Fraction(value)
    elif math.isfinite(value):
        return Fraction(repr(float(value)))
    raise MethodInputError(f"{name} is not finite", found=value, expected="a finite number")


def exact_positive(value: object, name: str) -> Fraction:
    """As `exact`, and above zero."""
    number = exact(value, name)
    if number <= 0:
        raise MethodInputError(f"{name} must be above zero", found=value, expected="above 0")
    return number


def exact_not_negative(value: object, name: str) -> Fraction:
    """As `exact`, and zero or more."""
    number = exact(value, name)
    if number < 0:
        raise MethodInputError(f"{name} is negative", found=value, expected="0 or more")
    return number
