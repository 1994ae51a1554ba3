"""Printed pages, read by programs that know nothing of the one that wrote them."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from pipeline.errors import VerificationError
from pipeline.figures.printing import write_pdf
from pipeline.reports import standalone as single
from pipeline.reports.chapter import environment
from pipeline.reports.pdf import print_pages, printed
from pipeline.reports.rewrite import rewritten
from pipeline.reports.scripts import TEMPLATES
from pipeline.reports.standalone import standalone, write_standalone
from tests.programs import program

_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="600">'
    '<rect width="400" height="600" fill="#00558a"/></svg>'
)
_IMAGE = "data:image/svg+xml;base64," + base64.b64encode(_SVG.encode()).decode()
_HOSTILE = '<script>alert("x")</script> & "Söhne"'


def page(folder: Path, title: str = "Musterdorf") -> Path:
    """A region's page as the site has it, with every kind of part that a sheet cannot use."""
    jinja = environment()
    parts = jinja.get_template("parts.html.j2").module
    item = {
        "id": "menschen", "title": "Wie viele Menschen hier leben", "alt": "Balken: 12.345.",
        "image": _IMAGE, "caption": "Gemeinde.", "level": "Gemeinde", "attribution": "Amt",
        "notes": [], "columns": ["Jahr", "Menschen"], "rows": [["2024", "12.345"]],
        "csv": "data:text/csv;base64,QQ==", "svg": "bilder/x.svg", "png": "bilder/x.png",
    }  # fmt: skip
    figures = "".join(str(parts.figure(item, n, f"abb-{n}")) for n in (1, 2, 3))
    html = jinja.get_template("region.html.j2").render(
        slug="musterdorf",
        head={"name": title, "facts": [("Kreis", "Kreis Muster"), ("Land", "Land")]},
        chapters=[
            {"slug": "erstes", "title": "Erstes Kapitel",
             "html": '<h2>Erstes Kapitel</h2><p>Vorher, siehe <a href="methoden.html">Methoden</a>.'
             f"</p>{figures}<p>Nachher.</p>"},
            {"slug": "zweites", "title": "Zweites Kapitel",
             "html": "<h2>Zweites Kapitel</h2><h3>Ein Abschnitt</h3><p>Am Ende.</p>"
             '<section class="scenario">Regler</section>'
             '<details class="code"><summary>Programmcode</summary>import x</details>'},
        ],
        scripts=["let x = 1;"], kinds=[], signs=[], sources=[], citation="So.",
        style=(TEMPLATES / "style.css").read_text(encoding="utf-8"),
        edition="2026.1", checksum="0" * 16, script_hashes=["abc"], has_projects=True,
    )  # fmt: skip
    path = folder / "musterdorf.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("printed")
    return print_pages([page(folder)], folder / "druck")[0]


def elements(node: pikepdf.Object) -> Iterator[pikepdf.Dictionary]:
    """Every element of a structure tree."""
    if isinstance(node, pikepdf.Array):
        for kid in node:  # type: ignore[attr-defined]
            yield from elements(kid)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node.K)


def text_of(path: Path) -> str:
    done = subprocess.run([program("pdftotext"), str(path), "-"], capture_output=True, check=True)
    return done.stdout.decode("utf-8")


# --- PDF -----------------------------------------------------------------------------------


