"""The catalogue: what the packaged one promises, and what editors are told about mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
import yaml

from pipeline.advice.catalogue import FOLDER, MeasureField, catalogue, read_catalogue
from pipeline.errors import RawDataError
from pipeline.regions import MODEL_REGIONS


def test_at_least_forty_measures_cover_every_field() -> None:
    measures = catalogue()
    assert len(measures) >= 40
    assert {measure.field for measure in measures} == set(get_args(MeasureField))


def test_titles_fit_a_heading_and_credits_name_model_regions() -> None:
    for measure in catalogue():
        assert len(measure.title.split()) <= 12, measure.id
        credit = measure.model_municipality
        assert set(credit.regions if credit else ()) <= set(MODEL_REGIONS), measure.id


def test_gp_measures_name_the_instruments_a_council_must_know() -> None:
    named = {line for measure in catalogue() for line in measure.instruments}
    assert {
        "kvwl-foerderverzeichnis", "hausarztaktionsprogramm-nrw", "landarztquote-nrw",
        "strukturfonds-105-sgb-v", "lokaler-bedarf-35", "sonderbedarf-36",
    } <= named  # fmt: skip


def test_the_mvz_says_that_it_creates_no_seat_and_wins_nothing_for_the_area() -> None:
    (mvz,) = [measure for measure in catalogue() if measure.id == "kommunales-mvz"]
    said = " ".join(mvz.cautions)
    assert "schafft keinen Sitz" in said
    assert "Nullsumme" in said


def entry(**changes: object) -> dict:
    """A valid entry of the packaged catalogue, with some fields changed; None removes a field."""
    first = yaml.safe_load((FOLDER / "01-personal.yaml").read_text(encoding="utf-8"))[1]
    return {key: value for key, value in {**first, **changes}.items() if value is not None}


def write(folder: Path, *entries: object) -> Path:
    (folder / "probe.yaml").write_text(yaml.safe_dump(list(entries)), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("changes", "column", "message"),
    [
        ({"owner": None}, "owner", "Field required"),
        ({"besitzer": "Rat"}, "besitzer", "Extra inputs"),
        ({"field": "Allerlei"}, "field", "Input should be"),
        ({"steps": ["nur einer"]}, "steps", "at least 3 items"),
        ({"instruments": ["geldregen"]}, "instruments", "unknown funding line"),
        (
            {"effect": {"text": "wirkt", "grade": "Umsetzung belegt, Wirkung nicht"}},
            "effect",
            "names its source",
        ),
        (
            {"cost": {"low_cents": 1, "high_cents": 2, "per": "im Jahr", "basis": "Erfahrung"}},
            "cost",
            "a cost without a source",
        ),
        (
            {"cost": {"low_cents": 9.5, "high_cents": 10, "per": "im Jahr", "basis": "Annahme"}},
            "cost.low_cents",
            "valid integer",
        ),
    ],
)
def test_a_bad_entry_is_named_with_file_entry_and_field(
    tmp_path: Path, changes: dict, column: str, message: str
) -> None:
    with pytest.raises(RawDataError) as caught:
        read_catalogue(write(tmp_path, entry(**changes)))
    error = caught.value
    assert (error.file or "").endswith("probe.yaml")
    assert "praxisnachfolge-gespraeche" in error.message
    assert (error.column or "").startswith(column)
    assert message in error.message


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RawDataError, match="stands twice"):
        read_catalogue(write(tmp_path, entry(), entry()))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"- id: [", "no valid YAML"),
        (b"id: x", "no list of entries"),
        ("- id: Grüße".encode("latin-1"), "not UTF-8"),
        (b"- nur ein Text", "entry 'no. 1'"),
    ],
)
def test_a_file_that_is_no_list_of_entries_is_refused(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "probe.yaml").write_bytes(content)
    with pytest.raises(RawDataError, match=message):
        read_catalogue(tmp_path)


def test_an_empty_folder_is_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(RawDataError, match="no file"):
        read_catalogue(tmp_path)
