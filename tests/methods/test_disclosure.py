"""Disclosure control: suppression, rounding, and finding what suppression left open."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MethodInputError
from pipeline.methods.cells import (
    Relation,
    hidden_ranges,
    share_relation,
    sum_relation,
    table_relations,
    to_cells,
)
from pipeline.methods.differencing import find_disclosures, find_disclosures_between
from pipeline.methods.disclosure import (
    exposed_cells,
    round_base5,
    round_counts,
    suppress_attributes_of_few,
    suppress_secondary,
    suppress_small_counts,
)

HIDDEN = "confidential_or_unknown"
Counts = list[list[int]]


def _with_margins(counts: Counts) -> tuple[pd.DataFrame, dict[str, dict[str, list[str]]]]:
    """A synthetic table of areas × groups with its margins."""
    inner = pd.DataFrame(counts).add_prefix("g").rename(index=lambda i: f"a{i}")
    inner.loc["all areas"] = inner.sum()
    inner["all groups"] = inner.sum(axis="columns")
    table = inner.stack().rename_axis(["area", "group"]).rename("obs_value").reset_index()
    table["obs_value"] = table["obs_value"].astype("float64")
    table["obs_status"] = np.where(table["obs_value"] == 0, "nil", "")
    hierarchies = {
        "area": {"all areas": [f"a{i}" for i in range(len(counts))]},
        "group": {"all groups": [f"g{i}" for i in range(len(counts[0]))]},
    }
    return table, hierarchies


def _cells(values: dict[str, float | None], **extra: list[float]) -> pd.DataFrame:
    """Cells by key; None is hidden."""
    frame = pd.DataFrame(
        {"obs_value": list(values.values()), "obs_status": "", **extra}, index=list(values)
    ).astype({"obs_value": "float64"})
    frame.loc[frame["obs_value"].isna(), "obs_status"] = HIDDEN
    return frame


# ------------------------------------------------------------------------------ suppression


def test_small_counts_are_hidden_and_a_true_zero_stays() -> None:
    table = pd.DataFrame(
        {
            "obs_value": [0.0, 1.0, 2.0, 3.0, np.nan],
            "obs_status": ["nil", "", "", "", "not_yet_available"],
        }
    )
    result = suppress_small_counts(table)
    assert result["obs_value"].isna().tolist() == [False, True, True, False, True]
    assert result["obs_status"].tolist() == ["nil", HIDDEN, HIDDEN, "", "not_yet_available"]
    assert table["obs_status"].tolist()[1] == ""  # the input is left as it was


def test_threshold_is_a_parameter() -> None:
    table = pd.DataFrame({"obs_value": [4.0, 5.0], "obs_status": ["", ""]})
    assert suppress_small_counts(table, minimum=5)["obs_status"].tolist() == [HIDDEN, ""]


def test_attributes_of_few_persons_are_hidden() -> None:
    table = pd.DataFrame(
        {
            "persons": [9.0, 10.0, np.nan],
            "share_over_65": [33.3, 40.0, 50.0],
            "mean_age": [55.0, 54.0, 53.0],
        }
    )
    result = suppress_attributes_of_few(table, "persons", ["share_over_65", "mean_age"])
    assert result["share_over_65"].isna().tolist() == [True, False, True]
    assert result["share_over_65_status"].tolist() == [HIDDEN, "", HIDDEN]
    assert result["mean_age_status"].tolist() == [HIDDEN, "", HIDDEN]
    assert result["persons"].tolist()[:2] == [9.0, 10.0]


def test_primary_suppression_alone_is_undone_by_a_subtraction() -> None:
    table, hierarchies = _with_margins([[1, 5, 6], [7, 8, 9], [4, 9, 12]])
    hidden = suppress_small_counts(table)
    exposed = exposed_cells(
        to_cells(hidden, list(hierarchies)), table_relations(hidden, hierarchies)
    )
    assert exposed.index.tolist() == [("a0", "g0")]
    assert exposed.iloc[0].tolist() == [1.0, 1.0]


def test_secondary_suppression_hides_a_rectangle_and_no_margin() -> None:
    table, hierarchies = _with_margins([[1, 5, 6], [7, 8, 9], [4, 9, 12]])
    result = suppress_secondary(suppress_small_counts(table), hierarchies)
    hidden = result[result["obs_status"] == HIDDEN]
    assert set(zip(hidden["area"], hidden["group"], strict=True)) == {
        ("a0", "g0"),
        ("a0", "g1"),
        ("a2", "g0"),
        ("a2", "g1"),
    }
    assert hidden["obs_value"].isna().all()


def test_secondary_suppression_leaves_a_safe_table_alone() -> None:
    table, hierarchies = _with_margins([[5, 6], [7, 8]])
    result = suppress_secondary(table, hierarchies)
    pd.testing.assert_frame_equal(result, table)


def test_two_hidden_cells_with_a_small_sum_are_not_enough() -> None:
    # 1 + 1 = 2: two hidden cells in the only row, but either is 0, 1 or 2
    table, _ = _with_margins([[1, 1, 20, 30]])
    table = table[table["area"] == "a0"]
    hierarchies = {"area": {}, "group": {"all groups": ["g0", "g1", "g2", "g3"]}}
    result = suppress_secondary(suppress_small_counts(table), hierarchies)
    assert (result["obs_status"] == HIDDEN).sum() == 3


def test_totals_of_totals_are_kept_safe_together() -> None:
    # Land = Kreis 1 + Kreis 2; Kreis 1 = a + b + c, Kreis 2 = d + e
    values = {"a": 1, "b": 10, "c": 12, "d": 8, "e": 9, "k1": 23, "k2": 17, "land": 40}
    table = pd.DataFrame(
        {"area": list(values), "obs_value": [float(v) for v in values.values()], "obs_status": ""}
    )
    hierarchies = {"area": {"land": ["k1", "k2"], "k1": ["a", "b", "c"], "k2": ["d", "e"]}}
    result = suppress_secondary(suppress_small_counts(table), hierarchies)
    assert set(result.loc[result["obs_status"] == HIDDEN, "area"]) == {"a", "b"}


def test_a_total_is_hidden_where_nothing_else_is_left() -> None:
    table = pd.DataFrame({"area": ["a", "total"], "obs_value": [2.0, 2.0], "obs_status": ["", ""]})
    # the total is no small count by its own threshold here, but it equals its only part
    table.loc[0, ["obs_value", "obs_status"]] = [np.nan, HIDDEN]
    result = suppress_secondary(table, {"area": {"total": ["a"]}})
    assert result["obs_status"].tolist() == [HIDDEN, HIDDEN]


# ----------------------------------------------------------------------------------- bounds


def test_hidden_cells_are_bounded_by_what_is_left_of_the_total() -> None:
    cells = _cells({"total": 10, "a": None, "b": None, "c": 6})
    ranges = hidden_ranges(cells, [sum_relation("total", ["a", "b", "c"])])
    assert ranges.loc["a"].tolist() == [0.0, 4.0]
    assert ranges.loc["b"].tolist() == [0.0, 4.0]


def test_a_share_gives_away_the_count_behind_it() -> None:
    # 33.3 % of 12 (printed with one digit): 4 persons
    cells = _cells({"count": None, "share": 33.3}, precision=[0.0, 0.05])
    ranges = hidden_ranges(cells, [share_relation("count", "share", base=12)])
    assert ranges.loc["count"].tolist() == [4.0, 4.0]


def test_rounded_cells_leave_a_range() -> None:
    cells = _cells({"total": 20, "a": 15, "b": None}, precision=[2.0, 2.0, 0.0])
    ranges = hidden_ranges(cells, [sum_relation("total", ["a", "b"])])
    assert ranges.loc["b"].tolist() == [1.0, 9.0]


def test_differences_of_either_sign_are_unbounded() -> None:
    cells = _cells({"total": 10, "a": None, "b": None})
    ranges = hidden_ranges(cells, [sum_relation("total", ["a", "b"])], nonnegative=False)
    assert ranges.loc["a"].tolist() == [-np.inf, np.inf]


def test_numbers_missing_for_another_reason_are_unknown_but_not_listed() -> None:
    cells = _cells({"total": 10, "a": None, "b": None})
    cells.loc["b", "obs_status"] = "not_yet_available"
    ranges = hidden_ranges(cells, [sum_relation("total", ["a", "b"])])
    assert ranges.index.tolist() == ["a"]
    assert ranges.loc["a"].tolist() == [0.0, 10.0]


@pytest.mark.parametrize(
    "values",
    [
        {"total": 10, "a": 3, "b": 6},  # nothing hidden, and the sum is wrong
        {"total": 10, "a": 12, "b": None},  # the hidden cell would be negative
    ],
)
def test_published_cells_that_do_not_add_up_are_refused(values: dict) -> None:
    with pytest.raises(MethodInputError, match="contradict"):
        hidden_ranges(_cells(values), [sum_relation("total", ["a", "b"])])


# ------------------------------------------------------------------------------ differencing


def test_region_minus_its_parts_is_found_with_the_way_to_it() -> None:
    cells = _cells({"region": 17, "rhede": 12, "isselburg": None})
    found = find_disclosures(cells, [sum_relation("region", ["rhede", "isselburg"])])
    assert found.to_dict("records") == [
        {"cell": "isselburg", "low": 5.0, "high": 5.0, "how": "region = rhede + isselburg"}
    ]


def test_two_relations_are_combined_where_one_is_not_enough() -> None:
    # total − (a + b) − (c): a + b is known only through the group
    cells = _cells({"total": 20, "group": 12, "a": None, "b": None, "c": None, "d": 6})
    relations = [sum_relation("total", ["a", "b", "c", "d"]), sum_relation("group", ["a", "b"])]
    found = find_disclosures(cells, relations)
    assert found["cell"].tolist() == ["c"]
    assert found.loc[0, ["low", "high"]].tolist() == [2.0, 2.0]
    assert found.loc[0, "how"] == "total = a + b + c + d; group = a + b"


def test_a_narrow_range_is_a_disclosure_too() -> None:
    cells = _cells({"total": 11, "a": None, "b": None, "c": 10})
    found = find_disclosures(cells, [sum_relation("total", ["a", "b", "c"])])
    assert found["cell"].tolist() == ["a", "b"]
    assert found["high"].tolist() == [1.0, 1.0]
    assert found.loc[0, "how"] == "bounded by total = a + b + c"


def test_nested_groups_disclose_the_unpublished_difference_if_it_is_small() -> None:
    relations = [sum_relation("three", ["a", "b", "c"]), sum_relation("two", ["a", "b"])]
    small = find_disclosures(_cells({"three": 50, "two": 48}), relations)
    assert small["cell"].tolist() == ["c"]
    assert small["low"].tolist() == [2.0]
    # 20 is no small count, so nobody meant to hide it
    assert find_disclosures(_cells({"three": 50, "two": 30}), relations).empty


def test_two_editions_disclose_what_one_of_them_hides() -> None:
    reports = {
        "2024": _cells({"a 2023": None, "b 2023": 7}),
        "2025": _cells({"a 2023": 2, "b 2023": 7}),
    }
    found = find_disclosures_between(reports)
    assert found.to_dict("records") == [
        {
            "report": "2024",
            "cell": "a 2023",
            "low": 2.0,
            "high": 2.0,
            "how": "printed in report '2025'",
        }
    ]


def test_total_of_one_report_and_parts_of_another_disclose_together() -> None:
    reports = {
        "Kreisbericht": _cells({"region": 17}),
        "Gemeindebericht": _cells({"rhede": 15, "isselburg": None}),
    }
    relations = [sum_relation("region", ["rhede", "isselburg"])]
    assert find_disclosures(reports["Gemeindebericht"], relations).empty
    found = find_disclosures_between(reports, relations)
    assert found[["report", "cell", "low"]].to_numpy().tolist() == [
        ["Gemeindebericht", "isselburg", 2.0]
    ]


def test_a_revised_cell_joins_the_reports_with_neither_value() -> None:
    reports = {
        "2024": _cells({"region": 17, "rhede": 12}),
        "2025": _cells({"region": 18, "isselburg": None}),
    }
    relations = [sum_relation("region", ["rhede", "isselburg"])]
    assert find_disclosures_between(reports, relations).empty


def test_a_cell_hidden_in_one_report_and_not_yet_there_in_another_is_hidden() -> None:
    later = _cells({"rhede": None})
    later["obs_status"] = "not_yet_available"
    reports = {
        "first": later,
        "second": _cells({"rhede": None}),
        "third": _cells({"region": 9, "isselburg": 7}),
    }
    found = find_disclosures_between(reports, [sum_relation("region", ["rhede", "isselburg"])])
    assert found["report"].tolist() == ["first", "second"]
    assert found["low"].tolist() == [2.0, 2.0]


def test_safe_reports_disclose_nothing() -> None:
    reports = {"2024": _cells({"a": None, "b": None, "total": 30})}
    assert find_disclosures_between(reports, [sum_relation("total", ["a", "b"])]).empty


# ---------------------------------------------------------------------------- a real table


def _minimum_income_of_2024(originals: Path) -> pd.DataFrame:
    """Recipients of minimum income, municipalities of NRW (Landesdatenbank 22811-05i).

    Benefits for job seekers are hidden for four municipalities, two in each of two Kreise.
    """
    path = originals / "landesdatenbank_nrw" / "22811-05i.csv"
    wide = pd.read_csv(
        path,
        sep=";",
        encoding="latin-1",
        skiprows=9,
        header=None,
        usecols=[1, 4, 5, 6, 7, 10],
        names=["area", "total", "job_seekers", "livelihood", "old_age", "asylum"],
        dtype=str,
        nrows=460,
    ).dropna()
    table = wide.melt("area", var_name="benefit", value_name="sign")
    table["obs_value"] = pd.to_numeric(table["sign"].replace("-", "0"), errors="coerce")
    table["obs_status"] = table["sign"].map({"-": "nil", ".": HIDDEN}).fillna("")
    return table


@pytest.mark.originals
def test_real_hidden_cells_are_bounded_by_their_kreis_and_not_disclosed(originals: Path) -> None:
    table = _minimum_income_of_2024(originals)
    job_seekers = table[table["benefit"] == "job_seekers"]
    areas = job_seekers["area"]
    kreise = {
        kreis: areas[areas.str.startswith(kreis) & (areas.str.len() == 8)].tolist()
        for kreis in ("05154", "05958")
    }
    relations = table_relations(job_seekers, {"area": kreise})
    cells = to_cells(job_seekers, ["area"])
    ranges = hidden_ranges(cells, relations)
    # Kreis Kleve 17,414 less 16,823 of the others; Hochsauerlandkreis 12,733 less 12,266
    assert {key[0]: tuple(ranges.loc[[key]].to_numpy()[0]) for key in ranges.index} == {
        "05154040": (0.0, 591.0),
        "05154048": (0.0, 591.0),
        "05958020": (0.0, 467.0),
        "05958028": (0.0, 467.0),
    }
    assert find_disclosures(cells, relations).empty


@pytest.mark.originals
def test_real_totals_that_leave_the_hidden_part_out_are_found(originals: Path) -> None:
    # the printed total of Kranenburg (200) is the sum of what is shown: as a total of all four
    # benefits it contradicts the Kreis, and the relation has to go
    table = _minimum_income_of_2024(originals)
    table = table[table["area"].isin(["05154040", "05154048"])]
    benefits = ["job_seekers", "livelihood", "old_age", "asylum"]
    kleve = pd.DataFrame(
        {"area": ["rest"], "benefit": "job_seekers", "obs_value": 591.0, "obs_status": ""}
    )
    hierarchies = {"area": {"rest": ["05154040", "05154048"]}, "benefit": {"total": benefits}}
    cells = pd.concat([table, kleve])
    with pytest.raises(MethodInputError, match="contradict"):
        find_disclosures(to_cells(cells, list(hierarchies)), table_relations(cells, hierarchies))


# ---------------------------------------------------------------------------------- rounding


@pytest.mark.parametrize(
    ("x", "expected"), [(0, 0), (2, 0), (3, 5), (7, 5), (8, 10), (12, 10), (13, 15)]
)
def test_base5_rounding_reproduces_the_published_rule(x: int, expected: int) -> None:
    assert round_base5(x) == expected


def test_rounding_takes_columns_and_keeps_missing_numbers() -> None:
    rounded = round_base5(pd.Series([1.0, 8.0, np.nan]))
    assert rounded.tolist()[:2] == [0.0, 10.0]
    assert np.isnan(rounded[2])


def test_a_rounded_zero_does_not_claim_to_be_a_true_zero() -> None:
    table = pd.DataFrame({"obs_value": [0.0, 2.0, np.nan], "obs_status": ["nil", "", HIDDEN]})
    rounded = round_counts(table)
    assert rounded["obs_value"].tolist()[:2] == [0.0, 0.0]
    assert rounded["obs_status"].tolist() == ["", "", HIDDEN]
    assert rounded["precision"].tolist()[:2] == [2.0, 2.0]


# --------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    "call",
    [
        lambda: round_base5(-1),
        lambda: round_base5(2.5),
        lambda: round_base5("viele"),
        lambda: suppress_small_counts(pd.DataFrame({"obs_value": [-1.0], "obs_status": [""]})),
        lambda: suppress_small_counts(pd.DataFrame({"obs_value": [1.5], "obs_status": [""]})),
        lambda: suppress_small_counts(pd.DataFrame({"obs_value": [np.nan], "obs_status": [""]})),
        lambda: suppress_small_counts(pd.DataFrame({"obs_value": [1.0], "obs_status": [HIDDEN]})),
        lambda: suppress_small_counts(pd.DataFrame({"obs_value": [1.0], "obs_status": ["-"]})),
        lambda: suppress_small_counts(pd.DataFrame({"value": [1.0]})),
        lambda: suppress_small_counts(
            pd.DataFrame({"obs_value": [1.0], "obs_status": [""]}), minimum=0
        ),
        lambda: suppress_secondary(_with_margins([[1, 2]])[0], {"area": {}}, protection=-1),
        lambda: suppress_attributes_of_few(pd.DataFrame({"n": [-1]}), "n", []),
        lambda: suppress_attributes_of_few(pd.DataFrame({"n": [1]}), "n", ["share"]),
        lambda: sum_relation("a", []),
        lambda: sum_relation("a", ["a", "b"]),
        lambda: sum_relation("a", ["b", "b"]),
        lambda: share_relation("a", "b", base=0),
        lambda: to_cells(pd.DataFrame({"obs_value": [1.0], "obs_status": [""]}), ["area"]),
        lambda: to_cells(
            pd.DataFrame({"area": ["a", "a"], "obs_value": [1.0, 1.0], "obs_status": ["", ""]}),
            ["area"],
        ),
    ],
)
def test_what_is_no_table_of_counts_is_refused(call: object) -> None:
    with pytest.raises(MethodInputError):
        call()  # type: ignore[operator]


# -------------------------------------------------------------------------------- invariants

tables = st.integers(2, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 15), min_size=width, max_size=width), min_size=2, max_size=4
    )
)


@settings(max_examples=50, deadline=None)
@given(counts=tables)
def test_suppression_never_discloses(counts: Counts) -> None:
    table, hierarchies = _with_margins(counts)
    primary = suppress_small_counts(table)
    result = suppress_secondary(primary, hierarchies)
    # 1. what was hidden stays hidden, and what is shown is true
    is_hidden = result["obs_status"] == HIDDEN
    assert is_hidden[primary["obs_status"] == HIDDEN].all()
    shown = result[~is_hidden]
    assert (shown["obs_value"] == table.loc[shown.index, "obs_value"]).all()
    # 2. every hidden cell keeps a range of the protection level, with the truth inside
    relations = table_relations(result, hierarchies)
    ranges = hidden_ranges(to_cells(result, list(hierarchies)), relations)
    truth = to_cells(table, list(hierarchies))["obs_value"]
    assert len(ranges) == is_hidden.sum()
    for key in ranges.index:
        low, high = ranges.loc[[key]].to_numpy()[0]
        assert high - low >= 3
        assert low <= truth.loc[[key]].item() <= high
    # 3. the audit finds nothing
    assert find_disclosures(to_cells(result, list(hierarchies)), relations).empty


@settings(max_examples=25, deadline=None)
@given(
    counts=st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=2, max_size=2),
    hidden=st.sets(st.integers(0, 5), min_size=1, max_size=4),
)
def test_bounds_are_those_of_trying_every_table(counts: Counts, hidden: set[int]) -> None:
    table, hierarchies = _with_margins(counts)
    places = sorted(hidden)
    cells = to_cells(table, list(hierarchies))
    keys = [(f"a{place // 3}", f"g{place % 3}") for place in places]
    is_hidden = [key in keys for key in cells.index]
    cells["obs_value"] = cells["obs_value"].mask(is_hidden)
    cells["obs_status"] = cells["obs_status"].mask(is_hidden, HIDDEN)
    ranges = hidden_ranges(cells, table_relations(table, hierarchies))
    # the way without linear programming: all fillings that keep both margins
    truth = np.array(counts)
    fits = []
    for filling in itertools.product(range(10), repeat=len(places)):
        trial = truth.copy()
        trial.flat[places] = filling
        if (trial.sum(0) == truth.sum(0)).all() and (trial.sum(1) == truth.sum(1)).all():
            fits.append(filling)
    for position, key in enumerate(keys):
        tried = [filling[position] for filling in fits]
        assert ranges.loc[[key]].to_numpy()[0].tolist() == [min(tried), max(tried)]


@settings(max_examples=100, deadline=None)
@given(x=st.integers(0, 10**9))
def test_rounding_is_off_by_two_at_most(x: int) -> None:
    assert abs(round_base5(x) - x) <= 2
    assert round_base5(x) % 5 == 0


@settings(max_examples=50, deadline=None)
@given(parts=st.lists(st.integers(0, 50), min_size=2, max_size=6), data=st.data())
def test_a_single_hidden_part_is_always_found(parts: list[int], data: st.DataObject) -> None:
    lost = data.draw(st.integers(0, len(parts) - 1))
    names = [f"p{i}" for i in range(len(parts))]
    values: dict[str, float | None] = dict(zip(names, parts, strict=True))
    cells = _cells({**values, names[lost]: None, "total": sum(parts)})
    found = find_disclosures(cells, [sum_relation("total", names)])
    assert found["cell"].tolist() == [names[lost]]
    assert found["low"].tolist() == [parts[lost]]


def test_a_relation_names_its_cells() -> None:
    relation = sum_relation(("all", "women"), [("a", "women"), ("b", "women")])
    assert isinstance(relation, Relation)
    assert relation.name == "all × women = a × women + b × women"
    assert relation.cells == (("all", "women"), ("a", "women"), ("b", "women"))