def test_pdf_says_that_it_is_pdf_ua_german_and_tagged(pdf: Path) -> None:
    with pikepdf.open(pdf) as document:
        root = document.Root
        assert str(root.Lang) == "de"
        assert bool(root.MarkInfo.Marked)
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        with document.open_metadata() as meta:
            assert meta["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
            assert (
                meta["{http://purl.org/dc/elements/1.1/}title"] == "Musterdorf – Versorgungsbericht"
            )


def test_every_picture_has_its_alternative_text_and_headings_are_tagged(pdf: Path) -> None:
    with pikepdf.open(pdf) as document:
        tree = list(elements(document.Root.StructTreeRoot))
        pictures = [str(e.Alt) for e in tree if str(e.S) == "/Figure"]
        kinds = {str(e.S) for e in tree}
    assert pictures == ["Balken: 12.345."] * 3
    assert {"/Document", "/H1", "/H2", "/H3", "/P", "/L", "/LI"} <= kinds


def test_headings_are_the_bookmarks(pdf: Path) -> None:
    with pikepdf.open(pdf) as document, document.open_outline() as outline:
        (report,) = outline.root
        chapters = [item.title for item in report.children]
        assert report.title == "Musterdorf"
        assert chapters[:2] == ["Erstes Kapitel", "Zweites Kapitel"]
        assert [item.title for item in report.children[1].children] == ["Ein Abschnitt"]


def test_reading_order_page_numbers_and_contents(pdf: Path) -> None:
    text = text_of(pdf)
    with pikepdf.open(pdf) as document:
        count = len(document.pages)
    # the last occurrence: titles of chapters stand in the contents too
    words = ("Vorher", "Abbildung 1.", "Abbildung 3.", "Nachher", "Am Ende", "So lesen Sie diesen")
    places = [text.rindex(word) for word in words]
    assert places == sorted(places)
    assert f"Seite 1 von {count}" in text
    assert f"Seite {count} von {count}" in text


def test_what_only_a_screen_can_do_is_not_printed(pdf: Path) -> None:
    text = text_of(pdf)
    for word in ("Regler", "Programmcode dieses", "import x", "Daten (CSV)", "Bild (PNG)",
                 "Zum Inhalt", "Alle Regionen", "Ausgewertete Vorhaben"):  # fmt: skip
        assert word not in text, word
    assert "siehe Methoden." in " ".join(text.split())
    assert "Diese Fassung ist zum Drucken gemacht." in text


def test_no_figure_is_cut(pdf: Path) -> None:
    """Each caption stands on a page with its picture, although three do not fit on one."""
    with pikepdf.open(pdf) as document:
        drawn = [page.Contents.read_bytes().count(b"/Figure") for page in document.pages]
    pages = text_of(pdf).split("\f")
    captions = [len(re.findall(r"Abbildung \d\.", page)) for page in pages]
    holders = [place for place, count in enumerate(captions) if count]
    assert sum(captions) == 3
    assert len(holders) > 1
    assert drawn == captions[: len(drawn)]


def test_the_same_page_gives_the_same_bytes_in_another_process(pdf: Path, tmp_path: Path) -> None:
    source = page(tmp_path)
    code = (
        "import sys; from pathlib import Path; from pipeline.reports.pdf import print_pages;"
        "print_pages([Path(sys.argv[1])], Path(sys.argv[2]))"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(source), str(tmp_path / "again")],
        env={**os.environ, "PYTHONHASHSEED": "7"}, check=True, capture_output=True,
    )  # fmt: skip
    again = tmp_path / "again" / pdf.name
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(pdf.read_bytes()).digest()


def test_a_page_cannot_make_the_printer_read_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text(_SVG, encoding="utf-8")
    blue = b"0.541"  # 8a of the picture's colour, as a share of 255
    drawn = []
    for address in (_IMAGE, secret.as_uri()):
        html = f'<html lang="de"><title>x</title><p>Text</p><img alt="x" src="{address}"></html>'
        with pikepdf.open(write_pdf(html, tmp_path / "x.pdf")) as document:
            drawn.append(blue in document.pages[0].Contents.read_bytes())
    assert drawn == [True, False]


# --- one file ------------------------------------------------------------------------------


def test_a_single_file_needs_no_other_file(tmp_path: Path) -> None:
    (written,) = write_standalone([page(tmp_path)], tmp_path / "einzeln")
    html = written.read_text(encoding="utf-8")
    assert "bilder/" not in html
    assert ".html" not in html
    assert "siehe Methoden.</p>" in html
    assert 'download="menschen.csv"' in html
    assert "<script>let x = 1;</script>" in html
    assert 'href="#erstes"' in html
    assert "Ausgewertete Vorhaben" not in html


def test_a_file_too_large_for_mail_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single, "MOST_BYTES", 1000)
    with pytest.raises(VerificationError, match="too large to be mailed"):
        write_standalone([page(tmp_path)], tmp_path / "einzeln")


def test_hostile_names_stay_escaped_in_every_form(tmp_path: Path) -> None:
    html = page(tmp_path, _HOSTILE).read_text(encoding="utf-8")
    for form in (standalone(html), printed(html)):
        assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; &#34;Söhne&#34;" in form
        assert "alert(" not in form.replace("&lt;script&gt;alert(", "")


@pytest.mark.parametrize(
    "html",
    [
        "<!DOCTYPE html>\n<p class='a'>ä &amp; &#8211; <br/> <!-- x --></p>",
        "<style>a > b { color: red }</style><script>if (a < b && c) { }</script>",
        "<ul><li>eins<li>zwei</ul><p>drei",
        "</p><p>ohne Anfang</p>",
    ],
)
def test_what_is_kept_is_kept_byte_for_byte(html: str) -> None:
    def no(*given: object) -> bool:
        return False

    kept = rewritten(html, drop=no, unwrap=no)
    assert kept == html
