"""`audit`: is what we hand on clean, and what is known against the packages it is built from?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.options import (
    ERR,
    OUT,
    AsJson,
    Build,
    Derived,
    Processed,
    Raw,
    Reports,
    paths_from,
    print_json,
    spinner,
)
from pipeline.settings import ROOT
from pipeline.writing import write_text


def audit(
    lock: Annotated[Path, typer.Option("--lock", help="The pinned packages.")] = ROOT
    / "requirements.lock",
    sbom: Annotated[
        Path | None,
        typer.Option("--sbom", help="Write the list of packages (CycloneDX JSON) into this file."),
    ] = None,
    has_advisories: Annotated[
        bool,
        typer.Option(
            "--advisories/--no-advisories", help="Ask the advisory database (needs a network)."
        ),
    ] = True,
    raw: Raw = None,
    processed: Processed = None,
    derived: Derived = None,
    build: Build = None,
    reports: Reports = None,
    as_json: AsJson = False,
) -> None:
    """Look for credentials, machine paths and loose permissions, and for known flaws of packages.

    Without a network the packages are reported as not checked; that is no failure, and no clean
    bill either. The command ends with status 1 if anything was found.
    """
    from pipeline.checks.packages import (
        Advisories,
        bill_of_materials,
        known_advisories,
        read_lock,
    )
    from pipeline.checks.secrets import permission_problems, secret_problems

    paths = paths_from(raw=raw, processed=processed, derived=derived, build=build, reports=reports)
    packages = read_lock(lock)
    with spinner("audit") as progress:
        progress("credentials and paths")
        problems = [*secret_problems(paths), *permission_problems(paths)]
        progress("advisories")
        known = known_advisories(lock) if has_advisories else Advisories(False, "not asked for")
    if sbom is not None:
        write_text(sbom, bill_of_materials(lock))
    if as_json:
        found = {
            "problems": [{"file": p.file, "row": p.row, "message": p.message} for p in problems],
            "packages": len(packages),
            "advisories": {
                "is_checked": known.is_checked, "reason": known.reason, "found": known.found
            },
        }  # fmt: skip
        print_json(found)
    else:
        for problem in problems:
            ERR.print(str(problem), highlight=False, markup=False)
        OUT.print(f"{len(problems)} credential(s), machine path(s) or loose permission(s)")
        for flaw in known.found:
            ERR.print("{package} {version}: {advisory}, mended in {mended_in}".format(**flaw))
        OUT.print(
            f"{len(packages)} packages, {len(known.found)} known flaw(s)"
            if known.is_checked
            else f"{len(packages)} packages NOT CHECKED for known flaws: {known.reason}"
        )
    if problems or known.found:
        raise typer.Exit(1)
