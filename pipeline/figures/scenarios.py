"""Figures and tables of the chapter "Szenarien" (single scenarios: `scenario_details`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures import german, scenario_charts
from pipeline.figures.contract import DataTable, Figure
from pipeline.figures.prose import Prose, notice, tell
from pipeline.figures.scenario_panel import ScenarioPanel, panel_model
from pipeline.figures.scenario_parts import (
    MILESTONES,
    attributions,
    column,
    kreis_name,
    level_of,
    notes_of,
    plain,
    rounded,
)
from pipeline.methods import published_planning as planning
from pipeline.methods.findings import Finding
from pipeline.methods.published_planning import Membership
from pipeline.methods.scenarios import outcome
from pipeline.methods.scenarios.base import UNITS, Assumption, Start
from pipeline.methods.scenarios.combine import MAIN_SCENARIOS, OUTPUTS, run, variants
from pipeline.methods.scenarios.start import BASES, Sources
from pipeline.tables.workspace import Workspace

#: Bars of a tornado; what comes after moves next to nothing.
BARS = 8
_COVERAGE_AXIS = "besetzte in Prozent der nötigen Arztsitze"


def sources_in(lab: Workspace) -> tuple[Membership, Sources]:
    """The region's planning area, and the rows that its scenarios start from."""
    area = planning.membership(lab.table("planning_areas"), lab.region.slug)
    ratios = lab.table("planning_ratios")
    return area, Sources(
        projection=lab.derived("projection", lab.region.areas),
        physicians=lab.table("physicians"),
        planning_rows=planning.area_rows(lab.table("needs_planning"), area, lab.reference_date),
        ratios=planning.ratios_of_group(ratios, "Hausärzte", lab.reference_date),
    )


def basis_notice(lab: Workspace, start: Start) -> Prose:
    """How the state of today is known, whose it is, and that nothing here is a forecast."""
    own = f"{kreis_name(lab)} – für {start.name} liegen keine eigenen Arztzahlen vor."
    return notice(
        [
            *([own] if outcome.is_assumed(start) and not lab.region.is_kreis else []),
            BASES[start.basis],
            "Alles auf dieser Seite beantwortet die Frage: Was wäre, wenn? Es ist keine "
            "Vorhersage. Zahlen ohne Quelle heißen „Annahme“ und haben eine Spanne.",
            "Keine Daten: Wie sich Wege zu den Praxen ändern, lässt sich ohne deren Standorte "
            "nicht sagen. Die Kassenärztliche Vereinigung kennt sie; eine eigene Liste lässt sich "
            "einspielen.",
        ],
        "limits",
    )


def nothing_sentence(lab: Workspace, start: Start, nothing: Finding) -> Prose:
    """Where it leads if nothing is done; with its condition where the start is only assumed.

    Parameters
    ----------
    nothing : as returned by `methods.scenarios.outcome.outcome_finding`.
    """
    low, high = outcome.ends_of(nothing)
    end = (
        "rechnerisch {nothing.number} Prozent der nötigen Arztsitze besetzt ({nothing.kind}, je "
        "nach Annahme {low.number} bis {high.number} Prozent)."
    )
    if not outcome.is_assumed(start):
        begin = "{nothing.area}: Geschieht nichts, sind im Jahr {nothing.date} "
        return tell(begin + end, nothing=nothing, low=low, high=high)
    begin = (
        "{verb} {nothing.area} heute so versorgt wie der Durchschnitt {of_kreis}, und geschieht "
        "nichts, dann sind im Jahr {nothing.date} "
    )
    return tell(
        begin + end,
        nothing=nothing, low=low, high=high,
        verb=german.plural(len(lab.region.members), "Ist|Sind"),
        of_kreis=german.of_place(kreis_name(lab)),
    )  # fmt: skip


