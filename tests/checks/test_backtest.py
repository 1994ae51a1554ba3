"""The back-test on the publishers' files: targets, integrity, other Länder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from pipeline.checks import backtest_data
from pipeline.checks.backtest import (
    BacktestReport,
    mape,
    render_backtest,
    run_backtest,
)
from pipeline.errors import NoDataError, RawDataError
from pipeline.methods.hindcast import Forecast, forecast_from
from pipeline.methods.projection_inputs import Known

SOEST = "05974"


@pytest.fixture(scope="module")
def report(originals: Path) -> BacktestReport:
    return run_backtest(originals)


@pytest.fixture(scope="module")
def known(originals: Path) -> Known:
    return backtest_data.load_known(originals, 2015, "05")


@pytest.fixture(scope="module")
def forecast(known: Known) -> Forecast:
    return forecast_from(known, 9)


def test_naive_forecasts_have_the_known_errors(report: BacktestReport) -> None:
    # measured independently: 3.06 % and 3.71 % over 374 municipalities
    assert report.n == 374
    assert report.totals.constant_mape == pytest.approx(3.06, abs=0.005)
    assert report.totals.linear_mape == pytest.approx(3.71, abs=0.005)


def test_the_targets_are_reached(report: BacktestReport) -> None:
    assert report.totals.mape <= 0.92 * report.totals.constant_mape
    for age, limit in {"65-74": 0.35, "80+": 0.40, "75+": 0.9}.items():
        error = report.kreis_ages[age]
        assert error.mape is not None and error.constant_mape is not None
        assert error.mape <= limit * error.constant_mape
    assert 75 <= report.totals.coverage80 <= 85
    assert 90 <= report.totals.coverage95 <= 98


def test_json_has_the_documented_keys(report: BacktestReport) -> None:
    data = json.loads(report.to_json())
    assert {"base_year", "target_year", "n", "totals", "kreis_ages"} <= set(data)
    assert set(data["kreis_ages"]) == {"0-17", "18-64", "65-74", "75+", "80+"}
    assert {"mape", "constant_mape"} <= set(data["kreis_ages"]["80+"])
    totals = {"mape", "constant_mape", "linear_mape", "coverage80", "coverage95"}
    assert totals <= set(data["totals"])


def test_every_parameter_is_printed(report: BacktestReport) -> None:
    console = Console(width=150, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    console.print(render_backtest(report))
    text = console.export_text()
    assert all(name in text for name in report.parameters)


def test_nothing_later_than_the_base_year_is_read(originals: Path, tmp_path: Path) -> None:
    # only the folder whose tables end in 2015 is there
    (tmp_path / backtest_data.CLASSIC).symlink_to(originals / backtest_data.CLASSIC)
    known = backtest_data.load_known(tmp_path, 2015, "05")
    assert max(known.years) == 2015
    assert len(forecast_from(known, 9).kreise.years) == 10
    with pytest.raises(RawDataError, match="needs this file"):
        backtest_data.load_truth(tmp_path, "05")


def test_the_net_migration_of_2015_is_not_carried_forward(known: Known, forecast: Forecast) -> None:
    kreis = known.kreise.index(SOEST)
    members = known.kreis_of == kreis
    net_2015 = (known.arrivals.counts - known.departures.counts)[members].sum()
    start = known.kreis_totals[kreis, -1]
    # carried forward, 2015 alone would add more than a fifth; the Kreis lost 2,698 in truth
    assert 9 * net_2015 / start > 0.20
    assert abs(forecast.kreise.at(2024)[kreis].sum() / start - 1) < 0.05
    assert 2015 not in forecast.model.ordinary_years
    assert (forecast.levels.kreis.max(axis=1) < 0.6 * net_2015 / start).all()


def test_levels_do_not_depend_on_the_growth_of_2015(known: Known, forecast: Forecast) -> None:
    # all of 2015's growth doubled for every place: the Land's level must not follow
    land = known.land_totals.copy()
    land[:, -1] += land[:, -1] - land[:, -2]
    other = forecast_from(replace(known, land_totals=land), 9)
    columns = [other.parts.years.index(year) for year in other.model.ordinary_years]
    np.testing.assert_allclose(
        other.parts.land[:, columns], forecast.parts.land[:, columns], atol=1e-9
    )


def test_reception_centres_take_the_level_of_their_kreis(known: Known, forecast: Forecast) -> None:
    # Wickede, Rüthen, Möhnesee, Schöppingen, Oerlinghausen
    places = ["05974056", "05974040", "05974032", "05554052", "05766056"]
    flagged = {key for key, flag in zip(known.areas, forecast.reception, strict=True) if flag}
    assert {"05974056", "05974032", "05554052", "05766056"} <= flagged, places
    own = forecast.levels.municipal - forecast.levels.kreis[known.kreis_of]
    in_kreis = own[forecast.reception & (known.kreis_of == known.kreise.index(SOEST))]
    assert np.ptp(in_kreis, axis=0).max() == 0.0  # one common remainder, none of their own


def test_municipalities_add_up_to_their_kreise(known: Known, forecast: Forecast) -> None:
    sums = np.zeros_like(forecast.kreise.at(2024))
    np.add.at(sums, known.kreis_of, forecast.municipal[-1])
    np.testing.assert_allclose(sums, forecast.kreise.at(2024), rtol=1e-9)


def test_another_land_is_compared_by_kreis_and_says_so(originals: Path) -> None:
    report = run_backtest(originals, land="03")
    assert (report.level, report.target_year) == ("kreis", 2024)
    assert 40 <= report.n <= 46
    assert report.totals.mape < report.totals.constant_mape
    assert report.kreis_ages["80+"].mape is None
    assert any("Kreise" in note for note in report.notes)
    assert report.further[0].level == "municipality"
    assert report.further[0].n > 800


@pytest.mark.parametrize("land", ["02", "11", "17", "5"])
def test_a_land_without_municipalities_is_refused(originals: Path, land: str) -> None:
    with pytest.raises(NoDataError):
        run_backtest(originals, land=land)


def test_a_base_year_without_tables_is_refused(originals: Path) -> None:
    with pytest.raises(NoDataError, match="base year"):
        run_backtest(originals, base_year=2011)


def test_a_missing_folder_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(RawDataError, match="12411-02-03-5"):
        run_backtest(tmp_path)


def test_mape_is_relative_to_what_came() -> None:
    assert mape(np.array([90.0, 120.0]), np.array([100.0, 100.0])) == pytest.approx(15.0)


@pytest.mark.parametrize(
    ("label", "age"),
    [("unter 3 Jahre", 0), ("3 bis unter 6 Jahre", 3), ("75 Jahre und mehr", 75)],
)
def test_first_age_of_a_printed_group(label: str, age: int) -> None:
    assert backtest_data.first_age(label) == age
