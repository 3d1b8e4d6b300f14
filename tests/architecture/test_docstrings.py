"""A function's docstring is a sentence: it says what the function does, not only what comes out."""

import ast
from collections.abc import Iterator

from tests.architecture.source import PACKAGES, sources

SHIPPED = {*PACKAGES} - {"cases"}
ARTICLES = {"The", "A", "An", "All", "Those"}


def first_words() -> Iterator[tuple[str, str]]:
    """Yield each function that returns something, and the first word of its docstring.

    Properties are read as fields are, and are called what they are. A row of a kind's table tells
    what happens in a case ("A manager approves …").
    """
    for source in sources():
        for node in ast.walk(source.tree) if source.package in SHIPPED else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and returns(node):
                said = ast.get_docstring(node) or ""
                yield f"{source.path}: {node.name}", said.partition(" ")[0]


def returns(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    is_property = any("property" in ast.unparse(each) for each in node.decorator_list)
    nothing = node.returns is None or ast.unparse(node.returns) == "None"
    return not (is_property or nothing)


def test_what_returns_something_says_so() -> None:
    words = dict(first_words())
    assert "Return" in words.values()
    nouns = [where for where, word in words.items() if word in ARTICLES]
    assert not nouns, f"begin with a verb: {nouns}"
