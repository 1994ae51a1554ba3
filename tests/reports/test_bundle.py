"""Data packages and releases, opened by other tools than those that wrote them."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from pathlib import Path
from zipfile import ZipFile

import frictionless
import pandas as pd
import pytest
import yaml

from pipeline.errors import ExecutionError, TableError
from pipeline.reports.archive import write_zip
from pipeline.reports.bundle import ODBL, Label, package_entries, write_bundles
from pipeline.reports.release import Build, this_build, write_release
from pipeline.settings import Params, Paths
from pipeline.tables import storage

_BUILD = Build(dt.date(2026, 11, 22), "0" * 40)
_PARAMS = Params(
    edition="2026.1", reference_date=dt.date(2025, 12, 31), regions=["kalletal"], chapters=[]
)


@pytest.fixture(scope="module")
def paths(processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """Packaged tables, no derived ones, and a site of three files."""
    folder = tmp_path_factory.mktemp("edition")
    (folder / "reports" / "bilder").mkdir(parents=True)
    (folder / "reports" / "index.html").write_text("<html></html>", encoding="utf-8")
    (folder / "reports" / "bilder" / "a.png").write_bytes(b"png")
    (folder / "reports" / ".index.html.lock").write_bytes(b"")
    return Paths(
        processed=processed, derived=folder / "derived", build=folder / "build",
        reports=folder / "reports",
    )  # fmt: skip


@pytest.fixture(scope="module")
def bundles(paths: Paths, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VERSORGUNGSLABOR_PROCESSED", str(paths.processed))
        return write_bundles("kalletal", paths, _PARAMS, tmp_path_factory.mktemp("pakete"))


@pytest.fixture(scope="module")
def release(paths: Paths, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VERSORGUNGSLABOR_PROCESSED", str(paths.processed))
        return write_release(paths, _PARAMS, _BUILD, tmp_path_factory.mktemp("release"))


def rows(archive: Path, name: str) -> list[dict[str, str]]:
    with ZipFile(archive) as content:
        text = content.read(name).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def check_sums(archive: Path) -> int:
    """Check SHA256SUMS as `sha256sum --check` does; the number of files named there."""
    with ZipFile(archive) as content:
        lines = content.read("SHA256SUMS").decode("utf-8").splitlines()
        for line in lines:
            digest, name = line.split("  ", 1)
            assert hashlib.sha256(content.read(name)).hexdigest() == digest, name
        assert len(lines) == len(content.namelist()) - 1
    return len(lines)


# --- bundles -------------------------------------------------------------------------------


def test_frictionless_finds_both_packages_valid(bundles: list[Path], tmp_path: Path) -> None:
    assert [path.name for path in bundles] == ["kalletal.zip", "kalletal-odbl.zip"]
    for path in bundles:
        folder = tmp_path / path.stem
        with ZipFile(path) as content:
            content.extractall(folder)
        report = frictionless.Package(str(folder / "datapackage.json")).validate()
        assert report.valid, report.flatten(["name", "title", "message"])
        assert check_sums(path) > 5


def test_a_table_of_another_version_is_refused(paths: Paths) -> None:
    """Its description would name columns that are not there."""
    older = storage.read("sources", processed=paths.processed).drop(columns="licence")
    with pytest.raises(TableError, match="other columns than this version describes"):
        package_entries({"sources": older}, Label("a", "A", "2026.1"))


def test_a_bundle_holds_the_region_and_what_it_is_compared_with(bundles: list[Path]) -> None:
    population = rows(bundles[0], "data/population.csv")
    (own,) = [
        row for row in population
        if row["ref_area"] == "05766036" and row["time_period"] == "2024-12-31"
        and (row["measure"], row["sex"]) == ("population", "total")
    ]  # fmt: skip
    assert own["obs_value"] == "13256"
    areas = {row["ref_area"] for row in population}
    assert {"05766036", "05766", "05", "DG"} <= areas
    # of the other Kreise and Länder nothing, save the similar municipalities
    assert {key for key in areas if len(key) == 5} == {"05766"}
    assert {key for key in areas if len(key) == 2} == {"05", "DG"}
    assert {row["site_ags"][:5] for row in rows(bundles[1], "data/facilities.csv")} == {"05766"}


def test_rows_under_the_open_database_license_stand_apart(
    bundles: list[Path], processed: Path
) -> None:
    licences = pd.read_parquet(processed / "sources.parquet").set_index("source_id")["licence"]
    for path, is_open in zip(bundles, (False, True), strict=True):
        with ZipFile(path) as content:
            names = [n for n in content.namelist() if n.endswith(".csv") and "sources" not in n]
            package = json.loads(content.read("datapackage.json"))
        sources = {row["source_id"] for name in names for row in rows(path, name)
                   if "source_id" in row}  # fmt: skip
        assert sources
        assert all((licences[source] == ODBL) == is_open for source in sources)
        assert sources == {row["source_id"] for row in rows(path, "data/sources.csv")}
        assert (ODBL in {row["name"] for row in package["licenses"]}) == is_open


def test_the_same_content_gives_the_same_archive(tmp_path: Path) -> None:
    file = tmp_path / "b.txt"
    file.write_bytes(b"b")
    one = write_zip({"b.txt": file, "a.txt": b"a"}, tmp_path / "one.zip").read_bytes()
    file.touch()
    two = write_zip({"a.txt": b"a", "b.txt": b"b"}, tmp_path / "two.zip").read_bytes()
    assert one == two
    with ZipFile(io.BytesIO(one)) as content:
        assert content.namelist() == ["a.txt", "b.txt"]
        assert content.testzip() is None


# --- release -------------------------------------------------------------------------------


def test_a_release_names_day_and_commit_and_all_its_files(release: Path) -> None:
    assert release.name == "versorgungslabor-2026.1.zip"
    assert check_sums(release) > 20
    with ZipFile(release) as content:
        names = set(content.namelist())
        crate = json.loads(content.read("ro-crate-metadata.json"))
        citation = yaml.safe_load(content.read("CITATION.cff"))
    assert {"bericht/index.html", "bericht/bilder/a.png", "pakete/kalletal.zip",
            "pakete/kalletal-odbl.zip", "tabellen/datapackage.json",
            "tabellen-odbl/datapackage.json", "LICENSES/ODbL-1.0.txt"} <= names  # fmt: skip
    assert "bericht/.index.html.lock" not in names
    assert citation["commit"] == _BUILD.commit
    assert citation["date-released"] == _BUILD.day
    assert citation["version"] == "2026.1"
    graph = {entity["@id"]: entity for entity in crate["@graph"]}
    assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context"
    about = graph["ro-crate-metadata.json"]
    assert about["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert about["about"] == {"@id": "./"}
    root = graph["./"]
    assert root["datePublished"] == "2026-11-22"
    assert {"name", "description", "license"} <= set(root)
    assert graph["#commit"]["identifier"] == _BUILD.commit
    # every entity that is named is described, and every file of the archive is a part
    assert {part["@id"] for part in root["hasPart"] + root["isBasedOn"]} <= set(graph)
    described = {part["@id"] for part in root["hasPart"]}
    own = {"ro-crate-metadata.json", "SHA256SUMS", "bericht/bilder/a.png"}
    assert described == names - own | {"bericht/bilder/"}


def test_tables_of_a_release_are_a_valid_package(release: Path, tmp_path: Path) -> None:
    with ZipFile(release) as content:
        content.extractall(tmp_path)
    package = frictionless.Package(str(tmp_path / "tabellen-odbl" / "datapackage.json"))
    assert package.validate().valid
    whole = json.loads((tmp_path / "tabellen" / "datapackage.json").read_text(encoding="utf-8"))
    assert "population" in {resource["name"] for resource in whole["resources"]}


def test_without_pages_there_is_no_release(paths: Paths, tmp_path: Path) -> None:
    empty = paths.model_copy(update={"reports": tmp_path / "none"})
    with pytest.raises(ExecutionError, match="the site has not been rendered"):
        write_release(empty, _PARAMS, _BUILD, tmp_path)


def test_the_day_of_a_build_can_be_set_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767139200")
    assert this_build().day == dt.date(2025, 12, 31)
    assert this_build(dt.date(2026, 1, 1)).day == dt.date(2026, 1, 1)
    assert len(this_build().commit.removesuffix("-dirty")) == 40
