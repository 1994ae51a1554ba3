"""Programs that some tests hand their results to; without them those tests are skipped."""

from __future__ import annotations

import os
import shutil

import pytest


def program(*names: str) -> str:
    """Path of the first of these programs that is installed.

    Without any the test is skipped; it fails where tests must not be skipped (CI).
    """
    for name in names:
        if found := shutil.which(name):
            return found
    message = f"{names[0]} is not installed"
    if os.environ.get("VERSORGUNGSLABOR_TESTS") == "all":
        pytest.fail(message)
    pytest.skip(message)
