"""Papermill's notebook client on a forked kernel instead of one behind ZeroMQ.

What a message does to a cell is nbclient's own code; this module carries cells to the child and
watches time, memory and life while they run.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from typing import Any

from jupyter_client.session import Session, json_packer, json_unpacker
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import run_hook, run_sync
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient

from pipeline.execution.channel import ChannelClosedError
from pipeline.execution.forking import ForkedKernel, resident_bytes

#: Seconds between two looks at time, memory and life.
TICK = 0.1
#: Seconds that an interrupted cell has to end.
GRACE = 5.0
_MEGABYTE = 1024 * 1024


class MemoryLimitError(DeadKernelError):
    """The notebook and its processes used more memory than they may; they were ended."""


class ForkClient(PapermillNotebookClient):
    """Runs the cells of a notebook in a forked kernel.

    Parameters
    ----------
    nb_man : papermill's record of the run.
    start : forks the kernel.
    memory : bytes that the notebook and its processes may occupy; None: no limit.
    """

    def __init__(
        self,
        nb_man: Any,
        start: Callable[[], ForkedKernel],
        memory: int | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(nb_man, **settings)
        self._start = start
        self._memory = memory
        self._messages = Session()
        self._kernel: ForkedKernel | None = None
        self._seen = {"stdout": 0, "stderr": 0}
        self._looked = 0.0

    def execute(self, **kwargs: Any) -> NotebookNode:
        """Run all cells; errors of cells stay in the notebook, as papermill has it."""
        self.reset_execution_trackers()
        kernel = self._kernel = self._start()
        grace = 0.0
        try:
            self.nb.metadata["language_info"] = self._hello(kernel)
            run_sync(run_hook)(self.on_notebook_start, notebook=self.nb)
            self.papermill_execute_cells()
            self.set_widgets_metadata()
            self._request(kernel, "shutdown_request")
            grace = GRACE
        finally:
            kernel.close(grace)
            self._kernel = None
            run_sync(run_hook)(self.on_notebook_complete, notebook=self.nb)
        return self.nb

    def _hello(self, kernel: ForkedKernel) -> dict[str, Any]:
        if not kernel.channel.poll(self.startup_timeout):
            raise RuntimeError(f"the forked kernel did not start in {self.startup_timeout} seconds")
        try:
            while (message := json_unpacker(kernel.channel.receive()))["msg_type"] != "hello":
                if message["msg_type"] == "stream":  # a warning at the start belongs to no cell
                    self._seen[message["content"]["name"]] = message["content"]["offset"]
            return dict(message["content"])
        except ChannelClosedError as error:
            raise DeadKernelError(f"the forked kernel did not start ({_fate(kernel)})") from error

    def _request(self, kernel: ForkedKernel, kind: str, **content: Any) -> str:
        message = self._messages.msg(kind, content)
        with contextlib.suppress(ChannelClosedError):  # its end shows where answers are read
            kernel.channel.send(json_packer(message))
        return str(message["msg_id"])

    def execute_cell(
        self,
        cell: NotebookNode,
        cell_index: int,
        execution_count: int | None = None,
        store_history: bool = True,
    ) -> NotebookNode:
        """Run one cell; arguments, effects and errors are those of `NotebookClient.execute_cell`.

        Raises
        ------
        CellExecutionError : the cell failed and was not allowed to.
        CellTimeoutError : it took too long; it was interrupted and keeps its output.
        DeadKernelError, MemoryLimitError : the kernel ended; the cell keeps its output and says so.
        """
        hook = run_sync(run_hook)
        hook(self.on_cell_start, cell=cell, cell_index=cell_index)
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip():
            return cell
        if self.skip_cells_with_tag in tags:
            return cell
        if self.record_timing:
            cell["metadata"]["execution"] = {}
        assert self._kernel is not None
        cell.outputs = []
        self.clear_before_next_output = False
        hook(self.on_cell_execute, cell=cell, cell_index=cell_index)
        self._request(
            self._kernel, "execute_request", code=cell.source, silent=False,
            store_history=store_history, user_expressions={}, allow_stdin=False,
            stop_on_error=False,
        )  # fmt: skip
        hook(self.on_cell_complete, cell=cell, cell_index=cell_index)
        self.code_cells_executed += 1
        reply = self._reply(self._kernel, cell, cell_index, self._get_timeout(cell))
        cell["execution_count"] = execution_count or reply["content"].get("execution_count")
        hook(self.on_cell_executed, cell=cell, cell_index=cell_index, execute_reply=reply)
        run_sync(self._check_raise_for_error)(cell, cell_index, reply)
        self.nb["cells"][cell_index] = cell
        return cell

    def _reply(
        self, kernel: ForkedKernel, cell: NotebookNode, index: int, timeout: float | None
    ) -> dict[str, Any]:
        """Process messages until the cell has ended."""
        started = time.monotonic()
        while True:
            try:
                if reply := self._next(kernel, cell, index, TICK):
                    return reply
            except ChannelClosedError:
                self._bury(kernel, cell, index)
            if time.monotonic() - self._looked >= TICK:
                self._looked = time.monotonic()
                self._watch_memory(kernel, cell, index)
                if timeout is not None and time.monotonic() - started > timeout:
                    return self._stop(kernel, cell, index, timeout)
                if kernel.process.exit_status() is not None and not kernel.channel.poll(0):
                    self._bury(kernel, cell, index)

    def _next(
        self, kernel: ForkedKernel, cell: NotebookNode, index: int, seconds: float
    ) -> dict[str, Any] | None:
        """Process one message, if one comes; returns it if it is the reply."""
        if not kernel.channel.poll(seconds):
            return None
        message: dict[str, Any] = json_unpacker(kernel.channel.receive())
        if message["msg_type"] == "execute_reply":
            return message
        if message["msg_type"] == "stream":
            self._seen[message["content"]["name"]] = message["content"].pop("offset")
        message["buffers"] = [bytes.fromhex(part) for part in message["buffers"]]
        self.process_message(message, cell, index)
        return None

    def _stop(
        self, kernel: ForkedKernel, cell: NotebookNode, index: int, timeout: float
    ) -> dict[str, Any]:
        """Interrupt a cell that takes too long; its output and where it was stay."""
        kernel.interrupt()
        ends = time.monotonic() + GRACE
        reply = None
        with contextlib.suppress(ChannelClosedError):
            while reply is None and time.monotonic() < ends:
                reply = self._next(kernel, cell, index, TICK)
        if reply is not None and self.interrupt_on_timeout:
            return reply
        if reply is None:
            kernel.kill()
            self._rest_of_streams(kernel, cell, index)
        error = CellTimeoutError.error_from_timeout_and_cell(
            "the cell was interrupted", int(timeout), cell
        )
        raise error

    def _watch_memory(self, kernel: ForkedKernel, cell: NotebookNode, index: int) -> None:
        if self._memory is None:
            return
        used = resident_bytes(kernel.process.pid)
        if used <= self._memory:
            return
        kernel.kill()
        self._rest_of_streams(kernel, cell, index)
        error = MemoryLimitError(
            f"the notebook used {used // _MEGABYTE:,} MB, "
            f"more than the {self._memory // _MEGABYTE:,} MB that it may"
        )
        _show(error, cell)
        raise error

    def _bury(self, kernel: ForkedKernel, cell: NotebookNode, index: int) -> None:
        self._rest_of_streams(kernel, cell, index)
        error = DeadKernelError(f"Kernel died ({_fate(kernel)})")
        _show(error, cell)
        raise error

    def _rest_of_streams(self, kernel: ForkedKernel, cell: NotebookNode, index: int) -> None:
        """What was printed and not yet sent when the kernel ended."""
        for name, descriptor in kernel.streams.items():
            size = os.fstat(descriptor).st_size
            text = os.pread(descriptor, size - self._seen[name], self._seen[name])
            self._seen[name] = size
            if text:
                content = {"name": name, "text": text.decode("utf-8", "replace")}
                self.process_message(self._messages.msg("stream", content), cell, index)


def _show(error: Exception, cell: NotebookNode) -> None:
    """The error as the cell's last output: papermill alone would leave no trace in the notebook."""
    cell.outputs.append(
        new_output("error", ename=type(error).__name__, evalue=str(error), traceback=[str(error)])
    )


def _fate(kernel: ForkedKernel) -> str:
    """How a process ended, in words."""
    ends = time.monotonic() + 1.0
    while (status := kernel.process.exit_status()) is None and time.monotonic() < ends:
        time.sleep(0.005)
    if status is None:
        return "it closed its connection"
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
