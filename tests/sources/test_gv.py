"""Both forms of the Gemeindeverzeichnis.

Expected totals: Destatis, Bevölkerung am 31.12.2022: 84,358,845 inhabitants. Rheine 77,893 and
Wolfsburg 125,961 on the same day (Gemeindeverzeichnis). The sums of the fixed-width file were
counted a second time here, without the reader.
"""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

from pipeline.errors import RawDataError
from pipeline.sources import gv100ad, gv_auszug
from pipeline.sources.base import LongTable, read_head

POPULATION_2022 = 84_358_845


@pytest.fixture(scope="module")
def fixed_width(originals: Path) -> Path:
    return originals / "gemeindeverzeichnis" / "GV100AD_301123.txt"


@pytest.fixture(scope="module")
def workbook(originals: Path) -> Path:
    return originals / "gemeindeverzeichnis" / "AuszugGV2QAktuell.xlsx"


@pytest.fixture(scope="module")
def listed(workbook: Path) -> LongTable:
    return gv_auszug.read(workbook)


def record(kind: str, key: str, name: str, association: str = "", numbers: str = "") -> str:
    """One synthetic record of 220 characters."""
    start = f"{kind}20231130{key:<8}{association:<4}{name:<50}{'':<50}{kind[0]}1"
    return f"{start:<128}{numbers:<33}".ljust(220)


def numbers(area: int, population: int, male: int) -> str:
    return f"{area:011}{population:011}{male:011}"


SYNTHETIC = "\n".join(
    [
        record("10", "05", "Synthetisches Land"),
        record("40", "05566", "Kreis Grün"),
        record("50", "05566", "Grünstadt", "0076"),
        record("60", "05566076", "Grünstadt", "0076", numbers(14500, 77893, 38471)),
        record("60", "05566077", "Öde", "0077", numbers(100, 0, 0)),
    ]
)


@pytest.fixture
def synthetic(tmp_path: Path) -> Path:
    path = tmp_path / "synthetic.txt"
    path.write_text(SYNTHETIC + "\n", encoding="utf-8")
    return path


# --- GV100AD -----------------------------------------------------------------------------------


def test_fixed_width_totals_are_those_of_an_independent_count(fixed_width: Path) -> None:
    text = fixed_width.read_text(encoding="utf-8")
    counted = [
        tuple(map(int, found))
        for found in re.findall(r"^60.{126}(\d{11})(\d{11})(\d{11})", text, re.M)
    ]
    table = gv100ad.read(fixed_width)
    sums = table.frame.groupby("measure")["obs_value"].sum()
    assert sums["Bevölkerung insgesamt"] == sum(row[1] for row in counted) == POPULATION_2022
    assert sums["Bevölkerung männlich"] == sum(row[2] for row in counted)
    assert sums["Fläche"] * 100 == pytest.approx(sum(row[0] for row in counted), abs=1e-3)
    assert len(table.frame) == 3 * len(counted) == 3 * 10_981
    assert gv100ad.matches(read_head(fixed_width))


def test_all_record_types_are_read_with_their_keys(fixed_width: Path) -> None:
    units = gv100ad.read_units(fixed_width).set_index(["level", "ref_area"])
    assert units.index.get_level_values("level").value_counts().to_dict() == {
        "municipality": 10_981,
        "association": 4_597,
        "kreis": 400,
        "regierungsbezirk": 29,
        "land": 16,
        "bw_region": 12,
    }
    rheine = units.loc[("municipality", "05566076")]
    assert (rheine["ars"], rheine["population"], rheine["area_km2"]) == (
        "055660076076",
        77_893,
        145.0,
    )
    assert rheine["postcode"] == "48431"
    assert units.loc[("kreis", "03103"), "ref_area_name"] == "Wolfsburg, Stadt"
    assert units.loc[("bw_region", "0811"), "seat"] == "Stuttgart"


