"""`fetch` as a person types it: conditions, checksums, and what `ingest` makes of the files."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import osmium
import pandas as pd
import pytest
import typer
from osmium.osm.mutable import Node
from typer.testing import CliRunner

from pipeline.commands import fetch as command
from pipeline.provenance import iter_sidecar_problems, read_sidecar
from pipeline.settings import Paths
from pipeline.sources import catalogue as catalogue_module
from pipeline.sources.catalogue import Catalogue, DownloadEntry, read_catalogue
from pipeline.sources.fetching import FetchError, Pauses, make_client
from pipeline.tables import storage
from pipeline.tables.fetch_run import Outcome, fetch_download
from pipeline.tables.ingest import ingest
from tests.sources.replay import Answer, Replay

QUICK = Pauses(attempts=3, first=0.01, longest=0.02)
GISD = "GISD_Bund_Kreis.csv"


@pytest.fixture
def gisd(originals: Path) -> bytes:
    return (originals / "gisd" / GISD).read_bytes()


@pytest.fixture
def replay(gisd: bytes) -> Iterator[Replay]:
    answer = Answer(
        gisd, headers={"etag": '"v1"', "last-modified": "Mon, 03 Mar 2025 10:00:00 GMT"}
    )
    with Replay(gisd=answer).running() as it:
        yield it


def entry_of(replay: Replay, *, checksum: bool = False, id_: str = "gisd") -> DownloadEntry:
    """The catalogue's entry with its address on loopback."""
    entry = read_catalogue().download(id_)
    assert entry is not None
    md5 = f"{replay.address}/{id_}.md5" if checksum else None
    return entry.model_copy(update={"address": f"{replay.address}/{id_}", "checksum": md5})


def fetched(entry: DownloadEntry, raw: Path, **given: object) -> Outcome:
    with make_client(httpx.Timeout(5)) as client:
        return fetch_download(entry, client, raw, pauses=QUICK, **given)  # type: ignore[arg-type]


def test_download_lands_below_raw_with_its_sidecar(replay: Replay, tmp_path: Path) -> None:
    outcome = fetched(entry_of(replay), tmp_path)
    assert outcome.status == "fetched"
    assert outcome.path == tmp_path / "originals" / "gisd" / GISD
    [source] = read_sidecar(outcome.path).sources
    assert source.licence == "CC-BY-4.0"
    assert "Abgerufen am" in str(source.note)
    assert list(iter_sidecar_problems(tmp_path)) == []


def test_second_request_is_conditional(replay: Replay, tmp_path: Path) -> None:
    fetched(entry_of(replay), tmp_path)
    replay.answer("gisd", Answer(b"", 304))
    assert fetched(entry_of(replay), tmp_path).status == "unchanged"
    asked = replay.asked[-1].headers
    assert asked["if-none-match"] == '"v1"'
    assert asked["if-modified-since"] == "Mon, 03 Mar 2025 10:00:00 GMT"
    fetched(entry_of(replay), tmp_path, force=True)
    assert "if-none-match" not in replay.asked[-1].headers


def test_damaged_file_is_asked_for_whole(replay: Replay, tmp_path: Path) -> None:
    path = fetched(entry_of(replay), tmp_path).path
    assert path is not None
    path.write_bytes(path.read_bytes()[:1000])
    assert fetched(entry_of(replay), tmp_path).status == "fetched"
    assert "if-none-match" not in replay.asked[-1].headers
    assert list(iter_sidecar_problems(tmp_path)) == []


def test_checksum_of_the_publisher_is_compared(replay: Replay, gisd: bytes, tmp_path: Path) -> None:
    right = hashlib.md5(gisd, usedforsecurity=False).hexdigest()
    replay.answer("gisd.md5", Answer(f"{right}  {GISD}\n".encode()))
    assert fetched(entry_of(replay, checksum=True), tmp_path).status == "fetched"
    replay.answer("gisd.md5", Answer(f"{'0' * 32}  {GISD}\n".encode()))
    outcome = fetched(entry_of(replay, checksum=True), tmp_path, force=True)
    assert "not those of the publisher's checksum" in str(outcome.error)
    replay.answer("gisd.md5", Answer(b"gone"))
    outcome = fetched(entry_of(replay, checksum=True), tmp_path, force=True)
    assert "checksum cannot be read" in str(outcome.error)
    names = sorted(p.name for p in (tmp_path / "originals" / "gisd").iterdir())
    assert names == [".fetch.json", ".fetch.lock", GISD, f"{GISD}.meta.yaml"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(b"", 404), "the server has no such file"),
        (Answer(b"<!doctype html><title>Suche</title>"), "a web page, not data"),
        (Answer(b""), "the answer is empty"),
        (Answer(b"ags,ars,name\n1,2,3\n"), "this is not the header of a GISD file"),
        (Answer(b"", 503), "cannot serve the request now"),
    ],
    ids=["gone", "web page", "empty", "unknown", "unavailable"],
)
def test_wrong_answer_keeps_the_file_of_last_time(
    replay: Replay, gisd: bytes, tmp_path: Path, answer: Answer, message: str
) -> None:
    path = fetched(entry_of(replay), tmp_path).path
    assert path is not None
    replay.answer("gisd", answer)
    outcome = fetched(entry_of(replay), tmp_path, force=True)
    assert outcome.status == "failed"
    assert message in str(outcome.error)
    assert path.read_bytes() == gisd
    assert list(iter_sidecar_problems(tmp_path)) == []
    assert [p for p in tmp_path.rglob(".*") if p.suffix in {".part", ".new"}] == []


