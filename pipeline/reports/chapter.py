"""An executed notebook as a chapter of a page: text and figures in sight, code one click away.

Only what the workspace's own output types describe is rendered as HTML; every other output is
shown as plain text, so that a notebook of unknown origin cannot bring markup into a page.
"""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, PackageLoader, StrictUndefined
from nbconvert.exporters import TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from pipeline.errors import FigureError
from pipeline.figures import german
from pipeline.figures.contract import FIGURE_MIME, PROSE_MIME, TABLE_MIME, TABLE_ROWS
from pipeline.figures.scenario_panel import SCENARIO_MIME
from pipeline.reports.scripts import TEMPLATES, data_uri, inline_json
from pipeline.writing import write_bytes

#: A German number; keys with leading zeros, dates and years are none.
_NUMERIC = re.compile(r"[−+±-]?(0|[1-9]\d{0,2}(\.\d{3})*)(,\d+)?( ?%)?")
_FILE_NAME = re.compile(r"[a-z0-9-]{1,80}")
_ACTIVE = re.compile(
    rb"(?i)<\s*(?:\w+:)?(?:script|foreignobject|iframe)\b|[\s\"'/]on\w+\s*=|javascript:"
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def environment() -> Environment:
    """The Jinja environment of all pages: everything is escaped unless a part is HTML by making."""
    jinja = Environment(
        loader=PackageLoader("pipeline.reports"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    jinja.filters["is_numeric"] = lambda value: bool(_NUMERIC.fullmatch(str(value)))
    jinja.filters["interval"] = german.interval
    jinja.globals["limit"] = TABLE_ROWS
    return jinja


@dataclass
class Chapter:
    """A rendered chapter.

    Attributes
    ----------
    slug : anchor in the page.
    title : the notebook's first heading.
    html : its HTML.
    attributions : source texts of its figures and tables.
    source_ids : sources of the numbers in its sentences.
    scripts : script files (of the templates) that its parts need on the page.
    pictures : files of pictures that were written beside the page.
    """

    slug: str
    title: str
    html: str = ""
    attributions: list[str] = field(default_factory=list)
    source_ids: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    pictures: list[Path] = field(default_factory=list)


class ChapterRenderer:
    """Renders the chapters of one page, counting figures and tables through.

    Parameters
    ----------
    pictures : folder for the pictures that a reader may save, below the folder of the page. The
        page shows its pictures without it; with None it carries these files too, and is twice
        as large.
    """

    def __init__(
        self, exporter: TemplateExporter, jinja: Environment, pictures: Path | None = None
    ) -> None:
        self._exporter = exporter
        self._pictures = pictures
        self._parts: Any = jinja.get_template("parts.html.j2").module
        self._panels: Any = jinja.get_template("scenario.html.j2").module
        self._figures = 0
        self._tables = 0
        self._chapter = Chapter("", "")

    def render(self, notebook: Path, slug: str) -> Chapter:
        """The chapter of an executed notebook."""
        node = nbformat.read(notebook, as_version=4)
        self._chapter = Chapter(slug, _title(node))
        self._exporter.register_filter("shown", self._shown)
        self._exporter.register_filter("as_chapter", self._as_chapter)
        self._chapter.html, _ = self._exporter.from_notebook_node(node)
        return self._chapter

    def _as_chapter(self, html: str) -> str:
        """Headings one level down, with anchors that are unique in the page."""
        shifted = re.sub(
            r"<(/?)h([1-5])\b", lambda match: f"<{match[1]}h{int(match[2]) + 1}", str(html)
        )
        return re.sub(r'(<h\d) id="([^"]*)"', rf'\1 id="{self._chapter.slug}-\2"', shifted)

    def _shown(self, output: Mapping[str, Any]) -> str:
        if output["output_type"] == "error":
            return _failure(output)
        data = output.get("data", {})
        if FIGURE_MIME in data:
            self._figures += 1
            item = self._with_files(data[FIGURE_MIME], data)
            anchor = f"{self._chapter.slug}-{item['id']}"
            figure = str(self._parts.figure(item, self._figures, anchor))
            return figure + self._panel(data.get(SCENARIO_MIME), anchor)
        if TABLE_MIME in data:
            self._tables += 1
            item = self._with_files(data[TABLE_MIME])
            anchor = f"{self._chapter.slug}-{item['id']}"
            return str(self._parts.table(item, self._tables, anchor))
        if PROSE_MIME in data:
            item = data[PROSE_MIME]
            self._chapter.source_ids += [s for f in item["findings"] for s in f["sources"]]
            return str(self._parts.prose(item))
        text = data.get("text/plain", output.get("text", ""))
        return f"<pre>{escape(str(text))}</pre>" if text else ""

    def _panel(self, model: Mapping[str, Any] | None, anchor: str) -> str:
        """The sliders that move a figure; none for a figure that stands still."""
        if model is None:
            return ""
        self._chapter.scripts.append("scenario.js")
        return str(self._panels.panel(model, inline_json(model), anchor))

    def _with_files(
        self, item: Mapping[str, Any], pictures: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        self._chapter.attributions += item["sources"]
        text = csv_text(item["columns"], item["rows"])
        files = {"csv": data_uri("text/csv", text.encode("utf-8"))}
        if pictures is not None:
            png = pictures["image/png"].strip()
            files["image"] = data_uri("image/svg+xml", pictures["image/svg+xml"].encode("utf-8"))
            files["svg"] = self._saved(item["id"], "svg", files["image"])
            files["png"] = self._saved(item["id"], "png", f"data:image/png;base64,{png}")
        return {**item, **files}

    def _saved(self, name: str, suffix: str, uri: str) -> str:
        """Address of a picture for saving: beside the page, or in it."""
        if self._pictures is None:
            return uri
        try:
            content = base64.b64decode(uri.partition(",")[2], validate=True)
            # a notebook of unknown origin must not choose where a file is written
            if not _FILE_NAME.fullmatch(name):
                raise ValueError(name)
            # nor may it bring a program: opened on its own, an SVG file runs its scripts
            if suffix == "svg" and _ACTIVE.search(content):
                raise ValueError(name)
        except ValueError as error:  # binascii.Error is one
            raise FigureError(
                "the picture of a figure is damaged or holds a program, or its id is no file name",
                found=f"{self._chapter.slug}, {name}.{suffix}",
                remedy="run the notebook again",
            ) from error
        file = write_bytes(self._pictures / f"{self._chapter.slug}-{name}.{suffix}", content)
        self._chapter.pictures.append(file)
        return f"{self._pictures.parent.name}/{self._pictures.name}/{file.name}"


class ChapterExporter(TemplateExporter):
    """nbconvert with our own template; its HTML exporter would parse each page again."""

    file_extension = ".html"

    def _template_name_default(self) -> str:
        return "chapter"

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """nbconvert's filters, with Markdown and code as the template needs them."""
        yield from super().default_filters()
        yield "markdown2html", markdown
        yield "highlight_code", Highlight2HTML(parent=self)


def markdown(source: str) -> str:
    """Markdown as HTML; raw HTML in it is escaped, and a link that is a program leads nowhere."""
    renderer = IPythonRenderer(
        escape=True, allow_harmful_protocols=False, exclude_anchor_links=True
    )
    return str(MarkdownWithMath(renderer=renderer).render(source))


def new_exporter() -> ChapterExporter:
    """The page exporter; make it once, it is slow to make."""
    return ChapterExporter(extra_template_basedirs=[str(TEMPLATES)])


def csv_text(columns: list[str], rows: list[list[object]]) -> str:
    """A table as CSV for German spreadsheets: semicolons, BOM, no cell that is run as a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow([_inert(name) for name in columns])
    writer.writerows([[_inert(value) for value in row] for row in rows])
    return "\ufeff" + stream.getvalue()


def _inert(value: object) -> object:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMERIC.fullmatch(text) else value


@cache
def notebook_title(path: Path) -> str:
    """The first heading of a notebook."""
    return _title(nbformat.read(path, as_version=4))


def _title(node: nbformat.NotebookNode) -> str:
    for cell in node.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            return str(cell.source.splitlines()[0][2:].strip())
    return "Ohne Titel"


def _failure(output: Mapping[str, Any]) -> str:
    if output["ename"] == "NoDataError":
        return f'<aside class="no-data"><p>Keine Daten: {escape(output["evalue"])}</p></aside>'
    return (
        '<aside class="failed"><h4>Dieses Kapitel ist nicht vollständig</h4>'
        f"<p>Die Auswertung brach ab: {escape(output['ename'])}: {escape(output['evalue'])}</p>"
        "</aside>"
    )
