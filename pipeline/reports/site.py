"""The site: one self-contained page a region, an index of all, `status.json`."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from pipeline.errors import ExecutionError
from pipeline.execution.jobs import OVERVIEW
from pipeline.figures import german
from pipeline.methods.findings import KINDS
from pipeline.provenance import LICENCES, sha256_of
from pipeline.regions import Region, find_region
from pipeline.reports.chapter import (
    TEMPLATES,
    Chapter,
    ChapterRenderer,
    environment,
    new_exporter,
    notebook_title,
)
from pipeline.reports.documents import (
    DATA,
    OWN_FIGURES,
    claims_page,
    document_pages,
    measures_page,
    own_figures_page,
    table_files,
)
from pipeline.reports.english.edition import FOLDER as ENGLISH
from pipeline.reports.platform import write_platform
from pipeline.reports.project_pages import FILES as PROJECT_FILES
from pipeline.reports.project_pages import write_project_pages
from pipeline.reports.scripts import script
from pipeline.reports.search import Entry, index_json
from pipeline.settings import Params, Paths
from pipeline.sources.template_files import write_all_templates
from pipeline.tables import storage
from pipeline.tables.checksums import update_sums
from pipeline.tables.measures import MEASURES
from pipeline.tables.registry import TABLES
from pipeline.tables.workspace import Workspace
from pipeline.writing import write_text

#: region → chapter → {"status": ok, no_data or failed}, as `analyse` left it
Status = Mapping[str, Mapping[str, Mapping[str, str]]]
_STATUS_WORDS = {"ok": "vollständig", "no_data": "teilweise ohne Daten", "failed": "unvollständig"}
#: Folder of the pictures that readers may save.
PICTURES = "bilder"
#: Beginning of the name of a Gesundheitsbericht: `gesundheitsbericht-<region>-<year>`.
HEALTH_REPORT = "gesundheitsbericht-"


class SiteWriter:
    """Writes pages; make it once a process, since exporter and templates are slow to make.

    Parameters
    ----------
    paths, params : folders, and what the edition contains.
    has_english : whether the pages link to an English version.
    """

    def __init__(self, paths: Paths, params: Params, *, has_english: bool = False) -> None:
        self._paths = paths
        self.params = params
        self._sources = storage.read("sources", processed=paths.processed)
        self._municipalities = storage.read("municipalities", processed=paths.processed)
        self._exporter, self._jinja = new_exporter(), environment()
        self.shared: dict[str, Any] = {
            "style": (TEMPLATES / "style.css").read_text(encoding="utf-8"),
            "edition": params.edition,
            "checksum": _checksum(paths),
            "script_hashes": [],
            "has_projects": any((paths.build / "evaluation").glob("*.ipynb")),
            "has_english": has_english,
        }

    def write_region(self, slug: str, done: Sequence[str]) -> Path:
        """The page of a region.

        Parameters
        ----------
        done : names of the chapters that were executed.
        """
        chapters = self._chapters(slug, done)
        region = find_region(slug, self._municipalities)
        needed = [script(name) for name in dict.fromkeys(n for c in chapters for n in c.scripts)]
        page = self._jinja.get_template("region.html.j2").render(
            slug=slug,
            head={"name": region.name, "facts": self._facts(region)},
            chapters=chapters,
            scripts=[text for text, _ in needed],
            **self._back_matter(chapters, region.name),
            **{**self.shared, "script_hashes": [digest for _, digest in needed]},
        )
        return write_text(self._paths.reports / f"{slug}.html", page)

    def write_index(self, status: Status) -> Path:
        """The start page: search, list of the regions with their state, overview."""
        overview = self._chapters(OVERVIEW, list(status.get(OVERVIEW, {})))
        slugs = [name for name in status if name != OVERVIEW]
        rows = sorted((self._row(slug, status[slug]) for slug in slugs), key=lambda r: r["name"])
        needed = [script(name) for name in ("spelling.js", "search.js")]
        page = self._jinja.get_template("index.html.j2").render(
            regions=rows,
            reference_date=german.period(self.params.reference_date.isoformat()),
            overview=overview[0].html if overview else "",
            search_index=index_json(self._entries(slugs, status)),
            scripts=[text for text, _ in needed],
            **self._back_matter(overview, "Alle Modellregionen"),
            **{**self.shared, "script_hashes": [digest for _, digest in needed]},
        )
        return write_text(self._paths.reports / "index.html", page)

    def write_documents(self) -> list[Path]:
        """The pages beside the reports, and the tables as CSV."""
        pages = [
            *document_pages(self._jinja, self.shared),
            ("kennzahlen", measures_page(self._jinja, self._paths.processed, self.shared)),
            ("behauptungen", claims_page(self._jinja, self._paths.raw, self.shared)),
            ("eigene-zahlen", own_figures_page(self._jinja, self.shared)),
        ]
        write_all_templates(self._paths.reports / OWN_FIGURES)
        for name, text in table_files(self._paths.processed):
            write_text(self._paths.reports / name, text)
        return [write_text(self._paths.reports / f"{name}.html", html) for name, html in pages]

    def _chapters(self, slug: str, done: Sequence[str]) -> list[Chapter]:
        """The executed chapters, in the order of params.yaml."""
        known = [name for name in self.params.chapters if name in done]
        order = known + [name for name in done if name not in known]
        folder = self._paths.build / "notebooks" / slug
        pictures = self._paths.reports / PICTURES / slug
        renderer = ChapterRenderer(self._exporter, self._jinja, pictures)
        chapters = [
            renderer.render(folder / f"{name}.ipynb", name)
            for name in order
            if (folder / f"{name}.ipynb").is_file()
        ]
        for stale in set(pictures.glob("*")).difference(*(c.pictures for c in chapters)):
            stale.unlink()
        return chapters

    def _facts(self, region: Region) -> list[tuple[str, str]]:
        return [
            ("Schlüssel (AGS)", ", ".join(region.members)),
            (
                german.plural(len(region.member_names), "Gemeinde|Gemeinden"),
                german.enumeration(region.member_names),
            ),
            ("Kreis", self._kreis(region)),
            ("Land", region.land_name),
            ("Datenstand", german.period(self.params.reference_date.isoformat())),
            ("Ausgabe", self.params.edition),
        ]

    def _kreis(self, region: Region) -> str:
        if region.is_kreis:
            return "kreisfreie Stadt"
        return Workspace(region, self.params.reference_date).name_of(region.kreis)

    def _row(self, slug: str, chapters: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
        region = find_region(slug, self._municipalities)
        worst = max((c["status"] for c in chapters.values()), key=list(_STATUS_WORDS).index)
        return {
            "slug": slug,
            "name": region.name,
            "has_page": (self._paths.reports / f"{slug}.html").is_file(),
            "kreis": self._kreis(region),
            "land": region.land_name,
            "status": _STATUS_WORDS[worst],
        }

    def _entries(self, slugs: Sequence[str], status: Status) -> list[Entry]:
        """Regions, their municipalities and chapters; tables and their measures."""
        entries = []
        for slug in slugs:
            region = find_region(slug, self._municipalities)
            words = " ".join((*region.members, *region.member_names, self._kreis(region)))
            entries.append(Entry(region.name, "Bericht", f"{slug}.html", words))
            directory = f"angebote-{slug}.html"
            entries.append(Entry("Gesundheitsangebote", region.name, directory, words))
            for name in status[slug]:
                title = self._chapter_title(name)
                entries.append(Entry(title, region.name, f"{slug}.html#{name}", words))
        entries += [
            Entry(table.title, "Kennzahlen und Tabellen", f"kennzahlen.html#tabelle-{name}", labels)
            for name, table in TABLES.items()
            for labels in [" ".join(m.label for m in MEASURES.values() if m.table == name)]
        ]
        return entries

    def _chapter_title(self, name: str) -> str:
        return notebook_title(self._paths.notebooks / "region" / f"{name}.ipynb")

    def _back_matter(self, chapters: Sequence[Chapter], title: str) -> dict[str, Any]:
        return {
            "kinds": list(KINDS.items()),
            "signs": german.signs_legend(),
            "sources": self._used_sources(chapters),
            "citation": f"Versorgungslabor ({self.params.edition[:4]}): {title}. "
            f"Versorgungsbericht, Ausgabe {self.params.edition}, Prüfsumme der Eingaben "
            f"{self.shared['checksum']}.",
        }

    def _used_sources(self, chapters: Sequence[Chapter]) -> list[dict[str, str]]:
        """The sources that the chapters name or take numbers from, alphabetically."""
        used = {text for chapter in chapters for text in chapter.attributions}
        ids = {name for chapter in chapters for name in chapter.source_ids}
        rows = self._sources.sort_values("attribution").to_dict("records")
        return [
            {str(k): str(v) for k, v in row.items()} | {"licence_name": LICENCES[row["licence"]]}
            for row in rows
            if row["source_id"] in ids or row["attribution"] in used
        ]


def render_site(
    paths: Paths,
    params: Params,
    status: Status,
    regions: Sequence[str] = (),
    progress: Callable[[str], None] = lambda name: None,
    *,
    has_english: bool = False,
) -> list[Path]:
    """Render executed notebooks to `paths.reports`.

    Parameters
    ----------
    regions : slugs to render; every region of `status` by default. The index always lists all.
    progress : called with the name of each page.
    has_english : whether `english.edition.write_english` follows; the pages then link to theirs.

    Raises
    ------
    ExecutionError : nothing has been executed, or a named region has not.
    """
    _check(paths, status, regions)
    writer = SiteWriter(paths, params, has_english=has_english)
    written = []
    for slug in regions or [name for name in status if name != OVERVIEW]:
        progress(slug)
        written.append(writer.write_region(slug, list(status[slug])))
    written += finish_site(writer, paths, status, regions)
    if not regions:
        remove_stale_pages(paths, status, written)
    return written


def finish_site(
    writer: SiteWriter, paths: Paths, status: Status, rendered: Sequence[str] = ()
) -> list[Path]:
    """What belongs to the site beside the pages of the regions: documents, index, status, sums.

    Parameters
    ----------
    rendered : regions whose pages were written; all by default. The others keep their checksums.
    """
    written = [*writer.write_documents(), writer.write_index(status)]
    written += write_project_pages(paths, writer.params, has_networks=True)
    regions = [name for name in status if name != OVERVIEW]
    written += write_platform(paths, writer.params, regions, writer.shared)
    shown = json.dumps(status, ensure_ascii=False, indent=2) + "\n"
    write_text(paths.reports / "status.json", shown)
    if not writer.shared["has_english"]:  # a translation of older pages must not pass for theirs
        shutil.rmtree(paths.reports / ENGLISH, ignore_errors=True)
    untouched = set(regions).difference(rendered) if rendered else set()
    update_sums(paths.reports, _site_files(paths.reports, untouched))
    return written


def _site_files(reports: Path, untouched: Set[str]) -> Iterator[Path]:
    """Files of the site but for the pages of `untouched` regions, and what other commands add."""
    for path in reports.glob("*.*"):
        if not path.name.startswith((HEALTH_REPORT, ".")) and path.stem not in untouched:
            yield path
    for folder in (PICTURES, DATA, OWN_FIGURES, PROJECT_FILES):
        for path in (reports / folder).rglob("*"):
            if path.is_file() and path.relative_to(reports).parts[1] not in untouched:
                yield path


def _check(paths: Paths, status: Status, regions: Sequence[str]) -> None:
    if not status:
        raise ExecutionError(
            "there are no executed notebooks",
            file=paths.build / "notebooks",
            remedy="run `versorgungslabor analyse` first (or `make reports`)",
        )
    missing = sorted(set(regions) - set(status))
    if missing:
        raise ExecutionError(
            "this region has not been analysed",
            found=missing[0],
            expected=", ".join(name for name in status if name != OVERVIEW),
            remedy=f"run `versorgungslabor analyse --region {missing[0]}` first",
        )


def remove_stale_pages(paths: Paths, status: Status, written: Sequence[Path]) -> None:
    """Pages that were not written again must not pass for current ones.

    The Gesundheitsberichte of a region stay as long as the region does: each is the edition of its
    year, written by a command of its own.
    """
    reports = {*paths.reports.glob("*.html"), *paths.reports.glob(f"{HEALTH_REPORT}*.pdf")}
    for path in reports.difference(written):
        region = path.stem.removeprefix(HEALTH_REPORT).rpartition("-")[0]
        if not (path.stem.startswith(HEALTH_REPORT) and region in status):
            path.unlink()
    for folder in (paths.reports / PICTURES).glob("*"):
        if folder.name not in status:
            shutil.rmtree(folder)
    update_sums(paths.reports, ())  # what was taken away is no longer listed


def _checksum(paths: Paths) -> str:
    """One hash over all tables that the pages are made from."""
    digest = hashlib.sha256()
    for path in sorted(paths.processed.glob("*.parquet")):
        digest.update(f"{path.name} {sha256_of(path)}\n".encode())
    return digest.hexdigest()[:16]
