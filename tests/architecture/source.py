"""The project's own source, read: its files, its functions, their sizes, and who imports whom."""

import ast
import shutil
import subprocess
from collections.abc import Iterator, Mapping
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
    "runtime",
    "temporal",
    "workflows",
    "activities",
    "store",
    "app",
    "worker",
    "api",
    "web",
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
    """Return every Python file that is, or is about to be, in the repository."""
    return tuple(_read(path) for path in sorted(_paths()))


@cache
def functions() -> tuple[Function, ...]:
    return tuple(each for source in sources() for each in _functions_of(source))


@cache
def importers() -> Mapping[str, frozenset[str]]:
    """Return which of our shipped modules import each of them; starting points are left out.

    A package's `__init__` and `__main__` are no modules that somebody decides to split off.
    """
    ours = {_module(source.path): source for source in sources() if source.package in PACKAGES}
    found: dict[str, set[str]] = {name: set() for name in ours if not _is_entry(ours[name].path)}
    for name, source in ours.items():
        for imported in _imported(name, source):
            if imported in found and imported != name:
                found[imported].add(name)
    return {name: frozenset(by) for name, by in found.items()}


def percentile(sizes: list[int], share: float) -> int:
    """Return the size that this share of the sizes does not exceed; 0 of none."""
    return sorted(sizes)[max(0, -(-len(sizes) * int(share * 100) // 100) - 1)] if sizes else 0


def _paths() -> Iterator[Path]:
    """Ask git, which knows what is ignored; without git or a clone, walk package by package."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.py"]
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        return _walk()
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    paths = (ROOT / name for name in listing.stdout.split("\0") if name)
    return (path for path in paths if path.is_file())


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
    """Count from `def` to the end, without the docstring."""
    whole = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return whole
    docstring = function.body[0]
    return whole - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def _only_returns(function: Definition) -> bool:
    has_docstring = ast.get_docstring(function) is not None
    body = function.body[1:] if has_docstring else function.body
    return len(body) == 1 and isinstance(body[0], ast.Return)


def _forks(node: ast.AST) -> int:
    """Count the ways to go on beside the first, as ruff's C901 does; not in inner functions."""
    children = [at for at in ast.iter_child_nodes(node) if not isinstance(at, SCOPES)]
    return sum(isinstance(child, FORKS) + _forks(child) for child in children)


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _is_entry(path: str) -> bool:
    return path.endswith(("/__init__.py", "/__main__.py")) or "/migrations/" in path


def _imported(name: str, source: Source) -> Iterator[str]:
    """Yield the names that a module imports, and for `from a import b` both `a` and `a.b`."""
    package = name if source.path.endswith("/__init__.py") else name.rpartition(".")[0]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) + 1 - node.level]
            of = ".".join([*base, *filter(None, [node.module])]) if node.level else node.module
            yield str(of)
            yield from (f"{of}.{alias.name}" for alias in node.names)
