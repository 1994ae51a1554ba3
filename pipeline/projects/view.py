"""What the evaluation notebook works with: one project on one day, as frames for its tables."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.advice.funding import Funding, read_funding
from pipeline.errors import NoDataError
from pipeline.figures import german
from pipeline.figures.contract import DataTable, Figure
from pipeline.figures.evaluation import TABLES as LAYOUTS
from pipeline.figures.evaluation import Context, table
from pipeline.figures.evaluation_drawings import logic_model, timeline
from pipeline.methods.contribution import NO_PROOF, Contribution
from pipeline.methods.findings import Evidence, Finding
from pipeline.methods.money import euro_text
from pipeline.projects import effect, finance, monitoring, proof, shown
from pipeline.projects.integrity import check_record, refusal_of
from pipeline.projects.problems import Problem
from pipeline.projects.record import Record
from pipeline.projects.records import TABLES
from pipeline.projects.storage import find_folder, read_record
from pipeline.projects.values import Period
from pipeline.projects.vocabulary import CASH_KINDS, Section
from pipeline.settings import Paths

_TABLE_WORDS = {
    "project": "Vorhaben", "goals": "Ziele", "grants": "Zuwendungen", "budget": "Finanzplan",
    "receipts": "Belege", "activities": "Aktivitäten", "indicators": "Kennzahlen",
    "targets": "Zielwerte", "measurements": "Werte", "meetings": "Veranstaltungen",
    "ideas": "Ideen", "surveys": "Befragungen", "risks": "Risiken", "outcomes": "Ergebnisse",
    "publicity": "Öffentlichkeit", "notes": "Erläuterungen", "claims": "Aussagen",
    "versions": "Fassungen", "recipients": "Empfänger",
}  # fmt: skip

_WHY_EMPTY = {
    "unit_costs": "Kosten sind keiner Leistung zugeordnet",
    "rules": "eine Förderlinie ist nicht eingetragen",
    "deviations": "Abweichungen sind nicht eingetragen",
    "achievement": "Ziele sind nicht eingetragen",
    "problems": "die Prüfung hat nichts gefunden",
    "collection": "die Wirkungslogik nennt weder Ergebnis noch Wirkung",
}


@dataclass(frozen=True)
class ProjectView:
    """A project as it was known on a day."""

    record: Record
    funding: Funding
    today: dt.date

    @cached_property
    def context(self) -> Context:
        """What all figures of this project share."""
        return Context(
            self.record.project.short_title,
            self.record.project.level,
            self.record.attributions,
            self.today.strftime("%d.%m.%Y"),
        )

    @cached_property
    def problems(self) -> list[Problem]:
        """What the integrity check found."""
        return check_record(self.record, self.funding)

    @cached_property
    def contribution(self) -> Contribution | None:
        """The assessed intervention logic."""
        return effect.contribution(self.record)

    # --- tables ------------------------------------------------------------------------------

    def show(self, name: str) -> DataTable:
        """A table of the record as it is; `NoDataError` with the reason where it is empty."""
        special = getattr(self, f"_{name}", None)
        fields = list(LAYOUTS[name].columns)
        rows = special() if special else shown.frame(self.record, name, fields)
        return table(self._context(name), name, rows, self._why_empty(name))

    def offer(self, name: str) -> DataTable | None:
        """A table that is left out where there is nothing to show."""
        try:
            return self.show(name)
        except NoDataError:
            return None

    def _context(self, name: str) -> Context:
        """Names the publishers of the table's own rows."""
        return replace(self.context, attributions=self.record.publishers(name))

    def _why_empty(self, name: str) -> str:
        return _WHY_EMPTY.get(name) or self.record.why_empty(name)

    def notes(self, section: str) -> DataTable:
        """The notes of a section of the report."""
        word = Section(section)
        rows = [note for note in self.record.notes if note.section is word]
        frame = shown.frame(self.record, "notes", ["text", "source"], rows)
        slug = word.value.lower().replace("ä", "ae")
        reason = self.record.why_empty("notes")
        context = self._context("notes")
        return table(context, "notes", frame, reason, id=f"notes-{slug}", title=word.value)

    def _facts(self) -> pd.DataFrame:
        record, project = self.record, self.record.project
        absent = record.absent("project", project.slug, "period_start")
        length = project.duration_months
        line = self.funding.lines.get(project.funding_line)
        rows = [
            ("Titel", project.title),
            ("Träger", project.lead or "–"),
            ("Gebiet", project.level),
            ("Laufzeit", shown.span(project.period_start, project.period_end, absent)),
            ("Geplante Dauer", f"{length} Monate" if length else "–"),
            ("Förderlinie", line.title if line else record.absent(
                "project", project.slug, "funding_line")),
            ("Stand der Akte", project.state.value),
            ("Worum es geht", project.summary or "–"),
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["term", "text"])

    def _activities(self) -> pd.DataFrame:
        rows = []
        for a in self.record.activities:
            absent = self.record.absent("activities", a.id, "planned_start")
            rows.append(
                {
                    "label": a.label,
                    "planned": shown.span(a.planned_start, a.planned_end, absent),
                    "planned_count": "–" if a.planned_count is None else str(a.planned_count),
                    "actual": shown.span(
                        a.actual_start,
                        a.actual_end,
                        self.record.absent("activities", a.id, "actual_start"),
                    ),
                    "actual_count": shown.quantity(a.actual_count),
                    "state": a.state.value,
                }
            )
        return pd.DataFrame(rows)

    def _indicators(self) -> pd.DataFrame:
        rows = []
        for s in monitoring.standings(self.record, self.today):
            i, absent = s.indicator, self.record.absent
            rows.append(
                {
                    "label": i.label,
                    "stage": i.stage.value,
                    "unit": i.unit,
                    "baseline": shown.quantity(i.baseline, absent("indicators", i.id, "baseline")),
                    "target": shown.quantity(
                        s.target.value if s.target else None, absent("targets", i.id, "value")
                    ),
                    "latest": shown.quantity(
                        s.latest.value if s.latest else None, absent("measurements", i.id, "value")
                    ),
                    "date": shown.day(s.latest.date if s.latest else None),
                    "reached": s.reached.value,
                }
            )
        return pd.DataFrame(rows)

    def _definitions(self) -> pd.DataFrame:
        fields = list(LAYOUTS["definitions"].columns)
        return shown.frame(self.record, "indicators", fields)

    def _progress(self) -> pd.DataFrame:
        rows = []
        for s in monitoring.standings(self.record, self.today):
            if s.change is None and s.share is None:
                continue
            rows.append(
                {
                    "label": s.indicator.label,
                    "previous": shown.quantity(s.previous.value if s.previous else None),
                    "latest": shown.quantity(s.latest.value if s.latest else None),
                    "change": "–" if s.change is None else german.signed(s.change, 1),
                    "share": "–" if s.share is None else f"{german.number(100 * s.share)} %",
                }
            )
        return pd.DataFrame(rows)

    def _cofinancing(self) -> pd.DataFrame:
        plan = finance.cofinancing(self.record.budget)
        if plan is None:
            return pd.DataFrame()

        def row(label: str, cents: int) -> dict[str, str]:
            share = german.number(100 * cents / plan.costs, 1) if plan.costs else "–"
            return {"label": label, "amount": euro_text(cents), "share": f"{share} %"}

        rows = [row("Geplante Kosten", plan.costs)]
        for kind, cents in plan.by_kind.items():
            if kind in CASH_KINDS:
                rows.append(row(f"Einnahme: {kind}", cents))
            else:  # no part of the costs, so it has no share in them
                beside = {"label": f"Nachrichtlich: {kind}", "amount": euro_text(cents)}
                rows.append(beside | {"share": "–"})
        if plan.open:
            absent = self.record.absent("budget", "*", "*")
            rows.append(row(f"Offen (wer sie trägt: {absent})", plan.open))
        return pd.DataFrame(rows)

    def _years(self) -> pd.DataFrame:
        rows = finance.costs_by_year(self.record).to_dict("records")
        absent = self.record.absent("budget")
        return pd.DataFrame(
            {
                name: str(value)
                if name == "year"
                else shown.money(None if pd.isna(value) else int(value), absent)
                for name, value in row.items()
            }
            for row in rows
        )

    def _rules(self) -> pd.DataFrame:
        line = self.funding.lines.get(self.record.project.funding_line)
        columns = list(LAYOUTS["rules"].columns)
        return pd.DataFrame(line.rules() if line else [], columns=columns)

    def _unit_costs(self) -> pd.DataFrame:
        rows = []
        for item in finance.unit_costs(self.record).itertuples():
            cells: dict[str, Any] = {"label": f"{item.label} ({item.unit})"}
            for side in ("planned", "actual"):
                cents = getattr(item, f"{side}_per_unit")
                known = cents is not None and cents == cents
                cells[side] = euro_text(int(cents)) if known else "nicht berechenbar"
            rows.append(cells)
        return pd.DataFrame(rows)

    def _achievement(self) -> pd.DataFrame:
        found = monitoring.standings(self.record, self.today)
        rows = []
        for goal in self.record.goals:
            own = [s for s in found if s.indicator.goal == goal.id and s.target is not None]
            reached = sum(s.reached is monitoring.Reached.YES for s in own)
            unclear = sum(s.reached is monitoring.Reached.OPEN for s in own)
            rows.append(
                {
                    "goal": goal.text,
                    "indicators": len(own),
                    "reached": reached if own else "nicht zu beurteilen",
                    "open": unclear if own else "–",
                }
            )
        return pd.DataFrame(rows)

    def _steps(self) -> pd.DataFrame:
        found = self.contribution
        return pd.DataFrame() if found is None else found.steps

    def _proofs(self) -> pd.DataFrame:
        frame = shown.frame(self.record, "proofs", list(LAYOUTS["proofs"].columns))
        return self._named(frame)

    def _rivals(self) -> pd.DataFrame:
        frame = shown.frame(self.record, "rivals", list(LAYOUTS["rivals"].columns))
        return self._named(frame).replace({"answer": {"–": "noch nicht geprüft"}})

    def _named(self, frame: pd.DataFrame) -> pd.DataFrame:
        texts = {element.key: element.text for element in self.record.elements}
        return frame.replace({"before": texts, "after": texts})

    def _power(self) -> pd.DataFrame:
        rows = effect.power_by_comparisons(1)
        return pd.DataFrame(
            {
                "comparison": rows["comparison"].astype(str),
                "least_effect": [german.number(value, 1) for value in rows["least_effect"]],
                "least_p": [german.number(value, 3) for value in rows["least_p"]],
            }
        )

    def _comparison(self) -> pd.DataFrame:
        labels = {i.id: i.label for i in self.record.indicators}

        def number(value: float | None) -> str:
            return "–" if value is None else german.number(value, 3)

        return pd.DataFrame(
            {
                "indicator": labels.get(c.indicator, c.indicator),
                "units": f"{c.treated} gefördert, {c.comparison} andere",
                "effect": number(c.effect.estimate if c.effect else None),
                "p_value": number(c.effect.p_value if c.effect else None),
                "pre_trend": number(c.pre_trend),
                "synthetic": number(c.synthetic),
                "placebo": number(c.placebo_p),
            }
            for c in effect.comparisons(self.record)
        )

    def _collection(self) -> pd.DataFrame:
        return effect.collection_plan(self.record)

    def _deviations(self) -> pd.DataFrame:
        rows = [a for a in self.record.activities if a.deviation]
        fields = list(LAYOUTS["deviations"].columns)
        return shown.frame(self.record, "activities", fields, rows)

    def _publicity(self) -> pd.DataFrame:
        frame = shown.frame(self.record, "publicity", list(LAYOUTS["publicity"].columns))
        return frame.replace({"names_funding": {"–": "nicht belegt"}})

    def _surveys(self) -> pd.DataFrame:
        return shown.survey_frame(self.record)

    def _claims(self) -> pd.DataFrame:
        known = {source.id for source in self.record.sources}
        rows = [claim for claim in self.record.claims if claim.source not in known]
        return shown.frame(self.record, "claims", list(LAYOUTS["claims"].columns), rows)

    def _problems(self) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "weight": "sperrend" if problem.is_blocking else "Hinweis",
                "table": _TABLE_WORDS.get(problem.table, problem.table),
                "row": problem.row or "–",
                "message": problem.message,
            }
            for problem in self.problems
        )

    def _unknown(self) -> pd.DataFrame:
        rows = [row for row in self.record.unknown if row.gap.value != "entfällt"]
        frame = shown.frame(self.record, "unknown", ["table", "field", "gap", "reason"], rows)
        return frame.replace({"table": _TABLE_WORDS, "field": _field_titles()})

    # --- pictures ----------------------------------------------------------------------------

    def logic(self) -> Figure:
        """The intervention logic, drawn."""
        columns = ["key", "stage", "text"]
        elements = pd.DataFrame(
            [(e.key, e.stage.value, e.text) for e in self.record.elements], columns=columns
        )
        return logic_model(self.context, elements, self._steps())

    def time(self) -> Figure:
        """The time line, drawn."""
        spans = []
        for a in self.record.activities:
            for what, first, last in (
                ("geplant", a.planned_start, a.planned_end),
                ("tatsächlich", a.actual_start, a.actual_end),
            ):
                start, end = first or last, last or first
                if start is None or end is None:
                    continue
                spans.append(_span(a.label, what, start, end, shown.span(first, last)))
            spans += [
                _span(a.label, "tatsächlich", m.date, m.date, f"{shown.day(m.date)}: {m.label}")
                for m in self.record.meetings
                if m.activity == a.id and m.date is not None
            ]
        project = self.record.project
        period = None
        if project.period_start and project.period_end:
            period = (
                shown.decimal_year(project.period_start.first),
                shown.decimal_year(project.period_end.last),
            )
        today = shown.decimal_year(self.today)
        return timeline(self.context, pd.DataFrame(spans), period, today)

    # --- sentences ---------------------------------------------------------------------------

    def limits(self) -> list[str]:
        """What a reader must know before the first number."""
        open_ = len({(row.table, row.field) for row in self.record.unknown})
        sentences = [
            "Dieser Bericht enthält nur, was eine Quelle belegt. „Nicht veröffentlicht“ heißt: Die "
            "Angabe kann es geben, sie war aber nicht zu finden."
        ]
        if open_:
            sentences.append("Was fehlt und warum, steht am Ende des Berichts.")
        if any(source.trust.value == "Presse" for source in self.record.sources):
            sentences.append("Ein Teil der Angaben stammt aus der Presse, nicht aus Akten.")
        return sentences

    def effect_sentences(self) -> list[str]:
        """The verdict on effect; without own data it begins with what cannot be said."""
        found = self.contribution
        verdict = found.verdict if found else NO_PROOF
        if not self.record.outcomes:
            return [verdict, f"Grund: {self.record.why_empty('outcomes')}."]
        sentences = ["Verglichen wird mit den eingetragenen Einheiten ohne Förderung."]
        for comparison in effect.comparisons(self.record):
            sentences += comparison.notes
            if comparison.statement:
                sentences.append(comparison.statement.text)
        # with own data the sentence on public data is out of place
        return [*sentences, verdict.removeprefix(NO_PROOF).strip() or NO_PROOF]

    def warnings(self) -> list[str]:
        """Early warnings; one sentence where there is none."""
        return monitoring.early_warnings(self.record, self.today) or [
            "Keine Frühwarnung aus den eingetragenen Angaben."
        ]

    def proof_sentences(self) -> list[str]:
        """Which form the record allows, and why."""
        kind = proof.proof_kind(self.record)
        refusal = refusal_of(self.record, self.funding)
        return [proof.KIND_SENTENCES[kind], *([refusal] if refusal else [])]

    # --- findings ----------------------------------------------------------------------------

    def finding(self, id: str, label: str, value: float | None, unit: str, **more: Any) -> Finding:
        """A number of the record as a finding; the record itself is the evidence."""
        slug = self.record.project.slug
        parts: dict[str, Any] = {
            "id": id, "topic": "evaluation", "label": label, "unit": unit, "ref_area": slug,
            "ref_area_name": self.record.project.short_title, "level": "region",
            "time_period": self.today.isoformat(),
        }  # fmt: skip
        if value is None:
            reason = more.get("reason") or "Die Akte enthält dazu keine Angabe."
            return Finding(**parts, value=None, kind="keine Daten", reason=reason)
        row = Evidence(f"projekt-{slug}", f"projects/{slug}", {"zahl": label}, value)
        return Finding(**parts, value=value, kind="eigene Berechnung", evidence=(row,))

    def workshops(self) -> tuple[Finding, Finding]:
        """Meetings with published participants, and all that are recorded."""
        known = sum(meeting.participants is not None for meeting in self.record.meetings)
        every = len(self.record.meetings)
        reason = f"{self.record.why_empty('meetings')}."
        return (
            self.finding("meetings-known", "Veranstaltungen mit Teilnehmenden",
                         float(known) if every else None, "count", reason=reason),
            self.finding("meetings", "Veranstaltungen der Akte",
                         float(every) if every else None, "count", reason=reason),
        )  # fmt: skip

    def steps_proved(self) -> tuple[Finding, Finding]:
        """Steps of the logic with evidence, and all steps."""
        steps = self._steps()
        proved = float(steps["proofs"].gt(0).sum()) if len(steps) else None
        every = float(len(steps)) if len(steps) else None
        reason = "Eine Wirkungslogik ist nicht eingetragen."
        return (
            self.finding("steps-proved", "Schritte mit Beleg", proved, "count", reason=reason),
            self.finding("steps", "Schritte der Wirkungslogik", every, "count", reason=reason),
        )

    def grant_share(self) -> Finding:
        """Share of the grants in the planned costs."""
        plan = finance.cofinancing(self.record.budget)
        share = plan.grant_percent if plan else None
        reason = f"{self.record.why_empty('budget')}."
        label = "Anteil der Zuwendung an den Kosten"
        return self.finding("grant-share", label, share, "percent", reason=reason)

    def open_costs(self) -> Finding:
        """Planned costs in euros that no recorded income covers."""
        plan = finance.cofinancing(self.record.budget)
        value = None if plan is None else plan.open / 100
        reason = f"{self.record.why_empty('budget')}."
        label = "Geplante Kosten ohne eingetragene Deckung"
        return self.finding("open-costs", label, value, "euro", reason=reason)

    def blocking(self) -> Finding:
        """Number of findings that keep the record from being handed in."""
        count = float(sum(problem.is_blocking for problem in self.problems))
        return self.finding("blocking", "sperrende Befunde der Prüfung", count, "count")


def open_project(
    project: str, reference_date: str | dt.date, raw: Path | None = None
) -> ProjectView:
    """The view for notebook parameters.

    Parameters
    ----------
    project : slug of a record in data/raw/projects, or the path of a folder.
    reference_date : day up to which values are looked at.
    """
    folder = raw or Paths().raw
    today = dt.date.fromisoformat(str(reference_date))
    record = read_record(find_folder(project, folder))
    return ProjectView(record, read_funding(folder), today)


def _span(label: str, what: str, start: Period, end: Period, words: str) -> dict[str, Any]:
    first, last = shown.decimal_year(start.first), shown.decimal_year(end.last)
    return {"label": label, "what": what, "start": first, "end": last, "shown": words}


def _field_titles() -> dict[str, str]:
    titles = {"*": "alle Felder"}
    for model in TABLES.values():
        titles |= {name: field.title or name for name, field in model.model_fields.items()}
    return titles
