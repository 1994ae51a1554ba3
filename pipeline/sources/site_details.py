"""Web address and spoken languages of a place, in the one form that the workspace keeps.

A web address is kept as `https://…` without query and fragment. Languages are codes of ISO 639,
two letters where there are two (`de`), else three (`gsg`, German sign language), in alphabetical
order and joined by semicolons. Names of languages are those of the Unicode CLDR in German.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from urllib.parse import urlsplit

from babel import Locale

#: What stands between two codes in a cell.
SEPARATOR = ";"
#: Languages that people are spoken to in and that the CLDR has no German name for.
_FURTHER = {"gsg": "Deutsche Gebärdensprache", "prs": "Dari"}
#: Other names in use → code.
_ALSO_CALLED = {"gebärdensprache": "gsg", "farsi": "fa"}
#: Codes of ISO 639 that are no language.
_NO_LANGUAGE = frozenset({"mis", "mul", "und", "zxx"})
_CODE = re.compile(r"[a-z]{2,3}")
_HOST = re.compile(r"(?=.{4,253}$)([\w-]+\.)+[^\W\d_]{2,}")
_PORT = re.compile(r":\d{1,5}$")
#: Signs that no address needs, and that could end an attribute or a cell.
_UNSAFE = re.compile(r"[\s<>\"'`\\{}|^\x00-\x1f\x7f]")


def web_address(text: str) -> str:
    """The address as `scheme://host/path`, or nothing where the text is no web address.

    "www.example.org" is completed to https; other schemes (javascript, mailto, ftp) are no web
    address. User names, query and fragment are dropped: they are no part of a place.
    """
    given = text.strip()
    if not given or _UNSAFE.search(given):
        return ""
    complete = given if "://" in given else f"https://{given}"
    try:
        parts = urlsplit(complete)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2].casefold()
    if parts.scheme.lower() not in {"http", "https"} or not _HOST.fullmatch(_PORT.sub("", host)):
        return ""
    return f"{parts.scheme.lower()}://{host}{parts.path.rstrip('/')}"


@cache
def language_names() -> Mapping[str, str]:
    """Code → German name of every language that a list may name."""
    names = {
        code: name
        for code, name in Locale.parse("de").languages.items()
        if _CODE.fullmatch(code) and code not in _NO_LANGUAGE
    }
    return {**names, **_FURTHER}


def language_codes(words: Iterable[str]) -> tuple[str, list[str]]:
    """Codes of languages given as code or by their German name, and the words that are neither.

    Returns
    -------
    codes : sorted, each once, joined by `SEPARATOR`.
    unknown : words as given.
    """
    by_name = {name.casefold(): code for code, name in language_names().items()} | _ALSO_CALLED
    codes, unknown = set(), []
    for word in (word.strip() for word in words):
        folded = word.casefold()
        code = folded if folded in language_names() else by_name.get(folded)
        if code is not None:
            codes.add(code)
        elif word:
            unknown.append(word)
    return SEPARATOR.join(sorted(codes)), unknown
