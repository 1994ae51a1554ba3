"""Social situation: each number stays at its level."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline.methods import social
from pipeline.regions import MODEL_REGIONS, Place
from pipeline.tables import storage

LIPPSTADT = Place("05974028", "Lippstadt", "municipality", ("05974028",))
SOEST = Place("05974", "Kreis Soest", "kreis", ("05974",))
WOLFSBURG = Place("03103", "Wolfsburg", "kreis", ("03103",))


@pytest.fixture(scope="module")
def quota(processed: Path) -> pd.DataFrame:
    return storage.read("social", processed=processed)


def test_the_quota_of_the_municipality_is_its_own(quota: pd.DataFrame) -> None:
    # IT.NRW, Landesdatenbank, table 22811-01i, 2023
    assert social.quota_finding(quota, LIPPSTADT).value == 9.0
    assert social.quota_finding(quota, SOEST).value == 8.4


def test_without_a_row_of_its_own_no_other_level_steps_in(quota: pd.DataFrame) -> None:
    kreis_only = quota.loc[quota["ref_area"].ne("05974028")]
    assert social.quota_finding(kreis_only, LIPPSTADT).kind == "keine Daten"
    assert social.quota_finding(quota, WOLFSBURG).kind == "keine Daten"


def test_no_quota_is_made_up_for_a_group_of_municipalities(quota: pd.DataFrame) -> None:
    group = MODEL_REGIONS["rheine-neuenkirchen"].place
    assert social.quota_finding(quota, group).value is None


def test_deprivation_is_the_fifth_on_the_federal_scale(processed: Path) -> None:
    table = storage.read("deprivation", processed=processed)
    # RKI, GISD_Bund_Kreis, 2021: Wolfsburg 0.18 in the first, Salzgitter 0.69 in the last fifth
    assert social.deprivation_finding(table, WOLFSBURG).value == 1.0
    salzgitter = Place("03102", "Salzgitter", "kreis", ("03102",))
    assert social.deprivation_finding(table, salzgitter).value == float(social.FIFTHS)


def test_a_higher_fifth_is_a_more_deprived_one(processed: Path) -> None:
    table = storage.read("deprivation", processed=processed)
    wide = table.pivot(index="ref_area", columns="measure", values="obs_value")
    highest = wide.groupby("gisd_5")["gisd_score"].max()
    lowest = wide.groupby("gisd_5")["gisd_score"].min()
    assert (highest.to_numpy()[:-1] < lowest.to_numpy()[1:]).all()


def test_commuting_is_read_for_the_kreis(processed: Path) -> None:
    table = storage.read("structure", processed=processed)
    # BBSR, INKAR Strukturdaten 2017, Kreis Soest
    values = [social.commuting_finding(table, SOEST, name).value for name in social.COMMUTING]
    assert values == [58.1, 60.9]
