"""What customers write while a case waits for them: the case hears of it once, whatever is down."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.authentication import Principal
from app.comments import add_comment
from app.services import Services
from app.start_case import NewCase, start_case
from app.submit_steps import submit_steps
from domain.engine.messages import Command
from domain.language.channels import Channel
from domain.language.entries import Entry, EntryType
from store.comments import Visibility
from store.db.clock import utc_now
from temporal.case_client import CaseClient
from temporal.results import EngineDown, SubmitResult
from tests.support.complaints import submit_complaint
from tests.support.waiting import until
from worker.message_sender import NOT_TOLD_AFTER, MessageSender

pytestmark = pytest.mark.xdist_group("app")

OFFERED = 4
"""How many requests bring a complaint to where it waits for an answer."""


@pytest.fixture
async def offered(services: Services, shop: Principal) -> str:
    """The number of a complaint that waits for the customer's answer."""
    new = NewCase(kind="complaint", channel=Channel.REVIEW, form={"words": "屏坏了。"})
    number = (await start_case(services, shop, new, f"start-{utc_now().isoformat()}")).number
    await submit_complaint(services.case_client, number, OFFERED)
    return number


class CutOff(CaseClient):
    """A client whose engine does not answer."""

    async def submit(self, *_: Any, **__: Any) -> SubmitResult:
        raise EngineDown


@pytest.fixture
def cut_off(services: Services) -> Services:
    """The services while the engine does not answer."""
    return replace(services, case_client=CutOff(services.case_client._client))


async def write(
    services: Services, shop: Principal, number: str, text: str = "行不行？"
) -> datetime:
    comment, _ = await add_comment(services, shop, number, text, Visibility.PUBLIC, text)
    return comment.at


async def heard(services: Services, number: str) -> list[Entry]:
    entries = await services.store.entries.of("default", number)
    return [entry for entry in entries if entry.type is EntryType.HEARD]


async def waits_on(services: Services, number: str) -> str:
    row = await services.store.cases.get("default", number)
    assert row is not None
    return row.waits_on


async def resolution(services: Services, number: str) -> str:
    clocks = await services.store.clocks.of("default", number)
    return next(clock.state.value for clock in clocks if clock.clock == "resolution")


async def test_the_case_hears_of_it_at_once(
    services: Services, shop: Principal, agent: Principal, offered: str
) -> None:
    assert (await waits_on(services, offered), await resolution(services, offered)) == (
        "customer", "paused",
    )  # fmt: skip
    written_at = await write(services, shop, offered)
    assert await waits_on(services, offered) == "staff"
    assert await resolution(services, offered) == "running"
    (entry,) = await heard(services, offered)
    assert datetime.fromisoformat(str(entry.form["written_at"])) == written_at
    assert entry.actor == shop.actor()
    await write(services, shop, offered, "在吗？")
    assert len(await heard(services, offered)) == 1, "one message waits for an answer already"
    await submit_steps(services, agent, offered, [Command(step="await", form={"note": "致谢"})])
    assert (await waits_on(services, offered), await resolution(services, offered)) == (
        "customer", "paused",
    )  # fmt: skip
    await write(services, shop, offered, "还有一件事。")
    assert len(await heard(services, offered)) == 2
    assert await services.store.comments.untold_tenants(utc_now()) == []


async def test_a_public_comment_answers(
    services: Services, shop: Principal, agent: Principal, offered: str
) -> None:
    await write(services, shop, offered)
    await add_comment(services, agent, offered, "内部看法", Visibility.INTERNAL)
    assert await waits_on(services, offered) == "staff"
    await add_comment(services, agent, offered, "可以。", Visibility.PUBLIC)
    assert (await waits_on(services, offered), await resolution(services, offered)) == (
        "customer", "paused",
    )  # fmt: skip


async def test_what_our_own_people_write_is_no_message(
    services: Services, agent: Principal, offered: str
) -> None:
    for visibility in Visibility:
        await add_comment(services, agent, offered, "好的。", visibility)
    assert await waits_on(services, offered) == "customer"


async def test_while_the_engine_is_down_a_worker_goes_on(
    services: Services, shop: Principal, offered: str, cut_off: Services
) -> None:
    """The message is taken in all the same, and counts from when it was written."""
    written_at = await write(cut_off, shop, offered)
    assert await heard(services, offered) == []
    sender = MessageSender(services)
    assert await sender.once() == 0, "whoever took it in may be about to tell the case"
    late = MessageSender(services, lambda: utc_now() + NOT_TOLD_AFTER + timedelta(seconds=1))
    assert await late.once() == 1

    async def is_heard() -> bool:
        return bool(await heard(services, offered))

    await until(is_heard)
    (entry,) = await heard(services, offered)
    assert datetime.fromisoformat(str(entry.form["written_at"])) == written_at
    assert await late.once() == 0


async def test_two_who_tell_the_case_do_it_once(
    services: Services, shop: Principal, offered: str, cut_off: Services
) -> None:
    await write(cut_off, shop, offered)
    late = MessageSender(services, lambda: utc_now() + timedelta(minutes=1))
    await asyncio.gather(late.once(), late.once())
    assert len(await heard(services, offered)) == 1
