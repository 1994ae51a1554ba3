"""Figures of the chapter "Pflege": dated history, kinds, places, and the model to 2050."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures import bands, charts, german, theme
from pipeline.figures.bands import Band, Limits, Line
from pipeline.figures.contract import DataTable, Figure
from pipeline.figures.fact_table import fact_table
from pipeline.figures.population import decimal_year, level_of
from pipeline.figures.projection import input_attributions
from pipeline.figures.prose import Prose, notice, tell
from pipeline.methods.care import DAY_CARE, DEPENDANTS, KINDS, SUPPLY, outside_kinds
from pipeline.methods.care_outlook import VARIANTS, outlook_table
from pipeline.methods.care_places import own_places
from pipeline.methods.findings import Finding
from pipeline.methods.projected import YEARS, missing_reason, paths, start_year
from pipeline.methods.published_facts import Indicator, facts_about, facts_named
from pipeline.regions import Place
from pipeline.tables.workspace import Workspace

#: Kinds of places that a list can hold, in the words of its template.
_PLACES = {
    "care_home_places_permanent": "Dauerpflege",
    "care_home_places_short_term": "Kurzzeitpflege",
    "care_places_day": "Tagespflege",
    "care_places_night": "Nachtpflege",
    "care_places_assisted_living": "Betreutes Wohnen und Wohngemeinschaften",
}
_COLOURS = {"status_quo": theme.BLUE, "rising_rates": theme.ORANGE}
_TOPIC = "Pflegebedürftige"
#: Single published figures on care; the table of published facts names them so.
FACTS = {
    "care_dependants": Indicator(_TOPIC, "Pflegebedürftige", "persons"),
    "care_rate": Indicator(_TOPIC, "Pflegebedürftige je 1.000 Menschen", "per_1000"),
    "care_share_inpatient": Indicator(_TOPIC, "davon vollstationär im Heim (%)", "percent"),
    "care_share_ambulatory_service": Indicator(_TOPIC, "davon mit Pflegedienst (%)", "percent"),
    "care_share_cash_benefit_only": Indicator(_TOPIC, "davon nur Pflegegeld (%)", "percent"),
    "care_places_missing": Indicator(_TOPIC, "fehlende Heimplätze", "count"),
    "care_places_per_100_aged_80plus": Indicator(
        _TOPIC, "Heimplätze je 100 Menschen ab 80 Jahren", "per_100"
    ),
}


def level_notice(lab: Workspace) -> Prose:
    """Whose figures the published part of the chapter shows."""
    kreis = lab.name_of(lab.region.kreis)
    if lab.region.is_kreis:
        text = f"{kreis} ist kreisfrei: Die Pflegezahlen des Kreises sind die der Stadt."
    else:
        text = f"{kreis} – für {lab.region.name} liegen keine eigenen Zahlen der Statistik vor."
    return notice([text], "note")


def rates_year(demand: pd.DataFrame) -> str:
    """The year that the rates of the model are from."""
    return str(demand["rates_year"].max())


def history_figure(lab: Workspace, place: Place, history: pd.DataFrame) -> Figure:
    """Dependants of the Kreis as dated points of two definitions, never joined.

    Parameters
    ----------
    history : as returned by `methods.care.history`.
    """
    if history.empty:
        raise NoDataError(f"keine veröffentlichten Pflegezahlen für {place.name}")
    points = history.assign(year=history["time_period"].map(decimal_year))
    described = "; ".join(
        f"Ende {row.time_period[:4]} {german.number(row.obs_value)} {row.definition}"
        for row in charts.rows_of(points)
    )
    return Figure(
        id="care-history",
        title="Pflegebedürftige, gezählt nach zwei Definitionen",
        caption=f"{place.name}: veröffentlichte Zahl der Pflegebedürftigen. Ab 2017 zählt die "
        "Statistik nach Pflegegraden und damit mehr Menschen. Die beiden Zählungen sind nicht "
        "vergleichbar; deshalb verbindet sie keine Linie.",
        alt=f"Einzelne Punkte für {place.name}: {described}.",
        data=pd.DataFrame(
            {
                "Stichtag": [german.period(d, is_short=True) for d in points["time_period"]],
                "Pflegebedürftige": [german.number(value) for value in points["obs_value"]],
                "Definition": points["definition"],
            }
        ),
        level=level_of(place),
        as_of=lab.as_of,
        attributions=lab.attributions(sorted(set(points["source_id"]))),
        draw=partial(bands.dated_points, points),
    )


def kinds_table(lab: Workspace, place: Place, kinds: pd.DataFrame) -> DataTable:
    """How dependants were cared for, on the last day of each definition.

    Parameters
    ----------
    kinds : as returned by `methods.care.kinds`.
    """
    if kinds.empty:
        raise NoDataError(f"keine Pflegearten für {place.name}")
    labels = {
        DEPENDANTS: "alle Pflegebedürftigen",
        **KINDS,
        DAY_CARE: "Tagespflege (oben schon enthalten)",
    }
    data: dict[str, list[str]] = {"Art der Leistung": list(labels.values())}
    for day, rows in kinds.groupby("time_period"):
        cells = {
            str(row.measure): f"{german.number(row.obs_value)} "
            f"({german.number(row.percent, 1)}\u00a0%)"
            for row in charts.rows_of(rows)
        }
        heading = f"{german.period(str(day), is_short=True)}, {rows['definition'].iloc[0]}"
        data[heading] = [cells.get(name, german.NO_DATA) for name in labels]
    return DataTable(
        id="care-kinds",
        title="Wie die Menschen gepflegt wurden",
        caption=f"{place.name}: Pflegebedürftige nach der Leistung, in Klammern der Anteil. Die "
        "beiden Spalten zählen nach verschiedenen Definitionen und dürfen nicht verglichen werden. "
        "Wer Tagespflege nutzt, ist in einer der anderen Zeilen schon gezählt.",
        data=pd.DataFrame(data),
        level=level_of(place),
        as_of=lab.as_of,
        attributions=lab.attributions(sorted(set(kinds["source_id"]))),
        is_computed=True,
        notes=tuple(_gap_words(row) for row in charts.rows_of(outside_kinds(kinds))),
    )


def _gap_words(row: Any) -> str:
    """Why the parts of a day are not the whole: the source does not say."""
    way = german.way(row.gap, "weniger|mehr|ebenso viele", 0)
    return (
        f"{german.period(str(row.time_period), is_short=True)}: Die veröffentlichten Teile ergeben "
        f"zusammen {german.number(row.parts)}, {german.number(abs(row.gap))} {way} als die "
        "veröffentlichte Summe. Warum, sagt die Quelle nicht."
    )


def places_figure(lab: Workspace, place: Place, table: pd.DataFrame, day: str) -> Figure:
    """Permanent places per 100 very old people: the Kreis among the others of its Land.

    Parameters
    ----------
    table : as returned by `methods.care.places_table`, with the Land.
    """
    if place.ref_area not in set(table["ref_area"]):
        raise NoDataError(f"keine Heimplätze und Altersgruppen eines Tages für {place.name}")
    kreise = table.loc[table["ref_area"].str.len().eq(5)].sort_values("obs_value", ascending=False)
    land = table.loc[table["ref_area"].eq(lab.region.land)]
    rows = [
        charts.Bar(
            lab.name_of(str(row.ref_area)), row.obs_value, german.number(row.obs_value, 1),
            is_subject=row.ref_area == place.ref_area,
        )
        for row in charts.rows_of(kreise)
    ]  # fmt: skip
    reference = [
        charts.Bar(lab.name_of(str(row.ref_area)), row.obs_value, german.number(row.obs_value, 1))
        for row in charts.rows_of(land)
    ]
    shown = pd.concat([kreise, land])
    own = next(row for row in rows if row.is_subject)
    return Figure(
        id="care-places",
        title="Plätze für Dauerpflege je 100 Menschen ab 80 Jahren",
        caption=f"Plätze für Dauerpflege in Heimen je 100 Menschen ab 80 Jahren, beides am "
        f"{german.period(day)}, in den Kreisen der Untersuchungsregion in {lab.region.land_name}. "
        "Neuere Platzzahlen liegen hier nicht vor. Viele Plätze heißen nicht gute Versorgung: Wo "
        "mehr Menschen zu Hause gepflegt werden, braucht es weniger.",
        alt=f"Balken für {german.number(len(rows))} Kreise. {own.label}: {own.printed}"
        + "".join(f"; {bar.label}: {bar.printed}" for bar in reference)
        + ".",
        data=pd.DataFrame(
            {
                "Gebiet": [lab.name_of(str(key)) for key in shown["ref_area"]],
                "Plätze": [german.number(value) for value in shown["places"]],
                "Menschen ab 80 Jahren": [german.number(value) for value in shown["persons"]],
                "Plätze je 100": [german.number(value, 1) for value in shown["obs_value"]],
            }
        ),
        level=german.enumeration([level_of(place), *(bar.label for bar in reference)]),
        as_of=lab.as_of,
        attributions=lab.attributions(
            sorted({name for joined in shown["source_id"] for name in joined.split()})
        ),
        is_computed=True,
        draw=partial(charts.bars, rows, reference=reference[0] if reference else None),
    )


def supply_table(lab: Workspace, place: Place, supply: pd.DataFrame) -> DataTable:
    """Homes, places, services and staff of the Kreis.

    Parameters
    ----------
    supply : as returned by `methods.care.supply`.
    """
    if supply.empty:
        raise NoDataError(f"keine Angaben zu Heimen und Diensten für {place.name}")
    day = german.period(str(supply["time_period"].iloc[0]))
    return DataTable(
        id="care-supply",
        title="Heime, Dienste und Beschäftigte",
        caption=f"{place.name}, {day}. Gezählt sind Beschäftigte, keine vollen Stellen.",
        data=pd.DataFrame(
            {
                "Angebot": supply["measure"].map(SUPPLY),
                "Anzahl": [german.number(value) for value in supply["obs_value"]],
            }
        ),
        level=level_of(place),
        as_of=lab.as_of,
        attributions=lab.attributions(sorted(set(supply["source_id"]))),
    )


def own_places_table(lab: Workspace, care: pd.DataFrame, completeness: pd.DataFrame) -> DataTable:
    """Places, in use and free, as the lists of the region's municipalities and its Kreis say.

    Parameters
    ----------
    care, completeness : the tables.

    Raises
    ------
    NoDataError : no list of places was handed in.
    """
    region = lab.region
    keys = list(dict.fromkeys([*region.areas, region.kreis]))
    listed = own_places(care, completeness, keys)
    if listed.empty:
        raise NoDataError(
            f"Wie viele Plätze und wie viel Personal es in {region.name} selbst gibt oder braucht, "
            "ist nicht veröffentlicht. Eine Liste der Plätze kann die Gemeinde einspielen"
        )
    without = [
        name
        for key, name in zip(region.areas, region.member_names, strict=True)
        if key not in set(listed["ref_area"])
    ]
    gaps = f" Keine Liste liegt vor für {german.enumeration(without)}." if without else ""
    rows = list(charts.rows_of(listed))
    areas = [lab.name_of(str(row.ref_area)) for row in rows]
    return DataTable(
        id="care-own-places",
        title="Plätze nach eigener Angabe",
        caption="Aus einer eingespielten Liste; keine amtliche Zahl. Zahlen in Klammern: Die Liste "
        "ist nicht vollständig, oder nicht jede Einrichtung nennt ihre Belegung. Frei sind dann "
        "unter den genannten Plätzen höchstens so viele, belegt mindestens so viel Prozent. Wie "
        f"viel Personal es gibt oder braucht, sagt die Liste nicht.{gaps}",
        data=pd.DataFrame(
            {
                "Gebiet": areas,
                "Art der Pflege": [_PLACES[str(row.measure)] for row in rows],
                "Plätze": [german.cell(row.places, row.places_status) for row in rows],
                "belegt": [_said(row.occupied, row.occupied_status) for row in rows],
                "frei": [_bound(row.free, row.is_exact, "höchstens") for row in rows],
                "belegt (%)": [_bound(row.percent, row.is_exact, "mindestens", 1) for row in rows],
                "Stand": [german.period(str(row.time_period), is_short=True) for row in rows],
                "Liste": [_list_words(row) for row in rows],
            }
        ),
        level=german.enumeration(
            list(dict.fromkeys(level_of(lab.place(str(row.ref_area))) for row in rows))
        ),
        as_of=lab.as_of,
        attributions=lab.attributions(sorted(set(listed["source_id"]))),
        is_computed=True,
    )


def _said(value: float, status: str) -> str:
    return "nicht angegeben" if pd.isna(value) and not status else german.cell(value, status)


def _bound(value: float, is_exact: bool, word: str, decimals: int = 0) -> str:
    """A number that follows from a list; only a bound where the list is not exact."""
    if pd.isna(value):
        return "–"
    text = german.number(value, decimals)
    return text if is_exact else f"{word} ({text})"


def _list_words(row: Any) -> str:
    """How complete a list says it is."""
    if row.completeness == "complete":
        return "vollständig"
    if row.completeness != "partial":
        return (
            "Vollständigkeit nicht angegeben"
            if row.places_status
            else "eine Zahl für das ganze Gebiet"
        )
    if pd.isna(row.known_total):
        return "unvollständig"
    listed, known = german.number(row.n_listed), german.number(row.known_total)
    return f"unvollständig: {listed} von {known} Plätzen"


def facts_table(lab: Workspace, facts: pd.DataFrame) -> DataTable:
    """Single published figures on care: of the region, its Kreis, and the larger areas.

    Parameters
    ----------
    facts : table `published_facts`.
    """
    parts = [facts_about(facts, lab.region, lab.reference_date, FACTS)]
    for name in (lab.name_of(lab.region.kv), lab.region.land_name):
        parts.append(facts_named(facts, name, lab.reference_date, FACTS))
    rows = pd.concat(parts, ignore_index=True)
    if rows.empty:
        raise NoDataError("keine einzeln veröffentlichten Pflegezahlen für dieses Gebiet")
    return fact_table(
        lab,
        rows,
        "care-facts",
        "Einzeln veröffentlichte Zahlen",
        "Zahlen aus Berichten und der Presse, jede mit Stand und Quelle. Sie gelten für das "
        "genannte Gebiet, nicht für eine einzelne Gemeinde darin.",
    )


def fan_figure(lab: Workspace, place: Place, demand: pd.DataFrame, today: Finding) -> Figure:
    """Expected dependants to 2050: two variants with the band of the number of the very old.

    Parameters
    ----------
    demand : table `care_demand`.
    today : as returned by `methods.care_outlook.demand_finding` for today; its limits are drawn.
    """
    path = paths(demand, place.areas)
    if path.empty:
        raise NoDataError(missing_reason(place).rstrip("."))
    path = path.assign(year=path["time_period"].map(decimal_year))
    table = outlook_table(demand, place.areas, YEARS)
    first, last = table.iloc[0], table.iloc[-1]
    level = today.uncertainty
    own = demand.loc[demand["ref_area"].isin(place.areas)]
    factor = float(own["calibration_factor"].iloc[0])
    fitted = (
        f"Die Raten sind mit dem Faktor {german.number(factor, 2)} an die veröffentlichte Zahl des "
        "Landes angepasst."
        if own["misfit_percent"].notna().all()
        else "Die Raten sind an keine veröffentlichte Zahl des Landes angepasst."
    )
    return Figure(
        id="care-fan",
        title=f"Die Zahl der Pflegebedürftigen {_fan_way(table)}",
        caption=f"{place.name}, Schätzung: Raten nach Alter und Geschlecht mal Menschen der "
        "mittleren Variante der Bevölkerung. Die Bänder (80 Prozent) beginnen nach dem ersten Jahr "
        "und zeigen, wie unsicher die Zahl der Menschen ab 80 Jahren wird. Der Strich am Anfang "
        f"zeigt, wie unsicher das Niveau ist{_level_words(today)}: Kreise weichen bei gleichem "
        "Altersaufbau voneinander ab. Steigende Raten steigen schon vor dem ersten Jahr; deshalb "
        "beginnt diese Linie höher. Gezeigt ist die erwartete "
        "Inanspruchnahme bei heutigem Verhalten, nicht der Bedarf. Die senkrechte Achse beginnt "
        "nicht bei null.",
        alt=f"Zwei Linien für {place.name} von {first['year']:.0f} bis {last['year']:.0f}: "
        + "; ".join(
            f"{label} von {german.number(first[name])} auf {german.number(last[name])}"
            for name, label in VARIANTS.items()
        )
        + ".",
        data=_outlook_rows(table),
        level=level_of(place),
        as_of=lab.as_of,
        attributions=input_attributions(lab, "veroeffentlichte-einzelangaben"),
        is_computed=True,
        notes=(
            f"Raten: GBE-Bund, Pflegebedürftige {own['rates_year'].iloc[0]}; steigende Raten: "
            "Destatis, Pflegevorausberechnung 2023 (der Verlauf bis 2027 ist unsere Annahme). "
            + fitted,
        ),
        draw=partial(
            bands.fan,
            pd.DataFrame({"year": [], "obs_value": [], "segment": [], "census_basis": []}),
            [],
            [
                Band(_band(path, name), f"80-%-Band, {VARIANTS[name]}", _COLOURS[name], alpha=0.2)
                for name in ("rising_rates", "status_quo")
            ],
            [
                Line(path.loc[path["variant"].eq(name)], label, _COLOURS[name])
                for name, label in VARIANTS.items()
            ],
            limits=None
            if level is None
            else Limits(start_year(path), level.low, level.high, "Unsicherheit des Niveaus"),
        ),
    )


def rising_words(risen: Finding, growth: Finding) -> Prose | None:
    """Where the path of rising rates begins, and how far it goes from there; None if unknown.

    Parameters
    ----------
    risen : today's number at rising rates.
    growth : its change until a later year, from that number.
    """
    if not (risen.is_known and growth.is_known):
        return None
    return tell(
        "Die Rechnung mit steigenden Raten lässt sie schon vor heute steigen. Sie beginnt deshalb "
        "Ende {risen.date} höher, bei {risen.about} Pflegebedürftigen. Von dort aus "
        "{growth.way:stiege|sänke|schwankte} die Zahl bis Ende {growth.date} um {growth.size} "
        "Prozent ({growth.kind}).",
        risen=risen,
        growth=growth,
    )


def _level_words(today: Finding) -> str:
    """The limits of the level as a caption adds them; empty where none are known."""
    limits = today.uncertainty
    if today.value is None or limits is None:
        return ""
    low, high = (german.rough(edge, like=today.value) for edge in (limits.low, limits.high))
    return f" (bei gleichbleibenden Raten heute zwischen {low} und {high})"


def _fan_way(table: pd.DataFrame) -> str:
    """Where the number goes, or that it depends on the rates."""
    first, last = table.iloc[0], table.iloc[-1]
    ways = {
        german.way(float(last[name] - first[name]), "steigen|sinken|gleich bleiben", 0)
        for name in VARIANTS
    }
    if len(ways) > 1:
        return "hängt an den Pflegequoten (Schätzung)"
    return f"dürfte bis {YEARS[-1]} {ways.pop()} (Schätzung)"


def _band(path: pd.DataFrame, variant: str) -> pd.DataFrame:
    rows = path.loc[path["variant"].eq(variant)]
    return pd.DataFrame({"year": rows["year"], "low": rows["lower_80"], "high": rows["upper_80"]})


def _outlook_rows(table: pd.DataFrame) -> pd.DataFrame:
    data: dict[str, list[str]] = {"Ende": [f"{year:.0f}" for year in table["year"]]}
    for name, label in VARIANTS.items():
        data[label] = [german.number(value) for value in table[name]]
        # the band measures what happens after the start; there it has no width
        data[f"80-%-Band, {label}"] = [
            "–" if position == 0 else f"{german.number(low)} bis {german.number(high)}"
            for position, (low, high) in enumerate(
                zip(table[f"{name}_low"], table[f"{name}_high"], strict=True)
            )
        ]
    return pd.DataFrame(data)
