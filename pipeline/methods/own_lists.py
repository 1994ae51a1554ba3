"""What a municipality's own lists say of themselves, and which open questions they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from pipeline.methods.care_places import own_places
from pipeline.methods.groups import GP
from pipeline.methods.noteworthy import Source

#: Words of the completeness of a list (docs/reference/templates.md).
COMPLETE, PARTIAL, UNKNOWN = "complete", "partial", "unknown"

#: Measure of the places in homes that a list counts.
_HOME_PLACES: Final = "care_home_places_permanent"
#: Open question → the list that answers it, and the sectors that it must hold completely.
_LISTS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "gp-ages": ("physicians-by-age", (GP,)),
    "offers": ("facilities", ("therapy", "midwifery", "counselling")),
}


def statements(
    completeness: pd.DataFrame, list_kind: str, sector: str, areas: Sequence[str]
) -> pd.DataFrame:
    """The newest statement of each territory on a sector; no rows unless every one makes one.

    Parameters
    ----------
    completeness : the table.

    Returns
    -------
    `ref_area`, `completeness`, `known_total`, `source_id`.
    """
    own = completeness.loc[
        completeness["list_kind"].eq(list_kind)
        & completeness["ref_area"].isin(areas)
        & completeness["sector"].eq(sector)
    ]
    newest = own.sort_values("time_period").drop_duplicates("ref_area", keep="last")
    columns = ["ref_area", "completeness", "known_total", "source_id"]
    return newest.loc[[len(newest) == len(areas)] * len(newest), columns]


def answered(source: Source) -> frozenset[str]:
    """Ids of the `open_questions` that the lists of all members of a region answer.

    A list that is not complete leaves its question open, and so do places of which nobody says
    how many are in use. One decided goal answers the question for goals.
    """
    areas = source.region.areas
    completeness = source.table("completeness", areas)
    found = {
        question
        for question, (list_kind, sectors) in _LISTS.items()
        if all(_is_complete(completeness, list_kind, sector, areas) for sector in sectors)
    }
    places = own_places(source.table("care", areas), completeness, areas)
    counted = places.loc[places["measure"].eq(_HOME_PLACES) & places["is_exact"], "ref_area"]
    if set(counted) == set(areas):
        found.add("care-places")
    if not source.table("goals", areas).empty:
        found.add("goals")
    return frozenset(found)


def _is_complete(
    completeness: pd.DataFrame, list_kind: str, sector: str, areas: Sequence[str]
) -> bool:
    stated = statements(completeness, list_kind, sector, areas)["completeness"]
    return len(stated) > 0 and bool(stated.eq(COMPLETE).all())
