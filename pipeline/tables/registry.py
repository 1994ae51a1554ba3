"""The processed tables: which fields each has, what identifies a row, what to beware of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.errors import TableError
from pipeline.tables.fields import FIELDS, Field

#: Closed vocabulary of usage warnings, printed in the report wherever a table is used.
WARNINGS: Mapping[str, str] = {
    "census_break": "Die Reihe hat Brüche: Bis 2010 beruht sie auf der Volkszählung 1987, von 2011 "
    "bis 2022 auf dem Zensus 2011, seither auf dem Zensus 2022. Über einen Bruch hinweg ist kein "
    "Vergleich möglich.",
    "exceptional_year": "Die Angaben stammen aus dem Jahr 2015. Es war wegen der Fluchtzuwanderung "
    "ein Ausnahmejahr und darf nicht fortgeschrieben werden.",
    "kreis_level_only": "Diese Angaben gibt es nur für Kreise und größere Gebiete. Für die "
    "einzelne Gemeinde liegen keine eigenen Zahlen vor.",
    "definition_break": "Bis 2015 zählt die Statistik nach Pflegestufen, ab 2017 nach Pflegegraden. "
    "Die Zahlen sind nicht vergleichbar.",
    "heads_not_seats": "Gezählt sind Köpfe am Hauptsitz, keine Arztsitze. Der Stichtag im Jahr ist "
    "nicht bekannt.",
    "secondary_source": "Die Werte stammen überwiegend aus der Presse und von Projektseiten. Sie "
    "sind Werte zu einzelnen Stichtagen und nur eingeschränkt vergleichbar.",
    "incomplete_count": "Die Zählung ist unvollständig: Was fehlt, ist unbekannt und nicht null.",
    "relative_index": "Der Index ordnet Kreise nur innerhalb eines Jahres. Er ist kein Maß der "
    "Gesundheit und zeigt keine Entwicklung.",
    "own_list": "Diese Angaben hat die Kommune selbst eingespielt. Sie sind nicht amtlich geprüft. Ein "
    "Bereich, zu dem eine Liste nichts sagt, ist unbekannt und nicht leer.",
    "few_persons": "Wo weniger als zehn Personen zusammenkommen, werden Altersangaben nicht gezeigt.",
    "accommodation_effect": "Unterkünfte für Geflüchtete wirken sich auf die Quote einzelner "
    "Gemeinden stark aus.",
}

_OBSERVATION = ("unit_measure", "obs_value", "obs_status", "source_id")
_AGES = ("sex", "age_from", "age_to")


@dataclass(frozen=True)
class Table:
    """A processed table.

    Attributes
    ----------
    name : file stem in data/processed.
    title : German title for readers.
    fields : names of its columns, in order.
    key : columns that identify a row; each key stands once.
    warnings : words of `WARNINGS`.
    """

    name: str
    title: str
    fields: tuple[str, ...]
    key: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[Field, ...]:
        """The fields of the registry, in the table's order."""
        return tuple(FIELDS[name] for name in self.fields)

    @property
    def is_observations(self) -> bool:
        """Whether the table is long: one row an observation of a measure."""
        return "obs_value" in self.fields


def _observations(
    name: str, title: str, dimensions: tuple[str, ...] = (), warnings: tuple[str, ...] = ()
) -> Table:
    key = ("ref_area", "time_period", "measure", *dimensions)
    return Table(name, title, (*key, *_OBSERVATION), key, warnings)


