"""Figures of the overview: all model regions side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd

from pipeline.figures import charts, german, theme
from pipeline.figures.contract import DataTable, Figure
from pipeline.methods import coverage
from pipeline.methods.findings import Finding
from pipeline.regions import Region
from pipeline.tables.workspace import Workspace

#: Word → marker and colour in the coverage matrix; the marker alone tells the words apart.
_LEGEND = (
    (coverage.OWN, "o", theme.BLUE),
    (coverage.PLANNING_AREA, "s", theme.GREEN),
    (coverage.KREIS, "open-o", theme.MUTED),
    (coverage.NONE, "x", theme.ORANGE),
)


def coverage_figure(
    lab: Workspace, regions: Sequence[Region], levels: Sequence[Mapping[str, str]]
) -> Figure:
    """What is known for which region, and at which level.

    Parameters
    ----------
    levels : one mapping a region, as returned by `methods.coverage.coverage_of`.
    """
    matrix = pd.DataFrame(list(levels), index=[region.name for region in regions])
    sources = sorted(
        {name for table in coverage.TABLES for name in lab.table(table)["source_id"].unique()}
    )
    producers = lab.producers(sources)
    own = int((matrix == coverage.OWN).sum().sum())
    return Figure(
        id="coverage",
        title="Was wo bekannt ist, und auf welcher Ebene",
        caption=f"{german.number(own)} von {german.number(matrix.size)} Angaben liegen für die "
        "Gemeinden selbst vor. Wo nur der Kreis bekannt ist, haben alle Gemeinden dieses Kreises "
        "dieselbe Zahl; sie ist nicht ihre eigene.",
        alt="Tabelle aus Zeichen: "
        + "; ".join(
            f"{word} {german.number(int((matrix == word).sum().sum()))} Mal" for word, *_ in _LEGEND
        )
        + ".",
        data=matrix.rename_axis("Region").reset_index(),
        level="Modellregionen",
        as_of=lab.as_of,
        attributions=producers,
        draw=partial(charts.coverage, matrix, _LEGEND),
        is_computed=True,
    )


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
