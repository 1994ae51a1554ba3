"""Which ratio (Verhältniszahl, residents per full seat) was in force for whom, and when.

A ratio is never a constant in code: it comes as a frame of dated rows. Source of the structure:
G-BA Bedarfsplanungs-Richtlinie, §§ 8-14 (general ratios by group and planning type) (GPs in the
Ruhr have a ratio of their own).

The frame has the columns `doctor_group`, `planning_type` (``Typ 1`` … ``Typ 6``, empty where the
group has none), `scope`, `ratio_kind`, `value` (residents per full seat), `valid_from`,
`valid_to` (ISO day or month, empty where not read) and, if there, `legal_basis`.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from pipeline.errors import MethodInputError, NoDataError
from pipeline.methods.exact import exact_positive, is_blank
from pipeline.methods.groups import doctor_group as group_of

COLUMNS = (
    "doctor_group",
    "planning_type",
    "scope",
    "ratio_kind",
    "value",
    "valid_from",
    "valid_to",
)
#: general: the national ratio; regional: adapted to one planning area; implied: solved back from
#: a published grade, hence no independent check of that grade.
RATIO_KINDS = ("general", "regional", "implied")

GERMANY = "Germany"
OUTSIDE_RUHR = "Germany without Regionalverband Ruhr"
RUHR = "Regionalverband Ruhr"
#: Rows of which scopes answer a question about a place in this scope.
_ANSWERS: dict[str, tuple[str, ...]] = {
    OUTSIDE_RUHR: (OUTSIDE_RUHR, GERMANY),
    RUHR: (RUHR, GERMANY),
    GERMANY: (GERMANY,),
}
#: Assumption: a ratio whose first day was not read held for a year before its last one, and no
#: claim is made beyond. (General ratios are revised about every two years; taking the GP ratio
#: that ended in April 2025 back so far would contradict another one quoted in May 2023.)
UNREAD_START_REACH_YEARS = 1


@dataclass(frozen=True)
class Ratio:
    """A ratio and the days for which it is known to hold.

    `value` is in residents per full seat; `valid_to` is None while it lasts. `start_known` is
    False where the first day was not read: then `valid_from` is an assumption (see
    `UNREAD_START_REACH_YEARS`).
    """

    doctor_group: str
    planning_type: str
    scope: str
    ratio_kind: str
    value: float
    valid_from: dt.date
    valid_to: dt.date | None
    start_known: bool
    legal_basis: str = ""

    def holds_on(self, day: dt.date) -> bool:
        """Whether the ratio is in force on `day`."""
        return self.valid_from <= day <= self.last_day

    @property
    def last_day(self) -> dt.date:
        """Last day of validity; the end of time while the ratio lasts."""
        return self.valid_to or dt.date.max

    def __str__(self) -> str:
        return f"{self.value:g} from {self.valid_from} to {self.valid_to or 'now'}"


def ratio_in_force(
    ratios: pd.DataFrame,
    doctor_group: str,
    on: dt.date | str,
    *,
    planning_type: int | None = None,
    scope: str = OUTSIDE_RUHR,
    ratio_kind: str = "general",
) -> Ratio:
    """The ratio of a group on a day.

    Parameters
    ----------
    ratios : the dated rows, columns as in the module's text.
    doctor_group : name of the group in the directive.
    on : the day, a date or an ISO string.
    planning_type : 1-6 for general specialists, None for groups planned without types.
    scope : `OUTSIDE_RUHR`, `RUHR` or `GERMANY`; a place lies in the Ruhr or not, never both.

    Raises `MethodInputError` for an unknown group, type, scope or kind and for overlapping
    validity; `NoDataError` where the table holds no row of the group or none in force on that
    day: rows without any date are quoted, not in force.
    """
    day = _day(on, "date")
    group = group_of(doctor_group).name
    if scope not in _ANSWERS:
        raise MethodInputError("unknown scope", found=scope, expected=", ".join(_ANSWERS))
    if ratio_kind not in RATIO_KINDS:
        raise MethodInputError("unknown kind", found=ratio_kind, expected=", ".join(RATIO_KINDS))
    rows = _rows(ratios, group, scope, ratio_kind)
    rows = _of_type(rows, group, planning_type)
    dated = _dated(rows)
    for ratio in dated:
        if ratio.holds_on(day):
            return ratio
    quoted = ", ".join(f"{value:g}" for value in rows.loc[rows["_undated"], "_value"])
    raise NoDataError(
        f"no ratio for {group} is known to be in force on {day.isoformat()}",
        found="; ".join(str(ratio) for ratio in dated)
        + (f"; quoted without dates: {quoted}" if quoted else ""),
        expected="one row whose validity covers the day",
        remedy="add the row with valid_from and valid_to to the table of ratios",
    )


def check_ratios(ratios: pd.DataFrame) -> None:
    """`MethodInputError` for the first bad value, bad date or overlapping validity in the table."""
    _require_columns(ratios)
    keys = ["doctor_group", "planning_type", "scope", "ratio_kind"]
    text = ratios[keys].fillna("").astype(str)
    for _, positions in text.groupby(keys).groups.items():
        group = text.loc[positions[0], "doctor_group"]
        group_of(group)
        _dated(_typed(ratios.loc[positions]))


def _require_columns(ratios: pd.DataFrame) -> None:
    missing = [column for column in COLUMNS if column not in ratios.columns]
    if missing:
        raise MethodInputError(
            "columns missing in the table of ratios",
            found=list(ratios.columns),
            expected=", ".join(missing),
        )


def _rows(ratios: pd.DataFrame, group: str, scope: str, kind: str) -> pd.DataFrame:
    _require_columns(ratios)
    wanted = (
        (ratios["doctor_group"] == group)
        & ratios["scope"].isin(_ANSWERS[scope])
        & (ratios["ratio_kind"] == kind)
    )
    if not wanted.any():
        raise NoDataError(
            f"the table of ratios holds no {kind} ratio for {group} in '{scope}'",
            found=sorted(ratios["doctor_group"].dropna().unique()),
            expected=group,
            remedy="add the rows of this group to the table of ratios",
        )
    return _typed(ratios[wanted])


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with dates as text, `_value` as a number and `_undated` as a flag."""
    texts = {name: rows[name].map(_text) for name in ("planning_type", "valid_from", "valid_to")}
    values = [
        float(exact_positive(_number(value), f"ratio of {group}"))
        for group, value in zip(rows["doctor_group"], rows["value"], strict=True)
    ]
    undated = (texts["valid_from"] == "") & (texts["valid_to"] == "")
    return rows.assign(**texts, _value=values, _undated=undated)


