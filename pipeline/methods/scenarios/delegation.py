"""Doctor time saved: delegation, video consultations, guides (Kümmerer, Lotsen).

Time that is set free is no seat: it never raises a grade. How many hours a measure saves is an
assumption; no source read here measured it for these places.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.methods.scenarios.base import Assumption, Course, Values
from pipeline.methods.scenarios.tracing import between

DELEGATION = (
    Assumption("taking_part", "Anteil der Praxen, die Aufgaben abgeben und Kümmerer nutzen", 50, 0,
               100, "percent", step=10, neutral=0),
    Assumption("hours_delegation", "Stunden, die Fachkräfte übernehmen, je Arztsitz", 3, 1, 6,
               "hours", step=0.5),
    Assumption("hours_telemedicine", "Stunden, die Videosprechstunden sparen, je Arztsitz", 0.5, 0,
               2, "hours", step=0.5),
    Assumption("hours_guides", "Stunden, die Kümmerer und Lotsen sparen, je Arztsitz", 1, 0, 3,
               "hours", step=0.5),
    Assumption("hours_coordination", "Stunden, die Absprachen kosten, je Arztsitz", 0.5, 0, 1.5,
               "hours", step=0.5),
    Assumption("hours_per_seat", "Arbeitszeit auf einem vollen Arztsitz", 45, 38, 52, "hours"),
    Assumption("guide_cost", "Kosten der Kümmerer und Lotsen für die Gemeinde, im Jahr je Arztsitz",
               6_000, 3_000, 12_000, "eur", step=500),
    Assumption("years_to_spread", "Jahre, bis alle Beteiligten so arbeiten", 3, 1, 6, "years"),
)  # fmt: skip


def delegation(course: Course, values: Values) -> Course:
    """Hours saved on the seats that are filled, as full seats of doctor time."""
    saved = (
        values["hours_delegation"]
        + values["hours_telemedicine"]
        + values["hours_guides"]
        - values["hours_coordination"]
    )
    share = values["taking_part"] / 100.0
    per_seat = saved / values["hours_per_seat"]
    spread = [between(i / values["years_to_spread"], 0.0, 1.0) for i in range(len(course.won))]
    involved = [s * share * done for s, done in zip(course.seats, spread, strict=True)]
    return replace(
        course,
        relief=tuple(r + n * per_seat for r, n in zip(course.relief, involved, strict=True)),
        cost=tuple(
            c + n * values["guide_cost"] for c, n in zip(course.cost, involved, strict=True)
        ),
    )
