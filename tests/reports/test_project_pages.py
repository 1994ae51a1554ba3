"""Pages of funded projects: from the executed notebook alone, with the forms beside them."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from pipeline.checks.verify import page_problems
from pipeline.errors import WorkspaceError
from pipeline.reports.pdf import printed
from pipeline.reports.project_pages import page_of, write_project_pages
from pipeline.settings import Paths, read_params


def executed(path: Path, project: str) -> None:
    """An evaluation as a run leaves it: the parameters stand in a cell of their own."""
    parameters = new_code_cell(f'project = "{project}"')
    parameters.metadata["tags"] = ["injected-parameters"]
    path.parent.mkdir(parents=True, exist_ok=True)
    title = new_markdown_cell("# Evaluation\n\n**Frage.** Was?")
    sections = new_markdown_cell("## Geld & Mittel\n\nText.\n\n## Wirkung\n\nText.")
    nbformat.write(new_notebook(cells=[title, parameters, sections]), path)


@pytest.fixture
def paths(tmp_path: Path, root: Path) -> Paths:
    return Paths(raw=root / "data" / "raw", build=tmp_path / "build", reports=tmp_path / "reports")


def test_a_page_a_project_a_list_and_the_forms(paths: Paths, root: Path) -> None:
    folder = paths.build / "evaluation"
    executed(folder / "kommkom.ipynb", "kommkom")
    (folder / "kommkom").mkdir()
    (folder / "kommkom" / "datenblatt.pdf").write_bytes(b"%PDF")
    written = write_project_pages(paths, read_params(root / "params.yaml"))
    assert [path.name for path in written] == ["projekt-kommkom.html", "projekte.html"]
    page = written[0].read_text(encoding="utf-8")
    assert '<a href="projekte/kommkom-datenblatt.pdf">Datenblatt, PDF</a>' in page
    assert (paths.reports / "projekte" / "kommkom-datenblatt.pdf").read_bytes() == b"%PDF"
    assert f'href="{page_of("kommkom")}"' in written[1].read_text(encoding="utf-8")
    # the pages of the site itself are not made here, so only their links may lead nowhere
    others = {"index.html", "kennzahlen.html", "methoden.html", "aenderungen.html",
              "behauptungen.html"}  # fmt: skip
    found = [p for p in page_problems(paths) if p.found not in others]
    assert [p for p in found if "leads nowhere" not in p.message] == []


def test_the_contents_lead_to_every_section_and_are_printed(paths: Paths, root: Path) -> None:
    executed(paths.build / "evaluation" / "kommkom.ipynb", "kommkom")
    page, _ = write_project_pages(paths, read_params(root / "params.yaml"))
    html = page.read_text("utf-8")
    for anchor, heading in (("teil-1", "Geld &amp; Mittel"), ("teil-2", "Wirkung")):
        assert f'<a href="#{anchor}">{heading}</a>' in html
        assert f'<h3 id="{anchor}">{heading}</h3>' in html
    paper = printed(html)
    assert '<a href="#teil-1">' in paper
    assert "Diese Fassung ist zum Drucken gemacht." in paper


def test_pages_and_forms_of_a_former_state_are_removed(paths: Paths, root: Path) -> None:
    """A record that has its notice by now must not stand beside its sample."""
    executed(paths.build / "evaluation" / "kommkom.ipynb", "kommkom")
    old = [paths.reports / "projekt-weg.html",
           paths.reports / "projekte" / "kommkom-muster-verwendungsnachweis.pdf"]  # fmt: skip
    old[1].parent.mkdir(parents=True)
    for path in old:
        path.write_bytes(b"old")
    write_project_pages(paths, read_params(root / "params.yaml"))
    assert [path for path in old if path.exists()] == []
    assert (paths.reports / "projekt-kommkom.html").is_file()


def test_a_network_is_linked_where_the_site_has_its_page(paths: Paths, root: Path) -> None:
    executed(paths.build / "evaluation" / "kommkom.ipynb", "kommkom")
    params = read_params(root / "params.yaml")
    link = 'href="netzwerk-kommkom.html"'
    page = paths.reports / "projekt-kommkom.html"
    write_project_pages(paths, params)
    assert link not in page.read_text("utf-8")
    write_project_pages(paths, params, has_networks=True)
    assert link in page.read_text("utf-8")


def test_nothing_executed_is_no_page(paths: Paths, root: Path) -> None:
    assert write_project_pages(paths, read_params(root / "params.yaml")) == []
    assert not (paths.reports / "projekte.html").exists()


def test_an_evaluation_whose_record_is_gone_is_named(paths: Paths, root: Path) -> None:
    executed(paths.build / "evaluation" / "weg.ipynb", "weg")
    with pytest.raises(WorkspaceError, match="no record of the project 'weg'"):
        write_project_pages(paths, read_params(root / "params.yaml"))
