"""Workers that a nursery forked: give one a task, get its result; a dead one is replaced."""

from __future__ import annotations

import os
import pickle
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from pipeline.execution.channel import Channel, ChannelClosedError
from pipeline.execution.forking import Origin
from pipeline.execution.nursery import Nursery, Preparation
from pipeline.execution.tasks import Blueprint, Result, Task, lost, make_work

#: How often a task is tried when its worker dies under it.
ATTEMPTS = 3


class PoolClosedError(RuntimeError):
    """The run was stopped."""


class WorkerPool:
    """As many workers as tasks run at a time; safe to use from several threads.

    All workers are forked from one nursery, which holds the modules, the tables and the page
    writer; a notebook runs in a child that its worker forks.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        self._blueprint = blueprint
        self._lock = threading.Lock()
        self._idle: list[Channel] = []
        self._nursery: Nursery | None = None
        self._is_closed = False

    def start(self) -> None:
        """Begin to load, in the background; without it, loading begins with the first task."""
        with self._lock:
            self._living_nursery()

    def run(self, task: Task) -> Result:
        """The result of a task; a worker that is killed costs another attempt."""
        for _ in range(ATTEMPTS):
            try:
                worker = self._take()
                worker.send(pickle.dumps(task))
                result: Result = pickle.loads(worker.receive())
            except ChannelClosedError:
                if self._is_closed:
                    raise PoolClosedError from None
                continue
            with self._lock:
                self._idle.append(worker)
            return result
        return lost(task, f"its worker was ended {ATTEMPTS} times")

    def _take(self) -> Channel:
        with self._lock:
            if self._is_closed:
                raise PoolClosedError
            nursery = self._living_nursery()
            return self._idle.pop() if self._idle else nursery.fork_worker()

    def _living_nursery(self) -> Nursery:
        if self._nursery is not None and not self._nursery.is_alive:
            self._nursery.close()
            self._nursery = None
            self._idle.clear()
        if self._nursery is None:
            preparation = Preparation(
                modules=self._blueprint.modules,
                calls=self._blueprint.calls,
                work=partial(_forking_work, self._blueprint),
            )
            self._nursery = Nursery(preparation, {**os.environ, **self._blueprint.environment})
        return self._nursery

    def close(self) -> None:
        """End all workers and what they run, at once."""
        with self._lock:
            self._is_closed = True
            if self._nursery is not None:
                self._nursery.close()


def _forking_work(blueprint: Blueprint, origin: Origin) -> Callable[[Any], Any]:
    """In the nursery: kernels are forked from the worker itself."""
    from pipeline.execution.launch import fork_from_this_process

    fork_from_this_process(origin)
    return make_work(blueprint)
