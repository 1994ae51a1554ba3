"""A new quarter: homes → people by age over the years → need for doctors and care.

People move in evenly over the building years. Everybody grows a year older each year; a share of
the homes changes hands each year (moves, births and deaths together) and gets people of the
newcomers' ages again. So the number of people follows the homes, and the quarter grows older.
Rates times ages is expected use at today's behaviour, not need.

Warburg: about 300 homes on the Laurentiushöhe within 15 to 20 years are published for a related
quarter; that it is the one meant is an assumption, and so is everything else here.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.methods.demand_care import CARE_RATES_2021, expected_count
from pipeline.methods.scenarios.base import ASSUMPTION, Assumption, Course, Values
from pipeline.methods.scenarios.tracing import Real, plain

Array = npt.NDArray[np.float64]

#: Age groups of the newcomers: first and last age. Within a group all ages are equally frequent.
NEWCOMERS = ((0, 17), (18, 44), (45, 64), (65, 90))
AGES = 101
#: Residents under 18 on a full seat of a paediatrician, types 2 to 6 (type 1: 2,043).
MINORS_PER_PAEDIATRICIAN = 2862
#: Groups of the result, first age and last age.
GROUPS = {
    "age_0_17": (0, 17),
    "age_18_64": (18, 64),
    "age_65_74": (65, 74),
    "age_75plus": (75, 100),
}

QUARTER = (
    Assumption(
        "homes",
        "neue Wohnungen",
        300,
        0,
        400,
        "homes",
        ASSUMPTION + "; Laurentiushöhe in Warburg: knapp 300 Wohnungen (urbanland-owl.de)",
        25,
        neutral=0,
    ),
    Assumption(
        "building_years",
        "Jahre, in denen die Wohnungen bezogen werden",
        15,
        10,
        20,
        "years",
        ASSUMPTION + "; Laurentiushöhe: 15 bis 20 Jahre",
    ),
    Assumption("household_size", "Menschen je Wohnung", 2.1, 1.7, 2.6, "persons", step=0.1),
    Assumption("from_outside", "Anteil, der neu in die Region zieht", 60, 30, 90, "percent",
               step=10),
    Assumption("share_minors", "Anteil der Einziehenden unter 18", 25, 15, 35, "percent", step=5),
    Assumption("share_45_64", "Anteil der Einziehenden von 45 bis 64", 20, 10, 30, "percent",
               step=5),
    Assumption("share_65plus", "Anteil der Einziehenden ab 65", 20, 5, 30, "percent", step=5),
    Assumption("turnover", "Anteil der Wohnungen, der im Jahr neu bezogen wird", 6, 3, 10,
               "percent"),
)  # fmt: skip


def quarter(course: Course, values: Values) -> Course:
    """The area's inhabitants with those who move to it from outside."""
    people = [float(row.sum()) for row in people_per_home(values, len(course.people))]
    homes: Real = values["homes"]
    share = values["from_outside"] / 100.0
    return replace(
        course,
        people=tuple(
            here + homes * each * share for here, each in zip(course.people, people, strict=True)
        ),
    )


def people_per_home(values: Values, years: int) -> Array:
    """People by age for each planned home, shape (years, ages); none in the first year."""
    profile = newcomers(values)
    size, turnover = _plain(values, "household_size"), _plain(values, "turnover") / 100.0
    moving_in = size / _plain(values, "building_years")
    here = np.zeros(AGES)
    rows = [here]
    for _ in range(1, years):
        stay = (1.0 - turnover) * here
        older = np.concatenate([[0.0], stay[:-1]])
        older[-1] += stay[-1]  # the last age is an open group
        missing = float(here.sum() - older.sum())
        arriving = min(moving_in, max(size - float(here.sum()), 0.0))
        here = older + (missing + arriving) * profile
        rows.append(here)
    return np.stack(rows)


def newcomers(values: Values) -> Array:
    """Share of the newcomers at each age 0 … 100, sum 1."""
    minors, older, old = (
        _plain(values, name) / 100.0 for name in ("share_minors", "share_45_64", "share_65plus")
    )
    shares = np.zeros(AGES)
    rest = max(1.0 - minors - older - old, 0.0)
    for (first, last), share in zip(NEWCOMERS, (minors, rest, older, old), strict=True):
        shares[first : last + 1] = share / (last - first + 1)
    whole: Array = shares / shares.sum()
    return whole


def quarter_table(values: Values, years: tuple[int, ...], ratio: float) -> pd.DataFrame:
    """The quarter by itself: people by age, and what they need.

    Parameters
    ----------
    ratio : residents per full GP seat.

    Returns
    -------
    One row a year: `year`, `people`, the groups of `GROUPS`, `gp_seats`, `paediatric_seats` and
    `care_dependants` (rates of 2021 by age, the mean of both sexes).
    """
    by_age = people_per_home(values, len(years)) * _plain(values, "homes")
    table = pd.DataFrame({"year": years, "people": by_age.sum(axis=1)})
    for name, (first, last) in GROUPS.items():
        table[name] = by_age[:, first : last + 1].sum(axis=1)
    both = np.stack([by_age / 2.0, by_age / 2.0], axis=1)
    return table.assign(
        gp_seats=table["people"] / ratio,
        paediatric_seats=table["age_0_17"] / MINORS_PER_PAEDIATRICIAN,
        care_dependants=expected_count(both, CARE_RATES_2021),
    )


def _plain(values: Values, name: str) -> float:
    return plain(values[name])
