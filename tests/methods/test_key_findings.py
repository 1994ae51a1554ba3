"""Key findings: weights by hand, own before shared, and "keine Daten" instead of a failure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import NoDataError, TableError
from pipeline.figures.summary import SENTENCES, sentence
from pipeline.methods import key_findings, noteworthy
from pipeline.methods.findings import Comparison, Evidence, Finding, Threshold, Uncertainty
from pipeline.methods.noteworthy import FAVOURABLE, NOT_OWN, OLD, UNCERTAIN, Indicator, weighed
from pipeline.methods.open_questions import QUESTIONS, open_questions
from pipeline.regions import MODEL_REGIONS, Place, Region
from pipeline.tables import storage
from pipeline.tables.workspace import Workspace

TODAY = dt.date(2025, 12, 31)
KALLETAL, DOERENTRUP = MODEL_REGIONS["kalletal"], MODEL_REGIONS["doerentrup"]


def finding(value: float | None, **other: Any) -> Finding:
    parts: dict[str, Any] = {
        "id": "quota", "topic": "social", "label": "Quote", "value": value, "unit": "percent",
        "ref_area": "05766036", "ref_area_name": "Kalletal", "level": "municipality",
        "time_period": "2023", "kind": "eigene Berechnung",
        "evidence": (Evidence("source", "social", {"ref_area": "05766036"}, value),),
        "comparison": Comparison(11.0, "Nordrhein-Westfalen", "land", "2023", across_levels=True),
    }  # fmt: skip
    return Finding(**{**parts, **other})


def indicator(find: Any = None, **other: Any) -> Indicator:
    parts: dict[str, Any] = {
        "id": "quota", "topic": "social", "label": "Quote", "unit": "percent", "why": "Darum.",
        "find": find, "step": 2.0, "polarity": -1,
    }  # fmt: skip
    return Indicator(**{**parts, **other})


# --- weight --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "other", "weight", "direction", "reservations"),
    [
        # 15 against 11, steps of 2: two steps of three, worse
        (15.0, {}, 2 / 3, "ungünstig", ()),
        # five steps count as three
        (21.0, {}, 1.0, "ungünstig", ()),
        (7.0, {}, 1 / 3, "günstig", (FAVOURABLE,)),
        (11.0, {}, 0.1, "unauffällig", ()),
        (15.0, {"level": "kreis"}, 1 / 3, "ungünstig", (NOT_OWN,)),
        (15.0, {"time_period": "2019"}, 1 / 3, "ungünstig", (OLD,)),
        (15.0, {"time_period": "2020"}, 2 / 3, "ungünstig", ()),
        (15.0, {"level": "kreis", "time_period": "2015-12-31"}, 1 / 6, "ungünstig", (NOT_OWN, OLD)),
        (
            15.0,
            {"kind": "Schätzung", "uncertainty": Uncertainty(10.0, 20.0, 0.8, "Band")},
            1 / 3,
            "ungünstig",
            (UNCERTAIN,),
        ),
        (15.0, {"comparison": None}, 0.1, "ohne Wertung", ()),
    ],
)
def test_weight_is_distance_in_steps_halved_by_each_reservation(
    value: float, other: dict[str, Any], weight: float, direction: str, reservations: tuple
) -> None:
    key = weighed(indicator(), finding(value, **other), TODAY)
    assert key.weight == pytest.approx(weight)
    assert (key.direction, key.reservations) == (direction, reservations)


def test_norm_comes_before_comparison_and_threshold() -> None:
    norm = Threshold(100.0, "Soll", "Richtlinie")
    held = finding(75.0, threshold=Threshold(75.0, "Grenze", "Richtlinie"))
    assert indicator(norm=norm, step=12.5).steps(held) == pytest.approx(-2.0)
    assert indicator(step=12.5).steps(held) == pytest.approx((75 - 11) / 12.5)


@given(st.floats(-1e6, 1e6), st.sampled_from(["municipality", "kreis", "land"]))
def test_weight_lies_between_zero_and_one_and_is_never_more_for_a_larger_area(
    value: float, level: str
) -> None:
    own = weighed(indicator(), finding(value), TODAY).weight
    other = weighed(indicator(), finding(value, level=level), TODAY).weight
    assert 0 < other <= own <= 1


def test_own_findings_come_first_however_heavy_the_others_are() -> None:
    light = weighed(indicator(), finding(12.0), TODAY)
    heavy = weighed(indicator(), finding(90.0, level="kreis"), TODAY)
    assert heavy.weight > light.weight
    assert key_findings.leading([heavy, light], 4, 2) == [light, heavy]


# --- collect -------------------------------------------------------------------------------


class Bare:
    """A source without a single table."""

    region = KALLETAL
    reference_date = TODAY

    def table(self, name: str, ref_area: Sequence[str] | None = None) -> pd.DataFrame:
        raise TableError("not made", remedy="run ingest")

    derived = table

    def place(self, ref_area: str) -> Place:
        return Place(ref_area, ref_area, "kreis", (ref_area,))


def test_without_tables_every_indicator_says_no_data() -> None:
    found = key_findings.collect(Bare())
    assert [item.indicator for item in found] == [i.id for i in key_findings.INDICATORS]
    assert {item.finding.kind for item in found} == {"keine Daten"}
    assert {item.weight for item in found} == {0.0}


def test_a_reason_of_the_method_is_kept() -> None:
    def find(source: noteworthy.Source, region: Region) -> Finding:
        raise NoDataError("Nicht veröffentlicht.")

    (item,) = key_findings.collect(Bare(), indicators=[indicator(find)])
    assert item.finding.reason == "Nicht veröffentlicht."


@pytest.fixture(scope="module")
def lab(processed: Path, root: Path) -> Any:
    """The packaged figures, without what the stage `model` makes."""

    class Packaged(Workspace):
        def table(self, name: str, ref_area: Sequence[str] | None = None) -> pd.DataFrame:
            return storage.read(name, ref_area=ref_area, processed=processed)

        def derived(self, name: str, ref_area: Sequence[str] | None = None) -> pd.DataFrame:
            return storage.read_derived(name, ref_area=ref_area, derived=root / "none")

        def place(self, ref_area: str) -> Place:
            names = {"05766": "Kreis Lippe", "05": "Nordrhein-Westfalen"}
            level = "land" if len(ref_area) == 2 else "kreis" if len(ref_area) == 5 else "kv_region"
            return Place(ref_area, names.get(ref_area, ref_area), level, (ref_area,))

    return Packaged(KALLETAL, TODAY)


def test_published_values_stand_as_their_sources_print_them(lab: Workspace) -> None:
    found = {item.indicator: item for item in key_findings.collect(lab)}
    # KBV, Gesundheitsdaten 2023: Lippe and Westfalen-Lippe
    density = found["gp-density"].finding
    assert (density.value, density.ref_area_name) == (53.6, "Kreis Lippe")
    assert density.comparison is not None and density.comparison.value == 59.8
    assert not found["gp-density"].is_own
    # Landesdatenbank NRW, 22811-01i, 2023
    quota = found["minimum-income-quota"]
    assert (quota.finding.value, quota.is_own) == (6.6, True)
    # press, September 2024: Mittelbereich Lemgo
    grade = found["published-grade"].finding
    assert (grade.value, grade.ref_area, grade.time_period) == (75.8, "Lemgo", "2024-09")
    assert found["population-total"].finding.value == 13256.0
    # what `model` would make has not been made here
    assert found["aged-80-2040"].finding.kind == "keine Daten"


def test_two_regions_of_one_kreis_share_only_what_is_marked_as_shared(lab: Workspace) -> None:
    here = {item.indicator: item for item in key_findings.collect(lab, KALLETAL)}
    there = {item.indicator: item for item in key_findings.collect(lab, DOERENTRUP)}
    for name, item in here.items():
        same = item.finding.is_known and item.finding == there[name].finding
        assert not (same and item.is_own), name
        if not item.is_own and item.finding.is_known:
            assert NOT_OWN in item.reservations
    # where it is not published which planning area Dörentrup is in, no grade is shown
    assert not there["published-grade"].finding.is_known


# --- register ------------------------------------------------------------------------------


def test_register_is_whole() -> None:
    ids = [entry.id for entry in key_findings.INDICATORS]
    assert len(set(ids)) == len(ids)
    assert set(ids) == set(SENTENCES)


def test_every_sentence_can_be_said(lab: Workspace) -> None:
    for item in key_findings.collect(lab):
        if item.finding.is_known:
            (text,) = sentence(item).sentences
            assert text.endswith(".") and "{" not in text


def test_open_questions_name_who_holds_the_answer(lab: Workspace) -> None:
    found = key_findings.collect(lab)
    open_ones = {
        question.id: question
        for question in open_questions(found, KALLETAL, "Kreis Lippe", "Westfalen-Lippe")
    }
    assert open_ones["gp-ages"].holder.startswith("Kassenärztliche Vereinigung Westfalen-Lippe")
    assert open_ones["care-places"].holder == "Pflegeplanung und Heimaufsicht (Kreis Lippe)"
    assert "grade" not in open_ones  # Lemgo has a published grade
    assert "IT.NRW" in open_ones["ages-today"].holder
    less = open_questions(found, KALLETAL, "Kreis Lippe", "Westfalen-Lippe", {"goals"})
    assert {question.id for question in less} == open_ones.keys() - {"goals"}


def test_every_question_without_a_value_is_open_and_templates_exist(root: Path) -> None:
    from pipeline.sources.template_kinds import TEMPLATES

    kinds = {template.kind for template in TEMPLATES} | {""}
    assert {question.template for question in QUESTIONS} <= kinds
    found = key_findings.collect(Bare())
    asked = open_questions(found, MODEL_REGIONS["wolfsburg"], "Wolfsburg", "Niedersachsen")
    assert len(asked) == len(QUESTIONS)
