"""The register of key indicators: what each looks at, what it is held against, and why it matters.

A new indicator is one entry of `INDICATORS`, and one sentence in `pipeline.figures.summary`. Steps
(the difference that counts as noticeable) are our own choice; they order findings and judge none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pandas as pd

from pipeline.errors import NoDataError, TableError
from pipeline.methods import care, hospitals, projected, projected_ages, social
from pipeline.methods import physicians as gp
from pipeline.methods import population as people
from pipeline.methods.findings import Comparison, Finding, Threshold, Uncertainty
from pipeline.methods.noteworthy import Indicator, Source
from pipeline.methods.observed import about, latest_finding, no_data
from pipeline.methods.published_planning import area_rows, grade_finding, membership
from pipeline.regions import Place, Region, kreis_region_name

#: The year up to which key findings look ahead.
HORIZON: Final = 2040


def kreis_place(source: Source, region: Region) -> Place:
    """The Kreis of a region; a kreisfreie Stadt is its own Kreis, so the figures are its own."""
    return region.place if region.is_kreis else source.place(region.kreis)


def beside(finding: Finding, other: Finding) -> Finding:
    """A finding with another area's value of the same indicator and period as its comparison."""
    if finding.value is None or other.value is None or finding.ref_area == other.ref_area:
        return finding
    if finding.time_period != other.time_period:
        return finding
    return replace(
        finding,
        comparison=Comparison(
            other.value,
            other.ref_area_name,
            other.level,
            other.time_period,
            across_levels=finding.level != other.level,
        ),
    )


# --- population ----------------------------------------------------------------------------


def _population(source: Source, region: Region) -> Finding:
    return people.total_finding(source.table("population", region.areas), region.place)


def _neighbour(source: Source, region: Region) -> Place:
    """The next larger area: the Kreis, for a kreisfreie Stadt the Land."""
    return source.place(region.land if region.is_kreis else region.kreis)


def _old_age_ratio(source: Source, region: Region) -> Finding:
    """The old-age ratio of today where it and its comparison are known, else the published one."""
    try:
        found = _old_age_ratio_today(source, region)
    except TableError:  # the stage `model` has not run: what is published still stands
        return _old_age_ratio_published(source, region)
    return found if found.comparison is not None else _old_age_ratio_published(source, region)


def _old_age_ratio_today(source: Source, region: Region) -> Finding:
    other = _neighbour(source, region)
    areas = (*region.areas, other.ref_area)
    rows, errors = source.derived("projection", areas), source.derived("age_structure_error")
    sources = projected.sources_of_start(source.table("population", areas), areas)
    here, there = (
        projected_ages.old_age_ratio_finding(rows, errors, place, sources)
        for place in (region.place, other)
    )
    if here.kind == "Schätzung":
        note = "Der heutige Altersaufbau der Gemeinde ist geschätzt, nicht gezählt."
        here = replace(here, limits=(note,))
    return beside(here, there)


def _old_age_ratio_published(source: Source, region: Region) -> Finding:
    other = _neighbour(source, region)
    rows = source.table("population", (*region.areas, other.ref_area))
    if not set(region.areas) <= set(rows["ref_area"]):
        raise NoDataError("Der Altersaufbau der Gemeinde liegt hier nicht vor.")
    day = people.latest_age_structure(rows, region.place)
    here = people.ratio_finding(rows, region.place, "old_age_ratio", day)
    there = people.ratio_finding(rows, other, "old_age_ratio", day)
    limits = (
        f"Der Altersaufbau der Gemeinde ist zuletzt für {day[:4]} veröffentlicht; er beruht auf "
        "dem damals gültigen Zensus.",
    )
    return beside(replace(here, limits=limits), there)


# --- projection ----------------------------------------------------------------------------


def _projected(
    source: Source, region: Region, table: str
) -> tuple[pd.DataFrame, Place, dict[str, str]]:
    """A projected table, the place that it knows, and the sources that its rows start from.

    The Kreis stands in where the municipality is not projected; its level says so.
    """
    areas = (*region.areas, region.kreis)
    rows = source.derived(table, areas)
    known = set(rows["ref_area"])
    place = region.place if known >= set(region.areas) else source.place(region.kreis)
    if not known >= set(place.areas):
        raise NoDataError("Für dieses Gebiet ist keine Vorausberechnung gerechnet.")
    return rows, place, projected.sources_of_start(source.table("population", areas), areas)


def _change_ahead(source: Source, region: Region, group: tuple[int, int | None]) -> Finding:
    rows, place, sources = _projected(source, region, "projection")
    found = projected.change_finding(rows, place, HORIZON, sources, group)
    today = Threshold(0.0, "heutige Zahl", "Vorausberechnung, Ausgangswert")
    return replace(
        found,
        threshold=today,
        limits=(
            "Eine Vorausberechnung zeigt, was käme, wenn die Annahmen einträten. Die Spanne ist so "
            "gewählt, dass sie den späteren Wert dann in vier von fünf Fällen enthält.",
        ),
    )


