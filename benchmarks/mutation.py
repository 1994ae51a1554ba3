"""`python -m benchmarks.mutation [--sample N] [--seed S] [MODULE …]`: is a wrong formula noticed?

Gives a method one small fault at a time (benchmarks/mutants.py) and runs the tests that execute
the faulty line. A fault that no test notices has survived. Prints the survivors with line and
change and the share of noticed faults a module, and writes them into benchmarks/mutation.json;
results of modules that are not run are kept.

No file is changed: the faulty code is handed to Python in a forked process of its own, which has
the libraries loaded already. mutmut and cosmic-ray rewrite the package (or a copy) and start
Python anew for each fault; with two seconds for the libraries alone that is several times slower.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.abc
import importlib.util
import json
import math
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import coverage
import hypothesis
import pytest

from benchmarks.mutants import Mutant, compile_mutant, find_mutants
from pipeline.settings import ROOT, Paths
from pipeline.tables import ingest

METHODS = ROOT / "pipeline" / "methods"
RESULTS = ROOT / "benchmarks" / "mutation.json"
#: The tests that speak for the methods; published cases run through most of them.
TESTS = ("tests/methods", "tests/checks/test_cases.py")
#: Loaded once; every forked process has them. No module of `pipeline.methods` may be among them.
LIBRARIES = (
    "geopandas", "hypothesis.extra.numpy", "matplotlib.figure", "networkx", "pandera.pandas",
    "pyarrow.parquet", "pytest_cov.plugin", "scipy.optimize", "scipy.sparse.csgraph", "scipy.stats",
    "statsmodels.api", "xdist.plugin",
)  # fmt: skip
MEMORY = 6_000_000_000
#: A faulty run may need this many times the processor time of the sound one, and what it takes
#: to collect the tests. Not time on the clock: on a busy machine every fault would look noticed.
PATIENCE, COLLECTING = 4.0, 20.0


class _Only:
    """Plugin of pytest: runs the named tests, the quick ones first."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        wanted = [item for item in items if item.nodeid in self._seconds]
        items[:] = sorted(wanted, key=lambda item: self._seconds[item.nodeid])


class _Durations:
    """Plugin of pytest: seconds of the processor that each test takes."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        begun = time.process_time()
        result = yield
        self.seconds[item.nodeid] = time.process_time() - begun
        return result


class _Faulty(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Hands out the faulty code where one module is imported."""

    def __init__(self, module: str, path: Path, source: str, mutant: Mutant) -> None:
        self._module, self._path = module, path
        self._code = compile_mutant(source, mutant, str(path))

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if name != self._module:
            return None
        return importlib.util.spec_from_file_location(name, self._path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code, module.__dict__)


