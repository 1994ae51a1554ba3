"""The parts of the engine on their own: frames, stable texts, records, parameters, the run book."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook, new_output
from rich.console import Console

from pipeline.errors import ExecutionError, ParameterError
from pipeline.execution.board import Board
from pipeline.execution.channel import Channel, ChannelClosedError, pair
from pipeline.execution.forking import resident_bytes
from pipeline.execution.jobs import Job
from pipeline.execution.parameters import check_parameters, options_for, parse_options
from pipeline.execution.results import FAILED, NO_DATA, OK, JobResult
from pipeline.execution.resume import Ledger, Record, job_fingerprint
from pipeline.execution.stable import notebook_bytes, stable_text, write_whole
from pipeline.execution.status import RunBook, read_status
from pipeline.execution.tasks import PageResult
from pipeline.settings import ROOT, Paths
from tests.execution import notebooks


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(max_size=5_000), max_size=8))
def test_frames_arrive_whole_and_in_order(payloads: list[bytes]) -> None:
    left, other = pair()
    right = Channel(other)
    for payload in payloads:
        left.send(payload)
    assert [right.receive() for _ in payloads] == payloads
    left.close()
    with pytest.raises(ChannelClosedError):
        right.receive()
    right.close()


def test_descriptor_travels_with_a_frame(tmp_path: Path) -> None:
    left, other = pair()
    right = Channel(other)
    with (tmp_path / "file").open("wb") as file:
        left.send(b"here", [file.fileno()])
        payload, (copy,) = right.receive_with_descriptors()
    os.write(copy, b"through the copy")
    os.close(copy)
    assert payload == b"here" and (tmp_path / "file").read_bytes() == b"through the copy"


@pytest.mark.parametrize(
    ("text", "stable"),
    [
        # 1 temporary name of a cell, as in a warning
        ("/tmp/ipykernel_17/123456.py:2: UserWarning", "<cell>:2: UserWarning"),
        # 2 address of an object
        ("<object object at 0x7f18cc0f50d0>", "<object object at 0x0>"),
        # 3 random id of a pandas Styler
        ('#T_0a1b2_row0 <td id="T_0a1b2_row0_col0">', '#T_00000_row0 <td id="T_00000_row0_col0">'),
        # 4 folder of this checkout
        (f"File {ROOT}/pipeline/errors.py:3", "File pipeline/errors.py:3"),
        # 5 what is the same everywhere stays
        ("T_shirt at 0x, 12:30", "T_shirt at 0x, 12:30"),
    ],
)
def test_stable_text_takes_out_what_differs_between_runs(text: str, stable: str) -> None:
    assert stable_text(text) == stable


def test_streams_cut_at_different_moments_are_the_same_bytes() -> None:
    def notebook(*pieces: str) -> bytes:
        outputs = [new_output("stream", name="stdout", text=piece) for piece in pieces]
        cell = new_code_cell("print()", id="a", outputs=outputs)
        cell.metadata["papermill"] = {"start_time": "now"}
        return notebook_bytes(new_notebook(cells=[cell], metadata={"papermill": {"at": "now"}}))

    assert notebook("a", "b", "c") == notebook("ab", "c") == notebook("abc")
    assert b"now" not in notebook("a")


def test_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "results" / "a.ipynb"
    for content in (b"old", b"new"):
        write_whole(content, target, tmp_path / "scratch")
        assert target.read_bytes() == content
    assert list((tmp_path / "scratch").iterdir()) == []
    assert list(target.parent.iterdir()) == [target]


def _job(tmp_path: Path, **parameters: str) -> Job:
    return Job("region", "chapter", tmp_path / "n.ipynb", tmp_path / "out.ipynb", parameters)


def test_fingerprint_changes_with_each_thing_that_decides_the_content(tmp_path: Path) -> None:
    base = job_fingerprint(_job(tmp_path, region="a"), "run", "notebook")
    assert base == job_fingerprint(_job(tmp_path, region="a"), "run", "notebook")
    others = {
        job_fingerprint(_job(tmp_path, region="b"), "run", "notebook"),
        job_fingerprint(_job(tmp_path, region="a"), "other run", "notebook"),
        job_fingerprint(_job(tmp_path, region="a"), "run", "other notebook"),
    }
    assert len(others | {base}) == 4


def test_ledger_forgets_what_was_superseded_cut_off_or_changed_on_disk(tmp_path: Path) -> None:
    file = tmp_path / "out.ipynb"
    file.write_bytes(b"content")
    digest = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"  # of b"content"
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    ledger.add(Record("job", "old", digest, OK))
    ledger.add(Record("job", "new", digest, NO_DATA, "keine Daten"))
    ledger.close()
    path.write_text(path.read_text() + '{"key": "cut o')
    ledger = Ledger(path)
    assert len(path.read_text().splitlines()) == 1
    assert ledger.find("job", "old", file) is None
    found = ledger.find("job", "new", file)
    assert found is not None and (found.status, found.message) == (NO_DATA, "keine Daten")
    file.write_bytes(b"changed")
    assert ledger.find("job", "new", file) is None
    ledger.close()


def test_parameter_that_the_notebook_does_not_declare_is_refused(tmp_path: Path) -> None:
    path = notebooks.write(
        tmp_path / "n.ipynb", "# what may be asked\nregion = 'a'\nyear: int = 2024", "other = 1",
        tags={0: ["parameters"]},
    )  # fmt: skip
    check_parameters(path, {"region": "b", "year": 2023})
    with pytest.raises(ParameterError, match="other") as caught:
        check_parameters(path, {"other": 2})
    assert caught.value.expected == "region, year"


@pytest.fixture
def two_notebooks(tmp_path: Path) -> list[Path]:
    """One notebook with parameters of every type, one with those that all have."""
    common = "region = 'a'\nreference_date = '2025-12-31'\n"
    own = "compare_with = []\nyear = 2024\nshare = 0.5\nis_short = False\nsteps = [1]"
    return [
        notebooks.write(tmp_path / f"{name}.ipynb", source, tags={0: ["parameters"]})
        for name, source in (("own", common + own), ("plain", common))
    ]


def test_options_become_the_types_of_the_notebook_that_declares_them(
    two_notebooks: list[Path],
) -> None:
    given = parse_options(
        ["compare_with=05766024, 03103000", "year=2023", "share=0.25", "is_short=true", "steps=1,2"]
    )
    own, plain = two_notebooks
    assert options_for(two_notebooks, given) == {
        own: {
            "compare_with": ["05766024", "03103000"], "year": 2023, "share": 0.25,
            "is_short": True, "steps": [1, 2],
        },
        plain: {},
    }  # fmt: skip
    assert options_for([own], parse_options(["compare_with="]))[own] == {"compare_with": []}


@pytest.mark.parametrize(
    ("option", "named"),
    [
        ("year=soon", ["own.ipynb", "'year'", "a whole number (default: 2024)", "soon"]),
        ("is_short=perhaps", ["own.ipynb", "true or false"]),
        ("colour=blue", ["colour", "own: compare_with, year, share, is_short, steps"]),
    ],
)
def test_wrong_option_is_refused_with_notebook_and_known_parameters(
    two_notebooks: list[Path], option: str, named: list[str]
) -> None:
    with pytest.raises(ParameterError) as caught:
        options_for(two_notebooks, parse_options([option]))
    for text in named:
        assert text in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["compare_with"], "NAME=VALUE"),
        (["a=1", "a=2"], "stands twice"),
        (["region=oelde"], "--region"),
        (["reference_date=2020-01-01"], r"params\.yaml"),
    ],
)
def test_option_without_a_value_or_set_elsewhere_is_refused(
    options: list[str], message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        parse_options(options)


def test_other_parameters_are_other_work_for_resume(tmp_path: Path) -> None:
    one, other = (
        Job("r", "c", tmp_path, tmp_path, {"compare_with": keys}) for keys in ([], ["05766024"])
    )
    assert job_fingerprint(one, "run", "notebook") != job_fingerprint(other, "run", "notebook")


def test_file_that_is_no_notebook_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.ipynb"
    path.write_text("{")
    with pytest.raises(ExecutionError, match=r"broken\.ipynb"):
        check_parameters(path, {})


def test_run_book_keeps_other_regions_and_writes_a_readable_log(tmp_path: Path) -> None:
    paths = Paths(build=tmp_path / "build")
    for region, status in (("b", OK), ("a", NO_DATA)):
        book = RunBook(paths)
        job = Job(region, "chapter", tmp_path, tmp_path, {})
        book.note(JobResult(job, status, 1.234567, "" if status == OK else "keine Daten"))
        book.close()
    assert list(read_status(paths)) == ["a", "b"]
    run = paths.build / "run"
    assert json.loads((run / "timings.json").read_text()) == {"a / chapter": 1.235}
    assert "no_data      1.2 s  a / chapter  keine Daten" in (run / "analyse.log").read_text()


def test_board_counts_results_and_keeps_failed_pages(tmp_path: Path) -> None:
    console = Console(record=True, force_terminal=True, width=140)
    job = _job(tmp_path)
    with Board(console, total=4, workers=3) as board:
        for status in (OK, NO_DATA, FAILED):
            board.update(JobResult(job, status, 1.0))
        board.update(PageResult("region", message="broken"))
    text = console.export_text()
    assert "1 running, 1 without data, 1 failed, 1 pages" in text and "3/4" in text
    assert [page.region for page in board.failed_pages] == ["region"]


def test_memory_of_a_process_counts_its_children() -> None:
    alone = resident_bytes(os.getpid())
    assert alone > 1_000_000
    assert resident_bytes(2**22 + 1) == 0  # no such process
