"""A finding in German words: what the placeholders of a sentence may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pipeline.errors import FigureError
from pipeline.figures import german
from pipeline.methods.findings import LEVELS, Finding

#: Decimals that a value of a unit is printed with.
DECIMALS: Mapping[str, int] = {
    "euro": 2,
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
_T = TypeVar("_T")
#: Words of a finding that a sentence may ask for; those with forms choose between them.
_PLAIN_WORDS = frozenset(
    {
        "number", "about", "whole", "change", "size", "words", "ordinal", "range", "change_range",
        "date", "when", "since", "area", "place", "for_place", "of_place", "level", "kind", "label",
        "threshold", "other", "other_area", "other_place",
    }
)  # fmt: skip
_CHOOSING_WORDS = frozenset({"count", "plural", "way"})


class Words:
    """A finding in German words, for the placeholders of a sentence.

    ``{n.word}`` prints a property, ``{n.word:forms}`` lets the value choose between forms:

    =====================================  =====================================================
    ``{n.number}``                         "77.209", "68,7": the value with the unit's decimals
    ``{n.about}``                          "rund 12.500": an estimated count, three digits
    ``{n.change}``, ``{n.size}``           "−4,7" with its sign; "4,7" without
    ``{n.words}``                          "drei", "zwölf", "13"
    ``{n.count:eine Praxis|Praxen}``       "eine Praxis", "drei Praxen", "keine Praxen"
    ``{n.plural:gibt es|sind es}``         the form for one or for many
    ``{n.way:wächst|schrumpft|bleibt}``    the form for a rise, a fall, or neither
    ``{n.when}``, ``{n.since}``            "am 31. Dezember 2024", "seit August 2023"
    ``{n.place}``                          "in Kalletal", "im Kreis Lippe"
    ``{n.for_place}``, ``{n.of_place}``    "für den Kreis Lippe", "des Kreises Lippe"
    ``{n.range}``, ``{n.change_range}``    "5,1 bis 7,4", "−13,0 bis +2,7": the uncertainty
    ``{n.other}``, ``{n.other_place}``     value and place of the comparison
    ``{n.threshold}``                      value of the threshold
    =====================================  =====================================================
    """

    def __init__(self, finding: Finding) -> None:
        self._finding = finding

    @property
    def number(self) -> str:
        """The value with German separators and the unit's decimals."""
        return german.number(self._value, self._decimals)

    @property
    def about(self) -> str:
        """An estimated count, no more exact than it can be meant."""
        return f"rund {german.rough(self._value)}"

    @property
    def whole(self) -> str:
        """The value without decimals."""
        return german.number(self._value)

    @property
    def change(self) -> str:
        """The value as a change, with its sign."""
        return german.signed(self._value, self._decimals)

    @property
    def size(self) -> str:
        """The value without its sign, beside a word that says the direction."""
        return german.number(abs(self._value), self._decimals)

    @property
    def words(self) -> str:
        """A whole number as running text writes it."""
        return german.words(self._value)

    @property
    def ordinal(self) -> str:
        """A place in an order, after an article: "dritten"."""
        return german.ordinal(self._value)

    @property
    def range(self) -> str:
        """The limits of the value: "5,1 bis 7,4"."""
        limits = self._part(self._finding.uncertainty, "uncertainty")
        return " bis ".join(german.number(v, self._decimals) for v in (limits.low, limits.high))

    @property
    def change_range(self) -> str:
        """The limits of a change, with their signs: "−13,0 bis +2,7"."""
        limits = self._part(self._finding.uncertainty, "uncertainty")
        return " bis ".join(german.signed(v, self._decimals) for v in (limits.low, limits.high))

    @property
    def threshold(self) -> str:
        """The value of the threshold."""
        limit = self._part(self._finding.threshold, "threshold").value
        return german.number(limit, 0 if limit == int(limit) else self._decimals)

    @property
    def other(self) -> str:
        """The value that the finding is compared with."""
        other = self._part(self._finding.comparison, "comparison")
        return german.number(other.value, self._decimals)

    @property
    def other_area(self) -> str:
        """Whose value it is compared with."""
        return self._part(self._finding.comparison, "comparison").ref_area_name

    @property
    def other_place(self) -> str:
        """Where the value of the comparison holds: "im Kreis Lippe"."""
        other = self._part(self._finding.comparison, "comparison")
        return german.in_place(other.ref_area_name, other.level)

    def count(self, forms: str) -> str:
        """The number with its noun: ``{n.count:eine Apotheke|Apotheken}``."""
        return german.counted(self._value, forms)

    def plural(self, forms: str) -> str:
        """The form for one or for many: ``{n.plural:liegt|liegen}``."""
        return german.plural(self._value, forms, self._decimals)

    def way(self, forms: str) -> str:
        """The form for a rise, a fall or neither: ``{n.way:wächst|schrumpft|bleibt gleich}``."""
        return german.way(self._value, forms, self._decimals)

    @property
    def date(self) -> str:
        """The day, month or year of the value."""
        return german.period(self._finding.time_period)

    @property
    def when(self) -> str:
        """The period as an adverb: "am 31. Dezember 2024", "im Jahr 2015"."""
        return german.when(self._finding.time_period)

    @property
    def since(self) -> str:
        """ "seit dem 31. Dezember 2024", "seit 2015"."""
        return german.since(self._finding.time_period)

    @property
    def area(self) -> str:
        """Whose value it is."""
        return self._finding.ref_area_name

    @property
    def place(self) -> str:
        """Where: "in Kalletal", "im Kreis Lippe"."""
        return german.in_place(self._finding.ref_area_name, self._finding.level)

    @property
    def for_place(self) -> str:
        """For whom: "für Kalletal", "für den Kreis Lippe"."""
        return german.for_place(self._finding.ref_area_name, self._finding.level)

    @property
    def of_place(self) -> str:
        """Whose: "von Kalletal", "des Kreises Lippe"."""
        return german.of_place(self._finding.ref_area_name, self._finding.level)

    @property
    def label(self) -> str:
        """The label of the indicator."""
        return self._finding.label

    @property
    def level(self) -> str:
        """The territorial level in words: "Gemeinde", "Planungsbereich"."""
        return LEVELS[self._finding.level]

    @property
    def kind(self) -> str:
        """How it came about, in the words of the closed list."""
        return self._finding.kind

    def _part(self, part: _T | None, name: str) -> _T:
        if part is None:
            raise FigureError(
                f"the finding has no {name} to print",
                found=self._finding.id,
                remedy="choose the sentence by what the finding has",
            )
        return part

    @property
    def _decimals(self) -> int:
        return DECIMALS.get(self._finding.unit, 1)

    @property
    def _value(self) -> float:
        assert self._finding.value is not None  # tell() lets only known findings through
        return self._finding.value


def in_words(finding: Finding, word: str, forms: str | None) -> str:
    """What a placeholder prints for a finding."""
    if word in _PLAIN_WORDS and forms is None:
        return str(getattr(Words(finding), word))
    if word in _CHOOSING_WORDS and forms is not None:
        return str(getattr(Words(finding), word)(forms))
    if word in _CHOOSING_WORDS:
        problem, expected = "a word lacks the forms to choose from", f"{{name.{word}:one|many}}"
    elif word in _PLAIN_WORDS:
        problem, expected = "a word that chooses nothing has forms", f"{{name.{word}}}"
    else:
        problem = "a finding has no such word"
        expected = ", ".join(sorted(_PLAIN_WORDS | _CHOOSING_WORDS))
    raise FigureError(
        problem, found=f"{word}:{forms}" if forms is not None else word, expected=expected
    )
