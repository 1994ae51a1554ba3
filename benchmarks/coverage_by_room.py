"""`python -m benchmarks.coverage_by_room FILE`: lines and branches that tests reach, room by room.

FILE is what `pytest --cov=pipeline --cov-branch --cov-report=json:FILE` writes.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

#: Sums of coverage.py's JSON report: reached and all, of lines and of branches.
_COUNTS = ("covered_lines", "num_statements", "covered_branches", "num_branches")


def by_room(report: dict[str, dict[str, dict[str, dict[str, int]]]]) -> dict[str, Counter[str]]:
    """Room (a folder of pipeline/, or a module of its own) → sums of its files, and `all`."""
    rooms: dict[str, Counter[str]] = {}
    for name, found in report["files"].items():
        room = Path(name).parts[Path(name).parts.index("pipeline") + 1].removesuffix(".py")
        for key in (room, "all"):
            counts = rooms.setdefault(key, Counter())
            counts.update({word: found["summary"].get(word, 0) for word in _COUNTS})
    return dict(sorted(rooms.items(), key=lambda item: (item[0] == "all", item[0])))


def main(path: Path) -> None:
    """Print the table."""
    table = Table("room", "lines", "branches", "lines not reached", title="Reached by the tests")
    for room, counts in by_room(json.loads(path.read_text(encoding="utf-8"))).items():
        lines, all_lines, branches, all_branches = (counts[word] for word in _COUNTS)
        share = f"{branches / all_branches:.1%}" if all_branches else "–"
        table.add_row(room, f"{lines / max(all_lines, 1):.1%}", share, str(all_lines - lines))
    Console().print(table)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m benchmarks.coverage_by_room FILE")
    main(Path(sys.argv[1]))
