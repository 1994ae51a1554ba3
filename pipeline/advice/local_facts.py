"""Published single facts about a place (press, project pages) as findings, each with its source.

These are secondary sources: rounded, sometimes undated. A fact keeps the territory that its source
speaks of, and what the source says beside it ("knapp", "über") is printed with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from pipeline.methods.evidence import evidence_of
from pipeline.methods.findings import Finding
from pipeline.methods.key_indicators import kreis_place
from pipeline.methods.noteworthy import Source
from pipeline.methods.observed import UNDATED, about, no_data
from pipeline.methods.published_facts import TABLE, first_day, qualifier
from pipeline.methods.published_planning import membership
from pipeline.regions import Place, Region

_PlaceFacts = tuple[Place, pd.DataFrame]
_ROUNDED = "Angabe aus Presse oder Projektseite, oft gerundet."
_APPROXIMATE = "Der Zeitpunkt ist in der Quelle nur ungefähr genannt."
#: Words of a source that say on which side of its number the value lies.
_SIDES: Final[Mapping[str, int]] = {
    "knapp": -1, "fast": -1, "gut": 1, "über": 1, "mehr als": 1,
}  # fmt: skip


def qualifier_of(finding: Finding) -> str:
    """The word that the source puts before its number ("knapp"); empty for an exact number."""
    return finding.evidence[0].key.get("qualifier", "") if finding.evidence else ""


def side_of(finding: Finding) -> int:
    """−1 where the source says that the value is a little less ("knapp"), +1 a little more."""
    return _SIDES.get(qualifier_of(finding), 0)


def gp_over_60(source: Source, region: Region) -> Finding:
    """Share of GPs over 60: of the place, else its planning area, else its Kreis."""
    facts = _facts(source)
    shared: dict[str, Any] = {
        "id": "gp-share-over-60",
        "topic": "supply",
        "label": "Hausärztinnen und Hausärzte über 60 Jahre",
        "unit": "percent",
    }
    near, kreis = _near_and_kreis(source, region, facts)
    for groups in (near, [kreis]):
        known = [found for place, rows in groups for found in _shares(rows, place, shared)]
        if known:
            # an undated fact stands back behind every dated one
            return max(known, key=lambda found: found.time_period.replace(UNDATED, ""))
    reason = "Für dieses Gebiet ist kein Anteil über 60 Jahre veröffentlicht."
    return no_data(reason, **shared, **about(region.place))


def hospital_staff(source: Source, region: Region) -> Finding:
    """Staff of the largest hospital in the place, as published."""
    label = "Beschäftigte eines Krankenhauses am Ort"
    return _largest(source, region, "hospital_employees", "hospital-staff", label, "persons")


def hospital_cases(source: Source, region: Region) -> Finding:
    """Inpatients a year of the largest hospital in the place, as published."""
    label = "Stationär Behandelte eines Krankenhauses am Ort"
    return _largest(source, region, "hospital_inpatients", "hospital-cases", label, "count")


def _facts(source: Source) -> pd.DataFrame:
    facts = source.table(TABLE)
    number = pd.to_numeric(facts["value_text"], errors="coerce")
    dates = facts["year_or_date"].map(lambda text: first_day(str(text)))
    known = facts.assign(obs_value=number, date=dates)
    return known.loc[number.notna() & dates.le(source.reference_date.isoformat())]


def _near_and_kreis(
    source: Source, region: Region, facts: pd.DataFrame
) -> tuple[list[_PlaceFacts], _PlaceFacts]:
    """Facts about the region, its members and its planning area; and those about its Kreis."""
    area = membership(source.table("planning_areas"), region.slug)
    near = [(region.place, facts.loc[facts["fact_key"].eq("+".join(region.members))])]
    for ags, key, name in zip(region.members, region.areas, region.member_names, strict=True):
        place = Place(key, name, "municipality", (key,))
        near.append((place, facts.loc[facts["fact_key"].eq(ags)]))
    if area.is_sure and area.planning_area:
        name = area.planning_area
        rows = facts.loc[facts["fact_region"].str.startswith(f"MB {name}")]
        near.append((Place(name, name, "planning_area", ()), rows))
    return near, (kreis_place(source, region), facts.loc[facts["fact_key"].eq(region.kreis)])


def _shares(rows: pd.DataFrame, place: Place, shared: dict[str, Any]) -> list[Finding]:
    """The share as it is published, and as two counts of one source give it; latest of each."""
    published = rows.loc[rows["indicator"].eq("gp_share_over_60")]
    found = [] if published.empty else [_published(published, place, shared)]
    counted = _share_from_counts(rows, place, shared)
    return found if counted is None else [*found, counted]


def _published(rows: pd.DataFrame, place: Place, shared: dict[str, Any]) -> Finding:
    latest = rows.sort_values("date").iloc[[-1]]
    row = latest.iloc[0]
    (evidence,) = evidence_of(latest.assign(date_text=row["date"]), TABLE)
    if word := qualifier(str(row["note"])):
        evidence = replace(evidence, key={**evidence.key, "qualifier": word})
    return Finding(
        **shared,
        **about(place),
        value=float(row["obs_value"]),
        time_period=str(row["date"]) or UNDATED,
        kind="veröffentlichter Wert",
        evidence=(evidence,),
        limits=_limits(row),
    )


def _limits(row: pd.Series) -> tuple[str, ...]:
    word = qualifier(str(row["note"]))
    return (
        f"Quelle: {row['source_title']}.",
        f"Die Quelle schreibt „{word}“ vor der Zahl." if word else _ROUNDED,
        *([] if row["date"] == row["year_or_date"] else [_APPROXIMATE]),
    )


def _share_from_counts(rows: pd.DataFrame, place: Place, shared: dict[str, Any]) -> Finding | None:
    """A share from two counts of one source and date; None where they do not stand together."""
    pairs = rows.loc[rows["indicator"].isin(["gp_count", "gp_count_over_60"]) & rows["date"].ne("")]
    for (_, date), pair in pairs.sort_values("date", ascending=False).groupby(
        ["source_title", "date"], sort=False
    ):
        if set(pair["indicator"]) == {"gp_count", "gp_count_over_60"}:
            values = pair.set_index("indicator")["obs_value"]
            return Finding(
                **shared,
                **about(place),
                value=100 * float(values["gp_count_over_60"]) / float(values["gp_count"]),
                time_period=str(date),
                kind="eigene Berechnung",
                evidence=evidence_of(pair.assign(measure=pair["indicator"]), TABLE),
                limits=_limits(pair.iloc[0]),
            )
    return None


def _largest(
    source: Source, region: Region, indicator: str, key: str, label: str, unit: str
) -> Finding:
    facts = _facts(source)
    own = facts.loc[facts["fact_key"].isin(region.members) & facts["indicator"].eq(indicator)]
    shared: dict[str, Any] = {"id": key, "topic": "hospital", "label": label, "unit": unit}
    if own.empty:
        reason = "Zu einem Krankenhaus am Ort ist keine Zahl veröffentlicht."
        return no_data(reason, **shared, **about(region.place))
    largest = own.sort_values("obs_value").iloc[[-1]]
    member = region.members.index(str(largest["fact_key"].iloc[0]))
    place = Place(
        region.areas[member], region.member_names[member], "municipality", (region.areas[member],)
    )
    return _published(largest, place, shared)
