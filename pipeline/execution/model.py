"""data/processed → data/derived: people and their needs to 2050, all regions at once.

The steps: what was known in 2015 → single ages and rates → aged forward to 2024 and raked to the
published figures → projected to 2050 in three variants, with bands → expected care dependants.
Everything after the last published year is an estimate and marked so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.optimize import brentq

from pipeline.execution import model_inputs
from pipeline.execution.model_backtest import backtest_frame
from pipeline.execution.model_inputs import Tables
from pipeline.execution.reach import reach_tables
from pipeline.methods import current_ages, demand_care, migration_model, mortality
from pipeline.methods import projection_bands as uncertainty
from pipeline.methods import projection_inputs as inputs
from pipeline.methods.age_splitting import AGES, OPEN_AGE
from pipeline.methods.migration_level import Persistence
from pipeline.methods.migration_model import MigrationModel
from pipeline.methods.projection import SEXES, Rates, project, rake_to_groups
from pipeline.methods.projection_inputs import Base, Known
from pipeline.regions import LAND_NAMES
from pipeline.settings import Paths
from pipeline.tables.checksums import write_sums
from pipeline.tables.storage import ROWS_PER_GROUP
from pipeline.writing import replaced_folder

Array = npt.NDArray[np.float64]
Progress = Callable[[str], None]

BASE_YEAR, START_YEAR, END_YEAR = 2015, 2024, 2050
#: The last year end on the census of 2011: up to here a residual holds no jump of the basis.
RESIDUAL_YEAR = 2022
#: Years that the back-test looks back from, with the census that their figures rest on.
COMPARED = {RESIDUAL_YEAR: "2011", START_YEAR: "2022"}
AGE_YEARS = (2024, 2030, 2035, 2040, 2045, 2050)
AGE_GROUPS = (
    (0, 100), (0, 17), (18, 64), (20, 64), (65, 74), (65, 100), (75, 100), (80, 100)
)  # fmt: skip
SIGNIFICANT_DIGITS = 9

#: 15. koordinierte Bevölkerungsvorausberechnung, L2: life expectancy at birth in 2070, men, women.
LIFE_EXPECTANCY_2070 = (84.6, 88.2)
#: IT.NRW: change of the population of Nordrhein-Westfalen until 2050. The level of migration goes
#: to the one that gives this change; other Länder are given the same (assumption).
ANCHOR_LAND, ANCHOR_CHANGE = "05", -0.026
#: Share of a Kreis's deviation of migration that is left a year later: learned in the back-test
#: from the 53 Kreise of Nordrhein-Westfalen; the Kreise of a study region are too few.
KREIS_PERSISTENCE = 0.86
#: Assumptions for the bands: yearly change of births (about the root mean square for Germany,
#: 1995–2015), and half the gap between slow and strong decline of mortality.
FERTILITY_STEP, DECLINE_SD = 0.025, 0.003


class Variant(NamedTuple):
    """A printed variant: name, factor on fertility, addition to the migration rate."""

    name: str
    fertility: float
    migration: float


#: Fertility 1.4 / 1.55 / 1.7 and net migration 147 / 221 / 311 thousand a year, related to the
#: middle one and to 83 million (14. koordinierte Bevölkerungsvorausberechnung, G1–G3, W1–W3).
VARIANTS = (
    Variant("low", 1.40 / 1.55, (147 - 221) / 83_000),
    Variant("middle", 1.0, 0.0),
    Variant("high", 1.70 / 1.55, (311 - 221) / 83_000),
)


@dataclass
class ModelReport:
    """What `model` did: regions, rows a table, and what a reader must know."""

    regions: int = 0
    tables: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Prepared:
    """Everything that the projection of all regions shares."""

    known: Known
    base: Base
    model: MigrationModel
    rates: Rates
    reception: npt.NDArray[np.bool_]
    kreise: Array
    municipal: Array
    unraked: Array
    levels: Array
    kreis_levels: Array
    own_variance: Array
    anchor: float


def model(paths: Paths, progress: Progress = lambda step: None) -> ModelReport:
    """Fill `paths.derived` from `paths.processed`.

    Parameters
    ----------
    paths : folders.
    progress : called with the name of each step.

    Raises
    ------
    WorkspaceError : a table that is missing or does not hold what the projection needs;
        `paths.derived` keeps its last good state.
    """
    # --- load inputs ---------------------------------------------------------------------
    progress("reading data/processed")
    tables = Tables(paths.processed)
    # --- process -------------------------------------------------------------------------
    progress("age structure today")
    prepared = _prepare(tables)
    progress("projection to 2050")
    paths_of = {variant.name: _project(prepared, variant) for variant in VARIANTS}
    progress("bands")
    widths = _widths(prepared)
    frames = {
        "projection": _totals_frame(prepared, paths_of, widths),
        "projection_ages": _ages_frame(prepared, paths_of["middle"]),
        "age_structure_error": _age_error(tables, prepared),
        "projection_backtest": backtest_frame(tables, prepared.known, COMPARED),
        "care_demand": _care(tables, prepared, paths_of["middle"], widths),
        "model_parameters": _parameters(prepared),
        "demand_availability": _availability(),
    }
    frames |= reach_tables(paths, progress)
    # --- save outputs --------------------------------------------------------------------
    with replaced_folder(paths.derived) as folder:
        for name, frame in frames.items():
            progress(f"writing {name}")
            _write(frame, name, folder)
        write_sums(folder, folder.iterdir())
    return ModelReport(
        regions=len(prepared.known.areas),
        tables={name: len(frame) for name, frame in frames.items()},
        notes=_notes(tables, prepared.known, prepared.reception),
    )


# ------------------------------------------------------------------------------- preparation


def _prepare(tables: Tables) -> _Prepared:
    known = model_inputs.load_known(tables, BASE_YEAR, START_YEAR)
    base = inputs.base_population(known)
    death_rates = inputs.death_rates_of_kreise(known, base)
    natural = inputs.natural_rates(
        known, base, death_rates, inputs.fertility_of_kreise(known, base)
    )
    parts = inputs.residuals(known, natural)
    reception = inputs.has_reception_centre(known)
    fitted = migration_model.fit_migration(known, parts, reception)
    kreis_now, own_now = _recent_levels(tables, known, natural)
    decline = np.array(
        [
            mortality.yearly_decline(base.country_rates[sex], target, 2070 - BASE_YEAR)
            for sex, target in enumerate(LIFE_EXPECTANCY_2070)
        ]
    )
    rates = inputs.rates_of_kreise(known, base, death_rates, kreis_now, decline)
    kreise, municipal, unraked = _today(tables, known, base, rates, kreis_now, own_now, reception)
    rates = _from_today(rates, municipal, known, kreise)
    anchor = _anchor(known, rates, kreise, kreis_now)
    kreis_levels, levels, variance = _future_levels(
        known, fitted, kreis_now, own_now, reception, anchor
    )
    return _Prepared(
        known, base, fitted, rates, reception, kreise, municipal, unraked, levels, kreis_levels,
        variance, anchor,
    )  # fmt: skip


def _recent_levels(tables: Tables, known: Known, natural: Array) -> tuple[Array, Array]:
    """Net migration a year 2015–2022 as a residual: of Kreise, and of municipalities less Kreis.

    Both ends rest on the census of 2011, so no jump is in it. Kreise add up their municipalities;
    a municipality without a figure for 2022 takes the level of its Kreis.
    """
    start = known.totals[:, -1]
    end = tables.totals()[f"{RESIDUAL_YEAR}-12-31"].reindex(list(known.areas)).to_numpy(float)
    there = np.isfinite(end) & (end > 0)
    years = RESIDUAL_YEAR - BASE_YEAR
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(there, np.log(end / start) / years - natural, np.nan)
    weight = np.where(there, start, 0.0)
    sums = np.bincount(known.kreis_of, np.nan_to_num(rate) * weight, len(known.kreise))
    kreis = sums / np.maximum(np.bincount(known.kreis_of, weight, len(known.kreise)), 1.0)
    return kreis, np.where(there, rate - kreis[known.kreis_of], 0.0)


def _today(
    tables: Tables,
    known: Known,
    base: Base,
    rates: Rates,
    kreis_now: Array,
    own_now: Array,
    reception: npt.NDArray[np.bool_],
) -> tuple[Array, Array, Array]:
    """Kreise and municipalities at the end of 2024, fitted; and the Kreise before fitting."""
    years = START_YEAR - BASE_YEAR
    own = np.where(reception, 0.0, own_now)
    level = np.repeat(kreis_now[:, None], years, axis=1)
    aged_kreise = project(base.kreise, rates, level, base_year=BASE_YEAR).at(START_YEAR)
    aged = project(
        base.municipal,
        rates.take(known.kreis_of),
        level[known.kreis_of] + own[:, None],
        base_year=BASE_YEAR,
    ).at(START_YEAR)
    day = f"{START_YEAR}-12-31"
    sexes = np.stack(
        [tables.totals(sex=sex)[day].reindex(list(known.kreise)).to_numpy(float) for sex in SEXES],
        axis=1,
    )
    totals = tables.totals()[day].reindex(list(known.areas)).to_numpy(float)
    kreise, municipal = np.empty_like(aged_kreise), np.empty_like(aged)
    for k, key in enumerate(known.kreise):
        by_age = model_inputs.single_ages_without_sex(tables, day, key)
        kreise[k] = current_ages.kreis_ages(
            aged_kreise[k], sexes[k], None if by_age is None else by_age.to_numpy()
        )
        members = known.kreis_of == k
        municipal[members] = current_ages.municipal_ages(aged[members], totals[members], kreise[k])
    return kreise, municipal, aged_kreise


def _from_today(rates: Rates, municipal: Array, known: Known, kreise: Array) -> Rates:
    """Rates that go on from 2024: fertility scaled to the children under 1 counted then."""
    women = kreise[:, 1]
    expected = (women * rates.fertility).sum(axis=1)
    factor = kreise[:, :, 0].sum(axis=1) / expected
    elapsed = START_YEAR - BASE_YEAR
    reached = (1.0 - rates.decline)[None, :, None] ** elapsed
    return Rates(
        hazard=rates.hazard * reached,
        newborn_hazard=rates.newborn_hazard * reached[..., 0],
        fertility=rates.fertility * factor[:, None],
        departure=rates.departure,
        arrival=rates.arrival,
        decline=rates.decline,
    )


def _anchor(known: Known, rates: Rates, kreise: Array, kreis_now: Array) -> float:
    """Net migration rate from which the Kreise of the Land change as IT.NRW says for the Land.

    The Kreise at hand stand for the Land: their levels start at their own and return to the anchor.
    """
    inside = np.array([key.startswith(ANCHOR_LAND) for key in known.kreise])
    if not inside.any():
        inside = np.ones(len(known.kreise), dtype=bool)
    chosen = np.flatnonzero(inside)
    start = kreise[chosen].sum()

    def gap(anchor: float) -> float:
        level = anchor + (kreis_now[chosen] - anchor)[:, None] * _memory()
        path = project(
            kreise[chosen], rates.take(chosen), level, base_year=START_YEAR, keep=[END_YEAR]
        )
        return float(path.at(END_YEAR).sum() / start - 1.0 - ANCHOR_CHANGE)

    return float(brentq(gap, -0.02, 0.03, xtol=1e-8))


def _memory(persistence: float = KREIS_PERSISTENCE) -> Array:
    """Share of today's level that is left in each year to 2050."""
    years = np.arange(START_YEAR + 1 - RESIDUAL_YEAR, END_YEAR + 1 - RESIDUAL_YEAR, dtype=float)
    return np.power(persistence, years)


