"""The groups of doctors that German needs planning knows, and what the directive ties to them.

Source: G-BA Bedarfsplanungs-Richtlinie (BPL-RL), §§ 11-14 (groups and planning levels), § 29
(limits of under-supply). Populations: women for Frauenärzte, minors for Kinder- und Jugendärzte
and Kinder- und Jugendpsychiater, all residents otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.errors import MethodInputError


class PlanningLevel(StrEnum):
    """The level of care, and with it the kind of planning area."""

    GENERAL_PRACTICE = "general_practice"  # Mittelbereich
    GENERAL_SPECIALIST = "general_specialist"  # Kreis, by planning type
    SPECIALISED = "specialised"  # Raumordnungsregion
    SEPARATE = "separate"  # region of a Kassenärztliche Vereinigung


class PopulationBase(StrEnum):
    """Whose number is divided by the ratio."""

    ALL = "all"
    WOMEN = "women"
    MINORS = "minors"


#: § 29 sentence 1: under-supply is presumed *more than* 25 % below need (GPs) or 50 % (others).
UNDER_SUPPLY_LIMIT_GP = 75
UNDER_SUPPLY_LIMIT_SPECIALIST = 50


@dataclass(frozen=True)
class DoctorGroup:
    """A planning group: its name in the directive, level, population and § 29 limit in percent."""

    name: str
    level: PlanningLevel
    population: PopulationBase = PopulationBase.ALL

    @property
    def under_supply_limit(self) -> int:
        """Grade in percent below which under-supply is presumed."""
        if self.level is PlanningLevel.GENERAL_PRACTICE:
            return UNDER_SUPPLY_LIMIT_GP
        return UNDER_SUPPLY_LIMIT_SPECIALIST


GP = "Hausärzte"

_BY_LEVEL: dict[PlanningLevel, tuple[str, ...]] = {
    PlanningLevel.GENERAL_PRACTICE: (GP,),
    PlanningLevel.GENERAL_SPECIALIST: (
        "Augenärzte",
        "Chirurgen und Orthopäden",
        "Frauenärzte",
        "Hautärzte",
        "HNO-Ärzte",
        "Nervenärzte",
        "Psychotherapeuten",
        "Urologen",
        "Kinder- und Jugendärzte",
    ),
    PlanningLevel.SPECIALISED: (
        "Anästhesisten",
        "Radiologen",
        "Fachinternisten",
        "Kinder- und Jugendpsychiater",
    ),
    PlanningLevel.SEPARATE: (
        "Humangenetiker",
        "Laborärzte",
        "Neurochirurgen",
        "Nuklearmediziner",
        "Pathologen",
        "Physikalische- und Rehabilitations-Mediziner",
        "Strahlentherapeuten",
        "Transfusionsmediziner",
    ),
}
_BASES: dict[str, PopulationBase] = {
    "Frauenärzte": PopulationBase.WOMEN,
    "Kinder- und Jugendärzte": PopulationBase.MINORS,
    "Kinder- und Jugendpsychiater": PopulationBase.MINORS,
}
DOCTOR_GROUPS: dict[str, DoctorGroup] = {
    name: DoctorGroup(name, level, _BASES.get(name, PopulationBase.ALL))
    for level, names in _BY_LEVEL.items()
    for name in names
}
#: Other names that published tables use for the same group.
ALIASES: dict[str, str] = {"Internisten": "Fachinternisten"}


def doctor_group(name: str) -> DoctorGroup:
    """The group of this name; `MethodInputError` with all names if there is none."""
    group = DOCTOR_GROUPS.get(ALIASES.get(name, name))
    if group is None:
        raise MethodInputError(
            "unknown group of doctors", found=name, expected="one of " + ", ".join(DOCTOR_GROUPS)
        )
    return group
