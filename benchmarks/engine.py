"""The sweep against what people do today: `papermill` and `jupyter nbconvert`, one notebook a call.

All ways write the same notebooks and pages from the same tables, in turn, in one run; what counts
are the ratios. The limit is the same cell code in two warm processes, without notebook and page.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.workload import environment, jobs
from pipeline.execution.jobs import Job
from pipeline.settings import ROOT, Paths
from pipeline.tables.ingest import ingest

SIZES = {20: 3, 100: 1}  # notebooks → rounds; of several rounds, the median counts
FLAT_SIZE = 1000
_PROCESSES = 2


def run(sizes: Sequence[int] = tuple(SIZES)) -> dict[str, dict[str, float]]:
    """Measure each size.

    Returns
    -------
    "n20" → `vs_papermill_nbconvert`, `vs_two_processes` (their seconds / ours), `vs_limit` (ours /
    the limit), `overhead_share` ((ours - limit) / (sequential - limit)), and the seconds of each.
    """
    with tempfile.TemporaryDirectory(prefix="versorgungslabor-bench-") as name:
        bench = _Bench(Path(name))
        bench.warm_up()
        return {f"n{size}": bench.measure(size, SIZES.get(size, 1)) for size in sizes}


def run_flat(size: int = FLAT_SIZE) -> dict[str, float]:
    """Memory and time of a long sweep: its last tenth against its second (the first one warms).

    Returns
    -------
    `pss_mb` (a worker, in the last tenth), `pss_ratio`, `seconds_a_notebook`, `seconds_ratio`.
    """
    with tempfile.TemporaryDirectory(prefix="versorgungslabor-bench-") as name:
        measured = json.loads(_Bench(Path(name)).ours(size, "memory"))
    pss, ended = measured["pss"], measured["ended"][::2]  # a notebook and a page in turn
    early, late = (_tenth(pss, n) for n in (1, 9))
    first, last = (_pace(ended, n) for n in (1, 9))
    result = {
        "n": size,
        "pss_mb": round(late, 1),
        "pss_ratio": round(late / early, 3),
        "seconds_a_notebook": round(last, 3),
        "seconds_ratio": round(last / first, 3),
    }
    print(
        f"{size} notebooks: {late:.0f} MB a worker at the end (× {late / early:.2f} of the start), "
        f"{last:.2f} s a notebook (× {last / first:.2f})"
    )
    return result


def _tenth(values: Sequence[float], number: int) -> float:
    size = max(1, len(values) // 10)
    return statistics.median(values[number * size : (number + 1) * size] or values[-size:])


def _pace(ended: Sequence[float], number: int) -> float:
    size = max(2, len(ended) // 10)
    part = ended[number * size : (number + 1) * size + 1] or ended[-size:]
    return (part[-1] - part[0]) / (len(part) - 1)


class _Bench:
    """Tables and folders of one run of the benchmark."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        processed = folder / "processed"
        ingest(Paths(raw=ROOT / "data" / "raw", processed=processed))
        self._environment = environment(processed)

    def warm_up(self) -> None:
        """Every way once: compiled modules, font lists, files in the system's cache."""
        for way in (self.two_at_a_time, self.ours, self.limit):
            way(2)

    def measure(self, size: int, rounds: int) -> dict[str, float]:
        """All ways side by side, `rounds` times; the median of each ratio."""
        ways: dict[str, Callable[[int], object]] = {
            "sequential": self.one_after_another,
            "two_processes": self.two_at_a_time,
            "ours": self.ours,
            "limit": self.limit,
        }
        # ratios taken beside other work flatter the quick way: who reads them must know
        load = os.getloadavg()[0]
        taken = [
            {name: self._seconds(way, size) for name, way in ways.items()} for _ in range(rounds)
        ]
        ratios = {
            "vs_papermill_nbconvert": [t["sequential"] / t["ours"] for t in taken],
            "vs_two_processes": [t["two_processes"] / t["ours"] for t in taken],
            "vs_limit": [t["ours"] / t["limit"] for t in taken],
            "overhead_share": [
                (t["ours"] - t["limit"]) / (t["sequential"] - t["limit"]) for t in taken
            ],
            **{f"seconds_{name}": [t[name] for t in taken] for name in ways},
        }
        result = {name: round(statistics.median(values), 3) for name, values in ratios.items()}
        result["load_at_start"] = round(load, 1)
        print(
            f"{size} notebooks, {rounds} round(s): one after another "
            f"{result['seconds_sequential']:.1f} s, two at a time "
            f"{result['seconds_two_processes']:.1f} s, ours {result['seconds_ours']:.1f} s, limit "
            f"{result['seconds_limit']:.1f} s → × {result['vs_papermill_nbconvert']:.1f}, "
            f"× {result['vs_two_processes']:.1f}, {result['vs_limit']:.2f} × the limit, "
            f"overhead {result['overhead_share']:.3f}"
        )
        return result

    def _seconds(self, way: Callable[[int], object], size: int) -> float:
        started = time.perf_counter()
        given = way(size)
        return given if isinstance(given, float) else time.perf_counter() - started

    def one_after_another(self, size: int) -> None:
        """`papermill`, then `jupyter nbconvert`, for each notebook."""
        with self._fresh() as folder:
            for job in jobs(size, folder):
                self._by_hand(job)

    def two_at_a_time(self, size: int) -> None:
        """The same with two processes at a time."""
        with self._fresh() as folder, ThreadPoolExecutor(_PROCESSES) as pool:
            list(pool.map(self._by_hand, jobs(size, folder)))

    def _by_hand(self, job: Job) -> None:
        job.output.parent.mkdir(parents=True, exist_ok=True)
        parameters = [
            part for name, value in job.parameters.items() for part in ("-r", name, value)
        ]
        self._call("-m", "papermill", *parameters, str(job.notebook), str(job.output))
        self._call("-m", "jupyter", "nbconvert", "--to", "html", str(job.output))

    def ours(self, size: int, *more: str) -> str:
        """The sweep with two workers."""
        with self._fresh() as folder:
            return self._call("-m", "benchmarks.sweep_once", str(size), str(folder), *more)

    def limit(self, size: int) -> float:
        """Warm cells in two processes; they measure themselves."""
        return float(self._call("-m", "benchmarks.warm_cells", str(size), str(_PROCESSES)))

    def _call(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], env=self._environment, cwd=ROOT, text=True,
            capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
        return done.stdout.strip().rpartition("\n")[2]

    def _fresh(self) -> _Folder:
        return _Folder(self._folder)


class _Folder:
    """An empty folder that is gone afterwards."""

    def __init__(self, parent: Path) -> None:
        self._path = Path(tempfile.mkdtemp(dir=parent))

    def __enter__(self) -> Path:
        return self._path

    def __exit__(self, *error: object) -> None:
        shutil.rmtree(self._path, ignore_errors=True)
