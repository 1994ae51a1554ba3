"""Persons stay out of the platform: it shows offices and institutions only.

A record of a project may name persons all the same. They are known by a title before a name, by
the role or sector of their row, and, once a row is known to speak of a person, by their surname
wherever else it stands. A bare name of which nothing else speaks cannot be told from that of a
company: whoever keeps a record writes no names of persons into it.
"""

from __future__ import annotations

import re
from typing import Final

from pipeline.projects.record import Record
from pipeline.projects.records import Actor

HIDDEN: Final = "(Angabe zu einer Person, nicht gezeigt)"
#: Titles in front of a name. Offices of the same name are left out too: silence does less harm.
_TITLE: Final = re.compile(
    r"\b(herrn?|frau|dr|prof|professor(in)?|dipl|bürgermeister(in)?|landrat|landrätin)\b\.?"
    r"(?=\s+(?-i:[A-ZÄÖÜ]))",
    re.IGNORECASE,
)
#: Roles that only a person can have; "Bürgin" and "Leitung" may be those of an institution.
_PERSONAL_ROLE: Final = re.compile(
    r"\b((ober)?bürgermeister(in)?|landrat|landrätin|(sozial|gesundheits)?dezernent(in)?|"
    r"geschäftsführer(in)?|vorsitzende[rn]?|sprecher(in)?|referent(in)?|moderator(in)?|"
    r"ansprechpartner(in)?|projektleiter(in)?|(haus|fach|amts|chef)?(arzt|ärztin)|"
    r"apotheker(in)?|hebamme)\b",
    re.IGNORECASE,
)
_PERSON_WORDS: Final = frozenset({"person", "privatperson", "einzelperson"})
_WORD: Final = re.compile(r"[^\W\d_][\w-]+")


def is_person(actor: Actor) -> bool:
    """Whether a row speaks of a person rather than an office or institution."""
    is_flagged = not _PERSON_WORDS.isdisjoint({actor.sector.casefold(), actor.role.casefold()})
    return bool(is_flagged or _TITLE.search(actor.name) or _PERSONAL_ROLE.search(actor.role))


def public_text(text: str, record: Record) -> str:
    """A text of the record; nothing of it where it names a person."""
    surnames = _surnames(record)
    names_one = bool(_TITLE.search(text)) or not surnames.isdisjoint(_words(text))
    return HIDDEN if names_one else text


def _surnames(record: Record) -> set[str]:
    """Last words of the names of all actors that are persons; a place of that name stays."""
    names = [_WORD.findall(actor.name) for actor in record.actors if is_person(actor)]
    places = _words(f"{record.project.level} {record.project.title}")
    return {words[-1].casefold() for words in names if words} - places


def _words(text: str) -> set[str]:
    """The words of a text, and these without the ending of a genitive."""
    found = {word.casefold() for word in _WORD.findall(text)}
    return found | {word.removesuffix("s") for word in found}
