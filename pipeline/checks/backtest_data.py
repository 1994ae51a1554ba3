"""What the back-test knows and what came: the publishers' files, as arrays.

Knowledge and truth are read by two functions that share no file, so that nothing later than the
base year can enter a forecast.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.errors import NoDataError, RawDataError
from pipeline.keys import CITY_STATES, LAENDER, kreis_of, level_of_key
from pipeline.methods.projection_inputs import AgeGroups, Known
from pipeline.sources import gv_auszug, registry

Array = npt.NDArray[np.float64]

CLASSIC = "regionaldatenbank_classic"
TOTALS = f"{CLASSIC}/12411-01-01-5_00.csv"
AGE_GROUPS = f"{CLASSIC}/12411-02-03-5_00.csv"
SINGLE_AGES = f"{CLASSIC}/12411-04-02-4_00.csv"
BIRTHS = f"{CLASSIC}/12612-02-01-4_00.csv"
DEATHS = f"{CLASSIC}/12613-02-02-4_00.csv"
MOVES = f"{CLASSIC}/12711-01-03-5_00.csv"
NRW_TOTALS = "landesdatenbank_nrw/12411-15i.csv"
NRW_SINGLE_AGES = "landesdatenbank_nrw/12411-09i.csv"
KREIS_TOTALS = "genesis_ffcsv/12411-01-01-4__de.csv"
MUNICIPALITIES_2022 = "gemeindeverzeichnis/AuszugGV2QAktuell.xlsx"

SEX_WORDS = ("männlich", "weiblich")
_ALL = "Insgesamt"
_KEYS = ("ref_area", "time_period", "measure", "unit_measure", "obs_value", "obs_status")


class _Cube(NamedTuple):
    """Counts by territory, sex (men first) and age group."""

    areas: pd.Index
    counts: Array
    starts: tuple[int, ...]

    def take(self, areas: Sequence[str]) -> AgeGroups:
        positions = self.areas.get_indexer(pd.Index(list(areas)))
        return AgeGroups(self.counts[positions], self.starts)

    def known(self) -> set[str]:
        """Territories with a number in every cell."""
        known = np.flatnonzero(np.isfinite(self.counts).all(axis=(1, 2)))
        return set(self.areas[known])

    def inhabited(self) -> set[str]:
        """Territories with a number in every cell, and persons in them."""
        return self.known() & set(self.areas[np.nansum(self.counts, axis=(1, 2)) > 0])


def load_known(originals: Path, base_year: int, land: str) -> Known:
    """All that had been published about a Land for the end of `base_year`.

    Raises
    ------
    NoDataError : the files at hand are of another year, or the Land is one municipality.
    RawDataError : a file is missing.
    """
    if land not in LAENDER or land in CITY_STATES:
        raise NoDataError(
            "no back-test for this Land: it needs several municipalities",
            found=land,
            expected="the key of a Land other than Hamburg and Berlin, 05 for example",
        )
    groups = _cube(originals / AGE_GROUPS, base_year)
    single = _cube(originals / SINGLE_AGES, base_year)
    births = _births(originals / BIRTHS, base_year)
    deaths = _cube(originals / DEATHS, base_year, Nationalität=_ALL)
    arrivals = _cube(originals / MOVES, base_year, measure="Zuzüge über die Gemeindegrenzen")
    departures = _cube(originals / MOVES, base_year, measure="Fortzüge über die Gemeindegrenzen")
    totals = _totals(originals / TOTALS, base_year)

    usable = groups.inhabited() & arrivals.known() & departures.known()
    usable &= set(totals.index[totals[base_year].notna()])
    areas = _municipalities(usable, land)
    kreise = sorted({kreis_of(key) for key in areas})
    laender = sorted(LAENDER)
    return Known(
        base_year=base_year,
        areas=tuple(areas),
        kreise=tuple(kreise),
        kreis_of=pd.Index(kreise).get_indexer(pd.Index([kreis_of(key) for key in areas])),
        years=tuple(int(year) for year in totals.columns),
        totals=totals.loc[areas].to_numpy(),
        kreis_totals=totals.loc[kreise].to_numpy(),
        land_totals=totals.loc[laender].to_numpy(),
        land_of=np.full(len(kreise), laender.index(land)),
        ages=groups.take(areas),
        kreis_ages=single.take(kreise),
        country_ages=single.take(["DG"]),
        births=births.loc[kreise].to_numpy(),
        births_starts=tuple(int(age) for age in births.columns),
        deaths=deaths.take(kreise),
        country_deaths=deaths.take(["DG"]),
        land_natural=_land_natural(births, deaths, totals, laender, base_year),
        arrivals=arrivals.take(areas),
        departures=departures.take(areas),
    )


def _municipalities(keys: set[str], land: str) -> list[str]:
    """Municipalities of a Land; a kreisfreie Stadt stands in these tables with its Kreis key."""
    of_land = {key for key in keys if key.startswith(land)}
    small = {key for key in of_land if len(key) == 8 and level_of_key(key) == "municipality"}
    divided = {kreis_of(key) for key in small}
    cities = {key for key in of_land if len(key) == 5 and key not in divided}
    return sorted(small | cities)


def _land_natural(
    births: pd.DataFrame, deaths: _Cube, totals: pd.DataFrame, laender: list[str], year: int
) -> Array:
    born = births.reindex(laender).sum(axis=1).to_numpy()
    died = deaths.take(laender).counts.sum(axis=(1, 2))
    return (born - died) / totals.loc[laender, year].to_numpy()


# ------------------------------------------------------------------------------------- truth


class Truth(NamedTuple):
    """Population that came: totals by key, and by single age 0 … 90+ (empty where unknown)."""

    year: int
    basis: str
    level: str
    totals: pd.Series
    ages: pd.DataFrame


def load_truth(originals: Path, land: str) -> list[Truth]:
    """What was published later about a Land, the main yardstick first.

    Nordrhein-Westfalen: municipalities at the end of 2024, Kreise by single age. Other Länder:
    Kreise at the end of 2024. In addition the municipalities at the end of 2022, which still rest
    on the census of 2011, so that the change of the basis is not in them.
    """
    main = _truth_nrw(originals) if land == "05" else _truth_kreise(originals, land)
    return [main, _truth_2022(originals, land)]


def _truth_nrw(originals: Path) -> Truth:
    frame = _keyed(_read(originals / NRW_TOTALS))
    is_count = frame["measure"].astype("str").str.startswith("Bevölkerungsstand")
    rows = frame.loc[is_count & frame["obs_status"].ne("nil")]
    ages = _keyed(_read(originals / NRW_SINGLE_AGES))
    label = _age_column(ages)
    single = ages.loc[ages[label].ne(_ALL) & ages["ref_area"].str.len().eq(5)]
    table = single.assign(age=_first_ages(single[label])).pivot(
        index="ref_area", columns="age", values="obs_value"
    )
    return Truth(
        year=_one_year(rows, originals / NRW_TOTALS),
        basis="2022",
        level="municipality",
        totals=rows.set_index("ref_area")["obs_value"],
        ages=table.loc[table.sum(axis=1) > 0],
    )


def _truth_kreise(originals: Path, land: str) -> Truth:
    frame = _keyed(_read(originals / KREIS_TOTALS))
    rows = frame.loc[
        frame["Geschlecht"].eq(_ALL)
        & frame["ref_area"].str.startswith(land)
        & frame["ref_area"].str.len().eq(5)
        & frame["obs_status"].ne("nil")
    ]
    return Truth(
        year=_one_year(rows, originals / KREIS_TOTALS),
        basis="2022",
        level="kreis",
        totals=rows.set_index("ref_area")["obs_value"],
        ages=pd.DataFrame(),
    )


def _truth_2022(originals: Path, land: str) -> Truth:
    path = originals / MUNICIPALITIES_2022
    _needed(path)
    frame = _keyed(gv_auszug.read(path).frame)
    rows = frame.loc[
        frame["measure"].eq("Bevölkerung insgesamt") & frame["ref_area"].str.startswith(land)
    ]
    keys = rows["ref_area"].map(
        # the list has a kreisfreie Stadt with eight digits, the tables with five
        lambda key: key[:5] if key.endswith("000") else key
    )
    return Truth(
        year=_one_year(rows, path),
        basis="2011",
        level="municipality",
        totals=pd.Series(rows["obs_value"].to_numpy(), index=keys),
        ages=pd.DataFrame(),
    )


# ----------------------------------------------------------------------------------- reading


def _needed(path: Path) -> None:
    if not path.is_file():
        raise RawDataError(
            "the back-test needs this file of the publisher",
            file=path,
            remedy="name the right folder with --originals, or load the file with "
            "`versorgungslabor fetch`",
        )


def _read(path: Path) -> pd.DataFrame:
    _needed(path)
    return registry.read(path).frame.astype({"obs_value": "float64"})


def _keyed(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with their keys as text, members of a Verbands- or Samtgemeinde by their AGS.

    These tables put the two or three digits of the association between Kreis and municipality.
    """
    keys = frame["ref_area"].astype("str")
    is_member = keys.str.len().isin([10, 11])
    return frame.assign(ref_area=keys.where(~is_member, keys.str[:5] + keys.str[-3:]))


