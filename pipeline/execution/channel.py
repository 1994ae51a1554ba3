"""Frames over a Unix socket: how host, nursery, workers and kernels talk.

A frame is eight bytes of length and a payload; file descriptors may travel with it. Every channel
is known to this module, so that a forked child can close those that are not its own: a descriptor
that lives on in a child would hide the death of the process at the other end.
"""

from __future__ import annotations

import array
import os
import select
import socket
import struct
import threading
import weakref
from collections.abc import Sequence

_LENGTH = struct.Struct(">Q")
_MOST_DESCRIPTORS = 8
_OPEN: weakref.WeakSet[Channel] = weakref.WeakSet()


class ChannelClosedError(ConnectionError):
    """The process at the other end is gone."""


class Channel:
    """One end of a connected Unix socket that carries whole frames."""

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(True)
        self._socket = connected
        self._lock = threading.Lock()
        _OPEN.add(self)

    def fileno(self) -> int:
        """The descriptor, for poll and for passing it on."""
        return self._socket.fileno()

    def send(self, payload: bytes, descriptors: Sequence[int] = ()) -> None:
        """Send one frame; safe from several threads.

        Raises
        ------
        ChannelClosedError : nobody is at the other end.
        """
        data = memoryview(_LENGTH.pack(len(payload)) + payload)
        try:
            with self._lock:
                sent = 0
                if descriptors:
                    sent = socket.send_fds(self._socket, [data], list(descriptors))
                self._socket.sendall(data[sent:])
        except OSError as error:
            raise ChannelClosedError(str(error)) from error

    def poll(self, seconds: float | None) -> bool:
        """Whether a frame (or the end) comes within `seconds`; None: however long it takes."""
        poller = select.poll()
        poller.register(self._socket, select.POLLIN)
        return bool(poller.poll(None if seconds is None else max(0.0, seconds) * 1000))

    def receive(self) -> bytes:
        """The next frame.

        Raises
        ------
        ChannelClosedError : the other end is closed.
        """
        return self.receive_with_descriptors()[0]

    def receive_with_descriptors(self) -> tuple[bytes, list[int]]:
        """The next frame and the file descriptors that came with it."""
        try:
            head, descriptors = self._head()
            (length,) = _LENGTH.unpack(head)
            return self._exactly(length), descriptors
        except OSError as error:
            raise ChannelClosedError(str(error)) from error

    def _head(self) -> tuple[bytes, list[int]]:
        space = socket.CMSG_LEN(_MOST_DESCRIPTORS * array.array("i").itemsize)
        data, extra, _, _ = self._socket.recvmsg(_LENGTH.size, space)
        if not data:
            raise ChannelClosedError("closed")
        descriptors = array.array("i")
        for level, kind, content in extra:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                whole = len(content) - len(content) % descriptors.itemsize
                descriptors.frombytes(content[:whole])
        return data + self._exactly(_LENGTH.size - len(data)), list(descriptors)

    def _exactly(self, length: int) -> bytes:
        parts = bytearray(length)
        view, at = memoryview(parts), 0
        while at < length:
            count = self._socket.recv_into(view[at:])
            if not count:
                raise ChannelClosedError("closed in the middle of a frame")
            at += count
        return bytes(parts)

    def close(self) -> None:
        """Close this end."""
        _OPEN.discard(self)
        self._socket.close()


def pair() -> tuple[Channel, socket.socket]:
    """A channel, and the bare socket of its other end, to be given away."""
    mine, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    return Channel(mine), other


def adopt(descriptor: int) -> Channel:
    """The channel behind a descriptor that was inherited or received."""
    os.set_inheritable(descriptor, False)
    return Channel(socket.socket(fileno=descriptor))


def close_all_but(kept: Channel | None) -> None:
    """In a forked child: drop every channel of the parent but the child's own."""
    for channel in list(_OPEN):
        if channel is not kept:
            channel.close()
