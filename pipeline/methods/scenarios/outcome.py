"""Results of scenarios as findings and as tables: always beside "nothing is done"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from pipeline.methods.findings import Finding, Uncertainty
from pipeline.methods.observed import NO_PERIOD
from pipeline.methods.scenarios.base import Course, Start, to_frame, values_of
from pipeline.methods.scenarios.combine import SCENARIOS, apply, assumptions_of, run
from pipeline.methods.scenarios.flows import FLOWS
from pipeline.methods.scenarios.sensitivity import tornado
from pipeline.methods.scenarios.start import AS_KREIS

_TOPIC = "scenarios"
_RANGE = "Spanne: jede Annahme einzeln von niedrig bis hoch"


@dataclass(frozen=True)
class Measure:
    """A dimension of a course that is looked at: field of `Course`, label, unit of the findings."""

    part: str
    label: str
    unit: str


COVERAGE = Measure("coverage", "Deckung mit Arztsitzen", "percent")
SEATS = Measure("seats", "besetzte Arztsitze", "seats")
REQUIRED = Measure("required", "nötige Arztsitze", "seats")
COST = Measure("cumulated_cost", "Kosten der Gemeinde", "eur")


def value_in(course: Course, part: str, year: int) -> float:
    """A field of a course in a year."""
    value: Any = getattr(course, part)[course.start.years.index(year)]
    return float(value)


def effects(
    start: Start, names: Sequence[str], measure: Measure, year: int, given: Mapping[str, float]
) -> pd.DataFrame:
    """Tornado of a combination of scenarios for a measure in a year (see `sensitivity.tornado`)."""
    assumptions = assumptions_of(start, names)
    standing = values_of(assumptions) | dict(given)
    return tornado(
        assumptions,
        lambda values: value_in(apply(start, names, values), measure.part, year),
        standing,
    )


def outcome_finding(
    start: Start,
    names: Sequence[str],
    measure: Measure,
    year: int,
    given: Mapping[str, float] | None = None,
) -> Finding:
    """A measure in a year under scenarios together (none: nothing is done), with its range."""
    rows = effects(start, names, measure, year, given or {})
    ends = rows[["result_low", "result_high", "result"]].to_numpy()
    word = "-".join(names) or "nothing"
    return Finding(
        id=f"{word}-{measure.part}",
        topic=_TOPIC,
        label=measure.label,
        value=float(rows["result"].iloc[0]),
        unit=measure.unit,
        ref_area=start.ref_area,
        ref_area_name=start.name,
        level=start.level,
        time_period=str(year),
        kind="Schätzung",
        uncertainty=Uncertainty(float(ends.min()), float(ends.max()), None, _RANGE),
        evidence=start.evidence,
        limits=("Was wäre, wenn: keine Vorhersage.",),
    )


def ends_of(finding: Finding) -> tuple[Finding, Finding]:
    """The lower and the upper end of an estimate, each as a finding, for sentences."""
    assert finding.uncertainty is not None  # an estimate has one
    low, high = finding.uncertainty.low, finding.uncertainty.high
    return (
        replace(finding, id=f"{finding.id}-low", value=low),
        replace(finding, id=f"{finding.id}-high", value=high),
    )


def grade_finding(start: Start) -> Finding:
    """That the official grade of the coming years cannot be computed, and why."""
    reason = start.grade_reason or (
        "Ein amtlicher Versorgungsgrad entsteht erst mit dem Beschluss des Landesausschusses."
    )
    return Finding(
        id="official-grade",
        topic=_TOPIC,
        label="amtlicher Versorgungsgrad der Hausärzte",
        value=None,
        unit="percent",
        ref_area=start.ref_area,
        ref_area_name=start.name,
        level=start.level,
        time_period=NO_PERIOD,
        kind="nicht berechenbar",
        reason=reason,
    )


def is_assumed(start: Start) -> bool:
    """Whether the seats of today are only assumed (as in the Kreis)."""
    return start.basis == AS_KREIS


def compare_all(start: Start, year: int) -> pd.DataFrame:
    """Every scenario by itself in one year, beside "nothing is done".

    Returns
    -------
    One row a scenario, "nothing is done" first: `name`, `title` and the columns of `to_frame`,
    and `seats_change`, `required_change` against it.
    """
    rows = [_row("", "Es geschieht nichts", run(start, ()), year)]
    rows += [
        _row(name, scenario.title, run(start, [name]), year) for name, scenario in SCENARIOS.items()
    ]
    table = pd.DataFrame(rows)
    first = table.iloc[0]
    return table.assign(
        seats_change=table["seats"] - first["seats"],
        required_change=table["required_seats"] - first["required_seats"],
    )


def _row(name: str, title: str, course: Course, year: int) -> dict[str, Any]:
    frame = to_frame(course).set_index("year")
    numbers = {str(column): value for column, value in frame.loc[year].items()}
    return {"name": name, "title": title, **numbers}


def flow_cases(start: Start, commuters: float | None) -> pd.DataFrame:
    """Use of the practices today under cross-border cases, each from low to high.

    Parameters
    ----------
    commuters : published commuters on 100 inhabitants; None: the assumption is taken.

    Returns
    -------
    Rows with `title`, `users_per_seat` and `coverage_percent` (the same in all of them).
    """
    known = {item.name: item for item in FLOWS}
    nobody = dict.fromkeys(("going_elsewhere", "coming_in", "commuters"), 0.0)
    in_town = known["commuters"].value if commuters is None else commuters
    cases = {
        "Nur die Einwohner": {},
        f"{known['going_elsewhere'].value:.0f} von 100 gehen anderswo zum Hausarzt": {
            "going_elsewhere": known["going_elsewhere"].value
        },
        f"{known['coming_in'].value:.0f} Patienten von außerhalb auf 100 Einwohner": {
            "coming_in": known["coming_in"].value
        },
        f"{in_town:.0f} Einpendler auf 100 Einwohner, "
        f"{known['commuters_share'].value:.0f} von 100 kommen": {"commuters": in_town},
    }
    rows = []
    for title, given in cases.items():
        frame = to_frame(run(start, ["flows"], nobody | given))
        rows.append({"title": title, **frame.iloc[0][["users_per_seat", "coverage_percent"]]})
    return pd.DataFrame(rows)
