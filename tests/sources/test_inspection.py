"""`inspect`: the keys of its answer, and what they say of official files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.errors import UnknownFormatError
from pipeline.sources.inspection import inspect_file

KEYS = [
    "format", "table", "title", "encoding", "level", "periods", "dimensions", "rows", "status",
    "measures", "licence", "notes",
]  # fmt: skip


def test_answer_of_a_classic_file(originals: Path) -> None:
    answer = inspect_file(originals / "regionaldatenbank_classic" / "12411-07-01-5_00.csv")
    assert list(answer) == KEYS
    del answer["notes"]
    assert answer == {
        "format": "genesis-classic",
        "table": "12411-07-01-5",
        "title": "Durchschnittsalter der Bevölkerung - Stichtag 31.12. - regionale Tiefe: "
        "Gemeinden, Samt-/Verbandsgemeinden Fortschreibung des Bevölkerungsstandes",
        "encoding": "utf-8",
        "level": "municipality",
        "periods": ["2015-12-31"],
        "dimensions": {"Geschlecht": ["", "männlich", "weiblich"]},
        "rows": 43479,
        "status": {"nil": 8199, "confidential_or_unknown": 36},
        "measures": {
            "Durchschnittsalter der Bevölkerung [Jahre]": {"count": 43443, "sum": 1585259.4}
        },
        "licence": "DL-DE-BY-2.0",
    }


def test_answer_of_a_flat_file_names_no_table(originals: Path) -> None:
    answer = inspect_file(originals / "genesis_ffcsv" / "23111-0001__de.csv")
    assert answer["table"] is None
    assert answer["level"] == "country"
    assert answer["periods"] == [str(year) for year in range(1991, 2025)]
    assert answer["measures"]["Krankenhäuser [Anzahl]"] == {"count": 34, "sum": 71601.0}  # type: ignore[index]


@pytest.mark.parametrize(
    ("file", "level"),
    [
        ("regionaldatenbank_classic/12411-02-03-4_00.csv", "kreis"),
        ("landesdatenbank_nrw/12411-15i.csv", "municipality"),
        ("landesdatenbank_nrw/12411-09i.csv", "kreis"),
        ("genesis_ffcsv/1000A-0000__de.csv", "municipality"),
        ("genesis_ffcsv/12411-01-01-4__vintage2025.csv", "kreis"),
    ],
)
def test_level_is_what_the_table_is_about(originals: Path, file: str, level: str) -> None:
    assert inspect_file(originals / file)["level"] == level


@pytest.mark.parametrize(
    "file",
    [
        "regionaldatenbank_classic/22411-01-01-4_00.csv",
        "landesdatenbank_nrw/22811-05i.csv",
        "genesis_ffcsv/12211-Z-11__de.csv",
    ],
)
def test_answer_is_json_without_gaps(originals: Path, file: str) -> None:
    answer = inspect_file(originals / file)
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


def test_unknown_file_says_what_was_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Besprechung am Montag\n", encoding="utf-8")
    with pytest.raises(UnknownFormatError) as caught:
        inspect_file(path)
    assert "genesis-classic: a first line" in str(caught.value.expected)
