"""Office files with the same bytes for the same content: no clock inside, put in place whole."""

from __future__ import annotations

import io
import re
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pipeline.writing import write_bytes

#: Earliest time that a ZIP entry can have.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_CLOCK = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")
_PROPERTIES = "docProps/core.xml"


def write_office_file(content: bytes, path: Path) -> Path:
    """Write an XLSX or DOCX file without the time at which it was made."""
    stream = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as source, ZipFile(stream, "w", ZIP_DEFLATED) as target:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == _PROPERTIES:
                data = _CLOCK.sub(rb"\g<1>1980-01-01T00:00:00Z\g<3>", data)
            info = ZipInfo(entry.filename, _NO_TIME)
            info.compress_type = ZIP_DEFLATED
            target.writestr(info, data)
    return write_bytes(path, stream.getvalue())
