"""Recognising finished work: by what went into it, not by when it was done.

The record of a finished notebook holds the fingerprint of everything that decided its content, and
the hash of its bytes. It counts only as long as both still hold.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import distributions
from pathlib import Path

from pipeline.execution.jobs import Job
from pipeline.provenance import sha256_of
from pipeline.settings import Paths
from pipeline.writing import write_text

PACKAGE = Path(__file__).resolve().parents[1]


def run_fingerprint(paths: Paths) -> str:
    """Hash of code, tables, funding lines and library versions: what all notebooks share."""
    digest = hashlib.sha256(platform.python_version().encode())
    for name in sorted(f"{d.name}=={d.version}" for d in distributions()):
        digest.update(name.encode())
    files = [
        path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    _add_files(digest, files, PACKAGE)
    for folder in (paths.processed, paths.derived, paths.raw / "funding"):
        _add_files(digest, (path for path in folder.rglob("*") if path.is_file()), folder)
    return digest.hexdigest()


def _add_files(digest: hashlib._Hash, files: Iterable[Path], root: Path) -> None:
    for path in sorted(files):
        digest.update(f"{path.relative_to(root).as_posix()} {sha256_of(path)}\n".encode())


def job_fingerprint(job: Job, run: str, notebook_digest: str) -> str:
    """Hash of everything that decides what a job's notebook shows."""
    content = [run, notebook_digest, job.region, job.chapter, sorted(job.parameters.items())]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def page_fingerprint(run: str, region: str, chapters: Iterable[tuple[str, str, str]]) -> str:
    """The same for a page: (chapter, status, digest of its notebook) of all its chapters."""
    content = [run, region, sorted(chapters)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


@dataclass(frozen=True)
class Record:
    """A finished file.

    Attributes
    ----------
    key : name of the job, or "region / page".
    fingerprint : what went into it.
    digest : SHA-256 of its bytes.
    status : `ok` or `no_data`.
    message : why it is not `ok`.
    """

    key: str
    fingerprint: str
    digest: str
    status: str
    message: str = ""


class Ledger:
    """Records of finished work, one a line; a line cut off by a crash is no record.

    Parameters
    ----------
    path : the file; made with the first record.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._records = {record.key: record for record in _read(path)}
        # without superseded and broken lines
        write_text(path, "".join(_line(record) for record in self._records.values()))
        self._stream = path.open("a", encoding="utf-8")

    def find(self, key: str, fingerprint: str, file: Path) -> Record | None:
        """The record of a file that is still what it was, made from what is still the same."""
        record = self._records.get(key)
        if record is None or record.fingerprint != fingerprint or not file.is_file():
            return None
        return record if sha256_of(file) == record.digest else None

    def add(self, record: Record) -> None:
        """Write a record down at once; the file that it speaks of is in place already."""
        self._records[record.key] = record
        self._stream.write(_line(record))
        self._stream.flush()

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def _line(record: Record) -> str:
    return json.dumps(asdict(record), ensure_ascii=False) + "\n"


def _read(path: Path) -> list[Record]:
    if not path.is_file():
        return []
    records = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            records.append(Record(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return records
