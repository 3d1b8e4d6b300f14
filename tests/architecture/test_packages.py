"""Every top-level package on disk is named where packages are named, so no contract forgets one."""

import configparser
import tomllib
from typing import Any

from tests.architecture.source import PACKAGES, ROOT

UNSHIPPED = {"bench", "tests"}
CONTRACTS = configparser.ConfigParser()
CONTRACTS.read(ROOT / ".importlinter", encoding="utf-8")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def on_disk() -> set[str]:
    return {path.parent.name for path in ROOT.glob("*/__init__.py")}


def test_the_contracts_know_every_package() -> None:
    roots = CONTRACTS["importlinter"]["root_packages"].split()
    assert sorted(roots) == sorted(on_disk() - UNSHIPPED)
    assert CONTRACTS["importlinter:contract:acyclic"]["ancestors"].split() == roots


def test_every_package_is_on_a_floor() -> None:
    layers = CONTRACTS["importlinter:contract:layers"]["layers"]
    floors = [name.strip() for line in layers.split("\n") for name in line.split("|")]
    assert sorted(filter(None, floors)) == sorted(PACKAGES)


def test_the_build_the_types_and_these_tests_know_every_package() -> None:
    built = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(built) == set(PACKAGES) == on_disk() - UNSHIPPED
    assert set(PROJECT["tool"]["mypy"]["packages"]) == on_disk()
