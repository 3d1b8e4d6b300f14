"""Messages to customers, sent from a page: each waits a moment, in which it can be called back.

Until then no entry tells of it, so that no history says that the customer was told, and no promise
counts as kept by it.
"""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from app.authentication import Principal, staff_principal
from app.authorization import check_call_back, check_staff, reads_inside
from app.errors import (
    AppError,
    Fault,
    KeyReused,
    NotFound,
    TooLate,
    UnknownStaff,
)
from app.expected_errors import EXPECTED, app_error, refused
from app.merging import is_merging
from app.read_cases import LoadedCase, find_case_row, get_case_row, load_case
from app.services import Services
from app.step_forms import parse_form
from app.submit_steps import submit_steps
from domain.engine.messages import Command, Request
from domain.errors import Refusal
from store.db.clock import utc_now
from store.db.request_keys import RequestKey, derived_id
from store.scheduled.records import MessageStatus, ScheduledMessage

NOTIFY: Final = "notify"
UNDO_FOR: Final = timedelta(seconds=10)
SENDING_TAKES: Final = timedelta(seconds=2)
"""How long it takes, at most, until a message that is due is in the case's history."""
LEASE: Final = timedelta(seconds=30)
"""Longer than sending takes; the messages of a worker that died are free after this."""
PAUSE: Final = timedelta(seconds=2)
LONGEST_PAUSE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class SentMessage:
    """A message as it was left: it waits until `due_at`, or it is sent, or being sent.

    `clock` is the promise because of which it was not held back: it was about to be broken.
    """

    message: ScheduledMessage
    clock: str | None = None


async def send_message(
    services: Services,
    caller: Principal,
    number: str,
    text: str,
    *,
    key: str | None = None,
    undo_for: timedelta = UNDO_FOR,
) -> SentMessage:
    """Send a message to a case's customer, after a time in which it can be called back.

    It goes at once if a promise that it keeps is due sooner, or if `undo_for` is no time. Under a
    key it is one message, however often it is sent.

    Raises:
        AppError: the caller may not send it, and it is not sent.
        StoreDown
    """
    check_staff(caller)
    loaded, command = await load_case(services, caller, number, ""), _command(text)
    parse_form([loaded.process], command, "")
    now, id = utc_now(), _id(caller, key)
    message = ScheduledMessage(
        tenant=caller.tenant,
        id=id,
        number=number,
        author=caller.id,
        text=text,
        digest=_digest(number, text),
        made_at=now,
        due_at=now + undo_for,
        status=MessageStatus.WAITING,
    )
    earlier = await services.store.scheduled_messages.get(caller.tenant, id)
    if earlier is not None:
        return _same(earlier, message)
    _check_now(loaded, caller, command, id, now)
    clock = _clock_at_stake(loaded, now, now + undo_for + SENDING_TAKES)
    if clock is None and undo_for:
        return _same((await services.store.scheduled_messages.add(message))[0], message)
    return SentMessage(await _send_now(services, message), clock)


async def call_back(services: Services, caller: Principal, id: str) -> ScheduledMessage:
    """Call a message back that waits; doing it again changes nothing.

    Its text is its author's draft again.

    Raises:
        NotFound: there is no such message for the caller.
        Forbidden: only its author and leads may.
        TooLate: it is sent, or being sent.
        StoreDown
    """
    messages = services.store.scheduled_messages
    message = await messages.get(caller.tenant, id)
    if message is None:
        raise NotFound
    row = await find_case_row(services, caller.tenant, message.number)
    check_call_back(caller, message.author, row)
    if not await messages.cancel(caller.tenant, id, caller.id):
        message = await messages.get(caller.tenant, id) or message
        if message.status in {MessageStatus.SENDING, MessageStatus.SENT}:
            raise TooLate((message.ended_at or message.due_at).isoformat())
        return message
    return replace(message, status=MessageStatus.CANCELLED, ended_by=caller.id)


async def list_messages(services: Services, caller: Principal) -> list[ScheduledMessage]:
    """List the caller's messages that wait, and those that were not sent: their text is kept.

    Raises:
        Forbidden: only staff may.
        StoreDown
    """
    check_staff(caller)
    return await services.store.scheduled_messages.of_author(caller.tenant, caller.id)


async def waiting_messages(
    services: Services, caller: Principal, number: str
) -> list[ScheduledMessage]:
    """List the messages about a case that are not sent yet; others' only for those who read inside.

    Raises:
        Forbidden: only staff may.
        NotFound, NumberMisread
        StoreDown
    """
    check_staff(caller)
    await get_case_row(services, caller, number)
    waiting = await services.store.scheduled_messages.of_case(caller.tenant, number)
    return [each for each in waiting if reads_inside(caller) or each.author == caller.id]


