"""Funding lines refuse what lies outside their validity, and claim nothing that nobody read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pipeline.advice.funding import Evidence, Funding, read_funding
from pipeline.errors import RawDataError
from pipeline.methods.grants import NIEDERSACHSEN_2021, Measure
from pipeline.projects.storage import find_folder, read_record


@pytest.fixture(scope="module")
def funding(root: Path) -> Funding:
    return read_funding(root / "data" / "raw")


def test_the_guideline_of_2021_refuses_the_project_of_2018(funding: Funding) -> None:
    line = funding.line("nds-gesundheitsregionen-2021")
    assert "01.01.2021" in line.refusal(dt.date(2018, 6, 1), dt.date(2020, 5, 31))
    assert line.refusal(dt.date(2021, 1, 1), dt.date(2022, 12, 31)) == ""
    assert "31.12.2025" in line.refusal(dt.date(2026, 1, 1), None)
    before = funding.line("nds-gesundheitsregionen-2018")
    assert before.refusal(dt.date(2018, 6, 1), dt.date(2020, 5, 31)) == ""


def test_wolfsburgs_expected_grant_is_two_years_of_the_line_of_2018(
    root: Path, funding: Funding
) -> None:
    record = read_record(find_folder("gesundheitsregion-wolfsburg", root / "data" / "raw"))
    line = funding.line(record.project.funding_line)
    assert line.cap_per_year.value == "13000.00"
    assert record.grants[0].amount == 2 * 1_300_000
    assert line.ceiling(16_500_000, 2) is None  # the own share was not read


def test_caps_and_own_share_of_the_guideline_of_2021(funding: Funding) -> None:
    structure = funding.line("nds-gesundheitsregionen-2021")
    assert structure.ceiling(3_000_000) == 2_000_000
    assert structure.ceiling(1_000_000) == 900_000
    assert structure.ceiling(1_000_000, is_reduced=True) == 950_000
    project = funding.line("nds-gesundheitsregionen-2021-neue-projekte")
    assert project.ceiling(10_000_000, 2) == 8_000_000


def test_what_was_not_read_is_left_to_the_notice(funding: Funding) -> None:
    successor = funding.line("nds-gesundheitsregionen-2026")
    assert successor.ceiling(3_000_000) is None
    assert {value for _, value, _, _ in successor.rules()} == {Evidence.NOT_READ.value}


def test_the_guideline_is_the_same_in_the_data_and_in_the_arithmetic(funding: Funding) -> None:
    lines = {
        Measure.STRUCTURE: funding.line("nds-gesundheitsregionen-2021"),
        Measure.NEW_PROJECT: funding.line("nds-gesundheitsregionen-2021-neue-projekte"),
    }
    for (measure, is_reduced), terms in NIEDERSACHSEN_2021.items():
        assert lines[measure].terms(is_reduced=is_reduced) == terms


def test_a_kind_of_recipient_has_its_own_conditions(funding: Funding) -> None:
    line = "nds-gesundheitsregionen-2021"
    assert [c.id for c in funding.profile(line, "kreisfreie Stadt")[1]] == ["anbest-gk"]
    assert [c.id for c in funding.profile(line, "Verein")[1]] == ["anbest-p"]
    assert [c.id for c in funding.profile("efre-nrw-2014", "Verein")[1]] == [
        "anbest-efre", "anbest-p",
    ]  # fmt: skip


def test_a_value_without_a_place_where_it_stands_is_refused(tmp_path: Path, root: Path) -> None:
    folder = tmp_path / "funding"
    folder.mkdir()
    original = root / "data" / "raw" / "funding"
    (folder / "conditions.yaml").write_bytes((original / "conditions.yaml").read_bytes())
    text = (original / "lines.yaml").read_text(encoding="utf-8")
    broken = text.replace("{value: 50, evidence: Presse,", "{value: 50, evidence: laut Bescheid,")
    assert broken != text
    (folder / "lines.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(RawDataError, match="laut Bescheid"):
        read_funding(tmp_path)


def test_an_unknown_line_names_the_known_ones(funding: Funding) -> None:
    with pytest.raises(RawDataError, match="efre-nrw-2014"):
        funding.line("efre-2014")
