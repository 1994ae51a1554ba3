"""Needs planning: counting, ratios, grade, seats, status, split of a change, plausibility.

Published values: KVN (Hallo Wochenende, July 2025; Harzkurier, June 2021; Braunschweiger Zeitung,
2018), G-BA resolution of 16 January 2025, BPL-RL §§ 19, 21, 51.
"""

from __future__ import annotations

import datetime as dt
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import MethodInputError, NoDataError
from pipeline.methods import change, counting, decomposition, demand, planning, plausibility, ratios
from pipeline.methods.exact import exact
from pipeline.methods.groups import doctor_group
from pipeline.methods.planning import AtLimit, ComputedStatus, DecidedStatus
from pipeline.methods.plausibility import PublishedRow, RowVerdict

# ------------------------------------------------------------------------------ counting


@pytest.mark.parametrize(
    ("hours", "weight"),
    [(5, 0.25), (10, 0.25), (10.1, 0.5), (20, 0.5), (20.5, 0.75), (30, 0.75), (30.01, 1), (40, 1)],
)
def test_hours_of_employed_doctors_count_by_the_four_classes(hours: float, weight: float) -> None:
    assert counting.employed_weight(hours) == weight


@pytest.mark.parametrize(("hours", "weight"), [(43, 0.25), (44, 0.5), (86, 0.5), (87, 0.75)])
def test_monthly_hours_are_turned_into_weekly_ones(hours: float, weight: float) -> None:
    # 43 x 0.23 = 9.89, 44 x 0.23 = 10.12, 86 x 0.23 = 19.78, 87 x 0.23 = 20.01
    assert counting.employed_weight_monthly(hours) == weight
    assert counting.weekly_hours(hours) == pytest.approx(hours * 0.23)


@pytest.mark.parametrize("hours", [0, -1, math.nan, math.inf, 169, "20", None, True])
def test_hours_that_no_week_has_are_refused(hours: object) -> None:
    with pytest.raises(MethodInputError):
        counting.employed_weight(hours)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("share", "fields", "activity", "weight"),
    [
        (1, 1, "general_practice", 1.0),
        (0.75, 1, "general_practice", 0.75),
        (0.5, 1, "general_practice", 0.5),
        (1, 2, "general_practice", 0.5),  # two fields: half in each
        (0.5, 2, "general_practice", 0.25),  # ... and half of that for half a contract
        (1, 1, "mainly_psychotherapy", 0.3),
        (1, 1, "only_psychotherapy", 0.0),
        (1, 1, "further_specialty", 0.5),
    ],
)
def test_contract_doctors_count_by_contract_and_fields(
    share: float, fields: int, activity: str, weight: float
) -> None:
    assert counting.contract_weight(share, fields=fields, gp_activity=activity) == weight


@pytest.mark.parametrize(
    ("share", "fields", "activity"),
    [
        (0.25, 1, "general_practice"),
        (1, 3, "general_practice"),
        (1, 1, "homoeopathy"),
        (0, 1, "general_practice"),
    ],
)
def test_contracts_that_do_not_exist_are_refused(share: float, fields: int, activity: str) -> None:
    with pytest.raises(MethodInputError):
        counting.contract_weight(share, fields=fields, gp_activity=activity)


# 1: full contract; 2: half contract in two fields; 3: employed 20 h a week; 4: employed 87 h a
# month; 5: job-sharing; 6: authorised; 7: mainly psychotherapy
SYNTHETIC_DOCTORS = pd.DataFrame(
    {
        "area": ["A", "A", "A", "A", "B", "B", "B"],
        "participation": [
            "contract",
            "contract",
            "employed",
            "employed",
            "job_sharing",
            "authorised",
            "contract",
        ],
        "contract_share": [1, 0.5, None, None, None, None, 1],
        "fields": [1, 2, None, None, None, None, None],
        "gp_activity": [None, None, None, None, None, None, "mainly_psychotherapy"],
        "weekly_hours": [None, None, 20, None, None, None, None],
        "monthly_hours": [None, None, None, 87, None, None, None],
    }
)


