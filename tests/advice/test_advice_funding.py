"""Funding lines: published caps, validity, and arithmetic in whole cents."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.advice.funding import Evidence, read_funding
from pipeline.advice.grants import Ceiling, ceiling, could_get, options
from pipeline.errors import MethodInputError
from pipeline.regions import MODEL_REGIONS

FUNDING = read_funding()
LINES = list(FUNDING.lines.values())
OLD = FUNDING.line("nds-gesundheitsregionen-2018")
NI = FUNDING.line("nds-gesundheitsregionen-2021")
NEW_PROJECT = FUNDING.line("nds-gesundheitsregionen-2021-neue-projekte")
CITY = FUNDING.line("wolfsburg-aerztefoerderung-2026")
DAY = dt.date(2025, 12, 31)


def test_wolfsburgs_26000_euro_are_two_years_of_the_line_before_2021() -> None:
    got = ceiling(OLD, cost_cents=16_500_000, start=dt.date(2018, 7, 1), years=2)
    assert got.cents == 2_600_000
    assert got.bound_by == "Obergrenze"


def test_the_guideline_of_2021_refuses_a_project_of_2018_and_names_its_validity() -> None:
    with pytest.raises(MethodInputError, match="not in force") as caught:
        ceiling(NI, cost_cents=16_500_000, start=dt.date(2018, 7, 1), years=2)
    assert caught.value.expected == "a start from 2021-01-01 to 2025-12-31"


def test_an_expired_guideline_points_to_its_successor() -> None:
    with pytest.raises(MethodInputError) as caught:
        ceiling(NI, cost_cents=1, start=dt.date(2026, 1, 1))
    assert "nds-gesundheitsregionen-2026" in (caught.value.remedy or "")


@pytest.mark.parametrize(
    ("cost", "is_reduced", "expected", "bound_by"),
    [
        # Richtlinie Gesundheitsregionen, Nr. 5: own share 10 %, at most 20,000 euros a year
        (2_222_222, False, 1_999_999, "Eigenanteil"),
        (3_000_000, False, 2_000_000, "Obergrenze"),
        (1_000_000, True, 950_000, "Eigenanteil"),
    ],
)
def test_the_lower_of_cap_and_costs_less_own_share_counts(
    cost: int, is_reduced: bool, expected: int, bound_by: str
) -> None:
    got = ceiling(NI, cost_cents=cost, start=dt.date(2022, 1, 1), is_reduced=is_reduced)
    assert (got.cents, got.bound_by) == (expected, bound_by)


def test_wolfsburg_pays_half_and_at_most_100000_euros() -> None:
    start = dt.date(2026, 3, 1)
    assert ceiling(CITY, cost_cents=15_000_000, start=start).cents == 7_500_000
    assert ceiling(CITY, cost_cents=50_000_000, start=start).cents == 10_000_000


def test_every_amount_carries_what_is_not_confirmed() -> None:
    got = ceiling(CITY, cost_cents=100, start=dt.date(2026, 3, 1))
    assert set(CITY.unverified) <= set(got.notes)
    late = ceiling(NI, cost_cents=100, start=dt.date(2025, 5, 1), years=2)
    assert any("über die Geltung der Linie hinaus" in note for note in late.notes)


def test_a_line_without_published_cap_computes_nothing() -> None:
    efre = FUNDING.line("efre-nrw-2021")
    assert could_get(efre, cost_cents=100, start=dt.date(2022, 1, 1)) is None
    with pytest.raises(MethodInputError, match="no cap is published"):
        ceiling(efre, cost_cents=100, start=dt.date(2022, 1, 1))


@pytest.mark.parametrize("cost", [0, -1, 12.5, True])
def test_costs_are_whole_cents_above_zero(cost: object) -> None:
    with pytest.raises(MethodInputError, match="whole euro cents"):
        ceiling(NI, cost_cents=cost, start=dt.date(2022, 1, 1))  # type: ignore[arg-type]


@settings(deadline=None)
@given(cost=st.integers(1, 10**10))
def test_grant_and_own_share_never_exceed_the_costs(cost: int) -> None:
    got = ceiling(NEW_PROJECT, cost_cents=cost, start=dt.date(2021, 1, 1))
    assert got.cents + got.own_cents <= cost
    assert got.own_cents * 10 >= cost
    assert got.cents <= 8_000_000


def test_a_region_is_offered_lines_of_its_land_that_are_in_force_or_begin_soon() -> None:
    wolfsburg = {
        option.line.id: option.state
        for option in options(MODEL_REGIONS["wolfsburg"], DAY, [], LINES)
    }
    assert wolfsburg["wolfsburg-aerztefoerderung-2026"] == "gilt ab 01.02.2026"
    assert wolfsburg["nds-gesundheitsregionen-2021"] == "in Kraft bis 31.12.2025"
    assert "nds-gesundheitsregionen-2026" in wolfsburg
    assert not {"nds-gesundheitsregionen-2018", "hausarztaktionsprogramm-nrw"} & set(wolfsburg)
    kalletal = {option.line.id for option in options(MODEL_REGIONS["kalletal"], DAY, [], LINES)}
    assert "hausarztaktionsprogramm-nrw" in kalletal
    assert not kalletal & {"nds-gesundheitsregionen-2021", "kvn-foerderung", "efre-nrw-2014"}


def test_one_line_says_about_its_validity_why_it_refuses_and_the_other_what_it_pays() -> None:
    start = dt.date(2018, 7, 1)
    refusal = could_get(NI, cost_cents=16_500_000, start=start, years=2)
    assert isinstance(refusal, str) and "not in force" in refusal
    paid = could_get(OLD, cost_cents=16_500_000, start=start, years=2)
    assert isinstance(paid, Ceiling) and paid.cents == 2_600_000


def test_an_amount_that_nobody_read_is_marked_as_an_assumption() -> None:
    programme = FUNDING.line("hausarztaktionsprogramm-nrw")
    assert (programme.cap.cents, programme.cap.evidence) == (6_000_000, Evidence.ASSUMED)
    assert programme.ceiling(10_000_000) is None  # its own share was not read


def test_a_period_takes_no_new_project_while_it_is_settled() -> None:
    # EFRE NRW 2014-2020: new projects until 2020, settlement until 2023
    efre = FUNDING.line("efre-nrw-2014")
    assert efre.is_open_on(dt.date(2020, 12, 31)) and not efre.is_open_on(dt.date(2021, 1, 1))
    assert efre.refusal(dt.date(2018, 1, 1), dt.date(2022, 12, 31)) == ""
