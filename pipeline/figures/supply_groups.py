"""Every group of doctors of a Kreis beside its KV: density, age, employment, what-if."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
from matplotlib.ticker import FuncFormatter

from pipeline.errors import NoDataError
from pipeline.figures import german, theme
from pipeline.figures.contract import DataTable, Figure
from pipeline.figures.prose import Prose, notice
from pipeline.figures.theme import Drawing, Picture
from pipeline.methods.specialists import GROUPS, compared, planning_region_of, profile
from pipeline.methods.supply_whatif import AGE_LIMIT, what_if_rows
from pipeline.regions import Place
from pipeline.tables.workspace import Workspace

#: A share that the KBV's table leaves out, since too few doctors hold the group there.
TOO_FEW = "zu wenige"
_SMALL = 8.5
_TOO_FEW_NOTE = (
    f"„{TOO_FEW}“: Die Gruppe zählt in diesem Gebiet weniger als zehn Personen; dann wird kein "
    "Anteil gezeigt."
)


def need_notice() -> Prose:
    """Why there is no need (Soll) for specialists."""
    return notice(
        [
            "Für Fachärztinnen und Fachärzte ist das Soll nicht berechenbar: Der Kreistyp fehlt. "
            "Er legt fest, welche Verhältniszahl gilt. Gezeigt werden deshalb nur Dichten.",
            "Mehr Ärztinnen und Ärzte als im KV-Bezirk heißt nicht zu viele: Städte versorgen ihr "
            "Umland mit. Psychotherapeutinnen und Psychotherapeuten arbeiten oft in Teilzeit; "
            "gezählt sind Köpfe.",
        ],
        "note",
    )


def _kreis_beside_kv(
    lab: Workspace, physicians: pd.DataFrame, lack: str
) -> tuple[Place, Place, pd.DataFrame]:
    """The Kreis, its KV and the groups that both know; `NoDataError` with `lack` without any."""
    kreis, kv = lab.place(lab.region.kreis), lab.place(lab.region.kv)
    both = compared(physicians, kreis.ref_area, kv.ref_area)
    if both.empty:
        raise NoDataError(f"{lack} für {kreis.name}")
    return kreis, kv, both


def groups_figure(lab: Workspace, physicians: pd.DataFrame) -> Figure:
    """Density of every group of the Kreis in percent of the same group in the KV.

    Parameters
    ----------
    physicians : table `physicians`.
    """
    kreis, kv, both = _kreis_beside_kv(lab, physicians, "keine Arztzahlen nach Gruppen")
    names = [GROUPS[str(group)] for group in both.index]
    percents = [float(value) for value in both["percent_of_reference"]]
    period = german.period(str(both["time_period"].iloc[0]))
    lowest, highest = min(percents), max(percents)
    return Figure(
        id="doctor-groups",
        title=f"Arztdichte nach Fachgruppen, gemessen am KV-Bezirk {kv.name}",
        caption=f"{kreis.name}, {period}: Ärztinnen und Ärzte je 100.000 Einwohner, KV-Bezirk "
        f"{kv.name} = 100. Verglichen wird jede Gruppe nur mit sich selbst. Gezählt sind Köpfe am "
        "Hauptsitz. In kleinen Gruppen verschiebt eine einzelne Person den Wert stark. Die Tabelle "
        "nennt auch die Raumordnungsregion (Annahme: Zuordnung nach BBSR).",
        alt=f"Punkte für {len(names)} Arztgruppen, der KV-Bezirk ist 100. Am niedrigsten: "
        f"{names[percents.index(lowest)]} mit {german.number(lowest)}; am höchsten: "
        f"{names[percents.index(highest)]} mit {german.number(highest)}.",
        data=pd.DataFrame(
            {
                "Arztgruppe": names,
                f"{kreis.name} (je 100.000)": _numbers(both["density"]),
                **_planning_region_column(lab, physicians, both.index),
                f"KV {kv.name} (je 100.000)": _numbers(both["density_reference"]),
                "KV = 100": [german.number(value) for value in percents],
            }
        ),
        level=kreis.name,
        as_of=lab.as_of,
        attributions=_sources(lab, both),
        is_computed=True,
        draw=partial(_relative_points, names, percents, f"KV-Bezirk {kv.name}"),
    )


def _planning_region_column(
    lab: Workspace, physicians: pd.DataFrame, groups: pd.Index
) -> dict[str, list[str]]:
    """Density in the Raumordnungsregion of the Kreis, as a column; empty where it is not known."""
    key = planning_region_of(lab.region.kreis)
    if key is None:
        return {}
    density = profile(physicians, key)["density"].reindex(groups)
    return {f"Region {lab.name_of(key)} (je 100.000)": _numbers(density)}


def _relative_points(
    names: Sequence[str], percents: Sequence[float], reference: str, attribution: str
) -> Picture:
    """A point a group left or right of the line at 100, with the value beside it."""
    with theme.house_style():
        left = theme.widest(names, _SMALL) + 0.15
        drawing = Drawing(
            0.27 * len(names), attribution, left=left, bottom=0.3, top=0.3, right=0.35
        )
        axes = drawing.axes()
        rows = range(len(names))
        axes.hlines(list(rows), 100, list(percents), color=theme.OTHERS, linewidth=2.2)
        axes.plot(list(percents), list(rows), "o", color=theme.SUBJECT, markersize=6.5)
        axes.axvline(100, color=theme.INK, linewidth=1.1)
        for row, value in zip(rows, percents, strict=True):
            is_left = value < 100
            axes.annotate(
                german.number(value), (value, row), xytext=(-7 if is_left else 7, 0),
                textcoords="offset points", va="center", ha="right" if is_left else "left",
                fontsize=8.3,
            )  # fmt: skip
        axes.annotate(
            f"{reference} = 100", (100, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 4),
            textcoords="offset points", ha="center", va="bottom", fontsize=8.2,
        )  # fmt: skip
        axes.set_yticks(list(rows), list(names))
        span = max(max(percents), 100) - min(min(percents), 100)
        axes.set_xlim(min(*percents, 100) - 0.14 * span - 4, max(*percents, 100) + 0.14 * span + 4)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: german.number(value)))
        axes.tick_params(axis="both", labelsize=_SMALL)
        axes.tick_params(axis="y", labelcolor=theme.INK)
        axes.spines["left"].set_visible(False)
        return drawing.picture()


def shares_table(lab: Workspace, physicians: pd.DataFrame) -> DataTable:
    """Share over the age limit and share of employed, a group a row: Kreis beside KV.

    Parameters
    ----------
    physicians : table `physicians`.
    """
    kreis, kv, both = _kreis_beside_kv(lab, physicians, "keine Angaben zu Alter und Anstellung")
    shares = ("share_over_65", "share_employed")
    period = german.period(str(both["time_period"].iloc[0]))
    return DataTable(
        id="doctor-group-shares",
        title="Alter und Anstellung nach Fachgruppen",
        caption=f"{kreis.name} und KV-Bezirk {kv.name}, {period}; der Stichtag im Jahr ist nicht "
        f"bekannt. Anteile in Prozent; die Altersgrenze ist {AGE_LIMIT} Jahre.",
        data=pd.DataFrame(
            {
                "Arztgruppe": [GROUPS[str(group)] for group in both.index],
                f"über {AGE_LIMIT}: Kreis": _numbers(both["share_over_65"]),
                f"über {AGE_LIMIT}: KV": _numbers(both["share_over_65_reference"]),
                "angestellt: Kreis": _numbers(both["share_employed"]),
                "angestellt: KV": _numbers(both["share_employed_reference"]),
            }
        ),
        level=f"{kreis.name} und KV-Bezirk {kv.name}",
        as_of=lab.as_of,
        attributions=_sources(lab, both),
        notes=[_TOO_FEW_NOTE] if both[list(shares)].isna().to_numpy().any() else [],
    )


def planning_region_table(lab: Workspace, physicians: pd.DataFrame) -> DataTable:
    """Groups that are published for Raumordnungsregionen only, beside the KV.

    Parameters
    ----------
    physicians : table `physicians`.
    """
    key = planning_region_of(lab.region.kreis)
    if key is None:
        raise NoDataError("keine Arztzahlen für die Raumordnungsregion")
    place, kv = lab.place(key), lab.place(lab.region.kv)
    both = compared(physicians, key, kv.ref_area)
    in_kreis = set(compared(physicians, lab.region.kreis, kv.ref_area).index)
    both = both.loc[[group not in in_kreis for group in both.index]]
    if both.empty:
        raise NoDataError(f"keine weiteren Arztgruppen für die Raumordnungsregion {place.name}")
    period = german.period(str(both["time_period"].iloc[0]))
    return DataTable(
        id="planning-region-groups",
        title="Arztgruppen, die nur für die Raumordnungsregion veröffentlicht sind",
        caption=f"Raumordnungsregion {place.name} und KV-Bezirk {kv.name}, {period}. Diese Gruppen "
        "werden in der Raumordnungsregion geplant, nicht im Kreis. Annahme: Der Kreis gehört nach "
        "der Gliederung des BBSR zu dieser Region.",
        data=pd.DataFrame(
            {
                "Arztgruppe": [GROUPS[str(group)] for group in both.index],
                f"{place.name} (je 100.000)": _numbers(both["density"]),
                "KV (je 100.000)": _numbers(both["density_reference"]),
                f"über {AGE_LIMIT} (%), {place.name}": _numbers(both["share_over_65"]),
                f"über {AGE_LIMIT} (%), KV": _numbers(both["share_over_65_reference"]),
            }
        ),
        level=f"Raumordnungsregion {place.name}",
        as_of=lab.as_of,
        attributions=_sources(lab, both),
    )


def what_if_table(lab: Workspace, physicians: pd.DataFrame) -> DataTable:
    """What is left of each group if all over the age limit leave without a successor.

    Parameters
    ----------
    physicians : table `physicians`.
    """
    kreis, kv = lab.place(lab.region.kreis), lab.place(lab.region.kv)
    rows = what_if_rows(physicians, kreis.ref_area, kv.ref_area)
    if rows.empty:
        raise NoDataError(f"kein Anteil der über {AGE_LIMIT}-Jährigen für {kreis.name}")
    return DataTable(
        id="what-if-retirement",
        title="Was wäre, wenn die Ältesten ohne Nachfolge ausscheiden",
        caption=f"{kreis.name}: Dichte je 100.000 Einwohner heute und dann, wenn alle über "
        f"{AGE_LIMIT}-Jährigen ohne Nachfolge ausscheiden. Das ist eine Rechnung unter einer "
        "Bedingung, keine Vorhersage: Manche bleiben länger, manche Jüngere gehen, und viele "
        "Praxen werden übernommen.",
        data=pd.DataFrame(
            {
                "Arztgruppe": [GROUPS[str(group)] for group in rows.index],
                "heute": _numbers(rows["density"]),
                f"davon über {AGE_LIMIT} (%)": _numbers(rows["share_over_65"]),
                "ohne sie": _numbers(rows["left"]),
                "KV heute": _numbers(rows["density_reference"]),
            }
        ),
        level=kreis.name,
        as_of=lab.as_of,
        attributions=_sources(lab, rows),
        is_computed=True,
        notes=["Gruppen mit weniger als zehn Personen im Kreis sind nicht aufgeführt."],
    )


def _numbers(values: pd.Series) -> list[str]:
    return [TOO_FEW if pd.isna(value) else german.number(value, 1) for value in values]


def _sources(lab: Workspace, rows: pd.DataFrame) -> list[str]:
    return lab.attributions(sorted(set(rows["source_id"])))
