"""The command `scenario`: what a person types, and what a program reads."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pipeline.commands.scenario import scenario
from pipeline.errors import MethodInputError, NoDataError, ParameterError


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
    assert "no data" in call("hospital", "--region", "rheine-neuenkirchen", *folder)


def test_mistakes_are_named(processed: Path) -> None:
    folder = ("--processed", str(processed))
    lippstadt = ("hospital", "--region", "lippstadt", *folder)
    with pytest.raises(ParameterError, match="a name and a number"):
        call(*lippstadt, "--set", "stay")
    with pytest.raises(MethodInputError, match="unknown assumption"):
        call(*lippstadt, "--set", "stai=5")
    with pytest.raises(MethodInputError, match="above 0"):
        call(*lippstadt, "--set", "stay=0")
    with pytest.raises(ParameterError, match="cannot be combined"):
        call("hospital", "mvz", "--region", "lippstadt", *folder)
    with pytest.raises(NoDataError):
        call("hospital", "--region", "oelde", *folder)
