"""Reads the project's own source: its files, its functions, how long and how branched they are."""

import ast
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "domain",
    "cases",
    "policies",
    "i18n",
    "temporal",
    "workflows",
    "activities",
    "store",
    "app",
    "worker",
    "api",
    "ops",
    "cli",
)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (*FUNCTIONS, ast.ClassDef)
FORKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.match_case)

Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """A file of ours, parsed."""

    path: str
    lines: int
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.path.partition("/")[0]


@dataclass(frozen=True)
class Function:
    """A function of ours and its size, its docstring left out."""

    name: str
    package: str
    path: str
    lines: int
    complexity: int
    is_table: bool


@cache
def sources() -> tuple[Source, ...]:
    """Every Python file that is, or is about to be, in the repository."""
    return tuple(_read(path) for path in sorted(_paths()))


@cache
def functions() -> tuple[Function, ...]:
    return tuple(found for source in sources() for found in _functions_of(source))


def percentile(sizes: list[int], share: float) -> int:
    """The size that this share of the sizes does not exceed; 0 of none."""
    return sorted(sizes)[max(0, -(-len(sizes) * int(share * 100) // 100) - 1)] if sizes else 0


def _paths() -> Iterator[Path]:
    """Asks git, which knows what is ignored; without git or a clone, walks package by package."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.py"]
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        return _walk()
    answer = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    named = (ROOT / name for name in answer.stdout.split("\0") if name)
    return (path for path in named if path.is_file())


def _walk() -> Iterator[Path]:
    for top in (*PACKAGES, "bench", "tests"):
        yield from (ROOT / top).rglob("*.py")


def _read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT).as_posix()
    return Source(name, len(text.splitlines()), ast.parse(text, filename=name))


def _functions_of(source: Source) -> Iterator[Function]:
    in_process = source.path.startswith("cases/") and source.path.endswith("/process.py")
    for node in ast.walk(source.tree):
        if isinstance(node, FUNCTIONS):
            yield Function(
                name=f"{source.path}:{node.lineno} {node.name}",
                package=source.package,
                path=source.path,
                lines=_lines(node),
                complexity=1 + _forks(node),
                is_table=in_process and _only_returns(node),
            )


def _lines(function: Definition) -> int:
    """From `def` to the end, without the docstring."""
    whole = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return whole
    told = function.body[0]
    return whole - ((told.end_lineno or told.lineno) - told.lineno + 1)


def _only_returns(function: Definition) -> bool:
    told = ast.get_docstring(function) is not None
    body = function.body[1:] if told else function.body
    return len(body) == 1 and isinstance(body[0], ast.Return)


def _forks(node: ast.AST) -> int:
    """Ways to go on beside the first, counted as ruff's C901 does; inner functions count alone."""
    children = [at for at in ast.iter_child_nodes(node) if not isinstance(at, SCOPES)]
    return sum(isinstance(child, FORKS) + _forks(child) for child in children)