def _year(frame: pd.DataFrame) -> pd.Series:
    return frame["time_period"].astype("str").str[:4].astype(int)


def _one_year(frame: pd.DataFrame, path: Path) -> int:
    years = sorted(set(_year(frame)))
    if len(years) != 1:
        raise RawDataError(
            "the file holds several years", file=path, found=years, expected="one year"
        )
    return int(years[0])


def _in_year(frame: pd.DataFrame, year: int, path: Path) -> pd.DataFrame:
    years = _year(frame)
    if not years.eq(year).any():
        raise NoDataError(
            "the table at hand does not hold the base year",
            file=path,
            found=", ".join(str(known) for known in sorted(set(years))),
            expected=str(year),
            remedy=f"load the table of {year}, or choose a base year that all tables hold",
        )
    return frame.loc[years.eq(year)]


def _age_column(frame: pd.DataFrame) -> str:
    names = [name for name in frame.columns if name not in _KEYS and name.startswith("Alters")]
    return names[0]


def first_age(label: str) -> int:
    """First completed age of a group as the tables name it: "unter 3 Jahre" → 0."""
    if label.startswith("unter"):
        return 0
    found = re.match(r"\d+", label)
    if found is None:
        raise RawDataError("no age group", found=label, expected="'unter 3 Jahre', '75 Jahre …'")
    return int(found[0])