def _future_levels(
    known: Known,
    fitted: MigrationModel,
    kreis_now: Array,
    own_now: Array,
    reception: npt.NDArray[np.bool_],
    anchor: float,
) -> tuple[Array, Array, Array]:
    """Levels of Kreise and municipalities to 2050, and the variance of a municipality's own."""
    kreis = anchor + (kreis_now - anchor)[:, None] * _memory()
    years = RESIDUAL_YEAR - BASE_YEAR
    own = fitted.municipal
    size = known.totals[:, -1]
    trust = own.variance / (own.variance + own.noise_of(size) / years)
    alone = migration_model.is_own_kreis(known)
    lasting = np.where(reception | alone, 0.0, own_now * trust)
    lasting -= _kreis_mean(known, lasting, size)
    municipal = kreis[known.kreis_of] + lasting[:, None] * _memory(own.persistence)
    variance = _own_variance(fitted.kreis, known.kreis_totals[:, -1])[known.kreis_of]
    own_part = np.where(alone[:, None], 0.0, _own_variance(own, size))
    return kreis, municipal, variance + own_part


def _kreis_mean(known: Known, values: Array, weight: Array) -> Array:
    n = len(known.kreise)
    mean = np.bincount(known.kreis_of, values * weight, n) / np.bincount(known.kreis_of, weight, n)
    return mean[known.kreis_of]


