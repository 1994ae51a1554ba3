"""ZIP archives with the same bytes for the same content, and checksums of what is in them."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from pipeline.provenance import sha256_of
from pipeline.writing import whole_file

#: Earliest time that a ZIP entry can have: the clock is no content.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
#: Files that are packed already.
_PACKED = frozenset({".zip", ".pdf", ".png", ".parquet", ".xlsx", ".docx"})
CHECKSUMS = "SHA256SUMS"

#: What goes into an archive: its bytes, or the file that holds them.
Content = bytes | Path


def write_zip(entries: Mapping[str, Content], path: Path) -> Path:
    """Write an archive whose entries stand in the order of their names; put in place whole.

    Parameters
    ----------
    entries : name in the archive → content.
    """
    with whole_file(path) as partial, ZipFile(partial, "w") as archive:
        for name in sorted(entries):
            info = ZipInfo(name, _NO_TIME)
            info.create_system = 3  # the same on every machine
            info.external_attr = 0o644 << 16
            info.compress_type = ZIP_STORED if Path(name).suffix in _PACKED else ZIP_DEFLATED
            content = entries[name]
            if isinstance(content, bytes):
                archive.writestr(info, content)
                continue
            with content.open("rb") as source, archive.open(info, "w") as target:
                shutil.copyfileobj(source, target)
    return path


def checksums(entries: Mapping[str, Content]) -> bytes:
    """SHA-256 of every entry, as `sha256sum --check` reads it."""
    lines = [f"{digest(entries[name])}  {name}\n" for name in sorted(entries)]
    return "".join(lines).encode("utf-8")


def digest(content: Content) -> str:
    """SHA-256 of an entry, as 64 hex digits."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    return sha256_of(content)
