"""The most important findings of a region: a register of indicators, run and put in order.

``collect(source)`` is all that a chapter or the advice needs; what each indicator looks at stands
in `key_indicators`, how findings are weighed in `noteworthy`.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.errors import NoDataError, TableError
from pipeline.methods.findings import Finding
from pipeline.methods.key_indicators import INDICATORS
from pipeline.methods.noteworthy import Indicator, KeyFinding, Source, weighed
from pipeline.methods.observed import about, no_data
from pipeline.regions import Region

__all__ = ["INDICATORS", "Indicator", "KeyFinding", "Source", "collect", "leading", "missing"]


def collect(
    source: Source,
    region: Region | None = None,
    indicators: Sequence[Indicator] = INDICATORS,
) -> list[KeyFinding]:
    """Every indicator's finding for a region, the weightiest first.

    Parameters
    ----------
    source : a workspace, or anything that gives tables and places.
    region : region of `source` by default.
    indicators : the register by default.

    Returns
    -------
    One key finding an indicator. Where a table has not been made or holds nothing, it is of the
    kind "keine Daten" with weight 0. Equal weights keep the order of the register.
    """
    of = region or source.region
    found = [
        weighed(indicator, _finding(source, of, indicator), source.reference_date)
        for indicator in indicators
    ]
    return sorted(found, key=lambda item: -item.weight)


def _finding(source: Source, region: Region, indicator: Indicator) -> Finding:
    try:
        return indicator.find(source, region)
    except NoDataError as error:
        reason = error.message
    except TableError:
        reason = "Die Tabelle, aus der die Angabe käme, ist noch nicht erzeugt."
    return no_data(
        reason,
        id=indicator.id,
        topic=indicator.topic,
        label=indicator.label,
        unit=indicator.unit,
        **about(region.place),
    )


def leading(found: Sequence[KeyFinding], own: int, shared: int) -> list[KeyFinding]:
    """The weightiest findings: the region's own first, then those of larger areas.

    A finding of the Kreis is the same for all its municipalities. It never takes the place of one
    of the region's own, and readers meet it after them.

    Parameters
    ----------
    found : as returned by `collect`.
    own, shared : how many of each at most.
    """
    known = [item for item in found if item.finding.is_known]
    return [
        *[item for item in known if item.is_own][:own],
        *[item for item in known if not item.is_own][:shared],
    ]


def missing(found: Sequence[KeyFinding]) -> list[KeyFinding]:
    """The indicators for which there is no number."""
    return [item for item in found if not item.finding.is_known]
