"""A module of others that is loaded when it is used, not when it is imported.

nbformat imports jsonschema, which imports `rfc3987_syntax` for checks of internationalised
addresses, and that builds some thirty grammars at once: two seconds in every process, for checks
that no schema of a notebook asks for (jsonschema, issue 1428).
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_NAME = "rfc3987_syntax"


class _Deferred(ModuleType):
    """Stands for the package; whoever asks it for anything gets the real one's answer."""

    def __init__(self, spec: ModuleSpec) -> None:
        super().__init__(spec.name)
        self.__path__ = spec.submodule_search_locations or []

    def is_valid_syntax(self, rule: str, text: str) -> bool:
        return bool(_real().is_valid_syntax(rule, text))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # tools that look through all modules want nothing of this one
            raise AttributeError(name)
        return getattr(_real(), name)


def _real() -> ModuleType:
    if isinstance(sys.modules.get(_NAME), _Deferred):
        del sys.modules[_NAME]
    return import_module(_NAME)


def defer_address_grammar() -> None:
    """Put the stand-in where an import of `rfc3987_syntax` finds it, unless it is loaded."""
    if _NAME not in sys.modules and (spec := find_spec(_NAME)):
        sys.modules[_NAME] = _Deferred(spec)
