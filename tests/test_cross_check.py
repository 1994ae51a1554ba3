"""Every packaged figure that also stands in a publisher's own file is read from there, too.

Two ways that share no code before the key: the packaged figures are our own tidy files, the
originals go through the publishers' formats and the mapping of labels. Both must say the same.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline.provenance import raw_files
from pipeline.tables.harmonise import KEY
from pipeline.tables.loading import load

#: File of packaged figures → how many of its figures stand in the originals. The rest was
#: published elsewhere: the 60 figures of care in 2017, KBV, INKAR, BBSR, OpenStreetMap.
COMPARED = {
    "figures/care.csv": 2898,
    "figures/hospitals.csv": 391,
    "figures/population_2022.csv": 851,
    "figures/population_age_sex.csv": 6912,
    "figures/population_flows.csv": 6917,
    "figures/population_kreis_recent.csv": 114,
    "figures/population_series.csv": 3310,
    "figures/population_single_ages.csv": 6808,
    "figures/social.csv": 149,
}


@pytest.fixture(scope="module")
def pairs(root: Path, originals: Path) -> pd.DataFrame:
    """Packaged figures beside the value that a publisher's file holds for the same key."""
    raw = root / "data" / "raw"
    loaded = load(raw, originals, lambda step: None)
    rows = loaded.long
    is_original = rows["source_id"].isin(loaded.originals)
    packaged = rows.loc[~is_original].assign(
        file=lambda frame: (
            frame["file"]
            .astype("str")
            .map({str(path): path.relative_to(raw).as_posix() for path in raw_files(raw)})
        )
    )
    wanted = packaged["ref_area"].unique()
    theirs = rows.loc[is_original & rows["ref_area"].isin(wanted)]
    return packaged.merge(theirs, on=KEY, suffixes=("", "_original"), validate="many_to_many")


def test_every_figure_that_stands_in_an_original_is_equal(pairs: pd.DataFrame) -> None:
    same_value = pairs["obs_value"].eq(pairs["obs_value_original"]) | (
        pairs["obs_value"].isna() & pairs["obs_value_original"].isna()
    )
    same_sign = pairs["obs_status"].astype("str").eq(pairs["obs_status_original"].astype("str"))
    wrong = pairs.loc[~(same_value & same_sign)]
    assert wrong.empty, (
        wrong[[*KEY, "obs_value", "obs_value_original", "file"]].head(20).to_string()
    )


def test_well_over_ten_thousand_figures_were_compared(pairs: pd.DataFrame) -> None:
    counts = pairs.drop_duplicates([*KEY, "source_id", "file"])["file"].value_counts()
    print(counts.to_string())
    assert counts.sum() >= 28_000
    missed = {name: n - int(counts.get(name, 0)) for name, n in COMPARED.items()}
    assert {name: n for name, n in missed.items() if n > 0} == {}
