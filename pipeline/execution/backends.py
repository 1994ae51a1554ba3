"""Where tasks run: in forked workers here, in plain processes, or on a dask cluster.

A backend takes tasks, gives back results as they come, and can be closed at any moment. A task
whose worker dies is tried again; it comes back as a failure in the end, never not at all.
"""

from __future__ import annotations

import multiprocessing
import queue
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any, Protocol

from pipeline.errors import ExecutionError
from pipeline.execution.pool import ATTEMPTS, PoolClosedError, WorkerPool
from pipeline.execution.tasks import Blueprint, Page, Result, Task, lost, make_work


class Backend(Protocol):
    """Takes tasks, gives results."""

    def submit(self, task: Task) -> None:
        """Queue a task; pages overtake notebooks."""

    def next(self) -> tuple[Task, Result]:
        """The next task that has ended, and its result; waits for it."""

    def close(self) -> None:
        """End everything at once; finished work stays."""


class ForkBackend:
    """Workers forked from one nursery on this machine, `count` at a time."""

    def __init__(self, blueprint: Blueprint, count: int) -> None:
        self._pool = WorkerPool(blueprint)
        self._pool.start()
        self._todo: queue.PriorityQueue[tuple[int, int, Task | None]] = queue.PriorityQueue()
        self._done: queue.SimpleQueue[tuple[Task, Result]] = queue.SimpleQueue()
        self._number = 0
        self._threads = [threading.Thread(target=self._feed, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def submit(self, task: Task) -> None:
        """Queue a task; pages overtake notebooks."""
        self._number += 1
        self._todo.put((_rank(task), self._number, task))

    def next(self) -> tuple[Task, Result]:
        """The next task that has ended, and its result; waits for it."""
        return self._done.get()

    def close(self) -> None:
        """End everything at once."""
        for number in range(len(self._threads)):
            self._todo.put((-1, number, None))
        self._pool.close()

    def _feed(self) -> None:
        while (task := self._todo.get()[2]) is not None:
            try:
                self._done.put((task, self._pool.run(task)))
            except PoolClosedError:
                return
            except Exception as error:  # the nursery did not start: say so for every task
                self._done.put((task, lost(task, str(error))))


class SpawnBackend:
    """Plain processes with plain kernels: where nothing can be forked, and for comparison."""

    def __init__(self, blueprint: Blueprint, count: int) -> None:
        self._blueprint = blueprint
        self._count = count
        self._done: queue.SimpleQueue[tuple[Task, Result | None]] = queue.SimpleQueue()
        self._tries: Counter[str] = Counter()
        self._executor = self._start()

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            max_workers=self._count,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_prepare_process,
            initargs=(self._blueprint,),
        )

    def submit(self, task: Task) -> None:
        """Queue a task."""
        self._tries[task.name] += 1
        try:
            future = self._executor.submit(_run_in_process, task)
        except BrokenProcessPool:
            self._executor = self._start()
            future = self._executor.submit(_run_in_process, task)
        future.add_done_callback(partial(self._ended, task))

    def _ended(self, task: Task, future: Future[Result]) -> None:
        if future.cancelled():
            return
        self._done.put((task, None if future.exception() is not None else future.result()))

    def next(self) -> tuple[Task, Result]:
        """The next task that has ended, and its result; waits for it."""
        while True:
            task, result = self._done.get()
            if result is not None:
                return task, result
            if self._tries[task.name] >= ATTEMPTS:
                return task, lost(task, f"its process was ended {ATTEMPTS} times")
            self.submit(task)  # a process was killed, and all that waited for it with it

    def close(self) -> None:
        """End everything at once."""
        processes = list((self._executor._processes or {}).values())
        self._executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()


_work: Callable[[Task], Result] | None = None


def _prepare_process(blueprint: Blueprint) -> None:
    global _work
    _work = make_work(blueprint)


def _run_in_process(task: Task) -> Result:
    assert _work is not None
    return _work(task)


class DaskBackend:
    """The same workers on the machines of a dask cluster; dask runs lost tasks again.

    Notebooks are written where the workers are: the folders must be on a file system that all of
    them share.
    """

    def __init__(self, blueprint: Blueprint, scheduler: str) -> None:
        from distributed import Client, as_completed

        try:
            self._client = Client(scheduler, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ExecutionError(
                "there is no dask scheduler at this address",
                found=scheduler,
                expected="the address that `dask scheduler` printed, e.g. tcp://host:8786",
                remedy=f"start it, or correct --scheduler ({error})",
            ) from error
        self._blueprint = blueprint
        self._ended: Any = as_completed(loop=self._client.loop)
        self._tasks: dict[Any, Task] = {}

    def submit(self, task: Task) -> None:
        """Queue a task; pages overtake notebooks."""
        from pipeline.execution.cluster import run_on_worker

        future = self._client.submit(
            run_on_worker, self._blueprint, task, pure=False, priority=-_rank(task)
        )
        self._tasks[future.key] = task
        self._ended.add(future)

    def next(self) -> tuple[Task, Result]:
        """The next task that has ended, and its result; waits for it."""
        future = next(self._ended)
        task = self._tasks.pop(future.key)
        error = future.exception()
        return task, future.result() if error is None else lost(task, str(error))

    def close(self) -> None:
        """Cancel what is left and end the workers' processes."""
        from pipeline.execution.cluster import close_pool

        try:
            self._client.cancel(list(self._ended.futures))
            self._client.run(close_pool)
        finally:
            self._client.close()


def _rank(task: Task) -> int:
    """The smaller, the sooner."""
    return 0 if isinstance(task, Page) else 1
