"""Counts at today's borders.

Cases
-----
1  Göttingen (03152) and Osterode am Harz (03156) became Göttingen (03159) on 1 November 2016: an
   exact sum. Population at the end of 2015: 255,653 and 73,885 (Regionaldatenbank 12411-01-01-4).
2  Saalfeld-Rudolstadt (16073) gave a part to Sonneberg (16072): BBSR key 2015, population,
   0.0205073… and 0.9794927….
3  A ratio is refused.
4  A missing part makes the whole missing.
"""

from __future__ import annotations

import math
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MethodInputError, RawDataError
from pipeline.sources import area_changes
from pipeline.sources.base import read_head
from pipeline.sources.territory import carry_to_borders, region_alarms

GOETTINGEN, OSTERODE = 255_653.0, 73_885.0


@pytest.fixture(scope="module")
def key_file(originals: Path) -> Path:
    return originals / "area_changes" / "ref-kreise-umrech-2020-1990-2019.xlsx"


@pytest.fixture(scope="module")
def key_2015(key_file: Path) -> pd.DataFrame:
    return area_changes.read_conversion(key_file, 2015)


def counts(**values: object) -> pd.DataFrame:
    """Synthetic long frame: key (with k in front) = value or official sign."""
    signs = {".": (math.nan, "confidential_or_unknown"), "-": (0.0, "nil")}
    rows = [
        (name.removeprefix("k"), *signs.get(str(value), (value, "")))
        for name, value in values.items()
    ]
    frame = pd.DataFrame(rows, columns=["ref_area", "obs_value", "obs_status"])
    return frame.assign(time_period="2015-12-31", unit_measure="persons").astype(
        {"obs_value": "float64"}
    )


def test_goettingen_and_osterode_become_one_kreis_by_an_exact_sum(key_2015: pd.DataFrame) -> None:
    carried = carry_to_borders(counts(k03152=GOETTINGEN, k03156=OSTERODE), key_2015)
    assert carried["ref_area"].tolist() == ["03159"]
    assert carried["obs_value"].tolist() == [GOETTINGEN + OSTERODE]
    assert carried["obs_status"].tolist() == [""]
    assert carried[["share_moved", "share_estimated"]].to_numpy().tolist() == [[1.0, 0.0]]


def test_real_population_of_2015_is_kept_and_goettingen_is_there(
    originals: Path, key_2015: pd.DataFrame
) -> None:
    text = (originals / "regionaldatenbank_classic" / "12411-02-03-4_00.csv").read_text("utf-8")
    rows = [line.split(";") for line in text.splitlines() if line.startswith("31.12.2015;")]
    # Hamburg and Berlin stand as Länder of two digits; Kreis names are not needed
    kreise = {
        (row[1] + "000" if row[1] in {"02", "11"} else row[1]): float(row[4])
        for row in rows
        if row[3] == "Insgesamt" and (len(row[1]) == 5 or row[1] in {"02", "11"})
        and row[4].isdigit()
    }  # fmt: skip
    known = {key: value for key, value in kreise.items() if key in set(key_2015["from_area"])}
    assert len(known) == 402
    assert (known["03152"], known["03156"]) == (GOETTINGEN, OSTERODE)
    carried = carry_to_borders(
        counts(**{f"k{key}": value for key, value in known.items()}), key_2015
    )
    assert carried["obs_value"].sum() == pytest.approx(sum(known.values()), rel=1e-12)
    assert len(carried) == 401
    assert carried.set_index("ref_area")["obs_value"]["03159"] == GOETTINGEN + OSTERODE


def test_divided_kreis_is_estimated_and_says_how_much(key_2015: pd.DataFrame) -> None:
    carried = carry_to_borders(counts(k16072=50_000.0, k16073=100_000.0), key_2015).set_index(
        "ref_area"
    )
    assert carried.loc["16072", "obs_value"] == pytest.approx(50_000 + 2_050.732992917147)
    assert carried.loc["16073", "obs_value"] == pytest.approx(97_949.26700708285)
    assert carried["obs_status"].tolist() == ["estimated", "estimated"]
    assert carried.loc["16072", "share_moved"] == pytest.approx(2_050.733 / 52_050.733, rel=1e-6)
    assert carried.loc["16073", "share_moved"] == 0.0
    assert carried.loc["16073", "share_estimated"] == 1.0


@pytest.mark.parametrize("unit", ["percent", "per_1000", "index", "Anzahl je km²", ""])
def test_ratio_is_refused(key_2015: pd.DataFrame, unit: str) -> None:
    ratio = counts(k03152=45.1, k03156=50.2).assign(unit_measure=unit)
    with pytest.raises(MethodInputError, match="ratio") as raised:
        carry_to_borders(ratio, key_2015)
    assert "numerator and denominator" in str(raised.value)


def test_missing_part_makes_the_whole_missing_and_nil_stays_a_zero(key_2015: pd.DataFrame) -> None:
    carried = carry_to_borders(counts(k03152=GOETTINGEN, k03156="."), key_2015)
    assert carried["obs_value"].isna().all()
    assert carried["obs_status"].tolist() == ["confidential_or_unknown"]
    nil = carry_to_borders(counts(k03152="-", k03156="-"), key_2015)
    assert (nil["obs_value"].tolist(), nil["obs_status"].tolist()) == ([0.0], ["nil"])
    mixed = carry_to_borders(counts(k03152="-", k03156=5.0), key_2015)
    assert (mixed["obs_value"].tolist(), mixed["obs_status"].tolist()) == ([5.0], [""])


