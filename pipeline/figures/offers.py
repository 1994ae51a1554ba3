"""Figures of the chapter "Therapie, Apotheken und weitere Angebote"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures import charts, german
from pipeline.figures.contract import DataTable
from pipeline.figures.fact_notes import german_note
from pipeline.figures.hospital import date_words, printed
from pipeline.figures.prose import Prose, notice, tell, together
from pipeline.methods import offers
from pipeline.methods.findings import Finding, Uncertainty
from pipeline.methods.offers import Sector
from pipeline.methods.own_lists import COMPLETE, PARTIAL
from pipeline.sources.template_kinds import FACILITIES
from pipeline.tables.workspace import Workspace

#: Kind of offer → German name, in the order of the template that fills it.
KINDS: Mapping[str, str] = FACILITIES.column("sector").choices
#: What a municipality can do about a missing kind.
TEMPLATE = (
    "Die Vorlage „Gesundheitsangebote einer Gemeinde“ (facilities) nimmt eine eigene Liste auf. "
    "Liegt sie ausgefüllt im Ordner data/raw, füllt sich dieser Abschnitt."
)
#: Professions that no public source counts for a municipality and that no list of sites can show.
STAFF = ("Pflegekräfte", "Medizinische Fachangestellte")

#: What there is instead in a field without a figure of the municipality.
_INSTEAD = {
    "Pflege": "Zur Pflege gibt es frühere Zahlen des Kreises und ein Modell.",
    "Therapie": "Zur Therapie gibt es auch für den Kreis keine Zahl.",
}
#: What is said of a place where its list says nothing.
NOT_STATED = "keine Angabe"
_ACCESSIBLE = {
    "yes": "ja",
    "designated": "ja",
    "official": "ja",
    "limited": "eingeschränkt",
    "yes;limited": "eingeschränkt",
    "no": "nein",
}
_DEMAND = {
    "care_dependants": "Pflege",
    "outpatient_cases": "Arztbesuche",
    "therapy": "Therapie (Heilmittel)",
    "hospital_cases": "Krankenhausfälle",
}


def limits_notice(lab: Workspace) -> Prose:
    """What to beware of; with the municipality's own lists where there are any."""
    own = [] if lab.table("completeness").empty else ["completeness"]
    return notice(lab.warnings("facilities", "access", *own))


def coverage_table(lab: Workspace, sectors: Sequence[Sector]) -> DataTable:
    """What is known of each kind of offer in the region.

    Parameters
    ----------
    sectors : as returned by `methods.offers.sectors_of`.
    """
    rows = [
        (KINDS[sector.kind], _count(sector), _days(sector), _completeness(sector))
        for sector in sectors
    ]
    rows += [(name, german.NO_DATA, "", "keine Quelle für Gemeinden") for name in STAFF]
    sources = {row.source_id for sector in sectors for row in sector.evidence}
    return DataTable(
        id="offers-coverage",
        title="Was über die Angebote vor Ort bekannt ist",
        caption=f"{lab.region.name}: verzeichnete Standorte je Bereich. „Keine Daten“ heißt nicht, "
        "dass es dort nichts gibt; es heißt, dass niemand gezählt hat.",
        data=pd.DataFrame(rows, columns=["Bereich", "Bekannt", "Stand", "Vollständigkeit"]),
        level=_level(lab),
        as_of=lab.as_of,
        attributions=lab.attributions(sorted(sources)) or ["Versorgungslabor, eigene Übersicht"],
        is_computed=bool(sources),
    )


def _count(sector: Sector) -> str:
    if sector.n_sites is None:
        return german.NO_DATA
    if sector.n_sites == 0:
        return "kein Standort"
    count = german.number(sector.n_sites)
    if sector.known_total is not None:
        return f"{count} von {german.number(sector.known_total)} Standorten"
    return f"{count} Standort" if sector.n_sites == 1 else f"{count} Standorte"


def _completeness(sector: Sector) -> str:
    if not sector.has_data:
        return ""
    return {COMPLETE: "vollständig", PARTIAL: "unvollständig"}.get(
        sector.completeness, "Vollständigkeit unbekannt"
    )


def _days(sector: Sector) -> str:
    return german.interval(f"{sector.first_day}/{sector.last_day}") if sector.first_day else ""


def _level(lab: Workspace) -> str:
    return "Gemeinden" if lab.region.is_group else f"Gemeinde {lab.region.name}"


def fields_notice(sectors: Sequence[Sector]) -> Prose:
    """How many of KommKom's fields rest on no figure of the municipality."""
    missing = offers.fields_without_figures(sectors)
    if not missing:
        return notice(["Zu Pflege und Therapie liegt eine eigene Liste vor."], "note")
    fields = f"von {german.words(offers.ALL_FIELDS)} Feldern"
    count = german.counted(len(missing), f"einem {fields}|{fields}")
    return notice(
        [
            "Das Projekt KommKom hat für Medizin, Pflege und Therapie Empfehlungen gesucht. "
            f"In {count} fehlt hier jede Zahl aus der Gemeinde: {german.enumeration(missing)}.",
            *(_INSTEAD[name] for name in missing),
            TEMPLATE,
        ],
        "no-data",
    )


