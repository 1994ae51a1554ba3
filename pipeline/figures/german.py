"""Numbers, dates, lists, plural and case as German readers write them (Babel, locale de_DE).

Grammar is not guessed from a word: a writer gives the forms (``"eine Apotheke|Apotheken"``), and
this module chooses, by Babel's plural rules. Only the names of territories follow rules of their
own, since they come from the data.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from babel import Locale, dates, lists, numbers

from pipeline.errors import FigureError
from pipeline.provenance import STATUS_LABELS, STATUS_SIGNS

LOCALE = "de_DE"
#: Printed where a number is missing without an official sign.
NO_DATA = "keine Daten"

#: Numbers that running text writes as words.
NUMBER_WORDS = (
    "null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn",
    "elf", "zwölf",
)  # fmt: skip
#: Ordinals as they stand after an article: "im dritten Fünftel".
ORDINALS = (
    "ersten", "zweiten", "dritten", "vierten", "fünften", "sechsten", "siebten", "achten",
    "neunten", "zehnten", "elften", "zwölften",
)  # fmt: skip
#: Indefinite article of the one → "kein" of the none, in the plural of the same case. "einer" is
#: dative or genitive, so its none must be given.
_NONE_OF = {"ein": "keine", "eine": "keine", "einen": "keine", "einem": "keinen", "eines": "keiner"}
_ARTICLES = frozenset({*_NONE_OF, "einer"})
_plural_form = Locale.parse(LOCALE).plural_form

#: First word of a territory's name → its article in the dative, accusative and genitive; a name
#: without such a word stands without an article.
_GENDER = {
    "Kreis": "m", "Landkreis": "m", "Planungsbereich": "m", "Mittelbereich": "m", "KV-Bezirk": "m",
    "Regionalverband": "m", "Region": "f", "Kreisregion": "f", "Städteregion": "f", "Stadt": "f",
    "Gemeinde": "f", "Modellregion": "f", "Saarland": "n",
}  # fmt: skip
#: Word that a level adds before a bare name.
_LEVEL_NOUN = {"kv_region": "KV-Bezirk", "planning_area": "Planungsbereich"}


def number(value: float, decimals: int = 0) -> str:
    """A number with German separators: ``77209`` → "77.209", ``68.74`` → "68,7"."""
    if not math.isfinite(value):
        return NO_DATA
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return numbers.format_decimal(rounded(value, decimals), format=pattern, locale=LOCALE)


def rounded(value: float, decimals: int = 0) -> Decimal:
    """A number rounded as readers do it by hand: 6.25 → 6.3, where Python says 6.2."""
    step = Decimal(1).scaleb(-decimals)
    # + 0 because a rounded minus zero is a zero
    return Decimal(repr(float(value))).quantize(step, ROUND_HALF_UP) + 0


def rough(value: float, like: float | None = None) -> str:
    """A count as exact as an estimate can be meant, three digits: 12528 → "12.500".

    `like` is the number whose step is used, so that the limits of a value are as exact as it is.
    """
    size = abs(value if like is None else like)
    step = Decimal(1).scaleb(max(len(str(int(size))) - 3, 0))
    return number(float((Decimal(repr(float(value))) / step).quantize(1, ROUND_HALF_UP) * step))


def signed(value: float, decimals: int = 0) -> str:
    """A change, always with its sign and a real minus: "+1,2", "−4,7", "±0,0"."""
    if not math.isfinite(value):
        return NO_DATA
    shown = rounded(value, decimals)
    sign = "±" if shown == 0 else "+" if shown > 0 else "−"
    return sign + number(abs(value), decimals)


def cell(value: float, status: str = "", decimals: int = 0) -> str:
    """A table cell: the number, or the official sign that stands instead of it."""
    if status in STATUS_SIGNS:
        return STATUS_SIGNS[status]
    if value is None or not math.isfinite(value):
        return NO_DATA
    text = number(value, decimals)
    return f"({text})" if status == "limited_reliability" else text


def period(time_period: str, *, is_short: bool = False) -> str:
    """A period in words: "31. Dezember 2024" (short: "31.12.2024"), "August 2023", "2015"."""
    if "/" in time_period:
        days = [period(day, is_short=is_short) for day in time_period.split("/")]
        return " bis ".join(dict.fromkeys(days))
    match time_period.count("-"):
        case 2:
            day, style = time_period, "dd.MM.yyyy" if is_short else "d. MMMM yyyy"
        case 1:
            day, style = f"{time_period}-01", "MM/yyyy" if is_short else "MMMM yyyy"
        case _:
            return time_period
    return dates.format_date(dt.date.fromisoformat(day), format=style, locale=LOCALE)


def interval(first_to_last: str) -> str:
    """A period of a source: "2008-12-31/2015-12-31" → "31.12.2008 bis 31.12.2015"."""
    return period(first_to_last, is_short=True)


def enumeration(words: Sequence[str]) -> str:
    """ "Rheine und Neuenkirchen", "A, B und C"."""
    return lists.format_list(list(words), locale=LOCALE)


def when(time_period: str) -> str:
    """A period as an adverb: "am 31. Dezember 2024", "im August 2023", "im Jahr 2015".

    An interval: "vom 31. Dezember 2011 bis zum 31. Dezember 2015", "von 2008 bis 2015".
    """
    first, _, last = time_period.partition("/")
    if last:
        is_day = first.count("-") == 2
        return f"{'vom' if is_day else 'von'} {period(first)} bis {'zum ' * is_day}{period(last)}"
    return {2: "am ", 1: "im "}.get(time_period.count("-"), "im Jahr ") + period(time_period)


def since(time_period: str) -> str:
    """ "seit dem 31. Dezember 2024", "seit August 2023", "seit 2015"."""
    return ("seit dem " if time_period.count("-") == 2 else "seit ") + period(time_period)


def words(value: float) -> str:
    """A whole number as running text writes it: "drei", "zwölf", "13", "77.209"."""
    whole = _whole(value)
    return NUMBER_WORDS[whole] if whole < len(NUMBER_WORDS) else number(whole)


def ordinal(value: float) -> str:
    """A place in an order, after an article: 3 → "dritten", 13 → "13."."""
    whole = _whole(value)
    return ORDINALS[whole - 1] if 0 < whole <= len(ORDINALS) else f"{whole}."


def counted(value: float, forms: str) -> str:
    """A number with its noun: 1 → "eine Apotheke", 3 → "drei Apotheken", 0 → "keine Apotheken".

    Parameters
    ----------
    value : a whole number, zero or more.
    forms : the one with its article and the many, divided by ``|``, both in the case of the
        sentence ("einem Kreis|Kreisen"); a third form is the none, where it is another.

    Raises
    ------
    FigureError : a number that counts nothing, forms that are missing.
    """
    whole = _whole(value)
    one, many, *none = _forms(forms, 2, 3)
    article = one.partition(" ")[0]
    if article not in _ARTICLES:
        raise FigureError(
            "the form for one lacks its article",
            found=forms,
            expected='the article in the case of the sentence, for example "eine Apotheke|…"',
        )
    if _plural_form(whole) == "one":
        return one
    if whole:
        return f"{words(whole)} {many}"
    if none:
        return none[0]
    if article not in _NONE_OF:
        raise FigureError(
            "the form for none cannot be derived",
            found=forms,
            expected='a third form, for example "einer Gemeinde|Gemeinden|keiner Gemeinde"',
        )
    return f"{_NONE_OF[article]} {many}"


def plural(value: float, forms: str, decimals: int = 0) -> str:
    """The one or the many of ``"beträgt|betragen"``, by Babel's rule for the printed number.

    With decimals nothing is one: "1,0 Prozent" takes the many.
    """
    one, many = _forms(forms, 2, 2)
    return one if _plural_form(abs(rounded(value, decimals))) == "one" else many


def way(value: float, forms: str, decimals: int = 1) -> str:
    """The word for a rise, a fall or neither: ``"wächst|schrumpft|bleibt gleich"``.

    What is printed as zero is neither.
    """
    up, down, same = _forms(forms, 3, 3)
    shown = rounded(value, decimals)
    return same if shown == 0 else up if shown > 0 else down


def named(names: Sequence[str], forms: str) -> str:
    """Names after their noun: "in der Gemeinde Oelde", "in den Gemeinden A, B und C".

    Parameters
    ----------
    forms : the noun for one name and for several, ``"in der Gemeinde|in den Gemeinden"``.
    """
    if not names:
        raise FigureError("no name to put after its noun", found=forms)
    return f"{plural(len(names), forms)} {enumeration(names)}"


def in_place(name: str, level: str = "") -> str:
    """Where: "in Kalletal", "im Kreis Lippe", "in der Kreisregion Lippe", "im Saarland"."""
    full = place_name(name, level)
    return {"m": "im", "n": "im", "f": "in der"}.get(_gender(full), "in") + f" {full}"


def for_place(name: str, level: str = "") -> str:
    """For whom: "für Kalletal", "für den Kreis Lippe", "für die Region Hannover"."""
    full = place_name(name, level)
    article = {"m": "den ", "n": "das ", "f": "die "}.get(_gender(full), "")
    return f"für {article}{full}"


def of_place(name: str, level: str = "") -> str:
    """Whose: "von Kalletal", "des Kreises Lippe", "der Region Hannover", "des Saarlands"."""
    full = place_name(name, level)
    first, blank, rest = full.partition(" ")
    match _gender(full):
        case "f":
            return f"der {full}"
        case "m" | "n":
            ending = "es" if first.endswith("s") else "s"
            return f"des {first}{ending}{blank}{rest}"
        case _:
            return f"von {full}"


def place_name(name: str, level: str = "") -> str:
    """A name with the noun that its level needs: "KV-Bezirk Westfalen-Lippe"."""
    noun = _LEVEL_NOUN.get(level, "")
    return name if not noun or name.startswith(noun) else f"{noun} {name}"


def _gender(full: str) -> str:
    return _GENDER.get(full.partition(" ")[0], "")


def _whole(value: float) -> int:
    if not math.isfinite(value) or value < 0 or value != int(value):
        raise FigureError(
            "only whole numbers from zero on are counted",
            found=value,
            remedy="print a measured value with .number",
        )
    return int(value)


def _forms(forms: str, least: int, most: int) -> list[str]:
    parts = [part.strip() for part in forms.split("|")]
    if not least <= len(parts) <= most or not all(parts):
        raise FigureError(
            "the forms of a word are not complete",
            found=forms,
            expected=f"{least if least == most else f'{least} or {most}'} forms divided by |",
        )
    return parts


def signs_legend() -> list[tuple[str, str]]:
    """The official signs and what they say, for the legend of a page."""
    return [(sign, STATUS_LABELS[word]) for word, sign in STATUS_SIGNS.items()]
