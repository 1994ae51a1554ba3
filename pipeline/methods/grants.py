"""Arithmetic of grants, in whole cents.

Sources: Richtlinie Gesundheitsregionen Niedersachsen (RdErl. of 21 Dec 2020), no. 5.2-5.4: fixed
sum, caps, own share. What costs below plan do to a grant (`final_grant`) follows the usual wording
of the general conditions (ANBest-P no. 2), which was not read in full: an assumption; the notice
decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.errors import MethodInputError

#: Parts of a thousand, so that 7.5 % is a whole number too.
PER_MILLE = 1000


class Measure(StrEnum):
    """What the Niedersachsen line pays for, by its number."""

    STRUCTURE = "2.1/2.2"
    NEW_PROJECT = "2.3"


@dataclass(frozen=True)
class Terms:
    """Cap and own share of a line.

    Attributes
    ----------
    cap_cents : most that is paid per calendar year, or in all where `is_cap_per_year` is False.
    own_share_permille : what the recipient must bear of the eligible costs.
    max_years : calendar years at most; None where the line sets no limit.
    """

    cap_cents: int
    own_share_permille: int
    is_cap_per_year: bool = True
    max_years: int | None = None


#: Guideline 2021-2025, no. 5.2-5.4, with and without Bedarfszuweisung.
NIEDERSACHSEN_2021: dict[tuple[Measure, bool], Terms] = {
    (Measure.STRUCTURE, False): Terms(20_000_00, 100),
    (Measure.STRUCTURE, True): Terms(20_000_00, 50),
    (Measure.NEW_PROJECT, False): Terms(80_000_00, 100, is_cap_per_year=False, max_years=2),
    (Measure.NEW_PROJECT, True): Terms(80_000_00, 50, is_cap_per_year=False, max_years=2),
}


def grant_ceiling(eligible_cents: int, terms: Terms, years: int = 1) -> int:
    """Most that a line can pay: the smaller of eligible costs less own share and the cap.

    Rounded down to whole cents, so that the own share is never missed.
    Cases of `cases.csv`: struktur_22222, struktur_30000.

    Parameters
    ----------
    eligible_cents : eligible costs over all `years`.

    Raises
    ------
    MethodInputError : negative costs, no year, more years than the line pays for.
    """
    if eligible_cents < 0 or not 0 <= terms.own_share_permille <= PER_MILLE:
        raise MethodInputError(
            "costs and own share must not be negative",
            found=(eligible_cents, terms.own_share_permille),
        )
    if years < 1 or (terms.max_years is not None and years > terms.max_years):
        raise MethodInputError(
            "the line does not pay for so many years",
            found=years,
            expected=f"1 to {terms.max_years or 'any'}",
        )
    most = eligible_cents * (PER_MILLE - terms.own_share_permille) // PER_MILLE
    return min(most, terms.cap_cents * (years if terms.is_cap_per_year else 1))


class GrantForm(StrEnum):
    """Finanzierungsart."""

    FIXED = "Festbetrag"
    SHARE = "Anteil"
    DEFICIT = "Fehlbedarf"
    FULL = "Voll"


def final_grant(
    form: GrantForm, approved_cents: int, planned_cents: int, actual_cents: int, others_cents: int
) -> int:
    """What of an approved grant remains when costs end below plan (assumption, see above).

    Parameters
    ----------
    planned_cents, actual_cents : eligible costs of the plan, and as they came.
    others_cents : income that is not this grant (own funds, other grants), as it came.

    Returns
    -------
    Cents: never more than approved and never more than the costs. A share keeps its ratio (rounded
    down), a deficit is what other income leaves open, a fixed sum stays.
    """
    if min(approved_cents, planned_cents, actual_cents, others_cents) < 0 or planned_cents == 0:
        raise MethodInputError(
            "amounts must not be negative, and the plan not empty",
            found=(approved_cents, planned_cents, actual_cents, others_cents),
        )
    ceiling = min(approved_cents, actual_cents)
    match form:
        case GrantForm.SHARE:
            return min(ceiling, approved_cents * actual_cents // planned_cents)
        case GrantForm.DEFICIT | GrantForm.FULL:
            return min(ceiling, max(0, actual_cents - others_cents))
        case _:
            return ceiling
