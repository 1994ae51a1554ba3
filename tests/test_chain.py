"""End to end, in a folder of its own: raw figures to pages, then the pages in a real browser."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import html5lib
import pytest
import yaml

from pipeline.reports.english.upkeep import survey
from pipeline.tables.checksums import read_sums

pytestmark = pytest.mark.whole

REGIONS = ("rheine-neuenkirchen", "lengerich-tecklenburg")
# a municipality that is no model region, in another Land, without age groups
OTHER = "03151009"
PROJECT = "kommkom"
CHAIN = (["ingest"], ["model"], ["analyse"], ["evaluate", PROJECT, "--no-render"], ["render"])


def run(root: Path, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    names = ("processed", "derived", "build", "reports")
    folders = {f"VERSORGUNGSLABOR_{name.upper()}": str(folder / name) for name in names}
    params = {"VERSORGUNGSLABOR_PARAMS": str(folder / "params.yaml")}
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *command],
        cwd=root,
        env={**os.environ, **folders, **params, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for name in ("processed", "derived", "build/notebooks", "build/evaluation", "reports")
        for path in sorted((folder / name).rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole chain for two regions, run by its own commands."""
    folder = tmp_path_factory.mktemp("Kette mit Leerzeichen")
    params = (root / "params.yaml").read_text(encoding="utf-8")
    shortened = re.sub(
        r"regions:\n(  - .*\n)+", "regions:\n" + "".join(f"  - {r}\n" for r in REGIONS), params
    )
    (folder / "params.yaml").write_text(shortened, encoding="utf-8")
    for command in CHAIN:
        done = run(root, folder, *command)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


def page(site: Path, name: str) -> str:
    return (site / "reports" / f"{name}.html").read_text(encoding="utf-8")


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.split(r"<body[^>]*>", html)[1]))


# --- the pages ------------------------------------------------------------------------------


def test_every_region_has_a_page_and_the_index_leads_to_it(site: Path) -> None:
    index = page(site, "index")
    for region in REGIONS:
        assert f'href="{region}.html"' in index
    assert text_of(index).count("vollständig") == len(REGIONS)


def test_published_totals_stand_on_the_pages(site: Path) -> None:
    rheine = text_of(page(site, "rheine-neuenkirchen"))
    assert "77.209" in rheine
    assert "Am 31. Dezember 2024 lebten in Rheine und Neuenkirchen 91.124 Menschen" in rheine
    # 12411-15i, 31.12.2024: Ladbergen 6,827 + Lengerich 23,037 + Lienen 8,466 + Tecklenburg 9,064
    assert re.search(
        r"Tecklenburg 47\.\d{3} Menschen", text_of(page(site, "lengerich-tecklenburg"))
    )


def test_series_shows_both_breaks_and_joins_nothing_across_them(site: Path) -> None:
    import base64

    html = page(site, "rheine-neuenkirchen")
    block = html.split('id="bevoelkerung-population-series"')[1].split("</figure>")[0]
    encoded = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', block)
    assert encoded is not None
    svg = base64.b64decode(encoded[1]).decode()
    assert svg.count("ab hier:") == 2
    assert "Zensus 2011" in svg and "Zensus 2022" in svg
    # 2008–2010, 2011–2015, 2022, 2024: two runs are lines, the single years are points
    table = text_of("<body>" + block.split("<table>")[1])
    assert [day for day in ("31.12.2010", "31.12.2011", "15.05.2022", "31.12.2024") if day in table]


def test_every_figure_has_its_parts(site: Path) -> None:
    blocks = [
        block
        for region in REGIONS
        for block in re.findall(r"<figure.*?</figure>", page(site, region), re.DOTALL)
    ]
    assert len(blocks) >= 2 * 4
    for block in blocks:
        assert re.search(r'<img src="data:image/svg\+xml;base64,[^"]+" alt="[^"]{20,}">', block)
        assert re.search(r"<figcaption><strong>Abbildung \d+\.</strong> .{40,}", block)
        assert "<table>" in block and "<caption>" in block
        assert 'href="data:text/csv;base64,' in block
        assert re.search(r'class="source">Gebiet: .+\. Quelle: .+<', block)


def test_kreis_figures_are_not_shown_as_the_towns_own(site: Path) -> None:
    text = text_of(page(site, "rheine-neuenkirchen"))
    assert "Kreis Steinfurt – für Rheine und Neuenkirchen liegen keine eigenen Arztzahlen" in text


def test_planning_area_without_published_value_says_no_data(site: Path) -> None:
    text = text_of(page(site, "rheine-neuenkirchen"))
    assert (
        "Keine Daten: Für den Planungsbereich Rheine liegt kein veröffentlichter Wert vor" in text
    )
    assert "Planungsblatt" in text


def test_verify_finds_nothing_and_then_a_broken_page(root: Path, site: Path) -> None:
    assert run(root, site, "verify").returncode == 0
    target = site / "reports" / "rheine-neuenkirchen.html"
    whole = target.read_text(encoding="utf-8")
    target.write_text(whole.replace("<main", '<img src="https://example.org/x.png"><main'))
    broken = run(root, site, "verify")
    target.write_text(whole, encoding="utf-8")
    assert broken.returncode == 1
    assert "would request something" in broken.stderr
    assert "the file is not the one that `render` wrote" in broken.stderr
    assert "without alt text" in broken.stderr


def test_no_sentence_of_these_regions_lacks_its_english(site: Path) -> None:
    found = survey(site / "processed", site / "reports", [*REGIONS, "index"])
    assert [f"{met.chapter}: {pattern}" for pattern, met in found.missing.items()] == []


# --- reproducibility and failure --------------------------------------------------------------