def _own_variance(fit: Persistence, size: Array) -> Array:
    """Variance of the running sum of a deviation that is not known, shape (regions, years)."""
    steps = np.arange(END_YEAR - START_YEAR)
    lag = np.abs(np.subtract.outer(steps, steps))
    lasting = fit.variance * (fit.persistence**lag).cumsum(axis=0).cumsum(axis=1).diagonal()
    return lasting + fit.noise_of(size)[:, None] * (steps + 1)


# -------------------------------------------------------------------------------- projection


def _project(prepared: _Prepared, variant: Variant) -> Array:
    """Population of Kreise and municipalities in every year, shape (years, regions, 2, ages).

    Regions: municipalities first, then the Kreise that are divided into them.
    """
    known = prepared.known
    factor = np.full(END_YEAR - START_YEAR, variant.fertility)
    kreise = project(
        prepared.kreise,
        prepared.rates,
        prepared.kreis_levels + variant.migration,
        base_year=START_YEAR,
        fertility_factor=factor,
    )
    own = project(
        prepared.municipal,
        prepared.rates.take(known.kreis_of),
        prepared.levels + variant.migration,
        base_year=START_YEAR,
        fertility_factor=factor,
    )
    raked = rake_to_groups(own.population, kreise.population, known.kreis_of)
    return np.concatenate([raked, kreise.population[:, _divided(known)]], axis=1)


