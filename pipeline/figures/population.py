"""Figures of the chapter "Bevölkerung": frames of the methods in, figures out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import cast

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures import charts, german
from pipeline.figures.contract import DataTable, Figure
from pipeline.figures.prose import Prose, tell, together
from pipeline.methods.findings import Finding
from pipeline.methods.population import RATIO_LABELS, segments
from pipeline.regions import Place
from pipeline.tables.workspace import Workspace

#: Years over which the open group "75 and older" is drawn; said in the caption.
OPEN_GROUP_YEARS = 15

_BASIS_LABELS = {
    "1987": "Volkszählung 1987",
    "2011": "Zensus 2011",
    "2022": "Zensus 2022",
}
_BREAKS = {"2011": "ab hier:\nZensus 2011", "2022": "ab hier:\nZensus 2022"}
_LEVEL_WORDS = {
    "region": "Modellregion",
    "municipality": "Gemeinde",
    "kreis": "Kreis",
    "land": "Land",
    "country": "Deutschland",
}


def level_of(place: Place) -> str:
    """How the level of a place is named under a figure: "Gemeinde Oelde", "Kreis Lippe"."""
    if place.level in {"kreis", "country", "land"}:
        return place.name
    return f"{_LEVEL_WORDS[place.level]} {place.name}"


def decimal_year(day: str) -> float:
    """A day on the time axis, on which a year stands for its last day: 2024-12-31 → 2024.0."""
    date = dt.date.fromisoformat(day)
    end = dt.date(date.year, 12, 31)
    return date.year - (end - date).days / 365.25


def series_figure(lab: Workspace, place: Place, totals: pd.DataFrame) -> Figure:
    """Observed population by census basis, with both breaks drawn.

    Parameters
    ----------
    totals : as returned by `methods.population.observed_totals`.
    """
    if totals.empty:
        raise NoDataError(f"keine Einwohnerzahlen für {place.name}")
    points = segments(totals)
    points["year"] = points["time_period"].map(decimal_year)
    is_last = points["time_period"].eq(points["time_period"].max())
    is_first = points["time_period"].eq(points["time_period"].min())
    points["label"] = [
        german.number(value) if strong else ""
        for value, strong in zip(points["obs_value"], is_last | is_first, strict=True)
    ]
    census = totals.loc[totals["measure"].eq("population_census")].copy()
    census["year"] = census["time_period"].map(decimal_year)
    census["label"] = ""
    attributions = _attributions(lab, totals)
    computed = len(place.areas) > 1
    shown = sorted(set(points["census_basis"]))
    return Figure(
        id="population-series",
        title="Die Einwohnerzahl, getrennt nach Zensusbasis",
        caption=f"{place.name}: Einwohnerinnen und Einwohner an den Stichtagen, für die Zahlen "
        "vorliegen. Linien verbinden nur aufeinanderfolgende Jahre mit derselben Zensusbasis "
        f"({german.enumeration([_BASIS_LABELS[basis] for basis in shown])}). An den gestrichelten "
        "Linien beginnt eine neue Zählung; über sie hinweg ist kein Vergleich möglich. Die Raute "
        "ist die Zählung am Zensustag. Die senkrechte Achse beginnt nicht bei null.",
        alt=_series_alt(place, points),
        data=_series_data(totals),
        level=level_of(place),
        as_of=lab.as_of,
        attributions=attributions,
        is_computed=computed,
        draw=partial(charts.series_by_basis, points, census, breaks_of(points)),
    )


def breaks_of(points: pd.DataFrame) -> list[tuple[float, str]]:
    """The middle between the last day of a basis and the first of the next one."""
    bounds = points.groupby("census_basis")["year"].agg(["min", "max"]).sort_index()
    return [
        ((float(bounds["max"].iloc[i]) + float(bounds["min"].iloc[i + 1])) / 2, _BREAKS[basis])
        for i, basis in enumerate(bounds.index[1:])
    ]


def _series_alt(place: Place, points: pd.DataFrame) -> str:
    parts = []
    for basis, run in points.groupby("census_basis"):
        first, last = run.iloc[0], run.iloc[-1]
        start = f"{german.number(float(first['obs_value']))} Ende {first['time_period'][:4]}"
        end = f" und {german.number(last['obs_value'])} Ende {last['time_period'][:4]}"
        parts.append(f"{_BASIS_LABELS[str(basis)]}: {start}{end if len(run) > 1 else ''}")
    return (
        f"Punktdiagramm der Einwohnerzahl von {place.name} in {german.number(len(parts))} "
        f"Abschnitten. " + "; ".join(parts) + ". Die Abschnitte sind nicht verbunden."
    )


def _series_data(totals: pd.DataFrame) -> pd.DataFrame:
    kinds = {"population": "Fortschreibung", "population_census": "Zensuszählung"}
    return pd.DataFrame(
        {
            "Stichtag": [german.period(day, is_short=True) for day in totals["time_period"]],
            "Einwohner": [german.number(value) for value in totals["obs_value"]],
            "Art": totals["measure"].map(kinds),
            "Zensusbasis": totals["census_basis"].map(_BASIS_LABELS),
        }
    )


def members_table(lab: Workspace, population: pd.DataFrame) -> DataTable:
    """The member municipalities with their latest population, and the sum."""
    place = lab.region.place
    rows = population.loc[
        population["ref_area"].isin(place.areas)
        & population["measure"].eq("population")
        & population["sex"].eq("total")
        & population["age_from"].isna()
        & population["age_to"].isna()
    ]
    if rows.empty:
        raise NoDataError(f"keine Einwohnerzahlen für {place.name}")
    latest = rows.loc[rows["time_period"].eq(rows["time_period"].max())].set_index("ref_area")
    names = dict(zip(place.areas, lab.region.member_names, strict=True))
    data = pd.DataFrame(
        {
            "Gemeinde": [names[key] for key in place.areas if key in latest.index],
            "Schlüssel (AGS)": [
                ags
                for ags, key in zip(lab.region.members, place.areas, strict=True)
                if key in latest.index
            ],
            "Einwohner": [
                german.number(cast(float, latest.at[key, "obs_value"]))
                for key in place.areas
                if key in latest.index
            ],
        }
    )
    if len(place.areas) > 1:
        data.loc[len(data)] = ["zusammen", "", german.number(latest["obs_value"].sum())]
    day = german.period(str(latest["time_period"].iloc[0]))
    return DataTable(
        id="population-members",
        title="Die Gemeinden und ihre Einwohnerzahl",
        caption=f"Einwohnerinnen und Einwohner am {day}.",
        data=data,
        level="Gemeinde",
        as_of=lab.as_of,
        attributions=_attributions(lab, latest),
        is_computed=len(place.areas) > 1,
    )


def pyramid_figure(
    lab: Workspace, place: Place, bars: pd.DataFrame, other: Place, outline: pd.DataFrame, day: str
) -> Figure:
    """Age structure by sex of a place, with that of a second one as an outline.

    Parameters
    ----------
    bars, outline : as returned by `methods.population.share_per_year_of_age`.
    """
    if bars.empty:
        raise NoDataError(f"kein Altersaufbau nach Geschlecht für {place.name}")
    attributions = _attributions(lab, bars, outline)
    return Figure(
        id="population-pyramid",
        title="Der Altersaufbau, verglichen mit dem nächstgrößeren Gebiet",
        caption=f"Anteil jedes Altersjahrs an der Bevölkerung am {german.period(day)}: "
        f"{place.name} (Flächen) und {other.name} (Linie). Es ist der jüngste Tag, für den der "
        "Altersaufbau nach Geschlecht veröffentlicht vorliegt. Innerhalb einer Altersgruppe ist "
        f"gleichmäßig verteilt; die offene Gruppe der Ältesten ist über {OPEN_GROUP_YEARS} Jahre "
        "gezeichnet.",
        alt=f"Bevölkerungspyramide von {place.name}, daneben als Linie {other.name}. Am stärksten "
        f"besetzt sind {_strongest(bars)}.",
        data=_pyramid_data(bars),
        level=level_of(place),
        as_of=lab.as_of,
        attributions=attributions,
        is_computed=True,
        draw=partial(charts.pyramid, bars, outline, (place.name, other.name)),
    )


def _strongest(bars: pd.DataFrame) -> str:
    peaks = bars.loc[bars.groupby("sex")["percent_per_year"].idxmax()].set_index("sex")
    words = {"male": "Männer", "female": "Frauen"}
    return german.enumeration(
        [
            f"bei den {'Männern' if sex == 'male' else words[str(sex)]} {age_label(row)}"
            for sex, row in peaks.iterrows()
        ]
    )


def age_label(row: pd.Series) -> str:
    """An age group in words: "45 bis 49 Jahre", "ab 75 Jahre"."""
    if pd.isna(row["age_to"]):
        return f"ab {int(row['age_from'])} Jahre"
    start = 0 if pd.isna(row["age_from"]) else int(row["age_from"])
    if start == int(row["age_to"]):
        return f"{start} {german.plural(start, 'Jahr|Jahre')}"
    return f"{start} bis {int(row['age_to'])} Jahre"


def _pyramid_data(bars: pd.DataFrame) -> pd.DataFrame:
    ordered = bars.sort_values(["age_from", "sex"])
    wide = ordered.assign(Alter=[age_label(row) for _, row in ordered.iterrows()]).pivot(
        index="Alter", columns="sex", values=["obs_value", "percent_per_year"]
    )
    wide = wide.reindex(list(dict.fromkeys(age_label(row) for _, row in ordered.iterrows())))
    return pd.DataFrame(
        {
            "Alter": wide.index,
            "Männer": [german.number(v) for v in wide["obs_value", "male"]],
            "Frauen": [german.number(v) for v in wide["obs_value", "female"]],
            "Männer, % je Altersjahr": [
                german.number(v, 2) for v in wide["percent_per_year", "male"]
            ],
            "Frauen, % je Altersjahr": [
                german.number(v, 2) for v in wide["percent_per_year", "female"]
            ],
        }
    ).reset_index(drop=True)


def ratios_figure(lab: Workspace, ratios: pd.DataFrame, day: str) -> Figure:
    """Age ratios of the region (first) and of what it is compared with.

    Parameters
    ----------
    ratios : as returned by `methods.population.ratio_table`.
    """
    if ratios.empty:
        raise NoDataError("kein Altersaufbau für dieses Gebiet")
    attributions = _attributions(lab, ratios)
    panels = []
    for ratio, title in (
        ("youth_ratio", "Jugendquotient"),
        ("old_age_ratio", "Altenquotient"),
        ("share_75_plus", "ab 75 Jahre (%)"),
    ):
        rows = ratios.loc[ratios["ratio"].eq(ratio)]
        panels.append((title, [_ratio_bar(row) for _, row in rows.iterrows()]))
    home = ratios.loc[ratios["ratio"].eq("old_age_ratio")].iloc[0]
    return Figure(
        id="population-ratios",
        title="Jung und Alt im Verhältnis zur Mitte",
        caption="Jugendquotient: Menschen unter 20 Jahren je 100 Menschen von 20 bis 64 Jahren. "
        "Altenquotient: Menschen ab 65 Jahren je 100 Menschen von 20 bis 64 Jahren. Alle Werte "
        f"gelten für den {german.period(day)}.",
        alt=f"Balken für {german.enumeration(list(dict.fromkeys(ratios['name'])))}. Der "
        f"Altenquotient beträgt in {home['name']} {german.number(home['obs_value'], 1)}.",
        data=_ratio_data(ratios),
        level=german.enumeration(
            [_place_of(row) for _, row in ratios.drop_duplicates("ref_area").iterrows()]
        ),
        as_of=lab.as_of,
        attributions=attributions,
        is_computed=True,
        draw=partial(charts.bar_panels, panels),
    )


def _place_of(row: pd.Series) -> str:
    return level_of(Place(row["ref_area"], row["name"], row["level"], ()))


def _ratio_bar(row: pd.Series) -> charts.Bar:
    return charts.Bar(
        label=row["name"],
        value=row["obs_value"],
        printed=german.number(row["obs_value"], 1),
        is_subject=row["level"] in {"region", "municipality"},
    )


def _ratio_data(ratios: pd.DataFrame) -> pd.DataFrame:
    wide = ratios.pivot(index="ref_area", columns="ratio", values="obs_value")
    places = ratios.drop_duplicates("ref_area").set_index("ref_area")
    data = {"Gebiet": places["name"], "Ebene": places["level"].map(_LEVEL_WORDS)}
    for ratio, (label, _) in RATIO_LABELS.items():
        data[label] = pd.Series(
            [german.number(value, 1) for value in wide.loc[places.index, ratio]], index=places.index
        )
    return pd.DataFrame(data).reset_index(drop=True)


def _attributions(lab: Workspace, *frames: pd.DataFrame) -> Sequence[str]:
    ids = [name for frame in frames for joined in frame["source_id"] for name in joined.split()]
    return lab.attributions(sorted(set(ids)))


def changes_table(
    lab: Workspace, place: Place, changes: pd.DataFrame, totals: pd.DataFrame
) -> DataTable:
    """Change within each unbroken run of years.

    Parameters
    ----------
    changes : as returned by `methods.population.change_within_segments`.
    totals : the observed totals that they were computed from.
    """
    if changes.empty:
        raise NoDataError(f"keine zwei aufeinanderfolgenden Jahre für {place.name}")
    return DataTable(
        id="population-change",
        title="Veränderung innerhalb einer Zensusbasis",
        caption="Veränderung vom ersten zum letzten Stichtag aufeinanderfolgender Jahre. Über eine "
        "neue Zählung oder fehlende Jahre hinweg wird keine Veränderung berechnet.",
        data=pd.DataFrame(
            {
                "Zensusbasis": changes["census_basis"].map(_BASIS_LABELS),
                "von": [german.period(day, is_short=True) for day in changes["first_period"]],
                "bis": [german.period(day, is_short=True) for day in changes["last_period"]],
                "Einwohner am Anfang": [german.number(value) for value in changes["first_value"]],
                "am Ende": [german.number(value) for value in changes["last_value"]],
                "Veränderung (%)": [german.signed(v, 1) for v in changes["change_percent"]],
            }
        ),
        level=level_of(place),
        as_of=lab.as_of,
        attributions=_attributions(lab, totals.loc[totals["measure"].eq("population")]),
        is_computed=True,
    )


def kreis_words(newer: Finding, older: Finding) -> Prose:
    """The age ratio of the Kreis on a later day than the municipality's, and how far they compare.

    Parameters
    ----------
    newer : as returned by `methods.population.newer_ratio_finding` for the Kreis.
    older : the ratio of the municipality that stands above it.
    """
    if not newer.is_known:
        place = german.for_place(newer.ref_area_name, newer.level)
        whom = place[:1].upper() + place[1:]
        text = f"Keine Daten: {whom} liegt hier kein jüngerer Altersaufbau vor."
        return Prose((text,), (newer,), "no-data")
    said = tell(
        "{kreis.area}: Am {kreis.date} betrug der Altenquotient {kreis.number} ({kreis.kind}).",
        kreis=newer,
    )
    if not older.is_known or _bases(newer) & _bases(older):
        return said
    return together(said, tell("Er beruht auf einem anderen Zensus als der Wert der Gemeinde."))


def _bases(finding: Finding) -> set[str]:
    """The censuses that the rows behind a finding rest on."""
    return {row.key["census_basis"] for row in finding.evidence if row.key.get("census_basis")}
