"""Which municipalities are alike, and where one stands among them.

Likeness is the distance between standardised indicators. The rule is printed with every group
(`SimilarityRule.text`), so that a reader can disagree with it. Only truly municipal indicators
belong in: a figure of the Kreis would make all its municipalities alike.

The distance is the Euclidean one after standardising each indicator to mean 0 and standard
deviation 1, weighted and divided by the number of indicators (root mean square), so that 1.0 reads
"one standard deviation apart in every indicator". Method: Everitt et al., Cluster Analysis (2011),
ch. 3. Which indicators, weights and group size is our choice, not a publisher's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.errors import MethodInputError

NO_GROUP = "keine Vergleichsgruppe"
NO_VALUE = "keine Daten"
#: Fewer values make no quartiles worth the name.
LEAST_FOR_QUARTILES = 8


@dataclass(frozen=True)
class Indicator:
    """A column of the profile: its label for readers and its weight in the distance."""

    name: str
    label: str
    weight: float = 1.0


@dataclass(frozen=True)
class SimilarityRule:
    """How a comparison group is found.

    Attributes
    ----------
    indicators : what counts.
    size : municipalities in a group, the municipality itself not counted.
    """

    indicators: tuple[Indicator, ...]
    size: int = 8

    def __post_init__(self) -> None:
        weights = [indicator.weight for indicator in self.indicators]
        if not weights or min(weights) <= 0 or self.size < 1:
            raise MethodInputError(
                "a rule needs indicators with weights above zero and a group of one or more",
                found=self,
            )

    @property
    def columns(self) -> list[str]:
        """Names of the indicators."""
        return [indicator.name for indicator in self.indicators]

    def text(self, candidates: int) -> str:
        """The rule as it is printed (German)."""
        parts = [
            indicator.label + ("" if indicator.weight == 1 else f" (Gewicht {indicator.weight:g})")
            for indicator in self.indicators
        ]
        return (
            f"Vergleichsgruppe: die {self.size} ähnlichsten von {candidates} Gemeinden mit "
            f"vollständigen Angaben, gemessen am mittleren Abstand der standardisierten Merkmale "
            f"{'; '.join(parts)}. Ein Abstand von 1 heißt: im Mittel eine Standardabweichung."
        )


#: The rule for the columns of `demographic_profile`.
DEMOGRAPHIC_RULE = SimilarityRule(
    (
        Indicator("log_population", "Einwohnerzahl (logarithmiert)"),
        Indicator("log_density", "Einwohner je km² (logarithmiert)"),
        Indicator("share_under_18", "Anteil unter 18 Jahren"),
        Indicator("share_65_74", "Anteil 65 bis unter 75 Jahre"),
        Indicator("share_75_plus", "Anteil 75 Jahre und älter"),
    )
)


def demographic_profile(
    ages: pd.DataFrame, population: pd.Series, area_km2: pd.Series
) -> pd.DataFrame:
    """The columns of `DEMOGRAPHIC_RULE` from counts by age, a head count and the area.

    Parameters
    ----------
    ages : `ref_area`, `age_from`, `age_to` (years, inclusive; missing: open), `obs_value`; one
        date, both sexes together; groups that do not overlap. Bounds at 18, 65 and 75 must exist.
    population : head count (index `ref_area`), perhaps of a later date than `ages`.
    area_km2 : index `ref_area`.

    Returns
    -------
    Index: every municipality of the three inputs; a missing part is NaN, never a guess.
    """
    counts = _checked_ages(ages)
    first, last = counts["age_from"], counts["age_to"]
    everybody = _people(counts, counts["obs_value"])

    def share(of: pd.Series) -> pd.Series:
        part = _people(counts, counts["obs_value"].where(of, 0.0))
        return 100 * part / everybody.where(everybody > 0)

    density = population / area_km2
    profile = pd.DataFrame(
        {
            "log_population": _log10(population),
            "log_density": _log10(density),
            "share_under_18": share(last < 18),
            "share_65_74": share((first >= 65) & (last < 75)),
            "share_75_plus": share(first >= 75),
        }
    )
    return profile.rename_axis("ref_area").sort_index()


def comparison_groups(profile: pd.DataFrame, rule: SimilarityRule) -> pd.DataFrame:
    """The most similar municipalities of each one.

    Parameters
    ----------
    profile : index `ref_area`; one column an indicator of the rule.

    Returns
    -------
    `ref_area`, `similar` (key), `rank` (1 = most alike), `distance`, `flag`. A municipality without
    complete indicators has one row with "keine Vergleichsgruppe", and stands in no other's group.
    Equal distances are ordered by key.
    """
    complete, incomplete = _split(profile, rule)
    nearest, distance = _nearest(_standardised(complete, rule), rule)
    size = rule.size
    groups = pd.DataFrame(
        {
            "ref_area": complete.index.repeat(size),
            "similar": complete.index.take(nearest.ravel()),
            "rank": np.tile(np.arange(1, size + 1), len(complete)),
            "distance": distance.ravel(),
            "flag": "",
        }
    )
    none = pd.DataFrame(
        {
            "ref_area": incomplete,
            "similar": pd.NA,
            "rank": 0,
            "distance": np.nan,
            "flag": NO_GROUP,
        }
    )
    joined = groups if none.empty else pd.concat([groups, none], ignore_index=True)
    return joined.sort_values(["ref_area", "rank"], ignore_index=True)


def group_stability(
    profile: pd.DataFrame,
    rule: SimilarityRule,
    *,
    noise: float = 0.05,
    runs: int = 200,
    seed: int = 20_251_231,
) -> pd.Series:
    """How much of a group survives small changes of the indicators.

    Parameters
    ----------
    noise : standard deviation of the change, in standard deviations of the indicator.

    Returns
    -------
    Index: municipalities with a group; mean share (0–1) of its members that are still in it.
    """
    complete, _ = _split(profile, rule)
    scaled = _standardised(complete, rule)
    base = _members(scaled, rule)
    generator = np.random.default_rng(seed)
    kept = np.zeros(len(complete))
    for _ in range(runs):
        shaken = scaled + generator.normal(0, noise, scaled.shape) * _weights(rule)
        kept += (base & _members(shaken, rule)).sum(axis=1) / rule.size
    return pd.Series(kept / runs, index=complete.index, name="stability")


def leave_one_out(profile: pd.DataFrame, rule: SimilarityRule) -> pd.DataFrame:
    """Share of each group that stays when one indicator is left out; one column an indicator."""
    complete, _ = _split(profile, rule)
    base = _members(_standardised(complete, rule), rule)
    shares = {
        left.name: (base & _members(_standardised(complete, rest), rest)).sum(axis=1) / rule.size
        for left, rest in _without_each(rule)
    }
    return pd.DataFrame(shares, index=complete.index)


def quartile_positions(values: pd.Series) -> pd.DataFrame:
    """Rank and quartile of each value among all; equal values share both.

    Parameters
    ----------
    values : index `ref_area`, all of one territorial level, one indicator and one date.

    Returns
    -------
    Index of `values`; `obs_value`, `rank` (1 = lowest; equal values share the lowest rank), `n`,
    `quartile` (1 = lowest quarter … 4), `flag`. A quartile is missing for a missing value ("keine
    Daten") and where fewer than eight values exist.
    """
    if not values.index.is_unique:
        raise MethodInputError("a territory stands twice", found=str(values.name))
    number = values.astype("float64")
    known = number.notna()
    n = int(known.sum())
    rank = number.rank(method="min")
    share_below = number.rank(method="average") / max(n, 1)
    quartile = (4 * share_below).apply(np.ceil).clip(1, 4)
    if n < LEAST_FOR_QUARTILES:
        quartile[:] = np.nan
    too_few = f"weniger als {LEAST_FOR_QUARTILES} Werte: keine Quartile"
    flag = np.where(~known, NO_VALUE, too_few if n < LEAST_FOR_QUARTILES else "")
    return pd.DataFrame(
        {
            "obs_value": number,
            "rank": rank.astype("Int64"),
            "n": n,
            "quartile": quartile.astype("Int64"),
            "flag": flag,
        }
    )


def _checked_ages(ages: pd.DataFrame) -> pd.DataFrame:
    """Counts by age with open ends at infinity; groups that fit the bounds and do not overlap."""
    counts = ages.dropna(subset=["age_from"]).assign(
        age_from=lambda frame: frame["age_from"].astype("float64"),
        age_to=lambda frame: frame["age_to"].astype("float64").fillna(np.inf),
    )
    counts = counts.sort_values(["ref_area", "age_from"])
    for bound in (18, 65, 75):
        across = counts[(counts["age_from"] < bound) & (counts["age_to"] >= bound)]
        if not across.empty:
            raise MethodInputError(
                f"an age group spans the bound at {bound} years",
                found=across.iloc[0][["ref_area", "age_from", "age_to"]].to_dict(),
                expected="groups that end below 18, 65 and 75",
            )
    before = counts.groupby("ref_area")["age_to"].shift()
    if (counts["age_from"] <= before).any():
        raise MethodInputError(
            "age groups of a municipality overlap",
            found=counts.loc[counts["age_from"] <= before, "ref_area"].iloc[0],
            remedy="pass one date and one sex (the total), and no sums of groups",
        )
    return counts


def _people(counts: pd.DataFrame, values: pd.Series) -> pd.Series:
    """Sum a municipality; missing where one of its age groups is."""
    groups = counts["age_from"].nunique()
    return values.groupby(counts["ref_area"]).sum(min_count=max(groups, 1))


def _log10(values: pd.Series) -> pd.Series:
    return values.where(values > 0).apply(np.log10)


def _split(profile: pd.DataFrame, rule: SimilarityRule) -> tuple[pd.DataFrame, pd.Index]:
    """The municipalities with all indicators (sorted by key), and the keys of the others."""
    missing = [name for name in rule.columns if name not in profile.columns]
    if missing:
        raise MethodInputError("indicators missing in the profile", found=missing)
    if not profile.index.is_unique:
        raise MethodInputError("a municipality stands twice in the profile")
    numbers = profile[rule.columns].astype("float64").sort_index()
    is_complete = np.isfinite(numbers.to_numpy()).all(axis=1)
    complete = numbers.loc[is_complete]
    if len(complete) <= rule.size:
        raise MethodInputError(
            "too few municipalities with complete indicators for a group",
            found=len(complete),
            expected=f"more than {rule.size}",
        )
    return complete, numbers.index[~is_complete]


def _standardised(complete: pd.DataFrame, rule: SimilarityRule) -> NDArray[np.float64]:
    """Mean 0, standard deviation 1, times the root of the weight."""
    numbers = complete[rule.columns]
    spread = numbers.std(ddof=0)
    constant = list(spread.index[~(spread > 1e-12 * numbers.abs().max())])
    if constant:
        raise MethodInputError("an indicator is the same everywhere", found=constant)
    scaled: NDArray[np.float64] = ((numbers - numbers.mean()) / spread).to_numpy() * _weights(rule)
    return scaled


def _weights(rule: SimilarityRule) -> NDArray[np.float64]:
    weight = np.array([indicator.weight for indicator in rule.indicators])
    roots: NDArray[np.float64] = np.sqrt(weight / weight.sum())
    return roots


def _nearest(
    scaled: NDArray[np.float64], rule: SimilarityRule
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Positions and distances of the `size` nearest rows of every row, itself left out."""
    distance = np.sqrt(((scaled[:, None, :] - scaled[None, :, :]) ** 2).sum(axis=2))
    np.fill_diagonal(distance, np.inf)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, : rule.size]
    return nearest, np.take_along_axis(distance, nearest, axis=1)


def _members(scaled: NDArray[np.float64], rule: SimilarityRule) -> NDArray[np.bool_]:
    """Whether the column's municipality is in the row's group."""
    nearest, _ = _nearest(scaled, rule)
    members = np.zeros((len(scaled), len(scaled)), dtype=bool)
    np.put_along_axis(members, nearest, True, axis=1)
    return members


def _without_each(rule: SimilarityRule) -> Iterator[tuple[Indicator, SimilarityRule]]:
    if len(rule.indicators) < 2:
        raise MethodInputError("nothing is left when the only indicator is left out")
    for left in rule.indicators:
        rest = tuple(other for other in rule.indicators if other is not left)
        yield left, SimilarityRule(rest, rule.size)
