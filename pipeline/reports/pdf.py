"""Pages of the site as PDF: reports of regions, evaluations, profiles.

A printed page cannot be clicked: what opens, moves or downloads on the screen is left out. The
figures stay as drawn; their data tables stay on the screen and in the bundle, since they would
make a report three times as long. A sentence before the contents says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pipeline.figures.printing import write_pdf
from pipeline.reports.rewrite import Attributes, has_class, leads_elsewhere, rewritten
from pipeline.reports.scripts import TEMPLATES

__all__ = ["print_pages", "printed", "write_pdf"]

#: Elements that a sheet of paper has no use for.
_ON_SCREEN = ("skip", "crumb", "links", "scenario", "only-site", "only-screen")
_NOTE = (
    '<p class="small">Diese Fassung ist zum Drucken gemacht. Die Daten zu jeder Abbildung, die '
    "verstellbaren Annahmen und der Programmcode stehen in der Fassung für den Bildschirm; die "
    "Tabellen liegen dem Datenpaket der Region bei.</p>"
)


def printed(html: str) -> str:
    """A page of the site as it is printed."""
    text = rewritten(html, drop=_is_on_screen, unwrap=leads_elsewhere)
    style = (TEMPLATES / "print.css").read_text(encoding="utf-8")
    # after the page's own rules, so that these win
    text = text.replace("</style>", f"\n{style}</style>", 1)
    return text.replace("</header>", f"{_NOTE}\n</header>", 1)


def _is_on_screen(tag: str, attributes: Attributes, around: Sequence[str]) -> bool:
    if tag == "a" and ("download" in attributes or "footer" in around):
        return True
    return tag in {"script", "details"} or has_class(attributes, *_ON_SCREEN)


def print_pages(
    pages: Iterable[Path], folder: Path, progress: Callable[[str], None] = lambda name: None
) -> list[Path]:
    """Print pages of the site.

    Parameters
    ----------
    pages : HTML files of the site.
    folder : where the PDFs go, each under the name of its page.
    progress : called with the name of each page.
    """
    written = []
    for page in pages:
        progress(page.stem)
        html = printed(page.read_text(encoding="utf-8"))
        written.append(write_pdf(html, folder / f"{page.stem}.pdf"))
    return written
