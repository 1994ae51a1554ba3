"""The nursery: a fresh process that loads everything once and forks on request.

It is started with an interpreter of its own, so that neither the modules nor the threads of the
program that wants notebooks run can reach a kernel. It forks kernels for papermill's engine, and
workers, which fork kernels themselves, for the sweep. When its host ends, it ends with all.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import pickle
import selectors
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.errors import ExecutionError
from pipeline.execution.channel import Channel, ChannelClosedError, adopt, close_all_but, pair
from pipeline.execution.forking import (
    ForkedKernel,
    Origin,
    Setting,
    fork,
    fork_kernel,
    new_streams,
)

#: Without the folder that Python puts first, as ipykernel's own launcher does.
_LAUNCH = "import sys; sys.path[:1] == [''] and sys.path.pop(0); " \
          "from pipeline.execution.nursery import main; main()"  # fmt: skip
#: Differences in these do not make a loaded process unfit.
_VOLATILE = {"PYTEST_CURRENT_TEST", "PWD", "OLDPWD", "_", "COLUMNS", "LINES"}


@dataclass(frozen=True)
class Preparation:
    """What a nursery loads before it forks.

    Attributes
    ----------
    modules : imported first; what notebooks share. They must not start threads.
    calls : called next, with no argument ("module:function"), e.g. to read tables.
    work : factory of what a worker does with a task; None for a nursery of kernels only.
    """

    modules: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    work: Callable[[Origin], Callable[[Any], Any]] | None = None


class Nursery:
    """A prepared process, as its host sees it."""

    def __init__(self, preparation: Preparation, environment: dict[str, str]) -> None:
        mine, other = pair()
        other.set_inheritable(True)
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, str(other.fileno())],
            stdin=subprocess.DEVNULL,
            env=environment,
            pass_fds=[other.fileno()],
            start_new_session=True,  # Ctrl-C is for the host; it decides what becomes of the rest
        )
        other.close()
        self._channel = mine
        self._has_forked = False
        self._channel.send(pickle.dumps(preparation))

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def fork_kernel(self, setting: Setting) -> ForkedKernel:
        """A fresh kernel."""
        channel, other = pair()
        life, its_life = pair()
        streams = new_streams()
        self._ask(("kernel", setting), other, its_life, *streams.values())
        try:
            pid = int(life.receive())
        except ChannelClosedError as error:
            raise self._failure() from error
        return ForkedKernel(_Ward(pid, life), channel, streams)

    def fork_worker(self) -> Channel:
        """A fresh worker: tasks out, results in."""
        channel, other = pair()
        self._ask(("worker", None), other)
        return channel

    def _ask(self, request: tuple[str, Any], *descriptors: socket.socket | int) -> None:
        self._has_forked = True
        numbers = [d if isinstance(d, int) else d.fileno() for d in descriptors]
        try:
            self._channel.send(pickle.dumps(request), numbers)
        except ChannelClosedError as error:
            raise self._failure() from error
        finally:
            for descriptor in descriptors:
                if not isinstance(descriptor, int):
                    descriptor.close()

    def _failure(self) -> ExecutionError:
        return ExecutionError(
            "the process that forks notebooks has ended",
            found=f"exit status {self._process.poll()}",
            remedy="its error stands above; --engine kernel works without it",
        )

    def close(self) -> None:
        """End it and all that it forked."""
        self._channel.close()
        if not self._has_forked:  # it may still load; nobody is below it
            self._process.kill()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@dataclass
class _Ward:
    """A kernel that the nursery forked and watches."""

    pid: int
    _life: Channel
    _status: int | None = None

    def exit_status(self) -> int | None:
        if self._status is None and self._life.poll(0):
            try:
                self._status = int(self._life.receive())
            except ChannelClosedError:
                self._status = -signal.SIGKILL
            self._life.close()
        return self._status


_shared: dict[tuple[int, Preparation], tuple[Nursery, dict[str, str]]] = {}
_shared_lock = threading.Lock()


def shared_nursery(modules: Sequence[str] = ()) -> Nursery:
    """The nursery of this process; a new one after the environment has changed."""
    environment = {k: v for k, v in os.environ.items() if k not in _VOLATILE}
    key = (os.getpid(), Preparation(modules=tuple(modules)))
    with _shared_lock:
        nursery, made_for = _shared.get(key, (None, {}))
        if nursery is not None and (made_for != environment or not nursery.is_alive):
            nursery.close()
            nursery = None
        if nursery is None:
            nursery = Nursery(key[1], dict(os.environ))
            _shared[key] = nursery, environment
        return nursery


def main() -> None:
    """The process itself: load, then fork on request until the host is gone."""
    channel = adopt(int(sys.argv[1]))
    path = tuple(sys.path)
    preparation: Preparation = pickle.loads(channel.receive())
    work, origin = _prepare(preparation, path)
    _Server(channel, origin, work).serve()


def _prepare(
    preparation: Preparation, path: tuple[str, ...]
) -> tuple[Callable[[Any], Any] | None, Origin]:
    """Load everything; in an order that keeps the engine's own imports out of the origin."""
    # a plain kernel has it before any notebook imports matplotlib, which reads it only once
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    with _quiet_debugger():
        for name in ("pipeline.execution.fork_kernel", "ipykernel.debugger"):
            importlib.import_module(name)
    for name in preparation.modules:
        _load(name)
    origin = Origin(path, tuple(warnings.filters))
    for name in preparation.calls:
        module, _, function = name.partition(":")
        getattr(importlib.import_module(module), function)()
    work = preparation.work(origin) if preparation.work else None
    gc.collect()
    gc.freeze()  # what is shared stays shared: the collector of a child does not touch it
    return work, origin


