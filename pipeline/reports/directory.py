"""The directory of health offers of a region: what is listed, where it comes from, what differs.

A municipality's own list goes before the map (`tables/user_merge.py` merges them); here its
difference to the map is kept in sight. A kind of offer of which no list speaks is unknown, not
absent.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from pipeline.figures import german
from pipeline.figures.charts import rows_of
from pipeline.figures.offers import KINDS, accessibility
from pipeline.keys import area_key
from pipeline.methods import offer_checks
from pipeline.methods.offers import Sector, sectors_of, sites_of
from pipeline.provenance import LICENCES
from pipeline.sources.embedded import FACILITY_SITES
from pipeline.sources.site_details import SEPARATOR, language_names, web_address
from pipeline.tables import storage
from pipeline.tables.osm_facilities import municipality_of
from pipeline.tables.user_lists import OWN
from pipeline.tables.workspace import Workspace

#: The sites of the map that come with the workspace, below data/raw.
MAP_FILE = Path("figures") / "pharmacy_sites_osm.csv"
UNNAMED = "ohne Namen"


@dataclass(frozen=True)
class Offer:
    """A listed offer in words for readers; coordinates in degrees, None where unknown.

    `languages` are codes of ISO 639 in the order of their German names; `website` is a web address
    or empty.
    """

    kind: str
    name: str
    street: str
    postcode: str
    city: str
    ags: str
    place: str
    access: str
    languages: tuple[str, ...]
    website: str
    longitude: float | None
    latitude: float | None
    day: str
    source_id: str
    is_own: bool
    remark: str

    @property
    def kind_name(self) -> str:
        """The kind in German."""
        return KINDS.get(self.kind, self.kind)

    @property
    def address(self) -> str:
        """Street and place as far as listed; the municipality stands in for an unlisted place."""
        town = f"{self.postcode} {self.city or self.place}".strip()
        return ", ".join(part for part in (self.street, town) if part)

    @property
    def language_words(self) -> str:
        """The spoken languages in German; empty where nobody has listed them."""
        return ", ".join(language_name(code) for code in self.languages)

    @property
    def website_name(self) -> str:
        """The website as readers write it: without scheme and "www."."""
        return self.website.partition("://")[2].removeprefix("www.").rstrip("/")

    @property
    def is_misplaced(self) -> bool:
        """Whether its coordinates do not fit its municipality."""
        return bool(self.remark)


@dataclass(frozen=True)
class Directory:
    """All that the page of a region shows.

    Attributes
    ----------
    sectors : what is known of each kind of offer.
    states : AGS → kind → `sites`, `none` (a complete list says so) or `unknown`.
    differences : own lists against the map, as `compare_lists` returns it.
    sources : records of the sources used, by id.
    """

    lab: Workspace
    offers: list[Offer]
    sectors: list[Sector]
    states: Mapping[str, Mapping[str, str]]
    differences: pd.DataFrame
    sources: Mapping[str, Mapping[str, str]]


def directory_of(
    lab: Workspace, raw: Path | None = None, borders: gpd.GeoDataFrame | None = None
) -> Directory:
    """The directory of a region.

    Parameters
    ----------
    raw : folder of the raw files, for the map's sites beside own lists; None: no comparison.
    borders : municipal areas in degrees (`tables.osm_facilities.read_borders`), where at hand.
    """
    facilities = lab.table("facilities")
    sites = sites_of(facilities, lab.region)
    completeness = lab.table("completeness")
    records = {str(row["source_id"]): row for row in storage.read("sources").to_dict("records")}
    used = [str(name) for name in dict.fromkeys(sites["source_id"])]
    is_own = _is_own(sites, completeness)
    return Directory(
        lab=lab,
        offers=_offers(lab, sites.assign(is_own=is_own), borders),
        sectors=sectors_of(facilities, lab.region, list(KINDS), completeness),
        states={ags: _states(lab, ags, sites, completeness) for ags in lab.region.members},
        differences=_differences(lab, sites.loc[is_own], raw),
        sources={name: _record(records[name]) for name in used},
    )


def _is_own(sites: pd.DataFrame, completeness: pd.DataFrame) -> pd.Series:
    """Rows of a municipality's own list: by the id of their source, or as their statement says."""
    stated = set() if completeness.empty else set(completeness["source_id"])
    return sites["source_id"].str.startswith(OWN) | sites["source_id"].isin(stated)


def _record(row: Mapping[Hashable, Any]) -> dict[str, str]:
    licence = str(row["licence"])
    names = ("producer", "title", "attribution", "period", "note")
    return {name: str(row[name]) for name in names} | {
        "licence": licence,
        "licence_name": LICENCES[licence],
    }


