"""Drawings of what is uncertain: fans, dated points, and counts that go two ways.

As in `charts`: prepared numbers in, picture out. What they mean stands in the chapter's own module.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from pipeline.figures import german, theme
from pipeline.figures.charts import rows_of
from pipeline.figures.theme import Drawing, Picture

_SMALL = 8.5
_DASHES = (0, (4, 3))
_BASIS_COLOURS = {"1987": theme.PURPLE, "2011": theme.BLUE, "2022": theme.ORANGE}


@dataclass(frozen=True)
class Band:
    """A shaded area: `rows` has `year`, `low`, `high`; the less `alpha`, the lighter."""

    rows: pd.DataFrame
    label: str
    colour: str = theme.BLUE
    alpha: float = 0.2


@dataclass(frozen=True)
class Line:
    """A projected line: `rows` has `year`, `obs_value`; `label` stands at its end."""

    rows: pd.DataFrame
    label: str
    colour: str = theme.BLUE
    is_dashed: bool = False


@dataclass(frozen=True)
class Limits:
    """A vertical bar with ends: how uncertain the level of one year is."""

    year: float
    low: float
    high: float
    label: str


def fan(
    points: pd.DataFrame,
    breaks: Sequence[tuple[float, str]],
    bands: Sequence[Band],
    lines: Sequence[Line],
    attribution: str,
    *,
    limits: Limits | None = None,
) -> Picture:
    """Observed points, then bands and lines of a projection with their values at the end.

    Parameters
    ----------
    points : `year` (decimal), `obs_value`, `segment`, `census_basis`; may be empty. Joined only
        within a segment.
    breaks : decimal year and label of each change of the census basis.
    bands : from the widest to the narrowest.
    lines : drawn over the bands; each is labelled at its last year.
    """
    ends = [(line, float(line.rows["obs_value"].iloc[-1])) for line in lines]
    labels = [f"{line.label}: {german.number(value)}" for line, value in ends]
    heights = [value for band in bands for value in (*band.rows["low"], *band.rows["high"])]
    heights += [value for line in lines for value in line.rows["obs_value"]]
    heights += list(points["obs_value"])
    heights += [limits.low, limits.high] if limits else []
    low, high = min(heights), max(heights)
    with theme.house_style():
        drawing = Drawing(
            3.1,
            attribution,
            left=theme.text_width(german.number(high), _SMALL) + 0.45,
            right=theme.widest(labels, 8.2, is_bold=True) + 0.2,
            bottom=0.3,
            top=0.55,
        )
        axes = drawing.axes()
        axes.set_ylim(low - 0.06 * (high - low), high + 0.14 * (high - low))
        _draw_breaks(axes, breaks)
        for band in bands:
            axes.fill_between(
                band.rows["year"], band.rows["low"], band.rows["high"],
                color=band.colour, alpha=band.alpha, linewidth=0, label=band.label,
            )  # fmt: skip
        for line in lines:
            axes.plot(
                line.rows["year"], line.rows["obs_value"], color=line.colour,
                linestyle=_DASHES if line.is_dashed else "-",
            )  # fmt: skip
        _draw_points(axes, points)
        if limits:
            _draw_limits(axes, limits)
        _end_labels(axes, [value for _, value in ends], labels, lines)
        last = max(float(line.rows["year"].max()) for line in lines)
        axes.set_xlim(right=last)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=9, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: german.number(value)))
        axes.set_ylabel("Personen", fontsize=_SMALL)
        axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, frameon=False, fontsize=8.2,
            handlelength=1.4, columnspacing=1.4, borderaxespad=0.2,
        )  # fmt: skip
        _frame(axes, grid="y")
        return drawing.picture()


def _draw_breaks(axes: Axes, breaks: Sequence[tuple[float, str]]) -> None:
    for year, label in breaks:
        axes.axvline(year, color=theme.INK, linewidth=0.9, linestyle=_DASHES)
        axes.annotate(
            label, (year, 1), xycoords=("data", "axes fraction"), xytext=(3, -2),
            textcoords="offset points", va="top", fontsize=7.2, color=theme.MUTED,
        )  # fmt: skip


def _draw_points(axes: Axes, points: pd.DataFrame) -> None:
    for number, ((_, basis), run) in enumerate(points.groupby(["segment", "census_basis"])):
        axes.plot(
            run["year"], run["obs_value"], "o-", color=_BASIS_COLOURS[str(basis)], markersize=3.8,
            linewidth=1.2, label="veröffentlicht" if number == 0 else None,
        )  # fmt: skip


def _draw_limits(axes: Axes, limits: Limits) -> None:
    middle = (limits.low + limits.high) / 2
    axes.errorbar(
        [limits.year], [middle], yerr=(limits.high - limits.low) / 2, fmt="none",
        ecolor=theme.INK, elinewidth=1.4, capsize=5, label=limits.label,
    )  # fmt: skip


def _end_labels(
    axes: Axes, values: Sequence[float], labels: Sequence[str], lines: Sequence[Line]
) -> None:
    """Labels right of the lines, pushed apart where they would lie on each other."""
    bottom, top = axes.get_ylim()
    places = apart(values, 0.062 * (top - bottom))
    for label, line, place in zip(labels, lines, places, strict=True):
        axes.annotate(
            label, (1, place), xycoords=("axes fraction", "data"), xytext=(6, 0),
            textcoords="offset points", va="center", fontsize=8.2, fontweight="bold",
            color=line.colour,
        )  # fmt: skip


def apart(values: Sequence[float], room: float) -> list[float]:
    """Heights near `values`, in their order, none nearer than `room` to the next one."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    places: dict[int, float] = {}
    height = float("-inf")
    for i in order:
        height = max(values[i], height + room)
        places[i] = height
    return [places[i] for i in range(len(values))]


