"""Recommendations, examples, goals and funding lines in German words, as rows for tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from pipeline.advice.catalogue import Cost, Measure
from pipeline.advice.engine import Recommendation
from pipeline.advice.funding import Evidence, FundingLine
from pipeline.advice.goals import GoalProgress
from pipeline.advice.grants import Option
from pipeline.advice.local_facts import qualifier_of
from pipeline.advice.rules import Trigger
from pipeline.advice.situation import INDICATORS
from pipeline.advice.transfer import NOTHING_FOUND, Example
from pipeline.figures import german
from pipeline.figures.prose import DECIMALS
from pipeline.methods.findings import LEVELS, Finding
from pipeline.tables.workspace import Workspace

_UNITS = {"percent": " Prozent", "minutes": " Minuten", "seats": " Sitze"}
_OWN = frozenset({"municipality", "region"})
#: Levels at which a figure of a kreisfreie Stadt is its own.
_KREIS = frozenset({"kreis", "kreis_region"})
_CITED_BY_ROW = frozenset({"needs_planning", "published_facts"})
#: How well a funding line is known.
_KNOWN = {
    Evidence.READ: "Quelle gelesen",
    Evidence.PRESS: "Angabe der Presse",
    Evidence.ASSUMED: "Annahme",
}


#: Label of a measure's `situation`: what the toolbox tells in general is no finding about a place.
SITUATION_LABEL = "Ausgangslage (allgemein oder anderswo beobachtet)"


def euro(cents: int) -> str:
    """Whole cents as euros: 5000000 → "50.000 Euro"."""
    return f"{german.number(cents / 100, 0 if cents % 100 == 0 else 2)} Euro"


def value_words(finding: Finding) -> str:
    """The value with its unit; an estimate with its range; "keine Daten" without a value."""
    band = band_words(finding)
    return f"{number_words(finding)} ({band})" if band else number_words(finding)


def number_words(finding: Finding) -> str:
    """The value with its unit alone; an estimated change has its sign.

    A single published figure is as exact as its source: "knapp 40 Prozent", not "40,0 Prozent".
    """
    if finding.value is None:
        return finding.kind
    decimals, unit = DECIMALS.get(finding.unit, 1), _UNITS.get(finding.unit, "")
    if finding.uncertainty is not None:
        return german.signed(finding.value, decimals) + unit
    if finding.kind == "veröffentlichter Wert" and _is_cited(finding) and finding.value % 1 == 0:
        decimals = 0
    number = german.number(finding.value, decimals).replace("-", "−") + unit
    return f"{qualifier_of(finding)} {number}".strip()


def band_words(finding: Finding) -> str:
    """The range of an estimate; empty for every other value."""
    band = finding.uncertainty
    if finding.value is None or band is None:
        return ""
    decimals = DECIMALS.get(finding.unit, 1)
    low, high = (german.signed(edge, decimals) for edge in (band.low, band.high))
    return f"Spanne {low} bis {high}"


def place_words(lab: Workspace, finding: Finding) -> str:
    """Whose value it is; a Kreis value is never left to look like the municipality's.

    A planning area keeps its name even where it is the same ground as the region: "Bocholt" alone
    would read as the town.
    """
    if finding.level == "planning_area" or any(
        row.table == "needs_planning" for row in finding.evidence
    ):
        return german.place_name(finding.ref_area_name, "planning_area")
    if lab.region.is_kreis and finding.level in _KREIS:
        return lab.region.name
    if finding.level in _OWN:
        return finding.ref_area_name
    word = LEVELS[finding.level]
    name = finding.ref_area_name
    named = name if name.startswith(("Kreis", "Landkreis")) else f"{word} {name}"
    return f"{named} – keine eigene Zahl für {lab.region.name}"


def sources_words(lab: Workspace, finding: Finding) -> str:
    """Who says so: the publication of a single row, else the publishers."""
    rows = [row for row in finding.evidence if row.table in _CITED_BY_ROW]
    titles = dict.fromkeys(row.key["source_title"] for row in rows if "source_title" in row.key)
    others = [row.source_id for row in finding.evidence if row.table not in _CITED_BY_ROW]
    return "; ".join([*titles, *(lab.producers(others) if others else [])])


def finding_words(lab: Workspace, label: str, finding: Finding) -> str:
    """A finding in one line: label, value, place, date, kind, source."""
    if finding.value is None:
        return f"{label}: {finding.kind} ({finding.ref_area_name})"
    when = german.period(finding.time_period)
    return (
        f"{label}: {value_words(finding)} ({place_words(lab, finding)}; {when}; {finding.kind}; "
        f"Quelle: {sources_words(lab, finding)})"
    )


def trigger_words(lab: Workspace, trigger: Trigger) -> str:
    """The finding behind a trigger, with the limit that it lies beyond."""
    condition, finding = trigger.condition, trigger.finding
    if finding is None or condition.indicator is None:
        return condition.words()
    said = finding_words(lab, INDICATORS[condition.indicator].label, finding)
    limit = limit_words(trigger)
    return f"{said}. Grenze: {limit}" if limit else said


def limit_words(trigger: Trigger) -> str:
    """The limit that a finding lies beyond, and who sets it; empty where none is asked for."""
    condition = trigger.condition
    if condition.indicator is None or condition.is_ in {"known", "no_data"}:
        return ""
    label = INDICATORS[condition.indicator].label
    limit = condition.words(trigger.finding).removeprefix(label).strip()
    return f"{limit} ({condition.basis})"


def need_words(lab: Workspace, item: Recommendation) -> list[tuple[str, str]]:
    """The findings that brought a recommendation, each with the limit that it lies beyond.

    A property of the place, such as its size or its Land, is no need and left out.
    """
    return [
        (finding_words(lab, INDICATORS[indicator].label, trigger.finding), limit_words(trigger))
        for trigger in item.causes
        if trigger.is_cause
        and trigger.finding is not None
        and (indicator := trigger.condition.indicator) is not None
    ]


def cost_words(cost: Cost) -> str:
    """The range, what it is per, and what it rests on."""
    low, high = german.number(cost.low_cents / 100), euro(cost.high_cents)
    return f"{low} bis {high} {cost.per} ({cost.basis})"


def effect_words(measure: Measure) -> str:
    """The expected effect with what is known about it."""
    effect = measure.effect
    source = f" Quelle: {effect.source.title}." if effect.source else ""
    return f"{effect.text} Beleg: {effect.grade}.{source}"


def _is_cited(finding: Finding) -> bool:
    return any(row.table in _CITED_BY_ROW for row in finding.evidence)


def overview(lab: Workspace, items: Sequence[Recommendation]) -> pd.DataFrame:
    """One row a recommendation: measure, the finding behind it, who decides, first step."""
    rows = [
        (
            item.measure.title,
            _first_reason(lab, item),
            item.measure.owner,
            item.measure.first_step,
        )
        for item in items
    ]
    return pd.DataFrame(rows, columns=["Empfehlung", "Weil", "Wer entscheidet", "Erster Schritt"])


def _first_reason(lab: Workspace, item: Recommendation) -> str:
    cause = item.leading_cause
    finding, indicator = cause.finding, cause.condition.indicator
    if finding is None or indicator is None:
        return cause.condition.words()
    label = INDICATORS[indicator].label
    if finding.value is None:
        return f"{label}: {finding.kind}"
    when = german.period(finding.time_period, is_short=True)
    about = [place_words(lab, finding), when, *_estimate_words(finding)]
    return f"{label}: {number_words(finding)} ({', '.join(about)})"


def _estimate_words(finding: Finding) -> list[str]:
    """ "Schätzung" and the range of an estimate; nothing for every other value."""
    if finding.kind != "Schätzung":
        return []
    return [part for part in (finding.kind, band_words(finding)) if part]


def under_way(items: Sequence[Recommendation]) -> pd.DataFrame:
    """What the region does already: measure, what a source says of it, how one sees that it works.

    Parameters
    ----------
    items : recommendations that are under way.
    """
    rows = [
        (
            item.measure.title,
            effect_words(item.measure),
            item.measure.indicator,
        )
        for item in items
    ]
    return pd.DataFrame(rows, columns=["Maßnahme", "Was belegt ist", "Woran man es sieht"])


def sheet(lab: Workspace, item: Recommendation) -> pd.DataFrame:
    """The toolbox record of a recommendation: one row a field."""
    measure = item.measure
    model, idea = measure.model_municipality, measure.idea_from
    causes = item.causes
    conditions = [trigger for trigger in item.triggers if trigger not in causes]
    rows = [
        ("Bereich", measure.field),
        ("Sektor", measure.sector),
        ("Modellkommune", f"{model.name} ({model.source.title})" if model else "keine belegt"),
        ("Ideengeber", f"{idea.name} ({idea.source.title})" if idea else "nicht belegt"),
        (SITUATION_LABEL, measure.situation),
        *(("Befund", trigger_words(lab, trigger)) for trigger in causes),
        *(("Voraussetzung", trigger_words(lab, trigger)) for trigger in conditions),
        ("Ziel", measure.goal),
        *(("Umsetzung", step) for step in measure.steps),
        ("Wer entscheidet", measure.owner),
        ("Kosten", cost_words(measure.cost)),
        ("Erwartete Wirkung", effect_words(measure)),
        ("Woran man es sieht", measure.indicator),
        ("Erster Schritt", measure.first_step),
        *(("Zu beachten", caution) for caution in measure.cautions),
        ("Die Empfehlung entfällt, wenn", item.goes_away),
    ]
    frame = pd.DataFrame(rows, columns=["Feld", "Inhalt"])
    # a field with several rows is named once
    frame["Feld"] = frame["Feld"].where(~frame["Feld"].duplicated(), "")
    return frame


def transfer(items: Sequence[Example]) -> pd.DataFrame:
    """One row an example: municipality, what it does better in, both values, its measures."""
    rows = [
        (
            item.place.name,
            item.indicator.label,
            german.number(item.other, 1).replace("-", "−"),
            german.number(item.own, 1).replace("-", "−"),
            "; ".join(_done_there(measure) for measure in item.measures) or NOTHING_FOUND,
        )
        for item in items
    ]
    return pd.DataFrame(
        rows, columns=["Gemeinde", "Merkmal", "dort", "hier", "Maßnahmen dort laut Katalog"]
    )


def _done_there(measure: Measure) -> str:
    """A measure of another municipality; what is only known as an idea says so."""
    return measure.title if measure.effect.source else f"{measure.title} (nur als Idee genannt)"


def goals(items: Sequence[GoalProgress]) -> pd.DataFrame:
    """One row a goal; the state in words, the colour as a word beside it."""
    rows = [
        (
            item.goal,
            item.indicator,
            _dated(item.baseline, item.baseline_date),
            _dated(item.target, item.target_date),
            _dated(item.actual, item.actual_date),
            german.NO_DATA if item.share is None else f"{german.number(item.share)} %",
            f"{item.light} – {item.words}",
            item.owner,
        )
        for item in items
    ]
    return pd.DataFrame(
        rows,
        columns=["Ziel", "Indikator", "Ausgangswert", "Zielwert", "Stand", "Weg zurückgelegt",
                 "Ampel", "Zuständig"],
    )  # fmt: skip


def _dated(value: float | None, day: str) -> str:
    if value is None:
        return german.NO_DATA
    number = german.number(value, 0 if value == int(value) else 1)
    return f"{number} ({german.period(day, is_short=True)})" if day else number


def grants(items: Sequence[Option]) -> pd.DataFrame:
    """One row a funding line: state, who applies, most it pays, what has to be cleared up."""
    rows = [
        (
            f"{item.line.title} ({item.state})",
            ", ".join(item.line.recipients),
            f"{cap_words(item.line)}; Eigenanteil {_own_share(item.line)}",
            f"{' '.join(item.line.unverified) or 'Nichts offen.'} ({_KNOWN[item.line.evidence]})",
        )
        for item in items
    ]
    return pd.DataFrame(
        rows,
        columns=["Förderung oder Instrument", "Wer beantragt", "Höchstens", "Was zu klären ist"],
    )


def cap_words(line: FundingLine) -> str:
    """The cap of a line; whether money flows at all."""
    if line.finance_kind == "keine Finanzierung":
        return "kein Geld"
    if line.cap.cents is None:
        return line.cap.shown
    per = "je Kalenderjahr" if line.is_cap_per_year else "je Maßnahme"
    return f"{euro(line.cap.cents)} {per} ({line.pays_for})"


def refusal_words(line: FundingLine, start: dt.date, years: int) -> str:
    """Why a line does not pay for a project, in one sentence."""
    told = line.refusal(start, None)
    if told:
        return told
    if line.max_years.value is not None and years > int(line.max_years.value):
        return f"Die Linie zahlt höchstens für {line.max_years.value} Jahre, nicht für {years}."
    return "Die Linie zahlt für dieses Vorhaben nicht."


def _own_share(line: FundingLine) -> str:
    if line.finance_kind == "keine Finanzierung":
        return "entfällt"
    share = line.own_share_percent
    return share.shown if share.value is None else f"mindestens {share.shown} %"
