"""Figures of the chapter "Ambulante Versorgung"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from urllib.parse import urlparse

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures import charts, german
from pipeline.figures.contract import DataTable, Figure
from pipeline.figures.population import decimal_year
from pipeline.figures.prose import Prose, notice
from pipeline.methods.findings import Finding
from pipeline.methods.physicians import GP_GROUP, PROFILE
from pipeline.methods.published_planning import Membership
from pipeline.regions import kv_of_kreis
from pipeline.tables.workspace import Workspace

#: What a municipality can do about a missing row of the needs planning.
SHEET = (
    "Das Planungsblatt der Kassenärztlichen Vereinigung kann im Ordner data/raw/planning "
    "eingespielt werden. Dann füllt sich dieser Abschnitt."
)

_PROFILE_LABELS: Mapping[str, str] = {
    "density": "Hausärztinnen und Hausärzte je 100.000 Einwohner",
    "share_over_65": "über 65 Jahre alt (%)",
    "mean_age": "Durchschnittsalter (Jahre)",
    "share_female": "Frauen (%)",
    "share_employed": "angestellt (%)",
}


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
        title="Wie viele Hausärztinnen und Hausärzte es im Kreis gibt",
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


def grades_figure(lab: Workspace, rows: pd.DataFrame) -> Figure:
    """Published grades of supply of a planning area as dated points.

    Parameters
    ----------
    rows : as returned by `methods.published_planning.published_rows`.
    """
    grades = rows.loc[rows["grade_percent"].notna()].copy()
    if grades.empty:
        raise NoDataError("kein veröffentlichter Versorgungsgrad")
    area = str(grades["planning_area"].iloc[0])
    # on this axis a year begins at its number, since the dates are months and not year ends
    grades["start"] = grades["date_from"].map(decimal_year) + 1
    grades["end"] = grades["date_to"].map(decimal_year) + 1
    grades["is_current"] = grades["standing"].ne("historisch")
    grades["label"] = [f"{german.number(value, 1)} %" for value in grades["grade_percent"]]
    # a press row is cited by its own publication, not by the collection it stands in
    attributions = list(dict.fromkeys(rows["source_title"]))
    latest = grades.iloc[-1]
    return Figure(
        id="published-grades",
        title="Veröffentlichte Versorgungsgrade, Stichtag für Stichtag",
        caption=f"Versorgungsgrad der Hausärzte im Mittelbereich {area}. Jeder Punkt ist ein "
        "veröffentlichter Wert zu seinem Datum. Die Punkte sind nicht verbunden, denn zwischen "
        "ihnen haben sich auch die Regeln geändert: Sie lassen sich nur eingeschränkt "
        "vergleichen. Hohle Punkte sind historisch oder undatiert; der Balken zeigt dann den "
        "möglichen Zeitraum.",
        alt=f"{german.number(len(grades))} Punkte für den Mittelbereich {area}. Der jüngste Wert "
        f"ist {latest['label']} ({date_words(latest)}).",
        data=_grades_data(rows),
        level=f"Mittelbereich {area}",
        as_of=lab.as_of,
        attributions=attributions,
        draw=partial(charts.dated_grades, grades),
    )


def date_words(row: pd.Series) -> str:
    """The date of a published row in words; "undatiert" where the source gives none."""
    if bool(row["is_dated"]):
        return german.period(str(row["date_text"]))
    first, last = str(row["date_from"])[:4], str(row["date_to"])[:4]
    return f"undatiert, etwa {first}" if first == last else f"undatiert, etwa {first} bis {last}"


def _grades_data(rows: pd.DataFrame) -> pd.DataFrame:
    kinds = {"general": "allgemein", "regional": "regional", "": ""}
    return pd.DataFrame(
        {
            "Stand": [date_words(row) for _, row in rows.iterrows()],
            "Versorgungsgrad (%)": _cells(rows, "grade_percent", 1),
            "Arztsitze": _cells(rows, "doctors_counted", 2),
            "freie Sitze bis 110 %": _cells(rows, "open_seats", 1),
            "Verhältniszahl laut Quelle": [
                f"{german.number(ratio)} ({kinds[kind]})" if pd.notna(ratio) else ""
                for ratio, kind in zip(rows["ratio"], rows["ratio_kind"], strict=True)
            ],
            "Einordnung": rows["standing"].tolist(),
            "Quelle": rows["source_title"].tolist(),
        }
    )


def _cells(rows: pd.DataFrame, column: str, decimals: int) -> list[str]:
    qualifiers = rows[f"{column}_qualifier"]
    return [
        _qualified(value, qualifier, decimals)
        for value, qualifier in zip(rows[column], qualifiers, strict=True)
    ]


def _qualified(value: float, qualifier: str, decimals: int) -> str:
    """A printed number with the word that the source puts beside it ("rund", "gut", "knapp")."""
    if pd.isna(value):
        return ""
    text = german.number(value, decimals if value % 1 else 0)
    word = qualifier.partition("(")[2].rstrip(")").strip()
    if word:
        return f"{word} {text}"
    return f"{qualifier[: -len(qualifier.lstrip('<>='))]} {text}" if qualifier[:1] in "<>" else text


def ratios_table(lab: Workspace, rows: pd.DataFrame) -> DataTable:
    """The dated ratios (Verhältniszahlen) of a group.

    Parameters
    ----------
    rows : as returned by `methods.published_planning.ratios_of_group`.
    """
    if rows.empty:
        raise NoDataError("keine Verhältniszahlen")
    scopes = {
        "Germany": "Deutschland",
        "Germany without Regionalverband Ruhr": "Deutschland ohne Ruhrgebiet",
        "Regionalverband Ruhr": "Ruhrgebiet",
    }
    data = pd.DataFrame(
        {
            "Verhältniszahl": [german.number(value) for value in rows["ratio_value"]],
            "Geltungsbereich": rows["scope"].map(scopes).fillna(rows["scope"]),
            "gültig ab": [_day(text) for text in rows["valid_from"]],
            "gültig bis": [
                "heute" if in_force and not text else _day(text)
                for text, in_force in zip(rows["valid_to"], rows["is_in_force"], strict=True)
            ],
            "am Stichtag in Kraft": rows["is_in_force"].map(
                {True: "ja", False: "nein oder nicht belegt"}
            ),
            "Beleg": [
                basis or f"zitiert bei {urlparse(url).netloc.removeprefix('www.')}"
                for basis, url in zip(rows["legal_basis"], rows["source_url"], strict=True)
            ],
        }
    )
    return DataTable(
        id="planning-ratios",
        title="Verhältniszahlen für Hausärzte und ihre Gültigkeit",
        caption="Allgemeine Verhältniszahl: So viele Einwohner sollen auf einen vollen Arztsitz "
        "kommen. Für einen Planungsbereich gilt eine regional angepasste Zahl, die hier nicht "
        "veröffentlicht vorliegt. Ein Versorgungsgrad wird deshalb nicht nachgerechnet.",
        data=data,
        level="Deutschland",
        as_of=lab.as_of,
        attributions=lab.attributions(sorted(set(rows["source_id"]))),
    )


def _day(text: str) -> str:
    return german.period(text, is_short=True) if text else "nicht belegt"


def level_notice(lab: Workspace) -> Prose:
    """Whose figures the chapter shows."""
    kreis = lab.name_of(lab.region.kreis)
    if lab.region.is_kreis:
        text = f"{kreis} ist kreisfrei: Die Arztzahlen des Kreises sind die der Stadt."
    else:
        text = f"{kreis} – für {lab.region.name} liegen keine eigenen Arztzahlen vor."
    return notice([text], "note")


def membership_notice(lab: Workspace, area: Membership, rows: pd.DataFrame) -> Prose:
    """What may be said of the planning area, and what not.

    Parameters
    ----------
    area : the region's planning area.
    rows : its published rows; empty where there are none or the membership is not sure.
    """
    name = lab.region.name
    if not area.planning_area:
        return notice(
            [f"Keine Daten: Der Planungsbereich von {name} ist nicht hinterlegt.", SHEET], "no-data"
        )
    if not area.is_sure:
        return notice(
            [
                f"Keine Daten: Welche Gemeinden zum Planungsbereich {area.planning_area} gehören, "
                f"ist nicht belegt. Für {name} wird deshalb kein Versorgungsgrad gezeigt.",
                SHEET,
            ],
            "no-data",
        )
    if rows.empty:
        return notice(
            [
                f"Keine Daten: Für den Planungsbereich {area.planning_area} liegt kein "
                "veröffentlichter Wert vor.",
                SHEET,
            ],
            "no-data",
        )
    reach = (
        f"Der Versorgungsgrad gilt für den Mittelbereich {area.planning_area}, nicht für {name}."
        if area.is_larger
        else f"Der Planungsbereich {area.planning_area} deckt sich mit {name}."
    )
    return notice(
        [reach, "Ob ein Bereich offen oder gesperrt ist, entscheidet der Landesausschuss."],
        "note",
    )