async def drop_message(services: Services, caller: Principal, id: str) -> None:
    """Drop a message of the caller's that was not sent, with its text.

    Raises:
        NotFound: there is no such message of theirs.
        StoreDown
    """
    message = await services.store.scheduled_messages.get(caller.tenant, id)
    if message is None or not caller.is_staff or message.author != caller.id:
        raise NotFound
    await services.store.scheduled_messages.drop(caller.tenant, id)


async def deliver_message(services: Services, message: ScheduledMessage) -> AppError | None:
    """Submit a message that was taken to be sent, as its author may do now; return the refusal.

    Whoever does so again submits the same: the case takes it once. What does not answer now, or is
    just being merged, is asked again later. A case that was merged meanwhile refuses: what is said
    to its customer is its author's to decide, who has not seen the case that goes on.

    Raises:
        StoreDown: what became of it could not be written down.
    """
    messages = services.store.scheduled_messages
    try:
        author = await _author(services, message)
        command, key = _command(message.text), f"message-{message.id}"
        await submit_steps(services, author, message.number, [command], key=key)
    except EXPECTED as error:
        refusal = app_error(error)
        if refusal is None or refusal.category is Fault.UNAVAILABLE or is_merging(refusal):
            await messages.postpone(message, utc_now() + _pause_after(message.attempts))
            return None
        await messages.mark_failed(message, refusal.code, refusal.kind, dict(refusal.params))
        return refusal
    await messages.mark_sent(message)
    return None


async def _send_now(services: Services, message: ScheduledMessage) -> ScheduledMessage:
    """Send a message that is not held back; if this process dies, a worker goes on with it.

    Raises:
        AppError: it was refused; nobody else needs to be told.
    """
    messages = services.store.scheduled_messages
    taken = replace(
        message,
        due_at=message.made_at,
        status=MessageStatus.SENDING,
        attempts=1,
        lease_until=message.made_at + LEASE,
    )
    stored, is_new = await messages.add(taken)
    if not is_new:
        return _same(stored, message).message
    if refusal := await deliver_message(services, taken):
        await messages.drop(message.tenant, message.id)
        raise refusal
    return await messages.get(message.tenant, message.id) or taken


async def _author(services: Services, message: ScheduledMessage) -> Principal:
    """Return the author with the roles of now.

    Raises:
        UnknownStaff: they are no longer active.
    """
    person = await services.store.people.get(message.tenant, message.author)
    if person is None or not person.active:
        raise UnknownStaff(message.author)
    return staff_principal(message.tenant, person)


def _check_now(
    loaded: LoadedCase, caller: Principal, command: Command, id: str, now: datetime
) -> None:
    """Refuse what would be refused if it were sent at once: its author is still there to read it.

    Raises:
        AppError
    """
    request = Request(tenant=caller.tenant, id=id, actor=loaded.actor, commands=(command,))
    try:
        loaded.process.check_request(loaded.case, request, now)
    except Refusal as error:
        raise refused(error, loaded.process.kind) from error


def _clock_at_stake(loaded: LoadedCase, now: datetime, until: datetime) -> str | None:
    """Return the promise that the message keeps and that is due between these moments, if any."""
    reply = loaded.process.reply_clock
    kept = [
        (instance.due, instance.clock.name)
        for instance in loaded.case.clocks.values()
        if instance.open and (instance.clock == reply or instance.clock.repeats)
        if instance.due is not None and now < instance.due <= until
    ]
    return min(kept)[1] if kept else None


def _same(stored: ScheduledMessage, message: ScheduledMessage) -> SentMessage:
    """Return the message that is stored under the id, if it is this one.

    Raises:
        KeyReused: it is another one.
    """
    if stored.digest != message.digest:
        raise KeyReused
    return SentMessage(stored)


def _command(text: str) -> Command:
    return Command(step=NOTIFY, form={"text": text})


def _id(caller: Principal, key: str | None) -> str:
    if key is None:
        return secrets.token_hex(8)
    return derived_id(caller.tenant, RequestKey(caller.client, key), 8)


def _digest(number: str, text: str) -> str:
    return hashlib.sha256(f"{number}\n{text}".encode()).hexdigest()


def _pause_after(attempts: int) -> timedelta:
    return min(PAUSE * attempts, LONGEST_PAUSE)
