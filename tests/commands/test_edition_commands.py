"""`compare` as a person meets it: what is no edition, and editions of different regions."""

from __future__ import annotations

import json
from pathlib import Path

from typer import Typer
from typer.testing import CliRunner

from pipeline.commands.editions import compare

app = Typer()
app.command()(compare)


def package(folder: Path, title: str, values: range) -> Path:
    """A data package of one table of whole numbers."""
    folder.mkdir()
    fields = [{"name": "key", "type": "string"}, {"name": "value", "type": "integer"}]
    resource = {"name": "numbers", "path": "numbers.csv",
                "schema": {"fields": fields, "primaryKey": ["key"]}}  # fmt: skip
    content = {"name": "x", "title": title, "resources": [resource]}
    (folder / "datapackage.json").write_text(json.dumps(content), encoding="utf-8")
    rows = "".join(f"k{value},{value}\n" for value in values)
    (folder / "numbers.csv").write_text("key,value\n" + rows, encoding="utf-8")
    return folder


def test_a_path_that_does_not_exist_says_what_is_expected(tmp_path: Path) -> None:
    missing = CliRunner().invoke(app, [str(tmp_path), str(tmp_path / "x.zip")])
    assert missing.exit_code == 2
    said = " ".join(missing.stderr.split())
    assert "there is no such file or folder" in said
    assert "Errno" not in said and "a bundle" in said


def test_packages_of_different_regions_are_named_and_counts_are_german(tmp_path: Path) -> None:
    old = package(tmp_path / "a", "Datenpaket Erfundenstadt", range(1500))
    new = package(tmp_path / "b", "Datenpaket Erfundendorf", range(0))
    told = CliRunner().invoke(app, [str(old), str(new)])
    assert told.exit_code == 1
    said = " ".join(told.stdout.split())
    assert "„Datenpaket Erfundenstadt“ und „Datenpaket Erfundendorf“" in said
    assert "1.500" in said and "1,500" not in said
    same = CliRunner().invoke(app, [str(old), str(old)])
    assert same.exit_code == 0 and "verschiedene" not in same.stdout
