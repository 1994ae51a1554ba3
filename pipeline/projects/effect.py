"""What can be said about effect: contribution for every project, a comparison only from own data.

No real record of the workspace holds an outcome before and after at the level of its unit; for
these the sentence `NO_PROOF`, the power table and the data collection plan are the result.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pipeline.errors import MethodInputError
from pipeline.methods import contribution as c
from pipeline.methods import did, power, synthetic_control
from pipeline.projects.record import Record
from pipeline.projects.vocabulary import Bearing, Level

_STAGES = {
    Level.INPUT: c.Stage.INPUT,
    Level.ACTIVITY: c.Stage.ACTIVITY,
    Level.OUTPUT: c.Stage.OUTPUT,
    Level.OUTCOME: c.Stage.OUTCOME,
    Level.IMPACT: c.Stage.IMPACT,
}
_BEARINGS = {
    Bearing.SUPPORTS: c.Bearing.SUPPORTS,
    Bearing.CONTRADICTS: c.Bearing.CONTRADICTS,
}
#: Numbers of comparison units in the power table.
COMPARISONS = [4, 9, 19, 39, 99]
#: From here on a comparison is worth a look: fewer units or periods prove nothing.
LEAST_COMPARISON_UNITS = 3


def contribution(record: Record) -> c.Contribution | None:
    """The assessed intervention logic; None where the record has none."""
    if not record.links:
        return None
    elements = [c.Element(e.key, _STAGES[e.stage], e.text) for e in record.elements]
    steps = [
        c.Step(
            link.before,
            link.after,
            link.because,
            tuple(
                c.Proof(p.text, p.source, _BEARINGS[p.bearing])
                for p in record.proofs
                if (p.before, p.after) == (link.before, link.after)
            ),
            tuple(
                c.Rival(rival.text, rival.answer)
                for rival in record.rivals
                if (rival.before, rival.after) == (link.before, link.after)
            ),
        )
        for link in record.links
    ]
    return c.assess_contribution(elements, steps)


def power_by_comparisons(treated: int) -> pd.DataFrame:
    """Least effect that would be found, in standard deviations of the change between units.

    No spread is known for the real projects, so the unit is the spread itself.

    Returns
    -------
    `comparison`, `least_effect` (standard deviations), `least_p`.
    """
    return power.power_table(1.0, max(treated, 1), COMPARISONS)


@dataclass(frozen=True)
class Comparison:
    """What the comparison with and without found for one outcome.

    `pre_trend` is the largest effect before the start (should be near 0); `placebo_p` the share of
    units whose gap after the start is as large, relative to before.
    """

    indicator: str
    treated: int
    comparison: int
    effect: did.Effect | None
    by_time: pd.DataFrame
    pre_trend: float | None
    synthetic: float | None
    placebo_p: float | None
    statement: power.PowerStatement | None
    notes: tuple[str, ...]


def comparisons(record: Record) -> list[Comparison]:
    """One result an outcome with values before and after for treated and other units."""
    found = []
    for name in dict.fromkeys(row.indicator for row in record.outcomes):
        rows = [row for row in record.outcomes if row.indicator == name]
        panel = pd.DataFrame(
            {
                "unit": [row.unit for row in rows],
                "time_period": [row.time_period for row in rows],
                "obs_value": [row.value for row in rows],
            }
        )
        starts = pd.Series({row.unit: row.treated_from or None for row in rows}, dtype="object")
        found.append(_compare(name, panel, starts))
    return found


def _compare(name: str, panel: pd.DataFrame, starts: pd.Series) -> Comparison:
    treated = int(starts.notna().sum())
    others = len(starts) - treated
    notes: list[str] = []
    if treated == 0 or others < LEAST_COMPARISON_UNITS:
        notes.append(
            f"Zu wenige Einheiten für einen Vergleich: {treated} geförderte, {others} andere."
        )
        return Comparison(
            name, treated, others, None, pd.DataFrame(), None, None, None, None, tuple(notes)
        )
    effect, by_time, pre = None, pd.DataFrame(), None
    try:
        by_time = did.group_time_effects(panel, starts)
        before = by_time.loc[by_time["is_before"] & by_time["estimate"].notna(), "estimate"]
        pre = float(before.abs().max()) if len(before) else None
        if pre is None:
            notes.append("Nur ein Zeitraum vor dem Beginn: Der Trend davor ist nicht prüfbar.")
        effect = did.two_way_effect(panel, starts)
    except MethodInputError:
        notes.append(
            "Ein gemeinsamer Effekt ist nicht berechenbar: verschiedene Beginne, fehlende Werte "
            "oder kein Zeitraum vor dem Beginn."
        )
    synthetic, p_value = _synthetic(panel, starts, notes)
    return Comparison(
        name, treated, others, effect, by_time, pre, synthetic, p_value,
        _statement(panel, starts, treated, others, notes), tuple(notes),
    )  # fmt: skip


def _synthetic(
    panel: pd.DataFrame, starts: pd.Series, notes: list[str]
) -> tuple[float | None, float | None]:
    treated = starts.dropna()
    if len(treated) != 1:
        notes.append("Ein synthetischer Vergleich braucht genau eine geförderte Einheit.")
        return None, None
    wide = panel.pivot(index="time_period", columns="unit", values="obs_value").sort_index()
    try:
        table = synthetic_control.placebo_test(wide, treated.index[0], treated.iloc[0])
    except MethodInputError:
        notes.append(
            "Synthetischer Vergleich nicht berechenbar: Werte fehlen, oder es gibt zu wenige "
            "Zeiträume oder Vergleichseinheiten."
        )
        return None, None
    own = table.loc[table["is_treated"]].iloc[0]
    return float(own["effect"]), synthetic_control.placebo_p(int(own["rank"]), len(table))


def _statement(
    panel: pd.DataFrame, starts: pd.Series, treated: int, others: int, notes: list[str]
) -> power.PowerStatement | None:
    wide = panel.pivot(index="time_period", columns="unit", values="obs_value").sort_index()
    first = starts.dropna().min()
    before = int((wide.index < first).sum())
    pool = wide[starts.index[starts.isna()]]
    try:
        spread = power.spread_of_change(pool, max(1, before // 2), 1)
        return power.power_statement(spread, treated, others, unit="Einheiten der Kennzahl")
    except MethodInputError:
        notes.append("Keine Aussage zur Nachweisbarkeit: zu wenig Vorgeschichte.")
        return None


def collection_plan(record: Record) -> pd.DataFrame:
    """What would have to be collected so that effect can be judged.

    One row an outcome or impact of the logic: `what`, `unit`, `whom`, `when`, `why`. Nothing is
    decided here: these are the requirements of the method for this project's own logic.
    """
    treated = len(record.project.regions)
    supported = "die eine geförderte Einheit" if treated == 1 else f"{treated} geförderte Einheiten"
    rows = [
        {
            "what": element.text,
            "stage": str(element.stage),
            "whom": f"{supported} und möglichst 19 oder mehr vergleichbare Einheiten ohne "
            "Förderung",
            "when": "mindestens zwei Zeitpunkte vor dem Beginn, danach jährlich bis zwei Jahre "
            "nach dem Ende",
            "how": "gleiche Definition, gleiche Quelle, gleicher Stichtag für alle Einheiten",
        }
        for element in record.elements
        if element.stage in (Level.OUTCOME, Level.IMPACT)
    ]
    return pd.DataFrame(rows, columns=["what", "stage", "whom", "when", "how"])
