"""`verify`: is everything as it claims to be? Raw bytes, tables, executed notebooks, pages.

A damaged file is a problem among others: the other checks go on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import nbformat

from pipeline.advice.funding import read_funding
from pipeline.checks.integrity import integrity_problems
from pipeline.errors import TableError, VerificationError, WorkspaceError
from pipeline.figures.contract import FIGURE_MIME, PROSE_MIME, TABLE_MIME
from pipeline.figures.position import foreign_values
from pipeline.projects.storage import read_record
from pipeline.provenance import iter_sidecar_problems
from pipeline.settings import Paths
from pipeline.sources.templates import is_template
from pipeline.tables import storage
from pipeline.tables.registry import TABLES
from pipeline.tables.schemas import validate

#: Attributes that make a browser load something.
_LOADING = {"src", "srcset", "data", "poster", "action", "background"}
_FIGURE_PARTS = (
    "id", "title", "caption", "alt", "level", "attribution", "sources", "columns", "rows",
)  # fmt: skip
_TABLE_PARTS = tuple(part for part in _FIGURE_PARTS if part != "alt")


def verify(
    paths: Paths, progress: Callable[[str], None] = lambda step: None
) -> list[WorkspaceError]:
    """Everything that is not as it should be; empty when all is well.

    What has not been made yet (tables, notebooks, pages) is not checked.
    """
    checks: list[tuple[str, Callable[[Paths], Iterator[WorkspaceError]]]] = [
        ("raw files and sidecars", lambda p: iter_sidecar_problems(p.raw, is_template)),
        ("files as they were written", integrity_problems),
        ("processed tables", table_problems),
        ("records of projects", record_problems),
        ("figure contract", notebook_problems),
        ("pages", page_problems),
    ]
    problems: list[WorkspaceError] = []
    for name, check in checks:
        progress(name)
        try:
            problems.extend(check(paths))
        except WorkspaceError as error:  # it ends this check, not the others
            problems.append(error)
    return problems


def table_problems(paths: Paths) -> Iterator[WorkspaceError]:
    """Tables that are missing, break their schema, or name a source that does not exist."""
    if not paths.processed.is_dir():
        return
    known: set[str] | None = None
    for name, table in sorted(TABLES.items(), key=lambda item: item[0] != "sources"):
        try:
            frame = storage.read(name, processed=paths.processed)
            validate(frame, table)
        except WorkspaceError as error:
            yield error
            continue
        if name == "sources":
            known = set(frame["source_id"])
        elif known is not None and "source_id" in frame:
            for source in sorted(set(frame["source_id"]) - known):
                yield VerificationError(
                    f"table '{name}' names an unknown source",
                    file=paths.processed / f"{name}.parquet",
                    column="source_id",
                    found=source,
                    remedy="describe the source in the sidecar of its raw file",
                )


def record_problems(paths: Paths) -> Iterator[WorkspaceError]:
    """Records of funded projects, or funding lines, that cannot be read."""
    for record in sorted((paths.raw / "projects").glob("*/project.yaml")):
        try:
            read_record(record.parent)
        except WorkspaceError as error:
            yield error
    if (paths.raw / "funding").is_dir():
        try:
            read_funding(paths.raw)
        except WorkspaceError as error:
            yield error


def notebook_problems(paths: Paths) -> Iterator[WorkspaceError]:
    """Figures without a part of the contract, sentences with a number but no finding, and values
    of a Kreis in a chart of municipalities."""
    municipalities = _municipalities(paths)
    executed = [
        path
        for folder in ("evaluation", "notebooks")
        for path in sorted((paths.build / folder).rglob("*.ipynb"))
    ]
    for path in executed:
        if path.name.startswith("."):
            continue
        try:
            notebook = nbformat.read(path, as_version=4)
        except (nbformat.reader.NotJSONError, nbformat.ValidationError, ValueError) as error:
            yield VerificationError(
                "the executed notebook cannot be read",
                file=path,
                found=str(error).splitlines()[0],
                expected="a whole notebook (JSON)",
                remedy="run `versorgungslabor analyse` again",
            )
            continue
        seen: set[str] = set()
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                yield from _output_problems(path, data, seen)
                yield from _position_problems(path, data, municipalities)


def _municipalities(paths: Paths) -> list[str]:
    """AGS of all municipalities of the data; none where the tables have not been made."""
    if not (paths.processed / "municipalities.parquet").is_file():
        return []
    try:
        frame = storage.read("municipalities", columns=["ags"], processed=paths.processed)
    except TableError:
        return []  # the check of the tables has named it
    return [str(ags) for ags in frame["ags"]]


def _position_problems(
    path: Path, data: dict, municipalities: list[str]
) -> Iterator[WorkspaceError]:
    """A position chart holds municipal values only; a Kreis value there would look like one."""
    item = data.get(FIGURE_MIME, {})
    for value in foreign_values(item, municipalities):
        yield VerificationError(
            f"figure '{item.get('id')}' shows a value that is not municipal among municipal ones",
            file=path,
            found=value,
            expected="values of municipalities, from rows of these municipalities",
            remedy="take the value out of the chart and show it with its level beside it",
        )


def _output_problems(path: Path, data: dict, seen: set[str]) -> Iterator[WorkspaceError]:
    for mime, parts in ((FIGURE_MIME, _FIGURE_PARTS), (TABLE_MIME, _TABLE_PARTS)):
        if mime not in data:
            continue
        item = data[mime]
        missing = [part for part in parts if not item.get(part)]
        if mime == FIGURE_MIME and not (data.get("image/svg+xml") and data.get("image/png")):
            missing.append("picture")
        if item.get("id") in seen:
            missing.append("an id of its own")
        seen.add(str(item.get("id")))
        if missing:
            yield VerificationError(
                f"figure '{item.get('id')}' lacks {', '.join(missing)}", file=path
            )
    prose = data.get(PROSE_MIME)
    if prose and prose["tone"] == "finding" and not prose["findings"]:
        yield VerificationError(
            "a sentence without a finding behind it", file=path, found=prose["sentences"]
        )
    if FIGURE_MIME not in data and ("image/png" in data or "image/jpeg" in data):
        yield VerificationError(
            "a bare picture, outside the figure contract",
            file=path,
            remedy="show a pipeline.figures Figure instead",
        )


class _Page(HTMLParser):
    """Collects what matters of a page: ids, links, anything that would load something."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.images_without_alt = 0
        self.has_csp = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a" and "href" in given and not given["href"].startswith("data:"):
            self.links.append(given["href"])
        if tag == "link":
            self.loads.append(given.get("href", "<link>"))
        self.loads += [
            value
            for name, value in given.items()
            if name in _LOADING and not value.startswith("data:")
        ]
        if tag == "img" and not given.get("alt", "").strip():
            self.images_without_alt += 1
        if given.get("http-equiv", "").lower() == "content-security-policy":
            self.has_csp = "default-src 'none'" in given.get("content", "")


