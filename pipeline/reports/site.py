"""The site: one self-contained page a region, an index of all, `status.json`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.errors import ExecutionError
from pipeline.figures import german
from pipeline.methods.findings import KINDS
from pipeline.provenance import LICENCES, sha256_of
from pipeline.regions import Region, find_region
from pipeline.reports.chapter import (
    TEMPLATES,
    Chapter,
    ChapterRenderer,
    environment,
    new_exporter,
)
from pipeline.settings import Params, Paths
from pipeline.tables import storage
from pipeline.tables.workspace import Workspace

Status = Mapping[str, Mapping[str, Mapping[str, str]]]
_STATUS_WORDS = {"ok": "vollständig", "no_data": "teilweise ohne Daten", "failed": "unvollständig"}
OVERVIEW = "overview"


@dataclass(frozen=True)
class Site:
    """Everything that all pages share; made once a run."""

    paths: Paths
    params: Params
    status: Status
    sources: pd.DataFrame
    municipalities: pd.DataFrame
    checksum: str


def render_site(
    paths: Paths,
    params: Params,
    status: Status,
    regions: Sequence[str] = (),
    progress: Callable[[str], None] = lambda name: None,
) -> list[Path]:
    """Render executed notebooks to `paths.reports`.

    Parameters
    ----------
    status : region → chapter → {"status": …}, as `analyse` left it.
    regions : slugs to render; every region of `status` by default. The index always lists all.
    progress : called with the name of each page.

    Raises
    ------
    ExecutionError : nothing has been executed, or a named region has not.
    """
    if not status:
        raise ExecutionError(
            "there are no executed notebooks",
            file=paths.build / "notebooks",
            remedy="run `versorgungslabor analyse` first (or `make reports`)",
        )
    missing = sorted(set(regions) - set(status))
    if missing:
        raise ExecutionError(
            "this region has not been analysed",
            found=missing[0],
            expected=", ".join(name for name in status if name != OVERVIEW),
            remedy=f"run `versorgungslabor analyse --region {missing[0]}` first",
        )
    site = Site(
        paths=paths,
        params=params,
        status=status,
        sources=storage.read("sources", processed=paths.processed),
        municipalities=storage.read("municipalities", processed=paths.processed),
        checksum=_checksum(paths),
    )
    exporter, jinja = new_exporter(), environment()
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    if not regions:
        _remove_stale_pages(paths, status)
    written = []
    for slug in regions or [name for name in status if name != OVERVIEW]:
        progress(slug)
        chapters = _chapters(site, slug, ChapterRenderer(exporter, jinja))
        html = jinja.get_template("region.html.j2").render(
            style=style, **_region_page(site, slug, chapters)
        )
        written.append(_write(paths.reports / f"{slug}.html", html))
    progress("index")
    overview = _chapters(site, OVERVIEW, ChapterRenderer(exporter, jinja))
    html = jinja.get_template("index.html.j2").render(style=style, **_index_page(site, overview))
    written.append(_write(paths.reports / "index.html", html))
    _write(paths.reports / "status.json", json.dumps(status, ensure_ascii=False, indent=2) + "\n")
    return written


def _remove_stale_pages(paths: Paths, status: Status) -> None:
    """Pages of regions that were not analysed any more must not pass for current ones."""
    for path in paths.reports.glob("*.html"):
        if path.stem != "index" and path.stem not in status:
            path.unlink()


def _chapters(site: Site, slug: str, renderer: ChapterRenderer) -> list[Chapter]:
    """The chapters of a region that were executed, in the order of params.yaml."""
    done = site.status.get(slug, {})
    order = [name for name in (*site.params.chapters, OVERVIEW) if name in done]
    order += [name for name in done if name not in order]
    folder = site.paths.build / "notebooks" / slug
    return [
        renderer.render(folder / f"{name}.ipynb", name)
        for name in order
        if (folder / f"{name}.ipynb").is_file()
    ]


def _region_page(site: Site, slug: str, chapters: Sequence[Chapter]) -> dict[str, object]:
    region = find_region(slug, site.municipalities)
    lab = Workspace(region, site.params.reference_date)
    facts = [
        ("Schlüssel (AGS)", ", ".join(region.members)),
        ("Gemeinden", german.enumeration(region.member_names)),
        ("Kreis", "kreisfreie Stadt" if region.is_kreis else lab.name_of(region.kreis)),
        ("Land", region.land_name),
        ("Datenstand", german.period(site.params.reference_date.isoformat())),
        ("Ausgabe", site.params.edition),
    ]
    return {
        "head": {"name": region.name, "facts": facts},
        "chapters": chapters,
        **_back_matter(site, chapters),
    }


def _index_page(site: Site, overview: Sequence[Chapter]) -> dict[str, object]:
    rows = []
    for slug in (name for name in site.status if name != OVERVIEW):
        region = find_region(slug, site.municipalities)
        rows.append(
            {
                "slug": slug,
                "name": region.name,
                "has_page": (site.paths.reports / f"{slug}.html").is_file(),
                "kreis": _kreis_name(region, site),
                "land": region.land_name,
                "status": _status_of(site.status[slug]),
            }
        )
    rows.sort(key=lambda row: str(row["name"]))
    return {
        "regions": rows,
        "reference_date": german.period(site.params.reference_date.isoformat()),
        "overview": overview[0].html if overview else "",
        **_back_matter(site, overview),
    }


def _kreis_name(region: Region, site: Site) -> str:
    if region.is_kreis:
        return "kreisfrei"
    return Workspace(region, site.params.reference_date).name_of(region.kreis)


def _status_of(chapters: Mapping[str, Mapping[str, str]]) -> str:
    worst = max((c["status"] for c in chapters.values()), key=list(_STATUS_WORDS).index)
    return _STATUS_WORDS[worst]


def _back_matter(site: Site, chapters: Sequence[Chapter]) -> dict[str, object]:
    return {
        "edition": site.params.edition,
        "checksum": site.checksum,
        "kinds": list(KINDS.items()),
        "signs": german.signs_legend(),
        "sources": _sources(site, chapters),
    }


def _sources(site: Site, chapters: Sequence[Chapter]) -> list[dict[str, str]]:
    """The sources that the chapters use, alphabetically."""
    used = "; ".join(text for chapter in chapters for text in chapter.attributions)
    ids = {name for chapter in chapters for name in chapter.source_ids}
    rows = site.sources.sort_values("attribution")
    return [
        {
            **{str(name): text for name, text in row.items()},
            "licence_name": LICENCES[row["licence"]],
        }
        for row in rows.to_dict("records")
        if row["source_id"] in ids or row["attribution"] in used
    ]


def _checksum(paths: Paths) -> str:
    """One hash over all tables that the pages are made from."""
    digest = hashlib.sha256()
    for path in sorted(paths.processed.glob("*.parquet")):
        digest.update(f"{path.name} {sha256_of(path)}\n".encode())
    return digest.hexdigest()[:16]


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
    return path
