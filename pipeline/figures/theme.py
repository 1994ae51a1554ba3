"""One look for all charts: quiet, readable in black and white, safe for colour-blind readers.

Colours: Okabe & Ito (2008), "Color Universal Design". Text stays text in the SVG, so that it is
sharp in print and can be searched; positions follow the font that matplotlib ships, so that a
chart has the same bytes on every machine.
"""

from __future__ import annotations

import base64
import io
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas

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
    "svg.fonttype": "none",
    # ids inside the SVG are hashed with this word instead of a random one
    "svg.hashsalt": "versorgungslabor",
}


@contextmanager
def canvas(height: float, width: float = WIDTH) -> Iterator[Canvas]:
    """An empty drawing area (inches) in the house style; pyplot's global state is not touched."""
    with mpl.rc_context(_RC):
        yield Canvas(figsize=(width, height), layout="constrained")


def svg(drawing: Canvas, attribution: str) -> str:
    """The drawing as SVG text, with the attribution inside the image; same drawing, same text."""
    with mpl.rc_context(_RC):
        drawing.supxlabel(
            _wrapped(f"Quelle: {attribution}"), x=0.005, ha="left", fontsize=6.8, color=MUTED
        )
        stream = io.StringIO()
        drawing.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    return text[text.index("<svg") :]


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, ATTRIBUTION_WIDTH, break_on_hyphens=False))


def data_uri(mime: str, content: str) -> str:
    """`content` as a data URI, usable in a page that may load nothing."""
    return f"data:{mime};base64,{base64.b64encode(content.encode('utf-8')).decode('ascii')}"
