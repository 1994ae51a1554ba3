"""`compare`: two editions, value by value, with what changed ordered by severity.

Rows are matched by the key of their table. A value counts as changed when it differs by more than
`rtol` times the old value; what lies within is counted, not listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from pipeline.checks.editions import Edition, EditionTable, read_edition

#: Severity → German word and rule, the worst first. The limits are our own setting.
SEVERITIES: Final[Mapping[str, tuple[str, str]]] = {
    "breaking": (
        "schwerwiegend",
        "Eine Tabelle, Spalte oder Zahl fehlt jetzt, oder ein Wert ändert sich um mehr als zehn "
        "Prozent oder im Vorzeichen.",
    ),
    "notable": (
        "wesentlich",
        "Ein Wert ändert sich um mehr als ein bis zehn Prozent, eine Zahl steht jetzt statt eines "
        "Zeichens, oder ein Zeichen oder eine Angabe ändert sich.",
    ),
    "minor": (
        "geringfügig",
        "Ein Wert ändert sich um höchstens ein Prozent, oder ein Hinweis oder eine Quelle ändert "
        "sich.",
    ),
    "addition": ("Ergänzung", "Eine Zeile, Spalte oder Tabelle ist hinzugekommen."),
}
_LARGE, _SMALL = 0.10, 0.01
#: Texts that say where a value comes from, not what it is.
_REMARKS = frozenset({"note", "source_id", "source_title", "source_url", "sha256", "file", "title"})
_COLUMNS = ("kind", "severity", "column", "old", "new", "old_status", "new_status", "relative")
_STATUS = "obs_status"
_NTH = "nth of its key"
#: Before the columns of the key, since tables have columns called `kind` too.
KEY = "key."


@dataclass(frozen=True)
class SchemaChange:
    """A change of what a table looks like: kind, table, column (or empty), before and after."""

    kind: str
    table: str
    column: str = ""
    old: str = ""
    new: str = ""

    @property
    def severity(self) -> str:
        """What is new breaks nobody's work; everything else may."""
        return "addition" if self.kind.endswith("added") else "breaking"


@dataclass(frozen=True)
class TableDiff:
    """What changed in the rows of a table.

    Attributes
    ----------
    name, key : table and columns by which its rows are matched.
    rows_old, rows_new : number of rows.
    within_tolerance : values that differ, but not by more than `rtol`.
    changes : one row a change: the key (its columns begin with `KEY`), and `kind`
        (value_changed, number_lost, number_gained, status_changed, text_changed, row_removed,
        row_added), `severity`, `column`, `old`, `new`, `old_status`, `new_status`, `relative`
        (change as a share of the old value).
    """

    name: str
    key: tuple[str, ...]
    rows_old: int
    rows_new: int
    within_tolerance: int
    changes: pd.DataFrame

    def count(self, column: str, value: str) -> int:
        """How many changes have this value in the column `kind` or `severity`."""
        return int(self.changes[column].eq(value).sum())


@dataclass(frozen=True)
class Comparison:
    """Two editions and what differs between them."""

    old: Edition
    new: Edition
    rtol: float
    schema: list[SchemaChange]
    tables: list[TableDiff]

    @property
    def severities(self) -> dict[str, int]:
        """Changes of each severity, the worst first."""
        return {
            name: sum(change.severity == name for change in self.schema)
            + sum(table.count("severity", name) for table in self.tables)
            for name in SEVERITIES
        }

    @property
    def is_same(self) -> bool:
        """Whether nothing differs beyond the tolerance."""
        return not any(self.severities.values())


def compare_editions(old: Path, new: Path, rtol: float = 0.0) -> Comparison:
    """Compare two editions; see `editions.read_edition` for what may be named."""
    return compare(read_edition(old), read_edition(new), rtol)


def compare(old: Edition, new: Edition, rtol: float = 0.0) -> Comparison:
    """Compare two editions that have been read.

    Parameters
    ----------
    rtol : differences up to this share of the old value are none; 1e-6 say.
    """
    schema, tables = [], []
    for name in sorted({*old.tables, *new.tables}):
        if name not in old.tables or name not in new.tables:
            kind = "table_added" if name in new.tables else "table_removed"
            schema.append(SchemaChange(kind, name))
            continue
        before, after = old.tables[name], new.tables[name]
        schema += _schema_changes(name, before, after)
        tables.append(_diff(name, before, after, rtol))
    return Comparison(old, new, rtol, schema, tables)


def _schema_changes(name: str, old: EditionTable, new: EditionTable) -> Iterator[SchemaChange]:
    for column in {**old.types, **new.types}:
        if column not in new.types:
            yield SchemaChange("column_removed", name, column)
        elif column not in old.types:
            yield SchemaChange("column_added", name, column)
        elif old.types[column] != new.types[column]:
            yield SchemaChange("type_changed", name, column, old.types[column], new.types[column])
    if old.key != new.key:
        yield SchemaChange("key_changed", name, "", " ".join(old.key), " ".join(new.key))


