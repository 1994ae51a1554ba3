"""Drawings: prepared numbers in, picture out. What they mean stands in the chapter's own module."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from pipeline.figures import german, theme
from pipeline.figures.theme import Drawing, Picture

#: Limits of the Bedarfsplanungs-Richtlinie (§ 24, § 29) that a grade is read against.
#: Each with its text and the side of the line on which it stands.
_THRESHOLDS = (
    (75.0, "unter 75 %: Unterversorgung wird vermutet", "top"),
    (110.0, "über 110 %: rechnerisch überversorgt", "bottom"),
)
#: Characters of a label that fit beside a chart.
LABEL_LENGTH = 48
_DASHES = (0, (4, 3))
_SMALL = 8.5


@dataclass(frozen=True)
class Bar:
    """One bar: its label, value and printed value; the subject of the comparison stands out."""

    label: str
    value: float
    printed: str
    is_subject: bool = False

    @property
    def shown(self) -> str:
        """The label as it fits into a chart; the data table has it whole."""
        return shortened(self.label)

    @property
    def colour(self) -> str:
        """Blue for the subject, grey for what it is compared with."""
        return theme.SUBJECT if self.is_subject else theme.OTHERS


def shortened(label: str) -> str:
    """A label cut to `LABEL_LENGTH` characters, so that it never pushes the chart off the page."""
    return label if len(label) <= LABEL_LENGTH else label[: LABEL_LENGTH - 1] + "…"


def rows_of(frame: pd.DataFrame) -> list[Any]:
    """Rows with attributes; typed as Any because a stub cannot know a frame's columns."""
    return list(frame.itertuples())


def _quiet(axes: Axes, *, grid: str | None = None) -> None:
    axes.spines["left"].set_visible(grid != "x")
    if grid is not None:
        axes.grid(axis=grid)  # type: ignore[arg-type]
    axes.tick_params(axis="both", labelsize=_SMALL)


def series_by_basis(
    points: pd.DataFrame,
    census: pd.DataFrame,
    breaks: Sequence[tuple[float, str]],
    attribution: str,
) -> Picture:
    """Observed years as points, joined only within a segment, with the breaks drawn.

    Parameters
    ----------
    points : `year` (decimal), `obs_value`, `segment`, `census_basis`, `label` ("" for none).
    census : the same without `segment`: counts on a census day.
    breaks : decimal year and label of each change of the census basis.
    """
    colours = {"1987": theme.PURPLE, "2011": theme.BLUE, "2022": theme.ORANGE}
    both = pd.concat([points, census])
    low, high = both["obs_value"].min(), both["obs_value"].max()
    room = max(high - low, 0.02 * high)
    with theme.house_style():
        left = theme.text_width(german.number(high), _SMALL) + 0.45
        drawing = Drawing(2.6, attribution, left=left, bottom=0.5)
        axes = drawing.axes()
        axes.set_ylim(low - 0.18 * room, high + 0.34 * room)
        for year, label in breaks:
            axes.axvline(year, color=theme.INK, linewidth=0.9, linestyle=_DASHES)
            axes.annotate(
                label, (year, 1), xycoords=("data", "axes fraction"), xytext=(4, -2),
                textcoords="offset points", va="top", fontsize=7.6, color=theme.MUTED,
            )  # fmt: skip
        for (_, basis), run in points.groupby(["segment", "census_basis"]):
            axes.plot(run["year"], run["obs_value"], "o-", color=colours[str(basis)])
        if len(census):
            axes.plot(
                census["year"], census["obs_value"], "D", color=theme.ORANGE, markersize=6,
                markerfacecolor="white", markeredgewidth=1.6,
            )  # fmt: skip
        for row in rows_of(both):
            if row.label:
                _value_label(axes, str(row.label), row.year, row.obs_value)
        years = points["year"].unique()
        axes.set_xlim(years.min() - 0.9, years.max() + 1.2)
        axes.set_xticks(years, [f"{year:.0f}" for year in years])
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: german.number(value)))
        axes.set_xlabel("jeweils am 31. Dezember", fontsize=_SMALL)
        axes.set_ylabel("Personen", fontsize=_SMALL)
        _quiet(axes, grid="y")
        return drawing.picture()


def _value_label(axes: Axes, text: str, x: float, y: float) -> None:
    axes.annotate(
        text, (x, y), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=8.3,
        fontweight="bold",
    )  # fmt: skip


