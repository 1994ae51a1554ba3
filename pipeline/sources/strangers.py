"""Files that no reader takes: what they are, so that the error can say what to do with them."""

from __future__ import annotations

from pipeline.errors import UnknownFormatError
from pipeline.sources.base import Head
from pipeline.sources.template_kinds import TEMPLATES, Template
from pipeline.sources.template_sheets import MARK

#: First bytes (of the formats' own specifications) → what such a file is.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\0", "a SQLite data base (GeoPackage)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = (";", "\t", ",")
#: A header is a template's if it has at least this share of its columns that must be there.
_SHARE_OF_HEADER = 0.75
#: Lines at the beginning in which a header is looked for.
_FIRST_LINES = 20


def refuse_stranger(head: Head) -> None:
    """`UnknownFormatError` for a file whose nature is plain; nothing for any other.

    Pictures, documents and archives by their first bytes, text in UTF-16, and a list with the
    header of one of our templates that lacks its first line.
    """
    name = next((name for magic, name in _MAGIC if head.raw.startswith(magic)), None)
    if name is not None:
        raise UnknownFormatError(
            f"this is {name}, not a table",
            file=head.path,
            expected="a table as CSV or XLSX",
            remedy="take it out of the folder; what it shows goes into a template: "
            "`versorgungslabor template` lists them",
        )
    if head.raw.startswith(_UTF16):
        raise UnknownFormatError(
            "this is text in UTF-16",
            file=head.path,
            expected="text in UTF-8",
            remedy="save it as UTF-8 (in a spreadsheet: 'CSV UTF-8')",
        )
    found = nearest_template(head)
    if found is not None:
        template, row = found
        raise UnknownFormatError(
            f"the header is that of the template {template.kind}, but its mark is missing",
            file=head.path,
            row=row,
            expected=f"'# {MARK} {template.kind} {template.version}' as the first line (in a "
            "workbook: the worksheet Vorlage)",
            remedy="put this line before the header, or copy the rows into a new template: "
            f"`versorgungslabor template {template.kind}`",
        )


def nearest_template(head: Head) -> tuple[Template, int] | None:
    """The template whose required columns a line at the beginning names, and that line's number."""
    best: tuple[float, Template, int] | None = None
    for number, line in enumerate(head.lines[:_FIRST_LINES], start=1):
        for separator in _SEPARATORS:
            cells = {cell.strip().strip('"').casefold() for cell in line.split(separator)}
            for template in TEMPLATES:
                needed = {column.name for column in template.columns if column.is_required}
                share = len(needed & cells) / len(needed)
                if share >= _SHARE_OF_HEADER and (best is None or share > best[0]):
                    best = (share, template, number)
    return None if best is None else best[1:]
