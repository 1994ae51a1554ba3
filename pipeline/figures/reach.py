"""Figures of the chapter "Wege": minutes of the Kreisregion, pharmacies on a map."""

from __future__ import annotations

from functools import partial

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures import charts, german
from pipeline.figures.contract import Figure
from pipeline.methods.pharmacy_reach import MINUTES
from pipeline.regions import Place, short_name
from pipeline.tables.workspace import Workspace


def kreis_region(lab: Workspace) -> Place:
    """The Kreisregion of the BBSR that the region lies in, as findings name it."""
    key = f"KREG:{lab.region.kreis}000"
    return Place(key, f"Kreisregion {lab.name_of(key)}", "kreis_region", (key,))


def pharmacy_map(lab: Workspace, places: pd.DataFrame, sites: pd.DataFrame) -> Figure:
    """Map of the Kreis: municipalities by pharmacies within reach, every pharmacy as a dot.

    Parameters
    ----------
    places : as returned by `methods.pharmacy_reach.pharmacies_of_kreis`.
    sites : table `facilities`.
    """
    if places.empty:
        raise NoDataError("keine Gemeinden dieses Kreises in den Daten")
    kreis = lab.name_of(lab.region.kreis)
    period = german.period(str(sites["time_period"].max()))
    members = places.loc[places["is_member"]]
    limit = german.number(MINUTES)
    return Figure(
        id="pharmacy-map",
        title="Apotheken im Kreis und in der Nachbarschaft",
        caption=f"{kreis}: jeder kleine Punkt ist eine Apotheke (OpenStreetMap, {period}; die "
        "Zählung kann unvollständig sein). Die Kreise sind die Hauptorte der Gemeinden; je "
        f"dunkler, desto mehr Apotheken liegen in etwa {limit} Autominuten. "
        f"{places['note'].iloc[0]}. Die Grenze von {limit} Minuten ist unsere Wahl. "
        "Apotheken in den Niederlanden fehlen.",
        alt=f"Karte mit {german.number(len(places))} Gemeinden. "
        + " ".join(
            f"{short_name(row.name)}: {german.number(row.n_within)} Apotheken in etwa {limit} "
            "Autominuten."
            for row in charts.rows_of(members)
        ),
        data=_map_data(places, limit),
        level=f"{kreis}, Gemeinden",
        attributions=lab.attributions(sorted({*places["source_id"], *sites["source_id"]})),
        as_of=lab.as_of,
        is_computed=True,
        draw=partial(charts.point_map, _points(places), sites[["longitude", "latitude"]]),
    )


def _points(places: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "longitude": places["longitude"],
            "latitude": places["latitude"],
            "label": places["name"].map(short_name),
            "value": places["n_within"],
            "is_subject": places["is_member"],
        }
    )


def _map_data(places: pd.DataFrame, limit: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Gemeinde": places["name"].map(short_name),
            "Apotheken in der Gemeinde": [german.number(n) for n in places["n_here"]],
            f"Apotheken in etwa {limit} Autominuten": [
                german.number(n) for n in places["n_within"]
            ],
            "Luftlinie vom Hauptort zur nächsten (km)": [
                german.number(km, 1) for km in places["distance_km"]
            ],
            "Hinweis": places["flag"],
        }
    )
