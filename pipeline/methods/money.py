"""Money as whole cents: read from text without guessing, written as German readers expect it.

Sums of a funding authority must close to the cent, so no amount is ever a binary fraction.
"""

from __future__ import annotations

import re
from decimal import Decimal

from pipeline.errors import MethodInputError

#: 13000 · 13000.5 · 13000,50 · 13.000,00 · 13.000.000; with or without € or EUR.
_PLAIN = re.compile(r"-?\d+(?:[.,]\d{1,2})?")
_GROUPED = re.compile(r"-?\d{1,3}(?:\.\d{3})+,\d{2}|-?\d{1,3}(?:\.\d{3}){2,}")
_CURRENCY = re.compile(r"\s*(?:€|EUR|Euro)\s*$", re.IGNORECASE)


def parse_euro(value: object) -> int:
    """An amount in euros, as a person or a spreadsheet writes it, in cents.

    Parameters
    ----------
    value : text (``13000``, ``13.000,00 €``, ``-12,5``), `Decimal`, or a number cell.

    Raises
    ------
    MethodInputError : no amount, more than two decimals, or ``13.000``, which may be thirteen
        thousand or thirteen.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise MethodInputError("no amount of money", found=value, expected="euros, 13000.50 say")
    if isinstance(value, str):
        return _from_text(value)
    # the shortest text of a number cell is what its user typed
    cents = Decimal(str(value)) * 100
    if not cents.is_finite() or cents != cents.to_integral_value():
        raise MethodInputError(
            "an amount has more than two decimals", found=value, expected="whole cents"
        )
    return int(cents)


def _from_text(text: str) -> int:
    bare = _CURRENCY.sub("", text.strip().replace("−", "-").replace("\u00a0", ""))
    if re.fullmatch(r"-?\d{1,3}\.\d{3}", bare):
        raise MethodInputError(
            "this amount can be read in two ways",
            found=text,
            expected="13000, 13000.00 or 13.000,00",
            remedy="write it without the dot, or with the cents",
        )
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(".", "")
    elif not _PLAIN.fullmatch(bare):
        raise MethodInputError(
            "no amount of money", found=text, expected="13000, 13000.00 or 13.000,00"
        )
    return int(Decimal(bare.replace(",", ".")) * 100)


def euro_text(cents: int) -> str:
    """German, with cents and a space that does not break: 1300000 → "13.000,00 €"."""
    euros, rest = divmod(abs(cents), 100)
    grouped = f"{euros:,}".replace(",", ".")
    return f"{'−' if cents < 0 else ''}{grouped},{rest:02d}\u00a0€"


def plain_text(cents: int) -> str:
    """As it stands in our own files: 1300000 → "13000.00"."""
    euros, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{euros}.{rest:02d}"


def share_percent(part: int, whole: int) -> float:
    """Share of one amount in another, in percent; `MethodInputError` for a whole of zero."""
    if whole == 0:
        raise MethodInputError("there is no share of nothing", found=part, expected="a whole > 0")
    return part * 100 / whole
