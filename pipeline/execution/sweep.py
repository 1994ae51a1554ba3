"""Run many notebooks: a few at a time, each on its own, and say what became of each.

One failure stays with its notebook. `status.json` beside the executed notebooks says what they
are worth; times and logs, which differ from run to run, stand in build/run.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook

from pipeline.errors import NoDataError
from pipeline.execution.jobs import Job
from pipeline.execution.stable import write_stable
from pipeline.settings import Paths

OK, NO_DATA, FAILED = "ok", "no_data", "failed"


@dataclass(frozen=True)
class JobResult:
    """What became of a job: `OK`, `NO_DATA` or `FAILED`, why, and how long it took (seconds)."""

    job: Job
    status: str
    seconds: float
    message: str = ""


def run_job(job: Job, timeout: float | None = None) -> JobResult:
    """Execute one notebook with papermill and put it in place.

    A notebook that fails is put in place too, with its error, so that it can be looked at.
    """
    started = time.monotonic()
    status, message = OK, ""
    job.output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="versorgungslabor-") as folder:
        executed = Path(folder) / job.output.name
        try:
            execute_notebook(
                str(job.notebook),
                str(executed),
                parameters=dict(job.parameters),
                progress_bar=False,
                log_output=False,
                kernel_name="python3",
                cwd=job.notebook.parent,
                execution_timeout=timeout,
            )
        except PapermillExecutionError as error:
            status = NO_DATA if error.ename == NoDataError.__name__ else FAILED
            message = f"cell {error.exec_count}: {error.ename}: {error.evalue}"
        except Exception as error:  # a kernel that dies or hangs is this notebook's failure alone
            status, message = FAILED, f"{type(error).__name__}: {error}"
        if executed.is_file():
            write_stable(executed, job.output)
        else:
            job.output.unlink(missing_ok=True)  # never leave an older run's result under a failure
    return JobResult(job, status, time.monotonic() - started, message)


def run_jobs(
    jobs: Sequence[Job],
    paths: Paths,
    *,
    workers: int = 2,
    timeout: float | None = None,
    is_edition: bool = False,
    finished: Callable[[JobResult], None] = lambda result: None,
) -> list[JobResult]:
    """Run all jobs, `workers` at a time.

    Parameters
    ----------
    timeout : seconds that one cell may take; None: no limit.
    is_edition : the jobs are a whole edition, so executed notebooks of other regions and chapters
        are removed; else they are kept.
    finished : called with each result as it comes.

    Returns
    -------
    Results in the order of `jobs`.
    """
    os.environ.update(paths.environment())  # kernels inherit the folders
    context = multiprocessing.get_context("spawn")
    results: dict[str, JobResult] = {}
    with ProcessPoolExecutor(max_workers=workers, mp_context=context, initializer=_quiet) as pool:
        pending: dict[Future[JobResult], Job] = {
            pool.submit(run_job, job, timeout): job for job in jobs
        }
        for future in as_completed(pending):
            job = pending[future]
            error = future.exception()
            result = future.result() if error is None else JobResult(job, FAILED, 0.0, str(error))
            results[job.name] = result
            finished(result)
    ordered = [results[job.name] for job in jobs]
    if is_edition:
        _remove_others(ordered, paths)
    write_status(ordered, paths)
    return ordered


def _remove_others(results: Sequence[JobResult], paths: Paths) -> None:
    """Executed notebooks that are not part of the edition: an edition holds just its regions."""
    wanted = {result.job.output for result in results}
    for path in (paths.build / "notebooks").rglob("*.ipynb"):
        if path not in wanted:
            path.unlink()
    status_path(paths).unlink(missing_ok=True)


def _quiet() -> None:
    logging.getLogger("papermill").setLevel(logging.ERROR)


def write_status(results: Sequence[JobResult], paths: Paths) -> None:
    """Merge results into build/notebooks/status.json, and times and messages into build/run."""
    status = read_status(paths)
    for result in results:
        status.setdefault(result.job.region, {})[result.job.chapter] = {"status": result.status}
    _write_json(status_path(paths), dict(sorted(status.items())))
    run = paths.build / "run"
    _write_json(run / "timings.json", {r.job.name: round(r.seconds, 3) for r in results})
    _write_json(run / "messages.json", {r.job.name: r.message for r in results if r.message})


def status_path(paths: Paths) -> Path:
    """The file that says which executed notebook is worth what."""
    return paths.build / "notebooks" / "status.json"


def read_status(paths: Paths) -> dict[str, dict[str, dict[str, str]]]:
    """region → chapter → {"status": …}; empty before the first run."""
    path = status_path(paths)
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    partial.replace(path)