def _divided(known: Known) -> npt.NDArray[np.intp]:
    """Positions of the Kreise that consist of several municipalities."""
    return np.flatnonzero(np.bincount(known.kreis_of, minlength=len(known.kreise)) > 1)


def _regions(known: Known) -> list[str]:
    return [*known.areas, *(known.kreise[k] for k in _divided(known))]


def _widths(prepared: _Prepared) -> Array:
    """Standard deviation of the logarithm of each age group, shape (regions, groups, years)."""
    known, fitted = prepared.known, prepared.model
    years = END_YEAR - START_YEAR
    spread = uncertainty.Spread(
        fitted.level_step, fitted.kreis.persistence, FERTILITY_STEP, DECLINE_SD
    )
    draws = uncertainty.draw(
        spread, prepared.rates.decline, years=years, lead=START_YEAR - RESIDUAL_YEAR
    )
    divided = _divided(known)
    population = np.concatenate([prepared.municipal, prepared.kreise[divided]])
    group_of = np.concatenate([known.kreis_of, divided])
    level = np.concatenate([prepared.levels, prepared.kreis_levels[divided]])
    kreis_own = _own_variance(fitted.kreis, known.kreis_totals[divided, -1])
    own = np.concatenate([prepared.own_variance, kreis_own])
    moments = uncertainty.simulate(
        population, prepared.rates, group_of, level, draws, AGE_GROUPS, range(1, years + 1)
    )
    deviation = np.sqrt(uncertainty.log_variance(moments, own))
    return np.concatenate([np.zeros((*deviation.shape[:2], 1)), deviation], axis=2)


def _groups(population: Array) -> Array:
    """Sums over AGE_GROUPS, both sexes, shape (years, regions, groups)."""
    both = population.sum(axis=2)
    return np.stack([both[..., a : b + 1].sum(axis=-1) for a, b in AGE_GROUPS], axis=-1)


# ------------------------------------------------------------------------------------ frames


def _totals_frame(prepared: _Prepared, paths_of: dict[str, Array], widths: Array) -> pd.DataFrame:
    regions = _regions(prepared.known)
    flagged = set(np.array(prepared.known.areas)[prepared.reception])
    frames = []
    for name, population in paths_of.items():
        sums = _groups(population)
        years, _, groups = sums.shape
        index = pd.MultiIndex.from_product(
            [[f"{START_YEAR + y}-12-31" for y in range(years)], regions, range(groups)],
            names=["time_period", "ref_area", "group"],
        )
        frame = pd.DataFrame({"obs_value": sums.ravel()}, index=index).reset_index()
        if name == "middle":
            sd = np.moveaxis(widths, 2, 0).ravel()
            for coverage in (80, 95):
                multiplier = uncertainty.normal_multiplier(coverage / 100)
                band = uncertainty.bands(frame["obs_value"].to_numpy(), sd**2, multiplier)
                frame[f"lower_{coverage}"], frame[f"upper_{coverage}"] = band
        frames.append(frame.assign(variant=name))
    table = pd.concat(frames, ignore_index=True)
    limits = pd.DataFrame(AGE_GROUPS, columns=["age_from", "age_to"])
    group = table.pop("group")
    ages = limits.iloc[group].reset_index(drop=True)
    return table.assign(
        age_from=ages["age_from"].astype("Int16"),
        age_to=ages["age_to"].where(ages["age_to"] < OPEN_AGE).astype("Int16"),
        unit_measure="persons",
        obs_status="estimated",
        has_reception_centre=table["ref_area"].isin(flagged),
    )


