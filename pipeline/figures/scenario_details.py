"""Tables of single scenarios: MVZ, quarter, patients across borders, hospitals, other rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures import german
from pipeline.figures.contract import DataTable
from pipeline.figures.scenario_parts import MILESTONES, attributions, column, level_of
from pipeline.methods.scenarios import hospital, mvz
from pipeline.methods.scenarios.base import Start, values_of
from pipeline.methods.scenarios.tracing import plain
from pipeline.tables.workspace import Workspace

#: Published sums that a town can compare its plans with.
_EXAMPLES: Mapping[str, str] = {
    "mvz_equipment_grant_mags_kvwl": "Zuschuss von MAGS und KVWL für die Ausstattung",
    "mvz_municipal_support_total": "Unterstützung der Gemeinde insgesamt, bis zu",
}


def mvz_table(
    lab: Workspace, start: Start, months: Sequence[mvz.Month], values: Mapping[str, float],
    seats: float,
) -> DataTable:  # fmt: skip
    """Cash and risk of the MVZ, a row a milestone after the opening.

    Parameters
    ----------
    months : as returned by `methods.scenarios.mvz.cash_flow`.
    seats : seats filled in it.
    """
    rows = []
    for years in (1, 2, 3, 5, 10):
        result = sum(plain(month.result) for month in months[12 * years - 12 : 12 * years])
        at_stake = mvz.risk(values, list(months), seats, 12 * years)
        rows.append(
            {
                "nach der Eröffnung": f"{years}. Jahr",
                "Ergebnis im Jahr (€)": german.signed(round(result, -2)),
                "offenes Darlehen (€)": german.number(round(at_stake.loan, -2)),
                "Bürgschaft für Honorare (€)": german.number(round(at_stake.guarantee, -2)),
                "Schließung kostet (€)": german.number(round(at_stake.exit_cost, -2)),
            }
        )
    even = mvz.break_even_month(list(months))
    paid = mvz.payback_month(list(months), plain(mvz.own_start_money(values)))
    return DataTable(
        id="mvz-money",
        title="Was ein MVZ einbringt und was auf dem Spiel steht",
        caption=f"Modellrechnung mit {german.number(seats, 1)} besetzten Arztsitzen. Ergebnis: "
        "Honorar weniger laufende Kosten und Zinsen. Die drei letzten Spalten sind verschiedene "
        "Arten von Geld und werden nicht zusammengezählt.",
        data=pd.DataFrame(rows),
        level=level_of(lab, start),
        attributions=attributions(lab, start),
        is_computed=True,
        notes=(
            "Ein MVZ schafft keinen Arztsitz: Es braucht freie oder gekaufte Sitze und "
            "Ärztinnen und Ärzte, die kommen.",
            "Ohne Verlust arbeitet es "
            + (f"ab Monat {even}." if even else "im ganzen Zeitraum nie.")
            + " Das eigene Startgeld ist "
            + (
                f"nach {paid} Monaten wieder hereingeholt."
                if paid
                else "bis zum Ende nicht wieder hereingeholt."
            ),
            "Eine Gemeinde, die eine GmbH als Träger gründet, haftet mit Bürgschaften für "
            "Forderungen der Kassenärztlichen Vereinigung und der Krankenkassen.",
        ),
    )


def examples_table(lab: Workspace, facts: pd.DataFrame) -> DataTable:
    """What Kalletal published on its MVZ: an example, not a calibration."""
    rows = facts.loc[facts["fact_region"].eq("Kalletal") & facts["indicator"].isin(list(_EXAMPLES))]
    if rows.empty:
        raise NoDataError("keine veröffentlichten Summen zu einem kommunalen MVZ")
    return DataTable(
        id="mvz-example",
        title="Ein veröffentlichtes Beispiel: das MVZ in Kalletal",
        caption="Zuschuss und Unterstützung sind verschiedene Arten von Geld und werden nicht "
        "zusammengezählt. Die Summen sind ein Beispiel und keine Eichung der Modellrechnung.",
        data=pd.DataFrame(
            {
                "Angabe": rows["indicator"].map(_EXAMPLES).tolist(),
                "Euro": [german.number(float(value)) for value in rows["value_text"]],
                "Stand": [german.period(str(value)) for value in rows["year_or_date"]],
            }
        ),
        level="Gemeinde Kalletal",
        attributions=list(dict.fromkeys(rows["source_title"])),
    )


def quarter_table(lab: Workspace, start: Start, rows: pd.DataFrame) -> DataTable:
    """The people of a new quarter by age, and what they need.

    Parameters
    ----------
    rows : as returned by `methods.scenarios.quarter.quarter_table`.
    """
    shown = rows.loc[rows["year"].isin(MILESTONES) & rows["people"].gt(0)]
    return DataTable(
        id="quarter",
        title="Ein neues Quartier: Menschen, Alter und Bedarf",
        caption="Alle Zahlen folgen aus Annahmen, auch die Zahl der Wohnungen. Pflege: "
        "Pflegequoten des Jahres 2021 nach Alter, also Inanspruchnahme und kein Bedarf. "
        "Kinderärzte: ein Sitz auf 2.862 Minderjährige (Typen 2 bis 6 der Bedarfsplanung).",
        data=pd.DataFrame(
            {
                "Jahr": [str(year) for year in shown["year"]],
                "Menschen": column(shown["people"], 0),
                "unter 18": column(shown["age_0_17"], 0),
                "18 bis 64": column(shown["age_18_64"], 0),
                "65 bis 74": column(shown["age_65_74"], 0),
                "75 und älter": column(shown["age_75plus"], 0),
                "Hausarztsitze": column(shown["gp_seats"], 2),
                "Kinderarztsitze": column(shown["paediatric_seats"], 2),
                "Pflegebedürftige": column(shown["care_dependants"], 0),
            }
        ),
        level=f"Quartier in {start.name} (Annahme)",
        attributions=["GBE-Bund, Pflegebedürftige (Anzahl und Quote) 2021",
                      *attributions(lab, start)],
        is_computed=True,
    )  # fmt: skip


def flows_table(lab: Workspace, start: Start, rows: pd.DataFrame, facts: pd.DataFrame) -> DataTable:
    """Patients from elsewhere and own who go elsewhere: use, never the grade.

    Parameters
    ----------
    rows : as returned by `methods.scenarios.outcome.flow_cases`.
    facts : rows of `methods.scenarios.flows.commuter_facts`: a published number of commuters.
    """
    published = [
        f"Einpendler: {german.number(float(row['value_text']))} "
        f"({german.period(row['year_or_date'])}, {row['source_title']})."
        for row in facts.to_dict("records")
    ]
    return DataTable(
        id="flows",
        title="Patienten über die Grenze und Einpendler",
        caption=f"Menschen, die auf einen besetzten Arztsitz kommen, im Jahr {start.years[0]}. Die "
        "Bedarfsplanung zählt nur Einwohner: Die Deckung bleibt in jeder Zeile gleich.",
        data=pd.DataFrame(
            {
                "Fall": rows["title"].tolist(),
                "Menschen je Arztsitz": column(rows["users_per_seat"], 0),
                "Deckung (%)": column(rows["coverage_percent"], 1),
            }
        ),
        level=level_of(lab, start),
        attributions=attributions(lab, start),
        as_of=lab.as_of,
        is_computed=True,
        notes=published or ["Die Zahl der Einpendler ist eine Annahme."],
    )


def hospital_of_region(lab: Workspace, facts: pd.DataFrame, years: tuple[int, ...]) -> DataTable:
    """The published move of hospitals that touches the region.

    Raises
    ------
    NoDataError : none is published.
    """
    move = hospital.move_of(lab.region.slug)
    giving, taking = hospital.site(facts, move.giving), hospital.site(facts, move.taking)
    values = values_of(hospital.assumptions_of(move))
    rows = hospital.hospital_course(move, giving, taking, values, years)
    return hospital_table(lab, move, rows, facts)


def hospital_table(
    lab: Workspace, move: hospital.Move, rows: pd.DataFrame, facts: pd.DataFrame
) -> DataTable:
    """A move between hospitals year by year.

    Parameters
    ----------
    rows : as returned by `methods.scenarios.hospital.hospital_course`.
    facts : table `published_facts`, for the sources.
    """
    shown = rows.loc[rows["year"].isin([*rows["year"].head(5), *MILESTONES])]
    named = facts.loc[facts["fact_region"].isin([move.giving, move.taking])]
    published = [] if move.source.startswith("Annahme") else [move.source]
    return DataTable(
        id=f"hospital-{move.key}",
        title="Krankenhaus: was ein Umzug von Leistungen bewegt",
        caption=f"{move.kind}. Von: {move.giving}. Nach: {move.taking}. Fälle und Personal sind "
        "veröffentlicht, wo eine Zahl steht; Anteile, Verweildauer und Auslastung sind Annahmen.",
        data=pd.DataFrame(
            {
                "Jahr": [str(year) for year in shown["year"]],
                "Fälle, die umziehen": _or_no_data(shown["cases_moved"]),
                "Fälle am aufnehmenden Haus": _or_no_data(shown["cases_taking"]),
                "Betten für die Umziehenden": _or_no_data(shown["beds_needed"], 1),
                "Fahrzeit mehr, alle zusammen (Stunden)": _or_no_data(shown["minutes"] / 60),
                "Personal, das umzieht": _or_no_data(shown["staff_moved"]),
                "davon geht verloren": _or_no_data(shown["staff_lost"]),
            }
        ),
        level=f"{move.giving} und {move.taking}",
        attributions=[*dict.fromkeys(named["source_title"]), *published],
        is_computed=True,
        notes=("Undatierte Angaben und gerundete Zahlen der Häuser („über“, „gut“, „rund“) sind "
               "so übernommen. Eine Fahrzeit der einzelnen Gemeinden liegt nicht vor.",),
    )  # fmt: skip


def _or_no_data(values: pd.Series, decimals: int = 0) -> list[str]:
    numbers = pd.to_numeric(values, errors="coerce")
    return [
        german.NO_DATA if pd.isna(value) else german.number(float(value), decimals)
        for value in numbers
    ]


def types_table(lab: Workspace, kreis: str, rows: pd.DataFrame, group: str) -> DataTable:
    """What a Kreis would need under each planning type.

    Parameters
    ----------
    rows : as returned by `methods.scenarios.rules.needs_by_type`.
    """
    if rows.empty:
        raise NoDataError(f"keine Verhältniszahlen nach Typen für {group}")
    return DataTable(
        id="planning-types",
        title="Was ein anderer Typ der Bedarfsplanung ausmacht",
        caption=f"{group}: nötige Arztsitze für {kreis}, wenn der Kreis zu diesem Typ gehörte. "
        "Welcher Typ gilt, ist nicht hinterlegt: Keine der Zeilen ist das Soll des Kreises.",
        data=pd.DataFrame(
            {
                "Typ": rows["planning_type"].tolist(),
                "Menschen je Arztsitz": column(rows["ratio"], 0),
                "nötige Arztsitze": column(rows["required_seats"], 1),
            }
        ),
        level=kreis,
        attributions=lab.attributions(["verhaeltniszahlen-gba"]),
        as_of=lab.as_of,
        is_computed=True,
    )
