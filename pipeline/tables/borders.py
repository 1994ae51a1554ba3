"""Counts of former Kreise, carried to the Kreise that took their place.

Uses the BBSR key (`sources/area_changes.py`) where it lies among the raw files. Only Kreise that
have no figure of their own are filled, and only where all their parts have one: the Kreis of
Göttingen (03159, founded in 2016) gets the sum of Göttingen (03152) and Osterode (03156).
"""

from __future__ import annotations

import pandas as pd

from pipeline.provenance import SourceRecord
from pipeline.sources.base import LongTable
from pipeline.sources.territory import carry_to_borders
from pipeline.tables.harmonise import KEY
from pipeline.tables.measures import MEASURES

CARRIED_SUFFIX = "-carried"
#: Columns of the list of carried counts.
COLUMNS = (*KEY, "obs_value", "obs_status", "share_moved", "share_estimated", "source_id")
#: Units that may be split and added; km² are measured anew in a reform, so they are not carried.
_UNITS = ("persons", "count")
_FACTOR = "Umsteigeschlüssel Bevölkerung"
_DIMENSIONS = [name for name in KEY if name != "ref_area"]


def conversion_of(key: LongTable) -> pd.DataFrame:
    """The BBSR key as `carry_to_borders` takes it, for all its years.

    Returns
    -------
    `year` (of the former borders), `from_area`, `to_area`, `factor_population`, `to_date`.
    """
    rows = key.frame.loc[key.frame["measure"].eq(_FACTOR)]
    return pd.DataFrame(
        {
            "year": rows["time_period"].str[:4],
            "from_area": rows["ref_area"],
            "to_area": rows["target_area"],
            "factor_population": rows["obs_value"],
            "to_date": rows["target_date"],
        }
    ).reset_index(drop=True)


def carried_counts(observed: pd.DataFrame, conversion: pd.DataFrame) -> pd.DataFrame:
    """Counts at today's borders for Kreise that have none of their own.

    Parameters
    ----------
    observed : one row a key; text or category columns.
    conversion : as `conversion_of` gives it.

    Returns
    -------
    Rows like `observed` with `source_id` of the former Kreise, `share_moved` and
    `share_estimated` (see `carry_to_borders`); empty where there is nothing to carry.
    """
    counts = observed.loc[
        observed["ref_area"].astype("str").str.len().eq(5)
        & observed["unit_measure"].isin(list(_UNITS))
        & observed["measure"].isin([name for name, m in MEASURES.items() if m.is_additive])
    ]
    years = counts["time_period"].astype("str").str[:4]
    parts = [
        _carried_year(counts.loc[years.eq(year)], pairs)
        for year, pairs in conversion.groupby("year")
        if years.eq(year).any()
    ]
    found = [part for part in parts if not part.empty]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS))


def _carried_year(counts: pd.DataFrame, conversion: pd.DataFrame) -> pd.DataFrame:
    pairs = conversion.loc[conversion["factor_population"].gt(0)]
    is_changed = pairs["from_area"].ne(pairs["to_area"]) | pairs["factor_population"].lt(1)
    # a Kreis that has figures of its own keeps them
    targets = set(pairs.loc[is_changed, "to_area"]) - set(counts["ref_area"].astype("str"))
    pairs = pairs.loc[pairs["to_area"].isin(targets)]
    parts = counts.loc[counts["ref_area"].isin(pairs["from_area"].unique())]
    columns = ["ref_area", *_DIMENSIONS, "unit_measure", "obs_value", "obs_status", "source_id"]
    texts = {name: "str" for name in columns if isinstance(parts[name].dtype, pd.CategoricalDtype)}
    parts = parts[columns].astype(texts)
    if parts.empty or pairs.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    # the unchanged part of a divided Kreis goes to targets that keep their own figures, which the
    # method must not see: what is asked for here are the targets alone
    carried = carry_to_borders(parts, pairs)
    return _whole(carried, parts, pairs)


def _whole(carried: pd.DataFrame, parts: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Only sums of which every part is there: a sum without one would look like a count."""
    key = ["to_area", *_DIMENSIONS, "source_id"]
    present = (
        parts.merge(pairs, left_on="ref_area", right_on="from_area", validate="many_to_many")
        .groupby(key, dropna=False)["from_area"]
        .nunique()
        .rename("present")
        .reset_index()
    )
    needed = pairs.groupby("to_area")["from_area"].nunique()
    present = present.loc[present["present"].eq(present["to_area"].map(needed))]
    return carried.merge(
        present.rename(columns={"to_area": "ref_area"}).drop(columns="present"),
        on=["ref_area", *_DIMENSIONS, "source_id"],
        how="inner",
        validate="one_to_one",
    )


def carried_record(record: SourceRecord, to_date: str) -> SourceRecord:
    """The record of counts that were carried from the territories of `record`."""
    return record.model_copy(
        update={
            "id": record.id + CARRIED_SUFFIX,
            "territorial_status": f"umgerechnet auf den Gebietsstand {to_date}",
            "attribution": f"{record.attribution}; Umsteigeschlüssel Kreise: BBSR; "
            "eigene Berechnung",
            "note": "Zahlen früherer Kreise, mit dem Bevölkerungsschlüssel des BBSR auf heutige "
            "Kreise umgerechnet; der Anteil umgerechneter und geschätzter Personen je Wert steht "
            "in carried_counts.csv.",
        }
    )
