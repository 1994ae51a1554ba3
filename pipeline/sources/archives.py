"""A publisher's table inside a ZIP: answers of the GENESIS web service, the Gemeindeverzeichnis.

Such an archive holds one table, perhaps beside a description (PDF). The table is found by its
content like any file; what the archive claims about itself is checked by `limits` first.
"""

from __future__ import annotations

import dataclasses
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline.errors import RawDataError, UnknownFormatError
from pipeline.sources.base import Head, LongTable, Reader
from pipeline.sources.limits import MAX_ARCHIVE_BYTES, copy_member, open_archive

#: What an archive with one table may hold, all members together. A flat file of all municipalities
#: has about 100 MB; a text file beyond 256 MiB is refused by its reader anyway.
MAX_EXPANDED_TABLE = 512 * 1024**2
#: An archive with one table has few members; more is a collection, and nothing is guessed there.
MAX_TABLE_MEMBERS = 10
#: Mark of an Office file: itself a ZIP, but not one that holds a table as a member.
_OFFICE_MARK = "[Content_Types].xml"

Recognise = Callable[[Path], Reader]


@dataclass(frozen=True)
class ZippedTable:
    """The reader of a table inside a ZIP; a `Reader` for the archive as a whole."""

    reader: Reader
    member: str

    @property
    def FORMAT(self) -> str:  # noqa: N802 (a constant of the readers)
        """The format of the table; a ZIP around it changes nothing."""
        return self.reader.FORMAT

    @property
    def LOOKS_LIKE(self) -> str:  # noqa: N802
        """What the archive looks like."""
        return f"a ZIP that holds {self.reader.LOOKS_LIKE}"

    def matches(self, head: Head) -> bool:
        """Whether the archive holds this member."""
        return head.is_zip and self.member in _table_members(head.path)

    def read(self, path: Path) -> LongTable:
        """The table, as if it lay beside the archive; errors name archive and member."""
        with _member_file(path, self.member) as inner:
            try:
                table = self.reader.read(inner)
            except RawDataError as error:
                raise _of_archive(error, path, self.member) from error
        return dataclasses.replace(table, path=path)


def find_table(path: Path, recognise: Recognise) -> ZippedTable | None:
    """The reader of the one table in a ZIP; None where no member is a table.

    Raises
    ------
    RawDataError : an archive that is damaged, expands without bound, leaves its folder, or holds
        several tables; the member's own problem where it is the only one.
    """
    members = _table_members(path)
    found: list[ZippedTable] = []
    for member in members:
        with _member_file(path, member) as inner:
            try:
                found.append(ZippedTable(recognise(inner), member))
            except UnknownFormatError:
                continue
            except RawDataError as error:
                if len(members) == 1:
                    raise _of_archive(error, path, member) from error
    if len(found) > 1:
        raise RawDataError(
            "the archive holds several tables",
            file=path,
            found=", ".join(table.member for table in found),
            expected="one table",
            remedy="unpack it and name the file that is meant",
        )
    return found[0] if found else None


@contextmanager
def unpacked(path: Path, recognise: Recognise) -> Iterator[Path]:
    """The file of the table: `path` itself, or the table that it packs."""
    with path.open("rb") as stream:
        is_zip = stream.read(4) == b"PK\x03\x04"
    table = find_table(path, recognise) if is_zip else None
    if table is None:
        yield path
    else:
        with _member_file(path, table.member) as inner:
            yield inner


def _table_members(path: Path) -> list[str]:
    """Members that may be a table; none for an Office file or a collection."""
    with open_archive(path, limit=MAX_ARCHIVE_BYTES, expanded=MAX_EXPANDED_TABLE) as archive:
        names = [member.filename for member in archive.infolist() if not member.is_dir()]
    if _OFFICE_MARK in names or len(names) > MAX_TABLE_MEMBERS:
        return []
    return sorted(name for name in names if not _is_hidden(name))


def _is_hidden(name: str) -> bool:
    # macOS packs a shadow (__MACOSX/._name) beside each file
    return any(part.startswith((".", "__")) for part in PurePosixPath(name).parts)


@contextmanager
def _member_file(path: Path, member: str) -> Iterator[Path]:
    """A member as a file of its own; nothing of the archive's paths reaches the disk."""
    with tempfile.TemporaryDirectory(prefix="versorgungslabor-") as folder:
        inner = Path(folder) / f"table{PurePosixPath(member).suffix.lower()[:8]}"
        with open_archive(path, expanded=MAX_EXPANDED_TABLE) as archive:
            try:
                with inner.open("wb") as target:
                    copy_member(archive, archive.getinfo(member), target)
            except (zipfile.BadZipFile, RuntimeError) as error:
                raise RawDataError(
                    f"the archive is damaged ({error})",
                    file=path,
                    found=member,
                    remedy="download it again",
                ) from error
        yield inner


def _of_archive(error: RawDataError, path: Path, member: str) -> RawDataError:
    return type(error)(
        error.message,
        file=f"{path} ({member})",
        row=error.row,
        column=error.column,
        found=error.found,
        expected=error.expected,
        remedy=error.remedy,
    )
