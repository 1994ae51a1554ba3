"""What goes wrong on real machines: nothing is lost, it is said in words, the next run heals."""

from __future__ import annotations

import ast
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from pipeline.locking import sole_writer

pytestmark = pytest.mark.whole

REGION, CHAPTER, PROJECT = "oelde", "bevoelkerung", "kommkom"
#: Stage of dvc.yaml → the folder that it makes.
STAGES = {
    "ingest": "processed",
    "model": "derived",
    "analyse": "build/notebooks",
    "evaluate": "build/evaluation",
    "render": "reports",
}
#: What a stage is told beside its name; one project stands for all.
WORDS = {"evaluate": (PROJECT, "--no-render")}
#: Ten years ago, in every process that Python starts.
OTHER_CLOCK = """
import time
_time, _localtime = time.time, time.localtime
time.time = lambda: _time() - 10 * 365 * 86_400
time.localtime = lambda seconds=None: _localtime(time.time() if seconds is None else seconds)
"""
#: Where nobody speaks UTF-8 and there is no home to keep settings in.
UNFRIENDLY = {"LC_ALL": "C", "HOME": "/dev/null/home", "TZ": "Pacific/Auckland"}


@dataclass(frozen=True)
class Edition:
    """One region and one chapter in a folder of its own, and how long each stage took."""

    root: Path
    folder: Path
    seconds: dict[str, float]

    def start(self, stage: str, *options: str, **changed: str) -> subprocess.Popen[str]:
        """A stage by its own command; `changed` replaces the environment but for what is needed."""
        names = ("processed", "derived", "build", "reports")
        folders = {f"VERSORGUNGSLABOR_{n.upper()}": str(self.folder / n) for n in names}
        folders["VERSORGUNGSLABOR_PARAMS"] = str(self.folder / "params.yaml")
        common = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
        return subprocess.Popen(
            [sys.executable, "-m", "pipeline", stage, *WORDS.get(stage, ()), *options],
            cwd=self.root,
            env={**(common if changed else os.environ), **folders, **changed},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )

    def run(self, stage: str, *options: str, **changed: str) -> tuple[int, str]:
        """Exit status of a stage, and what it said."""
        process = self.start(stage, *options, **changed)
        said, _ = process.communicate()
        return process.returncode, said

    def hashes(self, stage: str) -> dict[str, str]:
        """What a stage has made: file → hash of its bytes."""
        made = self.folder / STAGES[stage]
        return {
            path.relative_to(made).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(made.rglob("*"))
            if path.is_file()
        }


@pytest.fixture(scope="module")
def edition(
    root: Path, processed: Path, derived: Path, tmp_path_factory: pytest.TempPathFactory
) -> Edition:
    """The chain on a friendly machine, in a folder with a space and an umlaut.

    Its first two stages are those that other tests have made; they take some five seconds.
    """
    made = Edition(root, tmp_path_factory.mktemp("Größe und Güte"), {"ingest": 5.0, "model": 5.0})
    for stage, folder in (("ingest", processed), ("model", derived)):
        shutil.copytree(folder, made.folder / STAGES[stage])
    params = (root / "params.yaml").read_text(encoding="utf-8")
    for key, value in {"regions": REGION, "chapters": CHAPTER}.items():
        params = re.sub(rf"^{key}:\n(  - .*\n)+", f"{key}:\n  - {value}\n", params, flags=re.M)
    (made.folder / "params.yaml").write_text(params, encoding="utf-8")
    for stage in [stage for stage in STAGES if stage not in made.seconds]:
        begun = time.monotonic()
        status, said = made.run(stage)
        assert status == 0, said
        made.seconds[stage] = time.monotonic() - begun
    return made


def copy_of(edition: Edition, folder: Path) -> Edition:
    """The same state in another folder, to be spoiled."""
    shutil.copytree(edition.folder, folder, dirs_exist_ok=True)
    return Edition(edition.root, folder, edition.seconds)


# --- killed, and healed on another machine ----------------------------------------------------


