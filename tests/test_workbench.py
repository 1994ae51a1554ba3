"""JupyterLab as a researcher meets it: the start notebook in a real browser, all cells run."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pandas as pd
import pytest
import yaml

from pipeline.execution import launcher
from pipeline.figures import choose, start_page
from pipeline.regions import MODEL_REGIONS
from pipeline.settings import Paths, RegionParameters

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TOKEN = "test-token-of-the-workbench"
PAGE_LINK = "bocholt-rhede-isselburg.html öffnen"


# --- what the start notebook shows ----------------------------------------------------------


def test_options_name_model_regions_first_and_no_municipality_twice() -> None:
    municipalities = pd.DataFrame(
        {
            "ags": ["05766036", "05566028", "05566008"],
            "name": ["Kalletal", "Ibbenbüren, Stadt", "Altenberge"],
        }
    )
    options = choose.region_options(municipalities)
    assert options[: len(MODEL_REGIONS)] == [(r.name, slug) for slug, r in MODEL_REGIONS.items()]
    assert options[len(MODEL_REGIONS) :] == [
        ("Altenberge (05566008)", "05566008"),
        ("Ibbenbüren (05566028)", "05566028"),
    ]


@pytest.fixture
def tables(processed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERSORGUNGSLABOR_PROCESSED", str(processed))


def test_without_widgets_the_parameters_hold_and_the_list_is_printed(
    tables: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)  # importing it now fails
    choice = choose.choose("05766036", "2024-12-31")
    assert (choice.region, choice.workspace.reference_date.year) == ("kalletal", 2024)
    assert choice.follow(lambda lab: lab.region.name) == "Kalletal"
    printed = choice._repr_mimebundle_()["text/plain"]
    assert "region = 'kalletal'" in printed and "05566028: Ibbenbüren (05566028)" in printed


def test_what_follows_the_choice_is_drawn_again_and_a_reason_stays_in_words(tables: None) -> None:
    choice = choose.choose("kalletal", "2025-12-31")
    assert isinstance(choice, choose.WidgetChoice)
    drawn: list[str] = []
    choice.follow(lambda lab: drawn.append(f"{lab.region.name} {lab.reference_date.year}"))
    choice.region_field.value = "05566028"
    choice.date_field.value = None  # emptied: the last valid date holds
    assert drawn == ["Kalletal 2025", "Ibbenbüren 2025", "Ibbenbüren 2025"]


def test_every_notebook_is_linked_with_its_question_in_the_order_of_the_report(root: Path) -> None:
    text = str(start_page.notebook_list().data)
    links = re.findall(r"\]\(([^)]+\.ipynb)\) \| (.*) \|", text)
    there = {p.relative_to(root / "notebooks").as_posix() for p in _notebooks(root)}
    assert {link for link, _ in links} == there - {"start.ipynb"}
    assert all(question.endswith(("?", ".")) for _, question in links)
    chapters = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))["chapters"]
    regional = [Path(link).stem for link, _ in links if link.startswith("region/")]
    assert regional[: len(chapters)] == chapters


def _notebooks(root: Path) -> list[Path]:
    return [p for p in (root / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts]


def test_every_notebook_has_a_card_that_opens_it_and_start_is_the_first(root: Path) -> None:
    cards = launcher.launcher_cards(Paths())
    opened = [card["source"][0]["args"]["path"] for card in cards]
    assert opened[0] == "notebooks/start.ipynb"
    assert sorted(root / path for path in opened) == sorted(_notebooks(root))
    assert {card["source"][0]["id"] for card in cards} == {"docmanager:open"}
    (card,) = [card for card in cards if card["id"] == "notebooks/region/pflege.ipynb"]
    assert (card["title"], str(card["description"])[-1]) == ("Pflege", "?")


def test_every_parameter_is_explained() -> None:
    text = str(start_page.parameter_list().data)
    for name, field in RegionParameters.model_fields.items():
        assert f"| `{name}` | `{field.default}` | {field.description} |" in text
        assert len(field.description or "") > 20


# --- what is committed ----------------------------------------------------------------------


def test_hooks_are_local_and_strip_outputs(root: Path) -> None:
    config = yaml.safe_load((root / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    hooks = {hook["id"]: hook for hook in config["repos"][0]["hooks"]}
    assert all(hook["language"] == "system" for hook in hooks.values())
    kept = re.compile(hooks["nbstripout"]["exclude"])
    assert kept.match("tests/reference/wege.ipynb")
    assert not kept.match("notebooks/start.ipynb")


def test_the_hook_strips_what_a_run_left_and_nothing_else(root: Path, tmp_path: Path) -> None:
    config = yaml.safe_load((root / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (entry,) = [h["entry"] for h in config["repos"][0]["hooks"] if h["id"] == "nbstripout"]
    source = root / "notebooks" / "start.ipynb"
    notebook = nbformat.read(source, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    code[0].outputs = [nbformat.v4.new_output("stream", text="secret")]
    code[0].execution_count = 3
    target = tmp_path / "ran.ipynb"
    nbformat.write(notebook, target)
    command = [str(Path(sys.executable).with_name(Path(entry.split()[0]).name)), *entry.split()[1:]]
    subprocess.run([*command, str(target)], check=True, cwd=root)
    assert nbformat.read(target, as_version=4) == nbformat.read(source, as_version=4)


# --- in the browser -------------------------------------------------------------------------


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    address: str
    folder: Path

    def kernels(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.address}/api/kernels?token={TOKEN}") as answer:
            return json.load(answer)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def lab(
    root: Path, processed: Path, derived: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    """JupyterLab on a copy of the notebooks; everything it writes goes into a folder of its own."""
    folder = tmp_path_factory.mktemp("Werkbank mit Leerzeichen")
    shutil.copytree(
        root / "notebooks", folder / "notebooks",
        ignore=shutil.ignore_patterns(".ipynb_checkpoints"),
    )  # fmt: skip
    given = {"processed": processed, "derived": derived}
    paths = Paths(**given, build=folder / "build", reports=folder / "reports")
    own = paths.model_copy(update={"notebooks": folder / "notebooks"})
    cards = launcher.write_cards(own, folder)
    environment = {
        **os.environ,
        **paths.environment(),
        "JUPYTER_APP_LAUNCHER_PATH": str(cards.parent),
        "VERSORGUNGSLABOR_NOTEBOOKS": str(folder / "notebooks"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_DATA_DIR": str(folder / "jupyter-data"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "IPYTHONDIR": str(folder / "ipython"),
    }
    port = _free_port()
    log = (folder / "lab.log").open("w", encoding="utf-8")
    server = subprocess.Popen(
        [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={TOKEN}",
            f"--ServerApp.root_dir={folder}", *(["--allow-root"] if os.geteuid() == 0 else []),
        ],
        env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api?token={TOKEN}", server, folder / "lab.log")
        yield Lab(address, folder)
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:  # a kernel that is just starting can hold it up
            server.kill()
            server.wait()
        log.close()


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        assert server.poll() is None, log.read_text(encoding="utf-8")
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"JupyterLab did not start: {log.read_text(encoding='utf-8')}")


@pytest.mark.browser
@pytest.mark.whole
def test_the_start_notebook_runs_to_its_end_in_jupyterlab(browser: Browser, lab: Lab) -> None:
    """Server up, notebook opened, all cells run, figure visible, no error, kernel ended."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    foreign: list[str] = []
    page.on("request", lambda r: r.url.startswith(lab.address) or foreign.append(r.url))
    page.set_default_timeout(90_000)
    page.goto(f"{lab.address}/lab/tree/notebooks/start.ipynb?token={TOKEN}")
    page.wait_for_selector(".jp-Notebook .jp-MarkdownOutput h1")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")
    page.locator("#jp-MainMenu .lm-MenuBar-item", has_text="Run").click()
    page.locator("li[data-command='runmenu:run-all']").click()
    # the last but one output of the tour is the link to the rendered page
    page.wait_for_function(
        "name => document.body.innerText.includes(name)", arg=PAGE_LINK, timeout=300_000
    )
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")
    errors = page.locator("[data-mime-type='application/vnd.jupyter.error']")
    assert errors.count() == 0, errors.all_inner_texts()
    choice = page.locator(".widget-dropdown select")
    assert choice.locator("option").count() > len(MODEL_REGIONS)
    # a figure is an image that has been drawn, not an empty frame
    figure = page.locator(".jp-OutputArea-output img").first
    figure.scroll_into_view_if_needed()
    assert figure.is_visible()
    assert figure.evaluate("i => i.complete && i.naturalWidth") > 300
    before = figure.get_attribute("src")
    choice.scroll_into_view_if_needed()
    choice.select_option(label="Kalletal")
    page.wait_for_function(
        "before => {const i = document.querySelector('.jp-OutputArea-output img');"
        "return i && i.src !== before}",
        arg=before,
    )
    if folder := os.environ.get("VERSORGUNGSLABOR_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / "lab.png")
    (kernel,) = lab.kernels()
    _end(lab, kernel["id"])
    assert lab.kernels() == []
    assert [url for url in foreign if url.startswith("http")] == []
    page.close()
    report = lab.folder / "build" / "tour" / "reports" / "bocholt-rhede-isselburg.html"
    assert "<figure" in report.read_text(encoding="utf-8")


@pytest.mark.browser
@pytest.mark.whole
def test_a_card_of_the_launcher_opens_its_notebook(browser: Browser, lab: Lab) -> None:
    """And the page asks nobody but its own server."""
    pytest.importorskip("jupyter_app_launcher")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    foreign: list[str] = []
    page.on("request", lambda r: r.url.startswith(lab.address) or foreign.append(r.url))
    page.set_default_timeout(90_000)
    page.goto(f"{lab.address}/lab/workspaces/launcher?token={TOKEN}")
    cards = page.locator(".jp-Launcher .jp-LauncherCard")
    cards.filter(has_text="Pflege").click()
    page.wait_for_selector(".jp-Notebook .jp-MarkdownOutput h1")
    assert page.locator(".jp-Notebook h1").first.inner_text().startswith("Pflege")
    assert cards.count() >= len(_notebooks(lab.folder))
    page.close()
    assert [url for url in foreign if url.startswith("http")] == []


def _end(lab: Lab, kernel: str) -> None:
    request = urllib.request.Request(
        f"{lab.address}/api/kernels/{kernel}?token={TOKEN}", method="DELETE"
    )
    urllib.request.urlopen(request).close()
