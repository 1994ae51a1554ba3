"""Regional keys: one form a territory, no lost zeros, levels by length.

A key is text. Its length says its level (Gemeindeverzeichnis, Datensatzbeschreibung GV100AD;
BBSR for the prefixed ones):

=============  ==========================================================  ==================
digits         territory                                                   level
=============  ==========================================================  ==================
``DG``, 00     Germany                                                     country
2              Land                                                        land
3              Regierungsbezirk, statistische Region                       regierungsbezirk
4 (from 0)     Region in Baden-Württemberg                                 bw_region
5              Kreis, kreisfreie Stadt                                     kreis
8              municipality (AGS)                                          municipality
9              Gemeindeverband (the first nine digits of the ARS)          association
12             municipality (ARS): Kreis + Gemeindeverband + municipality  municipality
``KREG:``      Kreisregion of the BBSR                                     kreis_region
``ROR:``       Raumordnungsregion of the BBSR                              raumordnungsregion
``KV:``        Kassenärztliche Vereinigung                                 kv_region
=============  ==========================================================  ==================

One exception to the lengths: the Regionaldatenbank writes the Samtgemeinden of Niedersachsen
with eight digits (03 xxx 4nn). They are sums over municipalities in the same table, so they have
the level ``association`` and not that of a municipality.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from pipeline.errors import RawDataError

COUNTRY = "DG"
LEVEL_OF_LENGTH: Mapping[int, str] = {
    2: "land",
    3: "regierungsbezirk",
    4: "bw_region",
    5: "kreis",
    8: "municipality",
    9: "association",
    12: "municipality",
}
LEVEL_OF_PREFIX: Mapping[str, str] = {
    "KREG": "kreis_region",
    "ROR": "raumordnungsregion",
    "KV": "kv_region",
}
#: From the whole to the part; what stands beside the administrative hierarchy comes last.
LEVELS = (
    "country",
    "land",
    "regierungsbezirk",
    "bw_region",
    "kreis",
    "association",
    "municipality",
    "kv_region",
    "raumordnungsregion",
    "kreis_region",
)
LAENDER = frozenset(f"{number:02}" for number in range(1, 17))
#: Länder that are one Kreis and one municipality at the same time (Hamburg, Berlin).
CITY_STATES = frozenset({"02", "11"})

_PREFIXED = re.compile(r"(KREG:\d{8}|ROR:\d{3,4}|KV:[A-ZÄÖÜ].+)")
_SAMTGEMEINDE = re.compile(r"03\d{3}4\d{2}")
#: Keys that only the Regionaldatenbank has: form → how its parts make the official key.
_REGIONALDATENBANK = (
    # Verbandsgemeinde of Rheinland-Pfalz: Kreis, two digits; the ARS writes 50 in front of them
    (re.compile(r"(07\d{3})(\d{2})"), r"\g<1>50\g<2>"),
    # municipality of Rheinland-Pfalz: Kreis, Verbandsgemeinde (00: none), municipality
    (re.compile(r"(07\d{3})\d{2}(\d{3})"), r"\1\2"),
    # member of a Samtgemeinde of Niedersachsen: Kreis, Samtgemeinde (4nn), municipality
    (re.compile(r"(03\d{3})4\d{2}(\d{3})"), r"\1\2"),
    # Hamburg and Berlin as Regierungsbezirke of their own
    (re.compile(r"(02|11)0"), r"\1"),
)
_ZERO_HINT = (
    "the key has lost its leading zero (a spreadsheet read it as a number); load the publisher's "
    "file again and keep the column as text"
)


def normalise_key(
    key: object,
    *,
    file: str | Path | None = None,
    row: int | None = None,
    column: str | None = None,
) -> str:
    """A regional key in its one form: text, no blanks, an ARS of a municipality as its AGS.

    The level stays: ``03103`` (the Kreis) does not become ``03103000`` (the municipality); use
    `area_key` where both mean the same ground.

    Parameters
    ----------
    key : as it stands in the file; numbers are refused, they have lost their zeros.
    file, row, column : where it stands, for the error.

    Raises
    ------
    RawDataError : for anything that is no German regional key, with the hint at the lost zero
        where that explains it.
    """
    text = key.strip() if isinstance(key, str) else ""
    if text == "00":
        return COUNTRY
    problem = _problem(key, text)
    if problem is not None:
        message, remedy = problem
        raise RawDataError(
            message,
            file=file,
            row=row,
            column=column,
            found=key,
            expected="DG, or 2 (Land), 3, 5 (Kreis), 8 (municipality), 9 or 12 digits that begin "
            "with a Land from 01 to 16, or KREG:, ROR:, KV:",
            remedy=remedy,
        )
    return ars_to_ags(text) if len(text) == 12 and text.isdigit() else text


def _problem(key: object, text: str) -> tuple[str, str] | None:
    """What is wrong with a key and what to do, or None."""
    if not isinstance(key, str):
        return "the regional key is not text", _ZERO_HINT
    if text == COUNTRY or _PREFIXED.fullmatch(text):
        return None
    check = "compare it with the publisher's file"
    if not (text.isascii() and text.isdigit()):
        return "this is no regional key", check
    if len(text) in LEVEL_OF_LENGTH and text[:2] in LAENDER and _length_fits(text):
        return None
    padded = "0" + text
    if len(padded) in LEVEL_OF_LENGTH and padded[:2] in LAENDER and _length_fits(padded):
        return f"the regional key lacks its leading zero, probably {padded}", _ZERO_HINT
    return "no German regional key has this form", check


def _length_fits(text: str) -> bool:
    # four digits are a Region only in Baden-Württemberg; else a Kreis that lost its zero
    return len(text) != 4 or text.startswith("08")


def normalise_regionaldatenbank_key(
    key: object,
    *,
    file: str | Path | None = None,
    row: int | None = None,
    column: str | None = None,
) -> str:
    """`normalise_key` for a table of the Regionaldatenbank, whose keys have forms of their own.

    ==============  ===========================================  ===========================
    key             territory                                    becomes
    ==============  ===========================================  ===========================
    ``0713101``     Verbandsgemeinde Adenau                      ``071315001`` (9 digits)
    ``0713101001``  its member Adenau                            ``07131001`` (AGS)
    ``03152401005`` Bühren in the Samtgemeinde Dransfeld         ``03152005`` (AGS)
    ``03152401``    the Samtgemeinde                             unchanged, an association
    ``020``         Hamburg as a Regierungsbezirk                ``02``
    ==============  ===========================================  ===========================

    That ``nn`` is ``50nn`` in the ARS was compared with the names of the Gemeindeverzeichnis of
    30 November 2023: all 113 Verbandsgemeinden that are in both lists agree.

    Raises
    ------
    RawDataError : as `normalise_key`.
    """
    text = key.strip() if isinstance(key, str) else ""
    for form, official in _REGIONALDATENBANK:
        if form.fullmatch(text):
            return form.sub(official, text)
    return normalise_key(key, file=file, row=row, column=column)


def is_below_municipality(key: str) -> bool:
    """Whether a key means a district of Berlin, which statistics list beside Kreise.

    They come as ``11001`` or ``11001001``; Berlin is one municipality, so that they would stand
    beside it as if they were Kreise of their own.
    """
    return key[:2] == "11" and len(key) in {5, 8} and area_key(key) != "11000"


def normalise_keys(keys: pd.Series, *, file: str | Path | None = None) -> pd.Series:
    """`normalise_key` for a whole column; each distinct key is looked at once."""
    forms = {key: normalise_key(key, file=file, column=str(keys.name)) for key in keys.unique()}
    return keys.map(forms).astype("str")


def level_of_key(key: str) -> str:
    """Level of a key, a word of `LEVELS`; `RawDataError` for what is no key."""
    text = normalise_key(key)
    if text == COUNTRY:
        return "country"
    prefix, separator, _ = text.partition(":")
    if separator:
        return LEVEL_OF_PREFIX[prefix]
    return "association" if _SAMTGEMEINDE.fullmatch(text) else LEVEL_OF_LENGTH[len(text)]


def ars_to_ags(ars: str) -> str:
    """AGS (8 digits) of a municipality's ARS (12 digits): the Gemeindeverband falls out.

    ``055660076076`` → ``05566076``. Twelve digits always mean a municipality: a Kreis padded with
    zeros cannot be told from a kreisfreie Stadt.

    Raises
    ------
    RawDataError : for anything but twelve digits of a Land from 01 to 16.
    """
    if not (len(ars) == 12 and ars.isascii() and ars.isdigit() and ars[:2] in LAENDER):
        lost = len(ars) == 11 and ars.isascii() and ars.isdigit()
        raise RawDataError(
            "this is no ARS of a municipality",
            found=ars,
            expected="12 digits: Land 2, Regierungsbezirk 1, Kreis 2, Verband 4, municipality 3",
            remedy=_ZERO_HINT if lost else "compare it with the publisher's file",
        )
    return ars[:5] + ars[9:]


def area_key(key: str) -> str:
    """The key under which equal ground is equal: the shortest way to write a kreisfreie Stadt.

    ``03103000`` (municipality) and ``03103`` (Kreis) are both Wolfsburg → ``03103``; ``02`` and
    ``02000000`` are both Hamburg → ``02000``. A municipality of a Kreis never ends in 000, so no
    other key changes.
    """
    text = normalise_key(key)
    if text in CITY_STATES:
        return text + "000"
    return text[:5] if len(text) == 8 and text.endswith("000") else text


def is_same_area(one: str, other: str) -> bool:
    """Whether two keys, perhaps of different levels, mean the same ground."""
    return area_key(one) == area_key(other)


def kreis_of(key: str) -> str:
    """Kreis key (5 digits) that a Kreis, Gemeindeverband or municipality belongs to."""
    area = area_key(key)
    if level_of_key(area) not in {"kreis", "association", "municipality"}:
        raise RawDataError(
            "this territory belongs to no single Kreis",
            found=key,
            expected="a Kreis, Gemeindeverband or municipality",
        )
    return area[:5]
