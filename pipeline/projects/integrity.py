"""What must be mended before a record may be handed in.

Every check says table, row and what to do. `blocking` findings keep a record from the state
"einreichungsreif"; the others are hints for the reader.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, pairwise

import pandas as pd

from pipeline.advice.funding import Funding
from pipeline.errors import UnknownRegionError
from pipeline.methods.money import euro_text
from pipeline.projects import finance, grant_checks, shown
from pipeline.projects.monitoring import targets_of
from pipeline.projects.problems import Check, Problem
from pipeline.projects.record import Record, key_of
from pipeline.projects.records import TABLES, Grant
from pipeline.projects.values import Period
from pipeline.projects.vocabulary import BINDING_VERSIONS, FinanceKind, Side, State
from pipeline.regions import find_region

#: Tables whose rows say something about the world and so need a source.
SOURCED = (
    "goals", "versions", "recipients", "grants", "budget", "activities", "indicators", "targets",
    "measurements", "actors", "meetings", "ideas", "surveys", "publicity", "elements", "proofs",
)  # fmt: skip
_COLUMN_WORDS = {"planned": "Plan", "approved": "Bewilligung", "actual": "Ist"}


def check_record(record: Record, funding: Funding, today: dt.date | None = None) -> list[Problem]:
    """All findings, blocking ones first, in the order of the checks.

    Parameters
    ----------
    today : the day of the check; without it nothing is said about days to come, so that a page
        stays the same from one day to the next.
    """
    found = [problem for check in CHECKS for problem in check(record, funding)]
    if today is not None:
        found += grant_checks.notices_to_come(record, today)
    return sorted(found, key=lambda problem: not problem.is_blocking)


def is_ready(problems: list[Problem]) -> bool:
    """Whether the record may be called "einreichungsreif"."""
    return not any(problem.is_blocking for problem in problems)


def unknown_regions(record: Record, municipalities: pd.DataFrame) -> list[Problem]:
    """Regions of a record that nobody knows: it would be missing from their pages.

    Parameters
    ----------
    municipalities : the table of that name.
    """
    problems = []
    for key in record.project.regions:
        try:
            find_region(key, municipalities)
        except UnknownRegionError as error:
            message = f"Region „{key}“ ist nicht bekannt; Beispiele: {error.expected}."
            problems.append(Problem("unknown-region", "project", record.project.slug, message))
    return problems


def _sources(record: Record, funding: Funding) -> Iterator[Problem]:
    """Statements without a source, and sources that the record does not have."""
    known = {source.id for source in record.sources}
    for table in (*SOURCED, "notes"):
        for row in record.rows(table):
            name = row.source
            if not name and table != "notes":
                rule = "indicator-without-source" if table == "indicators" else "no-source"
                yield Problem(rule, table, key_of(row), "Quelle fehlt: bitte eintragen.")
            elif name and name not in known:
                yield Problem(
                    "unknown-source",
                    table,
                    key_of(row),
                    f"Quelle „{name}“ steht nicht in sources.csv.",
                )


def _claims(record: Record, funding: Funding) -> Iterator[Problem]:
    """Claims without evidence."""
    known = {source.id for source in record.sources}
    for claim in record.claims:
        if claim.source not in known:
            yield Problem(
                "claim-without-evidence",
                "claims",
                claim.id,
                f"Aussage ohne Beleg: „{claim.text}“ Belegen oder streichen.",
            )


def _references(record: Record, funding: Funding) -> Iterator[Problem]:
    """Keys that lead nowhere, and keys that stand twice."""
    ids = {name: {key_of(row) for row in record.rows(name)} for name in TABLES}
    references = [
        ("targets", "indicator", "indicators"),
        ("measurements", "indicator", "indicators"),
        ("outcomes", "indicator", "indicators"),
        ("indicators", "goal", "goals"),
        ("activities", "goal", "goals"),
        ("meetings", "activity", "activities"),
        ("ideas", "meeting", "meetings"),
        ("budget", "grant", "grants"),
        ("budget", "recipient", "recipients"),
        ("budget", "output", "indicators"),
        ("receipts", "position", "budget"),
        ("recipients", "via", "recipients"),
        ("grants", "recipient", "recipients"),
        ("targets", "version", "versions"),
        *((table, end, "elements") for table in ("links", "proofs", "rivals")
          for end in ("before", "after")),
    ]  # fmt: skip
    for table, field, other in references:
        for row in record.rows(table):
            value = getattr(row, field)
            if value and value not in ids[other]:
                yield Problem(
                    "unknown-key",
                    table,
                    key_of(row),
                    f"{field} „{value}“ steht nicht in {other}.csv.",
                )
    for table in ("goals", "versions", "recipients", "grants", "activities", "indicators",
                  "meetings", "sources", "elements"):  # fmt: skip
        counts = Counter(key_of(row) for row in record.rows(table))
        for key, count in counts.items():
            if count > 1:
                yield Problem("double-key", table, key, f"„{key}“ steht {count}-mal.")
    positions = Counter((row.position, row.recipient, row.year) for row in record.budget)
    for (position, _, _), count in positions.items():
        if count > 1:
            message = f"Position {position} steht {count}-mal im selben Förderjahr."
            yield Problem("double-key", "budget", position, message)


def _targets(record: Record, funding: Funding) -> Iterator[Problem]:
    """Targets that were changed after the fact, or without a decision."""
    versions = {version.id: version for version in record.versions}
    for indicator in record.indicators:
        targets = targets_of(record, indicator.id)
        for before, after in pairwise(targets):
            if before.value == after.value:
                continue
            version = versions.get(after.version)
            set_on = after.set_on or (version.date if version else None)
            text = f"Ziel von „{indicator.label}“ geändert ({before.value} → {after.value}): "
            if version is None or version.kind not in BINDING_VERSIONS:
                yield Problem(
                    "target-changed",
                    "targets",
                    indicator.id,
                    f"{text}ohne Änderungsbescheid.",
                )
            elif set_on is None:
                yield Problem("target-changed", "targets", indicator.id, f"{text}ohne Datum.")
            elif record.end is not None and set_on.first > record.end.last:
                yield Problem(
                    "target-changed",
                    "targets",
                    indicator.id,
                    f"{text}erst nach dem Ende des Projekts.",
                )
            elif not after.reason:
                yield Problem("target-changed", "targets", indicator.id, f"{text}ohne Begründung.")


def _sums(record: Record, funding: Funding) -> Iterator[Problem]:
    """Sides of the finance plan that do not close, receipts that do not add up."""
    recipients = list(dict.fromkeys(row.recipient for row in record.budget))
    for recipient in recipients:
        rows = finance.budget_of(record, recipient)
        for column in finance.COLUMNS:
            if finance.closes(rows, column) is False:
                spent = finance.total(finance.costs(rows), column).cents
                covered = finance.total(finance.cash_income(rows), column).cents
                yield Problem(
                    "sums-do-not-close",
                    "budget",
                    recipient,
                    f"{_COLUMN_WORDS[column]}: Ausgaben {euro_text(spent)}, Einnahmen "
                    f"{euro_text(covered)}; offen sind {euro_text(spent - covered)}.",
                )
    if not record.receipts:
        return
    for row in record.budget:
        if row.actual is None or row.kind in (FinanceKind.IN_KIND, FinanceKind.GUARANTEE):
            continue
        booked = finance.receipts_total(record, row.position, row.recipient, row.year)
        if booked != row.actual:
            yield Problem(
                "receipts-do-not-add-up",
                "receipts",
                row.position,
                f"Belege {euro_text(booked)}, Ist {euro_text(row.actual)}"
                f"{' im Jahr ' + row.year if row.year else ''}.",
            )


def _kinds(record: Record, funding: Funding) -> Iterator[Problem]:
    """Kinds of finance that would be added: one grant of two kinds, income of no kind."""
    kinds = {grant.id: grant.kind for grant in record.grants}
    for row in record.budget:
        if row.side is Side.INCOME and row.kind is None:
            yield Problem(
                "kind-missing",
                "budget",
                row.position,
                "Einnahme ohne Art der Mittel: Arten werden nie zusammengezählt.",
            )
        elif row.grant and row.kind is not None and kinds.get(row.grant, row.kind) is not row.kind:
            yield Problem(
                "kinds-added",
                "budget",
                row.position,
                f"„{row.label}“ ist als {row.kind} gebucht, „{row.grant}“ ist {kinds[row.grant]}.",
            )
        elif row.side is Side.INCOME and row.kind is FinanceKind.GUARANTEE:
            yield Problem(
                "kinds-added",
                "budget",
                row.position,
                "Eine Bürgschaft ist keine Einnahme.",
            )
    for grant in record.grants_proper:
        booked = [row.approved for row in record.budget if row.grant == grant.id]
        if grant.amount is not None and booked and None not in booked:
            sum_booked = sum(amount for amount in booked if amount is not None)
            if sum_booked != grant.amount:
                yield Problem(
                    "grant-not-in-plan",
                    "grants",
                    grant.id,
                    f"Bewilligt {euro_text(grant.amount)}, im Finanzierungsplan "
                    f"{euro_text(sum_booked)}.",
                )


def refusal_of(record: Record, funding: Funding) -> str:
    """Why the record's funding line refuses it; empty if it does not, or if it is not known."""
    line = funding.lines.get(record.project.funding_line)
    if line is None:
        return ""
    first = record.start.first if record.start else None
    last = record.end.last if record.end else None
    return line.refusal(first, last)


