"""The size bar: small files of small functions, each module saying what it is for."""

import ast

from tests.architecture.source import PACKAGES, Function, functions, percentile, sources

FILE, FILE_P95, FILE_MEDIAN = 300, 250, 80
FUNCTION, FUNCTION_P95, COMPLEXITY = 40, 25, 8


def file_sizes() -> list[int]:
    """Of the packages that ship; an `__init__.py` of a docstring alone is nothing to read."""
    ours = (source for source in sources() if source.package in PACKAGES)
    return [source.lines for source in ours if len(source.tree.body) > 1]


def measured() -> list[Function]:
    """All functions but two sorts.

    A process table is data that happens to be returned. A migration is written by Alembic from the
    models, one statement per column, is read once, and is never changed again.
    """
    return [
        function
        for function in functions()
        if not function.is_table and not function.path.startswith("store/migrations/")
    ]


def test_the_code_was_found() -> None:
    assert {source.package for source in sources()} >= {*PACKAGES, "tests"}
    assert functions()


def test_no_file_is_too_long() -> None:
    long = [f"{source.path}: {source.lines}" for source in sources() if source.lines > FILE]
    assert not long, f"over {FILE} lines; split by what they are for: {long}"


def test_most_files_are_short() -> None:
    sizes = file_sizes()
    assert percentile(sizes, 0.5) <= FILE_MEDIAN
    assert percentile(sizes, 0.95) <= FILE_P95


def test_no_function_is_too_long() -> None:
    long = [f"{at.name}: {at.lines}" for at in measured() if at.lines > FUNCTION]
    assert not long, f"over {FUNCTION} lines without the docstring: {long}"


def test_most_functions_are_short() -> None:
    ours = [function for function in measured() if function.package in PACKAGES]
    longest = sorted(ours, key=lambda function: -function.lines)[: 1 + len(ours) // 20]
    told = [f"{function.name}: {function.lines}" for function in longest]
    assert percentile([function.lines for function in ours], 0.95) <= FUNCTION_P95, told


def test_no_function_is_too_branched() -> None:
    branched = [f"{at.name}: {at.complexity}" for at in measured() if at.complexity > COMPLEXITY]
    assert not branched, f"complexity over {COMPLEXITY}: {branched}"


def test_every_module_says_what_it_is_for() -> None:
    silent = [source.path for source in sources() if ast.get_docstring(source.tree) is None]
    assert not silent, f"no docstring: {silent}"
