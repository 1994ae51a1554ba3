"""``python -m pipeline.reports.english REPORTS``: what the English pages still lack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.reports.english.catalogue import read_catalogues
from pipeline.reports.english.upkeep import survey, write_missing
from pipeline.settings import Paths


def main(
    reports: Annotated[Path, typer.Argument(help="Folder of the rendered German pages.")],
    processed: Annotated[Path | None, typer.Option(help="Folder of the typed tables.")] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Add what is missing to the catalogues.")
    ] = False,
) -> None:
    """List German sentences without a translation, and translations that no page needs.

    Ends with status 1 if a sentence has no translation.
    """
    linked = sorted(path.stem for path in reports.glob("*.html") if _has_english(path))
    found = survey(processed or Paths().processed, reports, linked)
    for pattern, met in found.missing.items():
        print(f"missing ({met.chapter}): {pattern}")
    for name, patterns in found.obsolete(read_catalogues()).items():
        for pattern in patterns:
            print(f"not met ({name}.po): {pattern}")
    print(f"{len(linked)} pages, {len(found.met)} messages, {len(found.missing)} missing")
    if write:
        for path in write_missing(found):
            print(path)
    if found.missing:
        raise typer.Exit(1)


def _has_english(page: Path) -> bool:
    """Whether a page was rendered with a link to its English version."""
    return f'href="en/{page.name}"' in page.read_text(encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
