"""Run many notebooks, a few at a time, each on its own, and say what became of each.

One failure stays with its notebook. Everything is written whole: whatever is killed when, a file
that is there is complete, and `--resume` goes on from it.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from pkgutil import iter_modules

from pipeline import figures
from pipeline.errors import ExecutionError
from pipeline.execution.backends import Backend, DaskBackend, ForkBackend, SpawnBackend
from pipeline.execution.forking import unfit_to_fork
from pipeline.execution.jobs import OVERVIEW, Job
from pipeline.execution.results import ENGINES, FAILED, NO_DATA, OK, JobResult, RunSettings
from pipeline.execution.resume import (
    Ledger,
    Record,
    job_fingerprint,
    page_fingerprint,
    run_fingerprint,
)
from pipeline.execution.status import RunBook, read_status
from pipeline.execution.tasks import Blueprint, Page, PageResult, PageWriterFactory, Task
from pipeline.provenance import sha256_of
from pipeline.settings import Paths

__all__ = [
    "ENGINES", "FAILED", "NO_DATA", "OK", "JobResult", "PageResult", "Sweep", "SweepOptions",
    "read_status", "run_jobs",
]  # fmt: skip

Finished = Callable[[JobResult | PageResult], None]

#: What is loaded once and shared by all notebooks of a sweep.
SHARED_MODULES = (
    "numpy",
    "pandas",
    "pyarrow.parquet",
    "matplotlib.figure",
    "matplotlib.backends.backend_svg",
    "pipeline.tables.workspace",
    *(f"{figures.__name__}.{module.name}" for module in iter_modules(figures.__path__)),
)
SHARED_CALLS = ("pipeline.execution.warm:draw_once", "pipeline.tables.storage:hold_all")
#: As many notebooks run as there are cores: libraries must not start threads for each core again.
#: Sums over threads would depend on their number, too.
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class SweepOptions:
    """How a sweep is run.

    Attributes
    ----------
    workers : notebooks that run at a time on this machine.
    engine : "fork", or "kernel" for a plain kernel a notebook.
    timeout : seconds that a notebook may take; None: no limit.
    memory : megabytes that a notebook and its processes may occupy; None: no limit.
    scheduler : address of a dask scheduler; None: this machine.
    is_resumed : finished work is kept where nothing that went into it has changed.
    is_edition : the jobs are a whole edition, so executed notebooks of other regions and chapters
        are removed; else they are kept.
    pages : makes the writer of a region's page; None: no pages.
    modules, calls : loaded before the first notebook (see `nursery.Preparation`).
    """

    workers: int = 2
    engine: str = "fork"
    timeout: float | None = None
    memory: int | None = None
    scheduler: str | None = None
    is_resumed: bool = False
    is_edition: bool = False
    pages: PageWriterFactory | None = None
    modules: tuple[str, ...] = SHARED_MODULES
    calls: tuple[str, ...] = SHARED_CALLS


def run_jobs(
    jobs: Sequence[Job],
    paths: Paths,
    options: SweepOptions | None = None,
    finished: Finished = lambda result: None,
) -> list[JobResult]:
    """Run all jobs, and write the page of a region as soon as its notebooks are done.

    Parameters
    ----------
    finished : called with each result as it comes.

    Returns
    -------
    Results in the order of `jobs`.
    """
    with Sweep(paths, options or SweepOptions()) as sweep:
        return sweep.run(jobs, finished)


class Sweep:
    """One run. Workers begin to load when it is made, while its caller plans the jobs.

    Raises
    ------
    ExecutionError : an engine that does not exist.
    """

    def __init__(self, paths: Paths, options: SweepOptions) -> None:
        if options.engine not in ENGINES:
            raise ExecutionError(
                "there is no such engine", found=options.engine, expected=", ".join(ENGINES)
            )
        self._paths, self._options = paths, options
        self._scratch = paths.build / "run" / "partial"
        shutil.rmtree(self._scratch, ignore_errors=True)  # what a killed run left
        self._book = RunBook(paths)
        self._finished: Finished = lambda result: None
        self._results: dict[str, JobResult] = {}
        self._left: Counter[str] = Counter()
        self._outdated: set[str] = set()  # regions in which the notebook of an earlier run is left
        self._waiting = 0
        self._notebooks: dict[Path, str] = {}
        self._ledger = Ledger(paths.build / "run" / "finished.jsonl")
        # a cluster keeps its workers, so it must know at once which code and tables they hold
        self._version = run_fingerprint(paths) if options.scheduler else ""
        self._backend = self._start()

    def __enter__(self) -> Sweep:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def run(self, jobs: Sequence[Job], finished: Finished) -> list[JobResult]:
        """Everything, from the first notebook to the last page; as `run_jobs`."""
        self._finished = finished
        self._left.update(job.region for job in jobs)
        self._version = self._version or run_fingerprint(self._paths)
        for job in jobs:
            reused = self._reused(job)
            if reused is not None:
                self._take(reused)
            else:
                self._submit(job)
        while self._waiting:
            task, result = self._backend.next()
            self._waiting -= 1
            if isinstance(task, Page) and isinstance(result, PageResult):
                self._take_page(task, result)
            elif isinstance(result, JobResult):
                self._take(result)
        ordered = [self._results[job.name] for job in jobs]
        if self._options.is_edition:
            self._remove_others(ordered)
        return ordered

    def close(self) -> None:
        """End what still runs, and write down what is known."""
        self._backend.close()
        self._ledger.close()
        self._book.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _start(self) -> Backend:
        options = self._options
        settings = RunSettings(options.engine, options.timeout, options.memory, self._scratch)
        reason = unfit_to_fork() if options.engine == "fork" and not options.scheduler else ""
        if reason:
            self._book.say(f"engine fork: {reason}; notebooks run in plain kernels")
            settings = RunSettings("kernel", options.timeout, options.memory, self._scratch)
        environment = {
            **self._paths.environment(),
            # all children of a fork share one seed; so that both engines order sets alike
            "PYTHONHASHSEED": os.environ.get("PYTHONHASHSEED", "0"),
            **{name: os.environ.get(name, "1") for name in _ONE_THREAD},
        }
        blueprint = Blueprint(
            settings, environment, options.modules, options.calls, options.pages, self._version
        )
        if options.scheduler:
            return DaskBackend(blueprint, options.scheduler)
        if settings.engine == "fork":
            return ForkBackend(blueprint, options.workers)
        os.environ.update(environment)  # spawned processes and their kernels inherit it
        return SpawnBackend(blueprint, options.workers)

    def _submit(self, task: Task) -> None:
        self._backend.submit(task)
        self._waiting += 1

    def _take(self, result: JobResult) -> None:
        """A notebook has ended; if it was its region's last, the page is next."""
        job = result.job
        self._results[job.name] = result
        if result.status != FAILED and not result.is_reused:
            record = Record(
                job.name, self._fingerprint(job), result.digest, result.status, result.message
            )
            self._ledger.add(record)
        self._book.note(result)
        self._finished(result)
        if result.is_older_kept:
            self._outdated.add(job.region)
        self._left[job.region] -= 1
        if not self._left[job.region] and self._options.pages and job.region != OVERVIEW:
            self._ask_for_page(job.region)

    def _ask_for_page(self, region: str) -> None:
        if region in self._outdated:  # a page must not mix two runs
            self._book.say(f"page               {region}  left as it was: a notebook is older")
            return
        status = self._book.status[region]
        page = Page(region, {name: s["status"] for name, s in status.items()})
        file = self._paths.reports / f"{region}.html"
        fingerprint = self._page_fingerprint(page)
        if not (self._options.is_resumed and self._ledger.find(page.name, fingerprint, file)):
            self._submit(page)

    def _take_page(self, page: Page, result: PageResult) -> None:
        if result.digest:
            fingerprint = self._page_fingerprint(page)
            self._ledger.add(Record(page.name, fingerprint, result.digest, OK))
        self._book.note_page(result)
        self._finished(result)

    def _reused(self, job: Job) -> JobResult | None:
        """The result of an earlier run, if it is still good."""
        if not self._options.is_resumed:
            return None
        record = self._ledger.find(job.name, self._fingerprint(job), job.output)
        if record is None:
            return None
        return JobResult(job, record.status, 0.0, record.message, record.digest, is_reused=True)

    def _fingerprint(self, job: Job) -> str:
        if job.notebook not in self._notebooks:
            self._notebooks[job.notebook] = sha256_of(job.notebook)
        return job_fingerprint(job, self._version, self._notebooks[job.notebook])

    def _page_fingerprint(self, page: Page) -> str:
        folder = self._paths.build / "notebooks" / page.region
        files = {name: folder / f"{name}.ipynb" for name in page.chapters}
        chapters = [
            (name, page.chapters[name], sha256_of(file) if file.is_file() else "")
            for name, file in files.items()
        ]
        return page_fingerprint(self._version, page.region, chapters)

    def _remove_others(self, results: list[JobResult]) -> None:
        """Executed notebooks that are not part of the edition."""
        wanted = {result.job.output for result in results}
        for path in (self._paths.build / "notebooks").rglob("*.ipynb"):
            if path not in wanted:
                path.unlink()
        self._book.forget_all_but(results)
