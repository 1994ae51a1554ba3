"""One writer at a time: two runs that write the same folder would mix their results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.errors import WorkspaceError


@contextmanager
def sole_writer(*folders: Path) -> Iterator[None]:
    """Hold the right to write `folders`; the operating system gives it back when a run dies.

    Raises
    ------
    WorkspaceError : another run writes one of them.
    """
    with ExitStack() as held:
        for folder in sorted(folders):
            folder.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(folder.with_name(f".{folder.name}.lock"), blocking=False)
            try:
                held.enter_context(lock)
            except Timeout as error:
                raise WorkspaceError(
                    "another run is writing this folder",
                    file=folder,
                    expected="one run at a time",
                    remedy="wait until it has ended, or give this run folders of its own "
                    "(--processed, --derived, --build, --reports)",
                ) from error
        yield
