"""All scenarios of ambulatory care, how they are combined, and what the page lets readers move.

Rule of combination: the steps run in the order of `SCENARIOS`, each on what the ones before have
left. First the rule and how many people live here, then who stays and who comes (all draw on one
pool of seats, so none is filled twice), then how much time the doctors that are there can save,
and last who else comes to them. The order of the names that a user gives does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.errors import MethodInputError, known_words
from pipeline.methods.scenarios import delegation, flows, mvz, quarter, rules, supply
from pipeline.methods.scenarios.base import (
    Assumption,
    Course,
    Start,
    Values,
    baseline,
    values_of,
    with_values,
)
from pipeline.methods.scenarios.tracing import Entry, Real, Tape

Step = Callable[[Course, Values], Course]


@dataclass(frozen=True)
class Scenario:
    """A scenario: name for commands, title and question for readers, assumptions, model."""

    name: str
    title: str
    question: str
    assumptions: tuple[Assumption, ...]
    step: Step

    @property
    def neutral_values(self) -> dict[str, float]:
        """Values with which the scenario changes nothing."""
        return {a.name: a.neutral for a in self.assumptions if a.neutral is not None}


SCENARIOS: dict[str, Scenario] = {
    item.name: item
    for item in (
        Scenario("new-ratio", "Neue Verhältniszahl",
                 "Was ändert sich, wenn sich nur die Regel ändert?",
                 rules.RULES, rules.new_ratio),
        Scenario("quarter", "Neues Quartier",
                 "Was brauchen die Menschen in einem neuen Quartier?",
                 quarter.QUARTER, quarter.quarter),
        Scenario("delayed-retirement", "Später aufhören",
                 "Was ist, wenn alle Ärztinnen und Ärzte länger arbeiten?",
                 supply.DELAYED_RETIREMENT, supply.delayed_retirement),
        Scenario("no-successor", "Keine Nachfolge",
                 "Was ist, wenn die erwarteten Nachfolger ausbleiben?",
                 supply.NO_SUCCESSOR, supply.no_successor),
        Scenario("mvz", "Kommunales MVZ",
                 "Was leistet ein Versorgungszentrum der Gemeinde, und was steht auf dem Spiel?",
                 mvz.MVZ, mvz.mvz),
        Scenario("settlement-grants", "Niederlassung fördern",
                 "Was bringen Zuschüsse für neue Praxen, und wem fehlen diese Ärzte?",
                 supply.SETTLEMENT_GRANTS, supply.settlement_grants),
        Scenario("scholarships", "Stipendien",
                 "Was bringen Stipendien für Studierende, und wann?",
                 supply.SCHOLARSHIPS, supply.scholarships),
        Scenario("delegation", "Delegation und Kümmerer",
                 "Wie viel Zeit der Ärztinnen und Ärzte lässt sich sparen?",
                 delegation.DELEGATION, delegation.delegation),
        Scenario("flows", "Patienten über die Grenze",
                 "Was ändern Menschen von außerhalb an der Auslastung?",
                 flows.FLOWS, flows.flows),
    )
}  # fmt: skip

#: What the page lets readers move, in the order of the sliders.
MAIN_ASSUMPTIONS = (
    "seats_today",
    "leaving_share",
    "succession_share",
    "delay_years",
    "grants_a_year",
    "mvz_doctors",
    "homes",
    "taking_part",
)
#: The scenarios behind them; at their neutral values nothing is done.
MAIN_SCENARIOS = ("quarter", "delayed-retirement", "settlement-grants", "mvz", "delegation")
#: What the page shows, field of `Course` → label and decimals.
OUTPUTS: dict[str, tuple[str, int]] = {
    "coverage": ("Deckung in Prozent", 1),
    "seats": ("besetzte Arztsitze", 1),
    "required": ("nötige Arztsitze", 1),
    "relief": ("gesparte Arztzeit, in Arztsitzen", 1),
    "cumulated_cost": ("Kosten der Gemeinde seit heute in Euro", -3),
    "loan": ("offenes Darlehen der Gemeinde in Euro", -3),
}


def scenarios_of(names: Sequence[str]) -> list[Scenario]:
    """The named scenarios in the order in which they are combined.

    Raises
    ------
    MethodInputError : an unknown name; the known ones are listed.
    """
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        expected = known_words(unknown[0], SCENARIOS)
        raise MethodInputError("unknown scenario", found=unknown[0], expected=expected)
    return [scenario for name, scenario in SCENARIOS.items() if name in names]


def assumptions_of(start: Start, names: Sequence[str]) -> tuple[Assumption, ...]:
    """All assumptions of the start and the named scenarios, each once."""
    everything = [*start.assumptions]
    for scenario in scenarios_of(names):
        everything += scenario.assumptions
    return tuple({item.name: item for item in everything}.values())


def run(start: Start, names: Sequence[str], given: Mapping[str, float] | None = None) -> Course:
    """The course of an area under the named scenarios together; without names: nothing is done.

    Parameters
    ----------
    given : values that replace those of the assumptions.
    """
    values = with_values(assumptions_of(start, names), given or {})
    return apply(start, names, values)


def apply(start: Start, names: Sequence[str], values: Values) -> Course:
    """As `run`, with a value for every assumption; traced values are possible."""
    course = baseline(start, values)
    for scenario in scenarios_of(names):
        course = scenario.step(course, values)
    return course


@dataclass(frozen=True)
class Variant:
    """A named choice of values for the main scenarios, printed where nothing can be moved."""

    name: str
    title: str
    values: Mapping[str, float]


def neutral_values() -> dict[str, float]:
    """The main scenarios with nothing done."""
    return {k: v for s in scenarios_of(MAIN_SCENARIOS) for k, v in s.neutral_values.items()}


def variants(start: Start) -> tuple[Variant, Variant, Variant]:
    """Nothing is done; later retirement and less paperwork; that and an MVZ with grants."""
    nothing = neutral_values()
    defaults = values_of(assumptions_of(start, MAIN_SCENARIOS))
    time = {name: defaults[name] for name in ("delay_years", "taking_part")}
    doctors = {name: defaults[name] for name in ("grants_a_year", "mvz_doctors")}
    return (
        Variant("nothing", "Es geschieht nichts", nothing),
        Variant("time", "Länger arbeiten und Zeit sparen", nothing | time),
        Variant("all", "Dazu Zuschüsse und ein MVZ", nothing | time | doctors),
    )


@dataclass(frozen=True)
class Program:
    """The main scenarios as a record of arithmetic (see `tracing`).

    Attributes
    ----------
    entries : inputs by name, constants, operations.
    outputs : field of `Course` → position of its entry, a year.
    """

    entries: tuple[Entry, ...]
    outputs: Mapping[str, tuple[int, ...]]


def open_assumptions(start: Start) -> tuple[str, ...]:
    """`MAIN_ASSUMPTIONS` with a range; what is published exactly cannot be moved."""
    known = {item.name: item for item in assumptions_of(start, MAIN_SCENARIOS)}
    return tuple(name for name in MAIN_ASSUMPTIONS if known[name].low < known[name].high)


def program(start: Start) -> Program:
    """What the page computes: the main scenarios with the main assumptions left open."""
    tape = Tape()
    values: dict[str, Real] = {**values_of(assumptions_of(start, MAIN_SCENARIOS))}
    for name in open_assumptions(start):
        values[name] = tape.input(name)
    course = apply(start, MAIN_SCENARIOS, values)
    outputs = {
        part: tuple(tape.position(value) for value in getattr(course, part)) for part in OUTPUTS
    }
    return Program(tuple(tape.entries), outputs)