def test_census_bases_and_periods_are_never_mixed(key_2015: pd.DataFrame) -> None:
    one = counts(k03152=1.0, k03156=2.0).assign(census_basis="2011")
    other = counts(k03152=10.0, k03156=20.0).assign(census_basis="2022")
    carried = carry_to_borders(pd.concat([one, other]), key_2015)
    assert carried.set_index("census_basis")["obs_value"].to_dict() == {"2011": 3.0, "2022": 30.0}


@pytest.mark.parametrize(
    ("frame", "factor", "message"),
    [
        # a territory that the key does not know: another level, another year
        (counts(k05566076=1.0), "factor_population", "not in the key"),
        (counts(k03159=1.0), "factor_population", "not in the key"),
        (pd.concat([counts(k03152=1.0)] * 2), "factor_population", "stands twice"),
        (counts(k03152=1.0), "factor_beds", "no such factor"),
        (counts(k03152=1.0), "to_area", "no such factor"),
        (counts(k03152=1.0).drop(columns="obs_status"), "factor_population", "lacks a column"),
        (counts(k03152=1.0).assign(obs_status="?"), "factor_population", "unknown status"),
    ],
)
def test_unfit_counts_are_refused(
    key_2015: pd.DataFrame, frame: pd.DataFrame, factor: str, message: str
) -> None:
    with pytest.raises(MethodInputError, match=message):
        carry_to_borders(frame, key_2015, factor=factor)


def test_input_is_not_changed(key_2015: pd.DataFrame) -> None:
    frame = counts(k03152=1.0, k03156=2.0)
    before = frame.copy()
    carry_to_borders(frame, key_2015)
    pd.testing.assert_frame_equal(frame, before)


@given(st.lists(st.integers(0, 10**7), min_size=3, max_size=3), st.floats(0, 1))
@settings(max_examples=30, deadline=None)
def test_sum_over_all_territories_is_kept(values: list[int], factor: float) -> None:
    conversion = pd.DataFrame(
        {
            "from_area": ["03152", "03156", "16073", "16073"],
            "to_area": ["03159", "03159", "16073", "16072"],
            "factor_population": [1.0, 1.0, factor, 1 - factor],
        }
    )
    frame = counts(**dict(zip(("k03152", "k03156", "k16073"), values, strict=True)))
    carried = carry_to_borders(frame, conversion)
    assert carried["obs_value"].sum() == pytest.approx(sum(values))
    for share in ("share_moved", "share_estimated"):
        known = carried[share].dropna()
        assert known.between(0, 1 + 1e-9).all()


# --- the key itself ----------------------------------------------------------------------------


def test_key_of_every_year_leads_to_401_kreise(key_file: Path) -> None:
    assert area_changes.matches(read_head(key_file))
    table = area_changes.read(key_file)
    assert table.frame["time_period"].nunique() == 30
    assert table.frame["target_area"].nunique() == 401
    factors = table.frame[table.frame["measure"].eq("Umsteigeschlüssel Bevölkerung")]
    sums = factors.groupby(["time_period", "ref_area"])["obs_value"].sum()
    assert sums.round(9).eq(1).all()


def test_year_beyond_the_key_is_refused(key_file: Path) -> None:
    with pytest.raises(RawDataError, match="does not reach this year"):
        area_changes.read_conversion(key_file, 2021)


HEADER = [
    "Kreise\n 31.12.2015", "Kreisname 2015", "flächen-\nproportionaler\nUmsteige-schlüssel",
    "bevölkerungs- \nproportionaler \nUmsteige- \nschlüssel", "Kreise\n 31.12.2020",
    "Kreisname 2020",
]  # fmt: skip
PAIR = [3152000, "Göttingen", 1.0, 1.0, 3159000, "Göttingen"]


@pytest.mark.parametrize(
    ("sheet", "rows", "message"),
    [
        ("Tabelle1", [HEADER, PAIR], "no worksheet"),
        ("2015-2020", [HEADER], "header without data"),
        ("2015-2020", [HEADER[:3], PAIR[:3]], "lacks a column"),
        ("2015-2020", [HEADER, [3152, *PAIR[1:]]], "no key of a Kreis"),
        ("2015-2020", [HEADER, [*PAIR[:3], "1,0", *PAIR[4:]]], "no number"),
        ("2015-2020", [HEADER, [*PAIR[:3], 0.5, *PAIR[4:]]], "do not sum to one"),
        ("2015-2020", [HEADER, PAIR, PAIR], "stands twice"),
    ],
)
def test_broken_key_is_refused(tmp_path: Path, sheet: str, rows: list, message: str) -> None:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    path = tmp_path / "key.xlsx"
    book.save(path)
    with pytest.raises(RawDataError, match=message):
        area_changes.read(path)


# --- region alarms -----------------------------------------------------------------------------


def test_three_alarms_one_of_each_kind() -> None:
    # 1 Neustadt stands in the data only, 2 Altdorf in the map only, 3 Fernau is excluded but gone
    alarms = region_alarms(
        in_data=["Rheine", "Neustadt", "Ausland"],
        in_map=["Rheine", "Altdorf"],
        excluded=["Ausland", "Fernau"],
    )
    assert [(alarm.kind, alarm.region) for alarm in alarms] == [
        ("not_in_map", "Neustadt"),
        ("not_in_data", "Altdorf"),
        ("excluded_absent", "Fernau"),
    ]


def test_no_alarm_where_everything_fits() -> None:
    assert region_alarms(["Rheine", "Ausland"], ["Rheine"], ["Ausland"]) == ()
