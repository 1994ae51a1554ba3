"""When a measure is worth a look: a small language of conditions on findings.

A rule is a tree of YAML mappings; nothing in it is executed::

    all:                                             every part holds
      - {indicator: published-grade, is: below, value: 90}  a finding against a number
      - any:                                         at least one part holds
          - {indicator: gp-density, is: below, than: comparison}   against the area beside it
          - {indicator: midwives, is: no_data}                     nothing is known
      - {land: "05"}                                 the region lies in this Land

A finding without a value fulfils no comparison: what is unknown triggers nothing but `no_data`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from pipeline.advice.local_facts import side_of
from pipeline.advice.records import Record, Text
from pipeline.advice.situation import CONTEXT, INDICATORS
from pipeline.figures import german
from pipeline.figures.prose import DECIMALS
from pipeline.methods.findings import Finding
from pipeline.methods.noteworthy import DISCOUNT, FULL_STEPS
from pipeline.regions import LAND_NAMES, Region

Word = Literal["below", "at_most", "above", "at_least", "known", "no_data"]

_WORDS: Mapping[Word, str] = {
    "below": "unter",
    "at_most": "höchstens",
    "above": "über",
    "at_least": "mindestens",
}
#: What holds when the condition does not.
_OPPOSITE: Mapping[Word, Word] = {
    "below": "at_least",
    "at_most": "above",
    "above": "at_most",
    "at_least": "below",
}
_UNITS: Mapping[str, str] = {
    "percent": " Prozent",
    "minutes": " Minuten",
    "persons": " Menschen",
    "persons_per_km2": " je km²",
    "seats": " Sitze",
}


@dataclass(frozen=True)
class Trigger:
    """A condition that holds, and the finding that makes it hold.

    Attributes
    ----------
    condition : the leaf of the rule.
    finding : the finding; None for a condition on the region itself.
    severity : how far the value lies beyond the limit: 0 to 1, in steps of the indicator (three
        steps and more are 1); halved where the band of an estimate holds the limit; 0 for a
        property of the place.
    """

    condition: Condition
    finding: Finding | None
    severity: float = 0.0

    @property
    def is_cause(self) -> bool:
        """Whether a measure could change it: no property of the place, such as its size."""
        return self.condition.is_cause


@dataclass(frozen=True)
class Situation:
    """What rules look at: a region and its findings by indicator."""

    region: Region
    findings: Mapping[str, Finding]


class Condition(Record):
    """One comparison of a rule, or a condition on the Land."""

    indicator: str | None = None
    is_: Word | None = Field(default=None, alias="is")
    value: float | None = None
    than: Literal["comparison"] | None = None
    land: Annotated[str, Field(pattern=r"^\d{2}$")] | None = None
    basis: Text = Field(default="Annahme", description="who sets the limit: a rule, else Annahme")

    @model_validator(mode="after")
    def _is_one_condition(self) -> Condition:
        if self.land is not None:
            if self.land not in LAND_NAMES or self.indicator or self.is_:
                raise ValueError("a condition on the Land is {land: '05'} and nothing else")
            return self
        if self.indicator not in INDICATORS:
            raise ValueError(
                f"unknown indicator '{self.indicator}'; known are {', '.join(INDICATORS)}"
            )
        if self.is_ is None:
            raise ValueError("a condition needs 'is': " + ", ".join(get_args(Word)))
        limits = (self.value is not None) + (self.than is not None)
        if limits != (1 if self.is_ in _WORDS else 0):
            raise ValueError(
                "'below', 'at_most', 'above' and 'at_least' take either 'value' or 'than'; "
                "'known' and 'no_data' take neither"
            )
        return self

    @property
    def is_cause(self) -> bool:
        """Whether a measure could make the condition go away."""
        if self.indicator is None or self.is_ == "known":
            return False
        return self.indicator not in CONTEXT

    def triggers(self, situation: Situation) -> list[Trigger]:
        """The condition as a list of one, or an empty list where it does not hold."""
        if self.land is not None:
            return [Trigger(self, None)] if situation.region.land == self.land else []
        finding = situation.findings[self.indicator or ""]
        if self.is_ in {"known", "no_data"}:
            holds = finding.is_known == (self.is_ == "known")
            return [Trigger(self, finding)] if holds else []
        limit = self.limit(finding)
        if finding.value is None or limit is None:
            return []
        # at the limit itself the word of the source decides: "knapp 40" is not at least 40
        distance = finding.value - limit or side_of(finding)
        holds = {
            "below": distance < 0,
            "at_most": distance <= 0,
            "above": distance > 0,
            "at_least": distance >= 0,
        }[str(self.is_)]
        return [Trigger(self, finding, self._severity(finding, limit))] if holds else []

    def _severity(self, finding: Finding, limit: float) -> float:
        step = INDICATORS[self.indicator or ""].step
        if not self.is_cause or step is None or finding.value is None:
            return 0.0
        severity = min(abs(finding.value - limit) / step / FULL_STEPS, 1.0)
        band = finding.uncertainty
        is_unsure = band is not None and band.low <= limit <= band.high
        return severity * DISCOUNT if is_unsure else severity

    def limit(self, finding: Finding) -> float | None:
        """The number that a finding is held against."""
        if self.than is None:
            return self.value
        return finding.comparison.value if finding.comparison else None

    def words(self, finding: Finding | None = None) -> str:
        """The condition in German: "Versorgungsgrad der Hausärzte unter 90 Prozent"."""
        return self._said(self.is_, finding)

    def ends_when(self, finding: Finding | None = None) -> str:
        """What would make it go away: "Versorgungsgrad der Hausärzte mindestens 90 Prozent"."""
        if self.is_ == "no_data":
            return f"Zahlen liegen vor: {self._label}"
        opposite = _OPPOSITE.get(self.is_) if self.is_ else None
        return self._said(opposite, finding) if opposite else ""

    @property
    def _label(self) -> str:
        return INDICATORS[self.indicator].label if self.indicator else ""

    def _said(self, word: Word | None, finding: Finding | None) -> str:
        if self.land is not None:
            return f"liegt in {LAND_NAMES[self.land]}"
        if word == "known":
            return f"{self._label} ist bekannt"
        if word == "no_data":
            return f"{self._label}: keine Daten"
        assert word is not None  # the validator lets no other condition through
        if self.than is not None:
            beside = finding.comparison if finding else None
            article = "dem" if word in {"below", "above"} else "der"
            name = f"Wert für {beside.ref_area_name}" if beside else "Vergleichswert"
            limit = "" if beside is None else f" ({self._number(beside.value)})"
            return f"{self._label} {_WORDS[word]} {article} {name}{limit}"
        return f"{self._label} {_WORDS[word]} {self._number(self.value or 0.0)}"

    def _number(self, value: float) -> str:
        unit = INDICATORS[self.indicator or ""].unit
        decimals = 0 if value == int(value) else DECIMALS.get(unit, 1)
        return german.number(value, decimals).replace("-", "−") + _UNITS.get(unit, "")


class AllOf(Record):
    """Holds when every part does."""

    all: tuple[Rule, ...] = Field(min_length=1)

    def triggers(self, situation: Situation) -> list[Trigger]:
        """The triggers of all parts; empty where one does not hold."""
        parts = [part.triggers(situation) for part in self.all]
        return [trigger for part in parts for trigger in part] if all(parts) else []


class AnyOf(Record):
    """Holds when at least one part does."""

    any: tuple[Rule, ...] = Field(min_length=1)

    def triggers(self, situation: Situation) -> list[Trigger]:
        """The triggers of the parts that hold."""
        return [trigger for part in self.any for trigger in part.triggers(situation)]


Rule = Condition | AllOf | AnyOf

AllOf.model_rebuild()
AnyOf.model_rebuild()


def goes_away(rule: Rule, triggers: list[Trigger]) -> str:
    """What would make a recommendation go away, derived from its rule (German).

    Of an `all` one part is enough, of an `any` every part that holds must end. Properties of the
    place (size, Land) are left out, since no measure changes them.
    """
    found = {trigger.condition: trigger.finding for trigger in triggers}
    return _end(rule, found) or "die Voraussetzungen nicht mehr bestehen"


def _end(rule: Rule, found: Mapping[Condition, Finding | None]) -> str:
    if isinstance(rule, Condition):
        return rule.ends_when(found[rule]) if rule in found and rule.is_cause else ""
    parts = rule.all if isinstance(rule, AllOf) else rule.any
    ends = [text for text in (_end(part, found) for part in parts) if text]
    return (" – oder: " if isinstance(rule, AllOf) else " – und: ").join(dict.fromkeys(ends))
