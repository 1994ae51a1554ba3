"""Filled-in templates below data/raw: dropped, ingested, shown. All municipalities are invented.

Erfundhausen (05999001) and Ausgedacht (05999002) lie in the invented Kreis 05999. Their planning
sheet: 17,600 residents, ratio 1,600, so 11 seats are needed; 9 are counted, the grade is 81.8 %.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml
from openpyxl import load_workbook

from pipeline.errors import RawDataError, SidecarError, UnknownFormatError, WorkspaceError
from pipeline.methods import planning_rows, published_planning, supply_outlook
from pipeline.methods.own_lists import answered
from pipeline.methods.scenarios.base import Assumption, Start, values_of
from pipeline.methods.scenarios.start import (
    AS_KREIS,
    OWN_LIST,
    Sources,
    start_of,
    with_own_ages,
)
from pipeline.regions import MODEL_REGIONS, Place, Region
from pipeline.settings import Paths
from pipeline.sources.csvfile import ROW
from pipeline.sources.template_files import write_template
from pipeline.sources.templates import READERS
from pipeline.tables import storage
from pipeline.tables.ingest import ingest
from pipeline.tables.loading import load
from pipeline.tables.user_checks import check_keys
from pipeline.tables.user_lists import read_user_list
from pipeline.tables.user_merge import sites_with_own_lists

REAL = (
    "figures/social.csv",
    "planning/planning_areas.csv",
    "planning/needs_planning.csv",
    "planning/planning_ratios.csv",
)
ERFUNDHAUSEN = Region("05999001", "Erfundhausen", ("05999001",), ("Erfundhausen",))
TODAY = dt.date(2025, 12, 31)
KEYS = ["column", "key", "file", ROW]

SHEET = """# versorgungslabor-template: planning-sheet 1
planning_area;municipalities;level;doctor_group;as_of;inhabitants;doctors_counted;ratio;ratio_kind;\
grade_percent;open_seats;status_decided;decided_on;source
Mittelbereich Erfundhausen;05999001 05999002;Mittelbereich;Hausärzte;01.07.2025;17600;9;1600;\
regional;81,8;3,5;drohende Unterversorgung;15.08.2025;KV Erfunden, Planungsblatt
"""
#: 12 doctors with 9 seats: ten of 40-49 with half a seat and more, two of 64
AGES = """# versorgungslabor-template: physicians-by-age 1
# completeness;05999001;Hausärzte;vollständig;
ref_area;doctor_group;age_from;age_to;physicians;weight;as_of;source
05999001;Hausärzte;40;49;6;4;31.12.2024;Gemeinde Erfundhausen
05999001;Hausärzte;64;64;2;2;31.12.2024;Gemeinde Erfundhausen
05999002;Hausärzte;40;49;4;3;31.12.2024;Gemeinde Ausgedacht
"""
OFFERS = """# versorgungslabor-template: facilities 1
# completeness;05999001;Apotheke;vollständig;1
# completeness;05999001;Hebammenhilfe;unvollständig;4
ref_area;sector;name;street;longitude;latitude;url;languages;as_of;source
05999001;Apotheke;Erfundene Apotheke;Markt 1;8,5;51,9;www.apotheke.invalid;Türkisch, Arabisch;\
31.12.2024;Gemeinde Erfundhausen
05999001;Hebammenhilfe;Hebammenpraxis am Erfundenen Bach;;;;;;31.12.2024;Gemeinde Erfundhausen
"""
CARE = """# versorgungslabor-template: care-places 1
# completeness;05999001;Dauerpflege;vollständig;
ref_area;care_kind;facility;places;places_occupied;as_of;source
05999001;Dauerpflege;Haus Erfunden;60;58;31.12.2024;Gemeinde Erfundhausen
05999001;Dauerpflege;Haus Ausgedacht;40;;31.12.2024;Gemeinde Erfundhausen
05999001;Tagespflege;Haus Erfunden;12;;31.12.2024;Gemeinde Erfundhausen
"""
GOALS = """# versorgungslabor-template: health-goals 1
ref_area;goal_id;sector;goal;indicator;indicator_unit;baseline;baseline_date;target;target_date;\
actual;as_of;source
05999001;Z1;Medizin;Erfundenes Ziel;besetzte Arztsitze;Sitze;8;31.12.2022;10;31.12.2030;\
9;31.12.2024;Ratsbeschluss
"""


def with_invented_municipalities(root: Path, folder: Path) -> Paths:
    """A raw folder of real files with two invented municipalities more, and one for own lists."""
    raw = folder / "raw"
    for name in (*REAL, "figures/municipalities.csv"):
        for file in (name, f"{name}.meta.yaml"):
            (raw / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / "data" / "raw" / file, raw / file)
    municipalities = raw / "figures" / "municipalities.csv"
    invented = (
        ("05999001", "059990001001", "Erfundhausen"),
        ("05999002", "059990002002", "Ausgedacht"),
    )
    header = municipalities.read_text(encoding="utf-8").splitlines()[0].split(",")
    with municipalities.open("a", encoding="utf-8") as file:
        for ags, ars, name in invented:
            row = {"ags": ags, "ars": ars, "name": name, "area_km2": "50", "postcode": "59999",
                   "longitude": "8.5", "latitude": "51.9", "urbanisation_code": "03"}  # fmt: skip
            file.write(",".join(row.get(column, "") for column in header) + "\n")
    sidecar = municipalities.with_name("municipalities.csv.meta.yaml")
    record = yaml.safe_load(sidecar.read_text(encoding="utf-8"))
    record["sha256"] = hashlib.sha256(municipalities.read_bytes()).hexdigest()
    sidecar.write_text(yaml.safe_dump(record, allow_unicode=True), encoding="utf-8")
    (raw / "eigene").mkdir()
    return Paths(raw=raw, processed=folder / "processed")


@pytest.fixture
def workspace(root: Path, tmp_path: Path) -> Paths:
    return with_invented_municipalities(root, tmp_path)


@pytest.fixture(scope="module")
def filled(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """The tables after every template was dropped, one of them as a workbook."""
    paths = with_invented_municipalities(root, tmp_path_factory.mktemp("filled"))
    lists = {"planungsblatt": SHEET, "alter": AGES, "angebote": OFFERS, "pflege": CARE}
    for name, text in lists.items():
        drop(paths, f"{name}.csv", text)
    as_workbook(GOALS, paths.raw / "eigene" / "ziele.xlsx")
    ingest(paths)
    return paths


def as_workbook(text: str, path: Path) -> None:
    write_template("health-goals", path)
    book = load_workbook(path)
    header, row = (line.split(";") for line in text.splitlines()[1:])
    names = [cell.value for cell in book["Daten"][1]]
    for name, cell in zip(header, row, strict=True):
        value = float(cell) if name in {"baseline", "target", "actual"} else cell
        book["Daten"].cell(2, names.index(name) + 1, value)
    book.save(path)


def drop(workspace: Paths, name: str, text: str) -> Path:
    path = workspace.raw / "eigene" / name
    path.write_text(text, encoding="utf-8")
    return path


def tables(paths: Paths, *names: str) -> list[pd.DataFrame]:
    return [storage.read(name, processed=paths.processed) for name in names]


def refused(workspace: Paths) -> WorkspaceError:
    with pytest.raises(WorkspaceError) as caught:
        ingest(workspace)
    return caught.value


# --- without and with lists --------------------------------------------------------------------


def test_tables_of_own_lists_are_there_and_empty_without_any(processed: Path) -> None:
    for name in ("doctor_ages", "goals", "completeness"):
        frame = storage.read(name, processed=processed)
        assert frame.empty and len(frame.columns) > 5


class Lists:
    """A region's tables as `own_lists.answered` asks for them."""

    def __init__(self, paths: Paths, region: Region) -> None:
        self.paths, self.region = paths, region

    def table(self, name: str, ref_area: tuple[str, ...]) -> pd.DataFrame:
        return storage.read(name, ref_area=ref_area, processed=self.paths.processed)


