"""A finished German page in English: the same HTML, its texts sent through a translator.

The page is not parsed into a tree and written anew: what is not translated is kept as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from typing import Protocol

from pipeline.reports.rewrite import VOID, Copier

#: Tags that stand inside a sentence.
_INLINE = frozenset({"a", "strong", "em", "span", "b", "i", "sub", "sup", "abbr", "small", "q"})
#: Elements whose content is no text of ours: styles, formulas, code.
_KEPT = frozenset({"pre", "style", "math", "code"})
#: Attributes that a reader meets.
_SPOKEN = frozenset({"alt", "aria-label", "title", "placeholder"})
#: Around text that stays German, in what a translator gives back.
GERMAN, GERMAN_END = "\ue000", "\ue001"
_IN_GERMAN = " (in German)"
_GERMAN_PAGE = re.compile(r"\.\./[\w-]+\.html")
_PIECE = re.compile(r"(</?\d+/?>)")


class Translator(Protocol):
    """What turns the parts of a page into English."""

    def paragraph(self, text: str) -> str:
        """A text with its tags as ``<1>``; what stays German stands between two marks."""

    def text(self, text: str) -> str:
        """A text without tags and marks."""

    def link(self, target: str) -> str:
        """Where a link of the German page leads from the English one."""

    def picture(self, address: str) -> str:
        """The address of a picture with its texts in English."""

    def program(self, text: str, kind: str) -> str:
        """A script, or the data for one, with its texts in English."""

    def enter(self, section: str) -> None:
        """Called with the id of each chapter, and with an empty text where it ends."""


def in_english(html: str, translator: Translator) -> str:
    """The page in English."""
    return _Writer(translator).copied(html)


def unmarked(text: str) -> str:
    """A text without the marks around what stays German."""
    return text.replace(GERMAN, "").replace(GERMAN_END, "")


@dataclass(frozen=True)
class _Item:
    """A piece of a paragraph: text, or the start, end or whole of an inline element."""

    kind: str
    raw: str


class _Writer(Copier):
    """Gives a page to a translator, paragraph by paragraph."""

    def __init__(self, translator: Translator) -> None:
        super().__init__()
        self._translator = translator
        self._items: list[_Item] = []
        self._open: list[str] = []
        self._kept_from: int | None = None  # depth of the element that is copied as it is
        self._chapter_at = -1  # depth of the chapter that is open
        self._script = ""
        self._leaves_english = False  # whether the link that is open leads to a German page

    # --- what the parser meets --------------------------------------------------------------

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        raw = self.get_starttag_text() or ""
        if self._kept_from is not None:
            self._copy(raw)
        else:
            is_kept = tag in _KEPT or ("lang" in given and tag not in {"html", *VOID})
            kind = "kept" if is_kept else "void" if tag in VOID else "start"
            self._take(kind, tag, raw if is_kept else self._start(tag, given, raw))
            if is_kept:
                self._kept_from = len(self._open)
        if tag not in VOID:
            self._open.append(tag)
        if tag == "script":
            self._script = given.get("type", "text/javascript")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open:
            self._open.pop()
        if self._kept_from is not None:
            self._copy(f"</{tag}>")
            if len(self._open) == self._kept_from:
                self._kept_from = None
            return
        self._take("end", tag, f"</{tag}>")
        if len(self._open) == self._chapter_at:
            self._flush()
            self._chapter_at = -1
            self._translator.enter("")

    def handle_data(self, data: str) -> None:
        if self._kept_from is not None:
            self._copy(data)
        elif self._open and self._open[-1] == "script":
            self.write(self._translator.program(data, self._script))
        else:
            self._items.append(_Item("text", data))

    def close(self) -> None:
        super().close()
        self._flush()

    # --- what becomes of it -----------------------------------------------------------------

    def _take(self, kind: str, tag: str, raw: str) -> None:
        if tag == "a" and kind == "end" and self._leaves_english:
            raw = f"{_IN_GERMAN}{raw}"
            self._leaves_english = False
        if tag in _INLINE or tag in {"br", "code"}:
            self._items.append(_Item(kind, raw))
        else:
            self.write(raw)

    def _copy(self, raw: str) -> None:
        """Keep a piece as it is, inside a paragraph or outside."""
        self._items.append(_Item("kept", raw)) if self._items else self.parts.append(raw)

    def write(self, piece: str) -> None:
        self._flush()
        super().write(piece)

    def _start(self, tag: str, given: dict[str, str], raw: str) -> str:
        """A start tag for the English page."""
        if tag == "section" and "chapter" in given.get("class", "").split():
            self._flush()
            self._chapter_at = len(self._open)
            self._translator.enter(given.get("id", ""))
        for name, value in given.items():
            if name in _SPOKEN and value:
                new = self._translator.text(value)
            elif name == "href" and tag == "a":
                new = self._translator.link(value)
                self._leaves_english = bool(_GERMAN_PAGE.match(new))
            elif name == "src" and tag == "img":
                new = self._translator.picture(value)
            elif name == "lang" and tag == "html":
                new = "en"
            else:
                continue
            if new != value:
                raw = _with_value(raw, name, new)
        return raw

    def _flush(self) -> None:
        items, self._items = self._items, []
        if len(items) > 1 and items[0].kind == "start" and _partner(items) == len(items) - 1:
            self.parts.append(items[0].raw)  # an element around the whole paragraph
            self._items = items[1:-1]
            self._flush()
            self.parts.append(items[-1].raw)
            return
        text, tags = _marked(items)
        body = text.strip()
        if not re.search(r"\w", _PIECE.sub("", body)):
            self.parts.extend(item.raw for item in items)
            return
        lead, tail = text[: text.index(body)], text[text.index(body) + len(body) :]
        english = self._translator.paragraph(body)
        if self._open and self._open[-1] == "title":
            english = unmarked(english)
        self.parts.append(lead + _as_html(english, tags) + tail)


def _partner(items: list[_Item]) -> int:
    """Position of the end that belongs to the first item, a start; -1 where there is none."""
    depth = 0
    for position, item in enumerate(items):
        depth += {"start": 1, "end": -1}.get(item.kind, 0)
        if depth == 0:
            return position
    return -1


def _marked(items: list[_Item]) -> tuple[str, dict[str, str]]:
    """A paragraph as text with numbered tags, and the HTML of each tag."""
    parts: list[str] = []
    tags: dict[str, str] = {}
    open_numbers: list[int] = []
    count, before = 0, ""
    for item in items:
        is_continued, before = item.kind == before == "kept", item.kind
        if item.kind == "text":
            # a sign that is no tag is kept apart from the tags
            parts.append(unescape(item.raw).replace("<", "&lt;"))
            continue
        if is_continued:
            tags[parts[-1]] += item.raw
            continue
        if item.kind == "end" and open_numbers:
            mark = f"</{open_numbers.pop()}>"
        else:
            count += 1
            mark = f"<{count}/>"
            if item.kind == "start":
                open_numbers.append(count)
                mark = f"<{count}>"
        tags[mark] = item.raw
        parts.append(mark)
    return "".join(parts), tags


def _as_html(text: str, tags: dict[str, str]) -> str:
    shown = "".join(
        tags[piece] if piece in tags else escape(piece.replace("&lt;", "<"), quote=False)
        for piece in _PIECE.split(text)
    )
    return shown.replace(GERMAN, '<span lang="de">').replace(GERMAN_END, "</span>")


def _with_value(raw: str, name: str, value: str) -> str:
    """A start tag whose attribute has another value; our templates quote every value."""
    shown = escape(value, quote=True)
    return re.sub(rf'(\s{name}=)"[^"]*"', lambda match: f'{match[1]}"{shown}"', raw, count=1)
