"""Notes of published facts in German, for readers.

The collection `published_facts` carries its remarks in English, for those who work on it. A remark
that a reader must know stands here in German, under its own text; it adds nothing to it, and a test
holds the numbers of both in step. The quotation of a qualifier at its beginning ("'rund 830'") is
left out of both: the qualifier is printed with the number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

#: Quotation at the beginning of a note: the source's own words for its number.
_QUOTATION: Final = re.compile(r"^'[^']*'(?:[;,] |$)")

NOTES: Final[Mapping[str, str]] = {
    # hospitals
    "13 in Lippstadt, 2 (orthopaedics, urology) in Erwitte": "13 in Lippstadt, 2 (Orthopädie, "
    "Urologie) in Erwitte",
    "Dreifaltigkeits-Hospital gGmbH": "Dreifaltigkeits-Hospital gGmbH",
    "child psychiatry Bad Salzuflen 48 -> 80 beds": "Kinderpsychiatrie in Bad Salzuflen, von 48 "
    "auf 80 Betten",
    "merger contract signed week of 6 Dec 2024; 50/50 shares": "Vertrag über den Zusammenschluss "
    "in der Woche des 6. Dezember 2024 unterschrieben; Anteile 50 zu 50",
    "Planbetten; sentence lists foundation-wide figures, scope not fully clear": "Die Quelle nennt "
    "im selben Satz Zahlen der ganzen Stiftung; worauf sich die Betten beziehen, "
    "ist nicht ganz klar",
    "of 4,200 foundation-wide": "von 4.200 in der ganzen Stiftung",
    "Paulinenkrankenhaus Bad Bentheim closes 31.12.2025, services move to Rheine (25 min); average "
    "13 beds occupied in 2025 – cross-border scenario": "Gemeint ist das Paulinenkrankenhaus Bad "
    "Bentheim: Schließung zum 31.12.2025, Leistungen gehen nach Rheine (25 Minuten); 2025 waren im "
    "Mittel 13 Betten belegt",
    "Okerwelle 13.05.2020 says 550": "Radio Okerwelle nennt am 13.05.2020 die Zahl 550",
    "two hospitals (Helios, LWL) and other institutions": "zwei Krankenhäuser (Helios, LWL) und "
    "weitere Einrichtungen zusammen",
    "for Dreifaltigkeits-Hospital until December, after the cyber attack of 2023": "für das "
    "Dreifaltigkeits-Hospital bis Dezember, nach dem Angriff auf die Computer im Jahr 2023",
    "St. Marien-Hospital, geriatrics, 6 additional beds; Beckum 8.7m": "St. Marien-Hospital, "
    "Geriatrie, 6 zusätzliche Betten; Beckum erhält 8,7 Mio. €",
    "sum for Jakobi-Krankenhaus Rheine, LWL-Klinik Lengerich, St. Elisabeth Beckum": "Summe für "
    "drei Häuser: Jakobi-Krankenhaus Rheine, LWL-Klinik Lengerich, St. Elisabeth Beckum; der "
    "Anteil des einzelnen Hauses ist hier nicht genannt",
    # pharmacies
    "DAZ 18.04.2024 gives the same value for 2009: conflict": "Die DAZ vom 18.04.2024 nennt "
    "dieselbe Zahl für 2009: Widerspruch",
    "16 opened, 74 closed": "16 eröffnet, 74 geschlossen",
    "'zum Jahresbeginn' 2017": "„zum Jahresbeginn“ 2017",
    "65 closed, 11 opened, -54": "65 geschlossen, 11 eröffnet, −54",
    "teaser line at the foot of the 2013 page; -40": "aus einem Hinweis unter dem Artikel von "
    "2013; −40",
    "-49 in 2023 (53 closed, 4 opened)": "−49 im Jahr 2023 (53 geschlossen, 4 eröffnet)",
}

#: Names of the collection that are not those of a house or a place, in German.
NAMES: Final[Mapping[str, str]] = {
    "Klinikum Rheine catchment": "Paulinenkrankenhaus Bad Bentheim",
}


def german_name(name: str) -> str:
    """Whose figure it is, in German; with room for a line break at each slash."""
    written_out = re.sub(r"^MB ", "Mittelbereich ", name)
    return NAMES.get(name, re.sub(r"\s*/\s*", " / ", written_out))


def german_note(note: str) -> str:
    """The remark of a fact in German; without the quotation of the qualifier.

    A note without an entry is printed as it stands: it comes from a list of one's own.
    """
    remark = _QUOTATION.sub("", note)
    return NOTES.get(remark, remark)
