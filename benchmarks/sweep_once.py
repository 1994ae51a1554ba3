"""One sweep in a process of its own: `python -m benchmarks.sweep_once COUNT FOLDER [memory]`.

Notebook and page are written for each run; the page is that of `jupyter nbconvert`, so that both
sides of the comparison make the same files. With `memory`, the memory of the workers and the time
of each notebook are printed as JSON.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from functools import partial
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from benchmarks.workload import jobs, page_writer
from pipeline.execution.sweep import FAILED, SweepOptions, run_jobs
from pipeline.settings import Paths

WORKERS = 2


def main(count: int, folder: Path, *, is_measured: bool) -> None:
    """Run, and stop with an error if a notebook or page failed."""
    build = folder / "build"
    notebooks = build / "notebooks"
    paths = Paths(build=build, reports=notebooks)
    options = SweepOptions(workers=WORKERS, pages=partial(page_writer, notebooks))
    memory = _Memory() if is_measured else None
    ended: list[float] = []
    results = run_jobs(
        jobs(count, notebooks), paths, options, lambda result: ended.append(time.monotonic())
    )
    failed = [result for result in results if result.status == FAILED]
    pages = len(list(notebooks.rglob("*.html")))
    if failed or pages != count:
        sys.exit(f"{len(failed)} notebooks failed, {pages} of {count} pages: {failed[:1]}")
    if memory is not None:
        print(json.dumps({"pss": memory.stop(), "ended": ended}))


class _Memory:
    """Proportional set size of the workers, over time, in megabytes a worker."""

    def __init__(self) -> None:
        self._samples: list[float] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._done.wait(0.5):
            try:
                workers = [w for n in psutil.Process().children() for w in n.children()]
                sizes = [w.memory_full_info().pss / 1e6 for w in workers]
            except psutil.Error:
                continue
            if len(sizes) == WORKERS:
                self._samples.append(sum(sizes) / WORKERS)

    def stop(self) -> list[float]:
        self._done.set()
        self._thread.join()
        return self._samples


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), is_measured="memory" in sys.argv[3:])