def assumptions_table(
    lab: Workspace, start: Start, groups: Mapping[str, Sequence[Assumption]], title: str, slug: str
) -> DataTable:
    """Every assumption with value, range, unit and source.

    Parameters
    ----------
    groups : title of a scenario → its assumptions; an empty title for the state of today.
    """
    items = [item for group in groups.values() for item in group]
    named = [name for name, group in groups.items() for _ in group]
    columns = {"Szenario": named} if any(named) else {}
    return DataTable(
        id=f"assumptions-{slug}",
        title=title,
        caption="Womit gerechnet wird, in welcher Spanne, und wer das sagt. „Annahme“ heißt: "
        "Dafür liegt keine Quelle vor.",
        data=pd.DataFrame(
            {
                **columns,
                "Annahme": [item.label for item in items],
                "Wert": [plain(item.value) for item in items],
                "von": [plain(item.low) for item in items],
                "bis": [plain(item.high) for item in items],
                "Einheit": [UNITS[item.unit] for item in items],
                "Quelle": [item.source for item in items],
            }
        ),
        level=level_of(lab, start),
        attributions=attributions(lab, start),
        is_computed=True,
    )


def variants_table(lab: Workspace, start: Start) -> DataTable:
    """The three main variants at the milestones: what the page prints where nothing can move."""
    last = start.years[-1]
    shown = [("coverage", year) for year in MILESTONES if year in start.years]
    shown += [(part, last) for part in OUTPUTS if part not in ("coverage", "loan")]
    shown.append(("loan", MILESTONES[1]))
    data = {"Größe": [f"{OUTPUTS[part][0]}, {year}" for part, year in shown]}
    for variant in variants(start):
        course = run(start, MAIN_SCENARIOS, variant.values)
        data[variant.title] = [
            rounded(outcome.value_in(course, part, year), OUTPUTS[part][1]) for part, year in shown
        ]
    return DataTable(
        id="variants",
        title="Drei Varianten bis zum Ende des Zeitraums",
        caption="Deckung: besetzte in Prozent der nötigen Arztsitze. Gesparte Arztzeit zählt "
        "dabei nicht mit. Kosten und Darlehen sind verschiedene Arten von Geld und werden nicht "
        "zusammengezählt.",
        data=pd.DataFrame(data),
        level=level_of(lab, start),
        attributions=attributions(lab, start),
        as_of=lab.as_of,
        is_computed=True,
        notes=(
            *notes_of(start),
            "Ob sich Ärztinnen und Ärzte finden, die kommen wollen, ist die wichtigste Annahme.",
        ),
    )


def panel(lab: Workspace, start: Start) -> ScenarioPanel:
    """The three main variants year by year; on the page with sliders."""
    lines, data = [], {"Jahr": [str(year) for year in start.years]}
    for variant in variants(start):
        course = run(start, MAIN_SCENARIOS, variant.values)
        values = [outcome.value_in(course, "coverage", year) for year in start.years]
        lines.append(scenario_charts.Line(variant.title, values))
        data[f"{variant.title} (%)"] = [german.number(value, 1) for value in values]
        seats = [outcome.value_in(course, "seats", year) for year in start.years]
        data[f"{variant.title} (Sitze)"] = [german.number(value, 1) for value in seats]
    ends = german.enumeration(
        [f"{line.label}: {german.number(line.values[-1], 1)}" for line in lines]
    )
    return ScenarioPanel(
        id="courses",
        title="Was geschieht, wenn nichts geschieht, und was sich ändern lässt",
        caption="Besetzte in Prozent der nötigen Arztsitze von "
        f"{start.years[0]} bis {start.years[-1]}. "
        "Alle Varianten beginnen am selben Punkt.",
        alt=f"Drei Linien. Am Ende steht: {ends} Prozent.",
        data=pd.DataFrame(data),
        level=level_of(lab, start),
        attributions=attributions(lab, start),
        as_of=lab.as_of,
        is_computed=True,
        notes=notes_of(start),
        draw=partial(scenario_charts.courses, start.years, lines, _COVERAGE_AXIS, 100.0),
        model=panel_model(start),
    )


