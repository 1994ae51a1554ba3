"""Physicians per Kreis as the KBV counts them: heads at the main site, not seats."""

from __future__ import annotations

import pandas as pd

from pipeline.errors import MethodInputError
from pipeline.methods.findings import Finding
from pipeline.methods.observed import latest_finding
from pipeline.regions import Place

#: The KBV's group: general practitioners and internists in primary care, no paediatricians.
GP_GROUP = "Hausärztliche Fachgruppen"

#: Measures of the KBV's table, with label and unit for readers, in the order of the table.
PROFILE = {
    "density": ("je 100.000 Einwohner", "per_100000"),
    "share_over_65": ("Anteil über 65 Jahre in Prozent", "percent"),
    "mean_age": ("Durchschnittsalter in Jahren", "years"),
    "share_female": ("Anteil Frauen in Prozent", "percent"),
    "share_employed": ("Anteil Angestellte in Prozent", "percent"),
}


def inhabitants_per_doctor(density: float) -> float:
    """Inhabitants per physician from physicians per 100,000 inhabitants.

    Raises
    ------
    MethodInputError : a density that is not positive.
    """
    if not density > 0:
        raise MethodInputError(
            "no physicians, so no inhabitants per physician", found=density, expected="above zero"
        )
    return 100_000.0 / density


def profile_finding(
    physicians: pd.DataFrame, place: Place, measure: str, group: str = GP_GROUP
) -> Finding:
    """One measure of `PROFILE` for a place, as published, or "keine Daten".

    Parameters
    ----------
    physicians : table `physicians`; values of `place.ref_area` itself, never of another level.
    """
    label, unit = PROFILE[measure]
    rows = physicians.loc[physicians["measure"].eq(measure) & physicians["doctor_group"].eq(group)]
    return latest_finding(
        rows, "physicians", place, id=f"gp-{measure.replace('_', '-')}", topic="supply",
        label=f"{group}: {label}", unit=unit,
    )  # fmt: skip


def per_doctor_finding(density: Finding) -> Finding:
    """Inhabitants per physician, computed from a published density."""
    if density.value is None:
        return density
    return Finding(
        id="inhabitants-per-gp",
        topic=density.topic,
        label="Einwohner je Hausärztin oder Hausarzt",
        value=inhabitants_per_doctor(density.value),
        unit="persons",
        ref_area=density.ref_area,
        ref_area_name=density.ref_area_name,
        level=density.level,
        time_period=density.time_period,
        kind="eigene Berechnung",
        evidence=density.evidence,
    )