_ALL = [
    Table(
        "areas",
        "Gebiete: Schlüssel, Namen, Ebenen",
        ("ref_area", "ref_area_name", "level", "parent"),
        ("ref_area",),
    ),
    Table(
        "municipalities",
        "Gemeinden der Untersuchungsregion",
        ("ags", "ars", "name", "kreis", "land", "area_km2", "postcode", "longitude", "latitude",
         "travel_region", "urbanisation_code", "urbanisation", "source_id"),
        ("ags",),
    ),
    _observations("population", "Bevölkerung", ("census_basis", *_AGES), ("census_break",)),
    _observations("vital_events", "Geburten und Sterbefälle", _AGES, ("exceptional_year", "kreis_level_only")),
    _observations("migration", "Zu- und Fortzüge", _AGES, ("exceptional_year",)),
    _observations("physicians", "Ärztinnen und Ärzte", ("doctor_group",), ("kreis_level_only", "heads_not_seats")),
    _observations("doctor_ages", "Ärztinnen und Ärzte nach Alter (eigene Angaben)", ("doctor_group", "age_from", "age_to"), ("own_list", "few_persons")),
    _observations("care", "Pflege", ("sex",), ("kreis_level_only", "definition_break")),
    _observations("hospitals", "Krankenhäuser", (), ("kreis_level_only",)),
    _observations("deprivation", "Soziale Deprivation", (), ("kreis_level_only", "relative_index")),
    _observations("social", "Soziale Lage", (), ("accommodation_effect",)),
    _observations("access", "Erreichbarkeit und Dichte von Angeboten", (), ("incomplete_count",)),
    _observations("structure", "Fläche und Pendler"),
    Table(
        "facilities",
        "Standorte von Gesundheitsangeboten",
        ("kind", "name", "longitude", "latitude", "site_ags", "street", "house_number",
         "site_postcode", "city", "wheelchair", "website", "languages", "is_in_study_region",
         "time_period", "source_id"),
        ("kind", "longitude", "latitude", "name", "site_ags", "street"),
        ("incomplete_count",),
    ),
    Table(
        "needs_planning",
        "Veröffentlichte Werte der Bedarfsplanung",
        ("planning_area", "planning_level", "doctor_group", "date_from", "date_to", "date_text",
         "inhabitants", "inhabitants_qualifier", "doctors_counted", "doctors_counted_qualifier",
         "ratio", "ratio_qualifier", "ratio_kind", "grade_percent", "grade_percent_qualifier",
         "open_seats", "open_seats_qualifier", "status_published", "decided_on", "is_complete", "note",
         "source_title", "source_url", "source_id"),
        ("planning_area", "doctor_group", "date_from", "date_to", "date_text", "source_title"),
        ("secondary_source",),
    ),
    Table(
        "planning_ratios",
        "Verhältniszahlen der Bedarfsplanungs-Richtlinie",
        ("doctor_group", "planning_type", "scope", "ratio_kind", "ratio_value", "valid_from",
         "valid_to", "legal_basis", "note", "source_url", "source_id"),
        ("doctor_group", "planning_type", "scope", "ratio_kind", "valid_from", "valid_to", "ratio_value"),
    ),
    Table(
        "planning_areas",
        "Planungsbereiche der Modellregionen",
        ("region", "municipalities", "gp_planning_area", "extent", "evidence", "note", "source_id"),
        ("region",),
    ),
    Table(
        "goals",
        "Beschlossene Gesundheitsziele (eigene Angaben)",
        ("ref_area", "time_period", "goal_id", "sector", "goal", "goal_indicator",
         "indicator_unit", "baseline", "baseline_date", "target", "target_date", "actual", "owner",
         "note", "source_title", "source_id"),
        ("ref_area", "goal_id", "time_period"),
        ("own_list",),
    ),
    Table(
        "completeness",
        "Vollständigkeit der eigenen Listen",
        ("list_kind", "ref_area", "sector", "time_period", "completeness", "n_listed",
         "known_total", "source_id"),
        ("list_kind", "ref_area", "sector", "time_period"),
        ("own_list",),
    ),
    Table(
        "published_facts",
        "Veröffentlichte Einzelangaben",
        ("fact_region", "fact_key", "indicator", "year_or_date", "value_text", "unit_text",
         "source_title", "source_url", "note", "source_id"),
        ("fact_region", "indicator", "year_or_date", "value_text", "source_title"),
        ("secondary_source",),
    ),
    Table(
        "sources",
        "Quellen",
        ("source_id", "producer", "title", "source_table", "period", "territorial_status",
         "licence", "attribution", "source_url", "note", "file", "sha256"),
        ("source_id",),
    ),
]  # fmt: skip

TABLES: Mapping[str, Table] = {table.name: table for table in _ALL}

#: What the stage `model` writes into data/derived, with a German title for readers.
DERIVED: Mapping[str, str] = {
    "projection": "Vorausberechnung: Altersgruppen, drei Varianten",
    "projection_ages": "Vorausberechnung: einzelne Altersjahre und Geschlecht, mittlere Variante",
    "age_structure_error": "Gemessener Fehler des geschätzten Altersaufbaus",
    "projection_backtest": "Rückrechnung: Vorausberechnung ab 2015 gegen die späteren Zahlen",
    "care_demand": "Erwartete Zahl der Pflegebedürftigen",
    "model_parameters": "Annahmen und Parameter der Vorausberechnung",
    "demand_availability": "Bedarfsraten: was vorliegt und was fehlt",
    "reach": "Wegezeiten über das Straßennetz (nur mit einem Auszug aus OpenStreetMap)",
    "reach_cells": "Wegezeiten je Rasterfeld für die Karte (nur mit einem Auszug aus OpenStreetMap)",
}

#: Of these, what only an extract of OpenStreetMap gives.
FROM_EXTRACT = frozenset({"reach", "reach_cells"})


def table(name: str) -> Table:
    """The table called `name`; `TableError` names the tables that exist."""
    if name not in TABLES:
        raise TableError("unknown table", found=name, expected=", ".join(TABLES))
    return TABLES[name]
