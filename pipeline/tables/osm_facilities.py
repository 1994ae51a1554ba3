"""Facilities of OpenStreetMap extracts as rows of the table `facilities`.

An extract holds a Land and a strip behind its border. The strip is left to the neighbour's own
extract (or to the embedded sites); places abroad stay, without a municipality.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd

from pipeline.sources import osm
from pipeline.sources.geometry import WGS84, read_geometry

#: From this share of its places on, a Land is one that the extract is about, no border strip.
LEAST_SHARE = 0.1


def read_borders(path: Path) -> gpd.GeoDataFrame:
    """Municipal areas in degrees, for `municipality_of`; `ref_area`, `geometry`."""
    return read_geometry(path, crs=WGS84)[["ref_area", "geometry"]]


def municipality_of(places: pd.DataFrame, borders: gpd.GeoDataFrame) -> pd.Series:
    """AGS of each place, by point in polygon; empty outside all areas.

    Parameters
    ----------
    places : `longitude`, `latitude` in degrees (WGS 84).
    borders : areas of municipalities (keys of eight digits) in WGS 84.
    """
    points = gpd.GeoDataFrame(
        index=places.index,
        geometry=gpd.points_from_xy(places["longitude"], places["latitude"]),
        crs=WGS84,
    )
    joined = points.sjoin(borders, how="left", predicate="within")
    # a point on a common border lies in two areas where outlines overlap: the lower key counts
    found = joined.sort_values("ref_area").groupby(level=0)["ref_area"].first()
    keys = found.reindex(places.index).fillna("").astype("str")
    # a kreisfreie Stadt may stand under its Kreis key
    eight: pd.Series = keys.where(keys.str.len() != 5, keys + "000")
    return eight


def facility_rows(
    path: Path,
    source_id: str,
    borders: gpd.GeoDataFrame | None,
    study_region: Sequence[str],
) -> pd.DataFrame:
    """The places of an extract as rows of the table `facilities`.

    Parameters
    ----------
    path : `.osm.pbf`.
    source_id : id of the record in its sidecar.
    borders : as returned by `read_borders`; None where none are at hand, and then no place has a
        municipality and none is left out.
    study_region : AGS of the municipalities that the workspace knows.
    """
    places = osm.read_facilities(path)
    site_ags = (
        pd.Series("", index=places.index) if borders is None else municipality_of(places, borders)
    )
    rows = places.assign(
        site_ags=site_ags,
        is_in_study_region=site_ags.isin(list(study_region)),
        time_period=osm.extract_date(path),
        source_id=source_id,
    )
    inside = rows["site_ags"].str[:2].isin([*main_laender(site_ags), ""])
    return rows.loc[inside].reset_index(drop=True)


def main_laender(site_ags: pd.Series) -> list[str]:
    """The Länder that an extract is about: those with a tenth of its places or more."""
    laender = site_ags.loc[site_ags.ne("")].str[:2]
    shares = laender.value_counts(normalize=True)
    return sorted(str(land) for land in shares.index[shares >= LEAST_SHARE])


def merged_facilities(embedded: pd.DataFrame, extracts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Embedded sites, and in their stead those of the extracts wherever these hold the Land.

    The same rule as everywhere: a publisher's own file goes before what was copied from it.
    """
    if not extracts:
        return embedded
    fresh = pd.concat(extracts, ignore_index=True)
    covered = {land for rows in extracts for land in main_laender(rows["site_ags"])}
    kept = embedded.loc[~embedded["site_ags"].str[:2].isin(covered)]
    merged = pd.concat([kept, fresh], ignore_index=True)
    # the strip abroad stands in the extracts of both sides
    return merged.drop_duplicates(["kind", "longitude", "latitude", "name"], ignore_index=True)
