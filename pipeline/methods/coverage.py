"""What is known about a region, and at which level: the first question of any comparison."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from pipeline.methods.findings import Finding
from pipeline.methods.physicians import profile_finding
from pipeline.methods.population import total_finding
from pipeline.methods.published_planning import area_rows, grade_finding, membership
from pipeline.regions import Place, Region

OWN = "eigene Zahl"
KREIS = "nur Kreis"
PLANNING_AREA = "Planungsbereich"
NONE = "keine Daten"

#: Indicator for readers → table, measure and (where it matters) a condition on the rows.
_INDICATORS: Mapping[str, tuple[str, str]] = {
    "Einwohner": ("population", "population"),
    "Zu- und Fortzüge": ("migration", "in_migration"),
    "Geburten, Sterbefälle": ("vital_events", "deaths"),
    "Mindestsicherung": ("social", "minimum_income_quota"),
    "Deprivation": ("deprivation", "gisd_5"),
    "Hausarztdichte": ("physicians", "density"),
    "Pflege": ("care", "care_dependants"),
    "Krankenhausbetten": ("hospitals", "hospital_beds"),
    "Apotheken": ("access", "pharmacies"),
}
GRADE = "Versorgungsgrad"


def level_known(frame: pd.DataFrame, measure: str, region: Region) -> str:
    """At which level a measure is known for a region: `OWN`, `KREIS` or `NONE`.

    A group has its own figure only when every member has one.
    """
    known = set(frame.loc[frame["measure"].eq(measure) & frame["obs_value"].notna(), "ref_area"])
    if known.issuperset(region.areas):
        return OWN
    return KREIS if region.kreis in known else NONE


def coverage_of(
    region: Region, tables: Mapping[str, pd.DataFrame], reference_date: dt.date
) -> dict[str, str]:
    """Indicator → level at which it is known for the region.

    Parameters
    ----------
    tables : the processed tables by name.
    reference_date : date; later rows of the needs planning do not count.
    """
    levels = {
        name: level_known(tables[table], measure, region)
        for name, (table, measure) in _INDICATORS.items()
    }
    area = membership(tables["planning_areas"], region.slug)
    rows = area_rows(tables["needs_planning"], area, reference_date)
    levels[GRADE] = PLANNING_AREA if rows["grade_percent"].notna().any() else NONE
    return levels


#: Tables that `coverage_of` looks at.
TABLES = tuple(
    dict.fromkeys(
        [*(table for table, _ in _INDICATORS.values()), "planning_areas", "needs_planning"]
    )
)


def headline_findings(
    region: Region, kreis: Place, tables: Mapping[str, pd.DataFrame], reference_date: dt.date
) -> dict[str, Finding]:
    """The findings of a region that the overview shows, by column title.

    Parameters
    ----------
    kreis : the Kreis of the region, whose GP density stands in for none of its municipalities.
    tables : as for `coverage_of`.
    """
    area = membership(tables["planning_areas"], region.slug)
    rows = area_rows(tables["needs_planning"], area, reference_date)
    return {
        "Einwohner": total_finding(tables["population"], region.place),
        "Hausärzte je 100.000 (Kreis)": profile_finding(tables["physicians"], kreis, "density"),
        "Versorgungsgrad (%)": grade_finding(rows, area),
    }
