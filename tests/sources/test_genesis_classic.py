"""Classic GENESIS CSV: layouts, signs, encodings, bad input; and the publishers' own files.

Synthetic files stand in this module as text; they imitate the layouts of the official ones:
1. long: keys and a label column, sexes in the headings, measure in the titles
2. wide: dates in the columns, newest first
3. several measures with units of their own, a statistic above them
4. a named classification below the measure, the first column not broken down
5. sections: the date above the headings, another in the middle of the rows
6. classification with a code column, no regional key
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import RawDataError
from pipeline.provenance import OFFICIAL_SIGNS
from pipeline.sources import registry
from pipeline.sources._text import MAX_BYTES
from pipeline.sources.base import LongTable

FOOTER = """__________
"zu ""gesamter Tabelle"":
Musterland: Gebietsstand 01.01.2009"
"© Statistische Ämter des Bundes und der Länder, Deutschland, 2017.
Dieses Werk ist lizensiert unter der Datenlizenz Deutschland
- Namensnennung - Version 2.0."
Stand: 10.10.2017 / 11:01:03"""

LONG = """GENESIS-Tabelle: 00001-01-01-4
Bevölkerung nach Geschlecht;;;;;
und Altersgruppen - Stichtag 31.12. -;;;;;
Fortschreibung des Bevölkerungsstandes;;;;;
Bevölkerungsstand (Anzahl);;;;;
;;;;männlich;weiblich
31.12.2015;DG;Deutschland;unter 3 Jahre;10;20
31.12.2015;DG;Deutschland;75 Jahre und mehr;30;40
31.12.2015;05566;      Steinfurt, Kreis;unter 3 Jahre;-;.
31.12.2015;05566;      Steinfurt, Kreis;75 Jahre und mehr;/;x
"""

WIDE = """GENESIS-Tabelle: 00002-01-01-5
Bevölkerung: Musterstatistik;;;;;
Fortschreibung;;;;;
Bevölkerungsstand (Anzahl);;;;;
;;31.12.2015;31.12.2015;31.12.2014;31.12.2014
;;Insgesamt;männlich;Insgesamt;männlich
01;  Schleswig-Holstein;4;3;2;1
01001000;      Flensburg, Stadt;8;7;6;...
"""

MEASURES = """Tabelle: 00003-15i
Fläche, Bevölkerung und Dichte;;;;;
;;;Fortschreibung;Flächenerhebung;Fortschreibung
;;;Bevölkerungsstand;Bodenfläche in qkm;Bevölkerungsdichte
;;;Anzahl;qkm;EW pro qkm
31.12.2024;05;Nordrhein-Westfalen;18034454;34112,44;528,7
31.12.2024;051;  Düsseldorf, Regierungsbezirk;5244379;5292,33;990,9
"""

BREAKDOWN = """GENESIS-Tabelle: 00004-01-01-5
Durchschnittsalter der Bevölkerung;;;;;
Fortschreibung des Bevölkerungsstandes;;;;;
;;;Durchschnittsalter;Durchschnittsalter;Durchschnittsalter
;;;;männlich;weiblich
;;;Jahre;Jahre;Jahre
31.12.2015;DG;Deutschland;44,2;42,8;45,6
"""

SECTIONS = """GENESIS-Tabelle: 00005-01-03-5
Zu- und Fortzüge nach Geschlecht;;;;;
Wanderungsstatistik;;;;;
2015;;;;;
;;Zuzüge;Zuzüge;Fortzüge;Fortzüge
;;Geschlecht;Geschlecht;Geschlecht;Geschlecht
;;männlich;weiblich;männlich;weiblich
;;Anzahl;Anzahl;Anzahl;Anzahl
DG;Deutschland;1;2;3;4
2014;;;;;
DG;Deutschland;5;6;7;8
"""

CODES = """GENESIS-Tabelle: 00006-0001
Diagnosen der Krankenhauspatienten;;;
Diagnosestatistik;;;
Deutschland;;;
;;;Fälle
;;;Anzahl
2020;ICD10-A00;Cholera;4
2020;ICD10-A01;Typhus abdominalis;27
2020;;Insgesamt;31
"""


def write(folder: Path, text: str, *, encoding: str = "utf-8", name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def read(folder: Path, text: str, *, encoding: str = "utf-8") -> LongTable:
    return registry.read(write(folder, text + FOOTER, encoding=encoding))


def records(table: LongTable, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in table.frame[list(columns)].itertuples(index=False)]


def test_long_layout_keeps_keys_names_and_every_sign(tmp_path: Path) -> None:
    table = read(tmp_path, LONG)
    assert (table.format, table.table) == ("genesis-classic", "00001-01-01-4")
    assert table.dimensions == ("Altersgruppe", "Geschlecht")
    rows = records(
        table, "ref_area", "time_period", "Altersgruppe", "Geschlecht", "obs_value", "obs_status"
    )
    assert rows[:5] == [
        ("DG", "2015-12-31", "unter 3 Jahre", "männlich", 10.0, ""),
        ("DG", "2015-12-31", "unter 3 Jahre", "weiblich", 20.0, ""),
        ("DG", "2015-12-31", "75 Jahre und mehr", "männlich", 30.0, ""),
        ("DG", "2015-12-31", "75 Jahre und mehr", "weiblich", 40.0, ""),
        ("05566", "2015-12-31", "unter 3 Jahre", "männlich", 0.0, "nil"),
    ]
    assert [row[-1] for row in rows[5:]] == [
        "confidential_or_unknown",
        "unreliable",
        "not_meaningful",
    ]
    assert all(pd.isna(row[-2]) for row in rows[5:])
    assert table.areas == {"DG": "Deutschland", "05566": "Steinfurt, Kreis"}
    assert set(table.frame["measure"]) == {"Bevölkerungsstand"}
    assert set(table.frame["unit_measure"]) == {"Anzahl"}


def test_title_notes_and_licence_come_from_the_file(tmp_path: Path) -> None:
    table = read(tmp_path, LONG)
    assert table.title == (
        "Bevölkerung nach Geschlecht und Altersgruppen - Stichtag 31.12. - "
        "Fortschreibung des Bevölkerungsstandes"
    )
    assert table.notes[0] == 'zu "gesamter Tabelle":\nMusterland: Gebietsstand 01.01.2009'
    assert table.notes[2] == "Stand: 10.10.2017 / 11:01:03"
    assert table.licence == "DL-DE-BY-2.0"


def test_named_frame_puts_the_name_beside_the_key(tmp_path: Path) -> None:
    named = read(tmp_path, LONG).named_frame()
    assert list(named.columns[:2]) == ["ref_area", "ref_area_name"]
    assert named["ref_area_name"].tolist() == ["Deutschland"] * 4 + ["Steinfurt, Kreis"] * 4


def test_dates_in_columns_become_the_time_of_each_value(tmp_path: Path) -> None:
    table = read(tmp_path, WIDE)
    assert records(table, "ref_area", "time_period", "Geschlecht", "obs_value")[:4] == [
        ("01", "2015-12-31", "Insgesamt", 4.0),
        ("01", "2015-12-31", "männlich", 3.0),
        ("01", "2014-12-31", "Insgesamt", 2.0),
        ("01", "2014-12-31", "männlich", 1.0),
    ]
    assert table.frame["obs_status"].tolist()[-1] == "not_yet_available"


def test_each_measure_has_its_own_unit_and_the_statistic_is_a_dimension(tmp_path: Path) -> None:
    table = read(tmp_path, MEASURES)
    assert table.format == "landesdatenbank-nrw"  # 'Tabelle:' and only keys of the Land 05
    assert records(table, "Statistik", "measure", "unit_measure", "obs_value")[:3] == [
        ("Fortschreibung", "Bevölkerungsstand", "Anzahl", 18034454.0),
        ("Flächenerhebung", "Bodenfläche in qkm", "qkm", 34112.44),
        ("Fortschreibung", "Bevölkerungsdichte", "EW pro qkm", 528.7),
    ]


def test_column_that_is_not_broken_down_has_an_empty_member(tmp_path: Path) -> None:
    table = read(tmp_path, BREAKDOWN)
    assert records(table, "measure", "Geschlecht", "unit_measure", "obs_value") == [
        ("Durchschnittsalter", "", "Jahre", 44.2),
        ("Durchschnittsalter", "männlich", "Jahre", 42.8),
        ("Durchschnittsalter", "weiblich", "Jahre", 45.6),
    ]


def test_sections_give_their_time_to_the_rows_below(tmp_path: Path) -> None:
    table = read(tmp_path, SECTIONS)
    assert records(table, "time_period", "measure", "Geschlecht", "obs_value") == [
        ("2015", "Zuzüge", "männlich", 1.0),
        ("2015", "Zuzüge", "weiblich", 2.0),
        ("2015", "Fortzüge", "männlich", 3.0),
        ("2015", "Fortzüge", "weiblich", 4.0),
        ("2014", "Zuzüge", "männlich", 5.0),
        ("2014", "Zuzüge", "weiblich", 6.0),
        ("2014", "Fortzüge", "männlich", 7.0),
        ("2014", "Fortzüge", "weiblich", 8.0),
    ]


def test_codes_of_a_classification_stay_beside_their_labels(tmp_path: Path) -> None:
    table = read(tmp_path, CODES)
    assert table.dimensions == ("dimension_1",)
    assert records(table, "dimension_1_code", "dimension_1", "measure", "obs_value") == [
        ("ICD10-A00", "Cholera", "Fälle", 4.0),
        ("ICD10-A01", "Typhus abdominalis", "Fälle", 27.0),
        ("", "Insgesamt", "Fälle", 31.0),
    ]
    assert set(table.frame["ref_area"]) == {""}
    assert "the table has no regional key: ref_area is empty" in table.notes


def test_stray_letters_before_the_first_word_do_no_harm(tmp_path: Path) -> None:
    table = read(tmp_path, LONG.replace("GENESIS-Tabelle:", "BevTabelle:"))
    assert table.table == "00001-01-01-4"
    assert len(table.frame) == 8


def test_it_nrw_in_the_footer_makes_a_table_without_keys_one_of_the_landesdatenbank(
    tmp_path: Path,
) -> None:
    text = (
        "Tabelle: 12411-01iz\nBevölkerung - Land;;\nFortschreibung;;\n"
        "Bevölkerungsstand (Anzahl);;\n;männlich;weiblich\n31.12.2020;5;6\n"
        "__________\n© IT.NRW, Düsseldorf, 2026. Datenlizenz Deutschland - Namensnennung - 2.0\n"
    )
    table = registry.read(write(tmp_path, text, encoding="latin-1"))
    assert (table.format, table.level) == ("landesdatenbank-nrw", None)
    assert records(table, "ref_area", "time_period", "Geschlecht", "obs_value") == [
        ("", "2020-12-31", "männlich", 5.0),
        ("", "2020-12-31", "weiblich", 6.0),
    ]


def test_units_may_stand_above_the_dates(tmp_path: Path) -> None:
    text = (
        "Tabelle: 13311\nErwerbstätige;;;\nErwerbstätigenrechnung;;;\n"
        ";;Erwerbstätige;Erwerbstätige\n;;1000;1000\n;;2021;2020\n1. Quartal;DG;5;6\n"
    )
    table = read(tmp_path, text)
    assert records(table, "time_period", "dimension_1", "measure", "unit_measure") == [
        ("2021", "1. Quartal", "Erwerbstätige", "1000"),
        ("2020", "1. Quartal", "Erwerbstätige", "1000"),
    ]


def test_english_table_has_a_decimal_point(tmp_path: Path) -> None:
    text = "GENESIS-Table: 1-2\nAge;;\nUpdating;;\n;;Mean age\n;;years\n2020;male;43.5\n"
    table = read(tmp_path, text)
    assert records(table, "Sex", "unit_measure", "obs_value") == [("male", "years", 43.5)]


@pytest.mark.parametrize(
    ("cell", "value", "status"),
    [
        ("(12)", 12.0, "limited_reliability"),
        ("(12,5)", 12.5, "limited_reliability"),
        ("12e", 12.0, ""),
        ("12s", 12.0, "estimated"),
        ("12p", 12.0, "provisional"),
        ("12 r", 12.0, "revised"),
        ("-0,3", -0.3, ""),
        ("1.234.567", 1234567.0, ""),
        ("1.234,5", 1234.5, ""),
        ("–", 0.0, "nil"),
        ("0", 0.0, ""),
    ],
)
def test_cell_is_read_as_the_offices_explain_it(
    tmp_path: Path, cell: str, value: float, status: str
) -> None:
    table = read(tmp_path, LONG.replace(";30;40", f";30;{cell}"))
    assert records(table, "obs_value", "obs_status")[3] == (value, status)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("12.5", "decimal '.' in a file with decimal ','"),
        ("1.234", "may be a thousands separator or a decimal mark"),
        ("abc", "neither a number nor an official sign"),
        ("1e5", "neither a number nor an official sign"),
        ("--", "neither a number nor an official sign"),
        ("1,2,3", "neither a number nor an official sign"),
        ("nan", "neither a number nor an official sign"),
        (",5", "neither a number nor an official sign"),
        ("-,5", "neither a number nor an official sign"),
    ],
)
def test_other_text_is_refused_with_row_and_column(tmp_path: Path, cell: str, reason: str) -> None:
    with pytest.raises(RawDataError, match=reason.replace("(", r"\(")) as caught:
        read(tmp_path, LONG.replace(";30;40", f";30;{cell}"))
    assert (caught.value.row, caught.value.column) == (8, "weiblich")
    assert caught.value.found == cell


def test_empty_cell_is_no_observation_and_is_counted(tmp_path: Path) -> None:
    table = read(tmp_path, LONG.replace(";30;40", ";30;"))
    assert len(table.frame) == 7
    assert "1 empty cells are no observations" in table.notes


# --- encodings ------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1"])
def test_encoding_is_recognised_and_named(tmp_path: Path, encoding: str) -> None:
    table = read(tmp_path, LONG, encoding=encoding)
    assert table.encoding == encoding
    assert set(table.frame["Geschlecht"]) == {"männlich", "weiblich"}


def test_windows_dash_is_no_control_character(tmp_path: Path) -> None:
    table = read(tmp_path, LONG.replace("Geschlecht", "Alter – Geschlecht"), encoding="cp1252")
    assert table.encoding == "windows-1252"
    assert "Alter – Geschlecht" in table.title


@pytest.mark.parametrize("codec", ["latin-1", "cp1252"])
def test_umlauts_encoded_twice_are_repaired_and_noted(tmp_path: Path, codec: str) -> None:
    twice = LONG.replace("Steinfurt", "Lößnitz-Südharz").encode().decode(codec, errors="replace")
    table = read(tmp_path, twice)
    assert table.areas["05566"] == "Lößnitz-Südharz, Kreis"
    assert any("twice" in note for note in table.notes)


def test_characters_lost_earlier_are_tolerated_and_noted(tmp_path: Path) -> None:
    table = read(tmp_path, LONG.replace("Steinfurt", "M\ufffdnster"))
    assert table.areas["05566"] == "M\ufffdnster, Kreis"
    assert any("U+FFFD" in note for note in table.notes)


def test_carriage_returns_change_nothing(tmp_path: Path) -> None:
    plain = read(tmp_path, LONG)
    carriage = registry.read(write(tmp_path, (LONG + FOOTER).replace("\n", "\r\n")))
    assert carriage.frame.equals(plain.frame)


# --- bad input ------------------------------------------------------------------------------


def refused(path: Path) -> RawDataError:
    with pytest.raises(RawDataError) as caught:
        registry.read(path)
    assert caught.value.file == str(path)
    assert caught.value.remedy
    return caught.value


def test_truncated_in_the_rows_is_refused(tmp_path: Path) -> None:
    assert "cut off" in refused(write(tmp_path, LONG[:-20])).message


def test_truncated_in_the_notes_is_refused(tmp_path: Path) -> None:
    assert "cut off" in refused(write(tmp_path, LONG + FOOTER[:40])).message


def test_row_with_too_few_cells_is_refused_by_number(tmp_path: Path) -> None:
    error = refused(write(tmp_path, LONG.replace(";30;40", ";30") + FOOTER))
    assert (error.message, error.row) == ("a row with the wrong number of cells", 8)


def test_web_page_is_refused(tmp_path: Path) -> None:
    error = refused(write(tmp_path, "<!DOCTYPE html><html><body>Sitzung abgelaufen</body></html>"))
    assert "web page" in error.message


def test_answer_of_the_web_service_is_refused(originals: Path) -> None:
    answer = originals / "genesis_api" / "12531-0043_0_tablefile.json"
    assert "web service" in refused(answer).message


@pytest.mark.parametrize("delimiter", [",", "\t", "|"])
def test_wrong_delimiter_is_refused(tmp_path: Path, delimiter: str) -> None:
    error = refused(write(tmp_path, LONG.replace(";", delimiter) + FOOTER))
    assert "';'" in error.message


def test_two_encodings_in_one_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(LONG.encode() + FOOTER.encode("latin-1"))
    error = refused(path)
    assert "two encodings" in error.message
    assert error.row == 14


def test_broken_umlaut_is_refused_by_row(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    raw = (LONG + FOOTER).encode()
    place = raw.index("männlich".encode()) + 2
    path.write_bytes(raw[:place] + raw[place + 1 :])
    assert refused(path).row == 6


def test_utf_16_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes((LONG + FOOTER).encode("utf-16-le"))
    refused(path)


def test_lost_leading_zeros_are_refused(tmp_path: Path) -> None:
    error = refused(write(tmp_path, LONG.replace(";05566;", ";5566;") + FOOTER))
    assert "leading zero" in error.message
    assert (error.found, error.expected) == ("5566", "05566")


def test_duplicated_row_is_refused_by_row(tmp_path: Path) -> None:
    lines = LONG.splitlines(keepends=True)
    error = refused(write(tmp_path, "".join([*lines, lines[6]]) + FOOTER))
    assert (error.message, error.row) == ("a row stands in the file twice", 11)


def test_headings_without_data_are_refused(tmp_path: Path) -> None:
    head = "".join(LONG.splitlines(keepends=True)[:6])
    assert "without data" in refused(write(tmp_path, head + FOOTER)).message


def test_rows_without_headings_are_refused(tmp_path: Path) -> None:
    text = LONG.replace(";;;;männlich;weiblich\n", "")
    assert "no column headings" in refused(write(tmp_path, text + FOOTER)).message


@pytest.mark.parametrize("text", ["", "\n\n", "GENESIS-Tabelle: 1\n", "GENESIS-Tabelle: 1"])
def test_empty_or_nearly_empty_file_is_refused(tmp_path: Path, text: str) -> None:
    refused(write(tmp_path, text))


def test_two_gigabytes_are_refused_unread(tmp_path: Path) -> None:
    path = write(tmp_path, LONG)
    with path.open("r+b") as stream:
        stream.truncate(2 * 1024**3)  # sparse: takes no room on the disk
    error = refused(path)
    assert "too large" in error.message
    assert str(MAX_BYTES // 1024**2) in str(error.expected)


# --- the publishers' own files --------------------------------------------------------------

FILES = [
    "12411-01-01-5_00", "12411-02-03-4_00", "12411-02-03-5_00", "12411-04-02-4_00",
    "12411-07-01-5_00", "12612-01-01-4_00", "12612-02-01-4_00", "12613-02-02-4_00",
    "12711-01-03-5_00", "22411-01-01-4_00", "22411-02-02-4_00", "23111-01-04-4", "AI-N-04_00",
]  # fmt: skip
NRW_FILES = ["12411-02-03-4_2023", "12411-09i", "12411-15i", "22811-01i_2023", "22811-05i"]


def independent_reading(path: Path, keys: int) -> tuple[int, Counter[str], float]:
    """Cells, count of each sign and sum of the numbers, by a plain loop over the text.

    Rows are the lines above the footer whose first cell is filled and which have a value; `keys`
    is what the eye counts in the file.
    """
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    count, signs, numbers = 0, Counter[str](), []
    for row in csv.reader(io.StringIO(text.split("\n____")[0]), delimiter=";"):
        cells = row[keys:]
        if not row[0] or not any(cells):
            continue
        for cell in cells:
            count += 1
            if cell in OFFICIAL_SIGNS:
                signs[OFFICIAL_SIGNS[cell]] += 1
            else:
                numbers.append(float(cell.replace(",", ".")))
    return count, signs, math.fsum(numbers)


KEYS = {
    "12411-01-01-5_00": 2, "12411-02-03-5_00": 2, "12711-01-03-5_00": 2, "22811-01i_2023": 2,
    "12411-02-03-4_00": 4, "12411-04-02-4_00": 4, "12612-02-01-4_00": 4, "12613-02-02-4_00": 4,
    "22411-02-02-4_00": 4, "12411-02-03-4_2023": 4,
}  # fmt: skip


@pytest.mark.parametrize("name", [*FILES, *NRW_FILES])
def test_official_file_equals_an_independent_reading(originals: Path, name: str) -> None:
    folder = "landesdatenbank_nrw" if name in NRW_FILES else "regionaldatenbank_classic"
    path = originals / folder / f"{name}.csv"
    table = registry.read(path)
    count, signs, total = independent_reading(path, KEYS.get(name, 3))
    assert table.format == ("landesdatenbank-nrw" if name in NRW_FILES else "genesis-classic")
    assert table.table == name.split("_")[0]
    assert table.licence == "DL-DE-BY-2.0"
    assert len(table.frame) == count
    statuses = table.frame["obs_status"].value_counts()
    assert {word: n for word, n in statuses.items() if word and n} == dict(signs)
    assert math.fsum(table.frame["obs_value"].dropna()) == total


# Values as printed in the files, found by eye.
@pytest.mark.parametrize(
    ("name", "where", "value"),
    [
        (
            "12411-01-01-5_00",
            {"ref_area": "01001", "time_period": "2008-12-31", "Geschlecht": "weiblich"},
            44944.0,
        ),
        (
            "12411-02-03-5_00",
            {
                "ref_area": "01",
                "Geschlecht": "männlich",
                "Altersgruppen (unter 3 bis 75 u.m.)": "75 Jahre und mehr",
            },
            133760.0,
        ),
        (
            "12711-01-03-5_00",
            {
                "ref_area": "DG",
                "measure": "Fortzüge über die Gemeindegrenzen",
                "Geschlecht": "weiblich",
                "Altersgruppe (unter 18 bis 65 u.m.)": "Insgesamt",
            },
            2363858.0,
        ),
        (
            "23111-01-04-4",
            {"ref_area": "01003", "dimension_2": "Psychiatrie und Psychotherapie"},
            22.0,
        ),
        (
            "22411-01-01-4_00",
            {"ref_area": "01001", "time_period": "2015-12-31", "measure": "Pflegeheime"},
            17.0,
        ),
    ],
)
def test_value_stands_where_the_file_has_it(
    originals: Path, name: str, where: dict[str, str], value: float
) -> None:
    frame = registry.read(originals / "regionaldatenbank_classic" / f"{name}.csv").frame
    for column, member in where.items():
        frame = frame[frame[column] == member]
    assert frame["obs_value"].tolist() == [value]
