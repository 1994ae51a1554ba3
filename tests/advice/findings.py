"""Literal findings for the tests of the advice; every place and number here is invented."""

from __future__ import annotations

from pipeline.advice.situation import INDICATORS
from pipeline.methods.findings import Comparison, Evidence, Finding
from pipeline.regions import Region

PLACE = Region("musterstadt", "Musterstadt", ("05999001",), ("Musterstadt",))


def unknown() -> dict[str, Finding]:
    """A situation in which nothing is known."""
    return {
        key: Finding(
            id=key, topic=indicator.topic, label=indicator.label, value=None, unit=indicator.unit,
            ref_area="05999001", ref_area_name="Musterstadt", level="municipality",
            time_period="–", kind="keine Daten", reason="erfunden",
        )
        for key, indicator in INDICATORS.items()
    }  # fmt: skip


def known(
    key: str, value: float, level: str = "municipality", beside: float | None = None
) -> Finding:
    """A finding of an indicator; `beside` is the value of the association's area."""
    other = None
    if beside is not None:
        other = Comparison(beside, "Westfalen-Lippe", "kv_region", "2023", across_levels=True)
    indicator = INDICATORS[key]
    row = Evidence("erfundene-quelle", "physicians", {"ref_area": "05999001"}, value)
    return Finding(
        id=key, topic=indicator.topic, label=indicator.label, value=value, unit=indicator.unit,
        ref_area="05999001", ref_area_name="Musterkreis" if level == "kreis" else "Musterstadt",
        level=level, time_period="2023", kind="veröffentlichter Wert", comparison=other,
        evidence=(row,),
    )  # fmt: skip


def situation(*findings: Finding) -> dict[str, Finding]:
    """A situation in which only these are known."""
    return {**unknown(), **{finding.id: finding for finding in findings}}
