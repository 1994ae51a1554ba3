"""The workspace's own templates, described once: columns, vocabularies, what counts as a sector.

Reader, writer and documentation are derived from these descriptions. A change that older files
would not survive raises `version`. Labels and descriptions are German, for those who fill them
in. Names of persons are never asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

#: What a cell may hold. `keys` are several regional keys with blanks between them.
#: `languages` are languages by code or German name, parted by comma, semicolon or slash.
CellKind = Literal[
    "text", "key", "keys", "integer", "decimal", "date", "choice", "web", "languages"
]
NUMERIC: frozenset[str] = frozenset({"integer", "decimal"})

COMPLETENESS: Mapping[str, str] = {
    "complete": "vollständig",
    "partial": "unvollständig",
    "unknown": "unbekannt",
}


@dataclass(frozen=True)
class Column:
    """One column of a template.

    `choices` maps the code that the workspace keeps to the German word that a user picks; both
    are read. `unit` makes a numeric column a measure (or names the column that holds the unit);
    without one it is a dimension. `dated_by` names the column with the measure's own day, where
    that is not the template's reference day.
    """

    name: str
    kind: CellKind
    description: str
    is_required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    dated_by: str = ""


@dataclass(frozen=True)
class Template:
    """One kind of template.

    Attributes
    ----------
    kind : word for the format, as `inspect` prints it.
    area, sector, date : names of the columns that hold territory, sector and reference day.
    identity : columns that tell two rows apart.
    counted : measure that says how much of a sector is listed; None where rows are counted.
    row_measure : name of the measure "one for each row"; None where rows carry numbers.
    has_zero : whether a complete sector without rows means a true zero.
    """

    kind: str
    version: int
    title: str
    purpose: str
    columns: tuple[Column, ...]
    area: str
    sector: str
    date: str
    identity: tuple[str, ...]
    counted: str | None = None
    row_measure: str | None = None
    has_zero: bool = True

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def measures(self) -> tuple[Column, ...]:
        """The numeric columns that become observations."""
        return tuple(column for column in self.columns if column.kind in NUMERIC and column.unit)


DOCTOR_GROUPS: Mapping[str, str] = {
    name: name
    for name in (
        "Hausärzte",
        "Anästhesisten",
        "Augenärzte",
        "Chirurgen und Orthopäden",
        "Frauenärzte",
        "HNO-Ärzte",
        "Hautärzte",
        "Internisten",
        "Kinder- und Jugendärzte",
        "Kinder- und Jugendpsychiater",
        "Nervenärzte",
        "Psychotherapeuten",
        "Radiologen",
        "Urologen",
    )
}
_AS_OF = Column("as_of", "date", "Stand der Angabe (31.12.2024 oder 2024-12-31)", is_required=True)
_SOURCE = Column("source", "text", "Woher die Angabe stammt (Stelle, Dokument)", is_required=True)
_REF_AREA = Column(
    "ref_area",
    "key",
    "Amtlicher Schlüssel: 8 Ziffern für eine Gemeinde, 5 für einen Kreis, als Text mit führender "
    "Null",
    is_required=True,
)
_NOTE = Column("note", "text", "Anmerkung")

PLANNING_SHEET = Template(
    kind="planning-sheet",
    version=1,
    title="Planungsblatt der Bedarfsplanung",
    purpose="Eine Zeile je Planungsbereich, Arztgruppe und Stand, wie es die Kassenärztliche "
    "Vereinigung veröffentlicht. Was dort nicht steht, bleibt leer.",
    columns=(
        Column("planning_area", "text", "Name des Planungsbereichs", is_required=True),
        Column("municipalities", "keys", "Gemeinden des Planungsbereichs: Schlüssel mit "
               "8 Ziffern, durch Leerzeichen getrennt"),
        Column("level", "choice", "Planungsebene", is_required=True, choices={
            "mittelbereich": "Mittelbereich",
            "kreis": "Kreis",
            "raumordnungsregion": "Raumordnungsregion",
            "kv_region": "KV-Region",
            "other": "anderer Zuschnitt",
        }),
        Column("doctor_group", "choice", "Arztgruppe der Bedarfsplanung", is_required=True,
               choices=DOCTOR_GROUPS),
        _AS_OF,
        Column("inhabitants", "integer", "Einwohner des Planungsbereichs", minimum=1,
               unit="persons"),
        Column("doctors_counted", "decimal", "Angerechnete Ärzte: Summe der "
               "Bedarfsplanungsgewichte, ohne Ermächtigte", minimum=0, unit="seats"),
        Column("ratio", "decimal", "Verhältniszahl: Einwohner je vollem Sitz", minimum=1,
               unit="residents_per_full_seat"),
        Column("ratio_kind", "choice", "Art der Verhältniszahl", choices={
            "general": "allgemein",
            "regional": "regional",
        }),
        Column("grade_percent", "decimal", "Versorgungsgrad", minimum=0, maximum=1000,
               unit="percent"),
        Column("open_seats", "decimal", "Niederlassungsmöglichkeiten bis zur Sperrung", minimum=0,
               unit="seats"),
        Column("status_decided", "choice", "Feststellung des Landesausschusses (Beschluss, keine "
               "Rechnung)", choices={
                   "open": "offen",
                   "partially_open": "partiell geöffnet",
                   "closed": "gesperrt",
                   "impending_undersupply": "drohende Unterversorgung",
                   "undersupply": "Unterversorgung",
               }),
        Column("decided_on", "date", "Tag des Beschlusses"),
        _SOURCE,
        Column("source_url", "text", "Adresse der Quelle"),
        _NOTE,
    ),
    area="planning_area",
    sector="doctor_group",
    date="as_of",
    identity=("planning_area", "doctor_group", "as_of"),
    has_zero=False,
)  # fmt: skip

FACILITIES = Template(
    kind="facilities",
    version=1,
    title="Gesundheitsangebote einer Gemeinde",
    purpose="Eine Zeile je Einrichtung oder Angebot. Je Bereich wird angegeben, ob die Liste "
    "vollständig ist; ein Bereich ohne Angabe gilt als unbekannt, nie als leer.",
    columns=(
        _REF_AREA,
        Column("sector", "choice", "Bereich", is_required=True, choices={
            "general_practice": "Hausarztpraxis",
            "specialist_practice": "Facharztpraxis",
            "mvz": "Medizinisches Versorgungszentrum",
            "psychotherapy": "Psychotherapie",
            "dentistry": "Zahnarztpraxis",
            "pharmacy": "Apotheke",
            "therapy": "Heilmittel und Therapie",
            "midwifery": "Hebammenhilfe",
            "home_care": "Ambulante Pflege",
            "day_care": "Tagespflege",
            "residential_care": "Stationäre Pflege",
            "hospital": "Krankenhaus",
            "counselling": "Beratung",
            "prevention": "Prävention",
        }),
        Column("name", "text", "Bezeichnung der Einrichtung, nicht der Person (etwa "
               "'Hausarztpraxis am Markt')", is_required=True),
        Column("street", "text", "Straße und Hausnummer"),
        Column("postcode", "text", "Postleitzahl"),
        Column("city", "text", "Ort"),
        Column("longitude", "decimal", "Geografische Länge in Grad (WGS 84)", minimum=5,
               maximum=16),
        Column("latitude", "decimal", "Geografische Breite in Grad (WGS 84)", minimum=47,
               maximum=56),
        Column("accessible", "choice", "Barrierefrei zugänglich", choices={
            "yes": "ja",
            "limited": "eingeschränkt",
            "no": "nein",
        }),
        Column("url", "web", "Internetadresse der Einrichtung"),
        Column("languages", "languages", "Sprachen, in denen dort beraten oder behandelt wird, mit "
               "Komma getrennt (etwa 'Deutsch, Türkisch, Gebärdensprache'), auch als ISO-Kürzel"),
        _AS_OF,
        _SOURCE,
        _NOTE,
    ),
    area="ref_area",
    sector="sector",
    date="as_of",
    identity=("ref_area", "sector", "name", "street"),
    row_measure="facilities",
)  # fmt: skip

PHYSICIANS_BY_AGE = Template(
    kind="physicians-by-age",
    version=1,
    title="Ärzte nach Alter",
    purpose="Eine Zeile je Gebiet, Arztgruppe und Altersgruppe: Köpfe und angerechnetes Gewicht. "
    "Damit rechnet die Vorausschätzung des Bestands. Die Datei bleibt im eigenen Haus: bei "
    "kleinen Zahlen sind Personen erkennbar.",
    columns=(
        _REF_AREA,
        Column("doctor_group", "choice", "Arztgruppe der Bedarfsplanung", is_required=True,
               choices=DOCTOR_GROUPS),
        Column("age_from", "integer", "Jüngstes Alter der Gruppe in Jahren", is_required=True,
               minimum=20, maximum=110),
        Column("age_to", "integer", "Höchstes Alter der Gruppe in Jahren (einschließlich)",
               is_required=True, minimum=20, maximum=110),
        Column("physicians", "integer", "Köpfe", is_required=True, minimum=0, unit="persons"),
        Column("weight", "decimal", "Summe der Bedarfsplanungsgewichte", minimum=0, unit="seats"),
        _AS_OF,
        _SOURCE,
        _NOTE,
    ),
    area="ref_area",
    sector="doctor_group",
    date="as_of",
    identity=("ref_area", "doctor_group", "age_from", "age_to", "as_of"),
    counted="physicians",
)  # fmt: skip

CARE_PLACES = Template(
    kind="care-places",
    version=1,
    title="Pflegeplätze",
    purpose="Eine Zeile je Einrichtung oder Gebiet und Art der Pflege.",
    columns=(
        _REF_AREA,
        Column("care_kind", "choice", "Art der Pflege", is_required=True, choices={
            "residential_permanent": "Dauerpflege",
            "residential_short_term": "Kurzzeitpflege",
            "day_care": "Tagespflege",
            "night_care": "Nachtpflege",
            "assisted_living": "Betreutes Wohnen und Wohngemeinschaften",
        }),
        Column("facility", "text", "Bezeichnung der Einrichtung; leer für das ganze Gebiet"),
        Column("places", "integer", "Plätze", is_required=True, minimum=0, unit="places"),
        Column("places_occupied", "integer", "Belegte Plätze", minimum=0, unit="places"),
        _AS_OF,
        _SOURCE,
        _NOTE,
    ),
    area="ref_area",
    sector="care_kind",
    date="as_of",
    identity=("ref_area", "care_kind", "facility", "as_of"),
    counted="places",
)  # fmt: skip

HEALTH_GOALS = Template(
    kind="health-goals",
    version=1,
    title="Gesundheitsziele",
    purpose="Eine Zeile je Ziel: Ausgangswert, Zielwert, Frist und Stand. Nur beschlossene Ziele; "
    "das Werkzeug erfindet keine.",
    columns=(
        _REF_AREA,
        Column("goal_id", "text", "Kurzes Kennzeichen des Ziels", is_required=True),
        Column("sector", "choice", "Bereich", is_required=True, choices={
            "medicine": "Medizin",
            "care": "Pflege",
            "therapy": "Therapie",
            "prevention": "Prävention",
            "other": "Sonstiges",
        }),
        Column("goal", "text", "Das Ziel in einem Satz", is_required=True),
        Column("indicator", "text", "Woran das Ziel gemessen wird", is_required=True),
        Column("indicator_unit", "text", "Einheit des Indikators", is_required=True),
        Column("baseline", "decimal", "Ausgangswert", unit="indicator_unit",
               dated_by="baseline_date"),
        Column("baseline_date", "date", "Tag des Ausgangswerts"),
        Column("target", "decimal", "Zielwert", is_required=True, unit="indicator_unit",
               dated_by="target_date"),
        Column("target_date", "date", "Frist", is_required=True),
        Column("actual", "decimal", "Stand", unit="indicator_unit"),
        Column("as_of", "date", "Tag des Stands", is_required=True),
        Column("owner", "text", "Verantwortliche Stelle, nicht Person"),
        _SOURCE,
        _NOTE,
    ),
    area="ref_area",
    sector="sector",
    date="as_of",
    identity=("ref_area", "goal_id"),
    has_zero=False,
)  # fmt: skip

TEMPLATES: tuple[Template, ...] = (
    PLANNING_SHEET,
    FACILITIES,
    PHYSICIANS_BY_AGE,
    CARE_PLACES,
    HEALTH_GOALS,
)
