"""The picture of an actor network whose labels never cover each other.

The lead stands on top, the others in two columns below it, each in a row of its own: the drawing
makes room for the labels instead of searching for it, and no line runs through one. Small networks
only; a large one is better read as a table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes

from pipeline.errors import NoDataError
from pipeline.figures import charts, german, theme
from pipeline.figures.contract import Figure

#: Actors that the picture shows at most; the table has them all.
MOST = 40
_LABEL_LINES = 3
_LINE = 0.155  # inches
_GAP = 0.16  # inches between rows
_COLUMN = 2.4  # inches that a column of labels takes
_ROOM = _COLUMN - 0.13  # inches for the words, beside the gap to the dot
_TOP_ROOM = 4.0  # inches for the words of the lead
_SIZE = 8.6
_CUT = " …"
_LONGEST = 80  # characters; no line of this width holds more


@dataclass(frozen=True)
class _Node:
    key: str
    lines: tuple[str, ...]
    sector: str
    x: float
    y: float
    side: str  # left, right or top


def network_figure(
    nodes: pd.DataFrame, ties: pd.DataFrame, *, title: str, level: str, attributions: Sequence[str]
) -> Figure:
    """Who takes part and what is known of the ties.

    Parameters
    ----------
    nodes : `id`, `name`, `sector`, `role`, `is_lead`.
    ties : `one`, `other` (ids), `kind`, `is_planned` (drawn dashed).

    Raises
    ------
    NoDataError : no actor at all.
    """
    if nodes.empty:
        raise NoDataError("In der Akte ist keine beteiligte Stelle eingetragen")
    names = dict(zip(nodes["id"], nodes["name"], strict=True))
    lead = nodes.loc[nodes["is_lead"], "name"].tolist()
    first = f"{lead[0]} steht oben. " if lead else ""
    return Figure(
        id="network",
        title=title,
        caption=f"{first}Jede Linie ist eine Rolle oder Zusammenarbeit, die eine Quelle nennt; "
        "gestrichelt, was nur geplant oder erwartet war. "
        "Wo keine Linie steht, ist nichts veröffentlicht; es heißt nicht, dass es keine gibt.",
        data=pd.DataFrame(
            [(names[t.one], names[t.other], t.kind) for t in charts.rows_of(ties)]
            or [(name, "–", "keine Verbindung genannt") for name in nodes["name"]],
            columns=["Stelle", "verbunden mit", "als"],
        ),
        level=level,
        attributions=list(attributions),
        alt=_alt(len(nodes), len(ties)),
        notes=[f"Gezeigt sind die ersten {MOST} Stellen; die Tabelle nennt alle."]
        if len(nodes) > MOST
        else [],
        draw=lambda attribution: _draw(nodes.head(MOST), ties, attribution),
    )


def _alt(n_nodes: int, n_ties: int) -> str:
    nodes = german.counted(n_nodes, "einer Stelle|Stellen")
    ties = german.counted(
        n_ties,
        "einer Verbindung|Verbindungen|keiner Verbindung",
    )
    return f"Netz mit {nodes} und {ties}; die Tabelle darunter nennt jede."


def _draw(nodes: pd.DataFrame, ties: pd.DataFrame, attribution: str) -> theme.Picture:
    placed, height = layout(nodes)
    by_key = {node.key: node for node in placed}
    with theme.house_style():
        drawing = theme.Drawing(height, attribution, left=0.1, right=0.1, bottom=0.05, top=0.1)
        axes = drawing.axes()
        for tie in charts.rows_of(ties):
            if tie.one in by_key and tie.other in by_key:
                one, other = by_key[tie.one], by_key[tie.other]
                axes.plot(
                    [one.x, other.x], [one.y, other.y], color=theme.OTHERS, lw=1.3, zorder=1,
                    linestyle="--" if tie.is_planned else "-",
                )  # fmt: skip
        for node in placed:
            _draw_node(axes, node)
        axes.set_xlim(0, theme.WIDTH - 0.2)
        axes.set_ylim(0, height)
        axes.set_axis_off()
        return drawing.picture()


def _draw_node(axes: Axes, node: _Node) -> None:
    is_top = node.side == "top"
    axes.plot(
        node.x, node.y, "o", markersize=13 if is_top else 8, zorder=2,
        color=theme.ORANGE if is_top else theme.BLUE, markeredgecolor="white",
    )  # fmt: skip
    align = {"left": "right", "right": "left", "top": "center"}[node.side]
    shift = {"left": (-8.0, 0.0), "right": (8.0, 0.0), "top": (0.0, 10.0)}[node.side]
    axes.annotate(
        "\n".join(node.lines), (node.x, node.y), xytext=shift, textcoords="offset points",
        ha=align, va="bottom" if is_top else "center", fontsize=_SIZE, color=theme.INK,
        fontweight="bold" if is_top else "normal", linespacing=1.15, zorder=3,
    )  # fmt: skip


def layout(nodes: pd.DataFrame) -> tuple[list[_Node], float]:
    """Where each node and its label go: places in inches from the lower left, and the height.

    Each row is as high as its label, so labels cannot overlap; columns are filled in the order of
    sectors, so that what belongs together stands together.
    """
    width = theme.WIDTH - 0.2
    lead = nodes.loc[nodes["is_lead"]].head(1)
    others = nodes.drop(lead.index).sort_values(["sector", "name"], kind="stable")
    half = (len(others) + 1) // 2
    columns = {"left": others.iloc[:half], "right": others.iloc[half:]}
    height = max(_column_height(rows) for rows in columns.values())
    placed = [node for side, rows in columns.items() for node in _column(rows, side, height, width)]
    if lead.empty:
        return placed, max(height, 1.0)
    row = lead.iloc[0]
    lines = label_lines(row["name"], row["sector"], _TOP_ROOM, is_bold=True)
    top = height + _LINE
    placed.append(_Node(str(row["id"]), lines, str(row["sector"]), width / 2, top, "top"))
    return placed, top + len(lines) * _LINE + 2 * _GAP


def _column(rows: pd.DataFrame, side: str, height: float, width: float) -> list[_Node]:
    x = _COLUMN if side == "left" else width - _COLUMN
    top = height - (height - _column_height(rows)) / 2
    placed = []
    for row in charts.rows_of(rows):
        lines = label_lines(row.name, row.sector)
        room = _row_height(lines)
        placed.append(_Node(str(row.id), lines, str(row.sector), x, top - room / 2, side))
        top -= room
    return placed


def _column_height(rows: pd.DataFrame) -> float:
    return sum(_row_height(label_lines(row.name, row.sector)) for row in charts.rows_of(rows))


def _row_height(lines: Sequence[str]) -> float:
    return len(lines) * _LINE + _GAP


def label_lines(
    name: str, sector: str, room: float = _ROOM, *, is_bold: bool = False
) -> tuple[str, ...]:
    """A name in a few short lines, its sector in brackets below; what is too long is cut.

    Parameters
    ----------
    room : inches that a line may take, in the font of the drawing.
    """

    def is_fitting(text: str) -> bool:
        return theme.text_width(text, _SIZE, is_bold=is_bold) <= room

    lines = _wrapped(str(name).split(), is_fitting) or ["ohne Namen"]
    if len(lines) > _LABEL_LINES:
        lines = [*lines[: _LABEL_LINES - 1], _cut(lines[_LABEL_LINES - 1] + _CUT, is_fitting)]
    shown = [_cut(line, is_fitting) for line in lines]
    return (*shown, f"({_cut(str(sector), is_fitting)})") if sector else tuple(shown)


def _wrapped(words: Sequence[str], is_fitting: Callable[[str], bool]) -> list[str]:
    """The words in lines that fit; a word that is too long has a line of its own."""
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and is_fitting(longer):
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _cut(text: str, is_fitting: Callable[[str], bool]) -> str:
    """The beginning of a text that fits, with a sign that more follows."""
    if is_fitting(text):
        return text
    kept = text.removesuffix(_CUT)[:_LONGEST]
    while kept and not is_fitting(kept + _CUT):
        kept = kept.rpartition(" ")[0] or kept[:-1]
    return kept.rstrip() + _CUT
