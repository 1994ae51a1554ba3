"""Tables from the GENESIS web service (REST, "2020"), which four statistics databases speak.

The service answers with a file, or with a JSON envelope whose `Status.Code` says why there is none:
98 (too large for an answer at once: order a background job), 99 (the job is ordered, its name
stands in the text), 104 (no such object), -1 (anything unexpected), 6 (too many requests at once),
15 (not allowed). 98, 99, 104 and -1 are recorded answers; 6, 15 and the list of jobs are known
from public clients of the service (pystatis, restatis) and threads about them, not recorded.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from pipeline.sources import fetching
from pipeline.sources.credentials import Credentials
from pipeline.sources.fetching import Download, FetchError, PassingError, Pauses, Report

#: An envelope is small; a larger answer that begins with a brace is no envelope.
MAX_ENVELOPE_BYTES = 1024 * 1024
_JOB_NAME = re.compile(r":\s*(\S+_\d+)\s*$")
_DONE = frozenset({"fertig", "finished", "ready"})
_FAILED = frozenset({"fehler", "abgebrochen", "error", "aborted", "failed"})


class NoSuchTableError(FetchError):
    """The service does not have the table, or not for this account (code 104)."""


class _TooLargeError(FetchError):
    """The service asks for a background job (code 98)."""


@dataclass(frozen=True)
class Query:
    """What is asked of a table; empty parts are not sent.

    Attributes
    ----------
    table : code of the table (`12411-01-01-5`).
    form : file format: `datencsv` (the classic CSV, which names its table and has a footer),
        `ffcsv` (flat).
    start_year, end_year, region_key : limits of the answer; by default everything is asked for.
    """

    table: str
    form: str = "datencsv"
    start_year: str = ""
    end_year: str = ""
    region_key: str = ""

    def fields(self, *, job: bool) -> dict[str, str]:
        """The form that is sent; no credentials in it."""
        chosen = {
            "name": self.table,
            "area": "all",
            # despite its name: leaves out empty rows and columns, and signs are no emptiness to us
            "compress": "false",
            "transpose": "false",
            "startyear": self.start_year,
            "endyear": self.end_year,
            "regionalkey": self.region_key,
            "format": self.form,
            "job": "true" if job else "false",
            "language": "de",
        }
        return {name: value for name, value in chosen.items() if value}


@dataclass(frozen=True)
class Description:
    """What the service says about a table: title, last change, licence text."""

    title: str = ""
    updated: str = ""
    licence: str = ""


@dataclass
class GenesisClient:
    """One service, one account.

    Parameters
    ----------
    address : base address of the service, without the method.
    credentials : go into headers only.
    client : HTTP client that does not follow redirects (they would carry the credentials along).
    pauses : between repeated requests.
    poll : between two looks at a background job (seconds): first, longest.
    patience : seconds after which a background job is given up (it stays in the account).
    sleep, clock : for tests.
    """

    address: str
    credentials: Credentials
    client: httpx.Client
    pauses: Pauses = field(default_factory=Pauses)
    poll: tuple[float, float] = (5.0, 60.0)
    patience: float = 3600.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def describe(self, table: str, folder: Path) -> Description:
        """Title, last change and licence text of a table."""
        scratch = folder / f"{table}.metadata.json"
        answer = self._asked("metadata/table", {"name": table, "area": "all", "language": "de"},
                             scratch)  # fmt: skip
        about = answer.get("Object") or {}
        return Description(
            " ".join(str(about.get("Content") or "").split()),
            str(about.get("Updated") or ""),
            self.credentials.scrub(" ".join(str(answer.get("Copyright") or "").split())),
        )

    def table(
        self,
        query: Query,
        target: Path,
        *,
        job: str | None = None,
        ordered: Callable[[str], None] = lambda job: None,
        report: Report = lambda done, whole: None,
    ) -> Download:
        """A table as a file beside `target`, not accepted yet.

        Parameters
        ----------
        job : name of a background job that an earlier run has ordered.
        ordered : told the name of a job as soon as it is ordered, so that it can be kept.
        report : told the bytes that have come.

        Raises
        ------
        NoSuchTableError : code 104.
        FetchError : the service refuses, or a job fails or does not end.
        """
        if job is None:
            try:
                return self._file("data/tablefile", query.fields(job=False), target, report)
            except _TooLargeError:
                job = self._order(query, target)
                ordered(job)
        self._wait(job, target)
        result = {"name": job, "area": "all", "compress": "false", "format": query.form,
                  "language": "de"}  # fmt: skip
        return self._file("data/resultfile", result, target, report)

    def _order(self, query: Query, target: Path) -> str:
        envelope = self._asked("data/tablefile", query.fields(job=True), target)
        content = str(_status(envelope).get("Content") or "")
        named = _JOB_NAME.search(content)
        if _code(envelope) != 99 or named is None:
            raise FetchError(
                "the service did not say how the background job is called",
                file=query.table,
                found=self.credentials.scrub(content)[:200],
                expected="status 99 with the name of the result",
                remedy="ask for fewer years with --from and --to",
            )
        return named[1]

    def _wait(self, job: str, target: Path) -> None:
        """Until the job is done; the pauses between two looks grow."""
        started, (pause, longest) = self.clock(), self.poll
        wanted = {"selection": f"*{job}", "searchcriterion": "code", "sortcriterion": "code",
                  "type": "all", "language": "de"}  # fmt: skip
        while True:
            try:
                envelope = self._asked("catalogue/jobs", wanted, target)
            except NoSuchTableError:
                envelope = {}  # not in the list yet
            jobs = [entry for entry in envelope.get("List") or [] if isinstance(entry, dict)]
            states = [str(entry.get("State") or "").casefold() for entry in jobs]
            if any(state in _DONE for state in states):
                return
            if any(state in _FAILED for state in states):
                raise FetchError(
                    "the service could not finish the background job",
                    file=job,
                    found=", ".join(states),
                    remedy="start the fetch again, or ask for fewer years with --from and --to",
                )
            if self.clock() - started + pause > self.patience:
                raise FetchError(
                    "the background job is not done yet",
                    file=job,
                    found=", ".join(states) or "not in the list of jobs",
                    remedy="start the same fetch again later: it goes on with this job",
                )
            self.sleep(pause)
            pause = min(pause * 1.5, longest)

    def _asked(self, method: str, fields: Mapping[str, str], target: Path) -> dict[str, Any]:
        """A request whose answer is an envelope."""
        for attempt in self.pauses.retrying():
            with attempt, self._answer(method, fields, target) as (found, envelope):
                if envelope is None:
                    raise FetchError(
                        "the service answered with a file instead of a message",
                        file=f"{self.address}/{method}",
                        found=f"{found.size} bytes",
                        expected="JSON",
                        remedy="the service may have changed; see docs/how-to/fetch-originals.md",
                    )
                if _code(envelope) != 99:
                    self._check(envelope, fields.get("name", method))
                return envelope
        raise AssertionError  # tenacity raises the last error itself

    def _file(
        self, method: str, fields: Mapping[str, str], target: Path, report: Report
    ) -> Download:
        """A request whose answer is a file."""
        for attempt in self.pauses.retrying():
            with attempt, self._answer(method, fields, target, report) as (found, envelope):
                if envelope is None:
                    return found
                self._check(envelope, fields["name"])
                raise FetchError(
                    "the service says success but sends no table",
                    file=fields["name"],
                    found=self.credentials.scrub(str(_status(envelope).get("Content")))[:200],
                    expected="a file",
                    remedy="start the fetch again",
                )
        raise AssertionError

    @contextmanager
    def _answer(
        self,
        method: str,
        fields: Mapping[str, str],
        target: Path,
        report: Report = lambda done, whole: None,
    ) -> Iterator[tuple[Download, dict[str, Any] | None]]:
        """The answer as a file and, if it is an envelope, as JSON; an envelope leaves no file."""
        try:
            found = fetching.request(
                self.client,
                "POST",
                f"{self.address.rstrip('/')}/{method}",
                target,
                data=dict(fields),
                headers=self.credentials.headers(),
                report=report,
            )
        except FetchError as error:
            raise self._scrubbed(error) from None
        assert found is not None  # nothing conditional was asked
        envelope = _envelope(found)
        if envelope is not None:
            found.path.unlink(missing_ok=True)
        yield found, envelope

    def _scrubbed(self, error: FetchError) -> FetchError:
        """The error without secrets: a log-in page may greet its user by name."""
        if isinstance(error.found, str):
            error.found = self.credentials.scrub(error.found)
            error.args = (str(error),)
        return error

    def _check(self, envelope: Mapping[str, Any], what: str) -> None:
        """Raise what a status code means; nothing for a success."""
        status = _status(envelope)
        code, kind = _code(envelope), str(status.get("Type") or "").casefold()
        text = self.credentials.scrub(" ".join(str(status.get("Content") or "").split()))[:300]
        if code in (0, 22):
            return
        if code == 98:
            raise _TooLargeError("the table is too large for one answer", file=what, found=text)
        if code == 99:
            raise FetchError("the service ordered a job nobody asked for", file=what, found=text)
        if code == 6:
            raise PassingError("too many requests at once", file=what, found=text,
                               remedy="start the same fetch again later")  # fmt: skip
        if code == 104:
            raise NoSuchTableError(
                "the service has no such table",
                file=what,
                found=f"code 104: {text}",
                expected="a table that this database offers to your account",
                remedy="check the code and the years; tables are withdrawn or renumbered at times",
            )
        if code == 15 or "berechtigt" in text.casefold():
            raise FetchError(
                "the service refuses the credentials",
                file=what,
                found=f"code {code}: {text}",
                expected="an account that may use the web service",
                remedy="check user and password, or the token; docs/how-to/fetch-originals.md",
            )
        if code == -1 or kind in {"fehler", "error"} or code is None:
            raise FetchError(
                "the service reports an error",
                file=what,
                found=f"code {code}: {text}",
                expected="a table",
                remedy="the selection may hold no data, or the service is out of order: try the "
                "table on its web page",
            )


def _envelope(found: Download) -> dict[str, Any] | None:
    """The answer as an envelope; None where it is a file."""
    if found.size > MAX_ENVELOPE_BYTES:
        return None
    content = found.path.read_bytes()
    if not content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return None
    try:
        read = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        found.path.unlink(missing_ok=True)
        raise PassingError(
            "the message of the service is cut off", file=found.path.name, expected="whole JSON",
            remedy="start the same fetch again",
        ) from None  # fmt: skip
    # a refused log-in comes as a bare status without an envelope around it
    return read if "Status" in read or "Code" not in read else {"Status": read}


def _status(envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    status = envelope.get("Status")
    return status if isinstance(status, dict) else {"Content": status}


def _code(envelope: Mapping[str, Any]) -> int | None:
    code = _status(envelope).get("Code")
    return code if isinstance(code, int) else None
