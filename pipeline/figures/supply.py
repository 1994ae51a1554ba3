"""GPs of a Kreis: density beside the other Kreise of the KV, age, sex, employment.

The other figures of the chapter "Ambulante Versorgung" stand in `supply_groups`, `supply_planning`
and `supply_outlook`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures import charts, german
from pipeline.figures.contract import DataTable, Figure
from pipeline.figures.fact_table import fact_table
from pipeline.figures.prose import Prose, notice
from pipeline.methods.findings import Finding
from pipeline.methods.physicians import GP_GROUP, PROFILE
from pipeline.methods.published_facts import Indicator, facts_about, facts_named
from pipeline.methods.published_planning import Membership, membership
from pipeline.regions import Place, kv_of_kreis
from pipeline.tables.workspace import Workspace

_PROFILE_LABELS: Mapping[str, str] = {
    "density": "Hausärztinnen und Hausärzte je 100.000 Einwohner",
    "share_over_65": "über 65 Jahre alt (%)",
    "mean_age": "Durchschnittsalter (Jahre)",
    "share_female": "Frauen (%)",
    "share_employed": "angestellt (%)",
}


#: Single figures on the GPs of a place; the age limit stands in the label.
FACTS: Mapping[str, Indicator] = {
    "gp_count": Indicator("Hausärzte", "Hausärztinnen und Hausärzte", "persons"),
    "gp_count_over_60": Indicator("Hausärzte", "davon über 60 Jahre alt", "persons"),
    "gp_share_over_60": Indicator("Hausärzte", "über 60 Jahre alt (%)", "percent"),
    "gp_share_59plus": Indicator("Hausärzte", "59 Jahre und älter (%)", "percent"),
    "gp_mean_age": Indicator("Hausärzte", "Durchschnittsalter (Jahre)", "years"),
}
#: Doctors of whom an age is shown, at least.
FEWEST = 10


def density_figure(lab: Workspace, physicians: pd.DataFrame) -> Figure:
    """GP density of the region's Kreis, beside the other Kreise of the data in the same KV.

    Parameters
    ----------
    physicians : table `physicians`.
    """
    kreis, kv = lab.place(lab.region.kreis), lab.place(lab.region.kv)
    rows = physicians.loc[
        physicians["measure"].eq("density") & physicians["doctor_group"].eq(GP_GROUP)
    ]
    neighbours = rows.loc[rows["ref_area"].map(lambda key: _is_in_kv(lab, str(key)))]
    if kreis.ref_area not in set(neighbours["ref_area"]):
        raise NoDataError(f"keine Hausarztdichte für {kreis.name}")
    neighbours = neighbours.sort_values("obs_value", ascending=False)
    reference = rows.loc[rows["ref_area"].eq(kv.ref_area)]
    shown = pd.concat([neighbours, reference])
    attributions = lab.attributions(sorted(set(shown["source_id"])))
    bars = [
        charts.Bar(
            lab.name_of(row["ref_area"]),
            row["obs_value"],
            german.number(row["obs_value"], 1),
            is_subject=row["ref_area"] == kreis.ref_area,
        )
        for row in neighbours.to_dict("records")
    ]
    kv_bar = [
        charts.Bar(f"KV-Bezirk {kv.name}", value, german.number(value, 1))
        for value in reference["obs_value"]
    ]
    period = german.period(str(shown["time_period"].max()))
    return Figure(
        id="gp-density",
        title=_density_title(kreis, kv, neighbours, reference),
        caption=f"Hausärztinnen und Hausärzte je 100.000 Einwohner, {period}. Gezählt sind Köpfe "
        "am Hauptsitz der Praxis, keine Arztsitze; ohne Kinderärzte. Gezeigt sind die Kreise der "
        f"Untersuchungsregion im KV-Bezirk {kv.name}.",
        alt=f"Balken für {german.number(len(bars))} Kreise. {kreis.name}: "
        + next(bar.printed for bar in bars if bar.is_subject)
        + "".join(f"; {bar.label}: {bar.printed}" for bar in kv_bar)
        + ".",
        data=pd.DataFrame(
            {
                "Gebiet": [bar.label for bar in [*bars, *kv_bar]],
                "je 100.000 Einwohner": [bar.printed for bar in [*bars, *kv_bar]],
            }
        ),
        level=kreis.name,
        as_of=lab.as_of,
        attributions=attributions,
        draw=partial(charts.bars, bars, reference=kv_bar[0] if kv_bar else None),
    )


def _density_title(kreis: Place, kv: Place, rows: pd.DataFrame, reference: pd.DataFrame) -> str:
    """Where the Kreis lies beside its KV; what is counted, where the KV is not known."""
    if reference.empty:
        return "Wie viele Hausärztinnen und Hausärzte es im Kreis gibt"
    own = rows.loc[rows["ref_area"].eq(kreis.ref_area), "obs_value"].iloc[0]
    side = german.way(
        float(own - reference["obs_value"].iloc[0]), "über dem|unter dem|gleichauf mit dem"
    )
    return f"Hausarztdichte: {kreis.name} liegt {side} KV-Bezirk {kv.name}"


def _is_in_kv(lab: Workspace, key: str) -> bool:
    """Whether a key is a Kreis in the association of the region (Nordrhein is another one)."""
    return len(key) == 5 and key.isdigit() and kv_of_kreis(key) == lab.region.kv


def profile_table(lab: Workspace, findings: Sequence[Finding]) -> DataTable:
    """Density, age, sex and employment of the GPs: Kreis beside KV.

    Parameters
    ----------
    findings : as returned by `methods.physicians.profile_finding`, for all measures and places.
    """
    names = list(dict.fromkeys(finding.ref_area_name for finding in findings))
    values = {(finding.ref_area_name, finding.id): finding for finding in findings}
    data: dict[str, list[str]] = {"Hausärztinnen und Hausärzte": list(_PROFILE_LABELS.values())}
    for name in names:
        data[name] = [
            _printed(values.get((name, f"gp-{measure.replace('_', '-')}"))) for measure in PROFILE
        ]
    known = [finding for finding in findings if finding.is_known]
    if not known:
        raise NoDataError("keine Angaben zu Hausärztinnen und Hausärzten")
    period = german.period(max(finding.time_period for finding in known))
    return DataTable(
        id="gp-profile",
        title="Alter, Geschlecht und Anstellung der Hausärztinnen und Hausärzte",
        caption=f"Stand {period}; der Stichtag im Jahr ist nicht bekannt. Die Altersgrenze ist "
        "65 Jahre. Anteile für Gruppen mit weniger als zehn Personen sind nicht enthalten.",
        data=pd.DataFrame(data),
        level=german.enumeration(names),
        as_of=lab.as_of,
        attributions=lab.attributions(
            sorted({row.source_id for finding in known for row in finding.evidence})
        ),
    )


def _printed(finding: Finding | None) -> str:
    if finding is None or finding.value is None:
        return german.NO_DATA
    return german.number(finding.value, 1)


def facts_table(lab: Workspace, facts: pd.DataFrame) -> DataTable:
    """What press and project pages say of the age of the GPs: region, planning area, Kreis.

    Parameters
    ----------
    facts : table `published_facts`.

    Raises
    ------
    NoDataError : no source names a figure.
    """
    area = membership(lab.table("planning_areas"), lab.region.slug)
    rows = pd.concat(
        [
            facts_about(facts, lab.region, lab.reference_date, FACTS),
            *(
                facts_named(facts, name, lab.reference_date, FACTS)
                for name in _names_of(facts, area)
            ),
        ],
        ignore_index=True,
    )
    # no age of fewer than ten doctors
    few = rows.loc[rows["indicator"].eq("gp_count") & rows["value"].lt(FEWEST), "source_title"]
    rows = rows.loc[~rows["source_title"].isin(set(few))]
    if rows.empty:
        raise NoDataError(
            "Zum Alter der Hausärztinnen und Hausärzte am Ort nennt keine ausgewertete Quelle eine "
            "Zahl. Die Kassenärztliche Vereinigung kennt sie"
        )
    return fact_table(
        lab,
        rows,
        "gp-facts",
        "Was Presse und Projekte über die Hausärzte am Ort sagen",
        "Einzelne Zahlen, jede mit Gebiet, Stand und Quelle. Wörter wie „knapp“ stehen so in der "
        "Quelle. Die Altersgrenze ist hier eine andere als in den Tabellen darüber; die Anteile "
        "lassen sich nicht mit ihnen vergleichen.",
    )


def _names_of(facts: pd.DataFrame, area: Membership) -> list[str]:
    """The names that the collection gives to the planning area, where the membership is sure."""
    if not (area.is_sure and area.planning_area):
        return []
    names = facts["fact_region"].drop_duplicates()
    return sorted(names[names.str.startswith(f"MB {area.planning_area}")])


def level_notice(lab: Workspace) -> Prose:
    """Whose figures the chapter shows."""
    kreis = lab.name_of(lab.region.kreis)
    if lab.region.is_kreis:
        text = f"{kreis} ist kreisfrei: Die Arztzahlen des Kreises sind die der Stadt."
    else:
        text = f"{kreis} – für {lab.region.name} liegen keine eigenen Arztzahlen der Statistik vor."
    return notice([text], "note")
