"""Facilities of extracts that the test writes: municipality by polygon, and what replaces what."""

from __future__ import annotations

from pathlib import Path

import osmium
import pandas as pd
import pytest
from osmium.osm.mutable import Node, Way

from pipeline.execution.reach import reach_tables
from pipeline.settings import Paths
from pipeline.tables import storage
from pipeline.tables.osm_facilities import (
    facility_rows,
    main_laender,
    merged_facilities,
    municipality_of,
    read_borders,
)

#: Invented places at true points: in Tecklenburg, in Wolfsburg, in Enschede (Netherlands).
TECKLENBURG, WOLFSBURG, ENSCHEDE = (7.8125, 52.2197), (10.7865, 52.4227), (6.8937, 52.2215)


@pytest.fixture(scope="module")
def borders(originals: Path) -> Path:
    return originals / "geometry" / "VG250_GEM_simplified.zip"


def write_extract(path: Path, places: list[tuple[float, float]], tags: dict[str, str]) -> Path:
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2026-03-01T20:20:00Z")
    path.parent.mkdir(parents=True, exist_ok=True)
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for number, place in enumerate(places, start=1):
            writer.add_node(Node(id=number, location=place, tags={**tags, "name": f"Nr. {number}"}))
        # a residential street of eleven junctions through the first place, with stubs
        x, y = places[0]
        for n in range(12):
            writer.add_node(Node(id=100 + n, location=(x + n * 0.001, y)))
            writer.add_node(Node(id=200 + n, location=(x + n * 0.001, y + 0.001)))
        street = {"highway": "residential"}
        writer.add_way(Way(id=1, nodes=list(range(100, 112)), tags=street))
        for n in range(12):
            writer.add_way(Way(id=10 + n, nodes=[100 + n, 200 + n], tags=street))
    return path


def test_municipality_is_found_by_polygon(borders: Path) -> None:
    places = pd.DataFrame(
        [TECKLENBURG, WOLFSBURG, ENSCHEDE], columns=["longitude", "latitude"], index=list("abc")
    )
    found = municipality_of(places, read_borders(borders))
    assert found.to_dict() == {"a": "05566088", "b": "03103000", "c": ""}


def test_strip_behind_the_border_is_left_to_the_neighbour(borders: Path, tmp_path: Path) -> None:
    # eleven places in Nordrhein-Westfalen, one in Niedersachsen, one abroad
    many = [(TECKLENBURG[0] + n * 0.004, TECKLENBURG[1]) for n in range(11)]
    path = write_extract(
        tmp_path / "x.osm.pbf", [*many, WOLFSBURG, ENSCHEDE], {"amenity": "pharmacy"}
    )
    rows = facility_rows(path, "osm-test", read_borders(borders), ["05566088"])
    assert main_laender(rows["site_ags"]) == ["05"]
    assert rows["site_ags"].str[:2].value_counts().to_dict() == {"05": 11, "": 1}
    assert rows.loc[rows["site_ags"].eq("05566088"), "is_in_study_region"].all()
    assert set(rows["time_period"]) == {"2026-03-01"}


def test_embedded_sites_give_way_where_an_extract_holds_the_land() -> None:
    site = {"kind": "pharmacy", "longitude": 7.0, "latitude": 52.0, "name": "Apotheke"}
    embedded = pd.DataFrame(
        [{**site, "site_ags": "05566088"}, {**site, "site_ags": "03103000", "longitude": 10.0}]
    )
    extract = pd.DataFrame([{**site, "site_ags": "05566088", "longitude": 7.1}])
    merged = merged_facilities(embedded, [extract])
    assert sorted(merged["longitude"]) == [7.1, 10.0]
    assert merged_facilities(embedded, []) is embedded


def test_without_an_extract_there_is_no_table(tmp_path: Path) -> None:
    assert reach_tables(Paths(raw=tmp_path, processed=tmp_path)) == {}


def test_reach_of_an_invented_extract_says_that_its_edge_is_near(
    borders: Path, tmp_path: Path
) -> None:
    # labelled test extract: one street in Tecklenburg with a practice at its west end
    raw, processed = tmp_path / "raw", tmp_path / "processed"
    tags = {"amenity": "doctors", "healthcare:speciality": "general"}
    write_extract(raw / "originals" / "osm-test" / "test.osm.pbf", [TECKLENBURG], tags)
    (raw / "originals" / "bkg-vg250").mkdir()
    (raw / "originals" / "bkg-vg250" / "vg250.zip").symlink_to(borders)
    processed.mkdir()
    extract = raw / "originals" / "osm-test" / "test.osm.pbf"
    rows = facility_rows(extract, "osm-test", read_borders(borders), ["05566088"])
    storage.write(rows, "facilities", processed)
    x, y = TECKLENBURG
    storage.write(
        pd.DataFrame({"ags": ["05566088"], "longitude": [x + 0.011], "latitude": [y]}),
        "municipalities", processed,
    )  # fmt: skip
    nothing = pd.array([pd.NA], dtype="Int16")
    people = pd.DataFrame(
        {"ref_area": ["05566088"], "time_period": "2024-12-31", "measure": "population",
         "census_basis": "2022", "sex": "total", "age_from": nothing, "age_to": nothing,
         "obs_value": 9000.0}
    )  # fmt: skip
    storage.write(people, "population", processed)
    tables = reach_tables(Paths(raw=raw, processed=processed))
    gp = tables["reach"].set_index("kind").loc["gp"]
    assert gp["ref_area"] == "05566088"
    # 0.011 degrees of longitude at 52.22° north are 749 m: 1.8 minutes at 25 km/h
    assert gp["minutes_centre"] == pytest.approx(1.80, abs=0.01)
    assert gp["n_points"] == 24
    assert gp["minutes_outlying"] < 2.5
    assert gp["sites_per_10000"] == pytest.approx(10 / 9)
    assert {gp["flag"], gp["catchment_flag"]} == {"Randeffekt"}
    assert "Annahme" in gp["note"]
    cells = tables["reach_cells"]
    assert set(cells["ref_area"]) == {"05566088"}
    # the street of eleven segments (0.011 degrees) from 7.8125° east crosses no edge of a cell but
    # that at 7.815°; its stubs end at 52.2207°, below the edge at 52.227°
    gps = cells.loc[cells["kind"].eq("gp")]
    assert gps[["longitude", "latitude", "n_points"]].to_numpy().tolist() == [
        [7.8075, 52.2225, 6], [7.8225, 52.2225, 18],
    ]  # fmt: skip
    assert gps["minutes"].is_monotonic_increasing and gps["flag"].eq("Randeffekt").all()
    assert cells.loc[cells["kind"].eq("hospital"), "flag"].eq("kein Standort im Auszug").all()
