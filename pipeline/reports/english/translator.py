"""German to English, sentence by sentence, from the catalogues; what is missing is listed."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from pipeline.reports.english import sentences
from pipeline.reports.english.catalogue import FRAME
from pipeline.reports.english.composition import composed
from pipeline.reports.english.page import GERMAN, GERMAN_END, unmarked
from pipeline.reports.english.pictures import address_in_english
from pipeline.reports.english.slots import Cutter
from pipeline.reports.scripts import data_uri, held_bytes, inline_json

_CSV = "text/csv"
_SOURCE = "Quelle: "
#: A text in a script; words for readers have a blank, a capital or an umlaut.
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_WORDY = re.compile(r"[^\W\d_].* | .*[^\W\d_]|[A-ZÄÖÜäöüß]")
#: What we quote from a source stands between quotation marks and stays as it is.
_QUOTATION = re.compile(r"„[^“]*“")


class Met(NamedTuple):
    """Where a message was met: chapter, and the German text as it stands there."""

    chapter: str
    text: str


class English:
    """Translates the parts of pages, one page after another.

    Parameters
    ----------
    cutter : takes out what varies.
    catalogue : German pattern → English text.
    quoted : names and titles that are quoted in German: sources, practices, hospitals.
    publishers : publishers, as the line under a figure begins to name them.
    link : where a link of the German page leads from the English one.

    Attributes
    ----------
    missing : pattern of this page without a translation → where it was met.
    met : every pattern that was looked up and is a message → where it was met first.
    scripts : each German script of this page → the English one.
    """

    def __init__(
        self,
        cutter: Cutter,
        catalogue: Mapping[str, str],
        quoted: Collection[str] = (),
        publishers: Collection[str] = (),
        link: Callable[[str], str] = lambda target: target,
    ) -> None:
        self._cutter = cutter
        self._catalogue = catalogue
        self._quoted = frozenset(quoted)
        self._publishers = tuple(publishers)
        self._link = link
        self._chapter = FRAME
        self._known: dict[str, str] = {}
        self._misses = 0
        self.missing: dict[str, Met] = {}
        self.met: dict[str, Met] = {}
        self.scripts: dict[str, str] = {}

    def begin(self) -> None:
        """A new page: what is missing is counted anew."""
        self.missing, self.scripts = {}, {}
        self._chapter = FRAME

    def enter(self, section: str) -> None:
        """What follows belongs to a chapter, or to the frame of the page."""
        self._chapter = section or FRAME

    def paragraph(self, text: str) -> str:
        """A text with its tags as ``<1>``; what stays German stands between two marks."""
        text = " ".join(text.split())
        if text in self._known:
            return self._known[text]
        before = self._misses
        english = sentences.translated(text, self._sentence)
        if self._misses == before:  # what is missing is to be counted on every page
            self._known[text] = english
        return english

    def text(self, text: str) -> str:
        """A text without tags and marks."""
        return unmarked(self.paragraph(text))

    def link(self, target: str) -> str:
        """Where a link leads; a CSV file inside the page is written anew."""
        is_table = target.startswith(f"data:{_CSV};")
        return self._table_file(target) if is_table else self._link(target)

    def picture(self, address: str) -> str:
        """A picture with its texts in English."""
        return address_in_english(address, self.text)

    def program(self, text: str, kind: str) -> str:
        """A script, or the data for one, with its texts in English."""
        if kind == "application/json":
            return inline_json(self._data(json.loads(text)))
        shown = _LITERAL.sub(lambda literal: f'"{self._literal(literal[1])}"', text)
        shown = shown.replace('"de-DE"', '"en-GB"')
        self.scripts[text] = shown
        return shown

    def _sentence(self, text: str) -> str:
        english = self._or_german(text)
        # what is written small inside brackets may also stand alone, or begin a sentence
        return english[:1].upper() + english[1:] if text[:1].isupper() else english

    def _or_german(self, text: str) -> str:
        english = self._known_text(text)
        if english is None:
            self._misses += 1
            self._meet(self._cutter.cut(text).pattern, text, self.missing)
            return GERMAN + text + GERMAN_END
        return english

    def _known_text(self, text: str) -> str | None:
        """The English of a text, from the catalogue or put together from known parts."""
        cut = self._cutter.cut(text)
        if not cut.has_words:
            return cut.filled(cut.pattern).replace(" %", "%")
        # what stands alone in a table may also be a sentence
        for pattern, stop in ((cut.pattern, ""), (cut.pattern.removesuffix("."), ".")):
            if pattern in self._catalogue:
                self._meet(pattern, text, self.met)
                return cut.filled(self._catalogue[pattern]) + stop
        if text.removesuffix(".") in self._quoted or _QUOTATION.fullmatch(text):
            return GERMAN + text + GERMAN_END
        if text.startswith(_SOURCE):
            return self._sources(text.removeprefix(_SOURCE))
        return composed(text, self._known_text)

    def _meet(self, pattern: str, text: str, where: dict[str, Met]) -> None:
        where.setdefault(pattern, Met(self._chapter, text))

    def _sources(self, text: str) -> str | None:
        """A source is named as its publisher names it; what we add to it is translated."""
        stop = "." if text.endswith(".") else ""
        pieces = [self._source(piece) for piece in text.removesuffix(".").split("; ")]
        return None if None in pieces else f"Source: {'; '.join(filter(None, pieces))}{stop}"

    def _source(self, piece: str) -> str | None:
        if piece.startswith(self._publishers):
            return GERMAN + piece + GERMAN_END
        return self._known_text(piece)

    def _literal(self, text: str) -> str:
        """A text that a script puts together with others."""
        body = text.strip()
        if not _WORDY.search(text):
            return text
        english = " ".join(map(self._plain, sentences.sentences(body)))
        return text.replace(body, json.dumps(english, ensure_ascii=False)[1:-1])

    def _plain(self, text: str) -> str:
        return unmarked(self._or_german(text))

    def _data(self, data: Any, key: str = "") -> Any:
        """The data of a script with its words in English."""
        if isinstance(data, dict):
            return {name: self._data(value, name) for name, value in data.items()}
        if isinstance(data, list):
            return [self._data(value, key) for value in data]
        if isinstance(data, str) and key in _DATA:
            return _DATA[key](self, data)
        return data

    def _cell(self, text: str) -> str:
        # an apostrophe keeps a spreadsheet from running the cell as a formula
        return "'" + self.text(text[1:]) if text.startswith("'") else self.text(text)

    def _table_file(self, address: str) -> str:
        german = held_bytes(address).decode("utf-8-sig")
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\r\n")
        for row in csv.reader(io.StringIO(german), delimiter=";"):
            writer.writerow([self._cell(cell) for cell in row])
        return data_uri(_CSV, stream.getvalue().encode("utf-8-sig"))


#: Key in the data of a script → what becomes of a text under it; the others are no words.
_DATA: Mapping[str, Callable[[English, str], str]] = {
    **dict.fromkeys(("label", "title", "where", "place", "note", "source"), English.text),
    "unit": English._plain,  # stands after a number
    "link": English.link,
}