def test_every_stage_of_the_chain_is_tried(root: Path) -> None:
    chain = yaml.safe_load((root / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    made = {stage: next(iter(entry["outs"][0])) for stage, entry in chain.items()}
    assert {stage: out.removeprefix("data/") for stage, out in made.items()} == STAGES


@pytest.mark.parametrize("stage", STAGES)
def test_a_killed_stage_loses_nothing_and_the_next_run_gives_the_same_bytes_anywhere(
    edition: Edition, tmp_path: Path, stage: str
) -> None:
    """The next run has locale C, no home, another clock and time zone; a notebook has 512 MB."""
    other = copy_of(edition, tmp_path / "à côté")
    sound = edition.hashes(stage)
    moment = random.uniform(0.2, 0.95) * edition.seconds[stage]
    victim = other.start(stage)
    time.sleep(moment)
    victim.send_signal(signal.SIGKILL)
    victim.communicate()
    left = other.hashes(stage)
    # a file is whole, old or new (both have the same bytes), or it is not there
    assert {name: left[name] for name in left if name in sound} == {
        name: sound[name] for name in left if name in sound
    }, f"killed after {moment:.2f} s"

    clock = tmp_path / "clock"
    clock.mkdir()
    (clock / "sitecustomize.py").write_text(OTHER_CLOCK, encoding="utf-8")
    options = ("--memory", "512") if stage == "analyse" else ()
    status, said = other.run(stage, *options, PYTHONPATH=str(clock), **UNFRIENDLY)
    assert status == 0, said
    assert other.hashes(stage) == sound, f"killed after {moment:.2f} s"
    rest = [path for path in other.folder.rglob(".*") if not path.name.endswith(".lock")]
    assert rest == []


def test_the_clock_is_asked_only_for_logs_downloads_releases_and_days_to_come(root: Path) -> None:
    asking = re.compile(r"\b(now|today|utcnow|localtime|time\.time|strftime\(\"%)\(")
    found = {
        path.relative_to(root / "pipeline").as_posix()
        for path in (root / "pipeline").rglob("*.py")
        if asking.search(path.read_text(encoding="utf-8"))
    }
    allowed = {
        "execution/status.py",
        "commands/fetch.py",
        "commands/project.py",  # asks which deadlines have passed; writes nothing
        "reports/release.py",
        "sources/template_rows.py",  # refuses a day in the future; changes no byte of a table
    }
    assert {name for name in found if not name.startswith("sources/fetch")} <= allowed


def test_a_machine_that_speaks_ascii_only_finds_a_folder_with_an_umlaut(edition: Edition) -> None:
    status, said = edition.run("regions", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert status == 0, said
    assert "Dörentrup" in said


# --- disks ------------------------------------------------------------------------------------


def on_a_disk_of_its_own(edition: Edition, stage: str, into: Path, options: str) -> tuple[int, str]:
    """Run a stage on a real file system that holds its folder; what it left is copied to `into`.

    Parameters
    ----------
    options : for the remount after the last good state was put there (`ro`; `size=…`).
    """
    if not can_mount():
        pytest.skip("this system lets nobody mount a file system of his own")
    disk = into.with_name("disk")
    disk.mkdir()
    name = STAGES[stage].partition("/")[0]
    script = f"""
        mount -t tmpfs tmpfs "$1" && cp -r "$2" "$1" && mount -o remount,{options} "$1" || exit 99
        "$3" -m pipeline {" ".join((stage, *WORDS.get(stage, ())))}; status=$?
        cp -r "$1/{name}" "$4"; exit $status
    """
    folders = {
        f"VERSORGUNGSLABOR_{n.upper()}": str((disk if n == name else edition.folder) / n)
        for n in ("processed", "derived", "build", "reports")
    }
    folders["VERSORGUNGSLABOR_PARAMS"] = str(edition.folder / "params.yaml")
    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "bash", "-c", script, "fault",
         disk, edition.folder / name, sys.executable, into],
        cwd=edition.root, env={**os.environ, **folders},
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def can_mount() -> bool:
    """Whether a file system of one's own may be mounted here (Linux with user namespaces)."""
    if shutil.which("unshare") is None:
        return False
    trial = ["unshare", "--mount", "--map-root-user", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


def size_of(folder: Path) -> int:
    """Kilobytes that the files of a folder occupy."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sum(-(-path.stat().st_size // 4096) * 4 for path in files)


@pytest.mark.parametrize("stage", ["ingest", "analyse", "render"])
def test_a_full_disk_is_said_in_words_and_leaves_no_broken_file(
    edition: Edition, tmp_path: Path, stage: str
) -> None:
    """Half of the largest file to spare. A notebook that could not be written counts as failed; the
    old one stays."""
    name = STAGES[stage].partition("/")[0]
    left = Edition(edition.root, tmp_path, {})
    largest = max(p.stat().st_size for p in (edition.folder / name).rglob("*") if p.is_file())
    size = size_of(edition.folder / name) + largest // 2048
    status, said = on_a_disk_of_its_own(edition, stage, tmp_path / name, f"size={size}k")
    assert status == 1, said
    assert "No space left on device" in " ".join(said.split())
    assert "Traceback" not in said
    sound, found = edition.hashes(stage), left.hashes(stage)
    shown = {n: h for n, h in found.items() if not Path(n).name.startswith(".")}
    shown.pop("status.json", None)
    assert shown == {name: sound[name] for name in shown}
    if stage != "render":  # pages are written one by one, old and new of them are whole
        sound.pop("status.json", None)
        assert shown == sound


@pytest.mark.parametrize("stage", STAGES)
def test_a_read_only_disk_is_said_in_words(edition: Edition, tmp_path: Path, stage: str) -> None:
    name = STAGES[stage].partition("/")[0]
    status, said = on_a_disk_of_its_own(edition, stage, tmp_path / name, "ro")
    assert status == 1, said
    assert "the folder is read-only: choose another one, or make it writable" in " ".join(
        said.split()
    )
    assert "Traceback" not in said


# --- two at once ------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES)
def test_two_runs_at_once_the_second_is_told_to_wait(edition: Edition, stage: str) -> None:
    folder = edition.folder / STAGES[stage].partition("/")[0]
    before = edition.hashes(stage)
    with sole_writer(folder):
        status, said = edition.run(stage)
    assert status == 1
    assert "another run is writing this folder" in " ".join(said.split())
    assert "Traceback" not in said
    assert edition.hashes(stage) == before


# --- strings that are commands ----------------------------------------------------------------


def test_no_parameter_can_become_a_command(root: Path) -> None:
    """No shell, no code from text; pickles only between the engine's own processes."""
    forbidden = {"os.system", "os.popen", "eval", "pickle.load", "pickle.loads"}
    found = set()
    for path in sorted((root / "pipeline").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            if name in forbidden or any(word.arg == "shell" for word in node.keywords):
                found.add((path.relative_to(root / "pipeline").as_posix(), name))
    assert found == {
        ("execution/nursery.py", "pickle.loads"),
        ("execution/pool.py", "pickle.loads"),
    }
