"""`cases`: published results run through the public methods.

A cases file has one published (or recomputed) result a row: `method`, `case_id`, `input_json`,
`expected` and `tolerance` (both JSON; the tolerance is absolute), and where it was published. The
runner looks at `method` and at the keys of the input, never at `case_id`: it holds no answers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeGuard

import pandas as pd
from pydantic import BaseModel, ConfigDict
from rich.table import Table

from pipeline.checks.case_inputs import OneOf
from pipeline.checks.case_methods import CASE_METHODS, NOT_YET, CaseData, Inputs, NotApplicableError
from pipeline.errors import MethodInputError, NoDataError, RawDataError
from pipeline.settings import Paths

COLUMNS = ("method", "case_id", "input_json", "expected", "tolerance")
#: Beyond the tolerance of the case only what binary floating point itself brings.
FLOAT_NOISE = 1e-12


class FailedCase(BaseModel):
    """A case whose published result was not reproduced."""

    model_config = ConfigDict(frozen=True)

    method: str
    case_id: str
    expected: object
    got: object


class NotApplicableCase(BaseModel):
    """A case that no method here can answer, and why."""

    model_config = ConfigDict(frozen=True)

    method: str
    case_id: str
    reason: str


class CaseReport(BaseModel):
    """Result of a cases file; `model_dump()` is what `cases --json` prints."""

    model_config = ConfigDict(frozen=True)

    total: int
    reproduced: int
    failed: list[FailedCase]
    not_applicable: list[NotApplicableCase]

    @property
    def is_ok(self) -> bool:
        """Whether no case failed (cases that do not apply are no failure)."""
        return not self.failed


def run_cases(path: Path, *, raw: Path | None = None) -> CaseReport:
    """Run every row of the cases file at `path`.

    Parameters
    ----------
    raw : folder with the raw data, for the dated ratios; default from the settings.

    Raises `RawDataError` for a file that is missing, not a table of cases, or holds bad JSON.
    """
    cases = read_cases(path)
    data = CaseData(raw or Paths().raw)
    reproduced = 0
    failed: list[FailedCase] = []
    not_applicable: list[NotApplicableCase] = []
    for position, row in enumerate(cases.to_dict("records")):
        line = position + 2  # the header is line 1
        method, case_id = str(row["method"]), str(row["case_id"])
        expected, tolerance, inputs = (
            _json(str(row[column]), path, line, column)
            for column in ("expected", "tolerance", "input_json")
        )
        if not isinstance(inputs, dict):
            raise RawDataError(
                "the input of a case is no JSON object",
                file=path,
                row=line,
                column="input_json",
                found=inputs,
                expected="{…}",
            )
        try:
            got = _answer(method, inputs, data)
        except NotApplicableError as reason:
            not_applicable.append(
                NotApplicableCase(method=method, case_id=case_id, reason=str(reason))
            )
            continue
        if agrees(got, expected, tolerance):
            reproduced += 1
        else:
            failed.append(FailedCase(method=method, case_id=case_id, expected=expected, got=got))
    return CaseReport(
        total=len(cases), reproduced=reproduced, failed=failed, not_applicable=not_applicable
    )


def read_cases(path: Path) -> pd.DataFrame:
    """The cases as text, nothing converted; `RawDataError` if the file is not a table of cases."""
    try:
        cases = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise RawDataError("no such file", file=path) from error
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise RawDataError(
            f"not a table of cases: {error}", file=path, expected="CSV in UTF-8"
        ) from error
    missing = [column for column in COLUMNS if column not in cases.columns]
    if missing:
        raise RawDataError(
            "columns missing",
            file=path,
            row=1,
            found=list(cases.columns),
            expected=", ".join(missing),
        )
    return cases


def agrees(got: object, expected: object, tolerance: object = 0) -> bool:
    """Whether a result equals the published one within an absolute tolerance.

    Numbers within the tolerance, texts exactly, lists and objects part by part (an object may
    hold more than was published). A tolerance object names the keys it is for by a part of their
    name; a key it does not name is compared exactly. Of several results (`OneOf`) one must agree.
    """
    if isinstance(got, OneOf):
        return any(agrees(result, expected, tolerance) for result in got)
    if isinstance(expected, Mapping):
        return isinstance(got, Mapping) and all(
            key in got and agrees(got[key], value, _tolerance_for(key, tolerance))
            for key, value in expected.items()
        )
    if isinstance(expected, Sequence) and not isinstance(expected, str):
        return (
            isinstance(got, Sequence)
            and not isinstance(got, str)
            and len(got) == len(expected)
            and all(agrees(g, e, tolerance) for g, e in zip(got, expected, strict=True))
        )
    if _is_number(expected) and _is_number(got):
        allowed = tolerance if _is_number(tolerance) else 0
        noise = FLOAT_NOISE * max(1.0, abs(expected))
        distance = abs(got - expected)
        return math.isfinite(distance) and distance <= allowed + noise
    return type(got) is type(expected) and got == expected


def render_cases(report: CaseReport) -> Table:
    """The report as a table for the terminal: a line a method and outcome, failures one by one."""
    table = Table(
        title=f"{report.reproduced} of {report.total} cases reproduced, "
        f"{len(report.failed)} failed, {len(report.not_applicable)} not applicable"
    )
    for heading in ("outcome", "method", "case", "detail"):
        table.add_column(heading, overflow="fold")
    for failure in report.failed:
        detail = f"expected {_short(failure.expected)}, got {_short(failure.got)}"
        table.add_row("[red]failed[/red]", failure.method, failure.case_id, detail)
    reasons: dict[tuple[str, str], int] = {}
    for case in report.not_applicable:
        key = (case.method, case.reason)
        reasons[key] = reasons.get(key, 0) + 1
    for (method, reason), count in reasons.items():
        table.add_row("not applicable", method, f"{count} cases" if count > 1 else "1 case", reason)
    return table


def _answer(method: str, inputs: dict[str, object], data: CaseData) -> object:
    """What the methods say, or the words of the error with which they refuse."""
    if method in NOT_YET:
        raise NotApplicableError(NOT_YET[method])
    if method not in CASE_METHODS:
        raise NotApplicableError(f"no method of the name '{method}' is known here")
    try:
        return CASE_METHODS[method](Inputs(inputs), data)
    except NoDataError as missing:
        raise NotApplicableError(missing.message) from missing
    except MethodInputError as refused:
        return f"refused: {refused.message}"
    except (TypeError, ValueError, LookupError) as error:
        # an input of a shape that nobody foresaw must not end the run, nor pass unseen
        return f"error: {error}"


def _json(text: str, path: Path, line: int, column: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise RawDataError(
            f"not JSON: {error.msg}",
            file=path,
            row=line,
            column=column,
            found=text,
            expected='JSON, e.g. 6.5, "text" or {"key": 1}',
        ) from error


def _tolerance_for(key: str, tolerance: object) -> object:
    if not isinstance(tolerance, Mapping):
        return tolerance
    return next((value for name, value in tolerance.items() if name in key), 0)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(value: object, limit: int = 120) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else text[:limit] + "…"
