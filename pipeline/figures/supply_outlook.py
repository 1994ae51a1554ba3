"""The supply forecast from a municipality's own list of ages, and how to hand one in."""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.ticker import FuncFormatter, MaxNLocator

from pipeline.figures import german, theme
from pipeline.figures.contract import DataTable, Figure
from pipeline.figures.prose import Prose, notice, tell, together
from pipeline.figures.theme import Drawing, Picture
from pipeline.methods.exit_rules import NRW_2019
from pipeline.methods.supply import NotComputable
from pipeline.methods.supply_outlook import (
    WITHOUT_SUCCESSORS,
    Outlook,
    grade_then_finding,
    leaving_finding,
    stock_finding,
)
from pipeline.sources.template_kinds import PHYSICIANS_BY_AGE, PLANNING_SHEET, Template
from pipeline.tables.workspace import Workspace

_DASHES = (0, (4, 3))
_SMALL = 8.5
_UNITS = {"seats": "Arztsitze", "heads": "Köpfe"}
#: Template → what it fills in this chapter.
_FILLS: tuple[tuple[Template, str], ...] = (
    (
        PLANNING_SHEET,
        "Versorgungsgrad, Sitze und Status des Planungsbereichs; mit der Spalte municipalities "
        "auch, welche Gemeinden dazugehören",
    ),
    (PHYSICIANS_BY_AGE, "Vorausschätzung des Bestands bis zum Jahr der Unterschreitung"),
)


def words(found: Outlook | NotComputable) -> Prose:
    """Stock, what leaves and the year of crossing; or why there is no forecast.

    Parameters
    ----------
    found : as returned by `methods.supply_outlook.find_outlook`.
    """
    if isinstance(found, NotComputable):
        return notice(
            [
                f"Nicht berechenbar: {found.reason[:1].upper()}{found.reason[1:]}.",
                "Mit einer eigenen Altersliste (Vorlage im nächsten Abschnitt) rechnet dieser "
                "Abschnitt den Bestand Jahr für Jahr voraus und nennt das Jahr, in dem die Grenze "
                "der Unterversorgung unterschritten würde.",
            ],
            "no-data",
        )
    unit = _UNITS[found.measure]
    stock, leaving = stock_finding(found), leaving_finding(found)
    texts = [
        tell(
            "{stock.place} stehen {stock.when} {stock.number} {unit} in der Altersliste "
            "({stock.kind}). Ohne jede Nachfolge würden davon bis {leaving.date} {leaving.number} "
            "frei ({leaving.kind}).",
            stock=stock, leaving=leaving, unit=unit,
        )
    ]  # fmt: skip
    return together(*texts, _crossing_words(found))


def _crossing_words(found: Outlook) -> Prose:
    grade, crossing = grade_then_finding(found), found.crossing
    if crossing is None:
        return tell("{grade.number}", grade=grade)  # says why there is none
    template = (
        "Bis {grade.date} bliebe der Versorgungsgrad mit {grade.number} Prozent über der Grenze "
        "von {limit} Prozent ({grade.kind})."
        if crossing.year is None
        else "Der Versorgungsgrad fiele {grade.when} mit {grade.number} Prozent zum ersten Mal "
        "unter {limit} Prozent ({grade.kind}; Einwohner und Verhältniszahl unverändert)."
    )
    return tell(template, grade=grade, limit=str(crossing.limit_percent))


