"""Texts that are put together from parts: evidence lines, cells with a list, labels with values.

"Altenquotient: 36,1 (Kreis Warendorf; 2015; eigene Berechnung)" needs no translation of its own
where its parts have one. Only signs part it, so the order of words is never touched.
"""

from __future__ import annotations

from collections.abc import Callable

#: What parts a text, the strongest first, and what stands there in English.
_JOINTS = (
    (" – und: ", " – and: "),
    (" – oder: ", " – or: "),
    ("; ", "; "),
    (": ", ": "),
    (" – ", " – "),
)
_IN_BRACKETS = (("; ", "; "), (", ", ", "))

Known = Callable[[str], str | None]


def composed(text: str, known: Known) -> str | None:
    """The English of a text from that of its parts; None where a part has none.

    Parameters
    ----------
    known : the English of a text, or None.
    """
    stop = "." if text.endswith(".") else ""
    body = text.removesuffix(".")
    for german, english in _JOINTS:
        parts = _parted(body, german)
        if german == ": ":  # a title after its label may have a colon too
            parts = [parts[0], german.join(parts[1:])] if parts[1:] else parts
        if len(parts) > 1:
            return _joined(parts, english, stop, known)
    bracket = _last_bracket(body)
    if bracket is None:
        return None
    head, inner = body[:bracket].rstrip(), body[bracket + 1 : -1]
    before = _part(head, known)
    within = _inside_brackets(inner, known)
    return None if before is None or within is None else f"{before} ({within}){stop}"


def _inside_brackets(text: str, known: Known) -> str | None:
    whole = _part(text, known)
    if whole is not None:
        return whole
    for german, english in _IN_BRACKETS:
        if len(parts := _parted(text, german)) > 1:
            return _joined(parts, english, "", known)
    return None


def _joined(parts: list[str], joint: str, stop: str, known: Known) -> str | None:
    english = [_part(part, known) for part in parts]
    if None in english:
        return None
    return joint.join(part for part in english if part is not None) + stop


def _part(text: str, known: Known) -> str | None:
    """A part; a sentence of its own may have the full stop that the whole has at its end."""
    english = known(text)
    if english is None and not text.endswith("."):
        sentence = known(text + ".")
        english = None if sentence is None else sentence.removesuffix(".")
    return english


def _parted(text: str, joint: str) -> list[str]:
    """A text at a joint, brackets and quotations left whole."""
    parts, start, depth = [], 0, 0
    for position, sign in enumerate(text):
        depth += (sign in "(„") - (sign in ")“")
        if depth == 0 and text.startswith(joint, position) and position >= start:
            parts.append(text[start:position])
            start = position + len(joint)
    return [*parts, text[start:]]


def _last_bracket(text: str) -> int | None:
    """Position of the bracket that closes with the text; None where none does."""
    if not text.endswith(")"):
        return None
    depth = 0
    for position in range(len(text) - 1, -1, -1):
        depth += (text[position] == ")") - (text[position] == "(")
        if depth == 0:
            return position if position > 0 and text[position - 1] == " " else None
    return None
