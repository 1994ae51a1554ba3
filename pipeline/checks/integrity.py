"""Are the files still those that were written? Every folder against its list `SHA256SUMS`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import VerificationError
from pipeline.provenance import sha256_of
from pipeline.settings import Paths
from pipeline.tables.checksums import SUMS, read_sums


def integrity_problems(paths: Paths) -> Iterator[VerificationError]:
    """Files of tables and site that were changed, or are gone, since they were written.

    Folders of tables hold nothing else, so a file too many is a problem there; the site may hold
    more than its list (printed reports, English pages, notes of its keeper).
    """
    for folder, command in ((paths.processed, "ingest"), (paths.derived, "model")):
        if folder.is_dir():
            yield from folder_problems(folder, command, is_closed=True)
    if (paths.reports / "index.html").is_file() or (paths.reports / SUMS).is_file():
        yield from folder_problems(paths.reports, "render")


def folder_problems(
    folder: Path, command: str, *, is_closed: bool = False
) -> Iterator[VerificationError]:
    """What differs from the folder's list.

    Parameters
    ----------
    command : writes the folder.
    is_closed : whether a file that is not listed is a problem.
    """
    again = f"run `versorgungslabor {command}` again"
    if not (folder / SUMS).is_file():
        yield VerificationError(
            "the list of checksums is missing, so nothing says what was written here",
            file=folder / SUMS,
            remedy=again,
        )
        return
    try:
        sums = read_sums(folder)
    except VerificationError as error:
        yield error
        return
    for name, digest in sums.items():
        path = folder / name
        if not path.is_file():
            yield VerificationError("the file is missing", file=path, remedy=again)
        elif (found := sha256_of(path)) != digest:
            yield VerificationError(
                f"the file is not the one that `{command}` wrote",
                file=path,
                found=found[:12],
                expected=f"SHA-256 {digest[:12]}…",
                remedy=f"{again}; what is wrong in the data is mended in data/raw",
            )
    if is_closed:
        for path in sorted(folder.iterdir()):
            if path.name not in sums and path.name != SUMS and not path.name.startswith("."):
                yield VerificationError(
                    f"a file that `{command}` did not write",
                    file=path,
                    remedy="take it away: this folder is replaced as a whole",
                )
