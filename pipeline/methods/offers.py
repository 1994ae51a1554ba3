"""Health offers of a municipality: what is known of which sector, and how sure it is.

Public data count pharmacies only (OpenStreetMap). Every other sector rests on a list that the
municipality itself brings in. A sector without a list is unknown, never zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from pipeline.methods.evidence import evidence_of
from pipeline.methods.findings import Evidence, Finding, Uncertainty
from pipeline.methods.observed import NO_PERIOD, about, no_data
from pipeline.methods.own_lists import COMPLETE, PARTIAL, UNKNOWN, statements
from pipeline.regions import Place, Region

TOPIC: Final = "offers"
#: Fields of KommKom's workshops without a figure of the municipality, unless its own list speaks of
#: one of these kinds. The third field, medicine, has figures of the Kreis and of the planning area.
FIELDS: Final = {
    "Pflege": ("home_care", "day_care", "residential_care"),
    "Therapie": ("psychotherapy", "therapy", "midwifery"),
}
#: Fields of KommKom altogether: medicine, care, therapy.
ALL_FIELDS: Final = 3


@dataclass(frozen=True)
class Sector:
    """What is known of one kind of offer in a region.

    Attributes
    ----------
    kind : word of the column `kind` of the table `facilities`.
    n_sites : sites that are listed; 0 only where a list says that it is whole, None where no list
        speaks of this kind.
    first_day, last_day : oldest and newest day of the sites, empty without any.
    completeness : `COMPLETE`, `PARTIAL` or `UNKNOWN`, as the list itself says.
    known_total : how many there are altogether, if somebody knows.
    evidence : the lists behind it, with the number of their rows.
    """

    kind: str
    n_sites: int | None
    first_day: str = ""
    last_day: str = ""
    completeness: str = UNKNOWN
    known_total: float | None = None
    evidence: tuple[Evidence, ...] = ()

    @property
    def has_data(self) -> bool:
        """Whether there is any number: listed sites, or the true zero of a complete list."""
        return self.n_sites is not None


# ------------------------------------------------------------------------------- sites


def sites_of(facilities: pd.DataFrame, region: Region) -> pd.DataFrame:
    """The rows of `facilities` in a region's municipalities, by kind, municipality and name."""
    rows = facilities.loc[facilities["site_ags"].isin(region.members)]
    return rows.sort_values(["kind", "site_ags", "name", "longitude"], ignore_index=True)


def sectors_of(
    facilities: pd.DataFrame,
    region: Region,
    kinds: Sequence[str],
    completeness: pd.DataFrame,
) -> list[Sector]:
    """What is known of each kind of offer.

    Parameters
    ----------
    facilities : table `facilities`.
    kinds : the kinds that are asked for.
    completeness : table of what the municipalities' own lists say of themselves.

    Returns
    -------
    One `Sector` a kind, in the order of `kinds`.
    """
    sites = sites_of(facilities, region)
    return [
        _sector(
            kind,
            sites.loc[sites["kind"].eq(kind)],
            statements(completeness, "facilities", kind, region.areas),
        )
        for kind in kinds
    ]


def _sector(kind: str, sites: pd.DataFrame, stated: pd.DataFrame) -> Sector:
    word = _common_word(stated)
    total = stated["known_total"].sum(min_count=len(stated)) if len(stated) else float("nan")
    known_total = None if word == UNKNOWN or pd.isna(total) else float(total)
    if sites.empty and word != COMPLETE:
        return Sector(kind, None, completeness=word, known_total=known_total)
    return Sector(
        kind,
        len(sites),
        first_day=str(sites["time_period"].min()) if len(sites) else "",
        last_day=str(sites["time_period"].max()) if len(sites) else "",
        completeness=word,
        known_total=known_total,
        evidence=_counted(kind, sites) or _stated_zero(kind, stated),
    )


def _counted(kind: str, sites: pd.DataFrame) -> tuple[Evidence, ...]:
    """How many sites each source lists in each municipality."""
    return tuple(
        Evidence(
            source_id=str(source),
            table="facilities",
            key={"kind": kind, "site_ags": str(ags)},
            value=float(len(rows)),
        )
        for (source, ags), rows in sites.groupby(["source_id", "site_ags"])
    )


def _stated_zero(kind: str, stated: pd.DataFrame) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            source_id=str(row["source_id"]),
            table="completeness",
            key={"ref_area": str(row["ref_area"]), "sector": kind},
            value=0.0,
        )
        for row in stated.to_dict("records")
    )


def _common_word(stated: pd.DataFrame) -> str:
    """Whole only where the list of every member is; unknown where one of them is."""
    words = set(stated["completeness"])
    if not words or UNKNOWN in words:
        return UNKNOWN
    return COMPLETE if words == {COMPLETE} else PARTIAL


def coverage_finding(sectors: Sequence[Sector], place: Place) -> Finding:
    """How many kinds of offers have any number here (id ``offers-covered``).

    The number of all kinds, the m of "n von m", is ``len(sectors)``.
    """
    shared: dict[str, Any] = {
        "id": "offers-covered",
        "topic": TOPIC,
        "label": "Bereiche mit einer Zahl für die Gemeinde",
        "unit": "count",
        **about(place),
    }
    known = [sector for sector in sectors if sector.has_data]
    if not known:
        return no_data("Zu keinem Bereich liegt eine Zahl vor.", **shared)
    return Finding(
        **shared,
        value=float(len(known)),
        time_period=max(sector.last_day for sector in known) or NO_PERIOD,
        kind="eigene Berechnung",
        evidence=tuple(row for sector in known for row in sector.evidence),
    )


def fields_without_figures(sectors: Sequence[Sector]) -> list[str]:
    """The fields of `FIELDS` of which no kind of offer has a number here."""
    known = {sector.kind for sector in sectors if sector.has_data}
    return [name for name, kinds in FIELDS.items() if not known.intersection(kinds)]


# ------------------------------------------------------------------------------- utilisation


def expected_care_finding(
    care_demand: pd.DataFrame, place: Place, day: str, start: Finding
) -> Finding:
    """Persons in need of care to be expected on a day (id ``expected-care-use``), a model.

    Expected utilisation at the behaviour of the year of the rates, not need. The value holds the
    rates constant; the limits are the two variants of the rates, without the error of the projected
    population.

    Parameters
    ----------
    care_demand : derived table of this name.
    start : population that the model starts at; its source is that of the evidence.
    """
    rows = care_demand.loc[
        care_demand["ref_area"].isin(place.areas)
        & care_demand["measure"].eq("care_dependants")
        & care_demand["time_period"].eq(day)
    ]
    shared: dict[str, Any] = {
        "id": "expected-care-use",
        "topic": TOPIC,
        "label": "erwartete Zahl der Pflegebedürftigen",
        "unit": "persons",
        **about(place),
    }
    if not start.evidence or not set(place.areas) <= set(rows["ref_area"]):
        return no_data("Für dieses Gebiet ist keine Zahl gerechnet.", **shared)
    by_variant = rows.groupby("variant")["obs_value"].sum()
    steady = rows.loc[rows["variant"].eq("status_quo")]
    return Finding(
        **shared,
        value=float(by_variant["status_quo"]),
        time_period=day,
        kind="Schätzung",
        uncertainty=Uncertainty(
            float(by_variant.min()),
            float(by_variant.max()),
            None,
            "von gleich bleibenden zu weiter steigenden Pflegequoten",
        ),
        evidence=evidence_of(steady.assign(source_id=start.evidence[0].source_id), "care_demand"),
        limits=("Erwartet ist die Inanspruchnahme bei heutigem Verhalten, nicht der Bedarf.",),
    )
