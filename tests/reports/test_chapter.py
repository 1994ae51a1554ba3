"""Rendering: the contract becomes HTML, and nothing else does."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from pipeline.errors import FigureError
from pipeline.figures.contract import FIGURE_MIME, Figure
from pipeline.figures.theme import Picture
from pipeline.reports.chapter import (
    Chapter,
    ChapterRenderer,
    csv_text,
    environment,
    new_exporter,
)

HOSTILE = '<script>alert("x")</script>'


def figure(name: str) -> dict[str, object]:
    return Figure(
        id="dichte",
        title=f"Dichte in {name}",
        caption=f"Bildunterschrift {name}",
        alt=f"Bild {name}",
        data=pd.DataFrame({"Gebiet": [name, "=cmd|' /C calc'!A0"], "Wert": ["53,6", "−4,7"]}),
        level=name,
        attributions=[f"Quelle {name}"],
        draw=lambda attribution: Picture("<svg><text>53,6</text></svg>", "iVBOR"),
    )._repr_mimebundle_()


def render(tmp_path: Path, *outputs: object, text: str = "# Kapitel\n\n## Abschnitt") -> Chapter:
    cells = [new_markdown_cell(text), new_code_cell("x = 1", outputs=list(outputs))]
    path = tmp_path / "kapitel.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return ChapterRenderer(new_exporter(), environment()).render(path, "kapitel")


def shown(data: dict[str, object]) -> object:
    return new_output("display_data", data=data)


def test_figure_has_all_its_parts(tmp_path: Path) -> None:
    html = render(tmp_path, shown(figure("Kreis Lippe"))).html
    (block,) = re.findall(r"<figure.*?</figure>", html, re.DOTALL)
    assert 'src="data:image/svg+xml;base64,' in block
    assert 'alt="Bild Kreis Lippe"' in block
    assert "<strong>Abbildung 1.</strong> Bildunterschrift Kreis Lippe" in block
    assert "Gebiet: Kreis Lippe. Quelle: Quelle Kreis Lippe" in block
    assert '<th scope="row">Kreis Lippe</th><td class="number">53,6</td>' in block
    csv = re.search(r'href="data:text/csv;base64,([^"]+)"', block)
    assert csv is not None
    text = base64.b64decode(csv[1]).decode("utf-8-sig")
    assert text.splitlines()[:2] == ["Gebiet;Wert", "Kreis Lippe;53,6"]


def test_pictures_for_saving_lie_beside_the_page_and_nowhere_else(tmp_path: Path) -> None:
    node = new_notebook(cells=[new_code_cell("x", outputs=[shown(figure("Lippe"))])])
    path = tmp_path / "kapitel.ipynb"
    node.cells[0].outputs[0].data["image/png"] = "iVBORw=="
    nbformat.write(node, path)
    folder = tmp_path / "reports" / "bilder" / "lippe"
    renderer = ChapterRenderer(new_exporter(), environment(), folder)
    html = renderer.render(path, "kapitel").html
    assert 'href="bilder/lippe/kapitel-dichte.svg"' in html
    assert (folder / "kapitel-dichte.png").read_bytes() == base64.b64decode("iVBORw==")

    node.cells[0].outputs[0].data[FIGURE_MIME]["id"] = "../../dichte"
    nbformat.write(node, path)
    with pytest.raises(FigureError, match="no file name"):
        renderer.render(path, "kapitel")
    assert sorted(folder.rglob("*")) == [folder / f"kapitel-dichte.{s}" for s in ("png", "svg")]


def test_formula_in_a_table_is_inert_and_a_negative_number_is_kept() -> None:
    text = csv_text(["a", "b"], [["=cmd", "−4,7"], ["@x", "+1,2"]])
    assert text == "\ufeffa;b\r\n'=cmd;−4,7\r\n'@x;+1,2\r\n"


def test_hostile_names_are_escaped_everywhere(tmp_path: Path) -> None:
    assert "<script" not in render(tmp_path, shown(figure(HOSTILE))).html


def test_markup_of_other_outputs_is_not_taken_over(tmp_path: Path) -> None:
    outputs = [
        shown({"text/html": HOSTILE, "text/plain": HOSTILE}),
        new_output("stream", text=HOSTILE),
        new_output("error", ename="Fehler", evalue=HOSTILE, traceback=[]),
    ]
    html = render(tmp_path, *outputs).html
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_headings_fit_into_the_page_and_code_stands_behind_one_click(tmp_path: Path) -> None:
    html = render(tmp_path).html
    assert "<h2" in html and "<h3" in html and "<h1" not in html
    before, code = html.split('<details class="code">')
    assert "x" not in re.sub(r"<[^>]+>", "", before).replace("Kapitel", "").replace("Abschnitt", "")
    assert "highlight" in code


def test_notebook_that_failed_says_so(tmp_path: Path) -> None:
    error = new_output("error", ename="ValueError", evalue="kaputt", traceback=[])
    assert "Dieses Kapitel ist nicht vollständig" in render(tmp_path, error).html
