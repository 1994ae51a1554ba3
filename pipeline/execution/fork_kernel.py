"""The forked child: an ordinary IPython kernel that talks over a socket pair instead of ZeroMQ.

It is ipykernel's own application, kernel and shell, so that magics, configuration, displays and
errors are those of a plain kernel. Only the transport differs: messages go to the client as JSON
frames, and no thread is started.

Standard output and error are two files in memory. Python's streams and every process that the
notebook starts append to them, which keeps their order; what was added since is sent where a
kernel would flush: on `flush()`, before a display or an error, and at the end of a cell. The
client holds the same files, so that nothing printed is lost when the child dies.
"""

from __future__ import annotations

import asyncio
import atexit
import codecs
import io
import os
import signal
import sys
import threading
import traceback
from typing import Any

import ipykernel_launcher  # type: ignore[import-untyped]
from ipykernel.displayhook import ZMQDisplayHook
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.session import Session, extract_header, json_packer, json_unpacker
from traitlets import Instance, default

from pipeline.execution.channel import Channel, ChannelClosedError

STDOUT, STDERR = 1, 2
_CONNECTION_FILE = "kernel-fork.json"  # named on the command line as for any kernel; never read


class Stream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr` of the notebook: a file that the client reads along.

    Parameters
    ----------
    session : where new text is announced.
    name : "stdout" or "stderr".
    descriptor : 1 or 2; a file opened for appending.
    """

    encoding = "UTF-8"
    errors = "backslashreplace"

    def __init__(self, session: PipeSession, name: str, descriptor: int) -> None:
        self.name = name
        self._session = session
        self._descriptor = descriptor
        self._owner = os.getpid()
        self._lock = threading.RLock()
        self._sent = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def fileno(self) -> int:
        """The descriptor; a process that is given it writes into the notebook."""
        return self._descriptor

    def isatty(self) -> bool:
        """No terminal."""
        return False

    def writable(self) -> bool:
        """Text may be written."""
        return True

    def write(self, text: str) -> int:
        """Append text; it is in the file at once and in the notebook with the next flush."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        data = memoryview(text.encode("utf-8", self.errors))
        while data:
            data = data[os.write(self._descriptor, data) :]
        return len(text)

    def flush(self) -> None:
        """Send what was added by anyone since the last time."""
        if os.getpid() != self._owner:
            return  # a process that the notebook forked: its text is in the file already
        with self._lock:
            data = os.pread(
                self._descriptor, os.fstat(self._descriptor).st_size - self._sent, self._sent
            )
            self._sent += len(data)
            if text := self._decoder.decode(data):
                content = {"name": self.name, "text": text, "offset": self._sent}
                self._session.send(None, "stream", content)


class PipeSession(Session):
    """A session whose messages go to the client as frames.

    `channel` is set once, before the kernel is made.
    """

    channel: Channel
    request: dict[str, Any] = {}  # noqa: RUF012 - replaced, never changed, by each request

    def send(
        self,
        stream: object,
        msg_or_type: Any,
        content: Any = None,
        parent: Any = None,
        ident: object = None,
        buffers: Any = None,
        track: bool = False,
        header: Any = None,
        metadata: Any = None,
    ) -> Any:
        """Send a message; the arguments are those of `Session.send`."""
        if os.getpid() != self.pid:
            return None  # as in a plain kernel, a forked process of the notebook stays silent
        message = msg_or_type
        if not isinstance(message, dict):
            message = self.msg(msg_or_type, content, parent or self.request, header, metadata)
        frame = {key: message[key] for key in ("msg_type", "content", "header")}
        frame["parent_header"] = message["parent_header"] or extract_header(self.request)
        frame["buffers"] = [bytes(part).hex() for part in buffers or message.get("buffers") or ()]
        self.channel.send(json_packer(frame))
        return message


class ForkedApp(IPKernelApp):
    """ipykernel's application without sockets, heartbeat and connection file."""

    session = Instance(PipeSession)
    channel = Instance(Channel)

    @default("session")
    def _default_session(self) -> PipeSession:
        session = PipeSession(parent=self)
        session.channel = self.channel
        return session

    def init_connection_file(self) -> None:
        """There is none."""

    def init_poller(self) -> None:
        """The kernel of the operating system ends the child with its parent."""

    def init_sockets(self) -> None:
        """There are none."""

    def init_heartbeat(self) -> None:
        """The end of the socket pair says that the child is dead."""

    def write_connection_file(self, **kwargs: Any) -> None:
        """There is none."""

    def log_connection_info(self) -> None:
        """There is none."""

    def init_io(self) -> None:
        """Streams and display hook of a kernel, over the channel."""
        sys.stdout = Stream(self.session, "stdout", STDOUT)
        sys.stderr = Stream(self.session, "stderr", STDERR)
        self.displayhook = ZMQDisplayHook(self.session, None)
        sys.displayhook = self.displayhook
        self.patch_io()

    def init_kernel(self) -> None:
        """The kernel itself, with nothing to listen on."""
        kernel = IPythonKernel.instance(
            parent=self, session=self.session, log=self.log, profile_dir=self.profile_dir,
            user_ns=self.user_ns, shell_channel_thread=_MainThread(),
        )  # fmt: skip
        self.kernel = kernel
        self.displayhook.get_execution_count = lambda: kernel.execution_count


# libraries and configuration files know the application by this name
ForkedApp.__name__ = IPKernelApp.__name__


class _MainThread:
    """ipykernel asks its shell channel on which thread cells run: on the main one."""

    parent_thread = threading.main_thread()


def run_kernel(channel: Channel) -> None:
    """Serve requests until the client says so or is gone; then leave as Python would."""
    status = 1
    try:
        launcher = str(ipykernel_launcher.__file__)
        sys.argv = [launcher, "-f", _CONNECTION_FILE, "--HistoryManager.hist_file=:memory:"]
        app = ForkedApp.instance(channel=channel)
        app.initialize(sys.argv[1:])
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(_serve(app, channel))
        status = 0
    except ChannelClosedError:
        status = 0
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        _leave(status)


async def _serve(app: ForkedApp, channel: Channel) -> None:
    from tornado.ioloop import IOLoop

    kernel, session = app.kernel, app.session
    kernel.io_loop = IOLoop.current()
    channel.send(json_packer({"msg_type": "hello", "content": kernel.language_info}))
    while True:
        request = json_unpacker(await _next_frame(channel))
        if request["msg_type"] == "shutdown_request":
            return
        session.request = request
        kernel.set_parent([], request, channel="shell")
        kernel.pre_handler_hook()  # from here to the post hook SIGINT is a KeyboardInterrupt
        try:
            await kernel.execute_request(None, [], request)
        except KeyboardInterrupt as error:  # between the last line of the cell and the hook
            content = {"status": "error", "ename": "KeyboardInterrupt", "evalue": str(error)}
            session.send(None, "execute_reply", {**content, "traceback": []}, request)
        finally:
            kernel.post_handler_hook()


async def _next_frame(channel: Channel) -> bytes:
    """Wait for a request while the notebook's own asyncio tasks go on."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(channel.fileno(), ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(channel.fileno())
    return channel.receive()


def _leave(status: int) -> None:
    """What Python does at its end, short of taking itself apart."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        threading._shutdown()  # type: ignore[attr-defined]  # waits for threads of the notebook
        atexit._run_exitfuncs()
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                stream.flush()
    finally:
        os._exit(status)