def rate_words(rate: Finding) -> Prose | None:
    """Pharmacies per inhabitant with the limits of the count and the warning; None without any."""
    if rate.uncertainty is None:
        return None
    sentence = tell(
        "{n.area}: Je zehntausend Menschen sind das {span} Apotheken ({n.kind} aus beiden "
        "Zählungen).",
        n=rate,
        span=_span(rate.uncertainty, 1),
    )
    return together(sentence, notice(rate.limits))


def _span(limits: Uncertainty, decimals: int) -> str:
    """ "2,0 bis 2,9"; "etwa 1,8" where both limits read the same."""
    low, high = (german.number(limit, decimals) for limit in (limits.low, limits.high))
    return f"etwa {low}" if low == high else f"{low} bis {high}"


def care_words(care: Finding) -> Prose:
    """Expected persons in need of care, with the variants of the rates as limits."""
    if care.uncertainty is None:
        return tell("{n.number}", n=care)  # says why there is none
    return tell(
        "{n.area}: Am {n.date} sind {span} Pflegebedürftige zu erwarten ({n.kind}; die Spanne "
        "reicht {method}).",
        n=care,
        span=_span(care.uncertainty, 0),
        method=care.uncertainty.method,
    )


def sites_table(lab: Workspace, sites: pd.DataFrame) -> DataTable:
    """The listed sites with address; names of houses, never of persons.

    Parameters
    ----------
    sites : as returned by `methods.offers.sites_of`.
    """
    if sites.empty:
        raise NoDataError(f"Für {lab.region.name} ist kein Standort verzeichnet")
    town = dict(zip(lab.region.members, lab.region.member_names, strict=True))
    data = pd.DataFrame(
        {
            "Bereich": sites["kind"].map(KINDS),
            "Name": sites["name"].replace("", "ohne Namen"),
            "Anschrift": [_address(row) for row in charts.rows_of(sites)],
            "Gemeinde": sites["site_ags"].map(town),
            "barrierefrei": sites["wheelchair"].map(accessibility),
            "Stand": [german.period(str(day), is_short=True) for day in sites["time_period"]],
        }
    )
    # a column with one and the same word in every row says nothing
    shown = data.drop(columns=[name for name in ("Bereich", "Gemeinde") if _is_same(data[name])])
    return DataTable(
        id="offer-sites",
        title="Die verzeichneten Standorte",
        caption=f"{lab.region.name}: Standorte mit Anschrift, soweit eingetragen. Die Liste kann "
        "Häuser enthalten, die inzwischen geschlossen haben; andere können fehlen.",
        data=shown,
        level=_level(lab),
        as_of=lab.as_of,
        attributions=lab.attributions(sorted(set(sites["source_id"]))),
    )


def accessibility(wheelchair: str) -> str:
    """Whether a place is accessible, from the word of the column `wheelchair`."""
    return _ACCESSIBLE.get(wheelchair, NOT_STATED)


def _is_same(column: pd.Series) -> bool:
    return column.nunique() == 1


def _address(row: Any) -> str:
    street = f"{row.street} {row.house_number}".strip()
    town = f"{row.site_postcode} {row.city}".strip()
    return ", ".join(part for part in (street, town) if part) or "nicht eingetragen"


def published_pharmacies_table(lab: Workspace, facts: pd.DataFrame) -> DataTable:
    """Pharmacies of the chamber's district, as published, date by date.

    Parameters
    ----------
    facts : as returned by `methods.published_facts.facts_named`.
    """
    district = lab.name_of(lab.region.kv)
    if facts.empty:
        raise NoDataError(f"Für {district} liegt keine veröffentlichte Zahl der Apotheken vor")
    rows = facts.sort_values("date")
    return DataTable(
        id="pharmacies-published",
        title=f"Apotheken in {district}: veröffentlichte Zahlen",
        caption=f"Ganz {district}, nicht die Gemeinde. Zahlen der Apothekerkammer, wie die Presse "
        "sie druckt, jede zu ihrem Datum.",
        data=pd.DataFrame(
            {
                "Stand": [date_words(str(text)) for text in rows["year_or_date"]],
                "Apotheken": [printed(row) for row in charts.rows_of(rows)],
                "Anmerkung": [german_note(str(note)) for note in rows["note"]],
                "Quelle": rows["source_title"].tolist(),
            }
        ),
        level=f"Bezirk {district}",
        as_of=lab.as_of,
        attributions=list(dict.fromkeys(rows["source_title"])),
    )


def demand_table(availability: pd.DataFrame) -> DataTable:
    """For which services an expected utilisation can be computed.

    Parameters
    ----------
    availability : derived table `demand_availability`.
    """
    available = availability["is_available"]
    return DataTable(
        id="demand-availability",
        title="Wofür sich eine erwartete Inanspruchnahme berechnen lässt",
        caption="Nötig sind veröffentlichte Raten nach Alter und Geschlecht. Wo sie fehlen, wird "
        "nicht gerechnet. Auch wo gerechnet wird, ist das Ergebnis die Nutzung bei heutigem "
        "Verhalten, nicht der Bedarf.",
        data=pd.DataFrame(
            {
                "Leistung": availability["measure"].map(_DEMAND).fillna(availability["measure"]),
                "Stand": available.map({True: "berechnet", False: german.NO_DATA}),
                "Grundlage": availability["note"].str.removeprefix("keine Daten: "),
            }
        ),
        level="Deutschland (Raten)",
        attributions=list(availability.loc[available, "note"]) or ["Versorgungslabor"],
    )
