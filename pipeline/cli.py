"""The commands: what a person types, and what DVC runs.

Every command says what it does while it works, ends with a summary, and leaves with status 0 only
if all went well. Errors name file, row, what was expected and what to do.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.table import Table

from pipeline import __version__
from pipeline.commands.advice import advice, toolbox
from pipeline.commands.audit import audit
from pipeline.commands.concept import konzept
from pipeline.commands.editions import bundle, compare, health_report, release
from pipeline.commands.fetch import fetch
from pipeline.commands.options import (
    ERR,
    OUT,
    AsJson,
    Build,
    Derived,
    Originals,
    ParamsFile,
    Processed,
    Raw,
    Reports,
    paths_from,
    print_json,
    spinner,
)
from pipeline.commands.platform import network, offers
from pipeline.commands.project import evaluate, project_app
from pipeline.commands.scenario import scenario
from pipeline.commands.template import template
from pipeline.errors import RawDataError, WorkspaceError
from pipeline.locking import sole_writer
from pipeline.settings import Params, Paths, read_params

app = typer.Typer(
    name="versorgungslabor",
    help="Regional statistics turned into evidence for municipal health-care planning.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def ingest(raw: Raw = None, processed: Processed = None, originals: Originals = None) -> None:
    """Read data/raw, check it, and write the typed tables of data/processed.

    With --originals the publishers' own files fill the same tables for all territories that they
    hold, so that any German municipality can be analysed. Whatever is wrong in a raw file stops
    the command with file and row; data/processed then keeps its last good state.
    """
    from pipeline.tables.ingest import ingest as run

    paths = paths_from(raw=raw, processed=processed, originals=originals)
    with sole_writer(paths.processed), spinner("ingest") as progress:
        report = run(paths, progress, paths.originals)
    table = Table("file", "format", "read", "kept", "flagged", "merged", "rejected", "why")
    for file in report.files:
        counts = (file.read, file.kept, file.flagged, file.merged, file.rejected)
        table.add_row(file.file, file.format, *(f"{n:,}" for n in counts), file.reason)
    OUT.print(table)
    rows = sum(report.tables.values())
    OUT.print(f"{len(report.tables)} tables with {rows:,} rows in {paths.processed}")
    broken = len(report.sums_broken)
    OUT.print(f"{report.sums_compared:,} sums compared, {broken} do not add up (sum_checks.csv)")
    for row in report.sums_broken.itertuples():
        OUT.print(
            f"  {row.check}: {row.measure}, {row.ref_area}, {row.time_period}: "
            f"published {row.published_total:,.0f}, parts {row.sum_of_parts:,.0f}"
        )
    OUT.print(f"{len(report.conflicts)} values that another source contradicts (conflicts.csv):")
    for rule, count in report.conflicts["rule"].value_counts().items():
        OUT.print(f"  {count}: {rule}", highlight=False)
    if len(report.carried):
        OUT.print(f"{len(report.carried):,} counts carried to today's Kreise (carried_counts.csv)")
    _print_alarms(report.alarms)


def _print_alarms(alarms: tuple[Any, ...], shown: int = 3) -> None:
    kinds: dict[str, list[str]] = {}
    for alarm in alarms:
        kinds.setdefault(alarm.kind, []).append(alarm.message)
    for kind, messages in kinds.items():
        more = f", and {len(messages) - shown:,} more" if len(messages) > shown else ""
        OUT.print(
            f"region alarm {kind}: {'; '.join(messages[:shown])}{more} (region_alarms.csv)",
            highlight=False,
        )


def model(processed: Processed = None, derived: Derived = None) -> None:
    """Project people and their needs for all regions at once: data/processed → data/derived.

    Every value is an estimate and stands beside its uncertainty.
    """
    from pipeline.execution.model import model as run

    paths = paths_from(processed=processed, derived=derived)
    with sole_writer(paths.derived), spinner("model") as progress:
        report = run(paths, progress)
    table = Table("table", "rows")
    for name, rows in report.tables.items():
        table.add_row(name, f"{rows:,}")
    OUT.print(table)
    for note in report.notes:
        OUT.print(f"  {note}", highlight=False)
    OUT.print(f"{report.regions} regions in {paths.derived}")


def backtest(
    base_year: Annotated[int, typer.Option("--base-year", help="Year whose end is known.")] = 2015,
    land: Annotated[str, typer.Option("--land", help="Land key, two digits.")] = "05",
    originals: Originals = None,
    as_json: AsJson = False,
) -> None:
    """Forecast from a past year and compare with what came, beside naive forecasts.

    Needs the publishers' own files: --originals or VERSORGUNGSLABOR_ORIGINALS.
    """
    from pipeline.checks.backtest import render_backtest, run_backtest

    folder = paths_from(originals=originals).originals
    if folder is None:
        raise RawDataError(
            "the back-test needs the publishers' own files",
            expected="--originals DIR, or VERSORGUNGSLABOR_ORIGINALS",
            remedy="name the folder; docs/methods/backtest.md lists the tables",
        )
    with spinner("backtest"):
        report = run_backtest(folder, base_year=base_year, land=land)
    if as_json:
        print(report.to_json())
    else:
        OUT.print(render_backtest(report))


def regions(processed: Processed = None) -> None:
    """List the model regions and every municipality of the data."""
    from pipeline.regions import MODEL_REGIONS
    from pipeline.tables import storage

    paths = paths_from(processed=processed)
    table = Table("region", "name", "Kreis", "municipalities")
    for region in MODEL_REGIONS.values():
        table.add_row(region.slug, region.name, region.kreis, " ".join(region.members))
    OUT.print(table)
    municipalities = storage.read("municipalities", processed=paths.processed)
    others = Table("AGS", "municipality", "Kreis")
    for row in municipalities.itertuples():
        others.add_row(str(row.ags), str(row.name), str(row.kreis))
    OUT.print(others)


def analyse(
    region: Annotated[
        list[str] | None, typer.Option("--region", help="Slug or AGS; may be given repeatedly.")
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Every municipality that the tables hold.")
    ] = False,
    notebook: Annotated[
        list[str] | None, typer.Option("--notebook", help="Only these notebooks.")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "-p",
            "--parameter",
            metavar="NAME=VALUE",
            help="A parameter of a notebook's own cell, e.g. compare_with=05766024,05762036.",
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", min=1, help="Notebooks that run at a time.")
    ] = os.cpu_count() or 1,
    engine: Annotated[
        Literal["fork", "kernel"],
        typer.Option("--engine", help="fork: kernels from a prepared process; kernel: plain."),
    ] = "fork",
    timeout: Annotated[
        float | None, typer.Option("--timeout", min=1, help="Seconds that a notebook may take.")
    ] = None,
    memory: Annotated[
        int | None, typer.Option("--memory", min=1, help="Megabytes that a notebook may occupy.")
    ] = None,
    render_pages: Annotated[
        bool, typer.Option("--render", help="Write the page of a region with its notebooks.")
    ] = False,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="Run on a dask cluster, e.g. tcp://host:8786.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep finished work that nothing has changed for.")
    ] = False,
    processed: Processed = None,
    derived: Derived = None,
    build: Build = None,
    reports: Reports = None,
    params_file: ParamsFile = None,
) -> None:
    """Run notebooks for regions: those of params.yaml, those named, or all.

    A failure stays in its region; the command ends with status 1 if any notebook failed.
    """
    from functools import partial

    from pipeline.execution.board import Board
    from pipeline.execution.jobs import plan_jobs
    from pipeline.execution.parameters import parse_options
    from pipeline.execution.sweep import FAILED, NO_DATA, OK, Sweep, SweepOptions, read_status

    paths = paths_from(
        processed=processed, derived=derived, build=build, reports=reports, params=params_file
    )
    params = read_params(paths.params)
    given = parse_options(parameter or [])
    options = SweepOptions(
        workers=workers,
        engine=engine,
        timeout=timeout,
        memory=memory,
        scheduler=scheduler,
        is_resumed=resume,
        is_edition=not (region or notebook or all_),
        pages=partial(_page_writer, paths, params) if render_pages else None,
    )
    written = [paths.build, paths.reports] if render_pages else [paths.build]
    # the sweep's workers load while the jobs are planned
    with sole_writer(*written), Sweep(paths, options) as sweep:
        from pipeline.regions import find_region
        from pipeline.tables import storage

        municipalities = storage.read("municipalities", processed=paths.processed)
        _warn_of_missing_tables(paths)
        wanted = list(municipalities["ags"]) if all_ else (region or params.regions)
        found = [find_region(key, municipalities) for key in wanted]
        has_overview = not (region or notebook)
        jobs = plan_jobs(
            paths, params, found, notebook or (), has_overview=has_overview, given=given
        )
        with Board(ERR, len(jobs), workers) as board:
            results = sweep.run(jobs, board.update)
    counts = {status: sum(r.status == status for r in results) for status in (OK, NO_DATA, FAILED)}
    OUT.print(
        f"{counts[OK]} ok, {counts[NO_DATA]} without data, {counts[FAILED]} failed; "
        f"log and times in {paths.build / 'run'}"
    )
    for result in results:
        if result.status == FAILED:
            ERR.print(f"[bold red]failed[/] {result.job.name}: {result.message}", highlight=False)
            ERR.print(f"  to do: open {result.job.output}; the cell with the error is the last")
    for page in board.failed_pages:
        ERR.print(f"[bold red]no page[/] {page.region}: {page.message}", highlight=False)
    if render_pages:  # the pages lie there already
        from pipeline.reports.site import SiteWriter, finish_site

        regions = [job.region for job in jobs]
        finish_site(SiteWriter(paths, params), paths, read_status(paths), regions)
        OUT.print(f"pages in {paths.reports}; open {paths.reports / 'index.html'}")
    if counts[FAILED] or board.failed_pages:
        raise typer.Exit(1)


def _warn_of_missing_tables(paths: Paths) -> None:
    """Say at the start, not after a thousand notebooks, that chapters will lack their tables."""
    from pipeline.tables.registry import DERIVED, FROM_EXTRACT

    missing = [
        name
        for name in DERIVED
        if name not in FROM_EXTRACT and not (paths.derived / f"{name}.parquet").is_file()
    ]
    if missing:
        ERR.print(
            f"[yellow]{paths.derived} lacks {', '.join(missing)}[/]: chapters that need them will "
            "fail\n  to do:    run `versorgungslabor model` first (or `make reports`)"
        )


def _page_writer(paths: Paths, params: Params) -> Any:
    """What writes the page of one region; made once in each worker of `analyse --render`."""
    from pipeline.reports.site import SiteWriter

    writer = SiteWriter(paths, params)
    return lambda region, chapters: writer.write_region(region, list(chapters))


def render(
    region: Annotated[
        list[str] | None, typer.Option("--region", help="Only these regions.")
    ] = None,
    processed: Processed = None,
    build: Build = None,
    reports: Reports = None,
    params_file: ParamsFile = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print the reports too (druck/).")] = False,
    standalone: Annotated[
        bool, typer.Option("--standalone", help="Write single files for e-mail (einzeln/).")
    ] = False,
    lang: Annotated[
        Literal["de", "en"],
        typer.Option("--lang", help="de: German; en: English pages beside them too (en/)."),
    ] = "de",
) -> None:
    """Turn executed notebooks into reports/index.html and one self-contained page a region."""
    from pipeline.commands.editions import other_forms
    from pipeline.execution.sweep import read_status

    paths = paths_from(processed=processed, build=build, reports=reports, params=params_file)
    status, slugs = read_status(paths), region or []
    pages = _render(paths, read_params(paths.params), status, slugs, has_english=lang == "en")
    written = other_forms(paths, pages, pdf=pdf, standalone=standalone)
    if lang == "en":
        from pipeline.commands.english import english_pages

        written += english_pages(paths, slugs or list(status), pdf=pdf, standalone=standalone)
    for path in written:
        OUT.print(str(path), highlight=False)


def _render(
    paths: Paths, params: Params, status: Any, slugs: list[str], *, has_english: bool
) -> list[Path]:
    from pipeline.reports.site import render_site

    with sole_writer(paths.reports), spinner("render") as progress:
        pages = render_site(paths, params, status, slugs, progress, has_english=has_english)
    OUT.print(f"{len(pages)} pages in {paths.reports}; open {paths.reports / 'index.html'}")
    return pages


def verify(
    raw: Raw = None,
    processed: Processed = None,
    derived: Derived = None,
    build: Build = None,
    reports: Reports = None,
) -> None:
    """Check raw bytes and sidecars, tables, figures, pages; and that none was changed since."""
    from pipeline.checks.verify import verify as run

    paths = paths_from(raw=raw, processed=processed, derived=derived, build=build, reports=reports)
    with spinner("verify") as progress:
        problems = run(paths, progress)
    for problem in problems:
        ERR.print(str(problem), highlight=False, markup=False)
    if problems:
        ERR.print(f"[bold red]{len(problems)} problem(s) found[/]")
        raise typer.Exit(1)
    OUT.print("All is as it claims to be.")


def reference(
    action: Annotated[
        str, typer.Argument(help="`show` what would change, or `update` it.")
    ] = "show",
    processed: Processed = None,
) -> None:
    """Show how the executed reference notebooks would change, and with `update` rewrite them."""
    from pipeline.checks.reference import reference_changes

    if action not in {"show", "update"}:
        raise typer.BadParameter("show or update")
    with tempfile.TemporaryDirectory() as scratch, spinner("reference") as progress:
        changes = reference_changes(paths_from(processed=processed), Path(scratch), progress)
        for target, (fresh, difference) in changes.items():
            OUT.print(f"[bold]{target.name}[/]")
            OUT.print(difference[:4000], markup=False, highlight=False)
            if action == "update":
                target.parent.mkdir(exist_ok=True)
                shutil.copyfile(fresh, target)
    verb = "rewritten" if action == "update" else "would change"
    OUT.print(f"{len(changes)} reference notebook(s) {verb}")


def cases(
    file: Annotated[Path, typer.Argument(help="Table of published cases (CSV).")],
    raw: Raw = None,
    as_json: AsJson = False,
) -> None:
    """Run published cases through the methods and say which are reproduced."""
    from pipeline.checks.cases import render_cases, run_cases

    report = run_cases(file, raw=paths_from(raw=raw).raw)
    OUT.print_json(report.model_dump_json()) if as_json else OUT.print(render_cases(report))
    if not report.is_ok:
        raise typer.Exit(1)


def inspect(
    file: Annotated[Path, typer.Argument(help="A publisher's file.")], as_json: AsJson = False
) -> None:
    """Recognise a publisher's file: format, table, dimensions, periods, rows, signs, sums."""
    from pipeline.sources.inspection import inspect_file

    found = inspect_file(file)
    if as_json:
        print_json(found)
        return
    table = Table("", "")
    for name, value in found.items():
        table.add_row(
            name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        )
    OUT.print(table)