def test_second_run_gives_the_same_bytes(root: Path, site: Path) -> None:
    """All chapters again, for one of the two regions: the other's pages must not move either.

    That every stage repeats its bytes, on a worse machine, is shown in `test_faults`.
    """
    first = hashes(site)
    for command in (["analyse", "--region", REGIONS[0]], ["render"]):
        assert run(root, site, *command).returncode == 0
    assert hashes(site) == first


def test_municipality_without_data_gets_a_page_that_says_so(root: Path, site: Path) -> None:
    # a page of another region that somebody has changed meanwhile must not count as written
    another = site / "reports" / f"{REGIONS[1]}.html"
    whole, listed = another.read_bytes(), read_sums(site / "reports")[another.name]
    another.write_bytes(whole + b"<!-- changed by hand -->")
    done = run(root, site, "analyse", "--region", OTHER, "--render")
    another.write_bytes(whole)
    assert done.returncode == 0, done.stdout + done.stderr
    assert read_sums(site / "reports")[another.name] == listed
    text = text_of(page(site, OTHER))
    assert "Gifhorn" in text
    assert "Keine Daten" in text


def test_unknown_region_is_an_error_with_near_names(root: Path, site: Path) -> None:
    done = run(root, site, "analyse", "--region", "reine")
    assert done.returncode == 1
    assert "rheine-neuenkirchen" in done.stderr
    assert "Traceback" not in done.stderr


# --- in a browser -----------------------------------------------------------------------------


PAGES = (
    "index", *REGIONS, "kennzahlen", "methoden", "methode-planning", "behauptungen",
    "eigene-zahlen", "projekte", f"projekt-{PROJECT}", "karte",
    f"angebote-{REGIONS[0]}", f"netzwerk-{PROJECT}",
)  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [360, 1440])
def test_page_is_quiet_and_fits_its_window(browser, site: Path, name: str, width: int) -> None:
    view = browser.new_page(viewport={"width": width, "height": 900})
    messages: list[str] = []
    requests: list[str] = []
    view.on("console", lambda message: messages.append(message.text))
    view.on("pageerror", lambda error: messages.append(str(error)))
    view.on("request", lambda request: requests.append(request.url))
    view.goto((site / "reports" / f"{name}.html").as_uri())
    overflow = view.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    unloaded = view.evaluate("[...document.images].filter(image => !image.naturalWidth).length")
    view.close()
    assert messages == []
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert (overflow, unloaded) == (0, 0)


@pytest.mark.browser
@pytest.mark.parametrize("name", [name for name in PAGES if name != REGIONS[1]])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_accessible(browser, violations, site: Path, name: str, scheme: str) -> None:
    view = browser.new_page(color_scheme=scheme)
    view.goto((site / "reports" / f"{name}.html").as_uri())
    found = violations(view)
    view.close()
    assert found == []


@pytest.mark.browser
@pytest.mark.parametrize(
    "typed", ["Rheine", "rheine", "NEUENKIRCHEN", "05566060", "bevolkerung rhei"]
)
def test_search_finds_a_region_without_a_network(browser, site: Path, typed: str) -> None:
    view = browser.new_page()
    view.goto((site / "reports" / "index.html").as_uri())
    view.fill("#suche", typed)
    links = view.eval_on_selector_all(
        "#treffer a", "links => links.map(l => l.getAttribute('href'))"
    )
    view.close()
    assert any(link.startswith("rheine-neuenkirchen.html") for link in links)


@pytest.mark.browser
def test_keyboard_reaches_the_content_and_every_link(browser, site: Path) -> None:
    view = browser.new_page()
    view.goto((site / "reports" / "rheine-neuenkirchen.html").as_uri())
    view.keyboard.press("Tab")
    assert view.evaluate("document.activeElement.textContent") == "Zum Inhalt"
    view.keyboard.press("Enter")
    assert view.url.endswith("#inhalt")
    view.close()


def test_claim_without_evidence_stands_on_its_own_page_and_in_no_report(
    root: Path, site: Path
) -> None:
    ledger = yaml.safe_load((root / "data/raw/claims.yaml").read_text(encoding="utf-8"))
    assert any("Düsseldorf" in entry["claim"] for entry in ledger)
    reports = [text_of(page(site, region)) for region in REGIONS]
    for entry in ledger:
        claim = " ".join(entry["claim"].split())
        assert claim in text_of(page(site, "behauptungen"))
        assert not [text for text in reports if claim in text]


def test_pages_are_valid_html(site: Path) -> None:
    for path in sorted((site / "reports").glob("*.html")):
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        parser.parse(path.read_text(encoding="utf-8"))
        assert parser.errors == [], path.name


@pytest.mark.browser
def test_no_figure_is_cut_on_paper(browser, site: Path) -> None:
    paper = 210 / 25.4 * 96 - 2 * 17 / 25.4 * 96  # width between the margins, in CSS pixels
    view = browser.new_page(viewport={"width": round(paper), "height": 900})
    view.goto((site / "reports" / "rheine-neuenkirchen.html").as_uri())
    view.emulate_media(media="print")
    rules = view.eval_on_selector_all(
        "figure",
        "all => all.map(f => [getComputedStyle(f).breakInside, f.offsetHeight])",
    )
    view.close()
    a4_height = 297 / 25.4 * 96 - (18 + 20) / 25.4 * 96
    assert {rule for rule, _ in rules} == {"avoid"}
    assert max(height for _, height in rules) < a4_height


def test_pages_are_small(site: Path) -> None:
    sizes = {path.name: path.stat().st_size for path in (site / "reports").glob("*.html")}
    assert max(sizes.values()) < 3_000_000, sizes
