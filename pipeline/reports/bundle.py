"""Data packages: the tables as CSV with `datapackage.json`, of one region or of the whole edition.

Rows under the Open Database License stand in a package of their own: that licence asks that a
database made from it be passed on under the same terms, which the other sources do not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from frictionless import Resource, Schema

from pipeline.errors import TableError
from pipeline.figures import german
from pipeline.provenance import LICENCES
from pipeline.reports.archive import CHECKSUMS, Content, checksums, write_zip
from pipeline.reports.selection import Selection
from pipeline.settings import ROOT, Params, Paths
from pipeline.tables import storage
from pipeline.tables.dictionary import package
from pipeline.tables.registry import DERIVED, TABLES
from pipeline.tables.workspace import Workspace, open_workspace

ODBL = "ODbL-1.0"
#: Licence of what we computed ourselves.
_OWN_LICENCE = "CC-BY-4.0"
DESCRIPTOR = "datapackage.json"
#: Folder of the packages, beside the pages.
PACKAGES = "pakete"
_README = "LIESMICH.txt"
_DTYPES = {"f": "number", "i": "integer", "b": "boolean"}

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Label:
    """What a package is called.

    Attributes
    ----------
    name : name for machines: lower-case letters, digits, hyphens.
    title : German title for readers.
    edition : edition that it belongs to.
    """

    name: str
    title: str
    edition: str


def write_bundles(region: str, paths: Paths, params: Params, folder: Path) -> list[Path]:
    """The bundle of a region as ZIP, and a second one with its rows under the ODbL if it has any.

    Parameters
    ----------
    region : slug of a model region, or the AGS of a municipality.
    folder : where the archives go, named after the region.
    """
    lab = open_workspace(region, params.reference_date)
    chosen = Selection(lab)
    tables = {name: chosen.of(name, frame) for name, frame in all_tables(paths).items()}
    slug = lab.region.slug
    written = []
    for suffix, part in split_by_licence(tables, lab).items():
        title = f"Datenpaket {lab.region.name}" + (f" ({LICENCES[ODBL]})" if suffix else "")
        label = Label(f"versorgungslabor-{slug}{suffix}", title, params.edition)
        entries = package_entries(part, label)
        written.append(write_zip(entries, folder / f"{slug}{suffix}.zip"))
    return written


def all_tables(paths: Paths) -> dict[str, pd.DataFrame]:
    """Every processed table, and every derived one that has been made."""
    tables = {name: storage.read(name, processed=paths.processed) for name in TABLES}
    made = [name for name in DERIVED if (paths.derived / f"{name}.parquet").is_file()]
    return tables | {name: storage.read_derived(name, derived=paths.derived) for name in made}


def split_by_licence(tables: Frames, lab: Workspace | None = None) -> dict[str, Frames]:
    """Suffix of the package → its tables: "" without, "-odbl" with the rows under the ODbL alone.

    The table `sources` of each holds the sources of its rows, `areas` the territories of its rows.
    """
    sources = storage.read("sources") if lab is not None else tables["sources"]
    open_database = set(sources.loc[sources["licence"].eq(ODBL), "source_id"])
    rest: dict[str, pd.DataFrame] = {}
    shared: dict[str, pd.DataFrame] = {}
    for name, frame in tables.items():
        if name == "sources":
            continue
        is_open = (
            frame["source_id"].isin(open_database)
            if "source_id" in frame
            else pd.Series(False, index=frame.index)
        )
        rest[name], shared[name] = frame.loc[~is_open], frame.loc[is_open]
    parts = {"": rest}
    if any(len(frame) for frame in shared.values()):
        parts["-odbl"] = shared
    return {suffix: _with_sources(part, sources) for suffix, part in parts.items()}


def _with_sources(tables: Frames, sources: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables that have rows, with the sources that they name."""
    filled = {name: frame for name, frame in tables.items() if len(frame)}
    named = {key for frame in filled.values() if "source_id" in frame for key in frame["source_id"]}
    return {**filled, "sources": sources.loc[sources["source_id"].isin(named)]}


