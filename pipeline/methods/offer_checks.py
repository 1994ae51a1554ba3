"""Is a listed offer where the list says, and what does the municipality know better than the map?

Both are checks of lists, not of offers: what they find is a question to whoever keeps the list.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

#: Kilometres of a degree of latitude (mean radius of the earth, 6371 km).
KM_PER_DEGREE: Final = 111.195
#: A site farther from the centre than this many radii of a circle of the municipality's area is
#: taken for misplaced. Our assumption: no municipality of the study region reaches that far.
FAR_RADII: Final = 2.5
#: Sides of `compare_lists`.
BOTH, OWN_ONLY, MAP_ONLY = "both", "own_only", "map_only"
_SEPARATORS: Final = re.compile(r"[\s\-–/.,]+")


def far_from_home(sites: pd.DataFrame, municipalities: pd.DataFrame) -> pd.Series:
    """Kilometres to the centre of its municipality, for sites that lie too far to belong to it.

    The check for want of borders; with them, a point in polygon is exact.

    Parameters
    ----------
    sites : `site_ags`, `longitude`, `latitude` in degrees (WGS 84).
    municipalities : `ags`, `longitude`, `latitude`, `area_km2`.

    Returns
    -------
    Kilometres, missing for every site that is near enough, has no coordinates, or names no known
    municipality; index of `sites`.
    """
    home = municipalities.set_index("ags").reindex(sites["site_ags"])
    north = (sites["latitude"].to_numpy() - home["latitude"].to_numpy()) * KM_PER_DEGREE
    shrink = np.cos(np.radians(home["latitude"].to_numpy(dtype="float64")))
    east = (sites["longitude"].to_numpy() - home["longitude"].to_numpy()) * KM_PER_DEGREE * shrink
    away = np.hypot(north, east)
    radius = np.sqrt(home["area_km2"].to_numpy(dtype="float64") / np.pi)
    return pd.Series(np.where(away > FAR_RADII * radius, away, np.nan), index=sites.index)


def compare_lists(own: pd.DataFrame, mapped: pd.DataFrame) -> pd.DataFrame:
    """A municipality's own list beside the map's, name by name.

    Only kinds and municipalities that the own list speaks of are compared: elsewhere there is
    nothing to differ.

    Parameters
    ----------
    own, mapped : `kind`, `site_ags`, `name`.

    Returns
    -------
    `kind`, `site_ags`, `name` (the own list's spelling where both have it), `side` (`both`,
    `own_only`, `map_only`); sorted. A name that stands twice is compared as often.
    """
    key = ["kind", "site_ags"]
    spoken_of = set(own[key].itertuples(index=False, name=None))
    is_comparable = [pair in spoken_of for pair in mapped[key].itertuples(index=False, name=None)]
    left, right = _numbered(own), _numbered(mapped.loc[is_comparable])
    joined = left.merge(
        right, on=[*key, "folded", "nth"], how="outer", suffixes=("", "_map"),
        validate="one_to_one", indicator=True,
    )  # fmt: skip
    sides = {"both": BOTH, "left_only": OWN_ONLY, "right_only": MAP_ONLY}
    joined["name"] = joined["name"].where(joined["name"].notna(), joined["name_map"])
    joined["side"] = joined["_merge"].astype("str").map(sides)
    return joined.sort_values([*key, "side", "name"], ignore_index=True)[[*key, "name", "side"]]


def _numbered(sites: pd.DataFrame) -> pd.DataFrame:
    named = sites[["kind", "site_ags", "name"]].assign(folded=sites["name"].map(folded_name))
    return named.assign(nth=named.groupby(["kind", "site_ags", "folded"]).cumcount())


def folded_name(name: str) -> str:
    """A name without case, hyphens and double blanks: "Löwen-Apotheke" is "löwen apotheke"."""
    return _SEPARATORS.sub(" ", name.casefold()).strip()
