"""Cards for the launcher of JupyterLab, one a notebook (extension jupyter-app-launcher).

The extension reads every `jp_app_launcher*.yaml` of the folder that JUPYTER_APP_LAUNCHER_PATH names
(its documentation: "Launcher entries"). A card here opens the notebook itself, no copy of it.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from pipeline.figures.start_page import notebooks_in_order, title_and_question
from pipeline.settings import ROOT, Paths
from pipeline.writing import write_text

#: Heading above the cards.
CATALOGUE = "Versorgungslabor"


def launcher_cards(paths: Paths, root: Path = ROOT) -> list[dict[str, object]]:
    """A card a notebook, the start notebook first, then in the order of the report.

    Parameters
    ----------
    root : folder in which JupyterLab is opened; the notebooks lie below it.
    """
    start = paths.notebooks / "start.ipynb"
    return [
        _card(notebook, root)
        for notebook in sorted(notebooks_in_order(paths), key=lambda path: path != start)
    ]


def _card(notebook: Path, root: Path) -> dict[str, object]:
    title, question = title_and_question(notebook)
    address = notebook.relative_to(root).as_posix()
    opening = {"label": title, "id": "docmanager:open", "args": {"path": address}}
    return {
        "id": address,
        "title": title,
        "description": question,
        "catalog": CATALOGUE,
        "type": "jupyterlab-commands",
        "source": [opening],
    }


def write_cards(paths: Paths | None = None, root: Path = ROOT) -> Path:
    """Write the cards to build/lab; the path of the file."""
    paths = paths or Paths()
    text = yaml.safe_dump(launcher_cards(paths, root), allow_unicode=True, sort_keys=False)
    return write_text(paths.build / "lab" / "jp_app_launcher.yaml", text)
