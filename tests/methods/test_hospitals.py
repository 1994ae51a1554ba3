"""Hospitals: one day and one level, and published figures with the exactness of their source."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import MethodInputError
from pipeline.figures.fact_notes import NOTES, german_note
from pipeline.figures.hospital import date_words, printed
from pipeline.methods import hospitals, published_facts
from pipeline.regions import MODEL_REGIONS, Place
from pipeline.tables import storage

SOEST = Place("05974", "Kreis Soest", "kreis", ("05974",))
TODAY = dt.date(2025, 12, 31)
LIPPSTADT = MODEL_REGIONS["lippstadt"]
RHEINE = MODEL_REGIONS["rheine-neuenkirchen"]


def observation(measure: str, value: float, day: str = "2015-12-31", status: str = "") -> dict:
    return {
        "ref_area": "05974", "time_period": day, "measure": measure, "unit_measure": "count",
        "obs_value": value, "obs_status": status, "source_id": "table",
    }  # fmt: skip


# 1: three departments, one of them a true zero; 2: population of the same day and a later one
HOSPITALS = pd.DataFrame(
    [
        observation("hospital_beds", 2045.0),
        observation("beds_surgery", 60.0),
        observation("beds_internal_medicine", 140.0),
        observation("beds_psychosomatics", 0.0, status="nil"),
    ]
)
POPULATION = pd.DataFrame(
    [observation("population", 302_995.0), observation("population", 1.0, day="2024-12-31")]
).assign(census_basis=["2011", "2022"], sex="total", age_from=pd.NA, age_to=pd.NA)


def fact(**given: str) -> dict:
    return {
        "fact_region": "Haus A", "fact_key": "05974028", "indicator": "hospital_beds",
        "year_or_date": "2024", "value_text": "390", "source_title": "Zeitung",
        "source_url": "https://example.org", "note": "", "source_id": "facts", **given,
    }  # fmt: skip


def facts(*rows: dict) -> pd.DataFrame:
    return published_facts.facts_about(pd.DataFrame(list(rows)), LIPPSTADT, TODAY)


# --- beds ----------------------------------------------------------------------------------


def test_beds_per_1000_take_the_population_of_the_day_of_the_count() -> None:
    ratio = hospitals.beds_per_1000_finding(HOSPITALS, POPULATION, SOEST)
    # 2,045 beds over 302,995 inhabitants; INKAR prints 6.75 for 2015
    assert ratio.value == pytest.approx(6.7493, abs=1e-4)
    assert [row.value for row in ratio.evidence] == [2045.0, 302_995.0]
    assert ratio.time_period == "2015-12-31"


def test_without_a_population_of_that_day_there_is_no_ratio() -> None:
    later = POPULATION.loc[POPULATION["time_period"].eq("2024-12-31")]
    ratio = hospitals.beds_per_1000_finding(HOSPITALS, later, SOEST)
    assert ratio.value is None
    assert ratio.kind == "keine Daten"


def test_a_true_zero_stays_a_department_with_its_sign() -> None:
    beds = hospitals.department_beds(HOSPITALS, SOEST)
    assert beds["measure"].tolist() == [
        "beds_internal_medicine", "beds_surgery", "beds_psychosomatics",
    ]  # fmt: skip
    assert beds["percent"].tolist() == [70.0, 30.0, 0.0]
    assert beds["obs_status"].tolist() == ["", "", "nil"]


def test_beds_of_the_departments_add_up_to_all_beds_in_every_kreis(processed: Path) -> None:
    table = storage.read("hospitals", processed=processed)
    kreise = table.loc[table["ref_area"].str.len().eq(5), "ref_area"].unique()
    assert len(kreise) == 15
    for key in kreise:
        place = Place(key, key, "kreis", (key,))
        total = hospitals.beds_finding(table, place).value
        assert hospitals.department_beds(table, place)["obs_value"].sum() == total, key


# --- published figures ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "note", "expected"),
    [
        ("13800", "'über 13.800'", "über 13.800"),
        ("17000", "'gut 17.000'", "gut 17.000"),
        ("1600", "'über 1.600', two hospitals (Helios, LWL) and other institutions", "über 1.600"),
        ("2256", "of 4,200 foundation-wide", "2.256"),
        ("547", "Okerwelle 13.05.2020 says 550", "547"),
    ],
)
def test_a_published_number_keeps_the_qualifier_of_its_source(
    value: str, note: str, expected: str
) -> None:
    row = next(facts(fact(value_text=value, note=note)).itertuples())
    assert printed(row) == expected


@pytest.mark.parametrize(
    ("text", "iso", "words"),
    [
        ("2024-12-06", "2024-12-06", "06.12.2024"),
        ("2025-11", "2025-11", "11/2025"),
        ("ca. 2021", "2021", "etwa 2021"),
        ("2021-2025", "2021", "2021"),
        ("undated", "", "undatiert"),
    ],
)
def test_a_printed_date_is_read_and_said(text: str, iso: str, words: str) -> None:
    assert published_facts.first_day(text) == iso
    assert date_words(text) == words


@given(st.text(max_size=20))
def test_any_text_has_a_date_or_none(text: str) -> None:
    assert re.fullmatch(r"(\d{4}(-\d{2}){0,2})?", published_facts.first_day(text))


def test_a_fact_belongs_to_its_municipalities_or_its_kreis() -> None:
    def scope(key: str, name: str = "Haus") -> str:
        return published_facts.is_about(key, name, RHEINE)

    assert scope("05566076") == published_facts.OWN
    assert scope("05554008+05566060") == published_facts.OWN
    # one sum of three towns concerns each of them
    assert scope("05570004", "Beckum/Rheine") == published_facts.OWN
    assert scope("05566") == published_facts.KREIS
    assert scope("05566040") == ""
    assert scope("055660") == ""


def test_what_was_published_after_the_reference_date_is_not_shown() -> None:
    shown = facts(fact(year_or_date="2026-01-02"), fact(year_or_date="undated"))
    assert shown["year_or_date"].tolist() == ["undated"]


def test_a_word_where_a_number_belongs_is_refused() -> None:
    with pytest.raises(MethodInputError, match="is no number"):
        facts(fact(value_text="rund 390"))


def test_merged_houses_stand_before_and_after_their_merger() -> None:
    rows = facts(
        fact(fact_region="Haus A"),
        fact(fact_region="Haus B", indicator="hospital_inpatients", value_text="17000"),
        fact(fact_region="Haus A", indicator="hospital_merged_into", value_text="Klinikum"),
        fact(fact_region="Haus B", indicator="hospital_merged_into", value_text="Klinikum"),
        fact(fact_region="Klinikum", indicator="hospital_employees", value_text="2500"),
        fact(fact_region="Haus C"),
    )
    houses = published_facts.merged_houses(rows)
    assert set(houses["fact_region"]) == {"Haus A", "Haus B", "Klinikum"}
    assert set(houses.loc[houses["is_successor"], "fact_region"]) == {"Klinikum"}


def test_findings_carry_the_row_they_stand_on() -> None:
    found = published_facts.fact_findings(
        facts(fact(), fact(indicator="hospital_closure", value_text="Ende des Jahres"))
    )
    assert [(one.id, one.value) for one in found] == [("fact-haus-a-hospital-beds-2024", 390.0)]
    assert found[0].evidence[0].key["source_title"] == "Zeitung"


def test_packaged_facts_of_lippstadt_are_those_of_the_sources(processed: Path) -> None:
    table = storage.read("published_facts", processed=processed)
    rows = published_facts.facts_about(table, LIPPSTADT, TODAY)
    said = {(row.fact_region, row.indicator): printed(row) for row in rows.itertuples()}
    house = "Dreifaltigkeits-Hospital Lippstadt"
    # praktischArzt; Wohlfahrt intern; Hellweg Radio 18.07.2024
    assert said[house, "hospital_beds"] == "390"
    assert said[house, "hospital_inpatients"] == "über 13.800"
    assert said["Evangelisches Krankenhaus Lippstadt", "hospital_inpatients"] == "gut 17.000"
    assert said["Klinikum Lippstadt", "hospital_employees"] == "rund 2.500"
    assert said["Lippstadt", "municipal_guarantee_hospital"] == "3.000.000\N{NO-BREAK SPACE}€"
    assert not any("düsseldorf" in text.lower() for text in rows["value_text"])


# --- German notes --------------------------------------------------------------------------


def digits(text: str) -> set[str]:
    """Numbers of a text, without the marks that tell English from German ones."""
    return set(re.findall(r"\d+", re.sub(r"(?<=\d)[.,](?=\d)", "", text)))


@pytest.mark.parametrize("note", NOTES)
def test_a_german_note_has_the_numbers_of_its_original(note: str) -> None:
    assert digits(NOTES[note]) == digits(note)


def test_a_remark_is_translated_without_the_quotation_of_its_qualifier() -> None:
    german = "Vertrag über den Zusammenschluss in der Woche des 6. Dezember 2024 unterschrieben"
    remark = "merger contract signed week of 6 Dec 2024; 50/50 shares"
    assert german_note(f"'rund 2.500'; {remark}") == german_note(remark)
    assert german_note(remark).startswith(german)
    assert german_note("'rund 830'") == ""


def test_every_packaged_note_that_is_shown_stands_in_german(processed: Path) -> None:
    table = storage.read("published_facts", processed=processed)
    english = table.loc[table["source_id"].eq("veroeffentlichte-einzelangaben")]
    registry = {**published_facts.HOSPITAL, **published_facts.PHARMACY}
    notes = set(english.loc[english["indicator"].isin(list(registry)), "note"])
    shown = {german_note(note) for note in notes} - {""}
    assert sorted(shown - set(NOTES.values())) == []
    assert sorted(set(NOTES.values()) - shown) == []
