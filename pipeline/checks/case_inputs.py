"""What an adapter of a case gets, and how it says that nobody can answer."""

from __future__ import annotations


class NotApplicableError(Exception):
    """No public function answers a case of this shape; the message says why."""


class Inputs(dict[str, object]):
    """The input of a case; a key that it lacks makes the case not applicable."""

    def __missing__(self, key: str) -> object:
        raise NotApplicableError(f"the input lacks '{key}', found {', '.join(self) or 'nothing'}")

    def first_of(self, *keys: str) -> object:
        """The value under the first key that is there: published cases name one thing variously."""
        found = next((key for key in keys if key in self), " or ".join(keys))
        return self[found]


def number(value: object) -> float:
    """`value` as it is, if it is a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotApplicableError(f"a number was expected in the input, found {value!r}")
    return value


def numbers(values: object) -> list[float]:
    """`values` as they are, if they are a list of numbers."""
    if not isinstance(values, list):
        raise NotApplicableError(f"a list of numbers was expected in the input, found {values!r}")
    return [number(value) for value in values]


class OneOf(tuple[object, ...]):
    """Several results that one input determines, of which a case publishes one.

    A projection gives a population after every step and a rate of growth; published cases repeat
    the input and print one of them, and nothing in the input says which.
    """
