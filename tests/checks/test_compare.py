"""Two editions with planted changes: found, weighed, and said in words."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import nbformat
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook, new_output
from typer import Typer
from typer.testing import CliRunner

from pipeline.checks.compare import Comparison, compare, compare_editions
from pipeline.checks.compare_words import as_json, digest, groups, page
from pipeline.checks.editions import Edition, EditionTable, read_edition
from pipeline.commands.editions import bundle
from pipeline.commands.editions import compare as compare_command
from pipeline.errors import TableError
from pipeline.figures.contract import PROSE_MIME

_KALLETAL = {"ref_area": "05766036", "time_period": "2024-12-31", "sex": "total"}
_HOSTILE = "<script>alert(1)</script>"

app = Typer()
app.command()(compare_command)
app.command()(bundle)


@pytest.fixture(scope="module")
def small(processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An edition of a few packaged tables, as a folder."""
    folder = tmp_path_factory.mktemp("alt") / "alt"
    folder.mkdir()
    package = json.loads((processed / "datapackage.json").read_text(encoding="utf-8"))
    names = ("areas", "population", "social", "structure")
    package["resources"] = [r for r in package["resources"] if r["name"] in names]
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    for name in names:
        shutil.copy(processed / f"{name}.parquet", folder)
    return folder


@pytest.fixture
def changed(small: Path, tmp_path: Path) -> Callable[..., Path]:
    """A copy of the packaged edition in which one table is changed."""

    def change(name: str, edit: Callable[[pd.DataFrame], pd.DataFrame]) -> Path:
        folder = tmp_path / "neu"
        if not folder.exists():
            shutil.copytree(small, folder)
        path = folder / f"{name}.parquet"
        edit(pd.read_parquet(path)).to_parquet(path)
        return folder

    return change


def rows(frame: pd.DataFrame, **key: str) -> pd.Series:
    """The rows of a key, as a mask."""
    mask = frame["measure"].eq("population") & frame["age_from"].isna() & frame["age_to"].isna()
    for column, value in key.items():
        mask &= frame[column].eq(value)
    assert mask.sum() == 1
    return mask


def kinds(comparison: Comparison) -> dict[str, dict[str, int]]:
    return {
        table.name: table.changes["kind"].value_counts().to_dict()
        for table in comparison.tables
        if len(table.changes)
    }


# --- what changed --------------------------------------------------------------------------


def test_an_edition_is_the_same_as_itself(small: Path) -> None:
    result = compare_editions(small, small)
    assert result.is_same
    assert result.severities == {"breaking": 0, "notable": 0, "minor": 0, "addition": 0}
    assert digest(result) == []


def test_a_corrected_number_is_told_with_name_unit_old_and_new(
    small: Path, changed: Callable[..., Path]
) -> None:
    def edit(frame: pd.DataFrame) -> pd.DataFrame:
        mask = rows(frame, **_KALLETAL)
        assert frame.loc[mask, "obs_value"].tolist() == [13256.0]
        frame.loc[mask, "obs_value"] = 13356.0
        return frame

    result = compare_editions(small, changed("population", edit))
    assert result.severities == {"breaking": 0, "notable": 0, "minor": 1, "addition": 0}
    assert digest(result) == [
        "Einwohnerzahl 2024 berichtigt: Kalletal, 31.12.2024, Basis Zensus 2022: 13.356 statt "
        "bisher 13.256 Personen (+0,8 %)."
    ]


