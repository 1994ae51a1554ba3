"""Which municipalities a report speaks of, and what they are compared with.

A region is a municipality or a named group of them. The ten model regions of the funded projects
are known by a slug; every other municipality that the data hold is known by its AGS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from pipeline.errors import UnknownRegionError, nearest
from pipeline.keys import COUNTRY, area_key, kreis_of

LAND_NAMES: Mapping[str, str] = {
    "01": "Schleswig-Holstein",
    "02": "Hamburg",
    "03": "Niedersachsen",
    "04": "Bremen",
    "05": "Nordrhein-Westfalen",
    "06": "Hessen",
    "07": "Rheinland-Pfalz",
    "08": "Baden-Württemberg",
    "09": "Bayern",
    "10": "Saarland",
    "11": "Berlin",
    "12": "Brandenburg",
    "13": "Mecklenburg-Vorpommern",
    "14": "Sachsen",
    "15": "Sachsen-Anhalt",
    "16": "Thüringen",
}
# Nordrhein-Westfalen has two associations of statutory health insurance physicians.
_KV_OF_REGIERUNGSBEZIRK = {
    "051": "Nordrhein",
    "053": "Nordrhein",
    "055": "Westfalen-Lippe",
    "057": "Westfalen-Lippe",
    "059": "Westfalen-Lippe",
}


@dataclass(frozen=True)
class Place:
    """A territory as findings and figures name it.

    Attributes
    ----------
    ref_area : key, or the slug of a group of municipalities.
    name : name for readers.
    level : territorial level; ``region`` for a group of municipalities.
    areas : keys whose counts make up the place.
    """

    ref_area: str
    name: str
    level: str
    areas: tuple[str, ...]


@dataclass(frozen=True)
class Region:
    """A municipality or a group of them.

    Attributes
    ----------
    slug : parameter value and name of the report's file.
    name : name for readers, in German.
    members : AGS (8 digits) of the municipalities, in the order in which they are named.
    member_names : their names, same order.
    """

    slug: str
    name: str
    members: tuple[str, ...]
    member_names: tuple[str, ...]

    @property
    def areas(self) -> tuple[str, ...]:
        """The members as they stand in `ref_area`: a kreisfreie Stadt has its Kreis key."""
        return tuple(area_key(ags) for ags in self.members)

    @property
    def place(self) -> Place:
        """The region as findings name it."""
        if self.is_group:
            return Place(self.slug, self.name, "region", self.areas)
        return Place(self.areas[0], self.name, "municipality", self.areas)

    @property
    def is_group(self) -> bool:
        """Whether the region has more than one municipality."""
        return len(self.members) > 1

    @property
    def is_kreis(self) -> bool:
        """Whether the region is a kreisfreie Stadt, so that Kreis figures are its own."""
        return not self.is_group and len(self.areas[0]) == 5

    @property
    def kreis(self) -> str:
        """Kreis key (5 digits)."""
        return kreis_of(self.members[0])

    @property
    def land(self) -> str:
        """Land key (2 digits)."""
        return self.kreis[:2]

    @property
    def land_name(self) -> str:
        """Name of the Land."""
        return LAND_NAMES[self.land]

    @property
    def kv(self) -> str:
        """Key of the association of statutory health insurance physicians (`KV:…`)."""
        return kv_of_kreis(self.kreis)

    @property
    def benchmarks(self) -> tuple[str, ...]:
        """What the region is compared with: Kreis (unless it is one), Land, Germany."""
        return (self.land, COUNTRY) if self.is_kreis else (self.kreis, self.land, COUNTRY)


def kv_of_kreis(kreis: str) -> str:
    """Key (`KV:…`) of the association of statutory health insurance physicians of a Kreis."""
    return "KV:" + _KV_OF_REGIERUNGSBEZIRK.get(kreis[:3], LAND_NAMES[kreis[:2]])


def _model(slug: str, name: str, **members: str) -> Region:
    return Region(slug, name, tuple(members.values()), tuple(members))


MODEL_REGIONS: Mapping[str, Region] = {
    region.slug: region
    for region in (
        _model(
            "rheine-neuenkirchen",
            "Rheine und Neuenkirchen",
            Rheine="05566076",
            Neuenkirchen="05566060",
        ),
        _model(
            "bocholt-rhede-isselburg",
            "Bocholt, Rhede und Isselburg",
            Bocholt="05554008",
            Rhede="05554048",
            Isselburg="05554032",
        ),
        _model("oelde", "Oelde", Oelde="05570028"),
        _model("luedinghausen", "Lüdinghausen", Lüdinghausen="05558024"),
        _model(
            "lengerich-tecklenburg",
            "Ladbergen, Lengerich, Lienen und Tecklenburg",
            Ladbergen="05566032",
            Lengerich="05566040",
            Lienen="05566044",
            Tecklenburg="05566088",
        ),
        _model("doerentrup", "Dörentrup", Dörentrup="05766024"),
        _model("kalletal", "Kalletal", Kalletal="05766036"),
        _model("warburg", "Warburg", Warburg="05762036"),
        _model("wolfsburg", "Wolfsburg", Wolfsburg="03103000"),
        _model("lippstadt", "Lippstadt", Lippstadt="05974028"),
    )
}


def find_region(key: str, municipalities: pd.DataFrame) -> Region:
    """The region that `key` names.

    Parameters
    ----------
    key : slug of a model region, AGS of a municipality (a kreisfreie Stadt also by its Kreis key),
        or the exact name of a municipality.
    municipalities : one row a municipality, columns `ags` and `name`.

    Raises
    ------
    UnknownRegionError : with the nearest names; also when a name stands for several municipalities.
    """
    if key in MODEL_REGIONS:
        return MODEL_REGIONS[key]
    hits = municipalities.loc[municipalities["ags"].isin([key, f"{key}000"])]
    if hits.empty:  # a name; looked at last, since it costs a pass over all names
        names = municipalities["name"].map(short_name)
        hits = municipalities.loc[names.str.casefold().eq(key.casefold())]
    if len(hits) == 1:
        row = hits.iloc[0]
        name = short_name(row["name"])
        return Region(str(row["ags"]), name, (str(row["ags"]),), (name,))
    if len(hits) > 1:
        raise UnknownRegionError(
            f"'{key}' names {len(hits)} municipalities",
            expected=", ".join(f"{r.ags} ({r.name})" for r in hits.itertuples()),
            remedy="give the AGS",
        )
    raise UnknownRegionError(
        "the region is neither a model region nor a municipality in the data",
        found=key,
        expected="for example " + ", ".join(nearest_regions(key, municipalities)),
        remedy="`versorgungslabor regions` lists all; a municipality outside the data needs the "
        "publisher's file (docs/how-to/add-a-municipality.md)",
    )


def nearest_regions(key: str, municipalities: pd.DataFrame, n: int = 4) -> list[str]:
    """The `n` slugs, AGS or names nearest to a mistyped key, as `what to type (name)`."""
    words: dict[str, list[str]] = {}
    for slug, region in MODEL_REGIONS.items():
        for word in (slug, region.name, *region.member_names):
            words.setdefault(word.casefold(), []).append(slug)
    for ags, official in zip(municipalities["ags"], municipalities["name"], strict=True):
        name = short_name(official)
        for word in (ags, name):
            words.setdefault(word.casefold(), []).append(f"{ags} ({name})")
    near = nearest(key, words, n)
    offers = list(dict.fromkeys(offer for word in near for offer in words[word]))
    return offers[:n] or list(MODEL_REGIONS)[:n]


def short_name(official: str) -> str:
    """Name without the official addition: "Rheine, Stadt" → "Rheine"."""
    return official.partition(",")[0].strip()


def kreis_region_name(official: str) -> str:
    """Name of a Kreisregion without the mark of the BBSR for what kind of Kreis it is:
    "LK Lippe" → "Kreisregion Lippe", "KS Wolfsburg" → "Kreisregion Wolfsburg"."""
    return f"Kreisregion {official.removeprefix('KS ').removeprefix('LK ')}"
