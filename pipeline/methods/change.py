"""Change and share between two figures, and what the rounding of printed figures leaves open."""

from __future__ import annotations

from pipeline.methods.exact import Number, exact, exact_positive


def percent_change(start: Number, end: Number) -> float:
    """Change from `start` (above zero) to `end`, in percent of `start`."""
    base = exact_positive(start, "start")
    return float(100 * (exact(end, "end") - base) / base)


def percent_change_bounds(
    start: Number, end: Number, *, start_step: Number, end_step: Number
) -> tuple[float, float]:
    """Lowest and highest change that figures rounded to these units allow, in percent.

    Printed "from 63 to 57 per 100,000" (units of 1) can be anything from -11.0 to -8.0 %.
    """
    half_start = exact_positive(start_step, "unit of start") / 2
    half_end = exact_positive(end_step, "unit of end") / 2
    low_start = exact_positive(exact(start, "start") - half_start, "start less its rounding")
    high_start = low_start + 2 * half_start
    last = exact(end, "end")
    low_end, high_end = last - half_end, last + half_end
    # a negative end shrinks with a larger start, a positive one with a smaller
    lows = (percent_change(low_start, low_end), percent_change(high_start, low_end))
    highs = (percent_change(low_start, high_end), percent_change(high_start, high_end))
    return min(lows), max(highs)


def whole_from_part(part: Number, percent: Number) -> float:
    """The whole of which `part` is `percent` percent: 32 leavers are 37 % of 86.5 doctors."""
    return float(100 * exact(part, "part") / exact_positive(percent, "percent"))


def whole_from_part_bounds(
    part: Number, percent: Number, *, percent_step: Number = 1
) -> tuple[float, float]:
    """Smallest and largest whole that a percentage rounded to `percent_step` allows."""
    half = exact_positive(percent_step, "unit of percent") / 2
    printed = exact_positive(percent, "percent")
    low = exact_positive(printed - half, "percent less its rounding")
    return whole_from_part(part, printed + half), whole_from_part(part, low)
