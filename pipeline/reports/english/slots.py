"""What varies from region to region in a German text: numbers, days, territories, terms.

`Cutter.cut` takes them out and writes them the English way, so that one translation serves every
region: "Am 31. Dezember 2024 lebten in Oelde 30.129 Menschen." has the pattern
"Am {t1} lebten in {p1} {n1} Menschen." and the values "31 December 2024", "Oelde", "30,129".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from babel import lists

from pipeline.regions import LAND_NAMES
from pipeline.reports.english.forms import LOCALE, Found, forms

#: Territories that have an English name.
_EXONYMS: Mapping[str, str] = {
    "Deutschland": "Germany",
    "Niedersachsen": "Lower Saxony",
    "Nordrhein-Westfalen": "North Rhine-Westphalia",
    "Hessen": "Hesse",
    "Rheinland-Pfalz": "Rhineland-Palatinate",
    "Bayern": "Bavaria",
    "Mecklenburg-Vorpommern": "Mecklenburg-Western Pomerania",
    "Sachsen": "Saxony",
    "Sachsen-Anhalt": "Saxony-Anhalt",
    "Thüringen": "Thuringia",
}
#: Nouns before a territory's name, in every case → as they stay in English (docs/glossary.md).
_NOUNS = {
    "Kreis": "Kreis", "Kreise": "Kreis", "Kreises": "Kreis", "Landkreis": "Landkreis",
    "Landkreise": "Landkreis", "Landkreises": "Landkreis",
}  # fmt: skip
#: Names of municipalities that are also everyday words: they count as names only on their own.
_EVERYDAY = frozenset(
    {"Bergen", "Essen", "Halle", "Hof", "Lage", "Regen", "Stadt", "Weil", "Werl", "Kreis"}
)
_CAPITAL = re.compile(r"\b[A-ZÄÖÜ][\w-]*")
_NAME_END = re.compile(r"s?(?![\w-])")
#: Slots of territories or of terms that form a list.
_LISTED = re.compile(r"\{([pg])\d+\}(?:(?:, |/| und )\{\1\d+\})+")
#: "im {p1}", "für den {p1}": English does not tell "im Kreis Lippe" from "in Kalletal".
_ARTICLES = (
    (re.compile(r"\b([Ii])m (?=\{p)"), r"\1n "),
    (re.compile(r"\b([Ff]ür) den (?=\{p)"), r"\1 "),
    (re.compile(r"\b([Vv])om (?=\{p)"), r"\1on "),
    (re.compile(r"\bdes (?=\{p)"), "von "),
)
_SLOT = re.compile(r"\{(\w\d+)\}")
_TAG = re.compile(r"</?\d+/?>")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Cut:
    """A text without what varies.

    Attributes
    ----------
    pattern : the German text with slots such as ``{n1}``.
    values : slot → what stands there in the English text.
    """

    pattern: str
    values: Mapping[str, str]

    @property
    def has_words(self) -> bool:
        """Whether anything is left to translate."""
        return bool(_LETTER.search(_SLOT.sub("", self.pattern)))

    def filled(self, translation: str) -> str:
        """A translation of the pattern with the values in it."""
        return _SLOT.sub(lambda slot: self.values.get(slot[1], slot[0]), translation)


def slots_of(pattern: str) -> frozenset[str]:
    """The slots of a pattern, and its inline tags."""
    return frozenset(_SLOT.findall(pattern)) | frozenset(_TAG.findall(pattern))


class Cutter:
    """Cuts texts; make it once, it holds the names.

    Parameters
    ----------
    places : names of territories, without the noun ("Lippe", "Oelde").
    terms : German → English names of things that sentences list (groups of doctors, departments).
    """

    def __init__(self, places: Iterable[str], terms: Mapping[str, str] | None = None) -> None:
        self._terms = dict(terms or {})
        longest_first = sorted(self._terms, key=len, reverse=True)
        self._term = re.compile(
            rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})(?![\w-])"
        )
        #: first word of a name → names that begin with it, the longest first
        self._names: dict[str, list[str]] = {}
        for name in sorted({*places, *LAND_NAMES.values(), *_EXONYMS}, key=len, reverse=True):
            if first := _CAPITAL.match(name):
                self._names.setdefault(first[0], []).append(name)

    def cut(self, text: str) -> Cut:
        """A text as pattern and values."""
        values: dict[str, str] = {}
        parts: list[str] = []
        end = 0
        for found in self._found(text):
            slot = f"{found.kind}{len(values)}"
            values[slot] = found.english
            parts += [text[end : found.start], f"{{{slot}}}"]
            end = found.end
        pattern = "".join(parts) + text[end:]
        for article, plain in _ARTICLES:
            pattern = article.sub(plain, pattern)
        return _numbered(_LISTED.sub(lambda match: _as_one(match[0], values), pattern), values)

    def _found(self, text: str) -> Iterator[Found]:
        """What varies, from left to right; the first that begins wins, then the longer."""
        if text in self._names.get(text.partition(" ")[0], ()):
            yield Found(0, len(text), "p", _EXONYMS.get(text, text))
            return
        everything = [*forms(text), *self._places(text), *self._listed_terms(text)]
        end = 0
        for found in sorted(everything, key=lambda one: (one.start, -one.end)):
            if found.start >= end:
                yield found
                end = found.end

    def _listed_terms(self, text: str) -> Iterator[Found]:
        if text in self._terms:  # on its own it is a message
            return
        for match in self._term.finditer(text):
            yield Found(match.start(), match.end(), "g", _inside(self._terms[match[0]]))

    def _places(self, text: str) -> Iterator[Found]:
        for word in _CAPITAL.finditer(text):
            noun = _NOUNS.get(word[0])
            if noun and (name := self._name_at(text, word.end() + 1)):
                yield Found(word.start(), word.end() + 1 + len(name), "p", f"{noun} {name}")
            elif (name := self._name_at(text, word.start())) and name not in _EVERYDAY:
                yield Found(word.start(), word.start() + len(name), "p", _EXONYMS.get(name, name))

    def _name_at(self, text: str, start: int) -> str:
        """The territory named at a position; the ending of "Oeldes" is not part of the name."""
        word = _CAPITAL.match(text, start)
        if word is None:
            return ""
        candidates = self._names.get(word[0]) or self._names.get(word[0].removesuffix("s"), [])
        for name in candidates:
            if text.startswith(name, start) and _NAME_END.match(text, start + len(name)):
                return name
        return ""


def _inside(term: str) -> str:
    """A term inside a sentence: "GPs" keeps its capitals."""
    return term if term[:2].isupper() else term[:1].lower() + term[1:]


def _as_one(listed: str, values: dict[str, str]) -> str:
    """One slot for a list, however long it is."""
    slots = _SLOT.findall(listed)
    names = [values.pop(slot) for slot in slots]
    has_slashes = "/" in listed  # a title such as "Oelde/Lippe", no enumeration
    values[slots[0]] = "/".join(names) if has_slashes else lists.format_list(names, locale=LOCALE)
    return f"{{{slots[0]}}}"


def _numbered(pattern: str, values: Mapping[str, str]) -> Cut:
    """The slots of each kind counted from one."""
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    for slot in dict.fromkeys(_SLOT.findall(pattern)):
        if slot in values:
            counts[slot[0]] = counts.get(slot[0], 0) + 1
            names[slot] = f"{slot[0]}{counts[slot[0]]}"
    shown = _SLOT.sub(lambda slot: f"{{{names.get(slot[1], slot[1])}}}", pattern)
    return Cut(shown, {new: values[old] for old, new in names.items()})
