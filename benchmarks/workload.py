"""What all ways of running notebooks are measured on: two frozen notebooks, the model regions."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping
from pathlib import Path

from pipeline.execution.jobs import Job
from pipeline.execution.tasks import PageWriter
from pipeline.regions import MODEL_REGIONS

NOTEBOOKS = Path(__file__).parent / "notebooks"
REFERENCE_DATE = "2025-12-31"


def jobs(count: int, folder: Path) -> list[Job]:
    """`count` runs: both notebooks for one region after another, over and over."""
    pairs = itertools.product(MODEL_REGIONS, sorted(NOTEBOOKS.glob("*.ipynb")))
    return [
        Job(
            region=f"run-{number:04d}",
            chapter=notebook.stem,
            notebook=notebook,
            output=folder / f"run-{number:04d}" / f"{notebook.stem}.ipynb",
            parameters={"region": region, "reference_date": REFERENCE_DATE},
        )
        for number, (region, notebook) in enumerate(itertools.islice(itertools.cycle(pairs), count))
    ]


def environment(processed: Path) -> dict[str, str]:
    """The same for all ways; compiled modules are kept, as they are on a user's machine."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {
        **kept,
        "VERSORGUNGSLABOR_PROCESSED": str(processed),
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def page_writer(folder: Path) -> PageWriter:
    """nbconvert's own page; its exporter is made once a worker."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter()

    def write(region: str, chapters: Mapping[str, str]) -> Path:
        (chapter,) = chapters
        html, _ = exporter.from_filename(str(folder / region / f"{chapter}.ipynb"))
        page = folder / region / f"{chapter}.html"
        page.write_text(html, encoding="utf-8")
        return page

    return write
