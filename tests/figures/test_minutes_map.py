"""Map of the minutes: an invented extract from its roads to the picture, and what is not known."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import NoDataError
from pipeline.execution.reach import reach_tables
from pipeline.figures.minutes_map import class_labels, minutes_map
from pipeline.settings import Paths
from pipeline.tables import storage
from pipeline.tables.osm_facilities import facility_rows, read_borders
from pipeline.tables.workspace import Workspace, open_workspace
from tests.invented_roads import write_extract

KALLETAL = "05766036"
SOURCE = {"source_id": "osm-erfunden", "title": "Erfundener Testauszug", "licence": "ODbL-1.0",
          "attribution": "erfundene Testdaten"}  # fmt: skip


def folders(processed: Path, root: Path, facilities: pd.DataFrame) -> Paths:
    """Real tables with invented facilities and their source, and an empty data/derived."""
    (root / "processed").mkdir()
    (root / "derived").mkdir()
    for file in processed.glob("*.parquet"):
        if file.stem not in {"facilities", "sources"}:
            (root / "processed" / file.name).symlink_to(file)
    sources = storage.read("sources", processed=processed)
    invented = sources.iloc[[0]].assign(**SOURCE)
    storage.write(pd.concat([sources, invented]), "sources", root / "processed")
    storage.write(facilities, "facilities", root / "processed")
    return Paths(raw=root / "raw", processed=root / "processed", derived=root / "derived")


def workspace(paths: Paths, monkeypatch: pytest.MonkeyPatch, region: str = "kalletal") -> Workspace:
    for name, folder in paths.environment().items():
        monkeypatch.setenv(name, folder)
    return open_workspace(region, "2026-12-31")


def test_invented_extract_becomes_a_map_that_says_what_it_is(
    originals: Path, processed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    borders = originals / "geometry" / "VG250_GEM_simplified.zip"
    municipalities = storage.read("municipalities", processed=processed).set_index("ags")
    x, y = municipalities.loc[KALLETAL, ["longitude", "latitude"]]
    raw = tmp_path / "raw" / "originals"
    extract = write_extract(raw / "osm-erfunden" / "erfunden.osm.pbf", (float(x), float(y)))
    (raw / "bkg-vg250").mkdir()
    (raw / "bkg-vg250" / "vg250.zip").symlink_to(borders)
    places = facility_rows(extract, "osm-erfunden", read_borders(borders), [KALLETAL])
    paths = folders(processed, tmp_path, places)
    for name, table in reach_tables(paths).items():
        table.to_parquet(paths.derived / f"{name}.parquet")

    figure = minutes_map(workspace(paths, monkeypatch))
    assert "Erfundener Testauszug, 1. März 2026" in figure.caption
    assert "erfundene Testdaten" in figure.picture.svg
    assert "keine Daten" in figure.picture.svg and "bis 5 Minuten" in figure.picture.svg
    assert figure.data["Ziel"].tolist() == ["Hausarztpraxis", "Apotheke", "Krankenhaus"]
    counts = figure.data.drop(columns=["Gemeinde", "Ziel"]).astype("int64")
    assert counts.drop(columns="Felder").sum(axis=1).equals(counts["Felder"])
    # practice and pharmacy stand in the town; to the hospital it is 9.4 km as the crow flies,
    # 5 minutes and more from any street even on the main roads (60 km/h) and without a detour
    assert counts["bis 5 Minuten"].gt(0).tolist() == [True, True, False]
    with pytest.raises(NoDataError, match="keine Wohnstraßen dieser Region"):
        minutes_map(workspace(paths, monkeypatch, "wolfsburg"))


CELLS = pd.DataFrame(
    [
        ("gp", 8.9475, 52.1055, 4.0, ""),
        ("gp", 8.9625, 52.1055, 12.0, "Randeffekt"),
        ("gp", 8.9775, 52.1055, None, "kein Weg im Straßennetz"),
        ("pharmacy", 8.9475, 52.1055, None, "kein Standort im Auszug"),
    ],
    columns=["kind", "longitude", "latitude", "minutes", "flag"],
).assign(ref_area=KALLETAL, n_points=5)


def test_upper_bounds_and_unknown_cells_are_told_apart(
    processed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = storage.read("facilities", processed=processed).iloc[:1]
    paths = folders(processed, tmp_path, site.assign(source_id="osm-erfunden"))
    CELLS.to_parquet(paths.derived / "reach_cells.parquet")
    figure = minutes_map(workspace(paths, monkeypatch))
    rows = figure.data.set_index("Ziel").drop(columns="Gemeinde")
    assert rows.loc["Hausarztpraxis"].tolist() == ["1", "0", "1", "0", "0", "1", "3"]
    assert rows.loc["Apotheke", "keine Daten"] == "1"
    assert rows.loc["Krankenhaus", ["keine Daten", "Felder"]].tolist() == ["ganze Gemeinde", "0"]
    assert "höchstens so weit" in figure.picture.svg
    assert any("Obergrenze" in note for note in figure.notes)
    assert "Apotheke: keine Daten." in figure.alt
    (paths.derived / "reach_cells.parquet").unlink()
    with pytest.raises(NoDataError, match="Auszug aus OpenStreetMap"):
        minutes_map(workspace(paths, monkeypatch))


def test_classes_are_told_in_words() -> None:
    assert class_labels() == [
        "bis 5", "über 5 bis 10", "über 10 bis 20", "über 20 bis 30", "über 30",
    ]  # fmt: skip
