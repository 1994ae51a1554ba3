"""Empty templates for what a municipality knows itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from pipeline.commands.options import OUT
from pipeline.errors import ParameterError, known_words

Kind = Annotated[
    str | None, typer.Argument(metavar="NAME", help="Which template; without it they are listed.")
]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="File to write, .csv or .xlsx; NAME.csv by default."),
]
AsWorkbook = Annotated[
    bool, typer.Option("--xlsx", help="Write a workbook with lists to pick words from.")
]


def template(kind: Kind = None, output: Output = None, xlsx: AsWorkbook = False) -> None:
    """Write an empty template: planning sheet, ages of doctors, offers, care places or goals.

    Filled in and put anywhere below data/raw (data/raw/eigene by custom), it is read by the next
    `ingest`; it needs no sidecar, since each row names its source and day. A file that exists is
    never overwritten.
    """
    from pipeline.sources.template_files import write_template
    from pipeline.sources.template_kinds import TEMPLATES

    if kind is None:
        table = Table("name", "Vorlage", "wofür")
        for known in TEMPLATES:
            table.add_row(known.kind, known.title, known.purpose)
        OUT.print(table)
        return
    kinds = [known.kind for known in TEMPLATES]
    if kind not in kinds:
        raise ParameterError(
            "there is no such template", found=kind, expected=known_words(kind, kinds)
        )
    path = output or Path(f"{kind}{'.xlsx' if xlsx else '.csv'}")
    if xlsx and path.suffix.lower() != ".xlsx":
        path = path.with_name(path.name + ".xlsx")
    write_template(kind, path)
    OUT.print(
        f"{path}: fill it in, put it into data/raw/eigene, run `versorgungslabor ingest`",
        highlight=False,
    )
