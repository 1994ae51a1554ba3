"""The files that other machines read: valid, pinned, and calling what the README names."""

from __future__ import annotations

import re
from pathlib import Path

import yaml


def test_the_workflows_of_both_forges_prove_with_the_same_script(root: Path) -> None:
    github = yaml.safe_load((root / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    gitlab = yaml.safe_load((root / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    assert ".ci/run" in [step.get("run") for step in github["jobs"]["test"]["steps"]]
    assert ".ci/run" in gitlab["test"]["script"]
    assert any("make reports" in str(step) for step in github["jobs"]["reports"]["steps"])
    assert "make reports" in gitlab["pages"]["script"]
    actions = [
        step["uses"] for job in github["jobs"].values() for step in job["steps"] if "uses" in step
    ]
    assert all(re.fullmatch(r"[\w./-]+@v\d+", action) for action in actions)


def test_the_container_is_pinned_and_runs_without_root(root: Path) -> None:
    lines = (root / "Containerfile").read_text(encoding="utf-8").splitlines()
    words = [line.split(maxsplit=1) for line in lines if re.match(r"[A-Z]+ ", line)]
    known = {"FROM", "RUN", "USER", "WORKDIR", "COPY", "EXPOSE", "CMD"}
    assert {word for word, _ in words} <= known
    assert re.fullmatch(r"docker\.io/library/python:3\.11\.\d+-slim-bookworm", words[0][1])
    assert words[-1][0] == "CMD"
    assert [rest for word, rest in words if word == "USER"][-1] == "lab"


def test_the_continuous_integration_stays_a_valid_script(root: Path) -> None:
    text = (root / ".ci/run").read_text(encoding="utf-8")
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "make lint\nmake test\n" in text