def test_a_list_of_doctors_is_weighed_row_by_row() -> None:
    counted = counting.count_doctors(SYNTHETIC_DOCTORS)
    assert counted["weight"].tolist() == [1, 0.25, 0.5, 0.75, 0, 0, 0.3]
    assert counted["weight_rule"].tolist()[:4] == ["§ 21", "§ 21", "§ 51(1)", "§ 51(2)"]
    sums = counting.sum_of_weights(counted, ["area"])
    assert sums.to_dict("records") == [
        {"area": "A", "heads": 4, "doctors_counted": 2.5},
        {"area": "B", "heads": 3, "doctors_counted": 0.3},
    ]


def test_sums_of_weights_are_exact() -> None:
    ten = pd.DataFrame({"area": ["A"] * 10, "weight": [0.3] * 10})
    assert counting.sum_of_weights(ten, ["area"])["doctors_counted"].item() == 3.0


def test_a_doctor_that_cannot_be_weighed_is_named() -> None:
    broken = SYNTHETIC_DOCTORS.assign(weekly_hours=[None, None, -3, None, None, None, None])
    with pytest.raises(MethodInputError, match="doctor 3"):
        counting.count_doctors(broken)
    without_hours = SYNTHETIC_DOCTORS.assign(monthly_hours=None)
    with pytest.raises(MethodInputError, match=r"doctor 4: hours of an employed doctor"):
        counting.count_doctors(without_hours)


