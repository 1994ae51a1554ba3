"""The scenario that the reader moves: a figure, and the model behind it as recorded arithmetic.

In JupyterLab it is the figure. In the report the renderer adds sliders: the page repeats the
record of `methods.scenarios.combine.program` with the reader's values (`scenario.js`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from pipeline.figures.contract import Figure
from pipeline.methods.scenarios.base import UNITS, Assumption, Start
from pipeline.methods.scenarios.combine import (
    MAIN_SCENARIOS,
    OUTPUTS,
    assumptions_of,
    neutral_values,
    open_assumptions,
    program,
)
from pipeline.methods.scenarios.start import BASES

SCENARIO_MIME = "application/vnd.versorgungslabor.scenario+json"


@dataclass(frozen=True, kw_only=True)
class ScenarioPanel(Figure):
    """A figure with the sliders that move it.

    Attributes
    ----------
    model : as `panel_model` makes it.
    """

    model: dict[str, Any]

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        return {**super()._repr_mimebundle_(), SCENARIO_MIME: self.model}


def panel_model(start: Start) -> dict[str, Any]:
    """Sliders, years, record and outputs, as JSON for the page.

    Keys: `place`; `note` (how the start is known); `years`; `sliders` (name, label, value, min,
    max, step, decimals, unit, source, is_measure), at first where nothing is done; `suggested`
    (name → value of a first scenario); `entries` (texts are inputs, numbers constants, lists
    operations on two earlier entries); `outputs` (name, label, decimals, entries by year).
    """
    record = program(start)
    known = {item.name: item for item in assumptions_of(start, MAIN_SCENARIOS)}
    neutral, names = neutral_values(), open_assumptions(start)
    return {
        "place": start.name,
        "note": BASES[start.basis],
        "years": list(start.years),
        "sliders": [_slider(known[name], neutral.get(name)) for name in names],
        "suggested": {name: known[name].value for name in names},
        "entries": [list(e) if isinstance(e, tuple) else e for e in record.entries],
        "outputs": [
            {"name": name, "label": label, "decimals": decimals, "entries": record.outputs[name]}
            for name, (label, decimals) in OUTPUTS.items()
        ],
    }


def _slider(item: Assumption, neutral: float | None) -> dict[str, Any]:
    value = item.value if neutral is None else neutral
    step = item.step
    # the steps go through the value: a browser would move it to the nearest step otherwise
    below = math.floor((value - item.low) / step + 1e-9)
    above = math.floor((item.high - value) / step + 1e-9)
    return {
        "name": item.name,
        "label": item.label,
        "value": value,
        "min": round(value - below * step, 6),
        "max": round(value + above * step, 6),
        "step": step,
        "decimals": max(_decimals(step), _decimals(value)),
        "unit": UNITS[item.unit],
        "source": item.source,
        "is_measure": neutral is not None,
    }


def _decimals(value: float) -> int:
    """Decimals that a number is written with, at most two."""
    return next(d for d in (0, 1, 2) if d == 2 or abs(value - round(value, d)) < 1e-9)
