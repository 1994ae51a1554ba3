"""Two runs never write one folder; a run that was killed holds nothing back."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from pipeline.errors import WorkspaceError
from pipeline.locking import sole_writer

HOLDER = """
import os, sys, time
from pathlib import Path
from pipeline.locking import sole_writer
with sole_writer(Path(sys.argv[1])):
    forked = len(sys.argv) > 2
    if not forked or os.fork() == 0:  # the worker speaks, which outlives its killed parent
        print("held", flush=True)
    time.sleep(20)
"""


def holder(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(HOLDER), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_is_told_to_wait(tmp_path: Path) -> None:
    folder = tmp_path / "mit Leerzeichen und Ü"
    first = holder(str(folder))
    with pytest.raises(WorkspaceError, match="another run is writing"), sole_writer(folder):
        pass
    first.kill()
    first.wait()
    with sole_writer(folder):
        assert folder.parent.is_dir()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_killed_run_gives_its_folder_back_though_a_worker_lives_on(tmp_path: Path) -> None:
    first = holder(str(tmp_path / "build"), "fork")
    first.kill()
    first.wait()
    with sole_writer(tmp_path / "build"):
        pass
