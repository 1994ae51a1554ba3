"""The translations: gettext catalogues, one a chapter, read with Babel.

A message is a German sentence with slots (`slots`): ``{n1}`` a number, ``{t1}`` a day, ``{p1}`` a
territory or a list of them, ``{g1}`` a term of `TERMS` or a list of them, ``{x1}`` an address or
code, ``<1>`` an inline tag. The translation has the same slots and tags, in the order that English
wants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po

from pipeline.errors import FigureError
from pipeline.reports.english.slots import slots_of

FOLDER = Path(__file__).parents[1] / "locales" / "en" / "LC_MESSAGES"
#: Catalogue of what belongs to no chapter: head, contents, legend, start page.
FRAME = "frame"
#: Catalogue of the names that stand as ``{g1}`` in other messages: groups of doctors, departments.
TERMS = "terms"


def read_catalogues(folder: Path = FOLDER) -> dict[str, Catalog]:
    """The catalogues by chapter.

    Raises
    ------
    FigureError : a file that is no catalogue, or a translation with other slots than its message.
    """
    catalogues = {}
    for path in sorted(folder.glob("*.po")):
        try:
            with path.open("rb") as stream:
                catalogue = read_po(stream, locale="en", abort_invalid=True)
        except (PoFileError, UnicodeDecodeError) as error:
            raise FigureError(
                f"the catalogue cannot be read: {error}",
                file=path,
                remedy="mend the line; docs/how-to/translate.md shows the format",
            ) from error
        for message in messages(catalogue):
            _check(message, path)
        catalogues[path.stem] = catalogue
    return catalogues


def messages(catalogue: Catalog) -> Iterator[Message]:
    """The messages of a catalogue without its header."""
    return (message for message in catalogue if message.id)


def translations(catalogues: Mapping[str, Catalog]) -> dict[str, str]:
    """German pattern → English text, over all catalogues; what is not translated is left out."""
    return {
        str(message.id): str(message.string)
        for catalogue in catalogues.values()
        for message in messages(catalogue)
        if message.string and not message.fuzzy
    }


def terms(catalogues: Mapping[str, Catalog]) -> dict[str, str]:
    """German → English names of what sentences list."""
    return translations({TERMS: catalogues[TERMS]}) if TERMS in catalogues else {}


def _check(message: Message, path: Path) -> None:
    german, english = str(message.id), str(message.string)
    if english and slots_of(german) != slots_of(english):
        different = sorted(slots_of(german) ^ slots_of(english))
        raise FigureError(
            "a translation must have the slots and tags of its message",
            file=path,
            row=message.lineno,
            found=f"{english!r}: {', '.join(different)}",
            expected=german,
            remedy="write every slot and tag of the German text into the English one",
        )
