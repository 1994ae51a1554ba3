"""OpenStreetMap extracts that the tests write themselves: invented places near Tecklenburg."""

from __future__ import annotations

from pathlib import Path

import osmium
import pytest
from osmium.osm.mutable import Node, Relation, Way

from pipeline.errors import RawDataError
from pipeline.methods.access import nearest_by_road
from pipeline.methods.travel import graph_minutes, road_graph
from pipeline.sources import osm, registry
from pipeline.sources.inspection import inspect_file
from pipeline.sources.osm import kind_of, read_facilities
from pipeline.sources.osm_names import public_name, public_website
from pipeline.sources.osm_roads import oneway_of, read_roads, speed_of

#: id → (longitude, latitude, tags); a degree of latitude is 111.195 km.
PLACES = {
    1: (7.80, 52.20, {"amenity": "doctors", "name": "Dr. med. Erika Beispiel",
                      "operator": "Erika Beispiel", "contact:phone": "05482 000",
                      "healthcare:speciality": "general;internal", "addr:street": "Am Markt",
                      "addr:housenumber": "1", "addr:postcode": "49545",
                      "addr:city": "Tecklenburg", "website": "https://praxis-beispiel.invalid/",
                      "language:de": "main", "language:tr": "yes", "language:ru": "no",
                      "language:xyzzy": "yes"}),
    2: (7.90, 52.20, {"amenity": "pharmacy", "name": "Adler-Apotheke", "wheelchair": "yes",
                      "operator": "Max Mustermann e.K.",
                      "contact:website": "www.adler.invalid/start/?utm=1"}),
    3: (7.80, 52.21, {"healthcare": "midwife", "name": "Lisa Muster",
                      "addr:street": "Hinterm Haus", "addr:housenumber": "7",
                      "website": "https://hebammenpraxis.invalid", "language:gsg": "yes"}),
    4: (7.81, 52.21, {"healthcare": "physiotherapist", "name": "Physiotherapie Tecklenburg",
                      "addr:city": "Tecklenburg"}),
    5: (7.82, 52.21, {"social_facility": "nursing_home", "social_facility:for": "senior",
                      "name": "Haus Maria"}),
    6: (7.83, 52.21, {"healthcare": "counselling", "name": "Caritas Beratungsstelle"}),
    7: (7.84, 52.21, {"amenity": "restaurant", "name": "Zur Post"}),
    8: (7.85, 52.21, {"social_facility": "group_home", "social_facility:for": "migrant"}),
}  # fmt: skip
#: Corners of a hospital's building (way 100) and of its grounds (relation 200 over way 101).
CORNERS = {20: (7.700, 52.300), 21: (7.702, 52.300), 22: (7.702, 52.302), 23: (7.700, 52.302)}
#: Roads: a primary road of two segments north along 7.60, a side road, and a one-way street back.
ROADS = {
    30: (7.60, 52.00),
    31: (7.60, 52.01),
    32: (7.60, 52.02),
    33: (7.61, 52.01),
    34: (7.62, 52.01),
}


