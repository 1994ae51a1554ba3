"""Figures of the chapter "Bevölkerung" that look ahead: fan, variants, pyramid, structure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures import bands, charts, german, theme
from pipeline.figures.bands import Band, Line
from pipeline.figures.contract import DataTable, Figure
from pipeline.figures.population import age_label, breaks_of, decimal_year, level_of
from pipeline.figures.prose import DECIMALS, Prose, notice
from pipeline.methods.findings import Finding
from pipeline.methods.population import segments, share_per_year_of_age
from pipeline.methods.projected import (
    EVERYBODY,
    VARIANTS,
    YEARS,
    at,
    flagged_areas,
    is_in_samtgemeinde,
    missing_reason,
    paths,
    start_year,
    variants_table,
)
from pipeline.methods.projected_ages import PYRAMID_OPEN, pyramid_groups
from pipeline.regions import Place
from pipeline.tables.workspace import Workspace

#: Years over which the open group of the pyramid is drawn; said in the caption.
OPEN_YEARS = 10
_COLOURS = {"low": theme.ORANGE, "middle": theme.BLUE, "high": theme.GREEN}
_LATER = 2040
#: Keeps a number and its sign on one line of a table.
_NBSP = "\u00a0"
#: Tables that every projected value rests on.
_INPUTS = ("population", "vital_events", "migration")


def input_attributions(lab: Workspace, *further: str) -> list[str]:
    """What the licences ask for, for all that a projection of this region is computed from."""
    return lab.attributions(sorted({*_input_sources(lab), *further}))


def _input_sources(lab: Workspace) -> set[str]:
    keys = [*lab.region.areas, lab.region.kreis]
    tables = [lab.table(name, keys) for name in _INPUTS]
    return {
        str(name)
        for table in tables
        for name in table.loc[table["measure"].ne("population_census"), "source_id"]
    }


def limits_of(finding: Finding, decimals: int = 0, *, is_change: bool = False) -> str:
    """The limits of a finding in words: "zwischen 71.497 und 83.823"; empty without limits."""
    if finding.uncertainty is None:
        return ""
    write = german.signed if is_change else german.number
    low, high = finding.uncertainty.low, finding.uncertainty.high
    return f"zwischen {write(low, decimals)} und {write(high, decimals)}"


def surety(finding: Finding) -> str:
    """How sure a value is, to be set behind it: ", zwischen … und … (Schätzung; Methode)".

    The limits of a count are as rough as ``{n.about}`` prints the count; those of a change have
    their signs.
    """
    band = finding.uncertainty
    if finding.value is None or band is None:
        return f" ({finding.kind})"
    if finding.unit == "percent":
        limits = limits_of(finding, DECIMALS["percent"], is_change=True)
    else:
        low, high = (german.rough(limit, like=finding.value) for limit in (band.low, band.high))
        limits = f"zwischen {low} und {high}"
    return f", {limits} ({finding.kind}; {band.method})"


def special_notice(lab: Workspace, projection: pd.DataFrame) -> Prose | None:
    """A box for members with a reception centre: "Sondereffekt"; None where there is none."""
    flagged = set(flagged_areas(projection, lab.region.areas))
    names = [
        name
        for key, name in zip(lab.region.areas, lab.region.member_names, strict=True)
        if key in flagged
    ]
    if not names:
        return None
    return notice(
        [
            f"Sondereffekt in {german.enumeration(names)}: Gemessen an der Einwohnerzahl gab es "
            "sehr viele Zu- und Fortzüge. Das kann an einer Aufnahmeeinrichtung liegen oder an "
            "einer Hochschule. Die Vorausberechnung übernimmt hier das Wanderungsmuster des "
            "Kreises."
        ]
    )


def missing_notice(lab: Workspace, projection: pd.DataFrame) -> Prose | None:
    """Why nothing can be projected for the region, in full; None where it can."""
    region = lab.region
    if not paths(projection, region.areas, EVERYBODY).empty:
        return None
    is_member = is_in_samtgemeinde(lab.table("municipalities"), region.areas)
    reason = missing_reason(region.place, in_samtgemeinde=is_member)
    return notice([f"Keine Daten: {reason}"], "no-data")


def still_missing(lab: Workspace) -> Prose:
    """What stands in the place of a further result once `missing_notice` has said why."""
    name = lab.region.name
    return notice(
        [f"Keine Daten: keine Vorausberechnung für {name}. Warum, steht oben."], "no-data"
    )


def fan_figure(
    lab: Workspace, place: Place, totals: pd.DataFrame, projection: pd.DataFrame
) -> Figure:
    """Observed points by census basis, then three variants and the bands to 2050.

    Parameters
    ----------
    totals : as returned by `methods.population.observed_totals`.
    projection : table `projection`.
    """
    path = paths(projection, place.areas, EVERYBODY)
    if path.empty:
        raise NoDataError(missing_reason(place).rstrip("."))
    path = path.assign(year=path["time_period"].map(decimal_year))
    points = segments(totals)
    points["year"] = points["time_period"].map(decimal_year)
    middle = path.loc[path["variant"].eq("middle")]
    ends = {name: at(path, YEARS[-1], name) for name in VARIANTS}
    printed = {
        name: german.number(row["obs_value"]) for name, row in ends.items() if row is not None
    }
    summed = (
        " Die Bänder der Gemeinden sind summiert und damit vorsichtig breit."
        if len(place.areas) > 1
        else ""
    )
    return Figure(
        id="population-fan",
        title=_fan_title(middle),
        caption=f"{place.name}: veröffentlichte Einwohnerzahlen (Punkte, getrennt nach "
        f"Zensusbasis) und Schätzung bis {YEARS[-1]}. Nach dieser Rechnung liegt die künftige Zahl "
        "mit 80 Prozent Wahrscheinlichkeit im dunklen, mit 95 Prozent im hellen Band. Untere und "
        "obere Variante unterscheiden sich in Geburten und Zuzug. Die senkrechte Achse beginnt "
        f"nicht bei null.{summed}",
        alt=f"Fächer der Einwohnerzahl von {place.name} ab {start_year(path)}. Ende {YEARS[-1]}: "
        + "; ".join(f"{VARIANTS[name]} {text}" for name, text in printed.items())
        + ".",
        data=_variant_rows(variants_table(projection, place)),
        level=level_of(place),
        as_of=lab.as_of,
        attributions=input_attributions(lab),
        is_computed=True,
        notes=(
            "Künftige Volkszählungen und ein Bruch im Verhalten sind in den Bändern nicht "
            "enthalten.",
        ),
        draw=partial(
            bands.fan,
            points,
            breaks_of(points),
            [
                Band(_band(middle, 95), "95-%-Band", alpha=0.14),
                Band(_band(middle, 80), "80-%-Band", alpha=0.24),
            ],
            [
                Line(
                    path.loc[path["variant"].eq(name)],
                    label,
                    _COLOURS[name],
                    is_dashed=name != "middle",
                )
                for name, label in VARIANTS.items()
            ],
        ),
    )


def _fan_title(middle: pd.DataFrame) -> str:
    """Where the number goes, or that its band leaves it open."""
    ordered = middle.sort_values("time_period")
    start, last = float(ordered["obs_value"].iloc[0]), ordered.iloc[-1]
    if last["lower_80"] <= start <= last["upper_80"]:
        return f"Ob die Einwohnerzahl bis {YEARS[-1]} steigt oder sinkt, ist offen"
    way = german.way(float(last["obs_value"]) - start, "steigen|sinken|gleich bleiben")
    return f"Die Einwohnerzahl dürfte bis {YEARS[-1]} {way} (Schätzung)"


def _band(middle: pd.DataFrame, coverage: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "year": middle["year"],
            "low": middle[f"lower_{coverage}"],
            "high": middle[f"upper_{coverage}"],
        }
    )


def _variant_rows(table: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for row in charts.rows_of(table):
        is_start = row.Index == 0
        rows.append(
            {
                "Ende": f"{row.year:.0f}",
                "untere Variante": _count(row.low, row.low_percent, is_start),
                "mittlere Variante": _count(row.middle, row.middle_percent, is_start),
                "obere Variante": _count(row.high, row.high_percent, is_start),
                "80-%-Band": _range(row.lower_80, row.upper_80, is_start),
                "95-%-Band": _range(row.lower_95, row.upper_95, is_start),
            }
        )
    return pd.DataFrame(rows)


def _count(value: float, change: float, is_start: bool) -> str:
    text = german.number(value)
    return text if is_start else f"{text} ({german.signed(change, 1)}{_NBSP}%)"


def _range(low: float, high: float, is_start: bool) -> str:
    return "veröffentlicht" if is_start else f"{german.number(low)} bis {german.number(high)}"


def members_outlook(lab: Workspace, projection: pd.DataFrame) -> DataTable:
    """The members of a group one by one: today and the printed years, middle variant."""
    region = lab.region
    if not region.is_group:
        raise NoDataError(f"{region.name} ist eine einzelne Gemeinde")
    flagged = set(flagged_areas(projection, region.areas))
    rows = []
    for key, name in zip(region.areas, region.member_names, strict=True):
        table = variants_table(projection, Place(key, name, "municipality", (key,)))
        row = {"Gemeinde": name}
        for entry in charts.rows_of(table):
            text = _count(entry.middle, entry.middle_percent, entry.Index == 0)
            row[f"Ende {entry.year:.0f}"] = text
            if entry.year == _LATER:
                row[f"80-%-Band {_LATER}"] = _range(entry.lower_80, entry.upper_80, False)
        row["Hinweis"] = "Sondereffekt" if key in flagged else ""
        rows.append(row)
    data = pd.DataFrame(rows)
    if len(data.columns) < 4:
        raise NoDataError(missing_reason(region.place).rstrip("."))
    return DataTable(
        id="population-members-outlook",
        title="Die Gemeinden einzeln: mittlere Variante",
        caption="Einwohnerzahl am Jahresende, Schätzung; in Klammern die Veränderung seit dem "
        "Beginn der Vorausberechnung.",
        data=data.fillna("keine Daten"),
        level="Gemeinde",
        as_of=lab.as_of,
        attributions=input_attributions(lab),
        is_computed=True,
    )


def structure_table(lab: Workspace, place: Place, structure: pd.DataFrame) -> DataTable:
    """The estimated age groups of today with the measured error.

    Parameters
    ----------
    structure : as returned by `methods.projected_ages.structure_today`.
    """
    if structure.empty:
        raise NoDataError(missing_reason(place).rstrip("."))
    day = german.period(str(structure["time_period"].iloc[0]))
    return DataTable(
        id="population-structure-today",
        title="Der Altersaufbau heute: eine Schätzung",
        caption=f"{place.name}, {day}, Schätzung. Der Altersaufbau von 2015 ist fortgerechnet und "
        "an die veröffentlichte Einwohnerzahl und die Zahlen des Kreises angepasst. Der Fehler ist "
        "an Kreisen in Nordrhein-Westfalen gemessen, deren Altersaufbau veröffentlicht ist; für "
        "Gemeinden lässt er sich nicht messen und kann größer sein. Die letzte Zeile ist in der "
        "vorletzten enthalten.",
        data=pd.DataFrame(
            {
                "Alter": [age_label(row) for _, row in structure.iterrows()],
                "Menschen (Schätzung)": [german.number(v) for v in structure["obs_value"]],
                "Anteil (%)": [german.number(v, 1) for v in structure["percent"]],
                "mittlerer Fehler (%)": [_error(v) for v in structure["mean_error"]],
                "größter Fehler (%)": [_error(v) for v in structure["largest_error"]],
            }
        ),
        level=level_of(place),
        as_of=lab.as_of,
        attributions=lab.attributions(sorted(_input_sources(lab))),
        is_computed=True,
    )


def _error(percent: float) -> str:
    return "veröffentlicht" if percent == 0 else german.number(percent, 1)


def pyramid_outlook(lab: Workspace, place: Place, ages: pd.DataFrame, year: int = _LATER) -> Figure:
    """The estimated pyramid of today, with that of a later year as an outline.

    Parameters
    ----------
    ages : table `projection_ages`.
    """
    mine = ages.loc[ages["ref_area"].isin(place.areas)]
    first = 0 if mine.empty else start_year(mine)
    now, later = (pyramid_groups(ages, place.areas, when) for when in (first, year))
    if now.empty or later.empty:
        raise NoDataError(missing_reason(place).rstrip("."))
    areas, outline = (share_per_year_of_age(part, OPEN_YEARS) for part in (now, later))
    very_old = {
        when: float(part.loc[part["age_from"].ge(80), "percent_per_year"].mul(part["years"]).sum())
        for when, part in ((first, areas), (year, outline))
    }
    old = {when: german.number(share, 1) for when, share in very_old.items()}
    way = german.way(very_old[year] - very_old[first], "steigen|sinken|gleich bleiben")
    return Figure(
        id="population-pyramid-outlook",
        title=f"Der Anteil der Menschen ab 80 dürfte bis {year} {way} (Schätzung)",
        caption=f"{place.name}: Anteil jedes Altersjahrs an der Bevölkerung Ende {first} (Flächen) "
        f"und Ende {year} (Linie), mittlere Variante. Beides sind Schätzungen, in Gruppen von "
        f"fünf Jahren; ab {PYRAMID_OPEN} Jahren ist über {OPEN_YEARS} Jahre verteilt.",
        alt=f"Bevölkerungspyramide von {place.name}. Ab 80 Jahre alt sind {first} etwa "
        f"{old[first]} Prozent, {year} etwa {old[year]} Prozent der Menschen.",
        data=_pyramid_rows(now, later, first, year),
        level=level_of(place),
        as_of=lab.as_of,
        attributions=input_attributions(lab),
        is_computed=True,
        draw=partial(
            charts.pyramid, areas, outline, (f"{first} (Schätzung)", f"{year} (Schätzung)")
        ),
    )


def _pyramid_rows(now: pd.DataFrame, later: pd.DataFrame, first: int, year: int) -> pd.DataFrame:
    columns: dict[str, Sequence[str]] = {}
    for when, part in ((first, now), (year, later)):
        for sex, word in (("male", "Männer"), ("female", "Frauen")):
            rows = part.loc[part["sex"].eq(sex)].sort_values("age_from")
            columns.setdefault("Alter", [age_label(row) for _, row in rows.iterrows()])
            columns[f"{word} {when}"] = [german.number(value) for value in rows["obs_value"]]
    return pd.DataFrame(columns)
