"""The search of the start page: an index inside the page (its script: `search.js`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.reports.scripts import inline_json


@dataclass(frozen=True)
class Entry:
    """Something that can be found: where it leads, what it is called, words that find it."""

    title: str
    where: str
    link: str
    text: str


def index_json(entries: Iterable[Entry]) -> str:
    """The index as JSON that is safe inside a script element."""
    return inline_json([vars(entry) for entry in entries])