def test_a_difference_within_the_tolerance_is_counted_and_not_listed(
    small: Path, changed: Callable[..., Path]
) -> None:
    def edit(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[rows(frame, **_KALLETAL), "obs_value"] += 0.01
        return frame

    new = changed("population", edit)
    assert compare_editions(small, new, rtol=1e-6).is_same
    (table,) = [t for t in compare_editions(small, new, rtol=1e-6).tables if t.within_tolerance]
    assert (table.name, table.within_tolerance) == ("population", 1)
    assert compare_editions(small, new, rtol=1e-9).severities["minor"] == 1


def test_a_sign_that_became_a_number_and_a_number_that_became_a_sign() -> None:
    old = edition(("a", 5.0, ""), ("b", None, "confidential_or_unknown"), ("c", 1.0, "provisional"))
    new = edition(("a", None, "not_yet_available"), ("b", 7.0, ""), ("c", 1.0, ""))
    result = compare(old, new)
    assert kinds(result) == {"t": {"number_lost": 1, "number_gained": 1, "status_changed": 1}}
    assert result.severities == {"breaking": 1, "notable": 2, "minor": 0, "addition": 0}
    assert digest(result) == [
        "t ohne Zahl: a: jetzt „noch nicht verfügbar“; bisher 5.",
        "t jetzt beziffert: b: 7; bisher „geheim oder unbekannt“.",
        "t, Zeichen anders gekennzeichnet: c: jetzt „Zahlenwert“, bisher „vorläufig“.",
    ]


@pytest.mark.parametrize(
    ("old", "new", "severity"),
    [
        (100.0, 101.0, "minor"),  # one percent, the limit
        (100.0, 101.1, "notable"),
        (100.0, 110.0, "notable"),  # ten percent, the limit
        (100.0, 110.1, "breaking"),
        (0.001, -0.001, "breaking"),  # another sign
        (0.0, 1.0, "breaking"),  # no share can be told of nothing
    ],
)
def test_severity_follows_the_printed_limits(old: float, new: float, severity: str) -> None:
    result = compare(edition(("a", old, "")), edition(("a", new, "")))
    assert [name for name, count in result.severities.items() if count] == [severity]


def test_rows_columns_and_tables_that_come_and_go(
    small: Path, changed: Callable[..., Path]
) -> None:
    new = changed("social", lambda frame: frame.iloc[1:])
    package = json.loads((new / "datapackage.json").read_text(encoding="utf-8"))
    package["resources"] = [r for r in package["resources"] if r["name"] != "structure"]
    areas = next(r for r in package["resources"] if r["name"] == "areas")
    areas["schema"]["fields"] = [f for f in areas["schema"]["fields"] if f["name"] != "parent"]
    (new / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    forth, back = compare_editions(small, new), compare_editions(new, small)
    assert kinds(forth) == {"social": {"row_removed": 1}}
    assert kinds(back) == {"social": {"row_added": 1}}
    assert [(c.kind, c.table, c.column) for c in forth.schema] == [
        ("column_removed", "areas", "parent"), ("table_removed", "structure", ""),
    ]  # fmt: skip
    assert [c.kind for c in back.schema] == ["column_added", "table_added"]
    assert forth.severities["breaking"] == 3
    assert back.severities["addition"] == 3


def test_findings_of_executed_notebooks_are_compared(tmp_path: Path) -> None:
    def build(name: str, value: float) -> Path:
        found = {"id": "population-total", "ref_area": "05766036", "time_period": "2024-12-31",
                 "kind": "veröffentlichter Wert", "value": value}  # fmt: skip
        data = {PROSE_MIME: {"tone": "finding", "sentences": ["x"], "findings": [found]}}
        cell = new_code_cell("", outputs=[new_output("display_data", data=data)])
        path = tmp_path / name / "notebooks" / "kalletal" / "bevoelkerung.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(new_notebook(cells=[cell]), path)
        return tmp_path / name

    result = compare_editions(build("alt", 100.0), build("neu", 105.0))
    assert digest(result) == [
        "Befunde der Berichte 2024 berichtigt: 05766036, 31.12.2024, kalletal, bevoelkerung, "
        "population-total: 105 statt bisher 100 (+5,0 %)."
    ]


# --- forms ---------------------------------------------------------------------------------


def test_a_bundle_compares_with_itself_unpacked(
    processed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    monkeypatch.setenv("VERSORGUNGSLABOR_PROCESSED", str(processed))
    done = CliRunner().invoke(
        app, ["bundle", "oelde", "--processed", str(processed), "--derived", str(tmp_path / "none"),
              "--reports", str(tmp_path), "--params", str(root / "params.yaml")],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    archive = tmp_path / "pakete" / "oelde.zip"
    with ZipFile(archive) as content:
        content.extractall(tmp_path / "ausgepackt")
    assert compare_editions(archive, tmp_path / "ausgepackt").is_same
    # the bundle's rows are those of the tables it was made from
    table = read_edition(archive).tables["population"]
    own = table.frame.loc[table.frame["ref_area"].eq("05570028")]
    whole = read_edition(processed).tables["population"].frame
    expected = whole.loc[whole["ref_area"].eq("05570028")].reset_index(drop=True)
    pd.testing.assert_frame_equal(own.reset_index(drop=True), expected)


def test_page_escapes_what_the_data_say_and_loads_nothing() -> None:
    result = compare(
        edition((_HOSTILE, 1.0, ""), name=_HOSTILE), edition((_HOSTILE, 2.0, ""), name="neu")
    )
    html = page(result)
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "default-src 'none'" in html
    assert "schwerwiegend" in html


def test_exit_status_and_json_keys(
    small: Path, changed: Callable[..., Path], tmp_path: Path
) -> None:
    new = str(changed("social", lambda frame: frame.iloc[1:]))
    run = CliRunner()
    assert run.invoke(app, ["compare", str(small), str(small)]).exit_code == 0
    told = run.invoke(app, ["compare", str(small), new, "--json", "--html",
                            str(tmp_path / "v.html")])  # fmt: skip
    assert told.exit_code == 1
    report = json.loads(told.stdout)
    assert set(report) == {
        "old", "new", "rtol", "is_same", "severities", "schema", "tables", "changes", "words",
    }  # fmt: skip
    (change,) = report["changes"]
    assert set(change) == {
        "table", "key", "kind", "severity", "column", "old", "new", "old_status", "new_status",
        "relative",
    }  # fmt: skip
    assert (change["kind"], change["severity"], change["new"]) == ("row_removed", "breaking", None)
    assert (tmp_path / "v.html").is_file()
    assert run.invoke(app, ["compare", str(small), str(tmp_path / "x.zip")]).exit_code == 2


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "this is no edition"),
        ({"datapackage.json": "{"}, "this is no data package"),
        ({"datapackage.json": '{"resources": 1}'}, "this is no data package"),
        ({"datapackage.json": "PACKAGE ../secret.csv"}, "a file that it does not hold"),
        ({"datapackage.json": "PACKAGE t.csv", "t.csv": "a\nx"}, "a number cannot be read"),
        ({"datapackage.json": "PACKAGE t.csv", "t.csv": "b\n1"}, "lacks a column of its schema"),
    ],
)
def test_what_is_no_edition_is_refused(tmp_path: Path, files: dict[str, str], message: str) -> None:
    (tmp_path / "secret.csv").write_text("a\n1", encoding="utf-8")
    folder = tmp_path / "edition"
    folder.mkdir()
    for name, text in files.items():
        if text.startswith("PACKAGE "):
            schema = {"fields": [{"name": "a", "type": "number"}]}
            resource = {"name": "t", "path": text.removeprefix("PACKAGE "), "schema": schema}
            text = json.dumps({"resources": [resource]})
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=message):
        read_edition(folder)


