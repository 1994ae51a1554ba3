"""The evaluation notebook, run for projects: one executed notebook each in build/evaluation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from pipeline.execution.jobs import Job
from pipeline.execution.parameters import check_parameters
from pipeline.execution.results import JobResult, RunSettings
from pipeline.locking import sole_writer
from pipeline.settings import Paths

#: Name of the notebook in notebooks/project.
NOTEBOOK = "evaluation"


def evaluation_folder(paths: Paths) -> Path:
    """Where executed evaluations and their forms lie."""
    return paths.build / "evaluation"


def evaluation_job(paths: Paths, slug: str, folder: Path, reference_date: dt.date) -> Job:
    """The job of one project; `folder` holds its record, wherever that lies."""
    notebook = paths.notebooks / "project" / f"{NOTEBOOK}.ipynb"
    given = {"project": str(folder.resolve()), "reference_date": reference_date.isoformat()}
    if folder.resolve() == (paths.raw / "projects" / slug).resolve():
        given["project"] = slug  # so that the executed notebook is the same on every machine
    check_parameters(notebook, given)
    return Job(slug, NOTEBOOK, notebook, evaluation_folder(paths) / f"{slug}.ipynb", given)


def run_evaluations(
    jobs: Sequence[Job], paths: Paths, *, engine: str = "fork", timeout: float | None = None
) -> list[JobResult]:
    """Run evaluations one after the other; a failure stays with its project.

    Raises
    ------
    WorkspaceError : another run writes `paths.build`.
    """
    from pipeline.execution.runner import run_job  # papermill loads for seconds

    scratch = paths.build / "run" / "partial"
    settings = RunSettings(engine, timeout, None, scratch, preload=("pipeline.figures.theme",))
    with sole_writer(paths.build):
        return [run_job(job, settings) for job in jobs]
