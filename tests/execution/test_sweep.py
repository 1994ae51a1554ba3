"""The sweep: same bytes however it is run, failures that stay alone, nothing half-written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import nbformat
import pytest

from pipeline.errors import ExecutionError
from pipeline.execution import resume
from pipeline.execution.forking import unfit_to_fork
from pipeline.execution.jobs import OVERVIEW, Job, plan_jobs
from pipeline.execution.sweep import (
    FAILED,
    NO_DATA,
    OK,
    JobResult,
    PageResult,
    SweepOptions,
    read_status,
    run_jobs,
)
from pipeline.regions import MODEL_REGIONS
from pipeline.settings import Paths, read_params
from tests.execution import notebooks

needs_fork = pytest.mark.skipif(bool(unfit_to_fork()), reason="kernels are not forked here")
QUICK = SweepOptions(workers=2, modules=(), calls=())


def make_jobs(paths: Paths, folder: Path, **chapters: tuple[str, ...]) -> list[Job]:
    """One job a chapter, each for a region of its own."""
    jobs = []
    for name, sources in chapters.items():
        notebook = notebooks.write(folder / f"{name}.ipynb", *sources)
        output = paths.build / "notebooks" / f"region-{name}" / f"{name}.ipynb"
        jobs.append(Job(f"region-{name}", name, notebook, output, {}))
    return jobs


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(
        processed=tmp_path / "processed",
        derived=tmp_path / "derived",
        build=tmp_path / "build",
        reports=tmp_path / "reports",
    )


def write_page(paths: Paths, region: str, chapters: dict[str, str]) -> Path:
    """A page that names its chapters (synthetic)."""
    if region == "region-bad":
        raise ValueError("no page for this one")
    page = paths.reports / f"{region}.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(json.dumps([region, chapters, os.getppid()]))
    return page


def make_page_writer(paths: Paths) -> object:
    return partial(write_page, paths)


@needs_fork
def test_one_failure_stays_alone_and_no_data_is_a_result(paths: Paths, tmp_path: Path) -> None:
    jobs = make_jobs(
        paths,
        tmp_path,
        good=("print('good')",),
        bad=("print('kept')", "1 / 0", "print('never')"),
        empty=("from pipeline.errors import NoDataError\nraise NoDataError('keine Daten')",),
        crash=("import os\nprint('last words')\nos._exit(1)",),
        slow=("import time\nprint('begun')\ntime.sleep(60)",),
        hungry=("block = bytearray(3_000_000_000)",),
    )
    options = SweepOptions(
        workers=2, modules=(), calls=(), timeout=8, memory=1000,
        pages=partial(make_page_writer, paths),
    )  # fmt: skip
    seen: list[JobResult | PageResult] = []
    results = {r.job.chapter: r for r in run_jobs(jobs, paths, options, seen.append)}
    assert {name: r.status for name, r in results.items()} == {
        "good": OK, "bad": FAILED, "empty": NO_DATA, "crash": FAILED, "slow": FAILED,
        "hungry": FAILED,
    }  # fmt: skip
    assert results["bad"].message == "cell 2: ZeroDivisionError: division by zero"
    assert results["crash"].message == "DeadKernelError: Kernel died (exit status 1)"
    assert results["slow"].message.startswith("CellTimeoutError")
    assert results["hungry"].message.startswith("MemoryLimitError: the notebook used")
    for name, text in {"bad": "kept\n", "crash": "last words\n", "slow": "begun\n"}.items():
        left = nbformat.read(results[name].job.output, 4)
        assert notebooks.text_of(left, 0).startswith(text)
    assert read_status(paths)["region-empty"] == {"empty": {"status": NO_DATA}}
    pages = {result.region: result for result in seen if isinstance(result, PageResult)}
    assert pages["region-bad"].message == "ValueError: no page for this one"
    assert (paths.reports / "region-good.html").is_file() and len(pages) == 6
    log = (paths.build / "run" / "analyse.log").read_text()
    assert "failed" in log and "region-bad / bad  cell 2: ZeroDivisionError" in log
    assert not (paths.build / "run" / "partial").exists()


@needs_fork
def test_resume_runs_again_what_failed_or_changed_and_nothing_else(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = tmp_path / "code"
    code.mkdir()
    monkeypatch.setattr(resume, "PACKAGE", code)
    count = tmp_path / "count.txt"
    tick = f"open({str(count)!r}, 'a').write('x')"
    chapters = {name: (f"{tick}\nprint('{name}')",) for name in ("kept", "changed", "damaged")}
    jobs = make_jobs(paths, tmp_path, **chapters, failed=(tick, "1 / 0"))
    run_jobs(jobs, paths, QUICK)
    assert count.read_text() == "xxxx"
    whole = jobs[2].output.read_bytes()
    jobs[2].output.write_bytes(whole[: len(whole) // 2])
    notebooks.write(jobs[1].notebook, f"{tick}\nprint('changed indeed')")
    os.utime(jobs[0].notebook, (1, 1))  # the time of a file says nothing
    ledger = paths.build / "run" / "finished.jsonl"
    ledger.write_text(ledger.read_text() + '{"key": "cut off by a cra')
    results = run_jobs(jobs, paths, SweepOptions(workers=2, modules=(), calls=(), is_resumed=True))
    assert count.read_text() == "xxxxxxx"
    assert [r.is_reused for r in results] == [True, False, False, False]
    assert jobs[2].output.read_bytes() == whole
    for number, (folder, name) in enumerate([(paths.processed, "t.parquet"), (code, "m.py")]):
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"other input, other code")
        run_jobs(jobs[:1], paths, SweepOptions(workers=1, modules=(), calls=(), is_resumed=True))
        assert count.read_text() == "xxxxxxx" + "x" * (number + 1)


@needs_fork
def test_notebook_that_cannot_be_written_leaves_the_earlier_one_and_its_page(
    paths: Paths, tmp_path: Path
) -> None:
    """As on a full disk: where the part of a file would go, nothing can be put."""
    jobs = make_jobs(paths, tmp_path, first=("1",))
    options = SweepOptions(workers=1, modules=(), calls=(), pages=partial(make_page_writer, paths))
    run_jobs(jobs, paths, options)
    page = paths.reports / "region-first.html"
    earlier = jobs[0].output.read_bytes(), page.read_bytes()
    notebooks.write(jobs[0].notebook, "2")
    (paths.build / "run" / "partial").write_text("a file where a folder should be")
    (result,) = run_jobs(jobs, paths, options)
    assert (result.status, result.is_older_kept) == (FAILED, True)
    assert result.message.startswith("FileExistsError")
    assert (jobs[0].output.read_bytes(), page.read_bytes()) == earlier
    assert read_status(paths) == {"region-first": {"first": {"status": FAILED}}}


@needs_fork
def test_edition_removes_what_is_not_part_of_it(paths: Paths, tmp_path: Path) -> None:
    jobs = make_jobs(paths, tmp_path, old=("1",), new=("2",))
    run_jobs(jobs, paths, QUICK)
    run_jobs(jobs[1:], paths, SweepOptions(workers=1, modules=(), calls=(), is_edition=True))
    assert not jobs[0].output.exists() and jobs[1].output.exists()
    assert list(read_status(paths)) == ["region-new"]


@needs_fork
def test_killed_worker_costs_an_attempt_and_no_result(paths: Paths, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    kill_parent_once = (
        "import os, pathlib, signal, time\n"
        f"marker = pathlib.Path({str(marker)!r})\n"
        "if not marker.exists():\n"
        "    marker.touch()\n    os.kill(os.getppid(), signal.SIGKILL)\n    time.sleep(60)\n"
        "print('second attempt')"
    )
    jobs = make_jobs(paths, tmp_path, other=("print('other')",), killer=(kill_parent_once,))
    results = run_jobs(jobs, paths, QUICK)
    assert [r.status for r in results] == [OK, OK]
    assert notebooks.text_of(nbformat.read(jobs[1].output, 4), 0) == "second attempt\n"


@needs_fork
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_sweep_that_is_stopped_leaves_whole_files_and_goes_on(
    paths: Paths, tmp_path: Path, how: signal.Signals
) -> None:
    for number in range(12):
        source = f"import time\ntime.sleep(0.5)\nprint({number})"
        notebooks.write(tmp_path / "notebooks" / f"c{number:02d}.ipynb", source)
    script = tmp_path / "sweep.py"
    script.write_text(_STOPPED_SWEEP.format(folder=str(tmp_path)))
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, str(script)]
    run = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    folder = tmp_path / "build" / "notebooks"
    _wait(lambda: len(list(folder.rglob("*.ipynb"))) >= 3)
    run.send_signal(how)
    assert run.wait(timeout=20) != 0
    done = list(folder.rglob("*.ipynb"))
    for path in done:
        nbformat.validate(nbformat.read(path, 4))
    again = subprocess.run(
        [*command, "resume"], env=environment, capture_output=True, text=True, timeout=120
    )
    reused, total = map(int, again.stdout.split())
    assert again.returncode == 0, again.stderr
    assert total == 12 and len(done) - 2 <= reused <= len(done) < 12  # two may lack their record
    assert len(list(folder.rglob("*.ipynb"))) == 12


_STOPPED_SWEEP = """
import signal
import sys
from pathlib import Path
from pipeline.execution.jobs import Job
from pipeline.execution import sweep
from pipeline.execution.sweep import SweepOptions, run_jobs
from pipeline.settings import Paths