def test_a_question_is_open_until_whole_lists_of_all_members_answer_it(
    filled: Paths, workspace: Paths
) -> None:
    both = Region("beide", "Beide", ("05999001", "05999002"), ("Erfundhausen", "Ausgedacht"))
    # no list says how many of forty places are in use; of the offers only pharmacies are complete
    assert answered(Lists(filled, ERFUNDHAUSEN)) == {"gp-ages", "goals"}
    assert answered(Lists(filled, both)) == {"goals"}
    drop(workspace, "pflege.csv", CARE.replace("Haus Ausgedacht;40;;", "Haus Ausgedacht;40;38;"))
    said = "".join(
        f"# completeness;05999001;{sector};vollständig;\n"
        for sector in ("Heilmittel und Therapie", "Hebammenhilfe", "Beratung")
    )
    mark, *_, header, pharmacy, midwife = OFFERS.splitlines(keepends=True)
    drop(workspace, "angebote.csv", mark + said + header + pharmacy + midwife)
    ingest(workspace)
    assert answered(Lists(workspace, ERFUNDHAUSEN)) == {"care-places", "offers"}


def test_planning_sheet_fills_grade_seats_status_and_membership(filled: Paths) -> None:
    needs, areas, ratios, sources = tables(
        filled, "needs_planning", "planning_areas", "planning_ratios", "sources"
    )
    area = published_planning.membership(areas, ERFUNDHAUSEN.slug)
    assert (area.planning_area, area.is_sure, area.is_larger) == ("Erfundhausen", True, True)
    assert area.members == ("05999001", "05999002")
    rows = published_planning.area_rows(needs, area, TODAY)
    (row,) = planning_rows.assessed(rows, ratios).to_dict("records")
    assert row["computed_grade"] == pytest.approx(900 / 11)
    assert (row["to_100_low"], row["to_100_high"]) == (2.0, 2.0)
    assert (row["to_110_low"], row["to_110_high"]) == (3.5, 3.5)
    assert (row["decided_words"], row["decided_on"]) == ("drohende Unterversorgung", "2025-08-15")
    assert row["computed_words"] == "zwischen 75 und 110 %"
    assert row["verdict_words"] == "stimmt in sich"
    grade = published_planning.grade_finding(rows, area)
    assert (grade.value, grade.time_period) == (81.8, "2025-07-01")
    (source,) = sources.loc[sources["source_id"].eq(grade.evidence[0].source_id)].to_dict("records")
    assert source["producer"] == "KV Erfunden, Planungsblatt"
    assert source["attribution"].startswith("KV Erfunden, Planungsblatt (Planungsblatt der Bedarf")


