"""The pages of funded projects: one an executed evaluation, a list of all, their forms beside."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import nbformat

from pipeline.methods.findings import KINDS
from pipeline.projects import shown
from pipeline.projects.proof import proof_kind
from pipeline.projects.record import Record
from pipeline.projects.storage import find_folder, list_projects, read_record
from pipeline.provenance import sha256_of
from pipeline.reports.chapter import ChapterRenderer, environment, new_exporter
from pipeline.reports.scripts import TEMPLATES
from pipeline.settings import Params, Paths
from pipeline.tables.checksums import update_sums
from pipeline.writing import write_bytes, write_text

#: Folder of the forms, beside the pages.
FILES = "projekte"
INDEX = "projekte"
_PREFIX = "projekt-"
#: The last column of the annex holds addresses without a blank.
_LONG_ADDRESSES = "#evaluation-sources td:last-child { overflow-wrap: anywhere; }\n"
#: Heading of a section, as the exporter writes it.
_SECTION = re.compile(r"<h3>(.*?)</h3>", re.DOTALL)
_LABELS = {
    "verwendungsnachweis": "Verwendungsnachweis",
    "muster-verwendungsnachweis": "Muster eines Verwendungsnachweises",
    "datenblatt": "Datenblatt",
}


class ProjectPages:
    """Writes the pages; make it once, since exporter and templates are slow to make."""

    def __init__(self, paths: Paths, params: Params, *, has_networks: bool = False) -> None:
        self._paths, self._params = paths, params
        self._networks = set(list_projects(paths.raw)) if has_networks else set()
        self.copied: set[Path] = set()
        self._exporter, self._jinja = new_exporter(), environment()
        style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
        self._style = style + _LONG_ADDRESSES

    def write_all(self) -> list[Path]:
        """The pages of all executed evaluations, and their list; nothing where there is none."""
        found = sorted((self._paths.build / "evaluation").glob("*.ipynb"))
        records = {path: self._record(path) for path in found}
        written = [self._write(path, record) for path, record in records.items()]
        self._remove_stale(written)
        if not records:
            return []
        rows = [_row(record) for record in records.values()]
        shared = self._shared(found)
        html = self._jinja.get_template("projects.html.j2").render(projects=rows, **shared)
        return [*written, write_text(self._paths.reports / f"{INDEX}.html", html)]

    def _record(self, executed: Path) -> Record:
        """The record that the executed notebook was made from, by its own parameters."""
        project = _parameter(executed, "project") or executed.stem
        return read_record(find_folder(project, self._paths.raw))

    def _write(self, executed: Path, record: Record) -> Path:
        project = record.project
        chapter = ChapterRenderer(self._exporter, self._jinja).render(executed, "evaluation")
        shared = self._shared([executed])
        text, contents = with_contents(chapter.html)
        html = self._jinja.get_template("project.html.j2").render(
            title=project.short_title,
            facts=_facts(record),
            files=self._forms(project.slug),
            network=self._network(project.slug),
            chapter=text,
            contents=contents,
            kinds=list(KINDS.items()),
            citation=f"Versorgungslabor ({self._params.edition[:4]}): Evaluation "
            f"{project.short_title}. Ausgabe {self._params.edition}, Prüfsumme "
            f"{shared['checksum']}.",
            **shared,
        )
        return write_text(self._paths.reports / page_of(project.slug), html)

    def _network(self, slug: str) -> str:
        """The page of the project's network; empty where the site has none."""
        page = f"netzwerk-{slug}.html"
        is_there = slug in self._networks or (self._paths.reports / page).is_file()
        return page if is_there else ""

    def _forms(self, slug: str) -> list[tuple[str, str]]:
        """Copy the forms beside the pages; address and label of each."""
        links = []
        for path in sorted((self._paths.build / "evaluation" / slug).glob("*.*")):
            name = f"{FILES}/{slug}-{path.name}"
            target = write_bytes(self._paths.reports / name, path.read_bytes())
            self.copied.add(target)
            kind = next((label for key, label in _LABELS.items() if path.stem.startswith(key)), "")
            rest = path.stem.partition("--")[2]
            label = f"{kind or path.stem}{f' ({rest})' if rest else ''}, {path.suffix[1:].upper()}"
            links.append((name, label))
        return links

    def _remove_stale(self, written: list[Path]) -> None:
        """Pages and forms of a former state of the records must not pass for current ones."""
        reports = self._paths.reports
        current = {*written, *self.copied}
        for path in (*reports.glob(f"{_PREFIX}*.html"), *(reports / FILES).glob("*.*")):
            if path not in current:
                path.unlink()

    def _shared(self, executed: list[Path]) -> dict[str, Any]:
        digest = "".join(sha256_of(path) for path in executed)
        return {
            "style": self._style,
            "edition": self._params.edition,
            "checksum": digest[:16],
            "script_hashes": [],
            "has_projects": True,
        }


def with_contents(html: str) -> tuple[str, list[tuple[str, str]]]:
    """An evaluation whose sections can be jumped to: page, then anchor and heading of each."""
    contents: list[tuple[str, str]] = []

    def anchored(found: re.Match[str]) -> str:
        contents.append((f"teil-{len(contents) + 1}", found[1].strip()))
        return f'<h3 id="{contents[-1][0]}">{found[1]}</h3>'

    return _SECTION.sub(anchored, html), contents


def _parameter(executed: Path, name: str) -> str:
    """A parameter as the run wrote it into the notebook; empty where there is none."""
    for cell in nbformat.read(executed, as_version=4).cells:
        if "injected-parameters" not in cell.metadata.get("tags", []):
            continue
        for statement in ast.parse(cell.source).body:
            if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name:
                return str(ast.literal_eval(statement.value))
    return ""


def page_of(slug: str) -> str:
    """Name of a project's page."""
    return f"{_PREFIX}{slug}.html"


def write_project_pages(paths: Paths, params: Params, *, has_networks: bool = False) -> list[Path]:
    """Pages of all executed evaluations; see `ProjectPages.write_all`.

    Parameters
    ----------
    has_networks : the networks of all records in data/raw/projects are part of the site that is
        being written; else only those are linked whose page is there.
    """
    pages = ProjectPages(paths, params, has_networks=has_networks)
    written = pages.write_all()
    update_sums(paths.reports, [*written, *pages.copied])
    return written


def _facts(record: Record) -> list[tuple[str, str]]:
    project = record.project
    absent = record.absent("project", project.slug, "period_start")
    as_of = project.record_date
    return [
        ("Gebiet", project.level),
        ("Träger", project.lead or "–"),
        ("Laufzeit", shown.span(project.period_start, project.period_end, absent)),
        ("Stand der Angaben", shown.day(as_of, "ohne Datum")),
        ("Art des Nachweises", proof_kind(record).value),
    ]


def _row(record: Record) -> dict[str, str]:
    project = record.project
    absent = record.absent("project", project.slug, "period_start")
    return {
        "page": page_of(project.slug),
        "title": project.short_title,
        "level": project.level,
        "period": shown.span(project.period_start, project.period_end, absent),
        "proof": proof_kind(record).value,
    }
