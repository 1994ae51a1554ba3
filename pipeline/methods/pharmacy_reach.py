"""Pharmacies in reach of the municipalities of a Kreis: counted sites and a stated model.

The point of a municipality lies in its centre, mostly beside the pharmacy; so the way to the
nearest one says little about the outlying parts and is not ranked. How many sites lie within some
minutes says more.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pipeline.errors import MethodInputError
from pipeline.methods import access, travel

#: Car minutes within which sites are counted: our own choice for an errand, no rule sets it.
MINUTES = 10.0
#: How far around the study region the sites are known.
KNOWN_KM = 40.0


def pharmacies_of_kreis(
    municipalities: pd.DataFrame, facilities: pd.DataFrame, kreis: str, members: Sequence[str]
) -> pd.DataFrame:
    """Sites in and around each municipality of a Kreis.

    Parameters
    ----------
    municipalities : columns `ags, name, kreis, longitude, latitude, area_km2, source_id`.
    facilities : columns `kind, longitude, latitude, site_ags, source_id`.
    members : AGS of the municipalities that the report is about.

    Returns
    -------
    One row a municipality, by name: `ags`, `name`, `longitude`, `latitude`, `is_member`, `n_here`
    (sites whose municipality it is), `distance_km` (straight line to the nearest), `n_within`
    (sites within `MINUTES`), `flag`, `note` (label of the model).

    Raises
    ------
    MethodInputError : no municipality of the Kreis, or no pharmacy at all.
    """
    places = municipalities.loc[municipalities["kreis"].eq(kreis)].set_index("ags")
    sites = facilities.loc[
        # a municipality's own list may name a site without saying where on the map it lies
        facilities["kind"].eq("pharmacy") & facilities["longitude"].notna()
    ].reset_index(drop=True)
    if places.empty or sites.empty:
        raise MethodInputError(
            "no municipality or no pharmacy to look at", found=kreis, expected="a Kreis of the data"
        )
    nearest = access.nearest_provider(places, sites, travel.CAR, known_km=KNOWN_KM)
    within = access.providers_within(places, sites, travel.CAR, MINUTES, known_km=KNOWN_KM)
    here = sites["site_ags"].value_counts()
    return (
        places.assign(
            is_member=places.index.isin(list(members)),
            n_here=here.reindex(places.index).fillna(0).astype("int64"),
            distance_km=nearest["distance_km"],
            n_within=within["count"],
            flag=within["flag"].where(within["flag"].ne(""), nearest["flag"]),
            note=nearest["note"],
        )
        .reset_index()
        .sort_values("name", ignore_index=True)
    )
