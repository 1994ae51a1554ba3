"""Ingestion: what the tables hold, what is refused, and that nothing good is lost."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

from pipeline.errors import WorkspaceError
from pipeline.settings import Paths
from pipeline.tables import storage
from pipeline.tables.ingest import ingest, merge_sources

FILES = ("figures/population_series.csv", "figures/municipalities.csv", "figures/hospitals.csv")


@pytest.fixture
def workspace(root: Path, tmp_path: Path) -> Paths:
    """A small raw folder with real files, and a last good state that must survive."""
    for name in FILES:
        for file in (name, f"{name}.meta.yaml"):
            target = tmp_path / "raw" / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / "data" / "raw" / file, target)
    processed = tmp_path / "processed"
    processed.mkdir()
    (processed / "last-good-state").write_text("kept")
    return Paths(raw=tmp_path / "raw", processed=processed)


def change(path: Path, edit: Callable[[bytes], bytes]) -> None:
    """Change a raw file and renew its hash, as somebody would who means the change."""
    path.write_bytes(edit(path.read_bytes()))
    sidecar = path.with_name(path.name + ".meta.yaml")
    record = yaml.safe_load(sidecar.read_text(encoding="utf-8"))
    record["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    sidecar.write_text(yaml.safe_dump(record, allow_unicode=True), encoding="utf-8")


def refused(workspace: Paths) -> WorkspaceError:
    with pytest.raises(WorkspaceError) as caught:
        ingest(workspace)
    assert (workspace.processed / "last-good-state").read_text() == "kept"
    assert sorted(path.name for path in workspace.processed.iterdir()) == ["last-good-state"]
    assert list(workspace.processed.parent.glob(".processed*")) == []
    return caught.value


def test_good_files_replace_the_old_state(workspace: Paths) -> None:
    report = ingest(workspace)
    assert not (workspace.processed / "last-good-state").exists()
    assert report.sums_compared > 1000
    assert {path.name for path in workspace.processed.glob("*.json")} == {"datapackage.json"}


def first_line(text: bytes, start: bytes) -> int:
    lines = text.splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(start))


def test_missing_column_is_refused(workspace: Paths) -> None:
    path = workspace.raw / FILES[0]
    change(path, lambda raw: raw.replace(b",measure,", b",", 1))
    error = refused(workspace)
    assert (error.row, error.message) == (1, "a missing column: 'measure'")
    assert error.remedy


def test_key_that_lost_its_leading_zero_is_refused(workspace: Paths) -> None:
    path = workspace.raw / FILES[0]
    row = first_line(path.read_bytes(), b"05566076,")
    change(path, lambda raw: raw.replace(b"\n05566076,", b"\n5566076,"))
    error = refused(workspace)
    assert (error.row, error.found) == (row, "5566076")
    assert "05566076" in error.message


def test_negative_count_is_refused(workspace: Paths) -> None:
    path = workspace.raw / FILES[0]
    row = first_line(path.read_bytes(), b"05566076,")
    value = path.read_bytes().splitlines()[row - 1].split(b",,,")[1].split(b",")[0]
    change(path, lambda raw: raw.replace(b",,," + value + b",", b",,,-" + value + b",", 1))
    error = refused(workspace)
    assert error.row is not None and error.found == -float(value)


def test_second_row_for_a_key_is_refused(workspace: Paths) -> None:
    path = workspace.raw / FILES[0]
    lines = path.read_bytes().splitlines(keepends=True)
    change(path, lambda raw: raw + lines[1])
    error = refused(workspace)
    assert error.row == len(lines) + 1
    assert "the first stands in row 2" in str(error.expected)


def test_latin1_bytes_in_a_utf8_file_are_refused_by_row(workspace: Paths) -> None:
    path = workspace.raw / FILES[0]
    row = next(
        n
        for n, line in enumerate(path.read_bytes().splitlines(), 1)
        if "Düsseldorf".encode() in line
    )
    change(path, lambda raw: raw.replace("Düsseldorf".encode(), "Düsseldorf".encode("latin-1"), 1))
    error = refused(workspace)
    assert (error.row, error.message) == (row, "a byte that is not UTF-8")


def test_unknown_sign_is_refused(workspace: Paths) -> None:
    path = workspace.raw / FILES[2]
    change(path, lambda raw: raw.replace(b",1956,,", b",**,,", 1))
    error = refused(workspace)
    assert (error.row, error.column, error.found) == (2, "value", "**")


def test_short_row_is_refused(workspace: Paths) -> None:
    path = workspace.raw / FILES[2]
    change(path, lambda raw: raw[:-20] + b"\n")
    assert refused(workspace).message == "a row with the wrong number of cells"


def test_changed_byte_without_a_new_hash_is_refused(workspace: Paths) -> None:
    path = workspace.raw / FILES[2]
    path.write_bytes(path.read_bytes().replace(b"1956", b"1957"))
    assert refused(workspace).message == "the bytes of the raw file changed"


# --- what the tables of the packaged figures hold -------------------------------------------


def test_published_totals_stand_in_the_table(population: pd.DataFrame) -> None:
    totals = population.loc[
        population["sex"].eq("total") & population["age_from"].isna() & population["age_to"].isna()
    ].set_index(["ref_area", "time_period", "measure"])["obs_value"]
    assert totals["05566076", "2024-12-31", "population"] == 77209
    assert totals["05566076", "2022-12-31", "population"] == 77893
    assert totals["05566076", "2022-05-15", "population_census"] == 76344
    assert totals["05766", "2023-12-31", "population"] == 347613
    assert totals["03103", "2022-12-31", "population"] == 125961


def test_every_population_figure_names_its_census(population: pd.DataFrame) -> None:
    bases = population.groupby("census_basis")["time_period"].agg(["min", "max"])
    assert bases.to_dict("index") == {
        "1987": {"min": "2008-12-31", "max": "2010-12-31"},
        "2011": {"min": "2011-12-31", "max": "2022-12-31"},
        "2022": {"min": "2022-05-15", "max": "2024-12-31"},
    }


def test_true_zero_keeps_its_sign(processed: Path) -> None:
    hospitals = storage.read("hospitals", processed=processed)
    nil = hospitals.loc[hospitals["obs_status"].eq("nil")]
    assert len(nil) == 68
    assert nil["obs_value"].eq(0).all()


def test_source_of_two_equal_values_is_the_newer_one_and_a_difference_is_listed() -> None:
    rows = pd.DataFrame(
        {
            "ref_area": ["05766"] * 4,
            "time_period": ["2023"] * 2 + ["2024"] * 2,
            "measure": "population", "census_basis": "2022", "sex": "total",
            "age_from": pd.array([None] * 4, dtype="Int16"),
            "age_to": pd.array([None] * 4, dtype="Int16"),
            "doctor_group": "",
            "obs_value": [1.0, 1.0, 2.0, 3.0], "obs_status": "",
            "source_id": ["old", "new", "old", "new"], "file": "x.csv", "_row": [2, 3, 4, 5],
        }
    )  # fmt: skip
    merged, conflicts = merge_sources(rows, {"new": 0, "old": 1})
    assert merged["source_id"].tolist() == ["new", "new"]
    assert conflicts[["obs_value", "is_used"]].to_numpy().tolist() == [[2.0, False], [3.0, True]]
