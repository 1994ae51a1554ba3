"""Findings: the type from which all sentences, recommendations and claims are built.

A finding is one number (or the statement that there is none) with everything a reader needs to
judge it: whose number it is, how it came about, what it is held against, how sure it is, and the
rows it rests on. What would make a sentence wrong (an estimate without its uncertainty, a number
without a row behind it, a Kreis value set beside a municipal one unsaid) cannot be built.
"""

from __future__ import annotations

import json
import math
import numbers
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal

import pandas as pd

from pipeline.errors import MethodInputError
from pipeline.provenance import STATUS_LABELS, VALUELESS_STATUS

#: How a number came about (words that the reader sees), each with its explanation.
KINDS: Final[Mapping[str, str]] = {
    "veröffentlichter Wert": "Der Wert steht so in der genannten Quelle.",
    "eigene Berechnung": "Der Wert ist aus veröffentlichten Zahlen ohne weitere Annahme berechnet.",
    "Schätzung": "Der Wert beruht auf Annahmen; seine Unsicherheit ist angegeben.",
    "keine Daten": "Zu diesem Merkmal liegt für dieses Gebiet keine Zahl vor.",
    "nicht berechenbar": "Zahlen liegen vor, die Methode lässt mit ihnen aber kein Ergebnis zu.",
}
KINDS_WITHOUT_VALUE: Final = frozenset({"keine Daten", "nicht berechenbar"})

#: Territorial levels of a finding, with the word that the reader sees.
LEVELS: Final[Mapping[str, str]] = {
    "country": "Deutschland",
    "land": "Land",
    "regierungsbezirk": "Regierungsbezirk",
    "raumordnungsregion": "Raumordnungsregion",
    "kv_region": "KV-Region",
    "kreis": "Kreis oder kreisfreie Stadt",
    "kreis_region": "Kreisregion (BBSR)",
    "planning_area": "Planungsbereich",
    "region": "Modellregion",
    "municipality": "Gemeinde",
}

Relation = Literal["unter", "gleich", "über"]

#: Derived tables keep nine significant digits; a difference below that is none.
RELATIVE_TOLERANCE: Final = 1e-8
_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


@dataclass(frozen=True)
class Threshold:
    """A value that a finding is held against, with the rule that sets it."""

    value: float
    label: str
    source: str

    def __post_init__(self) -> None:
        _require_finite(self.value, "threshold")
        _require_text(self.label, "label of the threshold")
        _require_text(self.source, "source of the threshold")


@dataclass(frozen=True)
class Comparison:
    """The same measure, in the same unit, for another area.

    `across_levels` says that the area is meant to be of another level (a municipality beside its
    Kreis); without it a comparison of different levels is refused.
    """

    value: float
    ref_area_name: str
    level: str
    time_period: str
    across_levels: bool = False

    def __post_init__(self) -> None:
        _require_finite(self.value, "comparison")
        _require_text(self.ref_area_name, "ref_area_name of the comparison")
        _require_text(self.time_period, "time_period of the comparison")
        _require_word(self.level, LEVELS, "level of the comparison")


@dataclass(frozen=True)
class Uncertainty:
    """Limits of a value.

    `conf` is the confidence (or coverage) level as a share, 0.95 say; None where the limits are
    not statistical but follow from an assumption that `method` names.
    """

    low: float
    high: float
    conf: float | None
    method: str

    def __post_init__(self) -> None:
        _require_finite(self.low, "lower limit")
        _require_finite(self.high, "upper limit")
        _require_text(self.method, "method of the uncertainty")
        if self.low > self.high:
            raise MethodInputError(
                "the limits are in the wrong order",
                found=(self.low, self.high),
                expected="low ≤ high",
            )
        if self.conf is not None and not 0 < self.conf < 1:
            raise MethodInputError(
                "the confidence level is no share", found=self.conf, expected="0 < conf < 1"
            )


