"""Commands of the advice: recommendations of a region, check of the rules, marketing toolbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from pipeline.commands.options import (
    OUT,
    AsJson,
    Derived,
    ParamsFile,
    Processed,
    RegionName,
    Reports,
    paths_from,
    print_json,
    spinner,
)
from pipeline.errors import ParameterError
from pipeline.settings import read_params

if TYPE_CHECKING:
    from pipeline.advice.engine import Recommendation
    from pipeline.regions import Region
    from pipeline.tables.workspace import Workspace

RegionKey = Annotated[
    str | None, typer.Argument(help="Slug of a model region, or the AGS of a municipality.")
]


def advice(
    region: RegionKey = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Report rules that never or always hold in the edition."),
    ] = False,
    cost: Annotated[
        str | None,
        typer.Option("--cost", help="Costs of a planned project in euros, 165000 say."),
    ] = None,
    start: Annotated[
        datetime | None, typer.Option("--start", formats=["%Y-%m-%d"], help="First day of it.")
    ] = None,
    years: Annotated[
        int, typer.Option("--years", min=1, help="Calendar years that it touches.")
    ] = 1,
    as_json: AsJson = False,
    processed: Processed = None,
    derived: Derived = None,
    params_file: ParamsFile = None,
) -> None:
    """Recommend measures for a region, each with the findings behind it.

    With --cost the most that each funding line of the region could pay for a project is computed
    instead, and what is not confirmed; a line refuses a project outside its validity.

    With --check every region of params.yaml is looked at instead, and the rules of the catalogue
    that hold nowhere or everywhere are listed: they tell regions apart badly.
    """
    paths = paths_from(processed=processed, derived=derived, params=params_file)
    params = read_params(paths.params)
    day = params.reference_date
    if check:
        _check(params.regions, day, as_json)
    elif region is None:
        raise ParameterError(
            "no region is named", expected="a slug or an AGS, or --check", remedy="see --help"
        )
    elif cost is not None:
        _print_ceilings(region, cost, start.date() if start else day, years, as_json)
    else:
        _print_advice(region, day, as_json)


def toolbox(
    region: RegionName,
    processed: Processed = None,
    derived: Derived = None,
    reports: Reports = None,
    params_file: ParamsFile = None,
) -> None:
    """Write the marketing toolbox of a region: Standortprofil (HTML, PDF), job facts, slides.

    The files go to the folder `toolbox` of the site.
    """
    from pipeline.advice.profile.sheets import write_toolbox

    paths = paths_from(processed=processed, derived=derived, reports=reports, params=params_file)
    with spinner("toolbox") as progress:
        lab, picked = _recommended(region, read_params(paths.params).reference_date)
        written = write_toolbox(lab, picked, paths.reports / "toolbox", progress)
    for path in written:
        OUT.print(str(path), highlight=False)


def _print_advice(region: str, day: date, as_json: bool) -> None:
    """The recommendations of a region, and what could pay for them."""
    from pipeline.advice.words import overview

    with spinner("advice"):
        lab, picked = _recommended(region, day)
    if as_json:
        print_json(_as_json(lab, picked))
        return
    table = Table("#", "Empfehlung", "Weil", "Entfällt, wenn", title=lab.region.name)
    reasons = overview(lab, picked)["Weil"]
    for place, (item, reason) in enumerate(zip(picked, reasons, strict=True), start=1):
        table.add_row(str(place), item.measure.title, reason, item.goes_away)
    OUT.print(table)
    _print_grants(lab, picked)


def _recommended(region: str, day: date) -> tuple[Workspace, list[Recommendation]]:
    from pipeline.advice.catalogue import catalogue
    from pipeline.advice.engine import recommend
    from pipeline.advice.situation import situation
    from pipeline.tables.workspace import open_workspace

    lab = open_workspace(region, day)
    return lab, recommend(lab.region, situation(lab), catalogue())


def _check(regions: Sequence[str], day: date, as_json: bool) -> None:
    """Which measures hold in which regions; those that hold nowhere or everywhere are named."""
    from pipeline.advice.catalogue import catalogue
    from pipeline.advice.engine import firing

    with spinner("advice") as progress:
        picked = {}
        for slug in regions:
            progress(slug)
            picked[slug] = _recommended(slug, day)[1]
    where = firing(catalogue(), picked)
    never = [name for name, slugs in where.items() if not slugs]
    always = [name for name, slugs in where.items() if len(slugs) == len(regions)]
    if as_json:
        report = {"measures": len(where), "regions": list(regions), "never": never,
                  "always": always, "holds_in": where}  # fmt: skip
        print_json(report)
        return
    table = Table("measure", "holds in", title=f"{len(where)} measures, {len(regions)} regions")
    for name, slugs in where.items():
        mark = " (never)" if name in never else " (always)" if name in always else ""
        table.add_row(name, f"{len(slugs)}{mark}")
    OUT.print(table)
    OUT.print(f"never: {', '.join(never) or 'none'}; always: {', '.join(always) or 'none'}")


def _as_json(lab: Workspace, picked: Sequence[Recommendation]) -> dict[str, Any]:
    from pipeline.advice.grants import options

    return {
        "region": lab.region.slug,
        "reference_date": lab.reference_date.isoformat(),
        "recommendations": [
            {
                "id": item.measure.id,
                "field": item.measure.field,
                "title": item.measure.title,
                "goes_away": item.goes_away,
                "evidence": item.measure.effect.grade,
                "triggers": [
                    {
                        "condition": trigger.condition.words(trigger.finding),
                        "indicator": trigger.condition.indicator,
                        "value": trigger.finding.value if trigger.finding else None,
                        "ref_area": trigger.finding.ref_area if trigger.finding else None,
                        "level": trigger.finding.level if trigger.finding else None,
                        "time_period": trigger.finding.time_period if trigger.finding else None,
                        "kind": trigger.finding.kind if trigger.finding else None,
                    }
                    for trigger in item.triggers
                ],
            }
            for item in picked
        ],
        "grants": [
            {
                "id": option.line.id,
                "state": option.state,
                "evidence": option.line.evidence,
                "unverified": list(option.line.unverified),
            }
            for option in options(lab.region, lab.reference_date, picked)
        ],
    }


def _print_grants(lab: Workspace, picked: Sequence[Recommendation]) -> None:
    from pipeline.advice.grants import options
    from pipeline.advice.words import grants

    rows = grants(options(lab.region, lab.reference_date, picked))
    table = Table(*rows.columns, title="Förderung und Instrumente")
    for row in rows.itertuples(index=False):
        table.add_row(*(str(cell) for cell in row))
    OUT.print(table)


def _print_ceilings(region: str, cost: str, start: date, years: int, as_json: bool) -> None:
    """What each line with a published cap could pay at most, or why it refuses."""
    from pipeline.methods.money import euro_text, parse_euro
    from pipeline.regions import find_region
    from pipeline.tables import storage

    cents = parse_euro(cost)
    if cents <= 0:
        raise ParameterError(
            "the costs of a project lie above zero", found=cost, expected="euros, 165000 say"
        )
    found = find_region(region, storage.read("municipalities"))
    rows = _ceilings(found, cents, start, years)
    if as_json:
        print_json(
            {
                "region": found.slug,
                "cost_eur": cents / 100,
                "start": start.isoformat(),
                "years": years,
                "lines": rows,
            }
        )
        return
    table = Table(
        "Linie", "Wofür", "Höchstens", "Eigenanteil mindestens", "Zu klären",
        title=f"{found.name}, Kosten {euro_text(cents)}, Beginn {start:%d.%m.%Y}",
    )  # fmt: skip
    for row in rows:
        most, own = row["at_most_eur"], row["own_share_eur"]
        table.add_row(
            row["title"],
            row["pays_for"],
            "–" if most is None else euro_text(round(most * 100)),
            row["own_share"] if own is None else euro_text(round(own * 100)),
            row["refusal"] or " ".join(row["notes"]),
        )
    OUT.print(table)
    OUT.print("Obergrenzen je Linie; sie werden nicht zusammengezählt. Der Bescheid entscheidet.")


def _ceilings(region: Region, cents: int, start: date, years: int) -> list[dict[str, Any]]:
    """A row for each line of a region with a published cap; a line that refuses says why."""
    from pipeline.advice.funding import read_lines
    from pipeline.advice.grants import could_get
    from pipeline.advice.words import refusal_words

    rows = []
    for line in read_lines():
        answer = could_get(line, cost_cents=cents, start=start, years=years)
        if answer is None or not line.covers(region):
            continue
        row: dict[str, Any] = {
            "id": line.id,
            "title": line.title,
            "pays_for": line.pays_for,
            "at_most_eur": None,
            "own_share_eur": None,
            "own_share": "–",
            "bound_by": None,
            "notes": [],
            "refusal": "",
        }
        if isinstance(answer, str):
            row["refusal"] = refusal_words(line, start, years)
        else:
            share = line.own_share_percent
            row["at_most_eur"] = answer.cents / 100
            row["own_share_eur"] = None if share.value is None else answer.own_cents / 100
            row["own_share"] = share.shown
            row["bound_by"] = answer.bound_by
            row["notes"] = list(answer.notes)
        rows.append(row)
    return rows
