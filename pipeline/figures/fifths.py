"""One position on a scale of fifths, as five boxes in a row."""

from __future__ import annotations

from matplotlib.patches import Rectangle

from pipeline.figures import theme
from pipeline.figures.theme import Drawing, Picture

#: Room between two boxes, as a share of a box.
_GAP = 0.04


def fifths(position: int, label: str, ends: tuple[str, str], attribution: str) -> Picture:
    """Five boxes, the one at `position` (1 to 5) filled and labelled.

    Parameters
    ----------
    label : whose position it is.
    ends : what the first and the last box mean.
    """
    with theme.house_style():
        drawing = Drawing(0.62, attribution, left=0.2, bottom=0.32, top=0.34)
        axes = drawing.axes()
        for number in range(1, 6):
            is_own = number == position
            axes.add_patch(
                Rectangle(
                    (number - 0.5 + _GAP / 2, 0), 1 - _GAP, 1,
                    facecolor=theme.SUBJECT if is_own else "white",
                    edgecolor=theme.SUBJECT if is_own else theme.OTHERS, linewidth=1.2,
                )
            )  # fmt: skip
            axes.annotate(
                f"{number}.", (number, 0.5), ha="center", va="center", fontsize=11,
                fontweight="bold" if is_own else "normal",
                color="white" if is_own else theme.MUTED,
            )  # fmt: skip
        axes.annotate(
            label, (position, 1.14), ha="center", va="bottom", fontsize=9.5, fontweight="bold",
            color=theme.INK, annotation_clip=False,
        )  # fmt: skip
        for text, x, side in ((ends[0], 0.52, "left"), (ends[1], 5.48, "right")):
            axes.annotate(
                text, (x, -0.16), ha=side, va="top", fontsize=8.2, color=theme.MUTED,
                annotation_clip=False,
            )  # fmt: skip
        axes.set_xlim(0.4, 5.6)
        axes.set_ylim(0, 1)
        axes.set_axis_off()
        return drawing.picture()