def test_file_of_another_format_is_refused(replay: Replay, originals: Path, tmp_path: Path) -> None:
    other = (originals / "genesis_ffcsv" / "23111-0001__de.csv").read_bytes()
    replay.answer("gisd", Answer(other))
    outcome = fetched(entry_of(replay), tmp_path)
    assert "another format than expected" in str(outcome.error)
    assert "genesis-ffcsv" in str(outcome.error)


def test_column_that_is_gone_is_named(replay: Replay, gisd: bytes, tmp_path: Path) -> None:
    replay.answer("gisd", Answer(gisd.replace(b"gisd_5", b"fuenftel", 1)))
    outcome = fetched(entry_of(replay), tmp_path)
    assert "gisd_5" in str(outcome.error)


def test_file_to_be_chosen_by_hand_says_where(tmp_path: Path) -> None:
    entry = read_catalogue().download("inkar")
    assert entry is not None
    with pytest.raises(FetchError, match=r"www\.inkar\.de"):
        fetched(entry, tmp_path)


# --- the whole way -------------------------------------------------------------------------


def test_fetched_original_goes_before_the_embedded_figures(
    replay: Replay, gisd: bytes, root: Path, tmp_path: Path
) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    for path in (root / "data" / "raw" / "figures").glob("*"):
        if path.name.startswith(("municipalities.", "social.")):
            shutil.copy(path, raw)
    fetched(entry_of(replay), raw)
    ingest(Paths(raw=raw, processed=tmp_path / "processed"))
    found = storage.read("deprivation", processed=tmp_path / "processed")
    sources = storage.read("sources", processed=tmp_path / "processed").set_index("source_id")
    used = sources.loc[found["source_id"].unique()]
    assert used["file"].str.startswith("originals/gisd/").any()
    assert found["ref_area"].nunique() == 400  # all Kreise, not only those of the study region
    original = used.loc[used["file"].str.startswith("originals/")].iloc[0]
    assert original["attribution"] == (
        "Robert Koch-Institut, German Index of Socioeconomic Deprivation (GISD), Kreise auf "
        "Bundesskala, CC BY 4.0"
    )
    steinfurt = found.loc[found["ref_area"].eq("05566") & found["measure"].eq("gisd_score")]
    assert set(steinfurt["source_id"]) == {original.name}


# --- the command ---------------------------------------------------------------------------


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, replay: Replay) -> typer.Typer:
    """The command with a catalogue whose addresses are on loopback."""
    real = read_catalogue()
    local = [entry_of(replay) if e.id == "gisd" else e for e in real.downloads]
    services = [s.model_copy(update={"address": replay.address}) for s in real.services]
    changed = Catalogue.model_construct(
        services=tuple(services), tables=real.tables, downloads=tuple(local)
    )
    monkeypatch.setattr(catalogue_module, "read_catalogue", lambda: changed)
    made = typer.Typer()
    made.command()(command.fetch)
    return made


