"""A municipality among similar ones: truly municipal indicators, one period a comparison.

Only what is published for the municipality itself is compared here. A value of the Kreis is none,
and neither is a projection, whose rates are those of the Kreis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from pipeline.errors import MethodInputError, NoDataError
from pipeline.keys import area_key
from pipeline.methods import population as people
from pipeline.methods import typology
from pipeline.methods.comparison_group import AGE_DAY, Frames, Group
from pipeline.methods.evidence import evidence_of
from pipeline.methods.findings import Finding
from pipeline.methods.observed import about, latest_finding, no_data
from pipeline.regions import Place

_AGES = ["age_from", "age_to"]


@dataclass(frozen=True)
class MunicipalIndicator:
    """Something that is known for single municipalities.

    Attributes
    ----------
    id, label, unit : slug, German label and unit word.
    decimals : digits after the comma in print.
    polarity : +1 more is better, -1 more is worse, 0 no judgement.
    find : the finding of a place.
    is_change : whether the value is a change, printed with its sign.
    """

    id: str
    label: str
    unit: str
    decimals: int
    polarity: int
    find: Callable[[Frames, Place], Finding]
    is_change: bool = False


# --- the indicators ------------------------------------------------------------------------


def _population(frames: Frames, place: Place) -> Finding:
    return people.total_finding(frames.population_of(place.areas), place)


def _density(frames: Frames, place: Place) -> Finding:
    parts = _parts("inhabitants-per-km2", "Einwohner je km²", "per_km2", place)
    total = people.total_finding(frames.population, place)
    areas = frames.area_km2.reindex(list(place.areas))
    if total.value is None or areas.isna().any():
        return no_data("Einwohnerzahl oder Fläche liegt nicht vor.", **parts)
    rows = frames.municipalities.loc[frames.municipalities["ags"].map(area_key).isin(place.areas)]
    return Finding(
        **parts,
        value=total.value / float(areas.sum()),
        time_period=total.time_period,
        kind="eigene Berechnung",
        evidence=total.evidence
        + evidence_of(
            rows.assign(ref_area=rows["ags"].map(area_key)), "municipalities", value="area_km2"
        ),
    )


def _change(frames: Frames, place: Place) -> Finding:
    """Change over the last unbroken run of years on one census basis."""
    parts = _parts("population-change", "Veränderung der Einwohnerzahl", "percent", place)
    population = frames.population_of(place.areas)
    totals = people.observed_totals(population, place.areas)
    changes = people.change_within_segments(totals)
    if changes.empty:
        return no_data("Es gibt keine zwei aufeinanderfolgenden Jahre einer Zensusbasis.", **parts)
    last = changes.iloc[-1]
    rows = population.loc[
        population["time_period"].isin([last["first_period"], last["last_period"]])
        & population["census_basis"].eq(last["census_basis"])
        & population["measure"].eq("population")
        & population["sex"].eq("total")
        & population[_AGES].isna().all(axis=1)
    ]
    return Finding(
        **parts,
        value=float(last["change_percent"]),
        time_period=f"{last['first_period']}/{last['last_period']}",
        kind="eigene Berechnung",
        evidence=evidence_of(rows, "population"),
    )


def _ratio(ratio: str) -> Callable[[Frames, Place], Finding]:
    def find(frames: Frames, place: Place) -> Finding:
        known = frames.ratios
        if place.ref_area not in known:  # all ratios of a place come from one age structure
            rows = frames.population_of(place.areas)
            known[place.ref_area] = people.ratio_findings(rows, place, AGE_DAY)
        return known[place.ref_area][ratio]

    return find


def _minimum_income(frames: Frames, place: Place) -> Finding:
    parts = {
        "id": "minimum-income-quota", "topic": "social", "label": "Mindestsicherungsquote",
        "unit": "percent",
    }  # fmt: skip
    if len(place.areas) > 1:
        reason = "Quoten mehrerer Gemeinden lassen sich nicht zusammenfassen."
        return no_data(reason, **parts, **about(place))
    rows = frames.social.loc[frames.social["measure"].eq("minimum_income_quota")]
    return latest_finding(rows, "social", place, **parts)


def _parts(id: str, label: str, unit: str, place: Place) -> dict[str, Any]:
    return {"id": id, "topic": "comparison", "label": label, "unit": unit, **about(place)}


#: What is compared between municipalities. Pharmacies are no part: their count is incomplete.
INDICATORS: Final[tuple[MunicipalIndicator, ...]] = (
    MunicipalIndicator("population-total", "Einwohnerzahl", "persons", 0, 0, _population),
    MunicipalIndicator("inhabitants-per-km2", "Einwohner je km²", "per_km2", 0, 0, _density),
    MunicipalIndicator(
        "population-change", "Veränderung der Einwohnerzahl (%)", "percent", 1, 0, _change,
        is_change=True,
    ),
    MunicipalIndicator(
        "youth-ratio", "Jugendquotient", "per_100", 1, 0, _ratio("youth_ratio")
    ),
    MunicipalIndicator(
        "old-age-ratio", "Altenquotient", "per_100", 1, 0, _ratio("old_age_ratio")
    ),
    MunicipalIndicator(
        "share-75-plus", "Anteil ab 75 Jahre (%)", "percent", 1, 0, _ratio("share_75_plus")
    ),
    MunicipalIndicator(
        "minimum-income-quota", "Mindestsicherungsquote (%)", "percent", 1, -1, _minimum_income
    ),
)  # fmt: skip


# --- positions -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Position:
    """Where a region stands among its group in one indicator.

    Attributes
    ----------
    subject, others : findings of one indicator and one period, the region's and the group's.
    quartile : 1 (lowest quarter) to 4, of region and group together; None with too few values.
    band : bounds of the middle half, such that what lies between them is in quarter 2 or 3.
    """

    indicator: MunicipalIndicator
    subject: Finding
    others: tuple[Finding, ...]
    quartile: int | None
    band: tuple[float, float] | None

    @property
    def better(self) -> tuple[Finding, ...]:
        """Members of the group that do better, the best first; none where nothing is "better"."""
        sign = self.indicator.polarity
        mine = self.subject.value
        if sign == 0 or mine is None:
            return ()
        ahead = [f for f in self.others if f.value is not None and (f.value - mine) * sign > 0]
        return tuple(sorted(ahead, key=lambda f: -sign * (f.value or 0.0)))


def position(indicator: MunicipalIndicator, frames: Frames, home: Place, group: Group) -> Position:
    """The position of a region in one indicator.

    Raises
    ------
    NoDataError : no value for the region.
    MethodInputError : values of different periods or census bases.
    """
    subject = indicator.find(frames, home)
    if not subject.is_known:
        raise NoDataError(subject.reason.rstrip("."))
    found = [indicator.find(frames, place) for place in group.places]
    others = tuple(finding for finding in found if finding.is_known)
    _require_one_period([subject, *others])
    values = pd.Series({finding.ref_area: finding.value for finding in (subject, *others)})
    quarters = typology.quartile_positions(values.astype("float64"))
    quartile = quarters.at[subject.ref_area, "quartile"]
    return Position(
        indicator,
        subject,
        others,
        None if pd.isna(quartile) else int(quartile),  # type: ignore[arg-type]
        _band(quarters),
    )


def positions(
    frames: Frames,
    home: Place,
    group: Group,
    indicators: Sequence[MunicipalIndicator] = INDICATORS,
) -> list[Position]:
    """The positions in all indicators for which the region has a value."""
    found = []
    for indicator in indicators:
        try:
            found.append(position(indicator, frames, home, group))
        except NoDataError:
            continue
    return found


def _require_one_period(findings: Sequence[Finding]) -> None:
    """What is compared is of one period and rests on one census."""
    periods = {finding.time_period for finding in findings}
    bases = {
        row.key["census_basis"]
        for finding in findings
        for row in finding.evidence
        if "census_basis" in row.key
    }
    for words, found in (("periods", periods), ("census bases", bases)):
        if len(found) > 1:
            raise MethodInputError(
                f"values of different {words} are compared",
                found=sorted(found),
                expected=f"one of the {words} for '{findings[0].label}'",
                remedy="compare only municipalities with a value for the same day and census",
            )


def _band(quarters: pd.DataFrame) -> tuple[float, float] | None:
    """Bounds between the first and second, and the third and fourth quarter."""
    if quarters["quartile"].isna().all():
        return None
    known = quarters.dropna(subset=["quartile"])

    def between(below: pd.Series, above: pd.Series) -> float:
        if below.empty:
            return float(above.min())
        return float(below.max()) if above.empty else float((below.max() + above.min()) / 2)

    value, quarter = known["obs_value"], known["quartile"]
    return (
        between(value[quarter.le(1)], value[quarter.gt(1)]),
        between(value[quarter.le(3)], value[quarter.gt(3)]),
    )
