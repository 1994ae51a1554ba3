"""What published rows yield: seats to 100 and 110 %, ratio in force, plausibility in words.

Expected seats are those that KVN, WAZ and Braunschweiger Zeitung print for these rows.
"""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import pytest

from pipeline.methods import planning, planning_rows, published_planning
from pipeline.methods.published_planning import Membership
from pipeline.tables import storage

TODAY = dt.date(2025, 12, 31)


@pytest.fixture(scope="module")
def tables(processed) -> dict[str, pd.DataFrame]:
    names = ("needs_planning", "planning_ratios", "planning_areas", "population")
    return {name: storage.read(name, processed=processed) for name in names}


def assessed(tables: dict[str, pd.DataFrame], area: str, date: str) -> dict:
    rows = published_planning.published_rows(tables["needs_planning"], area, TODAY)
    found = planning_rows.assessed(rows, tables["planning_ratios"]).set_index("date_text")
    return found.loc[date].to_dict()


@pytest.mark.parametrize(
    ("area", "date", "printed_open_seats", "to_100"),
    [
        # KVN July 2025; need = seats / grade: 33.1, 64.5, 13.0, 24.6
        ("Braunschweig Umland", "2025-07", 6.5, (3.5, 3.5)),
        ("Gifhorn", "2025-07", 8.0, (1.5, 2.0)),  # 63 of 64.45 to 64.52: the rounding decides
        ("Wittingen", "2025-07", 1.0, (0.0, 0.0)),
        ("Wolfsburg Umland", "2025-07", 8.5, (6.0, 6.0)),
        ("Hann. Münden", "2021-06", 1.5, (0.0, 0.0)),
        # residents, doctors and ratio are printed: 173,000 / 1,572 = 110.05 seats
        ("Delmenhorst", "2020-02", 17.5, (6.5, 6.5)),
    ],
)
def test_complete_rows_give_back_the_printed_open_seats(
    tables, area: str, date: str, printed_open_seats: float, to_100: tuple[float, float]
) -> None:
    row = assessed(tables, area, date)
    assert (row["to_110_low"], row["to_110_high"]) == (printed_open_seats, printed_open_seats)
    assert (row["to_100_low"], row["to_100_high"]) == to_100
    assert row["verdict_words"] == "stimmt in sich"


def test_seats_to_100_follow_from_grade_and_open_seats_alone(tables) -> None:
    # Wolfsburg 2022: 13 to 13.5 seats are 16.9 % of the need (76.7 to 80.1), 6.9 % are 5.3 to 5.6
    row = assessed(tables, "Wolfsburg", "2022-09")
    assert (row["to_100_low"], row["to_100_high"]) == (5.5, 6.0)
    assert row["seats_basis"] == planning_rows.FROM_OPEN_SEATS


def test_a_number_with_a_word_beside_it_is_not_computed_with(tables) -> None:
    # Bocholt 2023 prints "gut 50" doctors; grade and open seats give the seats to 100 %
    row = assessed(tables, "Bocholt", "2023-05")
    assert row["seats_basis"] == planning_rows.FROM_OPEN_SEATS
    assert (row["to_100_low"], row["to_100_high"]) == (10.0, 10.0)


def test_open_seats_of_wolfsburg_fit_110_percent_and_not_the_100_of_the_article(tables) -> None:
    area = published_planning.membership(tables["planning_areas"], "wolfsburg")
    rows = published_planning.area_rows(tables["needs_planning"], area, TODAY)
    words = planning_rows.target_words(rows, area, tables["population"], tables["planning_ratios"])
    by_date = dict(zip(rows["date_text"], words, strict=True))
    assert by_date["2022-09"] == "die freien Sitze passen nur zu 110 %"
    assert by_date["2018-06"] == ""


def test_the_error_of_nienburg_is_said_in_words(tables) -> None:
    rows = published_planning.published_rows(tables["needs_planning"], "Nienburg", TODAY)
    rows = rows.loc[rows["date_text"].eq("2017-02")].assign(ratio=1657.0)
    (row,) = planning_rows.assessed(rows, tables["planning_ratios"]).to_dict("records")
    percent = 100 * row["doctors_counted"] * 1657 / row["inhabitants"]
    shown = f"{percent:.1f}".replace(".", ",")
    assert row["verdict_words"].startswith(
        "passt nicht zusammen: Aus Arztsitzen, Einwohnern und Verhältniszahl ergeben sich "
        f"{shown} Prozent; "
    )


