"""What a worker is asked to do, and what it answers."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pipeline.execution.jobs import Job
from pipeline.execution.results import FAILED, JobResult, RunSettings
from pipeline.provenance import sha256_of

#: Renders the page of a region (slug, chapter → status) and returns where it lies.
PageWriter = Callable[[str, Mapping[str, str]], Path]
#: Makes a `PageWriter`; called once a worker, as an exporter is slow to make. Must be picklable.
PageWriterFactory = Callable[[], PageWriter]


@dataclass(frozen=True)
class Page:
    """The page of one region, all of whose notebooks have ended."""

    region: str
    chapters: Mapping[str, str]

    @property
    def name(self) -> str:
        """ "region / page", for logs and records."""
        return f"{self.region} / page"


@dataclass(frozen=True)
class PageResult:
    """A page that was written, or why it was not."""

    region: str
    path: Path | None = None
    message: str = ""
    digest: str = ""


Task = Job | Page
Result = JobResult | PageResult


@dataclass(frozen=True)
class Blueprint:
    """Everything that a worker must know, on this machine or another.

    Attributes
    ----------
    settings : how notebooks are run.
    environment : variables for notebooks and pages: folders, hash seed, threads.
    modules, calls : what is loaded before the first notebook (see `nursery.Preparation`).
    pages : makes the writer of pages; None where no pages are wanted.
    version : fingerprint of code and inputs; a worker that holds another is made anew.
    """

    settings: RunSettings
    environment: Mapping[str, str] = field(default_factory=dict)
    modules: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    pages: PageWriterFactory | None = None
    version: str = ""


def make_work(blueprint: Blueprint) -> Callable[[Task], Result]:
    """What a worker does with a task; page writers are made here, once."""
    os.environ.update(blueprint.environment)
    importlib.import_module("pipeline.execution.runner")  # now, before anything is forked
    writer = blueprint.pages() if blueprint.pages is not None else None
    return partial(_do, blueprint.settings, writer)


def _do(settings: RunSettings, writer: PageWriter | None, task: Task) -> Result:
    from pipeline.execution.runner import run_job  # papermill: for workers, not for their host

    if isinstance(task, Job):
        return run_job(task, settings)
    assert writer is not None
    try:
        path = writer(task.region, task.chapters)
    except Exception as error:  # a page that fails is this region's failure alone
        return PageResult(task.region, message=f"{type(error).__name__}: {error}")
    return PageResult(task.region, path, digest=sha256_of(path))


def lost(task: Task, why: str) -> Result:
    """The answer to a task whose worker ended again and again."""
    if isinstance(task, Job):
        task.output.unlink(missing_ok=True)
        return JobResult(task, FAILED, 0.0, why)
    return PageResult(task.region, message=why)
