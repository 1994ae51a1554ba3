"""What makes a finding worth a council's time: the types of key findings and the rule of weight.

The weight only orders the findings of one report; it is no index and is never compared between
regions. The rule is our own choice and is printed with the summary (`RULE`):

- A finding is held against its reference: a norm, the area beside it, or a threshold. The distance
  is counted in steps, a difference that an indicator calls noticeable. Three steps and more give
  the full weight of 1.
- Each reservation halves the weight: a value of a larger area than the municipality, a value older
  than five years, an estimate whose range includes the reference, a value that is good news.
- A finding without a reference is context and keeps a small weight; one without a value has none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import pandas as pd

from pipeline.methods.findings import Finding, Threshold
from pipeline.methods.published_planning import HISTORIC_YEARS
from pipeline.regions import Place, Region

#: Steps from which on a finding has its full weight.
FULL_STEPS: Final = 3.0
#: Weight of a finding that is held against nothing.
CONTEXT_WEIGHT: Final = 0.1
#: What each reservation leaves of the weight.
DISCOUNT: Final = 0.5

#: Levels at which a number is the region's own.
OWN_LEVELS: Final = frozenset({"municipality", "region"})

NOT_OWN: Final = "gilt für ein größeres Gebiet, nicht für die Gemeinde"
OLD: Final = "älter als fünf Jahre"
FAVOURABLE: Final = "günstig, also kein Anlass zu handeln"
UNCERTAIN: Final = "die Spanne der Schätzung schließt den Vergleichswert ein"

Direction = Literal["günstig", "ungünstig", "ohne Wertung", "unauffällig"]

#: The rule as it is printed (German).
RULE: Final = (
    "Jeder Befund wird an einem Vergleichswert gemessen: an einer Norm, am größeren Gebiet oder an "
    "einer Schwelle. Je weiter er davon entfernt ist, desto weiter vorn steht er.",
    "Sein Gewicht halbiert sich, wenn er für ein größeres Gebiet als die Gemeinde gilt, wenn er "
    "älter als fünf Jahre ist, wenn die Spanne einer Schätzung den Vergleichswert einschließt oder "
    "wenn er günstig ist.",
    "Die Reihenfolge ist unsere Festlegung. Sie ist keine Note und lässt sich nicht zwischen "
    "Gemeinden vergleichen.",
)


class Source(Protocol):
    """What key findings are drawn from; `pipeline.tables.workspace.Workspace` is one."""

    @property
    def region(self) -> Region:
        """The municipality or group of municipalities that is looked at."""

    @property
    def reference_date(self) -> dt.date:
        """Day up to which data are known."""

    def table(self, name: str, ref_area: Sequence[str] | None = None) -> pd.DataFrame:
        """A processed table up to the reference date; for some territories only, if named."""

    def derived(self, name: str, ref_area: Sequence[str] | None = None) -> pd.DataFrame:
        """A table of the stage `model`."""

    def place(self, ref_area: str) -> Place:
        """A territory of the data as findings name it."""


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One indicator of the register.

    Attributes
    ----------
    id : slug without area, stable: recommendations are triggered by it.
    topic : slug of the chapter that shows it.
    label, unit : German label and unit word, for the statement that there are no data.
    why : why it matters to a council (German, one sentence, no number).
    find : gives the finding of a region. It may raise `NoDataError` or meet a missing table.
    step : difference to the reference that counts as noticeable, in the unit of the value.
    polarity : +1 more is better, -1 more is worse, 0 no judgement.
    norm : what the value is held against where it is not the finding's own comparison.
    """

    id: str
    topic: str
    label: str
    unit: str
    why: str
    find: Callable[[Source, Region], Finding]
    step: float | None = None
    polarity: int = 0
    norm: Threshold | None = None

    def reference(self, finding: Finding) -> float | None:
        """What the value is held against: the norm, else the comparison, else the threshold."""
        for held_against in (self.norm, finding.comparison, finding.threshold):
            if held_against is not None:
                return held_against.value
        return None

    def steps(self, finding: Finding) -> float | None:
        """Signed distance to the reference in steps; None where there is nothing to measure."""
        reference = self.reference(finding)
        if finding.value is None or reference is None or self.step is None:
            return None
        return (finding.value - reference) / self.step


@dataclass(frozen=True, kw_only=True)
class KeyFinding:
    """A finding with its place among the others.

    Attributes
    ----------
    indicator, label : id and label of the indicator, without area.
    finding : the finding; of the kind "keine Daten" where the data hold nothing.
    weight : 0 (no value) to 1, by the rule of this module.
    why : why it matters (German).
    direction : "günstig" or "ungünstig" where the indicator has a polarity and the value is at
        least a step away from its reference; "unauffällig" below that; else "ohne Wertung".
    steps : signed distance to the reference, in steps of the indicator; None without a reference.
    reservations : what halved the weight (German).
    """

    indicator: str
    label: str
    finding: Finding
    weight: float
    why: str
    direction: Direction
    steps: float | None = None
    reservations: tuple[str, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether the number is the region's own and not that of a larger area."""
        return self.finding.level in OWN_LEVELS


def weighed(indicator: Indicator, finding: Finding, reference_date: dt.date) -> KeyFinding:
    """A finding with its weight, direction and reservations, by the rule of this module."""
    steps = indicator.steps(finding)
    reservations = tuple(_reservations(indicator, finding, reference_date))
    if not finding.is_known:
        weight = 0.0
    elif steps is None:
        weight = CONTEXT_WEIGHT
    else:
        weight = max(min(abs(steps) / FULL_STEPS, 1.0), CONTEXT_WEIGHT)
    return KeyFinding(
        indicator=indicator.id,
        label=indicator.label,
        finding=finding,
        weight=weight * DISCOUNT ** len(reservations),
        why=indicator.why,
        direction=_direction(steps, indicator.polarity),
        steps=steps,
        reservations=reservations,
    )


def _reservations(indicator: Indicator, finding: Finding, reference_date: dt.date) -> list[str]:
    if not finding.is_known:
        return []
    given = []
    if finding.level not in OWN_LEVELS:
        given.append(NOT_OWN)
    if is_old(finding, reference_date):
        given.append(OLD)
    limits, reference = finding.uncertainty, indicator.reference(finding)
    if limits is not None and reference is not None and limits.low <= reference <= limits.high:
        given.append(UNCERTAIN)
    if _direction(indicator.steps(finding), indicator.polarity) == "günstig":
        given.append(FAVOURABLE)
    return given


def is_old(finding: Finding, reference_date: dt.date) -> bool:
    """Whether the period of a finding ended more than five years before the reference date."""
    year = finding.time_period[-10:][:4] if "/" in finding.time_period else finding.time_period[:4]
    return year.isdigit() and int(year) < reference_date.year - HISTORIC_YEARS


def _direction(steps: float | None, polarity: int) -> Direction:
    if steps is None or polarity == 0:
        return "ohne Wertung"
    if abs(steps) < 1:
        return "unauffällig"
    return "günstig" if steps * polarity > 0 else "ungünstig"