@given(st.floats(0.1, 168), st.floats(0.1, 168))
def test_more_hours_never_count_less(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert counting.employed_weight(low) <= counting.employed_weight(high)


# -------------------------------------------------------------------------------- ratios


def _table(*rows: tuple[str, str, str, float, str, str]) -> pd.DataFrame:
    names = ["doctor_group", "planning_type", "scope", "value", "valid_from", "valid_to"]
    return pd.DataFrame(rows, columns=names).assign(ratio_kind="general")


GP = "Hausärzte"
OUT, RUHR = ratios.OUTSIDE_RUHR, ratios.RUHR
RATIOS = _table(
    (GP, "", OUT, 1633, "2025-04-09", ""),
    (GP, "", OUT, 1616, "", "2025-04-08"),
    (GP, "", OUT, 1609, "", ""),
    (GP, "", RUHR, 1741, "2024-03", ""),
    ("Augenärzte", "Typ 1", ratios.GERMANY, 12703, "2025-04-09", ""),
    ("Augenärzte", "Typ 6", ratios.GERMANY, 19379, "2025-04-09", ""),
)


def test_the_ratio_changes_on_the_day_of_the_resolution() -> None:
    assert ratios.ratio_in_force(RATIOS, GP, "2025-04-09").value == 1633
    before = ratios.ratio_in_force(RATIOS, GP, dt.date(2025, 4, 8))
    assert (before.value, before.start_known) == (1616, False)


def test_the_ruhr_has_its_own_ratio() -> None:
    assert ratios.ratio_in_force(RATIOS, GP, "2025-05-01", scope=RUHR).value == 1741
    eye = ratios.ratio_in_force(RATIOS, "Augenärzte", "2025-05-01", planning_type=6, scope=RUHR)
    assert eye.value == 19379  # the directive's type 6 holds in the Ruhr without an own scope


def test_a_quoted_ratio_without_dates_is_not_in_force() -> None:
    with pytest.raises(NoDataError, match="1609"):
        ratios.ratio_in_force(RATIOS, GP, "2021-06-01")
    assert list(ratios.quoted_values(RATIOS, GP)) == [1609]


@pytest.mark.parametrize(
    ("group", "planning_type", "scope"),
    [
        ("Zahnärzte", None, OUT),
        ("Augenärzte", None, OUT),
        ("Augenärzte", 7, OUT),
        (GP, 1, OUT),
        (GP, None, "Bavaria"),
    ],
)
def test_unknown_group_type_or_scope_is_an_error(
    group: str, planning_type: int | None, scope: str
) -> None:
    with pytest.raises(MethodInputError):
        ratios.ratio_in_force(RATIOS, group, "2025-05-01", planning_type=planning_type, scope=scope)


@pytest.mark.parametrize(
    "second",
    [
        (GP, "", OUT, 1600, "2025-06-01", ""),  # begins while the first lasts
        (GP, "", OUT, 1600, "2020-01-01", "2026-01-01"),  # ends while the first lasts
        (GP, "", OUT, 1600, "", "2026-01-01"),  # unknown start, ends while the first lasts
    ],
)
def test_overlapping_validity_is_an_error(second: tuple[str, str, str, float, str, str]) -> None:
    table = _table((GP, "", OUT, 1633, "2025-04-09", ""), second)
    with pytest.raises(MethodInputError, match="overlaps"):
        ratios.ratio_in_force(table, GP, "2025-07-01")
    with pytest.raises(MethodInputError, match="overlaps"):
        ratios.check_ratios(table)


@pytest.mark.parametrize(
    ("value", "start", "end"),
    [(0, "2025-01-01", ""), (-5, "2025-01-01", ""), ("many", "2025-01-01", ""),
     (1600, "spring", ""), (1600, "2025-02-01", "2025-01-01")],
)  # fmt: skip
def test_broken_rows_of_the_table_are_errors(value: object, start: str, end: str) -> None:
    table = _table((GP, "", OUT, value, start, end))  # type: ignore[arg-type]
    with pytest.raises(MethodInputError):
        ratios.ratio_in_force(table, GP, "2025-01-15")


def test_dates_may_come_as_dates() -> None:
    table = RATIOS.assign(
        valid_from=pd.to_datetime(RATIOS["valid_from"], format="mixed", errors="coerce"),
        valid_to=pd.to_datetime(RATIOS["valid_to"], errors="coerce"),
    )
    assert ratios.ratio_in_force(table, GP, "2025-04-09").value == 1633


def test_the_packaged_table_holds_no_overlap(root: Path) -> None:
    path = root / "data" / "raw" / "planning" / "planning_ratios.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    ratios.check_ratios(table)
    urology = ratios.ratio_in_force(table, "Urologen", "2025-07-01", planning_type=3)
    assert (urology.value, urology.legal_basis) == (49612, "BPL-RL § 12 Abs. 4")


# --------------------------------------------------------------------- grade, seats, status

# area, doctors, published grade, published open seats
KVN_ROWS = [
    ("Braunschweig Umland 2025", 30, 90.6, 6.5),
    ("Gifhorn 2025", 63, 97.7, 8),
    ("Wittingen 2025", 13.5, 104.2, 1),
    ("Wolfsburg Umland 2025", 19, 77.2, 8.5),
    ("Duderstadt 2021", 30.25, 110.7, 0),
    ("Göttingen 2021", 121.5, 124.2, 0),
    ("Hann. Münden 2021", 28.5, 105.2, 1.5),
    ("Braunschweig Umland 2018", 25.75, 84.1, 8),
    ("Braunschweig Umland 2024", 30.25, 90.7, 6.5),
    ("Nienburg 2017", 38, 89.7, 9),
    ("Nienburg before 2017", 35.5, 86.4, 10),
]


@pytest.mark.parametrize(("area", "doctors", "grade", "published"), KVN_ROWS)
@pytest.mark.parametrize("at_limit", list(AtLimit))
def test_published_open_seats_are_reproduced(
    area: str, doctors: float, grade: float, published: float, at_limit: AtLimit
) -> None:
    need = planning.seats_from_grade(doctors, grade, at_limit=at_limit)
    assert need.to_closing_limit == published


def test_open_seats_follow_from_a_printed_regional_ratio() -> None:
    # Delmenhorst 2020: 173,000 residents (rounded), 103.75 seats, 1:1572, 94.2 %, 17.5 open
    need = planning.seats(103.75, 173_000, 1572)
    assert need.to_closing_limit == 17.5
    assert planning.planning_grade(103.75, 173_000, 1572) == pytest.approx(94.2, abs=0.1)


@pytest.mark.parametrize(
    ("doctors", "inhabitants", "grade", "ratio"),
    [(30, 52_674, 90.6, 1590.8), (63, 104_770, 97.7, 1624.8), (13.25, 20_435, 98.8, 1523.8)],
)
def test_the_regional_ratio_is_solved_back(
    doctors: float, inhabitants: int, grade: float, ratio: float
) -> None:
    assert planning.implied_ratio(doctors, inhabitants, grade) == pytest.approx(ratio, abs=0.05)
    low, high = planning.implied_ratio_bounds(doctors, inhabitants, grade)
    assert low < ratio < high
    assert high - low < 2


def test_demography_factor_is_the_quotient_of_the_published_ratios() -> None:
    # Wolfsburg 2018: general 1671, regional 1640
    assert planning.demography_factor(1671, 1640) == pytest.approx(0.9814, abs=5e-5)


# Required 30 seats; the limit of 110 % is 33 seats, which 1.1 * 30 is not in binary floating point
@pytest.mark.parametrize(
    ("doctors", "exceed", "reach"),
    [
        (33, 0.5, 0),  # 1: exactly at the limit: over-supply has not occurred yet
        (32.5, 1, 0.5),  # 2: exactly half a seat below
        (32.75, 0.5, 0.5),  # 3: in between both readings agree
        (33.25, 0, 0),  # 4: above the limit
        (0, 33.5, 33),  # 5: no doctor at all
    ],
)
def test_the_reading_at_exactly_110_percent_is_named(
    doctors: float, exceed: float, reach: float
) -> None:
    open_seats = planning.seats(doctors, 30 * 1633, 1633).to_closing_limit
    assert open_seats == exceed
    stopping = planning.seats(doctors, 30 * 1633, 1633, at_limit=AtLimit.REACH)
    assert stopping.to_closing_limit == reach


def test_seats_to_full_supply_stop_at_100_percent() -> None:
    assert planning.seats(28.75, 30 * 1633, 1633).to_full_supply == 1.5
    assert planning.seats(28.5, 30 * 1633, 1633).to_full_supply == 1.5
    assert planning.seats(30, 30 * 1633, 1633).to_full_supply == 0
    assert planning.seats(31, 30 * 1633, 1633).to_full_supply == 0


def test_the_rounding_of_the_grade_leaves_wittingen_2024_open() -> None:
    # 13.25 seats at 98.8 %: the raw gap is 1.502, so the printed digit decides between 1.5 and 2
    assert planning.open_seats_bounds(13.25, 98.8) == (1.5, 2.0)


@pytest.mark.parametrize(
    ("grade", "group", "status"),
    [
        (110.7, GP, ComputedStatus.OVER_SUPPLY),
        (110, GP, ComputedStatus.OPEN),
        (110.01, GP, ComputedStatus.OVER_SUPPLY),
        (86.6, GP, ComputedStatus.OPEN),
        (75, GP, ComputedStatus.OPEN),
        (74.9, GP, ComputedStatus.UNDER_SUPPLY_PRESUMED),
        (69.7, GP, ComputedStatus.UNDER_SUPPLY_PRESUMED),
        (69.7, "Hautärzte", ComputedStatus.OPEN),
        (49.9, "Hautärzte", ComputedStatus.UNDER_SUPPLY_PRESUMED),
        (0, "Hautärzte", ComputedStatus.UNDER_SUPPLY_PRESUMED),
    ],
)
def test_status_follows_the_strict_limits(grade: float, group: str, status: ComputedStatus) -> None:
    assert planning.computed_status(grade, group) is status


def test_decided_and_computed_status_stand_side_by_side() -> None:
    # Espelkamp 2020: closed by decision at 105.3 %
    area = planning.assess_area(
        doctor_group=GP,
        doctors=35,
        inhabitants=53_237,
        ratio=1601.67,
        ratio_kind="implied",
        decided_status="closed",
    )
    assert area.computed_status is ComputedStatus.OPEN
    assert area.decided_status is DecidedStatus.CLOSED
    assert area.grade_percent == pytest.approx(105.3, abs=0.05)


def test_a_grade_from_the_general_ratio_says_so() -> None:
    area = planning.assess_area(
        doctor_group=GP, doctors=50, inhabitants=96_000, ratio=1607, ratio_kind="general"
    )
    assert (area.ratio_kind, area.basis[:8]) == ("general", "Näherung")
    with pytest.raises(MethodInputError, match="kind of ratio"):
        planning.assess_area(
            doctor_group=GP, doctors=50, inhabitants=96_000, ratio=1607, ratio_kind="national"
        )


def test_a_grade_of_exactly_110_percent_is_open_and_not_over_supply() -> None:
    area = planning.assess_area(
        doctor_group=GP, doctors=33, inhabitants=30 * 1633, ratio=1633, ratio_kind="regional"
    )
    assert area.grade_percent == 110
    assert area.computed_status is ComputedStatus.OPEN
    assert area.seats_to_110 == 0.5


@pytest.mark.parametrize(
    ("doctors", "inhabitants", "ratio"),
    [
        (10, 0, 1600),
        (10, -5, 1600),
        (-1, 20_000, 1600),
        (10, 20_000, 0),
        (math.nan, 20_000, 1600),
        (10, math.nan, 1600),
        (10, 20_000, math.inf),
        (None, 20_000, 1600),
    ],
)
def test_impossible_numbers_are_refused(doctors: float, inhabitants: float, ratio: float) -> None:
    for method in (planning.planning_grade, planning.seats):
        with pytest.raises(MethodInputError):
            method(doctors, inhabitants, ratio)


def test_a_grade_of_zero_says_nothing_about_the_need() -> None:
    with pytest.raises(MethodInputError):
        planning.seats_from_grade(10, 0)
    with pytest.raises(MethodInputError):
        planning.seats_from_grade(0, 90)


# 1: regional ratio printed; 2: solved back; 3: nobody lives there; 4: doctors missing;
# 5: neither ratio nor grade; 6: doctors only roughly known; 7: kind of the ratio not stated
SYNTHETIC_ROWS = pd.DataFrame(
    {
        "planning_area": list("ABCDEFG"),
        "doctor_group": [GP] * 7,
        "doctors_counted": [33, 30, 5, None, 5, 35, 33],
        "doctors_counted_qualifier": ["", "", "", "", "", "35 (rund)", ""],
        "inhabitants": [48_990, 52_674, 0, 9000, 9000, 50_031, 48_990],
        "ratio": [1633, None, 1600, 1600, None, 1594, 1633],
        "ratio_kind": ["regional", "", "general", "general", "", "regional", ""],
        "grade_percent": [None, 90.6, None, None, None, 110.7, None],
        "status_published": ["closed", "", "", "", "", "", ""],
    }
)


def test_rows_are_assessed_or_flagged_with_the_reason() -> None:
    result = planning.assess_areas(SYNTHETIC_ROWS)
    assert result["is_computable"].tolist() == [True, True, False, False, False, False, True]
    assert result.loc[0, ["seats_to_110", "computed_status", "decided_status"]].tolist() == [
        0.5,
        "open",
        "closed",
    ]
    assert result.loc[1, "used_ratio_kind"] == "implied"
    assert result.loc[1, "seats_to_110"] == 6.5
    assert result.loc[6, "used_ratio_kind"] == "unstated"
    reasons = result.loc[2:5, "reason"].tolist()
    assert [reason.split(": ")[0] for reason in reasons] == ["nicht berechenbar"] * 4
    assert "Einwohnerzahl ist null" in reasons[0]
    assert "35 (rund)" in reasons[3]
    assert result.loc[2:5, "computed_grade_percent"].isna().all()


def test_rows_keep_their_columns_and_the_input_is_not_changed() -> None:
    before = SYNTHETIC_ROWS.copy()
    result = planning.assess_areas(SYNTHETIC_ROWS)
    pd.testing.assert_frame_equal(SYNTHETIC_ROWS, before)
    assert list(result.columns[: len(before.columns)]) == list(before.columns)


def test_an_unknown_word_in_a_row_is_an_error_not_a_flag() -> None:
    for column, word in (("doctor_group", "Hausarzte"), ("status_published", "zu")):
        with pytest.raises(MethodInputError):
            planning.assess_areas(SYNTHETIC_ROWS.assign(**{column: word}))


def test_group_names_of_older_prints_are_understood() -> None:
    assert doctor_group("Internisten").name == "Fachinternisten"
    assert doctor_group("Frauenärzte").population == "women"


SEATS = st.integers(0, 800).map(lambda quarters: quarters / 4)
PEOPLE = st.integers(1000, 400_000)
RATIO = st.integers(500, 50_000)


@given(SEATS, SEATS, PEOPLE, RATIO)
def test_more_doctors_never_lower_the_grade_nor_open_seats(
    one: float, other: float, people: int, ratio: int
) -> None:
    few, many = sorted((one, other))
    assert planning.planning_grade(few, people, ratio) <= planning.planning_grade(
        many, people, ratio
    )
    fewer, more = planning.seats(few, people, ratio), planning.seats(many, people, ratio)
    assert more.to_closing_limit <= fewer.to_closing_limit
    assert more.to_full_supply <= fewer.to_full_supply


@given(SEATS, PEOPLE, RATIO)
def test_open_seats_are_the_fewest_halves_that_exceed_the_limit(
    doctors: float, people: int, ratio: int
) -> None:
    need = planning.seats(doctors, people, ratio)
    limit = Fraction(people, ratio) * Fraction(11, 10)
    seats = exact(doctors, "doctors") + exact(need.to_closing_limit, "seats")
    assert need.to_closing_limit >= 0
    assert need.to_closing_limit * 2 == int(need.to_closing_limit * 2)
    assert seats > limit
    if need.to_closing_limit:
        assert seats - Fraction(1, 2) <= limit
    assert need.to_full_supply <= need.to_closing_limit
    reach = planning.seats(doctors, people, ratio, at_limit=AtLimit.REACH).to_closing_limit
    assert need.to_closing_limit - reach in (0, 0.5)


@given(SEATS, PEOPLE, RATIO)
def test_status_and_open_seats_agree(doctors: float, people: int, ratio: int) -> None:
    area = planning.assess_area(
        doctor_group=GP, doctors=doctors, inhabitants=people, ratio=ratio, ratio_kind="regional"
    )
    is_over = area.computed_status is ComputedStatus.OVER_SUPPLY
    assert (area.seats_to_110 == 0) == is_over


# ----------------------------------------------------------------- split of a change of grade


def test_a_change_is_split_into_doctors_residents_and_ratio() -> None:
    # Nienburg: 35.5 seats, 68,092 residents, 1657 (86.4 %) -> 38, 69,504, 1640.66 (89.7 %)
    split = decomposition.split_grade_change(
        decomposition.GradeInputs(35.5, 68_092, 1657),
        decomposition.GradeInputs(38, 69_504, 1640.66),
    )
    assert split.before_percent == pytest.approx(86.39, abs=0.01)
    assert split.after_percent == pytest.approx(89.70, abs=0.01)
    # more doctors alone would have meant about +6 points; residents and ratio took the rest
    assert split.doctors == pytest.approx(5.99, abs=0.05)
    assert split.inhabitants < 0 and split.ratio < 0
    assert split.doctors + split.inhabitants + split.ratio == pytest.approx(split.total, abs=1e-9)


def test_only_the_factor_that_changed_has_a_part() -> None:
    split = decomposition.split_grade_change(
        decomposition.GradeInputs(0, 16_000, 1600), decomposition.GradeInputs(5, 16_000, 1600)
    )
    assert (split.doctors, split.inhabitants, split.ratio) == (50, 0, 0)


@given(SEATS, PEOPLE, RATIO, SEATS, PEOPLE, RATIO)
def test_parts_sum_to_the_change_and_reverse_with_it(
    a0: float, e0: int, r0: int, a1: float, e1: int, r1: int
) -> None:
    before, after = decomposition.GradeInputs(a0, e0, r0), decomposition.GradeInputs(a1, e1, r1)
    split = decomposition.split_grade_change(before, after)
    back = decomposition.split_grade_change(after, before)
    parts = split.doctors + split.inhabitants + split.ratio
    assert parts == pytest.approx(split.total, rel=1e-9, abs=1e-9)
    assert back.doctors == pytest.approx(-split.doctors)
    assert back.total == pytest.approx(-split.total)


# ------------------------------------------------------------------------------ plausibility

NIENBURG_NEW = PublishedRow(doctors=38, inhabitants=69_504, ratio=1657, grade=89.7, open_seats=9)
NIENBURG_OLD = PublishedRow(doctors=35.5, inhabitants=68_092, ratio=1657, grade=86.4, open_seats=10)


def test_the_ratio_printed_with_nienburg_2017_belongs_to_the_older_row() -> None:
    alone = plausibility.check_row(NIENBURG_NEW)
    assert alone.verdict is RowVerdict.AMBIGUOUS
    assert dict(alone.suspects) == {"ratio": 1641.0, "inhabitants": 70_196.0}
    with_history = plausibility.check_row(NIENBURG_NEW, earlier=NIENBURG_OLD)
    assert with_history.verdict is RowVerdict.SUSPECT
    assert with_history.fits_earlier_row == "ratio"
    assert plausibility.check_row(NIENBURG_OLD).verdict is RowVerdict.FITS


def test_13_5_seats_for_wolfsburg_2022_lead_to_110_and_not_to_100_percent() -> None:
    # 93.1 %, 13.5 seats "to reach 100 %"; about 126,000 residents, general ratio about 1,607
    to_100, to_110 = plausibility.seat_targets(
        grade=93.1, open_seats=13.5, inhabitants=126_000, general_ratio=1607
    )
    assert (to_100.target_percent, to_100.is_plausible) == (100, False)
    assert to_100.highest_ratio < 700
    assert (to_110.target_percent, to_110.is_plausible) == (110, True)
    assert to_110.lowest_ratio < 1607 < to_110.highest_ratio


def test_seats_missing_to_a_grade_already_passed_imply_nothing() -> None:
    to_100, to_110 = plausibility.seat_targets(
        grade=104.2, open_seats=0.5, inhabitants=20_000, general_ratio=1607
    )
    assert math.isnan(to_100.lowest_ratio) and not to_100.is_plausible
    assert to_110.highest_ratio == math.inf


@pytest.mark.parametrize(("area", "doctors", "grade", "published"), KVN_ROWS)
def test_published_rows_fit_themselves(
    area: str, doctors: float, grade: float, published: float
) -> None:
    row = PublishedRow(doctors=doctors, grade=grade, open_seats=published)
    assert plausibility.check_row(row).verdict is RowVerdict.FITS


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        # rounded residents: 103.75 * 1572 / 173,000 = 94.27 %, printed 94.2
        (PublishedRow(103.75, 173_000, 1572, 94.2, 17.5, 1000), RowVerdict.FITS),
        # Lüdenscheid 2016: 61 heads, not seats; three numbers and one formula
        (PublishedRow(61, 106_000, None, 97.6, 8.5, 1000), RowVerdict.AMBIGUOUS),
        # a wrong number of seats alone
        (PublishedRow(35.5, 68_092, 1657, 86.4, 3), RowVerdict.SUSPECT),
        (PublishedRow(35.5, None, None, 86.4, None), RowVerdict.NOT_CHECKABLE),
        (PublishedRow(0, 68_092, 1657, 0, 41), RowVerdict.NOT_CHECKABLE),
        # two numbers wrong at once
        (PublishedRow(35.5, 100_000, 1657, 86.4, 3), RowVerdict.CONTRADICTORY),
    ],
)
def test_rows_are_judged_within_their_rounding(row: PublishedRow, verdict: RowVerdict) -> None:
    assert plausibility.check_row(row).verdict is verdict