def dated_points(points: pd.DataFrame, attribution: str) -> Picture:
    """Counts on single days as points of two definitions; nothing joins them.

    Parameters
    ----------
    points : `year` (decimal), `obs_value`, `definition`, sorted by year; two definitions at most.
    """
    colours = (theme.MUTED, theme.BLUE)
    high = float(points["obs_value"].max())
    with theme.house_style():
        left = theme.text_width(german.number(high), _SMALL) + 0.45
        drawing = Drawing(2.3, attribution, left=left, bottom=0.32, top=0.4)
        axes = drawing.axes()
        for number, (name, rows) in enumerate(points.groupby("definition", sort=False)):
            axes.plot(
                rows["year"], rows["obs_value"], "o", color=colours[number], markersize=7,
                markerfacecolor="white" if number == 0 else colours[number],
                markeredgewidth=1.6, label=str(name),
            )  # fmt: skip
        changes = points.drop_duplicates("definition")["year"].tolist()[1:]
        for year in changes:
            before = float(points.loc[points["year"].lt(year), "year"].max())
            axes.axvline((before + year) / 2, color=theme.INK, linewidth=0.9, linestyle=_DASHES)
        for row in rows_of(points):
            axes.annotate(
                german.number(row.obs_value), (row.year, row.obs_value), xytext=(0, 8),
                textcoords="offset points", ha="center", fontsize=8.3, fontweight="bold",
            )  # fmt: skip
        axes.set_ylim(0, high * 1.2)
        axes.set_xlim(points["year"].min() - 0.8, points["year"].max() + 0.8)
        axes.set_xticks(points["year"], [f"{year:.0f}" for year in points["year"]])
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: german.number(value)))
        axes.set_ylabel("Personen", fontsize=_SMALL)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, fontsize=8.2)
        _frame(axes, grid="y")
        return drawing.picture()


