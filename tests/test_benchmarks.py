"""The frozen notebooks of the benchmarks must still run, or `make bench` measures nothing."""

from __future__ import annotations

from pathlib import Path

import papermill
import pytest

FROZEN = sorted(Path(__file__).parents[1].glob("benchmarks/notebooks/*.ipynb"))


def test_there_are_two_frozen_notebooks() -> None:
    assert [path.stem for path in FROZEN] == ["ambulante-versorgung", "bevoelkerung"]


@pytest.mark.parametrize("path", FROZEN, ids=lambda path: path.stem)
def test_a_frozen_notebook_runs(path: Path, root: Path, tmp_path: Path) -> None:
    done = papermill.execute_notebook(
        path, tmp_path / path.name, {"region": "kalletal"}, engine_name="fork",
        cwd=root, progress_bar=False,
    )  # fmt: skip
    assert [cell.metadata.papermill.status for cell in done.cells] == ["completed"] * len(
        done.cells
    )
