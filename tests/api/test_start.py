"""A case is started once, whatever is repeated and whatever fails in between."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import start_case
from app.authentication import Principal
from app.services import Services
from app.start_case import NewCase
from domain.case_numbers import is_case_number, prefix_of
from domain.engine.messages import Opening
from domain.language.roles import ActorKind
from store.intake.intake import LEASE
from temporal.case_client import CaseClient
from temporal.results import EngineDown
from tests.api.callers import WORDS, Callers, new_case
from tests.api.conftest import Wait

pytestmark = pytest.mark.xdist_group("api")


PIGEON = {"kind": "pigeon", "value": "Paul"}
EMPTY = {"kind": "phone", "value": "\u200b"}


def shifted(**by: int) -> str:
    """Return a time that far from now."""
    return (datetime.now(UTC) + timedelta(**by)).isoformat()


async def numbers_of(callers: Callers, external_ref: str, by: str = "shop") -> list[str]:
    """Return the numbers of the cases with this reference."""
    found = await callers[by].get("/v1/cases", params={"external_ref": external_ref})
    return [item["number"] for item in found.json()["items"]]


async def test_a_read_right_after_finds_the_case(callers: Callers) -> None:
    raised = datetime.now(UTC) - timedelta(hours=30)
    sent = new_case(received_at=raised.isoformat(), order="SO-1", product="平板")
    answer = await callers["shop"].post("/v1/cases", json=sent)
    case = answer.json()["case"]
    assert is_case_number(case["number"])
    assert prefix_of(case["number"]) == "TS"
    assert datetime.fromisoformat(case["received_at"]) == raised
    assert (case["source"], case["order"], case["product"]) == ("shop", "SO-1", "平板")
    found = await callers["shop"].get(answer.headers["location"])
    assert found.json()["words"] == WORDS
    assert found.headers["etag"] == answer.headers["etag"] == '"1"'


async def test_the_same_again_gets_the_first_answer(callers: Callers) -> None:
    sent, key = new_case(external_ref=None), {"Idempotency-Key": "same-again"}
    first = await callers["shop"].post("/v1/cases", json=sent, headers=key)
    again = await callers["shop"].post("/v1/cases", json=sent, headers=key)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]


async def test_the_same_again_is_not_judged_anew(callers: Callers, wait: Wait) -> None:
    """The start was new enough; its repetition is accepted when a new one would be too old."""
    sent = new_case(received_at=shifted(days=-7, minutes=5))
    first = await callers["shop"].post("/v1/cases", json=sent)
    assert first.status_code == 201, first.text
    wait(timedelta(minutes=6))
    other = await callers["shop"].post("/v1/cases", json=new_case(received_at=sent["received_at"]))
    assert "too_long_ago" in other.text
    again = await callers["shop"].post("/v1/cases", json=sent)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_reference_is_an_identity_too(callers: Callers) -> None:
    sent = new_case()
    first = await callers["shop"].post("/v1/cases", json=sent)
    again = await callers["shop"].post("/v1/cases", json=sent)
    assert again.json() == first.json()
    other = await callers["shop"].post("/v1/cases", json={**sent, "form": {"words": "别的"}})
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert len(await numbers_of(callers, sent["external_ref"])) == 1


async def test_keys_are_each_callers_own(callers: Callers) -> None:
    sent, key = new_case(external_ref=None), {"Idempotency-Key": "shared"}
    answers = [
        await callers[by].post("/v1/cases", json=sent, headers=key)
        for by in ("shop", "app", "liu.yang")
    ]
    assert len({answer.json()["case"]["number"] for answer in answers}) == 3
    assert [answer.json()["case"]["source"] for answer in answers] == ["shop", "app", "desk"]


async def test_fifty_at_once_are_one_case(callers: Callers) -> None:
    sent = new_case()
    answers = await asyncio.gather(
        *(callers["shop"].post("/v1/cases", json=sent) for _ in range(50))
    )
    counted = Counter(answer.status_code for answer in answers)
    assert set(counted) <= {201, 409}, counted
    assert counted[201] >= 1
    waiting = [answer for answer in answers if answer.status_code == 409]
    assert {answer.json()["code"] for answer in waiting} <= {"in_progress"}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in waiting)
    assert len(await numbers_of(callers, sent["external_ref"])) == 1
    again = await callers["shop"].post("/v1/cases", json=sent)
    assert [again.json()["case"]["number"]] == await numbers_of(callers, sent["external_ref"])


class Broken(CaseClient):
    """A case client that fails just before, or just after, the case was started."""

    def __init__(self, case_client: CaseClient, *, started: bool) -> None:
        self._case_client, self._started = case_client, started

    async def start(self, opening: Opening) -> None:
        if self._started:
            await self._case_client.start(opening)
        raise EngineDown


@pytest.mark.parametrize("started", [False, True])
async def test_a_start_that_broke_off_is_taken_up_again(
    callers: Callers, wait: Wait, started: bool
) -> None:
    """The process dies between the reservation and the start, or right after it."""
    services: Services = callers.app.state.services
    shop, new = Principal("default", ActorKind.SYSTEM, "shop"), NewCase(**new_case())
    whole = services.case_client
    services.case_client = Broken(whole, started=started)
    try:
        with pytest.raises(EngineDown):
            await start_case.start_case(services, shop, new, None)
    finally:
        services.case_client = whole
    sent = new.model_dump(mode="json", exclude_unset=True)
    leased = await callers["shop"].post("/v1/cases", json=sent)
    assert (leased.status_code, leased.json()["code"]) == (409, "in_progress")
    wait(LEASE)
    answer = await callers["shop"].post("/v1/cases", json=sent)
    assert answer.status_code == 201, answer.text
    assert await numbers_of(callers, sent["external_ref"]) == [answer.json()["case"]["number"]]


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"kind": "refund"}, "invalid", "/kind"),
        ({"channel": "pigeon"}, "invalid", "/channel"),
        ({"form": {}}, "wrong_form", "/form/words"),
        ({"form": {"words": "  "}}, "wrong_form", "/form/words"),
        ({"form": {"words": "x" * 4001}}, "wrong_form", "/form/words"),
        ({"received_at": "2026-11-20T10:00:00"}, "invalid", "/received_at"),
        ({"received_at": shifted(hours=1)}, "invalid", "/received_at"),
        ({"received_at": shifted(days=-8)}, "invalid", "/received_at"),
        ({"parent": "TS202603024829107"}, "invalid", "/parent"),
        ({"customer": {"ref": "cu-x", "name": "张三"}}, "invalid", "/customer"),
        ({"customer": {"contacts": [EMPTY]}}, "invalid", "/customer/contacts/0/value"),
        ({"customer": {"contacts": [PIGEON]}}, "invalid", "/customer/contacts/0/kind"),
        ({"priority": "P1"}, "invalid", "/priority"),
    ],
)  # fmt: skip
async def test_a_wrong_opening_starts_nothing(
    callers: Callers, change: dict[str, Any], code: str, pointer: str
) -> None:
    sent = new_case(**change)
    answer = await callers["shop"].post("/v1/cases", json=sent)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert await numbers_of(callers, sent["external_ref"]) == []


async def test_a_reference_is_no_address_and_stays_out_of_ids(callers: Callers) -> None:
    mail = new_case(external_ref="zhang@example.com")
    refused = await callers["shop"].post("/v1/cases", json=mail)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/external_ref")
    sent = new_case()
    number = (await callers["shop"].post("/v1/cases", json=sent)).json()["case"]["number"]
    opened = (await callers["shop"].get(f"/v1/cases/{number}/history")).json()["items"][0]
    assert opened["cause"]["request"].startswith("ref:")
    assert sent["external_ref"] not in opened["cause"]["request"]


async def test_what_else_is_refused(callers: Callers) -> None:
    bare = await callers["shop"].post("/v1/cases", json=new_case(external_ref=None))
    assert (bare.status_code, bare.json()["code"]) == (400, "key_missing")
    stranger = await callers["shop"].post("/v1/cases", json=new_case(customer={"ref": "cu-x"}))
    assert (stranger.status_code, stranger.json()["code"]) == (422, "unknown_customer")


async def test_a_customer_is_known_again_by_a_contact_point(callers: Callers) -> None:
    phone = {"kind": "phone", "value": "138 0000 0002"}
    first = await callers.complaint(customer={"name": "李四", "contacts": [phone]})
    second = await callers.complaint(
        customer={"contacts": [{"kind": "phone", "value": "+86-13800000002"}]}, parent=first
    )
    seen = [(await callers["shop"].get(f"/v1/cases/{number}")).json() for number in (first, second)]
    assert seen[0]["customer"]["ref"] == seen[1]["customer"]["ref"]
    assert seen[1]["customer"]["name"] == "李四"
    assert seen[1]["case"]["parent"] == first
    history = (await callers["shop"].get(f"/v1/cases/{first}/history")).text
    assert "李四" not in history
    assert "0000" not in history.replace(first, "")
    by_customer = {"customer": seen[0]["customer"]["ref"]}
    found = (await callers["liu.yang"].get("/v1/cases", params=by_customer)).json()["items"]
    assert {item["number"] for item in found} == {first, second}
