"""The one field registry: what a column means, of which type, within which bounds.

Tables only name fields (`registry.py`); schemas, Data Package and data dictionary are made from
here. Names use SDMX words; `_code` is never a name, `is_` marks a truth value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.keys import LEVELS
from pipeline.provenance import STATUS_LABELS
from pipeline.sources.template_kinds import COMPLETENESS, FACILITIES, TEMPLATES
from pipeline.tables.measures import MEASURES, UNITS

#: What a regional key may look like (see pipeline/keys.py).
REF_AREA_PATTERN = r"^(DG|\d{2}|\d{3}|\d{5}|\d{8}|\d{9}|KREG:\d{8}|ROR:\d{3,4}|KV:.+)$"
AGS_PATTERN = r"^(0[1-9]|1[0-6])\d{6}$"
ARS_PATTERN = r"^(0[1-9]|1[0-6])\d{10}$"
TIME_PATTERN = r"^\d{4}(-\d{2}(-\d{2})?)?$"


@dataclass(frozen=True)
class Field:
    """A column.

    `type` is one of text, number, integer, truth; integers may be missing where `is_nullable`.
    `pattern` holds for the whole text; `allowed` is a closed vocabulary.
    """

    name: str
    type: str
    label: str
    description: str
    is_nullable: bool = False
    pattern: str | None = None
    allowed: tuple[str, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None


_ALL = [
    # keys and time
    Field("ref_area", "text", "Gebiet", "regional key, in its shortest form (kreisfreie Stadt: five digits)", pattern=REF_AREA_PATTERN),
    Field("ref_area_name", "text", "Name des Gebiets", "name as published, without indentation"),
    Field("level", "text", "Gebietsebene", "territorial level of the key", allowed=LEVELS),
    Field("parent", "text", "übergeordnetes Gebiet", "key of the next larger territory; empty for Germany"),
    Field("ags", "text", "Amtlicher Gemeindeschlüssel", "municipality key, 8 digits, leading zeros kept", pattern=AGS_PATTERN),
    Field("ars", "text", "Amtlicher Regionalschlüssel", "municipality key with Gemeindeverband, 12 digits", pattern=ARS_PATTERN),
    Field("kreis", "text", "Kreis", "Kreis key, 5 digits", pattern=r"^\d{5}$"),
    Field("land", "text", "Land", "Land key, 2 digits", pattern=r"^\d{2}$"),
    Field("time_period", "text", "Zeitbezug", "reference day (YYYY-MM-DD), month or year", pattern=TIME_PATTERN),
    Field("census_basis", "text", "Zensusbasis", "census that a population figure rests on", allowed=("1987", "2011", "2022")),
    # dimensions
    Field("measure", "text", "Merkmal", "what is counted; a word of the registry of measures", allowed=tuple(MEASURES)),
    Field("sex", "text", "Geschlecht", "sex; total is its own row", allowed=("total", "male", "female")),
    Field("age_from", "integer", "Alter von", "youngest age of the group in completed years; empty: no lower bound", is_nullable=True, minimum=0, maximum=120),
    Field("age_to", "integer", "Alter bis", "oldest age of the group in completed years; empty: no upper bound", is_nullable=True, minimum=0, maximum=120),
    Field("doctor_group", "text", "Arztgruppe", "group of physicians as published"),
    # observation
    Field("unit_measure", "text", "Einheit", "unit of the value", allowed=tuple(UNITS)),
    Field("obs_value", "number", "Wert", "value; missing only beside a sign that stands instead of one", is_nullable=True),
    Field("obs_status", "text", "Zeichen", "official sign as a word; empty for a plain value", allowed=tuple(STATUS_LABELS)),
    # provenance
    Field("source_id", "text", "Quelle", "record in the table sources", pattern=r"^[a-z0-9][a-z0-9-]*$"),
    Field("source_title", "text", "Titel der Quelle", "publication that prints the row"),
    Field("source_url", "text", "Adresse der Quelle", "address of the publication, where known"),
    Field("producer", "text", "Herausgeber", "publisher"),
    Field("title", "text", "Titel", "title of the publisher's table"),
    Field("source_table", "text", "Tabellencode", "table code of the publisher; empty where there is none"),
    Field("period", "text", "Zeitraum", "first/last period of the source"),
    Field("territorial_status", "text", "Gebietsstand", "borders that the figures refer to"),
    Field("licence", "text", "Lizenz", "licence id"),
    Field("attribution", "text", "Quellenvermerk", "text that the licence asks for"),
    Field("file", "text", "Datei", "raw file, relative to data/raw"),
    Field("sha256", "text", "Prüfsumme", "SHA-256 of the raw file", pattern=r"^[0-9a-f]{64}$"),
    Field("note", "text", "Hinweis", "what a user of the row must know"),
    # municipalities and sites
    Field("name", "text", "Name", "name"),
    Field("area_km2", "number", "Fläche in km²", "area", minimum=0),
    Field("postcode", "text", "Postleitzahl", "postcode, five digits, or empty", pattern=r"^(\d{5})?$"),
    Field("longitude", "number", "Länge", "degrees east, WGS 84; empty where a list of municipalities has no coordinates", is_nullable=True, minimum=5, maximum=16),
    Field("latitude", "number", "Breite", "degrees north, WGS 84; empty where a list of municipalities has no coordinates", is_nullable=True, minimum=47, maximum=56),
    Field("travel_region", "text", "Reisegebiet", "travel region of the official list"),
    Field("urbanisation_code", "text", "Verstädterung (Schlüssel)", "degree of urbanisation: 01 dense, 02 middling, 03 sparse; empty where the list does not have it", allowed=("", "01", "02", "03")),
    Field("urbanisation", "text", "Verstädterung", "degree of urbanisation, in words"),
    Field("kind", "text", "Art", "kind of facility or offer; the map of sites has pharmacies only", allowed=(*FACILITIES.column("sector").choices, "medical_practice")),
    Field("street", "text", "Straße", "street, or empty"),
    Field("house_number", "text", "Hausnummer", "house number, or empty"),
    Field("city", "text", "Ort", "place, or empty"),
    Field("wheelchair", "text", "Rollstuhl", "accessible by wheelchair, word as mapped (yes, limited, no …); empty: unknown"),
    Field("website", "text", "Internetadresse", "web address, http or https; none where it would show a person, and empty where unknown", pattern=r"^(https?://[^\s<>\"']+)?$"),
    Field("languages", "text", "Sprachen", "languages spoken there beside or instead of German, codes of ISO 639 joined by semicolons; empty: unknown", pattern=r"^([a-z]{2,3}(;[a-z]{2,3})*)?$"),
    Field("site_postcode", "text", "Postleitzahl des Standorts", "postcode as mapped, also of neighbouring states; empty: unknown", pattern=r"^(\d{4,5})?$"),
    Field("is_in_study_region", "truth", "in der Untersuchungsregion", "inside the study region (else within 40 km of it)"),
    Field("site_ags", "text", "Gemeinde des Standorts", "municipality of a site; empty outside Germany or unknown", pattern=r"^((0[1-9]|1[0-6])\d{6})?$"),
    # needs planning
    Field("planning_area", "text", "Planungsbereich", "name of the planning area as published"),
    Field("planning_level", "text", "Planungsebene", "level of the planning area as published"),
    Field("date_text", "text", "Datum laut Quelle", "date as the source gives it"),
    Field("date_from", "text", "Datum, frühestens", "first day that the date may mean", pattern=r"^\d{4}-\d{2}-\d{2}$"),
    Field("date_to", "text", "Datum, spätestens", "last day that the date may mean", pattern=r"^\d{4}-\d{2}-\d{2}$"),
    Field("inhabitants", "number", "Einwohner", "inhabitants of the planning area", is_nullable=True, minimum=1),
    Field("inhabitants_qualifier", "text", "Zusatz Einwohner", "word of the source beside the number"),
    Field("doctors_counted", "number", "angerechnete Arztsitze", "counted doctors (Bedarfsplanungsgewichte)", is_nullable=True, minimum=0),
    Field("doctors_counted_qualifier", "text", "Zusatz Arztsitze", "word of the source beside the number"),
    Field("ratio", "number", "Verhältniszahl", "inhabitants per full seat (Verhältniszahl)", is_nullable=True, minimum=1),
    Field("ratio_qualifier", "text", "Zusatz Verhältniszahl", "word of the source beside the number"),
    Field("grade_percent", "number", "Versorgungsgrad in %", "grade of supply (Versorgungsgrad)", is_nullable=True, minimum=0, maximum=1000),
    Field("grade_percent_qualifier", "text", "Zusatz Versorgungsgrad", "word of the source beside the number"),
    Field("open_seats", "number", "freie Sitze", "seats that can be filled until 110 % is passed", is_nullable=True, minimum=0),
    Field("open_seats_qualifier", "text", "Zusatz freie Sitze", "word of the source beside the number"),
    Field("ratio_kind", "text", "Art der Verhältniszahl", "general or regional; empty where not printed", allowed=("", "general", "regional")),
    Field("status_published", "text", "veröffentlichter Status", "decided or printed status; empty where none is printed", allowed=("", "closed", "open", "partially_open", "imminent_under_supply", "under_supply")),
    Field("decided_on", "text", "Tag des Beschlusses", "day of the decision behind the status; empty where not printed", pattern=r"^(\d{4}-\d{2}-\d{2})?$"),
    Field("is_complete", "truth", "vollständig", "inhabitants, doctors and grade are printed, so that the row can be recomputed"),
    Field("planning_type", "text", "Kreistyp", "type of the Kreis (Typ 1 to Typ 6); empty for GPs", pattern=r"^(Typ [1-6])?$"),
    Field("scope", "text", "Geltungsbereich", "where the ratio holds"),
    Field("ratio_value", "number", "Verhältniszahl", "inhabitants per full seat", minimum=1),
    Field("valid_from", "text", "gültig ab", "first day or month of validity; empty where not read", pattern=r"^(\d{4}-\d{2}(-\d{2})?)?$"),
    Field("valid_to", "text", "gültig bis", "last day of validity; empty: in force or not read", pattern=r"^(\d{4}-\d{2}(-\d{2})?)?$"),
    Field("legal_basis", "text", "Rechtsgrundlage", "section of the directive; empty: quoted in the press"),
    Field("region", "text", "Modellregion", "slug of a model region"),
    Field("municipalities", "text", "Gemeinden", "AGS of the members, separated by blanks"),
    Field("gp_planning_area", "text", "Planungsbereich Hausärzte", "planning area for GPs"),
    Field("extent", "text", "Ausdehnung", "equal: the planning area is the region; larger: it reaches further", allowed=("equal", "larger")),
    Field("evidence", "text", "Beleg", "how sure the membership is", allowed=("published", "inferred", "open")),
    # own lists of a municipality
    Field("list_kind", "text", "Vorlage", "kind of template", allowed=tuple(template.kind for template in TEMPLATES)),
    Field("sector", "text", "Bereich", "sector in the words of the template"),
    Field("completeness", "text", "Vollständigkeit", "whether the list holds all there are of the sector", allowed=tuple(COMPLETENESS)),
    Field("n_listed", "number", "aufgeführt", "how many the list holds; empty where one number is unknown", is_nullable=True, minimum=0),
    Field("known_total", "number", "Gesamtzahl", "how many there are, where known", is_nullable=True, minimum=0),
    Field("goal_id", "text", "Kennzeichen des Ziels", "short mark of the goal"),
    Field("goal", "text", "Ziel", "the goal in one sentence, as decided"),
    Field("goal_indicator", "text", "Indikator", "what the goal is measured by"),
    Field("indicator_unit", "text", "Einheit des Indikators", "unit as given"),
    Field("baseline", "number", "Ausgangswert", "value at the start", is_nullable=True),
    Field("baseline_date", "text", "Tag des Ausgangswerts", "day of the baseline; empty where not given", pattern=r"^(\d{4}-\d{2}-\d{2})?$"),
    Field("target", "number", "Zielwert", "value to be reached", is_nullable=True),
    Field("target_date", "text", "Frist", "day by which it is to be reached", pattern=r"^\d{4}-\d{2}-\d{2}$"),
    Field("actual", "number", "Stand", "value on the day of the row", is_nullable=True),
    Field("owner", "text", "verantwortliche Stelle", "body in charge, never a person; may be empty"),
    # single published facts
    Field("fact_region", "text", "Gebiet laut Quelle", "territory, institution or project as the source names it"),
    Field("fact_key", "text", "Schlüssel", "regional key(s) joined by +, or a word where there is none"),
    Field("indicator", "text", "Angabe", "what the fact says"),
    Field("year_or_date", "text", "Datum laut Quelle", "date as the source gives it"),
    Field("value_text", "text", "Wert laut Quelle", "value as printed"),
    Field("unit_text", "text", "Einheit laut Quelle", "unit as printed"),
]  # fmt: skip

FIELDS: Mapping[str, Field] = {field.name: field for field in _ALL}
