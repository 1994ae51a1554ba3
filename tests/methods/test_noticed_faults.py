"""Cases that only a small fault in a formula would get wrong (found by benchmarks/mutation.py)."""

from __future__ import annotations

import pandas as pd

from pipeline.methods import planning


def test_one_doctor_and_one_percent_still_imply_a_ratio_and_zero_does_not() -> None:
    """ratio = grade · inhabitants / (100 · doctors), Bedarfsplanungs-Richtlinie § 8."""
    rows = pd.DataFrame(
        {
            "planning_area": list("ABCD"),
            "doctor_group": ["Hausärzte"] * 4,
            "doctors_counted": [1, 1, 0, 1],
            "inhabitants": [3_220, 161_000, 3_220, 3_220],
            "ratio": [None] * 4,
            "grade_percent": [50, 1, 50, 0],
        }
    )
    result = planning.assess_areas(rows)
    assert result["used_ratio"].tolist()[:2] == [1610, 1610]
    assert result["is_computable"].tolist() == [True, True, False, False]
