"""A map as a file of its own (SVG): title, picture, legend, names and sources on one sheet.

The sheet needs no style of a page and no script, so that it opens in a drawing program and prints
as it stands. The page holds the same sheet without its picture; `karte.js` fills in the view that
a reader saves.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment

from pipeline.figures.region_map import WIDTH, Projection
from pipeline.reports.scripts import TEMPLATES

#: Entries of a legend: class of the sign, and what it stands for.
Legend = Sequence[tuple[str, str]]
_TITLE_CHARACTERS, _NOTE_CHARACTERS = 62, 125
_TITLE_LINE, _LEGEND_LINE, _NOTE_LINE = 22, 19, 13
_EDGE = 10
#: A size on paper, in the style of the sheet: it grows and shrinks with the view that is saved.
_PAPER_SIZE = re.compile(r"([\d.]+)u\b")
#: Control characters that XML 1.0 does not allow.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Sheet:
    """What stands on a sheet, and where: distances from its upper edge, in units of the drawing."""

    title: str
    title_lines: list[tuple[float, str]]
    top: float
    map_height: float
    legend: list[tuple[float, str, str]]
    notes: list[tuple[float, str]]
    height: float
    width: float = WIDTH


def frame_of(view: Projection) -> dict[str, Any]:
    """What `karte_teile.html.j2` and `karte.js` need of every map: its size and its scale bar."""
    bar_km, bar = view.scale_bar
    return {
        "width": f"{WIDTH:g}",
        "height": f"{view.height:g}",
        "km": f"{bar / bar_km:.6g}",
        "bar_km": bar_km,
        "bar": bar,
    }


def sheet_of(title: str, map_height: float, legend: Legend, notes: Sequence[str]) -> Sheet:
    """Where everything goes on a sheet.

    Parameters
    ----------
    map_height : of the picture; its width is that of the sheet.
    notes : names and sources, each wrapped to lines of small print.
    """
    titles = textwrap.wrap(_plain(title), _TITLE_CHARACTERS, max_lines=3, placeholder=" …")
    top = _EDGE / 2 + _TITLE_LINE * len(titles) + _EDGE
    below = top + map_height
    lines = [line for note in notes for line in textwrap.wrap(_plain(note), _NOTE_CHARACTERS)]
    notes_top = below + _LEGEND_LINE * len(legend) + _EDGE
    return Sheet(
        title=_plain(title),
        title_lines=[(_TITLE_LINE * n, line) for n, line in enumerate(titles, start=1)],
        top=top,
        map_height=map_height,
        legend=[
            (below + _LEGEND_LINE * n, kind, words)
            for n, (kind, words) in enumerate(legend, start=1)
        ],
        notes=[(notes_top + _NOTE_LINE * n, line) for n, line in enumerate(lines, start=1)],
        height=round(notes_top + _NOTE_LINE * len(lines) + _EDGE, 1),
    )


def blank_sheet(jinja: Environment, sheet: Sheet) -> str:
    """The sheet without its picture, for the page: sizes on paper stay open."""
    return _drawn(jinja, sheet, "", _style())


def map_file(jinja: Environment, sheet: Sheet, part: str, drawing: dict[str, Any]) -> str:
    """The sheet with the whole map.

    Parameters
    ----------
    part : macro of `karte_teile.html.j2` that draws the map (`sites`, `regions`).
    drawing : what that macro needs.
    """
    parts: Any = jinja.get_template("karte_teile.html.j2").module
    picture = str(getattr(parts, part)(drawing))
    return _drawn(jinja, sheet, picture, _PAPER_SIZE.sub(r"\1px", _style()))


def _drawn(jinja: Environment, sheet: Sheet, picture: str, style: str) -> str:
    return jinja.get_template("kartenblatt.svg.j2").render(page=sheet, picture=picture, style=style)


def _style() -> str:
    return (TEMPLATES / "kartenblatt.css").read_text(encoding="utf-8")


def _plain(text: str) -> str:
    return _NOT_XML.sub("", text)