def test_open_membership_of_a_model_region_is_closed_by_a_sheet_that_names_it(
    workspace: Paths,
) -> None:
    members = " ".join(("05766036", *MODEL_REGIONS["doerentrup"].members))
    sheet = SHEET.replace("Erfundhausen", "Lemgo").replace("05999001 05999002", members)
    drop(workspace, "lemgo.csv", sheet)
    areas = pd.concat(load(workspace.raw, None, print).wide["planning_areas"])
    area = published_planning.membership(areas, "doerentrup")
    assert (area.planning_area, area.is_sure, area.members) == (
        "Lemgo",
        True,
        ("05766024", "05766036"),
    )
    assert published_planning.membership(areas, "oelde").is_sure is False


def test_two_sheets_that_disagree_about_a_municipality_are_refused(workspace: Paths) -> None:
    drop(workspace, "a.csv", SHEET)
    drop(workspace, "b.csv", SHEET.replace("Mittelbereich Erfundhausen", "Anderswo"))
    error = refused(workspace)
    assert "planning area of 05999001" in error.message and error.row == 3


def test_ages_give_the_forecast_and_the_year_of_crossing(filled: Paths) -> None:
    needs, areas, ratios, ages, completeness = tables(
        filled,
        "needs_planning", "planning_areas", "planning_ratios", "doctor_ages", "completeness",
    )  # fmt: skip
    area = published_planning.membership(areas, ERFUNDHAUSEN.slug)
    rows = planning_rows.assessed(published_planning.area_rows(needs, area, TODAY), ratios)
    kreis = Place("05999", "Kreis Erfunden", "kreis", ("05999",))
    places = supply_outlook.places_of(ERFUNDHAUSEN, area, kreis)
    found = supply_outlook.find_outlook(ages, completeness, places, planning_rows.newest_need(rows))
    assert isinstance(found, supply_outlook.Outlook)
    assert (found.ages.place.name, len(found.ages.doctors)) == ("Erfundhausen", 12)
    assert found.required == pytest.approx(11.0)
    # end of 2024: 9 seats; in 2025 both doctors of 64 turn 65 and count half: 8 seats, 72.7 %
    path = found.path.set_index("year")["value"]
    assert (path[2024], path[2025]) == (pytest.approx(9.0), pytest.approx(8.0))
    assert found.crossing is not None and found.crossing.year == 2025
    then = supply_outlook.grade_then_finding(found)
    assert (then.value, then.time_period) == (pytest.approx(100 * 8 / 11), "2025")
    # single ages are persons: a finding holds the list's sum and nothing finer
    assert [row.value for row in then.evidence] == [9.0]


