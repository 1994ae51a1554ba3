"""Directory, network, calendar and map of all regions: files first, then the pages in a browser.

The offers named "Synthetisch" are invented for the tests.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import html5lib
import pandas as pd
import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box
from typer.testing import CliRunner

from pipeline.checks.verify import page_problems
from pipeline.commands import platform
from pipeline.errors import MethodInputError, NoDataError
from pipeline.methods.offer_checks import compare_lists, far_from_home
from pipeline.projects.record import Record
from pipeline.projects.records import Row
from pipeline.reports import network_page, regions_page
from pipeline.reports.chapter import environment
from pipeline.reports.connections import connections
from pipeline.reports.directory import directory_of
from pipeline.reports.directory_page import directory_page
from pipeline.reports.ics import LINE_OCTETS, Event, calendar, escaped, folded
from pipeline.reports.platform import write_platform
from pipeline.settings import Paths, read_params
from pipeline.tables.workspace import open_workspace
from tests.reports.offers_site import HOSTILE, LIPPSTADT, SHARED, synthetic, written_site

# --- a site with synthetic rows ---------------------------------------------------------------


def own_rows() -> list[dict[str, object]]:
    return [
        synthetic(f"Synthetisch {HOSTILE}"),
        synthetic("=cmd|' /C calc'!A0"),
        synthetic("Synthetisch " + "x" * 10_000, website="javascript:alert(1)"),
        synthetic("Synthetisch weit weg", longitude=11.5, latitude=48.1),
        synthetic("Synthetisch ohne Koordinaten", longitude=None, latitude=None),
        synthetic("Löwen-Apotheke", "pharmacy", wheelchair="yes",
                  website="https://www.loewen.example/apotheke", languages="de;gsg;tr"),
        synthetic("Synthetische Apotheke", "pharmacy"),
        *(synthetic(f"Synthetisch Nummer {i}", longitude=8.3 + i / 9000) for i in range(300)),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def site(root: Path, processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paths]:
    """The platform of two regions: Lippstadt with a synthetic own list, Warburg as it is."""
    folder = tmp_path_factory.mktemp("Plattform")
    with written_site(root, processed, folder, own_rows(), ["lippstadt", "warburg"]) as paths:
        yield paths


def page(site: Paths, name: str) -> str:
    return (site.reports / f"{name}.html").read_text(encoding="utf-8")


def text_of(html: str) -> str:
    body = re.sub(r"<script.*?</script>|<style.*?</style>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


# --- calendar ---------------------------------------------------------------------------------


def test_calendar_is_written_as_rfc_5545_asks() -> None:
    # expected text written by hand from RFC 5545, sections 3.1, 3.3.11, 3.6.1
    event = Event(
        "kommkom-rheine-1@test", dt.date(2021, 4, 15), dt.date(2021, 4, 15),
        "1. Workshop; Rheine, digital", "Rheine", "Erste Zeile\nzweite",
    )  # fmt: skip
    assert calendar("Netz", [event], dt.date(2025, 12, 31)) == (
        "BEGIN:VCALENDAR\r\n"
        "VERSION:2.0\r\n"
        "PRODID:-//Versorgungslabor//Termine//DE\r\n"
        "CALSCALE:GREGORIAN\r\n"
        "X-WR-CALNAME:Netz\r\n"
        "BEGIN:VEVENT\r\n"
        "UID:kommkom-rheine-1@test\r\n"
        "DTSTAMP:20251231T000000Z\r\n"
        "DTSTART;VALUE=DATE:20210415\r\n"
        "DTEND;VALUE=DATE:20210416\r\n"
        "SUMMARY:1. Workshop\\; Rheine\\, digital\r\n"
        "LOCATION:Rheine\r\n"
        "DESCRIPTION:Erste Zeile\\nzweite\r\n"
        "TRANSP:TRANSPARENT\r\n"
        "END:VEVENT\r\n"
        "END:VCALENDAR\r\n"
    )


def test_long_line_is_folded_before_the_76th_octet() -> None:
    # "SUMMARY:" are 8 octets, so 67 letters fill the first line and 74 each further one
    assert folded("SUMMARY:" + "a" * 70) == "SUMMARY:" + "a" * 67 + "\r\n aaa\r\n"
    # ä is two octets: the 34th would be octets 75 and 76
    assert folded("SUMMARY:" + "ä" * 34) == "SUMMARY:" + "ä" * 33 + "\r\n ä\r\n"


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_no_line_is_longer_than_allowed_and_nothing_is_lost(text: str) -> None:
    plain = escaped(text)
    lines = folded(plain)
    assert all(len(line.encode()) <= LINE_OCTETS for line in lines.split("\r\n"))
    assert lines.replace("\r\n ", "").removesuffix("\r\n") == plain


def test_text_cannot_begin_a_property_of_its_own() -> None:
    assert escaped("x\r\nATTENDEE:mailto:a@b\x00\\") == "x\\nATTENDEE:mailto:a@b\\\\"


# --- checks of lists --------------------------------------------------------------------------

TOWN = pd.DataFrame(
    # a circle of 78.54 km² has a radius of 5 km: 12.5 km are the limit
    {"ags": ["05974028"], "longitude": [8.0], "latitude": [51.0], "area_km2": [78.54]}
)


@pytest.mark.parametrize(
    ("latitude", "km"), [(51.10, None), (51.12, 13.3), (48.00, 333.6), (None, None)]
)
def test_site_far_from_its_municipality_is_flagged(latitude: float, km: float) -> None:
    sites = pd.DataFrame({"site_ags": [LIPPSTADT], "longitude": [8.0], "latitude": [latitude]})
    (found,) = far_from_home(sites.astype({"latitude": "float64"}), TOWN)
    assert pd.isna(found) if km is None else found == pytest.approx(km, abs=0.1)


def test_lists_are_compared_by_name_and_only_where_the_own_list_speaks() -> None:
    def sites(*rows: tuple[str, str]) -> pd.DataFrame:
        frame = pd.DataFrame(rows, columns=["kind", "name"])
        return frame.assign(site_ags=LIPPSTADT)

    own = sites(("pharmacy", "Löwen-Apotheke"), ("pharmacy", "Neue Apotheke"))
    mapped = sites(
        ("pharmacy", "Löwen Apotheke"), ("pharmacy", "Alte Apotheke"), ("hospital", "Klinik")
    )
    found = compare_lists(own, mapped)
    assert dict(zip(found["name"], found["side"], strict=True)) == {
        "Löwen-Apotheke": "both",
        "Neue Apotheke": "own_only",
        "Alte Apotheke": "map_only",
    }


def test_two_houses_of_one_name_are_counted_twice() -> None:
    own = pd.DataFrame({"kind": "pharmacy", "site_ags": LIPPSTADT, "name": ["Markt"] * 2})
    assert compare_lists(own, own.head(1))["side"].tolist() == ["both", "own_only"]


# --- directory --------------------------------------------------------------------------------


def test_real_pharmacies_stand_on_the_page_in_the_csv_and_in_the_json(site: Paths) -> None:
    # Warburg has eight pharmacies in the map of 2020 (figures/pharmacy_sites_osm.csv)
    html = page(site, "angebote-warburg")
    assert html.split('id="treffer"')[1].split("</ul>")[0].count("<li>") == 8
    rows = (site.reports / "angebote-warburg.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 1 + 8
    graph = json.loads((site.reports / "angebote-warburg.json").read_text())["@graph"]
    assert [item["@type"] for item in graph] == ["Dataset", *["Pharmacy"] * 8]
    assert graph[0]["license"] == "https://opendatacommons.org/licenses/odbl/1-0/"


def test_sector_without_a_list_is_unknown_and_a_complete_empty_one_is_zero(site: Paths) -> None:
    def cell(html: str, sector: str) -> str:
        block = html.split('id="vollstaendigkeit"')[1]
        match = re.search(rf'<th scope="row">{sector}</th><td[^>]*>([^<]*)', block)
        assert match is not None
        return match[1]

    lippstadt = page(site, "angebote-lippstadt")
    assert cell(lippstadt, "Hebammenhilfe") == "kein Standort"
    assert cell(lippstadt, "Zahnarztpraxis") == "keine Daten"
    assert cell(lippstadt, "Heilmittel und Therapie") == "305 von 400 Standorten"
    assert cell(page(site, "angebote-warburg"), "Hebammenhilfe") == "keine Daten"


def test_own_list_goes_before_the_map_and_the_difference_is_shown(site: Paths) -> None:
    text = text_of(page(site, "angebote-lippstadt")).split("Verglichen mit der Karte")[0]
    block = page(site, "angebote-lippstadt").split('id="unterschiede"')[1].split("</dl>")[0]
    both, own, mapped = (text_of(cell).strip() for cell in re.findall(r"<dd>(.*?)</dd>", block))
    assert both == "1"  # Löwen-Apotheke, in the map as "Löwen Apotheke"
    assert own == "Synthetische Apotheke (Lippstadt)"
    assert len(mapped.split("; ")) == 19 and "Bären Apotheke (Lippstadt)" in mapped
    assert "Eigene Liste" in text
    assert 'id="unterschiede"' not in page(site, "angebote-warburg")


def test_offer_outside_its_municipality_is_flagged_and_does_not_stretch_the_map(
    site: Paths,
) -> None:
    html = page(site, "angebote-lippstadt")
    data = json.loads(html.split('id="angebote-daten">')[1].split("</script>")[0])
    far = next(offer for offer in data["offers"] if offer["name"] == "Synthetisch weit weg")
    assert "km von der Gemeinde entfernt" in far["remark"]
    assert (far["x"], far["y"]) == (None, None)
    near = [o["x"] for o in data["offers"] if o["x"] is not None]
    assert max(near) - min(near) > 200


def test_with_borders_the_point_decides(site: Paths) -> None:
    # Lippstadt's own square, and one beside it that stands for Wolfsburg under its Kreis key
    borders = gpd.GeoDataFrame(
        {"ref_area": [LIPPSTADT, "03103"]},
        geometry=[box(8.0, 51.0, 9.0, 52.0), box(11.0, 48.0, 12.0, 49.0)],
        crs=4326,
    )
    found = directory_of(open_workspace("lippstadt", "2025-12-31"), site.raw, borders)
    remarks = {offer.name: offer.remark for offer in found.offers if offer.remark}
    assert list(remarks) == ["Synthetisch weit weg"]
    assert "außerhalb der Gemeinde (in Wolfsburg)" in remarks["Synthetisch weit weg"]
    html, drawing = directory_page(environment(), found, SHARED, borders)
    assert "Ein Quadrat steht" not in html
    assert f'id="gebiet-{LIPPSTADT}" class="gebiet bekannt" d="M' in drawing
    assert f'id="gebiet-{LIPPSTADT}" class="gebiet bekannt" d="M' in html


def test_without_a_script_200_offers_stand_in_the_page_and_the_rest_in_the_file(
    site: Paths,
) -> None:
    html = page(site, "angebote-lippstadt")
    assert html.split('id="treffer"')[1].split("</ul>")[0].count("<li>") == 200
    noscript = html.split("<noscript>")[1].split("</noscript>")[0]
    assert "200 von 326" in noscript and 'href="angebote-lippstadt.csv"' in noscript


def test_hostile_names_stay_text_in_every_file(site: Paths) -> None:
    html = page(site, "angebote-lippstadt")
    assert "<script>alert" not in html
    assert "javascript:" not in html
    csv = (site.reports / "angebote-lippstadt.csv").read_text(encoding="utf-8-sig")
    assert ";'=cmd|" in csv
    items = json.loads((site.reports / "angebote-lippstadt.json").read_text())["@graph"]
    assert f"Synthetisch {HOSTILE}" in [item["name"] for item in items]
    assert [item["url"] for item in items if "url" in item] == [
        "https://www.loewen.example/apotheke"
    ]


def test_languages_are_words_for_readers_and_codes_for_programs(site: Paths) -> None:
    csv = (site.reports / "angebote-lippstadt.csv").read_text(encoding="utf-8-sig")
    assert (
        ";Deutsch, Deutsche Gebärdensprache, Türkisch;https://www.loewen.example/apotheke;" in csv
    )
    items = json.loads((site.reports / "angebote-lippstadt.json").read_text())["@graph"]
    assert [item["knowsLanguage"] for item in items if "knowsLanguage" in item] == [
        ["de", "gsg", "tr"]
    ]
    assert 'id="sprache"' in page(site, "angebote-lippstadt")
    assert "Zu Sprachen macht hier keine Liste eine Angabe." in page(site, "angebote-warburg")
    assert 'id="sprache"' not in page(site, "angebote-warburg")


def test_map_is_a_file_of_its_own_that_a_drawing_program_reads(site: Paths) -> None:
    text = (site.reports / "angebote-warburg.svg").read_text(encoding="utf-8")
    words = [node.text for node in ElementTree.fromstring(text).iter() if node.text]
    assert "Gesundheitsangebote: Warburg" in words
    assert any("OpenStreetMap-Mitwirkende" in word for word in words)
    assert "keine Daten" in words
    # neither variables nor sizes that the page fills in, which such programs do not know
    assert not re.search(r"var\(|calc\(|[\d.]u\b", text)
    assert "<script" not in text


def test_odbl_bundle_holds_the_licence_and_no_row_of_an_own_list(site: Paths) -> None:
    bundle = site.reports / "daten" / "odbl" / "standorte-openstreetmap.zip"
    with zipfile.ZipFile(io.BytesIO(bundle.read_bytes())) as archive:
        assert "Open Data Commons Open Database License" in archive.read("LIZENZ.txt").decode()
        csv = archive.read("standorte-openstreetmap.csv").decode("utf-8-sig")
    assert "Bären Apotheke" in csv and "Synthetisch" not in csv
    assert len(csv.splitlines()) > 4000


def test_files_of_a_region_that_left_the_edition_are_removed(
    root: Path, site: Paths, tmp_path: Path
) -> None:
    paths = site.model_copy(update={"reports": tmp_path})
    for name in ("angebote-weg.html", "netzwerk-weg.ics", "weg.html"):
        (tmp_path / name).write_text("alt")
    write_platform(paths, read_params(root / "params.yaml"), ["warburg"], SHARED)
    assert [path.name for path in tmp_path.glob("*weg*")] == ["weg.html"]


# --- network ----------------------------------------------------------------------------------


def record(**tables: object) -> Record:
    project = {
        "slug": "test", "title": "Testvorhaben", "short_title": "Test", "regions": ("warburg",),
        "level": "Warburg", "record_date": "2025-12-31",
    }  # fmt: skip
    return Record.model_validate({"project": project, **tables})


ACTORS = (
    {"id": "stadt", "name": "Stadt Warburg", "role": "Leitung", "sector": "Kommune"},
    {"id": "klinik", "name": "Krankenhaus A", "role": "Partner", "sector": "Krankenhaus"},
    {"id": "pflege", "name": "Pflegedienst B", "role": "Partner", "sector": "Pflege"},
    {"id": "arzt", "name": "Dr. Erika Mustermann", "role": "Partnerin", "sector": "Praxis"},
)


def rendered(given: Record) -> str:
    return network_page.network_page(environment(), connections(given), SHARED)


def test_persons_are_never_printed_and_counted_as_left_out() -> None:
    html = rendered(record(actors=ACTORS))
    assert "Mustermann" not in html
    assert "eine Zeile der Akte spricht von Personen" in text_of(html)


def test_person_of_a_record_stands_nowhere(tmp_path: Path) -> None:
    planted = record(
        actors=[*ACTORS, {"id": "bm", "name": "Beispielfrau, Petra", "role": "Bürgermeisterin"},
                {"id": "p", "name": "Max Beispielmann", "role": "Rat", "sector": "Person"}],
        meetings=[{**MEETINGS[0], "result": "Vortrag von Erika Mustermann",
                   "groups": "Frau Beispiel", "place": "Praxis Mustermanns"},
                  {**MEETINGS[1], "label": "Gespräch mit Herrn Beispiel"}],
        activities=[{"id": "g", "label": "Arbeitsgruppe Pflege", "kind": "Gremium",
                     "state": "geplant", "responsible": "Beispielmann"}],
        ideas=[{"id": "i", "idea": "Sprechstunde bei Mustermann", "place": "Warburg"}],
    )  # fmt: skip
    found, ideas = connections(planted), regions_page.ideas_of([planted])
    figure = network_page.figure_of(found)
    said = [rendered(planted), network_page.calendar_text(planted), figure.picture.svg, str(ideas)]
    said += [str(figure.payload()), json.dumps(platform.network_json(found))]
    for text in said:
        assert not re.search("Muster(mann|frau)|Beispiel", text)
    assert found.n_hidden == 3
    assert ideas[0]["place"] == "Warburg"


def test_name_that_ends_with_a_full_stop_gets_no_second_one() -> None:
    actors = [{**ACTORS[0], "name": "Gesundheitsnetz e. V."}, *ACTORS[1:3]]
    text = text_of(rendered(record(actors=actors)))
    assert "hängt an einer Stelle: Gesundheitsnetz e. V. Ohne sie" in text


def test_gaps_name_missing_sectors_and_loose_ties() -> None:
    found = connections(record(actors=ACTORS[:3]))
    assert "Krankenhaus" not in found.missing_sectors
    assert "Apotheken" in found.missing_sectors
    assert [actor.id for actor in found.loosely_tied] == ["klinik", "pflege"]
    # two of three possible ties; a star of three has the greatest centralisation
    assert found.summary is not None
    assert found.summary.density == pytest.approx(2 / 3)
    assert found.summary.degree_centralisation == pytest.approx(1.0)


def test_meetings_are_counted_for_the_municipality_and_for_no_clinic_of_its_name() -> None:
    clinic = {**ACTORS[1], "name": "Krankenhaus Warburg"}
    found = connections(record(actors=[ACTORS[0], clinic], meetings=MEETINGS))
    assert [len(found.meetings_of(actor)) for actor in found.actors] == [2, 0]


def test_record_without_lead_has_no_invented_tie() -> None:
    found = connections(record(actors=ACTORS[1:3]))
    assert (found.ties, found.lead) == ((), "")
    assert [actor.id for actor in found.untied] == ["klinik", "pflege"]


class TieRow(Row):
    """A row of a table that records may come to have."""

    one: str
    other: str
    kind: str = ""


class RecordWithTies(Record):
    """A record that lists its ties itself."""

    ties: tuple[TieRow, ...] = ()


def test_listed_ties_count_and_one_to_a_stranger_is_refused() -> None:
    base = record(actors=ACTORS[:3]).model_dump()
    tied = {"one": "klinik", "other": "pflege", "kind": "Überleitung"}
    found = connections(RecordWithTies.model_validate({**base, "ties": [tied]}))
    assert found.graph.number_of_edges() == 3
    with pytest.raises(MethodInputError, match="does not list"):
        connections(RecordWithTies.model_validate({**base, "ties": [{**tied, "other": "fremd"}]}))


MEETINGS = (
    {"id": "a", "label": "Konferenz", "place": "Warburg", "date": "2024-05-02"},
    {"id": "b", "label": "Sitzung ohne Tag", "place": "Warburg"},
    {"id": "c", "label": "Sitzung im Mai", "date": "2024-05"},
)


def test_meeting_without_a_day_is_listed_and_not_in_the_calendar() -> None:
    given = record(actors=ACTORS[:1], meetings=MEETINGS)
    html = rendered(given)
    assert "Sitzung ohne Tag" in html.split("<h3>Ohne Datum</h3>")[1]
    assert "Sitzung im Mai" in html.split("<h3>Ohne Datum</h3>")[0]
    calendar_file = network_page.calendar_text(given)
    assert calendar_file.count("BEGIN:VEVENT") == 1
    assert "DTSTART;VALUE=DATE:20240502" in calendar_file


def test_hostile_record_stays_text_in_page_picture_and_calendar() -> None:
    actors = [{**ACTORS[0], "name": HOSTILE}, {**ACTORS[1], "name": "x" * 10_000}]
    meeting = {**MEETINGS[0], "label": f"{HOSTILE}\r\nBEGIN:VALARM"}
    given = record(actors=actors, meetings=[meeting])
    assert "<script>alert" not in rendered(given)
    assert "\r\nBEGIN:VALARM" not in network_page.calendar_text(given)


def test_record_without_actors_says_no_data() -> None:
    assert "Keine Daten: In der Akte ist keine beteiligte Stelle" in text_of(rendered(record()))
    with pytest.raises(NoDataError):
        network_page.figure_of(connections(record()))


def test_planned_parts_are_not_told_as_facts(site: Paths) -> None:
    # clinic and practices were planned, the grant of the Land was expected (actors.csv)
    text = text_of(page(site, "netzwerk-gesundheitsregion-wolfsburg"))
    assert "Davon nur geplant oder erwartet: drei." in text


def test_kommkom_shows_what_its_record_proves(site: Paths) -> None:
    text = text_of(page(site, "netzwerk-kommkom"))
    assert "Die Akte nennt neun Stellen und acht Verbindungen" in text
    assert "überträgt keine Nachrichten zwischen den Beteiligten" in text
    # six of sixteen meetings have a published day
    calendar_file = (site.reports / "netzwerk-kommkom.ics").read_bytes()
    assert calendar_file.count(b"BEGIN:VEVENT") == 6
    assert b"\n" not in calendar_file.replace(b"\r\n", b"")


# --- all regions ------------------------------------------------------------------------------


def test_page_of_all_regions_tells_what_is_listed_where_and_ranks_nothing(site: Paths) -> None:
    html = page(site, "karte")
    matrix = html.split('id="abdeckung"')[1].split("</section>")[0]
    # Lippstadt's list is complete for midwives and counts none; Warburg has no such list
    assert re.findall(r'scope="col"[^>]*>([^<]+)', matrix) == [
        "Region", "Apotheke", "Heilmittel und Therapie", "Hebammenhilfe",
    ]  # fmt: skip
    rows = re.findall(r'<th scope="row">([^<]+)</th>(.*?)</tr>', matrix)
    cells = {name: re.findall(r">([^<]+)</td>", row) for name, row in rows}
    assert cells["Lippstadt"][1:] == ["305 von 400", "0"]
    assert cells["Warburg"] == ["8", "keine Daten", "keine Daten"]
    assert "taugen nicht für eine Rangfolge" in matrix
    assert "Zahnarztpraxis" in matrix.split("liegt für keine Region eine Liste vor:")[1]


def test_regions_learn_from_sources_not_from_each_other_s_silence(site: Paths) -> None:
    text = text_of(page(site, "karte")).split("Voneinander lernen")[-1]
    assert "Was eine Quelle belegt" in text  # a measure of the catalogue that names Warburg
    assert "Kinderbetreuung, die zu Schichtzeiten passt" in text
    assert "ist nicht veröffentlicht" in text


# --- commands ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    made = typer.Typer()
    made.command()(platform.offers)
    made.command()(platform.network)
    return made


def test_offers_as_json_tell_unknown_from_zero(app: typer.Typer, site: Paths) -> None:
    printed = json.loads(CliRunner().invoke(app, ["offers", "lippstadt", "--json"]).stdout)
    assert len(printed["offers"]) == 326
    assert printed["sectors"]["midwifery"]["n_sites"] == 0
    assert printed["sectors"]["dentistry"]["n_sites"] is None
    assert {row["side"] for row in printed["differences"]} == {"both", "own_only", "map_only"}


def test_network_of_a_region_is_that_of_its_projects(app: typer.Typer, site: Paths) -> None:
    printed = json.loads(CliRunner().invoke(app, ["network", "kalletal", "--json"]).stdout)
    slugs = [found["project"] for found in printed["networks"]]
    assert slugs == ["lokale-daseinsvorsorge", "mvz-kalletal"]
    # the association of physicians is no practice
    assert "ambulante ärztliche Versorgung" in printed["networks"][1]["gaps"]["sectors"]


def test_region_without_a_project_is_told_so(app: typer.Typer, site: Paths) -> None:
    result = CliRunner().invoke(app, ["network", "05566012"])
    assert isinstance(result.exception, NoDataError)


# --- pages ------------------------------------------------------------------------------------

PAGES = ("angebote-lippstadt", "angebote-warburg", "netzwerk-kommkom", "karte")


def test_pages_are_valid_and_their_own_links_lead_somewhere(site: Paths) -> None:
    for name in PAGES:
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        parser.parse(page(site, name))
        assert parser.errors == [], name
    beside = {
        "index.html", "kennzahlen.html", "methoden.html", "aenderungen.html", "behauptungen.html",
        "eigene-zahlen.html",
    }  # fmt: skip
    assert [str(p) for p in page_problems(site) if p.found not in beside] == []


@pytest.mark.browser
@pytest.mark.parametrize("name", ["angebote-lippstadt", "netzwerk-kommkom", "karte"])
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_page_is_quiet_accessible_and_fits_its_window(
    browser, violations, site: Paths, name: str, width: int, scheme: str
) -> None:
    view = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    messages: list[str] = []
    requests: list[str] = []
    view.on("console", lambda message: messages.append(message.text))
    view.on("pageerror", lambda error: messages.append(str(error)))
    view.on("request", lambda request: requests.append(request.url))
    view.goto((site.reports / f"{name}.html").as_uri())
    overflow = view.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    found = violations(view)
    view.close()
    assert (messages, found, overflow) == ([], [], 0)
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


@pytest.fixture()
def lippstadt(browser, site: Paths) -> Iterator[object]:
    view = browser.new_page(viewport={"width": 1000, "height": 800})
    view.goto((site.reports / "angebote-lippstadt.html").as_uri())
    yield view
    view.close()


def names(view) -> list[str]:
    return view.eval_on_selector_all("#treffer strong", "all => all.map(n => n.textContent)")


@pytest.mark.browser
@pytest.mark.parametrize(
    "typed",
    [
        "Löwen-Apotheke",
        "loewen apotheke",
        "LOWENAPOTHEKE",
        "löwenapotheke muster str.",
        "musterstrasse löwen",
    ],
)
def test_search_forgives_german_spellings(lippstadt, typed: str) -> None:
    lippstadt.fill("#suche", typed)
    assert names(lippstadt) == ["Löwen-Apotheke"]


@pytest.mark.browser
def test_compound_is_found_by_its_parts_in_another_order(lippstadt) -> None:
    lippstadt.fill("#suche", "Bahnhofsapotheke")
    assert names(lippstadt) == ["Apotheke am Bahnhof"]


@pytest.mark.browser
def test_however_many_hits_few_nodes_are_made(lippstadt) -> None:
    lippstadt.fill("#suche", "synthetisch")
    assert lippstadt.inner_text("#trefferzahl").startswith("305 Treffer")
    assert lippstadt.eval_on_selector_all("#treffer li", "all => all.length") == 10
    assert lippstadt.eval_on_selector_all("#karte *", "all => all.length") < 30


@pytest.mark.browser
def test_keyboard_leads_through_search_filter_list_and_map(lippstadt) -> None:
    lippstadt.focus("#suche")
    lippstadt.keyboard.type("apotheke")
    lippstadt.keyboard.press("Tab")
    assert lippstadt.evaluate("document.activeElement.id") == "bereich"
    for field in ("ort", "sprache", "rollstuhl"):
        lippstadt.keyboard.press("Tab")
        assert lippstadt.evaluate("document.activeElement.id") == field
    lippstadt.keyboard.press("Space")
    shown = names(lippstadt)
    assert "Löwen-Apotheke" in shown and "Bären Apotheke" not in shown
    lippstadt.keyboard.press("Tab")
    assert lippstadt.evaluate("document.activeElement.textContent") == "Auf der Karte"
    lippstadt.keyboard.press("Enter")
    assert lippstadt.inner_text("#kartentext").startswith("Markiert:")
    zoomed = lippstadt.get_attribute("#karte", "viewBox")
    lippstadt.focus("#kartenfeld")
    lippstadt.keyboard.press("ArrowLeft")
    moved = lippstadt.get_attribute("#karte", "viewBox")
    lippstadt.keyboard.press("0")
    whole = lippstadt.get_attribute("#karte", "viewBox")
    assert len({zoomed, moved, whole}) == 3


@pytest.mark.browser
def test_finger_on_a_dot_names_the_offer(browser, site: Paths) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    view = context.new_page()
    view.goto((site.reports / "angebote-warburg.html").as_uri())
    view.locator("#karte").scroll_into_view_if_needed()
    point = view.evaluate(
        """() => { const data = JSON.parse(document.getElementById('angebote-daten').textContent);
        const box = document.getElementById('karte').getBoundingClientRect();
        const all = document.getElementById('karte').viewBox.baseVal;
        const offer = data.offers[0];
        return [box.left + offer.x / all.width * box.width,
                box.top + offer.y / all.height * box.height]; }"""
    )
    view.touchscreen.tap(*point)
    said = view.inner_text("#kartentext")
    context.close()
    assert said.startswith("Markiert:")


@pytest.mark.browser
def test_paper_has_every_hit(lippstadt) -> None:
    lippstadt.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert lippstadt.eval_on_selector_all("#treffer li", "all => all.length") == 326


@pytest.mark.browser
def test_error_report_is_filled_in_and_sent_nowhere(lippstadt) -> None:
    lippstadt.fill("#suche", "Bären Apotheke")
    lippstadt.click("text=Fehler melden >> nth=1")
    text = lippstadt.input_value("#meldung")
    assert "Angebot: Bären Apotheke" in text and "Bunsenstraße 18" in text


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "role", "said"),
    [
        ("angebote-warburg", "img", "Karte: 8 Standorte in Warburg"),
        ("netzwerk-kommkom", "img", "Netz mit neun Stellen und acht Verbindungen"),
        ("karte", "group", "Karte mit 2 nummerierten Regionen"),  # its numbers are links
    ],
)
def test_screen_reader_hears_map_and_network_and_finds_their_table(
    browser, site: Paths, name: str, role: str, said: str
) -> None:
    view = browser.new_page()
    view.goto((site.reports / f"{name}.html").as_uri())
    images = view.get_by_role(role, name=re.compile(said)).count()
    tables = view.get_by_role("table").count()
    view.close()
    assert images == 1 and tables >= 1


@pytest.mark.browser
def test_without_a_script_the_list_is_readable(browser, site: Paths) -> None:
    context = browser.new_context(java_script_enabled=False)
    view = context.new_page()
    view.goto((site.reports / "angebote-warburg.html").as_uri())
    shown = view.inner_text("main")
    context.close()
    assert "Die Liste zeigt alle Angebote." in shown
    assert "Name, Straße, Ort oder Bereich" not in shown