@pytest.fixture(scope="session")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small extract with health care places, a hospital as a relation, and roads."""
    path = tmp_path_factory.mktemp("osm") / "invented.osm.pbf"
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2026-03-01T20:20:00Z")
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for number, (x, y, tags) in PLACES.items():
            writer.add_node(Node(id=number, location=(x, y), tags=tags))
        for number, (x, y) in {**CORNERS, **ROADS}.items():
            writer.add_node(Node(id=number, location=(x, y)))
        hospital = {"amenity": "hospital", "name": "St. Josef-Krankenhaus", "operator": "N. N."}
        ring = [20, 21, 22, 23, 20]
        writer.add_way(Way(id=101, nodes=ring))
        writer.add_way(Way(id=110, nodes=[30, 31, 32], tags={"highway": "primary"}))
        writer.add_way(Way(id=111, nodes=[31, 33], tags={"highway": "residential"}))
        writer.add_way(
            Way(id=112, nodes=[33, 34], tags={"highway": "residential", "oneway": "yes"})
        )
        writer.add_way(Way(id=113, nodes=[30, 34], tags={"highway": "footway"}))
        writer.add_way(
            Way(id=114, nodes=[32, 34], tags={"highway": "service", "access": "private"})
        )
        writer.add_relation(
            Relation(
                id=200, members=[("w", 101, "outer")], tags={"type": "multipolygon", **hospital}
            )
        )
    return path


# --- places --------------------------------------------------------------------------------


def test_every_kind_is_found_and_nothing_else(extract: Path) -> None:
    found = read_facilities(extract)
    assert found["kind"].tolist() == [
        "counselling", "general_practice", "hospital", "midwifery", "pharmacy",
        "residential_care", "therapy",
    ]  # fmt: skip


def test_names_of_persons_never_come_in(extract: Path) -> None:
    found = read_facilities(extract)
    assert dict(zip(found["kind"], found["name"], strict=True)) == {
        "residential_care": "Haus Maria",
        "counselling": "Caritas Beratungsstelle",
        "general_practice": "Hausarztpraxis",
        "hospital": "St. Josef-Krankenhaus",
        "midwifery": "Hebamme",
        "pharmacy": "Adler-Apotheke",
        "therapy": "Physiotherapie Tecklenburg",
    }
    everything = found.to_csv() + str(inspect_file(extract))
    for secret in ("Beispiel", "Erika", "Mustermann", "Lisa", "N. N.", "05482"):
        assert secret not in everything


def test_address_is_kept_but_not_the_home_of_a_midwife(extract: Path) -> None:
    found = read_facilities(extract).set_index("kind")
    practice = found.loc["general_practice"]
    assert (practice["street"], practice["house_number"], practice["site_postcode"]) == (
        "Am Markt", "1", "49545",
    )  # fmt: skip
    midwife = found.loc["midwifery"]
    assert (midwife["street"], midwife["house_number"]) == ("", "")
    assert (midwife["longitude"], midwife["latitude"]) == (7.8, 52.21)


def test_spoken_languages_and_websites_that_show_no_person_are_kept(extract: Path) -> None:
    found = read_facilities(extract).set_index("kind")[["languages", "website"]]
    assert found.loc["general_practice"].tolist() == ["de;tr", ""]
    assert found.loc["pharmacy"].tolist() == ["", "https://www.adler.invalid/start"]
    assert found.loc["midwifery"].tolist() == ["gsg", ""]


@pytest.mark.parametrize(
    ("kind", "name", "address", "shown"),
    [
        ("mvz", "MVZ Kalletal", "http://www.mvz-kalletal.de/team/anna-muster",
         "http://www.mvz-kalletal.de"),
        ("mvz", "MVZ Kalletal", "https://anna-muster.de", ""),
        ("mvz", "MVZ Muster", "https://mvz-kalletal.de", ""),
        ("medical_practice", "", "https://arztpraxis-kalletal.de", ""),
        ("pharmacy", "Adler-Apotheke", "https://apotheke-dr-muster.de", ""),
        ("hospital", "Klinikum", "javascript:alert(1)", ""),
        ("hospital", "Klinikum", 'https://klinikum.de/"onclick="x', ""),
        ("hospital", "Klinikum", "https://user:word@klinikum.de:8443/a/?q#b",
         "https://klinikum.de:8443/a"),
        ("hospital", "Klinikum", "siehe Aushang", ""),
    ],
)  # fmt: skip
def test_website_is_shown_only_where_it_is_no_persons(
    kind: str, name: str, address: str, shown: str
) -> None:
    assert public_website(kind, address, name, city="Kalletal") == shown


def test_hospital_of_several_parts_stands_at_one_point_inside(extract: Path) -> None:
    hospital = read_facilities(extract).set_index("kind").loc["hospital"]
    assert 7.700 < hospital["longitude"] < 7.702
    assert 52.300 < hospital["latitude"] < 52.302


def test_same_site_mapped_twice_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "twice.osm.pbf"
    tags = {"amenity": "pharmacy", "name": "Adler-Apotheke"}
    with osmium.SimpleWriter(str(path)) as writer:
        for number, x in ((1, 7.8), (2, 7.801), (3, 7.9)):  # 68 m apart, and 6.8 km away
            writer.add_node(
                Node(id=number, location=(x, 52.2), tags=tags, timestamp="2026-01-01T00:00:00Z")
            )
    assert len(read_facilities(path)) == 2
    assert osm.extract_date(path) == "2026-01-01"  # no date in the header: the newest change


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"amenity": "doctors"}, "medical_practice"),
        ({"amenity": "doctors", "healthcare:speciality": "general"}, "general_practice"),
        ({"amenity": "doctors", "healthcare:speciality": "urology"}, "specialist_practice"),
        ({"amenity": "clinic", "name": "MVZ Kalletal"}, "mvz"),
        ({"healthcare": "doctor;physiotherapist"}, "therapy"),
        ({"healthcare": "psychotherapist"}, "psychotherapy"),
        ({"amenity": "dentist"}, "dentistry"),
        ({"amenity": "pharmacy", "disused": "yes"}, None),
        ({"disused:amenity": "pharmacy"}, None),
        ({"amenity": "veterinary"}, None),
        ({"social_facility": "assisted_living"}, None),
        ({"social_facility": "nursing_home"}, "residential_care"),
    ],
)
def test_kind_follows_the_tags(tags: dict[str, str], kind: str | None) -> None:
    assert kind_of(tags) == kind


@pytest.mark.parametrize(
    ("kind", "name", "shown"),
    [
        ("medical_practice", "Praxis Müller", "Arztpraxis"),
        ("mvz", "MVZ Kalletal", "MVZ Kalletal"),
        ("mvz", "MVZ Dr. Müller & Kollegen", "Medizinisches Versorgungszentrum"),
        ("mvz", "MVZ Müller GmbH", "Medizinisches Versorgungszentrum"),
        ("general_practice", "Gemeinschaftspraxis am Markt", "Gemeinschaftspraxis am Markt"),
        ("general_practice", "Gemeinschaftspraxis Schmidt", "Hausarztpraxis"),
        ("therapy", "Logopädie Anna Schmidt", "Therapiepraxis"),
        ("home_care", "Pflegedienst Anna Schmidt", "Ambulanter Pflegedienst"),
        ("pharmacy", "Apotheke Dr. Schmidt", "Apotheke"),
        ("pharmacy", "Müllersche Apotheke", "Müllersche Apotheke"),
        ("pharmacy", "Adler-Apotheke Inh. Max Muster", "Apotheke"),
        ("hospital", "Mathias-Spital", "Mathias-Spital"),
        ("residential_care", "", "Pflegeheim"),
    ],
)
def test_name_is_shown_only_where_it_is_no_persons(kind: str, name: str, shown: str) -> None:
    assert public_name(kind, name, city="Kalletal") == shown


def test_extract_is_recognised_and_counted(extract: Path) -> None:
    assert registry.recognise(extract).FORMAT == "osm-pbf"
    answer = inspect_file(extract)
    assert answer["periods"] == ["2026-03-01"]
    assert answer["rows"] == 7
    assert answer["licence"] == "ODbL-1.0"


def test_extract_that_is_cut_off_is_refused(extract: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.osm.pbf"
    content = extract.read_bytes()
    path.write_bytes(content[: len(content) - 40])
    with pytest.raises(RawDataError, match="cut off or damaged"):
        registry.read(path)


# --- roads ---------------------------------------------------------------------------------


def test_roads_become_segments_between_junctions(extract: Path) -> None:
    roads = read_roads(extract)
    assert roads.edges[["from_node", "to_node"]].to_numpy().tolist() == [
        [30, 31], [31, 32], [31, 33], [33, 34],
    ]  # fmt: skip
    # 0.01 degrees of latitude are 1,111.95 m
    assert roads.edges["length_m"].iloc[0] == pytest.approx(1111.95, abs=0.01)
    assert roads.edges["speed_kmh"].tolist() == [65.0, 65.0, 25.0, 25.0]
    assert roads.edges["is_oneway"].tolist() == [False, False, False, True]
    assert roads.nodes.loc[34].tolist() == [7.62, 52.01]


def test_minutes_follow_from_length_and_speed(extract: Path) -> None:
    roads = read_roads(extract)
    graph = road_graph(roads.edges)
    minutes = graph_minutes(graph, roads.nodes.index)
    # 2,223.9 m at 65 km/h are 2.053 minutes
    assert minutes.loc[30, 32] == pytest.approx(2.0528, abs=0.001)
    assert minutes.loc[33, 34] == pytest.approx(minutes.loc[31, 33], abs=0.001)
    assert minutes.loc[34, 33] == float("inf")  # a one-way street


def test_nearest_place_is_found_over_the_roads(extract: Path) -> None:
    roads = read_roads(extract)
    points = roads.nodes.rename_axis("node")
    places, sites = points.loc[[30]].set_axis(["home"]), points.loc[[34, 32]].set_axis(["a", "b"])
    found = nearest_by_road(places, sites, road_graph(roads.edges), roads.nodes)
    assert found.loc["home", "nearest"] == "b"


@pytest.mark.parametrize(
    ("tags", "speed"),
    [
        ({"highway": "primary"}, 65.0),
        ({"highway": "primary", "maxspeed": "50"}, 42.5),  # 85 % of the limit
        ({"highway": "residential", "maxspeed": "50"}, 25.0),  # a limit never raises the speed
        ({"highway": "primary", "maxspeed": "none"}, 65.0),
        ({"highway": "footway"}, None),
        ({"highway": "service", "access": "private"}, None),
        ({"highway": "service", "access": "no", "motor_vehicle": "yes"}, 15.0),
    ],
)
def test_speed_follows_class_and_limit(tags: dict[str, str], speed: float | None) -> None:
    assert speed_of(tags) == speed


@pytest.mark.parametrize(
    ("tags", "direction"),
    [
        ({"oneway": "yes"}, 1),
        ({"oneway": "-1"}, -1),
        ({"junction": "roundabout"}, 1),
        ({"highway": "motorway"}, 1),
        ({"highway": "motorway_link", "oneway": "no"}, 0),
        ({}, 0),
    ],
)
def test_direction_follows_the_tags(tags: dict[str, str], direction: int) -> None:
    assert oneway_of(tags) == direction


def test_area_without_roads_is_refused(extract: Path) -> None:
    with pytest.raises(RawDataError, match="no road for cars in this area"):
        read_roads(extract, box=(10.0, 50.0, 10.1, 50.1))
