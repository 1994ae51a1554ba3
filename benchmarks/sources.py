"""Readers against bare `pandas.read_csv`: time, size of the frame, peak memory; reading a region.

`read_csv` only cuts the same bytes into text cells; the readers deliver the finished long frame,
with numbers, statuses, dimensions and checks. Both run in fresh processes, in turn, in one run,
so that the ratios do not depend on the machine.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipeline.settings import ROOT, Paths
from pipeline.tables import storage
from pipeline.tables.ingest import ingest

#: Whole-Germany tables, in their folders below the originals.
TABLES = {
    "12411-02-03-5": "regionaldatenbank_classic/12411-02-03-5_00.csv",
    "12711-01-03-5": "regionaldatenbank_classic/12711-01-03-5_00.csv",
    "AI-N-01-2-5": "genesis_ffcsv/AI-N-01-2-5__de.csv",
}
#: What a processed table of all municipalities is made from, and a region that is read of it.
REGION_FILES = (
    "regionaldatenbank_classic/12411-01-01-5_00.csv",
    "regionaldatenbank_classic/12411-02-03-5_00.csv",
    "gemeindeverzeichnis/AuszugGV2QAktuell.xlsx",
)
REGION = "05566076"
ROUNDS = 5
_REPEATS_IN_PROCESS = 5

# VmHWM is the largest resident size of the process; imports of both sides are loaded before
# either reads, so that what is compared is the reading.
_CHILD = """
import csv, io, json, sys, time
from pathlib import Path
import pandas as pd
from pipeline.sources import registry

path, side, repeats = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])

def bare():
    raw = path.read_bytes()
    width = max(line.count(b";") for line in raw.splitlines()) + 1
    return lambda: pd.read_csv(
        path, dtype=str, sep=";", header=None, names=range(width), keep_default_na=False
    )

def resident(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) * 1024

call = bare() if side == "read_csv" else (lambda: registry.read(path))
before = resident("VmRSS:")
frame = call()
peak = resident("VmHWM:")
seconds = []
for _ in range(repeats):
    start = time.perf_counter()
    call()
    seconds.append(time.perf_counter() - start)
size = 0 if side == "read_csv" else int(frame.frame.memory_usage(deep=True).sum())
rows = len(frame) if side == "read_csv" else len(frame.frame)
print(json.dumps({"seconds": min(seconds), "peak": peak, "before": before, "frame": size,
                  "rows": rows}))
"""


def run(originals: Path | None = None) -> dict[str, dict[str, float]]:
    """Measure every table that is at hand.

    Parameters
    ----------
    originals : folder with the publishers' files; `VERSORGUNGSLABOR_ORIGINALS` by default.

    Returns
    -------
    Table → `vs_read_csv` (time of the reader / time of read_csv, median over rounds),
    `memory_ratio` (peak resident memory of the reader's process / that of read_csv),
    `frame_ratio` (size of the frame / size of the file); `region_read`: see `run_region_read`.
    """
    folder = originals or Path(os.environ["VERSORGUNGSLABOR_ORIGINALS"])
    measured = {table: _measure(table, folder / path) for table, path in TABLES.items()}
    return measured | {"region_read": run_region_read(folder)}


def run_region_read(originals: Path) -> dict[str, float]:
    """One region's rows from a processed table of all German municipalities, files warm.

    Returns
    -------
    `region_read_ms` (median over rounds; depends on the machine), `vs_full_read` (the same / the
    time to read the whole table, so that it does not).
    """
    with tempfile.TemporaryDirectory() as folder:
        chosen = Path(folder) / "originals"
        chosen.mkdir()
        for name in REGION_FILES:
            (chosen / Path(name).name).symlink_to((originals / name).resolve())
        processed = Path(folder) / "processed"
        ingest(Paths(raw=ROOT / "data" / "raw", processed=processed), originals=chosen)
        whole = _seconds(processed, None)
        region = _seconds(processed, REGION)
        rows = len(storage.read("population", processed=processed))
    milliseconds = statistics.median(region) * 1e3
    ratio = statistics.median(region) / statistics.median(whole)
    print(
        f"region_read_ms: {milliseconds:.1f} (one of {rows:,} rows' regions; "
        f"× {ratio:.3f} of the whole table)"
    )
    return {"region_read_ms": round(milliseconds, 1), "vs_full_read": round(ratio, 3)}


def _seconds(processed: Path, ref_area: str | None) -> list[float]:
    seconds = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        storage.read("population", ref_area=ref_area, processed=processed)
        seconds.append(time.perf_counter() - start)
    return seconds[1:]  # the first one warms the file


def _measure(table: str, path: Path) -> dict[str, float]:
    rounds = [(_child(path, "read_csv"), _child(path, "reader")) for _ in range(ROUNDS)]
    reader = rounds[0][1]
    ratios = {
        "vs_read_csv": statistics.median(
            ours["seconds"] / bare["seconds"] for bare, ours in rounds
        ),
        "memory_ratio": statistics.median(ours["peak"] / bare["peak"] for bare, ours in rounds),
        "frame_ratio": reader["frame"] / path.stat().st_size,
    }
    bare_seconds = statistics.median(bare["seconds"] for bare, _ in rounds)
    our_seconds = statistics.median(ours["seconds"] for _, ours in rounds)
    print(
        f"{table}: {path.stat().st_size / 1e6:.1f} MB, {reader['rows']:,} observations; "
        f"read_csv {bare_seconds * 1e3:.0f} ms, reader {our_seconds * 1e3:.0f} ms "
        f"(× {ratios['vs_read_csv']:.2f}); frame {reader['frame'] / 1e6:.1f} MB "
        f"(× {ratios['frame_ratio']:.2f} of the file); peak {rounds[0][0]['peak'] / 1e6:.0f} → "
        f"{reader['peak'] / 1e6:.0f} MB (× {ratios['memory_ratio']:.2f})"
    )
    return {name: round(ratio, 3) for name, ratio in ratios.items()}


def _child(path: Path, side: str) -> dict[str, float]:
    command = [sys.executable, "-c", _CHILD, str(path), side, str(_REPEATS_IN_PROCESS)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(result.stdout)
    return measured


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
