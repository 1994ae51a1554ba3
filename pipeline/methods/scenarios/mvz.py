"""A municipal medical centre (MVZ): seats, cash by month, break-even, and what the town risks.

An MVZ creates no seat. It needs seats that are free in the planning area, or bought ones, and
doctors. A bought seat was filled before, so it raises nothing; it only changes the owner.

What Kalletal published (280,000 € for equipment from MAGS and KVWL, up to 515,000 € of municipal
support, partly a loan) is an example of the order of magnitude and calibrates nothing. A grant is
no loan: the two are shown side by side and never summed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from pipeline.methods.scenarios.base import ASSUMPTION, Assumption, Course, Values
from pipeline.methods.scenarios.supply import add_doctors
from pipeline.methods.scenarios.tracing import Real, between, larger, plain, smaller, total

MVZ = (
    Assumption("mvz_doctors", "angestellte Ärztinnen und Ärzte im MVZ", 2, 0, 4, "heads", step=0.5,
               neutral=0),
    Assumption("mvz_seats_per_doctor", "Arztsitz-Anteil je angestellter Person", 75, 50, 100,
               "percent", step=5),
    Assumption("seats_assigned", "freie Arztsitze, die das MVZ erhält", 1.5, 0, 3, "seats",
               step=0.5),
    Assumption("seats_bought", "gekaufte Arztsitze", 0, 0, 2, "seats", step=0.5),
    Assumption("seat_price", "Preis eines gekauften Arztsitzes", 60_000, 20_000, 120_000, "eur",
               step=10_000),
    Assumption("mvz_from_neighbours", "Anteil der MVZ-Ärzte, die aus der Nachbarschaft kommen",
               30, 0, 100, "percent", step=10),
    Assumption("revenue_per_seat", "Honorar je vollem Arztsitz im Jahr", 300_000, 240_000, 360_000,
               "eur", step=10_000),
    Assumption("doctor_cost", "Arbeitgeberkosten je vollem Arztsitz im Jahr", 150_000, 120_000,
               180_000, "eur", step=5_000),
    Assumption("staff_per_seat", "Medizinische Fachangestellte je Arztsitz", 1.8, 1.2, 2.4,
               "heads", step=0.1),
    Assumption("staff_cost", "Arbeitgeberkosten je Fachangestellter im Jahr", 48_000, 42_000,
               56_000, "eur", step=1_000),
    Assumption("other_cost", "Miete, Material und Verwaltung je Arztsitz im Jahr", 50_000, 35_000,
               80_000, "eur", step=5_000),
    Assumption("start_cost", "Kosten bis zur Eröffnung", 600_000, 300_000, 900_000, "eur",
               step=50_000),
    Assumption(
        "equipment_grant",
        "Zuschuss für die Ausstattung",
        280_000,
        0,
        280_000,
        "eur",
        ASSUMPTION + " nach dem Beispiel Kalletal 2025: 280.000 € von MAGS und KVWL",
        20_000,
    ),
    Assumption(
        "municipal_loan",
        "Darlehen der Gemeinde",
        200_000,
        0,
        515_000,
        "eur",
        ASSUMPTION + "; Kalletal 2025: bis 515.000 € Unterstützung, nur zum Teil Darlehen",
        25_000,
    ),
    Assumption("loan_years", "Laufzeit des Darlehens", 10, 5, 15, "years"),
    Assumption("interest", "Zins des Darlehens im Jahr", 3, 1, 5, "percent", step=0.5),
    Assumption("ramp_months", "Monate, bis die Sprechstunden voll sind", 18, 6, 36, "months",
               step=3),
    Assumption("notice_months", "Monate Lohn und Miete bei einer Schließung", 6, 3, 12, "months"),
    Assumption("resale_share", "Anteil der Startkosten, den ein Verkauf einbringt", 20, 0, 40,
               "percent", step=5),
    Assumption("guarantee_months", "Monate Honorar, für die gebürgt wird", 6, 3, 12, "months"),
)  # fmt: skip


class Month(NamedTuple):
    """Money of the MVZ in one month, in euros: result after interest, loan left at its end."""

    result: Real
    loan: Real


@dataclass(frozen=True)
class Risk:
    """What the town has at stake in a year, in euros. Different kinds of money: never summed.

    Attributes
    ----------
    loan : outstanding loan, lost if the MVZ fails.
    guarantee : claims of the KV and the health insurers that the guarantee of the owner covers.
    exit_cost : wages and rent until closure, less what a sale brings; not below zero.
    """

    loan: float
    guarantee: float
    exit_cost: float


def opened(values: Values) -> Real:
    """1 where there is an MVZ: from half a doctor up; 0 without doctors."""
    return between(2.0 * values["mvz_doctors"], 0.0, 1.0)


def staffed_seats(values: Values) -> Real:
    """Full seats that the employed doctors can fill."""
    return values["mvz_doctors"] * (values["mvz_seats_per_doctor"] / 100.0)


def new_seats(values: Values) -> Real:
    """Seats that the MVZ adds to the area: doctors beyond the bought seats, on free seats."""
    beyond = larger(staffed_seats(values) - values["seats_bought"], 0.0)
    return smaller(beyond, values["seats_assigned"])


def seats_by_year(before: Course, after: Course, values: Values) -> tuple[Real, ...]:
    """Seats filled in the MVZ at each year: those bought, and those it won for the area."""
    bought = smaller(staffed_seats(values), values["seats_bought"])
    return tuple(
        0.0 if i == 0 else bought + (new - old)
        for i, (old, new) in enumerate(zip(before.won, after.won, strict=True))
    )


def cash_flow(values: Values, seats: tuple[Real, ...]) -> list[Month]:
    """Result and loan of every month from the opening on.

    Fees grow evenly to their full height within `ramp_months`; costs are there from the first
    day. The loan is paid back in equal parts, and only out of a surplus.

    Parameters
    ----------
    seats : seats filled in the MVZ by year; the first year is the one before the opening.
    """
    cost = (
        values["doctor_cost"]
        + values["staff_per_seat"] * values["staff_cost"]
        + values["other_cost"]
    )
    loan: Real = values["municipal_loan"] * opened(values)
    instalment = loan / (12.0 * values["loan_years"])
    months = []
    for number in range(12 * (len(seats) - 1)):
        filled = smaller((number + 1) / values["ramp_months"], 1.0)
        operating = seats[1 + number // 12] * (values["revenue_per_seat"] * filled - cost) / 12.0
        result = operating - loan * values["interest"] / 1200.0
        loan = loan - smaller(between(result, 0.0, instalment), loan)
        months.append(Month(result, loan))
    return months


def mvz(course: Course, values: Values) -> Course:
    """Seats that the MVZ fills, and what the town pays: start money, bought seats, losses."""
    n = len(course.won)
    nothing = (0.0,) * n
    wanted = tuple(0.0 if i == 0 else new_seats(values) for i in range(n))
    filled = add_doctors(course, values, wanted, nothing, values["mvz_from_neighbours"])
    months = cash_flow(values, seats_by_year(course, filled, values))
    losses = [
        larger(-1.0 * total([m.result for m in months[12 * i : 12 * i + 12]]), 0.0)
        for i in range(n - 1)
    ]
    losses[0] = losses[0] + own_start_money(values)
    loans = [months[12 * i + 11].loan for i in range(n - 1)]
    return replace(
        filled,
        cost=tuple(a + b for a, b in zip(filled.cost, [0.0, *losses], strict=True)),
        loan=tuple(a + b for a, b in zip(filled.loan, [0.0, *loans], strict=True)),
    )


def own_start_money(values: Values) -> Real:
    """What the town pays at the start: the cost that neither grant nor loan covers, and seats."""
    uncovered = values["start_cost"] - values["equipment_grant"] - values["municipal_loan"]
    bought = values["seats_bought"] * values["seat_price"]
    return (larger(uncovered, 0.0) + bought) * opened(values)


def break_even_month(months: list[Month]) -> int | None:
    """The first month (1 = opening) without a loss; None within the horizon."""
    return next((i for i, m in enumerate(months, 1) if plain(m.result) >= 0), None)


def payback_month(months: list[Month], start_money: float) -> int | None:
    """The first month in which all results together have earned the start money; None: never."""
    balance = -start_money
    for number, month in enumerate(months, 1):
        balance += plain(month.result)
        if balance >= 0:
            return number
    return None


def risk(values: Values, months: list[Month], seats: float, after_months: int) -> Risk:
    """What the town has at stake `after_months` after the opening.

    Parameters
    ----------
    seats : seats filled in the MVZ then.
    """
    given = {name: plain(value) for name, value in values.items()}
    wages = given["doctor_cost"] + given["staff_per_seat"] * given["staff_cost"]
    closing = given["notice_months"] * seats * (wages + given["other_cost"]) / 12.0
    resale = given["resale_share"] / 100.0 * given["start_cost"]
    return Risk(
        loan=plain(months[after_months - 1].loan),
        guarantee=given["guarantee_months"] * seats * given["revenue_per_seat"] / 12.0,
        exit_cost=max(closing - resale, 0.0),
    )
