"""Plan against actual money, in cents: sums per side, what they leave open, co-financing.

Kinds of finance are kept apart: `income_by_kind` is the only place where income is added up, and it
adds within one kind. Costs against income is compared for cash alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from pipeline.methods.money import share_percent
from pipeline.projects.record import Record
from pipeline.projects.records import BudgetRow
from pipeline.projects.vocabulary import CASH_KINDS, FinanceKind, Side

Column = Literal["planned", "approved", "actual"]
COLUMNS: tuple[Column, ...] = ("planned", "approved", "actual")


@dataclass(frozen=True)
class Total:
    """A sum in cents; `missing` positions hold no amount, so the sum may be too small."""

    cents: int
    missing: int
    positions: int

    @property
    def is_known(self) -> bool:
        """Whether there is a position, and each holds an amount."""
        return self.positions > 0 and self.missing == 0


def total(rows: Iterable[BudgetRow], column: Column) -> Total:
    """Sum of a column over positions."""
    amounts = [getattr(row, column) for row in rows]
    known = [amount for amount in amounts if amount is not None]
    return Total(sum(known), len(amounts) - len(known), len(amounts))


def budget_of(
    record: Record, recipient: str | None = None, year: str | None = None
) -> tuple[BudgetRow, ...]:
    """The finance plan of a recipient and funding year; None stands for all."""
    return tuple(
        row
        for row in record.budget
        if recipient in (None, row.recipient) and year in (None, row.year)
    )


def costs(rows: Iterable[BudgetRow]) -> tuple[BudgetRow, ...]:
    """The side of the expenditure."""
    return tuple(row for row in rows if row.side is Side.COST)


def cash_income(rows: Iterable[BudgetRow]) -> tuple[BudgetRow, ...]:
    """Income that pays bills."""
    return tuple(row for row in rows if row.side is Side.INCOME and row.kind in CASH_KINDS)


def income_by_kind(rows: Iterable[BudgetRow], column: Column) -> dict[FinanceKind, Total]:
    """Sum of each kind of finance by itself."""
    income = [row for row in rows if row.side is Side.INCOME and row.kind is not None]
    return {
        kind: total([row for row in income if row.kind is kind], column)
        for kind in FinanceKind
        if any(row.kind is kind for row in income)
    }


@dataclass(frozen=True)
class Cofinancing:
    """Who carries the planned costs, in cents.

    Attributes
    ----------
    costs : all planned costs.
    by_kind : planned income of each kind.
    open : costs that no recorded income covers; negative where income exceeds the costs.
    grant_percent : share of the grants in the costs; None without costs.
    """

    costs: int
    by_kind: dict[FinanceKind, int]
    open: int
    grant_percent: float | None


def cofinancing(rows: Iterable[BudgetRow], column: Column = "planned") -> Cofinancing | None:
    """The arithmetic of the finance plan; None where no costs are recorded."""
    rows = tuple(rows)
    spent = total(costs(rows), column)
    if not spent.is_known:
        return None
    by_kind = {kind: t.cents for kind, t in income_by_kind(rows, column).items() if t.is_known}
    covered = total(cash_income(rows), column).cents
    grant = by_kind.get(FinanceKind.GRANT)
    return Cofinancing(
        spent.cents,
        by_kind,
        spent.cents - covered,
        None if grant is None or not spent.cents else share_percent(grant, spent.cents),
    )


def closes(rows: Iterable[BudgetRow], column: Column) -> bool | None:
    """Whether cash income equals costs to the cent; None where an amount is missing."""
    rows = tuple(rows)
    spent, covered = total(costs(rows), column), total(cash_income(rows), column)
    if not spent.is_known or covered.missing:
        return None
    return spent.cents == covered.cents


def receipts_total(record: Record, position: str, recipient: str | None, year: str | None) -> int:
    """Sum of the receipts of a position, in cents; a year is cut by the day of payment."""
    return sum(
        receipt.amount or 0
        for receipt in record.receipts
        if receipt.position == position
        and recipient in (None, receipt.recipient)
        and (year in (None, "") or (receipt.date is not None and receipt.date.text[:4] == year))
    )


def costs_by_year(record: Record) -> pd.DataFrame:
    """The funding-year cut: costs of each year and the receipts paid in it.

    Returns
    -------
    `year`, then in cents `planned`, `approved`, `actual` (None where an amount is missing) and
    `receipts`; empty where positions name no year.
    """
    spent = costs(record.budget)
    positions = {row.position for row in spent}
    rows: list[dict[str, object]] = []
    for year in sorted({row.year for row in spent if row.year}):
        own = [row for row in spent if row.year == year]
        sums = {column: total(own, column) for column in COLUMNS}
        paid = sum(receipts_total(record, position, None, year) for position in positions)
        known: dict[str, object] = {
            column: t.cents if t.is_known else None for column, t in sums.items()
        }
        rows.append({"year": year, **known, "receipts": paid if record.receipts else None})
    return pd.DataFrame(rows)


def unit_costs(record: Record) -> pd.DataFrame:
    """Cost per unit of output, planned and as it came.

    Returns
    -------
    `label`, `unit`, `planned_cents` (costs), `planned_units`, `planned_per_unit`, the same for
    `actual`; None where costs or units are missing. Costs count towards an output where the
    position names the indicator.
    """
    rows = []
    for indicator in record.indicators:
        positions = [row for row in costs(record.budget) if row.output == indicator.id]
        if not positions:
            continue
        targets = [t.value for t in record.targets if t.indicator == indicator.id and t.value]
        values = [m.value for m in record.measurements if m.indicator == indicator.id and m.value]
        row: dict[str, object] = {"label": indicator.label, "unit": indicator.unit}
        for name, column, amounts in (
            ("planned", "planned", targets),
            ("actual", "actual", values),
        ):
            money = total(positions, column)  # type: ignore[arg-type]
            units = amounts[-1] if amounts else None
            is_exact = units is not None and not units.bound and units.value > 0
            row[f"{name}_cents"] = money.cents if money.is_known else None
            row[f"{name}_units"] = units
            row[f"{name}_per_unit"] = (
                round(money.cents / units.value)  # type: ignore[union-attr]
                if money.is_known and is_exact
                else None
            )
        rows.append(row)
    return pd.DataFrame(rows)
