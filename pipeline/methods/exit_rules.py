"""Who is still practising at which age: named rules for the exit of doctors.

Sources: KVNO/KVWL for MAGS NRW, Bedarfsberechnung Landarztquote, 15 March 2019, assumption 1
(weights by age in the target year); bifg / Bertelsmann Stiftung 2025 (retirement at 67 as base
case, three years later as a variant).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np

from pipeline.errors import MethodInputError
from pipeline.methods.exact import Number, exact_positive

YOUNGEST, OLDEST = 25, 100


@dataclass(frozen=True)
class ExitRule:
    """Who is still practising at which age.

    `retention` maps an age in completed years to the share (of those once there) that still
    practises; between the ages named the share of the last one holds, below the first it is 1.
    Shares fall with age and end at zero.
    """

    name: str
    label: str
    source: str
    retention: tuple[tuple[int, float], ...]

    def __post_init__(self) -> None:
        ages = [age for age, _ in self.retention]
        shares = [1.0, *(share for _, share in self.retention)]
        falling = all(a >= b for a, b in itertools.pairwise(shares))
        if not ages or ages != sorted(set(ages)) or not falling or shares[-1] != 0:
            raise MethodInputError(
                f"exit rule '{self.name}'",
                found=self.retention,
                expected="rising ages with shares that fall from at most 1 to 0",
            )

    def share_at(self, age: int) -> float:
        """Share still practising at an age in completed years."""
        return next((share for first, share in reversed(self.retention) if age >= first), 1.0)

    def exit_probabilities(self) -> np.ndarray:
        """Probability to leave within a year, by age from `YOUNGEST` to `OLDEST`.

        ``1 - share(age + 1) / share(age)``; who practises beyond the last age leaves next year.
        """
        shares = np.array([self.share_at(age) for age in range(YOUNGEST, OLDEST + 2)])
        now, later = shares[:-1], shares[1:]
        return np.where(now > 0, 1 - later / np.where(now > 0, now, 1), 1.0)

    def delayed(self, years: int) -> ExitRule:
        """The same rule, every age `years` later (negative: earlier)."""
        return replace(
            self,
            name=f"{self.name}{years:+d}",
            label=f"{self.label}, {abs(years)} Jahre {'später' if years >= 0 else 'früher'}",
            retention=tuple((age + years, share) for age, share in self.retention),
        )


#: Weight in the target year by age there: 65-68 half, 68-70 a fifth, above 70 nothing. The source
#: does not say to which class the ages 65, 68 and 70 belong. Assumption: 65 and 68 begin their
#: class, and 70 still belongs to "68-70", because only "above 70" weighs nothing.
NRW_2019 = ExitRule(
    name="nrw_2019",
    label="Altersgewichte der KVNO und KVWL 2019",
    source="KVNO/KVWL für das MAGS NRW, Bedarfsberechnung Landarztquote, 15.03.2019, Annahme 1",
    retention=((65, 0.5), (68, 0.2), (71, 0.0)),
)


def retire_at(age: int) -> ExitRule:
    """Everybody stops on reaching `age`. 67 is the base case of bifg/Bertelsmann 2025."""
    return ExitRule(
        name=f"retire_at_{age}",
        label=f"Ausscheiden mit {age} Jahren",
        source="Annahme",
        retention=((age, 0.0),),
    )


#: The named presets. `retire_at_70` is the base case of bifg/Bertelsmann 2025 three years later.
EXIT_RULES: dict[str, ExitRule] = {
    "nrw_2019": NRW_2019,
    "retire_at_65": retire_at(65),
    "retire_at_67": retire_at(67),
    "retire_at_70": retire_at(67).delayed(3),
}


def age_weight(age: Number, rule: ExitRule = NRW_2019) -> float:
    """Weight of a doctor of this age in the target year; completed years count for fractions.

    An age above 70 and below 71 is "above 70" in the NRW rule and weighs nothing there: completed
    years cannot tell it from 70, an exact age can.
    """
    exact_age = exact_positive(age, "age")
    whole = int(exact_age)
    if exact_age > whole and rule.share_at(whole + 1) == 0:
        return 0.0
    return rule.share_at(whole)
