"""What runs inside a dask worker: the pool of forked workers that it holds for a sweep.

A dask worker has threads and connections, so nothing is forked from it: it starts a nursery, which
reads the tables once, and forks from there.
"""

from __future__ import annotations

import threading

from pipeline.execution.forking import unfit_to_fork
from pipeline.execution.pool import WorkerPool
from pipeline.execution.tasks import Blueprint, Result, Task, make_work

_lock = threading.Lock()
_pools: dict[str, WorkerPool] = {}


def run_on_worker(blueprint: Blueprint, task: Task) -> Result:
    """Run one task with this process's pool; made anew when code or inputs have changed."""
    if blueprint.settings.engine == "kernel" or unfit_to_fork():
        return make_work(blueprint)(task)
    with _lock:
        for version in [version for version in _pools if version != blueprint.version]:
            _pools.pop(version).close()
        pool = _pools.setdefault(blueprint.version, WorkerPool(blueprint))
    return pool.run(task)


def close_pool() -> None:
    """End the processes of the pool; a sweep has ended."""
    with _lock:
        while _pools:
            _pools.popitem()[1].close()
