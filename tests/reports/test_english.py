"""English pages: nothing is left German, nothing is lost, and numbers are the same numbers."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import FigureError
from pipeline.figures import german
from pipeline.reports.english.catalogue import FOLDER, messages, read_catalogues
from pipeline.reports.english.edition import EnglishPages
from pipeline.reports.english.page import in_english
from pipeline.reports.english.pictures import picture_in_english
from pipeline.reports.english.sentences import sentences
from pipeline.reports.english.slots import Cutter
from pipeline.reports.english.translator import English
from pipeline.reports.english.upkeep import survey, write_missing
from pipeline.reports.pdf import printed
from pipeline.reports.site import OVERVIEW, SiteWriter
from pipeline.settings import Paths, read_params

REFERENCE = "bocholt-rhede-isselburg"
CUTTER = Cutter(
    ["Oelde", "Lippe", "Kalletal", "Lage", "Rheine", "Neuenkirchen"],
    {"Urologen": "Urologists", "Hausärzte": "GPs", "Hautärzte": "Dermatologists"},
)


def english(catalogue: dict[str, str] | None = None, **given: object) -> English:
    return English(CUTTER, catalogue or {}, **given)  # type: ignore[arg-type]


# --- the pages of the site ------------------------------------------------------------------


def german_site(root: Path, notebooks: Path, processed: Path, folder: Path) -> Paths:
    """The German pages of executed notebooks, linked to English ones."""
    paths = Paths(processed=processed, build=folder / "build", reports=folder / "reports")
    shutil.copytree(notebooks, paths.build / "notebooks")
    writer = SiteWriter(paths, read_params(root / "params.yaml"), has_english=True)
    status = {
        region.name: {path.stem: {"status": "ok"} for path in region.glob("*.ipynb")}
        for region in sorted((paths.build / "notebooks").iterdir())
        if region.is_dir()
    }
    for region in status:
        if region != OVERVIEW:
            writer.write_region(region, list(status[region]))
    writer.write_index(status)
    return paths


@pytest.fixture(scope="module")
def site(root: Path, processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """The German pages of the reference notebooks: all chapters of one region, and the index."""
    folder = tmp_path_factory.mktemp("reference")
    notebooks = folder / "executed"
    for path in sorted((root / "tests" / "reference").glob("*.ipynb")):
        place = notebooks / (OVERVIEW if path.stem == OVERVIEW else REFERENCE)
        place.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place / path.name)
    return german_site(root, notebooks, processed, folder)


@pytest.fixture(scope="module")
def pages(site: Paths) -> EnglishPages:
    written = EnglishPages(site.processed, site.reports, [REFERENCE, "index"])
    for slug in (REFERENCE, "index"):
        written.write(slug)
    return written


def untranslated(paths: Paths) -> list[str]:
    slugs = sorted(path.stem for path in paths.reports.glob("*.html"))
    found = survey(paths.processed, paths.reports, slugs)
    return [f"{met.chapter}: {pattern}" for pattern, met in found.missing.items()]


def test_no_sentence_of_the_reference_pages_is_left_german(site: Paths) -> None:
    assert untranslated(site) == []


def test_a_planted_german_sentence_is_found_and_marked(site: Paths, pages: EnglishPages) -> None:
    page = (site.reports / f"{REFERENCE}.html").read_text(encoding="utf-8")
    planted = page.replace("<h1>", "<p>Das hat in Bocholt noch niemand übersetzt.</p><h1>", 1)
    html = pages.page(planted)
    assert list(pages.english.missing) == ["Das hat in {p1} noch niemand übersetzt."]
    assert '<span lang="de">Das hat in Bocholt noch niemand übersetzt.</span>' in html
    assert "Parts of this page are in German only" in html


def test_an_english_page_keeps_the_structure_of_the_german_one(
    site: Paths, pages: EnglishPages
) -> None:
    for slug in (REFERENCE, "index"):
        german_page = (site.reports / f"{slug}.html").read_text(encoding="utf-8")
        html = (pages.folder / f"{slug}.html").read_text(encoding="utf-8")
        assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
        assert f'<a href="../{slug}.html" lang="de" hreflang="de">Deutsch</a>' in html
        assert f'<a href="en/{slug}.html" lang="en" hreflang="en">English</a>' in german_page
        assert tags(html) == tags(german_page)
        assert "Parts of this page are in German only" not in html


def tags(html: str) -> list[str]:
    """The elements of a page, without those that mark quoted German."""
    plain = re.sub(r'<span lang="de">([^<]*)</span>', r"\1", html)
    return re.findall(r"</?[a-z][a-z0-9]*", re.sub(r"<script.*?</script>", "", plain, flags=re.S))


def test_an_english_page_has_the_numbers_of_the_german_one(
    site: Paths, pages: EnglishPages
) -> None:
    german_page = (site.reports / f"{REFERENCE}.html").read_text(encoding="utf-8")
    html = (pages.folder / f"{REFERENCE}.html").read_text(encoding="utf-8")
    there = [cell.translate(str.maketrans(".,", ",.")) for cell in numbers(german_page)]
    assert len(there) > 1000
    assert numbers(html) == there


def numbers(html: str) -> list[str]:
    return re.findall(r'<td class="number">([−+±]?[\d.,]+)</td>', html)


def test_every_script_of_an_english_page_is_allowed_by_its_policy(pages: EnglishPages) -> None:
    for slug in (REFERENCE, "index"):
        html = (pages.folder / f"{slug}.html").read_text(encoding="utf-8")
        scripts = re.findall(r"<script>(.*?)</script>", html, re.S)
        assert scripts
        for script in scripts:
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in html
        assert "Geschieht nichts" not in html


def test_the_links_of_an_english_page_lead_to_files_of_the_site(
    site: Paths, pages: EnglishPages
) -> None:
    html = (pages.folder / f"{REFERENCE}.html").read_text(encoding="utf-8")
    targets = re.findall(r'<a [^>]*href="([^"#]+)"', html)
    pictures = [target for target in targets if "bilder/" in target]
    assert pictures
    assert all((pages.folder / target).is_file() for target in pictures)
    away = {target for target in targets if target.endswith(".html")} - {"index.html"}
    assert all(target.startswith("../") for target in away)
    assert html.count(" (in German)</a>") == len(re.findall(r'<a href="\.\./[\w-]+\.html">', html))


def test_the_print_of_a_page_is_english_too(site: Paths, pages: EnglishPages) -> None:
    html = pages.page(printed((site.reports / f"{REFERENCE}.html").read_text(encoding="utf-8")))
    assert "This version is made for printing" in html
    assert not pages.english.missing


# --- what varies ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "pattern", "values"),
    [
        (
            "Am 31. Dezember 2024 lebten in Oelde 30.129 Menschen.",
            "Am {t1} lebten in {p1} {n1} Menschen.",
            {"t1": "31 December 2024", "p1": "Oelde", "n1": "30,129"},
        ),
        ("im Kreis Lippe", "in {p1}", {"p1": "Kreis Lippe"}),
        ("des Kreises Lippe", "von {p1}", {"p1": "Kreis Lippe"}),
        ("in Rheine und Neuenkirchen", "in {p1}", {"p1": "Rheine and Neuenkirchen"}),
        ("Einwohner Nordrhein-Westfalens", "Einwohner {p1}s", {"p1": "North Rhine-Westphalia"}),
        ("soziale Lage", "soziale Lage", {}),
        ("drei Urologen", "{n1} {g1}", {"n1": "three", "g1": "urologists"}),
        ("Hautärzte und Urologen", "{g1}", {"g1": "dermatologists and urologists"}),
        ("−1,5 bis +2,0", "{n1} bis {n2}", {"n1": "−1.5", "n2": "+2.0"}),
        ("12411-15i, dl-de/by-2-0", "{x1}, {x2}", {"x1": "12411-15i", "x2": "dl-de/by-2-0"}),
        ("CC BY 4.0, 31.12.2025", "CC BY {x1}, {t1}", {"x1": "4.0", "t1": "31/12/2025"}),
        ("seit August 2023", "seit {t1}", {"t1": "August 2023"}),
        ("siehe <1>Seite 3</1>", "siehe <1>Seite {n1}</1>", {"n1": "3"}),
    ],
)  # fmt: skip
def test_what_varies_becomes_a_slot_with_its_english_form(
    text: str, pattern: str, values: dict[str, str]
) -> None:
    cut = CUTTER.cut(text)
    assert cut.pattern == pattern
    assert cut.values == values


@given(st.floats(-1e9, 1e9), st.integers(0, 3))
def test_every_printed_number_keeps_its_value(value: float, decimals: int) -> None:
    shown = german.number(value, decimals)
    cut = CUTTER.cut(f"{shown} Menschen")
    assert cut.pattern == "{n1} Menschen"
    assert float(cut.values["n1"].replace(",", "")) == float(
        shown.replace(".", "").replace(",", ".")
    )


def test_a_day_that_no_calendar_has_is_still_written() -> None:
    assert CUTTER.cut("am 31. Juni").values == {"t1": "31 June"}


def test_a_decided_goal_keeps_its_words_inside_a_sentence() -> None:
    cut = Cutter(["Mehr Hausärzte in Oelde", "Oelde"]).cut("Mehr Hausärzte in Oelde: 50 %.")
    assert (cut.pattern, cut.values["p1"]) == ("{p1}: {n1} %.", "Mehr Hausärzte in Oelde")


# --- sentences and parts --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Am 31. Dezember 2024. Dann.", ["Am 31. Dezember 2024.", "Dann."]),
        ("Das ist z. B. Oelde. Ja.", ["Das ist z. B. Oelde.", "Ja."]),
        ("<1>Abbildung 1.</1> Oelde.", ["<1>Abbildung 1.</1>", "Oelde."]),
        ("<1>Daten</1> <2>Bild</2>", ["<1>Daten</1>", "<2>Bild</2>"]),
    ],
)  # fmt: skip
def test_a_text_is_cut_where_its_sentences_end(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


def test_a_text_of_known_parts_needs_no_message() -> None:
    translator = english({"Altenquotient": "old-age ratio", "eigene Berechnung": "own calculation"})
    text = "Altenquotient: 36,1 (Kreis Lippe, 2015; eigene Berechnung)"
    assert translator.text(text) == "Old-age ratio: 36.1 (Kreis Lippe, 2015; own calculation)"
    assert not translator.missing
    translator.text("Altenquotient: 36,1 (unbekannt)")
    assert list(translator.missing) == ["Altenquotient: {n1} (unbekannt)"]


def test_an_unknown_sentence_is_counted_on_each_page_that_has_it() -> None:
    translator = english()
    for _ in range(2):
        translator.begin()
        translator.text("Niemand kennt das.")
        assert list(translator.missing) == ["Niemand kennt das."]


def test_sources_and_quotations_keep_their_words() -> None:
    translator = english({"eigene Berechnung": "own calculation"}, publishers=["Amt Oelde"])
    html = in_english("<p>Quelle: Amt Oelde, Tabelle; eigene Berechnung</p>", translator)
    assert html == '<p>Source: <span lang="de">Amt Oelde, Tabelle</span>; own calculation</p>'
    assert (
        in_english("<td>„knapp 3“</td>", translator) == '<td><span lang="de">„knapp 3“</span></td>'
    )


def test_markup_in_a_sentence_stays_around_the_same_words() -> None:
    translator = english({"Mehr <1>Daten</1> & <2>Bild</2>.": "More <2>picture</2> & <1>data</1>."})
    html = in_english('<p>Mehr <a href="x.html">Daten</a> &amp; <em>Bild</em>.</p>', translator)
    assert html == '<p>More <em>picture</em> &amp; <a href="x.html">data</a>.</p>'


def test_code_and_styles_are_not_translated() -> None:
    html = "<style>a{}</style><pre># Mehr Daten</pre><p><code>Mehr Daten</code></p>"
    assert in_english(html, english()) == html


def test_a_label_of_two_lines_stays_inside_two_lines() -> None:
    svg = '<g id="text_1">\n<text x="1">ab hier:</text>\n<text x="1">Zensus 2011</text>\n</g>'
    translator = english({"ab hier: Zensus {n1}": "from here on: census {n1}"})
    assert picture_in_english(svg, translator.text) == (
        '<g id="text_1">\n<text x="1">from here on:</text>\n<text x="1">census 2011</text>\n</g>'
    )


def test_a_csv_file_inside_a_page_is_english() -> None:
    german_file = "\ufeffJahr;Wert\r\n2024;1.234,5\r\n2025;'=1\r\n"
    uri = "data:text/csv;base64," + base64.b64encode(german_file.encode()).decode()
    target = english({"Jahr": "Year", "Wert": "Value"}).link(uri)
    text = base64.b64decode(target.partition(",")[2]).decode()
    assert text == '\ufeffYear,Value\r\n2024,"1,234.5"\r\n2025,\'=1\r\n'


def test_the_data_of_a_script_are_translated_where_they_are_words() -> None:
    translator = english({"Jahre": "years", "Seite": "page"}, link=lambda target: f"../{target}")
    data = {"entries": ["Jahre"], "unit": "Jahre", "title": "Seite", "link": "x.html"}
    shown = json.loads(translator.program(json.dumps(data), "application/json"))
    assert shown == {"entries": ["Jahre"], "unit": "years", "title": "Page", "link": "../x.html"}


# --- the catalogues -------------------------------------------------------------------------


def test_no_translation_stands_twice_and_none_is_empty() -> None:
    seen: dict[str, str] = {}
    for name, catalogue in read_catalogues().items():
        for message in messages(catalogue):
            assert str(message.id) not in seen, f"{name} and {seen[str(message.id)]}"
            assert message.string, f"{name}: {message.id}"
            seen[str(message.id)] = name


def test_a_translation_with_another_slot_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.po").write_text(
        'msgid "{n1} Menschen"\nmsgstr "{n2} people"\n', encoding="utf-8"
    )
    with pytest.raises(FigureError, match="slots and tags") as error:
        read_catalogues(tmp_path)
    assert "x.po, row 1" in str(error.value)


def test_missing_messages_are_added_with_an_example_and_nothing_else_changes(
    site: Paths, tmp_path: Path
) -> None:
    page = site.reports / f"{REFERENCE}.html"
    planted = tmp_path / "reports"
    planted.mkdir()
    html = page.read_text(encoding="utf-8")
    text = "<p>Das hat in Bocholt noch niemand übersetzt.</p><h1>"
    (planted / page.name).write_text(html.replace("<h1>", text, 1), encoding="utf-8")
    before = {name: len(catalogue) for name, catalogue in read_catalogues().items()}
    folder = tmp_path / "catalogues"
    shutil.copytree(FOLDER, folder)

    write_missing(survey(site.processed, planted, [REFERENCE]), folder)

    after = {name: len(catalogue) for name, catalogue in read_catalogues(folder).items()}
    assert after == {**before, "frame": before["frame"] + 1}
    added = (folder / "frame.po").read_text(encoding="utf-8")
    assert "#. Das hat in Bocholt noch niemand übersetzt.\n" in added
    assert 'msgid "Das hat in {p1} noch niemand übersetzt."\nmsgstr ""\n' in added
