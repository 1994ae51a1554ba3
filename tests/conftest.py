"""Fixtures for all tests; the only place that knows where the publishers' whole files lie."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from pipeline.settings import Paths
from pipeline.tables import storage
from pipeline.tables.ingest import ingest

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


@pytest.fixture(scope="session")
def processed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of the packaged figures, made fresh from data/raw."""
    folder = tmp_path_factory.mktemp("workspace") / "processed"
    ingest(Paths(raw=ROOT / "data" / "raw", processed=folder))
    return folder


@pytest.fixture(scope="session")
def population(processed: Path) -> pd.DataFrame:
    """The table `population` of the packaged figures."""
    return storage.read("population", processed=processed)
