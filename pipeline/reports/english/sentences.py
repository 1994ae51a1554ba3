"""Texts cut into sentences, so that one sentence is translated once wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Callable

from pipeline.reports.english.forms import MONTHS

#: No sentence ends after these, though a full stop stands there.
_ABBREVIATION = re.compile(
    r"\b(?:z\. ?B|d\. ?h|u\. ?a|Ev|i\. ?d\. ?R|e\. ?V|Nr|Art|Abs|S|St|bzw|ca|Dr|Prof|Mio|Mrd|vgl"
    r"|inkl|evtl|max|min|ggf|usw|Hrsg|Aufl|Bd|ff|[a-z])\.$"
)
_MONTH = re.compile(rf"(?:{'|'.join(MONTHS)})\b")
_GAP = re.compile(r"(?<=[.!?“])(?:</\d+>)?(\s+)(?=<\d+/?>|[„(–]?[A-ZÄÖÜ\d−+±])")
#: Nothing but elements side by side: a row of links.
_ROW = re.compile(r"(?:(?:<(\d+)>[^<]*</\1>|<\d+/>)\s*){2,}")
_TAG = re.compile(r"<(/?)(\d+)(/?)>")


def sentences(text: str) -> list[str]:
    """The sentences of a text with tags as ``<1>``; no tag is open where one ends."""
    if _ROW.fullmatch(text):
        return re.findall(r"<\d+>[^<]*</\d+>|<\d+/>", text)
    found, start = [], 0
    for gap in _GAP.finditer(text):
        before, after = text[start : gap.start(1)], text[gap.end(1) :]
        bare = _TAG.sub("", before)
        is_end = bare.endswith((".", "!", "?", ".“", "!“", "?“"))
        if not is_end or _ABBREVIATION.search(bare) or _is_open(before):
            continue
        if re.search(r"\d\.$", bare) and _MONTH.match(after):
            continue
        found.append(before)
        start = gap.end(1)
    return [*found, text[start:]]


def translated(text: str, sentence: Callable[[str], str]) -> str:
    """A text whose sentences went through a function one by one, tags numbered in each anew."""
    return " ".join(_renumbered(part, sentence) for part in sentences(text))


def _is_open(text: str) -> bool:
    """Whether a tag begins in a text and does not end there, or the other way round."""
    paired = [slash for slash, _, whole in _TAG.findall(text) if not whole]
    return paired.count("") != paired.count("/")


def _renumbered(text: str, sentence: Callable[[str], str]) -> str:
    whole = re.fullmatch(r"<(\d+)>(.*)</\1>", text, re.DOTALL)
    if whole and f"</{whole[1]}>" not in whole[2]:
        return f"<{whole[1]}>{translated(whole[2], sentence)}</{whole[1]}>"
    numbers = list(dict.fromkeys(number for _, number, _ in _TAG.findall(text)))
    there = {number: str(place) for place, number in enumerate(numbers, 1)}
    back = {new: old for old, new in there.items()}
    plain = _TAG.sub(lambda tag: f"<{tag[1]}{there[tag[2]]}{tag[3]}>", text)
    return _TAG.sub(lambda tag: f"<{tag[1]}{back[tag[2]]}{tag[3]}>", sentence(plain))
