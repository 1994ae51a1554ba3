"""The group of similar municipalities that a region is compared with.

The rule is that of `typology`. Where the region is several municipalities, it stands in as a whole
and its members leave the candidates. Only municipalities of a Kreis with published ages can be
chosen; everywhere else there is no group, and the report says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.keys import area_key
from pipeline.methods import typology
from pipeline.methods.findings import Finding
from pipeline.methods.typology import DEMOGRAPHIC_RULE
from pipeline.regions import Place, Region

#: Day for which ages are published for municipalities: the group rests on it.
AGE_DAY: Final = "2015-12-31"
_AGES = ["age_from", "age_to"]


@dataclass(frozen=True)
class Frames:
    """The tables that municipal indicators are read from.

    `area_km2` has the key of a municipality as its index.
    """

    population: pd.DataFrame
    social: pd.DataFrame
    municipalities: pd.DataFrame

    def population_of(self, areas: Sequence[str]) -> pd.DataFrame:
        """The rows of some territories; a group of municipalities is asked for often."""
        parts = [self._population_by_area.get(area) for area in areas]
        known = [part for part in parts if part is not None]
        return pd.concat(known) if known else self.population.iloc[:0]

    @cached_property
    def ratios(self) -> dict[str, dict[str, Finding]]:
        """Age ratios of the places that were asked for so far, by `ref_area`."""
        return {}

    @cached_property
    def _population_by_area(self) -> dict[str, pd.DataFrame]:
        groups = self.population.groupby("ref_area", observed=True, sort=False)
        return {str(area): rows for area, rows in groups}

    @cached_property
    def area_km2(self) -> pd.Series:
        """km² a municipality, under the keys of the other tables."""
        own = self.municipalities.assign(ref_area=self.municipalities["ags"].map(area_key))
        return own.set_index("ref_area")["area_km2"]


@dataclass(frozen=True)
class Group:
    """Similar municipalities of a region.

    Attributes
    ----------
    places : the municipalities, the most alike first; empty where there is no group.
    distances : distance of each, in standard deviations.
    candidates : municipalities that could have been chosen.
    """

    places: tuple[Place, ...]
    distances: tuple[float, ...]
    candidates: int

    @property
    def rule(self) -> str:
        """The rule by which they were found, in German."""
        return DEMOGRAPHIC_RULE.text(self.candidates)


def similar_municipalities(frames: Frames, region: Region, names: dict[str, str]) -> Group:
    """The comparison group of a region.

    Parameters
    ----------
    names : key → name for readers.

    Raises
    ------
    NoDataError : ages by municipality are not published for the region.
    """
    profile = _profile(frames, region)
    key = region.place.ref_area
    if key not in profile.index or profile.loc[key].isna().any():
        raise NoDataError(
            f"keine Vergleichsgruppe für {region.name}, denn der Altersaufbau von Gemeinden liegt "
            "nur für einen Teil von Nordrhein-Westfalen vor"
        )
    groups = typology.comparison_groups(profile, DEMOGRAPHIC_RULE)
    own = groups.loc[groups["ref_area"].eq(key)].sort_values("rank")
    return Group(
        places=tuple(municipality(str(other), names) for other in own["similar"]),
        distances=tuple(float(value) for value in own["distance"]),
        candidates=int(profile.notna().all(axis=1).sum()) - 1,
    )


def municipality(key: str, names: dict[str, str]) -> Place:
    """A municipality as findings name it; a kreisfreie Stadt is one too."""
    return Place(key, names.get(key, key), "municipality", (key,))


def _profile(frames: Frames, region: Region) -> pd.DataFrame:
    """The indicators of likeness of all municipalities, and of the region as one of them."""
    totals = _totals(frames.population)
    areas = frames.area_km2
    ages = frames.population.loc[
        frames.population["time_period"].eq(AGE_DAY)
        & frames.population["measure"].eq("population")
        & frames.population["sex"].eq("total")
        & frames.population["ref_area"].isin(areas.index)
        # the table of a kreisfreie Stadt is that of the Kreise: other age groups, other sources
        & frames.population["ref_area"].str.len().eq(8)
        & ~frames.population[_AGES].isna().all(axis=1)
    ]
    ages = ages[["ref_area", *_AGES, "obs_value"]]
    key = region.place.ref_area
    if region.is_group:
        within = dict.fromkeys(region.areas, key)
        ages = _merged(ages, within, region)
        totals, areas = _summed(totals, within), _summed(areas, within)
    return typology.demographic_profile(ages, totals, areas)


def _summed(values: pd.Series, within: dict[str, str]) -> pd.Series:
    named = pd.Series(values.to_numpy(), index=[within.get(key, key) for key in values.index])
    return named.groupby(level=0).sum()


def _merged(ages: pd.DataFrame, within: dict[str, str], region: Region) -> pd.DataFrame:
    """Ages with the members of a region summed; none of it where a member has no ages."""
    if not set(region.areas) <= set(ages["ref_area"]):
        return ages.loc[~ages["ref_area"].isin(region.areas)]
    named = ages.assign(ref_area=ages["ref_area"].replace(within))
    return named.groupby(["ref_area", *_AGES], dropna=False, as_index=False).agg(
        obs_value=("obs_value", "sum")
    )


def _totals(population: pd.DataFrame) -> pd.Series:
    """Inhabitants of every municipality on the latest day that most of them have."""
    rows = population.loc[
        population["measure"].eq("population")
        & population["sex"].eq("total")
        & population[_AGES].isna().all(axis=1)
        & population["ref_area"].str.len().isin([5, 8])
    ]
    latest = rows.loc[rows["time_period"].eq(rows["time_period"].max())]
    return pd.Series(latest["obs_value"].to_numpy(), index=latest["ref_area"])
