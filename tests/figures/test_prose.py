"""Sentences: every number is a finding, and a missing one says so."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.errors import FigureError, NoDataError
from pipeline.figures.contract import PROSE_MIME
from pipeline.figures.prose import or_no_data, tell
from pipeline.methods.findings import Evidence, Finding


def finding(value: float | None, **other: Any) -> Finding:
    row = Evidence("source", "population", {"ref_area": "05566076"}, value or 0.0)
    given: dict[str, Any] = {
        "id": "population-total", "topic": "population", "label": "Einwohnerzahl",
        "value": value, "unit": "persons", "ref_area": "05566076", "ref_area_name": "Rheine",
        "level": "municipality", "time_period": "2024-12-31",
        "kind": "veröffentlichter Wert", "evidence": (row,),
    }  # fmt: skip
    return Finding(**{**given, **other})


def test_sentence_prints_the_finding_in_german_and_keeps_it() -> None:
    total = finding(77209.0)
    text = tell("Am {total.date} lebten in {total.area} {total.number} Menschen.", total=total)
    assert text.sentences == ("Am 31. Dezember 2024 lebten in Rheine 77.209 Menschen.",)
    (kept,) = text._repr_mimebundle_()[PROSE_MIME]["findings"]  # type: ignore[index]
    assert (kept["id"], kept["value"], kept["sources"]) == ("population-total", 77209.0, ["source"])


def test_typed_number_is_refused() -> None:
    with pytest.raises(FigureError, match="typed into a sentence"):
        tell("In Rheine leben 77.209 Menschen, {total.kind}.", total=finding(77209.0))


def test_unknown_placeholder_and_unused_part_are_refused() -> None:
    with pytest.raises(FigureError, match="unknown placeholder"):
        tell("{summe.number} Menschen", total=finding(1.0))
    with pytest.raises(FigureError, match="not used"):
        tell("Menschen leben hier.", total=finding(1.0))


def test_missing_value_becomes_no_data_with_its_reason() -> None:
    missing = finding(None, kind="keine Daten", reason="Nicht veröffentlicht.", evidence=())
    text = tell("Hier leben {total.number} Menschen.", total=missing)
    assert text.tone == "no-data"
    assert text.sentences == ("Keine Daten: Nicht veröffentlicht.",)


def test_chart_without_data_says_why() -> None:
    def chart() -> None:
        raise NoDataError("kein Altersaufbau für Gifhorn")

    text = or_no_data(chart)
    assert text is not None
    assert text.sentences == ("Keine Daten: kein Altersaufbau für Gifhorn.",)
