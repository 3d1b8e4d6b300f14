"""The wheel, built as a release is, from a copy of what it is made of."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import PACKAGES, ROOT

OF_BUILD = ("pyproject.toml", "hatch_build.py", ".gitignore", "README.md", "LICENSE")


def copy_sources(target: Path) -> None:
    """Copy what the wheel is made of, with what git ignores and the wheel must carry."""
    for name in (*PACKAGES, "tests/golden", *OF_BUILD):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, target / name)


def build_wheel(sources: Path, target: Path) -> Path:
    """Build the wheel of a copy, and return its file.

    Raises:
        CalledProcessError: it cannot be built; `stderr` says why.
    """
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(build, cwd=sources, check=True, capture_output=True, text=True)
    (wheel,) = target.glob("*.whl")
    return wheel
