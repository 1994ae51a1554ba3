"""`fetch`: the publishers' own files into data/raw/originals, each with its sidecar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from pipeline.commands.options import ERR, OUT, AsJson, Processed, Raw, paths_from, print_json

if TYPE_CHECKING:
    from pipeline.sources.catalogue import Catalogue, DownloadEntry, Service
    from pipeline.tables.fetch_run import Outcome, Progress

UNVERIFIED = "not verified"


def fetch(
    source: Annotated[
        str | None, typer.Argument(help="Service or file of the catalogue; without it: a list.")
    ] = None,
    tables: Annotated[
        list[str] | None, typer.Argument(help="Tables of the service; all catalogued by default.")
    ] = None,
    plan: Annotated[
        str | None, typer.Option("--plan", help="Say what this region lacks and what fills it.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say which fetched files are out of date.")
    ] = False,
    from_year: Annotated[str, typer.Option("--from", help="First year of a table.")] = "",
    to_year: Annotated[str, typer.Option("--to", help="Last year of a table.")] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Fetch again what the server says is unchanged.")
    ] = False,
    raw: Raw = None,
    processed: Processed = None,
    as_json: AsJson = False,
) -> None:
    """Fetch official files into data/raw/originals, each with a sidecar that says where it is from.

    Credentials of a service come from the environment (VERSORGUNGSLABOR_<SERVICE>_TOKEN, or _USER
    and _PASSWORD) or from the keyring, and are never written anywhere. What was fetched is kept:
    an interrupted list goes on where it stopped. Afterwards run `versorgungslabor ingest`.
    """
    from pipeline.sources.catalogue import read_catalogue
    from pipeline.tables.fetch_plan import check_keys

    paths = paths_from(raw=raw, processed=processed)
    catalogue = read_catalogue()
    if plan is not None:
        _print_plan(catalogue, plan, paths.processed, as_json)
    elif check:
        _print_ages(catalogue, paths.raw, as_json)
    elif source is None:
        _print_catalogue(catalogue, as_json)
    else:
        check_keys(catalogue, source, tables or [])
        outcomes = _fetch(catalogue, source, tables or [], (from_year, to_year), force, paths.raw)
        _print_outcomes(outcomes, as_json)
        if any(outcome.status == "failed" for outcome in outcomes):
            raise typer.Exit(1)


def _fetch(
    catalogue: Catalogue,
    source: str,
    tables: Sequence[str],
    years: tuple[str, str],
    force: bool,
    raw: Path,
) -> list[Outcome]:
    from pipeline.sources.fetching import make_client
    from pipeline.tables.fetch_run import fetch_download

    service = catalogue.service(source)
    entry = catalogue.download(source)
    _say_unverified(service or entry)
    with _progress() as progress:
        if service is not None:
            return _fetch_service(catalogue, service, tables, years, force, raw, progress)
        assert entry is not None  # check_keys
        with make_client() as client:
            return [fetch_download(entry, client, raw, force=force, progress=progress)]


def _fetch_service(
    catalogue: Catalogue,
    service: Service,
    tables: Sequence[str],
    years: tuple[str, str],
    force: bool,
    raw: Path,
    progress: Progress,
) -> list[Outcome]:
    from pipeline.sources.credentials import credentials_for
    from pipeline.sources.fetching import make_client
    from pipeline.sources.genesis_api import GenesisClient
    from pipeline.tables.fetch_run import fetch_tables

    chosen = catalogue.tables_of(service.id, tables)
    credentials = credentials_for(service.id)
    with make_client(follow_redirects=False) as http:
        client = GenesisClient(service.address, credentials, http)
        return fetch_tables(
            service, chosen, client, raw, years=years, force=force, progress=progress
        )


def _say_unverified(entry: Service | DownloadEntry | None) -> None:
    if entry is not None and not entry.verified:
        ERR.print(
            f"The address of {entry.id} has not been verified by us ({entry.evidence}).",
            style="yellow", highlight=False,
        )  # fmt: skip


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar for each file; without a terminal it stays silent."""
    from rich import progress as bars

    shown = bars.Progress(
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.DownloadColumn(),
        bars.TransferSpeedColumn(),
        console=ERR,
    )
    tasks: dict[str, bars.TaskID] = {}

    def report(key: str, done: int, whole: int | None) -> None:
        if key not in tasks:
            tasks[key] = shown.add_task(key, total=whole)
        shown.update(tasks[key], completed=done, total=whole)

    with shown:
        yield report