def test_ratio_is_the_one_in_force_on_the_day_and_none_where_no_day_is_known(tables) -> None:
    assert assessed(tables, "Lemgo", "2024-09")["general_ratio"] == 1616.0
    assert math.isnan(assessed(tables, "Lemgo", "undated (ca. 2016-2018)")["general_ratio"])
    assert assessed(tables, "Gifhorn", "2025-07")["general_ratio"] == 1633.0


def test_closed_below_110_percent_is_decided_and_computed_apart(tables) -> None:
    row = assessed(tables, "Espelkamp", "2020-02")
    assert (row["decided_words"], row["computed_words"]) == ("gesperrt", "zwischen 75 und 110 %")


def test_seats_findings_name_what_is_printed_and_what_is_computed(tables) -> None:
    area = Membership("Bocholt", True, False, "")
    rows = published_planning.area_rows(tables["needs_planning"], area, TODAY)
    to_110 = planning_rows.seats_finding(rows, area, 110)
    to_100 = planning_rows.seats_finding(rows, area, 100)
    assert (to_110.value, to_110.kind) == (16.0, "veröffentlichter Wert")
    assert (to_100.value, to_100.kind) == (10.0, "eigene Berechnung")


def test_the_latest_dated_grade_goes_before_a_later_undated_one(tables) -> None:
    # Wolfsburg: 93.1 % in September 2022 (WAZ), 90.5 % "ca. 2025"; Oelde: undated values only
    later = dt.date(2035, 1, 1)
    wolfsburg = Membership("Wolfsburg", True, False, "")
    rows = published_planning.area_rows(tables["needs_planning"], wolfsburg, later)
    grade = published_planning.grade_finding(rows, wolfsburg)
    assert (grade.value, grade.time_period) == (93.1, "2022-09")
    oelde = Membership("Oelde", True, False, "")
    rows = published_planning.area_rows(tables["needs_planning"], oelde, TODAY)
    grade = published_planning.grade_finding(rows, oelde)
    assert (grade.value, grade.time_period) == (82.0, "undatiert")


def test_a_grade_alone_gives_no_seats(tables) -> None:
    area = Membership("Lemgo", True, True, "")
    rows = published_planning.area_rows(tables["needs_planning"], area, TODAY)
    assert planning_rows.seats_finding(rows, area, 100).kind == "nicht berechenbar"
    assert planning_rows.seats_finding(rows.iloc[:0], area, 100).kind == "keine Daten"


def test_the_method_page_prints_what_the_rows_give(root, tables) -> None:
    page = (root / "docs" / "methods" / "planning.md").read_text(encoding="utf-8")
    section = page.split("## Shown on complete rows of Niedersachsen")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert len(lines) == 9
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        row = assessed(tables, cells[0], cells[1])
        numbers = [row[name] for name in ("doctors_counted", "inhabitants", "grade_percent")]
        low, high = planning.implied_ratio_bounds(*numbers)
        ratio = row["general_ratio"] if math.isnan(row["ratio"]) else row["ratio"]
        to_100 = dict.fromkeys(f"{row[name]:g}" for name in ("to_100_low", "to_100_high"))
        printed = f"{ratio:,.0f}" if row["ratio"] > 0 else f"({ratio:,.0f})"
        grade = 0 if math.isnan(ratio) else planning.planning_grade(*numbers[:2], ratio)
        recomputed = (printed, f"{grade:.1f}") if grade else ("–", "–")
        assert cells[2:] == [
            f"{row['inhabitants']:,.0f}",
            f"{row['doctors_counted']:g}",
            f"{row['grade_percent']:g}",
            *recomputed,
            f"{low:.0f}–{high:.0f}",
            f"{row['open_seats']:g}",
            f"{row['to_110_low']:g}",
            "–".join(to_100),
        ]
