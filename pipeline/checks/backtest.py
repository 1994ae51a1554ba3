"""`backtest`: forecast from a past year, beside naive forecasts, against what came.

Everything that the forecast uses was known at the end of the base year and is printed. The truth
is read after the forecast stands. What is the same for all Länder: the code, the rules, the
sources; what differs: the parameters, because each Land teaches its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict
from rich.console import Group
from rich.table import Table

from pipeline.checks import backtest_data
from pipeline.checks.backtest_data import Truth
from pipeline.errors import NoDataError
from pipeline.methods import migration_level, migration_model
from pipeline.methods.hindcast import Forecast, forecast_from
from pipeline.methods.migration_model import CALENDAR_2015, RollingOrigin

Array = npt.NDArray[np.float64]

AGE_GROUPS: dict[str, tuple[int, int]] = {
    "0-17": (0, 17),
    "18-64": (18, 64),
    "65-74": (65, 74),
    "75+": (75, 100),
    "80+": (80, 100),
}
#: The linear forecast goes on with the mean change of these years (2011–2015: one census basis).
LINEAR_SINCE = 2011
#: The last year whose population is at hand for a comparison.
TARGET_YEAR = 2024


class Totals(BaseModel):
    """Errors of totals in percent, and the share of regions inside the bands in percent."""

    model_config = ConfigDict(frozen=True)

    mape: float
    constant_mape: float
    linear_mape: float
    coverage80: float
    coverage95: float
    #: the same if the band allows for a correction at the census in between
    coverage80_with_census: float | None = None
    mean_error: float


class AgeError(BaseModel):
    """Mean absolute error of an age group over Kreise in percent; None: no truth at hand."""

    model_config = ConfigDict(frozen=True)

    mape: float | None = None
    constant_mape: float | None = None
    constant_share_mape: float | None = None


class Comparison(BaseModel):
    """The forecast against one publication of what came."""

    model_config = ConfigDict(frozen=True)

    target_year: int
    level: str
    census_basis: str
    n: int
    totals: Totals


class BacktestReport(Comparison):
    """Result of a back-test; `to_json` gives what `backtest --json` prints."""

    base_year: int
    land: str
    n_kreise: int
    reception_centres: int
    kreis_ages: dict[str, AgeError]
    further: list[Comparison]
    parameters: dict[str, float | str]
    sensitivity: dict[str, float]
    notes: list[str]

    def to_json(self) -> str:
        """The report as JSON, stable keys."""
        return self.model_dump_json(indent=2)


def run_backtest(originals: Path, base_year: int = 2015, land: str = "05") -> BacktestReport:
    """Forecast a Land from the end of `base_year` and compare with what came.

    Parameters
    ----------
    originals : folder with the publishers' whole files.
    land : key of the Land (two digits).

    Raises
    ------
    NoDataError : the files at hand do not hold that year, or the Land is a city state.
    RawDataError : a file is missing.
    """
    forecast = make_forecast(originals, base_year, land, TARGET_YEAR - base_year)
    truths = backtest_data.load_truth(originals, land)
    main, *further = [compare(forecast, truth) for truth in truths]
    return BacktestReport(
        **main.model_dump(exclude={"totals"}),
        totals=main.totals,
        base_year=base_year,
        land=land,
        n_kreise=len(truths[0].ages) or len(forecast.known.kreise),
        reception_centres=int(forecast.reception.sum()),
        kreis_ages=_kreis_ages(forecast, truths[0]),
        further=further,
        parameters=_parameters(forecast),
        sensitivity=_sensitivity(forecast, truths[0]),
        notes=_notes(truths[0]),
    )


def make_forecast(originals: Path, base_year: int, land: str, horizon: int) -> Forecast:
    """The forecast from what was known at the end of `base_year`, `horizon` years ahead."""
    if base_year != 2015:
        raise NoDataError(
            "a back-test needs ages, births, deaths and moves of its base year",
            found=base_year,
            expected="2015, the only year for which all tables are at hand",
            remedy="choose 2015",
        )
    return forecast_from(backtest_data.load_known(originals, base_year, land), horizon)


# -------------------------------------------------------------------------------- comparison


def compare(forecast: Forecast, truth: Truth) -> Comparison:
    """Errors and coverage for the regions that both know."""
    known = forecast.known
    is_kreis = truth.level == "kreis"
    keys = known.kreise if is_kreis else known.areas
    series = known.kreis_totals if is_kreis else known.totals
    steps = truth.year - known.base_year
    since = known.years.index(LINEAR_SINCE)
    actual = truth.totals.reindex(list(keys)).to_numpy(dtype=float)
    compared = (actual > 0) & np.isfinite(series[:, since:]).all(axis=1)
    if truth.level == "municipality" and known.areas[0].startswith("05"):
        # the 374 municipalities that belong to a Kreis or are a town within one
        compared &= np.array([len(key) == 8 for key in keys])
    population = forecast.kreise.population if is_kreis else forecast.municipal
    predicted = population[steps].sum(axis=(1, 2))
    slope = (series[:, -1] - series[:, since]) / (known.base_year - LINEAR_SINCE)
    variance = _variance(forecast, truth.level, steps)
    actual, predicted, variance = actual[compared], predicted[compared], variance[compared]
    distance = np.abs(np.log(actual / predicted))
    rolling = _rolling(forecast, truth.level)
    census = migration_model.census_variance(forecast.model, 2022 - 2011)
    inside = {c: distance <= rolling.multiplier(c) * np.sqrt(variance) for c in (0.80, 0.95)}
    wide = distance <= rolling.multiplier(0.80) * np.sqrt(variance + census)
    return Comparison(
        target_year=truth.year,
        level=truth.level,
        census_basis=truth.basis,
        n=int(compared.sum()),
        totals=Totals(
            mape=mape(predicted, actual),
            constant_mape=mape(series[compared, -1], actual),
            linear_mape=mape((series[:, -1] + slope * steps)[compared], actual),
            coverage80=100.0 * float(inside[0.80].mean()),
            coverage95=100.0 * float(inside[0.95].mean()),
            coverage80_with_census=100.0 * float(wide.mean()) if truth.basis == "2022" else None,
            mean_error=100.0 * float((predicted / actual - 1.0).mean()),
        ),
    )


def mape(predicted: Array, actual: Array) -> float:
    """Mean absolute error in percent of what came."""
    return 100.0 * float(np.abs(predicted / actual - 1.0).mean())


def _rolling(forecast: Forecast, level: str) -> RollingOrigin:
    """How far forecasts of earlier years missed, from the years up to the base year alone."""
    return migration_model.rolling_origin(forecast.known, forecast.parts, forecast.model, level)


def _variance(forecast: Forecast, level: str, steps: int) -> Array:
    """Variance of the logarithm of totals `steps` years ahead, by region.

    In closed form and as in the rolling origin, whose multiplier is applied to it: the rates are
    growth less a *constant* natural change, so the ups and downs of births and deaths are in
    their variance already and must not be counted twice.
    """
    known, model, levels = forecast.known, forecast.model, forecast.levels
    own = levels.kreis_variance if level == "kreis" else levels.own_variance
    news = migration_level.level_sum_variance(
        model.level_step,
        model.kreis.persistence,
        model.ordinary_years[-1],
        range(known.base_year + 1, known.base_year + steps + 1),
    )
    return own[:, steps - 1] + news[-1]


def _kreis_ages(forecast: Forecast, truth: Truth) -> dict[str, AgeError]:
    """Errors of age groups over the Kreise whose ages came to be known."""
    if truth.ages.empty:
        return {name: AgeError() for name in AGE_GROUPS}
    known = forecast.known
    there = [i for i, key in enumerate(known.kreise) if key in truth.ages.index]
    actual = truth.ages.loc[[known.kreise[i] for i in there]]
    predicted = forecast.kreise.at(truth.year)[there].sum(axis=1)
    constant = forecast.base.kreise[there].sum(axis=1)
    growth = (predicted.sum(axis=1) / constant.sum(axis=1))[:, None]
    errors = {}
    for name, (first, last) in AGE_GROUPS.items():
        ages = [age for age in actual.columns if first <= int(str(age)) <= last]
        came = actual[ages].sum(axis=1).to_numpy(dtype=float)
        cells = slice(first, last + 1)
        errors[name] = AgeError(
            mape=mape(predicted[:, cells].sum(axis=1), came),
            constant_mape=mape(constant[:, cells].sum(axis=1), came),
            constant_share_mape=mape((constant * growth)[:, cells].sum(axis=1), came),
        )
    return errors


def _sensitivity(forecast: Forecast, truth: Truth) -> dict[str, float]:
    """Error of totals under every rule for the level of the Land, in percent."""
    horizon = forecast.levels.kreis.shape[1]
    return {
        rule: compare(forecast_from(forecast.known, horizon, rule), truth).totals.mape
        for rule in migration_level.LEVEL_RULES
    }


def _parameters(forecast: Forecast) -> dict[str, float | str]:
    """Every free parameter and where it comes from, for the reader."""
    model, rolling = forecast.model, _rolling(forecast, "municipality")
    return {
        "migration_years": ", ".join(str(year) for year in model.ordinary_years),
        "exceptional_years": ", ".join(str(year) for year in CALENDAR_2015.exceptional),
        "level_rule": model.level_rule,
        **{f"rolling_error_{rule}": error for rule, error in model.rolling_errors.items()},
        "level_step_variance": model.level_step,
        "kreis_variance": model.kreis.variance,
        "kreis_persistence": model.kreis.persistence,
        "kreis_noise": model.kreis.noise,
        "kreis_noise_per_person": model.kreis.noise_per_person,
        "municipal_variance": model.municipal.variance,
        "municipal_persistence": model.municipal.persistence,
        "municipal_noise": model.municipal.noise,
        "municipal_noise_per_person": model.municipal.noise_per_person,
        "multiplier80": rolling.multiplier(0.80),
        "multiplier95": rolling.multiplier(0.95),
        "census_shock": model.census_shock,
        "mortality_decline_men": float(forecast.rates.decline[0]),
        "mortality_decline_women": float(forecast.rates.decline[1]),
    }


def _notes(truth: Truth) -> list[str]:
    notes = [
        f"Wahrheit: {truth.year}-12-31, Basis Zensus {truth.basis}; die Vorausschätzung rechnet "
        "auf der Basis Zensus 2011 weiter. Der Zensussprung steckt damit im Fehler.",
        "Die Bänder gelten ohne Zensussprung; coverage80_with_census rechnet ihn hinzu.",
    ]
    if truth.level == "kreis":
        notes.append(
            "Für dieses Land liegen Gemeinden auf neuer Basis nicht vor: verglichen werden Kreise, "
            "deren Schlüssel 2015 und im Zieljahr gleich ist. Das Alter ist nicht prüfbar."
        )
    return notes


# ---------------------------------------------------------------------------------- printing


def render_backtest(report: BacktestReport) -> Group:
    """The report as tables for the terminal."""
    return Group(
        _totals_table([report, *report.further]),
        _ages_table(report.kreis_ages),
        _parameter_table(report),
        *report.notes,
    )


def _totals_table(comparisons: Sequence[Comparison]) -> Table:
    table = Table(title="Totals: mean absolute error in %, coverage in %")
    columns = (
        "target",
        "level",
        "basis",
        "n",
        "forecast",
        "constant",
        "linear",
        "in 80 %",
        "in 95 %",
    )
    for heading in columns:
        table.add_column(heading, justify="right")
    for entry in comparisons:
        totals = entry.totals
        figures = (
            totals.mape,
            totals.constant_mape,
            totals.linear_mape,
            totals.coverage80,
            totals.coverage95,
        )
        table.add_row(
            str(entry.target_year),
            entry.level,
            entry.census_basis,
            str(entry.n),
            *(f"{figure:.2f}" for figure in figures),
        )
    return table


def _ages_table(ages: dict[str, AgeError]) -> Table:
    table = Table(title="Age groups of Kreise: mean absolute error in %")
    for heading in ("age", "forecast", "constant", "constant shares"):
        table.add_column(heading, justify="right")
    for name, error in ages.items():
        figures = (error.mape, error.constant_mape, error.constant_share_mape)
        table.add_row(name, *("keine Daten" if f is None else f"{f:.2f}" for f in figures))
    return table


def _parameter_table(report: BacktestReport) -> Table:
    table = Table(title=f"Parameters, all from data up to {report.base_year}")
    table.add_column("parameter")
    table.add_column("value", justify="right")
    for name, value in report.parameters.items():
        table.add_row(name, value if isinstance(value, str) else f"{value:.4g}")
    for rule, error in report.sensitivity.items():
        table.add_row(f"(for comparison) error with level rule '{rule}'", f"{error:.2f} %")
    return table
