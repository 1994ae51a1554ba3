"""The two pictures of an evaluation: the intervention logic, and what was planned and done when."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, Patch

from pipeline.errors import NoDataError
from pipeline.figures import german, theme
from pipeline.figures.charts import rows_of
from pipeline.figures.contract import Figure
from pipeline.figures.evaluation import Context
from pipeline.figures.theme import Drawing, Picture

#: Characters of a line inside a box of the logic, and height of a line in inches.
_BOX_CHARACTERS = 17
_LINE = 0.135
_SMALL = 8.0
#: Standing of a step → colour and line; each can be told without colour, too.
_STYLES: Mapping[str, tuple[str, Any]] = {
    "belegt": (theme.BLUE, "-"),
    "belegt, andere Erklärung offen": (theme.GREEN, (0, (6, 1.5))),
    "strittig": (theme.YELLOW, "-."),
    "widersprochen": (theme.ORANGE, (0, (1, 1))),
    "ohne Beleg": (theme.MUTED, (0, (2, 2.5))),
}


def logic_model(context: Context, elements: pd.DataFrame, steps: pd.DataFrame) -> Figure:
    """The intervention logic: boxes by stage, arrows by how well each step stands.

    Parameters
    ----------
    elements : `key`, `stage` (German word), `text`, in the order in which they are drawn.
    steps : `before`, `after` (texts), `because`, `standing` (German word).
    """
    if elements.empty or steps.empty:
        raise NoDataError("eine Wirkungslogik ist nicht eingetragen")
    stages = list(dict.fromkeys(elements["stage"]))
    proved = int(steps["standing"].str.startswith("belegt").sum())
    return Figure(
        id="logic-model",
        title="Von den Mitteln zur Wirkung",
        caption="Von den Mitteln links zur Wirkung rechts. Eine durchgezogene Linie ist belegt; "
        "je lückenhafter die Linie, desto schwächer der Beleg.",
        alt=f"Schaubild mit {len(elements)} Kästen in den Stufen "
        f"{german.enumeration(stages)} und {len(steps)} Pfeilen. "
        f"{proved} von {len(steps)} Schritten {german.plural(proved, 'hat|haben')} einen Beleg.",
        data=steps.loc[:, ["before", "after", "because", "standing"]].rename(
            columns={"before": "Von", "after": "Zu", "because": "Annahme", "standing": "Stand"}
        ),
        level=context.level,
        attributions=context.attributions,
        as_of=context.as_of,
        is_computed=True,
        draw=partial(_draw_logic, elements, steps, stages),
    )


def _draw_logic(
    elements: pd.DataFrame, steps: pd.DataFrame, stages: Sequence[str], attribution: str
) -> Picture:
    texts = {
        key: textwrap.wrap(str(text), _BOX_CHARACTERS, break_long_words=True)
        for key, text in zip(elements["key"], elements["text"], strict=True)
    }
    columns = {s: list(elements.loc[elements["stage"].eq(s), "key"]) for s in stages}
    heights = {key: _LINE * len(lines) + 0.16 for key, lines in texts.items()}
    tallest = max(sum(heights[key] + 0.22 for key in keys) for keys in columns.values())
    with theme.house_style():
        drawing = Drawing(tallest + 0.35, attribution, left=0.1, right=0.1, bottom=0.4, top=0.1)
        axes = drawing.axes()
        width, height = theme.WIDTH - 0.2, tallest + 0.35
        axes.set_xlim(0, width)
        axes.set_ylim(0, height)
        axes.set_axis_off()
        box = (width - 0.33 * (len(stages) - 1)) / len(stages)
        places = {}
        for number, stage in enumerate(stages):
            left = number * (box + 0.33)
            axes.text(left, height - 0.02, stage, fontsize=9, fontweight="bold", va="top")
            spare = tallest - sum(heights[key] for key in columns[stage])
            gap = spare / (len(columns[stage]) + 1)
            top = tallest - gap
            for key in columns[stage]:
                places[str(key)] = (left, top - heights[key] / 2)
                _box(axes, left, top, box, heights[key], texts[key])
                top -= heights[key] + gap
        by_text = dict(zip(elements["text"], elements["key"], strict=True))
        for row in rows_of(steps):
            start, end = places[by_text[row.before]], places[by_text[row.after]]
            colour, dashes = _STYLES[row.standing]
            axes.annotate(
                "", (end[0] - 0.01, end[1]), (start[0] + box + 0.01, start[1]),
                arrowprops={"arrowstyle": "-|>", "color": colour, "linestyle": dashes,
                            "linewidth": 1.5, "shrinkA": 0, "shrinkB": 0},
            )  # fmt: skip
        used = [word for word in _STYLES if word in set(steps["standing"])]
        handles = [
            Line2D([], [], color=_STYLES[word][0], linestyle=_STYLES[word][1], label=word)
            for word in used
        ]
        axes.legend(
            handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=len(used),
            frameon=False, fontsize=_SMALL, handlelength=3.4,
        )  # fmt: skip
        return drawing.picture()


def _box(
    axes: Axes, left: float, top: float, width: float, height: float, lines: list[str]
) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (left, top - height), width, height, boxstyle="round,pad=0,rounding_size=0.05",
            facecolor="#f4f6f8", edgecolor=theme.MUTED, linewidth=0.8,
        )
    )  # fmt: skip
    axes.text(
        left + width / 2, top - height / 2, "\n".join(lines), fontsize=7.6, ha="center",
        va="center", color=theme.INK, linespacing=1.15,
    )  # fmt: skip


def timeline(
    context: Context, spans: pd.DataFrame, period: tuple[float, float] | None, today: float
) -> Figure:
    """What was planned and what was done when.

    Parameters
    ----------
    spans : `label`, `what` ("geplant" or "tatsächlich"), `start`, `end` (decimal years), `shown`
        (the dates as text); one row a span, in the order of the lanes.
    period : start and end of the project, as far as known.
    today : decimal year of the day up to which was looked.
    """
    if spans.empty:
        raise NoDataError("keine Termine sind belegt")
    labels = list(dict.fromkeys(spans["label"]))
    first, last = int(spans["start"].min()), int(spans["end"].max())
    years = str(first) if first == last else f"{first} bis {last}"
    n_dated = int(spans["what"].eq("tatsächlich").sum())
    return Figure(
        id="timeline",
        title="Was wann geplant war und geschah",
        caption="Helle Balken sind geplant, dunkle belegt. Wo eine Quelle nur Monat oder Jahr "
        "nennt, reicht der Balken über diese ganze Zeit."
        + (" Grau hinterlegt ist die Laufzeit." if period else ""),
        alt=f"Zeitleiste mit {german.counted(len(labels), 'einer Zeile|Zeilen|keiner Zeile')}, "
        f"{years}. Belegt: {german.counted(n_dated, 'ein Termin|Termine')}.",
        data=spans.loc[:, ["label", "what", "shown"]].rename(
            columns={"label": "Aktivität", "what": "Art", "shown": "Zeit"}
        ),
        level=context.level,
        attributions=context.attributions,
        as_of=context.as_of,
        draw=partial(_draw_timeline, spans, labels, period, today),
    )


def _draw_timeline(
    spans: pd.DataFrame,
    labels: Sequence[str],
    period: tuple[float, float] | None,
    today: float,
    attribution: str,
) -> Picture:
    styles = {"geplant": (theme.SKY, 0.55, 0.22), "tatsächlich": (theme.BLUE, 1.0, -0.16)}
    shown = [textwrap.fill(label, 34, max_lines=2, placeholder=" …") for label in labels]
    low, high = float(spans["start"].min()), float(spans["end"].max())
    if period:
        low, high = min(low, period[0]), max(high, period[1])
    room = max(0.12 * (high - low), 0.15)
    with theme.house_style():
        left = theme.widest((line for text in shown for line in text.split("\n")), _SMALL) + 0.15
        drawing = Drawing(0.42 * len(labels) + 0.1, attribution, left=left, bottom=0.55)
        axes = drawing.axes()
        if period:
            axes.axvspan(*period, color="#eceff2", zorder=0)
        for row in rows_of(spans):
            colour, alpha, shift = styles[row.what]
            y = labels.index(row.label) - shift * 0.55
            length = max(row.end - row.start, 0.012 * (high - low + 2 * room))
            axes.barh(y, length, left=row.start, height=0.26, color=colour, alpha=alpha)
        if low - room < today < high + room:
            axes.axvline(today, color=theme.INK, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.set_yticks(range(len(labels)), shown, fontsize=_SMALL)
        for tick in axes.get_yticklabels():
            tick.set_color(theme.INK)
        axes.set_ylim(len(labels) - 0.4, -0.6)
        axes.set_xlim(low - room, high + room)
        years = range(int(low - room) + 1, int(high + room) + 1)
        axes.set_xticks(list(years), [str(year) for year in years])
        axes.grid(axis="x")
        handles: list[Any] = [
            Patch(color=colour, alpha=alpha, label=word)
            for word, (colour, alpha, _) in styles.items()
        ]
        axes.legend(
            handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.28 / drawing.plot_height),
            ncols=2, frameon=False, fontsize=_SMALL,
        )  # fmt: skip
        return drawing.picture()
