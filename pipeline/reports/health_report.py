"""The Gesundheitsbericht: an integrated health report of a region, as a yearly edition.

It computes nothing of its own. It puts together what the chapters found (their sentences and
their first figure), the key findings in their order, and the goals that the municipality has
decided, with their progress. Where no goal is on record it says so.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from pipeline.advice import goals, words
from pipeline.advice.situation import situation
from pipeline.errors import ExecutionError
from pipeline.figures import advice as advice_figures
from pipeline.figures import summary
from pipeline.figures.contract import FIGURE_MIME, PROSE_MIME, TABLE_MIME
from pipeline.figures.prose import or_no_data
from pipeline.methods import key_findings
from pipeline.reports.chapter import Chapter, ChapterRenderer
from pipeline.reports.pdf import print_pages
from pipeline.reports.rewrite import Attributes, has_class, rewritten
from pipeline.reports.site import HEALTH_REPORT, SiteWriter
from pipeline.settings import Params, Paths
from pipeline.tables.workspace import Workspace, open_workspace
from pipeline.writing import write_text

#: The chapter whose content stands at the head of the report already.
_SUMMARY = "zusammenfassung"
#: Tones of a chapter's prose that the report takes over.
_TONES = ("finding", "note", "no-data")


def health_report_pages(region: str, paths: Paths, params: Params) -> list[Path]:
    """Write the Gesundheitsbericht of a region as HTML into the site, and as PDF beside it.

    Parameters
    ----------
    region : slug of a model region, or the AGS of a municipality.

    Raises
    ------
    ExecutionError : the chapters of the region have not been executed.
    """
    lab = open_workspace(region, params.reference_date)
    page = HealthReportWriter(paths, params).write(lab)
    return [page, *print_pages([page], paths.reports)]


def page_of(slug: str, edition: str) -> str:
    """Name of the page: "gesundheitsbericht-wolfsburg-2026.html"."""
    return f"{HEALTH_REPORT}{slug}-{edition[:4]}.html"


class HealthReportWriter(SiteWriter):
    """Writes the page with the site's own head, notes and sources."""

    def write(self, lab: Workspace) -> Path:
        """The page of one region."""
        region, year = lab.region, self.params.edition[:4]
        title = f"Gesundheitsbericht {region.name} {year}"
        chapters = self._rendered(composed(lab, self._executed(region.slug)))
        page = self._jinja.get_template("health_report.html.j2").render(
            title=title,
            slug=region.slug,
            has_report=(self._paths.reports / f"{region.slug}.html").is_file(),
            facts=self._facts(region),
            chapters=chapters,
            **self._back_matter(chapters, title),
            **self.shared,
        )
        return write_text(self._paths.reports / page_of(region.slug, self.params.edition), page)

    def _executed(self, slug: str) -> dict[str, NotebookNode]:
        """The executed chapters of a region, in the order of params.yaml."""
        folder = self._paths.build / "notebooks" / slug
        found = {
            name: nbformat.read(folder / f"{name}.ipynb", as_version=4)
            for name in self.params.chapters
            if name != _SUMMARY and (folder / f"{name}.ipynb").is_file()
        }
        if not found:
            raise ExecutionError(
                "the chapters of the region have not been executed",
                file=folder,
                remedy=f"run `versorgungslabor analyse --region {slug}` first",
            )
        return found

    def _rendered(self, parts: Mapping[str, NotebookNode]) -> list[Chapter]:
        renderer = ChapterRenderer(self._exporter, self._jinja)
        with tempfile.TemporaryDirectory() as scratch:
            chapters = []
            for slug, node in parts.items():
                path = Path(scratch) / f"{slug}.ipynb"
                nbformat.write(node, path)
                chapter = renderer.render(path, slug)
                # the code stands with the chapters that are quoted
                chapter.html = rewritten(chapter.html, drop=_is_code, unwrap=_is_nothing)
                chapters.append(chapter)
        return chapters


def _is_code(tag: str, attributes: Attributes, around: Sequence[str]) -> bool:
    return tag == "details" and has_class(attributes, "code")


def _is_nothing(*element: object) -> bool:
    return False


def composed(lab: Workspace, executed: Mapping[str, NotebookNode]) -> dict[str, NotebookNode]:
    """The chapters of the report as notebooks: anchor → notebook."""
    found = key_findings.collect(lab)
    head = [
        or_no_data(summary.own_text, lab, found),
        summary.shared_notice(lab),
        or_no_data(summary.shared_text, lab, found),
        summary.limits_notice(found),
    ]
    annex = [or_no_data(summary.glance_table, lab, found), summary.missing_notice(found)]
    return {
        "das-wichtigste": _notebook("Das Wichtigste", head),
        "ziele": _notebook("Ziele und ihr Fortschritt", _goals(lab)),
        **{name: _extract(node) for name, node in executed.items()},
        "befunde": _notebook("Alle Befunde auf einen Blick", annex),
    }


def _goals(lab: Workspace) -> list[Any]:
    """The goals with their progress, or the sentence that none are on record."""
    found = situation(lab)
    items = or_no_data(goals.goals_of, lab, found)
    if not isinstance(items, list):
        return [items]
    frame, shares = words.goals(items), [item.share for item in items]
    return [
        advice_figures.goals_figure(lab, frame, shares),
        advice_figures.goals_table(lab, frame, goals.RULE),
    ]


def _notebook(title: str, shown: Sequence[Any]) -> NotebookNode:
    """A notebook as if it had shown these objects."""
    outputs = [
        new_output("display_data", data=item._repr_mimebundle_())  # what a notebook asks for
        for item in shown
    ]
    return _with_outputs(title, outputs)


def _with_outputs(title: str, outputs: Sequence[NotebookNode]) -> NotebookNode:
    cells = [new_markdown_cell(f"# {title}"), new_code_cell("", outputs=list(outputs))]
    for place, cell in enumerate(cells):
        cell["id"] = f"part-{place}"  # else a random one
    return new_notebook(cells=cells)


def _extract(node: NotebookNode) -> NotebookNode:
    """A chapter's sentences and its first figure; its first table where it has no figure."""
    outputs = list(_outputs(node))
    kinds = [mime for mime in (FIGURE_MIME, TABLE_MIME) if any(mime in o["data"] for o in outputs)]
    leading = next((o for o in outputs if kinds and kinds[0] in o["data"]), None)
    kept = [
        output
        for output in outputs
        if output is leading or output["data"].get(PROSE_MIME, {}).get("tone") in _TONES
    ]
    title = next(
        cell.source.splitlines()[0].removeprefix("# ")
        for cell in node.cells
        if cell.cell_type == "markdown" and cell.source.startswith("# ")
    )
    return _with_outputs(title, kept)


def _outputs(node: NotebookNode) -> Iterator[NotebookNode]:
    for cell in node.cells:
        yield from (output for output in cell.get("outputs", []) if "data" in output)
