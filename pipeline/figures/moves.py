"""Figure of the arrivals and departures of 2015."""

from __future__ import annotations

from functools import partial

import pandas as pd

from pipeline.errors import NoDataError
from pipeline.figures import bands, german
from pipeline.figures.contract import Figure
from pipeline.figures.population import age_label, level_of
from pipeline.regions import Place
from pipeline.tables.workspace import Workspace


def moves_figure(lab: Workspace, place: Place, moves: pd.DataFrame) -> Figure:
    """Arrivals and departures by age group, with the balance.

    Parameters
    ----------
    moves : as returned by `methods.moves.moves_by_age`.
    """
    if moves.empty:
        raise NoDataError(f"keine Zu- und Fortzüge nach Alter für {place.name}")
    year = str(moves["time_period"].iloc[0])
    labels = [age_label(row) for _, row in moves.iterrows()]
    balance = [german.signed(value) for value in moves["net"]]
    rows = pd.DataFrame(
        {
            "label": labels,
            "left": moves["departures"],
            "right": moves["arrivals"],
            "balance": balance,
        }
    )
    strongest = moves["net"].abs().idxmax()
    within = (
        " Umzüge von einer Gemeinde der Region in eine andere sind auf beiden Seiten mitgezählt."
        if len(place.areas) > 1
        else ""
    )
    return Figure(
        id="population-moves",
        title=f"Zu- und Fortzüge {year} (Ausnahmejahr)",
        caption=f"{place.name}: Menschen, die {year} über die Gemeindegrenze zu- und fortzogen, "
        f"nach Alter.{within} {year} kamen sehr viele Geflüchtete. Die Zahlen zeigen, welche Alter "
        "umziehen; als Maß für die Zukunft taugen sie nicht.",
        alt=f"Balken nach Alter für {place.name}, Fortzüge links, Zuzüge rechts. Am größten ist "
        f"der Unterschied in der Gruppe {labels[int(str(strongest))]}: "
        f"{balance[int(str(strongest))]} Personen.",
        data=pd.DataFrame(
            {
                "Alter": labels,
                "Zuzüge": [german.number(value) for value in moves["arrivals"]],
                "Fortzüge": [german.number(value) for value in moves["departures"]],
                "Saldo": balance,
            }
        ),
        level=level_of(place),
        as_of=lab.as_of,
        attributions=lab.attributions(sorted(set(moves["source_id"]))),
        is_computed=True,
        notes=("Niemals fortzuschreiben: Der Saldo eines Ausnahmejahres ist kein Trend.",),
        draw=partial(bands.two_ways, rows, ("Fortzüge", "Zuzüge"), "Saldo"),
    )
