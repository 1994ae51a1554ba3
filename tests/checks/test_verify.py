"""`verify` finds what was damaged or changed after it was written, and goes on after each find."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipeline.checks.integrity import integrity_problems
from pipeline.checks.verify import verify
from pipeline.errors import TableError
from pipeline.settings import Paths
from pipeline.tables import storage
from pipeline.tables.checksums import SUMS, read_sums, update_sums, write_sums


@pytest.fixture
def edition(processed: Path, tmp_path: Path) -> Paths:
    """Tables of the packaged figures, no raw file, and a site of two pages."""
    shutil.copytree(processed, tmp_path / "processed")
    (tmp_path / "raw").mkdir()
    reports = tmp_path / "reports"
    for name, text in (
        ("index.html", "start"),
        ("oelde.html", "lebten 51.803"),
        ("daten/a.csv", "1;2"),
    ):
        (reports / name).parent.mkdir(parents=True, exist_ok=True)
        (reports / name).write_text(_page(text) if name.endswith("html") else text)
    write_sums(reports, [path for path in reports.rglob("*") if path.is_file()])
    return Paths(
        raw=tmp_path / "raw",
        processed=tmp_path / "processed",
        derived=tmp_path / "derived",
        build=tmp_path / "build",
        reports=reports,
    )


def _page(text: str) -> str:
    policy = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\">"
    return f"<html><head>{policy}</head><body>{text}</body></html>"


def found(paths: Paths) -> list[str]:
    return [str(problem) for problem in verify(paths)]


def test_what_nobody_touched_is_as_it_claims_to_be(edition: Paths) -> None:
    assert found(edition) == []


@pytest.mark.parametrize("damage", ["flipped", "truncated", "empty"])
def test_a_damaged_table_is_named_and_the_other_checks_go_on(edition: Paths, damage: str) -> None:
    table = edition.processed / "social.parquet"
    content = table.read_bytes()
    flipped = bytearray(content)
    flipped[len(content) - 600] ^= 0xFF
    table.write_bytes({"flipped": bytes(flipped), "truncated": content[:900], "empty": b""}[damage])
    (edition.raw / "figures").mkdir(parents=True)
    (edition.raw / "figures" / "x.csv").write_text("no sidecar")
    problems = found(edition)
    assert any("social.parquet" in text and "cannot be read" in text for text in problems)
    assert any("x.csv" in text and "sidecar" in text for text in problems)
    with pytest.raises(TableError, match="run `versorgungslabor ingest`"):
        storage.read("social", processed=edition.processed)


def test_no_flipped_byte_of_a_table_ends_in_anything_but_a_table_error(
    edition: Paths, tmp_path: Path
) -> None:
    content = (edition.processed / "social.parquet").read_bytes()
    for position in range(0, len(content), max(1, len(content) // 150)):
        spoiled = bytearray(content)
        spoiled[position] ^= 0x5A
        (tmp_path / "social.parquet").write_bytes(bytes(spoiled))
        try:
            storage.read("social", processed=tmp_path)
        except TableError:
            continue


def test_a_count_changed_by_one_is_found_though_the_schema_holds(edition: Paths) -> None:
    path = edition.processed / "population.parquet"
    table = pq.read_table(path)
    column = table.schema.get_field_index("obs_value")
    raised = pc.add(table["obs_value"], pa.array([1.0] + [0.0] * (len(table) - 1)))
    pq.write_table(table.set_column(column, table.schema.field(column), raised), path)
    (problem,) = found(edition)
    assert "population.parquet" in problem and "not the one that `ingest` wrote" in problem


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("processed/datapackage.json", None, None),
        ("reports/oelde.html", b"51.803", b"61.803"),
        ("reports/daten/a.csv", b"1;2", b"1;3"),
    ],
)
def test_a_changed_file_of_tables_or_site_is_found(
    edition: Paths, tmp_path: Path, name: str, before: bytes | None, after: bytes | None
) -> None:
    path = tmp_path / name
    content = path.read_bytes()
    changed = content[:-20] if before is None or after is None else content.replace(before, after)
    path.write_bytes(changed)
    (problem,) = found(edition)
    assert Path(name).name in problem and "is not the one" in problem


def test_missing_and_foreign_files_are_found_but_a_site_may_hold_more(edition: Paths) -> None:
    (edition.reports / "daten" / "a.csv").unlink()
    (edition.reports / "druck").mkdir()
    (edition.reports / "druck" / "oelde.pdf").write_bytes(b"%PDF")
    (edition.processed / "mine.parquet").write_bytes(b"PAR1")
    missing, foreign = sorted(map(str, integrity_problems(edition)), reverse=True)
    assert "daten/a.csv: the file is missing" in missing
    assert "mine.parquet: a file that `ingest` did not write" in foreign


def test_without_its_list_nothing_says_what_a_folder_held(edition: Paths) -> None:
    (edition.processed / SUMS).unlink()
    (edition.reports / SUMS).write_text("half a li")
    lost, damaged = map(str, integrity_problems(edition))
    assert "list of checksums is missing" in lost and "ingest" in lost
    assert "list of checksums is damaged" in damaged


def test_a_page_written_again_keeps_the_line_of_the_others(edition: Paths) -> None:
    before = read_sums(edition.reports)
    (edition.reports / "oelde.html").write_text(_page("lebten 61.803"))  # by hand
    (edition.reports / "index.html").write_text(_page("new"))
    (edition.reports / "daten" / "a.csv").unlink()
    update_sums(edition.reports, [edition.reports / "index.html"])
    after = read_sums(edition.reports)
    assert after.keys() == {"index.html", "oelde.html"}
    assert after["oelde.html"] == before["oelde.html"]
    assert after["index.html"] == hashlib.sha256(_page("new").encode()).hexdigest()
    (problem,) = integrity_problems(edition)
    assert "oelde.html" in str(problem)


def test_the_list_is_one_that_sha256sum_reads_and_has_the_same_bytes_each_time(
    tmp_path: Path,
) -> None:
    (tmp_path / "b").write_bytes(b"")
    (tmp_path / "a").write_bytes(b"abc")
    # digests of "abc" and of nothing: FIPS 180-4 examples
    expected = (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n"
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b\n"
    )
    for files in (("a", "b"), ("b", "a")):
        path = write_sums(tmp_path, [tmp_path / name for name in files])
        assert path.read_text() == expected
