"""The stage `model` on the packaged raw data: sums kept, estimates marked, whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import MethodInputError, TableError
from pipeline.execution.model import model
from pipeline.execution.model_inputs import partition
from pipeline.settings import Paths

BOCHOLT, WOLFSBURG, STEINFURT = "05554008", "03103", "05566"


@pytest.fixture(scope="module")
def projection(derived: Path) -> pd.DataFrame:
    return pd.read_parquet(derived / "projection.parquet")


def _total(frame: pd.DataFrame, area: str, year: int, variant: str = "middle") -> pd.Series:
    rows = frame.loc[
        frame["ref_area"].eq(area)
        & frame["time_period"].eq(f"{year}-12-31")
        & frame["variant"].eq(variant)
        & frame["age_from"].eq(0)
        & frame["age_to"].isna()
    ]
    assert len(rows) == 1
    return rows.iloc[0]


def test_today_keeps_the_published_totals(projection: pd.DataFrame) -> None:
    # end of 2024, basis census 2022: Rheine 77,209 (Landesdatenbank NRW, 12411-15i)
    assert _total(projection, "05566076", 2024)["obs_value"] == pytest.approx(77_209, abs=0.5)


def test_every_value_is_marked_as_an_estimate(projection: pd.DataFrame) -> None:
    assert projection["obs_status"].eq("estimated").all()
    assert projection["obs_value"].ge(0).all()


@pytest.mark.parametrize("area", [BOCHOLT, WOLFSBURG, STEINFURT])
def test_variants_are_in_order_and_the_band_holds_the_middle(
    projection: pd.DataFrame, area: str
) -> None:
    low, middle, high = (_total(projection, area, 2050, v) for v in ("low", "middle", "high"))
    assert low["obs_value"] < middle["obs_value"] < high["obs_value"]
    assert middle["lower_95"] < middle["lower_80"] < middle["obs_value"]
    assert middle["obs_value"] < middle["upper_80"] < middle["upper_95"]


def test_municipalities_add_up_to_their_kreis(projection: pd.DataFrame) -> None:
    rows = projection.loc[
        projection["time_period"].eq("2050-12-31") & projection["variant"].eq("middle")
    ]
    in_kreis = rows["ref_area"].str.startswith(STEINFURT)
    members = rows.loc[in_kreis & rows["ref_area"].str.len().eq(8)]
    kreis = rows.loc[rows["ref_area"].eq(STEINFURT)].set_index("age_from")["obs_value"]
    for limits, group in members.groupby(["age_from", "age_to"], dropna=False):
        same = rows.loc[
            rows["ref_area"].eq(STEINFURT)
            & rows["age_from"].eq(limits[0])
            & (rows["age_to"].isna() if pd.isna(limits[1]) else rows["age_to"].eq(limits[1]))
        ]
        assert group["obs_value"].sum() == pytest.approx(same["obs_value"].iloc[0], rel=1e-7)
    assert not kreis.empty


def test_the_anchor_of_the_land_is_met(projection: pd.DataFrame) -> None:
    rows = projection.loc[
        projection["variant"].eq("middle")
        & projection["age_from"].eq(0)
        & projection["age_to"].isna()
        & projection["ref_area"].str.startswith("05")
    ]
    # towns that are their own Kreis, and the Kreise
    kreise = rows.loc[rows["ref_area"].str.len().eq(5)]
    sums = kreise.groupby("time_period")["obs_value"].sum()
    assert sums["2050-12-31"] / sums["2024-12-31"] - 1 == pytest.approx(-0.026, abs=1e-5)


def test_reception_centres_are_flagged(projection: pd.DataFrame) -> None:
    flagged = set(projection.loc[projection["has_reception_centre"], "ref_area"])
    assert {"05974056", "05554052", "05766056"} <= flagged
    assert BOCHOLT not in flagged


def test_the_error_of_todays_ages_is_measured(derived: Path) -> None:
    error = pd.read_parquet(derived / "age_structure_error.parquet")
    assert set(error["ref_area"].str[:2]) == {"05"}  # ages of 2024 are published for NRW alone
    assert error["error_percent"].abs().mean() < 5.0


def test_care_is_calibrated_and_prints_its_misfit(derived: Path) -> None:
    care = pd.read_parquet(derived / "care_demand.parquet")
    nrw = care.loc[care["ref_area"].eq(BOCHOLT)]
    # the rates of 2021 miss the count of 2023 by about 23 percent
    assert nrw["misfit_percent"].iloc[0] == pytest.approx(-23, abs=1)
    wolfsburg = care.loc[care["ref_area"].eq(WOLFSBURG)]
    assert wolfsburg["calibration_factor"].eq(1.0).all()
    by_year = nrw.pivot(index="time_period", columns="variant", values="obs_value")
    assert (by_year["rising_rates"] >= by_year["status_quo"]).all()


def test_demand_without_rates_is_no_data(derived: Path) -> None:
    table = pd.read_parquet(derived / "demand_availability.parquet").set_index("measure")
    assert not table.at["hospital_cases", "is_available"]
    assert "keine Daten" in table.at["hospital_cases", "note"]


def test_a_failed_run_leaves_the_last_good_state(derived: Path, tmp_path: Path) -> None:
    before = (derived / "projection.parquet").read_bytes()
    with pytest.raises(TableError):
        model(Paths(processed=tmp_path, derived=derived))
    assert (derived / "projection.parquet").read_bytes() == before


def test_tables_of_all_germany_leave_out_what_is_secret_and_know_a_city_state(
    processed: Path, projection: pd.DataFrame, tmp_path: Path
) -> None:
    """Synthetic in two respects: a group of Kalletal is secret; Hamburg is Wolfsburg once more."""
    tables = Path(shutil.copytree(processed, tmp_path / "processed"))
    for name in ("population", "vital_events", "migration"):
        frame = pd.read_parquet(tables / f"{name}.parquet")
        city = frame.loc[frame["ref_area"].eq(WOLFSBURG)].assign(ref_area="02000")
        if name == "migration":
            of_kalletal = frame.index[frame["ref_area"].eq("05766036") & frame["age_to"].notna()]
            frame.loc[of_kalletal[0], "obs_value"] = None
        pd.concat([frame, city], ignore_index=True).to_parquet(tables / f"{name}.parquet")

    report = model(Paths(processed=tables, derived=tmp_path / "derived"))

    made = pd.read_parquet(tmp_path / "derived" / "projection.parquet")
    before, now = set(projection["ref_area"]), set(made["ref_area"])
    assert now - before == {"02000"}
    # Kreis Lippe and its sixteen municipalities: a part of a Kreis has no shape of its own
    lost = before - now
    assert lost == {area for area in before if area.startswith("05766")} and len(lost) == 17
    assert "Hamburg" in report.notes[-1]


def test_missing_ages_are_refused() -> None:
    rows = pd.DataFrame({"first_age": [0, 5], "last_age": [2, 100], "is_total": False})
    with pytest.raises(MethodInputError):
        partition(rows, finest=True)


def test_the_finer_of_two_partitions_is_taken() -> None:
    rows = pd.DataFrame(
        {"first_age": [0, 0, 1, 2, 3], "last_age": [2, 0, 1, 2, 100], "is_total": False}
    )
    assert partition(rows, finest=True) == ((0, 0), (1, 1), (2, 2), (3, 100))
    assert partition(rows, finest=False) == ((0, 2), (3, 100))
