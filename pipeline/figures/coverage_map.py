"""Map of the regions: how much is known of each, and at which level."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Wedge

from pipeline.errors import NoDataError
from pipeline.figures import charts, german, theme
from pipeline.figures.contract import Figure
from pipeline.figures.overview import coverage_producers
from pipeline.figures.region_map import WIDTH, MapMarker, markers_of, places_of, projection
from pipeline.methods import coverage
from pipeline.regions import Region
from pipeline.tables.workspace import Workspace

#: Region → level → how many of what we ask for are known there at that level.
Counts = Mapping[str, Mapping[str, int]]

#: Level → colour of its part of a ring; the order is that of the parts, clockwise from above.
_PARTS = {
    coverage.OWN: theme.BLUE,
    coverage.ESTIMATE: theme.SKY,
    coverage.PLANNING_AREA: theme.GREEN,
    coverage.KREIS: theme.OTHERS,
    coverage.NONE: "white",
}
#: Radius of a ring and its width, in units of the drawing; markers keep 42 units apart.
_RADIUS, _RING = 20.0, 8.0
#: Room around the outermost markers, in units.
_MARGIN = 26.0
#: Inches beside the map, and over it for the legend.
_SIDE, _HEAD = 0.1, 0.35
#: Inches of a line of the list of names, and columns of that list.
_LINE, _COLUMNS = 0.18, 2
_SMALL = 8.2


def coverage_map(
    lab: Workspace, regions: Sequence[Region], levels: Sequence[Mapping[str, str]]
) -> Figure:
    """Every region as a ring: which part of what we ask for is known there, and at which level.

    Parameters
    ----------
    levels : one mapping a region, as returned by `methods.coverage.coverage_of`.

    Raises
    ------
    NoDataError : the list of municipalities has no coordinates.
    """
    places = places_of(regions, lab.table("municipalities")).dropna(ignore_index=True)
    counts = {
        region.name: {word: list(level.values()).count(word) for word in _PARTS}
        for region, level in zip(regions, levels, strict=True)
    }
    if places.empty:
        raise NoDataError("die Liste der Gemeinden hat keine Koordinaten")
    total = german.number(len(levels[0]))
    return Figure(
        id="coverage-map",
        title="Wo die Regionen liegen, und wie viel bekannt ist",
        caption=f"Jeder Ring steht für {total} Angaben und zeigt, auf welcher Ebene sie vorliegen. "
        "Blau ist, was für die Gemeinden selbst gezählt ist; grau gilt für den ganzen Kreis, also "
        "auch für die Nachbarn; weiß heißt keine Daten, nicht null. Unter der Karte steht, wie "
        "viele Angaben blau sind. Ringe, die sich verdecken würden, sind zur Seite gerückt.",
        alt=f"Karte mit {german.number(len(places))} nummerierten Ringen. Eigene Zahlen: "
        + "; ".join(
            f"{name} {german.number(counts[name][coverage.OWN])} von {total}"
            for name in places["name"]
        )
        + ".",
        data=pd.DataFrame(
            {
                "Nr.": range(1, len(places) + 1),
                "Region": places["name"],
                **{word: [counts[name][word] for name in places["name"]] for word in _PARTS},
            }
        ),
        level="Modellregionen",
        attributions=coverage_producers(lab),
        as_of=lab.as_of,
        is_computed=True,
        draw=partial(_draw, places, counts),
    )


# ------------------------------------------------------------------------------- drawing


def _draw(places: pd.DataFrame, counts: Counts, attribution: str) -> theme.Picture:
    view = projection(places["longitude"], places["latitude"])
    markers = markers_of(places.assign(state=""), view)
    low = min(marker.y for marker in markers) - _MARGIN
    high = max(marker.y for marker in markers) + _MARGIN
    per_inch = (WIDTH + 2 * _MARGIN) / (theme.WIDTH - 2 * _SIDE)
    lines = math.ceil(len(markers) / _COLUMNS)
    with theme.house_style():
        drawing = theme.Drawing(
            (high - low) / per_inch, attribution, left=_SIDE, right=_SIDE, top=_HEAD,
            bottom=_LINE * lines + 0.2,
        )  # fmt: skip
        axes = drawing.axes()
        axes.set_aspect("equal")
        for marker in markers:
            _ring(axes, marker, counts[marker.name])
        _scale(axes, view.scale_bar, high)
        axes.set_xlim(-_MARGIN, WIDTH + _MARGIN)
        axes.set_ylim(high, low)
        axes.set_axis_off()
        _names(drawing, markers, counts, lines)
        _key(drawing, axes)
        return drawing.picture()


def _ring(axes: Axes, marker: MapMarker, parts: Mapping[str, int]) -> None:
    axes.plot(
        [marker.home_x, marker.x], [marker.home_y, marker.y], color=theme.MUTED, lw=0.8, zorder=0
    )
    total = sum(parts.values())
    begin = -90.0  # the vertical axis points down, so angles run clockwise from above
    for word, colour in _PARTS.items():
        end = begin + 360.0 * parts[word] / total
        axes.add_patch(
            Wedge((marker.x, marker.y), _RADIUS, begin, end, width=_RING, facecolor=colour,
                  edgecolor=theme.INK, linewidth=0.5)
        )  # fmt: skip
        begin = end
    axes.add_patch(
        Wedge((marker.x, marker.y), _RADIUS - _RING, 0, 360, facecolor="white", linewidth=0)
    )
    axes.annotate(
        str(marker.number), (marker.x, marker.y), ha="center", va="center_baseline", fontsize=9,
        color=theme.INK, fontweight="bold",
    )  # fmt: skip


def _scale(axes: Axes, bar: tuple[int, float], y: float) -> None:
    km, length = bar
    axes.plot([0, length], [y - 4, y - 4], color=theme.MUTED, lw=1.4, solid_capstyle="butt")
    axes.annotate(
        f"{german.number(km)} km", (length, y - 4), xytext=(4, 0), textcoords="offset points",
        va="center", fontsize=7.6, color=theme.MUTED,
    )  # fmt: skip


def _names(
    drawing: theme.Drawing, markers: Sequence[MapMarker], counts: Counts, lines: int
) -> None:
    """The list of names below the map, in columns, each with its count of own numbers."""
    top = _HEAD + drawing.plot_height + 0.16
    for position, marker in enumerate(markers):
        column, line = divmod(position, lines)
        parts = counts[marker.name]
        drawing.canvas.text(
            0.03 + column / _COLUMNS,
            1 - (top + _LINE * line) / drawing.height,
            f"{marker.number}  {charts.shortened(marker.name)}: "
            f"{german.number(parts[coverage.OWN])} von {german.number(sum(parts.values()))}",
            fontsize=_SMALL, va="center",
        )  # fmt: skip


def _key(drawing: theme.Drawing, axes: Axes) -> None:
    handles = [
        axes.plot([], [], "s", color=colour, markersize=8, markeredgecolor=theme.INK,
                  markeredgewidth=0.5, label=word)[0]
        for word, colour in _PARTS.items()
    ]  # fmt: skip
    drawing.canvas.legend(
        handles=handles, loc="upper center", ncols=len(handles), frameon=False, fontsize=_SMALL,
        bbox_to_anchor=(0.5, 1 - 0.02 / drawing.height), columnspacing=1.4, handletextpad=0.3,
    )  # fmt: skip
