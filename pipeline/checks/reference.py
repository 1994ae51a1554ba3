"""The executed reference notebooks: what changes, shown before it is written.

`tests/reference/` holds every notebook as executed for one region, so that nbval can run them
again and readers on a code host see them with their figures.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path

import nbformat

from pipeline.errors import ExecutionError
from pipeline.execution.jobs import plan_jobs
from pipeline.execution.sweep import OK, run_jobs
from pipeline.regions import MODEL_REGIONS
from pipeline.settings import ROOT, Paths, RegionParameters, read_params

FOLDER = ROOT / "tests" / "reference"
#: Region with dated rows of the needs planning, so that every figure is drawn.
REGION = RegionParameters().region


def reference_changes(
    paths: Paths, scratch: Path, progress: Callable[[str], None] = lambda name: None
) -> dict[Path, tuple[Path, str]]:
    """Run the reference notebooks into `scratch` and compare them with those in the repository.

    Returns
    -------
    Reference file → freshly executed file and readable difference, for those that differ.

    Raises
    ------
    ExecutionError : a notebook that did not run through.
    """
    fresh = paths.model_copy(update={"build": scratch})
    jobs = plan_jobs(fresh, read_params(paths.params), [MODEL_REGIONS[REGION]])
    progress(f"{len(jobs)} notebooks")
    results = run_jobs(jobs, fresh)
    for result in results:
        if result.status != OK:
            raise ExecutionError(
                f"the reference notebook '{result.job.chapter}' failed: {result.message}",
                file=result.job.notebook,
                remedy="mend the notebook before the reference is renewed",
            )
    changes = {}
    for result in results:
        target = FOLDER / f"{result.job.chapter}.ipynb"
        difference = "\n".join(
            difflib.unified_diff(
                _readable(target),
                _readable(result.job.output),
                "reference",
                "now",
                lineterm="",
                n=1,
            )
        )
        if difference:
            changes[target] = (result.job.output, difference)
    return changes


def _readable(path: Path) -> list[str]:
    """Source and plain-text outputs of a notebook, one line each; pictures as their length."""
    if not path.is_file():
        return []
    lines: list[str] = []
    for cell in nbformat.read(path, as_version=4).cells:
        lines += [f"  {line}" for line in cell.source.splitlines()]
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            text = data.get("text/plain", output.get("text", output.get("evalue", "")))
            lines += [f"> {line}" for line in str(text).splitlines()]
            lines += [
                f"> {mime}: {content}" for mime, content in data.items() if mime != "text/plain"
            ]
    return lines