# --- invariants ----------------------------------------------------------------------------


def edition(*given: tuple[str, float | None, str], name: str = "e") -> Edition:
    """An edition of one table: name, value and sign of each row."""
    frame = pd.DataFrame(list(given), columns=["name", "obs_value", "obs_status"])
    frame["obs_value"] = frame["obs_value"].astype("float64")
    types = {"name": "string", "obs_value": "number", "obs_status": "string"}
    return Edition(name, {"t": EditionTable(frame, types, ("name",))})


_ROWS = st.dictionaries(
    st.sampled_from("abcdef"), st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=6
)


def _of(values: dict[str, float | None]) -> Edition:
    return edition(*((k, v, "" if v is not None else "unreliable") for k, v in values.items()))


@settings(max_examples=25, deadline=None)
@given(_ROWS, _ROWS, st.floats(0, 0.5))
def test_every_difference_is_told_once_and_swapping_swaps(
    old: dict[str, float | None], new: dict[str, float | None], rtol: float
) -> None:
    forth, back = compare(_of(old), _of(new), rtol).tables, compare(_of(new), _of(old), 0).tables
    exact = compare(_of(old), _of(new)).tables[0]
    differing = {k for k in {*old, *new} if k not in old or k not in new or old[k] != new[k]}
    assert set(exact.changes["key.name"]) == differing
    assert len(exact.changes) == len(differing)
    assert len(forth[0].changes) + forth[0].within_tolerance == len(differing)
    assert back[0].count("kind", "row_added") == exact.count("kind", "row_removed")


def test_groups_put_the_sum_of_all_people_first() -> None:
    result = compare(
        edition(("a", 1.0, ""), ("b", 10.0, "")), edition(("a", 2.0, ""), ("b", 11.0, ""))
    )
    (group,) = groups(result)
    assert group.sentences[0] == "a: 2 statt bisher 1 (+100,0 %)."
    assert json.loads(json.dumps(as_json(result), allow_nan=False))["is_same"] is False
