"""A region's page from executed notebooks, as the site writer makes it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.reports.chapter import TEMPLATES, ChapterRenderer, environment, new_exporter
from pipeline.reports.scripts import script


def region_page(notebooks: Sequence[Path], folder: Path) -> Path:
    """Write the page with one chapter a notebook; head and annex stay empty."""
    jinja = environment()
    renderer = ChapterRenderer(new_exporter(), jinja)
    chapters = [renderer.render(path, path.stem) for path in notebooks]
    names = dict.fromkeys(name for chapter in chapters for name in chapter.scripts)
    scripts = [script(name) for name in names]
    html = jinja.get_template("region.html.j2").render(
        head={"name": "Musterort", "facts": []},
        chapters=chapters,
        scripts=[text for text, _ in scripts],
        script_hashes=[digest for _, digest in scripts],
        style=(TEMPLATES / "style.css").read_text("utf-8"),
        slug="musterort", has_projects=False, edition="", checksum="", kinds=[], signs=[],
        sources=[], citation="",
    )  # fmt: skip
    path = folder / "musterort.html"
    path.write_text(html, "utf-8")
    return path
