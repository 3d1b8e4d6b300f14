"""Which role may do what to which object: a row for each way in, every role tried on each."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from cases.common.roles import (
    ADMINISTRATOR,
    AUDITOR,
    HANDLERS,
    MANAGERS,
    STAFF_ROLES,
    STORE_MANAGER,
    VENDOR,
)
from domain.language.roles import NOBODY, Roles
from tests.api.callers import Callers, new_case
from tests.api.colleagues import one_of_each_role

pytestmark = pytest.mark.xdist_group("api")

PUBLIC: dict[str, Any] = {"body": "Said to the customer.", "visibility": "public"}
INSIDE: dict[str, Any] = {"body": "Said among us.", "visibility": "internal"}


def but(*left_out: Roles) -> Roles:
    """All roles but these."""
    return Roles(STAFF_ROLES.names - NOBODY.union(*left_out).names)


TABLE: tuple[tuple[str, str, Any, Roles], ...] = (
    ("GET", "/v1/cases/{number}", None, but(VENDOR)),
    ("GET", "/v1/cases/{number}/history", None, but(VENDOR)),
    ("GET", "/v1/cases/{number}/diff", None, but(VENDOR)),
    ("GET", "/v1/cases/{number}/flow", None, but(VENDOR)),
    ("GET", "/v1/cases/{number}/record", None, but(VENDOR)),
    ("GET", "/v1/cases/{number}/notices", None, but(VENDOR)),
    ("GET", "/v1/cases/{number}/clocks", None, but(VENDOR)),
    ("GET", "/v1/cases/{number}/archive", None, but(VENDOR)),
    ("GET", "/v1/cases/{number}/comments", None, but(VENDOR)),
    ("GET", "/v1/tasks/{number}-1", None, but(VENDOR)),
    ("GET", "/v1/kinds/complaint/flow", None, but(VENDOR)),
    ("GET", "/v1/mailbox", None, STAFF_ROLES),
    ("GET", "/v1/batches", None, MANAGERS | ADMINISTRATOR),
    ("GET", "/v1/staff", None, ADMINISTRATOR),
    ("GET", "/v1/teams", None, ADMINISTRATOR),
    ("GET", "/v1/keys", None, ADMINISTRATOR),
    ("POST", "/v1/cases/{number}/comments", PUBLIC, HANDLERS | STORE_MANAGER),
    ("POST", "/v1/cases/{number}/comments", INSIDE, but(VENDOR, AUDITOR)),
    ("POST", "/v1/cases/{number}/comments", {"body": "x"}, but(VENDOR, AUDITOR)),
    ("POST", "/v1/cases", "new", but(VENDOR, AUDITOR)),
)


@pytest.fixture(scope="module")
async def everybody(callers: Callers) -> AsyncIterator[Callers]:
    async with one_of_each_role(callers, "rights") as everybody:
        yield everybody


@pytest.mark.parametrize(("method", "path", "body", "may"), TABLE)
async def test_who_may(everybody: Callers, method: str, path: str, body: Any, may: Roles) -> None:
    number = await everybody.complaint()
    filled = path.replace("{number}", number)
    allowed = set()
    for role in STAFF_ROLES:
        sent = new_case() if body == "new" else body
        answer = await everybody[f"rights.{role}"].request(method, filled, json=sent)
        assert answer.is_success or answer.status_code in {403, 404}, answer.text
        allowed |= {role} if answer.is_success else set()
    assert allowed == may.names


async def test_nothing_forbidden_is_written(everybody: Callers) -> None:
    number = await everybody.complaint()
    path = f"/v1/cases/{number}/comments"
    for role in but(HANDLERS, STORE_MANAGER):
        await everybody[f"rights.{role}"].post(path, json=PUBLIC)
    assert (await everybody["root"].get(path)).json()["items"] == []


async def test_a_bulk_start_asks_the_same(everybody: Callers) -> None:
    for role, status in (("auditor", 403), ("vendor", 403), ("seat", 201)):
        answer = await everybody[f"rights.{role}"].post(
            "/v1/cases:bulk", json={"cases": [new_case()]}
        )
        assert [each["status"] for each in answer.json()["results"]] == [status]