def tornado_figure(
    lab: Workspace, start: Start, rows: pd.DataFrame, measure: outcome.Measure, slug: str
) -> Figure:
    """What matters most for a measure at the horizon.

    Parameters
    ----------
    rows : as returned by `methods.scenarios.outcome.effects`.
    slug : what is moved, for the id: `nothing` (from "nothing is done") or a scenario's name.
    """
    moving = rows.loc[rows["span"].gt(rows["result"].abs().max() * 1e-4)]
    if moving.empty:
        raise NoDataError("keine Annahme ändert das Ergebnis")
    is_money = measure.unit == "eur"
    axis = "Tausend Euro" if is_money else _COVERAGE_AXIS
    scale, decimals = (1e-3, 0) if is_money else (1.0, 1)
    shown = moving.head(BARS)
    swings = [
        scenario_charts.Swing(
            str(row["label"]),
            plain(row["low"]),
            plain(row["high"]),
            row["result_low"] * scale,
            row["result_high"] * scale,
        )
        for row in shown.to_dict("records")
    ]
    first = swings[0]
    return Figure(
        id=f"tornado-{slug}",
        title=f"Welche Annahme am meisten ausmacht: {measure.label}",
        caption=f"Das Ergebnis im Jahr {start.years[-1]}, wenn eine Annahme von ihrem niedrigsten "
        "(grau) zu ihrem höchsten Wert (blau) geht und alle anderen bleiben. An den Enden der "
        "Balken steht der Wert der Annahme, am senkrechten Strich das Ergebnis ohne Änderung.",
        alt=f"Balken, der breiteste oben: {first.label}, von "
        f"{german.number(first.at_low, decimals)} bis {german.number(first.at_high, decimals)} "
        f"({axis}).",
        data=pd.DataFrame(
            {
                "Annahme": moving["label"].tolist(),
                "von": [plain(v) for v in moving["low"]],
                "bis": [plain(v) for v in moving["high"]],
                "Einheit": moving["unit"].map(UNITS).tolist(),
                "Ergebnis von": [german.number(v * scale, decimals) for v in moving["result_low"]],
                "Ergebnis bis": [german.number(v * scale, decimals) for v in moving["result_high"]],
                "Quelle": moving["source"].tolist(),
            }
        ),
        level=level_of(lab, start),
        attributions=attributions(lab, start),
        as_of=lab.as_of,
        is_computed=True,
        draw=partial(
            scenario_charts.tornado, swings, float(rows["result"].iloc[0]) * scale, axis, decimals
        ),
    )


def comparison_table(lab: Workspace, start: Start, rows: pd.DataFrame) -> DataTable:
    """Every scenario by itself at the horizon.

    Parameters
    ----------
    rows : as returned by `methods.scenarios.outcome.compare_all`.
    """
    return DataTable(
        id="all-scenarios",
        title="Jedes Szenario für sich, am Ende des Zeitraums",
        caption=f"Stand {start.years[-1]}, verglichen mit: Es geschieht nichts. Sitze, die eine "
        "Gemeinde aus der Nachbarschaft gewinnt, fehlen dort.",
        data=pd.DataFrame(
            {
                "Szenario": rows["title"].tolist(),
                "Deckung (%)": column(rows["coverage_percent"], 1),
                "Sitze mehr oder weniger": [german.signed(v, 1) for v in rows["seats_change"]],
                "Sitze bei den Nachbarn": [german.signed(v, 1) for v in rows["neighbour_seats"]],
                "nötige Sitze": column(rows["required_seats"], 1),
                "gesparte Arztzeit (Sitze)": column(rows["relief_seats"], 1),
                "Menschen je Sitz": column(rows["users_per_seat"], 0),
                "Kosten der Gemeinde (€)": column(rows["cumulated_cost_eur"].round(-3), 0),
            }
        ),
        level=level_of(lab, start),
        attributions=attributions(lab, start),
        as_of=lab.as_of,
        is_computed=True,
        notes=notes_of(start),
    )
