"""Small notebooks for the tests of the engine; all synthetic."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbformat.v4 import new_code_cell, new_notebook
from papermill.exceptions import PapermillExecutionError

KERNEL = {"name": "python3", "language": "python", "display_name": "Python 3 (ipykernel)"}


def write(path: Path, *sources: str, tags: dict[int, list[str]] | None = None) -> Path:
    """A notebook of code cells; `tags` by index of the cell."""
    cells = [
        new_code_cell(
            source, id=f"cell-{index:02d}", metadata={"tags": (tags or {}).get(index, [])}
        )
        for index, source in enumerate(sources)
    ]
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)
    return path


def run(path: Path, engine: str, **settings: Any) -> nbformat.NotebookNode:
    """The executed notebook, also if it ended with an error."""
    output = path.with_name(f"{path.stem}.{engine}.ipynb")
    output.unlink(missing_ok=True)
    with contextlib.suppress(PapermillExecutionError):
        papermill.execute_notebook(
            str(path), str(output), engine_name=engine, progress_bar=False, **settings
        )
    return nbformat.read(output, 4)


def outputs(notebook: nbformat.NotebookNode, index: int) -> list[Any]:
    """Outputs of the cell with this number among the test's own."""
    return next(c.outputs for c in notebook.cells if c.get("id") == f"cell-{index:02d}")


def text_of(notebook: nbformat.NotebookNode, index: int) -> str:
    """All that a cell printed or returned, as text."""
    parts = []
    for output in outputs(notebook, index):
        if output.output_type == "stream":
            parts.append(output.text)
        elif output.output_type == "error":
            parts.append(f"{output.ename}: {output.evalue}")
        else:
            parts.append(output.data.get("text/plain", ""))
    return "".join(parts)