def test_packaged_rows_are_checked_and_the_published_check_is_reproduced(root: Path) -> None:
    path = root / "data" / "raw" / "planning" / "needs_planning_checks.csv"
    checks = pd.read_csv(path)
    for row in checks[checks["doctors"].notna()].to_dict("records"):
        need = planning.seats_from_grade(row["doctors"], row["published_grade"])
        assert need.to_closing_limit == row["open_seats_ceil_half"], row
        assert need.gap == pytest.approx(row["gap_to_110_raw"], abs=0.0051), row
        if not np.isnan(row["implied_regional_vz"]):
            implied = planning.implied_ratio(
                row["doctors"], row["inhabitants"], row["published_grade"]
            )
            assert implied == pytest.approx(row["implied_regional_vz"], abs=0.051), row
        if not np.isnan(row["recomputed_grade_from_published_vz"]):
            grade = planning.planning_grade(row["doctors"], row["inhabitants"], row["published_vz"])
            assert grade == pytest.approx(row["recomputed_grade_from_published_vz"], abs=0.0051)
        if row["match"] in ("ok", "differs"):
            assert (need.to_closing_limit == row["published_open_seats"]) == (row["match"] == "ok")


def test_a_frame_of_rows_is_checked_with_its_own_history() -> None:
    rows = pd.DataFrame(
        {
            "planning_area": ["Nienburg", "Nienburg"],
            "doctor_group": [GP, GP],
            "date_from": ["2017-02-01", "2017-01-01"],
            "doctors_counted": [38, 35.5],
            "inhabitants": [69_504, 68_092],
            "ratio": [1657, 1657],
            "grade_percent": [89.7, 86.4],
            "open_seats": [9, 10],
        }
    )
    result = plausibility.check_rows(rows)
    assert result["verdict"].tolist() == ["suspect", "fits"]
    assert result["fits_earlier_row"].tolist() == ["ratio", ""]


