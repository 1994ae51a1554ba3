"""Picks the measures whose rules hold for a region, puts them in order and says why.

Order (our choice, printed as `ORDER`): what rests on numbers of the municipality or its planning
area stands before what rests on the Kreis, then comes what rests on missing data. Within that, the
further a value lies beyond its limit, the earlier; among about equals, what was done somewhere
stands before what was not. It is no grade of the measure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.advice.catalogue import Measure
from pipeline.advice.rules import Situation, Trigger, goes_away
from pipeline.methods.findings import Finding
from pipeline.regions import Region

#: The rule of the order as it is printed.
ORDER = (
    "Vorn stehen Empfehlungen, die auf Zahlen der Gemeinde oder ihres Planungsbereichs beruhen, "
    "dann solche auf Zahlen des Kreises, zuletzt solche, weil Daten fehlen. Innerhalb davon steht "
    "vorn, was weiter von seiner Grenze entfernt ist; bei etwa Gleichem, was anderswo schon "
    "umgesetzt wurde. Je Bereich sind es in der Auswahl höchstens zwei. Beruhen mehrere auf "
    "genau denselben Befunden, gehen nach den ersten zwei andere vor. Was hier nach den Quellen "
    "schon geschieht, steht in einem eigenen Abschnitt. Die Reihenfolge ist unsere Festlegung und "
    "keine Note."
)
_NEAR = frozenset({"municipality", "region", "planning_area"})
_NEAR_TIER, _KREIS_TIER, _NO_DATA_TIER = 0, 1, 2


@dataclass(frozen=True)
class Recommendation:
    """A measure for a region, with the findings behind it.

    Attributes
    ----------
    measure : entry of the catalogue.
    triggers : the conditions that hold.
    goes_away : what would make it go away (German).
    is_under_way : whether a source says that the region does it already.
    """

    measure: Measure
    triggers: tuple[Trigger, ...]
    goes_away: str
    is_under_way: bool = False

    @property
    def causes(self) -> tuple[Trigger, ...]:
        """The triggers that a measure could change; all triggers where there is none."""
        causes = tuple(trigger for trigger in self.triggers if trigger.is_cause)
        return causes or self.triggers

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings behind it, causes first, each once."""
        ordered = [*self.causes, *self.triggers]
        return tuple(dict.fromkeys(t.finding for t in ordered if t.finding is not None))

    @property
    def cause_findings(self) -> frozenset[Finding]:
        """The findings of its causes; none where it rests on the Land alone."""
        return frozenset(t.finding for t in self.causes if t.finding is not None)

    @property
    def leading_cause(self) -> Trigger:
        """What the recommendation stands and falls with.

        Missing data where it rests on them, even in part; else the cause that is known closest to
        home, of several the one furthest beyond its limit.
        """
        return min(self.causes, key=lambda trigger: (_order(trigger), -trigger.severity))

    @property
    def rank(self) -> tuple[int, float, bool]:
        """Sort key: tier and severity (one decimal) of the leading cause, documented ones first."""
        cause = self.leading_cause
        return _tier(cause), -round(cause.severity, 1), self.measure.effect.source is None


def recommend(
    region: Region, findings: Mapping[str, Finding], measures: Sequence[Measure]
) -> list[Recommendation]:
    """The measures whose rules hold, in order.

    Parameters
    ----------
    findings : as returned by `situation.situation`, by indicator.
    measures : the catalogue; its order decides between equal ranks.
    """
    situation = Situation(region, findings)
    picked = []
    for measure in measures:
        triggers = measure.rule.triggers(situation)
        if triggers:
            end = goes_away(measure.rule, triggers)
            is_done = measure.is_done_in([region.slug])
            picked.append(Recommendation(measure, tuple(triggers), end, is_done))
    return sorted(picked, key=lambda item: item.rank)


def shortlist(
    picked: Sequence[Recommendation], *, total: int = 8, per_field: int = 2, per_cause: int = 2
) -> list[Recommendation]:
    """The first new ones, so that neither a field nor a finding fills the whole list.

    At most `per_field` are of one field. Of those that rest on the very same findings `per_cause`
    come first; the others only fill places that would stay empty.

    What the region does already is no recommendation to begin it.
    """
    new = [item for item in picked if not item.is_under_way]
    counts = Counter[frozenset[Finding]]()
    varied: list[Recommendation] = []
    alike: list[Recommendation] = []
    for item in new:
        counts[item.cause_findings] += 1
        (varied if counts[item.cause_findings] <= per_cause else alike).append(item)
    chosen: list[Recommendation] = []
    for item in [*varied, *alike]:
        same = sum(other.measure.field == item.measure.field for other in chosen)
        if same < per_field and len(chosen) < total:
            chosen.append(item)
    return sorted(chosen, key=new.index)


def firing(
    measures: Sequence[Measure], picked: Mapping[str, Sequence[Recommendation]]
) -> dict[str, list[str]]:
    """Measure id → slugs of the regions for which its rule holds, every measure of the catalogue.

    Parameters
    ----------
    picked : region slug → its recommendations.
    """
    where: dict[str, list[str]] = {measure.id: [] for measure in measures}
    for slug, recommendations in picked.items():
        for item in recommendations:
            where[item.measure.id].append(slug)
    return where


def _order(trigger: Trigger) -> int:
    tier = _tier(trigger)
    return -1 if tier == _NO_DATA_TIER else tier


def _tier(trigger: Trigger) -> int:
    finding = trigger.finding
    if finding is None or not finding.is_known:
        return _NO_DATA_TIER
    return _NEAR_TIER if finding.level in _NEAR else _KREIS_TIER
