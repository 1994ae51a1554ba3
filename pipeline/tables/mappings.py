"""Which publisher's tables fill which measures: one declaration a table, nothing else.

A new table of a publisher is one entry of `FILLINGS`; `originals.py` does the rest. What has no
entry is recognised and read, and fills no table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.sources.base import LongTable

#: (measure, sex) that a label of the publisher means; sex None: the table's own dimension.
Target = tuple[str, str | None]

SEX_DIMENSION = "Geschlecht"
SEXES: Mapping[str, str] = {
    "": "total", "insgesamt": "total", "total": "total",
    "männlich": "male", "male": "male", "weiblich": "female", "female": "female",
}  # fmt: skip
#: Words for "not broken down" in any dimension.
TOTALS = frozenset({"", "Insgesamt", "Total"})
#: Unit of the publisher → units of our measures that are the same thing.
UNITS: Mapping[str, frozenset[str]] = {
    "Anzahl": frozenset({"persons", "count"}),
    "number": frozenset({"persons", "count"}),
    "qkm": frozenset({"km2"}),
    "km²": frozenset({"km2"}),
    "Prozent": frozenset({"percent"}),
    "0 bis 1": frozenset({"index_0_1_federal_scale"}),
    "Klasse 1 bis 5": frozenset({"quintile_of_400_kreise"}),
}


@dataclass(frozen=True)
class Filling:
    """What is taken of a publisher's table.

    Attributes
    ----------
    table : table code of the publisher, or a word where the publisher has none.
    title : German title of the table, for the record of the source.
    measures : label of the publisher (`fold`ed) → what it means.
    members : dimension → the one member that is taken; other rows of the table are left out.
    split : dimension → (member, `fold`ed → measure): the dimension names the measure, its empty
        member leaves the measure of the label.
    ignored : dimensions that say nothing beyond the label.
    youngest : lower bound of the group "unter x Jahre"; None where it has none (ages of mothers).
    units : labels of units that only this table uses, beside `UNITS`.
    is_latest_only : whether only the last period is taken.
    """

    table: str
    title: str
    measures: Mapping[str, Target]
    members: Mapping[str, str] = field(default_factory=dict)
    split: tuple[str, Mapping[str, str]] | None = None
    ignored: frozenset[str] = frozenset()
    youngest: int | None = 0
    units: Mapping[str, frozenset[str]] = field(default_factory=dict)
    is_latest_only: bool = False

    def knows_dimension(self, name: str) -> bool:
        """Whether a dimension of the file is accounted for."""
        split = self.split[0] if self.split else None
        return (
            name in {SEX_DIMENSION, split, *self.members}
            or name in self.ignored
            or is_age_dimension(name)
        )

    @property
    def is_population(self) -> bool:
        """Whether the table counts inhabitants, so that its figures rest on a census."""
        return any(name.startswith("population") for name, _ in self.measures.values())


def fold(label: str) -> str:
    """A label without case, umlauts and runs of blanks: editions differ in them."""
    folded = label.casefold()
    for letter, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        folded = folded.replace(letter, plain)
    return " ".join(folded.split())


def is_age_dimension(name: str) -> bool:
    """Whether a dimension holds groups of ages (Altersgruppe, Altersjahre …)."""
    return name.startswith("Alter")


def _labels(**measures: str) -> dict[str, Target]:
    return {fold(label): (measure, None) for measure, label in measures.items()}


_POPULATION: Mapping[str, Target] = {
    fold(label): ("population", None)
    for label in ("Bevölkerungsstand", "Bevölkerungsstand (Basis Zensus 2022 und früher)")
}
_DEPARTMENTS = {
    fold(label): measure
    for measure, label in {
        "beds_ophthalmology": "Augenheilkunde",
        "beds_surgery": "chirurgische Fachabteilungen zusammen",
        "beds_gynaecology_obstetrics": "Frauenheilkunde und Geburtshilfe",
        "beds_ent": "Hals-, Nasen-, Ohrenheilkunde",
        "beds_dermatology": "Haut- und Geschlechtskrankheiten",
        "beds_internal_medicine": "Innere Medizin",
        "beds_geriatrics": "Geriatrie",
        "beds_paediatrics": "Kinderheilkunde",
        "beds_neurology": "Neurologie",
        "beds_orthopaedics": "Orthopädie",
        "beds_urology": "Urologie",
        "beds_other_departments": "übrige Fachbereiche",
        "beds_child_youth_psychiatry": "Kinder-u.Jugendpsychiatrie u.-psychotherapie",
        "beds_psychiatry": "Psychiatrie und Psychotherapie",
        "beds_psychosomatics": "Psychotherapeutische Medizin",
    }.items()
}
_OF_ALL_NATIONALITIES = {"Nationalität": "Insgesamt"}

_OF_TABLES = (
    Filling("12411-01-01-4", "Bevölkerung nach Geschlecht", _POPULATION),
    Filling("12411-01-01-5", "Bevölkerung nach Geschlecht", _POPULATION),
    Filling("12411-02-03-4", "Bevölkerung nach Geschlecht und Altersgruppen (17)", _POPULATION),
    Filling("12411-02-03-5", "Bevölkerung nach Geschlecht und Altersgruppen (17)", _POPULATION),
    Filling("12411-04-02-4", "Bevölkerung nach Geschlecht und Altersjahren (79)", _POPULATION),
    Filling("12411-09i", "Bevölkerungsstand nach Altersjahren (90)", _POPULATION),
    Filling(
        "12411-15i",
        "Katasterfläche, Bevölkerung und Bevölkerungsdichte der Gemeinden",
        {**_POPULATION, fold("Bodenfläche (Katasterfläche) in qkm"): ("area", "total")},
        ignored=frozenset({"Statistik"}),
    ),
    Filling(
        "12612-02-01-4",
        "Lebendgeborene nach Alter der Mütter",
        {fold("Lebendgeborene"): ("live_births_by_age_of_mother", None)},
        members={**_OF_ALL_NATIONALITIES, SEX_DIMENSION: "Insgesamt"},
        youngest=None,
    ),
    Filling(
        "12613-02-02-4",
        "Gestorbene nach Geschlecht und Altersgruppen",
        _labels(deaths="Gestorbene"),
        members=_OF_ALL_NATIONALITIES,
    ),
    Filling(
        "12711-01-03-5",
        "Zu- und Fortzüge nach Geschlecht und Altersgruppen (über Gemeindegrenzen)",
        _labels(
            in_migration="Zuzüge über die Gemeindegrenzen",
            out_migration="Fortzüge über die Gemeindegrenzen",
        ),
    ),
    Filling(
        "22411-01-01-4",
        "Ambulante und stationäre Pflegeeinrichtungen, verfügbare Plätze, Personal",
        _labels(
            home_care_services="Pflegedienste",
            home_care_staff="Personal der Pflegedienste",
            care_homes="Pflegeheime",
            care_home_places="Verfügbare Plätze in Pflegeheimen",
            care_home_places_permanent="Verfügbare Plätze i.Pflegeh.m.vollstat.Dauerpflege",
            care_home_staff="Personal der Pflegeheime",
        ),
        ignored=frozenset({"Typ der Pflegeeinrichtung"}),
    ),
    Filling(
        "22411-02-02-4",
        "Pflegebedürftige nach Leistungsart und Geschlecht",
        _labels(
            care_dependants="Pflegebedürftige",
            care_home_based_service="ambulante Pflege",
            care_residential="Pflegebedürftige der Pflegeheime, vollstationär",
            care_residential_permanent="Pflegebedürft.d.Pflegeheime Dauerpflege, vollstat.",
            care_residential_short_term="Pflegebed.d.Pflegeheime vollstat. Kurzzeitpflege",
            care_allowance="Pflegegeldempfänger",
            care_day="nachrichtlich: teilstationäre Pflege",
        ),
    ),
    Filling(
        "23111-01-04-4",
        "Krankenhäuser und aufgestellte Betten nach Fachabteilungen",
        {
            fold("Krankenhäuser"): ("hospitals", None),
            fold("aufgestellte Betten in Krankenhäusern (JD)"): ("hospital_beds", None),
            fold("aufgestellte Betten im Jahresdurchschnitt"): ("hospital_beds", None),
        },
        # the file does not name its classifications; the reader counts them
        split=("dimension_2", _DEPARTMENTS),
        ignored=frozenset({"dimension_1"}),
    ),
    Filling(
        "22811-01i",
        "Mindestsicherungsquote der Gemeinden (Wohnortprinzip)",
        _labels(minimum_income_quota="Mindestsicherungsquote (Prozent)"),
        # the unit row of this table holds the word of the reference time
        units={"Jahr": frozenset({"percent"})},
    ),
)  # fmt: skip
_OF_CODE: Mapping[str, Filling] = {filling.table: filling for filling in _OF_TABLES}

_OF_REGISTER = Filling(
    "",
    "Gemeindeverzeichnis: Bevölkerung und Fläche der Gemeinden",
    {
        fold("Bevölkerung insgesamt"): ("population", "total"),
        fold("Bevölkerung männlich"): ("population", "male"),
        fold("Bevölkerung weiblich"): ("population", "female"),
        fold("Fläche"): ("area", "total"),
    },
)
_CENSUS = Filling(
    "1000A-0000",
    "Personen: Bevölkerungszahl",
    {fold("Personen"): ("population_census", "total")},
)
_FEDERAL_DEPRIVATION = Filling(
    "GISD_Bund_Kreis",
    "German Index of Socioeconomic Deprivation (GISD), Kreise auf Bundesskala",
    _labels(gisd_score="GISD Score", gisd_5="GISD Quintil"),
    members={"scale": "federal"},
    # the index ranks within a year; a series of it would be read as a trend that it does not show
    is_latest_only=True,
)


def find_filling(table: LongTable) -> Filling | None:
    """What is taken of a table; None where no mapping knows it, or not all its dimensions."""
    filling = _of_content(table)
    if filling is None or not all(filling.knows_dimension(name) for name in table.dimensions):
        return None
    return filling


def _of_content(table: LongTable) -> Filling | None:
    match table.format:
        case "genesis-classic" | "landesdatenbank-nrw":
            return _OF_CODE.get(table.table or "")
        case "genesis-ffcsv":
            return _of_flat_file(table)
        case "gv100ad" | "gv-auszug":
            return _OF_REGISTER
        case "gisd":
            is_federal = set(table.frame["scale"].unique()) == {"federal"}
            return _FEDERAL_DEPRIVATION if is_federal and table.level == "kreis" else None
        case _:
            return None


def _of_flat_file(table: LongTable) -> Filling | None:
    """A flat file names its statistic, not its table: measure and dimensions tell it."""
    codes = set(table.frame["measure_code"].unique())
    if codes == {"BEVSTD"} and set(table.dimensions) <= {SEX_DIMENSION}:
        return _OF_CODE["12411-01-01-5" if table.level == "municipality" else "12411-01-01-4"]
    if codes and codes <= {"PRS001", "PRS018"} and not table.dimensions:
        return _CENSUS
    return None