@contextlib.contextmanager
def _quiet_debugger() -> Iterator[None]:
    """debugpy warns of the interpreter's frozen modules when it is imported."""
    name = "PYDEVD_DISABLE_FILE_VALIDATION"
    is_ours = name not in os.environ
    os.environ.setdefault(name, "1")
    try:
        yield
    finally:
        if is_ours:
            del os.environ[name]


def _load(name: str) -> None:
    """Import a module that notebooks share; one that is broken fails where it is used."""
    try:
        importlib.import_module(name)
    except Exception as error:
        print(f"not loaded for all notebooks: {name}: {error}", file=sys.stderr)


class _Server:
    """Answers requests and buries children; one thread, one loop."""

    def __init__(self, channel: Channel, origin: Origin, work: Callable[[Any], Any] | None) -> None:
        self._channel = channel
        self._origin = origin
        self._work = work
        self._lives: dict[int, Channel | None] = {}

    def serve(self) -> None:
        """Until the host closes its end."""
        wake, woken = socket.socketpair()
        for end in (wake, woken):
            end.setblocking(False)
        signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda signum, frame: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        selector = selectors.DefaultSelector()
        selector.register(self._channel, selectors.EVENT_READ)
        selector.register(wake, selectors.EVENT_READ)
        try:
            while True:
                for key, _ in selector.select():
                    if key.fileobj is wake:
                        wake.recv(4096)
                        self._bury()
                    else:
                        self._answer()
        except ChannelClosedError:
            pass
        for pid in self._lives:
            _kill(os.killpg, pid)
            _kill(os.kill, pid)

    def _answer(self) -> None:
        data, descriptors = self._channel.receive_with_descriptors()
        kind, setting = pickle.loads(data)
        if kind == "kernel":
            channel, life_end, stdout, stderr = descriptors
            life = adopt(life_end)
            pid = fork_kernel(setting, self._origin, channel, stdout, stderr)
            self._lives[pid] = life
            life.send(str(pid).encode())
            descriptors.remove(life_end)
        else:
            (end,) = descriptors
            pid = fork(lambda: self._be_worker(end))
            self._lives[pid] = None
        for descriptor in descriptors:
            os.close(descriptor)

    def _be_worker(self, end: int) -> None:
        channel = adopt(end)
        close_all_but(channel)
        assert self._work is not None
        try:
            while True:
                channel.send(pickle.dumps(self._work(pickle.loads(channel.receive()))))
        except ChannelClosedError:
            pass

    def _bury(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            life = self._lives.pop(pid, None)
            _kill(os.killpg, pid)  # what the notebook started must not outlive it
            if life is not None:
                with contextlib.suppress(ChannelClosedError):
                    life.send(str(os.waitstatus_to_exitcode(status)).encode())
                life.close()


def _kill(how: Callable[[int, int], None], pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        how(pid, signal.SIGKILL)
