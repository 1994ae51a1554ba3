"""All readers, and the question which of them knows a file."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from pipeline.errors import RawDataError, UnknownFormatError
from pipeline.sources import figures
from pipeline.sources.base import LongTable, Reader, read_head

#: Asked in this order; the first that recognises the content reads the file.
READERS: tuple[ModuleType, ...] = (figures,)


def recognise(path: Path) -> Reader:
    """The reader that knows the content of `path`; `UnknownFormatError` lists what was looked for."""
    if not path.is_file():
        raise RawDataError("there is no such file", file=path, remedy="check the path")
    if path.stat().st_size == 0:
        raise RawDataError(
            "the file is empty", file=path, remedy="download it again; an empty file holds no table"
        )
    head = read_head(path)
    for reader in READERS:
        if reader.matches(head):
            return reader  # type: ignore[return-value]
    raise UnknownFormatError(
        "no reader recognises this file",
        file=path,
        found=head.text[:120],
        expected="; ".join(f"{reader.FORMAT}: {reader.LOOKS_LIKE}" for reader in READERS),
        remedy="check that it is the publisher's own file and whole; docs/how-to/add-a-source.md "
        "shows how to write a reader",
    )


def read(path: Path) -> LongTable:
    """Recognise and read `path`."""
    return recognise(path).read(path)