def test_ages_set_the_seats_and_exits_of_the_scenarios(filled: Paths) -> None:
    ages, completeness = tables(filled, "doctor_ages", "completeness")
    seats, share = Assumption("seats_today", "", 8, 4, 12, "seats"), (50, 20, 80, "percent")
    start = Start(
        ref_area="Erfundhausen", name="Erfundhausen", level="region",
        years=tuple(range(2025, 2041)), inhabitants=(17_600.0,) * 16,
        ratio=1_600.0, basis=AS_KREIS,
        assumptions=(
            seats, Assumption("leaving_share", "", *share),
            Assumption("succession_share", "", *share), replace(seats, name="free_seats"),
        ),
        exit_profile=(0.0, *([1 / 15] * 15)),
    )  # fmt: skip
    whole = Place("Erfundhausen", "Erfundhausen", "region", ("05999001", "05999002"))
    own = with_own_ages(start, whole, ages, completeness)
    # 9 seats; the two of 64 stop at 67 in 2027, those of 40-49 after 2040; 11 seats are needed and
    # 12.1 are allowed
    assert own.basis == OWN_LIST
    assert values_of(own.assumptions) == {
        "seats_today": 9.0, "leaving_share": pytest.approx(200 / 9), "succession_share": 50,
        "free_seats": 3.0,
    }  # fmt: skip
    assert dict(zip(own.years, own.exit_profile, strict=True))[2027] == pytest.approx(1)
    assert [row.value for row in own.evidence] == [9.0]
    # one of the two municipalities alone has eight doctors on the list: too few to show
    part = Place("05999001", "Erfundhausen", "municipality", ("05999001",))
    assert with_own_ages(start, part, ages, completeness) is start


def test_scenarios_start_at_the_sheet_and_say_since_when(workspace: Paths, processed: Path) -> None:
    drop(workspace, "planungsblatt.csv", SHEET.replace("05999001 05999002", "05999001"))
    ingest(workspace)
    needs, areas = tables(workspace, "needs_planning", "planning_areas")
    area = published_planning.membership(areas, ERFUNDHAUSEN.slug)
    years = pd.DataFrame({"time_period": [f"{year}-12-31" for year in range(2025, 2041)]})
    sources = Sources(
        projection=years.assign(
            ref_area="05999001", obs_value=17_600.0, variant="middle", age_from=0, age_to=pd.NA
        ),
        physicians=storage.read("physicians", processed=processed),
        planning_rows=published_planning.area_rows(needs, area, TODAY),
        ratios=pd.DataFrame(),
    )
    kreis = Place("05999", "Erfunden", "kreis", ("05999",))
    start = start_of(ERFUNDHAUSEN.place, kreis, area, sources, 2025)
    seats = start.assumptions[0]
    assert (seats.value, seats.low, seats.high) == (9.0, 9.0, 9.0)
    assert seats.source == "Annahme: unverändert seit 01.07.2025 (KV Erfunden, Planungsblatt)"


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda text: text.replace(";6;4;", ";3;3;"), "weniger als zehn Personen"),
        (lambda text: text.replace("vollständig;", "unvollständig;20"), "unvollständig"),
        (lambda text: text.replace(";6;4;", ";.;4;"), "unbekannt"),
        (lambda text: text.replace(";4;3;31.12.2024", ";4;3;31.12.2023"), "verschiedene Stichtage"),
    ],
)
def test_ages_that_do_not_suffice_give_a_reason_and_no_number(
    workspace: Paths, edit: Callable[[str], str], reason: str
) -> None:
    path = drop(workspace, "alter.csv", edit(AGES))
    reader = next(reader for reader in READERS if reader.FORMAT == "physicians-by-age")
    rows = read_user_list(reader, path, "eigene/alter.csv", None)
    whole = Place("Erfundhausen", "Erfundhausen", "planning_area", ("05999001", "05999002"))
    found = supply_outlook.find_outlook(rows.long, rows.wide["completeness"], (whole,), 11.0)
    assert not isinstance(found, supply_outlook.Outlook)
    assert reason in found.reason


def test_more_seats_than_heads_are_refused(workspace: Paths) -> None:
    drop(workspace, "alter.csv", AGES.replace(";6;4;", ";6;7;"))
    assert (refused(workspace).row, refused(workspace).column) == (4, "weight")


