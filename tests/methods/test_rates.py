"""Rates and their limits: published values, small counts, bad input, invariants."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MethodInputError
from pipeline.methods import rates
from pipeline.methods.standard_population import esp2013, mean_age_distribution

# Test data of PHEindicatormethods (testdata_Byars_Wilson, testdata_DSR_ISR), OHID
SMALL_COUNTS = [12, 4, 3, 2, 3, 4, 8, 2, 2, 3, 4, 5, 6, 8, 5, 6, 5, 5, 4]
SMALL_POPULATIONS = [
    *(636, 558, 609, 543, 384, 594, 669, 843, 660, 576),
    *(606, 522, 426, 273, 300, 288, 153, 123, 207),
]
EXPECTED = 835.8835612311743

# Preston et al. 2001, table 2.1: population and deaths of women in 1992 by age group
AGES = ["0", "1", *(str(age) for age in range(5, 90, 5))]
KAZAKHSTAN = pd.DataFrame(
    {
        "population": [
            *(174078, 754758, 879129, 808510, 720161, 622988, 733057, 732312, 612825, 487996),
            *(284799, 503608, 301879, 374317, 256247, 154623, 149917, 88716, 58940),
        ],
        "count": [
            *(3720, 1220, 396, 298, 561, 673, 752, 965, 1113, 1405),
            *(1226, 2878, 3266, 5212, 6866, 6182, 8199, 9013, 10627),
        ],
    },
    index=AGES,
)
SWEDEN = pd.DataFrame(
    {
        "population": [
            *(59727, 229775, 245172, 240110, 264957, 287176, 311111, 280991, 286899, 308238),
            *(320172, 242230, 210785, 216058, 224479, 222578, 184102, 140667, 110242),
        ],
        "count": [
            *(279, 42, 31, 33, 61, 87, 98, 140, 197, 362),
            *(643, 738, 972, 1640, 2752, 4509, 6745, 9587, 17340),
        ],
    },
    index=AGES,
)


# ------------------------------------------------------------------------- published values


@pytest.mark.parametrize(
    ("x", "conf", "low", "high"),
    [
        (65.0, 0.95, 50.163187710459454, 82.84913854593984),
        (1045.0, 0.95, 982.5932018073325, 1110.33121298565),
        (1.0, 0.95, 0.01307213290150435, 5.5637555824752605),
        (1045.0, 0.998, 947.9407035610374, 1148.806160988033),
        (10.0, 0.998, 2.916318374695686, 24.193724927880535),
    ],
)
def test_byar_reproduces_published_limits(x: float, conf: float, low: float, high: float) -> None:
    assert rates.byar_interval(x, conf) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize(
    ("x", "n", "conf", "low", "high"),
    [
        (65.0, 100.0, 0.95, 0.5525444329688797, 0.7363575175690247),
        (1045.0, 5000.0, 0.95, 0.19795549880013297, 0.22049130373189027),
        (0.445, 1.0, 0.95, 0.04381744772058822, 0.9334621276979156),
        (65.0, 100.0, 0.998, 0.4954946574070431, 0.7783540614089697),
        (0.445, 1.0, 0.998, 0.019347006132900975, 0.9702259947019541),
    ],
)
def test_wilson_reproduces_published_limits(
    x: float, n: float, conf: float, low: float, high: float
) -> None:
    assert rates.wilson_interval(x, n, conf) == pytest.approx((low, high), abs=1e-6)


def test_directly_standardised_rate_reproduces_published_value_and_dobson_limits() -> None:
    rate = rates.directly_standardised_rate(SMALL_COUNTS, SMALL_POPULATIONS)
    assert rate[:3] == pytest.approx(
        (1103.212025300104, 877.455767536709, 1367.0882227251795), abs=1e-3
    )
    assert rate.obs_status == ""


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        (895, (1.0707232939020275, 1.0017147712553987, 1.143233287249895)),
        (91, (0.10886683770400503, 0.08765040101829405, 0.1336657632841891)),
        # exact limits below ten events
        (9, (0.010767049882813684, 0.004923380825095776, 0.02043921455549973)),
    ],
)
def test_ratio_reproduces_published_limits(observed: float, expected: tuple) -> None:
    ratio = rates.indirectly_standardised_ratio(observed, EXPECTED)
    assert ratio == pytest.approx(expected, abs=1e-6)


def test_crude_rates_of_preston_are_reproduced() -> None:
    total = pd.DataFrame({"Kazakhstan": KAZAKHSTAN.sum(), "Sweden": SWEDEN.sum()}).T
    rate = rates.crude_rate(total["count"], total["population"], multiplier=1000)
    assert rate.obs_value == pytest.approx([7.423042, 10.54756], abs=1e-5)


@pytest.mark.parametrize(("women", "expected"), [(KAZAKHSTAN, 11.882), (SWEDEN, 7.374094)])
def test_directly_standardised_rates_of_preston_are_reproduced(
    women: pd.DataFrame, expected: float
) -> None:
    standard = mean_age_distribution(
        pd.DataFrame({"k": KAZAKHSTAN["population"], "s": SWEDEN["population"]})
    )
    rate = rates.directly_standardised_rate(
        women["count"], women["population"], standard, multiplier=1000
    )
    assert rate.obs_value == pytest.approx(expected, abs=1e-3)


def test_mortality_ratio_of_preston_is_reproduced() -> None:
    swedish_rates = SWEDEN["count"] / SWEDEN["population"]
    expected = rates.expected_events(KAZAKHSTAN["population"], swedish_rates)
    ratio = rates.indirectly_standardised_ratio(KAZAKHSTAN["count"].sum(), expected)
    assert ratio.obs_value == pytest.approx(1.7671271, abs=1e-6)


def test_exact_limits_are_those_of_the_poisson_table() -> None:
    # Garwood limits as tabled in Breslow and Day (1987), table 2.10: 5 events, 95 %
    assert rates.exact_poisson_interval(5) == pytest.approx((1.6235, 11.6683), abs=1e-4)
    # no event: −ln(0.025)
    assert rates.exact_poisson_interval(0) == pytest.approx((0.0, 3.6889), abs=1e-4)


def test_european_standard_population_has_19_groups_of_100000() -> None:
    standard = esp2013()
    assert standard.index.tolist() == list(range(0, 95, 5))
    assert standard.sum() == 100_000
    assert standard.loc[[0, 5, 20, 30, 35, 50, 85, 90]].tolist() == [
        *(5000, 5500, 6000, 6500, 7000, 7000, 1500, 1000)
    ]


# ------------------------------------------------------------------------------ small counts


def test_rate_of_fewer_than_ten_events_is_left_out_and_flagged() -> None:
    nine = rates.directly_standardised_rate([9] + [0] * 18, SMALL_POPULATIONS)
    assert math.isnan(nine.obs_value)
    assert nine.obs_status == "unreliable"
    ten = rates.directly_standardised_rate([10] + [0] * 18, SMALL_POPULATIONS)
    assert ten.obs_value > 0
    assert rates.is_too_few_to_standardise(9)
    assert not rates.is_too_few_to_standardise(10)
    assert rates.is_too_few_to_standardise(float("nan"))


def test_byar_has_no_negative_limit() -> None:
    assert rates.byar_interval(0).low == 0.0
    assert rates.byar_interval(1, 0.998).low == 0.0


def test_wilson_is_exactly_zero_and_one_at_the_ends() -> None:
    assert rates.wilson_interval(0, 20).low == 0.0
    assert rates.wilson_interval(20, 20).high == 1.0


def test_count_interval_is_exact_below_ten_events() -> None:
    limits = rates.count_interval([9, 10])
    assert limits.low[0] == rates.exact_poisson_interval(9).low  # type: ignore[index]
    assert limits.low[1] == rates.byar_interval(10).low  # type: ignore[index]


def test_missing_number_gives_missing_result() -> None:
    rate = rates.crude_rate([5.0, np.nan], [100, 100])
    assert np.isnan(rate.obs_value).tolist() == [False, True]
    assert np.isnan(rate.ci_high).tolist() == [False, True]


# --------------------------------------------------------------------------------- in frames


def test_rate_adds_its_columns_to_a_frame_in_one_line() -> None:
    frame = pd.DataFrame({"count": [10, 20], "population": [1000, 1000]}, index=["a", "b"])
    rated = frame.assign(**rates.crude_rate(frame["count"], frame["population"])._asdict())
    assert rated["obs_value"].tolist() == [1000.0, 2000.0]
    assert list(rated.columns) == ["count", "population", "obs_value", "ci_low", "ci_high"]


def _two_populations() -> pd.DataFrame:
    ages = list(esp2013().index)
    return pd.DataFrame(
        {
            "ref_area": ["A"] * 19 + ["B"] * 19,
            "age_from": ages + ages[::-1],
            "count": SMALL_COUNTS + [0] * 18 + [3],
            "population": SMALL_POPULATIONS + SMALL_POPULATIONS[::-1],
        }
    )


def test_rates_of_a_frame_match_age_groups_by_name_and_flag_small_populations() -> None:
    result = rates.directly_standardised_rates(_two_populations(), ["ref_area"])
    assert result["obs_value"].iloc[0] == pytest.approx(1103.212025300104)
    assert result["obs_status"].tolist() == ["", "unreliable"]
    assert result["total_count"].tolist() == [91, 3]


@pytest.mark.parametrize(
    "broken",
    [
        # 1. an age group is missing
        lambda frame: frame.drop(index=3),
        # 2. an age group stands twice
        lambda frame: pd.concat([frame, frame.loc[[3]]]),
        # 3. an age group that the standard does not know
        lambda frame: frame.assign(age_from=frame["age_from"].replace(90, 95)),
        # 4. a hidden count
        lambda frame: frame.assign(count=frame["count"].astype("float64").replace(12.0, np.nan)),
        # 5. an age group of nobody
        lambda frame: frame.assign(population=frame["population"].replace(636, 0)),
        # 6. a column is missing
        lambda frame: frame.drop(columns="population"),
    ],
)
def test_rates_of_a_frame_refuse_broken_age_groups(broken: object) -> None:
    with pytest.raises(MethodInputError):
        rates.directly_standardised_rates(broken(_two_populations()), ["ref_area"])  # type: ignore[operator]


# ------------------------------------------------------------------------------ pooled years


def test_pooled_years_sum_complete_windows_only() -> None:
    frame = pd.DataFrame(
        {
            "ref_area": ["A"] * 4 + ["B"] * 3 + ["C"] * 3,
            # A is complete, B lacks 2020, C hides 2021
            "time_period": [2019, 2020, 2021, 2022, 2019, 2021, 2022, 2020, 2021, 2022],
            "count": [1, 2, 3, 4, 1, 2, 3, 5, np.nan, 7],
            "population": [10] * 10,
        }
    )
    pooled = rates.pool_years(frame, ["ref_area"], years=3)
    assert pooled["ref_area"].tolist() == ["A", "A", "C"]
    assert pooled["time_period"].tolist() == ["2019–2021", "2020–2022", "2020–2022"]
    assert pooled["count"].tolist()[:2] == [6, 9]
    assert pooled["population"].tolist() == [30, 30, 30]
    assert math.isnan(pooled["count"].iloc[2])
    assert pooled["obs_status"].tolist() == ["", "", "confidential_or_unknown"]


def test_pooled_years_do_not_cross_a_census_break() -> None:
    frame = pd.DataFrame(
        {
            "ref_area": "A",
            "time_period": [2021, 2022, 2023],
            "census": [2011, 2011, 2022],
            "count": 1,
            "population": 10,
        }
    )
    pooled = rates.pool_years(frame, ["ref_area"], years=2, basis="census")
    assert pooled["time_period"].tolist() == ["2021–2022"]


@pytest.mark.parametrize(
    ("change", "arguments"),
    [
        ({"time_period": ["2019", "2019"]}, {}),
        ({"time_period": ["2019", "Ende 2020"]}, {}),
        ({}, {"years": 0}),
        ({}, {"by": []}),
        ({}, {"sums": ["deaths"]}),
    ],
)
def test_pooled_years_refuse_what_is_no_series(change: dict, arguments: dict) -> None:
    frame = pd.DataFrame(
        {"ref_area": "A", "time_period": ["2019", "2020"], "count": 1, "population": 10} | change
    )
    with pytest.raises(MethodInputError):
        rates.pool_years(frame, **({"by": ["ref_area"], "years": 2} | arguments))


# ------------------------------------------------------------------------- funnel and trend


def test_funnel_of_proportions_flags_what_wilson_excludes() -> None:
    low, high = rates.funnel_limits_of_proportion(100, 0.2)
    assert (low, high) == pytest.approx((0.1216, 0.2784), abs=1e-4)
    assert rates.wilson_interval(12, 100).high < 0.2
    assert rates.wilson_interval(13, 100).high > 0.2


def test_funnel_of_ratios_touches_one_by_exact_limits() -> None:
    low, high = rates.funnel_limits_of_ratio(np.array([20.0, 200.0]))
    for expected, least, most in zip([20.0, 200.0], low, high, strict=True):
        assert rates.exact_poisson_interval(least * expected).high == pytest.approx(expected)
        assert rates.exact_poisson_interval(most * expected).low == pytest.approx(expected)


def test_funnel_of_hardly_any_expected_event_has_no_lower_limit() -> None:
    low, high = rates.funnel_limits_of_ratio(0.5)
    assert low == 0.0
    assert high > 1.0


def test_overdispersion_is_small_by_chance_and_large_for_real_differences() -> None:
    # ((12−10)² + (8−10)² + (10−10)²) / 10 / 2 = 0.4
    assert rates.overdispersion([12, 8, 10], [10, 10, 10]) == pytest.approx(0.4)
    assert rates.overdispersion([30, 2, 10], [10, 10, 10]) > 10


YEARS = [2011, 2012, 2013, 2014, 2015, 2016]


@pytest.mark.parametrize(
    ("counts", "tag"),
    [
        ([20, 25, 30, 35, 40, 45], "steigend"),
        ([45, 40, 35, 30, 25, 20], "fallend"),
        ([30, 33, 28, 31, 29, 32], "kein Trend erkennbar"),
    ],
)
def test_trend_tag_follows_its_printed_rule(counts: list[int], tag: str) -> None:
    trend = rates.trend_tag(YEARS, counts, [1000] * 6)
    assert trend.trend == tag
    assert (trend.p_value < 0.05) == (tag != "kein Trend erkennbar")


def test_trend_test_is_the_score_test_computed_by_hand() -> None:
    # times −2…2, equal populations: score = −2·10−1·12+0·14+1·16+2·18 = 20;
    # variance = 14 · (4+1+0+1+4) = 140; chi² = 400/140 = 2.857; p = 0.0910
    trend = rates.trend_tag([1, 2, 3, 4, 5], [10, 12, 14, 16, 18], [100] * 5)
    assert trend.p_value == pytest.approx(0.0910, abs=1e-4)


@pytest.mark.parametrize(
    ("years", "counts", "basis", "reason"),
    [
        (YEARS[:4], [10, 20, 30, 40], None, "4 Zeitpunkte"),
        (YEARS, [10, 20, np.nan, 40, 50, 60], None, "fehlen"),
        (YEARS, [1, 1, 1, 1, 2, 3], None, "weniger als 10"),
        (YEARS, [10, 20, 30, 40, 50, 60], ["2011"] * 5 + ["2022"], "Bevölkerungsbasis"),
    ],
)
def test_trend_is_not_determined_and_says_why(
    years: list, counts: list, basis: list | None, reason: str
) -> None:
    trend = rates.trend_tag(years, counts, [1000] * len(years), basis)
    assert trend.trend == "nicht bestimmbar"
    assert reason in trend.reason


def test_trend_rule_prints_its_numbers() -> None:
    assert "5-Prozent-Niveau" in rates.TREND_RULE
    assert "mindestens 5 Zeitpunkte" in rates.TREND_RULE


# --------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("conf", [0, 1, 95, -0.5, "95%", float("nan")])
def test_confidence_outside_zero_and_one_is_refused(conf: object) -> None:
    with pytest.raises(MethodInputError, match="confidence"):
        rates.byar_interval(10, conf)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "call",
    [
        lambda: rates.byar_interval(-1),
        lambda: rates.byar_interval([5, -0.5]),
        lambda: rates.byar_interval(float("inf")),
        lambda: rates.byar_interval("viele"),
        lambda: rates.wilson_interval(1, 0),
        lambda: rates.wilson_interval(11, 10),
        lambda: rates.proportion(11, 10),
        lambda: rates.crude_rate(5, 0),
        lambda: rates.crude_rate(11, 10),
        lambda: rates.crude_rate([1, 2, 3], [10, 20]),
        lambda: rates.crude_rate(pd.Series([1], index=["a"]), pd.Series([9], index=["b"])),
        lambda: rates.indirectly_standardised_ratio(5, 0),
        lambda: rates.expected_events([1, 2], [0.1]),
        lambda: rates.expected_events([1, np.nan], [0.1, 0.1]),
        lambda: rates.directly_standardised_rate([10], [100], [0]),
        lambda: rates.directly_standardised_rate([10, 10], [100, 100], [1]),
        lambda: rates.directly_standardised_rate([10], [0], [1]),
        lambda: rates.directly_standardised_rate(SMALL_COUNTS[:-1], SMALL_POPULATIONS[:-1]),
        lambda: rates.funnel_limits_of_proportion(10, 20),
        lambda: rates.overdispersion([1], [1]),
        lambda: rates.trend_tag([1, 1], [1, 2], [1, 1]),
        lambda: mean_age_distribution(pd.DataFrame({"a": [0, 0]})),
        lambda: mean_age_distribution(pd.DataFrame({"a": [1.0, np.nan]})),
    ],
)
def test_what_the_definition_rules_out_is_refused(call: object) -> None:
    with pytest.raises(MethodInputError):
        call()  # type: ignore[operator]


def test_more_cases_than_persons_pass_when_events_may_repeat() -> None:
    rate = rates.crude_rate(20, 10, multiplier=1, events_may_repeat=True)
    assert rate.obs_value == 2.0


# -------------------------------------------------------------------------------- invariants

counts = st.integers(0, 10_000)
levels = st.floats(0.5, 0.999)


@settings(max_examples=60, deadline=None)
@given(x=counts, conf=levels)
def test_poisson_limits_are_ordered_and_contain_the_count(x: int, conf: float) -> None:
    for method in (rates.byar_interval, rates.exact_poisson_interval, rates.count_interval):
        low, high = method(x, conf)
        assert 0 <= low <= x <= high


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 10_000), share=st.floats(0, 1), conf=levels)
def test_wilson_lies_within_zero_and_one_and_contains_the_share(
    n: int, share: float, conf: float
) -> None:
    x = round(share * n)
    low, high = rates.wilson_interval(x, n, conf)
    assert 0 <= low <= x / n <= high <= 1


@settings(max_examples=60, deadline=None)
@given(
    populations=st.lists(st.integers(100, 10_000), min_size=19, max_size=19),
    rate=st.floats(0.01, 0.9),
)
def test_equal_rates_standardise_to_that_rate(populations: list[int], rate: float) -> None:
    events = [rate * persons for persons in populations]
    result = rates.directly_standardised_rate(events, populations, multiplier=1)
    assert result.obs_value == pytest.approx(rate)
    assert result.ci_low <= result.obs_value <= result.ci_high


@settings(max_examples=60, deadline=None)
@given(x=st.integers(0, 500), narrow=st.floats(0.5, 0.9), wide=st.floats(0.91, 0.999))
def test_higher_confidence_gives_wider_limits(x: int, narrow: float, wide: float) -> None:
    inner, outer = rates.count_interval(x, narrow), rates.count_interval(x, wide)
    assert outer.low <= inner.low
    assert inner.high <= outer.high


@settings(max_examples=60, deadline=None)
@given(expected=st.floats(0.001, 1e5))
def test_funnel_of_ratios_encloses_one(expected: float) -> None:
    low, high = rates.funnel_limits_of_ratio(expected)
    assert 0 <= low <= 1 <= high
