"""What the tables hold, for machines (Data Package) and for people (data dictionary)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from frictionless import Package, Resource, Schema
from frictionless import fields as frictionless_fields

from pipeline.tables.fields import Field
from pipeline.tables.measures import MEASURES, UNITS
from pipeline.tables.registry import TABLES, WARNINGS, Table

_FIELD_CLASSES = {
    "text": frictionless_fields.StringField,
    "number": frictionless_fields.NumberField,
    "integer": frictionless_fields.IntegerField,
    "truth": frictionless_fields.BooleanField,
}


def write_dictionary(folder: Path, rows: Mapping[str, int]) -> None:
    """Write `datapackage.json` and `data-dictionary.md` into `folder`; `rows`: table → rows."""
    package(rows).to_json(str(folder / "datapackage.json"))
    (folder / "data-dictionary.md").write_text(dictionary(rows), encoding="utf-8")


def package(rows: Mapping[str, int]) -> Package:
    """The Data Package of data/processed."""
    return Package(
        name="versorgungslabor-processed",
        title="Versorgungslabor: vereinheitlichte Regionalstatistik",
        resources=[
            Resource(
                name=name.replace("_", "-"),
                path=f"{name}.parquet",
                format="parquet",
                title=table.title,
                description=" ".join(WARNINGS[word] for word in table.warnings) or None,
                schema=_schema(table),
            )
            for name, table in TABLES.items()
            if name in rows
        ],
    )


def _schema(table: Table) -> Schema:
    return Schema(fields=[_field(field) for field in table.columns], primary_key=list(table.key))


def _field(field: Field) -> frictionless_fields.StringField:
    limits = {
        "pattern": field.pattern,
        "enum": list(field.allowed) if field.allowed is not None else None,
        "minimum": field.minimum,
        "maximum": field.maximum,
    }
    constraints: dict[str, object] = {k: v for k, v in limits.items() if v is not None}
    if not field.is_nullable and field.type != "text":
        constraints["required"] = True
    described: frictionless_fields.StringField = _FIELD_CLASSES[field.type](
        name=field.name, title=field.label, description=field.description, constraints=constraints
    )
    return described


def dictionary(rows: Mapping[str, int]) -> str:
    """The data dictionary, as Markdown: tables, fields, measures, units."""
    parts = ["# Data dictionary", "", "Made by `versorgungslabor ingest`; do not edit.", ""]
    for name, table in TABLES.items():
        parts += [f"## {name}: {table.title}", ""]
        parts += [f"{rows.get(name, 0):,} rows, key: {', '.join(table.key)}.", ""]
        parts += [f"> {WARNINGS[word]}" for word in table.warnings]
        parts += ["", "| field | type | Bezeichnung | meaning |", "|---|---|---|---|"]
        parts += [
            f"| `{f.name}` | {f.type}{', may be empty' if f.is_nullable else ''} | {f.label} "
            f"| {f.description} |"
            for f in table.columns
        ]
        parts.append("")
    parts += ["## Measures", "", "| measure | table | unit | Bezeichnung |", "|---|---|---|---|"]
    parts += [
        f"| `{m.name}` | {m.table} | {m.unit} ({UNITS[m.unit] or 'Anzahl'}) | {m.label} |"
        for m in MEASURES.values()
    ]
    return "\n".join(parts) + "\n"