@dataclass(frozen=True)
class Evidence:
    """One row of a table that a finding rests on.

    Attributes
    ----------
    source_id : id of the source in its sidecar.
    table : name of the processed or derived table.
    key : columns and values that pick the row.
    value : the number in the row; None beside a status that stands instead of a number.
    status : word of `provenance.STATUS_LABELS`, empty for a plain value.
    """

    source_id: str
    table: str
    key: Mapping[str, str] = field(hash=False)
    value: float | None
    status: str = ""

    def __post_init__(self) -> None:
        _require_text(self.source_id, "source_id of the evidence")
        _require_text(self.table, "table of the evidence")
        _require_word(self.status, STATUS_LABELS, "status of the evidence")
        if not self.key or not all(isinstance(text, str) for text in self.key.values()):
            raise MethodInputError(
                "an evidence row cannot be found again by its key",
                found=dict(self.key),
                expected="columns and their values, all of them texts",
            )
        if self.value is not None:
            _require_finite(self.value, "evidence")
        if (self.value is None) != (self.status in VALUELESS_STATUS):
            raise MethodInputError(
                "value and status of an evidence row contradict each other",
                found=(self.value, self.status),
                expected="a number, or None beside a status that stands instead of a number",
            )


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A value with its level, threshold, comparison, uncertainty and evidence.

    Attributes
    ----------
    id : slug of indicator and area; stable from edition to edition, so it holds no value.
    topic : slug of the chapter, `supply` say.
    label : German label of the indicator.
    value : the number; None for the kinds in `KINDS_WITHOUT_VALUE`.
    unit : unit word of the field registry (`persons`, `percent` …).
    ref_area, ref_area_name, level : whose number it is; `level` is a word of `LEVELS`.
    time_period : year or ISO date of the number.
    kind : word of `KINDS`.
    threshold, comparison, uncertainty : see their classes; an estimate needs its uncertainty.
    evidence : the rows behind the number; a published value stands in one of them as it is.
    reason : why there is no number (German, printed); required where there is none.
    limits : sentences on what the number does not say (German, printed).

    Raises
    ------
    MethodInputError : where a part is missing or contradicts another.
    """

    id: str
    topic: str
    label: str
    value: float | None
    unit: str
    ref_area: str
    ref_area_name: str
    level: str
    time_period: str
    kind: str
    threshold: Threshold | None = None
    comparison: Comparison | None = None
    uncertainty: Uncertainty | None = None
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""
    limits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("id", "topic"):
            if not _SLUG.fullmatch(getattr(self, name)):
                raise MethodInputError(
                    f"the {name} of a finding is no slug",
                    found=getattr(self, name),
                    expected="lower-case letters and digits, joined by - or _",
                )
        for name in ("label", "unit", "ref_area", "ref_area_name", "time_period"):
            _require_text(getattr(self, name), f"{name} of finding '{self.id}'")
        for name in ("evidence", "limits"):
            # a single text in brackets is no tuple and would fall apart into letters
            if not isinstance(getattr(self, name), tuple):
                raise MethodInputError(
                    f"{name} of finding '{self.id}' is no tuple", found=getattr(self, name)
                )
        _require_word(self.kind, KINDS, f"kind of finding '{self.id}'")
        _require_word(self.level, LEVELS, f"level of finding '{self.id}'")
        if self.kind in KINDS_WITHOUT_VALUE:
            self._check_absence()
        else:
            self._check_value()
        self._check_comparison()

    @property
    def is_known(self) -> bool:
        """Whether there is a number."""
        return self.value is not None

    @property
    def relation_to_threshold(self) -> Relation | None:
        """Where the value lies; None without a value or a threshold."""
        if self.value is None or self.threshold is None:
            return None
        if _equal(self.value, self.threshold.value):
            return "gleich"
        return "unter" if self.value < self.threshold.value else "über"

    @property
    def is_relation_certain(self) -> bool | None:
        """Whether the whole uncertainty lies on one side of the threshold.

        None without a value or a threshold; True where no uncertainty is stated.
        """
        if self.value is None or self.threshold is None:
            return None
        if self.uncertainty is None:
            return True
        return not self.uncertainty.low <= self.threshold.value <= self.uncertainty.high

    def _check_absence(self) -> None:
        if self.value is not None or self.uncertainty is not None:
            raise MethodInputError(
                f"finding '{self.id}' is '{self.kind}' and holds a number",
                found=self.value if self.value is not None else self.uncertainty,
                expected="value and uncertainty None",
            )
        _require_text(self.reason, f"reason of finding '{self.id}' ({self.kind})")

    def _check_value(self) -> None:
        if self.value is None:
            raise MethodInputError(
                f"finding '{self.id}' is '{self.kind}' and holds no number",
                remedy="give a value, or one of the kinds "
                + ", ".join(sorted(KINDS_WITHOUT_VALUE)),
            )
        _require_finite(self.value, f"finding '{self.id}'")
        self._check_evidence(self.value)
        if self.uncertainty is None:
            if self.kind == "Schätzung":
                raise MethodInputError(f"the estimate '{self.id}' does not state its uncertainty")
        elif not self.uncertainty.low <= self.value <= self.uncertainty.high:
            raise MethodInputError(
                f"the value of finding '{self.id}' lies outside its own limits",
                found=self.value,
                expected=f"between {self.uncertainty.low} and {self.uncertainty.high}",
            )

    def _check_evidence(self, value: float) -> None:
        if not self.evidence:
            raise MethodInputError(
                f"finding '{self.id}' has a value and no evidence",
                remedy="name the rows that the value was taken or computed from",
            )
        numbers = [row.value for row in self.evidence if row.value is not None]
        if self.kind == "eigene Berechnung" and len(numbers) < len(self.evidence):
            raise MethodInputError(
                f"finding '{self.id}' is computed from a row that holds no number",
                expected="a number in every evidence row",
                remedy="call it 'Schätzung' and state its uncertainty, or 'nicht berechenbar'",
            )
        if self.kind == "veröffentlichter Wert" and not any(_equal(value, n) for n in numbers):
            raise MethodInputError(
                f"the published value of finding '{self.id}' stands in none of its evidence rows",
                found=value,
                expected=" or ".join(str(number) for number in numbers) or "a row with a number",
                remedy="a converted or summed value is 'eigene Berechnung'",
            )

    def _check_comparison(self) -> None:
        other = self.comparison
        if other is not None and other.level != self.level and not other.across_levels:
            raise MethodInputError(
                f"finding '{self.id}' is compared with an area of another level",
                found=other.level,
                expected=self.level,
                remedy="compare with an area of the same level, or set across_levels=True and "
                "name both levels in the sentence",
            )


#: Parts of a finding that are objects of their own; their fields become columns `part_field`.
_PARTS: Final = {"threshold": Threshold, "comparison": Comparison, "uncertainty": Uncertainty}
_LISTS: Final = ("evidence", "limits")


def _columns() -> dict[str, str]:
    """Column → type word of the dataclass field behind it (`str`, `float | None` …)."""
    columns = {f.name: str(f.type) for f in fields(Finding) if f.name not in {*_PARTS, *_LISTS}}
    for part, cls in _PARTS.items():
        columns |= {f"{part}_{f.name}": str(f.type) for f in fields(cls)}
    return columns | dict.fromkeys(_LISTS, "str")


_COLUMN_TYPES: Final = _columns()
#: The table of findings: one row a finding, plain columns only, so that it can be stored as
#: Parquet or CSV. `evidence` and `limits` stand as JSON lists.
COLUMNS: Final = tuple(_COLUMN_TYPES)


def to_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Findings as a table with the columns `COLUMNS`; `from_frame` reads it back.

    Missing numbers are NaN, missing texts are empty. `MethodInputError` when one id stands for
    two different findings of the same area.
    """
    known: dict[tuple[str, str], Finding] = {}
    rows = []
    for finding in findings:
        if known.setdefault((finding.id, finding.ref_area), finding) != finding:
            raise MethodInputError(
                "one id stands for two different findings",
                found=finding.id,
                remedy="let the id name what tells the two apart",
            )
        rows.append(_to_row(finding))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for name, type_word in _COLUMN_TYPES.items():
        if type_word.startswith("float"):
            frame[name] = frame[name].astype("float64")
        elif type_word == "bool":
            frame[name] = frame[name].eq(True)
        else:
            frame[name] = frame[name].fillna("").astype("str")
    return frame


