"""The processed tables as the arrays that the projection takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.errors import NoDataError
from pipeline.keys import CITY_STATES, COUNTRY, kreis_of
from pipeline.methods.age_splitting import OPEN_AGE, check_groups
from pipeline.methods.projection_inputs import AgeGroups, Known
from pipeline.tables import storage

Array = npt.NDArray[np.float64]
SEXES = ("male", "female")


class Tables:
    """The processed tables that the stage reads, each once."""

    def __init__(self, processed: Path) -> None:
        self.population = _aged(_with_city_states(storage.read("population", processed=processed)))
        self.vital = _aged(_with_city_states(storage.read("vital_events", processed=processed)))
        self.migration = _aged(storage.read("migration", processed=processed))
        self.facts = storage.read("published_facts", processed=processed)

    def totals(self, measure: str = "population", sex: str = "total") -> pd.DataFrame:
        """Population by territory (rows) and day (columns), all ages."""
        rows = self.population.loc[
            self.population["measure"].eq(measure)
            & self.population["sex"].eq(sex)
            & self.population["is_total"]
        ]
        return rows.pivot(index="ref_area", columns="time_period", values="obs_value")


def _with_city_states(frame: pd.DataFrame) -> pd.DataFrame:
    """With the rows of Berlin and Hamburg as those of a Land, too.

    They are Land and Kreis at once, and the Regionaldatenbank lists them as a Kreis alone.
    """
    twice = [
        frame.loc[frame["ref_area"].eq(f"{land}000")].assign(ref_area=land)
        for land in sorted(CITY_STATES - set(frame["ref_area"]))
    ]
    return pd.concat([frame, *twice], ignore_index=True)


def _aged(frame: pd.DataFrame) -> pd.DataFrame:
    """With `is_total` (all ages), `first_age` (0: no lower bound) and `last_age` (100: open)."""
    is_total = frame["age_from"].isna() & frame["age_to"].isna()
    return frame.assign(
        is_total=is_total,
        first_age=frame["age_from"].fillna(0).astype(int),
        last_age=frame["age_to"].fillna(OPEN_AGE).astype(int),
    )


def partition(rows: pd.DataFrame, *, finest: bool) -> tuple[tuple[int, int], ...]:
    """Adjoining age groups from 0 to the open one, out of groups that may overlap.

    Tables of single ages and of age groups stand side by side for Kreise. At each age the
    narrowest (or widest) group is taken.

    Raises `MethodInputError` where ages are missing.
    """
    pairs = rows.loc[~rows["is_total"], ["first_age", "last_age"]].drop_duplicates()
    choose = min if finest else max
    last_of: dict[int, int] = {}
    for first, last in zip(pairs["first_age"].tolist(), pairs["last_age"].tolist(), strict=True):
        last_of[first] = choose(last, last_of.get(first, last))
    chain: list[tuple[int, int]] = []
    start = 0
    while start in last_of:
        chain.append((start, last_of[start]))
        start = last_of[start] + 1
    check_groups(
        [first for first, _ in chain], [None if last == OPEN_AGE else last for _, last in chain]
    )
    return tuple(chain)


def age_groups(rows: pd.DataFrame, areas: Sequence[str], *, finest: bool = True) -> AgeGroups:
    """Counts by sex and age group of some territories, in their order.

    Raises
    ------
    NoDataError : a territory without a number in every group.
    """
    wide = _wide(rows, areas, finest=finest)
    missing = wide.isna().any(axis=1)
    if missing.any():
        raise NoDataError(
            "a territory has no figures by sex and age",
            found=", ".join(wide.index[missing][:5]),
            expected="a number for both sexes in every age group",
            remedy="load the publisher's table, or leave the territory out",
        )
    starts = tuple(dict.fromkeys(wide.columns.get_level_values("first_age").tolist()))
    return AgeGroups(wide.to_numpy().reshape(len(areas), 2, len(starts)), starts)


def _wide(rows: pd.DataFrame, areas: Sequence[str], *, finest: bool) -> pd.DataFrame:
    """Counts of territories (rows, in their order) by sex and first age of a group (columns)."""
    rows = rows.loc[~rows["is_total"] & rows["ref_area"].isin(list(areas))]
    groups = partition(rows, finest=finest)
    wanted = pd.DataFrame(groups, columns=["first_age", "last_age"])
    wide = rows.merge(wanted, on=["first_age", "last_age"], validate="many_to_one").pivot(
        index="ref_area", columns=["sex", "first_age"], values="obs_value"
    )
    columns = pd.MultiIndex.from_product(
        [SEXES, [first for first, _ in groups]], names=["sex", "first_age"]
    )
    return wide.reindex(index=list(areas), columns=columns).astype(float)


def usable_municipalities(tables: Tables, day: str, today: str) -> list[str]:
    """Municipalities with ages and moves on `day` and a total on both days.

    A kreisfreie Stadt stands by its Kreis key. A municipality of which a single group is secret,
    or that a reform has ended, is left out.
    """
    aged = tables.population.loc[
        tables.population["time_period"].eq(day) & ~tables.population["is_total"]
    ]
    keys = set(aged["ref_area"]) & set(tables.migration["ref_area"])
    small = {key for key in keys if len(key) == 8}
    divided = {kreis_of(key) for key in small}
    cities = {key for key in keys if len(key) == 5 and key not in divided}
    totals = tables.totals()
    is_counted = totals.gt(0).reindex(columns=[day, today], fill_value=False).all(axis=1)
    found = sorted((small | cities) & set(is_counted.index[is_counted]))
    is_known = _wide(aged, found, finest=False).notna().all(axis=1)
    for measure in ("in_migration", "out_migration"):
        moves = tables.migration.loc[tables.migration["measure"].eq(measure)]
        is_known &= _wide(moves, found, finest=True).notna().all(axis=1)
    return [str(key) for key in is_known.index[is_known]]


def load_known(tables: Tables, base_year: int, start_year: int) -> Known:
    """All that is known for the end of `base_year` where a projection from `start_year` can begin.

    Kreise whose municipalities are not all known stay out: their shapes would be those of a part.
    """
    day = f"{base_year}-12-31"
    areas = usable_municipalities(tables, day, f"{start_year}-12-31")
    totals = tables.totals()
    days = sorted(name for name in totals.columns if name <= day)
    kreise = sorted({kreis_of(key) for key in areas})
    whole = [key for key in kreise if _is_whole(totals[day], areas, key)]
    areas = [key for key in areas if kreis_of(key) in whole]
    laender = sorted({key[:2] for key in whole})
    in_year = tables.population.loc[tables.population["time_period"].eq(day)]
    vital, moves = tables.vital, tables.migration
    deaths = vital.loc[vital["measure"].eq("deaths")]
    births = vital.loc[
        vital["measure"].eq("live_births_by_age_of_mother")
        & vital["sex"].eq("total")
        & ~vital["is_total"]
    ].pivot(index="ref_area", columns="first_age", values="obs_value")
    died = age_groups(deaths, laender).counts.sum(axis=(1, 2))
    born = births.loc[laender].sum(axis=1).to_numpy(dtype=float)
    return Known(
        base_year=base_year,
        areas=tuple(areas),
        kreise=tuple(whole),
        kreis_of=pd.Index(whole).get_indexer(pd.Index([kreis_of(key) for key in areas])),
        years=tuple(int(name[:4]) for name in days),
        totals=totals.loc[areas, days].to_numpy(dtype=float),
        kreis_totals=totals.loc[whole, days].to_numpy(dtype=float),
        land_totals=totals.loc[laender, days].to_numpy(dtype=float),
        land_of=pd.Index(laender).get_indexer(pd.Index([key[:2] for key in whole])),
        ages=age_groups(in_year, areas, finest=False),
        kreis_ages=age_groups(in_year, whole),
        country_ages=age_groups(in_year, [COUNTRY]),
        births=births.loc[whole].to_numpy(dtype=float),
        births_starts=tuple(int(age) for age in births.columns),
        deaths=age_groups(deaths, whole),
        country_deaths=age_groups(deaths, [COUNTRY]),
        land_natural=(born - died) / totals.loc[laender, day].to_numpy(dtype=float),
        arrivals=age_groups(moves.loc[moves["measure"].eq("in_migration")], areas),
        departures=age_groups(moves.loc[moves["measure"].eq("out_migration")], areas),
    )


def _is_whole(totals: pd.Series, areas: Sequence[str], kreis: str) -> bool:
    members = [key for key in areas if kreis_of(key) == kreis]
    return bool(abs(totals.loc[members].sum() - totals.loc[kreis]) < 0.5)


def single_ages_without_sex(tables: Tables, day: str, kreis: str) -> pd.Series | None:
    """Persons by single age 0 … 90+ of a Kreis, both sexes; None where they are not published."""
    rows = tables.population.loc[
        tables.population["time_period"].eq(day)
        & tables.population["ref_area"].eq(kreis)
        & tables.population["sex"].eq("total")
        & ~tables.population["is_total"]
    ]
    if rows.empty:
        return None
    series = rows.set_index("first_age")["obs_value"].sort_index().astype(float)
    return series if series.index.max() <= OPEN_AGE else None


def published_care_total(tables: Tables, key: str) -> tuple[int, float, str] | None:
    """Latest published number of care dependants of a territory: year, persons, source id."""
    rows = tables.facts.loc[
        tables.facts["fact_key"].eq(key) & tables.facts["indicator"].eq("care_dependants")
    ]
    numbers = pd.to_numeric(rows["value_text"], errors="coerce")
    rows = rows.loc[numbers.notna()].sort_values("year_or_date")
    if rows.empty:
        return None
    last = rows.iloc[-1]
    return int(str(last["year_or_date"])[:4]), float(last["value_text"]), str(last["source_id"])
