"""The scenario on the page: the browser computes what Python computes, by mouse and by keyboard."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from pipeline.figures.contract import TABLE_MIME
from pipeline.figures.scenario_panel import ScenarioPanel, panel_model
from pipeline.figures.theme import Picture
from pipeline.methods.scenarios import combine
from pipeline.methods.scenarios.base import HORIZON, Assumption, Start
from pipeline.reports.chapter import ChapterRenderer, environment, new_exporter
from tests.reports.pages import region_page

YEARS = tuple(range(2025, HORIZON + 1))
HOSTILE = 'Ort <script>alert("x")</script> & Co'
START = Start(
    ref_area="05766036",
    name=HOSTILE,
    level="municipality",
    years=YEARS,
    inhabitants=tuple(13_204.4 - 45.1 * i for i in range(16)),
    ratio=1633.0,
    basis="as_kreis",
    assumptions=(
        Assumption("seats_today", "Sitze heute", 6.37, 4.46, 8.28, "seats", step=0.25),
        Assumption("leaving_share", "gehen", 50, 20, 80, "percent", step=5),
        Assumption("succession_share", "Nachfolge", 50, 20, 80, "percent", step=5),
        Assumption("free_seats", "frei", 2.5, 0, 5, "seats", step=0.5),
    ),
    exit_profile=(0.0, *([1 / 15] * 15)),
)


def page(folder: Path) -> Path:
    """The page of a region with one chapter, as the site writer makes it."""
    figure = ScenarioPanel(
        id="verlauf",
        title="Verlauf",
        caption="Unterschrift",
        alt="Linien",
        data=pd.DataFrame({"Variante": ["nichts"], "Deckung": ["62,3"]}),
        level="Musterort",
        attributions=["Quelle"],
        draw=lambda attribution: Picture(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"></svg>',
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=",
        ),
        model=panel_model(START),
    )
    cells = [
        new_markdown_cell("# Szenarien\n\n## Selbst rechnen\n\n### Regler"),
        new_code_cell("1", outputs=[new_output("display_data", data=figure._repr_mimebundle_())]),
    ]
    notebook = folder / "szenarien.ipynb"
    nbformat.write(new_notebook(cells=cells), notebook)
    return region_page([notebook], folder)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page(tmp_path_factory.mktemp("page")).as_uri()


def put(view: Any, values: dict[str, float]) -> dict[str, float]:
    """Move the sliders; what the browser makes of the values (it keeps to whole steps)."""
    return dict(
        view.evaluate(
            """values => Object.keys(values).map(name => {
                 const input = document.querySelector(`input[name=${name}]`);
                 input.value = values[name];
                 input.dispatchEvent(new Event("input", { bubbles: true }));
                 return [name, parseFloat(input.value)];
               })""",
            values,
        )
    )


def years_table(view: Any) -> list[list[float]]:
    """The numbers behind the table year by year: coverage without measures, then all outputs."""
    rows = view.evaluate(
        "[...document.querySelectorAll('[data-rows=years] tr')]"
        ".map(row => [...row.querySelectorAll('td')].map(cell => cell.dataset.value))"
    )
    return [[float(text) for text in row] for row in rows]


@pytest.mark.browser
def test_browser_computes_the_same_numbers_at_random_points(browser: Any, address: str) -> None:
    view = browser.new_page()
    view.goto(address)
    sliders = panel_model(START)["sliders"]
    chance = random.Random(20251231)
    for _ in range(25):
        wanted = {s["name"]: chance.uniform(s["min"], s["max"]) for s in sliders}
        values = put(view, wanted)
        assert values != {s["name"]: s["value"] for s in sliders}
        course = combine.run(START, combine.MAIN_SCENARIOS, values)
        untouched = {s["name"]: s["value"] for s in sliders if s["is_measure"]}
        nothing = combine.run(START, combine.MAIN_SCENARIOS, values | untouched)
        expected = [
            [nothing.coverage[i], *(getattr(course, part)[i] for part in combine.OUTPUTS)]
            for i in range(len(YEARS))
        ]
        assert years_table(view) == expected
    view.close()


@pytest.mark.browser
def test_first_view_is_nothing_done_and_the_button_sets_an_example(
    browser: Any, address: str
) -> None:
    view = browser.new_page()
    messages: list[str] = []
    requests: list[str] = []
    view.on("console", lambda message: messages.append(message.text))
    view.on("pageerror", lambda error: messages.append(str(error)))
    view.on("request", lambda request: requests.append(request.url))
    view.goto(address)
    first = years_table(view)
    assert [row[0] for row in first] == [row[1] for row in first]
    assert [row[0] for row in first] == list(combine.run(START, ()).coverage)
    view.click("text=Beispiel einstellen")
    example = combine.run(START, combine.MAIN_SCENARIOS)
    assert [row[1] for row in years_table(view)] == list(example.coverage)
    view.click("text=Zurück auf Anfang")
    assert years_table(view) == first
    view.close()
    assert messages == []
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


@pytest.mark.browser
def test_keyboard_moves_a_slider_and_the_result_is_said(browser: Any, address: str) -> None:
    view = browser.new_page()
    view.goto(address)
    view.wait_for_timeout(400)
    before = view.inner_text("[role=status]")
    view.focus("input[name=mvz_doctors]")
    for _ in range(4):
        view.keyboard.press("ArrowRight")
    assert view.inner_text("input[name=mvz_doctors] + output") == "2,0 Personen"
    assert view.get_attribute("input[name=mvz_doctors]", "aria-valuetext") == "2,0 Personen"
    view.wait_for_timeout(400)
    after = view.inner_text("[role=status]")
    assert before.startswith("Im Jahr 2040 sind") and after != before
    assert view.get_attribute("[role=status]", "aria-live") == "polite"
    view.keyboard.press("Tab")
    assert view.evaluate("document.activeElement.name") == "homes"
    view.close()


@pytest.mark.browser
def test_without_javascript_there_are_no_dead_sliders(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    view = context.new_page()
    view.goto(address)
    assert not view.locator("[data-scenario]").is_visible()
    assert view.get_by_text("Ohne JavaScript lassen sich").is_visible()
    context.close()
    with_script = browser.new_page()
    with_script.goto(address)
    assert not with_script.get_by_text("Ohne JavaScript lassen sich").is_visible()
    with_script.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_panel_is_accessible_and_fits(
    browser: Any, violations: Any, address: str, scheme: str, width: int
) -> None:
    view = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    view.goto(address)
    view.click("text=Jahr für Jahr")
    found = violations(view)
    overflow = view.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    view.close()
    assert found == []
    assert overflow == 0


def test_names_cannot_break_out_of_the_inlined_model(tmp_path: Path) -> None:
    html = page(tmp_path).read_text("utf-8")
    assert "<script>alert" not in html
    assert html.count("<script") == 2  # the model, and the script that the policy names


def test_figure_without_sliders_needs_no_script(tmp_path: Path) -> None:
    table = {TABLE_MIME: {"id": "a", "title": "A", "caption": "c", "level": "l",
                          "attribution": "q", "sources": [], "notes": [], "columns": ["x"],
                          "rows": [["1"]]}}  # fmt: skip
    cells = [new_code_cell("1", outputs=[new_output("display_data", data=table)])]
    nbformat.write(new_notebook(cells=cells), tmp_path / "a.ipynb")
    chapter = ChapterRenderer(new_exporter(), environment()).render(tmp_path / "a.ipynb", "a")
    assert chapter.scripts == []


# --- the real chapter, by keyboard alone -----------------------------------------------------


def focused(view: Any) -> dict[str, Any]:
    """The element that has the focus, and whether a reader sees that and where it is."""
    return dict(
        view.evaluate(
            """async () => {
                 const node = document.activeElement, style = getComputedStyle(node);
                 // the browser scrolls to the focus before it draws the next picture
                 await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
                 const box = node.getBoundingClientRect();
                 const x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
                 return {
                   name: node.name || "", text: node.textContent.trim(), tag: node.tagName,
                   ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
                   seen: x >= 0 && x <= innerWidth && y >= 0 && y <= innerHeight,
                 };
               }"""
        )
    )


@pytest.mark.browser
def test_all_sliders_can_be_used_on_a_phone_by_keyboard_alone(
    browser: Any, root: Path, tmp_path: Path
) -> None:
    path = region_page([root / "tests" / "reference" / "szenarien.ipynb"], tmp_path)
    view = browser.new_page(viewport={"width": 360, "height": 740})
    view.goto(path.as_uri())
    wanted = view.eval_on_selector_all("input[type=range]", "all => all.map(n => n.name)")
    assert len(wanted) > 5
    reached: list[str] = []
    buttons: list[str] = []
    for _ in range(400):
        view.keyboard.press("Tab")
        now = focused(view)
        if now["tag"] == "INPUT" and now["name"] in wanted:
            reached.append(now["name"])
            assert now["ring"] and now["seen"], now
            for key, end in (("Home", "min"), ("End", "max")):
                view.keyboard.press(key)
                here, limit = view.evaluate(
                    f"[document.activeElement.value, document.activeElement.{end}]"
                )
                assert abs(float(here) - float(limit)) < 1e-9, (now["name"], key)
        if now["tag"] == "BUTTON":
            buttons.append(now["text"])
            if reached == wanted and now["text"] == "Zurück auf Anfang":
                break
        if now["tag"] == "BODY":
            break
    assert reached == wanted
    assert "Beispiel einstellen" in buttons
    moved = years_table(view)
    while focused(view)["text"] != "Zurück auf Anfang":
        view.keyboard.press("Shift+Tab")
    view.keyboard.press("Enter")
    assert years_table(view) != moved
    assert [row[0] for row in years_table(view)] == [row[1] for row in years_table(view)]
    view.close()