def from_frame(frame: pd.DataFrame) -> list[Finding]:
    """The findings of a table written by `to_frame`; further columns are ignored.

    A CSV copy is read with ``dtype=str`` (area codes begin with zeros). `MethodInputError` for
    missing columns and for rows that no finding could have written.
    """
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise MethodInputError(
            "the table of findings lacks columns", found=missing, expected=", ".join(COLUMNS)
        )
    rows = frame.loc[:, list(COLUMNS)].astype("object").to_dict("records")
    return [_from_row({str(name): value for name, value in row.items()}) for row in rows]


def _to_row(finding: Finding) -> dict[str, object]:
    row = {name: getattr(finding, name, None) for name in COLUMNS}
    for part in _PARTS:
        present = getattr(finding, part)
        row |= {f"{part}_{name}": value for name, value in vars(present).items()} if present else {}
    evidence = [{**vars(item), "key": dict(item.key)} for item in finding.evidence]
    return row | {"evidence": _to_json(evidence), "limits": _to_json(list(finding.limits))}


def _from_row(row: dict[str, object]) -> Finding:
    values = {name: _parse(row, name) for name in COLUMNS}
    arguments: dict[str, Any] = {
        name: values[name] for name in COLUMNS if name in Finding.__dataclass_fields__
    }
    for part, cls in _PARTS.items():
        present = {f.name: values[f"{part}_{f.name}"] for f in fields(cls)}
        is_empty = all(value in (None, "", False) for value in present.values())
        arguments[part] = None if is_empty else cls(**present)
    arguments["evidence"] = tuple(_evidence_from_dict(item) for item in _read_json(row, "evidence"))
    arguments["limits"] = tuple(_read_json(row, "limits"))
    return Finding(**arguments)


