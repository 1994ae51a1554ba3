"""Executed notebooks that are the same bytes whenever and wherever they are run."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

#: What a kernel adds to a path of a cell: process id and a number of its own.
_CELL_FILE = re.compile(r"(?:/[^\s\"']*)?/ipykernel_\d+/\d+\.py")
_STABLE_NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def stabilise(notebook: NotebookNode) -> NotebookNode:
    """Take out what differs from run to run: times, papermill's records, random ids, temp paths."""
    notebook.metadata = nbformat.from_dict(_STABLE_NOTEBOOK_METADATA)
    for index, cell in enumerate(notebook.cells):
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = f"injected-parameters-{index:02d}"
        for output in cell.get("outputs", []):
            _stabilise_output(output)
    return notebook


def _stabilise_output(output: NotebookNode) -> None:
    if "text" in output:
        output["text"] = _CELL_FILE.sub("<cell>", output["text"])
    if "traceback" in output:
        output["traceback"] = [_CELL_FILE.sub("<cell>", line) for line in output["traceback"]]


def write_stable(source: Path, target: Path) -> None:
    """Stabilise an executed notebook and put it in place, whole."""
    notebook = stabilise(nbformat.read(source, as_version=4))
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    nbformat.write(notebook, partial)
    partial.replace(target)
