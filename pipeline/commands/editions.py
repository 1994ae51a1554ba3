"""Commands of an edition: compare two, bundle the data, print, release."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from zipfile import ZipFile

import typer
from rich.table import Table

from pipeline.commands.options import (
    ERR,
    OUT,
    AsJson,
    Build,
    Derived,
    ParamsFile,
    Processed,
    Reports,
    paths_from,
    print_json,
    spinner,
)
from pipeline.errors import ParameterError, WorkspaceError
from pipeline.settings import Paths, read_params
from pipeline.writing import write_text

#: Folders of the site for the other forms of its pages.
PRINTED, SINGLE = "druck", "einzeln"
#: Exit status of `compare`, as `diff` has it.
_DIFFERENT, _TROUBLE = 1, 2
_DESCRIPTOR = "datapackage.json"

AllRegions = Annotated[bool, typer.Option("--all", help="Every region of params.yaml.")]
RegionKeys = Annotated[
    list[str] | None, typer.Argument(help="Slugs of model regions, or AGS of municipalities.")
]


def compare(
    old: Annotated[Path, typer.Argument(help="Older edition: folder or ZIP archive.")],
    new: Annotated[Path, typer.Argument(help="Newer edition: folder or ZIP archive.")],
    rtol: Annotated[
        float, typer.Option("--rtol", min=0.0, help="Share of the old value that is no difference.")
    ] = 0.0,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write the comparison as a page into this file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what changed between two editions, by severity and value by value.

    An edition is data/processed, a bundle, a released archive, or build with executed notebooks.
    Ends with status 0 if nothing differs beyond the tolerance, 1 if something does, 2 if an
    edition cannot be read.
    """
    from pipeline.checks import compare_words
    from pipeline.checks.compare import SEVERITIES, compare_editions
    from pipeline.figures import german

    for path in (old, new):
        if not path.exists():
            ERR.print(str(_no_edition(path)), style="red", highlight=False, markup=False)
            raise typer.Exit(_TROUBLE)
    try:
        with spinner("compare"):
            result = compare_editions(old, new, rtol)
    except WorkspaceError as error:
        ERR.print(str(error), style="red", highlight=False, markup=False)
        raise typer.Exit(_TROUBLE) from error
    if html is not None:
        write_text(html, compare_words.page(result))
    if as_json:
        print_json(compare_words.as_json(result))
    else:
        table = Table("Stufe", "Änderungen", title=f"{result.old.name} → {result.new.name}")
        for name, count in result.severities.items():
            table.add_row(SEVERITIES[name][0], german.number(count))
        OUT.print(table)
        titles = [_package_title(old), _package_title(new)]
        if all(titles) and titles[0] != titles[1]:
            OUT.print(
                f"Verglichen werden verschiedene Datenpakete: „{titles[0]}“ und „{titles[1]}“. "
                "Die Unterschiede können allein daher kommen.",
                highlight=False, markup=False,
            )  # fmt: skip
        for text in compare_words.digest(result):
            OUT.print(f"- {text}", highlight=False, markup=False)
        if html is not None:
            OUT.print(f"page in {html}", highlight=False)
    if not result.is_same:
        raise typer.Exit(_DIFFERENT)


def _no_edition(path: Path) -> WorkspaceError:
    return ParameterError(
        "there is no such file or folder",
        file=path,
        expected="a folder or ZIP archive: data/processed, a bundle, a released archive, build",
        remedy="look for a slip in the path; `versorgungslabor bundle REGION` writes a bundle",
    )


def _package_title(path: Path) -> str:
    """Title of the data package that an edition is; empty where it is none, or holds several."""
    try:
        if path.is_dir():
            content = (path / _DESCRIPTOR).read_bytes()
        else:
            with ZipFile(path) as archive:
                content = archive.read(_DESCRIPTOR)
    except (OSError, KeyError):  # executed notebooks, a released archive
        return ""
    return str(json.loads(content).get("title", ""))


