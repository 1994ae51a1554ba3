"""Every group of doctors of a Kreis beside the same group of its KV, as the KBV counts them.

Heads at the main site per 100,000 inhabitants. Which groups are printed for Kreise, and which for
Raumordnungsregionen only, follows the levels of the needs planning; the totals of the two hold
different groups, so only equal groups are compared, never totals. Need (Soll) is not computable:
the planning type of the Kreis is not at hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.methods.evidence import evidence_of
from pipeline.methods.findings import Finding
from pipeline.methods.observed import about, no_data
from pipeline.methods.physicians import GP_GROUP
from pipeline.regions import Place

#: Groups of the KBV's table → name for readers, in the order of the report.
GROUPS: Mapping[str, str] = {
    GP_GROUP: "Hausärzte",
    "Kinderärzte": "Kinder- und Jugendärzte",
    "Frauenärzte": "Frauenärzte",
    "Augenärzte": "Augenärzte",
    "Chirurgen und Orthopäden": "Chirurgen und Orthopäden",
    "HNO-Ärzte": "HNO-Ärzte",
    "Hautärzte": "Hautärzte",
    "Nervenärzte": "Nervenärzte",
    "Urologen": "Urologen",
    "Psychologische Psychotherapeuten": "Psychologische Psychotherapeuten",
    "ärztliche Psychotherapeuten": "ärztliche Psychotherapeuten",
    "(Fach-)Internisten (inkl. Lungenärzte)": "Fachinternisten",
    "Anästhesisten": "Anästhesisten",
    "Kind.Jug.Psychiater": "Kinder- und Jugendpsychiater",
    "Radiologen (ohne Strahlentherapeuten)": "Radiologen",
}
#: Raumordnungsregion of the Kreise in the KBV's table. Assumption: the division of the BBSR
#: (Raumordnungsregionen); the KBV's table lists both without saying which belongs to which.
PLANNING_REGION: Mapping[str, str] = {
    **dict.fromkeys(("03101", "03102", "03103", "03151", "03154", "03158"), "ROR:301"),
    "05974": "ROR:502",
    "05766": "ROR:503",
    **dict.fromkeys(("05515", "05554", "05558", "05566", "05570"), "ROR:511"),
    "05762": "ROR:512",
}
MEASURES = ("density", "share_over_65", "share_employed")


def planning_region_of(kreis: str) -> str | None:
    """Key of the Raumordnungsregion of a Kreis; None where it is not known."""
    return PLANNING_REGION.get(kreis)


def group_slug(group: str) -> str:
    """A group as part of a finding's id: "HNO-Ärzte" → "hno-aerzte"."""
    text = GROUPS[group].lower()
    for letter, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        text = text.replace(letter, plain)
    return re.sub(r"[^a-z]+", "-", text).strip("-")


def profile(physicians: pd.DataFrame, ref_area: str) -> pd.DataFrame:
    """Density and shares of every group of a territory.

    Parameters
    ----------
    physicians : table `physicians`; the latest period is taken.

    Returns
    -------
    Index: groups in the order of `GROUPS` that have a density there. Columns `MEASURES` (NaN
    where not printed), `time_period`, `source_id`.
    """
    rows = physicians.loc[
        physicians["ref_area"].eq(ref_area)
        & physicians["measure"].isin(list(MEASURES))
        & physicians["doctor_group"].isin(list(GROUPS))
        & physicians["obs_value"].notna()
    ]
    rows = rows.loc[rows["time_period"].eq(rows["time_period"].max())]
    values = rows.pivot(index="doctor_group", columns="measure", values="obs_value")
    first = rows.drop_duplicates("doctor_group").set_index("doctor_group")
    table = values.reindex(columns=list(MEASURES)).join(first[["time_period", "source_id"]])
    order = [group for group in GROUPS if group in table.index]
    return table.loc[order].dropna(subset="density")


def compared(physicians: pd.DataFrame, ref_area: str, reference: str) -> pd.DataFrame:
    """The groups that two territories have both, side by side.

    Returns
    -------
    Index groups; columns of `profile` for `ref_area`, the same with the suffix `_reference` for
    `reference`, and `percent_of_reference` (density, the reference being 100).
    """
    own, other = profile(physicians, ref_area), profile(physicians, reference)
    both = own.join(other.add_suffix("_reference"), how="inner")
    percent = 100 * both["density"] / both["density_reference"]
    return both.assign(percent_of_reference=percent)


def relative_density_finding(
    physicians: pd.DataFrame, place: Place, reference: Place, group: str
) -> Finding:
    """Density of a group in percent of the same group's density in the reference territory."""
    parts: dict[str, Any] = {
        "id": f"density-of-kv-{group_slug(group)}",
        "topic": "supply",
        "label": f"{GROUPS[group]}: Dichte, {reference.name} = 100",
        "unit": "percent",
    }
    both = compared(physicians, place.ref_area, reference.ref_area)
    if group not in both.index:
        reason = f"Für {GROUPS[group]} nennt die Quelle nicht beide Gebiete."
        return no_data(reason, **parts, **about(place))
    period = str(both.at[group, "time_period"])
    return Finding(
        **parts,
        **about(place),
        value=float(both["percent_of_reference"].loc[group]),
        time_period=period,
        kind="eigene Berechnung",
        evidence=_density_rows(physicians, place, [group], period)
        + _density_rows(physicians, reference, [group], period),
    )


def groups_below_finding(physicians: pd.DataFrame, place: Place, reference: Place) -> Finding:
    """In how many groups the density lies below that of the reference territory."""
    parts: dict[str, Any] = {
        "id": "groups-below-kv",
        "topic": "supply",
        "label": f"Arztgruppen mit geringerer Dichte als {reference.name}",
        "unit": "count",
    }
    both = compared(physicians, place.ref_area, reference.ref_area)
    if both.empty:
        reason = "Die Quelle nennt keine Arztgruppe für beide Gebiete."
        return no_data(reason, **parts, **about(place))
    period = str(both["time_period"].iloc[0])
    return Finding(
        **parts,
        **about(place),
        value=float(both["percent_of_reference"].lt(100).sum()),
        time_period=period,
        kind="eigene Berechnung",
        evidence=_density_rows(physicians, place, list(both.index), period)
        + _density_rows(physicians, reference, list(both.index), period),
    )


def groups_compared_finding(physicians: pd.DataFrame, place: Place, reference: Place) -> Finding:
    """How many groups are printed for both territories: the "m" of "n von m"."""
    below = groups_below_finding(physicians, place, reference)
    if below.value is None:
        return below
    both = compared(physicians, place.ref_area, reference.ref_area)
    return Finding(
        id="groups-compared-with-kv",
        topic="supply",
        label="Arztgruppen, die für beide Gebiete veröffentlicht sind",
        value=float(len(both)),
        unit="count",
        **about(place),
        time_period=below.time_period,
        kind="eigene Berechnung",
        evidence=below.evidence,
    )


def _density_rows(
    physicians: pd.DataFrame, place: Place, groups: list[str], period: str
) -> tuple[Any, ...]:
    rows = physicians.loc[
        physicians["ref_area"].eq(place.ref_area)
        & physicians["measure"].eq("density")
        & physicians["doctor_group"].isin(groups)
        & physicians["time_period"].eq(period)
    ]
    return evidence_of(rows, "physicians")
