"""The commands on records, as a new user meets them; the pages for reference keep step."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.commands.project import project_app
from pipeline.errors import UnknownRegionError, WorkspaceError
from pipeline.projects.integrity import CHECKS
from pipeline.projects.records import TABLES, Project
from pipeline.projects.storage import read_record

runner = CliRunner()


@pytest.fixture(autouse=True)
def tables(processed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands know the municipalities of the packaged figures."""
    monkeypatch.setenv("VERSORGUNGSLABOR_PROCESSED", str(processed))


def run(*arguments: str, raw: Path) -> str:
    result = runner.invoke(project_app, [*arguments, "--raw", str(raw)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output if result.exit_code == 0 else f"exit {result.exit_code}"


@pytest.fixture
def raw(root: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "raw" / "funding"
    folder.mkdir(parents=True)
    for name in ("lines.yaml", "conditions.yaml"):
        (folder / name).write_bytes((root / "data" / "raw" / "funding" / name).read_bytes())
    return folder.parent


def test_a_new_record_goes_through_workbook_and_check(raw: Path, tmp_path: Path) -> None:
    run("new", "mein-vorhaben", "--title", "Mein Vorhaben", "--region", "05566076", raw=raw)
    with pytest.raises(WorkspaceError, match="exists already"):
        run("new", "mein-vorhaben", "--title", "Mein", "--region", "05566076", raw=raw)
    book = str(tmp_path / "v.xlsx")
    run("export", "mein-vorhaben", book, raw=raw)
    with pytest.raises(WorkspaceError, match="exists already"):
        run("import", book, raw=raw)
    run("import", book, "--replace", raw=raw)
    found = json.loads(run("check", "mein-vorhaben", "--json", raw=raw))
    assert found["ready"] is False
    assert {p["rule"] for p in found["problems"]} == {"gap-without-reason"}


def test_a_name_that_is_none_says_what_a_name_is(raw: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"hyphens, e\.g\. gesundes-dorf"):
        run("new", "Gesundes Dorf", "--title", "Gesundes Dorf", "--region", "oelde", raw=raw)
    assert not (raw / "projects" / "Gesundes Dorf").exists()


def test_a_key_of_digits_stands_in_quotation_marks(raw: Path) -> None:
    run("new", "rhein", "--title", "Rheine", "--region", "05566076", raw=raw)
    text = (raw / "projects" / "rhein" / "project.yaml").read_text("utf-8")
    assert "- '05566076'" in text


def test_a_mistyped_record_gets_the_nearest_name(raw: Path) -> None:
    run("new", "gesundes-dorf", "--title", "Dorf", "--region", "oelde", raw=raw)
    with pytest.raises(WorkspaceError, match="expected: gesundes-dorf, of: gesundes-dorf"):
        run("check", "gesundes-dorv", raw=raw)


def test_a_new_record_names_its_territory_and_refuses_an_unknown_one(raw: Path) -> None:
    run("new", "paar", "--title", "Paar", "--region", "oelde", "--region", "Rheine", raw=raw)
    project = read_record(raw / "projects" / "paar").project
    assert (project.regions, project.level) == (("oelde", "05566076"), "Oelde und Rheine")
    with pytest.raises(UnknownRegionError, match="oelde"):
        run("new", "neu", "--title", "Neu", "--region", "oehlde", raw=raw)
    path = raw / "projects" / "paar" / "project.yaml"
    path.write_text(path.read_text("utf-8").replace("- oelde", "- oehlde"), "utf-8")
    found = json.loads(run("check", "paar", "--json", raw=raw))
    assert found["problems"][0]["rule"] == "unknown-region"
    assert "oelde" in found["problems"][0]["message"]


def test_a_record_that_claims_to_be_ready_and_is_not_ends_with_status_one(raw: Path) -> None:
    run("new", "fertig", "--title", "Fertig", "--region", "05566076", raw=raw)
    path = raw / "projects" / "fertig" / "project.yaml"
    text = path.read_text(encoding="utf-8").replace("state: Entwurf", "state: einreichungsreif")
    path.write_text(text, encoding="utf-8")
    assert run("check", "fertig", raw=raw) == "exit 1"


def test_the_reference_names_every_table_field_and_rule(root: Path) -> None:
    page = (root / "docs" / "reference" / "project-records.md").read_text(encoding="utf-8")
    for name, model in {"project": Project, **TABLES}.items():
        part = page.split(f"## {name}.")[1].split("\n## ")[0]
        fields = re.findall(r"^\| \**(\w+)\**", part, re.MULTILINE)
        assert fields[1:] == list(model.model_fields), name
    folder = root / "pipeline" / "projects"
    code = "".join(
        (folder / name).read_text(encoding="utf-8") for name in ("integrity.py", "grant_checks.py")
    )
    rules = set(re.findall(r'Problem\(\s*"([a-z-]+)"', code))
    assert CHECKS and rules
    assert rules <= set(re.findall(r"`([a-z-]+)`", page)), rules
