"""The source record of a publisher's file that comes without a sidecar.

Producer, licence and territorial status are read from the file where it states them; what it does
not state is the publisher's general rule and the record's note says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from pipeline.provenance import Sidecar, SourceRecord
from pipeline.sources.base import LongTable
from pipeline.tables.mappings import Filling

#: Census day 15 May 2022.
CENSUS_DAY = "2022-05-15"
# Statistische Ämter des Bundes und der Länder, notes of 12411-02-03-4: figures up to 2010 rest on
# the census of 1987 (in the new Länder on the population register of 3 October 1990), those of
# 2011 on on that of 2011. 2022 is the year of the turn; see `census_basis`.
_LAST_OF_1987 = "2010-12-31"
_LAST_OF_2011 = "2022-12-31"
#: "… die ab dem Berichtsmonat Mai 2022 auf den Ergebnissen des Zensus vom 15. Mai 2022 basieren",
#: "… basiert ab dem Jahr 2022 auf den Ergebnissen des Zensus 2022"
_REBASED = re.compile(r"ab dem (Berichtsmonat Mai|Jahr|Berichtsjahr) 2022 auf den Ergebnissen")
_GERMAN_DATE = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
#: Licence → the words that an attribution ends with.
_LICENCE_WORDS = {
    "DL-DE-BY-2.0": "dl-de/by-2-0",
    "CC-BY-4.0": "CC BY 4.0",
    "LicenseRef-Destatis-Quellenangabe": "Vervielfältigung und Verbreitung mit Quellenangabe",
}
_OWN_STATUS = "Gebietsstand des jeweiligen Stichtags oder Berichtsjahrs"


@dataclass(frozen=True)
class Publisher:
    """Who publishes a format, and on which terms where the file itself is silent."""

    slug: str
    name: str
    licence: str
    address: str


_REGIONALDATENBANK = Publisher(
    "regionaldatenbank",
    "Statistische Ämter des Bundes und der Länder, Regionaldatenbank Deutschland",
    "DL-DE-BY-2.0",
    "https://www.regionalstatistik.de/genesis/online",
)
_LANDESDATENBANK = Publisher(
    "landesdatenbank-nrw",
    "IT.NRW, Landesdatenbank NRW",
    "DL-DE-BY-2.0",
    "https://www.landesdatenbank.nrw.de",
)
_CENSUS = Publisher(
    "zensus-2022",
    "Statistische Ämter des Bundes und der Länder, Zensus 2022",
    "DL-DE-BY-2.0",
    "https://ergebnisse.zensus2022.de",
)
_REGISTER = Publisher(
    "gemeindeverzeichnis",
    "Statistisches Bundesamt, Gemeindeverzeichnis",
    "LicenseRef-Destatis-Quellenangabe",
    "https://www.destatis.de/DE/Themen/Laender-Regionen/Regionales/Gemeindeverzeichnis/_inhalt.html",
)
_RKI = Publisher(
    "rki",
    "Robert Koch-Institut",
    "CC-BY-4.0",
    "https://github.com/robert-koch-institut/German_Index_of_Socioeconomic_Deprivation_GISD",
)


def publisher_of(table: LongTable, filling: Filling) -> Publisher:
    """The publisher of a file, by its format and footer."""
    if table.format in {"gv100ad", "gv-auszug"}:
        return _REGISTER
    if table.format == "gisd":
        return _RKI
    if filling.table == "1000A-0000":
        return _CENSUS
    return (
        _LANDESDATENBANK
        if any(note.startswith("© IT.NRW") for note in table.notes)
        else _REGIONALDATENBANK
    )


def record_of(
    table: LongTable,
    filling: Filling,
    periods: Iterable[str],
    sidecar: Sidecar | None,
    taken: Iterable[str] = (),
) -> SourceRecord:
    """The source record of a publisher's file.

    Parameters
    ----------
    table : the file, read.
    filling : what is taken of it.
    periods : days and years of the rows that are taken.
    sidecar : the record beside the file, where there is one; it goes before what is built here.
    taken : ids that are in use; the record's own id differs from them.
    """
    described = None if sidecar is None else _described(sidecar, filling)
    if described is not None:
        return described
    publisher = publisher_of(table, filling)
    first, last = min(periods), max(periods)
    status = territorial_status(table)
    licence = table.licence or publisher.licence
    return SourceRecord(
        id=_free_id(_base_id(table, filling, publisher, last, status), set(taken)),
        producer=publisher.name,
        title=filling.title,
        table=filling.table or None,
        period=f"{first}/{last}",
        territorial_status=status,
        census_basis=census_basis(table, first, last) if filling.is_population else {},
        licence=licence,
        attribution=f"{publisher.name}, {_name(filling, status)}, "
        f"{_LICENCE_WORDS.get(licence, licence)}",
        address=publisher.address,
        note=_note(table),
    )


def _name(filling: Filling, status: str) -> str:
    """What an attribution calls the table: its code, else its title or its edition."""
    if not filling.table:
        return status
    is_code = filling.table[0].isdigit()
    return f"Tabelle {filling.table}" if is_code else filling.title


def _described(sidecar: Sidecar, filling: Filling) -> SourceRecord | None:
    return sidecar.source_of(filling.table or None) or sidecar.source_of(None)


def _base_id(
    table: LongTable, filling: Filling, publisher: Publisher, last: str, status: str
) -> str:
    """`<publisher>-<table>-<year>-original`: no id of the workspace's own figures ends so."""
    edition = (_date_in(status) or last) if table.format.startswith("gv") else last[:4]
    words = [publisher.slug, filling.table or table.format, edition, "original"]
    return re.sub(r"[^a-z0-9]+", "-", "-".join(words).lower()).strip("-")


