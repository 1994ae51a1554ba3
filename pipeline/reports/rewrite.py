"""Pages for another use: a copier of HTML, and with it pages without some elements and links.

The page is not parsed into a tree and written anew: what is kept is kept byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html.parser import HTMLParser

Attributes = Mapping[str, str]
#: Says of an element, by tag, attributes and the tags around it, whether it is meant.
Rule = Callable[[str, Attributes, Sequence[str]], bool]

#: Elements without an end tag.
# fmt: off
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta",
                  "source", "track", "wbr"})
# fmt: on


def rewritten(html: str, *, drop: Rule, unwrap: Rule) -> str:
    """The page without the elements that `drop` means, with the text alone of those of `unwrap`."""
    return _Writer(drop, unwrap).copied(html)


def has_class(attributes: Attributes, *names: str) -> bool:
    """Whether an element has one of these classes."""
    return not {*attributes.get("class", "").split()}.isdisjoint(names)


def leads_elsewhere(tag: str, attributes: Attributes, around: Sequence[str] = ()) -> bool:
    """Whether an element is a link to another file of the site, which a copy does not have."""
    return tag == "a" and is_file(attributes.get("href", ""))


def is_file(target: str) -> bool:
    """Whether a link leads to a file of the site, not into its own page or out of the site."""
    return bool(target) and not target.startswith(("#", "data:", "https:", "http:", "mailto:"))


class Copier(HTMLParser):
    """Copies a page to `parts`; a subclass says what becomes of tags, and of all that is written.

    `handle_data` gets entities and character references as they stand in the page.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []

    def copied(self, html: str) -> str:
        """The whole page."""
        self.feed(html)
        self.close()
        return "".join(self.parts)

    def write(self, piece: str) -> None:
        """Add a piece to the copy."""
        self.parts.append(piece)

    def handle_data(self, data: str) -> None:
        self.write(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.write(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.write(f"<!{decl}>")


class _Writer(Copier):
    """Leaves out what is to be dropped, and the tags of what is to be unwrapped."""

    def __init__(self, drop: Rule, unwrap: Rule) -> None:
        super().__init__()
        self._drop, self._unwrap = drop, unwrap
        self._open: list[tuple[str, bool]] = []  # elements, and whether their tags are written
        self._dropped_at: int | None = None  # depth of the element that is being left out

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        around = [name for name, _ in self._open]
        if self._dropped_at is None and self._drop(tag, given, around):
            if tag in VOID:
                return
            self._dropped_at = len(self._open)
        is_written = not self._unwrap(tag, given, around)
        if is_written:
            self.write(self.get_starttag_text() or "")
        if tag not in VOID:
            self._open.append((tag, is_written))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # in HTML a slash at the end of a tag means nothing
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {name for name, _ in self._open}:
            self.write(f"</{tag}>")
            return
        while True:
            name, is_written = self._open.pop()
            if name == tag and is_written:
                self.write(f"</{tag}>")
            if self._dropped_at is not None and len(self._open) <= self._dropped_at:
                self._dropped_at = None
            if name == tag:
                return

    def write(self, piece: str) -> None:
        if self._dropped_at is None:
            super().write(piece)