def _population_ahead(source: Source, region: Region) -> Finding:
    return _change_ahead(source, region, projected.EVERYBODY)


def _very_old_ahead(source: Source, region: Region) -> Finding:
    return _change_ahead(source, region, projected.VERY_OLD)


def _care_ahead(source: Source, region: Region) -> Finding:
    """Change of expected care dependants: today's care rates, up to rates that go on rising."""
    rows, place, sources = _projected(source, region, "care_demand")
    path = projected.paths(rows, place.areas)
    start = projected.start_year(path)
    changes = {
        variant: _percent(projected.at(path, start, variant), projected.at(path, HORIZON, variant))
        for variant in ("status_quo", "rising_rates")
    }
    evidence = [
        projected.evidence_at(
            rows, "care_demand", place, [start, HORIZON], sources, variant=variant
        )
        for variant in changes
    ]
    return Finding(
        id="care-dependants-2040",
        topic="care",
        label="Veränderung der Zahl der Pflegebedürftigen bis 2040",
        unit="percent",
        **about(place),
        value=changes["status_quo"],
        time_period=str(HORIZON),
        kind="Schätzung",
        uncertainty=Uncertainty(
            min(changes.values()), max(changes.values()), None,
            "von heutigen zu weiter steigenden Pflegequoten",
        ),
        threshold=Threshold(0.0, "heutige Zahl", "Modell, Ausgangswert"),
        evidence=tuple(row for rows_of in evidence for row in rows_of),
        limits=(
            "Erwartet ist die Inanspruchnahme bei heutigem Verhalten, nicht der Bedarf.",
            "Für Gemeinden gibt es keine gezählten Pflegebedürftigen; die Zahl ist ein Modell.",
        ),
    )  # fmt: skip


def _percent(start: pd.Series | None, end: pd.Series | None) -> float:
    if start is None or end is None:
        raise NoDataError("Für dieses Gebiet ist keine Zahl der Pflegebedürftigen gerechnet.")
    return 100.0 * (float(end["obs_value"]) / float(start["obs_value"]) - 1.0)


def _care_places(source: Source, region: Region) -> Finding:
    kreis, land = kreis_place(source, region), source.place(region.land)
    keys = (kreis.ref_area, land.ref_area)
    return care.places_finding(
        source.table("care", keys), source.table("population", keys), kreis, land
    )


# --- physicians ----------------------------------------------------------------------------


def _gp_profile(source: Source, region: Region, measure: str) -> Finding:
    kreis, association = kreis_place(source, region), source.place(region.kv)
    rows = source.table("physicians", (kreis.ref_area, association.ref_area))
    here = gp.profile_finding(rows, kreis, measure)
    return beside(here, gp.profile_finding(rows, association, measure))


def _gp_density(source: Source, region: Region) -> Finding:
    return _gp_profile(source, region, "density")


def _gp_age(source: Source, region: Region) -> Finding:
    return _gp_profile(source, region, "share_over_65")


def _grade(source: Source, region: Region) -> Finding:
    area = membership(source.table("planning_areas"), region.slug)
    rows = area_rows(source.table("needs_planning"), area, source.reference_date)
    rows = rows.loc[rows["is_dated"]]  # a value of an unknown year is no key finding
    found = grade_finding(rows, area)
    # a planning area that is the same ground as the region speaks for the region itself
    return found if area.is_larger else replace(found, level=region.place.level)


def _minutes(source: Source, region: Region) -> Finding:
    key = f"KREG:{region.kreis}000"
    rows = source.table("access", (key,))
    place = source.place(key)
    named = replace(place, name=kreis_region_name(place.name))
    return latest_finding(
        rows.loc[rows["measure"].eq("minutes_by_car_to_next_gp")], "access", named,
        id="minutes-to-gp", topic="access", label="Pkw-Minuten zur nächsten Hausarztpraxis",
        unit="minutes",
    )  # fmt: skip


# --- social situation, hospitals -----------------------------------------------------------


def _minimum_income(source: Source, region: Region) -> Finding:
    """The quota of the municipality; of a group, that of the member with the highest one.

    Quotas of several municipalities are not averaged: their denominators are not published.
    """
    rows = source.table("social", (*region.areas, region.land))
    places = [source.place(key) for key in region.areas] if region.is_group else [region.place]
    found = social.quota_findings(rows, places)
    if not all(finding.is_known for finding in found):
        return no_data(
            "Die Quote liegt nur für Gemeinden in Nordrhein-Westfalen vor.",
            id="minimum-income-quota", topic=social.TOPIC, label="Mindestsicherungsquote",
            unit="percent", **about(region.place),
        )  # fmt: skip
    highest = max(found, key=lambda finding: finding.value or 0.0)
    note = "Unterkünfte für Geflüchtete wirken sich auf die Quote einzelner Gemeinden aus."
    if region.is_group:
        highest = replace(highest, label="höchste Mindestsicherungsquote der Gemeinden")
    land = social.quota_finding(rows, source.place(region.land))
    return beside(replace(highest, limits=(note,)), land)


