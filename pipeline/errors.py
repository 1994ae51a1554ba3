"""The one family of errors that users meet.

Every error says where it happened, what was found, what was expected and what to do, so that
somebody who has never seen the code can mend the input.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path


def nearest(word: str, known: Iterable[str], n: int = 4) -> list[str]:
    """The known words nearest to a mistyped one, nearest first; none where nothing is near."""
    by_key = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), list(by_key), n=n, cutoff=0.5)
    return [by_key[name] for name in near]


def known_words(word: str, known: Iterable[str]) -> str:
    """What `expected` says of a mistyped name: the nearest ones, then all."""
    names = list(known)
    everything = ", ".join(names)
    near = nearest(word, names)
    return f"{' or '.join(near)}, of: {everything}" if near else everything


class WorkspaceError(Exception):
    """Something a user can mend.

    Parameters
    ----------
    message : what is wrong, in one sentence.
    file : the file at fault.
    row : its row, counted as a text editor counts lines (the header is row 1).
    column : its column, by name.
    found, expected : the offending value and what should stand there.
    remedy : what to do about it.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | Path | None = None,
        row: int | None = None,
        column: str | None = None,
        found: object = None,
        expected: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.message = message
        self.file = str(file) if file is not None else None
        self.row = row
        self.column = column
        self.found = found
        self.expected = expected
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        place = self.file or ""
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column '{self.column}'"
        lines = [f"{place.lstrip(', ')}: {self.message}" if place else self.message]
        if self.found is not None:
            lines.append(f"  found:    {_short(self.found)}")
        if self.expected is not None:
            lines.append(f"  expected: {self.expected}")
        if self.remedy is not None:
            lines.append(f"  to do:    {self.remedy}")
        return "\n".join(lines)


def _short(value: object, limit: int = 200) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[:limit] + "…"


class RawDataError(WorkspaceError):
    """A raw file that cannot be read true to its content."""


class UnknownFormatError(RawDataError):
    """A file that no reader recognises."""


class SidecarError(WorkspaceError):
    """A raw file without a valid sidecar, or with bytes other than the sidecar's hash."""


class TableError(WorkspaceError):
    """A processed table that is missing or breaks its schema."""


class UnknownRegionError(WorkspaceError):
    """A region that neither the model regions nor the data know."""


class ParameterError(WorkspaceError):
    """A notebook or method parameter that does not exist or has the wrong type."""


class MethodInputError(WorkspaceError):
    """Input that a method's definition rules out (zero population, overlapping validity …)."""


class FigureError(WorkspaceError):
    """A figure that lacks a part of the figure contract."""


class NoDataError(WorkspaceError):
    """The data hold nothing for this question: a proper result ("keine Daten"), not a failure."""


class ExecutionError(WorkspaceError):
    """A notebook that did not run through."""


class VerificationError(WorkspaceError):
    """Something that `verify` found."""
