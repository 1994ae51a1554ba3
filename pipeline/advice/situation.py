"""The situation of a region: the findings that rules may ask for, by indicator.

The key indicators of the report (`methods.key_indicators`) come first; a few more, which only
advice needs, stand in `EXTRA`. Together they are the vocabulary of the rules: a rule that names
anything else is refused when the catalogue is read. Values keep the level that they are known at,
and what is unknown is a finding too ("keine Daten").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from pipeline.advice import local_facts
from pipeline.methods.evidence import evidence_of
from pipeline.methods.findings import Finding, Uncertainty
from pipeline.methods.key_findings import collect
from pipeline.methods.key_indicators import INDICATORS as KEY_INDICATORS
from pipeline.methods.key_indicators import beside, kreis_place
from pipeline.methods.noteworthy import Indicator, Source
from pipeline.methods.observed import about, latest_finding, no_data
from pipeline.methods.physicians import profile_finding
from pipeline.methods.population import total_finding
from pipeline.methods.published_planning import CURRENT, area_rows, membership
from pipeline.regions import Place, Region
from pipeline.tables.workspace import Workspace

#: The labels of `EXTRA` name the year of the last day.
_START, _END = "2024-12-31", "2040-12-31"

Find = Callable[[Source, Region], Finding]


def situation(lab: Workspace) -> dict[str, Finding]:
    """Every indicator of the vocabulary with its finding for the region of a workspace."""
    found = collect(lab, indicators=tuple(INDICATORS.values()))
    return {item.indicator: item.finding for item in found}


# --- people --------------------------------------------------------------------------------


def _smallest_member(source: Source, region: Region) -> Finding:
    population = source.table("population", region.areas)
    totals = [total_finding(population, place) for place in _members(region)]
    smallest = min(totals, key=lambda finding: finding.value or float("inf"))
    return replace(
        smallest, id="smallest-municipality", label="Einwohnerzahl der kleinsten Gemeinde"
    )


def _members(region: Region) -> list[Place]:
    return [
        Place(area, name, "municipality", (area,))
        for area, name in zip(region.areas, region.member_names, strict=True)
    ]


def _density(source: Source, region: Region) -> Finding:
    population = total_finding(source.table("population", region.areas), region.place)
    municipalities = source.table("municipalities")
    area = municipalities.loc[municipalities["ags"].isin(region.members)]
    shared: dict[str, Any] = {
        "id": "population-density", "topic": "population", "label": "Einwohner je km²",
        "unit": "persons_per_km2", **about(region.place),
    }  # fmt: skip
    if population.value is None or len(area) < len(region.members):
        return no_data("Einwohnerzahl oder Fläche ist nicht bekannt.", **shared)
    rows = area.assign(ref_area=area["ags"])
    return Finding(
        **shared,
        value=population.value / float(area["area_km2"].sum()),
        time_period=population.time_period,
        kind="eigene Berechnung",
        evidence=(*population.evidence, *evidence_of(rows, "municipalities", "area_km2")),
    )


def _age_group_ahead(age_from: int, age_to: int | None, key: str, label: str) -> Find:
    """Expected change of an age group from today to 2040, middle variant, with its band."""

    def find(source: Source, region: Region) -> Finding:
        rows = source.derived("projection", region.areas)
        end = rows["age_to"].isna() if age_to is None else rows["age_to"].eq(age_to).fillna(False)
        rows = rows.loc[
            rows["variant"].eq("middle")
            & rows["age_from"].eq(age_from)
            & end
            & rows["time_period"].isin([_START, _END])
        ]
        shared: dict[str, Any] = {
            "id": key, "topic": "population", "label": label, "unit": "percent",
            **about(region.place),
        }  # fmt: skip
        if set(rows["ref_area"]) != set(region.areas):
            return no_data("Für dieses Gebiet ist keine Vorausberechnung gerechnet.", **shared)
        last = rows["time_period"].eq(_END)
        start = float(rows.loc[~last, "obs_value"].sum())
        low, value, high = (
            100 * (float(rows.loc[last, name].sum()) / start - 1)
            for name in ("lower_80", "obs_value", "upper_80")
        )
        # an estimate starts at the published total, whose source is the evidence's
        total = total_finding(source.table("population", region.areas), region.place)
        based = rows.assign(source_id=total.evidence[0].source_id)
        return Finding(
            **shared,
            value=value,
            time_period=_END,
            kind="Schätzung",
            uncertainty=Uncertainty(low, high, 0.8, "80-Prozent-Spanne der Vorausberechnung"),
            evidence=evidence_of(based, "projection"),
            limits=("Eine Vorausberechnung zeigt, was käme, wenn die Annahmen einträten.",),
        )

    return find


# --- supply --------------------------------------------------------------------------------


def _open_seats(source: Source, region: Region) -> Finding:
    area = membership(source.table("planning_areas"), region.slug)
    rows = area_rows(source.table("needs_planning"), area, source.reference_date)
    rows = rows.loc[rows["open_seats"].notna() & rows["standing"].eq(CURRENT)]
    shared: dict[str, Any] = {
        "id": "gp-open-seats", "topic": "supply", "label": "Freie Hausarztsitze bis zur Sperrung",
        "unit": "seats", "ref_area": area.planning_area or "unbekannt",
        "ref_area_name": area.planning_area or "nicht belegt", "level": "planning_area",
    }  # fmt: skip
    if rows.empty:
        reason = "Für den Planungsbereich ist keine aktuelle Zahl freier Sitze veröffentlicht."
        return no_data(reason, **shared)
    latest = rows.iloc[[-1]]
    return Finding(
        **shared,
        value=float(latest["open_seats"].iloc[0]),
        time_period=str(latest["date_text"].iloc[0]),
        kind="veröffentlichter Wert",
        evidence=evidence_of(latest, "needs_planning", "open_seats"),
    )


def _physicians(measure: str, group: str, key: str, label: str) -> Find:
    """A measure of the Kreis, held against the area of the association (KV)."""

    def find(source: Source, region: Region) -> Finding:
        kreis, association = kreis_place(source, region), source.place(region.kv)
        rows = source.table("physicians", (kreis.ref_area, association.ref_area))
        here = profile_finding(rows, kreis, measure, group)
        found = beside(here, profile_finding(rows, association, measure, group))
        return replace(found, id=key, label=label)

    return find


def _out_commuters(source: Source, region: Region) -> Finding:
    rows = source.table("structure", (region.kreis,))
    return latest_finding(
        rows.loc[rows["measure"].eq("out_commuters")], "structure", kreis_place(source, region),
        id="out-commuters", topic="structure", unit="percent",
        label="Anteil der Auspendler an den Beschäftigten mit Wohnort hier",
    )  # fmt: skip


def _sites(kind: str, key: str, label: str, reason: str, limit: str) -> Find:
    """Sites of a kind in the municipality; none listed is "keine Daten", never zero."""

    def find(source: Source, region: Region) -> Finding:
        sites = source.table("facilities")
        own = sites.loc[sites["kind"].eq(kind) & sites["site_ags"].isin(region.members)]
        shared: dict[str, Any] = {
            "id": key,
            "topic": "offers",
            "label": label,
            "unit": "count",
            **about(region.place),
        }
        if own.empty:
            return no_data(reason, **shared)
        return Finding(
            **shared,
            value=float(len(own)),
            time_period=str(own["time_period"].max()),
            kind="eigene Berechnung",
            evidence=evidence_of(_counted(own), "facilities"),
            limits=(limit,),
        )

    return find


def _counted(sites: pd.DataFrame) -> pd.DataFrame:
    return sites.assign(obs_value=1.0, ref_area=sites["site_ags"])


def _offers(kind: str, key: str, label: str) -> Indicator:
    reason = f"{label}: Für Gemeinden ist nichts veröffentlicht, und eine eigene Liste fehlt."
    limit = "Gezählt ist die eingespielte Liste."
    return _indicator(
        key, "offers", label, "count", _sites(kind, key, label, reason, limit), step=1.0
    )


def _indicator(
    key: str, topic: str, label: str, unit: str, find: Find, step: float | None = None
) -> Indicator:
    """An entry of `EXTRA`; why it matters stands in the measures that ask for it."""
    return Indicator(id=key, topic=topic, label=label, unit=unit, why=label, find=find, step=step)


_SHARE_EMPLOYED = "Anteil angestellter Hausärztinnen und Hausärzte"
_PAEDIATRICIANS = "Kinderärztinnen und Kinderärzte je 100.000 Einwohner"
_PSYCHOTHERAPISTS = "Psychologische Psychotherapeuten je 100.000 Einwohner"
_GROUP = "Hausärztliche Fachgruppen"
_PSYCHOLOGISTS = "Psychologische Psychotherapeuten"
_WORKING = "Veränderung der Zahl der Menschen von 18 bis 64 Jahren bis 2040"
_CHILDREN = "Veränderung der Zahl der Menschen unter 18 Jahren bis 2040"
_OLD = "Veränderung der Zahl der Menschen ab 75 Jahren bis 2040"
_NO_PHARMACY = "OpenStreetMap nennt hier keine Apotheke; das kann eine Lücke der Karte sein."
_OSM = "Zählung von Freiwilligen (OpenStreetMap); sie kann unvollständig sein."

#: What only advice asks for, beside the key indicators of the report.
EXTRA: tuple[Indicator, ...] = (
    _indicator("smallest-municipality", "population", "Einwohnerzahl der kleinsten Gemeinde",
               "persons", _smallest_member),
    _indicator("population-density", "population", "Einwohner je km²", "persons_per_km2",
               _density),
    _indicator("working-age-2040", "population", _WORKING, "percent",
               _age_group_ahead(18, 64, "working-age-2040", _WORKING), step=5.0),
    _indicator("children-2040", "population", _CHILDREN, "percent",
               _age_group_ahead(0, 17, "children-2040", _CHILDREN), step=10.0),
    _indicator("aged-75-2040", "population", _OLD, "percent",
               _age_group_ahead(75, None, "aged-75-2040", _OLD), step=10.0),
    _indicator("gp-open-seats", "supply", "Freie Hausarztsitze bis zur Sperrung", "seats",
               _open_seats, step=5.0),
    _indicator("gp-share-over-60", "supply", "Hausärztinnen und Hausärzte über 60 Jahre",
               "percent", local_facts.gp_over_60, step=10.0),
    _indicator("gp-share-employed", "supply", _SHARE_EMPLOYED, "percent",
               _physicians("share_employed", _GROUP, "gp-share-employed", _SHARE_EMPLOYED),
               step=5.0),
    _indicator("paediatricians", "supply", _PAEDIATRICIANS, "per_100000",
               _physicians("density", "Kinderärzte", "paediatricians", _PAEDIATRICIANS),
               step=1.5),
    _indicator("psychotherapists", "supply", _PSYCHOTHERAPISTS, "per_100000",
               _physicians("density", _PSYCHOLOGISTS, "psychotherapists", _PSYCHOTHERAPISTS),
               step=6.0),
    _indicator("out-commuters", "structure", "Anteil der Auspendler", "percent", _out_commuters),
    _indicator("hospital-staff", "hospital", "Beschäftigte eines Krankenhauses am Ort", "persons",
               local_facts.hospital_staff),
    _indicator("hospital-cases", "hospital", "Stationär Behandelte eines Krankenhauses am Ort",
               "count", local_facts.hospital_cases),
    _indicator("pharmacies", "access", "Apotheken am Ort", "count",
               _sites("pharmacy", "pharmacies", "Apotheken am Ort", _NO_PHARMACY, _OSM), step=1.0),
    _offers("therapy", "therapists", "Praxen für Therapie"),
    _offers("midwifery", "midwives", "Angebote der Hebammenhilfe"),
    _offers("home_care", "home-care", "Ambulante Pflegedienste"),
    _offers("counselling", "counselling", "Beratungsstellen"),
)  # fmt: skip

#: The vocabulary of the rules.
INDICATORS: Mapping[str, Indicator] = {item.id: item for item in (*KEY_INDICATORS, *EXTRA)}

#: Properties of a place (its size, its hospital) that no measure is meant to change; they never
#: stand under "what would make the recommendation go away".
CONTEXT = frozenset(
    {
        "population-total", "smallest-municipality", "population-density", "out-commuters",
        "hospital-staff", "hospital-cases",
    }
)  # fmt: skip
