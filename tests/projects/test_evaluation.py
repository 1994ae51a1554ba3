"""Monitoring, effect and view: what the evaluation says, and what it must not say."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.advice.funding import Funding
from pipeline.errors import NoDataError
from pipeline.methods.contribution import NO_PROOF
from pipeline.projects import effect, finance, shown
from pipeline.projects.monitoring import Reached, compares, early_warnings, standings, values_of
from pipeline.projects.storage import list_projects
from pipeline.projects.values import Quantity
from pipeline.projects.view import ProjectView, open_project
from pipeline.projects.vocabulary import FinanceKind, Polarity
from tests.projects.invented import invented_record

TODAY = dt.date(2025, 12, 31)


@pytest.fixture(scope="module")
def kommkom(root: Path) -> ProjectView:
    return open_project("kommkom", TODAY, root / "data" / "raw")


# --- money -----------------------------------------------------------------------------------


def test_wolfsburg_two_kinds_of_money_and_an_open_rest(root: Path) -> None:
    record = open_project("gesundheitsregion-wolfsburg", TODAY, root / "data" / "raw").record
    plan = finance.cofinancing(record.budget)
    assert plan is not None
    assert (plan.costs, plan.by_kind, plan.open) == (
        16_500_000, {FinanceKind.GRANT: 2_600_000}, 13_900_000,
    )  # fmt: skip
    assert plan.grant_percent == pytest.approx(15.8, abs=0.05)


def test_income_is_never_added_over_kinds() -> None:
    sums = finance.income_by_kind(invented_record().budget, "actual")
    assert {kind: total.cents for kind, total in sums.items()} == {
        FinanceKind.GRANT: 1_620_000, FinanceKind.OWN: 180_000, FinanceKind.IN_KIND: 70_000,
    }  # fmt: skip


def test_cost_per_output_against_plan() -> None:
    (row,) = finance.unit_costs(invented_record()).to_dict("records")
    assert (row["planned_per_unit"], row["actual_per_unit"]) == (375_000, 350_002)


def test_the_funding_year_cut_counts_receipts_in_the_year_of_payment() -> None:
    rows = [row.model_copy(update={"year": "2022"}) for row in invented_record().budget]
    record = invented_record().model_copy(update={"budget": tuple(rows)})
    (year,) = finance.costs_by_year(record).to_dict("records")
    assert (year["year"], year["planned"], year["actual"], year["receipts"]) == (
        "2022", 2_000_000, 1_800_000, 1_800_000,
    )  # fmt: skip
    assert ProjectView(record, Funding({}, {}), TODAY).show("years").data.shape == (1, 5)


def test_a_sum_with_a_missing_amount_neither_closes_nor_fails_to() -> None:
    rows = invented_record().budget
    holed = [rows[0].model_copy(update={"actual": None}), *rows[1:]]
    assert finance.closes(holed, "actual") is None
    assert finance.closes(rows, "actual") is True


# --- monitoring ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "target", "met"),
    [
        (Quantity(35, ">="), Quantity(30), True),
        (Quantity(35, ">="), Quantity(40), None),
        (Quantity(40, "<="), Quantity(45), False),
        (Quantity(40, "<="), Quantity(30), None),
        (Quantity(30), Quantity(30), True),
        (Quantity(20, "~"), Quantity(20), None),
    ],
)
def test_a_bound_says_no_more_than_it_does(
    value: Quantity, target: Quantity, met: bool | None
) -> None:
    assert compares(value, target, Polarity.MORE) is met


@given(st.integers(-99, 99), st.integers(-99, 99))
def test_less_is_better_mirrors_more_is_better(value: int, target: int) -> None:
    mirrored = compares(Quantity(-value), Quantity(-target), Polarity.LESS)
    assert compares(Quantity(value), Quantity(target), Polarity.MORE) == mirrored


def test_progress_and_early_warning_at_half_time() -> None:
    record = invented_record()
    (half,) = standings(record, dt.date(2022, 9, 30))
    assert (half.share, half.reached) == (0.25, Reached.NOT_DUE)
    assert any("liegt zurück" in text for text in early_warnings(record, dt.date(2022, 9, 30)))
    (end,) = standings(record, TODAY)
    assert (end.share, end.change, end.reached) == (1.0, 3.0, Reached.YES)
    in_2023 = values_of(record, "treffen", dt.date(2023, 1, 1), dt.date(2023, 12, 31))
    assert in_2023 == []


# --- effect ----------------------------------------------------------------------------------


def test_every_real_project_says_that_effect_is_neither_shown_nor_refuted(root: Path) -> None:
    raw = root / "data" / "raw"
    for slug in list_projects(raw):
        view = open_project(slug, TODAY, raw)
        assert view.effect_sentences()[0].startswith(NO_PROOF), slug
        assert view.show("power") and view.show("collection"), slug
        assert view.record.outcomes == (), slug


def test_a_users_panel_is_compared_with_and_without() -> None:
    units = {"T": 5.0, **{f"C{n}": 0.0 for n in range(5)}}
    rows = [
        {"indicator": "treffen", "unit": unit, "treated_from": "2022" if jump else "",
         "time_period": str(year), "value": (year - 2018) + place + (jump if year >= 2022 else 0)}
        for place, (unit, jump) in enumerate(units.items())
        for year in range(2018, 2024)
    ]  # fmt: skip
    (found,) = effect.comparisons(invented_record(outcomes=rows))
    assert found.effect is not None
    assert found.effect.estimate == pytest.approx(5.0)
    assert found.pre_trend == pytest.approx(0.0)
    assert (found.treated, found.comparison) == (1, 5)
    view = ProjectView(invented_record(outcomes=rows), Funding({}, {}), TODAY)
    assert not any("öffentlichen Daten" in text for text in view.effect_sentences())


def test_too_few_comparison_units_give_a_sentence_and_no_number() -> None:
    rows = [
        {"indicator": "treffen", "unit": unit, "treated_from": start, "time_period": year,
         "value": 1.0}
        for unit, start in (("T", "2022"), ("C", ""))
        for year in ("2021", "2022")
    ]  # fmt: skip
    (found,) = effect.comparisons(invented_record(outcomes=rows))
    assert found.effect is None and "Zu wenige Einheiten" in found.notes[0]


# --- what a reader sees ----------------------------------------------------------------------


def test_six_of_fifteen_workshops_have_published_participants(kommkom: ProjectView) -> None:
    meetings = [m for m in kommkom.record.meetings if m.activity == "workshops"]
    known = [m.participants for m in meetings if m.participants]
    assert (len(meetings), len(known)) == (15, 6)
    assert [str(q) for q in known] == [">=30", ">=35", ">=25", "<=40", "~20", "~20"]
    table = kommkom.show("meetings").data
    assert "mindestens 35" in set(table["Teilnehmende"])
    assert (table["Teilnehmende"] == "nicht veröffentlicht").sum() == 9


def test_a_bounded_count_does_not_claim_that_a_target_was_missed(kommkom: ProjectView) -> None:
    rows = kommkom.show("indicators").data.set_index("Kennzahl")
    assert rows.loc["Workshops in den Modellkommunen", "Ziel erreicht?"] == "nicht zu beurteilen"


def test_kommkom_is_offered_no_indicator_of_the_later_period(kommkom: ProjectView) -> None:
    assert all(not i.definition_id for i in kommkom.record.indicators)
    assert kommkom.funding.line("efre-nrw-2014").indicator_ids == ("CO",)


def test_wolfsburgs_goals_are_empty_until_a_user_fills_them(root: Path) -> None:
    view = open_project("gesundheitsregion-wolfsburg", TODAY, root / "data" / "raw")
    with pytest.raises(NoDataError, match="Gesundheitsziele"):
        view.show("goals")


def test_small_groups_of_a_survey_are_hidden() -> None:
    def answer(answered: int, count: int) -> dict[str, object]:
        return {"survey": "s", "label": "Erfundene Umfrage", "invited": 40, "answered": answered,
                "question": "Frage", "answer": "ja", "count": count}  # fmt: skip

    surveys = [answer(20, 12), answer(20, 2), answer(9, 9)]
    frame = shown.survey_frame(invented_record(surveys=surveys))
    assert list(frame["count"]) == ["12", ".", "."]
    assert frame["response"][0] == "20 von 40 (50 %)"
