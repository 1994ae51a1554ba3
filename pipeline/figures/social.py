"""Figures of the chapter "Soziale Lage"."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures import charts, german
from pipeline.figures.contract import DataTable, Figure
from pipeline.figures.fifths import fifths
from pipeline.figures.prose import Prose, notice, tell, together
from pipeline.methods.findings import Finding
from pipeline.methods.social import FIFTHS
from pipeline.regions import Place
from pipeline.tables.workspace import Workspace

#: How a level is named behind the name of a place.
_LEVELS = {"municipality": "Gemeinde", "kreis": "Kreis", "land": "Land"}
_ENDS = ("am wenigsten benachteiligt", "am stärksten benachteiligt")


def quota_places(lab: Workspace) -> list[Place]:
    """Each member municipality on its own, then Kreis and Land."""
    levels = [*lab.region.areas, *lab.region.benchmarks]
    return [lab.place(key) for key in levels if lab.place(key).level != "country"]


def quota_words(lab: Workspace, quotas: Sequence[Finding]) -> Prose | None:
    """One sentence a municipality, never one of Kreis or Land; None where no value is known.

    `quota_figure` says why there is none.

    Parameters
    ----------
    quotas : as returned by `methods.social.quota_findings`.
    """
    own = [quota for quota in quotas if quota.ref_area in lab.region.areas]
    if not any(quota.is_known for quota in own):
        return None
    return together(
        *(
            tell(
                "{quota.area}: {quota.number} Prozent der Menschen lebten {quota.date} von "
                "Mindestsicherung ({quota.kind}).",
                quota=quota,
            )
            for quota in own
        )
    )


def quota_figure(lab: Workspace, quotas: Sequence[Finding]) -> Figure:
    """Minimum income quota of the municipalities, beside Kreis and Land as other levels.

    Parameters
    ----------
    quotas : as returned by `methods.social.quota_findings`.
    """
    members = set(lab.region.areas)
    known = [quota for quota in quotas if quota.is_known]
    if not any(quota.ref_area in members for quota in known):
        raise NoDataError(
            f"Die Mindestsicherungsquote liegt für {lab.region.name} nicht vor; die verwendete "
            "Tabelle gibt es nur für Nordrhein-Westfalen"
        )
    known.sort(key=lambda quota: quota.ref_area not in members)
    bars = [
        charts.Bar(
            f"{quota.ref_area_name} ({_LEVELS[quota.level]})",
            quota.value or 0.0,
            f"{german.number(quota.value or 0.0, 1)} %",
            is_subject=quota.ref_area in members,
        )
        for quota in known
    ]
    return Figure(
        id="minimum-income-quota",
        title=_quota_title(known, members),
        caption="Anteil der Menschen, die Leistungen der Mindestsicherung erhalten, "
        f"{german.period(known[0].time_period)}. Blau: die Gemeinde selbst. Grau: Kreis und Land, "
        "also andere Ebenen; sie dienen der Einordnung.",
        alt="Balken. " + "; ".join(f"{bar.label}: {bar.printed}" for bar in bars) + ".",
        data=pd.DataFrame(
            {
                "Gebiet": [quota.ref_area_name for quota in known],
                "Ebene": [_LEVELS[quota.level] for quota in known],
                "Mindestsicherungsquote (%)": [
                    german.number(quota.value or 0.0, 1) for quota in known
                ],
            }
        ),
        level="Gemeinde, Kreis, Land",
        as_of=lab.as_of,
        attributions=_attributions(lab, known),
        draw=partial(charts.bars, bars),
    )


def _quota_title(known: Sequence[Finding], members: Collection[str]) -> str:
    """Where the municipalities lie beside their Land."""
    own = [quota for quota in known if quota.ref_area in members]
    land = [quota.value for quota in known if quota.level == "land" and quota.value is not None]
    if not land:
        return "Wie viele Menschen von Mindestsicherung leben"
    sides = {
        german.way((quota.value or 0.0) - land[0], "über dem|unter dem|gleichauf mit dem")
        for quota in own
    }
    if len(sides) > 1:
        return "Mindestsicherung: Die Gemeinden liegen auf beiden Seiten des Landeswerts"
    who = f"{own[0].ref_area_name} liegt" if len(own) == 1 else "Alle Gemeinden liegen"
    return f"Mindestsicherung: {who} {sides.pop()} Wert des Landes"


def deprivation_figure(lab: Workspace, fifth: Finding) -> Figure:
    """The fifth of all Kreise in which the Kreis lies.

    Parameters
    ----------
    fifth : as returned by `methods.social.deprivation_finding`.
    """
    if fifth.value is None:
        raise NoDataError(f"kein Deprivationsindex für {fifth.ref_area_name}")
    position = german.number(fifth.value)
    return Figure(
        id="deprivation-fifth",
        title=f"{fifth.ref_area_name} liegt im {german.ordinal(fifth.value)} Fünftel der Kreise",
        caption=f"{fifth.ref_area_name}: Fünftel aller Kreise in Deutschland nach dem "
        f"Deprivationsindex (GISD), {german.period(fifth.time_period)}. Der Index fasst Arbeit, "
        "Bildung und Einkommen zusammen. Er beschreibt "
        + ("die Stadt als Ganzes" if lab.region.is_kreis else "den Kreis, nicht die Gemeinde")
        + " und nicht einzelne Menschen; er ist kein Maß der Gesundheit.",
        alt=f"Fünf Felder; {fifth.ref_area_name} liegt im Feld {position} von "
        f"{german.number(FIFTHS)}. Das erste Feld ist {_ENDS[0]}, das letzte {_ENDS[1]}.",
        data=pd.DataFrame(
            {
                "Gebiet": [fifth.ref_area_name],
                "Fünftel der Kreise": [f"{position} von {german.number(FIFTHS)}"],
                "Jahr": [german.period(fifth.time_period)],
            }
        ),
        level=fifth.ref_area_name,
        as_of=lab.as_of,
        attributions=_attributions(lab, [fifth]),
        draw=partial(fifths, int(fifth.value), fifth.ref_area_name, _ENDS),
    )


def commuting_table(lab: Workspace, shares: Sequence[Finding]) -> DataTable:
    """Shares of commuters of the Kreis.

    Parameters
    ----------
    shares : as returned by `methods.social.commuting_finding`.
    """
    known = [share for share in shares if share.value is not None]
    if not known:
        raise NoDataError(f"keine Angaben zu Pendlern für {shares[0].ref_area_name}")
    return DataTable(
        id="commuting",
        title="Wie viele Menschen im Kreis zur Arbeit pendeln",
        caption=f"{known[0].ref_area_name}, {german.period(known[0].time_period)}. Die Quelle sagt "
        "nicht, ob die Grenze der Gemeinde oder des Kreises zählt. Wer tagsüber anderswo ist, kann "
        "auch dort eine Praxis aufsuchen; die Bedarfsplanung der Hausärzte zählt Pendler nicht.",
        data=pd.DataFrame(
            {
                "Angabe": [share.label for share in known],
                "Wert": [german.number(share.value or 0.0, 1) for share in known],
            }
        ),
        level=known[0].ref_area_name,
        as_of=lab.as_of,
        attributions=_attributions(lab, known),
    )


def level_notice(lab: Workspace) -> Prose:
    """Which figure is the municipality's own, and which the Kreis's."""
    kreis = lab.name_of(lab.region.kreis)
    if lab.region.is_kreis:
        return notice(
            [f"{kreis} ist kreisfrei: Die Zahlen des Kreises sind die der Stadt."], "note"
        )
    return notice(
        [
            f"Deprivation und Pendler: {kreis} – für {lab.region.name} liegen keine eigenen Zahlen "
            "vor. Die Mindestsicherungsquote gilt, wo sie vorliegt, für die Gemeinde selbst."
        ],
        "note",
    )


def _attributions(lab: Workspace, findings: Sequence[Finding]) -> list[str]:
    return lab.attributions(
        sorted({row.source_id for finding in findings for row in finding.evidence})
    )
