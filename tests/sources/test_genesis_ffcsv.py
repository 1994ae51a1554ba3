"""Flat-file CSV of all generations: place of the columns, signs, quality marks, bad input.

Synthetic files stand in this module as text; they imitate the generations of the official ones:
1. since 2025: `value` beside unit and measure, quality mark, a total with an empty code
2. 2024: one column a measure, names of columns repeated
3. older, German column names, Latin-1, two measures, one with a quality column
4. English, decimal point
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from pathlib import Path

import pytest

from pipeline.errors import RawDataError
from pipeline.provenance import OFFICIAL_SIGNS
from pipeline.sources import registry
from pipeline.sources.base import LongTable

LEAD = "statistics_code;statistics_label;time_code;time_label;time;"
VARIABLE = (
    "{0}_variable_code;{0}_variable_label;{0}_variable_attribute_code;{0}_variable_attribute_label;"
)
VALUE = "value;value_unit;value_variable_code;value_variable_label"
ROW = "12411;Musterstatistik;STAG;Stichtag;{time};KREISE;Kreise;{key};{name};GES;Geschlecht;"

CURRENT = (
    f"{LEAD}{VARIABLE.format(1)}{VARIABLE.format(2)}{VALUE};value_q\n"
    + ROW.format(time="31.12.2024", key="05566", name="Steinfurt, Kreis")
    + "GESM;männlich;12,5;1000;BEV;Personen;e\n"
    + ROW.format(time="31.12.2024", key="05566", name="Steinfurt, Kreis")
    + ";Insgesamt;7,5;1000;BEV;Personen;()\n"
    + ROW.format(time="2023-12-31", key="DG", name="Deutschland")
    + ";Insgesamt;/;1000;BEV;Personen;\n"
    + ROW.format(time="2023-12-31", key="DG", name="Deutschland")
    + "GESM;männlich;-;1000;BEV;Personen;\n"
)
REPEATED = (
    LEAD
    + "1_variable_code;1_variable_label;1_variable_code;1_variable_code;"
    + "BEVSTD__Bevoelkerungsstand__Anzahl\n"
    + "12411;Muster;STAG;Stichtag;2022-12-31;KREISE;Kreise;DG;Deutschland;84358845\n"
    + "12411;Muster;STAG;Stichtag;2022-12-31;KREISE;Kreise;01;  Schleswig-Holstein;.\n"
)
GERMAN = (
    "Statistik_Code;Statistik_Label;Zeit_Code;Zeit_Label;Zeit;1_Merkmal_Code;1_Merkmal_Label;"
    "1_Auspraegung_Code;1_Auspraegung_Label;BEV__Bevoelkerung__Anzahl;"
    "FLA__Flaeche__qkm;FLA__Flaeche__qkm_q\n"
    "11111;Fläche;JAHR;Jahr;2015;DLAND;Bundesländer;05;Nordrhein-Westfalen;17;34110,4;p\n"
)
ENGLISH = (
    f"{LEAD}{VARIABLE.format(1)}{VALUE}\n"
    "23111;Hospitals;JAHR;Year;2016;DINSG;Germany;DG;Germany;77.9;percent;BTT;Occupancy\n"
)


def read(folder: Path, text: str, encoding: str = "utf-8-sig") -> LongTable:
    path = folder / "flat.csv"
    path.write_bytes(text.encode(encoding))
    return registry.read(path)


def records(table: LongTable, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in table.frame[list(columns)].itertuples(index=False)]


def test_current_generation_keeps_codes_labels_marks_and_signs(tmp_path: Path) -> None:
    table = read(tmp_path, CURRENT)
    assert (table.format, table.table, table.title) == ("genesis-ffcsv", None, "Musterstatistik")
    assert table.encoding == "utf-8-sig"
    assert table.dimensions == ("Geschlecht",)
    rows = records(
        table, "ref_area", "time_period", "Geschlecht", "Geschlecht_code", "obs_value", "obs_status"
    )
    assert rows[:2] == [
        ("05566", "2024-12-31", "männlich", "GESM", 12.5, ""),
        ("05566", "2024-12-31", "Insgesamt", "", 7.5, "limited_reliability"),
    ]
    assert rows[2][-1] == "unreliable"
    assert math.isnan(rows[2][-2])  # type: ignore[arg-type]
    assert rows[3] == ("DG", "2023-12-31", "männlich", "GESM", 0.0, "nil")
    assert records(table, "measure", "measure_code", "unit_measure")[0] == (
        "Personen",
        "BEV",
        "1000",
    )


def test_repeated_column_names_are_read_by_place(tmp_path: Path) -> None:
    table = read(tmp_path, REPEATED, "utf-8")
    assert records(table, "ref_area", "obs_value")[0] == ("DG", 84358845.0)
    assert records(table, "measure", "unit_measure", "obs_status")[1] == (
        "Bevoelkerungsstand",
        "Anzahl",
        "confidential_or_unknown",
    )
    assert table.areas["01"] == "Schleswig-Holstein"


def test_german_generation_with_two_measures(tmp_path: Path) -> None:
    table = read(tmp_path, GERMAN, "iso-8859-1")
    assert table.encoding == "iso-8859-1"
    assert records(table, "measure", "unit_measure", "obs_value", "obs_status") == [
        ("Bevoelkerung", "Anzahl", 17.0, ""),
        ("Flaeche", "qkm", 34110.4, "provisional"),
    ]


def test_english_labels_mean_a_decimal_point(tmp_path: Path) -> None:
    assert records(read(tmp_path, ENGLISH), "obs_value") == [(77.9,)]


# --- bad input ------------------------------------------------------------------------------


def refused(folder: Path, text: str) -> RawDataError:
    with pytest.raises(RawDataError) as caught:
        read(folder, text)
    assert caught.value.remedy
    return caught.value


def test_decimal_point_in_a_german_file_is_refused_by_row(tmp_path: Path) -> None:
    error = refused(tmp_path, CURRENT.replace("7,5", "7.5"))
    assert (error.row, error.column, error.found) == (3, "value", "7.5")


def test_unknown_quality_mark_is_refused_by_row(tmp_path: Path) -> None:
    error = refused(tmp_path, CURRENT.replace(";()\n", ";?\n"))
    assert (error.row, error.column, error.found) == (3, "value_q", "?")


def test_row_that_stands_twice_is_refused(tmp_path: Path) -> None:
    rows = CURRENT.splitlines(keepends=True)
    assert refused(tmp_path, "".join([*rows, rows[1]])).row == 6


def test_lost_leading_zero_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, CURRENT.replace(";05566;", ";5566;"))
    assert (error.found, error.expected) == ("5566", "05566")


def test_cut_off_row_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, CURRENT[:-30]).row == 5


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_wrong_delimiter_is_refused(tmp_path: Path, delimiter: str) -> None:
    assert "';'" in refused(tmp_path, CURRENT.replace(";", delimiter)).message


def test_header_without_data_is_refused(tmp_path: Path) -> None:
    assert "without data" in refused(tmp_path, CURRENT.splitlines()[0] + "\n").message
    assert "without data" in refused(tmp_path, CURRENT.splitlines()[0]).message


def test_header_without_value_is_refused(tmp_path: Path) -> None:
    assert "no value" in refused(tmp_path, f"{LEAD}{VARIABLE.format(1)}x\n1;2\n").message


# --- the publishers' own files --------------------------------------------------------------

FILES = {
    "1000A-0000__de": 9, "12211-Z-11__de": 13, "12411-01-01-4__de": 13,
    "12411-01-01-4__vintage2024": 13, "12411-01-01-4__vintage2025": 13, "23111-0001__de": 9,
    "23111-0001__en": 9, "AI-N-01-2-5__de": 9,
}  # fmt: skip


@pytest.mark.parametrize(("name", "place"), FILES.items())
def test_official_file_equals_an_independent_reading(
    originals: Path, name: str, place: int
) -> None:
    path = originals / "genesis_ffcsv" / f"{name}.csv"
    table = registry.read(path)
    lines = list(csv.reader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";"))[1:]
    cells = [line[place] for line in lines]
    signs = Counter(OFFICIAL_SIGNS[cell] for cell in cells if cell in OFFICIAL_SIGNS)
    numbers = [float(cell.replace(",", ".")) for cell in cells if cell not in OFFICIAL_SIGNS]
    assert len(table.frame) == len(cells)
    statuses = table.frame["obs_status"].value_counts()
    assert {word: statuses[word] for word in signs} == dict(signs)
    assert math.fsum(table.frame["obs_value"].dropna()) == math.fsum(numbers)
    assert set(table.frame["ref_area"]) == {line[7].strip() for line in lines}


def test_german_and_english_file_hold_the_same_numbers(originals: Path) -> None:
    german, english = (
        registry.read(originals / "genesis_ffcsv" / f"23111-0001__{language}.csv").frame
        for language in ("de", "en")
    )
    keys = ["time_period", "measure_code"]
    german, english = (frame.sort_values(keys, ignore_index=True) for frame in (german, english))
    assert german["obs_value"].equals(english["obs_value"])


def test_quality_marks_of_a_sample_survey(originals: Path) -> None:
    frame = registry.read(originals / "genesis_ffcsv" / "12211-Z-11__de.csv").frame
    assert frame["obs_status"].value_counts().loc[lambda n: n > 0].to_dict() == {
        "nil": 1020,
        "": 893,
        "unreliable": 29,
        "limited_reliability": 14,
    }