def package_entries(tables: Frames, label: Label) -> dict[str, Content]:
    """The files of a package: name → content, with `datapackage.json` and SHA256SUMS."""
    entries: dict[str, Content] = {
        f"data/{name}.csv": csv_bytes(frame) for name, frame in tables.items()
    }
    descriptor = _descriptor(tables, label, entries)
    entries[DESCRIPTOR] = json_bytes(descriptor)
    entries[_README] = _readme(tables, label).encode("utf-8")
    for licence in sorted({row["name"] for row in descriptor["licenses"]}):
        entries[f"LICENSES/{licence}.txt"] = ROOT / "LICENSES" / f"{licence}.txt"
    return {**entries, CHECKSUMS: checksums(entries)}


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A table as CSV for programs: commas, UTF-8, points; whole numbers without a fraction."""
    shown = frame.copy()
    for name in shown.select_dtypes("float"):
        shown[name] = shown[name].map(_number_text)
    return bytes(shown.to_csv(index=False, lineterminator="\n").encode("utf-8"))


def _number_text(value: float) -> str:
    if pd.isna(value):
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def json_bytes(data: Any) -> bytes:
    """JSON for people and programs, the same bytes for the same content."""
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _descriptor(tables: Frames, label: Label, entries: Mapping[str, Content]) -> dict[str, Any]:
    known = package({name: len(frame) for name, frame in tables.items() if name in TABLES})
    schemas = {resource.name.replace("-", "_"): resource for resource in known.resources}
    sources = tables["sources"].set_index("source_id")
    resources = []
    for name, frame in tables.items():
        resource = schemas[name] if name in schemas else _derived(name, frame)
        if resource.schema.field_names != list(frame.columns):
            raise TableError(
                f"the table '{name}' has other columns than this version describes",
                found=", ".join(map(str, frame.columns)),
                expected=", ".join(resource.schema.field_names),
                remedy="make the tables again: `versorgungslabor ingest`",
            )
        described = resource.to_descriptor()
        content = entries[f"data/{name}.csv"]
        described |= {
            "path": f"data/{name}.csv",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": len(content) if isinstance(content, bytes) else content.stat().st_size,
        }
        resources.append(described | dict(_rights(frame, sources, name)))
    licences = sorted({row["name"] for item in resources for row in item["licenses"]})
    return {
        "name": label.name,
        "title": f"{label.title}, Ausgabe {label.edition}",
        "version": label.edition,
        "licenses": [_licence(name) for name in licences],
        "resources": resources,
    }


def _derived(name: str, frame: pd.DataFrame) -> Resource:
    fields = [
        {"name": str(column), "type": _DTYPES.get(frame[column].dtype.kind, "string")}
        for column in frame
    ]
    schema = Schema.from_descriptor({"fields": fields})
    return Resource(
        name=name.replace("_", "-"), path=f"{name}.csv", title=DERIVED[name], schema=schema
    )


def _rights(
    frame: pd.DataFrame, sources: pd.DataFrame, name: str
) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Sources and licences of a table; a table without sources is our own computation."""
    if name in TABLES and "source_id" in frame and name != "sources":
        used = sources.loc[sorted(set(frame["source_id"]))]
        yield "sources", [_origin(str(r.attribution), str(r.source_url)) for r in used.itertuples()]
        yield "licenses", [_licence(licence) for licence in sorted(set(used["licence"]))]
        return
    yield "licenses", [_licence(_OWN_LICENCE)]


def _origin(attribution: str, address: str) -> dict[str, str]:
    return {"title": attribution, "path": address} if address else {"title": attribution}


def _licence(name: str) -> dict[str, str]:
    return {"name": name, "title": LICENCES[name], "path": f"LICENSES/{name}.txt"}


def _readme(tables: Frames, label: Label) -> str:
    """What is in the package, for somebody who opens it in a year."""
    rows = [
        f"  data/{name}.csv – {(TABLES[name].title if name in TABLES else DERIVED[name])}, "
        f"{german.number(len(frame))} Zeilen"
        for name, frame in tables.items()
    ]
    attributions = sorted(set(tables["sources"]["attribution"]))
    return "\n".join(
        [
            f"{label.title}, Versorgungslabor, Ausgabe {label.edition}",
            "",
            "Tabellen (CSV, UTF-8, Komma; Punkt als Dezimalzeichen):",
            *rows,
            "",
            "datapackage.json beschreibt jede Spalte und nennt Quellen und Lizenzen je Tabelle.",
            "Ein leerer Wert mit einem Wort in obs_status ist ein amtliches Zeichen, keine Lücke.",
            "SHA256SUMS prüft man mit: sha256sum --check SHA256SUMS",
            "",
            "Quellenvermerke:",
            *(f"  {text}" for text in attributions),
            "",
        ]
    )
