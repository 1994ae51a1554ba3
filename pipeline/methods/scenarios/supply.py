"""Doctors who stay, leave or come: no successor, later retirement, grants, scholarships.

A doctor won from the neighbour is lost there: `neighbour_seats` falls by what is won from there,
so the area and its neighbours together gain only those who come from elsewhere.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.methods.scenarios.base import (
    ASSUMPTION,
    Assumption,
    Course,
    Values,
    cumulated_exits,
    pool,
)
from pipeline.methods.scenarios.tracing import Real, larger, smaller

#: KVN: 1.5 to 2 new doctors a retiree, so a newcomer fills half to two thirds of a seat.
SEATS_PER_HEAD = Assumption(
    "seats_per_head",
    "Arztsitz-Anteil, den eine neue Ärztin oder ein neuer Arzt füllt",
    60,
    50,
    100,
    "percent",
    "KVN laut Wolfsburger Allgemeiner (Kreis Gifhorn): anderthalb bis zwei Neue je Ausscheidenden",
    5,
)
FROM_NEIGHBOURS = Assumption(
    "from_neighbours",
    "Anteil der Gewonnenen, die aus der Nachbarschaft kommen",
    50, 0, 100, "percent", step=10,
)  # fmt: skip

DELAYED_RETIREMENT = (
    Assumption(
        "delay_years",
        "Jahre, die alle länger arbeiten",
        3,
        0,
        5,
        "years",
        "bifg und Bertelsmann Stiftung 2025 rechnen mit drei Jahren als Variante",
        1,
        neutral=0,
    ),
)
NO_SUCCESSOR = (
    Assumption(
        "lost_successors",
        "Anteil der erwarteten Nachfolger, der ausbleibt",
        100, 0, 100, "percent", step=10, neutral=0,
    ),
)  # fmt: skip
SETTLEMENT_GRANTS = (
    Assumption("grants_a_year", "Zuschüsse für Niederlassungen im Jahr", 0.5, 0, 2, "per_year",
               step=0.25, neutral=0),
    Assumption(
        "grant_sum",
        "Höhe eines Zuschusses",
        50_000,
        20_000,
        60_000,
        "eur",
        "Wolfsburg: 20.000 € (seit 2012), bis 50.000 € (um 2025); Hausarztaktionsprogramm NRW: "
        "bis 60.000 €",
        5_000,
    ),
    Assumption("would_come_anyway", "Anteil, der auch ohne Zuschuss gekommen wäre", 50, 20, 80,
               "percent", step=10),
    SEATS_PER_HEAD,
    FROM_NEIGHBOURS,
)  # fmt: skip
SCHOLARSHIPS = (
    Assumption(
        "scholarships_a_year",
        "neue Stipendien im Jahr",
        0.5,
        0,
        4,
        "per_year",
        ASSUMPTION + "; der Kreis Steinfurt vergab seit 2018 höchstens vier zugleich",
        0.5,
        neutral=0,
    ),
    Assumption("scholarship_month", "Stipendium im Monat", 500, 300, 500, "eur",
               "Kreis Steinfurt 2018: bis zu 500 €", 50),
    Assumption("scholarship_years", "Jahre, in denen gezahlt wird", 4, 2, 6, "years"),
    Assumption("years_to_practice", "Jahre vom Stipendium bis zur Praxis", 9, 7, 12, "years"),
    Assumption("arriving_share", "Anteil der Geförderten, der in der Region arbeitet", 50, 25, 75,
               "percent", step=5),
    SEATS_PER_HEAD,
)  # fmt: skip


def delayed_retirement(course: Course, values: Values) -> Course:
    """Everybody leaves `delay_years` later; their successors come later too."""
    exits = cumulated_exits(course.start, values, values["delay_years"])
    share = values["succession_share"]
    return replace(course, exits=exits, succession=tuple(out * share / 100.0 for out in exits))


def no_successor(course: Course, values: Values) -> Course:
    """A share of the expected successors does not come."""
    kept = 1.0 - values["lost_successors"] / 100.0
    return replace(course, succession=tuple(seats * kept for seats in course.succession))


def settlement_grants(course: Course, values: Values) -> Course:
    """Grants win doctors, as far as seats are free; some would have come anyway."""
    effective = 1.0 - values["would_come_anyway"] / 100.0
    each = effective * (values["seats_per_head"] / 100.0)
    wanted = tuple(values["grants_a_year"] * i * each for i in range(len(course.won)))
    spent = values["grants_a_year"] * values["grant_sum"]
    cost = tuple(0.0 if i == 0 else spent for i in range(len(course.won)))
    return add_doctors(course, values, wanted, cost, values["from_neighbours"])


def scholarships(course: Course, values: Values) -> Course:
    """Scholarships win doctors after years of training; all of them from outside the area."""
    each = values["arriving_share"] / 100.0 * (values["seats_per_head"] / 100.0)
    n = len(course.won)
    arrived = [larger(i - values["years_to_practice"], 0.0) for i in range(n)]
    wanted = tuple(values["scholarships_a_year"] * years * each for years in arrived)
    yearly = values["scholarships_a_year"] * 12.0 * values["scholarship_month"]
    cost = tuple(yearly * smaller(float(i), values["scholarship_years"]) for i in range(n))
    return add_doctors(course, values, wanted, cost, 0.0)


def add_doctors(
    course: Course,
    values: Values,
    wanted: tuple[Real, ...],
    cost: tuple[Real, ...],
    from_neighbours: Real,
) -> Course:
    """Fill seats, never more than can be filled (`pool`).

    Parameters
    ----------
    wanted : seats that would be filled by each year if there were enough.
    cost : money of the municipality in each year; it is spent whether or not a seat was free.
    from_neighbours : percent of the doctors who leave a neighbour for this.
    """
    gained = tuple(smaller(w, p) for w, p in zip(wanted, pool(course, values), strict=True))
    share = from_neighbours / 100.0
    return replace(
        course,
        won=tuple(a + b for a, b in zip(course.won, gained, strict=True)),
        neighbour_seats=tuple(
            a - b * share for a, b in zip(course.neighbour_seats, gained, strict=True)
        ),
        cost=tuple(a + b for a, b in zip(course.cost, cost, strict=True)),
    )
