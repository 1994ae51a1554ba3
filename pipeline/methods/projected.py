"""The projection of a place as findings: totals, their change, and the old-age ratio.

What the stage `model` wrote for single territories is put together for a place. Counts of the
members of a group are summed. So are the limits of their bands: as the standard deviation of a sum
is at most the sum of the standard deviations, the band of the sum is as wide as it can be however
the errors of the members hang together, and never too narrow for that reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from pipeline.methods.findings import Evidence, Finding, Uncertainty
from pipeline.methods.observed import about, no_data
from pipeline.regions import Place

#: Years that a report prints.
YEARS: Final = (2030, 2040, 2050)
#: Variants of the projection, in the order in which they are printed.
VARIANTS: Final[Mapping[str, str]] = {
    "low": "untere Variante",
    "middle": "mittlere Variante",
    "high": "obere Variante",
}
#: Age groups of the table `projection`: first age, last age (None: open).
EVERYBODY: Final = (0, None)
WORKING: Final = (20, 64)
OLD: Final = (65, None)
VERY_OLD: Final = (80, None)
#: Groups that together are everybody, each person once.
STAGES_OF_LIFE: Final = ((0, 17), (18, 64), (65, 74), (75, None))

_LIMITS: Final = ("lower_80", "upper_80", "lower_95", "upper_95")
_KEYS: Final = ("ref_area", "variant", "time_period", "age_from", "age_to")
_BAND: Final = "80-%-Band der mittleren Variante"
_SUM: Final = f"{_BAND}, Grenzen der Gemeinden summiert, so breit wie höchstens möglich"
#: Tables of the Regionaldatenbank that hold what a projection of a municipality needs.
_TABLES: Final = (
    "Die amtlichen Tabellen 12411-02-03-5 (Altersgruppen) und 12711-01-03-5 (Umzüge) führen viele "
    "Gemeinden einzeln; diese Ausgabe enthält nicht beides für {name}."
)
_SAMTGEMEINDE: Final = "In Niedersachsen gibt es sie oft nur für die Samtgemeinde."
_NO_CENSUS: Final = (
    "Die Unsicherheit durch künftige Volkszählungen ist in den Grenzen nicht enthalten."
)

Group = tuple[int, int | None]


def missing_reason(place: Place, *, in_samtgemeinde: bool = False) -> str:
    """Why there is no projection for a place.

    Parameters
    ----------
    in_samtgemeinde : the place is, or holds, a member of a Samtgemeinde (`is_in_samtgemeinde`);
        its ages and moves are often published for the Samtgemeinde alone.
    """
    reason = (
        f"Für {place.name} liegen Altersgruppen oder Umzüge hier nicht als eigene Zahlen vor. Ohne "
        "sie ist keine Vorausberechnung möglich."
    )
    return f"{reason} {_SAMTGEMEINDE if in_samtgemeinde else _TABLES.format(name=place.name)}"


def is_in_samtgemeinde(municipalities: pd.DataFrame, areas: Sequence[str]) -> bool:
    """Whether one of these municipalities is a member of a Samtgemeinde of Niedersachsen.

    The Regionalschlüssel (`ars`, 12 digits) tells: digits six to nine are the association, which
    begins with 5 where it has several members and with 0 where a municipality stands alone
    (Gemeindeverzeichnis: Gifhorn 0009, Adenbüttel in the Samtgemeinde Papenteich 5406).
    """
    keys = municipalities.loc[municipalities["ags"].isin(list(areas)), "ars"].astype(str)
    return bool((keys.str.startswith("03") & keys.str.slice(5, 6).eq("5")).any())


def paths(table: pd.DataFrame, areas: Sequence[str], group: Group | None = None) -> pd.DataFrame:
    """The projected path of a place: one row a variant and year.

    Parameters
    ----------
    table : `projection` or `care_demand`: `ref_area, variant, time_period, obs_value` and limits
        of a band (persons).
    areas : keys of the territories that are summed.
    group : age group, for `projection`.

    Returns
    -------
    `variant`, `time_period`, `obs_value` and the limits that `table` has (missing where a variant
    has no band), sorted; empty where a territory is missing.
    """
    rows = rows_of_group(_of_areas(table, areas), group)
    columns = ["obs_value", *(name for name in _LIMITS if name in table)]
    if rows["ref_area"].nunique() < len(set(areas)):
        rows = rows.iloc[:0]
    sums = rows.groupby(["variant", "time_period"], as_index=False)[columns].sum(min_count=1)
    return sums.sort_values(["variant", "time_period"], ignore_index=True)


def rows_of_group(table: pd.DataFrame, group: Group | None) -> pd.DataFrame:
    """The rows of one age group; all rows where `group` is None."""
    if group is None:
        return table
    first, last = group
    is_last = table["age_to"].isna() if last is None else table["age_to"].eq(last)
    return table.loc[table["age_from"].eq(first) & is_last.fillna(False)]


def _of_areas(table: pd.DataFrame, areas: Sequence[str]) -> pd.DataFrame:
    return table.loc[table["ref_area"].isin(list(areas))]


def at(path: pd.DataFrame, year: int, variant: str = "middle") -> pd.Series | None:
    """The row of one variant at the end of a year; None where the path does not have it."""
    rows = path.loc[path["variant"].eq(variant) & path["time_period"].str.startswith(f"{year}")]
    return None if rows.empty else rows.iloc[0]


def start_year(path: pd.DataFrame) -> int:
    """Year that a path starts from."""
    return int(str(path["time_period"].min())[:4])


def change_since_start(
    path: pd.DataFrame, row: pd.Series, variant: str = "middle"
) -> tuple[float, float, float]:
    """Change in percent from the start of a path to a row, and the ends of its 80 % band."""
    start = at(path, start_year(path), variant)
    assert start is not None  # the year that the path itself names
    value, low, high = (
        100.0 * (float(row[name]) / float(start["obs_value"]) - 1.0)
        for name in ("obs_value", "lower_80", "upper_80")
    )
    return value, low, high


def changes_by_age(
    projection: pd.DataFrame, areas: Sequence[str], year: int, groups: Sequence[Group]
) -> pd.DataFrame:
    """How the age groups of a place change from the start of the projection to the end of a year.

    Parameters
    ----------
    projection : table `projection`.
    areas : keys of the territories that are summed.

    Returns
    -------
    One row a group, in their order: `age_from`, `age_to`, `start` and `end` (persons, middle
    variant), `change`, `low`, `high` (percent of `start`; ends of the 80 % band). Empty where a
    territory or a group is missing.
    """
    rows = []
    for group in groups:
        path = paths(projection, areas, group)
        end, start = (at(path, y) for y in (year, start_year(path))) if len(path) else (None, None)
        if end is None or start is None:
            return pd.DataFrame()
        change, low, high = change_since_start(path, end)
        rows.append(
            {"age_from": group[0], "age_to": group[1], "start": float(start["obs_value"]),
             "end": float(end["obs_value"]), "change": change, "low": low, "high": high}
        )  # fmt: skip
    return pd.DataFrame(rows)


def flagged_areas(projection: pd.DataFrame, areas: Sequence[str]) -> list[str]:
    """Keys among `areas` with a reception centre, whose level is that of their Kreis."""
    rows = projection.loc[projection["ref_area"].isin(list(areas))]
    return sorted(set(rows.loc[rows["has_reception_centre"], "ref_area"]))


def sources_of_start(population: pd.DataFrame, areas: Sequence[str]) -> dict[str, str]:
    """Key → source of its latest observed total, from which the projection sets out."""
    rows = population.loc[
        population["ref_area"].isin(list(areas))
        & population["sex"].eq("total")
        & population["age_from"].isna()
        & population["age_to"].isna()
        & population["measure"].eq("population")
    ].sort_values("time_period")
    return dict(zip(rows["ref_area"], rows["source_id"], strict=True))


def estimated_evidence(
    rows: pd.DataFrame, table: str, sources: Mapping[str, str], value: str = "obs_value"
) -> tuple[Evidence, ...]:
    """Rows of a derived table as evidence, each with the source that its territory starts from."""
    keys = [name for name in _KEYS if name in rows]
    return tuple(
        Evidence(
            source_id=sources[str(row["ref_area"])],
            table=table,
            key={name: str(row[name]) for name in keys if not pd.isna(row[name])},
            value=float(row[value]),
            status=str(row.get("obs_status", "estimated")),
        )
        for row in rows.to_dict("records")
    )


def evidence_at(
    table: pd.DataFrame,
    name: str,
    place: Place,
    years: Sequence[int],
    sources: Mapping[str, str],
    group: Group | None = None,
    variant: str = "middle",
) -> tuple[Evidence, ...]:
    """The rows of one variant and age group at the end of some years, as evidence."""
    rows = rows_of_group(_of_areas(table, place.areas), group)
    is_year = rows["time_period"].str[:4].isin([str(year) for year in years])
    return estimated_evidence(rows.loc[is_year & rows["variant"].eq(variant)], name, sources)


def total_finding(
    projection: pd.DataFrame, place: Place, year: int, sources: Mapping[str, str]
) -> Finding:
    """Projected population at the end of a year, middle variant with its 80 % band.

    Parameters
    ----------
    projection : table `projection`.
    sources : as returned by `sources_of_start`.
    """
    parts = _parts(f"population-{year}", f"Einwohnerzahl Ende {year}", "persons", place, year)
    path = paths(projection, place.areas, EVERYBODY)
    row = at(path, year)
    if row is None:
        return no_data(missing_reason(place), **parts)
    return Finding(
        **parts,
        value=float(row["obs_value"]),
        kind="Schätzung",
        uncertainty=Uncertainty(
            float(row["lower_80"]), float(row["upper_80"]), 0.80, _band_method(place)
        ),
        evidence=evidence_at(projection, "projection", place, [year], sources, EVERYBODY),
        limits=(_NO_CENSUS,),
    )


def change_finding(
    projection: pd.DataFrame,
    place: Place,
    year: int,
    sources: Mapping[str, str],
    group: Group = EVERYBODY,
) -> Finding:
    """Change of the population (or of an age group) since the start of the projection, in percent.

    Start and end rest on one census basis. The band is the 80 % band of the end.
    """
    path = paths(projection, place.areas, group)
    suffix = "" if group == EVERYBODY else f"-{group[0]}-{group[1] or 'plus'}"
    who = "Einwohnerzahl" if group == EVERYBODY else f"Zahl der Menschen {_words(group)}"
    parts = _parts(
        f"population-change{suffix}-{year}", f"Veränderung der {who} bis {year}", "percent",
        place, year,
    )  # fmt: skip
    row = at(path, year)
    if row is None:
        return no_data(missing_reason(place), **parts)
    value, low, high = change_since_start(path, row)
    return Finding(
        **parts,
        value=value,
        kind="Schätzung",
        uncertainty=Uncertainty(low, high, 0.80, _band_method(place)),
        evidence=evidence_at(
            projection, "projection", place, [start_year(path), year], sources, group
        ),
        limits=(_NO_CENSUS,),
    )


def variants_table(projection: pd.DataFrame, place: Place) -> pd.DataFrame:
    """Totals of the printed years: one row a year.

    Returns
    -------
    `year`, one column a variant (persons), the limits of the bands, and the change of each variant
    since the start in percent (`low_percent` …); empty without a projection.
    """
    path = paths(projection, place.areas, EVERYBODY)
    rows = []
    for year in (start_year(path), *YEARS) if len(path) else ():
        values = {name: at(path, year, name) for name in VARIANTS}
        middle, start = values["middle"], at(path, start_year(path))
        if middle is None or start is None:
            continue
        row: dict[str, float] = {"year": year, **{name: float(middle[name]) for name in _LIMITS}}
        for name, entry in values.items():
            if entry is not None:
                row[name] = float(entry["obs_value"])
                row[f"{name}_percent"] = 100.0 * (row[name] / float(start["obs_value"]) - 1.0)
        rows.append(row)
    columns = ["year", *VARIANTS, *(f"{name}_percent" for name in VARIANTS), *_LIMITS]
    return pd.DataFrame(rows, columns=columns)


def _parts(slug: str, label: str, unit: str, place: Place, year: int) -> dict[str, Any]:
    return {
        "id": slug, "topic": "population", "label": label, "unit": unit,
        "time_period": str(year), **about(place),
    }  # fmt: skip


def _band_method(place: Place) -> str:
    return _SUM if len(place.areas) > 1 else _BAND


def _words(group: Group) -> str:
    first, last = group
    return f"ab {first} Jahren" if last is None else f"von {first} bis {last} Jahren"