def main(arguments: Sequence[str]) -> None:
    """Run the faults of the named modules, or of all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="e.g. planning supply")
    parser.add_argument("--sample", type=int, default=25, help="faults a module; 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    known = {
        path.relative_to(METHODS).with_suffix("").as_posix().replace("/", "."): path
        for path in sorted(METHODS.rglob("*.py"))
        if path.name != "__init__.py"
    }
    unknown = sorted(set(chosen.modules) - set(known))
    if unknown:
        parser.error(f"there is no module '{unknown[0]}' in {METHODS}")
    for name in LIBRARIES:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as scratch:
        _prepare_tables(Path(scratch))
        runner = Runner(Path(scratch))
        for name in chosen.modules or known:
            result = _try_module(runner, name, known[name], chosen.sample, chosen.seed)
            if result is not None:
                _keep(name, result)
    print(RESULTS)


def _prepare_tables(scratch: Path) -> None:
    """The tables of the fixture `processed`, made once: no method takes part in making them."""
    made = scratch / "processed"
    ingest.ingest(Paths(raw=ROOT / "data" / "raw", processed=made))
    ingest.ingest = lambda paths, *_: shutil.copytree(made, paths.processed)  # type: ignore


class Runner:
    """Runs tests in forked processes, and knows which test executes which line."""

    def __init__(self, scratch: Path) -> None:
        gc.freeze()
        lines, durations = scratch / "lines", scratch / "durations.json"

        def measure() -> int:
            os.environ["COVERAGE_FILE"] = str(lines)
            watch = _Durations()
            options = [f"--cov={METHODS}", "--cov-context=test", "--cov-report=", "--cov-config="]
            code = int(pytest.main([*_OPTIONS, *options, *TESTS], [watch]))
            durations.write_text(json.dumps(watch.seconds))
            return code

        begun = time.monotonic()
        log = scratch / "sound.log"
        if _forked(measure, 3600, log):
            sys.exit(f"the tests fail without any fault:\n{log.read_text()[-3000:]}")
        self._data = coverage.CoverageData(str(lines))
        self._data.read()
        self._seconds: dict[str, float] = json.loads(durations.read_text())
        print(f"{len(self._seconds)} tests, {time.monotonic() - begun:.0f} s without a fault")

    def tests_of(self, path: Path, line: int) -> dict[str, float]:
        """Seconds of each test that executes a line; of all that touch the file for one that is
        executed when it is imported."""
        by_line = self._data.contexts_by_lineno(str(path))
        names = {context.partition("|")[0] for context in by_line.get(line, [])}
        if "" in names:
            names = {c.partition("|")[0] for contexts in by_line.values() for c in contexts}
        return {name: self._seconds[name] for name in names if name in self._seconds}

    def is_noticed(self, module: str, path: Path, source: str, mutant: Mutant) -> bool:
        """Whether a test fails, or does not come to an end, with this fault."""
        tests: dict[str, dict[str, float]] = {}
        for test, seconds in self.tests_of(path, mutant.line).items():
            tests.setdefault(test.partition("::")[0], {})[test] = seconds

        def attempt(file: str) -> int:
            sys.meta_path.insert(0, _Faulty(module, path, source, mutant))
            return int(pytest.main([*_OPTIONS, "-x", file], [_Only(tests[file])]))

        for file in sorted(tests, key=lambda file: sum(tests[file].values())):  # quickest first
            limit = COLLECTING + PATIENCE * sum(tests[file].values())
            status = _forked(partial(attempt, file), limit)
            if status > pytest.ExitCode.INTERRUPTED:  # pytest could not do its work: no verdict
                sys.exit(f"pytest ended with status {status} on {file}, {path.name}:{mutant.line}")
            if status != pytest.ExitCode.OK:
                return True
        return False


#: The options of pyproject.toml are for whole runs in parallel.
_OPTIONS = ["-q", "-o", "addopts=", "--import-mode=importlib", "-p", "no:cacheprovider"]


def _forked(work: Callable[[], int], seconds: float, log: Path = Path(os.devnull)) -> int:
    """Exit status of `work` in a process of its own; negative for one that was ended since it
    needed more than `seconds` of the processor."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        output = os.open(log, os.O_WRONLY | os.O_CREAT)
        os.dup2(output, 1)
        os.dup2(output, 2)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds)))
        # no search for the smallest example: one that fails is enough
        phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
        hypothesis.settings.register_profile(
            "faults", phases=phases, derandomize=True, database=None, deadline=None
        )
        hypothesis.settings.load_profile("faults")
        status = 70
        try:
            status = work()
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _try_module(
    runner: Runner, name: str, path: Path, sample: int, seed: int
) -> dict[str, Any] | None:
    source = path.read_text(encoding="utf-8")
    mutants = find_mutants(source)
    if not mutants:
        return None
    chosen = mutants
    if 0 < sample < len(mutants):
        chosen = random.Random(f"{seed} {name}").sample(mutants, sample)
    survivors = sorted(_survivors(runner, name, path, source, chosen), key=lambda m: m.line)
    noticed = len(chosen) - len(survivors)
    print(f"{name}: {noticed} of {len(chosen)} faults noticed ({noticed / len(chosen):.0%})")
    for mutant in survivors:
        reach = "" if runner.tests_of(path, mutant.line) else "  (no test executes this line)"
        print(f"  {path.name}:{mutant.line}: {mutant.change}{reach}", flush=True)
    return {
        "possible": len(mutants),
        "tried": len(chosen),
        "noticed": noticed,
        "score": round(noticed / len(chosen), 3),
        "survivors": [{"line": mutant.line, "change": mutant.change} for mutant in survivors],
    }


def _survivors(
    runner: Runner, name: str, path: Path, source: str, mutants: list[Mutant]
) -> Iterator[Mutant]:
    for mutant in mutants:
        if not runner.is_noticed(f"pipeline.methods.{name}", path, source, mutant):
            yield mutant


def _keep(name: str, result: dict[str, Any]) -> None:
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    modules = {**kept.get("modules", {}), name: result}
    total = {
        word: sum(found[word] for found in modules.values())
        for word in ("possible", "tried", "noticed")
    }
    total["score"] = round(total["noticed"] / total["tried"], 3)
    partial = RESULTS.with_name(f".{RESULTS.name}.partial")
    content = json.dumps({"total": total, "modules": dict(sorted(modules.items()))}, indent=2)
    partial.write_text(content + "\n", encoding="utf-8")
    partial.replace(RESULTS)


if __name__ == "__main__":
    main(sys.argv[1:])
