"""Where every number comes from: sidecars, hashes, attribution, official signs.

A raw file ``data/raw/x.csv`` is described by ``data/raw/x.csv.meta.yaml``. The sidecar *is* the
provenance record: attributions in figures, tables and exports are built from it, never typed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from pipeline.errors import SidecarError

SIDECAR_SUFFIX = ".meta.yaml"
#: Our own records beside the raw files: no figures of a publisher, so no sidecar.
LEDGERS = frozenset({"corrections.yaml", "claims.yaml"})
#: Folders of data/raw whose records name their source row by row, and are read by rooms of their
#: own: they fill no table of official figures.
RECORD_FOLDERS = ("funding", "projects")

# The official signs (Zeichenerklärung of the statistical offices) and the word that
# `obs_status` keeps for each. An empty status is a plain value.
OFFICIAL_SIGNS: dict[str, str] = {
    "-": "nil",
    ".": "confidential_or_unknown",
    "...": "not_yet_available",
    "/": "unreliable",
    "x": "not_meaningful",
}
STATUS_LABELS: dict[str, str] = {
    "": "Zahlenwert",
    "nil": "genau null",
    "confidential_or_unknown": "geheim oder unbekannt",
    "not_yet_available": "noch nicht verfügbar",
    "unreliable": "nicht sicher genug",
    "not_meaningful": "nicht sinnvoll",
    "limited_reliability": "eingeschränkt aussagekräftig",
    "estimated": "geschätzt",
    "provisional": "vorläufig",
    "revised": "berichtigt",
}
STATUS_SIGNS: dict[str, str] = {word: sign for sign, word in OFFICIAL_SIGNS.items()}
# A status that stands instead of a number; the others qualify one.
VALUELESS_STATUS: frozenset[str] = frozenset(OFFICIAL_SIGNS.values()) - {"nil"}

#: An attribution that names one table of a database.
_TABLE_OF = re.compile(r"(?P<publisher>.+, )Tabelle (?P<code>[^,;]+)(?P<licence>, [^,;]+)")

# SPDX where SPDX knows the licence, else a LicenseRef with its text in LICENSES/.
LICENCES: dict[str, str] = {
    "DL-DE-BY-2.0": "Datenlizenz Deutschland – Namensnennung – Version 2.0",
    "CC-BY-4.0": "Creative Commons Namensnennung 4.0 International",
    "ODbL-1.0": "Open Database License 1.0",
    "LicenseRef-Destatis-Quellenangabe": "Vervielfältigung und Verbreitung mit Quellenangabe",
    "LicenseRef-Zitat": "zitierte Einzelangaben mit Quelle, keine offene Lizenz",
}


class SourceRecord(BaseModel):
    """One publisher's table inside a raw file; its `id` is the `source_id` of every row."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    producer: str
    title: str
    table: str | None = Field(
        default=None, description="table code of the publisher, as in the file"
    )
    period: str
    territorial_status: str
    census_basis: dict[str, str] = Field(
        default_factory=dict,
        description="population figures only: census that they rest on → first/last day",
    )
    licence: str
    attribution: str
    address: str | None = None
    note: str | None = None

    def basis_at(self, day: str) -> str | None:
        """The census that a population figure of `day` rests on; None where it is not said."""
        for basis, interval in self.census_basis.items():
            first, _, last = interval.partition("/")
            if first <= day <= (last or first):
                return basis
        return None


class Sidecar(BaseModel):
    """The record beside a raw file."""

    model_config = ConfigDict(extra="forbid")

    file: str
    title: str
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    added: dt.date = Field(description="day on which the file was put into data/raw")
    sources: Annotated[list[SourceRecord], Field(min_length=1)]

    def source_of(self, table: str | None) -> SourceRecord | None:
        """The record of a publisher's table; the only record where rows name none."""
        if table is None:
            return self.sources[0] if len(self.sources) == 1 else None
        return next((source for source in self.sources if source.table == table), None)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, as 64 hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sidecar_path(raw_file: Path) -> Path:
    """Path of the sidecar that belongs to a raw file."""
    return raw_file.with_name(raw_file.name + SIDECAR_SUFFIX)


