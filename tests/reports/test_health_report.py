"""The Gesundheitsbericht: what chapters found, and goals only where they are on record."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from pipeline.errors import ExecutionError
from pipeline.figures.contract import PROSE_MIME
from pipeline.reports.health_report import HealthReportWriter, page_of
from pipeline.reports.site import remove_stale_pages
from pipeline.settings import Params, Paths, read_params
from pipeline.tables import storage
from pipeline.tables.workspace import open_workspace

_SENTENCE = "Am Tag X lebten hier <b>viele</b> Menschen."
#: An invented goal: municipalities enter their own.
_GOAL = {
    "ref_area": "03103", "time_period": "2025-06-30", "goal_id": "z1", "sector": "Prävention",
    "goal": "Mehr Kinder <i>schwimmen</i>", "goal_indicator": "Anteil", "indicator_unit": "Prozent",
    "baseline": 40.0, "baseline_date": "2024-01-01", "target": 60.0, "target_date": "2026-12-31",
    "actual": 50.0, "owner": "Gesundheitsamt", "note": "", "source_title": "", "source_id": "x",
}  # fmt: skip


@pytest.fixture
def params(root: Path) -> Params:
    return read_params(root / "params.yaml")


@pytest.fixture
def paths(processed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """Packaged tables, none derived, and one executed chapter of Wolfsburg."""
    own = tmp_path / "processed"
    shutil.copytree(processed, own)
    monkeypatch.setenv("VERSORGUNGSLABOR_PROCESSED", str(own))
    monkeypatch.setenv("VERSORGUNGSLABOR_DERIVED", str(tmp_path / "derived"))
    shown = {PROSE_MIME: {"tone": "finding", "sentences": [_SENTENCE], "findings": []}}
    unseen = {"text/plain": "nicht für Leser"}
    outputs = [new_output("display_data", data=data) for data in (shown, unseen)]
    cells = [new_markdown_cell("# Bevölkerung\n\n**Frage.** Wer?"),
             new_code_cell("hidden_code = 1", outputs=outputs)]  # fmt: skip
    path = tmp_path / "build" / "notebooks" / "wolfsburg" / "bevoelkerung.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(new_notebook(cells=cells), path)
    return Paths(
        processed=own, derived=tmp_path / "derived", build=tmp_path / "build",
        reports=tmp_path / "reports",
    )  # fmt: skip


def written(paths: Paths, params: Params, region: str = "wolfsburg") -> str:
    lab = open_workspace(region, params.reference_date)
    return HealthReportWriter(paths, params).write(lab).read_text(encoding="utf-8")


def test_chapters_key_findings_and_the_lack_of_goals(paths: Paths, params: Params) -> None:
    html = written(paths, params)
    year = params.edition[:4]
    assert page_of("wolfsburg", params.edition) == f"gesundheitsbericht-wolfsburg-{year}.html"
    assert f"<h1>Gesundheitsbericht Wolfsburg {year}</h1>" in html
    assert "lebten hier &lt;b&gt;viele&lt;/b&gt; Menschen." in html
    assert "keine beschlossenen Gesundheitsziele eingetragen" in html
    assert "Das Wichtigste auf einen Blick" in html
    assert "nicht für Leser" not in html
    assert "hidden_code" not in html
    assert "Programmcode" not in html


def test_goals_on_record_stand_with_their_progress(paths: Paths, params: Params) -> None:
    columns = list(storage.read("goals", processed=paths.processed).columns)
    storage.write(pd.DataFrame([_GOAL])[columns], "goals", paths.processed)
    html = written(paths, params)
    assert "keine beschlossenen Gesundheitsziele" not in html
    assert "Mehr Kinder &lt;i&gt;schwimmen&lt;/i&gt;" in html
    assert "50 %" in html  # half of the way from 40 to 60
    assert "grün – auf Kurs" in html  # after half of the time


def test_a_full_render_keeps_the_reports_of_its_regions(tmp_path: Path) -> None:
    kept = ["index.html", "wolfsburg.html", "gesundheitsbericht-wolfsburg-2025.html",
            "gesundheitsbericht-wolfsburg-2025.pdf"]  # fmt: skip
    gone = ["weg.html", "gesundheitsbericht-weg-2025.html", "gesundheitsbericht-weg-2025.pdf"]
    for name in (*kept, *gone):
        (tmp_path / name).write_text("alt")
    written = [tmp_path / "index.html", tmp_path / "wolfsburg.html"]
    remove_stale_pages(Paths(reports=tmp_path), {"wolfsburg": {}}, written)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)


def test_without_executed_chapters_there_is_no_report(paths: Paths, params: Params) -> None:
    with pytest.raises(ExecutionError, match="have not been executed"):
        written(paths, params, "oelde")
