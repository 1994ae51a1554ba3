"""Executed notebooks that are the same bytes whenever and wherever they are run."""

from __future__ import annotations

import os
import re
import socket
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from pipeline.settings import ROOT

# What a kernel adds to the path of a cell: process id and a number of its own.
_CELL_FILE = re.compile(r"(?:/[^\s\"'\x1b]*)?/ipykernel_\d+/\d+\.py")
_ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")
# pandas gives every styled table a random id
_STYLER_ID = re.compile(r"\bT_[0-9a-f]{5}\b|(?<=#T_)[0-9a-f]{5}(?=_)|(?<=\bT_)[0-9a-f]{5}(?=_)")
_STABLE_NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
#: Folders that differ from machine to machine, the longest first, and what stands for them.
_FOLDERS = sorted(
    {
        f"{ROOT}/": "",
        f"{sys.prefix}/": "<python>/",
        f"{sys.base_prefix}/": "<python>/",
    }.items(),
    key=lambda pair: -len(pair[0]),
)


def stabilise(notebook: NotebookNode) -> NotebookNode:
    """Take out what differs from run to run: times, papermill's records, random ids, paths."""
    notebook.metadata = nbformat.from_dict(_STABLE_NOTEBOOK_METADATA)
    for index, cell in enumerate(notebook.cells):
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = f"injected-parameters-{index:02d}"
        if "outputs" in cell:
            cell["outputs"] = [_stable_output(output) for output in _joined(cell["outputs"])]
    return notebook


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Neighbouring pieces of one stream as one; where a kernel cuts them depends on time."""
    joined: list[NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last is not None and "name" in output and output["name"] == last.get("name"):
            last["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def _stable_output(output: NotebookNode) -> NotebookNode:
    for key in ("text", "evalue"):
        if key in output:
            output[key] = stable_text(output[key])
    if "traceback" in output:
        output["traceback"] = [stable_text(line) for line in output["traceback"]]
    for mime, content in output.get("data", {}).items():
        if mime.startswith("text/"):
            output["data"][mime] = stable_text(content)
    return output


def stable_text(text: Any) -> Any:
    """A text without temporary names, memory addresses, random ids and folders of this machine."""
    if not isinstance(text, str):
        return text
    text = _CELL_FILE.sub("<cell>", text)
    text = _ADDRESS.sub("at 0x0", text)
    if "T_" in text:
        text = _STYLER_ID.sub(lambda match: "T_00000" if match[0][0] == "T" else "00000", text)
    for folder, name in _FOLDERS:
        text = text.replace(folder, name)
    return text


def notebook_bytes(notebook: NotebookNode) -> bytes:
    """An executed notebook as it is written: stable, and valid for nbformat."""
    stable = stabilise(notebook)
    nbformat.validate(stable)
    return (nbformat.writes(stable).rstrip("\n") + "\n").encode("utf-8")


def write_whole(content: bytes, target: Path, scratch: Path) -> None:
    """Put a file in place in one step.

    Parameters
    ----------
    scratch : folder on the same file system; what a killed run leaves lies there, not beside the
        results.

    Raises
    ------
    OSError : the disk is full, say; `target` is as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch.mkdir(parents=True, exist_ok=True)
    # the folder may be shared by the machines of a cluster
    maker = f"{socket.gethostname()}.{os.getpid()}"
    partial = scratch / f"{target.parent.name}.{target.name}.{maker}"
    try:
        partial.write_bytes(content)
        partial.replace(target)
    except OSError:
        partial.unlink(missing_ok=True)  # a part of a file must not keep the disk full
        raise