# a run that was started in the background of a shell ignores Ctrl-C; a person's does not
signal.signal(signal.SIGINT, signal.default_int_handler)
sweep.run_fingerprint = lambda paths: "nobody edits the code while this test runs"
folder = Path({folder!r})
paths = Paths(processed=folder / "p", derived=folder / "d", build=folder / "build")
options = SweepOptions(workers=2, modules=(), calls=(), is_resumed="resume" in sys.argv)
output = paths.build / "notebooks"
jobs = [
    Job(path.stem, "chapter", path, output / path.name, {{}})
    for path in sorted((folder / "notebooks").glob("*.ipynb"))
]
results = run_jobs(jobs, paths, options)
print(sum(r.is_reused for r in results), len(results))
"""


@pytest.mark.whole
@needs_fork
def test_project_notebooks_are_equal_in_both_engines_and_on_any_number_of_workers(
    processed: Path, tmp_path: Path
) -> None:
    def notebooks_by(engine: str, workers: int, *chapters: str) -> dict[Path, bytes]:
        paths = Paths(processed=processed, build=tmp_path / f"{engine}-{workers}")
        regions = [MODEL_REGIONS["wolfsburg"]]
        jobs = plan_jobs(paths, read_params(paths.params), regions, chapters)
        results = run_jobs(jobs, paths, SweepOptions(workers=workers, engine=engine))
        assert {r.status for r in results} <= {OK, NO_DATA}, [r.message for r in results]
        folder = paths.build / "notebooks"
        return {p.relative_to(folder): p.read_bytes() for p in sorted(folder.rglob("*.*"))}

    all_forked = notebooks_by("fork", 3)
    assert OVERVIEW in {path.parent.name for path in all_forked}
    plain = notebooks_by("kernel", 2)
    assert plain.keys() == all_forked.keys()
    assert [path for path in plain if plain[path] != all_forked[path]] == []
    # how many run at a time decides what runs beside and after a notebook: a few tell
    in_turn = notebooks_by("fork", 1, "wege", "szenarien")
    del in_turn[Path("status.json")]
    assert len(in_turn) == 3  # the overview is among them
    assert [path for path in in_turn if in_turn[path] != all_forked[path]] == []


def test_plain_processes_run_the_same_sweep(paths: Paths, tmp_path: Path) -> None:
    jobs = make_jobs(
        paths, tmp_path, good=("print('good')",), hungry=("block = bytearray(3_000_000_000)",)
    )
    options = SweepOptions(
        workers=2, engine="kernel", memory=1000, pages=partial(make_page_writer, paths)
    )
    results = run_jobs(jobs, paths, options)
    assert [r.status for r in results] == [OK, FAILED]
    assert results[1].message.startswith("MemoryError: the notebook used")
    assert (paths.reports / "region-good.html").is_file()


def test_unknown_engine_is_refused(paths: Paths) -> None:
    with pytest.raises(ExecutionError, match="no such engine"):
        run_jobs([], paths, SweepOptions(engine="steam"))


def _wait(condition: object, seconds: float = 90) -> None:
    ends = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < ends, "it took too long"
        time.sleep(0.02)
