"""Who works with whom in a funded project, as far as its record proves it.

The published sources say who takes part and in which role, hardly ever who works with whom. So a
tie stands for one of two things: a role under the lead of the project, or a tie that the record
itself lists (table `ties`, where the record has one). Offices and institutions only: rows that
speak of a person are left out and counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import networkx as nx
import pandas as pd

from pipeline.errors import MethodInputError
from pipeline.methods import network as measures
from pipeline.projects.record import Record
from pipeline.projects.records import Actor, Meeting
from pipeline.reports.persons import is_person, public_text

BOUNDARY: Final = (
    "Aufgeführt ist, wen die veröffentlichten Quellen als beteiligte Stelle nennen. "
    "Eine Verbindung heißt: Die Stelle hat laut Quelle eine Rolle im Vorhaben und damit mit der "
    "Leitung zu tun."
)
#: First words of the roles that lead a project.
_LEAD_ROLES: Final = ("Leitung", "Träger", "Trägerin", "Federführung")
#: Words of roles that were intended or hoped for when the source was written.
_PLANNED: Final = re.compile(r"geplant|erwartet|beantragt|vorgesehen", re.IGNORECASE)
#: Sectors that a health network is looked through for, and the words that show them. Our own
#: list (an assumption): no rule says who must belong to a network.
SECTORS: Final[Mapping[str, str]] = {
    "ambulante ärztliche Versorgung": r"praxis|praxen|\bärzt|ambulante versorgung|mvz",
    "Krankenhaus": r"krankenhaus|klinik|hospital",
    "Pflege": r"pflege",
    "Therapie": r"therapie|therapeut|heilmittel",
    "Apotheken": r"apothek",
    "Kassenärztliche Vereinigung oder Krankenkassen": r"kassenärztlich|krankenkasse|selbstverwalt",
    "öffentlicher Gesundheitsdienst": r"gesundheitsamt|gesundheitsdienst",
    "Selbsthilfe, Patientinnen und Patienten": r"selbsthilfe|patient|seniorenbeirat|senioren",
}


@dataclass(frozen=True)
class Tie:
    """Two actors, by id, and what joins them."""

    one: str
    other: str
    kind: str

    @property
    def is_planned(self) -> bool:
        """Whether the source speaks of an intention, not of a fact."""
        return bool(_PLANNED.search(self.kind))


@dataclass(frozen=True)
class Connections:
    """A project's actors and what is known of their ties.

    Attributes
    ----------
    lead : id of the leading actor; empty where the record names none.
    n_hidden : rows that were left out because they speak of a person.
    """

    record: Record
    actors: tuple[Actor, ...]
    ties: tuple[Tie, ...]
    lead: str
    n_hidden: int

    @property
    def graph(self) -> nx.Graph[str]:
        """Undirected network of all actors."""
        pairs = [(tie.one, tie.other) for tie in self.ties]
        return measures.actor_network(pairs, [actor.id for actor in self.actors])

    @property
    def degree(self) -> dict[str, int]:
        """Ties of each actor."""
        return dict(self.graph.degree())

    def meetings_of(self, actor: Actor) -> list[Meeting]:
        """Meetings that took place at an actor's, by the name of the place."""
        return [m for m in self.record.meetings if m.place and names_place(actor.name, m.place)]

    @property
    def summary(self) -> measures.NetworkSummary | None:
        """The network in numbers; None with fewer than three actors."""
        if len(self.actors) < 3:
            return None
        return measures.summarise(self.graph, measures.Survey(BOUNDARY))

    @property
    def missing_sectors(self) -> list[str]:
        """Sectors of `SECTORS` of which no actor's name, role or sector speaks."""
        texts = [f"{a.name} {a.role} {a.sector}".casefold() for a in self.actors]
        return [
            name for name, words in SECTORS.items() if not any(re.search(words, t) for t in texts)
        ]

    @property
    def loosely_tied(self) -> list[Actor]:
        """Actors that hang on one tie alone."""
        degree = self.degree
        return [actor for actor in self.actors if degree[actor.id] == 1]

    @property
    def untied(self) -> list[Actor]:
        """Actors without any tie."""
        degree = self.degree
        return [actor for actor in self.actors if degree[actor.id] == 0]

    @property
    def brokers(self) -> list[Actor]:
        """Actors without whom the network falls into more parts."""
        keys, _ = measures.bridges_and_brokers(self.graph)
        return [actor for actor in self.actors if actor.id in keys]

    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Nodes (`id`, `name`, `sector`, `role`, `is_lead`) and ties (`one`, `other`, `kind`,
        `is_planned`)."""
        nodes = pd.DataFrame(
            [(a.id, a.name, a.sector, a.role, a.id == self.lead) for a in self.actors],
            columns=["id", "name", "sector", "role", "is_lead"],
        )
        ties = pd.DataFrame(
            [(tie.one, tie.other, tie.kind, tie.is_planned) for tie in self.ties],
            columns=["one", "other", "kind", "is_planned"],
        )
        return nodes, ties


def connections(record: Record) -> Connections:
    """The actors of a record and their ties.

    Raises
    ------
    MethodInputError : a listed tie leads to an actor that the record does not list.
    """
    shown = tuple(
        actor.model_copy(update={"role": public_text(actor.role, record)})
        for actor in record.actors
        if not is_person(actor)
    )
    lead = _lead(record, shown)
    roles = [
        Tie(lead, actor.id, actor.role or "beteiligt")
        for actor in shown
        if lead and actor.id != lead
    ]
    known = {actor.id for actor in record.actors}
    visible = {actor.id for actor in shown}
    listed = [tie for tie in _listed(record, known) if {tie.one, tie.other} <= visible]
    stated = {frozenset((tie.one, tie.other)) for tie in listed}
    kept = [tie for tie in roles if frozenset((tie.one, tie.other)) not in stated]
    return Connections(
        record, shown, (*kept, *listed), lead, n_hidden=len(record.actors) - len(shown)
    )


def _lead(record: Record, actors: tuple[Actor, ...]) -> str:
    """The actor whose role says so, else the one named as lead of the project; else none."""
    for actor in actors:
        if actor.role.startswith(_LEAD_ROLES):
            return actor.id
    named = [actor.id for actor in actors if actor.name == record.project.lead]
    return named[0] if named else ""


def _listed(record: Record, known: set[str]) -> list[Tie]:
    """Ties that the record lists itself: table `ties` with `one`, `other`, `kind`."""
    rows = record.rows("ties") if "ties" in type(record).model_fields else ()
    ties = [Tie(str(row.one), str(row.other), str(row.kind)) for row in rows]
    for tie in ties:
        strangers = {tie.one, tie.other} - known
        if strangers:
            raise MethodInputError(
                "a tie leads to an actor that the record does not list",
                file=f"projects/{record.project.slug}/ties.csv",
                found=sorted(strangers)[0],
                expected=", ".join(sorted(known)),
                remedy="add the actor to actors.csv, or correct the id",
            )
    return ties


def names_place(name: str, place: str) -> bool:
    """Whether an actor is the municipality of that name; a clinic that bears it is not."""
    return name in (place, f"Stadt {place}", f"Gemeinde {place}")
