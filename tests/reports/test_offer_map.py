"""The directory with 5,000 offers in a browser: search, filters, paper, and the map.

All offers are invented and named "Synthetisch …".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page

from pipeline.settings import Paths
from tests.reports.offers_site import HOSTILE, synthetic, written_site

pytestmark = pytest.mark.browser

KINDS = ("general_practice", "therapy", "home_care", "dentistry", "counselling")
STREETS = ("Große Wörthstraße", "Am Löwenplatz", "Bökenförder Straße", "Übungsweg")
#: A name from right to left, with a sign that turns what follows it.
BACKWARDS = "Synthetisch مركز صحي \u202egnissik"
#: Offers in one house, at one point.
HOUSE = 7
#: Seconds that a keystroke may take (the aim of the platform).
KEYSTROKE = 0.1
#: Milliseconds that the browser has for a step, on a machine that has other work.
PATIENCE = 120_000


def crowd() -> list[dict[str, object]]:
    """5,000 offers; every fifth says its languages."""
    rows = [
        synthetic(
            f"Synthetisches Angebot {i}",
            KINDS[i % len(KINDS)],
            longitude=8.28 + (i * 37 % 1000) / 8000,
            latitude=51.62 + (i * 61 % 1000) / 10000,
            street=STREETS[i % len(STREETS)],
            wheelchair=("yes", "no", "", "limited")[i % 4],
            languages="de;tr" if i % 5 == 0 else "",
            website=f"https://www.beispiel.example/{i}" if i % 3 == 0 else "",
        )
        for i in range(4990)
    ]
    rows += [
        synthetic(f"Synthetisches Torhaus {i}", longitude=8.21, latitude=51.60)
        for i in range(HOUSE)
    ]
    rows += [synthetic(HOSTILE), synthetic(BACKWARDS), synthetic("Synthetisch " + "x" * 488)]
    return rows


@pytest.fixture(scope="module")
def site(root: Path, processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paths]:
    folder = tmp_path_factory.mktemp("Verzeichnis")
    with written_site(root, processed, folder, crowd(), ["lippstadt", "warburg"]) as paths:
        yield paths


@pytest.fixture()
def view(browser, site: Paths) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    page.set_default_timeout(PATIENCE)
    page.goto((site.reports / "angebote-lippstadt.html").as_uri())
    yield page
    page.close()


@pytest.fixture()
def phone(browser, site: Paths) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, color_scheme="dark"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto((site.reports / "angebote-lippstadt.html").as_uri())
    yield page
    context.close()


def hits(view: Page) -> int:
    """The number of hits that the page names."""
    return int(view.inner_text("#trefferzahl").split(" ")[0])


def seen(view: Page) -> list[float]:
    """The part of the map that is seen: left, top, width, height."""
    return [float(number) for number in str(view.get_attribute("#karte", "viewBox")).split()]


def on_screen(view: Page, name: str) -> tuple[float, float]:
    """Where an offer is drawn, in pixels of the window."""
    view.locator("#karte").scroll_into_view_if_needed()
    x, y = view.evaluate(
        """name => {
          const data = JSON.parse(document.getElementById('angebote-daten').textContent);
          const offer = data.offers.find(one => one.name === name);
          const map = document.getElementById('karte'), all = map.viewBox.baseVal;
          const box = map.getBoundingClientRect();
          return [box.left + (offer.x - all.x) / all.width * box.width,
                  box.top + (offer.y - all.y) / all.height * box.height];
        }""",
        name,
    )
    return float(x), float(y)


# --- search, filter, paper ------------------------------------------------------------------


def test_keystroke_among_5000_offers_takes_less_than_a_tenth_of_a_second(view: Page) -> None:
    clock = view.context.new_cdp_session(view)
    # time of the page's own thread: what other processes of the machine take does not count
    clock.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        found = clock.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in found if one["name"] == "TaskDuration"))

    # words that are found, that are found in parts only, and that are not found at all
    for word in ("angebot", "loewenplatz", "platzwörth", "türkisch", "zzzzzzzzzzzz"):
        view.fill("#suche", "")
        before = spent()
        view.type("#suche", word)
        assert (spent() - before) / len(word) < KEYSTROKE, word


def test_language_narrows_the_list_and_an_offer_without_one_is_not_denied_any(view: Page) -> None:
    assert view.locator("#sprache option").all_inner_texts() == [
        "alle Sprachen, auch ohne Angabe", "Deutsch", "Türkisch",
    ]  # fmt: skip
    everything = hits(view)
    view.select_option("#sprache", label="Türkisch")
    assert hits(view) == 998  # every fifth of 4,990
    assert "Sprachen: Deutsch, Türkisch" in view.inner_text("#treffer li >> nth=0")
    assert "gesprochen werden kann sie trotzdem" in view.inner_text("aside.limits")
    view.select_option("#sprache", "")
    view.fill("#suche", "türkisch")  # also found by the word
    assert (hits(view), everything) == (998, 5019)


def test_website_is_a_link_that_tells_nothing_of_its_reader(view: Page) -> None:
    view.fill("#suche", "angebot 4989")
    link = view.locator("#treffer a")
    assert link.get_attribute("href") == "https://www.beispiel.example/4989"
    assert link.inner_text() == "beispiel.example/4989"
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_paper_has_every_hit_and_says_what_was_chosen(view: Page) -> None:
    view.select_option("#bereich", label="Zahnarztpraxis")
    view.check("#rollstuhl")
    view.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    listed = view.locator("#treffer li").count()
    chosen = view.locator("#auswahl").text_content()
    view.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert chosen == f"{listed} von 5019 Angeboten (Zahnarztpraxis; als barrierefrei eingetragen)"
    assert view.locator("#treffer li").count() == 10


def test_finger_has_24_pixels_for_every_control(phone: Page, violations) -> None:
    small = phone.evaluate(
        """() => [...document.querySelectorAll('button, input, select, textarea, #treffer a')]
          .map(node => [node.id || node.textContent, node.getBoundingClientRect()])
          .filter(([name, box]) => box.width > 0 && (box.width < 24 || box.height < 24))
          .map(([name, box]) => name + ' ' + box.width + '×' + box.height)"""
    )
    assert small == []
    assert violations(phone) == []
    targets = phone.evaluate(
        "async () => (await axe.run({runOnly: ['target-size']})).violations.length"
    )
    assert targets == 0


def test_names_of_strangers_neither_run_nor_turn_nor_widen_the_page(phone: Page) -> None:
    phone.fill("#suche", "gnissik")
    assert hits(phone) == 1
    assert phone.locator("#treffer strong").get_attribute("dir") == "auto"
    label = phone.locator("#treffer button").first.get_attribute("aria-label")
    assert label == f"Auf der Karte: \u2068{BACKWARDS}\u2069"
    for typed in ("xxxxxxxx", "alert"):
        phone.fill("#suche", typed)
        assert hits(phone) == 1
        phone.click("#treffer button >> nth=0")
        assert phone.evaluate("document.documentElement.scrollWidth") == 360


# --- the map --------------------------------------------------------------------------------


def test_wheel_belongs_to_the_page_unless_ctrl_is_held(view: Page) -> None:
    view.mouse.move(*on_screen(view, "Synthetisches Torhaus 0"))
    whole = seen(view)
    view.mouse.wheel(0, -120)
    assert view.locator("#kartenhinweis").is_visible()
    assert seen(view) == whole
    x, y = on_screen(view, "Synthetisches Torhaus 0")
    view.mouse.move(x, y)
    view.keyboard.down("Control")
    view.mouse.wheel(0, -120)
    view.wait_for_function(f"document.getElementById('karte').viewBox.baseVal.width < {whole[2]}")
    view.keyboard.up("Control")
    # what lies under the pointer stays there
    assert on_screen(view, "Synthetisches Torhaus 0") == pytest.approx((x, y), abs=1.5)


def test_mouse_zooms_by_double_click_and_drags(view: Page) -> None:
    x, y = on_screen(view, "Synthetisches Angebot 500")
    view.mouse.dblclick(x, y)
    near = seen(view)
    assert near[2] == 300  # half of the drawing, 600 units wide
    view.mouse.move(x, y)
    view.mouse.down()
    view.mouse.move(x + 40, y, steps=3)
    view.mouse.up()
    assert seen(view)[0] == pytest.approx(near[0] - 40 * 300 / view.evaluate(
        "document.getElementById('karte').clientWidth"), abs=0.5)  # fmt: skip


def test_two_fingers_zoom_and_the_scale_follows(phone: Page) -> None:
    x, y = on_screen(phone, "Synthetisches Angebot 500")
    before = phone.locator("#massstab-text").text_content()
    touch = phone.context.new_cdp_session(phone)

    def fingers(kind: str, *points: float) -> None:
        found = [{"x": x + dx, "y": y, "id": i} for i, dx in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": found})

    fingers("touchStart", -10, 10)
    for half in (20, 40, 80):
        fingers("touchMove", -half, half)
    fingers("touchEnd")
    assert seen(phone)[2] == pytest.approx(600 / 8, abs=2)
    assert phone.locator("#massstab-text").text_content() != before


def test_dots_upon_each_other_are_told_together(view: Page) -> None:
    view.mouse.click(*on_screen(view, "Synthetisches Torhaus 0"))
    box = view.locator("#kartenfenster")
    assert box.locator("strong").count() == 5
    assert "2 weitere an dieser Stelle nennt die Liste" in box.inner_text()
    assert "und 6 weitere an dieser Stelle" in view.inner_text("#kartentext")
    view.focus("#fensterzu")
    view.keyboard.press("Escape")
    assert not box.is_visible()
    assert view.evaluate("document.activeElement.id") == "kartenfeld"


def test_view_is_saved_as_a_picture_with_title_legend_and_source(
    view: Page, tmp_path: Path
) -> None:
    view.fill("#suche", "torhaus")
    view.click("#treffer button >> nth=0")
    with view.expect_download() as started:
        view.click("text=Ausschnitt speichern")
    started.value.save_as(tmp_path / "karte.svg")
    assert started.value.suggested_filename == "angebote-lippstadt.svg"
    text = (tmp_path / "karte.svg").read_text(encoding="utf-8")
    tree = ElementTree.fromstring(text)
    words = [node.text for node in tree.iter() if node.text]
    assert "Gesundheitsangebote: Lippstadt" in words and "keine Daten" in words
    assert any("Synthetische Stelle" in word for word in words)
    # the view, not the whole map: a third of it, and the dots of the hits alone
    picture = next(node for node in tree if node.tag.endswith("svg"))
    assert str(picture.get("viewBox")).split()[2] == "200"
    dots = next(node for node in picture if node.get("id") == "punkte")
    assert str(dots.get("d")).count("M") == HOUSE
    assert not re.search(r"[\d.]u\b", text)


def test_regions_of_the_overview_are_links_for_mouse_and_keyboard(browser, site: Paths) -> None:
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    page.set_default_timeout(PATIENCE)
    page.goto((site.reports / "karte.html").as_uri())
    link = page.get_by_role("link", name="2 Warburg: Angebote")
    for _ in range(6):
        page.click("text=Größer")
    link.focus()  # comes into sight again where the map was made larger
    left, top, width, height = seen(page)
    place = page.evaluate(
        "(() => { const b = document.activeElement.getBBox(); return [b.x, b.y]; })()"
    )
    assert left <= place[0] <= left + width and top <= place[1] <= top + height
    page.keyboard.press("Enter")
    page.wait_for_url("**/angebote-warburg.html")
    page.close()