def _ages_frame(prepared: _Prepared, population: Array) -> pd.DataFrame:
    chosen = population[[year - START_YEAR for year in AGE_YEARS]]
    index = pd.MultiIndex.from_product(
        [[f"{year}-12-31" for year in AGE_YEARS], _regions(prepared.known), SEXES, AGES.tolist()],
        names=["time_period", "ref_area", "sex", "age_from"],
    )
    frame = pd.DataFrame({"obs_value": chosen.ravel()}, index=index).reset_index()
    return frame.assign(unit_measure="persons", obs_status="estimated")


def _age_error(tables: Tables, prepared: _Prepared) -> pd.DataFrame:
    """Error of the ages of 2024 where they are known: Kreise from their own structure of 2015."""
    rows = []
    for k, key in enumerate(prepared.known.kreise):
        came = model_inputs.single_ages_without_sex(tables, f"{START_YEAR}-12-31", key)
        if came is None:
            continue
        aged = prepared.unraked[k].sum(axis=0)
        aged *= came.sum() / aged.sum()
        for first, last in AGE_GROUPS[1:]:
            actual = came.loc[first : min(last, OPEN_AGE)].sum()
            estimate = aged[first : last + 1].sum()
            rows.append((key, first, None if last == OPEN_AGE else last, estimate, actual))
    frame = pd.DataFrame(rows, columns=["ref_area", "age_from", "age_to", "estimate", "obs_value"])
    error = 100.0 * (frame["estimate"] / frame["obs_value"] - 1.0)
    return frame.astype({"age_from": "Int16", "age_to": "Int16"}).assign(error_percent=error)


def _care(tables: Tables, prepared: _Prepared, population: Array, widths: Array) -> pd.DataFrame:
    """Expected care dependants of every year, at constant and at rising rates.

    The 80 % band is that of the persons aged 80 and over, who make up most of the dependants; that
    rates may change is the other variant, not part of the band.
    """
    rates = demand_care.CARE_RATES_2021
    years = list(range(START_YEAR, END_YEAR + 1))
    regions = _regions(prepared.known)
    expected = demand_care.expected_count(population, rates)
    factor, misfit, year = _care_calibration(tables, prepared)
    lands = np.array([key[:2] for key in regions])
    calibrated = np.where(lands == ANCHOR_LAND, factor, 1.0)
    since = rates.year if year is None else year
    paths = {
        "status_quo": np.ones(len(years)),
        "rising_rates": demand_care.rising_factor(years, since=since)
        if since < demand_care.RISE_UNTIL
        else np.ones(len(years)),
    }
    index = pd.MultiIndex.from_product(
        [[f"{y}-12-31" for y in years], regions], names=["time_period", "ref_area"]
    )
    width = uncertainty.normal_multiplier(0.80) * widths[:, len(AGE_GROUPS) - 1].T
    frames = []
    for name, path in paths.items():
        values = expected * calibrated * path[:, None]
        frame = pd.DataFrame({"obs_value": values.ravel()}, index=index).reset_index()
        frames.append(
            frame.assign(
                lower_80=(values * np.exp(-width)).ravel(),
                upper_80=(values * np.exp(width)).ravel(),
                variant=name,
                calibration_factor=np.tile(calibrated, len(years)),
            )
        )
    table = pd.concat(frames, ignore_index=True)
    return table.assign(
        measure=rates.name,
        rates_year=rates.year,
        misfit_percent=np.where(table["ref_area"].str.startswith(ANCHOR_LAND), misfit, np.nan),
        unit_measure="persons",
        obs_status="estimated",
    )


