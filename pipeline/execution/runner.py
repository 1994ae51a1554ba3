"""One notebook: parameters in, executed notebook in place, and a word on what became of it."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.engines import papermill_engines
from papermill.execute import prepare_notebook_metadata, remove_error_markers
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook
from papermill.utils import chdir

from pipeline.errors import NoDataError
from pipeline.execution.jobs import Job
from pipeline.execution.results import ENGINES, FAILED, NO_DATA, OK, JobResult, RunSettings
from pipeline.execution.stable import notebook_bytes, write_whole

_MEGABYTE = 1024 * 1024


def run_job(job: Job, settings: RunSettings) -> JobResult:
    """Execute one notebook and put it in place, also one that fails: its error stands in it."""
    started = time.monotonic()
    try:
        notebook = _with_parameters(load_notebook_node(str(job.notebook)), job)
        error = _execute(notebook, job, settings)
        status, message = _outcome(notebook, error)
        content = notebook_bytes(notebook)
    except Exception as error:  # whatever it is, it is this notebook's failure alone
        job.output.unlink(missing_ok=True)  # never leave an older run's result under a failure
        return JobResult(job, FAILED, time.monotonic() - started, _words(error))
    try:
        write_whole(content, job.output, settings.scratch)
    except OSError as error:  # a full disk takes nothing away: an earlier result stays
        seconds, is_kept = time.monotonic() - started, job.output.is_file()
        return JobResult(job, FAILED, seconds, _words(error), is_older_kept=is_kept)
    digest = hashlib.sha256(content).hexdigest()
    return JobResult(job, status, time.monotonic() - started, message, digest)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _with_parameters(notebook: NotebookNode, job: Job) -> NotebookNode:
    logging.getLogger("papermill").setLevel(logging.ERROR)
    if job.parameters:
        notebook = parameterize_notebook(
            notebook, dict(job.parameters), kernel_name="python3", language="python"
        )
    return remove_error_markers(
        prepare_notebook_metadata(notebook, str(job.notebook), str(job.output))
    )


def _execute(notebook: NotebookNode, job: Job, settings: RunSettings) -> Exception | None:
    """Run the cells; the error that ended the kernel, if one did."""
    limits: dict[str, Any] = {}
    if settings.timeout is not None:
        limits["timeout_func"] = _rest_of(settings.timeout)
    memory = None if settings.memory is None else settings.memory * _MEGABYTE
    if settings.engine == "fork":
        limits |= {"memory": memory, "preload": settings.preload}
    try:
        with chdir(str(job.notebook.parent)), _watched(settings.engine, memory) as watch:
            papermill_engines.execute_notebook_with_engine(
                ENGINES[settings.engine], notebook, "python3", progress_bar=False, **limits
            )
    except Exception as error:
        _show(watch.error or error, notebook)
        return watch.error or error
    return None


def _rest_of(timeout: float) -> Callable[[NotebookNode], int]:
    """Seconds that are left for a cell when the whole notebook has `timeout`."""
    ends = time.monotonic() + timeout
    return lambda cell: max(1, math.ceil(ends - time.monotonic()))


def _show(error: Exception, notebook: NotebookNode) -> None:
    """The error as last output of the cell that ran; papermill writes none for a dead kernel."""
    ran = [cell for cell in notebook.cells if cell.metadata.papermill.get("start_time")]
    for cell in ran[-1:]:
        shown = [output.get("ename") for output in cell.get("outputs", [])]
        if cell.cell_type == "code" and type(error).__name__ not in shown:
            text = _first_lines(error)
            cell.outputs.append(
                new_output("error", ename=type(error).__name__, evalue=text, traceback=[text])
            )


def _first_lines(error: Exception) -> str:
    return str(error).split("\n", 1)[0]


def _outcome(notebook: NotebookNode, error: Exception | None) -> tuple[str, str]:
    """Status and message of an executed notebook."""
    if error is not None:
        return FAILED, f"{type(error).__name__}: {_first_lines(error)}"
    for cell in notebook.cells:
        if cell.metadata.get("papermill", {}).get("exception") is True:
            shown = [output for output in cell.outputs if output.output_type == "error"]
            name, value = (shown[-1].ename, shown[-1].evalue) if shown else ("error", "")
            message = f"cell {cell.execution_count}: {name}: {value}"
            if name == "SystemExit" and value in ("", "0"):
                return OK, ""
            return (NO_DATA if name == NoDataError.__name__ else FAILED), message
    return OK, ""


class _Watch:
    """What ended a plain kernel, if it was its memory."""

    error: Exception | None = None


@contextlib.contextmanager
def _watched(engine: str, memory: int | None) -> Iterator[_Watch]:
    """Watch the memory of a plain kernel; a forked one is watched by its client."""
    watch = _Watch()
    if engine == "fork" or memory is None:
        yield watch
        return
    done = threading.Event()
    thread = threading.Thread(target=_watch_children, args=(memory, watch, done), daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        done.set()
        thread.join()


def _watch_children(memory: int, watch: _Watch, done: threading.Event) -> None:
    import psutil  # type: ignore[import-untyped]

    while not done.wait(0.1):
        kernels = psutil.Process(os.getpid()).children(recursive=True)
        used = 0
        for process in kernels:
            with contextlib.suppress(psutil.Error):
                used += process.memory_info().rss
        if used > memory and watch.error is None:
            watch.error = MemoryError(
                f"the notebook used {used // _MEGABYTE:,} MB, "
                f"more than the {memory // _MEGABYTE:,} MB that it may"
            )
            for process in kernels:
                with contextlib.suppress(psutil.Error):
                    process.kill()
