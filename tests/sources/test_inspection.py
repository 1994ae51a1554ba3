"""`inspect`: the keys of its answer, and what they say of official files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.errors import RawDataError, UnknownFormatError
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


def test_unknown_file_says_where_the_formats_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Besprechung am Montag\n", encoding="utf-8")
    with pytest.raises(UnknownFormatError) as caught:
        inspect_file(path)
    assert "docs/reference/formats.md" in str(caught.value.expected)


@pytest.mark.parametrize(
    ("content", "message", "remedy"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "PNG picture", "template"),
        ("Gemeinde;Arzt\n".encode("utf-16"), "UTF-16", "save it as UTF-8"),
        (b"%PDF-1.7\n", "PDF document", "template"),
        (bytes(range(1, 200)), "bytes are no text", "publisher's own file"),
        (
            b"ref_area;care_kind;facility;places;as_of;source\n",
            "header is that of the template care-places",
            "put this line before the header",
        ),
    ],
)
def test_stranger_is_told_what_it_is(
    tmp_path: Path, content: bytes, message: str, remedy: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(UnknownFormatError, match=message) as caught:
        inspect_file(path)
    assert remedy in str(caught.value.remedy)
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize(
    ("path", "message"), [(Path(), "a folder"), (Path("/dev/null"), "a device")]
)
def test_what_is_no_file_is_called_by_its_name(path: Path, message: str) -> None:
    with pytest.raises(RawDataError, match=message):
        inspect_file(path)
