"""A comparison of editions in words: sentences for councils, a page and JSON for researchers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from pipeline.checks.compare import KEY, SEVERITIES, Comparison, SchemaChange, TableDiff
from pipeline.checks.editions import FINDINGS, Edition
from pipeline.figures import german
from pipeline.keys import kreis_of, level_of_key
from pipeline.provenance import STATUS_LABELS
from pipeline.regions import short_name
from pipeline.reports.chapter import environment
from pipeline.reports.scripts import TEMPLATES
from pipeline.tables.fields import FIELDS
from pipeline.tables.measures import MEASURES, UNITS
from pipeline.tables.registry import DERIVED, TABLES

#: A change with its key, as a row of `TableDiff.changes`.
Row = Mapping[str, Any]
#: Changes that a page shows of each table; JSON holds all.
SHOWN = 500
#: Measures whose full label would be a mouthful in a sentence.
_SPOKEN: Final[Mapping[str, str]] = {
    "population": "Einwohnerzahl",
    "population_census": "Einwohnerzahl laut Zensus",
}
_SEX: Final[Mapping[str, str]] = {"male": "Männer", "female": "Frauen"}
_VERBS: Final[Mapping[str, str]] = {
    "value_changed": "berichtigt",
    "number_gained": "jetzt beziffert",
    "number_lost": "ohne Zahl",
    "status_changed": "anders gekennzeichnet",
    "text_changed": "geändert",
    "row_removed": "nicht mehr enthalten",
    "row_added": "neu",
}
_SCHEMA: Final[Mapping[str, str]] = {
    "table_added": "Tabelle neu",
    "table_removed": "Tabelle nicht mehr enthalten",
    "column_added": "Spalte neu",
    "column_removed": "Spalte nicht mehr enthalten",
    "type_changed": "Typ der Spalte geändert",
    "key_changed": "Schlüssel der Tabelle geändert",
}
#: Parts of a key that are said in another way, or by another part.
_SAID = frozenset(
    {"measure", "ref_area", "time_period", "sex", "age_from", "age_to", "date_from", "date_to"}
)


@dataclass(frozen=True)
class Group:
    """Changes of one kind to one measure in one year.

    Attributes
    ----------
    severity : the worst of them.
    headline : "Einwohnerzahl 2024 berichtigt".
    sentences : one a change, the most important first.
    """

    severity: str
    headline: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """The group as one sentence, with its most important change."""
        first = f"{self.headline}: {self.sentences[0]}"
        if len(self.sentences) == 1:
            return first
        count = german.number(len(self.sentences))
        return f"{self.headline} ({count} Änderungen): {self.sentences[0]}"


def groups(comparison: Comparison) -> list[Group]:
    """All changes of rows, together where they tell the same, the worst first."""
    names = area_names(comparison.new, comparison.old)
    found = [group for table in comparison.tables for group in _groups(table, comparison, names)]
    order = list(SEVERITIES)
    return sorted(found, key=lambda group: order.index(group.severity))


def area_names(*editions: Edition) -> dict[str, str]:
    """Key → name of every territory that the editions name; the first edition's names win."""
    names: dict[str, str] = {}
    for edition in editions:
        if "areas" in edition.tables:
            frame = edition.tables["areas"].frame
            for key, official in zip(frame["ref_area"], frame["ref_area_name"], strict=True):
                name, addition = short_name(official), official.partition(",")[2].strip()
                is_kreis = level_of_key(key) == "kreis" and addition in {"Kreis", "Landkreis"}
                names.setdefault(key, f"{addition} {name}" if is_kreis else name)
    return names


def _groups(table: TableDiff, comparison: Comparison, names: Mapping[str, str]) -> Iterator[Group]:
    changes = table.changes
    if changes.empty:
        return
    units = _units(table.name, comparison)
    told_alike: dict[str, list[Row]] = {}
    for row in _records(changes):
        told_alike.setdefault(_headline(table.name, row), []).append(row)
    for headline, rows in told_alike.items():
        worst = min((row["severity"] for row in rows), key=list(SEVERITIES).index)
        ordered = sorted(rows, key=_prominence)
        yield Group(worst, headline, tuple(_sentence(row, names, units) for row in ordered))


def _records(changes: pd.DataFrame) -> list[Row]:
    return [{str(name): value for name, value in row.items()} for row in changes.to_dict("records")]


