"""A slow import of others is put off; what it gives is still there for whoever asks."""

from __future__ import annotations

import subprocess
import sys


def in_fresh_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_reading_notebooks_does_not_load_the_grammars_of_addresses() -> None:
    code = "import sys, pipeline, nbformat, inspect; inspect.getmodule(nbformat.read); "
    assert (
        in_fresh_python(code + "print('rfc3987_syntax.syntax_helpers' in sys.modules)") == "False"
    )
    # without the project it does: else there would be nothing to put off
    plain = "import sys, nbformat; print('rfc3987_syntax.syntax_helpers' in sys.modules)"
    assert in_fresh_python(plain) == "True"


def test_whoever_asks_gets_the_real_answer() -> None:
    """RFC 3987, section 1.4, has an address with accents as its example."""
    code = """
import pipeline, nbformat
from jsonschema import FormatChecker
from rfc3987_syntax import is_valid_syntax
from rfc3987_syntax.syntax_helpers import is_valid_syntax as the_same
addresses = ("http://résumé.example.org", "no address")
print([FormatChecker().conforms(address, "iri") for address in addresses])
print([check("iri", address) for check in (is_valid_syntax, the_same) for address in addresses])
"""
    assert in_fresh_python(code).splitlines() == ["[True, False]", "[True, False, True, False]"]
