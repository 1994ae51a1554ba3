"""The texts inside a picture: real text elements of an SVG file, one a line."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from html import escape, unescape

from pipeline.reports.scripts import data_uri, held_bytes

_SVG = "image/svg+xml"
_LINE = re.compile(r"(<text\b[^>]*>)([^<]*)(</text>)")
#: One label of a drawing: its lines follow each other.
_LABEL = re.compile(r"<text\b[^>]*>[^<]*</text>(?:\s*<text\b[^>]*>[^<]*</text>)*")


def picture_in_english(svg: str, text: Callable[[str], str]) -> str:
    """The drawing with its texts translated; a label keeps its number of lines."""
    return _LABEL.sub(lambda label: _label(label[0], text), svg)


def address_in_english(address: str, text: Callable[[str], str]) -> str:
    """The same for a drawing that is held by its address; any other address stays as it is."""
    if not address.startswith(f"data:{_SVG};"):
        return address
    svg = held_bytes(address).decode("utf-8")
    return data_uri(_SVG, picture_in_english(svg, text).encode("utf-8"))


def _label(content: str, text: Callable[[str], str]) -> str:
    german = [unescape(line[1]) for line in _LINE.findall(content)]
    english = text(" ".join(line.strip() for line in german))
    lines = iter(_broken(english, german))
    return _LINE.sub(lambda line: line[1] + escape(next(lines), quote=False) + line[3], content)


def _broken(english: str, german: list[str]) -> list[str]:
    """A text in as many lines as the German one has, none longer than needed."""
    if len(german) == 1:
        return [english]
    width = max(len(line) for line in german)
    while True:
        lines = textwrap.wrap(english, width, break_long_words=False, break_on_hyphens=False)
        if len(lines) <= len(german):
            return lines + [""] * (len(german) - len(lines))
        width += 1