def pyramid(
    bars: pd.DataFrame, outline: pd.DataFrame, names: tuple[str, str], attribution: str
) -> Picture:
    """Population pyramid of densities: bars for one place, an outline for another.

    Parameters
    ----------
    bars, outline : `sex` (male, female), `age_from`, `years`, `percent_per_year`; `outline` may
        be empty.
    names : names of the two places.
    """
    limit = pd.concat([bars["percent_per_year"], outline["percent_per_year"]]).max()
    with theme.house_style():
        drawing = Drawing(3.7, attribution, left=0.55, bottom=0.5, top=0.3)
        left, right = drawing.row(2, gap=0.07)
        for axes, sex, title in ((left, "male", "Männer"), (right, "female", "Frauen")):
            part = bars.loc[bars["sex"].eq(sex)]
            axes.barh(
                part["age_from"], part["percent_per_year"], height=part["years"], align="edge",
                color=theme.SEX_COLOURS[sex], alpha=0.78, edgecolor="white", linewidth=0.7,
            )  # fmt: skip
            line = outline.loc[outline["sex"].eq(sex)].sort_values("age_from")
            if len(line):
                edges = [*line["age_from"], float((line["age_from"] + line["years"]).iloc[-1])]
                axes.stairs(
                    line["percent_per_year"], edges, orientation="horizontal", baseline=None,
                    color=theme.INK, linewidth=1.3,
                )  # fmt: skip
            axes.set_title(title, fontsize=10, color=theme.SEX_COLOURS[sex], fontweight="bold")
            axes.set_xlim(0, limit * 1.08)
            axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: german.number(v, 1)))
            axes.set_xlabel("Prozent der Bevölkerung je Altersjahr", fontsize=_SMALL)
            _quiet(axes, grid="x")
        left.invert_xaxis()
        left.set_ylabel("Alter in Jahren", fontsize=_SMALL)
        left.set_ylim(0, 104)  # room for the key above the oldest group
        left.set_yticks(range(0, 91, 10))
        if len(outline):
            right.annotate(
                f"Linie: {shortened(names[1])}\nFlächen: {shortened(names[0])}",
                (0.98, 0.99), xycoords="axes fraction",
                ha="right", va="top", fontsize=8.2, color=theme.INK,
            )  # fmt: skip
        return drawing.picture()


def bar_panels(panels: Sequence[tuple[str, Sequence[Bar]]], attribution: str) -> Picture:
    """Small multiples of horizontal bars with direct labels; zero is always on the axis.

    Parameters
    ----------
    panels : title and bars of each panel; all panels have the same labels in the same order.
    """
    labels = [bar.shown for bar in panels[0][1]]
    with theme.house_style():
        left = theme.widest(labels, _SMALL, is_bold=True) + 0.15
        drawing = Drawing(0.36 * len(labels), attribution, left=left, bottom=0.08, top=0.28)
        for number, (axes, (title, rows)) in enumerate(
            zip(drawing.row(len(panels)), panels, strict=True)
        ):
            _draw_bars(axes, rows, has_labels=number == 0, room=1.4)
            axes.set_title(title, fontsize=9, color=theme.INK)
        return drawing.picture()


def bars(rows: Sequence[Bar], attribution: str, *, reference: Bar | None = None) -> Picture:
    """Horizontal bars with direct labels, and a dashed line for a reference value."""
    with theme.house_style():
        left = theme.widest((row.shown for row in rows), _SMALL, is_bold=True) + 0.15
        top = 0.3 if reference is not None else 0.1
        drawing = Drawing(0.3 * len(rows), attribution, left=left, bottom=0.08, top=top)
        axes = drawing.axes()
        _draw_bars(axes, rows, is_printed_inside=reference is not None)
        if reference is not None:
            axes.axvline(reference.value, color=theme.INK, linewidth=1.1, linestyle=_DASHES)
            right = max(axes.get_xlim()[1], reference.value * 1.05)
            axes.set_xlim(0, right)
            # the label stands on the side of the line that has more room
            is_far = reference.value > right / 2
            axes.annotate(
                f"{reference.shown}: {reference.printed}", (reference.value, 1.0),
                xycoords=("data", "axes fraction"), xytext=(-4 if is_far else 4, 3),
                textcoords="offset points", ha="right" if is_far else "left",
                fontsize=8.2, color=theme.INK, va="bottom",
            )  # fmt: skip
        return drawing.picture()


def _draw_bars(
    axes: Axes,
    rows: Sequence[Bar],
    *,
    has_labels: bool = True,
    is_printed_inside: bool = False,
    room: float = 1.15,
) -> None:
    """Bars from the top down; `room` is the length of the axis over that of the longest bar."""
    positions = range(len(rows))
    axes.barh(
        positions, [row.value for row in rows], height=0.62, color=[row.colour for row in rows]
    )
    if has_labels:
        axes.set_yticks(positions, [row.shown for row in rows])
        for tick, row in zip(axes.get_yticklabels(), rows, strict=True):
            tick.set_fontweight("bold" if row.is_subject else "normal")
            tick.set_color(theme.INK)
    for position, row in zip(positions, rows, strict=True):
        axes.annotate(
            row.printed, (0 if is_printed_inside else row.value, position), xytext=(5, 0),
            textcoords="offset points", va="center",
            fontsize=8.6, fontweight="bold" if row.is_subject else "normal",
            color="white" if is_printed_inside and row.is_subject else theme.INK,
        )  # fmt: skip
    axes.set_xlim(0, max(max(row.value for row in rows) * room, 1e-9))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    _quiet(axes)