def page_problems(paths: Paths) -> Iterator[WorkspaceError]:
    """Pages that load something, have a dead link, a doubled id, or an image without alt text."""
    files = [*sorted(paths.reports.glob("*.html")), *sorted(paths.reports.glob("en/*.html"))]
    pages = {path: _read_page(path) for path in files}
    for path, page in pages.items():
        for target in page.loads:
            yield VerificationError("the page would request something", file=path, found=target)
        if not page.has_csp:
            yield VerificationError(
                "the page has no Content-Security-Policy", file=path, expected="default-src 'none'"
            )
        for name in sorted({name for name in page.ids if page.ids.count(name) > 1}):
            yield VerificationError("an id stands twice", file=path, found=name)
        if page.images_without_alt:
            yield VerificationError("an image without alt text", file=path)
        for link in page.links:
            if not _resolves(link, path, pages):
                yield VerificationError("a link leads nowhere", file=path, found=link)


def _read_page(path: Path) -> _Page:
    page = _Page()
    # a byte that is no UTF-8 is the checksums' to find
    page.feed(path.read_text(encoding="utf-8", errors="replace"))
    return page


def _resolves(link: str, path: Path, pages: dict[Path, _Page]) -> bool:
    if link.startswith(("https://", "http://")):
        return True  # for the reader to follow: the page itself requests nothing
    name, _, anchor = link.partition("#")
    target = path if not name else Path(os.path.normpath(path.parent / name))
    if target not in pages:
        return bool(name) and "//" not in name and target.is_file()
    return not anchor or anchor in pages[target].ids
