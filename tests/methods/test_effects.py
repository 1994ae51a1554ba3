"""Effects: published values, hand-made panels, chance, traps, power, contribution."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from pipeline.errors import MethodInputError
from pipeline.methods import contribution, did, power
from pipeline.methods import synthetic_control as sc
from pipeline.methods.contribution import (
    NO_PROOF,
    Bearing,
    Element,
    Proof,
    Rival,
    Stage,
    Standing,
    Step,
)


def _panel(values: dict[str, list[float]], first: int = 2001) -> pd.DataFrame:
    """Synthetic panel: unit → values from `first` on."""
    rows = [
        (unit, first + position, value)
        for unit, series in values.items()
        for position, value in enumerate(series)
    ]
    return pd.DataFrame(rows, columns=["unit", "time_period", "obs_value"])


def _starts(**starts: float | None) -> pd.Series:
    return pd.Series(starts, dtype="float64")


# ------------------------------------------------------------------ difference in differences


def test_two_by_two_reproduces_card_and_krueger() -> None:
    # Table 3: full-time equivalents in New Jersey 20.44 → 21.03, Pennsylvania 23.33 → 21.17
    assert did.two_by_two(20.44, 21.03, 23.33, 21.17) == pytest.approx(2.75)


SIX = {
    "t": [10, 12, 19, 21],
    "a": [5, 7, 9, 11],
    "b": [1, 3, 5, 7],
    "c": [8, 10, 13, 14],
}


def test_two_way_effect_equals_the_difference_of_means_in_a_balanced_panel() -> None:
    effect = did.two_way_effect(_panel(SIX), _starts(t=2003, a=None, b=None, c=None))
    # t: 20 − 11 = 9; a: 4, b: 4, c: 13.5 − 9 = 4.5
    assert effect.estimate == pytest.approx(9 - 12.5 / 3)
    # one treated unit: no standard error; it is the most extreme of four
    assert effect.standard_error is None
    assert effect.p_value == effect.least_p == 0.25
    assert "Permutation" in effect.inference


def test_many_units_get_clustered_errors() -> None:
    generator = np.random.default_rng(11)
    values = {f"u{n}": list(generator.normal(size=4) + (3 if n < 6 else 0) * np.array([0, 0, 1, 1]))
              for n in range(14)}  # fmt: skip
    starts = pd.Series({unit: 2003.0 if int(unit[1:]) < 6 else math.nan for unit in values})
    effect = did.two_way_effect(_panel(values), starts)
    assert effect.standard_error is not None
    assert effect.standard_error > 0
    assert effect.p_value is not None
    assert effect.p_value < 0.01
    assert effect.estimate == pytest.approx(3, abs=1.5)


# group 2002 gains 5 at once; group 2004 gains 2; all share the steps 1, 2, 3
STAGGERED = {
    "g2a": [0, 6, 8, 11],
    "g2b": [10, 16, 18, 21],
    "g4": [0, 1, 3, 8],
    "n1": [3, 4, 6, 9],
    "n2": [1, 2, 4, 7],
}
STAGGERED_STARTS = _starts(g2a=2002, g2b=2002, g4=2004, n1=None, n2=None)


def test_group_time_effects_by_hand() -> None:
    effects = did.group_time_effects(_panel(STAGGERED), STAGGERED_STARTS)
    found = effects.set_index(["group", "time_period"])["estimate"]
    assert found.to_dict() == pytest.approx(
        {
            (2002, 2002): 5, (2002, 2003): 5, (2002, 2004): 5,
            (2004, 2002): 0, (2004, 2003): 0, (2004, 2004): 2,
        }
    )  # fmt: skip
    assert effects.set_index(["group", "time_period"])["is_before"].sum() == 2
    # 5, 5, 5 with two units, 2 with one
    assert did.average_effect(effects) == pytest.approx((3 * 5 * 2 + 2) / 7)


def test_not_yet_treated_units_compare_until_they_start() -> None:
    effects = did.group_time_effects(
        _panel(STAGGERED), STAGGERED_STARTS, comparison="not_yet", base="universal"
    ).set_index(["group", "time_period"])
    assert effects.loc[(2002, 2003), "comparison"] == 3
    assert effects.loc[(2002, 2004), "comparison"] == 2
    # before the start against 2003, the last period before it
    assert effects.loc[(2004, 2001), "estimate"] == pytest.approx(0)
    # a group is not its own comparison: n1 and n2 only
    assert effects.loc[(2004, 2001), "comparison"] == 2


def test_a_group_treated_from_the_first_period_on_has_no_row() -> None:
    panel = _panel({"a": [0, 5, 5], "b": [0, 0, 4], "n": [0, 0, 0]})
    effects = did.group_time_effects(panel, _starts(a=2001, b=2003, n=None))
    assert set(effects["group"]) == {2003}
    with pytest.raises(MethodInputError, match="no group has a period before"):
        did.group_time_effects(panel, _starts(a=2001, b=2001, n=None))


def test_group_without_never_treated_units_is_flagged_where_nobody_is_left() -> None:
    panel = _panel({"a": [0, 5, 5], "b": [0, 0, 4]})
    effects = did.group_time_effects(panel, _starts(a=2002, b=2003), comparison="not_yet")
    last = effects.set_index(["group", "time_period"]).loc[(2002, 2003)]
    assert math.isnan(last["estimate"])
    assert last["flag"] == "keine Vergleichseinheiten"


def test_two_treated_units_with_different_starts_are_sent_to_group_time_effects() -> None:
    with pytest.raises(MethodInputError, match="start at different times") as caught:
        did.two_way_effect(_panel(STAGGERED), STAGGERED_STARTS)
    assert "group_time_effects" in str(caught.value)


def test_no_comparison_units_is_an_error() -> None:
    panel = _panel({"a": [1, 2], "b": [2, 3]})
    with pytest.raises(MethodInputError, match="no comparison units"):
        did.two_way_effect(panel, _starts(a=2002, b=2002))
    with pytest.raises(MethodInputError, match="no comparison units"):
        sc.synthetic_control(pd.DataFrame({"a": [1.0, 2]}, index=[2001, 2002]), "a", 2002)
    with pytest.raises(MethodInputError, match="no comparison units"):
        did.common_start(_starts(a=2002, b=2003))


@pytest.mark.parametrize(
    ("panel", "starts"),
    [
        (_panel({"a": [1, 2], "b": [2, 3]}), _starts(a=None, b=None)),
        (_panel({"a": [1, 2], "b": [2, 3]}), _starts(a=2001, b=None)),
        (_panel({"a": [1, 2], "b": [2, 3]}), _starts(a=2002, c=None)),
        (pd.concat([_panel({"a": [1, 2]})] * 2), _starts(a=2002)),
        (_panel({"a": [1, 2]}).drop(columns="unit"), _starts(a=2002)),
    ],
)
def test_panels_that_show_nothing_are_refused(panel: pd.DataFrame, starts: pd.Series) -> None:
    with pytest.raises(MethodInputError):
        did.two_way_effect(panel, starts)


def test_permutation_of_two_treated_counts_every_pair() -> None:
    values = {"a": [0, 9.0], "b": [0, 8.0], "c": [0, 1.0], "d": [0, 2.0], "e": [0, 0.0]}
    effect = did.two_way_effect(_panel(values), _starts(a=2002, b=2002, c=None, d=None, e=None))
    # the most extreme of 10 pairs
    assert effect.p_value == pytest.approx(0.1)


# ------------------------------------------------------------------------ synthetic control


def _factor_outcome(seed: int = 4, units: int = 9) -> pd.DataFrame:
    """Synthetic outcomes of units that share two trends."""
    generator = np.random.default_rng(seed)
    trends = generator.normal(size=(14, 2)).cumsum(axis=0) + 20
    loads = generator.dirichlet([1, 1], size=units)
    values = trends @ loads.T + generator.normal(0, 0.2, (14, units))
    return pd.DataFrame(values, index=range(2001, 2015), columns=list("abcdefghi")[:units])


def test_a_unit_made_of_others_is_found_again_with_its_effect() -> None:
    outcome = _factor_outcome().assign(t=lambda f: 0.7 * f["a"] + 0.3 * f["b"])
    outcome.loc[2010:, "t"] += 4
    found = sc.synthetic_control(outcome, "t", 2010)
    assert found.weights[["a", "b"]].tolist() == pytest.approx([0.7, 0.3], abs=1e-6)
    assert found.effect == pytest.approx(4, abs=1e-6)
    assert found.fit == pytest.approx(0, abs=1e-6)
    assert found.gap.loc[2010:].tolist() == pytest.approx([4] * 5, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.5]), st.booleans())
def test_simplex_weights_are_at_least_as_near_as_a_general_optimiser(
    seed: int, ridge: float, intercept: bool
) -> None:
    generator = np.random.default_rng(seed)
    columns, target = generator.normal(size=(6, 5)), generator.normal(size=6)

    def loss(weights: np.ndarray) -> float:
        rest = columns @ weights - target
        rest = rest - rest.mean() if intercept else rest
        return float(rest @ rest + ridge * weights @ weights)

    weights = sc.simplex_weights(columns, target, ridge=ridge, intercept=intercept)
    other = minimize(
        loss, np.full(5, 0.2), bounds=[(0, 1)] * 5, method="SLSQP",
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1}, options={"ftol": 1e-12},
    )  # fmt: skip
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1)
    assert loss(weights) <= other.fun + 1e-6


def test_predictor_weights_come_with_their_range_over_starts() -> None:
    outcome = _factor_outcome()
    predictors = pd.DataFrame(
        {"level": outcome.loc[:2009].mean(), "trend": outcome.loc[2009] - outcome.loc[2001]}
    )
    found = sc.synthetic_control(outcome, "a", 2010, predictors=predictors, starts=4)
    assert found.weights.sum() == pytest.approx(1)
    assert found.weight_range is not None
    assert (found.weight_range["low"] <= found.weights + 1e-12).all()
    assert (found.weight_range["high"] >= found.weights - 1e-12).all()
    # two predictors for eight units leave the weights open; the fit cannot beat the outcomes' own
    assert found.fit >= sc.synthetic_control(outcome, "a", 2010).fit - 1e-9


def test_a_bad_fit_before_the_start_is_flagged() -> None:
    outcome = _factor_outcome().assign(t=[100, 10] * 7)
    assert any("schlechte Anpassung" in flag for flag in
               sc.synthetic_control(outcome, "t", 2010).flags)  # fmt: skip


def test_synthetic_did_is_exact_under_parallel_paths() -> None:
    generator = np.random.default_rng(8)
    periods = generator.normal(size=12).cumsum()
    levels = generator.normal(size=7) * 10
    outcome = pd.DataFrame(periods[:, None] + levels, index=range(12), columns=list("abcdefg"))
    outcome = outcome + generator.normal(0, 1e-9, outcome.shape)
    outcome.loc[8:, ["a", "b"]] += 2.5
    found = sc.synthetic_did(outcome, ["a", "b"], 8)
    assert found.effect == pytest.approx(2.5, abs=1e-6)
    assert found.unit_weights.sum() == pytest.approx(1)
    assert found.period_weights.sum() == pytest.approx(1)


def test_placebo_ranks_the_treated_unit_among_all() -> None:
    outcome = _factor_outcome()
    outcome.loc[2010:, "a"] += 30
    table = sc.placebo_test(outcome, "a", 2010)
    assert len(table) == 9
    treated = table[table["is_treated"]].iloc[0]
    assert treated["rank"] == 1
    assert sc.placebo_p(int(treated["rank"]), len(table)) == pytest.approx(1 / 9)


def test_placebo_p_reproduces_proposition_99() -> None:
    assert sc.placebo_p(1, 39) == pytest.approx(0.0256, abs=1e-4)
    for rank, units in ((0, 39), (40, 39)):
        with pytest.raises(MethodInputError):
            sc.placebo_p(rank, units)


def test_outcomes_that_cannot_be_compared_are_refused() -> None:
    outcome = _factor_outcome()
    predictors = pd.DataFrame({"level": outcome.mean()})
    for call in (
        lambda: sc.synthetic_control(outcome, "nobody", 2010),
        lambda: sc.synthetic_control(outcome, "a", 1990),
        lambda: sc.synthetic_control(outcome, "a", 2050),
        lambda: sc.synthetic_control(outcome.assign(b=math.nan), "a", 2010),
        lambda: sc.synthetic_control(outcome.iloc[::-1], "a", 2010),
        lambda: sc.synthetic_control(outcome, "a", 2010, predictors=predictors.drop(index="c")),
        lambda: sc.synthetic_control(outcome, "a", 2010, predictors=predictors.assign(level=1.0)),
        lambda: sc.synthetic_did(outcome, [], 2010),
        lambda: sc.placebo_test(outcome[["a", "b"]], "a", 2010),
    ):
        with pytest.raises(MethodInputError):
            call()


# ------------------------------------------------------------------------------------ power


def test_power_reproduces_cohen() -> None:
    # Cohen (1988), table 2.4.1, two-sided 5 %, power 0.80: 64 a group for d = 0.5, 26 for d = 0.8
    assert power.power_of(0.5, 1, 64, 64) == pytest.approx(0.80, abs=0.005)
    assert power.power_of(0.8, 1, 26, 26) == pytest.approx(0.81, abs=0.005)
    assert power.least_detectable_effect(1, 64, 64) == pytest.approx(0.5, abs=0.003)
    assert power.power_of(0, 1, 5, 5) == pytest.approx(0.05)


def test_one_treated_unit_among_few_can_never_be_significant_and_the_statement_says_so() -> None:
    few = power.power_statement(2.0, 1, 12, unit="Plätze je 100")
    assert few.least_p == pytest.approx(1 / 13)
    assert not few.can_be_significant
    assert "kann kein Effekt nachgewiesen werden" in few.text
    assert "Mit 1 geförderten und 12 Vergleichseinheiten" in few.text
    many = power.power_statement(2.0, 1, 38, unit="Plätze je 100")
    assert many.can_be_significant
    assert many.least_effect < few.least_effect


def test_power_table_falls_with_more_comparison_units_even_from_two() -> None:
    table = power.power_table(1.0, 1, [2, 5, 20, 100])
    assert table["least_effect"].is_monotonic_decreasing
    assert table["least_p"].tolist() == pytest.approx([1 / 3, 1 / 6, 1 / 21, 1 / 101])


def test_spread_of_change_by_hand() -> None:
    # changes of the mean of one period to the next: (1, 3) and (2, 2) → variances 2 and 0
    history = pd.DataFrame({"a": [0, 1, 3], "b": [0, 3, 5]})
    assert power.spread_of_change(history, 1, 1) == pytest.approx(1)


def test_power_without_enough_units_or_history_is_refused() -> None:
    for call in (
        lambda: power.power_of(1, 1, 1, 1),
        lambda: power.power_of(1, 0, 5, 5),
        lambda: power.least_detectable_effect(1, 1, 5, power=0.01),
        lambda: power.spread_of_change(pd.DataFrame({"a": [1, 2], "b": [2, 3]}), 2, 1),
    ):
        with pytest.raises(MethodInputError):
            call()


# ----------------------------------------------------------------------------- contribution

ELEMENTS = [
    Element("grant", Stage.INPUT, "Förderung"),
    Element("meetings", Stage.ACTIVITY, "Netzwerktreffen"),
    Element("platform", Stage.OUTPUT, "Plattform der Angebote"),
    Element("use", Stage.OUTCOME, "Angebote werden gefunden"),
]
PROOF = Proof("Protokolle", "Projektbericht 2024, S. 12")


def _steps(*last: object) -> list[Step]:
    proofs, rivals = last
    return [
        Step("grant", "meetings", "bezahlt die Stelle", (PROOF,)),
        Step("meetings", "platform", "Beteiligte liefern Angebote", (PROOF,)),
        Step("platform", "use", "Angebote sind auffindbar", proofs, rivals),  # type: ignore[arg-type]
    ]


AGAINST = Proof("Abrufe sinken", "Statistik", Bearing.CONTRADICTS)


@pytest.mark.parametrize(
    ("proofs", "rivals", "standing", "words"),
    [
        ((), (), Standing.NO_EVIDENCE, "1 von 3 Schritten ohne Beleg"),
        ((AGAINST,), (), Standing.CONTRADICTED, "widersprochen"),
        ((PROOF, AGAINST), (), Standing.DISPUTED, "nicht unbestritten"),
        ((PROOF,), (Rival("Werbung der Kassen"),), Standing.RIVALS_OPEN, "nicht unbestritten"),
        ((PROOF,), (Rival("Werbung", "keine im Zeitraum"),), Standing.SUPPORTED, "plausibel"),
    ],
)
def test_a_story_is_as_strong_as_its_weakest_step(
    proofs: object, rivals: object, standing: Standing, words: str
) -> None:
    found = contribution.assess_contribution(ELEMENTS, _steps(proofs, rivals))
    assert found.weakest is standing
    assert words in found.verdict
    assert found.verdict.startswith(NO_PROOF)
    assert found.steps["stage_after"].tolist() == ["Aktivität", "Leistung", "Ergebnis"]


def test_a_story_that_ends_before_an_outcome_claims_nothing() -> None:
    found = contribution.assess_contribution(ELEMENTS[:3], _steps((PROOF,), ())[:2])
    assert "endet vor einem Ergebnis" in found.verdict


def test_loose_ends_are_named() -> None:
    more = [*ELEMENTS, Element("flyer", Stage.OUTPUT, "Faltblatt")]
    found = contribution.assess_contribution(more, _steps((PROOF,), ()))
    assert found.unconnected == ("Faltblatt",)
    assert "ein Glied ohne Anschluss" in found.verdict


def test_stories_that_do_not_hold_together_are_refused() -> None:
    bare = Step("grant", "meetings", "…", (Proof("gehört", " "),))
    for elements, steps in (
        (ELEMENTS, []),
        ([*ELEMENTS, ELEMENTS[0]], _steps((), ())),
        (ELEMENTS, [Step("grant", "moon", "…")]),
        (ELEMENTS, [Step("use", "platform", "rückwärts")]),
        (ELEMENTS, [bare]),
    ):
        with pytest.raises(MethodInputError):
            contribution.assess_contribution(elements, steps)
