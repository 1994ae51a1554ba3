"""Indicators: baseline, target in force, latest value, progress, early warnings, funding year."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from pipeline.projects.record import Record
from pipeline.projects.records import Indicator, Measurement, Target
from pipeline.projects.values import Quantity
from pipeline.projects.vocabulary import Polarity

#: An indicator is late when it has reached less than this share of what the time gone by asks for.
LATE_BELOW = 0.75
#: Days after which a value counts as old while the project runs.
OLD_AFTER_DAYS = 365


class Reached(StrEnum):
    """Whether a target was reached, with what a bound allows to say."""

    YES = "erreicht"
    NO = "nicht erreicht"
    OPEN = "nicht zu beurteilen"
    NOT_DUE = "noch nicht fällig"


@dataclass(frozen=True)
class Standing:
    """An indicator at a day.

    `share` is the way from baseline to target that has been gone (1 = all); None where a part is
    missing or only a bound is known.
    """

    indicator: Indicator
    target: Target | None
    first_target: Target | None
    latest: Measurement | None
    previous: Measurement | None
    share: float | None
    reached: Reached

    @property
    def change(self) -> float | None:
        """Change since the value before; None unless both are exact."""
        if not (self.latest and self.previous and self.latest.value and self.previous.value):
            return None
        if self.latest.value.bound or self.previous.value.bound:
            return None
        return self.latest.value.value - self.previous.value.value


def targets_of(record: Record, indicator: str) -> list[Target]:
    """Targets of an indicator in the order in which they were set."""
    own = [target for target in record.targets if target.indicator == indicator]
    order = {version.id: version.date for version in record.versions}

    def day(target: Target) -> dt.date:
        set_on = target.set_on or order.get(target.version)
        return set_on.first if set_on else dt.date.min

    return sorted(own, key=day)


def values_of(
    record: Record, indicator: str, first: dt.date | None = None, last: dt.date | None = None
) -> list[Measurement]:
    """Values of an indicator by date, between two days (both included)."""
    own = [
        m
        for m in record.measurements
        if m.indicator == indicator
        and m.value is not None
        and m.date is not None
        and (first is None or m.date.first >= first)
        and (last is None or m.date.first <= last)
    ]
    return sorted(own, key=lambda m: m.date.last if m.date else dt.date.min)


def standing(record: Record, indicator: Indicator, today: dt.date) -> Standing:
    """Where an indicator stands on a day; values of later days are not looked at."""
    targets = targets_of(record, indicator.id)
    values = values_of(record, indicator.id, last=today)
    target = targets[-1] if targets else None
    latest = values[-1] if values else None
    return Standing(
        indicator,
        target,
        targets[0] if targets else None,
        latest,
        values[-2] if len(values) > 1 else None,
        _share(indicator, target, latest),
        _reached(indicator, target, latest, today),
    )


def standings(record: Record, today: dt.date) -> list[Standing]:
    """All indicators on a day."""
    return [standing(record, indicator, today) for indicator in record.indicators]


def compares(value: Quantity, target: Quantity, polarity: Polarity) -> bool | None:
    """Whether a value meets a target; None where bounds leave it open.

    ``>=35`` meets 30 and says nothing about 40. A target with a bound is met at the bound.
    """
    if "~" in (value.bound, target.bound):
        return None
    sign = 1 if polarity is Polarity.MORE else -1
    gap = sign * (value.value - target.value)
    if not value.bound:
        return gap >= 0
    is_floor = (value.bound == ">=") == (polarity is Polarity.MORE)
    if is_floor:  # the true value is at least as good as the number
        return True if gap >= 0 else None
    return False if gap < 0 else None


def early_warnings(record: Record, today: dt.date) -> list[str]:
    """What needs attention now (German): late indicators, old values, overdue activities."""
    warnings = []
    elapsed = _elapsed(record, today)
    for item in standings(record, today):
        name = item.indicator.label
        if item.latest is None:
            if item.target is not None:
                warnings.append(f"„{name}“ hat ein Ziel, aber keinen Wert.")
            continue
        if elapsed is not None and item.share is not None and item.share < LATE_BELOW * elapsed:
            gone, time = (f"{part:.0%}".replace("%", " %") for part in (item.share, elapsed))
            warnings.append(f"„{name}“ liegt zurück: {gone} des Weges bei {time} der Laufzeit.")
        age = (today - item.latest.date.last).days if item.latest.date else 0
        if elapsed is not None and elapsed < 1 and age > OLD_AFTER_DAYS:
            warnings.append(f"Der letzte Wert von „{name}“ ist älter als ein Jahr.")
    for activity in record.activities:
        is_over = activity.planned_end is not None and activity.planned_end.last < today
        if is_over and activity.state.value in ("geplant", "begonnen"):
            warnings.append(
                f"„{activity.label}“ sollte beendet sein und ist „{activity.state.value}“."
            )
    return warnings


def funding_years(record: Record) -> list[int]:
    """Calendar years of the project; empty where its period is not known."""
    if record.start is None or record.end is None:
        return []
    return list(range(record.start.first.year, record.end.last.year + 1))


def _elapsed(record: Record, today: dt.date) -> float | None:
    if record.start is None or record.end is None:
        return None
    length = (record.end.last - record.start.first).days
    return min(1.0, max(0.0, (today - record.start.first).days / max(length, 1)))


def _share(indicator: Indicator, target: Target | None, latest: Measurement | None) -> float | None:
    if not (indicator.baseline and target and target.value and latest and latest.value):
        return None
    parts = (indicator.baseline, target.value, latest.value)
    if any(part.bound for part in parts) or target.value.value == indicator.baseline.value:
        return None
    way = target.value.value - indicator.baseline.value
    return (latest.value.value - indicator.baseline.value) / way


def _reached(
    indicator: Indicator, target: Target | None, latest: Measurement | None, today: dt.date
) -> Reached:
    if target is None or target.value is None or latest is None or latest.value is None:
        return Reached.OPEN
    met = compares(latest.value, target.value, indicator.polarity)
    if met is None:
        return Reached.OPEN
    if met:
        return Reached.YES
    return Reached.NOT_DUE if target.due and target.due.last > today else Reached.NO
