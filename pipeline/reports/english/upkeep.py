"""Keeps the catalogues in step with the pages: what is missing, what no page says any more.

``python -m pipeline.reports.english REPORTS`` lists, and with ``--write`` adds what is missing to
the catalogues, with an empty translation; see docs/how-to/translate.md.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po

from pipeline.reports.english.catalogue import FOLDER, TERMS, messages, read_catalogues
from pipeline.reports.english.edition import EnglishPages
from pipeline.reports.english.translator import Met
from pipeline.reports.pdf import printed
from pipeline.writing import write_bytes

_HEADER = """\
# English texts of the pages; docs/how-to/translate.md says how they are made.
msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
_WIDTH = 100


@dataclass(frozen=True)
class Survey:
    """The messages of some pages.

    Attributes
    ----------
    met : translated pattern → where it was met first.
    missing : pattern without a translation → where it was met first.
    """

    met: Mapping[str, Met]
    missing: Mapping[str, Met]

    def obsolete(self, catalogues: Mapping[str, Catalog]) -> dict[str, list[str]]:
        """Messages by catalogue that none of the pages has; other regions may have them."""
        found = {
            name: [str(m.id) for m in messages(catalogue) if str(m.id) not in self.met]
            for name, catalogue in catalogues.items()
            if name != TERMS
        }
        return {name: patterns for name, patterns in found.items() if patterns}


def survey(processed: Path, reports: Path, slugs: Sequence[str]) -> Survey:
    """The messages of German pages, as the screen and as the printer has them.

    Parameters
    ----------
    processed : folder of the tables that the pages were made from.
    reports : folder of the German pages.
    slugs : names of the pages, without ``.html``.
    """
    pages = EnglishPages(processed, reports, slugs)
    missing: dict[str, Met] = {}
    for slug in slugs:
        german = (reports / f"{slug}.html").read_text(encoding="utf-8")
        for html in (german, printed(german)):
            pages.page(html)
            missing = pages.english.missing | missing
    return Survey(pages.english.met, missing)


def write_missing(found: Survey, folder: Path = FOLDER) -> list[Path]:
    """Add what is missing to the catalogue of its chapter, each with a German example.

    The messages stand in the order in which the pages have them; those that no page has stand
    last. The translations are not touched.
    """
    catalogues = read_catalogues(folder)
    known = {str(m.id): m for catalogue in catalogues.values() for m in messages(catalogue)}
    in_order = {**found.met, **found.missing}
    written = []
    for name in sorted({*catalogues, *(met.chapter for met in in_order.values())} - {TERMS}):
        old = catalogues.get(name, Catalog(locale="en"))
        own = {str(message.id) for message in messages(old)}
        new = Catalog(locale="en")
        for pattern, met in in_order.items():
            if pattern in own or (pattern not in known and met.chapter == name):
                _add(new, pattern, known.get(pattern), met.text)
        for message in messages(old):
            if str(message.id) not in in_order:
                _add(new, str(message.id), message, " ".join(message.auto_comments))
        written.append(_write(new, folder / f"{name}.po"))
    return written


def _add(catalogue: Catalog, pattern: str, known: Message | None, example: str) -> None:
    comments = [example] if example and example != pattern else []
    catalogue.add(pattern, str(known.string) if known else "", auto_comments=comments)


def _write(catalogue: Catalog, path: Path) -> Path:
    stream = io.BytesIO()
    write_po(stream, catalogue, width=_WIDTH, omit_header=True)
    # the header of our own holds no date: the same messages are the same bytes
    return write_bytes(path, _HEADER.encode("utf-8") + stream.getvalue().lstrip())
