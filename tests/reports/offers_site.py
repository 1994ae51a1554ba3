"""A platform written into a folder of its own, with offers that are invented for the tests.

The invented offers are named "Synthetisch …".
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from pipeline.reports.platform import write_platform
from pipeline.reports.scripts import TEMPLATES
from pipeline.settings import Paths, read_params
from pipeline.tables import storage

HOSTILE = '"><script>alert(1)</script>'
OWN = "eigene-synthetische-liste"
LIPPSTADT = "05974028"
SHARED = {
    "style": (TEMPLATES / "style.css").read_text(encoding="utf-8"),
    "edition": "Test",
    "checksum": "0000",
    "script_hashes": [],
    "has_projects": False,
}


def synthetic(name: str, kind: str = "therapy", **given: object) -> dict[str, object]:
    """A row of the table `facilities` in Lippstadt."""
    row = {
        "kind": kind, "name": name, "longitude": 8.34, "latitude": 51.67, "site_ags": LIPPSTADT,
        "street": "Musterstraße", "house_number": "1", "site_postcode": "59555",
        "city": "Lippstadt", "wheelchair": "", "website": "", "languages": "",
        "is_in_study_region": True, "time_period": "2025-01-01", "source_id": OWN,
    }  # fmt: skip
    return {**row, **given}


def completeness() -> pd.DataFrame:
    """What the invented list says of itself: no midwife at all, 400 therapists in truth."""
    row = {
        "list_kind": "facilities", "ref_area": LIPPSTADT, "time_period": "2025-01-01",
        "n_listed": 0.0, "source_id": OWN,
    }  # fmt: skip
    return pd.DataFrame(
        [
            {**row, "sector": "midwifery", "completeness": "complete", "known_total": 0.0},
            {**row, "sector": "therapy", "completeness": "partial", "known_total": 400.0},
        ]
    )


@contextmanager
def written_site(
    root: Path,
    processed: Path,
    folder: Path,
    rows: Sequence[dict[str, object]],
    regions: Sequence[str],
) -> Iterator[Paths]:
    """The platform of some regions, with `rows` as Lippstadt's own list; its folders are set."""
    tables = folder / "processed"
    shutil.copytree(processed, tables)
    sites = storage.read("facilities", processed=processed)
    is_lost = sites["site_ags"].eq(LIPPSTADT) & sites["name"].str.startswith("Löwen")
    merged = pd.concat([sites.loc[~is_lost], pd.DataFrame(rows)], ignore_index=True)
    merged.to_parquet(tables / "facilities.parquet")
    completeness().to_parquet(tables / "completeness.parquet")
    sources = storage.read("sources", processed=processed)
    mapped = sources.loc[sources["source_id"].eq("osm-apothekenstandorte-2020")]
    own = mapped.assign(
        source_id=OWN, licence="LicenseRef-Zitat", attribution="Synthetische Stelle", producer="S"
    )
    pd.concat([sources, own], ignore_index=True).to_parquet(tables / "sources.parquet")
    paths = Paths(raw=root / "data" / "raw", processed=tables, reports=folder / "reports")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in paths.environment().items():
            patch.setenv(name, value)
        write_platform(paths, read_params(root / "params.yaml"), regions, SHARED)
        yield paths
