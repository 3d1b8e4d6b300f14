"""What `make` installs: what runs the system for `make run`, what tests it for the others."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.source import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What a fresh clone has of that, and no environment."""
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    shutil.copytree(ROOT / "web", tmp_path / "web", ignore=shutil.ignore_patterns("vendor"))
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def planned(clone: Path, target: str) -> str:
    """Return what `make` would do for a target."""
    command = ["make", "--dry-run", "--no-print-directory", target]
    return subprocess.run(command, cwd=clone, capture_output=True, text=True, check=True).stdout


def test_to_run_it_takes_only_what_runs(clone: Path) -> None:
    commands = planned(clone, "run")
    assert "requirements/run.txt" in commands
    assert "dev.txt" not in commands
    assert re.findall(r"web\.vendor (.*)", commands) == ["run"]
    assert re.search(r"banjie up$", commands.rstrip())


@pytest.mark.parametrize("target", ["setup", "test", "lint", "types", "contracts", "nightly"])
def test_to_work_on_it_takes_what_tests_too(clone: Path, target: str) -> None:
    assert "requirements/dev.txt" in planned(clone, target)


@pytest.mark.parametrize("target", ["setup", "test", "scripts", "nightly"])
def test_to_work_on_pages_takes_what_tests_them_too(clone: Path, target: str) -> None:
    tasks = re.findall(r"web\.vendor (.*)", planned(clone, target))
    assert tasks[:2] == ["run", "test"]


def test_what_is_there_is_not_brought_again(clone: Path) -> None:
    for name in (".venv/.runs", ".venv/.installed", "web/static/vendor/versions.json"):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).touch()
    (clone / ".node").mkdir()
    (clone / ".node/.tests").touch()
    assert "web.vendor" not in planned(clone, "setup")
    made = (clone / "web/static/vendor/versions.json").stat().st_mtime
    os.utime(clone / "web/package-lock.json", (made + 1, made + 1))
    assert re.findall(r"web\.vendor (.*)", planned(clone, "run")) == ["run"]
