"""The position chart: where a municipality stands among similar ones, in quarters.

Only truly municipal values may stand in it. A value of the Kreis or of a planning area, set beside
municipal ones, would look like the municipality's own; so each value carries its territory, its
level and the territories of the rows behind it. `PositionFigure` refuses a foreign one when it is
made, and `verify` reads the same parts in an executed notebook (`foreign_values`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from pipeline.errors import FigureError
from pipeline.figures import german, theme
from pipeline.figures.charts import shortened
from pipeline.figures.contract import Figure
from pipeline.figures.theme import Drawing, Picture
from pipeline.keys import area_key
from pipeline.methods.comparison import MunicipalIndicator, Position
from pipeline.methods.comparison_group import Group
from pipeline.methods.findings import LEVELS, Finding
from pipeline.regions import Place
from pipeline.tables.workspace import Workspace

#: Key of the values in a figure's contract.
POSITIONS = "positions"
#: Levels at which a value is a municipality's own; a region is a group of municipalities.
MUNICIPAL_LEVELS = frozenset({"municipality", "region"})

QUARTER_WORDS: Mapping[int, str] = {
    1: "unterstes Viertel",
    2: "zweites Viertel",
    3: "drittes Viertel",
    4: "oberstes Viertel",
}
_POLARITY_WORDS = {1: "mehr ist günstiger", -1: "weniger ist günstiger", 0: ""}
_ROW = 0.5


@dataclass(frozen=True)
class PositionValue:
    """One value of the chart, with whose it is.

    Attributes
    ----------
    indicator : slug.
    ref_area : key of a municipality, or slug of a group of them.
    name, level : its name, and a word of `findings.LEVELS`.
    members : keys of the municipalities that make up the territory.
    evidence : `ref_area` of every row behind the value.
    value, time_period : the number and its period.
    """

    indicator: str
    ref_area: str
    name: str
    level: str
    members: tuple[str, ...]
    evidence: tuple[str, ...]
    value: float
    time_period: str

    def __post_init__(self) -> None:
        problem = foreign_value(asdict(self))
        if problem is not None:
            raise FigureError(
                "a value that is not municipal stands in a position chart",
                found=problem,
                expected="values of municipalities, or of groups of them, from their own rows",
                remedy="show the value beside the chart, named with its level",
            )


def position_value(indicator: str, finding: Finding, place: Place) -> PositionValue:
    """A finding as a value of the chart.

    Raises
    ------
    FigureError : a value of the Kreis, a planning area or any other level; it says which.
    """
    if finding.value is None:
        raise FigureError("a position chart has no place for a missing value", found=finding.id)
    return PositionValue(
        indicator=indicator,
        ref_area=finding.ref_area,
        name=finding.ref_area_name,
        level=finding.level,
        members=place.areas,
        evidence=tuple(dict.fromkeys(row.key.get("ref_area", "") for row in finding.evidence)),
        value=finding.value,
        time_period=finding.time_period,
    )


def foreign_value(value: Mapping[str, Any]) -> str | None:
    """Why a value is not municipal, with its name and level; None where it is.

    Parameters
    ----------
    value : the fields of a `PositionValue`, perhaps read from a notebook.
    """
    level = str(value.get("level", ""))
    word = LEVELS.get(level, level or "keine Ebene")
    named = f"{value.get('indicator')}: {value.get('name')} ({word})"
    if level not in MUNICIPAL_LEVELS:
        return named
    members = [str(key) for key in value.get("members", ())]
    if not members or (level == "municipality" and members != [value.get("ref_area")]):
        return f"{named}: names no municipality of its own"
    own = {area_key(key) for key in members}
    strange = [str(key) for key in value.get("evidence", ()) if str(key) not in own]
    if strange or not value.get("evidence"):
        return f"{named}: rests on rows of {', '.join(strange) or 'no territory'}"
    return None


def foreign_values(payload: Mapping[str, Any], municipalities: Iterable[str] = ()) -> list[str]:
    """What does not belong into a position chart, in the contract of an executed figure.

    Parameters
    ----------
    payload : the contract as JSON.
    municipalities : AGS of all municipalities of the data; a five-digit key is one only if it is a
        kreisfreie Stadt. Not checked where none are given.
    """
    if POSITIONS not in payload:
        is_position = str(payload.get("id", "")).startswith("position")
        return ["no value names its territory and level"] if is_position else []
    problems = [p for p in map(foreign_value, payload[POSITIONS]) if p is not None]
    known = {area_key(ags) for ags in municipalities}
    if known:
        problems += [
            f"{value['indicator']}: {value['name']} ({key} is no municipality)"
            for value in payload[POSITIONS]
            for key in value.get("members", ())
            if key not in known
        ]
    return list(dict.fromkeys(problems))


@dataclass(frozen=True, kw_only=True)
class PositionFigure(Figure):
    """A position chart; its contract carries every value with its territory and level."""

    values: Sequence[PositionValue]

    def __post_init__(self) -> None:
        self._require(bool(self.values), "values with territory and level")
        super().__post_init__()

    def payload(self) -> dict[str, object]:
        """The contract as JSON, with the values."""
        return {**super().payload(), POSITIONS: [asdict(value) for value in self.values]}


def position_figure(
    lab: Workspace, home: Place, group: Group, positions: Sequence[Position]
) -> PositionFigure:
    """The region among its comparison group, one row an indicator.

    Parameters
    ----------
    positions : as returned by `methods.comparison.positions`.

    Raises
    ------
    FigureError : a value that is not municipal.
    """
    places = {home.ref_area: home, **{place.ref_area: place for place in group.places}}
    values = [
        position_value(position.indicator.id, finding, places[finding.ref_area])
        for position in positions
        for finding in (position.subject, *position.others)
    ]
    known = [finding for p in positions for finding in (p.subject, *p.others)]
    names = german.enumeration([place.name for place in group.places])
    return PositionFigure(
        id="position",
        title=f"Wo {shortened(home.name)} unter ähnlichen Gemeinden "
        + german.plural(len(home.areas), "steht|stehen"),
        caption=f"Jede Zeile ist ein Merkmal, von der niedrigsten Zahl links zur höchsten rechts. "
        f"Blauer Punkt: {home.name}. Graue Punkte: {names}. Das Band umfasst die mittlere Hälfte. "
        "Rechts steht, in welchem Viertel der Wert liegt; das ist kein Rang und keine Note. Nur "
        "eigene Zahlen der Gemeinden, keine des Kreises.",
        alt="Streifen mit Punkten. "
        + " ".join(f"{p.indicator.label}: {_printed(p)}, {_quarter(p)}." for p in positions),
        data=_position_data(positions),
        level=f"{LEVELS[home.level]} {home.name} und {german.number(len(group.places))} ähnliche "
        "Gemeinden",
        as_of=lab.as_of,
        attributions=lab.attributions(
            sorted({row.source_id for finding in known for row in finding.evidence})
        ),
        is_computed=True,
        notes=[group.rule],
        values=values,
        draw=partial(strips, list(positions)),
    )


def printed(indicator: MunicipalIndicator, value: float) -> str:
    """A value as the chart and the tables of the comparison print it; a change has its sign."""
    write = german.signed if indicator.is_change else german.number
    return write(value, indicator.decimals)


def _printed(position: Position) -> str:
    return printed(position.indicator, position.subject.value or 0.0)


def _quarter(position: Position) -> str:
    if position.quartile is None:
        return "zu wenige Werte für Viertel"
    return QUARTER_WORDS[position.quartile]


def period_words(time_period: str) -> str:
    """A period of a comparison in words: "31.12.2015", "31.12.2011 bis 31.12.2015"."""
    return german.interval(time_period)


def _position_data(positions: Sequence[Position]) -> pd.DataFrame:
    def spread(position: Position) -> list[float]:
        return [f.value for f in (position.subject, *position.others) if f.value is not None]

    return pd.DataFrame(
        {
            "Merkmal": [p.indicator.label for p in positions],
            "Stand": [period_words(p.subject.time_period) for p in positions],
            "eigener Wert": [_printed(p) for p in positions],
            "Lage": [_quarter(p) for p in positions],
            "niedrigster Wert": [printed(p.indicator, min(spread(p))) for p in positions],
            "mittlere Hälfte": [
                ""
                if p.band is None
                else " bis ".join(printed(p.indicator, bound) for bound in p.band)
                for p in positions
            ],
            "höchster Wert": [printed(p.indicator, max(spread(p))) for p in positions],
            "Gemeinden mit Wert": [german.number(len(p.others) + 1) for p in positions],
            "Richtung": [
                _POLARITY_WORDS[p.indicator.polarity] or "ohne Wertung" for p in positions
            ],
        }
    )


def strips(positions: Sequence[Position], attribution: str) -> Picture:
    """One strip an indicator: dots of the group, band of the middle half, the region labelled."""
    labels = [_label(position) for position in positions]
    with theme.house_style():
        left = max(theme.widest(part.split("\n"), 8.6, is_bold=True) for part in labels) + 0.2
        right = theme.widest(QUARTER_WORDS.values(), 8.4, is_bold=True) + 0.25
        drawing = Drawing(
            _ROW * len(positions), attribution, left=left, right=right, bottom=0.1, top=0.42
        )
        axes = drawing.axes()
        for y, position in enumerate(positions):
            _strip(axes, y, position)
        axes.set_xlim(-0.09, 1.09)
        axes.set_ylim(len(positions) - 0.5, -0.5)
        axes.set_yticks(range(len(positions)), labels, fontsize=8.6, color=theme.INK)
        axes.set_xticks([])
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
        for x, text, align in (
            (0.0, "niedrigster Wert", "left"), (1.0, "höchster Wert", "right"),
        ):  # fmt: skip
            axes.annotate(
                text, (x, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 8),
                textcoords="offset points", ha=align, fontsize=8.2, color=theme.MUTED,
            )  # fmt: skip
        return drawing.picture()


def _label(position: Position) -> str:
    words = _POLARITY_WORDS[position.indicator.polarity]
    when = period_words(position.subject.time_period).replace("31.12.", "")
    return f"{position.indicator.label}\n{when}{f', {words}' if words else ''}"


def _strip(axes: Axes, y: int, position: Position) -> None:
    values = [f.value for f in (position.subject, *position.others) if f.value is not None]
    low, high = min(values), max(values)

    def at(value: float) -> float:
        return 0.5 if high == low else (value - low) / (high - low)

    axes.plot([0, 1], [y, y], color=theme.LINE, linewidth=1, zorder=1)
    if position.band is not None:
        start, end = (at(bound) for bound in position.band)
        axes.barh(y, end - start, left=start, height=0.36, color="#e8edf2", zorder=2)
    others = [at(f.value) for f in position.others if f.value is not None]
    axes.plot(
        others, [y] * len(others), "o", color=theme.OTHERS, markersize=5.5,
        markeredgecolor=theme.MUTED, markeredgewidth=0.7, zorder=3,
    )  # fmt: skip
    mine = at(position.subject.value or 0.0)
    axes.plot(mine, y, "o", color=theme.SUBJECT, markersize=9.5, zorder=4)
    axes.annotate(
        _printed(position), (mine, y), xytext=(0, 8), textcoords="offset points", ha="center",
        fontsize=8.6, fontweight="bold", color=theme.SUBJECT, zorder=5,
    )  # fmt: skip
    _end_labels(axes, y, (low, high), mine, position.indicator)
    axes.annotate(
        _quarter(position) if position.quartile else "–", (1.0, y),
        xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points",
        va="center", fontsize=8.4, color=theme.INK,
    )  # fmt: skip


def _end_labels(
    axes: Axes, y: int, ends: tuple[float, float], mine: float, indicator: MunicipalIndicator
) -> None:
    """Lowest and highest value under the ends of the strip."""
    for x, value, align in ((0.0, ends[0], "left"), (1.0, ends[1], "right")):
        if abs(mine - x) > 1e-9:  # the region's own label says it already
            axes.annotate(
                printed(indicator, value), (x, y), xytext=(0, -13),
                textcoords="offset points", ha=align, fontsize=7.4, color=theme.MUTED,
            )  # fmt: skip
