"""GISD: the scale is part of the number.

Expected values are rows of the RKI's files: Wolfsburg 2021 is 0.18277 (quintile 1) on the federal
scale, Kreis Steinfurt 0.5317 (quintile 3).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import RawDataError
from pipeline.sources import gisd
from pipeline.sources.base import read_head


def test_federal_file_has_score_and_classes_on_the_federal_scale(originals: Path) -> None:
    path = originals / "gisd" / "GISD_Bund_Kreis.csv"
    assert gisd.matches(read_head(path))
    table = gisd.read(path)
    assert table.frame["scale"].unique().tolist() == ["federal"]
    values = table.frame.set_index(["ref_area", "time_period", "measure"])["obs_value"]
    assert values["03103", "2021", "GISD Score"] == 0.18277
    assert values["05566", "2021", "GISD Score"] == 0.5317
    assert values["05566", "2021", "GISD Quintil"] == 3
    assert values["05566", "2021", "GISD Gruppe"] == 2
    assert len(table.frame) == 4 * 9_600
    assert (table.level, table.licence) == ("kreis", "CC-BY-4.0")


@pytest.mark.parametrize(
    ("file", "scale", "level", "rows"),
    [
        ("GISD_Niedersachsen_Kreis.csv", "land:03", "kreis", 1_080),
        ("GISD_Nordrhein-Westfalen_Kreis.csv", "land:05", "kreis", 1_272),
        ("GISD_Nordrhein-Westfalen_Gemeindeverband.csv", "land:05", "association", 9_504),
    ],
)
def test_file_of_a_land_is_marked_as_scaled_within_it(
    originals: Path, file: str, scale: str, level: str, rows: int
) -> None:
    table = gisd.read(originals / "gisd" / file)
    assert table.frame["scale"].unique().tolist() == [scale]
    assert (table.level, len(table.frame)) == (level, rows)
    assert "nicht vergleichbar" in table.notes[0]


def test_same_kreis_differs_between_the_scales(originals: Path) -> None:
    # why they must not meet: Wolfsburg is among the best of Germany, less so within Niedersachsen
    federal = gisd.read(originals / "gisd" / "GISD_Bund_Kreis.csv").frame
    land = gisd.read(originals / "gisd" / "GISD_Niedersachsen_Kreis.csv").frame
    score = [
        f.query("ref_area == '03103' and time_period == '2021' and measure == 'GISD Score'")[
            "obs_value"
        ].item()
        for f in (federal, land)
    ]
    assert score[0] != score[1]


HEADER = "kreis_id,kreis_name,year,gisd_score,gisd_5,gisd_10,gisd_k"
GOOD = "05566,Steinfurt,2021,0.5317,3,6,2"


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_excerpt_of_one_land_has_no_known_scale(tmp_path: Path) -> None:
    table = gisd.read(write(tmp_path / "excerpt.csv", HEADER, GOOD))
    assert table.frame["scale"].unique().tolist() == ["unknown"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        # 1 no header of the index
        (["a,b", "1,2"], "not the header"),
        (["kreis_id,kreis_name,year", "05566,Steinfurt,2021"], "not the header"),
        # 2 header without data
        ([HEADER], "header without data"),
        # 3 lost zero
        ([HEADER, GOOD.replace("05566", "5566")], "leading zero"),
        # 4 a key of another level
        ([HEADER, GOOD.replace("05566", "05566076")], "another level"),
        # 5 decimal comma (in quotes, so that the number of cells fits)
        ([HEADER, GOOD.replace("0.5317", '"0,5317"')], "no value of the index"),
        # 6 a score and a class out of range
        ([HEADER, GOOD.replace("0.5317", "1.5317")], "no value of the index"),
        ([HEADER, GOOD.replace(",3,6,2", ",6,6,2")], "no value of the index"),
        # 7 a row twice
        ([HEADER, GOOD, GOOD], "stands twice"),
        # 8 no year
        ([HEADER, GOOD.replace("2021", "21")], "no year"),
        # 9 cut off in a row
        ([HEADER, GOOD, "05570,Waren"], "wrong number of cells"),
        # 10 an empty score is not a zero
        ([HEADER, GOOD.replace("0.5317", "")], "no value of the index"),
    ],
)
def test_broken_file_is_refused(tmp_path: Path, lines: list[str], message: str) -> None:
    path = write(tmp_path / "broken.csv", *lines)
    with pytest.raises(RawDataError, match=message) as raised:
        gisd.read(path)
    assert str(path) in str(raised.value)


def test_latin1_bytes_are_refused_with_the_row(tmp_path: Path) -> None:
    path = tmp_path / "latin1.csv"
    path.write_bytes(f"{HEADER}\n{GOOD}\n05111,Düsseldorf,2021,0.5,3,6,2\n".encode("latin-1"))
    with pytest.raises(RawDataError, match="row 3: a byte that is not UTF-8"):
        gisd.read(path)
