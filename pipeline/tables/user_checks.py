"""Own lists against the list of municipalities: does a key exist, does a place lie where it says.

The reader of templates cannot ask this, since it knows no other file.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.errors import RawDataError
from pipeline.keys import kreis_of
from pipeline.sources.csvfile import ROW

#: No place of a German municipality lies this far from its centre (assumption, generous).
FARTHEST_KM = 60.0
_KM_PER_DEGREE = 111.2
_STATEMENT = ["list_kind", "ref_area", "sector"]


def check_keys(keys: pd.DataFrame, municipalities: pd.DataFrame) -> None:
    """`RawDataError` for the first key that the list of municipalities does not know.

    Parameters
    ----------
    keys : `column`, `key`, `file`, `ROW`. A territory must be known. A member of a planning area
        may lie beyond a list that does not hold all of Germany; its Kreis is then unknown too.
    municipalities : `ags`.
    """
    listed = set(municipalities["ags"])
    kreise = {kreis_of(ags) for ags in listed}
    known = listed | kreise
    for row in keys.to_dict("records"):
        key = str(row["key"])
        is_beyond = row["column"] != "ref_area" and kreis_of(key) not in kreise
        if len(key) in (5, 8) and key not in known and not is_beyond:
            raise RawDataError(
                "the list of municipalities does not know this key",
                file=str(row["file"]),
                row=int(row[ROW]),
                column=str(row["column"]),
                found=key,
                expected="the key of a municipality or Kreis of today, as `versorgungslabor "
                "regions` lists them",
                remedy="correct the digits; a place outside the packaged regions needs the list of "
                f"municipalities first: `versorgungslabor fetch --plan {key}`",
            )


def check_places(sites: pd.DataFrame, municipalities: pd.DataFrame) -> None:
    """`RawDataError` for the first site that lies too far from its municipality.

    Parameters
    ----------
    sites : `site_ags`, `longitude`, `latitude` (degrees, may be missing), `file`, `ROW`.
    municipalities : `ags`, `longitude`, `latitude` of the centre; may be missing.
    """
    centre = municipalities.set_index("ags")[["longitude", "latitude"]].astype("float64")
    of_site = centre.reindex(sites["site_ags"]).to_numpy()
    place = sites[["longitude", "latitude"]].to_numpy(dtype="float64")
    east = (place[:, 0] - of_site[:, 0]) * np.cos(np.radians(of_site[:, 1]))
    km = _KM_PER_DEGREE * np.hypot(east, place[:, 1] - of_site[:, 1])
    far = np.flatnonzero(km > FARTHEST_KM)  # a missing coordinate is not far
    if not len(far):
        return
    row = sites.iloc[int(far[0])]
    raise RawDataError(
        "the place does not lie in its municipality",
        file=str(row["file"]),
        row=int(row[ROW]),
        column="longitude",
        found=f"{row['longitude']:g}, {row['latitude']:g}: {km[far[0]]:.0f} km from the centre of "
        f"{row['site_ags']}",
        expected=f"a place within {FARTHEST_KM:g} km of it",
        remedy="check longitude, latitude and key; without coordinates leave both cells empty",
    )


def merged_statements(frames: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Frames for `completeness`, where several lists of offers speak of one sector of a place.

    If none of them states a completeness they count together, whatever their days (each offer has
    one of its own), and have the newest. Numbers of doctors or places are not added up.

    Raises
    ------
    RawDataError : two lists of one sector of which one states a completeness ("complete" would be
        wrong by the other's rows), or two lists of numbers of one day; names both files.
    """
    if not frames:
        return []
    rows = pd.concat(frames, ignore_index=True)
    is_offer = rows["list_kind"].eq("facilities")
    day = rows["time_period"].mask(is_offer, "")
    merged = []
    for (kind, area, sector, _), part in rows.groupby(
        [*(rows[name] for name in _STATEMENT), day], sort=False
    ):
        is_open = kind == "facilities" and part["completeness"].eq("unknown").all()
        if len(part) > 1 and not is_open:
            raise _two_statements(list(part["file"]), f"{kind}, {area}, {sector}")
        newest = part.sort_values("time_period", kind="stable").iloc[[-1]]
        merged.append(newest.assign(n_listed=part["n_listed"].sum(skipna=False)))
    return [pd.concat(merged, ignore_index=True)] if merged else list(frames)


def _two_statements(files: list[str], what: str) -> RawDataError:
    return RawDataError(
        f"two lists speak of one sector of a place: {what}",
        file=files[0],
        found=f"also in {files[1]}",
        expected="one list a sector and place, or lists of offers of which none states how "
        "complete it is",
        remedy="put the rows of this sector into one of the two files",
    )
