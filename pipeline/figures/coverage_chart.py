"""Drawing of the coverage matrix: what is known where, and at which level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from pipeline.figures import theme
from pipeline.figures.charts import shortened
from pipeline.figures.theme import Drawing, Picture

#: Inches that the slanted names over the columns take.
_HEAD = 1.2
_SMALL = 8.2


def matrix(
    cells: pd.DataFrame, legend: Sequence[tuple[str, str, str]], attribution: str
) -> Picture:
    """A matrix of words as symbols; the symbol alone tells the words apart.

    Parameters
    ----------
    cells : index regions, columns indicators, cells words of `legend`.
    legend : word, symbol (marker, hollow with the prefix ``open-``), colour.
    """
    styles = {word: (marker, colour) for word, marker, colour in legend}
    regions = [shortened(str(name)) for name in cells.index]
    names = [str(name) for name in cells.columns]
    with theme.house_style():
        left = theme.widest(regions, _SMALL) + 0.15
        drawing = Drawing(
            0.28 * len(regions), attribution, left=left, right=0.75, top=_HEAD, bottom=0.35
        )
        axes = drawing.axes()
        for y, (_, row) in enumerate(cells.iterrows()):
            for x, word in enumerate(row):
                _symbol(axes, x, y, *styles[str(word)])
        axes.set_xticks(
            range(len(names)), names, fontsize=_SMALL, rotation=52, ha="left",
            rotation_mode="anchor",
        )  # fmt: skip
        axes.set_yticks(range(len(regions)), regions, fontsize=_SMALL)
        axes.xaxis.tick_top()
        axes.set_xlim(-0.6, len(names) - 0.4)
        axes.set_ylim(len(regions) - 0.4, -0.6)
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
        axes.tick_params(length=0)
        handles = [_symbol(axes, [], [], *styles[word], label=word) for word, *_ in legend]
        drawing.canvas.legend(
            handles=handles, loc="lower center", ncols=len(legend), frameon=False, fontsize=_SMALL,
            bbox_to_anchor=(0.5, 1 - (_HEAD + 0.28 * len(regions) + 0.33) / drawing.height),
            columnspacing=1.4, handletextpad=0.3,
        )  # fmt: skip
        return drawing.picture()


def _symbol(axes: Axes, x: Any, y: Any, marker: str, colour: str, label: str = "") -> Any:
    return axes.plot(
        x, y, marker.removeprefix("open-"), color=colour, markersize=8.5, markeredgewidth=1.5,
        markerfacecolor="white" if marker.startswith("open-") else colour, label=label or None,
    )[0]  # fmt: skip
