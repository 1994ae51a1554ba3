"""Comparison: groups and positions of the real municipalities, one period only, four levels."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from pipeline.errors import MethodInputError, NoDataError
from pipeline.methods import comparison, comparison_levels, coverage, data_quality
from pipeline.methods.comparison import INDICATORS, MunicipalIndicator
from pipeline.methods.comparison_group import Frames, Group, similar_municipalities
from pipeline.methods.findings import Evidence, Finding
from pipeline.regions import MODEL_REGIONS, Place
from pipeline.tables import storage

NAMES: dict[str, str] = {}
BY_ID = {indicator.id: indicator for indicator in INDICATORS}


@pytest.fixture(scope="module")
def frames(processed: Any, population: pd.DataFrame) -> Frames:
    return Frames(
        population,
        storage.read("social", processed=processed),
        storage.read("municipalities", processed=processed),
    )


@pytest.fixture(scope="module")
def kalletal(frames: Frames) -> Group:
    return similar_municipalities(frames, MODEL_REGIONS["kalletal"], NAMES)


# --- group ---------------------------------------------------------------------------------


def test_group_is_chosen_from_the_municipalities_with_ages(kalletal: Group) -> None:
    assert kalletal.candidates == 104  # 105 with ages, Kalletal itself is none
    assert len(kalletal.places) == 8
    assert {place.level for place in kalletal.places} == {"municipality"}
    assert all(len(place.ref_area) == 8 for place in kalletal.places)  # no Kreis, no Münster
    assert list(kalletal.distances) == sorted(kalletal.distances)
    assert "104 Gemeinden" in kalletal.rule


def test_members_of_a_region_are_not_their_own_peers(frames: Frames) -> None:
    region = MODEL_REGIONS["lengerich-tecklenburg"]
    group = similar_municipalities(frames, region, NAMES)
    assert group.candidates == 101
    assert not {place.ref_area for place in group.places} & set(region.members)


@pytest.mark.parametrize("slug", ["wolfsburg"])
def test_without_ages_of_municipalities_there_is_no_group(frames: Frames, slug: str) -> None:
    with pytest.raises(NoDataError, match="keine Vergleichsgruppe für Wolfsburg"):
        similar_municipalities(frames, MODEL_REGIONS[slug], NAMES)


# --- positions -----------------------------------------------------------------------------


def values(numbers: dict[str, float], period: str = "2023", basis: str = "") -> MunicipalIndicator:
    """An indicator with given values; the period and basis of `odd` differ."""

    def find(frames: Frames, place: Place) -> Finding:
        key = {"ref_area": place.ref_area} | ({"census_basis": basis} if basis else {})
        return Finding(
            id="x", topic="x", label="x", value=numbers[place.ref_area], unit="percent",
            ref_area=place.ref_area, ref_area_name=place.name, level=place.level,
            time_period=period, kind="veröffentlichter Wert",
            evidence=(Evidence("s", "t", key, numbers[place.ref_area]),),
        )  # fmt: skip

    return MunicipalIndicator("x", "x", "percent", 1, -1, find)


def place(n: int) -> Place:
    return Place(f"0576600{n}", f"Ort {n}", "municipality", (f"0576600{n}",))


def test_quarter_band_and_who_does_better(frames: Frames) -> None:
    # nine values 1 … 9, the region has 3: rank 3 of 9 lies in the second quarter (8/4 = 2 below)
    numbers = {f"0576600{n}": float(n) for n in range(1, 10)}
    group = Group(tuple(place(n) for n in range(1, 10) if n != 3), (), 8)
    found = comparison.position(values(numbers), frames, place(3), group)
    assert found.quartile == 2
    # quarters: 1 2 | 3 4 | 5 6 | 7 8 9
    assert found.band == (2.5, 6.5)
    # less is better: 1 and 2 stand better, 1 best
    assert [finding.value for finding in found.better] == [1.0, 2.0]


def test_without_polarity_nobody_is_better(frames: Frames) -> None:
    numbers = {f"0576600{n}": float(n) for n in range(1, 10)}
    group = Group(tuple(place(n) for n in range(1, 9)), (), 8)
    neutral = replace(values(numbers), polarity=0)
    assert comparison.position(neutral, frames, place(9), group).better == ()


@pytest.mark.parametrize(
    ("odd", "says"),
    [({"period": "2022"}, "different periods"), ({"basis": "2011"}, "different census bases")],
)
def test_values_of_two_periods_or_censuses_are_never_compared(
    frames: Frames, odd: dict[str, str], says: str
) -> None:
    numbers = {"05766001": 1.0, "05766002": 2.0}
    usual, other = values(numbers, basis="2022"), values(numbers, **{"basis": "2022", **odd})

    def mixed(frames: Frames, where: Place) -> Finding:
        return (usual if where.ref_area == "05766001" else other).find(frames, where)

    with pytest.raises(MethodInputError, match=says):
        comparison.position(
            replace(usual, find=mixed), frames, place(1), Group((place(2),), (0.1,), 1)
        )


def test_municipal_values_are_those_of_the_publisher(frames: Frames) -> None:
    home = Place("05766036", "Kalletal", "municipality", ("05766036",))
    found = {name: BY_ID[name].find(frames, home).value for name in BY_ID}
    # 31.12.2024: 13,256 inhabitants on 112.42 km²; 2015: 1,085 women and 735 men aged 75 and over
    # of 13,914; minimum income 2023: 6.6 %
    assert found["population-total"] == 13256
    assert found["inhabitants-per-km2"] == pytest.approx(13256 / 112.42, abs=0.01)
    assert found["share-75-plus"] == pytest.approx(100 * (1085 + 735) / 13914, abs=1e-9)
    assert found["minimum-income-quota"] == 6.6


def test_quotas_of_a_group_of_municipalities_are_not_averaged(frames: Frames) -> None:
    finding = BY_ID["minimum-income-quota"].find(frames, MODEL_REGIONS["rheine-neuenkirchen"].place)
    assert finding.kind == "keine Daten"
    assert "nicht zusammenfassen" in finding.reason


# --- levels --------------------------------------------------------------------------------


def test_change_is_of_the_same_years_on_every_level(population: pd.DataFrame) -> None:
    places = [
        Place("03103", "Wolfsburg", "municipality", ("03103",)),
        Place("03", "Niedersachsen", "land", ("03",)),
        Place("05766036", "Kalletal", "municipality", ("05766036",)),
    ]
    found = comparison_levels.changes(population, places)
    # Wolfsburg also has 2023 and 2024, which Kalletal has not
    assert {finding.time_period for finding in found} == {"2011-12-31/2015-12-31"}


def test_levels_count_what_they_know(population: pd.DataFrame, processed: Any) -> None:
    tables = {
        name: storage.read(name, processed=processed)
        for name in ("social", "physicians", "hospitals", "deprivation")
    } | {"population": population}
    places = [
        Place("05766036", "Kalletal", "municipality", ("05766036",)),
        Place("05766", "Kreis Lippe", "kreis", ("05766",)),
        Place("05", "Nordrhein-Westfalen", "land", ("05",)),
        Place("DG", "Deutschland", "country", ("DG",)),
    ]
    rows = comparison_levels.levels(tables, places)
    known = {row.id: len(row.known) for row in rows}
    assert known["old-age-ratio"] == 4
    assert known["minimum-income-quota"] == 3  # not for Germany
    assert known["gp-density"] == 1  # the Kreis only
    counts = comparison_levels.coverage_findings(rows, places)
    assert {name: f.value for name, f in counts.items()} == {"all": 8, "full": 4, "own": 5}
    ratio = next(row for row in rows if row.id == "old-age-ratio")
    assert comparison_levels.above_finding(ratio).value == 3


# --- coverage and quality ------------------------------------------------------------------


def test_an_estimate_is_no_own_number() -> None:
    levels = {"a": coverage.OWN, "b": coverage.ESTIMATE, "c": coverage.KREIS, "d": coverage.NONE}
    assert coverage.own_count(levels) == (1, 4)


def test_points_follow_the_printed_rule() -> None:
    def rows(source: str, areas: list[str], period: str, basis: str | None = None) -> pd.DataFrame:
        frame = pd.DataFrame(
            {"ref_area": areas, "time_period": period, "obs_value": 1.0, "source_id": source}
        )
        return frame if basis is None else frame.assign(census_basis=basis)

    frames = {
        # both municipalities, this year's, on the latest census: 10 of 10
        "population": rows("register", ["05766036", "05766024"], "2024-12-31", "2022"),
        # one of one Kreis, two years old, no census: 2 + 1 + 2 + 2 of 8
        "physicians": rows("kbv", ["05766"], "2023"),
        # volunteers, one of two municipalities, ten years old: 0 + 2 + 1 + 1 of 8
        "access": rows("osm", ["05766036"], "2015"),
        # press, planning areas: 2 + 0 + 0 + 0 of 8
        "needs_planning": rows("press", ["Lemgo"], "2024-09"),
    }
    found = data_quality.quality_of(
        frames,
        dict.fromkeys(frames, ()) | {"needs_planning": ("secondary_source",)},
        {"register": "DL-DE-BY-2.0", "kbv": "x", "osm": "ODbL-1.0", "press": "x"},
        ["05766036", "05766024"],
        dt.date(2025, 12, 31),
    ).set_index("source_id")
    points = {name: (found.at[name, "points"], found.at[name, "possible"]) for name in found.index}
    assert points == {"register": (10, 10), "kbv": (7, 8), "osm": (4, 8), "press": (2, 8)}
    assert list(found.index) == ["register", "kbv", "osm", "press"]
