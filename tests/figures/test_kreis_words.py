"""The age ratio of the Kreis beside the municipality's: article, and censuses that differ."""

from __future__ import annotations

import pytest

from pipeline.figures.population import kreis_words
from pipeline.methods.findings import Evidence, Finding
from pipeline.methods.observed import no_data

GIFHORN = {"ref_area": "03151", "ref_area_name": "Landkreis Gifhorn", "level": "kreis"}
PARTS = {"id": "old-age-ratio", "topic": "population", "label": "Altenquotient", "unit": "per_100"}


def ratio(basis: str) -> Finding:
    row = Evidence("source", "population", {"census_basis": basis}, 38.0)
    return Finding(
        **PARTS, **GIFHORN, value=38.0, time_period="2024-12-31", kind="eigene Berechnung",
        evidence=(row,),
    )  # fmt: skip


def test_a_landkreis_without_newer_ages_has_its_article() -> None:
    said = kreis_words(no_data("fehlt", **PARTS, **GIFHORN), ratio("census_2011"))
    assert said.sentences == (
        "Keine Daten: Für den Landkreis Gifhorn liegt hier kein jüngerer Altersaufbau vor.",
    )


@pytest.mark.parametrize(("older", "sentences"), [("census_2011", 2), ("census_2022", 1)])
def test_another_census_is_named_only_where_it_is_another(older: str, sentences: int) -> None:
    assert len(kreis_words(ratio("census_2022"), ratio(older)).sentences) == sentences


def test_nothing_is_said_of_a_figure_that_does_not_exist() -> None:
    missing = no_data("fehlt", **PARTS, **GIFHORN)
    assert len(kreis_words(ratio("census_2022"), missing).sentences) == 1
