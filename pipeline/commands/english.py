"""The English part of `render --lang en`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.commands.editions import PRINTED, SINGLE
from pipeline.commands.options import OUT, spinner
from pipeline.locking import sole_writer
from pipeline.settings import Paths

#: The start page, which holds the chapter about all regions.
_START = "index"


def english_pages(
    paths: Paths, regions: Sequence[str], *, pdf: bool, standalone: bool
) -> list[Path]:
    """Translate pages that were just rendered, and say what is still German on which page.

    Returns
    -------
    The other forms of the reports: single files, PDF files.
    """
    from pipeline.execution.jobs import OVERVIEW
    from pipeline.reports.english.edition import EnglishPages

    reports = [slug for slug in regions if slug != OVERVIEW]
    slugs = [*reports, _START]
    missing: dict[str, int] = {}
    with sole_writer(paths.reports), spinner("english") as progress:
        pages = EnglishPages(paths.processed, paths.reports, slugs)
        for slug in slugs:
            progress(slug)
            pages.write(slug)
            missing[slug] = len(pages.english.missing)
        forms = pages.write_single(reports, SINGLE) if standalone else []
        forms += pages.print(reports, PRINTED, progress) if pdf else []
    OUT.print(f"{len(slugs)} English pages in {pages.folder}, {sum(missing.values())} sentences "
              "without a translation")  # fmt: skip
    for slug, count in missing.items():
        if count:
            OUT.print(f"  {slug}: {count} sentences are in German", highlight=False)
    if any(missing.values()):
        OUT.print("  to do:    docs/how-to/translate.md says how to add them", highlight=False)
    return forms
