"""The whole edition as one archive: pages, PDFs, single files, data, with checksums.

Only a release names the day and the commit that it was built from; everything else in it is the
same whenever it is built. The archive describes itself (RO-Crate 1.1) and says how to cite it.
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from pipeline import __version__
from pipeline.errors import ExecutionError, ParameterError
from pipeline.provenance import LICENCES
from pipeline.reports.archive import CHECKSUMS, Content, checksums, digest, write_zip
from pipeline.reports.bundle import (
    PACKAGES,
    Label,
    all_tables,
    json_bytes,
    package_entries,
    split_by_licence,
    write_bundles,
)
from pipeline.settings import ROOT, Params, Paths

_CRATE = "ro-crate-metadata.json"
_CONTEXT = "https://w3id.org/ro/crate/1.1/context"
_PROFILE = "https://w3id.org/ro/crate/1.1"
_LICENCE_PAGE = "https://creativecommons.org/licenses/by/4.0/"
#: Folders with very many small files: described as a whole.
_WHOLE = ("bericht/bilder/",)
#: Written down, since what an operating system knows differs from machine to machine.
_TYPES = {
    ".css": "text/css", ".csv": "text/csv", ".html": "text/html", ".ics": "text/calendar",
    ".json": "application/json", ".pdf": "application/pdf", ".png": "image/png",
    ".svg": "image/svg+xml", ".zip": "application/zip",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
_TITLE = "Versorgungslabor, Ausgabe {edition}: Versorgungsberichte und Daten"


#: What a release is made from; a note lying elsewhere in the checkout does not change it.
_INGREDIENTS = ("data", "docs", "notebooks", "pipeline", "params.yaml", "CITATION.cff", "LICENSES")


@dataclass(frozen=True)
class Build:
    """When and from what a release is built.

    Attributes
    ----------
    day : day of the build.
    commit : full hash of the commit; with "-dirty" where the checkout holds changes beside it.
    """

    day: dt.date
    commit: str


def this_build(day: dt.date | None = None) -> Build:
    """The build that runs now: day of the clock (or SOURCE_DATE_EPOCH), commit of the checkout.

    Raises
    ------
    ParameterError : the code lies in no git checkout, so that no commit can be named.
    """
    return Build(day or _today(), _commit())


def _today() -> dt.date:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return dt.datetime.now(dt.UTC).date()
    try:
        return dt.datetime.fromtimestamp(int(epoch), dt.UTC).date()
    except (ValueError, OverflowError) as error:
        raise ParameterError(
            "SOURCE_DATE_EPOCH is no number of seconds", found=epoch, expected="1767139200, say"
        ) from error


def _commit() -> str:
    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    try:
        changes = git("status", "--porcelain", "--untracked-files=all", "--", *_INGREDIENTS)
        return git("rev-parse", "HEAD") + ("-dirty" if changes else "")
    except (OSError, subprocess.CalledProcessError) as error:
        raise ParameterError(
            "the commit of the release cannot be read",
            file=ROOT,
            found=str(error),
            remedy="build the release in a git checkout",
        ) from error


def write_release(
    paths: Paths,
    params: Params,
    build: Build,
    folder: Path,
    progress: Callable[[str], None] = lambda step: None,
) -> Path:
    """Write the archive of the edition: `versorgungslabor-<edition>.zip`.

    Parameters
    ----------
    paths : `reports` must hold the rendered site; PDFs and single files in it are taken along.
    folder : where the archive and the bundles go.

    Raises
    ------
    ExecutionError : the site has not been rendered.
    """
    progress("site")
    entries = dict(_site(paths))
    progress("tables")
    entries |= _tables(paths, params)
    for region in params.regions:
        progress(f"bundle {region}")
        for bundle in write_bundles(region, paths, params, folder / PACKAGES):
            entries[f"{PACKAGES}/{bundle.name}"] = bundle
    for licence in sorted((ROOT / "LICENSES").glob("*.txt")):
        entries[f"LICENSES/{licence.name}"] = licence
    entries["CITATION.cff"] = citation(params, build)
    progress("description")
    entries[_CRATE] = json_bytes(crate(entries, _sources(paths), params, build))
    entries[CHECKSUMS] = checksums(entries)
    progress("archive")
    return write_zip(entries, folder / f"versorgungslabor-{params.edition}.zip")


def _site(paths: Paths) -> dict[str, Content]:
    """The rendered site; its data packages are made anew and lie in a folder of their own."""
    if not (paths.reports / "index.html").is_file():
        raise ExecutionError(
            "the site has not been rendered",
            file=paths.reports / "index.html",
            remedy="run `make reports` first",
        )
    files = [file for file in sorted(paths.reports.rglob("*")) if file.is_file()]
    names = {file.relative_to(paths.reports): file for file in files}
    return {
        f"bericht/{name.as_posix()}": file
        for name, file in names.items()
        if name.parts[0] != PACKAGES and not any(part.startswith(".") for part in name.parts)
    }


def _tables(paths: Paths, params: Params) -> dict[str, Content]:
    """All tables as data packages: those under the Open Database License apart."""
    entries: dict[str, Content] = {}
    for suffix, tables in split_by_licence(all_tables(paths)).items():
        label = Label(
            f"versorgungslabor-tables{suffix}", "Alle Tabellen" + suffix.upper(), params.edition
        )
        for name, content in package_entries(tables, label).items():
            entries[f"tabellen{suffix}/{name}"] = content
    return entries


def _sources(paths: Paths) -> list[dict[str, str]]:
    frame = all_tables(paths)["sources"]
    return [{str(k): str(v) for k, v in row.items()} for row in frame.to_dict("records")]


def citation(params: Params, build: Build) -> bytes:
    """CITATION.cff of the release: the project's own, with edition, day and commit."""
    record = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    record |= {
        "title": _TITLE.format(edition=params.edition),
        "type": "dataset",
        "version": params.edition,
        "date-released": build.day,
        "commit": build.commit,
        "license": "CC-BY-4.0",
    }
    text = yaml.safe_dump(record, allow_unicode=True, sort_keys=False)
    return text.encode("utf-8")


