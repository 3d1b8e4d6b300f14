"""The codes of the faults that our own validators raise, read from the source."""

import ast
from collections.abc import Iterator
from functools import cache

from tests.architecture.source import Source, sources

RAISERS = {"PydanticCustomError": 0, "FieldFault": 1, "invalid": 1, "_fault": 2}
"""What makes a fault of a field, and at which place its code stands."""
VALIDATORS = {"field_validator", "model_validator", "AfterValidator", "BeforeValidator"}
OF_REQUESTS = {"cases", "domain", "app", "api"}
SETTINGS = "api/settings.py"
"""It is read from the environment, and so is no answer to a request."""


def fault_codes(below: str = "") -> set[str]:
    """Return the codes of the faults raised in files whose path begins so."""
    return {code for path, code in _all_faults() if path.startswith(below)}


def uncoded_faults() -> list[str]:
    """Return where a module with validators raises what has no code, such as a ValueError."""
    return [
        f"{source.path}:{node.lineno}"
        for source in sources()
        if source.package in OF_REQUESTS and source.path != SETTINGS and _has_validators(source)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assert)
        or (isinstance(node, ast.Raise) and _called(node.exc) in {"ValueError", "AssertionError"})
    ]


@cache
def _all_faults() -> frozenset[tuple[str, str]]:
    return frozenset(_faults())


def _faults() -> Iterator[tuple[str, str]]:
    for source in sources():
        for node in ast.walk(source.tree):
            place = RAISERS.get(_called(node))
            if place is None or not isinstance(node, ast.Call) or len(node.args) <= place:
                continue
            code = node.args[place]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                yield source.path, code.value


def _has_validators(source: Source) -> bool:
    return any(_called(each) in VALIDATORS for each in ast.walk(source.tree))


def _called(node: ast.AST | None) -> str:
    """Return the name of what is called, without the module that it is of."""
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "id", getattr(node.func, "attr", ""))
