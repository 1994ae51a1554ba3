"""How notebooks are run, and what is said of each; light to import, unlike what runs them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.execution.jobs import Job

OK, NO_DATA, FAILED = "ok", "no_data", "failed"
#: Names of the engines, as `--engine` takes them, and as papermill knows them.
ENGINES = {"fork": "fork", "kernel": "nbclient"}


@dataclass(frozen=True)
class RunSettings:
    """How notebooks are run.

    Attributes
    ----------
    engine : "fork" or "kernel".
    timeout : seconds that a notebook may take; None: no limit.
    memory : megabytes that a notebook and its processes may occupy; None: no limit.
    scratch : folder for files that are not whole yet.
    preload : modules that are imported once for all notebooks that are forked one by one. What
        they say when they are first imported (matplotlib without a home folder) is then said
        beside the notebooks and not in them.
    """

    engine: str
    timeout: float | None
    memory: int | None
    scratch: Path
    preload: tuple[str, ...] = ()


@dataclass(frozen=True)
class JobResult:
    """What became of a job.

    Attributes
    ----------
    status : `OK`, `NO_DATA` or `FAILED`.
    seconds : how long it took.
    message : why it is not `OK`.
    digest : SHA-256 of the executed notebook; empty where there is none.
    is_reused : whether it is the work of an earlier run.
    is_older_kept : whether it failed and left the notebook of an earlier run in place.
    """

    job: Job
    status: str
    seconds: float
    message: str = ""
    digest: str = ""
    is_reused: bool = False
    is_older_kept: bool = False
