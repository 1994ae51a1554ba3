"""The search of the start page: an index inside the page, a script that the page's policy names."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.reports.chapter import TEMPLATES


@dataclass(frozen=True)
class Entry:
    """Something that can be found: where it leads, what it is called, words that find it."""

    title: str
    where: str
    link: str
    text: str


def index_json(entries: Iterable[Entry]) -> str:
    """The index as JSON that is safe inside a script element."""
    text = json.dumps([vars(entry) for entry in entries], ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("&", "\\u0026")


def script() -> tuple[str, str]:
    """The script and the hash by which the Content-Security-Policy allows it, and it alone."""
    text = (TEMPLATES / "search.js").read_text(encoding="utf-8")
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return text, base64.b64encode(digest).decode("ascii")
