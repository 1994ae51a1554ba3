"""Groups of doctors beside the same group elsewhere; densities as the KBV prints them for 2023."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline.methods import specialists
from pipeline.methods.physicians import GP_GROUP
from pipeline.regions import Place

LIPPE = Place("05766", "Kreis Lippe", "kreis", ("05766",))
KV = Place("KV:Westfalen-Lippe", "Westfalen-Lippe", "kv_region", ("KV:Westfalen-Lippe",))
#: Lippe, Westfalen-Lippe, as printed; Radiologen are planned above the Kreis
DENSITIES = {
    GP_GROUP: (53.6, 59.8),
    "Augenärzte": (4.9, 7.4),
    "Hautärzte": (5.0, 4.7),  # not Lippe's value: one group must lie above
    "Radiologen (ohne Strahlentherapeuten)": (None, 5.5),
    "Gesamt": (100.0, 203.8),
}


def physicians() -> pd.DataFrame:
    rows = [
        {"ref_area": area, "time_period": "2023", "measure": "density", "doctor_group": group,
         "unit_measure": "per_100000", "obs_value": value, "obs_status": "", "source_id": "kbv"}
        for group, values in DENSITIES.items()
        for area, value in zip((LIPPE.ref_area, KV.ref_area), values, strict=True)
        if value is not None
    ]  # fmt: skip
    share = {**rows[0], "measure": "share_over_65", "obs_value": 19.8}
    inkar = {**rows[0], "measure": "gp_density", "unit_measure": "per_10000", "obs_value": 6.2}
    return pd.DataFrame([*rows, share, inkar])


def test_only_groups_that_both_have_are_compared_and_never_the_total() -> None:
    both = specialists.compared(physicians(), LIPPE.ref_area, KV.ref_area)
    assert list(both.index) == [GP_GROUP, "Augenärzte", "Hautärzte"]
    assert both.at["Augenärzte", "percent_of_reference"] == pytest.approx(66.216, abs=0.001)


def test_a_share_that_is_not_printed_stays_missing() -> None:
    table = specialists.profile(physicians(), LIPPE.ref_area)
    assert table["share_over_65"].notna().to_dict() == {
        GP_GROUP: True,
        "Augenärzte": False,
        "Hautärzte": False,
    }


def test_groups_below_are_counted_with_the_rows_of_both_territories() -> None:
    below = specialists.groups_below_finding(physicians(), LIPPE, KV)
    compared = specialists.groups_compared_finding(physicians(), LIPPE, KV)
    assert (below.value, compared.value) == (2.0, 3.0)
    assert len(below.evidence) == 6


def test_relative_density_of_a_group_that_the_kreis_lacks_is_no_data() -> None:
    group = "Radiologen (ohne Strahlentherapeuten)"
    finding = specialists.relative_density_finding(physicians(), LIPPE, KV, group)
    assert (finding.kind, finding.id) == ("keine Daten", "density-of-kv-radiologen")
    known = specialists.relative_density_finding(physicians(), LIPPE, KV, GP_GROUP)
    assert known.value == pytest.approx(89.632, abs=0.001)


def test_every_group_of_the_published_table_but_the_sums_has_a_name(processed) -> None:
    groups = set(pd.read_parquet(processed / "physicians.parquet")["doctor_group"]) - {""}
    sums_and_others = {
        "Gesamt",
        "Gesonderte Fachärztliche Versorgung und übrige Arztgruppen",
        "Mund-Kiefer-Gesichts-Chirurgen",
    }
    assert groups - set(specialists.GROUPS) == sums_and_others


def test_planning_region_lies_between_its_kreise(processed) -> None:
    """The division is an assumption; a density of the whole lies between those of its parts."""
    table = pd.read_parquet(processed / "physicians.parquet")
    density = table.loc[table["measure"].eq("density") & table["doctor_group"].eq(GP_GROUP)]
    values = density.set_index("ref_area")["obs_value"]
    kreise = [key for key, region in specialists.PLANNING_REGION.items() if region == "ROR:511"]
    assert values[kreise].min() <= values["ROR:511"] <= values[kreise].max()
    assert specialists.planning_region_of("09162") is None
