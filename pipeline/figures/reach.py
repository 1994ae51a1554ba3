"""Figures of the chapter "Wege": published minutes, pharmacies on a map, own travel times."""

from __future__ import annotations

from functools import partial

import pandas as pd

from pipeline.errors import NoDataError, TableError
from pipeline.figures import charts, german
from pipeline.figures.contract import DataTable, Figure
from pipeline.methods.access import EDGE_EFFECT
from pipeline.methods.pharmacy_reach import MINUTES
from pipeline.methods.reach import CATCHMENT_MINUTES
from pipeline.regions import Place, kreis_region_name, short_name
from pipeline.tables.workspace import Workspace


def kreis_region(lab: Workspace) -> Place:
    """The Kreisregion of the BBSR that the region lies in, as findings name it."""
    key = f"KREG:{lab.region.kreis}000"
    return Place(key, kreis_region_name(lab.name_of(key)), "kreis_region", (key,))


def pharmacy_map(lab: Workspace, places: pd.DataFrame, sites: pd.DataFrame) -> Figure:
    """Map of the Kreis: municipalities by pharmacies within reach, every pharmacy as a dot.

    Parameters
    ----------
    places : as returned by `methods.pharmacy_reach.pharmacies_of_kreis`.
    sites : table `facilities`.
    """
    if places.empty:
        raise NoDataError("keine Gemeinden dieses Kreises in den Daten")
    sites = sites.loc[sites["kind"].eq("pharmacy")]
    has_sites_abroad = sites["site_ags"].eq("").any()
    kreis = lab.name_of(lab.region.kreis)
    period = german.period(str(sites["time_period"].max()))
    members = places.loc[places["is_member"]]
    limit = german.number(MINUTES)
    return Figure(
        id="pharmacy-map",
        title="Apotheken im Kreis und in der Nachbarschaft",
        caption=f"{kreis}: jeder kleine Punkt ist eine Apotheke (OpenStreetMap, {period}; die "
        "Zählung kann unvollständig sein). Die großen Punkte sind die Hauptorte der Gemeinden; je "
        f"dunkler, desto mehr Apotheken liegen in etwa {limit} Autominuten. "
        f"{places['note'].iloc[0]}. Die Grenze von {limit} Minuten ist unsere Wahl. "
        + ("" if has_sites_abroad else "Apotheken in den Niederlanden fehlen."),
        alt=f"Karte mit {german.number(len(places))} Gemeinden. "
        + " ".join(
            f"{short_name(row.name)}: {german.number(row.n_within)} "
            f"{german.plural(row.n_within, 'Apotheke|Apotheken')} in etwa {limit} Autominuten."
            for row in charts.rows_of(members)
        ),
        data=_map_data(places, limit),
        level=f"{kreis}, Gemeinden",
        attributions=lab.attributions(sorted({*places["source_id"], *sites["source_id"]})),
        as_of=lab.as_of,
        is_computed=True,
        draw=partial(charts.point_map, _points(places), sites[["longitude", "latitude"]]),
    )


#: Kind in the table `reach` → what readers call it.
TARGET_NAMES = {"gp": "Hausarztpraxis", "pharmacy": "Apotheke", "hospital": "Krankenhaus"}
NO_EXTRACT = "Eigene Wegezeiten brauchen einen Auszug aus OpenStreetMap; er ist nicht eingespielt"

EDGE_NOTE = (
    f"{EDGE_EFFECT}: Jenseits der bekannten Straßen kann ein näherer Standort liegen. Der Wert ist "
    "dann eine Obergrenze."
)
UNTAGGED_NOTE = (
    "In OpenStreetMap fehlt bei vielen Praxen das Fachgebiet. Gezählt sind nur Praxen, die als "
    "hausärztlich eingetragen sind; die nächste kann näher liegen."
)


