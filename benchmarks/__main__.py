"""`python -m benchmarks [engine|flat|sources|access|projection …] [N=20]` (or `make bench N=20`).

Prints what it measures and writes the ratios into benchmarks/results.json; results of benchmarks
that are not run are kept. ``N`` is the number of notebooks for `engine` and `flat`.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

NAMES = ("engine", "sources", "access", "projection", "figures")
RESULTS = Path(__file__).parent / "results.json"


def main(arguments: list[str]) -> None:
    """Run the named benchmarks, or all of them."""
    sizes = [int(word[2:]) for word in arguments if word.startswith("N=") and word != "N="]
    names = [word for word in arguments if not word.startswith("N=")] or list(NAMES)
    unknown = sorted(set(names) - {*NAMES, "flat"})
    if unknown:
        sys.exit(f"there is no benchmark '{unknown[0]}'; there are flat, {', '.join(NAMES)}")
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    for name in names:
        print(f"\n== {name}", flush=True)
        if name == "sources" and "VERSORGUNGSLABOR_ORIGINALS" not in os.environ:
            print("left out: needs the publishers' files (VERSORGUNGSLABOR_ORIGINALS)")
            continue
        measured = _measure(name, sizes)
        if name in ("engine", "flat"):
            measured = {**results.get("engine", {}), **measured}
        results["engine" if name == "flat" else name] = measured
        _write(results)
    print(f"\n{RESULTS}")


def _measure(name: str, sizes: list[int]) -> dict[str, Any]:
    if name == "engine":
        from benchmarks import engine

        return dict(engine.run(sizes) if sizes else engine.run())
    if name == "flat":
        from benchmarks import engine

        return {"flat": engine.run_flat(*sizes[:1])}
    return dict(importlib.import_module(f"benchmarks.{name}").run())


def _write(results: dict[str, Any]) -> None:
    partial = RESULTS.with_name(f".{RESULTS.name}.partial")
    partial.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    partial.replace(RESULTS)


main(sys.argv[1:])
