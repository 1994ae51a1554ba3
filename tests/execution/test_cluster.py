"""The same sweep on a dask cluster: a real scheduler and real workers, on loopback."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest

from pipeline.execution.forking import unfit_to_fork
from pipeline.execution.jobs import Job
from pipeline.execution.sweep import OK, SweepOptions, run_jobs
from pipeline.settings import Paths
from tests.execution import notebooks

pytestmark = pytest.mark.skipif(bool(unfit_to_fork()), reason="kernels are not forked here")


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Address of a scheduler, and its workers: each a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    dask = [sys.executable, "-m", "dask"]
    place = ["--host", "127.0.0.1", "--no-dashboard"]
    log = (folder / "dask.log").open("wb")
    started = [
        subprocess.Popen([*dask, "scheduler", *place, "--port", str(port)], stdout=log, stderr=log)
    ]
    for number in range(workers):
        command = [
            *dask, "worker", address, *place, "--nthreads", "1", "--no-nanny",
            "--name", f"w{number}", "--local-directory", str(folder / f"w{number}"),
        ]  # fmt: skip
        started.append(subprocess.Popen(command, stdout=log, stderr=log))
    try:
        yield address, started[1:]
    finally:
        for process in started:
            process.kill()
            process.wait()
        log.close()


def test_killed_dask_worker_costs_only_its_notebooks_which_run_again(tmp_path: Path) -> None:
    paths = Paths(processed=tmp_path / "p", derived=tmp_path / "d", build=tmp_path / "build")
    counts = tmp_path / "counts"
    counts.mkdir()
    jobs = []
    for number in range(8):
        source = (
            "import time, pathlib\n"
            f"with pathlib.Path({str(counts)!r}, '{number}').open('a') as f: f.write('x')\n"
            f"time.sleep(1)\nprint({number})"
        )
        path = notebooks.write(tmp_path / "notebooks" / f"n{number}.ipynb", source)
        output = paths.build / "notebooks" / f"r{number}" / "chapter.ipynb"
        jobs.append(Job(f"r{number}", "chapter", path, output, {}))
    with cluster(tmp_path, 2) as (address, workers):
        killer = threading.Thread(target=_kill_when_busy, args=(workers[0], counts))
        killer.start()
        options = SweepOptions(modules=(), calls=(), scheduler=address)
        results = run_jobs(jobs, paths, options)
        killer.join()
    assert [r.status for r in results] == [OK] * 8, [r.message for r in results]
    for number, job in enumerate(jobs):
        assert notebooks.text_of(nbformat.read(job.output, 4), 0) == f"{number}\n"
    runs = [len((counts / str(number)).read_text()) for number in range(8)]
    assert 8 <= sum(runs) <= 10 and max(runs) <= 2


def _kill_when_busy(worker: subprocess.Popen[bytes], counts: Path) -> None:
    ends = time.monotonic() + 90
    while len(list(counts.iterdir())) < 3 and time.monotonic() < ends:
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
