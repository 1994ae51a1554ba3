"""Pages made from the code at each build, so that they can never be out of step.

The directive ``{generated} tables`` (``commands``, ``parameters``) puts Markdown made here into a
page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import typer.main
from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList

from pipeline.cli import app
from pipeline.settings import ENV_PREFIX, Params, Paths, RegionParameters
from pipeline.tables.dictionary import dictionary
from pipeline.tables.registry import DERIVED


def commands() -> str:
    """Every command with its help, arguments and options."""
    root = typer.main.get_command(app)
    context = root.context_class(root, info_name="versorgungslabor")
    return "\n".join(line for part in _parts(root, context) for line in (*part, ""))


def _parts(group: Any, context: Any) -> Iterator[list[str]]:
    for name in sorted(group.list_commands(context)):
        command = group.get_command(context, name)
        inner = command.context_class(command, info_name=name, parent=context)
        if hasattr(command, "list_commands"):
            yield from _parts(command, inner)
        else:
            yield _command(command, inner)


def _command(command: Any, context: Any) -> list[str]:
    path = context.command_path.removeprefix("versorgungslabor ")
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    lines = [f"## `{path}`", "", "```text", usage, "```", "", (command.help or "").strip(), ""]
    lines += ["| option or argument | meaning | default |", "|---|---|---|"]
    lines += [
        f"| `{_name(p)}` | {_cell(p.help or '')} | {_default(p)} |"
        for p in command.get_params(context)
        if p.name != "help"
    ]
    return lines


def _name(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.name).upper()
    return ", ".join([*parameter.opts, *parameter.secondary_opts])


def _default(parameter: Any) -> str:
    value = parameter.default
    # the number of workers is that of the machine that builds this page
    if parameter.name == "workers":
        return "all cores"
    plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return f"`{value}`" if plain else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def tables() -> str:
    """The data dictionary of data/processed, and the tables of data/derived."""
    body = dictionary({}).partition("\n## ")[2]
    # counts of rows belong to one workspace, not to the documentation
    kept = [line.replace("0 rows, key:", "Key:") for line in f"## {body}".splitlines()]
    derived = ["", "## data/derived", "", "| table | Bezeichnung |", "|---|---|"]
    derived += [f"| `{name}` | {title} |" for name, title in DERIVED.items()]
    return "\n".join([*kept, *derived])


def parameters() -> str:
    """Parameters of notebooks, keys of params.yaml, folders."""
    lines = [
        "## Parameters of a notebook",
        "",
        "| parameter | default | meaning |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{name}` | `{field.default}` | {field.description} |"
        for name, field in RegionParameters.model_fields.items()
    ]
    lines += ["", "## params.yaml", "", "Keys, all needed: "]
    lines += [", ".join(f"`{name}`" for name in Params.model_fields) + "."]
    lines += ["", "## Folders", "", "| option | environment |", "|---|---|"]
    lines += [f"| `--{name}` | `{ENV_PREFIX}{name.upper()}` |" for name in Paths.model_fields]
    return "\n".join(lines)


class Generated(Directive):
    """``{generated} tables``: Markdown made by the function of that name."""

    required_arguments = 1
    makers: ClassVar[dict[str, Callable[[], str]]] = {
        "commands": commands,
        "tables": tables,
        "parameters": parameters,
    }

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if name not in self.makers:
            raise self.error(f"{name} is none of {', '.join(self.makers)}")
        lines = StringList(self.makers[name]().splitlines(), source=f"generated {name}")
        holder = nodes.Element()
        self.state.nested_parse(lines, self.content_offset, holder, match_titles=True)
        return list(holder.children)


def setup(sphinx: Any) -> dict[str, bool]:
    """Register the directive."""
    sphinx.add_directive("generated", Generated)
    # what it prints depends on code, so no page that uses it may come from a cache
    sphinx.connect("env-get-outdated", _uses_generated)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _uses_generated(sphinx: Any, env: Any, *_sets: Any) -> list[str]:
    return [
        name
        for name in env.all_docs
        if "{generated}" in Path(env.doc2path(name)).read_text("utf-8")
    ]
