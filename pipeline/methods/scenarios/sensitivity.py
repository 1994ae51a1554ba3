"""What matters most: each assumption from low to high, all others as they are (tornado)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from pipeline.methods.scenarios.base import Assumption


def tornado(
    assumptions: tuple[Assumption, ...],
    result: Callable[[Mapping[str, float]], float],
    values: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """The result at both ends of each assumption, the widest first.

    One at a time: what two assumptions do together is not in it.

    Parameters
    ----------
    assumptions : those to move.
    result : from values (name → number) to the number that is looked at.
    values : where the others stand; their own values by default.

    Returns
    -------
    One row an assumption: `name`, `label`, `unit`, `low`, `high`, `source`, `result` (with all as
    they are), `result_low`, `result_high`, `span` (not negative); ties by name.
    """
    standing = {item.name: item.value for item in assumptions} | dict(values or {})
    middle = result(standing)
    rows = []
    for item in assumptions:
        at_low = result(standing | {item.name: item.low})
        at_high = result(standing | {item.name: item.high})
        rows.append(
            {
                "name": item.name,
                "label": item.label,
                "unit": item.unit,
                "low": item.low,
                "high": item.high,
                "source": item.source,
                "result": middle,
                "result_low": at_low,
                "result_high": at_high,
                "span": abs(at_high - at_low),
            }
        )
    frame = pd.DataFrame(rows)
    return frame.sort_values(["span", "name"], ascending=[False, True], ignore_index=True)
