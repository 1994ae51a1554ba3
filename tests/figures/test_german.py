"""Plural, case, dates: a table of what a German reader expects, and clear errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import FigureError
from pipeline.figures import german
from pipeline.figures.prose import tell
from pipeline.methods.findings import Evidence, Finding


@pytest.mark.parametrize(
    ("value", "like", "said"),
    [(12528, None, "12.500"), (13612, 12528, "13.600"), (1143, None, "1.140"), (725, 1143, "730"),
     (130592, None, "131.000"), (743, None, "743"), (0, None, "0")],
)  # fmt: skip
def test_an_estimated_count_is_no_more_exact_than_three_digits(
    value: float, like: float | None, said: str
) -> None:
    assert german.rough(value, like) == said


def finding(value: float, **other: Any) -> Finding:
    row = Evidence("source", "access", {"ref_area": "05766"}, value)
    parts: dict[str, Any] = {
        "id": "pharmacies", "topic": "access", "label": "Apotheken", "value": value,
        "unit": "count", "ref_area": "05766", "ref_area_name": "Kreis Lippe", "level": "kreis",
        "time_period": "2023-08", "kind": "veröffentlichter Wert", "evidence": (row,),
    }  # fmt: skip
    return Finding(**{**parts, **other})


@pytest.mark.parametrize(
    ("value", "forms", "text"),
    [
        (0, "eine Apotheke|Apotheken", "keine Apotheken"),
        (0, "eine Apotheke|Apotheken|keine Apotheke", "keine Apotheke"),
        (1, "eine Apotheke|Apotheken", "eine Apotheke"),
        (3, "eine Apotheke|Apotheken", "drei Apotheken"),
        (12, "ein Kreis|Kreise", "zwölf Kreise"),
        (13, "ein Kreis|Kreise", "13 Kreise"),
        (1, "einem Kreis|Kreisen", "einem Kreis"),
        (0, "einem Kreis|Kreisen", "keinen Kreisen"),
        (0, "eines Kreises|Kreise", "keiner Kreise"),
        (1, "einen Arzt|Ärzte", "einen Arzt"),
        (1234, "eine Praxis|Praxen", "1.234 Praxen"),
    ],
)
def test_number_and_noun_agree(value: float, forms: str, text: str) -> None:
    assert german.counted(value, forms) == text


@pytest.mark.parametrize(
    ("name", "level", "texts"),
    [
        ("Kalletal", "municipality", "in Kalletal / für Kalletal / von Kalletal"),
        ("Kreis Lippe", "kreis", "im Kreis Lippe / für den Kreis Lippe / des Kreises Lippe"),
        ("Landkreis Celle", "kreis", "im Landkreis Celle / für den Landkreis Celle / "
         "des Landkreises Celle"),
        ("Region Hannover", "kreis", "in der Region Hannover / für die Region Hannover / "
         "der Region Hannover"),
        ("Saarland", "land", "im Saarland / für das Saarland / des Saarlands"),
        ("Deutschland", "country", "in Deutschland / für Deutschland / von Deutschland"),
        ("Nordrhein", "kv_region", "im KV-Bezirk Nordrhein / für den KV-Bezirk Nordrhein / "
         "des KV-Bezirks Nordrhein"),
        ("Lemgo", "planning_area", "im Planungsbereich Lemgo / für den Planungsbereich Lemgo / "
         "des Planungsbereichs Lemgo"),
        ("Kreisregion Lippe", "kreis_region", "in der Kreisregion Lippe / "
         "für die Kreisregion Lippe / der Kreisregion Lippe"),
    ],
)  # fmt: skip
def test_places_stand_in_their_case(name: str, level: str, texts: str) -> None:
    forms = [form(name, level) for form in (german.in_place, german.for_place, german.of_place)]
    assert " / ".join(forms) == texts


@pytest.mark.parametrize(
    ("period", "when", "since"),
    [
        ("2024-12-31", "am 31. Dezember 2024", "seit dem 31. Dezember 2024"),
        ("2023-08", "im August 2023", "seit August 2023"),
        ("2015", "im Jahr 2015", "seit 2015"),
        ("2011-12-31/2015-12-31", "vom 31. Dezember 2011 bis zum 31. Dezember 2015", None),
        ("2008/2015", "von 2008 bis 2015", None),
    ],
)
def test_periods_read_as_adverbs(period: str, when: str, since: str | None) -> None:
    assert german.when(period) == when
    if since is not None:
        assert german.since(period) == since


def test_plural_follows_the_printed_number_and_not_the_value() -> None:
    assert german.plural(1, "liegt|liegen") == "liegt"
    assert german.plural(1.2, "liegt|liegen") == "liegt"  # printed as 1
    assert german.plural(1, "liegt|liegen", decimals=1) == "liegen"  # printed as 1,0
    assert german.plural(0, "liegt|liegen") == "liegen"


def test_way_of_a_change_follows_the_printed_number() -> None:
    forms = "wächst|schrumpft|bleibt gleich"
    assert [german.way(v, forms) for v in (2.0, -0.06, 0.04, -0.04)] == [
        "wächst", "schrumpft", "bleibt gleich", "bleibt gleich",
    ]  # fmt: skip


def test_halves_are_rounded_up_as_readers_do() -> None:
    assert [german.number(v, 1) for v in (6.25, 0.05, 2.675, -0.04)] == ["6,3", "0,1", "2,7", "0,0"]
    assert [german.number(v) for v in (0.5, 2.5, 76.5)] == ["1", "3", "77"]
    assert german.number(2.675, 2) == "2,68"
    assert german.signed(-6.25, 1) == "−6,3"


def test_names_follow_their_noun() -> None:
    forms = "in der Gemeinde|in den Gemeinden"
    assert german.named(["Oelde"], forms) == "in der Gemeinde Oelde"
    assert german.named(["Rheine", "Neuenkirchen"], forms) == (
        "in den Gemeinden Rheine und Neuenkirchen"
    )


def test_sentence_lets_the_finding_choose_its_words() -> None:
    text = tell(
        "{n.place} {n.plural:gibt|gab} es {n.when} {n.count:eine Apotheke|Apotheken}.",
        n=finding(1.0),
    )
    assert text.sentences == ("Im Kreis Lippe gibt es im August 2023 eine Apotheke.",)
    change = finding(-5.5, unit="percent")
    text = tell("Die Zahl {n.way:steigt|sinkt|bleibt gleich} um {n.size} Prozent.", n=change)
    assert text.sentences == ("Die Zahl sinkt um 5,5 Prozent.",)


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{n.count}", "lacks the forms"),
        ("{n.count:Apotheke|Apotheken}", "lacks its article"),
        ("{n.count:eine Apotheke}", "not complete"),
        ("{n.way:steigt|sinkt}", "not complete"),
        ("{n.number:eine|zwei}", "chooses nothing"),
        ("{n.anzahl}", "no such word"),
        ("{n.count:eine Apotheke|2 Apotheken}", "typed into a sentence"),
    ],
)
def test_a_wrong_placeholder_says_what_is_wrong(template: str, says: str) -> None:
    with pytest.raises(FigureError, match=says):
        tell(template, n=finding(2.0))


@pytest.mark.parametrize(
    "broken",
    [
        lambda: german.counted(2.5, "eine Apotheke|Apotheken"),
        lambda: german.counted(-1, "eine Apotheke|Apotheken"),
        lambda: german.counted(float("nan"), "eine Apotheke|Apotheken"),
        lambda: german.counted(0, "einer Gemeinde|Gemeinden"),
        lambda: german.named([], "in der Gemeinde|in den Gemeinden"),
    ],
)
def test_what_cannot_be_counted_is_refused(broken: Callable[[], str]) -> None:
    with pytest.raises(FigureError):
        broken()


@given(st.integers(0, 10**9))
def test_every_count_ends_in_one_of_its_forms(n: int) -> None:
    text = german.counted(n, "ein Haus|Häuser")
    assert text == "ein Haus" if n == 1 else text.endswith(" Häuser")
