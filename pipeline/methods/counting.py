"""How much of a full seat a doctor counts for (Bedarfsplanungsgewicht).

Source: G-BA Bedarfsplanungs-Richtlinie, § 19 (GPs with psychotherapy or further activity), § 21
(contract doctors, part contracts, two fields), § 51 (employed doctors by hours).
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

import pandas as pd

from pipeline.errors import MethodInputError
from pipeline.methods.exact import Number, exact, exact_positive, is_blank

Word = TypeVar("Word", bound=StrEnum)

#: § 51(1): up to and including so many hours a week, an employed doctor counts so much.
EMPLOYED_WEIGHTS: tuple[tuple[int, Fraction], ...] = (
    (10, Fraction(1, 4)),
    (20, Fraction(1, 2)),
    (30, Fraction(3, 4)),
)
#: § 51(2): hours a month to hours a week.
MONTHLY_TO_WEEKLY = Fraction(23, 100)
HOURS_OF_A_WEEK = 168
#: § 21: a full, three-quarter or half contract (Versorgungsauftrag).
CONTRACT_SHARES: tuple[Fraction, ...] = (Fraction(1), Fraction(3, 4), Fraction(1, 2))


class GpActivity(StrEnum):
    """What a GP does beside general practice (§ 19)."""

    GENERAL_PRACTICE = "general_practice"
    MAINLY_PSYCHOTHERAPY = "mainly_psychotherapy"
    ONLY_PSYCHOTHERAPY = "only_psychotherapy"
    FURTHER_SPECIALTY = "further_specialty"


GP_ACTIVITY_WEIGHTS: dict[GpActivity, Fraction] = {
    GpActivity.GENERAL_PRACTICE: Fraction(1),
    GpActivity.MAINLY_PSYCHOTHERAPY: Fraction(3, 10),
    GpActivity.ONLY_PSYCHOTHERAPY: Fraction(0),
    GpActivity.FURTHER_SPECIALTY: Fraction(1, 2),
}


class Participation(StrEnum):
    """On what ground a doctor takes part in contract care."""

    CONTRACT = "contract"
    EMPLOYED = "employed"
    JOB_SHARING = "job_sharing"
    AUTHORISED = "authorised"


#: Weight where it does not depend on hours or contract. Authorised doctors (Ermächtigte) do not
#: count for the grade that decides. That a job-sharer (§ 101(1) nos. 4, 5 SGB V) adds nothing
#: while the practice is limited is an assumption: the wording was not at hand.
FIXED_WEIGHTS: dict[Participation, Fraction] = {
    Participation.JOB_SHARING: Fraction(0),
    Participation.AUTHORISED: Fraction(0),
}


def employed_weight(weekly_hours: Number) -> float:
    """Weight of an employed doctor by contractual hours a week: 0.25, 0.5, 0.75 or 1 (§ 51(1)).

    The limits belong to the lower class: 10 hours count 0.25, 10.1 hours 0.5.
    `MethodInputError` for hours at or below zero or beyond a week's 168.
    """
    return float(_employed(exact_positive(weekly_hours, "weekly hours")))


def weekly_hours(monthly_hours: Number, factor: Number = MONTHLY_TO_WEEKLY) -> float:
    """Hours a week from hours a month, with the directive's factor 0.23 (§ 51(2))."""
    return float(_weekly(monthly_hours, factor))


def employed_weight_monthly(monthly_hours: Number, factor: Number = MONTHLY_TO_WEEKLY) -> float:
    """As `employed_weight`, for hours a month."""
    return float(_employed(_weekly(monthly_hours, factor)))


def contract_weight(
    share: Number = 1,
    *,
    fields: int = 1,
    gp_activity: GpActivity | str = GpActivity.GENERAL_PRACTICE,
) -> float:
    """Weight of a contract doctor *in one planning group* (§§ 19, 21).

    Parameters
    ----------
    share : 1, 0.75 or 0.5, the share of a full contract.
    fields : 1, or 2 for a doctor licensed in two fields, who counts half in each.
    gp_activity : for GPs, what § 19 says about psychotherapy or a further specialty. That its
        factor multiplies with a part contract is an assumption by analogy with § 20 sentence 2,
        which adapts such factors to the contract.
    """
    return float(_contract(exact_positive(share, "contract share"), fields, gp_activity))


