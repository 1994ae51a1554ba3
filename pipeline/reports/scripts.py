"""What a page carries inside itself: scripts, their data, files as addresses.

A script is allowed by its hash, which the page's Content-Security-Policy names.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"


def script(name: str) -> tuple[str, str]:
    """A script and the hash by which the Content-Security-Policy allows it, and it alone."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    return text, policy_hash(text)


def policy_hash(script: str) -> str:
    """SHA-256 of a script in base64, as a Content-Security-Policy names it."""
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def inline_json(data: object) -> str:
    """Data as JSON that is safe inside a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("&", "\\u0026")


def data_uri(mime: str, content: bytes) -> str:
    """Bytes as an address that holds them."""
    return f"data:{mime};base64,{base64.b64encode(content).decode('ascii')}"


def held_bytes(address: str) -> bytes:
    """The bytes that an address made by `data_uri` holds."""
    return base64.b64decode(address.partition(",")[2])
