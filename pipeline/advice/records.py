"""What the hand-written YAML files of this room share: one source type, one way of being read.

People who are no programmers edit these files, so an error names file, entry and field and says
what should stand there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from pipeline.errors import RawDataError

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]

#: The safe loader; the one written in C where the platform has it, since files are long.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Record(BaseModel):
    """An entry of a hand-written file: unknown fields are errors, entries do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceRef(Record):
    """Where something was read; without an address it is named by its title alone."""

    title: Text
    address: str | None = None


AnyRecord = TypeVar("AnyRecord", bound=Record)


def read_records(path: Path, model: type[AnyRecord]) -> list[AnyRecord]:
    """The entries of a YAML list, checked; every entry has a field `id`.

    Raises
    ------
    RawDataError : naming file, entry (its id, else its place in the list), field and expectation.
    """
    entries = _read_list(path)
    return [_checked(path, place, entry, model) for place, entry in enumerate(entries, start=1)]


def require_unique_ids(pairs: Iterator[tuple[Path, str]]) -> None:
    """`RawDataError` when an id stands twice, be it in two files."""
    seen: dict[str, Path] = {}
    for path, key in pairs:
        if key in seen:
            raise RawDataError(
                f"the id '{key}' stands twice",
                file=path,
                found=f"{key} in {seen[key].name} and {path.name}",
                expected="an id of its own for every entry",
                remedy="rename one of the two",
            )
        seen[key] = path


def _read_list(path: Path) -> list[object]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except FileNotFoundError as error:
        raise RawDataError(
            "the file is missing", file=path, remedy="restore it from git, or name another"
        ) from error
    except UnicodeDecodeError as error:
        raise RawDataError(
            "the file is not UTF-8", file=path, remedy="save it with the encoding UTF-8"
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise RawDataError(
            "the file is no valid YAML",
            file=path,
            row=None if mark is None else mark.line + 1,
            found=getattr(error, "problem", str(error)),
            remedy="look at indentation and quotes near this line",
        ) from error
    if not isinstance(content, list):
        raise RawDataError(
            "the file holds no list of entries",
            file=path,
            found=type(content).__name__,
            expected="entries that each begin with '- id: …'",
        )
    return content


def _checked(path: Path, place: int, entry: object, model: type[AnyRecord]) -> AnyRecord:
    name = entry.get("id", f"no. {place}") if isinstance(entry, dict) else f"no. {place}"
    try:
        return model.model_validate(entry)
    except ValidationError as error:
        problem = error.errors()[0]
        fields = [str(part) for part in problem["loc"]]
        raise RawDataError(
            f"entry '{name}': {problem['msg']}",
            file=path,
            column=".".join(fields) or None,
            found=problem.get("input"),
            expected=_expectation(model, fields),
            remedy="docs/how-to/edit-the-catalogue.md explains every field",
        ) from error


def _expectation(model: type[Record], fields: list[str]) -> str | None:
    """The description of the field at fault, or the names of all fields where it is unknown."""
    known = model.model_fields
    if fields and fields[0] in known:
        return known[fields[0]].description
    return "one of the fields " + ", ".join(known)
