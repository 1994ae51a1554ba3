"""Needs planning of a region: published grades, seats, status, plausibility, ratios."""

from __future__ import annotations

import math
from functools import partial
from urllib.parse import urlparse

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures import charts, german
from pipeline.figures.contract import DataTable, Figure
from pipeline.figures.population import decimal_year
from pipeline.figures.prose import Prose, notice, tell, together
from pipeline.methods.findings import Finding
from pipeline.methods.observed import UNDATED
from pipeline.methods.published_planning import Membership
from pipeline.tables.workspace import Workspace

#: What a municipality can do about a missing row of the needs planning.
SHEET = (
    "Planungsblatt hier einspielen: Mit dem Blatt der Kassenärztlichen Vereinigung füllt sich "
    "dieser Abschnitt. Wie das geht, steht am Ende des Kapitels."
)
_MISSING = "–"


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


def grade_words(
    rows: pd.DataFrame, grade: Finding, to_100: Finding, to_110: Finding
) -> Prose | None:
    """Latest grade and the seats to 110 % and to 100 %; None where nothing is published.

    Parameters
    ----------
    rows : published rows of the region's planning area.
    grade : as returned by `methods.published_planning.grade_finding`.
    to_100, to_110 : as returned by `methods.planning_rows.seats_finding`.
    """
    if rows.empty:
        return None
    # "jüngste" needs dates to compare
    which = "ein veröffentlichter" if grade.time_period == UNDATED else "der jüngste datierte"
    texts = [
        tell(
            f"{{grade.place}} beträgt {which} Versorgungsgrad der Hausärzte "
            "{grade.number} Prozent ({grade.kind}, Stand {grade.date}).",
            grade=grade,
        )
    ]
    if to_110.is_known:
        texts.append(
            tell(
                "Als frei nennt die Quelle {number} Sitze ({seats.kind}, Stand {seats.date}). Sie "
                "zählen bis zu einem Grad von {limit} Prozent, der Grenze zur Sperrung.",
                seats=to_110, number=_seat_range(to_110), limit="110",
            )
            if to_110.kind == "veröffentlichter Wert"
            else tell(
                "Bis zu einem Grad von {limit} Prozent, der Grenze zur Sperrung, fehlten {number} "
                "Sitze ({seats.kind}, Stand {seats.date}).",
                seats=to_110, number=_seat_range(to_110), limit="110",
            )
        )  # fmt: skip
    if to_100.is_known:
        texts.append(
            tell(
                "Bis {limit} Prozent fehlten {number} Sitze ({seats.kind}, Stand {seats.date}).",
                seats=to_100, number=_seat_range(to_100), limit="100",
            )
        )  # fmt: skip
    else:
        texts.append(tell("{seats.number}", seats=to_100))
    return together(*texts)


def _seat_range(finding: Finding) -> str:
    """ "10" or "5,5 bis 6": half seats are what the planning counts in."""
    bounds = finding.uncertainty
    ends = (finding.value,) if bounds is None else (bounds.low, bounds.high)
    return " bis ".join(_half(end) for end in ends if end is not None)


def _half(seats: float) -> str:
    return german.number(seats, 1 if seats % 1 else 0)


def planning_table(lab: Workspace, rows: pd.DataFrame) -> DataTable:
    """What each published row says of grade, seats, ratio and status, the newest first.

    Parameters
    ----------
    rows : as returned by `methods.planning_rows.assessed`.
    """
    if rows.empty:
        raise NoDataError("kein veröffentlichter Wert der Bedarfsplanung")
    newest = rows.iloc[::-1]
    area = str(rows["planning_area"].iloc[0])
    data = pd.DataFrame(
        {
            "Stand": [date_words(row) for _, row in newest.iterrows()],
            "Versorgungsgrad (%)": _cells(newest, "grade_percent", 1),
            "fehlend bis 100 %": _ranges(newest, "to_100"),
            "frei bis 110 %": [
                printed or computed
                for printed, computed in zip(
                    _cells(newest, "open_seats", 1), _ranges(newest, "to_110"), strict=True
                )
            ],
            "Verhältniszahl": [_ratios_of(row) for _, row in newest.iterrows()],
            "Beschluss": [
                f"{words} ({german.period(day, is_short=True)})" if day else words
                for words, day in zip(newest["decided_words"], newest["decided_on"], strict=True)
            ],
            "rechnerisch": newest["computed_words"].tolist(),
        }
    )
    return DataTable(
        id="planning-rows",
        title="Versorgungsgrad, Sitze und Status, Stichtag für Stichtag",
        caption=f"Hausärzte im Mittelbereich {area}. Freie Sitze zählen bis zu einem Grad von "
        "110 %. Steht nur ein Teil der Zahlen in der Quelle, sind die übrigen zurückgerechnet, so "
        "weit es geht; eine Spanne zeigt die Rundung. Die Verhältniszahl ist die allgemeine, die "
        "an diesem Tag außerhalb des Ruhrgebiets galt, und die regionale, wo die Quelle sie nennt. "
        "Der Beschluss ist der des "
        "Landesausschusses; die letzte Spalte sagt nur, wo der Grad liegt.",
        data=data,
        level=f"Mittelbereich {area}",
        as_of=lab.as_of,
        attributions=list(dict.fromkeys(rows["source_title"])),
        is_computed=bool(rows["seats_basis"].ne("wie veröffentlicht").any()),
    )


