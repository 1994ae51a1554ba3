"""Every measure the workspace knows: its table, unit, German label, bounds and polarity.

A new measure is one line here; the reader, the schema, the data dictionary and the labels of
figures follow. `polarity` says whether more is better (+1) or worse (-1) for the supply of the
population; 0 where the comparison words "better" and "worse" would be a judgement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: unit_measure → how it is printed after a number.
UNITS: Mapping[str, str] = {
    "persons": "Personen",
    "count": "",
    "km2": "km²",
    "percent": "%",
    "percent_of_jobs": "% der Beschäftigten am Arbeitsort",
    "percent_of_employees": "% der Beschäftigten am Wohnort",
    "years": "Jahre",
    "fte": "Anteil einer vollen Teilnahme",
    "seats": "Sitze",
    "per_100000": "je 100.000 Einwohner",
    "per_10000": "je 10.000 Einwohner",
    "per_1000": "je 1.000 Einwohner",
    "minutes": "Minuten",
    "metres": "Meter",
    "index_0_1_federal_scale": "Punkte (0 bis 1, Bundesskala)",
    "quintile_of_400_kreise": ". Fünftel der 400 Kreise",
}


@dataclass(frozen=True)
class Measure:
    """One measure.

    Attributes
    ----------
    name : word in the column `measure`.
    table : processed table that holds it.
    unit : word of `UNITS`.
    label : German name for readers.
    minimum, maximum : bounds of a value; None where there is none.
    is_additive : whether values may be summed over regions (counts, never rates).
    polarity : +1 more is better, -1 more is worse, 0 undefined.
    """

    name: str
    table: str
    unit: str
    label: str
    minimum: float | None = 0.0
    maximum: float | None = None
    is_additive: bool = False
    polarity: int = 0


def _counts(table: str, unit: str, **labels: str) -> list[Measure]:
    return [Measure(name, table, unit, label, is_additive=True) for name, label in labels.items()]


def _shares(table: str, **labels: str) -> list[Measure]:
    return [Measure(name, table, "percent", label, maximum=100.0) for name, label in labels.items()]


_ALL: list[Measure] = [
    *_counts(
        "population",
        "persons",
        population="Einwohnerinnen und Einwohner (Fortschreibung)",
        population_census="Einwohnerinnen und Einwohner (Zensus)",
    ),
    *_counts(
        "vital_events",
        "persons",
        live_births_by_age_of_mother="Lebendgeborene nach Alter der Mutter",
        deaths="Gestorbene",
    ),
    *_counts(
        "migration",
        "persons",
        in_migration="Zuzüge über die Gemeindegrenze",
        out_migration="Fortzüge über die Gemeindegrenze",
    ),
    Measure("density", "physicians", "per_100000", "Ärztinnen und Ärzte je 100.000 Einwohner", polarity=1),
    Measure("gp_density", "physicians", "per_10000", "Hausärztinnen und Hausärzte je 10.000 Einwohner (INKAR)", polarity=1),
    Measure("physician_density", "physicians", "per_10000", "Ärztinnen und Ärzte je 10.000 Einwohner (INKAR)", polarity=1),
    Measure("mean_age", "physicians", "years", "Durchschnittsalter", minimum=20.0, maximum=100.0),
    Measure("participation_per_head", "physicians", "fte", "Teilnahmeumfang je Kopf", maximum=1.5),
    *_shares(
        "physicians",
        share_female="Anteil Frauen",
        share_over_65="Anteil über 65 Jahre",
        share_contract="Anteil mit eigener Zulassung",
        share_employed="Anteil Angestellte",
    ),
    *_counts("doctor_ages", "persons", doctors_by_age="Ärztinnen und Ärzte nach Alter"),
    *_counts("doctor_ages", "seats", doctor_seats_by_age="Arztsitze nach Alter (Bedarfsplanungsgewicht)"),
    *_counts(
        "care",
        "persons",
        care_dependants="Pflegebedürftige",
        care_home_based_service="Pflegebedürftige mit ambulantem Dienst",
        care_residential="Pflegebedürftige in Heimen",
        care_residential_permanent="Pflegebedürftige in Heimen, Dauerpflege",
        care_residential_short_term="Pflegebedürftige in Heimen, Kurzzeitpflege",
        care_allowance="Pflegegeldempfänger",
        care_day="Tagespflege (in den übrigen Arten enthalten)",
    ),
    *_counts(
        "care",
        "count",
        home_care_services="Pflegedienste",
        home_care_staff="Personal der Pflegedienste",
        care_homes="Pflegeheime",
        care_home_places="Plätze in Pflegeheimen",
        care_home_places_permanent="Plätze in Pflegeheimen, Dauerpflege",
        care_home_staff="Personal der Pflegeheime",
        care_home_places_permanent_occupied="Belegte Plätze in Pflegeheimen, Dauerpflege",
        care_home_places_short_term="Plätze in Pflegeheimen, Kurzzeitpflege",
        care_home_places_short_term_occupied="Belegte Plätze in Pflegeheimen, Kurzzeitpflege",
        care_places_day="Plätze der Tagespflege",
        care_places_day_occupied="Belegte Plätze der Tagespflege",
        care_places_night="Plätze der Nachtpflege",
        care_places_night_occupied="Belegte Plätze der Nachtpflege",
        care_places_assisted_living="Plätze in betreutem Wohnen und Wohngemeinschaften",
        care_places_assisted_living_occupied="Belegte Plätze in betreutem Wohnen und Wohngemeinschaften",
    ),
    *_counts(
        "hospitals",
        "count",
        hospitals="Krankenhäuser",
        hospital_beds="Aufgestellte Betten",
        beds_ophthalmology="Betten: Augenheilkunde",
        beds_surgery="Betten: Chirurgie",
        beds_gynaecology_obstetrics="Betten: Frauenheilkunde und Geburtshilfe",
        beds_ent="Betten: Hals-Nasen-Ohrenheilkunde",
        beds_dermatology="Betten: Haut- und Geschlechtskrankheiten",
        beds_internal_medicine="Betten: Innere Medizin",
        beds_geriatrics="Betten: Geriatrie",
        beds_paediatrics="Betten: Kinderheilkunde",
        beds_neurology="Betten: Neurologie",
        beds_orthopaedics="Betten: Orthopädie",
        beds_urology="Betten: Urologie",
        beds_other_departments="Betten: übrige Fachbereiche",
        beds_child_youth_psychiatry="Betten: Kinder- und Jugendpsychiatrie",
        beds_psychiatry="Betten: Psychiatrie",
        beds_psychosomatics="Betten: Psychosomatik",
    ),
    Measure("hospital_beds_density", "hospitals", "per_1000", "Krankenhausbetten je 1.000 Einwohner (INKAR)"),
    Measure("gisd_score", "deprivation", "index_0_1_federal_scale", "Deprivationsindex (GISD)", maximum=1.0, polarity=-1),
    Measure("gisd_5", "deprivation", "quintile_of_400_kreise", "Deprivation, Fünftel der Kreise", minimum=1.0, maximum=5.0, polarity=-1),
    *_shares("social", minimum_income_quota="Mindestsicherungsquote"),
    Measure("minutes_by_car_to_next_gp", "access", "minutes", "Pkw-Minuten zur nächsten Hausarztpraxis", polarity=-1),
    Measure("inhabitants_per_gp", "access", "persons", "Einwohner je Hausärztin oder Hausarzt (BBSR)", polarity=-1),
    Measure("distance_to_pharmacy", "access", "metres", "Entfernung zur nächsten Apotheke", polarity=-1),
    Measure("pharmacies_density", "access", "per_100000", "Apotheken je 100.000 Einwohner (INKAR)"),
    *_counts("access", "count", pharmacies="Apotheken (Zählung in OpenStreetMap)"),
    Measure("area", "structure", "km2", "Fläche", is_additive=True),
    Measure("in_commuters", "structure", "percent_of_jobs", "Einpendlerquote", maximum=100.0),
    Measure("out_commuters", "structure", "percent_of_employees", "Auspendlerquote", maximum=100.0),
]  # fmt: skip

MEASURES: Mapping[str, Measure] = {measure.name: measure for measure in _ALL}
