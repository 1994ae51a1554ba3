"""The documentation: it builds, its links lead somewhere, its tutorials do what they say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

#: What a tutorial needs of the checkout.
HOUSE = (
    "LICENSES",
    "pipeline",
    "notebooks",
    "data/raw",
    "docs/leser",
    "tests/conftest.py",
    "params.yaml",
    "pyproject.toml",
)
#: Tutorial → file that it leaves, and words that stand in it.
RESULTS = {
    "first-report": ("reports/oelde.html", ("Oelde", "Krankenhaus")),
    "add-my-municipality": ("reports/eigene/index.html", ("Ibbenbüren", "Rheine")),
    "add-my-figures": ("reports/oelde.html", ("Hebammenpraxis Beispiel", "1 von 3")),
    "add-a-source": ("data/processed/data-dictionary.md", ("defibrillators",)),
    "add-a-chapter": ("reports/oelde.html", ("Menschen je km²", "Wie dicht ist die Region")),
    "evaluate-my-project": ("reports/projekt-gesundes-musterdorf.html", ("Gesundes Musterdorf",)),
}
_BLOCK = re.compile(r"^```(\{code-block\} )?(\w+)\n(?::caption: (\S+)\n\n)?(.*?)^```$", re.M | re.S)


# --- the site -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Site:
    """The built documentation."""

    folder: Path

    def pages(self) -> list[Path]:
        return sorted(self.folder.rglob("*.html"))


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Built as `make docs` builds it: a warning is an error."""
    folder = tmp_path_factory.mktemp("docs")
    done = subprocess.run(
        [
            sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-E",
            "-d", str(folder / "doctrees"), str(root / "docs"), str(folder / "html"),
        ],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Site(folder / "html")


class _Links(HTMLParser):
    """Addresses and anchors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors.update(value for name in ("id", "name") if (value := given.get(name)))
        if tag == "a" and given.get("href"):
            self.addresses.append(str(given["href"]))
        is_loaded = tag == "link" and given.get("rel") in {"stylesheet", "icon", "preload"}
        address = given.get("src") or (given.get("href") if is_loaded else None)
        if address:
            self.loaded.append(address)


def _links(page: Path) -> _Links:
    parser = _Links()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser


def test_every_link_leads_to_a_page_and_an_anchor_that_exist(site: Site) -> None:
    found = {page: _links(page) for page in site.pages()}
    broken = []
    for page, links in found.items():
        for address in links.addresses:
            parts = urlsplit(address)
            if parts.scheme or address == "#":
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            anchors = found[target].anchors if target in found else set()
            if not target.exists() or (parts.fragment and parts.fragment not in anchors):
                broken.append(f"{page.relative_to(site.folder)}: {address}")
    assert broken == []


def test_pages_load_nothing_from_elsewhere_and_search_works_offline(site: Site) -> None:
    for page in site.pages():
        foreign = [a for a in _links(page).loaded if urlsplit(a).scheme or a.startswith("//")]
        assert foreign == [], page
    index = (site.folder / "searchindex.js").read_text(encoding="utf-8")
    for word in ("versorgungsgrad", "tutorials/add-a-chapter"):
        assert word in index


def test_generated_pages_hold_every_command_and_table(site: Site) -> None:
    from pipeline.cli import app
    from pipeline.tables.registry import TABLES

    commands = (site.folder / "reference" / "cli.html").read_text(encoding="utf-8")
    for command in app.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__.replace("_", "-")
        assert f'<span class="pre">{name}</span>' in commands, name
    tables = (site.folder / "reference" / "tables.html").read_text(encoding="utf-8")
    for table in TABLES.values():
        assert f"{table.name}: " in tables


def test_keys_of_json_outputs_stand_in_the_code(root: Path) -> None:
    page = (root / "docs" / "reference" / "json-outputs.md").read_text(encoding="utf-8")
    keys = {
        key
        for line in page.splitlines()
        if line.startswith(("| `", "`ready`"))
        for key in re.findall(r"`([a-z_0-9]+)`", line)
    }
    code = "\n".join(p.read_text(encoding="utf-8") for p in (root / "pipeline").rglob("*.py"))
    assert len(keys) >= 60
    assert sorted(key for key in keys if not re.search(rf"\b{key}\b", code)) == []


def test_readme_of_the_docs_links_what_exists(root: Path) -> None:
    text = (root / "docs" / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert len(links) > 10
    assert [link for link in links if not (root / "docs" / link).exists()] == []


# --- kept in step ---------------------------------------------------------------------------


def test_the_picture_of_the_house_is_that_of_the_import_graph(root: Path) -> None:
    sys.path.insert(0, str(root / "docs"))
    try:
        import house
    finally:
        sys.path.remove(str(root / "docs"))
    picture = root / "docs" / "explanation" / "house.svg"
    assert picture.read_text(encoding="utf-8") == house.picture(root), (
        "draw it anew: python docs/house.py"
    )


def _glossary(root: Path) -> list[tuple[str, str, str]]:
    text = (root / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|([^|]*)\|$", text, re.M)
    return [
        (german, english, code)
        for german, english, code in rows
        if german not in {"Deutsch", "---"}
    ]


def test_every_term_is_translated_once(root: Path) -> None:
    rows = _glossary(root)
    assert len(rows) >= 40
    german = [term for term, _, _ in rows]
    english = [term for _, term, _ in rows]
    assert len(set(german)) == len(german)
    assert len(set(english)) == len(english)


def test_words_that_the_glossary_gives_to_code_stand_in_the_code(root: Path) -> None:
    code = "\n".join(p.read_text(encoding="utf-8") for p in (root / "pipeline").rglob("*.py"))
    words = [word for _, _, cell in _glossary(root) for word in re.findall(r"`([^`]+)`", cell)]
    assert len(words) >= 25
    assert [word for word in words if not re.search(rf"\b{re.escape(word)}\b", code)] == []


def test_planning_statuses_and_groups_are_in_the_glossary(root: Path) -> None:
    from pipeline.methods import groups
    from pipeline.provenance import STATUS_LABELS

    text = (root / "docs" / "glossary.md").read_text(encoding="utf-8")
    for name in groups.DOCTOR_GROUPS:
        assert name in text, name
    for word in STATUS_LABELS:
        assert not word or f"`{word}`" in text, word


# --- tutorials ------------------------------------------------------------------------------


def steps(page: str) -> Iterator[tuple[str, str]]:
    """(what, content) in order: "run" for commands, else the file that is to be written."""
    for match in _BLOCK.finditer(page):
        _, language, caption, content = match.groups()
        if caption:
            yield caption, content
        elif language == "sh":
            yield "run", content


def do(page: Path, house: Path) -> None:
    """Do in `house` what a tutorial tells its reader to do."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("VERSORGUNGSLABOR_")}
    bin_folder = Path(sys.executable).parent
    environment |= {
        "PATH": f"{bin_folder}{os.pathsep}{environment['PATH']}",
        "PYTHONPATH": str(house),  # the code of this copy, which the tutorial may change
        "PYTHONHASHSEED": "0",
    }
    for what, content in steps(page.read_text(encoding="utf-8")):
        if what != "run":
            target = house / what
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
            continue
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", content],
            cwd=house, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{content}\n{done.stdout}\n{done.stderr}"


def _assert_result(name: str, house: Path) -> None:
    file, words = RESULTS[name]
    text = (house / file).read_text(encoding="utf-8")
    assert [word for word in words if word not in text] == []


@pytest.fixture(scope="module")
def first_report(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the workspace in which the first tutorial has been done."""
    house = tmp_path_factory.mktemp("Arbeitsplatz für alle")
    for name in HOUSE:
        source, target = root / name, house / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_file():
            shutil.copyfile(source, target)
        else:
            without = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "originals")
            shutil.copytree(source, target, ignore=without)
    shutil.rmtree(house / "data" / "raw" / "eigene", ignore_errors=True)
    do(root / "docs" / "tutorials" / "first-report.md", house)
    return house


@pytest.mark.whole
def test_the_first_report_is_made(first_report: Path) -> None:
    _assert_result("first-report", first_report)


@pytest.mark.whole
@pytest.mark.parametrize("name", [name for name in RESULTS if name != "first-report"])
def test_the_tutorial_does_what_it_says(
    name: str, root: Path, first_report: Path, tmp_path: Path
) -> None:
    house = tmp_path / "Arbeitsplatz"
    shutil.copytree(first_report, house)
    do(root / "docs" / "tutorials" / f"{name}.md", house)
    _assert_result(name, house)


def test_every_tutorial_is_tried(root: Path) -> None:
    pages = {page.stem for page in (root / "docs" / "tutorials").glob("*.md")}
    assert pages == set(RESULTS)
