"""A message that was sent from a page: it waits, and is called back or said exactly once."""

import asyncio
from datetime import timedelta

import pytest

from app.authentication import Principal
from app.drafts import get_draft, mark_draft_sent, save_draft
from app.errors import AppError, Forbidden, FormRefused, KeyReused, NotFound, Refused, TooLate
from app.people import change_staff
from app.scheduled_messages import (
    UNDO_FOR,
    SentMessage,
    call_back,
    deliver_message,
    drop_message,
    list_messages,
    send_message,
    waiting_messages,
)
from app.services import Services
from app.start_case import NewCase, start_case
from app.submit_steps import submit_steps
from domain.engine.messages import Command
from domain.engine.task_actions import notified_text
from domain.language.channels import Channel
from store.db.clock import utc_now
from store.scheduled.records import MessageStatus, ScheduledMessage
from tests.app.conftest import colleague
from tests.support.waiting import until
from worker.message_sender import MessageSender

pytestmark = pytest.mark.xdist_group("app")

TEXT = "您好，我们明天中午前答复您。"
SOON, LONG = timedelta(milliseconds=300), timedelta(minutes=5)
RACES = 6


@pytest.fixture(scope="session")
async def colleagues(services: Services) -> dict[str, Principal]:
    """Others than the agent: one more, a lead, an administrator, a vendor."""
    roles = {"zhang.qian": "agent", "wang.fang": "lead", "admin": "administrator"}
    roles |= {"vendor.a": "vendor"}
    return {id: await colleague(services, id, role) for id, role in roles.items()}


async def complaint(services: Services, by: Principal, ago: timedelta = timedelta()) -> str:
    """The number of a new complaint, raised so long ago."""
    new = NewCase(
        kind="complaint", channel=Channel.REVIEW, form={"words": "屏坏了。"},
        received_at=utc_now() - ago,
    )  # fmt: skip
    started = await start_case(services, by, new, f"start-{utc_now().isoformat()}")
    assert started.recorded
    return started.number


async def said(services: Services, number: str, tenant: str = "default") -> list[str]:
    entries = await services.store.entries.of(tenant, number)
    return [text for text in map(notified_text, entries) if text is not None]


async def mine(services: Services, author: Principal, number: str) -> list[ScheduledMessage]:
    """What the author is shown of their messages about a case."""
    return [each for each in await list_messages(services, author) if each.number == number]


async def response(services: Services, number: str) -> str:
    clocks = await services.store.clocks.of("default", number)
    return next(clock.state.value for clock in clocks if clock.clock == "response")


async def ended(services: Services, sent: SentMessage) -> ScheduledMessage:
    """The message after the sender has brought it to an end."""
    sender = MessageSender(services)

    async def is_over() -> bool:
        await sender.once()
        stored = await services.store.scheduled_messages.get("default", sent.message.id)
        return stored is not None and stored.ended_at is not None

    await until(is_over)
    message = await services.store.scheduled_messages.get("default", sent.message.id)
    assert message is not None
    return message


async def test_it_is_said_when_it_is_due_and_not_before(
    services: Services, shop: Principal, agent: Principal
) -> None:
    number = await complaint(services, shop)
    sent = await send_message(services, agent, number, TEXT)
    assert (sent.message.status, sent.clock) == (MessageStatus.WAITING, None)
    assert sent.message.due_at - sent.message.made_at == UNDO_FOR
    assert await MessageSender(services).once() == 0
    assert await waiting_messages(services, agent, number) == [sent.message]
    assert await mine(services, agent, number) == [sent.message]
    assert await said(services, number) == []
    assert await response(services, number) == "running", "nobody was told anything yet"
    await call_back(services, agent, sent.message.id)

    again = await send_message(services, agent, number, TEXT, undo_for=SOON)
    message = await ended(services, again)
    assert (message.status, message.text) == (MessageStatus.SENT, "")
    assert await said(services, number) == [TEXT]
    assert await response(services, number) == "met"
    entries = await services.store.entries.of("default", number)
    assert entries[-1].actor == agent.actor()
    assert await waiting_messages(services, agent, number) == []
    assert await mine(services, agent, number) == []


async def test_what_was_called_back_is_never_said(
    services: Services, shop: Principal, agent: Principal, colleagues: dict[str, Principal]
) -> None:
    number = await complaint(services, shop)
    subject, pairs = f"{number}/message", [("/text", TEXT)]
    await save_draft(services, agent, subject, pairs, 1)
    sent = await send_message(services, agent, number, TEXT, undo_for=SOON)
    await mark_draft_sent(services, agent, subject, 2)
    with pytest.raises(Forbidden):
        await call_back(services, colleagues["zhang.qian"], sent.message.id)
    for stranger in (colleagues["vendor.a"], shop):
        with pytest.raises((NotFound, Forbidden)):
            await call_back(services, stranger, sent.message.id)
    with pytest.raises(NotFound):
        await call_back(services, agent, "nothing")
    back = await call_back(services, colleagues["wang.fang"], sent.message.id)
    assert (back.status, back.text) == (MessageStatus.CANCELLED, TEXT)
    assert (await call_back(services, agent, sent.message.id)).ended_by == "wang.fang"
    await asyncio.sleep(SOON.total_seconds())
    assert await MessageSender(services).once() == 0
    assert await said(services, number) == []
    draft = await get_draft(services, agent, subject)
    assert draft is not None
    assert (draft.content, draft.counter) == ((("/text", TEXT),), 3)