def _deprivation(source: Source, region: Region) -> Finding:
    kreis = kreis_place(source, region)
    found = social.deprivation_finding(source.table("deprivation", (kreis.ref_area,)), kreis)
    return replace(found, limits=("Der Index ist kein Maß der Gesundheit und zeigt keinen Trend.",))


def _beds(source: Source, region: Region) -> Finding:
    kreis, land = kreis_place(source, region), source.place(region.land)
    keys = (kreis.ref_area, land.ref_area)
    beds, inhabitants = source.table("hospitals", keys), source.table("population", keys)
    here, there = (
        hospitals.beds_per_1000_finding(beds, inhabitants, place) for place in (kreis, land)
    )
    note = "Krankenhäuser versorgen auch Menschen aus den Nachbarkreisen."
    return beside(replace(here, limits=(note,)), there)


#: The register, in the order in which equal weights are shown.
INDICATORS: Final[tuple[Indicator, ...]] = (
    Indicator(
        id="population-total", topic="population", label="Einwohnerzahl", unit="persons",
        why="Alle Planung beginnt mit der Zahl der Menschen.", find=_population,
    ),
    Indicator(
        id="population-2040", topic="population", label="Veränderung der Einwohnerzahl bis 2040",
        unit="percent", why="Wie viele Menschen zu versorgen sind, bestimmt jede weitere Planung.",
        find=_population_ahead, step=5.0,
    ),
    Indicator(
        id="aged-80-2040", topic="population",
        label="Veränderung der Zahl der Menschen ab 80 Jahren bis 2040", unit="percent",
        why="Ab diesem Alter steigt der Bedarf an Pflege und Hausbesuchen stark.",
        find=_very_old_ahead, step=10.0,
    ),
    Indicator(
        id="old-age-ratio", topic="population", label="Altenquotient", unit="per_100",
        why="Er zeigt, auf wie viele Menschen im Erwerbsalter ein älterer Mensch kommt.",
        find=_old_age_ratio, step=3.0,
    ),
    Indicator(
        id="care-dependants-2040", topic="care",
        label="Veränderung der Zahl der Pflegebedürftigen bis 2040", unit="percent",
        why="Mehr Pflegebedürftige brauchen mehr Plätze, Dienste und Angehörige, die pflegen.",
        find=_care_ahead, step=10.0,
    ),
    Indicator(
        id="care-places-per-100", topic="care",
        label="Dauerpflegeplätze je 100 Menschen ab 80 Jahren", unit="per_100",
        why="Fehlen Plätze, müssen Pflegebedürftige in die Nachbarschaft ausweichen.",
        find=_care_places, step=2.0,
    ),
    Indicator(
        id="published-grade", topic="supply", label="Versorgungsgrad der Hausärzte",
        unit="percent", why="Er entscheidet, ob sich Hausärztinnen und Hausärzte frei "
        "niederlassen dürfen.", find=_grade, step=12.5, polarity=1,
        norm=Threshold(100.0, "Soll erfüllt", "Bedarfsplanungs-Richtlinie"),
    ),
    Indicator(
        id="gp-density", topic="supply", label="Hausärztinnen und Hausärzte je 100.000 Einwohner",
        unit="per_100000", why="Wo es weniger Praxen gibt, werden Termine und Wege länger.",
        find=_gp_density, step=3.0, polarity=1,
    ),
    Indicator(
        id="gp-share-over-65", topic="supply", label="Hausärztinnen und Hausärzte über 65 Jahre",
        unit="percent", why="Wer über 65 Jahre alt ist, sucht bald eine Nachfolge.",
        find=_gp_age, step=3.0, polarity=-1,
    ),
    Indicator(
        id="minutes-to-gp", topic="access", label="Pkw-Minuten zur nächsten Hausarztpraxis",
        unit="minutes", why="Wer kein Auto hat, braucht für denselben Weg ein Mehrfaches.",
        find=_minutes,
    ),
    Indicator(
        id="minimum-income-quota", topic="social", label="Mindestsicherungsquote", unit="percent",
        why="Menschen mit wenig Einkommen sind häufiger krank und weniger mobil.",
        find=_minimum_income, step=3.0, polarity=-1,
    ),
    Indicator(
        id="gisd-fifth", topic="social", label="Deprivation, Fünftel der Kreise",
        unit="quintile_of_400_kreise", why="Das Fünftel zeigt, wie der Kreis sozial dasteht.",
        find=_deprivation, step=1.0, polarity=-1,
        norm=Threshold(3.0, "mittleres Fünftel", "Rangordnung der Kreise"),
    ),
    Indicator(
        id="hospital-beds-per-1000", topic="hospital",
        label="Krankenhausbetten je tausend Einwohner", unit="per_1000",
        why="Die Zahl der Betten zeigt, ob der Kreis sich selbst versorgt oder versorgt wird.",
        find=_beds, step=1.0,
    ),
)  # fmt: skip