def _prominence(row: Row) -> tuple[int, float]:
    """The sum of all people, which readers know, comes first; then the largest change."""
    parts = [_is_given(row.get(KEY + "age_from")), _is_given(row.get(KEY + "age_to")),
             row.get(KEY + "sex", "total") != "total"]  # fmt: skip
    relative = row["relative"]
    return sum(parts), 0.0 if pd.isna(relative) else -abs(relative)


def _units(name: str, comparison: Comparison) -> str:
    """The unit of a table whose rows name no measure; empty where they do."""
    table = comparison.new.tables[name]
    if "measure" in table.types or "unit_measure" not in table.types or table.frame.empty:
        return ""
    units = set(table.frame["unit_measure"])
    return UNITS.get(units.pop(), "") if len(units) == 1 else ""


def _headline(table: str, row: Row) -> str:
    measure = row.get(KEY + "measure")
    if measure is not None:
        label = MEASURES[measure].label if measure in MEASURES else str(measure)
        subject = _SPOKEN.get(measure, label)
    else:
        subject = _title(table)
        column = str(row["column"])
        if column and column not in ("obs_value", "value"):
            subject += f", {FIELDS[column].label if column in FIELDS else column}"
    year = str(row.get(KEY + "time_period", ""))[:4]
    return " ".join(part for part in (subject, year, _VERBS[row["kind"]]) if part)


def _title(table: str) -> str:
    if table == FINDINGS:
        return "Befunde der Berichte"
    return TABLES[table].title if table in TABLES else DERIVED.get(table, table)


def _sentence(row: Row, names: Mapping[str, str], unit: str) -> str:
    """One change: whose value, of when, what it was and what it is."""
    return f"{_place(row, names)}: {_change(row, unit)}."


def _place(row: Row, names: Mapping[str, str]) -> str:
    key = {name.removeprefix(KEY): value for name, value in row.items() if name.startswith(KEY)}
    parts = []
    if "ref_area" in key:
        area = str(key["ref_area"])
        parts.append(names.get(area) or names.get(_parent(area)) or area)
    if _is_given(key.get("time_period")):
        parts.append(_period(str(key["time_period"])))
    if key.get("sex") in _SEX:
        parts.append(_SEX[key["sex"]])
    ages = _ages(key.get("age_from"), key.get("age_to"))
    parts += [ages] if ages else []
    parts += [_part(name, v) for name, v in key.items() if name not in _SAID and _is_given(v)]
    return ", ".join(parts) or "ohne Schlüssel"


def _part(name: str, value: Any) -> str:
    return f"Basis Zensus {value}" if name == "census_basis" else _text(value)


def _parent(area: str) -> str:
    """A kreisfreie Stadt is known by its Kreis key."""
    return kreis_of(area) if len(area) == 8 and area.isdigit() and area.endswith("000") else ""


def _period(time_period: str) -> str:
    try:
        return german.period(time_period, is_short=True)
    except ValueError:  # a text of the source stands where a day should be
        return time_period


def _ages(first: Any, last: Any) -> str:
    if _is_given(first) and _is_given(last):
        return (
            f"{_text(first)} bis {_text(last)} Jahre" if first != last else f"{_text(first)} Jahre"
        )
    if _is_given(first):
        return f"ab {_text(first)} Jahren"
    return f"bis {_text(last)} Jahre" if _is_given(last) else ""


def _change(row: Row, table_unit: str) -> str:
    measure = str(row.get(KEY + "measure"))
    unit = UNITS[MEASURES[measure].unit] if measure in MEASURES else table_unit
    suffix = f" {unit}" if unit else ""
    old, new = _value(row["old"], row["old_status"]), _value(row["new"], row["new_status"])
    match row["kind"]:
        case "value_changed":
            share = _percent(row["relative"], 1)
            return f"{new} statt bisher {old}{suffix}" + (f" ({share})" if share else "")
        case "number_gained":
            return f"{new}{suffix}; bisher {old}"
        case "number_lost":
            return f"jetzt {new}; bisher {old}{suffix}"
        case "row_added":
            return f"{new}{suffix}" if row["column"] else "neue Zeile"
        case "row_removed":
            return f"bisher {old}{suffix}" if row["column"] else "Zeile entfallen"
        case "status_changed":
            words = [STATUS_LABELS.get(row[s], row[s]) for s in ("old", "new")]
            return f"jetzt „{words[1]}“, bisher „{words[0]}“"
        case _:
            words = [f"„{row[s]}“" if row[s] else "leer" for s in ("old", "new")]
            return f"jetzt {words[1]}, bisher {words[0]}"