def test_umlauts_do_not_shift_the_fields_in_either_encoding(tmp_path: Path) -> None:
    frames = []
    for encoding in ("utf-8", "iso-8859-1"):
        path = tmp_path / f"{encoding}.txt"
        path.write_bytes(SYNTHETIC.encode(encoding))
        table = gv100ad.read(path)
        assert table.encoding == encoding
        frames.append(table.frame)
    assert frames[0].equals(frames[1])
    assert frames[0]["obs_value"].tolist() == [145.0, 1.0, 77893.0, 0.0, 38471.0, 0.0]


def test_date_of_the_records_is_the_territorial_status(synthetic: Path) -> None:
    table = gv100ad.read(synthetic)
    assert set(table.frame["time_period"]) == {"2023-11-30"}
    assert "1 von 16 Ländern in der Datei" in table.notes


@pytest.mark.parametrize(
    ("change", "message"),
    [
        # 1 cut off in the last record
        (lambda text: text[:-150], "record of another length"),
        # 2 an editor removed the blanks at the ends
        (lambda text: re.sub(r" +$", "", text, flags=re.M), "record of another length"),
        # 3 UTF-8 read as Latin-1 and saved again
        (lambda text: text.encode().decode("latin-1"), "record of another length"),
        # 4 a lost zero in a key
        (lambda text: text.replace("05566076", "5566076 "), "does not fit the record type"),
        # 5 no digits in a number
        (lambda text: text.replace("00000077893", "     77.893"), "no number"),
        # 6 a record twice
        (lambda text: text + "\n" + text.splitlines()[-1], "stands twice"),
        # 7 a Kreis without its record
        (lambda text: "\n".join(text.splitlines()[:1] + text.splitlines()[2:]), "of its Kreis"),
        # 8 another date in one record
        (lambda text: text.replace("6020231130", "6020221231", 1), "not the same throughout"),
        # 9 no municipality
        (lambda text: "\n".join(text.splitlines()[:3]), "no municipality"),
        # 10 more men than inhabitants
        (lambda text: text.replace("00000038471", "00000099999"), "more men"),
        # 11 an unknown record type
        (lambda text: text.replace("5020231130", "7020231130"), "unknown record type"),
    ],
)
def test_broken_fixed_width_file_is_refused(tmp_path: Path, change, message: str) -> None:
    path = tmp_path / "broken.txt"
    path.write_text(change(SYNTHETIC), encoding="utf-8")
    with pytest.raises(RawDataError, match=message) as raised:
        gv100ad.read(path)
    assert str(path) in str(raised.value)


def test_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.touch()
    for reader in (gv100ad, gv_auszug):
        with pytest.raises(RawDataError, match="empty"):
            reader.read(path)


def test_oversized_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "sparse.txt"
    with path.open("wb") as stream:
        stream.truncate(2 * 1024**3)
    for reader in (gv100ad, gv_auszug):
        with pytest.raises(RawDataError, match="larger than"):
            reader.read(path)


# --- Auszug ------------------------------------------------------------------------------------


def test_workbook_has_the_published_values(listed: LongTable) -> None:
    table = listed
    values = table.frame.set_index(["ref_area", "measure"])["obs_value"]
    assert values["05566076", "Bevölkerung insgesamt"] == 77_893
    assert values["03103000", "Bevölkerung insgesamt"] == 125_961
    assert values["03103000", "Bevölkerung weiblich"] == 63_520
    assert values["03103000", "Fläche"] == 204.62
    assert values["03103000", "Bevölkerung je km²"] == 616
    assert set(table.frame["time_period"]) == {"2022-12-31"}
    assert len(table.frame) == 5 * 10_959
    assert table.licence == "LicenseRef-Destatis-Quellenangabe"
    assert table.notes[0] == "Gebietsstand 2024-06-30"


def test_workbook_lacks_the_inhabitants_of_one_municipality_and_says_so(
    listed: LongTable,
) -> None:
    # the publisher's own error: Fehrbellin has 9,094 inhabitants in the list of November 2023
    table = listed
    total = table.frame.loc[table.frame["measure"].eq("Bevölkerung insgesamt"), "obs_value"].sum()
    assert total == POPULATION_2022 - 9_094
    assert "0 Einwohner, obwohl nicht als unbewohnt gekennzeichnet: 12068117 Fehrbellin" in (
        table.notes
    )


