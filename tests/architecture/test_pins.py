"""The pins: hashed, complete, and free of addresses, so that any mirror serves them."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

RUN, DEV = ROOT / "requirements/run.txt", ROOT / "requirements/dev.txt"
CLIENT = ROOT / "requirements/client.txt"
"""The generator of clients in a test: a program in an environment of its own."""
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?==(?P<version>[^ ;\\]+)")


def canonical(requirement: str) -> str:
    """Return the name alone, in the one spelling that counts (PEP 503)."""
    name = re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(file: Path) -> dict[str, list[str]]:
    """Return each pinned package's versions, those of other Pythons too; refuse an unhashed pin."""
    versions: dict[str, list[str]] = {}
    for entry in file.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        if pin := PIN.match(entry):
            assert "--hash=sha256:" in entry, f"{file.name}: {pin['name']} has no hash"
            versions.setdefault(canonical(pin["name"]), []).append(pin["version"])
        else:
            assert not entry or entry.lstrip().startswith("#"), f"{file.name}: not a pin: {entry}"
    return versions


def required(extra: str | None = None) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return {canonical(requirement) for requirement in requirements}


@pytest.mark.parametrize("file", [RUN, DEV, CLIENT], ids=lambda file: file.name)
def test_no_pin_names_an_address(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", text)


def test_what_we_run_on_is_pinned() -> None:
    assert required() <= pins(RUN).keys()


def test_what_makes_clients_is_pinned() -> None:
    assert pins(CLIENT)["openapi-python-client"]


def test_what_we_build_with_is_pinned() -> None:
    assert required() | required("dev") <= pins(DEV).keys()


def test_we_test_what_we_run_on() -> None:
    dev = pins(DEV)
    assert {name: dev.get(name) for name in pins(RUN)} == pins(RUN)
