"""The figure contract: what a notebook shows is never a bare picture.

`Figure` and `DataTable` check themselves when they are made, so a part that is missing fails in
the notebook, where it can be mended. In JupyterLab they are a picture or a table; in the report
the renderer takes the whole contract from the output's own MIME type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape

import pandas as pd

from pipeline.errors import FigureError
from pipeline.figures.theme import Picture
from pipeline.provenance import attribution_line

FIGURE_MIME = "application/vnd.versorgungslabor.figure+json"
TABLE_MIME = "application/vnd.versorgungslabor.table+json"
PROSE_MIME = "application/vnd.versorgungslabor.prose+json"

#: Words that a title may have at most; it says the finding, the caption says the rest.
TITLE_WORDS = 12
#: Rows that a page shows of a figure's data; the CSV file has them all.
TABLE_ROWS = 200
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class DataTable:
    """A table that a reader is shown, with all that belongs to it.

    Attributes
    ----------
    id : slug, unique in the chapter.
    title : what it shows, at most `TITLE_WORDS` words.
    caption : how to read it, with territory and level.
    data : the rows as they are printed: German column names, cells as text or numbers.
    level : territorial level of the figures, in words ("Kreis Steinfurt").
    attributions : texts that the licences ask for.
    as_of : day up to which data were looked at, in words; part of the attribution.
    is_computed : whether a value was computed from the sources ("eigene Berechnung").
    notes : sentences printed under it.
    """

    id: str
    title: str
    caption: str
    data: pd.DataFrame
    level: str
    attributions: Sequence[str]
    as_of: str = ""
    is_computed: bool = False
    notes: Sequence[str] = field(default=())

    def __post_init__(self) -> None:
        self._require(bool(_SLUG.fullmatch(self.id)), "an id of lower-case letters, digits and -")
        self._require(bool(self.title.strip()), "a title")
        self._require(
            len(self.title.split()) <= TITLE_WORDS, f"a title of at most {TITLE_WORDS} words"
        )
        self._require(bool(self.caption.strip()), "a caption")
        self._require(bool(self.level.strip()), "the level that the figures belong to")
        self._require(len(self.data) > 0 and len(self.data.columns) > 0, "data")
        self._require(bool([a for a in self.attributions if a.strip()]), "at least one source")

    def _require(self, is_given: bool, part: str) -> None:
        if not is_given:
            raise FigureError(
                f"figure '{self.id}' lacks {part}",
                expected="id, title, caption, data, level, sources (and for a chart: alt text)",
                remedy="add the part where the figure is made",
            )

    @property
    def attribution(self) -> str:
        """The line under the table or inside the image, built from the sources."""
        return attribution_line(self.attributions, computed=self.is_computed, as_of=self.as_of)

    def payload(self) -> dict[str, object]:
        """The contract as JSON, for the renderer."""
        return {
            "id": self.id,
            "title": self.title,
            "caption": self.caption,
            "level": self.level,
            "attribution": self.attribution,
            "sources": list(dict.fromkeys(self.attributions)),
            "notes": list(self.notes),
            "columns": [str(name) for name in self.data.columns],
            "rows": [[_plain(value) for value in row] for row in self.data.to_numpy(dtype=object)],
        }

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        table = self.data.head(TABLE_ROWS).to_html(index=False, border=0, na_rep="")
        return {
            TABLE_MIME: self.payload(),
            "text/html": f"<p><strong>{escape(self.title)}</strong></p>{table}"
            f"<p>{escape(self.caption)}</p>",
            "text/plain": f"{self.title}\n{self.data.to_string(index=False)}",
        }


@dataclass(frozen=True, kw_only=True)
class Figure(DataTable):
    """A chart, with all that belongs to it.

    Attributes
    ----------
    draw : draws the picture, given the attribution that belongs inside it.
    alt : what a reader who cannot see the picture must know, in one or two sentences.
    """

    draw: Callable[[str], Picture]
    alt: str

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(bool(self.alt.strip()), "an alt text")
        self._require(self.picture.svg.startswith("<svg"), "a picture")

    @cached_property
    def picture(self) -> Picture:
        """The chart, with the attribution inside; drawn once."""
        return self.draw(self.attribution)

    def payload(self) -> dict[str, object]:
        """The contract as JSON; the picture stands beside it, as SVG and as PNG."""
        return {**super().payload(), "alt": self.alt}

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        return {
            FIGURE_MIME: self.payload(),
            "image/svg+xml": self.picture.svg,
            "image/png": self.picture.png,
            "text/plain": f"{self.title}\n{self.alt}",
        }


def _plain(value: object) -> object:
    """A cell as JSON knows it; a missing value is an empty text."""
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, (bool, int, float, str)):
        return value
    item = getattr(value, "item", None)
    return item() if callable(item) else str(value)
