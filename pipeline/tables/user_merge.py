"""Where a municipality's own statement meets the packaged tables: which of the two is used.

The own statement goes before the packaged one, since whoever gives it answers for it: the members
of a planning area as the sheet names them, and a complete own list before the sites of a map.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pipeline.errors import RawDataError
from pipeline.keys import area_key
from pipeline.regions import MODEL_REGIONS
from pipeline.sources.csvfile import ROW


def areas_with_statements(frames: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Frames for `planning_areas`, where a planning sheet's own members go before packaged rows.

    Parameters
    ----------
    frames : packaged rows (with `region`) and statements of sheets (with `as_of`, the members of
        a planning area in `municipalities`).

    Returns
    -------
    The frames with one row a region. A statement names every member, and every model region whose
    municipalities are all members; of several days the newest counts. `evidence` is `published`,
    as the sheet is the association's.

    Raises
    ------
    RawDataError : two sheets of one day that put a municipality into different areas.
    """
    packaged = [frame for frame in frames if "as_of" not in frame]
    stated = [_by_region(frame) for frame in frames if "as_of" in frame and len(frame)]
    if not stated:
        return packaged
    rows = pd.concat(stated, ignore_index=True).sort_values("as_of", kind="stable")
    rows = rows.drop_duplicates(["region", "as_of", "gp_planning_area", "municipalities"])
    newest = rows.loc[rows["as_of"].eq(rows.groupby("region")["as_of"].transform("max"))]
    doubled = newest.loc[newest.duplicated("region")]
    if len(doubled):
        row = doubled.iloc[0]
        raise RawDataError(
            f"two statements of {row['as_of']} differ about the planning area of {row['region']}",
            file=str(row["file"]),
            row=int(row[ROW]),
            column="municipalities",
            found=row["gp_planning_area"],
            expected="one planning area for GPs, with the same members in every sheet",
            remedy="correct the column municipalities in one of the sheets",
        )
    kept = [frame.loc[~frame["region"].isin(newest["region"])] for frame in packaged]
    return [*kept, newest]


def _by_region(stated: pd.DataFrame) -> pd.DataFrame:
    records = []
    for row in stated.to_dict("records"):
        keys = str(row["municipalities"]).split()
        members = set(keys)
        regions = {ags: {ags} for ags in keys} | {
            slug: set(region.members)
            for slug, region in MODEL_REGIONS.items()
            if members.issuperset(region.members)
        }
        for region, own in regions.items():
            extent = "equal" if own == members else "larger"
            records.append({**row, "region": region, "extent": extent, "evidence": "published"})
    return pd.DataFrame(records)


def sites_with_own_lists(
    frames: Sequence[pd.DataFrame], completeness: Sequence[pd.DataFrame]
) -> list[pd.DataFrame]:
    """Frames for `facilities`, where an own list goes before the sites of a map.

    A complete own list replaces the map's sites of its kind in its municipality. Of a list that is
    not complete, a site that the map has by the same name stands once, as the municipality has it.
    """
    own = [frame for frame in frames if is_own(frame)]
    if not own:
        return list(frames)
    listed = pd.concat(own, ignore_index=True)
    complete = {
        (area, kind)
        for frame in completeness
        for area, kind, flag in zip(
            frame["ref_area"], frame["sector"], frame["completeness"], strict=True
        )
        if flag == "complete"
    }
    named = {
        (ags, kind, _folded(name))
        for ags, kind, name in zip(listed["site_ags"], listed["kind"], listed["name"], strict=True)
    }
    merged = []
    for frame in frames:
        if not is_own(frame):
            places = zip(frame["site_ags"], frame["kind"], frame["name"], strict=True)
            is_replaced = [
                (area_key(ags), kind) in complete or (ags, kind, _folded(name)) in named
                for ags, kind, name in places
            ]
            frame = frame.loc[[not replaced for replaced in is_replaced]]
        merged.append(frame)
    return merged


def is_own(frame: pd.DataFrame) -> bool:
    return "sector" in frame  # the template's column; a map of sites has no sectors


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").split())
