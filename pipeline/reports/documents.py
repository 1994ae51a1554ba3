"""The pages beside the reports: methods, measures and tables, changes, claims without evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from jinja2 import Environment

from pipeline.errors import RawDataError
from pipeline.figures import german
from pipeline.reports.chapter import csv_text, markdown
from pipeline.settings import ROOT
from pipeline.sources.template_kinds import TEMPLATES
from pipeline.tables import storage
from pipeline.tables.measures import MEASURES, UNITS
from pipeline.tables.registry import TABLES, WARNINGS, Table

DOCS = ROOT / "docs"
_POLARITY = {1: "mehr ist besser", -1: "weniger ist besser", 0: "ohne Wertung"}
_CLAIM_PARTS = ("id", "region", "claim", "origin", "searched", "remark")
#: Folder of the tables as CSV, beside the pages.
DATA = "daten"
#: Folder of the empty templates for own figures.
OWN_FIGURES = "vorlagen"


def document_pages(jinja: Environment, shared: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and HTML of the pages made from docs/: changes, list of methods, one page a method."""
    template = jinja.get_template("document.html.j2")
    text = (DOCS / "leser" / "aenderungen.md").read_text(encoding="utf-8")
    yield (
        "aenderungen",
        template.render(
            title="Was hat sich geändert", html=markdown(text), note="", lang="de", **shared
        ),
    )
    methods = sorted((DOCS / "methods").glob("*.md"))
    items = "".join(
        f'<li><a href="methode-{path.stem}.html">{_heading(path)}</a></li>' for path in methods
    )
    yield (
        "methoden",
        template.render(
            title="Methoden",
            html="<h1>Methoden</h1><p>Definition, Formel, Quelle, Grenzen und nachgerechnete "
            f'Fälle. Die Seiten sind auf Englisch.</p><ul lang="en">{items}</ul>',
            note="",
            lang="de",
            **shared,
        ),
    )
    for path in methods:
        yield (
            f"methode-{path.stem}",
            template.render(
                title=_heading(path),
                html=_with_page_links(markdown(path.read_text(encoding="utf-8"))),
                note="Diese Methodenseite ist auf Englisch.",
                lang="en",
                **shared,
            ),
        )


def _heading(path: Path) -> str:
    first = path.read_text(encoding="utf-8").lstrip().splitlines()[0]
    return first.lstrip("# ").strip()


def _with_page_links(html: str) -> str:
    """Links between method pages lead to the pages; links into the repository become text."""
    html = re.sub(r'<a href="([\w-]+)\.md(#[^"]*)?">', r'<a href="methode-\1.html">', html)
    return re.sub(r'<a href="(?!methode-|#|https?:)[^"]*">(.*?)</a>', r"\1", html, flags=re.DOTALL)


def measures_page(jinja: Environment, processed: Path, shared: dict[str, Any]) -> str:
    """The sheet of every measure and table: unit, polarity, columns, warnings, sources."""
    producers = storage.read("sources", processed=processed).set_index("source_id")["producer"]
    tables = [
        _describe(table, storage.read(name, processed=processed), producers)
        for name, table in TABLES.items()
    ]
    return jinja.get_template("measures.html.j2").render(tables=tables, **shared)


def _describe(table: Table, frame: pd.DataFrame, producers: pd.Series) -> dict[str, Any]:
    ids = set(frame["source_id"]) if "source_id" in frame else set()
    return {
        "name": table.name,
        "title": table.title,
        "rows": german.number(len(frame)),
        "csv": f"{DATA}/{table.name}.csv",
        "warnings": [WARNINGS[word] for word in table.warnings],
        "measures": [
            {
                "label": measure.label,
                "unit": UNITS[measure.unit] or "Anzahl",
                "polarity": _POLARITY[measure.polarity],
            }
            for measure in MEASURES.values()
            if measure.table == table.name
        ],
        "fields": table.columns,
        "sources": "; ".join(sorted({str(producers[name]) for name in ids})) or "alle genannten",
    }


def table_files(processed: Path) -> Iterator[tuple[str, str]]:
    """Name and text of every processed table as CSV, for readers without Parquet."""
    for name in TABLES:
        frame = storage.read(name, processed=processed)
        cells = frame.astype("object").where(frame.notna(), "")
        yield f"{DATA}/{name}.csv", csv_text(list(frame.columns), cells.to_numpy().tolist())


def own_figures_page(jinja: Environment, shared: dict[str, Any]) -> str:
    """What a municipality can add itself, with the templates to fill in."""
    return jinja.get_template("own_figures.html.j2").render(
        templates=TEMPLATES, folder=OWN_FIGURES, **shared
    )


def claims_page(jinja: Environment, raw: Path, shared: dict[str, Any]) -> str:
    """Claims for which no evidence was found; each entry of data/raw/claims.yaml has all parts."""
    path = raw / "claims.yaml"
    claims = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else []
    for claim in claims:
        missing = [part for part in _CLAIM_PARTS if not claim.get(part)]
        if missing:
            raise RawDataError(
                f"a claim lacks '{missing[0]}'",
                file=path,
                found=claim.get("id"),
                expected=", ".join(_CLAIM_PARTS),
                remedy="add the part; a claim without origin cannot be checked",
            )
    return jinja.get_template("claims.html.j2").render(claims=claims, **shared)
