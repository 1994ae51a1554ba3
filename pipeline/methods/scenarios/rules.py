"""Other rules: a new ratio, another planning type, planning areas merged or split.

These are identities of the formula ``grade = 100 * seats * ratio / inhabitants`` (BPL-RL § 17).
They change what is counted, not how many doctors there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from pipeline.errors import MethodInputError
from pipeline.methods.evidence import evidence_of
from pipeline.methods.findings import Finding
from pipeline.methods.planning import planning_grade, required_seats
from pipeline.methods.population import total_finding
from pipeline.methods.scenarios.base import Assumption, Course, Values
from pipeline.regions import Place

RULES = (
    Assumption(
        "ratio_change",
        "Änderung der Verhältniszahl",
        1,
        -5,
        5,
        "percent",
        "Beschluss des G-BA vom 16.01.2025: 1.616 wurde 1.633 (ein Prozent mehr)",
        0.5,
        neutral=0,
    ),
)


def new_ratio(course: Course, values: Values) -> Course:
    """The ratio changes after today; need falls and coverage rises with it."""
    factor = 1.0 + values["ratio_change"] / 100.0
    return replace(
        course,
        ratio=tuple(r if i == 0 else r * factor for i, r in enumerate(course.ratio)),
    )


def grade_with_ratio(grade: float, ratio: float, new: float) -> float:
    """A published grade under another ratio: ``grade * new / ratio``."""
    if not (ratio > 0 and new > 0):
        raise MethodInputError("ratio", found=(ratio, new), expected="above zero")
    return grade * new / ratio


@dataclass(frozen=True)
class Area:
    """A planning area: full seats filled, inhabitants, residents per full seat."""

    name: str
    seats: float
    inhabitants: float
    ratio: float

    @property
    def required(self) -> float:
        """Full seats at 100 percent."""
        return required_seats(self.inhabitants, self.ratio)

    @property
    def grade(self) -> float:
        """Grade of supply in percent."""
        return planning_grade(self.seats, self.inhabitants, self.ratio)


def merge(areas: Sequence[Area], name: str) -> Area:
    """Several areas as one: seats, inhabitants and needs add up.

    The ratio of the union is the one that gives the sum of the needs (inhabitants divided by it);
    with one ratio for all it is that ratio. The grade is the mean of the grades, weighted by need.
    """
    if not areas:
        raise MethodInputError("nothing to merge", expected="one area or more")
    people = sum(area.inhabitants for area in areas)
    need = sum(area.required for area in areas)
    return Area(name, sum(area.seats for area in areas), people, people / need)


def split(area: Area, parts: Mapping[str, tuple[float, float]]) -> list[Area]:
    """An area in parts, each with the ratio of the whole.

    Parameters
    ----------
    parts : name → (full seats, inhabitants); together they are those of the area.
    """
    seats = sum(seats for seats, _ in parts.values())
    people = sum(people for _, people in parts.values())
    if abs(seats - area.seats) > 1e-6 or abs(people - area.inhabitants) > 1e-6:
        raise MethodInputError(
            f"the parts are not {area.name}",
            found=(seats, people),
            expected=f"{area.seats:g} seats and {area.inhabitants:g} inhabitants",
        )
    return [Area(name, *numbers, area.ratio) for name, numbers in parts.items()]


def needs_by_type(ratios: pd.DataFrame, group: str, inhabitants: float) -> pd.DataFrame:
    """Full seats that a Kreis would need under each planning type.

    Which type a Kreis has is not at hand, so no row is its own; the spread is what a re-typing
    can change.

    Parameters
    ----------
    ratios : table `planning_ratios`, rows in force.
    inhabitants : those whom the group's ratio counts (all; women; minors).
    """
    rows = ratios.loc[ratios["doctor_group"].eq(group) & ratios["planning_type"].ne("")]
    dated = rows.loc[rows["valid_from"].ne("")].sort_values("planning_type")
    return pd.DataFrame(
        {
            "planning_type": dated["planning_type"].to_numpy(),
            "ratio": dated["ratio_value"].to_numpy(),
            "required_seats": [required_seats(inhabitants, r) for r in dated["ratio_value"]],
        }
    )


#: Group by which the notebook shows what a planning type changes; its ratio counts all residents.
TYPED_GROUP = "Augenärzte"
#: The ratio that was replaced on 9 April 2025 is taken to hold for grades from this year on: the
#: press quotes another one (1,607) in May 2023, and the change between the two is not dated.
_RECENT = "2024"


def needs_of_kreis(
    ratios: pd.DataFrame, population: pd.DataFrame, kreis: Place, group: str = TYPED_GROUP
) -> pd.DataFrame:
    """`needs_by_type` for the latest number of inhabitants of a Kreis; empty without one."""
    total = total_finding(population, kreis)
    if total.value is None:
        return needs_by_type(ratios.iloc[:0], group, 1.0)
    return needs_by_type(ratios, group, total.value)


def grade_finding(published: Finding, ratios: pd.DataFrame) -> Finding:
    """A published grade under the general ratio in force, instead of the one before.

    Only the step between the two general ratios is applied: the regional ratio is not known.
    "Nicht berechenbar" where the grade is of another time than the ratio before, or where the
    step is not known.

    Parameters
    ----------
    published : as `published_planning.grade_finding` gives it.
    ratios : as `published_planning.ratios_of_group` gives it, for GPs.
    """
    if published.value is None:
        return published
    named = replace(
        published, id="grade-new-ratio", label="Versorgungsgrad mit neuer Verhältniszahl"
    )
    rows = ratios.loc[~ratios["scope"].eq("Regionalverband Ruhr")]
    now = rows.loc[rows["is_in_force"]]
    if now.empty:
        return _not_computable(named, "Am Stichtag ist keine Verhältniszahl belegt.")
    begun = str(now["valid_from"].iloc[0])
    before = rows.loc[rows["valid_to"].ne("") & rows["valid_to"].lt(begun)]
    last = before.sort_values("valid_to").tail(1)
    if last.empty or not _RECENT <= published.time_period < begun:
        return _not_computable(
            named,
            "Zu welcher Verhältniszahl der veröffentlichte Versorgungsgrad gehört, ist nicht "
            "belegt. Mit einer neuen lässt er sich nicht umrechnen.",
        )
    old, new = float(last["ratio_value"].iloc[0]), float(now["ratio_value"].iloc[0])
    step = evidence_of(pd.concat([last, now]), "planning_ratios", "ratio_value")
    return replace(
        named,
        value=grade_with_ratio(published.value, old, new),
        kind="eigene Berechnung",
        evidence=(*published.evidence, *step),
    )


def _not_computable(finding: Finding, reason: str) -> Finding:
    return replace(finding, value=None, kind="nicht berechenbar", reason=reason, evidence=())