def _free_id(wanted: str, taken: set[str]) -> str:
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def _note(table: LongTable) -> str | None:
    parts = []
    if table.licence is None:
        parts.append("Die Datei nennt keine Lizenz; es gelten die Bedingungen des Herausgebers.")
    if table.table is None and table.format == "genesis-ffcsv":
        parts.append("Die Datei nennt die Statistik, nicht die Tabelle; der Tabellencode ist aus "
                     "Merkmal und Gliederung erschlossen.")  # fmt: skip
    return " ".join(parts) or None


def territorial_status(table: LongTable) -> str:
    """The borders that a file refers to, as text; those of each day where it names no other."""
    if table.format in {"gv100ad", "gv-auszug"}:
        found = next(
            (_date_in(text) for text in (*table.notes, table.title) if "Gebietsstand" in text
             and _date_in(text)), None,
        )  # fmt: skip
        return f"Gebietsstand {found}" if found else "Gebietsstand in der Datei nicht genannt"
    if table.format == "gisd":
        return "Kreise, Bundesskala"
    named = re.search(r"Gebietsstand (\d{2}\.\d{2}\.\d{4})", table.title)
    return f"Gebietsstand {named[1]}" if named else _OWN_STATUS


def status_date(record: SourceRecord) -> str:
    """The day of a record's territorial status as ISO date; empty where it is no single day."""
    return _date_in(record.territorial_status) or ""


def _date_in(text: str) -> str | None:
    iso = _ISO_DATE.search(text)
    if iso:
        return iso[0]
    german = _GERMAN_DATE.search(text)
    return f"{german[3]}-{german[2]}-{german[1]}" if german else None


def census_basis(table: LongTable, first: str, last: str) -> dict[str, str]:
    """Which census the population figures of a file rest on: census → first/last day.

    The rule of the official series: up to 2010 the census of 1987, from 2011 to 2022 that of 2011,
    from 2023 on and on the census day itself that of 2022. A file whose footer says that figures
    from May 2022 on rest on the census of 2022 is believed.
    """
    text = re.sub(r"-\n(?=[a-zäöü])", "", "\n".join(table.notes))
    is_rebased = _REBASED.search(" ".join(text.split())) is not None
    last_of_2011 = "2022-04-30" if is_rebased else _LAST_OF_2011
    if first == last == CENSUS_DAY:
        return {"2022": f"{CENSUS_DAY}/{CENSUS_DAY}"}
    limits = {
        "1987": ("", _LAST_OF_1987),
        "2011": ("2011-01-01", last_of_2011),
        "2022": ("2022-05-01" if is_rebased else "2023-01-01", "9999"),
    }
    bases = {
        census: (max(first, start), min(last, end))
        for census, (start, end) in limits.items()
        if first <= end and last >= start
    }
    return {census: f"{start}/{end}" for census, (start, end) in bases.items()}


def population_day(table: LongTable) -> str | None:
    """The day of the inhabitants in a GV100AD; None for any other format.

    The file names its territorial status only. Assumption (not stated by the publisher in the
    file): from October on it holds the inhabitants of the end of the year before, until then those
    of the end of the year before that. The edition of 30 November 2023 fits: 10,944 of the 10,957
    municipalities it shares with the workbook of the list have the workbook's value of 31 December
    2022, and the other 13 changed their borders or are corrected (`corrections.yaml`).
    """
    if table.format != "gv100ad":
        return None
    status = pd.Timestamp(str(table.frame["time_period"].iloc[0]))
    return f"{status.year - (1 if status.month >= 10 else 2)}-12-31"