# ------------------------------------------------------------------------- change and demand


def test_percent_change_and_what_rounding_leaves_open() -> None:
    # IGES 2021: 63 to 57 per 100,000, "minus nine percent"
    assert change.percent_change(63, 57) == pytest.approx(-9.52, abs=0.01)
    low, high = change.percent_change_bounds(63, 57, start_step=1, end_step=1)
    assert low < -9.5 < -9 < high
    with pytest.raises(MethodInputError):
        change.percent_change(0, 5)


def test_whole_from_part() -> None:
    # Rottweil 2023: 32 leavers are 37 % of the doctors
    assert change.whole_from_part(32, 37) == pytest.approx(86.5, abs=0.05)
    low, high = change.whole_from_part_bounds(32, 37)
    assert (round(low, 1), round(high, 1)) == (85.3, 87.7)


def test_rates_of_both_sexes_are_pooled() -> None:
    # GBE 2021, 85 to 89: 287,867 men are 43.2 %, 674,290 women 60.6 %, together 54.1 %
    assert demand.pooled_rate([287_867, 674_290], [43.2, 60.6]) == pytest.approx(54.1, abs=0.1)
    with pytest.raises(MethodInputError):
        demand.pooled_rate([5, 5], [43.2, 101])
    with pytest.raises(MethodInputError):
        demand.pooled_rate([0, 0], [43.2, 60.6])


def test_utilisation_identities() -> None:
    assert demand.cases_from_rate(81.7, 8.51) == pytest.approx(695.3, abs=0.05)  # BARMER 2015
    assert demand.units_per_case(3642, 530) == pytest.approx(6.87, abs=0.005)  # WIdO 2016
    assert demand.group_share_of_cases(21.4, 13.4, 17.5) == pytest.approx(62.7, abs=0.05)
    with pytest.raises(MethodInputError):
        demand.group_share_of_cases(21.4, 13.4, 30)


def test_share_from_age_needs_a_group_that_begins_there() -> None:
    counts = pd.Series([60, 25, 15], index=[0, 65, 80])
    assert demand.share_from_age(counts, 80) == 15
    with pytest.raises(MethodInputError):
        demand.share_from_age(counts, 75)
