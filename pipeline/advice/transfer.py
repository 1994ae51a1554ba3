"""What to look up elsewhere: similar municipalities that stand better, and what they did.

Only truly municipal indicators are compared: a figure of the Kreis would compare Kreise. "Better"
is a fact about one number, not a proof that a measure worked; and whether more inhabitants are
better is for the council to say, so the page speaks of growth and not of a better place.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.advice.catalogue import Measure
from pipeline.errors import NoDataError
from pipeline.figures import german
from pipeline.methods.comparison_group import Frames, similar_municipalities
from pipeline.regions import MODEL_REGIONS, Place
from pipeline.tables.workspace import Workspace

#: Rows of a municipality are compared within this span: one census basis, no missing year, and
#: before 2015, whose migration was exceptional.
FIRST, LAST = "2011-12-31", "2014-12-31"
NOTHING_FOUND = "im Katalog ist für diese Gemeinde keine Maßnahme belegt"


@dataclass(frozen=True)
class Comparable:
    """One indicator of the transfer.

    Attributes
    ----------
    label : German, with its dates.
    better : word for a municipality that stands better.
    sign : +1 if more is better, −1 if less is.
    caution : what the difference does not say.
    """

    label: str
    better: str
    sign: int
    caution: str


POPULATION = Comparable(
    "Einwohner, Veränderung Ende 2011 bis Ende 2014 in Prozent",
    "gewann mehr oder verlor weniger Einwohner",
    1,
    "Lange her: Danach liegen ein Zensus und fehlende Jahre, die keinen Vergleich erlauben.",
)
MINIMUM_INCOME = Comparable(
    "Mindestsicherungsquote in Prozent",
    "hat die niedrigere Quote",
    -1,
    "Unterkünfte für Geflüchtete beeinflussen die Quote.",
)


@dataclass(frozen=True)
class Example:
    """A similar municipality that stands better in one indicator.

    Attributes
    ----------
    place : the municipality.
    indicator : what is compared.
    own, other : values of the region and of the municipality.
    time_period : of both values.
    measures : entries of the catalogue that are documented for it.
    source_ids : sources of both values.
    """

    place: Place
    indicator: Comparable
    own: float
    other: float
    time_period: str
    measures: tuple[Measure, ...]
    source_ids: tuple[str, ...]


def examples(lab: Workspace, measures: Sequence[Measure]) -> list[Example]:
    """Similar municipalities that stand better, the most alike first.

    Raises
    ------
    NoDataError : the region has no comparison group, or none of the indicators.
    """
    frames = Frames(lab.table("population"), lab.table("social"), lab.table("municipalities"))
    group = similar_municipalities(frames, lab.region, lab.area_names)
    values = [
        (POPULATION, _population_change(frames.population, lab.region.areas, lab.region.slug)),
        (MINIMUM_INCOME, _minimum_income(frames.social)),
    ]
    found = [
        example
        for indicator, table in values
        for example in _better(indicator, table, lab.region.place.ref_area, group.places, measures)
    ]
    if not found:
        raise NoDataError(
            "Keine ähnliche Gemeinde hatte mehr Zuwachs oder eine niedrigere Mindestsicherungsquote"
        )
    return found


def _better(
    indicator: Comparable,
    table: pd.DataFrame,
    own_key: str,
    places: Sequence[Place],
    measures: Sequence[Measure],
) -> Iterator[Example]:
    """The places that stand better than the region, in their order.

    Parameters
    ----------
    table : index `ref_area`; `obs_value`, `time_period`, `source_id`.
    """
    if own_key not in table.index:
        return
    known = table.to_dict("index")
    own = known[own_key]
    for place in places:
        other = known.get(place.ref_area)
        if other and indicator.sign * _difference(other, own) > 0:
            yield Example(
                place=place,
                indicator=indicator,
                own=float(own["obs_value"]),
                other=float(other["obs_value"]),
                time_period=str(other["time_period"]),
                measures=documented(place.ref_area, measures),
                source_ids=tuple(sorted({str(own["source_id"]), str(other["source_id"])})),
            )


def _difference(other: Mapping[Hashable, Any], own: Mapping[Hashable, Any]) -> float:
    """Of the values as they are printed: what reads the same is no difference."""
    there, here = (german.rounded(float(row["obs_value"]), 1) for row in (other, own))
    return float(there - here)


def documented(ref_area: str, measures: Sequence[Measure]) -> tuple[Measure, ...]:
    """The measures of the catalogue for which a source names this municipality."""
    slugs = {slug for slug, region in MODEL_REGIONS.items() if ref_area in region.areas}
    return tuple(
        measure
        for measure in measures
        if measure.model_municipality and slugs & set(measure.model_municipality.regions)
    )


def _population_change(population: pd.DataFrame, areas: Sequence[str], slug: str) -> pd.DataFrame:
    """Change within one census basis; the members of a group count as one, under its slug."""
    rows = population.loc[
        population["measure"].eq("population")
        & population["sex"].eq("total")
        & population["age_from"].isna()
        & population["age_to"].isna()
        & population["census_basis"].eq("2011")
        & population["time_period"].isin([FIRST, LAST])
        & population["obs_value"].notna()
    ]
    if len(areas) > 1:
        own = rows.loc[rows["ref_area"].isin(areas)].assign(ref_area=slug)
        rows = pd.concat([rows, own])
    wide = (
        rows.pivot_table(index="ref_area", columns="time_period", values="obs_value", aggfunc="sum")
        .reindex(columns=[FIRST, LAST])
        .dropna()
    )
    sources = rows.drop_duplicates("ref_area").set_index("ref_area")["source_id"]
    return pd.DataFrame(
        {
            "obs_value": 100 * (wide[LAST] / wide[FIRST] - 1),
            "time_period": LAST,
            "source_id": sources.reindex(wide.index),
        }
    )


def _minimum_income(social: pd.DataFrame) -> pd.DataFrame:
    rows = social.loc[social["measure"].eq("minimum_income_quota") & social["obs_value"].notna()]
    latest = rows.loc[rows["time_period"].eq(rows["time_period"].max())]
    return latest.drop_duplicates("ref_area").set_index("ref_area")