def crate(
    entries: Mapping[str, Content],
    sources: Sequence[Mapping[str, str]],
    params: Params,
    build: Build,
) -> dict[str, Any]:
    """The description of the archive after RO-Crate 1.1 ("Root Data Entity", "Data Entities").

    Every file is described with its hash, except those of folders with very many small files.
    """
    files = [name for name in sorted(entries) if not name.startswith(_WHOLE)]
    whole = [folder for folder in _WHOLE if any(name.startswith(folder) for name in entries)]
    parts = [*({"@id": folder} for folder in whole), *({"@id": name} for name in files)]
    commit = {"@id": "#commit"}
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": _TITLE.format(edition=params.edition),
        "description": "Versorgungsberichte deutscher Kommunen aus amtlicher Statistik: Seiten, "
        "gedruckte Fassungen, Datenpakete. Zahlen behalten die Lizenz ihrer Quelle; die "
        "datapackage.json nennt sie je Tabelle.",
        "inLanguage": "de",
        "version": params.edition,
        "datePublished": build.day.isoformat(),
        "temporalCoverage": f"../{params.reference_date.isoformat()}",
        "license": {"@id": _LICENCE_PAGE},
        "creator": {"@id": "#contributors"},
        "hasPart": parts,
        "isBasedOn": [{"@id": f"#source-{row['source_id']}"} for row in sources],
    }
    run = {
        "@id": "#build",
        "@type": "CreateAction",
        "name": "Bau der Ausgabe",
        "endTime": build.day.isoformat(),
        "instrument": commit,
        "result": {"@id": "./"},
    }
    software = {
        "@id": "#commit",
        "@type": "SoftwareSourceCode",
        "name": "Versorgungslabor",
        "version": __version__,
        "identifier": build.commit,
        "license": "Apache-2.0",
    }
    licence = {"@id": _LICENCE_PAGE, "@type": "CreativeWork", "name": LICENCES["CC-BY-4.0"]}
    creator = {"@id": "#contributors", "@type": "Organization",
               "name": "The Versorgungslabor contributors"}  # fmt: skip
    about = {
        "@id": _CRATE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": _PROFILE},
    }
    folders = [{"@id": name, "@type": "Dataset", "name": "Bilder zum Speichern"} for name in whole]
    return {
        "@context": _CONTEXT,
        "@graph": [
            about, root, run, software, licence, creator, *folders,
            *(_file(name, entries[name]) for name in files),
            *(_source(row) for row in sources),
        ],
    }  # fmt: skip


def _file(name: str, content: Content) -> dict[str, Any]:
    size = len(content) if isinstance(content, bytes) else content.stat().st_size
    return {
        "@id": name,
        "@type": "File",
        "name": PurePosixPath(name).name,
        "contentSize": str(size),
        "encodingFormat": _TYPES.get(PurePosixPath(name).suffix, "text/plain"),
        "sha256": digest(content),
    }


def _source(row: Mapping[str, str]) -> dict[str, Any]:
    described = {
        "@id": f"#source-{row['source_id']}",
        "@type": "CreativeWork",
        "name": row["title"],
        "publisher": row["producer"],
        "creditText": row["attribution"],
        "license": row["licence"],
        "temporalCoverage": row["period"],
    }
    return described | ({"url": row["source_url"]} if row["source_url"] else {})