def test_care_places_are_summed_and_flagged_where_the_list_is_not_complete(filled: Paths) -> None:
    (care,) = tables(filled, "care")
    own = care.loc[care["ref_area"].eq("05999001")].set_index("measure")
    found = own[["obs_value", "obs_status"]].apply(tuple, axis=1).to_dict()
    assert found == {
        "care_home_places_permanent": (100.0, ""),
        "care_home_places_permanent_occupied": (58.0, "limited_reliability"),
        "care_places_day": (12.0, "limited_reliability"),
    }


def test_a_total_of_care_places_beside_its_parts_is_refused(workspace: Paths) -> None:
    total = "05999001;Dauerpflege;;100;;31.12.2024;Gemeinde Erfundhausen\n"
    drop(workspace, "pflege.csv", CARE + total)
    error = refused(workspace)
    assert (error.row, error.column) == (4, "facility") and "counted twice" in error.message


def test_offers_and_their_completeness_arrive(filled: Paths) -> None:
    facilities, completeness = tables(filled, "facilities", "completeness")
    own = facilities.loc[facilities["site_ags"].eq("05999001")]
    assert set(own["kind"]) == {"pharmacy", "midwifery"}
    assert own.set_index("kind")[["website", "languages"]].T.to_dict("list") == {
        "pharmacy": ["https://www.apotheke.invalid", "ar;tr"],
        "midwifery": ["", ""],
    }
    offers = completeness.loc[completeness["list_kind"].eq("facilities")]
    said = offers.set_index("sector")[["completeness", "n_listed", "known_total"]]
    assert said.loc["pharmacy"].tolist() == ["complete", 1.0, 1.0]
    assert said.loc["midwifery"].tolist() == ["partial", 1.0, 4.0]
    # what the list says nothing about is absent, which is unknown and not zero
    assert set(said.index) == {"pharmacy", "midwifery"}


def test_an_own_list_goes_before_the_sites_of_a_map() -> None:
    # map: two pharmacies in the invented town, one elsewhere; own list: complete, with one of them
    columns = ["site_ags", "kind", "name"]
    sites = pd.DataFrame(
        [("05999001", "pharmacy", "Erfundene-Apotheke"), ("05999001", "pharmacy", "Alte Apotheke"),
         ("05999002", "pharmacy", "Erfundene Apotheke")], columns=columns,
    )  # fmt: skip
    own = sites.iloc[[0]].assign(sector="pharmacy", name="Erfundene Apotheke")
    flags = pd.DataFrame(
        {"ref_area": ["05999001"], "sector": ["pharmacy"], "completeness": ["complete"]}
    )
    complete = pd.concat(sites_with_own_lists([sites, own], [flags]))
    assert complete["name"].tolist() == ["Erfundene Apotheke", "Erfundene Apotheke"]
    partial = pd.concat(sites_with_own_lists([sites, own], [flags.assign(completeness="partial")]))
    assert sorted(partial["name"]) == ["Alte Apotheke", "Erfundene Apotheke", "Erfundene Apotheke"]


def test_goals_arrive_from_a_workbook_as_decided(filled: Paths) -> None:
    (goals,) = tables(filled, "goals")
    (goal,) = goals.to_dict("records")
    assert (goal["ref_area"], goal["baseline"], goal["actual"], goal["target"]) == (
        "05999001",
        8,
        9,
        10,
    )
    assert (goal["target_date"], goal["source_title"]) == ("2030-12-31", "Ratsbeschluss")


# --- provenance --------------------------------------------------------------------------------


def test_a_row_without_source_is_refused(workspace: Paths) -> None:
    drop(workspace, "ziele.csv", GOALS.replace(";Ratsbeschluss", ";"))
    error = refused(workspace)
    assert isinstance(error, RawDataError)
    assert (error.row, error.column) == (3, "source")


def test_a_list_that_lost_its_mark_is_told_which_template_it_is(workspace: Paths) -> None:
    drop(workspace, "ziele.csv", GOALS.partition("\n")[2])
    error = refused(workspace)
    assert isinstance(error, UnknownFormatError)
    assert "template health-goals" in error.message and "first line" in str(error.expected)


def test_any_other_file_without_a_sidecar_is_told_both_ways(workspace: Paths) -> None:
    drop(workspace, "liste.csv", "a;b\n1;2\n")
    error = refused(workspace)
    assert isinstance(error, SidecarError)
    assert "first line" in str(error.remedy)