def _funding_lines(record: Record, funding: Funding) -> Iterator[Problem]:
    """Funding lines that nobody described, and the line that refuses the project."""
    named = [("project", record.project.slug, "funding_line", record.project.funding_line)]
    named += [("grants", grant.id, "line", grant.line) for grant in record.grants]
    for table, key, field, line in named:
        if line and line not in funding.lines:
            yield Problem(
                "unknown-line",
                table,
                key,
                f"{field} „{line}“ steht nicht in funding/lines.yaml. Bekannt sind: "
                f"{', '.join(funding.lines)}. Passt keine, das Feld leer lassen und in unknown.csv "
                "begründen.",
            )
    refusal = refusal_of(record, funding)
    if refusal:
        yield Problem("line-refuses", "project", record.project.slug, refusal)


def _dates(record: Record, funding: Funding) -> Iterator[Problem]:
    """Dates outside the project's period, costs paid outside the period of the grant."""
    first = record.start.first if record.start else None
    last = record.end.last if record.end else None
    if first and last and last < first:
        yield Problem("dates", "project", record.project.slug, "Das Ende liegt vor dem Beginn.")
        return
    for activity in record.activities:
        for day in (activity.actual_start, activity.actual_end):
            if day is not None and _outside(day, first, last):
                message = f"{shown.day(day)} liegt außerhalb der Laufzeit des Projekts."
                yield Problem("date-outside", "activities", activity.id, message)
    granted: list[tuple[dt.date | None, dt.date | None]] = [
        (grant.period_start.first, grant.period_end.last)
        for grant in record.grants_proper
        if grant.period_start and grant.period_end
    ]
    words = "jedes Bewilligungszeitraums" if granted else "der Laufzeit des Projekts"
    # money comes in before and after; what counts is when the costs were paid
    spent = {row.position for row in finance.costs(record.budget)}
    for receipt in record.receipts:
        day = receipt.date
        if day is None or receipt.position not in spent:
            continue
        if all(_outside(day, *period) for period in granted or [(first, last)]):
            message = f"Ausgabe am {shown.day(day)} außerhalb {words}."
            yield Problem("date-outside", "receipts", receipt.number, message)


