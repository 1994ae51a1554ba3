"""Publishers' own files as input: mapped to our measures, for all of Germany.

Expected figures were read from the files by eye: 12411-01-01-5 and 12411-02-03-5 of the
Regionaldatenbank (10 October 2017), 12411-01-01-4 of 2023 and 2024, the census table 1000A-0000,
the Gemeindeverzeichnis of 30 June 2024.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import RawDataError, WorkspaceError
from pipeline.provenance import sha256_of, sidecar_path
from pipeline.regions import find_region
from pipeline.settings import Paths
from pipeline.sources import registry
from pipeline.sources.base import LongTable
from pipeline.tables import storage
from pipeline.tables.ingest import IngestReport, ingest
from pipeline.tables.loading import stack
from pipeline.tables.mappings import find_filling, fold
from pipeline.tables.municipality_lists import merge_lists
from pipeline.tables.originals import (
    AGE_SELECTION,
    BERLIN_DISTRICTS,
    IS_EMPTY,
    SAME_GROUND,
    harmonise,
    in_force,
    parse_ages,
    with_source,
)
from pipeline.tables.records import census_basis, population_day, record_of, territorial_status

#: Small enough for a test, and together they fill most tables.
FILES = (
    "regionaldatenbank_classic/12411-02-03-4_00.csv",
    "regionaldatenbank_classic/12612-02-01-4_00.csv",
    "regionaldatenbank_classic/22411-02-02-4_00.csv",
    "regionaldatenbank_classic/23111-01-04-4.csv",
    "regionaldatenbank_classic/12612-01-01-4_00.csv",  # known format, no mapping
    "genesis_ffcsv/12411-01-01-4__de.csv",
    "genesis_ffcsv/12411-01-01-4__vintage2025.csv",
    "genesis_ffcsv/1000A-0000__de.csv",
    "gemeindeverzeichnis/AuszugGV2QAktuell.xlsx",
    "gisd/GISD_Bund_Kreis.csv",
    "gisd/GISD_Niedersachsen_Kreis.csv",  # scaled within its Land
    "gisd/LIZENZ",  # no data at all
    "area_changes/ref-kreise-umrech-2020-1990-2019.xlsx",
)


@pytest.fixture(scope="module")
def workspace(
    root: Path, originals: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Paths, IngestReport]:
    """The packaged figures and a folder of originals, linked and without sidecars, ingested."""
    folder = tmp_path_factory.mktemp("originals-in")
    for name in FILES:
        (folder / Path(name).name).symlink_to(originals / name)
    paths = Paths(raw=root / "data" / "raw", processed=tmp_path_factory.mktemp("out") / "processed")
    return paths, ingest(paths, originals=folder)


def total(paths: Paths, area: str, day: str, measure: str = "population") -> pd.Series:
    rows = storage.read("population", ref_area=area, processed=paths.processed)
    rows = rows.loc[
        rows["time_period"].eq(day)
        & rows["measure"].eq(measure)
        & rows["sex"].eq("total")
        & rows["age_from"].isna()
        & rows["age_to"].isna()
    ]
    assert len(rows) == 1
    return rows.iloc[0]


# --- all of Germany -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("area", "day", "measure", "value", "basis"),
    [
        ("09162", "2024-12-31", "population", 1505005, "2022"),  # München
        ("09162", "2022-12-31", "population", 1512491, "2011"),
        ("03103", "2023-12-31", "population", 129347, "2022"),  # Wolfsburg
        ("DG", "2022-05-15", "population_census", 82719540, "2022"),
        ("03159016", "2022-05-15", "population_census", 124548, "2022"),  # Göttingen, Stadt
        ("03152", "2015-12-31", "population", 255653, "2011"),  # the former Kreis
    ],
)
def test_official_totals_stand_in_the_table_with_their_census(
    workspace: tuple[Paths, IngestReport],
    area: str,
    day: str,
    measure: str,
    value: int,
    basis: str,
) -> None:
    row = total(workspace[0], area, day, measure)
    assert (row["obs_value"], row["census_basis"]) == (value, basis)
    assert str(row["source_id"]).endswith("-original")


def test_any_municipality_of_germany_is_a_region(workspace: tuple[Paths, IngestReport]) -> None:
    municipalities = storage.read("municipalities", processed=workspace[0].processed)
    # 10,959 records of the list less 205 areas where nobody lives, 9 of which the packaged list has
    assert len(municipalities) == 10959 - 205 + 9
    assert find_region("09162000", municipalities).name == "München"
    assert find_region("12068117", municipalities).name == "Fehrbellin"
    assert municipalities["longitude"].notna().all()


def test_former_kreise_are_carried_to_the_kreis_of_today(
    workspace: tuple[Paths, IngestReport],
) -> None:
    # 255,653 (Göttingen) + 73,885 (Osterode), founded as 03159 in November 2016
    row = total(workspace[0], "03159", "2015-12-31")
    assert (row["obs_value"], row["obs_status"]) == (329538, "")
    assert str(row["source_id"]).endswith("-carried")
    carried = workspace[1].carried
    shares = carried.loc[carried["ref_area"].eq("03159"), ["share_moved", "share_estimated"]]
    assert shares.dropna().drop_duplicates().to_numpy().tolist() == [[1.0, 0.0]]
    ratios = carried["measure"].isin(["gisd_score", "minimum_income_quota", "area"])
    assert not ratios.any()


def test_key_out_of_force_is_no_territory_without_people(
    workspace: tuple[Paths, IngestReport],
) -> None:
    population = storage.read("population", processed=workspace[0].processed)
    assert not (population["ref_area"].eq("05354") & population["obs_value"].eq(0)).any()
    assert not population["ref_area"].isin(["11001", "11012", "141"]).any()


def test_department_that_a_kreis_does_not_have_is_a_true_zero(
    workspace: tuple[Paths, IngestReport],
) -> None:
    hospitals = storage.read("hospitals", ref_area="03158", processed=workspace[0].processed)
    row = hospitals.set_index("measure").loc["beds_ophthalmology"]
    assert (row["obs_value"], row["obs_status"]) == (0.0, "nil")


def test_deprivation_is_that_of_the_last_year_on_the_federal_scale(
    workspace: tuple[Paths, IngestReport],
) -> None:
    deprivation = storage.read("deprivation", processed=workspace[0].processed)
    assert sorted(deprivation["time_period"].unique()) == ["2021"]
    assert deprivation["ref_area"].nunique() == 400


def test_embedded_figures_and_originals_agree(workspace: tuple[Paths, IngestReport]) -> None:
    rules = set(workspace[1].conflicts["rule"])
    assert not any("figure copied" in rule for rule in rules)


def test_what_fills_no_table_is_reported_not_refused(
    workspace: tuple[Paths, IngestReport],
) -> None:
    reasons = {report.file: report.reason for report in workspace[1].files}
    assert reasons["12612-01-01-4_00.csv"] == "recognised, fills no table"
    assert reasons["GISD_Niedersachsen_Kreis.csv"] == "recognised, fills no table"
    assert reasons["LIZENZ"] == "no reader knows it"


def test_rows_of_a_file_are_all_accounted_for(workspace: tuple[Paths, IngestReport]) -> None:
    for report in workspace[1].files:
        assert report.read == report.kept + report.merged + report.rejected, report.file
        assert min(report.kept, report.merged, report.rejected) >= 0, report.file


def test_region_alarms_name_what_the_list_does_not_know(
    workspace: tuple[Paths, IngestReport],
) -> None:
    alarms = {(alarm.kind, alarm.region) for alarm in workspace[1].alarms}
    # Bromskirchen had 1,865 inhabitants on the census day; the list of 2024 has it no more
    assert ("not_in_map", "06635005") in alarms
    # the twelve districts of Berlin are excluded, and all twelve are there
    assert not any(kind == "excluded_absent" for kind, _ in alarms)
    written = pd.read_csv(workspace[0].processed / "region_alarms.csv", dtype="str")
    assert set(zip(written["kind"], written["region"], strict=True)) == alarms


def test_sources_say_where_every_row_comes_from(workspace: tuple[Paths, IngestReport]) -> None:
    sources = storage.read("sources", processed=workspace[0].processed).set_index("source_id")
    census = sources.loc["zensus-2022-1000a-0000-2022-original"]
    assert census["licence"] == "DL-DE-BY-2.0"
    assert "nennt keine Lizenz" in census["note"]
    register = sources.loc["gemeindeverzeichnis-gv-auszug-2024-06-30-original"]
    assert register["territorial_status"] == "Gebietsstand 2024-06-30"
    for table in ("population", "care", "hospitals", "deprivation", "vital_events"):
        used = storage.read(table, columns=["source_id"], processed=workspace[0].processed)
        assert set(used["source_id"]) <= set(sources.index)


@pytest.fixture
def small_raw(root: Path, tmp_path: Path) -> Path:
    """A raw folder that is read in no time."""
    raw = tmp_path / "raw"
    raw.mkdir()
    for name in ("municipalities.csv", "social.csv"):
        for file in (name, f"{name}.meta.yaml"):
            shutil.copy(root / "data" / "raw" / "figures" / file, raw / file)
    return raw


def test_broken_original_names_its_file_and_keeps_the_last_good_state(
    small_raw: Path, originals: Path, tmp_path: Path
) -> None:
    folder, processed = tmp_path / "in", tmp_path / "processed"
    folder.mkdir()
    processed.mkdir()
    (processed / "last-good-state").write_text("kept")
    whole = (originals / "landesdatenbank_nrw" / "12411-15i.csv").read_bytes()
    (folder / "cut.csv").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WorkspaceError) as caught:
        ingest(Paths(raw=small_raw, processed=processed), originals=folder)
    assert caught.value.file and caught.value.file.endswith("cut.csv")
    assert (processed / "last-good-state").read_text() == "kept"


def test_the_same_file_under_two_names_is_read_once(
    small_raw: Path, originals: Path, tmp_path: Path
) -> None:
    for name in ("one.csv", "two.csv"):
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        shutil.copy(originals / "landesdatenbank_nrw" / "22811-01i_2023.csv", folder / name)
    paths = Paths(raw=small_raw, processed=tmp_path / "processed")
    report = ingest(paths, originals=tmp_path / "in")
    assert {f.file: f.reason for f in report.files}["two.csv"] == "the same bytes as one.csv"
    social = storage.read("social", processed=paths.processed)
    assert len(social) == 434  # of which the packaged figures hold 119


# --- mapping of single tables ---------------------------------------------------------------


def long_table(rows: Sequence[tuple[str, str, str, float, str]], **given: object) -> LongTable:
    """A synthetic table 12411-02-03-5: key, sex, ages, value, status."""
    frame = pd.DataFrame(
        rows, columns=["ref_area", "Geschlecht", "Altersgruppe", "obs_value", "obs_status"]
    ).assign(time_period="2015-12-31", measure="Bevölkerungsstand", unit_measure="Anzahl")
    settings: dict[str, object] = {
        "format": "genesis-classic",
        "table": "12411-02-03-5",
        "title": "synthetic",
        "encoding": "utf-8",
        "level": "municipality",
        "dimensions": ("Geschlecht", "Altersgruppe"),
    }
    return LongTable(frame=frame, **{**settings, **given})  # type: ignore[arg-type]


def harmonised(table: LongTable) -> tuple[pd.DataFrame, dict[str, int]]:
    filling = find_filling(table)
    assert filling is not None
    result = harmonise(table, filling, Path("synthetic.csv"))
    return result.frame, dict(result.left_out)


def test_two_keys_of_one_municipality_become_one_row() -> None:
    # 1 the key in force has a value, 2 the one out of force has nothing but the sign for zero
    frame, left_out = harmonised(
        long_table(
            [
                ("0713201074", "Insgesamt", "Insgesamt", 0.0, "nil"),
                ("0713209074", "Insgesamt", "Insgesamt", 431.0, ""),
            ]
        )
    )
    assert frame[["ref_area", "obs_value"]].to_numpy().tolist() == [["07132074", 431.0]]
    assert left_out == {SAME_GROUND: 1}


def test_two_values_for_one_municipality_are_refused() -> None:
    table = long_table(
        [
            ("0713201074", "Insgesamt", "Insgesamt", 430.0, ""),
            ("0713209074", "Insgesamt", "Insgesamt", 431.0, ""),
        ]
    )
    with pytest.raises(RawDataError, match="two keys of the file mean one territory"):
        harmonised(table)


def test_districts_of_berlin_are_left_out_and_counted() -> None:
    frame, left_out = harmonised(
        long_table(
            [
                ("11", "Insgesamt", "Insgesamt", 3520031.0, ""),
                ("11001", "Insgesamt", "Insgesamt", float("nan"), "confidential_or_unknown"),
                ("11012012", "Insgesamt", "Insgesamt", 254000.0, ""),
            ]
        )
    )
    assert frame["ref_area"].tolist() == ["11000"]
    assert left_out == {BERLIN_DISTRICTS: 2}


def test_selection_of_ages_keeps_the_totals_only() -> None:
    frame, left_out = harmonised(
        long_table(
            [
                ("05566", "Insgesamt", "6 bis unter 10 Jahre", 18000.0, ""),
                ("05566", "Insgesamt", "10 bis unter 15 Jahre", 22000.0, ""),
                ("05566", "Insgesamt", "Insgesamt", 450042.0, ""),
            ]
        )
    )
    assert frame["obs_value"].tolist() == [450042.0]
    assert left_out == {AGE_SELECTION: 2}


def test_partition_of_all_ages_is_kept() -> None:
    frame, left_out = harmonised(
        long_table(
            [
                ("05566", "männlich", "unter 3 Jahre", 10.0, ""),
                ("05566", "männlich", "3 bis unter 75 Jahre", 20.0, ""),
                ("05566", "männlich", "75 Jahre und mehr", 30.0, ""),
            ]
        )
    )
    assert frame[["age_from", "age_to"]].astype(object).where(
        lambda d: d.notna(), None
    ).to_numpy().tolist() == [[0, 2], [3, 74], [75, None]]
    assert set(frame["sex"]) == {"male"}
    assert left_out == {}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit_measure": "1000"}, "unit is another"),
        ({"Geschlecht": "Männer"}, "unknown sex"),
        ({"Altersgruppe": "jung"}, "unknown group of ages"),
        ({"obs_value": -1.0}, "outside the bounds"),
        ({"ref_area": "5566"}, "leading zero"),
    ],
)
def test_what_the_mapping_does_not_know_is_refused(change: dict[str, object], message: str) -> None:
    table = long_table([("05566", "Insgesamt", "Insgesamt", 1.0, "")])
    for column, value in change.items():
        table.frame[column] = value
    with pytest.raises(RawDataError, match=message) as caught:
        harmonised(table)
    assert caught.value.file == "synthetic.csv"


def test_table_with_a_further_dimension_fills_nothing() -> None:
    table = long_table(
        [("05566", "Insgesamt", "Insgesamt", 1.0, "")],
        dimensions=("Geschlecht", "Altersgruppe", "Nationalität"),
    )
    assert find_filling(table) is None
    assert find_filling(long_table([], table="99999-99-99-9")) is None


@pytest.mark.parametrize(
    ("label", "youngest", "ages"),
    [
        ("unter 1 Jahr", 0, (0, 0)),
        ("unter 18 Jahre", 0, (0, 17)),
        ("unter 20 Jahre", None, (None, 19)),
        ("1 bis unter 2 Jahre", 0, (1, 1)),
        ("18 bis unter 25 Jahre", 0, (18, 24)),
        ("75 Jahre und mehr", 0, (75, None)),
        ("Insgesamt", 0, (None, None)),
    ],
)
def test_words_for_ages_are_completed_years(
    label: str, youngest: int | None, ages: tuple[int | None, int | None]
) -> None:
    assert parse_ages(label, youngest) == ages


def test_folded_labels_of_all_editions_are_equal() -> None:
    assert fold("Bevölkerungsstand") == fold("Bevoelkerungsstand") == fold(" BEVÖLKERUNGSSTAND ")


# --- census and borders ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "notes", "bases"),
    [
        # 1 the rule of the series
        ("2008-12-31", "2015-12-31", (), {"1987": "2008-12-31/2010-12-31",
                                          "2011": "2011-01-01/2015-12-31"}),
        ("2022-12-31", "2022-12-31", (), {"2011": "2022-12-31/2022-12-31"}),
        ("2023-12-31", "2024-12-31", (), {"2022": "2023-12-31/2024-12-31"}),
        # 2 the census day itself
        ("2022-05-15", "2022-05-15", (), {"2022": "2022-05-15/2022-05-15"}),
        # 3 a footer that says so is believed, also across its line breaks
        ("2022-12-31", "2022-12-31",
         ("Fortschreibungszahlen, die ab dem Berichtsmonat Mai 2022 auf\nden Ergebnissen des",),
         {"2022": "2022-12-31/2022-12-31"}),
    ],
)  # fmt: skip
def test_population_rests_on_the_census_of_its_day(
    first: str, last: str, notes: tuple[str, ...], bases: dict[str, str]
) -> None:
    assert census_basis(long_table([], notes=notes), first, last) == bases


def test_list_without_a_day_of_its_inhabitants_gets_the_last_published_one(originals: Path) -> None:
    table = registry.read(originals / "gemeindeverzeichnis" / "GV100AD_301123.txt")
    assert population_day(table) == "2022-12-31"
    assert territorial_status(table) == "Gebietsstand 2023-11-30"


def test_ids_of_two_editions_of_one_table_differ() -> None:
    table = long_table([("05566", "Insgesamt", "Insgesamt", 1.0, "")])
    filling = find_filling(table)
    assert filling is not None
    first = record_of(table, filling, ["2015-12-31"], None)
    second = record_of(table, filling, ["2015-12-31"], None, {first.id})
    assert first.id == "regionaldatenbank-12411-02-03-5-2015-original"
    assert second.id == first.id + "-2"


# --- territories that are not in force ------------------------------------------------------


def test_empty_territory_stays_only_where_people_are_known_to_live() -> None:
    # 1 inhabited that year: a true zero stays; 2 inhabited in another year; 3 never
    frame = pd.DataFrame(
        {
            "ref_area": ["01054039", "05354", "03159"],
            "time_period": ["2015", "2015", "2015"],
            "source_id": "synthetic",
            IS_EMPTY: True,
        }
    )
    inhabited = pd.DataFrame(
        {"ref_area": ["01054039", "05354"], "time_period": ["2015-12-31", "2008-12-31"]}
    )
    kept, left_out = in_force(frame, inhabited)
    assert kept["ref_area"].tolist() == ["01054039"]
    assert left_out.to_dict() == {"synthetic": 2}


def test_embedded_list_fills_what_a_list_without_coordinates_lacks() -> None:
    ours = pd.DataFrame({"ags": ["05566076"], "longitude": [7.4]})
    gv100ad = pd.DataFrame({"ags": ["05566076", "09162000"], "longitude": [None, None]})
    auszug = pd.DataFrame({"ags": ["09162000"], "longitude": [11.5]})
    assert merge_lists([ours], [], [gv100ad])["ags"].tolist() == ["05566076", "09162000"]
    assert merge_lists([ours], [], [gv100ad])["longitude"].iloc[0] == 7.4
    # an older list brings nothing back beside the newest one
    assert merge_lists([ours], [auszug], [gv100ad])["ags"].tolist() == ["09162000", "05566076"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["05566", "03159", "DG"]), min_size=1, max_size=8))
def test_stacked_frames_keep_rows_and_order(keys: list[str]) -> None:
    frame = pd.DataFrame({"ref_area": keys, "obs_value": range(len(keys))})
    both = stack([frame, frame])
    assert both["ref_area"].astype("str").tolist() == keys * 2
    assert list(both["ref_area"].cat.categories) == sorted(set(keys))


def test_population_without_a_census_is_refused() -> None:
    table = long_table([("05566", "Insgesamt", "Insgesamt", 1.0, "")])
    filling = find_filling(table)
    assert filling is not None
    record = record_of(table, filling, ["2015-12-31"], None)
    rows = harmonise(table, filling, Path("synthetic.csv")).frame
    unknown = record.model_copy(update={"census_basis": {}})
    with pytest.raises(RawDataError, match="which census"):
        with_source(rows, unknown, Path("synthetic.csv"))


def test_original_below_raw_is_described_by_its_sidecar(
    small_raw: Path, originals: Path, tmp_path: Path
) -> None:
    path = small_raw / "quota.csv"
    shutil.copy(originals / "landesdatenbank_nrw" / "22811-01i_2023.csv", path)
    described = {
        "file": "quota.csv", "title": "Quote", "sha256": sha256_of(path), "added": "2026-11-21",
        "sources": [{
            "id": "my-quota", "producer": "IT.NRW", "title": "Quote", "table": "22811-01i",
            "period": "2023", "territorial_status": "2023", "licence": "DL-DE-BY-2.0",
            "attribution": "IT.NRW",
        }],
    }  # fmt: skip
    sidecar_path(path).write_text(yaml.safe_dump(described), encoding="utf-8")
    paths = Paths(raw=small_raw, processed=tmp_path / "processed")
    ingest(paths)
    social = storage.read("social", processed=paths.processed)
    # the publisher's own file goes before the packaged figures, which stand in it too
    assert set(social["source_id"]) == {"my-quota"}
    described["sources"][0]["id"] = "landesdatenbank-nrw-22811-01i"  # type: ignore[index]
    sidecar_path(path).write_text(yaml.safe_dump(described), encoding="utf-8")
    with pytest.raises(WorkspaceError, match="same id"):
        ingest(paths)