def two_ways(rows: pd.DataFrame, names: tuple[str, str], heading: str, attribution: str) -> Picture:
    """Bars to the left and right of a middle, with the balance printed beside them.

    Parameters
    ----------
    rows : `label`, `left`, `right` (both positive), `balance` (printed text).
    names : what the left and the right bars count.
    heading : heading of the printed balances.
    """
    limit = float(max(rows["left"].max(), rows["right"].max(), 1.0))
    positions = range(len(rows))
    with theme.house_style():
        drawing = Drawing(
            0.33 * len(rows),
            attribution,
            left=theme.widest(rows["label"], _SMALL) + 0.15,
            right=theme.text_width(heading, 8.2, is_bold=True) + 0.25,
            bottom=0.08,
            top=0.32,
        )
        axes = drawing.axes()
        for column, sign, colour in (("left", -1, theme.OTHERS), ("right", 1, theme.BLUE)):
            axes.barh(positions, sign * rows[column], height=0.66, color=colour)
            for y, value in zip(positions, rows[column], strict=True):
                axes.annotate(
                    german.number(value), (sign * value, y), xytext=(4 * sign, 0),
                    textcoords="offset points", va="center", fontsize=8.3,
                    ha="left" if sign > 0 else "right",
                )  # fmt: skip
        for y, text in zip(positions, rows["balance"], strict=True):
            _beside(axes, text, y, is_bold=False)
        _beside(axes, heading, -0.85, is_bold=True)
        for x, name, side in ((-0.02, names[0], "right"), (0.02, names[1], "left")):
            axes.annotate(
                name, (x * limit, -0.85), ha=side, va="center", fontsize=8.6, fontweight="bold",
                color=theme.INK, annotation_clip=False,
            )  # fmt: skip
        axes.axvline(0, color=theme.INK, linewidth=0.9)
        axes.set_yticks(positions, rows["label"], color=theme.INK)
        axes.set_xlim(-1.22 * limit, 1.22 * limit)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        _frame(axes)
        axes.spines["left"].set_visible(False)
        return drawing.picture()


def changes(rows: pd.DataFrame, attribution: str) -> Picture:
    """A point a row left or right of "no change", with the range in which it is expected.

    Parameters
    ----------
    rows : `label`, `change`, `low`, `high` (percent), `printed` (text beside the point).
    """
    positions = range(len(rows))
    room = 0.06 * (max(rows["high"].max(), 0) - min(rows["low"].min(), 0))
    with theme.house_style():
        drawing = Drawing(
            0.42 * len(rows),
            attribution,
            left=theme.widest(rows["label"], _SMALL, is_bold=True) + 0.15,
            right=theme.widest(rows["printed"], 8.2) + 0.3,
            bottom=0.3,
            top=0.1,
        )
        axes = drawing.axes()
        axes.axvline(0, color=theme.INK, linewidth=0.9)
        for y, row in zip(positions, rows_of(rows), strict=True):
            colour = theme.BLUE if row.change > 0 else theme.ORANGE
            axes.barh(y, row.high - row.low, left=row.low, height=0.16, color=colour, alpha=0.35)
            axes.plot([row.change], [y], "o", color=colour, markersize=8)
            _beside(axes, row.printed, y, is_bold=False)
        axes.set_yticks(positions, rows["label"], color=theme.INK)
        axes.set_xlim(min(rows["low"].min(), 0) - room, max(rows["high"].max(), 0) + room)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{german.signed(value)} %"))
        _frame(axes, grid="x")
        return drawing.picture()


def _beside(axes: Axes, text: str, y: float, *, is_bold: bool) -> None:
    axes.annotate(
        text, (1, y), xycoords=("axes fraction", "data"), xytext=(8, 0),
        textcoords="offset points", va="center", fontsize=8.2, annotation_clip=False,
        fontweight="bold" if is_bold else "normal", color=theme.INK,
    )  # fmt: skip


def _frame(axes: Axes, *, grid: str | None = None) -> None:
    if grid is not None:
        axes.grid(axis=grid)  # type: ignore[arg-type]
    axes.tick_params(axis="both", labelsize=_SMALL)
