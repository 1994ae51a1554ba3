"""One look for all charts: quiet, readable in black and white, safe for colour-blind readers.

Colours: Okabe & Ito (2008), "Color Universal Design". Text stays text in the SVG, so that it is
sharp in print and can be searched; positions follow the font that matplotlib ships, so that a
chart has the same bytes on every machine.
"""

from __future__ import annotations

import base64
import io
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

INK = "#1f2933"
MUTED = "#52606d"
LINE = "#d5dbe1"
BLUE = "#0072B2"
ORANGE = "#D55E00"
GREEN = "#009E73"
SKY = "#56B4E9"
YELLOW = "#E69F00"
PURPLE = "#CC79A7"

#: The subject of a comparison, and everything it is compared with: labels say which is which.
SUBJECT = BLUE
OTHERS = "#b4bfca"
SEX_COLOURS = {"male": BLUE, "female": ORANGE}

#: Width of a chart in inches: the text width of the page.
WIDTH = 7.4
#: Resolution of the PNG copy: sharp enough for a printed page.
PNG_DPI = 150
#: Characters of the small print that fit into it.
ATTRIBUTION_WIDTH = 134

_RC = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Segoe UI", "Helvetica Neue", "Arial"],
    "font.size": 9.5,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": MUTED,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": False,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "figure.dpi": 96,
    # a dollar sign in a name is a dollar sign
    "text.parse_math": False,
    "svg.fonttype": "none",
    # ids inside the SVG are hashed with this word instead of a random one
    "svg.hashsalt": "versorgungslabor",
}


@dataclass(frozen=True)
class Picture:
    """A finished chart: SVG text for the page, PNG bytes (base64) for other documents."""

    svg: str
    png: str


class Drawing:
    """A canvas in inches, with margins that are measured instead of searched for.

    matplotlib's own layout engines draw everything several times to find out how much room the
    labels need. Here the caller says it (`text_width` measures a label), so one pass is enough.
    """

    def __init__(
        self,
        plot_height: float,
        attribution: str,
        *,
        left: float,
        bottom: float = 0.45,
        top: float = 0.2,
        right: float = 0.2,
    ) -> None:
        lines = textwrap.wrap(f"Quelle: {attribution}", ATTRIBUTION_WIDTH, break_on_hyphens=False)
        small_print = 0.125 * len(lines) + 0.08
        self.height = plot_height + bottom + top + small_print
        self.plot_height = plot_height
        self.canvas = Canvas(figsize=(WIDTH, self.height))
        self.canvas.subplots_adjust(
            left=left / WIDTH,
            right=1 - right / WIDTH,
            bottom=(bottom + small_print) / self.height,
            top=1 - top / self.height,
        )
        self.canvas.text(
            0.04 / WIDTH,
            0.04 / self.height,
            "\n".join(lines),
            fontsize=6.8,
            color=MUTED,
            va="bottom",
        )

    def axes(self) -> Axes:
        """One plot."""
        return self.canvas.add_subplot()

    def row(self, n: int, *, gap: float = 0.12) -> list[Axes]:
        """`n` plots side by side that share the vertical axis; `gap` as a share of a plot."""
        self.canvas.subplots_adjust(wspace=gap)
        return list(self.canvas.subplots(1, n, sharey=True, squeeze=False)[0])

    def picture(self) -> Picture:
        """The finished chart; the same drawing has the same bytes."""
        text, image = io.StringIO(), io.BytesIO()
        self.canvas.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
        self.canvas.savefig(image, format="png", dpi=PNG_DPI, metadata={"Software": None})
        svg = text.getvalue()
        return Picture(svg[svg.index("<svg") :], base64.b64encode(image.getvalue()).decode("ascii"))


def sequential(step: int, steps: int) -> tuple[float, float, float, float]:
    """Colour of a class in an ordered scale (cividis): the more, the darker."""
    share = step / max(steps - 1, 1)
    return mpl.colormaps["cividis"](1.0 - share)


@contextmanager
def house_style() -> Iterator[None]:
    """The settings of all charts, for one drawing; the user's own are untouched."""
    with mpl.rc_context(cast(Any, _RC)):
        yield


def text_width(text: str, size: float, *, is_bold: bool = False) -> float:
    """Width of a label in inches, as matplotlib will draw it."""
    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if is_bold else "normal")
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, False)
    return float(width) / 72


def widest(labels: Iterable[str], size: float, *, is_bold: bool = False) -> float:
    """Width in inches of the widest label."""
    return max((text_width(label, size, is_bold=is_bold) for label in labels), default=0.0)
