"""One indicator on up to four levels: municipality, Kreis, Land, Germany, of one period.

A level without a value of that period says so. Rates of moves are no part: a Kreis's gross moves
count those over municipal borders, so levels cannot be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from pipeline.methods import population as people
from pipeline.methods.comparison_group import AGE_DAY
from pipeline.methods.evidence import evidence_of
from pipeline.methods.findings import Finding
from pipeline.methods.observed import about, no_data
from pipeline.regions import Place

Tables = Mapping[str, pd.DataFrame]
_SPAN = ["census_basis", "first_period", "last_period"]


@dataclass(frozen=True)
class Levels:
    """An indicator and its finding for each place, from the region to the country.

    Attributes
    ----------
    findings : one a place, in the order of the places; of one period where they have a value.
    """

    id: str
    label: str
    unit: str
    findings: tuple[Finding, ...]

    @property
    def known(self) -> tuple[Finding, ...]:
        """The findings with a value."""
        return tuple(finding for finding in self.findings if finding.is_known)


def levels(tables: Tables, places: Sequence[Place]) -> list[Levels]:
    """The indicators that more than one level may know, for the places of a report.

    Parameters
    ----------
    tables : `population`, `social`, `physicians`, `hospitals`, `deprivation`.
    places : the region first, then the larger areas.
    """
    ratios = {
        place: people.ratio_findings(tables["population"], place, AGE_DAY) for place in places
    }
    found = [
        Levels(
            "population-change", "Veränderung der Einwohnerzahl (%)", "percent",
            tuple(changes(tables["population"], places)),
        ),
        *(
            Levels(
                ratio.replace("_", "-"), label, unit,
                tuple(ratios[place][ratio] for place in places),
            )
            for ratio, (label, unit) in people.RATIO_LABELS.items()
        ),
    ]  # fmt: skip
    for entry in _PUBLISHED:
        rows = tables[entry.table]
        rows = rows.loc[rows["measure"].eq(entry.measure)]
        if entry.group:
            rows = rows.loc[rows["doctor_group"].eq(entry.group)]
        findings = tuple(_published(rows, entry, place) for place in places)
        found.append(Levels(entry.id, entry.label, entry.unit, _of_one_period(findings)))
    return found


def changes(population: pd.DataFrame, places: Sequence[Place]) -> list[Finding]:
    """Change of the population over the latest span that most of the places have in common.

    The span lies within one census basis, and is the same for all places; a place without it has
    no value.
    """
    spans = {
        place.ref_area: people.change_within_segments(
            people.observed_totals(population, place.areas)
        ).set_index(_SPAN)["change_percent"]
        for place in places
    }
    common = pd.Series([key for span in spans.values() for key in span.index]).value_counts()
    if common.empty:
        reason = "Es gibt keine zwei aufeinanderfolgenden Jahre einer Zensusbasis."
        return [no_data(reason, **_change_parts(place)) for place in places]
    best = max(common.index[common.eq(common.max())], key=lambda key: key[2])
    return [_change(population, place, spans[place.ref_area], best) for place in places]


def _change(
    population: pd.DataFrame, place: Place, span: pd.Series, key: tuple[str, str, str]
) -> Finding:
    basis, first, last = key
    if key not in span.index:
        reason = "Für diesen Zeitraum liegen keine Einwohnerzahlen vor."
        return no_data(reason, **_change_parts(place))
    rows = population.loc[
        population["ref_area"].isin(place.areas)
        & population["time_period"].isin([first, last])
        & population["census_basis"].eq(basis)
        & population["measure"].eq("population")
        & population["sex"].eq("total")
        & population["age_from"].isna()
        & population["age_to"].isna()
    ]
    return Finding(
        **_change_parts(place),
        value=float(span.loc[[key]].iloc[0]),
        time_period=f"{first}/{last}",
        kind="eigene Berechnung",
        evidence=evidence_of(rows, "population"),
    )


def _change_parts(place: Place) -> dict[str, Any]:
    return {
        "id": "population-change", "topic": "comparison",
        "label": "Veränderung der Einwohnerzahl", "unit": "percent", **about(place),
    }  # fmt: skip


@dataclass(frozen=True)
class _Published:
    """A published measure: where it stands, and its label for readers."""

    id: str
    label: str
    unit: str
    table: str
    measure: str
    group: str = ""


_PUBLISHED: Final = (
    _Published(
        "minimum-income-quota", "Mindestsicherungsquote (%)", "percent", "social",
        "minimum_income_quota",
    ),
    _Published(
        "gp-density", "Hausärztinnen und Hausärzte je 100.000 Einwohner", "per_100000",
        "physicians", "density", "Hausärztliche Fachgruppen",
    ),
    _Published(
        "hospital-beds-density", "Krankenhausbetten je 1.000 Einwohner (INKAR)", "per_1000",
        "hospitals", "hospital_beds_density",
    ),
    _Published(
        "gisd-quintile", "Deprivation: Fünftel der 400 Kreise", "quintile_of_400_kreise",
        "deprivation", "gisd_5",
    ),
)  # fmt: skip


def _published(rows: pd.DataFrame, entry: _Published, place: Place) -> Finding:
    parts: dict[str, Any] = {
        "id": entry.id, "topic": "comparison", "label": entry.label, "unit": entry.unit,
        **about(place),
    }  # fmt: skip
    own = rows.loc[rows["ref_area"].isin(place.areas) & rows["obs_value"].notna()]
    if len(place.areas) > 1 or own.empty:
        reason = (
            "Quoten mehrerer Gemeinden lassen sich nicht zusammenfassen."
            if len(own) > 1
            else "Auf dieser Ebene nicht veröffentlicht."
        )
        return no_data(reason, **parts)
    latest = own.loc[[own["time_period"].idxmax()]]
    return Finding(
        **parts,
        value=float(latest["obs_value"].iloc[0]),
        time_period=str(latest["time_period"].iloc[0]),
        kind="veröffentlichter Wert",
        evidence=evidence_of(latest, entry.table),
    )


def _of_one_period(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Findings of the latest period among them; a value of another one is left out, and said."""
    periods = {finding.time_period for finding in findings if finding.is_known}
    if len(periods) < 2:
        return findings
    latest = max(periods)
    return tuple(
        finding
        if not finding.is_known or finding.time_period == latest
        else no_data(
            "Für denselben Zeitraum nicht veröffentlicht.",
            id=finding.id, topic=finding.topic, label=finding.label, unit=finding.unit,
            ref_area=finding.ref_area, ref_area_name=finding.ref_area_name, level=finding.level,
        )
        for finding in findings
    )  # fmt: skip


