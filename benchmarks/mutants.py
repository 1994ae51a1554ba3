"""Small faults that a formula may have: which a source file can be given, and the faulty code.

Wording is left alone (strings, messages of errors), and so is what only a type checker reads.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_BOOLEAN: dict[type[ast.boolop], type[ast.boolop]] = {ast.And: ast.Or, ast.Or: ast.And}
#: Switches that change the speed, the order of groups or a check, and no value.
_NEUTRAL_KEYWORDS = {"copy", "observed", "sort", "strict", "stacklevel"}

Change = Callable[[], object]


@dataclass(frozen=True)
class Mutant:
    """One fault.

    Attributes
    ----------
    node : place of the changed node in the walk through the file.
    choice : which of the changes that this node can have.
    line : line of the change.
    change : the expression before and after.
    """

    node: int
    choice: int
    line: int
    change: str


def find_mutants(source: str) -> list[Mutant]:
    """All faults that a file can be given, in the order of its lines."""
    count = sum(1 for _ in _walk(ast.parse(source)))
    original = list(_walk(ast.parse(source)))
    found = []
    for number in range(count):
        for choice in range(len(list(_changes(original[number])))):
            node, after = _changed(source, number, choice)
            text = f"{_short(original[number])} → {_short(after)}"
            found.append(Mutant(number, choice, getattr(node, "lineno", 0), text))
    return sorted(found, key=lambda mutant: (mutant.line, mutant.node, mutant.choice))


def compile_mutant(source: str, mutant: Mutant, filename: str) -> CodeType:
    """The code of a file with one fault in it."""
    tree = ast.parse(source)
    list(_changes(list(_walk(tree))[mutant.node]))[mutant.choice]()
    return compile(ast.fix_missing_locations(tree), filename, "exec", dont_inherit=True)


def _changed(source: str, number: int, choice: int) -> tuple[ast.AST, ast.AST]:
    node = list(_walk(ast.parse(source)))[number]
    list(_changes(node))[choice]()
    return node, node


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Every node whose change could change a result, parents first."""
    yield node
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "decorator_list"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.Raise | ast.JoinedStr):
                continue
            if isinstance(child, ast.keyword) and child.arg in _NEUTRAL_KEYWORDS:
                continue
            yield from _walk(child)


def _changes(node: ast.AST) -> Iterator[Change]:
    """What can be wrong at a node; calling one changes the node."""
    match node:
        case ast.Compare(ops=operators):
            for place, operator in enumerate(operators):
                other = _COMPARISONS[type(operator)]()
                yield lambda place=place, other=other: operators.__setitem__(place, other)
        case ast.BinOp(op=operator) | ast.AugAssign(op=operator) if type(operator) in _ARITHMETIC:
            yield lambda: setattr(node, "op", _ARITHMETIC[type(operator)]())
        case ast.BoolOp(op=operator):
            yield lambda: setattr(node, "op", _BOOLEAN[type(operator)]())
        case ast.UnaryOp(op=operator, operand=operand):  # a second sign takes the first away
            yield lambda: setattr(node, "operand", ast.UnaryOp(operator, operand))
        case ast.Constant(value=bool(value)):
            yield lambda: setattr(node, "value", not value)
        case ast.Constant(value=int(value) | float(value)):
            yield lambda: setattr(node, "value", value + 1)
        case ast.If(body=[*_, ast.Raise()]):  # a guard that lets everything pass
            yield lambda: setattr(node, "test", ast.Constant(value=False))
        case ast.If(test=test) | ast.IfExp(test=test) if "TYPE_CHECKING" not in ast.unparse(test):
            yield lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), test))
        case ast.Return(value=ast.AST() as value) if not isinstance(value, ast.Constant):
            yield lambda: setattr(node, "value", ast.Constant(value=None))


def _short(node: ast.AST, limit: int = 70) -> str:
    """The first line of a node's code."""
    text = ast.unparse(ast.fix_missing_locations(node)).splitlines()[0]
    return text if len(text) <= limit else text[:limit] + "…"
