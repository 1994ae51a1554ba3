"""Rows of a table as the evidence of a finding."""

from __future__ import annotations

import pandas as pd

from pipeline.methods.findings import Evidence
from pipeline.provenance import VALUELESS_STATUS

#: Columns that may tell a row of observations apart from the others.
KEY_COLUMNS = (
    "ref_area", "time_period", "measure", "census_basis", "sex", "age_from", "age_to",
    "doctor_group", "variant", "planning_area", "date_from", "date_to", "date_text", "source_title",
)  # fmt: skip


def evidence_of(rows: pd.DataFrame, table: str, value: str = "obs_value") -> tuple[Evidence, ...]:
    """One piece of evidence a row.

    Parameters
    ----------
    rows : rows of a processed table, with `source_id`, and `obs_status` where the table has it.
    table : its name.
    value : the column that holds the number.
    """
    keys = [name for name in KEY_COLUMNS if name in rows.columns]
    return tuple(
        Evidence(
            source_id=str(row["source_id"]),
            table=table,
            key={
                name: str(row[name]) for name in keys if not pd.isna(row[name]) and row[name] != ""
            },
            value=None if row.get("obs_status", "") in VALUELESS_STATUS else float(row[value]),
            status=str(row.get("obs_status", "")),
        )
        for row in rows.to_dict("records")
    )