def _care_calibration(tables: Tables, prepared: _Prepared) -> tuple[float, float, int | None]:
    """Factor and misfit of the rates against the published number of the Land, and its year.

    The ages of the Land are published without sex: both sexes are split as in the Kreise at hand.
    The published year and the year of the ages may lie a year apart (the note says so).
    """
    published = model_inputs.published_care_total(tables, ANCHOR_LAND)
    by_age = model_inputs.single_ages_without_sex(tables, f"{START_YEAR}-12-31", ANCHOR_LAND)
    inside = [k for k, key in enumerate(prepared.known.kreise) if key.startswith(ANCHOR_LAND)]
    if published is None or by_age is None or not inside:
        return 1.0, float("nan"), None
    pattern = prepared.kreise[inside].sum(axis=0)
    men_and_women = pattern.sum(axis=1) / pattern.sum() * float(by_age.sum())
    land = current_ages.kreis_ages(pattern, men_and_women, by_age.to_numpy())
    expected = float(demand_care.expected_count(land, demand_care.CARE_RATES_2021))
    fit = demand_care.calibrate(expected, published[1])
    return fit.factor, fit.misfit_percent, published[0]


def _parameters(prepared: _Prepared) -> pd.DataFrame:
    fitted = prepared.model
    values = {
        "anchor_net_migration": prepared.anchor,
        "kreis_persistence": KREIS_PERSISTENCE,
        "kreis_persistence_of_region": fitted.kreis.persistence,
        "municipal_persistence": fitted.municipal.persistence,
        "municipal_variance": fitted.municipal.variance,
        "municipal_noise_per_person": fitted.municipal.noise_per_person,
        "level_step_variance": fitted.level_step,
        "mortality_decline_men": float(prepared.rates.decline[0]),
        "mortality_decline_women": float(prepared.rates.decline[1]),
        "fertility_step_sd": FERTILITY_STEP,
        "mortality_decline_sd": DECLINE_SD,
        **{f"fertility_factor_{v.name}": v.fertility for v in VARIANTS},
        **{f"migration_addition_{v.name}": v.migration for v in VARIANTS},
    }
    return pd.DataFrame(values.items(), columns=["parameter", "obs_value"])


def _availability() -> pd.DataFrame:
    """What can be projected as demand, and what cannot for want of rates by age and sex."""
    missing = "keine Daten: Raten nach Alter und Geschlecht liegen nicht vor"
    rows = [("care_dependants", True, demand_care.CARE_RATES_2021.source)]
    rows += [(name, False, missing) for name in ("outpatient_cases", "therapy", "hospital_cases")]
    return pd.DataFrame(rows, columns=["measure", "is_available", "note"])


def _notes(tables: Tables, known: Known, reception: npt.NDArray[np.bool_]) -> list[str]:
    flagged = np.array(known.areas)[reception]
    counted = tables.totals()[f"{BASE_YEAR}-12-31"].dropna().index
    left_out = len({key for key in counted if len(key) == 8} - set(known.areas))
    elsewhere = sorted({LAND_NAMES[key[:2]] for key in known.areas} - {LAND_NAMES[ANCHOR_LAND]})
    notes = [
        "Alle Werte sind Schätzungen.",
        f"Sondereffekt (Aufnahmeeinrichtung, Profil des Kreises): {', '.join(flagged)}",
    ]
    if left_out:
        notes.append(
            f"Ohne Vorausberechnung: {left_out} Gemeinden. Für sie oder eine Nachbargemeinde im "
            f"Kreis fehlen Alter und Wanderungen {BASE_YEAR} oder die Einwohnerzahl {START_YEAR}."
        )
    if elsewhere:
        notes.append(
            f"Für {', '.join(elsewhere)} gilt der Wanderungsanker von {LAND_NAMES[ANCHOR_LAND]} "
            "(Annahme); Pflegequoten sind dort nicht geeicht."
        )
    return notes


def _write(frame: pd.DataFrame, name: str, folder: Path) -> None:
    """Sorted by key, nine significant digits: the same bytes on the next machine."""
    keys = [
        c for c in ("ref_area", "variant", "time_period", "sex", "age_from", "age_to") if c in frame
    ]
    ordered = frame.sort_values(keys, ignore_index=True, kind="stable") if keys else frame
    rounded = ordered.copy()
    for column in ordered.select_dtypes("float64"):
        rounded[column] = _significant(ordered[column])
    pq.write_table(
        pa.Table.from_pandas(rounded, preserve_index=False, nthreads=1),
        folder / f"{name}.parquet",
        compression="zstd",
        row_group_size=ROWS_PER_GROUP,
    )


def _significant(values: pd.Series) -> pd.Series:
    """Rounded to nine significant digits; missing values stay missing."""
    return values.map(lambda value: float(f"{value:.{SIGNIFICANT_DIGITS}g}"), na_action="ignore")
