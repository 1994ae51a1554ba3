"""Figures of the chapter "Krankenhaus": beds of the Kreis, published figures of single houses."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures import charts, german
from pipeline.figures.contract import DataTable, Figure
from pipeline.figures.fact_notes import german_name, german_note
from pipeline.figures.prose import Prose, notice
from pipeline.methods import published_facts as published
from pipeline.methods.access import standards_for
from pipeline.methods.findings import Finding
from pipeline.methods.observed import UNDATED
from pipeline.tables.measures import MEASURES
from pipeline.tables.workspace import Workspace

#: Topics of one house, those of money, and those of change: one table each.
HOUSES = (published.BEDS, published.CASES, published.STAFF)
FINANCE = (published.MONEY, published.MODERN)
CHANGES = (published.SITES, published.FLOWS)

#: Behind a number; a no-break space keeps the two on one line.
_SUFFIX = {"eur": "\N{NO-BREAK SPACE}€", "percent": "\N{NO-BREAK SPACE}%", "minutes": " Minuten"}
_NOT_PUBLISHED = "nicht veröffentlicht"


def level_notice(lab: Workspace) -> Prose:
    """Whose figures the chapter shows."""
    kreis = lab.name_of(lab.region.kreis)
    if lab.region.is_kreis:
        text = f"{kreis} ist kreisfrei: Die Zahlen des Kreises sind die der Stadt."
    else:
        text = (
            f"{kreis} – für {lab.region.name} liegen keine eigenen Zahlen der amtlichen "
            "Krankenhausstatistik vor."
        )
    return notice([text], "note")


# ------------------------------------------------------------------------------- beds


def department_figure(lab: Workspace, beds: pd.DataFrame) -> Figure:
    """Beds by department in the hospitals of the Kreis.

    Parameters
    ----------
    beds : as returned by `methods.hospitals.department_beds`.
    """
    kreis = lab.name_of(lab.region.kreis)
    shown = beds.loc[beds["obs_value"].gt(0)]
    if shown.empty:
        raise NoDataError(f"keine Krankenhausbetten für {kreis}")
    bars = [
        charts.Bar(_department(row.measure), row.obs_value, german.number(row.obs_value), True)
        for row in charts.rows_of(shown)
    ]
    period = german.period(str(beds["time_period"].iloc[0]))
    without = [_department(row.measure) for row in charts.rows_of(beds) if row.obs_value == 0]
    return Figure(
        id="beds-by-department",
        title="Wofür die Krankenhausbetten im Kreis da waren",
        caption=f"{kreis}: aufgestellte Betten nach Fachabteilung, {period}. Gezählt ist, wo das "
        "Bett steht, nicht, woher die Menschen kommen. Neuere Zahlen liegen hier nicht vor."
        + (f" Ohne Betten: {german.enumeration(without)}." if without else ""),
        alt=f"Balken für {german.number(len(bars))} Fachabteilungen. Die meisten Betten hat "
        f"{bars[0].label} ({bars[0].printed}), die wenigsten {bars[-1].label} "
        f"({bars[-1].printed}).",
        data=pd.DataFrame(
            {
                "Fachabteilung": beds["measure"].map(_department),
                "Betten": [
                    german.cell(row.obs_value, row.obs_status) for row in charts.rows_of(beds)
                ],
                "Anteil (%)": [german.number(share, 1) for share in beds["percent"]],
            }
        ),
        level=kreis,
        as_of=lab.as_of,
        attributions=lab.attributions(sorted(set(beds["source_id"]))),
        is_computed=True,
        notes=("Das Zeichen - bedeutet: genau null.",) if without else (),
        draw=partial(charts.bars, bars),
    )


def _department(measure: object) -> str:
    return MEASURES[str(measure)].label.removeprefix("Betten: ")


def density_figure(lab: Workspace, ratios: Sequence[Finding]) -> Figure:
    """Beds per 1,000 inhabitants: Kreis, Land, Germany.

    Parameters
    ----------
    ratios : as returned by `methods.hospitals.beds_per_1000_finding`, the Kreis first.
    """
    known = [ratio for ratio in ratios if ratio.value is not None]
    if not known or not ratios[0].is_known:
        raise NoDataError(f"keine Bettenzahl für {ratios[0].ref_area_name}")
    bars = [
        charts.Bar(
            ratio.ref_area_name,
            ratio.value or 0.0,
            german.number(ratio.value or 0.0, 2),
            is_subject=ratio is ratios[0],
        )
        for ratio in known
    ]
    return Figure(
        id="beds-per-1000",
        title=_beds_title(ratios),
        caption=f"Aufgestellte Betten je 1.000 Einwohner, {german.period(known[0].time_period)}. "
        "Betten und Einwohner sind vom selben Tag. Ein Wert über dem des Landes heißt nicht, dass "
        "die Menschen hier besser versorgt sind: Große Häuser behandeln auch Menschen von "
        "außerhalb.",
        alt="Balken. " + "; ".join(f"{bar.label}: {bar.printed}" for bar in bars) + ".",
        data=pd.DataFrame(
            {
                "Gebiet": [bar.label for bar in bars],
                "Betten": [german.number(ratio.evidence[0].value or 0.0) for ratio in known],
                "Einwohner": [german.number(ratio.evidence[1].value or 0.0) for ratio in known],
                "Betten je 1.000": [bar.printed for bar in bars],
            }
        ),
        level=german.enumeration([bar.label for bar in bars]),
        as_of=lab.as_of,
        attributions=lab.attributions(
            dict.fromkeys(row.source_id for ratio in known for row in ratio.evidence)
        ),
        is_computed=True,
        draw=partial(charts.bars, bars),
    )


def _beds_title(ratios: Sequence[Finding]) -> str:
    """Where the Kreis lies beside its Land; what is compared, where the Land is not known."""
    kreis, land = ratios[0], ratios[1] if len(ratios) > 1 else ratios[0]
    if land is kreis or land.value is None or kreis.value is None:
        return "Krankenhausbetten je Einwohner: Kreis, Land und Deutschland"
    side = german.way(
        kreis.value - land.value, "über dem Wert|unter dem Wert|gleichauf mit dem Wert"
    )
    return f"Krankenhausbetten je Einwohner: {kreis.ref_area_name} liegt {side} des Landes"


# ------------------------------------------------------------------------------- single houses


def facts_table(
    lab: Workspace, facts: pd.DataFrame, topics: Sequence[str], slug: str, title: str
) -> DataTable | None:
    """Published figures of some topics, one a row, each with date and source; None without any.

    Parameters
    ----------
    facts : as returned by `methods.published_facts.facts_about`.
    topics : those to show.
    slug, title : of the table.
    """
    own = facts.loc[facts["topic"].isin(list(topics))]
    if own.empty:
        return None
    # houses together; within a house the order of the registry
    rows = own.sort_values("fact_region", kind="stable", key=lambda name: name.map(german_name))
    return DataTable(
        id=slug,
        title=title,
        caption="Veröffentlichte Einzelangaben, jede mit ihrem Datum und ihrer Quelle. Sie stammen "
        "von verschiedenen Tagen und zählen Verschiedenes; deshalb werden sie nicht addiert und "
        "nicht verglichen.",
        data=pd.DataFrame(
            {
                "Einrichtung": [_where(lab, row) for row in charts.rows_of(rows)],
                "Angabe": rows["label"].tolist(),
                "Wert": [printed(row) for row in charts.rows_of(rows)],
                "Anmerkung": [german_note(str(note)) for note in rows["note"]],
                "Stand; Quelle": [
                    f"{date_words(row.year_or_date)}; {row.source_title}"
                    for row in charts.rows_of(rows)
                ],
            }
        ),
        level="einzelne Einrichtungen",
        as_of=lab.as_of,
        attributions=list(dict.fromkeys(rows["source_title"])),
    )


def _where(lab: Workspace, row: Any) -> str:
    """The name of a house, with the Kreis where that is all that is known of its place."""
    name = german_name(str(row.fact_region))
    return f"{name} ({lab.name_of(lab.region.kreis)})" if row.scope == published.KREIS else name


def printed(row: Any) -> str:
    """The value of a fact as readers see it, with the qualifier of its source: "über 13.800"."""
    if pd.isna(row.value):
        return str(row.value_text)
    decimals = 0 if float(row.value).is_integer() else 1
    number = german.number(row.value, decimals) + _SUFFIX.get(row.unit, "")
    return f"{row.qualifier} {number}".strip()


def date_words(year_or_date: str) -> str:
    """The date of a fact as tables print it: "11/2025", "etwa 2021", "undatiert"."""
    day = published.first_day(year_or_date)
    if not day:
        return UNDATED
    words = german.period(day, is_short=True)
    return f"etwa {words}" if year_or_date.startswith("ca.") else words


def merger_table(lab: Workspace, facts: pd.DataFrame) -> DataTable | None:
    """Houses before and after a merger, as published; None where no source names a merger.

    Parameters
    ----------
    facts : as returned by `methods.published_facts.facts_about`.
    """
    rows = published.merged_houses(facts)
    if rows.empty:
        return None
    houses = rows.sort_values("is_successor", kind="stable")["fact_region"].drop_duplicates()
    after = set(rows.loc[rows["is_successor"], "fact_region"])
    known = {
        (
            str(row.fact_region),
            str(row.indicator),
        ): f"{printed(row)} ({date_words(row.year_or_date)})"
        for row in charts.rows_of(rows)
    }
    columns = ("hospital_beds", "hospital_inpatients", "hospital_employees")
    data = pd.DataFrame(
        {
            "Haus": houses.tolist(),
            "Zeit": ["danach" if house in after else "davor" for house in houses],
            **{
                published.HOSPITAL[name].label: [
                    known.get((house, name), _NOT_PUBLISHED) for house in houses
                ]
                for name in columns
            },
        }
    )
    return DataTable(
        id="hospital-merger",
        title="Die Häuser vor und nach dem Zusammenschluss",
        caption="Was über die Häuser veröffentlicht ist, in Klammern der Stand. Die Angaben davor "
        "ergeben nicht die danach: Sie stammen von verschiedenen Tagen, und zum neuen Haus gehören "
        "weitere Standorte und Töchter. Ob sich die Versorgung verändert hat, lässt sich daran "
        "nicht ablesen.",
        data=data,
        level="einzelne Einrichtungen",
        as_of=lab.as_of,
        attributions=list(dict.fromkeys(rows["source_title"])),
    )


def nothing_published(lab: Workspace, topics: Sequence[str]) -> Prose:
    """What stands where `facts_table` has nothing to show."""
    named = german.enumeration(topics)
    return notice(
        [
            f"Keine Daten: Zu {named} nennen die ausgewerteten Quellen für {lab.region.name} "
            "nichts. Auskunft geben die Träger der Häuser und das Krankenhausministerium des "
            "Landes."
        ],
        "no-data",
    )


def missing_notice(lab: Workspace, facts: pd.DataFrame) -> Prose:
    """Which topics no source speaks of, said by name."""
    known = set(facts.loc[facts["scope"].eq(published.OWN), "topic"])
    topics = (*HOUSES, *FINANCE)
    missing = [topic for topic in topics if topic not in known]
    count = f"{german.number(len(topics) - len(missing))} von {german.number(len(topics))}"
    sentences = [f"Veröffentlichte Angaben für {lab.region.name} gibt es zu {count} Themen."]
    if missing:
        sentences.append(
            f"Nicht veröffentlicht: {german.enumeration(missing)}. Auskunft geben die Häuser "
            "selbst, ihre Qualitätsberichte und das Krankenhausministerium des Landes."
        )
    return notice(sentences, "no-data" if missing else "note")


# ------------------------------------------------------------------------------- standards


def standards_table(lab: Workspace) -> DataTable:
    """What the planning of the Land and of the federation sets as the way to a hospital."""
    standards = standards_for(lab.region.land)
    is_set = any(standard.land == lab.region.land for standard in standards)
    data = pd.DataFrame(
        {
            "Vorgabe": [standard.name for standard in standards],
            "gilt für": [standard.subject for standard in standards],
            "Pkw-Minuten höchstens": [german.number(standard.minutes) for standard in standards],
            "Anteil der Bevölkerung": [
                "nicht genannt"
                if standard.share is None
                else f"{german.number(100 * standard.share)} %"
                for standard in standards
            ],
        }
    )
    return DataTable(
        id="hospital-standards",
        title="Wie weit es zum Krankenhaus sein soll",
        caption="Planungsziele für ein Land oder den Bund. Eine einzelne Gemeinde hat daraus "
        "keinen Anspruch. Die Werte stammen aus Berichten über die Regeln, nicht aus den Regeln "
        "selbst."
        + ("" if is_set else f" Für {lab.region.land_name} ist keine eigene Vorgabe bekannt."),
        data=data,
        level="Land und Bund",
        as_of=lab.as_of,
        attributions=list(dict.fromkeys(standard.source for standard in standards)),
    )
