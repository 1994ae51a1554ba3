"""What is known of a run while it goes on: status.json, times, messages and a log.

`status.json` lies beside the executed notebooks and is the same for the same work; times and the
log, which differ from run to run, stand in build/run.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path

from pipeline.execution.results import JobResult
from pipeline.execution.tasks import PageResult
from pipeline.settings import Paths
from pipeline.writing import write_text

#: Seconds between two writings of the files while a run goes on.
INTERVAL = 5.0

Status = dict[str, dict[str, dict[str, str]]]


def status_path(paths: Paths) -> Path:
    """The file that says which executed notebook is worth what."""
    return paths.build / "notebooks" / "status.json"


def read_status(paths: Paths) -> Status:
    """region → chapter → {"status": …}; empty before the first run."""
    path = status_path(paths)
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


class RunBook:
    """Keeps the files of a run up to date."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._folder = paths.build / "run"
        self._folder.mkdir(parents=True, exist_ok=True)
        self.status = read_status(paths)
        self._seconds: dict[str, float] = {}
        self._messages: dict[str, str] = {}
        self._saved = time.monotonic()
        self._log = (self._folder / "analyse.log").open("w", encoding="utf-8")

    def note(self, result: JobResult) -> None:
        """Take a result down; the files follow within `INTERVAL`."""
        job = result.job
        self.status.setdefault(job.region, {})[job.chapter] = {"status": result.status}
        if not result.is_reused:
            self._seconds[job.name] = round(result.seconds, 3)
        if result.message:
            self._messages[job.name] = result.message
        word = "reused" if result.is_reused else result.status
        self.say(f"{word:8} {result.seconds:7.1f} s  {job.name}  {result.message}".rstrip())
        if time.monotonic() - self._saved > INTERVAL:
            self.save()

    def note_page(self, result: PageResult) -> None:
        """Take a page down in the log."""
        self.say(f"page               {result.region}  {result.message}".rstrip())

    def say(self, line: str) -> None:
        """A line of the log, with the time."""
        now = dt.datetime.now().astimezone().isoformat(timespec="seconds")
        self._log.write(f"{now}  {line}\n")
        self._log.flush()

    def forget_all_but(self, results: list[JobResult]) -> None:
        """An edition holds just its regions."""
        wanted = {(result.job.region, result.job.chapter) for result in results}
        self.status = {
            region: kept
            for region, chapters in self.status.items()
            if (kept := {name: s for name, s in chapters.items() if (region, name) in wanted})
        }

    def save(self) -> None:
        """Write all files, each in one step."""
        self._saved = time.monotonic()
        ordered = {
            region: dict(sorted(chapters.items()))
            for region, chapters in sorted(self.status.items())
        }
        _write_json(status_path(self._paths), ordered)
        _write_json(self._folder / "timings.json", dict(sorted(self._seconds.items())))
        _write_json(self._folder / "messages.json", dict(sorted(self._messages.items())))

    def close(self) -> None:
        """Write all files for the last time."""
        self.save()
        self._log.close()


def _write_json(path: Path, content: object) -> None:
    write_text(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")
