"""Arithmetic that can be written down: the same model for Python and for the reader's browser.

A step of a scenario computes with plain numbers. Given a `Traced` number instead, the same code
leaves a record of every operation behind. The page carries that record, and a few lines of
JavaScript repeat it with the reader's own values. The model is therefore written once, and both
sides agree to the last bit: they do the same IEEE operations in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.errors import MethodInputError

#: Operations of a record; each takes two earlier entries.
OPERATIONS = ("+", "-", "*", "/", "min", "max")
#: One entry of a record: an input by name, a constant, or an operation on two earlier entries.
Entry = str | float | tuple[str, int, int]


class Tape:
    """The record of a calculation, oldest entry first.

    `entries` holds texts (names of inputs), numbers (constants) and operations on the positions
    of two earlier entries.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._known: dict[Entry, int] = {}

    def input(self, name: str) -> Traced:
        """A number that is only known later."""
        return Traced(self, self._add(name))

    def position(self, value: Real) -> int:
        """Where a value stands in the record; a plain number is added as a constant."""
        if isinstance(value, Traced):
            if value.tape is not self:
                raise MethodInputError("a traced number of another calculation")
            return value.position
        return self._add(float(value))

    def apply(self, operation: str, left: Real, right: Real) -> Traced:
        """The result of an operation; the same one on the same entries is recorded once."""
        return Traced(self, self._add((operation, self.position(left), self.position(right))))

    def _add(self, entry: Entry) -> int:
        if entry not in self._known:
            self._known[entry] = len(self.entries)
            self.entries.append(entry)
        return self._known[entry]


class Traced:
    """A number on a `Tape`. It can be computed with, not compared: a record has no branches."""

    __slots__ = ("position", "tape")

    def __init__(self, tape: Tape, position: int) -> None:
        self.tape = tape
        self.position = position

    def __add__(self, other: Real) -> Traced:
        return self.tape.apply("+", self, other)

    def __radd__(self, other: Real) -> Traced:
        return self.tape.apply("+", other, self)

    def __sub__(self, other: Real) -> Traced:
        return self.tape.apply("-", self, other)

    def __rsub__(self, other: Real) -> Traced:
        return self.tape.apply("-", other, self)

    def __mul__(self, other: Real) -> Traced:
        return self.tape.apply("*", self, other)

    def __rmul__(self, other: Real) -> Traced:
        return self.tape.apply("*", other, self)

    def __truediv__(self, other: Real) -> Traced:
        return self.tape.apply("/", self, other)

    def __rtruediv__(self, other: Real) -> Traced:
        return self.tape.apply("/", other, self)

    def __bool__(self) -> bool:
        raise MethodInputError("a traced number has no truth value: a record has no branches")

    __hash__ = None  # type: ignore[assignment]


#: A number of a model: plain, or traced for the page.
Real = float | Traced


def smaller(left: Real, right: Real) -> Real:
    """The smaller of two numbers."""
    return _either("min", left, right)


def larger(left: Real, right: Real) -> Real:
    """The larger of two numbers."""
    return _either("max", left, right)


def between(value: Real, low: Real, high: Real) -> Real:
    """`value`, at least `low` and at most `high`."""
    return smaller(larger(value, low), high)


def plain(value: Real) -> float:
    """A number as it is.

    Raises
    ------
    MethodInputError : a traced number, which has no value yet. A model that needs one (a search,
        ages in an array) cannot be moved on the page.
    """
    if isinstance(value, Traced):
        raise MethodInputError("a traced number has no value yet", expected="a plain number")
    return float(value)


def total(values: Sequence[Real]) -> Real:
    """The sum, from left to right."""
    result: Real = 0.0
    for value in values:
        result = result + value
    return result


def _either(operation: str, left: Real, right: Real) -> Real:
    for value in (left, right):
        if isinstance(value, Traced):
            return value.tape.apply(operation, left, right)
    numbers: list[Any] = [left, right]
    chosen: Real = min(numbers) if operation == "min" else max(numbers)
    return chosen


def replay(entries: Sequence[Entry], inputs: Mapping[str, float]) -> list[float]:
    """All entries of a record with values for its inputs, as the page computes them."""
    values: list[float] = []
    for entry in entries:
        if isinstance(entry, str):
            values.append(float(inputs[entry]))
        elif isinstance(entry, tuple):
            operation, left, right = entry
            values.append(_compute(operation, values[left], values[right]))
        else:
            values.append(entry)
    return values


def _compute(operation: str, left: float, right: float) -> float:
    match operation:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case "min":
            return min(left, right)
        case "max":
            return max(left, right)
    raise MethodInputError("unknown operation", found=operation, expected=", ".join(OPERATIONS))
