"""All readers, and the question which of them knows a file."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import cast

from pipeline.errors import RawDataError, UnknownFormatError
from pipeline.sources import (
    archives,
    area_changes,
    embedded,
    figures,
    genesis_classic,
    genesis_ffcsv,
    geometry,
    gisd,
    gv100ad,
    gv_auszug,
    inkar,
    landesdatenbank,
    osm,
    templates,
)
from pipeline.sources.base import Head, LongTable, Reader, read_head
from pipeline.sources.strangers import refuse_stranger
from pipeline.sources.template_sheets import MARK

#: Asked in this order, narrow marks first; the first that recognises the content reads the file.
#: `geometry` comes last, since it takes any ZIP that holds a shapefile.
READERS: tuple[Reader, ...] = (
    cast(Reader, figures),
    *embedded.FORMATS,
    *templates.READERS,
    cast(Reader, osm),
    cast(Reader, gv100ad),
    cast(Reader, gisd),
    cast(Reader, landesdatenbank),
    cast(Reader, genesis_classic),
    cast(Reader, genesis_ffcsv),
    cast(Reader, gv_auszug),
    cast(Reader, area_changes),
    cast(Reader, inkar),
    cast(Reader, geometry),
)


def recognise(path: Path) -> Reader:
    """The reader that knows the content; `UnknownFormatError` says what the file is, if it can.

    A ZIP that holds one table is read as that table.
    """
    if path.is_dir():
        raise RawDataError(
            "this is a folder, not a file",
            file=path,
            remedy="name one of the files in it; `ingest` reads whole folders",
        )
    if path.exists() and not path.is_file():
        raise RawDataError(
            "this is a device, not a file", file=path, remedy="name a file that holds a table"
        )
    if not path.is_file():
        raise RawDataError("there is no such file", file=path, remedy="check the path")
    if path.stat().st_size == 0:
        raise RawDataError(
            "the file is empty", file=path, remedy="download it again; an empty file holds no table"
        )
    head = read_head(path)
    _refuse_answers(head)
    reader = _reader_of(head)
    if reader is None and head.is_zip:
        reader = archives.find_table(path, _recognise_unpacked)
    if reader is None:
        raise _unknown(head)
    return reader


def unpacked(path: Path) -> AbstractContextManager[Path]:
    """The file of the table as long as this is open: `path` itself, or the table that it packs.

    For readers with a second entrance beside `read`, which know nothing of archives.
    """
    return archives.unpacked(path, _recognise_unpacked)


def _recognise_unpacked(path: Path) -> Reader:
    """The reader of a file out of an archive; an archive within an archive is not opened."""
    head = read_head(path)
    _refuse_answers(head)
    reader = _reader_of(head)
    if reader is None:
        raise _unknown(head)
    return reader


def _reader_of(head: Head) -> Reader | None:
    return next((reader for reader in READERS if reader.matches(head)), None)


def _unknown(head: Head) -> UnknownFormatError:
    try:
        refuse_stranger(head)
    except UnknownFormatError as error:
        return error
    is_text = all(letter.isprintable() or letter.isspace() for letter in head.text[:120])
    return UnknownFormatError(
        "no reader recognises this file" + ("" if is_text else "; its bytes are no text"),
        file=head.path,
        found=head.text[:120] if is_text else None,
        expected="a file as a publisher offers it (docs/reference/formats.md lists the "
        f"{len(READERS)} formats), or one of our templates with its first line "
        f"'# {MARK} <kind> <version>'",
        remedy="check that it is the publisher's own file and whole; docs/how-to/add-my-figures.md "
        "for own figures, docs/how-to/add-a-source.md shows how to write a reader",
    )


def _refuse_answers(head: Head) -> None:
    """`RawDataError` for a web page or a server's answer saved under the name of a table."""
    start = head.text.lstrip()[:400].lower()
    if start.startswith(("<!doctype html", "<html")):
        raise RawDataError(
            "this is a web page, not a table",
            file=head.path,
            row=1,
            found=head.text.strip()[:120],
            expected="the data file itself",
            remedy="the download link led to a page (log-in, error, session): download it again",
        )
    if start.startswith("{") and '"status"' in start and '"ident"' in start:
        raise RawDataError(
            "this is an answer of the GENESIS web service, not a table",
            file=head.path,
            row=1,
            found=head.text[:200],
            expected="the data file itself",
            remedy="read the message in 'Status' and repeat the request",
        )


def read(path: Path) -> LongTable:
    """Recognise and read `path`."""
    return recognise(path).read(path)
