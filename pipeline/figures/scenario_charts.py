"""Drawings of the scenarios: courses year by year, and the tornado of what matters."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from pipeline.figures import german, theme
from pipeline.figures.theme import Drawing, Picture

_SMALL = 8.5
_DASHES = (0, (4, 3))
#: One look a line, so that a black-and-white print tells them apart.
_STYLES = (
    (theme.INK, (0, ())),
    (theme.BLUE, (0, (6, 2))),
    (theme.ORANGE, (0, (2, 1.5))),
)


@dataclass(frozen=True)
class Line:
    """A course: its label at the right end, and a value a year."""

    label: str
    values: Sequence[float]


@dataclass(frozen=True)
class Swing:
    """One bar of a tornado: label, what stands at its ends, results at the ends."""

    label: str
    low_text: str
    high_text: str
    at_low: float
    at_high: float


def courses(
    years: Sequence[int], lines: Sequence[Line], unit: str, need: float, attribution: str
) -> Picture:
    """Courses year by year, told apart by colour and dashes, with a key above.

    Parameters
    ----------
    lines : at most three.
    unit : label of the vertical axis.
    need : value at which need is met, drawn as a thin line.
    """
    everything = [value for line in lines for value in line.values]
    with theme.house_style():
        drawing = Drawing(2.7, attribution, left=0.75, bottom=0.35, top=0.36, right=0.65)
        axes = drawing.axes()
        axes.axhline(need, color=theme.MUTED, linewidth=0.8, linestyle=_DASHES)
        axes.annotate(
            "Soll", (years[0], need), xytext=(2, 3), textcoords="offset points", fontsize=7.8,
            color=theme.MUTED,
        )  # fmt: skip
        labels = _apart([line.values[-1] for line in lines], 0.07 * max(everything))
        for line, (colour, dashes), height in zip(lines, _STYLES, labels, strict=False):
            axes.plot(years, line.values, color=colour, linestyle=dashes, label=line.label)
            axes.annotate(
                german.number(line.values[-1], 1), (years[-1], height), xytext=(6, 0),
                textcoords="offset points", va="center", fontsize=8.6, fontweight="bold",
                color=colour, annotation_clip=False,
            )  # fmt: skip
        axes.set_ylim(0, 1.12 * max([*everything, need]))
        axes.set_xlim(years[0], years[-1])
        axes.set_xticks([year for year in years if year % 5 == 0])
        axes.yaxis.set_major_formatter(FuncFormatter(_tick))
        axes.set_ylabel(unit, fontsize=_SMALL)
        axes.grid(axis="y")
        axes.tick_params(axis="both", labelsize=_SMALL)
        axes.legend(
            loc="lower left", bbox_to_anchor=(-0.06, 1.0), ncols=len(lines), frameon=False,
            fontsize=8.2, handlelength=2.6, columnspacing=1.3,
        )  # fmt: skip
        return drawing.picture()


def _tick(value: float, position: int | None = None) -> str:
    """A number on an axis, with a real minus."""
    return german.number(value).replace("-", "−")


def _apart(heights: Sequence[float], gap: float) -> list[float]:
    """Heights of labels, moved up where two would overlap."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    moved = list(heights)
    for lower, upper in itertools.pairwise(order):
        moved[upper] = max(moved[upper], moved[lower] + gap)
    return moved


def tornado(
    rows: Sequence[Swing], middle: float, unit: str, decimals: int, attribution: str
) -> Picture:
    """Bars from the result at the low end to that at the high end, the widest on top.

    Parameters
    ----------
    middle : the result with all assumptions as they are.
    """
    labels = [row.label for row in rows]
    with theme.house_style():
        drawing = Drawing(0.52 * len(rows), attribution, left=0.25, right=0.25, bottom=0.5, top=0.3)
        axes = drawing.axes()
        for position, row in enumerate(rows):
            _swing(axes, position, row, middle)
        ends = [value for row in rows for value in (row.at_low, row.at_high)]
        low, high = min([*ends, middle]), max([*ends, middle])
        room = max(high - low, 1e-9)
        axes.set_xlim(low - 0.2 * room, high + 0.2 * room)
        axes.set_ylim(len(labels) - 0.4, -0.75)
        axes.axvline(middle, color=theme.INK, linewidth=1.1)
        axes.set_yticks([])
        axes.xaxis.set_major_formatter(FuncFormatter(_tick))
        axes.set_xlabel(unit, fontsize=_SMALL)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="both", labelsize=_SMALL)
        axes.annotate(
            german.number(middle, decimals), (middle, 1), xycoords=("data", "axes fraction"),
            xytext=(0, 3), textcoords="offset points", ha="center", fontsize=8.6,
            fontweight="bold",
        )  # fmt: skip
        return drawing.picture()


def _swing(axes: Axes, position: int, row: Swing, middle: float) -> None:
    """One assumption: its label above its bar, the values at the ends beside them."""
    for value, colour in ((row.at_low, theme.OTHERS), (row.at_high, theme.BLUE)):
        axes.barh(position, value - middle, left=middle, height=0.34, color=colour)
    ends = sorted([(row.at_low, row.low_text), (row.at_high, row.high_text)])
    for (value, text), side in zip(ends, ("right", "left"), strict=True):
        axes.annotate(
            text, (value, position), xytext=(-4 if side == "right" else 4, 0),
            textcoords="offset points", ha=side, va="center", fontsize=7.8, color=theme.MUTED,
        )  # fmt: skip
    axes.annotate(
        row.label, (0, position - 0.36), xycoords=("axes fraction", "data"), fontsize=8.4,
        va="center", color=theme.INK,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
    )  # fmt: skip
