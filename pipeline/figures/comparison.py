"""Figures of the chapter "Vergleich": levels, similar municipalities, chosen municipalities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures import german
from pipeline.figures.contract import DataTable
from pipeline.figures.position import PositionFigure, period_words, position_figure
from pipeline.figures.prose import Prose, notice, tell, together
from pipeline.methods import comparison
from pipeline.methods.comparison import MunicipalIndicator, Position
from pipeline.methods.comparison_group import Frames, Group, similar_municipalities
from pipeline.methods.comparison_levels import Levels, above_finding, coverage_findings
from pipeline.methods.findings import Finding
from pipeline.methods.physicians import GP_GROUP
from pipeline.regions import Place
from pipeline.tables.workspace import Workspace

#: Stands under every comparison of municipalities.
NO_CAUSE = (
    "Ein Unterschied ist keine Ursache: Warum eine Gemeinde anders dasteht, sagt die Zahl nicht. "
    "Sie zeigt, wo sich ein Gespräch lohnt."
)
_LEVEL_TABLES = ("population", "social", "physicians", "hospitals", "deprivation")
_DECIMALS = {"quintile_of_400_kreise": 0, "persons": 0}


def frames(lab: Workspace) -> Frames:
    """The tables of the municipal indicators, for all municipalities of the data."""
    return Frames(lab.table("population"), lab.table("social"), lab.table("municipalities"))


def level_tables(lab: Workspace) -> dict[str, pd.DataFrame]:
    """The tables of `comparison_levels.levels`, for the region and the larger areas."""
    return {name: lab.table(name, lab.areas) for name in _LEVEL_TABLES}


# --- levels --------------------------------------------------------------------------------


def levels_table(lab: Workspace, rows: Sequence[Levels]) -> DataTable:
    """Each indicator for the municipality, its Kreis, its Land and Germany.

    Parameters
    ----------
    rows : as returned by `methods.comparison_levels.levels`.
    """
    known = [finding for row in rows for finding in row.known]
    if not known:
        raise NoDataError(f"keine vergleichbaren Zahlen für {lab.region.name}")
    places = lab.places
    data: dict[str, list[str]] = {"Merkmal": [row.label for row in rows]}
    data["Stand"] = [
        period_words(row.known[0].time_period) if row.known else german.NO_DATA for row in rows
    ]
    for i, place in enumerate(places):
        data[place.name] = [_level_cell(row, row.findings[i]) for row in rows]
    total = german.number(len(places))
    data["Ebenen mit Zahl"] = [f"{german.number(len(row.known))} von {total}" for row in rows]
    return DataTable(
        id="levels",
        title="Jedes Merkmal auf jeder Ebene, für die es vorliegt",
        caption=f"{german.enumeration([place.name for place in places])}. In einer Zeile stehen "
        "nur Werte desselben Zeitraums und derselben Zensusbasis. Zu- und Fortzüge fehlen, weil "
        "größere Gebiete auch die Umzüge zwischen ihren Gemeinden zählen. „keine Daten“ heißt: Auf "
        "dieser Ebene ist nichts veröffentlicht.",
        data=pd.DataFrame(data),
        level=german.enumeration([place.name for place in places]),
        as_of=lab.as_of,
        attributions=_attributions(lab, known),
        is_computed=True,
    )


def _level_cell(row: Levels, finding: Finding) -> str:
    if finding.value is None:
        return german.NO_DATA
    write = german.signed if row.id == "population-change" else german.number
    return write(finding.value, _DECIMALS.get(row.unit, 1))


def levels_text(rows: Sequence[Levels], places: Sequence[Place]) -> Prose:
    """How much is known on how many levels, and where the region stands among them."""
    counts = coverage_findings(rows, places)
    number = german.words(len(places))
    share = tell(
        "Verglichen werden {all.words} Merkmale auf {number} Ebenen. Auf allen {number} Ebenen "
        "{full.plural:liegt|liegen} {full.words} davon vor, eine eigene Zahl {all.for_place} "
        "gibt es bei {own.words}.",
        number=number,
        **counts,
    )
    ratio = next(row for row in rows if row.id == "old-age-ratio")
    above, home = above_finding(ratio), ratio.findings[0]
    if above.value is None:
        return share
    larger = len(ratio.known) - 1
    position = tell(
        "Der Altenquotient {home.place} ({home.number}, {home.date}) liegt {above}.",
        home=home, above=_above(int(above.value), larger),
    )  # fmt: skip
    return together(share, replace(position, findings=(*position.findings, above)))


def _above(n: int, larger: int) -> str:
    """ "über dem von zwei der drei größeren Gebiete"."""
    if larger == 1:
        return f"{'über' if n else 'nicht über'} dem des größeren Gebiets"
    many = german.words(larger)
    if n == larger:
        return f"über dem {'beider' if n == 2 else f'aller {many}'} größeren Gebiete"
    if n == 0:
        return f"nicht über dem {'der beiden' if larger == 2 else f'der {many}'} größeren Gebiete"
    one = "einem" if n == 1 else german.words(n)
    return f"über dem von {one} der {many} größeren Gebiete"


# --- similar municipalities ----------------------------------------------------------------


def group(lab: Workspace, tables: Frames) -> Group:
    """The comparison group of the region; `NoDataError` ("keine Vergleichsgruppe") without one."""
    return similar_municipalities(tables, lab.region, lab.area_names)


def group_table(lab: Workspace, tables: Frames) -> DataTable:
    """The similar municipalities, how alike they are, and the GP density of their Kreis.

    Raises
    ------
    NoDataError : there is no group.
    """
    similar = group(lab, tables)
    totals = [comparison.INDICATORS[0].find(tables, place) for place in similar.places]
    gps = lab.table("physicians")
    gps = gps.loc[gps["measure"].eq("density") & gps["doctor_group"].eq(GP_GROUP)]
    density = gps.set_index("ref_area")["obs_value"]
    kreise = [place.ref_area[:5] for place in similar.places]
    used = gps.loc[gps["ref_area"].isin(kreise), "source_id"]
    return DataTable(
        id="similar",
        title="Die ähnlichsten Gemeinden und ihr Kreis",
        caption=f"Ähnlich wie {lab.region.name}, nach Größe, Dichte und Alter, die ähnlichste "
        "zuerst. Ein kleinerer Abstand heißt ähnlicher. Die Hausarztdichte ist die des Kreises und "
        "kein Wert der Gemeinde.",
        data=pd.DataFrame(
            {
                "Gemeinde": [place.name for place in similar.places],
                "Kreis": [lab.name_of(kreis) for kreis in kreise],
                "Abstand": [german.number(distance, 2) for distance in similar.distances],
                "Einwohner": [german.cell(_value(total)) for total in totals],
                "Hausärzte je 100.000 im Kreis": [
                    german.cell(float(density.get(kreis, float("nan"))), decimals=1)
                    for kreis in kreise
                ],
            }
        ),
        level="Gemeinde; Hausarztdichte: Kreis",
        as_of=lab.as_of,
        attributions=lab.attributions(
            sorted({*used, *(row.source_id for f in totals for row in f.evidence)})
        ),
        is_computed=True,
        notes=[
            similar.rule,
            "Andere Merkmale gäben eine etwas andere Gruppe: Von acht Gemeinden wären zwei oder "
            "drei andere.",
        ],
    )


def positions(
    lab: Workspace, tables: Frames, indicators: Sequence[MunicipalIndicator]
) -> list[Position]:
    """The positions of the region among its group; `NoDataError` without a group."""
    similar = _group_of(lab, tables, "wer besser dasteht")
    return comparison.positions(tables, lab.region.place, similar, indicators)


def _group_of(lab: Workspace, tables: Frames, question: str) -> Group:
    """The group, or what stays open without one: why there is none stands with the table."""
    try:
        return group(lab, tables)
    except NoDataError:
        raise NoDataError(
            f"Ohne Vergleichsgruppe lässt sich für {lab.region.name} nicht sagen, {question}"
        ) from None


def position_chart(lab: Workspace, tables: Frames) -> PositionFigure:
    """The position chart of the region; `NoDataError` without a group."""
    home = lab.region.place
    similar = _group_of(lab, tables, "wo es unter ähnlichen Gemeinden steht")
    return position_figure(lab, home, similar, comparison.positions(tables, home, similar))


def better_text(lab: Workspace, tables: Frames) -> Prose:
    """Which similar municipality does better, and in what; with what a difference does not say.

    Raises
    ------
    NoDataError : there is no group.
    """
    judged = positions(lab, tables, [i for i in comparison.INDICATORS if i.polarity])
    if not judged:
        return notice(
            ["Für kein Merkmal mit eigener Zahl ist „besser“ oder „schlechter“ festgelegt."], "note"
        )
    return together(*(_better(lab, p) for p in judged), _quiet(NO_CAUSE))


def _better(lab: Workspace, position: Position) -> Prose:
    home = position.subject
    if not position.better:
        return tell(
            "{label}: Keine der ähnlichen Gemeinden steht besser da als {home.area} "
            "({home.number} Prozent {home.when}).",
            label=position.indicator.label.partition(" (")[0], home=home,
        )  # fmt: skip
    best = position.better[0]
    return tell(
        "{label}: {names} {verb} besser da als {home.area} ({home.number} Prozent {home.when}), am "
        "günstigsten {best.area} mit {best.number} Prozent.",
        label=position.indicator.label.partition(" (")[0],
        names=german.enumeration([f.ref_area_name for f in position.better]),
        verb=german.plural(len(position.better), "steht|stehen"),
        home=home, best=best,
    )  # fmt: skip


def _quiet(sentence: str) -> Prose:
    return Prose((sentence,), ())


def _value(finding: Finding) -> float:
    return float("nan") if finding.value is None else finding.value


def _attributions(lab: Workspace, findings: Sequence[Finding]) -> list[str]:
    return lab.attributions(sorted({row.source_id for f in findings for row in f.evidence}))


def own_municipality(lab: Workspace) -> Prose:
    """Whose figures the chapter shows, and which it cannot."""
    region = lab.region
    if region.is_kreis:
        text = f"{region.name} ist kreisfrei: Zahlen des Kreises sind die der Stadt."
    else:
        text = (
            f"Zahlen {german.of_place(lab.name_of(region.kreis))} gelten für alle seine Gemeinden. "
            f"Sie stehen hier neben denen für {region.name}, nie an ihrer Stelle."
        )
    return notice([text], "note")