def bundle(
    region: RegionKeys = None,
    all_: AllRegions = False,
    processed: Processed = None,
    derived: Derived = None,
    reports: Reports = None,
    params_file: ParamsFile = None,
) -> None:
    """Write the data of a region as a package: CSV files with datapackage.json, in a ZIP archive.

    Rows under the Open Database License come in an archive of their own. The archives go to the
    folder `pakete` of the site.
    """
    from pipeline.reports.bundle import PACKAGES, write_bundles

    paths = paths_from(processed=processed, derived=derived, reports=reports, params=params_file)
    params = read_params(paths.params)
    with spinner("bundle") as progress:
        for slug in _named(region, params.regions, is_all=all_):
            progress(slug)
            for path in write_bundles(slug, paths, params, paths.reports / PACKAGES):
                OUT.print(str(path), highlight=False)


def health_report(
    region: RegionKeys = None,
    all_: AllRegions = False,
    processed: Processed = None,
    derived: Derived = None,
    build: Build = None,
    reports: Reports = None,
    params_file: ParamsFile = None,
) -> None:
    """Write the Gesundheitsbericht of a region: what its chapters found, and its goals.

    It is a page of its own in the site, and a PDF beside it; run it after `render`.
    """
    from pipeline.reports.health_report import health_report_pages

    paths = paths_from(
        processed=processed, derived=derived, build=build, reports=reports, params=params_file
    )
    params = read_params(paths.params)
    with spinner("health report") as progress:
        for slug in _named(region, params.regions, is_all=all_):
            progress(slug)
            for path in health_report_pages(slug, paths, params):
                OUT.print(str(path), highlight=False)


def release(
    folder: Annotated[Path, typer.Option("--to", help="Folder that the archive goes to.")] = Path(
        "build/release"
    ),
    day: Annotated[
        dt.datetime | None,
        typer.Option("--day", formats=["%Y-%m-%d"], help="Day of the build; today by default."),
    ] = None,
    processed: Processed = None,
    derived: Derived = None,
    reports: Reports = None,
    params_file: ParamsFile = None,
) -> None:
    """Write the whole edition as one archive, with checksums, citation and RO-Crate description.

    It holds the rendered site with all that lies in it, a data package of all tables, and one of
    each region. Only here day and commit of the build are named; the same day and commit give the
    same bytes.
    """
    from pipeline.reports.archive import digest
    from pipeline.reports.release import this_build, write_release

    paths = paths_from(processed=processed, derived=derived, reports=reports, params=params_file)
    params = read_params(paths.params)
    build = this_build(day.date() if day else None)
    with spinner("release") as progress:
        archive = write_release(paths, params, build, folder, progress)
    write_text(archive.with_suffix(".zip.sha256"), f"{digest(archive)}  {archive.name}\n")
    OUT.print(f"edition {params.edition}, built on {build.day}, commit {build.commit}")
    OUT.print(f"{archive} ({archive.stat().st_size / 1e6:.1f} MB)", highlight=False)


def other_forms(paths: Paths, pages: Sequence[Path], *, pdf: bool, standalone: bool) -> list[Path]:
    """Pages that were just rendered, printed and as single files: the options of `render`.

    Reports of regions and evaluations have these forms, and each printed region its Standortprofil
    beside; the other pages are for the screen.
    """
    from pipeline.advice.profile.sheets import print_profile
    from pipeline.advice.situation import situation
    from pipeline.reports.pdf import print_pages
    from pipeline.reports.standalone import write_standalone
    from pipeline.tables.workspace import open_workspace

    reports = [page for page in pages if page.suffix == ".html" and _is_report(page, paths)]
    written = []
    if standalone:
        written += write_standalone(reports, paths.reports / SINGLE)
    if pdf:
        with spinner("pdf") as progress:
            written += print_pages(reports, paths.reports / PRINTED, progress)
            for page in reports:
                if _is_region(page, paths):
                    progress(f"Standortprofil {page.stem}")
                    lab = open_workspace(page.stem, read_params(paths.params).reference_date)
                    written.append(print_profile(lab, situation(lab), paths.reports / PRINTED))
    return written


def _is_report(page: Path, paths: Paths) -> bool:
    """Whether a page is the report of a region or the evaluation of a project."""
    return _is_region(page, paths) or page.stem.startswith("projekt-")


def _is_region(page: Path, paths: Paths) -> bool:
    return page.stem != "index" and (paths.build / "notebooks" / page.stem).is_dir()


def _named(given: Sequence[str] | None, regions: Sequence[str], *, is_all: bool) -> Sequence[str]:
    if is_all:
        return regions
    if not given:
        raise ParameterError(
            "no region is named", expected="slugs or AGS, or --all", remedy="see --help"
        )
    return given
