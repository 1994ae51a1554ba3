"""The limit: the same cells in warm processes, without notebook and page.

`python -m benchmarks.warm_cells COUNT PROCESSES` prints the seconds from the first cell to the
last; what a process loads, and its first notebooks, come before.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import time
from pathlib import Path

import nbformat

from benchmarks.workload import jobs
from pipeline.errors import NoDataError
from pipeline.execution.jobs import Job


def run_cells(job: Job) -> None:
    """All code cells of a notebook in one namespace; a region without data ends early."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.suppress(NoDataError),
    ):
        for cell in nbformat.read(job.notebook, 4).cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, job.chapter, "exec"), namespace)
                if "parameters" in cell.metadata.get("tags", []):
                    namespace.update(job.parameters)


def _share(job_list: list[Job], start: object, done: object) -> None:
    for job in job_list[:2]:
        run_cells(job)  # warm
    start.wait()  # type: ignore[attr-defined]
    for job in job_list:
        run_cells(job)
    done.wait()  # type: ignore[attr-defined]


def main(count: int, processes: int) -> float:
    """Seconds for `count` notebooks in `processes` warm processes."""
    context = multiprocessing.get_context("spawn")
    start, done = context.Barrier(processes + 1), context.Barrier(processes + 1)
    todo = jobs(count, Path(os.devnull))
    shares = [
        context.Process(target=_share, args=(todo[number::processes], start, done))
        for number in range(processes)
    ]
    for share in shares:
        share.start()
    start.wait()
    began = time.perf_counter()
    done.wait()
    seconds = time.perf_counter() - began
    for share in shares:
        share.join()
    return seconds


if __name__ == "__main__":
    print(main(int(sys.argv[1]), int(sys.argv[2])))
