"""`scenario`: one scenario, or several together, for a region, with assumptions of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    "inhabitants": "Menschen",
    "required_seats": "nötige Arztsitze",
    "seats": "besetzte Arztsitze",
    "coverage_percent": "Deckung in %",
    "relief_seats": "gesparte Arztzeit, in Sitzen",
    "neighbour_seats": "Sitze bei den Nachbarn",
    "cost_eur": "Kosten im Jahr in €",
    "cumulated_cost_eur": "Kosten seit Beginn in €",
    "loan_eur": "offenes Darlehen in €",
    "users_per_seat": "Menschen je Sitz",
    "cases_giving": "Fälle im abgebenden Haus",
    "cases_moved": "verlagerte Fälle",
    "cases_taking": "Fälle im aufnehmenden Haus",
    "beds_needed": "nötige Betten",
    "minutes": "Fahrminuten mehr, alle zusammen",
    "staff_moved": "Beschäftigte, die wechseln",
    "staff_lost": "Beschäftigte, die gehen",
}
#: Shares and seats are read with a decimal, counts and money without.
_ONE_DECIMAL = frozenset(
    {"required_seats", "seats", "coverage_percent", "relief_seats", "neighbour_seats",
     "beds_needed", "staff_moved", "staff_lost"}
)  # fmt: skip
#: What is printed in a table of its own, where there is any.
_MONEY = ("cost_eur", "cumulated_cost_eur", "loan_eur")


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
    values = _values(given or [])
    twice = sorted({name for name in names or [] if (names or []).count(name) > 1})
    if twice:
        raise ParameterError("a scenario is named twice", found=twice[0], remedy="name it once")
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


def _values(given: Sequence[str]) -> dict[str, float]:
    """Name → value of what was given with --set; a name that stands twice is refused."""
    values: dict[str, float] = {}
    for name, value in map(_pair, given):
        if name in values:
            raise ParameterError(
                "an assumption is set twice", found=name, expected="one value for each"
            )
        values[name] = value
    return values


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
        "tornado_year": start.years[-1],
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
    from pipeline.methods.scenarios.base import UNITS

    table = Table("Annahme", "was sie sagt")
    for heading in ("Wert", "von", "bis"):
        table.add_column(heading, justify="right", overflow="fold")
    table.add_column("Einheit")
    table.add_column("Quelle")
    for row in rows:
        numbers = (_number(row[key]) for key in ("value", "low", "high"))
        table.add_row(row["name"], row["label"], *numbers, UNITS[row["unit"]], row["source"])
    return table


def _number(value: float) -> str:
    """A value with the decimals that it has, two at most."""
    from pipeline.figures import german

    decimals = next((n for n in (0, 1) if round(value, n) == value), 2)
    return german.number(value, decimals).replace("-", "−")


def _print(result: dict[str, Any]) -> None:
    from pipeline.figures import german

    OUT.print(f"[bold]{result['name']}: {result['title']}[/bold]")
    for note in result["notes"]:
        OUT.print(note, highlight=False)
    OUT.print(_assumptions_table(result["assumptions"]))
    rows = result["scenario"]
    nothing = {row["year"]: row["coverage_percent"] for row in result.get("nothing", [])}
    before = {}
    if nothing:
        cells = [_cell("coverage_percent", nothing[row["year"]]) for row in rows]
        before = {"Deckung in %, wenn nichts geschieht": cells}
    # a column of zeros says nothing
    names = [name for name in rows[0] if name != "year" and any(row[name] != 0 for row in rows)]
    columns = {name: [_cell(name, row[name]) for row in rows] for name in names}
    money = {_HEADINGS[name]: columns[name] for name in names if name in _MONEY}
    others = {_HEADINGS[name]: columns[name] for name in names if name not in _MONEY}
    years = [str(row["year"]) for row in rows]
    for table in (before | others, money):
        if table:
            OUT.print(_year_table(years, table))
    swings = []
    for row in result.get("tornado", [])[:5]:
        low, high = (german.number(row[key], 1) for key in ("result_low", "result_high"))
        if low != high:
            swings.append(f"  {row['label']}: {low} bis {high} %")
    if swings:
        OUT.print(
            f"Was die Deckung im Jahr {result['tornado_year']} am meisten bewegt "
            "(eine Annahme von – bis, alle anderen wie oben):"
        )
    for swing in swings:
        OUT.print(swing, highlight=False)


def _year_table(years: Sequence[str], columns: Mapping[str, Sequence[str]]) -> Table:
    """A row a year; no column is narrower than its longest number."""
    table = Table("Jahr")
    for heading, cells in columns.items():
        table.add_column(heading, justify="right", min_width=max(map(len, cells)))
    for row in zip(years, *columns.values(), strict=True):
        table.add_row(*row)
    return table


def _cell(name: str, value: float | None) -> str:
    from pipeline.figures import german

    if value is None:
        return german.NO_DATA
    return german.number(value, int(name in _ONE_DECIMAL)).replace("-", "−")
