"""How much of a change of the planning grade is doctors, residents and ratio.

The grade is the product ``100 * A * (1/E) * R``. Its change is split by the Shapley value: each
factor's effect averaged over every order in which the three can change. The parts sum to the
change exactly, do not depend on an order, and, unlike logarithmic means, are defined where an
area has no doctor. Source: Shapley (1953); for index decomposition Albrecht, François and Schoors
(2002), Energy Policy 30, 727-736.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pipeline.methods.exact import Number, exact_not_negative, exact_positive


@dataclass(frozen=True)
class GradeInputs:
    """What a grade is made of: doctors in full seats, residents, residents per full seat."""

    doctors: Number
    inhabitants: Number
    ratio: Number


@dataclass(frozen=True)
class GradeChange:
    """A change of the grade in percentage points, and its three parts."""

    before_percent: float
    after_percent: float
    total: float
    doctors: float
    inhabitants: float
    ratio: float


def split_grade_change(before: GradeInputs, after: GradeInputs) -> GradeChange:
    """Split the change of a grade into the parts of doctors, residents and ratio.

    A ratio solved back from the grade carries the rounding of that grade into the parts: with a
    grade printed to a tenth, the parts are good to about a tenth.
    """
    first, last = _factors(before), _factors(after)
    parts = [float(_shapley_part(first, last, position)) for position in range(len(first))]
    start, end = _product(first), _product(last)
    return GradeChange(
        before_percent=float(start),
        after_percent=float(end),
        total=float(end - start),
        doctors=parts[0],
        inhabitants=parts[1],
        ratio=parts[2],
    )


def _factors(inputs: GradeInputs) -> tuple[Fraction, Fraction, Fraction]:
    return (
        100 * exact_not_negative(inputs.doctors, "doctors"),
        1 / exact_positive(inputs.inhabitants, "inhabitants"),
        exact_positive(inputs.ratio, "ratio"),
    )


def _product(factors: tuple[Fraction, Fraction, Fraction]) -> Fraction:
    return factors[0] * factors[1] * factors[2]


def _shapley_part(
    first: tuple[Fraction, Fraction, Fraction],
    last: tuple[Fraction, Fraction, Fraction],
    position: int,
) -> Fraction:
    """Shapley value of one of three factors of a product, in closed form."""
    (b0, b1), (c0, c1) = ((first[other], last[other]) for other in range(3) if other != position)
    neighbours = (b0 * c0 + b1 * c1) / 3 + (b0 * c1 + b1 * c0) / 6
    return (last[position] - first[position]) * neighbours
