"""Which bytes a command wrote: a list `SHA256SUMS` in its folder, for `verify` and `sha256sum -c`.

A schema says what a table may hold, not what it held: a count that is changed by hand still fits.
Whoever writes a folder lists its files last; `verify` compares. Same files, same bytes of the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from pipeline.errors import VerificationError
from pipeline.provenance import sha256_of
from pipeline.writing import write_text

#: Name of the list; the data packages call theirs the same.
SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def write_sums(folder: Path, files: Iterable[Path]) -> Path:
    """List exactly these files of `folder`."""
    return _write(folder, {_name(folder, file): sha256_of(file) for file in files})


def update_sums(folder: Path, files: Iterable[Path]) -> Path:
    """List these files anew; the others keep their line as long as they are there.

    A list that cannot be read is made anew: what it said of the other files is lost either way.
    """
    try:
        listed = read_sums(folder)
    except VerificationError:
        listed = {}
    kept = {name: digest for name, digest in listed.items() if (folder / name).is_file()}
    sums = kept | {_name(folder, file): sha256_of(file) for file in files}
    if not sums and not (folder / SUMS).is_file():
        return folder / SUMS  # nothing was written, so there is nothing to say
    return _write(folder, sums)


def read_sums(folder: Path) -> Mapping[str, str]:
    """Name below `folder` → SHA-256; nothing where there is no list.

    Raises
    ------
    VerificationError : a line that is none of such a list.
    """
    path = folder / SUMS
    if not path.is_file():
        return {}
    sums = {}
    lines = path.read_bytes().decode("utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines, start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise VerificationError(
                "the list of checksums is damaged",
                file=path,
                row=number,
                found=line,
                expected="a SHA-256, two blanks, the name of a file",
                remedy="run the command again that writes this folder",
            )
        sums[match[2]] = match[1]
    return sums


def _name(folder: Path, file: Path) -> str:
    return file.relative_to(folder).as_posix()


def _write(folder: Path, sums: Mapping[str, str]) -> Path:
    return write_text(folder / SUMS, "".join(f"{sums[n]}  {n}\n" for n in sorted(sums)))
