"""Every sentence of the pages has its Chinese one, and none is kept that nobody says."""

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

from web.rendering import texts
from web.rendering.pages import FOLDER as TEMPLATES

ROOT = Path(texts.__file__).parents[1]
ENVIRONMENT = Environment(extensions=["jinja2.ext.do"])  # noqa: S701 - only reads templates
IN_CODE = frozenset({"translate", "Sentence", "Link"})
"""What is called with a sentence as its first argument."""


def test_every_sentence_of_a_template_is_translated() -> None:
    assert sorted({*_in_templates()} - {*texts.catalogue("zh_CN")}) == []


def test_every_sentence_of_the_code_is_translated() -> None:
    assert sorted({*_in_code()} - {*texts.catalogue("zh_CN")}) == []


def test_no_translation_is_kept_that_nobody_says() -> None:
    said = "\n".join(
        path.read_text("utf-8")
        for pattern in ("*.py", "*.html")
        for path in sorted(ROOT.rglob(pattern))
    )
    unsaid = [each for each in texts.catalogue("zh_CN") if each.replace('"', '\\"') not in said]
    assert [each for each in unsaid if each not in said] == []


def test_the_catalogue_is_sorted() -> None:
    sentences = [*texts.catalogue("zh_CN")]
    assert sentences == sorted(sentences)


def _in_templates() -> Iterator[str]:
    for path in TEMPLATES.rglob("*.html"):
        tree = ENVIRONMENT.parse(path.read_text("utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "_":
                yield from _constants(call.args[0])
                if isinstance(call.args[0], nodes.Name):
                    yield from _looped(tree, call.args[0].name)


def _constants(node: nodes.Node) -> Iterator[str]:
    """Return the texts that a call says; of a choice, `{"a": "A"}[x]`, all values."""
    if isinstance(node, nodes.Const):
        yield str(node.value)
    elif isinstance(node, nodes.Getitem):
        yield from _constants(node.node)
    elif isinstance(node, nodes.Dict):
        for pair in node.items:
            yield from _constants(pair.value)
    elif isinstance(node, nodes.CondExpr):
        for each in (node.expr1, node.expr2):
            if each is not None:
                yield from _constants(each)


def _looped(tree: nodes.Template, name: str) -> Iterator[str]:
    """Return the texts that a loop over a list in the template gives to its variable."""
    for loop in tree.find_all(nodes.For):
        target = loop.target
        names = target.items if isinstance(target, nodes.Tuple) else [target]
        at = next((i for i, n in enumerate(names) if getattr(n, "name", "") == name), None)
        if at is None or not isinstance(loop.iter, nodes.List):
            continue
        for item in loop.iter.items:
            yield from _constants(item.items[at] if isinstance(item, nodes.Tuple) else item)


def _in_code() -> Iterator[str]:
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            first = node.args[0]
            if name in IN_CODE and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value
