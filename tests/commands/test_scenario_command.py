"""The command `scenario`: what a person types, and what a program reads."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from pipeline.commands import scenario as command
from pipeline.commands.scenario import scenario
from pipeline.errors import MethodInputError, NoDataError, ParameterError
from pipeline.methods.scenarios.base import with_values
from pipeline.methods.scenarios.combine import SCENARIOS, scenarios_of


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands pass their folders on through the environment; each test has its own."""
    monkeypatch.setattr(os, "environ", dict(os.environ))


def call(*arguments: str) -> str:
    app = typer.Typer()
    app.command()(scenario)
    result = CliRunner().invoke(app, list(arguments))
    if result.exception is not None:
        raise result.exception
    return result.output


def test_list_names_every_scenario_with_its_assumptions() -> None:
    rows = {row["name"]: row for row in json.loads(call("--list", "--json"))}
    assert {"mvz", "delegation", "quarter", "new-ratio", "flows", "hospital"} <= set(rows)
    grant = next(a for a in rows["mvz"]["assumptions"] if a["name"] == "equipment_grant")
    assert (grant["value"], grant["unit"]) == (280_000, "eur")
    assert "Kalletal" in grant["source"]


def test_hospital_with_an_assumption_of_ones_own(processed: Path) -> None:
    folder = ("--processed", str(processed))
    given = ("--set", "stay=5", "--set", "occupancy=0,9e2")
    printed = call("hospital", "--region", "rheine-neuenkirchen", "--json", *given, *folder)
    result = json.loads(printed)
    first, second = result["scenario"][:2]
    assert (first["year"], first["cases_moved"]) == (2025, 0)
    assert second["cases_moved"] == pytest.approx(13 * 365 / 5)
    assert second["beds_needed"] == pytest.approx(13 / 0.9)
    assert second["staff_moved"] is None
    assert "keine Daten" in call("hospital", "--region", "rheine-neuenkirchen", *folder)


def test_a_mistyped_scenario_and_assumption_get_the_nearest_name() -> None:
    with pytest.raises(MethodInputError, match="expected: mvz, of: "):
        scenarios_of(["mwz"])
    with pytest.raises(MethodInputError, match="expected: homes"):
        with_values(SCENARIOS["quarter"].assumptions, {"homse": 10.0})


def test_a_value_far_beyond_its_range_is_refused_with_the_range() -> None:
    # 0 to 2 grants a year are thought possible
    grants = SCENARIOS["settlement-grants"].assumptions
    with pytest.raises(MethodInputError, match=r"expected: from 0 to 20$"):
        with_values(grants, {"grants_a_year": 1e9})
    assert with_values(grants, {"grants_a_year": 20.0})["grants_a_year"] == 20.0


def test_what_is_printed_is_german_and_no_number_is_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"year": 2040, "seats": 1234.5, "coverage_percent": 83.62, "cost_eur": 50_000_000.0}
    monkeypatch.setattr(command, "OUT", Console(width=80))
    command._print(
        {
            "name": "Erfundenstadt", "title": "Zuschüsse", "notes": [], "assumptions": [],
            "scenario": [row], "tornado_year": 2040,
            "tornado": [{"label": "Anteil", "result_low": 80.0, "result_high": 90.25}],
        }
    )  # fmt: skip
    printed = capsys.readouterr().out
    assert "1.234,5" in printed and "83,6" in printed and "50.000.000" in printed
    assert "im Jahr 2040" in printed and "Anteil: 80,0 bis 90,3 %" in printed
    assert not re.search("year|cost|coverage|…", printed)


def test_mistakes_are_named(processed: Path) -> None:
    folder = ("--processed", str(processed))
    lippstadt = ("hospital", "--region", "lippstadt", *folder)
    with pytest.raises(ParameterError, match="a name and a number"):
        call(*lippstadt, "--set", "stay")
    with pytest.raises(MethodInputError, match="unknown assumption"):
        call(*lippstadt, "--set", "stai=5")
    with pytest.raises(MethodInputError, match="above 0"):
        call(*lippstadt, "--set", "stay=0")
    with pytest.raises(MethodInputError, match="to 100"):
        call(*lippstadt, "--set", "moved_share=1e9")
    with pytest.raises(ParameterError, match="set twice"):
        call(*lippstadt, "--set", "stay=5", "--set", "stay=6")
    with pytest.raises(ParameterError, match="named twice"):
        call("mvz", "mvz", "--region", "lippstadt", *folder)
    with pytest.raises(ParameterError, match="cannot be combined"):
        call("hospital", "mvz", "--region", "lippstadt", *folder)
    with pytest.raises(NoDataError):
        call("hospital", "--region", "oelde", *folder)
