"""Rules over the repository itself: what every sidecar, notebook and stage must look like."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml

from pipeline.cli import app
from pipeline.provenance import LICENCES, iter_sidecar_problems, raw_files, read_sidecar
from pipeline.regions import MODEL_REGIONS
from pipeline.settings import RegionParameters, read_params
from pipeline.sources.templates import is_template
from pipeline.tables.registry import TABLES

#: Files that people write; the rules about words hold for these.
_TEXTS = {".py", ".md", ".yaml", ".toml", ".ipynb", ".cff", ".j2"}


def tracked(root: Path) -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    return [root / name for name in names if name and (root / name).is_file()]


def notebooks(root: Path) -> list[Path]:
    return sorted((root / "notebooks").rglob("*.ipynb"))


# --- raw data ------------------------------------------------------------------------------


def test_every_raw_file_has_a_valid_sidecar_with_its_hash(root: Path) -> None:
    raw = root / "data" / "raw"
    assert [str(problem) for problem in iter_sidecar_problems(raw, is_template)] == []
    assert len(raw_files(raw)) >= 20


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda f: f.write_bytes(f.read_bytes() + b" "), "the bytes of the raw file changed"),
        (lambda f: f.with_name(f.name + ".meta.yaml").unlink(), "the raw file has no sidecar"),
        (lambda f: f.unlink(), "a sidecar without its raw file"),
    ],
)
def test_a_changed_byte_or_a_missing_part_is_found(
    root: Path, tmp_path: Path, break_it, message: str
) -> None:
    raw = tmp_path / "raw"
    shutil.copytree(root / "data" / "raw" / "planning", raw)
    assert list(iter_sidecar_problems(raw)) == []
    break_it(raw / "planning_areas.csv")
    assert [problem.message for problem in iter_sidecar_problems(raw)] == [message]


def test_every_licence_has_its_text_and_every_source_a_licence(root: Path) -> None:
    for name in LICENCES:
        assert (root / "LICENSES" / f"{name}.txt").is_file(), name
    used = {
        source.licence
        for path in raw_files(root / "data" / "raw")
        for source in read_sidecar(path).sources
    }
    assert used <= set(LICENCES)


def test_source_ids_are_unique_over_all_sidecars(root: Path) -> None:
    ids = [
        source.id
        for path in raw_files(root / "data" / "raw")
        for source in read_sidecar(path).sources
    ]
    assert len(ids) == len(set(ids))


# --- set-up --------------------------------------------------------------------------------


def test_lock_has_hashes_no_addresses_and_every_dependency(root: Path) -> None:
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "://" not in lock
    pinned = dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock, re.MULTILINE))
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    for requirement in wanted:
        name = re.split(r"[\[<>=~! ]", requirement)[0].lower()
        assert name in {p.lower() for p in pinned}, f"{name}: run make lock"
    blocks = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block)


def test_environment_for_conda_is_in_step_with_the_lock(root: Path) -> None:
    environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    python, pip, lists = environment["dependencies"]
    assert python == f"python {project['requires-python']}"
    assert (pip, lists) == ("pip", {"pip": ["-r requirements.lock"]})


def test_readme_names_exactly_two_commands_to_begin_with(root: Path) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    block = readme.split("## Two commands")[1].split("```")[1]
    assert re.findall(r"^make \w+", block, re.MULTILINE) == ["make reports", "make test"]


def test_make_help_lists_every_target(root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    shown = subprocess.run(
        ["make", "help"], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    assert set(phony[1].split()) == set(re.findall(r"make (\w+)", shown))


# --- chain ---------------------------------------------------------------------------------


def test_every_stage_runs_a_command_on_what_exists_and_outs_are_disjoint(root: Path) -> None:
    stages = yaml.safe_load((root / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    commands = {(c.name or c.callback.__name__) for c in app.registered_commands if c.callback}
    outs: list[Path] = []
    made: set[str] = set()
    for stage in stages.values():
        program, command = stage["cmd"].split()[:2]
        assert program == "versorgungslabor"
        assert command in commands
        for dependency in stage["deps"]:
            assert dependency in made or (root / dependency).exists(), dependency
        for out in stage["outs"]:
            made.add(next(iter(out)))
            outs.append(Path(next(iter(out))))
    nested = [(a, b) for a in outs for b in outs if a != b and a.is_relative_to(b)]
    assert nested == []


def test_params_name_known_regions_once_and_existing_chapters(root: Path) -> None:
    """A user adds regions of his own beside the model regions: by the key of a municipality."""
    params = read_params(root / "params.yaml")
    assert params.regions
    assert len(params.regions) == len(set(params.regions))
    keys = [name for name in params.regions if name not in MODEL_REGIONS]
    assert [key for key in keys if not re.fullmatch(r"\d{5}|\d{8}", key)] == []
    for chapter in params.chapters:
        assert (root / "notebooks" / "region" / f"{chapter}.ipynb").is_file()


# --- notebooks -----------------------------------------------------------------------------


def test_notebooks_lie_without_outputs(root: Path) -> None:
    for path in notebooks(root):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                assert cell.outputs == [] and cell.execution_count is None, path.name


def test_notebook_cells_are_short_and_ask_before_they_show(root: Path) -> None:
    for path in notebooks(root):
        cells = nbformat.read(path, as_version=4).cells
        assert cells[0].source.startswith("# ") and "**Frage.**" in cells[0].source, path.name
        for cell in cells:
            if cell.cell_type == "code":
                assert len(cell.source.splitlines()) <= 10, f"{path.name}: {cell.source}"


def test_no_number_is_typed_into_a_notebooks_prose(root: Path) -> None:
    for path in notebooks(root):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                assert not re.search(r"\d", cell.source), f"{path.name}: {cell.source}"


def test_region_notebooks_declare_the_typed_parameters(root: Path) -> None:
    defaults = RegionParameters()
    for path in sorted((root / "notebooks" / "region").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        (cell,) = [c for c in cells if "parameters" in c.metadata.get("tags", [])]
        given: dict[str, str] = {}
        exec(cell.source, given)
        given.pop("__builtins__")
        common = {
            "region": defaults.region,
            "reference_date": defaults.reference_date.isoformat(),
        }
        assert given | common == given, path.name


# --- words ---------------------------------------------------------------------------------


def test_the_folder_of_the_originals_is_named_in_conftest_only(root: Path) -> None:
    for path in tracked(root):
        if path.suffix in _TEXTS and path.name not in {"conftest.py", "test_conventions.py"}:
            assert "/shared/" not in path.read_text(encoding="utf-8"), path


def test_no_file_names_a_path_of_somebodys_machine(root: Path) -> None:
    pattern = re.compile(r"(?<![\w.])/(home|Users|root|work)/\w")
    for path in tracked(root):
        if path.suffix in _TEXTS and path.name != "test_conventions.py":
            assert not pattern.search(path.read_text(encoding="utf-8")), path


def test_every_table_asked_for_exists() -> None:
    wanted = (
        "municipalities population vital_events migration physicians needs_planning "
        "planning_ratios care hospitals deprivation social facilities"
    )
    assert set(wanted.split()) <= set(TABLES)
