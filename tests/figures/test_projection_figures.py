"""The figures that look ahead, on the packaged data of three regions and one without ages."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import NoDataError
from pipeline.execution.model import model
from pipeline.figures import care, moves, projection, projection_tables
from pipeline.figures.bands import Band, Limits, Line, apart, fan
from pipeline.methods import care as care_methods
from pipeline.methods import care_outlook, projected
from pipeline.methods.moves import moves_by_age
from pipeline.methods.population import observed_totals
from pipeline.settings import Paths
from pipeline.tables.workspace import Workspace, open_workspace

DAY = "2025-12-31"
#: A member of a Samtgemeinde: neither ages nor moves are published for it.
WITHOUT_AGES = "03151008"


@pytest.fixture(scope="module")
def workspace(processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    derived = tmp_path_factory.mktemp("outlook") / "derived"
    model(Paths(processed=processed, derived=derived))
    return derived


@pytest.fixture
def lab(
    request: pytest.FixtureRequest,
    workspace: Path,
    processed: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Workspace:
    monkeypatch.setenv("VERSORGUNGSLABOR_PROCESSED", str(processed))
    monkeypatch.setenv("VERSORGUNGSLABOR_DERIVED", str(workspace))
    return open_workspace(request.param, DAY)


def in_regions(*slugs: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("lab", slugs, indirect=True)


@in_regions("rheine-neuenkirchen", "wolfsburg", "kalletal")
def test_the_fan_starts_at_the_published_total_and_prints_both_bands(lab: Workspace) -> None:
    home = lab.region.place
    totals = observed_totals(lab.table("population", lab.areas), home.areas)
    figure = projection.fan_figure(lab, home, totals, lab.derived("projection", home.areas))
    first = figure.data.iloc[0]
    published = totals.loc[totals["time_period"].eq("2024-12-31"), "obs_value"].iloc[0]
    assert first["mittlere Variante"].replace(".", "") == f"{published:.0f}"
    assert figure.data["Ende"].tolist() == ["2024", "2030", "2040", "2050"]
    assert {"80-%-Band", "95-%-Band"} <= set(figure.data.columns)
    assert "eigene Berechnung" in figure.attribution


@in_regions("rheine-neuenkirchen", "wolfsburg")
def test_the_care_fan_says_utilisation_and_how_it_is_calibrated(lab: Workspace) -> None:
    home = lab.region.place
    demand, errors = lab.derived("care_demand"), lab.derived("age_structure_error")
    population = lab.table("population")
    misfits = care_outlook.regional_misfit(
        lab.table("care"), population, lab.region.land, care_methods.REFORM
    )
    sources = projected.sources_of_start(population, home.areas)
    today = care_outlook.demand_finding(demand, misfits, errors, home, sources)
    figure = care.fan_figure(lab, home, demand, today)
    assert "nicht der Bedarf" in figure.caption
    # the band measures what comes after the start; the level of today has limits of its own
    bands = [name for name in figure.data.columns if name.startswith("80-%-Band")]
    assert figure.data.loc[0, bands].tolist() == ["–", "–"]
    assert " bis " in figure.data.loc[1, bands[0]]
    limits = projection.surety(today).split("zwischen ")[1].split(" (")[0]
    assert f"heute zwischen {limits}" in figure.caption
    is_calibrated = lab.region.land == "05"
    assert ("mit dem Faktor 1,30" in figure.notes[0]) == is_calibrated
    assert ("an keine veröffentlichte" in figure.notes[0]) != is_calibrated


@in_regions("lengerich-tecklenburg")
def test_own_places_name_their_list_and_who_has_none(lab: Workspace) -> None:
    named = dict(zip(lab.region.member_names, lab.region.areas, strict=True))
    lengerich = named["Lengerich"]
    care_rows = pd.DataFrame(
        [(lengerich, "2024-12-31", measure, "total", value, "limited_reliability",
          "pflegestatistik-2017")
         for measure, value in (("care_home_places_permanent", 80.0),
                                ("care_home_places_permanent_occupied", 70.0))],
        columns=["ref_area", "time_period", "measure", "sex", "obs_value", "obs_status",
                 "source_id"],
    )  # fmt: skip
    said = pd.DataFrame(
        [("care-places", lengerich, "residential_permanent", "partial", 80.0, 120.0)],
        columns=["list_kind", "ref_area", "sector", "completeness", "n_listed", "known_total"],
    )
    table = care.own_places_table(lab, care_rows, said)
    assert table.data.iloc[0].tolist() == [
        "Lengerich", "Dauerpflege", "(80)", "(70)", "höchstens (10)", "mindestens (87,5)",
        "31.12.2024", "unvollständig: 80 von 120 Plätzen",
    ]  # fmt: skip
    assert "Keine Liste liegt vor für" in table.caption and "Tecklenburg" in table.caption
    with pytest.raises(NoDataError, match="ist nicht veröffentlicht"):
        care.own_places_table(lab, care_rows.iloc[:0], said)


@in_regions("lengerich-tecklenburg")
def test_members_with_a_reception_centre_are_flagged(lab: Workspace) -> None:
    table = projection.members_outlook(lab, lab.derived("projection", lab.region.areas)).data
    flags = dict(zip(table["Gemeinde"], table["Hinweis"], strict=True))
    assert flags["Tecklenburg"] == "Sondereffekt"
    assert flags["Lengerich"] == ""


@in_regions("rheine-neuenkirchen")
def test_both_published_projections_of_the_kreis_are_shown(lab: Workspace) -> None:
    kreis = lab.place(lab.region.kreis)
    facts = lab.table("published_facts")
    shown = projection_tables.published_table(
        lab, [kreis], facts, lab.derived("projection", [kreis.ref_area])
    ).data
    assert shown["veröffentlicht"].tolist() == ["−1,9 %", "+0,5 %"]
    assert shown["hier berechnet (Schätzung)"].str.startswith("2024–20").all()


@in_regions(WITHOUT_AGES)
def test_a_place_without_ages_says_so_everywhere(lab: Workspace) -> None:
    home = lab.region.place
    empty = lab.derived("projection", home.areas)
    totals = observed_totals(lab.table("population", home.areas), home.areas)
    with pytest.raises(NoDataError, match="keine Vorausberechnung möglich"):
        projection.fan_figure(lab, home, totals, empty)
    said = projection.missing_notice(lab, empty)
    assert said is not None and "nur für die Samtgemeinde" in said.sentences[0]
    with pytest.raises(NoDataError):
        projection.pyramid_outlook(lab, home, lab.derived("projection_ages", home.areas))
    with pytest.raises(NoDataError):
        moves.moves_figure(lab, home, moves_by_age(lab.table("migration"), home.areas))


@in_regions("03151009")
def test_a_town_in_no_samtgemeinde_is_told_which_tables_are_not_loaded(lab: Workspace) -> None:
    said = projection.missing_notice(lab, lab.derived("projection", lab.region.areas))
    assert said is not None
    assert "12411-02-03-5" in said.sentences[0] and "Samtgemeinde" not in said.sentences[0]


@in_regions("oelde")
def test_where_a_projection_is_at_hand_nothing_is_called_missing(lab: Workspace) -> None:
    assert projection.missing_notice(lab, lab.derived("projection", lab.region.areas)) is None


def test_labels_of_equal_ends_are_pushed_apart_in_their_order() -> None:
    assert apart([100.0, 100.0, 90.0], 5.0) == [100.0, 105.0, 90.0]
    assert apart([1.0], 5.0) == [1.0]


def test_a_fan_without_points_draws_its_limits_and_labels() -> None:
    years = pd.DataFrame({"year": [2024.0, 2050.0], "obs_value": [100.0, 110.0]})
    nothing = pd.DataFrame({"year": [], "obs_value": [], "segment": [], "census_basis": []})
    picture = fan(
        nothing, [], [Band(years.assign(low=90.0, high=120.0), "Band")], [Line(years, "Linie")],
        "Quelle", limits=Limits(2024.0, 80.0, 130.0, "Niveau"),
    )  # fmt: skip
    for text in ("Linie: 110", "Niveau", "Quelle: Quelle"):
        assert text in picture.svg
