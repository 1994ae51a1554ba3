"""Our own templates: written empty, filled in, read; unknown is never zero."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from pipeline.errors import ParameterError, RawDataError
from pipeline.sources import template_files, templates
from pipeline.sources.base import read_head
from pipeline.sources.inspection import inspect_file
from pipeline.sources.template_kinds import TEMPLATES
from pipeline.sources.templates import TemplateReader

READERS: dict[str, TemplateReader] = {reader.FORMAT: reader for reader in templates.READERS}

OFFERS = """# versorgungslabor-template: facilities 1
# completeness;05566076;Apotheke;vollständig;2
# completeness;05566076;hospital;complete;
# completeness;05566076;Tagespflege;unvollständig;5
ref_area;sector;name;street;longitude;as_of;source
05566076;Apotheke;Apotheke am Markt;Markt 1;7,44;31.12.2024;eigene Liste
05566076;pharmacy;Apotheke am Tor;;;2024-12-31;eigene Liste
05566076;Tagespflege;Haus Grün;;;31.12.2024;eigene Liste
"""
AGES = """# versorgungslabor-template: physicians-by-age 1
ref_area;doctor_group;age_from;age_to;physicians;weight;as_of;source
05566;Hausärzte;30;49;10;9,25;31.12.2024;KV
05566;Hausärzte;50;64;12;.;31.12.2024;KV
05566;Hausärzte;65;90;-;;31.12.2024;KV
"""
# figures of the KVN, July 2025, as printed: Gifhorn 104,770 inhabitants, 63 seats, 97.7 %
PLANNING = """# versorgungslabor-template: planning-sheet 1
planning_area,level,doctor_group,as_of,inhabitants,doctors_counted,grade_percent,open_seats,source
Gifhorn,Mittelbereich,Hausärzte,2025-07-01,104770,63,97.7,8,KVN
Wittingen,Mittelbereich,Hausärzte,2025-07-01,19956,13.5,104.2,1,KVN
"""


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


# --- recognition and empty templates -----------------------------------------------------------


@pytest.mark.parametrize("kind", list(READERS))
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_empty_template_is_recognised_and_has_no_data(
    tmp_path: Path, kind: str, suffix: str
) -> None:
    path = tmp_path / f"any name{suffix}"
    template_files.write_template(kind, path)
    assert [name for name, r in READERS.items() if r.matches(read_head(path))] == [kind]
    with pytest.raises(RawDataError, match="header without data"):
        READERS[kind].read(path)


def test_filled_in_template_is_never_overwritten(tmp_path: Path) -> None:
    path = write(tmp_path / "offers.csv", OFFERS)
    with pytest.raises(ParameterError, match="exists"):
        template_files.write_template("facilities", path)
    assert path.read_text(encoding="utf-8") == OFFERS


@pytest.mark.parametrize(("kind", "name"), [("doctors", "a.csv"), ("facilities", "a.ods")])
def test_unknown_kind_or_suffix_is_refused(tmp_path: Path, kind: str, name: str) -> None:
    with pytest.raises(ParameterError):
        template_files.write_template(kind, tmp_path / name)


def test_no_template_asks_for_a_person() -> None:
    names = {column.name for template in TEMPLATES for column in template.columns}
    assert not names & {"first_name", "last_name", "surname", "birth_date", "lanr", "email"}


def test_documentation_is_in_step_with_the_descriptions(root: Path) -> None:
    page = root / "docs" / "reference" / "templates.md"
    assert page.read_text(encoding="utf-8") == template_files.documentation(), (
        "write it anew: template_files.documentation()"
    )


def test_workbook_offers_the_words_and_keeps_keys_as_text(tmp_path: Path) -> None:
    path = tmp_path / "offers.xlsx"
    template_files.write_template("facilities", path)
    book = openpyxl.load_workbook(path)
    data = book["Daten"]
    assert data["A2"].number_format == "@"
    lists = {str(one.sqref) for one in data.data_validations.dataValidation}
    assert lists == {"B2:B1001", "I2:I1001"}
    words = [cell.value for cell in book["Listen"]["A"]]
    assert words[:2] == ["sector", "Hausarztpraxis"]


# --- facilities and completeness ---------------------------------------------------------------


def test_completeness_is_known_for_every_sector(tmp_path: Path) -> None:
    content = READERS["facilities"].read_content(write(tmp_path / "a.csv", OFFERS))
    flags = content.completeness.set_index("sector")
    assert flags.loc["pharmacy", ["completeness", "n_listed", "known_total"]].tolist() == [
        "complete",
        2,
        2.0,
    ]
    assert flags.loc["day_care", ["completeness", "n_listed", "known_total"]].tolist() == [
        "partial",
        1,
        5.0,
    ]
    assert flags.loc["therapy", "completeness"] == "unknown"
    assert len(flags) == 14


def test_sector_without_rows_is_zero_only_if_its_list_is_complete(tmp_path: Path) -> None:
    table = READERS["facilities"].read(write(tmp_path / "a.csv", OFFERS))
    by_sector = table.frame.groupby("sector").agg(
        n=("obs_value", lambda values: values.sum(skipna=False)), status=("obs_status", "first")
    )
    assert by_sector.loc["pharmacy"].tolist() == [2.0, ""]
    assert by_sector.loc["hospital"].tolist() == [0.0, "nil"]
    assert by_sector.loc["therapy", "status"] == "confidential_or_unknown"
    assert by_sector["n"].isna().sum() == 11
    assert (table.level, table.format) == ("municipality", "facilities")


def test_unknown_number_leaves_the_sum_of_its_sector_unknown(tmp_path: Path) -> None:
    text = AGES.replace(";12;.;", ";.;.;").replace(
        "ref_area;", "# completeness;05566;Hausärzte;vollständig;\nref_area;"
    )
    flags = READERS["physicians-by-age"].read_content(write(tmp_path / "a.csv", text)).completeness
    row = flags.set_index("sector").loc["Hausärzte"]
    assert row["completeness"] == "complete"
    assert row[["n_listed", "known_total"]].isna().all()


def test_codes_and_german_words_mean_the_same(tmp_path: Path) -> None:
    rows = READERS["facilities"].read_content(write(tmp_path / "a.csv", OFFERS)).rows
    assert rows["sector"].tolist() == ["pharmacy", "pharmacy", "day_care"]
    assert rows["as_of"].unique().tolist() == ["2024-12-31"]
    assert rows.loc[0, "longitude"] == 7.44


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("# completeness;05566076;Apotheke;vollständig;3", "contradicts"),
        ("# completeness;05566076;Apotheke;unvollständig;2", "contradicts"),
        ("# completeness;05566076;Apotheke;unbekannt;2", "contradicts"),
        ("# completeness;05566076;Apotheke;fast;2", "unknown word"),
        ("# completeness;05566076;Kiosk;vollständig;2", "unknown word"),
        ("# completeness;5566076;Apotheke;vollständig;2", "leading zero"),
    ],
)
def test_false_statement_of_completeness_is_refused(
    tmp_path: Path, line: str, message: str
) -> None:
    lines = OFFERS.splitlines()
    lines[1] = line
    with pytest.raises(RawDataError, match=message) as raised:
        READERS["facilities"].read(write(tmp_path / "a.csv", "\n".join(lines)))
    assert "row 2" in str(raised.value)


def test_statement_twice_is_refused(tmp_path: Path) -> None:
    doubled = OFFERS.replace("# completeness;05566076;hospital;complete;", OFFERS.splitlines()[1])
    with pytest.raises(RawDataError, match="stated twice"):
        READERS["facilities"].read(write(tmp_path / "a.csv", doubled))


WITH_DETAILS = """# versorgungslabor-template: facilities 1
ref_area;sector;name;url;languages;as_of;source
05566076;Beratung;Beratung am Markt;www.beratung.invalid;Türkisch, de / Gebärdensprache;\
31.12.2024;eigene Liste
05566076;Beratung;Beratung am Tor;;;31.12.2024;eigene Liste
"""


def test_languages_become_codes_and_an_address_gets_its_scheme(tmp_path: Path) -> None:
    rows = READERS["facilities"].read_content(write(tmp_path / "a.csv", WITH_DETAILS)).rows
    assert rows["languages"].tolist() == ["de;gsg;tr", ""]
    assert rows["url"].tolist() == ["https://www.beratung.invalid", ""]


@pytest.mark.parametrize(
    ("cell", "wrong", "message"),
    [
        ("Türkisch, de", "Türkisch, Klingonesisch", "an unknown language"),
        ("www.beratung.invalid", "javascript:alert(1)", "no web address"),
    ],
)
def test_what_is_no_language_or_address_is_refused_with_its_row(
    tmp_path: Path, cell: str, wrong: str, message: str
) -> None:
    path = write(tmp_path / "a.csv", WITH_DETAILS.replace(cell, wrong))
    with pytest.raises(RawDataError, match=message) as raised:
        READERS["facilities"].read(path)
    assert raised.value.row == 3


# --- the other kinds ---------------------------------------------------------------------------


def test_ages_keep_signs_apart_from_numbers(tmp_path: Path) -> None:
    table = READERS["physicians-by-age"].read(write(tmp_path / "a.csv", AGES))
    own = table.frame[table.frame["doctor_group"].eq("Hausärzte")]
    heads = own[own["measure"].eq("physicians")]
    assert heads["age_from"].tolist() == ["30", "50", "65"]
    assert heads["obs_value"].tolist() == [10.0, 12.0, 0.0]
    assert heads["obs_status"].tolist() == ["", "", "nil"]
    weights = own[own["measure"].eq("weight")]
    assert weights["obs_status"].tolist() == ["", "confidential_or_unknown"]
    assert weights["obs_value"].iloc[0] == 9.25
    assert table.level == "kreis"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (";50;64;", ";49;64;", "overlap"),
        (";50;64;", ";64;50;", "without order"),
        (";10;9,25;", ";10,5;9,25;", "not whole"),
        (";10;9,25;", ";;9,25;", "empty cell in a required column"),
        (";10;9,25;", ";10;9.25;", "no number"),
        (";10;9,25;", ";1.000;9,25;", "no number"),
        ("Hausärzte;30", "Hausarzt;30", "unknown word"),
        ("31.12.2024", "31.13.2024", "no date"),
        ("05566;Hausärzte;30", "5566;Hausärzte;30", "leading zero"),
        (";physicians;", ";heads;", "missing column"),
        (";weight;", ";weights;", "unknown column"),
        (";weight;", ";physicians;", "stands twice"),
        ("65;90;-;;31.12.2024;KV\n", "65;90;-", "fewer cells"),
        ("65;90;-;;31.12.2024;KV\n", "65;90;-;;31.12.2024;KV;x\n", "more cells"),
        ("65;90;-;;31.12.2024;KV\n", '65;90;-;;31.12.2024;"KV\n', "cannot be taken apart"),
        ("physicians-by-age 1", "physicians-by-age 9", "kind or version"),
        ("05566;Hausärzte;50;64;12;.", "05566;Hausärzte;30;49;10;9,25", "stands twice"),
    ],
)
def test_broken_template_is_refused_with_the_file(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in AGES
    path = write(tmp_path / "broken.csv", AGES.replace(old, new))
    with pytest.raises(RawDataError, match=message) as raised:
        READERS["physicians-by-age"].read(path)
    assert str(path) in str(raised.value)


def test_planning_sheet_with_commas_has_decimal_points(tmp_path: Path) -> None:
    table = READERS["planning-sheet"].read(write(tmp_path / "a.csv", PLANNING))
    values = table.frame.set_index(["ref_area", "measure"])["obs_value"]
    assert values["Gifhorn", "grade_percent"] == 97.7
    assert values["Wittingen", "doctors_counted"] == 13.5
    assert len(table.frame) == 8  # what the sheet leaves out is no observation
    assert set(table.frame["completeness"]) == {"unknown"}


def test_planning_sheet_with_a_decision_only_has_no_observation(tmp_path: Path) -> None:
    text = (
        "# versorgungslabor-template: planning-sheet 1\n"
        "planning_area;level;doctor_group;as_of;status_decided;source\n"
        "Espelkamp;Mittelbereich;Hausärzte;31.12.2024;gesperrt;KV\n"
    )
    path = write(tmp_path / "a.csv", text)
    assert READERS["planning-sheet"].read(path).frame.empty
    rows = READERS["planning-sheet"].read_content(path).rows
    assert rows["status_decided"].tolist() == ["closed"]


@pytest.mark.parametrize(
    ("kind", "header", "sector", "rows"),
    [
        ("physicians-by-age", AGES.splitlines()[1], "Hausärzte", 14),
        ("facilities", OFFERS.splitlines()[4], "Apotheke", 14),
        ("planning-sheet", PLANNING.splitlines()[1].replace(",", ";"), "Hausärzte", 0),
    ],
)
def test_statement_alone_is_an_answer(
    tmp_path: Path, kind: str, header: str, sector: str, rows: int
) -> None:
    text = (
        f"# versorgungslabor-template: {kind} 1\n# completeness;05566;{sector};complete\n{header}"
    )
    frame = READERS[kind].read(write(tmp_path / "a.csv", text)).frame
    assert len(frame) == rows
    assert frame["obs_status"].eq("nil").sum() == min(rows, 1)


def test_goal_takes_its_unit_and_its_days_from_the_row(tmp_path: Path) -> None:
    text = (
        "# versorgungslabor-template: health-goals 1\n"
        "ref_area;goal_id;sector;goal;indicator;indicator_unit;baseline;baseline_date;target;"
        "target_date;actual;as_of;source\n"
        "05566076;Z1;Medizin;Synthetisches Ziel;Sitze;seats;40;31.12.2023;44;31.12.2030;41;"
        "31.12.2025;Rat\n"
    )
    frame = READERS["health-goals"].read(write(tmp_path / "a.csv", text)).frame
    assert frame[["measure", "time_period", "obs_value", "unit_measure"]].values.tolist() == [
        ["baseline", "2023-12-31", 40.0, "seats"],
        ["target", "2030-12-31", 44.0, "seats"],
        ["actual", "2025-12-31", 41.0, "seats"],
    ]


def test_care_places_count_the_newest_day_only(tmp_path: Path) -> None:
    text = (
        "# versorgungslabor-template: care-places 1\n"
        "# completeness;05566076;Dauerpflege;vollständig;80\n"
        "ref_area;care_kind;places;as_of;source\n"
        "05566076;Dauerpflege;70;31.12.2022;a\n"
        "05566076;Dauerpflege;80;31.12.2024;a\n"
    )
    content = READERS["care-places"].read_content(write(tmp_path / "a.csv", text))
    assert content.completeness.loc[0, ["n_listed", "known_total"]].tolist() == [80, 80.0]


# --- encodings and workbooks -------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_encodings_of_spreadsheets_give_the_same(tmp_path: Path, encoding: str) -> None:
    content = READERS["facilities"].read_content(write(tmp_path / "a.csv", OFFERS, encoding))
    assert content.rows["name"].tolist()[2] == "Haus Grün"


def test_mixed_encodings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_bytes(OFFERS.encode() + "05566076;Apotheke;Löwe;;;2024;x\n".encode("cp1252"))
    with pytest.raises(RawDataError, match="mixes encodings"):
        READERS["facilities"].read(path)


def test_spreadsheet_that_pads_comment_lines_is_read(tmp_path: Path) -> None:
    padded = "\r\n".join(
        line + ";" * 4 if line.startswith("#") else line for line in OFFERS.splitlines()
    )
    content = READERS["facilities"].read_content(write(tmp_path / "a.csv", padded))
    assert content.completeness["completeness"].value_counts()["complete"] == 2


def filled(path: Path, **cells: object) -> Path:
    """The empty workbook with a synthetic row and statement; `cells` change the row."""
    template_files.write_template("facilities", path)
    book = openpyxl.load_workbook(path)
    row = {
        "ref_area": "05566076",
        "sector": "Apotheke",
        "name": "Apotheke am Markt",
        "longitude": 7.44,
        "as_of": "31.12.2024",
        "source": "eigene Liste",
    } | cells
    header = [cell.value for cell in book["Daten"][1]]
    for name, value in row.items():
        book["Daten"].cell(2, header.index(name) + 1, value)
    for column, value in enumerate(["05566076", "Apotheke", "unvollständig", 3], start=1):
        book["Vollständigkeit"].cell(2, column, value)
    book.save(path)
    return path


def test_filled_in_workbook_is_read(tmp_path: Path) -> None:
    content = READERS["facilities"].read_content(filled(tmp_path / "a.xlsx"))
    assert content.rows["longitude"].tolist() == [7.44]
    flags = content.completeness.set_index("sector").loc["pharmacy"]
    assert flags[["completeness", "n_listed", "known_total"]].tolist() == ["partial", 1, 3.0]


def test_key_as_a_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RawDataError, match="not text") as raised:
        READERS["facilities"].read(filled(tmp_path / "a.xlsx", ref_area=5566076))
    assert "row 2, column 'ref_area'" in str(raised.value)


def test_workbook_without_its_worksheet_is_refused(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    del book["Daten"]
    book.save(path)
    with pytest.raises(RawDataError, match="worksheet of the template is missing"):
        READERS["facilities"].read(path)


# --- rows that contradict themselves or the calendar -------------------------------------------

CARE = """# versorgungslabor-template: care-places 1
ref_area;care_kind;facility;places;places_occupied;as_of;source
05566;Dauerpflege;Haus Grün;60;58;31.12.2024;Kreis
"""
GOALS = """# versorgungslabor-template: health-goals 1
ref_area;goal_id;sector;goal;indicator;indicator_unit;baseline_date;target;target_date;as_of;source
05566;Z1;Medizin;Ziel;Sitze;Sitze;31.12.2022;10;31.12.2030;31.12.2024;Rat
"""


@pytest.mark.parametrize(
    ("kind", "text", "old", "new", "column", "expected"),
    [
        ("planning-sheet", PLANNING, "63,97.7", "63,0.977", "grade_percent", "85 instead of 0,85"),
        ("care-places", CARE, "31.12.2024", "31.12.2099", "as_of", "a day up to today"),
        ("care-places", CARE, ";58;", ";61;", "places_occupied", "at most as many"),
        ("care-places", CARE, ";60;", ";-5;", "places", "a whole number of at least 0"),
        ("care-places", CARE, "Haus Grün", "=B2", "facility", "the text or number itself"),
        ("health-goals", GOALS, "31.12.2030", "31.12.2021", "target_date", "after baseline_date"),
        ("health-goals", GOALS, "31.12.2022", "31.12.2098", "baseline_date", "up to today"),
    ],
)
def test_a_row_that_cannot_be_true_is_refused_with_its_place(
    tmp_path: Path, kind: str, text: str, old: str, new: str, column: str, expected: str
) -> None:
    reader = READERS[kind]
    assert reader.read(write(tmp_path / "sound.csv", text)).notes == ()
    assert old in text
    with pytest.raises(RawDataError) as raised:
        reader.read(write(tmp_path / "a.csv", text.replace(old, new)))
    error = raised.value
    assert (error.row, error.column) == (3, column)
    assert expected in str(error.expected) and error.remedy
    assert "np." not in str(error) and "inf" not in str(error)


def test_inspect_refuses_a_total_beside_its_facilities_as_ingest_does(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", CARE + "05566;Dauerpflege;;100;;31.12.2024;Kreis\n")
    with pytest.raises(RawDataError, match="counted twice"):
        inspect_file(path)


def test_a_name_of_a_person_is_a_note_of_inspect(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", OFFERS.replace("Haus Grün", "Praxis Dr. med. Müller"))
    (note,) = READERS["facilities"].read(path).notes
    assert "row 8" in note and "Müller" not in note


def test_tabs_between_the_cells_are_called_tabs(tmp_path: Path) -> None:
    with pytest.raises(RawDataError, match="tabs between the cells") as raised:
        READERS["care-places"].read(write(tmp_path / "a.csv", CARE.replace(";", "\t")))
    assert raised.value.row == 2
