"""Fetching a list of files: resumable, each whole, a failure of one not in the way of the others.

What a run needs to go on (finished files, ordered background jobs, versions that the servers
named) lies in a hidden file beside the originals. Losing it costs a repeated download, no more.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from pipeline.errors import WorkspaceError
from pipeline.provenance import sha256_of, sidecar_path
from pipeline.sources import fetching
from pipeline.sources.catalogue import DownloadEntry, Service, ServiceTable
from pipeline.sources.fetching import Download, FetchError, Pauses
from pipeline.sources.genesis_api import Description, GenesisClient, Query
from pipeline.tables.fetched import ORIGINALS, Expected, retrieved, take_in

STATE_FILE = ".fetch.json"

#: Told the key of a file, the bytes so far and, where it is known, all of them.
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Outcome:
    """What became of one file: `fetched`, `unchanged`, `kept` (from the same list) or `failed`."""

    key: str
    status: str
    path: Path | None = None
    size: int = 0
    error: WorkspaceError | None = None


@dataclass
class State:
    """The hidden file of a folder of originals.

    Attributes
    ----------
    path : where it lies.
    open : list → keys of it that are done; a list that is finished is forgotten.
    jobs : table → name of the background job that has been ordered for a query.
    versions : key → what the server said about the version that is here, and its hash.
    """

    path: Path
    open: dict[str, list[str]] = field(default_factory=dict)
    jobs: dict[str, dict[str, str]] = field(default_factory=dict)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @classmethod
    def of(cls, folder: Path) -> State:
        """The state of a folder; an unreadable one counts as none."""
        path = folder / STATE_FILE
        try:
            read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return cls(path, dict(read["open"]), dict(read["jobs"]), dict(read["versions"]))
        except (OSError, ValueError, KeyError, TypeError):
            return cls(path)

    def change(self, edit: Callable[[State], object]) -> None:
        """Edit and save; several downloads may do so at once."""
        with self._lock:
            edit(self)
            kept = {"open": self.open, "jobs": self.jobs, "versions": self.versions}
            fetching.write_whole(self.path, json.dumps(kept, indent=1, sort_keys=True))


def fetch_tables(
    service: Service,
    tables: Sequence[ServiceTable],
    client: GenesisClient,
    raw: Path,
    *,
    years: tuple[str, str] = ("", ""),
    force: bool = False,
    progress: Progress = lambda key, done, whole: None,
) -> list[Outcome]:
    """Tables of a service into `raw/originals/<service>`, one outcome a table.

    A table that the service has not changed since it was fetched is left alone unless `force`.
    """
    folder = raw / ORIGINALS / service.id
    with fetching.one_at_a_time(folder):
        run = _Run(State.of(folder), f"{service.id} {years} {force} {[t.code for t in tables]}")

        def one(table: ServiceTable) -> Outcome:
            query = Query(table.code, table.form, *years)
            return run.guarded(
                table.code,
                lambda: _table(service, table, query, client, folder, run, force, progress),
            )

        with ThreadPoolExecutor(max_workers=service.parallel) as pool:
            outcomes = list(pool.map(one, tables))
        run.finish(outcomes)
    return outcomes


def fetch_download(
    entry: DownloadEntry,
    client: httpx.Client,
    raw: Path,
    *,
    pauses: Pauses | None = None,
    force: bool = False,
    progress: Progress = lambda key, done, whole: None,
) -> Outcome:
    """A file of the catalogue into `raw/originals/<id>`; unchanged ones are not sent again.

    Raises
    ------
    FetchError : an entry without an address.
    """
    if entry.address is None or entry.file is None:
        raise FetchError(
            "this file has no address of its own",
            file=entry.id,
            expected="a choice on the publisher's page",
            remedy=f"open {entry.page}, save the file and name its folder to `ingest --originals`",
        )
    folder = raw / ORIGINALS / entry.id
    with fetching.one_at_a_time(folder):
        try:
            return _download(
                entry, client, folder, State.of(folder), pauses or Pauses(), force, progress
            )
        except WorkspaceError as error:
            return Outcome(entry.id, "failed", error=error)


@dataclass
class _Run:
    """One list of files in work."""

    state: State
    name: str

    def guarded(self, key: str, work: Callable[[], Outcome]) -> Outcome:
        """The outcome of a file; its own failure does not stop the list."""
        if key in self.state.open.get(self._list, []):
            return Outcome(key, "kept")
        try:
            outcome = work()
        except WorkspaceError as error:
            return Outcome(key, "failed", error=error)
        self.state.change(lambda state: state.open.setdefault(self._list, []).append(key))
        return outcome

    def finish(self, outcomes: Sequence[Outcome]) -> None:
        """Forget the list when all of it is here, so that the next run asks anew."""
        if all(outcome.status != "failed" for outcome in outcomes):
            self.state.change(lambda state: state.open.pop(self._list, None))

    @property
    def _list(self) -> str:
        return hashlib.sha256(self.name.encode()).hexdigest()[:16]


def _table(
    service: Service,
    table: ServiceTable,
    query: Query,
    client: GenesisClient,
    folder: Path,
    run: _Run,
    force: bool,
    progress: Progress,
) -> Outcome:
    about = client.describe(table.code, folder)
    asked = json.dumps(query.fields(job=False), sort_keys=True)
    version = {"updated": about.updated, "query": asked}
    here = _file_of(folder, table.code)
    if not force and about.updated and here and _is_version(run.state, table.code, here, version):
        return Outcome(table.code, "unchanged", here, here.stat().st_size)
    target = folder / table.code
    download = client.table(
        query,
        target,
        job=_open_job(run.state, table.code, asked),
        ordered=lambda job: run.state.change(
            lambda state: state.jobs.update({table.code: {"job": job, "query": asked}})
        ),
        report=lambda done, whole: progress(table.code, done, whole),
    )
    final = target.with_name(f"{table.code}{_suffix(download)}")
    take_in(download, final, _expected_table(service, table, query, about, download.at))
    if here is not None and here != final:
        here.unlink()
        sidecar_path(here).unlink(missing_ok=True)
    version["sha256"] = download.sha256
    run.state.change(lambda state: _remember(state, table.code, version))
    return Outcome(table.code, "fetched", final, download.size)


def _download(
    entry: DownloadEntry,
    client: httpx.Client,
    folder: Path,
    state: State,
    pauses: Pauses,
    force: bool,
    progress: Progress,
) -> Outcome:
    assert entry.address is not None
    assert entry.file is not None
    target = folder / entry.file
    conditions = {} if force else _conditions(state.versions.get(entry.id, {}), target)
    checksum = _published_md5(entry, client, target, pauses)
    download = _requested(
        client, entry.address, target, pauses, conditions,
        lambda done, whole: progress(entry.id, done, whole),
    )  # fmt: skip
    if download is None:
        return Outcome(entry.id, "unchanged", target, target.stat().st_size)
    if checksum:
        _compare_md5(download, checksum, entry.id)
    take_in(download, target, _expected_download(entry, download.at))
    said = {"etag": download.etag, "last_modified": download.last_modified}
    version = {name: value for name, value in said.items() if value}
    state.change(
        lambda state: state.versions.update({entry.id: {**version, "sha256": download.sha256}})
    )
    return Outcome(entry.id, "fetched", target, download.size)


def _requested(
    client: httpx.Client,
    address: str,
    target: Path,
    pauses: Pauses,
    headers: dict[str, str] | None = None,
    report: fetching.Report = lambda done, whole: None,
) -> Download | None:
    """A GET request, repeated after passing failures."""
    return pauses.retrying()(
        fetching.request, client, "GET", address, target, headers=headers, report=report
    )


def _conditions(version: dict[str, str], target: Path) -> dict[str, str]:
    """Headers that ask for the file only if it is another one; none where ours is damaged."""
    if not target.is_file() or sha256_of(target) != version.get("sha256"):
        return {}
    headers = {"If-None-Match": version.get("etag"),
               "If-Modified-Since": version.get("last_modified")}  # fmt: skip
    return {name: value for name, value in headers.items() if value}


def _published_md5(
    entry: DownloadEntry, client: httpx.Client, target: Path, pauses: Pauses
) -> str | None:
    """The checksum that the publisher gives for the file; None where there is none."""
    if entry.checksum is None:
        return None
    found = _requested(client, entry.checksum, target.with_name(f"{target.name}.md5"), pauses)
    assert found is not None  # nothing conditional was asked
    text = found.path.read_text(encoding="latin-1")[:200]
    found.path.unlink()
    digest = text.split()[0].lower() if text.split() else ""
    if len(digest) != 32 or not set(digest) <= set("0123456789abcdef"):
        raise FetchError(
            "the publisher's checksum cannot be read",
            file=entry.checksum,
            found=text[:80],
            expected="an MD5 sum of 32 hex digits",
            remedy="look at the address in a browser",
        )
    return digest


def _compare_md5(download: Download, expected: str, key: str) -> None:
    with download.path.open("rb") as stream:
        found = hashlib.file_digest(stream, "md5").hexdigest()
    if found != expected:
        download.path.unlink()
        raise FetchError(
            "the bytes are not those of the publisher's checksum",
            file=key,
            found=found,
            expected=expected,
            remedy="fetch it again; the publisher may have renewed the file in between",
        )


def _open_job(state: State, code: str, asked: str) -> str | None:
    """The background job that an earlier run ordered for the same query."""
    job = state.jobs.get(code, {})
    return job.get("job") if job.get("query") == asked else None


def _is_version(state: State, key: str, here: Path, version: dict[str, str]) -> bool:
    """Whether the file that is here is the one that the service has, byte for byte as it came."""
    known = state.versions.get(key, {})
    is_same = all(known.get(name) == value for name, value in version.items())
    return is_same and known.get("sha256") == sha256_of(here)


def _remember(state: State, code: str, version: dict[str, str]) -> None:
    state.versions[code] = version
    state.jobs.pop(code, None)


def _file_of(folder: Path, code: str) -> Path | None:
    """The table as it was fetched last time, plain or packed."""
    return next((path for path in (folder / f"{code}.csv", folder / f"{code}.zip")
                 if path.is_file()), None)  # fmt: skip


def _suffix(download: Download) -> str:
    with download.path.open("rb") as stream:
        return ".zip" if stream.read(4) == b"PK\x03\x04" else ".csv"


def _expected_table(
    service: Service, table: ServiceTable, query: Query, about: Description, at: dt.datetime
) -> Expected:
    years = f"{query.start_year or 'Beginn'} bis {query.end_year or 'heute'}"
    asked = f"{service.title}, Tabelle {table.code}, alle Gebiete, Jahre {years}, {query.form}"
    return Expected(
        key=table.code.lower(),
        format=table.format,
        is_table=bool(table.fills),
        publisher=service.publisher,
        title=about.title or table.title,
        licence=service.licence,
        attribution=f"{service.publisher}, Tabelle {table.code}",
        address=service.account,
        note=retrieved(at, asked, licence_text=about.licence, updated=about.updated),
    )


def _expected_download(entry: DownloadEntry, at: dt.datetime) -> Expected:
    return Expected(
        key=entry.id,
        format=entry.format,
        is_table=bool(entry.fills),
        publisher=entry.publisher,
        title=entry.title,
        licence=entry.licence,
        attribution=entry.attribution,
        address=entry.page,
        note=retrieved(at, str(entry.address)),
    )
