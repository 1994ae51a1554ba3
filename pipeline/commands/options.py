"""What the commands share: their options, the consoles they write to, a spinner."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from pipeline.settings import Paths

# output that is piped into a file or a log is not squeezed into 80 columns
OUT = Console(width=None if sys.stdout.isatty() else 140)
# and a path in a logged message stays whole, so that one can copy or search it
ERR = Console(stderr=True, soft_wrap=not sys.stderr.isatty())

Raw = Annotated[Path | None, typer.Option("--raw", help="Folder with the raw files.")]
Processed = Annotated[Path | None, typer.Option("--processed", help="Folder of the typed tables.")]
Derived = Annotated[Path | None, typer.Option("--derived", help="Folder of the derived tables.")]
Build = Annotated[Path | None, typer.Option("--build", help="Folder of executed notebooks.")]
Reports = Annotated[Path | None, typer.Option("--reports", help="Folder of the rendered site.")]
Originals = Annotated[
    Path | None, typer.Option("--originals", help="Folder with the publishers' own files.")
]
ParamsFile = Annotated[
    Path | None, typer.Option("--params", help="File that says what the edition contains.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
RegionName = Annotated[str, typer.Argument(help="Slug of a model region, or an AGS.")]


def paths_from(**given: Path | None) -> Paths:
    """Folders from the options; they are passed on to notebooks through the environment."""
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    paths = Paths(**chosen)
    os.environ.update(paths.environment())
    return paths


def print_json(content: object) -> None:
    """What `--json` prints: plain JSON, not shortened to the width of the screen."""
    print(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False))


@contextmanager
def spinner(label: str) -> Iterator[Any]:
    with ERR.status(label) as status:
        yield lambda step: status.update(f"{label}: {step}")