async def test_the_race_of_calling_back_and_sending(
    services: Services, shop: Principal, agent: Principal
) -> None:
    """Whichever wins: what was called back is not said, what is said cannot be called back."""
    number = await complaint(services, shop)

    async def undone(id: str) -> bool:
        try:
            await call_back(services, agent, id)
        except TooLate:
            return False
        return True

    kept = []
    for attempt in range(RACES):
        text = f"{TEXT} {attempt}"
        sent = await send_message(services, agent, number, text, undo_for=SOON)
        # Both begin when it is due, in turn one and the other first.
        await asyncio.sleep(max((sent.message.due_at - utc_now()).total_seconds(), 0))
        both = [undone(sent.message.id), MessageSender(services).once()]
        came = await asyncio.gather(*(both if attempt % 2 else both[::-1]))
        is_undone = came[0 if attempt % 2 else 1]
        if not is_undone:
            kept.append(text)
    assert await said(services, number) == kept


async def test_it_is_one_message_under_a_key(
    services: Services, shop: Principal, agent: Principal
) -> None:
    number = await complaint(services, shop)
    first = await send_message(services, agent, number, TEXT, key="k1", undo_for=SOON)
    again = await send_message(services, agent, number, TEXT, key="k1", undo_for=SOON)
    assert again.message == first.message
    with pytest.raises(KeyReused):
        await send_message(services, agent, number, "Something else.", key="k1")
    await ended(services, first)
    late = await send_message(services, agent, number, TEXT, key="k1")
    assert late.message.status is MessageStatus.SENT
    assert await said(services, number) == [TEXT]


async def test_two_senders_say_it_once(
    services: Services, shop: Principal, agent: Principal
) -> None:
    """One was taken for dead and is not: it submits the same, and the case takes it once."""
    number = await complaint(services, shop)
    sent = await send_message(services, agent, number, TEXT, undo_for=timedelta(microseconds=1))
    messages = services.store.scheduled_messages
    (taken,) = await messages.lease("default", 10, utc_now())
    assert taken.id == sent.message.id
    (retaken,) = await messages.lease("default", 10, utc_now() + LONG)
    both = await asyncio.gather(*(deliver_message(services, each) for each in (taken, retaken)))
    assert both == [None, None]
    assert await said(services, number) == [TEXT]
    assert (await ended(services, sent)).status is MessageStatus.SENT


async def test_rights_are_asked_anew_when_it_is_said(
    services: Services, shop: Principal, agent: Principal, colleagues: dict[str, Principal]
) -> None:
    number = await complaint(services, shop)
    sent = await send_message(services, agent, number, TEXT, undo_for=SOON)
    await submit_steps(services, colleagues["zhang.qian"], number, [Command(step="claim")])
    message = await ended(services, sent)
    assert (message.status, message.code, message.kind) == (
        MessageStatus.FAILED, "task_taken", "complaint",
    )  # fmt: skip
    assert (message.params or {})["by"] == "zhang.qian"
    (kept,) = await mine(services, agent, number)
    assert (kept.id, kept.text) == (message.id, TEXT)
    assert await said(services, number) == []
    with pytest.raises(NotFound):
        await drop_message(services, colleagues["zhang.qian"], message.id)
    await drop_message(services, agent, message.id)
    assert await mine(services, agent, number) == []


async def test_nobody_speaks_for_who_has_left(
    services: Services, shop: Principal, colleagues: dict[str, Principal]
) -> None:
    number = await complaint(services, shop)
    leaver = await colleague(services, "hu.yan", "agent")
    sent = await send_message(services, leaver, number, TEXT, undo_for=SOON)
    await change_staff(
        services, colleagues["admin"], leaver.id, active=False, roles=None, teams=None, reason="-"
    )
    message = await ended(services, sent)
    assert (message.status, message.code) == (MessageStatus.FAILED, "unknown_staff")
    assert await said(services, number) == []


async def test_what_may_not_be_said_is_refused_at_once(
    services: Services, shop: Principal, agent: Principal, colleagues: dict[str, Principal]
) -> None:
    number = await complaint(services, shop)
    refusals: list[tuple[Principal, str, str, type[AppError]]] = [
        (shop, number, TEXT, Forbidden),
        (colleagues["vendor.a"], number, TEXT, NotFound),
        (agent, number, " ", FormRefused),
        (agent, await complaint(services, agent), TEXT, Refused),
    ]
    for caller, where, text, error in refusals:
        with pytest.raises(error):
            await send_message(services, caller, where, text)
        assert await services.store.scheduled_messages.of_case("default", where) == []
        assert await mine(services, agent, where) == []


async def test_a_promise_that_is_about_to_break_is_kept_at_once(
    services: Services, shop: Principal, agent: Principal
) -> None:
    almost = timedelta(minutes=15) - timedelta(seconds=9)
    number = await complaint(services, shop, almost)
    sent = await send_message(services, agent, number, TEXT, key="k2")
    assert (sent.clock, sent.message.status) == ("response", MessageStatus.SENT)
    again = await send_message(services, agent, number, TEXT, key="k2")
    assert again.message == sent.message
    assert await said(services, number) == [TEXT]
    assert await response(services, number) == "met"
    with pytest.raises(TooLate):
        await call_back(services, agent, sent.message.id)
    later = await send_message(services, agent, number, f"{TEXT} 2")
    assert later.clock is None, "it is kept already"
    await call_back(services, agent, later.message.id)


async def test_one_that_goes_at_once_and_is_refused_leaves_nothing(
    services: Services, shop: Principal, agent: Principal
) -> None:
    number = await complaint(services, shop)
    none = timedelta()
    await send_message(services, agent, number, TEXT, undo_for=none)
    with pytest.raises(Refused) as refused:
        await send_message(services, agent, number, TEXT, undo_for=none)
    assert refused.value.code == "step_just_done"
    assert await mine(services, agent, number) == []
    assert await said(services, number) == [TEXT]
