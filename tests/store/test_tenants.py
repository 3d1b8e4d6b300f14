"""No query forgets the tenant: every statement that these tests send is read."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.assignment import Skill
from domain.batches import BatchOutcome, BatchResult
from domain.engine.case import Case
from domain.language.goods import Goods
from store import Store
from store.all_tables import metadata
from store.assignments.records import Assignment
from store.audit.records import By
from store.cases.records import CaseFilter, TaskFilter
from store.comments import Visibility
from store.customers.versions import Requested
from store.db.clock import utc_now
from store.intake.records import OrderGoods
from store.people.records import KeyOwner, OwnerKind
from store.saved_views import ViewOwner, ViewOwnerKind
from store.sign_in.records import SessionLimits
from tests.store import sample_cases
from tests.store.sample_cases import customer_input, pending_call, reservation
from tests.store.test_attachments import photo
from tests.store.test_audit_log import cover
from tests.store.test_batches import batch
from tests.store.test_orders import PHONE, order
from tests.store.test_scheduled_messages import scheduled
from tests.support.cases import LIU, request
from tests.support.tenant_check import StatementCheck, tables_without_tenant

FORGETFUL = {
    "SELECT cases.number FROM cases WHERE cases.number = ?": {"cases"},
    "SELECT cases.tenant FROM cases": {"cases"},
    "SELECT 1 FROM cases JOIN tasks ON tasks.number = cases.number WHERE cases.tenant = ?": {
        "tasks"
    },
    "SELECT 1 FROM staff, teams WHERE staff.tenant = ?": {"teams"},
    "UPDATE reservations SET tenant=? WHERE reservations.number = ?": {"reservations"},
    "DELETE FROM task_roles WHERE task_roles.number = ?": {"task_roles"},
    "INSERT INTO comments (number, body) VALUES (?, ?)": {"comments"},
    "SELECT api_keys.id FROM api_keys": {"api_keys"},
    "DELETE FROM staff_sessions WHERE staff_sessions.token_hash = ?": {"staff_sessions"},
    "SELECT sign_in_links.id FROM sign_in_links": {"sign_in_links"},
}
MINDFUL = [
    "SELECT 1",
    "SELECT cases.number FROM cases WHERE cases.tenant = ? AND cases.number = ?",
    'INSERT INTO outbox (tenant, "to") VALUES (?, ?)',
    "SELECT api_keys.hash FROM api_keys WHERE api_keys.id = ?",
]


@pytest.mark.parametrize("statement", FORGETFUL)
def test_a_statement_that_forgets_is_caught(statement: str) -> None:
    assert tables_without_tenant(" ".join(statement.split())) == FORGETFUL[statement]
    with pytest.raises(AssertionError, match="no tenant"):
        StatementCheck().check(statement)


@pytest.mark.parametrize("statement", MINDFUL)
def test_a_statement_that_remembers_passes(statement: str) -> None:
    assert not tables_without_tenant(statement)


def test_every_key_begins_with_the_tenant() -> None:
    for table in metadata.sorted_tables:
        assert next(iter(table.primary_key)).name == "tenant", table.name


async def test_every_table_was_watched(
    store: Store, tenant: str, statements: StatementCheck
) -> None:
    """One round through all parts of the store, each statement read on its way."""
    statements.tables.clear()
    await use_all(store, tenant)
    assert statements.tables == set(metadata.tables)


async def use_sign_in(store: Store, tenant: str) -> None:
    link = await store.links.add(tenant, "liu")
    await store.links.use(link.token, "hash", how="link")
    await store.attempts.count(tenant, b"who")
    await store.known_browsers.remember(tenant, "liu", None)
    limits = SessionLimits()
    token = await store.staff_sessions.open(
        tenant, "liu", method="password", device="", limits=limits, password_hash="hash"
    )
    assert await store.staff_sessions.find(token, limits)


async def use_attachments(store: Store, case: Case) -> None:
    sample_cases.applied(case, request("photo", photo(), actor=LIU))
    await store.recorder.write(sample_cases.update_after(case))
    (attachment,) = await store.attachments.of(case.opening.tenant, case.opening.number)
    assert await store.attachments.erase(attachment, By(LIU, "好"))
    await store.attachments.mark_removed(attachment.tenant, attachment.number, attachment.seq)


async def use_all(store: Store, tenant: str) -> None:
    goods = (Goods(line="1", product="P-100", quantity=1, ordered=2, serials=("SN-1",)),)
    about = OrderGoods(order="SO-1", goods=goods, claimed=True)
    new = reservation(customer=customer_input(), order_goods=about)
    reserved = await store.intake.reserve(tenant, new)
    await store.intake.record_response(tenant, reserved.number, 201, None)
    case = sample_cases.opened(
        tenant, number=reserved.number, customer=reserved.customer, order="SO-1", goods=goods
    )
    await use_attachments(store, case)
    await store.entries.opening_words(tenant, [reserved.number])
    await store.cases.page(tenant, CaseFilter(), None, 1)
    await store.tasks.page(tenant, TaskFilter(roles=("agent",)), None, 1)
    await store.outbox_queue.counts(tenant)
    await store.local_orders.add(pending_call(tenant, reserved.customer, reserved.number))
    await store.comments.add(tenant, reserved.number, LIU, Visibility.PUBLIC, "好")
    await store.people.add_team(tenant, "north", "北区")
    await store.people.add_staff(tenant, "liu", "刘洋", ["agent"], ["north"])
    _, key = await store.keys.add(tenant, KeyOwner(OwnerKind.STAFF, "liu"))
    assert await store.keys.find(key)
    await use_sign_in(store, tenant)
    requested = Requested(tenant, By(LIU, "好"), "digest")
    await store.customer_versions.correct(requested, str(reserved.customer), {"tier": "vip"})
    await store.orders.put(tenant, "shop", [("SO-1", order(PHONE))])
    assert await store.orders.find_by_serial(tenant, "SN-1", 1)
    assert await store.unit_claims.of(tenant, reserved.number)
    assert await store.order_turns.take(tenant, "so-1", "r", timedelta(seconds=1))
    await store.health.oldest_pending(tenant)
    await use_pages(store, tenant, reserved.number)
    await use_policies(store, tenant, reserved.number)
    made = await store.batches.add(batch(tenant, 1), [reserved.number])
    (item,) = await store.batch_items.waiting(tenant, made.id, 1)
    await store.batch_items.count_attempt(made, item.place)
    await store.batch_items.record_result(made, item, BatchResult(came=BatchOutcome.DONE))
    await store.batches.end(tenant, made.id, cancelled=False)
    assert (await store.batches.page(tenant, None, 1)).items
    assert (await store.batch_items.page(tenant, made.id, BatchOutcome.DONE, 0, 1)).items
    await store.audit_sealer.seal(tenant, 10, cover)
    assert await store.audit_reader.page(tenant, 0, 10)
    assert (await store.entry_hashes.read(tenant, (None, None))).entries


async def use_policies(store: Store, tenant: str, number: str) -> None:
    await store.policies.add(tenant, "1", "{}", "hash", "好", By(LIU, "好"))
    await store.policies.release(tenant, "1", By(LIU, "好"))
    assert await store.policies.in_force(tenant) == ("1", "{}")
    await use_assignments(store, tenant, number)


async def use_assignments(store: Store, tenant: str, number: str) -> None:
    """Who is on duty, and what was decided for them."""
    await store.profiles.change(tenant, "liu", skills=[Skill()], capacity=9, on_duty=True)
    assert await store.profiles.list(tenant)
    assert [each.id for each in await store.assignments.agents(tenant)] == ["liu"]
    assert await store.assignments.waiting(tenant, {"2026-1": ["north"]}, None, 1) == []
    decided = Assignment(
        tenant=tenant, number=number, etag=1, attempt=1, task=1, person="liu", reason="好",
        decided_at=utc_now(),
    )  # fmt: skip
    assert await store.assignments.decide(decided)
    assert await store.assignments.pending(tenant, utc_now() + timedelta(hours=1)) == [decided]
    await store.assignments.settle(decided)
    assert await store.assignments.earlier_agent(tenant, "cu-1", utc_now()) is None


async def use_pages(store: Store, tenant: str, number: str) -> None:
    """What open pages ask for and leave behind."""
    liu = ViewOwner(ViewOwnerKind.PERSON, "liu")
    await store.saved_views.add(tenant, liu, "好", {"view": "all"}, by="liu", most=1)
    await store.drafts.save(tenant, "liu", f"{number}/note", (("body", "好"),), 1)
    await store.presence.renew(tenant, number, "liu", writing=False)
    assert await store.presence.at(tenant, number)
    await scheduled(store, tenant)
    assert tenant in await store.scheduled_messages.tenants()
    assert await store.scheduled_messages.lease(tenant, 1, utc_now())
    assert await store.changes.after(tenant, 0, 1)
    assert await store.changes.reader().read() == []
    for each in (store.drafts, store.presence, store.scheduled_messages, store.changes):
        await each.prune(datetime(2026, 1, 1, tzinfo=UTC))
