"""Forking a kernel from a process that has everything loaded, and watching over it.

The forking process has one Python thread. OpenBLAS and Arrow stop their own threads at a fork and
start them again on both sides; libraries that do not (polars, duckdb) must not be used in it.
"""

from __future__ import annotations

import ctypes
import gc
import os
import random
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, Protocol

from pipeline.errors import ExecutionError
from pipeline.execution.channel import Channel, close_all_but, pair

#: Modules that start threads which do not survive a fork.
UNSAFE_MODULES = ("polars", "duckdb")
_PR_SET_PDEATHSIG = 1


def unfit_to_fork() -> str:
    """Why this process must not fork kernels; empty if it may."""
    if sys.platform != "linux":
        return f"forking a loaded process is not safe on {sys.platform}"
    if not hasattr(os, "memfd_create"):
        return "this Python cannot make files in memory"
    return ""


@dataclass(frozen=True)
class Origin:
    """What a plain kernel would find in its process; every child goes back to it.

    Attributes
    ----------
    path : `sys.path` of a fresh kernel.
    filters : warning filters after the imports that notebooks share.
    """

    path: tuple[str, ...]
    filters: tuple[Any, ...]


@dataclass(frozen=True)
class Setting:
    """Where one kernel runs: working directory and environment."""

    folder: str
    environment: Mapping[str, str]


class KernelProcess(Protocol):
    """A forked kernel as its client sees it."""

    @property
    def pid(self) -> int:
        """Process id; the kernel leads a session and process group of its own."""

    def exit_status(self) -> int | None:
        """None while it runs; else the exit code, or minus the signal that ended it."""


@dataclass
class ForkedKernel:
    """Everything that a client holds of a kernel.

    Attributes
    ----------
    process : to see whether it lives.
    channel : requests out, messages in.
    streams : descriptors of what it prints, by name.
    """

    process: KernelProcess
    channel: Channel
    streams: dict[str, int]

    def interrupt(self) -> None:
        """What Ctrl-C does, for the notebook and the processes that it started."""
        _signal_group(self.process.pid, signal.SIGINT)

    def close(self, grace: float = 5.0) -> None:
        """End it: politely, then not; with all the processes that it started."""
        ends = time.monotonic() + grace
        while self.process.exit_status() is None and time.monotonic() < ends:
            self.channel.poll(0.02)
            time.sleep(0.002)
        self.kill()
        self.channel.close()
        for descriptor in self.streams.values():
            os.close(descriptor)

    def kill(self) -> None:
        """End the whole process group at once, and wait until the kernel is gone."""
        _signal_group(self.process.pid, signal.SIGKILL)
        ends = time.monotonic() + 5.0
        while self.process.exit_status() is None and time.monotonic() < ends:
            time.sleep(0.002)


def _signal_group(pid: int, signum: int) -> None:
    try:
        os.killpg(pid, signum)
    except ProcessLookupError:
        pass
    except PermissionError:  # the group is gone and its number belongs to somebody else
        pass


@dataclass
class _Child:
    """A child of this very process."""

    pid: int
    _status: int | None = field(default=None)

    def exit_status(self) -> int | None:
        if self._status is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                self._status = -signal.SIGKILL
            else:
                self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status


def fork_here(setting: Setting, origin: Origin) -> ForkedKernel:
    """Fork a kernel from this process."""
    channel, other = pair()
    streams = new_streams()
    pid = fork_kernel(setting, origin, other.fileno(), streams["stdout"], streams["stderr"])
    other.close()
    return ForkedKernel(_Child(pid), channel, streams)


def new_streams() -> dict[str, int]:
    """Two empty files in memory, to which writes are appended."""
    import fcntl

    streams = {}
    for name in ("stdout", "stderr"):
        descriptor = os.memfd_create(name)
        fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_APPEND)
        streams[name] = descriptor
    return streams


def fork_kernel(setting: Setting, origin: Origin, channel: int, stdout: int, stderr: int) -> int:
    """Fork a child that is a kernel on the given descriptors; returns its pid.

    Raises
    ------
    ExecutionError : this process runs threads, or a library that does not survive a fork.
    """

    def become_kernel() -> None:
        from pipeline.execution.channel import adopt
        from pipeline.execution.fork_kernel import run_kernel

        mine = adopt(channel)
        close_all_but(mine)
        _take_streams(stdout, stderr)
        os.setsid()
        reset(setting, origin)
        run_kernel(mine)

    return fork(become_kernel)


def fork(task: Callable[[], None]) -> int:
    """Fork a child that runs `task` and ends; it is killed when this process ends."""
    _refuse_threads()
    die_with_parent = _death_signal()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    parent = os.getpid()
    pid = os.fork()
    if not pid:
        _be_child(task, parent, die_with_parent)
    return pid


def _be_child(
    task: Callable[[], None], parent: int, die_with_parent: Callable[[], Any]
) -> NoReturn:
    status = 1
    try:
        die_with_parent()
        if os.getppid() == parent:
            signal.set_wakeup_fd(-1)
            for signum in (signal.SIGTERM, signal.SIGCHLD):
                signal.signal(signum, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            task()
            status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _death_signal() -> Callable[[], Any]:
    """Have Linux kill the child when its parent ends; made before the fork, as it loads libc."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _refuse_threads() -> None:
    others = [t.name for t in threading.enumerate() if t is not threading.main_thread()]
    loaded = [name for name in UNSAFE_MODULES if name in sys.modules]
    if others or loaded:
        raise ExecutionError(
            "this process must not fork any more",
            found=", ".join([*others, *loaded]),
            expected="one thread, and no library that keeps threads of its own",
            remedy="leave it out of what is loaded before the notebooks, or use --engine kernel",
        )


def reset(setting: Setting, origin: Origin) -> None:
    """Make a forked child look like a fresh process: nothing of its parent's run is left."""
    os.chdir(setting.folder)
    if dict(os.environ) != setting.environment:
        os.environ.clear()
        os.environ.update(setting.environment)
    sys.path[:] = origin.path
    warnings.resetwarnings()  # what was shown already may be shown again
    warnings.filters[:] = origin.filters  # type: ignore[index]
    random.seed()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    gc.unfreeze()
    gc.enable()


def _take_streams(stdout: int, stderr: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (stdout, 1), (stderr, 2)):
        os.dup2(source, target, inheritable=True)
        os.close(source)


def resident_bytes(pid: int) -> int:
    """Memory of a process and all its descendants that is in RAM; 0 when it is gone.

    Pages that a forked child shares with its parent count as well, as they would in a process
    that had loaded the same modules itself.
    """
    total, todo = 0, [pid]
    while todo:
        current = todo.pop()
        folder = Path("/proc") / str(current)
        try:
            total += int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            for task in (folder / "task").iterdir():
                todo += [int(child) for child in (task / "children").read_text().split()]
        except (OSError, IndexError):
            continue
    return total
