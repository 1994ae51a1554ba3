"""Which rows of the tables belong to a region: its own, and what its report compares it with."""

from __future__ import annotations

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures.comparison import frames, group
from pipeline.methods.published_planning import membership
from pipeline.tables.workspace import Workspace

#: Tables of norms that hold for every region.
_NORMS = frozenset({"planning_ratios", "model_parameters", "demand_availability"})


class Selection:
    """The rows of one region.

    Its areas are the members, Kreis, Land, Germany, the association of physicians, and the
    municipalities of its comparison group where it has one.
    """

    def __init__(self, lab: Workspace) -> None:
        region = lab.region
        self.areas = frozenset({*lab.areas, *region.areas, *region.members, *_group(lab)})
        self._slug = region.slug
        self._kreis = region.kreis
        self._fact_keys = frozenset({*region.members, *region.areas, *region.benchmarks})
        self._planning_area = membership(lab.table("planning_areas"), region.slug).planning_area

    def of(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of the table `name` that belong to the region."""
        return frame.loc[self._mask(name, frame)].reset_index(drop=True)

    def _mask(self, name: str, frame: pd.DataFrame) -> pd.Series:
        if name in _NORMS:
            return pd.Series(True, index=frame.index)
        if name == "needs_planning":
            return frame["planning_area"].eq(self._planning_area)
        if name == "planning_areas":
            return frame["region"].eq(self._slug)
        if name == "published_facts":
            return frame["fact_key"].map(self._is_named).astype(bool)
        if name == "facilities":  # the sites of the whole Kreis: the next one may lie next door
            return frame["site_ags"].str.startswith(self._kreis)
        key = "ags" if name == "municipalities" else "ref_area"
        if key in frame:
            return frame[key].isin(self.areas) | frame[key].isin([f"{a}000" for a in self.areas])
        return pd.Series(False, index=frame.index)

    def _is_named(self, fact_key: str) -> bool:
        return not self._fact_keys.isdisjoint(str(fact_key).split("+"))


def _group(lab: Workspace) -> list[str]:
    try:
        return [place.ref_area for place in group(lab, frames(lab)).places]
    except NoDataError:  # ages of municipalities are published for a part of the country only
        return []