def test_workbook_units_have_coordinates_and_urbanisation(workbook: Path) -> None:
    units = gv_auszug.read_units(workbook).set_index(["level", "ref_area"])
    rheine = units.loc[("municipality", "05566076")]
    assert (rheine["longitude"], rheine["latitude"]) == (7.438651, 52.279214)
    assert (rheine["urbanisation_code"], rheine["postcode"]) == ("02", "48431")
    assert rheine["ars"] == "055660076076"
    assert units.loc[("association", "031515401"), "ref_area_name"] == "Boldecker Land"
    assert units.index.get_level_values("level").value_counts()["municipality"] == 10_959


HEADER = [
    ["Synthetische Gemeinden am 30.06.2024"],
    ["Satz-art", "Text-kenn-zeichen", "Amtlicher Regionalschlüssel (ARS)", "", "", "", "",
     "Gemeindename", "Fläche km2 1)", "Bevölkerung2)", "", "", "", "Postleit-zahl3)",
     "Geografische Mittelpunktkoordinaten", ""],
    ["", "", "Land", "RB", "Kreis", "VB", "Gem", "", "", "insgesamt", "männlich", "weiblich",
     "je km2", "", "Längengrad", "Breitengrad"],
    ["", "", "Gebietsstand am 30.06.2024", "", "", "", "", "", "31.12.2022", "am 31.12.2022"],
]  # fmt: skip
MUNICIPALITY = [
    "60", "63", "05", "5", "66", "0076", "076", "Rheine, Stadt", 145.0, 77893, 38471, 39422, 537,
    "48431", "7,438651", "52,279214",
]  # fmt: skip


def write_workbook(path: Path, rows: list[list[object]], sheet: str = "Liste") -> Path:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def changed(column: int, value: object) -> list[list[object]]:
    return [*HEADER, [*MUNICIPALITY[:column], value, *MUNICIPALITY[column + 1 :]]]


def test_small_workbook_with_other_columns_and_signs_is_read(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "small.xlsx", changed(9, "."))
    assert gv_auszug.matches(read_head(path))
    frame = gv_auszug.read(path).frame.set_index("measure")
    assert frame.loc["Bevölkerung insgesamt", "obs_status"] == "confidential_or_unknown"
    assert frame.loc["Bevölkerung männlich", "obs_value"] == 38_471


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        # 1 no header of the list (wrong worksheet)
        ([["Inhalt"], ["Seite 1"]], "no worksheet holds"),
        # 2 a missing column
        ([[c for c in row if c != "Gemeindename"] for row in HEADER] + [MUNICIPALITY], "missing"),
        # 3 a header without data
        (HEADER, "without municipalities"),
        # 4 a key as a number: the zero is lost
        (changed(2, 5), "leading zeros"),
        (changed(6, 76), "leading zeros"),
        # 5 a decimal point where the publisher writes a comma
        (changed(14, "7.438651"), "decimal comma"),
        # 6 coordinates swapped
        (changed(14, "52,279214"), "outside Germany"),
        # 7 text in a number
        (changed(9, "viele"), "neither a number"),
        # 8 a row twice
        ([*HEADER, MUNICIPALITY, MUNICIPALITY], "stands twice"),
        # 9 no date below the labels
        ([*HEADER[:3], MUNICIPALITY], "does not name the date"),
    ],
)
def test_broken_workbook_is_refused(tmp_path: Path, rows: list, message: str) -> None:
    path = write_workbook(tmp_path / "broken.xlsx", rows)
    with pytest.raises(RawDataError, match=message) as raised:
        gv_auszug.read(path)
    assert str(path) in str(raised.value)


def test_cut_off_workbook_is_refused(tmp_path: Path, workbook: Path) -> None:
    path = tmp_path / "cut.xlsx"
    path.write_bytes(workbook.read_bytes()[:500_000])
    with pytest.raises(RawDataError, match="damaged or cut off"):
        gv_auszug.read(path)
