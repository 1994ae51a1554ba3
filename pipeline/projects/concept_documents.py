"""The action concept as a self-contained HTML page and as a Word document to go on writing in."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.shared import Cm, Length, Pt, RGBColor
from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.projects.concept import OPEN, Concept, ConceptTable
from pipeline.sources.office_files import write_office_file
from pipeline.writing import write_text

#: Width of the text in landscape, in centimetres.
_TEXT_WIDTH = 25.7
_WARN = RGBColor(0x8A, 0x4B, 0x00)


def concept_html(concept: Concept) -> str:
    """One page without any request."""
    jinja = Environment(
        loader=PackageLoader("pipeline.projects"), autoescape=True, undefined=StrictUndefined
    )
    return jinja.get_template("concept.html.j2").render(concept=concept, open=OPEN)


def write_html(concept: Concept, path: Path) -> Path:
    """Write the page; it is put in place whole."""
    return write_text(path, concept_html(concept))


def write_docx(concept: Concept, path: Path) -> Path:
    """Write the Word document with real headings and tables; it is put in place whole."""
    document = Document()
    _landscape(document)
    document.styles["Normal"].font.size = Pt(10.5)
    document.core_properties.title = f"Handlungskonzept {concept.region}"
    document.core_properties.author = "Versorgungslabor"
    document.core_properties.language = "de-DE"
    document.add_heading(f"Handlungskonzept Gesundheitsversorgung {concept.region}", 0)
    document.add_paragraph(
        f"Entwurf. Datenstand {concept.as_of}. Was niemand entschieden hat, ist ein offenes Feld."
    )
    for number, part in enumerate(concept.parts, start=1):
        document.add_heading(f"{number}. {part.heading}", 1)
        for text in part.paragraphs:
            document.add_paragraph(text)
        if part.table is not None:
            _table(document, part.table)
        for text in part.open_fields:
            paragraph = document.add_paragraph()
            _open(paragraph, f"{text if text.endswith('?') else text + ':'} {'_' * 40}")
    document.add_heading("Quellen", 1)
    for text in concept.sources:
        document.add_paragraph(text, style="List Bullet")
    content = io.BytesIO()
    document.save(content)
    return write_office_file(content.getvalue(), path)


def _landscape(document: Any) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(2))


def _table(document: Any, content: ConceptTable) -> None:
    table = document.add_table(rows=1, cols=len(content.columns))
    table.style = "Light Grid Accent 1"
    table.autofit = False
    for cell, name in zip(table.rows[0].cells, content.columns, strict=True):
        cell.text = name
    for row in content.rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            if text == OPEN:
                _open(cell.paragraphs[0], text)
            else:
                cell.text = text
    widths = _widths(content)
    for number, line in enumerate(table.rows):
        for cell, width in zip(line.cells, widths, strict=True):
            cell.width = width
        # the head stands on every page, and no row is cut by the end of one
        properties = line._tr.get_or_add_trPr()
        for name in ("w:cantSplit", "w:tblHeader") if number == 0 else ("w:cantSplit",):
            properties.append(OxmlElement(name))
    document.add_paragraph()


def _widths(content: ConceptTable) -> list[Length]:
    """Widths of the columns: more for long texts, but none so narrow that words are cut."""
    longest = [max(map(len, column)) for column in zip(content.columns, *content.rows, strict=True)]
    weights = [min(max(length, 25), 120) ** 0.5 for length in longest]
    return [Cm(_TEXT_WIDTH * weight / sum(weights)) for weight in weights]


def _open(paragraph: Any, text: str) -> None:
    run = paragraph.add_run(text)
    run.italic = True
    run.font.color.rgb = _WARN
