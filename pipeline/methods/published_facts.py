"""Single published figures: which belong to a region, what they mean, how exact they are.

The table `published_facts` keeps values as a newspaper, a project page or a company printed them.
Here each gets its topic and its German label from a registry of indicators, its qualifier ("über",
"rund") from the quotation in the note, and a date that can be compared. Nothing is converted,
rounded or summed: two houses counted on two days do not add up.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from pipeline.errors import MethodInputError
from pipeline.methods.findings import Evidence, Finding
from pipeline.methods.observed import UNDATED
from pipeline.regions import Region

TABLE: Final = "published_facts"
#: Whose figure it is: the region's own, or one of its Kreis.
OWN, KREIS = "Gemeinde", "Kreis"

_COLUMNS: Final = (
    "fact_region", "fact_key", "indicator", "year_or_date", "value_text", "source_title",
    "source_url", "note", "source_id",
)  # fmt: skip
#: "2025-12-06", "2025-11", "2024", "ca. 2021", and the first year of "2021-2025".
_DATE: Final = re.compile(r"^(?:ca\. )?(\d{4}(?:-\d{2}){0,2})(?!\d)")
#: A word of the source that makes its number inexact, at the start of a quotation in the note.
_QUALIFIER: Final = re.compile(r"'(mehr als|knapp|gut|rund|über|fast|etwa)\b")


@dataclass(frozen=True)
class Indicator:
    """What an indicator of the table means.

    Attributes
    ----------
    topic : heading under which a chapter shows it.
    label : German label.
    unit : word of the units of findings; empty where the value is a text.
    """

    topic: str
    label: str
    unit: str = ""


BEDS, CASES, STAFF, MONEY = "Betten", "Behandlungen", "Personal", "Finanzen"
MODERN, SITES, FLOWS, REHA = "Modernisierung", "Zusammenschluss", "Schließung", "Rehabilitation"

#: Indicators on hospitals; the order is that of the tables.
HOSPITAL: Final[Mapping[str, Indicator]] = {
    "hospital_beds": Indicator(BEDS, "Betten", "count"),
    "hospital_beds_group": Indicator(BEDS, "Planbetten", "count"),
    "hospital_departments": Indicator(BEDS, "Fachabteilungen", "count"),
    "hospital_inpatients": Indicator(CASES, "stationär behandelt im Jahr", "count"),
    "hospital_outpatients": Indicator(CASES, "ambulant behandelt im Jahr", "count"),
    "births_in_hospital": Indicator(CASES, "Geburten im Jahr", "count"),
    "hospital_employees": Indicator(STAFF, "Beschäftigte", "persons"),
    "hospital_doctors": Indicator(STAFF, "Ärztinnen und Ärzte", "persons"),
    "municipal_guarantee_hospital": Indicator(MONEY, "Bürgschaft der Gemeinde", "eur"),
    "hospital_investment_grant": Indicator(MODERN, "Fördermittel für Investitionen", "eur"),
    "hospital_investment_need": Indicator(MODERN, "genannter Investitionsbedarf", "eur"),
    "hospital_merged_into": Indicator(SITES, "ist aufgegangen in"),
    "hospital_shareholding": Indicator(SITES, "Anteil jedes früheren Hauses", "percent"),
    "hospital_site_plan": Indicator(SITES, "geplant"),
    "hospital_closure": Indicator(FLOWS, "Schließung"),
    "hospital_beds_occupied": Indicator(FLOWS, "im Durchschnitt belegte Betten", "count"),
    "transferred_hospital_patients_from_NRW": Indicator(
        FLOWS, "Anteil der stationären Patienten aus Nordrhein-Westfalen", "percent"
    ),
    "hospital_transfer_minutes": Indicator(FLOWS, "Weg zum Haus, das übernimmt", "minutes"),
    "rehabilitation_beds": Indicator(REHA, "Betten", "count"),
}
HOSPITAL_TOPICS: Final = tuple(dict.fromkeys(entry.topic for entry in HOSPITAL.values()))

#: Indicators on pharmacies.
PHARMACY: Final[Mapping[str, Indicator]] = {
    "pharmacies": Indicator("Apotheken", "Apotheken", "count"),
    "pharmacies_change": Indicator("Apotheken", "Veränderung der Zahl der Apotheken", "count"),
}


def first_day(text: str) -> str:
    """Beginning of a printed date as ISO text ("ca. 2021" → "2021"); empty where undated."""
    match = _DATE.match(text)
    return match.group(1) if match else ""


def qualifier(note: str) -> str:
    """The word that the source puts before its number ("über", "rund"), or nothing."""
    match = _QUALIFIER.search(note)
    return match.group(1) if match else ""


def is_about(fact_key: str, fact_region: str, region: Region) -> str:
    """`OWN`, `KREIS` or nothing: whether a fact belongs to a region, and at which level.

    A key may name several municipalities, joined by +; a name several places, joined by /.
    """
    keys, names = set(fact_key.split("+")), {part.strip() for part in fact_region.split("/")}
    if keys & set(region.members) or names & set(region.member_names):
        return OWN
    return KREIS if region.kreis in keys else ""


def facts_about(
    facts: pd.DataFrame,
    region: Region,
    reference_date: dt.date,
    indicators: Mapping[str, Indicator] = HOSPITAL,
) -> pd.DataFrame:
    """The facts of a region and of its Kreis, known on a day, in the order of the registry.

    Parameters
    ----------
    facts : table `published_facts`.
    indicators : registry; indicators that it does not name are left out.

    Returns
    -------
    One row a fact: the columns of the table and `scope` (`OWN` or `KREIS`), `topic`, `label`,
    `unit`, `value` (NaN for a text), `qualifier`, `date` (ISO, empty where undated).

    Raises
    ------
    MethodInputError : a column is missing.
    """
    missing = [name for name in _COLUMNS if name not in facts.columns]
    if missing:
        raise MethodInputError(
            "the table of published facts lacks columns",
            found=missing,
            expected=", ".join(_COLUMNS),
        )
    rows = facts.loc[facts["indicator"].isin(list(indicators))].copy()
    rows["scope"] = [
        is_about(str(key), str(name), region)
        for key, name in zip(rows["fact_key"], rows["fact_region"], strict=True)
    ]
    rows["date"] = rows["year_or_date"].map(lambda text: first_day(str(text)))
    return _described(
        rows.loc[rows["scope"].ne("") & rows["date"].le(reference_date.isoformat())], indicators
    )


def facts_named(
    facts: pd.DataFrame,
    name: str,
    reference_date: dt.date,
    indicators: Mapping[str, Indicator],
) -> pd.DataFrame:
    """The facts of one territory or institution by its name; columns as `facts_about`.

    `scope` is empty: the name says whose figures they are.
    """
    rows = facts.loc[facts["fact_region"].eq(name) & facts["indicator"].isin(list(indicators))]
    dates = rows["year_or_date"].map(lambda text: first_day(str(text)))
    rows = rows.assign(scope="", date=dates)
    return _described(rows.loc[rows["date"].le(reference_date.isoformat())], indicators)


def _described(rows: pd.DataFrame, indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    order = {name: position for position, name in enumerate(indicators)}
    described = rows.assign(
        topic=[indicators[name].topic for name in rows["indicator"]],
        label=[indicators[name].label for name in rows["indicator"]],
        unit=[indicators[name].unit for name in rows["indicator"]],
        value=_numbers(rows, indicators),
        qualifier=[qualifier(str(note)) for note in rows["note"]],
        position=rows["indicator"].map(order),
    )
    return described.sort_values(
        ["position", "fact_region", "date", "value_text"], ignore_index=True
    ).drop(columns="position")


def _numbers(rows: pd.DataFrame, indicators: Mapping[str, Indicator]) -> pd.Series:
    """Values of the indicators that have a unit; `MethodInputError` where one is no number."""
    has_unit = rows["indicator"].map(lambda name: bool(indicators[str(name)].unit)).astype(bool)
    numbers = pd.to_numeric(rows["value_text"], errors="coerce").where(has_unit)
    broken = rows.loc[has_unit & numbers.isna()]
    if len(broken):
        row = broken.iloc[0]
        raise MethodInputError(
            f"a published fact is no number: {row['fact_region']}, {row['indicator']}",
            column="value_text",
            found=row["value_text"],
            expected="digits with a decimal point; words belong into the note",
        )
    return numbers.astype("float64")


def merged_houses(facts: pd.DataFrame) -> pd.DataFrame:
    """The facts of houses that merged, and of what they became.

    Parameters
    ----------
    facts : as returned by `facts_about`.

    Returns
    -------
    The rows of these houses with `successor` (its name) and `is_successor`; empty where no row
    `hospital_merged_into` says that a house merged.
    """
    mergers = facts.loc[facts["indicator"].eq("hospital_merged_into")]
    successor_of = dict(zip(mergers["fact_region"], mergers["value_text"], strict=True))
    successors = set(successor_of.values())
    names = facts["fact_region"]
    successor = names.map(lambda name: successor_of.get(name, name if name in successors else ""))
    houses = facts.assign(successor=successor, is_successor=names.isin(successors))
    return houses.loc[houses["successor"].ne("")].reset_index(drop=True)


def fact_findings(facts: pd.DataFrame) -> list[Finding]:
    """The region's own facts as findings, for sentences and for the summary.

    Parameters
    ----------
    facts : as returned by `facts_about`; texts and facts of the Kreis are left out.

    Returns
    -------
    One finding a fact, "veröffentlichter Wert", with the id ``fact-<house>-<indicator>-<date>``.
    """
    own = facts.loc[facts["scope"].eq(OWN) & facts["value"].notna()]
    return [_finding(row) for _, row in own.iterrows()]


def _finding(row: pd.Series) -> Finding:
    key = {name: str(row[name]) for name in ("fact_region", "indicator", "year_or_date")}
    is_group = "+" in str(row["fact_key"])
    return Finding(
        id="-".join(["fact", *(_slug(text) for text in key.values())]),
        topic="hospital" if row["topic"] in HOSPITAL_TOPICS else "offers",
        label=f"{row['fact_region']}: {row['label']}",
        value=float(row["value"]),
        unit=str(row["unit"]),
        ref_area=str(row["fact_key"]),
        ref_area_name=str(row["fact_region"]),
        level="region" if is_group else "municipality",
        time_period=str(row["date"]) or UNDATED,
        kind="veröffentlichter Wert",
        evidence=(
            Evidence(
                source_id=str(row["source_id"]),
                table=TABLE,
                key={**key, "source_title": str(row["source_title"])},
                value=float(row["value"]),
            ),
        ),
    )


def _slug(text: str) -> str:
    plain = text.lower()
    for letter, ascii_letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        plain = plain.replace(letter, ascii_letters)
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
