"""The engine on literal findings, and the whole advice on the packaged tables."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import typer
from pikepdf import Pdf
from typer.testing import CliRunner

from pipeline.advice import local_facts
from pipeline.advice.catalogue import catalogue
from pipeline.advice.engine import Recommendation, firing, recommend, shortlist
from pipeline.advice.profile.job_facts import job_facts
from pipeline.advice.profile.slides import slides
from pipeline.advice.profile.standortprofil import standortprofil
from pipeline.advice.rules import Situation
from pipeline.advice.situation import situation
from pipeline.advice.transfer import documented, examples
from pipeline.advice.words import SITUATION_LABEL, need_words, overview, sheet, value_words
from pipeline.commands.advice import advice
from pipeline.errors import NoDataError, ParameterError
from pipeline.figures.printing import write_pdf
from pipeline.methods.findings import Finding
from pipeline.regions import MODEL_REGIONS
from pipeline.tables.workspace import Workspace, open_workspace
from tests.advice import findings as invented


def picked(*findings: Finding) -> list[Recommendation]:
    return recommend(invented.PLACE, invented.situation(*findings), catalogue())


def ids(items: list[Recommendation]) -> list[str]:
    return [item.measure.id for item in items]


# --- literal findings ----------------------------------------------------------------------


def test_a_low_grade_in_a_small_town_brings_the_mvz_and_says_what_ends_it() -> None:
    items = picked(
        invented.known("published-grade", 75.8, "planning_area"),
        invented.known("population-total", 13256.0),
    )
    (mvz,) = [item for item in items if item.measure.id == "kommunales-mvz"]
    assert mvz.goes_away == "Versorgungsgrad der Hausärzte mindestens 85 Prozent"
    assert [finding.value for finding in mvz.findings] == [75.8, 13256.0]


def test_a_city_gets_no_measure_for_small_or_thinly_settled_places() -> None:
    items = picked(
        invented.known("published-grade", 70.0),
        invented.known("population-total", 130000.0),
        invented.known("smallest-municipality", 130000.0),
        invented.known("population-density", 630.0),
        invented.known("aged-75-2040", 60.0),
        invented.known("minutes-to-gp", 9.0),
    )
    rural = {"kommunales-mvz", "hausarztaktionsprogramm", "fahrdienst-praxis", "gesundheitszentrum",
             "zweigpraxis-sprechtage", "gemeindeschwester", "interkommunale-absprache"}  # fmt: skip
    assert not rural & set(ids(items))


def test_own_numbers_stand_before_the_kreis_and_missing_data_last() -> None:
    items = picked(
        invented.known("gp-share-over-60", 41.0),
        invented.known("psychotherapists", 10.0, "kreis", beside=40.0),
    )
    order = ids(items)
    assert order.index("praxisnachfolge-gespraeche") < order.index("psychotherapie-lotsen")
    assert order.index("psychotherapie-lotsen") < order.index("planungsblatt-besorgen")
    assert order.index("psychotherapie-lotsen") < order.index("therapie-daten")


def test_the_shortlist_takes_at_most_two_of_a_field_and_keeps_the_order() -> None:
    items = picked(
        invented.known("published-grade", 60.0),
        invented.known("population-total", 13000.0),
        invented.known("smallest-municipality", 13000.0),
        invented.known("gp-share-over-60", 70.0),
    )
    short = shortlist(items, total=6, per_field=2)
    fields = [item.measure.field for item in short]
    assert len(short) == 6
    assert max(fields.count(name) for name in fields) == 2
    assert ids(short) == [name for name in ids(items) if name in ids(short)]


def test_the_shortlist_prefers_others_to_a_third_that_rests_on_the_same_findings() -> None:
    # the share of older doctors alone brings many measures
    items = picked(invented.known("gp-share-over-60", 70.0))
    same = [item for item in items if [f.value for f in item.findings] == [70.0]]
    assert (len(same), len(items)) == (3, 5)
    short = shortlist(items, total=4, per_field=99)
    assert [item for item in short if item in same] == same[:2]
    # nothing is left out where there is room
    assert shortlist(items, total=99, per_field=99) == items


def test_what_a_place_does_already_is_not_recommended_anew() -> None:
    # Kalletal runs an MVZ since April 2025; Oelde has none
    situation_of = invented.situation(
        invented.known("published-grade", 75.8, "planning_area"),
        invented.known("population-total", 13256.0),
    )
    here, there = (
        recommend(MODEL_REGIONS[slug], situation_of, catalogue()) for slug in ("kalletal", "oelde")
    )
    under_way = {item.measure.id for item in here if item.is_under_way}
    assert under_way == {"kommunales-mvz", "eigeneinrichtung-kv"}
    assert "kommunales-mvz" not in ids(shortlist(here, total=99, per_field=99))
    assert "kommunales-mvz" in ids(shortlist(there, total=99, per_field=99))


def test_firing_lists_measures_that_hold_nowhere() -> None:
    where = firing(catalogue(), {"musterstadt": picked()})
    assert where["kommunales-mvz"] == []
    assert where["therapie-daten"] == ["musterstadt"]


# --- packaged tables -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def tables(processed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment with the packaged tables and no projections: those are "keine Daten"."""
    return {
        "VERSORGUNGSLABOR_PROCESSED": str(processed),
        "VERSORGUNGSLABOR_DERIVED": str(tmp_path_factory.mktemp("derived")),
    }


