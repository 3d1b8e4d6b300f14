"""Every kind's folder holds the same files and stands on its own."""

import ast

import pytest

from cases import CURRENT
from tests.architecture.source import ROOT, sources

FILES = {"__init__.py", "forms.py", "process.py", "rules.py", "stories.py"}
CATALOGUES = {"locale/zh_CN.po", "locale/en.po"}


@pytest.mark.parametrize("kind", CURRENT)
def test_a_kind_has_the_same_few_files(kind: str) -> None:
    folder = ROOT / "cases" / kind
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there >= FILES | CATALOGUES


@pytest.mark.parametrize("kind", CURRENT)
def test_a_kind_names_itself_nowhere_but_in_its_table(kind: str) -> None:
    """Else a copied folder would use the one it was copied from."""
    for source in sources():
        if source.path.startswith(f"cases/{kind}/"):
            named = {
                node.module
                for node in ast.walk(source.tree)
                if isinstance(node, ast.ImportFrom) and not node.level
            }
            assert not {name for name in named if name and name.startswith(f"cases.{kind}")}