def raw_files(raw: Path) -> list[Path]:
    """Every data file below `raw`, sorted; sidecars, hidden files and READMEs are none."""
    if not raw.is_dir():
        raise SidecarError(
            "the folder with the raw files is missing",
            file=raw,
            remedy="name the right folder with --raw, or restore data/raw from git",
        )
    return sorted(path for path in raw.rglob("*") if path.is_file() and _is_data_file(path, raw))


def _is_data_file(path: Path, raw: Path) -> bool:
    parts = path.relative_to(raw).parts
    return not (
        any(part.startswith(".") for part in parts)
        or parts[0] in RECORD_FOLDERS
        or path.name.endswith(SIDECAR_SUFFIX)
        or path.name in LEDGERS
        or path.stem.upper() == "README"
    )


def read_sidecar(raw_file: Path) -> Sidecar:
    """Read and check the sidecar of a raw file; `SidecarError` if it is missing or invalid."""
    path = sidecar_path(raw_file)
    if not path.is_file():
        raise SidecarError(
            "the raw file has no sidecar",
            file=raw_file,
            expected=f"{path.name} beside it",
            remedy="describe producer, licence and period there; see docs/how-to/add-a-source.md",
        )
    try:
        record = Sidecar.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise SidecarError(
            f"the sidecar is not valid: {_first_problem(error)}",
            file=path,
            remedy="compare it with another sidecar in data/raw",
        ) from error
    unknown = sorted({source.licence for source in record.sources} - set(LICENCES))
    if unknown:
        raise SidecarError(
            "unknown licence id",
            file=path,
            found=unknown[0],
            expected="one of " + ", ".join(LICENCES),
            remedy="use a known id, or add the licence to pipeline/provenance.py and LICENSES/",
        )
    if record.file != raw_file.name:
        raise SidecarError(
            "the sidecar names another file", file=path, found=record.file, expected=raw_file.name
        )
    return record


def _first_problem(error: Exception) -> str:
    if isinstance(error, ValidationError):
        problem = error.errors()[0]
        return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
    return str(error).splitlines()[0]


def check_hash(raw_file: Path, record: Sidecar) -> None:
    """`SidecarError` when the bytes of `raw_file` are not those of its sidecar."""
    found = sha256_of(raw_file)
    if found != record.sha256:
        raise SidecarError(
            "the bytes of the raw file changed",
            file=raw_file,
            found=found,
            expected=record.sha256,
            remedy="restore the file, or, if the change is meant, write the new hash (and what "
            "changed) into the sidecar",
        )


def iter_sidecar_problems(
    raw: Path, names_its_source: Callable[[Path], bool] = lambda path: False
) -> Iterator[SidecarError]:
    """Every missing, invalid, orphaned or outdated sidecar below `raw`.

    Parameters
    ----------
    names_its_source : whether a file says in each row where it comes from (a filled template): it
        may do without a sidecar.
    """
    for path in raw_files(raw):
        if not sidecar_path(path).is_file() and names_its_source(path):
            continue
        try:
            check_hash(path, read_sidecar(path))
        except SidecarError as error:
            yield error
    for path in sorted(raw.rglob("*" + SIDECAR_SUFFIX)):
        if not path.with_name(path.name.removesuffix(SIDECAR_SUFFIX)).is_file():
            yield SidecarError(
                "a sidecar without its raw file",
                file=path,
                remedy="restore the raw file or delete the sidecar",
            )


def attribution_line(attributions: Iterable[str], *, computed: bool, as_of: str = "") -> str:
    """The line under a figure: each source once, "eigene Berechnung", the day of the data.

    Tables of one publisher, database and licence share one mention: "Tabellen A, B und C".
    """
    tables: dict[tuple[str, str], list[str]] = {}
    for text in dict.fromkeys(attributions):
        match = _TABLE_OF.fullmatch(text)
        key = (match["publisher"], match["licence"]) if match else (text, "")
        tables.setdefault(key, []).append(match["code"] if match else "")
    parts = [_mention(publisher, codes, licence) for (publisher, licence), codes in tables.items()]
    if computed:
        parts.append("eigene Berechnung")
    if as_of:
        parts.append(f"Datenstand {as_of}")
    return "; ".join(parts)


def _mention(publisher: str, codes: Sequence[str], licence: str) -> str:
    if not licence:
        return publisher
    several = f"n {', '.join(codes[:-1])} und {codes[-1]}" if len(codes) > 1 else f" {codes[0]}"
    return f"{publisher}Tabelle{several}{licence}"
