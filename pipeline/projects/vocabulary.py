"""Closed word lists of the records; the words are what a German-speaking user types."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """How far a record is; `READY` is refused while the integrity check finds something."""

    DRAFT = "Entwurf"
    RUNNING = "laufend"
    FINISHED = "abgeschlossen"
    READY = "einreichungsreif"


class FinanceKind(StrEnum):
    """Kinds of finance; amounts of different kinds are never added."""

    GRANT = "Zuwendung"
    LOAN = "Darlehen"
    GUARANTEE = "Bürgschaft"
    OWN = "Eigenmittel"
    IN_KIND = "Sachleistung"
    THIRD_PARTY = "Drittmittel"


#: What pays bills; a guarantee pays nothing, and a contribution in kind is no payment.
CASH_KINDS = (FinanceKind.GRANT, FinanceKind.OWN, FinanceKind.THIRD_PARTY, FinanceKind.LOAN)


class GrantState(StrEnum):
    """How certain money is."""

    EXPECTED = "erwartet"
    APPLIED = "beantragt"
    APPROVED = "bewilligt"
    PAID = "ausgezahlt"
    DISPUTED = "strittig"
    REPORTED = "berichtet"


class Side(StrEnum):
    """Side of the finance plan."""

    COST = "Ausgabe"
    INCOME = "Einnahme"


class ActivityState(StrEnum):
    """What became of an activity."""

    PLANNED = "geplant"
    STARTED = "begonnen"
    DONE = "durchgeführt"
    DROPPED = "ausgefallen"
    UNKNOWN = "nicht bekannt"


class Level(StrEnum):
    """Stages of the intervention logic."""

    INPUT = "Mittel"
    ACTIVITY = "Aktivität"
    OUTPUT = "Leistung"
    OUTCOME = "Ergebnis"
    IMPACT = "Wirkung"


class Polarity(StrEnum):
    """Which direction is better."""

    MORE = "mehr ist besser"
    LESS = "weniger ist besser"


class VersionKind(StrEnum):
    """What a version of the plan rests on."""

    COUNCIL = "Ratsvorlage"
    APPLICATION = "Antrag"
    NOTICE = "Bescheid"
    AMENDMENT = "Änderungsbescheid"
    PUBLISHED = "Veröffentlichung"


#: Versions that bind the recipient; only they may change a target.
BINDING_VERSIONS = (VersionKind.NOTICE, VersionKind.AMENDMENT)


class Role(StrEnum):
    """Who received the money."""

    FIRST = "Erstempfänger"
    LAST = "Letztempfänger"


class Section(StrEnum):
    """Where a note belongs in the report."""

    BACKGROUND = "Ausgangslage"
    NEED = "Bedarf"
    DEVIATION = "Abweichung"
    ALTERNATIVE = "Alternative"
    EQUALITY = "Querschnittsziel"
    SUSTAINABILITY = "Nachhaltigkeit"
    LESSON = "Lehre"
    DISTINCTION = "Abgrenzung"


class Bearing(StrEnum):
    """What a proof says about a step."""

    SUPPORTS = "stützt"
    CONTRADICTS = "widerspricht"


class YesNo(StrEnum):
    """A yes that somebody stated, a no that somebody stated."""

    YES = "ja"
    NO = "nein"


class Gap(StrEnum):
    """Why a field is empty; the word is what a reader sees instead of the value."""

    NOT_PUBLISHED = "nicht veröffentlicht"
    NOT_YET = "noch nicht erhoben"
    OPEN = "noch nicht entschieden"
    NOT_APPLICABLE = "entfällt"


class Trust(StrEnum):
    """What kind of source a statement rests on."""

    RECORD = "Akte"
    NOTICE = "Bescheid"
    RULE = "Richtlinie"
    OWN_PAGE = "Projektseite"
    PRESS = "Presse"
    STATISTICS = "Statistik"
