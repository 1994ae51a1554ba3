"""How long a chart takes, against the defaults of seaborn and matplotlib with tight boxes.

Both sides draw the same bars with labels, a reference line and a source line, and write the same
two files (SVG and PNG of one resolution), one after another in one process.
"""

from __future__ import annotations

import base64
import io
import statistics
import textwrap
import time
from collections.abc import Callable

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

from pipeline.figures import charts, theme

ROWS = [
    charts.Bar(f"Kreis Nummer {i}", 50.0 + 2.3 * i, f"{50 + 2.3 * i:.1f}", is_subject=i == 3)
    for i in range(9)
]
SOURCE = "Kassenärztliche Bundesvereinigung, Gesundheitsdaten 2023; Datenstand 31.12.2025"
REPEATS = 15


def ours() -> int:
    """A chart of the workspace; returns the size of what it wrote."""
    picture = charts.bars(ROWS, SOURCE, reference=ROWS[4])
    return len(picture.svg) + len(picture.png)


def defaults() -> int:
    """The same chart as one would write it with seaborn and `bbox_inches="tight"`."""
    sns.set_theme(style="white")
    figure, axes = plt.subplots(figsize=(theme.WIDTH, 3.3))
    frame = pd.DataFrame({"name": [r.label for r in ROWS], "value": [r.value for r in ROWS]})
    palette = [row.colour for row in ROWS]
    sns.barplot(
        frame, x="value", y="name", hue="name", palette=palette, legend=False, ax=axes, width=0.62
    )
    axes.axvline(ROWS[4].value, linestyle="--", color=theme.INK)
    axes.annotate(f"{ROWS[4].label}: {ROWS[4].printed}", (ROWS[4].value, -0.6))
    for position, row in enumerate(ROWS):
        axes.annotate(row.printed, (0, position), va="center")
    axes.set(xlabel="", ylabel="", xticks=[])
    sns.despine(ax=axes, bottom=True)
    figure.text(0, -0.05, "\n".join(textwrap.wrap(f"Quelle: {SOURCE}", 134)), fontsize=6.8)
    svg, png = io.StringIO(), io.BytesIO()
    figure.savefig(svg, format="svg", bbox_inches="tight")
    figure.savefig(png, format="png", dpi=theme.PNG_DPI, bbox_inches="tight")
    plt.close(figure)
    return len(svg.getvalue()) + len(base64.b64encode(png.getvalue()))


def _seconds(draw: Callable[[], int]) -> float:
    started = time.perf_counter()
    draw()
    return time.perf_counter() - started


def run() -> dict[str, float]:
    """Median seconds of both, side by side; returns their ratio."""
    for draw in (ours, defaults):
        draw()  # fonts and caches
    pairs = [(_seconds(ours), _seconds(defaults)) for _ in range(REPEATS)]
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"one chart as SVG and PNG: ours {mine * 1000:.0f} ms, defaults {theirs * 1000:.0f} ms")
    return {"vs_defaults": round(mine / theirs, 3)}


if __name__ == "__main__":
    print(run())
