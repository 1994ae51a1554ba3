"""Commands on the platform: the offers of a region, the network of a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from pipeline.commands.options import (
    OUT,
    AsJson,
    ParamsFile,
    Processed,
    Raw,
    RegionName,
    paths_from,
    print_json,
)
from pipeline.settings import read_params

if TYPE_CHECKING:
    from pipeline.projects.record import Record
    from pipeline.reports.connections import Connections
    from pipeline.reports.directory import Directory

NetworkName = Annotated[
    str,
    typer.Argument(
        metavar="PROJECT|REGION",
        help="A project of data/raw/projects, or a region whose projects are wanted.",
    ),
]


def offers(
    region: RegionName,
    raw: Raw = None,
    processed: Processed = None,
    params_file: ParamsFile = None,
    as_json: AsJson = False,
) -> None:
    """Health offers of a region: what is listed, and of which sectors nobody has a list.

    A sector without a list is unknown, never zero.
    """
    from pipeline.figures import german
    from pipeline.figures.offers import KINDS
    from pipeline.reports.directory import directory_of
    from pipeline.reports.platform import borders_of
    from pipeline.tables.workspace import open_workspace

    paths = paths_from(raw=raw, processed=processed, params=params_file)
    lab = open_workspace(region, read_params(paths.params).reference_date)
    directory = directory_of(lab, paths.raw, borders_of(paths))
    if as_json:
        print_json(offers_json(directory))
        return
    listed = Table("Bereich", "Name", "Anschrift", "barrierefrei", "Stand", "Hinweis")
    for offer in directory.offers:
        listed.add_row(
            offer.kind_name, offer.name, offer.address, offer.access, offer.day, offer.remark
        )
    OUT.print(listed)
    known = [KINDS[sector.kind] for sector in directory.sectors if sector.has_data]
    missing = [KINDS[sector.kind] for sector in directory.sectors if not sector.has_data]
    OUT.print(f"Mit einer Zahl: {german.enumeration(known) or 'kein Bereich'}", highlight=False)
    OUT.print(f"Keine Daten: {german.enumeration(missing) or 'kein Bereich'}", highlight=False)


def offers_json(directory: Directory) -> dict[str, Any]:
    """The documented result of `offers --json` (docs/how-to/directory-of-offers.md)."""
    from pipeline.sources.site_details import SEPARATOR

    return {
        "region": directory.lab.region.slug,
        "offers": [
            {
                "kind": offer.kind,
                "name": offer.name,
                "street": offer.street,
                "postcode": offer.postcode,
                "city": offer.city,
                "ags": offer.ags,
                "accessible": offer.access,
                "languages": SEPARATOR.join(offer.languages),
                "website": offer.website,
                "longitude": offer.longitude,
                "latitude": offer.latitude,
                "is_own": offer.is_own,
                "source_id": offer.source_id,
                "remark": offer.remark,
            }
            for offer in directory.offers
        ],
        "sectors": {
            sector.kind: {
                "n_sites": sector.n_sites,
                "completeness": sector.completeness,
                "known_total": sector.known_total,
            }
            for sector in directory.sectors
        },
        "differences": directory.differences.to_dict("records"),
    }


def network(
    name: NetworkName,
    raw: Raw = None,
    processed: Processed = None,
    as_json: AsJson = False,
) -> None:
    """The network of a project, or of every project that a region takes part in.

    Offices and institutions only. A tie stands where a published source proves it.
    """
    from pipeline.reports.connections import connections
    from pipeline.reports.network_page import sentences

    paths = paths_from(raw=raw, processed=processed)
    found = [connections(record) for record in _records(name, paths.raw)]
    if as_json:
        print_json({"networks": [network_json(one) for one in found]})
        return
    for one in found:
        title = one.record.project.short_title
        table = Table("Stelle", "Bereich", "Rolle", "Verbindungen", title=title)
        for actor in one.actors:
            table.add_row(actor.name, actor.sector, actor.role, str(one.degree[actor.id]))
        OUT.print(table)
        for sentence in sentences(one):
            OUT.print(sentence, highlight=False)
        OUT.print(f"Nicht genannt: {', '.join(one.missing_sectors) or '–'}", highlight=False)


def network_json(found: Connections) -> dict[str, Any]:
    """One entry of `network --json` (docs/how-to/directory-of-offers.md)."""
    from pipeline.reports.persons import public_text

    summary = found.summary
    return {
        "project": found.record.project.slug,
        "actors": [
            {"id": a.id, "name": a.name, "sector": a.sector, "role": a.role} for a in found.actors
        ],
        "n_hidden": found.n_hidden,
        "ties": [{"one": t.one, "other": t.other, "kind": t.kind} for t in found.ties],
        "measures": None
        if summary is None
        else {
            "density": summary.density,
            "degree_centralisation": summary.degree_centralisation,
            "parts": summary.parts,
            "isolated": summary.isolated,
        },
        "gaps": {
            "sectors": found.missing_sectors,
            "one_tie": [actor.id for actor in found.loosely_tied],
            "no_tie": [actor.id for actor in found.untied],
        },
        "meetings": [
            {
                "id": m.id,
                "label": public_text(m.label, found.record),
                "date": str(m.date) if m.date else None,
                "place": public_text(m.place, found.record),
            }
            for m in found.record.meetings
        ],
    }


def _records(name: str, raw: Path) -> list[Record]:
    """The project of that name, else the projects of the region of that name."""
    from pipeline.errors import NoDataError
    from pipeline.projects.storage import (
        find_folder,
        list_projects,
        read_record,
        read_records,
        records_of_region,
    )
    from pipeline.regions import find_region
    from pipeline.tables import storage

    if name in list_projects(raw) or Path(name, "project.yaml").is_file():
        return [read_record(find_folder(name, raw))]
    region = find_region(name, storage.read("municipalities"))
    chosen = records_of_region(read_records(raw), region)
    if not chosen:
        raise NoDataError(
            f"no project names {region.name}",
            expected=", ".join(list_projects(raw)),
            remedy="name one of these projects, or make a record with `project new`",
        )
    return chosen