def extract_words(lab: Workspace, sites: pd.DataFrame) -> str:
    """Which extracts the sites come from, and of which day: "OpenStreetMap, Auszug …, …".

    Parameters
    ----------
    sites : rows of the table `facilities` that a figure uses.
    """
    titles = dict(lab.table("sources").set_index("source_id")["title"])
    newest = sites.groupby("source_id")["time_period"].max()
    return "; ".join(
        f"{titles[source]}, {german.period(str(day))}" for source, day in newest.items()
    )


def has_extract(lab: Workspace) -> bool:
    """Whether own travel times have been made, so that there is more to show than their absence."""
    try:
        return not lab.derived("reach", lab.region.areas).empty
    except TableError:
        return False


def own_minutes(lab: Workspace) -> DataTable:
    """Minutes over the roads of a fetched extract, for each member of the region.

    Raises
    ------
    NoDataError : no extract has been fetched, or it holds none of the members.
    """
    try:
        rows = lab.derived("reach", lab.region.areas)
    except TableError as error:
        raise NoDataError(NO_EXTRACT) from error
    rows = rows.loc[rows["kind"].isin(list(TARGET_NAMES))]
    if rows.empty:
        raise NoDataError("der Auszug aus OpenStreetMap enthält keine Gemeinde dieser Region")
    sites = lab.table("facilities")
    used = sites.loc[sites["kind"].isin(("general_practice", "hospital", "pharmacy"))]
    names = german.enumeration([lab.name_of(key) for key in rows["ref_area"].unique()])
    catchment = german.number(CATCHMENT_MINUTES)
    return DataTable(
        id="own-minutes",
        title="Autominuten zur nächsten Praxis, Apotheke und Klinik",
        caption=f"{names}: gerechnet über das Straßennetz ({extract_words(lab, used)}). "
        f"{rows['note'].iloc[0]}. „Außenlagen“: Von einem Zehntel der Kreuzungen von Wohnstraßen "
        "ist der Weg länger. Wie viele Menschen dort wohnen, ist nicht bekannt; ein Anteil "
        "der Bevölkerung lässt sich nicht nennen. Die letzte Spalte teilt die Hausarztpraxen im "
        f"Umkreis von {catchment} Autominuten auf alle auf, die dort wohnen.",
        data=_own_minutes_data(lab, rows),
        level=names,
        attributions=lab.attributions(sorted(set(used["source_id"]))),
        as_of=lab.as_of,
        is_computed=True,
        notes=[
            UNTAGGED_NOTE,
            *([EDGE_NOTE] if rows["flag"].eq(EDGE_EFFECT).any() else []),
        ],
    )


def _own_minutes_data(lab: Workspace, rows: pd.DataFrame) -> pd.DataFrame:
    ordered = rows.assign(_order=rows["kind"].map(list(TARGET_NAMES).index))
    ordered = ordered.sort_values(["ref_area", "_order"])
    return pd.DataFrame(
        {
            "Gemeinde": [lab.name_of(key) for key in ordered["ref_area"]],
            "Ziel": ordered["kind"].map(TARGET_NAMES).to_numpy(),
            "Minuten vom Hauptort": _minutes(ordered, "minutes_centre"),
            "Minuten aus den Außenlagen": _minutes(ordered, "minutes_outlying"),
            "Hausarztpraxen je 10.000 Einwohner im Umkreis": [
                "" if pd.isna(value) or flag else german.number(value, 1)
                for value, flag in zip(
                    ordered["sites_per_10000"], ordered["catchment_flag"], strict=True
                )
            ],
            "Hinweis": ordered["flag"].to_numpy(),
        }
    )


def _minutes(rows: pd.DataFrame, column: str) -> list[str]:
    """Whole minutes; an upper bound where a nearer place may lie beyond what is known."""
    return [
        "keine Angabe"
        if pd.isna(value)
        else f"höchstens {german.number(value)}"
        if flag == EDGE_EFFECT
        else german.number(value)
        for value, flag in zip(rows[column], rows["flag"], strict=True)
    ]


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
