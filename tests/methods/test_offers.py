"""Health offers: unknown is not zero, and a rate says how unsure it is."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.figures.offers import KINDS
from pipeline.methods import offers, pharmacies
from pipeline.methods.population import total_finding
from pipeline.regions import MODEL_REGIONS, Place
from pipeline.tables import storage

LIPPSTADT = MODEL_REGIONS["lippstadt"]
RHEINE = MODEL_REGIONS["rheine-neuenkirchen"]


def site(kind: str, ags: str = "05974028", **given: object) -> dict:
    return {
        "kind": kind, "name": "Haus", "longitude": 8.3, "latitude": 51.7, "site_ags": ags,
        "time_period": "2025-06-30", "source_id": "list", **given,
    }  # fmt: skip


def statement(sector: str, word: str, ref_area: str = "05974028", **given: object) -> dict:
    return {
        "list_kind": "facilities", "ref_area": ref_area, "sector": sector, "completeness": word,
        "time_period": "2025-06-30", "n_listed": 0.0, "known_total": float("nan"),
        "source_id": "list", **given,
    }  # fmt: skip


def sectors(
    sites: list[dict], statements: list[dict], region=LIPPSTADT
) -> dict[str, offers.Sector]:
    frame = pd.DataFrame(sites or [site("pharmacy", "05111000")])
    said = pd.DataFrame(statements, columns=list(statement("", "")))
    found = offers.sectors_of(frame, region, list(KINDS), said)
    return {sector.kind: sector for sector in found}


# --- coverage ------------------------------------------------------------------------------


def test_a_kind_without_a_list_is_unknown_and_not_zero() -> None:
    found = sectors([site("therapy")], [])
    assert found["therapy"].n_sites == 1
    assert found["midwifery"].n_sites is None
    assert not found["midwifery"].has_data


def test_an_empty_list_is_zero_only_where_it_is_whole() -> None:
    found = sectors([], [statement("midwifery", "complete"), statement("therapy", "partial")])
    assert found["midwifery"].n_sites == 0
    assert found["therapy"].n_sites is None


def test_a_group_is_whole_only_if_every_member_is() -> None:
    one = statement("therapy", "complete", "05566076")
    other = statement("therapy", "partial", "05566060", known_total=4.0)
    assert sectors([], [one], RHEINE)["therapy"].completeness == "unknown"
    assert sectors([], [one, other], RHEINE)["therapy"].completeness == "partial"


def test_the_known_total_is_the_m_of_n_von_m() -> None:
    stated = statement("therapy", "partial", known_total=5.0)
    found = sectors([site("therapy"), site("therapy", name="Zwei")], [stated])["therapy"]
    assert (found.n_sites, found.known_total) == (2, 5.0)


def test_coverage_counts_the_kinds_with_a_number() -> None:
    found = list(sectors([site("therapy"), site("pharmacy")], []).values())
    covered = offers.coverage_finding(found, LIPPSTADT.place)
    assert (covered.value, len(found)) == (2.0, 14)
    nothing = offers.coverage_finding(list(sectors([], []).values()), LIPPSTADT.place)
    assert nothing.kind == "keine Daten"


def test_two_of_three_fields_have_no_figure_until_a_list_comes_in() -> None:
    assert offers.fields_without_figures(list(sectors([], []).values())) == ["Pflege", "Therapie"]
    with_list = list(sectors([site("therapy")], []).values())
    assert offers.fields_without_figures(with_list) == ["Pflege"]


@settings(deadline=None, max_examples=10)
@given(st.lists(st.sampled_from(["pharmacy", "therapy", "05111000"]), max_size=12))
def test_every_site_of_the_region_is_counted_once(kinds: list[str]) -> None:
    sites = [site("therapy", word) if word.isdigit() else site(word) for word in kinds]
    found = sectors(sites, [])
    counted = sum(sector.n_sites or 0 for sector in found.values())
    assert counted == sum(not word.isdigit() for word in kinds)


# --- pharmacies ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def access(processed: Path) -> pd.DataFrame:
    return storage.read("access", processed=processed)


def test_a_group_has_a_count_only_if_every_member_has_one(access: pd.DataFrame) -> None:
    # OpenStreetMap, August 2023: Rheine 11, Neuenkirchen 2
    assert pharmacies.counted_finding(access, RHEINE.place).value == 13.0
    without = access.loc[access["ref_area"].ne("05566060")]
    assert pharmacies.counted_finding(without, RHEINE.place).kind == "keine Daten"


def test_a_small_municipality_that_the_count_leaves_out_is_no_zero(access: pd.DataFrame) -> None:
    barwedel = Place("03151002", "Barwedel", "municipality", ("03151002",))
    assert pharmacies.counted_finding(access, barwedel).value is None


def test_the_rate_spans_both_counts_and_both_populations(
    access: pd.DataFrame, processed: Path, population: pd.DataFrame
) -> None:
    place = LIPPSTADT.place
    sites = storage.read("facilities", processed=processed)
    counted = pharmacies.counted_finding(access, place)
    said = storage.read("completeness", processed=processed)
    sectors = offers.sectors_of(sites, LIPPSTADT, ["pharmacy"], said)
    listed = pharmacies.listed_finding(sectors, place)
    assert (counted.value, listed.value) == (14.0, 20.0)
    rate = pharmacies.per_10000_finding(counted, listed, population, place)
    assert rate.uncertainty is not None
    # 68,890 inhabitants at the end of 2022 (nearest), 68,739 at the end of 2024
    assert rate.value == pytest.approx(140_000 / 68_890)
    assert rate.uncertainty.low == pytest.approx(140_000 / 68_890)
    assert rate.uncertainty.high == pytest.approx(200_000 / 68_739)
    assert rate.kind == "Schätzung"
    assert "Rangfolge" in rate.limits[0]


# --- utilisation ---------------------------------------------------------------------------


def test_expected_care_is_summed_over_the_members_or_not_given(population: pd.DataFrame) -> None:
    # invented results of the model for two municipalities
    rows = pd.DataFrame(
        {
            "ref_area": ["05566076", "05566060"] * 2,
            "measure": "care_dependants",
            "time_period": "2040-12-31",
            "variant": ["status_quo"] * 2 + ["rising_rates"] * 2,
            "obs_value": [700.0, 100.0, 800.0, 120.0],
            "obs_status": "estimated",
        }
    )
    start = total_finding(population, RHEINE.place)
    found = offers.expected_care_finding(rows, RHEINE.place, "2040-12-31", start)
    assert found.value == 800.0
    assert found.uncertainty is not None
    assert (found.uncertainty.low, found.uncertainty.high) == (800.0, 920.0)
    one = rows.loc[rows["ref_area"].eq("05566076")]
    assert offers.expected_care_finding(one, RHEINE.place, "2040-12-31", start).value is None
