"""Sentences whose numbers come from findings, never from a keyboard.

``tell("Hier leben {total.number} Menschen.", total=finding)`` prints the finding's value and keeps
the finding with the sentence. A digit typed into the template is an error: it would be a number
without a row behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import ParamSpec, TypeVar

from pipeline.errors import FigureError, NoDataError
from pipeline.figures import german
from pipeline.figures.contract import PROSE_MIME
from pipeline.methods.findings import Finding

#: Decimals that a value of a unit is printed with.
DECIMALS: Mapping[str, int] = {
    "persons": 0,
    "count": 0,
    "residents_per_full_seat": 0,
    "percent": 1,
    "per_100": 1,
    "per_100000": 1,
    "per_10000": 1,
    "years": 1,
    "seats": 1,
    "minutes": 1,
}
_P = ParamSpec("_P")
_T = TypeVar("_T")
_PLACEHOLDER = re.compile(r"\{(\w+)(?:\.(\w+))?\}")


class Words:
    """A finding in German words, for the placeholders of a sentence."""

    def __init__(self, finding: Finding) -> None:
        self._finding = finding

    @property
    def number(self) -> str:
        """The value with German separators and the unit's decimals."""
        return german.number(self._value, DECIMALS.get(self._finding.unit, 1))

    @property
    def whole(self) -> str:
        """The value without decimals."""
        return german.number(self._value)

    @property
    def change(self) -> str:
        """The value as a change, with its sign."""
        return german.signed(self._value, DECIMALS.get(self._finding.unit, 1))

    @property
    def date(self) -> str:
        """The day, month or year of the value."""
        return german.period(self._finding.time_period)

    @property
    def area(self) -> str:
        """Whose value it is."""
        return self._finding.ref_area_name

    @property
    def kind(self) -> str:
        """How it came about, in the words of the closed list."""
        return self._finding.kind

    @property
    def _value(self) -> float:
        assert self._finding.value is not None  # tell() lets only known findings through
        return self._finding.value


@dataclass(frozen=True)
class Prose:
    """Sentences for the reader, with the findings that they print."""

    sentences: tuple[str, ...]
    findings: tuple[Finding, ...]
    tone: str = "finding"

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        return {
            PROSE_MIME: {
                "tone": self.tone,
                "sentences": list(self.sentences),
                "findings": [
                    {
                        "id": f.id,
                        "value": f.value,
                        "kind": f.kind,
                        "ref_area": f.ref_area,
                        "time_period": f.time_period,
                        "sources": [row.source_id for row in f.evidence],
                    }
                    for f in self.findings
                ],
            },
            "text/html": "".join(f"<p>{escape(text)}</p>" for text in self.sentences),
            "text/plain": "\n".join(self.sentences),
        }


def tell(template: str, **parts: Finding | str) -> Prose:
    """One sentence (or a few) whose numbers are findings.

    Parameters
    ----------
    template : German text; placeholders are ``{name}`` for a text and ``{name.word}`` for a
        finding, where word is a property of `Words` (number, date, area, kind …).
    parts : findings, and texts such as names.

    Raises
    ------
    FigureError : a digit in the template, an unknown placeholder, a part that is not used.

    Where a finding has no value, the sentence is not written; what is missing, and why, is.
    """
    if re.search(r"\d", _PLACEHOLDER.sub("", template)):
        raise FigureError(
            "a number is typed into a sentence",
            found=template,
            remedy="let the number come from a finding, so that it has a row behind it",
        )
    unknown = [f for f in parts.values() if isinstance(f, Finding) and not f.is_known]
    if unknown:
        # a sentence about a number that does not exist says so, and why
        reasons = dict.fromkeys(f"{f.kind[0].upper()}{f.kind[1:]}: {f.reason}" for f in unknown)
        return Prose(tuple(reasons), tuple(unknown), "no-data")
    used: set[str] = set()

    def fill(match: re.Match[str]) -> str:
        name, word = match.groups()
        if name not in parts:
            raise FigureError(
                "unknown placeholder", found=match.group(0), expected=", ".join(parts)
            )
        used.add(name)
        part = parts[name]
        if isinstance(part, str):
            return part
        return str(getattr(Words(part), word or "number"))

    text = _PLACEHOLDER.sub(fill, template)
    unused = sorted(set(parts) - used)
    if unused:
        raise FigureError("a part of the sentence is not used", found=unused[0], expected=template)
    findings = tuple(part for part in parts.values() if isinstance(part, Finding))
    return Prose((text,), findings)


def or_no_data(make: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T | Prose:
    """What `make` makes, or "keine Daten" with the reason where the data hold nothing for it."""
    try:
        return make(*args, **kwargs)
    except NoDataError as error:
        return notice([f"Keine Daten: {error.message}."], "no-data")


def together(*texts: Prose) -> Prose:
    """Several sentences as one paragraph."""
    return Prose(
        (" ".join(sentence for text in texts for sentence in text.sentences),),
        tuple(finding for text in texts for finding in text.findings),
        texts[0].tone,
    )


def notice(sentences: Sequence[str], tone: str = "limits") -> Prose:
    """Fixed sentences from a registry (usage warnings, reasons), shown as a box.

    `tone` is ``limits`` (what to beware of), ``note`` (what the next lines speak of) or
    ``no-data`` (keine Daten).
    """
    return Prose(tuple(sentences), (), tone)
