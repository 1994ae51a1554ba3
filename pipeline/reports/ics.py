"""Days as a calendar file (RFC 5545, iCalendar), for all-day events.

Written here rather than with a library, as an all-day event needs seven properties. What must be
right: lines end with CRLF and are folded at 75 octets, never inside a character (section 3.1);
text is escaped (3.3.11); DTEND is the day after the last (3.6.1).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

#: Octets of a content line, without its line break (section 3.1).
LINE_OCTETS = 75
_PRODUCT = "-//Versorgungslabor//Termine//DE"
#: Control characters that no text value may hold (section 3.3.11: TSAFE-CHAR and escapes).
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_UNSAFE_UID = re.compile(r"[^A-Za-z0-9._@-]+")


@dataclass(frozen=True)
class Event:
    """An event of one or more whole days.

    Attributes
    ----------
    uid : the same in every edition, and unlike that of any other event.
    first, last : days, both included.
    """

    uid: str
    first: dt.date
    last: dt.date
    summary: str
    location: str = ""
    description: str = ""


def calendar(name: str, events: Iterable[Event], stamp: dt.date) -> str:
    """The calendar file.

    Parameters
    ----------
    name : shown by programs that know X-WR-CALNAME.
    stamp : day of the edition: DTSTAMP must be there, and a clock would change the file each time.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{_PRODUCT}",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{escaped(name)}",
        *(line for event in events for line in _event_lines(event, stamp)),
        "END:VCALENDAR",
    ]
    return "".join(folded(line) for line in lines)


def _event_lines(event: Event, stamp: dt.date) -> list[str]:
    optional = {"LOCATION": event.location, "DESCRIPTION": event.description}
    return [
        "BEGIN:VEVENT",
        f"UID:{_UNSAFE_UID.sub('-', event.uid)}",
        f"DTSTAMP:{stamp:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{event.first:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.last + dt.timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(event.summary)}",
        *(f"{name}:{escaped(text)}" for name, text in optional.items() if text),
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def escaped(text: str) -> str:
    """A text value: backslash, semicolon, comma and line break are escaped, controls dropped."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = _CONTROL.sub("", plain)
    for mark in ("\\", ";", ","):
        plain = plain.replace(mark, f"\\{mark}")
    return plain.replace("\n", "\\n")


def folded(line: str) -> str:
    """A content line with its CRLF, broken into lines of at most 75 octets."""
    pieces, piece, size = [], "", 0
    for character in line:
        octets = len(character.encode("utf-8"))
        if size + octets > LINE_OCTETS:
            pieces.append(piece)
            # the blank that marks a continuation counts as one octet
            piece, size = "", 1
        piece += character
        size += octets
    return "\r\n ".join([*pieces, piece]) + "\r\n"
