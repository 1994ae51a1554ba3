"""What must not leave this machine: credentials, and paths that tell whose machine it was.

Looks at what is handed on (notebooks, pages, tables as CSV, sidecars) and at the logs of a run. A
secret that is found is named by its kind and place and never printed.
"""

from __future__ import annotations

import base64
import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.errors import VerificationError
from pipeline.settings import ENV_PREFIX, ROOT, Paths

#: Ends of the names of variables whose value nobody else may see.
SECRET_NAMES = ("_TOKEN", "_PASSWORD", "_USER", "_SECRET", "_KEY")
#: A shorter value would be found by chance.
SHORTEST_SECRET = 6
#: What looks like a credential, by kind.
PATTERNS: Mapping[str, re.Pattern[str]] = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "token of a code forge": re.compile(r"\b(?:gh[oprsu]_\w{30,}|glpat-[\w-]{20,})"),
    "cloud access key": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "signed web token": re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
    "authorisation header": re.compile(
        r"(?i)\bauthorization\W{1,5}(?:basic|bearer)\s+[\w+/=.-]{8,}"
    ),
    "password in an address": re.compile(r"\b[a-z][a-z+]+://[^\s/:@\"'<>]+:[^\s/:@\"'<>]{3,}@"),
    "password in an assignment": re.compile(
        r"(?i)(?:\b|\\n)(?:password|passwort|passwd|api_?key|secret|access_token)\\?[\"']?\s*[:=]\s*"
        r"\\?[\"'][^\"'\s\\]{8,}\\?[\"']"
    ),
}
_HOME = re.compile(r"(?:/home/|/Users/|[A-Z]:\\\\?Users\\\\?)[\w.-]+|/root/[\w.-]+|/tmp/[\w.-]+")
_EMBEDDED = re.compile(r"data:(?:text/csv|image/svg\+xml)[\w;=-]*;base64,([A-Za-z0-9+/]+=*)")
_TEXTS = {".ipynb", ".html", ".csv", ".json", ".jsonl", ".log", ".yaml", ".md", ".svg", ".txt"}


def secret_problems(
    paths: Paths, environment: Mapping[str, str] = os.environ
) -> Iterator[VerificationError]:
    """Credentials and machine paths in what the workspace has made or hands on.

    Parameters
    ----------
    environment : variables ``VERSORGUNGSLABOR_…`` and ``GENESIS_…`` whose names end like a
        credential's hold values that must stand in no file.

    Logs may name folders, because they stay on the machine.
    """
    secrets = known_secrets(environment)
    for folder, is_published in (
        (paths.notebooks, True),
        (paths.build / "notebooks", True),
        (paths.build / "run", False),
        (paths.reports, True),
        (paths.processed, True),
        (paths.raw, True),
    ):
        for file in _text_files(folder):
            text = file.read_text(encoding="utf-8", errors="replace")
            yield from _problems(file, text, secrets, is_published)


def known_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Name of the variable → value that must not be seen."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith((ENV_PREFIX, "GENESIS_"))
        and name.endswith(SECRET_NAMES)
        and len(value) >= SHORTEST_SECRET
    }


def permission_problems(paths: Paths) -> Iterator[VerificationError]:
    """Files that anybody may change or that could be started, among those that the chain makes."""
    for folder in (paths.processed, paths.derived, paths.build, paths.reports):
        for file in sorted(folder.rglob("*")):
            if not file.is_file() or file.is_symlink():
                continue
            mode = stat.S_IMODE(file.stat().st_mode)
            if mode & (stat.S_IWOTH | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH):
                yield VerificationError(
                    "the file may be changed by anybody, or started",
                    file=file,
                    found=f"{mode:o}",
                    expected="644 or stricter",
                    remedy="run the command again with umask 022",
                )


def _text_files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        if file.suffix in _TEXTS and file.is_file():
            yield file


def _problems(
    file: Path, text: str, secrets: Mapping[str, str], is_published: bool
) -> Iterator[VerificationError]:
    parts = [text, *(_decoded(match[1]) for match in _EMBEDDED.finditer(text))]
    for part in parts:
        for name, value in secrets.items():
            if value in part:
                yield _found(file, part, part.index(value), f"the value of {name}")
        for kind, pattern in PATTERNS.items():
            if match := pattern.search(part):
                yield _found(file, part, match.start(), kind)
        if is_published and (place := _machine_path(part)) is not None:
            yield VerificationError(
                "the file names a folder of this machine",
                file=file,
                row=part.count("\n", 0, part.index(place)) + 1,
                found=place,
                remedy="print no paths; paths of packages and of the checkout are taken out",
            )


def _machine_path(text: str) -> str | None:
    """The first path that tells where the workspace was run."""
    for folder in (f"{ROOT}/", f"{sys.prefix}/"):
        if folder in text:
            return folder
    match = _HOME.search(text)
    return match[0] if match else None


def _found(file: Path, text: str, place: int, kind: str) -> VerificationError:
    return VerificationError(
        "a credential stands in a file that others read",
        file=file,
        row=text.count("\n", 0, place) + 1,
        found=f"{kind} (not shown)",
        remedy="take it out of the notebook, run again, and change the credential",
    )


def _decoded(text: str) -> str:
    return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-8", errors="replace")
