"""What leaves the advice for readers: the chapter, the Standortprofil, job facts, the slides."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from pipeline.advice.catalogue import catalogue
from pipeline.advice.engine import recommend
from pipeline.advice.profile.sheets import write_toolbox
from pipeline.advice.situation import situation
from pipeline.tables.workspace import open_workspace
from tests.reports.pages import region_page

SHEETS = ("kalletal-standortprofil", "kalletal-stellenanzeige", "kalletal-folien")
A4 = (210, 297)
MM = 72 / 25.4


@pytest.fixture(scope="module")
def sheets(processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toolbox of Kalletal from the packaged figures; nothing derived is there."""
    folder = tmp_path_factory.mktemp("toolbox")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VERSORGUNGSLABOR_PROCESSED", str(processed))
        patch.setenv("VERSORGUNGSLABOR_DERIVED", str(folder / "derived"))
        lab = open_workspace("kalletal", dt.date(2025, 12, 31))
        write_toolbox(lab, recommend(lab.region, situation(lab), catalogue()), folder)
    return folder


@pytest.fixture(scope="module")
def chapter(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chapter *Empfehlungen* of the executed reference."""
    notebook = root / "tests" / "reference" / "empfehlungen.ipynb"
    return region_page([notebook], tmp_path_factory.mktemp("chapter"))


def looked_at(
    browser: Any, violations: Any, path: Path, width: int, scheme: str
) -> tuple[list[list[str]], int]:
    """What axe finds, and by how many pixels the page is wider than its window."""
    view = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    view.goto(path.as_uri())
    found = violations(view)
    overflow = view.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    view.close()
    return found, overflow


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_the_recommendations_are_accessible_and_fit(
    browser: Any, violations: Any, chapter: Path, width: int, scheme: str
) -> None:
    assert looked_at(browser, violations, chapter, width, scheme) == ([], 0)


@pytest.mark.browser
@pytest.mark.parametrize("name", SHEETS)
@pytest.mark.parametrize("width", [360, 1280])
def test_the_sheets_are_accessible_and_fit(
    browser: Any, violations: Any, sheets: Path, name: str, width: int
) -> None:
    assert looked_at(browser, violations, sheets / f"{name}.html", width, "light") == ([], 0)


def test_the_standortprofil_is_one_tagged_page(sheets: Path) -> None:
    with pikepdf.open(sheets / "kalletal-standortprofil.pdf") as document:
        (page,) = document.pages
        size = tuple(round(float(length) / MM) for length in page.mediabox[2:])
        assert size == A4
        assert str(document.Root.Lang) == "de"
        assert bool(document.Root.MarkInfo.Marked)


@pytest.mark.browser
def test_the_slides_print_on_five_pages_in_landscape(
    browser: Any, sheets: Path, tmp_path: Path
) -> None:
    view = browser.new_page()
    view.goto((sheets / "kalletal-folien.html").as_uri())
    view.pdf(path=tmp_path / "slides.pdf", prefer_css_page_size=True)
    view.close()
    with pikepdf.open(tmp_path / "slides.pdf") as document:
        sizes = {tuple(round(float(n) / MM) for n in page.mediabox[2:]) for page in document.pages}
        assert (len(document.pages), sizes) == (5, {A4[::-1]})


def test_numbers_of_the_kreis_are_named_as_such(sheets: Path) -> None:
    html = (sheets / "kalletal-standortprofil.html").read_text("utf-8")
    assert "Kreis Lippe" in html
    assert "13." in html  # inhabitants of Kalletal, from the packaged figures
