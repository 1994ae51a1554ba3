"""Money in whole cents, and what a funding line can pay at most."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import MethodInputError
from pipeline.methods.grants import (
    NIEDERSACHSEN_2021,
    GrantForm,
    Measure,
    Terms,
    final_grant,
    grant_ceiling,
)
from pipeline.methods.money import euro_text, parse_euro, plain_text

CENTS = st.integers(min_value=0, max_value=10**12)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("13000", 1_300_000),
        ("13.000,00 €", 1_300_000),
        ("13000,5", 1_300_050),
        ("0.07", 7),
        ("-12,50 EUR", -1250),
        ("1.234.567", 123_456_700),
        (0.29, 29),
        (Decimal("19.99"), 1999),
        (26000, 2_600_000),
    ],
)
def test_an_amount_is_read_to_the_cent(text: object, cents: int) -> None:
    assert parse_euro(text) == cents


@pytest.mark.parametrize("text", ["13.000", "1,234.50", "zwölf", "", "12,345", 0.001, True, None])
def test_an_amount_that_would_be_a_guess_is_refused(text: object) -> None:
    with pytest.raises(MethodInputError):
        parse_euro(text)


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_an_amount_survives_writing_and_reading(cents: int) -> None:
    assert parse_euro(plain_text(cents)) == cents == parse_euro(euro_text(cents))


def test_published_grant_cases_are_reproduced(cases_file: Path) -> None:
    cases = pd.read_csv(cases_file, dtype=str, keep_default_na=False)
    rows = cases[cases["method"].eq("M7_foerderung_nds")].to_dict("records")
    assert {row["case_id"] for row in rows} >= {"struktur_22222", "struktur_30000"}
    for row in rows:
        given_ = json.loads(row["input_json"])
        terms = NIEDERSACHSEN_2021[Measure(given_["massnahme"]), given_["bedarfszuweisung"]]
        got = grant_ceiling(parse_euro(given_["zuwendungsfaehig_eur"]), terms)
        expected, tolerance = parse_euro(row["expected"]), parse_euro(row["tolerance"])
        assert abs(got - expected) <= tolerance


def test_a_new_project_is_paid_for_two_years_at_most_and_80000_in_all() -> None:
    terms = NIEDERSACHSEN_2021[Measure.NEW_PROJECT, False]
    assert grant_ceiling(100_000_00, terms, 2) == 80_000_00
    assert grant_ceiling(50_000_00, terms, 2) == 45_000_00
    with pytest.raises(MethodInputError, match="so many years"):
        grant_ceiling(50_000_00, terms, 3)


@given(CENTS, st.integers(0, 1000), CENTS)
def test_the_own_share_is_never_missed(costs: int, share: int, cap: int) -> None:
    grant = grant_ceiling(costs, Terms(cap, share))
    assert 0 <= grant <= cap
    assert (costs - grant) * 1000 >= costs * share


@pytest.mark.parametrize(
    ("form", "kept"),
    [
        # approved 18,000 of 20,000 planned; 18,000 spent, 1,800 of them from others
        (GrantForm.SHARE, 16_200_00),
        (GrantForm.DEFICIT, 16_200_00),
        (GrantForm.FIXED, 18_000_00),
    ],
)
def test_a_grant_follows_the_costs_as_its_form_says(form: GrantForm, kept: int) -> None:
    assert final_grant(form, 18_000_00, 20_000_00, 18_000_00, 1_800_00) == kept


@given(st.sampled_from(GrantForm), CENTS, CENTS.filter(bool), CENTS, CENTS)
def test_no_grant_exceeds_what_was_approved_or_spent(
    form: GrantForm, approved: int, planned: int, actual: int, others: int
) -> None:
    kept = final_grant(form, approved, planned, actual, others)
    assert 0 <= kept <= min(approved, actual)
