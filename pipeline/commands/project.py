"""Commands on funded projects: evaluate, and the record itself."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from pipeline.commands.options import (
    ERR,
    OUT,
    AsJson,
    Build,
    ParamsFile,
    Processed,
    Raw,
    Reports,
    paths_from,
    print_json,
    spinner,
)
from pipeline.errors import WorkspaceError
from pipeline.settings import Params, Paths, read_params

if TYPE_CHECKING:
    from pipeline.advice.funding import Funding

project_app = typer.Typer(
    help="Make, check, export and import the record of a funded project.", no_args_is_help=True
)

ProjectName = Annotated[
    str, typer.Argument(help="Name of a record in data/raw/projects, or the path of its folder.")
]


def evaluate(
    project: Annotated[
        list[str] | None,
        typer.Argument(help="Names of records in data/raw/projects, or paths of folders."),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every record in data/raw/projects.")] = False,
    render: Annotated[
        bool, typer.Option("--render/--no-render", help="Write the pages at once.")
    ] = True,
    engine: Annotated[
        str, typer.Option("--engine", help="fork: a prepared kernel; kernel: a plain one.")
    ] = "fork",
    raw: Raw = None,
    build: Build = None,
    reports: Reports = None,
    params_file: ParamsFile = None,
) -> None:
    """Evaluate funded projects: notebook, page, and Verwendungsnachweis or fact sheet.

    The executed notebook and the forms go to build/evaluation, the page to reports. A form exists
    only where a grant with sum and period is recorded; without a notice it is marked as a sample.
    The command ends with status 1 if an evaluation failed.
    """
    from pipeline.advice.funding import read_funding
    from pipeline.execution.evaluation import evaluation_folder
    from pipeline.projects.storage import list_projects

    paths = paths_from(raw=raw, build=build, reports=reports, params=params_file)
    params = read_params(paths.params)
    names = list_projects(paths.raw) if all_ else (project or [])
    if not names:
        raise WorkspaceError(
            "no project is named",
            expected=", ".join(list_projects(paths.raw)),
            remedy="name one or more, or give --all",
        )
    funding = read_funding(paths.raw)
    is_whole = True
    with spinner("evaluate") as progress:
        for name in names:
            progress(name)
            is_whole &= _evaluate_one(name, paths, params, funding, engine)
    if all_:
        _remove_others(evaluation_folder(paths), names)
    if render:
        from pipeline.reports.project_pages import write_project_pages

        pages = write_project_pages(paths, params)
        OUT.print(f"{len(pages)} pages in {paths.reports}")
    if not is_whole:
        raise typer.Exit(1)


def _evaluate_one(name: str, paths: Paths, params: Params, funding: Funding, engine: str) -> bool:
    """Run the notebook of a project and write its forms; whether the notebook came to its end."""
    from pipeline.execution.evaluation import evaluation_folder, evaluation_job, run_evaluations
    from pipeline.execution.results import FAILED
    from pipeline.projects.forms import write_forms
    from pipeline.projects.storage import find_folder, read_record

    folder = find_folder(name, paths.raw)
    record = read_record(folder)
    slug = record.project.slug
    job = evaluation_job(paths, slug, folder, params.reference_date)
    (result,) = run_evaluations([job], paths, engine=engine)
    forms = write_forms(record, funding, evaluation_folder(paths) / slug)
    OUT.print(f"{result.status:8} {slug}  {result.message}".rstrip(), highlight=False)
    for form in forms:
        OUT.print(f"         {form}", highlight=False)
    return result.status != FAILED


def _remove_others(folder: Path, names: Sequence[str]) -> None:
    """Evaluations of records that are gone must not pass for current ones."""
    for path in folder.iterdir():
        if path.stem not in names:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@project_app.command()
def new(
    slug: Annotated[str, typer.Argument(help="Name of the record: lower-case letters, digits, -.")],
    title: Annotated[str, typer.Option("--title", help="Title of the project.")],
    region: Annotated[
        list[str],
        typer.Option(
            "--region",
            help="Slug of a model region, AGS or name of a municipality; may be given repeatedly.",
        ),
    ],
    raw: Raw = None,
    processed: Processed = None,
) -> None:
    """Make an empty record: project.yaml, and a CSV file with its header for every table."""
    from pipeline.figures.german import enumeration
    from pipeline.projects.storage import new_record, write_record
    from pipeline.regions import find_region
    from pipeline.tables import storage

    paths = paths_from(raw=raw, processed=processed)
    folder = paths.raw / "projects" / slug
    if folder.exists():
        raise WorkspaceError(
            "this record exists already", file=folder, remedy="choose another name"
        )
    municipalities = storage.read("municipalities", processed=paths.processed)
    regions = [find_region(key, municipalities) for key in region]
    level = enumeration([found.name for found in regions])
    record = new_record(slug, title, [found.slug for found in regions], level)
    write_record(record, folder, has_empty_tables=True)
    OUT.print(f"{folder}")
    OUT.print("Fill in project.yaml and the tables, then run:", highlight=False)
    OUT.print(f"  versorgungslabor project check {slug}", highlight=False)


@project_app.command()
def check(
    project: ProjectName,
    raw: Raw = None,
    processed: Processed = None,
    as_json: AsJson = False,
) -> None:
    """Check a record; status 1 while something blocks the state "einreichungsreif" that it claims.

    A draft may have open ends: they are listed, and the command ends with status 0.
    """
    from pipeline.advice.funding import read_funding
    from pipeline.projects.integrity import check_record, is_ready, unknown_regions
    from pipeline.projects.storage import find_folder, read_record
    from pipeline.projects.vocabulary import State
    from pipeline.tables import storage

    paths = paths_from(raw=raw, processed=processed)
    record = read_record(find_folder(project, paths.raw))
    municipalities = storage.read("municipalities", processed=paths.processed)
    problems = unknown_regions(record, municipalities)
    problems += check_record(record, read_funding(paths.raw), dt.date.today())
    ready = is_ready(problems)
    if as_json:
        rows = [vars(problem) for problem in problems]
        print_json({"ready": ready, "problems": rows})
    else:
        table = Table("", "table", "row", "what to do")
        for problem in problems:
            weight = "blocks" if problem.is_blocking else "hint"
            table.add_row(weight, problem.table, problem.row, problem.message)
        if problems:
            OUT.print(table)
        blocking = sum(problem.is_blocking for problem in problems)
        OUT.print(f"{blocking} finding(s) block, {len(problems) - blocking} hint(s)")
    if not ready and record.project.state is State.READY:
        ERR.print("the record calls itself einreichungsreif and is not", style="red")
        raise typer.Exit(1)


@project_app.command("list")
def list_(raw: Raw = None) -> None:
    """List all records, with their state and what kind of proof they allow."""
    from pipeline.projects.proof import proof_kind
    from pipeline.projects.storage import find_folder, list_projects, read_record

    folder = paths_from(raw=raw).raw
    table = Table("record", "title", "state", "proof")
    for slug in list_projects(folder):
        record = read_record(find_folder(slug, folder))
        kind = proof_kind(record).value
        table.add_row(slug, record.project.short_title, record.project.state.value, kind)
    OUT.print(table)


@project_app.command("export")
def export_(
    project: ProjectName,
    file: Annotated[Path, typer.Argument(help="Workbook to write (.xlsx).")],
    raw: Raw = None,
) -> None:
    """Write a record as a workbook, one sheet a table, to be filled in and imported again."""
    from pipeline.projects.spreadsheet import export_record
    from pipeline.projects.storage import find_folder, read_record

    record = read_record(find_folder(project, paths_from(raw=raw).raw))
    OUT.print(f"{export_record(record, file)}")


@project_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="Workbook that `project export` wrote (.xlsx).")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the record if it exists.")
    ] = False,
    raw: Raw = None,
) -> None:
    """Read a workbook back into data/raw/projects; nothing is written unless all of it is valid."""
    from pipeline.projects.spreadsheet import import_record
    from pipeline.projects.storage import write_record

    record = import_record(file)
    folder = paths_from(raw=raw).raw / "projects" / record.project.slug
    if folder.exists() and not replace:
        raise WorkspaceError(
            "this record exists already",
            file=folder,
            remedy="give --replace to put the workbook in its place",
        )
    write_record(record, folder)
    OUT.print(f"{folder}")
