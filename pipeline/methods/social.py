"""Social situation: minimum income quota, deprivation, commuting.

Three levels that must not be mixed: the quota exists for the municipality (Nordrhein-Westfalen
only), deprivation and commuting for the Kreis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from pipeline.methods.findings import Finding
from pipeline.methods.observed import latest_finding
from pipeline.regions import Place

TOPIC: Final = "social"
#: Fifths of the Kreise; the first is the least deprived (RKI, GISD Release 2025, README).
FIFTHS: Final = 5
#: Measures of commuting, with label.
COMMUTING: Final = {
    "in_commuters": "Einpendler in Prozent der Beschäftigten am Arbeitsort",
    "out_commuters": "Auspendler in Prozent der Beschäftigten am Wohnort",
}


def quota_finding(social: pd.DataFrame, place: Place) -> Finding:
    """Minimum income quota of a place, as published (id ``minimum-income-quota``).

    A quota of several municipalities together is not computed: the persons behind it are not
    published here, and shares are not averaged.

    Parameters
    ----------
    social : table `social`.
    """
    return latest_finding(
        social.loc[social["measure"].eq("minimum_income_quota")], "social", place,
        id="minimum-income-quota", topic=TOPIC, label="Mindestsicherungsquote", unit="percent",
    )  # fmt: skip


def quota_findings(social: pd.DataFrame, places: Sequence[Place]) -> list[Finding]:
    """`quota_finding` for several places, those without a value included."""
    return [quota_finding(social, place) for place in places]


def deprivation_finding(deprivation: pd.DataFrame, kreis: Place) -> Finding:
    """Fifth of the Kreise in which a Kreis lies by the GISD (id ``gisd-fifth``).

    1 is the least, 5 the most deprived fifth; the scale is that of all Kreise of Germany. An order
    within one year: no trend, and no outcome of health.

    Parameters
    ----------
    deprivation : table `deprivation`.
    """
    return latest_finding(
        deprivation.loc[deprivation["measure"].eq("gisd_5")], "deprivation", kreis,
        id="gisd-fifth", topic=TOPIC, label="Deprivation (GISD), Fünftel der Kreise",
        unit="quintile_of_400_kreise",
    )  # fmt: skip


def commuting_finding(structure: pd.DataFrame, kreis: Place, measure: str) -> Finding:
    """Share of commuters of a Kreis, as published (ids ``in-commuters``, ``out-commuters``).

    Parameters
    ----------
    structure : table `structure`.
    measure : a word of `COMMUTING`.
    """
    return latest_finding(
        structure.loc[structure["measure"].eq(measure)], "structure", kreis,
        id=measure.replace("_", "-"), topic=TOPIC, label=COMMUTING[measure], unit="percent",
    )  # fmt: skip
