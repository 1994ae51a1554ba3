"""What if the older doctors leave without a successor? Bounds for a Kreis, never a forecast.

There is no age distribution of doctors below the region of a KV, so no year and no path can be
computed. What is printed is one share over an age limit; taken away as a whole, it gives the
lower bound, and today's density is the upper one. Method and source:
`supply.bounds_from_share_over`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.methods.evidence import evidence_of
from pipeline.methods.findings import Finding, Uncertainty
from pipeline.methods.inhabitants import inhabitants_near
from pipeline.methods.observed import NO_PERIOD, about, no_data
from pipeline.methods.physicians import GP_GROUP
from pipeline.methods.specialists import GROUPS, group_slug, profile
from pipeline.methods.supply import bounds_from_share_over
from pipeline.regions import Place

#: Limit of the KBV's share, in years; shares over 60 from other sources are never mixed in.
AGE_LIMIT = 65
#: The KBV prints densities and shares to a tenth.
STEP = 0.1
_ROUNDING = "Rundung der veröffentlichten Werte auf eine Stelle nach dem Komma"
NO_SHARE = (
    f"Der Anteil über {AGE_LIMIT} Jahre ist nicht veröffentlicht (weniger als zehn Personen oder "
    "nicht erhoben)."
)


def density_without_older(density: float, share_percent: float) -> tuple[float, float]:
    """Lowest and highest density that is left when all above the limit leave.

    Parameters
    ----------
    density : heads per 100,000 inhabitants, as printed (to a tenth).
    share_percent : share above the age limit, as printed (to a tenth).

    Raises
    ------
    MethodInputError : a negative density or a share that is none.
    """
    left = [
        bounds_from_share_over(
            max(edge, 0.0),
            share_percent,
            age_limit=AGE_LIMIT,
            target_year=0,  # a condition, not a date: only the numbers of the result are used
            share_step=STEP,
            replaced_percent=(0, 0),
        )
        for edge in (density - STEP / 2, density + STEP / 2)
    ]
    return left[0].lowest_seats, left[1].highest_seats


def without_older_finding(physicians: pd.DataFrame, place: Place, group: str = GP_GROUP) -> Finding:
    """Density that is left if all over `AGE_LIMIT` leave without a successor (lower bound)."""
    parts: dict[str, Any] = {
        "id": f"whatif-density-without-over-{AGE_LIMIT}-{group_slug(group)}",
        "topic": "supply",
        "label": f"{GROUPS[group]}: Dichte, wenn alle über {AGE_LIMIT}-Jährigen ohne Nachfolge "
        "ausscheiden",
        "unit": "per_100000",
    }
    known = _published(physicians, place, group)
    if known is None:
        return _not_computable(parts, place)
    density, share, period = known
    low, high = density_without_older(density, share)
    return Finding(
        **parts,
        **about(place),
        value=density * (1 - share / 100),
        time_period=period,
        kind="Schätzung",
        uncertainty=Uncertainty(low, high, None, _ROUNDING),
        evidence=_rows(physicians, place, group),
        limits=("Eine Rechnung unter einer Bedingung, keine Vorhersage.",),
    )


def heads_over_limit_finding(
    physicians: pd.DataFrame, population: pd.DataFrame, place: Place, group: str = GP_GROUP
) -> Finding:
    """About how many heads are over the limit: density × inhabitants × share, all published.

    The day of the KBV's count is unknown, so inhabitants of the nearest year's end at hand are
    used; the bounds hold the rounding of density and share only.
    """
    parts: dict[str, Any] = {
        "id": f"whatif-heads-over-{AGE_LIMIT}-{group_slug(group)}",
        "topic": "supply",
        "label": f"{GROUPS[group]} über {AGE_LIMIT} Jahre, Köpfe",
        "unit": "persons",
    }
    known = _published(physicians, place, group)
    if known is None:
        return _not_computable(parts, place)
    density, share, period = known
    people = inhabitants_near(population, place.ref_area, period)
    if people.empty:
        return no_data("Die Einwohnerzahl des Gebiets fehlt.", **parts, **about(place))
    count = float(people["obs_value"].iloc[0]) / 100_000
    half = STEP / 2
    return Finding(
        **parts,
        **about(place),
        value=density * count * share / 100,
        time_period=period,
        kind="Schätzung",
        uncertainty=Uncertainty(
            (density - half) * count * max(share - half, 0) / 100,
            (density + half) * count * min(share + half, 100) / 100,
            None,
            _ROUNDING,
        ),
        evidence=_rows(physicians, place, group) + evidence_of(people, "population"),
    )


def what_if_rows(physicians: pd.DataFrame, ref_area: str, reference: str) -> pd.DataFrame:
    """For every group with a published share: density today, without the older, and elsewhere.

    Returns
    -------
    Index groups; `density`, `share_over_65`, `left` (density without those over the limit),
    `density_reference` (NaN where the reference territory does not have the group), `source_id`.
    """
    own = profile(physicians, ref_area).dropna(subset="share_over_65")
    other = profile(physicians, reference)["density"].rename("density_reference")
    left = own["density"] * (1 - own["share_over_65"] / 100)
    return own.assign(left=left).join(other, how="left")


def _published(
    physicians: pd.DataFrame, place: Place, group: str
) -> tuple[float, float, str] | None:
    """Density, share over the limit and period of a group; None where one is not printed."""
    table = profile(physicians, place.ref_area)
    known = table.loc[table["share_over_65"].notna()]
    if group not in known.index:
        return None
    first = known.loc[[group]].iloc[0]
    return float(first["density"]), float(first["share_over_65"]), str(first["time_period"])


def _rows(physicians: pd.DataFrame, place: Place, group: str) -> tuple[Any, ...]:
    rows = physicians.loc[
        physicians["ref_area"].eq(place.ref_area)
        & physicians["measure"].isin(["density", "share_over_65"])
        & physicians["doctor_group"].eq(group)
    ]
    return evidence_of(rows.loc[rows["time_period"].eq(rows["time_period"].max())], "physicians")


def _not_computable(parts: dict[str, Any], place: Place) -> Finding:
    return Finding(
        **parts,
        **about(place),
        value=None,
        time_period=NO_PERIOD,
        kind="nicht berechenbar",
        reason=NO_SHARE,
    )
