"""Findings: what cannot be built, how a value stands to its threshold, and the round trip."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MethodInputError
from pipeline.methods.findings import (
    COLUMNS,
    KINDS,
    KINDS_WITHOUT_VALUE,
    LEVELS,
    Comparison,
    Evidence,
    Finding,
    Threshold,
    Uncertainty,
    from_frame,
    to_frame,
)

# A synthetic grade of a synthetic planning area.
ROW = Evidence("synthetic-source", "needs_planning", {"ref_area": "MB-1"}, 75.8)
PUBLISHED = Finding(
    id="gp-grade-mb-1",
    topic="supply",
    label="Versorgungsgrad Hausärzte",
    value=75.8,
    unit="percent",
    ref_area="MB-1",
    ref_area_name="Mittelbereich Musterstadt",
    level="planning_area",
    time_period="2024-09",
    kind="veröffentlichter Wert",
    threshold=Threshold(75.0, "Unterversorgung", "Bedarfsplanungs-Richtlinie, § 29"),
    evidence=(ROW,),
    limits=("Der Versorgungsgrad gilt für den Mittelbereich, nicht für die Gemeinde.",),
)
ESTIMATE = replace(
    PUBLISHED,
    id="gp-grade-2035-mb-1",
    kind="Schätzung",
    value=70.0,
    uncertainty=Uncertainty(62.0, 79.0, 0.8, "Simulation"),
    comparison=Comparison(98.0, "Kreis Muster", "kreis", "2024", across_levels=True),
)
ABSENT = replace(
    PUBLISHED,
    id="midwives-mb-1",
    kind="keine Daten",
    value=None,
    threshold=None,
    evidence=(),
    reason="Hebammen werden auf Gemeindeebene nicht veröffentlicht.",
)


def test_every_kind_is_explained_and_knows_whether_it_holds_a_number() -> None:
    assert set(KINDS) == {
        "veröffentlichter Wert",
        "eigene Berechnung",
        "Schätzung",
        "keine Daten",
        "nicht berechenbar",
    }
    assert all(text.endswith(".") for text in KINDS.values())
    assert set(KINDS) >= KINDS_WITHOUT_VALUE


@pytest.mark.parametrize(
    ("value", "expected"),
    [(74.9, "unter"), (75.0, "gleich"), (75.0 + 1e-9, "gleich"), (75.1, "über")],
)
def test_relation_to_threshold_names_the_side(value: float, expected: str) -> None:
    finding = replace(PUBLISHED, value=value, kind="eigene Berechnung")
    assert finding.relation_to_threshold == expected


def test_relation_is_none_without_threshold_or_value() -> None:
    assert replace(PUBLISHED, threshold=None).relation_to_threshold is None
    assert ABSENT.relation_to_threshold is None
    assert ABSENT.is_relation_certain is None
    assert not ABSENT.is_known


def test_relation_is_uncertain_when_the_limits_span_the_threshold() -> None:
    assert ESTIMATE.relation_to_threshold == "unter"
    assert ESTIMATE.is_relation_certain is False
    narrow = replace(ESTIMATE, uncertainty=Uncertainty(62.0, 74.0, 0.8, "Simulation"))
    assert narrow.is_relation_certain is True
    assert PUBLISHED.is_relation_certain is True


@pytest.mark.parametrize(
    ("change", "message"),
    [
        # 1. a number without a row behind it
        ({"evidence": ()}, "no evidence"),
        # 2. a published value that its row does not hold
        ({"value": 75.9}, "stands in none of its evidence rows"),
        # 3. an estimate without its uncertainty
        ({"kind": "Schätzung"}, "does not state its uncertainty"),
        # 4. a value outside its own limits
        ({"uncertainty": Uncertainty(76.0, 80.0, 0.95, "Wilson")}, "outside its own limits"),
        # 5. a kind that promises a number, without one
        ({"value": None}, "holds no number"),
        # 6. no data, and a number all the same
        ({"kind": "keine Daten", "reason": "…"}, "holds a number"),
        # 7. no data, and no reason
        ({"kind": "nicht berechenbar", "value": None}, "reason"),
        # 8. a Kreis beside a planning area, unsaid
        ({"comparison": Comparison(98.0, "Kreis Muster", "kreis", "2024")}, "another level"),
        # 9. words that nobody agreed on
        ({"kind": "gemessen"}, "unknown word"),
        ({"level": "bezirk"}, "unknown word"),
        ({"id": "Versorgungsgrad Hausärzte"}, "no slug"),
        ({"unit": ""}, "unit"),
        # 10. numbers that are none
        ({"value": float("nan")}, "no finite number"),
        ({"value": True}, "no finite number"),
        # 11. a text where several belong
        ({"limits": ("Gilt für den Mittelbereich.")}, "no tuple"),
    ],
)
def test_a_finding_that_would_mislead_is_refused(change: dict, message: str) -> None:
    with pytest.raises(MethodInputError, match=message):
        replace(PUBLISHED, **change)


def test_a_value_is_not_computed_from_a_hidden_row() -> None:
    hidden = Evidence("s", "physicians", {"ref_area": "05566"}, None, "confidential_or_unknown")
    with pytest.raises(MethodInputError, match="holds no number"):
        replace(PUBLISHED, kind="eigene Berechnung", evidence=(ROW, hidden))
    estimate = replace(ESTIMATE, evidence=(ROW, hidden))
    assert estimate.is_known


@pytest.mark.parametrize(
    ("value", "status"),
    [(None, ""), (3.0, "confidential_or_unknown"), (None, "nil"), (3.0, "geschätzt")],
)
def test_evidence_with_contradicting_value_and_status_is_refused(
    value: float | None, status: str
) -> None:
    with pytest.raises(MethodInputError):
        Evidence("s", "t", {"ref_area": "1"}, value, status)


def test_true_zero_is_evidence_with_a_number() -> None:
    assert Evidence("s", "t", {"ref_area": "1"}, 0.0, "nil").value == 0.0


@pytest.mark.parametrize("key", [{}, {"time_period": 2024}])
def test_evidence_needs_a_key_of_texts(key: dict) -> None:
    with pytest.raises(MethodInputError, match="key"):
        Evidence("s", "t", key, 1.0)


@pytest.mark.parametrize(
    ("low", "high", "conf"), [(2.0, 1.0, 0.95), (1.0, 2.0, 95.0), (1.0, float("inf"), 0.95)]
)
def test_impossible_limits_are_refused(low: float, high: float, conf: float) -> None:
    with pytest.raises(MethodInputError):
        Uncertainty(low, high, conf, "Byar")


def test_limits_that_follow_from_an_assumption_carry_no_confidence_level() -> None:
    assert Uncertainty(1.0, 2.0, None, "alle über 60-Jährigen scheiden aus").conf is None


def test_round_trip_keeps_every_part() -> None:
    findings = [PUBLISHED, ESTIMATE, ABSENT]
    frame = to_frame(findings)
    assert list(frame.columns) == list(COLUMNS)
    assert frame.loc[2, "kind"] == "keine Daten"
    assert pd.isna(frame.loc[2, "value"])
    assert from_frame(frame) == findings


def test_round_trip_survives_parquet_and_csv(tmp_path: Path) -> None:
    findings = [PUBLISHED, ESTIMATE, ABSENT]
    frame = to_frame(findings)
    frame.to_parquet(tmp_path / "findings.parquet")
    assert from_frame(pd.read_parquet(tmp_path / "findings.parquet")) == findings
    frame.to_csv(tmp_path / "findings.csv", index=False)
    assert from_frame(pd.read_csv(tmp_path / "findings.csv", dtype=str)) == findings


def test_no_findings_give_an_empty_table_with_all_columns() -> None:
    frame = to_frame([])
    assert list(frame.columns) == list(COLUMNS)
    assert from_frame(frame) == []


def test_one_id_for_two_findings_is_refused() -> None:
    with pytest.raises(MethodInputError, match="one id"):
        to_frame([PUBLISHED, replace(PUBLISHED, time_period="2023")])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("value", "viele"),
        ("evidence", "not json"),
        ("evidence", '[{"row": 1}]'),
        ("threshold_value", None),
        ("kind", "gemessen"),
    ],
)
def test_a_damaged_table_is_refused(column: str, value: object) -> None:
    frame = to_frame([PUBLISHED])
    frame[column] = [value]
    with pytest.raises(MethodInputError):
        from_frame(frame)


def test_a_table_without_a_column_is_refused() -> None:
    with pytest.raises(MethodInputError, match="lacks columns"):
        from_frame(to_frame([PUBLISHED]).drop(columns="reason"))


@settings(max_examples=40, deadline=None)
@given(
    value=st.floats(-1e9, 1e9),
    below=st.floats(0, 1e6),
    above=st.floats(0, 1e6),
    level=st.sampled_from(sorted(LEVELS)),
    limits=st.lists(st.text(min_size=1), max_size=3),
)
def test_round_trip_holds_for_any_estimate(
    value: float, below: float, above: float, level: str, limits: list[str]
) -> None:
    finding = replace(
        PUBLISHED,
        kind="Schätzung",
        value=value,
        level=level,
        uncertainty=Uncertainty(value - below, value + above, 0.95, "synthetisch"),
        limits=tuple(limits),
    )
    assert from_frame(to_frame([finding])) == [finding]
