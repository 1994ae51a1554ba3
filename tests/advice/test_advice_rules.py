"""Rules: what holds, what ends them, and what a bad one is told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from pipeline.advice.rules import Rule, Situation, goes_away
from pipeline.methods.findings import Finding
from tests.advice import findings as invented

_RULES: TypeAdapter = TypeAdapter(Rule)


def rule(content: object) -> Rule:
    return _RULES.validate_python(content)


def holds(content: object, *findings: Finding) -> bool:
    situation = Situation(invented.PLACE, invented.situation(*findings))
    return bool(rule(content).triggers(situation))


@pytest.mark.parametrize(
    ("word", "at_limit"),
    [("below", False), ("at_most", True), ("above", False), ("at_least", True)],
)
def test_a_value_at_the_limit_fulfils_only_the_inclusive_words(word: str, at_limit: bool) -> None:
    grade = invented.known("published-grade", 90.0, "planning_area")
    assert holds({"indicator": "published-grade", "is": word, "value": 90}, grade) is at_limit


def test_what_is_unknown_fulfils_no_comparison_but_no_data() -> None:
    assert not holds({"indicator": "published-grade", "is": "below", "value": 200})
    assert not holds({"indicator": "published-grade", "is": "above", "value": -1})
    assert holds({"indicator": "published-grade", "is": "no_data"})


def test_a_comparison_with_the_area_beside_needs_that_area() -> None:
    leaf = {"indicator": "gp-density", "is": "below", "than": "comparison"}
    assert holds(leaf, invented.known("gp-density", 53.6, "kreis", beside=59.8))
    assert not holds(leaf, invented.known("gp-density", 53.6, "kreis"))


def test_all_needs_every_part_and_any_names_only_the_parts_that_hold() -> None:
    low = {"indicator": "published-grade", "is": "below", "value": 90}
    old = {"indicator": "gp-share-over-60", "is": "at_least", "value": 40}
    grade = invented.known("published-grade", 80.0)
    assert not holds({"all": [low, old]}, grade)
    situation = Situation(invented.PLACE, invented.situation(grade))
    triggers = rule({"any": [low, old]}).triggers(situation)
    assert [t.finding.id for t in triggers if t.finding] == ["published-grade"]


def test_a_rule_of_another_land_does_not_hold() -> None:
    assert holds({"land": "05"})
    assert not holds({"land": "03"})


def test_what_ends_a_rule_leaves_out_properties_of_the_place() -> None:
    content = {
        "all": [
            {"indicator": "population-total", "is": "below", "value": 60000},
            {"indicator": "published-grade", "is": "below", "value": 85},
        ]
    }
    findings = (
        invented.known("population-total", 13000.0),
        invented.known("published-grade", 75.8),
    )
    tree = rule(content)
    triggers = tree.triggers(Situation(invented.PLACE, invented.situation(*findings)))
    assert goes_away(tree, triggers) == "Versorgungsgrad der Hausärzte mindestens 85 Prozent"


def test_negative_limits_are_printed_with_a_real_minus() -> None:
    leaf = rule({"indicator": "working-age-2040", "is": "below", "value": -9})
    assert leaf.words().endswith("unter −9 Prozent")
    assert leaf.ends_when().endswith("mindestens −9 Prozent")


@settings(max_examples=40, deadline=None)
@given(value=st.floats(-200, 200), limit=st.floats(-200, 200))
def test_a_rule_and_its_opposite_never_hold_together(value: float, limit: float) -> None:
    finding = invented.known("population-2040", value)
    below = holds({"indicator": "population-2040", "is": "below", "value": limit}, finding)
    at_least = holds({"indicator": "population-2040", "is": "at_least", "value": limit}, finding)
    assert below != at_least


@settings(max_examples=40, deadline=None)
@given(value=st.floats(0, 200), limit=st.floats(0, 200))
def test_severity_lies_between_zero_and_one(value: float, limit: float) -> None:
    leaf = rule({"indicator": "published-grade", "is": "below", "value": limit})
    situation = Situation(
        invented.PLACE, invented.situation(invented.known("published-grade", value))
    )
    assert all(0 <= trigger.severity <= 1 for trigger in leaf.triggers(situation))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"indicator": "aerzte", "is": "below", "value": 1}, "unknown indicator 'aerzte'"),
        ({"indicator": "gp-density", "value": 1}, "needs 'is'"),
        ({"indicator": "gp-density", "is": "below"}, "either 'value' or 'than'"),
        ({"indicator": "gp-density", "is": "known", "value": 1}, "take neither"),
        ({"land": "99"}, "a condition on the Land"),
        ({"all": []}, "at least 1 item"),
        ({"indicator": "gp-density", "is": "__import__('os')", "value": 1}, "Input should be"),
    ],
)
def test_a_bad_rule_is_refused_with_the_reason(content: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message.replace("(", r"\(").replace(")", r"\)")):
        rule(content)
