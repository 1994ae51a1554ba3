"""The packages that the workspace is built from: what they are, and what is known against them."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import __version__
from pipeline.errors import WorkspaceError

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)")
_VIA = re.compile(r"^    #(?: via |   )(?P<name>[A-Za-z0-9._-]+)(?: \(.*\))?$")
#: Name of the workspace in the lock.
_SELF = "versorgungslabor"


@dataclass(frozen=True)
class Package:
    """A pinned package.

    Attributes
    ----------
    name, version : as the lock has them.
    wanted_by : packages that need it; `versorgungslabor` for those of pyproject.toml.
    """

    name: str
    version: str
    wanted_by: tuple[str, ...]


@dataclass(frozen=True)
class Advisories:
    """What is known against the packages.

    Attributes
    ----------
    is_checked : False where nobody could be asked; that is no clean bill.
    reason : why nothing was checked.
    found : package, version, identifier and the version that mends it.
    """

    is_checked: bool
    reason: str = ""
    found: tuple[dict[str, str], ...] = ()


def read_lock(path: Path) -> list[Package]:
    """The packages of requirements.lock, in its order.

    Raises
    ------
    WorkspaceError : no lock, or one without pins.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise WorkspaceError("the lock is missing", file=path, remedy="run `make lock`") from error
    packages: list[Package] = []
    for line in lines:
        if pin := _PIN.match(line):
            packages.append(Package(pin["name"], pin["version"], ()))
        elif (via := _VIA.match(line)) and packages:
            last = packages[-1]
            packages[-1] = Package(last.name, last.version, (*last.wanted_by, via["name"]))
    if not packages:
        raise WorkspaceError("the lock pins nothing", file=path, remedy="run `make lock`")
    return packages


def bill_of_materials(lock: Path) -> str:
    """The packages of the lock as CycloneDX 1.6 JSON; same lock, same bytes.

    Source: Ecma International, ECMA-424 (CycloneDX v1.6). The optional time stamp is left out, and
    the serial number is derived from the lock.
    """
    packages = read_lock(lock)
    wanted: dict[str, list[str]] = {_reference(p): [] for p in packages}
    references = {p.name: _reference(p) for p in packages}
    direct = sorted(references[p.name] for p in packages if _SELF in p.wanted_by)
    for package in packages:
        for name in package.wanted_by:
            if name in references:
                wanted[references[name]].append(references[package.name])
    root = f"pkg:pypi/{_SELF}@{__version__}"
    bill: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, lock.read_text('utf-8'))}",
        "version": 1,
        "metadata": {
            "component": {
                "bom-ref": root,
                "type": "application",
                "name": _SELF,
                "version": __version__,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": [
            {
                "bom-ref": _reference(p),
                "type": "library",
                "name": p.name,
                "version": p.version,
                "purl": _reference(p),
            }
            for p in packages
        ],
        "dependencies": [
            {"ref": root, "dependsOn": direct},
            *({"ref": ref, "dependsOn": sorted(needs)} for ref, needs in wanted.items()),
        ],
    }
    return json.dumps(bill, indent=2) + "\n"


def _reference(package: Package) -> str:
    """The package URL, which also serves as key inside the bill."""
    name = re.sub(r"[-_.]+", "-", package.name).lower()
    return f"pkg:pypi/{name}@{package.version}"


def known_advisories(lock: Path, *, seconds: int = 300) -> Advisories:
    """Ask the advisory database of the package index (pip-audit) about every pinned package.

    Without a network nothing is checked, and that is what the result says.
    """
    if importlib.util.find_spec("pip_audit") is None:
        return Advisories(False, "pip-audit is not installed (it comes with the extra 'dev')")
    command = [
        sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--disable-pip",
        "--require-hashes", "--format", "json", "--progress-spinner", "off", "--timeout", "10",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", timeout=seconds, check=False
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return Advisories(False, f"the advisory database did not answer in {seconds} seconds")
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        return Advisories(False, f"the advisory database cannot be reached: {last[:200]}")
    skipped = [item["name"] for item in answer["dependencies"] if "skip_reason" in item]
    if skipped:
        return Advisories(False, f"the database does not know {', '.join(skipped)}")
    return Advisories(
        True,
        found=tuple(
            {
                "package": item["name"],
                "version": item["version"],
                "advisory": advisory["id"],
                "mended_in": ", ".join(advisory["fix_versions"]),
            }
            for item in answer["dependencies"]
            for advisory in item["vulns"]
        ),
    )
