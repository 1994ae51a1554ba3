"""Checks of what is written down about a grant: its rate, its amounts, its days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from pipeline.advice.funding import Funding
from pipeline.figures import german
from pipeline.methods.grants import GrantForm
from pipeline.methods.money import euro_text, share_percent
from pipeline.projects import finance, shown
from pipeline.projects.problems import Problem
from pipeline.projects.record import Record, key_of
from pipeline.projects.records import BudgetRow, Grant
from pipeline.projects.values import Period

#: Forms in which the rate itself is granted; in the others it is at most a ceiling.
_RATE_IS_GRANTED = (GrantForm.SHARE, None)


def rates(record: Record, funding: Funding) -> Iterator[Problem]:
    """Rates that cannot be, and rates that the finance plan contradicts.

    A share (Anteilfinanzierung, or no form given) is rate times costs of the plan; the share is
    rounded to the decimals of the rate, so that 66,67 % of a plan may miss it by cents. In the
    other forms a rate is a ceiling.
    """
    for grant in record.grants_proper:
        rate = grant.rate_percent
        if rate is None:
            continue
        decimals = _decimals(rate)
        words = f"Fördersatz {german.number(rate, decimals)} %"
        if not 0 < rate <= 100:
            message = f"{words}: möglich sind mehr als 0 und höchstens 100 Prozent."
            yield Problem("rate-impossible", "grants", grant.id, message)
            continue
        known = _amount_and_costs(record, grant)
        if known is None:
            continue
        amount, costs = known
        share = share_percent(amount, costs)
        shown_share, shown_rate = german.rounded(share, decimals), german.rounded(rate, decimals)
        is_share = grant.form in _RATE_IS_GRANTED
        if shown_share > shown_rate or (is_share and shown_share != shown_rate):
            yield Problem(
                "rate-differs",
                "grants",
                grant.id,
                f"{words}, aber {euro_text(amount)} sind "
                f"{german.number(share, max(decimals, 1))} % der Ausgaben von {euro_text(costs)} "
                "im Finanzierungsplan. Satz, Betrag oder Plan berichtigen.",
            )


def _decimals(rate: float) -> int:
    exponent = Decimal(repr(rate)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _amount_and_costs(record: Record, grant: Grant) -> tuple[int, int] | None:
    """The grant and the costs that it pays for, in cents; None where one of them is not known.

    The costs are those of the recipients whose plan names the grant, as approved, else as planned.
    """
    booked = [row for row in record.budget if row.grant == grant.id]
    recipients = {row.recipient for row in booked}
    rows = [row for row in record.budget if not recipients or row.recipient in recipients]
    costs = finance.costs(rows)
    column: finance.Column = "approved" if finance.total(costs, "approved").is_known else "planned"
    spent, income = finance.total(costs, column), finance.total(booked, column)
    amount = grant.amount if grant.amount is not None or not income.is_known else income.cents
    if amount is None or not spent.is_known or spent.cents <= 0:
        return None
    return amount, spent.cents


def amounts(record: Record, funding: Funding) -> Iterator[Problem]:
    """Amounts below zero."""
    for grant in record.grants:
        if grant.amount is not None and grant.amount < 0:
            message = f"Betrag {euro_text(grant.amount)}: Ein Betrag liegt nicht unter null."
            yield Problem("negative-amount", "grants", grant.id, message)
    for row in record.budget:
        for cents in _amounts_of(row):
            if cents < 0:
                message = f"{euro_text(cents)}: Ein Betrag im Plan liegt nicht unter null."
                yield Problem("negative-amount", "budget", row.position, message)


def _amounts_of(row: BudgetRow) -> list[int]:
    return [cents for cents in (row.planned, row.approved, row.actual) if cents is not None]


def days(record: Record, funding: Funding) -> Iterator[Problem]:
    """Periods that end before they begin, and notices dated after the end of what they grant."""
    for grant in record.grants:
        yield from _reversed("grants", grant.id, grant.period_start, grant.period_end)
        end = grant.period_end or record.end
        if grant.notice_date and end and grant.notice_date.first > end.last:
            yield Problem(
                "notice-after-end",
                "grants",
                grant.id,
                f"Bescheid vom {shown.day(grant.notice_date)}, der Zeitraum endet aber schon "
                f"{shown.day(end)}.",
            )
    for row in record.activities:
        yield from _reversed("activities", key_of(row), row.planned_start, row.planned_end)
        yield from _reversed("activities", key_of(row), row.actual_start, row.actual_end)


def _reversed(table: str, key: str, first: Period | None, last: Period | None) -> Iterator[Problem]:
    if first and last and last.last < first.first:
        message = f"Das Ende ({shown.day(last)}) liegt vor dem Beginn ({shown.day(first)})."
        yield Problem("dates", table, key, message)


def notices_to_come(record: Record, today: dt.date) -> Iterator[Problem]:
    """Notices that nobody can have received yet."""
    for grant in record.grants:
        if grant.notice_date and grant.notice_date.first > today:
            yield Problem(
                "notice-in-future",
                "grants",
                grant.id,
                f"Bescheid vom {shown.day(grant.notice_date)}: Dieser Tag liegt in der Zukunft.",
            )
