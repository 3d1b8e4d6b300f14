"""A tenant in whose store every text is markup: cases, comments, names, views, drafts, batches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Table, update

from cases.common.roles import STAFF_ROLES, VENDOR
from domain.batches import BatchOutcome, BatchResult
from domain.engine.case import Case
from domain.engine.process import Process
from domain.language.roles import Actor, ActorKind
from domain.read_models.projection import projection_update
from store import Store
from store.audit.records import By
from store.cases.tables import cases, tasks
from store.comments import Visibility
from store.customers.records import Contact, ContactKind, CustomerInput
from store.customers.versions import Requested
from store.db.clock import utc_now
from store.intake.records import Reservation
from store.outbox.tables import outbox
from store.people.records import KeyOwner, OwnerKind
from store.saved_views import ViewOwner, ViewOwnerKind
from store.scheduled.records import MessageStatus, ScheduledMessage
from store.sign_in.records import SessionLimits
from tests.store.test_batches import batch
from tests.support.cases import SHOP
from tests.web.markup import CODE, NAME, TEXT, Written, write_everywhere
from web.forms.fields import Field, GroupField, ListField, TextField

TENANT, TEAM = "evil", "evil"
READER, OTHER = "evil.reader", "evil.other"
DRAFT: Final = 1


@dataclass(frozen=True)
class Evil:
    """What is in the tenant; `token` and `key` are of somebody who may read all of it."""

    store: Store
    token: str
    key: str
    written: Written
    customer: str
    batch: str

    @property
    def cases(self) -> Sequence[tuple[Process, Case]]:
        """The cases."""
        return self.written.cases

    @property
    def richest(self) -> Mapping[str, Case]:
        """Of each kind the open case in which most happened."""
        by_length = sorted(self.cases, key=lambda each: each[1].last.seq)
        return {process.kind: case for process, case in by_length}


async def fill(store: Store) -> Evil:
    """Write all of it."""
    key = await _people(store)
    customer = await _customer(store)
    written = write_everywhere(customer)
    for process, case in written.cases:
        await _case(store, process, case)
    first = written.cases[0][1].opening.number
    await _around(store, [case.opening.number for _, case in written.cases])
    token = await store.staff_sessions.open(
        TENANT, READER, method="password", device=NAME, limits=SessionLimits()
    )
    return Evil(store, token, key, written, customer, await _batch(store, first))


async def _people(store: Store) -> str:
    """Add people and a team; return a key."""
    by = By(Actor(kind=ActorKind.STAFF, id=READER), TEXT)
    await store.people.add_team(TENANT, TEAM, NAME, by)
    roles = sorted(STAFF_ROLES.names - VENDOR.names)
    for id in (READER, OTHER):
        await store.people.add_staff(TENANT, id, NAME, roles, (TEAM,), by)
    return (await store.keys.add(TENANT, KeyOwner(OwnerKind.STAFF, READER), by))[1]


async def _customer(store: Store) -> str:
    contacts = tuple(Contact(kind, NAME) for kind in (ContactKind.WECHAT, ContactKind.ADDRESS))
    reserved = await store.intake.reserve(
        TENANT,
        Reservation(
            prefix="TS",
            day=datetime.now(UTC).date(),
            digest="-",
            now=datetime.now(UTC),
            source="desk",
            key=("desk", "evil"),
            customer=CustomerInput(name=NAME, contacts=contacts),
        ),
    )
    assert reserved.customer
    requested = Requested(TENANT, By(Actor(kind=ActorKind.STAFF, id=READER), TEXT), "-")
    changes = {"name": f"{NAME} ", "contacts": contacts[:1]}
    await store.customer_versions.correct(requested, reserved.customer, changes)
    return reserved.customer


async def _case(store: Store, process: Process, case: Case) -> None:
    """Write a case, held by somebody with markup for a name, and what is said about it."""
    case = replace(case, opening=case.opening.model_copy(update={"tenant": TENANT}))
    number = case.opening.number
    await store.recorder.write(projection_update(process, case, 0))
    reader = Actor(kind=ActorKind.STAFF, id=READER)
    await store.comments.add(TENANT, number, reader, Visibility.INTERNAL, TEXT)
    await store.comments.add(TENANT, number, reader, Visibility.PUBLIC, TEXT)
    await store.comments.add(TENANT, number, SHOP, Visibility.PUBLIC, TEXT)
    await store.presence.renew(TENANT, number, OTHER, writing=True)
    await _message(store, number, MessageStatus.WAITING)
    await _message(store, number, MessageStatus.FAILED)
    for table in (cases, tasks):
        await _set(store, table, number, assignee=READER)
    await _set(store, outbox, number, status="dead", reason=TEXT, message=TEXT, channel=NAME)


async def _message(store: Store, number: str, status: MessageStatus) -> None:
    now, is_failed = utc_now(), status is MessageStatus.FAILED
    message = ScheduledMessage(
        tenant=TENANT,
        id=f"{number}-{status}",
        number=number,
        author=READER,
        text=TEXT,
        digest="-",
        made_at=now,
        due_at=now + timedelta(days=1),
        status=status,
        ended_at=now if is_failed else None,
        code="not_a_candidate" if is_failed else None,
        kind="complaint",
        params={"who": TEXT, "takes": [TEXT]},
    )
    await store.scheduled_messages.add(message)


async def _around(store: Store, numbers: Sequence[str]) -> None:
    """Save views and drafts."""
    for owner in (ViewOwner(ViewOwnerKind.PERSON, READER), ViewOwner(ViewOwnerKind.TEAM, TEAM)):
        query = {"view": "all", "assignee": READER}
        await store.saved_views.add(TENANT, owner, NAME, query, by=READER, most=50)
    for number in numbers:
        for what, name in (("note", "/body"), ("public_note", "/body"), ("message", "/text")):
            await keep_draft(store, f"{number}/{what}", [(name, TEXT)], number)


async def _batch(store: Store, number: str) -> str:
    made = await store.batches.add(
        batch(TENANT, 1, "e" * 16).model_copy(update={"reason": TEXT}), [number]
    )
    (item,) = await store.batch_items.waiting(TENANT, made.id, 1)
    refused = BatchResult(came=BatchOutcome.REFUSED, code="no_task", detail=TEXT)
    await store.batch_items.record_result(made, item, refused)
    await store.batches.end(TENANT, made.id, cancelled=True)
    return made.id


async def keep_draft(
    store: Store, subject: str, pairs: Sequence[tuple[str, str]], number: str | None
) -> None:
    """Keep what the reader typed into a form."""
    await store.drafts.save(
        TENANT, READER, subject, tuple(pairs), DRAFT, number=number, version=1 if number else None
    )


def typed_into(field: Field) -> list[tuple[str, str]]:
    """Return a form as it is posted with markup in each of its texts, a code where it takes one."""
    match field:
        case GroupField():
            return [pair for part in field.fields for pair in typed_into(part)]
        case ListField():
            return []
        case TextField():
            return [("/" + "/".join(map(str, field.path)), NAME if field.pattern else TEXT)]
    return [("/" + "/".join(map(str, field.path)), CODE)]


async def _set(store: Store, table: Table, number: str, **values: str) -> None:
    this = (table.c.tenant == TENANT, table.c.number == number)
    async with store._sessions.writing() as connection:
        await connection.execute(update(table).where(*this).values(**values))
