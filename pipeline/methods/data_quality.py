"""How far a data set carries: points for age, level, kind of source, completeness, census basis.

The rule is our own choice (Annahme) and is printed with the table; it says how well a data set fits
a statement about a single municipality today, not how good the work of its publisher is. Each
criterion gives 0, 1 or 2 points; one that does not apply is left out of the possible points.

=============  ========================  ========================  =========================
criterion      2                         1                         0
=============  ========================  ========================  =========================
age            up to 3 years             up to 6 years             older
level          municipality              Kreis                     larger, or another cut
source         official or by a body     counted by volunteers     press, project pages
               of self-administration
completeness   95 % of the territories   half of them              fewer
census basis   the latest census         several, kept apart       an older one only
=============  ========================  ========================  =========================

Age: years from the latest period to the reference date. Completeness: territories of the model
regions with a value at the data set's own level, of all of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Final

import pandas as pd

#: Criterion → German name, in the order of the table.
CRITERIA: Final[Mapping[str, str]] = {
    "age": "Alter",
    "level": "Ebene",
    "source": "Art",
    "completeness": "Lücken",
    "census": "Zensus",
}
#: The rule as it is printed (German).
RULE: Final = (
    "Je Merkmal null bis zwei Punkte. Alter: bis drei Jahre zwei, bis sechs Jahre einer. Ebene: "
    "Gemeinde zwei, Kreis einer. Art: amtlich oder von der Selbstverwaltung zwei, von "
    "Freiwilligen gezählt einer, Presse und Projektseiten keiner. Lücken: fast alle "
    "Gebiete der Modellregionen mit Wert zwei, die Hälfte einer. Zensus (nur Bevölkerung): der "
    "jüngste zwei, mehrere getrennte einer.",
    "Die Punkte sagen, wie weit ein Datensatz für eine Aussage über die einzelne Gemeinde heute "
    "trägt. Sie sind unsere Festlegung und kein Urteil über die Stelle, die ihn veröffentlicht.",
)
MOST: Final = 2
_RECENT, _OLD = 3, 6
_FULL, _HALF = 0.95, 0.5
#: Usage warning of tables whose rows come from the press; licence of what volunteers count.
_PRESS, _VOLUNTEERS = "secondary_source", "ODbL-1.0"


def quality_of(
    frames: Mapping[str, pd.DataFrame],
    warnings: Mapping[str, Collection[str]],
    licences: Mapping[str, str],
    municipalities: Iterable[str],
    reference_date: dt.date,
) -> pd.DataFrame:
    """Points of every data set: the rows of one source in one table.

    Parameters
    ----------
    frames : tables of observations: `ref_area`, `time_period`, `obs_value`, `source_id`, and
        `census_basis` for the population.
    warnings : table → words of its usage warnings.
    licences : `source_id` → licence.
    municipalities : keys of the municipalities of the model regions, as in `ref_area`.

    Returns
    -------
    `table`, `source_id`, `latest` (period), one column a criterion of `CRITERIA` (points, missing
    where it does not apply), `n_known`, `n_expected` (territories), `points`, `possible`, `share`
    (0–1); the best share first.
    """
    own = list(dict.fromkeys(municipalities))
    rows = [
        {
            "table": name,
            "source_id": source,
            "source": _source(warnings[name], licences[str(source)]),
            **_points(part, own, reference_date),
        }
        for name, frame in frames.items()
        for source, part in frame.loc[frame["obs_value"].notna()].groupby("source_id")
    ]
    table = pd.DataFrame(rows)
    points = table[list(CRITERIA)].astype("Int64")
    table[list(CRITERIA)] = points
    table["points"] = points.sum(axis=1)
    table["possible"] = MOST * points.notna().sum(axis=1)
    table["share"] = (table["points"] / table["possible"]).astype("float64")
    return table.sort_values(
        ["share", "table", "source_id"], ascending=[False, True, True], ignore_index=True
    )


def _source(warnings: Collection[str], licence: str) -> int:
    if _PRESS in warnings:
        return 0
    return 1 if licence == _VOLUNTEERS else MOST


def _points(rows: pd.DataFrame, own: list[str], reference_date: dt.date) -> dict[str, object]:
    latest = str(rows["time_period"].max())
    years = reference_date.year - int(latest[:4])
    keys = {_kreis_of_region(str(key)) for key in rows["ref_area"]}
    level = _level(keys)
    expected = {2: set(own), 1: {key[:5] for key in own}}.get(level, set())
    known = keys & expected
    share = len(known) / len(expected) if expected else 0.0
    return {
        "latest": latest,
        "age": 2 if years <= _RECENT else 1 if years <= _OLD else 0,
        "level": level,
        "completeness": 2 if share >= _FULL else 1 if share >= _HALF else 0,
        "census": _census(rows),
        "n_known": len(known),
        "n_expected": len(expected),
    }


def _kreis_of_region(key: str) -> str:
    """A Kreisregion of the BBSR counts as the Kreis that it lies in."""
    prefix, _, digits = key.partition(":")
    return digits[:5] if prefix == "KREG" else key


def _level(keys: set[str]) -> int:
    """2 with municipalities among the territories, 1 with Kreise, else 0."""
    lengths = {len(key) for key in keys if key.isdigit()}
    return 2 if 8 in lengths else 1 if 5 in lengths else 0


def _census(rows: pd.DataFrame) -> int | None:
    """Points of the census basis; None where figures rest on none."""
    if "census_basis" not in rows:
        return None
    bases = set(rows["census_basis"])
    newest = "2022" in bases
    return MOST if bases == {"2022"} else 1 if newest or len(bases) > 1 else 0
