"""Single figures on the GPs of a place: as the press printed them, and none of a handful."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import NoDataError
from pipeline.figures.supply import facts_table
from pipeline.tables.workspace import open_workspace


@pytest.fixture(autouse=True)
def tables(processed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERSORGUNGSLABOR_PROCESSED", str(processed))


def facts_of(region: str) -> pd.DataFrame:
    lab = open_workspace(region, "2025-12-31")
    return facts_table(lab, lab.table("published_facts")).data


def test_a_figure_keeps_its_age_limit_its_date_and_the_word_of_its_source() -> None:
    # Gesundheitsregion Münsterland, Modellkommunen: "fast 50%" of Rheine's GPs are over 60
    rows = facts_of("rheine-neuenkirchen").set_index("Gebiet")
    assert list(rows.loc["Rheine", ["Größe", "Stand", "Wert"]]) == [
        "über 60 Jahre alt (%)", "etwa 2021", "fast 50",
    ]  # fmt: skip


def test_the_planning_area_is_named_as_one_and_seven_doctors_are_not_shown() -> None:
    rows = facts_of("bocholt-rhede-isselburg")
    areas = set(rows["Gebiet"])
    assert "Mittelbereich Bocholt (Bocholt, Rhede, Isselburg)" in areas
    assert "Rhede" not in areas  # seven GPs in 2010
    assert list(rows.loc[rows["Gebiet"].eq("Bocholt"), "Wert"]) == ["42", "15"]


def test_a_place_of_which_no_source_speaks_says_who_knows() -> None:
    with pytest.raises(NoDataError, match="Kassenärztliche Vereinigung kennt sie"):
        facts_of("kalletal")