def dated_grades(rows: pd.DataFrame, attribution: str) -> Picture:
    """Grades of supply as dated points, never joined, between the thresholds of 75 and 110 percent.

    Parameters
    ----------
    rows : `start`, `end` (decimal years that the date may mean), `grade_percent`, `label`,
        `is_current`.
    """
    with theme.house_style():
        drawing = Drawing(2.4, attribution, left=0.62, bottom=0.3)
        axes = drawing.axes()
        for level, text, side in _THRESHOLDS:
            axes.axhline(level, color=theme.INK, linewidth=0.9, linestyle=_DASHES)
            axes.annotate(
                text, (1, level), xycoords=("axes fraction", "data"),
                xytext=(0, -3 if side == "top" else 3), textcoords="offset points", ha="right",
                va=side, fontsize=7.8, color=theme.MUTED,
            )  # fmt: skip
        for row in rows_of(rows):
            _draw_grade(axes, row)
        grades = rows["grade_percent"]
        axes.set_ylim(min(65.0, grades.min() - 6), max(118.0, grades.max() + 8))
        axes.set_xlim(rows["start"].min() - 0.8, rows["end"].max() + 0.8)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=9))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{german.number(value)} %"))
        _quiet(axes)
        return drawing.picture()


def _draw_grade(axes: Axes, row: Any) -> None:
    colour = theme.BLUE if row.is_current else theme.MUTED
    middle = (row.start + row.end) / 2
    if row.end - row.start > 0.2:  # the date is a range: show how wide
        axes.plot(
            [row.start, row.end], [row.grade_percent] * 2, color=colour, linewidth=3, alpha=0.45
        )
    axes.plot(
        middle, row.grade_percent, "o", color=colour, markersize=7, markeredgewidth=1.6,
        markerfacecolor=colour if row.is_current else "white",
    )  # fmt: skip
    _value_label(axes, str(row.label), middle, row.grade_percent)


def point_map(points: pd.DataFrame, dots: pd.DataFrame, attribution: str) -> Picture:
    """A map of labelled points in classes, with small dots for single sites.

    Parameters
    ----------
    points : `longitude`, `latitude`, `label`, `value` (drives the class), `is_subject`.
    dots : `longitude`, `latitude`.
    """
    margin = 0.06  # degrees around the outermost points
    west, east = points["longitude"].min() - 1.6 * margin, points["longitude"].max() + 2.6 * margin
    south, north = points["latitude"].min() - margin, points["latitude"].max() + margin
    stretch = 1 / math.cos(math.radians((south + north) / 2))
    edges = _class_edges(points["value"])
    with theme.house_style():
        plot_width = theme.WIDTH - 0.3
        height = min(plot_width * (north - south) * stretch / (east - west), 7.5)
        drawing = Drawing(height, attribution, left=0.15, right=0.15, bottom=0.05, top=0.3)
        axes = drawing.axes()
        axes.set_aspect(stretch)
        axes.plot(dots["longitude"], dots["latitude"], ".", color=theme.GREEN, markersize=3.5)
        for row in rows_of(points):
            _map_point(axes, row, edges)
        axes.set_xlim(west, east)
        axes.set_ylim(south, north)
        axes.set_axis_off()
        _map_key(axes, edges)
        return drawing.picture()


def _class_edges(values: pd.Series) -> list[float]:
    """Lower bounds of up to four classes with about as many points each; 0 is the first."""
    cuts = values.quantile([0.25, 0.5, 0.75]).round()
    return sorted({0.0, *(float(cut) for cut in cuts if cut > 0)})


def _map_point(axes: Axes, row: Any, edges: list[float]) -> None:
    shade = theme.sequential(bisect_right(edges, row.value) - 1, len(edges))
    axes.plot(
        row.longitude, row.latitude, "o", color=shade, markersize=10 if row.is_subject else 7.5,
        markeredgecolor=theme.INK, markeredgewidth=1.6 if row.is_subject else 0.6,
    )  # fmt: skip
    axes.annotate(
        shortened(row.label), (row.longitude, row.latitude), xytext=(7, 0),
        textcoords="offset points",
        va="center", fontsize=8.4 if row.is_subject else 7.2, color=theme.INK,
        fontweight="bold" if row.is_subject else "normal",
    )  # fmt: skip


def _map_key(axes: Axes, edges: list[float]) -> None:
    handles = [
        axes.plot([], [], "o", color=theme.sequential(i, len(edges)), markersize=7.5,
                  markeredgecolor=theme.INK, markeredgewidth=0.6, label=_class_label(edges, i))[0]
        for i in range(len(edges))
    ]  # fmt: skip
    handles.append(
        axes.plot([], [], ".", color=theme.GREEN, markersize=5, label="eine Apotheke")[0]
    )
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=len(handles),
        frameon=False, fontsize=8, handletextpad=0.2, columnspacing=1.2,
    )  # fmt: skip


def _class_label(edges: list[float], i: int) -> str:
    low = german.number(edges[i])
    if i + 1 == len(edges):
        return f"{low} und mehr"
    return f"{low} bis {german.number(edges[i + 1] - 1)}" if edges[i + 1] - 1 > edges[i] else low
