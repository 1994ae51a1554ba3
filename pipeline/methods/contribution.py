"""Contribution analysis: a theory of change whose every step names its evidence.

Where no outcome before and after exists for treated and comparison units, effect cannot be
estimated. What remains is to lay open how the project is meant to work, what supports each step,
what else could explain the change, and what is missing. The result is a structure and a list of
gaps, never a number.

Source: Mayne, Canadian Journal of Program Evaluation 16 (2001) 1, and ILAC Brief 16 (2008): theory
of change, evidence, rival explanations, assessment. The rule that the story is as strong as its
weakest step is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import pandas as pd

from pipeline.errors import MethodInputError

#: Printed where public data hold no outcome of the unit before and after.
NO_PROOF = (
    "Eine Wirkung auf die Versorgung ist mit öffentlichen Daten weder nachweisbar noch widerlegbar."
)


class Stage(IntEnum):
    """Stages of a result chain, in their order."""

    INPUT = 0
    ACTIVITY = 1
    OUTPUT = 2
    OUTCOME = 3
    IMPACT = 4


STAGE_LABELS: dict[Stage, str] = {
    Stage.INPUT: "Mittel",
    Stage.ACTIVITY: "Aktivität",
    Stage.OUTPUT: "Leistung",
    Stage.OUTCOME: "Ergebnis",
    Stage.IMPACT: "Wirkung",
}


class Bearing(StrEnum):
    """What a piece of evidence says about a step."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"


class Standing(IntEnum):
    """How well a step stands, from worst to best."""

    CONTRADICTED = 0
    NO_EVIDENCE = 1
    DISPUTED = 2  # evidence for and against
    RIVALS_OPEN = 3  # supported, but another explanation has not been looked at
    SUPPORTED = 4


STANDING_LABELS: dict[Standing, str] = {
    Standing.CONTRADICTED: "widersprochen",
    Standing.NO_EVIDENCE: "ohne Beleg",
    Standing.DISPUTED: "strittig",
    Standing.RIVALS_OPEN: "belegt, andere Erklärung offen",
    Standing.SUPPORTED: "belegt",
}


@dataclass(frozen=True)
class Element:
    """Something that is put in, done, delivered, reached; `text` is printed (German)."""

    key: str
    stage: Stage
    text: str


@dataclass(frozen=True)
class Proof:
    """A piece of evidence with its source."""

    text: str
    source: str
    bearing: Bearing = Bearing.SUPPORTS


@dataclass(frozen=True)
class Rival:
    """Another explanation of the same change; `answer` says what was found (empty: open)."""

    text: str
    answer: str = ""


@dataclass(frozen=True)
class Step:
    """A step from one element to a later one.

    Attributes
    ----------
    before, after : keys of elements.
    because : why the one should lead to the other (German, printed).
    proofs, rivals : evidence, and other explanations.
    """

    before: str
    after: str
    because: str
    proofs: tuple[Proof, ...] = ()
    rivals: tuple[Rival, ...] = ()

    @property
    def standing(self) -> Standing:
        """How well the step stands on what is given."""
        bearings = {proof.bearing for proof in self.proofs}
        if not bearings:
            return Standing.NO_EVIDENCE
        if bearings == {Bearing.CONTRADICTS}:
            return Standing.CONTRADICTED
        if Bearing.CONTRADICTS in bearings:
            return Standing.DISPUTED
        if any(not rival.answer for rival in self.rivals):
            return Standing.RIVALS_OPEN
        return Standing.SUPPORTED


@dataclass(frozen=True)
class Contribution:
    """The assessed story.

    Attributes
    ----------
    steps : `before`, `after` (texts), `stage_before`, `stage_after`, `because`, `proofs`,
        `rivals_open` (numbers), `standing` (German), one row a step.
    weakest : standing of the weakest step.
    unconnected : texts of elements that no step leads to, or (but for the last stage) from.
    verdict : the sentence that is printed.
    """

    steps: pd.DataFrame
    weakest: Standing
    unconnected: tuple[str, ...]
    verdict: str