def _register(panel: str, *commands: Callable[..., None]) -> None:
    for command in commands:
        app.command(command.__name__.replace("_", "-"), rich_help_panel=panel)(command)


_register("From figures to reports", ingest, model, analyse, evaluate, render)
_register("One region", regions, advice, toolbox, scenario, konzept, offers, network)
_register("Files of publishers and your own", fetch, inspect, template)
app.add_typer(project_app, name="project", rich_help_panel="Files of publishers and your own")
_register("Editions", health_report, bundle, compare, release)
_register("Trust", verify, reference, cases, backtest, audit)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        OUT.print(__version__)
        raise typer.Exit


#: What a user can mend about a disk, by error number of the operating system.
_DISK_ERRORS: Mapping[int, str] = {
    errno.ENOSPC: "the disk is full: make room and run the command again",
    errno.EDQUOT: "your quota of the disk is used up: make room and run the command again",
    errno.EROFS: "the folder is read-only: choose another one, or make it writable",
    errno.EACCES: "you may not write or read here: choose another folder, or ask for the right",
}


def _disk_message(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    remedy = _DISK_ERRORS[error.errno or 0]
    return f"{place}{error.strerror}\n  to do:    {remedy}; finished work is kept"


def main() -> None:
    """Entry point: a user's mistake is a message, not a traceback."""
    if sys.getfilesystemencoding() != "utf-8":  # names with umlauts could not be handed on
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])
    try:
        app()
    except WorkspaceError as error:
        ERR.print(str(error), style="red", highlight=False, markup=False)
        sys.exit(1)
    except OSError as error:
        if error.errno not in _DISK_ERRORS:
            raise
        ERR.print(_disk_message(error), style="red", highlight=False, markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        ERR.print("stopped; finished work is kept")
        sys.exit(130)
