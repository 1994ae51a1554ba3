"""Own travel times in the chapter "Wege": an invented table, labelled as such, and its absence."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import NoDataError
from pipeline.figures import reach as figures
from pipeline.figures.prose import or_no_data
from pipeline.tables import registry, storage
from pipeline.tables.workspace import Workspace, open_workspace

NOTE = "Annahme: erfundenes Tempo"


@pytest.fixture
def lab(processed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("VERSORGUNGSLABOR_PROCESSED", str(processed))
    monkeypatch.setenv("VERSORGUNGSLABOR_DERIVED", str(tmp_path))
    monkeypatch.setitem(registry.DERIVED, "reach", "Wegezeiten")  # type: ignore[arg-type]
    assert storage.DERIVED is registry.DERIVED
    return open_workspace("kalletal", "2026-12-31")


def write(folder: Path, *rows: tuple[str, float | None, float | None, str, float | None]) -> None:
    frame = pd.DataFrame(
        rows, columns=["kind", "minutes_centre", "minutes_outlying", "flag", "sites_per_10000"]
    )
    frame.assign(ref_area="05766036", note=NOTE, catchment_flag="").to_parquet(
        folder / "reach.parquet"
    )


def test_minutes_are_printed_and_an_edge_makes_them_an_upper_bound(
    lab: Workspace, tmp_path: Path
) -> None:
    write(
        tmp_path,
        ("gp", 4.4, 9.6, "", 3.24),
        ("pharmacy", 0.2, None, "", None),
        ("hospital", 21.7, 30.2, "Randeffekt", None),
    )
    table = figures.own_minutes(lab)
    assert table.data.drop(columns="Gemeinde").to_numpy().tolist() == [
        ["Hausarztpraxis", "4", "10", "3,2", ""],
        ["Apotheke", "0", "keine Angabe", "", ""],
        ["Krankenhaus", "höchstens 22", "höchstens 30", "", "Randeffekt"],
    ]
    assert NOTE in table.caption
    assert "ein Anteil der Bevölkerung lässt sich nicht nennen" in table.caption
    assert table.attributions == ["© OpenStreetMap-Mitwirkende, ODbL 1.0"]


def test_without_an_extract_the_reason_is_said(lab: Workspace) -> None:
    with pytest.raises(NoDataError, match="Auszug aus OpenStreetMap"):
        figures.own_minutes(lab)
    shown = or_no_data(figures.own_minutes, lab)
    assert "nicht eingespielt" in str(shown)