def _parse(row: Mapping[str, object], name: str) -> str | float | bool | None:
    cell = row[name]
    is_missing = cell is None or cell is pd.NA or cell != cell or cell == ""
    type_word = _COLUMN_TYPES[name]
    if type_word == "bool":
        return str(cell) == "True"
    if not type_word.startswith("float"):
        return "" if is_missing else str(cell)
    if is_missing:
        return None
    try:
        return float(str(cell))
    except ValueError as error:
        raise MethodInputError(
            f"finding '{row['id']}' holds no number", column=name, found=cell
        ) from error


def _evidence_from_dict(item: dict[str, Any]) -> Evidence:
    try:
        return Evidence(**item)
    except TypeError as error:
        raise MethodInputError(
            "an evidence row in the table of findings has other parts than it should",
            found=item,
            expected="source_id, table, key, value, status",
        ) from error


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=float)


def _read_json(row: Mapping[str, object], name: str) -> list[Any]:
    try:
        return list(json.loads(str(row[name])))
    except (json.JSONDecodeError, TypeError) as error:
        raise MethodInputError(
            f"finding '{row['id']}' holds no valid list",
            column=name,
            found=row[name],
            expected="a JSON list",
            remedy="write the table with to_frame",
        ) from error


def _equal(left: float, right: float) -> bool:
    return math.isclose(left, right, rel_tol=RELATIVE_TOLERANCE, abs_tol=1e-12)


def _require_text(text: str, what: str) -> None:
    if not isinstance(text, str) or not text.strip():
        raise MethodInputError(f"missing: {what}", found=text, expected="a text that is not empty")


def _require_word(word: str, vocabulary: Mapping[str, str], what: str) -> None:
    if word not in vocabulary:
        raise MethodInputError(
            f"unknown word: {what}",
            found=word,
            expected="one of " + ", ".join(w or "(empty)" for w in vocabulary),
        )


def _require_finite(value: float, what: str) -> None:
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise MethodInputError(f"no finite number: {what}", found=value)
