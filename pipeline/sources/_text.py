"""Bytes of a publisher's text file → UTF-8, with every doubt about the encoding said aloud."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.errors import RawDataError

#: Larger files are refused before a byte is read. The largest whole-Germany table known is below
#: 100 MB; a file beyond the limit is no table of this kind, and memory must stay bounded.
MAX_BYTES = 256 * 1024**2

_LETTERS = "äöüÄÖÜßéèêáàâçñóôëïîøåæÉ©§°²³–„“”’"
_UTF8_PAIR = re.compile(rb"[\xc3][\x80-\xbf]")
_C1_BYTES = re.compile(rb"[\x80-\x9f]")


@dataclass(frozen=True)
class SourceText:
    """A file as UTF-8.

    Attributes
    ----------
    utf8 : the text in UTF-8, without byte order mark, line ends as ``\\n``.
    encoding : what the file was written in (`utf-8`, `utf-8-sig`, `iso-8859-1`, `windows-1252`).
    notes : what was repaired or is beyond repair.
    """

    utf8: bytes
    encoding: str
    notes: tuple[str, ...] = ()


def read_text(path: Path) -> SourceText:
    """The whole file as UTF-8.

    Raises
    ------
    RawDataError : the file is larger than `MAX_BYTES`, empty, binary, UTF-16, or mixes encodings.
    """
    raw = _read_bounded(path)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in raw:
        raise RawDataError(
            "the file is binary or UTF-16, not a text table",
            file=path,
            expected="UTF-8 or ISO-8859-1",
            remedy="download the CSV again; if a spreadsheet saved it, save it as UTF-8",
        )
    text = _decode(path, raw)
    utf8, notes = _repair_double_encoding(text.utf8)
    if b"\xef\xbf\xbd" in utf8:
        notes += ("some characters were lost before this file was written (U+FFFD)",)
    if b"\r" in utf8:
        utf8 = utf8.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return SourceText(utf8, text.encoding, notes)


def _read_bounded(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise RawDataError(
            "the file is too large to be read at once",
            file=path,
            found=f"{size / 1024**2:,.0f} MiB",
            expected=f"at most {MAX_BYTES // 1024**2} MiB",
            remedy="download the table in parts (by year or Land) and read each",
        )
    raw = path.read_bytes()
    if not raw or raw.isspace():
        raise RawDataError("the file is empty", file=path, remedy="download it again")
    return raw


def _decode(path: Path, raw: bytes) -> SourceText:
    """UTF-8 if the bytes are, else the one-byte encoding, unless both are in the file."""
    has_mark = raw.startswith(b"\xef\xbb\xbf")
    if _is_utf8(raw):
        return SourceText(raw[3:], "utf-8-sig") if has_mark else SourceText(raw, "utf-8")
    if has_mark or _UTF8_PAIR.search(raw):
        raise _mixed_encodings(path, raw)
    # 0x80–0x9f are control characters in ISO-8859-1 and letters, dashes, quotes in Windows-1252
    encoding = "windows-1252" if _C1_BYTES.search(raw) else "iso-8859-1"
    text = raw.decode("cp1252" if encoding == "windows-1252" else "latin-1", errors="replace")
    return SourceText(text.encode(), encoding)


def _is_utf8(raw: bytes) -> bool:
    # Arrow checks ten times as fast as decoding, and copies nothing
    offsets = pa.py_buffer(np.array([0, len(raw)], dtype=np.int32))
    text = pa.StringArray.from_buffers(1, offsets, pa.py_buffer(raw))
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _mixed_encodings(path: Path, raw: bytes) -> RawDataError:
    start = 0
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        start = error.start
    line_start = raw.rfind(b"\n", 0, start) + 1
    return RawDataError(
        "two encodings in one file, or a broken umlaut",
        file=path,
        row=raw.count(b"\n", 0, start) + 1,
        found=raw[max(line_start, start - 40) : start + 12].decode("latin-1"),
        expected="UTF-8 throughout or ISO-8859-1 throughout",
        remedy="download the file again, and do not paste into it",
    )


def _twice(letter: str, codec: str) -> bytes:
    """A letter as it looks in UTF-8 after its UTF-8 bytes were once taken for `codec`."""
    return letter.encode().decode(codec, errors="ignore").encode()


def _double_forms() -> dict[bytes, bytes]:
    forms = {
        _twice(letter, codec): letter for codec in ("latin-1", "cp1252") for letter in _LETTERS
    }
    return {form: letter.encode() for form, letter in forms.items() if len(form) >= 4}


_DOUBLE_FORMS = _double_forms()
_DOUBLE_FORM = re.compile(
    b"|".join(re.escape(form) for form in sorted(_DOUBLE_FORMS, key=len, reverse=True))
)
#: How every such form begins; cheaper to look for than the forms.
_DOUBLE_START = re.compile(rb"\xc3(?:[\x82\x83]|\xa2[\xc2\xe2])")


def _repair_double_encoding(utf8: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Letters that were encoded twice (``Ã¼``) as they were meant, and a note how many."""
    if not _DOUBLE_START.search(utf8):
        return utf8, ()
    repaired, count = _DOUBLE_FORM.subn(lambda match: _DOUBLE_FORMS[match.group()], utf8)
    if not count:
        return utf8, ()
    return repaired, (f"{count} letters were encoded as UTF-8 twice and have been repaired",)
