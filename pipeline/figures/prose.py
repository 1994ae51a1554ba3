"""Sentences whose numbers come from findings, never from a keyboard.

``tell("Hier leben {total.number} Menschen.", total=finding)`` prints the finding's value and keeps
the finding with the sentence. A digit typed into the template is an error: it would be a number
without a row behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import ParamSpec, TypeVar

from pipeline.errors import FigureError, NoDataError
from pipeline.figures.contract import PROSE_MIME
from pipeline.figures.words import DECIMALS, Words, in_words
from pipeline.methods.findings import Finding

__all__ = ["DECIMALS", "Prose", "Words", "notice", "or_no_data", "tell", "together"]

_P = ParamSpec("_P")
_T = TypeVar("_T")
_PLACEHOLDER = re.compile(r"\{(\w+)(?:\.(\w+)(?::([^{}]*))?)?\}")


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
    template : German text; placeholders are ``{name}`` for a text, ``{name.word}`` for a finding
        and ``{name.word:forms}`` where its value chooses the form; the words stand at
        `words.Words`.
    parts : findings, and texts such as names.

    Raises
    ------
    FigureError : a digit in the template, an unknown placeholder or word, forms that do not fit,
        a part that is not used.

    A sentence that begins with a placeholder begins with a capital letter.

    Where a finding has no value, the sentence is not written; what is missing, and why, is.
    """
    if re.search(r"\d", _PLACEHOLDER.sub(lambda match: match[3] or "", template)):
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
        name, word, forms = match.groups()
        if name not in parts:
            raise FigureError(
                "unknown placeholder", found=match.group(0), expected=", ".join(parts)
            )
        used.add(name)
        part = parts[name]
        if isinstance(part, str):
            return part
        return in_words(part, word or "number", forms)

    text = _PLACEHOLDER.sub(fill, template)
    if template.startswith("{"):
        text = text[:1].upper() + text[1:]
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
    """Several sentences in one place: a short paragraph, from three on a list."""
    return Prose(
        tuple(sentence for text in texts for sentence in text.sentences),
        tuple(finding for text in texts for finding in text.findings),
        texts[0].tone,
    )


def notice(sentences: Sequence[str], tone: str = "limits") -> Prose:
    """Fixed sentences from a registry (usage warnings, reasons), shown as a box.

    `tone` is ``limits`` (what to beware of), ``note`` (what the next lines speak of) or
    ``no-data`` (keine Daten).
    """
    return Prose(tuple(sentences), (), tone)
