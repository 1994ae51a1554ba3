"""A web service on loopback that answers from a script, and remembers what it was asked."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Answer:
    """One scripted answer.

    `cut` ends the connection after so many bytes of the body; `delay` waits first.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    delay: float = 0.0


@dataclass
class Asked:
    """What the server was asked."""

    method: str
    path: str
    headers: dict[str, str]
    fields: dict[str, str]


class Replay:
    """Answers of each path in their order; the last one of a path is repeated."""

    def __init__(self, **answers: Answer | list[Answer]) -> None:
        self.answers: dict[str, list[Answer]] = {}
        for path, given in answers.items():
            self.answer(path.replace("__", "/"), *(given if isinstance(given, list) else [given]))
        self.asked: list[Asked] = []
        self.at_once = 0
        self.most_at_once = 0
        self.lock = threading.Lock()
        self.address = ""

    def answer(self, path: str, *answers: Answer) -> None:
        """Script the answers of a path, in the place of those it had."""
        self.answers[path] = list(answers)

    def paths(self) -> list[str]:
        """The paths in the order in which they were asked for."""
        return [asked.path for asked in self.asked]

    def next(self, asked: Asked) -> Answer:
        """The answer to a request: by path and name, then by path alone."""
        with self.lock:
            self.asked.append(asked)
            for key in (f"{asked.path}/{asked.fields.get('name', '')}", asked.path):
                script = self.answers.get(key)
                if script:
                    return script.pop(0) if len(script) > 1 else script[0]
        return Answer(b"nothing here", 404)

    @contextmanager
    def running(self) -> Iterator[Replay]:
        """The service at `self.address` as long as the block lasts."""
        replay = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.serve({})

            def do_POST(self) -> None:
                size = int(self.headers.get("content-length") or 0)
                form = parse_qs(self.rfile.read(size).decode(), keep_blank_values=True)
                self.serve({name: values[0] for name, values in form.items()})

            def serve(self, fields: dict[str, str]) -> None:
                path = urlsplit(self.path).path.strip("/")
                headers = {name.lower(): value for name, value in self.headers.items()}
                with replay.lock:
                    replay.at_once += 1
                    replay.most_at_once = max(replay.most_at_once, replay.at_once)
                try:
                    self.send(replay.next(Asked(self.command, path, headers, fields)))
                finally:
                    with replay.lock:
                        replay.at_once -= 1

            def send(self, answer: Answer) -> None:
                if answer.delay:
                    time.sleep(answer.delay)
                try:
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(answer.body)))
                    self.end_headers()
                    if answer.cut is None:
                        self.wfile.write(answer.body)
                    else:
                        self.wfile.write(answer.body[: answer.cut])
                        self.wfile.flush()
                        self.connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # the client has gone: that is what some tests are about
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
