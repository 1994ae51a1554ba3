"""The municipalities that a reader chooses, beside the region."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pipeline.errors import FigureError, NoDataError, ParameterError
from pipeline.figures import german
from pipeline.figures.comparison import NO_CAUSE
from pipeline.figures.contract import DataTable
from pipeline.figures.position import period_words, printed
from pipeline.figures.prose import Prose, notice
from pipeline.methods import comparison
from pipeline.methods.comparison import MunicipalIndicator
from pipeline.methods.comparison_group import Frames
from pipeline.methods.comparison_levels import changes
from pipeline.methods.findings import Finding
from pipeline.regions import Place, find_region
from pipeline.tables.workspace import Workspace

#: Municipalities that a reader may choose.
MOST_CHOSEN = 5


def chosen(lab: Workspace, compare_with: object) -> list[Place]:
    """The municipalities that the parameter `compare_with` names.

    Parameters
    ----------
    compare_with : up to `MOST_CHOSEN` keys (AGS, or the slug of a model region).

    Raises
    ------
    ParameterError : no list of texts, too many, or one twice.
    UnknownRegionError : a key that the data do not know, with the nearest names.
    """
    is_list = isinstance(compare_with, (list, tuple))
    keys = list(compare_with) if isinstance(compare_with, (list, tuple)) else []
    if not is_list or not all(isinstance(key, str) for key in keys):
        raise ParameterError(
            "compare_with is no list of keys",
            found=compare_with,
            expected='a list of AGS in quotes, for example ["05766024", "05762036"]',
            remedy="an AGS is text: as a number it loses its leading zero",
        )
    if len(keys) > MOST_CHOSEN or len(set(keys)) < len(keys):
        raise ParameterError(
            "too many municipalities to compare with, or one of them twice",
            found=compare_with,
            expected=f"up to {MOST_CHOSEN} different keys",
        )
    municipalities = lab.table("municipalities")
    return [find_region(key, municipalities).place for key in keys]


def chosen_view(lab: Workspace, tables: Frames, compare_with: object) -> DataTable | Prose:
    """The table of the chosen municipalities, or how to choose some.

    Raises
    ------
    NoDataError : nothing is known of any of them.
    ParameterError, UnknownRegionError : as for `chosen`.
    """
    places = chosen(lab, compare_with)
    if places:
        return chosen_table(lab, tables, [lab.region.place, *places])
    return notice(
        [
            f"Bis zu {german.words(MOST_CHOSEN)} Gemeinden der eigenen Wahl lassen sich hier "
            "danebenstellen. Wer den Bericht erstellt, nennt dafür ihre Gemeindeschlüssel "
            "(Angabe compare_with)."
        ],
        "note",
    )


def chosen_table(lab: Workspace, tables: Frames, places: Sequence[Place]) -> DataTable:
    """The region (the first place) beside chosen municipalities, in the same period and basis.

    Raises
    ------
    NoDataError : nothing is known of any of them.
    """
    found = {i.id: [i.find(tables, place) for place in places] for i in comparison.INDICATORS}
    # the span that most of the places have in common, not the latest of each
    found["population-change"] = changes(tables.population, places)
    known = [f for findings in found.values() for f in findings if f.is_known]
    if not known:
        raise NoDataError("Für keine der gewählten Gemeinden liegen eigene Zahlen vor")
    columns = {
        place.name: [_chosen_cell(ind, found[ind.id], n) for ind in comparison.INDICATORS]
        for n, place in enumerate(places)
    }
    if len(columns) < len(places):
        raise FigureError("two of the compared municipalities have one name", found=list(columns))
    return DataTable(
        id="chosen",
        title="Die Gemeinde neben den gewählten Gemeinden",
        caption=f"{german.enumeration([place.name for place in places])}. Der Stand ist der der "
        "ersten Spalte; „anderer Stand“ heißt, dass für diesen Zeitraum keine Zahl vorliegt.",
        data=pd.DataFrame(
            {
                "Merkmal": [indicator.label for indicator in comparison.INDICATORS],
                "Stand": [_period(found[indicator.id]) for indicator in comparison.INDICATORS],
                **columns,
            }
        ),
        level="Gemeinde",
        as_of=lab.as_of,
        attributions=lab.attributions(sorted({row.source_id for f in known for row in f.evidence})),
        is_computed=True,
        notes=[NO_CAUSE],
    )


def _period(findings: Sequence[Finding]) -> str:
    """The period of a row: the region's own, else that of the first with a value."""
    known = [finding for finding in findings if finding.is_known]
    return period_words(known[0].time_period) if known else german.NO_DATA


def _chosen_cell(indicator: MunicipalIndicator, findings: Sequence[Finding], n: int) -> str:
    known = [finding for finding in findings if finding.is_known]
    if findings[n].value is None:
        return german.NO_DATA
    if findings[n].time_period != known[0].time_period:
        return "anderer Stand"
    return printed(indicator, findings[n].value or 0.0)
