"""Every kind's folder holds the same files and stands on its own."""

import ast
import re

import pytest

from cases import CURRENT
from tests.architecture.source import ROOT, sources

NEEDED = {
    *("__init__.py", "categories.py", "forms.py", "process.py", "rules.py", "stories.py"),
    *("locale/zh_CN.po", "locale/en.po"),
}
OPTIONAL = {
    *("record.py", "errors.py", "money.py", "prices.py", "elsewhere.py", "bills.py"),
    *("units.py", "unit_changes.py", "given.py", "authority.py", "figures.py", "sorting.py"),
}
"""A kind may show customers nothing of its own, refuse and pay nothing, know no bills and units."""
MORE = re.compile(r"stories_\w+\.py|\w+_v\d+\.py")
"""Stories that one file cannot hold, and what only older tables need."""


def test_every_folder_is_a_kind() -> None:
    """One without `__init__.py` is no package to Python, and would be passed over in silence."""
    folders = {path.parent.name for path in (ROOT / "cases").glob("*/*.py")}
    assert folders - {"common"} == {*CURRENT}, "does each have an `__init__.py` and a `process.py`?"


@pytest.mark.parametrize("kind", CURRENT)
def test_a_kind_has_these_files_and_no_others(kind: str) -> None:
    folder = ROOT / "cases" / kind
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    ours = {name for name in files if "__pycache__" not in name}
    assert ours >= NEEDED
    assert {name for name in ours if not MORE.fullmatch(name)} <= NEEDED | OPTIONAL


@pytest.mark.parametrize("kind", CURRENT)
def test_a_kind_names_itself_nowhere_but_in_its_table(kind: str) -> None:
    """Else a copied folder would use the one it was copied from."""
    for source in sources():
        if source.path.startswith(f"cases/{kind}/"):
            imported = {
                node.module
                for node in ast.walk(source.tree)
                if isinstance(node, ast.ImportFrom) and not node.level
            }
            assert not {name for name in imported if name and name.startswith(f"cases.{kind}")}


@pytest.mark.parametrize("kind", CURRENT)
def test_nothing_outside_names_a_kind(kind: str) -> None:
    """A kind is what its folder says; whoever needed to name it could not work with a new one."""
    naming = [
        source.path
        for source in sources()
        if source.package not in {"tests", "bench", "examples"}
        and not source.path.startswith(f"cases/{kind}/")
        and any(
            isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"cases.{kind}")
            for node in ast.walk(source.tree)
        )
    ]
    assert not naming