# --- against the list of municipalities ---------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "old", "new", "column", "row", "message"),
    [
        (GOALS, "05999001", "09999999", "ref_area", 3, "does not know this key"),
        (CARE, "05999001;Tages", "09999;Tages", "ref_area", 6, "does not know this key"),
        (SHEET, "05999002", "05999003", "municipalities", 3, "does not know this key"),
        # Berlin, 340 km from the invented town at 8.5, 51.9
        (OFFERS, ";8,5;51,9;", ";13,4;52,5;", "longitude", 5, "does not lie in its municipality"),
    ],
)
def test_an_unknown_key_or_a_place_far_away_is_refused_with_its_row(
    workspace: Paths, text: str, old: str, new: str, column: str, row: int, message: str
) -> None:
    drop(workspace, "liste.csv", text.replace(old, new))
    error = refused(workspace)
    assert message in error.message
    assert (Path(str(error.file)).name, error.row, error.column) == ("liste.csv", row, column)


def test_a_member_beyond_the_list_of_municipalities_is_no_mistake() -> None:
    listed = pd.DataFrame({"ags": ["05999001"]})
    keys = pd.DataFrame([("municipalities", "09162000", "a.csv", 3)], columns=KEYS)
    check_keys(keys, listed)
    with pytest.raises(RawDataError):
        check_keys(keys.assign(column="ref_area"), listed)


# --- two lists of one place ---------------------------------------------------------------------


def test_two_lists_of_offers_that_state_nothing_count_together(workspace: Paths) -> None:
    mark, _, _, header, _, midwife = OFFERS.splitlines()
    for name, place, year in (("a", "Bach", "2023"), ("b", "Berg", "2024")):
        row = midwife.replace("Bach", place).replace("2024", year)
        drop(workspace, f"{name}.csv", f"{mark}\n{header}\n{row}\n")
    loaded = load(workspace.raw, None, print)
    (row,) = pd.concat(loaded.wide["completeness"]).to_dict("records")
    assert (row["completeness"], row["n_listed"], row["time_period"]) == (
        "unknown",
        2.0,
        "2024-12-31",
    )


def test_two_lists_of_a_sector_of_which_one_is_stated_are_refused_by_name(workspace: Paths) -> None:
    mark, _, _, header, _, midwife = OFFERS.splitlines()
    drop(workspace, "a.csv", OFFERS)
    drop(workspace, "b.csv", f"{mark}\n{header}\n{midwife.replace('Bach', 'Berg')}\n")
    error = refused(workspace)
    assert "midwifery" in error.message
    assert str(error.file).endswith("a.csv") and "b.csv" in str(error.found)


def test_one_offer_in_two_lists_is_refused_with_both_rows(workspace: Paths) -> None:
    mark, _, _, header, _, midwife = OFFERS.splitlines()
    for name in ("a", "b"):
        drop(workspace, f"{name}.csv", f"{mark}\n{header}\n{midwife}\n")
    error = refused(workspace)
    assert (Path(str(error.file)).name, error.row) == ("a.csv", 3)
    assert "b.csv, row 3" in str(error.found)


def test_a_name_that_shows_a_person_is_warned_of_without_repeating_it(workspace: Paths) -> None:
    path = drop(workspace, "a.csv", OFFERS.replace("Erfundene Apotheke", "Dr. Erika Erfunden"))
    report = load(workspace.raw, None, print).files[str(path)]
    assert "row 5" in report.reason and "Erika" not in report.reason


def test_a_sidecar_goes_before_the_file_s_own_record(workspace: Paths) -> None:
    path = drop(workspace, "ziele.csv", GOALS)
    record = {
        "file": path.name,
        "title": "Ziele",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "added": "2025-01-31",
        "sources": [
            {"id": "ratsbeschluss", "producer": "Gemeinde Erfundhausen", "title": "Ziele",
             "period": "2024", "territorial_status": "2024", "licence": "CC-BY-4.0",
             "attribution": "Gemeinde Erfundhausen, CC BY 4.0"}
        ],
    }  # fmt: skip
    path.with_name(path.name + ".meta.yaml").write_text(yaml.safe_dump(record), encoding="utf-8")
    loaded = load(workspace.raw, None, print)
    assert loaded.wide["goals"][0]["source_id"].tolist() == ["ratsbeschluss"]
    assert loaded.records["ratsbeschluss"].licence == "CC-BY-4.0"


def test_statements_without_any_row_have_no_day_and_are_refused(workspace: Paths) -> None:
    mark, stated, _, header = OFFERS.splitlines()[:4]
    drop(workspace, "angebote.csv", f"{mark}\n{stated[:-1]}\n{header}\n")
    assert "nothing gives them a day" in refused(workspace).message
