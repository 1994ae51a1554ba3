"""How much a reader takes in, and how a ZIP is opened without trusting it.

An XLSX file and a downloaded map are ZIP archives; what they claim about themselves (paths,
sizes) is input like any other. Everything here refuses with `RawDataError` before memory or disk
are used up.
"""

from __future__ import annotations

import io
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from pipeline.errors import RawDataError

MEBIBYTE = 1024 * 1024
#: Text files of these formats have a few megabytes (GV100AD of all Germany: 3.5).
MAX_TEXT_BYTES = 128 * MEBIBYTE
#: A workbook on disk (the list of all municipalities has 2 MB; an INKAR export grows with its
#: indicators and years).
MAX_WORKBOOK_BYTES = 64 * MEBIBYTE
#: An archive on disk; VG250 with all its layers stays far below.
MAX_ARCHIVE_BYTES = 512 * MEBIBYTE
#: What the members of an archive may hold together once unpacked.
MAX_EXPANDED_BYTES = 768 * MEBIBYTE
#: The same for a workbook, whose members are held in memory.
MAX_WORKBOOK_EXPANDED_BYTES = 256 * MEBIBYTE
MAX_MEMBERS = 2_000
#: Unpacked to packed size of one member. Real worksheets and shapefiles reach about 20; only
#: members above a mebibyte are judged, small ones may be as empty as they like.
MAX_RATIO = 200

_CHUNK = MEBIBYTE


def check_size(path: Path, limit: int) -> None:
    """`RawDataError` for an empty file or one with more than `limit` bytes."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise RawDataError("the file cannot be read", file=path, remedy="check the path") from error
    if size == 0:
        raise RawDataError(
            "the file is empty", file=path, remedy="download it again; an empty file holds no table"
        )
    if size > limit:
        raise RawDataError(
            "the file is larger than this format ever is",
            file=path,
            found=f"{size:,} bytes",
            expected=f"at most {limit:,} bytes",
            remedy="check that it is the publisher's own file",
        )


@contextmanager
def open_archive(
    path: Path, *, limit: int = MAX_ARCHIVE_BYTES, expanded: int = MAX_EXPANDED_BYTES
) -> Iterator[zipfile.ZipFile]:
    """An archive whose list of members has been checked (paths, number, sizes, encryption)."""
    check_size(path, limit)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(path, archive.infolist(), expanded)
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise RawDataError(
            f"the archive is damaged or cut off ({error})",
            file=path,
            remedy="download it again",
        ) from error


def _check_members(path: Path, members: list[zipfile.ZipInfo], expanded: int) -> None:
    def refuse(message: str, found: object, expected: str) -> None:
        raise RawDataError(
            message,
            file=path,
            found=found,
            expected=expected,
            remedy="do not open this archive; download the publisher's own file",
        )

    if len(members) > MAX_MEMBERS:
        refuse("the archive has too many members", len(members), f"at most {MAX_MEMBERS}")
    for member in members:
        if _leaves_folder(member.filename):
            refuse(
                "the archive holds a path outside its folder",
                member.filename,
                "paths inside the folder",
            )
        if member.flag_bits & 1:
            refuse("the archive is encrypted", member.filename, "an open archive")
        if member.file_size > max(MEBIBYTE, MAX_RATIO * member.compress_size):
            refuse(
                "the archive expands without bound",
                f"{member.filename}: {member.compress_size:,} → {member.file_size:,} bytes",
                f"at most {MAX_RATIO} times its packed size",
            )
    total = sum(member.file_size for member in members)
    if total > expanded:
        refuse(
            "the archive expands without bound",
            f"{total:,} bytes unpacked",
            f"at most {expanded:,} bytes",
        )


def _leaves_folder(name: str) -> bool:
    # Windows separators and drives count on every system: the archive may travel
    posix = PurePosixPath(name.replace("\\", "/"))
    return posix.is_absolute() or ".." in posix.parts or bool(PureWindowsPath(name).drive)


def copy_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: io.BufferedIOBase
) -> None:
    """Unpack one member into `target`.

    The standard library stops at the announced size and compares the checksum, so the sizes that
    `open_archive` has checked hold even for an archive that lies about them.
    """
    with archive.open(member) as stream:
        shutil.copyfileobj(stream, target, _CHUNK)


def rewritten_archive(path: Path) -> io.BytesIO:
    """The members of a workbook in a fresh archive without compression, in memory.

    A library that unpacks the file itself would not stop at the announced sizes; given this
    copy, it sees only what was counted.
    """
    copy = io.BytesIO()
    with (
        open_archive(
            path, limit=MAX_WORKBOOK_BYTES, expanded=MAX_WORKBOOK_EXPANDED_BYTES
        ) as archive,
        zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as fresh,
    ):
        for member in archive.infolist():
            buffer = io.BytesIO()
            copy_member(archive, member, buffer)
            fresh.writestr(zipfile.ZipInfo(member.filename), buffer.getvalue())
    copy.seek(0)
    return copy