def _percent(share: float, decimals: int) -> str:
    """A relative change in percent; empty where the old value was nothing to measure by."""
    return "" if math.isnan(share) else f"{german.signed(100 * share, decimals)} %"


def _value(value: Any, status: str) -> str:
    """A number as Germans write it, a text as it is, or the sign that stands instead."""
    if _is_given(value):
        return _text(value)
    label = STATUS_LABELS.get(status, status) if status else "ohne Angabe"
    return f"„{label}“"


def _text(value: Any) -> str:
    if isinstance(value, float) and math.isfinite(value):
        decimals = 0 if value == int(value) else max(2, 3 - math.floor(math.log10(abs(value)) + 1))
        return german.number(value, min(decimals, 9))
    return str(value)


def _is_given(value: Any) -> bool:
    return not (value is None or value == "" or (isinstance(value, float) and math.isnan(value)))


def schema_text(change: SchemaChange) -> str:
    """A change of what a table looks like."""
    column = f", {change.column}" if change.column else ""
    values = f" ({change.old or '–'} → {change.new or '–'})" if change.old or change.new else ""
    return f"{_SCHEMA[change.kind]}: {_title(change.table)} ({change.table}{column}){values}"


def digest(comparison: Comparison, severities: tuple[str, ...] = tuple(SEVERITIES)) -> list[str]:
    """What changed, a sentence a group, the worst first: for a letter to a council."""
    schema = [schema_text(c) + "." for c in comparison.schema if c.severity in severities]
    return schema + [group.text for group in groups(comparison) if group.severity in severities]


def as_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison with stable keys: what is there is never renamed."""
    return {
        "old": comparison.old.name,
        "new": comparison.new.name,
        "rtol": comparison.rtol,
        "is_same": comparison.is_same,
        "severities": comparison.severities,
        "schema": [
            {"kind": c.kind, "severity": c.severity, "table": c.table, "column": c.column,
             "old": c.old, "new": c.new}
            for c in comparison.schema
        ],
        "tables": [
            {"table": t.name, "key": list(t.key), "rows_old": t.rows_old, "rows_new": t.rows_new,
             "rows_added": t.count("kind", "row_added"),
             "rows_removed": t.count("kind", "row_removed"),
             "values_changed": t.count("kind", "value_changed"),
             "within_tolerance": t.within_tolerance}
            for t in comparison.tables
        ],
        "changes": [
            {"table": t.name, "key": {k: _plain(row[KEY + k]) for k in t.key}}
            | {name: _plain(row[name]) for name in _CHANGE_KEYS}
            for t in comparison.tables
            for row in _records(t.changes)
        ],
        "words": digest(comparison),
    }  # fmt: skip


_CHANGE_KEYS = ("kind", "severity", "column", "old", "new", "old_status", "new_status", "relative")


def _plain(value: Any) -> str | float | None:
    """A value for JSON, which has no NaN."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return None if value is None else str(value)


def page(comparison: Comparison) -> str:
    """The comparison as a self-contained HTML page."""
    names = area_names(comparison.new, comparison.old)
    found = groups(comparison)
    return environment().get_template("compare.html.j2").render(
        style=(TEMPLATES / "style.css").read_text(encoding="utf-8"),
        old=comparison.old.name,
        new=comparison.new.name,
        tolerance=f"{comparison.rtol:.12f}".rstrip("0").rstrip(".").replace(".", ","),
        is_same=comparison.is_same,
        severities=[
            (word, rule, german.number(comparison.severities[name]),
             [group.text for group in found if group.severity == name])
            for name, (word, rule) in SEVERITIES.items()
        ],
        schema=[schema_text(change) for change in comparison.schema],
        tables=[_shown_table(table, names) for table in comparison.tables],
        shown=SHOWN,
    )  # fmt: skip


def _shown_table(table: TableDiff, names: Mapping[str, str]) -> dict[str, Any]:
    rows = [
        {
            "place": _place(row, names),
            "what": str(row.get(KEY + "measure") or row["column"]),
            "kind": _VERBS[row["kind"]],
            "severity": SEVERITIES[row["severity"]][0],
            "old": _value(row["old"], row["old_status"]),
            "new": _value(row["new"], row["new_status"]),
            "relative": _percent(row["relative"], 2),
        }
        for row in _records(table.changes.head(SHOWN))
    ]
    return {
        "name": table.name,
        "title": _title(table.name),
        "rows_old": german.number(table.rows_old),
        "rows_new": german.number(table.rows_new),
        "within": german.number(table.within_tolerance),
        "count": len(table.changes),
        "rows": rows,
    }
