"""The ledger of source errors: applied where the error stands, refused where it no longer does.

The real entry: Fehrbellin (12068117) has 0 inhabitants in the list of municipalities of 30 June
2024 and 9,094, of whom 4,675 male, in the GV100AD of 30 November 2023.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from pipeline.errors import RawDataError
from pipeline.sources import registry
from pipeline.tables.corrections import FILE, Correction, correct, read_corrections
from pipeline.tables.mappings import find_filling
from pipeline.tables.originals import harmonise, with_source
from pipeline.tables.records import record_of, status_date

ENTRY: dict[str, object] = {
    "format": "gv-auszug", "ref_area": "12068117", "time_period": "2022-12-31",
    "measure": "population", "wrong": 0, "right": 9094, "reason": "synthetic",
    "provider": "synthetic", "evidence": "synthetic", "date": "2026-11-21",
}  # fmt: skip


def rows(*values: float) -> pd.DataFrame:
    """Synthetic observations: the first is Fehrbellin's total, the others are its neighbours."""
    return pd.DataFrame(
        {
            "ref_area": ["12068117", "12068188", "12068190"][: len(values)],
            "time_period": "2022-12-31", "measure": "population", "sex": "total",
            "age_from": pd.array([None] * len(values), dtype="Int16"),
            "age_to": pd.array([None] * len(values), dtype="Int16"),
            "census_basis": "2011", "source_id": "synthetic", "obs_value": list(values),
        }
    )  # fmt: skip


def entry(**change: object) -> Correction:
    return Correction.model_validate({**ENTRY, **change})


def test_wrong_value_is_replaced_and_nothing_else() -> None:
    given = rows(0.0, 7.0)
    corrected, applied = correct(given, (entry(),), Path("list.xlsx"))
    assert corrected["obs_value"].tolist() == [9094.0, 7.0]
    assert given["obs_value"].tolist() == [0.0, 7.0]
    assert [(made.source_id, made.census_basis) for made in applied] == [("synthetic", "2011")]


@pytest.mark.parametrize(
    ("frame", "found"),
    [
        (rows(9094.0), "9094"),  # 1 mended by the publisher
        (rows(12.0), "12"),  # 2 another error
        (rows(), "no such row"),  # 3 the row is gone
    ],
)
def test_entry_that_no_longer_meets_its_error_stops_the_run(
    frame: pd.DataFrame, found: str
) -> None:
    with pytest.raises(RawDataError, match="no longer meets") as caught:
        correct(frame, (entry(),), Path("list.xlsx"))
    assert found in str(caught.value.found)
    assert caught.value.file == "list.xlsx"
    assert "delete the entry" in str(caught.value.remedy)


def test_entry_speaks_of_one_edition_of_one_table() -> None:
    edition = entry(territorial_status="2024-06-30")
    assert edition.is_for("gv-auszug", None, "2024-06-30")
    assert not edition.is_for("gv-auszug", None, "2025-06-30")
    assert not edition.is_for("gv100ad", None, "2024-06-30")
    assert entry(table="12411-15i", format="landesdatenbank-nrw").is_for(
        "landesdatenbank-nrw", "12411-15i", ""
    )


@pytest.mark.parametrize(
    "change", [{"right": 0}, {"reason": None}, {"typo": 1}, {"date": "yesterday"}]
)
def test_entry_that_lacks_a_field_or_corrects_nothing_is_refused(
    change: dict[str, object], tmp_path: Path
) -> None:
    ledger = {"corrections": [{**ENTRY, **change}]}
    (tmp_path / FILE).write_text(yaml.safe_dump(ledger), encoding="utf-8")
    with pytest.raises(RawDataError, match="not valid") as caught:
        read_corrections(tmp_path)
    assert caught.value.file == str(tmp_path / FILE)


def test_folder_without_a_ledger_has_no_corrections(tmp_path: Path) -> None:
    assert read_corrections(tmp_path) == ()


def test_packaged_ledger_meets_the_errors_of_the_publishers_file(
    root: Path, originals: Path
) -> None:
    path = originals / "gemeindeverzeichnis" / "AuszugGV2QAktuell.xlsx"
    table = registry.read(path)
    filling = find_filling(table)
    assert filling is not None
    record = record_of(table, filling, ["2022-12-31"], None)
    frame = with_source(harmonise(table, filling, path).frame, record, path)
    ledger = read_corrections(root / "data" / "raw")
    entries = tuple(e for e in ledger if e.is_for("gv-auszug", None, status_date(record)))
    corrected, applied = correct(frame, entries, path)
    fehrbellin = corrected.loc[
        corrected["ref_area"].eq("12068117") & corrected["measure"].eq("population")
    ].set_index("sex")["obs_value"]
    assert fehrbellin.to_dict() == {"total": 9094.0, "male": 4675.0, "female": 4419.0}
    assert len(applied) == len(ledger) == 3
