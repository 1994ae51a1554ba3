"""Figures of the overview: all model regions side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

import pandas as pd

from pipeline.errors import TableError
from pipeline.figures import charts, coverage_chart, german, theme
from pipeline.figures.contract import DataTable, Figure
from pipeline.figures.summary import value_text
from pipeline.methods import coverage, data_quality, key_findings
from pipeline.methods.findings import Finding
from pipeline.methods.noteworthy import KeyFinding
from pipeline.regions import MODEL_REGIONS, Region
from pipeline.tables.registry import TABLES
from pipeline.tables.workspace import Workspace

#: Tables whose sources get points.
_QUALITY = (
    "population", "vital_events", "migration", "physicians", "care", "hospitals", "deprivation",
    "social", "access", "structure",
)  # fmt: skip

#: Word → marker and colour in the coverage matrix; the marker alone tells the words apart.
_LEGEND = (
    (coverage.OWN, "o", theme.BLUE),
    (coverage.ESTIMATE, "D", theme.SKY),
    (coverage.PLANNING_AREA, "s", theme.GREEN),
    (coverage.KREIS, "open-o", theme.MUTED),
    (coverage.NONE, "x", theme.ORANGE),
)


def coverage_tables(lab: Workspace) -> dict[str, pd.DataFrame]:
    """The tables that `methods.coverage` looks at; the projection where it has been made."""
    tables = {name: lab.table(name) for name in coverage.TABLES}
    with suppress(TableError):  # the matrix then says "keine Daten"
        tables["projection"] = lab.derived("projection")
    return tables


def coverage_producers(lab: Workspace) -> list[str]:
    """Who publishes the tables that `methods.coverage` looks at."""
    sources = {name for table in coverage.TABLES for name in lab.table(table)["source_id"].unique()}
    return lab.producers(sorted(sources))


def coverage_figure(
    lab: Workspace, regions: Sequence[Region], levels: Sequence[Mapping[str, str]]
) -> Figure:
    """What is known for which region, and at which level.

    Parameters
    ----------
    levels : one mapping a region, as returned by `methods.coverage.coverage_of`.
    """
    matrix = pd.DataFrame(list(levels), index=[region.name for region in regions])
    counts = [coverage.own_count(level) for level in levels]
    own, total = sum(n for n, _ in counts), sum(m for _, m in counts)
    data = matrix.rename_axis("Region").reset_index()
    data.insert(
        1, "eigene Zahlen", [f"{german.number(n)} von {german.number(m)}" for n, m in counts]
    )
    return Figure(
        id="coverage",
        title="Was wo bekannt ist, und auf welcher Ebene",
        caption=f"{german.number(own)} von {german.number(total)} Angaben liegen für die "
        "Gemeinden selbst vor. Wo nur der Kreis bekannt ist, haben alle Gemeinden dieses Kreises "
        "dieselbe Zahl; sie ist nicht ihre eigene. Eine Schätzung hat niemand gezählt.",
        alt="Tabelle aus Zeichen: "
        + "; ".join(
            f"{word} {german.number(int((matrix == word).sum().sum()))} Mal" for word, *_ in _LEGEND
        )
        + ".",
        data=data,
        level="Modellregionen",
        as_of=lab.as_of,
        attributions=coverage_producers(lab),
        draw=partial(coverage_chart.matrix, matrix, _LEGEND),
        is_computed=True,
    )


def quality_table(lab: Workspace) -> DataTable:
    """The points of every data set, by the rule of `methods.data_quality`."""
    frames = {name: lab.table(name) for name, table in TABLES.items() if name in _QUALITY} | {
        "needs_planning": _planning_rows(lab)
    }
    sources = lab.table("sources").set_index("source_id")
    titles = {str(source): str(title) for source, title in sources["title"].items()}
    members = [area for region in MODEL_REGIONS.values() for area in region.areas]
    points = data_quality.quality_of(
        frames,
        {name: TABLES[name].warnings for name in frames},
        dict(sources["licence"]),
        members,
        lab.reference_date,
    )
    columns = {
        label: [german.cell(float(value)) if pd.notna(value) else "–" for value in points[name]]
        for name, label in data_quality.CRITERIA.items()
    }
    return DataTable(
        id="data-quality",
        title="Wie weit die Datensätze tragen",
        caption="Jede Zeile ist eine Quelle in einer Tabelle, die tragfähigste zuerst. Punkte von "
        "null bis zwei je Merkmal; die Regel steht unter der Tabelle.",
        data=pd.DataFrame(
            {
                "Datensatz": [
                    f"{TABLES[name].title}: {titles[source]}"
                    for name, source in zip(points["table"], points["source_id"], strict=True)
                ],
                "Stand": [german.period(str(day), is_short=True) for day in points["latest"]],
                **columns,
                "Gebiete": [
                    f"{german.number(n)} von {german.number(m)}" if m else "–"
                    for n, m in zip(points["n_known"], points["n_expected"], strict=True)
                ],
                "Punkte": [
                    f"{german.number(n)} von {german.number(m)}"
                    for n, m in zip(points["points"], points["possible"], strict=True)
                ],
            }
        ),
        level="Modellregionen und ihre Kreise",
        as_of=lab.as_of,
        attributions=lab.producers(sorted(set(points["source_id"]))),
        is_computed=True,
        notes=list(data_quality.RULE),
    )


def _planning_rows(lab: Workspace) -> pd.DataFrame:
    """Published grades as observations: their territory is a planning area."""
    rows = lab.table("needs_planning")
    rows = rows.loc[rows["date_from"].le(lab.reference_date.isoformat())]
    return pd.DataFrame(
        {
            "ref_area": rows["planning_area"],
            "time_period": rows["date_from"],
            "obs_value": rows["grade_percent"],
            "source_id": rows["source_id"],
        }
    )


def findings_table(lab: Workspace, regions: Sequence[Region]) -> DataTable:
    """The weightiest findings of each region: its own, and those of its larger areas beside."""
    found = {region.name: key_findings.collect(lab, region) for region in regions}
    told = {name: key_findings.leading(items, 2, 1) for name, items in found.items()}
    shown = [item.finding for items in told.values() for item in items]
    return DataTable(
        id="main-findings",
        title="Die wichtigsten Befunde je Region",
        caption="Je Region die zwei gewichtigsten eigenen Befunde und der gewichtigste aus einem "
        "größeren Gebiet. Dieser gilt dort für alle Gemeinden und unterscheidet sie nicht. Die "
        "Gewichte ordnen nur innerhalb einer Region. In Klammern: Spanne einer Schätzung.",
        data=pd.DataFrame(
            {
                "Region": list(told),
                "eigener Befund": [_told(items, 0, is_own=True) for items in told.values()],
                "weiterer eigener Befund": [
                    _told(items, 1, is_own=True) for items in told.values()
                ],
                "Befund eines größeren Gebiets": [
                    _told(items, 0, is_own=False) for items in told.values()
                ],
            }
        ),
        level="Modellregion; Kreis und Planungsbereich, wo genannt",
        as_of=lab.as_of,
        attributions=lab.attributions(
            sorted({row.source_id for finding in shown for row in finding.evidence})
        ),
        is_computed=True,
    )


def _told(items: Sequence[KeyFinding], n: int, *, is_own: bool) -> str:
    """The n-th finding of the region or of a larger area: label, value, whose, when."""
    chosen = [item for item in items if item.is_own == is_own][n : n + 1]
    if not chosen:
        return german.NO_DATA
    item, finding = chosen[0], chosen[0].finding
    text = f"{item.label}: {value_text(finding)}"
    if is_own and str(finding.time_period) in item.label:
        return text
    where = "" if is_own else f"{german.place_name(finding.ref_area_name, finding.level)}, "
    return f"{text} ({where}{german.period(finding.time_period, is_short=True)})"


def population_figure(lab: Workspace, totals: Sequence[Finding]) -> Figure:
    """Latest population of all regions.

    Parameters
    ----------
    totals : as returned by `methods.population.total_finding`, one a region.
    """
    known = sorted((f for f in totals if f.value is not None), key=lambda f: -(f.value or 0.0))
    attributions = lab.attributions(
        sorted({row.source_id for finding in known for row in finding.evidence})
    )
    bars = [
        charts.Bar(f.ref_area_name, f.value or 0.0, german.number(f.value or 0.0)) for f in known
    ]
    return Figure(
        id="population-all",
        title="Die Modellregionen sind sehr verschieden groß",
        caption="Einwohnerinnen und Einwohner am jüngsten Stichtag, für den eine Zahl vorliegt.",
        alt=f"Balken für {german.number(len(known))} Regionen, von {known[0].ref_area_name} mit "
        f"{bars[0].printed} bis {known[-1].ref_area_name} mit {bars[-1].printed} Menschen.",
        data=pd.DataFrame(
            {
                "Region": [f.ref_area_name for f in known],
                "Einwohner": [bar.printed for bar in bars],
                "Stichtag": [german.period(f.time_period, is_short=True) for f in known],
                "Art": [f.kind for f in known],
            }
        ),
        level="Modellregionen",
        as_of=lab.as_of,
        attributions=attributions,
        is_computed=any(f.kind == "eigene Berechnung" for f in known),
        draw=partial(charts.bars, bars),
    )


def comparison_table(
    lab: Workspace, rows: Sequence[tuple[Region, Mapping[str, Finding]]]
) -> DataTable:
    """Some indicators of all regions, each with the level that it belongs to.

    Parameters
    ----------
    rows : region and its findings by column title.
    """
    columns = list(rows[0][1])
    data = {"Region": [region.name for region, _ in rows]}
    for name in columns:
        data[name] = [_printed(findings[name]) for _, findings in rows]
    known = [f for _, findings in rows for f in findings.values() if f.is_known]
    return DataTable(
        id="comparison",
        title="Die Modellregionen im Vergleich",
        caption="Hausarztdichte: Werte des Kreises, nicht der Gemeinden. Versorgungsgrad: "
        "veröffentlichter Wert des Planungsbereichs mit seinem Datum. Regionen eines Kreises haben "
        "dieselbe Hausarztdichte; das ist kein Befund über die einzelne Gemeinde.",
        data=pd.DataFrame(data),
        level="Modellregion, Kreis, Planungsbereich",
        as_of=lab.as_of,
        attributions=lab.attributions(sorted({e.source_id for f in known for e in f.evidence})),
        is_computed=True,
    )


def _printed(finding: Finding) -> str:
    if finding.value is None:
        return german.NO_DATA
    decimals = 0 if finding.unit == "persons" else 1
    text = german.number(finding.value, decimals)
    if finding.level in {"region", "municipality"}:
        return text
    where = finding.ref_area_name
    when = german.period(finding.time_period, is_short=True)
    return f"{text} ({where}, {when})"