# --- what the levels say -------------------------------------------------------------------


def count_finding(
    id: str, label: str, rows: Sequence[Levels], place: Place, is_counted: Callable[[Levels], bool]
) -> Finding:
    """How many indicators fulfil a condition, with the rows of those that do as evidence."""
    hits = [row for row in rows if is_counted(row)]
    evidence = tuple(piece for row in hits or rows for f in row.known for piece in f.evidence)
    parts: dict[str, Any] = {
        "id": id, "topic": "comparison", "label": label, "unit": "count", **about(place),
    }  # fmt: skip
    if not evidence:
        return no_data("Auf keiner Ebene liegt eine Zahl vor.", **parts)
    return Finding(
        **parts,
        value=float(len(hits)),
        time_period=max(f.time_period for row in rows for f in row.known),
        kind="eigene Berechnung",
        evidence=tuple({repr(piece): piece for piece in evidence}.values()),
    )


def coverage_findings(rows: Sequence[Levels], places: Sequence[Place]) -> dict[str, Finding]:
    """How many indicators there are, how many every level knows, and how many are the region's own.

    Keys: `all`, `full`, `own`.
    """
    home = places[0]

    def count(id: str, label: str, is_counted: Callable[[Levels], bool]) -> Finding:
        return count_finding(id, label, rows, home, is_counted)

    return {
        "all": count("indicators-compared", "verglichene Merkmale", lambda row: True),
        "full": count(
            "indicators-on-all-levels", "Merkmale mit einer Zahl auf allen Ebenen",
            lambda row: len(row.known) == len(places),
        ),
        "own": count(
            "indicators-of-own", "Merkmale mit einer eigenen Zahl",
            lambda row: row.findings[0].is_known,
        ),
    }  # fmt: skip


def above_finding(row: Levels) -> Finding:
    """Of how many larger areas with a value the region's own value is above."""
    home, *others = row.findings
    parts: dict[str, Any] = {
        "id": f"levels-below-{row.id}", "topic": "comparison", "unit": "count",
        "label": f"größere Gebiete mit niedrigerem Wert: {row.label}",
        "ref_area": home.ref_area, "ref_area_name": home.ref_area_name, "level": home.level,
    }  # fmt: skip
    known = [other for other in others if other.value is not None]
    if home.value is None or not known:
        return no_data(home.reason or "Kein größeres Gebiet hat eine Zahl.", **parts)
    mine = home.value
    return Finding(
        **parts,
        value=float(sum(other.value < mine for other in known if other.value is not None)),
        time_period=home.time_period,
        kind="eigene Berechnung",
        evidence=home.evidence + tuple(piece for other in known for piece in other.evidence),
    )