@pytest.fixture
def kalletal(tables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Workspace:
    for name, value in tables.items():
        monkeypatch.setenv(name, value)
    return open_workspace("kalletal", "2025-12-31")


@pytest.fixture(scope="module")
def found(tables: dict[str, str]) -> dict[str, Finding]:
    """The situation of Kalletal, made once."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in tables.items():
            patch.setenv(name, value)
        return situation(open_workspace("kalletal", "2025-12-31"))


@pytest.fixture(scope="module")
def advised(found: dict[str, Finding]) -> list[Recommendation]:
    """The recommendations for Kalletal."""
    return recommend(MODEL_REGIONS["kalletal"], found, catalogue())


def test_kalletals_advice_names_the_planning_area_and_never_passes_off_kreis_values(
    kalletal: Workspace, advised: list[Recommendation]
) -> None:
    rows = overview(kalletal, advised)
    by_title = dict(zip(rows["Empfehlung"], rows["Weil"], strict=True))
    mvz = by_title["Ein kommunales MVZ prüfen, mit freien Sitzen als Bedingung"]
    # MVZ Kalletal, September 2024: 75.8 % in the planning area of Lemgo
    assert mvz == "Versorgungsgrad der Hausärzte: 75,8 Prozent (Planungsbereich Lemgo, 09/2024)"
    for reason in rows["Weil"]:
        assert "Kreis Lippe" not in reason or "keine eigene Zahl für Kalletal" in reason


def test_a_figure_of_the_press_keeps_the_word_of_its_source(
    tables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in tables.items():
        monkeypatch.setenv(name, value)
    # BOHRIS/BBV, 7 May 2023: "knapp 40 Prozent" of the GPs in the planning area are over 60
    lab = open_workspace("bocholt-rhede-isselburg", "2025-12-31")
    share = local_facts.gp_over_60(lab, lab.region)
    assert value_words(share) == "knapp 40 Prozent"
    (at_least,) = [m.rule for m in catalogue() if m.id == "stipendium-medizin"]
    below = invented.situation(share, invented.known("population-density", 432.0))
    assert not at_least.triggers(Situation(lab.region, below))


def test_a_missing_projection_triggers_nothing_and_breaks_nothing(
    found: dict[str, Finding], advised: list[Recommendation]
) -> None:
    assert not found["aged-75-2040"].is_known
    assert "sturzpraevention" not in ids(advised)


def test_a_sheet_has_every_field_of_the_toolbox_with_its_evidence(
    kalletal: Workspace, advised: list[Recommendation]
) -> None:
    (mvz,) = [item for item in advised if item.measure.id == "kommunales-mvz"]
    frame = sheet(kalletal, mvz)
    assert {
        "Sektor", "Modellkommune", "Ideengeber", SITUATION_LABEL, "Ziel", "Umsetzung", "Befund",
        "Wer entscheidet", "Kosten", "Erwartete Wirkung", "Erster Schritt", "Zu beachten",
        "Die Empfehlung entfällt, wenn",
    } <= set(frame["Feld"])  # fmt: skip
    said = " ".join(frame["Inhalt"])
    assert "MVZ Kalletal" in said
    assert "Beleg: Umsetzung belegt, Wirkung nicht" in said


def test_a_need_is_a_finding_with_its_limit_and_no_property_of_the_place(
    kalletal: Workspace, advised: list[Recommendation]
) -> None:
    (mvz,) = [item for item in advised if item.measure.id == "kommunales-mvz"]
    needs = need_words(kalletal, mvz)
    assert any("75,8 Prozent" in said and limit.startswith("unter 85 Prozent")
               for said, limit in needs)  # fmt: skip
    assert not any("13.256" in said for said, _ in needs)
    assert not any(mvz.measure.situation in said for said, _ in needs)


def test_similar_municipalities_are_compared_by_municipal_numbers_only(
    kalletal: Workspace,
) -> None:
    better = examples(kalletal, catalogue())
    assert {item.place.level for item in better} == {"municipality"}
    assert all(item.indicator.sign * (item.other - item.own) > 0 for item in better)
    named = {measure.id for measure in documented("05766024", catalogue())}  # Dörentrup
    assert named == {"gesundheitsnetzwerk", "digitales-portal"}


def test_wolfsburg_has_no_comparison_group(
    tables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in tables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(NoDataError, match="keine Vergleichsgruppe"):
        examples(open_workspace("wolfsburg", "2025-12-31"), catalogue())


# --- toolbox -------------------------------------------------------------------------------


def test_the_toolbox_is_self_contained_cites_its_sources_and_fits_its_pages(
    kalletal: Workspace,
    found: dict[str, Finding],
    advised: list[Recommendation],
    tmp_path: Path,
) -> None:
    profile = standortprofil(kalletal, found)
    pages = [profile, job_facts(kalletal, found), slides(kalletal, found, advised)]
    for html in pages:
        assert not re.search(r"(src|href)=|<script|url\(|@import", html)
        notes = {int(number) for number in re.findall(r"<sup>\[(\d+)\]</sup>", html)}
        listed = {int(number) for number in re.findall(r"<b>\[(\d+)\]</b>", html)}
        assert notes and notes <= listed == set(range(1, max(listed) + 1))
        assert "13.256" in html  # inhabitants at the end of 2024, IT.NRW
        # copied text loses the raised form: a mark glued to a number would read as its last digit
        assert not re.search(r"\d<(sup|span)>", html)
    assert pages[2].count("<section>") == 5
    write_pdf(profile, tmp_path / "profil.pdf")
    with Pdf.open(tmp_path / "profil.pdf") as pdf:
        assert len(pdf.pages) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["profil.pdf"]


def test_a_kreis_value_in_the_job_facts_says_that_it_is_not_the_municipalitys(
    kalletal: Workspace, found: dict[str, Finding]
) -> None:
    html = job_facts(kalletal, found)
    assert "Kreis Lippe – keine eigene Zahl für Kalletal: 25,1 Prozent" in html


def test_the_ceilings_are_json_too_and_refuse_costs_that_are_none(tables: dict[str, str]) -> None:
    app = typer.Typer()
    app.command()(advice)
    call = ["kalletal", "--start", "2026-05-01", "--json", "--cost"]
    answer = CliRunner().invoke(app, [*call, "165000"], env=tables, catch_exceptions=False)
    report = json.loads(answer.stdout)
    assert (report["region"], report["cost_eur"], report["start"]) == (
        "kalletal", 165000.0, "2026-05-01",
    )  # fmt: skip
    assert report["lines"]
    for line in report["lines"]:
        assert (line["at_most_eur"] is None) == bool(line["refusal"]), line["id"]
        assert "not" not in line["refusal"].split()
    for cost in ("-5", "0"):
        refused = CliRunner().invoke(app, [*call, cost], env=tables)
        assert isinstance(refused.exception, ParameterError), cost


def test_the_command_prints_stable_json(tables: dict[str, str]) -> None:
    app = typer.Typer()
    app.command()(advice)
    answer = CliRunner().invoke(app, ["kalletal", "--json"], env=tables, catch_exceptions=False)
    report = json.loads(answer.stdout)
    assert set(report) == {"region", "reference_date", "recommendations", "grants"}
    first = report["recommendations"][0]
    assert {"id", "field", "title", "goes_away", "evidence", "triggers"} <= set(first)
