"""Draws how the house is built: rooms from the roof down, and which room imports which.

The rooms come from the import contract in pyproject.toml, the dots from the import graph.
`python docs/house.py` writes docs/explanation/house.svg; a test holds the picture in step.
"""

from __future__ import annotations

import tomllib
from html import escape
from pathlib import Path

import grimp

from pipeline.figures import theme

ROOT = Path(__file__).resolve().parents[1]
TARGET = Path("docs") / "explanation" / "house.svg"
#: What a room is for; a room of the contract that is not named here is an error.
PURPOSE = {
    "cli": "what a person types, and what DVC runs",
    "commands": "one module a group of commands",
    "checks": "verify, cases, reference, back-test",
    "reports": "executed notebooks → pages",
    "execution": "notebooks × regions → executed notebooks",
    "projects": "records of funded projects, proof of use",
    "advice": "findings → recommendations, grants",
    "figures": "table → chart with data, caption, sources",
    "methods": "pure functions: no file, no clock, no network",
    "tables": "fields, schemas, data/processed",
    "sources": "one reader a publisher's format",
    "regions": "municipalities and groups of them",
    "keys": "regional keys",
    "provenance": "sidecars, hashes, official signs",
    "locking": "one writer a folder at a time",
    "writing": "files whole or not there",
    "settings": "folders and parameters",
    "errors": "one family of errors",
    "deferred": "a slow import of others, put off",
}
_ROW, _TOP, _LEFT, _WORDS, _CELL = 26, 118, 16, 118, 22


def rooms(root: Path = ROOT) -> list[str]:
    """Names of the rooms, the roof first, as the import contract lists them."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = [
        contract["layers"]
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    ]
    return [layer.strip("()").removeprefix("pipeline.") for layer in layers]


def imports() -> set[tuple[str, str]]:
    """(room, room that it imports), from the import graph without imports for types only."""
    graph = grimp.build_graph("pipeline", exclude_type_checking_imports=True, cache_dir=None)
    pairs = {
        (importer.split(".")[1], imported.split(".")[1])
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        if importer.count(".") and imported.count(".")
    }
    return {(one, other) for one, other in pairs if one != other}


def picture(root: Path = ROOT) -> str:
    """The SVG: one row a room; a dot in a column says that the row imports that room."""
    names = rooms(root)
    pairs = imports()
    x_of = {name: _LEFT + _WORDS + 300 + i * _CELL for i, name in enumerate(names)}
    y_of = {name: _TOP + i * _ROW for i, name in enumerate(names)}
    width, height = x_of[names[-1]] + 40, y_of[names[-1]] + 2 * _ROW
    parts = [_head(width, height, names)]
    for name in names:
        y = y_of[name]
        parts += [
            f'<rect x="{_LEFT}" y="{y - 11}" width="{_WORDS}" height="22" rx="3" '
            f'fill="{theme.BLUE}" fill-opacity="0.1" stroke="{theme.BLUE}"/>',
            f'<text x="{_LEFT + 10}" y="{y + 4}" class="room">{name}</text>',
            f'<text x="{_LEFT + _WORDS + 12}" y="{y + 4}" class="note">'
            f"{escape(PURPOSE[name])}</text>",
            f'<line x1="{x_of[names[0]] - 11}" y1="{y + 13}" x2="{width - 20}" y2="{y + 13}" '
            f'stroke="{theme.LINE}" stroke-width="0.6"/>',
            f'<text transform="translate({x_of[name] + 4},{_TOP - 20}) rotate(-60)" '
            f'class="note">{name}</text>',
        ]
        parts += [
            f'<circle cx="{x_of[other]}" cy="{y}" r="5" fill="{theme.BLUE}">'
            f"<title>{name} imports {other}</title></circle>"
            for other in names
            if (name, other) in pairs
        ]
        parts.append(
            f'<rect x="{x_of[name] - 5}" y="{y - 5}" width="10" height="10" fill="{theme.OTHERS}"/>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _head(width: int, height: int, names: list[str]) -> str:
    font = "system-ui, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" aria-labelledby="t d">',
            '<title id="t">The rooms of the house</title>',
            f'<desc id="d">From the roof down: {", ".join(names)}. A room imports only rooms below '
            "it, so every dot lies to the right of the diagonal.</desc>",
            f"<style>text {{ font-family: {font}; font-size: 13px; fill: {theme.INK} }} "
            f".note {{ font-size: 12px; fill: {theme.MUTED} }} "
            ".room { font-weight: 600 }</style>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            f'<text x="{_LEFT}" y="30" class="room">A room imports only rooms below it</text>',
            f'<text x="{_LEFT}" y="50" class="note">A dot: the room of the row imports the room '
            "of the column.</text>",
        ]
    )


if __name__ == "__main__":
    (ROOT / TARGET).write_text(picture(), encoding="utf-8")
