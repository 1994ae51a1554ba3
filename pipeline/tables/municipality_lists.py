"""One list of municipalities out of several: the embedded one and the Gemeindeverzeichnis."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from pipeline.keys import is_below_municipality, kreis_of
from pipeline.sources import gv100ad, gv_auszug
from pipeline.sources.csvfile import ROW
from pipeline.sources.registry import unpacked
from pipeline.tables.registry import table

#: Textkennzeichen of an area outside all municipalities where nobody lives.
_UNINHABITED = "66"
_NOT_IN_GV100AD = {
    "longitude": float("nan"), "latitude": float("nan"), "travel_region": "",
    "urbanisation_code": "", "urbanisation": "",
}  # fmt: skip


def read_list(path: Path, format_: str, source_id: str) -> pd.DataFrame:
    """The municipalities of an official list, as rows of the table `municipalities`.

    Left out are areas where nobody lives and ground that belongs to no municipality (keys that end
    in 000999: with Luxembourg, coastal waters). A GV100AD has no coordinates, travel region and
    degree of urbanisation; these stay empty.
    """
    reader = gv_auszug if format_ == gv_auszug.FORMAT else gv100ad
    with unpacked(path) as file:  # a GV100AD comes as a ZIP
        units = reader.read_units(file)
    rows = units.loc[
        units["level"].eq("municipality")
        & units["type_code"].ne(_UNINHABITED)
        & ~units["ref_area"].str.endswith("000999")
        & ~units["ref_area"].map(is_below_municipality)
    ]
    missing = {name: value for name, value in _NOT_IN_GV100AD.items() if name not in rows}
    rows = rows.rename(columns={"ref_area": "ags", "ref_area_name": "name"}).assign(
        kreis=rows["ref_area"].map(kreis_of),
        land=rows["ref_area"].str[:2],
        source_id=source_id,
        file=str(path),
        **missing,
    )
    listed: pd.DataFrame = rows[[*table("municipalities").fields, "file", ROW]]
    return listed.reset_index(drop=True)


def merge_lists(
    embedded: Sequence[pd.DataFrame],
    auszug: Sequence[pd.DataFrame],
    gv100ad_: Sequence[pd.DataFrame],
) -> pd.DataFrame:
    """One row an AGS.

    The newest official workbook goes before the embedded list; a GV100AD, which has no
    coordinates, only adds what the others lack, and only where there is no workbook: an older list
    would bring back municipalities that have merged since.

    Parameters
    ----------
    embedded, auszug, gv100ad_ : lists by origin, newest first.
    """
    lists = [*auszug[:1], *embedded, *(() if auszug else gv100ad_[:1])]
    merged = pd.concat(lists, ignore_index=True)
    return merged.drop_duplicates("ags", ignore_index=True)
