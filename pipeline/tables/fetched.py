"""A fetched file on its way into data/raw: read, described, and only then in its place.

The reader decides: a file that it does not accept never replaces the one of last time. What the
file says about itself (period, borders, census) becomes its sidecar, together with when, where and
what was asked.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import yaml

from pipeline.errors import RawDataError, UnknownFormatError
from pipeline.provenance import Sidecar, SourceRecord, sidecar_path
from pipeline.sources import fetching, osm, registry
from pipeline.sources.base import LongTable, Reader
from pipeline.sources.fetching import Download
from pipeline.tables.mappings import Filling, find_filling
from pipeline.tables.originals import harmonise
from pipeline.tables.records import record_of

#: Below data/raw: `ingest` reads these files before the embedded figures.
ORIGINALS = "originals"


@dataclass(frozen=True)
class Expected:
    """What a fetched file must be, and what its record says where the file itself is silent.

    Attributes
    ----------
    key : id in the catalogue; the id of the source begins with it.
    format : format that must be recognised.
    is_table : whether the file must fill processed tables.
    publisher, title, licence, attribution, address : for the record.
    note : when and what was asked (German: it stands in the list of sources of every report).
    """

    key: str
    format: str
    is_table: bool
    publisher: str
    title: str
    licence: str
    attribution: str
    address: str
    note: str


def take_in(download: Download, target: Path, expected: Expected) -> Sidecar:
    """Check a downloaded file, write its sidecar and give it its name.

    Raises
    ------
    RawDataError : another format, a changed layout, a table that no longer fills anything; the
        file of last time stays.
    """
    try:
        record = _record(download, expected)
    except RawDataError as error:
        download.path.unlink(missing_ok=True)
        raise _naming(error, expected) from error
    sidecar = Sidecar(
        file=target.name,
        title=expected.title,
        sha256=download.sha256,
        added=download.at.date(),
        sources=[record],
    )
    text = yaml.safe_dump(
        sidecar.model_dump(mode="json", exclude_none=True, exclude_defaults=True),
        allow_unicode=True,
        sort_keys=False,
        width=100,
    )
    # a kill between the two leaves bytes that do not fit the sidecar: `ingest` says so, and the
    # next fetch mends it
    fetching.accept(download, target)
    fetching.write_whole(sidecar_path(target), text)
    return sidecar


def retrieved(at: dt.datetime, query: str, *, licence_text: str = "", updated: str = "") -> str:
    """The note of a fetched file, in German, without the full stop at its end."""
    parts = [f"Abgerufen am {at:%d.%m.%Y, %H:%M} Uhr (UTC): {query}"]
    if updated:
        parts.append(f"Stand laut Datenbank: {updated}")
    if licence_text:
        parts.append(f"Lizenzangabe der Antwort: „{licence_text.rstrip('.')}“")
    return ". ".join(parts)


def _record(download: Download, expected: Expected) -> SourceRecord:
    reader = _recognise(download.path, expected)
    if expected.format != reader.FORMAT:
        raise RawDataError(
            "the file is of another format than expected",
            found=reader.FORMAT,
            expected=expected.format,
            remedy="the publisher has changed the file; look at it with `inspect`",
        )
    if expected.format == osm.FORMAT:  # hundreds of megabytes: read once, by `ingest`
        return _plain_record(expected, period=osm.extract_date(download.path))
    table = reader.read(download.path)
    filling = find_filling(table)
    if filling is not None:
        return _table_record(table, filling, download, expected)
    if expected.is_table:
        raise RawDataError(
            "the layout of the table has changed: its dimensions fill nothing any more",
            found=", ".join(table.dimensions) or "no dimensions",
            expected=f"the dimensions that pipeline/tables/mappings.py knows for {expected.key}",
            remedy="compare it with the publisher's table, then adapt the mapping",
        )
    return _plain_record(expected, period=download.at.date().isoformat())


def _recognise(path: Path, expected: Expected) -> Reader:
    """The reader of the file; the one that was expected explains why it is none of its own.

    A reader may know its format by the very columns that are gone: its error names them.
    """
    try:
        return registry.recognise(path)
    except UnknownFormatError:
        reader = next(r for r in registry.READERS if expected.format == r.FORMAT)
        reader.read(path)
        raise


def _table_record(
    table: LongTable, filling: Filling, download: Download, expected: Expected
) -> SourceRecord:
    rows = harmonise(table, filling, download.path)
    if rows.frame.empty:
        raise RawDataError(
            "the table holds no row that fills anything",
            found=f"{len(table.frame):,} rows",
            expected="rows with the labels that pipeline/tables/mappings.py knows",
            remedy="compare it with the publisher's table, then adapt the mapping",
        )
    periods = [str(period) for period in rows.frame["time_period"].unique()]
    own = record_of(table, filling, periods, None)
    note = ". ".join(filter(None, ((own.note or "").rstrip("."), expected.note)))
    return own.model_copy(update={"note": note, "address": expected.address})


def _plain_record(expected: Expected, period: str) -> SourceRecord:
    """The record of a file that fills no table of figures: from the catalogue alone."""
    return SourceRecord(
        id=f"{expected.key}-original",
        producer=expected.publisher,
        title=expected.title,
        period=period,
        territorial_status="wie im Titel",
        licence=expected.licence,
        attribution=expected.attribution,
        address=expected.address,
        note=expected.note,
    )


def _naming(error: RawDataError, expected: Expected) -> RawDataError:
    """The reader's own words, with the catalogue's key in the place of a hidden file name."""
    return type(error)(
        error.message,
        file=expected.key,
        row=error.row,
        column=error.column,
        found=error.found,
        expected=error.expected,
        remedy=error.remedy,
    )