def _outside(day: Period, first: dt.date | None, last: dt.date | None) -> bool:
    return bool((first and day.last < first) or (last and day.first > last))


def _double_funding(record: Record, funding: Funding) -> Iterator[Problem]:
    """The same payment twice, or charged elsewhere too."""
    for receipt in record.receipts:
        if receipt.also_charged_to:
            yield Problem(
                "double-funding",
                "receipts",
                receipt.number,
                f"Beleg ist auch bei „{receipt.also_charged_to}“ abgerechnet.",
            )
    counts = Counter((receipt.recipient, receipt.number) for receipt in record.receipts)
    for (_, number), count in counts.items():
        if count > 1:
            yield Problem("double-funding", "receipts", number, f"Belegnummer steht {count}-mal.")
    for one, other in combinations(record.receipts, 2):
        is_same = (one.date, one.payee.casefold(), one.amount) == (
            other.date, other.payee.casefold(), other.amount,
        )  # fmt: skip
        if is_same and one.number != other.number and one.payee and one.amount:
            yield Problem(
                "double-funding",
                "receipts",
                other.number,
                f"Gleicher Tag, gleiche Zahlung an, gleicher Betrag wie Beleg {one.number}.",
                is_blocking=False,
            )


def _definitions(record: Record, funding: Funding) -> Iterator[Problem]:
    """Definition numbers of another funding period (RCO and RCR are of 2021-2027)."""
    lines = funding.lines
    own = lines.get(record.project.funding_line)
    prefixes = {prefix: line for line in lines.values() for prefix in line.indicator_ids}
    for indicator in record.indicators:
        match = [p for p in prefixes if indicator.definition_id.upper().startswith(p)]
        if not match:
            continue
        of_line = prefixes[max(match, key=len)]
        if own is None or own.id != of_line.id:
            yield Problem(
                "definition-of-other-period",
                "indicators",
                indicator.id,
                f"{indicator.definition_id} gehört zur Periode {of_line.period_name}, nicht zu "
                "diesem Projekt.",
            )


