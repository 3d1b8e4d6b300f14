"""A case's own limit through the API: set, explained, made longer by a manager."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.callers import Callers
from tests.support.cases import SORTED

pytestmark = pytest.mark.xdist_group("api")
HOUR = timedelta(hours=1)


async def handed(callers: Callers, limit: datetime) -> str:
    """Return the task of a complaint that was assigned to an agent with a limit."""
    number = await callers.complaint()
    await callers.step(number, "accept", by="chen.min")
    await callers.step(number, "classify", dict(SORTED), by="chen.min")
    handing = {"assignee": "liu.yang", "limit": limit.isoformat()}
    await callers.step(number, "assign", handing, by="chen.min")
    task: str = (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()["task"]["id"]
    return task


async def resolution(callers: Callers, task: str) -> dict[str, Any]:
    answer = await callers["liu.yang"].get(f"/v1/cases/{task.partition('-')[0]}/clocks")
    found: dict[str, Any] = next(c for c in answer.json()["items"] if c["clock"] == "resolution")
    return found


def at(iso: str) -> datetime:
    return datetime.fromisoformat(iso)


async def test_a_limit_is_set_explained_and_listed(callers: Callers) -> None:
    limit = datetime.now(UTC) + 24 * HOUR
    task = await handed(callers, limit)
    told = await resolution(callers, task)
    assert told["limit"]["by"] == "chen.min"
    assert abs(at(told["due_at"]) - limit) < timedelta(seconds=1)
    assert at(told["policy_due_at"]) == at(told["started_at"]) + 48 * HOUR
    listed = (await callers["liu.yang"].get(f"/v1/tasks/{task}")).json()["task"]["due_at"]
    assert at(listed) == at(told["due_at"])


async def test_more_time_is_for_a_manager_with_a_reason(callers: Callers) -> None:
    now = datetime.now(UTC)
    task = await handed(callers, now + 24 * HOUR)
    longer = {"limit": (now + 72 * HOUR).isoformat(), "reason": "the maker needs a week"}
    refused = await callers["liu.yang"].post(f"/v1/tasks/{task}/limit", json=longer)
    assert (refused.status_code, refused.json()["code"]) == (403, "limit_too_long")
    assert "Management" in refused.json()["detail"]
    unsaid = longer | {"reason": ""}
    refused = await callers["zhou.hang"].post(f"/v1/tasks/{task}/limit", json=unsaid)
    assert (refused.status_code, refused.json()["code"]) == (422, "reason_missing")
    done = await callers["zhou.hang"].post(f"/v1/tasks/{task}/limit", json=longer)
    assert done.status_code == 200
    told = await resolution(callers, task)
    assert told["limit"]["by"] == "zhou.hang"
    assert abs(at(told["due_at"]) - (now + 72 * HOUR)) < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("limit", "status", "code"),
    [("2020-01-01T00:00:00Z", 422, "limit_past"), ("2026-03-03 10 o'clock", 422, "invalid")],
)
async def test_a_limit_that_is_none_is_refused(
    callers: Callers, limit: str, status: int, code: str
) -> None:
    task = await handed(callers, datetime.now(UTC) + 24 * HOUR)
    answer = await callers["liu.yang"].post(f"/v1/tasks/{task}/limit", json={"limit": limit})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
