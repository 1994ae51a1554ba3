"""INKAR exports.

Expected values are cells of the publisher's exports (edition 2024): gross monthly pay in Flensburg
2000, and employees at their place of residence in Kiel 1997.
"""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from pipeline.errors import RawDataError
from pipeline.sources import inkar
from pipeline.sources.base import read_head


@pytest.mark.parametrize(
    ("file", "rows", "key", "year", "value", "unit"),
    [
        ("A_Bruttoverdienst.xls", 400 * 22, "01001", "2000", 1946.62, "Euro"),
        ("B_SVBeschaeftigte.xls", 400 * 25, "01002", "1997", 73626.0, "Anzahl"),
    ],
)
def test_export_has_the_published_values(
    originals: Path, file: str, rows: int, key: str, year: str, value: float, unit: str
) -> None:
    path = originals / "inkar" / file
    assert inkar.matches(read_head(path))
    table = inkar.read(path)
    assert (table.level, len(table.frame)) == ("kreis", rows)
    chosen = table.frame.query("ref_area == @key and time_period == @year")
    assert chosen["obs_value"].tolist() == [value]
    assert chosen["unit_measure"].tolist() == [unit]
    assert any("BBSR" in note for note in table.notes)


HEADER = [
    ["Kennziffer", "Raumeinheit", "Aggregat", "Ärzte", "Ärzte"],
    ["", "", "", "2020", "2021"],
]
ROW = ["05566", "Steinfurt", "Kreise", 12.5, 13]


def write(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Daten"
    for row in rows:
        book.active.append(row)
    definitions = book.create_sheet("Metadaten")
    definitions.append(["Dokumentation"])
    definitions.append(["Indikator", "Langname"])
    definitions.append(["Ärzte", "Ärzte je 10.000 Einwohner"])
    book.save(path)
    return path


def test_blank_cell_is_no_observation_and_a_sign_is_one(tmp_path: Path) -> None:
    rows = [
        *HEADER,
        ["05566", "Steinfurt", "Kreise", None, 13],
        ["05570", "Warendorf", "Kreise", "-", "."],
    ]
    table = inkar.read(write(tmp_path / "synthetic.xlsx", rows))
    assert table.frame[["ref_area", "time_period", "obs_status"]].values.tolist() == [
        ["05566", "2021", ""],
        ["05570", "2020", "nil"],
        ["05570", "2021", "confidential_or_unknown"],
    ]
    assert table.frame["unit_measure"].unique().tolist() == ["je 10.000 Einwohner"]
    assert "1 leere Zellen im Blatt Daten ohne Wert" in table.notes


def test_federal_row_and_planning_regions_get_their_keys(tmp_path: Path) -> None:
    rows = [
        *HEADER,
        ["0", "Deutschland", "Bund", 1, 2],
        ["0301", "Göttingen", "Raumordnungsregionen", 1, 2],
    ]
    table = inkar.read(write(tmp_path / "synthetic.xlsx", rows))
    assert table.frame["ref_area"].unique().tolist() == ["DG", "ROR:301"]
    assert table.level is None


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        # 1 wrong worksheet
        ([["Inhalt"], ["x"]], "no worksheet holds"),
        # 2 header without data
        (HEADER, "header without data"),
        # 3 lost zero, as number and as text
        ([*HEADER, [5566, *ROW[1:]]], r"leading zero|not text"),
        ([*HEADER, ["5566", *ROW[1:]]], "leading zero"),
        # 4 text in a number
        ([*HEADER, [*ROW[:3], "12.5", 13]], "neither a number"),
        # 5 a territory twice
        ([*HEADER, ROW, ROW], "stands twice"),
        # 6 a year that is none, or twice
        ([HEADER[0], ["", "", "", "2020", "x"], ROW], "without indicator or year"),
        ([HEADER[0], ["", "", "", "2020", "2020"], ROW], "without indicator or year"),
        # 7 no column of values
        ([HEADER[0][:3], HEADER[1][:3], ROW[:3]], "no column of values"),
    ],
)
def test_broken_export_is_refused(tmp_path: Path, rows: list, message: str) -> None:
    path = write(tmp_path / "broken.xlsx", rows)
    with pytest.raises(RawDataError, match=message) as raised:
        inkar.read(path)
    assert str(path) in str(raised.value)


def test_cut_off_export_is_refused(tmp_path: Path, originals: Path) -> None:
    path = tmp_path / "cut.xls"
    path.write_bytes((originals / "inkar" / "A_Bruttoverdienst.xls").read_bytes()[:20_000])
    with pytest.raises(RawDataError, match="cut off"):
        inkar.read(path)


def test_web_page_under_the_name_of_a_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.xls"
    path.write_text("<html><body>Sitzung abgelaufen</body></html>", encoding="utf-8")
    assert not inkar.matches(read_head(path))
    with pytest.raises(RawDataError, match="no Excel workbook"):
        inkar.read(path)
