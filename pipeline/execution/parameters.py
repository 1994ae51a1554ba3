"""What a notebook may be asked: the names and types of its own cell tagged "parameters"."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from pipeline.errors import ExecutionError, ParameterError

#: Parameters that have an option or a place of their own, and where that is.
ELSEWHERE = {
    "region": "name it with --region",
    "reference_date": "set it in params.yaml, or in a file of your own with --params: the head of "
    "the report prints the same day",
}
#: What parts the items of a list.
_COMMA = ","
_TRUTH = {"true": True, "false": False}
_WORDS = {str: "text", bool: "true or false", int: "a whole number", float: "a number",
          list: "words parted by commas"}  # fmt: skip
_NO_LITERAL = object()


def check_parameters(notebook: Path, given: Mapping[str, object]) -> None:
    """`ParameterError` for a parameter that the notebook does not declare.

    papermill alone would only warn and run the notebook with its default.
    """
    known = declared(notebook)
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ParameterError(
            "the notebook has no such parameter",
            file=notebook,
            found=unknown[0],
            expected=", ".join(known) or 'a cell tagged "parameters"',
            remedy="correct the name, or add the parameter to the cell tagged parameters",
        )


def parse_options(options: Sequence[str]) -> dict[str, str]:
    """Name → text of options `NAME=VALUE`.

    Raises
    ------
    ParameterError : no equals sign, a name twice, or a parameter that is set elsewhere.
    """
    given: dict[str, str] = {}
    for option in options:
        name, sign, text = (part.strip() for part in option.partition("="))
        if not sign or not name.isidentifier():
            raise ParameterError(
                "a parameter is given as NAME=VALUE",
                found=option,
                expected="for example compare_with=05766024,05762036",
            )
        if name in given:
            raise ParameterError(
                f"the parameter '{name}' stands twice",
                found=option,
                remedy="give it once; the items of a list are parted by commas",
            )
        if name in ELSEWHERE:
            raise ParameterError(
                f"the parameter '{name}' is not set here", found=option, remedy=ELSEWHERE[name]
            )
        given[name] = text
    return given


def options_for(
    notebooks: Sequence[Path], given: Mapping[str, str]
) -> dict[Path, dict[str, object]]:
    """The given parameters of each notebook that declares them, in the type of their defaults.

    Parameters
    ----------
    notebooks : those that are to be run.
    given : name → text, as returned by `parse_options`.

    Raises
    ------
    ParameterError : a name that none of the notebooks declares, or a text of another type; both
        name the notebook and its parameters.
    """
    chosen: dict[Path, dict[str, object]] = {notebook: {} for notebook in notebooks}
    for name, text in given.items():
        takers = [notebook for notebook in chosen if name in declared(notebook)]
        if not takers:
            raise _unknown(name, list(chosen))
        for notebook in takers:
            chosen[notebook][name] = _typed(notebook, name, text)
    return chosen


def _unknown(name: str, notebooks: Sequence[Path]) -> ParameterError:
    own = {
        notebook: [known for known in declared(notebook) if known not in ELSEWHERE]
        for notebook in notebooks
    }
    known = [f"{path.stem}: {', '.join(names)}" for path, names in own.items() if names]
    return ParameterError(
        "no chosen notebook has such a parameter"
        if len(notebooks) != 1
        else "the notebook has no such parameter",
        file=notebooks[0] if len(notebooks) == 1 else None,
        found=name,
        expected="; ".join(known) or "nothing: these notebooks take no parameters of their own",
        remedy="correct the name, or choose the notebook that has it with --notebook",
    )


def _typed(notebook: Path, name: str, text: str) -> object:
    """The text as a value of the type that the notebook's default has."""
    default = declared(notebook)[name]
    kind = type(default)
    try:
        return _value(text, default)
    except (ValueError, KeyError) as error:
        raise ParameterError(
            f"the parameter '{name}' has another type",
            file=notebook,
            found=text,
            expected=f"{_WORDS.get(kind, 'nothing: its default is no plain value')}"
            + ("" if default is _NO_LITERAL else f" (default: {default!r})"),
            remedy=f"give it as {name}=VALUE",
        ) from error


def _value(text: str, default: object) -> object:
    if isinstance(default, bool):
        return _TRUTH[text.casefold()]
    if isinstance(default, str):
        return text
    if isinstance(default, int | float):
        return type(default)(text)
    if isinstance(default, list):
        items = [item.strip() for item in text.split(_COMMA) if item.strip()]
        # an AGS is text: an empty list is one of texts, so that no leading zero is lost
        return [_value(item, default[0] if default else "") for item in items]
    raise ValueError(text)


@cache
def declared(notebook: Path) -> Mapping[str, object]:
    """Name → default that the cell tagged "parameters" assigns.

    papermill's own look at it loads for seconds.

    Raises
    ------
    ExecutionError : this is no notebook, or the cell is no Python.
    """
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        tagged = [c for c in cells if "parameters" in c.get("metadata", {}).get("tags", [])]
        source = "".join(tagged[0]["source"]) if tagged else ""
        return dict(_assigned(ast.parse(source)))
    except (ValueError, KeyError, TypeError, SyntaxError) as error:
        raise ExecutionError(
            f"this is no notebook with readable parameters: {error}",
            file=notebook,
            remedy="open it in JupyterLab and mend the cell tagged parameters",
        ) from error


def _assigned(module: ast.Module) -> Iterator[tuple[str, object]]:
    for statement in module.body:
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name):
                yield target.id, _literal(statement.value)


def _literal(value: ast.expr | None) -> object:
    try:
        return ast.literal_eval(value) if value is not None else _NO_LITERAL
    except ValueError:
        return _NO_LITERAL
