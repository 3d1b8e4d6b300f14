"""Each filter of tasks reaches the API from the command line, as the same filter there does."""

from typing import Any

import httpx
import pytest

from store.cases.records import TaskWhere
from tests.cli.system import System

GIVEN: dict[str, tuple[tuple[str, ...], str]] = {
    "kind": (("--kind", "inquiry"), "inquiry"),
    "stage": (("--stage", "assign"), "assign"),
    "state": (("--state", "received"), "received"),
    "priority": (("--priority", "P4"), "P4"),
    "overdue": (("--overdue",), "true"),
    "due_within": (("--due-within", "10m"), "PT10M"),
    "request": (("--request", "approval"), "approval"),
    "on_hold": (("--on-hold",), "true"),
}


def ids(page: Any) -> list[str]:
    return [task["id"] for task in page["items"]]


@pytest.mark.parametrize("name", TaskWhere.model_fields)
def test_a_filter_lists_what_the_api_lists(system: System, name: str) -> None:
    words, value = GIVEN[name]
    key = system.run("key", "print", "chen.min").stdout.strip()
    answer = httpx.get(
        f"{system.url}/v1/tasks",
        params={name: value, "scope": "all", "limit": 100},
        headers={"Authorization": f"Bearer {key}"},
    )
    listed = ids(system.ask("task", "list", "--all", *words))
    assert listed == ids(answer.json())
    assert listed != ids(system.ask("task", "list", "--all")), "it leaves something out"
