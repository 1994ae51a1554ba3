"""The GENESIS web service: recorded answers replayed on loopback, and every way it can fail.

The answers 98, 99, 104 and -1, the descriptions and the packed table are recordings of the
service. Those of `catalogue/jobs` and code 6 are written after public clients of the service.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pipeline.errors import RawDataError, WorkspaceError
from pipeline.provenance import check_hash, iter_sidecar_problems, read_sidecar
from pipeline.sources import fetching, registry
from pipeline.sources.catalogue import Fill, Service, ServiceTable
from pipeline.sources.credentials import Credentials, credentials_for
from pipeline.sources.fetching import FetchError, PassingError, Pauses
from pipeline.sources.genesis_api import GenesisClient, NoSuchTableError, Query
from pipeline.sources.inspection import inspect_file
from pipeline.tables.fetch_run import Outcome, fetch_tables
from tests.sources.replay import Answer, Replay

USER, PASSWORD = "gesundheitsamt-muster", "streng+geheim&4711"
CODE = "12411-01-01-4"


@pytest.fixture
def recorded(originals: Path) -> dict[str, bytes]:
    """The recorded answers, by file name."""
    folder = originals / "genesis_api"
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def table_zip(recorded: dict[str, bytes]) -> bytes:
    return recorded[f"{CODE}_0_tablefile.zip"]


@pytest.fixture
def replay(recorded: dict[str, bytes], table_zip: bytes) -> Iterator[Replay]:
    """A service that has one table."""
    about = recorded[f"{CODE}__de.metadata.json"]
    with Replay(metadata__table=Answer(about), data__tablefile=Answer(table_zip)).running() as it:
        yield it


def service_at(replay: Replay, parallel: int = 1) -> Service:
    return Service.model_construct(
        id="regionaldatenbank", title="Regionaldatenbank Deutschland",
        publisher="Statistische Ämter des Bundes und der Länder, Regionaldatenbank Deutschland",
        address=replay.address, account="https://www.regionalstatistik.de",
        licence="DL-DE-BY-2.0", parallel=parallel, verified=False, evidence="a test",
    )  # fmt: skip


def table_of(code: str = CODE) -> ServiceTable:
    return ServiceTable(
        code=code, service="regionaldatenbank", title="Bevölkerung", form="ffcsv",
        format="genesis-ffcsv", size_mb=0.3, size_basis="measured", renewal="yearly",
        fills=(Fill(table="population", measures=("population",), level="kreis"),),
    )  # fmt: skip


def client_of(replay: Replay, **given: object) -> GenesisClient:
    timeout = httpx.Timeout(float(given.pop("timeout", 5.0)))  # type: ignore[arg-type]
    http = fetching.make_client(timeout, follow_redirects=False)
    chosen: dict[str, object] = {
        "pauses": Pauses(attempts=3, first=0.01, longest=0.02), "poll": (0.01, 0.02), **given,
    }  # fmt: skip
    secret = Credentials(USER, PASSWORD)
    return GenesisClient(replay.address, secret, http, **chosen)  # type: ignore[arg-type]


def run(
    replay: Replay, raw: Path, *codes: str, parallel: int = 1, **given: object
) -> list[Outcome]:
    tables = [table_of(code) for code in codes or (CODE,)]
    return fetch_tables(service_at(replay, parallel), tables, client_of(replay, **given), raw)


def error_of(outcome: Outcome) -> WorkspaceError:
    assert outcome.error is not None
    return outcome.error


def leftovers(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*") if p.name.endswith((".part", ".new")))


# --- what must work ------------------------------------------------------------------------


def test_table_comes_with_a_sidecar_that_says_where_from(replay: Replay, tmp_path: Path) -> None:
    [outcome] = run(replay, tmp_path)
    assert outcome.status == "fetched"
    path = tmp_path / "originals" / "regionaldatenbank" / f"{CODE}.zip"
    assert outcome.path == path
    sidecar = read_sidecar(path)
    check_hash(path, sidecar)
    [source] = sidecar.sources
    assert source.table == CODE
    assert source.licence == "DL-DE-BY-2.0"
    assert source.period == "2024-12-31/2024-12-31"
    assert source.census_basis == {"2022": "2024-12-31/2024-12-31"}
    assert f"Tabelle {CODE}, alle Gebiete, Jahre Beginn bis heute, ffcsv" in str(source.note)
    assert "Stand laut Datenbank: 31.03.2025 11:18:07h" in str(source.note)
    assert "lizenziert unter der Datenlizenz Deutschland" in str(source.note)
    assert list(iter_sidecar_problems(tmp_path)) == []


def test_packed_answer_is_read_like_the_plain_file(originals: Path) -> None:
    packed = inspect_file(originals / "genesis_api" / f"{CODE}_0_tablefile.zip")
    plain = inspect_file(originals / "genesis_ffcsv" / f"{CODE}__de.csv")
    assert packed == plain
    assert packed["rows"] == 1467


def test_request_is_a_post_with_credentials_in_its_headers_alone(
    replay: Replay, tmp_path: Path
) -> None:
    run(replay, tmp_path)
    asked = replay.asked[-1]
    assert (asked.method, asked.path) == ("POST", "data/tablefile")
    assert asked.headers["username"] == USER
    assert asked.headers["password"] == PASSWORD
    assert asked.fields == {
        "name": CODE, "area": "all", "compress": "false", "transpose": "false",
        "format": "ffcsv", "job": "false", "language": "de",
    }  # fmt: skip


def test_unchanged_table_is_not_asked_for_again(replay: Replay, tmp_path: Path) -> None:
    run(replay, tmp_path)
    [again] = run(replay, tmp_path)
    assert again.status == "unchanged"
    assert replay.paths().count("data/tablefile") == 1


def test_changed_table_replaces_the_old_one(
    replay: Replay, recorded: dict[str, bytes], tmp_path: Path
) -> None:
    run(replay, tmp_path)
    about = json.loads(recorded[f"{CODE}__de.metadata.json"])
    about["Object"]["Updated"] = "31.03.2026 11:18:07h"
    replay.answer("metadata/table", Answer(json.dumps(about).encode()))
    [again] = run(replay, tmp_path)
    assert again.status == "fetched"


def test_large_table_goes_through_a_background_job(
    replay: Replay, recorded: dict[str, bytes], table_zip: bytes, tmp_path: Path
) -> None:
    # 98 → 99 with the name of the result → twice not done → done → the result
    waiting = {"Status": {"Code": 0}, "List": [{"Code": "12531-0043_175879554",
                                                "State": "In Bearbeitung"}]}  # fmt: skip
    done = {"Status": {"Code": 0}, "List": [{"State": "Fertig"}]}
    replay.answer(
        "data/tablefile",
        Answer(recorded["12531-0043_0_tablefile.json"]),
        Answer(recorded["12531-0043_1_tablefile.json"]),
    )
    replay.answer(
        "catalogue/jobs",
        Answer(recorded["63121-0001_0_tablefile.json"]),  # 104: not in the list yet
        Answer(json.dumps(waiting).encode()),
        Answer(json.dumps(done).encode()),
    )
    replay.answer("data/resultfile", Answer(table_zip))
    [outcome] = run(replay, tmp_path)
    assert outcome.status == "fetched"
    assert replay.paths()[1:] == [
        "data/tablefile", "data/tablefile", *["catalogue/jobs"] * 3, "data/resultfile",
    ]  # fmt: skip
    assert [asked.fields["job"] for asked in replay.asked[1:3]] == ["false", "true"]
    assert replay.asked[3].fields["selection"] == "*12531-0043_175879554"
    assert replay.asked[-1].fields["name"] == "12531-0043_175879554"


def test_interrupted_job_is_taken_up_again_not_ordered_twice(
    replay: Replay, recorded: dict[str, bytes], table_zip: bytes, tmp_path: Path
) -> None:
    replay.answer(
        "data/tablefile",
        Answer(recorded["12531-0043_0_tablefile.json"]),
        Answer(recorded["12531-0043_1_tablefile.json"]),
    )
    replay.answer("catalogue/jobs", Answer(b'{"Status": {"Code": 0}, "List": []}'))
    [first] = run(replay, tmp_path, patience=0.05)
    assert "not done yet" in str(first.error)
    replay.answer(
        "catalogue/jobs", Answer(b'{"Status": {"Code": 0}, "List": [{"State": "Fertig"}]}')
    )
    replay.answer("data/resultfile", Answer(table_zip))
    asked_before = replay.paths().count("data/tablefile")
    [second] = run(replay, tmp_path)
    assert second.status == "fetched"
    assert replay.paths().count("data/tablefile") == asked_before


def test_half_finished_list_goes_on_where_it_stopped(
    replay: Replay, recorded: dict[str, bytes], table_zip: bytes, tmp_path: Path
) -> None:
    codes = ("12411-01-01-4", "12411-01-01-5")
    replay.answer("data/tablefile/12411-01-01-5", Answer(b"", 503))
    replay.answer("metadata/table", Answer(_always_new(recorded)))
    first = run(replay, tmp_path, *codes)
    assert [outcome.status for outcome in first] == ["fetched", "failed"]
    replay.answer("data/tablefile/12411-01-01-5", Answer(table_zip))
    replay.asked.clear()
    second = run(replay, tmp_path, *codes)
    assert [outcome.status for outcome in second] == ["kept", "fetched"]
    assert {asked.fields["name"] for asked in replay.asked} == {"12411-01-01-5"}
    third = run(replay, tmp_path, *codes)  # the list is finished: everything is asked for anew
    assert [outcome.status for outcome in third] == ["fetched", "fetched"]


def _always_new(recorded: dict[str, bytes]) -> bytes:
    """A description without a date, so that nothing counts as unchanged."""
    about = json.loads(recorded[f"{CODE}__de.metadata.json"])
    about["Object"]["Updated"] = ""
    return json.dumps(about).encode()


def test_never_more_requests_at_once_than_the_service_allows(
    replay: Replay, table_zip: bytes, tmp_path: Path
) -> None:
    replay.answer("data/tablefile", Answer(table_zip, delay=0.05))
    codes = [f"12411-01-01-{n}" for n in range(6)]
    outcomes = run(replay, tmp_path, *codes, parallel=2)
    assert {outcome.status for outcome in outcomes} == {"fetched"}
    assert replay.most_at_once == 2


# --- what goes wrong -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        ("63121-0001_0_tablefile.json", NoSuchTableError, "code 104: Es gibt keine Objekte"),
        ("63121-0001_1_tablefile.json", NoSuchTableError, "code 104: There are no objects"),
        ("61111-0021_0_tablefile.json", FetchError, "code -1: Für die Teiltabelle"),
    ],
)
def test_refusal_of_the_service_is_told_in_its_own_words(
    replay: Replay,
    recorded: dict[str, bytes],
    tmp_path: Path,
    answer: str,
    kind: type,
    message: str,
) -> None:
    replay.answer("data/tablefile", Answer(recorded[answer]))
    error = error_of(run(replay, tmp_path)[0])
    assert type(error) is kind
    assert message in str(error)
    assert CODE in str(error)
    assert error.remedy


def test_withdrawn_table_is_noticed_before_anything_is_loaded(
    replay: Replay, recorded: dict[str, bytes], tmp_path: Path
) -> None:
    run(replay, tmp_path)
    replay.answer("metadata/table", Answer(recorded["63121-0001_0_tablefile.json"]))
    [outcome] = run(replay, tmp_path)
    assert isinstance(outcome.error, NoSuchTableError)
    assert (tmp_path / "originals" / "regionaldatenbank" / f"{CODE}.zip").is_file()


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(b"", 500),
        Answer(b"", 429, {"retry-after": "0"}),
        Answer(
            b'{"Status": {"Code": 6, "Content": "Zu viele parallele Anfragen", "Type": "Fehler"}}'
        ),
        Answer(b'{"Ident": {"Service": "da'),  # a message that is cut off
    ],
    ids=["server error", "too many requests", "code 6", "cut message"],
)
def test_passing_trouble_is_overcome(
    replay: Replay, table_zip: bytes, tmp_path: Path, trouble: Answer
) -> None:
    replay.answer("data/tablefile", trouble, trouble, Answer(table_zip))
    [outcome] = run(replay, tmp_path)
    assert outcome.status == "fetched"


def test_cut_connection_is_overcome_and_leaves_no_half_file(
    replay: Replay, table_zip: bytes, tmp_path: Path
) -> None:
    cut = Answer(table_zip, cut=9_000)
    replay.answer("data/tablefile", cut, Answer(table_zip))
    [outcome] = run(replay, tmp_path)
    assert outcome.status == "fetched"
    replay.answer("metadata/table", Answer(b"{}", cut=1))
    [again] = run(replay, tmp_path)
    assert "the connection broke off" in str(again.error)
    assert leftovers(tmp_path) == []
    assert list(iter_sidecar_problems(tmp_path)) == []


def test_timeout_is_an_error_after_the_last_attempt(
    replay: Replay, table_zip: bytes, tmp_path: Path
) -> None:
    replay.answer("data/tablefile", Answer(table_zip, delay=0.5))
    [outcome] = run(replay, tmp_path, timeout=0.1)
    assert "did not answer in time" in str(outcome.error)
    assert replay.paths().count("data/tablefile") == 3
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    "page", [b"<!DOCTYPE html><html>Wartungsarbeiten</html>", b"\n <html><body>Anmeldung</body>"]
)
def test_web_page_with_status_200_is_refused(replay: Replay, tmp_path: Path, page: bytes) -> None:
    replay.answer("data/tablefile", Answer(page))
    [outcome] = run(replay, tmp_path)
    assert "the answer is a web page, not data" in str(outcome.error)
    assert not (tmp_path / "originals" / "regionaldatenbank" / f"{CODE}.csv").exists()


def test_redirect_is_not_followed_with_the_credentials(replay: Replay, tmp_path: Path) -> None:
    replay.answer("metadata/table", Answer(b"", 302, {"location": f"{replay.address}/elsewhere"}))
    [outcome] = run(replay, tmp_path)
    assert outcome.status == "failed"
    assert "elsewhere" not in replay.paths()


def test_changed_layout_keeps_the_old_file_and_names_what_is_gone(
    replay: Replay, recorded: dict[str, bytes], originals: Path, tmp_path: Path
) -> None:
    run(replay, tmp_path)
    path = tmp_path / "originals" / "regionaldatenbank" / f"{CODE}.zip"
    before = path.read_bytes()
    text = (originals / "genesis_ffcsv" / f"{CODE}__de.csv").read_bytes()
    broken = text.replace(b";value;value_unit;", b";wert;einheit;", 1)
    replay.answer("metadata/table", Answer(_always_new(recorded)))
    replay.answer("data/tablefile", Answer(broken))
    [outcome] = run(replay, tmp_path)
    assert isinstance(outcome.error, RawDataError)
    assert "the header names no value" in str(outcome.error)
    assert CODE in str(outcome.error)
    assert path.read_bytes() == before
    assert leftovers(tmp_path) == []


def test_full_disk_in_the_middle_leaves_the_old_file(
    replay: Replay, recorded: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(replay, tmp_path)
    path = tmp_path / "originals" / "regionaldatenbank" / f"{CODE}.zip"
    before = path.read_bytes()
    replay.answer("metadata/table", Answer(_always_new(recorded)))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        [outcome] = run(replay, tmp_path)
    assert "the disk is full" in str(outcome.error)
    assert path.read_bytes() == before
    assert leftovers(tmp_path) == []
    assert run(replay, tmp_path)[0].status == "fetched"


def test_disk_that_is_really_full_is_told_and_the_next_fetch_goes_on(
    replay: Replay, tmp_path: Path
) -> None:
    full = Path("/dev/full")  # writing to it fails as on a full disk
    if not full.exists():
        pytest.skip("there is no /dev/full on this system")
    folder = tmp_path / "originals" / "regionaldatenbank"
    folder.mkdir(parents=True)
    fetching.part_of(folder / CODE).symlink_to(full)
    [outcome] = run(replay, tmp_path)
    assert "the disk is full" in str(outcome.error)
    assert leftovers(tmp_path) == []
    assert run(replay, tmp_path)[0].status == "fetched"


@pytest.mark.parametrize(
    "refusal",
    [
        Answer(b"", 401),
        Answer(b"", 403),
        Answer(b'{"Status": {"Code": 15, "Content": "nicht berechtigt", "Type": "Fehler"}}'),
        Answer(b'{"Code": 15, "Content": "Ihr Konto ist nicht berechtigt", "Type": "ERROR"}'),
    ],
    ids=["401", "403", "code 15", "bare code 15"],
)
def test_wrong_credentials_are_told_once_and_not_tried_again(
    replay: Replay, tmp_path: Path, refusal: Answer
) -> None:
    replay.answer("metadata/table", refusal)
    error = error_of(run(replay, tmp_path)[0])
    assert "refuses" in str(error) and "docs/how-to/fetch-originals.md" in str(error)
    assert replay.paths() == ["metadata/table"]  # a repeated attempt may lock the account


def test_pauses_grow_and_heed_what_the_server_asks_for() -> None:
    def waits(wait: float) -> list[float]:
        slept: list[float] = []

        def busy() -> None:
            error = PassingError("busy")
            error.wait = wait
            raise error

        retrying = Pauses(attempts=5, first=2.0, longest=60.0).retrying().copy(sleep=slept.append)
        with pytest.raises(PassingError):
            retrying(busy)
        return slept

    growing = waits(0)
    assert len(growing) == 4 and growing == sorted(growing) and growing[0] >= 2 <= growing[3] / 4
    assert all(pause >= 45 for pause in waits(45))
    assert max(waits(100_000)) <= 60


def test_progress_is_told_up_to_the_whole_file(
    replay: Replay, table_zip: bytes, tmp_path: Path
) -> None:
    told: list[tuple[str, int, int | None]] = []
    fetch_tables(
        service_at(replay), [table_of()], client_of(replay), tmp_path,
        progress=lambda key, done, whole: told.append((key, done, whole)),
    )  # fmt: skip
    assert told[-1] == (CODE, len(table_zip), len(table_zip))


def test_second_fetch_at_the_same_time_is_refused(
    replay: Replay, table_zip: bytes, tmp_path: Path
) -> None:
    replay.answer("data/tablefile", Answer(table_zip, delay=0.4))
    first: list[Outcome] = []
    thread = threading.Thread(target=lambda: first.extend(run(replay, tmp_path)))
    thread.start()
    while "data/tablefile" not in replay.paths():
        thread.join(0.01)
    with pytest.raises(FetchError, match="another fetch is at work"):
        run(replay, tmp_path)
    thread.join()
    assert [outcome.status for outcome in first] == ["fetched"]


# --- secrets -------------------------------------------------------------------------------


def test_no_secret_in_any_file_log_or_error(
    replay: Replay, recorded: dict[str, bytes], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    # a service that echoes what it was sent, in a refusal and in the licence text
    echo = {"Status": {"Code": 15, "Content": f"{USER} / {PASSWORD} ist nicht berechtigt"},
            "Parameter": {"username": USER, "password": PASSWORD}}  # fmt: skip
    about = json.loads(recorded[f"{CODE}__de.metadata.json"])
    about["Copyright"] += f" für {USER}"
    replay.answer("metadata/table", Answer(json.dumps(about).encode()))
    run(replay, tmp_path)
    errors = []
    about["Object"]["Updated"] = ""
    replay.answer("metadata/table", Answer(json.dumps(about).encode()))
    # a log-in page that greets, its greeting cut by the length of what is told of it
    login = f"<html><body>{'Anmeldung ' * 10}{USER}, Kennwort {PASSWORD}</body>".encode()
    for answer in (Answer(json.dumps(echo).encode()), Answer(b"", 401), Answer(b"", 500),
                   Answer(b"x" * 100, cut=10), Answer(login)):  # fmt: skip
        replay.answer("data/tablefile", answer)
        error = error_of(run(replay, tmp_path)[0])
        errors.append(f"{error!r} {error} {error.__cause__!r} {error.__context__!r}")
    assert len(errors) == 5
    said = "\n".join([*errors, caplog.text, repr(client_of(replay))])
    for path in tmp_path.rglob("*"):
        if path.is_file():
            said += path.read_bytes().decode("latin-1")
    for secret in (USER, PASSWORD):
        # nor the beginning of it, in whatever case
        assert secret[:8].casefold() not in said.casefold()
    assert "***" in said


def test_credentials_come_from_environment_then_keyring() -> None:
    class Store:
        def get_password(self, service: str, username: str) -> str | None:
            held = {("versorgungslabor-zensus-2022", "token"): "aus-dem-bund"}
            return held.get((service, username))

    given = {
        "VERSORGUNGSLABOR_ZENSUS_2022_USER": "ich",
        "VERSORGUNGSLABOR_ZENSUS_2022_PASSWORD": "s",
    }
    nothing = type("Empty", (), {"get_password": lambda self, service, name: None})()
    assert credentials_for("zensus-2022", given, nothing).headers() == {
        "username": "ich", "password": "s",
    }  # fmt: skip
    assert credentials_for("zensus-2022", {}, Store()).headers() == {
        "username": "aus-dem-bund", "password": "",
    }  # fmt: skip
    with pytest.raises(FetchError, match="VERSORGUNGSLABOR_ZENSUS_2022_TOKEN"):
        credentials_for("zensus-2022", {}, nothing)


def test_password_with_umlaut_is_sent_and_one_that_cannot_be_is_not_shown(
    replay: Replay, tmp_path: Path
) -> None:
    given = {f"VERSORGUNGSLABOR_DESTATIS_{name}": value for name, value in
             {"USER": "müller\n", "PASSWORD": "Straße §1"}.items()}  # fmt: skip
    secret = credentials_for("destatis", given)
    client = GenesisClient(replay.address, secret, fetching.make_client(follow_redirects=False))
    client.describe(CODE, tmp_path)
    # http.server reads headers as ISO 8859-1
    assert replay.asked[-1].headers["username"] == "müller"
    assert replay.asked[-1].headers["password"] == "Straße §1"
    for password in ("geheim€4711", "geheim\r\nX-Other: 4711"):
        with pytest.raises(FetchError, match="cannot be sent") as refused:
            credentials_for("destatis", {**given, "VERSORGUNGSLABOR_DESTATIS_PASSWORD": password})
        shown = f"{refused.value} {refused.value.__cause__!r} {refused.value.__context__!r}"
        assert "4711" not in shown and "VERSORGUNGSLABOR_DESTATIS_PASSWORD" in shown


def test_query_sends_only_what_is_chosen() -> None:
    fields = Query("12411-01-01-5", start_year="2020", region_key="05*").fields(job=True)
    assert fields["startyear"] == "2020"
    assert fields["job"] == "true"
    assert "endyear" not in fields


# --- archives ------------------------------------------------------------------------------


def test_archive_with_a_description_beside_the_table_is_read(
    originals: Path, tmp_path: Path
) -> None:
    path = tmp_path / "answer.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("GV100AD.pdf", b"%PDF-1.4 a description")
        archive.write(originals / "gemeindeverzeichnis" / "GV100AD_301123.txt", "GV100AD.txt")
    assert registry.recognise(path).FORMAT == "gv100ad"
    assert registry.read(path).path == path


@pytest.mark.parametrize("name", ["../outside.csv", "/etc/outside.csv"])
def test_archive_that_leaves_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "answer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, b"statistics_code;x\n")
    with pytest.raises(RawDataError, match="a path outside its folder"):
        registry.recognise(path)


def test_archive_that_expands_without_bound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "answer.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.csv", b"statistics_code;" + b"0" * 30_000_000)
    with pytest.raises(RawDataError, match="expands without bound"):
        registry.recognise(path)


def test_archive_with_two_tables_is_refused(originals: Path, tmp_path: Path) -> None:
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("23111-0001__de.csv", "23111-0001__en.csv"):
            archive.write(originals / "genesis_ffcsv" / name, name)
    with pytest.raises(RawDataError, match="several tables"):
        registry.recognise(path)