def _print_outcomes(outcomes: Sequence[Outcome], as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "key": outcome.key,
                "status": outcome.status,
                "file": str(outcome.path) if outcome.path else None,
                "bytes": outcome.size,
                "error": str(outcome.error) if outcome.error else None,
            }
            for outcome in outcomes
        ]
        print_json(rows)
        return
    table = Table("file", "what happened", "bytes", "where")
    for outcome in outcomes:
        where = str(outcome.path) if outcome.path else ""
        table.add_row(outcome.key, outcome.status, f"{outcome.size:,}", where)
    OUT.print(table)
    for outcome in outcomes:
        if outcome.error is not None:
            ERR.print(str(outcome.error), style="red", highlight=False, markup=False)
    if any(outcome.status == "fetched" for outcome in outcomes):
        OUT.print("Now run `versorgungslabor ingest`: these files go before the embedded figures.")


def _print_plan(catalogue: Catalogue, key: str, processed: Path, as_json: bool) -> None:
    from pipeline.tables.fetch_plan import plan, region_for_plan

    region = region_for_plan(key, processed)
    rows = plan(catalogue, region, processed, _today())
    if as_json:
        answer = {"region": region.slug, "name": region.name, "members": list(region.members),
                  "files": [{**asdict(row), "command": row.command} for row in rows]}  # fmt: skip
        print_json(answer)
        return
    OUT.print(f"[bold]{region.name}[/] ({' '.join(region.members)})")
    table = Table("state", "newest", "file", "fills or serves", "level", "MB", "command")
    for row in rows:
        about = "about " if row.size_basis == "estimate" else ""
        table.add_row(
            row.state, row.newest, f"{row.title}\n{row.publisher}", row.needed_for, row.level,
            f"{about}{row.size_mb:g}", row.command,
        )  # fmt: skip
    OUT.print(table)
    lacking = {row.command: row.size_mb for row in rows if row.state != "present"}
    OUT.print(f"{len(lacking)} files to fetch, together about {sum(lacking.values()):,.0f} MB")
    unverified = len({row.command for row in rows if not row.verified})
    OUT.print(f"{unverified} of the addresses have not been verified by us (catalogue.yaml)")


def _print_ages(catalogue: Catalogue, raw: Path, as_json: bool) -> None:
    from pipeline.tables.fetch_plan import ages

    found = ages(catalogue, raw, _today())
    if as_json:
        rows = [
            {**asdict(age), "fetched": age.fetched.isoformat(), "is_outdated": age.is_outdated}
            for age in found
        ]
        print_json(rows)
        return
    table = Table("file", "fetched", "days", "renewed every", "state")
    for age in found:
        limit = f"{age.limit} days" if age.limit else "never" if age.key else "unknown"
        state = "[red]outdated[/]" if age.is_outdated else "current"
        table.add_row(age.file, f"{age.fetched:%Y-%m-%d}", str(age.days), limit, state)
    OUT.print(table)
    outdated = sum(age.is_outdated for age in found)
    OUT.print(f"{outdated} of {len(found)} fetched files are out of date")


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def _print_catalogue(catalogue: Catalogue, as_json: bool) -> None:
    if as_json:
        print_json(catalogue.model_dump(mode="json"))
        return
    services = Table("source", "title", "tables", "account", "address")
    for service in catalogue.services:
        codes = " ".join(table.code for table in catalogue.tables_of(service.id))
        state = "" if service.verified else UNVERIFIED
        services.add_row(service.id, service.title, codes, service.account, state)
    OUT.print(services)
    files = Table("source", "title", "publisher", "licence", "MB", "address")
    for entry in catalogue.downloads:
        state = "by hand" if entry.address is None else "" if entry.verified else UNVERIFIED
        files.add_row(
            entry.id, entry.title, entry.publisher, entry.licence, f"{entry.size_mb:g}", state
        )
    OUT.print(files)
