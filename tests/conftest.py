"""Fixtures for all tests; the only place that knows where the publishers' whole files lie."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from filelock import FileLock

from pipeline.settings import Paths
from pipeline.tables import storage
from pipeline.tables.ingest import ingest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("VERSORGUNGSLABOR_SHARED", ROOT.parent / "shared"))


def _needed(path: Path, what: str) -> Path:
    """`path`, or a skip; a failure where the tests must not be skipped (CI)."""
    if not path.exists():
        message = f"{what} not at hand: {path}"
        if os.environ.get("VERSORGUNGSLABOR_TESTS") == "all":
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(autouse=True)
def same_environment() -> Iterator[None]:
    """Commands pass their folders on through the environment; no test inherits them."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def originals() -> Path:
    """Folder with the publishers' own files, read in place."""
    given = os.environ.get("VERSORGUNGSLABOR_ORIGINALS")
    return _needed(Path(given) if given else SHARED / "originals", "the publishers' whole files")


@pytest.fixture(scope="session")
def cases_file() -> Path:
    """Table of published results that the methods reproduce."""
    return _needed(SHARED / "cases" / "cases.csv", "the published cases")


def _made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first worker makes for all of this run; to be read only."""
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "workspace" / name
    folder.parent.mkdir(exist_ok=True)
    with FileLock(folder.with_name(f"{name}.for-tests.lock")):
        if not folder.exists():
            make(folder)
    return folder


@pytest.fixture(scope="session")
def processed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of the packaged figures, made fresh from data/raw."""
    raw = ROOT / "data" / "raw"
    return _made_once(
        tmp_path_factory, "processed", lambda folder: ingest(Paths(raw=raw, processed=folder))
    )


@pytest.fixture(scope="session")
def derived(processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the model makes of `processed`."""
    from pipeline.execution.model import model

    return _made_once(
        tmp_path_factory,
        "derived",
        lambda folder: model(Paths(processed=processed, derived=folder)),
    )


@pytest.fixture(scope="session")
def population(processed: Path) -> pd.DataFrame:
    """The table `population` of the packaged figures."""
    return storage.read("population", processed=processed)


# --- in a browser ---------------------------------------------------------------------------

#: No window, no graphics card, and nothing that the browser would ask the network for itself.
QUIET = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-sync", "--disable-component-update", "--disable-quic",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for one module.

    Not for the session: while playwright is open its event loop counts as running, and what
    runs a loop of its own in the same worker (notebooks, dask) would fail.
    """
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    program = _needed(Path(found or "chromium"), "Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def violations() -> Callable[[Page], list[list[str]]]:
    """What axe-core finds on an open page: the rule, and the first node that breaks it."""
    import axe_playwright_python

    axe = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")

    def found(view: Page) -> list[list[str]]:
        view.evaluate(axe)
        return list(
            view.evaluate(
                "async () => (await axe.run({resultTypes: ['violations']}))"
                ".violations.map(v => [v.id, v.nodes[0].html])"
            )
        )

    return found