def _diff(name: str, old: EditionTable, new: EditionTable, rtol: float) -> TableDiff:
    same = [c for c in old.types if new.types.get(c) == old.types[c]]
    # without a key a row is what all its columns say
    key = [c for c in new.key or old.key if c in same] or same
    empty = pd.DataFrame(columns=[*(KEY + part for part in key), *_COLUMNS])
    if old.frame[same].equals(new.frame[same]):  # most tables of most editions
        return TableDiff(name, tuple(key), len(old.frame), len(new.frame), 0, empty)
    before, after = _numbered(old.frame[same], key), _numbered(new.frame[same], key)
    on = [*key, _NTH]
    merged = before.merge(
        after, on=on, how="outer", suffixes=("|old", "|new"), indicator=True, validate="1:1"
    )
    both = merged.loc[merged["_merge"].eq("both")]
    found, within = [], 0
    for column in (c for c in same if c not in key and c != _STATUS):
        pair = _Pair(both, column, key, has_status=_STATUS in same and _STATUS not in key)
        if old.types[column] in ("number", "integer"):
            changed, close = pair.numbers(rtol)
            within += close
            found.append(changed)
        else:
            found.append(pair.texts("text_changed"))
    if _STATUS in same and _STATUS not in key:
        told = {index for frame in found for index in frame.index}
        signs = _Pair(both, _STATUS, key, has_status=True).texts("status_changed")
        found.append(signs.loc[~signs.index.isin(told)])
    for side, kind in (("left_only", "row_removed"), ("right_only", "row_added")):
        found.append(_alone(merged.loc[merged["_merge"].eq(side)], kind, key, same))
    parts = [frame for frame in found if len(frame)]
    changes = pd.concat(parts, ignore_index=True) if parts else empty
    changes["severity"] = _severity(changes)
    order = {severity: place for place, severity in enumerate(SEVERITIES)}
    changes = changes.sort_values(
        ["severity", *(KEY + part for part in key)],
        key=lambda c: c.map(order) if c.name == "severity" else c,
        kind="stable",
    )
    return TableDiff(
        name, tuple(key), len(before), len(after), within, changes.reset_index(drop=True)
    )


def _numbered(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Rows with a number among those of the same key, which should be one."""
    return frame.assign(**{_NTH: frame.groupby(key, dropna=False).cumcount()})


class _Pair:
    """A column of the rows that both editions have."""

    def __init__(
        self, both: pd.DataFrame, column: str, key: list[str], *, has_status: bool
    ) -> None:
        self._both, self._column, self._key = both, column, key
        self._old, self._new = both[f"{column}|old"], both[f"{column}|new"]
        self._has_status = has_status

    def numbers(self, rtol: float) -> tuple[pd.DataFrame, int]:
        """The changes beyond the tolerance, and how many lie within it."""
        old, new = self._old, self._new
        differs = ~(old.eq(new) | (old.isna() & new.isna()))
        is_close = differs & (new - old).abs().le(rtol * old.abs())
        kind = np.select([new.isna(), old.isna()], ["number_lost", "number_gained"],
                         "value_changed")  # fmt: skip
        relative = ((new - old) / old.abs()).where(old.ne(0) & old.notna() & new.notna())
        return self._changes(differs & ~is_close, kind, relative), int(is_close.sum())

    def texts(self, kind: str) -> pd.DataFrame:
        """The changes of a text."""
        kinds = np.full(len(self._both), kind)
        nothing = pd.Series(np.nan, index=self._both.index)
        return self._changes(self._old.ne(self._new), kinds, nothing)

    def _changes(
        self, differs: pd.Series, kind: np.ndarray[Any, Any], relative: pd.Series
    ) -> pd.DataFrame:
        both = self._both
        changes = (
            both[self._key]
            .add_prefix(KEY)
            .assign(
                kind=kind,
                column=self._column,
                old=self._old.astype("object"),
                new=self._new.astype("object"),
                old_status=both[f"{_STATUS}|old"] if self._has_status else "",
                new_status=both[f"{_STATUS}|new"] if self._has_status else "",
                relative=relative,
            )
        )
        return changes.loc[differs]


def _alone(rows: pd.DataFrame, kind: str, key: list[str], same: list[str]) -> pd.DataFrame:
    """Rows that only one edition has, with their value where the table has one column of it."""
    side = "old" if kind == "row_removed" else "new"
    other = "new" if side == "old" else "old"
    value = next((c for c in ("obs_value", "value") if c in same and c not in key), None)
    has_status = _STATUS in same and _STATUS not in key
    values = rows[f"{value}|{side}"].astype("object") if value else None
    return (
        rows[key]
        .add_prefix(KEY)
        .assign(
            **{
                "kind": kind,
                "column": value or "",
                side: values,
                other: None,
                f"{side}_status": rows[f"{_STATUS}|{side}"] if has_status else "",
                f"{other}_status": "",
                "relative": np.nan,
            }
        )
    )


def _severity(changes: pd.DataFrame) -> np.ndarray[Any, Any]:
    """The severity of every change, by the rules that `SEVERITIES` prints."""
    kind, relative = changes["kind"], changes["relative"].astype("float64").abs()
    is_value = kind.eq("value_changed")
    old = pd.to_numeric(changes["old"].where(is_value), errors="coerce")
    new = pd.to_numeric(changes["new"].where(is_value), errors="coerce")
    is_turned = is_value & (old.mul(new).lt(0) | old.eq(0))
    is_remark = kind.eq("text_changed") & changes["column"].isin(_REMARKS)
    return np.select(
        [
            kind.isin(["row_removed", "number_lost"]) | is_turned | relative.gt(_LARGE),
            kind.eq("row_added"),
            is_remark | (is_value & relative.le(_SMALL)),
        ],
        ["breaking", "addition", "minor"],
        "notable",
    )
