"""`scenario`: one scenario, or several together, for a region, with assumptions of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from pipeline.commands.options import (
    OUT,
    AsJson,
    Derived,
    ParamsFile,
    Processed,
    paths_from,
    print_json,
)
from pipeline.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.methods.scenarios.base import Assumption
    from pipeline.tables.workspace import Workspace

#: The scenario of hospitals has a course of its own and is not combined with the others.
HOSPITAL = "hospital"
#: Column of a result → heading of the printed table.
_HEADINGS = {
    "inhabitants": "people",
    "required_seats": "seats needed",
    "seats": "seats filled",
    "coverage_percent": "coverage, %",
    "relief_seats": "time saved, seats",
    "neighbour_seats": "seats next door",
    "cost_eur": "cost, €",
    "cumulated_cost_eur": "cost so far, €",
    "loan_eur": "loan, €",
    "users_per_seat": "users a seat",
}


def scenario(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Scenarios to combine (see --list); 'hospital' stands alone."),
    ] = None,
    region: Annotated[
        str, typer.Option("--region", help="Slug of a model region, or an AGS.")
    ] = "kalletal",
    given: Annotated[
        list[str] | None,
        typer.Option("--set", help="An assumption of your own: name=value. May be repeated."),
    ] = None,
    show_list: Annotated[
        bool, typer.Option("--list", help="List scenarios and assumptions, and stop.")
    ] = False,
    params: ParamsFile = None,
    processed: Processed = None,
    derived: Derived = None,
    as_json: AsJson = False,
) -> None:
    """Show what would be if, year by year, beside "nothing is done".

    Every assumption has a value, a range and a source, or is called "Annahme"; --set replaces a
    value. Nothing here is a forecast or an official grade. Without a name, nothing is done.
    """
    from pipeline.settings import read_params
    from pipeline.tables.workspace import open_workspace

    if show_list:
        _print_list(as_json)
        return
    paths = paths_from(params=params, processed=processed, derived=derived)
    lab = open_workspace(region, read_params(paths.params).reference_date)
    values = dict(_pair(text) for text in given or [])
    if HOSPITAL in (names or []):
        if names != [HOSPITAL]:
            raise ParameterError("'hospital' cannot be combined", found=names, expected=HOSPITAL)
        result = _hospital(lab, values)
    else:
        result = _ambulatory(lab, names or [], values)
    if as_json:
        print_json(result)
    else:
        _print(result)


def _pair(text: str) -> tuple[str, float]:
    name, sign, number = text.partition("=")
    try:
        if not sign:
            raise ValueError(text)
        return name.strip(), float(number.replace(",", "."))
    except ValueError as error:
        raise ParameterError(
            "--set needs a name and a number", found=text, expected="name=value, grant_sum=40000"
        ) from error


def _ambulatory(lab: Workspace, names: Sequence[str], given: dict[str, float]) -> dict[str, Any]:
    from pipeline.figures.scenarios import sources_in
    from pipeline.methods.scenarios import combine, outcome
    from pipeline.methods.scenarios.base import to_frame, with_values
    from pipeline.methods.scenarios.start import BASES, start_of

    area, sources = sources_in(lab)
    kreis = lab.place(lab.region.kreis)
    start = start_of(lab.region.place, kreis, area, sources, lab.reference_date.year)
    assumptions = combine.assumptions_of(start, names)
    values = with_values(assumptions, given)
    at_start = {item.name: values[item.name] for item in start.assumptions}
    chosen = combine.scenarios_of(names)
    rows = outcome.effects(start, names, outcome.COVERAGE, start.years[-1], given)
    return {
        "region": lab.region.slug,
        "name": start.name,
        "scenarios": [item.name for item in chosen],
        "title": " + ".join(item.title for item in chosen) or "Es geschieht nichts",
        "basis": start.basis,
        "notes": [BASES[start.basis], f"Kein amtlicher Versorgungsgrad. {start.grade_reason}"],
        "assumptions": _as_rows(assumptions, values),
        "nothing": _rows(to_frame(combine.run(start, (), at_start))),
        "scenario": _rows(to_frame(combine.run(start, names, given))),
        "tornado": rows[["name", "label", "result_low", "result_high"]].to_dict("records"),
    }


def _hospital(lab: Workspace, given: dict[str, float]) -> dict[str, Any]:
    from pipeline.methods.scenarios import hospital
    from pipeline.methods.scenarios.base import HORIZON, with_values

    move = hospital.move_of(lab.region.slug)
    facts = lab.table("published_facts")
    assumptions = hospital.assumptions_of(move)
    values = with_values(assumptions, given)
    rows = hospital.hospital_course(
        move,
        hospital.site(facts, move.giving),
        hospital.site(facts, move.taking),
        values,
        tuple(range(lab.reference_date.year, HORIZON + 1)),
    )
    return {
        "region": lab.region.slug,
        "name": lab.region.name,
        "scenarios": [HOSPITAL],
        "title": move.kind,
        "basis": "published",
        "notes": [f"Von: {move.giving}. Nach: {move.taking}. Quelle: {move.source}."],
        "assumptions": _as_rows(assumptions, values),
        "scenario": _rows(rows),
    }


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON knows them: what is missing is null."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def _as_rows(assumptions: Sequence[Assumption], values: dict[str, float]) -> list[dict[str, Any]]:
    return [asdict(item) | {"value": values[item.name]} for item in assumptions]


def _print_list(as_json: bool) -> None:
    from pipeline.methods.scenarios.base import values_of
    from pipeline.methods.scenarios.combine import SCENARIOS
    from pipeline.methods.scenarios.hospital import HOSPITAL as ITEMS

    known = {item.name: (item.title, item.assumptions) for item in SCENARIOS.values()}
    known[HOSPITAL] = ("Krankenhaus (Lippstadt, Rheine)", ITEMS)
    if as_json:
        rows = [
            {"name": name, "title": title, "assumptions": _as_rows(items, values_of(items))}
            for name, (title, items) in known.items()
        ]
        print_json(rows)
        return
    for name, (title, items) in known.items():
        OUT.print(f"[bold]{name}[/bold]  {title}")
        OUT.print(_assumptions_table(_as_rows(items, values_of(items))))


def _assumptions_table(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table("assumption", "what it is", "value", "from", "to", "unit", "source")
    for row in rows:
        numbers = (f"{row[key]:,g}" for key in ("value", "low", "high"))
        table.add_row(row["name"], row["label"], *numbers, row["unit"], row["source"])
    return table


def _print(result: dict[str, Any]) -> None:
    OUT.print(f"[bold]{result['name']}: {result['title']}[/bold]")
    for note in result["notes"]:
        OUT.print(note, highlight=False)
    OUT.print(_assumptions_table(result["assumptions"]))
    rows = result["scenario"]
    nothing = {row["year"]: row for row in result.get("nothing", [])}
    columns = [name for name in rows[0] if name != "year"]
    has_baseline = bool(nothing)
    headings = [_HEADINGS.get(name, name.replace("_", " ")) for name in columns]
    table = Table("year", *(["coverage if nothing is done, %"] if has_baseline else []), *headings)
    for row in rows:
        before = [_cell(nothing[row["year"]]["coverage_percent"])] if has_baseline else []
        table.add_row(str(row["year"]), *before, *(_cell(row[name]) for name in columns))
    OUT.print(table)
    for row in result.get("tornado", [])[:5]:
        OUT.print(
            f"  {row['label']}: {row['result_low']:,.1f} to {row['result_high']:,.1f} %",
            highlight=False,
        )


def _cell(value: float | None) -> str:
    if value is None:
        return "no data"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.1f}"
