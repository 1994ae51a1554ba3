"""Files from the network: whole or not at all, repeated with growing pauses, one fetch at a time.

A download goes into a hidden file beside its target and takes the target's name only when it is
complete and its content has been accepted. Whatever happens before (a cut connection, a full
disk, a killed process) leaves the file of last time as it was.
"""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock
import httpx
import tenacity

from pipeline import __version__
from pipeline.errors import WorkspaceError

#: Seconds to connect, to wait for the next byte, to send, to wait for a free connection.
TIMEOUT = httpx.Timeout(connect=20.0, read=300.0, write=60.0, pool=60.0)
#: How headers are sent: as RFC 9110 (section 5.5) has it of old, and public clients do it.
HEADER_ENCODING = "latin-1"
_CHUNK = 1024 * 1024
_HTML = (b"<!doctype html", b"<html")
#: Answers after which the same request may succeed: too many at once, or a server in trouble.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})

Report = Callable[[int, int | None], None]


class FetchError(WorkspaceError):
    """A file that could not be fetched; what lay there before is untouched."""


class PassingError(FetchError):
    """A failure that may pass; `wait`: seconds that the server asks to be left alone."""

    wait: float = 0.0


@dataclass(frozen=True)
class Pauses:
    """How often a request is made, and how long the pauses in between grow (seconds)."""

    attempts: int = 5
    first: float = 2.0
    longest: float = 120.0

    def retrying(self) -> tenacity.Retrying:
        """Repeats after a `PassingError`, and raises the last one when all attempts are used up."""
        growing = tenacity.wait_exponential(multiplier=self.first, max=self.longest)
        spread = tenacity.wait_random(0, self.first / 2)  # two clients should not keep in step
        return tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.attempts),
            wait=lambda state: max(
                growing(state) + spread(state), min(_asked_wait(state), self.longest)
            ),
            retry=tenacity.retry_if_exception_type(PassingError),
            reraise=True,
        )


def _asked_wait(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    return error.wait if isinstance(error, PassingError) else 0.0


@dataclass(frozen=True)
class Download:
    """What a request brought.

    Attributes
    ----------
    path : where the bytes lie (still under a hidden name until they are accepted).
    sha256, size : of the bytes.
    at : when the answer came (UTC).
    etag, last_modified : what the server says about the version; None where it says nothing.
    """

    path: Path
    sha256: str
    size: int
    at: dt.datetime
    etag: str | None = None
    last_modified: str | None = None


def make_client(timeout: httpx.Timeout = TIMEOUT, *, follow_redirects: bool = True) -> httpx.Client:
    """A client that says who asks.

    Credentials in headers would be sent along to whatever address a server redirects to, so a
    client that carries them does not follow.
    """
    return httpx.Client(
        timeout=timeout,
        follow_redirects=follow_redirects,
        headers={"User-Agent": f"versorgungslabor/{__version__}"},
    )


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """`FetchError` where another fetch works in the same folder."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(folder / ".fetch.lock", timeout=0)
    try:
        with lock:
            yield
    except filelock.Timeout:
        raise FetchError(
            "another fetch is at work in this folder",
            file=folder,
            remedy="wait until it is done; it goes on where it was interrupted if you start it "
            "again",
        ) from None


def request(
    client: httpx.Client,
    method: str,
    address: str,
    target: Path,
    *,
    data: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    report: Report = lambda done, whole: None,
) -> Download | None:
    """One request, its answer saved beside `target` under a hidden name.

    Returns
    -------
    The download, or None where the server says that nothing has changed (304).

    Raises
    ------
    PassingError : a timeout, a cut connection, a server in trouble.
    FetchError : the server refuses, the disk is full, the answer is a web page.
    """
    part = part_of(target)
    # by default the library takes ASCII only, and shows a header that it refuses
    encoded = httpx.Headers(headers, encoding=HEADER_ENCODING)
    try:
        with client.stream(method, address, data=data, headers=encoded) as answer:
            if answer.status_code == httpx.codes.NOT_MODIFIED:
                return None
            _check_status(answer, address)
            digest, size = _save(answer, part, report)
            found = Download(
                part,
                digest,
                size,
                dt.datetime.now(dt.UTC).replace(microsecond=0),
                answer.headers.get("etag"),
                answer.headers.get("last-modified"),
            )
    except httpx.TimeoutException:
        raise PassingError(
            "the server did not answer in time", file=address, remedy=_LATER
        ) from None
    except (httpx.TransportError, httpx.StreamError, httpx.DecodingError) as error:
        # the library's own errors hold the request, and the request holds the credentials
        raise PassingError(
            f"the connection broke off ({type(error).__name__})", file=address, remedy=_LATER
        ) from None
    except OSError as error:
        raise _disk_error(error, target) from error
    _refuse_web_page(found, address)
    return found


_LATER = "check the network and start the same fetch again later; finished files are kept"


def accept(download: Download, target: Path) -> None:
    """Give the downloaded bytes the target's name."""
    download.path.replace(target)


def part_of(target: Path) -> Path:
    """The hidden file that a download goes into; hidden files are no raw data."""
    return target.with_name(f".{target.name}.part")


def write_whole(path: Path, text: str) -> None:
    """Write a small text file under another name and rename it."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise _disk_error(error, path) from error


def _save(answer: httpx.Response, part: Path, report: Report) -> tuple[str, int]:
    """Bytes into `part`; removed again unless all have come."""
    digest, size = hashlib.sha256(), 0
    is_packed = "content-encoding" in answer.headers
    announced = answer.headers.get("content-length", "")
    whole = int(announced) if announced.isdigit() and not is_packed else None
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        with part.open("wb") as stream:
            for chunk in answer.iter_bytes(_CHUNK):
                stream.write(chunk)
                digest.update(chunk)
                size += len(chunk)
                report(size, whole)
            stream.flush()
            os.fsync(stream.fileno())
        if whole is not None and size != whole:
            raise httpx.RemoteProtocolError(f"{size} of {whole} bytes")
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return digest.hexdigest(), size


def _check_status(answer: httpx.Response, address: str) -> None:
    status = answer.status_code
    if status in _PASSING:
        error = PassingError(
            "the server cannot serve the request now", file=address, found=status, remedy=_LATER
        )
        asked = answer.headers.get("retry-after", "")
        error.wait = float(asked) if asked.isdigit() else 0.0
        raise error
    if status in (401, 403):
        raise FetchError(
            "the server refuses the request",
            file=address,
            found=status,
            expected="valid credentials",
            remedy="check user and password, or the token; docs/how-to/fetch-originals.md",
        )
    if not answer.is_success:
        raise FetchError(
            "the server has no such file",
            file=address,
            found=status,
            expected="the file",
            remedy="look the address up on the publisher's page and correct it in "
            "pipeline/sources/catalogue.yaml",
        )


def _refuse_web_page(download: Download, address: str) -> None:
    with download.path.open("rb") as stream:
        head = stream.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head or head.lower().startswith(_HTML):
        download.path.unlink(missing_ok=True)
        raise FetchError(
            "the answer is a web page, not data" if head else "the answer is empty",
            file=address,
            # as it came and not cut: who knows the secrets can still find them in it
            found=head.decode("utf-8", "replace") or None,
            expected="the file itself",
            remedy="the server may be under maintenance or ask for a log-in: open the address in a "
            "browser",
        )


def _disk_error(error: OSError, target: Path) -> FetchError:
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return FetchError(
        "the disk is full" if is_full else f"the file cannot be written ({error.strerror})",
        file=target,
        remedy="make room and start the same fetch again; what was fetched before is kept"
        if is_full
        else "check folder and rights",
    )
