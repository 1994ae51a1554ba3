"""Tables of the chapter "Bevölkerung" on how far a projection can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures import charts, german
from pipeline.figures.contract import DataTable
from pipeline.figures.population import level_of
from pipeline.figures.projection import input_attributions, limits_of
from pipeline.methods.findings import Finding
from pipeline.methods.projected import VARIANTS
from pipeline.methods.projection_checks import backtest_of, published_projections
from pipeline.regions import Place
from pipeline.tables.workspace import Workspace

#: Units of published projections, as `published_facts` writes them.
_UNITS = {
    "percent": ("{} %", german.signed, 1),
    "percent (up to)": ("bis zu {} %", german.signed, 1),
    "persons": ("{}", german.number, 0),
    "years": ("{} Jahre", german.number, 0),
}
_NO_OWN = "keine vergleichbare"
_COUNTED = "aus veröffentlichten Zahlen"


def assumptions_table(lab: Workspace, parameters: pd.DataFrame) -> DataTable:
    """What the three variants assume.

    Parameters
    ----------
    parameters : table `model_parameters`.
    """
    values = parameters.set_index("parameter")["obs_value"]
    rows = []
    for name, label in VARIANTS.items():
        births = 100.0 * (float(values[f"fertility_factor_{name}"]) - 1.0)
        moves = 1000.0 * float(values[f"migration_addition_{name}"])
        deaths = [100.0 * float(values[f"mortality_decline_{sex}"]) for sex in ("men", "women")]
        rows.append(
            {
                "Variante": label,
                "Geburten je Frau, gegenüber der mittleren (%)": german.signed(births, 1),
                "Wanderung je 1.000 Menschen und Jahr, ebenso": german.signed(moves, 1),
                "Sterblichkeit sinkt im Jahr um (%; Männer, Frauen)": " und ".join(
                    german.number(value, 1) for value in deaths
                ),
            }
        )
    return DataTable(
        id="projection-assumptions",
        title="Was die Varianten annehmen",
        caption="Die Varianten liegen so weit auseinander wie in der 14. koordinierten "
        "Bevölkerungsvorausberechnung des Statistischen Bundesamts; die Sterblichkeit folgt der "
        "15. (mittlere Annahme). Der Zuzug kehrt vom Stand der letzten Jahre zu dem Maß zurück, "
        "mit dem das Landesamt für Nordrhein-Westfalen rechnet.",
        data=pd.DataFrame(rows),
        level="alle Gebiete",
        as_of=lab.as_of,
        attributions=input_attributions(lab),
        is_computed=True,
    )


def ratio_outlook_table(lab: Workspace, findings: Sequence[Finding]) -> DataTable:
    """Old-age ratios of several years and places, each with its limits.

    Parameters
    ----------
    findings : as returned by `methods.projected_ages.old_age_ratio_finding`.
    """
    known = [finding for finding in findings if finding.is_known]
    if not known:
        raise NoDataError("keine Vorausberechnung für dieses Gebiet")
    return DataTable(
        id="old-age-ratio-outlook",
        title="Menschen ab 65 Jahren je 100 im Alter von 20 bis 64",
        caption="Altenquotient, Schätzung. Die Grenzen für heute folgen aus dem größten gemessenen "
        "Fehler des geschätzten Altersaufbaus. Die für später nehmen die 80-%-Bänder beider "
        "Altersgruppen hinzu, vorsichtig addiert.",
        data=pd.DataFrame(
            {
                "Gebiet": [finding.ref_area_name for finding in known],
                "Stichtag": [german.period(f.time_period, is_short=True) for f in known],
                "Altenquotient": [german.number(f.value or 0.0, 1) for f in known],
                "Grenzen": [limits_of(finding, 1) or _COUNTED for finding in known],
            }
        ),
        level=german.enumeration(list(dict.fromkeys(finding.ref_area_name for finding in known))),
        as_of=lab.as_of,
        attributions=input_attributions(lab),
        is_computed=True,
    )


def backtest_table(lab: Workspace, places: Sequence[Place], table: pd.DataFrame) -> DataTable:
    """What a forecast from 2015 would have been worth for these places.

    Parameters
    ----------
    table : table `projection_backtest`.
    """
    frames = [backtest_of(table, place).assign(name=place.name) for place in places]
    results = pd.concat(frames, ignore_index=True)
    if results.empty:
        raise NoDataError("für dieses Gebiet ist keine Rückrechnung möglich")
    return DataTable(
        id="projection-backtest",
        title="Vorausberechnet und eingetreten",
        caption="Vorausberechnung allein aus dem, was Ende "
        f"{str(results['base_period'].iloc[0])[:4]} bekannt war, gegen die Zahlen, die kamen. Zum "
        "Vergleich: die Annahme, dass die Einwohnerzahl gleich bleibt. Plus heißt zu hoch. Auf der "
        "Basis des Zensus 2022 steckt auch dessen Berichtigung im Fehler.",
        data=pd.DataFrame(
            {
                "Gebiet": results["name"],
                "Stichtag": [german.period(d, is_short=True) for d in results["time_period"]],
                "Zensusbasis": [f"Zensus {basis}" for basis in results["census_basis"]],
                "vorausberechnet": [german.number(v) for v in results["forecast"]],
                "eingetreten": [german.number(v) for v in results["obs_value"]],
                "Fehler (%)": [german.signed(v, 1) for v in results["error_percent"]],
                "Fehler bei gleicher Zahl (%)": [
                    german.signed(v, 1) for v in results["constant_error_percent"]
                ],
            }
        ),
        level=german.enumeration([level_of(place) for place in places]),
        as_of=lab.as_of,
        attributions=input_attributions(lab),
        is_computed=True,
        notes=(
            "Die Methode hat hier nur aus den Kreisen der Untersuchungsregion gelernt. Die Prüfung "
            "an allen Gemeinden Nordrhein-Westfalens steht in der Methodenbeschreibung.",
        ),
    )


def published_table(
    lab: Workspace, places: Sequence[Place], facts: pd.DataFrame, projection: pd.DataFrame
) -> DataTable:
    """Projections that others published, beside ours for the same end year.

    Parameters
    ----------
    facts : table `published_facts`.
    projection : table `projection`.
    """
    rows = published_projections(facts, projection, places)
    if rows.empty:
        names = german.enumeration([place.name for place in places])
        raise NoDataError(f"keine veröffentlichten Vorausberechnungen für {names} in den Daten")
    return DataTable(
        id="published-projections",
        title="Veröffentlichte Vorausberechnungen und unsere",
        caption="Veröffentlichte Vorausberechnungen mit ihrer Quelle; daneben unsere mittlere "
        "Variante bis zum selben Jahr, mit 80-%-Band. Die Ausgangsjahre und Annahmen sind "
        "verschieden; widersprechen sich zwei Quellen, stehen beide hier.",
        data=pd.DataFrame(
            {
                "Gebiet": rows["name"],
                "Größe": rows["label"],
                "Zeitraum": [str(text).replace("-", "–") for text in rows["year_or_date"]],
                "veröffentlicht": [_published(row) for row in charts.rows_of(rows)],
                "Wortlaut": [f"„{text}“" if text else "" for text in rows["wording"]],
                "hier berechnet (Schätzung)": [_own(row) for row in charts.rows_of(rows)],
                "Quelle": rows["source_title"],
            }
        ),
        level=german.enumeration(list(dict.fromkeys(rows["name"]))),
        as_of=lab.as_of,
        attributions=input_attributions(lab, *rows["source_id"]),
        is_computed=True,
        notes=(
            "Unsere Rechnung ist so eingestellt, dass die Kreise der Untersuchungsregion in "
            "Nordrhein-Westfalen zusammen der Vorausberechnung für dieses Land folgen. Für "
            "andere Länder gilt dieselbe Einstellung als Annahme.",
        ),
    )


def _published(row: Any) -> str:
    pattern, write, decimals = _UNITS[str(row.unit_text)]
    return pattern.format(write(row.value, decimals))


def _own(row: Any) -> str:
    if pd.isna(row.own):
        return _NO_OWN
    pattern, write, decimals = _UNITS[str(row.unit_text).removesuffix(" (up to)")]
    low, value, high = (write(v, decimals) for v in (row.own_low, row.own, row.own_high))
    return f"{row.own_start:.0f}–{row.own_end:.0f}: {pattern.format(value)} ({low} bis {high})"
