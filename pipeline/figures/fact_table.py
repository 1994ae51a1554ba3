"""Single published figures as a table: what newspapers, reports and project pages print."""

from __future__ import annotations

import pandas as pd

from pipeline.figures import charts, german
from pipeline.figures.contract import DataTable
from pipeline.figures.fact_notes import german_name
from pipeline.figures.hospital import printed
from pipeline.methods.observed import UNDATED
from pipeline.tables.workspace import Workspace


def fact_table(
    lab: Workspace, rows: pd.DataFrame, slug: str, title: str, caption: str
) -> DataTable:
    """One published figure a row: whose, what, as of when, the value with its qualifier, source.

    Parameters
    ----------
    rows : as returned by `methods.published_facts.facts_about`, one or more.
    slug, title, caption : of the table.
    """
    places = [german_name(str(name)) for name in rows["fact_region"]]
    return DataTable(
        id=slug,
        title=title,
        caption=caption,
        data=pd.DataFrame(
            {
                "Gebiet": places,
                "Größe": rows["label"],
                "Stand": [_date(row.year_or_date, row.date) for row in charts.rows_of(rows)],
                "Wert": [printed(row).removesuffix("\u00a0%") for row in charts.rows_of(rows)],
                "Quelle": rows["source_title"],
            }
        ),
        level=german.enumeration(list(dict.fromkeys(places))),
        as_of=lab.as_of,
        attributions=lab.attributions(sorted(set(rows["source_id"]))),
    )


def _date(said: str, date: str) -> str:
    """The date of a figure in words: "Dezember 2021", "etwa 2021", "undatiert"."""
    if not date:
        return UNDATED
    return f"{'etwa ' if said.startswith('ca.') else ''}{german.period(date)}"