def outlook_figure(lab: Workspace, found: Outlook | NotComputable) -> Figure | None:
    """The stock year by year if nobody follows: path of the age weights over the bands.

    None where there is no forecast; `words` says why.
    """
    if isinstance(found, NotComputable):
        return None
    path, unit = found.path, _UNITS[found.measure]
    first, last = int(path["year"].iloc[0]), int(path["year"].iloc[-1])
    start, end = path.iloc[0], path.iloc[-1]
    rule = WITHOUT_SUCCESSORS
    ages = rule.retirement_age
    columns = {"value": "nach Altersgewichten", "low80": "80 % von", "high80": "80 % bis"}
    place = found.ages.place
    return Figure(
        id="supply-outlook",
        title=f"{unit} der Hausärzte, wenn niemand nachfolgt",
        caption=f"{place.name}, {first} bis {last}. Linie: {NRW_2019.label} (mit 65 Jahren bleibt "
        "die Hälfte, mit 68 ein Fünftel, über 70 niemand). Flächen: Simulation, in der 80 und 95 % "
        "der Verläufe liegen. Gezeigt ist, was zu besetzen ist, nicht was kommen wird.",
        alt=f"{unit} {first}: {german.number(start['value'], 1)}; {last}: "
        f"{german.number(end['value'], 1)}. In 80 % der simulierten Verläufe sind es dann "
        f"{german.number(end['low80'], 1)} bis {german.number(end['high80'], 1)}.",
        data=pd.DataFrame(
            {"Jahr": path["year"].astype(str)}
            | {title: [german.number(v, 1) for v in path[name]] for name, title in columns.items()}
        ),
        level=place.name,
        as_of=lab.as_of,
        attributions=lab.attributions(sorted(set(found.ages.rows["source_id"]))),
        is_computed=True,
        notes=[
            f"Annahmen: mittleres Ruhestandsalter {german.number(ages.low)} bis "
            f"{german.number(ages.high)} Jahre, Streuung "
            f"{german.number(rule.retirement_spread, 1)} Jahre, keine Nachfolge; innerhalb einer "
            "Altersgruppe gleichmäßig verteilt; Einwohner und Verhältniszahl unverändert. "
            "Keine dieser Annahmen ist eine amtliche Vorgabe.",
            *lab.warnings("doctor_ages"),
        ],
        draw=partial(_fan, found, unit),
    )


def _fan(found: Outlook, unit: str, attribution: str) -> Picture:
    path = found.path
    top = float(max(path["high95"].max(), path["value"].max()))
    limit = None
    if found.required is not None and found.crossing is not None:
        limit = found.required * found.crossing.limit_percent / 100
        top = max(top, limit)
    with theme.house_style():
        drawing = Drawing(2.5, attribution, left=0.55, bottom=0.35, right=0.5)
        axes = drawing.axes()
        for low, high, alpha in (("low95", "high95", 0.13), ("low80", "high80", 0.22)):
            axes.fill_between(
                path["year"], path[low], path[high], color=theme.BLUE, alpha=alpha, linewidth=0
            )
        axes.plot(path["year"], path["value"], color=theme.BLUE)
        for row in (0, -1):
            axes.annotate(
                german.number(path["value"].iloc[row], 1),
                (path["year"].iloc[row], path["value"].iloc[row]), xytext=(4, 6),
                textcoords="offset points", fontsize=8.4, fontweight="bold",
            )  # fmt: skip
        if limit is not None and found.crossing is not None:
            axes.axhline(limit, color=theme.INK, linewidth=1, linestyle=_DASHES)
            axes.annotate(
                f"{found.crossing.limit_percent} % des Solls: {german.number(limit, 1)} {unit}",
                (1.0, limit), xycoords=("axes fraction", "data"), xytext=(0, 3),
                textcoords="offset points", ha="right", va="bottom", fontsize=8.2,
            )  # fmt: skip
        axes.set_ylim(0, top * 1.12)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: german.number(value)))
        axes.set_ylabel(unit, fontsize=_SMALL)
        axes.tick_params(axis="both", labelsize=_SMALL)
        return drawing.picture()


def templates_table(lab: Workspace) -> DataTable:
    """The templates that fill this chapter, and how to get them."""
    return DataTable(
        id="templates",
        title="Eigene Zahlen einspielen: zwei Vorlagen",
        caption="Die Vorlage ausfüllen, in den Ordner data/raw/eigene legen und dann "
        "„versorgungslabor ingest“ ausführen. Jede Zeile nennt Quelle und Stand; mehr ist nicht "
        "nötig. Nach Namen von Personen wird nie gefragt.",
        data=pd.DataFrame(
            {
                "Vorlage": [template.title for template, _ in _FILLS],
                "füllt": [what for _, what in _FILLS],
                "Befehl für die leere Vorlage": [
                    f"versorgungslabor template {template.kind} --xlsx" for template, _ in _FILLS
                ],
            }
        ),
        level=lab.region.name,
        as_of=lab.as_of,
        attributions=["Versorgungslabor, Vorlagen"],
    )
