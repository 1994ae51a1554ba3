"""The picture of the summary: how the age groups of a place change."""

from __future__ import annotations

from functools import partial
from typing import Final

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures import bands, german
from pipeline.figures.charts import rows_of
from pipeline.figures.contract import Figure
from pipeline.figures.population import level_of
from pipeline.figures.projection import input_attributions
from pipeline.methods.projected import STAGES_OF_LIFE, changes_by_age, missing_reason
from pipeline.tables.workspace import Workspace

_YEAR: Final = 2040
#: Group of ages → its label in the chart, and its name in a title.
_WORDS: Final = {
    (0, 17): ("unter 18 Jahren", "unter 18"),
    (18, 64): ("18 bis 64 Jahre", "von 18 bis 64"),
    (65, 74): ("65 bis 74 Jahre", "von 65 bis 74"),
    (75, None): ("ab 75 Jahren", "ab 75"),
}


def ages_figure(lab: Workspace, projection: pd.DataFrame) -> Figure:
    """Change of the age groups until 2040, each with its range.

    Parameters
    ----------
    projection : table `projection`.

    Raises
    ------
    NoDataError : there is no projection for the place.
    """
    place = lab.region.place
    rows = changes_by_age(projection, place.areas, _YEAR, STAGES_OF_LIFE)
    if rows.empty:
        raise NoDataError(missing_reason(place).rstrip("."))
    rows = rows.assign(
        label=[_WORDS[group][0] for group in STAGES_OF_LIFE],
        printed=[f"{german.signed(row.change)} %" for row in rows_of(rows)],
    )
    return Figure(
        id="ages-outlook",
        title=_title(rows),
        caption=f"{place.name}: Veränderung der Altersgruppen von heute bis {_YEAR} in Prozent "
        "(Schätzung, mittlere Variante). Der Balken ist die Spanne, in der die Zahl mit "
        "80 Prozent Wahrscheinlichkeit liegt, wenn die Annahmen eintreten.",
        alt=f"Punkte mit Spannen für {place.name}. Veränderung bis {_YEAR}: "
        + "; ".join(f"{row.label} {row.printed}" for row in rows_of(rows))
        + ".",
        data=pd.DataFrame(
            {
                "Alter": rows["label"],
                "heute (Schätzung)": [german.number(value) for value in rows["start"]],
                f"{_YEAR} (Schätzung)": [german.number(value) for value in rows["end"]],
                "Veränderung": rows["printed"],
                "Spanne": [
                    f"{german.signed(row.low)} bis {german.signed(row.high)} %"
                    for row in rows_of(rows)
                ],
            }
        ),
        level=level_of(place),
        as_of=lab.as_of,
        attributions=input_attributions(lab),
        is_computed=True,
        draw=partial(bands.changes, rows),
    )


def _title(rows: pd.DataFrame) -> str:
    """What is sure enough to be said: the strongest rise and fall whose range leaves out zero."""
    change = rows["change"].set_axis([_WORDS[group][1] for group in STAGES_OF_LIFE])
    rises, falls = change[rows["low"].gt(0).to_numpy()], change[rows["high"].lt(0).to_numpy()]
    said = [f"mehr Menschen {rises.idxmax()}"] if len(rises) else []
    if len(falls):
        said.append(f"weniger {'' if said else 'Menschen '}{falls.idxmin()}")
    return f"Bis {_YEAR}: {', '.join(said)}" if said else f"Die Altersgruppen bis {_YEAR}"