def count_doctors(doctors: pd.DataFrame) -> pd.DataFrame:
    """Weigh a list of doctors, one row a doctor and planning group.

    Parameters
    ----------
    doctors : columns `participation` (a word of `Participation`); for `contract` the columns
        `contract_share` (1, 0.75, 0.5), `fields` (1 or 2) and `gp_activity` (§ 19), each read as
        the plain case where empty or absent; for `employed` `weekly_hours` or `monthly_hours`.

    Returns
    -------
    A copy with `weight` (full seats) and `weight_rule` (the paragraph applied).
    `MethodInputError` names the first row (position, from 1) that cannot be weighed.
    """
    weights, rules = [], []
    for position, row in enumerate(doctors.to_dict("records"), start=1):
        try:
            weight, rule = _weigh({str(key): value for key, value in row.items()})
        except MethodInputError as error:
            raise MethodInputError(
                f"doctor {position}: {error.message}", found=error.found, expected=error.expected
            ) from error
        weights.append(float(weight))
        rules.append(rule)
    return doctors.assign(weight=weights, weight_rule=rules)


def sum_of_weights(counted: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Heads and full seats of a weighed list, by the columns `by` (planning area, group …).

    The sum is exact: ten doctors at 0.3 are 3 seats, not 2.9999999999999996.
    """
    seats = counted["weight"].map(lambda weight: exact(weight, "weight"))
    grouped = counted.assign(_seats=seats).groupby(by, as_index=False, sort=True)
    return grouped.agg(
        heads=("weight", "size"), doctors_counted=("_seats", lambda parts: float(sum(parts)))
    )


def _weekly(monthly_hours: Number, factor: Number) -> Fraction:
    return exact_positive(monthly_hours, "monthly hours") * exact_positive(factor, "factor")


def _employed(hours: Fraction) -> Fraction:
    if hours > HOURS_OF_A_WEEK:
        raise MethodInputError(
            "more hours than a week has",
            found=float(hours),
            expected=f"at most {HOURS_OF_A_WEEK} hours a week",
            remedy="give monthly hours as monthly hours",
        )
    return next((weight for limit, weight in EMPLOYED_WEIGHTS if hours <= limit), Fraction(1))


def _contract(share: Fraction, fields: int, gp_activity: GpActivity | str) -> Fraction:
    if share not in CONTRACT_SHARES:
        raise MethodInputError(
            "no such part contract", found=float(share), expected="1, 0.75 or 0.5"
        )
    if fields not in (1, 2):
        raise MethodInputError("number of fields", found=fields, expected="1 or 2")
    return share / fields * GP_ACTIVITY_WEIGHTS[_word(GpActivity, gp_activity, "GP activity")]


def _weigh(row: dict[str, object]) -> tuple[Fraction, str]:
    participation = _word(Participation, row.get("participation"), "participation")
    if participation in FIXED_WEIGHTS:
        return FIXED_WEIGHTS[participation], f"not counted: {participation}"
    if participation is Participation.EMPLOYED:
        return _weigh_employed(row)
    share = exact_positive(_or(row.get("contract_share"), 1), "contract share")
    fields = exact_positive(_or(row.get("fields"), 1), "number of fields")
    activity = str(_or(row.get("gp_activity"), GpActivity.GENERAL_PRACTICE))
    rule = "§ 21" if activity == GpActivity.GENERAL_PRACTICE else "§§ 19, 21"
    return _contract(share, int(fields) if fields.denominator == 1 else 0, activity), rule


def _weigh_employed(row: dict[str, object]) -> tuple[Fraction, str]:
    weekly, monthly = _or(row.get("weekly_hours"), None), _or(row.get("monthly_hours"), None)
    if (weekly is None) == (monthly is None):
        raise MethodInputError(
            "hours of an employed doctor",
            found={"weekly_hours": weekly, "monthly_hours": monthly},
            expected="either weekly_hours or monthly_hours",
        )
    if weekly is not None:
        return _employed(exact_positive(weekly, "weekly hours")), "§ 51(1)"
    hours = exact_positive(monthly, "monthly hours") * MONTHLY_TO_WEEKLY
    return _employed(hours), "§ 51(2)"


def _or(value: object, default: object) -> object:
    return default if is_blank(value) else value


def _word(words: type[Word], value: object, name: str) -> Word:
    try:
        return words(str(value))
    except ValueError as error:
        raise MethodInputError(
            f"unknown word for {name}", found=value, expected="one of " + ", ".join(words)
        ) from error
