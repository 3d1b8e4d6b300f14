"""The size bar: files and functions that can be read in one go, each module saying what it is for.

There is no bar for the median: it made splinters. Modules that only one other module imports are
listed instead, for whoever reviews whether the two are ever read apart.
"""

import ast
from collections.abc import Callable

from tests.architecture.source import (
    PACKAGES,
    Function,
    functions,
    importers,
    percentile,
    sources,
)
from tests.conftest import MEASURED

FILE, FUNCTION, FUNCTION_P95, COMPLEXITY = 400, 40, 25, 8


def measured() -> list[Function]:
    """Return all functions but two sorts.

    A process table is data that happens to be returned. A migration is written by Alembic from the
    models, one statement per column, is read once, and is never changed again.
    """
    return [
        function
        for function in functions()
        if not function.is_table and "/migrations/" not in function.path
    ]


def test_the_code_was_found() -> None:
    assert {source.package for source in sources()} >= {*PACKAGES, "tests"}
    assert functions()


def test_no_file_is_too_long() -> None:
    long = [f"{source.path}: {source.lines}" for source in sources() if source.lines > FILE]
    assert not long, f"over {FILE} lines; split by what they are for: {long}"


def test_no_function_is_too_long() -> None:
    long = [f"{at.name}: {at.lines}" for at in measured() if at.lines > FUNCTION]
    assert not long, f"over {FUNCTION} lines without the docstring: {long}"


def test_most_functions_are_short() -> None:
    ours = [function for function in measured() if function.package in PACKAGES]
    longest = sorted(ours, key=lambda function: -function.lines)[: 1 + len(ours) // 20]
    named = [f"{function.name}: {function.lines}" for function in longest]
    assert percentile([function.lines for function in ours], 0.95) <= FUNCTION_P95, named


def test_no_function_is_too_branched() -> None:
    branched = [f"{at.name}: {at.complexity}" for at in measured() if at.complexity > COMPLEXITY]
    assert not branched, f"complexity over {COMPLEXITY}: {branched}"


def test_every_module_says_what_it_is_for() -> None:
    silent = [source.path for source in sources() if ast.get_docstring(source.tree) is None]
    assert not silent, f"no docstring: {silent}"


def test_modules_with_one_importer_are_listed(record_property: Callable[..., None]) -> None:
    """Print them (`pytest -rP`) and fail nothing: each needs a reason, not a ban."""
    single = {name: tuple(by) for name, by in importers().items() if len(by) == 1}
    for name, (importer,) in sorted(single.items()):
        print(f"{name} <- {importer}")  # noqa: T201 — the list is what this test is for
    assert importers()
    record_property(MEASURED, f"{len(single)} of {len(importers())} modules have one importer")