def _text(cell: object) -> str:
    if is_blank(cell):
        return ""
    return cell.isoformat()[:10] if isinstance(cell, dt.date) else str(cell)


def _number(value: object) -> object:
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _of_type(rows: pd.DataFrame, group: str, planning_type: int | None) -> pd.DataFrame:
    word = "" if planning_type is None else f"Typ {planning_type}"
    known = sorted(rows["planning_type"].unique())
    if word not in known:
        raise MethodInputError(
            f"{group}: unknown planning type",
            found=word or None,
            expected="no planning type" if known == [""] else "one of " + ", ".join(known),
        )
    return rows[rows["planning_type"] == word]


def _dated(rows: pd.DataFrame) -> list[Ratio]:
    """The rows with at least one date, oldest first; an overlap is an error."""
    ratios = sorted(
        (
            _ratio({str(key): value for key, value in row.items()})
            for row in rows[~rows["_undated"]].to_dict("records")
        ),
        key=lambda ratio: ratio.last_day,
    )
    kept: list[Ratio] = []
    for ratio in ratios:
        if kept and ratio.valid_from <= kept[-1].last_day:
            ratio = _after(kept[-1], ratio)
        kept.append(ratio)
    return kept


def _after(older: Ratio, ratio: Ratio) -> Ratio:
    """`ratio` begun after `older`: allowed where its first day is only assumed."""
    if ratio.start_known or ratio.last_day == older.last_day:
        raise MethodInputError(
            f"validity of two ratios for {ratio.doctor_group} {ratio.planning_type} overlaps",
            found=f"{older}; {ratio}",
            expected="one ratio a day",
            remedy="end the older row on the day before the newer begins",
        )
    return replace(ratio, valid_from=older.last_day + dt.timedelta(days=1))


def _ratio(row: dict[str, object]) -> Ratio:
    start, end = str(row["valid_from"]), str(row["valid_to"])
    last = _day(end, "valid_to", end_of_month=True) if end else None
    if start:
        first = _day(start, "valid_from")
    else:
        first = _years_before(last or dt.date.max, UNREAD_START_REACH_YEARS)
    if last is not None and first > last:
        raise MethodInputError(
            "a ratio ends before it begins", found=f"{first} to {last}", expected="from <= to"
        )
    return Ratio(
        doctor_group=str(row["doctor_group"]),
        planning_type=str(row["planning_type"]),
        scope=str(row["scope"]),
        ratio_kind=str(row["ratio_kind"]),
        value=float(str(row["_value"])),
        valid_from=first,
        valid_to=last,
        start_known=bool(start),
        legal_basis=_text(row.get("legal_basis")),
    )


def _years_before(day: dt.date, years: int) -> dt.date:
    try:
        same_day = day.replace(year=day.year - years)
    except ValueError:  # 29 February
        same_day = day.replace(year=day.year - years, day=28)
    return same_day + dt.timedelta(days=1)


def _day(value: dt.date | str, name: str, *, end_of_month: bool = False) -> dt.date:
    """A date from an ISO day, or a month (`2024-03`) as its first or last day."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        if re.fullmatch(r"\d{4}-\d{2}", value):
            year, month = int(value[:4]), int(value[5:])
            last = calendar.monthrange(year, month)[1] if end_of_month else 1
            return dt.date(year, month, last)
        return dt.date.fromisoformat(value)
    except (ValueError, TypeError) as error:
        raise MethodInputError(
            f"{name} is no date", found=value, expected="YYYY-MM-DD or YYYY-MM"
        ) from error


def quoted_values(ratios: pd.DataFrame, doctor_group: str) -> Sequence[float]:
    """Ratios of a group that were quoted somewhere without dates: to show, not to compute with."""
    _require_columns(ratios)
    rows = _typed(ratios[ratios["doctor_group"] == group_of(doctor_group).name])
    return tuple(rows.loc[rows["_undated"], "_value"])
