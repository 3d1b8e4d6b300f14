"""A copy of a kind's folder, made by the commands of docs/adding-a-kind.md, beside the kinds."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import cases
from cases import find_kinds
from domain.engine.process import Process
from i18n.labels import labels
from tests.architecture.source import PACKAGES

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs/adding-a-kind.md"
KIND, PREFIX = "copied", "ZZ"
"""Of the copy that tests make; the tutorial's own names stay free for whoever follows it."""


@contextmanager
def copied_kind(
    folder: Path, renamed: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Mapping[tuple[str, int], Process]]:
    """Yield all kinds, with a new one that is a copy; the copy is made in `folder`.

    `renamed` gives classes of the copy other names.
    """
    shutil.copytree(ROOT / "cases/complaint", folder / "cases/complaint")
    subprocess.run(["sh", "-e", "-c", commands()], cwd=folder, check=True)
    for file in (folder / "cases" / KIND).glob("*.py"):
        text = file.read_text(encoding="utf-8")
        for old, new in renamed.items():
            text = re.sub(rf"\b{old}\b", new, text)
        file.write_text(text, encoding="utf-8")
    places, known = cases.__path__, set(sys.modules)
    cases.__path__ = [*places, str(folder / "cases")]
    try:
        yield find_kinds(list(cases.__path__), cases.__name__)
    finally:
        cases.__path__ = places
        for name in {n for n in set(sys.modules) - known if n.startswith(f"cases.{KIND}")}:
            del sys.modules[name]
        labels.cache_clear()


def copied_checkout(folder: Path) -> Path:
    """Copy this checkout with the new kind in it and no other edit, for processes that run it."""
    for name in (*PACKAGES, "tests", "docs"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    subprocess.run(["sh", "-e", "-c", commands()], cwd=folder, check=True)
    return folder


def commands() -> str:
    """Return the commands of the tutorial that make the copy, for a kind of the tests' own name."""
    found = re.search(r"```sh\n(cp -r .*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)
    assert found, "docs/adding-a-kind.md no longer says how to copy a kind"
    text, tutorials = found[1], {"warranty": KIND, "BX": PREFIX}
    assert all(name in text for name in tutorials)
    for name, ours in tutorials.items():
        text = text.replace(name, ours)
    return text
