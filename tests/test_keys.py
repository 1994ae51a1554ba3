"""Keys: levels by length, lost zeros refused, equal ground equal.

Expected keys are those of the Gemeindeverzeichnis (Rheine 05 5 66 0076 076, Wolfsburg
03 1 03 0000 000) and of the Regionaldatenbank (Samtgemeinde Boldecker Land 03151401).
"""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import keys
from pipeline.errors import RawDataError, WorkspaceError


@pytest.mark.parametrize(
    ("key", "level"),
    [
        ("DG", "country"),
        ("00", "country"),
        ("05", "land"),
        ("055", "regierungsbezirk"),
        ("0811", "bw_region"),
        ("05566", "kreis"),
        ("05566076", "municipality"),
        ("031515401", "association"),
        ("03151401", "association"),  # Samtgemeinde in eight digits
        ("09172452", "municipality"),  # Bavaria's unincorporated areas look alike, but are none
        ("055660076076", "municipality"),
        ("KREG:03103000", "kreis_region"),
        ("ROR:301", "raumordnungsregion"),
        ("ROR:1404", "raumordnungsregion"),
        ("KV:Westfalen-Lippe", "kv_region"),
    ],
)
def test_level_follows_from_the_form_of_the_key(key: str, level: str) -> None:
    assert keys.level_of_key(key) == level
    assert level in keys.LEVELS


@pytest.mark.parametrize(
    ("lost", "whole"),
    [
        ("1", "01"),
        ("55", "055"),
        ("1001", "01001"),
        ("8111", "08111"),
        ("5566076", "05566076"),
        ("51110000", "051110000"),
        ("55660076076", "055660076076"),
    ],
)
def test_lost_leading_zero_is_refused_with_the_probable_key(lost: str, whole: str) -> None:
    with pytest.raises(RawDataError, match="leading zero") as raised:
        keys.normalise_key(lost, file="a.csv", row=7, column="ags")
    assert whole in str(raised.value)
    assert "a.csv, row 7, column 'ags'" in str(raised.value)


@pytest.mark.parametrize(
    "key", ["", "17", "99999", "123456", "0556607６", "Rheine", "ROR:1", "KV:", 5566076, None, 1.5]
)
def test_anything_else_is_refused(key: object) -> None:
    with pytest.raises(RawDataError):
        keys.normalise_key(key)


def test_ars_becomes_ags_without_the_association() -> None:
    assert keys.ars_to_ags("055660076076") == "05566076"
    assert keys.ars_to_ags("031030000000") == "03103000"
    assert keys.ars_to_ags("010539105105") == "01053105"
    assert keys.normalise_key(" 055660076076 ") == "05566076"


@pytest.mark.parametrize("ars", ["55660076076", "05566076", "175660076076", "05566007607x"])
def test_other_than_twelve_digits_is_no_ars(ars: str) -> None:
    with pytest.raises(RawDataError):
        keys.ars_to_ags(ars)


def test_kreisfreie_stadt_is_one_area_with_five_or_eight_digits() -> None:
    assert keys.area_key("03103000") == keys.area_key("03103") == "03103"
    assert keys.is_same_area("02", "02000000")
    assert keys.is_same_area("11000", "11")
    assert not keys.is_same_area("03151", "03151009")
    assert not keys.is_same_area("04", "04011")


def test_kreis_of_a_municipality_is_its_first_five_digits() -> None:
    assert keys.kreis_of("05566076") == "05566"
    assert keys.kreis_of("02") == "02000"
    with pytest.raises(RawDataError):
        keys.kreis_of("055")


def test_column_of_keys_names_the_file_of_the_bad_one() -> None:
    good = pd.Series(["05566076", "055660076076", "DG"], name="ags")
    assert keys.normalise_keys(good).tolist() == ["05566076", "05566076", "DG"]
    with pytest.raises(RawDataError, match=r"b\.csv"):
        keys.normalise_keys(pd.Series(["05566076", "5566076"], name="ags"), file="b.csv")


@pytest.mark.parametrize(
    ("key", "official", "level"),
    [
        ("0713101", "071315001", "association"),  # Verbandsgemeinde Adenau
        ("0713101001", "07131001", "municipality"),  # Adenau, its member
        ("0713100007", "07131007", "municipality"),  # Bad Neuenahr-Ahrweiler, in none
        ("03152401", "03152401", "association"),  # Samtgemeinde Dransfeld
        ("03152401005", "03152005", "municipality"),  # Bühren, its member
        ("020", "02", "land"),  # Hamburg as a Regierungsbezirk
        ("05566", "05566", "kreis"),
        ("DG", "DG", "country"),
    ],
)
def test_keys_of_the_regionaldatenbank_become_official_ones(
    key: str, official: str, level: str
) -> None:
    assert keys.normalise_regionaldatenbank_key(key) == official
    assert keys.level_of_key(official) == level


def test_keys_that_only_look_like_the_regionaldatenbank_s_are_refused() -> None:
    # ten and seven digits only in Rheinland-Pfalz, eleven only in Niedersachsen
    for key in ("0513101001", "0513101", "05152401005", "03152501005", 713101):
        with pytest.raises(RawDataError) as caught:
            keys.normalise_regionaldatenbank_key(key, file="a.csv", row=9)
        assert (caught.value.file, caught.value.row) == ("a.csv", 9)


def test_districts_of_berlin_are_below_the_municipality() -> None:
    assert keys.is_below_municipality("11001") and keys.is_below_municipality("11009009")
    assert not any(map(keys.is_below_municipality, ("11", "11000", "11000000", "02000", "05566")))


@given(
    st.one_of(st.text(max_size=14), st.from_regex(r"[0-9]{1,13}", fullmatch=True), st.integers())
)
def test_any_input_is_a_key_or_our_own_error(key: object) -> None:
    try:
        form = keys.normalise_key(key)
    except WorkspaceError:
        return
    assert keys.normalise_key(form) == form
    assert keys.area_key(keys.area_key(form)) == keys.area_key(form)
