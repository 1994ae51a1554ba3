"""What the start notebook shows of the workspace itself: its notebooks, and what can be set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
from IPython.display import Markdown

from pipeline.errors import ExecutionError
from pipeline.settings import Paths, RegionParameters, read_params

_QUESTION = "**Frage.**"


def notebooks_in_order(paths: Paths) -> list[Path]:
    """Every notebook, folder by folder; chapters in the order of the report."""
    order = {name: place for place, name in enumerate(read_params(paths.params).chapters)}
    found = paths.notebooks.rglob("*.ipynb")
    return sorted(
        (path for path in found if ".ipynb_checkpoints" not in path.parts),
        key=lambda path: (path.parent.name, order.get(path.stem, len(order)), path.stem),
    )


def notebook_list(paths: Paths | None = None) -> Markdown:
    """A link and the question of every notebook: chapters in the order of the report, then others.

    In JupyterLab a link opens the notebook; links are relative to the folder of the notebooks.
    """
    paths = paths or Paths()
    folder = paths.notebooks
    rows = [
        f"| [{title}]({path.relative_to(folder).as_posix()}) | {question} |"
        for path in notebooks_in_order(paths)
        if path != folder / "start.ipynb"
        for title, question in [title_and_question(path)]
    ]
    return Markdown("\n".join(["| Notebook | Frage |", "|:--|:--|", *rows]))


def title_and_question(notebook: Path) -> tuple[str, str]:
    """Title and question of a notebook, from its first cell ("# Titel", "**Frage.** …?")."""
    first = nbformat.read(notebook, as_version=4).cells[0].source
    title = first.splitlines()[0].removeprefix("# ").strip()
    question = first.partition(_QUESTION)[2].strip().partition("\n")[0]
    return title, question


def parameter_list() -> Markdown:
    """Every parameter of a region's notebook: name, default, meaning (from its definition)."""
    fields = RegionParameters.model_fields
    rows = [f"| `{k}` | `{field.default}` | {field.description} |" for k, field in fields.items()]
    return Markdown("\n".join(["| Parameter | Vorgabe | Bedeutung |", "|:--|:--|:--|", *rows]))


def run_command(*words: str) -> str:
    """Run a command of `versorgungslabor` in a process of its own; what it says at its end.

    Raises
    ------
    ExecutionError : the command failed; with the last thing that it said.
    """
    # JupyterLab asks for colours; without them the progress bar stays out of the cell's output
    environment = {
        k: v for k, v in os.environ.items() if k not in {"FORCE_COLOR", "CLICOLOR_FORCE"}
    }
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *words],
        env={**environment, "NO_COLOR": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise ExecutionError(
            f"`versorgungslabor {' '.join(words)}` failed",
            found=(done.stderr or done.stdout).strip()[-2000:],
            remedy="run the command in a terminal; it names file and row",
        )
    return done.stdout.strip()


def page_link(page: Path) -> Markdown:
    """A link to a rendered page, from the folder of the notebooks."""
    address = Path(os.path.relpath(page, Paths().notebooks)).as_posix()
    return Markdown(f"[{page.name} öffnen]({address})")
