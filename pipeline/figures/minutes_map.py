"""Map of the minutes over the roads of a fetched extract: one panel a kind of place."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.patches import Rectangle

from pipeline.errors import NoDataError, TableError
from pipeline.figures import charts, german, theme
from pipeline.figures.contract import Figure
from pipeline.figures.reach import EDGE_NOTE, NO_EXTRACT, TARGET_NAMES, UNTAGGED_NOTE, extract_words
from pipeline.keys import area_key
from pipeline.methods.access import EDGE_EFFECT
from pipeline.methods.reach import TARGETS
from pipeline.methods.reach_cells import CELL, CLASSES, cells_by_class, class_of
from pipeline.regions import short_name
from pipeline.tables.workspace import Workspace

#: A cell whose minutes are an upper bound is drawn smaller: size by size of a full one.
_BOUND_SIZE = 0.5
_FULL_SIZE = 0.94
_SMALL = 7.8
#: Inches over the panels for their titles, and below them for the legend.
_HEAD, _FOOT = 0.28, 0.62
#: How a site and what is unknown are drawn.
_DOT: Mapping[str, Any] = {
    "marker": "o", "linestyle": "none", "markersize": 4.5, "markerfacecolor": theme.ORANGE,
    "markeredgecolor": "white", "markeredgewidth": 0.7, "zorder": 5,
}  # fmt: skip
_CROSS: Mapping[str, Any] = {
    "marker": "x", "linestyle": "none", "color": theme.MUTED, "markersize": 5,
    "markeredgewidth": 1.0,
}  # fmt: skip
#: Degrees around the outermost cells, and the flattest and tallest panel (height by width).
_MARGIN = 0.012
_SHAPES = (0.7, 1.6)


def minutes_map(lab: Workspace) -> Figure:
    """Where in the region it is how far to the nearest practice, pharmacy and hospital.

    Raises
    ------
    NoDataError : no extract has been fetched, it holds no residential street of the region, or no
        borders say which street lies where.
    """
    areas = list(lab.region.areas)
    try:
        cells = lab.derived("reach_cells", areas)
    except TableError as error:
        raise NoDataError(NO_EXTRACT) from error
    if cells.empty:
        raise NoDataError(
            "der Auszug aus OpenStreetMap enthält keine Wohnstraßen dieser Region, oder die "
            "Gemeindegrenzen (VG250) fehlen"
        )
    kinds = {kind for words in TARGETS.values() for kind in words}
    sites = lab.table("facilities")
    sites = sites.loc[sites["kind"].isin(kinds) & sites["longitude"].notna()]
    names = german.enumeration([lab.name_of(key) for key in areas])
    counts = cells_by_class(cells, areas)
    labels = class_labels()
    has_bounds = EDGE_EFFECT in set(cells["flag"])
    return Figure(
        id="minutes-map",
        title="Wie weit es aus welchem Ortsteil ist",
        caption=f"{names}: Autominuten zum nächsten Standort, gerechnet über das Straßennetz "
        f"({extract_words(lab, sites)}). Jedes Feld ist etwa einen Kilometer breit und liegt an "
        "Wohnstraßen; je dunkler, desto weiter. "
        + ("Kleine Felder: höchstens so weit. " if has_bounds else "")
        + "Punkte: Standorte. Die Klassen sind unsere Wahl. Wie viele Menschen in einem Feld "
        "wohnen, ist nicht bekannt.",
        alt=_alt(lab, counts, labels),
        data=_data(lab, counts, labels),
        level=names,
        attributions=lab.attributions(sorted(set(sites["source_id"]))),
        as_of=lab.as_of,
        is_computed=True,
        notes=[UNTAGGED_NOTE, *([EDGE_NOTE] if has_bounds else [])],
        draw=partial(_draw, cells, sites, _centres(lab, cells), labels, has_bounds),
    )


def class_labels() -> list[str]:
    """The classes of `CLASSES` in words: "bis 5", "über 5 bis 10" … "über 30"."""
    bounds = [german.number(bound) for bound in CLASSES]
    between = [f"über {low} bis {high}" for low, high in pairwise(bounds)]
    return [f"bis {bounds[0]}", *between, f"über {bounds[-1]}"]


def _centres(lab: Workspace, cells: pd.DataFrame) -> pd.DataFrame:
    """Official points of the region's municipalities with their names; `has_cells`."""
    places = lab.table("municipalities")
    places = places.loc[places["ags"].isin(lab.region.members) & places["longitude"].notna()]
    return places.assign(
        label=places["name"].map(short_name),
        has_cells=places["ags"].map(area_key).isin(cells["ref_area"]),
    )[["longitude", "latitude", "label", "has_cells"]]


