"""The catalogue: sorted, checked, in step with readers, tables and licences; plan and ages."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml

from pipeline.errors import ParameterError, UnknownRegionError
from pipeline.provenance import LICENCES
from pipeline.sources.catalogue import CATALOGUE_FILE, read_catalogue
from pipeline.sources.registry import READERS
from pipeline.tables.fetch_plan import NEIGHBOURS, ages, plan, region_for_plan
from pipeline.tables.mappings import _OF_CODE, _OF_REGISTER
from pipeline.tables.measures import MEASURES
from pipeline.tables.registry import TABLES

TODAY = dt.date(2026, 3, 1)


def test_every_entry_names_a_format_that_a_reader_knows() -> None:
    catalogue = read_catalogue()
    formats = {reader.FORMAT for reader in READERS}
    assert {entry.format for entry in (*catalogue.tables, *catalogue.downloads)} <= formats


def test_every_filling_names_a_table_and_its_measures() -> None:
    catalogue = read_catalogue()
    for entry in (*catalogue.tables, *catalogue.downloads):
        for fill in entry.fills:
            assert fill.table in TABLES, entry
            assert {MEASURES[name].table for name in fill.measures} <= {fill.table}, entry


def test_tables_that_say_what_they_fill_are_mapped() -> None:
    for table in read_catalogue().tables:
        measures = {name for fill in table.fills for name in fill.measures}
        if table.form == "datencsv":
            filling = _OF_CODE[table.code]
            mapped = {name for name, _ in filling.measures.values()}
            mapped |= set(filling.split[1].values()) if filling.split else set()
            assert measures <= mapped, table.code
    register = {name for name, _ in _OF_REGISTER.measures.values()}
    download = read_catalogue().download("gemeindeverzeichnis")
    assert download is not None
    assert {name for fill in download.fills for name in fill.measures} <= register


def test_no_address_is_called_verified_without_somebody_having_fetched_it() -> None:
    catalogue = read_catalogue()
    entries = [*catalogue.services, *catalogue.downloads]
    assert all(entry.evidence for entry in entries)
    assert {entry.licence for entry in entries} <= set(LICENCES)


def test_every_land_has_an_extract_and_neighbours_that_know_it() -> None:
    catalogue = read_catalogue()
    for land, near in NEIGHBOURS.items():
        covering = [e for e in catalogue.downloads if e.format == "osm-pbf" and e.laender and
                    land in e.laender]  # fmt: skip
        assert len(covering) == 1, land
        assert all(land in NEIGHBOURS[other] for other in near), land


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda c: c["tables"].reverse(), "tables must be sorted"),
        (lambda c: c["tables"].insert(0, c["tables"][0]), "tables must be sorted"),
        (lambda c: c["downloads"][0].update(address="http://plain.example"), "String should match"),
        (lambda c: c["downloads"][0].update(licence="free"), "unknown licence 'free'"),
        (lambda c: c["tables"][0].update(service="nobody"), "unknown service 'nobody'"),
        (lambda c: c["services"][0].update(password="x"), "Extra inputs are not permitted"),
        (lambda c: c["services"][0].pop("verified"), "Field required"),
    ],
)
def test_catalogue_with_an_error_is_refused(tmp_path: Path, break_it, message: str) -> None:
    content = yaml.safe_load(CATALOGUE_FILE.read_text(encoding="utf-8"))
    break_it(content)
    path = tmp_path / "catalogue.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ParameterError, match=message):
        read_catalogue(path)


# --- plan ----------------------------------------------------------------------------------


def test_plan_for_a_municipality_outside_the_data_lacks_everything(processed: Path) -> None:
    region = region_for_plan("09162000", processed)
    assert region.kreis == "09162"
    rows = {row.key: row for row in plan(read_catalogue(), region, processed, TODAY)}
    assert rows["12411-02-03-5"].state == "missing"
    assert rows["12411-02-03-5"].command == (
        "versorgungslabor fetch regionaldatenbank 12411-02-03-5"
    )
    assert rows["gemeindeverzeichnis"].state == "missing"
    # the packaged sites lie in other Kreise
    assert (rows["osm-bayern"].state, rows["osm-bayern"].newest) == ("missing", "")
    assert rows["osm-bayern"].size_mb > 100
    assert "osm-thueringen" in rows  # behind the border
    assert "osm-niedersachsen" not in rows
    assert "12411-15i" not in rows  # holds Nordrhein-Westfalen only
    assert not any(row.verified for row in rows.values())


def test_plan_for_a_municipality_of_the_data_says_what_is_old(processed: Path) -> None:
    region = region_for_plan("kalletal", processed)
    rows = {row.key: row for row in plan(read_catalogue(), region, processed, TODAY)}
    assert (rows["12411-15i"].state, rows["12411-15i"].newest) == ("present", "2024-12-31")
    assert (rows["12411-02-03-5"].state, rows["12411-02-03-5"].newest) == ("old", "2015-12-31")
    assert rows["osm-nordrhein-westfalen"].state == "partly"  # pharmacies only
    assert rows["1000A-0000"].state == "present"  # a census is not renewed
    assert {"osm-hessen", "osm-netherlands"} <= set(rows)


def test_plan_works_before_anything_is_ingested(tmp_path: Path) -> None:
    region = region_for_plan("14511000", tmp_path)
    rows = plan(read_catalogue(), region, tmp_path, TODAY)
    assert {row.state for row in rows} == {"missing"}


@pytest.mark.parametrize("key", ["Nirgendwo", "99162000", "0916200"])
def test_region_that_is_neither_known_nor_a_key_is_refused(processed: Path, key: str) -> None:
    with pytest.raises(UnknownRegionError):
        region_for_plan(key, processed)


# --- age -----------------------------------------------------------------------------------


def test_age_is_judged_by_the_cycle_of_renewal(tmp_path: Path) -> None:
    folder = tmp_path / "originals"
    for name, added in (
        ("regionaldatenbank/12411-01-01-5.csv", "2024-01-01"),
        ("zensus-2022/1000A-0000.csv", "2024-07-01"),
        ("gisd/GISD_Bund_Kreis.csv", "2026-02-01"),
        ("own/notes.csv", "2020-01-01"),
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
        source = {
            "id": "s", "producer": "p", "title": "t", "period": "2024",
            "territorial_status": "-", "licence": "DL-DE-BY-2.0", "attribution": "a",
        }  # fmt: skip
        record = {"file": path.name, "title": "t", "sha256": "0" * 64, "added": added,
                  "sources": [source]}  # fmt: skip
        path.with_name(path.name + ".meta.yaml").write_text(yaml.safe_dump(record))
    found = {age.file: age for age in ages(read_catalogue(), tmp_path, TODAY)}
    outdated = {name for name, age in found.items() if age.is_outdated}
    assert outdated == {"originals/regionaldatenbank/12411-01-01-5.csv"}
    assert found["originals/gisd/GISD_Bund_Kreis.csv"].days == 28
    assert found["originals/own/notes.csv"].limit is None


def test_nothing_fetched_is_nothing_outdated(tmp_path: Path) -> None:
    assert ages(read_catalogue(), tmp_path, TODAY) == []