def test_command_prints_the_outcome_as_json(app: typer.Typer, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["gisd", "--raw", str(tmp_path), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)[0]["status"] == "fetched"
    assert "has not been verified by us" in result.stderr


def test_command_fails_with_the_reason(app: typer.Typer, replay: Replay, tmp_path: Path) -> None:
    replay.answer("gisd", Answer(b"", 404))
    result = CliRunner().invoke(app, ["gisd", "--raw", str(tmp_path)])
    assert result.exit_code == 1
    assert "the server has no such file" in result.stderr


def test_command_without_credentials_names_the_variables(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TOKEN", "USER", "PASSWORD"):
        monkeypatch.delenv(f"VERSORGUNGSLABOR_REGIONALDATENBANK_{name}", raising=False)
    result = CliRunner().invoke(app, ["regionaldatenbank", "--raw", str(tmp_path)])
    assert isinstance(result.exception, FetchError)
    assert "VERSORGUNGSLABOR_REGIONALDATENBANK_TOKEN" in str(result.exception)


def test_command_shows_no_secret_and_takes_it_from_the_environment_alone(
    app: typer.Typer, replay: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERSORGUNGSLABOR_REGIONALDATENBANK_USER", "kreis-muster")
    monkeypatch.setenv("VERSORGUNGSLABOR_REGIONALDATENBANK_PASSWORD", "streng-geheim")
    monkeypatch.delenv("VERSORGUNGSLABOR_REGIONALDATENBANK_TOKEN", raising=False)
    said = b'{"Status": {"Code": 15, "Content": "kreis-muster/streng-geheim", "Type": "ERROR"}}'
    replay.answer("metadata/table", Answer(said))
    for more in ([], ["--json"]):
        given = ["regionaldatenbank", "12411-01-01-4", "--raw", str(tmp_path), *more]
        result = CliRunner().invoke(app, given)
        assert result.exit_code == 1
        assert "refuses the credentials" in result.output
        assert "kreis-muster" not in result.output and "streng-geheim" not in result.output
    assert replay.asked[-1].headers["username"] == "kreis-muster"
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"kreis-muster" not in kept and b"streng-geheim" not in kept
    # there is no option to type it, since a command line is kept in the shell's history
    shown = CliRunner().invoke(app, ["--help"]).output
    assert "--password" not in shown and "--token" not in shown


def test_as_many_requests_at_once_as_the_catalogue_says(
    app: typer.Typer, replay: Replay, originals: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    changed = catalogue_module.read_catalogue()
    services = [s.model_copy(update={"parallel": 3}) for s in changed.services]
    wider = Catalogue.model_construct(
        services=tuple(services), tables=changed.tables, downloads=changed.downloads
    )
    monkeypatch.setattr(catalogue_module, "read_catalogue", lambda: wider)
    monkeypatch.setenv("VERSORGUNGSLABOR_REGIONALDATENBANK_TOKEN", "zeichen")
    gone = (originals / "genesis_api" / "63121-0001_0_tablefile.json").read_bytes()
    replay.answer("metadata/table", Answer(gone, delay=0.2))
    codes = [table.code for table in changed.tables_of("regionaldatenbank")][:4]
    CliRunner().invoke(app, ["regionaldatenbank", *codes, "--raw", str(tmp_path)])
    assert replay.most_at_once == 3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["nowhere"], "no such source"),
        (["gisd", "12411-01-01-5"], "has no tables"),
        (["regionaldatenbank", "99999-99-99-9"], "no such table"),
    ],
)
def test_command_refuses_what_the_catalogue_does_not_have(
    app: typer.Typer, tmp_path: Path, given: list[str], message: str
) -> None:
    result = CliRunner().invoke(app, [*given, "--raw", str(tmp_path)])
    assert message in str(result.exception)


def test_plan_and_check_are_stable_json(app: typer.Typer, tmp_path: Path) -> None:
    empty = str(tmp_path / "processed")
    run = CliRunner().invoke(app, ["--plan", "08111000", "--json", "--processed", empty])
    answer = json.loads(run.stdout)
    assert answer["members"] == ["08111000"]
    assert set(answer["files"][0]) == {
        "key", "service", "title", "publisher", "level", "needed_for", "state", "newest",
        "size_mb", "size_basis", "verified", "command",
    }  # fmt: skip
    CliRunner().invoke(app, ["gisd", "--raw", str(tmp_path)])
    run = CliRunner().invoke(app, ["--check", "--json", "--raw", str(tmp_path)])
    [age] = json.loads(run.stdout)
    assert (age["key"], age["is_outdated"]) == ("gisd", False)


def test_list_shows_every_source(app: typer.Typer) -> None:
    shown = CliRunner().invoke(app, ["--json"]).stdout
    listed = json.loads(shown)
    assert len(listed["services"]) == 4
    assert pd.Series([d["id"] for d in listed["downloads"]]).is_monotonic_increasing


def test_archive_of_borders_is_taken_in_as_it_came(
    replay: Replay, originals: Path, tmp_path: Path
) -> None:
    content = (originals / "geometry" / "VG250_GEM_simplified.zip").read_bytes()
    replay.answer("bkg-vg250", Answer(content))
    outcome = fetched(entry_of(replay, id_="bkg-vg250"), tmp_path)
    assert outcome.path is not None, outcome.error
    assert outcome.path.read_bytes() == content
    [source] = read_sidecar(outcome.path).sources
    assert (source.id, source.licence) == ("bkg-vg250-original", "DL-DE-BY-2.0")


def test_extract_is_taken_in_without_reading_all_of_it(replay: Replay, tmp_path: Path) -> None:
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2026-03-01T20:20:00Z")
    with osmium.SimpleWriter(str(tmp_path / "x.osm.pbf"), header=header) as writer:
        writer.add_node(Node(id=1, location=(7.8, 52.2), tags={"amenity": "pharmacy"}))
    replay.answer("osm-bremen", Answer((tmp_path / "x.osm.pbf").read_bytes()))
    outcome = fetched(entry_of(replay, id_="osm-bremen"), tmp_path / "raw")
    assert outcome.path is not None, outcome.error
    [source] = read_sidecar(outcome.path).sources
    assert (source.id, source.period, source.licence) == (
        "osm-bremen-original", "2026-03-01", "ODbL-1.0",
    )  # fmt: skip