def _data(lab: Workspace, counts: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    columns = {
        f"{label} Minuten": [german.number(n) for n in counts[number]]
        for number, label in enumerate(labels)
    }
    return pd.DataFrame(
        {
            "Gemeinde": [lab.name_of(key) for key in counts["ref_area"]],
            "Ziel": counts["kind"].map(TARGET_NAMES).to_numpy(),
            **columns,
            german.NO_DATA: [
                german.number(row.unknown) if row.n else "ganze Gemeinde"
                for row in charts.rows_of(counts)
            ],
            "Felder": [german.number(n) for n in counts["n"]],
        }
    )


def _alt(lab: Workspace, counts: pd.DataFrame, labels: Sequence[str]) -> str:
    """Of each kind the class with most cells and the farthest one, over the whole region."""
    numbers = [*range(len(labels))]
    total = counts.groupby("kind", sort=False)[[*numbers, "n"]].sum()
    sentences = [
        f"Drei Karten mit Feldern in {german.words(len(labels))} Klassen und „keine Daten“."
    ]
    for kind, row in total.iterrows():
        known = [number for number in numbers if row[number]]
        if not known:
            sentences.append(f"{TARGET_NAMES[str(kind)]}: {german.NO_DATA}.")
            continue
        most = max(known, key=lambda number: row[number])
        sentences.append(
            f"{TARGET_NAMES[str(kind)]}: {german.number(row[most])} von {german.number(row['n'])} "
            f"Feldern {labels[most]} Minuten, am weitesten {labels[known[-1]]} Minuten."
        )
    return " ".join(sentences)


# ------------------------------------------------------------------------------- drawing


def _draw(
    cells: pd.DataFrame,
    sites: pd.DataFrame,
    centres: pd.DataFrame,
    labels: Sequence[str],
    has_bounds: bool,
    attribution: str,
) -> theme.Picture:
    points = pd.concat([cells[["longitude", "latitude"]], centres[["longitude", "latitude"]]])
    west, east = points["longitude"].min() - _MARGIN, points["longitude"].max() + _MARGIN
    south, north = points["latitude"].min() - _MARGIN, points["latitude"].max() + _MARGIN
    stretch = 1 / math.cos(math.radians((south + north) / 2))
    shape = min(max((north - south) * stretch / (east - west), _SHAPES[0]), _SHAPES[1])
    gap, side = 0.06, 0.1
    panel = (theme.WIDTH - 2 * side) / (3 + 2 * gap)
    with theme.house_style():
        drawing = theme.Drawing(
            panel * shape, attribution, left=side, right=side, bottom=_FOOT, top=_HEAD
        )
        for axes, kind in zip(drawing.row(3, gap=gap), TARGETS, strict=True):
            axes.set_title(TARGET_NAMES[kind], fontsize=9.5, fontweight="bold", color=theme.INK)
            axes.set_aspect(stretch)
            _cells(axes, cells.loc[cells["kind"].eq(kind)], len(labels))
            _crosses(axes, centres.loc[~centres["has_cells"]])
            _dots(axes, sites.loc[sites["kind"].isin(TARGETS[kind])], (west, east, south, north))
            _names(axes, centres)
            axes.set_xlim(west, east)
            axes.set_ylim(south, north)
            axes.set_axis_off()
        _key(drawing, labels, has_bounds)
        return drawing.picture()


def _cells(axes: Axes, cells: pd.DataFrame, steps: int) -> None:
    """Squares in the colour of their class; what is unknown gets a cross."""
    squares: list[Rectangle] = []
    colours: list[Any] = []
    for row in charts.rows_of(cells):
        number = class_of(row.minutes)
        if number is None:
            continue
        size = _BOUND_SIZE if row.flag == EDGE_EFFECT else _FULL_SIZE
        width, height = CELL[0] * size, CELL[1] * size
        corner = (row.longitude - width / 2, row.latitude - height / 2)
        squares.append(Rectangle(corner, width, height))
        colours.append(theme.sequential(number, steps))
    axes.add_collection(PatchCollection(squares, facecolors=colours, linewidths=0))
    _crosses(axes, cells.loc[cells["minutes"].isna()])


def _crosses(axes: Axes, unknown: pd.DataFrame) -> None:
    axes.plot(unknown["longitude"], unknown["latitude"], **{**_CROSS, "markersize": 4})


def _dots(axes: Axes, sites: pd.DataFrame, view: tuple[float, float, float, float]) -> None:
    west, east, south, north = view
    here = sites.loc[
        sites["longitude"].between(west, east) & sites["latitude"].between(south, north)
    ]
    axes.plot(here["longitude"], here["latitude"], **_DOT)


def _names(axes: Axes, centres: pd.DataFrame) -> None:
    for row in charts.rows_of(centres):
        axes.annotate(
            row.label, (row.longitude, row.latitude), xytext=(0, 8), textcoords="offset points",
            ha="center", va="bottom", fontsize=7.4, color=theme.INK, fontweight="bold",
            bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 0.8},
        )  # fmt: skip


def _key(drawing: theme.Drawing, labels: Sequence[str], has_bounds: bool) -> None:
    """The legend below the panels: the classes, and below them what the other signs say."""
    square: dict[str, Any] = {"marker": "s", "linestyle": "none", "markeredgewidth": 0}
    classes = [
        {**square, "color": theme.sequential(n, len(labels)), "markersize": 8,
         "label": label if n else f"{label} Minuten"}
        for n, label in enumerate(labels)
    ]  # fmt: skip
    middle = theme.sequential(len(labels) // 2, len(labels))
    bound = {**square, "color": middle, "markersize": 4.5, "label": "höchstens so weit"}
    signs = [
        *([bound] if has_bounds else []),
        {**_CROSS, "label": german.NO_DATA},
        {**_DOT, "label": "Standort"},
    ]
    axes = drawing.canvas.axes[0]
    for line, entries in enumerate((classes, signs)):
        below = _HEAD + drawing.plot_height + 0.06 + 0.22 * line
        drawing.canvas.legend(
            handles=[axes.plot([], [], **entry)[0] for entry in entries],
            loc="upper center", ncols=len(entries), frameon=False, fontsize=_SMALL,
            bbox_to_anchor=(0.5, 1 - below / drawing.height), columnspacing=1.4, handletextpad=0.1,
        )  # fmt: skip
