"""The audit: a secret is found wherever it lies and shown nowhere; unasked is not unharmed."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

import pytest
import typer
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from typer.testing import CliRunner

from pipeline.checks.packages import bill_of_materials, known_advisories, read_lock
from pipeline.checks.secrets import permission_problems, secret_problems
from pipeline.commands.audit import audit
from pipeline.errors import WorkspaceError
from pipeline.settings import ROOT, Paths

SECRET = "geheim-4711-xyz"
ENVIRONMENT = {
    "VERSORGUNGSLABOR_REGIONALSTATISTIK_TOKEN": SECRET,
    "VERSORGUNGSLABOR_BUILD": "/srv/public",  # a folder is no secret
    "HOME": SECRET,
}
LOCK = """\
alpha==1.0 \\
    --hash=sha256:00
    # via versorgungslabor (pyproject.toml)
Beta_Two==2.1 ; sys_platform == 'darwin' \\
    --hash=sha256:11
    # via
    #   alpha
    #   versorgungslabor (pyproject.toml)
"""


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    names = ("raw", "processed", "derived", "build", "reports", "notebooks")
    return Paths(**{name: tmp_path / name for name in names})


def put(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_a_credential_is_found_in_every_kind_of_file_and_never_shown(paths: Paths) -> None:
    inside = base64.b64encode(f"<svg><text>{SECRET}</text></svg>".encode()).decode()
    files = [
        put(paths.notebooks, "region/a.ipynb", f'{{"source": "x = {SECRET}"}}'),
        put(paths.build, "notebooks/oelde/a.ipynb", f"erste Zeile\n{SECRET}"),
        put(paths.build, "run/analyse.log", SECRET),
        put(paths.reports, "oelde.html", f'<img src="data:image/svg+xml;base64,{inside}">'),
        put(paths.raw, "a.csv.meta.yaml", f"url: https://example.org/?key={SECRET}"),
    ]
    put(paths.reports, "sauber.html", "Im Kreis leben 447.614 Menschen.")
    problems = list(secret_problems(paths, ENVIRONMENT))
    assert {problem.file for problem in problems} == {str(file) for file in files}
    assert problems[1].row == 2
    assert all("VERSORGUNGSLABOR_REGIONALSTATISTIK_TOKEN" in str(p.found) for p in problems)
    assert all(SECRET not in str(problem) for problem in problems)


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA PRIVATE KEY-----",
        "ghp_" + "a1B2" * 9,
        "glpat-" + "a1B2" * 6,
        "AKIA" + "ABCD" * 4,
        "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl",
        "Authorization: Bearer abcdefghij",
        "https://anna:geheim@example.org/x",
        'password = "hunter2hunter2"',
        '"source": "token\\napi_key = \\"hunter2hunter2\\""',
    ],
)
def test_what_looks_like_a_credential_is_found(paths: Paths, text: str) -> None:
    put(paths.reports, "oelde.html", f"<p>{text}</p>")
    (problem,) = secret_problems(paths, {})
    assert problem.message == "a credential stands in a file that others read"


@pytest.mark.parametrize(
    "text",
    [
        "https://www.regionalstatistik.de/genesis/online?code=12411-01-01-4",
        "user and password, or the token; password=password",
        "mail an anna@example.org, um 10:30 Uhr: anna",
        "eyJ und .eyJ sind keine",
        "sha256-AKIAABC",
    ],
)
def test_ordinary_text_is_no_credential(paths: Paths, text: str) -> None:
    put(paths.reports, "oelde.html", text)
    assert list(secret_problems(paths, {})) == []


@pytest.mark.parametrize(
    "place", [f"{ROOT}/pipeline", f"{sys.prefix}/lib", f"/{'home'}/anna/daten", f"/{'Users'}/anna"]
)
def test_a_folder_of_the_machine_stands_in_logs_only(paths: Paths, place: str) -> None:
    put(paths.build, "run/analyse.log", place)
    page = put(paths.reports, "oelde.html", f"<p>\n{place}/x.py</p>")
    (problem,) = secret_problems(paths, {})
    assert (problem.file, problem.row) == (str(page), 2)


def test_a_file_that_anybody_may_change_is_named(paths: Paths) -> None:
    put(paths.reports, "gut.html", "").chmod(0o644)
    put(paths.reports, "streng.html", "").chmod(0o600)
    put(paths.reports, "offen.html", "").chmod(0o666)
    put(paths.processed, "start.parquet", "").chmod(0o755)
    found = {Path(str(p.file)).name: p.found for p in permission_problems(paths)}
    assert found == {"offen.html": "666", "start.parquet": "755"}


def test_the_bill_of_materials_is_valid_and_has_every_package_of_the_lock(root: Path) -> None:
    lock = root / "requirements.lock"
    text = bill_of_materials(lock)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert text == bill_of_materials(lock)
    bill = json.loads(text)
    assert len(bill["components"]) == lock.read_text("utf-8").count("==") - lock.read_text(
        "utf-8"
    ).count(" == ")


def test_the_bill_knows_who_needs_what(tmp_path: Path) -> None:
    lock = put(tmp_path, "requirements.lock", LOCK)
    assert [(p.name, p.version, p.wanted_by) for p in read_lock(lock)] == [
        ("alpha", "1.0", ("versorgungslabor",)),
        ("Beta_Two", "2.1", ("alpha", "versorgungslabor")),
    ]
    tree = {d["ref"]: d["dependsOn"] for d in json.loads(bill_of_materials(lock))["dependencies"]}
    assert tree["pkg:pypi/alpha@1.0"] == ["pkg:pypi/beta-two@2.1"]
    assert tree["pkg:pypi/versorgungslabor@0.1.0"] == [
        "pkg:pypi/alpha@1.0",
        "pkg:pypi/beta-two@2.1",
    ]
    with pytest.raises(WorkspaceError, match="pins nothing"):
        read_lock(put(tmp_path, "empty.lock", "# nothing\n"))


ANSWER = {
    "dependencies": [
        {"name": "alpha", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]},
        {"name": "beta-two", "version": "2.1", "vulns": []},
    ]
}


def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> Path:
    """A pip-audit that answers as told (synthetic); no database is asked."""
    put(tmp_path, "modules/pip_audit/__init__.py", "")
    put(tmp_path, "modules/pip_audit/__main__.py", body)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "modules"))
    return put(tmp_path, "requirements.lock", LOCK)


def test_a_known_flaw_is_named_with_the_version_that_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = json.dumps(ANSWER)
    lock = stand_in(tmp_path, monkeypatch, f"import sys; print({answer!r}); sys.exit(1)")
    known = known_advisories(lock)
    assert known.is_checked
    assert known.found == (
        {"package": "alpha", "version": "1.0", "advisory": "PYSEC-1", "mended_in": "1.1"},
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("import sys; sys.exit('ConnectionError: no route to host')", "cannot be reached: Conn"),
        ("import time; time.sleep(9)", "did not answer in 1 seconds"),
        (
            'print(\'{"dependencies": [{"name": "alpha", "skip_reason": "no such"}]}\')',
            "does not know alpha",
        ),
    ],
)
def test_without_an_answer_the_packages_count_as_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, reason: str
) -> None:
    known = known_advisories(stand_in(tmp_path, monkeypatch, body), seconds=1)
    assert (known.is_checked, known.found) == (False, ())
    assert reason in known.reason


def test_the_command_says_not_checked_and_fails_on_a_secret_only(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = typer.Typer()
    app.command()(audit)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("VERSORGUNGSLABOR_NOTEBOOKS", str(paths.notebooks))
    options = [
        word
        for name in ("raw", "processed", "derived", "build", "reports")
        for word in (f"--{name}", str(getattr(paths, name)))
    ]
    sbom = tmp_path / "sbom.json"
    options += ["--no-advisories", "--json", "--sbom", str(sbom)]
    clean = CliRunner().invoke(app, options)
    assert clean.exit_code == 0, clean.output
    assert json.loads(clean.stdout)["advisories"] == {
        "is_checked": False,
        "reason": "not asked for",
        "found": [],
    }
    assert json.loads(sbom.read_text("utf-8"))["specVersion"] == "1.6"
    put(paths.reports, "oelde.html", SECRET)
    spoiled = CliRunner().invoke(app, options)
    assert spoiled.exit_code == 1
    assert SECRET not in spoiled.output
