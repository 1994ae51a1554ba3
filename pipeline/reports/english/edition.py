"""The English pages of the site: ``reports/en/<slug>.html``, beside the German ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.reports.english import names
from pipeline.reports.english.catalogue import read_catalogues, terms, translations
from pipeline.reports.english.page import in_english
from pipeline.reports.english.pictures import picture_in_english
from pipeline.reports.english.slots import Cutter
from pipeline.reports.english.translator import English
from pipeline.reports.pdf import printed, write_pdf
from pipeline.reports.rewrite import is_file
from pipeline.reports.scripts import policy_hash
from pipeline.reports.standalone import write_standalone
from pipeline.writing import write_text

#: Folder of the English pages, inside the site.
FOLDER = "en"
_LANGUAGE_LINK = re.compile(
    r'<a href="en/(?P<page>[\w-]+\.html)" lang="en" hreflang="en">English</a>'
)
_PICTURE = re.compile(r"bilder/[\w-]+/[\w-]+\.svg")
Progress = Callable[[str], None]
_NOTE = (
    '\n<aside class="note"><p>Parts of this page are in German only: nobody has translated them '
    "yet.</p></aside>"
)


class EnglishPages:
    """Translates finished pages; make it once, it reads names and catalogues.

    Parameters
    ----------
    processed : folder of the tables that the pages were made from; they hold the names.
    reports : folder of the German pages.
    slugs : pages that are to be there in English; a link to another page leads to the German one.

    Attributes
    ----------
    folder : where the English pages lie.
    english : the translator, with what is missing on the page that was translated last.
    """

    def __init__(self, processed: Path, reports: Path, slugs: Sequence[str]) -> None:
        self.folder = reports / FOLDER
        self._reports = reports
        there = (path.name for path in self.folder.glob("*.html"))
        self._pages = frozenset((*there, *(f"{slug}.html" for slug in slugs)))
        catalogues = read_catalogues()
        self.english = English(
            Cutter(names.places(processed) | names.goals(processed), terms(catalogues)),
            translations(catalogues),
            quoted=names.quoted(processed),
            publishers=names.publishers(processed),
            link=self._link,
        )

    def write(self, slug: str) -> Path:
        """A page of the site in English, with its pictures."""
        german = self._german(slug)
        path = write_text(self.folder / f"{slug}.html", self.page(german))
        for picture in dict.fromkeys(_PICTURE.findall(german)):
            svg = (self._reports / picture).read_text(encoding="utf-8")
            write_text(self.folder / picture, picture_in_english(svg, self.english.text))
        return path

    def print(self, slugs: Sequence[str], folder: str, progress: Progress) -> list[Path]:
        """Pages as PDF, in a folder beside the English pages."""
        written = []
        for slug in slugs:
            progress(f"{slug}.pdf")
            html = self.page(printed(self._german(slug)))
            written.append(write_pdf(html, self.folder / folder / f"{slug}.pdf"))
        return written

    def write_single(self, slugs: Sequence[str], folder: str) -> list[Path]:
        """Pages that were written, each as one file for e-mail."""
        pages = [self.folder / f"{slug}.html" for slug in slugs]
        return write_standalone(pages, self.folder / folder)

    def page(self, german: str) -> str:
        """A page in English, with a note where parts of it are German."""
        self.english.begin()
        turned = _LANGUAGE_LINK.sub(
            r'<a href="../\g<page>" lang="de" hreflang="de">Deutsch</a>', german
        )
        html = in_english(turned, self.english)
        for script, translated in self.english.scripts.items():
            html = html.replace(policy_hash(script), policy_hash(translated))
        if self.english.missing:
            html = html.replace('<main id="inhalt">', f'<main id="inhalt">{_NOTE}', 1)
        return html

    def _german(self, slug: str) -> str:
        return (self._reports / f"{slug}.html").read_text(encoding="utf-8")

    def _link(self, target: str) -> str:
        page = target.partition("#")[0]
        if not is_file(target) or page in self._pages or _PICTURE.fullmatch(page):
            return target
        return f"../{target}"