def assess_contribution(elements: Sequence[Element], steps: Sequence[Step]) -> Contribution:
    """Check the story and say how far it carries.

    Raises
    ------
    MethodInputError : no step, unknown or double keys, a step that leads backwards, proof without a
        source.
    """
    by_key = {element.key: element for element in elements}
    if len(by_key) != len(elements) or not steps:
        raise MethodInputError(
            "a story needs steps, and elements with keys of their own",
            found=f"{len(elements)} elements, {len(by_key)} keys, {len(steps)} steps",
        )
    for step in steps:
        _check(step, by_key)
    weakest = min(step.standing for step in steps)
    loose = _unconnected(by_key, steps)
    return Contribution(
        steps=pd.DataFrame([_row(step, by_key) for step in steps]),
        weakest=weakest,
        unconnected=loose,
        verdict=_verdict(weakest, loose, steps, max(by_key[step.after].stage for step in steps)),
    )


def _check(step: Step, by_key: dict[str, Element]) -> None:
    unknown = [key for key in (step.before, step.after) if key not in by_key]
    if unknown:
        raise MethodInputError(
            "a step names an element that does not exist", found=unknown[0], expected="its key"
        )
    if by_key[step.before].stage >= by_key[step.after].stage:
        raise MethodInputError(
            "a step must lead to a later stage",
            found=f"{step.before} → {step.after}",
            expected="Mittel → Aktivität → Leistung → Ergebnis → Wirkung",
        )
    if any(not proof.source.strip() for proof in step.proofs):
        raise MethodInputError("evidence without a source", found=f"{step.before} → {step.after}")


def _row(step: Step, by_key: dict[str, Element]) -> dict[str, object]:
    before, after = by_key[step.before], by_key[step.after]
    return {
        "before": before.text,
        "after": after.text,
        "stage_before": STAGE_LABELS[before.stage],
        "stage_after": STAGE_LABELS[after.stage],
        "because": step.because,
        "proofs": len(step.proofs),
        "rivals_open": sum(not rival.answer for rival in step.rivals),
        "standing": STANDING_LABELS[step.standing],
    }


def _unconnected(by_key: dict[str, Element], steps: Sequence[Step]) -> tuple[str, ...]:
    led_to = {step.after for step in steps}
    led_from = {step.before for step in steps}
    last = max(element.stage for element in by_key.values())
    return tuple(
        element.text
        for element in by_key.values()
        if (element.stage is not Stage.INPUT and element.key not in led_to)
        or (element.stage != last and element.key not in led_from)
    )


def _verdict(
    weakest: Standing, loose: tuple[str, ...], steps: Sequence[Step], reaches: Stage
) -> str:
    bare = sum(step.standing is Standing.NO_EVIDENCE for step in steps)
    if weakest is Standing.CONTRADICTED:
        return f"{NO_PROOF} Mindestens ein Schritt der Wirkungskette ist widersprochen."
    if bare or loose:
        gaps = [f"{bare} von {len(steps)} Schritten ohne Beleg"] if bare else []
        if loose:
            links = "ein Glied" if len(loose) == 1 else f"{len(loose)} Glieder"
            gaps.append(f"{links} ohne Anschluss")
        return f"{NO_PROOF} Die Wirkungskette hat Lücken: {', '.join(gaps)}."
    if reaches < Stage.OUTCOME:
        return f"{NO_PROOF} Die Wirkungskette endet vor einem Ergebnis für die Versorgung."
    if weakest in (Standing.DISPUTED, Standing.RIVALS_OPEN):
        return f"{NO_PROOF} Die Wirkungskette ist belegt, aber nicht unbestritten."
    return (
        f"{NO_PROOF} Ein Beitrag ist plausibel: Jeder Schritt ist belegt, und die genannten "
        "anderen Erklärungen sind geprüft."
    )
