"""The live board of a sweep: done, running, without data, failed, and the time that is left."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from pipeline.execution.results import FAILED, NO_DATA, JobResult
from pipeline.execution.tasks import PageResult


class Board:
    """A line on the terminal that follows a sweep.

    Parameters
    ----------
    console : where it is drawn; a console that is no terminal shows the last state only.
    total : number of notebooks.
    workers : how many run at a time.

    Attributes
    ----------
    failed_pages : pages that could not be written.
    """

    def __init__(self, console: Console, total: int, workers: int) -> None:
        self._total, self._workers = total, workers
        self.failed_pages: list[PageResult] = []
        self._counts = {"done": 0, NO_DATA: 0, FAILED: 0, "reused": 0, "pages": 0}
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(), console=console,
        )  # fmt: skip
        self._task = self._progress.add_task(self._words(), total=total)

    def __enter__(self) -> Board:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def update(self, result: JobResult | PageResult) -> None:
        """Count a result."""
        if isinstance(result, PageResult):
            self._counts["pages"] += 1
            if result.message:
                self.failed_pages.append(result)
        else:
            self._counts["done"] += 1
            self._counts["reused"] += result.is_reused
            if result.status in self._counts:
                self._counts[result.status] += 1
        self._progress.update(self._task, completed=self._counts["done"], description=self._words())

    def _words(self) -> str:
        counts = self._counts
        running = min(self._workers, self._total - counts["done"])
        words = f"analyse: {running} running"
        for name, colour, label in (
            ("reused", "cyan", "reused"),
            (NO_DATA, "bright_black", "without data"),
            (FAILED, "bold red", "failed"),
            ("pages", "green", "pages"),
        ):
            if counts[name]:
                words += f", [{colour}]{counts[name]} {label}[/]"
        return words
