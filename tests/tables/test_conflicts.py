"""Two values for one thing: both are listed, and a printed rule says which one is used.

Known cases: Wolfsburg 2020 and 2023, Kreis Lippe 2023, Rheine 2022, Lüdinghausen 2011–2015. The
official values are those of the Regionaldatenbank, the Gemeindeverzeichnis and the census.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline.provenance import SourceRecord
from pipeline.tables import conflicts as c
from pipeline.tables.corrections import Applied, Correction


@pytest.fixture(scope="module")
def listed(processed: Path) -> pd.DataFrame:
    """conflicts.csv of the packaged figures, keys as text."""
    return pd.read_csv(
        processed / "conflicts.csv",
        dtype={"ref_area": "str", "census_basis": "str"},
        keep_default_na=False,
    )


@pytest.mark.parametrize(
    ("area", "day", "used", "other", "rule"),
    [
        ("03103", "2023-12-31", 129347, 127256, c.RULE_OFFICIAL),  # Wolfsburg
        ("03103", "2020-12-31", 123840, 124856, c.RULE_UNDECIDED),
        ("05766", "2023-12-31", 347613, 349781, c.RULE_BASIS),  # Kreis Lippe
        ("05566076", "2022-12-31", 77893, 76344, c.RULE_BASIS),  # Rheine
        ("05558024", "2011-12-31", 23581, 23690, c.RULE_OFFICIAL),  # Lüdinghausen
        ("05558024", "2012-12-31", 23569, 23776, c.RULE_OFFICIAL),
        ("05558024", "2013-12-31", 23672, 23876, c.RULE_OFFICIAL),
        ("05558024", "2014-12-31", 23921, 24054, c.RULE_OFFICIAL),
        ("05558024", "2015-12-31", 24263, 24273, c.RULE_OFFICIAL),
    ],
)
def test_known_conflict_is_listed_with_both_values_and_the_rule(
    listed: pd.DataFrame, area: str, day: str, used: int, other: int, rule: str
) -> None:
    row = listed.loc[
        listed["ref_area"].eq(area)
        & listed["time_period"].eq(day)
        & listed["measure"].eq("population")
    ]
    assert row[["used_value", "other_value", "rule"]].to_numpy().tolist() == [[used, other, rule]]
    assert row["used_source"].ne("").all() and row["other_source"].ne("").all()


def test_official_value_is_the_one_in_the_table(
    listed: pd.DataFrame, population: pd.DataFrame
) -> None:
    decided = listed.loc[listed["rule"].ne(c.RULE_UNDECIDED)]
    key = ["ref_area", "time_period", "measure", "census_basis", "sex"]
    totals = population.loc[population["age_from"].isna() & population["age_to"].isna()]
    both = decided.merge(totals, on=key, how="left")
    assert len(both) == len(decided) > 10
    assert both["obs_value"].eq(both["used_value"]).all()


# --- rules ----------------------------------------------------------------------------------


def record(name: str, period: str = "2022-12-31/2022-12-31", status: str = "") -> SourceRecord:
    return SourceRecord(
        id=name, producer="synthetic", title="synthetic", period=period,
        territorial_status=status, licence="DL-DE-BY-2.0", attribution="synthetic",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("used", "other", "rule"),
    [
        # 1 original before a copy, even an older one
        (record("b", "2015/2015"), record("a", "2024/2024"), c.RULE_ORIGINAL),
        # 2 newer figures
        (record("b", "2024/2024"), record("c", "2015/2015"), c.RULE_NEWER),
        # 3 newer borders, in either way to write a date
        (record("b", status="Gebietsstand 2024-06-30"), record("c", status="Gebietsstand "
         "30.11.2023"), c.RULE_BORDERS),
        # 4 nothing but the name
        (record("b"), record("c"), c.RULE_NAME),
    ],
)  # fmt: skip
def test_precedence_follows_the_printed_rules(
    used: SourceRecord, other: SourceRecord, rule: str
) -> None:
    originals = {"b", "c"}
    assert c.precedence([other, used], originals) == [used.id, other.id]
    assert c.rule_between(used, other, originals) == rule


def observed(value: float, basis: str = "2022", measure: str = "population") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ref_area": ["05766"], "time_period": ["2023-12-31"], "measure": measure,
            "census_basis": basis, "sex": "total",
            "age_from": pd.array([None], dtype="Int16"), "age_to": pd.array([None], dtype="Int16"),
            "doctor_group": "", "obs_value": value, "obs_status": "", "source_id": "official",
        }
    )  # fmt: skip


def facts(**change: object) -> pd.DataFrame:
    row = {
        "fact_region": "Kreis Lippe", "fact_key": "05766", "indicator": "population_total",
        "year_or_date": "2023-12-31", "value_text": "349781", "unit_text": "persons",
        "source_title": "synthetic", "source_url": "", "note": "",
    }  # fmt: skip
    return pd.DataFrame([{**row, **change}])


def test_equal_fact_is_no_conflict() -> None:
    assert c.fact_conflicts(facts(value_text="347613"), observed(347613.0)).empty


def test_fact_of_another_day_or_a_group_of_areas_is_not_compared() -> None:
    for change in (
        {"year_or_date": "ca. 2023"},
        {"year_or_date": "2023-06-30"},
        {"fact_key": "05766+05762"},
        {"indicator": "population_total_rounded"},
    ):
        assert c.fact_conflicts(facts(**change), observed(347613.0)).empty


def test_fact_on_another_census_names_that_rule() -> None:
    found = c.fact_conflicts(facts(note="Zensus-2011 base"), observed(347613.0))
    assert found["rule"].tolist() == [c.RULE_BASIS]
    assert found["difference"].tolist() == [2168.0]


def test_two_facts_that_contradict_each_other_are_listed() -> None:
    both = pd.concat(
        [
            facts(indicator="gp_seats_open", value_text="3", source_title="one"),
            facts(indicator="gp_seats_open", value_text="5", source_title="two"),
        ],
        ignore_index=True,
    )
    found = c.fact_conflicts(both, observed(1.0))
    assert found[["used_source", "other_source", "rule"]].to_numpy().tolist() == [
        ["one", "two", c.RULE_UNDECIDED]
    ]


def test_three_sources_of_which_two_agree_give_one_pair() -> None:
    rows = pd.concat([observed(1.0), observed(1.0), observed(2.0)], ignore_index=True).assign(
        source_id=["b", "c", "d"], file="x.csv", _row=[2, 3, 4]
    )
    merged, differing = c.merge_sources(rows, {"b": 0, "c": 1, "d": 2})
    records = {name: record(name) for name in ("b", "c", "d")}
    pairs = c.source_conflicts(differing, records, ())
    assert merged["obs_value"].tolist() == [1.0]
    assert pairs[["used_source", "other_source"]].to_numpy().tolist() == [["b", "d"]]


def test_correction_is_listed_with_the_wrong_value() -> None:
    made = Correction(
        format="gv-auszug", ref_area="12068117", time_period="2022-12-31", measure="population",
        wrong=0, right=9094, reason="because", provider="x", evidence="GV100AD", date="2026-11-21",
    )  # fmt: skip
    row = c.corrected_values([Applied(made, "the-list", "2011")]).iloc[0]
    assert (row["used_value"], row["other_value"]) == (9094.0, 0.0)
    assert (row["used_source"], row["other_source"]) == ("GV100AD", "the-list")
    assert row["rule"].endswith("because")