def _cube(path: Path, year: int, **only: str) -> _Cube:
    frame = _in_year(_read(path), year, path)
    for column, word in only.items():
        frame = frame.loc[frame[column].eq(word)]
    label = _age_column(frame)
    frame = _keyed(frame.loc[frame[label].ne(_ALL) & frame["Geschlecht"].isin(SEX_WORDS)])
    frame = frame.assign(age=_first_ages(frame[label]), sex=frame["Geschlecht"].astype("str"))
    starts = sorted(int(age) for age in frame["age"].unique())
    wide = _wide(frame, ["sex", "age"])
    columns = pd.MultiIndex.from_product([SEX_WORDS, starts])
    counts = wide.reindex(columns=columns).to_numpy(dtype=float)
    return _Cube(wide.index, counts.reshape(len(wide), 2, len(starts)), tuple(starts))


def _wide(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """One row a territory. A municipality that changed its association stands twice, each time
    with zeros where it belonged to the other, so the rows add up."""
    return rows.groupby(["ref_area", *columns])["obs_value"].sum(min_count=1).unstack(columns)


def _first_ages(labels: pd.Series) -> pd.Series:
    starts = {word: first_age(str(word)) for word in labels.unique()}
    return labels.astype("str").map(starts).astype(int)


def _births(path: Path, year: int) -> pd.DataFrame:
    frame = _in_year(_read(path), year, path)
    label = _age_column(frame)
    rows = frame.loc[
        frame["Nationalität"].eq(_ALL) & frame["Geschlecht"].eq(_ALL) & frame[label].ne(_ALL)
    ]
    rows = _keyed(rows).assign(age=_first_ages(rows[label]))
    return _wide(rows, ["age"])


def _totals(path: Path, base_year: int) -> pd.DataFrame:
    """Population by territory and year; zero where a territory did not exist reads as unknown."""
    frame = _read(path)
    _in_year(frame, base_year, path)
    rows = _keyed(frame.loc[frame["Geschlecht"].eq(_ALL)])
    table = _wide(rows.assign(year=_year(rows)), ["year"])
    later = [year for year in table.columns if int(str(year)) > base_year]
    known = table.drop(columns=later)
    return known.where(known > 0)