def _ratios_of(row: pd.Series) -> str:
    """The general ratio in force on the day, and the regional one where the source prints it."""
    is_known = pd.notna(row["general_ratio"])
    general = german.number(row["general_ratio"]) if is_known else "nicht belegt"
    if row["ratio_kind"] != "regional" or pd.isna(row["ratio"]):
        return general
    return f"{general}; regional {german.number(row['ratio'])}"


def _ranges(rows: pd.DataFrame, name: str) -> list[str]:
    cells = []
    for low, high in zip(rows[f"{name}_low"], rows[f"{name}_high"], strict=True):
        ends = dict.fromkeys(_half(end) for end in (low, high) if not math.isnan(end))
        cells.append(" bis ".join(ends) or _MISSING)
    return cells


def plausibility_table(lab: Workspace, rows: pd.DataFrame, targets: list[str]) -> DataTable:
    """Whether each published row fits itself, in words, the newest first.

    Parameters
    ----------
    rows : as returned by `methods.planning_rows.assessed`.
    targets : as returned by `methods.planning_rows.target_words`.
    """
    if rows.empty:
        raise NoDataError("kein veröffentlichter Wert, der sich prüfen ließe")
    area = str(rows["planning_area"].iloc[0])
    shown = rows.assign(target=targets).iloc[::-1]
    return DataTable(
        id="planning-plausibility",
        title="Passen die Zahlen einer Veröffentlichung zueinander?",
        caption=f"Mittelbereich {area}. Grad, Arztsitze, Einwohner, Verhältniszahl und freie Sitze "
        "hängen über zwei Formeln zusammen. Sind genug davon veröffentlicht, lässt sich prüfen, ob "
        "sie zueinander passen. Eine Zahl mit einem Wort wie „rund“ zählt dabei nicht.",
        data=pd.DataFrame(
            {
                "Stand": [date_words(row) for _, row in shown.iterrows()],
                "Prüfung": [
                    "; ".join(part for part in (verdict, target) if part)
                    for verdict, target in zip(shown["verdict_words"], shown["target"], strict=True)
                ],
                "Quelle": shown["source_title"].tolist(),
            }
        ),
        level=f"Mittelbereich {area}",
        as_of=lab.as_of,
        attributions=list(dict.fromkeys(rows["source_title"])),
        is_computed=True,
    )


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
    about = first if first == last else f"{first} bis {last}"
    return f"{UNDATED}, etwa {about}"


def _grades_data(rows: pd.DataFrame) -> pd.DataFrame:
    kinds = {"general": "allgemein", "regional": "regional", "": ""}
    return pd.DataFrame(
        {
            "Stand": [date_words(row) for _, row in rows.iterrows()],
            "Versorgungsgrad (%)": _cells(rows, "grade_percent", 1),
            "Arztsitze": _cells(rows, "doctors_counted", 2),
            "freie Sitze bis 110 %": _cells(rows, "open_seats", 1),
            "Verhältniszahl laut Quelle": [
                _ratio_cell(ratio, kinds[kind])
                for ratio, kind in zip(rows["ratio"], rows["ratio_kind"], strict=True)
            ],
            "Einordnung": rows["standing"].tolist(),
            "Quelle": rows["source_title"].tolist(),
        }
    )


def _ratio_cell(ratio: float, kind: str) -> str:
    """A printed ratio; its kind in brackets where the source says which one it is."""
    if pd.isna(ratio):
        return ""
    return f"{german.number(ratio)} ({kind})" if kind else german.number(ratio)


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
        "veröffentlicht vorliegt. Ohne sie wird kein Versorgungsgrad nachgerechnet.",
        data=data,
        level="Deutschland",
        as_of=lab.as_of,
        attributions=lab.attributions(sorted(set(rows["source_id"]))),
    )


def _day(text: str) -> str:
    return german.period(text, is_short=True) if text else "nicht belegt"