# ------------------------------------------------------------------------------- offers


def _offers(lab: Workspace, sites: pd.DataFrame, borders: gpd.GeoDataFrame | None) -> list[Offer]:
    towns = dict(zip(lab.region.members, lab.region.member_names, strict=True))
    remarks = _remarks(lab, sites, borders)
    return [
        Offer(
            kind=str(row.kind),
            name=str(row.name) or UNNAMED,
            street=f"{row.street} {row.house_number}".strip(),
            postcode=str(row.site_postcode),
            city=str(row.city),
            ags=str(row.site_ags),
            place=towns[str(row.site_ags)],
            access=accessibility(str(row.wheelchair)),
            languages=_languages(str(row.languages)),
            website=web_address(str(row.website)),
            longitude=_number(row.longitude),
            latitude=_number(row.latitude),
            day=german.period(str(row.time_period), is_short=True),
            source_id=str(row.source_id),
            is_own=bool(row.is_own),
            remark=remark,
        )
        for row, remark in zip(rows_of(sites), remarks, strict=True)
    ]


def _languages(cell: str) -> tuple[str, ...]:
    codes = {code.strip() for code in cell.split(SEPARATOR)} - {""}
    return tuple(sorted(codes, key=in_german_order))


def language_name(code: str) -> str:
    """The German name of a language; a code that has none stays as it is."""
    return language_names().get(code, code)


def in_german_order(code: str) -> str:
    """Key that sorts codes by the German names of their languages, Ä beside A."""
    return unicodedata.normalize("NFD", language_name(code)).casefold()


def _number(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def _remarks(lab: Workspace, sites: pd.DataFrame, borders: gpd.GeoDataFrame | None) -> list[str]:
    """What does not fit: coordinates outside the municipality that the row names."""
    if borders is None:
        municipalities = storage.read("municipalities")
        away = offer_checks.far_from_home(sites, municipalities)
        return [
            ""
            if pd.isna(km)
            else f"Die Koordinaten liegen {german.number(km)} km von der Gemeinde entfernt. "
            "Bitte prüfen."
            for km in away
        ]
    has_place = sites["longitude"].notna() & sites["latitude"].notna()
    found = municipality_of(sites.loc[has_place], borders).reindex(sites.index)
    is_wrong = has_place & found.ne(sites["site_ags"])
    return [
        f"Die Koordinaten liegen außerhalb der Gemeinde ({_where(lab, key)}). Bitte prüfen."
        if wrong
        else ""
        for key, wrong in zip(found, is_wrong, strict=True)
    ]


def _where(lab: Workspace, ags: str) -> str:
    return f"in {lab.name_of(area_key(ags))}" if ags else "außerhalb aller Gemeinden"


def _states(
    lab: Workspace, ags: str, sites: pd.DataFrame, completeness: pd.DataFrame
) -> dict[str, str]:
    """State of every kind in one municipality, for the map's classes."""
    listed = set(sites.loc[sites["site_ags"].eq(ags), "kind"])
    area = lab.region.areas[lab.region.members.index(ags)]
    whole: set[str] = set()
    if not completeness.empty:
        own = completeness.loc[
            completeness["ref_area"].eq(area)
            & completeness["list_kind"].eq("facilities")
            & completeness["completeness"].eq("complete")
        ]
        whole = set(own["sector"])
    return {
        kind: "sites" if kind in listed else "none" if kind in whole else "unknown"
        for kind in KINDS
    }


# ------------------------------------------------------------------------------- own list and map


def map_sites(raw: Path) -> pd.DataFrame:
    """The sites of the map that come with the workspace: `kind`, `site_ags`, `name`."""
    path = raw / MAP_FILE
    if not path.is_file():
        return pd.DataFrame({"kind": [], "site_ags": [], "name": []}, dtype="str")
    rows = FACILITY_SITES.read_rows(path)
    return pd.DataFrame({"kind": "pharmacy", "site_ags": rows["ags"], "name": rows["name"]})


def _differences(lab: Workspace, own: pd.DataFrame, raw: Path | None) -> pd.DataFrame:
    mapped = map_sites(raw) if raw is not None and len(own) else own.iloc[:0]
    here = mapped.loc[mapped["site_ags"].isin(lab.region.members)]
    if here.empty:  # nothing on the map to differ from
        return offer_checks.compare_lists(own.iloc[:0], own.iloc[:0])
    kinds = own["kind"].isin(set(here["kind"]))
    return offer_checks.compare_lists(own.loc[kinds], here)
