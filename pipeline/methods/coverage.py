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
ESTIMATE = "eigene Schätzung"
NONE = "keine Daten"

#: Indicator for readers → table and measure.
_INDICATORS: Mapping[str, tuple[str, str]] = {
    "Einwohner": ("population", "population"),
    "Zu- und Fortzüge": ("migration", "in_migration"),
    "Geburten, Sterbefälle": ("vital_events", "deaths"),
    "Mindestsicherung": ("social", "minimum_income_quota"),
    "Deprivation": ("deprivation", "gisd_5"),
    "Hausarztdichte": ("physicians", "density"),
    "Pflegebedürftige": ("care", "care_dependants"),
    "Krankenhausbetten": ("hospitals", "hospital_beds"),
    "Apotheken": ("access", "pharmacies"),
    "Minuten zum Hausarzt": ("access", "minutes_by_car_to_next_gp"),
}
AGES = "Altersaufbau"
AHEAD = "Vorausberechnung"
GRADE = "Versorgungsgrad"
#: What no publisher counts for municipalities or Kreise; only a list of one's own fills it.
UNCOUNTED = ("Therapie", "Hebammen")


def level_known(frame: pd.DataFrame, measure: str, region: Region) -> str:
    """At which level a measure is known for a region: `OWN`, `KREIS` or `NONE`.

    A group has its own figure only when every member has one.
    """
    return _level(frame.loc[frame["measure"].eq(measure) & frame["obs_value"].notna()], region)


def _level(rows: pd.DataFrame, region: Region) -> str:
    known = set(rows["ref_area"])
    if known.issuperset(region.areas):
        return OWN
    # a Kreisregion of the BBSR is no municipality either
    is_known = region.kreis in known or f"KREG:{region.kreis}000" in known
    return KREIS if is_known else NONE


def coverage_of(
    region: Region, tables: Mapping[str, pd.DataFrame], reference_date: dt.date
) -> dict[str, str]:
    """Indicator → level at which it is known for the region.

    Parameters
    ----------
    tables : the tables by name (`TABLES`), and the derived table `projection` where it is made.
    reference_date : date; later rows of the needs planning do not count.
    """
    levels = {
        name: level_known(tables[table], measure, region)
        for name, (table, measure) in _INDICATORS.items()
    }
    people = tables["population"]
    levels[AGES] = _level(people.loc[people["age_from"].notna()], region)
    ahead = _level(tables["projection"], region) if "projection" in tables else NONE
    levels[AHEAD] = ESTIMATE if ahead == OWN else ahead
    levels |= dict.fromkeys(UNCOUNTED, NONE)
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


def own_count(levels: Mapping[str, str]) -> tuple[int, int]:
    """How many indicators are truly municipal, and how many there are: "n von m".

    An estimate of our own is none: nobody has counted it.
    """
    return sum(level == OWN for level in levels.values()), len(levels)


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