def _line_rules(record: Record, funding: Funding) -> Iterator[Problem]:
    """Grants of another form, or above the ceiling, than their line allows."""
    for grant in record.grants_proper:
        line = funding.lines.get(grant.line or record.project.funding_line)
        if line is None:
            continue
        if grant.form and line.form.value and grant.form.value != line.form.value:
            yield Problem(
                "form-differs",
                "grants",
                grant.id,
                f"Finanzierungsart {grant.form}, die Förderlinie gibt {line.form.value}.",
            )
        rows = finance.costs(finance.budget_of(record))
        spent = finance.total(rows, "approved")
        if not spent.is_known:
            spent = finance.total(rows, "planned")
        years = _years(grant)
        if grant.amount is None or not spent.is_known or years is None:
            continue
        if spent.cents < 0 or years < 1:  # told by the checks of amounts and days
            continue
        if line.max_years.value is not None and years > int(line.max_years.value):
            message = f"Bewilligt für {years} Jahre, die Förderlinie zahlt höchstens "
            message += f"{line.max_years.value}."
            yield Problem("too-many-years", "grants", grant.id, message)
            continue
        ceiling = line.ceiling(spent.cents, years)
        if ceiling is not None and grant.amount > ceiling:
            yield Problem(
                "above-ceiling",
                "grants",
                grant.id,
                f"{euro_text(grant.amount)} bei höchstens {euro_text(ceiling)} nach der "
                "Förderlinie.",
            )


def _years(grant: Grant) -> int | None:
    """Calendar years that a grant touches; from its months where the days are not known."""
    if grant.period_start and grant.period_end:
        return grant.period_end.last.year - grant.period_start.first.year + 1
    return None if grant.duration_months is None else -(-grant.duration_months // 12)


def _gaps(record: Record, funding: Funding) -> Iterator[Problem]:
    """Empty fields that nobody gave a reason for."""
    for table, key, field in record.empty_fields():
        if record.gap(table, key, field) is None:
            yield Problem(
                "gap-without-reason",
                table,
                key,
                f"{field} ist leer. Bitte füllen oder in unknown.csv begründen.",
            )


def _recipients(record: Record, funding: Funding) -> Iterator[Problem]:
    """Last recipients without a first one; budgets that name nobody."""
    for recipient in record.recipients:
        if recipient.role.value == "Letztempfänger" and not recipient.via:
            yield Problem(
                "no-first-recipient",
                "recipients",
                recipient.id,
                "Letztempfänger ohne Angabe, wer weiterleitet.",
            )
    if len(record.recipients) > 1:
        for row in record.budget:
            if not row.recipient:
                yield Problem(
                    "budget-of-nobody",
                    "budget",
                    row.position,
                    "Bei mehreren Empfängern nennt jede Position ihren Empfänger.",
                )


def _deviations(record: Record, funding: Funding) -> Iterator[Problem]:
    """Deviations without a reason, activities dropped without a word."""
    for activity in record.activities:
        is_dropped = activity.state.value == "ausgefallen"
        if (activity.deviation or is_dropped) and not activity.deviation_reason:
            yield Problem(
                "deviation-without-reason",
                "activities",
                activity.id,
                f"„{activity.label}“ weicht vom Plan ab, ein Grund fehlt.",
            )


def _completeness(record: Record, funding: Funding) -> Iterator[Problem]:
    """What a proof of use cannot do without."""
    if not record.grants_proper:
        return
    for grant in record.grants_proper:
        if grant.amount is None or grant.notice_date is None:
            yield Problem(
                "no-notice",
                "grants",
                grant.id,
                "Ohne Bescheid mit Summe und Datum kann nichts eingereicht werden.",
            )
    for table, words in (("goals", "Ziele"), ("indicators", "Kennzahlen"), ("budget", "Kosten- "
                         "und Finanzierungsplan"), ("receipts", "Belegliste")):  # fmt: skip
        if not record.rows(table):
            yield Problem("part-missing", table, "", f"{words}: noch nichts eingetragen.")


def _state(record: Record, funding: Funding) -> Iterator[Problem]:
    """A record that calls itself ready although its project has no end yet."""
    if record.project.state is State.READY and record.end is None:
        yield Problem(
            "state", "project", record.project.slug, "Einreichungsreif ohne Ende des Projekts."
        )


CHECKS: tuple[Check, ...] = (
    _state, _funding_lines, _dates, _completeness, _sums, _kinds, _double_funding, _targets,
    grant_checks.rates, grant_checks.amounts, grant_checks.days, _claims, _sources, _references,
    _definitions, _line_rules, _recipients, _deviations, _gaps,
)  # fmt: skip
