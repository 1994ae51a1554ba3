"""What a check of a record says: one problem, and the form of all checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.advice.funding import Funding
from pipeline.projects.record import Record


@dataclass(frozen=True)
class Problem:
    """Something that the check found.

    Attributes
    ----------
    rule : short name of the rule, for programs.
    table, row : where; `row` is the key of the row, "" for the whole table.
    message : what is wrong and what to do (German, printed).
    is_blocking : whether the record cannot be handed in with it.
    """

    rule: str
    table: str
    row: str
    message: str
    is_blocking: bool = True


Check = Callable[[Record, Funding], Iterator[Problem]]
